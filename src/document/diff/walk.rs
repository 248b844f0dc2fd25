use smol_str::SmolStr;

use super::super::{Kind, Map, Value};
use super::digest::Digests;
use super::list::{Pairing, pair};
use super::{Change, ChangeKind, Identity};
use crate::text::Pointer;

/// Goes through two values side by side, and collects what differs.
pub(super) struct Walk<'a> {
    pub(super) changes: Vec<Change>,
    identity: &'a Identity<'a>,
    digests: Digests,
    /// Where we stand in the new value.
    here: Pointer,
    /// Where we stand in the old value.
    there: Pointer,
    /// How many parts of the two places differ.
    shifted: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(identity: &'a Identity<'a>) -> Self {
        Self {
            changes: Vec::new(),
            identity,
            digests: Digests::default(),
            here: Pointer::root(),
            there: Pointer::root(),
            shifted: 0,
        }
    }

    pub(super) fn values(&mut self, old: &Value, new: &Value) {
        match (&old.kind, &new.kind) {
            _ if old.tag != new.tag => self.differ(old, new),
            (Kind::Object(old), Kind::Object(new)) => self.maps(old, new),
            (Kind::Array(old), Kind::Array(new)) => self.lists(old, new),
            (old_kind, new_kind) if old_kind == new_kind => {}
            _ => self.differ(old, new),
        }
    }

    fn differ(&mut self, old: &Value, new: &Value) {
        let kind = if old.type_name() == new.type_name() {
            ChangeKind::Changed
        } else {
            ChangeKind::TypeChanged
        };
        self.record(kind, Some(old), Some(new));
    }

    fn maps(&mut self, old: &Map, new: &Map) {
        let mut found = 0;
        for (index, (key, before)) in old.iter().enumerate() {
            // Most maps keep their order, so the same position is looked at first.
            let after = match new.at_index(index) {
                Some((same, value)) if same == key => Some(value),
                _ => new.get(key),
            };
            if let Some(after) = after {
                found += 1;
                if is_same_leaf(before, after) {
                    continue;
                }
                self.step(key, key, |walk| walk.values(before, after));
            } else {
                self.step(key, key, |walk| walk.removed(before));
            }
        }
        if found == new.len() {
            return;
        }
        for (key, after) in new.iter().filter(|(key, _)| !old.contains_key(key)) {
            self.step(key, key, |walk| {
                walk.record(ChangeKind::Added, None, Some(after));
            });
        }
    }

    fn lists(&mut self, old: &[Value], new: &[Value]) {
        if old.is_empty() || new.is_empty() {
            self.unmatched(old, new, 0..old.len(), 0..new.len());
        } else if let Some((names, mut found)) = self.identity.name(&self.here, old, new) {
            let mut gone = Vec::new();
            for (index, name) in names.into_iter().enumerate() {
                match found.remove(&name) {
                    Some(place) => self.items(old, index, new, place),
                    None => gone.push(index),
                }
            }
            let mut come: Vec<_> = found.into_values().collect();
            come.sort_unstable();
            self.unmatched(old, new, gone, come);
        } else {
            let Pairing {
                kept: _,
                alike,
                moved,
                removed,
                added,
            } = pair(&mut self.digests, old, new);
            for (index, place) in alike {
                self.items(old, index, new, place);
            }
            for (index, place) in moved {
                let (from, to) = (token(index), token(place));
                self.step(&from, &to, |walk| {
                    walk.record(ChangeKind::Moved, Some(&old[index]), Some(&new[place]));
                });
            }
            self.unmatched(old, new, removed, added);
        }
    }

    /// Compares an item of the old list with one of the new.
    fn items(&mut self, old: &[Value], index: usize, new: &[Value], place: usize) {
        let (before, after) = (&old[index], &new[place]);
        if !is_same_leaf(before, after) {
            let (from, to) = (token(index), token(place));
            self.step(&from, &to, |walk| walk.values(before, after));
        }
    }

    /// Records what has no counterpart in the other list.
    fn unmatched(
        &mut self,
        old: &[Value],
        new: &[Value],
        removed: impl IntoIterator<Item = usize>,
        added: impl IntoIterator<Item = usize>,
    ) {
        for index in removed {
            let at = token(index);
            self.step(&at, &at, |walk| walk.removed(&old[index]));
        }
        for place in added {
            let at = token(place);
            self.step(&at, &at, |walk| {
                walk.record(ChangeKind::Added, None, Some(&new[place]));
            });
        }
    }

    /// Goes one step down in both values, and back.
    fn step(&mut self, from: &SmolStr, to: &SmolStr, act: impl FnOnce(&mut Self)) {
        let shifted = usize::from(from != to);
        self.shifted += shifted;
        self.here.push(to.clone());
        self.there.push(from.clone());
        act(self);
        self.here.pop();
        self.there.pop();
        self.shifted -= shifted;
    }

    fn removed(&mut self, old: &Value) {
        self.changes.push(Change {
            kind: ChangeKind::Removed,
            pointer: self.there.clone(),
            from: None,
            old: Some(old.clone()),
            new: None,
        });
    }

    fn record(&mut self, kind: ChangeKind, old: Option<&Value>, new: Option<&Value>) {
        self.changes.push(Change {
            kind,
            pointer: self.here.clone(),
            from: (self.shifted > 0).then(|| self.there.clone()),
            old: old.cloned(),
            new: new.cloned(),
        });
    }
}

fn token(index: usize) -> SmolStr {
    smol_str::format_smolstr!("{index}")
}

/// Says whether two values are the same at a glance; lists and maps are looked into later.
fn is_same_leaf(old: &Value, new: &Value) -> bool {
    match (&old.kind, &new.kind) {
        (Kind::Array(_) | Kind::Object(_), _) => false,
        (old_kind, new_kind) => old_kind == new_kind && old.tag == new.tag,
    }
}
