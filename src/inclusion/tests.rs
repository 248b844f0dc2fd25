use std::sync::Arc;

use super::{Assume, Inclusion, included};
use crate::config::schema::{Loaded, Loader, Schema, Validator};
use crate::document::{Format, parse};
use crate::text::Source;

struct Text(String);

impl Loader for Text {
    fn load(&self, path: &str) -> crate::Result<Option<Loaded>> {
        let source = Arc::new(Source::new(path, self.0.clone()));
        let parsed = parse(&source, Format::Yaml);
        let document = parsed.documents.into_iter().next().map(Arc::new);
        Ok(Some(Loaded {
            document,
            findings: parsed.findings,
        }))
    }
}

fn read(text: &str) -> Schema {
    let (schema, _) = Schema::load(&Text(text.to_owned()), "a.yaml").unwrap();
    schema.unwrap_or_else(|| panic!("{text}"))
}

/// Says what was found: `proved`, the witness as JSON, or why it is unknown.
fn verdict(old: &str, new: &str) -> String {
    let (old, new) = (read(old), read(new));
    match included(&old, &new, Assume::default()) {
        Inclusion::Proved => "proved".to_owned(),
        Inclusion::Refuted(value) => {
            let check = |schema: &Schema| Validator::compile(schema).unwrap().is_valid(&value);
            assert!(check(&old), "old refuses {}", value.to_json());
            assert!(!check(&new), "new admits {}", value.to_json());
            value.to_json().to_string()
        }
        Inclusion::Unknown(why) => format!("unknown: {why}"),
    }
}

macro_rules! cases {
    ($($name:ident: $($old:literal => $new:literal is $verdict:literal),+ $(,)?;)+) => {
        $(#[test]
        fn $name() {
            $(assert_eq!(verdict($old, $new), $verdict, "{} => {}", $old, $new);)+
        })+
    };
}

cases! {
    types_and_lists:
        "{type: integer}" => "{type: number}" is "proved",
        "{type: number}" => "{type: integer}" is "0.1",
        "{enum: [1, two, null]}" => "{type: [integer, string, 'null']}" is "proved",
        "{enum: [1, two, [3]]}" => "{enum: [1, two]}" is "[3]",
        "{type: boolean}" => "{enum: [true, false]}" is "proved",
        "{const: 1.0}" => "{enum: [1]}" is "proved",
        "{type: integer, minimum: 1, maximum: 3}" => "{enum: [1, 2, 3]}" is "proved",
        "{type: integer, minimum: 1, maximum: 4}" => "{enum: [1, 2, 3]}" is "4",
        "{type: [string, 'null']}" => "{anyOf: [{type: string}, {type: 'null'}]}" is "proved";
    recursion:
        "{type: object, properties: {next: {$ref: '#'}}}"
            => "{type: object, properties: {next: {$ref: '#/$defs/n'}}, $defs: {n: {type: object, properties: {next: {$ref: '#'}}}}}"
            is "proved",
        "{type: object, properties: {next: {$ref: '#'}, a: {type: integer}}}"
            => "{type: object, properties: {next: {$ref: '#'}, a: {type: integer, minimum: 0}}}"
            is r#"{"a":-1}"#,
        // Nothing at all is of a type that needs itself.
        "{type: object, required: [next], properties: {next: {$ref: '#'}}}" => "false" is "proved",
        "{type: array, minItems: 1, items: {$ref: '#'}}" => "false" is "proved",
        "{type: array, items: {$ref: '#'}}" => "{type: array, maxItems: 2}" is "[[],[],[]]";
    objects:
        "{required: [a, b]}" => "{minProperties: 2}" is r#"proved"#,
        "{type: object, minProperties: 10}" => "{minProperties: 5}" is "proved",
        "{type: object, maxProperties: 5}" => "{maxProperties: 10}" is "proved",
        "{type: object, additionalProperties: {type: string}}"
            => "{type: object, patternProperties: {'^x-': {type: string, minLength: 1}}}"
            is r#"{"x-other":""}"#,
        "{type: object, additionalProperties: false, patternProperties: {'^a': true}}"
            => "{type: object, propertyNames: {pattern: '^[a-c]'}}" is "proved",
        "{type: object, properties: {a: {type: integer}}, required: [a]}"
            => "{type: object, properties: {a: {type: string}}}" is r#"{"a":0}"#,
        "{type: object, maxProperties: 1, required: [a]}"
            => "{type: object, properties: {b: false}}" is "proved",
        "{type: object, dependentRequired: {a: [b]}}"
            => "{type: object, if: {required: [a]}, then: {required: [b]}}" is "proved",
        "{type: object, minProperties: 3, additionalProperties: false, properties: {a: {}, b: {}}}"
            => "false" is "proved";
    arrays:
        "{type: array, items: {type: boolean}, uniqueItems: true}" => "{maxItems: 2}" is "proved",
        "{type: array, contains: {const: 1}, minContains: 2}" => "{uniqueItems: true}" is "[1,1]",
        "{type: array, contains: {const: 1}, minContains: 2}" => "{minItems: 2}" is "proved",
        "{type: array, contains: {type: integer}, maxContains: 1}"
            => "{type: array, contains: {type: number}, maxContains: 1}" is "[0,0.1]",
        "{type: array, prefixItems: [{type: string}], items: false}"
            => "{type: array, maxItems: 1}" is "proved",
        "{type: array, items: {type: integer}}"
            => "{type: array, prefixItems: [{type: integer}], items: {type: number}}" is "proved",
        "{$schema: 'http://json-schema.org/draft-07/schema#', items: [{type: string}, {type: integer}], additionalItems: false}"
            => "{maxItems: 2}" is "proved",
        "{type: array, uniqueItems: true, minItems: 2, prefixItems: [{enum: [1]}, {enum: [1, 2]}], items: {enum: [2, 1]}}"
            => "{maxItems: 1}" is "[1,2]",
        "{type: array, uniqueItems: true, minItems: 3, items: {enum: [2, 1]}}" => "false" is "proved";
    alternatives:
        "{oneOf: [{type: integer}, {type: string}]}" => "{anyOf: [{type: integer}, {type: string}]}" is "proved",
        "{anyOf: [{type: integer}, {type: string}]}" => "{oneOf: [{type: integer}, {type: string}]}" is "proved",
        "{anyOf: [{type: integer}, {minimum: 5}]}" => "{oneOf: [{type: integer}, {type: number, minimum: 5}]}" is "true",
        "{type: number}" => "{oneOf: [{type: integer}, {minimum: 5}]}" is "0.1",
        "{type: number}" => "{oneOf: [{type: number}, {const: 4, oneOf: [true, {type: integer}]}, true]}" is "0",
        "{not: {not: {type: string}}}" => "{type: string}" is "proved",
        "{not: {type: string}}" => "{type: [number, 'null', boolean, array, object]}" is "proved",
        "{if: {type: string}, then: {minLength: 3}, else: {type: integer}}"
            => "{anyOf: [{type: string, minLength: 2}, {type: number}]}" is "proved",
        "{allOf: [{minimum: 3}, {maximum: 2}], type: number}" => "false" is "proved";
    unevaluated:
        "{type: object, allOf: [{properties: {a: {type: integer}}}], unevaluatedProperties: false}"
            => "{type: object, properties: {a: {type: integer}}, additionalProperties: false}" is "proved",
        "{type: object, properties: {a: true}, additionalProperties: false}"
            => "{type: object, anyOf: [{properties: {a: {type: integer}}}, {properties: {b: true}}], unevaluatedProperties: false}"
            is r#"{"a":true}"#,
        "{type: array, prefixItems: [{type: integer}], contains: {type: string}, unevaluatedItems: false}"
            => "{type: array, items: {type: [integer, string]}}" is "proved",
        "{type: array, items: {type: [integer, string]}}"
            => "{type: array, prefixItems: [{type: integer}], unevaluatedItems: {type: string}}" is r#"["a"]"#;
    what_is_not_modelled_is_unknown:
        "{type: string}" => "{type: string, pattern: '^(?=a)'}" is "unknown: the pattern `^(?=a)` is not modelled",
        "{type: string, pattern: '^(?=a)'}" => "{type: string, pattern: '^(?=a)'}" is "proved",
        "{type: string, pattern: '^(?=a)'}" => "{type: string, pattern: '^(?=a)', minLength: 0}" is "proved";
}

