//! Which of two values is the newer one: the one in whose past the other is.
//!
//! Where a change came from is told by the values themselves and not by the shape of the history,
//! which cherry-picked and squashed commits leave no trace in.
//!
//! A side's past is what its layers resolved to at any commit that led to where it is now, so a
//! merge knows what it took in, and what it passed over.

use std::sync::Arc;

use bstr::BString;
use indexmap::{IndexMap, IndexSet};
use smol_str::SmolStr;

use super::read::Layered;
use super::rendered;
use super::rules::Class;
use super::states::{Group, State};
use super::versions::{self, Reading, Readings, Versions};
use crate::config::Configuration;
use crate::document::Value;
use crate::error::Result;
use crate::git::{Commit, Oid, Repo, Trail};
use crate::text::Pointer;

/// How many commits of a history are looked through.
const MOST: usize = 20_000;

/// A value whose past is sought.
pub(super) struct Wanted {
    /// What it is made of.
    pub(super) source: Arc<Layered>,
    pub(super) steps: Vec<Step>,
    /// What it is now; none where nothing is set.
    pub(super) now: Option<Value>,
    /// What it is on the other side.
    pub(super) other: Option<Value>,
}

/// A step towards a value.
pub(super) enum Step {
    /// An entry of a map.
    Key(SmolStr),
    /// An item of a list: by what it is called, or else by its number.
    Item(Option<(&'static str, Value)>, usize),
}

/// What the items of lists are called by.
const NAMES: [&str; 3] = ["name", "id", "key"];

/// Finds the steps that lead to a value.
pub(super) fn steps(root: &Value, pointer: &Pointer) -> Vec<Step> {
    let mut at = Some(root);
    let step = |token: &SmolStr| {
        let here = at;
        at = here.and_then(|value| value.child(token));
        match here.and_then(Value::as_array) {
            None => Step::Key(token.clone()),
            Some(_) => {
                let called = |name: &'static str| {
                    let value = at.and_then(|item| item.get(name))?;
                    Some((name, value.clone()))
                };
                Step::Item(
                    NAMES.into_iter().find_map(called),
                    token.parse().unwrap_or_default(),
                )
            }
        }
    };
    pointer.tokens().iter().map(step).collect()
}

impl Step {
    /// Goes the step.
    pub(super) fn take<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match self {
            Self::Key(name) => value.get(name),
            Self::Item(Some((field, name)), _) => value
                .as_array()?
                .iter()
                .find(|item| item.get(field) == Some(name)),
            Self::Item(None, index) => value.as_array()?.get(*index),
        }
    }
}

/// What a difference is, and since when.
pub(super) struct Lineage {
    pub(super) class: Class,
    /// The pasts of the two sides, the one upstream first.
    pub(super) pasts: [Past; 2],
}

/// What is known of a value's past.
#[derive(Default)]
pub(super) struct Past {
    /// Whether it was what it is on the other side.
    pub(super) had_other: bool,
    /// Whether there surely never was a value.
    is_blank: bool,
    /// The commit that made it what it is.
    pub(super) since: Option<Commit>,
}

impl Past {
    /// Says whether there never was a value.
    pub(super) fn is_blank(&self) -> bool {
        self.is_blank
    }
}

