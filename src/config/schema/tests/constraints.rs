use insta::assert_snapshot;

use crate::config::schema::fixture::{check, check_after};

#[test]
fn a_rule_is_about_the_value_it_is_attached_to() {
    let schema = "properties:\n  pool:\n    x-validations:\n      \
                  - { rule: self.min <= self.max, message: min cannot be above max, fieldPath: .min }\n      \
                  - { rule: self.min > 0 }\n";
    assert_snapshot!(check(schema, "pool:\n  max: 1\n  min: 2\n"), @r#"
    error[constraint-violated] app.yaml:3:3: min cannot be above max
      schema.yaml:4:17: the rule
    "#);
    assert_snapshot!(check(schema, "pool:\n  max: 0\n  min: 0\n"), @r#"
    error[constraint-violated] app.yaml:1:1: must hold: `self.min > 0`
      schema.yaml:5:17: the rule
    "#);
    assert_eq!(check(schema, "pool: { max: 5, min: 2 }\n"), "");
    assert_eq!(check(schema, "pool: null\n"), "");
    assert_eq!(check(schema, "x: 1\n"), "");
}

#[test]
fn rules_reach_through_every_sure_way() {
    let schema = "$defs: { odd: { x-validations: [{ rule: self % 2 == 1, message: must be odd }] } }\n\
                  properties: { a: { $ref: '#/$defs/odd' }, f: { prefixItems: [{ $ref: '#/$defs/odd' }] } }\n\
                  patternProperties: { '^p': { $ref: '#/$defs/odd' } }\n\
                  additionalProperties: { items: { allOf: [{ $ref: '#/$defs/odd' }] } }\n";
    assert_snapshot!(check(schema, "a: 2\npx: 4\nlist:\n  - 1\n  - 6\nf: [8, 8]\n"), @r#"
    error[constraint-violated] app.yaml:1:1: must be odd
      schema.yaml:1:41: the rule
    error[constraint-violated] app.yaml:2:1: must be odd
      schema.yaml:1:41: the rule
    error[constraint-violated] app.yaml:5:5: must be odd
      schema.yaml:1:41: the rule
    error[constraint-violated] app.yaml:6:5: must be odd
      schema.yaml:1:41: the rule
    "#);
}

#[test]
fn rules_may_compare_with_what_was() {
    let schema = "properties:\n  size:\n    x-validations:\n      \
                  - { rule: self >= oldSelf, messageExpression: '\"cannot shrink from \" + string(oldSelf)' }\n  \
                  name:\n    x-validations:\n      \
                  - { rule: '!oldSelf.hasValue() || oldSelf.value() == self', optionalOldSelf: true, \
                  message: cannot change }\n  \
                  list:\n    items: { x-validations: [{ rule: self == oldSelf }] }\n";
    assert_snapshot!(check_after(schema, Some("size: 5\nname: a\n"), "size: 3\nname: b\n"), @r#"
    error[constraint-violated] app.yaml:1:1: cannot shrink from 5
      schema.yaml:4:17: the rule
    error[constraint-violated] app.yaml:2:1: cannot change
      schema.yaml:7:17: the rule
    "#);
    assert_eq!(check_after(schema, None, "size: 3\nname: b\n"), "");
    assert_eq!(
        check_after(
            schema,
            Some("name: b\nlist: [2]\n"),
            "size: 3\nname: b\nlist: [1]\n"
        ),
        ""
    );
}

#[test]
fn rules_that_cannot_be_read_are_findings_in_the_schema() {
    let deep = format!("{}1{} == 1", "(".repeat(200), ")".repeat(200));
    let long = format!("'{}' == ''", "x".repeat(5000));
    let chain = format!("{} > 0", vec!["1"; 400].join("+"));
    let schema = format!(
        "x-validations:\n  - {{ rule: self.a <= }}\n  - {{ rule: slef.a == 1 }}\n  \
         - {{ rule: a == 1 }}\n  - {{ rule: self.startWith('x') }}\n  - {{ rule: zzz(self) }}\n  \
         - {{ rule: 5 }}\n  - {{ message: x }}\n  - {{ rule: '{deep}' }}\n  - {{ rule: \"{long}\" }}\n  \
         - {{ rule: '{chain}' }}\n  - {{ rule: 'Foo{{a: 1}}.a == 1' }}\n  \
         - {{ rule: 'true', fieldPath: a..b }}\n  - {{ rule: 'true', messageExpression: '+' }}\n  \
         - {{ rule: 'self.all(x, y > 1)' }}\n  - {{ rule: \"true &&\\n  %\" }}\n\
         properties: {{ a: {{ x-validations: true }} }}\n"
    );
    assert_snapshot!(check(&schema, "a: 1\n"), @r#"
    error[constraint-invalid] schema.yaml:2:13: `self.a <=` cannot be read: at column 10: it ends too early
    error[constraint-invalid] schema.yaml:3:13: `slef.a == 1` cannot be read: there is nothing named `slef`; did you mean `self`, or `self.slef`?
    error[constraint-invalid] schema.yaml:4:13: `a == 1` cannot be read: there is nothing named `a`; did you mean `self`, or `self.a`?
    error[constraint-invalid] schema.yaml:5:13: `self.startWith('x')` cannot be read: there is no function `startWith`; did you mean `startsWith`?
    error[constraint-invalid] schema.yaml:6:13: `zzz(self)` cannot be read: there is no function `zzz`
    error[constraint-invalid] schema.yaml:7:13: `rule` must be a text
    error[constraint-invalid] schema.yaml:8:5: a rule must have a text under `rule`
    error[constraint-invalid] schema.yaml:9:13: `((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((…` cannot be read: at column 97: its parts stand too deep in each other
    error[constraint-invalid] schema.yaml:10:13: `'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` cannot be read: it is longer than 4096 characters
    error[constraint-invalid] schema.yaml:11:13: `1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+…` cannot be read: its parts stand too deep in each other
    error[constraint-invalid] schema.yaml:12:13: `Foo{a: 1}.a == 1` cannot be read: there is no type `Foo`
    error[constraint-invalid] schema.yaml:13:32: `a..b` is no path to an option
    error[constraint-invalid] schema.yaml:14:40: `+` cannot be read: at column 1: `+` is out of place
    error[constraint-invalid] schema.yaml:15:13: `self.all(x, y > 1)` cannot be read: there is nothing named `y`; did you mean `x`, or `self.y`?
    error[constraint-invalid] schema.yaml:16:13: `true &&\n  %` cannot be read: at line 2, column 3: `%` is out of place
    error[constraint-invalid] schema.yaml:17:20: `x-validations` must be a list of rules
    "#);
}

#[test]
fn rules_in_branches_are_not_evaluated_and_that_is_said() {
    let schema = "anyOf:\n  - { x-validations: [{ rule: 'false' }] }\n\
                  $defs: { unused: { x-validations: [{ rule: 'false' }] } }\n";
    assert_snapshot!(check(schema, "a: 1\n"), @r#"
    warning[constraint-invalid] schema.yaml:2:31: the rule `false` is not evaluated here
      help: move it out of `anyOf`, `oneOf`, `then`, `else` and dependent schemas, and write the condition into it
    "#);
}

#[test]
fn rules_that_fail_say_why() {
    let rules = [
        "self.missing > 1",
        "self.text > 1",
        "1 / self.zero == 1",
        "1 % self.zero == 1",
        "self.big * self.big > 1",
        "self.list[5] == 1",
        "self.text.matches('(')",
        "self.text",
        "self.text.all(x, true)",
        "int('x') == 1",
    ];
    for (index, rule) in rules.iter().enumerate() {
        let schema = format!("x-validations: [{{ rule: \"{rule}\" }}]\n");
        let told = check(
            &schema,
            "text: abc\nzero: 0\nbig: 9223372036854775807\nlist: [1]\n",
        );
        match index {
            0 => assert_snapshot!(told, @r#"
            error[constraint-violated] app.yaml:1:1: the rule `self.missing > 1` cannot be checked: there is no `missing`
              schema.yaml:1:25: the rule
              help: set `missing`, or let the rule begin with `!has(…missing) ||`
            "#),
            1 => assert_snapshot!(told, @r#"
            error[constraint-violated] app.yaml:1:1: the rule `self.text > 1` cannot be checked: `>` does not go with string and int
              schema.yaml:1:25: the rule
              help: convert one with `int(…)`, `double(…)` or `string(…)`
            "#),
            2 => assert_snapshot!(told, @r#"
            error[constraint-violated] app.yaml:1:1: the rule `1 / self.zero == 1` cannot be checked: it divides by zero
              schema.yaml:1:25: the rule
            "#),
            3 => assert_snapshot!(told, @r#"
            error[constraint-violated] app.yaml:1:1: the rule `1 % self.zero == 1` cannot be checked: it divides by zero
              schema.yaml:1:25: the rule
            "#),
            4 => assert_snapshot!(told, @r#"
            error[constraint-violated] app.yaml:1:1: the rule `self.big * self.big > 1` cannot be checked: a number in it becomes too large
              schema.yaml:1:25: the rule
            "#),
            5 => assert_snapshot!(told, @r#"
            error[constraint-violated] app.yaml:1:1: the rule `self.list[5] == 1` cannot be checked: it asks for an item that the list does not have
              schema.yaml:1:25: the rule
            "#),
            6 => assert_snapshot!(told, @r#"
            error[constraint-violated] app.yaml:1:1: the rule `self.text.matches('(')` cannot be checked: `matches` fails on this value
              schema.yaml:1:25: the rule
            "#),
            7 => assert_snapshot!(told, @r#"
            error[constraint-invalid] schema.yaml:1:25: the rule `self.text` gives something else than true or false
            "#),
            8 => assert_snapshot!(told, @r#"
            error[constraint-violated] app.yaml:1:1: the rule `self.text.all(x, true)` cannot be checked: it does not go with a value of this kind
              schema.yaml:1:25: the rule
            "#),
            _ => assert_snapshot!(told, @r#"
            error[constraint-violated] app.yaml:1:1: the rule `int('x') == 1` cannot be checked: `int` fails on this value
              schema.yaml:1:25: the rule
            "#),
        }
    }
}

#[test]
fn rules_see_every_kind_of_value() {
    for rule in [
        "self.int + 1 == 8",
        "self.hex == 31",
        "self.float == 1.5",
        "self.whole == 1.0 && type(self.whole) == double",
        "self.huge > 1e20",
        "self.text.size() == 2 && self.text.startsWith('a') && self.text.matches('^a')",
        "self.none == null",
        "self.yes && !has(self.no)",
        "self.list.exists(x, x == 2) && 2 in self.list && self.list.filter(x, x > 1).size() == 1",
        "self.map.all(k, self.map[k] == 1)",
        "self.a__dash__b == 1 && self.c__dot__d == 2 && self.__if__ == 3 && self.e__slash__f__underscores__g == 4",
        "self.?nope.orValue(7) == 7 && optional.of(1).hasValue()",
        "[1, 2].map(x, x * 2) == [2, 4] && {'a': 1}.a == 1",
        "self.list.map(x, x + 1)[0] + 1 == 3",
        "self.list.exists_one(x, x == 1)",
        "'a' + 'b' == 'ab' && b'a' + b'b' == b'ab'",
    ] {
        let schema = format!("x-validations: [{{ rule: \"{rule}\" }}]\n");
        let told = check(
            &schema,
            "int: 7\nhex: 0x1f\nfloat: 1.5\nwhole: 1.0\nhuge: 99999999999999999999999\ntext: ab\n\
             none: null\nyes: true\nlist: [1, 2]\nmap: { x: 1 }\na-b: 1\nc.d: 2\nif: 3\ne/f__g: 4\n",
        );
        assert_eq!(told, "", "{rule}");
    }
}

#[test]
fn rules_that_take_too_long_are_stopped() {
    let list = format!("[{}]\n", vec!["1"; 2000].join(", "));
    let cubic = "x-validations:\n  \
                 - { rule: 'self.all(a, self.all(b, self.all(c, a + b + c > 0)))' }\n  \
                 - { rule: 'self.size() > 0' }\n";
    assert_snapshot!(check(cubic, &list), @r#"
    error[constraint-violated] app.yaml:1:1: the rule `self.all(a, self.all(b, self.all(c, a + b + c > 0)))` cannot be checked: it takes too many steps
      schema.yaml:2:13: the rule
    "#);
    let doubling = "x-validations:\n  - rule: >-\n      \
        [self + self + self + self].map(a, [a + a + a + a].map(b, [b + b + b + b].map(c, \
        [c + c + c + c].map(d, [d + d + d + d].map(e, e + e + e + e))))).size() == 1\n";
    assert_snapshot!(check(doubling, &list), @r#"
    error[constraint-violated] app.yaml:1:1: the rule `[self + self + self + self].map(a, [a + a + a + a].map(b, [b…` cannot be checked: it takes too many steps
      schema.yaml:3:7: the rule
    "#);
}

#[test]
fn messages_do_not_tell_secrets() {
    let schema = "properties:\n  db:\n    properties: { password: { x-secret: true } }\n    \
                  x-validations:\n      \
                  - { rule: 'self.password == self.name', messageExpression: '\"it is \" + self.password' }\n      \
                  - { rule: 'self.password.matches(self.name)', message: must match }\n";
    let told = check(schema, "db:\n  password: hunter2\n  name: x\n");
    assert!(!told.contains("hunter2"), "{told}");
    assert_snapshot!(told, @r#"
    error[constraint-violated] app.yaml:1:1: must hold: `self.password == self.name`
      schema.yaml:5:17: the rule
    error[constraint-violated] app.yaml:1:1: must match
      schema.yaml:6:17: the rule
    "#);
}

#[test]
fn a_message_that_cannot_be_made_is_left_out() {
    let schema = "x-validations: [{ rule: 'false', messageExpression: 'self.nope', message: 'so there ' }]\n";
    assert_snapshot!(check(schema, "a: 1\n"), @r#"
    error[constraint-violated] app.yaml:1:1: so there
      schema.yaml:1:25: the rule
    "#);
    let schema =
        "x-validations: [{ rule: 'false', messageExpression: '\" \"', fieldPath: \"['a'].b\" }]\n";
    assert_snapshot!(check(schema, "a: { b: 1 }\n"), @r#"
    error[constraint-violated] app.yaml:1:6: must hold: `false`
      schema.yaml:1:25: the rule
    "#);
}

#[test]
fn sealed_values_are_given_the_benefit_of_the_doubt() {
    let schema = "properties:\n  port: { type: integer }\n  db:\n    oneOf:\n      - { properties: { key: { const: a } } }\n      - { properties: { key: { const: b } } }\n    required: [host]\n    x-validations: [{ rule: 'self.key.size() > 8' }, { rule: 'self.host.size() > 8' }]\n";
    assert_snapshot!(
        check(schema, "port: ENC[age1,prod.1,x]\ndb: { key: 'ENC[age1,prod.1,x]' }\nport2: 5\n"),
        @"
    error[missing-option] app.yaml:2:1: the option `host` is missing in `db`
      schema.yaml:7:5: the schema says so here
    "
    );
    assert_snapshot!(
        check(schema, "port: ENC[age1,prod.1,x]\ndb: { key: 'ENC[age1,prod.1,x]', host: h }\n"),
        @"
    error[constraint-violated] app.yaml:2:1: must hold: `self.host.size() > 8`
      schema.yaml:8:62: the rule
    "
    );
}

#[test]
fn a_sealed_value_under_a_name_that_nothing_reads_is_told() {
    let schema = "properties: { password: { type: string, writeOnly: true } }\nadditionalProperties: false\npropertyNames: { maxLength: 9 }\n";
    assert_eq!(check(schema, "password: ENC[age1,prod.1,x]\n"), "");
    insta::assert_snapshot!(check(schema, "passwort: ENC[age1,prod.1,x]\n"), @"
    error[unknown-option] app.yaml:1:1: there is no option `passwort`
      schema.yaml:2:1: the schema says so here
      help: did you mean `password`?
    ");
    insta::assert_snapshot!(check(schema, "password_of_db: ENC[age1,prod.1,x]\n"), @"
    error[invalid-option-name] app.yaml:1:1: no option can be named `password_of_db`
      schema.yaml:3:1: the schema says so here
      help: a name must be a text of at most 9 characters
    error[unknown-option] app.yaml:1:1: there is no option `password_of_db`
      schema.yaml:2:1: the schema says so here
      help: there are `password`
    ");
}

#[test]
fn many_sealed_values_hide_no_fault_behind_them() {
    let schema = "additionalProperties: { type: integer }\n";
    let sealed = "ENC[age1,prod.1,x]";
    let lines = (0..600).map(|number| format!("a{number:03}: {sealed}\n"));
    let value: String = lines.chain(["z: text\n".to_owned()]).collect();
    assert_snapshot!(check(schema, &value), @"
    error[wrong-type] app.yaml:601:1: `z` must be a whole number; it is the text `text`
      schema.yaml:1:25: the schema says so here
    ");
}
