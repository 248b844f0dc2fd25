//! Pairs of schemas that are compared: the same ones on every machine.

use serde_json::{Map, Value, json};

/// Two schemas, by the name of what they are for.
pub(crate) struct Pair {
    /// What it is for.
    pub(crate) name: &'static str,
    /// The old schema.
    pub(crate) old: Value,
    /// The new one.
    pub(crate) new: Value,
}

/// How many definitions the large schema has.
const DEFINITIONS: usize = 5_000;

/// How many definitions further the next list of alternatives is.
const ALTERNATIVES: usize = 50;

/// The schema of a service as most are: some fifty options in groups, and four changes.
pub(crate) fn ordinary() -> Pair {
    let group = |index: usize| {
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["host"],
            "properties": {
                "host": { "type": "string", "pattern": "^[a-z][a-z0-9.-]*$" },
                "port": { "type": "integer", "minimum": 1, "maximum": 65535 },
                "timeout": { "type": "string", "pattern": "^[0-9]+(ms|s|m)$" },
                "retries": { "type": "integer", "minimum": 0, "default": index },
                "mode": { "enum": ["primary", "replica", "off"] },
                "labels": { "type": "object", "additionalProperties": { "type": "string" } },
            },
        })
    };
    let groups: Map<String, Value> = (0..8)
        .map(|index| (format!("group{index}"), group(index)))
        .collect();
    let old = json!({ "type": "object", "properties": groups });
    let mut new = old.clone();
    let group = |index: usize| format!("/properties/group{index}/properties");
    set(
        &mut new,
        &format!("{}/port/maximum", group(1)),
        json!(49_151),
    );
    set(
        &mut new,
        &format!("{}/mode/enum", group(2)),
        json!(["primary", "off"]),
    );
    set(
        &mut new,
        &format!("{}/retries/default", group(3)),
        json!(30),
    );
    set(
        &mut new,
        &format!("{}/host/pattern", group(4)),
        json!("^[a-z][a-z.-]*$"),
    );
    Pair {
        name: "ordinary",
        old,
        new,
    }
}

/// A schema of 1 MB: thousands of definitions that refer to one another and to themselves, lists
/// of twelve kinds told apart by an option, and a handful of changes.
pub(crate) fn large() -> Pair {
    let old = many_definitions(DEFINITIONS);
    let mut new = old.clone();
    let place = |index: usize, below: &str| format!("/$defs/Def{index}{below}");
    set(
        &mut new,
        &place(17, "/properties/name/maxLength"),
        json!(40),
    );
    set(
        &mut new,
        &place(1_202, "/properties/size/minimum"),
        json!(1),
    );
    set(
        &mut new,
        &place(2_402, "/properties/mode/enum"),
        json!(["on"]),
    );
    set(&mut new, &place(3_603, "/required"), json!(["name"]));
    set(
        &mut new,
        &place(4_804, "/properties/items/minItems"),
        json!(1),
    );
    set(
        &mut new,
        &place(4_951, "/oneOf/11/properties/kind/const"),
        json!("other"),
    );
    Pair {
        name: "large",
        old,
        new,
    }
}

/// A schema of so many definitions.
pub(crate) fn many_definitions(count: usize) -> Value {
    let to = |index: usize| json!({ "$ref": format!("#/$defs/Def{}", index % count) });
    let object = |index: usize| {
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "name": { "type": "string", "maxLength": 60 },
                "size": { "type": "integer", "minimum": 0 },
                "mode": { "enum": ["on", "off"] },
                "next": to(index + 1),
                "items": { "type": "array", "items": to(index * 7 + 3) },
            },
        })
    };
    let kinds = |index: usize| {
        let kind = |number: usize| {
            json!({
                "type": "object",
                "required": ["kind"],
                "properties": {
                    "kind": { "const": format!("kind{number}") },
                    "value": to(index + number + 1),
                },
            })
        };
        json!({ "oneOf": (0..12).map(kind).collect::<Vec<_>>() })
    };
    let definitions: Map<String, Value> = (0..count)
        .map(|index| {
            let made = if index % ALTERNATIVES == 1 {
                kinds(index)
            } else {
                object(index)
            };
            (format!("Def{index}"), made)
        })
        .collect();
    json!({ "type": "object", "properties": { "root": to(0) }, "$defs": definitions })
}

fn set(schema: &mut Value, place: &str, value: Value) {
    let (parent, name) = place.rsplit_once('/').expect("a place below the root");
    let parent = schema.pointer_mut(parent).expect("the place is there");
    parent[name] = value;
}