/// Looks through the histories of two sides for what values were there.
pub(super) fn lineages(
    repo: &Repo,
    configuration: &Configuration,
    tips: [Oid; 2],
    rows: &[[&Wanted; 2]],
) -> Result<Vec<Lineage>> {
    let more = rendered::files_read(repo, configuration, tips, rows, MOST)?;
    let mut paths: IndexSet<&BString, foldhash::fast::RandomState> = IndexSet::default();
    let mut groups: IndexMap<(usize, Vec<usize>), Group, foldhash::fast::RandomState> =
        IndexMap::default();
    let mut last: [Option<(*const Layered, usize)>; 2] = [None; 2];
    for (number, row) in rows.iter().enumerate() {
        for (side, wanted) in row.iter().enumerate() {
            // Most rows are of the target of the row before.
            let source = Arc::as_ptr(&wanted.source);
            let known = last[side].filter(|(known, _)| *known == source);
            let group = known.map_or_else(
                || {
                    let more = more.iter().filter(|_| wanted.source.is_rendered);
                    let layers = wanted.source.layers.iter().chain(more);
                    let layers: IndexSet<usize> =
                        layers.map(|path| paths.insert_full(path).0).collect();
                    let layers: Vec<usize> = layers.into_iter().collect();
                    let entry = groups.entry((side, layers));
                    let group = entry.index();
                    entry.or_default();
                    group
                },
                |(_, group)| group,
            );
            last[side] = Some((source, group));
            groups[group].rows.push(number);
        }
    }
    let all: Vec<BString> = paths.iter().map(|&path| path.clone()).collect();
    let trail = repo.trail(&tips, &all, MOST)?;
    let mut files: Vec<File<'_>> = paths.iter().map(|&path| File::new(path)).collect();
    for ((side, layers), group) in &mut groups {
        group.follow(repo, &trail, *side, layers, &paths)?;
        // What is rendered is not read file by file.
        if group
            .rows
            .iter()
            .any(|row| rows[*row][*side].source.is_rendered)
        {
            continue;
        }
        for (slot, path) in layers.iter().enumerate() {
            let file = &mut files[*path];
            file.ids
                .extend(group.states.keys().filter_map(|state| state.0[slot]));
            for row in &group.rows {
                file.wanted.insert((*side, *row), &rows[*row][*side].steps);
            }
        }
    }
    let versions: Vec<Versions<'_>> = files
        .iter()
        .map(|file| Versions {
            path: file.path,
            wanted: file.wanted.values().copied().collect(),
            ids: file.ids.iter().copied().collect(),
        })
        .collect();
    let readings = versions::read(repo, configuration.here(), &versions);
    let mut found: Vec<[Values; 2]> = rows.iter().map(|_| Default::default()).collect();
    for ((side, layers), group) in &groups {
        for &row in &group.rows {
            let look = Look {
                configuration,
                repo,
                trail: &trail,
                files: &files,
                readings: &readings,
                wanted: rows[row][*side],
                place: (*side, row),
            };
            found[row][*side] = look.values(layers, group)?;
        }
    }
    let mut lineages = Vec::with_capacity(rows.len());
    for (row, values) in rows.iter().zip(&found) {
        let past = |side: usize| -> Result<Past> {
            let since = values[side]
                .since
                .map(|step| repo.commit(trail.steps[step].id));
            let is_cut = trail.is_cut || values[side].is_cut;
            Ok(Past {
                had_other: values[side].had(&row[side].other),
                is_blank: !is_cut && values[side].known().next().is_none(),
                since: since.transpose()?,
            })
        };
        lineages.push(Lineage {
            class: class(&trail, row, values),
            pasts: [past(0)?, past(1)?],
        });
    }
    Ok(lineages)
}

/// A file that layers are read from, and what is to be read of it.
struct File<'a> {
    path: &'a BString,
    ids: IndexSet<Oid, foldhash::fast::RandomState>,
    wanted: IndexMap<(usize, usize), &'a [Step], foldhash::fast::RandomState>,
}

impl<'a> File<'a> {
    fn new(path: &'a BString) -> Self {
        Self {
            path,
            ids: IndexSet::default(),
            wanted: IndexMap::default(),
        }
    }
}

/// What one value was.
#[derive(Default)]
struct Values {
    /// The value in each state; none where it could not be read.
    by_state: Vec<Option<Option<Value>>>,
    /// Whether all could be read.
    is_cut: bool,
    /// The states in which something was set, the latest first.
    acts: Vec<usize>,
    /// The step that made it what it is.
    since: Option<usize>,
}

impl Values {
    /// Says whether it was something, or nothing, at any time.
    fn had(&self, value: &Option<Value>) -> bool {
        self.by_state.iter().flatten().any(|known| known == value)
    }

    /// Gives all that it was.
    fn known(&self) -> impl Iterator<Item = &Value> {
        self.by_state.iter().flatten().flatten()
    }
}

/// Finds out what one value was.
struct Look<'a> {
    configuration: &'a Configuration,
    repo: &'a Repo,
    trail: &'a Trail,
    files: &'a [File<'a>],
    readings: &'a Readings,
    wanted: &'a Wanted,
    place: (usize, usize),
}

