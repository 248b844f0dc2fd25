use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::node::{Identity, NamePattern};
use super::{Schema, SchemaNode};
use crate::text::Pointer;

/// What a schema says about each place of a value, found out once: asking is a step in a table.
///
/// ```text
/// let place = rules.root().key("services").key("api");
/// place.get()       // what the schema says there
/// place.is_empty()  // whether it says nothing there and nothing further down
/// ```
#[derive(Clone, Debug)]
pub struct PathMap<T> {
    states: Vec<State<T>>,
}

/// A place in a [`PathMap`].
#[derive(Debug)]
pub struct Place<'a, T> {
    map: &'a PathMap<T>,
    state: Option<u32>,
}

/// The places that the same schemas speak about.
#[derive(Clone, Debug)]
struct State<T> {
    value: Option<T>,
    /// Whether there is a value here or further down.
    live: bool,
    named: IndexMap<SmolStr, u32, foldhash::fast::RandomState>,
    patterns: Vec<(Arc<NamePattern>, u32)>,
    other: Option<u32>,
    prefix: Vec<u32>,
    items: Option<u32>,
}

impl<T> State<T> {
    /// Gives the states one step down.
    fn next(&self) -> Vec<u32> {
        let mut next: Vec<u32> = self.named.values().copied().collect();
        next.extend(self.patterns.iter().map(|(_, id)| *id));
        next.extend(self.other);
        next.extend(&self.prefix);
        next.extend(self.items);
        next
    }
}

/// More states than any schema in use needs; what lies behind is left out.
const MAX_STATES: usize = 100_000;

/// More items with a schema of their own than any list in use has.
const MAX_PREFIX: usize = 256;

impl<T> PathMap<T> {
    /// Makes a map in which nothing is said anywhere.
    #[must_use]
    pub fn empty() -> Self {
        Self { states: Vec::new() }
    }

    /// Walks a schema once and keeps what `read` finds in the schemas that speak about a place;
    /// those that may or may not apply (`anyOf` …) are among them where `maybe` is set.
    pub(super) fn build(
        schema: &Schema,
        maybe: bool,
        read: impl Fn(&[SchemaNode<'_>]) -> Option<T>,
    ) -> Self {
        let mut builder = Builder {
            ids: BTreeMap::new(),
            sets: Vec::new(),
            maybe,
        };
        builder.intern(vec![schema.root()]);
        let mut map = Self::empty();
        while let Some(nodes) = builder.sets.get(map.states.len()).cloned() {
            let value = read(&nodes);
            map.states.push(builder.state(&nodes, value));
        }
        map.mark_live();
        map
    }

    /// Says whether nothing is said anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.root().is_empty()
    }

    /// Gives all that is said anywhere.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.states.iter().filter_map(|state| state.value.as_ref())
    }

    /// Gives the keys below which something is said of the value, or of values whose keys are not
    /// told; none where that is the whole.
    pub(crate) fn names(&self) -> Option<Vec<SmolStr>> {
        let at = |id: u32| self.states.get(id as usize);
        let is_said = |id: u32| at(id).is_some_and(|state| state.value.is_some());
        let is_live = |id: u32| at(id).is_some_and(|state| state.live);
        let ends = |id: u32| {
            let state = at(id);
            let nameless = state.into_iter().flat_map(|state| {
                let patterns = state.patterns.iter().map(|(_, id)| *id);
                let rest = state.other.into_iter().chain(state.items);
                patterns.chain(rest).chain(state.prefix.iter().copied())
            });
            is_said(id) || nameless.into_iter().any(is_live)
        };
        if ends(0) {
            return None;
        }
        let named = self.states.iter().flat_map(|state| &state.named);
        let names = named.filter(|(_, id)| ends(**id));
        Some(names.map(|(name, _)| name.clone()).collect())
    }

    /// Gives the place of the whole value.
    #[must_use]
    pub fn root(&self) -> Place<'_, T> {
        self.place(Some(0))
    }

    /// Finds a place by pointer.
    #[must_use]
    pub fn at(&self, pointer: &Pointer) -> Place<'_, T> {
        let tokens = pointer.tokens().iter();
        tokens.fold(self.root(), |place, token| place.descend(token))
    }

    fn place(&self, state: Option<u32>) -> Place<'_, T> {
        let live = |&id: &u32| self.states.get(id as usize).is_some_and(|s| s.live);
        Place {
            map: self,
            state: state.filter(live),
        }
    }

    fn mark_live(&mut self) {
        let mut before: Vec<Vec<u32>> = vec![Vec::new(); self.states.len()];
        let mut live: Vec<u32> = Vec::new();
        for (id, state) in (0_u32..).zip(&self.states) {
            for next in state.next() {
                if let Some(before) = before.get_mut(next as usize) {
                    before.push(id);
                }
            }
            if state.value.is_some() {
                live.push(id);
            }
        }
        while let Some(id) = live.pop() {
            let state = &mut self.states[id as usize];
            if !state.live {
                state.live = true;
                live.append(&mut before[id as usize]);
            }
        }
    }
}

