use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256, Sha512};

use super::super::Refused;
use super::{DataKey, Plain, SealedValue};
use crate::error::Result;

/// What holds the values of a file together: a sum over all of them, in the order written.
///
/// Keys and the bounds of values are not in it, and neither are nulls: a key that was renamed
/// shows only because its value no longer opens.
#[derive(Clone)]
pub struct Mac(Sha512);

impl Mac {
    /// Begins a sum; one over sealed values only begins with other bytes.
    #[must_use]
    pub fn new(only_encrypted: bool) -> Self {
        let mut sum = Sha512::new();
        if only_encrypted {
            sum.update(Sha256::digest(b"sops"));
        }
        Self(sum)
    }

    /// Adds a value.
    pub fn add(&mut self, text: &str) {
        self.0.update(text.as_bytes());
    }

    /// Seals the sum about the time of the last change.
    ///
    /// # Errors
    ///
    /// Where the system has no random numbers.
    pub fn seal(self, key: &DataKey, modified: &str) -> Result<String> {
        let sealed = SealedValue::seal(&Plain::text(&self.sum()), key, modified)?;
        Ok(sealed.to_string())
    }

    /// Says whether it is the one that a file has.
    ///
    /// # Errors
    ///
    /// Where it is not, or that of the file does not open.
    pub fn verify(&self, sealed: &str, key: &DataKey, modified: &str) -> Result<(), Refused> {
        let opened = SealedValue::parse(sealed)?.open(key, modified);
        let opened = opened.map_err(|_| Refused::OtherMac)?;
        match opened.expose() == self.clone().sum().as_str() {
            true => Ok(()),
            false => Err(Refused::OtherMac),
        }
    }

    fn sum(self) -> Zeroizing<String> {
        let sum = self.0.finalize();
        Zeroizing::new(sum.iter().map(|byte| format!("{byte:02X}")).collect())
    }
}

impl std::fmt::Debug for Mac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mac(***)")
    }
}
