//! The histories of pairs of sides, walked once for the values of many services.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;
use indexmap::IndexSet;

use super::lineage::MOST;
use super::{Differing, Expectations, Side};
use crate::config::Configuration;
use crate::error::Result;
use crate::git::Trail;

/// The walks of pairs of sides, by their numbers.
pub(super) type Walks = BTreeMap<[usize; 2], Walk>;

/// What became of some paths in the histories of two sides.
pub(super) struct Walk {
    pub(super) trail: Trail,
    pub(super) paths: IndexSet<BString, foldhash::fast::RandomState>,
}

/// Walks the histories of all pairs of sides, and looks at all layers of these services on the way.
pub(super) fn walks(
    configuration: &Configuration,
    sides: &[Side],
    differing: &[Differing<'_>],
    expected: &Expectations,
) -> Result<Walks> {
    let mut walks = Walks::new();
    let Some(repo) = configuration.repo() else {
        return Ok(walks);
    };
    let targets = differing.iter().flat_map(|(_, closures)| &closures.targets);
    let paths: BTreeSet<BString> = targets
        .flat_map(|target| configuration.layer_paths(target))
        .collect();
    for pair in expected.all_pairs(configuration.manifest(), sides) {
        if let [Some(up), Some(down)] = pair.map(|index| sides[index].tip) {
            let all: Vec<BString> = paths.iter().cloned().collect();
            let trail = repo.trail(&[up, down], &all, MOST)?;
            let paths = all.into_iter().collect();
            walks.insert(pair, Walk { trail, paths });
        }
    }
    Ok(walks)
}
