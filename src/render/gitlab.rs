//! GitLab's [Code Quality] report: an array of issues.
//!
//! [Code Quality]: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format

use std::io::{self, Write};

use serde_json::{Value, json};

use super::fingerprint::Fingerprints;
use super::{Said, drawn_span, path};
use crate::report::{Finding, Severity};

/// Writes one issue a finding; `[]` where there is none.
pub(super) fn write(said: &Said<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut names = Fingerprints::default();
    let issues: Vec<Value> = said
        .findings
        .iter()
        .map(|finding| issue(finding, &names.next(finding)))
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn issue(finding: &Finding, fingerprint: &str) -> Value {
    let at = &finding.location;
    let severity = match finding.severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Info => "info",
    };
    let last = at.source.position(drawn_span(at).end).line;
    json!({
        "description": finding.message,
        "check_name": finding.rule.id,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {
            "path": path(&at.source),
            "lines": { "begin": at.start().line, "end": last },
        },
    })
}
