use foldhash::HashSet;

use super::openpgp;
use super::signers::{Standing, Verdict};
use super::ssh::{fingerprint, public_key};
use crate::error::{Error, Result};

/// Keys whose signatures count no longer, whenever they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revoked {
    keys: HashSet<String>,
}

impl Revoked {
    /// Reads a list of public keys, one a line, as `gpg.ssh.revocationFile` names one; `name` is
    /// what errors call it. A line of `SHA256:…` names a key by its fingerprint.
    ///
    /// # Errors
    ///
    /// Where a line is no public key; a revocation list in OpenSSH's own binary form is none that
    /// can be read here. Nothing may be taken as good then.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self> {
        if bytes.starts_with(b"SSHKRL\n\0") {
            return Err(Error::invalid(format!(
                "`{name}` is a binary revocation list, which cannot be read"
            ))
            .with_help("write the public keys that are revoked into it instead, one a line"));
        }
        let text = std::str::from_utf8(bytes).map_err(|cause| {
            Error::invalid(format!("`{name}` is no text"))
                .with_help("write the public keys that are revoked into it, one a line")
                .because(cause)
        })?;
        let mut keys = HashSet::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key = match line.split_whitespace().next() {
                Some(print) if print.starts_with("SHA256:") => Some(print.to_owned()),
                _ => public_key(line).map(|key| fingerprint(&key)),
            };
            keys.insert(key.ok_or_else(|| {
                Error::invalid(format!(
                    "`{name}`, line {}: this is no public key",
                    number + 1
                ))
                .with_help("a line is `ssh-ed25519 AAAA…`, as a file `.pub` holds it")
            })?);
        }
        Ok(Self { keys })
    }

    /// Reads OpenPGP certificates that count no longer, whatever they say of themselves; `name` is
    /// what errors call the file.
    ///
    /// # Errors
    ///
    /// Where there is no public key, or one cannot be read. Nothing may be taken as good then.
    pub fn read_certificates(name: &str, bytes: &[u8]) -> Result<Self> {
        let keys = openpgp::keys(name, bytes)?;
        Ok(Self {
            keys: keys.into_iter().collect(),
        })
    }

    /// Says whether a key is revoked, by its fingerprint: `SHA256:…`, or `openpgp:…`.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Takes back a verdict on a signature by a revoked key.
    #[must_use]
    pub fn judge(&self, verdict: Verdict) -> Verdict {
        match &verdict.key {
            Some(key) if !verdict.is_malformed && self.has(key) => {
                verdict.because(Standing::Bad, "its key is revoked")
            }
            _ => verdict,
        }
    }

    /// Takes in what another list revokes.
    pub fn and(&mut self, other: &Self) {
        self.keys.extend(other.keys.iter().cloned());
    }
}
