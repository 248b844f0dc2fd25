use std::collections::HashMap;
use std::path::Path;

use bstr::BString;

use super::History;
use super::plan::{Plan, PlannedCommit, State};
use super::steps::Author;
use crate::Result;
use crate::git::{FileKind, NewCommit, ObjectFormat, Oid, Person, Repo};

/// A history that has become a repository.
#[derive(Clone)]
pub struct Built {
    /// The repository, its first branch checked out.
    pub repo: Repo,
    /// How many commits it has.
    pub commits: usize,
    /// Its branches, in the order of their making.
    pub branches: Vec<String>,
    /// Its tags, in the order of their making.
    pub tags: Vec<String>,
}

impl History {
    /// Builds the repository in a folder, and checks out its first branch.
    ///
    /// Everything is fixed by the history: the same folders give the same object ids.
    ///
    /// # Errors
    ///
    /// A history that contradicts itself, and then nothing is written; a folder that holds a
    /// repository already, or cannot be written.
    pub fn build(&self, dir: &Path) -> Result<Built> {
        let plan = Plan::new(&self.steps.steps, &self.folders)?;
        let first = plan.branches.first().map_or("main", |(name, _)| *name);
        let repo = Repo::init(dir, first, false, ObjectFormat::Sha1)?;
        let ids = write_commits(&repo, &plan.commits)?;
        for &(branch, at) in &plan.branches {
            let log = "history: built from its folders";
            repo.update_ref(&format!("refs/heads/{branch}"), None, ids[at], log)?;
        }
        for tag in &plan.tags {
            let tagger = person(&plan.commits[tag.commit].author);
            let annotation = tag.message.map(|message| (&tagger, message));
            repo.tag(tag.name, ids[tag.commit], annotation)?;
        }
        repo.checkout(&repo.revision(first)?)?;
        Ok(Built {
            commits: ids.len(),
            branches: plan
                .branches
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .collect(),
            tags: plan.tags.iter().map(|tag| tag.name.to_owned()).collect(),
            repo,
        })
    }
}

fn write_commits(repo: &Repo, commits: &[PlannedCommit<'_>]) -> Result<Vec<Oid>> {
    let mut blobs: HashMap<&[u8], Oid> = HashMap::new();
    let mut trees: Vec<Oid> = Vec::new();
    let mut ids: Vec<Oid> = Vec::new();
    let nothing = State::new();
    for commit in commits {
        let parent = commit.parents.first().copied();
        let before = parent.map_or(&nothing, |at| &commits[at].state);
        let mut edits = Vec::new();
        for (path, bytes) in &commit.state {
            if before.get(path) == Some(bytes) {
                continue;
            }
            let id = match blobs.get(bytes) {
                Some(id) => *id,
                None => repo.write_blob(bytes)?,
            };
            blobs.insert(bytes, id);
            edits.push((BString::from(*path), Some((id, FileKind::File))));
        }
        let gone = before
            .keys()
            .filter(|path| !commit.state.contains_key(*path));
        edits.extend(gone.map(|path| (BString::from(*path), None)));
        let tree = repo.write_tree(parent.map(|at| trees[at]), &edits)?;
        let author = person(&commit.author);
        ids.push(repo.write_commit(&NewCommit {
            tree,
            parents: commit.parents.iter().map(|&at| ids[at]).collect(),
            committer: author.clone(),
            author,
            message: commit.message.as_str().into(),
        })?);
        trees.push(tree);
    }
    Ok(ids)
}

fn person(author: &Author) -> Person {
    Person {
        name: author.name.clone(),
        email: author.address.clone(),
        time: author.moment.seconds,
        offset: author.moment.offset,
    }
}
