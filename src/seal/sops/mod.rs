//! The cryptography of [SOPS] files, as far as age wraps their data keys.
//!
//! ```text
//! sops.age[].enc ──age──▶ DataKey (32 bytes, one a file)
//!                            │ AES-256-GCM, about the key path: `db:password:`
//! password: ENC[AES256_GCM,data:…,iv:…,tag:…,type:str] ──▶ Plain
//!                            │ about `lastmodified`
//! sops.mac ──────────────────┘──▶ SHA-512 over all values, one after the other
//! ```
//!
//! What a file says, and which of its values are sealed, is for the rooms above: nothing here
//! knows a document.
//!
//! [SOPS]: https://getsops.io/docs/

mod choice;
mod mac;
mod plain;
mod sealed;

use aes_gcm::aead::OsRng;
use aes_gcm::aead::rand_core::RngCore;
use secrecy::zeroize::Zeroizing;

pub use choice::{Choice, DEFAULT_SUFFIX};
pub use mac::Mac;
pub use plain::{Plain, Type, number_text};
pub use sealed::{SealedValue, is_sealed_value};

use super::file::{Armor, open_file, seal_file};
use super::identity::{Ask, Identities};
use super::{Recipient, Refused};
use crate::error::{Error, Result};

/// How many bytes a data key has.
const KEY: usize = 32;

/// The key that the values of one file are sealed with.
pub struct DataKey(Zeroizing<[u8; KEY]>);

impl DataKey {
    /// Makes a key.
    ///
    /// # Errors
    ///
    /// Where the system has no random numbers.
    pub fn new() -> Result<Self> {
        let mut key = Zeroizing::new([0; KEY]);
        random(&mut *key)?;
        Ok(Self(key))
    }

    /// Opens a key that age has wrapped, each time for another recipient.
    ///
    /// # Errors
    ///
    /// Where none of them opens with the identities; the fault told is the worst.
    pub fn unwrap<'a>(
        wrapped: impl IntoIterator<Item = &'a str>,
        identities: &Identities,
    ) -> std::result::Result<Self, Refused> {
        let mut last = Refused::NotForYou;
        for text in wrapped {
            let opened = open_file(text.as_bytes(), identities).and_then(|bytes| {
                let wrong = || Refused::Malformed("its data key has not 32 bytes".to_owned());
                let mut key = Zeroizing::new([0; KEY]);
                match bytes.len() {
                    KEY => key.copy_from_slice(&bytes),
                    _ => return Err(wrong()),
                }
                Ok(Self(key))
            });
            match opened {
                Ok(key) => return Ok(key),
                Err(Refused::NotForYou) => {}
                Err(why) => last = why,
            }
        }
        Err(last)
    }

    /// Wraps the key for a recipient.
    ///
    /// # Errors
    ///
    /// Where the recipient cannot be used.
    pub fn wrap(&self, recipient: &Recipient, ask: &Ask) -> Result<String> {
        let to = std::slice::from_ref(recipient);
        let wrapped = seal_file(&*self.0, to, Armor::Text, ask)?;
        Ok(String::from_utf8_lossy(&wrapped).into_owned())
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(***)")
    }
}

/// Fills bytes by chance.
fn random(bytes: &mut [u8]) -> Result<()> {
    OsRng.try_fill_bytes(bytes).map_err(|_| {
        Error::usage("the system gives no random numbers").with_help("try again in a moment")
    })
}

/// Gives what a value is sealed about: the keys that lead to it, without the numbers of items,
/// each followed by a colon.
pub fn about<'a>(keys: impl IntoIterator<Item = &'a str>) -> String {
    let keys: Vec<&str> = keys.into_iter().collect();
    format!("{}:", keys.join(":"))
}

#[cfg(test)]
mod tests;
