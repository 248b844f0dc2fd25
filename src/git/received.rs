//! What is being pushed: objects that Git keeps apart until a hook agrees, and references as they
//! are to stand then.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::ByteSlice;

use super::{Oid, Repo};
use crate::{Error, Result};

/// The references that are to move, by their full names, each with where it is to stand; none where
/// it is to go.
pub(super) type Moved = BTreeMap<String, Option<Oid>>;

/// Where a name is looked for, as `git rev-parse` does.
const PLACES: [&str; 4] = ["", "refs/", "refs/tags/", "refs/heads/"];

/// Reads a list of folders as `GIT_ALTERNATE_OBJECT_DIRECTORIES` holds it: divided by colons (on
/// Windows by semicolons), a name in double quotes where it holds one ([git]).
///
/// [git]: https://git-scm.com/docs/git#_the_git_repository
#[must_use]
pub fn object_folders(list: &OsStr) -> Vec<PathBuf> {
    const BETWEEN: u8 = if cfg!(windows) { b';' } else { b':' };
    let mut rest = list.as_encoded_bytes();
    let mut folders = Vec::new();
    while !rest.is_empty() {
        let (name, used) = match gix::quote::ansi_c::undo(rest.as_bstr()) {
            Ok((name, used)) if rest.starts_with(b"\"") => (name.to_vec(), used),
            _ => {
                let end = rest.find_byte(BETWEEN).unwrap_or(rest.len());
                (rest[..end].to_vec(), end)
            }
        };
        if !name.is_empty() {
            folders.push(name.to_path_lossy().into_owned());
        }
        rest = &rest[used..];
        rest = rest.strip_prefix(&[BETWEEN]).unwrap_or(rest);
    }
    folders
}

/// Has a repository read objects from further folders, before its own; gives the folder that says
/// so, which must last as long as the repository is read.
///
/// Nothing is written to the folders, and nothing to the repository: what would be is gone with the
/// folder given.
pub(super) fn read_apart(
    git: gix::Repository,
    apart: &Path,
    more: &[PathBuf],
) -> Result<(gix::Repository, Arc<tempfile::TempDir>)> {
    let failed = |cause| {
        Error::io(
            format!("cannot read what is pushed from `{}`", apart.display()),
            cause,
        )
        .with_help("look whether the folder is yours to write to")
    };
    // Git takes the folder away with all that is in it where a push is refused.
    let folder = tempfile::Builder::new()
        .prefix("strata-")
        .tempdir_in(apart)
        .map_err(failed)?;
    let mut list = Vec::new();
    let own = git.objects.store_ref().path().to_owned();
    for path in [apart, own.as_path()]
        .into_iter()
        .chain(more.iter().map(PathBuf::as_path))
    {
        let path = std::path::absolute(path).map_err(failed)?;
        list.extend(quoted(&path));
        list.push(b'\n');
    }
    for name in ["info", "pack"] {
        std::fs::create_dir(folder.path().join(name)).map_err(failed)?;
    }
    let mut file = std::fs::File::create(folder.path().join("info/alternates")).map_err(failed)?;
    file.write_all(&list).map_err(failed)?;
    drop(file);
    let hash = git.object_hash();
    let objects = gix::odb::at(folder.path(), hash).map_err(failed)?;
    let mut shared = git.into_sync();
    shared.objects = objects.into_inner().store();
    Ok((shared.to_thread_local(), Arc::new(folder)))
}

/// Writes a path as Git does between double quotes.
fn quoted(path: &Path) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\n' => quoted.extend(b"\\n"),
            b'"' | b'\\' => quoted.extend([b'\\', *byte]),
            byte => quoted.push(*byte),
        }
    }
    quoted.push(b'"');
    quoted
}

impl Repo {
    /// Gives the repository as it is to be once references have moved: each by its full name, with
    /// where it is to stand, or none where it is to go.
    #[must_use]
    pub fn as_if(&self, moved: impl IntoIterator<Item = (String, Option<Oid>)>) -> Self {
        let mut repo = self.clone();
        repo.moved = Arc::new(moved.into_iter().collect());
        repo
    }

