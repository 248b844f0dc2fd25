//! Sealed values of several environments, beside each other: sealed anew for each place, they are
//! never the same letters, so that only who can open both knows whether they hold the same.

use std::sync::Arc;

use super::Side;
use super::read::Read;
use crate::config::{Configuration, Vault};
use crate::document::Value;
use crate::error::Result;
use crate::seal::{Identities, is_sealed};
use crate::text::Pointer;

/// What opens the secrets of each side, as far as there is something.
#[derive(Default)]
pub(super) struct Sealed {
    vaults: Vec<Vault>,
}

impl Sealed {
    pub(super) fn new(
        configuration: &Configuration,
        sides: &[Side],
        identities: Option<&Arc<Identities>>,
    ) -> Result<Self> {
        let mut vaults = Vec::new();
        if let Some(identities) = identities {
            for side in sides {
                vaults.push(configuration.vault(&side.tree, Arc::clone(identities))?);
            }
        }
        Ok(Self { vaults })
    }

    /// Says whether both values are sealed, and not known to differ: then they are taken to be the
    /// same. Sides are named by their numbers.
    pub(super) fn pass(
        &self,
        resolved: &[Read<'_>],
        left: (usize, Option<&Value>, &Pointer),
        right: (usize, Option<&Value>, &Pointer),
    ) -> bool {
        if !are_sealed(left.1, right.1) {
            return false;
        }
        let open = |(side, _, pointer): (usize, Option<&Value>, &Pointer)| {
            let sealed = resolved[side].values.sealed(pointer)?;
            self.vaults.get(side)?.open(&sealed).ok()
        };
        match (open(left), open(right)) {
            (Some(left), Some(right)) => left == right,
            _ => true,
        }
    }
}

/// Says whether both values are sealed.
pub(super) fn are_sealed(left: Option<&Value>, right: Option<&Value>) -> bool {
    let is_sealed = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(is_sealed);
    is_sealed(left) && is_sealed(right)
}
