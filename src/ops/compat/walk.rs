//! Walks two schemas together from their roots.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::draft::{Claim, Draft, Outcome, Via};
use super::flat::{Conj, Node};
use super::flatten::{flatten, surface};
use super::judge::{Judge, Key, key, unchanged};
use super::rules;
use crate::text::Pointer;

/// How many pairs of places are compared.
const PAIRS: usize = 100_000;

/// How many further places a change is said to stand at.
const ALSO: usize = 20;

/// How deep the values are followed.
const DEPTH: usize = 200;

/// Two places that were compared, and how one gets there.
pub(super) struct Pair<'s> {
    pub(super) old: Conj<'s>,
    pub(super) new: Conj<'s>,
    /// The pair above, and the step from there.
    pub(super) above: Option<(usize, Via)>,
    pub(super) pointer: Pointer,
    also: Vec<Pointer>,
    /// Whether both sides speak of the same option; below an option that is gone or new only
    /// what refuses a value is news.
    same_option: bool,
}

/// A change at a pair of places.
pub(super) struct Found<'s> {
    pub(super) pair: usize,
    pub(super) draft: Draft<'s>,
}

/// What the walk came upon.
pub(super) struct Walk<'s> {
    pub(super) pairs: Vec<Pair<'s>>,
    pub(super) found: Vec<Found<'s>>,
    /// The options that are new, wherever they stand.
    pub(super) fresh: Vec<(Pointer, Conj<'s>)>,
}

/// Walks two schemas together, level by level, so that what is reached in several ways is named
/// by the shortest.
pub(super) fn walk<'s>(judge: &Judge<'s>, old: &Node<'s>, new: &Node<'s>) -> Walk<'s> {
    let mut walk = Walk {
        pairs: vec![Pair {
            old: vec![old.clone()],
            new: vec![new.clone()],
            above: None,
            pointer: Pointer::root(),
            also: Vec::new(),
            same_option: true,
        }],
        found: Vec::new(),
        fresh: Vec::new(),
    };
    let mut known: HashMap<(Key, Key), usize, RandomState> = HashMap::default();
    known.insert((key(&walk.pairs[0].old), key(&walk.pairs[0].new)), 0);
    let mut queue: VecDeque<usize> = VecDeque::from([0]);
    let mut cut = false;
    while let Some(at) = queue.pop_front() {
        let pair = &walk.pairs[at];
        let (before, after) = (flatten(&pair.old), flatten(&pair.new));
        let mut out = judge.compare(&before, &after);
        let pointer = pair.pointer.clone();
        if pair.same_option {
            judge.notes(&before, &after, &mut out);
        }
        let same_option = pair.same_option;
        let Outcome {
            mut drafts,
            mut children,
            fresh,
        } = out;
        let fresh = fresh.into_iter();
        walk.fresh
            .extend(fresh.map(|(name, conj)| (pointer.join(name), conj)));
        if !same_option {
            drafts.retain(|draft| draft.claim == Claim::Refuses);
        }
        walk.found
            .extend(drafts.into_iter().map(|draft| Found { pair: at, draft }));
        children.retain(|child| !unchanged(&child.old, &child.new));
        for child in children {
            let mut below = pointer.clone();
            if let Some(token) = &child.token {
                below.push(token.clone());
            }
            let name = (resolved(judge, &child.old), resolved(judge, &child.new));
            if let Some(&twin) = known.get(&name) {
                let twin = &mut walk.pairs[twin];
                let recursion = twin.pointer.contains(&below);
                if !recursion && twin.also.len() < ALSO && !twin.also.contains(&below) {
                    twin.also.push(below.clone());
                }
                if child.same_option && same_option {
                    let (before, after) = (surface(&child.old), surface(&child.new));
                    let mut out = Outcome::default();
                    judge.notes(&before, &after, &mut out);
                    for mut draft in out.drafts {
                        draft.at = Some(below.clone());
                        walk.found.push(Found { pair: at, draft });
                    }
                }
                continue;
            }
            if walk.pairs.len() >= PAIRS || below.tokens().len() > DEPTH {
                cut = true;
                continue;
            }
            known.insert(name, walk.pairs.len());
            queue.push_back(walk.pairs.len());
            walk.pairs.push(Pair {
                old: child.old,
                new: child.new,
                above: Some((at, child.via)),
                pointer: below,
                also: Vec::new(),
                same_option: child.same_option && same_option,
            });
        }
    }
    if cut {
        let message = "the schemas of {at} are too entangled to be compared to the end";
        walk.found.push(Found {
            pair: 0,
            draft: Draft::new(&rules::ANALYSIS_BUDGET_EXCEEDED, message),
        });
    }
    walk
}

/// Names a conjunction by what its references lead to, so that one definition is one place
/// wherever it is used; what stands beside a reference makes it another.
fn resolved<'s>(judge: &Judge<'s>, conj: &[Node<'s>]) -> Key {
    let settled: Vec<Node<'s>> = conj
        .iter()
        .map(|node| match node.resolve() {
            Ok(target) if judge.same(node, &target) => target,
            _ => node.clone(),
        })
        .collect();
    key(&settled)
}

impl Walk<'_> {
    /// Gives the further places at which a pair is reached, relative to what is above it.
    pub(super) fn also_at(&self, pair: usize) -> Vec<Pointer> {
        let own = &self.pairs[pair].pointer;
        let mut also: Vec<Pointer> = Vec::new();
        let mut at = pair;
        for _ in 0..DEPTH {
            let above = &self.pairs[at];
            let depth = above.pointer.tokens().len();
            for pointer in &above.also {
                let mut further = pointer.clone();
                for token in own.tokens().iter().skip(depth) {
                    further.push(token.clone());
                }
                if also.len() < ALSO && further != *own && !also.contains(&further) {
                    also.push(further);
                }
            }
            match &above.above {
                Some((next, _)) => at = *next,
                None => break,
            }
        }
        also.sort();
        also
    }
}
