use insta::assert_snapshot;

use crate::config::schema::fixture::{check, schema};
use crate::config::schema::{MergeStrategy, Schema};
use crate::text::Pointer;

fn at(text: &str) -> Pointer {
    text.parse().unwrap()
}

fn with_tree() -> Schema {
    schema(
        "properties: { tree: { $ref: '#/$defs/tree' } }\n\
         $defs: { tree: { properties: { leaf: { x-merge: replace }, left: { $ref: '#/$defs/tree' } } } }\n",
    )
}

#[test]
fn merge_rules_are_found_in_a_table() {
    let text = "$defs:\n  plugin: { properties: { tags: { x-merge: unique, x-env-specific: true } } }\n\
         properties:\n  \
         plugins: { x-merge: by-key(name), items: { $ref: '#/$defs/plugin' } }\n  \
         hosts: { x-merge: append }\n  \
         pair: { prefixItems: [{ x-merge: replace }, {}], items: { x-merge: deep } }\n  \
         plain: { type: string, default: x, description: A plain one }\n\
         patternProperties: { '^x-': { x-merge: replace } }\n\
         additionalProperties: { anyOf: [{ x-merge: deep }, { title: Other }] }\n";
    let schema = schema(text);
    let rules = schema.merge_rules();
    assert!(!rules.is_empty());
    let place = rules.root().key("plugins");
    assert_eq!(place.get(), Some(&MergeStrategy::ByKey("name".into())));
    let tags = place.item(7).key("tags");
    assert_eq!(tags.get(), Some(&MergeStrategy::Unique));
    assert!(tags.key("x").is_empty());
    let merge = |text: &str| schema.merge_strategy(&at(text));
    assert_eq!(merge("hosts"), Some(MergeStrategy::Append));
    assert_eq!(merge("pair.0"), Some(MergeStrategy::Replace));
    assert_eq!(merge("pair.1"), None);
    assert_eq!(merge("pair.2"), Some(MergeStrategy::Deep));
    assert_eq!(merge("plain"), None);
    assert!(rules.root().key("plain").is_empty());
    assert_eq!(merge("x-y"), Some(MergeStrategy::Replace));
    assert_eq!(merge("else"), Some(MergeStrategy::Deep));
    assert_eq!(merge("plugins.0.tags"), Some(MergeStrategy::Unique));
    assert!(schema.is_env_specific(&at("plugins.0.tags")));
    assert!(!schema.is_env_specific(&at("plugins")));
    assert_eq!(schema.default_at(&at("plain")).unwrap().as_str(), Some("x"));
    assert_eq!(schema.description_at(&at("plain")), Some("A plain one"));
    assert_eq!(schema.description_at(&at("else")), Some("Other"));
    assert_eq!(schema.description_at(&at("plugins")), None);
}

#[test]
fn recursion_is_a_loop_in_the_table() {
    let schema = with_tree();
    let rules = schema.merge_rules();
    let mut place = rules.root().key("tree");
    for _ in 0..1000 {
        place = place.key("left");
    }
    assert_eq!(place.key("leaf").get(), Some(&MergeStrategy::Replace));
    assert!(place.key("right").is_empty());
}

