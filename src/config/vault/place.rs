use smol_str::SmolStr;

use crate::document::{Kind, Value};
use crate::text::Pointer;

/// Finds a value at a place that differs from the one given only by numbers of items.
pub(super) fn place_of(
    root: &Value,
    is_it: &dyn Fn(&Value) -> bool,
    tokens: &[SmolStr],
) -> Option<Pointer> {
    let Some((first, rest)) = tokens.split_first() else {
        return is_it(root).then(Pointer::root);
    };
    let below = |token: &str, value: &Value| {
        let tokens = place_of(value, is_it, rest)?;
        let mut all = Pointer::root().join(token);
        tokens
            .tokens()
            .iter()
            .for_each(|token| all.push(token.clone()));
        Some(all)
    };
    match &root.kind {
        Kind::Object(map) => below(first, map.get(first)?),
        Kind::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| below(&index.to_string(), item))
        }
        _ => None,
    }
}
