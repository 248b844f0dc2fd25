use std::cmp::Ordering;

use bstr::{BStr, BString, ByteSlice};

use super::files::{Backend, FileEntry, Files, join};
use super::store::{Store, TreeEntry};
use super::{FileKind, Oid, Repo};
use crate::Result;

/// A file that differs between two trees of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The path from the root.
    pub path: BString,
    /// What stood there before; none if the file is new.
    pub old: Option<FileEntry>,
    /// What stands there now; none if the file is gone.
    pub new: Option<FileEntry>,
}

impl Files {
    /// Lists the files that differ between this tree and a newer one, sorted by path.
    ///
    /// Between two commits, a folder that is the same in both is never looked into.
    ///
    /// # Errors
    ///
    /// When the repository or the disk cannot be read.
    pub fn changes_to(&self, new: &Self) -> Result<Vec<FileChange>> {
        let mut changes = Vec::new();
        if let (Backend::Tree(a), Backend::Tree(b)) = (&self.backend, &new.backend) {
            compare_trees(
                &a.store,
                Some(a.root),
                Some(b.root),
                BStr::new(b""),
                &mut changes,
            )?;
        } else {
            merge(&with_ids(self)?, &with_ids(new)?, &mut changes);
        }
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }
}

impl Repo {
    /// Lists the files that differ.
    ///
    /// # Errors
    ///
    /// When the repository or the disk cannot be read.
    pub fn compare(&self, old: &Files, new: &Files) -> Result<Vec<FileChange>> {
        old.changes_to(new)
    }
}

fn with_ids(files: &Files) -> Result<Vec<(BString, FileEntry)>> {
    let Backend::Disk(disk) = &files.backend else {
        return files.walk(BStr::new(b""));
    };
    let mut found = disk.walk_with_ids()?;
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

fn merge(
    mut old: &[(BString, FileEntry)],
    mut new: &[(BString, FileEntry)],
    changes: &mut Vec<FileChange>,
) {
    loop {
        let order = match (old.first(), new.first()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.0.cmp(&b.0),
        };
        let before = (order != Ordering::Greater)
            .then(|| take(&mut old))
            .flatten();
        let after = (order != Ordering::Less).then(|| take(&mut new)).flatten();
        let (a, b) = (before.map(|file| file.1), after.map(|file| file.1));
        if a != b
            && let Some((path, _)) = before.or(after)
        {
            changes.push(FileChange {
                path: path.clone(),
                old: a,
                new: b,
            });
        }
    }
}

fn take<'a, T>(rest: &mut &'a [T]) -> Option<&'a T> {
    let (first, others) = rest.split_first()?;
    *rest = others;
    Some(first)
}

