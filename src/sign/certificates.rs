use super::openpgp::{self, Held};
use crate::error::{Error, Result};

/// OpenPGP certificates, each with whose it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Certificates {
    pub(super) held: Vec<Held>,
}

/// What a file of a folder of certificates is, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFile {
    /// `NAME.asc`: the certificates of somebody.
    Of(String),
    /// `NAME.revoked.asc`: keys that count no longer.
    Revoked,
    /// A file that tells people, or Git, about the folder.
    About,
}

impl Certificates {
    /// Reads the certificates of one person from the text form of OpenPGP; `name` is what errors
    /// call the file. Where this program was built without OpenPGP, nothing is read.
    ///
    /// # Errors
    ///
    /// Where there is none, one cannot be read, or what its owner says of it does not verify.
    pub fn read(name: &str, principal: &str, bytes: &[u8]) -> Result<Self> {
        Ok(Self {
            held: openpgp::read(name, principal, bytes)?,
        })
    }

    /// Adds the certificates of other people, or other ones of theirs.
    pub fn extend(&mut self, others: Self) {
        self.held.extend(others.held);
    }

    /// Takes up what other texts of the same certificates say, such as a longer life, and adds
    /// those that are not there.
    pub fn learn(&mut self, others: &Self) {
        openpgp::and(&mut self.held, &others.held);
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

/// Says whether a text begins as OpenPGP certificates do.
#[must_use]
pub fn is_certificates(text: &[u8]) -> bool {
    text.starts_with(b"-----BEGIN PGP PUBLIC KEY BLOCK-----")
}

impl KeyFile {
    /// Reads the name of a file; `path` is what errors call it.
    ///
    /// # Errors
    ///
    /// Where the name is no such name: a key that is looked past might be one that is revoked.
    pub fn read(path: &str, name: &str) -> Result<Self> {
        if name == "README.md" || name.starts_with(".git") {
            return Ok(Self::About);
        }
        let wrong = |what: &str| {
            let error = Error::invalid(format!("`{path}`: {what}"));
            error.with_help(
                "name it after who signs, as the policy does: `ann@shop.example.asc`; keys that \
                 count no longer go into `ann@shop.example.revoked.asc`",
            )
        };
        let who = name.strip_suffix(".asc");
        let who = who.ok_or_else(|| wrong("its name does not end in `.asc`"))?;
        if let Some(who) = who.strip_suffix(".revoked") {
            return match who.is_empty() {
                true => Err(wrong("its name is nobody's")),
                false => Ok(Self::Revoked),
            };
        }
        // In a list of signers these separate names, or stand for more than one.
        let is_odd =
            |it: char| matches!(it, ',' | '*' | '?' | '!' | '"' | '\u{fffd}') || it.is_control();
        let is_name = who == who.trim() && !who.contains(is_odd) && !who.starts_with('#');
        let is_revoked = who.to_ascii_lowercase().ends_with(".revoked");
        match is_name && !who.is_empty() && !is_revoked {
            true => Ok(Self::Of(who.to_owned())),
            false => Err(wrong("its name is nobody's")),
        }
    }
}
