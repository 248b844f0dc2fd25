use crate::report::{Rule, Severity};

/// An exception whose day is over.
pub(in crate::ops::drift) static EXPIRED_EXCEPTION: Rule = Rule {
    id: "expired-exception",
    severity: Severity::Warning,
    summary: "a rule of drift.yaml that excused a difference until a day that is over",
    docs: "A rule in `drift.yaml` allows a difference until a day, and that day has passed. The \
difference is told again.

**What to do.** Make the environments alike, or agree on another day.

```yaml
rules:
  - path: /http/request_timeout_ms
    environments: [prod]
    reason: the bank is slow until its migration
    expires: 2025-01-31        # over
```",
};

/// An exception that nothing needs.
pub(in crate::ops::drift) static STALE_EXCEPTION: Rule = Rule {
    id: "stale-exception",
    severity: Severity::Warning,
    summary: "a rule of drift.yaml that no value and no difference is about any more",
    docs: "A rule in `drift.yaml` allows a difference that is no longer there, or speaks of a key \
that nobody sets. It would excuse the next difference there unseen. It is told when all \
environments are compared.

**What to do.** Delete the rule.

```yaml
rules:
  - path: /cache/ttl           # is called /cache/ttl_s by now
    reason: the load test
```",
};

/// Values that must differ are equal.
pub(in crate::ops::drift) static MUST_DIFFER: Rule = Rule {
    id: "must-differ",
    severity: Severity::Error,
    summary: "a value that must be another in each environment, and is the same",
    docs: "A rule in `drift.yaml` says that environments must differ here, and they hold the same \
value: two environments share a database, a password, an account. The value is not shown.

**What to do.** Give each environment its own value, or take the rule away.

```yaml
rules:
  - path: /database/host
    expect: differ
    reason: no environment may write to the database of another one
```",
};
