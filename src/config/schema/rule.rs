//! The rules about values under a schema: a table.

use crate::report::{Rule, Severity};

/// Writes one rule of the table.
macro_rules! rule {
    ($name:ident, $id:literal, $summary:literal, $docs:literal) => {
        pub(super) static $name: Rule = Rule {
            id: $id,
            severity: Severity::Error,
            summary: $summary,
            docs: $docs,
        };
    };
}

rule!(
    SCHEMA_INVALID,
    "schema-invalid",
    "a schema is not valid JSON Schema",
    "\
A keyword of the schema has a value that it cannot have, so nothing can be checked against it.

```yaml
properties:
  port: { type: integr }     # write `integer`
  name: { pattern: '(' }     # no regular expression
```
"
);

rule!(
    UNKNOWN_OPTION,
    "unknown-option",
    "an option is set that the schema does not know",
    "\
The schema lists every option of this map, and this one is not among them: most often its name is
misspelt, or it was removed. It would be ignored, or refused.

```yaml
databse: {}     # the option is `database`
```
"
);

rule!(
    MISSING_OPTION,
    "missing-option",
    "an option is missing that must be set",
    "\
The schema requires an option that is not set, here or in a layer below.

```yaml
database:
  pool: 20      # `host` is missing
```
"
);

rule!(
    WRONG_TYPE,
    "wrong-type",
    "a value is of the wrong type",
    "\
The value is of another kind than the schema asks for. In YAML, quotation marks make a text of
what would be a number or `true`.

```yaml
port: \"8080\"    # a text; write 8080
version: 1.10   # a number; write \"1.10\"
```
"
);

rule!(
    VALUE_NOT_ALLOWED,
    "value-not-allowed",
    "a value is not among those allowed",
    "\
The schema lists the values that this option can have, and this is none of them. Small and capital
letters count.

```yaml
level: INFO     # one of `debug`, `info`, `warn`
```
"
);

rule!(
    OUT_OF_RANGE,
    "out-of-range",
    "a number is too small, too large, or no multiple of what it must be",
    "\
The schema bounds the number.

```yaml
pool: 250       # a whole number from 1 to 100
```
"
);

rule!(
    WRONG_LENGTH,
    "wrong-length",
    "a text is too short or too long",
    "\
The schema bounds how many characters the text has.

```yaml
region: \"\"      # a text of at least 1 character
```
"
);

rule!(
    PATTERN_MISMATCH,
    "pattern-mismatch",
    "a text does not match the pattern it must match",
    "\
The schema gives a regular expression that the text must match.

```yaml
name: My Service    # must match `^[a-z][a-z0-9-]*$`
```
"
);

rule!(
    FORMAT_MISMATCH,
    "format-mismatch",
    "a text is not of the format it must be of",
    "\
The schema names the format of the text, such as a date or an email address. Formats are only
checked where that was asked for.

```yaml
contact: nobody     # an email address
```
"
);

rule!(
    NO_ALTERNATIVE_MATCHES,
    "no-alternative-matches",
    "a value fits none of the alternatives",
    "\
The schema offers alternatives (`anyOf`, `oneOf`), and the value fits none of them. The finding says
which is nearest, and what keeps the value from it.

```yaml
storage:            # either `s3` with a bucket, or `disk` with a path
  s3: { region: eu-west-1 }
```
"
);

rule!(
    SEVERAL_ALTERNATIVES_MATCH,
    "several-alternatives-match",
    "a value fits several alternatives of which it may fit only one",
    "\
The schema offers alternatives that exclude one another (`oneOf`), and the value fits more than one.

```yaml
auth:               # either a token or a password
  token: a
  password: b
```
"
);

rule!(
    FORBIDDEN_VALUE,
    "forbidden-value",
    "a value is forbidden here",
    "\
The schema forbids this value, or this combination of options (`not`, or a schema of `false`).

```yaml
debug: true         # forbidden where `environment` is `prod`
```
"
);

rule!(
    ITEM_COUNT,
    "item-count",
    "a list has too few or too many items, or lacks one",
    "\
The schema bounds how many items the list has, or asks for one of a certain kind (`contains`).

```yaml
replicas: []        # a list of at least 1 item
```
"
);

rule!(
    DUPLICATE_ITEMS,
    "duplicate-items",
    "a list has the same item twice",
    "\
The schema wants every item of the list to be different.

```yaml
zones: [a, b, a]
```
"
);

rule!(
    OPTION_COUNT,
    "option-count",
    "a map has too few or too many options",
    "\
The schema bounds how many options are set in the map: often it is exactly one of several.

```yaml
exporter:           # exactly 1 option
  otlp: {}
  console: {}
```
"
);

rule!(
    INVALID_OPTION_NAME,
    "invalid-option-name",
    "the name of an option is not allowed",
    "\
The map takes options of any name, but the schema bounds what a name can be.

```yaml
labels:
  My Label: x       # must match `^[a-z-]+$`
```
"
);

rule!(
    CONSTRAINT_VIOLATED,
    "constraint-violated",
    "a rule of the schema about several values does not hold",
    "\
A rule in `x-validations` does not hold for this value. `self` is the value that the rule is
attached to, `oldSelf` what it was before.

```yaml
x-validations:
  - rule: self.min <= self.max
    message: min cannot be above max
```
"
);

rule!(
    CONSTRAINT_INVALID,
    "constraint-invalid",
    "a rule of the schema cannot be read",
    "\
A rule in `x-validations` is no expression of the Common Expression Language (CEL), names something
that is not there, or stands where rules are not evaluated.

```yaml
x-validations:
  - rule: self.min <= slef.max
```

Rules are evaluated under `properties`, `patternProperties`, `additionalProperties`, `items`,
`prefixItems`, `$ref` and `allOf`, as Kubernetes does; under `anyOf`, `oneOf`, `not`, `if` and
the like they are not.
"
);
