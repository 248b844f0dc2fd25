//! What the policy says to a change before it is made.

use super::check::{Asked, check};
use super::file::POLICY;
use super::rules::{APPROVAL_MISSING, POLICY_MISSING};
use crate::config::Snapshot;
use crate::error::Result;
use crate::git::Repo;
use crate::report::{Finding, Severity};

/// Says what speaks against moving a branch to a commit that is written already; none where no
/// policy is in force. That others must agree first is only said, as a branch is where they do.
///
/// # Errors
///
/// Where the repository cannot be read, or is shallow.
pub fn foresee(repo: &Repo, here: &Snapshot, asked: &Asked) -> Result<Option<Vec<Finding>>> {
    let Some(base) = asked.base.map(|id| repo.commit(id)).transpose()? else {
        return Ok(None);
    };
    let tree = here.of_commit(repo, &base);
    if tree.files().entry(POLICY.into())?.is_none() {
        return Ok(None);
    }
    let mut findings = check(repo, here, asked)?.findings;
    findings.retain(|it| it.rule.id != POLICY_MISSING.id);
    let waits = |it: &Finding| it.rule.id == APPROVAL_MISSING.id;
    // Who may not need not ask others.
    if findings
        .iter()
        .any(|it| it.severity == Severity::Error && !waits(it))
    {
        findings.retain(|it| !waits(it));
    }
    for finding in &mut findings {
        if waits(finding) {
            finding.severity = Severity::Warning;
            let help = finding.help.take().unwrap_or_default();
            finding.help = Some(format!(
                "{help}; before it is pushed to a branch that asks for it: `git strata policy \
                 approve`"
            ));
        }
    }
    Ok(Some(findings))
}
