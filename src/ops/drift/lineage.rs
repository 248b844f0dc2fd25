//! Which of two values is the newer one: the one in whose past the other is.
//!
//! Where a change came from is told by the values themselves and not by the shape of the history,
//! which cherry-picked and squashed commits leave no trace in.
//!
//! A side's past is what its layers resolved to at any commit that led to where it is now, so a
//! merge knows what it took in, and what it passed over.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use bstr::BString;
use foldhash::HashMap;
use indexmap::{IndexMap, IndexSet};
use smol_str::SmolStr;

use super::Since;
use super::read::Layered;
use super::rendered;
use super::rules::Class;
use super::states::Group;
use super::values::{Look, Looked, Values};
use super::versions::{self, MOST_BYTES, Versions};
use super::walks::Walk;
use crate::config::Configuration;
use crate::cores;
use crate::document::Value;
use crate::error::Result;
use crate::git::{Commit, Oid, Repo, Trail};
use crate::text::Pointer;

/// How many commits of a history are looked through.
pub(super) const MOST: usize = 20_000;

/// A value whose past is sought.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// What it is made of.
    pub(super) source: &'a Layered,
    pub(super) steps: &'a [Step],
    /// What it is now; none where nothing is set.
    pub(super) now: Option<&'a Value>,
    /// What it is on the other side.
    pub(super) other: Option<&'a Value>,
}

