use crate::report::{Rule, Severity};

/// Every rule about secrets.
pub const RULES: &[&Rule] = &[
    &COPIED_TOKEN,
    &KEYRING_MISMATCH,
    &MALFORMED_TOKEN,
    &OVERDUE_SECRET,
    &PLAIN_SECRET,
    &REFUSED_TOKEN,
    &REPLACED_KEY,
    &REPLAYED_TOKEN,
    &TAMPERED_KEYRING,
    &UNKNOWN_KEYRING,
    &UNSEALED_SECRET,
    &WIDENED_KEYRING,
    &WRONG_KEYRING,
];

/// A secret stands there for all to read.
pub(super) static PLAIN_SECRET: Rule = Rule {
    id: "plain-secret",
    severity: Severity::Error,
    summary: "a value that the schema calls a secret, and that is not sealed",
    docs: "The schema marks a value as a secret (`writeOnly: true`, `x-secret: true` or `format: \
password`), and it stands in the file as it is: whoever can read the repository can read it, and \
every clone keeps it. Where the manifest declares no keyring, it is a warning. A name of a secret \
that is kept elsewhere is none: `vault:…`, `op://…`, `ref+…`, `${…}`.

**What to do.** Seal it (`git strata secret seal KEY`), and change it where it is used: Git keeps \
what was once committed.

```yaml
database:
  password: hunter2       # for all to read
```",
};

/// A secret is older than it may be.
pub(super) static OVERDUE_SECRET: Rule = Rule {
    id: "overdue-secret",
    severity: Severity::Warning,
    summary: "a sealed value that is older than the schema's `x-rotate-after` allows",
    docs: "The schema says after how long a secret is to be replaced (`x-rotate-after: 90 days`), \
and the commit that sealed this one is older. A new key of the keyring does not make the secret \
new. `git strata secret age` looks for it.

**What to do.** Change the secret where it is used, and seal the new one: `git strata secret \
rotate KEY --with COMMAND`.

```yaml
# the schema
password: { type: string, writeOnly: true, x-rotate-after: 90 days }
```",
};

/// The manifest and the file of a keyring do not say the same.
pub(super) static KEYRING_MISMATCH: Rule = Rule {
    id: "keyring-mismatch",
    severity: Severity::Error,
    summary: "a keyring whose file is not what the manifest says of it",
    docs: "The manifest lists the members of a keyring and its public key; `keyrings/NAME.age` \
holds its private keys, sealed for the members, and tells who can open it who these are. They do \
not agree: a member was added or removed by hand, or another public key was put there, with which \
new secrets would be sealed for somebody else. The number of members is looked at without a key; \
who they are, and the keys, with one (`--identity FILE`). What changes a keyring refuses such a \
one, so that nobody gets in by a line in the manifest.

**What to do.** Look at who changed them (`git log strata.yaml keyrings`), take that back, and use \
`git strata secret keyring` instead.

```yaml
keyrings:
  prod:
    recipient: age1…
    generation: 1
    members: { ann: age1…, bob: age1… }   # keyrings/prod.age is sealed for one
```",
};

/// A keyring changed as no command changes it.
pub(super) static TAMPERED_KEYRING: Rule = Rule {
    id: "tampered-keyring",
    severity: Severity::Error,
    summary: "a keyring of which the manifest and the file did not change together",
    docs: "Since the base, a keyring changed in a way that no command of this program does: its \
members or its public key changed in the manifest, and its file did not, or the other way round; \
its generation went back, so that a replaced key is in force again; it has another public key of \
the same generation; somebody is out of it whose key still opens it; its file is gone; or it is no \
longer declared, and what was sealed with it is plain or sealed with another one. Whoever \
may write can do that, to be let in, or to have new secrets sealed for themselves. It is seen \
without a key; with one (`--identity FILE`), so is a file that somebody made anew who could not \
open the one before.

**What to do.** Look at who changed it (`git log strata.yaml keyrings`), take it back, and let a \
member use `git strata secret keyring`. Until then, seal nothing with it.

```yaml
keyrings:
  prod:
    recipient: age1…      # another one than before
    generation: 1         # and the same generation
    members: { ann: age1… }
```",
};

/// A limit of a keyring is gone.
pub(super) static WIDENED_KEYRING: Rule = Rule {
    id: "widened-keyring",
    severity: Severity::Warning,
    summary: "a keyring that is for more environments or keys than before",
    docs:
        "The manifest limits a keyring to some `environments` or `keys`, and since the base some \
of these limits are gone: a secret may now be sealed with it, for its members to read, where that \
was a fault before.

**What to do.** Take it back, or let it be where it is meant; who reviews the change should be one \
who answers for the secrets.

```yaml
keyrings:
  dev: { recipient: age1…, generation: 1, environments: [dev, prod] }   # was [dev]
```",
};

/// A token is not whole.
pub(super) static MALFORMED_TOKEN: Rule = Rule {
    id: "malformed-token",
    severity: Severity::Error,
    summary: "a sealed value that is not whole, or not well-formed",
    docs: "A sealed value is `ENC[age1,KEYRING.GENERATION,BASE64]`, on one line. This one lacks a \
part, or holds what cannot be there: it was cut off, or edited by hand.

**What to do.** Take it from an older commit, or seal the value anew: `git strata secret seal KEY`.

```yaml
password: ENC[age1,prod.1,YWdlLWVuY3J5
```",
};

