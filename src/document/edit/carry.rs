//! Values and entries that stand elsewhere now, and bring their text along.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::super::{Format, Kind, Value};
use super::group::{Child, class};
use super::layout::{Node, Shape, Slot};
use super::render::{Place, Rendered};
use super::rewriter::{Edit, Edits, Rewriter, ordered};
use super::scan::Scan;
use crate::text::Span;

type ByValue<T> = HashMap<(Span, u8), T, RandomState>;

/// Where values and entries stood, and how often they are asked for.
#[derive(Default)]
pub(super) struct Origins<'a> {
    values: ByValue<(&'a Node, &'a Value, Option<&'a Slot>)>,
    keys: HashMap<Span, (&'a Slot, &'a Value, bool), RandomState>,
    items: ByValue<(&'a Slot, &'a Value)>,
    key_uses: HashMap<Span, usize, RandomState>,
    item_uses: ByValue<usize>,
}

impl<'a> Origins<'a> {
    fn learn(&mut self, node: &'a Node, value: &'a Value, above: Option<&'a Slot>) {
        if matches!(node.shape, Shape::Alias(_)) {
            return;
        }
        if above.is_none_or(|slot| slot.key.is_some()) || has_place(value) {
            self.values
                .insert((value.span, class(value)), (node, value, above));
        }
        let Some(group) = node.group() else {
            return;
        };
        for (at, slot) in group.slots.iter().enumerate() {
            let inner = match (&slot.key, &value.kind) {
                (Some(key), Kind::Object(map)) if !key.merge => map.get_near(at, &key.name),
                (None, Kind::Array(items)) => items.get(at),
                _ => None,
            };
            let Some(inner) = inner else {
                continue;
            };
            match &slot.key {
                Some(key) => {
                    self.keys.insert(key.span, (slot, inner, group.flow));
                }
                None if !group.flow && !matches!(slot.value.shape, Shape::Alias(_)) => {
                    self.items.insert((inner.span, class(inner)), (slot, inner));
                }
                None => {}
            }
            self.learn(&slot.value, inner, Some(slot));
        }
    }

    fn count(&mut self, value: &Value) {
        match &value.kind {
            Kind::Object(map) => {
                for (_, entry) in map.entries() {
                    if entry.key != Span::default() {
                        *self.key_uses.entry(entry.key).or_default() += 1;
                    }
                    self.count(&entry.value);
                }
            }
            Kind::Array(items) => {
                for item in items {
                    if has_place(item) {
                        *self.item_uses.entry((item.span, class(item))).or_default() += 1;
                    }
                    self.count(item);
                }
            }
            _ => {}
        }
    }
}

fn has_place(value: &Value) -> bool {
    value.span != Span::default()
}