/// A step towards a value.
pub(super) enum Step {
    /// An entry of a map.
    Key(SmolStr),
    /// An item of a list: by what it is called, or else by its number.
    Item(Option<Box<(&'static str, Value)>>, usize),
}

/// What the items of lists are called by.
const NAMES: [&str; 3] = ["name", "id", "key"];

/// Finds the steps that lead to a value.
pub(super) fn steps(root: &Value, pointer: &Pointer) -> Arc<[Step]> {
    let mut at = Some(root);
    let step = |token: &SmolStr| {
        let here = at;
        at = here.and_then(|value| value.child(token));
        match here.and_then(Value::as_array) {
            None => Step::Key(token.clone()),
            Some(_) => {
                let called = |name: &'static str| {
                    let value = at.and_then(|item| item.get(name))?;
                    Some(Box::new((name, value.clone())))
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
            Self::Item(Some(called), _) => {
                let (field, name) = &**called;
                let mut items = value.as_array()?.iter();
                items.find(|item| item.get(field) == Some(name))
            }
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
    pub(super) since: Option<Arc<Made>>,
}

/// A commit, as it is told of many values.
pub(super) struct Made {
    /// When it was committed, in seconds since 1970.
    pub(super) time: i64,
    pub(super) commit: String,
    pub(super) author: String,
    pub(super) date: String,
}

impl Made {
    fn of(commit: &Commit) -> Self {
        Self {
            time: commit.committer.time,
            commit: commit.id.to_string(),
            author: commit.author.name.clone(),
            date: commit.author.date(),
        }
    }
}

impl Past {
    /// Says whether there never was a value.
    pub(super) fn is_blank(&self) -> bool {
        self.is_blank
    }
}

/// How much is asked about differences.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
    /// What each is, and since when; where a time is given, no more than those since then.
    All(Option<&'a Since>),
    /// What each is, in one of so many services; by this thread alone, the others have their own.
    Class { services: usize },
}

/// Looks through the histories of two sides for what values were there.
///
/// Where the histories were walked before with all the paths that matter, they are not again.
pub(super) fn lineages(
    repo: &Repo,
    configuration: &Configuration,
    tips: [Oid; 2],
    rows: &[[Wanted<'_>; 2]],
    asked: Asked<'_>,
    walk: Option<&Walk>,
) -> Result<Vec<Lineage>> {
    let more = rendered::files_read(repo, configuration, tips, rows, MOST)?;
    let mut paths: IndexSet<&BString, foldhash::fast::RandomState> = IndexSet::default();
    let mut groups: IndexMap<(usize, Vec<usize>), Group, foldhash::fast::RandomState> =
        IndexMap::default();
    let mut places: Vec<[Place; 2]> = Vec::with_capacity(rows.len());
    let mut last: [Option<(*const Layered, usize)>; 2] = [None; 2];
    for (number, row) in rows.iter().enumerate() {
        places.push([0, 1].map(|side: usize| {
            let source = row[side].source;
            // Most rows are of the target of the row before.
            let known = last[side].filter(|(known, _)| std::ptr::eq(*known, source));
            let group = known.map_or_else(
                || {
                    let more = more.iter().filter(|_| source.is_rendered);
                    let layers = source.layers.iter().chain(more);
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
            (group, groups[group].rows.len() - 1)
        }));
    }
    let walk = walk.filter(|walk| paths.iter().all(|path| walk.paths.contains(*path)));
    let own;
    let trail = match walk {
        Some(walk) => &walk.trail,
        None => {
            let all: Vec<BString> = paths.iter().map(|&path| path.clone()).collect();
            own = repo.trail(&tips, &all, MOST)?;
            &own
        }
    };
    let numbers: Vec<usize> = match walk {
        Some(walk) => {
            let number = |path: &&BString| walk.paths.get_index_of(*path);
            paths.iter().filter_map(number).collect()
        }
        None => (0..paths.len()).collect(),
    };
    let mut files: Vec<Versions<'_>> = paths.iter().map(|&path| Versions::of(path)).collect();
    for number in 0..groups.len() {
        let like = like_upstream(&groups, rows, number);
        let Some(((side, layers), group)) = groups.get_index_mut(number) else {
            continue;
        };
        let known = layers.iter().map(|&path| (numbers[path], paths[path]));
        group.follow(repo, trail, *side, &known.collect::<Vec<_>>())?;
        // What is rendered is not read file by file.
        let is_rendered = |row: &usize| rows[*row][*side].source.is_rendered;
        if group.rows.iter().any(is_rendered) {
            continue;
        }
        for (slot, path) in layers.iter().enumerate() {
            let file = &mut files[*path];
            file.ids
                .extend(group.states.keys().filter_map(|state| state.0[slot]));
            let start = like.as_ref().map_or(file.wanted.len(), |like| like[slot]);
            group.starts.push(start);
            if like.is_none() {
                let steps = group.rows.iter().map(|row| rows[*row][*side].steps);
                file.wanted.extend(steps);
            }
        }
    }
    let (most_bytes, threads) = match asked {
        Asked::All(_) => (MOST_BYTES, cores::count()),
        Asked::Class { services } => (MOST_BYTES / services.max(1), 1),
    };
    let readings = versions::read(repo, configuration.here(), &files, most_bytes, threads);
    let groups: Vec<Looked<'_>> = groups
        .iter()
        .map(|((_, layers), group)| Looked::of(group, layers, &readings))
        .collect();
    let look = Look {
        configuration,
        repo,
        trail,
    };
    let mut commits: HashMap<usize, Arc<Made>> = HashMap::default();
    let mut lineages = Vec::with_capacity(rows.len());
    for (row, places) in rows.iter().zip(&places) {
        let values = |side: usize| {
            let (group, place) = places[side];
            look.values(row[side], &groups[group], place)
        };
        let values = [values(0)?, values(1)?];
        if let Asked::Class { .. } = asked {
            lineages.push(Lineage {
                class: class(trail, row, &values),
                pasts: Default::default(),
            });
            continue;
        }
        let mut past = |side: usize| -> Result<Past> {
            let since = values[side].since.map(|step| match commits.entry(step) {
                Entry::Occupied(known) => Ok(Arc::clone(known.get())),
                Entry::Vacant(entry) => {
                    let commit = repo.commit(trail.steps[step].id)?;
                    Ok(Arc::clone(entry.insert(Arc::new(Made::of(&commit)))))
                }
            });
            let is_cut = trail.is_cut || values[side].is_cut;
            Ok(Past {
                had_other: values[side].had(row[side].other),
                is_blank: !is_cut && values[side].known().next().is_none(),
                since: since.transpose()?,
            })
        };
        lineages.push(Lineage {
            pasts: [past(0)?, past(1)?],
            class: class(trail, row, &values),
        });
    }
    Ok(lineages)
}

/// The number of a group, and of a row among its rows.
type Place = (usize, usize);

/// Where the group of the other side is about the same values in the same files, gives the places
/// of what is wanted in each.
fn like_upstream(
    groups: &IndexMap<(usize, Vec<usize>), Group, foldhash::fast::RandomState>,
    rows: &[[Wanted<'_>; 2]],
    number: usize,
) -> Option<Vec<usize>> {
    let ((side, layers), group) = groups.get_index(number)?;
    let (at, _, other) = groups.get_full(&(1 - side, layers.clone()))?;
    let same = |row: &usize| std::ptr::eq(rows[*row][0].steps, rows[*row][1].steps);
    let is_like = at < number
        && other.starts.len() == layers.len()
        && other.rows == group.rows
        && group.rows.iter().all(same);
    is_like.then(|| other.starts.clone())
}

/// Says what a difference is.
fn class(trail: &Trail, wanted: &[Wanted<'_>; 2], values: &[Values<'_>; 2]) -> Class {
    let had_other = [0, 1].map(|side: usize| values[side].had(wanted[side].other));
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
fn upstream_is_newer(trail: &Trail, values: &[Values<'_>; 2]) -> bool {
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
    let sequences = [0, 1].map(|side: usize| values[side].sequence());
    let goes_through = |longer: &[Option<&Value>], shorter: &[Option<&Value>]| {
        let mut rest = longer.iter();
        shorter.iter().all(|value| rest.any(|other| other == value))
    };
    !goes_through(&sequences[1], &sequences[0])
}
