use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::config::schema::Validator;
use crate::config::schema::fixture::{Memory, document, schema, tell};
use crate::document::Value;
use crate::report::Location;
use crate::text::Pointer;

/// Says what the validator says, and makes sure that findings go with it.
fn holds(validator: &Validator, value: &Value) -> bool {
    let source = document("{}").source;
    let locate = |pointer: &Pointer| Location::file(&source).with_pointer(pointer.clone());
    let found = validator.validate(value, None, &locate);
    let valid = validator.is_valid(value);
    assert_eq!(valid, found.is_empty(), "{}", tell(found));
    valid
}

/// One case for each dialect: the schema, a value that holds to it, and one that does not.
#[test]
fn every_dialect_is_read_as_its_own() {
    for (dialect, text, good, bad) in [
        (
            "http://json-schema.org/draft-04/schema#",
            "minimum: 5\nexclusiveMinimum: true\n",
            "6",
            "5",
        ),
        (
            "http://json-schema.org/draft-06/schema#",
            "exclusiveMinimum: 5\nif: { const: 7 }\nthen: false\n",
            "7",
            "5",
        ),
        (
            "http://json-schema.org/draft-07/schema#",
            "definitions: { a: { type: string } }\nproperties: { a: { $ref: '#/definitions/a', maxLength: 1 } }\n\
             if: { required: [a] }\nthen: { required: [b] }\n",
            "{ a: long, b: 1 }",
            "{ a: long }",
        ),
        (
            "https://json-schema.org/draft/2019-09/schema",
            "items: [{ type: string }]\nadditionalItems: false\n$ref: '#/$defs/a'\n$defs: { a: { minItems: 1 } }\n",
            "[a]",
            "[]",
        ),
        (
            "https://json-schema.org/draft/2020-12/schema",
            "prefixItems: [{ type: string }]\nitems: false\n$ref: '#/$defs/a'\n$defs: { a: { minItems: 1 } }\n",
            "[a]",
            "[a, b]",
        ),
    ] {
        let schema = schema(&format!("$schema: {dialect}\n{text}"));
        let validator = Validator::compile(&schema).unwrap();
        assert!(holds(&validator, &document(good).root), "{dialect}");
        assert!(!holds(&validator, &document(bad).root), "{dialect}");
        assert_eq!(validator.schema().dialect().uri(), dialect);
    }
}

#[test]
fn numbers_are_exact() {
    let validator =
        Validator::compile(&schema("multipleOf: 0.01\nmaximum: 99999999999999999999\n")).unwrap();
    for (text, valid) in [
        ("1.10", true),
        ("0.07", true),
        ("0.075", false),
        ("99999999999999999999", true),
        ("1e400", false),
        ("1e1000000000", false),
        ("-1e1000000000", true),
    ] {
        assert_eq!(validator.is_valid(&document(text).root), valid, "{text}");
    }
    let validator = Validator::compile(&schema("type: number\n")).unwrap();
    assert!(!validator.is_valid(&document(".inf").root));
    assert!(validator.is_valid(&document("0x1f").root));
}

#[test]
fn files_of_different_dialects_go_together() {
    let files = Memory::new(&[
        (
            "a.yaml",
            "properties: { x: { $ref: b.yaml }, y: { $ref: 'c/d.yaml#/$defs/y' } }\n",
        ),
        (
            "b.yaml",
            "$schema: http://json-schema.org/draft-04/schema#\nminimum: 5\nexclusiveMinimum: true\n",
        ),
        (
            "c/d.yaml",
            "$id: https://x.org/d\n$defs: { y: { $id: inner, $ref: '#/$defs/z', $defs: { z: { type: string } } } }\n",
        ),
    ]);
    let (schema, found) = files.load();
    assert_eq!(tell(found), "");
    let validator = Validator::compile(&schema.unwrap()).unwrap();
    assert!(holds(&validator, &document("{ x: 6, y: a }").root));
    assert!(!holds(&validator, &document("{ x: 5 }").root));
    assert!(!holds(&validator, &document("{ y: 5 }").root));
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-3i64..6).prop_map(Json::from),
        Just(json!(1.5)),
        "[abc]{0,3}".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            prop::collection::btree_map("[abc]", inner, 0..3)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

fn any_schema() -> impl Strategy<Value = Json> {
    let types = prop::sample::select(vec![
        "null", "boolean", "integer", "number", "string", "array", "object",
    ]);
    let leaf = prop_oneof![
        any::<bool>().prop_map(Json::from),
        types.clone().prop_map(|name| json!({ "type": name })),
        prop::collection::btree_set(types, 1..3).prop_map(|names| json!({ "type": names })),
        prop::collection::vec(any_json(), 1..3).prop_map(|values| json!({ "enum": values })),
        any_json().prop_map(|value| json!({ "const": value })),
        (-2i64..4).prop_map(|n| json!({ "minimum": n, "exclusiveMaximum": n + 3 })),
        (0u64..3).prop_map(|n| json!({ "minLength": n, "maxItems": n, "minProperties": n })),
        Just(json!({ "multipleOf": 2, "uniqueItems": true, "pattern": "^a" })),
        prop::collection::btree_set("[abc]", 1..3).prop_map(|names| json!({ "required": names })),
        Just(json!({ "$ref": "#/$defs/d" })),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            prop::collection::btree_map("[abc]", inner.clone(), 0..3)
                .prop_map(|map| json!({ "properties": map, "additionalProperties": false })),
            inner.clone().prop_map(|s| json!({ "properties": { "a": true }, "additionalProperties": s })),
            inner.clone().prop_map(|s| json!({ "patternProperties": { "^[ab]": s } })),
            inner.clone().prop_map(|s| json!({ "propertyNames": s })),
            inner.clone().prop_map(|s| json!({ "contains": s, "maxContains": 1 })),
            inner.clone().prop_map(|s| json!({ "not": s })),
            inner.clone().prop_map(|s| json!({ "items": s })),
            inner.clone().prop_map(|s| json!({ "prefixItems": [s], "unevaluatedItems": false })),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(i, t, e)| json!({ "if": i, "then": t, "else": e })),
            inner.clone().prop_map(|s| json!({ "dependentSchemas": { "a": s }, "dependentRequired": { "b": ["c"] } })),
            (inner, list.clone())
                .prop_map(|(s, l)| json!({ "allOf": l, "properties": { "a": s }, "unevaluatedProperties": false })),
            list.clone().prop_map(|l| json!({ "allOf": l })),
            list.clone().prop_map(|l| json!({ "anyOf": l })),
            list.prop_map(|l| json!({ "oneOf": l })),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// What holds here holds for the validator asked directly, and what does not is told.
    #[test]
    fn agrees_with_the_validator_asked_directly(schema in any_schema(), value in any_json()) {
        let mut schema = schema;
        if let Json::Object(map) = &mut schema {
            map.insert("$defs".into(), json!({ "d": { "type": ["integer", "object"] } }));
        }
        let direct = jsonschema::validator_for(&schema);
        prop_assume!(direct.is_ok() || schema.is_object());
        prop_assume!(schema.is_object());
        let (ours, found) = Memory(vec![("schema.json", schema.to_string())]).load();
        prop_assert!(found.is_empty());
        let ours = Validator::compile(&ours.expect("a schema")).unwrap();
        let given = document(&value.to_string()).root;
        prop_assert_eq!(given.to_json(), value.clone());
        prop_assert_eq!(holds(&ours, &given), direct.unwrap().is_valid(&value));
    }
}
