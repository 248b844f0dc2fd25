//! Bounds of numbers.

use super::CompatRule;

catalogue! {
    MINIMUM_ADDED = "minimum-added", Breaking, Major, Error, "minimum", false,
        "a number has a lower bound",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

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
  x: {type: integer, minimum: 1}
```
"##;

    MINIMUM_RAISED = "minimum-raised", Breaking, Major, Error, "minimum", false,
        "a number must be larger",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, minimum: 1}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, minimum: 5}
```
"##;

    MINIMUM_LOWERED = "minimum-lowered", Compatible, Minor, Info, "minimum", false,
        "a number may be smaller",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, minimum: 5}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, minimum: 1}
```
"##;

    MINIMUM_REMOVED = "minimum-removed", Compatible, Minor, Info, "minimum", false,
        "a number no longer has a lower bound",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, minimum: 5}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer}
```
"##;

    MAXIMUM_ADDED = "maximum-added", Breaking, Major, Error, "maximum", false,
        "a number has an upper bound",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

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
  x: {type: integer, maximum: 9}
```
"##;

    MAXIMUM_LOWERED = "maximum-lowered", Breaking, Major, Error, "maximum", false,
        "a number must be smaller",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

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
  x: {type: integer, maximum: 5}
```
"##;

    MAXIMUM_RAISED = "maximum-raised", Compatible, Minor, Info, "maximum", false,
        "a number may be larger",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, maximum: 5}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, maximum: 9}
```
"##;

    MAXIMUM_REMOVED = "maximum-removed", Compatible, Minor, Info, "maximum", false,
        "a number no longer has an upper bound",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, maximum: 5}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer}
```
"##;

    MULTIPLE_OF_ADDED = "multiple-of-added", Breaking, Major, Error, "multipleOf", false,
        "a number must be a multiple",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

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
  x: {type: integer, multipleOf: 2}
```
"##;

    MULTIPLE_OF_CHANGED = "multiple-of-changed", Breaking, Major, Error, "multipleOf", false,
        "a number must be a multiple of another one",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, multipleOf: 2}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, multipleOf: 3}
```
"##;

    MULTIPLE_OF_REMOVED = "multiple-of-removed", Compatible, Minor, Info, "multipleOf", false,
        "a number need no longer be a multiple",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, multipleOf: 2}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer}
```
"##;
}
