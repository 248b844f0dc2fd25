use crate::report::{Rule, Severity};

/// The rules about permissions.
pub const RULES: &[&Rule] = &[
    &APPROVAL_MISSING,
    &AUTHORITY_FAILED,
    &HISTORY_REWRITTEN,
    &PERMISSION_DENIED,
    &PERMISSION_MISSING,
    &POLICY_INVALID,
    &POLICY_MISSING,
];

/// Too few agreed.
pub(super) static APPROVAL_MISSING: Rule = Rule {
    id: "approval-missing",
    severity: Severity::Error,
    summary: "a change that others must agree to, and too few did",
    docs: "The policy asks that others agree to a change like this one. They do so by a signed \
statement in the tree, `approvals/<change>/<key>.json`. A statement counts for one repository, \
branch, change and policy. It does not count where its signer made the change, may not approve \
there or took it back, after its last day, or where something that the change is about became \
another since. Two keys of one person are one.

**What to do.** Ask who has the role. What is said of each statement that does not count tells why.

```yaml
approvals:
  - environments: [prod]
    sections: [payments]
    needed: 2
    from: lead
```",
};

/// Nobody answered.
pub(super) static AUTHORITY_FAILED: Rule = Rule {
    id: "authority-failed",
    severity: Severity::Error,
    summary: "an outside authority is configured, and did not answer as it should",
    docs: "`git config strata.authority` names a command that knows which groups people are in, and \
what they may not do. It could not be run, took too long, failed, or printed what is no answer. \
Without it nothing that is protected is allowed.

**What to do.** Run the command by hand with a question, and look at what it prints.

```sh
git config strata.authority /usr/local/bin/who-is
git config strata.authorityTimeout 10
echo '{\"strata-authority\": 1, \"names\": [\"ann\"], \"touches\": []}' | /usr/local/bin/who-is
```

An answer is `{\"strata-authority\": 1, \"groups\": [\"leads\"], \"refused\": []}`; the policy binds a \
group as `group:leads`.",
};

/// Commits were taken back.
pub(crate) static HISTORY_REWRITTEN: Rule = Rule {
    id: "history-rewritten",
    severity: Severity::Error,
    summary: "a branch that does not go on from where it was",
    docs: "Permissions are judged step by step: each commit by the policy of the one before it. \
That can only be done where the branch goes on from the commit that it stood at. Here commits were \
taken back, or the branch was put upon another history, where another policy may be in force.

**What to do.** Check what will land: the merge into the branch, whose first parent is the branch; \
or put the commits upon the branch as it stands.

```sh
git rebase main
git strata policy check main..HEAD
```",
};

/// The policy denies it.
pub(super) static PERMISSION_DENIED: Rule = Rule {
    id: "permission-denied",
    severity: Severity::Error,
    summary: "a change that the policy denies to whoever made it",
    docs: "A binding with `deny: true` takes the right from whoever made the change, and that \
stands above all that gives it.

**What to do.** Leave the change to somebody else; who could is said.

```yaml
bindings:
  - who: [\"*\"]
    role: developer
    sections: [payments]
    deny: true
```",
};

/// Nothing allows it.
pub(super) static PERMISSION_MISSING: Rule = Rule {
    id: "permission-missing",
    severity: Severity::Error,
    summary: "a change that nothing allows to whoever made it",
    docs: "What is protected can be changed by who has the right to, and by nobody else. Who made \
a commit is told by its signature: without one that counts, it was nobody. A change is what it does \
to values: an edit of a shared layer needs the right in every environment whose values it changes. \
Whoever merges answers for what none of the merged commits did, and needs `land`.

**What to do.** Leave the change to somebody who has the right; who could is said. Or ask whoever \
has `policy.admin` for it; a policy counts from the commit after the one that changes it.

```yaml
roles:
  developer: [config.write]
bindings:
  - who: [ann@shop.example]
    role: developer
    environments: [dev, staging]
```",
};

/// The policy cannot be followed.
pub(super) static POLICY_INVALID: Rule = Rule {
    id: "policy-invalid",
    severity: Severity::Error,
    summary: "a policy that cannot be followed, so that nothing is allowed",
    docs:
        "`policy.yaml` holds something that is not known: a key, a verb, a role or a version; or \
it cannot be read. A part that is left out could be the one that denies, so nothing at all is \
allowed by such a policy.

**What to do.** Mend it before it lands. Where one has landed, nobody can change it by the rules; \
whoever keeps the branch puts back the policy of before.

```yaml
policy: 1
roles:
  developer: [config.wirte]     # it is config.write
```",
};

/// There is no policy.
pub(super) static POLICY_MISSING: Rule = Rule {
    id: "policy-missing",
    severity: Severity::Info,
    summary: "no policy is in force, so nothing is protected",
    docs: "There is no `policy.yaml` where the history begins that is asked about, so anybody may \
change anything.

**What to do.** Write one. It counts from the commit after it.

```yaml
policy: 1
roles:
  admin: [policy.admin, schema.write, config.write, secret.write, template.write, land]
bindings:
  - who: [ann@shop.example]
    role: admin
```",
};
