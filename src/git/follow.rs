use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use bstr::{BStr, BString, ByteSlice};
use gix::index::entry::{Flags, Mode, Stage, Stat};
use gix::index::fs::Metadata;
use gix::lock::acquire::Fail;

use super::checkout::{place, refused};
use super::locks::{PATIENCE, held};
use super::{FileChange, FileEntry, FileKind, Files, Oid, Repo, Revision};
use crate::{Error, Result};

/// Whether the work tree and the index took up a change of the branch that they stand on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    /// They have the new files.
    Yes,
    /// There is no work tree, or it stands elsewhere.
    Elsewhere,
    /// They have the new files but for those that held changes of their own.
    Partly(Left),
    /// They could not be written; this is why.
    Failed(String),
}

/// Files that were left alone, since they held changes that are in no commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Those changed in the work tree alone: the index has what is committed now.
    pub edited: Vec<BString>,
    /// Those with staged changes, which the index still holds: the next commit would put these in
    /// the place of what is committed now.
    pub staged: Vec<BString>,
}

/// How often, and after which pause, one looks again whether another process that moved the branch
/// before has brought the files up to date.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

impl Repo {
    /// Makes the files that differ between two revisions those of the new one, in the work tree
    /// and in the index, and touches no other: after the branch that `HEAD` is on has moved from
    /// the one to the other. A file that was changed in the work tree is left alone there, and the
    /// index takes up the new one; a file with staged changes is left alone in both.
    ///
    /// # Errors
    ///
    /// When another process holds the index, or the disk refuses.
    pub fn follow(&self, branch: &str, old: &Revision, new: &Revision) -> Result<Followed> {
        let on_branch = match self.head()?.branch {
            Some(name) => branch == format!("refs/heads/{name}"),
            None => branch == "HEAD",
        };
        let Some(root) = self.work_dir().filter(|_| on_branch) else {
            return Ok(Followed::Elsewhere);
        };
        let root = root.to_owned();
        let before = self.files(old);
        for attempt in 1..=ATTEMPTS {
            // Whoever moved the branch on since has moved it from here.
            let tip = self.revision(branch).unwrap_or_else(|_| new.clone());
            let after = self.files(&tip);
            let changes = self.compare(&before, &after)?;
            let lock = self.lock_index()?;
            let (left, lagging) = self.own_changes(&changes)?;
            if lagging && attempt < ATTEMPTS {
                drop(lock);
                std::thread::sleep(PAUSE);
                continue;
            }
            self.take_up(lock, &root, &changes, &after, &left)?;
            return Ok(match left == Left::default() {
                true => Followed::Yes,
                false => Followed::Partly(left),
            });
        }
        Ok(Followed::Elsewhere)
    }

    /// Waits until the work tree and the index could follow a branch.
    ///
    /// # Errors
    ///
    /// When another process holds the index, or did when it was killed.
    pub fn await_followers(&self, branch: &str) -> Result<()> {
        let head = self.head()?.branch;
        let head = head.map_or_else(|| "HEAD".to_owned(), |name| format!("refs/heads/{name}"));
        match self.work_dir().is_some() && head == branch {
            true => self.await_index(),
            false => Ok(()),
        }
    }

    /// Lists those of some files that hold changes, in the work tree or in the index, that are not
    /// in a revision, where the branch is the one that they stand on.
    ///
    /// # Errors
    ///
    /// When a file is there and cannot be read.
    pub fn uncommitted(
        &self,
        branch: &str,
        base: &Revision,
        paths: &[BString],
    ) -> Result<Vec<BString>> {
        let head = self.head()?.branch;
        let head = head.map_or_else(|| "HEAD".to_owned(), |name| format!("refs/heads/{name}"));
        if self.work_dir().is_none() || head != branch {
            return Ok(Vec::new());
        }
        let (work, index, base) = (self.work_files()?, self.index_files()?, self.files(base));
        let mut found = Vec::new();
        for path in paths {
            let path = path.as_bstr();
            let committed = base.entry(path)?.and_then(|entry| entry.id);
            let staged = index.entry(path)?.and_then(|entry| entry.id);
            if staged != committed || on_disk(&work, path)? != committed {
                found.push(path.to_owned());
            }
        }
        Ok(found)
    }

