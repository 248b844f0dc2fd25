//! What is rare in schemas, and must be judged all the same.

use super::{Profile, lines, of};

macro_rules! cases {
    ($($name:ident: $($old:literal => $new:literal gives $lines:expr),+;)+) => {
        $(#[test]
        fn $name() {
            $(
                let found = lines(&of($old, $new, Profile::Default));
                let wanted: &[&str] = $lines;
                assert_eq!(found.lines().collect::<Vec<_>>(), wanted, "{} => {}", $old, $new);
            )+
        })+
    };
}

cases! {
    values_that_are_long_or_true:
        "{const: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}"
            => "{const: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy}"
            gives &[r#"breaking const-changed . "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#],
        "{const: true}"
            => "{const: false}"
            gives &["breaking const-changed . true"];
    what_cannot_be_told_of_values_is_unknown:
        "{enum: [ab]}"
            => "{enum: [ab], pattern: '(?=a)'}"
            gives &["unknown unmodelled-keyword-changed ."],
        "{enum: [ab], pattern: '(?=a)'}"
            => "{enum: [ab, c], pattern: '(?=b)'}"
            gives &["unknown unmodelled-keyword-changed .", "compatible enum-value-added ."],
        "{type: number, multipleOf: 1e300}"
            => "{type: number, multipleOf: 2e300}"
            gives &["unknown multiple-of-changed ."];
    schemas_of_the_language_and_what_is_none:
        "{type: object}"
            => "{$ref: 'https://json-schema.org/draft/2020-12/schema'}"
            gives &["unknown unmodelled-keyword-changed .", "compatible null-added .", "compatible type-added ."],
        "{properties: {a: 5}}"
            => "{properties: {a: 6}}"
            gives &["unknown unmodelled-keyword-changed ."];
    encodings_refuse_in_draft_7_and_describe_later:
        "{$schema: 'http://json-schema.org/draft-07/schema#', type: string}"
            => "{$schema: 'http://json-schema.org/draft-07/schema#', type: string, contentEncoding: base64}"
            gives &[r#"breaking unmodelled-keyword-changed . "a""#],
        "{type: string}"
            => "{type: string, contentEncoding: base64}"
            gives &["risk unmodelled-keyword-changed ."];
    keywords_of_other_dialects:
        "{type: object}"
            => "{type: object, dependencies: {a: [b]}}"
            gives &["unknown unmodelled-keyword-changed ."],
        "{$schema: 'https://json-schema.org/draft/2019-09/schema', type: object, properties: {n: {}}}"
            => "{$schema: 'https://json-schema.org/draft/2019-09/schema', type: object, properties: {n: {$recursiveRef: '#'}}}"
            gives &[r#"breaking unmodelled-keyword-changed n {"n":true}"#],
        "{$schema: 'http://json-schema.org/draft-07/schema#', type: array, items: [{type: string}], additionalItems: true}"
            => "{$schema: 'http://json-schema.org/draft-07/schema#', type: array, items: [{type: string}], additionalItems: {type: integer}}"
            gives &[r#"breaking items-narrowed . ["a",true]"#];
    multiples_and_bounds:
        "{type: integer, multipleOf: 4}"
            => "{type: integer, multipleOf: 2}"
            gives &["compatible multiple-of-removed ."],
        "{type: integer, multipleOf: 2}"
            => "{type: integer, multipleOf: 4}"
            gives &["breaking multiple-of-changed . 2"],
        "{type: number, exclusiveMinimum: 1}"
            => "{type: number, exclusiveMinimum: 2}"
            gives &["breaking minimum-raised . 2"],
        "{type: string}"
            => "{type: string, minLength: 99999999999999999999}"
            gives &[r#"breaking unmodelled-keyword-changed . "a""#];
    names_by_pattern:
        "{type: object, patternProperties: {'^a': {type: string}, 'b$': {minLength: 1}}}"
            => "{type: object, patternProperties: {'^a': {type: string}, 'b$': {minLength: 2}}}"
            gives &[r#"breaking min-length-raised * {"b":"a"}"#],
        "{type: object, patternProperties: {'^a': {type: string}}}"
            => "{type: object, patternProperties: {'^a': {type: string}, 'b$': {minLength: 2}}}"
            gives &[r#"breaking min-length-raised * {"ab":"a"}"#, "risk pattern-property-added ."],
        "{type: object, patternProperties: {'.*': {type: string}}}"
            => "{type: object}"
            gives &["risk pattern-property-removed ."],
        "{type: object, patternProperties: {'^a': {type: string}}}"
            => "{type: object, additionalProperties: {type: integer}}"
            gives &[r#"breaking type-changed * {"a":"a"}"#, "risk additional-values-narrowed .", "risk pattern-property-removed ."],
        "{type: object, patternProperties: {'^a': false}}"
            => "{type: object, patternProperties: {'^b': {type: string}}}"
            gives &["risk pattern-property-added ."],
        "{type: object, additionalProperties: false, patternProperties: {'^a': {}}}"
            => "{type: object, additionalProperties: false, patternProperties: {'^b': {}}}"
            gives &[r#"breaking pattern-property-removed . {"a":true}"#, "compatible pattern-property-added ."];
    conditions_that_ask_for_less_or_more:
        "{type: object, if: {required: [a]}, then: {required: [b]}}"
            => "{type: object, if: {required: [a]}, then: {}}"
            gives &["compatible required-removed b"],
        "{type: object, if: {required: [a]}, then: {required: [b]}}"
            => "{type: object, if: {required: [a]}}"
            gives &["compatible condition-removed ."],
        "{type: object, if: {required: [a]}, then: {required: [b]}}"
            => "{type: object, if: {required: [a]}, then: {required: [b]}, else: {required: [c]}}"
            gives &["breaking condition-changed . {}"],
        "{type: object, if: {required: [a]}, then: {required: [b]}, else: {required: [c]}}"
            => "{type: object, if: {required: [a]}, else: {minProperties: 1}}"
            gives &["compatible condition-removed .", "compatible required-removed c"];
    a_limit_beside_a_closed_tuple_goes:
        "{type: array, prefixItems: [{}, {}, {}], items: false, maxItems: 2}"
            => "{type: array, prefixItems: [{}, {}], items: false}"
            gives &[],
        "{type: array, prefixItems: [{}, {}, {}], items: false, maxItems: 2}"
            => "{type: array, prefixItems: [{}], items: false}"
            gives &["breaking tuple-closed . [true,true]"],
        "{type: array, prefixItems: [{}, {}, {}], items: false, maxItems: 2}"
            => "{type: array, prefixItems: [{}, {}, {}], items: false}"
            gives &["compatible max-items-raised ."];
    items_that_differ_within_a_limit:
        "{type: array, contains: {const: 1}, minContains: 0, maxContains: 1, uniqueItems: true, items: {enum: [1, 2]}, minItems: 2}"
            => "false"
            gives &["breaking schema-became-unsatisfiable . [2,1]"];
}
