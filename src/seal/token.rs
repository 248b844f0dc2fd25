use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::file::{Armor, decryptor, fault, read_all, seal_file};
use super::identity::Silent;
use super::payload::{self, BLOCK, Context};
use super::{Keys, Recipient, Secret};
use crate::error::{Error, Result};

/// What a token begins with.
const HEAD: &str = "ENC[age1,";

/// A sealed value, as it stands in the place of the value:
/// `ENC[age1,<keyring>.<generation>,<base64 of an age file>]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    keyring: String,
    generation: u32,
    sealed: Vec<u8>,
}

/// Says whether a text is meant to be a token, well-formed or not.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.starts_with(HEAD)
}

/// Why something sealed does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// It is not of the form that it should have; the text says what is wrong.
    Malformed(String),
    /// Its end is missing.
    CutOff,
    /// It was changed after it was sealed.
    Damaged,
    /// It is sealed with another key than the one it names.
    OtherKey,
    /// It is sealed for somebody else.
    NotForYou,
    /// It is sealed by a passphrase, and there is nobody to ask for it.
    NeedsPassphrase,
    /// It is sealed by another passphrase.
    OtherPassphrase,
    /// The keyring has no such generation.
    NoSuchGeneration(u32),
    /// It is sealed with a key that was replaced: the generation, and the one in force.
    OldGeneration(u32, u32),
    /// It was sealed for another place.
    Elsewhere(Context),
    /// It was sealed with another keyring than the one it names.
    OtherKeyring(String),
    /// A value of a SOPS file was changed, or sealed for another key than the one given; for
    /// which, where that is known.
    Moved(String, Option<String>),
    /// A value of a SOPS file is plain, where the file says that it is sealed: its key.
    Plain(String),
    /// The MAC of a SOPS file is not that of its values.
    OtherMac,
    /// Another reason, such as a plugin that failed.
    Failed(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "it is not well-formed: {why}"),
            Self::CutOff => f.write_str("its end is missing"),
            Self::Damaged => f.write_str("it was changed after it was sealed"),
            Self::OtherKey => f.write_str("it is sealed with another key than the one it names"),
            Self::NotForYou => f.write_str("it is not sealed for this identity"),
            Self::NeedsPassphrase => {
                f.write_str("it is sealed by a passphrase, and there is nobody to ask for it")
            }
            Self::OtherPassphrase => f.write_str("it is sealed by another passphrase"),
            Self::NoSuchGeneration(number) => write!(f, "the keyring has no generation {number}"),
            Self::OldGeneration(old, now) => write!(
                f,
                "it is sealed with generation {old} of the key, and {now} is in force"
            ),
            Self::Elsewhere(context) => write!(f, "it was sealed for {context}"),
            Self::OtherKeyring(name) => write!(f, "it was sealed with the keyring `{name}`"),
            Self::Moved(key, Some(from)) => {
                write!(f, "what stands at `{key}` was sealed for `{from}`")
            }
            Self::Moved(key, None) => {
                write!(f, "`{key}` was changed, or was sealed for another key")
            }
            Self::Plain(key) => write!(f, "`{key}` is plain, where the file says it is sealed"),
            Self::OtherMac => f.write_str(
                "a value was changed, added or taken away after SOPS sealed it (its MAC is another)",
            ),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Refused {}

impl Token {
    /// Reads a token.
    ///
    /// # Errors
    ///
    /// Where the text is none, or not a whole one.
    pub fn parse(text: &str) -> std::result::Result<Self, Refused> {
        let wrong = |why: &str| Refused::Malformed(why.to_owned());
        let rest = text
            .strip_prefix(HEAD)
            .ok_or_else(|| wrong("a token begins with `ENC[age1,`"))?;
        let rest = rest.strip_suffix(']').ok_or(Refused::CutOff)?;
        let (key, sealed) = rest.split_once(',').ok_or(Refused::CutOff)?;
        let (keyring, generation) = key
            .rsplit_once('.')
            .ok_or_else(|| wrong("it names no generation of a keyring"))?;
        if !is_keyring_name(keyring) {
            return Err(wrong("it names no keyring"));
        }
        let is_number =
            !generation.starts_with('0') && generation.bytes().all(|c| c.is_ascii_digit());
        let generation = generation.parse().ok().filter(|_| is_number);
        let generation = generation.ok_or_else(|| wrong("its generation is no number"))?;
        let sealed = BASE64_STANDARD
            .decode(sealed)
            .map_err(|error| match error {
                base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => {
                    Refused::CutOff
                }
                _ => wrong("what is sealed is no base64"),
            })?;
        has_whole_blocks(&sealed)?;
        Ok(Self {
            keyring: keyring.to_owned(),
            generation,
            sealed,
        })
    }

