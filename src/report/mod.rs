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
    /// How many findings there are beside those that are given, where nobody would read as many.
    pub more: Summary,
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
            more: Summary::default(),
        }
    }

    /// Makes another body of this one.
    pub fn map<U>(self, body: impl FnOnce(T) -> U) -> Report<U> {
        Report {
            revision: self.revision,
            findings: self.findings,
            body: body(self.body),
            more: self.more,
        }
    }

    /// Counts findings that are not given.
    #[must_use]
    pub fn with_more(self, more: Summary) -> Self {
        Self { more, ..self }
    }

    /// Counts the findings, those too that are not given.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.findings).and(self.more)
    }

    /// Says whether a finding is at least that severe.
    #[must_use]
    pub fn fails_at(&self, threshold: Severity) -> bool {
        let more = [
            (Severity::Error, self.more.error),
            (Severity::Warning, self.more.warning),
            (Severity::Info, self.more.info),
        ];
        let mut given = self.findings.iter().map(|finding| finding.severity);
        given.any(|severity| severity >= threshold)
            || (more.iter()).any(|&(severity, count)| count > 0 && severity >= threshold)
    }
}

impl Summary {
    /// Counts findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut summary = Self::default();
        for finding in findings {
            summary.add(finding.severity);
        }
        summary
    }

    /// Counts one finding more.
    pub fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.error += 1,
            Severity::Warning => self.warning += 1,
            Severity::Info => self.info += 1,
        }
    }

    /// Counts those of another summary, too.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            error: self.error + other.error,
            warning: self.warning + other.warning,
            info: self.info + other.info,
        }
    }
}
