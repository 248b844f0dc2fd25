//! Which options there are.

use super::CompatRule;

catalogue! {
    OPTION_REMOVED_REJECTED = "option-removed-rejected", Breaking, Major, Error, "properties", false,
        "an option is gone, and configurations that set it are refused",
        r##"The map is closed, so a configuration that still sets the option is refused at start-up.

Keep the option for one release with `deprecated: true`, and take it out in the next major version.

Old:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
  legacy: {type: boolean}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
```
"##;

    OPTION_REMOVED_IGNORED = "option-removed-ignored", Breaking, Major, Error, "properties", false,
        "an option is gone, and configurations that set it are silently ignored",
        r##"The map is open: a configuration that still sets the option stays valid, but nothing reads it any more. Nobody is told.

Keep the option for one release with `deprecated: true`, or declare the name with `false` so that it is refused aloud.

Old:

```yaml
type: object
properties:
  host: {type: string}
  legacy: {type: boolean}
```

New:

```yaml
type: object
properties:
  host: {type: string}
```
"##;

    OPTION_REMOVED_REMAPPED = "option-removed-remapped", Risk, Minor, Warning, "properties", false,
        "an option is gone, and a pattern of names takes what it sets",
        r##"The name is no longer declared, but a pattern in `patternProperties` matches it, so the value is read as something else.

See that the pattern means the same, or rename what it stands for.

Old:

```yaml
type: object
additionalProperties: false
properties:
  timeout: {type: integer}
  host: {type: string}
patternProperties:
  "^t": {type: integer}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
patternProperties:
  "^t": {type: integer}
```
"##;

    OPTION_REMOVED_AFTER_DEPRECATION = "option-removed-after-deprecation", Risk, Minor, Warning, "properties", true,
        "an option that was deprecated is gone",
        r##"The option was marked `deprecated` before it went, so people had notice; configurations that still set it are refused or ignored.

Check that the deprecation stood in at least one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
  legacy: {type: boolean, deprecated: true}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
```
"##;

    REMOVAL_WITHOUT_DEPRECATION = "removal-without-deprecation", Compatible, None, Info, "properties", false,
        "an option went without having been deprecated first",
        r##"Other options of this map are deprecated before they go; this one was not.

Mark it `deprecated` for a release first.

Old:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
  old: {type: string, deprecated: true, description: use host instead}
  legacy: {type: boolean}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
  old: {type: string, deprecated: true, description: use host instead}
```
"##;

    OPTION_RENAMED = "option-renamed", Breaking, Major, Error, "properties", false,
        "an option has another name now",
        r##"The old name is gone and a new one has the same schema, or says `x-renamed-from`. Configurations under the old name are refused, or silently ignored where the map is open.

Keep the old name as a deprecated alias for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  max_conns: {type: integer}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  maxConns: {type: integer}
```
"##;

    OPTION_MOVED = "option-moved", Breaking, Major, Error, "properties", false,
        "an option stands in another map now",
        r##"An option of the same name and schema is gone here and new elsewhere.

Keep the old place as a deprecated alias for one release.

Old:

```yaml
type: object
additionalProperties: false
properties:
  timeout: {type: integer}
  server: {type: object, additionalProperties: false, properties: {host: {type: string}}}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  server: {type: object, additionalProperties: false, properties: {host: {type: string}, timeout: {type: integer}}}
```
"##;

    OPTION_ADDED_OPTIONAL = "option-added-optional", Compatible, Minor, Info, "properties", false,
        "a new option may be set",
        r##"Nothing that was valid changes.

Nothing to do.

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
  port: {type: integer}
```
"##;

    OPTION_ADDED_TO_OPEN = "option-added-to-open", Compatible, Minor, Info, "properties", false,
        "a new option stands under a name that was free",
        r##"The map was open, so any value under that name was accepted and ignored. The policy `unknown-properties=strict` counts such values, and then this may break.

Choose a name that nobody is likely to have used.

Old:

```yaml
type: object
properties:
  host: {type: string}
```

New:

```yaml
type: object
properties:
  host: {type: string}
  port: {type: integer}
```
"##;

    OPTION_ADDED_WITH_DEFAULT = "option-added-with-default", Risk, Minor, Warning, "properties", false,
        "a new option holds by default",
        r##"Who does not set it gets the default: that may differ from what the program did before.

Make the default what everyone has today.

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
  retries: {type: integer, default: 3}
```
"##;

    OPTION_ADDED_REQUIRED = "option-added-required", Breaking, Major, Error, "required", false,
        "a new option must be set",
        r##"No configuration sets the option yet, so every one is refused.

Give it a default and leave it out of `required`.

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
  port: {type: integer}
required: [port]
```
"##;

    OPTION_ADDED_REQUIRED_WITH_DEFAULT = "option-added-required-with-default", Breaking, Major, Error, "required", false,
        "a new option must be set although it has a default",
        r##"Where the program fills defaults in before it validates, this is no break: say so with `defaults=filled-before-validation`.

Otherwise take it out of `required`.

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
  port: {type: integer, default: 80}
required: [port]
```
"##;

    OPTION_FORBIDDEN = "option-forbidden", Breaking, Major, Error, "properties", false,
        "an option is forbidden now",
        r##"The schema of the option is `false`: setting it is refused.

Deprecate it for one release first.

Old:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
  x: {type: string}
```

New:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
  x: false
```
"##;

    OPTION_UNFORBIDDEN = "option-unforbidden", Compatible, Minor, Info, "properties", false,
        "an option that was forbidden may be set",
        r##"Nothing that was valid changes.

Nothing to do.

Old:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
  x: false
```

New:

```yaml
type: object
additionalProperties: false
properties:
  host: {type: string}
  x: {type: string}
```
"##;

    SCHEMA_ADDED = "schema-added", Compatible, Minor, Info, "", false,
        "a schema is new",
        r##"The file did not exist on the old side; there is nothing to be compatible with.

Nothing to do.

```yaml
# schema/worker.schema.yaml, new in this range
type: object
```
"##;

    SCHEMA_REMOVED = "schema-removed", Breaking, Major, Error, "", false,
        "a schema is gone",
        r##"The file does not exist on the new side: what was checked against it is no longer checked, or can no longer be read.

Say in the notes what takes its place.

```yaml
# strata.yaml: name the schema that takes over
schemas: [schema/app.schema.yaml]
```
"##;

    SCHEMA_RENAMED = "schema-renamed", Compatible, Patch, Info, "", false,
        "a schema has another path",
        r##"The file stands under another name; its content is compared with the old one.

Change what refers to it.

```yaml
schemas:
  - schema/app.yaml      # was schema/app.json
```
"##;
}
