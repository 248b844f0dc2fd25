//! Values that left one place and came to another.

use std::collections::BTreeMap;

use super::ValueChange;
use crate::document::{Kind, Value};

/// The shortest text that tells enough to be known again.
const TELLING: usize = 16;

/// Makes one move of what is removed here and added there, where it is the same and worth
/// knowing again, and no other such value came or went.
pub(super) fn moved(changes: Vec<ValueChange>) -> Vec<ValueChange> {
    let mut places: BTreeMap<String, [Vec<usize>; 2]> = BTreeMap::new();
    for (at, change) in changes.iter().enumerate() {
        let (side, value) = match (change.kind, &change.old, &change.new) {
            ("removed", Some(value), _) => (0, value),
            ("added", _, Some(value)) => (1, value),
            _ => continue,
        };
        if !change.pointer.is_root() && weight(value) > 1 {
            places.entry(sorted(value)).or_default()[side].push(at);
        }
    }
    let mut from = BTreeMap::new();
    for [gone, come] in places.values() {
        if let ([gone], [come]) = (&gone[..], &come[..])
            && changes[*gone].old == changes[*come].new
            && changes[*gone].document == changes[*come].document
        {
            from.insert(*come, *gone);
        }
    }
    if from.is_empty() {
        return changes;
    }
    let gone: Vec<usize> = from.values().copied().collect();
    let sources: BTreeMap<usize, (crate::text::Pointer, Option<Value>)> = from
        .iter()
        .map(|(come, gone)| {
            (
                *come,
                (changes[*gone].pointer.clone(), changes[*gone].old.clone()),
            )
        })
        .collect();
    let changes = changes.into_iter().enumerate();
    let kept = changes.filter(|(at, _)| !gone.contains(at));
    kept.map(|(at, change)| match sources.get(&at) {
        Some((from, old)) => ValueChange {
            kind: "moved",
            from: Some(from.clone()),
            old: old.clone(),
            ..change
        },
        None => change,
    })
    .collect()
}

/// Says how much there is to know a value by.
fn weight(value: &Value) -> usize {
    match &value.kind {
        Kind::String(text) if text.chars().count() >= TELLING => 2,
        Kind::Array(items) => items.iter().map(weight).sum(),
        Kind::Object(map) => map.values().map(weight).sum(),
        _ => 1,
    }
}

/// Writes a value so that equal ones are written alike, but for the spelling of numbers.
fn sorted(value: &Value) -> String {
    match &value.kind {
        Kind::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            let entries = entries
                .iter()
                .map(|(key, value)| format!("{key:?}:{}", sorted(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        Kind::Array(items) => {
            let items: Vec<_> = items.iter().map(sorted).collect();
            format!("[{}]", items.join(","))
        }
        Kind::Number(_) => "0".to_owned(),
        _ => value.to_json().to_string(),
    }
}
