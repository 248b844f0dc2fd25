use std::cmp::Reverse;
use std::collections::BinaryHeap;

use bstr::{BString, ByteSlice};
use foldhash::{HashMap, HashSet};
use gix::objs::tree::EntryKind;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use super::files::join;
use super::store::unreadable;
use super::{Oid, Repo};
use crate::{Error, Result};

/// A file's bytes, by the first commit that brought them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Brought {
    /// The bytes.
    pub(crate) id: Oid,
    /// Where that commit has them; one of the places, if it has several.
    pub(crate) path: BString,
    /// The commit.
    pub(crate) commit: Oid,
}

/// What some commits brought.
#[derive(Debug, Default)]
pub(crate) struct Bringing {
    /// Each file's bytes once, the earlier commits first.
    pub(crate) files: Vec<Brought>,
    /// How many commits there are.
    pub(crate) commits: usize,
}

/// A commit as far as the walk must know it.
struct Known {
    id: gix::ObjectId,
    time: i64,
    parents: Vec<gix::ObjectId>,
}

/// A folder to be read, beside the same folder of the parents.
struct Folder {
    id: gix::ObjectId,
    beside: Vec<gix::ObjectId>,
    path: BString,
}

impl Repo {
    /// Lists the commits that references of any kind and `HEAD` lead to.
    ///
    /// # Errors
    ///
    /// When the references cannot be read.
    pub(crate) fn tips(&self) -> Result<Vec<Oid>> {
        let mut tips = self.tips_under("")?;
        tips.extend(self.head()?.commit);
        tips.sort();
        tips.dedup();
        Ok(tips)
    }

    /// Finds what the commits up to some tips brought, without those that lead up to others.
    ///
    /// No folder is read twice, so that the cost is that of what changed.
    ///
    /// # Errors
    ///
    /// When a commit or a folder cannot be read.
    pub(crate) fn brought(&self, tips: &[Oid], without: &[Oid]) -> Result<Bringing> {
        let repo = self.with_memory();
        let commits = repo.in_order(tips, without)?;
        let mut found = Bringing {
            files: Vec::new(),
            commits: commits.len(),
        };
        let mut seen: HashSet<gix::ObjectId> = HashSet::default();
        for commit in &commits {
            // Where all history is read, what a parent has was seen.
            let parents = match without {
                [] => &[][..],
                _ => &commit.parents,
            };
            let beside: Result<Vec<_>> = parents.iter().map(|id| repo.root(*id)).collect();
            let beside = beside?;
            seen.extend(&beside);
            let mut folders = vec![Folder {
                id: repo.root(commit.id)?,
                beside,
                path: BString::default(),
            }];
            while let Some(folder) = folders.pop() {
                if !seen.insert(folder.id) {
                    continue;
                }
                for (id, path) in repo.look(&folder, &mut seen, &mut folders)? {
                    found.files.push(Brought {
                        id: Oid(id),
                        path,
                        commit: Oid(commit.id),
                    });
                }
            }
        }
        Ok(found)
    }

    /// Reads a file's bytes by their object, unless there are more than so many.
    ///
    /// # Errors
    ///
    /// When it is not there.
    pub(crate) fn bytes_up_to(&self, id: Oid, most: u64) -> Result<Option<Vec<u8>>> {
        if id.0 == id.0.kind().empty_blob() {
            return Ok(Some(Vec::new()));
        }
        let broken = |cause| unreadable(&self.git, "file", id.0, cause);
        let header = self.git.find_header(id.0).map_err(broken)?;
        if header.size() > most {
            return Ok(None);
        }
        let mut blob = self.git.find_blob(id.0).map_err(broken)?;
        Ok(Some(blob.take_data()))
    }

    fn root(&self, id: gix::ObjectId) -> Result<gix::ObjectId> {
        let broken =
            |cause| Error::repository(format!("cannot read the commit {id}")).because(cause);
        let commit = self.git.find_commit(id).map_err(broken)?;
        Ok(commit.tree_id().map_err(broken)?.detach())
    }

