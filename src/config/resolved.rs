use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::BString;
use serde::de::DeserializeOwned;

use super::Target;
use super::merge::{Merger, Overridden, Repeated, Strategies};
use crate::document::{Kind, Value, from_value};
use crate::error::{Error, Result};
use crate::report::Location;
use crate::seal::is_sealed;
use crate::text::{Pointer, Source, Span};

/// The configuration of one target, with the layer that every value comes from.
///
/// It is `Send + Sync` and never changes: any number of threads may read it. A program that follows
/// changes keeps the latest one in an `Arc`, and puts another in its place; who reads holds the one
/// that it began with, so nobody ever sees half of a change.
///
/// ```
/// use std::sync::{Arc, RwLock};
/// use strata::config::{Configuration, Snapshot};
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
/// # std::fs::write(folder.join("strata.yaml"), "strata: 1\nlayers: [base.yaml]\n").unwrap();
/// # std::fs::write(folder.join("base.yaml"), "pool: 20\n").unwrap();
///
/// let read = || {
///     let configuration = Configuration::open(None, Snapshot::of_folder(folder))?;
///     configuration.resolve(&configuration.target(None, None)?)
/// };
/// let current = RwLock::new(Arc::new(read()?));
///
/// // A request takes the latest, and keeps it to its end; the lock is held for a moment only.
/// let mine = Arc::clone(&current.read().unwrap());
/// # std::fs::write(folder.join("base.yaml"), "pool: 30\n").unwrap();
/// // When files have changed: what cannot be read changes nothing.
/// if let Ok(next) = read() {
///     *current.write().unwrap() = Arc::new(next);
/// }
/// assert_eq!(mine.get::<u32>("pool")?, 20);
/// assert_eq!(current.read().unwrap().get::<u32>("pool")?, 30);
/// # Ok::<(), strata::Error>(())
/// ```
#[derive(Debug)]
pub struct Resolved {
    target: Target,
    layers: Vec<Layer>,
    /// Every text that a value may stand in, with the number of its layer.
    sources: Vec<(usize, Arc<Source>)>,
    value: Value,
    overridden: BTreeMap<Pointer, Vec<Overridden>>,
    repeated: Vec<Repeated>,
}

/// One layer that was found.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Its path.
    pub path: BString,
    /// Its text.
    pub source: Arc<Source>,
    /// What it holds.
    pub(crate) root: Arc<Value>,
    /// The files that it includes, where it is a template.
    pub(crate) beside: Vec<Arc<Source>>,
}

/// Where a value comes from, and what it overrides.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// The place that set the value.
    pub location: Location,
    /// The values that stood there before, the last one first, each with its place.
    pub overrides: Vec<(Location, Value)>,
}

impl Resolved {
    /// Lays the layers over each other, lowest precedence first.
    pub(crate) fn build<S: Strategies>(target: Target, layers: Vec<Layer>, strategies: &S) -> Self {
        let mut merger = Merger::new();
        let mut value: Option<Value> = None;
        let mut kept: Vec<Layer> = Vec::with_capacity(layers.len());
        let mut sources = Vec::with_capacity(layers.len());
        for layer in layers {
            let number = u16::try_from(sources.len()).unwrap_or(u16::MAX);
            sources.push((kept.len(), Arc::clone(&layer.source)));
            let beside = layer.beside.iter();
            sources.extend(beside.map(|source| (kept.len(), Arc::clone(source))));
            let over = (!layer.root.is_null()).then(|| stamped(&layer.root, number));
            kept.push(layer);
            let Some(over) = over else {
                continue;
            };
            match &mut value {
                None => value = Some(over),
                Some(base) => merger.lay(base, over, strategies),
            }
        }
        let mut overridden: BTreeMap<Pointer, Vec<Overridden>> = BTreeMap::new();
        for entry in merger.overridden {
            overridden
                .entry(entry.pointer.clone())
                .or_default()
                .push(entry);
        }
        Self {
            target,
            layers: kept,
            sources,
            value: value.unwrap_or_else(|| Value::detached(Kind::Object(Default::default()))),
            overridden,
            repeated: merger.repeated,
        }
    }

