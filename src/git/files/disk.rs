use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use bstr::{BStr, BString, ByteSlice, ByteVec};
use gix::index::entry::{Mode, Stat, stat};
use gix::worktree::stack::state::ignore::Source;

use super::index::{IndexFiles, kind_of};
use super::{Blob, FileEntry, FileKind, is_name, join};
use crate::git::{Oid, Repo};
use crate::{Error, Result};

/// The files of a work tree, or of a folder without Git.
pub(in crate::git) struct DiskFiles {
    root: PathBuf,
    hash: gix::hash::Kind,
    repo: Option<Mutex<Repo>>,
    /// What a sparse checkout leaves out: it stands in the index only, and is not gone.
    left_out: OnceLock<Option<IndexFiles>>,
}

/// What a listing of the work tree asks at every file: is it tracked, is it ignored?
struct Sieve<'a> {
    index: gix::index::File,
    ignored: gix::AttributeStack<'a>,
    trusts_mode: bool,
}

type Listing = Vec<(BString, FileEntry)>;

impl DiskFiles {
    pub(super) fn folder(root: PathBuf) -> Self {
        Self {
            root,
            hash: gix::hash::Kind::Sha1,
            repo: None,
            left_out: OnceLock::new(),
        }
    }

    pub(super) fn work(root: PathBuf, repo: Repo) -> Self {
        Self {
            root,
            hash: repo.git.object_hash(),
            repo: Some(Mutex::new(repo)),
            left_out: OnceLock::new(),
        }
    }

    /// Finds what stands at a path: on disk, or where a sparse checkout left it out, in the index.
    pub(super) fn entry(&self, path: &BStr) -> Result<Option<FileEntry>> {
        match self.on_disk(path)? {
            Some(entry) => Ok(Some(entry)),
            None => Ok(self.left_out()?.and_then(|files| files.entry(path))),
        }
    }

    fn on_disk(&self, path: &BStr) -> Result<Option<FileEntry>> {
        let Some(full) = self.full(path) else {
            return Ok(None);
        };
        // Each folder on the way must be one: the system would follow a link out of the tree.
        let parents = path.find_iter("/").map(|end| path[..end].as_bstr());
        for parent in parents {
            let is_dir = match self.full(parent).map(fs::symlink_metadata) {
                Some(Ok(metadata)) => metadata.is_dir(),
                _ => false,
            };
            if !is_dir || self.is_repository(parent) {
                return Ok(None);
            }
        }
        let metadata = match fs::symlink_metadata(&full) {
            Ok(metadata) => metadata,
            Err(cause) if is_absent(&cause) => return Ok(None),
            Err(cause) => return Err(unreadable(path, cause)),
        };
        let kind = match kind_on_disk(&metadata) {
            Some(FileKind::Directory) if self.is_repository(path) => FileKind::Submodule,
            Some(kind) => kind,
            None => return Ok(None),
        };
        Ok(Some(FileEntry { id: None, kind }))
    }

    pub(super) fn content(&self, path: &BStr, kind: FileKind) -> Result<Option<Blob>> {
        if let Some(blob) = self.content_on_disk(path, kind)? {
            return Ok(Some(blob));
        }
        let Some(files) = self.left_out()? else {
            return Ok(None);
        };
        let id = files.entry(path).and_then(|entry| entry.id);
        id.map(|id| files.content(id)).transpose()
    }

    fn content_on_disk(&self, path: &BStr, kind: FileKind) -> Result<Option<Blob>> {
        let Some(full) = self.full(path) else {
            return Ok(None);
        };
        let read = if kind == FileKind::Symlink {
            fs::read_link(full).map(|target| Vec::from_path_lossy(&target).into_owned())
        } else {
            fs::read(full)
        };
        match read {
            Ok(bytes) => Ok(Some(Blob {
                id: self.hash(&bytes),
                bytes,
            })),
            Err(cause) if is_absent(&cause) => Ok(None),
            Err(cause) => Err(unreadable(path, cause)),
        }
    }

    pub(super) fn list(&self, dir: &BStr) -> Result<Listing> {
        self.with_sieve(|sieve| self.scan(dir, sieve))
    }

    pub(super) fn walk(&self, below: &BStr) -> Result<Listing> {
        let mut found = Vec::new();
        self.with_sieve(|sieve| self.descend(below, sieve, &mut found))?;
        Ok(found)
    }