    /// Reads one folder: adds those in it to the folders that are to be read, and gives its files,
    /// as far as none of them was seen, nor stands in the same folder of a parent.
    fn look(
        &self,
        folder: &Folder,
        seen: &mut HashSet<gix::ObjectId>,
        folders: &mut Vec<Folder>,
    ) -> Result<Vec<(gix::ObjectId, BString)>> {
        let mut beside: HashMap<BString, Vec<gix::ObjectId>> = HashMap::default();
        for id in &folder.beside {
            for (name, kind, id) in self.names(*id)? {
                seen.insert(id);
                if kind == EntryKind::Tree {
                    beside.entry(name).or_default().push(id);
                }
            }
        }
        let mut files = Vec::new();
        for (name, kind, id) in self.names(folder.id)? {
            let path = || join(folder.path.as_bstr(), name.as_bstr());
            match kind {
                EntryKind::Tree if !seen.contains(&id) => folders.push(Folder {
                    id,
                    beside: beside.get(&name).cloned().unwrap_or_default(),
                    path: path(),
                }),
                EntryKind::Blob | EntryKind::BlobExecutable if seen.insert(id) => {
                    files.push((id, path()));
                }
                // What a link says is a path, and another repository is its own affair.
                _ => {}
            }
        }
        Ok(files)
    }

    fn names(&self, id: gix::ObjectId) -> Result<Vec<(BString, EntryKind, gix::ObjectId)>> {
        let broken = |cause| unreadable(&self.git, "tree", id, cause);
        let tree = self.git.find_tree(id).map_err(broken)?;
        let tree = tree.decode().map_err(broken)?;
        let each = tree.entries.iter();
        Ok(each
            .map(|entry| {
                let name = entry.filename.to_owned();
                (name, entry.mode.kind(), entry.oid.to_owned())
            })
            .collect())
    }

