use std::sync::Arc;

use proptest::prelude::*;

use super::super::arbitrary::value as any_value;
use super::super::{Format, Kind, parse};
use super::*;
use crate::text::Source;

fn value(text: &str) -> Value {
    let parsed = parse(&Arc::new(Source::new("a.yaml", text)), Format::Yaml);
    assert!(parsed.findings.is_empty(), "{text}: {:?}", parsed.findings);
    Arc::unwrap_or_clone(parsed.documents.into_iter().next().unwrap().root)
}

/// Writes each change as `kind pointer [< from]`.
fn said(old: &str, new: &str) -> Vec<String> {
    said_by(old, new, &Identity::default())
}

fn said_by(old: &str, new: &str, identity: &Identity<'_>) -> Vec<String> {
    let (old, new) = (value(old), value(new));
    let changes = diff(&old, &new, identity);
    for change in &changes {
        let before = change.from.as_ref().unwrap_or(&change.pointer);
        let (before, after) = (old.at(before), new.at(&change.pointer));
        match change.kind {
            ChangeKind::Added => assert_eq!(after, change.new.as_ref()),
            ChangeKind::Removed => assert_eq!(old.at(&change.pointer), change.old.as_ref()),
            _ => {
                assert_eq!(before, change.old.as_ref());
                assert_eq!(after, change.new.as_ref());
            }
        }
    }
    changes
        .iter()
        .map(|change| {
            let kind = serde_json::to_string(&change.kind).unwrap();
            let from = change
                .from
                .as_ref()
                .map_or_else(String::new, |from| format!(" < {from}"));
            format!("{} {}{from}", kind.trim_matches('"'), change.pointer)
        })
        .collect()
}

#[test]
fn spelling_and_order_mean_nothing() {
    let old = "a: 0.10\nb: {x: 1, y: [1, 'z']}\nc: ~\n";
    let new = "c: null\nb:\n  y:\n  - 0x1\n  - z\n  x: 1.0\na: 0.1e0 # same\n";
    assert_eq!(said(old, new), [""; 0]);
}

#[test]
fn maps_tell_every_kind_of_change() {
    assert_eq!(
        said(
            "a: 1\nb: 5432\nc: {d: 1, e: x}\ng: !A 1\n",
            "b: '5432'\nc: {e: y, f: 1}\ng: !B 1\nh: []\n"
        ),
        [
            "removed /a",
            "type-changed /b",
            "removed /c/d",
            "changed /c/e",
            "added /c/f",
            "changed /g",
            "added /h",
        ]
    );
    assert_eq!(said("a: 1", "[1]"), ["type-changed "]);
    assert_eq!(said("a: 1", "a: null"), ["type-changed /a"]);
}

#[test]
fn keyed_items_are_matched_whatever_their_order() {
    let old = "- {name: a, port: 1}\n- {name: b, port: 2}\n- {name: c, port: 3}\n";
    let new = "- {name: d, port: 4}\n- {name: c, port: 3}\n- {name: b, port: 9}\n";
    assert_eq!(
        said(old, new),
        ["changed /2/port < /1/port", "removed /0", "added /0"]
    );
    let id = |list: &str| list.replace("name", "id");
    assert_eq!(said(&id(old), &id(new)).len(), 3);
    assert_eq!(
        said(
            "[{id: 1, v: 1}, {id: 2, v: 1}]",
            "[{id: 2, v: 1}, {id: 1.0, v: 2}]"
        ),
        ["changed /1/v < /0/v"]
    );
    assert_eq!(
        said("[{key: true, v: 1}]", "[{key: true, v: 2}]"),
        ["changed /0/v"]
    );
}

#[test]
fn added_below_a_shifted_item_names_both_places() {
    let old = "- {name: a}\n- {name: b, env: {}}\n";
    let new = "- {name: b, env: {x: 1}}\n- {name: a}\n";
    assert_eq!(said(old, new), ["added /0/env/x < /1/env/x"]);
}

