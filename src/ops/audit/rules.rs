use crate::report::{Rule, Severity};

/// The rules about signatures.
pub const RULES: &[&Rule] = &[
    &SIGNATURE_BAD,
    &SIGNATURE_EXPIRED,
    &SIGNATURE_MALFORMED,
    &SIGNATURE_MISSING,
    &SIGNATURE_UNKNOWN,
    &SIGNERS_MISSING,
    &TAG_MOVED,
    &TAG_OFF_HISTORY,
];

/// A signature that is not of what it stands at, or whose key is revoked.
pub(super) static SIGNATURE_BAD: Rule = Rule {
    id: "signature-bad",
    severity: Severity::Error,
    summary: "a signature that does not fit what is signed, or whose key is revoked",
    docs: "The commit or tag was changed after it was signed, its signature was taken from \
another one, or its key stands in `revoked_signers`. One of OpenPGP may also be of a key that its \
owner revoked, or that stands in a `NAME.revoked.asc`, be made with a broken hash (SHA-1) or a weak \
key, before its key was made, or by a subkey that is not bound both ways. Nothing says that the \
person named made it.

**What to do.** Find out where it comes from before anything it brings is used. Where a key was \
revoked, and what it signed before is sound, have somebody else sign the state of today: a signed \
tag, or a signed merge.

```text
# revoked_signers: keys that were lost, one a line
ssh-ed25519 AAAA… lost on a train
```",
};

/// A signature by a key that did not count then.
pub(super) static SIGNATURE_EXPIRED: Rule = Rule {
    id: "signature-expired",
    severity: Severity::Error,
    summary: "a signature by a key that did not count at that moment",
    docs: "The list of signers gives the key a first or a last day, and the commit says that it \
was made outside of them. A day without `Z` is that day anywhere on earth, and only what is within \
it everywhere counts. An OpenPGP key says itself until when it counts, and what it signed counts as \
long as it does: that is how `gpg` has it.

**What to do.** Sign anew with a key that counts, or mend the list. For OpenPGP the owner lets the \
key live longer (`gpg --quick-set-expire FINGERPRINT 2y`) and somebody who may sign commits the new \
certificate; then what it signed before counts again.

```text
ann@example.org valid-before=\"20270101Z\" ssh-ed25519 AAAA…
```",
};

/// A signature that is not written as one.
pub(super) static SIGNATURE_MALFORMED: Rule = Rule {
    id: "signature-malformed",
    severity: Severity::Error,
    summary: "a signature that is not written as one, or is there twice",
    docs: "The commit or tag has two signatures, text behind its signature, or one that is \
written otherwise than programs write them. Git looks past some of that; but such a thing has \
another name for the same content, and is made by hand.

**What to do.** Find out who made it. Sign anew: `git commit --amend -S`.

```text
gpgsig -----BEGIN SSH SIGNATURE-----
 …
gpgsig -----BEGIN SSH SIGNATURE-----     # a second one
```",
};

/// A commit that nobody signed.
pub(super) static SIGNATURE_MISSING: Rule = Rule {
    id: "signature-missing",
    severity: Severity::Error,
    summary: "a commit or tag that nobody signed",
    docs: "There is no signature, so nothing but the name that was typed says who made it.

**What to do.** Sign what you make from now on; for what is there, have somebody sign a merge or a \
tag over it, and begin the audit there with `--anchor`.

```sh
git config gpg.format ssh
git config user.signingKey ~/.ssh/id_ed25519.pub
git config commit.gpgSign true
```",
};

/// A signature by a key that nobody is listed with.
pub(super) static SIGNATURE_UNKNOWN: Rule = Rule {
    id: "signature-unknown",
    severity: Severity::Error,
    summary: "a sound signature by a key that is not listed",
    docs: "The signature fits, and the key is not on the list of signers that was in force: the \
one of the step before. Nobody knows whose key it is.

**What to do.** If you know it, let somebody who may sign add a line to `allowed_signers`, or for \
OpenPGP the certificate: `gpg --armor --export ann@example.org > pgp_signers/ann@example.org.asc`.

```text
# allowed_signers
ann@example.org namespaces=\"git,strata-approval@strata\" ssh-ed25519 AAAA…
```",
};

/// No list of signers.
pub(super) static SIGNERS_MISSING: Rule = Rule {
    id: "signers-missing",
    severity: Severity::Warning,
    summary: "nobody is listed who may sign",
    docs: "There is no `allowed_signers`, and no certificate in `pgp_signers/`, where the history \
begins that is asked about, so no signature can be told to be anybody's.

**What to do.** Write the list, and commit it; or give one: `--signers FILE`.

```text
# allowed_signers
ann@example.org namespaces=\"git\" ssh-ed25519 AAAA…
```",
};

/// A tag whose reference names another one.
pub(super) static TAG_MOVED: Rule = Rule {
    id: "tag-moved",
    severity: Severity::Error,
    summary: "a tag that stands under another name than it was made with",
    docs:
        "The tag's own text names another tag. Somebody pointed the name at a tag that was made, \
and perhaps signed, for something else.

**What to do.** Ask who made it; then make the tag anew.

```text
refs/tags/v2.0.0 → tag v1.0.0
```",
};

/// A tag of a commit that no branch has.
pub(super) static TAG_OFF_HISTORY: Rule = Rule {
    id: "tag-off-history",
    severity: Severity::Error,
    summary: "a tag of a commit that is not in the history",
    docs: "The tagged commit is not among those that lead to the revision that is audited: what \
was released was never landed.

**What to do.** Land the commit, or tag the one that was landed. `--rev BRANCH` audits the tags of \
another branch.

```sh
git branch --contains v1.0.0
```",
};
