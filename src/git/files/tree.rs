use bstr::{BStr, BString};

use super::{Blob, FileEntry, join};
use crate::Result;
use crate::git::Oid;
use crate::git::store::{Store, TreeEntry};

/// The files of a commit.
pub(in crate::git) struct TreeFiles {
    pub(in crate::git) store: Store,
    pub(in crate::git) root: Oid,
}

impl TreeFiles {
    pub(super) fn new(store: Store, root: Oid) -> Self {
        Self { store, root }
    }

    pub(super) fn entry(&self, path: &BStr) -> Result<Option<FileEntry>> {
        self.store.entry(self.root.0, path)
    }

    pub(super) fn content(&self, id: Oid) -> Result<Blob> {
        let bytes = self.store.blob(id.0)?;
        Ok(Blob { id, bytes })
    }

    pub(super) fn list(&self, dir: &BStr) -> Result<Vec<(BString, FileEntry)>> {
        let Some(Oid(id)) = self.entry(dir)?.and_then(|entry| entry.id) else {
            return Ok(Vec::new());
        };
        let tree = self.store.tree(id)?;
        let named = |entry: &TreeEntry| (entry.name.clone(), FileEntry::from(entry));
        Ok(tree.entries.iter().map(named).collect())
    }

    pub(super) fn walk(&self, below: &BStr) -> Result<Vec<(BString, FileEntry)>> {
        let mut found = Vec::new();
        if let Some(id) = self.entry(below)?.and_then(|entry| entry.id) {
            walk(&self.store, id, below, &mut found)?;
        }
        Ok(found)
    }
}

/// Lists all files of a tree, their paths beginning with `dir`.
pub(super) fn walk(
    store: &Store,
    tree: Oid,
    dir: &BStr,
    found: &mut Vec<(BString, FileEntry)>,
) -> Result<()> {
    for entry in &store.tree(tree.0)?.entries {
        let path = join(dir, entry.name.as_ref());
        if entry.is_tree() {
            walk(store, Oid(entry.id), path.as_ref(), found)?;
        } else {
            found.push((path, FileEntry::from(entry)));
        }
    }
    Ok(())
}
