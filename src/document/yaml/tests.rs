use super::super::{Kind, Value, parse, parse_with};
use super::*;
use crate::report::Finding;

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source::new("a.yaml", text))
}

fn read(text: &str) -> Parsed {
    parse(&source(text), Format::Yaml)
}

/// The only document of a text without findings.
fn root(text: &str) -> Value {
    let mut parsed = read(text);
    assert!(parsed.findings.is_empty(), "{text}: {:?}", parsed.findings);
    assert_eq!(parsed.documents.len(), 1, "{text}");
    Arc::unwrap_or_clone(parsed.documents.remove(0).root)
}

fn at<'a>(root: &'a Value, pointer: &str) -> &'a Value {
    root.at(&pointer.parse().unwrap()).unwrap()
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.id).collect()
}

#[test]
fn spans_are_bytes_behind_any_text() {
    let text = "\u{feff}ä: 1\r\nkey:\r\nb: &x\r\n  - é  # c\r\n  - [a, \"ü\", {q: z}]\r\n\
        lit: |\r\n  text\r\n\r\nz: !Ref foo\r\ny: *x\r\nm:\r\n  k: v\r\n";
    let root = root(text);
    for (pointer, written) in [
        ("/ä", "1"),
        ("/b", "- é  # c\r\n  - [a, \"ü\", {q: z}]"),
        ("/b/0", "é"),
        ("/b/1/1", "\"ü\""),
        ("/b/1", "[a, \"ü\", {q: z}]"),
        ("/b/1/2/q", "z"),
        ("/z", "foo"),
        ("/y/0", "é"),
        ("/m", "k: v"),
        ("/m/k", "v"),
    ] {
        assert_eq!(&text[at(&root, pointer).span.range()], written, "{pointer}");
    }
    assert_eq!(at(&root, "/lit").as_str(), Some("text\n"));
    assert_eq!(at(&root, "/z").tag.as_deref(), Some("!Ref"));
    let empty = at(&root, "/key");
    assert!(empty.is_null());
    assert_eq!(&text[..empty.span.start as usize], "\u{feff}ä: 1\r\nkey:");
    let key = root.as_object().unwrap().entry("lit").unwrap().key;
    assert_eq!(&text[key.range()], "lit");
    assert_eq!(root.span.start, 3);
}

#[test]
fn scalars_stay_as_written() {
    let root =
        root("a: 1.10\nb: 0o17\nc: 123456789012345678901234567890\nd: on\ne: .inf\nf: '1'\n");
    for (key, written) in [
        ("a", "1.10"),
        ("b", "0o17"),
        ("c", "123456789012345678901234567890"),
        ("e", ".inf"),
    ] {
        assert_eq!(
            root.get(key).unwrap().as_number().unwrap().as_str(),
            written
        );
    }
    assert_eq!(root.get("d").unwrap().as_str(), Some("on"));
    assert_eq!(root.get("f").unwrap().as_str(), Some("1"));
}

#[test]
fn keys_of_any_kind_stand_under_their_text() {
    let root = root(
        "8080: a\ntrue: b\n~: c\n1.10: d\n? e\n: f\n: g\n&k h: i\n*k2 : j\n"
            .replace("*k2 : j\n", "")
            .as_str(),
    );
    let keys: Vec<_> = root
        .as_object()
        .unwrap()
        .keys()
        .map(|key| key.as_str())
        .collect();
    assert_eq!(keys, ["8080", "true", "~", "1.10", "e", "", "h"]);
    let aliased = super::tests::root("a: &k h\nb:\n  *k : 1\n");
    assert!(at(&aliased, "/b/h").as_number().is_some());
}

