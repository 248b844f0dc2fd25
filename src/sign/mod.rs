//! Signatures of commits, tags and statements: whose key made them, and whether that key counted.
//!
//! ```text
//! allowed_signers ──▶ Signers ──verify(payload, signature, moment)──▶ Verdict { standing, signer, key, reason }
//! NAME.asc (OpenPGP) ──▲
//! ```
//!
//! SSH signatures are those of [PROTOCOL.sshsig], signers are listed as `ssh-keygen(1)` describes
//! under ALLOWED SIGNERS. A verdict is never laxer than that of `git verify-commit` with the same
//! lists; where Git looks past something (a second signature, text after it), it is stricter.
//!
//! [PROTOCOL.sshsig]: https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.sshsig

mod allowed;
mod certificates;
mod moment;
mod pattern;
#[cfg(feature = "openpgp")]
mod pgp;
mod revoked;
mod signers;
mod ssh;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

#[cfg(all(test, feature = "openpgp"))]
pub(crate) use pgp::testing as pgp_testing;
#[cfg(not(feature = "openpgp"))]
mod without_openpgp;

#[cfg(feature = "openpgp")]
use pgp as openpgp;
#[cfg(not(feature = "openpgp"))]
use without_openpgp as openpgp;

pub use allowed::{AllowedSigners, Entry};
pub use certificates::{Certificates, KeyFile, is_certificates};
pub use revoked::Revoked;
pub use signers::{Clock, Signers, Standing, Verdict};

/// Names the key that an SSH signature says it is of, as `SHA256:…`; whether it is, only
/// [`Signers::verify`] tells. None where the signature cannot be read.
#[must_use]
pub fn key_of(armored: &[u8]) -> Option<String> {
    let signature = ssh::SshSignature::read(armored).ok()?;
    Some(ssh::fingerprint(&signature.key))
}

/// Names bytes by their SHA-256, in hexadecimal digits.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    use sha2::{Digest, Sha256};

    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The namespace in which Git signs commits and tags.
pub const GIT: &str = "git";
