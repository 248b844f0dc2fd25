//! Holds documents against both schemas, by a validator that knows nothing of the analysis.

use super::policy::Formats;
use crate::config::schema::{Formats as Checked, Schema, Validator};
use crate::document::{Kind, Value};
use crate::report::{Finding, Location, Severity};
use crate::text::Pointer;

/// Holds documents against both schemas.
pub(super) struct Checker {
    old: Option<Validator>,
    new: Option<Validator>,
}

impl Checker {
    /// Takes two schemas, only to say which documents they accept. `compiled` is the new one, for
    /// the same and without formats.
    pub(super) fn new(
        old: &Schema,
        new: &Schema,
        compiled: Option<Validator>,
        formats: Formats,
    ) -> Self {
        let compile = |schema| Validator::compile_to_judge(schema, checked(formats)).ok();
        Self {
            old: compile(old),
            new: match formats {
                Formats::Annotate => compiled,
                Formats::Assert => compile(new),
            },
        }
    }

    /// Takes two schemas, of which the new one may be gone.
    pub(super) fn of(old: &Schema, new: Option<&Schema>, formats: Formats) -> Self {
        let compile = |schema| Validator::compile_with(schema, checked(formats)).ok();
        Self {
            old: compile(old),
            new: new.and_then(compile),
        }
    }

    /// Says what a document shows, if anything: whether each side accepts it.
    pub(super) fn check(&self, document: &Value) -> Option<(bool, bool)> {
        let (old, new) = (self.old.as_ref()?, self.new.as_ref()?);
        Some((old.is_valid(document), new.is_valid(document)))
    }

    pub(super) fn can_check(&self) -> bool {
        self.old.is_some() && self.new.is_some()
    }

    pub(super) fn refuses(&self, document: &Value) -> bool {
        self.check(document) == Some((true, false))
    }

    /// Says whether the old schema has nothing against a document, nor have its rules.
    pub(super) fn holds_old(&self, document: &Value, locate: &Locate<'_>) -> bool {
        let old = self.old.as_ref();
        old.is_some_and(|old| errors(old, document, locate).is_empty())
    }

    /// Says what the new schema has against a document; nothing where it is gone.
    pub(super) fn faults(&self, document: &Value, locate: &Locate<'_>) -> Vec<Finding> {
        let new = self.new.as_ref();
        new.map_or_else(Vec::new, |new| errors(new, document, locate))
    }

    /// Says whether a document has values that are not to be shown.
    pub(super) fn holds_secrets(&self, document: &Value) -> bool {
        let schemas = [&self.old, &self.new].into_iter().flatten();
        let secrets: Vec<_> = schemas.map(|side| side.schema().secrets()).collect();
        let mut open = vec![(document, Pointer::root())];
        while let Some((value, at)) = open.pop() {
            if secrets
                .iter()
                .any(|secrets| secrets.at(&at).get().is_some())
            {
                return true;
            }
            match &value.kind {
                Kind::Object(map) => {
                    open.extend(map.iter().map(|(key, value)| (value, at.join(key.clone()))));
                }
                Kind::Array(items) => {
                    let items = items.iter().enumerate();
                    open.extend(items.map(|(index, value)| (value, at.join(index.to_string()))));
                }
                _ => {}
            }
        }
        false
    }
}

fn checked(formats: Formats) -> Checked {
    match formats {
        Formats::Annotate => Checked::Annotate,
        Formats::Assert => Checked::Assert,
    }
}

type Locate<'l> = dyn Fn(&Pointer) -> Location + Sync + 'l;

fn errors(side: &Validator, document: &Value, locate: &Locate<'_>) -> Vec<Finding> {
    let mut found = side.validate(document, None, &|pointer| locate(pointer));
    found.retain(|finding| finding.severity == Severity::Error);
    found
}
