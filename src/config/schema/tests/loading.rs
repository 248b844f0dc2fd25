use insta::assert_snapshot;

use crate::config::schema::fixture::{Memory, schema, tell};
use crate::config::schema::{Dialect, RULES, RefError, Schema, Validator};
use crate::text::Pointer;

fn findings(files: &[(&'static str, &str)]) -> String {
    tell(Memory::new(files).load().1)
}

#[test]
fn follows_references_between_files() {
    let files = Memory::new(&[
        (
            "schema/app.yaml",
            "properties:\n  \
             db: { $ref: 'common/db.json#/$defs/Database' }\n  \
             log: { $ref: './log.yaml' }\n  \
             level: { $ref: 'log.yaml#level' }\n  \
             odd: { $ref: '#/$defs/a~1b%20c' }\n\
             $defs:\n  'a/b c': { type: string }\n",
        ),
        (
            "schema/common/db.json",
            r##"{"$defs": {"Database": {"properties": {"host": {"$ref": "#/$defs/Host"},
                "log": {"$ref": "../log.yaml#level"}}}, "Host": {"type": "string"}}}"##,
        ),
        (
            "schema/log.yaml",
            "properties: { level: { $anchor: level, enum: [info] } }\n",
        ),
    ]);
    let (schema, found) = files.load();
    assert_eq!(tell(found), "");
    let schema = schema.unwrap();
    assert_eq!(schema.path(), "schema/app.yaml");
    let paths: Vec<_> = schema.files().map(|(path, _)| path).collect();
    assert_eq!(
        paths,
        [
            "schema/app.yaml",
            "schema/common/db.json",
            "schema/log.yaml"
        ]
    );
    let at = |name: &str| {
        let node = schema
            .root()
            .under("properties", name)
            .unwrap()
            .resolve()
            .unwrap();
        format!("{}#{}", node.file, node.pointer())
    };
    assert_eq!(at("db"), "schema/common/db.json#/$defs/Database");
    assert_eq!(at("log"), "schema/log.yaml#");
    assert_eq!(at("level"), "schema/log.yaml#/properties/level");
    assert_eq!(at("odd"), "schema/app.yaml#/$defs/a~1b c");
    let db = schema
        .root()
        .under("properties", "db")
        .unwrap()
        .resolve()
        .unwrap();
    let log = db.under("properties", "log").unwrap().resolve().unwrap();
    assert_eq!(log.location().start().line, 1);
    assert!(
        schema
            .node("schema/log.yaml", &Pointer::root().join("nope"))
            .is_none()
    );
    assert!(schema.node("nope.yaml", &Pointer::root()).is_none());
}

#[test]
fn finds_files_by_their_identifiers() {
    let files = Memory::new(&[
        (
            "schema/app.yaml",
            "$id: https://example.com/v1/app.yaml\n\
             properties:\n  \
             a: { $ref: common.yaml }\n  \
             b: { $ref: 'https://example.com/v1/common.yaml#/$defs/B' }\n  \
             c: { $ref: 'https://other.org/x' }\n  \
             d: { $ref: 'embedded#here' }\n  \
             e: { $ref: 'urn:thing' }\n\
             $defs:\n  inner: { $id: embedded, $defs: { x: { $anchor: here } } }\n",
        ),
        (
            "schema/common.yaml",
            "$defs: { B: { $ref: far.yaml }, C: { $id: 'urn:thing', type: string } }\n",
        ),
        ("schema/far.yaml", "$id: https://other.org/x\n"),
    ]);
    let (schema, found) = files.load();
    assert_eq!(tell(found), "");
    let schema = schema.unwrap();
    let at = |name: &str| {
        let node = schema
            .root()
            .under("properties", name)
            .unwrap()
            .resolve()
            .unwrap();
        format!("{}#{}", node.file, node.pointer())
    };
    assert_eq!(at("a"), "schema/common.yaml#");
    assert_eq!(at("b"), "schema/far.yaml#");
    assert_eq!(at("c"), "schema/far.yaml#");
    assert_eq!(at("d"), "schema/app.yaml#/$defs/inner/$defs/x");
    assert_eq!(at("e"), "schema/common.yaml#/$defs/C");
    assert!(Validator::compile(&schema).is_ok());
}