    /// Says whether this reads what is being pushed and is not agreed to yet.
    #[must_use]
    pub fn is_apart(&self) -> bool {
        self.apart.is_some()
    }

    /// Refuses to write beside what is being pushed.
    pub(super) fn may_write(&self) -> Result<()> {
        match self.is_apart() {
            false => Ok(()),
            true => Err(Error::usage(
                "nothing can be written while Git keeps what is pushed apart",
            )
            .with_help("do it when the push is through, in a `post-receive` hook")),
        }
    }

    /// Finds where a name is to stand, if it is one of those that are to move.
    pub(super) fn moved(&self, name: &str) -> Option<Option<Oid>> {
        if self.moved.is_empty() {
            return None;
        }
        PLACES
            .iter()
            .find_map(|place| self.moved.get(&format!("{place}{name}")).copied())
    }

    /// Finds the commit that a reference leads to; none where it leads to something else.
    ///
    /// # Errors
    ///
    /// When the object cannot be read.
    pub fn commit_of(&self, id: Oid) -> Result<Option<Oid>> {
        let broken = |cause| {
            Error::repository(format!("cannot read the object {id}"))
                .with_help("see what is wrong: `git fsck`")
                .because(cause)
        };
        let object = self.git.find_object(id.0).map_err(broken)?;
        let object = object.peel_tags_to_end().map_err(broken)?;
        let is_commit = object.kind == gix::objs::Kind::Commit;
        Ok(is_commit.then_some(Oid(object.id)))
    }

    /// Finds where a history left what is known: the best commit that it has in common with any of
    /// others.
    ///
    /// # Errors
    ///
    /// When the history cannot be read.
    pub fn parting_from(&self, tip: Oid, others: &[Oid]) -> Result<Option<Oid>> {
        if others.is_empty() {
            return Ok(None);
        }
        let others: Vec<_> = others.iter().map(|id| id.0).collect();
        let found = self.git.merge_bases_many(tip.0, &others).map_err(|cause| {
            Error::repository(format!("cannot find where {} left the others", tip.short()))
                .because(cause)
        })?;
        Ok(found.first().map(|id| Oid(id.detach())))
    }

    /// Gives the commits that references lead to, whose full names begin so; with an empty
    /// beginning, all there are.
    ///
    /// # Errors
    ///
    /// When the references cannot be read.
    pub fn tips_under(&self, prefix: &str) -> Result<Vec<Oid>> {
        let broken = |cause| Error::repository("cannot read the references").because(cause);
        let platform = self.git.references().map_err(broken)?;
        let mut tips = Vec::new();
        for reference in platform.all().map_err(broken)? {
            // A broken reference leads nowhere, and a tag may lead to what is no commit.
            let Ok(mut reference) = reference else {
                continue;
            };
            // What a prefix is made of need not be a reference's name.
            let is_below = reference.name().as_bstr().starts_with(prefix.as_bytes());
            if is_below
                && let Ok(id) = reference.peel_to_id()
                && let Ok(Some(commit)) = self.commit_of(Oid(id.detach()))
            {
                tips.push(commit);
            }
        }
        tips.sort();
        tips.dedup();
        Ok(tips)
    }

    /// Gives the object that hexadecimal digits name, or a revision; none for the zeros that stand
    /// for no object.
    ///
    /// # Errors
    ///
    /// Where it is no name of an object.
    pub fn object_name(&self, hex: &str) -> Result<Option<Oid>> {
        match gix::ObjectId::from_hex(hex.as_bytes()) {
            Ok(id) if id.is_null() => Ok(None),
            Ok(id) => Ok(Some(Oid(id))),
            Err(_) => {
                let found = self.resolve(hex)?.map(Oid);
                found.map(Some).ok_or_else(|| self.unknown_revision(hex))
            }
        }
    }

