//! Which values of one version were there before.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::{Kind, Map, Value};
use super::Identity;
use super::digest::Digests;
use super::list::{Pairing, pair};
use super::matched::matched;
use crate::text::Pointer;

type State = foldhash::fast::RandomState;

/// A part of a file that has a past of its own: what is no map, and an empty map. A list is one,
/// and so are its items.
pub(crate) struct Part<'v> {
    /// Which document it stands in, from 0.
    pub(crate) document: usize,
    pub(crate) pointer: Pointer,
    pub(crate) value: &'v Value,
}

/// Lists the parts of the documents of a file in the order written. Their places in this list are
/// the numbers that [`same`] tells of.
pub(crate) fn parts(documents: &[Arc<Value>]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for (document, root) in documents.iter().enumerate() {
        each(root, &mut Pointer::root(), &mut |pointer, value| {
            parts.push(Part {
                document,
                pointer: pointer.clone(),
                value,
            });
        });
    }
    parts
}

fn each<'v>(value: &'v Value, at: &mut Pointer, visit: &mut impl FnMut(&Pointer, &'v Value)) {
    if is_part(value) {
        visit(at, value);
    }
    match &value.kind {
        Kind::Object(map) => {
            for (key, value) in map.iter() {
                at.push(key.clone());
                each(value, at, visit);
                at.pop();
            }
        }
        Kind::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                at.push(smol_str::format_smolstr!("{index}"));
                each(item, at, visit);
                at.pop();
            }
        }
        _ => {}
    }
}

fn is_part(value: &Value) -> bool {
    value.as_object().is_none_or(Map::is_empty)
}

/// Finds for each part of the new version the same part of the old one: equal, under the same
/// keys, and in lists of the item that belongs to its own, as [`diff`](super::diff) matches them.
/// The documents of files are matched like items of a list.
pub(crate) fn same(
    old: &[Arc<Value>],
    new: &[Arc<Value>],
    identity: &Identity<'_>,
) -> Vec<Option<usize>> {
    let mut walk = Walk {
        identity,
        digests: Digests::default(),
        here: Pointer::root(),
        old: HashMap::default(),
        new: HashMap::default(),
        found: Vec::new(),
    };
    if let ([old], [new]) = (old, new) {
        number(old, &mut walk.old);
        number(new, &mut walk.new);
        walk.found = vec![None; walk.new.len()];
        walk.values(old, new);
    } else {
        let all = |documents: &[Arc<Value>]| -> Vec<Value> {
            documents.iter().map(|root| (**root).clone()).collect()
        };
        let (old, new) = (all(old), all(new));
        old.iter().for_each(|root| number(root, &mut walk.old));
        new.iter().for_each(|root| number(root, &mut walk.new));
        walk.found = vec![None; walk.new.len()];
        walk.lists(&old, &new);
    }
    walk.found
}

/// Numbers the parts of a value by address: the values are borrowed for as long as it matters.
fn number(value: &Value, numbers: &mut HashMap<usize, usize, State>) {
    if is_part(value) {
        numbers.insert(address(value), numbers.len());
    }
    match &value.kind {
        Kind::Object(map) => map.values().for_each(|value| number(value, numbers)),
        Kind::Array(items) => items.iter().for_each(|item| number(item, numbers)),
        _ => {}
    }
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value) as usize
}

/// Goes through two versions side by side.
struct Walk<'a> {
    identity: &'a Identity<'a>,
    digests: Digests,
    /// Where we stand in the new version.
    here: Pointer,
    old: HashMap<usize, usize, State>,
    new: HashMap<usize, usize, State>,
    found: Vec<Option<usize>>,
}

