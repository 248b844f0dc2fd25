//! Values for property tests.

use proptest::prelude::*;

use super::{Kind, Map, Number, Value};

/// Any value: every type, odd strings, exact numbers, infinities, tags.
pub(super) fn value() -> BoxedStrategy<Value> {
    let special = prop_oneof![
        Just(".inf"),
        Just("-.inf"),
        Just(".nan"),
        Just("0o17"),
        Just("0x1F")
    ]
    .prop_map(number);
    let leaf = prop_oneof![4 => plain_leaf(), 1 => null(), 1 => special];
    let tag = prop_oneof![9 => Just(None), 1 => "![A-Z][a-z]{1,4}".prop_map(Some)];
    (nested(leaf.boxed()), tag)
        .prop_map(|(value, tag)| Value {
            tag: tag.map(Into::into),
            ..value
        })
        .boxed()
}

/// A value that JSON can say.
pub(crate) fn plain_value() -> BoxedStrategy<Value> {
    nested(prop_oneof![5 => plain_leaf(), 1 => null()].boxed())
}

/// A value that TOML can say.
pub(super) fn value_without_null() -> BoxedStrategy<Value> {
    nested(plain_leaf())
}

fn nested(leaf: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    leaf.prop_recursive(4, 40, 6, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..6);
        let entry = (key(), inner.clone());
        let map = prop::collection::vec(entry, 0..6);
        // Lists whose items have names, as configuration has them.
        let named = prop::collection::vec(("[ab]{1,2}", key(), inner), 0..4);
        prop_oneof![
            list.prop_map(|items| Value::detached(Kind::Array(items))),
            map.prop_map(|entries| Value::detached(Kind::Object(object(entries)))),
            named.prop_map(|items| {
                let items = items.into_iter().map(|(name, key, value)| {
                    let name = Value::detached(Kind::String(name.into()));
                    let entries = vec![("name".to_owned(), name), (key, value)];
                    Value::detached(Kind::Object(object(entries)))
                });
                Value::detached(Kind::Array(items.collect()))
            }),
        ]
    })
    .boxed()
}

fn object(entries: Vec<(String, Value)>) -> Map {
    let mut map = Map::new();
    for (key, value) in entries {
        map.set(key, value);
    }
    map
}

fn key() -> BoxedStrategy<String> {
    prop_oneof![4 => "[a-d]{1,2}", 1 => text()].boxed()
}

fn text() -> BoxedStrategy<String> {
    prop_oneof![
        "[ab]{1,2}",
        "[-a-z0-9:#&*!?|>'\" \t\n\r{}\\[\\],%@`~<=._]{0,12}",
        "\\PC{0,8}",
        any::<String>(),
        Just("true".to_owned()),
        Just("1.0".to_owned()),
        Just("<<".to_owned()),
    ]
    .boxed()
}

fn plain_leaf() -> BoxedStrategy<Value> {
    let float = any::<f64>().prop_filter("finite", |float| float.is_finite());
    prop_oneof![
        any::<bool>().prop_map(|truth| Value::detached(Kind::Bool(truth))),
        (0..4_i64).prop_map(|n| number(&n.to_string())),
        any::<i64>().prop_map(|n| number(&n.to_string())),
        float.prop_map(|float| number(&format!("{float:?}"))),
        text().prop_map(|text| Value::detached(Kind::String(text.into()))),
    ]
    .boxed()
}

fn null() -> BoxedStrategy<Value> {
    Just(Value::detached(Kind::Null)).boxed()
}

fn number(text: &str) -> Value {
    Value::detached(Kind::Number(Number::new(text).unwrap()))
}
