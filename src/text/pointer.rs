use std::fmt;
use std::str::FromStr;

use smol_str::SmolStr;

/// Names a place in a document: a JSON Pointer ([RFC 6901]).
///
/// It prints as `/database/pool`; people may also write it with dots, `database.pool`, and quote
/// a key that holds a dot: `labels."app.kubernetes.io/name"`.
///
/// ```
/// use strata::text::Pointer;
///
/// let pointer: Pointer = "database.replicas.0".parse()?;
/// assert_eq!(pointer.to_string(), "/database/replicas/0");
/// assert_eq!(pointer.dotted(), "database.replicas.0");
/// assert_eq!("/a~1b/c".parse::<Pointer>()?.dotted(), "a/b.c");
/// # Ok::<(), strata::text::PointerError>(())
/// ```
///
/// [RFC 6901]: https://www.rfc-editor.org/rfc/rfc6901
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer(Vec<SmolStr>);

/// Says why a text is no pointer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointerError {
    /// A `~` that neither `0` nor `1` follows.
    #[error("`~` must be followed by 0 or 1 in the pointer `{0}`")]
    Escape(String),
    /// A quotation mark without its partner, or with text right behind it.
    #[error("a quotation mark is out of place in the key `{0}`")]
    Quote(String),
    /// A backslash in quotes before anything but a quotation mark or a backslash.
    #[error(
        "a backslash in the quoted key `{0}` stands before a quotation mark or a backslash alone; write `\\\\` for one"
    )]
    Backslash(String),
    /// Two dots in a row, or one at an end.
    #[error("an empty part in the key `{0}`; write an empty key as \"\"")]
    Empty(String),
}

impl Pointer {
    /// Gives the pointer to the whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Makes a pointer from its parts, unescaped.
    pub fn from_tokens<T: Into<SmolStr>>(tokens: impl IntoIterator<Item = T>) -> Self {
        Self(tokens.into_iter().map(Into::into).collect())
    }

    /// Gives the parts, unescaped.
    #[must_use]
    pub fn tokens(&self) -> &[SmolStr] {
        &self.0
    }

    /// Says whether this is the whole document.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Goes one step down.
    #[must_use]
    pub fn join(&self, token: impl Into<SmolStr>) -> Self {
        let mut tokens = Vec::with_capacity(self.0.len() + 1);
        tokens.extend_from_slice(&self.0);
        tokens.push(token.into());
        Self(tokens)
    }

    /// Adds a part at the end, in place.
    pub fn push(&mut self, token: impl Into<SmolStr>) {
        self.0.push(token.into());
    }

    /// Takes the last part away, in place.
    pub fn pop(&mut self) -> Option<SmolStr> {
        self.0.pop()
    }

    /// Gives the pointer one step up, and `None` for the whole document.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    /// Gives the last part.
    #[must_use]
    pub fn last(&self) -> Option<&str> {
        self.0.last().map(SmolStr::as_str)
    }

    /// Says whether the other pointer is this place, or one below it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// Writes the pointer with dots, quoting where a part would read otherwise.
    #[must_use]
    pub fn dotted(&self) -> String {
        let mut out = String::new();
        for token in &self.0 {
            if !out.is_empty() {
                out.push('.');
            }
            let plain = !token.is_empty()
                && !token.contains(['.', '"', '\\'])
                && !token.starts_with('/')
                && !token.chars().any(|c| c.is_whitespace() || c.is_control());
            if plain {
                out.push_str(token);
            } else {
                out.push('"');
                for c in token.chars() {
                    if matches!(c, '"' | '\\') {
                        out.push('\\');
                    }
                    out.push(c);
                }
                out.push('"');
            }
        }
        out
    }

