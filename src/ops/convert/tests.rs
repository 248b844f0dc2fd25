use proptest::prelude::*;

use super::*;
use crate::document::Kind;

fn run(text: &str, from: Format, to: Format, lossy: bool) -> Report<ConvertBody> {
    let file = ParsedFile::of_bytes("app", text.as_bytes());
    let options = Options {
        from,
        to,
        document: None,
        lossy,
    };
    convert(&file, &options).unwrap()
}

/// What is said, and the text where there is one.
fn said(text: &str, from: Format, to: Format, lossy: bool) -> String {
    let report = run(text, from, to, lossy);
    let mut out = report.body.text.unwrap_or_else(|| "(nothing)\n".to_owned());
    for finding in &report.findings {
        let start = finding.location.start();
        out.push_str(&format!(
            "{}[{}] {}:{}: {}{}\n",
            finding.severity,
            finding.rule.id,
            start.line,
            start.column,
            finding.message,
            finding
                .help
                .as_ref()
                .map(|help| format!(" ({help})"))
                .unwrap_or_default(),
        ));
    }
    out
}

use Format::{Json, Toml, Yaml};

#[test]
fn values_and_comments_go_from_one_format_to_another() {
    let yaml = "# The shop.\n\nname: shop # shown\nserver:\n  # where it listens\n  port: 8080\n  hosts: [a, b]\n";
    insta::assert_snapshot!(said(yaml, Yaml, Toml, false), @r#"
    # The shop.

    name = "shop" # shown

    [server]
    # where it listens
    port = 8080
    hosts = ["a", "b"]
    "#);
    insta::assert_snapshot!(said(yaml, Yaml, Json, false), @r#"
    {
      "name": "shop",
      "server": {
        "port": 8080,
        "hosts": [
          "a",
          "b"
        ]
      }
    }
    info[form-lost] 1:1: 3 comments are left out: JSON has none
    "#);
    let toml = run(yaml, Yaml, Toml, false).body.text.unwrap();
    assert_eq!(
        run(&toml, Toml, Yaml, false)
            .body
            .text
            .unwrap()
            .replace("\n    - ", " "),
        yaml.replace("[a, b]", "a b")
    );
    insta::assert_snapshot!(said("{\n  // about a\n  \"a\": [1, {\"b\": null}]\n}", Json, Yaml, false), @"
    # about a
    a:
      - 1
      - b: null
    ");
}

#[test]
fn not_representable() {
    let yaml = "a: null\nlist: [1, ~, 2]\nbig: 99999999999999999999\nlarge: 1e999\nfine: 0.1\n";
    insta::assert_snapshot!(said(yaml, Yaml, Toml, false), @"
    (nothing)
    error[not-representable] 1:1: `a` is null, and TOML has no null (to leave it out, add `--lossy`)
    error[not-representable] 2:11: `list.1` is null, and TOML has no null (to leave it out, add `--lossy`)
    error[not-representable] 3:6: `big` is `99999999999999999999`, and TOML has whole numbers of 64 bits (to write it all the same, add `--lossy`)
    error[not-representable] 4:8: `large` is `1e999`, and TOML has numbers up to 1.8e308 (to write it all the same, add `--lossy`)
    ");
    insta::assert_snapshot!(said(yaml, Yaml, Toml, true), @"
    list = [1, 2]
    big = 99999999999999999999
    large = 1e999
    fine = 0.1
    warning[not-representable] 1:1: `a` is null, and TOML has no null: it is left out
    warning[not-representable] 2:11: `list.1` is null, and TOML has no null: it is left out
    warning[not-representable] 3:6: `big` is `99999999999999999999`, and TOML has whole numbers of 64 bits: it is written all the same, and other programs may refuse it
    warning[not-representable] 4:8: `large` is `1e999`, and TOML has numbers up to 1.8e308: it is written all the same, and other programs may refuse it
    ");
    insta::assert_snapshot!(said("a: .inf\nb: -.inf\nc: .nan\n", Yaml, Json, false), @"
    (nothing)
    error[not-representable] 1:4: `a` is infinite, which JSON cannot say (to write it as a text, add `--lossy`)
    error[not-representable] 2:4: `b` is infinite, which JSON cannot say (to write it as a text, add `--lossy`)
    error[not-representable] 3:4: `c` is no number (`nan`), which JSON cannot say (to write it as a text, add `--lossy`)
    ");
    insta::assert_snapshot!(said("a: .inf\nb: -.inf\nc: .nan\n", Yaml, Json, true), @r#"
    {
      "a": ".inf",
      "b": "-.inf",
      "c": ".nan"
    }
    warning[not-representable] 1:4: `a` is infinite, which JSON cannot say: it becomes the text ".inf"
    warning[not-representable] 2:4: `b` is infinite, which JSON cannot say: it becomes the text "-.inf"
    warning[not-representable] 3:4: `c` is no number (`nan`), which JSON cannot say: it becomes the text ".nan"
    "#);
    insta::assert_snapshot!(said("- 1\n", Yaml, Toml, true), @"
    (nothing)
    error[not-representable] 1:1: the document is a list, and a TOML file is always a map (give it a name, as in `items: …`, or choose another format with `--to`)
    ");
    insta::assert_snapshot!(said("a: 1\n---\nb: 2\n", Yaml, Json, true), @"
    (nothing)
    error[not-representable] 3:1: the file has 2 documents, and a JSON file has one (choose one of them, such as the first: `--document 1`)
    ");
    let deep = format!("a: {}1{}\n", "[".repeat(100), "]".repeat(100));
    insta::assert_snapshot!(said(&deep, Yaml, Toml, true), @"
    (nothing)
    error[not-representable] 1:1: the document nests too deep for TOML (nest less deeply, or choose another format with `--to`)
    ");
    assert_eq!(said("a: .inf\n", Yaml, Toml, false), "a = inf\n");
    assert_eq!(said("# nothing\n", Yaml, Toml, false), "# nothing\n");
}

#[test]
fn meaning_changes() {
    let yaml = "role: !Ref Admin\n8080: http\ndebug: no\nday: 2026-01-02\nquoted: 'no'\n";
    insta::assert_snapshot!(said(yaml, Yaml, Json, false), @r#"
    (nothing)
    error[meaning-changes] 1:12: `role` has the tag `!Ref`, and JSON has no tags (to write the value without it, add `--lossy`)
    warning[meaning-changes] 2:1: the key `8080` becomes the text "8080"
    warning[meaning-changes] 3:8: `no` becomes a text; older readers of YAML take it for something else
    warning[meaning-changes] 4:6: `2026-01-02` becomes a text; older readers of YAML take it for something else
    "#);
    insta::assert_snapshot!(said(yaml, Yaml, Toml, true), @r#"
    role = "Admin"
    8080 = "http"
    debug = "no"
    day = "2026-01-02"
    quoted = "no"
    warning[meaning-changes] 1:12: `role` has the tag `!Ref`, and TOML has no tags: its value is left without it
    warning[meaning-changes] 2:1: the key `8080` becomes the text "8080"
    warning[meaning-changes] 3:8: `no` becomes a text; older readers of YAML take it for something else
    warning[meaning-changes] 4:6: `2026-01-02` becomes a text; older readers of YAML take it for something else
    "#);
    assert_eq!(said("n: y\n", Yaml, Toml, false), "n = \"y\"\n");
    insta::assert_snapshot!(said("day = 2026-01-02\ntext = \"2026-01-02\"\n", Toml, Yaml, false), @r#"
    day: "2026-01-02"
    text: "2026-01-02"
    warning[meaning-changes] 1:7: `day` is a date, and becomes a text in YAML
    "#);
}

#[test]
fn form_lost() {
    let yaml = "base: &base { retries: 3, mask: 0x1F } # both\nweb: *base\napi:\n  <<: *base\n  port: 1\n# end\nlast: 1\n";
    insta::assert_snapshot!(said(yaml, Yaml, Json, false), @r#"
    {
      "base": {
        "retries": 3,
        "mask": 31
      },
      "web": {
        "retries": 3,
        "mask": 31
      },
      "api": {
        "port": 1,
        "retries": 3,
        "mask": 31
      },
      "last": 1
    }
    info[form-lost] 1:13: what aliases and `<<` bring in is written out where it is used: 3 values
    info[form-lost] 1:33: 3 numbers are spelt in another way: `0x1F` becomes `31`, and so on
    info[form-lost] 1:40: 2 comments are left out: JSON has none
    "#);
    insta::assert_snapshot!(said(yaml, Yaml, Toml, false), @"
    # end
    last = 1

    [base]
    retries = 3
    mask = 0x1F # both

    [web]
    retries = 3
    mask = 0x1F

    [api]
    port = 1
    retries = 3
    mask = 0x1F
    info[form-lost] 1:1: keys stand in another order: in TOML, settings stand before tables
    info[form-lost] 1:13: what aliases and `<<` bring in is written out where it is used: 3 values
    ");
    insta::assert_snapshot!(said("a = 0b11\nb = 1_000\nc = inf\n", Toml, Yaml, false), @"
    a: 3
    b: 1000
    c: .inf
    info[form-lost] 1:5: 2 numbers are spelt in another way: `0b11` becomes `3`, and so on
    ");
}

#[test]
fn the_same_format_is_the_same_text() {
    let text = "a:   [1,  2] # c\n---\nb: &x 1\n";
    assert_eq!(said(text, Yaml, Yaml, false), text);
}

#[test]
fn one_of_several_documents_is_chosen() {
    let file = ParsedFile::of_bytes("app.yaml", b"a: 1\n---\n# two\nb: 2\n");
    let options = |number| Options {
        from: Yaml,
        to: Toml,
        document: Some(number),
        lossy: false,
    };
    let report = convert(&file, &options(2)).unwrap();
    assert_eq!(report.body.text.as_deref(), Some("# two\nb = 2\n"));
    for number in [0, 3] {
        let error = convert(&file, &options(number)).err().unwrap();
        assert!(error.to_string().contains("has 2 documents"), "{error}");
    }
}

#[test]
fn what_cannot_be_read_is_not_converted() {
    insta::assert_snapshot!(said("a: [1\n", Yaml, Json, true), @"
    (nothing)
    error[syntax-error] 1:4: the bracket `[` is never closed (add the closing bracket)
    ");
    insta::assert_snapshot!(said("a: 1\na: 2\n", Yaml, Json, true), @"
    (nothing)
    error[duplicate-key] 2:1: the key `a` stands twice in the same map (remove one of the two; until then the last one counts)
    ");
    let file = ParsedFile::of_bytes("app.yaml", b"a: \xff\n");
    let options = Options {
        from: Yaml,
        to: Json,
        document: None,
        lossy: true,
    };
    let report = convert(&file, &options).unwrap();
    assert_eq!(report.findings[0].rule.id, "not-utf8");
    assert!(report.body.text.is_none());
}

/// A value that YAML reads.
fn yaml() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("null"),
        Just("1"),
        Just("-0.5e3"),
        Just("0x1F"),
        Just("99999999999999999999"),
        Just(".inf"),
        Just("true"),
        Just("no"),
        Just("text"),
        Just("'a # b'"),
        Just("\"l\\nm\\n\""),
        Just("2026-01-02"),
        Just("!Ref x"),
        Just("''"),
    ]
    .prop_map(str::to_owned);
    let key =
        prop_oneof![4 => "[a-d]", 1 => Just("80".to_owned()), 1 => Just("\"x y\"".to_owned())];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        let map = prop::collection::btree_map(key.clone(), inner.clone(), 0..4).prop_map(|map| {
            let entries: Vec<_> = map
                .iter()
                .map(|(key, value)| format!("{key}: {value}"))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        });
        let list =
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", ")));
        prop_oneof![2 => map, 1 => list]
    })
    .prop_map(|value| format!("top: {value} # about\n"))
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Where nothing is said but what is form, there and back gives the same value; and where
    /// something was, the text says what is left.
    #[test]
    fn there_and_back_is_the_same(text in yaml(), to in prop_oneof![Just(Json), Just(Toml), Just(Yaml)]) {
        let report = run(&text, Yaml, to, false);
        let read = |text: &str, format| {
            let parsed = parse(&Arc::new(Source::new("a", text)), format);
            assert!(parsed.findings.is_empty(), "{text}");
            parsed.documents[0].root.clone()
        };
        let is_lossless = report.findings.iter().all(|finding| finding.severity < Severity::Error);
        prop_assert_eq!(is_lossless, report.body.text.is_some());
        if let Some(there) = &report.body.text {
            let back = run(there, to, Yaml, false);
            let again = back.body.text.unwrap();
            prop_assert_eq!(read(&again, Yaml), read(&text, Yaml), "{}\n{}\n{}", text, there, again);
            prop_assert_eq!(again.contains("# about"), to != Json);
        }
        let lossy = run(&text, Yaml, to, true);
        let there = lossy.body.text.unwrap();
        let value = read(&there, to);
        prop_assert!(to != Toml || !matches!(value.kind, Kind::Null));
    }
}
