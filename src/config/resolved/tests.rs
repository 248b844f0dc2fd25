use bstr::ByteSlice;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::*;
use crate::config::{Configuration, Snapshot};

/// Resolves layers under a schema and the manifest's own merge rules.
fn resolve(layers: &[&str], schema: &str, merge: &str) -> Resolved {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let names: Vec<_> = (0..layers.len())
        .map(|index| format!("layer{index}.yaml"))
        .collect();
    for (name, text) in names.iter().zip(layers) {
        write(name, text);
    }
    write("schema.json", schema);
    let list = names.join(", ");
    write(
        "strata.yaml",
        &format!("strata: 1\nschemas: [schema.json]\nlayers: [{list}]\n{merge}"),
    );
    let configuration = Configuration::open(None, Snapshot::of_folder(folder.path())).unwrap();
    configuration.resolve(&Target::default()).unwrap()
}

fn plain(layers: &[&str]) -> Resolved {
    resolve(layers, "{}", "")
}

fn text(resolved: &Resolved) -> String {
    resolved.value().to_json().to_string()
}

#[test]
fn maps_merge_lists_and_scalars_replace_null_removes() {
    let resolved = plain(&[
        "a: { b: 1, c: 2 }\nlist: [1, 2]\ngone: { x: 1 }\nkept: null\n",
        "a: { c: 3, d: { e: null, f: 1 } }\nlist: [3]\ngone: null\nnothing: null\n",
    ]);
    assert_eq!(
        text(&resolved),
        r#"{"a":{"b":1,"c":3,"d":{"f":1}},"list":[3],"kept":null}"#
    );
    let removed = resolved.removed(&"gone".parse().unwrap()).unwrap();
    assert_eq!(removed.location.source.name(), "layer1.yaml");
    assert_eq!(removed.overrides.len(), 1);
    assert!(resolved.removed(&"a".parse().unwrap()).is_none());
}

#[test]
fn every_value_knows_who_set_it_and_whom_it_overrode() {
    let resolved = plain(&[
        "db:\n  pool: 1\n",
        "db:\n  pool: 2\n",
        "# third\ndb:\n  pool: 3\n  host: a\n",
    ]);
    let place =
        |location: &Location| format!("{}:{}", location.source.name(), location.start().line);
    let pool = resolved.provenance(&"db.pool".parse().unwrap()).unwrap();
    assert_eq!(place(&pool.location), "layer2.yaml:3");
    let old: Vec<_> = pool
        .overrides
        .iter()
        .map(|(at, old)| format!("{} {}", place(at), old.to_json()))
        .collect();
    assert_eq!(old, ["layer1.yaml:2 2", "layer0.yaml:2 1"]);
    let host = resolved.provenance(&"db.host".parse().unwrap()).unwrap();
    assert_eq!(place(&host.location), "layer2.yaml:4");
    assert!(host.overrides.is_empty());
    assert!(
        resolved
            .provenance(&"db.nothing".parse().unwrap())
            .is_none()
    );
    assert_eq!(
        place(&resolved.location(&"db.nothing".parse().unwrap())),
        "layer0.yaml:1"
    );
    assert_eq!(place(&resolved.location(&Pointer::root())), "layer2.yaml:1");
    assert_eq!(resolved.layers()[1].path, "layer1.yaml");
    assert_eq!(resolved.target(), &Target::default());
    assert_eq!(resolved.keys(), ["db.pool", "db.host"]);
}

