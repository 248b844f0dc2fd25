//! What is said: rules, findings, and the report a command answers with.
//!
//! A [`Finding`] holds a static [`Rule`] and the [`Source`](crate::text::Source) it points into;
//! it knows no check that made it and no format it will be drawn in.

mod block;
mod finding;
mod rule;

pub use block::{Block, TreeNode, View};
pub use finding::{Finding, Fix, Location, Replacement, sort_findings};
pub use rule::{Rule, Severity};

/// A command's whole answer: what is wrong, and what was asked for.
#[derive(Clone, Debug)]
pub struct Report<T> {
    /// The revision that the answer is about, as a person would name it; none for the work tree.
    pub revision: Option<String>,
    /// What is wrong, in the order of [`sort_findings`].
    pub findings: Vec<Finding>,
    /// What was asked for.
    pub body: T,
}

/// Counts findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Findings of severity error.
    pub error: usize,
    /// Findings of severity warning.
    pub warning: usize,
    /// Findings of severity info.
    pub info: usize,
}

impl<T> Report<T> {
    /// Makes a report, with its findings put in order.
    pub fn new(revision: Option<String>, mut findings: Vec<Finding>, body: T) -> Self {
        sort_findings(&mut findings);
        Self {
            revision,
            findings,
            body,
        }
    }

    /// Counts the findings.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.findings)
    }

    /// Says whether a finding is at least that severe.
    #[must_use]
    pub fn fails_at(&self, threshold: Severity) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity >= threshold)
    }
}

impl Summary {
    /// Counts findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut summary = Self::default();
        for finding in findings {
            match finding.severity {
                Severity::Error => summary.error += 1,
                Severity::Warning => summary.warning += 1,
                Severity::Info => summary.info += 1,
            }
        }
        summary
    }
}