#[test]
fn says_where_a_reference_is_broken() {
    assert_snapshot!(findings(&[
        (
            "schema/app.yaml",
            "properties:\n  \
             a: { $ref: common.json }\n  \
             b: { $ref: 'common.yaml#/$defs/Databse' }\n  \
             c: { $ref: '../../x.yaml' }\n  \
             d: { $ref: 'https://example.com/x.json' }\n  \
             e: { $ref: '#nowhere' }\n  \
             f: { $ref: 'common.yaml#/title' }\n  \
             g: { $ref: '#/a~2' }\n  \
             h: { $ref: 'common.yaml#databse' }\n  \
             i: { $ref: 'zzz/y.json' }\n  \
             j: { $ref: 'broken.yaml' }\n  \
             k: { $ref: 'urn:x:y' }\n",
        ),
        ("schema/common.yaml", "title: Common\n$defs: { Database: { $anchor: database } }\n"),
        ("schema/broken.yaml", "a: [1\n"),
    ]), @"
    error[schema-ref-broken] schema/app.yaml:2:14: there is no file `schema/common.json`
      help: did you mean `common.yaml`?
    error[schema-ref-broken] schema/app.yaml:3:14: nothing stands at `#/$defs/Databse` in `schema/common.yaml`
      help: did you mean `#/$defs/Database`?
    error[schema-ref-broken] schema/app.yaml:4:14: `../../x.yaml` leads out of the repository
      help: a schema can only refer to files of its own repository
    error[schema-ref-remote] schema/app.yaml:5:14: `https://example.com/x.json` is not in the repository, and nothing is fetched
      help: save a copy of it in the repository and refer to that by its path, as in `$ref: vendor/x.json`
    error[schema-ref-broken] schema/app.yaml:6:14: nothing is named `#nowhere` in `schema/app.yaml`
    error[schema-ref-broken] schema/app.yaml:7:14: `#/title` in `schema/common.yaml` is a text, not a schema
    error[schema-ref-broken] schema/app.yaml:8:14: `~` must be followed by 0 or 1 in the pointer `/a~2`
    error[schema-ref-broken] schema/app.yaml:9:14: nothing is named `#databse` in `schema/common.yaml`
      help: did you mean `#database`?
    error[schema-ref-broken] schema/app.yaml:10:14: there is no file `schema/zzz/y.json`
    error[schema-ref-broken] schema/app.yaml:12:14: nothing in this schema has the name `urn:x:y`
      help: write the path of a file in the repository
    error[syntax-error] schema/broken.yaml:1:4: the bracket `[` is never closed
      help: add the closing bracket
    ");
}

#[test]
fn broken_references_mean_anything() {
    let files = Memory::new(&[(
        "a.yaml",
        "$schema: http://json-schema.org/draft-07/schema#\n\
         properties: { a: { $ref: nope.yaml, type: string } }\n",
    )]);
    let (schema, found) = files.load();
    assert_eq!(found.len(), 1);
    let schema = schema.unwrap();
    let node = schema.root().under("properties", "a").unwrap();
    assert_eq!(node.resolve().unwrap_err(), RefError::Broken);
    assert!(node.is_only_ref());
    let validator = Validator::compile(&schema).unwrap();
    assert!(validator.is_valid(&crate::config::schema::fixture::document("a: 1").root));
}

#[test]
fn references_in_a_circle_are_findings() {
    assert_snapshot!(findings(&[
        (
            "a.yaml",
            "$ref: '#/$defs/a'\n\
             $defs:\n  \
             a: { allOf: [{ $ref: '#/$defs/b' }] }\n  \
             b: { anyOf: [{ type: string }, { $ref: 'b.yaml' }] }\n  \
             tree: { properties: { left: { $ref: '#/$defs/tree' } } }\n",
        ),
        ("b.yaml", "$ref: 'a.yaml#/$defs/a'\n"),
    ]), @r#"
    error[schema-ref-cycle] b.yaml:1:7: this reference leads back to itself, with nothing between
      a.yaml:3:24: by way of this one
      a.yaml:4:42: by way of this one
    "#);
    let (schema, _) = Memory::new(&[("a.yaml", "$ref: '#'\n")]).load();
    let schema = schema.unwrap();
    assert_eq!(schema.root().resolve().unwrap_err(), RefError::Cycle);
    assert!(Validator::compile(&schema).is_ok());
}

#[test]
fn schemas_of_the_language_are_known() {
    let schema = schema("$ref: https://json-schema.org/draft/2020-12/schema\n");
    let error = schema.root().resolve().unwrap_err();
    assert_eq!(
        error,
        RefError::Metaschema("https://json-schema.org/draft/2020-12/schema".into())
    );
    assert!(error.to_string().contains("2020-12"));
    let validator = Validator::compile(&schema).unwrap();
    let value = |text| crate::config::schema::fixture::document(text).root;
    assert!(validator.is_valid(&value("type: string")));
    assert!(!validator.is_valid(&value("type: strin")));
}

#[test]
fn a_schema_that_is_not_there_is_an_error() {
    let files = Memory::new(&[("schema/app.yaml", "{}"), ("schema/bad.yaml", "a: [")]);
    let error = Schema::load(&files, "schema/app.yml").unwrap_err();
    assert_eq!(error.to_string(), "there is no schema `schema/app.yml`");
    assert_eq!(
        error.help(),
        Some("did you mean `schema/app.yaml` or `schema/bad.yaml`?")
    );
    assert!(Schema::load(&files, "../x.yaml").is_err());
    let (schema, found) = Schema::load(&files, "schema/bad.yaml").unwrap();
    assert!(schema.is_none());
    assert!(!found.is_empty());
}

#[test]
fn dialects_are_told_by_file() {
    let files = Memory::new(&[
        (
            "a.yaml",
            "$schema: http://json-schema.org/draft-04/schema#\nid: http://x/a.yaml\n\
             properties: { b: { $ref: b.yaml }, c: { $ref: c.yaml } }\n",
        ),
        (
            "b.yaml",
            "definitions: { x: { id: '#x' } }\nproperties: { y: { $ref: '#x' } }\n",
        ),
        (
            "c.yaml",
            "$schema: https://json-schema.org/draft/2019-09/schema\n",
        ),
    ]);
    let (schema, found) = files.load();
    assert_eq!(tell(found), "");
    let schema = schema.unwrap();
    assert_eq!(schema.dialect(), Dialect::Draft4);
    let dialect = |path| schema.node(path, &Pointer::root()).unwrap().dialect();
    assert_eq!(dialect("b.yaml"), Dialect::Draft4);
    assert_eq!(dialect("c.yaml"), Dialect::Draft201909);
    assert_snapshot!(
        findings(&[("a.yaml", "$schema: https://example.com/my\ntype: string\n")]),
        @r#"
    warning[schema-dialect-unknown] a.yaml:1:10: `https://example.com/my` is no known version of JSON Schema; it is read as 2020-12
      help: write `$schema: https://json-schema.org/draft/2020-12/schema`
    "#
    );
}

#[test]
fn references_into_other_keywords_are_followed() {
    let files = Memory::new(&[
        (
            "a.yaml",
            "$ref: '#/components/schemas/A'\n\
             components: { schemas: { A: { $ref: '#/components/schemas/B' }, \
             B: { properties: { x: { $ref: b.yaml } } }, C: { $ref: '#/components/schemas/B/properties/x' } } }\n\
             properties: { c: { $ref: '#/components/schemas/C' } }\n",
        ),
        ("b.yaml", "type: string\n"),
    ]);
    let (schema, found) = files.load();
    assert_eq!(tell(found), "");
    let schema = schema.unwrap();
    assert_eq!(schema.files().count(), 2);
    let node = schema
        .root()
        .under("properties", "c")
        .unwrap()
        .resolve()
        .unwrap();
    assert_eq!(node.file, "b.yaml");
}

#[test]
fn dynamic_references_lead_where_they_would_by_default() {
    let files = Memory::new(&[
        (
            "list.yaml",
            "$id: list\n$dynamicAnchor: item\nproperties: { next: { $dynamicRef: 'tree.yaml#node' } }\n",
        ),
        (
            "tree.yaml",
            "$dynamicAnchor: node\ntype: object\nproperties: { child: { $dynamicRef: '#node' } }\n",
        ),
    ]);
    let (schema, found) = files.load();
    assert_eq!(tell(found), "");
    let schema = schema.unwrap();
    let node = schema.root().under("properties", "next").unwrap();
    assert!(node.reference().is_none());
    assert_eq!(node.dynamic_reference().unwrap().unwrap().file, "tree.yaml");
    let validator = Validator::compile(&schema).unwrap();
    let value = |text| crate::config::schema::fixture::document(text).root;
    assert!(validator.is_valid(&value("next: { child: { child: {} } }")));
    assert!(!validator.is_valid(&value("next: { child: { child: 1 } }")));
    let old = "$schema: https://json-schema.org/draft/2019-09/schema\n\
               $recursiveAnchor: true\nproperties: { a: { $recursiveRef: '#' } }\n\
               additionalProperties: false\n";
    let validator = Validator::compile(&crate::config::schema::fixture::schema(old)).unwrap();
    assert!(validator.is_valid(&value("a: { a: {} }")));
    assert!(!validator.is_valid(&value("a: { b: {} }")));
}

#[test]
fn invalid_schemas_are_findings_at_their_line() {
    let compile = |text: &str| tell(Validator::compile(&schema(text)).unwrap_err());
    assert_snapshot!(compile(
        "type: objct\n\
         properties:\n  \
         a: { minimum: low, pattern: 5 }\n  \
         b: { type: [string, strin], enum: {} }\n  \
         c: 5\n\
         required: [a, a]\n\
         minLength: -1\n"
    ), @r#"
    error[schema-invalid] schema.yaml:1:1: `type` must be one of `array`, `boolean`, `integer`, `null`, `number`, `object` or `string`, or a list; it is the text `objct`
      help: did you mean `object`?
    error[schema-invalid] schema.yaml:3:8: `minimum` must be a number; it is the text `low`
    error[schema-invalid] schema.yaml:3:22: `pattern` must be a text; it is `5`
      help: put it in quotation marks: "5"
    error[schema-invalid] schema.yaml:4:23: each of `type` must be one of `array`, `boolean`, `integer`, `null`, `number`, `object` or `string`; it is the text `strin`
      help: did you mean `string`?
    error[schema-invalid] schema.yaml:4:31: `enum` must be a list; it is a map of 0 options
    error[schema-invalid] schema.yaml:5:3: `c` must be `true` or `false` or a map; it is `5`
    error[schema-invalid] schema.yaml:6:15: item 2 is the same as item 1
      schema.yaml:6:12: the first one
    error[schema-invalid] schema.yaml:7:1: `minLength` must be at least 0; it is `-1`
    "#);
    assert_snapshot!(compile("properties: { a: { pattern: '(' } }\npatternProperties: { '[': {} }\n"), @r#"
    error[schema-invalid] schema.yaml:1:29: `(` is no regular expression that can be used
    error[schema-invalid] schema.yaml:2:22: `[` is no regular expression that can be used
    "#);
    assert_snapshot!(compile(
        "$schema: http://json-schema.org/draft-04/schema#\nproperties: { a: { exclusiveMinimum: 5 } }\n"
    ), @r#"
    error[schema-invalid] schema.yaml:2:15: the option `minimum` is missing in `properties.a`
    error[schema-invalid] schema.yaml:2:20: `exclusiveMinimum` must be `true` or `false`; it is `5`
    "#);
    assert_snapshot!(compile("$ref: '#/x/y'\nx: { y: { type: 5 } }\n"), @r#"
    error[schema-invalid] schema.yaml:2:11: `type` must be one of `array`, `boolean`, `integer`, `null`, `number`, `object` or `string`, or a list; it is `5`
    "#);
}

#[test]
fn rules_are_in_order_and_say_something() {
    assert!(RULES.is_sorted_by_key(|rule| rule.id));
    for rule in RULES {
        assert!(rule.docs.contains("```yaml"), "{} has an example", rule.id);
        assert!(!rule.summary.ends_with('.'), "{}", rule.id);
        assert!(rule.docs.ends_with('\n'), "{}", rule.id);
    }
}

/// Makes a schema in which one definition refers to the next.
fn chain(length: usize) -> Schema {
    let mut text = String::from("$ref: '#/$defs/d0'\n$defs:\n");
    for index in 0..length {
        text.push_str(&format!(
            "  d{index}: {{ $ref: '#/$defs/d{}' }}\n",
            index + 1
        ));
    }
    text.push_str(&format!("  d{length}: {{ type: string }}\n"));
    schema(&text)
}

#[test]
fn long_chains_of_references_do_not_overflow() {
    assert_snapshot!(tell(Validator::compile(&chain(5001)).unwrap_err()), @r#"
    error[schema-invalid] schema.yaml:1:1: more than 5000 schemas in a row lead from one to the next
    "#);
    let validator = Validator::compile(&chain(2000)).unwrap();
    let value = |text| crate::config::schema::fixture::document(text).root;
    assert!(validator.is_valid(&value("a")));
    assert!(!validator.is_valid(&value("1")));
}
