//! What a commit changed, by value.

use foldhash::HashSet;
use serde::Serialize;

use crate::config::Snapshot;
use crate::document::Format;
use crate::error::Result;
use crate::git::{Commit, Repo};
use crate::ops::diff::{self, Side};
use crate::text::Pointer;

/// One thing that a commit changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Changed {
    /// The file.
    pub file: String,
    /// The value; the root where it is the whole file.
    pub pointer: Pointer,
    /// What happened: `added`, `removed`, `changed`, `moved` or `type-changed`.
    pub kind: &'static str,
}

/// Lists what a commit changed. For a merge that is what none of its parents has: what whoever
/// merged put there by hand.
///
/// # Errors
///
/// Where a tree cannot be read.
pub(super) fn changed(repo: &Repo, tree: &Snapshot, commit: &Commit) -> Result<Vec<Changed>> {
    let after = tree.of_commit(repo, commit);
    let Some((first, others)) = commit.parents.split_first() else {
        let files = after.files().walk("".into())?;
        let all = files.into_iter().map(|(path, _)| Changed {
            file: path.to_string(),
            pointer: Pointer::root(),
            kind: "added",
        });
        return Ok(all.collect());
    };
    let mut found = between(repo, tree, &repo.commit(*first)?, &after)?;
    for parent in others {
        if found.is_empty() {
            break;
        }
        let other: HashSet<_> = between(repo, tree, &repo.commit(*parent)?, &after)?
            .into_iter()
            .map(|it| (it.file, it.pointer))
            .collect();
        found.retain(|it| other.contains(&(it.file.clone(), it.pointer.clone())));
    }
    Ok(found)
}

fn between(
    repo: &Repo,
    tree: &Snapshot,
    parent: &Commit,
    after: &Snapshot,
) -> Result<Vec<Changed>> {
    let before = tree.of_commit(repo, parent);
    let mut found = Vec::new();
    let mut has_documents = false;
    for change in before.files().changes_to(after.files())? {
        let file = change.path.to_string();
        if Format::of_path(&file).is_some() {
            has_documents = true;
            continue;
        }
        found.push(Changed {
            file,
            pointer: Pointer::root(),
            kind: match (change.old, change.new) {
                (None, _) => "added",
                (_, None) => "removed",
                _ => "changed",
            },
        });
    }
    if has_documents {
        let sides = [before, after.clone()].map(|tree| Side::Tree(String::new(), tree));
        let report = diff::diff(&sides[0], &sides[1], &[])?;
        for file in report.body.files {
            // What cannot be read, or has another name only, has no values that changed.
            if file.changes.is_empty() {
                found.push(Changed {
                    file: file.path,
                    pointer: Pointer::root(),
                    kind: "changed",
                });
                continue;
            }
            found.extend(file.changes.into_iter().map(|change| Changed {
                file: file.path.clone(),
                pointer: change.pointer,
                kind: change.kind,
            }));
        }
    }
    found.sort_by(|a, b| (&a.file, &a.pointer).cmp(&(&b.file, &b.pointer)));
    Ok(found)
}
