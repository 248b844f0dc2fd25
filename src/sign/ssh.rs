//! SSH keys and signatures, read and verified by the `ssh-key` crate.

use std::str::FromStr;

use ssh_key::{Algorithm, HashAlg, LineEnding, PublicKey, SshSig};

/// RSA keys below this size are too weak to count.
const RSA_BITS: usize = 2048;

/// Reads a public key: `ssh-ed25519 AAAA… comment`.
pub(super) fn public_key(text: &str) -> Option<PublicKey> {
    PublicKey::from_openssh(text.trim_matches([' ', '\t'])).ok()
}

/// Names a key by its hash, as `ssh-keygen -l` does: `SHA256:…`.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// A signature in its armor, read.
pub(super) struct SshSignature {
    sig: SshSig,
    pub(super) key: PublicKey,
}

/// Says whether a text begins like an SSH signature.
pub(super) fn is_ssh(armored: &[u8]) -> bool {
    armored.starts_with(BEGIN.as_bytes())
}

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";

impl SshSignature {
    /// Reads a signature that is one, and nothing beside it.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn read(armored: &[u8]) -> Result<Self, &'static str> {
        let text = std::str::from_utf8(armored).map_err(|_| "it is no text")?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let body = text.strip_prefix(BEGIN).ok_or("it does not begin as one")?;
        let body = body.strip_suffix(END).ok_or("something stands after it")?;
        if body.contains("-----") {
            return Err("it holds more than one signature");
        }
        let sig = SshSig::from_str(text).map_err(|_| "it cannot be read")?;
        if sig.version() != SshSig::VERSION {
            return Err("it is of a version that is not known");
        }
        if !sig.reserved().is_empty() {
            return Err("it holds something that nobody reads");
        }
        // Another text of the same signature would give the commit another name.
        let plain = sig
            .to_pem(LineEnding::LF)
            .map_err(|_| "it cannot be read")?;
        if !same_but_for_lines(&plain, text) {
            return Err("it is not written as it should be");
        }
        let key = PublicKey::new(sig.public_key().clone(), "");
        Ok(Self { sig, key })
    }

    /// Says whether the key made the signature over these bytes, for that purpose.
    ///
    /// # Errors
    ///
    /// Why not.
    pub(super) fn verify(&self, namespace: &str, payload: &[u8]) -> Result<(), &'static str> {
        if self.sig.namespace() != namespace {
            return Err("it was made for another purpose");
        }
        if let Some(key) = self.key.key_data().rsa()
            && key.n.as_positive_bytes().map_or(0, |bytes| bytes.len() * 8) < RSA_BITS
        {
            return Err("its RSA key has fewer than 2048 bits");
        }
        // SHA-1 is broken, and OpenSSH takes it for no signature of this form.
        if matches!(
            self.sig.algorithm(),
            Algorithm::Rsa { hash: None } | Algorithm::Dsa
        ) {
            return Err("it was made with SHA-1");
        }
        (self.key.verify(namespace, payload, &self.sig))
            .map_err(|_| "it is not of what is signed here")
    }
}

fn same_but_for_lines(a: &str, b: &str) -> bool {
    let bytes = |text: &str| -> Vec<u8> { text.bytes().filter(|&it| it != b'\n').collect() };
    bytes(a) == bytes(b)
}
