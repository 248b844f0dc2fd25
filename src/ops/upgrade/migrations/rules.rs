use crate::report::{Rule, Severity};

/// A released migration was changed.
pub(in crate::ops::upgrade) static MIGRATION_EDITED: Rule = Rule {
    id: "migration-edited",
    severity: Severity::Error,
    summary: "a migration that was changed after its version was released",
    docs: "People have upgraded with the migration as it was released. If it changes, the same \
upgrade gives something else for those who come later, and nobody can tell which.

**What to do.** Put it back, and do what is missing in the migration of the next version.

```sh
git checkout v2.0.0 -- migrations/2.0.0.yaml
```",
};

/// A version breaks something and has no migration.
pub(in crate::ops::upgrade) static MIGRATION_MISSING: Rule = Rule {
    id: "migration-missing",
    severity: Severity::Error,
    summary: "a version that breaks configurations, and has no migration",
    docs: "The schema of a version refuses, or silently ignores, what the version before it \
accepted, and no file of migrations says what to do about it.

**What to do.** Write one; a draft is made from the two schemas.

```sh
git strata migration new --from v1.2.0 --to v2.0.0 --write
```",
};

/// A migration says nothing of something that breaks.
pub(in crate::ops::upgrade) static MIGRATION_INCOMPLETE: Rule = Rule {
    id: "migration-incomplete",
    severity: Severity::Error,
    summary: "a breaking change that the migration of its version says nothing of",
    docs:
        "The version breaks configurations at a place that no step of its migration is about. An \
upgrade leaves them broken.

**What to do.** Add a step, or say with `manual` what a person has to do.

```yaml
steps:
  - manual: choose a region
    at: cloud
```",
};

/// A test of a migration fails.
pub(in crate::ops::upgrade) static MIGRATION_TEST_FAILED: Rule = Rule {
    id: "migration-test-failed",
    severity: Severity::Error,
    summary: "a test of a migration that gives something else than it should",
    docs: "`migrations/tests/<version>/<case>/` holds a document before, `in.yaml`, and after, \
`out.yaml`. The migration makes something else of the first; or what it makes does not hold to the \
schema of the version; or undoing it does not give the first back.

**What to do.** Correct the migration, or what the test expects.

```sh
git strata migration test 2.0.0
```",
};
