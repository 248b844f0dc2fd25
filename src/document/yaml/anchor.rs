//! Anchors, and the aliases that repeat them.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::super::Value;
use crate::report::{Rule, Severity};

/// An alias inside the very node that it names.
pub static RECURSIVE_ALIAS: Rule = Rule {
    id: "recursive-alias",
    severity: Severity::Error,
    summary: "an alias stands inside the value that it repeats",
    docs: "Writing the value out would never end.\n\
        \n\
        ```yaml\n\
        service: &service\n\
        \x20 name: api\n\
        \x20 fallback: *service\n\
        ```\n\
        \n\
        Refer to the other value by its name instead of by an alias.",
};

/// An alias whose anchor is nowhere above it.
pub static UNKNOWN_ALIAS: Rule = Rule {
    id: "unknown-alias",
    severity: Severity::Error,
    summary: "an alias names an anchor that is nowhere above it",
    docs: "`*name` repeats the value marked `&name`, which must stand earlier in the same \
        document.\n\
        \n\
        ```yaml\n\
        api: *defaults      # no `&defaults` above\n\
        glob: *.log         # a text that starts with `*` must be quoted: \"*.log\"\n\
        ```",
};

/// The anchors of a document, and how much was copied for those of the whole file.
#[derive(Default)]
pub(super) struct Anchors {
    known: HashMap<usize, Alias, foldhash::fast::RandomState>,
    /// Nodes kept for aliases to come.
    kept: usize,
    /// Nodes that aliases brought in.
    brought: usize,
}

/// What an alias stands for.
#[derive(Clone)]
pub(super) enum Alias {
    /// A node of the document above.
    Node(Copy),
    /// The node around the alias, which is not closed yet.
    Recursive,
    /// A node that is too large to be copied once more.
    TooLarge,
}

/// A copy of an anchored node.
#[derive(Clone)]
pub(super) struct Copy {
    pub(super) value: Value,
    /// Its text as a key, for a scalar.
    pub(super) key: Option<SmolStr>,
    pub(super) nodes: usize,
    /// How many levels stand below it.
    pub(super) height: usize,
}

impl Anchors {
    /// Counts the nodes that aliases brought in.
    pub(super) fn brought(&self) -> usize {
        self.brought
    }

    /// Forgets the anchors at the end of a document.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    /// Begins a list or map with an anchor; 0 is none.
    pub(super) fn open(&mut self, anchor: usize) {
        if anchor != 0 {
            self.known.insert(anchor, Alias::Recursive);
        }
    }

    /// Keeps a copy of a whole node, if no more than `allowed` nodes are copied in all.
    pub(super) fn keep(
        &mut self,
        anchor: usize,
        nodes: usize,
        allowed: usize,
        copy: impl FnOnce() -> Copy,
    ) {
        let alias = if self.may_copy(nodes, allowed) {
            self.kept += nodes;
            Alias::Node(copy())
        } else {
            Alias::TooLarge
        };
        self.known.insert(anchor, alias);
    }

    /// Gives what an alias stands for, if no more than `allowed` nodes are copied in all.
    pub(super) fn bring(&mut self, anchor: usize, allowed: usize) -> Alias {
        match self.known.get(&anchor) {
            Some(Alias::Node(copy)) if !self.may_copy(copy.nodes, allowed) => Alias::TooLarge,
            Some(alias) => {
                if let Alias::Node(copy) = alias {
                    self.brought += copy.nodes;
                }
                alias.clone()
            }
            None => Alias::Recursive,
        }
    }

    fn may_copy(&self, nodes: usize, allowed: usize) -> bool {
        self.kept + self.brought + nodes <= allowed
    }
}
