//! What is rare in schemas, and must be judged all the same.

use super::{Options, Policy, Profile, Verdict, compare, lines, of, schema};

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
    values_of_signs_alone_have_no_likeness:
        "{enum: ['-', a]}"
            => "{enum: ['#', a]}"
            gives &[r#"breaking enum-value-removed . "-""#, "compatible enum-value-added ."];
    what_a_pattern_leaves_open_is_no_news_where_it_stays:
        "{enum: [ab], pattern: '(?=a)'}"
            => "{enum: [ab, c], pattern: '(?=a)'}"
            gives &["unknown unmodelled-keyword-changed .", "compatible enum-value-added ."],
        "{anyOf: [{enum: [a, b], pattern: '(?=a)'}, {enum: [b, c]}]}"
            => "{anyOf: [{enum: [a, b], pattern: '(?=a)'}, {enum: [b, c, d]}]}"
            gives &["compatible enum-value-added ."];
    names_by_several_patterns:
        "{type: object, patternProperties: {'^a': {type: string}}}"
            => "{type: object, patternProperties: {'^a': {type: string}, '(?=b)': {type: string}}}"
            gives &["risk pattern-property-added .", "risk unmodelled-keyword-changed ."],
        "{type: object, patternProperties: {'^a': {type: string}, 'b$': {type: string}}}"
            => "{type: object, patternProperties: {'^a': {type: string}, 'b$': {type: string}, c: {type: string}}}"
            gives &["risk pattern-property-added ."];
    what_says_nothing_is_no_news:
        "{type: object, additionalProperties: false}"
            => "{type: object, additionalProperties: false, properties: {a: false}}"
            gives &[],
        "{type: object}"
            => "{type: object, propertyNames: {type: string}}"
            gives &[];
    units_and_ways_of_taking_effect_come_and_go:
        "{type: integer, x-unit: ms}"
            => "{type: integer, x-reload: hot}"
            gives &["risk reload-changed .", "risk unit-changed ."];
    negations_that_refuse_less:
        "{not: {minimum: 5}}"
            => "{not: {minimum: 6}}"
            gives &["compatible not-narrowed ."],
        "{maximum: 4, not: {minimum: 5}}"
            => "{maximum: 4, not: {minimum: 6}}"
            gives &[],
        "{not: {minimum: 6}}"
            => "{not: {minimum: 5}}"
            gives &["breaking not-widened . 5"];
    branches_that_say_nothing:
        "{if: {required: [a]}, then: {required: [b]}}"
            => "{if: {required: [a]}, then: {required: [b]}, else: true}"
            gives &["compatible condition-removed ."];
    references_to_nothing_on_both_sides:
        "{$ref: '#/$defs/no', maximum: 5}"
            => "{$ref: '#/$defs/no', maximum: 4}"
            gives &["breaking maximum-lowered . 5", "breaking unmodelled-keyword-changed . 5"];
    definitions_that_are_used_twice:
        "{allOf: [{$ref: '#/$defs/d'}, {$ref: '#/$defs/d'}], $defs: {d: {maximum: 5}}}"
            => "{allOf: [{$ref: '#/$defs/d'}, {$ref: '#/$defs/d'}], $defs: {d: {maximum: 4}}}"
            gives &["breaking maximum-lowered . 5"],
        "{properties: {a: {$ref: '#/$defs/d'}, b: {$ref: '#/$defs/d'}}, $defs: {d: {minimum: 1}}}"
            => "{properties: {a: {$ref: '#/$defs/d'}, b: {$ref: '#/$defs/d', default: 5}}, $defs: {d: {minimum: 2}}}"
            gives &[r#"breaking minimum-raised a {"a":1}"#, "risk default-added b"];
    bounds_that_are_no_numbers_that_fit:
        "{minimum: 1e400}"
            => "{minimum: 1e401}"
            gives &["unknown minimum-raised ."],
        "{minimum: x}"
            => "{minimum: y}"
            gives &["unknown unmodelled-keyword-changed ."];
    options_that_move_out_of_an_open_map:
        "{type: object, properties: {timeouts: {type: string, minLength: 3}, sub: {type: object}}}"
            => "{type: object, properties: {sub: {type: object, properties: {timeouts: {type: string, minLength: 3}}}}}"
            gives &[r#"breaking option-moved timeouts {"timeouts":"aaa"}"#, "compatible option-added-to-open sub.timeouts"];
}

/// Nests a schema in others.
fn nested(inner: &str, count: usize, around: &str) -> String {
    (0..count).fold(inner.to_owned(), |inner, _| around.replace('#', &inner))
}

#[test]
fn what_is_too_deep_to_follow_is_not_passed_over() {
    // Conditions nested too deep to know them all show nothing.
    let old = "{type: object, properties: {a: {maximum: 5}}}";
    let new = nested(
        "{properties: {a: {maximum: 5}}}",
        12,
        "{anyOf: [#, {required: [z]}]}",
    );
    let comparison = of(old, &new, Profile::Default);
    let change = &comparison.changes[0];
    assert_eq!(change.rule.id(), "option-removed-ignored");
    assert_eq!(change.verdict, Verdict::Unknown, "{}", change.message);
    assert!(
        change
            .message
            .contains("too many branches may speak of the option")
    );
    // A schema in a schema in a schema is not taken apart, and what it refuses is told all the same.
    let all = |maximum: u32| nested(&format!("{{maximum: {maximum}}}"), 70, "{allOf: [#]}");
    let comparison = of(&all(5), &all(4), Profile::Default);
    assert_eq!(
        lines(&comparison),
        "breaking unmodelled-keyword-changed . 5\n"
    );
    // So is what stands at the end of a way that is too long.
    let way = |maximum: u32| {
        let steps: String = (0..205)
            .map(|at| {
                format!(
                    "d{at}: {{properties: {{a: {{$ref: '#/$defs/d{}'}}}}}}, ",
                    at + 1
                )
            })
            .collect();
        format!("{{$ref: '#/$defs/d0', $defs: {{{steps}d205: {{maximum: {maximum}}}}}}}")
    };
    let comparison = of(&way(5), &way(4), Profile::Default);
    let change = &comparison.changes[0];
    assert_eq!(change.rule.id(), "analysis-budget-exceeded");
    assert_eq!(change.verdict, Verdict::Breaking);
    assert!(change.witness.is_some());
}

#[test]
fn of_many_alternatives_those_that_overlap_are_not_sought() {
    let choice = |maximum: u32| {
        let one = |at| {
            format!(
                "{{properties: {{k: {{const: k{at}}}, v: {{maximum: {maximum}}}}}, required: [k]}}"
            )
        };
        let all: Vec<String> = (0..66).map(one).collect();
        format!("{{oneOf: [{}]}}", all.join(", "))
    };
    let comparison = of(&choice(5), &choice(6), Profile::Default);
    assert_eq!(lines(&comparison), "compatible maximum-raised v\n");
}

#[test]
fn defaults_that_are_filled_in_meet_what_is_required() {
    let mut policy = Policy::default();
    policy.set("defaults=filled-before-validation").unwrap();
    let options = Options { policy };
    for (old, new, expected) in [
        (
            "{type: object, properties: {a: {default: 1}}}",
            "{type: object, properties: {a: {default: 1}}, required: [a]}",
            "compatible required-added-with-default a\n",
        ),
        (
            "{type: object}",
            "{type: object, properties: {a: {default: 1}}, required: [a]}",
            "compatible option-added-required-with-default a\n",
        ),
    ] {
        let comparison = compare(&schema(old), &schema(new), &options);
        assert_eq!(lines(&comparison), expected, "{old}");
    }
}

#[test]
fn a_new_schema_that_is_none_shows_nothing() {
    let found = |old: &str, new: &str| {
        let comparison = of(old, new, Profile::Default);
        let change = comparison.changes.into_iter().next().unwrap();
        assert_eq!(change.verdict, Verdict::Unknown);
        change.message
    };
    let message = found("true", "{minimum: 5, required: 7}");
    assert!(
        message.ends_with("could not be shown: nothing can be shown"),
        "{message}"
    );
    let chain = |end: &str, more: &str| {
        let steps: String = (0..150)
            .map(|at| format!("d{at}: {{$ref: '#/$defs/d{}'}}, ", at + 1))
            .collect();
        format!("{{$ref: '#/$defs/d0', $defs: {{{steps}d150: {{{end}}}}}{more}}}")
    };
    let message = found(
        &chain("maximum: 5", ""),
        &chain("maximum: 4, required: 7", ""),
    );
    assert!(
        message.ends_with("could not be shown: the validator disagrees"),
        "{message}"
    );
    // What policy makes milder hides nothing that is lost beside it.
    let old = ", properties: {a: {type: integer}}";
    let new = ", properties: {a: {type: integer}}, additionalProperties: false";
    let rules = |end: &str| {
        let comparison = of(
            &chain("maximum: 5", old),
            &chain(end, new),
            Profile::Default,
        );
        lines(&comparison)
    };
    insta::assert_snapshot!(rules("maximum: 4"), @"
    breaking unmodelled-keyword-changed . 5
    risk object-closed .
    ");
    insta::assert_snapshot!(rules("pattern: '(?=a)'"), @"
    unknown unmodelled-keyword-changed .
    risk object-closed .
    ");
}

#[test]
fn options_are_counted_and_looked_into_up_to_a_number() {
    // Only so many of what is new are taken for new names, and not too deep.
    let many: Vec<String> = (0..2_100)
        .map(|at| format!("n{at}: {{type: array}}"))
        .collect();
    let old = "{type: object, properties: {old-name: {type: string, minLength: 3}}}";
    let deep = "first: {properties: {b: {properties: {c: {properties: {d: {properties: {old-name: {type: string, minLength: 3}}}}}}}}}";
    let new = format!(
        "{{type: object, properties: {{{deep}, {}}}}}",
        many.join(", ")
    );
    let comparison = of(old, &new, Profile::Default);
    assert_eq!(comparison.changes[0].rule.id(), "option-removed-ignored");
    assert_eq!(comparison.changes.len(), 2_102);
    // What two parts of a new option say of one name counts together.
    let new = "{type: object, properties: {sub: {allOf: [{properties: {old-name: {type: string}}}, {properties: {old-name: {minLength: 3}}}]}}}";
    let comparison = of(old, new, Profile::Default);
    let change = &comparison.changes[0];
    let migration = change.migration.as_ref().map(|migration| migration.words());
    assert_eq!(
        migration.as_deref(),
        Some("probably write `sub.old-name` instead of `old-name`"),
        "{}",
        change.message
    );
}
