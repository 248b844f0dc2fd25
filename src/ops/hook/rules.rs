use crate::report::{Rule, Severity};

/// Every rule about what is pushed.
pub const RULES: &[&Rule] = &[
    &PROTECTED_BRANCH_DELETED,
    &PROTECTED_BRANCH_REWOUND,
    &PUSHED_FILE_TOO_LARGE,
    &RELEASE_TAG_MOVED,
];

/// A branch is deleted that a protected environment lives at.
pub(super) static PROTECTED_BRANCH_DELETED: Rule = Rule {
    id: "protected-branch-deleted",
    severity: Severity::Error,
    summary: "a push that deletes the branch of a protected environment",
    docs: "The manifest, as the server has it, says that an environment is protected, and the push \
deletes the branch that it lives at (its `ref`; without one, the default branch). With the branch \
goes what is deployed there, and who changed it.

**What to do.** Leave the branch. Where the environment is to go, take it out of the manifest first, \
in a push of its own.

```yaml
environments:
  prod: { ref: env/prod, protected: true }     # `git push origin :env/prod` is refused
```",
};

/// A branch goes elsewhere than on, and a protected environment lives at it.
pub(super) static PROTECTED_BRANCH_REWOUND: Rule = Rule {
    id: "protected-branch-rewound",
    severity: Severity::Error,
    summary: "a forced push that drops commits of a protected environment's branch",
    docs: "The manifest, as the server has it, says that an environment is protected, and after \
the push the branch that it lives at (its `ref`; without one, the default branch) would lack commits \
that it has now. The history is what tells who changed production and when.

**What to do.** Fetch, put your commits on top, and push without `--force`. To undo a change, add a \
commit that does: `git revert`.

```yaml
environments:
  prod: { ref: env/prod, protected: true }     # `git push --force origin env/prod` is refused
```",
};

/// A file is too large to be judged.
pub(super) static PUSHED_FILE_TOO_LARGE: Rule = Rule {
    id: "pushed-file-too-large",
    severity: Severity::Error,
    summary: "a configuration file that is too large to be judged on the server",
    docs: "A push brings a configuration file of more than 16 MiB, or more than 256 MiB of them \
together. They are not read, so that nobody can keep the server busy with them, and what is not read \
cannot be accepted.

**What to do.** Divide the file, or keep data out of the configuration.

```console
$ git rev-list --objects origin/main.. | git cat-file --batch-check='%(objectsize) %(rest)' | sort -n
```",
};

/// A tag that released a version is to stand elsewhere.
pub(super) static RELEASE_TAG_MOVED: Rule = Rule {
    id: "release-tag-moved",
    severity: Severity::Error,
    summary: "a push that moves or deletes the tag of a released version",
    docs:
        "A tag that the manifest's `versions` describes is a release of the schema. Who upgraded \
to it did so by what it was; if it stands elsewhere, the same version says two things.

**What to do.** Leave the tag, and release another version: `git tag v1.2.1`.

```yaml
versions: v*          # `git push --force origin v1.2.0` is refused, a new v1.2.1 is not
```",
};
