use std::cmp::Reverse;
use std::collections::BinaryHeap;

use bstr::{BString, ByteSlice};
use foldhash::{HashMap, HashSet};

use super::commit::read_commit;
use super::{Commit, Oid, Repo};
use crate::{Error, Result};

/// The commits that changed some paths, newest first.
///
/// A merge that took a path as one of its parents had it is not among them, and only that parent
/// is followed, as `git log -- PATH` does. In a shallow clone the last commit there is counts as
/// the first one of all.
pub struct History {
    git: gix::Repository,
    paths: Vec<BString>,
    queue: BinaryHeap<(i64, Reverse<usize>, gix::ObjectId)>,
    waiting: HashMap<gix::ObjectId, Waiting>,
    seen: HashSet<gix::ObjectId>,
    boundary: HashSet<gix::ObjectId>,
    failed: Option<Error>,
}

struct Waiting {
    commit: Commit,
    state: State,
}

/// What stands at each path: its mode and its object.
type State = Vec<Option<(u16, gix::ObjectId)>>;

impl Repo {
    /// Walks the commits up to `tip` that changed any of the paths; with no path, all commits.
    ///
    /// A path names a file, or a folder with all below it.
    #[must_use]
    pub fn history(&self, tip: Oid, paths: &[BString]) -> History {
        let mut history = History {
            git: self.git.clone(),
            paths: paths.to_vec(),
            queue: BinaryHeap::new(),
            waiting: HashMap::default(),
            seen: HashSet::default(),
            boundary: HashSet::default(),
            failed: None,
        };
        history.failed = history.start(tip).err();
        history
    }
}

impl Repo {
    /// Names the last commits that a shallow clone has, whose parents are not here.
    ///
    /// # Errors
    ///
    /// When the list of them cannot be read.
    pub(crate) fn boundary(&self) -> Result<HashSet<Oid>> {
        let shallow = self.git.shallow_commits().map_err(|cause| {
            Error::repository("cannot read where the shallow history ends").because(cause)
        })?;
        let commits = shallow.iter().flat_map(|commits| commits.iter());
        Ok(commits.map(|id| Oid(*id)).collect())
    }

    /// Finds the object of a file in a tree; folders and links are none.
    ///
    /// # Errors
    ///
    /// When a folder on the way cannot be read.
    pub(crate) fn file_at(&self, tree: Oid, path: &BString) -> Result<Option<Oid>> {
        let broken =
            |cause| Error::repository(format!("cannot read the files of {tree}")).because(cause);
        let tree = self.git.find_tree(tree.0).map_err(broken)?;
        let entry = tree.lookup_entry(path.split_str("/")).map_err(broken)?;
        let file = entry.filter(|entry| entry.mode().is_blob());
        Ok(file.map(|entry| Oid(entry.object_id())))
    }

    /// Finds what stands in a tree under some names.
    ///
    /// # Errors
    ///
    /// When the tree cannot be read.
    pub(crate) fn listed<const N: usize>(
        &self,
        tree: Oid,
        names: [&str; N],
    ) -> Result<[Option<Listed>; N]> {
        let broken =
            |cause| Error::repository(format!("cannot read the files of {tree}")).because(cause);
        let read = self.git.find_tree(tree.0).map_err(broken)?;
        let mut found = [const { None }; N];
        for (place, name) in found.iter_mut().zip(names) {
            *place = read
                .lookup_entry([name])
                .map_err(broken)?
                .map(|entry| Listed {
                    name: entry.filename().to_owned(),
                    id: Oid(entry.object_id()),
                    is_file: entry.mode().is_blob(),
                    is_folder: entry.mode().is_tree(),
                });
        }
        Ok(found)
    }

    /// Lists a tree: what stands in it, with whether it is a plain file or a folder.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(crate) fn listing(&self, tree: Oid) -> Result<Vec<Listed>> {
        let broken =
            |cause| Error::repository(format!("cannot read the files of {tree}")).because(cause);
        let read = self.git.find_tree(tree.0).map_err(broken)?;
        let entries = read.decode().map_err(|cause| {
            Error::repository(format!("cannot read the files of {tree}")).because(cause)
        })?;
        let listed = entries.entries.iter().map(|entry| Listed {
            name: entry.filename.to_owned(),
            id: Oid(entry.oid.to_owned()),
            is_file: entry.mode.is_blob(),
            is_folder: entry.mode.is_tree(),
        });
        Ok(listed.collect())
    }
}

/// Something that stands in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) name: BString,
    pub(crate) id: Oid,
    pub(crate) is_file: bool,
    pub(crate) is_folder: bool,
}

