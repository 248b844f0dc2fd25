//! Three values made one.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;
use smol_str::SmolStr;

use super::super::diff::{Digests, numbered};
use super::super::{Entry, Identity, Kind, Map, Value};
use super::{Conflict, MergedValue, Three};
use crate::text::{Favour, Part, Pointer, parts};

/// Goes through three values side by side.
pub(super) struct Walk<'a> {
    identity: &'a Identity<'a>,
    favour: Favour,
    digests: Digests,
    /// Where we stand in the result.
    here: Pointer,
    /// Where we stand in their value.
    there: Pointer,
    merged: MergedValue,
}

impl<'a> Walk<'a> {
    pub(super) fn new(identity: &'a Identity<'a>, favour: Favour) -> Self {
        Self {
            identity,
            favour,
            digests: Digests::default(),
            here: Pointer::root(),
            there: Pointer::root(),
            merged: MergedValue::default(),
        }
    }

    pub(super) fn run(mut self, sides: Three<Option<&Value>>) -> MergedValue {
        self.merged.value = self.values(sides);
        self.merged
    }

    fn values(&mut self, sides: Three<Option<&Value>>) -> Option<Value> {
        let Three { base, ours, theirs } = sides;
        if ours == theirs || base == theirs {
            return ours.cloned();
        }
        if base == ours {
            self.came();
            return theirs.cloned();
        }
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && ours.tag == theirs.tag
        {
            let kind = match (&ours.kind, &theirs.kind) {
                (Kind::Object(ours), Kind::Object(theirs)) => {
                    let none = Map::new();
                    let base = base.and_then(Value::as_object).unwrap_or(&none);
                    Some(Kind::Object(self.maps(Three { base, ours, theirs })))
                }
                (Kind::Array(ours), Kind::Array(theirs)) => {
                    let base = base.and_then(Value::as_array).unwrap_or_default();
                    Some(Kind::Array(self.lists(Three { base, ours, theirs })))
                }
                _ => None,
            };
            if let Some(kind) = kind {
                return Some(Value {
                    tag: ours.tag.clone(),
                    ..Value::detached(kind)
                });
            }
        }
        self.conflict(sides.map(|side| side.cloned()));
        let taken = sides.of(self.favour).cloned();
        if self.favour == Favour::Theirs && taken.is_some() {
            self.came();
        }
        taken
    }

    fn conflict(&mut self, sides: Three<Option<Value>>) {
        self.merged.conflicts.push(Conflict {
            pointer: self.here.clone(),
            sides,
        });
    }

    /// Notes that what stands here in the result is theirs.
    fn came(&mut self) {
        let place = (self.there.clone(), self.here.clone());
        self.merged.came.push(place);
    }

    fn step<T>(&mut self, here: &str, there: &str, act: impl FnOnce(&mut Self) -> T) -> T {
        self.here.push(here);
        self.there.push(there);
        let done = act(self);
        self.here.pop();
        self.there.pop();
        done
    }

    fn maps(&mut self, sides: Three<&Map>) -> Map {
        let keys = |map: &'_ Map| -> Vec<SmolStr> { map.keys().cloned().collect() };
        let order = order(&keys(sides.ours), &keys(sides.theirs));
        let mut map = Map::with_capacity(order.len());
        for key in order {
            let below = sides.map(|map| map.get(&key));
            if let Some(value) = self.step(&key, &key, |walk| walk.values(below)) {
                map.insert(
                    key,
                    Entry {
                        key: Default::default(),
                        value,
                    },
                );
            }
        }
        map
    }

    fn lists(&mut self, sides: Three<&[Value]>) -> Vec<Value> {
        let all = [sides.base, sides.ours, sides.theirs];
        match numbered(self.identity, &self.here, all) {
            Some([base, ours, theirs]) => self.keyed(&sides, &Three { base, ours, theirs }),
            None => self.sequences(&sides),
        }
    }

    /// Merges lists whose items have names, item by item.
    fn keyed(&mut self, sides: &Three<&[Value]>, names: &Three<Vec<usize>>) -> Vec<Value> {
        let at = names.map(|names| index(names));
        let common = |names: &[usize], other: [&ByNumber; 2]| -> Vec<usize> {
            let both = names.iter().filter(|name| other[1].contains_key(name));
            both.filter_map(|name| other[0].get(name).copied())
                .collect()
        };
        // The order of the side that changed it, of what both sides still have.
        let as_before = |names, other| common(names, [&at.base, other]).is_sorted();
        let theirs_only = as_before(&names.ours, &at.theirs) && !as_before(&names.theirs, &at.ours);
        let order = match theirs_only {
            true => order(&names.theirs, &names.ours),
            false => order(&names.ours, &names.theirs),
        };
        let mut items = Vec::with_capacity(order.len());
        for name in &order {
            let places = at.map(|at| at.get(name).copied());
            let below = Three {
                base: places.base.map(|at| &sides.base[at]),
                ours: places.ours.map(|at| &sides.ours[at]),
                theirs: places.theirs.map(|at| &sides.theirs[at]),
            };
            let here = items.len();
            let there = places.theirs.unwrap_or(here).to_string();
            let merged = self.step(&here.to_string(), &there, |walk| walk.values(below));
            items.extend(merged);
        }
        items
    }

