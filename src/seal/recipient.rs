use std::fmt;
use std::str::FromStr;

use super::identity::{Ask, Talk};
use crate::error::{Error, Result};

/// Who something is sealed for: a public key.
///
/// ```
/// use strata::seal::Recipient;
///
/// assert!("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p".parse::<Recipient>().is_ok());
/// assert!("hello".parse::<Recipient>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recipient(String);

impl Recipient {
    /// Gives the key as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn of_age(key: &age::x25519::Recipient) -> Self {
        Self(key.to_string())
    }

    /// Gives what age encrypts to; a plugin may want to ask something.
    pub(super) fn to_age(&self, ask: &Ask) -> Result<Box<dyn age::Recipient>> {
        let text = self.0.as_str();
        if let Ok(found) = text.parse::<age::x25519::Recipient>() {
            return Ok(Box::new(found));
        }
        if let Ok(found) = text.parse::<age::tag::Recipient>() {
            return Ok(Box::new(found));
        }
        if let Ok(found) = text.parse::<age::tagpq::Recipient>() {
            return Ok(Box::new(found));
        }
        #[cfg(feature = "ssh")]
        if let Ok(found) = text.parse::<age::ssh::Recipient>() {
            return Ok(Box::new(found));
        }
        if let Ok(found) = text.parse::<age::plugin::Recipient>() {
            let name = found.plugin().to_owned();
            let talk = Talk(ask.clone());
            let plugin = age::plugin::RecipientPluginV1::new(&name, &[found], &[], talk);
            return Ok(Box::new(plugin.map_err(|cause| no_plugin(&name, cause))?));
        }
        Err(refused(text))
    }
}

/// Says that a plugin is not there.
pub(super) fn no_plugin(
    name: &str,
    cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::usage(format!("the plugin `age-plugin-{name}` cannot be run"))
        .because(cause)
        .with_help(format!(
            "install `age-plugin-{name}` where programs are looked for (`PATH`)"
        ))
}

#[cfg(feature = "ssh")]
fn is_ssh(text: &str) -> bool {
    text.parse::<age::ssh::Recipient>().is_ok()
}

#[cfg(not(feature = "ssh"))]
fn is_ssh(_: &str) -> bool {
    false
}

fn refused(text: &str) -> Error {
    // Who gives a private key by mistake must not find it in a log.
    if text.to_ascii_uppercase().contains("SECRET-KEY") || text.contains("PRIVATE KEY") {
        return Error::usage("this is a private key, and no recipient").with_help(
            "give the public key that belongs to it: `age-keygen -y FILE` prints it; and keep the \
             private one to yourself",
        );
    }
    if text.starts_with("ssh-") && !cfg!(feature = "ssh") {
        return Error::usage("this program was built without SSH keys as recipients")
            .with_help("build it with `--features ssh`, or give a key that begins with `age1`");
    }
    Error::usage(format!("`{text}` is no recipient")).with_help(
        "give a public key that begins with `age1` (`age-keygen` makes one), or with `ssh-ed25519`",
    )
}

impl FromStr for Recipient {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let known = text.parse::<age::x25519::Recipient>().is_ok()
            || text.parse::<age::tag::Recipient>().is_ok()
            || text.parse::<age::tagpq::Recipient>().is_ok()
            || text.parse::<age::plugin::Recipient>().is_ok()
            || is_ssh(text);
        match known {
            true => Ok(Self(text.to_owned())),
            false => Err(refused(text)),
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
