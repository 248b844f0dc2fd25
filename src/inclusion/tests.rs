use std::sync::Arc;

use super::{Answer, Assume, Claim, Engine, Inclusion, included};
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
    what_rests_on_an_open_goal_is_not_settled_with_another:
        // `h` of `Q` seems to have no model while `G` is looked for within `A`; it has one.
        "{type: object, required: [x, y], properties: {x: {$ref: '#/$defs/A'}, y: {$ref: '#/$defs/Q'}}, $defs: {
            A: {type: object, anyOf: [
                {required: [g], properties: {g: {$ref: '#/$defs/G'}}},
                {required: [h], properties: {h: {$ref: '#/$defs/Q'}}},
                {required: [n]}]},
            G: {type: object, anyOf: [
                {required: [h], properties: {h: {$ref: '#/$defs/H'}}},
                {required: [a], properties: {a: {$ref: '#/$defs/A'}}}]},
            H: {type: object, required: [g], properties: {g: {$ref: '#/$defs/G'}}},
            Q: {type: object, required: [h], properties: {h: {$ref: '#/$defs/H'}}}}}"
            => "false" is r#"{"x":{"n":true},"y":{"h":{"g":{"a":{"n":true}}}}}"#,
        "{type: object, required: [a], properties: {a: {allOf: [{$ref: '#'}, {maxProperties: 3}]}}}"
            => "false" is "proved",
        "{type: object, properties: {a: {allOf: [{$ref: '#'}, {maxProperties: 3}]}}, additionalProperties: false}"
            => "{type: object, properties: {a: {maxProperties: 2}}}" is "proved";
    limits_on_items_that_differ:
        "{type: array, minItems: 2, uniqueItems: true, items: {enum: [1, 2]}, contains: {const: 1}, minContains: 0, maxContains: 1}"
            => "false" is "[2,1]",
        "{type: array, minItems: 3, uniqueItems: true, items: {enum: [1, 2, 3]}, contains: {enum: [1, 2]}, minContains: 0, maxContains: 1}"
            => "false" is "proved",
        "{type: array, minItems: 3, uniqueItems: true, items: {enum: [1, 2, 3, 4]}, contains: {enum: [1, 2]}, minContains: 0, maxContains: 1}"
            => "false" is "[3,4,1]",
        "{type: array, minItems: 65, uniqueItems: true, items: {type: boolean}}" => "false" is
            "unknown: the schemas are too entangled to be compared to the end";
    one_item_is_no_two:
        "{type: array, maxItems: 1}" => "{uniqueItems: true}" is "proved",
        "{type: array, maxItems: 2}" => "{uniqueItems: true}" is "[true,true]";
    several_limits_on_items:
        "{type: array, items: {enum: [1, 2]}, minItems: 2, contains: {const: 1}, minContains: 0, maxContains: 1,
            allOf: [{contains: {const: 2}, minContains: 0, maxContains: 1}]}" => "false" is "[1,2]",
        "{type: array, items: {enum: [1, 2]}, minItems: 3, contains: {const: 1}, minContains: 0, maxContains: 1,
            allOf: [{contains: {const: 2}, minContains: 0, maxContains: 1}]}" => "false" is "proved",
        // Which two items are the same and what counts them at once is not gone into.
        "{type: array, items: {enum: [1, 2]}, minItems: 3, contains: {const: 1}, minContains: 0, maxContains: 1,
            allOf: [{contains: {const: 2}, minContains: 0, maxContains: 2}]}" => "{uniqueItems: true}" is
            "unknown: several `contains` is not modelled",
        "{type: array, items: {const: 1}, minItems: 3, contains: {const: 1}, maxContains: 2}" => "false" is "proved",
        "{type: array, items: {type: string, pattern: '(?=a)'}, minItems: 1, contains: {const: b}, minContains: 0, maxContains: 0}"
            => "false" is "unknown: the pattern `(?=a)` is not modelled",
        "{type: array, items: {type: string, pattern: '(?=a)'}, minItems: 2, uniqueItems: true}"
            => "false" is "unknown: the pattern `(?=a)` is not modelled";
    one_member_may_be_all_that_is_wanted:
        "{type: object, maxProperties: 1}" => "{anyOf: [{patternProperties: {'^a': false}}, {patternProperties: {'b$': false}}]}"
            is r#"{"ab":true}"#,
        "{type: object, maxProperties: 1}"
            => "{anyOf: [{patternProperties: {'^a': false}}, {patternProperties: {'^b': false}}]}" is "proved",
        "{type: object, minProperties: 2, patternProperties: {'^[ab]$': true}, additionalProperties: false}"
            => "{anyOf: [{patternProperties: {'^[ab]$': {type: integer}}}, {patternProperties: {'^a$': {type: string}}}]}"
            is r#"{"a":true,"b":true}"#;
    enormous_counts:
        "{type: string}" => "{minLength: 99999999999999999999}" is r#""a""#,
        "{type: array}" => "{contains: true, minContains: 1e30}" is "[]",
        "{type: object}" => "{maxProperties: 1e500}" is "proved",
        "{type: string}" => "{maxLength: 99999999999999999999}" is "proved",
        "{type: array}" => "{maxItems: 99999999999999999999}" is "proved",
        "{type: array, maxItems: 3, minItems: 2000000}" => "false" is "proved",
        "{type: array, maxItems: 5, contains: {const: 1}, minContains: 2000000}" => "false" is "proved",
        "{type: array, minItems: 2000000}" => "false" is
            "unknown: the schemas are too entangled to be compared to the end",
        "{type: object, minProperties: 2000000}" => "false" is
            "unknown: the schemas are too entangled to be compared to the end",
        "{type: string, minLength: 2000000}" => "false" is
            "unknown: patterns that are too large together is not modelled",
        "{type: string, pattern: '^a', minLength: 9000}" => "false" is
            "unknown: patterns that are too large together is not modelled";
    enormous_numbers:
        "{type: number, exclusiveMinimum: 170141183460469231731687303715884105727}" => "false" is
            "unknown: numbers that are too far apart is not modelled",
        "{type: number, exclusiveMaximum: -170141183460469231731687303715884105728}" => "false" is
            "unknown: numbers that are too far apart is not modelled";
    what_is_not_one_of_some_values:
        "{enum: [1, {a: 1}]}" => "{enum: [1, {a: 2}]}" is r#"{"a":1}"#,
        "{type: object, required: [a], properties: {a: {const: 1}}, additionalProperties: false}"
            => "{enum: [{a: 1}]}" is "proved",
        "{type: object, required: [a], properties: {a: {const: 1}}}" => "{enum: [{a: 1}]}" is r#"{"a":1,"other":true}"#,
        "{type: array, items: {const: 1}, minItems: 2, maxItems: 2}" => "{enum: [[1, 1]]}" is "proved",
        "{type: array, items: {const: 1}, minItems: 2, maxItems: 3}" => "{enum: [[1, 1]]}" is "[1,1,1]",
        "{type: array}" => "{enum: [[]]}" is "[true]",
        "{type: object, propertyNames: {not: {enum: [1, a]}}, required: [a]}" => "false" is "proved";
    alternatives_of_one_or_all:
        "{oneOf: [{type: string}]}" => "{type: string}" is "proved",
        "{type: ['null', boolean, integer, number, string, array, object]}" => "{}" is "proved",
        "{}" => "{type: ['null', boolean, integer, number, string, array, object]}" is "proved";
    dialects:
        "{$schema: 'http://json-schema.org/draft-04/schema#', type: number, minimum: 1, exclusiveMinimum: true}"
            => "{exclusiveMinimum: 1}" is "proved",
        "{$schema: 'http://json-schema.org/draft-07/schema#', items: {type: integer}, additionalItems: false}"
            => "{type: array, items: {type: integer}}" is "true",
        "{$schema: 'http://json-schema.org/draft-07/schema#', type: array, items: {type: integer}, additionalItems: false}"
            => "{maxItems: 2}" is "[0,0,0]",
        "{$schema: 'http://json-schema.org/draft-07/schema#', type: string}"
            => "{$schema: 'http://json-schema.org/draft-07/schema#', contentEncoding: base64}" is
            "unknown: how a text is encoded `base64` is not modelled",
        "{$schema: 'http://json-schema.org/draft-07/schema#', type: integer}"
            => "{$schema: 'http://json-schema.org/draft-07/schema#', contentEncoding: base64}" is "proved",
        "{type: object}" => "{dependencies: {a: [b]}}" is "unknown: `dependencies` is not modelled",
        "{type: string}" => "{dependencies: {a: [b]}}" is "proved",
        "{type: integer, dependencies: {a: [b]}}" => "{minimum: 3}" is "0",
        "{$schema: 'https://json-schema.org/draft/2019-09/schema', type: array, items: [{type: integer}], unevaluatedItems: {type: boolean}}"
            => "{type: array, prefixItems: [{type: integer}], items: {type: boolean}}" is "proved";
    dynamic_references:
        "{type: object, properties: {n: {$dynamicRef: '#node'}}, $dynamicAnchor: node}"
            => "{type: object, properties: {n: {$ref: '#'}}}" is "proved",
        "{type: object, properties: {n: {$dynamicRef: '#node'}}, allOf: [{$dynamicAnchor: node}], $defs: {x: {$dynamicAnchor: node}}}"
            => "{properties: {n: {type: object}}}" is "unknown: a dynamic reference is not modelled",
        "{type: object}" => "{$dynamicRef: '#node', unevaluatedProperties: false, allOf: [{$dynamicAnchor: node}], $defs: {x: {$dynamicAnchor: node}}}"
            is "unknown: a dynamic reference is not modelled";
    unevaluated_after_conditions:
        "{type: object, if: {properties: {a: {type: integer}}, required: [a]}, else: {properties: {b: {}}}, unevaluatedProperties: false}"
            => "{propertyNames: {enum: [a, b]}}" is "proved",
        "{type: object, if: {properties: {a: {type: integer}}, required: [a]}, else: {properties: {b: {}}}, unevaluatedProperties: false}"
            => "{propertyNames: {const: a}}" is r#"{"b":true}"#,
        "{type: object, if: {required: [a]}, unevaluatedProperties: false}" => "{maxProperties: 0}" is "proved",
        "{$schema: 'https://json-schema.org/draft/2019-09/schema', allOf: [{$ref: '#/$defs/a'}], type: object, unevaluatedProperties: false,
            $defs: {a: {properties: {a: {}}}}}" => "{propertyNames: {const: a}}" is "proved";
    unevaluated_where_there_is_too_much_to_write_out:
        "{type: array, items: {const: 1}, minItems: 1}" => "{unevaluatedItems: false, anyOf: [{contains: {const: 1}}, {contains: {const: 2}}, {contains: {const: 3}}, {contains: {const: 4}}, {contains: {const: 5}}, {contains: {const: 6}}, {contains: {const: 7}}]}"
            is "unknown: `unevaluatedItems` is not modelled",
        "{type: string}" => "{unevaluatedItems: false, anyOf: [{}, {contains: {const: 1}}, {contains: {const: 2}}, {contains: {const: 3}}, {contains: {const: 4}}, {contains: {const: 5}}, {contains: {const: 6}}, {contains: {const: 7}}]}" is "proved",
        "{type: object}" => "{unevaluatedProperties: false, anyOf: [{patternProperties: {'^a': true}}, {patternProperties: {'^b': true}}, {patternProperties: {'^c': true}}, {patternProperties: {'^d': true}}, {patternProperties: {'^e': true}}, {patternProperties: {'^f': true}}, {patternProperties: {'^g': true}}]}"
            is "unknown: `unevaluatedProperties` is not modelled";
    names_of_patterns_that_are_not_modelled:
        "{type: object, required: [a], properties: {a: {type: string}}, patternProperties: {'(?=a)': {type: integer}}}"
            => "false" is "unknown: a pattern of names is not modelled",
        "{type: object, required: [a], patternProperties: {'(?=a)': {type: integer}}}"
            => "{properties: {a: {type: integer}}}" is "unknown: a pattern of names is not modelled",
        "{type: object, minProperties: 1, additionalProperties: {type: string, pattern: '(?=a)'}}"
            => "false" is "unknown: the pattern `(?=a)` is not modelled",
        "{type: object, minProperties: 1, propertyNames: {minLength: 2000000}}"
            => "false" is "unknown: patterns that are too large together is not modelled",
        "{type: object, minProperties: 1, additionalProperties: {type: string, minLength: 2000000}}"
            => "false" is "unknown: patterns that are too large together is not modelled",
        "{type: object, required: [a], additionalProperties: {type: string, minLength: 2000000}}"
            => "{properties: {a: {type: integer}}}" is "unknown: patterns that are too large together is not modelled";
    characters_at_the_edge_of_what_there_is:
        r"{type: string, pattern: '^[\ud7ff]$'}" => r"{pattern: '^[\ue000]$'}" is "\"\u{d7ff}\"",
        r"{type: string, pattern: '^[^\u0000-\ud7ff]$', maxLength: 1}" => r"{pattern: '^[\ue000-\uffff]$'}" is "\"\u{10000}\"";
    what_is_no_schema:
        "{type: 5}" => "{type: 6}" is "unknown: the type is not modelled",
        "{type: object}" => "{properties: {a: 5}}" is "unknown: something that is no schema is not modelled",
        "{type: string}" => "{minLength: x}" is "unknown: a count `x` is not modelled",
        "{type: string}" => "{maxLength: -3}" is "unknown: a count is not modelled",
        "{type: string}" => "{maxLength: 2.5}" is "unknown: a count is not modelled",
        "{type: array}" => "{contains: true, minContains: x}" is "unknown: a count is not modelled",
        "{type: number}" => "{exclusiveMinimum: true}" is "unknown: a bound is not modelled",
        "{type: number}" => "{multipleOf: 0}" is "unknown: numbers that are too far apart is not modelled",
        "{type: number, multipleOf: 0}" => "false" is "unknown: numbers that are too far apart is not modelled",
        "{enum: [.nan]}" => "{enum: [.nan, 1]}" is "unknown: a value that is no JSON is not modelled",
        "{type: string}" => "{$ref: '#/$defs/none'}" is "unknown: a reference `#/$defs/none` is not modelled";
    values_that_cannot_be_told:
        "{enum: [ab], pattern: '(?=a)'}" => "false" is "unknown: the pattern `(?=a)` is not modelled",
        "{enum: [[ab]], items: {pattern: '(?=a)'}}" => "false" is "unknown: something further down is not modelled",
        "{type: string, pattern: '(?=a)'}" => "{oneOf: [{pattern: '(?=b)'}, {maxLength: 3}]}" is
            "unknown: the pattern `(?=a)` is not modelled",
        "{type: array, contains: {type: string, pattern: '(?=a)'}}" => "{maxItems: 1, contains: {pattern: '(?=b)'}}" is
            "unknown: the pattern `(?=a)` is not modelled";
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

