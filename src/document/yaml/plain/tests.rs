//! What is read fast is what the parser reads: the same values, at the same places.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::read_any;
use super::*;
use crate::text::Source;

/// Says whether a text was plain, and holds what was read to what the parser reads.
fn is_plain(text: &str) -> bool {
    let source = Arc::new(Source::new("a.yaml", text));
    let limits = Limits::default();
    let Some(root) = read(text, &limits) else {
        return false;
    };
    let parsed = read_any(&source, &limits);
    assert!(
        parsed.findings.is_empty(),
        "{text:?}: {:?}",
        parsed.findings
    );
    assert_eq!(parsed.documents.len(), 1, "{text:?}");
    let other = &*parsed.documents[0].root;
    assert_eq!(format!("{root:?}"), format!("{other:?}"), "{text:?}");
    true
}

#[test]
fn plain_texts_are_read_as_the_parser_reads_them() {
    for text in [
        "a: 1\n",
        "a: 1",
        "a:\n",
        "a:",
        "a:\nb: 2",
        "a:  # c\nb: 2",
        "  a: 1\n  b: 2\n",
        "# c\n\na: 1 # c\n   \n#c\nb: x#y\n",
        "a:\n  b: 1\n  c:\n    d: x y z  \ne: {}\nf: [] # c\n",
        "- 1\n- -1\n- ~\n- a: 1\n  b: 2\n-\n  - - x\n  - y\n-   k:\n      l: 1\n    m: 2\n",
        "a:\n- 1\n- 2\nb:\n- c: 1\n  d:\n  - 1\n  e: 2\n",
        "a:\n  -\n    b: 1\n  -\n    - 1\n",
        "a: 'x # y'\n\"b c\": \"x: y\"\n'd': ''\n",
        "url: http://a.b:80/c?d=e&f#g\ntime: 12:30:00\nv: 1.10\nn: null\nt: true\nx: 0x1F\n",
        "8080: x\n~: y\nnull: z\n1.0: w\n",
        "ä: é\nk: 日本 # ü\n",
        "a: x, y [z] {w}\nb: -x\nc: a - b\nd: a ? b\n",
        "a:\n  b:\n  c:\nd:\n",
        "a: { b: 1, c: [x, 'y, z', \"w\"] }  # d\n",
        "- [1,2 ,3]\n- {a: http://b.c:80/d, 'e': -1, f: [ ], g: { }}\n",
        "a: [[1], [2, [3, {b: c d}]]]\n",
        "a: [x-y, a b]\nb: 1\n",
        "- a:\n- b:\n  c:\n",
        "a.b/c-d_e: $x\n",
    ] {
        assert!(is_plain(text), "{text:?}");
    }
}

#[test]
fn what_is_not_plain_is_left_to_the_parser() {
    for text in [
        "-\n",
        "- # c\n",
        "a:\n-\n-\nb: 1\n",
        "",
        "\n",
        "# c\n",
        "x",
        "---\na: 1\n",
        "a: 1\n---\nb: 2\n",
        "a: 1\n...\n",
        "%YAML 1.2\n---\na: 1\n",
        "a: 1\na: 2\n",
        "<<: 1\n",
        "a: &x 1\n",
        "a: *x\n",
        "a: !t 1\n",
        "a: |\n  x\n",
        "a: >\n  x\n",
        "a: x\n  y\n",
        "a:\n  x\n",
        "a: b: c\n",
        "a: b:\n",
        "a: 'x\n  y'\n",
        "a: \"x\\ny\"\n",
        "a: 'x''y'\n",
        "? a\n: b\n",
        "a:\tb\n",
        "a: 1\r\nb: 2\r\n",
        "a: 1\n  b: 2\n",
        "  a: 1\nb: 2\n",
        "a:\n    b: 1\n  c: 2\n",
        "a: 'x'y\n",
        "a: \"x\"#y\n",
        "a: - b\n",
        "- a\nb: 1\n",
        "a: 1\n- b\n",
        "a : 1\n",
        "a: \u{7f}\n",
        "a: 1 # \u{1}\n",
        "\u{feff}a: 1\n",
        "a: \u{85}\n",
        "a: @x\n",
        "a: `x`\n",
        "a: {} x\n",
        "a: [1, ]\n",
        "a: [b: c]\n",
        "a: {b}\n",
        "a: {b, c: 1}\n",
        "a: {b:1}\n",
        "a: {b: }\n",
        "a: [1\n  ]\n",
        "a: [1]]\n",
        "a: [1}\n",
        "a: [1] 2\n",
        "a: [1]: 2\n",
        "[1]\n",
        "a: [*b]\n",
        "a: [- 1]\n",
        "a: {b: 1, b: 2}\n",
        "a: {\"b\":1}\n",
        "a: [b #c\n",
        "a: [,]\n",
        "a: {{ b }}\n",
        "a: [a [b]]\n",
        "a: [a: ]\n",
        "a: [b:]\n",
        "a: {}: 1\n",
        "'a' : 1\n",
        "a: \"b\": c\n",
    ] {
        assert!(!is_plain(text), "{text:?}");
    }
}

