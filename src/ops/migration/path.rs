//! Paths of migration files: where a step acts, and where its result goes.

use std::fmt;

use smol_str::{SmolStr, ToSmolStr};

use crate::document::{Kind, Value};
use crate::text::Pointer;

/// A path that may match many places: `services.*.port`, `**.timeout`, `hosts.-1`, `$.defaults`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Path {
    /// Whether it begins at the document (`$`), wherever the step stands.
    pub absolute: bool,
    pub tokens: Vec<Token>,
}

/// One part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// An entry of a map, or an item of a list.
    Key(SmolStr),
    /// Every entry or item.
    Any,
    /// Any depth, also none.
    Deep,
    /// An item counted from the end of a list: 1 is the last.
    Back(usize),
}

/// Where a step stands: at the document, or inside an `each`.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub base: Pointer,
    /// What the `*` of the `each` around it matched, the outermost first.
    pub stars: Vec<SmolStr>,
    /// What their `**` matched.
    pub deeps: Vec<Vec<SmolStr>>,
}

/// One place that a path matched.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub at: Pointer,
    pub stars: Vec<SmolStr>,
    pub deeps: Vec<Vec<SmolStr>>,
}

impl Path {
    /// Reads a path: with dots, or as a JSON Pointer.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = Vec::new();
        if text.starts_with('/') {
            let pointer: Pointer = text
                .parse()
                .map_err(|error: crate::text::PointerError| error.to_string())?;
            tokens.extend(pointer.tokens().iter().map(|token| Token::plain(token)));
        } else if !text.is_empty() {
            for (part, quoted) in parts(text)? {
                tokens.push(match quoted {
                    true => Token::Key(part),
                    false => Token::plain(&part),
                });
            }
        }
        let absolute = !text.starts_with(['/', '"']) && tokens.first() == Some(&Token::key("$"));
        if absolute {
            tokens.remove(0);
        }
        if tokens.iter().filter(|token| **token == Token::Deep).count() > 1 {
            return Err(format!("`**` stands more than once in the path `{text}`"));
        }
        Ok(Self { absolute, tokens })
    }

    /// Says how many parts of the path match more than one name.
    pub(super) fn stars(&self) -> usize {
        let is_star = |token: &&Token| matches!(token, Token::Any);
        self.tokens.iter().filter(is_star).count()
    }

    pub(super) fn has_deep(&self) -> bool {
        self.tokens.contains(&Token::Deep)
    }

    /// Gives the last part, where that is a name.
    pub(super) fn name(&self) -> Option<&SmolStr> {
        match self.tokens.last() {
            Some(Token::Key(name)) => Some(name),
            _ => None,
        }
    }

    /// Gives the path one step up, and `None` for the place where the scope is.
    pub(super) fn parent(&self) -> Option<Self> {
        let (_, rest) = self.tokens.split_last()?;
        Some(Self {
            absolute: self.absolute,
            tokens: rest.to_vec(),
        })
    }

    pub(super) fn join(&self, name: &str) -> Self {
        let mut path = self.clone();
        path.tokens.push(Token::key(name));
        path
    }

    /// Finds every place that the path matches, in the order of the document.
    pub(super) fn find(&self, root: &Value, scope: &Scope) -> Vec<Found> {
        let base = match self.absolute {
            true => Pointer::root(),
            false => scope.base.clone(),
        };
        let mut found = Vec::new();
        if let Some(value) = root.at(&base) {
            let mut walk = Walk {
                at: base,
                stars: Vec::new(),
                deep: None,
                found: &mut found,
            };
            walk.go(&self.tokens, value);
        }
        found
    }

    /// Names the place that the path stands for, where another path of the step matched: its
    /// n-th `*` is what the n-th `*` there matched. A path from `$` counts those of the `each`
    /// around the step too.
    pub(super) fn fill(&self, root: &Value, scope: &Scope, found: &Found) -> Option<Pointer> {
        let outer = match self.absolute {
            true => (&scope.stars[..], &scope.deeps[..]),
            false => (&[][..], &[][..]),
        };
        let mut stars = outer.0.iter().chain(&found.stars);
        let mut deeps = outer.1.iter().chain(&found.deeps);
        let mut at = match self.absolute {
            true => Pointer::root(),
            false => scope.base.clone(),
        };
        for token in &self.tokens {
            match token {
                Token::Key(name) => at.push(name.clone()),
                Token::Any => at.push(stars.next()?.clone()),
                Token::Deep => deeps
                    .next()?
                    .iter()
                    .for_each(|token| at.push(token.clone())),
                Token::Back(back) => {
                    let items = root.at(&at)?.as_array()?;
                    at.push(items.len().checked_sub(*back)?.to_smolstr());
                }
            }
        }
        Some(at)
    }

    /// Says whether a place that one path matches may be, hold, or stand in one of the other's.
    pub(super) fn may_meet(&self, other: &Self) -> bool {
        if self.absolute != other.absolute || self.has_deep() || other.has_deep() {
            return true;
        }
        let pairs = self.tokens.iter().zip(&other.tokens);
        pairs.into_iter().all(|(a, b)| match (a, b) {
            (Token::Key(a), Token::Key(b)) => a == b,
            _ => true,
        })
    }
}

