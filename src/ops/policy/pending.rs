//! What waits for whose agreement.

use serde::Serialize;

use super::body::{AgreementBody, PolicyCheckBody, some_of};
use super::check::{Asked, check};
use super::rules::{APPROVAL_MISSING, PERMISSION_DENIED, PERMISSION_MISSING};
use super::statement::Says;
use crate::config::Snapshot;
use crate::error::Result;
use crate::git::Repo;
use crate::report::{Block, Report, View};

/// The published JSON Schema of the body of `policy pending`.
pub const PENDING_SCHEMA: &str = include_str!("pending.schema.json");

/// What waits for agreement.
#[derive(Debug, Serialize)]
pub struct PendingBody {
    /// The commit behind which the change begins.
    pub base: Option<String>,
    /// Its last commit.
    pub tip: String,
    /// The branch that it is for.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The change, as approvals name it.
    pub change: Option<String>,
    /// What waits.
    pub waiting: Vec<WaitingBody>,
    /// To how many things enough agreed.
    pub met: usize,
}

/// A step that waits for agreement.
#[derive(Debug, Serialize)]
pub struct WaitingBody {
    /// The commit.
    pub commit: String,
    /// The first line of its message.
    pub title: String,
    /// What others must agree to.
    #[serde(flatten)]
    pub agreement: AgreementBody,
}

/// Says what in a history still needs whose agreement. Whether its authors may do what they did is
/// not told here.
///
/// # Errors
///
/// Where the repository cannot be read, or is shallow.
pub fn pending(repo: &Repo, here: &Snapshot, asked: &Asked) -> Result<Report<PendingBody>> {
    Ok(of_agreement(check(repo, here, asked)?).map(|body| {
        let agreements = body.steps.iter().flat_map(|step| &step.agreements);
        PendingBody {
            met: agreements.filter(|it| it.is_met).count(),
            waiting: WaitingBody::all(&body),
            base: body.base,
            tip: body.tip,
            reference: body.reference,
            change: body.change,
        }
    }))
}

/// Leaves what is told by the body, or is about the authors, out of the findings.
pub(super) fn of_agreement(mut report: Report<PolicyCheckBody>) -> Report<PolicyCheckBody> {
    let elsewhere = [&APPROVAL_MISSING, &PERMISSION_DENIED, &PERMISSION_MISSING];
    let is_elsewhere = |id: &str| elsewhere.iter().any(|rule| rule.id == id);
    report.findings.retain(|it| !is_elsewhere(it.rule.id));
    report
}

impl WaitingBody {
    /// Gives all that waits in a history.
    pub(super) fn all(body: &PolicyCheckBody) -> Vec<Self> {
        let steps = body.steps.iter();
        let of = steps.flat_map(|step| {
            let open = step.agreements.iter().filter(|it| !it.is_met);
            open.map(|it| Self {
                commit: step.commit.clone(),
                title: step.title.clone(),
                agreement: it.clone(),
            })
        });
        of.collect()
    }

    /// Shows what waits, with what is said of statements that do not count.
    pub(super) fn table(waiting: &[Self]) -> Vec<Block> {
        if waiting.is_empty() {
            let text = "nothing waits for anybody's agreement";
            return vec![Block::Text(text.to_owned())];
        }
        let row = |it: &Self| {
            let Self {
                commit, agreement, ..
            } = it;
            let environments = match agreement.environments.is_empty() {
                true => "all".to_owned(),
                false => agreement.environments.join(", "),
            };
            let could = match agreement.could.is_empty() {
                true => "nobody else".to_owned(),
                false => agreement.could.join(", "),
            };
            vec![
                commit.chars().take(10).collect(),
                some_of(agreement.keys.iter()),
                environments,
                format!(
                    "{} of {} (line {})",
                    agreement.given.len(),
                    agreement.needed,
                    agreement.line
                ),
                agreement.given.join(", "),
                could,
            ]
        };
        let columns = ["commit", "what", "environment", "agreed", "by", "who could"];
        let mut blocks = vec![Block::Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: waiting.iter().map(row).collect(),
        }];
        let heard = waiting.iter().flat_map(|it| &it.agreement.heard);
        let mut lines: Vec<String> = heard
            .filter(|it| it.says == Says::Approve)
            .filter_map(|it| {
                let by = it.by.as_deref().unwrap_or("nobody known");
                let reason = it.reason.as_ref()?;
                Some(format!("the statement of {by} does not count: {reason}"))
            })
            .collect();
        lines.sort();
        lines.dedup();
        if !lines.is_empty() {
            blocks.push(Block::Text(lines.join("\n")));
        }
        blocks
    }
}

impl View for PendingBody {
    fn view(&self) -> Vec<Block> {
        let mut blocks = WaitingBody::table(&self.waiting);
        if let (Some(base), false) = (&self.base, self.waiting.is_empty()) {
            let [base, tip] = [base, &self.tip].map(|id| id.chars().take(10).collect::<String>());
            let text = format!("what becomes of the values: `git strata diff {base} {tip}`");
            blocks.push(Block::Text(text));
        }
        if !self.waiting.is_empty() && self.reference.is_none() {
            let text = "nobody said which branch this is for (`--ref`), so no statement counts";
            blocks.push(Block::Text(text.to_owned()));
        }
        blocks
    }
}
