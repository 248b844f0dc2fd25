use insta::assert_snapshot;

use crate::config::schema::fixture::check;

#[test]
fn alternatives_of_other_types_are_joined() {
    let schema = "properties:\n  \
                  a: { anyOf: [{ type: string }, { type: integer, minimum: 1 }] }\n  \
                  b: { oneOf: [{ type: string }, { enum: [1, 2] }] }\n  \
                  c: { anyOf: [{ const: x }, { const: y }] }\n";
    assert_snapshot!(check(schema, "a: true\nb: 3\nc: z\n"), @"
    error[wrong-type] app.yaml:1:1: `a` must be a text or a whole number of at least 1; it is `true`
      schema.yaml:2:8: the schema says so here
    error[value-not-allowed] app.yaml:2:1: `b` must be one of `1` or `2`, or a text; it is `3`
      schema.yaml:3:8: the schema says so here
    error[value-not-allowed] app.yaml:3:1: `c` must be one of `x` or `y`; it is the text `z`
      schema.yaml:4:8: the schema says so here
      help: did you mean `x`?
    ");
}

#[test]
fn the_only_alternative_of_the_type_is_meant() {
    let schema = "$defs:\n  pool: { type: object, required: [size], properties: \
                  { size: { type: integer } } }\n\
                  properties: { pool: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/pool' }] } }\n";
    assert_snapshot!(check(schema, "pool:\n  size: big\n"), @"
    error[wrong-type] app.yaml:2:3: `pool.size` must be a whole number; it is the text `big`
      schema.yaml:2:65: the schema says so here
    ");
    assert_snapshot!(check(schema, "pool: {}\n"), @r#"
    error[missing-option] app.yaml:1:1: the option `size` is missing in `pool`
      schema.yaml:2:25: the schema says so here
      help: it must be a whole number
    "#);
}

#[test]
fn a_value_that_tells_alternatives_apart_is_heeded() {
    let schema = "oneOf:\n  \
                  - { properties: { kind: { const: s3 }, bucket: { type: string } }, required: [kind, bucket] }\n  \
                  - { properties: { kind: { const: disk }, path: { type: string } }, required: [kind, path] }\n";
    assert_snapshot!(check(schema, "kind: disk\npath: 5\n"), @r#"
    error[wrong-type] app.yaml:2:1: `path` must be a text; it is `5`
      schema.yaml:3:52: the schema says so here
      help: put it in quotation marks: "5"
    "#);
    assert_snapshot!(check(schema, "kind: tape\npath: 5\n"), @"
    error[value-not-allowed] app.yaml:1:1: `kind` must be one of `s3` or `disk`; it is the text `tape`
      schema.yaml:2:29: the schema says so here
    ");
}

#[test]
fn the_nearest_alternative_is_named() {
    let schema = "$defs:\n  S3: { title: Bucket storage, properties: { bucket: {} }, required: [bucket], \
                  additionalProperties: false }\n\
                  properties:\n  store:\n    oneOf:\n      - { $ref: '#/$defs/S3' }\n      \
                  - { properties: { path: { type: string }, mode: { type: integer } }, \
                  required: [path], additionalProperties: false }\n  \
                  other:\n    anyOf:\n      - { $ref: '#/$defs/T' }\n      - { required: [a], maxProperties: 0 }\n";
    let schema = schema.replace(
        "$defs:\n",
        "$defs:\n  T: { required: [t], maxProperties: 0 }\n",
    );
    assert_snapshot!(check(&schema, "store:\n  path: 1\n  mode: x\n  pth: 2\n"), @"
    error[no-alternative-matches] app.yaml:1:1: fits none of the 2 alternatives
      schema.yaml:6:5: the schema says so here
      app.yaml:2:3: for alternative 2: `store.path` must be a text; it is `1`
      app.yaml:3:3: for alternative 2: `store.mode` must be a whole number; it is the text `x`
      app.yaml:4:3: for alternative 2: there is no option `pth` in `store`
      help: the nearest is alternative 2: `store.path` must be a text; it is `1`
    ");
    assert_snapshot!(check("anyOf: [{ minimum: 5 }, { multipleOf: 2 }]\n", "3\n"), @r#"
    error[no-alternative-matches] app.yaml:1:1: fits none of the 2 alternatives
      schema.yaml:1:1: the schema says so here
      app.yaml:1:1: for alternative 1: must be a number of at least 5; it is `3`
      help: the nearest is alternative 1: must be a number of at least 5; it is `3`
    "#);
    assert_snapshot!(check(&schema, "other:\n  x: 1\n"), @"
    error[no-alternative-matches] app.yaml:1:1: fits none of the 2 alternatives
      schema.yaml:10:5: the schema says so here
      app.yaml:1:1: for `T`: `other` must be a map of at most 0 options; it is a map of 1 option
      app.yaml:1:1: for `T`: the option `t` is missing in `other`
      help: the nearest is `T`: `other` must be a map of at most 0 options; it is a map of 1 option
    ");
}

#[test]
fn one_of_several_options_is_missing() {
    let schema = "anyOf: [{ required: [a] }, { required: [b, c] }]\n";
    assert_snapshot!(check(schema, "x: 1\n"), @r#"
    error[missing-option] app.yaml:1:1: `a` or `b` and `c` must be set
      schema.yaml:1:1: the schema says so here
    "#);
}

#[test]
fn several_alternatives_fit() {
    let schema = "$defs:\n  token: { required: [token] }\noneOf:\n  - { $ref: '#/$defs/token' }\n  \
                  - { title: Password, required: [password] }\n  - { required: [key] }\n";
    assert_snapshot!(check(schema, "token: a\npassword: b\nkey: c\n"), @r#"
    error[several-alternatives-match] app.yaml:1:1: fits `token`, “Password” and alternative 3 at the same time, and may fit only one
      schema.yaml:3:1: the schema says so here
    "#);
}

#[test]
fn branches_of_conditions_speak_for_themselves() {
    let schema = "if: { properties: { env: { const: prod } } }\n\
                  then: { properties: { debug: { const: false } } }\n\
                  else: { required: [debug] }\n";
    assert_snapshot!(check(schema, "env: prod\ndebug: true\n"), @"
    error[value-not-allowed] app.yaml:2:1: `debug` must be `false`; it is `true`
      schema.yaml:2:32: the schema says so here
    ");
    assert_snapshot!(check(schema, "env: dev\n"), @r#"
    error[missing-option] app.yaml:1:1: the option `debug` is missing
      schema.yaml:3:9: the schema says so here
      help: it must be `false`
    "#);
}
