use crate::document::{Change, Value};
use crate::text::Pointer;

/// Splits an added or removed map into the keys below it, so that each row is one value.
pub(super) fn leaves(change: Change) -> Vec<Change> {
    fn step(change: &Change, pointer: &mut Pointer, value: &Value, out: &mut Vec<Change>) {
        match value.as_object() {
            Some(map) if !map.is_empty() => {
                for (key, value) in map.iter() {
                    pointer.push(key.clone());
                    step(change, pointer, value, out);
                    pointer.pop();
                }
            }
            _ => {
                let side = |there: bool| there.then(|| value.clone());
                out.push(Change {
                    kind: change.kind,
                    pointer: pointer.clone(),
                    from: None,
                    old: side(change.old.is_some()),
                    new: side(change.new.is_some()),
                });
            }
        }
    }
    let value = match (&change.old, &change.new) {
        (None, Some(value)) | (Some(value), None) if value.as_object().is_some() => value.clone(),
        _ => return vec![change],
    };
    let mut out = Vec::new();
    step(&change, &mut change.pointer.clone(), &value, &mut out);
    out
}
