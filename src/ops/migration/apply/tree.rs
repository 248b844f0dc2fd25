//! Taking entries out of a document and putting them in.

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::{DEPTH, name};
use crate::document::{Entry, Kind, Map, Value};
use crate::text::{Pointer, Span};

/// What stands at a place where something is to go.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Landing {
    /// Nothing, and something can.
    Free,
    /// Something.
    Taken,
    /// Nothing can stand there, for that reason.
    Blocked(String),
}

/// Makes an entry that stands nowhere.
pub(super) fn entry(value: Value) -> Entry {
    Entry {
        key: Span::default(),
        value,
    }
}

pub(super) fn map_at<'v>(root: &'v mut Value, at: &Pointer) -> Option<&'v mut Map> {
    match &mut root.at_mut(at)?.kind {
        Kind::Object(map) => Some(map),
        _ => None,
    }
}

/// Divides a pointer into the place above and the last part.
pub(super) fn split(at: &Pointer) -> Option<(Pointer, SmolStr)> {
    let mut above = at.clone();
    let last = above.pop()?;
    Some((above, last))
}

/// Says what stands at a place. An empty value on the way counts as an empty map.
pub(super) fn landing(root: &Value, to: &Pointer) -> Landing {
    let mut value = root;
    for (depth, token) in to.tokens().iter().enumerate() {
        let is_last = depth + 1 == to.tokens().len();
        match (&value.kind, value.child(token)) {
            (_, Some(child)) => value = child,
            (Kind::Object(_) | Kind::Null, None) => return Landing::Free,
            (Kind::Array(items), None) if is_last && *token == items.len().to_string() => {
                return Landing::Free;
            }
            _ => {
                let above = Pointer::from_tokens(to.tokens()[..depth].iter().cloned());
                let what = value.type_name();
                return Landing::Blocked(format!(
                    "{} is a {what}, so there can be no {} in it",
                    name(&above),
                    name(to)
                ));
            }
        }
    }
    Landing::Taken
}

/// Says why a value cannot go to a place for its depth.
pub(super) fn too_deep(to: &Pointer, value: &Value) -> Option<String> {
    let deep = to.tokens().len() + value.depth() > DEPTH;
    deep.then(|| format!("{} would stand deeper than any document may", name(to)))
}

/// Puts an entry in, with maps on the way; gives it back where it cannot go. In a map it goes to
/// the position asked for, or to the end.
pub(super) fn put(
    root: &mut Value,
    to: &Pointer,
    entry: Entry,
    index: Option<usize>,
) -> Result<(), Entry> {
    if landing(root, to) != Landing::Free || too_deep(to, &entry.value).is_some() {
        return Err(entry);
    }
    let Some((last, above)) = to.tokens().split_last() else {
        return Err(entry);
    };
    let mut value = root;
    for token in above {
        become_map(value);
        if let Kind::Object(map) = &mut value.kind
            && !map.contains_key(token)
        {
            let empty = Value::detached(Kind::Object(Map::new()));
            map.insert(token.clone(), self::entry(empty));
        }
        match value.child_mut(token) {
            Some(child) => value = child,
            None => return Err(entry),
        }
    }
    become_map(value);
    match &mut value.kind {
        Kind::Object(map) => {
            map.insert_at(index.unwrap_or(usize::MAX), last.clone(), entry);
        }
        Kind::Array(items) => items.push(entry.value),
        _ => return Err(entry),
    }
    Ok(())
}

fn become_map(value: &mut Value) {
    if value.is_null() {
        *value = Value::detached(Kind::Object(Map::new()));
    }
}

/// Takes one entry or item out.
pub(super) fn take(root: &mut Value, at: &Pointer) -> Option<Entry> {
    let (above, last) = split(at)?;
    let value = root.at_mut(&above)?;
    match &mut value.kind {
        Kind::Object(map) => map.remove(&last),
        Kind::Array(items) => {
            let index = last.parse::<usize>().ok()?;
            (index < items.len()).then(|| entry(items.remove(index)))
        }
        _ => None,
    }
}

/// Takes several out, in one go for each map and list; what is inside another goes first. They
/// come back in the order of `places`, which is the document's; one that is gone already is none.
pub(super) fn take_all(root: &mut Value, places: &[Pointer]) -> Vec<Option<Entry>> {
    if let [one] = places {
        return vec![take(root, one)];
    }
    let mut groups: IndexMap<Pointer, Vec<(SmolStr, usize)>> = IndexMap::new();
    for (index, place) in places.iter().enumerate() {
        if let Some((above, last)) = split(place) {
            groups.entry(above).or_default().push((last, index));
        }
    }
    let mut taken: Vec<Option<Entry>> = places.iter().map(|_| None).collect();
    for (above, wanted) in groups.into_iter().rev() {
        let Some(value) = root.at_mut(&above) else {
            continue;
        };
        let by_name: IndexMap<SmolStr, usize> = wanted.into_iter().collect();
        match &mut value.kind {
            Kind::Object(map) => {
                let names: Vec<SmolStr> = by_name.keys().cloned().collect();
                for (key, entry) in map.remove_all(&names) {
                    if let Some(index) = by_name.get(&key) {
                        taken[*index] = Some(entry);
                    }
                }
            }
            Kind::Array(items) => {
                let all = std::mem::take(items);
                for (at, item) in all.into_iter().enumerate() {
                    match by_name.get(at.to_string().as_str()) {
                        Some(index) => taken[*index] = Some(entry(item)),
                        None => items.push(item),
                    }
                }
            }
            _ => {}
        }
    }
    taken
}

/// Takes away maps that are empty now, from a place upwards, as far as `base`.
pub(super) fn prune(root: &mut Value, mut at: Pointer, base: &Pointer) {
    while at.tokens().len() > base.tokens().len() {
        let empty = root
            .at(&at)
            .and_then(Value::as_object)
            .is_some_and(Map::is_empty);
        if !empty || take(root, &at).is_none() {
            return;
        }
        at.pop();
    }
}

/// Puts the entries of one map into another: what both have and differs in stays behind.
pub(super) fn merge_maps(target: &mut Map, source: &mut Map) {
    for (key, mut entry) in std::mem::take(source) {
        match target.get_mut(&key) {
            None => {
                target.insert(key, entry);
            }
            Some(there) if *there == entry.value => {}
            Some(there) => {
                if !merge_values(there, &mut entry.value) {
                    source.insert(key, entry);
                }
            }
        }
    }
}

/// Makes one value of two: of maps their entries, of lists their items. Says whether nothing is
/// left of the source.
pub(super) fn merge_values(target: &mut Value, source: &mut Value) -> bool {
    match (&mut target.kind, &mut source.kind) {
        (Kind::Object(into), Kind::Object(from)) => {
            merge_maps(into, from);
            from.is_empty()
        }
        (Kind::Array(into), Kind::Array(from)) => {
            into.append(from);
            true
        }
        _ => target == source,
    }
}
