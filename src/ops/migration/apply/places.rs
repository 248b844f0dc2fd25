//! Steps that take entries to other places: rename, move, copy.

use std::sync::Arc;

use smol_str::SmolStr;

use super::tree::{self, Landing, landing, map_at, merge_values, put, split, take, take_all};
use super::{Run, name};
use crate::document::{Entry, Kind, Value};
use crate::ops::migration::path::{Path, Scope};
use crate::ops::migration::step::{About, IfExists, Step};
use crate::text::Pointer;

impl Run<'_> {
    pub(super) fn rename(
        &mut self,
        about: &Arc<About>,
        at: &Pointer,
        to: &SmolStr,
        if_exists: IfExists,
    ) {
        let Some((last, above)) = at.tokens().split_last() else {
            return self.manual(about, at, "the whole document has no name to change", None);
        };
        if last == to {
            return;
        }
        let target = || Pointer::from_tokens(above.iter().chain([to]).cloned());
        let mut value = Some(&mut self.root);
        for token in above {
            value = value.and_then(|value| value.child_mut(token));
        }
        let Some(Kind::Object(map)) = value.map(|value| &mut value.kind) else {
            let message = format!(
                "{} is an item of a list, and has no name to change",
                name(at)
            );
            return self.manual(about, at, message, None);
        };
        if map.rename(last, to.clone()) {
            match self.journal.is_full() {
                true => self.journal.left_out += 1,
                false => {
                    let target = target();
                    self.journal
                        .record(about, at.clone(), Some(target), None, None);
                }
            }
        } else if map.contains_key(to) {
            self.settle(about, at, &target(), if_exists);
        }
    }

    /// Does what is asked for where both a place and the place it should go to hold something.
    /// Says whether the source is gone.
    fn settle(
        &mut self,
        about: &Arc<About>,
        at: &Pointer,
        to: &Pointer,
        if_exists: IfExists,
    ) -> bool {
        let (Some(source), Some(target)) = (self.root.at(at), self.root.at(to)) else {
            return false;
        };
        let same = source == target;
        if !same && if_exists == IfExists::Stop {
            let message = format!("{} and {} are both set, and differ", name(at), name(to));
            let help = format!(
                "take one of the two out, or make {} what both say",
                name(to)
            );
            self.manual(about, at, message, Some(help));
            return false;
        }
        if !same && if_exists == IfExists::Merge {
            return self.merge_at(about, at, to);
        }
        let (Some((above, last)), Some(source)) = (split(to), take(&mut self.root, at)) else {
            return false;
        };
        let reason = self.reason(about, &format!("replaced by {}", to.dotted()));
        if same || if_exists == IfExists::Keep {
            self.journal.gone(source.value.layer, source.key, &reason);
            let old = (!same).then_some(source.value);
            self.journal
                .record(about, at.clone(), Some(to.clone()), old, None);
            return true;
        }
        let old = match map_at(&mut self.root, &above) {
            Some(map) => map.insert(last, source).map(|old| (old.key, old.value)),
            None => {
                let there = self.root.at_mut(to);
                there.map(|there| (source.key, std::mem::replace(there, source.value)))
            }
        };
        if let Some((key, old)) = old {
            self.journal.gone(old.layer, key, &reason);
            self.journal
                .record(about, at.clone(), Some(to.clone()), Some(old), None);
        }
        true
    }

    fn merge_at(&mut self, about: &Arc<About>, at: &Pointer, to: &Pointer) -> bool {
        let index = self.position(at).map(|(_, index)| index);
        let Some(mut source) = take(&mut self.root, at) else {
            return false;
        };
        let deep = tree::too_deep(to, &source.value).is_some();
        let target = self.root.at_mut(to).filter(|_| !deep);
        if target.is_some_and(|target| merge_values(target, &mut source.value)) {
            let reason = self.reason(about, &format!("merged into {}", to.dotted()));
            self.journal.gone(source.value.layer, source.key, &reason);
            self.journal
                .record(about, at.clone(), Some(to.clone()), None, None);
            return true;
        }
        self.put_back(at, source, index);
        let message = format!(
            "{} and {} set the same things differently",
            name(at),
            name(to)
        );
        let help = format!("carry over by hand what is left in {}", name(at));
        self.manual(about, at, message, Some(help));
        false
    }

    /// Puts back what was taken out: where it was, or else at the end of what is there.
    fn put_back(&mut self, at: &Pointer, entry: Entry, index: Option<usize>) {
        let Err(entry) = put(&mut self.root, at, entry, index) else {
            return;
        };
        // A list that became shorter takes it at its end.
        if let Some((above, _)) = split(at) {
            let items = self.root.at(&above).and_then(Value::as_array);
            if let Some(length) = items.map(<[Value]>::len) {
                let end = above.join(length.to_string());
                let _ = put(&mut self.root, &end, entry, None);
            }
        }
    }

    pub(super) fn relocate(
        &mut self,
        step: &Step,
        path: &Path,
        to: &Path,
        (if_exists, keep_empty): (IfExists, bool),
        scope: &Scope,
    ) {
        let about = &step.about;
        let mut queue = Vec::new();
        for found in self.matches_in_order(step, path, scope) {
            let Some(target) = to.fill(&self.root, scope, &found) else {
                self.manual(
                    about,
                    &found.at,
                    format!("`{to}` names no place here"),
                    None,
                );
                continue;
            };
            queue.push((found.at, target));
        }
        // What goes to free places goes together, so that a large map is rebuilt once.
        let (mut places, mut targets) = (Vec::new(), Vec::new());
        for (at, target) in queue {
            if at == target || self.root.at(&at).is_none() {
                continue;
            }
            if at.is_root() {
                self.manual(about, &at, "the whole document cannot be moved", None);
                continue;
            }
            if at.parent() == target.parent()
                && let Some(last) = target.last()
                && at
                    .parent()
                    .is_some_and(|above| map_at(&mut self.root, &above).is_some())
            {
                self.rename(about, &at, &SmolStr::new(last), if_exists);
                continue;
            }
            let list = at.parent().filter(|above| {
                above.contains(&target)
                    && self
                        .root
                        .at(above)
                        .is_some_and(|it| it.as_array().is_some())
            });
            if list.is_some() {
                let message = "an item cannot be moved within its own list".to_owned();
                self.blocked(about, &at, &message);
                continue;
            }
            if at.contains(&target) {
                self.nest(about, &at, &target);
                continue;
            }
            if target.contains(&at) {
                self.lift(about, &at, &target);
                continue;
            }
            match landing(&self.root, &target) {
                Landing::Taken => {
                    if self.settle(about, &at, &target, if_exists) && !keep_empty {
                        self.prune_above(&at, scope);
                    }
                }
                Landing::Blocked(why) => self.blocked(about, &at, &why),
                Landing::Free => {
                    places.push(at);
                    targets.push(target);
                }
            }
        }
        let taken = take_all(&mut self.root, &places);
        for ((at, target), entry) in places.into_iter().zip(targets).zip(taken) {
            let Some(entry) = entry else { continue };
            match put(&mut self.root, &target, entry, None) {
                Ok(()) => {
                    self.journal
                        .record(about, at.clone(), Some(target), None, None);
                    if !keep_empty {
                        self.prune_above(&at, scope);
                    }
                }
                Err(entry) => {
                    // Something went there in the meantime.
                    let deep = tree::too_deep(&target, &entry.value);
                    self.put_back(&at, entry, None);
                    match deep {
                        Some(why) => self.blocked(about, &at, &why),
                        None => drop(self.settle(about, &at, &target, if_exists)),
                    }
                }
            }
        }
    }

    pub(super) fn prune_above(&mut self, at: &Pointer, scope: &Scope) {
        if let Some(above) = at.parent() {
            // From `$` on, the step may reach above where the `each` stands.
            let base = match scope.base.contains(&above) {
                true => scope.base.clone(),
                false => Pointer::root(),
            };
            tree::prune(&mut self.root, above, &base);
        }
    }

    fn blocked(&mut self, about: &Arc<About>, at: &Pointer, why: &str) {
        let help = format!("carry {} over by hand", name(at));
        self.manual(about, at, why.to_owned(), Some(help));
    }

    /// Moves a value to a place inside itself: maps are put around it.
    fn nest(&mut self, about: &Arc<About>, at: &Pointer, to: &Pointer) {
        let inner = &to.tokens()[at.tokens().len()..];
        let Some(value) = self.root.at(at) else {
            return;
        };
        if let Some(why) = tree::too_deep(to, value) {
            return self.blocked(about, at, &why);
        }
        let Some(value) = self.root.at_mut(at) else {
            return;
        };
        let mut inside = std::mem::take(value);
        for token in inner.iter().rev() {
            let mut map = crate::document::Map::new();
            map.insert(token.clone(), tree::entry(inside));
            inside = Value::detached(crate::document::Kind::Object(map));
        }
        *value = inside;
        self.journal
            .record(about, at.clone(), Some(to.clone()), None, None);
    }

    /// Moves a value to a place that it stands in: it takes the place of maps that hold nothing
    /// else.
    fn lift(&mut self, about: &Arc<About>, at: &Pointer, to: &Pointer) {
        let mut value = self.root.at(to);
        for token in &at.tokens()[to.tokens().len()..] {
            let alone = value
                .and_then(Value::as_object)
                .filter(|map| map.len() == 1);
            value = alone.and_then(|map| map.get(token));
        }
        if value.is_none() {
            let message = format!("{} holds more than {}", name(to), name(at));
            let help = format!(
                "say where the rest of {} goes, then move it by hand",
                name(to)
            );
            return self.manual(about, at, message, Some(help));
        }
        let taken = take(&mut self.root, at);
        if let (Some(taken), Some(place)) = (taken, self.root.at_mut(to)) {
            *place = taken.value;
            self.journal
                .record(about, at.clone(), Some(to.clone()), None, None);
        }
    }

    pub(super) fn copy(
        &mut self,
        step: &Step,
        path: &Path,
        to: &Path,
        if_exists: IfExists,
        scope: &Scope,
    ) {
        let about = &step.about;
        for found in self.matches(step, path, scope) {
            let Some(target) = to.fill(&self.root, scope, &found) else {
                self.manual(
                    about,
                    &found.at,
                    format!("`{to}` names no place here"),
                    None,
                );
                continue;
            };
            let at = found.at;
            let Some(value) = self.root.at(&at).cloned() else {
                continue;
            };
            if at == target {
                continue;
            }
            if !self.has_room(&value) {
                self.manual(
                    about,
                    &at,
                    "so many copies would make the document too large",
                    None,
                );
                continue;
            }
            match landing(&self.root, &target) {
                Landing::Blocked(why) => self.blocked(about, &at, &why),
                Landing::Free => {
                    let key = split(&at).and_then(|(above, last)| {
                        let map = self.root.at(&above)?.as_object()?;
                        Some(map.entry(&last)?.key)
                    });
                    let entry = Entry {
                        key: key.unwrap_or_default(),
                        value,
                    };
                    match put(&mut self.root, &target, entry, None) {
                        Ok(()) => self.journal.record(about, at, Some(target), None, None),
                        Err(_) => self.blocked(about, &at, "the copy would stand too deep"),
                    }
                }
                Landing::Taken => self.copy_onto(about, &at, &target, value, if_exists),
            }
        }
    }

    fn copy_onto(
        &mut self,
        about: &Arc<About>,
        at: &Pointer,
        to: &Pointer,
        mut value: Value,
        if_exists: IfExists,
    ) {
        let deep = tree::too_deep(to, &value).is_some();
        let Some(there) = self.root.at_mut(to).filter(|_| !deep) else {
            return;
        };
        if *there == value || if_exists == IfExists::Keep {
            return;
        }
        let done = match if_exists {
            IfExists::Replace => {
                let old = std::mem::replace(there, value);
                Some(Some(old))
            }
            IfExists::Merge => merge_values(there, &mut value).then_some(None),
            _ => None,
        };
        match done {
            Some(old) => self
                .journal
                .record(about, at.clone(), Some(to.clone()), old, None),
            None => {
                let message = format!("{} is set already, and differs from {}", name(to), name(at));
                let help = format!("make {} what both say", name(to));
                self.manual(about, at, message, Some(help));
            }
        }
    }
}