#[test]
fn a_subtree_that_was_replaced_is_remembered_below_too() {
    let schema = r#"{"properties": {"a": {"x-merge": "replace"}}}"#;
    let resolved = resolve(
        &["a: { b: 1, c: 2 }\n", "a: { b: 5, d: null }\n"],
        schema,
        "",
    );
    assert_eq!(text(&resolved), r#"{"a":{"b":5}}"#);
    let b = resolved.provenance(&"a.b".parse().unwrap()).unwrap();
    assert_eq!(b.overrides[0].1.to_json(), json!(1));
    assert_eq!(b.location.start().line, 1);
}

#[test]
fn lists_merge_as_the_schema_or_the_manifest_says() {
    let list = |way: &str| format!(r#"{{"properties": {{"l": {{"x-merge": "{way}"}}}}}}"#);
    let case = |way: &str, base: &str, over: &str| text(&resolve(&[base, over], &list(way), ""));
    assert_eq!(
        case("append", "l: [1, 2]", "l: [2, 3]"),
        r#"{"l":[1,2,2,3]}"#
    );
    assert_eq!(
        case("unique", "l: [1, 2]", "l: [2.0, 3]"),
        r#"{"l":[1,2,3]}"#
    );
    assert_eq!(case("replace", "l: [1, 2]", "l: [2]"), r#"{"l":[2]}"#);
    assert_eq!(
        case("deep", "l: [{a: 1, b: 1}, 2]", "l: [{a: 5}, 6, 7]"),
        r#"{"l":[{"a":5,"b":1},6,7]}"#
    );
    assert_eq!(
        case(
            "by-key(n)",
            "l: [{n: a, v: 1}, {n: b, v: 2}]",
            "l: [{n: b, v: 3}, {n: c}, {v: 9}]"
        ),
        r#"{"l":[{"n":"a","v":1},{"n":"b","v":3},{"n":"c"},{"v":9}]}"#
    );
    let merge = "merge: { '/*/hosts': append, /s/hosts: replace }\n";
    let resolved = resolve(&["s: { hosts: [a] }", "s: { hosts: [b] }"], "{}", merge);
    assert_eq!(text(&resolved), r#"{"s":{"hosts":["a","b"]}}"#);
    let resolved = resolve(
        &["t: { hosts: [a] }", "t: { hosts: [b] }"],
        &list("append"),
        "",
    );
    assert_eq!(text(&resolved), r#"{"t":{"hosts":["b"]}}"#);
}

#[test]
fn values_are_read_into_types_and_near_keys_offered() {
    let resolved = plain(&["database: { pool: 20, host: db }\n"]);
    assert_eq!(resolved.get::<u8>("database.pool").unwrap(), 20);
    assert_eq!(resolved.get::<String>("/database/host").unwrap(), "db");
    assert!(resolved.get::<Json>("").is_ok());
    let said = [
        format!("{:?}", resolved.get::<u8>("database.host").unwrap_err()),
        format!("{:?}", resolved.get::<u8>("database.pol").unwrap_err()),
        format!("{:?}", resolved.get::<u8>("a..b").unwrap_err()),
    ];
    insta::assert_snapshot!(said.join("\n"), @r#"
    Invalid: `database.host` (layer0.yaml:1) is not as asked for: invalid type: string "db", expected u8
    NotFound: nothing sets `database.pol` for the configuration (help: did you mean `database.pool` or `database.host` or `database`?)
    Usage: `a..b` is no key: an empty part in the key `a..b`; write an empty key as "" (help: write it with dots, `database.pool`, and quote a key that holds a dot)
    "#);
}

#[test]
fn no_layer_at_all_is_an_empty_configuration() {
    let resolved = plain(&[]);
    assert_eq!(text(&resolved), "{}");
    assert_eq!(
        resolved.location(&Pointer::root()).source.name(),
        "(no layer)"
    );
    let resolved = plain(&["", "a: 1"]);
    assert_eq!(text(&resolved), r#"{"a":1}"#);
}

/// RFC 7396's own algorithm.
fn merge_patch(target: Json, patch: &Json) -> Json {
    let Json::Object(patch) = patch else {
        return patch.clone();
    };
    let mut target = match target {
        Json::Object(target) => target,
        _ => Map::new(),
    };
    for (key, value) in patch {
        if value.is_null() {
            target.shift_remove(key);
        } else {
            let old = target.get(key).cloned().unwrap_or(Json::Null);
            target.insert(key.clone(), merge_patch(old, value));
        }
    }
    Json::Object(target)
}

fn any_map() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (0..9_i32).prop_map(Json::from),
        "[a-c]{0,2}".prop_map(Json::from),
    ];
    let value = scalar.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            prop::collection::btree_map("[a-d]", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-d]", value, 0..4)
        .prop_map(|map| Json::Object(map.into_iter().collect()))
}

struct Silent;

impl Strategies for Silent {
    fn here(&self) -> Option<crate::config::MergeStrategy> {
        None
    }

    fn below(&self, _token: &str) -> Self {
        Self
    }

    fn is_silent(&self) -> bool {
        true
    }
}

proptest! {
    #[test]
    fn resolution_agrees_with_the_rfc(layers in prop::collection::vec(any_map(), 1..5)) {
        let mut naive = layers[0].clone();
        for layer in &layers[1..] {
            naive = merge_patch(naive, layer);
        }
        let values: Vec<_> = layers.iter().map(Value::from_json).collect();
        let named = values.iter().enumerate().map(|(index, value)| {
            let path = format!("layer{index}").as_bytes().as_bstr().to_owned();
            let source = Arc::new(Source::new(format!("layer{index}"), ""));
            let beside = Vec::new();
            let root = Arc::new(value.clone());
            Layer { path, source, root, beside }
        });
        let resolved = Resolved::build(Target::default(), named.collect(), &Silent);
        prop_assert_eq!(resolved.value(), &Value::from_json(&naive));
        // Every value stands in the layer that it is said to come from.
        let mut wrong = Vec::new();
        resolved.walk(|pointer, value| {
            let holds = values[usize::from(value.layer)].at(pointer);
            let is_map = value.as_object().is_some();
            if !holds.is_some_and(|held| is_map || held == value) {
                wrong.push(pointer.clone());
            }
        });
        prop_assert_eq!(wrong, Vec::new());
    }
}