#[test]
fn a_key_that_repeats_identifies_nothing() {
    let old = "- {name: a, port: 1}\n- {name: a, port: 2}\n";
    let new = "- {name: a, port: 1}\n- {name: a, port: 3}\n";
    assert_eq!(said(old, new), ["changed /1/port"]);
    // `name` repeats, `id` does not.
    assert_eq!(
        said(
            "[{name: a, id: 1, v: 1}, {name: a, id: 2, v: 1}]",
            "[{name: a, id: 2, v: 1}, {name: a, id: 1, v: 5}]"
        ),
        ["changed /1/v < /0/v"]
    );
}

#[test]
fn a_path_may_name_its_own_key() {
    let (old, new) = (
        "l: [{port: 1, v: a}, {port: 2, v: b}]",
        "l: [{port: 2, v: c}, {port: 1, v: a}]",
    );
    let identity =
        Identity::default().with_paths(|at| (at.to_string() == "/l").then(|| "port".to_owned()));
    assert_eq!(said_by(old, new, &identity), ["changed /l/0/v < /l/1/v"]);
    assert!(format!("{identity:?}").contains("of_path: true"));
    let named = "l: [{name: a, v: 1}, {name: b, v: 2}]";
    let turned = "l: [{name: b, v: 2}, {name: a, v: 1}]";
    assert_eq!(
        said_by(named, turned, &Identity::of_keys(["name"])),
        [""; 0]
    );
    assert_eq!(said_by(named, turned, &Identity::of_keys([""; 0])).len(), 1);
}

#[test]
fn content_tells_which_items_belong_together() {
    for (old, new, expected) in [
        ("[a, b, c]", "[a, x, b, c]", vec!["added /1"]),
        ("[a, b, c]", "[a, c]", vec!["removed /1"]),
        ("[a, b, c]", "[a, x, c]", vec!["changed /1"]),
        ("[a, 1, c]", "[a, '1', c]", vec!["type-changed /1"]),
        ("[a, b, c]", "[c, a, b]", vec!["moved /0 < /2"]),
        ("[a, a, b]", "[a, b]", vec!["removed /1"]),
        ("[a, b, a, c]", "[b, a, c]", vec!["removed /0"]),
        ("[a]", "[]", vec!["removed /0"]),
        ("[]", "[a, b]", vec!["added /0", "added /1"]),
        ("[a, b]", "[a, {x: 1}]", vec!["removed /1", "added /1"]),
        ("[[1, 2], [3]]", "[[3], [1, 2]]", vec!["moved /0 < /1"]),
        (
            "[{x: 1, y: 1}, {x: 2, y: 2}]",
            "[{x: 9, y: 9}, {x: 1, y: 5}, {x: 2, y: 2}]",
            vec!["changed /1/y < /0/y", "added /0"],
        ),
        ("[{x: 1, y: 1}]", "[{x: 2, y: 1}]", vec!["changed /0/x"]),
        ("[[1, 2], q]", "[[1, 3], q]", vec!["changed /0/1"]),
        (
            "[[1, 2], [5]]",
            "[[1, 3]]",
            vec!["changed /0/1", "removed /1"],
        ),
        (
            "[a, b]",
            "[x, y, z]",
            vec!["changed /0", "changed /1", "added /2"],
        ),
    ] {
        assert_eq!(said(old, new), expected, "{old} → {new}");
    }
}

#[test]
fn many_repetitions_stay_near_linear() {
    let list = |n: usize, from: usize| {
        let items = (0..n).map(|i| Value::detached(Kind::Bool((i * 7 + from).is_multiple_of(3))));
        Value::detached(Kind::Array(items.collect()))
    };
    let (old, new) = (list(100_000, 0), list(100_001, 1));
    let changes = diff(&old, &new, &Identity::default());
    assert_eq!(apply(&old, &changes), new);
}

