use foldhash::{HashMap, HashSet};

use super::commit::read_commit;
use super::{Commit, Oid, Repo};
use crate::{Error, Result};

/// A step of a branch: a commit that it moved to, with all that came along.
#[derive(Clone, Debug)]
pub struct Landing {
    /// The commit that the branch moved to.
    pub commit: Commit,
    /// The commits that a merge brought from beside, each after those it follows.
    pub brought: Vec<Commit>,
    /// Whether nobody made it yet: it stands for the merge that would land what it brings.
    pub is_proposed: bool,
}

/// The steps of a branch between two commits.
#[derive(Clone, Debug, Default)]
pub struct Landings {
    /// The steps, the oldest first.
    pub steps: Vec<Landing>,
    /// Whether the first step follows the older commit itself: nothing was taken back, and the
    /// branch was not put upon another history.
    pub is_straight: bool,
}

impl Repo {
    /// Takes the way of a branch from one commit to another apart: the chain of first parents, and
    /// beside each of its merges what that brought. Without an older commit, from the beginning.
    ///
    /// # Errors
    ///
    /// When a commit cannot be read. In a shallow clone there is no saying what came before.
    pub fn landings(&self, base: Option<Oid>, tip: Oid) -> Result<Landings> {
        if self.is_shallow() {
            return Err(
                Error::repository("this clone is shallow, and its history is not whole")
                    .with_help("bring the rest: `git fetch --unshallow --tags`"),
            );
        }
        let broken = |cause| Error::repository("cannot read the history").because(cause);
        let walk = self.git.rev_walk([tip.0]);
        let walk = walk.with_hidden(base.map(|base| base.0));
        let mut new: HashMap<gix::ObjectId, Commit> = HashMap::default();
        for info in walk.all().map_err(broken)? {
            let id = info.map_err(broken)?.id;
            new.insert(id, read_commit(&self.git, id)?);
        }
        let mut chain = Vec::new();
        let mut next = Some(tip);
        let mut from = None;
        while let Some(id) = next {
            let Some(commit) = new.remove(&id.0) else {
                from = Some(id);
                break;
            };
            next = commit.parents.first().copied();
            chain.push(commit);
        }
        chain.reverse();
        let mut steps: Vec<Landing> = Vec::with_capacity(chain.len());
        for commit in chain {
            let brought = brought(&commit, &mut new);
            steps.push(Landing {
                commit,
                brought,
                is_proposed: false,
            });
        }
        Ok(Landings {
            steps,
            is_straight: from == base,
        })
    }
}

impl Landings {
    /// Takes all of it as one step: the merge of `tip` into `base`, which `tip` already follows.
    #[must_use]
    pub fn merged(self, base: Oid, tip: &Commit) -> Self {
        let steps = self.steps.into_iter();
        let brought = steps.flat_map(|mut step| {
            step.brought.push(step.commit);
            step.brought
        });
        let step = Landing {
            commit: Commit {
                parents: vec![base, tip.id],
                ..tip.clone()
            },
            brought: brought.collect(),
            is_proposed: true,
        };
        Self {
            steps: vec![step],
            is_straight: true,
        }
    }
}

/// Takes out of the commits those that the further parents of a merge lead to.
fn brought(merge: &Commit, new: &mut HashMap<gix::ObjectId, Commit>) -> Vec<Commit> {
    let mut found = Vec::new();
    let mut seen: HashSet<Oid> = HashSet::default();
    // Each commit twice: on the way down, and when all it follows is done.
    let mut stack: Vec<(Oid, bool)> = Vec::new();
    stack.extend(merge.parents.iter().skip(1).rev().map(|id| (*id, false)));
    while let Some((id, is_done)) = stack.pop() {
        if is_done {
            found.extend(new.remove(&id.0));
            continue;
        }
        let Some(commit) = new.get(&id.0) else {
            continue;
        };
        if seen.insert(id) {
            stack.push((id, true));
            stack.extend(commit.parents.iter().rev().map(|id| (*id, false)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::git::testing::Scratch;

    fn told(scratch: &Scratch, base: Option<&str>, tip: &str) -> String {
        let repo = scratch.repo();
        let base = base.map(|base| scratch.id(base));
        let landings = repo.landings(base, scratch.id(tip)).unwrap();
        let mut told = match landings.is_straight {
            true => String::new(),
            false => "crooked: ".to_owned(),
        };
        for step in landings.steps {
            told.push_str(&step.commit.title());
            let brought: Vec<_> = step.brought.iter().map(|it| it.title()).collect();
            if !brought.is_empty() {
                told.push_str(&format!("({})", brought.join(" ")));
            }
            told.push(' ');
        }
        told.trim_end().to_owned()
    }

    fn commit(scratch: &Scratch, name: &str) {
        scratch.write(name, name);
        scratch.git(&["add", name]);
        scratch.git(&["commit", "-q", "-m", name]);
    }

    #[test]
    fn a_branch_is_a_chain_of_steps_and_what_merges_brought() {
        let scratch = Scratch::new();
        commit(&scratch, "a");
        scratch.git(&["switch", "-q", "-c", "side"]);
        commit(&scratch, "s1");
        scratch.git(&["switch", "-q", "-c", "deep"]);
        commit(&scratch, "d1");
        scratch.git(&["switch", "-q", "side"]);
        commit(&scratch, "s2");
        scratch.git(&["merge", "-q", "-m", "sm", "deep"]);
        scratch.git(&["switch", "-q", "main"]);
        commit(&scratch, "b");
        scratch.git(&["merge", "-q", "-m", "m", "side"]);
        commit(&scratch, "c");
        assert_eq!(told(&scratch, None, "main"), "a b m(s1 s2 d1 sm) c");
        assert_eq!(told(&scratch, Some("main~1"), "main"), "c");
        assert_eq!(told(&scratch, Some("main~2"), "main"), "m(s1 s2 d1 sm) c");
        assert_eq!(told(&scratch, Some("main"), "main"), "");
    }

    #[test]
    fn a_branch_that_left_its_way_is_told() {
        let scratch = Scratch::new();
        commit(&scratch, "a");
        scratch.git(&["switch", "-q", "-c", "side"]);
        commit(&scratch, "s");
        scratch.git(&["switch", "-q", "main"]);
        commit(&scratch, "b");
        assert_eq!(told(&scratch, Some("main"), "side"), "crooked: s");
        scratch.git(&["switch", "-q", "side"]);
        scratch.git(&["merge", "-q", "-m", "m", "main"]);
        assert_eq!(told(&scratch, Some("main"), "side"), "crooked: s m");
        assert_eq!(told(&scratch, Some("side"), "main"), "crooked:");
    }

    #[test]
    fn a_shallow_history_is_refused() {
        let scratch = Scratch::new();
        commit(&scratch, "a");
        commit(&scratch, "b");
        let url = format!("file://{}", scratch.path().display());
        let clone = scratch.beside("clone");
        let shown = clone.display().to_string();
        scratch.git(&["clone", "-q", "--depth", "1", &url, &shown]);
        let repo = crate::git::Repo::discover(&clone).unwrap();
        let error = repo.landings(None, scratch.id("main")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "this clone is shallow, and its history is not whole"
        );
    }
}
