use std::cmp::Ordering;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bstr::{BStr, BString, ByteSlice};
use foldhash::{HashMap, HashMapExt};
use gix::objs::tree::{EntryKind, name_order};

use super::Oid;
#[cfg(test)]
use super::Repo;
use super::files::{FileEntry, FileKind};
use crate::{Error, Result};

/// One decoded tree, its entries in Git's order.
pub(super) struct Tree {
    pub(super) entries: Vec<TreeEntry>,
}

pub(super) struct TreeEntry {
    pub(super) name: BString,
    pub(super) kind: FileKind,
    pub(super) id: gix::ObjectId,
}

/// The trees decoded so far, shared by all that a repository hands out.
#[derive(Default)]
pub(super) struct TreeCache {
    trees: Mutex<Cached>,
    decoded: AtomicUsize,
}

#[derive(Default)]
struct Cached {
    by_id: HashMap<gix::ObjectId, Arc<Tree>>,
    entries: usize,
}

/// How many entries are held at the most before all are let go: some 50 MB.
const MOST_ENTRIES: usize = 500_000;

/// Reads objects; may be shared between threads.
#[derive(Clone)]
pub(super) struct Store {
    git: Arc<Mutex<gix::Repository>>,
    trees: Arc<TreeCache>,
}

impl Store {
    pub(super) fn new(git: gix::Repository, trees: Arc<TreeCache>) -> Self {
        let git = Arc::new(Mutex::new(git));
        Self { git, trees }
    }

    /// Reads a tree, from the cache if it was read before.
    pub(super) fn tree(&self, id: gix::ObjectId) -> Result<Arc<Tree>> {
        if let Some(tree) = lock(&self.trees.trees).by_id.get(&id) {
            return Ok(Arc::clone(tree));
        }
        let tree = Arc::new(self.decode(id)?);
        self.trees.decoded.fetch_add(1, Relaxed);
        let mut cached = lock(&self.trees.trees);
        cached.entries += tree.entries.len() + 1;
        if cached.entries > MOST_ENTRIES {
            *cached = Cached {
                by_id: HashMap::new(),
                entries: tree.entries.len() + 1,
            };
        }
        cached.by_id.insert(id, Arc::clone(&tree));
        Ok(tree)
    }

    fn decode(&self, id: gix::ObjectId) -> Result<Tree> {
        let git = lock(&self.git);
        let broken = |cause| unreadable(&git, "tree", id, cause);
        let object = git.find_tree(id).map_err(broken)?;
        let tree = object.decode().map_err(broken)?;
        let entries = tree.entries.iter().map(|entry| TreeEntry {
            name: entry.filename.to_owned(),
            kind: entry.mode.kind().into(),
            id: entry.oid.to_owned(),
        });
        Ok(Tree {
            entries: entries.collect(),
        })
    }

    /// Reads a blob.
    pub(super) fn blob(&self, id: gix::ObjectId) -> Result<Vec<u8>> {
        if id == id.kind().empty_blob() {
            return Ok(Vec::new());
        }
        let git = lock(&self.git);
        let mut blob = git
            .find_blob(id)
            .map_err(|cause| unreadable(&git, "file", id, cause))?;
        Ok(blob.take_data())
    }

    /// Finds what stands at a path; no symbolic link is followed.
    pub(super) fn entry(&self, root: gix::ObjectId, path: &BStr) -> Result<Option<FileEntry>> {
        let mut found = FileEntry {
            id: Some(Oid(root)),
            kind: FileKind::Directory,
        };
        let mut id = root;
        if path.is_empty() {
            return Ok(Some(found));
        }
        for name in path.split_str("/") {
            if found.kind != FileKind::Directory {
                return Ok(None);
            }
            let tree = self.tree(id)?;
            let Some(entry) = tree.get(name.as_bstr()) else {
                return Ok(None);
            };
            id = entry.id;
            found = FileEntry::from(entry);
        }
        Ok(Some(found))
    }

    #[cfg(test)]
    pub(super) fn decoded(&self) -> usize {
        self.trees.decoded.load(Relaxed)
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn unreadable(
    git: &gix::Repository,
    what: &str,
    id: gix::ObjectId,
    cause: gix::Error,
) -> Error {
    let error = Error::repository(format!("cannot read the {what} {id}")).because(cause);
    // What a partial clone lacks Git fetches as it goes; nothing here opens a connection.
    let config = git.config_snapshot();
    let promises = |name: &BStr| {
        let key = format!("remote.{name}.promisor");
        config.boolean(key.as_str()) == Some(true)
    };
    let is_partial = git
        .remote_names()
        .iter()
        .any(|name| promises(name.as_ref()));
    error.with_help(match is_partial {
        true => {
            "this clone is partial; `git fetch --refetch --no-filter` brings what it was cloned \
             without"
        }
        false => "`git fsck` says whether the repository is whole",
    })
}

impl Tree {
    fn get(&self, name: &BStr) -> Option<&TreeEntry> {
        let find = |directory: bool| {
            self.entries
                .binary_search_by(|entry| name_order(&entry.name, entry.is_tree(), name, directory))
                .ok()
                .map(|at| &self.entries[at])
        };
        find(false).or_else(|| find(true))
    }
}

impl TreeEntry {
    pub(super) fn is_tree(&self) -> bool {
        self.kind == FileKind::Directory
    }

    /// Orders entries as Git does: a directory as though its name ended in `/`.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        name_order(&self.name, self.is_tree(), &other.name, other.is_tree())
    }
}

impl From<&TreeEntry> for FileEntry {
    fn from(entry: &TreeEntry) -> Self {
        Self {
            id: Some(Oid(entry.id)),
            kind: entry.kind,
        }
    }
}

impl From<EntryKind> for FileKind {
    fn from(kind: EntryKind) -> Self {
        match kind {
            EntryKind::Tree => Self::Directory,
            EntryKind::Blob => Self::File,
            EntryKind::BlobExecutable => Self::Executable,
            EntryKind::Link => Self::Symlink,
            EntryKind::Commit => Self::Submodule,
        }
    }
}

impl From<FileKind> for EntryKind {
    fn from(kind: FileKind) -> Self {
        match kind {
            FileKind::Directory => Self::Tree,
            FileKind::File => Self::Blob,
            FileKind::Executable => Self::BlobExecutable,
            FileKind::Symlink => Self::Link,
            FileKind::Submodule => Self::Commit,
        }
    }
}

#[cfg(test)]
impl Repo {
    pub(super) fn decoded_trees(&self) -> usize {
        self.store().decoded()
    }
}
