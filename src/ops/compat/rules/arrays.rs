//! Lists.

use super::CompatRule;

catalogue! {
    MIN_ITEMS_RAISED = "min-items-raised", Breaking, Major, Error, "minItems", false,
        "a list must be longer",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, minItems: 1}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, minItems: 2}
```
"##;

    MIN_ITEMS_LOWERED = "min-items-lowered", Compatible, Minor, Info, "minItems", false,
        "a list may be shorter",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, minItems: 2}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, minItems: 1}
```
"##;

    MAX_ITEMS_LOWERED = "max-items-lowered", Breaking, Major, Error, "maxItems", false,
        "a list must be shorter",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, maxItems: 9}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, maxItems: 2}
```
"##;

    MAX_ITEMS_RAISED = "max-items-raised", Compatible, Minor, Info, "maxItems", false,
        "a list may be longer",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, maxItems: 2}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, maxItems: 9}
```
"##;

    UNIQUE_ITEMS_ADDED = "unique-items-added", Breaking, Major, Error, "uniqueItems", false,
        "the items of a list must differ",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, uniqueItems: true}
```
"##;

    UNIQUE_ITEMS_REMOVED = "unique-items-removed", Compatible, Minor, Info, "uniqueItems", false,
        "the items of a list need no longer differ",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, uniqueItems: true}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array}
```
"##;

    ITEMS_NARROWED = "items-narrowed", Breaking, Major, Error, "items", false,
        "the items of a list have a schema",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, items: {type: string}}
```
"##;

    ITEMS_WIDENED = "items-widened", Compatible, Minor, Info, "items", false,
        "the items of a list may be anything",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, items: {type: string}}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array}
```
"##;

    PREFIX_ITEM_ADDED = "prefix-item-added", Compatible, Minor, Info, "prefixItems", false,
        "a list may have a further item",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, prefixItems: [{type: string}], items: false}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, prefixItems: [{type: string}, {type: string}], items: false}
```
"##;

    PREFIX_ITEM_REMOVED = "prefix-item-removed", Compatible, Minor, Info, "prefixItems", false,
        "an item of a list may be anything",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, prefixItems: [{type: string}, {type: string}]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, prefixItems: [{type: string}]}
```
"##;

    TUPLE_CLOSED = "tuple-closed", Breaking, Major, Error, "items", false,
        "a list takes no further items",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, prefixItems: [{type: string}]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, prefixItems: [{type: string}], items: false}
```
"##;

    TUPLE_OPENED = "tuple-opened", Compatible, Minor, Info, "items", false,
        "a list takes further items",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, prefixItems: [{type: string}], items: false}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, prefixItems: [{type: string}]}
```
"##;

    CONTAINS_ADDED = "contains-added", Breaking, Major, Error, "contains", false,
        "a list must contain an item of a kind",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, contains: {type: string}}
```
"##;

    CONTAINS_NARROWED = "contains-narrowed", Breaking, Major, Error, "contains", false,
        "a list must contain an item of another kind",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, contains: {type: string}}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, contains: {type: string, minLength: 3}}
```
"##;

    CONTAINS_REMOVED = "contains-removed", Compatible, Minor, Info, "contains", false,
        "a list need no longer contain an item of a kind",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, contains: {type: string}}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array}
```
"##;

    MIN_CONTAINS_RAISED = "min-contains-raised", Breaking, Major, Error, "minContains", false,
        "a list must contain more items of a kind",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, contains: {type: string}}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, contains: {type: string}, minContains: 2}
```
"##;

    MIN_CONTAINS_LOWERED = "min-contains-lowered", Compatible, Minor, Info, "minContains", false,
        "a list may contain fewer items of a kind",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, contains: {type: string}, minContains: 2}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, contains: {type: string}}
```
"##;

    MAX_CONTAINS_LOWERED = "max-contains-lowered", Breaking, Major, Error, "maxContains", false,
        "a list must contain fewer items of a kind",
        r##"Configurations beyond it are refused.

Keep the old bound for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, contains: {type: string}}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, contains: {type: string}, maxContains: 2}
```
"##;

    MAX_CONTAINS_RAISED = "max-contains-raised", Compatible, Minor, Info, "maxContains", false,
        "a list may contain more items of a kind",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, contains: {type: string}, maxContains: 2}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: array, contains: {type: string}, maxContains: 3}
```
"##;
}
