//! A range, commit by commit: which one broke what.

use bstr::BString;
use serde::Serialize;

use super::body::CompatBody;
use super::run::{Side, run, schemas_between};
use super::terms::Terms;
use super::verdict::{Bump, Verdict};
use crate::config::Snapshot;
use crate::git::{Commit, FileChange, Oid, Range, Repo};
use crate::report::Block;
use crate::text::Pointer;
use crate::{Error, Result};

/// A commit that changed a schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommitReport {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub author: String,
    /// When, as RFC 3339 has it.
    pub date: String,
    /// The first line of its message.
    pub summary: String,
    /// The worst verdict of its changes.
    pub verdict: Verdict,
    /// The largest bump that a change asks for.
    pub bump: Bump,
    /// What it changed, the schemas by path.
    pub changes: Vec<CommitChange>,
}

/// What a commit changed in a schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommitChange {
    /// The schema's path.
    pub schema: String,
    /// The rule that names the change.
    pub rule: &'static str,
    /// What it means.
    pub verdict: Verdict,
    /// The place in a configuration.
    pub pointer: Pointer,
    /// What happened, in a phrase.
    pub message: String,
}

/// Compares each commit of a range that changed a schema with its first parent, oldest first.
///
/// The walk follows first parents, so what a branch did counts for the merge that brought it in;
/// a merge that brings in the base itself has only what differs from the base. A schema that is
/// named is followed back through its renames. Folders that a commit left alone are never looked
/// into.
///
/// # Errors
///
/// When the history or a schema cannot be read, or ends before the range does in a shallow clone.
pub fn each(
    repo: &Repo,
    range: &Range,
    paths: &[BString],
    terms: &Terms,
) -> Result<Vec<CommitReport>> {
    let repo = &repo.with_memory();
    let base = Snapshot::of_revision(repo, &range.base);
    let walk = first_parents(repo, range)?;
    let mut before = match walk.start {
        Start::Base => base.clone(),
        Start::Commit(id) => base.beside(repo.files(&repo.revision(&id.to_string())?)),
        Start::Nothing => base.beside(repo.no_files()),
    };
    let mut bodies = Vec::new();
    for commit in walk.commits {
        let after = base.beside(repo.files(&repo.revision(&commit.id.to_string())?));
        let changes = before.files().changes_to(after.files())?;
        if !changes.is_empty() {
            let mut body = compared(&before, &after, &changes, terms)?;
            if walk.brings_base == Some(commit.id) {
                // What the base had before is nothing new, and what stood here before neither.
                let own = body.schemas;
                let changes = base.files().changes_to(after.files())?;
                body = compared(&base, &after, &changes, terms)?;
                body.schemas
                    .retain(|schema| own.iter().any(|own| own.path == schema.path));
            }
            bodies.push((commit, body));
        }
        before = after;
    }
    let mut wanted = paths.to_vec();
    let mut reports = Vec::new();
    for (commit, body) in bodies.iter().rev() {
        reports.extend(report(commit, body, &wanted));
        for schema in &body.schemas {
            if let Some(was) = &schema.old.path
                && !wanted.is_empty()
                && is_wanted(schema.path.as_bytes(), &wanted)
            {
                wanted.push(was.as_str().into());
            }
        }
    }
    reports.reverse();
    Ok(reports)
}

fn compared(
    before: &Snapshot,
    after: &Snapshot,
    changes: &[FileChange],
    terms: &Terms,
) -> Result<CompatBody> {
    let pairs = schemas_between(before, after, changes, &[])?;
    let side = |loader| Side {
        loader,
        revision: None,
        version: None,
        date: None,
    };
    Ok(run(&side(before), &side(after), &pairs, terms)?.body)
}

/// The commits of a range by way of first parents, oldest first.
struct Walk {
    start: Start,
    commits: Vec<Commit>,
    /// The merge by which the base came in, where it stands on a side branch.
    brings_base: Option<Oid>,
}

/// What the oldest commit is compared with.
enum Start {
    Base,
    Commit(Oid),
    Nothing,
}

fn first_parents(repo: &Repo, range: &Range) -> Result<Walk> {
    let mut commits = Vec::new();
    let mut next: Option<Oid> = Some(range.tip.id);
    while let Some(id) = next.filter(|id| *id != range.base.id) {
        let commit = repo.commit(id)?;
        next = commit.parents.first().copied();
        commits.push(commit);
        if repo.is_shallow() && next.is_some_and(|id| repo.commit(id).is_err()) {
            return Err(cut_off(range, id));
        }
    }
    let mut walk = Walk {
        start: Start::Base,
        commits: Vec::new(),
        brings_base: None,
    };
    if next == Some(range.base.id) {
        walk.commits = commits;
    } else {
        // The base stands on a side branch: what led to it is not of the range.
        for commit in commits {
            if repo.is_ancestor(commit.id, range.base.id)? {
                break;
            }
            walk.commits.push(commit);
        }
        let parent = walk.commits.last().map(|commit| commit.parents.first());
        walk.start = match parent {
            Some(Some(id)) => Start::Commit(*id),
            Some(None) => Start::Nothing,
            None => Start::Base,
        };
    }
    walk.commits.reverse();
    if !matches!(walk.start, Start::Base) {
        for commit in &walk.commits {
            if repo.is_ancestor(range.base.id, commit.id)? {
                walk.brings_base = Some(commit.id);
                break;
            }
        }
    }
    Ok(walk)
}

