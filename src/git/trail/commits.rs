//! Commits as they are read one after the other, and by another thread ahead of that.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use foldhash::{HashMap, HashSet};

use crate::git::Repo;
use crate::git::store::lock;
use crate::{Error, Result};

/// A commit as far as a walk must know it.
pub(super) struct Known {
    pub(super) id: gix::ObjectId,
    pub(super) tree: gix::ObjectId,
    pub(super) time: i64,
    pub(super) parents: Vec<gix::ObjectId>,
}

/// What reads commits.
pub(super) struct Commits<'a> {
    repo: &'a Repo,
    /// Where a shallow clone ends.
    pub(super) boundary: HashSet<gix::ObjectId>,
    pub(super) graph: Option<gix::commitgraph::Graph>,
}

impl<'a> Commits<'a> {
    pub(super) fn of(repo: &'a Repo) -> Result<Self> {
        let broken = |cause| Error::repository("cannot read the history").because(cause);
        let shallow = repo.git.shallow_commits().map_err(broken)?;
        let boundary: HashSet<gix::ObjectId> = shallow
            .iter()
            .flat_map(|commits| commits.iter().copied())
            .collect();
        // It may tell of commits that a shallow clone lacks.
        let graph = match boundary.is_empty() {
            true => repo.git.commit_graph_if_enabled().ok().flatten(),
            false => None,
        };
        Ok(Self {
            repo,
            boundary,
            graph,
        })
    }

    pub(super) fn read(&self, id: gix::ObjectId) -> Result<Known> {
        if let Some(commit) = self.graph.as_ref().and_then(|graph| graph.commit_by_id(id))
            && let Some(parents) = parents_in(self.graph.as_ref(), commit)
        {
            return Ok(Known {
                id,
                tree: commit.root_tree_id().to_owned(),
                time: i64::try_from(commit.committer_timestamp()).unwrap_or(i64::MAX),
                parents,
            });
        }
        let broken =
            |cause| Error::repository(format!("cannot read the commit {id}")).because(cause);
        let object = self.repo.git.find_commit(id).map_err(broken)?;
        let commit = object.decode().map_err(broken)?;
        let time = commit.committer().map_err(broken)?.time();
        Ok(Known {
            id,
            tree: commit.tree(),
            time: time.unwrap_or_default().seconds,
            parents: match self.boundary.contains(&id) {
                true => Vec::new(),
                false => commit.parents().collect(),
            },
        })
    }
}

/// Commits that were read before they are asked for.
#[derive(Default)]
pub(super) struct Ahead {
    found: Mutex<HashMap<gix::ObjectId, Known>>,
    is_over: AtomicBool,
}

/// Ends the reading when it is dropped, whatever comes.
pub(super) struct Ends<'a>(&'a Ahead);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Relaxed);
    }
}

impl Ahead {
    pub(super) fn ends(&self) -> Ends<'_> {
        Ends(self)
    }

    pub(super) fn take(&self, id: gix::ObjectId) -> Option<Known> {
        lock(&self.found).remove(&id)
    }

    /// Reads from a commit downwards, each time the first parent; what cannot be read is left to
    /// who asks for it.
    pub(super) fn read(&self, repo: &Repo, from: gix::ObjectId, most: usize) {
        let Ok(commits) = Commits::of(repo) else {
            return;
        };
        let mut next = Some(from);
        for _ in 0..most {
            let Some(id) = next.filter(|_| !self.is_over.load(Relaxed)) else {
                return;
            };
            let Ok(commit) = commits.read(id) else { return };
            next = commit.parents.first().copied();
            lock(&self.found).insert(id, commit);
        }
    }
}

fn parents_in(
    graph: Option<&gix::commitgraph::Graph>,
    commit: gix::commitgraph::file::Commit<'_>,
) -> Option<Vec<gix::ObjectId>> {
    let ids = commit.iter_parents();
    ids.map(|parent| Some(graph?.id_at(parent.ok()?).to_owned()))
        .collect()
}
