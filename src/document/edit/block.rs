//! Changes in lists and maps that stand in lines of their own.

use super::group::Plan;
use super::layout::{Group, Slot};
use super::rewriter::{Edit, Edits, Rewriter};

impl<'a> Rewriter<'a> {
    pub(super) fn block(&mut self, group: &'a Group, plan: &Plan<'a>, edits: &mut Edits) {
        let slots = &group.slots;
        let Some(first) = slots.first() else {
            return;
        };
        let column = self.scan.column(first.start);
        let inline = !self.scan.is_first(first.start);
        // The first slot that stays and stands behind those that go at the beginning.
        let staying = plan.gone.iter().position(|gone| !gone).unwrap_or(0);
        let begin = slots[staying].start;
        if inline && staying > 0 {
            self.remove_beginning(slots, staying, column, edits);
        }
        let at_top = !inline && staying > 0 && self.lead(first, None) <= self.scan.mark();
        if at_top {
            self.remove_top(&slots[..staying], column, edits);
        }
        for (at, slot) in slots.iter().enumerate() {
            if plan.gone[at] && !((inline || at_top) && at < staying) {
                let floor = at.checked_sub(1).map(|before| slots[before].tail);
                self.remove(slot, floor, column, at + 1 == slots.len(), edits);
            }
        }
        let mut before: Option<usize> = None;
        let last_kept = plan.children.iter().rposition(|child| child.slot.is_some());
        for (position, child) in plan.children.iter().enumerate() {
            if let Some(slot) = child.slot {
                before = Some(before.map_or(slot, |before: usize| before.max(slot)));
                continue;
            }
            let lines = self.lines(child, column);
            // What comes last stands behind all that was there.
            let is_last = last_kept.is_none_or(|last| position > last);
            let before = before.map(|at| if is_last { slots.len() - 1 } else { at });
            match before {
                Some(at) => {
                    let at = slots[at].tail;
                    edits.push(Edit {
                        from: at,
                        to: at,
                        text: format!("\n{lines}"),
                    });
                }
                None if inline => {
                    let text = format!("{}\n{}", lines.trim_start_matches(' '), " ".repeat(column));
                    edits.push(Edit {
                        from: begin,
                        to: begin,
                        text,
                    });
                }
                None => {
                    let lead = self.lead(first, None);
                    let (at, text) = match lead > self.scan.mark() {
                        true => (before_line_end(self.scan.text, lead), format!("\n{lines}")),
                        false => (lead, format!("{lines}\n")),
                    };
                    edits.push(Edit {
                        from: at,
                        to: at,
                        text,
                    });
                }
            }
        }
    }

    /// Finds where an entry begins, with the comments above it that belong to it.
    pub(super) fn lead(&self, slot: &Slot, floor: Option<usize>) -> usize {
        let above = self
            .scan
            .comments_above(slot.start, floor.unwrap_or_default());
        above.unwrap_or(slot.start)
    }

    /// Takes an entry out, with the comments above it.
    fn remove(
        &mut self,
        slot: &'a Slot,
        floor: Option<usize>,
        column: usize,
        last: bool,
        edits: &mut Edits,
    ) {
        let lead = self.lead(slot, floor);
        let note = self.note(slot, lead, column);
        let mut to = slot.tail;
        let mut from = lead;
        from = before_line_end(self.scan.text, from);
        let blank_above = from == 0 || self.scan.is_blank(self.scan.line_start(from));
        // Of the blank lines on both sides, those above stay.
        while note.is_empty() && blank_above && !last {
            let next = self.scan.next_line(to);
            if next >= self.scan.text.len() || next == to || !self.scan.is_blank(next) {
                break;
            }
            to = self.scan.line_end(next);
        }
        let text = if note.is_empty() {
            note
        } else {
            format!("\n{note}")
        };
        edits.push(Edit { from, to, text });
    }

    /// Takes out the first entries of a text.
    fn remove_top(&mut self, slots: &'a [Slot], column: usize, edits: &mut Edits) {
        let mut text = String::new();
        let (mut from, mut to) = (None, 0);
        for slot in slots {
            let lead = self.lead(slot, Some(to));
            let note = self.note(slot, lead, column);
            if !note.is_empty() {
                text.push_str(&note);
                text.push('\n');
            }
            from = from.or(Some(lead));
            to = self.scan.next_line(slot.tail);
        }
        let from = from.unwrap_or_default();
        edits.push(Edit { from, to, text });
    }

    /// Takes out the first entries of a map that begins behind a dash.
    fn remove_beginning(
        &mut self,
        slots: &'a [Slot],
        staying: usize,
        column: usize,
        edits: &mut Edits,
    ) {
        let (first, next) = (&slots[0], &slots[staying]);
        let mut notes = Vec::new();
        for (at, slot) in slots[..staying].iter().enumerate() {
            let lead = match at {
                0 => slot.start,
                _ => self.lead(slot, Some(slots[at - 1].tail)),
            };
            let note = self.note(slot, lead, column);
            notes.extend((!note.is_empty()).then_some(note));
        }
        let lead = self.lead(next, Some(slots[staying - 1].tail));
        let above = self.scan.text[lead..next.start].trim_end();
        notes.extend(
            (!above.trim().is_empty())
                .then(|| format!("{}{}", " ".repeat(column), above.trim_start())),
        );
        if !notes.is_empty() {
            let line = self.scan.line_start(first.start);
            let indent = self.scan.blanks(line) - line;
            let text: String = notes
                .iter()
                .flat_map(|note| note.lines())
                .map(|text| format!("{}{}\n", " ".repeat(indent), text.trim_start()))
                .collect();
            edits.push(Edit {
                from: line,
                to: line,
                text,
            });
        }
        edits.push(Edit {
            from: first.start,
            to: next.start,
            text: String::new(),
        });
    }

    /// Writes what stays of the comments of an entry that goes.
    fn note(&mut self, slot: &'a Slot, lead: usize, column: usize) -> String {
        let indent = " ".repeat(column);
        let left = self.left_behind(slot, lead, slot.tail);
        let lines = left.iter().map(|line| format!("{indent}{line}"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Gives the place before the line end that stands right before a place.
fn before_line_end(text: &str, at: usize) -> usize {
    let at = at.saturating_sub(1);
    if at > 0 && text.as_bytes().get(at - 1) == Some(&b'\r') {
        return at - 1;
    }
    at
}
