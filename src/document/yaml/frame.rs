use smol_str::{SmolStr, format_smolstr};

use super::super::{Map, Value};
use crate::text::Span;

/// A list or map that is not closed yet.
pub(super) struct Frame {
    pub(super) body: Body,
    pub(super) start: Span,
    /// Where the last thing written in it ends.
    pub(super) end: u32,
    pub(super) anchor: usize,
    pub(super) tag: Option<Box<str>>,
    /// The number of nodes before it.
    pub(super) nodes_before: usize,
    /// How many levels stand below it.
    pub(super) height: usize,
}

pub(super) enum Body {
    List(Vec<Value>),
    Map {
        map: Map,
        key: Option<Key>,
        merges: Vec<(Span, Value)>,
    },
}

pub(super) enum Key {
    Name(SmolStr, Span),
    Merge(Span),
    /// A list or a map; the finding has been made.
    Unusable,
}

/// What is put into a list or a map next.
pub(super) struct Node {
    pub(super) value: Value,
    /// Where it ends in the text: for an alias, the alias.
    pub(super) end: u32,
    /// Its text as a key, for a scalar.
    pub(super) key: Option<SmolStr>,
    pub(super) is_merge: bool,
    pub(super) height: usize,
    /// Where it stands in the text: for an alias, the alias.
    pub(super) written: Span,
}

impl Frame {
    /// Gives, of a map that waits for its next key, where it ends so far and the key's place.
    pub(super) fn expected_key(&mut self) -> Option<(&mut u32, &mut Option<Key>)> {
        match &mut self.body {
            Body::Map { key, .. } if key.is_none() => Some((&mut self.end, key)),
            _ => None,
        }
    }

    /// Gives the part of a pointer that leads to the next value.
    pub(super) fn next_token(&self) -> Option<SmolStr> {
        match &self.body {
            Body::List(items) => Some(format_smolstr!("{}", items.len())),
            Body::Map {
                key: Some(Key::Name(name, _)),
                ..
            } => Some(name.clone()),
            Body::Map { .. } => None,
        }
    }
}
