use insta::assert_snapshot;

use crate::config::schema::fixture::{check, document, schema, tell};
use crate::config::schema::{Formats, Validator};
use crate::report::Location;
use crate::text::Pointer;

#[test]
fn unknown_options_point_at_their_key() {
    let schema = "properties:\n  database: { properties: { host: {}, port: {} }, \
                  additionalProperties: false }\n  level: {}\nadditionalProperties: false\n";
    assert_snapshot!(check(schema, "databse:\n  host: a\nlevel: x\nxyz: 1\n"), @r#"
    error[unknown-option] app.yaml:1:1: there is no option `databse`
      schema.yaml:4:1: the schema says so here
      help: did you mean `database`?
    error[unknown-option] app.yaml:4:1: there is no option `xyz`
      schema.yaml:4:1: the schema says so here
      help: there are `database` and `level`
    "#);
    assert_snapshot!(check(schema, "database:\n  hots: a\n  \"a.b\\n\": 1\n"), @r#"
    error[unknown-option] app.yaml:2:3: there is no option `hots` in `database`
      schema.yaml:2:51: the schema says so here
      help: did you mean `host`?
    error[unknown-option] app.yaml:3:3: there is no option `a.b\n` in `database`
      schema.yaml:2:51: the schema says so here
      help: there are `host` and `port`
    "#);
    assert_snapshot!(check("additionalProperties: false\n", "a: 1\n"), @r#"
    error[unknown-option] app.yaml:1:1: there is no option `a`
      schema.yaml:1:1: the schema says so here
    "#);
    let many: Vec<_> = (0..15).map(|i| format!("option{i:02}: {{}}")).collect();
    let schema = format!(
        "allOf: [{{ properties: {{ {} }} }}]\nunevaluatedProperties: false\n",
        many.join(", ")
    );
    assert_snapshot!(check(&schema, "xyz: 1\n"), @r#"
    error[unknown-option] app.yaml:1:1: there is no option `xyz`
      schema.yaml:2:1: the schema says so here
      help: there are `option00`, `option01`, `option02`, `option03`, `option04`, `option05`, `option06`, `option07`, `option08`, `option09`, `option10`, `option11` and 3 more
    "#);
}

#[test]
fn missing_options_point_at_the_map() {
    let schema = "required: [database]\nproperties:\n  database:\n    required: [host, port]\n    \
                  properties: { port: { type: integer, minimum: 1, maximum: 65535 } }\n    \
                  dependentRequired: { user: [password] }\n";
    assert_snapshot!(check(schema, "database:\n  user: me\n"), @r#"
    error[missing-option] app.yaml:1:1: the option `host` is missing in `database`
      schema.yaml:4:5: the schema says so here
    error[missing-option] app.yaml:1:1: the option `password` is missing in `database`, which `user` needs
      schema.yaml:6:5: the schema says so here
    error[missing-option] app.yaml:1:1: the option `port` is missing in `database`
      schema.yaml:4:5: the schema says so here
      help: it must be a whole number from 1 to 65535
    "#);
    assert_snapshot!(check(schema, "{}\n"), @r#"
    error[missing-option] app.yaml:1:1: the option `database` is missing
      schema.yaml:1:1: the schema says so here
    "#);
    assert_snapshot!(check(
        "$schema: http://json-schema.org/draft-07/schema#\ndependencies: { a: [b] }\n",
        "a: 1\n"
    ), @r#"
    error[missing-option] app.yaml:1:1: the option `b` is missing, which `a` needs
      schema.yaml:2:1: the schema says so here
    "#);
}

#[test]
fn types_are_told_in_plain_words() {
    let schema = "properties:\n  \
                  int: { type: integer, minimum: 1, maximum: 100 }\n  \
                  num: { type: number, exclusiveMinimum: 0 }\n  \
                  text: { type: string, minLength: 1, maxLength: 63 }\n  \
                  flag: { type: boolean }\n  \
                  list: { type: array, minItems: 1 }\n  \
                  map: { type: object }\n  \
                  none: { type: 'null' }\n  \
                  some: { type: [string, integer, number, 'null'] }\n";
    assert_snapshot!(check(schema, "int: \"5\"\nnum: []\ntext: 1.10\nflag: \"true\"\nlist: {a: 1}\nmap: x\nnone: ''\nsome: true\n"), @r#"
    error[wrong-type] app.yaml:1:1: `int` must be a whole number from 1 to 100; it is the text `5`
      schema.yaml:2:10: the schema says so here
      help: write it without quotation marks: 5
    error[wrong-type] app.yaml:2:1: `num` must be a number above 0; it is a list of 0 items
      schema.yaml:3:10: the schema says so here
    error[wrong-type] app.yaml:3:1: `text` must be a text of 1 to 63 characters; it is `1.10`
      schema.yaml:4:11: the schema says so here
      help: put it in quotation marks: "1.10"
    error[wrong-type] app.yaml:4:1: `flag` must be `true` or `false`; it is the text `true`
      schema.yaml:5:11: the schema says so here
      help: write it without quotation marks: true
    error[wrong-type] app.yaml:5:1: `list` must be a list of at least 1 item; it is a map of 1 option
      schema.yaml:6:11: the schema says so here
    error[wrong-type] app.yaml:6:1: `map` must be a map; it is the text `x`
      schema.yaml:7:10: the schema says so here
    error[wrong-type] app.yaml:7:1: `none` must be `null`; it is an empty text
      schema.yaml:8:11: the schema says so here
    error[wrong-type] app.yaml:8:1: `some` must be a text, a number or `null`; it is `true`
      schema.yaml:9:11: the schema says so here
    "#);
    assert_snapshot!(check(schema, "int: 1.5\nnum: \"1.5\"\ntext: no\nflag: 0\nlist: null\nmap: .inf\n"), @"
    error[wrong-type] app.yaml:1:1: `int` must be a whole number from 1 to 100; it is `1.5`
      schema.yaml:2:10: the schema says so here
    error[wrong-type] app.yaml:2:1: `num` must be a number above 0; it is the text `1.5`
      schema.yaml:3:10: the schema says so here
      help: write it without quotation marks: 1.5
    error[wrong-type] app.yaml:4:1: `flag` must be `true` or `false`; it is `0`
      schema.yaml:5:11: the schema says so here
    error[wrong-type] app.yaml:5:1: `list` must be a list of at least 1 item; it is empty (`null`)
      schema.yaml:6:11: the schema says so here
    error[wrong-type] app.yaml:6:1: `map` must be a map; it is `.inf`
      schema.yaml:7:10: the schema says so here
    ");
    assert_snapshot!(check("type: integer\n", "a long text that goes on and on and on and on and on and on until it is cut\n"), @r#"
    error[wrong-type] app.yaml:1:1: must be a whole number; it is the text `a long text that goes on and on and on and on and on and on …`
      schema.yaml:1:1: the schema says so here
    "#);
    assert_snapshot!(check("type: string\n", "true\n"), @r#"
    error[wrong-type] app.yaml:1:1: must be a text; it is `true`
      schema.yaml:1:1: the schema says so here
      help: put it in quotation marks: "true"
    "#);
}

#[test]
fn numbers_out_of_range() {
    let schema = "properties:\n  \
                  a: { type: integer, minimum: 1, maximum: 100 }\n  \
                  b: { type: number, exclusiveMinimum: 0, exclusiveMaximum: 1 }\n  \
                  c: { multipleOf: 0.1 }\n  \
                  d: { type: integer, minimum: 0, multipleOf: 5 }\n  \
                  e: { maximum: 3 }\n";
    assert_snapshot!(check(schema, "a: 250\nb: 0\nc: 0.25\nd: 7\ne: 99999999999999999999999\n"), @"
    error[out-of-range] app.yaml:1:1: `a` must be a whole number from 1 to 100; it is `250`
      schema.yaml:2:35: the schema says so here
    error[out-of-range] app.yaml:2:1: `b` must be a number above 0 and below 1; it is `0`
      schema.yaml:3:22: the schema says so here
    error[out-of-range] app.yaml:3:1: `c` must be a number that is a multiple of 0.1; it is `0.25`
      schema.yaml:4:8: the schema says so here
    error[out-of-range] app.yaml:4:1: `d` must be a whole number of at least 0 that is a multiple of 5; it is `7`
      schema.yaml:5:35: the schema says so here
    error[out-of-range] app.yaml:5:1: `e` must be a number of at most 3; it is `99999999999999999999999`
      schema.yaml:6:8: the schema says so here
    ");
    assert_snapshot!(check(schema, "a: 0\nb: 1.0\n"), @"
    error[out-of-range] app.yaml:1:1: `a` must be a whole number from 1 to 100; it is `0`
      schema.yaml:2:23: the schema says so here
    error[out-of-range] app.yaml:2:1: `b` must be a number above 0 and below 1; it is `1.0`
      schema.yaml:3:43: the schema says so here
    ");
    assert_snapshot!(check(
        "$schema: http://json-schema.org/draft-04/schema#\nproperties:\n  \
         a: { type: number, minimum: 0, exclusiveMinimum: true }\n  \
         b: { type: number, maximum: 9, exclusiveMaximum: true }\n",
        "a: 0\nb: 9\n"
    ), @"
    error[out-of-range] app.yaml:1:1: `a` must be a number above 0; it is `0`
      schema.yaml:3:22: the schema says so here
    error[out-of-range] app.yaml:2:1: `b` must be a number below 9; it is `9`
      schema.yaml:4:22: the schema says so here
    ");
}

#[test]
fn values_that_are_not_allowed() {
    let schema = "properties:\n  level: { enum: [debug, info, warn, null, 5] }\n  \
                  kind: { const: app }\n  one: { enum: [x] }\n  \
                  many: { enum: [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1] }\n  \
                  empty: { enum: ['', {a: 1}, [1, 2]] }\n";
    assert_snapshot!(check(schema, "level: Debug\nkind: apps\none: y\nmany: zz\nempty: q\n"), @r#"
    error[value-not-allowed] app.yaml:1:1: `level` must be one of `debug`, `info`, `warn`, `null` or `5`; it is the text `Debug`
      schema.yaml:2:12: the schema says so here
      help: did you mean `debug`?
    error[value-not-allowed] app.yaml:2:1: `kind` must be `app`; it is the text `apps`
      schema.yaml:3:11: the schema says so here
    error[value-not-allowed] app.yaml:3:1: `one` must be `x`; it is the text `y`
      schema.yaml:4:10: the schema says so here
    error[value-not-allowed] app.yaml:4:1: `many` must be one of `a0`, `a1`, `a2`, `a3`, `a4`, `a5`, `a6`, `a7`, `a8`, `a9` and 2 more; it is the text `zz`
      schema.yaml:5:11: the schema says so here
    error[value-not-allowed] app.yaml:5:1: `empty` must be one of `""`, a map of 1 option or a list of 2 items; it is the text `q`
      schema.yaml:6:12: the schema says so here
    "#);
}

#[test]
fn texts_that_do_not_fit() {
    let schema = "properties:\n  \
                  a: { type: string, minLength: 1 }\n  \
                  b: { maxLength: 3 }\n  \
                  c: { pattern: '^[a-z]+$' }\n  \
                  d: { type: string, minLength: 2, maxLength: 2, pattern: '^x' }\n  \
                  e: { pattern: '^(a+)+b$' }\n";
    assert_snapshot!(check(schema, "a: ''\nb: abcd\nc: A\\b\nd: x\n"), @r"
    error[wrong-length] app.yaml:1:1: `a` must be a text of at least 1 character; it is an empty text
      schema.yaml:2:22: the schema says so here
    error[wrong-length] app.yaml:2:1: `b` must be a text of at most 3 characters; it is the text `abcd`
      schema.yaml:3:8: the schema says so here
    error[pattern-mismatch] app.yaml:3:1: `c` must be a text that matches `^[a-z]+$`; it is the text `A\b`
      schema.yaml:4:8: the schema says so here
    error[wrong-length] app.yaml:4:1: `d` must be a text of exactly 2 characters that matches `^x`; it is the text `x`
      schema.yaml:5:22: the schema says so here
    ");
    assert_snapshot!(
        check("pattern: '^(?=a)(a|aa)+(?<!c)$'\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n"),
        @r#"
    error[pattern-mismatch] app.yaml:1:1: cannot be held against the pattern: that would take too long
      schema.yaml:1:1: the schema says so here
    "#
    );
}

#[test]
fn lists_and_maps_of_the_wrong_size() {
    let schema = "properties:\n  \
                  a: { type: array, minItems: 2 }\n  \
                  b: { maxItems: 1 }\n  \
                  c: { uniqueItems: true }\n  \
                  d: { contains: { type: integer } }\n  \
                  e: { prefixItems: [{}], items: false }\n  \
                  f: { type: object, minProperties: 1, maxProperties: 1 }\n  \
                  g: { prefixItems: [{}], unevaluatedItems: false }\n  \
                  h: { contains: { required: [x] }, maxContains: 1 }\n  \
                  i: { propertyNames: { pattern: '^[a-z]+$' } }\n  \
                  j: { propertyNames: { enum: [a, b] } }\n  \
                  k: { propertyNames: { maxLength: 2 } }\n  \
                  l: { maxProperties: 2 }\n";
    assert_snapshot!(check(schema, "a: [1]\nb: [1, 2]\nc:\n  - x\n  - y\n  - x\nd: [a]\ne: [1, 2]\nf: {}\n\
        g: [1, 2, 3]\nh: [{x: 1}, {x: 2}]\ni: { Ab: 1 }\nj: { c: 1 }\nk: { long: 1 }\nl: {a: 1, b: 2, c: 3}\n"), @"
    error[item-count] app.yaml:1:1: `a` must be a list of at least 2 items; it is a list of 1 item
      schema.yaml:2:21: the schema says so here
    error[item-count] app.yaml:2:1: `b` must be a list of at most 1 item; it is a list of 2 items
      schema.yaml:3:8: the schema says so here
    error[duplicate-items] app.yaml:6:5: item 3 is the same as item 1
      schema.yaml:4:8: the schema says so here
      app.yaml:4:5: the first one
    error[item-count] app.yaml:7:1: `d` must have an item that is a whole number
      schema.yaml:5:8: the schema says so here
    error[item-count] app.yaml:8:8: the list can have no item 2
      schema.yaml:6:27: the schema says so here
    error[option-count] app.yaml:9:1: `f` must be a map of exactly 1 option; it is a map of 0 options
      schema.yaml:7:22: the schema says so here
    error[item-count] app.yaml:10:1: has 2 items too many
      schema.yaml:8:27: the schema says so here
    error[item-count] app.yaml:11:1: has too few or too many items of the kind it must have
      schema.yaml:9:37: the schema says so here
    error[invalid-option-name] app.yaml:12:6: no option can be named `Ab` in `i`
      schema.yaml:10:8: the schema says so here
      help: a name must be a text that matches `^[a-z]+$`
    error[invalid-option-name] app.yaml:13:6: no option can be named `c` in `j`
      schema.yaml:11:8: the schema says so here
      help: a name must be one of `a` or `b`
    error[invalid-option-name] app.yaml:14:6: no option can be named `long` in `k`
      schema.yaml:12:8: the schema says so here
      help: a name must be a text of at most 2 characters
    error[option-count] app.yaml:15:1: `l` must be a map of at most 2 options; it is a map of 3 options
      schema.yaml:13:8: the schema says so here
    ");
    assert_snapshot!(check(
        "$schema: http://json-schema.org/draft-07/schema#\nitems: [{}]\nadditionalItems: false\n",
        "[1, 2]\n"
    ), @r#"
    error[item-count] app.yaml:1:1: must be a list of at most 1 item; it is a list of 2 items
      schema.yaml:3:1: the schema says so here
    "#);
}

#[test]
fn forbidden_values() {
    let schema = "properties:\n  \
                  a: false\n  \
                  b: { not: { required: [x] } }\n  \
                  c: { not: { required: [x, y] } }\n  \
                  d: { not: { const: 1 } }\n";
    assert_snapshot!(check(schema, "a: 1\nb: { x: 1 }\nc: { x: 1, y: 2 }\nd: 1\n"), @r#"
    error[forbidden-value] app.yaml:1:1: `a` must not be set here
      schema.yaml:2:3: the schema says so here
    error[forbidden-value] app.yaml:2:1: `x` must not be set in `b`
      schema.yaml:3:8: the schema says so here
    error[forbidden-value] app.yaml:3:1: `x` and `y` must not be set together in `c`
      schema.yaml:4:8: the schema says so here
    error[forbidden-value] app.yaml:4:1: is forbidden here; it is `1`
      schema.yaml:5:8: the schema says so here
    "#);
    assert_snapshot!(check("false\n", "1\n"), @r#"
    error[forbidden-value] app.yaml:1:1: nothing is allowed here
      schema.yaml:1:1: the schema says so here
    "#);
}

#[test]
fn formats_are_checked_only_when_asked_for() {
    let text = "properties:\n  \
                a: { format: date }\n  b: { format: email }\n  c: { format: ipv4 }\n  \
                d: { format: strange }\n  e: { format: uuid }\n  f: { format: duration }\n  \
                g: { format: time }\n  h: { format: date-time }\n  i: { format: hostname }\n  \
                j: { format: ipv6 }\n  k: { format: uri }\n  l: { format: regex }\n  \
                m: { format: json-pointer }\n  n: { format: uri-reference }\n  o: { format: uri-template }\n";
    let value = "a: x\nb: x\nc: x\nd: x\ne: x\nf: x\ng: x\nh: x\ni: -x-\nj: x\nk: x\nl: (\nm: x\nn: '%'\no: '{'\n";
    assert_eq!(check(text, value), "");
    let validator = Validator::compile_with(&schema(text), Formats::Assert).unwrap();
    let document = document(value);
    let locate = |pointer: &Pointer| Location::new(&document.source, document.root.place(pointer));
    let mut found = validator.validate(&document.root, None, &locate);
    for finding in &mut found {
        finding.related.clear();
    }
    assert_snapshot!(tell(found), @"
    error[format-mismatch] app.yaml:1:1: `a` must be a date such as `2024-05-31`; it is the text `x`
    error[format-mismatch] app.yaml:2:1: `b` must be an email address; it is the text `x`
    error[format-mismatch] app.yaml:3:1: `c` must be an IPv4 address such as `192.0.2.1`; it is the text `x`
    error[format-mismatch] app.yaml:5:1: `e` must be a UUID such as `123e4567-e89b-12d3-a456-426614174000`; it is the text `x`
    error[format-mismatch] app.yaml:6:1: `f` must be a duration such as `P1DT12H`; it is the text `x`
    error[format-mismatch] app.yaml:7:1: `g` must be a time such as `09:30:00Z`; it is the text `x`
    error[format-mismatch] app.yaml:8:1: `h` must be a date and time such as `2024-05-31T09:30:00Z`; it is the text `x`
    error[format-mismatch] app.yaml:9:1: `i` must be a host name such as `api.example.com`; it is the text `-x-`
    error[format-mismatch] app.yaml:10:1: `j` must be an IPv6 address such as `2001:db8::1`; it is the text `x`
    error[format-mismatch] app.yaml:11:1: `k` must be an address such as `https://example.com/path`; it is the text `x`
    error[format-mismatch] app.yaml:12:1: `l` must be a regular expression; it is the text `(`
    error[format-mismatch] app.yaml:13:1: `m` must be a JSON Pointer such as `/database/pool`; it is the text `x`
    error[format-mismatch] app.yaml:14:1: `n` must be an address, or a path; it is the text `%`
    error[format-mismatch] app.yaml:15:1: `o` must be of the format `uri-template`; it is the text `{`
    ");
}

#[test]
fn contents_of_texts_are_checked_where_the_dialect_says_so() {
    assert_snapshot!(check(
        "$schema: http://json-schema.org/draft-07/schema#\nproperties:\n  \
         a: { contentEncoding: base64 }\n  b: { contentMediaType: application/json }\n  \
         c: { contentEncoding: base64, contentMediaType: application/json }\n",
        "a: '!'\nb: '{'\nc: /w==\n"
    ), @"
    error[format-mismatch] app.yaml:1:1: `a` must be a text encoded as base64; it is the text `!`
      schema.yaml:3:8: the schema says so here
    error[format-mismatch] app.yaml:2:1: `b` must be a text that holds application/json; it is the text `{`
      schema.yaml:4:8: the schema says so here
    error[format-mismatch] app.yaml:3:1: `c` must be an encoded text; it is the text `/w==`
      schema.yaml:5:33: the schema says so here
    ");
}

#[test]
fn secrets_are_never_shown() {
    let schema = "properties:\n  \
                  a: { x-secret: true, type: integer }\n  \
                  b: { writeOnly: true, enum: [hunter2, x] }\n  \
                  c: { format: password, minLength: 20 }\n  \
                  d: { x-secret: true, properties: { e: { type: boolean } } }\n  \
                  f: { x-secret: true, type: string }\n  \
                  g: { x-secret: true, type: 'null' }\n";
    let told = check(
        schema,
        "a: hunter1\nb: hunter1\nc: hunter1\nd: { e: hunter1 }\nf: 4711\ng: true\n",
    );
    assert!(
        !told.contains("hunter1") && !told.contains("4711"),
        "{told}"
    );
    assert_snapshot!(told, @"
    error[wrong-type] app.yaml:1:1: `a` must be a whole number; it is a text, which is secret
      schema.yaml:2:24: the schema says so here
    error[value-not-allowed] app.yaml:2:1: `b` must be one of `hunter2` or `x`; it is a text, which is secret
      schema.yaml:3:25: the schema says so here
    error[wrong-length] app.yaml:3:1: `c` must be a text of at least 20 characters; it is a text, which is secret
      schema.yaml:4:26: the schema says so here
    error[wrong-type] app.yaml:4:6: `d.e` must be `true` or `false`; it is a text, which is secret
      schema.yaml:5:43: the schema says so here
    error[wrong-type] app.yaml:5:1: `f` must be a text; it is a number, which is secret
      schema.yaml:6:24: the schema says so here
    error[wrong-type] app.yaml:6:1: `g` must be `null`; it is a truth value, which is secret
      schema.yaml:7:24: the schema says so here
    ");
}

#[test]
fn findings_are_bounded() {
    let list = vec!["x"; 2000].join(", ");
    let told = check("items: { type: integer }\n", &format!("[{list}]\n"));
    assert_eq!(
        told.lines()
            .filter(|line| line.starts_with("error"))
            .count(),
        500
    );
}
