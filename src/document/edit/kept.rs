//! Comments of values that are written anew.

use std::collections::HashSet;

use super::layout::{Node, Slot};
use super::rewriter::{Edit, Edits, Rewriter};

/// The most signs of a line that are looked at for whether they begin a comment.
const MAX_MARKS: usize = 64;

impl Rewriter<'_> {
    /// Gives the comments of a stretch, the value in it and right behind it, that do not stand in
    /// what is written in its place.
    pub(super) fn kept(&self, from: usize, node: &Node, text: &str, column: usize) -> String {
        if self.options.drop_comments {
            return String::new();
        }
        let mut scalars = Vec::new();
        no_comments(node, &mut scalars);
        let indent = self.indent(column);
        let comments = self.scan.comments_in(from, node.end, &scalars);
        if comments.is_empty() {
            return String::new();
        }
        let there = line_ends(text);
        let is_there = |comment: &str| match comment.starts_with("/*") {
            true => text.contains(comment),
            false => there.contains(comment),
        };
        let lines: Vec<String> = comments
            .into_iter()
            .filter(|comment| !is_there(comment))
            .map(|comment| format!("{indent}{comment}"))
            .collect();
        lines.join("\n")
    }

    /// Puts lines above the one that an entry or item begins, if it does.
    pub(super) fn put_above(&self, slot: &Slot, kept: &str, edits: &mut Edits) {
        if !kept.is_empty() && self.scan.is_first(slot.start) {
            let line = self.scan.line_start(slot.start);
            edits.push(Edit {
                from: line,
                to: line,
                text: format!("{kept}\n"),
            });
        }
    }
}

/// Gathers what may be comments to the end of a line.
fn line_ends(text: &str) -> HashSet<&str, foldhash::fast::RandomState> {
    let of_line = |line: &'_ str| -> Vec<usize> {
        let marks = line.match_indices(['#', '/']);
        marks.map(|(at, _)| at).take(MAX_MARKS).collect()
    };
    text.lines()
        .flat_map(|line| {
            of_line(line)
                .into_iter()
                .map(move |at| line[at..].trim_end())
        })
        .collect()
}

/// Gathers the stretches of keys and scalars, in which no comments are.
fn no_comments(node: &Node, parts: &mut Vec<(usize, usize)>) {
    let Some(group) = node.group() else {
        return parts.push((node.outer, node.end));
    };
    for slot in &group.slots {
        if let Some(key) = &slot.key {
            parts.push((key.span.start as usize, key.span.end as usize));
        }
        no_comments(&slot.value, parts);
    }
}
