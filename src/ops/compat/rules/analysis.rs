//! Rules about the analysis itself, and about what people say of its findings.

use super::CompatRule;

catalogue! {
    ANALYSIS_BUDGET_EXCEEDED = "analysis-budget-exceeded", Unknown, Major, Error, "", false,
        "the analysis was cut short",
        r##"The schemas are so entangled that the analysis stopped before it was done.

Compare parts of the schema by themselves.

```sh
git strata compat v1:schema/part.yaml v2:schema/part.yaml
```
"##;

    VERSION_BUMP_TOO_SMALL = "version-bump-too-small", Compatible, None, Error, "", false,
        "the version moved less than its changes ask for",
        r##"People update by version numbers: a patch or a minor version is taken without reading. Where the changes between two released versions break configurations, a major version tells them to look; where they add options, a minor one. In `0.y.z` the middle number may break; what is tagged `-rc` or the like promises nothing.

Release under the version that is asked for, or take back what asks for it.

```sh
git strata compat v1.3.0..v1.4.0
git tag -a v2.0.0
```
"##;

    ACCEPTED_BREAK_EXPIRED = "accepted-break-expired", Compatible, None, Warning, "", false,
        "a break was accepted until a day that is over",
        r##"A break that is accepted is listed and fails nothing, until its day. After it the break counts again; this says which entry ended.

Take the break back, or agree on another day and write that.

```yaml
breaks:
  - rule: option-removed-rejected
    path: /database/pool
    reason: nobody sets it
    expires: 2020-01-31        # over
```
"##;

    ACCEPTED_BREAK_STALE = "accepted-break-stale", Compatible, None, Warning, "", false,
        "an accepted break that no change matches any more",
        r##"The file of accepted breaks has an entry for a schema that was compared, and neither the comparison nor the one with the last release has such a change: it was released, or taken back, or is written in another way. An entry that is left over would accept the same break when it comes again, and nobody would have agreed to that.

Delete the entry.

```yaml
breaks:
  - rule: option-removed-rejected
    path: /database/pool       # went with 2.0.0
    reason: nobody sets it
    expires: 2030-01-31
```
"##;
}
