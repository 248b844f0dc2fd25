//! Values and entries that are written where nothing of theirs stood.

use super::super::write::{self, write_flow};
use super::super::{Format, Kind, Value};
use super::group::Child;
use super::layout::{Node, Quotes, Slot};
use super::rewriter::{Edit, Edits, Rewriter};

/// The most characters of a line in which a list is put.
const MAX_LINE: usize = 80;

/// Where a value is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// As a whole document.
    Root,
    /// Behind a key that stands in a column.
    Key(usize),
    /// Behind a dash that stands in a column.
    Dash(usize),
}

/// A value that is written.
pub(super) enum Rendered {
    /// Right behind its key or dash; further lines may follow.
    Inline(String),
    /// In lines of its own, all of them indented.
    Block(String),
}

impl Place {
    /// Gives the column of what the value stands in.
    pub(super) fn above(self) -> usize {
        match self {
            Self::Root => 0,
            Self::Key(column) | Self::Dash(column) => column,
        }
    }

    /// Gives the column in which the entries or items of a value stand.
    pub(super) fn column(self, value: &Value, rewriter: &Rewriter<'_>) -> usize {
        match self {
            Self::Root => 0,
            Self::Key(column) if value.as_array().is_some() => column + rewriter.dash,
            Self::Key(column) => column + rewriter.step,
            Self::Dash(column) => column + 2,
        }
    }
}

