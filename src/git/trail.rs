//! What became of some paths in the history up to several commits, read in one go.

mod commits;
mod paths;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use bstr::BString;
use foldhash::{HashMap, HashSet};

use super::{Oid, Repo};
use crate::{Error, Result, cores};
use commits::{Ahead, Commits, Known};
use paths::Paths;

/// The commits up to some tips, each before those it follows, and among the others the later one
/// first.
pub(crate) struct Trail {
    /// The commits.
    pub(crate) steps: Vec<Step>,
    /// The places of the tips among them.
    pub(crate) tips: Vec<usize>,
    /// Whether there is more history than is told here.
    pub(crate) is_cut: bool,
}

/// One commit of a trail.
pub(crate) struct Step {
    pub(crate) id: Oid,
    pub(crate) tree: Oid,
    /// When it was committed, in seconds since 1970.
    pub(crate) time: i64,
    /// The places of the commits it follows, as far as they are here.
    pub(crate) parents: Vec<usize>,
    /// Which tips it leads to, a bit each.
    pub(crate) reaches: u64,
    /// What stands otherwise than in a parent.
    pub(crate) turns: Vec<Turn>,
}

/// A path at which a commit and its parent have different objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// The place of the parent.
    pub(crate) parent: usize,
    /// The number of the path.
    pub(crate) path: usize,
    pub(crate) before: Option<Oid>,
    pub(crate) after: Option<Oid>,
}

impl Repo {
    /// Follows paths through the history up to at most 64 tips: through so many commits at the
    /// most, the latest ones.
    ///
    /// Only the folders that lead to the paths are read.
    ///
    /// # Errors
    ///
    /// When a commit or a folder cannot be read.
    pub(crate) fn trail(&self, tips: &[Oid], paths: &[BString], most: usize) -> Result<Trail> {
        let (known, is_cut) = self.with_memory().known(tips, most)?;
        let mut trail = in_order(known, tips, is_cut);
        let paths = Paths::new(paths);
        let steps = &trail.steps;
        let share = steps.len().div_ceil(8 * cores::count()).clamp(16, 256);
        let shares: Vec<Range<usize>> = (0..steps.len())
            .step_by(share)
            .map(|start| start..(start + share).min(steps.len()))
            .collect();
        let start = || self.with_memory();
        let look = |repo: &mut Self, share: usize| paths.turns(repo, steps, shares[share].clone());
        let (found, _) = cores::each_with(shares.len(), cores::count(), start, look);
        let mut turns = Vec::with_capacity(steps.len());
        for found in found {
            turns.extend(found?);
        }
        for (step, turns) in trail.steps.iter_mut().zip(turns) {
            step.turns = turns;
        }
        Ok(trail)
    }

    /// Reads a file's bytes by their object alone.
    ///
    /// # Errors
    ///
    /// When it is not there.
    pub(crate) fn bytes(&self, id: Oid) -> Result<Vec<u8>> {
        let broken = |cause| Error::repository(format!("cannot read the file {id}")).because(cause);
        Ok(self.git.find_blob(id.0).map_err(broken)?.take_data())
    }

    /// Reads the commits up to the tips, from the commit-graph file where Git has written one.
    ///
    /// Where a history is long and has branches, another thread reads ahead along one of them.
    fn known(&self, tips: &[Oid], most: usize) -> Result<(Vec<Known>, bool)> {
        let commits = Commits::of(self)?;
        let is_cut = !commits.boundary.is_empty();
        let ahead = Ahead::default();
        std::thread::scope(|scope| {
            let _ends = ahead.ends();
            let mut seen: HashSet<gix::ObjectId> = HashSet::default();
            let mut queue = BinaryHeap::new();
            let mut waiting: HashMap<gix::ObjectId, Known> = HashMap::default();
            let mut known = Vec::new();
            let mut next: Vec<gix::ObjectId> = tips.iter().map(|tip| tip.0).collect();
            loop {
                for id in next.drain(..) {
                    if seen.insert(id) {
                        let commit = ahead.take(id).map_or_else(|| commits.read(id), Ok)?;
                        queue.push((commit.time, Reverse(seen.len()), id));
                        waiting.insert(id, commit);
                    }
                }
                if known.len() == WORTH_A_THREAD
                    && commits.graph.is_none()
                    && let Some((_, _, last)) = queue.iter().min()
                    && queue.len() > 1
                    && let Some(&from) = waiting.get(last).and_then(|it| it.parents.first())
                {
                    let (repo, ahead) = (self.clone(), &ahead);
                    scope.spawn(move || ahead.read(&repo, from, most));
                }
                let Some(commit) = queue.pop().and_then(|(_, _, id)| waiting.remove(&id)) else {
                    return Ok((known, is_cut));
                };
                if known.len() == most.max(tips.len()) {
                    return Ok((known, true));
                }
                next.extend(&commit.parents);
                known.push(commit);
            }
        })
    }
}

/// From so many commits on, a thread that reads ahead saves more than it costs.
const WORTH_A_THREAD: usize = 64;

/// Puts commits in an order in which each stands before those it follows, whatever their clocks
/// said.
fn in_order(known: Vec<Known>, tips: &[Oid], mut is_cut: bool) -> Trail {
    let places: HashMap<gix::ObjectId, usize> = known
        .iter()
        .enumerate()
        .map(|(place, commit)| (commit.id, place))
        .collect();
    let mut children = vec![0_usize; known.len()];
    let parents: Vec<Vec<usize>> = known
        .iter()
        .map(|commit| {
            let found = commit.parents.iter().filter_map(|id| {
                let place = places.get(id).copied();
                is_cut |= place.is_none();
                place
            });
            let mut found: Vec<usize> = found.collect();
            let mut seen = HashSet::default();
            found.retain(|place| seen.insert(*place));
            for place in &found {
                children[*place] += 1;
            }
            found
        })
        .collect();
    let mut ready: BinaryHeap<(i64, Reverse<usize>)> = (0..known.len())
        .filter(|place| children[*place] == 0)
        .map(|place| (known[place].time, Reverse(place)))
        .collect();
    let mut order = Vec::with_capacity(known.len());
    let mut position = vec![0; known.len()];
    while let Some((_, Reverse(place))) = ready.pop() {
        position[place] = order.len();
        order.push(place);
        for &parent in &parents[place] {
            children[parent] -= 1;
            if children[parent] == 0 {
                ready.push((known[parent].time, Reverse(parent)));
            }
        }
    }
    let mut steps: Vec<Step> = order
        .iter()
        .map(|&place| Step {
            id: Oid(known[place].id),
            tree: Oid(known[place].tree),
            time: known[place].time,
            parents: parents[place].iter().map(|&at| position[at]).collect(),
            reaches: 0,
            turns: Vec::new(),
        })
        .collect();
    let tips: Vec<usize> = tips
        .iter()
        .filter_map(|tip| places.get(&tip.0).map(|&place| position[place]))
        .collect();
    for (number, &tip) in tips.iter().enumerate() {
        steps[tip].reaches |= 1 << (number % 64);
    }
    for at in 0..steps.len() {
        let reaches = steps[at].reaches;
        for parent in steps[at].parents.clone() {
            steps[parent].reaches |= reaches;
        }
    }
    Trail {
        steps,
        tips,
        is_cut,
    }
}
