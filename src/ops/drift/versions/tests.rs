use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::document::{Value, write_flow};

fn steps(text: &str) -> Vec<Step> {
    let steps = text.split('.').filter(|name| !name.is_empty());
    steps
        .map(|name| match name.parse() {
            Ok(index) => Step::Item(None, index),
            Err(_) => Step::Key(name.into()),
        })
        .collect()
}

/// What a version says, as far as it says anything.
fn said(version: &Version, wanted: usize) -> Vec<Option<(bool, Option<Value>, bool)>> {
    let reading = |number| version.readings.get(number).cloned();
    let said = (0..wanted).map(reading);
    said.map(|it| it.map(|it| (it.speaks, it.value, it.has_list)))
        .collect()
}

/// Entries of which some are wrong, some cannot be told apart by their lines, and some say nothing.
const ENTRIES: &[&str] = &[
    "a: 1\n",
    "a: 2\n",
    "a:\n  b: 1\n",
    "a:\n  b: [1, 2]\n",
    "a:\n  b:\n    - 1\n    - 3\n",
    "a: {b: 1\n",
    "b: x\n",
    "b: 'y'\n",
    "b: null\n",
    "\"b\": z\n",
    "c: &c 1\n",
    "c: 7\n",
    "c: |\n  text\n",
    "d: *c\n",
    "d: 1.10\n",
    "d:\n- {b: 1}\n- 2\n",
    "# a remark\n",
    "\n",
    "---\n",
    "b x\n",
    "b: x\n  y: z\n",
    "d: x\n  y: z\n",
    "e: x\n  y: z\n",
];

/// The same in TOML, where a table goes on behind its header.
const TABLES: &[&str] = &[
    "[a]\n",
    "[a.b]\n",
    "[[a.b]]\n",
    "[[d]]\n",
    "[c]\n",
    "b = 1\n",
    "b = 2\n",
    "b = [1, 2]\n",
    "b = [1, 3]\n",
    "c = 'x'\n",
    "c = \"y\"\n",
    "# a remark\n",
    "d = { b = 1 }\n",
    "x y\n",
];

/// The same in JSON.
const MEMBERS: &[&str] = &[
    "\"a\": 1",
    "\"a\": 2",
    "\"a\": {\n\"b\": [1,\n2]}",
    "\"a\": {\n\"b\": [1,\n3]}",
    "\"b\": \"x\"",
    "\"b\":\n\"y\"",
    "\"c\": null",
    "\"d\": [{\"b\":\n1}]",
    "\"d\": [{\"b\":\n4}]",
    "\"e\": 5",
    "\"e\": 6",
    "\"e\": 6x",
    "\"e\": \"x\"",
    "\"e\": \"y\"",
    "\"e: a\": 1",
    "\"e: b\": 1",
];

fn versions(of: &'static [&'static str]) -> impl Strategy<Value = Vec<Vec<&'static str>>> {
    prop::collection::vec(prop::collection::vec(select(of), 0..6), 1..8)
}

/// However many versions are read one after the other, each says what it says alone, and what it
/// says when all of it is parsed.
fn say_the_same_after_any_other(path: &str, texts: impl IntoIterator<Item = String>) {
    let path = BString::from(path);
    let wanted = ["a", "a.b", "a.b.1", "b", "c", "d", "d.0.b"].map(steps);
    let wanted: Vec<&[Step]> = wanted.iter().map(Vec::as_slice).collect();
    let count = wanted.len();
    let file = Versions {
        wanted,
        ..Versions::of(&path)
    };
    let reader = Reader::of(&file, Groups::of(&file.wanted).into());
    let mut before = None;
    for text in texts {
        let parsed = ParsedFile::of_bytes(&reader.name, text.as_bytes());
        let whole = reader.parsed(parsed.documents().first(), false, None);
        let alone = reader.read(text.clone().into(), None);
        let after = reader.read(text.clone().into(), before);
        assert_eq!(said(&after, count), said(&alone, count), "{text}");
        if parsed.is_sound() {
            assert_eq!(said(&after, count), said(&whole, count), "{text}");
        }
        before = Some(after);
    }
}

