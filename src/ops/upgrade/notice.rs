//! What two schemas say about a document by themselves, whether a migration speaks of it or not.

use std::collections::BTreeSet;

use smol_str::{SmolStr, ToSmolStr};

use super::Notices;
use super::body::{Behaviour, Deprecated, NewOption};
use super::plan::{Plan, pairs};
use crate::Result;
use crate::config::schema::{Place, Schema};
use crate::document::{Kind, Value};
use crate::ops::compat::{self, Change};
use crate::text::Pointer;

/// The rules about defaults.
const DEFAULTS: [&str; 2] = ["default-changed", "default-removed"];

/// The rules about options that are gone.
const GONE: [&str; 6] = [
    "option-removed-rejected",
    "option-removed-ignored",
    "option-removed-after-deprecation",
    "option-removed-remapped",
    "option-renamed",
    "option-moved",
];

/// The rules about options that are new.
const NEW: [&str; 5] = [
    "option-added-optional",
    "option-added-with-default",
    "option-added-to-open",
    "option-added-required",
    "option-added-required-with-default",
];

impl Notices {
    /// Compares the schemas of both ends.
    ///
    /// # Errors
    ///
    /// When a schema cannot be read.
    pub(super) fn of(plan: &Plan) -> Result<Self> {
        let mut notices = Self::default();
        for (before, after) in pairs(&plan.from, &plan.to)? {
            let options = compat::Options::default();
            let comparison = compat::compare(&before.schema, &after.schema, &options);
            for change in comparison.changes {
                if NEW.contains(&change.rule.id()) {
                    notices.new_options.push(new_option(&change, &after.schema));
                }
                notices.changes.push(change);
            }
        }
        // What an option is called now is not new.
        let moved = |option: &NewOption| {
            let mut migrations = notices
                .changes
                .iter()
                .filter_map(|it| it.migration.as_ref());
            migrations.any(|it| it.to.as_ref() == Some(&option.pointer))
        };
        let new_options = std::mem::take(&mut notices.new_options);
        notices.new_options = new_options.into_iter().filter(|it| !moved(it)).collect();
        Ok(notices)
    }

    /// Finds the change that a place in a document is about.
    pub(super) fn change_at(&self, root: &Value, at: &Pointer) -> Option<&Change> {
        // What is said of one value says nothing of another.
        let fits = |migration: &compat::Migration| {
            migration.old.is_none() || migration.old.as_ref() == root.at(at)
        };
        let speaks = |change: &&Change| {
            change.migration.as_ref().is_some_and(fits)
                && (matches(&change.pointer, at)
                    || change.also_at.iter().any(|other| matches(other, at)))
        };
        self.changes.iter().find(speaks)
    }

    /// Finds the options that a document leaves unset, and whose default changed. What stands in
    /// a map that is not there is none of them: the map may switch something on.
    pub(super) fn behaviour(&self, root: &Value) -> Vec<Behaviour> {
        let mut found = Vec::new();
        for change in self.of_rules(&DEFAULTS) {
            for at in places(change) {
                for at in unset(root, at) {
                    let json = |value: &Option<Value>| value.as_ref().map(Value::to_json);
                    found.push(Behaviour {
                        pointer: at,
                        old: json(&change.old),
                        new: json(&change.new),
                        pinned: false,
                    });
                }
            }
        }
        found
    }

    /// Finds the options that a document sets and that are gone.
    pub(super) fn removed(&self, root: &Value) -> Vec<(Pointer, &Change)> {
        let mut found = Vec::new();
        for change in self.of_rules(&GONE) {
            for at in places(change) {
                let set = expand(root, at.tokens());
                found.extend(set.into_iter().map(|at| (at, change)));
            }
        }
        found
    }

    fn of_rules(&self, rules: &'static [&str]) -> impl Iterator<Item = &Change> {
        let changes = self.changes.iter();
        changes.filter(|change| rules.contains(&change.rule.id()))
    }
}

fn places(change: &Change) -> impl Iterator<Item = &Pointer> {
    std::iter::once(&change.pointer).chain(&change.also_at)
}