#[test]
fn depth_is_held() {
    let limits = Limits {
        depth: 3,
        ..Limits::default()
    };
    assert!(read("a:\n  b:\n    c: 1\n", &limits).is_some());
    assert!(read("a:\n  b:\n    c:\n      d: 1\n", &limits).is_none());
    assert!(read("- - - - 1\n", &limits).is_none());
}

#[test]
fn files_of_this_repository_are_read_alike() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut plain, mut all) = (0, 0);
    for folder in ["examples", "templates", "fixtures", "src"] {
        for entry in walkdir::WalkDir::new(root.join(folder))
            .into_iter()
            .flatten()
        {
            let is_yaml = entry
                .path()
                .extension()
                .is_some_and(|it| it == "yaml" || it == "yml");
            if is_yaml && let Ok(text) = std::fs::read_to_string(entry.path()) {
                all += 1;
                plain += usize::from(is_plain(&text));
            }
        }
    }
    assert!(plain * 6 > all, "{plain} of {all}");
}

/// Lines as people write them, well and badly.
fn text() -> impl Strategy<Value = String> {
    let dashes = prop::sample::select(vec!["", "", "", "- ", "-", "-  ", "- - "]);
    let key = prop::sample::select(vec![
        "",
        "",
        "a: ",
        "b:",
        "c: ",
        "d:  ",
        "\"e f\": ",
        "'g':",
        "1: ",
        "a b: ",
        "~:",
        "h :",
        "<<: ",
        "-x: ",
        "é: ",
        "i:j: ",
        "k#: ",
        "'l'm: ",
    ]);
    let value = prop::sample::select(vec![
        "",
        "",
        "",
        "x",
        "1",
        "-1",
        "- 1",
        "1.50",
        "'q'",
        "\"r s\"",
        "'t' # u",
        "x # y",
        "x#y",
        "#z",
        " # w",
        "{}",
        "[]",
        "{ }",
        "{a: 1}",
        "{ a: x, b: [1,2] }",
        "[a, b]",
        "[ 'c' , \"d\" ] # e",
        "[x,]",
        "[,]",
        "{a}",
        "{a:1}",
        "{a: }",
        "[a: 1]",
        "[[], {}]",
        "{'a':1}",
        "[a#b]",
        "[a #b]",
        "[a:b]",
        "[a:,b]",
        "{a: -}",
        "[-]",
        "[- 1]",
        "[?]",
        "{b: 1, b: 2}",
        "[1] x",
        "[1]x",
        "{a: 1}: ",
        "[1]",
        "true",
        "~",
        "null",
        "a:b",
        "a: b",
        "a:",
        "x  ",
        "&a",
        "*a",
        "!t",
        "|",
        "'",
        "\"",
        "\\",
        "\"\\n\"",
        "-",
        "--",
        "---",
        "...",
        "..",
        ".5",
        "?",
        "? x",
        ":",
        "%",
        "x y",
        "\t",
        "\r",
        "日本",
        "é # ü",
        "''",
        "'a''b'",
        "\u{a0}",
        "\u{2028}",
        "{",
        "x]",
        ",",
    ]);
    let line = (0_usize..6, dashes, key, value).prop_map(|(indent, dashes, key, value)| {
        format!(
            "{}{dashes}{key}{value}",
            " ".repeat(indent / 2 * 2 + indent / 5)
        )
    });
    prop::collection::vec(line, 1..7).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn any_lines_are_read_alike(text in text()) {
        is_plain(&text);
        is_plain(&format!("{text}\n"));
    }
}

fn cases() -> u32 {
    let asked = std::env::var("STRATA_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(4_000)
}
