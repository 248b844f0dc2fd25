use crate::report::{Rule, Severity};

/// Something that a migration has to do and cannot.
pub(super) static UPGRADE_BLOCKED: Rule = Rule {
    id: "upgrade-blocked",
    severity: Severity::Error,
    summary: "a step of a migration that cannot be done in this file",
    docs:
        "A migration says what is to happen to a value, and this file holds something there that \
the step does not go with: a value of another type, a target that is set already, a text that does \
not match. Nothing is lost: the value stays as it is, and the other steps are done.

**What to do.** Do what the step says by hand; the message names the place and the reason.

```yaml
# step: { rename: pool, to: max_connections }
pool: 5
max_connections: 20    # which of the two is meant?
```",
};

/// Something that only a person can decide.
pub(super) static UPGRADE_MANUAL: Rule = Rule {
    id: "upgrade-manual",
    severity: Severity::Warning,
    summary: "something that a person has to do for an upgrade",
    docs:
        "A migration names something that no step can do, because it has to be decided: a region \
to choose, an account to open.

**What to do.** What the message says; then run the upgrade.

```yaml
steps:
  - manual: choose a region
    at: cloud
```",
};

/// A default changed, and the file leaves the option unset.
pub(super) static UPGRADED_DEFAULT: Rule = Rule {
    id: "upgraded-default",
    severity: Severity::Warning,
    summary: "a default that changes for an option that this file leaves unset",
    docs: "The file does not set the option, so it gets the default; and the new version has \
another one. The file stays valid, and the program behaves differently.

**What to do.** Nothing, where the new default is welcome. Else write the old one down: \
`git strata upgrade … --pin-defaults` does that.

```yaml
log: {}            # level was info, and is warning from 2.0.0 on
```",
};

/// An option is set that the new version does not read.
pub(super) static REMOVED_OPTION_SET: Rule = Rule {
    id: "removed-option-set",
    severity: Severity::Error,
    summary: "an option that the new version no longer has, and silently ignores",
    docs: "The file sets an option that is gone in the new version. The schema allows other names, \
so nothing refuses it, and nothing reads it either.

**What to do.** Take it out, or write the option that took its place; the message names it where it \
is known. A migration can do that for every file.

```yaml
retries: 3         # called max_retries from 2.0.0 on
```",
};

/// A deprecated option is set.
pub(super) static DEPRECATED_OPTION_SET: Rule = Rule {
    id: "deprecated-option-set",
    severity: Severity::Info,
    summary: "an option that the new version still has, and will not keep",
    docs:
        "The file sets an option that the new version marks as deprecated: it works, and a later \
version takes it out.

**What to do.** Write what its description names instead, while there is time.

```yaml
legacy_mode: true  # deprecated in 2.0.0
```",
};

/// The file is not of the version that it should be of.
pub(super) static OTHER_VERSION: Rule = Rule {
    id: "other-version",
    severity: Severity::Warning,
    summary: "a file that does not hold to the version it is upgraded from",
    docs: "An upgrade begins at a version, and the file is not valid there. So it may be of another \
version, and the steps may not be meant for it.

**What to do.** Name the version that the file is of with `--from`; the message lists those that it \
holds to. Or mend the file first.

```sh
git strata upgrade --from 1.1.0 --to 2.0.0 app.yaml
```",
};

/// Nothing carries a document over a version.
pub(super) static MIGRATION_GAP: Rule = Rule {
    id: "migration-gap",
    severity: Severity::Warning,
    summary: "a version on the way that breaks configurations, and has no migration",
    docs: "Between the two versions lies one whose schema refuses what was valid before, and no \
migration carries documents over it. What it changes is left to a person.

**What to do.** Write the migration: `git strata migration new` drafts it.

```text
migrations/1.0.0.yaml
migrations/3.0.0.yaml      # who carries a document to 2.0.0?
```",
};