/// Twelve alternatives with an option each, one more beside them, and nothing else.
#[test]
fn what_is_looked_at_under_many_conditions() {
    let schema = |key: &str, count: usize| {
        let branch = |at: usize| {
            let own = if at < count {
                format!(", p{at}: {{}}")
            } else {
                String::new()
            };
            format!("{{required: [k{at}], properties: {{k{at}: {{}}{own}}}}}")
        };
        let branches: Vec<String> = (0..12).map(branch).collect();
        let branches = branches.join(", ");
        format!("type: object\n{key}: [{branches}]\nunevaluatedProperties: false\n")
    };
    for key in ["anyOf", "oneOf"] {
        assert_eq!(verdict(&schema(key, 11), &schema(key, 12)), "proved");
        let lost = verdict(&schema(key, 12), &schema(key, 11));
        assert!(
            lost.contains("\"k11\"") && lost.contains("\"p11\""),
            "{lost}"
        );
    }
    // Names that stand under the same conditions, patterns, and all others.
    let old = "anyOf: [{required: [a], properties: {a: {}}, patternProperties: {^x: {}}}, {required: [b], properties: {b: {}}, additionalProperties: true}]\nunevaluatedProperties: {type: integer}\n";
    assert_eq!(verdict(old, old), "proved");
    let new = old.replace("^x", "^xy");
    assert_eq!(verdict(&new, old), "proved");
    let lost = verdict(old, &new);
    assert!(
        lost.contains("\"a\":") && !lost.contains("\"b\":"),
        "{lost}"
    );
    // Runs of items, and items that are contained.
    let old = "anyOf: [{prefixItems: [true, true], minItems: 3}, {contains: {const: 7}}, {prefixItems: [true]}]\nunevaluatedItems: {const: 1}\n";
    assert_eq!(verdict(old, old), "proved");
    assert_eq!(
        verdict(old, &old.replace("minItems: 3", "minItems: 2")),
        "proved"
    );
    let lost = verdict(old, &old.replace("const: 7", "const: 8"));
    assert!(lost.contains('7'), "{lost}");
}

#[test]
fn samples_have_their_formats() {
    use crate::config::schema::Formats;
    use crate::document::{Kind, Value};
    for (format, texts) in super::samples::SAMPLES {
        let schema = read(&format!("format: {format}\n"));
        let validator = Validator::compile_with(&schema, Formats::Assert).unwrap();
        for text in texts {
            let value = Value::detached(Kind::String((*text).into()));
            assert!(validator.is_valid(&value), "{format}: {text}");
        }
    }
}
