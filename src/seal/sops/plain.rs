use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::super::{Refused, Secret};

/// What a value was before it was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A text.
    Text,
    /// A whole number.
    Int,
    /// Another number.
    Float,
    /// Yes or no.
    Bool,
    /// Bytes.
    Bytes,
    /// A moment.
    Time,
    /// A comment.
    Comment,
}

impl Type {
    /// Gives the name as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "str",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Bytes => "bytes",
            Self::Time => "time",
            Self::Comment => "comment",
        }
    }

    pub(super) fn of(text: &str) -> Option<Self> {
        Some(match text {
            "str" => Self::Text,
            "int" | "int64" => Self::Int,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "bytes" => Self::Bytes,
            "time" => Self::Time,
            "comment" => Self::Comment,
            _ => return None,
        })
    }
}

/// A value of a SOPS file, opened. It does not print itself.
#[derive(Clone)]
pub struct Plain {
    text: SecretString,
    kind: Type,
}

impl Plain {
    /// Takes a text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::new(text, Type::Text)
    }

    /// Takes yes or no.
    #[must_use]
    pub fn bool(is_true: bool) -> Self {
        Self::new(bool_text(is_true), Type::Bool)
    }

    /// Takes a number as SOPS writes it: see [`number_text`].
    #[must_use]
    pub fn number(text: &str) -> Self {
        let kind = match text.parse::<i64>() {
            Ok(_) => Type::Int,
            Err(_) => Type::Float,
        };
        Self::new(text, kind)
    }

    /// Takes the bytes of a value of a type, and writes it as SOPS would.
    pub(super) fn of_bytes(bytes: Zeroizing<Vec<u8>>, kind: Type) -> Result<Self, Refused> {
        let wrong = |what: &str| Refused::Malformed(format!("a value is no {what}"));
        let text = std::str::from_utf8(&bytes).map_err(|_| wrong("text"))?;
        Ok(match kind {
            Type::Text | Type::Bytes | Type::Time | Type::Comment => Self::new(text, kind),
            Type::Bool => Self::bool(match text {
                "1" | "t" | "T" | "true" | "True" | "TRUE" => true,
                "0" | "f" | "F" | "false" | "False" | "FALSE" => false,
                _ => return Err(wrong("truth value")),
            }),
            Type::Int => {
                let number: i64 = text.parse().map_err(|_| wrong("whole number"))?;
                Self::new(&number.to_string(), kind)
            }
            Type::Float => {
                let number: f64 = text.parse().map_err(|_| wrong("number"))?;
                match number.is_finite() {
                    true => Self::new(&number.to_string(), kind),
                    false => return Err(wrong("number that has an end")),
                }
            }
        })
    }

    fn new(text: &str, kind: Type) -> Self {
        Self {
            text: SecretString::from(text),
            kind,
        }
    }

    /// Says what it was.
    #[must_use]
    pub fn kind(&self) -> Type {
        self.kind
    }

    /// Shows it, as it is sealed and as it is in the MAC.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// Gives the secret that it is.
    #[must_use]
    pub fn secret(&self) -> Secret {
        let text = self.expose();
        match self.kind {
            Type::Bool => Secret::json(text.to_ascii_lowercase()),
            Type::Int | Type::Float => Secret::json(text),
            Type::Text | Type::Bytes | Type::Time | Type::Comment => Secret::text(text),
        }
    }
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plain({})", self.kind.as_str())
    }
}

/// Writes yes or no as SOPS does.
pub(super) fn bool_text(is_true: bool) -> &'static str {
    match is_true {
        true => "True",
        false => "False",
    }
}

/// Writes a number as SOPS does: a whole one of 64 bits as such, any other as the nearest float,
/// without an exponent.
#[must_use]
pub fn number_text(whole: Option<i64>, float: f64) -> String {
    match whole {
        Some(number) => number.to_string(),
        None if float.is_nan() => "NaN".to_owned(),
        None if float.is_infinite() && float > 0.0 => "+Inf".to_owned(),
        None if float.is_infinite() => "-Inf".to_owned(),
        None => float.to_string(),
    }
}
