use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::super::{Format, parse};
use super::*;
use crate::text::Source;

fn value(text: &str) -> Value {
    let mut parsed = parse(&Arc::new(Source::new("a.yaml", text)), Format::Yaml);
    Arc::unwrap_or_clone(parsed.documents.remove(0).root)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    from_value(&value(text)).map_err(|error| error.to_string())
}

#[derive(Debug, Deserialize, PartialEq)]
struct Name(String);

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Server {
    name: Name,
    port: u16,
    #[serde(default)]
    ratio: Option<f32>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    by_port: BTreeMap<u16, bool>,
    #[serde(default)]
    by_flag: BTreeMap<bool, i8>,
    #[serde(default)]
    kind: Option<Shape>,
}

#[derive(Debug, Deserialize, PartialEq, PartialOrd, Eq, Ord)]
#[serde(rename_all = "lowercase")]
enum Shape {
    Unit,
    One(i64),
    Two(i64, String),
    Fields { x: i64 },
}

#[test]
fn fills_structs_maps_lists_and_enums() {
    let server: Server = read(
        "name: a\nport: 1.0\nratio: 1\ntags: [x, y]\nby_port: {80: true}\nby_flag: {true: -1}\nkind: unit\n",
    )
    .unwrap();
    assert_eq!(server.name, Name("a".to_owned()));
    assert_eq!(server.port, 1);
    assert_eq!(server.ratio, Some(1.0));
    assert_eq!(server.tags, ["x", "y"]);
    assert!(server.by_port[&80]);
    assert_eq!(server.by_flag[&true], -1);
    assert_eq!(server.kind, Some(Shape::Unit));
    let shapes: Vec<Shape> = read("[unit: , one: 1, {two: [1, a]}, {fields: {x: 2}}]").unwrap();
    assert_eq!(
        shapes,
        [
            Shape::Unit,
            Shape::One(1),
            Shape::Two(1, "a".into()),
            Shape::Fields { x: 2 }
        ]
    );
    let keys: BTreeMap<Shape, Name> = read("unit: a\n").unwrap();
    assert_eq!(keys[&Shape::Unit], Name("a".into()));
    let keys: Result<BTreeMap<Name2, ()>, _> = read("a: \n");
    assert_eq!(keys.unwrap().len(), 1);
    assert!(read::<serde::de::IgnoredAny>("[1]").is_ok());
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Name2(String);

#[test]
fn numbers_of_any_size_fit_where_they_fit() {
    assert_eq!(read("18446744073709551615"), Ok(u64::MAX));
    assert_eq!(
        read("-170141183460469231731687303715884105728"),
        Ok(i128::MIN)
    );
    assert_eq!(
        read("340282366920938463463374607431768211455"),
        Ok(u128::MAX)
    );
    assert_eq!(read("0x1F"), Ok(31_u8));
    assert_eq!(read(".inf"), Ok(f64::INFINITY));
    assert_eq!(read("1e400"), Ok(f64::INFINITY));
    assert!(read::<u8>("256").is_err());
    assert!(read::<u8>("1.5").is_err());
    assert!(read::<i64>("340282366920938463463374607431768211456").is_err());
}

#[test]
fn errors_name_the_place() {
    for (text, error) in [
        (
            "name: a\nport: x\n",
            "invalid type: string \"x\", expected u16 at /port",
        ),
        ("name: a\n", "missing field `port`"),
        (
            "name: a\nport: 1\ntags: [x, 1]\n",
            "invalid type: integer `1`, expected a string at /tags/1",
        ),
        (
            "name: a\nport: 1\nby_port: {x: true}\n",
            "invalid type: string \"x\", expected u16 at /by_port/x",
        ),
        (
            "name: a\nport: 1\nkind: {one: x}\n",
            "invalid type: string \"x\", expected i64 at /kind/one",
        ),
        (
            "name: a\nport: 1\nkind: {unit: x}\n",
            "invalid type: text, expected nothing at /kind/unit",
        ),
        (
            "name: a\nport: 1\nkind: [x]\n",
            "invalid type: list, expected a string, or a map with a single key at /kind",
        ),
        (
            "name: a\nport: 1\nkind: {}\n",
            "invalid value: map, expected a map with a single key at /kind",
        ),
    ] {
        assert_eq!(read::<Server>(text).unwrap_err(), error);
    }
    let unknown = read::<Server>("name: a\nport: 1\nprot: 2\n").unwrap_err();
    assert!(unknown.starts_with("unknown field `prot`"), "{unknown}");
    assert!(unknown.ends_with(" at /prot"), "{unknown}");
    let variant = read::<Shape>("{three: 1}").unwrap_err();
    assert!(variant.ends_with(" at /three"), "{variant}");
}
