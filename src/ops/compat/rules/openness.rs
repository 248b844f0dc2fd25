//! What may stand beside the options that are declared.

use super::CompatRule;

catalogue! {
    OBJECT_CLOSED = "object-closed", Breaking, Major, Error, "additionalProperties", true,
        "a map refuses names that it does not know",
        r##"Until now such names were ignored. By default nobody is assumed to use names that the schema does not declare, so this is a risk; under `unknown-properties=strict` it breaks.

Search the configurations in use for names that the schema does not list.

Old:

```yaml
type: object
properties:
  host: {type: string}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
```
"##;

    OBJECT_OPENED = "object-opened", Compatible, Minor, Info, "additionalProperties", false,
        "a map takes names that it does not know",
        r##"Nothing that was valid changes, but a mistyped name passes unseen now.

Keep the map closed if you can.

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
properties:
  host: {type: string}
```
"##;

    ADDITIONAL_VALUES_NARROWED = "additional-values-narrowed", Breaking, Major, Error, "additionalProperties", true,
        "values under further names must hold to a schema",
        r##"Values under names that the schema does not list had no schema, or another one.

List the names that are in use.

Old:

```yaml
type: object
properties:
  host: {type: string}
additionalProperties: {type: string}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
```
"##;

    ADDITIONAL_VALUES_WIDENED = "additional-values-widened", Compatible, Minor, Info, "additionalProperties", false,
        "anything may stand under further names",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
properties:
  host: {type: string}
additionalProperties: {type: string}
```

New:

```yaml
type: object
properties:
  host: {type: string}
```
"##;

    PATTERN_PROPERTY_ADDED = "pattern-property-added", Breaking, Major, Error, "patternProperties", true,
        "names of a certain form have a schema",
        r##"Values under names of that form must hold to the schema.

See that no configuration uses such names for something else.

Old:

```yaml
type: object
```

New:

```yaml
type: object
patternProperties:
  "^port_": {type: integer}
```
"##;

    PATTERN_PROPERTY_REMOVED = "pattern-property-removed", Breaking, Major, Error, "patternProperties", false,
        "names of a certain form are no longer taken",
        r##"Values under names of that form are refused, or have no meaning any more.

Keep the pattern for one release.

Old:

```yaml
type: object
additionalProperties: false
patternProperties:
  "^port_": {type: integer}
```

New:

```yaml
type: object
additionalProperties: false
```
"##;

    PROPERTY_NAMES_NARROWED = "property-names-narrowed", Breaking, Major, Error, "propertyNames", false,
        "names must be of a certain form",
        r##"Configurations with other names are refused.

Accept the names in use.

Old:

```yaml
type: object
additionalProperties: {type: string}
```

New:

```yaml
type: object
additionalProperties: {type: string}
propertyNames: {maxLength: 5}
```
"##;

    PROPERTY_NAMES_WIDENED = "property-names-widened", Compatible, Minor, Info, "propertyNames", false,
        "names may be of any form",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: {type: string}
propertyNames: {maxLength: 5}
```

New:

```yaml
type: object
additionalProperties: {type: string}
```
"##;

    MIN_PROPERTIES_RAISED = "min-properties-raised", Breaking, Major, Error, "minProperties", false,
        "a map must set more options",
        r##"Configurations with fewer are refused.

Give the options defaults instead.

Old:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: string}
  b: {type: string}
minProperties: 1
```

New:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: string}
  b: {type: string}
minProperties: 2
```
"##;

    MIN_PROPERTIES_LOWERED = "min-properties-lowered", Compatible, Minor, Info, "minProperties", false,
        "a map may set fewer options",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: string}
  b: {type: string}
minProperties: 2
```

New:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: string}
  b: {type: string}
minProperties: 1
```
"##;

    MAX_PROPERTIES_LOWERED = "max-properties-lowered", Breaking, Major, Error, "maxProperties", false,
        "a map may set fewer options than before",
        r##"Configurations with more are refused.

Keep the bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: string}
  b: {type: string}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: string}
  b: {type: string}
maxProperties: 1
```
"##;

    MAX_PROPERTIES_RAISED = "max-properties-raised", Compatible, Minor, Info, "maxProperties", false,
        "a map may set more options",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: string}
  b: {type: string}
maxProperties: 1
```

New:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: string}
  b: {type: string}
```
"##;

    UNKNOWN_FIELDS_PRUNED = "unknown-fields-pruned", Risk, Minor, Warning, "x-kubernetes-preserve-unknown-fields", false,
        "fields that the schema does not name are dropped, and were kept",
        r##"Kubernetes drops the fields of a custom resource that its schema does not name, without a
word, unless `x-kubernetes-preserve-unknown-fields: true` or `additionalProperties` stands there;
in `apiextensions.k8s.io/v1beta1` all are kept unless `spec.preserveUnknownFields` is `false`. An
object that had such fields loses them the next time it is written.

Name the fields that are in use first, or keep the marker for one release.

Old:

```yaml
type: object
properties:
  x:
    type: object
    x-kubernetes-preserve-unknown-fields: true
```

New:

```yaml
type: object
properties:
  x:
    type: object
    x-kubernetes-preserve-unknown-fields: false
```
"##;

    UNKNOWN_FIELDS_KEPT = "unknown-fields-kept", Compatible, Minor, Info, "x-kubernetes-preserve-unknown-fields", false,
        "fields that the schema does not name are kept, and were dropped",
        r##"Nothing is lost; a mistyped field stays in the object now, and nobody is told.

Nothing to do.

Old:

```yaml
type: object
properties:
  x:
    type: object
    x-kubernetes-preserve-unknown-fields: false
```

New:

```yaml
type: object
properties:
  x:
    type: object
    x-kubernetes-preserve-unknown-fields: true
```
"##;
}
