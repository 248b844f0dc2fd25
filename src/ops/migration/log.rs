//! What a migration did: step by step, and what it left to a person.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::step::About;
use crate::document::{Kind, Value};
use crate::text::{Pointer, Span};

/// The most records that are kept; what comes after is counted.
const MAX_RECORDS: usize = 100_000;

/// One thing that a step did.
#[derive(Clone, Debug)]
pub struct Record {
    /// The step.
    pub step: Arc<About>,
    /// Where.
    pub pointer: Pointer,
    /// Where it went, where it went somewhere.
    pub to: Option<Pointer>,
    /// What stood there, where that is what changed.
    pub old: Option<Value>,
    /// What stands there now, where that is what changed.
    pub new: Option<Value>,
    /// Whether the values are secret, and must not be shown.
    pub secret: bool,
}

/// Something that a person has to do, because no step can.
#[derive(Clone, Debug)]
pub struct Manual {
    /// The step.
    pub step: Arc<About>,
    /// Where; none where it is about the document as a whole.
    pub pointer: Option<Pointer>,
    /// What is the matter, or what is to be done, in a phrase.
    pub message: String,
    /// What to do, where the message only says what is the matter.
    pub help: Option<String>,
}

/// Something that is worth knowing.
#[derive(Clone, Debug)]
pub struct Note {
    /// The step.
    pub step: Arc<About>,
    /// Where; none where it is about the document as a whole.
    pub pointer: Option<Pointer>,
    /// What.
    pub message: String,
}

/// Everything that migrations did to one document.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// What was done, in order.
    pub records: Vec<Record>,
    /// How many more things were done.
    pub left_out: usize,
    /// What a person has to do.
    pub manual: Vec<Manual>,
    /// What is worth knowing.
    pub notes: Vec<Note>,
    /// Why entries are gone, by where their keys began: by layer and byte.
    pub removed: BTreeMap<(u16, u32), Arc<str>>,
    secrets: Secrets,
}

/// Which values must not be shown.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// Where they stand in the text, by layer.
    spans: HashSet<(u16, Span)>,
    /// Places of values that came of secrets.
    places: BTreeSet<Pointer>,
}

impl Secrets {
    /// Takes note of a value that is secret, and of all in it.
    pub fn add(&mut self, value: &Value) {
        if value.span != Span::default() {
            self.spans.insert((value.layer, value.span));
        }
        match &value.kind {
            Kind::Array(items) => items.iter().for_each(|item| self.add(item)),
            Kind::Object(map) => map.values().for_each(|value| self.add(value)),
            _ => {}
        }
    }

    /// Takes note of a place whose value is secret.
    pub fn add_place(&mut self, place: Pointer) {
        self.places.insert(place);
    }

    fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.places.is_empty()
    }

    fn holds(&self, value: &Value) -> bool {
        let below = || match &value.kind {
            Kind::Array(items) => items.iter().any(|item| self.holds(item)),
            Kind::Object(map) => map.values().any(|value| self.holds(value)),
            _ => false,
        };
        self.spans.contains(&(value.layer, value.span)) || below()
    }

    /// Says whether a place, or one above or below it, is one of a secret.
    fn is_at(&self, place: &Pointer) -> bool {
        let below = self.places.range(place.clone()..).next();
        below.is_some_and(|it| place.contains(it))
            || (0..place.tokens().len()).any(|length| {
                let tokens = place.tokens()[..length].iter().cloned();
                self.places.contains(&Pointer::from_tokens(tokens))
            })
    }
}

impl Journal {
    pub(super) fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            ..Self::default()
        }
    }

    /// Says whether a value at a place must not be shown.
    pub(super) fn is_secret(&self, at: &Pointer, value: Option<&Value>) -> bool {
        !self.secrets.is_empty()
            && (self.secrets.is_at(at) || value.is_some_and(|value| self.secrets.holds(value)))
    }

    /// Says whether anything must not be shown.
    pub(super) fn has_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    pub(super) fn record(
        &mut self,
        step: &Arc<About>,
        pointer: Pointer,
        to: Option<Pointer>,
        old: Option<Value>,
        new: Option<Value>,
    ) {
        let secret = !self.secrets.is_empty()
            && (self.is_secret(&pointer, old.as_ref())
                || new.as_ref().is_some_and(|new| self.secrets.holds(new)));
        if secret {
            self.secrets.add_place(pointer.clone());
        }
        if let Some(to) = to.as_ref().filter(|_| !self.secrets.is_empty()) {
            self.follow(&pointer, to);
        }
        self.push(Record {
            step: Arc::clone(step),
            pointer,
            to,
            old,
            new,
            secret,
        });
    }

    /// Takes note that what stands at a place must not be shown.
    pub(super) fn hide(&mut self, at: Pointer) {
        self.secrets.add_place(at);
    }

    /// Takes note that secrets below one place are below another now.
    fn follow(&mut self, from: &Pointer, to: &Pointer) {
        let below = self.secrets.places.range(from.clone()..);
        let below: Vec<Pointer> = below
            .take_while(|place| from.contains(place))
            .map(|place| {
                let rest = &place.tokens()[from.tokens().len()..];
                Pointer::from_tokens(to.tokens().iter().chain(rest).cloned())
            })
            .collect();
        self.secrets.places.extend(below);
    }

    /// Says whether what is done from now on is only counted.
    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= MAX_RECORDS && self.secrets.is_empty()
    }

    pub(super) fn push(&mut self, record: Record) {
        if self.records.len() < MAX_RECORDS {
            self.records.push(record);
        } else {
            self.left_out += 1;
        }
    }

    /// Takes note of why an entry is gone.
    pub(super) fn gone(&mut self, layer: u16, key: Span, why: &Arc<str>) {
        if key != Span::default() {
            self.removed.insert((layer, key.start), Arc::clone(why));
        }
    }
}
