use super::*;
use crate::config::ParsedFile;
use crate::document::Value;
use crate::ops::drift::lineage::Step;
use crate::ops::drift::readings::{Groups, Readings};

fn steps(text: &str) -> Vec<Step> {
    let steps = text.split('.');
    steps.map(|name| Step::Key(name.into())).collect()
}

/// Whether a later text is taken to say the same of a key as an earlier one.
fn is_alike(path: &str, key: &str, text: &str, other: &str) -> bool {
    let steps = steps(key);
    let groups = Groups::of(&[&steps]);
    let read = |text: &str| {
        let parsed = ParsedFile::of_bytes(path, text.as_bytes());
        let document = parsed.documents().first().unwrap().clone();
        let (readings, places) = groups.read(Some(&document.root), None);
        (readings, Said::of(&document, places))
    };
    let (readings, said) = read(text);
    let alike = said.is_some_and(|said| said.is_alike(other.as_bytes()));
    if alike {
        let value = |readings: &Readings| -> Option<Value> { readings.get(0)?.value.clone() };
        assert_eq!(value(&readings), value(&read(other).0));
    }
    alike
}

#[test]
fn a_change_of_another_value_need_not_be_parsed() {
    let text = "a: 1\nb:\n  c: two  # here\n  d: [1, 2]\ne: \"x\"\n";
    for other in [
        text.replace("two", "2.5"),
        text.replace("\"x\"", "\"a.very.long.word\""),
        text.replace("two", "t").replace("\"x\"", "\"y\""),
        text.to_owned(),
    ] {
        assert!(is_alike("a.yaml", "a", text, &other), "{other}");
    }
    assert!(is_alike(
        "a.json",
        "a",
        "{\"a\": 1,\n\"b\": \"2\"}",
        "{\"a\": 1,\n\"b\": \"30\"}"
    ));
}

#[test]
fn whatever_may_touch_the_value_is_parsed() {
    let text = "a: 1\nb:\n  c: two  # here\n  d: [1, 2]\ne: \"x\"\n";
    for (key, other) in [
        ("a", text.replace("a: 1", "a: 2")),
        ("b", text.replace("two", "2.5")),
        ("b.d", text.replace("[1", "[3")),
        ("a", text.replace("two", "'two'")),
        ("a", text.replace("two", "|")),
        ("a", text.replace("  c: two", "c: two")),
        ("a", text.replace("b:", "z:")),
        ("a", format!("x: 1\n{text}")),
        ("a", format!("{text}x: 1\n")),
        ("a", text.replace("# here", "# there")),
        ("e", text.replace("two", "'two\"")),
    ] {
        assert!(!is_alike("a.yaml", key, text, &other), "{other}");
    }
    // A key is no value, and in JSON not every word is one.
    for (path, text, other) in [
        (
            "a.json",
            "{\"x: b\": 1,\n\"a\": 2}",
            "{\"x: c\": 1,\n\"a\": 2}",
        ),
        ("a.json", "{\"b\": 1,\n\"a\": 2}", "{\"b\": 1x,\n\"a\": 2}"),
        ("a.yaml", "{'x: b' : 1,\n'a': 2}", "{'x: c' : 1,\n'a': 2}"),
        ("a.yaml", "{\"x: b\": 1,\n'a': 2}", "{\"x: c\": 1,\n'a': 2}"),
    ] {
        assert!(!is_alike(path, "a", text, other), "{other}");
    }
    // A table goes on behind its header, and an array of tables has several.
    for (text, other) in [
        ("[a]\nb = 1\n", "[a]\nb = 2\n"),
        (
            "[[a]]\nb = 1\n[[a]]\nb = 2\n",
            "[[a]]\nb = 1\n[[a]]\nb = 3\n",
        ),
    ] {
        assert!(!is_alike("a.toml", "a", text, other), "{other}");
    }
    // An alias repeats what stands elsewhere.
    assert!(!is_alike(
        "a.yaml",
        "b",
        "a: &x 1\nb: *x\nc: 1\n",
        "a: &x 1\nb: *x\nc: 2\n"
    ));
    assert!(!is_alike(
        "a.yaml",
        "b",
        "x: &x\n  p: 1\nb: *x\n",
        "x: &x\n  p: 2\nb: *x\n"
    ));
    // A word within a longer text is part of it.
    assert!(!is_alike("a.yaml", "t", "t: |\n  k: v\n", "t: |\n  k: w\n"));
    assert!(is_alike(
        "a.yaml",
        "a",
        "a: 1\nt: |\n  k: v\n",
        "a: 1\nt: |\n  k: w\n"
    ));
}
