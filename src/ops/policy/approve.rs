//! Agreeing to a change, and taking it back.

use serde::Serialize;

use super::agreed::{Change, TAKEN_BACK};
use super::body::{AgreementBody, PolicyCheckBody};
use super::check::{Asked, check};
use super::file::POLICY;
use super::model::Policy;
use super::pending::{WaitingBody, of_agreement};
use super::statement::{Approval, Says, Statement, statements};
use super::walk::Walk;
use crate::config::Snapshot;
use crate::error::{Error, Result};
use crate::git::{Repo, branch_name};
use crate::report::{Block, Report, View};
use crate::text::Date;

/// The published JSON Schema of the body of `policy approve` and `policy withdraw`.
pub const STATED_SCHEMA: &str = include_str!("stated.schema.json");

/// A statement that was made.
#[derive(Debug, Serialize)]
pub struct StatedBody {
    /// What was said.
    pub decision: Says,
    /// The change, as approvals name it.
    pub change: String,
    /// The branch that it is for.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Who said it: a name on the list of signers.
    pub by: Option<String>,
    /// The last day on which it counts; always where none is given.
    pub expires: Option<String>,
    /// The file of the statement.
    pub file: String,
    /// The branch that it was committed to.
    pub branch: String,
    /// The commit; none where nothing was committed.
    pub commit: Option<String>,
    /// What still waits for others, once this one counts.
    pub waiting: Vec<WaitingBody>,
}

/// Makes the statement that somebody agrees to a change, or no longer does; it is not signed yet.
///
/// # Errors
///
/// Where nothing says which branch it is for, or there is no policy that it could be about.
pub fn state(
    repo: &Repo,
    here: &Snapshot,
    asked: &Asked,
    decision: Says,
    expires: Option<Date>,
) -> Result<Statement> {
    let Some(base) = asked.base else {
        return Err(Error::usage("nothing says where the change begins")
            .with_help("name a range: `git strata policy approve main..HEAD`"));
    };
    let Some(reference) = &asked.reference else {
        return Err(Error::usage("nothing says which branch the change is for")
            .with_help("add `--ref main`"));
    };
    if base == asked.tip {
        return Err(Error::not_found("there are no commits in this range")
            .with_help("name where the change ends: `main..feature`"));
    }
    let walk = Walk::new(repo, here, Some(reference));
    let (base, tip) = (repo.commit(base)?, repo.commit(asked.tip)?);
    let tree = walk.tree(Some(&base));
    let at = base.id.short();
    let policy = Policy::read(&tree)?.ok_or_else(|| {
        Error::not_found(format!(
            "there is no `{POLICY}` at {at}, where the change begins"
        ))
        .with_help("without a policy nobody's agreement is needed")
    })?;
    if !policy.is_sound() {
        let message =
            format!("the `{POLICY}` at {at} is not valid, so nobody can agree to anything");
        return Err(Error::usage(message).with_help("mend it first: `git strata policy show`"));
    }
    let repository = policy.repository.clone().ok_or_else(|| {
        Error::usage(format!(
            "the `{POLICY}` at {at} does not name its repository"
        ))
        .with_help(
            "give it a name, so that no statement serves elsewhere: `repository: shop-config`",
        )
    })?;
    let id = tree.files().entry(POLICY.into())?.and_then(|it| it.id);
    Ok(Statement {
        repository,
        reference: format!("refs/heads/{}", branch_name(reference)),
        base: base.id.to_string(),
        change: Change::of(&walk, &base, &tip)?.digest,
        policy: id.map(|id| id.to_string()).unwrap_or_default(),
        decision,
        expires: expires.map(|it| it.to_string()),
    })
}

/// Finds the file that a signed statement goes to: beside those of the same key that stand there,
/// which nobody may change.
///
/// # Errors
///
/// Where the signature is none of an SSH key, or there are too many statements.
pub fn place(tree: &Snapshot, approval: &Approval) -> Result<String> {
    /// So often may somebody say the same.
    const MOST: usize = 100;
    let file = approval.file().ok_or_else(|| {
        Error::usage("what signed the statement gave no SSH signature")
            .with_help("name an SSH key: `--key ~/.ssh/id_ed25519`")
    })?;
    let taken = statements(tree, &approval.statement.change)?;
    let stem = file.strip_suffix(".json").unwrap_or(&file);
    let numbered = (2..MOST).map(|at| format!("{stem}.{at}.json"));
    std::iter::once(file.clone())
        .chain(numbered)
        .find(|name| !taken.iter().any(|(other, _)| other == name))
        .ok_or_else(|| Error::usage(format!("`{stem}` and all its numbers are taken")))
}