fn compare_trees(
    store: &Store,
    old: Option<Oid>,
    new: Option<Oid>,
    dir: &BStr,
    changes: &mut Vec<FileChange>,
) -> Result<()> {
    if old == new {
        return Ok(());
    }
    let read = |id: Option<Oid>| id.map(|id| store.tree(id.0)).transpose();
    let (old, new) = (read(old)?, read(new)?);
    let mut old = old.as_ref().map_or(&[][..], |tree| &tree.entries);
    let mut new = new.as_ref().map_or(&[][..], |tree| &tree.entries);
    loop {
        let order = match (old.first(), new.first()) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.order(b),
        };
        let before = (order != Ordering::Greater)
            .then(|| take(&mut old))
            .flatten();
        let after = (order != Ordering::Less).then(|| take(&mut new)).flatten();
        let (a, b) = (before.map(FileEntry::from), after.map(FileEntry::from));
        let Some(TreeEntry { name, kind, .. }) = before.or(after) else {
            return Ok(());
        };
        if a == b {
            continue;
        }
        let path = join(dir, name.as_bstr());
        if *kind == FileKind::Directory {
            let (a, b) = (a.and_then(|a| a.id), b.and_then(|b| b.id));
            compare_trees(store, a, b, path.as_bstr(), changes)?;
        } else {
            let (old, new) = (a, b);
            changes.push(FileChange { path, old, new });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, path, shown};

    fn files(repo: &Repo, revision: &str) -> Files {
        repo.files(&repo.revision(revision).unwrap())
    }

    #[test]
    fn walk_skips_equal_trees() {
        let scratch = Scratch::new();
        for service in 0..20 {
            for file in 0..5 {
                let text = format!("x: {service}{file}\n");
                scratch.write(&format!("services/{service}/{file}.yaml"), text);
            }
        }
        scratch.commit("start");
        scratch.write("services/7/3.yaml", "x: changed\n");
        scratch.commit("one file");
        let repo = scratch.repo();
        let (old, new) = (files(&repo, "HEAD~1"), files(&repo, "HEAD"));
        let changes = repo.compare(&old, &new).unwrap();
        assert_eq!(shown(&changes), ["M services/7/3.yaml"]);
        // The root, `services` and `services/7`, twice each; not the nineteen others.
        assert_eq!(repo.decoded_trees(), 6);
        let again = repo.compare(&new, &files(&repo, "main")).unwrap();
        assert!(again.is_empty());
    }

    #[test]
    fn changes_between_commits_are_those_of_git() {
        let scratch = Scratch::started();
        scratch.write("dir.yaml", "d: 1\n");
        scratch.write("kind", "file\n");
        scratch.write("many/1", "1\n");
        scratch.write("many/2/3", "3\n");
        scratch.commit("before");
        scratch.git(&["rm", "-q", "-r", "many", "kind"]);
        scratch.write("kind/now/a/folder", "x\n");
        scratch.write("many", "a file\n");
        scratch.write("dir/sub/new.yaml", "n: 1\n");
        scratch.git(&["update-index", "--chmod=+x", "dir.yaml"]);
        scratch.git(&["add", "-A"]);
        scratch.git(&["update-index", "--chmod=+x", "dir.yaml"]);
        scratch.git(&["commit", "-q", "-m", "after"]);
        let repo = scratch.repo();
        let changes = repo
            .compare(&files(&repo, "HEAD~1"), &files(&repo, "HEAD"))
            .unwrap();
        let by_git = scratch.git(&["diff", "--no-renames", "--name-status", "HEAD~1", "HEAD"]);
        let mut by_git: Vec<String> = by_git.lines().map(|line| line.replace('\t', " ")).collect();
        by_git.sort_by(|a, b| a[2..].cmp(&b[2..]));
        assert_eq!(shown(&changes), by_git);
        let mode = changes
            .iter()
            .find(|change| change.path == "dir.yaml")
            .unwrap();
        assert_eq!(mode.new.unwrap().kind, FileKind::Executable);
        let back = repo
            .compare(&files(&repo, "HEAD"), &files(&repo, "HEAD~1"))
            .unwrap();
        assert_eq!(back.len(), changes.len());
    }

    #[test]
    fn commit_index_and_work_tree_are_compared_with_each_other() {
        let scratch = Scratch::started();
        scratch.write("a.yaml", "a: staged\n");
        scratch.git(&["add", "a.yaml"]);
        scratch.write("a.yaml", "a: later\n");
        scratch.write("untracked.yaml", "u: 1\n");
        std::fs::remove_file(scratch.path().join("dir/b.yaml")).unwrap();
        let repo = scratch.repo();
        let head = files(&repo, "HEAD");
        let (index, work) = (repo.index_files().unwrap(), repo.work_files().unwrap());
        assert_eq!(shown(&repo.compare(&head, &index).unwrap()), ["M a.yaml"]);
        let expected = ["M a.yaml", "D dir/b.yaml", "A untracked.yaml"];
        assert_eq!(shown(&repo.compare(&index, &work).unwrap()), expected);
        assert_eq!(shown(&repo.compare(&head, &work).unwrap()), expected);
        assert!(repo.compare(&work, &work).unwrap().is_empty());
    }

    #[test]
    fn change_of_the_same_size_is_found_right_after_staging() {
        let scratch = Scratch::started();
        scratch.write("a.yaml", "a: 2\n");
        let repo = scratch.repo();
        let (index, work) = (repo.index_files().unwrap(), repo.work_files().unwrap());
        assert_eq!(shown(&repo.compare(&index, &work).unwrap()), ["M a.yaml"]);
    }

    #[test]
    fn folders_without_git_are_compared_too() {
        let scratch = Scratch::started();
        let repo = scratch.repo();
        let folder = Files::folder(scratch.path());
        assert!(
            repo.compare(&files(&repo, "HEAD"), &folder)
                .unwrap()
                .is_empty()
        );
        let missing = Files::folder(scratch.beside("missing"));
        assert!(missing.walk(path("")).unwrap().is_empty());
        assert_eq!(repo.compare(&folder, &missing).unwrap().len(), 3);
    }
}
