//! Two versions of a document that come from one, made one again: by value, not by line.

mod stamp;
mod text;
mod value;

pub use text::{MergedText, merge_texts};

use super::{Identity, Value};
use crate::text::{Favour, Pointer};

/// What both sides come from, and the two sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Three<T> {
    /// What both come from.
    pub base: T,
    /// The side that is merged into.
    pub ours: T,
    /// The side that is merged.
    pub theirs: T,
}

impl<T> Three<T> {
    /// Makes something of each of the three.
    pub fn map<'a, U>(&'a self, mut make: impl FnMut(&'a T) -> U) -> Three<U> {
        Three {
            base: make(&self.base),
            ours: make(&self.ours),
            theirs: make(&self.theirs),
        }
    }

    /// Gives one of them.
    pub fn of(&self, side: Favour) -> &T {
        match side {
            Favour::Base => &self.base,
            Favour::Ours => &self.ours,
            Favour::Theirs => &self.theirs,
        }
    }
}

/// A value that both sides changed, each in its own way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Where it stands in the result; for a stretch of a list, where its first item does.
    pub pointer: Pointer,
    /// What it is on each side; none where it is not there.
    pub sides: Three<Option<Value>>,
}

/// What two sides give together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergedValue {
    /// The value; none where neither side has one.
    pub value: Option<Value>,
    /// What both changed, each in its own way.
    pub conflicts: Vec<Conflict>,
    /// What comes from their side: where it stands there, and where in the result.
    pub(crate) came: Vec<(Pointer, Pointer)>,
}

/// Merges two values that come from a common one, or were both made anew.
///
/// What only one side changed is taken from it; what both made the same is so. Maps are merged
/// key by key. Items of a list are matched by their name where they have one ([`Identity`]); else
/// equal items are matched in their order, and what is added or taken out between them is taken
/// over. What both sides changed otherwise is a conflict, for which the favoured side is taken;
/// so is what one took away and the other changed.
///
/// ```
/// use std::sync::Arc;
/// use strata::document::{Format, Identity, Three, merge, parse};
/// use strata::text::{Favour, Source};
///
/// let value = |text: &str| {
///     let source = Arc::new(Source::new("a.yaml", text));
///     parse(&source, Format::Yaml).documents.remove(0).root
/// };
/// let (base, ours, theirs) = (value("a: 1\nb: 2"), value("b: 3\na: 1"), value("a: 1\nb: 2\nc: 4"));
/// let sides = Three { base: Some(&*base), ours: Some(&*ours), theirs: Some(&*theirs) };
/// let merged = merge(sides, &Identity::default(), Favour::Ours);
/// assert_eq!(merged.value, Some((*value("a: 1\nb: 3\nc: 4")).clone()));
/// assert!(merged.conflicts.is_empty());
/// ```
#[must_use]
pub fn merge(sides: Three<Option<&Value>>, identity: &Identity<'_>, favour: Favour) -> MergedValue {
    value::Walk::new(identity, favour).run(sides)
}

#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;
