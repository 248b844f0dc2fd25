use std::fmt;
use std::str::FromStr;

use smol_str::SmolStr;

use super::{Pointer, PointerError};

/// A pattern of keys: `*` stands for any one part, `**` for any number of them, and a `*` within a
/// part for any letters. It covers what it names and all that stands below.
///
/// ```
/// use strata::text::KeyPattern;
///
/// let pattern: KeyPattern = "/database/*/host".parse()?;
/// assert!(pattern.covers(&"database.main.host".parse()?));
/// let pattern: KeyPattern = "**.password".parse()?;
/// assert!(pattern.covers(&"mail.smtp.password".parse()?));
/// # Ok::<(), strata::text::PointerError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPattern(Pointer);

impl KeyPattern {
    /// Makes the pattern that names one place and nothing else.
    #[must_use]
    pub fn exactly(pointer: &Pointer) -> Self {
        let escaped = |token: &SmolStr| token.replace('\\', "\\\\").replace('*', "\\*");
        Self(Pointer::from_tokens(pointer.tokens().iter().map(escaped)))
    }

    /// Writes it with dots, as people do.
    #[must_use]
    pub fn dotted(&self) -> String {
        self.0.dotted()
    }

    /// Says whether a place is named, or stands below one that is.
    #[must_use]
    pub fn covers(&self, pointer: &Pointer) -> bool {
        fn step(pattern: &[SmolStr], tokens: &[SmolStr]) -> bool {
            match pattern {
                [] => true,
                [first, rest] if first == "**" && rest == "**" => true,
                [first, rest @ ..] if first == "**" => {
                    (0..=tokens.len()).any(|skip| step(rest, &tokens[skip..]))
                }
                [first, rest @ ..] => tokens
                    .split_first()
                    .is_some_and(|(token, below)| name_matches(first, token) && step(rest, below)),
            }
        }
        step(self.0.tokens(), pointer.tokens())
    }

    /// Says whether a place is named, or stands below or above one that may be.
    #[must_use]
    pub fn meets(&self, pointer: &Pointer) -> bool {
        for (pattern, token) in self.0.tokens().iter().zip(pointer.tokens()) {
            if pattern == "**" {
                return true;
            }
            if !name_matches(pattern, token) {
                return false;
            }
        }
        true
    }
}

impl FromStr for KeyPattern {
    type Err = PointerError;

    fn from_str(text: &str) -> Result<Self, PointerError> {
        text.parse().map(Self)
    }
}

impl fmt::Display for KeyPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Says whether a name is as a pattern says, in which `*` stands for any letters and `\*` for a
/// star.
#[must_use]
pub fn name_matches(pattern: &str, name: &str) -> bool {
    // Only the last star need be taken back: what the earlier ones took was as little as can be.
    let (mut pattern, mut name) = (pattern, name);
    let mut star: Option<(&str, &str)> = None;
    loop {
        let mut letters = pattern.chars();
        match letters.next() {
            Some('*') => {
                pattern = letters.as_str();
                star = Some((pattern, name));
                continue;
            }
            None if name.is_empty() => return true,
            Some(letter) => {
                let letter = match letter {
                    '\\' => letters.next().unwrap_or('\\'),
                    letter => letter,
                };
                if let Some(rest) = name.strip_prefix(letter) {
                    (pattern, name) = (letters.as_str(), rest);
                    continue;
                }
            }
            None => {}
        }
        let Some((after, taken)) = star else {
            return false;
        };
        let mut rest = taken.chars();
        if rest.next().is_none() {
            return false;
        }
        star = Some((after, rest.as_str()));
        (pattern, name) = (after, rest.as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern: &str, key: &str) -> bool {
        let pattern: KeyPattern = pattern.parse().unwrap();
        pattern.covers(&key.parse().unwrap())
    }

    #[test]
    fn a_pattern_meets_what_it_covers_and_what_holds_something_of_it() {
        for (pattern, key, meets) in [
            ("database.host", "database.host", true),
            ("database.host", "database.host.name", true),
            ("database.host", "database", true),
            ("database.host", "", true),
            ("database.host", "database.port", false),
            ("*.host", "database", true),
            ("**.host", "mail.smtp", true),
            ("mail", "database.host", false),
        ] {
            let parsed: KeyPattern = pattern.parse().unwrap();
            assert_eq!(
                parsed.meets(&key.parse().unwrap()),
                meets,
                "{pattern} {key}"
            );
        }
    }

    #[test]
    fn stars_stand_for_parts_and_letters() {
        assert!(covers("/a/*/c", "a.b.c") && covers("a.*.c", "a.b.c.d"));
        assert!(!covers("/a/*/c", "a.c") && !covers("/a/*", "a"));
        assert!(covers("/**/c", "c") && covers("/a/**/c", "a.x.y.c.d"));
        assert!(!covers("/a/**/c", "a.x.y"));
        assert!(covers("/**", "a") && covers("", "a.b") && covers("/**/**", ""));
        assert!(covers("/*_url", "cart_url") && !covers("/*_url", "cart_uri"));
        assert!(covers("/a*b*c", "aXbXbc") && !covers("/a*b*c", "aXbX"));
        assert!(covers("/\\*", "*") && !covers("/\\*", "x"));
    }

    #[test]
    fn the_pattern_of_one_place_names_nothing_else() {
        let odd = Pointer::from_tokens(["*", "a\\b", "x*y", ""]);
        let pattern = KeyPattern::exactly(&odd);
        let again: KeyPattern = pattern.to_string().parse().unwrap();
        assert_eq!(pattern, again);
        assert!(again.covers(&odd));
        assert!(!again.covers(&Pointer::from_tokens(["a", "a\\b", "x*y", ""])));
    }
}
