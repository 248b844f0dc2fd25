use std::sync::Arc;

use proptest::prelude::*;

use super::super::{Format, arbitrary, parse};
use super::*;
use crate::text::Source;

fn read(text: &str, format: Format) -> Value {
    let parsed = parse(&Arc::new(Source::new("a", text)), format);
    assert!(parsed.findings.is_empty(), "{text}\n{:?}", parsed.findings);
    assert_eq!(parsed.documents.len(), 1, "{text}");
    Arc::unwrap_or_clone(parsed.documents.into_iter().next().unwrap().root)
}

/// A value that every YAML reader reads alike: strings with odd letters, small whole numbers.
fn common_value() -> BoxedStrategy<serde_json::Value> {
    use serde_json::Value as Json;
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
        "[a-z#:,&*!|>'\"%@` -]{0,6}".prop_map(Json::from),
        Just(Json::from("on")),
        Just(Json::from("0o7")),
        Just(Json::from("1e3")),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
    .boxed()
}

proptest! {
    /// A second reader, written by others, reads what is written as the same value.
    #[test]
    fn what_is_written_is_read_alike_elsewhere(json in common_value()) {
        let text = write_yaml(&Value::from_json(&json));
        let read: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        prop_assert_eq!(serde_json::to_value(read).unwrap(), json, "{}", text);
    }

    /// So is what is written in one line.
    #[test]
    fn one_line_is_read_alike(json in common_value()) {
        let text = write_flow(&Value::from_json(&json));
        prop_assert!(!text.contains('\n'));
        let read: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        prop_assert_eq!(serde_json::to_value(read).unwrap(), json.clone(), "{}", text);
        let parsed = parse(&Arc::new(Source::new("a", text.as_str())), Format::Yaml);
        prop_assert_eq!(parsed.documents[0].root.to_json(), json, "{}", text);
    }
}

#[test]
fn one_line_is_written_as_people_write_it() {
    let text = "{a: {port: 80, hosts: [a.b, \"x, y\"]}, \"on\": \"\", \"n\": null, t: true}";
    assert_eq!(write_flow(&read(text, Format::Yaml)), text);
}

fn rewritten(text: &str) -> String {
    write_yaml(&read(text, Format::Yaml))
}

#[test]
fn yaml_is_written_as_people_write_it() {
    let text = "version: 1.10\nname: api\ndebug: false\nnothing: null\nempty: []\nnone: {}\n\
        hosts:\n  - a.example.org\n  - port: 8080\n    tags:\n      - x\n  - - 1\n    - 2\n\
        ref: !Ref other\nlist: !Sub\n  - a\n8080: http\n\
        script: |\n  echo hi\n\n  exit 1\n";
    assert_eq!(rewritten(text), text);
    assert_eq!(rewritten("!x\na: 1\n"), "!x\na: 1\n");
    assert_eq!(
        rewritten("- !x {a: 1}\n- !y [1]\n"),
        "- !x\n  a: 1\n- !y\n  - 1\n"
    );
    assert_eq!(rewritten("!x [1]"), "!x\n- 1\n");
}

#[test]
fn strings_that_look_like_something_else_are_quoted() {
    for text in [
        "1",
        "1.10",
        "0x1F",
        "true",
        "null",
        "~",
        "",
        "no",
        "On",
        "1:30",
        "2001-01-01",
        ".inf",
        "<<",
        "=",
        "- a",
        "a: b",
        "a #b",
        "#a",
        "*a",
        "&a",
        "!a",
        "[a",
        "{a",
        "'a",
        "\"a",
        "@a",
        "`a",
        "%a",
        "|",
        ">",
        "?",
        ",",
        "a:",
        " a",
        "a ",
        "\u{feff}",
        "\u{85}",
        "\u{2028}",
        "\u{7}",
        "a\r\nb",
        "...",
        "---",
        "1_000",
        "\\",
    ] {
        let value = Value::detached(Kind::String(text.into()));
        let written = write_yaml(&value);
        assert!(written.starts_with('"'), "{text} as {written}");
        assert_eq!(read(&written, Format::Yaml), value, "{written}");
    }
    for text in [
        "a",
        "a.b",
        "/etc",
        "10s",
        "1.2.3-rc1",
        "ä",
        "a,b",
        "x y",
        "v1",
    ] {
        let written = write_yaml(&Value::detached(Kind::String(text.into())));
        assert_eq!(written, format!("{text}\n"));
    }
}

#[test]
fn numbers_that_yaml_cannot_spell_are_spelt_anew() {
    for (number, written) in [
        ("1_000", "1000\n"),
        ("0b11", "3\n"),
        ("inf", ".inf\n"),
        ("-inf", "-.inf\n"),
        ("nan", ".nan\n"),
        ("0o17", "0o17\n"),
        ("1.10", "1.10\n"),
    ] {
        let value = Value::detached(Kind::Number(Number::new(number).unwrap()));
        assert_eq!(write_yaml(&value), written);
    }
}

