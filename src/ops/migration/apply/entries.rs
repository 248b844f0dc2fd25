//! Steps that take entries a level up or down: hoist, plunge.

use smol_str::SmolStr;

use super::tree::{self, Landing, landing, map_at, put, split, take_all};
use super::{Run, name};
use crate::document::Map;
use crate::ops::migration::path::{Path, Scope};
use crate::ops::migration::step::Step;

impl Run<'_> {
    pub(super) fn hoist(
        &mut self,
        step: &Step,
        path: &Path,
        prefix: &SmolStr,
        only: Option<&[SmolStr]>,
        scope: &Scope,
    ) {
        let about = &step.about;
        for found in self.matches(step, path, scope) {
            let at = found.at;
            let Some((above, index)) = self.position(&at) else {
                continue;
            };
            let Some(inner) = self.root.at(&at).and_then(|value| value.as_object()) else {
                let message = format!("{} is no map, so nothing in it can move up", name(&at));
                self.manual(about, &at, message, None);
                continue;
            };
            let is_wanted = |key: &SmolStr| only.is_none_or(|only| only.contains(key));
            let wanted: Vec<SmolStr> = inner.keys().filter(|key| is_wanted(key)).cloned().collect();
            let own = at.last().unwrap_or_default();
            let mut going = Vec::new();
            for key in wanted {
                let new = SmolStr::from(format!("{prefix}{key}"));
                let outer = self.root.at(&above).and_then(|value| value.as_object());
                let taken = outer.and_then(|map| map.get(&new));
                // The map itself makes room for an entry of its own name when it goes.
                let goes = only.is_none() && new == own;
                match taken {
                    Some(there) if !goes => {
                        let same = self.root.at(&at.join(key.clone())) == Some(there);
                        if same {
                            self.drop_equal(step, &at.join(key), &above.join(new));
                        } else {
                            let to = above.join(new);
                            let message = format!("{} is set already", name(&to));
                            let help = format!(
                                "take {} or {} out",
                                name(&to),
                                name(&at.join(key.clone()))
                            );
                            self.manual(about, &at.join(key), message, Some(help));
                        }
                    }
                    _ => going.push((key, new)),
                }
            }
            let own_too = going.iter().position(|(_, new)| new == own);
            if let Some(position) = own_too
                && going.len()
                    < self
                        .root
                        .at(&at)
                        .and_then(|it| it.as_object())
                        .map_or(0, Map::len)
            {
                let (key, _) = going.remove(position);
                let message = format!(
                    "{} cannot take the name of the map it stands in",
                    name(&at.join(key.clone()))
                );
                self.manual(about, &at.join(key), message, None);
            }
            let keys: Vec<SmolStr> = going.iter().map(|(key, _)| key.clone()).collect();
            let Some(map) = map_at(&mut self.root, &at) else {
                continue;
            };
            let moved = map.remove_all(&keys);
            let emptied = map.is_empty() && !moved.is_empty();
            if emptied && let Some(entry) = tree::take(&mut self.root, &at) {
                let reason = self.reason(about, "its options moved up");
                self.journal.gone(entry.value.layer, entry.key, &reason);
            }
            let first = if emptied { index } else { index + 1 };
            let mut records = Vec::new();
            if let Some(outer) = map_at(&mut self.root, &above) {
                for (offset, (key, entry)) in moved.into_iter().enumerate() {
                    let new = SmolStr::from(format!("{prefix}{key}"));
                    outer.insert_at(first + offset, new.clone(), entry);
                    records.push((at.join(key), above.join(new)));
                }
            }
            for (from, to) in records {
                self.journal.record(about, from, Some(to), None, None);
            }
        }
    }

    /// Takes out what another place says too.
    fn drop_equal(&mut self, step: &Step, at: &crate::text::Pointer, to: &crate::text::Pointer) {
        if let Some(entry) = tree::take(&mut self.root, at) {
            let reason = self.reason(&step.about, &format!("replaced by {}", to.dotted()));
            self.journal.gone(entry.value.layer, entry.key, &reason);
            self.journal
                .record(&step.about, at.clone(), Some(to.clone()), None, None);
        }
    }

    pub(super) fn plunge(
        &mut self,
        step: &Step,
        paths: &[Path],
        into: &Path,
        strip: &SmolStr,
        scope: &Scope,
    ) {
        let about = &step.about;
        for family in self.families(step, paths, scope) {
            let Some(target) = into.fill(&self.root, scope, &family.found) else {
                self.manual(
                    about,
                    &family.found.at,
                    format!("`{into}` names no place here"),
                    None,
                );
                continue;
            };
            let mut going = Vec::new();
            for at in family.places {
                if at.contains(&target) {
                    let message = format!("{} cannot move into itself", name(&at));
                    self.manual(about, &at, message, None);
                    continue;
                }
                let Some((_, key)) = split(&at) else { continue };
                let key = key.strip_prefix(strip.as_str()).unwrap_or(&key);
                let to = target.join(key);
                match landing(&self.root, &to) {
                    Landing::Free => going.push((at, to)),
                    Landing::Taken if self.root.at(&to) == self.root.at(&at) => {
                        self.drop_equal(step, &at, &to);
                    }
                    Landing::Taken => {
                        let message = format!("{} is set already", name(&to));
                        let help = format!("take {} or {} out", name(&to), name(&at));
                        self.manual(about, &at, message, Some(help));
                    }
                    Landing::Blocked(why) => self.manual(about, &at, why, None),
                }
            }
            let Some((first, _)) = going.first() else {
                continue;
            };
            // A new map stands where the first of them stood.
            let index = self
                .position(first)
                .filter(|(above, _)| target.parent().as_ref() == Some(above));
            if landing(&self.root, &target) == Landing::Free {
                let empty = crate::document::Kind::Object(Map::new());
                let empty = crate::document::Value::detached(empty);
                let index = index.map(|(_, index)| index);
                if put(&mut self.root, &target, tree::entry(empty), index).is_err() {
                    self.manual(
                        about,
                        &target,
                        format!("{} cannot be made", name(&target)),
                        None,
                    );
                    continue;
                }
            }
            let places: Vec<_> = going.iter().map(|(at, _)| at.clone()).collect();
            let taken = take_all(&mut self.root, &places);
            for ((at, to), entry) in going.into_iter().zip(taken) {
                let Some(entry) = entry else { continue };
                match put(&mut self.root, &to, entry, None) {
                    Ok(()) => self.journal.record(about, at, Some(to), None, None),
                    Err(entry) => {
                        let _ = put(&mut self.root, &at, entry, None);
                        let message = format!("{} cannot be set", name(&to));
                        self.manual(about, &at, message, None);
                    }
                }
            }
        }
    }
}
