//! What holds for any three values and texts.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::document::arbitrary::{plain_value, value as any_value, value_without_null};
use crate::document::{Format, Kind, Map, parse, write_json, write_toml, write_yaml};
use crate::text::{Markers, Source};

fn sides<'v>(base: &'v Value, ours: &'v Value, theirs: &'v Value) -> Three<Option<&'v Value>> {
    Three {
        base: Some(base),
        ours: Some(ours),
        theirs: Some(theirs),
    }
}

/// Changes a value here and there.
fn changed(value: &Value, edits: &[(Index, u8, Value)]) -> Value {
    let mut new = value.clone();
    for (at, what, put) in edits {
        change(&mut new, at.index(1000), *what, put.clone());
    }
    new
}

fn change(value: &mut Value, at: usize, what: u8, put: Value) {
    match &mut value.kind {
        Kind::Array(items) if !items.is_empty() => {
            let (here, below) = (at % items.len(), at / items.len());
            match what {
                0 => items.insert(here, put),
                1 => drop(items.remove(here)),
                _ => change(&mut items[here], below, what, put),
            }
        }
        Kind::Object(map) if !map.is_empty() => {
            let (here, below) = (at % map.len(), at / map.len());
            let key = map.keys().nth(here).unwrap().clone();
            match what {
                0 => map.set(format!("k{}", at % 3), put),
                1 => drop(map.remove(&key)),
                _ => change(map.get_mut(&key).unwrap(), below, what, put),
            }
        }
        _ => *value = put,
    }
}

type Trio = (Value, Value, Value);

fn three(value: fn() -> BoxedStrategy<Value>) -> impl Strategy<Value = Trio> {
    let edits = move || prop::collection::vec((any::<Index>(), 0_u8..4, value()), 0..4);
    (value(), edits(), edits()).prop_map(|(base, ours, theirs)| {
        let (ours, theirs) = (changed(&base, &ours), changed(&base, &theirs));
        (base, ours, theirs)
    })
}

/// Maps of maps and scalars, merged as one would on paper; `None` where that is a conflict.
fn model(
    base: Option<&Value>,
    ours: Option<&Value>,
    theirs: Option<&Value>,
) -> Result<Option<Value>, ()> {
    if ours == theirs || base == theirs {
        return Ok(ours.cloned());
    }
    if base == ours {
        return Ok(theirs.cloned());
    }
    let (Some(Kind::Object(o)), Some(Kind::Object(t))) =
        (ours.map(|it| &it.kind), theirs.map(|it| &it.kind))
    else {
        return Err(());
    };
    let mut map = Map::new();
    let mut keys: Vec<_> = o.keys().chain(t.keys()).collect();
    keys.sort();
    for key in keys {
        let was = base.and_then(|base| base.get(key));
        if let Some(value) = model(was, o.get(key), t.get(key))? {
            map.set(key.clone(), value);
        }
    }
    Ok(Some(Value::detached(Kind::Object(map))))
}

fn maps() -> BoxedStrategy<Value> {
    let leaf = (0..3_u8).prop_map(|n| Value::detached(Kind::String(n.to_string().into())));
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop::collection::vec(("[a-d]", inner), 0..4).prop_map(|entries| {
            let mut map = Map::new();
            for (key, value) in entries {
                map.set(key, value);
            }
            Value::detached(Kind::Object(map))
        })
    })
    .boxed()
}

fn read(text: &str, format: Format) -> Value {
    let parsed = parse(&std::sync::Arc::new(Source::new("", text)), format);
    assert!(!parsed.is_broken(), "{text}");
    (*parsed.documents[0].root).clone()
}

/// Takes one side of every marked place.
fn settled(text: &str, theirs: bool) -> String {
    let mut out = String::new();
    let mut inside = None;
    for line in text.split_inclusive('\n') {
        match line.get(..8) {
            Some("<<<<<<< ") => inside = Some(false),
            Some("=======\n") => inside = Some(true),
            Some(">>>>>>> ") => inside = None,
            _ if inside.is_none_or(|it| it == theirs) => out.push_str(line),
            _ => {}
        }
    }
    out
}

fn texts_say_what_values_do(trio: &Trio, format: Format, write: impl Fn(&Value) -> String) {
    let (base, ours, theirs) = trio;
    let identity = Identity::default();
    let texts = [base, ours, theirs].map(write);
    let [base_text, ours_text, theirs_text] = texts.each_ref().map(String::as_str);
    let merged = merge_texts(
        Three {
            base: base_text,
            ours: ours_text,
            theirs: theirs_text,
        },
        format,
        &identity,
        &Markers::default(),
    );
    if merged.by_line {
        return;
    }
    // As they are read: a text may say a number in another way.
    let trio = texts.each_ref().map(|text| read(text, format));
    let sides = sides(&trio[0], &trio[1], &trio[2]);
    for (favour, side) in [(Favour::Ours, false), (Favour::Theirs, true)] {
        let value = merge(sides, &identity, favour).value.unwrap();
        assert_eq!(
            read(&settled(&merged.text, side), format),
            value,
            "{}",
            merged.text
        );
    }
    assert_eq!(merged.conflicts.is_empty(), merged.marked == 0);
}

proptest! {
    #[test]
    fn one_side_alone_is_taken_whole(a in any_value(), b in any_value()) {
        for favour in [Favour::Ours, Favour::Theirs, Favour::Base] {
            for (trio, result) in [((&a, &b, &a), &b), ((&a, &a, &b), &b), ((&a, &b, &b), &b)] {
                let merged = merge(sides(trio.0, trio.1, trio.2), &Identity::default(), favour);
                prop_assert_eq!(merged.value.as_ref(), Some(result));
                prop_assert!(merged.conflicts.is_empty());
            }
        }
    }

    #[test]
    fn maps_are_merged_as_on_paper((base, ours, theirs) in three(maps)) {
        let merged = merge(sides(&base, &ours, &theirs), &Identity::default(), Favour::Ours);
        let expected = model(Some(&base), Some(&ours), Some(&theirs));
        prop_assert_eq!(merged.conflicts.is_empty(), expected.is_ok());
        if let Ok(expected) = expected {
            prop_assert_eq!(merged.value, expected);
        }
    }

    #[test]
    fn sides_may_be_swapped((base, ours, theirs) in three(any_value)) {
        let by_content = Identity::of_keys([""; 0]);
        let one = merge(sides(&base, &ours, &theirs), &by_content, Favour::Ours);
        let other = merge(sides(&base, &theirs, &ours), &by_content, Favour::Theirs);
        prop_assert_eq!(one.conflicts.len(), other.conflicts.len());
        prop_assert_eq!(one.value, other.value);
    }

    #[test]
    fn yaml_says_what_is_merged(trio in three(any_value)) {
        texts_say_what_values_do(&trio, Format::Yaml, write_yaml);
    }

    #[test]
    fn json_says_what_is_merged(trio in three(plain_value)) {
        texts_say_what_values_do(&trio, Format::Json, write_json);
    }

    #[test]
    fn toml_says_what_is_merged(trio in three(value_without_null)) {
        let table = |value: &Value| {
            let mut map = Map::new();
            map.set("top", value.clone());
            Value::detached(Kind::Object(map))
        };
        texts_say_what_values_do(&trio, Format::Toml, |value| write_toml(&table(value)).unwrap_or_default());
    }
}