impl<'a> Rewriter<'a> {
    fn origins(&mut self) -> &Origins<'a> {
        if self.origins.is_none() {
            let mut origins = Origins::default();
            for (document, node) in self.documents.iter().zip(self.nodes) {
                if let Some(node) = node {
                    origins.learn(node, &document.root, None);
                }
            }
            for value in self.intended {
                origins.count(value);
            }
            self.origins = Some(origins);
        }
        self.origins.as_ref().expect("it was just made")
    }

    /// Writes a value that stood elsewhere as it was written there.
    pub(super) fn carried(&mut self, new: &'a Value, place: Place) -> Option<Rendered> {
        if !has_place(new) || new.tag.is_some() {
            return None;
        }
        let (node, old, above) = *self.origins().values.get(&(new.span, class(new)))?;
        if matches!(node.shape, Shape::Odd) || !node.is_written() || node.start == node.end {
            return None;
        }
        let is_block = node.is_block();
        if is_block && self.in_flow {
            return None;
        }
        let mut edits = Edits::new();
        if !self.same(node, old, new, &mut edits) {
            return None;
        }
        if is_block {
            let first = node.group()?.slots.first()?;
            let column = self.scan.column(first.start);
            let from = self.lead(first, above.map(|slot| slot.colon));
            let text = self.spliced(from, node.end, column, edits);
            return Some(Rendered::Block(self.shifted(
                &text,
                column,
                place.column(new, self),
                true,
            )));
        }
        let text = self.spliced(node.start, node.end, 0, edits);
        let was = above.map_or(0, |slot| self.indent_of(slot));
        Some(Rendered::Inline(self.shifted(
            &text,
            was,
            place.above(),
            false,
        )))
    }

    /// Gives the column of an entry; in brackets, of the line it is in.
    pub(super) fn indent_of(&self, slot: &Slot) -> usize {
        let line = self.scan.line_start(slot.start);
        match self.format {
            Format::Json => self.scan.blanks(line) - line,
            _ => slot.start - line,
        }
    }

    /// Moves the lines of a text from one column to another; the first one too where it is whole.
    fn shifted(&self, text: &str, from: usize, to: usize, whole: bool) -> String {
        if from == to {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                out.push('\n');
            }
            if (at == 0 && !whole) || line.trim().is_empty() {
                out.push_str(line);
            } else if to > from {
                out.extend(std::iter::repeat_n(self.blank, to - from));
                out.push_str(line);
            } else {
                let blanks = line.len() - line.trim_start_matches(self.blank).len();
                out.push_str(&line[blanks.min(from - to)..]);
            }
        }
        out
    }

    /// Writes an entry or item that stood elsewhere as it was written there, comments and all.
    pub(super) fn carried_slot(&mut self, child: &Child<'a>, column: usize) -> Option<String> {
        let origins = self.origins();
        let (slot, old) = match child.name {
            Some(_) => {
                let (slot, old, flow) = *origins.keys.get(&child.key)?;
                let once = origins.key_uses.get(&child.key) == Some(&1);
                (slot, (once && !flow).then_some(old)?)
            }
            None => {
                let at = (child.value.span, class(child.value));
                let (slot, old) = *origins.items.get(&at)?;
                (
                    slot,
                    (origins.item_uses.get(&at) == Some(&1)).then_some(old)?,
                )
            }
        };
        if self.format == Format::Json || self.in_flow {
            return None;
        }
        let was = self.scan.column(slot.start);
        let mut edits = Edits::new();
        if let (Some(key), Some(name)) = (&slot.key, child.name)
            && key.name != *name
        {
            edits.push(Edit {
                from: key.span.start as usize,
                to: key.span.end as usize,
                text: self.key_like(name, key.quotes, false),
            });
        }
        self.value(slot, old, child.value, false, &mut edits);
        let from = self.lead(slot, None);
        let text = self.spliced(from, slot.tail, was, edits);
        Some(self.shifted(&text, was, column, true))
    }

    /// Gives a stretch of the text with changes in it; what was indented by the dash before it is
    /// indented by as many blanks.
    fn spliced(&self, from: usize, to: usize, column: usize, edits: Edits) -> String {
        let text = self.scan.text;
        let indent = self.indent(if self.scan.is_first(from) { 0 } else { column });
        let (mut above, mut out) = (String::new(), String::new());
        let mut at = from;
        for edit in ordered(edits) {
            if edit.from > to {
                continue;
            }
            if edit.to < from {
                // Lines that were to stand above the first one here.
                for line in edit.text.trim_matches('\n').lines() {
                    above.extend([&self.indent(column), line.trim_start(), "\n"]);
                }
                continue;
            }
            out.push_str(text.get(at..edit.from.max(at)).unwrap_or_default());
            let before = edit.from < from;
            out.push_str(if before {
                edit.text.trim_start_matches('\n')
            } else {
                &edit.text
            });
            at = edit.to.max(at);
        }
        out.push_str(text.get(at..to).unwrap_or_default());
        let out = match out.strip_prefix('\n') {
            Some(rest) if from < at => rest,
            _ => &out,
        };
        format!("{above}{indent}{out}").replace("\r\n", "\n")
    }

    /// Gives the comments of an entry that goes which are to stay, in a stretch of the text: those
    /// of one that goes with a note, below that note, and those of a map whose entries stand
    /// elsewhere now.
    pub(super) fn left_behind(&mut self, slot: &'a Slot, from: usize, to: usize) -> Vec<String> {
        let (scan, options) = (self.scan, self.options);
        if options.drop_comments {
            return Vec::new();
        }
        let mark = match self.format {
            Format::Json => "//",
            Format::Yaml | Format::Toml => "#",
        };
        let origins = self.origins();
        if origins.is_used(slot) {
            return Vec::new();
        }
        let mut left = Left {
            notes: &options.removed,
            parts: Vec::new(),
            said: Vec::new(),
            emptied: false,
        };
        left.slot(origins, scan, slot);
        if left.said.is_empty() && !left.emptied {
            return Vec::new();
        }
        left.parts.sort_unstable();
        let comments = scan.comments_in(from, to, &left.parts);
        if comments.is_empty() {
            return Vec::new();
        }
        left.said.dedup();
        let notes = left
            .said
            .iter()
            .map(|note| format!("{mark} {}", note.replace('\n', " ")));
        notes
            .chain(comments.into_iter().map(str::to_owned))
            .collect()
    }
}

/// What is left of an entry that goes.
struct Left<'o> {
    notes: &'o HashMap<u32, String>,
    /// Stretches in which no comments of its own are: texts, in which `#` is none, and entries
    /// that stand elsewhere now.
    parts: Vec<(usize, usize)>,
    /// The notes on it and what is in it.
    said: Vec<&'o str>,
    /// Whether something in it stands elsewhere now.
    emptied: bool,
}

impl Left<'_> {
    fn slot(&mut self, origins: &Origins<'_>, scan: Scan<'_>, slot: &Slot) {
        if let Some(key) = &slot.key {
            self.parts
                .push((key.span.start as usize, key.span.end as usize));
            self.said
                .extend(self.notes.get(&key.span.start).map(String::as_str));
        } else if let Ok(start) = u32::try_from(slot.value.start) {
            self.said.extend(self.notes.get(&start).map(String::as_str));
        }
        let Some(group) = slot.value.group() else {
            self.parts.push((slot.value.outer, slot.value.end));
            return;
        };
        for slot in &group.slots {
            if origins.is_used(slot) {
                self.emptied = true;
                let from = scan
                    .comments_above(slot.start, scan.mark())
                    .unwrap_or(slot.start);
                self.parts.push((from, slot.tail));
            } else {
                self.slot(origins, scan, slot);
            }
        }
    }
}

impl Origins<'_> {
    fn is_used(&self, slot: &Slot) -> bool {
        slot.key
            .as_ref()
            .is_some_and(|key| self.key_uses.contains_key(&key.span))
    }
}