#[test]
fn merge_keys_bring_in_what_is_not_written() {
    let root = root(
        "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: *a\n  y: 3\nd:\n  z: 0\n  <<: [*a, *b]\ne: {\"<<\": 1}\n",
    );
    assert_eq!(at(&root, "/c/x").as_number().unwrap().as_str(), "1");
    assert_eq!(at(&root, "/c/y").as_number().unwrap().as_str(), "3");
    assert_eq!(at(&root, "/d/y").as_number().unwrap().as_str(), "1");
    assert_eq!(at(&root, "/d/z").as_number().unwrap().as_str(), "0");
    assert_eq!(at(&root, "/d").as_object().unwrap().len(), 3);
    assert_eq!(at(&root, "/c").as_object().unwrap().len(), 2);
    assert!(at(&root, "/e").get("<<").is_some());
}

#[test]
fn wrong_merge_is_found_at_its_key() {
    let parsed = read("a:\n  b: 1\n  <<: defaults\n");
    assert_eq!(ids(&parsed.findings), ["merge-value"]);
    assert_eq!(parsed.findings[0].location.start().line, 3);
    assert!(parsed.findings[0].message.ends_with("this is a text"));
    assert_eq!(
        ids(&read("a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n").findings),
        ["duplicate-key"]
    );
}

#[test]
fn duplicate_key_is_found_at_the_second() {
    let parsed = read("a:\n  8080: 1\n  \"8080\": 2\n");
    let finding = &parsed.findings[0];
    assert_eq!(finding.rule.id, "duplicate-key");
    assert_eq!(finding.location.start().line, 3);
    assert_eq!(finding.related[0].start().line, 2);
    assert_eq!(
        finding.location.pointer.as_ref().unwrap().to_string(),
        "/a/8080"
    );
    assert!(parsed.is_broken());
}

#[test]
fn lists_and_maps_as_keys_are_found() {
    let parsed = read("? [a]\n: b\n? {c: d}\n: e\nimage: {{ tag }}\nf: g\n");
    assert_eq!(ids(&parsed.findings), ["complex-key"; 3]);
    assert!(
        parsed.findings[2]
            .help
            .as_ref()
            .unwrap()
            .contains("template")
    );
    assert_eq!(
        parsed.documents[0].root.get("f").unwrap().as_str(),
        Some("g")
    );
}

#[test]
fn documents_are_told_apart_and_a_broken_one_is_left_out() {
    let parsed = read("a: 1\n---\nb: [\n---\nc: 3\n");
    assert_eq!(ids(&parsed.findings), ["syntax-error"]);
    let indexes: Vec<_> = parsed
        .documents
        .iter()
        .map(|document| document.index)
        .collect();
    assert_eq!(indexes, [0, 2]);
    assert_eq!(root("").span.start, 0);
    assert!(root("# nothing\n").is_null());
    assert!(root("---\n").is_null());
}

#[test]
fn aliases_that_never_end_are_found() {
    assert_eq!(ids(&read("a: &a\n  b: *a\n").findings), ["recursive-alias"]);
    assert_eq!(ids(&read("&a [*a]\n").findings), ["recursive-alias"]);
    assert_eq!(ids(&read("a: *nope\n").findings), ["unknown-alias"]);
}

#[test]
fn billion_laughs_stops_early() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let list = vec![format!("*a{}", i - 1); 10].join(", ");
        text.push_str(&format!("a{i}: &a{i} [{list}]\n"));
    }
    let parsed = read(&text);
    assert_eq!(ids(&parsed.findings), ["document-limit"]);
    assert!(parsed.documents.is_empty());
    // The same by depth, and by anchors within anchors.
    let mut text = String::from("a0: &a0 [x]\n");
    for i in 1..400 {
        text.push_str(&format!("a{i}: &a{i} [*a{}]\n", i - 1));
    }
    assert_eq!(ids(&read(&text).findings), ["document-limit"]);
    let items = "x,".repeat(100_000);
    let mut text = String::new();
    for i in 0..200 {
        text.push_str(&format!("&b{i} ["));
    }
    text.push_str(&items);
    text.push_str(&"]".repeat(200));
    let parsed = read(&text);
    assert!(parsed.findings.is_empty());
    assert_eq!(parsed.documents[0].root.count(), 100_200);
}