fn cut_off(range: &Range, last: Oid) -> Error {
    let (spec, last) = (&range.spec, last.short());
    Error::not_found(format!(
        "cannot go through `{spec}` commit by commit: this clone is shallow, and its history ends \
         at {last}"
    ))
    .with_help("`git fetch --unshallow --tags` brings the rest; without `--each` the ends alone are compared")
}

/// Says whether a schema is one of those named, or stands below one of the folders named.
fn is_wanted(schema: &[u8], paths: &[BString]) -> bool {
    paths.is_empty()
        || paths.iter().any(|path| {
            let path = path.strip_prefix(b"./").unwrap_or(path);
            let path = path.strip_suffix(b"/").unwrap_or(path);
            let rest = schema.strip_prefix(path);
            path == b"."
                || rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'/' | b'#')))
        })
}

fn report(commit: &Commit, body: &CompatBody, paths: &[BString]) -> Option<CommitReport> {
    let schemas: Vec<_> = (body.schemas.iter())
        .filter(|schema| is_wanted(schema.path.as_bytes(), paths) && !schema.changes.is_empty())
        .collect();
    Some(CommitReport {
        id: commit.id.to_string(),
        author: commit.author.name.clone(),
        date: commit.author.date(),
        summary: commit.title(),
        verdict: schemas.iter().map(|schema| schema.verdict).max()?,
        bump: schemas.iter().map(|schema| schema.bump).max()?,
        changes: schemas
            .iter()
            .flat_map(|schema| {
                schema.changes.iter().map(|change| CommitChange {
                    schema: schema.path.clone(),
                    rule: change.rule.id(),
                    verdict: change.verdict,
                    pointer: change.pointer.clone(),
                    message: change.message.clone(),
                })
            })
            .collect(),
    })
}

/// Draws the commits: one row a commit and worst kind of change, with the rules.
pub(super) fn table(commits: &[CommitReport]) -> Block {
    let rows = commits.iter().map(|commit| {
        let mut rules: Vec<String> = (commit.changes.iter())
            .filter(|change| change.verdict == commit.verdict)
            .map(|change| match change.pointer.is_root() {
                true => change.rule.to_owned(),
                false => format!("{} {}", change.rule, change.pointer.dotted()),
            })
            .collect();
        rules.dedup();
        vec![
            commit.id.chars().take(7).collect(),
            commit.date.chars().take(10).collect(),
            commit.author.clone(),
            commit.summary.clone(),
            commit.verdict.to_string(),
            rules.join(", "),
        ]
    });
    Block::Table {
        columns: ["commit", "date", "author", "summary", "verdict", "rules"]
            .map(str::to_owned)
            .into(),
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scratch;

    #[test]
    fn names_the_commit_that_broke_each_thing() {
        let scratch = Scratch::new();
        let write = |maximum: u32, kind: &str| {
            let text = format!(
                "type: object\nproperties:\n  a: {{type: integer, maximum: {maximum}}}\n  \
                 b: {{type: {kind}}}\n"
            );
            scratch.write("app.yaml", text);
        };
        write(9, "string");
        scratch.commit("start");
        scratch.git(&["tag", "start"]);
        scratch.write("README.md", "words\n");
        scratch.commit("words alone");
        write(5, "string");
        scratch.commit("Lower the maximum");
        scratch.git(&["checkout", "-q", "-b", "side"]);
        write(5, "integer");
        scratch.commit("on the side");
        scratch.git(&["tag", "side-tip"]);
        scratch.git(&["checkout", "-q", "main"]);
        scratch.git(&["merge", "-q", "--no-ff", "-m", "Merge side", "side"]);
        let repo = scratch.repo();
        let said = |range: &str, paths: &[BString]| -> Vec<String> {
            let range = repo.range(range).unwrap();
            let commits = each(&repo, &range, paths, &Terms::default()).unwrap();
            let rules = |commit: &CommitReport| {
                let rules = commit.changes.iter().map(|change| change.rule);
                rules.collect::<Vec<_>>().join(" ")
            };
            commits
                .iter()
                .map(|commit| format!("{} {}: {}", commit.author, commit.summary, rules(commit)))
                .collect()
        };
        let all = [
            "Ada Lower the maximum: maximum-lowered",
            "Ada Merge side: type-changed",
        ];
        assert_eq!(said("start..main", &[]), all);
        assert_eq!(said("start..main", &["app.yaml".into()]), all);
        assert!(said("start..main", &["other".into()]).is_empty());
        // The merge brings nothing that the side did not have.
        assert!(said("side-tip..main", &[]).is_empty());
        let range = repo.range("start..main").unwrap();
        let commits = each(&repo, &range, &[], &Terms::default()).unwrap();
        assert_eq!(commits[0].date.len(), "2023-11-14T22:13:20+02:00".len());
        let Block::Table { rows, .. } = table(&commits) else {
            panic!("a table");
        };
        assert_eq!(rows[0][4..], ["breaking", "maximum-lowered a"]);
    }
}