    /// Gives the size of a file's bytes by its object, without reading them.
    ///
    /// # Errors
    ///
    /// When it is not there.
    pub fn size_of(&self, id: Oid) -> Result<u64> {
        if id.0 == id.0.kind().empty_blob() {
            return Ok(0);
        }
        let header = self.git.find_header(id.0).map_err(|cause| {
            Error::repository(format!("cannot read the object {id}")).because(cause)
        })?;
        Ok(header.size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scratch;
    use crate::git::{OpenOptions, Repo};

    #[test]
    fn a_list_of_folders_is_read_as_git_writes_it() {
        let read = |list: &str| -> Vec<String> {
            let folders = object_folders(OsStr::new(list)).into_iter();
            folders.map(|it| it.display().to_string()).collect()
        };
        assert_eq!(read("/a:/b c::/d"), ["/a", "/b c", "/d"]);
        assert_eq!(read("\"/a:\\\"b\\\"\":/c"), ["/a:\"b\"", "/c"]);
        assert_eq!(read(""), [""; 0]);
    }

    #[test]
    fn objects_kept_apart_are_read_and_the_folder_is_left_as_it_was() {
        let scratch = Scratch::diverged();
        let server = scratch.beside("ser\"ver\\ü.git");
        let name = server.to_str().unwrap();
        scratch.git(&[
            "clone",
            "-q",
            "--bare",
            "--no-local",
            "--single-branch",
            "-b",
            "main",
            ".",
            name,
        ]);
        // What a push brings, in a folder of its own.
        let apart = scratch.beside("apart");
        std::fs::create_dir_all(apart.join("pack")).unwrap();
        scratch.git(&[
            "-c",
            "core.hooksPath=/dev/null",
            "pack-objects",
            "--all",
            "-q",
            apart.join("pack/pack").to_str().unwrap(),
        ]);
        let feature = scratch.id("feature");
        let plain = Repo::discover(&server).unwrap();
        assert!(plain.commit_of(feature).is_err());
        let repo = Repo::open_with(&OpenOptions {
            dir: server.clone(),
            object_dir: Some(apart.clone()),
            more_objects: vec![server.join("objects")],
            ..OpenOptions::default()
        })
        .unwrap();
        assert!(repo.is_apart() && !plain.is_apart());
        assert_eq!(repo.commit_of(feature).unwrap(), Some(feature));
        let revision = repo.revision(&feature.to_string()).unwrap();
        let main = repo.revision("main").unwrap();
        let changes = repo
            .files(&main)
            .changes_to(&repo.files(&revision))
            .unwrap();
        assert_eq!(changes.len(), 2);
        let tips = repo.tips_under("refs/heads/").unwrap();
        assert_eq!(tips, [scratch.id("main")]);
        assert_eq!(
            repo.parting_from(feature, &tips).unwrap(),
            Some(scratch.id("fork"))
        );
        assert!(repo.write_blob(b"x").is_err());
        drop(repo);
        let left: Vec<_> = std::fs::read_dir(&apart).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn references_stand_as_if_they_had_moved() {
        let scratch = Scratch::diverged();
        let (main, feature) = (scratch.id("main"), scratch.id("feature"));
        let repo = scratch.repo().as_if([
            ("refs/heads/main".to_owned(), Some(feature)),
            ("refs/heads/new".to_owned(), Some(main)),
            ("refs/tags/fork".to_owned(), None),
            ("refs/tags/v1.0.0".to_owned(), Some(main)),
        ]);
        for (name, id) in [
            ("main", feature),
            ("refs/heads/main", feature),
            ("new", main),
            ("new~1", scratch.id("main~1")),
            ("v1.0.0", main),
        ] {
            assert_eq!(repo.revision(name).unwrap().id, id, "{name}");
        }
        assert!(repo.revision("fork").is_err());
        assert_eq!(repo.versions("v*").unwrap().len(), 1);
        assert_eq!(repo.branches().unwrap(), ["feature", "main", "new"]);
        assert_eq!(repo.tags().unwrap(), ["v1.0.0"]);
    }
}