/// Nests a schema in a row of others, each of which needs the next.
fn row(length: usize, last: &str) -> String {
    let each = (0..length).map(|at| {
        let next = at + 1;
        format!(
            "d{at}: {{type: object, required: [n], properties: {{n: {{$ref: '#/$defs/d{next}'}}}}}}"
        )
    });
    let each: Vec<String> = each.chain([format!("d{length}: {last}")]).collect();
    format!("{{$ref: '#/$defs/d0', $defs: {{{}}}}}", each.join(", "))
}

#[test]
fn recursive_schemas_that_are_long_to_tell_apart_are_compared_all_the_same() {
    let ring = |last: &str| {
        row(
            60,
            &format!("{{type: object, properties: {{n: {{$ref: '#/$defs/d0'}}, {last}}}}}"),
        )
    };
    assert_eq!(
        verdict(
            &ring("a: {type: string}"),
            &ring("a: {type: [string, integer]}")
        ),
        "proved"
    );
    let witness = verdict(
        &ring("a: {type: [string, integer]}"),
        &ring("a: {type: string}"),
    );
    assert!(
        witness.ends_with(&format!(r#"{{"a":0}}{}"#, "}".repeat(60))),
        "{witness}"
    );
}

#[test]
fn chains_that_point_back_are_compared_however_late_they_differ() {
    let chain = |head: &str| {
        let each = (1..60).map(|at| {
            let (up, next) = (at - 1, at + 1);
            format!("d{at}: {{properties: {{up: {{$ref: '#/$defs/d{up}'}}, n: {{$ref: '#/$defs/d{next}'}}}}}}")
        });
        let each: Vec<String> = each
            .chain(["d60: {properties: {up: {$ref: '#/$defs/d59'}}}".to_owned()])
            .collect();
        format!(
            "{{$ref: '#/$defs/d0', $defs: {{d0: {{type: object, properties: {{a: {head}, n: {{$ref: '#/$defs/d1'}}}}}}, {}}}}}",
            each.join(", ")
        )
    };
    let (wide, narrow) = (chain("{type: [string, integer]}"), chain("{type: string}"));
    assert_eq!(verdict(&narrow, &wide), "proved");
    assert_eq!(verdict(&wide, &narrow), r#"{"a":0}"#);
}

#[test]
fn what_is_referred_to_over_and_over_ends() {
    let nest = |depth: usize| {
        let each = (0..depth).map(|at| {
            let next = at + 1;
            {
                let next = format!("{{$ref: '#/$defs/d{next}'}}");
                format!("d{at}: {{allOf: [{next}, {next}, {next}]}}")
            }
        });
        let each: Vec<String> = each
            .chain([format!("d{depth}: {{properties: {{a: true}}}}")])
            .collect();
        format!(
            "{{type: object, unevaluatedProperties: false, $ref: '#/$defs/d0', $defs: {{{}}}}}",
            each.join(", ")
        )
    };
    let only_a = "{propertyNames: {const: a}}";
    assert_eq!(verdict(&nest(3), only_a), "proved");
    // Too many, and too deep.
    for depth in [9, 40] {
        assert_eq!(
            verdict(&nest(depth), only_a),
            "unknown: `unevaluatedProperties` is not modelled"
        );
    }
    let deep = format!(
        "{{type: object, unevaluatedProperties: false, {}properties: {{a: true}}{}}}",
        "allOf: [{".repeat(30),
        "}]".repeat(30)
    );
    assert_eq!(
        verdict(&deep, only_a),
        "unknown: `unevaluatedProperties` is not modelled"
    );
}

#[test]
fn an_older_file_is_read_under_its_own_dialect() {
    struct Files;
    impl Loader for Files {
        fn load(&self, path: &str) -> crate::Result<Option<Loaded>> {
            Text(match path {
                "a.yaml" => "{type: object, allOf: [{$ref: b.yaml}], unevaluatedProperties: false}",
                // What stands beside the reference is not there, in this dialect.
                _ => "{$schema: 'http://json-schema.org/draft-07/schema#', $ref: '#/definitions/x', properties: {b: true}, definitions: {x: {properties: {a: true}}}}",
            }.to_owned())
            .load(path)
        }
    }
    let (schema, findings) = Schema::load(&Files, "a.yaml").unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    let (old, new) = (schema.unwrap(), read("{propertyNames: {const: a}}"));
    assert_eq!(included(&old, &new, Assume::default()), Inclusion::Proved);
}

#[test]
fn what_is_nested_too_deeply_is_unknown() {
    let entangled = "unknown: the schemas are too entangled to be compared to the end";
    assert_eq!(verdict(&row(4_100, "{type: string}"), "false"), entangled);
}

#[test]
fn a_small_budget_never_changes_a_verdict_it_only_gives_up() {
    let pairs = [
        (
            "{type: array, contains: {const: 1}, minContains: 2}",
            "{uniqueItems: true}",
        ),
        (
            "{type: array, items: {enum: [1, 2]}, minItems: 3, uniqueItems: true}",
            "false",
        ),
        (
            "{type: array, items: {enum: [1, 2]}, minItems: 2, contains: {const: 1}, minContains: 0, maxContains: 1, uniqueItems: true}",
            "false",
        ),
        (
            "{type: array, contains: {const: 1}, maxContains: 1, prefixItems: [{const: 1}, {const: 1}]}",
            "false",
        ),
        (
            "{type: object, maxProperties: 1}",
            "{anyOf: [{patternProperties: {'^a': false}}, {patternProperties: {'b$': false}}]}",
        ),
        (
            "{type: object, minProperties: 3, patternProperties: {'^[ab]$': {type: string}}, additionalProperties: false}",
            "false",
        ),
        (
            "{type: object, minProperties: 2, additionalProperties: {type: string}}",
            "{additionalProperties: {maxLength: 0}}",
        ),
        (
            "{oneOf: [{type: integer}, {minimum: 5}]}",
            "{oneOf: [{type: number}, {const: 4}]}",
        ),
        ("{enum: [1, [2], {a: 3}]}", "{enum: [1, [2]]}"),
        (
            "{type: object, required: [n], properties: {n: {anyOf: [{$ref: '#'}, {type: integer}]}}}",
            "{properties: {n: {type: object}}}",
        ),
        (
            "{type: object, if: {required: [a]}, then: {required: [b]}}",
            "{dependentRequired: {a: [b]}}",
        ),
    ];
    for (old, new) in pairs {
        let whole = verdict(old, new);
        let (old, new) = (read(old), read(new));
        let mut gave_up = 0;
        // All of the first, where the steps are few, and ever fewer of the others.
        for steps in std::iter::successors(Some(0), |steps| Some(steps + 1 + steps / 20)) {
            let mut engine = Engine::new(&[&old, &new], false);
            engine.left = steps;
            let found = match engine.included(&[old.root()], &[new.root()], false) {
                Inclusion::Proved => "proved".to_owned(),
                Inclusion::Refuted(value) => value.to_json().to_string(),
                Inclusion::Unknown(why) => {
                    assert!(
                        why.contains("too entangled") || why.contains("not modelled"),
                        "{why}"
                    );
                    gave_up += 1;
                    continue;
                }
            };
            assert_eq!(found, whole, "with {steps} steps");
            break;
        }
        assert!(gave_up > 0);
    }
}

#[test]
fn what_nothing_declares_is_left_out_however_it_recurses() {
    let old = read("{type: object, properties: {n: {allOf: [{$ref: '#'}, {minProperties: 1}]}}}");
    let new = read("{type: object, properties: {n: {additionalProperties: {type: object}}}}");
    let assume = Assume {
        declared_only: true,
        formats: false,
    };
    // Free names are not used, so that what is within `n` is another `n`.
    assert_eq!(included(&old, &new, assume), Inclusion::Proved);
    assert!(matches!(
        included(&old, &new, Assume::default()),
        Inclusion::Refuted(_)
    ));
}

#[test]
fn formats_that_refuse_are_not_modelled() {
    let (old, new) = (read("{type: string}"), read("{format: date}"));
    let assume = Assume {
        declared_only: false,
        formats: true,
    };
    assert_eq!(included(&old, &new, Assume::default()), Inclusion::Proved);
    assert_eq!(
        included(&old, &new, assume),
        Inclusion::Unknown("the format `date` is not modelled".to_owned())
    );
}

#[test]
fn schemas_are_disjoint_when_no_value_holds_two() {
    let schema = read(
        "{anyOf: [{type: string}, {type: integer}, {minimum: 3}, {oneOf: [{type: string}, {maxLength: 3}]}]}",
    );
    let mut engine = Engine::new(&[&schema], false);
    let branch = |at: usize| {
        let pointer = format!("/anyOf/{at}").parse().unwrap();
        schema.node("a.yaml", &pointer).unwrap()
    };
    assert!(engine.disjoint(&[branch(0), branch(1)]));
    assert!(!engine.disjoint(&[branch(1), branch(2)]));
    assert!(engine.disjoint(&[branch(3)]));
    assert!(engine.disjoint(&[]));
}

#[test]
fn texts_and_broken_keywords_that_cannot_be() {
    let schema = read("{type: string, maxLength: 3}");
    let mut engine = Engine::new(&[&schema], false);
    assert_eq!(engine.text(&[("^a", true), ("^b", true)], &[]), None);
    assert_eq!(engine.text(&[("(?=a)", true)], &[]), None);
    assert_eq!(engine.text(&[("^a", true)], &["a"]).as_deref(), Some("aa"));
    let breaks = |key| [Claim::Breaks(schema.root(), key)];
    assert_eq!(engine.find(&breaks("minLength"), false), Answer::Impossible);
    let Answer::Value(value) = engine.find(&breaks("maxLength"), false) else {
        panic!()
    };
    assert_eq!(value.as_str(), Some("aaaa"));
}
