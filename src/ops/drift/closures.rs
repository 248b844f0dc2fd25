use std::sync::Arc;

use super::Side;
use super::read::Read;
use super::rows::Rows;
use crate::config::{Closure, Configuration, Target};
use crate::error::Result;

/// The layers of one service on every side.
pub(super) struct Closures {
    pub(super) targets: Vec<Target>,
    pub(super) layers: Vec<Closure>,
}

impl Closures {
    pub(super) fn of(
        configuration: &Configuration,
        sides: &[Side],
        service: Option<&str>,
    ) -> Result<Self> {
        let manifest = configuration.manifest();
        let mut closures = Self {
            targets: Vec::with_capacity(sides.len()),
            layers: Vec::with_capacity(sides.len()),
        };
        for side in sides {
            let target = manifest.target(side.environment.as_deref(), service);
            closures
                .layers
                .push(configuration.closure(&side.tree, &target)?);
            closures.targets.push(target);
        }
        Ok(closures)
    }

    /// Reads the values of every side; what is wrong with its layers is told.
    pub(super) fn read<'a>(
        &self,
        configuration: &Configuration,
        sides: &'a [Side],
        rows: &mut Rows<'_>,
    ) -> Result<Vec<Read<'a>>> {
        let mut all = Vec::with_capacity(sides.len());
        for (side, target) in sides.iter().zip(&self.targets) {
            let (read, findings) = Read::of(configuration, side, target)?;
            rows.findings.extend(findings);
            rows.cover.add_all(&read.schemas);
            all.push(read);
        }
        Ok(all)
    }

    /// Says whether the values can differ: equal layers under equal ways of merging resolve to
    /// equal values.
    pub(super) fn differ(&self, configuration: &Configuration, sides: &[Side]) -> Result<bool> {
        let is_same = (1..sides.len()).all(|index| self.same_layers(0, index));
        Ok(!is_same || !self.merge_alike(configuration, sides)?)
    }

    /// Says whether layers merge in the same way on all sides.
    pub(super) fn merge_alike(
        &self,
        configuration: &Configuration,
        sides: &[Side],
    ) -> Result<bool> {
        let mut first = None;
        for (side, target) in sides.iter().zip(&self.targets) {
            let schemas = configuration.schemas(&side.tree, target)?;
            if !first
                .get_or_insert_with(|| Arc::clone(&schemas))
                .merges_as(&schemas)
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn same_layers(&self, a: usize, b: usize) -> bool {
        self.layers[a].is_same(&self.layers[b])
    }
}