/// A token names a keyring that is not declared.
pub(super) static UNKNOWN_KEYRING: Rule = Rule {
    id: "unknown-keyring",
    severity: Severity::Error,
    summary: "a sealed value whose keyring the manifest does not declare",
    docs: "A sealed value names the keyring whose members can open it, and the manifest declares \
none of that name under `keyrings`, or its file `keyrings/NAME.age` is not there.

**What to do.** Bring the keyring back, or seal the value with another one.

```yaml
password: ENC[age1,prdo.1,…]       # the keyring is `prod`
```",
};

/// A token is sealed with a keyring of another scope.
pub(super) static WRONG_KEYRING: Rule = Rule {
    id: "wrong-keyring",
    severity: Severity::Error,
    summary: "a sealed value whose keyring is for other environments or keys",
    docs: "The manifest limits a keyring to some `environments` or `keys`, and a value outside of \
them is sealed with it: other people can read it than should.

**What to do.** Seal the value anew, with the keyring that is for it: `git strata secret seal KEY`. \
If it was a secret, change it where it is used.

```yaml
keyrings:
  dev: { recipient: age1…, generation: 1, environments: [dev] }
# config/prod.yaml
password: ENC[age1,dev.1,…]        # who develops can read what runs
```",
};

/// A token is sealed with a key that was replaced.
pub(super) static REPLACED_KEY: Rule = Rule {
    id: "replaced-key",
    severity: Severity::Error,
    summary: "a value that is sealed with a key that was replaced",
    docs: "The keyring has a new generation of its key, most often since somebody left it, and \
this value is sealed with an older one (or with one that is not there yet): who left can still \
read it.

**What to do.** `git strata secret adopt` seals it with the key in force.

```yaml
keyrings:
  prod: { recipient: age1…, generation: 2 }
# config/prod.yaml
password: ENC[age1,prod.1,…]       # the first generation
```",
};

/// A token stands in two places, or was moved.
pub(super) static COPIED_TOKEN: Rule = Rule {
    id: "copied-token",
    severity: Severity::Error,
    summary: "a sealed value that was copied or moved from another place",
    docs: "A value is sealed for one place: the file and the key. The same sealed value stands at \
another place, too, or stood there before. It does not open here, so that nobody can bring a \
secret to light by moving it to a key that is shown.

**What to do.** Seal the value at the new place (`git strata secret seal KEY`), or, having looked \
at what was moved and why, `git strata secret adopt`.

```yaml
database: { password: ENC[age1,prod.1,YWdl…] }
banner: ENC[age1,prod.1,YWdl…]     # the same
```",
};

/// A token does not open.
pub(super) static REFUSED_TOKEN: Rule = Rule {
    id: "refused-token",
    severity: Severity::Error,
    summary: "a sealed value that does not open where it stands",
    docs: "With an identity at hand (`--identity FILE`), every sealed value is opened that its \
keyring lets open. This one was sealed for another place, or was changed since, or was not sealed \
with the key that it names.

**What to do.** Take it from an older commit, or seal the value anew: `git strata secret seal KEY`.

```yaml
password: ENC[age1,prod.1,YWdl…]   # one letter was changed
```",
};

/// What stood sealed stands there plain.
pub(super) static UNSEALED_SECRET: Rule = Rule {
    id: "unsealed-secret",
    severity: Severity::Error,
    summary: "a value or file that was sealed at the base, and is for all to read now",
    docs: "At a place where a sealed value stood at the base of the change, one stands for all to \
read; or the file of that place is gone, and a new one has it. That is so whatever the schema says: \
a change that takes the schema's mark away together with the seal would go unseen otherwise. The \
same holds for a file that was sealed as a whole (`NAME.age`) and is plain, under that name, \
without its end, or in another folder. It is looked for in ranges and with `--staged`.

**What to do.** Seal it again (`git strata secret seal KEY`), and change it where it is used: Git \
keeps what was once committed. Where it was no secret, or is none any more, let one who answers for \
the secrets review the change.

```yaml
# at the base
password: ENC[age1,prod.1,YWdl…]
# now, and the schema no longer says `writeOnly: true`
password: hunter2
```",
};

/// A token stood there before, and was replaced since.
pub(super) static REPLAYED_TOKEN: Rule = Rule {
    id: "replayed-token",
    severity: Severity::Warning,
    summary: "a sealed value that comes back after it was replaced",
    docs: "The sealed value stood at this place once, another one took its place, and now the old \
one is back, letter by letter. It opens, since it was sealed for this place with the key in force: \
whoever may write can bring an old secret back so, without any key. A `git revert` does the same, \
and may be meant. It is looked for in ranges and with `--staged`, in the history of the files whose \
sealed values changed.

**What to do.** Where the old secret is the right one, let it be. Else take the newer one back, or \
seal it anew: `git strata secret seal KEY`. A new key of the keyring (`git strata secret keyring \
rotate`) puts all that was sealed before out of force.

```yaml
# a commit long ago: password: ENC[age1,prod.1,YWdl…]
# the base:          password: ENC[age1,prod.1,ZmFz…]
password: ENC[age1,prod.1,YWdl…]
```",
};
