use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::file::{Armor, decryptor, without_armor};
use crate::error::{Error, Result};

/// A passphrase, which does not show itself.
pub type Passphrase = SecretString;

/// Who may be asked for a passphrase, and told what a plugin has to say.
pub trait Asked: Send + Sync {
    /// Asks for a passphrase without showing it; none where nobody can be asked.
    fn passphrase(&self, what: &str) -> Option<SecretString>;
    /// Asks for a text that may be seen.
    fn text(&self, what: &str) -> Option<String>;
    /// Asks whether to go on: the words of yes and of no.
    fn confirm(&self, what: &str, yes: &str, no: Option<&str>) -> Option<bool>;
    /// Says something.
    fn say(&self, what: &str);
}

/// Somebody who may be asked.
pub type Ask = Arc<dyn Asked>;

/// Nobody can be asked.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Asked for Silent {
    fn passphrase(&self, _: &str) -> Option<SecretString> {
        None
    }

    fn text(&self, _: &str) -> Option<String> {
        None
    }

    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }

    fn say(&self, _: &str) {}
}

/// Asks for age.
#[derive(Clone)]
pub(super) struct Talk(pub(super) Ask);

impl age::Callbacks for Talk {
    fn display_message(&self, message: &str) {
        self.0.say(message);
    }

    fn confirm(&self, message: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        self.0.confirm(message, yes, no)
    }

    fn request_public_string(&self, description: &str) -> Option<String> {
        self.0.text(description)
    }

    fn request_passphrase(&self, description: &str) -> Option<SecretString> {
        self.0.passphrase(description)
    }
}

/// Private keys, by which sealed values are opened.
///
/// They come from files: of age (`AGE-SECRET-KEY-1…`, one a line), of a plugin
/// (`AGE-PLUGIN-…`), either of them protected by a passphrase, or of OpenSSH.
#[derive(Default)]
pub struct Identities {
    all: Vec<Box<dyn age::Identity + Send + Sync>>,
}

impl Identities {
    /// Reads a file of identities; the name is for messages and questions.
    ///
    /// # Errors
    ///
    /// Where it holds no identity, needs a passphrase that nobody gives, or a plugin that is not
    /// there. No message shows what the file holds.
    pub fn read(name: &str, bytes: &[u8], ask: &Ask) -> Result<Self> {
        let mut read = Self::default();
        read.add(name, bytes, ask)?;
        Ok(read)
    }

    /// Reads another file, like [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// The same.
    pub fn add(&mut self, name: &str, bytes: &[u8], ask: &Ask) -> Result<()> {
        if Armor::of(bytes).is_some() {
            let plain = unlocked(name, bytes, ask)?;
            return self.add_plain(name, &plain, ask);
        }
        #[cfg(feature = "ssh")]
        if is_ssh(bytes) {
            self.all.push(ssh(name, bytes, ask)?);
            return Ok(());
        }
        self.add_plain(name, bytes, ask)
    }

    pub(super) fn of_keys<'a>(keys: impl Iterator<Item = &'a age::x25519::Identity>) -> Self {
        let boxed = |key: &age::x25519::Identity| -> Box<dyn age::Identity + Send + Sync> {
            Box::new(key.clone())
        };
        Self {
            all: keys.map(boxed).collect(),
        }
    }

    /// Says whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn to_age(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.all.iter().map(|it| &**it as &dyn age::Identity)
    }

    fn add_plain(&mut self, name: &str, bytes: &[u8], ask: &Ask) -> Result<()> {
        let none = |message: String| {
            Error::usage(message).with_help(
                "an identity is a private key: `age-keygen -o key.txt` makes one, and prints the \
                 public key to give to others",
            )
        };
        let file = age::IdentityFile::from_buffer(bytes).map_err(|error| {
            if let Some(line) = line_of_hybrid(bytes) {
                let message = format!(
                    "line {line} of `{name}` is a post-quantum identity, which only a plugin opens"
                );
                return Error::usage(message).with_help(
                    "give it in the form of the plugin `age-plugin-pq` (`AGE-PLUGIN-PQ-1…`)",
                );
            }
            let message = match error.kind() {
                std::io::ErrorKind::InvalidData if std::str::from_utf8(bytes).is_ok() => {
                    let line = line_of_fault(bytes);
                    format!("line {line} of `{name}` is no identity")
                }
                _ => format!("`{name}` is no file of identities"),
            };
            none(message)
        })?;
        let found = file.with_callbacks(Talk(ask.clone())).into_identities();
        let found = found.map_err(|cause| {
            Error::usage(format!("the identities of `{name}` cannot be used"))
                .because(cause)
                .with_help("install the plugin where programs are looked for (`PATH`)")
        })?;
        if found.is_empty() {
            return Err(none(format!("`{name}` holds no identity")));
        }
        self.all.extend(found);
        Ok(())
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identities({})", self.all.len())
    }
}

