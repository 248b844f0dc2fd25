use std::sync::Arc;

use crate::document::{Entry, Format, Kind, Map, Value, parse};
use crate::error::{Error, Result};
use crate::text::{Pointer, Source};

/// A key and the value that it is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The key.
    pub key: Pointer,
    /// The value; none takes what is set out.
    pub value: Option<Given>,
}

/// A value as a person gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The words.
    pub text: String,
    /// What they say as YAML.
    pub value: Value,
}

impl Assignment {
    /// Reads `KEY=VALUE`, the value as YAML: `20`, `true`, `[a, b]`, `text`.
    ///
    /// # Errors
    ///
    /// Where there is no `=`, the key is none, or the value is no YAML.
    pub fn parse(text: &str) -> Result<Self> {
        let at = equals(text).ok_or_else(|| {
            Error::usage(format!("`{text}` does not say what to set"))
                .with_help("write the key and the value: `git strata set database.pool=20`")
        })?;
        let (key, value) = (&text[..at], &text[at + 1..]);
        Ok(Self {
            key: key_of(key)?,
            value: Some(Given::yaml(value)?),
        })
    }

    /// Reads `KEY=TEXT`, whatever the text looks like.
    ///
    /// # Errors
    ///
    /// Where there is no `=`, or the key is none.
    pub fn text(text: &str) -> Result<Self> {
        let at = equals(text).ok_or_else(|| {
            Error::usage(format!("`{text}` does not say what to set"))
                .with_help("write the key and the text: `git strata set --text version=1.10`")
        })?;
        let value = Value::detached(Kind::String(text[at + 1..].into()));
        Ok(Self {
            key: key_of(&text[..at])?,
            value: Some(Given {
                text: text[at + 1..].to_owned(),
                value,
            }),
        })
    }

    /// Takes what is set at a key out.
    ///
    /// # Errors
    ///
    /// Where the key is none.
    pub fn unset(key: &str) -> Result<Self> {
        Ok(Self {
            key: key_of(key)?,
            value: None,
        })
    }
}

impl Given {
    /// Reads a value as YAML.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn yaml(text: &str) -> Result<Self> {
        let parsed = parse(&Arc::new(Source::new("value", text)), Format::Yaml);
        let root = match &parsed.documents[..] {
            [document] if !parsed.is_broken() => &document.root,
            _ => {
                let what = parsed
                    .findings
                    .first()
                    .map_or("several documents", |it| &it.message);
                return Err(
                    Error::usage(format!("cannot read the value `{text}`: {what}"))
                        .with_help("quote it, or set it as it stands: `--text KEY=VALUE`"),
                );
            }
        };
        Ok(Self {
            text: text.to_owned(),
            value: (**root).clone().detach(),
        })
    }

    /// Takes a value as it is.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        Self {
            text: String::new(),
            value: value.clone().detach(),
        }
    }

    /// Gives the words themselves, for a place that wants a text.
    #[must_use]
    pub fn as_text(&self) -> Value {
        Value::detached(Kind::String(self.text.as_str().into()))
    }
}

/// Finds the `=` that ends a key: not one in quotes.
fn equals(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        (c == '=' && !quoted).then_some(at)
    })
}

fn key_of(text: &str) -> Result<Pointer> {
    let key: Pointer = text.parse().map_err(|cause| {
        Error::usage(format!("`{text}` is no key: {cause}"))
            .with_help("write it dotted (`database.pool`) or as a pointer (`/database/pool`)")
    })?;
    if key.is_root() {
        return Err(Error::usage("a key cannot be empty").with_help("name one: `database.pool=20`"));
    }
    Ok(key)
}

