use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bstr::{BStr, ByteSlice};
use gix::index::entry::{Mode, Stat};
use gix::index::fs::Metadata;

use super::files::join;
use super::{FileChange, FileEntry, FileKind, Files, Oid, Repo, Revision};
use crate::{Error, Result};

impl Repo {
    /// Makes the work tree and the index those of a revision; `HEAD` stays where it is.
    ///
    /// Files are written as they are in the repository, with no filter applied. What is not
    /// tracked stays, unless it is in the way.
    ///
    /// # Errors
    ///
    /// When a file that would be overwritten is not as the index has it, in which case nothing
    /// has changed; or when the disk refuses.
    pub fn checkout(&self, revision: &Revision) -> Result<()> {
        let work = self.work_files()?;
        let root = self
            .work_dir()
            .expect("there are files of the work tree")
            .to_owned();
        let target = self.files(revision);
        let tracked = self.index_files()?;
        let changes = self.compare(&tracked, &target)?;
        for change in &changes {
            is_free(change, &root, &work, &tracked)?;
        }
        let old_index = self.read_index()?;
        let mut index = self
            .git
            .index_from_tree(&revision.tree.0)
            .map_err(|cause| {
                let name = &revision.name;
                Error::repository(format!("cannot check out `{name}`")).because(cause)
            })?;
        for change in changes.iter().filter(|change| change.old.is_some()) {
            remove(&root, change.path.as_bstr())?;
        }
        let moment = old_index.timestamp();
        let moment = (moment.unix_seconds(), moment.nanoseconds());
        let is_before = |stat: Stat| (i64::from(stat.mtime.secs), stat.mtime.nsecs) < moment;
        let mut written = BTreeSet::new();
        for (path, entry) in target.walk(BStr::new(b""))? {
            let kind = work.entry(path.as_bstr())?.map(|found| found.kind);
            let is_folder = kind == Some(FileKind::Directory);
            if is_folder && entry.kind != FileKind::Submodule {
                remove_folders(&place(&root, path.as_bstr())?);
            } else if kind.is_some() {
                continue;
            }
            self.put(&root, path.as_bstr(), entry)?;
            written.insert(path);
        }
        for (entry, path) in index.entries_mut_with_paths() {
            if !written.contains(path) {
                // What was not touched may hold changes; Git shall look for itself. A file that
                // was written in the moment in which the old index was may have been changed
                // since without another time to show for it.
                let known = old_index
                    .entry_by_path(path)
                    .filter(|old| old.id == entry.id && is_before(old.stat));
                entry.stat = known.map(|old| old.stat).unwrap_or_default();
            } else if entry.mode != Mode::COMMIT {
                let metadata = Metadata::from_path_no_follow(&place(&root, path)?);
                let metadata = metadata.map_err(|cause| refused(path, cause))?;
                entry.stat = Stat::from_fs(&metadata).unwrap_or_default();
            }
        }
        index.set_path(&self.index_file);
        index
            .write(gix::index::write::Options::default())
            .map_err(|cause| {
                let file = self.index_file.display();
                Error::repository(format!("cannot write the index `{file}`")).because(cause)
            })
    }

    /// Writes one file of a revision where nothing is.
    fn put(&self, root: &Path, path: &BStr, entry: FileEntry) -> Result<()> {
        for end in path.find_iter("/") {
            let dir = path[..end].as_bstr();
            // A link must not lead out of the work tree, so no folder is taken on trust.
            match fs::symlink_metadata(place(root, dir)?) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => return Err(refused(path, io::ErrorKind::NotADirectory.into())),
                Err(_) => fs::create_dir(place(root, dir)?).map_err(|cause| refused(dir, cause))?,
            }
        }
        let full = place(root, path)?;
        let wrote = match entry.id {
            Some(Oid(id)) if entry.kind != FileKind::Submodule => {
                write(&full, entry.kind, &self.store().blob(id)?)
            }
            _ => fs::create_dir(full),
        };
        wrote.map_err(|cause| refused(path, cause))
    }
}

/// Refuses where a change would overwrite what is in no commit and not in the index.
fn is_free(change: &FileChange, root: &Path, work: &Files, tracked: &Files) -> Result<()> {
    let path = change.path.as_bstr();
    for end in path.find_iter("/") {
        let dir = path[..end].as_bstr();
        let is_folder =
            |entry: Option<FileEntry>| entry.is_none_or(|entry| entry.kind == FileKind::Directory);
        // A tracked file in a folder's place is a change of its own.
        if !is_folder(work.entry(dir)?) && is_folder(tracked.entry(dir)?) {
            return Err(in_the_way(dir));
        }
    }
    let Some(found) = work.entry(path)? else {
        return Ok(());
    };
    let is_free = match found.kind {
        FileKind::Submodule => true,
        FileKind::Directory => has_only_tracked(path, root, tracked)?,
        kind => {
            let on_disk = work.content(path, FileEntry { id: None, kind })?;
            let on_disk = on_disk.map(|blob| blob.id);
            let is_held = |entry: FileEntry| entry.id == on_disk;
            change.old.or(change.new).is_some_and(is_held)
        }
    };
    if is_free {
        Ok(())
    } else {
        Err(in_the_way(path))
    }
}

fn in_the_way(path: &BStr) -> Error {
    Error::usage(format!("`{path}` holds changes that would be lost")).with_help(format!(
        "keep them first: `git stash push --include-untracked -- {path}`"
    ))
}

/// Says whether all files in a folder, ignored ones too, are in the index.
fn has_only_tracked(dir: &BStr, root: &Path, tracked: &Files) -> Result<bool> {
    for (path, _) in Files::folder(place(root, dir)?).walk(BStr::new(b""))? {
        if tracked
            .entry(join(dir, path.as_bstr()).as_bstr())?
            .is_none()
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Removes a folder that holds nothing but folders.
fn remove_folders(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_folders(&entry.path());
        }
    }
    // One that is not empty stays, and writing there will say so.
    let _ = fs::remove_dir(dir);
}

fn remove(root: &Path, path: &BStr) -> Result<()> {
    let full = place(root, path)?;
    match fs::remove_file(&full) {
        Ok(()) => {}
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
        Err(_) if full.is_dir() => return Ok(()),
        Err(cause) => return Err(refused(path, cause)),
    }
    // Folders left empty go too; the first that is not ends it.
    let parents = full.ancestors().skip(1).take_while(|dir| *dir != root);
    for dir in parents {
        if fs::remove_dir(dir).is_err() {
            break;
        }
    }
    Ok(())
}

pub(super) fn place(root: &Path, path: &BStr) -> Result<PathBuf> {
    let path = path.to_path().map_err(|cause| {
        Error::repository(format!("this system takes no file named `{path}`")).because(cause)
    })?;
    Ok(root.join(path))
}

#[cfg(unix)]
fn write(full: &Path, kind: FileKind, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::OpenOptionsExt;
    if kind == FileKind::Symlink {
        return std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(bytes), full);
    }
    let mode = if kind == FileKind::Executable {
        0o777
    } else {
        0o666
    };
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(mode).open(full)?;
    file.write_all(bytes)
}

#[cfg(not(unix))]
fn write(full: &Path, _: FileKind, bytes: &[u8]) -> io::Result<()> {
    fs::write(full, bytes)
}

pub(super) fn refused(path: &BStr, cause: io::Error) -> Error {
    Error::io(format!("cannot write `{path}`"), cause)
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
