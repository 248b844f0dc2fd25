//! What changed between two values, by meaning: not by line, spelling or key order.

mod apply;
mod digest;
mod identity;
mod list;
mod matched;
mod same;
mod walk;

pub use apply::apply;
pub(super) use digest::Digests;
pub use identity::Identity;
pub(super) use matched::{matched, numbered};
pub(crate) use same::{parts, same};

use super::Value;
use crate::text::Pointer;

/// One difference between two values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// Where: in the new value; for what was removed, in the old one.
    pub pointer: Pointer,
    /// Where in the old value, if that is another place. For something added: the place it would
    /// have had in the container as that stood in the old value.
    pub from: Option<Pointer>,
    /// What was there; none for something added.
    pub old: Option<Value>,
    /// What is there now; none for something removed.
    pub new: Option<Value>,
}

/// What happened to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another value of the same type.
    Changed,
    /// It is a value of another type: `5432` and `"5432"`.
    TypeChanged,
    /// It is the same, at another place of its list.
    Moved,
}

/// Finds every difference between two values, and no other.
///
/// Numbers compare by value, maps without regard to order. Items of a list are matched by their
/// identifying key where they have one ([`Identity`]), and then their order means nothing; else
/// by content: equal items that kept their order give nothing, equal ones that did not are
/// [`Moved`](ChangeKind::Moved), and of the others those at the same place are compared. Takes
/// near-linear time.
///
/// ```
/// use std::sync::Arc;
/// use strata::document::{ChangeKind, Format, Identity, diff, parse};
/// use strata::text::Source;
///
/// let value = |text: &str| {
///     let source = Arc::new(Source::new("a.yaml", text));
///     parse(&source, Format::Yaml).documents.remove(0).root
/// };
/// let old = value("port: 5432\nhosts: [{name: a, weight: 1}, {name: b, weight: 1.0}]");
/// let new = value("hosts: [{name: b, weight: 1}, {name: a, weight: 2}]\nport: '5432'");
/// let changes = diff(&old, &new, &Identity::default());
/// let said: Vec<_> = changes.iter().map(|c| (c.kind, c.pointer.to_string())).collect();
/// assert_eq!(said, [
///     (ChangeKind::TypeChanged, "/port".to_owned()),
///     (ChangeKind::Changed, "/hosts/1/weight".to_owned()),
/// ]);
/// ```
#[must_use]
pub fn diff(old: &Value, new: &Value, identity: &Identity<'_>) -> Vec<Change> {
    let mut walk = walk::Walk::new(identity);
    walk.values(old, new);
    walk.changes
}

#[cfg(test)]
mod tests;