/// Holds a change to the policy as if a signed statement stood in the tree, and says what waits
/// then.
///
/// # Errors
///
/// Where the statement would not count, or the repository cannot be read.
pub fn stated(
    repo: &Repo,
    here: &Snapshot,
    asked: &Asked,
    approval: &Approval,
) -> Result<Report<StatedBody>> {
    let mut asked = asked.clone();
    asked.spoken = vec![approval.clone()];
    let report = of_agreement(check(repo, here, &asked)?);
    let own = approval.file().unwrap_or_default();
    let said = approval.statement.decision;
    let by = judged(&report.body, &own, said)?;
    Ok(report.map(|body| StatedBody {
        decision: said,
        change: approval.statement.change.clone(),
        reference: approval.statement.reference.clone(),
        by,
        expires: approval.statement.expires.clone(),
        file: own,
        branch: String::new(),
        commit: None,
        waiting: WaitingBody::all(&body),
    }))
}

/// Says who made a statement; or why it is not worth making.
fn judged(body: &PolicyCheckBody, file: &str, said: Says) -> Result<Option<String>> {
    let agreements = || body.steps.iter().flat_map(|step| &step.agreements);
    let heard = agreements().flat_map(|it| &it.heard);
    let mut mine = heard
        .filter(|it| it.file == file && it.says == said)
        .peekable();
    if mine.peek().is_none() {
        return Err(
            Error::not_found("nothing in this change needs anybody's agreement")
                .with_help("`git strata policy show` tells what does"),
        );
    }
    let is_again = |it: &AgreementBody| {
        let valid = it
            .heard
            .iter()
            .filter(|it| it.reason.is_none() && it.says == said);
        let by = valid.clone().find(|it| it.file == file);
        by.is_some_and(|by| valid.filter(|it| it.names == by.names).count() > 1)
    };
    if agreements().any(is_again) {
        let what = match said {
            Says::Approve => "agreed to it",
            Says::Withdraw => "took it back",
        };
        return Err(Error::usage(format!("you {what} already"))
            .with_help("nothing was written; `git strata policy pending` tells what waits"));
    }
    let (mut who, mut why) = (None, None);
    for it in mine {
        let Some(reason) = &it.reason else {
            let by = it.by.clone();
            let is_asked = said == Says::Withdraw
                || agreements().any(|it| by.as_ref().is_some_and(|by| is_among(by, &it.given)));
            return match is_asked {
                true => Ok(by),
                false => Err(not_asked(
                    by.as_deref(),
                    agreements().map(|it| it.from.as_str()),
                )),
            };
        };
        (who, why) = (it.by.as_deref(), Some(reason.as_str()));
    }
    let (who, why) = (who.unwrap_or("nobody known"), why.unwrap_or_default());
    let help = match why {
        TAKEN_BACK => {
            "what was taken back stays so for this very change: once it is another one, they can \
             agree to that"
        }
        _ => "nothing was written; `git strata policy pending` tells who can agree",
    };
    Err(Error::usage(format!("the statement of {who} would not count: {why}")).with_help(help))
}

/// Says whether one of the names of a signer is among some.
fn is_among(signer: &str, names: &[String]) -> bool {
    signer
        .split(',')
        .any(|it| names.iter().any(|name| name == it))
}

fn not_asked<'a>(by: Option<&str>, roles: impl Iterator<Item = &'a str>) -> Error {
    let mut roles: Vec<&str> = roles.collect();
    roles.sort_unstable();
    roles.dedup();
    let by = by.unwrap_or("nobody known");
    Error::usage(format!(
        "the agreement of {by} is not asked for: that of {} is",
        roles.join(", ")
    ))
    .with_help("`git strata policy pending` tells who can agree")
}

impl View for StatedBody {
    fn view(&self) -> Vec<Block> {
        let short: String = self.change.chars().take(12).collect();
        let by = self.by.as_deref().unwrap_or("you");
        let verb = match self.decision {
            Says::Approve => "agrees to",
            Says::Withdraw => "no longer agrees to",
        };
        let until = match &self.expires {
            Some(day) => format!(", until {day}"),
            None => String::new(),
        };
        let mut text = format!(
            "{by} {verb} the change {short} for {}{until}\nnew file: {}\n",
            branch_name(&self.reference),
            self.file
        );
        text.push_str(&match &self.commit {
            Some(commit) => format!(
                "committed {} on {}; push it, so that others see it",
                &commit[..commit.len().min(10)],
                self.branch
            ),
            None => format!("nothing was committed; it would go to {}", self.branch),
        });
        let mut blocks = vec![Block::Text(text)];
        blocks.extend(WaitingBody::table(&self.waiting));
        blocks
    }
}
