//! Files: one readable tree of them, whether of a commit, the index, the work tree or a folder.

mod disk;
mod index;
#[cfg(test)]
#[cfg(unix)]
mod tests;
mod tree;

use std::path::PathBuf;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

pub(super) use self::disk::DiskFiles;
use self::index::IndexFiles;
pub(super) use self::tree::TreeFiles;
use super::store::Store;
use super::{Oid, Repo, Revision};
use crate::{Error, Result};

/// One readable tree of files: of a commit, the index, the work tree, or a folder without Git.
///
/// A clone is cheap and shares what was read.
#[derive(Clone)]
pub struct Files {
    label: Option<Arc<str>>,
    pub(super) backend: Backend,
}

#[derive(Clone)]
pub(super) enum Backend {
    Tree(Arc<TreeFiles>),
    Index(Arc<IndexFiles>),
    Disk(Arc<DiskFiles>),
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// The object; none for what was only seen on disk.
    pub id: Option<Oid>,
    /// The kind.
    pub kind: FileKind,
}

/// The kind of what stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A file.
    File,
    /// A file that may be run.
    Executable,
    /// A symbolic link.
    Symlink,
    /// Another repository, never looked into.
    Submodule,
    /// A folder.
    Directory,
}

impl FileKind {
    /// Gives the mode that Git writes for it.
    #[must_use]
    pub fn mode(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Symlink => "120000",
            Self::Submodule => "160000",
            Self::Directory => "040000",
        }
    }
}

/// The bytes of a file, and their name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The object, or for a file on disk the one its bytes would be.
    pub id: Oid,
    /// The bytes as they are, with no filter applied.
    pub bytes: Vec<u8>,
}

/// How many symbolic links are followed for one path, as Linux has it.
const MOST_LINKS: usize = 40;

impl Files {
    /// Gives the files below a folder, with no regard to Git; `.git` is left out.
    #[must_use]
    pub fn folder(dir: impl Into<PathBuf>) -> Self {
        Self::disk(DiskFiles::folder(dir.into()))
    }

    pub(super) fn work(root: PathBuf, repo: Repo) -> Self {
        Self::disk(DiskFiles::work(root, repo))
    }

    fn disk(files: DiskFiles) -> Self {
        Self {
            label: None,
            backend: Backend::Disk(Arc::new(files)),
        }
    }

    pub(super) fn tree(store: Store, revision: &Revision) -> Self {
        Self {
            label: Some(revision.name.as_str().into()),
            backend: Backend::Tree(Arc::new(TreeFiles::new(store, revision.tree))),
        }
    }

    /// Gives the revision's name; the index is `index`, and what lies on disk has none.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// Finds what stands at a path; a symbolic link is not followed, and `""` is the root.
    ///
    /// # Errors
    ///
    /// When the repository or the disk cannot be read.
    pub fn entry(&self, path: &BStr) -> Result<Option<FileEntry>> {
        if !path.is_empty() && !path.split_str("/").all(is_name) {
            return Ok(None);
        }
        match &self.backend {
            Backend::Tree(files) => files.entry(path),
            Backend::Index(files) => Ok(files.entry(path)),
            Backend::Disk(files) => files.entry(path),
        }
    }

    /// Reads a file, following symbolic links that stay inside the tree.
    ///
    /// What is not there, is no file, or is a link that leads nowhere, out of the tree or round in
    /// a circle, gives `None`.
    ///
    /// # Errors
    ///
    /// When the repository or the disk cannot be read.
    pub fn read(&self, path: &BStr) -> Result<Option<Blob>> {
        match self.resolve(path)? {
            Some((path, entry)) if matches!(entry.kind, FileKind::File | FileKind::Executable) => {
                self.content(path.as_bstr(), entry)
            }
            _ => Ok(None),
        }
    }

