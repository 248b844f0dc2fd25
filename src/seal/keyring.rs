use std::collections::BTreeMap;
use std::fmt;

use indexmap::IndexMap;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::file::{Armor, open_file, seal_file};
use super::identity::{Ask, Identities};
use super::{Recipient, Refused, Secret};
use crate::error::Result;

/// The private keys of a keyring: one for each of its generations.
///
/// They are written as a file of identities that `age` itself could use, a comment above each
/// saying its generation, and sealed for the members. Who those are stands in comments, too: whoever
/// cannot open the file cannot add to them.
///
/// ```text
/// # generation 1
/// AGE-SECRET-KEY-1…
/// # member ["ann","age1…"]
/// ```
#[derive(Clone)]
pub struct Keys {
    generations: BTreeMap<u32, age::x25519::Identity>,
    members: Option<IndexMap<String, Recipient>>,
}

impl Keys {
    /// Makes the first generation.
    #[must_use]
    pub fn new() -> Self {
        Self {
            generations: BTreeMap::from([(1, age::x25519::Identity::generate())]),
            members: None,
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
        let mut members = None;
        let mut next = None;
        for line in text.lines().map(str::trim) {
            let comment = line.strip_prefix('#').map(str::trim);
            if let Some(member) = comment.and_then(|it| it.strip_prefix("member ")) {
                let (name, key) = member_of(member).ok_or_else(other)?;
                let members = members.get_or_insert_with(IndexMap::new);
                if members.insert(name, key).is_some() {
                    return Err(other());
                }
            } else if let Some(comment) = comment {
                let number = comment.strip_prefix("generation ");
                next = number
                    .and_then(|number| number.trim().parse().ok())
                    .or(next);
            } else if !line.is_empty() {
                let key = line.parse().map_err(|_| other())?;
                let known = generations.insert(next.take().ok_or_else(other)?, key);
                if known.is_some() {
                    return Err(other());
                }
            }
        }
        match generations.is_empty() {
            true => Err(other()),
            false => Ok(Self {
                generations,
                members,
            }),
        }
    }

    /// Seals the keys for the members, whose names and keys the file then tells those who open it.
    ///
    /// # Errors
    ///
    /// Where there is no member, or one of them cannot be used.
    pub fn seal(&self, members: &IndexMap<String, Recipient>, ask: &Ask) -> Result<Vec<u8>> {
        let mut plain = self.written();
        for (name, key) in members {
            let member = serde_json::json!([name, key.as_str()]);
            plain.push_str(&format!("# member {member}\n"));
        }
        let members: Vec<Recipient> = members.values().cloned().collect();
        seal_file(plain.as_bytes(), &members, Armor::Text, ask)
    }

    /// Seals the keys as earlier versions did, with no word about who the members are.
    #[cfg(test)]
    pub(crate) fn seal_unlisted(&self, members: &[Recipient], ask: &Ask) -> Result<Vec<u8>> {
        seal_file(self.written().as_bytes(), members, Armor::Text, ask)
    }

    fn written(&self) -> Zeroizing<String> {
        let mut plain = Zeroizing::new(String::with_capacity(4096 + self.generations.len() * 128));
        for (number, key) in &self.generations {
            plain.push_str(&format!("# generation {number}\n"));
            plain.push_str(key.to_string().expose_secret());
            plain.push('\n');
        }
        plain
    }

    /// Gives the members by name, as the file tells them; none where it is of an earlier version
    /// that did not.
    #[must_use]
    pub fn members(&self) -> Option<&IndexMap<String, Recipient>> {
        self.members.as_ref()
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

    /// Opens a file that was sealed for the keyring with a key before a generation.
    ///
    /// # Errors
    ///
    /// Where it is sealed for others or with another key, or damaged.
    pub fn open_older_file(
        &self,
        bytes: &[u8],
        generation: u32,
    ) -> std::result::Result<Zeroizing<Vec<u8>>, Refused> {
        let older = self.generations.range(..generation).map(|(_, key)| key);
        open_file(bytes, &Identities::of_keys(older))
    }

    pub(super) fn key(&self, generation: u32) -> Option<&age::x25519::Identity> {
        self.generations.get(&generation)
    }
}

/// Reads the name and the key of a member.
fn member_of(text: &str) -> Option<(String, Recipient)> {
    let (name, key): (String, String) = serde_json::from_str(text).ok()?;
    Some((name, key.parse().ok()?))
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
