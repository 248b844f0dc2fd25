//! Which items of two lists belong together when no key tells.

use std::collections::HashMap;
use std::ops::Range;

use super::super::{Kind, Value};
use super::digest::Digests;

/// How the items of two lists were matched, by index in the old and in the new list.
#[derive(Default)]
pub(super) struct Pairing {
    /// Equal, and in the same order.
    pub(super) kept: Vec<(usize, usize)>,
    /// Kept their order, but differ: to be compared.
    pub(super) alike: Vec<(usize, usize)>,
    /// Equal, but not in the same order as the rest.
    pub(super) moved: Vec<(usize, usize)>,
    /// Only in the old list.
    pub(super) removed: Vec<usize>,
    /// Only in the new list.
    pub(super) added: Vec<usize>,
}

/// Matches the items of two lists by content: equal items in the same order first (a longest
/// common subsequence), then equal ones out of order, then similar ones between the same
/// neighbours.
pub(super) fn pair(digests: &mut Digests, old: &[Value], new: &[Value]) -> Pairing {
    let old_digests: Vec<u64> = old.iter().map(|item| digests.of(item)).collect();
    let new_digests: Vec<u64> = new.iter().map(|item| digests.of(item)).collect();
    let (mut kept, more) = common_subsequence(&old_digests, &new_digests);
    // Digests are equal for equal values, and by a rare chance for others.
    kept.retain(|&(index, place)| old[index] == new[place]);

    let mut old_used = vec![false; old.len()];
    let mut new_used = vec![false; new.len()];
    for &(index, place) in &kept {
        old_used[index] = true;
        new_used[place] = true;
    }
    let mut pairing = Pairing::default();
    if more {
        let mut places = Places::of(&old_digests);
        for (place, &digest) in new_digests.iter().enumerate() {
            if new_used[place] {
                continue;
            }
            let index = places.take(digest, |index| !old_used[index]);
            if let Some(index) = index.filter(|&index| old[index] == new[place]) {
                old_used[index] = true;
                new_used[place] = true;
                pairing.moved.push((index, place));
            }
        }
    }

    let (mut index, mut place) = (0, 0);
    let ends = (old.len(), new.len());
    for (next_index, next_place) in kept.iter().copied().chain([ends]) {
        let gone: Vec<_> = (index..next_index).filter(|&i| !old_used[i]).collect();
        let come: Vec<_> = (place..next_place).filter(|&i| !new_used[i]).collect();
        pair_gap(&mut pairing, digests, [old, new], &gone, &come);
        (index, place) = (next_index + 1, next_place + 1);
    }
    pairing.kept = kept;
    pairing
}

/// Where each digest of a list stands: one table of indices, grouped by digest.
struct Places {
    groups: HashMap<u64, Range<usize>, foldhash::fast::RandomState>,
    indices: Vec<usize>,
}

impl Places {
    fn of(digests: &[u64]) -> Self {
        let mut indices: Vec<usize> = (0..digests.len()).collect();
        indices.sort_unstable_by_key(|&index| (digests[index], index));
        let mut groups = HashMap::with_capacity_and_hasher(digests.len(), Default::default());
        let mut start = 0;
        for group in indices.chunk_by(|&a, &b| digests[a] == digests[b]) {
            let end = start + group.len();
            groups.insert(digests[group[0]], start..end);
            start = end;
        }
        Self { groups, indices }
    }

    /// Gives the indices of a digest, ascending.
    fn at(&self, digest: u64) -> &[usize] {
        let group = self.groups.get(&digest);
        group.map_or(&[], |range| &self.indices[range.clone()])
    }

    /// Takes the first index of a digest that is wanted, and those before it.
    fn take(&mut self, digest: u64, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let range = self.groups.get_mut(&digest)?;
        range
            .map(|at| self.indices[at])
            .find(|&index| wanted(index))
    }
}

