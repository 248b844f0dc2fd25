//! Alternatives, opposites, conditions, references, and the analysis itself.

use super::CompatRule;

catalogue! {
    ANY_OF_BRANCH_REMOVED = "any-of-branch-removed", Breaking, Major, Error, "anyOf", false,
        "an alternative is gone",
        r##"A value that held to it only is refused.

Keep the alternative for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {anyOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}, {type: string}]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {anyOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}]}
```
"##;

    ANY_OF_BRANCH_ADDED = "any-of-branch-added", Compatible, Minor, Info, "anyOf", false,
        "there is a further alternative",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {anyOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {anyOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}, {type: object, required: [c], properties: {c: {type: string}}}]}
```
"##;

    ONE_OF_BRANCH_REMOVED = "one-of-branch-removed", Breaking, Major, Error, "oneOf", false,
        "an alternative is gone",
        r##"A value that held to it only is refused.

Keep the alternative for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {oneOf: [{type: object, required: [kind, a], properties: {kind: {const: a}, a: {type: string}}}, {type: object, required: [kind, b], properties: {kind: {const: b}, b: {type: string}}}, {type: string}]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {oneOf: [{type: object, required: [kind, a], properties: {kind: {const: a}, a: {type: string}}}, {type: object, required: [kind, b], properties: {kind: {const: b}, b: {type: string}}}]}
```
"##;

    ONE_OF_BRANCH_ADDED = "one-of-branch-added", Compatible, Minor, Info, "oneOf", false,
        "there is a further alternative",
        r##"A value must hold to exactly one of them. Where the new one is plainly apart from the others, nothing that was valid changes; where it overlaps, what held to one holds to two and is refused.

Keep the alternatives apart, with a `const` that tells them.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {oneOf: [{type: object, required: [kind, a], properties: {kind: {const: a}, a: {type: string}}}, {type: object, required: [kind, b], properties: {kind: {const: b}, b: {type: string}}}]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {oneOf: [{type: object, required: [kind, a], properties: {kind: {const: a}, a: {type: string}}}, {type: object, required: [kind, b], properties: {kind: {const: b}, b: {type: string}}}, {type: object, required: [kind, c], properties: {kind: {const: c}, c: {type: string}}}]}
```
"##;

    ONE_OF_BRANCH_CHANGED = "one-of-branch-changed", Breaking, Major, Error, "oneOf", false,
        "alternatives changed and may overlap",
        r##"A value must hold to exactly one of them; what held to one may hold to two now, and is refused.

Keep the alternatives apart, with a `const` that tells them.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {oneOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}, a: {type: integer}}}]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {oneOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}]}
```
"##;

    ANY_OF_TO_ONE_OF = "any-of-to-one-of", Breaking, Major, Error, "oneOf", false,
        "a value must hold to exactly one alternative",
        r##"What holds to several is refused.

Keep `anyOf`.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {anyOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {oneOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}]}
```
"##;

    ONE_OF_TO_ANY_OF = "one-of-to-any-of", Compatible, Minor, Info, "anyOf", false,
        "a value may hold to several alternatives",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {oneOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {anyOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}]}
```
"##;

    ALL_OF_BRANCH_ADDED = "all-of-branch-added", Breaking, Major, Error, "allOf", false,
        "a value must hold to a further choice of schemas",
        r##"What holds to none of them is refused.

Add it in the next major version.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: object}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: object, anyOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}]}
```
"##;

    ALL_OF_BRANCH_REMOVED = "all-of-branch-removed", Compatible, Minor, Info, "allOf", false,
        "a value need no longer hold to a further schema",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: object, anyOf: [{type: object, required: [a], properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}]}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: object}
```
"##;

    NOT_WIDENED = "not-widened", Breaking, Major, Error, "not", false,
        "a value must not hold to a schema",
        r##"What holds to it is refused.

Add it in the next major version.

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
  x: {type: string, not: {pattern: '^a'}}
```
"##;

    NOT_NARROWED = "not-narrowed", Compatible, Minor, Info, "not", false,
        "less is refused by a `not`",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, not: {pattern: '^a'}}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```
"##;

    CONDITION_CHANGED = "condition-changed", Breaking, Major, Error, "if", false,
        "a condition is new, or changed",
        r##"What met the old condition may fail the new one.

Check the configurations in use.

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
  x: {type: string, if: {pattern: '^a'}, then: {minLength: 3}}
```
"##;

    CONDITION_REMOVED = "condition-removed", Compatible, Minor, Info, "if", false,
        "a condition asks for less",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string, if: {pattern: '^a'}, then: {minLength: 3}}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {type: string}
```
"##;

    DEPENDENT_SCHEMA_ADDED = "dependent-schema-added", Breaking, Major, Error, "dependentSchemas", false,
        "an option asks for a further schema",
        r##"Configurations that set the option must hold to it.

Add it in the next major version.

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
dependentSchemas: {a: {required: [b]}}
```
"##;

    DEPENDENT_SCHEMA_REMOVED = "dependent-schema-removed", Compatible, Minor, Info, "dependentSchemas", false,
        "an option no longer asks for a further schema",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  a: {type: string}
  b: {type: string}
dependentSchemas: {a: {required: [b]}}
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

    REF_BROKEN = "ref-broken", Breaking, Major, Error, "$ref", false,
        "a reference leads nowhere",
        r##"The new schema cannot be used at all: programs refuse it, or ignore the part.

Mend the reference.

Old:

```yaml
type: object
additionalProperties: false
properties:
  x: {$ref: '#/$defs/x'}
$defs: {x: {type: string}}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  x: {$ref: '#/$defs/x'}
$defs: {y: {type: string}}
```
"##;

    SCHEMA_BECAME_UNSATISFIABLE = "schema-became-unsatisfiable", Breaking, Major, Error, "", false,
        "no value is valid any more",
        r##"Whatever a configuration says there is refused.

See which keywords contradict each other.

Old:

```yaml
type: string
```

New:

```yaml
type: string
allOf:
  - type: integer
```
"##;

    SCHEMA_BECAME_PERMISSIVE = "schema-became-permissive", Risk, Minor, Warning, "", false,
        "any value is valid",
        r##"Nothing that was valid changes, but mistakes pass unseen.

See whether this is meant.

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
  x: {}
```
"##;

    UNMODELLED_KEYWORD_CHANGED = "unmodelled-keyword-changed", Unknown, Major, Error, "", false,
        "something changed that the analysis does not model",
        r##"What it means for configurations has to be judged by a person.

Compare the two by hand.

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
  x: {type: string, contentEncoding: base64}
```
"##;
}
