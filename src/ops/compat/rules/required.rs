//! Which options must be set.

use super::CompatRule;

catalogue! {
    REQUIRED_ADDED = "required-added", Breaking, Major, Error, "required", false,
        "an option that was optional must be set",
        r##"Configurations without it are refused.

Give it a default instead.

Old:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
required: [host]
```
"##;

    REQUIRED_ADDED_WITH_DEFAULT = "required-added-with-default", Breaking, Major, Error, "required", false,
        "an option must be set although it has a default",
        r##"Where the program fills defaults in before it validates, this is no break: say so with `defaults=filled-before-validation`.

Otherwise take it out of `required`.

Old:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string, default: a}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string, default: a}
required: [host]
```
"##;

    REQUIRED_REMOVED = "required-removed", Compatible, Minor, Info, "required", false,
        "an option need no longer be set",
        r##"Nothing that was valid changes. Programs that read configurations must cope without it.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
required: [host]
```

New:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
```
"##;

    DEPENDENT_REQUIRED_ADDED = "dependent-required-added", Breaking, Major, Error, "dependentRequired", false,
        "an option asks for another one",
        r##"Configurations that set the one without the other are refused.

Give the other a default instead.

Old:

```yaml
type: object
additionalProperties: false
properties:
  tls: {type: boolean}
  cert: {type: string}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  tls: {type: boolean}
  cert: {type: string}
dependentRequired: {tls: [cert]}
```
"##;

    DEPENDENT_REQUIRED_REMOVED = "dependent-required-removed", Compatible, Minor, Info, "dependentRequired", false,
        "an option no longer asks for another one",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  tls: {type: boolean}
  cert: {type: string}
dependentRequired: {tls: [cert]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  tls: {type: boolean}
  cert: {type: string}
```
"##;
}
