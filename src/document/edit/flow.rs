//! Changes in lists and maps that stand in brackets, with commas between their parts.

use super::group::Plan;
use super::layout::{Group, Node, Slot};
use super::rewriter::{Edit, Edits, Rewriter};

impl<'a> Rewriter<'a> {
    pub(super) fn flow(
        &mut self,
        node: &'a Node,
        group: &'a Group,
        plan: &Plan<'a>,
        edits: &mut Edits,
    ) {
        let slots = &group.slots;
        let fresh = plan.children.iter().any(|child| child.slot.is_none());
        if !fresh && !plan.gone.contains(&true) {
            return;
        }
        let Some(first) = slots.first() else {
            return;
        };
        let in_lines = self.scan.text[node.start..first.start].contains('\n');
        let column = if in_lines {
            self.scan.column(first.start)
        } else {
            0
        };
        let insert = |at, text| Edit {
            from: at,
            to: at,
            text,
        };
        let trailing = self.comma(&slots[slots.len() - 1]).is_some();
        // The last slot that stays may be followed by new ones.
        let last_child = plan.children.last().and_then(|child| child.slot);
        for (at, slot) in slots.iter().enumerate() {
            if plan.gone[at] {
                let (from, to) = match slots.get(at + 1) {
                    Some(next) if !in_lines => (slot.start, next.start),
                    _ => (self.bound(node, slots, at), self.bound(node, slots, at + 1)),
                };
                let text = self.flow_note(slot, from, to, in_lines, column);
                edits.push(Edit { from, to, text });
                continue;
            }
            let needed = last_child != Some(at) || trailing;
            match self.comma(slot) {
                Some(comma) if !needed => edits.push(Edit {
                    from: comma,
                    to: comma + 1,
                    text: String::new(),
                }),
                None if needed => edits.push(insert(slot.value.end, ",".to_owned())),
                _ => {}
            }
        }
        let dense = slots.windows(2).any(|pair| {
            self.comma(&pair[0])
                .is_some_and(|comma| comma + 1 == pair[1].start)
        });
        let space = if dense { "" } else { " " };
        let lead = self.scan.text[node.start + 1..first.start].to_owned();
        let mut before: Option<usize> = None;
        let count = plan.children.len();
        for (position, child) in plan.children.iter().enumerate() {
            if let Some(slot) = child.slot {
                before = Some(before.map_or(slot, |before: usize| before.max(slot)));
                continue;
            }
            let comma = if position + 1 < count || trailing {
                ","
            } else {
                ""
            };
            let text = self.part(child, column, group.slots[0].colon, in_lines);
            let at = before.map_or_else(
                || self.bound(node, slots, 0),
                |at| self.bound(node, slots, at + 1),
            );
            let text = match (in_lines, before) {
                (true, _) => format!("\n{}{text}{comma}", " ".repeat(column)),
                (false, Some(_)) => format!("{space}{text}{comma}"),
                (false, None) if lead.is_empty() => format!("{text}{comma}{space}"),
                (false, None) => format!("{lead}{text}{comma}"),
            };
            edits.push(insert(at, text));
        }
    }

    /// Finds the comma behind a part.
    fn comma(&self, slot: &Slot) -> Option<usize> {
        let at = self.scan.skip(slot.value.end);
        (self.scan.byte(at) == Some(b',')).then_some(at)
    }

    /// Finds where the text of a part begins: behind the comma before it, and the comment beside
    /// that.
    fn bound(&self, node: &Node, slots: &[Slot], at: usize) -> usize {
        let behind = match at.checked_sub(1) {
            None => node.start + 1,
            Some(before) => {
                let slot = &slots[before];
                self.comma(slot).map_or(slot.value.end, |comma| comma + 1)
            }
        };
        let comment = self.scan.blanks(behind);
        match self.scan.comment(comment) {
            // One that ends its line; one within a line is about what follows.
            Some(end) if self.scan.blanks(end) == self.scan.line_end(end) => end,
            _ => behind,
        }
    }

    /// Writes what stays of the comments of a part that goes.
    fn flow_note(
        &mut self,
        slot: &'a Slot,
        from: usize,
        to: usize,
        in_lines: bool,
        column: usize,
    ) -> String {
        if !in_lines {
            return String::new();
        }
        let indent = " ".repeat(column);
        let left = self.left_behind(slot, from, to);
        left.iter()
            .map(|line| format!("\n{indent}{line}"))
            .collect()
    }
}
