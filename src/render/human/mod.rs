//! For a person at a terminal, in rustc's shape.

mod blocks;
mod cut;
mod snippet;

use std::io::{self, Write};

use super::style::Ink;
use super::{Said, Style, at_revision, tally, visible};
use crate::cores;
use crate::report::{Block, Finding, Severity, Summary};
use snippet::Snippet;

/// Draws the body, then the findings, then the tally; a body that is one raw value, alone.
pub(super) fn write(
    said: &Said<'_>,
    blocks: &[Block],
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    blocks::write(blocks, style, out)?;
    if blocks.iter().any(|block| matches!(block, Block::Raw(_))) {
        return Ok(());
    }
    let mut first = blocks.is_empty();
    for findings in said.findings.chunks(SHARE * cores::count()) {
        write_findings(findings, &mut first, style, out)?;
    }
    if !style.quiet && said.looks_for_faults() {
        separate(&mut first, out)?;
        write_tally(said.summary(), style, out)?;
    }
    Ok(())
}

/// How many findings are drawn by one core while the others draw theirs.
const SHARE: usize = 2048;

/// Draws findings on all cores, and writes them in order.
fn write_findings(
    findings: &[Finding],
    first: &mut bool,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shares: Vec<&[Finding]> = findings.chunks(SHARE).collect();
    let draw = |share: usize| -> io::Result<Vec<u8>> {
        let mut drawn = Vec::new();
        for finding in shares[share] {
            if style.quiet && finding.severity == Severity::Info {
                continue;
            }
            separate(&mut false, &mut drawn)?;
            write_finding(finding, style, &mut drawn)?;
        }
        Ok(drawn)
    };
    for drawn in cores::each(shares.len(), draw) {
        let drawn = drawn?;
        // Nothing may have been drawn before.
        let start = usize::from(*first && !drawn.is_empty());
        *first &= drawn.is_empty();
        out.write_all(&drawn[start..])?;
    }
    Ok(())
}

fn separate(first: &mut bool, out: &mut dyn Write) -> io::Result<()> {
    if !std::mem::take(first) {
        writeln!(out)?;
    }
    Ok(())
}

/// Draws one finding.
pub(super) fn write_finding(
    finding: &Finding,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rule = finding.rule;
    let word = format!("{}[{}]", finding.severity, rule.id);
    let message = continued(&finding.message, 4);
    writeln!(
        out,
        "{}{}",
        style.paint(Ink::Severity(finding.severity), &word),
        style.paint(Ink::Strong, format_args!(": {message}")),
    )?;

    // What is merely worth knowing takes a line less than what is to be mended.
    if finding.severity == Severity::Info && !style.verbose {
        let (at, start) = (&finding.location, finding.location.start());
        let place = format!("{}:{}:{}", at.source.name(), start.line, start.column);
        let place = visible::line(&place);
        let revision = at_revision(at.source.revision());
        return writeln!(out, "{} {place}{revision}", style.paint(Ink::Frame, " -->"));
    }

    let primary = Snippet::new(&finding.location, Some(finding.severity));
    let related: Vec<_> = finding
        .related
        .iter()
        .map(|location| Snippet::new(location, None))
        .collect();
    let gutter = related
        .iter()
        .map(Snippet::gutter)
        .fold(primary.gutter(), usize::max);
    let bar = format!("{:gutter$} {}", "", style.paint(Ink::Frame, "|"));
    primary.write(gutter, style, out)?;
    let mut apart = primary.has_lines();
    for snippet in &related {
        if apart {
            writeln!(out, "{bar}")?;
        }
        snippet.write(gutter, style, out)?;
        apart = snippet.has_lines();
    }

    let mut notes = Vec::new();
    if let Some(help) = &finding.help {
        notes.push(("help", help.clone()));
    }
    if let Some(fix) = &finding.fix {
        notes.push(("fix", fix.description.clone()));
    }
    if style.verbose {
        notes.push(("note", rule.summary.to_owned()));
        notes.push((
            "note",
            format!("for more, run `git strata explain {}`", rule.id),
        ));
    }
    if apart && !notes.is_empty() {
        writeln!(out, "{bar}")?;
    }
    for (word, text) in notes {
        let text = continued(&text, gutter + word.len() + 5);
        writeln!(
            out,
            "{:gutter$} {} {}: {text}",
            "",
            style.paint(Ink::Frame, "="),
            style.paint(Ink::Strong, word),
        )?;
    }
    Ok(())
}

/// Indents every line of a text but the first, and makes it safe to draw.
fn continued(text: &str, indent: usize) -> String {
    let text = text.trim_end();
    let mut out = String::with_capacity(text.len());
    for (at, part) in text.split('\n').enumerate() {
        let part = part.strip_suffix('\r').unwrap_or(part);
        if at > 0 {
            out.push('\n');
            if !part.is_empty() {
                out.extend(std::iter::repeat_n(' ', indent));
            }
        }
        out.push_str(&visible::line(part));
    }
    out
}

fn write_tally(summary: Summary, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let worst = if summary.error > 0 {
        Ink::Severity(Severity::Error)
    } else if summary.warning > 0 {
        Ink::Severity(Severity::Warning)
    } else {
        Ink::Strong
    };
    writeln!(out, "{}", style.paint(worst, tally(summary)))
}
