//! Random schemas, changes of them, and documents near them.

use serde_json::{Map, Value, json};

/// Random numbers that are the same for the same seed (SplitMix64; Steele, Lea, Flood 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const NAMES: &[&str] = &["a", "b", "c", "x-a", "x-b"];
const TEXTS: &[&str] = &["", "a", "b", "ab", "abc", "x-a", "10", "é"];
const PATTERNS: &[&str] = &[
    "^a", "b$", "^[a-c]*$", "^x-", "^(a|b)+$", "[0-9]", "^.{1,2}$",
];
const TYPES: &[&str] = &[
    "null", "boolean", "integer", "number", "string", "array", "object",
];

fn scalar(random: &mut Random) -> Value {
    match random.below(7) {
        0 => Value::Null,
        1 => json!(random.chance(50)),
        2 | 3 => json!(random.below(7) as i64 - 2),
        4 => json!([0.5, 1.5, -0.25][random.below(3)]),
        _ => json!(random.one(TEXTS)),
    }
}

/// Makes a schema; references lead to `#/$defs/d0` and `d1`.
pub(crate) fn schema(random: &mut Random) -> Value {
    let mut root = object_schema(random, 3);
    let defs = json!({ "d0": any_schema(random, 2), "d1": object_schema(random, 2) });
    root["$defs"] = defs;
    if random.chance(15) {
        root["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    }
    root
}

fn object_schema(random: &mut Random, depth: usize) -> Value {
    let mut out = Map::new();
    if random.chance(85) {
        out.insert("type".to_owned(), json!("object"));
    }
    of_objects(random, depth, &mut out);
    Value::Object(out)
}

pub(crate) fn any_schema(random: &mut Random, depth: usize) -> Value {
    let roll = random.below(100);
    if depth == 0 || roll < 12 {
        return match random.below(5) {
            0 => json!(true),
            1 if random.chance(30) => json!(false),
            2 => json!({ "type": random.one(TYPES) }),
            3 => json!({ "const": scalar(random) }),
            _ => json!({ "enum": [scalar(random), scalar(random), scalar(random)] }),
        };
    }
    let mut out = Map::new();
    match roll {
        12..20 => {
            let name = random.one(&["d0", "d1"]);
            return json!({ "$ref": format!("#/$defs/{name}") });
        }
        20..34 => of_numbers(random, &mut out),
        34..48 => of_texts(random, &mut out),
        48..62 => of_lists(random, depth, &mut out),
        62..78 => return object_schema(random, depth - 1),
        78..84 => {
            let types = [random.one(TYPES), random.one(TYPES)];
            out.insert(
                "type".to_owned(),
                json!(types[..=usize::from(types[0] != types[1])]),
            );
        }
        _ => combine(random, depth, &mut out),
    }
    Value::Object(out)
}

fn of_numbers(random: &mut Random, out: &mut Map<String, Value>) {
    out.insert("type".to_owned(), json!(random.one(&["integer", "number"])));
    for key in [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ] {
        if random.chance(30) {
            let value = match key {
                "multipleOf" => json!([1.0, 2.0, 3.0, 0.5, 0.1][random.below(5)]),
                _ => json!([-2.0, 0.0, 1.0, 1.5, 3.0, 4.0][random.below(6)]),
            };
            out.insert(key.to_owned(), value);
        }
    }
}

fn of_texts(random: &mut Random, out: &mut Map<String, Value>) {
    out.insert("type".to_owned(), json!("string"));
    for key in ["minLength", "maxLength"] {
        if random.chance(35) {
            out.insert(key.to_owned(), json!(random.below(4)));
        }
    }
    if random.chance(50) {
        out.insert("pattern".to_owned(), json!(random.one(PATTERNS)));
    }
}

fn of_lists(random: &mut Random, depth: usize, out: &mut Map<String, Value>) {
    out.insert("type".to_owned(), json!("array"));
    if random.chance(60) {
        out.insert("items".to_owned(), any_schema(random, depth - 1));
    }
    if random.chance(25) {
        let prefix = [any_schema(random, depth - 1), any_schema(random, depth - 1)];
        out.insert("prefixItems".to_owned(), json!(prefix[..=random.below(2)]));
    }
    if random.chance(20) {
        out.insert("contains".to_owned(), any_schema(random, depth - 1));
        if random.chance(40) {
            out.insert("minContains".to_owned(), json!(random.below(3)));
        }
        if random.chance(40) {
            out.insert("maxContains".to_owned(), json!(random.below(3)));
        }
    }
    for key in ["minItems", "maxItems"] {
        if random.chance(25) {
            out.insert(key.to_owned(), json!(random.below(4)));
        }
    }
    if random.chance(20) {
        out.insert("uniqueItems".to_owned(), json!(true));
    }
    if random.chance(8) {
        out.insert("unevaluatedItems".to_owned(), any_schema(random, 0));
    }
}

fn of_objects(random: &mut Random, depth: usize, out: &mut Map<String, Value>) {
    let mut properties = Map::new();
    for _ in 0..random.below(4) {
        let name = (*random.one(NAMES)).to_owned();
        properties.insert(name, any_schema(random, depth.saturating_sub(1)));
    }
    out.insert("properties".to_owned(), Value::Object(properties));
    let inner = depth.saturating_sub(1);
    match random.below(6) {
        0 | 1 => out.insert("additionalProperties".to_owned(), json!(false)),
        2 => out.insert("additionalProperties".to_owned(), any_schema(random, inner)),
        3 if random.chance(40) => out.insert("unevaluatedProperties".to_owned(), json!(false)),
        _ => None,
    };
    if random.chance(20) {
        let pattern = (*random.one(PATTERNS)).to_owned();
        out.insert(
            "patternProperties".to_owned(),
            json!({ pattern: any_schema(random, inner) }),
        );
    }
    if random.chance(35) {
        out.insert("required".to_owned(), json!([random.one(NAMES)]));
    }
    if random.chance(10) {
        out.insert(
            "propertyNames".to_owned(),
            json!({ "pattern": random.one(PATTERNS) }),
        );
    }
    for key in ["minProperties", "maxProperties"] {
        if random.chance(10) {
            out.insert(key.to_owned(), json!(random.below(4)));
        }
    }
    if random.chance(10) {
        let name = *random.one(NAMES);
        out.insert(
            "dependentRequired".to_owned(),
            json!({ name: [random.one(NAMES)] }),
        );
    }
    if random.chance(8) {
        let name = *random.one(NAMES);
        out.insert(
            "dependentSchemas".to_owned(),
            json!({ name: object_schema(random, inner.min(1)) }),
        );
    }
    if depth > 0 && random.chance(15) {
        combine(random, depth, out);
    }
}

fn combine(random: &mut Random, depth: usize, out: &mut Map<String, Value>) {
    let inner = |random: &mut Random| any_schema(random, depth - 1);
    match random.below(5) {
        0 => {
            let not = inner(random);
            out.insert("not".to_owned(), not);
        }
        1 => {
            for key in ["if", "then", "else"] {
                if key == "if" || random.chance(70) {
                    let value = inner(random);
                    out.insert(key.to_owned(), value);
                }
            }
        }
        _ => {
            let key = *random.one(&["allOf", "anyOf", "oneOf"]);
            let count = 2 + random.below(2);
            let list: Vec<Value> = (0..count).map(|_| inner(random)).collect();
            out.insert(key.to_owned(), json!(list));
        }
    }
}

/// Changes a schema at a random place.
pub(crate) fn change(random: &mut Random, schema: &mut Value) {
    let mut places = Vec::new();
    collect(schema, String::new(), &mut places);
    let place = random.one(&places).clone();
    let at = schema.pointer_mut(&place).unwrap();
    let Value::Object(map) = at else {
        *at = any_schema(random, 1);
        return;
    };
    let keys: Vec<String> = map
        .keys()
        .filter(|key| *key != "$defs" && *key != "$schema")
        .cloned()
        .collect();
    match random.below(4) {
        0 if !keys.is_empty() => {
            map.remove(random.one(&keys));
        }
        1 if !keys.is_empty() => tweak(random, map, &keys),
        2 => {
            let mut more = Map::new();
            match random.below(4) {
                0 => of_numbers(random, &mut more),
                1 => of_texts(random, &mut more),
                2 => of_lists(random, 1, &mut more),
                _ => of_objects(random, 1, &mut more),
            }
            more.remove("type");
            if let Some((key, value)) = more.into_iter().next() {
                map.insert(key, value);
            }
        }
        _ => combine(random, 1, map),
    }
}

fn tweak(random: &mut Random, map: &mut Map<String, Value>, keys: &[String]) {
    let key = random.one(keys);
    let Some(value) = map.get_mut(key) else {
        return;
    };
    match value {
        Value::Number(number) => {
            let step = if key == "multipleOf" { 0.5 } else { 1.0 };
            let more = number.as_f64().unwrap() + if random.chance(50) { step } else { -step };
            let count = number.is_u64() && key != "multipleOf" && !key.ends_with("imum");
            *value = match (key.as_str(), count) {
                ("multipleOf", _) => json!(more.max(0.5)),
                (_, true) => json!(more.max(0.0) as u64),
                _ => json!(more),
            };
        }
        Value::Array(items) if !items.is_empty() && key != "type" => {
            let at = random.below(items.len());
            if items.len() > 1 && random.chance(50) {
                items.remove(at);
            } else if key == "enum" {
                items.push(scalar(random));
                items.dedup();
            } else if key == "required" {
                *items = vec![json!(random.one(NAMES))];
            } else {
                items.push(any_schema(random, 1));
            }
        }
        Value::Object(inner) if key == "properties" => {
            let name = (*random.one(NAMES)).to_owned();
            if random.chance(50) {
                inner.remove(&name);
            } else {
                inner.insert(name, any_schema(random, 1));
            }
        }
        Value::Bool(is) => *value = json!(!*is),
        _ => {}
    }
}

/// Collects the places of schemas.
pub(crate) fn collect(schema: &Value, at: String, places: &mut Vec<String>) {
    let Value::Object(map) = schema else {
        places.push(at);
        return;
    };
    places.push(at.clone());
    for (key, value) in map {
        match (key.as_str(), value) {
            (
                "properties" | "$defs" | "patternProperties" | "dependentSchemas",
                Value::Object(inner),
            ) => {
                for (name, value) in inner {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    collect(value, format!("{at}/{key}/{name}"), places);
                }
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(items)) => {
                for (index, value) in items.iter().enumerate() {
                    collect(value, format!("{at}/{key}/{index}"), places);
                }
            }
            (
                "items"
                | "additionalProperties"
                | "contains"
                | "not"
                | "if"
                | "then"
                | "else"
                | "propertyNames"
                | "unevaluatedProperties"
                | "unevaluatedItems",
                _,
            ) => collect(value, format!("{at}/{key}"), places),
            _ => {}
        }
    }
}

/// Makes a document that a schema may admit.
pub(crate) fn document(random: &mut Random, root: &Value, schema: &Value, depth: usize) -> Value {
    if depth > 5 || random.chance(4) {
        return scalar(random);
    }
    let Value::Object(map) = schema else {
        return if depth > 3 {
            scalar(random)
        } else {
            anything(random)
        };
    };
    if let Some(name) = map.get("$ref").and_then(Value::as_str) {
        let target = root
            .pointer(name.trim_start_matches('#'))
            .unwrap_or(&Value::Null);
        return document(random, root, target, depth + 1);
    }
    if let Some(value) = map.get("const") {
        return value.clone();
    }
    if let Some(Value::Array(values)) = map.get("enum") {
        return random.one(values).clone();
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(list)) = map.get(key)
            && random.chance(70)
        {
            let branch = random.one(list);
            return document(random, root, branch, depth + 1);
        }
    }
    let types: Vec<&str> = match map.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ if map.contains_key("properties") => vec!["object"],
        _ if map.contains_key("items") => vec!["array"],
        _ => vec![*random.one(TYPES)],
    };
    match *random.one(&types) {
        "null" => Value::Null,
        "boolean" => json!(random.chance(50)),
        "integer" => json!(random.below(9) as i64 - 3),
        "number" => {
            json!([-2.5, -1.0, 0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0][random.below(11)])
        }
        "string" => json!(random.one(TEXTS)),
        "array" => {
            let none = Value::Bool(true);
            let prefix = map.get("prefixItems").and_then(Value::as_array);
            let items: Vec<Value> = (0..random.below(4))
                .map(|at| {
                    let item = prefix.and_then(|list| list.get(at));
                    let item = item.or_else(|| map.get("items")).unwrap_or(&none);
                    document(random, root, item, depth + 1)
                })
                .collect();
            Value::Array(items)
        }
        _ => members(random, root, map, depth),
    }
}

fn members(random: &mut Random, root: &Value, map: &Map<String, Value>, depth: usize) -> Value {
    let mut out = Map::new();
    if let Some(Value::Object(properties)) = map.get("properties") {
        for (name, value) in properties {
            if random.chance(55) {
                out.insert(name.clone(), document(random, root, value, depth + 1));
            }
        }
    }
    let none = Value::Bool(true);
    for name in map
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let name = name.as_str().unwrap();
        let value = map
            .get("properties")
            .and_then(|p| p.get(name))
            .unwrap_or(&none);
        let value = document(random, root, value, depth + 1);
        out.entry(name).or_insert(value);
    }
    if random.chance(30) {
        let name = *random.one(NAMES);
        let value = map.get("additionalProperties").unwrap_or(&none);
        let value = document(random, root, value, depth + 1);
        out.entry(name).or_insert(value);
    }
    Value::Object(out)
}

fn anything(random: &mut Random) -> Value {
    match random.below(8) {
        0 => json!([scalar(random)]),
        1 => json!({ *random.one(NAMES): anything(random) }),
        2 => json!({}),
        3 => json!([]),
        _ => scalar(random),
    }
}