    /// Lists the files that are not, in the work tree or in the index, what is to be replaced or
    /// what replaces it; and says whether one of those is alike in both, so that another process
    /// may be about to bring it up to date.
    fn own_changes(&self, changes: &[FileChange]) -> Result<(Left, bool)> {
        let (work, index) = (self.work_files()?, self.index_files()?);
        let conflicts = self.conflicts()?;
        let (mut left, mut lagging) = (Left::default(), false);
        for change in changes {
            let path = change.path.as_bstr();
            let staged = index.entry(path)?.and_then(|entry| entry.id);
            let there = on_disk(&work, path)?;
            let known = [change.old, change.new].map(|entry| entry.and_then(|entry| entry.id));
            let is_conflict = conflicts.contains(path);
            if !known.contains(&staged) || is_conflict {
                lagging |= staged == there && !is_conflict;
                left.staged.push(change.path.clone());
            } else if !known.contains(&there) {
                left.edited.push(change.path.clone());
            }
        }
        Ok((left, lagging))
    }

    /// Lists the files whose merge is not finished.
    fn conflicts(&self) -> Result<BTreeSet<BString>> {
        let index = self.read_index()?;
        let open = index.entries().iter();
        let open = open.filter(|entry| entry.stage() != Stage::Unconflicted);
        Ok(open.map(|entry| entry.path(&index).to_owned()).collect())
    }

    fn lock_index(&self) -> Result<gix::lock::File> {
        let lock = gix::lock::File::acquire_to_update_resource(
            &self.index_file,
            Fail::AfterDurationWithBackoff(PATIENCE),
            None,
            0,
        );
        lock.map_err(|cause| self.index_refused(gix::Error::from_error(cause)))
    }

    fn index_refused(&self, cause: gix::Error) -> Error {
        let file = self.index_file.display();
        let error = Error::repository(format!("cannot write the index `{file}`")).because(cause);
        let lock = self.lock_of_index();
        match lock.exists() {
            true => held(error, &lock),
            false => error.with_help("see whether another Git process runs here: `git status`"),
        }
    }

    fn take_up(
        &self,
        mut lock: gix::lock::File,
        root: &Path,
        changes: &[FileChange],
        after: &Files,
        left: &Left,
    ) -> Result<()> {
        let mut index = self.read_index()?;
        let to_take_up = |change: &&FileChange| !left.staged.contains(&change.path);
        for change in changes.iter().filter(to_take_up) {
            let path = change.path.as_bstr();
            let known = index.entry_mut_by_path_and_stage(path, Stage::Unconflicted);
            let sparse = known.is_some_and(|entry| entry.flags.contains(Flags::SKIP_WORKTREE));
            let is_kept = sparse || left.edited.contains(&change.path);
            let stat = match change.new {
                Some(entry) if !is_kept => replace(root, path, entry, after)?,
                Some(_) => Stat::default(),
                None => {
                    if !is_kept {
                        let full = place(root, path)?;
                        match fs::remove_file(&full) {
                            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                                return Err(refused(path, cause));
                            }
                            _ => {}
                        }
                    }
                    index.remove_entries(|_, known, _| known == path);
                    continue;
                }
            };
            let Some(FileEntry {
                id: Some(Oid(id)),
                kind,
            }) = change.new
            else {
                continue;
            };
            let mode = mode_of(kind);
            match index.entry_mut_by_path_and_stage(path, Stage::Unconflicted) {
                Some(entry) => (entry.id, entry.mode, entry.stat) = (id, mode, stat),
                None => {
                    index.dangerously_push_entry(stat, id, Flags::empty(), mode, path);
                    index.sort_entries();
                }
            }
        }
        // Git keeps there which folders are whole commits' folders.
        index.remove_tree();
        index
            .write_to(&mut lock, gix::index::write::Options::default())
            .map_err(|cause| self.index_refused(gix::Error::from_error(cause)))?;
        let committed = lock.commit();
        committed.map_err(|cause| self.index_refused(gix::Error::from_error(cause.error)))?;
        Ok(())
    }
}

