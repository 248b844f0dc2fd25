use bstr::{BStr, BString, ByteSlice};
use gix::index::Entry;
use gix::index::entry::{Flags, Mode, Stage};

use super::{Blob, FileEntry, FileKind, join, tree};
use crate::Result;
use crate::git::store::Store;
use crate::git::{Oid, Repo};

/// The files of the index, sorted by path.
pub(in crate::git) struct IndexFiles {
    store: Store,
    files: Vec<(BString, FileEntry)>,
}

impl IndexFiles {
    pub(super) fn read(repo: &Repo) -> Result<Self> {
        Self::read_where(repo, |_| true)
    }

    /// Reads what a sparse checkout leaves out of the work tree.
    pub(super) fn read_left_out(repo: &Repo) -> Result<Self> {
        Self::read_where(repo, |entry| entry.flags.contains(Flags::SKIP_WORKTREE))
    }

    pub(super) fn empty(repo: &Repo) -> Self {
        Self {
            store: repo.store(),
            files: Vec::new(),
        }
    }

    fn read_where(repo: &Repo, keep: impl Fn(&Entry) -> bool) -> Result<Self> {
        let store = repo.store();
        let index = repo.read_index()?;
        let mut files = Vec::with_capacity(index.entries().len());
        for entry in index.entries().iter().filter(|entry| keep(entry)) {
            // Of a conflict, only "our" side counts.
            if !matches!(entry.stage(), Stage::Unconflicted | Stage::Ours) {
                continue;
            }
            let path = entry.path(&index);
            let id = Oid(entry.id);
            if entry.mode.is_sparse() {
                let dir = path.strip_suffix(b"/").unwrap_or(path);
                tree::walk(&store, id, dir.as_bstr(), &mut files)?;
            } else {
                let kind = kind_of(entry.mode);
                files.push((path.to_owned(), FileEntry { id: Some(id), kind }));
            }
        }
        files.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Self { store, files })
    }

    pub(super) fn entry(&self, path: &BStr) -> Option<FileEntry> {
        if let Ok(at) = self
            .files
            .binary_search_by(|file| file.0.as_bstr().cmp(path))
        {
            return Some(self.files[at].1);
        }
        let is_dir = path.is_empty() || !self.walk(path).is_empty();
        is_dir.then_some(FileEntry {
            id: None,
            kind: FileKind::Directory,
        })
    }

    pub(super) fn content(&self, id: Oid) -> Result<Blob> {
        let bytes = self.store.blob(id.0)?;
        Ok(Blob { id, bytes })
    }

    pub(super) fn list(&self, dir: &BStr) -> Vec<(BString, FileEntry)> {
        let skipped = if dir.is_empty() { 0 } else { dir.len() + 1 };
        let mut found: Vec<(BString, FileEntry)> = Vec::new();
        for (path, entry) in self.walk(dir) {
            let rest = &path[skipped..];
            let (name, entry) = match rest.find_byte(b'/') {
                None => (rest, *entry),
                Some(end) => {
                    let (id, kind) = (None, FileKind::Directory);
                    (&rest[..end], FileEntry { id, kind })
                }
            };
            if found.last().is_none_or(|(last, _)| last != name) {
                found.push((name.into(), entry));
            }
        }
        found
    }

    /// Gives the files below a folder, which lie side by side.
    pub(super) fn walk(&self, below: &BStr) -> &[(BString, FileEntry)] {
        if below.is_empty() {
            return &self.files;
        }
        let prefix = join(below, BStr::new(b""));
        let from = self.files.partition_point(|file| file.0 < prefix);
        let below = &self.files[from..];
        &below[..below.partition_point(|file| file.0.starts_with(&prefix))]
    }
}

pub(super) fn kind_of(mode: Mode) -> FileKind {
    match mode {
        Mode::FILE_EXECUTABLE => FileKind::Executable,
        Mode::SYMLINK => FileKind::Symlink,
        Mode::COMMIT => FileKind::Submodule,
        Mode::DIR => FileKind::Directory,
        _ => FileKind::File,
    }
}
