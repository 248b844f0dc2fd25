use std::fmt;
use std::sync::Arc;

use bstr::BString;

use super::plan::Plan;
use crate::error::Result;
use crate::git::{Followed, NewCommit, Oid, Person, RefMove, Repo};
use crate::report::{Finding, Severity};

/// Who makes a change, and why.
#[derive(Clone, Debug)]
pub struct Author {
    /// Who wrote it.
    pub author: Person,
    /// Who commits it.
    pub committer: Person,
    /// The message.
    pub message: String,
    /// What signs the commits, if they are to be signed.
    pub signing: Option<Signing>,
    /// What says whether they may be made, before any branch moves.
    pub judging: Option<Judging>,
}

/// Says what speaks against moving branches to commits that are written already.
pub type Judge = dyn Fn(&Repo, &[RefMove]) -> Result<Vec<Finding>> + Send + Sync;

/// What judges commits.
#[derive(Clone)]
pub struct Judging(pub Arc<Judge>);

impl fmt::Debug for Judging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judging(…)")
    }
}

/// Gives the signature, in its armor, of the bytes that it gets.
pub type Sign = dyn Fn(&[u8]) -> Result<String> + Send + Sync;

/// What signs commits.
#[derive(Clone)]
pub struct Signing(pub Arc<Sign>);

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signing(…)")
    }
}

/// What became of a plan.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is committed; the work tree took it up or not. Something may be said of it nevertheless.
    Committed(Vec<(Oid, Followed)>, Vec<Finding>),
    /// It may not be made, for these reasons: nothing was changed.
    Refused(Vec<Finding>),
    /// Somebody else moved a reference in the meantime: nothing was changed, and a new plan
    /// may be made.
    Overtaken,
}

/// Commits a plan, like [`commit_all`].
///
/// # Errors
///
/// Where the disk refuses, or a lock of another process does not go; nothing was changed then.
pub fn commit(repo: &Repo, plan: &Plan, author: &Author) -> Result<Outcome> {
    commit_all(repo, std::slice::from_ref(plan), author)
}

/// Commits plans, each on its branch: all references move together, or none does. The work tree
/// and the index follow where they stand on one of them, but for files that hold changes of their
/// own.
///
/// # Errors
///
/// Where the disk refuses, a commit cannot be signed, or a lock of another process does not go;
/// nothing was changed then.
pub fn commit_all(repo: &Repo, plans: &[Plan], author: &Author) -> Result<Outcome> {
    // Before anything moves, so that a lock that nobody will ever take away stops all of it.
    for plan in plans {
        repo.await_followers(&plan.branch)?;
    }
    let moves = written(repo, plans, author)?;
    let findings = judged(repo, &moves, author)?;
    if findings.iter().any(|it| it.severity == Severity::Error) {
        return Ok(Outcome::Refused(findings));
    }
    let log = format!(
        "strata: {}",
        author.message.lines().next().unwrap_or_default()
    );
    if let Err(error) = repo.update_refs(&moves, &log) {
        let has_moved =
            |it: &RefMove| repo.revision(&it.name).ok().map(|now| now.id) != it.expected;
        return match moves.iter().any(has_moved) {
            true => Ok(Outcome::Overtaken),
            false => Err(error),
        };
    }
    // The changes are made now, whatever becomes of the files.
    let followed = |(plan, moved): (&Plan, &RefMove)| {
        let new = repo.revision(&moved.new.to_string());
        let followed = new.and_then(|new| repo.follow(&plan.branch, &plan.base, &new));
        let followed = followed.unwrap_or_else(|error| Followed::Failed(error.to_string()));
        (moved.new, followed)
    };
    Ok(Outcome::Committed(
        plans.iter().zip(&moves).map(followed).collect(),
        findings,
    ))
}

/// Says what speaks against plans, as [`commit_all`] would, and moves nothing.
///
/// # Errors
///
/// Where the disk refuses, or a commit cannot be signed.
pub fn foresee(repo: &Repo, plans: &[Plan], author: &Author) -> Result<Vec<Finding>> {
    judged(repo, &written(repo, plans, author)?, author)
}

/// Writes the commits of plans, that belong to no branch yet.
fn written(repo: &Repo, plans: &[Plan], author: &Author) -> Result<Vec<RefMove>> {
    let mut message = author.message.trim_end().to_owned();
    message.push('\n');
    let mut moves = Vec::with_capacity(plans.len());
    for plan in plans {
        let base = plan.base.id;
        let commit = NewCommit {
            tree: plan.tree,
            parents: vec![base],
            author: author.author.clone(),
            committer: author.committer.clone(),
            message: BString::from(message.as_str()),
        };
        let new = match &author.signing {
            Some(Signing(sign)) => repo.write_signed_commit(&commit, &**sign)?,
            None => repo.write_commit(&commit)?,
        };
        moves.push(RefMove {
            name: plan.branch.clone(),
            expected: Some(base),
            new,
        });
    }
    Ok(moves)
}

fn judged(repo: &Repo, moves: &[RefMove], author: &Author) -> Result<Vec<Finding>> {
    match &author.judging {
        Some(Judging(judge)) => judge(repo, moves),
        None => Ok(Vec::new()),
    }
}
