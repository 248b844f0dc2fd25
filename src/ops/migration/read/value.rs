//! The keys of a step: paths, names, values, words.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use smol_str::{SmolStr, ToSmolStr};

use super::{Item, Reader, quoted};
use crate::config::fields::INVALID_VALUE;
use crate::config::schema::Formula;
use crate::document::{Number, Value};
use crate::ops::migration::condition;
use crate::ops::migration::path::Path;
use crate::text::{Pointer, nearest};

/// The largest automaton of a pattern, in bytes.
const MAX_PATTERN: usize = 1 << 20;

impl<'a> Reader<'a> {
    /// Asks for a key that must be there.
    pub(super) fn needed(
        &mut self,
        item: &Item<'a>,
        key: &str,
        example: &str,
    ) -> Option<&'a Value> {
        let found = item.map.get(key);
        if found.is_none() {
            let message = format!("the key `{key}` is missing");
            let help = format!("add `{example}`");
            self.push(
                &INVALID_VALUE,
                item.value.span,
                &item.pointer,
                message,
                Some(help),
            );
        }
        found
    }

    /// Asks for a text, where the key is there; an empty one is one.
    pub(super) fn text(&mut self, item: &Item<'a>, key: &str) -> Option<SmolStr> {
        let value = item.map.get(key)?;
        match value.as_str() {
            Some(text) => Some(text.into()),
            None => {
                let what = format!("must be a text; it is a {}", value.type_name());
                self.wrong(value, &item.pointer.join(key), &what);
                None
            }
        }
    }

    /// Asks for a text that must be there and not be empty.
    pub(super) fn needed_text(
        &mut self,
        item: &Item<'a>,
        key: &str,
        example: &str,
    ) -> Option<SmolStr> {
        let value = self.needed(item, key, example)?;
        let text = self.text(item, key)?;
        if text.is_empty() {
            self.wrong(value, &item.pointer.join(key), "must not be empty");
            return None;
        }
        Some(text)
    }

    pub(super) fn truth(&mut self, item: &Item<'a>, key: &str) -> bool {
        let Some(value) = item.map.get(key) else {
            return false;
        };
        let truth = value.as_bool();
        if truth.is_none() {
            self.wrong(value, &item.pointer.join(key), "must be true or false");
        }
        truth.unwrap_or(false)
    }

    /// Asks for one of some words.
    pub(super) fn word<T: Copy>(
        &mut self,
        value: &Value,
        pointer: &Pointer,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = value.as_str().unwrap_or_default();
        if let Some((_, found)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*found);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let near = nearest(text, names.iter().copied());
        let help = match near.first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", quoted(&names)),
        };
        let name = pointer.last().unwrap_or_default();
        let message = match value.as_str() {
            Some(text) => format!("`{name}` does not know `{text}`"),
            None => format!(
                "`{name}` is one of some words; it is a {}",
                value.type_name()
            ),
        };
        self.push(&INVALID_VALUE, value.span, pointer, message, Some(help));
        None
    }

    /// Asks for a path, where the key is there.
    pub(super) fn path(&mut self, item: &Item<'a>, key: &str) -> Option<Path> {
        let value = item.map.get(key)?;
        self.path_of(value, &item.pointer.join(key))
    }

    pub(super) fn path_of(&mut self, value: &Value, pointer: &Pointer) -> Option<Path> {
        // A name that reads as a number is a name.
        let text = match (value.as_str(), value.as_number()) {
            (Some(text), _) => text.to_smolstr(),
            (None, Some(number)) => number.as_str().into(),
            _ => {
                let what = format!("must be a path; it is a {}", value.type_name());
                self.wrong(value, pointer, &what);
                return None;
            }
        };
        match Path::parse(&text) {
            Ok(path) => Some(path),
            Err(why) => {
                self.push(&INVALID_VALUE, value.span, pointer, why, None);
                None
            }
        }
    }

    /// Asks for a path that must be there, where every `*` stands for one of another path.
    pub(super) fn target(
        &mut self,
        item: &Item<'a>,
        key: &str,
        of: &Path,
        example: &str,
    ) -> Option<Path> {
        let value = self.needed(item, key, example)?;
        let target = self.path(item, key)?;
        let pointer = item.pointer.join(key);
        self.filled(&target, of, value, &pointer).then_some(target)
    }

    /// Says whether every `*` of a path stands for one of another.
    pub(super) fn filled(
        &mut self,
        target: &Path,
        of: &Path,
        value: &Value,
        pointer: &Pointer,
    ) -> bool {
        // From `$` on, those of the `each` around the step count too; that shows when it is done.
        let enough = target.stars() <= of.stars() && (!target.has_deep() || of.has_deep());
        if !enough && !target.absolute {
            let message = format!("`{target}` has a `*` for which `{of}` has none");
            let help = "each `*` of the target stands for one of the path".to_owned();
            self.push(&INVALID_VALUE, value.span, pointer, message, Some(help));
            return false;
        }
        true
    }

    /// Asks for a list of paths.
    pub(super) fn paths(&mut self, item: &Item<'a>, key: &str) -> Option<Vec<Path>> {
        let value = item.map.get(key)?;
        let pointer = item.pointer.join(key);
        let items = value.as_array().unwrap_or(std::slice::from_ref(value));
        if items.is_empty() {
            self.wrong(value, &pointer, "must name at least one path");
            return None;
        }
        let paths: Vec<Path> = items
            .iter()
            .filter_map(|item| self.path_of(item, &pointer))
            .collect();
        (paths.len() == items.len()).then_some(paths)
    }

    /// Asks for a list of texts, where the key is there.
    pub(super) fn names(&mut self, item: &Item<'a>, key: &str) -> Option<Vec<SmolStr>> {
        let value = item.map.get(key)?;
        let pointer = item.pointer.join(key);
        let names = value.as_array().and_then(|items| {
            let names = items.iter().map(|item| item.as_str().map(SmolStr::new));
            names.collect::<Option<Vec<_>>>()
        });
        if names.is_none() {
            self.wrong(value, &pointer, "must be a list of names");
        }
        names
    }

    pub(super) fn pattern(&mut self, item: &Item<'a>, key: &str) -> Option<Regex> {
        let value = item.map.get(key)?;
        self.pattern_of(value, &item.pointer.join(key))
    }

    pub(super) fn pattern_of(&mut self, value: &Value, pointer: &Pointer) -> Option<Regex> {
        let Some(text) = value.as_str() else {
            self.wrong(value, pointer, "must be a regular expression in a text");
            return None;
        };
        match RegexBuilder::new(text).size_limit(MAX_PATTERN).build() {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default();
                let why = why.strip_prefix("error: ").unwrap_or(why);
                let message = format!("`{text}` is no regular expression: {why}");
                self.push(&INVALID_VALUE, value.span, pointer, message, None);
                None
            }
        }
    }

    /// Reads what a pattern's matches become: each `$` must be of a group that it has.
    pub(super) fn replacement(&mut self, item: &Item<'a>, pattern: &Regex) -> Option<String> {
        let with = self.text(item, "with")?;
        let is_word = |it: char| it == '_' || it.is_ascii_alphanumeric();
        let is_group = |group: &str| match group.parse::<usize>() {
            Ok(number) => number < pattern.captures_len(),
            Err(_) => pattern.capture_names().flatten().any(|it| it == group),
        };
        let mut rest = with.as_str();
        while let Some((_, after)) = rest.split_once('$') {
            if let Some(after) = after.strip_prefix('$') {
                rest = after;
                continue;
            }
            let bare = after.find(|it| !is_word(it)).unwrap_or(after.len());
            let braced = after
                .strip_prefix('{')
                .and_then(|after| after.split_once('}'));
            let (group, after) = braced.unwrap_or_else(|| after.split_at(bare));
            rest = after;
            if group.is_empty() || is_group(group) {
                continue;
            }
            let begun = group.find(|it: char| !it.is_ascii_digit()).unwrap_or(0);
            let help = match group.split_at(begun) {
                (number, text) if braced.is_none() && is_group(number) => {
                    format!("write `${{{number}}}{text}`, or `$${group}` for the text itself")
                }
                _ if braced.is_some() => format!("write `$${{{group}}}` for the text itself"),
                _ => format!("write `$${group}` for the text itself"),
            };
            let message = format!("`pattern` has no group `{group}`, and `with` names it");
            let (span, pointer) = (item.map.get("with")?.span, item.pointer.join("with"));
            self.push(&INVALID_VALUE, span, &pointer, message, Some(help));
            return None;
        }
        Some(with.into())
    }

    /// Asks for the new name of an entry, which is no path.
    pub(super) fn new_name(&mut self, item: &Item<'a>, of: &Path) -> Option<SmolStr> {
        let to = self.needed_text(item, "to", "to: new_name")?;
        let place = Path::parse(&to).ok().filter(|it| it.tokens.len() > 1);
        let beside = place.filter(|it| it.parent() == of.parent());
        if let Some(name) = beside.as_ref().and_then(Path::name) {
            let message = format!("`to` of a `rename` is a name, and `{to}` is a path");
            let help = match name.contains(['.', '/']) {
                true => None,
                false => Some(format!("write `to: {name}`; `move` goes to a path")),
            };
            let (span, pointer) = (item.map.get("to")?.span, item.pointer.join("to"));
            self.push(&INVALID_VALUE, span, &pointer, message, help);
            return None;
        }
        Some(to)
    }

    pub(super) fn formula(&mut self, value: &Value, pointer: &Pointer) -> Option<Arc<Formula>> {
        let Some(text) = value.as_str() else {
            self.wrong(value, pointer, "must be a CEL expression in a text");
            return None;
        };
        match Formula::compile(text, &condition::NAMES) {
            Ok(formula) => Some(Arc::new(formula)),
            Err(why) => {
                let message = format!("`{text}` cannot be read: {why}");
                self.push(&INVALID_VALUE, value.span, pointer, message, None);
                None
            }
        }
    }

    pub(super) fn number(&mut self, value: &Value, pointer: &Pointer) -> Option<Number> {
        let number = value.as_number().filter(|it| it.decimal().is_some());
        if number.is_none() {
            self.wrong(value, pointer, "must be a number");
        }
        number.cloned()
    }
}
