use std::io::{self, Write};

use super::super::style::Ink;
use super::super::{Style, visible};
use crate::report::{Block, TreeNode};

/// Draws blocks with a blank line between them; a heading stands right above what follows.
pub(super) fn write(blocks: &[Block], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut apart = false;
    for block in blocks {
        if std::mem::replace(&mut apart, !matches!(block, Block::Heading(_))) {
            writeln!(out)?;
        }
        match block {
            Block::Heading(text) => {
                writeln!(out, "{}", style.paint(Ink::Strong, visible::line(text)))?;
            }
            Block::Text(text) | Block::Code { text, .. } | Block::Markdown(text) => {
                writeln!(out, "{}", visible::lines(text.trim_end()))?;
            }
            Block::Table { columns, rows } => write_table(columns, rows, style, out)?,
            Block::Tree(nodes) => {
                for node in nodes {
                    writeln!(out, "{}", visible::line(&node.text))?;
                    write_branches(&node.children, "", style, out)?;
                }
            }
            Block::Diff(text) => write_diff(text, style, out)?,
            Block::Raw(text) => {
                out.write_all(text.as_bytes())?;
                if !text.ends_with('\n') {
                    writeln!(out)?;
                }
            }
        }
    }
    Ok(())
}

const COLUMN_LEAST: usize = 8;
const GAP: usize = 2;

fn write_table(
    columns: &[String],
    rows: &[Vec<String>],
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut widths: Vec<usize> = Vec::new();
    let mut cells: Vec<Vec<_>> = Vec::with_capacity(rows.len() + 1);
    for row in std::iter::once(columns).chain(rows.iter().map(Vec::as_slice)) {
        let row: Vec<_> = row.iter().map(|cell| visible::line(cell)).collect();
        for (at, cell) in row.iter().enumerate() {
            let width = visible::width(cell);
            match widths.get_mut(at) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
        cells.push(row);
    }
    fit(&mut widths, style.width);
    for (at, row) in cells.iter().enumerate() {
        let mut line = String::new();
        let mut owed = 0;
        for (cell, &room) in row.iter().zip(&widths) {
            line.extend(std::iter::repeat_n(' ', owed));
            let used = push_within(&mut line, cell, room);
            owed = room - used + GAP;
        }
        let line = line.trim_end();
        if at == 0 {
            writeln!(out, "{}", style.paint(Ink::Strong, line))?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// Narrows the widest columns until all fit, or until none is wide.
fn fit(widths: &mut [usize], room: usize) {
    if room == 0 || widths.is_empty() {
        return;
    }
    let room = room.saturating_sub(GAP * (widths.len() - 1));
    // the widest that a column may be so that all fit
    let mut narrow = 0;
    let mut wide = widths.iter().copied().max().unwrap_or(0);
    while narrow < wide {
        let limit = (narrow + wide).div_ceil(2);
        let total: usize = widths.iter().map(|width| (*width).min(limit)).sum();
        if total <= room {
            narrow = limit;
        } else {
            wide = limit - 1;
        }
    }
    let limit = narrow.max(COLUMN_LEAST);
    let mut spare = room.saturating_sub(widths.iter().map(|width| (*width).min(limit)).sum());
    for width in widths.iter_mut() {
        let more = width.saturating_sub(limit).min(spare);
        spare -= more;
        *width = (*width).min(limit) + more;
    }
}

/// Adds a cell cut to the room there is, and says how many columns it took.
fn push_within(line: &mut String, cell: &str, room: usize) -> usize {
    let width = visible::width(cell);
    if width <= room {
        line.push_str(cell);
        return width;
    }
    let mut used = 0;
    for c in cell.chars() {
        let kept = line.len();
        let columns = visible::push_cell(line, c);
        if used + columns + 1 > room {
            line.truncate(kept);
            break;
        }
        used += columns;
    }
    line.push('…');
    used + 1
}

fn write_branches(
    nodes: &[TreeNode],
    stem: &str,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (at, node) in nodes.iter().enumerate() {
        let (branch, below) = if at + 1 == nodes.len() {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let twig = style
            .paint(Ink::Frame, format_args!("{stem}{branch}"))
            .to_string();
        writeln!(out, "{twig}{}", visible::line(&node.text))?;
        write_branches(&node.children, &format!("{stem}{below}"), style, out)?;
    }
    Ok(())
}

fn write_diff(text: &str, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    for line in text.split('\n') {
        let ink = if line.starts_with("+++ ") || line.starts_with("--- ") {
            Some(Ink::Strong)
        } else {
            match line.as_bytes().first() {
                Some(b'+') => Some(Ink::Added),
                Some(b'-') => Some(Ink::Removed),
                Some(b'@') => Some(Ink::Hunk),
                _ => None,
            }
        };
        let (line, end) = match line.strip_suffix('\r') {
            Some(line) => (line, "\r"),
            None => (line, ""),
        };
        // tabs stay: a diff may be piped into `git apply`
        let line = visible::lines(line);
        match ink {
            Some(ink) => writeln!(out, "{}{end}", style.paint(ink, line))?,
            None => writeln!(out, "{line}{end}")?,
        }
    }
    Ok(())
}
