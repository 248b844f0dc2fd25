//! Values as CEL takes them.

use std::collections::HashMap;
use std::sync::Arc;

use cel::Value as Cel;
use cel::objects::{Key, Map};

use crate::document::{Kind, Value};

/// Gives a value to CEL. A number written as a whole one is an `int` if it fits 64 bits; every
/// other is a `double`.
pub(super) fn to_cel(value: &Value) -> Cel {
    match &value.kind {
        Kind::Null => Cel::Null,
        Kind::Bool(truth) => Cel::Bool(*truth),
        Kind::Number(number) => {
            let text = number.as_str();
            let fraction = !text.starts_with("0x") && text.contains(['.', 'e', 'E']);
            match number.to_i64().filter(|_| !fraction) {
                Some(int) => Cel::Int(int),
                None => Cel::Float(number.to_f64()),
            }
        }
        Kind::String(text) => Cel::String(Arc::new(text.to_string())),
        Kind::Array(items) => Cel::List(Arc::new(items.iter().map(to_cel).collect())),
        Kind::Object(map) => {
            let entries = map.iter().map(|(key, value)| {
                let key = Key::String(Arc::new(key.to_string()));
                (key, to_cel(value))
            });
            Cel::Map(Map {
                map: Arc::new(entries.collect::<HashMap<_, _>>()),
            })
        }
    }
}