    /// Lists all files with the objects that they are, or would be.
    ///
    /// A file whose size and times are those the index remembers is not read again.
    pub(in crate::git) fn walk_with_ids(&self) -> Result<Listing> {
        let mut found = Vec::new();
        self.with_sieve(|sieve| {
            self.descend(BStr::new(b""), sieve, &mut found)?;
            for (path, entry) in &mut found {
                if entry.id.is_some() {
                    continue;
                }
                let path = path.as_bstr();
                let known = sieve
                    .as_ref()
                    .and_then(|sieve| self.known(path, &sieve.index));
                entry.id = match known {
                    Some(id) => Some(id),
                    None => self.content(path, entry.kind)?.map(|blob| blob.id),
                };
            }
            Ok(())
        })?;
        found.retain(|(_, entry)| entry.id.is_some());
        Ok(found)
    }

    fn descend(
        &self,
        dir: &BStr,
        sieve: &mut Option<Sieve<'_>>,
        found: &mut Listing,
    ) -> Result<()> {
        for (name, entry) in self.scan(dir, sieve)? {
            let path = join(dir, name.as_bstr());
            if entry.kind == FileKind::Directory {
                self.descend(path.as_bstr(), sieve, found)?;
            } else {
                found.push((path, entry));
            }
        }
        Ok(())
    }

    /// Lists one folder, without what Git does not look at, and with what was left out.
    fn scan(&self, dir: &BStr, sieve: &mut Option<Sieve<'_>>) -> Result<Listing> {
        let mut found = self.scan_disk(dir, sieve)?;
        // The sieve holds the repository, so what is left out was read before.
        if let Some(Some(files)) = self.left_out.get() {
            let here: HashSet<BString> = found.iter().map(|(name, _)| name.clone()).collect();
            let more = files.list(dir).into_iter();
            found.extend(more.filter(|(name, _)| !here.contains(name)));
        }
        Ok(found)
    }

    fn scan_disk(&self, dir: &BStr, sieve: &mut Option<Sieve<'_>>) -> Result<Listing> {
        let Some(full) = self.full(dir) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        let entries = match fs::read_dir(full) {
            Ok(entries) => entries,
            Err(cause) if is_absent(&cause) => return Ok(found),
            Err(cause) => return Err(unreadable(dir, cause)),
        };
        for entry in entries {
            let entry = entry.map_err(|cause| unreadable(dir, cause))?;
            let Ok(name) = Vec::from_os_string(entry.file_name()) else {
                continue;
            };
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            if let Some(kind) = kind_on_disk(&metadata).filter(|_| is_name(&name)) {
                let path = join(dir, name.as_bstr());
                if let Some(entry) = self.sift(path.as_bstr(), kind, sieve)? {
                    found.push((name.into(), entry));
                }
            }
        }
        Ok(found)
    }

    fn sift(
        &self,
        path: &BStr,
        kind: FileKind,
        sieve: &mut Option<Sieve<'_>>,
    ) -> Result<Option<FileEntry>> {
        let found = FileEntry { id: None, kind };
        let Some(sieve) = sieve else {
            return Ok(Some(found));
        };
        let is_dir = kind == FileKind::Directory;
        if let Some(tracked) = sieve.index.entry_by_path(path) {
            let tracked_kind = kind_of(tracked.mode);
            if tracked_kind == FileKind::Submodule && is_dir {
                let id = Some(Oid(tracked.id));
                return Ok(Some(FileEntry {
                    id,
                    kind: tracked_kind,
                }));
            }
            if !is_dir {
                let is_plain = |kind| matches!(kind, FileKind::File | FileKind::Executable);
                let keep = !sieve.trusts_mode && is_plain(kind) && is_plain(tracked_kind);
                let kind = if keep { tracked_kind } else { kind };
                return Ok(Some(FileEntry { id: None, kind }));
            }
        }
        if is_dir && sieve.has_below(path) {
            return Ok(Some(found));
        }
        let is_left_out = (is_dir && self.is_repository(path)) || sieve.ignores(path, is_dir)?;
        Ok((!is_left_out).then_some(found))
    }

