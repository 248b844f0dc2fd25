use std::fmt;

use secrecy::zeroize::{Zeroize, Zeroizing};
use secrecy::{ExposeSecret, SecretString};

/// A value that was sealed, opened: it neither prints nor serialises itself, and its memory is
/// overwritten when it is dropped.
///
/// ```
/// use strata::seal::Secret;
///
/// let password = Secret::text("hunter2");
/// assert_eq!(format!("{password:?}"), "Secret(***)");
/// assert_eq!(password.expose(), "hunter2");
/// ```
#[derive(Clone)]
pub struct Secret {
    value: SecretString,
    is_text: bool,
}

impl Secret {
    /// Takes a text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            value: SecretString::from(text.into()),
            is_text: true,
        }
    }

    /// Takes a value that is no text, written as JSON: `5432`, `true`, `null`, `["a", "b"]`.
    #[must_use]
    pub fn json(json: impl Into<String>) -> Self {
        Self {
            value: SecretString::from(json.into()),
            is_text: false,
        }
    }

    /// Shows the text, or the JSON of what is no text.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.value.expose_secret()
    }

    /// Says whether it is a text, and not another value written as JSON.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.is_text
    }

    /// Takes bytes that must be UTF-8; they are overwritten.
    pub(super) fn of_bytes(mut bytes: Zeroizing<Vec<u8>>, is_text: bool) -> Option<Self> {
        let text = String::from_utf8(std::mem::take(&mut *bytes));
        let text = text.map_err(|error| error.into_bytes().zeroize()).ok()?;
        Some(match is_text {
            true => Self::text(text),
            false => Self::json(text),
        })
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.is_text == other.is_text && self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}
