//! Listed values, defaults and examples.

use super::CompatRule;

catalogue! {
    ENUM_VALUE_REMOVED = "enum-value-removed", Breaking, Major, Error, "enum", false,
        "a value is no longer listed",
        r##"Configurations that use the value are refused.

Keep it for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {enum: [json, xml]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {enum: [json]}
```
"##;

    ENUM_VALUE_RENAMED = "enum-value-renamed", Breaking, Major, Error, "enum", false,
        "a value has another name",
        r##"Configurations that use the old name are refused.

Keep the old name too for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {enum: [round_robin, random]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {enum: [round-robin, random]}
```
"##;

    ENUM_INTRODUCED = "enum-introduced", Breaking, Major, Error, "enum", false,
        "a value must be one of a list",
        r##"Configurations with any other value are refused.

List every value that was in use.

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
  x: {type: string, enum: [json, xml]}
```
"##;

    ENUM_VALUE_ADDED = "enum-value-added", Compatible, Minor, Info, "enum", false,
        "a further value is listed",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {enum: [json]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {enum: [json, xml]}
```
"##;

    ENUM_DROPPED = "enum-dropped", Compatible, Minor, Info, "enum", false,
        "a value is no longer limited to a list",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, enum: [json, xml]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```
"##;

    CONST_ADDED = "const-added", Breaking, Major, Error, "const", false,
        "a value is fixed",
        r##"Configurations with any other value are refused.

Accept others for one release.

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
  x: {type: integer, const: 1}
```
"##;

    CONST_CHANGED = "const-changed", Breaking, Major, Error, "const", false,
        "a fixed value changed",
        r##"Configurations with the old value are refused.

Accept both for one release, with `enum`.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {const: 1}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {const: 2}
```
"##;

    CONST_REMOVED = "const-removed", Compatible, Minor, Info, "const", false,
        "a value is no longer fixed",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, const: 1}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer}
```
"##;

    DEFAULT_CHANGED = "default-changed", Risk, Minor, Warning, "default", false,
        "a default changed",
        r##"Who never set the option gets another behaviour without touching anything.

Say so in the notes, with the value that brings the old behaviour back.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, default: 10}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, default: 20}
```
"##;

    DEFAULT_ADDED = "default-added", Risk, Minor, Warning, "default", false,
        "an option has a default",
        r##"Who never set the option may get another behaviour.

Make the default what the program did before.

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
  x: {type: integer, default: 20}
```
"##;

    DEFAULT_REMOVED = "default-removed", Risk, Minor, Warning, "default", false,
        "an option no longer has a default",
        r##"Who never set the option may get another behaviour.

Say in the notes what happens when it is not set.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, default: 10}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer}
```
"##;

    DEFAULT_INVALID = "default-invalid", Risk, Patch, Error, "default", false,
        "a default is not valid itself",
        r##"The default does not hold to the option's own schema; programs that fill it in refuse the result.

Make the default one of the valid values.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, maximum: 9}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, maximum: 9, default: 10}
```
"##;

    EXAMPLES_CHANGED = "examples-changed", Compatible, Patch, Info, "examples", false,
        "the examples changed",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, examples: [1]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, examples: [2]}
```
"##;
}
