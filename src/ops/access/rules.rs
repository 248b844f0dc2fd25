use crate::report::{Rule, Severity};

/// The rules about the access log.
pub const RULES: &[&Rule] = &[&ACCESS_LOG_BROKEN];

/// The chain of the log is broken.
pub(super) static ACCESS_LOG_BROKEN: Rule = Rule {
    id: "access-log-broken",
    severity: Severity::Error,
    summary: "an access log whose entries do not follow from one another",
    docs: "Each line of the access log names the SHA-256 of the one before it. Here one does not, \
or is no entry, or an entry that was noted elsewhere is not there: lines were changed, taken out, \
put in or cut off, or a program was stopped while it wrote.

**What to do.** Compare the log with a copy. Note the hash of the last entry from time to time \
where nobody can change it; then nobody can write the log anew unseen.

```sh
git strata audit log --verify
git strata audit log --verify 3f8a2b91
```",
};
