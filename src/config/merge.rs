use smol_str::SmolStr;

use super::MergeStrategy;
use crate::document::{Entry, Kind, Map, Value};
use crate::text::{Pointer, Span};

/// Says how the place at hand merges, and the places below it.
///
/// Walked downwards beside the values, so that a merge asks one small question a step.
pub(crate) trait Strategies: Sized {
    /// Gives the strategy declared for this very place.
    fn here(&self) -> Option<MergeStrategy>;
    /// Goes one step down: under a key, or into any item of a list.
    fn below(&self, token: &str) -> Self;
    /// Says that nothing is declared here or below, so that nobody need ask.
    fn is_silent(&self) -> bool;
}

/// Nothing declared anywhere: maps merge, all else replaces.
pub(crate) struct Everywhere;

impl Strategies for Everywhere {
    fn here(&self) -> Option<MergeStrategy> {
        None
    }

    fn below(&self, _: &str) -> Self {
        Self
    }

    fn is_silent(&self) -> bool {
        true
    }
}

/// What a layer overrode: the value that stands no longer.
#[derive(Clone, Debug)]
pub(crate) struct Overridden {
    /// The place.
    pub(crate) pointer: Pointer,
    /// What stood there.
    pub(crate) old: Value,
    /// The layer and place of what took its place; none where it was taken away.
    pub(crate) by: (u16, Span),
    /// Whether nothing stands there now.
    pub(crate) removed: bool,
}

/// Lays values over each other, lowest precedence first.
pub(crate) struct Merger {
    pointer: Pointer,
    /// What was overridden, in order.
    pub(crate) overridden: Vec<Overridden>,
    /// What a layer says as the ones below it do: the place, who repeats, and who said it first.
    pub(crate) repeated: Vec<Repeated>,
}

/// What a layer says although it is so without it.
#[derive(Clone, Debug)]
pub(crate) struct Repeated {
    pub(crate) pointer: Pointer,
    pub(crate) by: (u16, Span),
    pub(crate) of: (u16, Span),
}

impl Merger {
    pub(crate) fn new() -> Self {
        Self {
            pointer: Pointer::root(),
            overridden: Vec::new(),
            repeated: Vec::new(),
        }
    }

    /// Lays one layer over what stands: maps merge key by key, anything else replaces, `null`
    /// takes a key away (RFC 7396), unless a strategy says otherwise for the place.
    pub(crate) fn lay<S: Strategies>(&mut self, base: &mut Value, over: Value, strategies: &S) {
        let declared = if strategies.is_silent() {
            None
        } else {
            strategies.here()
        };
        let span = over.span;
        let layer = over.layer;
        let replaces = declared == Some(MergeStrategy::Replace);
        match (&mut base.kind, over.kind) {
            (Kind::Object(under), Kind::Object(map)) if !replaces => {
                self.lay_map(under, map, (layer, span), strategies);
            }
            (Kind::Array(under), Kind::Array(items)) if declared.is_some() && !replaces => {
                let strategy = declared.unwrap_or(MergeStrategy::Replace);
                self.lay_list(under, items, &strategy, strategies);
            }
            (_, kind) => {
                let kind = patch_on_nothing(kind);
                let tag = over.tag;
                self.replace(
                    base,
                    Value {
                        kind,
                        span,
                        layer,
                        tag,
                    },
                );
            }
        }
    }

    fn replace(&mut self, base: &mut Value, over: Value) {
        let by = (over.layer, over.span);
        let old = std::mem::replace(base, over);
        if old == *base {
            self.repeated.push(Repeated {
                pointer: self.pointer.clone(),
                by,
                of: (old.layer, old.span),
            });
        }
        self.overridden.push(Overridden {
            pointer: self.pointer.clone(),
            old,
            by,
            removed: false,
        });
    }

    fn lay_map<S: Strategies>(
        &mut self,
        under: &mut Map,
        over: Map,
        by: (u16, Span),
        strategies: &S,
    ) {
        for (key, entry) in over {
            if entry.value.is_null() {
                if let Some(old) = under.remove(&key) {
                    self.overridden.push(Overridden {
                        pointer: self.pointer.join(key),
                        old: old.value,
                        by: (by.0, entry.key),
                        removed: true,
                    });
                }
                continue;
            }
            match under.entry_mut(&key) {
                Some(standing) => {
                    let below = strategies.below(&key);
                    let before = standing.value.layer;
                    self.pointer.push(key);
                    self.lay(&mut standing.value, entry.value, &below);
                    self.pointer.pop();
                    // The key is shown where the value that stands was written.
                    if standing.value.layer != before {
                        standing.key = entry.key;
                    }
                }
                None => {
                    let mut value = entry.value;
                    value.kind = patch_on_nothing(value.kind);
                    under.insert(
                        key,
                        Entry {
                            key: entry.key,
                            value,
                        },
                    );
                }
            }
        }
    }

    fn lay_list<S: Strategies>(
        &mut self,
        under: &mut Vec<Value>,
        over: Vec<Value>,
        strategy: &MergeStrategy,
        strategies: &S,
    ) {
        match strategy {
            MergeStrategy::Append => under.extend(over),
            MergeStrategy::Unique => {
                for item in over {
                    if !under.contains(&item) {
                        under.push(item);
                    }
                }
            }
            MergeStrategy::ByKey(key) => {
                for item in over {
                    let standing = item.get(key).and_then(|id| position(under, key, id));
                    self.lay_item(under, standing, item, strategies);
                }
            }
            MergeStrategy::Deep => {
                for (index, item) in over.into_iter().enumerate() {
                    let standing = (index < under.len()).then_some(index);
                    self.lay_item(under, standing, item, strategies);
                }
            }
            MergeStrategy::Replace => *under = over,
        }
    }

    fn lay_item<S: Strategies>(
        &mut self,
        under: &mut Vec<Value>,
        standing: Option<usize>,
        item: Value,
        strategies: &S,
    ) {
        let Some(index) = standing else {
            under.push(item);
            return;
        };
        let token = SmolStr::from(index.to_string());
        let below = strategies.below(&token);
        self.pointer.push(token);
        self.lay(&mut under[index], item, &below);
        self.pointer.pop();
    }
}

fn position(items: &[Value], key: &str, id: &Value) -> Option<usize> {
    items.iter().position(|item| item.get(key) == Some(id))
}

/// What a layer brings in new is itself a patch, on nothing: its nulls go.
fn patch_on_nothing(kind: Kind) -> Kind {
    match kind {
        Kind::Object(map) => Kind::Object(without_nulls(map)),
        kind => kind,
    }
}

/// Leaves out the keys that hold null, all the way down the maps, as RFC 7396 does with what a
/// patch brings in new. Lists stay as they are.
fn without_nulls(map: Map) -> Map {
    if !holds_null(&map) {
        return map;
    }
    map.into_iter()
        .filter(|(_, entry)| !entry.value.is_null())
        .map(|(key, mut entry)| {
            if let Kind::Object(inner) = entry.value.kind {
                entry.value.kind = Kind::Object(without_nulls(inner));
            }
            (key, entry)
        })
        .collect()
}

fn holds_null(map: &Map) -> bool {
    map.values().any(|value| match &value.kind {
        Kind::Null => true,
        Kind::Object(inner) => holds_null(inner),
        _ => false,
    })
}
