//! Random steps on random documents.

use proptest::prelude::*;

use super::{carried, migration, no_default};
use crate::document::{Kind, Map, Number, Value};
use crate::ops::migration::{Run, Secrets};

fn scalar() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::detached(Kind::Null)),
        any::<bool>().prop_map(|it| Value::detached(Kind::Bool(it))),
        (-3..2000_i64).prop_map(|it| number(&it.to_string())),
        prop::sample::select(vec!["1.5", "1e400", ".inf", "0x10", "1e-7"]).prop_map(number),
        prop::sample::select(vec!["a", "b:c", "1h", "yes", "", "5", "x-y", "b"]).prop_map(text),
    ]
    .boxed()
}

fn number(text: &str) -> Value {
    Value::detached(Kind::Number(Number::new(text).unwrap()))
}

fn text(text: &str) -> Value {
    Value::detached(Kind::String(text.into()))
}

fn map(entries: Vec<(String, Value)>) -> Value {
    let mut map = Map::new();
    for (key, value) in entries {
        map.set(key, value);
    }
    Value::detached(Kind::Object(map))
}

fn document() -> BoxedStrategy<Value> {
    scalar()
        .prop_recursive(4, 40, 4, |inner| {
            prop_oneof![
                3 => prop::collection::vec(("[abn]", inner.clone()), 0..4).prop_map(map),
                1 => prop::collection::vec(inner, 0..3)
                    .prop_map(|items| Value::detached(Kind::Array(items))),
            ]
        })
        .boxed()
}

fn path() -> BoxedStrategy<String> {
    let part = prop::sample::select(vec!["a", "b", "n", "*", "0", "-1", "**", "c"]);
    prop::collection::vec(part, 0..4)
        .prop_map(|parts| {
            let mut deep = false;
            let once = |part: &&str| *part != "**" || !std::mem::replace(&mut deep, true);
            parts.into_iter().filter(once).collect::<Vec<_>>().join(".")
        })
        .boxed()
}

fn name() -> BoxedStrategy<&'static str> {
    prop::sample::select(vec!["a", "b", "n", "c"]).boxed()
}

fn plain_step() -> BoxedStrategy<String> {
    let if_exists = prop::sample::select(vec!["keep", "replace", "merge", "stop"]);
    let named = (path(), name()).prop_map(|(path, name)| match path.as_str() {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    });
    prop_oneof![
        (named.clone(), name(), if_exists.clone())
            .prop_map(|(p, n, i)| format!("{{rename: '{p}', to: {n}, if-exists: {i}}}")),
        (path(), path(), if_exists.clone(), any::<bool>()).prop_map(|(p, t, i, k)| {
            format!("{{move: '{p}', to: '{t}', if-exists: {i}, keep-empty: {k}}}")
        }),
        (path(), path(), if_exists)
            .prop_map(|(p, t, i)| format!("{{copy: '{p}', to: '{t}', if-exists: {i}}}")),
        path().prop_map(|p| format!("{{remove: '{p}'}}")),
        path().prop_map(|p| format!("{{remove: '{p}', was: a}}")),
        (named.clone(), any::<bool>())
            .prop_map(|(p, c)| format!("{{add: '{p}', value: {{x: 1}}, create: {c}}}")),
        named
            .clone()
            .prop_map(|p| format!("{{set: '{p}', value: [1]}}")),
        named
            .clone()
            .prop_map(|p| format!("{{pin_default: '{p}', value: 1}}")),
        path().prop_map(|p| format!(
            "{{map_values: '{p}', values: {{a: b, 5: c}}, otherwise: {{value: d}}}}"
        )),
        path().prop_map(|p| format!("{{convert: '{p}', unit: {{from: s, to: h}}}}")),
        path().prop_map(|p| format!("{{convert: '{p}', duration: {{from: s, to: text}}}}")),
        path().prop_map(|p| format!("{{convert: '{p}', duration: {{from: text, to: iso}}}}")),
        path().prop_map(|p| format!("{{convert: '{p}', type: boolean}}")),
        path().prop_map(|p| format!("{{convert: '{p}', factor: 0.3}}")),
        path().prop_map(|p| format!("{{convert: '{p}', negate: true}}")),
        path().prop_map(|p| format!("{{wrap: '{p}'}}")),
        path().prop_map(|p| format!("{{wrap: '{p}', key: n}}")),
        path().prop_map(|p| format!("{{unwrap: '{p}'}}")),
        path().prop_map(|p| format!("{{unwrap: '{p}', key: n}}")),
        path().prop_map(|p| format!("{{split: '{p}', by: ':'}}")),
        (path(), path(), path())
            .prop_map(|(p, a, b)| format!("{{split: '{p}', by: ':', into: ['{a}', '{b}']}}")),
        (path(), path(), path())
            .prop_map(|(p, a, b)| format!("{{merge: ['{a}', '{b}'], into: '{p}', with: ':'}}")),
        (path(), path(), path())
            .prop_map(|(p, a, b)| format!("{{merge: ['{a}', '{b}'], into: '{p}', unique: true}}")),
        named.clone().prop_map(|p| format!("{{hoist: '{p}'}}")),
        named
            .clone()
            .prop_map(|p| format!("{{hoist: '{p}', prefix: a, only: [a, b]}}")),
        (named.clone(), named.clone(), path())
            .prop_map(|(a, b, p)| format!("{{plunge: ['{a}', '{b}'], into: '{p}'}}")),
        path().prop_map(|p| format!("{{to_map: '{p}', key: n}}")),
        path().prop_map(|p| format!("{{to_list: '{p}', key: n}}")),
        (path(), any::<bool>()).prop_map(|(p, k)| format!(
            "{{regex_replace: '{p}', pattern: '[ab]', with: n, keys: {k}}}"
        )),
        path().prop_map(|p| format!("{{cel: '{{\"a\": self, \"b\": key}}', at: '{p}'}}")),
        path().prop_map(|p| format!("{{manual: x, at: '{p}'}}")),
        path().prop_map(|p| format!("{{note: x, when: {{path: '{p}', cel: 'root == self'}}}}")),
    ]
    .boxed()
}

