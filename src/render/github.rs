//! GitHub's [workflow commands], one a finding, for annotations beside the lines of a change.
//!
//! [workflow commands]: https://docs.github.com/actions/reference/workflow-commands-for-github-actions

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Said, at_revision, drawn_span, is_whole_file, path, place, visible};
use crate::report::{Finding, Severity};

/// Writes one command a finding, and nothing where there is none.
pub(super) fn write(said: &Said<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in said.findings {
        writeln!(out, "{}", command(finding, said.revision))?;
    }
    Ok(())
}

fn command(finding: &Finding, revision: Option<&str>) -> String {
    let at = &finding.location;
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut out = format!("::{word} file={}", property(path(&at.source)));
    if !is_whole_file(at) {
        let span = drawn_span(at);
        let (start, end) = (at.start(), at.source.position(span.end));
        let _ = write!(out, ",line={},endLine={}", start.line, end.line);
        // columns of several lines are refused
        if start.line == end.line {
            let _ = write!(out, ",col={},endColumn={}", start.column, end.column);
        }
    }
    let _ = write!(out, ",title={}::", property(finding.rule.id));

    let mut message = finding.message.clone();
    if at.source.revision() != revision {
        message.push_str(&at_revision(at.source.revision()));
    }
    for related in &finding.related {
        let _ = write!(message, "\n{}", place(related));
        if !related.label.is_empty() {
            let _ = write!(message, ": {}", related.label);
        }
    }
    if let Some(help) = &finding.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    out.push_str(&data(&message));
    out
}

/// Escapes a message; other control characters become visible, for the log draws them.
fn data(text: &str) -> String {
    visible::lines(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    visible::lines(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace(':', "%3A")
        .replace(',', "%2C")
}