fn new_option(change: &Change, schema: &Schema) -> NewOption {
    // Any item or name stands for all.
    let any = |token: &SmolStr| match token.as_str() {
        "*" => "0".to_smolstr(),
        _ => token.clone(),
    };
    let at = Pointer::from_tokens(change.pointer.tokens().iter().map(any));
    NewOption {
        pointer: change.pointer.clone(),
        description: schema.description_at(&at).map(|it| it.trim().to_owned()),
        default: schema.default_at(&at).map(Value::to_json),
    }
}

/// Says whether a place with `*` for any name is another.
fn matches(pattern: &Pointer, at: &Pointer) -> bool {
    let (pattern, at) = (pattern.tokens(), at.tokens());
    pattern.len() == at.len() && pattern.iter().zip(at).all(|(a, b)| a == "*" || a == b)
}

/// Finds the places of a document that a place with `*` stands for.
fn expand(root: &Value, tokens: &[SmolStr]) -> Vec<Pointer> {
    let mut found = vec![(Pointer::root(), root)];
    for token in tokens {
        let mut next = Vec::new();
        for (at, value) in found {
            match (token.as_str(), &value.kind) {
                ("*", Kind::Object(map)) => {
                    next.extend(map.iter().map(|(key, child)| (at.join(key.clone()), child)));
                }
                ("*", Kind::Array(items)) => {
                    let items = items.iter().enumerate();
                    next.extend(items.map(|(index, child)| (at.join(index.to_string()), child)));
                }
                (name, _) => next.extend(value.child(name).map(|child| (at.join(name), child))),
            }
        }
        found = next;
    }
    found.into_iter().map(|(at, _)| at).collect()
}

/// Finds the places that a document leaves unset, in maps that are there.
fn unset(root: &Value, at: &Pointer) -> Vec<Pointer> {
    let Some((last, above)) = at.tokens().split_last() else {
        return Vec::new();
    };
    if last == "*" {
        return Vec::new();
    }
    let maps = expand(root, above);
    maps.into_iter()
        .filter(|at| {
            let map = root.at(at).and_then(Value::as_object);
            map.is_some_and(|map| !map.contains_key(last))
        })
        .map(|at| at.join(last.clone()))
        .collect()
}

/// Finds the deprecated options that a document sets, and the last version that has each.
pub(super) fn deprecated(plan: &Plan, root: &Value) -> Result<Vec<Deprecated>> {
    let mut places = BTreeSet::new();
    for loaded in plan.to.schemas()? {
        let map = loaded.schema.deprecated();
        if !map.is_empty() {
            walk(map.root(), root, &mut Pointer::root(), &mut places);
        }
    }
    let mut found = Vec::new();
    for at in places {
        let schemas = plan.to.schemas()?.iter();
        let mut descriptions = schemas.filter_map(|it| it.schema.description_at(&at));
        let description = descriptions.next().map(|it| it.trim().to_owned());
        found.push(Deprecated {
            last_version: last_version(plan, &at)?,
            pointer: at,
            description,
        });
    }
    Ok(found)
}

fn walk(place: Place<'_, ()>, value: &Value, at: &mut Pointer, found: &mut BTreeSet<Pointer>) {
    if place.is_empty() {
        return;
    }
    if place.get().is_some() {
        found.insert(at.clone());
    }
    match &value.kind {
        Kind::Object(map) => {
            for (key, child) in map.iter() {
                at.push(key.clone());
                walk(place.key(key), child, at, found);
                at.pop();
            }
        }
        Kind::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                at.push(index.to_smolstr());
                walk(place.item(index), child, at, found);
                at.pop();
            }
        }
        _ => {}
    }
}

/// Finds the last version that has an option, where a later one is known that does not.
fn last_version(plan: &Plan, at: &Pointer) -> Result<Option<String>> {
    let Some(version) = &plan.to.version else {
        return Ok(None);
    };
    let mut last = plan.to.label();
    for (_, stop) in plan.versions.stops.range(version.clone()..) {
        let schemas = stop.schemas()?;
        let knows = |schema: &Schema| {
            let mut nodes = schema.annotations_at(at).into_iter();
            nodes.any(|node| node.value.as_bool() != Some(false))
        };
        if schemas.is_empty() {
            continue;
        }
        if !schemas.iter().any(|it| knows(&it.schema)) {
            return Ok(Some(last));
        }
        last = stop.label();
    }
    Ok(None)
}