#[test]
fn honest_repetition_is_admitted() {
    let mut text = String::from("d: &d {");
    for i in 0..50 {
        text.push_str(&format!("k{i}: {i}, "));
    }
    text.push_str("}\n");
    for i in 0..2000 {
        text.push_str(&format!("s{i}: {{<<: *d, own: 1}}\n"));
    }
    let root = root(&text);
    assert_eq!(at(&root, "/s1999").as_object().unwrap().len(), 51);
}

#[test]
fn depth_is_bounded_on_a_small_stack() {
    let run = || {
        for (open, close) in [("[", "]"), ("{a: ", "}")] {
            let nested = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let root = root(&nested(256));
            assert_eq!(root.count(), 257);
            assert_eq!(root.clone(), root);
            assert!(!format!("{root:?}").is_empty());
            for depth in [257, 258, 5_000] {
                assert_eq!(
                    ids(&read(&nested(depth)).findings),
                    ["document-limit"],
                    "{depth}"
                );
            }
        }
        let block: String = (0..300).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
        assert_eq!(ids(&read(&block).findings), ["document-limit"]);
    };
    std::thread::Builder::new()
        .stack_size(1024 * 1024)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
    let limits = Limits {
        depth: 2,
        ..Limits::default()
    };
    assert_eq!(
        ids(&parse_with(&source("[[[1]]]"), Format::Yaml, &limits).findings),
        ["document-limit"]
    );
}

#[test]
fn core_tags_are_obeyed_and_others_kept() {
    let root = root(
        "a: !!str 1\nb: !!int \"2\"\nc: !!float 3\nd: !!bool 'true'\ne: !!null ''\nf: ! 4\n\
         g: !Ref x\nh: !!binary aGk=\ni: !<tag:example.org,2000:x> y\nj: !!seq [1]\nk: !!map {a: 1}\nl: !Sub [1]\n",
    );
    assert_eq!(at(&root, "/a").kind, Kind::String("1".into()));
    assert_eq!(at(&root, "/b").as_number().unwrap().as_str(), "2");
    assert_eq!(at(&root, "/c").as_number().unwrap().as_str(), "3");
    assert_eq!(at(&root, "/d").as_bool(), Some(true));
    assert!(at(&root, "/e").is_null());
    assert_eq!(at(&root, "/f").as_str(), Some("4"));
    for (pointer, tag) in [
        ("/g", "!Ref"),
        ("/h", "!!binary"),
        ("/i", "!<tag:example.org,2000:x>"),
        ("/l", "!Sub"),
    ] {
        assert_eq!(at(&root, pointer).tag.as_deref(), Some(tag));
    }
    assert_eq!(at(&root, "/j").tag, None);
    let parsed =
        read("a: !!int x\nb: !!bool 1\nc: !!null 1\nd: !!seq x\ne: !!str [1]\nf: !!seq {}\n");
    assert_eq!(ids(&parsed.findings), ["tag-mismatch"; 6]);
    assert!(
        parsed.findings[5]
            .message
            .contains("`!!seq`, but it is a map")
    );
}

