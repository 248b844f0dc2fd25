//! Steps that put values into containers and take them out: wrap, unwrap, list ⇄ map.

use smol_str::SmolStr;

use super::{Run, name, tree};
use crate::document::{Entry, Kind, Map, Value};
use crate::ops::migration::path::{Path, Scope};
use crate::ops::migration::step::Step;
use crate::text::{Pointer, Span};

impl Run<'_> {
    pub(super) fn wrap(&mut self, step: &Step, path: &Path, key: Option<&SmolStr>, scope: &Scope) {
        for found in self.matches(step, path, scope) {
            let is_list = |value: &Value| value.as_array().is_some();
            if key.is_none() && self.root.at(&found.at).is_some_and(is_list) {
                continue;
            }
            let done = self.reshape(step, &found.at, |value| {
                Value::detached(match key {
                    None => Kind::Array(vec![value]),
                    Some(key) => {
                        let mut map = Map::new();
                        map.insert(key.clone(), tree::entry(value));
                        Kind::Object(map)
                    }
                })
            });
            if done {
                self.reshaped(step, found.at);
            }
        }
    }

    fn reshaped(&mut self, step: &Step, at: Pointer) {
        self.journal.record(&step.about, at, None, None, None);
    }

    pub(super) fn unwrap(
        &mut self,
        step: &Step,
        path: &Path,
        key: Option<&SmolStr>,
        scope: &Scope,
    ) {
        for found in self.matches(step, path, scope) {
            let Some(value) = self.root.at_mut(&found.at) else {
                continue;
            };
            let inner = match (&mut value.kind, key) {
                (Kind::Array(items), None) => match &mut items[..] {
                    [one] => Some(std::mem::take(one)),
                    _ => None,
                },
                (Kind::Object(map), Some(key)) if map.len() == 1 => {
                    map.remove(key).map(|entry| entry.value)
                }
                (Kind::Object(_), Some(_)) => None,
                // What is no container is out of it already.
                _ => continue,
            };
            let Some(inner) = inner else {
                let count = match &value.kind {
                    Kind::Array(items) => items.len(),
                    Kind::Object(map) => map.len(),
                    _ => 0,
                };
                let (what, help) = match key {
                    Some(key) => (
                        format!(
                            "{} holds something else than `{key}` alone",
                            name(&found.at)
                        ),
                        format!("keep `{key}` alone"),
                    ),
                    None => (
                        format!(
                            "{} has {count} items, and there is room for one",
                            name(&found.at)
                        ),
                        "choose one by hand".to_owned(),
                    ),
                };
                self.manual(&step.about, &found.at, what, Some(help));
                continue;
            };
            *value = inner;
            self.reshaped(step, found.at);
        }
    }

    pub(super) fn list_to_map(
        &mut self,
        step: &Step,
        path: &Path,
        key: &SmolStr,
        only: Option<&SmolStr>,
        scope: &Scope,
    ) {
        for found in self.matches(step, path, scope) {
            let Some(value) = self.root.at(&found.at) else {
                continue;
            };
            let Some(items) = value.as_array() else {
                // A map is one already.
                if value.as_object().is_none() && !value.is_null() {
                    let message =
                        format!("{} is a {}, not a list", name(&found.at), value.type_name());
                    self.manual(&step.about, &found.at, message, None);
                }
                continue;
            };
            if let Err(why) = fits_map(items, key, only) {
                let message = format!("{} cannot become a map: {why}", name(&found.at));
                let help = format!("give each item a `{key}` of its own");
                self.manual(&step.about, &found.at, message, Some(help));
                continue;
            }
            // What is said beside an item's name stays with the item.
            let reason = self.reason(&step.about, &format!("`{key}` became the key"));
            let names = items.iter().filter_map(|item| {
                let (_, entry) = item.as_object()?.entries().find(|(it, _)| *it == key)?;
                Some((entry.value.layer, entry.key))
            });
            for (layer, at) in names.collect::<Vec<_>>() {
                self.journal.gone(layer, at, &reason);
            }
            let done = self.reshape(step, &found.at, |value| {
                let Kind::Array(items) = value.kind else {
                    return value;
                };
                let mut map = Map::new();
                for mut item in items {
                    let Kind::Object(inner) = &mut item.kind else {
                        continue;
                    };
                    let Some(name) = inner.remove(key) else {
                        continue;
                    };
                    let named = match &name.value.kind {
                        Kind::Number(number) => number.as_str().into(),
                        _ => SmolStr::new(name.value.as_str().unwrap_or_default()),
                    };
                    if let Some(only) = only {
                        item = inner
                            .remove(only)
                            .map_or_else(Value::default, |it| it.value);
                    }
                    let entry = Entry {
                        key: Span::default(),
                        value: item,
                    };
                    map.insert(named, entry);
                }
                Value::detached(Kind::Object(map))
            });
            if done {
                self.reshaped(step, found.at);
            }
        }
    }

    pub(super) fn map_to_list(
        &mut self,
        step: &Step,
        path: &Path,
        key: &SmolStr,
        only: Option<&SmolStr>,
        scope: &Scope,
    ) {
        for found in self.matches(step, path, scope) {
            let Some(value) = self.root.at(&found.at) else {
                continue;
            };
            let Some(map) = value.as_object() else {
                // A list is one already.
                if value.as_array().is_none() && !value.is_null() {
                    let message =
                        format!("{} is a {}, not a map", name(&found.at), value.type_name());
                    self.manual(&step.about, &found.at, message, None);
                }
                continue;
            };
            let unfit = map.iter().find(|(_, value)| match (&value.kind, only) {
                (_, Some(_)) | (Kind::Null, _) => false,
                (Kind::Object(inner), None) => inner.contains_key(key),
                _ => true,
            });
            if let Some((entry, value)) = unfit {
                let message = match value.as_object() {
                    Some(_) => format!("`{entry}` in {} has a `{key}` already", name(&found.at)),
                    None => format!(
                        "`{entry}` in {} is a {}, where a map is needed",
                        name(&found.at),
                        value.type_name()
                    ),
                };
                self.manual(&step.about, &found.at, message, None);
                continue;
            }
            let done = self.reshape(step, &found.at, |value| {
                let Kind::Object(map) = value.kind else {
                    return value;
                };
                let item = |(name, entry): (SmolStr, Entry)| {
                    let text = Value::detached(Kind::String(name));
                    let mut item = match (only, entry.value) {
                        (Some(only), value) => {
                            let mut map = Map::new();
                            map.insert(only.clone(), tree::entry(value));
                            Value::detached(Kind::Object(map))
                        }
                        (None, value) if value.is_null() => {
                            Value::detached(Kind::Object(Map::new()))
                        }
                        (None, value) => value,
                    };
                    if let Kind::Object(inner) = &mut item.kind {
                        inner.insert_at(0, key.clone(), tree::entry(text));
                    }
                    item
                };
                Value::detached(Kind::Array(map.into_iter().map(item).collect()))
            });
            if done {
                self.reshaped(step, found.at);
            }
        }
    }
}

/// Says why the items of a list have no names to be found by.
fn fits_map(items: &[Value], key: &SmolStr, only: Option<&SmolStr>) -> Result<(), String> {
    let mut seen = std::collections::HashSet::new();
    for (index, item) in items.iter().enumerate() {
        let at = index + 1;
        let Some(map) = item.as_object() else {
            return Err(format!("item {at} is a {}", item.type_name()));
        };
        let named = match map.get(key).map(|value| &value.kind) {
            Some(Kind::String(text)) => text.clone(),
            Some(Kind::Number(number)) => number.as_str().into(),
            Some(_) => return Err(format!("the `{key}` of item {at} is no text")),
            None => return Err(format!("item {at} has no `{key}`")),
        };
        if let Some(only) = only
            && (map.len() != 2 || !map.contains_key(only))
        {
            return Err(format!(
                "item {at} holds something else than `{key}` and `{only}`"
            ));
        }
        if !seen.insert(named) {
            return Err(format!("item {at} has the `{key}` of another"));
        }
    }
    Ok(())
}
