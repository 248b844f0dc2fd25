use std::sync::Arc;

use bstr::BString;

use super::Side;
use crate::config::{Configuration, Resolved, Schemas, Target, is_template};
use crate::document::Value;
use crate::error::Result;
use crate::ops::own::hidden;
use crate::report::{Finding, Location};
use crate::text::Pointer;

/// What one side holds of one service.
pub(super) struct Read<'a> {
    pub(super) side: &'a Side,
    pub(super) values: Resolved,
    pub(super) schemas: Arc<Schemas>,
    pub(super) source: Arc<Layered>,
}

/// What values come from; many share one.
pub(super) struct Layered {
    pub(super) target: Target,
    /// The layers, lowest precedence first.
    pub(super) layers: Vec<BString>,
    /// Whether any of them is a template.
    pub(super) is_rendered: bool,
}

impl<'a> Read<'a> {
    /// Reads a target of one side, and says what is wrong with its layers.
    pub(super) fn of(
        configuration: &Configuration,
        side: &'a Side,
        target: &Target,
    ) -> Result<(Self, Vec<Finding>)> {
        let (values, findings) = configuration.resolve_in(&side.tree, target)?;
        let layers = configuration.layer_paths(target);
        let read = Self {
            side,
            values,
            schemas: configuration.schemas(&side.tree, target)?,
            source: Arc::new(Layered {
                target: target.clone(),
                is_rendered: layers.iter().any(|path| is_template(path.as_ref())),
                layers,
            }),
        };
        Ok((read, findings))
    }

    /// Gives the value at a place.
    pub(super) fn at(&self, pointer: &Pointer) -> Option<&Value> {
        self.values.value().at(pointer)
    }

    /// Gives the place to show for a pointer; of a secret, without the value.
    pub(super) fn location(&self, pointer: &Pointer, secret: bool) -> Location {
        let location = self.values.location(pointer);
        match self.at(pointer) {
            Some(value) if secret => hidden(location, value.span),
            _ => location,
        }
    }
}

/// Says whether any side calls the value at a place a secret.
pub(super) fn hides(all: &[Read<'_>], pointer: &Pointer) -> bool {
    all.iter().any(|read| read.schemas.hides(pointer))
}