#[test]
fn faults_are_said_in_plain_words_at_their_line() {
    for (text, rule, line, message) in [
        (
            "a:\n\tb: 1\n",
            "tab-indentation",
            2,
            "this line is indented with a tab",
        ),
        (
            "a: 1\n\tb: 2\n",
            "tab-indentation",
            2,
            "this line is indented with a tab",
        ),
        (
            "a:\n  - x\n\t- y\n",
            "tab-indentation",
            3,
            "this line is indented with a tab",
        ),
        (
            "a: b: c\n",
            "syntax-error",
            1,
            "a second `: ` stands on one line",
        ),
        (
            "a: 1\n  b: 2\n",
            "bad-indentation",
            2,
            "this line is indented below a key that has its value already",
        ),
        (
            "a:\n    b: 1\n  c: 2\n",
            "bad-indentation",
            3,
            "this line's indentation matches nothing above it",
        ),
        (
            "a: \"x\nb: 2\n",
            "syntax-error",
            1,
            "a quotation mark is not closed on its line",
        ),
        (
            "x: 1\na: 'x\n",
            "syntax-error",
            2,
            "a quotation mark is not closed on its line",
        ),
        (
            "a: [1, 2\nb: 3\n",
            "syntax-error",
            2,
            "a comma or a closing bracket is missing before this",
        ),
        (
            "a: {x: 1\nb: 3\n",
            "syntax-error",
            2,
            "a comma or a closing bracket is missing before this",
        ),
        (
            "a: [1, 2\n",
            "syntax-error",
            1,
            "the bracket `[` is never closed",
        ),
        (
            "a: ]\n",
            "syntax-error",
            1,
            "a closing bracket stands without its opening one",
        ),
        (
            "a: @foo\n",
            "syntax-error",
            1,
            "a value cannot start with `@`",
        ),
        (
            "a: \"\\q\"\n",
            "syntax-error",
            1,
            "the backslash starts no escape that YAML knows",
        ),
        (
            "- a\nb: 1\n",
            "bad-indentation",
            2,
            "a list item is expected here, but the line does not start with `- `",
        ),
        (
            "a: 1\n- b\n",
            "bad-indentation",
            2,
            "a list item stands where a key is expected",
        ),
        (
            "key:value\nother: 1\n",
            "syntax-error",
            1,
            "this line is neither `key: value` nor a list item",
        ),
        (
            "a: 1\nb\n",
            "syntax-error",
            2,
            "this line is neither `key: value` nor a list item",
        ),
        (
            "a: \"x\" y\n",
            "syntax-error",
            1,
            "text stands right behind the closing quotation mark",
        ),
        (
            "a: 'it's'\n",
            "syntax-error",
            1,
            "text stands right behind the closing quotation mark",
        ),
        (
            "a: [1, }\n",
            "syntax-error",
            1,
            "the bracket `[` is closed by `}`",
        ),
        (
            "a: - b\n",
            "syntax-error",
            1,
            "a list item cannot start here",
        ),
        (
            "a: x #y\n  z\n",
            "syntax-error",
            1,
            "a comment stands in the middle of a text of several lines",
        ),
        (
            "a: |x\n  z\n",
            "syntax-error",
            1,
            "only `+`, `-`, a digit or a comment may follow `|` or `>`",
        ),
        (
            "a: !x!y z\n",
            "syntax-error",
            1,
            "the prefix of this tag is declared nowhere",
        ),
        (
            "%YAML 2.0\n---\na: 1\n",
            "syntax-error",
            1,
            "the %YAML line names a version that does not exist",
        ),
        (
            "a: 1\n... x\n",
            "syntax-error",
            2,
            "nothing may follow `...` on its line",
        ),
        (
            "a: 1\n\u{feff}b: 2\n",
            "syntax-error",
            2,
            "a byte-order mark stands in the middle of the file",
        ),
        (
            "a: *\n",
            "syntax-error",
            1,
            "`&` and `*` need a name right behind them",
        ),
        (
            "a: \"x\"#y\n",
            "syntax-error",
            1,
            "a comment needs a space before its `#`",
        ),
        (
            "- [-, a]\n",
            "syntax-error",
            1,
            "a value cannot start like this",
        ),
    ] {
        let parsed = read(text);
        assert!(!parsed.findings.is_empty(), "{text}");
        let finding = &parsed.findings[0];
        assert_eq!(
            (
                finding.rule.id,
                finding.location.start().line,
                finding.message.as_str()
            ),
            (rule, line, message),
            "{text}"
        );
        assert!(finding.help.is_some());
    }
}

#[test]
fn version_directive_changes_nothing() {
    assert_eq!(
        root("%YAML 1.1\n---\na: yes\n").get("a").unwrap().as_str(),
        Some("yes")
    );
}