fn mode_of(kind: FileKind) -> Mode {
    match kind {
        FileKind::Executable => Mode::FILE_EXECUTABLE,
        FileKind::Symlink => Mode::SYMLINK,
        FileKind::Submodule => Mode::COMMIT,
        FileKind::File | FileKind::Directory => Mode::FILE,
    }
}

fn on_disk(work: &Files, path: &BStr) -> Result<Option<Oid>> {
    let Some(entry) = work.entry(path)? else {
        return Ok(None);
    };
    let unknown = FileEntry { id: None, ..entry };
    Ok(work.content(path, unknown)?.map(|blob| blob.id))
}

/// Puts a file in the place of another, whole or not at all.
fn replace(root: &Path, path: &BStr, entry: FileEntry, after: &Files) -> Result<Stat> {
    let full = place(root, path)?;
    let fails = |cause| refused(path, cause);
    let folder = full.parent().unwrap_or(root);
    fs::create_dir_all(folder).map_err(fails)?;
    let content = after.content(path, entry)?;
    let bytes = content.map(|blob| blob.bytes.clone()).unwrap_or_default();
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fails)?;
    std::io::Write::write_all(&mut file, &bytes).map_err(fails)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let known = fs::metadata(&full).map(|metadata| metadata.permissions().mode());
        let fresh = if entry.kind == FileKind::Executable {
            0o755
        } else {
            0o644
        };
        let mode = fs::Permissions::from_mode(known.unwrap_or(fresh));
        file.as_file().set_permissions(mode).map_err(fails)?;
    }
    file.persist(&full).map_err(|error| fails(error.error))?;
    let metadata = Metadata::from_path_no_follow(&full).map_err(fails)?;
    Ok(Stat::from_fs(&metadata).unwrap_or_default())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::git::testing::Scratch;

    /// Moves the branch `main` to a commit with other files, and follows it.
    fn moved(scratch: &Scratch, edits: &[(&str, Option<&str>)]) -> Followed {
        let repo = scratch.repo();
        let old = repo.revision("main").unwrap();
        let edits: Vec<_> = edits
            .iter()
            .map(|(path, text)| {
                let blob =
                    text.map(|text| (repo.write_blob(text.as_bytes()).unwrap(), FileKind::File));
                (BString::from(*path), blob)
            })
            .collect();
        let tree = repo.write_tree(Some(old.tree), &edits).unwrap();
        let person = repo.commit(old.id).unwrap().author;
        let commit = crate::git::NewCommit {
            tree,
            parents: vec![old.id],
            author: person.clone(),
            committer: person,
            message: "moved\n".into(),
        };
        let id = repo.write_commit(&commit).unwrap();
        repo.update_ref("refs/heads/main", Some(old.id), id, "moved")
            .unwrap();
        let new = repo.revision("main").unwrap();
        repo.follow("refs/heads/main", &old, &new).unwrap()
    }

    #[test]
    fn clean_files_follow_and_others_stay() {
        let scratch = Scratch::started();
        scratch.write("other.yaml", "o: 1\n");
        scratch.commit("other");
        scratch.write("other.yaml", "o: 2\n");
        scratch.write("staged.yaml", "s: 1\n");
        scratch.git(&["add", "staged.yaml"]);
        let done = moved(
            &scratch,
            &[
                ("a.yaml", Some("a: 9\n")),
                ("new/b.yaml", Some("b: 1\n")),
                ("dir/b.yaml", None),
            ],
        );
        assert_eq!(done, Followed::Yes);
        assert_eq!(
            fs::read_to_string(scratch.path().join("a.yaml")).unwrap(),
            "a: 9\n"
        );
        let status = scratch.git(&["status", "--porcelain", "--untracked-files=all"]);
        assert_eq!(status, " M other.yaml\nA  staged.yaml", "{status}");
        scratch.git(&["fsck", "--strict"]);
    }

    fn status(scratch: &Scratch) -> String {
        scratch.git(&["status", "--porcelain", "--untracked-files=all"])
    }

    fn read(scratch: &Scratch, path: &str) -> String {
        fs::read_to_string(scratch.path().join(path)).unwrap()
    }

    #[test]
    fn what_was_edited_stays_and_a_later_commit_takes_nothing_back() {
        let scratch = Scratch::started();
        scratch.write("a.yaml", "a: mine\n");
        scratch.write("fresh.yaml", "f: mine\n");
        let done = moved(
            &scratch,
            &[
                ("a.yaml", Some("a: 9\n")),
                ("fresh.yaml", Some("f: 1\n")),
                ("new.yaml", Some("n: 1\n")),
            ],
        );
        let edited = vec!["a.yaml".into(), "fresh.yaml".into()];
        let staged = Vec::new();
        assert_eq!(done, Followed::Partly(Left { edited, staged }));
        assert_eq!(read(&scratch, "a.yaml"), "a: mine\n");
        assert_eq!(read(&scratch, "fresh.yaml"), "f: mine\n");
        assert_eq!(read(&scratch, "new.yaml"), "n: 1\n");
        assert_eq!(status(&scratch), " M a.yaml\n M fresh.yaml");
        let diff = scratch.git(&["diff", "--", "a.yaml"]);
        assert!(diff.contains("-a: 9\n+a: mine"), "{diff}");
        scratch.git(&["commit", "-q", "--allow-empty", "-m", "next"]);
        assert_eq!(scratch.git(&["show", "HEAD:a.yaml"]).trim_end(), "a: 9");
        assert_eq!(scratch.git(&["show", "HEAD:new.yaml"]).trim_end(), "n: 1");
    }

    #[test]
    fn what_was_edited_and_is_gone_stays_on_disk() {
        let scratch = Scratch::started();
        scratch.write("a.yaml", "a: mine\n");
        let done = moved(&scratch, &[("a.yaml", None)]);
        let edited = vec!["a.yaml".into()];
        let staged = Vec::new();
        assert_eq!(done, Followed::Partly(Left { edited, staged }));
        assert_eq!(status(&scratch), "?? a.yaml");
    }

    #[test]
    fn what_was_staged_is_left_alone_and_the_rest_follows() {
        let scratch = Scratch::started();
        scratch.write("a.yaml", "a: mine\n");
        scratch.git(&["add", "a.yaml"]);
        let done = moved(
            &scratch,
            &[("a.yaml", Some("a: 9\n")), ("new.yaml", Some("n: 1\n"))],
        );
        let (edited, staged) = (Vec::new(), vec!["a.yaml".into()]);
        assert_eq!(done, Followed::Partly(Left { edited, staged }));
        assert_eq!(scratch.git(&["show", ":a.yaml"]).trim_end(), "a: mine");
        assert_eq!(status(&scratch), "M  a.yaml");
    }

    #[test]
    fn an_unfinished_merge_is_left_alone() {
        let scratch = Scratch::started();
        scratch.git(&["checkout", "-q", "-b", "side"]);
        scratch.write("a.yaml", "a: side\n");
        scratch.commit("side");
        scratch.git(&["checkout", "-q", "main"]);
        scratch.write("a.yaml", "a: main\n");
        scratch.commit("main");
        scratch.try_git(&scratch.path(), &["merge", "-q", "side"]);
        let done = moved(&scratch, &[("a.yaml", Some("a: 9\n"))]);
        let (edited, staged) = (Vec::new(), vec!["a.yaml".into()]);
        assert_eq!(done, Followed::Partly(Left { edited, staged }));
        assert_eq!(status(&scratch), "UU a.yaml");
    }

    #[test]
    fn what_stands_elsewhere_is_not_touched() {
        let scratch = Scratch::started();
        scratch.git(&["checkout", "-q", "-b", "side"]);
        assert_eq!(
            moved(&scratch, &[("a.yaml", Some("a: 9\n"))]),
            Followed::Elsewhere
        );
        assert_ne!(
            fs::read_to_string(scratch.path().join("a.yaml")).unwrap(),
            "a: 9\n"
        );
    }
}
