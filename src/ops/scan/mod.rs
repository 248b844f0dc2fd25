//! Finds secrets that stand in plain text: in the files, and in what commits brought.
//!
//! ```text
//! tree, commits ──▶ texts ──▶ Hit[] (shapes, words) ──▶ Finding[]
//!                                         secrets-allowed.yaml ──┘
//! ```
//!
//! No finding, and nothing else that comes from here, holds what a secret says.

mod allow;
mod allowed;
mod body;
mod forms;
mod proof;
mod read;
mod rules;
mod shapes;
mod tell;
#[cfg(test)]
mod tests;
mod values;
mod words;

pub use allow::{Permission, allow};
pub use allowed::{Allowances, SECRETS_ALLOWED, SECRETS_ALLOWED_SCHEMA};
pub use body::{AllowedBody, CommitBody, SCHEMA, ScanBody, SecretBody};
pub use read::{What, scan};
pub use rules::RULES;

use crate::report::Finding;
use crate::text::Source;

/// Finds what nothing but a secret looks like in a text that was read already, without what is
/// allowed.
#[must_use]
pub fn texts(source: &Source, allowed: &Allowances) -> Vec<Finding> {
    let mut hits = shapes::hits(source.text(), false);
    hits.retain(|hit| hit.is_sure);
    told(source, &hits, allowed)
}

/// Finds what looks like a secret in a text of its own, such as a message, whether it surely is one
/// or not.
#[must_use]
pub fn prose(source: &Source, allowed: &Allowances) -> Vec<Finding> {
    told(source, &shapes::hits(source.text(), false), allowed)
}

fn told(source: &Source, hits: &[shapes::Hit], allowed: &Allowances) -> Vec<Finding> {
    if hits.is_empty() {
        return Vec::new();
    }
    let place = tell::Place {
        source,
        commit: None,
    };
    let told = tell::tell(&place, hits, allowed).into_iter();
    told.filter_map(|told| told.finding).collect()
}