proptest! {
    #[test]
    fn versions_of_yaml_say_the_same_after_any_other(versions in versions(ENTRIES), more in 0..2_usize) {
        // What does not matter may be most of it.
        let more = "more: a text that is longer than most others\n".repeat(more);
        say_the_same_after_any_other("a.yaml", versions.iter().map(|it| it.concat() + &more));
    }

    #[test]
    fn versions_of_toml_say_the_same_after_any_other(versions in versions(TABLES)) {
        say_the_same_after_any_other("a.toml", versions.iter().map(|it| it.concat()));
    }

    #[test]
    fn versions_of_json_say_the_same_after_any_other(versions in versions(MEMBERS)) {
        let text = |members: &Vec<&str>| format!("{{\n{}\n}}\n", members.join(",\n"));
        say_the_same_after_any_other("a.json", versions.iter().map(text));
    }
}

#[test]
fn too_many_versions_are_left_out_from_the_oldest_on() {
    let scratch = crate::git::testing::Scratch::new();
    let mut commit = String::new();
    for number in 0..300 {
        let text = format!("a: {number:07}\n# {:->46}\n", "");
        commit += &format!(
            "commit refs/heads/main\ncommitter Ada <a@example.org> {number} +0000\ndata 2\nc\n\
             M 100644 inline a.yaml\ndata {}\n{text}\n",
            text.len()
        );
    }
    scratch.import(&commit);
    let repo = scratch.repo();
    let path = BString::from("a.yaml");
    let mut file = Versions::of(&path);
    let wanted = steps("a");
    file.wanted.push(&wanted);
    for commit in repo.history(scratch.id("main"), &[]) {
        let tree = commit.unwrap().tree;
        file.ids.extend(repo.file_at(tree, &path).unwrap());
    }
    assert_eq!(file.ids.len(), 300);
    let pairs = (1..300).map(|at| [file.ids[at - 1], file.ids[at]]);
    assert!(repo.reads_earlier_first(pairs));
    let here = Snapshot::of(repo.no_files());
    for (most, count) in [
        (0, 0),
        (1, 1),
        (60, 1),
        (61, 2),
        (128 * 60, 128),
        (150 * 60, 150),
        (300 * 60, 300),
    ] {
        let files = [Versions {
            wanted: file.wanted.clone(),
            ids: file.ids.clone(),
            path: &path,
        }];
        for threads in [1, 2] {
            let all = read(&repo, &here, &files, most, threads);
            let is_there = |id: &Oid| all.contains_key(&(0, *id));
            let there: Vec<bool> = file.ids.iter().map(is_there).collect();
            assert!(there.iter().is_sorted_by(|a, b| a >= b), "{most}");
            assert_eq!(all.len(), count, "{most}");
        }
    }
}

#[test]
fn what_stays_is_read_once() {
    let path = BString::from("a.yaml");
    let wanted = ["a.b", "c", "d"].map(steps);
    let file = Versions {
        wanted: wanted.iter().map(Vec::as_slice).collect(),
        ..Versions::of(&path)
    };
    let reader = Reader::of(&file, Groups::of(&file.wanted).into());
    let rest = "rest: a long text that makes the others less than one half of all\n";
    let first = reader.read(format!("a: {{b: 1}}\nc: 2\n{rest}").into(), None);
    let other = format!("a: {{b: 1}}\nc: 2\n{rest}more: 1\n");
    let readings = Arc::clone(&first.readings);
    let same = reader.read(other.into(), Some(first));
    assert!(Arc::ptr_eq(&readings, &same.readings));
    let value = |version: &Version, number: usize| {
        let reading = version.readings.get(number)?;
        reading.value.as_ref().map(write_flow)
    };
    let third = reader.read(format!("a: {{b: 1}}\nc: 3\n{rest}").into(), Some(same));
    assert_eq!(value(&third, 0).as_deref(), Some("1"));
    assert_eq!(value(&third, 1).as_deref(), Some("3"));
    assert_eq!(value(&third, 2), None);
    assert!(third.readings.shares(&readings, 0) && !third.readings.shares(&readings, 1));
}
