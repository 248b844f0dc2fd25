//! What the versions of a file say of values.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::lineage::Step;
use crate::document::Value;
use crate::text::Span;

/// What one version says of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reading {
    /// Whether it says anything.
    pub(super) speaks: bool,
    /// The value; none where what stands above is none that could hold it.
    pub(super) value: Option<Value>,
    /// Whether the list is there that the value would be in.
    pub(super) has_list: bool,
}

/// The values that matter in a file, by the outermost keys that they stand below.
pub(super) struct Groups<'a> {
    /// The steps to each value; those without a key at first are in a group of their own.
    groups: IndexMap<Option<&'a SmolStr>, Vec<&'a [Step]>, foldhash::fast::RandomState>,
    /// By the number of the value: its group, and its place in there.
    places: Arc<[(u32, u32)]>,
}

impl<'a> Groups<'a> {
    pub(super) fn of(wanted: &[&'a [Step]]) -> Self {
        let mut groups: IndexMap<_, Vec<&'a [Step]>, _> = IndexMap::default();
        let mut last = None;
        let place = |steps: &&'a [Step]| {
            let key = match steps.first() {
                Some(Step::Key(name)) => Some(name),
                _ => None,
            };
            // Most stand right behind others of their group.
            let group = match last {
                Some((known, group)) if known == key => group,
                _ => {
                    let entry = groups.entry(key);
                    let group = entry.index();
                    entry.or_default();
                    group
                }
            };
            last = Some((key, group));
            let there = &mut groups[group];
            there.push(*steps);
            (number(group), number(there.len() - 1))
        };
        let places = wanted.iter().map(place).collect();
        Self { groups, places }
    }

    /// Gives the outermost keys; none where something does not stand below one.
    pub(super) fn keys(&self) -> Option<BTreeSet<SmolStr>> {
        self.groups.keys().map(|key| key.cloned()).collect()
    }

    /// Reads what a version says, and where. Where keys are given, it says the same below all others
    /// as the one before.
    pub(super) fn read(
        &self,
        root: Option<&Value>,
        before: Option<(&Readings, Option<&BTreeSet<SmolStr>>)>,
    ) -> (Readings, Vec<Span>) {
        let mut places = Vec::new();
        // Most values stand right behind the one before.
        let mut near = 0;
        let groups = self.groups.iter().enumerate();
        let groups = groups.map(|(number, (key, wanted))| {
            let before = before.map(|(before, keys)| (before.groups[number].as_ref(), keys));
            if let (Some((before, Some(keys))), Some(key)) = (before, key)
                && !keys.contains(*key)
            {
                return before.cloned();
            }
            // What is wanted of each stands below one value, if that is there.
            let (from, depth) = match (key, root?) {
                (Some(key), root) => {
                    let (index, below) = root.as_object()?.find_near(near, key)?;
                    near = index + 1;
                    (below, 1)
                }
                (None, root) => (root, 0),
            };
            let mut hints = Vec::new();
            let read = wanted.iter().map(|steps| {
                let (reading, place) = look(from, steps, depth, &mut hints);
                places.extend(place);
                (reading.speaks || reading.has_list).then_some(reading)
            });
            let group: Arc<Group> = read.collect();
            let before = before.and_then(|(before, _)| before);
            match before.filter(|before| **before == group) {
                Some(before) => Some(Arc::clone(before)),
                None => group.iter().any(Option::is_some).then_some(group),
            }
        });
        let readings = Readings {
            groups: groups.collect(),
            places: Arc::clone(&self.places),
        };
        (readings, places)
    }
}

fn number(it: usize) -> u32 {
    u32::try_from(it).unwrap_or(u32::MAX)
}

/// What one version says of all values that matter. Most say something of few: a file that all
/// services share says nothing of nearly all of theirs; and most say what the one before says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Readings {
    /// None where nothing is said.
    groups: Vec<Option<Arc<Group>>>,
    places: Arc<[(u32, u32)]>,
}

/// What is said of the values below one key, by their places; none where nothing is.
type Group = [Option<Reading>];

impl Readings {
    /// Gives what is said of a value, if anything is.
    pub(super) fn get(&self, number: usize) -> Option<&Reading> {
        let &(group, place) = self.places.get(number)?;
        let group = self.groups.get(group as usize)?.as_ref()?;
        group.get(place as usize)?.as_ref()
    }
}

#[cfg(test)]
impl Readings {
    /// Says whether the groups of a value are one and the same here and there.
    pub(super) fn shares(&self, other: &Self, number: usize) -> bool {
        let group = |it: &Self| it.groups[it.places[number].0 as usize].clone();
        match (group(self), group(other)) {
            (Some(here), Some(there)) => Arc::ptr_eq(&here, &there),
            (here, there) => here.is_none() && there.is_none(),
        }
    }
}

/// Looks for a value from one that so many of its steps have led to, and says where it or the list
/// that it is in stands. The hints are the positions in their maps at which the last one was found.
fn look(
    from: &Value,
    steps: &[Step],
    depth: usize,
    hints: &mut Vec<usize>,
) -> (Reading, Option<Span>) {
    let mut value = from;
    let mut reading = Reading::default();
    let mut list = None;
    for (depth, step) in steps.iter().enumerate().skip(depth) {
        if value.as_array().is_some() && list.is_none() {
            list = Some(value.span);
            reading.has_list = true;
        }
        let holds = match step {
            Step::Key(_) => value.as_object().is_some(),
            Step::Item(..) => value.as_array().is_some(),
        };
        let next = match (step, value.as_object()) {
            (Step::Key(name), Some(map)) => {
                let hint = hints.get(depth).copied().unwrap_or(usize::MAX);
                map.find_near(hint, name).map(|(index, next)| {
                    if index != hint {
                        hints.resize(depth, usize::MAX);
                        hints.push(index);
                    }
                    next
                })
            }
            _ => step.take(value),
        };
        let Some(next) = next else {
            // An empty layer says nothing; a null, or another value, takes everything away.
            reading.speaks = !holds && depth > 0;
            return (reading, list);
        };
        value = next;
    }
    reading.speaks = true;
    reading.value = Some(value.clone());
    (reading, list.or(Some(value.span)))
}