    fn from_slashes(text: &str) -> Result<Self, PointerError> {
        let unescape = |token: &str| -> Result<SmolStr, PointerError> {
            if !token.contains('~') {
                return Ok(token.into());
            }
            let mut out = String::with_capacity(token.len());
            let mut chars = token.chars();
            while let Some(c) = chars.next() {
                out.push(match c {
                    '~' => match chars.next() {
                        Some('0') => '~',
                        Some('1') => '/',
                        _ => return Err(PointerError::Escape(text.to_owned())),
                    },
                    c => c,
                });
            }
            Ok(out.into())
        };
        text.split('/')
            .skip(1)
            .map(unescape)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn from_dots(text: &str) -> Result<Self, PointerError> {
        let mut tokens = Vec::new();
        let mut chars = text.chars().peekable();
        loop {
            let mut token = String::new();
            if chars.peek() == Some(&'"') {
                chars.next();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some(c @ ('"' | '\\')) => token.push(c),
                            Some(_) => return Err(PointerError::Backslash(text.to_owned())),
                            None => return Err(PointerError::Quote(text.to_owned())),
                        },
                        Some(c) => token.push(c),
                        None => return Err(PointerError::Quote(text.to_owned())),
                    }
                }
                if !matches!(chars.peek(), None | Some('.')) {
                    return Err(PointerError::Quote(text.to_owned()));
                }
            } else {
                while let Some(c) = chars.next_if(|&c| c != '.') {
                    if c == '"' {
                        return Err(PointerError::Quote(text.to_owned()));
                    }
                    token.push(c);
                }
                if token.is_empty() {
                    return Err(PointerError::Empty(text.to_owned()));
                }
            }
            tokens.push(token.into());
            if chars.next().is_none() {
                return Ok(Self(tokens));
            }
        }
    }
}

impl FromStr for Pointer {
    type Err = PointerError;

    /// Reads either form: with a leading `/` as RFC 6901 says, else with dots; `""` is the whole
    /// document.
    fn from_str(text: &str) -> Result<Self, PointerError> {
        if text.is_empty() {
            Ok(Self::root())
        } else if text.starts_with('/') {
            Self::from_slashes(text)
        } else {
            Self::from_dots(text)
        }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for token in &self.0 {
            f.write_str("/")?;
            let mut rest = token.as_str();
            while let Some(at) = rest.find(['~', '/']) {
                f.write_str(&rest[..at])?;
                f.write_str(if rest.as_bytes()[at] == b'~' {
                    "~0"
                } else {
                    "~1"
                })?;
                rest = &rest[at + 1..];
            }
            f.write_str(rest)?;
        }
        Ok(())
    }
}

impl serde::Serialize for Pointer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_no_pointer() {
        for (text, error) in [
            ("/a~2", PointerError::Escape("/a~2".into())),
            ("a..b", PointerError::Empty("a..b".into())),
            ("a.", PointerError::Empty("a.".into())),
            ("a.\"b", PointerError::Quote("a.\"b".into())),
            ("\"a\"b", PointerError::Quote("\"a\"b".into())),
            ("a\"b", PointerError::Quote("a\"b".into())),
            ("\"b\\s\"", PointerError::Backslash("\"b\\s\"".into())),
            ("\"b\\", PointerError::Quote("\"b\\".into())),
        ] {
            assert_eq!(text.parse::<Pointer>(), Err(error));
        }
    }

    #[test]
    fn walks_up_and_down() {
        let pointer = Pointer::root().join("a").join("b");
        assert_eq!(pointer.parent(), Some(Pointer::root().join("a")));
        assert_eq!(Pointer::root().parent(), None);
        assert_eq!(pointer.last(), Some("b"));
        assert!(Pointer::root().join("a").contains(&pointer));
        assert!(!pointer.contains(&Pointer::root()));
        assert!(Pointer::root().is_root());
        let mut pointer = pointer;
        pointer.push("c");
        assert_eq!(pointer.pop().as_deref(), Some("c"));
        assert_eq!(serde_json::to_string(&pointer).unwrap(), "\"/a/b\"");
    }

    proptest! {
        #[test]
        fn both_forms_come_back(tokens in prop::collection::vec(".{0,6}", 0..5)) {
            let pointer = Pointer::from_tokens(tokens);
            prop_assert_eq!(&pointer.to_string().parse::<Pointer>().unwrap(), &pointer);
            prop_assert_eq!(&pointer.dotted().parse::<Pointer>().unwrap(), &pointer);
        }
    }
}
