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
        // What is new stands behind the last of those before it that stay.
        let mut before = None;
        let behind: Vec<Option<usize>> = (plan.children.iter())
            .map(|child| {
                before = before.max(child.slot);
                before
            })
            .collect();
        let last = before;
        let is_new = |at: &usize| plan.children[*at].slot.is_none();
        let last_new = (0..behind.len()).rfind(|at| is_new(at) && behind[*at] == last);
        for (at, slot) in slots.iter().enumerate() {
            if plan.gone[at] {
                let stays = |at: &usize| !plan.gone[*at];
                let next = (at..slots.len()).find(stays);
                let (from, to) = match next {
                    _ if in_lines => (self.bound(node, slots, at), self.bound(node, slots, at + 1)),
                    // The first of several says it for all.
                    _ if at > 0 && plan.gone[at - 1] => continue,
                    Some(next) => (slot.start, slots[next].start),
                    None => (
                        self.bound(node, slots, at),
                        self.bound(node, slots, slots.len()),
                    ),
                };
                let text = self.flow_note(slot, from, to, in_lines, column);
                edits.push(Edit { from, to, text });
                continue;
            }
            let needed = last != Some(at) || last_new.is_some() || trailing;
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
        for (position, child) in plan.children.iter().enumerate() {
            if child.slot.is_some() {
                continue;
            }
            let before = behind[position];
            let comma = if last_new != Some(position) || trailing {
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
                (true, _) => format!("\n{}{text}{comma}", self.indent(column)),
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
        let indent = self.indent(column);
        let left = self.left_behind(slot, from, to);
        left.iter()
            .map(|line| format!("\n{indent}{line}"))
            .collect()
    }
}
