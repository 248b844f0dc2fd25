//! What would make two environments alike.

use super::Difference;
use super::lineage::Past;
use super::rules::Class;
use crate::document::{Change, Value};

/// Which side is to be changed, and to what; to nothing where it is to be unset.
pub(super) enum Mend {
    Upstream(Option<Value>),
    Downstream(Option<Value>),
}

/// Says what would carry the newer state over, where the histories say which that is.
pub(super) fn remedy(class: Class, [up, down]: [&Past; 2], change: &Change) -> Option<Mend> {
    let (old, new) = (change.old.clone(), change.new.clone());
    // Which of two types is right is not told by which of them is newer.
    match class {
        Class::PendingPromotion => Some(Mend::Downstream(old)),
        Class::MissingBackport => Some(Mend::Upstream(new)),
        // It is new upstream, or was taken away downstream since.
        Class::MissingKey if old.is_some() && down.is_blank() => Some(Mend::Downstream(old)),
        Class::MissingKey if old.is_some() && down.had_other => Some(Mend::Upstream(None)),
        Class::MissingKey if new.is_some() && up.is_blank() => Some(Mend::Upstream(new)),
        Class::MissingKey if new.is_some() && up.had_other => Some(Mend::Downstream(None)),
        _ => None,
    }
}

impl Difference {
    /// Says whether a rule or the schema means it.
    #[must_use]
    pub fn is_intentional(&self) -> bool {
        self.rank == Class::Intentional
    }

    /// Says why a pair of environments that differ here has no remedy; none where all have one.
    #[must_use]
    pub fn needs_a_person(&self) -> Option<String> {
        if self.remedies.len() >= self.told_pairs && !self.remedies.is_empty() {
            return None;
        }
        let why = match self.rank {
            Class::Diverged => "both sides changed it",
            Class::NeverShared => "the sides never had the same value",
            Class::TypeMismatch => "nothing says which type is right",
            Class::MissingKey => "nothing says whether it was left out or taken away",
            _ => "nothing says which value is the newer one",
        };
        let mut mended: Vec<&str> = Vec::new();
        for remedy in &self.remedies {
            if !mended.contains(&remedy.environment.as_str()) {
                mended.push(&remedy.environment);
            }
        }
        Some(match mended.is_empty() {
            true => why.to_owned(),
            false => format!(
                "{why}; it is carried over to {} alone",
                mended.join(" and ")
            ),
        })
    }
}