impl Walk<'_> {
    /// Says whether both are equal, lists with names in any order.
    fn values(&mut self, old: &Value, new: &Value) -> bool {
        let equal = match (&old.kind, &new.kind) {
            _ if old.tag != new.tag => false,
            (Kind::Object(old), Kind::Object(new)) => self.maps(old, new),
            (Kind::Array(old), Kind::Array(new)) => self.lists(old, new),
            (old, new) => old == new,
        };
        if equal
            && let Some(&number) = self.new.get(&address(new))
            && let Some(found) = self.found.get_mut(number)
        {
            *found = self.old.get(&address(old)).copied();
        }
        equal
    }

    fn maps(&mut self, old: &Map, new: &Map) -> bool {
        let mut equal = old.len() == new.len();
        for (at, (key, after)) in new.iter().enumerate() {
            equal &= match old.get_near(at, key) {
                None => false,
                Some(before) => {
                    self.here.push(key.clone());
                    let equal = self.values(before, after);
                    self.here.pop();
                    equal
                }
            };
        }
        equal
    }

    fn lists(&mut self, old: &[Value], new: &[Value]) -> bool {
        if old.is_empty() || new.is_empty() {
            return old.len() == new.len();
        }
        let mut equal = old.len() == new.len();
        if let Some(places) = matched(self.identity, &self.here, old, new) {
            for (index, place) in places.into_iter().enumerate() {
                equal &= place.is_some_and(|place| self.items(&old[index], place, &new[place]));
            }
            return equal;
        }
        let Pairing {
            kept, alike, moved, ..
        } = pair(&mut self.digests, old, new);
        equal &= moved.is_empty();
        for (index, place) in kept.into_iter().chain(alike).chain(moved) {
            equal &= self.items(&old[index], place, &new[place]);
        }
        equal
    }

    fn items(&mut self, old: &Value, place: usize, new: &Value) -> bool {
        self.here.push(smol_str::format_smolstr!("{place}"));
        let equal = self.values(old, new);
        self.here.pop();
        equal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Format, parse};
    use crate::text::Source;

    fn read(text: &str) -> Vec<Arc<Value>> {
        let parsed = parse(&Arc::new(Source::new("a.yaml", text)), Format::Yaml);
        assert!(!parsed.is_broken(), "{text}");
        let documents = parsed.documents.into_iter();
        documents.map(|document| document.root).collect()
    }

    /// Writes which part of the new version was where before; `+` is new.
    fn told(old: &str, new: &str) -> String {
        let (old, new) = (read(old), read(new));
        let (before, after) = (parts(&old), parts(&new));
        let found = same(&old, &new, &Identity::default());
        assert_eq!(found.len(), after.len());
        let word = |part: &Part<'_>| format!("{}{}", part.document, part.pointer);
        let line = |(part, was): (&Part<'_>, &Option<usize>)| match was {
            None => format!("+{}", word(part)),
            Some(was) => {
                let is_list = part.value.as_array().is_some();
                assert!(is_list || before[*was].value == part.value);
                match word(&before[*was]) {
                    was if was == word(part) => was,
                    was => format!("{was}>{}", word(part)),
                }
            }
        };
        let lines: Vec<_> = after.iter().zip(&found).map(line).collect();
        lines.join(" ")
    }

    #[test]
    fn what_is_equal_at_the_same_key_was_there() {
        assert_eq!(
            told(
                "b: 1.0\na: {x: 1, y: {}}\nc: '1'",
                "a: {y: {}, x: 2}\nb: 1\nc: 1\nd: 1"
            ),
            "0/a/y +0/a/x 0/b +0/c +0/d"
        );
        assert_eq!(told("a: 1", ""), "+0");
        assert_eq!(told("a: !x 1", "a: !y 1"), "+0/a");
    }

    #[test]
    fn items_of_lists_are_followed_and_the_list_as_a_whole() {
        assert_eq!(
            told(
                "l: [{name: a, v: 1}, {name: b, v: 2}]",
                "l: [{name: b, v: 2}, {name: a, v: 1}]"
            ),
            "0/l 0/l/1/name>0/l/0/name 0/l/1/v>0/l/0/v 0/l/0/name>0/l/1/name 0/l/0/v>0/l/1/v"
        );
        assert_eq!(
            told("l: [1, 2]", "l: [0, 1, 2]"),
            "+0/l +0/l/0 0/l/0>0/l/1 0/l/1>0/l/2"
        );
        assert_eq!(
            told("l: [1, 2]", "l: [2, 1]"),
            "+0/l 0/l/1>0/l/0 0/l/0>0/l/1"
        );
        assert_eq!(told("l: []", "l: []"), "0/l");
        assert_eq!(told("l: [1]", "l: []"), "+0/l");
        assert_eq!(
            told("l: [[1], 2]", "l: [[1], 3]"),
            "+0/l 0/l/0 0/l/0/0 +0/l/1"
        );
    }

    #[test]
    fn documents_are_followed_where_others_come_before_them() {
        assert_eq!(
            told("a: 1\n---\nb: 2", "c: 3\n---\na: 1\n---\nb: 2"),
            "+0/c 0/a>1/a 1/b>2/b"
        );
        assert_eq!(told("a: 1", "a: 1\n---\nb: 2"), "0/a +1/b");
    }
}
