use crate::report::{Rule, Severity};

/// Every rule about what a search for secrets finds.
pub const RULES: &[&Rule] = &[
    &EXPIRED_ALLOWANCE,
    &KEY_MATERIAL,
    &LIKELY_SECRET,
    &UNUSED_ALLOWANCE,
];

/// What nothing but a secret looks like.
pub(super) static KEY_MATERIAL: Rule = Rule {
    id: "key-material",
    severity: Severity::Error,
    summary: "a private key, token or password that stands in plain text",
    docs: "A text has the form of a private key, of a token of a known service, or of an address \
with a password in it. Whoever can read the repository can use it, every clone keeps it, and to \
delete the line does not take it out of the history. The secret itself is never shown; each finding \
has a fingerprint that names it.

**What to do.** Withdraw it where it was issued, and keep the new one sealed (`git strata secret \
seal KEY`) or out of the repository. What is no secret, such as a key made for a test, can be \
allowed with a reason: `git strata secret scan --allow FINGERPRINT --reason '…'`.

```yaml
database:
  url: postgres://shop:Kx81-horse@db.internal/shop   # a password for all to read
```",
};

/// What looks as if it were a secret.
pub(super) static LIKELY_SECRET: Rule = Rule {
    id: "likely-secret",
    severity: Severity::Warning,
    summary: "a value that its key calls a secret, and that nobody could guess",
    docs:
        "The key speaks of a password, a secret, a token, a key or credentials, and the value is \
twenty or more letters without any order, as such values are. Placeholders, names, paths, hashes, \
UUIDs, public keys and sealed values are not meant. The value is never shown; each finding has a \
fingerprint that names it.

**What to do.** If it is a secret, withdraw it where it was issued, and keep the new one sealed: \
`git strata secret seal KEY`. If it is none, say so with a reason: `git strata secret scan --allow \
FINGERPRINT --reason '…'`.

```yaml
mail:
  api_key: 8fQ2…kV71      # twenty or more such letters
```",
};

/// An entry whose day is over.
pub(super) static EXPIRED_ALLOWANCE: Rule = Rule {
    id: "expired-allowance",
    severity: Severity::Warning,
    summary: "an entry of secrets-allowed.yaml that held until a day that is over",
    docs: "An entry in `secrets-allowed.yaml` allows something that looks like a secret until a \
day, and that day has passed. What it allowed is told again.

**What to do.** Take the secret away, or agree on another day, and say why.

```yaml
allowed:
  - path: tests/keys/**
    reason: until the tests make their own keys
    until: 2025-01-31      # over
```",
};

/// An entry that nothing needs.
pub(super) static UNUSED_ALLOWANCE: Rule = Rule {
    id: "unused-allowance",
    severity: Severity::Info,
    summary: "an entry of secrets-allowed.yaml that allows nothing",
    docs:
        "An entry in `secrets-allowed.yaml` is about nothing that was found, neither in the files \
nor in any commit. It would let the next secret there pass unseen. It is told when everything is \
searched (`git strata secret scan --history`).

**What to do.** Delete the entry.

```yaml
allowed:
  - path: tests/kyes/**    # the folder is called `keys`
    reason: keys made for tests
```",
};
