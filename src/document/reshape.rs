//! Changing the shape of a value: renaming, taking out, putting in, and losing its place.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::{Entry, Kind, Map, Value};
use crate::text::Span;

impl Value {
    /// Makes a value out of one that stands elsewhere: it, and all in it, then stands nowhere.
    #[must_use]
    pub fn detach(mut self) -> Self {
        self.span = Span::default();
        self.layer = 0;
        match &mut self.kind {
            Kind::Array(items) => {
                for item in items {
                    *item = std::mem::take(item).detach();
                }
            }
            Kind::Object(map) => {
                for (_, entry) in map.entries_mut() {
                    entry.key = Span::default();
                    entry.value = std::mem::take(&mut entry.value).detach();
                }
            }
            _ => {}
        }
        self
    }

    /// Says how deep lists and maps stand in each other; 0 for a value that is neither.
    #[must_use]
    pub fn depth(&self) -> usize {
        let below = match &self.kind {
            Kind::Array(items) => items.iter().map(Self::depth).max(),
            Kind::Object(map) => map.values().map(Self::depth).max(),
            _ => return 0,
        };
        1 + below.unwrap_or(0)
    }
}

impl Default for Value {
    fn default() -> Self {
        Self::detached(Kind::Null)
    }
}

impl Map {
    /// Gives an entry another name, at the position where it is; says no where there is no such
    /// entry, or one of the new name.
    pub fn rename(&mut self, old: &str, new: impl Into<SmolStr>) -> bool {
        let new = new.into();
        if self.contains_key(&new) {
            return false;
        }
        // The last entry takes the place of the one that goes, and then changes with the new one.
        let Some((index, _, entry)) = self.0.swap_remove_full(old) else {
            return false;
        };
        let (last, _) = self.0.insert_full(new, entry);
        self.0.swap_indices(index, last);
        true
    }

    /// Finds the position of a key in the order.
    #[must_use]
    pub fn position(&self, key: &str) -> Option<usize> {
        self.0.get_index_of(key)
    }

    /// Puts an entry in at a position of the order; one past the end is the end. An entry of that
    /// name is given back, and the new one takes its position.
    pub fn insert_at(
        &mut self,
        index: usize,
        key: impl Into<SmolStr>,
        entry: Entry,
    ) -> Option<Entry> {
        let key = key.into();
        if self.contains_key(&key) {
            return self.insert(key, entry);
        }
        self.0.shift_insert(index.min(self.len()), key, entry)
    }

    /// Takes several entries out at once, in the order of the map; the others keep theirs.
    pub fn remove_all(&mut self, keys: &[SmolStr]) -> Vec<(SmolStr, Entry)> {
        if let [key] = keys {
            let removed = self.remove(key).map(|entry| (key.clone(), entry));
            return removed.into_iter().collect();
        }
        let keys: HashSet<&SmolStr> = keys.iter().collect();
        let mut removed = Vec::new();
        let mut kept = Self::with_capacity(self.len());
        for (key, entry) in std::mem::take(self) {
            if keys.contains(&key) {
                removed.push((key, entry));
            } else {
                kept.insert(key, entry);
            }
        }
        *self = kept;
        removed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(keys: &[&str]) -> Map {
        let mut map = Map::new();
        for key in keys {
            map.set(*key, Value::detached(Kind::String((*key).into())));
        }
        map
    }

    fn keys(map: &Map) -> Vec<&str> {
        map.keys().map(SmolStr::as_str).collect()
    }

    #[test]
    fn renaming_keeps_the_position() {
        let mut map = map(&["a", "b", "c"]);
        assert!(map.rename("a", "x"));
        assert!(map.rename("c", "z"));
        assert!(!map.rename("b", "x"));
        assert!(!map.rename("no", "y"));
        assert_eq!(keys(&map), ["x", "b", "z"]);
        assert_eq!(map.get("x").unwrap().as_str(), Some("a"));
        assert_eq!(map.get("z").unwrap().as_str(), Some("c"));
    }

    #[test]
    fn entries_go_in_and_out_in_order() {
        let mut map = map(&["a", "b", "c", "d"]);
        let removed = map.remove_all(&["d".into(), "a".into(), "no".into()]);
        assert_eq!(removed[0].0, "a");
        assert_eq!(removed[1].0, "d");
        assert_eq!(keys(&map), ["b", "c"]);
        for (key, entry) in removed {
            map.insert_at(1, key, entry);
        }
        assert_eq!(keys(&map), ["b", "d", "a", "c"]);
        let entry = map.entry("a").unwrap().clone();
        assert!(map.insert_at(0, "b", entry).is_some());
        assert_eq!(map.position("b"), Some(0));
        assert_eq!(map.remove_all(&["c".into()]).len(), 1);
    }

    #[test]
    fn what_is_detached_stands_nowhere() {
        let place = Span::new(3, 5);
        let mut inner = Map::new();
        let value = Value::new(Kind::Array(vec![Value::new(Kind::Null, place)]), place);
        inner.insert("a", Entry { key: place, value });
        let value = Value::new(Kind::Object(inner), place).detach();
        let entry = value.as_object().unwrap().entry("a").unwrap();
        assert_eq!((value.span, entry.key), (Span::default(), Span::default()));
        assert_eq!(entry.value.as_array().unwrap()[0].span, Span::default());
        assert_eq!((value.depth(), Value::default().depth()), (2, 0));
    }
}