impl<'a> Rewriter<'a> {
    /// Writes a value in block style.
    pub(super) fn render(&mut self, new: &'a Value, place: Place) -> Rendered {
        if let Some(carried) = self.carried(new, place) {
            return carried;
        }
        let column = place.column(new, self);
        let tag = new
            .tag
            .as_ref()
            .map_or(String::new(), |tag| format!("{tag} "));
        let children: Vec<Child<'a>> = match &new.kind {
            Kind::Object(map) => map
                .entries()
                .map(|(name, entry)| Child {
                    slot: None,
                    name: Some(name),
                    key: entry.key,
                    value: &entry.value,
                })
                .collect(),
            Kind::Array(items) => items
                .iter()
                .map(|value| Child {
                    slot: None,
                    name: None,
                    key: Default::default(),
                    value,
                })
                .collect(),
            Kind::String(text) if write::is_block_text(text) => {
                let column = place.above() + self.step;
                return Rendered::Inline(format!("{tag}{}", write::block_text(text, column)));
            }
            _ => Vec::new(),
        };
        if children.is_empty() {
            return Rendered::Inline(format!("{tag}{}", write::scalar(new)));
        }
        if !tag.is_empty() {
            // A tag stands behind the key, what it tags below it.
            let text = write::write_flow(&Value {
                tag: None,
                ..new.clone()
            });
            return Rendered::Inline(format!("{tag}{text}"));
        }
        let lines: Vec<String> = children
            .iter()
            .map(|child| self.lines(child, column))
            .collect();
        Rendered::Block(lines.join("\n"))
    }

    /// Writes an entry or an item in lines of its own.
    pub(super) fn lines(&mut self, child: &Child<'a>, column: usize) -> String {
        if let Some(carried) = self.carried_slot(child, column) {
            return carried;
        }
        let indent = " ".repeat(column);
        let Some(name) = child.name else {
            return match self.render(child.value, Place::Dash(column)) {
                Rendered::Inline(text) => format!("{indent}- {text}"),
                Rendered::Block(text) => format!("{indent}- {}", text.trim_start_matches(' ')),
            };
        };
        let key = write::key(name);
        match self.render(child.value, Place::Key(column)) {
            Rendered::Inline(text) => format!("{indent}{key}: {text}"),
            Rendered::Block(text) => format!("{indent}{key}:\n{text}"),
        }
    }

    /// Writes an entry or an item in brackets.
    pub(super) fn part(
        &mut self,
        child: &Child<'a>,
        column: usize,
        colon: usize,
        in_lines: bool,
    ) -> String {
        let dense = !matches!(self.scan.byte(colon), Some(b' ' | b'\n' | b'\r' | b'\t'));
        let value = match (self.format, in_lines) {
            (Format::Json, true) => self.json(child.value, column),
            (Format::Json, false) => child.value.to_json().to_string(),
            _ => write_flow(child.value),
        };
        match child.name {
            None => value,
            Some(name) if self.format == Format::Json => {
                let space = if dense { "" } else { " " };
                format!("{}:{space}{value}", quoted(name))
            }
            Some(name) => format!("{}: {value}", self.key_like(name, Quotes::None, true)),
        }
    }

    /// Writes a value as JSON whose first line stands in a line that is indented so far.
    pub(super) fn json(&mut self, value: &'a Value, column: usize) -> String {
        if !self.scan.text.trim_end().contains('\n') {
            return value.to_json().to_string();
        }
        let outside = std::mem::replace(&mut self.in_flow, true);
        let carried = self.carried(value, Place::Key(column));
        self.in_flow = outside;
        if let Some(Rendered::Inline(text)) = carried {
            return text;
        }
        if self.lists_in_line
            && let Some(text) = in_line(value, MAX_LINE.saturating_sub(column))
        {
            return text;
        }
        let inner = column + self.step;
        let indent = self.indent(inner);
        let (open, parts, close): (_, Vec<String>, _) = match &value.kind {
            Kind::Object(map) if !map.is_empty() => {
                let part = |(name, value): (&smol_str::SmolStr, &'a Value)| {
                    format!("{indent}{}: {}", quoted(name), self.json(value, inner))
                };
                ('{', map.iter().map(part).collect(), '}')
            }
            Kind::Array(items) if !items.is_empty() => {
                let part = |value: &'a Value| format!("{indent}{}", self.json(value, inner));
                ('[', items.iter().map(part).collect(), ']')
            }
            _ => return value.to_json().to_string(),
        };
        format!(
            "{open}\n{}\n{}{close}",
            parts.join(",\n"),
            self.indent(column)
        )
    }

    /// Writes a scalar in the manner of one that stood there; `None` where it must stand otherwise.
    pub(super) fn scalar_like(&self, new: &Value, quotes: Quotes) -> Option<String> {
        if self.format == Format::Json {
            return Some(new.to_json().to_string());
        }
        let Kind::String(text) = &new.kind else {
            return Some(write::scalar(new));
        };
        let in_lines = write::is_block_text(text) && !self.in_flow;
        match quotes {
            _ if in_lines && quotes != Quotes::Double => None,
            Quotes::Block => None,
            Quotes::Single if write::may_be_single(text) => Some(single(text)),
            Quotes::Double => Some(write::quoted(text)),
            _ if self.in_flow => Some(write_flow(&Value::detached(new.kind.clone()))),
            _ => Some(write::scalar(&Value::detached(new.kind.clone()))),
        }
    }

    /// Writes a key in the manner of one that stood there.
    pub(super) fn key_like(&self, name: &str, quotes: Quotes, flow: bool) -> String {
        match quotes {
            _ if self.format == Format::Json => quoted(name),
            Quotes::Double => write::quoted(name),
            Quotes::Single if write::may_be_single(name) => single(name),
            _ if flow => write_flow(&Value::detached(Kind::String(name.into()))),
            _ => write::key(name),
        }
    }

    /// Writes the value of an entry or item anew.
    pub(super) fn replace(
        &mut self,
        slot: &'a Slot,
        new: &'a Value,
        flow: bool,
        edits: &mut Edits,
    ) {
        let node = &slot.value;
        let keeps = node.anchor != 0 && !node.tagged && self.mode == super::rewriter::Mode::Keep;
        let from = if keeps { node.start } else { node.outer };
        let mut edit = |from, to, text| edits.push(Edit { from, to, text });
        if flow {
            let text = match self.format {
                Format::Json => {
                    let column = self.indent_of(slot);
                    self.json(new, column)
                }
                _ => write_flow(new),
            };
            let kept = match self.format {
                Format::Json => self.kept(from, node, &text, self.indent_of(slot)),
                _ => String::new(),
            };
            self.put_above(slot, &kept, edits);
            let mut edit = |from, to, text| edits.push(Edit { from, to, text });
            return match node.is_written() {
                true => edit(from, node.end, text),
                false => edit(node.end, node.end, format!(" {text}")),
            };
        }
        let column = self.scan.column(slot.start);
        let place = match slot.key {
            Some(_) => Place::Key(column),
            None => Place::Dash(column),
        };
        let rendered = self.render(new, place);
        let own_lines =
            node.is_written() && node.start > slot.colon && self.scan.is_first(node.start);
        // Behind the colon, or the anchor that stays.
        let behind = match keeps {
            true => {
                let marks = &self.scan.text[node.outer..node.start];
                node.outer + marks.find([' ', '\n', '\r', '\t']).unwrap_or(marks.len())
            }
            false => slot.colon,
        };
        match rendered {
            Rendered::Inline(text) if own_lines => {
                let (first, rest) = match text.split_once('\n') {
                    Some((first, rest)) => (first, format!("\n{rest}")),
                    None => (text.as_str(), String::new()),
                };
                edit(behind, behind, format!(" {first}"));
                let kept = self.kept(self.scan.line_end(behind), node, &text, column);
                self.put_above(slot, &kept, edits);
                edits.push(Edit {
                    from: self.scan.line_end(behind),
                    to: node.end,
                    text: rest,
                });
            }
            Rendered::Inline(text) => {
                let kept = self.kept(node.start, node, &text, column);
                self.put_above(slot, &kept, edits);
                self.behind_dash(node, from, &text, edits);
            }
            Rendered::Block(text) if own_lines => {
                let first = node.group().and_then(|group| group.slots.first());
                let begin = match first {
                    Some(first) if node.is_block() => self.lead(first, Some(slot.colon)),
                    _ => self.scan.line_start(node.start),
                };
                let inner = place.column(new, self);
                let kept = self.kept(begin, node, &text, inner);
                let text = if kept.is_empty() {
                    text
                } else {
                    format!("{kept}\n{text}")
                };
                edits.push(Edit {
                    from: begin,
                    to: node.end,
                    text,
                });
            }
            Rendered::Block(text) if slot.key.is_none() => {
                self.behind_dash(node, from, text.trim_start_matches(' '), edits);
            }
            Rendered::Block(text) => {
                edit(behind, node.end.max(behind), String::new());
                let line = self.scan.line_end(node.end);
                edit(line, line, format!("\n{text}"));
            }
        }
    }

    /// Writes a text in the place of a value, its first line before the comment beside that.
    fn behind_dash(&self, node: &Node, from: usize, text: &str, edits: &mut Edits) {
        let mut edit = |from, to, text| edits.push(Edit { from, to, text });
        let space = if node.is_written() { "" } else { " " };
        let line = self.scan.line_end(node.end);
        let commented = self.scan.comment(self.scan.blanks(node.end)).is_some();
        match text.split_once('\n').filter(|_| commented) {
            Some((first, rest)) => {
                edit(from, node.end, format!("{space}{first}"));
                edit(line, line, format!("\n{rest}"));
            }
            None => edit(from, node.end, format!("{space}{text}")),
        }
    }
}

/// Writes a list of plain values in one line, where it is short enough.
fn in_line(value: &Value, width: usize) -> Option<String> {
    let items = value.as_array()?;
    let plain = |item: &Value| !matches!(item.kind, Kind::Array(_) | Kind::Object(_));
    // Two bytes an item at least, with its comma.
    if items.len() > width / 2 || !items.iter().all(plain) {
        return None;
    }
    let texts: Vec<String> = items.iter().map(|it| it.to_json().to_string()).collect();
    let text = format!("[{}]", texts.join(", "));
    (text.len() <= width).then_some(text)
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
