//! Which entries and items of a list or map stayed, which went, and which are new.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::super::{Kind, Map, Value};
use super::layout::{Group, Key, Node, Shape, Slot};
use super::rewriter::{Edit, Edits, Mode, Rewriter};
use crate::text::Span;

/// One entry or item as it is to be.
#[derive(Clone, Copy)]
pub(super) struct Child<'a> {
    /// Which slot it stands in already.
    pub(super) slot: Option<usize>,
    /// Its name, in a map.
    pub(super) name: Option<&'a SmolStr>,
    /// Where its key stood.
    pub(super) key: Span,
    pub(super) value: &'a Value,
}

/// What is to become of a list or a map.
pub(super) struct Plan<'a> {
    pub(super) children: Vec<Child<'a>>,
    /// Which slots go.
    pub(super) gone: Vec<bool>,
}

impl<'a> Rewriter<'a> {
    /// Changes a list or a map in its place. Gives false where it must be written anew.
    pub(super) fn group(
        &mut self,
        node: &'a Node,
        old: &'a Value,
        new: &'a Value,
        edits: &mut Edits,
    ) -> bool {
        let Some(group) = node.group() else {
            return false;
        };
        let plan = match (&node.shape, &old.kind, &new.kind) {
            (Shape::Map(_), Kind::Object(old), Kind::Object(new)) => self.map(group, old, new),
            (Shape::List(_), Kind::Array(old), Kind::Array(new)) => list(group, old, new),
            _ => return false,
        };
        let Some(plan) = plan else {
            return false;
        };
        let kept = plan.gone.iter().any(|gone| !gone);
        if !kept && !plan.gone.is_empty() {
            return false;
        }
        for child in &plan.children {
            let Some(index) = child.slot else {
                continue;
            };
            let slot = &group.slots[index];
            let was = match (&slot.key, &old.kind) {
                (Some(key), Kind::Object(map)) => map.get_near(index, &key.name),
                (None, Kind::Array(items)) => items.get(index),
                _ => None,
            };
            if let (Some(key), Some(name)) = (&slot.key, child.name)
                && key.name != *name
            {
                edits.push(self.rename(key, name, group.flow));
            }
            match was {
                Some(was) => self.value(slot, was, child.value, group.flow, edits),
                None => self.replace(slot, child.value, group.flow, edits),
            }
        }
        match group.flow {
            true => self.flow(node, group, &plan, edits),
            false => self.block(group, &plan, edits),
        }
        true
    }

    fn rename(&self, key: &Key, name: &str, flow: bool) -> Edit {
        Edit {
            from: key.span.start as usize,
            to: key.span.end as usize,
            text: self.key_like(name, key.quotes, flow),
        }
    }

    fn map(&mut self, group: &'a Group, old: &'a Map, new: &'a Map) -> Option<Plan<'a>> {
        let slots = &group.slots;
        let mut gone = vec![true; slots.len()];
        let mut children: Vec<Child<'a>> = new
            .entries()
            .map(|(name, entry)| Child {
                slot: None,
                name: Some(name),
                key: entry.key,
                value: &entry.value,
            })
            .collect();
        // By where its key stood.
        for child in &mut children {
            let start = child.key.start as usize;
            let key = |slot: &Slot| {
                let key = slot.key.as_ref();
                key.map_or(0, |key| key.span.start as usize)
            };
            let found = slots.binary_search_by_key(&start, key).ok();
            let slot = found.filter(|at| slots[*at].is_at(child.key) && gone[*at]);
            // A name that is repeated, or merged in, is not this entry's own.
            if let Some(at) =
                slot.filter(|at| !slots[*at].key.as_ref().is_some_and(|key| key.merge))
            {
                child.slot = Some(at);
                gone[at] = false;
            }
        }
        // By its name.
        if children.iter().any(|child| child.slot.is_none()) && gone.contains(&true) {
            let free = slots.iter().enumerate().filter(|(at, _)| gone[*at]);
            let names: HashMap<&str, usize, foldhash::fast::RandomState> = free
                .filter_map(|(at, slot)| {
                    Some((
                        slot.key.as_ref().filter(|key| !key.merge)?.name.as_str(),
                        at,
                    ))
                })
                .collect();
            for child in children.iter_mut().filter(|child| child.slot.is_none()) {
                let name = child.name.map(SmolStr::as_str).unwrap_or_default();
                if let Some(at) = names.get(name).copied().filter(|at| gone[*at]) {
                    child.slot = Some(at);
                    gone[at] = false;
                }
            }
        }
        let merges = |at: usize| slots[at].key.as_ref().is_some_and(|key| key.merge);
        if (0..slots.len()).any(merges) && self.merge_stays(group, old, new) {
            for at in (0..slots.len()).filter(|at| merges(*at)) {
                gone[at] = false;
            }
            // What the merge brings in is not written.
            let sources = self.merge_sources(group);
            children.retain(|child| {
                let name = child.name.map(SmolStr::as_str).unwrap_or_default();
                child.slot.is_some() || self.merged(&sources, old, name) != Some(child.value)
            });
        }
        Some(Plan { children, gone })
    }

    /// Says whether the map merged into another may stay: where it brings in nothing that is not
    /// to be there.
    fn merge_stays(&self, group: &Group, old: &'a Map, new: &Map) -> bool {
        if self.mode != Mode::Keep {
            return false;
        }
        let own = |name: &str| {
            group
                .slots
                .iter()
                .any(|slot| slot.key.as_ref().is_some_and(|key| key.name == name))
        };
        let sources = self.merge_sources(group);
        old.keys()
            .filter(|name| !own(name))
            .all(|name| new.contains_key(name) || self.merged(&sources, old, name).is_none())
    }

    /// Gives what the anchors that are merged in say now; `None` where that is not known to have
    /// changed.
    fn merge_sources(&self, group: &Group) -> Vec<&'a Value> {
        let merges = group
            .slots
            .iter()
            .filter(|slot| slot.key.as_ref().is_some_and(|key| key.merge));
        let mut sources = Vec::new();
        for slot in merges {
            let inner = match &slot.value.shape {
                Shape::List(group) => group.slots.iter().map(|slot| &slot.value).collect(),
                _ => vec![&slot.value],
            };
            for node in inner {
                if let Shape::Alias(id) = node.shape
                    && let Some(now) = self.anchors.get(&id)
                {
                    sources.push(*now);
                }
            }
        }
        sources
    }

