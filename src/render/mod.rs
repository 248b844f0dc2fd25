//! A report, drawn: one file a format.
//!
//! Human and Markdown draw the body's [`Block`](crate::report::Block)s and the findings, JSON
//! serialises both, and the others say findings only. Texts that come out of files (names,
//! messages, lines, values) are never trusted: none of them can draw on a terminal, end a
//! workflow command, or become markup.

mod fingerprint;
mod format;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod place;
mod sarif;
mod schema;
mod sealed;
mod style;
mod visible;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

pub use format::Format;
pub use schema::envelope_schema;
pub use style::Style;

use place::{at_revision, drawn_span, is_whole_file, path, place};

use crate::report::{Finding, Report, Rule, Summary, View};

/// A command's report, with what the formats say around it.
#[derive(Debug)]
pub struct Answer<'a, T> {
    /// The command's name, as it stands in `strata.<command>/1`.
    pub command: &'a str,
    /// What the command answers.
    pub report: &'a Report<T>,
    /// The rules that were looked for; JUnit lists them where nothing was found.
    pub rules: &'a [&'static Rule],
    /// The version of this tool, as semver writes it.
    pub tool_version: &'a str,
}

/// Draws an answer in a format.
///
/// The style is of no concern to any format but [`Format::Human`]. The answer is written through
/// a buffer that is flushed at the end.
///
/// ```
/// use strata::render::{Answer, Format, Style, render};
/// use strata::report::{Block, Report, View};
///
/// #[derive(serde::Serialize)]
/// struct Greeting {
///     word: &'static str,
/// }
///
/// impl View for Greeting {
///     fn view(&self) -> Vec<Block> {
///         vec![Block::Text(self.word.to_owned())]
///     }
/// }
///
/// let report = Report::new(None, Vec::new(), Greeting { word: "hello" });
/// let answer = Answer { command: "greet", report: &report, rules: &[], tool_version: "1.0.0" };
/// let mut out = Vec::new();
/// render(Format::Human, &answer, &Style::default(), &mut out)?;
/// assert_eq!(String::from_utf8_lossy(&out), "hello\n");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// Passes on what the writer says (a broken pipe keeps its kind), and what the body's
/// serialisation says where the format is JSON.
pub fn render<T: View>(
    format: Format,
    answer: &Answer<'_, T>,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let said = Said {
        command: answer.command,
        revision: answer.report.revision.as_deref(),
        findings: &answer.report.findings,
        summary: answer.report.summary(),
        rules: answer.rules,
        tool_version: answer.tool_version,
    };
    match format {
        Format::Human => human::write(
            &said,
            &sealed::short(answer.report.body.view()),
            style,
            &mut out,
        ),
        Format::Json => json::write(&said, &answer.report.body, &mut out),
        Format::Sarif => sarif::write(&said, &mut out),
        Format::Junit => junit::write(&said, &mut out),
        Format::Markdown => {
            markdown::write(&said, &sealed::short(answer.report.body.view()), &mut out)
        }
        Format::Html => html::write(&said, &sealed::short(answer.report.body.view()), &mut out),
        Format::Github => github::write(&said, &mut out),
        Format::Gitlab => gitlab::write(&said, &mut out),
    }?;
    out.flush()
}

/// An answer without its body: what most formats say.
struct Said<'a> {
    command: &'a str,
    revision: Option<&'a str>,
    findings: &'a [Finding],
    /// Counts the findings, those too that are not given.
    summary: Summary,
    rules: &'a [&'static Rule],
    tool_version: &'a str,
}

impl Said<'_> {
    /// Says whether the command looks for faults at all, so that none is worth saying.
    fn looks_for_faults(&self) -> bool {
        !self.rules.is_empty() || !self.findings.is_empty()
    }

    fn summary(&self) -> Summary {
        self.summary
    }
}

/// Counts findings in words, the severest first.
fn tally(summary: Summary) -> String {
    let counted = |count: usize, word: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{count} {word}{many}")),
    };
    let parts: Vec<_> = [
        counted(summary.error, "error", "s"),
        counted(summary.warning, "warning", "s"),
        counted(summary.info, "info", ""),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        "no findings".to_owned()
    } else {
        parts.join(", ")
    }
}
