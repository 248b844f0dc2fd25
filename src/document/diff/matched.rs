//! Which items of lists belong together by a key.

use super::super::Value;
use super::Identity;
use crate::text::Pointer;

/// Finds for each item of a list where the item of the same name stands in another one; `None`
/// where the items have no names.
pub(in crate::document) fn matched(
    identity: &Identity<'_>,
    at: &Pointer,
    old: &[Value],
    new: &[Value],
) -> Option<Vec<Option<usize>>> {
    let (names, found) = identity.name(at, old, new)?;
    Some(names.iter().map(|name| found.get(name).copied()).collect())
}

/// Numbers the items of three lists, so that those of the same name have the same number; `None`
/// where they have no names, or names that do not go together.
pub(in crate::document) fn numbered(
    identity: &Identity<'_>,
    at: &Pointer,
    lists: [&[Value]; 3],
) -> Option<[Vec<usize>; 3]> {
    let [base, ours, theirs] = lists;
    let to_base = matched(identity, at, ours, base)?;
    let also_to_base = matched(identity, at, theirs, base)?;
    let to_ours = matched(identity, at, theirs, ours)?;
    let first = base.len();
    let number = |at: usize| to_base[at].unwrap_or(first + at);
    let second = first + ours.len();
    let mut numbers = Vec::with_capacity(theirs.len());
    for (at, (was, same)) in also_to_base.iter().zip(&to_ours).enumerate() {
        // Whichever way one goes, it is the same item.
        let along = same.map(number);
        let fits = match (was, along) {
            (Some(was), Some(along)) => *was == along,
            (Some(was), None) => !to_base.contains(&Some(*was)),
            (None, Some(along)) => along >= first,
            (None, None) => true,
        };
        numbers.push(fits.then(|| was.or(along).unwrap_or(second + at))?);
    }
    let ours = (0..ours.len()).map(number).collect();
    Some([(0..first).collect(), ours, numbers])
}