#[test]
fn annotations_are_gathered_from_every_schema_that_may_apply() {
    let schema = schema(
        "allOf: [{ properties: { a: { title: one } } }]\n\
         oneOf: [{ properties: { a: { title: two } } }]\n\
         if: { properties: { a: { title: no } } }\n\
         then: { properties: { a: { title: three } } }\n\
         else: { patternProperties: { '^a$': { title: four } } }\n\
         dependentSchemas: { x: { additionalProperties: { title: five } } }\n\
         unevaluatedProperties: { title: six }\n\
         not: { properties: { a: { title: no } } }\n",
    );
    let titles: Vec<String> = schema
        .annotations_at(&at("a"))
        .iter()
        .map(|node| {
            node.value
                .get("title")
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(titles.len(), 6, "{titles:?}");
    assert!(!titles.contains(&"no".to_owned()));
    let old = crate::config::schema::fixture::schema(
        "$schema: http://json-schema.org/draft-07/schema#\n\
         properties: { a: { $ref: '#/definitions/a', title: ignored } }\n\
         definitions: { a: { items: [{ title: first }], additionalItems: { title: rest } } }\n",
    );
    assert_eq!(old.description_at(&at("a")), None);
    assert_eq!(old.description_at(&at("a.0")), Some("first"));
    assert_eq!(old.description_at(&at("a.1")), Some("rest"));
}

#[test]
fn secrets_are_found_with_all_below_them() {
    let schema = schema(
        "properties:\n  a: { properties: { b: { x-secret: true } } }\n  c: { writeOnly: true }\n  \
         d: { x-secret: false }\n",
    );
    let secret = |text: &str| schema.is_secret(&at(text));
    assert!(secret("a.b") && secret("a.b.x.y") && secret("c.0"));
    assert!(!secret("a") && !secret("d") && !secret("e"));
    assert!(!schema.secrets().root().key("a").is_empty());
    let root = crate::config::schema::fixture::schema("x-secret: true\n");
    assert!(root.is_secret(&Pointer::root()) && root.is_secret(&at("x")));
    assert!(!crate::config::schema::fixture::schema("{}").is_secret(&at("x")));
}

#[test]
fn strategies_are_read_as_written() {
    assert_eq!(
        MergeStrategy::parse("by-key( id )"),
        Some(MergeStrategy::ByKey("id".into()))
    );
    for bad in ["by-key()", "by-key(a", "merge", ""] {
        assert_eq!(MergeStrategy::parse(bad), None, "{bad}");
    }
    let schema =
        "properties:\n  a: { x-merge: merge }\n  b: { x-merge: 5 }\n  c: { x-merge: deep }\n";
    assert_snapshot!(check(schema, "a: 1\n"), @r#"
    error[schema-annotation-invalid] schema.yaml:2:17: `x-merge` does not know the text `merge`
      help: write `replace`, `deep`, `append`, `unique`, or `by-key(name)`
    error[schema-annotation-invalid] schema.yaml:3:17: `x-merge` does not know `5`
      help: write `replace`, `deep`, `append`, `unique`, or `by-key(name)`
    "#);
}

#[test]
fn another_value_is_wanted_after_a_time() {
    let text = "properties:\n  a: { x-rotate-after: 90 days }\n  b: { x-rotate-after: 12 weeks }\n  \
         c: { x-rotate-after: 1 month, allOf: [{ x-rotate-after: 1 day }] }\n  \
         d: { x-rotate-after: 2 years }\n  e: {}\n";
    let after = |text: &str, key: &str| schema(text).rotate_after(&at(key));
    assert_eq!(after(text, "a"), Some(90));
    assert_eq!(after(text, "b"), Some(84));
    assert_eq!(after(text, "c"), Some(1));
    assert_eq!(after(text, "d"), Some(730));
    assert_eq!(after(text, "e"), None);
    assert_eq!(after("properties: { a: {} }\n", "a"), None);
    assert_snapshot!(check("properties:\n  a: { x-rotate-after: 3 moons }\n  b: { x-rotate-after: 90 }\n", "a: 1\n"), @"
    error[schema-annotation-invalid] schema.yaml:2:24: `x-rotate-after` is a time, not the text `3 moons`
      help: write it as in `90 days`, `12 weeks`, `6 months` or `1 year`
    error[schema-annotation-invalid] schema.yaml:3:24: `x-rotate-after` is a time, not `90`
      help: write it as in `90 days`, `12 weeks`, `6 months` or `1 year`
    ");
}

#[test]
fn merge_strategies_are_written_as_they_are_read() {
    for text in ["replace", "deep", "append", "unique", "by-key(name)"] {
        let schema = schema(&format!("x-merge: {text}\n"));
        let strategy = schema.merge_strategy(&Pointer::root()).unwrap();
        assert_eq!(strategy.to_string(), text);
    }
}
