use super::*;
use crate::git::testing::Scratch;

fn told(path: &str, base: &str, ours: &str, theirs: &str) -> String {
    let sides = Three { base, ours, theirs };
    let merged = merge(sides.map(|text| text.as_bytes()), path, &Markers::default());
    let text = String::from_utf8(merged.bytes).unwrap();
    let mark = if merged.conflicts {
        "conflict"
    } else {
        "merged"
    };
    format!("{text}[{mark}]\n{}\n", merged.told.join("\n"))
}

#[test]
fn says_what_both_sides_did_and_shows_no_value() {
    let said = told(
        "a.yaml",
        "a: 1\nb: 1\nc: 1\n",
        "a: 2\nc: 2\nd: 1\n",
        "a: 3\nb: 2\nd: 2\n",
    );
    insta::assert_snapshot!(said, @"
    <<<<<<< ours
    a: 2
    c: 2
    d: 1
    =======
    a: 3
    b: 2
    d: 2
    >>>>>>> theirs
    [conflict]
    `a` was changed on both sides
    `c` was changed on our side and removed on theirs
    `b` was removed on our side and changed on theirs
    `d` was added on both sides, with other values
    ");
    insta::assert_snapshot!(told("a.yaml", "a: 1\n---\nb: 1\n", "a: 1\n---\nb: 2\n", "a: 1\n---\nb: 3\n"), @"
    a: 1
    ---
    <<<<<<< ours
    b: 2
    =======
    b: 3
    >>>>>>> theirs
    [conflict]
    `b` of document 2 was changed on both sides
    ");
}

#[test]
fn what_is_no_configuration_is_merged_by_line() {
    insta::assert_snapshot!(told("notes.txt", "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n"), @"
    A
    b
    C
    [merged]
    ");
    insta::assert_snapshot!(told("a.json", "{}\n", "{\"a\": 1\n", "{\"b\": 1}\n"), @r#"
    <<<<<<< ours
    {"a": 1
    =======
    {"b": 1}
    >>>>>>> theirs
    [conflict]
    both sides changed the same lines, and our side is no JSON that can be read
    "#);
    insta::assert_snapshot!(told("a.toml", "", "a = 1\n", "[a]\nb = 1\n"), @"
    <<<<<<< ours
    a = 1
    =======
    [a]
    b = 1
    >>>>>>> theirs
    [conflict]
    `a` was added on both sides, with other values
    ");
    let latin = |text: &[u8]| text.to_vec();
    let (ours, theirs) = (
        latin(b"a: \xe4\nb: 1\nc: 1\n"),
        latin(b"a: \xe4\nb: 1\nc: 2\n"),
    );
    let sides = Three {
        base: &ours[..],
        ours: &ours[..],
        theirs: &theirs[..],
    };
    assert_eq!(merge(sides, "a.yaml", &Markers::default()).bytes, theirs);
    let sides = Three {
        base: &b"\0"[..],
        ours: b"\0a",
        theirs: b"\0b",
    };
    let merged = merge(sides, "a.yaml", &Markers::default());
    assert!(merged.conflicts && merged.bytes == b"\0a");
}

#[test]
fn a_merge_that_no_side_broke_alone_is_found() {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1\nschemas: [s.yaml]\nlayers: [base.yaml]\n",
    );
    scratch.write(
        "s.yaml",
        "properties: {l: {maxItems: 2}, n: {type: number}}\n",
    );
    let texts = Three {
        base: "l:\n  - b\nn: 1\n",
        ours: "l:\n  - a\n  - b\nn: 1\n",
        theirs: "l:\n  - b\n  - c\nn: x\n",
    };
    scratch.write("base.yaml", texts.ours);
    scratch.commit("ours");
    let repo = scratch.repo();
    let head = repo.revision("HEAD").unwrap();
    let sides = texts.map(|text| text.as_bytes());
    let merged = merge(sides, "base.yaml", &Markers::default());
    assert!(!merged.conflicts);
    let found = |path: &str, sides| {
        let found = broken(&repo, &head, path.into(), sides, &merged.bytes).unwrap();
        found.map(|found| found.into_iter().map(|it| it.message).collect::<Vec<_>>())
    };
    // That `n` is no number is their own doing.
    insta::assert_debug_snapshot!(found("base.yaml", sides), @r#"
    Some(
        [
            "`l` must be a list of at most 2 items; it is a list of 3 items",
        ],
    )
    "#);
    assert_eq!(found("other.yaml", sides), None);
    assert_eq!(found("s.yaml", sides), None);
    assert_eq!(
        found(
            "base.yaml",
            Three {
                ours: b"x: 1\n",
                ..sides
            }
        ),
        None
    );
}
