//! Changed files under the names that symbolic links give them.

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};

use crate::Result;
use crate::config::Snapshot;
use crate::git::{FileChange, FileEntry, FileKind};

/// Finds the paths through symbolic links by which changed files are reached, each with the path
/// of the file itself. `files` are those of the new side. A link to a folder that leads elsewhere now changes all that stands below.
pub(super) fn linked(
    old: &Snapshot,
    new: &Snapshot,
    files: &[(BString, FileEntry)],
    changes: &[FileChange],
) -> Result<BTreeSet<(String, String)>> {
    let mut found = BTreeSet::new();
    let mut add = |link: BString, target: &BStr| {
        if let (Ok(link), Ok(target)) = (link.to_str(), target.to_str()) {
            found.insert((link.to_owned(), target.to_owned()));
        }
    };
    for (link, entry) in files {
        if entry.kind != FileKind::Symlink {
            continue;
        }
        let Some(target) = new.files().real_path(link.as_ref())? else {
            continue;
        };
        for change in changes {
            let rest = change.path.strip_prefix(target.as_slice());
            if let Some(rest @ ([] | [b'/', ..])) = rest {
                add(
                    [link.as_slice(), rest].concat().into(),
                    change.path.as_ref(),
                );
            }
        }
        if changes.iter().any(|change| change.path == *link) {
            for side in [old, new] {
                let Some(target) = side.files().real_path(link.as_ref())? else {
                    continue;
                };
                for (path, _) in side.files().walk(target.as_ref())? {
                    let rest = &path[target.len()..];
                    if !rest.is_empty() {
                        add([link.as_slice(), rest].concat().into(), path.as_ref());
                    }
                }
            }
        }
    }
    Ok(found)
}