    /// Lists one folder by name, sorted; a folder that is not there is empty, `""` is the root.
    ///
    /// In the work tree, what Git ignores and `.git` are left out.
    ///
    /// # Errors
    ///
    /// When the repository or the disk cannot be read.
    pub fn list(&self, dir: &BStr) -> Result<Vec<(BString, FileEntry)>> {
        let mut found = match self.resolve(dir)? {
            Some((dir, entry)) if entry.kind == FileKind::Directory => match &self.backend {
                Backend::Tree(files) => files.list(dir.as_bstr())?,
                Backend::Index(files) => files.list(dir.as_bstr()),
                Backend::Disk(files) => files.list(dir.as_bstr())?,
            },
            _ => Vec::new(),
        };
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// Lists all files at or below a path, by their whole paths, sorted; `""` is the root.
    ///
    /// Symbolic links and submodules are listed and not looked into. In the work tree, what Git
    /// ignores and `.git` are left out.
    ///
    /// # Errors
    ///
    /// When the repository or the disk cannot be read.
    pub fn walk(&self, below: &BStr) -> Result<Vec<(BString, FileEntry)>> {
        let mut found = match self.entry(below)? {
            None => Vec::new(),
            Some(entry) if entry.kind != FileKind::Directory => vec![(below.to_owned(), entry)],
            Some(_) => match &self.backend {
                Backend::Tree(files) => files.walk(below)?,
                Backend::Index(files) => files.walk(below).to_vec(),
                Backend::Disk(files) => files.walk(below)?,
            },
        };
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// Finds where a path leads once every symbolic link is followed; `None` where it leads to
    /// nothing in the tree.
    ///
    /// # Errors
    ///
    /// When the repository or the disk cannot be read.
    pub fn real_path(&self, path: &BStr) -> Result<Option<BString>> {
        Ok(self.resolve(path)?.map(|(path, _)| path))
    }

    /// Finds the submodule that a path is or stands below, with the commit recorded for it.
    ///
    /// # Errors
    ///
    /// When the repository or the disk cannot be read.
    pub fn submodule_of(&self, path: &BStr) -> Result<Option<(BString, Option<Oid>)>> {
        let ends = path.find_iter("/").chain(std::iter::once(path.len()));
        for end in ends {
            let folder = path[..end].as_bstr();
            match self.entry(folder)? {
                Some(entry) if entry.kind == FileKind::Submodule => {
                    return Ok(Some((folder.to_owned(), entry.id)));
                }
                Some(_) => {}
                None => break,
            }
        }
        Ok(None)
    }

    pub(super) fn content(&self, path: &BStr, entry: FileEntry) -> Result<Option<Blob>> {
        match (&self.backend, entry.id) {
            (Backend::Tree(files), Some(id)) => files.content(id).map(Some),
            (Backend::Index(files), Some(id)) => files.content(id).map(Some),
            (Backend::Disk(files), _) => files.content(path, entry.kind),
            (_, None) => Ok(None),
        }
    }

    /// Follows symbolic links to what a path means in the end, inside the tree.
    fn resolve(&self, path: &BStr) -> Result<Option<(BString, FileEntry)>> {
        match self.entry(path)? {
            Some(entry) if entry.kind != FileKind::Symlink => {
                return Ok(Some((path.to_owned(), entry)));
            }
            _ if path.starts_with(b"/") => return Ok(None),
            _ => {}
        }
        let parts =
            |path: &[u8]| -> Vec<BString> { path.rsplit_str("/").map(BString::from).collect() };
        let mut rest = parts(path);
        let mut done = BString::default();
        let mut links = 0;
        while let Some(part) = rest.pop() {
            match part.as_slice() {
                b"" | b"." => continue,
                b".." if done.is_empty() => return Ok(None),
                b".." => {
                    let end = done.rfind_byte(b'/').unwrap_or(0);
                    done.truncate(end);
                    continue;
                }
                _ => {}
            }
            let next = join(done.as_bstr(), part.as_bstr());
            match self.entry(next.as_bstr())? {
                None => return Ok(None),
                Some(entry) if entry.kind == FileKind::Symlink => {
                    links += 1;
                    let target = self.content(next.as_bstr(), entry)?;
                    match target {
                        Some(blob) if links <= MOST_LINKS && !blob.bytes.starts_with(b"/") => {
                            rest.extend(parts(&blob.bytes));
                        }
                        _ => return Ok(None),
                    }
                }
                Some(_) => done = next,
            }
        }
        let entry = self.entry(done.as_bstr())?;
        Ok(entry.map(|entry| (done, entry)))
    }
}

impl Repo {
    /// Gives the files of the index; where a merge left a conflict, "our" side of it.
    ///
    /// # Errors
    ///
    /// When the index cannot be read, or a bare repository has none.
    pub fn index_files(&self) -> Result<Files> {
        // An empty answer would mean that everything is gone.
        if self.is_bare() && !self.index_file.exists() {
            let folder = self.git_dir().display();
            return Err(Error::repository(format!(
                "`{folder}` is a bare repository and has no index"
            ))
            .with_help("name a revision: `HEAD`"));
        }
        let files = IndexFiles::read(self)?;
        Ok(Files {
            label: Some("index".into()),
            backend: Backend::Index(Arc::new(files)),
        })
    }

    /// Gives no files at all: what stands before the first commit.
    #[must_use]
    pub fn no_files(&self) -> Files {
        Files {
            label: None,
            backend: Backend::Index(Arc::new(IndexFiles::empty(self))),
        }
    }
}

/// Puts a name below a folder.
pub(super) fn join(dir: &BStr, name: &BStr) -> BString {
    let mut path = dir.to_owned();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// Says whether bytes can name a file in a repository.
fn is_name(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && !name.eq_ignore_ascii_case(b".git")
}