    /// Gives the places at which a layer says what was so without it: who repeats, and who said it
    /// first.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = (Location, Location)> {
        let place = |at, pointer: &Pointer| self.at(at, pointer);
        self.repeated
            .iter()
            .map(move |it| (place(it.by, &it.pointer), place(it.of, &it.pointer)))
    }

    /// Gives what was resolved.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Gives the layers that were found, lowest precedence first.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Gives the whole configuration.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Reads one value as any type that serde can read; the key is a pointer (`/database/pool`)
    /// or dotted (`database.pool`), and `""` is everything.
    ///
    /// # Errors
    ///
    /// Where the key is no key, nothing is set there (near keys are offered), the value is not of
    /// the type asked for, or a secret in it is sealed: [`get_with`](Self::get_with) opens those,
    /// and [`open`](Self::open) gives one that does not show itself.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        let value = self.find(key)?;
        let mut sealed = None;
        value.each_text(&mut |pointer, text, _| {
            if sealed.is_none() && is_sealed(text) {
                sealed = Some(pointer.clone());
            }
        });
        if let Some(below) = sealed {
            let mut sealed = parse_key(key)?;
            below.tokens().iter().for_each(|it| sealed.push(it.clone()));
            let sealed = sealed.dotted();
            return Err(Error::invalid(format!("`{sealed}` is sealed"))
                .with_help(format!("open it: `git strata get '{sealed}' --reveal`")));
        }
        self.read_as(key, value)
    }

    pub(super) fn read_as<T: DeserializeOwned>(&self, key: &str, value: &Value) -> Result<T> {
        from_value(value).map_err(|error| {
            let at = self.location(&parse_key(key).unwrap_or_default());
            let (file, line) = (at.source.name(), at.start().line);
            Error::invalid(format!(
                "`{key}` ({file}:{line}) is not as asked for: {error}"
            ))
        })
    }

    /// Finds one value.
    ///
    /// # Errors
    ///
    /// Where the key is no key, or nothing is set there (near keys are offered).
    pub fn find(&self, key: &str) -> Result<&Value> {
        let pointer = parse_key(key)?;
        self.value.at(&pointer).ok_or_else(|| {
            let mut names = self.keys();
            for key in names.clone() {
                let dots = key.match_indices('.').map(|(at, _)| key[..at].to_owned());
                names.extend(dots);
            }
            Error::not_found(format!(
                "nothing sets `{}` for {}",
                pointer.dotted(),
                self.target
            ))
            .with_names(&pointer.dotted(), names.iter().map(String::as_str))
        })
    }

    /// Gives the keys of all values that are no maps, dotted.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        self.walk(|pointer, _| keys.push(pointer.dotted()));
        keys
    }

    /// Visits every value that is no map with keys, in order: scalars, lists, empty maps.
    pub fn walk(&self, mut visit: impl FnMut(&Pointer, &Value)) {
        fn step(pointer: &mut Pointer, value: &Value, visit: &mut dyn FnMut(&Pointer, &Value)) {
            match value.as_object() {
                Some(map) if !map.is_empty() => {
                    for (key, value) in map.iter() {
                        pointer.push(key.clone());
                        step(pointer, value, visit);
                        pointer.pop();
                    }
                }
                _ => visit(pointer, value),
            }
        }
        step(&mut Pointer::root(), &self.value, &mut visit);
    }

    /// Says where the value at a pointer comes from; `None` where nothing is set.
    #[must_use]
    pub fn provenance(&self, pointer: &Pointer) -> Option<Provenance> {
        self.value.at(pointer)?;
        Some(Provenance {
            location: self.location(pointer),
            overrides: self.overrides(pointer),
        })
    }

    /// Says which layer took the value at a pointer away, and what stood there.
    #[must_use]
    pub fn removed(&self, pointer: &Pointer) -> Option<Provenance> {
        let last = self.overridden.get(pointer)?.last()?;
        if !last.removed || self.value.at(pointer).is_some() {
            return None;
        }
        Some(Provenance {
            location: self.at(last.by, pointer),
            overrides: self.overrides(pointer),
        })
    }

    /// Gives the layer that set the value at a pointer; it may be a template that has the value
    /// from a file that it includes. `None` where nothing is set.
    #[must_use]
    pub fn layer_of(&self, pointer: &Pointer) -> Option<&Layer> {
        let value = self.value.at(pointer)?;
        let (layer, _) = self.sources.get(usize::from(value.layer))?;
        self.layers.get(*layer)
    }

    /// Gives the place to show for a pointer: the key in the layer that set the value; where
    /// nothing is set, the nearest place above; for the whole, the start of the last layer.
    #[must_use]
    pub fn location(&self, pointer: &Pointer) -> Location {
        let mut value = &self.value;
        let mut place = None;
        for token in pointer.tokens() {
            let key = value.as_object().and_then(|map| map.entry(token));
            let Some(child) = value.child(token) else {
                break;
            };
            place = Some((child.layer, key.map_or(child.span, |entry| entry.key)));
            value = child;
        }
        let last = self.layers.len().saturating_sub(1);
        let whole = self.sources.iter().position(|(layer, _)| *layer == last);
        let whole = u16::try_from(whole.unwrap_or(0)).unwrap_or(u16::MAX);
        self.at(place.unwrap_or((whole, Span::at(0))), pointer)
    }

    fn overrides(&self, pointer: &Pointer) -> Vec<(Location, Value)> {
        if self.overridden.is_empty() {
            return Vec::new();
        }
        let tokens = pointer.tokens();
        let mut values = Vec::new();
        for depth in 0..=tokens.len() {
            let above = Pointer::from_tokens(tokens[..depth].iter().cloned());
            let rest = Pointer::from_tokens(tokens[depth..].iter().cloned());
            for entry in self.overridden.get(&above).into_iter().flatten() {
                if let Some(old) = entry.old.at(&rest) {
                    values.push((entry.by.0, old));
                }
            }
        }
        values.sort_by_key(|(by, _)| std::cmp::Reverse(*by));
        values
            .into_iter()
            .map(|(_, old)| (self.at((old.layer, old.span), pointer), old.clone()))
            .collect()
    }

    fn at(&self, (layer, span): (u16, Span), pointer: &Pointer) -> Location {
        let location = match self.sources.get(usize::from(layer)) {
            Some((_, source)) => Location::new(source, span),
            None => Location::file(&Arc::new(Source::new("(no layer)", ""))),
        };
        location.with_pointer(pointer.clone())
    }
}

fn parse_key(key: &str) -> Result<Pointer> {
    key.parse().map_err(|error| {
        Error::usage(format!("`{key}` is no key: {error}"))
            .with_help("write it with dots, `database.pool`, and quote a key that holds a dot")
    })
}

/// Copies a value, and marks every node with the text it comes from, the first of its layer being
/// so many.
fn stamped(value: &Value, first: u16) -> Value {
    fn stamp(value: &mut Value, first: u16) {
        value.layer = first.saturating_add(value.layer);
        match &mut value.kind {
            Kind::Array(items) => items.iter_mut().for_each(|item| stamp(item, first)),
            Kind::Object(map) => map
                .entries_mut()
                .for_each(|(_, entry)| stamp(&mut entry.value, first)),
            _ => {}
        }
    }
    let mut value = value.clone();
    stamp(&mut value, first);
    value
}

#[cfg(test)]
mod tests;