/// A walk over the places that a path matches.
struct Walk<'a> {
    at: Pointer,
    stars: Vec<SmolStr>,
    /// How long the place was where `**` began, and where it ended.
    deep: Option<(usize, usize)>,
    found: &'a mut Vec<Found>,
}

impl Walk<'_> {
    fn go(&mut self, tokens: &[Token], value: &Value) {
        let Some((token, rest)) = tokens.split_first() else {
            let deep = self
                .deep
                .map(|(from, to)| self.at.tokens()[from..to].to_vec());
            self.found.push(Found {
                at: self.at.clone(),
                stars: self.stars.clone(),
                deeps: deep.into_iter().collect(),
            });
            return;
        };
        match token {
            Token::Key(name) => {
                if let Some(child) = value.child(name) {
                    self.down(name.clone(), rest, child);
                }
            }
            Token::Back(back) => match &value.kind {
                Kind::Array(items) => {
                    let index = items.len().checked_sub(*back);
                    if let Some((index, child)) = index.and_then(|i| Some((i, items.get(i)?))) {
                        self.down(index.to_smolstr(), rest, child);
                    }
                }
                _ => {
                    let name = token.to_smolstr();
                    if let Some(child) = value.child(&name) {
                        self.down(name, rest, child);
                    }
                }
            },
            Token::Any => each_child(value, &mut |name, child| {
                self.stars.push(name.clone());
                self.down(name, rest, child);
                self.stars.pop();
            }),
            Token::Deep => {
                let here = self.at.tokens().len();
                let before = self.deep;
                let from = before.map_or(here, |(from, _)| from);
                self.deep = Some((from, here));
                self.go(rest, value);
                each_child(value, &mut |name, child| {
                    self.deep = Some((from, here));
                    self.down(name, tokens, child);
                });
                self.deep = before;
            }
        }
    }

    fn down(&mut self, name: SmolStr, rest: &[Token], child: &Value) {
        self.at.push(name);
        self.go(rest, child);
        self.at.pop();
    }
}

fn each_child(value: &Value, see: &mut dyn FnMut(SmolStr, &Value)) {
    match &value.kind {
        Kind::Object(map) => map
            .iter()
            .for_each(|(name, child)| see(name.clone(), child)),
        Kind::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                see(index.to_smolstr(), child);
            }
        }
        _ => {}
    }
}

impl Token {
    pub(super) fn key(name: &str) -> Self {
        Self::Key(name.into())
    }

