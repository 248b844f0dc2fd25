//! Differences of which their histories will say what they are.

use std::sync::Arc;

use super::lineage::{Step, Wanted};
use super::read::Layered;
use super::rules::Class;
use crate::document::Change;
use crate::report::Location;

/// A difference between two sides that have a history.
pub(super) struct Open {
    pub(super) row: Row,
    pub(super) change: Change,
    pub(super) class: Class,
    /// What the values of both sides are made of, the one upstream first.
    pub(super) sources: [Arc<Layered>; 2],
    pub(super) steps: [Arc<[Step]>; 2],
    pub(super) told: Option<Box<Told>>,
}

/// What is told of an open difference that is given.
pub(super) struct Told {
    pub(super) service: Option<Arc<str>>,
    pub(super) offended: Option<usize>,
    pub(super) locations: (Option<Location>, Option<Location>),
    pub(super) secret: bool,
}

impl Open {
    /// Gives the values of both sides, whose pasts are to be looked at.
    pub(super) fn wanted(&self) -> [Wanted<'_>; 2] {
        let values = [self.change.old.as_ref(), self.change.new.as_ref()];
        [0, 1].map(|side: usize| Wanted {
            source: &self.sources[side],
            steps: &self.steps[side],
            now: values[side],
            other: values[1 - side],
        })
    }
}

/// The number of a row.
#[derive(Clone, Copy)]
pub(super) enum Row {
    /// Among those given.
    Given(usize),
    /// Among those counted.
    Counted(usize),
}