impl Look<'_> {
    fn values(&self, layers: &[usize], group: &Group) -> Result<Values> {
        let mut values = Values::default();
        for (state, &step) in &group.states {
            let value = self.value(layers, state, step)?;
            values.is_cut |= value.is_none();
            values.by_state.push(value);
        }
        for (step, here, before) in &group.acts {
            let Some(value) = &values.by_state[*here] else {
                continue;
            };
            let same = |state: &usize| values.by_state[*state].as_ref() == Some(value);
            if !before.iter().any(same) {
                if values.since.is_none() && *value == self.wanted.now && !before.is_empty() {
                    values.since = Some(*step);
                }
                values.acts.push(*here);
            }
        }
        Ok(values)
    }

    /// Gives the value that the layers resolve to: what the highest that has it says. Lists may be
    /// made of several. None where a layer could not be read.
    fn value(&self, layers: &[usize], state: &State, step: usize) -> Result<Option<Option<Value>>> {
        if self.wanted.source.is_rendered {
            let commit = self.repo.commit(self.trail.steps[step].id)?;
            let tree = self.configuration.here().of_commit(self.repo, &commit);
            return self.wanted.value_in(self.configuration, &tree);
        }
        let mut readings: Vec<&Reading> = Vec::with_capacity(layers.len());
        for (path, id) in layers.iter().zip(&state.0) {
            let Some(id) = id else { continue };
            let Some(found) = self.readings.get(&(*path, *id)) else {
                return Ok(None);
            };
            let number = self.files[*path].wanted.get_index_of(&self.place);
            readings.extend(number.and_then(|number| found.get(number)));
        }
        if readings.iter().filter(|reading| reading.has_list).count() > 1 {
            let commit = self.repo.commit(self.trail.steps[step].id)?;
            let tree = self.configuration.here().of_commit(self.repo, &commit);
            let (resolved, _) = self
                .configuration
                .resolve_in(&tree, &self.wanted.source.target)?;
            let steps = &mut self.wanted.steps.iter();
            let value = steps.try_fold(resolved.value(), |value, step| step.take(value));
            return Ok(Some(value.cloned()));
        }
        let speaks = readings.iter().rposition(|reading| reading.speaks);
        Ok(Some(speaks.and_then(|number| {
            let value = readings[number].value.clone()?;
            // In the lowest layer null is a value.
            (number == 0 || !value.is_null()).then_some(value)
        })))
    }
}

/// Says what a difference is.
fn class(trail: &Trail, wanted: &[&Wanted; 2], values: &[Values; 2]) -> Class {
    let had_other = [0, 1].map(|side: usize| values[side].had(&wanted[side].other));
    match had_other {
        [true, false] => Class::PendingPromotion,
        [false, true] => Class::MissingBackport,
        [true, true] if upstream_is_newer(trail, values) => Class::PendingPromotion,
        [true, true] => Class::MissingBackport,
        // What is not here cannot be ruled out.
        _ if trail.is_cut || values.iter().any(|values| values.is_cut) => Class::ValueDiffers,
        _ => {
            let mut past = values[0].known();
            match past.any(|value| values[1].known().any(|other| other == value)) {
                true => Class::Diverged,
                false => Class::NeverShared,
            }
        }
    }
}

/// Where each side was what the other is, says which of them went on: the one whose history holds
/// the commit that made the other's value; else the one that changed last; and where clocks do
/// not say, as with commits made by a program within a second, the one that went through the same
/// values as the other, and then further.
fn upstream_is_newer(trail: &Trail, values: &[Values; 2]) -> bool {
    if let [Some(up), Some(down)] = [0, 1].map(|side: usize| values[side].since) {
        let downstream_knows = trail.steps[up].reaches & 2 != 0;
        let upstream_knows = trail.steps[down].reaches & 1 != 0;
        if downstream_knows != upstream_knows {
            return upstream_knows;
        }
        let times = [up, down].map(|step| trail.steps[step].time);
        if times[0] != times[1] {
            return times[0] > times[1];
        }
        if upstream_knows {
            // In one history, the later commit stands first.
            return up <= down;
        }
    }
    let sequences = [0, 1].map(|side: usize| {
        let acts = values[side].acts.iter().rev();
        let mut sequence: Vec<&Option<Value>> = acts
            .filter_map(|state| values[side].by_state[*state].as_ref())
            .collect();
        sequence.dedup();
        sequence
    });
    let goes_through = |longer: &[&Option<Value>], shorter: &[&Option<Value>]| {
        let mut rest = longer.iter();
        shorter.iter().all(|value| rest.any(|other| other == value))
    };
    !goes_through(&sequences[1], &sequences[0])
}
