//! Every rule's own change, deep inside other schemas; and rewritings that change nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use strata::document::{Format, parse};
use strata::ops::compat::{Options, Policy, Profile, Verdict, compare};
use strata::text::Source;

use super::compat_properties::read;
use super::random_schemas::{Random, collect, schema};

fn strict() -> Options {
    Options {
        policy: Policy::of(Profile::Strict),
    }
}

fn fixture(rule: &str, side: &str) -> Option<Value> {
    let path = format!(
        "{}/fixtures/compat/{rule}/{side}.yaml",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).ok()?;
    let parsed = parse(&std::sync::Arc::new(Source::new(side, text)), Format::Yaml);
    Some(parsed.documents.first()?.root.to_json())
}

/// Puts a schema inside another, in one of the ways that keep a break one.
fn wrap(way: usize, inner: Value) -> Value {
    let closed = |kind: u8, value: Value| {
        json!({
            "type": "object",
            "required": ["kind"],
            "properties": { "kind": { "const": kind }, "value": value },
            "additionalProperties": false,
        })
    };
    match way {
        0 => json!({ "type": "object", "properties": { "w": inner } }),
        1 => json!({ "type": "array", "items": inner }),
        2 => json!({ "type": "object", "additionalProperties": inner }),
        3 => json!({ "allOf": [inner, { "title": "further" }] }),
        4 => {
            json!({ "type": "object", "properties": { "w": { "$ref": "#/$defs/w" } }, "$defs": { "w": inner } })
        }
        5 => json!({ "oneOf": [closed(1, inner), closed(2, json!({ "type": "string" }))] }),
        6 => json!({ "anyOf": [closed(1, inner), closed(2, json!(true)), { "type": "string" }] }),
        7 => {
            json!({ "type": "object", "if": { "required": ["on"] }, "then": { "properties": { "w": inner } } })
        }
        8 => json!({ "type": "array", "prefixItems": [{ "type": "integer" }, inner] }),
        _ => json!({ "type": "object", "patternProperties": { "^w": inner } }),
    }
}

const WAYS: usize = 10;

/// Wraps a schema several times, each layer a resource of its own so that references stay its own.
fn nest(mut schema: Value, ways: &[usize]) -> Value {
    for (layer, way) in ways.iter().enumerate() {
        if let Some(map) = schema.as_object_mut() {
            map.insert(
                "$id".to_owned(),
                json!(format!("https://example.org/{layer}")),
            );
        }
        schema = wrap(*way, schema);
    }
    schema
}

#[test]
fn every_break_is_found_wherever_it_stands() {
    let rules: Vec<&str> = strata::ops::compat::CATALOGUE
        .iter()
        .map(|rule| rule.id())
        .collect();
    let mut random = Random(7);
    let mut recall: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut missed = Vec::new();
    for rule in rules {
        let (Some(old), Some(new)) = (fixture(rule, "old"), fixture(rule, "new")) else {
            continue;
        };
        let bare = compare(&read(&old), &read(&new), &strict());
        let own = |change: &strata::ops::compat::Change| {
            change.rule.id() == rule && change.verdict == Verdict::Breaking
        };
        if old.get("$schema").is_some()
            || new.get("$schema").is_some()
            || !bare.changes.iter().any(own)
        {
            continue;
        }
        for way in 0..WAYS {
            let ways = [way, random.below(WAYS), random.below(WAYS)];
            let ways = &ways[..=random.below(3)];
            let (old, new) = (nest(old.clone(), ways), nest(new.clone(), ways));
            let found = compare(&read(&old), &read(&new), &strict());
            let entry = recall.entry(rule).or_default();
            entry.1 += 1;
            entry.0 += usize::from(found.changes.iter().any(own));
            if found.verdict != Verdict::Breaking {
                missed.push(format!(
                    "{rule} {ways:?} {:?}\nold {old}\nnew {new}",
                    found.verdict
                ));
            }
        }
    }
    let named: usize = recall.values().map(|(named, _)| named).sum();
    let tried: usize = recall.values().map(|(_, tried)| tried).sum();
    println!(
        "{named} of {tried} by their own rule; the others: {:?}",
        recall
            .iter()
            .filter(|(_, (a, b))| a < b)
            .collect::<Vec<_>>()
    );
    assert!(recall.len() > 40, "{} rules break", recall.len());
    assert!(
        missed.is_empty(),
        "{} missed\n{}",
        missed.len(),
        missed[..missed.len().min(4)].join("\n\n")
    );
    assert!(
        named * 100 >= tried * 90,
        "only {named} of {tried} are named by their own rule"
    );
}

/// Rewrites a schema so that it says the same in another way.
fn rewrite(random: &mut Random, root: &mut Value) {
    let mut places = Vec::new();
    collect(root, String::new(), &mut places);
    places.retain(|place| !place.is_empty());
    if places.is_empty() {
        return;
    }
    let place = places[random.below(places.len())].clone();
    let name = format!("n{}", random.below(1_000_000));
    let at = root.pointer_mut(&place).unwrap();
    let old = at.clone();
    *at = match random.below(9) {
        0 => json!({ "allOf": [old] }),
        1 => json!({ "not": { "not": old } }),
        2 => json!({ "anyOf": [old.clone(), old] }),
        3 => json!({ "if": true, "then": old }),
        4 => json!({ "oneOf": [old, false] }),
        5 => {
            let moved = json!({ "$ref": format!("#/$defs/{name}") });
            *at = moved;
            root["$defs"][name] = old;
            return;
        }
        6 => match old.get("enum").and_then(Value::as_array) {
            Some(values) => {
                let consts: Vec<Value> = values
                    .iter()
                    .map(|value| json!({ "const": value }))
                    .collect();
                json!({ "anyOf": consts })
            }
            None => json!({ "allOf": [{ "description": "the same" }, old] }),
        },
        7 => match old {
            Value::Object(map) if !map.contains_key("$ref") => {
                let mut map = map;
                map.entry("minItems").or_insert(json!(0));
                map.entry("minLength").or_insert(json!(0));
                map.entry("description").or_insert(json!("the same"));
                Value::Object(map)
            }
            other => json!({ "allOf": [other, true] }),
        },
        _ => match old.get("type").and_then(Value::as_array).cloned() {
            Some(types) => {
                let mut rest = old;
                rest.as_object_mut().unwrap().remove("type");
                let types: Vec<Value> = types.iter().map(|name| json!({ "type": name })).collect();
                json!({ "allOf": [rest, { "anyOf": types }] })
            }
            None => json!({ "allOf": [true, old, {}] }),
        },
    };
}

#[test]
fn what_says_the_same_in_another_way_breaks_nothing() {
    let mut tried = 0;
    for seed in 0..250 {
        let mut random = Random(seed);
        let old = schema(&mut random);
        // What is looked at by whom depends on how it is written.
        if old.to_string().contains("unevaluated") || old.get("$schema").is_some() {
            continue;
        }
        let mut new = old.clone();
        for _ in 0..=random.below(3) {
            rewrite(&mut random, &mut new);
        }
        tried += 1;
        for (a, b) in [(&old, &new), (&new, &old)] {
            let found = compare(&read(a), &read(b), &strict());
            let loud: Vec<_> = (found.changes.iter())
                .filter(|change| matches!(change.verdict, Verdict::Breaking | Verdict::Unknown))
                .map(|change| format!("{} {}", change.rule.id(), change.message))
                .collect();
            assert!(loud.is_empty(), "seed {seed}: {loud:?}\nold {a}\nnew {b}");
        }
    }
    assert!(tried > 150, "{tried}");
}
