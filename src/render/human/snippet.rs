use std::io::{self, Write};

use super::super::style::Ink;
use super::super::{Style, drawn_span, is_whole_file, place, visible};
use super::cut::{Cut, cut};
use crate::report::{Location, Severity};
use crate::text::Span;

/// One place as rustc draws it: an arrow line, the source lines, and marks beneath them.
pub(super) struct Snippet<'a> {
    location: &'a Location,
    /// Set for the finding's own place, not for one that explains it.
    severity: Option<Severity>,
    /// The bytes marked, without white space at the end of several lines.
    span: Span,
    first: u32,
    last: u32,
}

const ROOM_UNLIMITED: usize = 160;
const ROOM_LEAST: usize = 40;

impl<'a> Snippet<'a> {
    pub(super) fn new(location: &'a Location, severity: Option<Severity>) -> Self {
        let source = &*location.source;
        let span = drawn_span(location);
        let first = source.position(span.start).line;
        let last = source.position(span.end).line;
        Self {
            location,
            severity,
            span,
            first,
            last,
        }
    }

    /// Says whether source lines are drawn.
    pub(super) fn has_lines(&self) -> bool {
        !is_whole_file(self.location) && !self.location.source.text().is_empty()
    }

    /// Counts the digits of the greatest line number drawn.
    pub(super) fn gutter(&self) -> usize {
        if self.has_lines() {
            self.last.to_string().len()
        } else {
            1
        }
    }

    pub(super) fn write(
        &self,
        gutter: usize,
        style: &Style,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let arrow = if self.severity.is_some() {
            "-->"
        } else {
            ":::"
        };
        let place = place(self.location);
        let label = visible::line(&self.location.label);
        let arrow = style.paint(Ink::Frame, arrow);
        if !self.has_lines() {
            let said = if label.is_empty() { "" } else { ": " };
            return writeln!(out, "{:gutter$}{arrow} {place}{said}{label}", "");
        }
        writeln!(out, "{:gutter$}{arrow} {place}", "")?;
        writeln!(out, "{:gutter$} {}", "", style.paint(Ink::Frame, "|"))?;
        let room = match style.width {
            0 => ROOM_UNLIMITED,
            width => width.saturating_sub(gutter + 5).max(ROOM_LEAST),
        };
        let draw = Draw {
            gutter,
            style,
            ink: self.severity.map_or(Ink::Frame, Ink::Severity),
            label: &label,
        };
        if self.first == self.last {
            self.write_one(&draw, room, out)
        } else {
            self.write_several(&draw, room, out)
        }
    }

    fn write_one(&self, draw: &Draw<'_>, room: usize, out: &mut dyn Write) -> io::Result<()> {
        let line = self.line(self.first, self.span.start, self.span.end, room);
        draw.source_line(self.first, "", &line.text, out)?;
        let mark = if self.severity.is_some() { "^" } else { "-" };
        let marks = mark.repeat(line.marked.max(1));
        draw.marks(&" ".repeat(line.before), &marks, out)
    }

    fn write_several(&self, draw: &Draw<'_>, room: usize, out: &mut dyn Write) -> io::Result<()> {
        let line = self.line(self.first, self.span.start, self.span.start, room);
        draw.source_line(self.first, "/ ", &line.text, out)?;
        if self.last - self.first > 1 {
            draw.gap(out)?;
        }
        let source = &*self.location.source;
        let end = self.span.end as usize;
        let last_char = source.text()[..end].chars().next_back();
        let from = end - last_char.map_or(0, char::len_utf8);
        let from = u32::try_from(from).unwrap_or(self.span.end);
        let line = self.line(self.last, from, self.span.end, room);
        draw.source_line(self.last, "| ", &line.text, out)?;
        let mark = if self.severity.is_some() { "^" } else { "-" };
        draw.marks("", &format!("|{}{mark}", "_".repeat(line.before + 1)), out)
    }

    /// Draws one line, with the bytes marked given as offsets in the whole text.
    fn line(&self, number: u32, from: u32, to: u32, room: usize) -> Cut {
        let source = &*self.location.source;
        let text = source.line(number);
        // a byte-order mark at the start is not part of the line
        let start = source.line_span(number).end as usize - text.len();
        let within = |offset: u32| {
            let mut at = (offset as usize).saturating_sub(start).min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let from = within(from);
        cut(text, from, within(to).max(from), room)
    }
}

struct Draw<'a> {
    gutter: usize,
    style: &'a Style,
    ink: Ink,
    label: &'a str,
}

impl Draw<'_> {
    fn source_line(
        &self,
        number: u32,
        side: &str,
        text: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let number = format!("{number:>gutter$} |", gutter = self.gutter);
        let number = self.style.paint(Ink::Frame, number);
        let side = side.trim_end();
        let text = text.trim_end();
        write!(out, "{number}")?;
        if !side.is_empty() {
            write!(out, " {}", self.style.paint(self.ink, side))?;
        }
        if !text.is_empty() {
            write!(out, " {text}")?;
        }
        writeln!(out)
    }

    fn gap(&self, out: &mut dyn Write) -> io::Result<()> {
        let dots = format!("{:<width$}", "...", width = self.gutter + 3);
        writeln!(
            out,
            "{}{}",
            self.style.paint(Ink::Frame, dots),
            self.style.paint(self.ink, "|"),
        )
    }

    fn marks(&self, indent: &str, marks: &str, out: &mut dyn Write) -> io::Result<()> {
        let bar = self.style.paint(Ink::Frame, "|");
        let marks = self.style.paint(self.ink, marks);
        write!(
            out,
            "{:gutter$} {bar} {indent}{marks}",
            "",
            gutter = self.gutter
        )?;
        if !self.label.is_empty() {
            write!(out, " {}", self.style.paint(self.ink, self.label))?;
        }
        writeln!(out)
    }
}