fn step() -> BoxedStrategy<String> {
    let inner = (path(), prop::collection::vec(plain_step(), 0..3));
    prop_oneof![
        6 => plain_step(),
        1 => inner.clone().prop_map(|(p, steps)| format!("{{each: '{p}', steps: [{}]}}", steps.join(", "))),
        1 => inner.prop_map(|(p, steps)| {
            let steps = steps.join(", ");
            format!("{{when: {{path: '{p}', type: [map, text]}}, steps: [{steps}], else: [{steps}]}}")
        }),
    ]
    .boxed()
}

/// Reads steps of which some may be wrong; none then.
fn read(steps: &[String]) -> Option<crate::ops::migration::Migration> {
    let text = format!("strata-migration: 1\nsteps: [{}]\n", steps.join(", "));
    let file = crate::config::ParsedFile::of_bytes("migrations/2.0.0.yaml", text.as_bytes());
    crate::ops::migration::Migration::read(&file).0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_steps_leave_a_document(document in document(), steps in prop::collection::vec(step(), 1..6)) {
        let whole: Vec<String> = steps.into_iter().filter(|step| read(std::slice::from_ref(step)).is_some()).collect();
        let migration = read(&whole).expect("each can be read");
        let mut run = Run::new(document, Secrets::default(), &no_default);
        run.apply(&migration);
        prop_assert!(run.root().depth() <= 256);
        if let Ok(back) = migration.inverse() {
            run.apply(&back);
        }
    }

    /// A document of the version before knows nothing of what the steps make: here, the names
    /// that begin with `new`.
    #[test]
    fn what_can_be_undone_comes_back(document in document(), steps in prop::collection::vec(sure_step(), 1..4)) {
        let before = map(vec![("s".to_owned(), document)]);
        let mut text = String::new();
        for (index, step) in steps.iter().enumerate() {
            text.push_str(&format!("  - {}\n", step.replace("NEW", &format!("new{index}"))));
        }
        let there = migration(&text);
        let back = there.inverse().expect("each has an inverse");
        let between = carried(&there, before.clone());
        let after = carried(&back, between);
        prop_assert_eq!(after, before, "{}", text);
    }
}

/// Steps that undo exactly, whatever the document.
fn sure_step() -> BoxedStrategy<String> {
    let place = prop::sample::select(vec!["s.a", "s.*.a", "s.a.b", "s.*.*.n", "s.b.*.a"]);
    place
        .prop_flat_map(|p| {
            let whole = format!("{p}.NEW");
            prop::sample::select(vec![
                format!("{{rename: '{p}', to: NEW}}"),
                format!("{{add: '{whole}', value: 5}}"),
                format!("{{wrap: '{p}', key: NEW}}"),
                format!("{{convert: '{p}', unit: {{from: s, to: ms}}, when: {{path: 'no', absent: true}}}}"),
                format!("{{convert: '{p}', negate: true}}"),
                format!("{{convert: '{p}', factor: 7}}"),
                format!("{{map_values: '{p}', values: {{a: NEW}}}}"),
                format!("{{copy: '{p}', to: '{p}NEW'}}"),
            ])
        })
        .boxed()
}
