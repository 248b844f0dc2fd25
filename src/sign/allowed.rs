use ssh_key::PublicKey;

use super::moment::Moment;
use super::pattern::in_list;
use super::ssh::public_key;
use crate::error::{Error, Result};

/// A list of who may sign: the file that Git reads from `gpg.ssh.allowedSignersFile`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AllowedSigners {
    entries: Vec<Entry>,
}

/// One line of it: who signs with which key, for what, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The line, from 1.
    pub line: u32,
    /// Who it is, as written: names with `,` between them.
    pub principals: String,
    /// The key.
    pub(super) key: PublicKey,
    /// Whether the key signs the keys of others.
    pub(super) is_authority: bool,
    /// What it may sign, as patterns; anything where nothing is said.
    pub(super) namespaces: Option<String>,
    pub(super) after: Option<Moment>,
    pub(super) before: Option<Moment>,
}

impl AllowedSigners {
    /// Reads the list; `name` is what errors call it.
    ///
    /// # Errors
    ///
    /// Where a line is not as OpenSSH has them. It would refuse all that follows, and so no
    /// signature may be taken as good then.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes)
            .map_err(|cause| Error::invalid(format!("`{name}` is no text")).because(cause))?;
        let mut entries = Vec::new();
        for (number, line) in (1..).zip(text.split('\n')) {
            let trimmed = line.trim_matches([' ', '\t', '\r']);
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            let entry = Entry::read(number, trimmed);
            entries.push(entry.map_err(|what| {
                Error::invalid(format!("`{name}`, line {number}: {what}")).with_help(
                    "a line is `ann@example.org namespaces=\"git\" ssh-ed25519 AAAA…`; see \
                     `man ssh-keygen` under ALLOWED SIGNERS",
                )
            })?);
        }
        Ok(Self { entries })
    }

    /// The lines, in their order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

impl Entry {
    fn read(number: u32, line: &str) -> Result<Self, String> {
        let (principals, mut rest) = first_word(line).ok_or("a quote has no end")?;
        if principals.is_empty() {
            return Err("it names nobody".to_owned());
        }
        let mut entry = Self {
            line: number,
            principals: principals.to_owned(),
            key: PublicKey::new(ssh_key::public::Ed25519PublicKey([0; 32]).into(), ""),
            is_authority: false,
            namespaces: None,
            after: None,
            before: None,
        };
        if let Some(key) = public_key(rest) {
            entry.key = key;
            return Ok(entry);
        }
        let end = end_of_options(rest).ok_or("a quote has no end")?;
        let (options, key) = rest.split_at(end);
        rest = key.trim_start_matches([' ', '\t']);
        if rest.is_empty() {
            return Err("there is no public key that can be read".to_owned());
        }
        for option in split_options(options) {
            entry.take(option)?;
        }
        entry.key = public_key(rest).ok_or("there is no public key that can be read")?;
        Ok(entry)
    }

    /// Takes an option up; one that is there twice is a fault, as it is to OpenSSH.
    fn take(&mut self, option: &str) -> Result<(), String> {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, None),
        };
        let text = |value: Option<&str>| -> Result<String, String> {
            let inner = value.and_then(|it| it.strip_prefix('"')?.strip_suffix('"'));
            let inner = inner.ok_or_else(|| format!("`{name}` needs a value in quotes"))?;
            Ok(inner.replace("\\\"", "\""))
        };
        let once = |is_there: bool| match is_there {
            true => Err(format!("`{name}` is there twice")),
            false => Ok(()),
        };
        let moment = || {
            let value = text(value)?;
            let read = Moment::read(&value);
            read.ok_or_else(|| {
                format!("`{value}` is no moment such as `20260131` or `20260131120000Z`")
            })
        };
        match name.to_ascii_lowercase().as_str() {
            "cert-authority" if value.is_none() => self.is_authority = true,
            "namespaces" => {
                once(self.namespaces.is_some())?;
                self.namespaces = Some(text(value)?);
            }
            "valid-after" => {
                once(self.after.is_some())?;
                self.after = Some(moment()?);
            }
            "valid-before" => {
                once(self.before.is_some())?;
                self.before = Some(moment()?);
            }
            _ => return Err(format!("`{name}` is no option that is known")),
        }
        match (self.after, self.before) {
            (Some(after), Some(before)) if after.earliest() >= before.latest() => {
                Err("it ends before it begins".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Says whether the key may sign for that purpose.
    pub(super) fn is_for(&self, namespace: &str) -> bool {
        (self.namespaces.as_deref()).is_none_or(|list| in_list(namespace, list))
    }

    /// Says whether the key counted at a moment, wherever on earth the moments of the line are
    /// meant.
    pub(super) fn counted_at(&self, moment: i64) -> bool {
        self.after.is_none_or(|after| moment >= after.latest())
            && self.before.is_none_or(|before| moment <= before.earliest())
    }

    /// Says whether it counts at a moment in some time zone.
    pub(super) fn may_count_at(&self, moment: i64) -> bool {
        self.after.is_none_or(|after| moment >= after.earliest())
            && self.before.is_none_or(|before| moment <= before.latest())
    }

    /// Says whether this is a line about somebody: one of its names is that name, and no pattern
    /// refuses it.
    #[must_use]
    pub fn is_about(&self, principal: &str) -> bool {
        in_list(principal, &self.principals)
    }
}

/// Splits off the first word, which may stand in quotes, and the blanks after it.
fn first_word(line: &str) -> Option<(&str, &str)> {
    let (word, rest) = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => line.split_once([' ', '\t']).unwrap_or((line, "")),
    };
    Some((word, rest.trim_start_matches([' ', '\t'])))
}

/// Finds where the options end: at the first blank that stands outside quotes.
fn end_of_options(text: &str) -> Option<usize> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !is_escaped => is_quoted = !is_quoted,
            b' ' | b'\t' if !is_quoted => return Some(at),
            _ => {}
        }
        is_escaped = byte == b'\\';
    }
    (!is_quoted).then_some(text.len())
}

/// Splits options at the commas outside quotes.
fn split_options(text: &str) -> Vec<&str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(|char: char| {
        if char == '"' && !is_escaped {
            is_quoted = !is_quoted;
        }
        is_escaped = char == '\\';
        char == ',' && !is_quoted
    })
    .collect()
}
