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

proptest! {
    /// However many versions are read one after the other, each says what it says alone, and what
    /// it says when all of it is parsed.
    #[test]
    fn a_version_says_the_same_after_any_other(
        versions in prop::collection::vec(prop::collection::vec(select(ENTRIES), 0..6), 1..8),
        path in select(&["a.yaml", "a.json"][..]),
    ) {
        let (path, wanted) = (
            BString::from(path),
            ["a", "a.b", "a.b.1", "b", "c", "d", "d.0.b"].map(steps),
        );
        let wanted: Vec<&[Step]> = wanted.iter().map(Vec::as_slice).collect();
        let file = Versions { wanted: wanted.clone(), ..Versions::of(&path) };
        let reader = Reader::of(&file);
        let mut before = None;
        for version in versions {
            let text = version.concat();
            let parsed = ParsedFile::of_bytes(&path.to_str_lossy(), text.as_bytes());
            let whole = reader.parsed(parsed.documents().first(), false, None);
            let alone = reader.read(text.clone().into(), None);
            let after = reader.read(text.clone().into(), before);
            prop_assert_eq!(said(&after, wanted.len()), said(&alone, wanted.len()), "{}", text);
            if parsed.is_sound() {
                prop_assert_eq!(said(&after, wanted.len()), said(&whole, wanted.len()), "{}", text);
            }
            before = Some(after);
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
    let reader = Reader::of(&file);
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
