//! What is said about an option beside what is valid.

use super::CompatRule;

catalogue! {
    DEPRECATED_ADDED = "deprecated-added", Compatible, Patch, Info, "deprecated", false,
        "an option is deprecated",
        r##"It still works, and will go.

Use what the description names instead.

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
  x: {type: string, deprecated: true, description: use y instead}
```
"##;

    DEPRECATED_REMOVED = "deprecated-removed", Compatible, Patch, Info, "deprecated", false,
        "an option is no longer deprecated",
        r##"It stays.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, deprecated: true}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```
"##;

    DEPRECATED_WITHOUT_REPLACEMENT = "deprecated-without-replacement", Risk, Minor, Warning, "deprecated", false,
        "an option is deprecated without a word about what to use",
        r##"People learn that it will go, not what to do.

Name the successor in `x-replaced-by`, or say in the description what to do.

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
  x: {type: string, deprecated: true}
```
"##;

    UNIT_CHANGED = "unit-changed", Risk, Major, Error, "x-unit", false,
        "a value has another unit",
        r##"The same number means something else: nothing is refused, and everything is off.

Give the option a new name with the unit in it.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, x-unit: s}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: integer, x-unit: ms}
```
"##;

    SECRET_FLAG_ADDED = "secret-flag-added", Risk, Minor, Warning, "x-secret", false,
        "a value is a secret",
        r##"Where it stands in plain text, it must be sealed.

Seal the value, and change it if it was ever committed.

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
  x: {type: string, x-secret: true}
```
"##;

    SECRET_FLAG_REMOVED = "secret-flag-removed", Risk, Major, Error, "x-secret", false,
        "a value is no longer a secret",
        r##"Tools may show it in plain text now.

See whether that is meant.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, x-secret: true}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```
"##;

    RELOAD_CHANGED = "reload-changed", Risk, Minor, Warning, "x-reload", false,
        "a change of the value takes effect in another way",
        r##"What took effect at once may need a restart now.

Say so in the notes.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, x-reload: hot}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, x-reload: restart}
```
"##;

    ENV_BINDING_CHANGED = "env-binding-changed", Risk, Major, Error, "x-env", false,
        "a value comes from another environment variable",
        r##"Deployments that set the old variable are ignored.

Read both variables for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, x-env: APP_X}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, x-env: SHOP_X}
```
"##;

    MERGE_STRATEGY_CHANGED = "merge-strategy-changed", Risk, Major, Error, "x-merge", false,
        "layers are merged in another way",
        r##"The same files resolve to another value.

Compare the resolved values before and after.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, x-merge: replace}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, x-merge: append}
```
"##;

    IMMUTABLE_ADDED = "immutable-added", Risk, Minor, Warning, "x-immutable", false,
        "a value can no longer be changed once set",
        r##"Changing it means to start afresh.

Say so in the notes.

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
  x: {type: string, x-immutable: true}
```
"##;

    READ_ONLY_ADDED = "read-only-added", Risk, Minor, Warning, "readOnly", false,
        "a value is read-only",
        r##"What configurations set there may be ignored.

Take it out of configurations.

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
  x: {type: string, readOnly: true}
```
"##;

    CROSS_FIELD_CONSTRAINT_ADDED = "cross-field-constraint-added", Breaking, Major, Error, "x-validations", false,
        "options must agree with one another",
        r##"Configurations in which they do not are refused.

Check the configurations in use against the expression.

Old:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: integer}
  b: {type: integer}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: integer}
  b: {type: integer}
x-validations:
  - rule: self.a < self.b
    message: a must be below b
```
"##;

    CROSS_FIELD_CONSTRAINT_CHANGED = "cross-field-constraint-changed", Breaking, Major, Error, "x-validations", false,
        "options must agree with one another in another way",
        r##"Configurations that agreed may no longer do so.

Check the configurations in use against the expression.

Old:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: integer}
  b: {type: integer}
x-validations:
  - rule: self.a < self.b
    message: a must be below b
```

New:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: integer}
  b: {type: integer}
x-validations:
  - rule: self.a <= self.b
    message: a must not be above b
```
"##;

    CROSS_FIELD_CONSTRAINT_REMOVED = "cross-field-constraint-removed", Compatible, Minor, Info, "x-validations", false,
        "options need no longer agree with one another",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: integer}
  b: {type: integer}
x-validations:
  - rule: self.a < self.b
    message: a must be below b
```

New:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: integer}
  b: {type: integer}
```
"##;

    DESCRIPTION_CHANGED = "description-changed", Compatible, Patch, Info, "description", false,
        "the description changed",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, description: one}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, description: two}
```
"##;

    TITLE_CHANGED = "title-changed", Compatible, Patch, Info, "title", false,
        "the title changed",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, title: one}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, title: two}
```
"##;

    CUSTOM_KEYWORD_CHANGED = "custom-keyword-changed", Compatible, Patch, Info, "", false,
        "a keyword of the author's own changed",
        r##"The language knows nothing about it; programs that read it may behave otherwise.

Read what the author says about it.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, x-owner: one}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, x-owner: two}
```
"##;
}
