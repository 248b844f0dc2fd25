//! Steps that do others, and steps that only say something.

use std::sync::Arc;

use super::{Run, here};
use crate::ops::migration::log::{Manual, Note};
use crate::ops::migration::path::{Found, Path, Scope};
use crate::ops::migration::step::Step;
use crate::text::Pointer;

impl Run<'_> {
    pub(super) fn each(&mut self, step: &Step, path: &Path, steps: &[Step], scope: &Scope) {
        let mut found = self.matches_in_order(step, path, scope);
        // What stands later is done first where it may move what comes after it, or holds it.
        let is_index = |found: &Found| found.stars.iter().any(|it| it.parse::<usize>().is_ok());
        let turned = path.has_deep() || found.iter().any(is_index);
        if turned {
            found.reverse();
        }
        let mut parts = Vec::new();
        let (records, manual, notes) = self.journal_lengths();
        for found in found {
            let scope = Scope {
                base: found.at,
                stars: [&scope.stars[..], &found.stars[..]].concat(),
                deeps: [&scope.deeps[..], &found.deeps[..]].concat(),
            };
            self.steps(steps, &scope);
            if turned {
                parts.push((
                    self.journal.records.split_off(records),
                    self.journal.manual.split_off(manual),
                    self.journal.notes.split_off(notes),
                ));
            }
        }
        for (records, manual, notes) in parts.into_iter().rev() {
            records.into_iter().for_each(|it| self.journal.push(it));
            self.journal.manual.extend(manual);
            self.journal.notes.extend(notes);
        }
    }

    fn journal_lengths(&self) -> (usize, usize, usize) {
        let journal = &self.journal;
        (
            journal.records.len(),
            journal.manual.len(),
            journal.notes.len(),
        )
    }

    pub(super) fn note(&mut self, step: &Step, text: &Arc<str>, at: Option<&Path>, scope: &Scope) {
        let said = |note: &Note| Arc::ptr_eq(&note.step, &step.about);
        if self.journal.notes.iter().any(said) {
            return;
        }
        if let Some(pointer) = self.told_at(step, at, scope) {
            self.journal.notes.push(Note {
                step: Arc::clone(&step.about),
                pointer,
                message: text.to_string(),
            });
        }
    }

    pub(super) fn tell(&mut self, step: &Step, text: &Arc<str>, at: Option<&Path>, scope: &Scope) {
        if let Some(pointer) = self.told_at(step, at, scope) {
            self.journal.manual.push(Manual {
                step: Arc::clone(&step.about),
                pointer,
                message: text.to_string(),
                help: None,
            });
        }
    }

    /// Says whether something is to be told, and about which place.
    fn told_at(
        &mut self,
        step: &Step,
        at: Option<&Path>,
        scope: &Scope,
    ) -> Option<Option<Pointer>> {
        let at_place = |at: &Pointer| (!at.is_root()).then(|| at.clone());
        match at {
            Some(path) => {
                let first = self
                    .matches_in_order(step, path, scope)
                    .into_iter()
                    .next()?;
                Some(at_place(&first.at))
            }
            None => {
                let here = here(scope);
                let holds = step
                    .when
                    .as_ref()
                    .map(|when| self.asked(when, scope, &here));
                match holds.unwrap_or(Ok(true)) {
                    Ok(holds) => holds.then(|| at_place(&scope.base)),
                    Err(why) => {
                        self.unclear(&step.about, &scope.base, &why);
                        None
                    }
                }
            }
        }
    }
}
