//! Listed values that are looked up fast: an `enum` may be long.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::RandomState;

use crate::document::{Kind, Value};

/// From how many values on they are sorted by their hash.
const MANY: usize = 16;

/// Values that are known, each once.
pub(super) struct Known<'v> {
    values: Vec<&'v Value>,
    /// Where values of a hash stand; empty while they are few.
    by_hash: HashMap<u64, Vec<usize>, RandomState>,
}

impl<'v> Known<'v> {
    pub(super) fn of(values: impl IntoIterator<Item = &'v Value>) -> Self {
        let mut known = Self {
            values: Vec::new(),
            by_hash: HashMap::with_hasher(RandomState::default()),
        };
        for value in values {
            known.insert(value);
        }
        known
    }

    pub(super) fn holds(&self, value: &Value) -> bool {
        if self.by_hash.is_empty() {
            return self.values.contains(&value);
        }
        let found = self.by_hash.get(&self.hash(value));
        found.is_some_and(|places| places.iter().any(|at| self.values[*at] == value))
    }

    /// Takes a value, unless it is known already.
    pub(super) fn insert(&mut self, value: &'v Value) {
        if self.holds(value) {
            return;
        }
        self.values.push(value);
        let last = self.values.len() - 1;
        if last == MANY {
            for at in 0..last {
                self.note(at);
            }
        }
        if last >= MANY {
            self.note(last);
        }
    }

    /// Gives the values in the order in which they came.
    pub(super) fn into_values(self) -> Vec<&'v Value> {
        self.values
    }

    fn note(&mut self, at: usize) {
        let hash = self.hash(self.values[at]);
        self.by_hash.entry(hash).or_default().push(at);
    }

    fn hash(&self, value: &Value) -> u64 {
        let hasher = self.by_hash.hasher();
        let mut state = hasher.build_hasher();
        match &value.kind {
            Kind::Null => state.write_u8(0),
            Kind::Bool(truth) => truth.hash(&mut state),
            // Numbers are equal however they are written.
            Kind::Number(number) => number.decimal().hash(&mut state),
            Kind::String(text) => text.hash(&mut state),
            Kind::Array(items) => {
                for item in items {
                    state.write_u64(self.hash(item));
                }
            }
            // Maps are equal in any order.
            Kind::Object(map) => {
                let mut sum = 0_u64;
                for (name, value) in map.iter() {
                    let name = hasher.hash_one(name);
                    sum = sum.wrapping_add(name.rotate_left(7) ^ self.hash(value));
                }
                state.write_u64(sum);
            }
        }
        state.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::document::{Format, Parsed, parse};
    use crate::text::Source;

    fn read(text: &str) -> Parsed {
        parse(&Arc::new(Source::new("a.yaml", text)), Format::Yaml)
    }

    #[test]
    fn equal_values_are_known_however_many_there_are() {
        let text = |more: &str| format!("[1, a, null, true, {{a: 1, b: [2, x]}}, [1, 2]{more}]");
        let other: String = (10..40).map(|n| format!(", {n}")).collect();
        let same = read("[1.0, 'a', ~, true, {b: [2.0, x], a: 1}, [1, 2]]");
        let strange = read("[11.5, '1', false, {a: 1}, [2, 1]]");
        for more in ["", other.as_str()] {
            let list = read(&text(more));
            let known = Known::of(list.documents[0].root.as_array().unwrap());
            for value in same.documents[0].root.as_array().unwrap() {
                assert!(known.holds(value), "{value:?}");
            }
            for value in strange.documents[0].root.as_array().unwrap() {
                assert!(!known.holds(value), "{value:?}");
            }
        }
        let twice = read("[1, 2, 1.0]");
        let known = Known::of(twice.documents[0].root.as_array().unwrap());
        assert_eq!(known.into_values().len(), 2);
    }
}