/// Gives the number of the first line that is an identity of X25519 and ML-KEM-768 together,
/// which the age crate has no code for.
fn line_of_hybrid(bytes: &[u8]) -> Option<usize> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let at = lines.position(|line| line.starts_with(b"AGE-SECRET-KEY-PQ-1"))?;
    Some(at + 1)
}

/// Gives the number of the first line that is no identity.
fn line_of_fault(bytes: &[u8]) -> usize {
    let lines = bytes.split(|byte| *byte == b'\n');
    let is_fine = |line: &[u8]| {
        line.is_empty() || line == b"\r" || age::IdentityFile::from_buffer(line).is_ok()
    };
    lines.take_while(|line| is_fine(line)).count() + 1
}

/// Opens a file of identities that is protected by a passphrase.
fn unlocked(name: &str, bytes: &[u8], ask: &Ask) -> Result<Zeroizing<Vec<u8>>> {
    let wrong = |message: String| {
        Error::usage(message).with_help("give a file of identities with `--identity FILE`")
    };
    let unread = |cause| wrong(format!("`{name}` cannot be read")).because(cause);
    let bare = without_armor(bytes).map_err(unread)?;
    let decryptor = decryptor(&bare).map_err(unread)?;
    if !decryptor.is_scrypt() {
        let message = format!("`{name}` is sealed for somebody, and not by a passphrase");
        return Err(wrong(message));
    }
    let passphrase = ask
        .passphrase(&format!("Passphrase of {name}"))
        .ok_or_else(|| {
            Error::usage(format!(
                "`{name}` is protected by a passphrase, and there is nobody to ask for it"
            ))
            .with_help("run this on a terminal, or give another identity with `--identity FILE`")
        })?;
    let identity = age::scrypt::Identity::new(passphrase);
    let one: [&dyn age::Identity; 1] = [&identity];
    let opened = decryptor.decrypt(one.into_iter()).map_err(|cause| {
        let message = match cause {
            age::DecryptError::DecryptionFailed => {
                format!("the passphrase is not that of `{name}`")
            }
            _ => format!("`{name}` cannot be opened"),
        };
        Error::usage(message).because(cause).with_help("try again")
    })?;
    super::file::read_all(opened)
        .map_err(|cause| Error::io(format!("`{name}` is damaged"), cause))
        .map_err(|error| error.with_help("take the file from a copy"))
}

#[cfg(feature = "ssh")]
fn is_ssh(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    start.starts_with(b"-----BEGIN OPENSSH PRIVATE KEY-----")
        || start.starts_with(b"-----BEGIN RSA PRIVATE KEY-----")
}

/// Reads a private key of OpenSSH.
#[cfg(feature = "ssh")]
fn ssh(name: &str, bytes: &[u8], ask: &Ask) -> Result<Box<dyn age::Identity + Send + Sync>> {
    let help = "give a key of the kind `ssh-ed25519` (`ssh-keygen -t ed25519`), or one of age";
    let identity = age::ssh::Identity::from_buffer(bytes, Some(name.to_owned()))
        .map_err(|_| Error::usage(format!("`{name}` is no private key")).with_help(help))?;
    let locked = match identity {
        age::ssh::Identity::Unencrypted(_) => return Ok(Box::new(identity)),
        age::ssh::Identity::Unsupported(_) => {
            let message = format!("`{name}` holds an SSH key of a kind that cannot open secrets");
            return Err(Error::usage(message).with_help(help));
        }
        age::ssh::Identity::Encrypted(locked) => locked,
    };
    let passphrase = ask
        .passphrase(&format!("Passphrase of {name}"))
        .ok_or_else(|| {
            Error::usage(format!(
                "`{name}` is protected by a passphrase, and there is nobody to ask for it"
            ))
            .with_help("run this on a terminal, or give another identity with `--identity FILE`")
        })?;
    let open = locked.decrypt(passphrase).map_err(|cause| {
        Error::usage(format!("the passphrase is not that of `{name}`"))
            .because(cause)
            .with_help("try again")
    })?;
    Ok(Box::new(age::ssh::Identity::from(open)))
}
