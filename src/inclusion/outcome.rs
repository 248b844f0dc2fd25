use std::sync::Arc;

use smol_str::SmolStr;

use super::json::Json;

/// Why nothing could be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The steps were used up, or the nesting is too deep.
    Budget,
    /// Something is not modelled.
    Opaque(SmolStr),
}

impl Reason {
    pub(super) fn of(what: &str) -> Self {
        Self::Opaque(what.into())
    }
}

/// What looking for a model gave.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Model(Arc<Json>),
    /// There is none.
    Empty,
    /// It could not be decided; a value that may be one.
    Perhaps(Option<Arc<Json>>, Reason),
}

impl Outcome {
    pub(super) fn model(value: Json) -> Self {
        Self::Model(Arc::new(value))
    }

    /// A value that was built, or that may be one where a part of it is not certain.
    pub(super) fn built(value: Json, unsure: Option<Reason>) -> Self {
        let value = Arc::new(value);
        match unsure {
            None => Self::Model(value),
            Some(reason) => Self::Perhaps(Some(value), reason),
        }
    }

    pub(super) fn value(&self) -> Option<&Arc<Json>> {
        match self {
            Self::Model(value) => Some(value),
            Self::Perhaps(value, _) => value.as_ref(),
            Self::Empty => None,
        }
    }
}

/// Keeps the best of several outcomes: a model ends the search, and what is unsure outlives what
/// is empty.
pub(super) struct Best(Option<(Option<Arc<Json>>, Reason)>);

impl Best {
    pub(super) const fn new() -> Self {
        Self(None)
    }

    /// Notes an outcome; gives the model where it is one.
    pub(super) fn note(&mut self, outcome: Outcome) -> Option<Outcome> {
        match outcome {
            Outcome::Model(_) => return Some(outcome),
            Outcome::Empty => {}
            Outcome::Perhaps(value, reason) => {
                let better = self.0.as_ref().is_none_or(|(known, _)| known.is_none());
                if better {
                    self.0 = Some((value, reason));
                }
            }
        }
        None
    }

    pub(super) fn unsure(&mut self, reason: Reason) {
        self.note(Outcome::Perhaps(None, reason));
    }

    pub(super) fn outcome(self) -> Outcome {
        match self.0 {
            Some((value, reason)) => Outcome::Perhaps(value, reason),
            None => Outcome::Empty,
        }
    }
}
