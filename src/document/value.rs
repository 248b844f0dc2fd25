use indexmap::IndexMap;
use smol_str::SmolStr;

use super::Number;
use crate::text::{Pointer, Span};

/// One node of a document: what it is, and where it stands in the text.
///
/// Two values are equal when they mean the same: spans, key order, and the spelling of numbers
/// (`0.10` and `0.1e0`) do not matter; tags do.
#[derive(Clone, Debug)]
pub struct Value {
    /// What the node is.
    pub kind: Kind,
    /// The bytes it stands at; for what an alias brought in, the bytes of the anchored node.
    pub span: Span,
    /// Which source the span is of, in a table kept by whoever composed the value from several;
    /// 0 in a value read from one text.
    pub layer: u16,
    /// A tag that the core schema does not know, such as `!Ref`.
    pub tag: Option<Box<str>>,
}

/// What a node is: the six types of JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// `null`, `~`, or nothing.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(Number),
    /// A text.
    String(SmolStr),
    /// A list.
    Array(Vec<Value>),
    /// A map from keys to values, in the order written.
    Object(Map),
}

/// A map from keys to values that keeps the order written.
///
/// A key that was no string (`8080: x`) stands under its text as written.
#[derive(Clone, Debug, Default)]
pub struct Map(pub(super) IndexMap<SmolStr, Entry, foldhash::fast::RandomState>);

/// One entry of a map.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where the key stands.
    pub key: Span,
    /// The value.
    pub value: Value,
}

impl Value {
    /// Makes a value that stands at a place.
    #[must_use]
    pub fn new(kind: Kind, span: Span) -> Self {
        Self {
            kind,
            span,
            layer: 0,
            tag: None,
        }
    }

    /// Makes a value that stands nowhere.
    #[must_use]
    pub fn detached(kind: Kind) -> Self {
        Self::new(kind, Span::default())
    }

    /// Says whether the value is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// Gives the text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// Gives the truth of a boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// Gives the number.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Gives the items of a list.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Gives the map.
    #[must_use]
    pub fn as_object(&self) -> Option<&Map> {
        match &self.kind {
            Kind::Object(map) => Some(map),
            _ => None,
        }
    }

    /// Gives the value under a key of a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_object()?.get(key)
    }

    /// Finds the outermost list that a place is in; none where it is in no list.
    #[must_use]
    pub fn list_around(&self, pointer: &Pointer) -> Option<Pointer> {
        let mut value = self;
        for (depth, token) in pointer.tokens().iter().enumerate() {
            if value.as_array().is_some() {
                let above = pointer.tokens()[..depth].iter().cloned();
                return Some(Pointer::from_tokens(above));
            }
            value = value.child(token)?;
        }
        None
    }

    /// Finds the value at a pointer.
    #[must_use]
    pub fn at(&self, pointer: &Pointer) -> Option<&Self> {
        pointer
            .tokens()
            .iter()
            .try_fold(self, |value, token| value.child(token))
    }

    /// Finds the value one step down: under a key, or at an index written as RFC 6901 says.
    #[must_use]
    pub fn child(&self, token: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Object(map) => map.get(token),
            Kind::Array(items) => items.get(array_index(token)?),
            _ => None,
        }
    }

    /// Finds the value one step down, to change it.
    pub fn child_mut(&mut self, token: &str) -> Option<&mut Self> {
        match &mut self.kind {
            Kind::Object(map) => map.get_mut(token),
            Kind::Array(items) => items.get_mut(array_index(token)?),
            _ => None,
        }
    }

    /// Finds the value at a pointer, to change it.
    pub fn at_mut(&mut self, pointer: &Pointer) -> Option<&mut Self> {
        let mut value = self;
        for token in pointer.tokens() {
            value = value.child_mut(token)?;
        }
        Some(value)
    }

    /// Gives the place to show for a pointer: the key where it is an entry of a map, so that a
    /// finding points at the name; else the value. Where the pointer leads nowhere, the nearest
    /// place above it.
    #[must_use]
    pub fn place(&self, pointer: &Pointer) -> Span {
        let mut span = self.span;
        let mut value = self;
        for token in pointer.tokens() {
            let key = value.as_object().and_then(|map| map.entry(token));
            let Some(child) = value.child(token) else {
                return span;
            };
            span = key.map_or(child.span, |entry| entry.key);
            value = child;
        }
        span
    }

    /// Names the type in a plain word: `null`, `boolean`, `number`, `text`, `list`, `map`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "boolean",
            Kind::Number(_) => "number",
            Kind::String(_) => "text",
            Kind::Array(_) => "list",
            Kind::Object(_) => "map",
        }
    }

    /// Counts the nodes, this one included.
    #[must_use]
    pub fn count(&self) -> usize {
        match &self.kind {
            Kind::Array(items) => 1 + items.iter().map(Self::count).sum::<usize>(),
            Kind::Object(map) => 1 + map.values().map(Self::count).sum::<usize>(),
            _ => 1,
        }
    }
}

/// Reads an index as RFC 6901 says: digits without a leading zero.
pub(crate) fn array_index(token: &str) -> Option<usize> {
    if token != "0" && token.starts_with(['0', '+']) {
        return None;
    }
    token.parse().ok()
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.tag == other.tag
    }
}

impl Eq for Value {}

impl Map {
    /// Makes an empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes an empty map with room for so many entries.
    #[must_use]
    pub(crate) fn with_capacity(entries: usize) -> Self {
        Self(IndexMap::with_capacity_and_hasher(
            entries,
            foldhash::fast::RandomState::default(),
        ))
    }

