//! A page of its own, for a report that is sent or kept: no script, nothing loaded from elsewhere.

use std::io::{self, Write};

use super::{Said, Style, at_revision, human, place, tally, visible};
use crate::report::{Block, Finding, TreeNode};

const STYLE: &str = "
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem;
  color: #1c2128; background: #fff; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
p.tally { color: #57606a; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0;
  border-bottom: 1px solid #d8dee4; overflow-wrap: anywhere; }
th { position: sticky; top: 0; background: #fff; }
pre { background: #f6f8fa; padding: .7rem; overflow-x: auto; font-size: 13px; line-height: 1.4; }
details { margin: .4rem 0; } summary { cursor: pointer; }
.error { color: #b3261e; } .warning { color: #8a5a00; } .info { color: #1a5fb4; }
.added { color: #1a6b2d; } .removed { color: #b3261e; }
@media (prefers-color-scheme: dark) {
  body, th { color: #e6edf3; background: #0d1117; } th, td { border-color: #30363d; }
  pre { background: #161b22; } p.tally { color: #8d96a0; }
  .error, .removed { color: #ff8078; } .warning { color: #e3b341; } .info { color: #79c0ff; }
  .added { color: #7ee787; }
}
@media print { details > pre { display: block; } }
";

/// Writes a whole page: a heading, the tally, the body, and the findings, each with its lines
/// folded in.
pub(super) fn write(said: &Said<'_>, blocks: &[Block], out: &mut dyn Write) -> io::Result<()> {
    let title = format!("git strata {}", said.command);
    let title = escaped(&visible::line(&title));
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n\
         <meta name=\"viewport\" content=\"width=device-width\" />\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    )?;
    let mut line = at_revision(said.revision).trim().to_owned();
    if said.looks_for_faults() {
        line = format!("{} {line}", tally(said.summary()));
    }
    if !line.trim().is_empty() {
        let line = escaped(&visible::line(line.trim()));
        writeln!(out, "<p class=\"tally\">{line}</p>")?;
    }
    for block in blocks {
        write_block(block, out)?;
    }
    if !said.findings.is_empty() {
        writeln!(out, "<h2>Findings</h2>")?;
        for finding in said.findings {
            write_finding(finding, out)?;
        }
    }
    writeln!(out, "</body>\n</html>")
}

fn write_finding(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let severity = finding.severity;
    let head = format!("[{}] {}", finding.rule.id, finding.message);
    let head = escaped(&visible::line(&head));
    let at = escaped(&visible::line(&place(&finding.location)));
    let mut drawn = Vec::new();
    let plain = Style {
        verbose: true,
        ..Style::default()
    };
    human::write_finding(finding, &plain, &mut drawn)?;
    let drawn = escaped(String::from_utf8_lossy(&drawn).trim_end());
    writeln!(
        out,
        "<details>\n<summary><strong class=\"{severity}\">{severity}</strong> {head} \
         <code>{at}</code></summary>\n<pre>{drawn}</pre>\n</details>"
    )
}

fn write_block(block: &Block, out: &mut dyn Write) -> io::Result<()> {
    match block {
        Block::Heading(text) => writeln!(out, "<h2>{}</h2>", escaped(&visible::line(text))),
        Block::Text(text) => {
            let lines: Vec<_> = text
                .trim_end()
                .lines()
                .map(|line| escaped(&visible::line(line)))
                .collect();
            writeln!(out, "<p>{}</p>", lines.join("<br />\n"))
        }
        Block::Table { columns, rows } => write_table(columns, rows, out),
        Block::Tree(nodes) => write_tree(nodes, out),
        Block::Code { text, .. } | Block::Markdown(text) | Block::Raw(text) => {
            writeln!(
                out,
                "<pre>{}</pre>",
                escaped(&visible::lines(text.trim_end()))
            )
        }
        Block::Diff(text) => {
            let lines: Vec<_> = text.lines().map(diff_line).collect();
            writeln!(out, "<pre>{}</pre>", lines.join("\n"))
        }
    }
}

fn diff_line(line: &str) -> String {
    let text = escaped(&visible::line(line));
    match line.as_bytes().first() {
        Some(b'+') => format!("<span class=\"added\">{text}</span>"),
        Some(b'-') => format!("<span class=\"removed\">{text}</span>"),
        _ => text,
    }
}

fn write_table(columns: &[String], rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    let write_row = |cells: &[String], tag: &str, out: &mut dyn Write| {
        let cells = cells.iter().map(|cell| {
            let cell = escaped(&visible::line(cell));
            format!("<{tag}>{cell}</{tag}>")
        });
        writeln!(out, "<tr>{}</tr>", cells.collect::<String>())
    };
    writeln!(out, "<div class=\"scroll\">\n<table>\n<thead>")?;
    write_row(columns, "th", out)?;
    writeln!(out, "</thead>\n<tbody>")?;
    for row in rows {
        write_row(row, "td", out)?;
    }
    writeln!(out, "</tbody>\n</table>\n</div>")
}

fn write_tree(nodes: &[TreeNode], out: &mut dyn Write) -> io::Result<()> {
    if nodes.is_empty() {
        return Ok(());
    }
    writeln!(out, "<ul>")?;
    for node in nodes {
        write!(out, "<li>{}", escaped(&visible::line(&node.text)))?;
        write_tree(&node.children, out)?;
        writeln!(out, "</li>")?;
    }
    writeln!(out, "</ul>")
}

/// Writes a text so that a browser shows it and does nothing else with it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