    /// Gives what a merge brings in under a name.
    fn merged(&self, sources: &[&'a Value], old: &'a Map, name: &str) -> Option<&'a Value> {
        let now = sources.iter().find_map(|source| source.get(name));
        if now.is_some() {
            return now;
        }
        let was = old.get(name)?;
        // It came from an anchor that no longer says it.
        let came = |source: &&&Value| {
            source.span.start <= was.span.start && was.span.end <= source.span.end
        };
        match sources.iter().find(came) {
            Some(_) => None,
            None => Some(was),
        }
    }
}

/// Says what a value is, of those that may stand at one place.
pub(super) fn class(value: &Value) -> u8 {
    match value.kind {
        Kind::Array(_) => 1,
        Kind::Object(_) => 2,
        _ => 0,
    }
}

fn list<'a>(group: &'a Group, old: &'a [Value], new: &'a [Value]) -> Option<Plan<'a>> {
    if group.slots.len() != old.len() {
        return None;
    }
    let mut gone = vec![true; old.len()];
    let mut children: Vec<Child<'a>> = new
        .iter()
        .map(|value| Child {
            slot: None,
            name: None,
            key: Span::default(),
            value,
        })
        .collect();
    // Those that know their place, as far as they are in the old order.
    let mut last = 0;
    for child in &mut children {
        let span = child.value.span;
        if span == Span::default() {
            continue;
        }
        let found = match old.get(last) {
            Some(next) if next.span == span => Some(last),
            _ => {
                let rest = &old[last..];
                // Spans of items grow.
                let at = rest.partition_point(|item| item.span.start < span.start);
                (rest.get(at).is_some_and(|item| item.span == span)).then_some(last + at)
            }
        };
        let slot = found.filter(|at| gone[*at]);
        if let Some(at) = slot {
            child.slot = Some(at);
            gone[at] = false;
            last = at + 1;
        }
    }
    // Of those between, equal ones at either end, and the others in their order.
    let mut begin = 0;
    let mut from = 0;
    while begin <= children.len() {
        let end = (begin..children.len())
            .find(|at| children[*at].slot.is_some())
            .unwrap_or(children.len());
        let to = children
            .get(end)
            .and_then(|child| child.slot)
            .unwrap_or(old.len());
        pair(&mut children[begin..end], old, from..to, &mut gone);
        from = to + 1;
        begin = end + 1;
    }
    Some(Plan { children, gone })
}

/// Pairs new items with old ones of a stretch.
fn pair(
    children: &mut [Child<'_>],
    old: &[Value],
    mut free: std::ops::Range<usize>,
    gone: &mut [bool],
) {
    let (mut begin, mut end) = (0, children.len());
    while begin < end && !free.is_empty() && *children[begin].value == old[free.start] {
        children[begin].slot = Some(free.start);
        gone[free.start] = false;
        (begin, free.start) = (begin + 1, free.start + 1);
    }
    while begin < end && !free.is_empty() && *children[end - 1].value == old[free.end - 1] {
        (end, free.end) = (end - 1, free.end - 1);
        children[end].slot = Some(free.end);
        gone[free.end] = false;
    }
    // What was moved here brings its own text along.
    let fresh = children[begin..end]
        .iter_mut()
        .filter(|child| child.value.span == Span::default());
    for (child, at) in fresh.zip(free) {
        child.slot = Some(at);
        gone[at] = false;
    }
}