/// Schemas that are made to be hard to compare. Each comparison has to end in good time, whatever
/// it says.
pub(crate) fn hard() -> Vec<Pair> {
    let pair = |name, make: &dyn Fn(usize) -> Value, old, new| Pair {
        name,
        old: make(old),
        new: make(new),
    };
    vec![
        pair("nested anyOf", &|leaf| overlapping("anyOf", 9, leaf), 5, 4),
        pair("nested oneOf", &|leaf| overlapping("oneOf", 7, leaf), 5, 4),
        pair("many oneOf branches", &branches, 60, 61),
        pair("satisfiability", &clauses, 60, 61),
        pair(
            "exponential regex",
            &|length| json!({ "pattern": format!("^(a|b)*a(a|b){{{length}}}$") }),
            17,
            18,
        ),
        pair(
            "intersected regexes",
            &|length| {
                let part = |at: usize| json!({ "pattern": format!("^(?:.{{{}}})*x", at + 2) });
                json!({ "type": "string", "allOf": (0..length).map(part).collect::<Vec<_>>() })
            },
            9,
            10,
        ),
        pair("deep nesting", &deep, 400, 401),
        pair("mutual recursion", &mutual, 40, 41),
        pair("overlapping names", &names, 24, 25),
        pair("counted items", &counted, 7, 8),
        pair("conditions", &conditions, 14, 15),
    ]
}

/// Alternatives in alternatives, all of which may hold at once.
fn overlapping(keyword: &str, depth: usize, leaf: usize) -> Value {
    if depth == 0 {
        return json!({ "type": "string", "maxLength": leaf });
    }
    let inner = overlapping(keyword, depth - 1, leaf);
    json!({ keyword: [
        { "properties": { "a": inner } },
        { "properties": { "b": inner }, "required": ["c"] },
    ] })
}

/// Alternatives of objects, each two of which overlap.
fn branches(count: usize) -> Value {
    let branch = |index: usize| {
        let (own, other) = (format!("a{index}"), format!("a{}", (index * 5 + 2) % count));
        json!({ "required": [own], "properties": { other: { "maximum": index } } })
    };
    json!({ "type": "object", "oneOf": (0..count).map(branch).collect::<Vec<_>>() })
}

/// A hard case of boolean satisfiability: which of twenty members are there.
fn clauses(count: usize) -> Value {
    let literal = |index: usize| {
        let member = json!({ "required": [format!("v{}", (index * 7_919 + index / 3) % 20)] });
        if index * 104_729 % 5 < 2 {
            json!({ "not": member })
        } else {
            member
        }
    };
    let clause = |index: usize| {
        let three: Vec<Value> = (0..3).map(|at| literal(index * 3 + at)).collect();
        json!({ "anyOf": three })
    };
    json!({ "type": "object", "allOf": (0..count).map(clause).collect::<Vec<_>>() })
}

/// Maps in maps.
fn deep(depth: usize) -> Value {
    (0..depth).fold(
        json!({ "type": "integer" }),
        |inner, at| json!({ "type": "object", "properties": { format!("level{at}"): inner } }),
    )
}

/// Definitions each of which may be any of several others, further down.
fn mutual(count: usize) -> Value {
    let definition = |index: usize| {
        let to = |step: usize| {
            let target = (index * 3 + step) % count;
            json!({ "properties": { format!("p{step}"): { "$ref": format!("#/$defs/Def{target}") } } })
        };
        json!({ "anyOf": [to(1), to(2), to(5)], "maxProperties": index % 7 + 1 })
    };
    let definitions: Map<String, Value> = (0..count)
        .map(|index| (format!("Def{index}"), definition(index)))
        .collect();
    json!({ "$ref": "#/$defs/Def0", "$defs": definitions })
}

/// Patterns of names, many of which apply to one name.
fn names(count: usize) -> Value {
    let patterns: Map<String, Value> = (0..count)
        .map(|index| {
            let letter = char::from(b'a' + u8::try_from(index % 26).expect("below 26"));
            let pattern = format!("{letter}.*{index}?");
            (pattern, json!({ "minimum": index }))
        })
        .collect();
    json!({ "type": "object", "patternProperties": patterns, "minProperties": 3 })
}

/// Lists that must hold so many of several overlapping kinds of items, none twice.
fn counted(count: usize) -> Value {
    let some = |index: usize| {
        json!({
            "contains": { "type": "integer", "multipleOf": index + 2 },
            "minContains": index + 1,
            "maxContains": index + 3,
        })
    };
    json!({
        "type": "array",
        "uniqueItems": true,
        "items": { "type": "integer", "minimum": 0, "maximum": 500 },
        "allOf": (0..count).map(some).collect::<Vec<_>>(),
    })
}

/// Conditions in the branches of conditions.
fn conditions(depth: usize) -> Value {
    if depth == 0 {
        return json!({ "required": ["end"] });
    }
    json!({
        "if": { "required": [format!("a{depth}")] },
        "then": conditions(depth - 1),
        "else": { "if": { "required": [format!("b{depth}")] }, "then": { "minProperties": depth } },
    })
}