#[test]
fn changes_that_do_not_fit_are_passed_over() {
    let old = value("a: 1\nl: [1]\n");
    let wrong = |kind, pointer: &str| Change {
        kind,
        pointer: pointer.parse().unwrap(),
        from: None,
        old: None,
        new: Some(old.clone()),
    };
    let none = Change {
        new: None,
        ..wrong(ChangeKind::Added, "/a/b/c")
    };
    let changes = [
        wrong(ChangeKind::Removed, "/x/y"),
        wrong(ChangeKind::Changed, "/l/7"),
        wrong(ChangeKind::Moved, "/l/7"),
        wrong(ChangeKind::Added, "/l/x"),
        none,
    ];
    assert_eq!(apply(&old, &changes), old);
    assert_eq!(apply(&old, &[wrong(ChangeKind::Changed, "")]), old);
}

/// Sorts the lists that are matched by key, whose order means nothing.
fn settle(value: &Value) -> Value {
    let kind = match &value.kind {
        Kind::Array(items) => {
            let mut items: Vec<_> = items.iter().map(settle).collect();
            if !items.is_empty()
                && Identity::default()
                    .name(&Pointer::root(), &items, &items)
                    .is_some()
            {
                items.sort_by_key(|item| format!("{:?}", item.to_json().as_object().map(sorted)));
            }
            Kind::Array(items)
        }
        Kind::Object(map) => {
            let mut settled = super::super::Map::new();
            for (key, value) in map.iter() {
                settled.set(key.clone(), settle(value));
            }
            Kind::Object(settled)
        }
        scalar => scalar.clone(),
    };
    Value {
        kind,
        tag: value.tag.clone(),
        ..*value
    }
}

fn sorted(
    map: &serde_json::Map<String, serde_json::Value>,
) -> std::collections::BTreeMap<String, String> {
    map.iter()
        .map(|(key, value)| (key.clone(), value.to_string()))
        .collect()
}

/// A pair of which the second is the first, here and there another.
fn related() -> impl Strategy<Value = (Value, Value)> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0_u8..5, any_value()), 0..6);
    (any_value(), edits).prop_map(|(old, edits)| {
        let mut new = old.clone();
        for (at, what, value) in edits {
            edit(&mut new, at.index(1000), what, value);
        }
        (old, new)
    })
}

fn edit(value: &mut Value, at: usize, what: u8, put: Value) {
    let len = match &value.kind {
        Kind::Array(items) => items.len(),
        Kind::Object(map) => map.len(),
        _ => 0,
    };
    if len == 0 {
        *value = put;
        return;
    }
    let (here, below) = (at % len, at / len);
    match &mut value.kind {
        Kind::Array(items) => match what {
            0 => items.insert(here, put),
            1 => drop(items.remove(here)),
            2 => items.rotate_left(here),
            3 => items.swap(here, below % len),
            _ => edit(&mut items[here], below, what, put),
        },
        Kind::Object(map) => {
            let key = map.keys().nth(here).unwrap().clone();
            match what {
                0 => map.set("added", put),
                1 => drop(map.remove(&key)),
                _ => edit(map.get_mut(&key).unwrap(), below, what, put),
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(value in any_value()) {
        prop_assert_eq!(diff(&value, &value.clone(), &Identity::default()), vec![]);
    }

    #[test]
    fn changes_lead_from_old_to_new((old, new) in related()) {
        let by_content = Identity::of_keys([""; 0]);
        let changes = diff(&old, &new, &by_content);
        prop_assert_eq!(&apply(&old, &changes), &new);
        prop_assert_eq!(changes.is_empty(), old == new);
        let changes = diff(&old, &new, &Identity::default());
        prop_assert_eq!(settle(&apply(&old, &changes)), settle(&new));
    }

    #[test]
    fn any_two_values_can_be_told_apart(old in any_value(), new in any_value()) {
        let changes = diff(&old, &new, &Identity::default());
        prop_assert_eq!(settle(&apply(&old, &changes)), settle(&new));
    }
}
