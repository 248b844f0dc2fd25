use bstr::BString;

use super::plan::Plan;
use crate::error::Result;
use crate::git::{Followed, NewCommit, Oid, Person, Repo};

/// Who makes a change, and why.
#[derive(Clone, Debug)]
pub struct Author {
    /// Who wrote it.
    pub author: Person,
    /// Who commits it.
    pub committer: Person,
    /// The message.
    pub message: String,
}

/// What became of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is committed; the work tree took it up or not.
    Committed(Oid, Followed),
    /// Somebody else moved the reference in the meantime: nothing was changed, and a new plan
    /// may be made.
    Overtaken,
}

/// Commits a plan: the reference moves in one step, or not at all. The work tree and the index
/// follow where they stand there and hold no changes of their own in the files concerned.
///
/// # Errors
///
/// Where the disk refuses.
pub fn commit(repo: &Repo, plan: &Plan, author: &Author) -> Result<Outcome> {
    let base = plan.base.as_ref();
    let mut message = author.message.trim_end().to_owned();
    message.push('\n');
    let id = repo.write_commit(&NewCommit {
        tree: plan.tree,
        parents: base.map(|base| base.id).into_iter().collect(),
        author: author.author.clone(),
        committer: author.committer.clone(),
        message: BString::from(message),
    })?;
    let log = format!(
        "strata: {}",
        author.message.lines().next().unwrap_or_default()
    );
    if let Err(error) = repo.update_ref(&plan.branch, base.map(|base| base.id), id, &log) {
        let now = repo.revision(&plan.branch).ok().map(|now| now.id);
        let moved = now != base.map(|base| base.id);
        return if moved {
            Ok(Outcome::Overtaken)
        } else {
            Err(error)
        };
    }
    let new = repo.revision(&id.to_string())?;
    let followed = repo.follow(&plan.branch, base, &new)?;
    Ok(Outcome::Committed(id, followed))
}
