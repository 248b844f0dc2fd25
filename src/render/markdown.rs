//! Markdown, for a comment on a pull request.
//!
//! What comes from files is escaped so that it shows as it stands: no markup, no HTML, no link,
//! and no `@name` or `#1` that would call a person or tie an issue.

use std::io::{self, Write};

use super::{Said, at_revision, place, tally, visible};
use crate::report::{Block, Finding, Location, TreeNode};

/// Writes a heading, the tally, the body, and a list of findings; a body that is one raw value
/// comes without findings, as for a person.
pub(super) fn write(said: &Said<'_>, blocks: &[Block], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## git strata {}", escaped(said.command))?;
    let raw = blocks.iter().any(|block| matches!(block, Block::Raw(_)));
    if !raw {
        let revision = escaped(&at_revision(said.revision));
        let line = if said.looks_for_faults() {
            format!("**{}** {revision}", tally(said.summary()))
        } else {
            revision
        };
        if !line.trim().is_empty() {
            writeln!(out, "\n{}", line.trim())?;
        }
    }
    for block in blocks {
        writeln!(out)?;
        write_block(block, out)?;
    }
    if !raw && !said.findings.is_empty() {
        writeln!(out, "\n### Findings\n")?;
        for finding in said.findings {
            write_finding(finding, out)?;
        }
    }
    Ok(())
}

fn write_finding(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "- **{}** {} at {}: {}",
        finding.severity,
        code(finding.rule.id),
        labelled(&finding.location),
        escaped(&finding.message),
    )?;
    for related in &finding.related {
        writeln!(out, "  - see {}", labelled(related))?;
    }
    if let Some(help) = &finding.help {
        writeln!(out, "  - help: {}", escaped(help))?;
    }
    if let Some(fix) = &finding.fix {
        writeln!(out, "  - fix: {}", escaped(&fix.description))?;
    }
    Ok(())
}

fn labelled(location: &Location) -> String {
    let place = code(&place(location));
    if location.label.is_empty() {
        return place;
    }
    format!("{place} ({})", escaped(&location.label))
}

fn write_block(block: &Block, out: &mut dyn Write) -> io::Result<()> {
    match block {
        Block::Heading(text) => writeln!(out, "### {}", escaped(text)),
        Block::Text(text) => {
            for line in text.trim_end().lines() {
                writeln!(out, "{}", at_line_start(&escaped(line)))?;
            }
            Ok(())
        }
        Block::Table { columns, rows } => write_table(columns, rows, out),
        Block::Tree(nodes) => write_tree(nodes, 0, out),
        Block::Code { language, text } => write_fenced(language, text, out),
        Block::Markdown(text) => writeln!(out, "{}", text.trim_end()),
        Block::Diff(text) => write_fenced("diff", text, out),
        Block::Raw(text) => write_fenced("", text, out),
    }
}

fn write_table(columns: &[String], rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    let write_row = |cells: &[String], out: &mut dyn Write| {
        let cells: Vec<_> = cells.iter().map(|cell| escaped(cell)).collect();
        writeln!(out, "| {} |", cells.join(" | "))
    };
    write_row(columns, out)?;
    writeln!(out, "|{}", " --- |".repeat(columns.len()))?;
    for row in rows {
        write_row(row, out)?;
    }
    Ok(())
}

fn write_tree(nodes: &[TreeNode], depth: usize, out: &mut dyn Write) -> io::Result<()> {
    for node in nodes {
        let text = escaped(&node.text);
        writeln!(
            out,
            "{:indent$}- {}",
            "",
            at_line_start(&text),
            indent = depth * 2
        )?;
        write_tree(&node.children, depth + 1, out)?;
    }
    Ok(())
}

fn write_fenced(language: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    let text = visible::lines(text.strip_suffix('\n').unwrap_or(text));
    writeln!(out, "{fence}{language}\n{text}\n{fence}")
}

/// Writes a code span, which ends only at as many backticks as it began with.
fn code(text: &str) -> String {
    let text = visible::line(text);
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let edge = |c: Option<char>| matches!(c, Some('`' | ' '));
    let pad = if edge(text.chars().next()) || edge(text.chars().next_back()) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Writes a text on one line, as it stands.
fn escaped(text: &str) -> String {
    const BREAK: &str = "&#8203;";
    let text = text.trim().replace("\r\n", " ").replace('\n', " ");
    let text = visible::line(&text);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // a zero-width space keeps GitHub and GitLab from reading names and numbers
            '@' | '#' => {
                out.push(c);
                out.push_str(BREAK);
            }
            ':' if text[at..].starts_with("://") => out.push_str("&#58;"),
            '.' if text[..at].ends_with("www") => out.push_str("&#46;"),
            _ => out.push(c),
        }
    }
    out
}

/// Escapes what would start a list, a rule or a heading at the start of a line.
fn at_line_start(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let at = match line.as_bytes().get(digits) {
        Some(b'.' | b')') if digits > 0 => digits,
        Some(b'-' | b'+' | b'=' | b'#') if digits == 0 => 0,
        _ => return line.to_owned(),
    };
    format!("{}\\{}", &line[..at], &line[at..])
}