    /// Counts the entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Says whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives the value under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).map(|entry| &entry.value)
    }

    /// Gives the value under a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.get_mut(key).map(|entry| &mut entry.value)
    }

    /// Gives the entry under a key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.get(key)
    }

    /// Gives the entry under a key, to change it.
    pub fn entry_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.0.get_mut(key)
    }

    /// Gives the key and value at a position of the order.
    pub(crate) fn at_index(&self, index: usize) -> Option<(&SmolStr, &Value)> {
        let (key, entry) = self.0.get_index(index)?;
        Some((key, &entry.value))
    }

    /// Gives the value under a key that most likely stands at a position of the order.
    pub(crate) fn get_near(&self, index: usize, key: &str) -> Option<&Value> {
        self.find_near(index, key).map(|(_, value)| value)
    }

    /// Gives the position and value of a key that most likely stands at a position of the order,
    /// or behind it.
    pub(crate) fn find_near(&self, index: usize, key: &str) -> Option<(usize, &Value)> {
        for index in [index, index.wrapping_add(1)] {
            if let Some((known, value)) = self.at_index(index)
                && known == key
            {
                return Some((index, value));
            }
        }
        let (index, _, entry) = self.0.get_full(key)?;
        Some((index, &entry.value))
    }

    /// Says whether the key is there.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Puts an entry in; one that was there keeps its place in the order and is given back.
    pub fn insert(&mut self, key: impl Into<SmolStr>, entry: Entry) -> Option<Entry> {
        self.0.insert(key.into(), entry)
    }

    /// Puts a value in that stands nowhere in a text.
    pub fn set(&mut self, key: impl Into<SmolStr>, value: Value) {
        let key_span = value.span;
        self.insert(
            key,
            Entry {
                key: key_span,
                value,
            },
        );
    }

    /// Takes an entry out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        self.0.shift_remove(key)
    }

    /// Gives keys and values in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&SmolStr, &Value)> + ExactSizeIterator {
        self.0.iter().map(|(key, entry)| (key, &entry.value))
    }

    /// Gives keys and entries in order.
    pub fn entries(
        &self,
    ) -> impl DoubleEndedIterator<Item = (&SmolStr, &Entry)> + ExactSizeIterator {
        self.0.iter()
    }

    /// Gives keys and entries in order, to change the entries.
    pub fn entries_mut(&mut self) -> impl DoubleEndedIterator<Item = (&SmolStr, &mut Entry)> {
        self.0.iter_mut()
    }

    /// Gives the keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &SmolStr> + ExactSizeIterator {
        self.0.keys()
    }

    /// Gives the values in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.0.values().map(|entry| &entry.value)
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && (self.iter().enumerate()).all(|(at, (key, value))| {
                let found = other.get_near(at, key);
                found.is_some_and(|found| found == value)
            })
    }
}

impl Eq for Map {}

impl IntoIterator for Map {
    type Item = (SmolStr, Entry);
    type IntoIter = indexmap::map::IntoIter<SmolStr, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(SmolStr, Entry)> for Map {
    fn from_iter<I: IntoIterator<Item = (SmolStr, Entry)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{"list": [null, true], "text": "x"}`, each thing at a place of its own.
    fn value() -> Value {
        let at = |start| Span::new(start, start + 1);
        let mut map = Map::new();
        let items = vec![
            Value::new(Kind::Null, at(3)),
            Value::new(Kind::Bool(true), at(4)),
        ];
        let list = Value::new(Kind::Array(items), at(2));
        map.insert(
            "list",
            Entry {
                key: at(1),
                value: list,
            },
        );
        let text = Value::new(Kind::String("x".into()), at(6));
        map.insert(
            "text",
            Entry {
                key: at(5),
                value: text,
            },
        );
        Value::new(Kind::Object(map), at(0))
    }

    fn pointer(text: &str) -> Pointer {
        text.parse().unwrap()
    }

    #[test]
    fn pointers_lead_to_values_and_places() {
        let mut value = value();
        assert_eq!(value.at(&pointer("/list/1")).unwrap().as_bool(), Some(true));
        for missing in ["/list/2", "/list/01", "/list/x", "/text/a", "/other"] {
            assert!(value.at(&pointer(missing)).is_none(), "{missing}");
            assert!(value.at_mut(&pointer(missing)).is_none(), "{missing}");
        }
        for (text, start) in [
            ("", 0),
            ("/list", 1),
            ("/list/1", 4),
            ("/text", 5),
            ("/list/9/x", 1),
            ("/no", 0),
        ] {
            assert_eq!(value.place(&pointer(text)).start, start, "{text}");
        }
        value.at_mut(&pointer("/list/0")).unwrap().kind = Kind::Bool(false);
        value.at_mut(&pointer("/text")).unwrap().kind = Kind::Null;
        assert_eq!(
            value.to_json().to_string(),
            r#"{"list":[false,true],"text":null}"#
        );
        assert_eq!(value.count(), 5);
    }

    #[test]
    fn a_view_of_another_type_is_none() {
        let null = Value::detached(Kind::Null);
        assert_eq!(null.type_name(), "null");
        assert!(null.as_str().is_none() && null.as_bool().is_none());
        assert!(null.as_number().is_none() && null.as_array().is_none());
        assert!(null.as_object().is_none());
        assert_eq!(null.count(), 1);
    }

    #[test]
    fn maps_keep_their_order_and_compare_without_it() {
        let mut value = value();
        let Kind::Object(map) = &mut value.kind else {
            panic!("a map");
        };
        let entry = map.remove("list").unwrap();
        map.insert("list", entry);
        assert_eq!(map.keys().collect::<Vec<_>>(), ["text", "list"]);
        for (_, entry) in map.entries_mut() {
            entry.key = Span::default();
        }
        assert_eq!(value, self::value());
    }
}
