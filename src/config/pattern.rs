use std::fmt;

use bstr::{BStr, BString, ByteSlice};

use super::Target;

/// A path with places for names, as the manifest writes layers and schemas:
/// `config/services/{service}/{environment}.yaml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Name(Name),
}

/// What a target is named by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Name {
    /// `{environment}`
    Environment,
    /// `{provider}`
    Provider,
    /// `{service}`
    Service,
}

/// Says why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A name in braces that is none of the three.
    #[error("`{{{0}}}` is no placeholder")]
    UnknownName(String),
    /// A brace without its partner.
    #[error("a brace without its partner")]
    Brace,
    /// A path that is empty, absolute, or leads out of the repository.
    #[error("a path must lead from the root of the repository to a place inside it")]
    Path,
}

impl Name {
    /// All names, as they are written in braces.
    pub const ALL: [Self; 3] = [Self::Environment, Self::Provider, Self::Service];

    /// Gives the word that stands in the braces.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Provider => "provider",
            Self::Service => "service",
        }
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// Where a placeholder is unknown, a brace has no partner, or the path is not a relative one
    /// inside the repository.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let inside = |part: &str| part != ".." && part != "." && !part.is_empty();
        if !text.split('/').all(inside) {
            return Err(PatternError::Path);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let (literal, tail) = rest.split_at(open);
            let inner = tail.strip_prefix('{').ok_or(PatternError::Brace)?;
            let (word, after) = inner.split_once('}').ok_or(PatternError::Brace)?;
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            let name = Name::ALL.into_iter().find(|name| name.as_str() == word);
            parts.push(Part::Name(
                name.ok_or_else(|| PatternError::UnknownName(word.to_owned()))?,
            ));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// Gives the pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Says whether the pattern holds a place for that name.
    #[must_use]
    pub fn names(&self, name: Name) -> bool {
        self.parts.contains(&Part::Name(name))
    }

    /// Fills the target's names in; `None` where the target lacks one that the pattern asks for.
    #[must_use]
    pub fn expand(&self, target: &Target) -> Option<BString> {
        let mut path = String::with_capacity(self.text.len());
        for part in &self.parts {
            match part {
                Part::Literal(text) => path.push_str(text),
                Part::Name(name) => path.push_str(target.name(*name)?),
            }
        }
        Some(path.into())
    }

    /// Reads the names back out of a path; `None` where the path is not of this pattern. A name
    /// never spans a `/`; where a pattern holds one name twice, both places must agree.
    #[must_use]
    pub fn read(&self, path: &BStr) -> Option<Target> {
        fn step(parts: &[Part], path: &str, target: &Target) -> Option<Target> {
            let Some((part, parts)) = parts.split_first() else {
                return path.is_empty().then(|| target.clone());
            };
            let name = match part {
                Part::Literal(text) => {
                    return step(parts, path.strip_prefix(text.as_str())?, target);
                }
                Part::Name(name) => *name,
            };
            let longest = path.find('/').unwrap_or(path.len());
            (1..=longest)
                .rev()
                .filter(|&end| path.is_char_boundary(end))
                .find_map(|end| {
                    let word = &path[..end];
                    if target.name(name).is_some_and(|known| known != word) {
                        return None;
                    }
                    step(parts, &path[end..], &target.clone().with(name, word))
                })
        }
        step(&self.parts, path.to_str().ok()?, &Target::default())
    }

    /// Gives the folders before the first placeholder, without a slash at the end; `""` where the
    /// first folder holds one already.
    #[must_use]
    pub fn fixed_folder(&self) -> &str {
        let fixed = match self.parts.first() {
            Some(Part::Literal(text)) => text.as_str(),
            _ => "",
        };
        fixed.rfind('/').map_or("", |slash| &fixed[..slash])
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap()
    }

    #[test]
    fn fills_names_in_and_reads_them_back() {
        let layer = pattern("config/{service}/{environment}.yaml");
        let target = Target::default().environment("prod").service("cart");
        let path = layer.expand(&target).unwrap();
        assert_eq!(path, "config/cart/prod.yaml");
        assert_eq!(layer.read(path.as_bstr()), Some(target));
        assert_eq!(layer.expand(&Target::default().service("cart")), None);
        assert_eq!(layer.read(b"config/a/b/prod.yaml".as_bstr()), None);
        assert_eq!(layer.read(b"config/\xff/prod.yaml".as_bstr()), None);
        assert!(layer.names(Name::Service) && !layer.names(Name::Provider));
        assert_eq!(layer.fixed_folder(), "config");
        assert_eq!(pattern("{service}.yaml").fixed_folder(), "");
        assert_eq!(pattern("base.yaml").fixed_folder(), "");
        assert_eq!(layer.to_string(), layer.as_str());
    }

    #[test]
    fn a_name_written_twice_must_agree() {
        let layer = pattern("{service}/{service}-{environment}.yaml");
        let read = layer.read(b"a-b/a-b-c.yaml".as_bstr()).unwrap();
        assert_eq!(read, Target::default().service("a-b").environment("c"));
        assert_eq!(layer.read(b"a/b-c.yaml".as_bstr()), None);
    }

    #[test]
    fn refuses_what_is_no_pattern() {
        for (text, error) in [
            ("{env}.yaml", PatternError::UnknownName("env".into())),
            ("{service.yaml", PatternError::Brace),
            ("service}.yaml", PatternError::Brace),
            ("../a.yaml", PatternError::Path),
            ("/a.yaml", PatternError::Path),
            ("", PatternError::Path),
        ] {
            assert_eq!(Pattern::parse(text), Err(error), "{text}");
        }
    }
}
