//! A range, commit by commit: which one broke what.

use bstr::BString;
use serde::Serialize;

use super::body::CompatBody;
use super::run::{Side, run, schemas_between};
use super::terms::Terms;
use super::verdict::{Bump, Verdict};
use crate::Result;
use crate::config::Snapshot;
use crate::git::{Commit, Oid, Range, Repo};
use crate::report::Block;
use crate::text::Pointer;

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
/// The walk follows first parents, so what a branch did counts for the merge that brought it in.
/// Folders that a commit left alone are never looked into.
///
/// # Errors
///
/// When the history or a schema cannot be read.
pub fn each(
    repo: &Repo,
    range: &Range,
    paths: &[BString],
    terms: &Terms,
) -> Result<Vec<CommitReport>> {
    let mut reports = Vec::new();
    let mut before = Snapshot::of_revision(repo, &range.base);
    for commit in first_parents(repo, range)? {
        let after = before.beside(repo.files(&repo.revision(&commit.id.to_string())?));
        let changes = before.files().changes_to(after.files())?;
        if !changes.is_empty() {
            let pairs = schemas_between(&before, &after, &changes, &[])?;
            let side = |loader| Side {
                loader,
                revision: None,
                version: None,
                date: None,
            };
            let body = run(&side(&before), &side(&after), &pairs, terms)?.body;
            reports.extend(report(&commit, &body, paths));
        }
        before = after;
    }
    Ok(reports)
}

/// Gives the commits between the ends of a range by way of first parents, oldest first.
fn first_parents(repo: &Repo, range: &Range) -> Result<Vec<Commit>> {
    let mut commits = Vec::new();
    let mut next: Option<Oid> = Some(range.tip.id);
    while let Some(id) = next.filter(|id| *id != range.base.id) {
        let commit = repo.commit(id)?;
        next = commit.parents.first().copied();
        commits.push(commit);
        if next.is_some_and(|id| repo.commit(id).is_err()) {
            break; // A shallow clone ends here.
        }
    }
    if next != Some(range.base.id) {
        // The base stands on a side branch: what led to it is not of the range.
        let mut own = Vec::new();
        for commit in commits {
            if repo.is_ancestor(commit.id, range.base.id)? {
                break;
            }
            own.push(commit);
        }
        commits = own;
    }
    commits.reverse();
    Ok(commits)
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
