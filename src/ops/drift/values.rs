//! What single values were, in each state of their layers.

use std::borrow::Cow;

use super::lineage::Wanted;
use super::readings::Readings;
use super::states::{Group, State};
use super::versions;
use crate::config::{Configuration, Snapshot};
use crate::document::Value;
use crate::error::Result;
use crate::git::{Repo, Trail};

/// A group, with what its layers say in each state.
pub(super) struct Looked<'a> {
    group: &'a Group,
    /// By state: the layers that were there, each with the place of the first value of the group;
    /// none where one could not be read.
    states: Vec<Option<Vec<(usize, &'a Readings)>>>,
}

impl<'a> Looked<'a> {
    pub(super) fn of(group: &'a Group, layers: &[usize], readings: &'a versions::All) -> Self {
        let state = |state: &State| {
            let there = layers.iter().zip(&state.0).enumerate();
            there
                .filter_map(|(slot, (path, id))| Some((slot, (*path, (*id)?))))
                .map(|(slot, file)| Some((*group.starts.get(slot)?, &**readings.get(&file)?)))
                .collect()
        };
        Self {
            group,
            states: group.states.keys().map(state).collect(),
        }
    }
}

/// What one value was.
pub(super) struct Values<'a> {
    group: &'a Group,
    /// The value in each state; none where it could not be read.
    by_state: Vec<Option<Option<Cow<'a, Value>>>>,
    /// Whether not all could be read.
    pub(super) is_cut: bool,
    /// The step that made it what it is.
    pub(super) since: Option<usize>,
}

impl Values<'_> {
    /// Says whether it was something, or nothing, at any time.
    pub(super) fn had(&self, value: Option<&Value>) -> bool {
        let mut states = self.by_state.iter().flatten();
        states.any(|known| known.as_deref() == value)
    }

    /// Gives all that it was.
    pub(super) fn known(&self) -> impl Iterator<Item = &Value> {
        self.by_state.iter().flatten().flatten().map(|it| &**it)
    }

    /// Says whether it is something else in a state than in the ones before.
    fn is_act(&self, here: usize, before: &[usize]) -> bool {
        self.by_state[here].is_some()
            && !before
                .iter()
                .any(|state| self.by_state[*state] == self.by_state[here])
    }

    /// Gives the values that were set one after the other, the first one first.
    pub(super) fn sequence(&self) -> Vec<Option<&Value>> {
        let acts = self.group.acts.iter().rev();
        let acts = acts.filter(|(_, here, before)| self.is_act(*here, before));
        let values = acts.filter_map(|(_, here, _)| self.by_state[*here].as_ref());
        let mut sequence: Vec<_> = values.map(Option::as_deref).collect();
        sequence.dedup();
        sequence
    }
}

/// Finds out what one value was.
pub(super) struct Look<'a> {
    pub(super) configuration: &'a Configuration,
    pub(super) repo: &'a Repo,
    pub(super) trail: &'a Trail,
}

impl Look<'_> {
    pub(super) fn values<'a>(
        &self,
        wanted: Wanted<'_>,
        looked: &Looked<'a>,
        place: usize,
    ) -> Result<Values<'a>> {
        let group = looked.group;
        let mut values = Values {
            group,
            by_state: Vec::with_capacity(group.states.len()),
            is_cut: false,
            since: None,
        };
        for (number, &step) in group.states.values().enumerate() {
            let value = self.value(wanted, looked.states[number].as_deref(), place, step)?;
            values.is_cut |= value.is_none();
            values.by_state.push(value);
        }
        let made = group.acts.iter().find(|(_, here, before)| {
            let is_now = |value: &Option<Cow<'_, Value>>| value.as_deref() == wanted.now;
            !before.is_empty()
                && values.by_state[*here].as_ref().is_some_and(is_now)
                && values.is_act(*here, before)
        });
        values.since = made.map(|(step, ..)| *step);
        Ok(values)
    }

    /// Gives the value that the layers resolve to: what the highest that has it says. Lists may be
    /// made of several. None where a layer could not be read.
    fn value<'a>(
        &self,
        wanted: Wanted<'_>,
        layers: Option<&[(usize, &'a Readings)]>,
        place: usize,
        step: usize,
    ) -> Result<Option<Option<Cow<'a, Value>>>> {
        let then = || -> Result<Snapshot> {
            let commit = self.repo.commit(self.trail.steps[step].id)?;
            Ok(self.configuration.here().of_commit(self.repo, &commit))
        };
        if wanted.source.is_rendered {
            let value = wanted.value_in(self.configuration, &then()?)?;
            return Ok(value.map(|value| value.map(Cow::Owned)));
        }
        let Some(layers) = layers else {
            return Ok(None);
        };
        let (mut lists, mut said) = (0, None);
        for (number, (start, readings)) in layers.iter().enumerate() {
            if let Some(reading) = readings.get(start + place) {
                lists += usize::from(reading.has_list);
                said = reading.speaks.then_some((number, reading)).or(said);
            }
        }
        if lists > 1 {
            let target = &wanted.source.target;
            let (resolved, _) = self.configuration.resolve_in(&then()?, target)?;
            let steps = &mut wanted.steps.iter();
            let value = steps.try_fold(resolved.value(), |value, step| step.take(value));
            return Ok(Some(value.cloned().map(Cow::Owned)));
        }
        Ok(Some(said.and_then(|(number, reading)| {
            let value = reading.value.as_ref()?;
            // In the lowest layer null is a value.
            (number == 0 || !value.is_null()).then_some(Cow::Borrowed(value))
        })))
    }
}
