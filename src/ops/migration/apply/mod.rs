//! Carries a document to another version, step by step.
//!
//! What cannot be done at a place is left as it is and told as [`Manual`](super::Manual): nothing
//! is lost, and the rest goes on. What stays what it was keeps its span, so that the text can be
//! rewritten around it; what comes from the migration stands nowhere.

mod change;
mod entries;
mod flow;
mod merge;
mod places;
mod remove;
mod shapes;
mod text;
mod tree;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::condition::Asked;
use super::log::{Journal, Manual, Secrets};
use super::path::{Found, Path, Scope};
use super::step::{About, Migration, Operation, Step};
use crate::config::schema::Given;
use crate::document::{Kind, Value};
use crate::text::Pointer;

/// How many nodes may be copied, beyond those that the document has.
const COPIES: usize = 250_000;

/// How deep lists and maps may stand in each other, as in a file that is read.
const DEPTH: usize = 256;

/// What a migration may ask about the version that it starts from.
pub type Defaults<'a> = &'a dyn Fn(&Pointer) -> Option<Value>;

/// A document on its way from version to version.
pub struct Run<'a> {
    root: Value,
    journal: Journal,
    defaults: Defaults<'a>,
    gate: Option<&'a Gate>,
    /// How many nodes may still be copied.
    room: usize,
    /// The document before the step, as formulas take it.
    given: RefCell<Option<Given>>,
}

/// Which of several layers gets what a migration adds: the lowest that has the place for it, and
/// only where all of them together lack it.
#[derive(Debug, Default)]
pub struct Gate {
    open: RefCell<BTreeSet<(usize, Pointer)>>,
}

impl Gate {
    /// Lets through, too, what a run over all layers together added.
    pub fn open_for(&self, journal: &Journal) {
        let added = journal.records.iter().filter(|record| {
            record.old.is_none() && ["add", "set", "pin_default"].contains(&record.step.operation)
        });
        let added = added.map(|record| (id(&record.step), record.pointer.clone()));
        self.open.borrow_mut().extend(added);
    }

    fn is_open(&self, step: &Arc<About>, at: &Pointer) -> bool {
        self.open.borrow().contains(&(id(step), at.clone()))
    }

    fn close(&self, step: &Arc<About>, at: &Pointer) {
        self.open.borrow_mut().remove(&(id(step), at.clone()));
    }
}

fn id(step: &Arc<About>) -> usize {
    Arc::as_ptr(step).cast::<()>().addr()
}

impl<'a> Run<'a> {
    /// Starts on a document. `defaults` gives the default of an option in the version that the
    /// next migration starts from.
    #[must_use]
    pub fn new(root: Value, secrets: Secrets, defaults: Defaults<'a>) -> Self {
        Self {
            room: COPIES.saturating_add(root.count().saturating_mul(4)),
            root,
            journal: Journal::new(secrets),
            defaults,
            gate: None,
            given: RefCell::new(None),
        }
    }

    /// Lets additions through where a gate is open.
    #[must_use]
    pub fn with_gate(mut self, gate: &'a Gate) -> Self {
        self.gate = Some(gate);
        self
    }

    /// Takes the defaults of the version that the next migration starts from.
    pub fn from_defaults(&mut self, defaults: Defaults<'a>) {
        self.defaults = defaults;
    }

    /// Does every step of a migration.
    pub fn apply(&mut self, migration: &Migration) {
        let scope = Scope::default();
        for step in &migration.steps {
            *self.given.borrow_mut() = None;
            self.step(step, &scope);
        }
    }

    /// Gives the document as it is now.
    #[must_use]
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// Gives what was done until now.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Gives the document and what was done.
    #[must_use]
    pub fn finish(self) -> (Value, Journal) {
        (self.root, self.journal)
    }

    fn steps(&mut self, steps: &[Step], scope: &Scope) {
        for step in steps {
            self.step(step, scope);
        }
    }

