//! Whose signature is on what: the commits of a history, each with its signer and what it changed,
//! and the tags.
//!
//! ```text
//! Landings ──▶ Trust: the lists of signers in force at each step ──▶ Verdict of each commit
//! ```
//!
//! The lists stand in the repository, and each commit is judged by those of the step before it on
//! the chain of first parents; what a merge brought is judged by those of the branch that it came
//! to. So nobody grants what they do not have, and a key counts as long as it stands on the list:
//! its place in the history decides, and no date that somebody wrote.

mod changes;
mod rules;
mod tags;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use changes::Changed;
pub use rules::RULES;
pub use tags::{TAGS_SCHEMA, TagBody, TagsBody, audit_tags};

use rules::{
    SIGNATURE_BAD, SIGNATURE_EXPIRED, SIGNATURE_MALFORMED, SIGNATURE_MISSING, SIGNATURE_UNKNOWN,
    SIGNERS_MISSING,
};

use crate::config::Snapshot;
use crate::cores;
use crate::error::{Error, Result};
use crate::git::{Commit, Oid, Repo};
use crate::ops::trust::{CERTIFICATES, Root, SIGNERS, Trust, told};
use crate::report::{Block, Finding, Location, Report, Rule, View};
use crate::sign::{Standing, Verdict};

/// The published JSON Schema of the body of `audit`.
pub const SCHEMA: &str = include_str!("audit.schema.json");

/// Which commits are asked about.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The commit behind which it begins; none for the whole history.
    pub base: Option<Oid>,
    /// The last commit.
    pub tip: Oid,
}

/// The commits of a history, with their signatures.
#[derive(Debug, Serialize)]
pub struct AuditBody {
    /// The commits, the newest first; what a merge brought follows it.
    pub commits: Vec<CommitBody>,
}

/// A commit, with its signature.
#[derive(Debug, Serialize)]
pub struct CommitBody {
    /// The commit.
    pub id: String,
    /// Who wrote it, as they say themselves.
    pub author: String,
    /// Their address, as they say themselves.
    pub email: String,
    /// When, as RFC 3339 has it, as they say themselves.
    pub date: String,
    /// The first line of its message.
    pub title: String,
    /// What the signature is worth.
    pub signature: Standing,
    /// Who signed: the names on the line that lists the key.
    pub signer: Option<String>,
    /// The key: `SHA256:…`, or `openpgp:…`.
    pub key: Option<String>,
    /// Why the signature is not good.
    pub reason: Option<String>,
    /// What the commit changed; for a merge, what none of its parents has.
    pub changes: Vec<Changed>,
}

/// Audits the commits of a history.
///
/// # Errors
///
/// Where the repository cannot be read, is shallow, or the trusted commit is not in the history.
pub fn audit(repo: &Repo, here: &Snapshot, span: Span, root: &Root) -> Result<Report<AuditBody>> {
    let trusted = trusted(repo, span, root)?;
    let landings = repo.landings(trusted, span.tip)?;
    let trust = Trust::along(repo, &landings, trusted, root)?;
    let wanted = match span.base {
        Some(base) if trusted != Some(base) => repo.landings(Some(base), span.tip)?,
        // What leads to a commit that is trusted is trusted with it.
        _ => landings,
    };
    let steps = wanted.steps.into_iter().rev();
    let commits: Vec<Commit> = steps
        .flat_map(|step| {
            [step.commit]
                .into_iter()
                .chain(step.brought.into_iter().rev())
        })
        .collect();
    let mut findings = trust.findings.clone();
    if trust.is_empty() {
        findings.extend(commits.first().map(missing));
    }
    let mut body = AuditBody {
        commits: Vec::with_capacity(commits.len()),
    };
    for judged in judged(repo, here, &trust, &commits) {
        let (verdict, changes, commit) = judged?;
        let is_told = !trust.is_empty() || verdict.standing == Standing::Bad;
        findings.extend(finding(&verdict, told(commit), "commit").filter(|_| is_told));
        body.commits.push(CommitBody {
            id: commit.id.to_string(),
            author: commit.author.name.clone(),
            email: commit.author.email.clone(),
            date: commit.author.date(),
            title: commit.title(),
            signature: verdict.standing,
            signer: verdict.signer,
            key: verdict.key,
            reason: verdict.reason,
            changes,
        });
    }
    Ok(Report::new(None, findings, body))
}

