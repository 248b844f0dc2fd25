//! What the outline tells is what reading the whole text tells.

use proptest::prelude::*;

use super::*;

fn outline(text: &str) -> Option<Outline> {
    Outline::of(&Arc::new(Source::new("a.yaml", text)))
}

fn keys(names: &[&str]) -> BTreeSet<SmolStr> {
    names.iter().map(|&name| name.into()).collect()
}

/// Says whether a text has an outline, and holds each of its entries to what reading the whole text
/// says of it.
fn is_outlined(text: &str) -> bool {
    let Some(outline) = outline(text) else {
        return false;
    };
    let whole = read(outline.source(), &Limits::default());
    if !whole.findings.is_empty() {
        return true;
    }
    let [document] = whole.documents.as_slice() else {
        panic!("{text:?} is {} documents", whole.documents.len());
    };
    let empty = Map::default();
    let map = match &document.root.kind {
        Kind::Null => &empty,
        Kind::Object(map) => map,
        other => panic!("{text:?} is {other:?}"),
    };
    let names: BTreeSet<SmolStr> = map.iter().map(|(key, _)| key.clone()).collect();
    let found: BTreeSet<SmolStr> = outline.pairs().map(|(key, _)| key.into()).collect();
    assert_eq!(names, found, "{text:?}");
    for name in &names {
        let part = outline.only(&keys(&[name])).expect("it is read with all");
        let part = part.documents[0].root.as_object().expect("a map");
        assert_eq!(part.len(), 1, "{text:?}");
        let entries = [part, map].map(|map| format!("{:?}", map.entry(name)));
        assert_eq!(entries[0], entries[1], "{text:?}");
    }
    true
}

#[test]
fn usual_texts_have_an_outline() {
    for text in [
        "",
        "# c\n\n   \n",
        "a: 1\nb: 2",
        "# c\na:\n  b: 1\n\n  # d\n  c: [1, {x: y}]\n# e\nd: 'x' # don't\n",
        "a:\n- 1\n- b: 2\n  c: 3\n-\n  d\nb: |\n  x\n\n  y\nc: >-\n  z\n",
        "a: don't\nb: x \"y\" z\nc: 'it''s'\nd: \"a \\\" b\"\n",
        "a.b/c-d_e: http://x.y:80/z#w\n_f: [a, 'b]', \"c}\"]\n",
        "a: !t x\nnull: 1\ntrue: 2\n",
        "a: é # ü\nb: 日本\n",
        "a: b\n  c d\nb: 1\n",
    ] {
        assert!(is_outlined(text), "{text:?}");
    }
}

#[test]
fn where_an_entry_may_reach_further_there_is_no_outline() {
    for text in [
        "  a: 1\n",
        "- a\n",
        "a\n",
        "{a: 1}\n",
        "\"a\": 1\n",
        "1: a\n",
        "a b: 1\n",
        "a:b\n",
        "a: 1\na: 2\n",
        "---\na: 1\n",
        "a: 1\n---\nb: 2\n",
        "a: 1\n...\n",
        "%YAML 1.2\n---\na: 1\n",
        "a: &x 1\nb: *x\n",
        "a: {b: *x}\n",
        "<<: {a: 1}\n",
        "? a\n: b\n",
        "a: {b: 1,\nc: 2}\n",
        "a: [1,\n  2]\n",
        "a: \"x\nb: y\"\n",
        "a: 'x\nb: y'\n",
        "a:\n  '\"': \"x\nfoo: y\" # \"\n",
        "a: \"x \\\"\nb: y\"\n",
        "a: 1]\n",
        "a: 1\r\nb: 2\r\n",
        "a:\t1\n",
        "a: \u{2028}b\n",
        "\u{feff}a: 1\n",
        "a: [1 # ]\n]\n",
        "a: 1 # \u{7}\n",
        "a: '\u{7}'\n",
    ] {
        assert!(outline(text).is_none(), "{text:?}");
    }
}

#[test]
fn what_differs_is_told_by_key() {
    let before = outline("a: 1\nb:\n  c: 1\nd: 1\ne: 1\n").unwrap();
    let after = outline("# c\ne: 1\nb:\n  c: 2\na: 1\nf: 1\nd: 1\n").unwrap();
    assert_eq!(before.differing(&after), keys(&["b", "f"]));
    assert_eq!(after.differing(&before), keys(&["b", "f"]));
    assert_eq!(before.differing(&before), keys(&[]));
    assert_eq!(before.differing(&outline("").unwrap()).len(), 4);
    assert!(before.has("b") && !before.has("c"));
    assert_eq!(before.length(&keys(&["b", "d", "x"])), 10 + 5);
}