impl<'a, T> Place<'a, T> {
    /// Gives what is said about the place itself.
    #[must_use]
    pub fn get(&self) -> Option<&'a T> {
        self.state()?.value.as_ref()
    }

    /// Says whether nothing is said here, nor anywhere further down.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state.is_none()
    }

    /// Goes to the entry of a map.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        let next = self.state().and_then(|state| {
            let named = state.named.get(name).copied();
            named
                .or_else(|| {
                    let mut patterns = state.patterns.iter();
                    let matching = patterns.find(|(pattern, _)| pattern.matches(name));
                    matching.map(|(_, id)| *id)
                })
                .or(state.other)
        });
        self.map.place(next)
    }

    /// Goes to the item of a list.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        let next = self
            .state()
            .and_then(|state| state.prefix.get(index).copied().or(state.items));
        self.map.place(next)
    }

    /// Goes one step down by a part of a pointer: to the entry of a map if the schema knows one
    /// by that name, else to an item.
    #[must_use]
    pub fn descend(&self, token: &str) -> Self {
        let entry = self.key(token);
        match token.parse() {
            Ok(index) if entry.is_empty() => self.item(index),
            _ => entry,
        }
    }

    fn state(&self) -> Option<&'a State<T>> {
        self.map.states.get(self.state? as usize)
    }
}

impl<T> Clone for Place<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Place<'_, T> {}

/// Gives every set of schemas that speak about one place a number.
struct Builder<'a> {
    ids: BTreeMap<Vec<Identity>, u32>,
    sets: Vec<Vec<SchemaNode<'a>>>,
    maybe: bool,
}

impl<'a> Builder<'a> {
    fn intern(&mut self, nodes: Vec<SchemaNode<'a>>) -> Option<u32> {
        let nodes = SchemaNode::closure(nodes, self.maybe);
        if nodes.is_empty() {
            return None;
        }
        let mut key: Vec<Identity> = nodes.iter().map(SchemaNode::identity).collect();
        key.sort_unstable();
        if let Some(id) = self.ids.get(&key) {
            return Some(*id);
        }
        if self.sets.len() >= MAX_STATES {
            return None;
        }
        let id = u32::try_from(self.sets.len()).ok()?;
        self.ids.insert(key, id);
        self.sets.push(nodes);
        Some(id)
    }

    fn state<T>(&mut self, nodes: &[SchemaNode<'a>], value: Option<T>) -> State<T> {
        let names = |keyword: &'static str| {
            let maps = nodes.iter().filter_map(move |node| node.value.get(keyword));
            let maps = maps.filter_map(|value| value.as_object());
            maps.flat_map(|map| map.keys().cloned())
        };
        let mut state = State {
            value,
            live: false,
            named: IndexMap::default(),
            patterns: Vec::new(),
            other: None,
            prefix: Vec::new(),
            items: None,
        };
        for name in names("properties") {
            let next = nodes.iter().flat_map(|node| node.of_key(&name)).collect();
            if let Some(id) = self.intern(next) {
                state.named.insert(name, id);
            }
        }
        for pattern in names("patternProperties") {
            let next = nodes.iter().filter_map(|node| {
                node.under("patternProperties", &pattern)
                    .or_else(|| node.of_other_keys())
            });
            if let Some(id) = self.intern(next.collect()) {
                let pattern = Arc::new(NamePattern::new(&pattern));
                state.patterns.push((pattern, id));
            }
        }
        let other = nodes.iter().filter_map(SchemaNode::of_other_keys);
        state.other = self.intern(other.collect());
        let prefix = nodes.iter().map(SchemaNode::prefix_len).max().unwrap_or(0);
        for index in 0..=prefix.min(MAX_PREFIX) {
            let next = nodes.iter().filter_map(|node| node.of_item(index));
            let id = self.intern(next.collect());
            if index == prefix.min(MAX_PREFIX) {
                state.items = id;
            } else {
                // A place about which nothing is said leads to no state at all.
                state.prefix.push(id.unwrap_or(u32::MAX));
            }
        }
        state
    }
}