/// Finds a longest common subsequence after Hunt and Szymanski ("A fast algorithm for computing
/// longest common subsequences", 1977): the longest increasing chain through all matching pairs.
///
/// Where items repeat so often that there are far more matching pairs than items, the nth of
/// one list is matched with the nth of the other only; then the result is a common subsequence,
/// if not always a longest, and time stays near-linear. Says also whether there are matching
/// pairs beside the chain.
fn common_subsequence(old: &[u64], new: &[u64]) -> (Vec<(usize, usize)>, bool) {
    let same = |(a, b): &(&u64, &u64)| a == b;
    let start = old.iter().zip(new).take_while(same).count();
    let (rest_old, rest_new) = (&old[start..], &new[start..]);
    let backwards = rest_old.iter().rev().zip(rest_new.iter().rev());
    let end = backwards.take_while(same).count();
    let middle_old = &rest_old[..rest_old.len() - end];
    let middle_new = &rest_new[..rest_new.len() - end];

    let places = Places::of(middle_old);
    let pairs: usize = middle_new
        .iter()
        .map(|&digest| places.at(digest).len())
        .sum();
    let every = pairs <= 8 * (middle_old.len() + middle_new.len()) + 10_000;
    let mut seen: HashMap<u64, usize, foldhash::fast::RandomState> = HashMap::default();

    // tails[n] is the link that ends the best chain of length n + 1.
    let mut links: Vec<Link> = Vec::new();
    let mut tails: Vec<usize> = Vec::new();
    for (place, &digest) in middle_new.iter().enumerate() {
        let all = places.at(digest);
        let candidates = if every {
            all
        } else {
            let nth = seen.entry(digest).or_default();
            *nth += 1;
            all.get(*nth - 1..*nth).unwrap_or_default()
        };
        // From the last to the first, so that no chain takes this place twice.
        for &index in candidates.iter().rev() {
            let length = tails.partition_point(|&tail| links[tail].index < index);
            let before = length.checked_sub(1).map(|shorter| tails[shorter]);
            let link = links.len();
            match tails.get_mut(length) {
                Some(tail) if links[*tail].index == index => continue,
                Some(tail) => *tail = link,
                None => tails.push(link),
            }
            links.push(Link {
                index,
                place,
                before,
            });
        }
    }

    let mut chain = Vec::with_capacity(start + tails.len() + end);
    chain.extend((0..end).map(|n| (old.len() - 1 - n, new.len() - 1 - n)));
    let mut next = tails.last().copied();
    while let Some(link) = next.map(|link| &links[link]) {
        chain.push((start + link.index, start + link.place));
        next = link.before;
    }
    chain.extend((0..start).rev().map(|index| (index, index)));
    chain.reverse();
    (chain, pairs > tails.len())
}

/// One pair of a chain, and the pair before it.
struct Link {
    index: usize,
    place: usize,
    before: Option<usize>,
}

/// A gap with more candidate pairs than this is paired by position alone.
const GAP_PAIRS: usize = 4_096;

/// Pairs what is left between two matched neighbours, in order: maps and lists with those they
/// have most in common with, scalars with the one at the same position.
fn pair_gap(
    pairing: &mut Pairing,
    digests: &mut Digests,
    [old, new]: [&[Value]; 2],
    gone: &[usize],
    come: &[usize],
) {
    let look = gone.len() != come.len() && gone.len() * come.len() <= GAP_PAIRS;
    let mut next = 0;
    for (position, &index) in gone.iter().enumerate() {
        let best = if look {
            // Leave enough behind for the old items still to come, where there is enough.
            let spare = come.len().saturating_sub(gone.len() - position - 1);
            let last = spare.max(next + 1).min(come.len());
            most_alike(digests, &old[index], new, come, next..last)
        } else {
            (position < come.len() && may_pair(&old[index], &new[come[position]]))
                .then_some(position)
        };
        let Some(best) = best else {
            pairing.removed.push(index);
            continue;
        };
        pairing.added.extend(&come[next..best]);
        pairing.alike.push((index, come[best]));
        next = best + 1;
    }
    pairing.added.extend(&come[next..]);
}

fn most_alike(
    digests: &mut Digests,
    item: &Value,
    new: &[Value],
    come: &[usize],
    range: Range<usize>,
) -> Option<usize> {
    let first = range.start;
    let mut best = None;
    for candidate in range {
        let other = &new[come[candidate]];
        if !may_pair(item, other) {
            continue;
        }
        let score = common(digests, item, other);
        let is_scalar = !matches!(item.kind, Kind::Array(_) | Kind::Object(_));
        if (is_scalar && candidate == first) || score > best.map_or(0, |(_, score)| score) {
            best = Some((candidate, score));
        }
    }
    best.map(|(candidate, _)| candidate)
}

/// Says whether two items can be one that changed: both maps, both lists, or both scalars.
fn may_pair(old: &Value, new: &Value) -> bool {
    use Kind::{Array, Object};
    match (&old.kind, &new.kind) {
        (Object(_), Object(_)) | (Array(_), Array(_)) => true,
        (Object(_) | Array(_), _) | (_, Object(_) | Array(_)) => false,
        _ => true,
    }
}

/// Counts what two maps or two lists have in common.
fn common(digests: &mut Digests, old: &Value, new: &Value) -> usize {
    let mut same = |old: &Value, new: &Value| digests.of(old) == digests.of(new);
    match (&old.kind, &new.kind) {
        (Kind::Object(old), Kind::Object(new)) => old
            .iter()
            .filter(|(key, value)| new.get(key).is_some_and(|other| same(value, other)))
            .count(),
        (Kind::Array(old), Kind::Array(new)) => old
            .iter()
            .zip(new)
            .filter(|(old, new)| same(old, new))
            .count(),
        _ => 0,
    }
}