impl Iterator for History {
    type Item = Result<Commit>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.failed.take() {
            self.queue.clear();
            return Some(Err(error));
        }
        while let Some((_, _, id)) = self.queue.pop() {
            match self.step(id) {
                Ok(None) => {}
                Ok(Some(commit)) => return Some(Ok(commit)),
                Err(error) => {
                    self.queue.clear();
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

impl History {
    fn start(&mut self, tip: Oid) -> Result<()> {
        let shallow = self.git.shallow_commits().map_err(|cause| {
            Error::repository("cannot read where the shallow history ends").because(cause)
        })?;
        self.boundary = shallow
            .iter()
            .flat_map(|commits| commits.iter().copied())
            .collect();
        self.push(tip.0)
    }

    /// Queues a commit, unless it was queued before.
    fn push(&mut self, id: gix::ObjectId) -> Result<()> {
        if self.seen.insert(id) {
            let time = self.waiting(id)?.commit.committer.time;
            self.queue.push((time, Reverse(self.seen.len()), id));
        }
        Ok(())
    }

    /// Reads a commit and what it has at the paths, once.
    fn waiting(&mut self, id: gix::ObjectId) -> Result<&Waiting> {
        if !self.waiting.contains_key(&id) {
            let mut commit = read_commit(&self.git, id)?;
            if self.boundary.contains(&id) {
                commit.parents.clear();
            }
            let state = self.state(&commit)?;
            self.waiting.insert(id, Waiting { commit, state });
        }
        Ok(&self.waiting[&id])
    }

    fn state(&self, commit: &Commit) -> Result<State> {
        let broken = |cause| {
            Error::repository(format!("cannot read the files of {}", commit.id)).because(cause)
        };
        if self.paths.is_empty() {
            return Ok(Vec::new());
        }
        let tree = self.git.find_tree(commit.tree.0).map_err(broken)?;
        let find = |path: &BString| {
            let names = path.split_str("/").filter(|name| !name.is_empty());
            if path.is_empty() {
                return Ok(Some((0o40_000, tree.id)));
            }
            let entry = tree.lookup_entry(names).map_err(broken)?;
            Ok(entry.map(|entry| (entry.mode().value(), entry.object_id())))
        };
        self.paths.iter().map(find).collect()
    }

    /// Follows one commit; gives it, if it changed a path.
    fn step(&mut self, id: gix::ObjectId) -> Result<Option<Commit>> {
        self.waiting(id)?;
        let Some(Waiting { commit, state }) = self.waiting.remove(&id) else {
            return Ok(None);
        };
        let mut parents: Vec<gix::ObjectId> = commit.parents.iter().map(|id| id.0).collect();
        let mut changed = true;
        if !self.paths.is_empty() {
            for &parent in &parents {
                if self.waiting(parent)?.state == state {
                    parents = vec![parent];
                    changed = false;
                    break;
                }
            }
            changed &= !commit.parents.is_empty() || state.iter().any(Option::is_some);
        }
        for parent in parents {
            self.push(parent)?;
        }
        Ok(changed.then_some(commit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scratch;

    fn titles(scratch: &Scratch, paths: &[&str]) -> Vec<String> {
        let paths: Vec<BString> = paths.iter().map(|path| BString::from(*path)).collect();
        let history = scratch.repo().history(scratch.id("HEAD"), &paths);
        history.map(|commit| commit.unwrap().title()).collect()
    }

    fn by_git(scratch: &Scratch, paths: &[&str]) -> Vec<String> {
        let mut arguments = vec!["log", "--format=%s", "--"];
        arguments.extend(paths);
        scratch.git(&arguments).lines().map(str::to_owned).collect()
    }

    /// A history with side branches, a merge that changes a file, one that does not, a removal.
    fn tangled() -> Scratch {
        let scratch = Scratch::diverged();
        scratch.git(&["merge", "-q", "--no-commit", "main"]);
        scratch.write("a.yaml", "a: 3\n");
        scratch.commit("evil merge");
        scratch.write("dir/sub/c.yaml", "c: 2\n");
        scratch.commit("c");
        scratch.git(&["checkout", "-q", "-b", "side", "main"]);
        scratch.write("dir/b.yaml", "b: 3\n");
        scratch.commit("side b");
        scratch.git(&["checkout", "-q", "feature"]);
        scratch.git(&["merge", "-q", "-m", "plain merge", "side"]);
        scratch.git(&["rm", "-q", "a.yaml"]);
        scratch.commit("remove a");
        scratch.write("a.yaml", "a: 4\n");
        scratch.git(&["update-index", "--add", "--chmod=+x", "a.yaml"]);
        scratch.git(&["commit", "-q", "-m", "a is back"]);
        scratch
    }

    #[test]
    fn history_is_that_of_git_log() {
        let scratch = tangled();
        for paths in [
            &["a.yaml"][..],
            &["dir/b.yaml"],
            &["dir"],
            &["dir/sub/c.yaml"],
            &["a.yaml", "dir/sub"],
            &["missing"],
            &[],
        ] {
            assert_eq!(
                titles(&scratch, paths),
                by_git(&scratch, paths),
                "{paths:?}"
            );
        }
        assert!(!titles(&scratch, &["dir/b.yaml"]).contains(&"plain merge".to_owned()));
    }

    #[test]
    fn root_path_is_changed_by_every_commit_that_changes_a_file() {
        let scratch = Scratch::started();
        scratch.commit("nothing");
        assert_eq!(titles(&scratch, &[""]), ["start"]);
        assert_eq!(titles(&scratch, &["dir/"]), ["start"]);
        assert_eq!(titles(&scratch, &[]), ["nothing", "start"]);
    }

    #[test]
    fn packed_history_reads_the_same() {
        let scratch = tangled();
        scratch.git(&["gc", "-q"]);
        assert_eq!(titles(&scratch, &["a.yaml"]), by_git(&scratch, &["a.yaml"]));
    }

    #[test]
    fn missing_commit_is_an_error_once() {
        let scratch = Scratch::started();
        let repo = scratch.repo();
        let mut history = repo.history(scratch.id("HEAD^{tree}"), &[]);
        assert!(history.next().unwrap().is_err());
        assert!(history.next().is_none());
        let first = scratch.id("HEAD").to_string();
        let second = scratch.commit("second");
        let object = format!(".git/objects/{}/{}", &first[..2], &first[2..]);
        std::fs::remove_file(scratch.path().join(object)).unwrap();
        let mut history = scratch.repo().history(second, &["a.yaml".into()]);
        assert!(history.next().unwrap().is_err());
        assert!(history.next().is_none());
    }
}