    /// Hands over the sieve, which a folder without Git has none of.
    fn with_sieve<T>(&self, look: impl FnOnce(&mut Option<Sieve<'_>>) -> Result<T>) -> Result<T> {
        let Some(repo) = &self.repo else {
            return look(&mut None);
        };
        self.left_out()?;
        let repo = repo.lock().unwrap_or_else(PoisonError::into_inner);
        let index = repo.read_index()?;
        let ignored = repo
            .git
            .excludes(&index, None, Source::WorktreeThenIdMappingIfNotSkipped)
            .map_err(|cause| Error::repository("cannot read what Git ignores").because(cause))?;
        let trusts_mode = repo.git.config_snapshot().boolean("core.fileMode");
        look(&mut Some(Sieve {
            index,
            ignored,
            trusts_mode: trusts_mode.unwrap_or(true),
        }))
    }

    /// Reads what a sparse checkout leaves out, once.
    fn left_out(&self) -> Result<Option<&IndexFiles>> {
        if let Some(known) = self.left_out.get() {
            return Ok(known.as_ref());
        }
        let Some(repo) = &self.repo else {
            return Ok(None);
        };
        let repo = repo.lock().unwrap_or_else(PoisonError::into_inner);
        let is_sparse = repo.git.config_snapshot().boolean("core.sparseCheckout");
        let read = match is_sparse {
            Some(true) => Some(IndexFiles::read_left_out(&repo)?),
            _ => None,
        };
        Ok(self.left_out.get_or_init(|| read).as_ref())
    }

    /// Gives the object of a file that has not changed since the index saw it.
    fn known(&self, path: &BStr, index: &gix::index::File) -> Option<Oid> {
        let entry = index.entry_by_path(path)?;
        let metadata = gix::index::fs::Metadata::from_path_no_follow(&self.full(path)?).ok()?;
        let options = stat::Options {
            use_nsec: true,
            ..stat::Options::default()
        };
        let now = Stat::from_fs(&metadata).ok()?;
        let same = entry.stat.matches(&now, options)
            && !entry.stat.is_racy(index.timestamp(), options)
            && entry.stage_raw() == 0
            && !entry
                .flags
                .contains(gix::index::entry::Flags::INTENT_TO_ADD);
        same.then_some(Oid(entry.id))
    }

    /// Says whether a folder is another repository, inside this one.
    fn is_repository(&self, path: &BStr) -> bool {
        let inner = self.repo.is_some() && !path.is_empty();
        inner
            && self
                .full(path)
                .is_some_and(|full| full.join(".git").exists())
    }

    fn full(&self, path: &BStr) -> Option<PathBuf> {
        let path = path.to_path().ok()?;
        Some(self.root.join(path))
    }

    fn hash(&self, bytes: &[u8]) -> Oid {
        let id = gix::objs::compute_hash(self.hash, gix::objs::Kind::Blob, bytes);
        Oid(id.expect("no file has the bytes of a SHA-1 attack on Git"))
    }
}

impl Sieve<'_> {
    fn has_below(&self, dir: &BStr) -> bool {
        let prefix = join(dir, BStr::new(b""));
        self.index
            .prefixed_entries_range(prefix.as_bstr())
            .is_some()
    }

    fn ignores(&mut self, path: &BStr, is_dir: bool) -> Result<bool> {
        let mode = if is_dir { Mode::DIR } else { Mode::FILE };
        let place = self.ignored.at_entry(path, Some(mode)).map_err(|cause| {
            Error::repository(format!("cannot say whether Git ignores `{path}`")).because(cause)
        })?;
        Ok(place.is_excluded())
    }
}

fn kind_on_disk(metadata: &fs::Metadata) -> Option<FileKind> {
    let kind = metadata.file_type();
    if kind.is_dir() {
        Some(FileKind::Directory)
    } else if kind.is_symlink() {
        Some(FileKind::Symlink)
    } else if !kind.is_file() {
        None
    } else if is_executable(metadata) {
        Some(FileKind::Executable)
    } else {
        Some(FileKind::File)
    }
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

fn is_absent(cause: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, IsADirectory, NotADirectory, NotFound};
    matches!(
        cause.kind(),
        NotFound | NotADirectory | IsADirectory | InvalidInput
    )
}

fn unreadable(path: &BStr, cause: io::Error) -> Error {
    Error::io(format!("cannot read `{path}`"), cause)
}

#[cfg(test)]
mod tests {
    use super::super::Backend;
    use super::*;
    use crate::git::testing::{Scratch, path};

    #[test]
    fn folder_without_git_hides_only_its_own_git() {
        let folder = tempfile::TempDir::new().unwrap();
        for name in [".git/x", "inner/.git/x", "inner/y.yaml"] {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let files = crate::git::Files::folder(folder.path());
        let found = files.walk(path("")).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "inner/y.yaml");
    }

    #[test]
    fn unchanged_file_is_known_by_its_size_and_times() {
        let scratch = Scratch::started();
        std::thread::sleep(std::time::Duration::from_millis(20));
        scratch.write("b.yaml", "b: 1\n");
        scratch.git(&["add", "b.yaml"]);
        let repo = scratch.repo();
        let Backend::Disk(disk) = repo.work_files().unwrap().backend else {
            panic!("the work tree is on disk");
        };
        let known = |name| disk.known(path(name), &repo.read_index().unwrap());
        assert_eq!(known("a.yaml"), Some(scratch.id("HEAD:a.yaml")));
        assert_eq!(known("missing"), None);
        scratch.write("a.yaml", "a: 2\n");
        assert_eq!(known("a.yaml"), None);
    }
}