#[test]
fn json_is_indented() {
    let value = read("a: 1.10\nb: [x]\n", Format::Yaml);
    assert_eq!(
        write_json(&value),
        "{\n  \"a\": 1.10,\n  \"b\": [\n    \"x\"\n  ]\n}\n"
    );
}

#[test]
fn toml_is_written_as_people_write_it() {
    let text = r#"
servers:
  - {name: a, at: {x: 1}}
  - {name: b}
name: shop
database: {host: h, retry: {count: 0x1F}, 'a b': [1, two, [3.10]]}
empty: {}
none: []
only: {tables: {x: .inf}}
mixed: [1, {a: b}]
script: |
  echo "hi"

  echo ''' \ """"
quote: 'C:\"x"'
long: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb]
big: 123456789012345678901234567890
date: 2026-01-02
"#;
    let value = read(text, Format::Yaml);
    let written = write_toml(&value).unwrap();
    assert_eq!(read(&written, Format::Toml), value, "{written}");
    insta::assert_snapshot!(written, @r#"
    name = "shop"
    empty = {}
    none = []
    mixed = [1, { a = "b" }]
    script = """
    echo "hi"

    echo ''' \\ ""\""
    """
    quote = "C:\\\"x\""
    long = [
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    ]
    big = 123456789012345678901234567890
    date = "2026-01-02"

    [[servers]]
    name = "a"

    [servers.at]
    x = 1

    [[servers]]
    name = "b"

    [database]
    host = "h"
    "a b" = [1, "two", [3.10]]

    [database.retry]
    count = 0x1F

    [only.tables]
    x = inf
    "#);
}

#[test]
fn toml_says_what_it_cannot_say() {
    for (text, place) in [("[1]", ""), ("a: {b: [1, null]}", "/a/b/1"), ("~", "")] {
        let place = place.parse().unwrap();
        assert_eq!(write_toml(&read(text, Format::Yaml)), Err(place), "{text}");
    }
}

/// Writes a value as one line of TOML.
fn inline_toml(value: &Value) -> String {
    match &value.kind {
        Kind::Array(items) => {
            let items: Vec<_> = items.iter().map(inline_toml).collect();
            format!("[{}]", items.join(", "))
        }
        Kind::Object(map) => {
            let entries: Vec<_> = map
                .iter()
                .map(|(key, value)| format!("{} = {}", toml_string(key), inline_toml(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        Kind::String(text) => toml_string(text),
        _ => value.to_json().to_string(),
    }
}

fn toml_string(text: &str) -> String {
    serde_json::to_string(text)
        .unwrap()
        .replace('\u{7f}', "\\u007f")
}

proptest! {
    #[test]
    fn yaml_comes_back(value in arbitrary::value()) {
        prop_assert_eq!(&read(&write_yaml(&value), Format::Yaml), &value);
    }

    #[test]
    fn long_keys_come_back(key in "[a-z:#\"\u{e9}]{900,1400}") {
        let mut map = Map::new();
        map.set(key, Value::detached(Kind::Null));
        let value = Value::detached(Kind::Object(map));
        prop_assert_eq!(&read(&write_yaml(&value), Format::Yaml), &value);
    }

    #[test]
    fn json_comes_back(value in arbitrary::plain_value()) {
        prop_assert_eq!(&read(&write_json(&value), Format::Json), &value);
    }

    #[test]
    fn json_is_yaml_too(value in arbitrary::plain_value()) {
        prop_assert_eq!(&read(&write_json(&value), Format::Yaml), &value);
    }

    #[test]
    fn toml_comes_back(value in arbitrary::value_without_null()) {
        let text = format!("value = {}\n", inline_toml(&value));
        let root = read(&text, Format::Toml);
        prop_assert_eq!(root.get("value").unwrap(), &value);
    }

    #[test]
    fn toml_that_is_written_comes_back(
        entries in prop::collection::vec(("[a-c]|\\PC{0,3}", arbitrary::value_without_null()), 0..5),
    ) {
        let mut map = Map::new();
        for (key, value) in entries {
            map.set(key, value);
        }
        let value = Value::detached(Kind::Object(map));
        let text = write_toml(&value).unwrap();
        prop_assert_eq!(&read(&text, Format::Toml), &value, "{}", text);
    }

    #[test]
    fn no_text_stops_the_readers(text in "[-a-z0-9:#&*!?|>'\"\\[\\]{},%@\t \n\r\u{feff}\u{e9}<=.~\\\\/]{0,60}") {
        for format in [Format::Yaml, Format::Json, Format::Toml] {
            let source = Arc::new(Source::new("a", text.as_str()));
            let parsed = parse(&source, format);
            for document in &parsed.documents {
                prop_assert!(document.root.span.end as usize <= text.len());
            }
            for finding in &parsed.findings {
                prop_assert!(finding.location.span.end as usize <= text.len());
                prop_assert!(text.is_char_boundary(finding.location.span.start as usize));
                prop_assert!(text.is_char_boundary(finding.location.span.end as usize));
            }
            prop_assert!(!parsed.documents.is_empty() || !parsed.findings.is_empty() || text.contains("..."));
        }
    }
}
