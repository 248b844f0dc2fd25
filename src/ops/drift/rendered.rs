//! What values were that come out of templates: these read files that no list of layers names, and
//! variables that stand in the manifest.

use bstr::BString;
use indexmap::{IndexMap, IndexSet};

use super::lineage::Wanted;
use super::states::Group;
use crate::config::{Configuration, MANIFEST, Snapshot, Target};
use crate::document::Value;
use crate::error::Result;
use crate::git::{Oid, Repo, Trail};

/// How often what is found to be read is followed, and may lead to more.
const ROUNDS: usize = 8;

impl Wanted<'_> {
    /// Gives what it was in a tree; none where that cannot be known.
    pub(super) fn value_in(
        &self,
        configuration: &Configuration,
        tree: &Snapshot,
    ) -> Result<Option<Option<Value>>> {
        let then = configuration.with_variables_of(tree)?;
        let (resolved, findings) = then.resolve_in(tree, &self.source.target)?;
        if !findings.is_empty() {
            return Ok(None);
        }
        let steps = &mut self.steps.iter();
        let value = steps.try_fold(resolved.value(), |value, step| step.take(value));
        Ok(Some(value.cloned()))
    }
}

/// Finds every file beside the layers that templates read at any time of both histories. What one
/// is found to read is followed in turn.
pub(super) fn files_read(
    repo: &Repo,
    configuration: &Configuration,
    tips: [Oid; 2],
    rows: &[[Wanted<'_>; 2]],
    most: usize,
) -> Result<Vec<BString>> {
    let mut targets: [IndexMap<&Target, &[BString]>; 2] = Default::default();
    for row in rows {
        for (side, wanted) in row.iter().enumerate() {
            if wanted.source.is_rendered {
                targets[side].insert(&wanted.source.target, &wanted.source.layers);
            }
        }
    }
    let mut files: IndexSet<BString> = IndexSet::new();
    if targets.iter().all(IndexMap::is_empty) {
        return Ok(Vec::new());
    }
    files.insert(MANIFEST.into());
    for _ in 0..ROUNDS {
        let mut paths = files.clone();
        for layers in targets.iter().flat_map(IndexMap::values) {
            paths.extend(layers.iter().cloned());
        }
        let all: Vec<BString> = paths.iter().cloned().collect();
        let trail = repo.trail(&tips, &all, most)?;
        let known = files.len();
        for (side, targets) in targets.iter().enumerate() {
            for step in steps(repo, &trail, side, &paths)? {
                let commit = repo.commit(trail.steps[step].id)?;
                let tree = configuration.here().of_commit(repo, &commit);
                let then = configuration.with_variables_of(&tree)?;
                for (target, layers) in targets {
                    let closure = then.closure(&tree, target)?;
                    let more = closure.files().filter(|path| !layers.contains(path));
                    files.extend(more.cloned());
                }
            }
        }
        if files.len() == known {
            break;
        }
    }
    Ok(files.into_iter().collect())
}

/// Gives a step for every state that the paths were in.
fn steps(repo: &Repo, trail: &Trail, side: usize, paths: &IndexSet<BString>) -> Result<Vec<usize>> {
    let mut group = Group::default();
    let paths: Vec<(usize, &BString)> = paths.iter().enumerate().collect();
    group.follow(repo, trail, side, &paths)?;
    Ok(group.states.values().copied().collect())
}