    /// Lists commits, each behind those it follows, and among the others the earlier one first.
    fn in_order(&self, tips: &[Oid], without: &[Oid]) -> Result<Vec<Known>> {
        let broken = |cause| Error::repository("cannot read the history").because(cause);
        let boundary = self.boundary()?;
        let walk = self.git.rev_walk(tips.iter().map(|tip| tip.0));
        let walk = walk.with_hidden(without.iter().map(|tip| tip.0));
        let walk = walk.sorting(Sorting::ByCommitTime(CommitTimeOrder::NewestFirst));
        let mut known = Vec::new();
        for info in walk.all().map_err(broken)? {
            let info = info.map_err(broken)?;
            let is_last = boundary.contains(&Oid(info.id));
            known.push(Known {
                id: info.id,
                time: info.commit_time.unwrap_or_default(),
                parents: match is_last {
                    true => Vec::new(),
                    false => info.parent_ids.to_vec(),
                },
            });
        }
        let places: HashMap<gix::ObjectId, usize> = known
            .iter()
            .enumerate()
            .map(|(place, commit)| (commit.id, place))
            .collect();
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); known.len()];
        let mut waits = vec![0_usize; known.len()];
        for (place, commit) in known.iter().enumerate() {
            for parent in &commit.parents {
                if let Some(&parent) = places.get(parent) {
                    children[parent].push(place);
                    waits[place] += 1;
                }
            }
        }
        // Of commits of the same moment, the walk named the later one first.
        let turn = |place: usize| (Reverse(known[place].time), place);
        let mut ready: BinaryHeap<_> = (0..known.len())
            .filter(|place| waits[*place] == 0)
            .map(turn)
            .collect();
        let mut order = Vec::with_capacity(known.len());
        while let Some((_, place)) = ready.pop() {
            order.push(place);
            for &child in &children[place] {
                waits[child] -= 1;
                if waits[child] == 0 {
                    ready.push(turn(child));
                }
            }
        }
        let mut known: Vec<Option<Known>> = known.into_iter().map(Some).collect();
        Ok(order
            .into_iter()
            .filter_map(|at| known[at].take())
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scratch;

    fn shown(scratch: &Scratch, tips: &[&str], without: &[&str]) -> Vec<String> {
        let repo = scratch.repo();
        let ids = |names: &[&str]| names.iter().map(|it| scratch.id(it)).collect::<Vec<_>>();
        let found = repo.brought(&ids(tips), &ids(without)).unwrap();
        let title = |id| repo.commit(id).unwrap().title();
        let mut shown: Vec<_> = found
            .files
            .iter()
            .map(|file| format!("{}: {}", title(file.commit), file.path))
            .collect();
        shown.sort();
        shown
    }

    #[test]
    fn every_file_is_named_once_by_the_commit_that_brought_it() {
        let scratch = Scratch::started();
        scratch.write("copy/a.yaml", "a: 1\n");
        scratch.commit("copies");
        scratch.write("a.yaml", "a: 2\n");
        scratch.commit("changes");
        scratch.write("a.yaml", "a: 1\n");
        scratch.commit("takes back");
        let all = [
            "changes: a.yaml",
            "start: a.yaml",
            "start: dir/b.yaml",
            "start: dir/sub/c.yaml",
        ];
        assert_eq!(shown(&scratch, &["HEAD"], &[]), all);
        scratch.git(&["gc", "-q"]);
        assert_eq!(shown(&scratch, &["HEAD"], &[]), all);
        assert_eq!(shown(&scratch, &["HEAD"], &["HEAD~2"]), ["changes: a.yaml"]);
        assert!(shown(&scratch, &["HEAD"], &["HEAD"]).is_empty());
        scratch.write("dir/b.yaml", "b: 2\n");
        scratch.commit("below");
        let expected = ["below: dir/b.yaml", "changes: a.yaml"];
        assert_eq!(shown(&scratch, &["HEAD"], &["HEAD~3"]), expected);
    }

    #[test]
    fn what_a_merge_takes_from_outside_is_not_brought_by_the_range() {
        let scratch = Scratch::diverged();
        scratch.git(&["merge", "-q", "--no-commit", "main"]);
        scratch.write("dir/new.yaml", "n: 1\n");
        scratch.commit("evil merge");
        let expected = ["evil merge: dir/new.yaml", "feature: a.yaml"];
        assert_eq!(shown(&scratch, &["feature"], &["main"]), expected);
    }

    #[test]
    fn tips_are_those_of_every_reference() {
        let scratch = Scratch::diverged();
        scratch.git(&["tag", "-a", "v1", "-m", "one", "main"]);
        scratch.git(&["tag", "tree", "HEAD^{tree}"]);
        scratch.git(&["checkout", "-q", "--detach"]);
        let detached = scratch.commit("on no branch");
        scratch.write("a.yaml", "a: stashed\n");
        scratch.git(&["stash", "-q"]);
        let tips = scratch.repo().tips().unwrap();
        for id in [
            detached,
            scratch.id("main"),
            scratch.id("fork"),
            scratch.id("stash"),
        ] {
            assert!(tips.contains(&id));
        }
        let repo = scratch.repo();
        let found = repo.brought(&tips, &[]).unwrap();
        let id = scratch.id("stash:a.yaml");
        assert!(found.files.iter().any(|file| file.id == id));
    }

    #[test]
    fn shallow_history_begins_where_it_is_cut_off() {
        let scratch = Scratch::diverged();
        let clone = scratch.beside("clone");
        let url = format!("file://{}", scratch.path().display());
        let target = clone.to_str().unwrap();
        scratch.git(&["clone", "-q", "--depth=1", &url, target]);
        let repo = Repo::discover(&clone).unwrap();
        let found = repo.brought(&repo.tips().unwrap(), &[]).unwrap();
        assert_eq!((found.commits, found.files.len()), (1, 3));
    }

    #[test]
    fn large_files_are_not_read() {
        let scratch = Scratch::started();
        let repo = scratch.repo();
        let id = scratch.id("HEAD:a.yaml");
        assert_eq!(repo.bytes_up_to(id, 4).unwrap(), None);
        assert_eq!(repo.bytes_up_to(id, 5).unwrap().unwrap(), b"a: 1\n");
    }
}
