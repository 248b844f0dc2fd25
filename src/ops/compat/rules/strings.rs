//! Bounds, patterns and formats of texts.

use super::CompatRule;

catalogue! {
    MIN_LENGTH_RAISED = "min-length-raised", Breaking, Major, Error, "minLength", false,
        "a text must be longer",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, minLength: 1}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, minLength: 3}
```
"##;

    MIN_LENGTH_LOWERED = "min-length-lowered", Compatible, Minor, Info, "minLength", false,
        "a text may be shorter",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, minLength: 3}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, minLength: 1}
```
"##;

    MAX_LENGTH_LOWERED = "max-length-lowered", Breaking, Major, Error, "maxLength", false,
        "a text must be shorter",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, maxLength: 9}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, maxLength: 3}
```
"##;

    MAX_LENGTH_RAISED = "max-length-raised", Compatible, Minor, Info, "maxLength", false,
        "a text may be longer",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, maxLength: 3}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, maxLength: 9}
```
"##;

    PATTERN_ADDED = "pattern-added", Breaking, Major, Error, "pattern", false,
        "a text must match a pattern",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

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
  x: {type: string, pattern: '^[a-z]+$'}
```
"##;

    PATTERN_CHANGED = "pattern-changed", Breaking, Major, Error, "pattern", false,
        "a text must match another pattern",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, pattern: '^[a-z]+$'}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, pattern: '^[b-z]+$'}
```
"##;

    PATTERN_REMOVED = "pattern-removed", Compatible, Minor, Info, "pattern", false,
        "a text need no longer match a pattern",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, pattern: '^[a-z]+$'}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```
"##;

    FORMAT_ADDED = "format-added", Risk, Minor, Warning, "format", false,
        "a text is meant to be of a format",
        r##"`format` is a remark unless the program enforces it; where it does, say so with `formats=assert`.

Say in the notes whether the program enforces it.

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
  x: {type: string, format: email}
```
"##;

    FORMAT_CHANGED = "format-changed", Risk, Minor, Warning, "format", false,
        "a text is meant to be of another format",
        r##"`format` is a remark unless the program enforces it; where it does, say so with `formats=assert`.

Say in the notes whether the program enforces it.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, format: email}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, format: uri}
```
"##;

    FORMAT_REMOVED = "format-removed", Compatible, Minor, Info, "format", false,
        "a text is no longer meant to be of a format",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, format: email}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```
"##;
}