/// Finds the commit behind which trust begins.
///
/// # Errors
///
/// When the trusted commit is not in the history.
pub(crate) fn trusted(repo: &Repo, span: Span, root: &Root) -> Result<Option<Oid>> {
    let Root::Anchor(anchor) = root else {
        return Ok(span.base);
    };
    if !repo.is_ancestor(*anchor, span.base.unwrap_or(span.tip))? {
        let anchor = anchor.short();
        return Err(Error::usage(format!(
            "the trusted commit {anchor} does not lead to the commits that are asked about"
        ))
        .with_help(format!(
            "see where it stands: `git log --oneline --graph --all {anchor}`"
        )));
    }
    Ok(Some(*anchor))
}

type Judged<'c> = Result<(Verdict, Vec<Changed>, &'c Commit)>;

/// Judges commits, on all cores.
fn judged<'c>(
    repo: &Repo,
    here: &Snapshot,
    trust: &Trust,
    commits: &'c [Commit],
) -> Vec<Judged<'c>> {
    let mut ordered: Vec<&Commit> = commits.iter().collect();
    let pairs = commits.windows(2).map(|pair| [pair[0].tree, pair[1].tree]);
    let earlier_first = repo.reads_earlier_first(pairs);
    if earlier_first {
        ordered.reverse();
    }
    let share = commits.len().div_ceil(4 * cores::count()).clamp(32, 512);
    let shares: Vec<&[&Commit]> = ordered.chunks(share).collect();
    let judge = |repo: &mut Repo, share: usize| -> Vec<Judged<'c>> {
        let each = shares[share].iter().map(|commit| {
            let verdict = trust.verdict(repo, commit)?;
            let changes = changes::changed(repo, here, commit)?;
            Ok((verdict, changes, *commit))
        });
        each.collect()
    };
    let start = || repo.with_memory();
    let (judged, _) = cores::each_with(shares.len(), cores::count(), start, judge);
    let mut judged: Vec<Judged<'c>> = judged.into_iter().flatten().collect();
    if earlier_first {
        judged.reverse();
    }
    judged
}

/// Says what is wrong with a signature.
fn finding(verdict: &Verdict, location: Location, what: &str) -> Option<Finding> {
    let rule: &'static Rule = match verdict.standing {
        Standing::Good => return None,
        Standing::Bad if verdict.is_malformed => &SIGNATURE_MALFORMED,
        Standing::Bad => &SIGNATURE_BAD,
        Standing::Unknown => &SIGNATURE_UNKNOWN,
        Standing::Expired => &SIGNATURE_EXPIRED,
        Standing::None => &SIGNATURE_MISSING,
    };
    let message = match &verdict.reason {
        None => format!("nobody signed this {what}"),
        Some(reason) => format!("the signature of this {what} does not count: {reason}"),
    };
    let by = match (&verdict.signer, &verdict.key) {
        (Some(signer), _) => format!("it is of {signer}"),
        (None, Some(key)) => format!("its key is {key}"),
        (None, None) => return Some(Finding::new(rule, message, location)),
    };
    Some(Finding::new(rule, message, location).with_help(by))
}

fn missing(newest: &Commit) -> Finding {
    let message = format!("there is no `{SIGNERS}` that says who may sign");
    Finding::new(&SIGNERS_MISSING, message, told(newest)).with_help(format!(
        "write one and commit it (`ann@example.org namespaces=\"git\" ssh-ed25519 AAAA…`; OpenPGP \
         keys go into `{CERTIFICATES}/ann@example.org.asc`), or give one: `--signers FILE`; \
         `git strata explain {}` tells more",
        SIGNERS_MISSING.id
    ))
}

impl View for AuditBody {
    fn view(&self) -> Vec<Block> {
        if self.commits.is_empty() {
            return vec![Block::Text("there are no commits to audit".to_owned())];
        }
        let row = |commit: &CommitBody| {
            vec![
                commit.id.chars().take(10).collect(),
                commit.date.chars().take(10).collect(),
                commit.author.clone(),
                commit.signature.name().to_owned(),
                commit.signer.clone().unwrap_or_default(),
                summary(&commit.changes),
                commit.title.clone(),
            ]
        };
        let columns = [
            "commit",
            "date",
            "author",
            "signature",
            "signer",
            "changes",
            "title",
        ];
        vec![Block::Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: self.commits.iter().map(row).collect(),
        }]
    }
}

/// Says in a few words what was changed.
fn summary(changes: &[Changed]) -> String {
    const SHOWN: usize = 2;
    let word = |it: &Changed| match it.pointer.dotted() {
        key if key.is_empty() => it.file.clone(),
        key => key,
    };
    let mut words: Vec<String> = changes.iter().take(SHOWN).map(word).collect();
    if changes.len() > SHOWN {
        words.push(format!("{} more", changes.len() - SHOWN));
    }
    words.join(", ")
}