/// Sets a value in a document, or takes it out. Maps on the way are made.
pub(super) fn put(root: &mut Value, key: &Pointer, value: Option<&Value>) -> Result<()> {
    let Some((last, way)) = key.tokens().split_last() else {
        return Err(Error::usage("a key cannot be empty"));
    };
    let mut at = root;
    let mut here = Pointer::root();
    for token in way {
        if at.is_null() {
            if value.is_none() {
                return Ok(());
            }
            at.kind = Kind::Object(Map::new());
        }
        if let Kind::Object(map) = &mut at.kind
            && !map.contains_key(token)
        {
            if value.is_none() {
                return Ok(());
            }
            map.set(token.clone(), Value::detached(Kind::Object(Map::new())));
        }
        let name = at.type_name();
        here.push(token.clone());
        at = at.child_mut(token).ok_or_else(|| nowhere(&here, name))?;
    }
    if at.is_null() {
        if value.is_none() {
            return Ok(());
        }
        at.kind = Kind::Object(Map::new());
    }
    let name = at.type_name();
    match (&mut at.kind, value) {
        (Kind::Object(map), None) => {
            map.remove(last);
        }
        (Kind::Object(map), Some(value)) => match map.get_mut(last) {
            Some(known) => *known = value.clone(),
            None => {
                let entry = Entry {
                    key: Default::default(),
                    value: value.clone(),
                };
                map.insert(last.clone(), entry);
            }
        },
        (Kind::Array(items), value) => {
            let index = match last.as_str() {
                "-" => Some(items.len()),
                text => text.parse().ok().filter(|at: &usize| *at <= items.len()),
            };
            let index = index.ok_or_else(|| {
                Error::not_found(format!("the list `{}` has no item `{last}`", here.dotted()))
                    .with_help("name one by its number from 0, or `-` to add one at the end")
            })?;
            match value {
                Some(value) if index == items.len() => items.push(value.clone()),
                Some(value) => items[index] = value.clone(),
                None if index < items.len() => {
                    items.remove(index);
                }
                None => {}
            }
        }
        _ => return Err(nowhere(key, name)),
    }
    Ok(())
}

fn nowhere(at: &Pointer, name: &str) -> Error {
    let above = at.parent().unwrap_or_default();
    Error::usage(format!(
        "`{}` cannot be set: `{}` is a {name}, and no map",
        at.dotted(),
        above.dotted()
    ))
    .with_help(format!("set `{}` as a whole", above.dotted()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::write_flow;

    #[test]
    fn values_are_yaml_and_keys_may_hold_dots() {
        let read = |text: &str| {
            let it = Assignment::parse(text).unwrap();
            format!("{} {}", it.key, write_flow(&it.value.unwrap().value))
        };
        assert_eq!(read("a.b=20"), "/a/b 20");
        assert_eq!(read("/a/b=[x, {z: 1}]"), "/a/b [x, {z: 1}]");
        assert_eq!(read("labels.\"a.b=c\"=x=y"), "/labels/a.b=c x=y");
        assert_eq!(read("a="), "/a null");
        assert_eq!(read(r#""a\"=\\"=7"#), r#"/a"=\ 7"#);
        let error = Assignment::parse(r#""b\s"=7"#).unwrap_err();
        insta::assert_snapshot!(format!("{error:?}"), @r#"Usage: `"b\s"` is no key: a backslash in the quoted key `"b\s"` stands before a quotation mark or a backslash alone; write `\\` for one (help: write it dotted (`database.pool`) or as a pointer (`/database/pool`))"#);
        for wrong in ["a", "=5", "a=[", "a=--- 1\n--- 2"] {
            assert!(Assignment::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Assignment::text("a").is_err() && Assignment::unset("").is_err());
        let text = Assignment::text("v=1.10").unwrap().value.unwrap();
        assert_eq!(text.value.as_str(), Some("1.10"));
    }

    #[test]
    fn values_are_put_where_the_key_leads() {
        let mut root = Value::detached(Kind::Null);
        let mut set = |key: &str, value: Option<&str>| {
            let value = value.map(|text| Given::yaml(text).unwrap().value);
            put(&mut root, &key.parse().unwrap(), value.as_ref())
                .map(|()| write_flow(&root))
                .unwrap_or_else(|error| error.to_string())
        };
        assert_eq!(set("a.b", None), "null");
        assert_eq!(set("a.b", Some("1")), "{a: {b: 1}}");
        assert_eq!(set("a.l", Some("[1, 2]")), "{a: {b: 1, l: [1, 2]}}");
        assert_eq!(set("a.l.-", Some("3")), "{a: {b: 1, l: [1, 2, 3]}}");
        assert_eq!(set("a.l.0", None), "{a: {b: 1, l: [2, 3]}}");
        assert_eq!(set("a.l.7", Some("3")), "the list `a.l` has no item `7`");
        assert_eq!(
            set("a.b.c", Some("3")),
            "`a.b.c` cannot be set: `a.b` is a number, and no map"
        );
        assert_eq!(set("a.x.y", None), "{a: {b: 1, l: [2, 3]}}");
        assert_eq!(set("a.b", None), "{a: {l: [2, 3]}}");
    }
}
