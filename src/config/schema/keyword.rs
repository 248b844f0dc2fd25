//! Which keywords hold schemas.

use smol_str::{SmolStr, ToSmolStr};

use crate::document::{Kind, Map, Value};

/// How many steps a schema stands below the keyword that holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// The keyword's value is a schema.
    One,
    /// A list of schemas.
    List,
    /// A map from names to schemas.
    Map,
    /// A schema or a list of them.
    OneOrList,
}

/// The keywords that hold schemas, and whether those speak about the same value (`allOf`) or
/// about one further down (`properties`). Of every dialect: a keyword that a dialect does not
/// know does no harm when its references are followed.
const KEYWORDS: &[(&str, Shape, bool)] = &[
    ("$defs", Shape::Map, false),
    ("additionalItems", Shape::One, false),
    ("additionalProperties", Shape::One, false),
    ("allOf", Shape::List, true),
    ("anyOf", Shape::List, true),
    ("contains", Shape::One, false),
    ("contentSchema", Shape::One, false),
    ("definitions", Shape::Map, false),
    ("dependencies", Shape::Map, true),
    ("dependentSchemas", Shape::Map, true),
    ("else", Shape::One, true),
    ("if", Shape::One, true),
    ("items", Shape::OneOrList, false),
    ("not", Shape::One, true),
    ("oneOf", Shape::List, true),
    ("patternProperties", Shape::Map, false),
    ("prefixItems", Shape::List, false),
    ("properties", Shape::Map, false),
    ("propertyNames", Shape::One, false),
    ("then", Shape::One, true),
    ("unevaluatedItems", Shape::One, false),
    ("unevaluatedProperties", Shape::One, false),
];

/// A schema that stands in another.
#[derive(Clone, Debug)]
pub struct Child<'a> {
    /// The keyword that holds it.
    pub keyword: &'static str,
    /// The name or index below the keyword, where there is one.
    pub token: Option<SmolStr>,
    /// The schema.
    pub value: &'a Value,
    /// Whether it speaks about the same value as the schema that holds it.
    pub in_place: bool,
}

/// Gives the schemas that stand directly in a schema, in the order written.
#[must_use]
pub fn subschemas(schema: &Value) -> Vec<Child<'_>> {
    children(schema, |_| true)
}

/// Gives the schemas that stand directly in a schema and speak about the same value.
pub(super) fn subschemas_in_place(schema: &Value) -> Vec<Child<'_>> {
    children(schema, |in_place| in_place)
}

fn children(schema: &Value, wanted: impl Fn(bool) -> bool) -> Vec<Child<'_>> {
    let mut found = Vec::new();
    for (key, value) in schema.as_object().into_iter().flat_map(Map::iter) {
        let Some(&(keyword, shape, in_place)) = lookup(key) else {
            continue;
        };
        if !wanted(in_place) {
            continue;
        }
        let mut add = |token: Option<SmolStr>, value| {
            if is_schema(value) {
                found.push(Child {
                    keyword,
                    token,
                    value,
                    in_place,
                });
            }
        };
        match (&value.kind, shape) {
            (Kind::Object(map), Shape::Map) => {
                for (name, value) in map.iter() {
                    add(Some(name.clone()), value);
                }
            }
            (Kind::Array(items), Shape::List | Shape::OneOrList) => {
                for (index, value) in items.iter().enumerate() {
                    add(Some(index.to_smolstr()), value);
                }
            }
            (_, Shape::One | Shape::OneOrList) => add(None, value),
            _ => {}
        }
    }
    found
}

/// Says whether every step of a path leads from a schema to a schema.
pub(super) fn is_schema_place(schema: &Value, path: &[SmolStr]) -> bool {
    let [keyword, rest @ ..] = path else {
        return true;
    };
    let (Some((_, shape, _)), Some(value)) = (lookup(keyword), schema.get(keyword)) else {
        return false;
    };
    let (found, rest) = match (&value.kind, shape, rest) {
        (Kind::Object(_), Shape::Map, [token, rest @ ..])
        | (Kind::Array(_), Shape::List | Shape::OneOrList, [token, rest @ ..]) => {
            (value.child(token), rest)
        }
        (_, Shape::One | Shape::OneOrList, rest) => (Some(value), rest),
        _ => (None, rest),
    };
    found.is_some_and(|found| is_schema(found) && is_schema_place(found, rest))
}

fn lookup(keyword: &str) -> Option<&'static (&'static str, Shape, bool)> {
    let at = KEYWORDS
        .binary_search_by(|(name, ..)| (*name).cmp(keyword))
        .ok()?;
    Some(&KEYWORDS[at])
}

fn is_schema(value: &Value) -> bool {
    matches!(value.kind, Kind::Object(_) | Kind::Bool(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_in_order() {
        assert!(KEYWORDS.is_sorted_by_key(|(name, ..)| *name));
    }
}
