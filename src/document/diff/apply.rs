use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::super::value::array_index;
use super::super::{Entry, Kind, Map, Value};
use super::{Change, ChangeKind};

/// Carries changes over: the result equals the new value that they lead to, up to the order of
/// lists whose items are matched by a key.
///
/// A change that does not fit the value (its place is not there) is passed over.
#[must_use]
pub fn apply(old: &Value, changes: &[Change]) -> Value {
    let mut root = Edit::default();
    for change in changes {
        root.add(change);
    }
    root.carry_out(old)
}

/// What is to be done at one place of the old value, and below it.
#[derive(Default)]
struct Edit<'a> {
    replacement: Option<&'a Value>,
    below: BTreeMap<SmolStr, Self>,
    removed: BTreeSet<SmolStr>,
    added: Vec<(SmolStr, &'a Value)>,
    /// From an index of the old list to one of the new.
    moved: Vec<(SmolStr, SmolStr)>,
}

impl<'a> Edit<'a> {
    fn add(&mut self, change: &'a Change) {
        let place = change.from.as_ref().unwrap_or(&change.pointer);
        let Some((last, above)) = place.tokens().split_last() else {
            self.replacement = change.new.as_ref();
            return;
        };
        let container = above.iter().fold(self, |edit, token| {
            edit.below.entry(token.clone()).or_default()
        });
        // Its own last part, in the new value.
        let new_last = change
            .pointer
            .last()
            .map_or_else(|| last.clone(), Into::into);
        match (change.kind, &change.new) {
            (ChangeKind::Removed, _) => {
                container.removed.insert(last.clone());
            }
            (ChangeKind::Added, Some(new)) => container.added.push((new_last, new)),
            (ChangeKind::Moved, _) => container.moved.push((last.clone(), new_last)),
            (ChangeKind::Changed | ChangeKind::TypeChanged, new) => {
                container.below.entry(last.clone()).or_default().replacement = new.as_ref();
            }
            (ChangeKind::Added, None) => {}
        }
    }

    fn carry_out(&self, old: &Value) -> Value {
        if let Some(replacement) = self.replacement {
            return replacement.clone();
        }
        let kind = match &old.kind {
            Kind::Object(map) => Kind::Object(self.carry_out_map(map)),
            Kind::Array(items) => Kind::Array(self.carry_out_list(items)),
            scalar => scalar.clone(),
        };
        Value {
            kind,
            tag: old.tag.clone(),
            ..*old
        }
    }

    fn carry_out_map(&self, old: &Map) -> Map {
        let kept = old
            .entries()
            .filter(|(key, _)| !self.removed.contains(*key));
        let mut map: Map = kept
            .map(|(key, entry)| {
                let value = self.child(key, &entry.value);
                (
                    key.clone(),
                    Entry {
                        key: entry.key,
                        value,
                    },
                )
            })
            .collect();
        for (key, value) in &self.added {
            map.set(key.clone(), (*value).clone());
        }
        map
    }

    fn carry_out_list(&self, old: &[Value]) -> Vec<Value> {
        // What has its place in the new list by index, and what keeps its order around it.
        let mut placed: BTreeMap<usize, Value> = BTreeMap::new();
        let mut taken: BTreeSet<usize> = self
            .removed
            .iter()
            .filter_map(|at| array_index(at))
            .collect();
        for (from, to) in &self.moved {
            let from = array_index(from).filter(|&from| from < old.len());
            if let (Some(from), Some(to)) = (from, array_index(to)) {
                taken.insert(from);
                placed.insert(to, old[from].clone());
            }
        }
        for (at, value) in &self.added {
            if let Some(at) = array_index(at) {
                placed.insert(at, (*value).clone());
            }
        }
        let mut items = Vec::with_capacity(old.len() + placed.len());
        for (index, item) in old.iter().enumerate() {
            if taken.contains(&index) {
                continue;
            }
            while let Some(value) = placed.remove(&items.len()) {
                items.push(value);
            }
            items.push(if self.below.is_empty() {
                item.clone()
            } else {
                self.child(&index.to_string(), item)
            });
        }
        items.extend(placed.into_values());
        items
    }

    fn child(&self, token: &str, old: &Value) -> Value {
        match self.below.get(token) {
            Some(edit) => edit.carry_out(old),
            None => old.clone(),
        }
    }
}
