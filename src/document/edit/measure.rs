//! How far a text indents things.

use super::layout::{Node, Shape};
use super::scan::Scan;

/// Finds how far the first map in a map, and the first list in one, are indented.
pub(super) fn measure(
    scan: Scan<'_>,
    node: &Node,
    above: Option<usize>,
    found: &mut (Option<usize>, Option<usize>),
) {
    let Some(group) = node.group() else {
        return;
    };
    let Some(first) = group.slots.first() else {
        return;
    };
    if found.0.is_some() && found.1.is_some() {
        return;
    }
    if group.flow && scan.line_start(first.start) <= node.start {
        return;
    }
    let column = scan.column(first.start);
    if let Some(deeper) = above.and_then(|above| column.checked_sub(above)) {
        let slot = match &node.shape {
            Shape::List(group) if !group.flow => &mut found.1,
            _ => &mut found.0,
        };
        if slot.is_none() && scan.is_first(first.start) {
            *slot = Some(deeper);
        }
    }
    for slot in &group.slots {
        let above = slot.key.as_ref().map(|_| column);
        // Brackets are measured from the line that opens them.
        let above = match group.flow {
            true => Some(column),
            false => above,
        };
        measure(scan, &slot.value, above, found);
    }
}

/// Says whether a list of plain values stands in one line somewhere.
pub(super) fn has_list_in_line(scan: Scan<'_>, node: &Node) -> bool {
    let Some(group) = node.group() else {
        return false;
    };
    let is_list = matches!(node.shape, Shape::List(_)) && group.flow && !group.slots.is_empty();
    let mut slots = group.slots.iter();
    let plain = |slot: &super::layout::Slot| slot.value.group().is_none();
    (is_list && scan.line_end(node.start) >= node.end && slots.clone().all(plain))
        || slots.any(|slot| has_list_in_line(scan, &slot.value))
}