    /// Seals a value for a place, with a generation of its keyring.
    ///
    /// # Errors
    ///
    /// Where the value is larger than 4 GiB, or the recipient cannot be used.
    pub fn seal(
        secret: &Secret,
        context: &Context,
        generation: u32,
        recipient: &Recipient,
    ) -> Result<Self> {
        let plain = payload::write(context, secret)
            .ok_or_else(|| Error::usage("a secret cannot be so large"))?;
        let to = std::slice::from_ref(recipient);
        let ask: super::Ask = Arc::new(Silent);
        Ok(Self {
            keyring: context.keyring.clone(),
            generation,
            sealed: seal_file(&plain, to, Armor::Binary, &ask)?,
        })
    }

    /// Opens a token at the place where it stands. `in_force` is the generation that the keyring
    /// is at.
    ///
    /// # Errors
    ///
    /// Where it was sealed for another place, with another generation, or is damaged.
    pub fn open(
        &self,
        context: &Context,
        in_force: u32,
        keys: &Keys,
    ) -> std::result::Result<Secret, Refused> {
        self.open_where(&|found| found == context, in_force, keys)
    }

    /// Opens a token where it stands, like [`open`](Self::open); whether that is the place that it
    /// was sealed for is answered by who asks.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn open_where(
        &self,
        is_here: &dyn Fn(&Context) -> bool,
        in_force: u32,
        keys: &Keys,
    ) -> std::result::Result<Secret, Refused> {
        if self.generation < in_force {
            return Err(Refused::OldGeneration(self.generation, in_force));
        }
        let (found, secret) = self.open_anywhere(keys)?;
        match is_here(&found) {
            true => Ok(secret),
            false => Err(Refused::Elsewhere(found)),
        }
    }

    /// Opens a token wherever it stands, and tells what place it was sealed for.
    ///
    /// # Errors
    ///
    /// Where the keyring has no such generation, or the token is damaged.
    pub fn open_anywhere(&self, keys: &Keys) -> std::result::Result<(Context, Secret), Refused> {
        let key = keys
            .key(self.generation)
            .ok_or(Refused::NoSuchGeneration(self.generation))?;
        let decryptor = decryptor(&self.sealed)?;
        let one: [&dyn age::Identity; 1] = [key];
        let opened = decryptor
            .decrypt(one.into_iter())
            .map_err(|error| match fault(error) {
                Refused::NotForYou => Refused::OtherKey,
                other => other,
            })?;
        let plain = read_all(opened).map_err(|_| Refused::Damaged)?;
        let (context, secret) = payload::read(&plain)
            .ok_or_else(|| Refused::Malformed("it was not sealed by this program".to_owned()))?;
        match context.keyring == self.keyring {
            true => Ok((context, secret)),
            false => Err(Refused::OtherKeyring(context.keyring)),
        }
    }

    /// Gives the name of the keyring.
    #[must_use]
    pub fn keyring(&self) -> &str {
        &self.keyring
    }

    /// Gives the generation of the keyring's key.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Gives what is sealed, an age file.
    #[must_use]
    pub fn sealed(&self) -> &[u8] {
        &self.sealed
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sealed = BASE64_STANDARD.encode(&self.sealed);
        write!(f, "{HEAD}{}.{},{sealed}]", self.keyring, self.generation)
    }
}

/// Says whether a text may name a keyring.
#[must_use]
pub fn is_keyring_name(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    !text.is_empty() && text.len() <= 64 && text.chars().all(is_letter)
}

/// Says without any key whether the end is missing: what is sealed has whole blocks, and age adds
/// 16 bytes before it and 16 after each 64 KiB.
fn has_whole_blocks(sealed: &[u8]) -> std::result::Result<(), Refused> {
    const CHUNK: usize = 64 * 1024;
    const OVERHEAD: usize = 16;
    let none = || Refused::Malformed("what is sealed is none of age".to_owned());
    if !sealed.starts_with(b"age-encryption.org/v1\n") {
        return Err(none());
    }
    // The header ends with a line that begins with three dashes.
    let start = sealed.windows(5).position(|it| it == b"\n--- ");
    let start = start.ok_or(Refused::CutOff)? + 1;
    let end = sealed[start..].iter().position(|byte| *byte == b'\n');
    let body = &sealed[start + end.ok_or(Refused::CutOff)? + 1..];
    let rest = body.len().checked_sub(OVERHEAD).ok_or(Refused::CutOff)?;
    let chunks = rest.div_ceil(CHUNK + OVERHEAD);
    let plain = rest.checked_sub(chunks * OVERHEAD).ok_or(Refused::CutOff)?;
    match plain > 0 && plain.is_multiple_of(BLOCK) {
        true => Ok(()),
        false => Err(Refused::CutOff),
    }
}