    /// Merges lists by the order of equal items.
    fn sequences(&mut self, sides: &Three<&[Value]>) -> Vec<Value> {
        let mut classes = Classes::default();
        let of = sides.map(|items| classes.of(items, &mut self.digests));
        let mut items = Vec::new();
        let mut their_index = 0;
        for part in parts(&of.base, &of.ours, &of.theirs, true) {
            match part {
                Part::Kept(at) => {
                    their_index += at.len();
                    items.extend_from_slice(&sides.base[at]);
                }
                Part::Both(at) => {
                    their_index += at.len();
                    items.extend_from_slice(&sides.ours[at]);
                }
                Part::Ours(at) => items.extend_from_slice(&sides.ours[at]),
                Part::Theirs(at) => {
                    for place in at.clone() {
                        let here = items.len().to_string();
                        self.step(&here, &place.to_string(), Self::came);
                        items.push(sides.theirs[place].clone());
                    }
                    their_index = at.end;
                }
                Part::Conflict { base, ours, theirs } => {
                    their_index = theirs.end;
                    let stretch = Three {
                        base: &sides.base[base],
                        ours: &sides.ours[ours],
                        theirs: &sides.theirs[theirs.clone()],
                    };
                    self.stretch(&stretch, theirs.start, &mut items);
                }
            }
        }
        debug_assert!(their_index <= sides.theirs.len());
        items
    }

    /// Merges a stretch of a list that both sides changed: item by item, where it is as long as
    /// before on both.
    fn stretch(&mut self, sides: &Three<&[Value]>, there: usize, items: &mut Vec<Value>) {
        let length = sides.base.len();
        if sides.ours.len() == length && sides.theirs.len() == length {
            for at in 0..length {
                let below = sides.map(|items| items.get(at));
                let (here, there) = (items.len().to_string(), (there + at).to_string());
                items.extend(self.step(&here, &there, |walk| walk.values(below)));
            }
            return;
        }
        let here = items.len().to_string();
        let list = |items: &[Value]| Some(Value::detached(Kind::Array(items.to_vec())));
        self.step(&here, &here, |walk| {
            walk.conflict(sides.map(|items| list(items)));
        });
        items.extend_from_slice(sides.of(self.favour));
    }
}

type ByNumber = HashMap<usize, usize, RandomState>;

fn index(numbers: &[usize]) -> ByNumber {
    numbers.iter().copied().zip(0..).collect()
}

/// Puts what only the other side has behind what it follows there; the rest is in the order of
/// the first side.
fn order<K: Clone + Eq + Hash>(first: &[K], other: &[K]) -> Vec<K> {
    let known: HashMap<&K, usize, RandomState> = first.iter().zip(0..).collect();
    let has: HashMap<&K, usize, RandomState> = other.iter().zip(0..).collect();
    let mut behind: Vec<Vec<&K>> = vec![Vec::new(); first.len() + 1];
    let mut place = 0;
    for key in other {
        match known.get(key) {
            Some(at) => place = at + 1,
            None => behind[place].push(key),
        }
    }
    let mut out = Vec::with_capacity(first.len() + other.len());
    let mut waiting = std::mem::take(&mut behind[0]);
    for (at, key) in first.iter().enumerate() {
        // What the first side added at the same place comes first.
        if has.contains_key(key) {
            out.extend(waiting.drain(..).cloned());
        }
        out.push(key.clone());
        waiting.append(&mut behind[at + 1]);
    }
    out.extend(waiting.into_iter().cloned());
    out
}

/// Numbers values so that equal ones have the same number.
#[derive(Default)]
pub(super) struct Classes<'v> {
    known: HashMap<u64, Vec<(&'v Value, u32)>, RandomState>,
    count: u32,
}

impl<'v> Classes<'v> {
    pub(super) fn of(&mut self, items: &'v [Value], digests: &mut Digests) -> Vec<u32> {
        let mut number = |item: &'v Value| {
            let known = self.known.entry(digests.of(item)).or_default();
            if let Some((_, number)) = known.iter().find(|(value, _)| *value == item) {
                return *number;
            }
            self.count += 1;
            known.push((item, self.count));
            self.count
        };
        items.iter().map(&mut number).collect()
    }
}
