//! How a JSON text is written.

use super::super::{Kind, Value};
use super::layout::{Group, Key, Node, Quotes, Shape, Slot};
use super::scan::Scan;

/// Reads how a JSON text is written, from the value that was read from it.
pub(super) fn of_json(scan: Scan<'_>, value: &Value) -> Node {
    let (start, end) = (value.span.start as usize, value.span.end as usize);
    let slot = |start, key, colon, value: &Value| {
        let value = of_json(scan, value);
        Slot {
            start,
            key,
            colon,
            tail: value.end,
            value,
        }
    };
    let group = |slots| Group { flow: true, slots };
    let shape = match &value.kind {
        Kind::Object(map) => {
            let slots = map.entries().map(|(name, entry)| {
                let colon = scan.skip(entry.key.end as usize) + 1;
                let key = Key {
                    name: name.clone(),
                    span: entry.key,
                    quotes: Quotes::Double,
                    merge: false,
                };
                slot(entry.key.start as usize, Some(key), colon, &entry.value)
            });
            Shape::Map(group(slots.collect()))
        }
        Kind::Array(items) => {
            let slots = items.iter().map(|item| {
                let at = item.span.start as usize;
                slot(at, None, at, item)
            });
            Shape::List(group(slots.collect()))
        }
        Kind::String(_) => Shape::Scalar(Quotes::Double),
        _ => Shape::Scalar(Quotes::None),
    };
    Node {
        outer: start,
        start,
        end,
        shape,
        anchor: 0,
        tagged: false,
    }
}
