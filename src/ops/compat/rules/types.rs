//! Types.

use super::CompatRule;

catalogue! {
    TYPE_REMOVED = "type-removed", Breaking, Major, Error, "type", false,
        "a value may no longer be of a type",
        r##"Configurations with a value of that type are refused.

Accept both for one release, and convert.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: [string, integer]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```
"##;

    TYPE_CHANGED = "type-changed", Breaking, Major, Error, "type", false,
        "a value must be of another type",
        r##"Every configuration that sets it is refused.

Accept both types for one release, and convert the old form.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer}
```
"##;

    TYPE_ADDED = "type-added", Compatible, Minor, Info, "type", false,
        "a value may be of a further type",
        r##"Nothing that was valid changes. Programs that read the value must cope with the new type.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: [string, object]}
```
"##;

    YAML_TYPE_HAZARD = "yaml-type-hazard", Risk, Minor, Warning, "type", false,
        "the same text may be read as another type",
        r##"YAML gives a text without quotes the type that it looks like: `1.10` is the number 1.1, `true` a truth value, and to readers of YAML 1.1 so are `on`, `no` and `y`. Where only texts were accepted, such a slip was refused; where numbers are accepted beside them, it passes and means another thing. A listed value that looks like another type is one that many people will write without quotes.

Take texts alone, and choose words that are texts to every reader.

Old:

```yaml
type: object
additionalProperties: false
properties:
  version: {type: string}
  mode: {enum: [fast, safe]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  version: {type: [string, number]}
  mode: {enum: [fast, safe, "off"]}
```
"##;

    INTEGER_TO_NUMBER = "integer-to-number", Compatible, Minor, Info, "type", false,
        "a value need no longer be a whole number",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: number}
```
"##;

    NUMBER_TO_INTEGER = "number-to-integer", Breaking, Major, Error, "type", false,
        "a value must be a whole number",
        r##"Configurations with a fraction are refused.

Keep `number`, and round what comes in.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: number}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer}
```
"##;

    NULL_ADDED = "null-added", Compatible, Minor, Info, "type", false,
        "a value may be null",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: [string, 'null']}
```
"##;

    NULL_REMOVED = "null-removed", Breaking, Major, Error, "type", false,
        "a value may no longer be null",
        r##"Configurations that switch the option off with `null` are refused.

Keep `null` in the types.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: [string, 'null']}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```
"##;

    SCALAR_TO_LIST_ACCEPTED = "scalar-to-list-accepted", Compatible, Minor, Info, "type", false,
        "a value may be a list too",
        r##"What was one value may be a list of such values.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: [string, array], items: {type: string}}
```
"##;

    DIALECT_CHANGED = "dialect-changed", Risk, Minor, Warning, "$schema", false,
        "the schema is written in another version of the language",
        r##"The same keyword can mean something else: `items` with a list, keywords beside `$ref`, `format`.

Read the notes of the newer version.

Old:

```yaml
$schema: http://json-schema.org/draft-07/schema#
type: object
additionalProperties: false
properties:
  x: {type: string}
```

New:

```yaml
$schema: https://json-schema.org/draft/2020-12/schema
type: object
additionalProperties: false
properties:
  x: {type: string}
```
"##;
}
