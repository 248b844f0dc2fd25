//! Steps that take entries out.

use std::sync::Arc;

use super::tree::take_all;
use super::{Run, name};
use crate::document::Value;
use crate::ops::migration::path::{Path, Scope};
use crate::ops::migration::step::{About, Prune, Step};
use crate::text::{Pointer, Span};

impl Run<'_> {
    pub(super) fn remove_copy(&mut self, step: &Step, path: &Path, of: &Path, scope: &Scope) {
        for found in self.matches(step, path, scope) {
            let of = of.fill(&self.root, scope, &found);
            let original = of.and_then(|of| self.root.at(&of));
            if original.is_some() && original == self.root.at(&found.at) {
                self.drop_all(&step.about, vec![found.at], Some(Prune::Remove), scope);
            }
        }
    }

    pub(super) fn remove(
        &mut self,
        step: &Step,
        path: &Path,
        was: Option<&Value>,
        undo: Option<Prune>,
        scope: &Scope,
    ) {
        let mut places = Vec::new();
        for found in self.matches_in_order(step, path, scope) {
            let value = self.root.at(&found.at);
            if let (Some(was), Some(value)) = (was, value)
                && was != value
            {
                if undo.is_none() {
                    let is = self.shown(&found.at, value);
                    let message = format!(
                        "{} is {is}, not {} as the migration expects",
                        name(&found.at),
                        super::shown(was)
                    );
                    let help = format!("take {} out by hand if it is not wanted", name(&found.at));
                    self.manual(&step.about, &found.at, message, Some(help));
                }
                continue;
            }
            if found.at.is_root() {
                let message = "the whole document cannot be taken out";
                self.manual(&step.about, &found.at, message, None);
                continue;
            }
            places.push(found.at);
        }
        self.drop_all(&step.about, places, undo, scope);
    }

    fn drop_all(
        &mut self,
        about: &Arc<About>,
        places: Vec<Pointer>,
        undo: Option<Prune>,
        scope: &Scope,
    ) {
        let reason = self.reason(about, "removed");
        let taken = take_all(&mut self.root, &places);
        for (at, entry) in places.into_iter().zip(taken) {
            let Some(entry) = entry else { continue };
            // An item is known by where it stands.
            let place = match entry.key == Span::default() {
                true => entry.value.span,
                false => entry.key,
            };
            self.journal.gone(entry.value.layer, place, &reason);
            self.journal
                .record(about, at.clone(), None, Some(entry.value), None);
            if undo == Some(Prune::Remove) {
                self.prune_above(&at, scope);
            }
        }
    }
}