/// Holds the outline of a text that is found by another one's to the one that is found by itself.
fn is_the_same_after(before: &str, text: &str) {
    let Some(before) = outline(before) else {
        return;
    };
    let source = Arc::new(Source::new("a.yaml", text));
    let told = |outline: Option<Outline>| {
        let outline = outline?;
        let entries = outline.entries.iter();
        let entries = entries.map(|entry| (entry.key.clone(), entry.all.clone()));
        Some(entries.collect::<Vec<_>>())
    };
    let (next, alone) = (before.next(&source), Outline::of(&source));
    assert_eq!(
        told(next),
        told(alone),
        "{text:?} after {:?}",
        before.source.text()
    );
}

#[test]
fn an_outline_is_found_by_that_of_another_text() {
    let text = "# c\na: 1\nb:\n  c: 1\n# d\nd: 1\ne:\n- 1\n";
    for (from, to) in [
        ("c: 1", "c: 22"),
        ("a: 1\n", ""),
        ("e:\n", ""),
        ("d: 1\n", "d: 1\nf: 2\ng:\n  h: 3\n"),
        ("d: 1\n", "a: 1\n"),
        ("b:\n", "z:\n"),
        ("# c\n", "---\n"),
        ("- 1\n", "- 1"),
        ("- 1\n", "- &x 1\n"),
        ("# c\na: 1\nb:\n", ""),
        ("", ""),
    ] {
        let other = text.replace(from, to);
        is_the_same_after(text, &other);
        is_the_same_after(&other, text);
    }
    is_the_same_after("a:\n  b: 1\n", "  b: 1\n");
    is_the_same_after("a: 1\nb: 2\n", "");
    is_the_same_after("", "a: 1\n");
}

#[test]
fn of_a_map_nothing_is_left_but_the_map() {
    let outline = outline("a: 1\nb: 2\n").unwrap();
    let parsed = outline.only(&keys(&["c"])).unwrap();
    let root = &parsed.documents[0].root;
    assert_eq!(root.as_object().map(Map::len), Some(0));
    assert_eq!(parsed.documents[0].source.text(), "a: 1\nb: 2\n");
}

#[test]
fn a_fault_in_what_is_asked_for_leaves_it_to_the_whole() {
    let outline = outline("a:\n    b: 1\n  c: 2\nd: 1\n").unwrap();
    assert!(outline.only(&keys(&["a"])).is_none());
    assert!(outline.only(&keys(&["d"])).is_some());
}

/// Entries as people write them, well and badly.
fn text() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "a:", "b:", "c: ", "d_e: ", "f.g: ", "h-i: ", "null: ", "  j: ", "  k:", "  - ", "- ",
        "  ", "    l: ", "", "    ", "\"m\": ", "n : ", "- o: ", "  '\"': ", "# ",
    ]);
    let value = prop::sample::select(vec![
        "", "", "", "1", "x", "x y", "'q'", "\"r\"", "'t", "u'", "\"v", "w\"", "\\\"", "\"\\\"",
        "[", "]", "{", "}", "[1, 2]", "{a: 1}", "|", ">", "|+", "- 1", "# x", "x # 'y", "&a 1",
        "*a", "!t z", "don't", "''", "'''", "\"\"", "a: b", "b:", "é", "---", "? x", "%", ",",
    ]);
    let more = prop::sample::select(vec!["", "", "", " ", " # c", "'", "\"", "]", "\t"]);
    let line = (key, value, more).prop_map(|(key, value, more)| format!("{key}{value}{more}"));
    prop::collection::vec(line, 1..8).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn any_outline_is_what_the_parser_reads(text in text()) {
        is_outlined(&text);
        is_outlined(&format!("{text}\n"));
    }

    #[test]
    fn any_outline_is_the_same_after_any_other(
        before in text(), between in text(), from in 0..9_usize, to in 0..9_usize,
    ) {
        let lines: Vec<&str> = before.split('\n').collect();
        let (from, to) = (from.min(to).min(lines.len()), from.max(to).min(lines.len()));
        let text = [&lines[..from], &[&between], &lines[to..]].concat().join("\n");
        is_the_same_after(&before, &text);
        is_the_same_after(&text, &before);
        is_the_same_after(&format!("{before}\n"), &text);
        is_the_same_after(&before, &between);
    }
}

fn cases() -> u32 {
    let asked = std::env::var("STRATA_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(4_000)
}
