use std::collections::BTreeMap;
use std::fmt;

use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::file::{Armor, open_file, seal_file};
use super::identity::{Ask, Identities};
use super::{Recipient, Refused, Secret};
use crate::error::Result;

/// The private keys of a keyring: one for each of its generations.
///
/// They are written as a file of identities that `age` itself could use, a comment above each
/// saying its generation, and sealed for the members.
#[derive(Clone)]
pub struct Keys {
    generations: BTreeMap<u32, age::x25519::Identity>,
}

impl Keys {
    /// Makes the first generation.
    #[must_use]
    pub fn new() -> Self {
        Self {
            generations: BTreeMap::from([(1, age::x25519::Identity::generate())]),
        }
    }

    /// Opens the file of a keyring.
    ///
    /// # Errors
    ///
    /// Where it is not sealed for any of the identities, is damaged, or holds no keys.
    pub fn open(bytes: &[u8], identities: &Identities) -> std::result::Result<Self, Refused> {
        let plain = open_file(bytes, identities)?;
        let other = || Refused::Malformed("it holds no keys of a keyring".to_owned());
        let text = std::str::from_utf8(&plain).map_err(|_| other())?;
        let mut generations = BTreeMap::new();
        let mut next = None;
        for line in text.lines() {
            if let Some(comment) = line.strip_prefix('#') {
                let number = comment.trim().strip_prefix("generation ");
                next = number
                    .and_then(|number| number.trim().parse().ok())
                    .or(next);
            } else if !line.trim().is_empty() {
                let key = line.trim().parse().map_err(|_| other())?;
                generations.insert(next.take().ok_or_else(other)?, key);
            }
        }
        match generations.is_empty() {
            true => Err(other()),
            false => Ok(Self { generations }),
        }
    }

    /// Seals the keys for the members.
    ///
    /// # Errors
    ///
    /// Where there is no member, or one of them cannot be used.
    pub fn seal(&self, members: &[Recipient], ask: &Ask) -> Result<Vec<u8>> {
        let mut plain = Zeroizing::new(String::with_capacity(self.generations.len() * 128));
        for (number, key) in &self.generations {
            plain.push_str(&format!("# generation {number}\n"));
            plain.push_str(key.to_string().expose_secret());
            plain.push('\n');
        }
        seal_file(plain.as_bytes(), members, Armor::Text, ask)
    }

    /// Adds a generation, and gives its number.
    pub fn renew(&mut self) -> u32 {
        let number = self.generation().saturating_add(1);
        let key = age::x25519::Identity::generate();
        self.generations.insert(number, key);
        number
    }

    /// Gives the newest generation.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generations.keys().next_back().copied().unwrap_or(0)
    }

    /// Gives the public key of a generation.
    #[must_use]
    pub fn recipient(&self, generation: u32) -> Option<Recipient> {
        let key = self.generations.get(&generation)?;
        Some(Recipient::of_age(&key.to_public()))
    }

    /// Opens a file that was sealed for the keyring, whichever of its keys that was.
    ///
    /// # Errors
    ///
    /// Where it is sealed for others, or damaged.
    pub fn open_file(&self, bytes: &[u8]) -> std::result::Result<Zeroizing<Vec<u8>>, Refused> {
        open_file(bytes, &Identities::of_keys(self.generations.values()))
    }

    pub(super) fn key(&self, generation: u32) -> Option<&age::x25519::Identity> {
        self.generations.get(&generation)
    }
}

/// Makes a private key, as a file of identities has it, and the public one that belongs to it.
#[must_use]
pub fn new_identity() -> (Recipient, Secret) {
    let key = age::x25519::Identity::generate();
    let text = key.to_string();
    let recipient = Recipient::of_age(&key.to_public());
    let text = format!("# public key: {recipient}\n{}\n", text.expose_secret());
    (recipient, Secret::text(text))
}

impl Default for Keys {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} generations)", self.generations.len())
    }
}