    fn step(&mut self, step: &Step, scope: &Scope) {
        let about = &step.about;
        match &step.operation {
            Operation::Rename {
                path,
                to,
                if_exists,
            } => {
                for found in self.matches(step, path, scope) {
                    self.rename(about, &found.at, to, *if_exists);
                }
            }
            Operation::Move {
                path,
                to,
                if_exists,
                keep_empty,
            } => self.relocate(step, path, to, (*if_exists, *keep_empty), scope),
            Operation::Copy {
                path,
                to,
                if_exists,
            } => self.copy(step, path, to, *if_exists, scope),
            Operation::RemoveCopy { path, of } => self.remove_copy(step, path, of, scope),
            Operation::Remove { path, was, undo } => {
                self.remove(step, path, was.as_ref(), *undo, scope);
            }
            Operation::Add {
                path,
                value,
                create,
            } => self.add(step, path, value, *create, scope),
            Operation::Set { path, value } => self.set(step, path, value, scope),
            Operation::PinDefault { path, value } => {
                self.pin_default(step, path, value.as_ref(), scope);
            }
            Operation::MapValues {
                path,
                values,
                loose,
                otherwise,
            } => self.map_values(step, path, (values, *loose, otherwise), scope),
            Operation::Convert { path, conversion } => self.convert(step, path, conversion, scope),
            Operation::Wrap { path, key } => self.wrap(step, path, key.as_ref(), scope),
            Operation::Unwrap { path, key } => self.unwrap(step, path, key.as_ref(), scope),
            Operation::Split { path, division } => self.split(step, path, division, scope),
            Operation::Merge {
                paths,
                into,
                join,
                types,
            } => self.merge(step, paths, into, (join, types), scope),
            Operation::Hoist { path, prefix, only } => {
                self.hoist(step, path, prefix, only.as_deref(), scope);
            }
            Operation::Plunge { paths, into, strip } => {
                self.plunge(step, paths, into, strip, scope);
            }
            Operation::ToMap { path, key, value } => {
                self.list_to_map(step, path, key, value.as_ref(), scope);
            }
            Operation::ToList { path, key, value } => {
                self.map_to_list(step, path, key, value.as_ref(), scope);
            }
            Operation::Each { path, steps } => self.each(step, path, steps, scope),
            Operation::When {
                condition,
                steps,
                otherwise,
            } => match self.asked(condition, scope, &here(scope)) {
                Ok(true) => self.steps(steps, scope),
                Ok(false) => self.steps(otherwise, scope),
                Err(why) => self.unclear(about, &scope.base, &why),
            },
            Operation::RegexReplace {
                path,
                pattern,
                with,
                keys,
            } => match keys {
                true => self.replace_keys(step, path, (pattern, with), scope),
                false => self.replace_texts(step, path, (pattern, with), scope),
            },
            Operation::Cel { path, formula } => self.cel(step, path, formula, scope),
            Operation::Note { text, at } => self.note(step, text, at.as_ref(), scope),
            Operation::Manual { text, at } => self.tell(step, text, at.as_ref(), scope),
        }
    }

    /// Finds where a step is to be done, in document order.
    fn matches_in_order(&mut self, step: &Step, path: &Path, scope: &Scope) -> Vec<Found> {
        let mut found = path.find(&self.root, scope);
        if let Some(when) = &step.when {
            found.retain(|found| match self.asked(when, scope, found) {
                Ok(holds) => holds,
                Err(why) => {
                    self.unclear(&step.about, &found.at, &why);
                    false
                }
            });
        }
        found
    }

    /// Finds where a step is to be done, what is inside another place before that one.
    fn matches(&mut self, step: &Step, path: &Path, scope: &Scope) -> Vec<Found> {
        let mut found = self.matches_in_order(step, path, scope);
        if path.has_deep() {
            found.reverse();
        }
        found
    }

    fn asked(
        &self,
        condition: &super::condition::Condition,
        scope: &Scope,
        found: &Found,
    ) -> Result<bool, String> {
        condition.holds(&Asked {
            root: &self.root,
            scope,
            found,
            given_root: &|| self.given_root(),
        })
    }

    /// Gives the document as formulas take it: as it was before the step.
    fn given_root(&self) -> Given {
        let mut given = self.given.borrow_mut();
        given.get_or_insert_with(|| Given::of(&self.root)).clone()
    }

    fn unclear(&mut self, about: &Arc<About>, at: &Pointer, why: &str) {
        let message = format!("the condition of this step cannot be decided: {why}");
        self.manual(about, at, message, None);
    }

    /// Leaves something to a person.
    fn manual(
        &mut self,
        about: &Arc<About>,
        at: &Pointer,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.journal.manual.push(Manual {
            step: Arc::clone(about),
            pointer: Some(at.clone()),
            message: message.into(),
            help,
        });
    }

    /// Shows a value, if it may be shown.
    fn shown(&self, at: &Pointer, value: &Value) -> String {
        if self.journal.is_secret(at, Some(value)) {
            return "its secret value".to_owned();
        }
        shown(value)
    }

    /// Says that entries are gone, and why.
    fn reason(&self, about: &About, what: &str) -> Arc<str> {
        let version = &about.version;
        match &about.why {
            Some(why) => format!("{what} in {version}: {why}").into(),
            None => format!("{what} in {version}").into(),
        }
    }

    /// Takes from the room for copies.
    fn has_room(&mut self, value: &Value) -> bool {
        let count = value.count();
        if count > self.room {
            return false;
        }
        self.room -= count;
        true
    }
}

/// Where a scope stands, as a match.
fn here(scope: &Scope) -> Found {
    Found {
        at: scope.base.clone(),
        stars: Vec::new(),
        deeps: Vec::new(),
    }
}

/// Shows a value in a few words.
pub(super) fn shown(value: &Value) -> String {
    const MOST: usize = 60;
    match &value.kind {
        Kind::Object(map) if !map.is_empty() => "a map".to_owned(),
        Kind::Array(items) if !items.is_empty() => "a list".to_owned(),
        _ => {
            let text = crate::document::write_flow(value);
            let mut chars = text.chars();
            let cut: String = chars.by_ref().take(MOST).collect();
            match chars.next() {
                Some(_) => format!("`{cut}…`"),
                None => format!("`{cut}`"),
            }
        }
    }
}

/// Names a place for a person.
fn name(at: &Pointer) -> String {
    match at.is_root() {
        true => "the document".to_owned(),
        false => format!("`{}`", at.dotted()),
    }
}