    fn plain(text: &str) -> Self {
        match text {
            "*" => Self::Any,
            "**" => Self::Deep,
            _ => match text.strip_prefix('-').map(str::parse) {
                Some(Ok(back)) if back > 0 && !text.starts_with("-0") => Self::Back(back),
                _ => Self::key(text),
            },
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Deep => f.write_str("**"),
            Self::Back(back) => write!(f, "-{back}"),
            Self::Key(name) => {
                let special = name == "$" || !matches!(Self::plain(name), Self::Key(_));
                match special {
                    true => write!(f, "\"{name}\""),
                    false => f.write_str(&Pointer::from_tokens([name.clone()]).dotted()),
                }
            }
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        if self.absolute {
            f.write_str("$")?;
            between = ".";
        }
        for token in &self.tokens {
            write!(f, "{between}{token}")?;
            between = ".";
        }
        Ok(())
    }
}

/// Divides a path with dots into its parts, and says which stood in quotation marks.
fn parts(text: &str) -> Result<Vec<(SmolStr, bool)>, String> {
    // The pointer's own reader says what is wrong; this one only keeps the quotation marks apart.
    let pointer: Pointer = text
        .parse()
        .map_err(|error: crate::text::PointerError| error.to_string())?;
    let mut quoted = Vec::new();
    let mut chars = text.chars();
    let mut begins = true;
    while let Some(c) = chars.next() {
        match c {
            '"' if begins => {
                quoted.push(true);
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => drop(chars.next()),
                        _ => {}
                    }
                }
                begins = false;
            }
            '.' => begins = true,
            _ => {
                if begins {
                    quoted.push(false);
                }
                begins = false;
            }
        }
    }
    Ok(pointer.tokens().iter().cloned().zip(quoted).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{Format, parse};
    use crate::text::Source;

    fn value(text: &str) -> Value {
        let parsed = parse(&Arc::new(Source::new("a.yaml", text)), Format::Yaml);
        (*parsed.documents[0].root).clone()
    }

    fn found(path: &str, text: &str) -> Vec<String> {
        let found = Path::parse(path)
            .unwrap()
            .find(&value(text), &Scope::default());
        found.iter().map(|found| found.at.dotted()).collect()
    }

    #[test]
    fn paths_match_places_in_document_order() {
        let text = "a: {x: 1, b: {x: 2}}\nl: [{x: 3}, {x: 4}]\n'*': {x: 5}\n-1: 6\n";
        assert_eq!(found("a.x", text), ["a.x"]);
        assert_eq!(found("l.*.x", text), ["l.0.x", "l.1.x"]);
        assert_eq!(found("l.-1.x", text), ["l.1.x"]);
        assert_eq!(found("/l/0", text), ["l.0"]);
        assert_eq!(found("\"*\".x", text), ["*.x"]);
        assert_eq!(found("-1", text), ["-1"]);
        assert_eq!(
            found("**.x", text),
            ["a.x", "a.b.x", "l.0.x", "l.1.x", "*.x"]
        );
        assert_eq!(found("a.**", text), ["a", "a.x", "a.b", "a.b.x"]);
        assert!(found("l.-3", text).is_empty() && found("no.x", text).is_empty());
    }

    #[test]
    fn targets_take_what_was_matched() {
        let text = value("a: {m: {b: {x: 1}}}");
        let path = Path::parse("a.*.**.x").unwrap();
        let scope = Scope::default();
        let found = path.find(&text, &scope);
        let to = |to: &str| Path::parse(to).unwrap().fill(&text, &scope, &found[0]);
        assert_eq!(to("c.*.**.y").unwrap().dotted(), "c.m.b.y");
        assert_eq!(to("c.*.*"), None);
    }

    #[test]
    fn paths_print_as_they_are_read() {
        for text in ["a.*.**.b", "$.x.-1", "\"*\".\"a.b\"", "\"-1\".\"$\"", ""] {
            assert_eq!(Path::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Path::parse("/a.b/*").unwrap().to_string(), "\"a.b\".*");
        assert!(Path::parse("a..b").is_err());
        assert!(Path::parse("**.a.**").is_err());
    }

    #[test]
    fn paths_know_whom_they_may_meet() {
        let meet = |a: &str, b: &str| Path::parse(a).unwrap().may_meet(&Path::parse(b).unwrap());
        assert!(meet("a", "a.b") && meet("a.*", "a.b") && meet("**.x", "y"));
        assert!(!meet("a.b", "a.c") && !meet("a.*.c", "a.x.d"));
    }
}
