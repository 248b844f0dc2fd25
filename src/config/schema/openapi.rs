//! The schemas of OpenAPI 3.0 and of Kubernetes, said in JSON Schema.
//!
//! Everything that reads schemas reads JSON Schema 2020-12; what another language says otherwise
//! is put into its words once, when the schema is read. Every part keeps its place in the text.
//! See the [OpenAPI specification] and Kubernetes' [structural schemas].
//!
//! [OpenAPI specification]: https://spec.openapis.org/oas/v3.0.3#schema-object
//! [structural schemas]: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema

use smol_str::SmolStr;

use super::subschemas;
use crate::document::{Kind, Map, Value};
use crate::text::{Pointer, Span};

/// Says that fields which the schema does not name are kept, where others are dropped.
const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";

/// Says a schema in JSON Schema 2020-12.
pub(super) fn to_json_schema(schema: &Value) -> Value {
    let mut out = schema.clone();
    translate(&mut out);
    out
}

/// Adds what every Kubernetes object has, whether its schema says so or not.
pub(super) fn add_object_fields(schema: &mut Value) {
    let span = schema.span;
    let Kind::Object(map) = &mut schema.kind else {
        return;
    };
    if !map.contains_key("properties") {
        map.set("properties", Value::new(Kind::Object(Map::new()), span));
    }
    let Some(Kind::Object(properties)) = map.get_mut("properties").map(|value| &mut value.kind)
    else {
        return;
    };
    for (name, kind) in [
        ("apiVersion", "string"),
        ("kind", "string"),
        ("metadata", "object"),
    ] {
        if !properties.contains_key(name) {
            let mut field = Map::new();
            field.set("type", text(kind, span));
            properties.set(name, Value::new(Kind::Object(field), span));
        }
    }
}

/// Says of a whole resource that no unknown field of it is dropped, wherever it stands.
pub(super) fn keep_unknown_fields(schema: &mut Value, at: Span) {
    forget_pruning(schema);
    if let Kind::Object(map) = &mut schema.kind {
        map.set(PRESERVE, Value::new(Kind::Bool(true), at));
    }
}

fn forget_pruning(schema: &mut Value) {
    for place in places_below(schema) {
        if let Some(child) = schema.at_mut(&place) {
            forget_pruning(child);
        }
    }
    if let Kind::Object(map) = &mut schema.kind {
        map.remove(PRESERVE);
    }
}

fn places_below(schema: &Value) -> Vec<Pointer> {
    subschemas(schema)
        .into_iter()
        .map(|child| {
            let tokens = std::iter::once(SmolStr::new_static(child.keyword)).chain(child.token);
            Pointer::from_tokens(tokens)
        })
        .collect()
}

/// Translates a schema and all that stand in it.
fn translate(schema: &mut Value) {
    for place in places_below(schema) {
        if let Some(child) = schema.at_mut(&place) {
            translate(child);
        }
    }
    let span = schema.span;
    let is_set = |map: &Map, keyword: &str| map.get(keyword).and_then(Value::as_bool) == Some(true);
    let Kind::Object(map) = &mut schema.kind else {
        return;
    };
    if is_set(map, "x-kubernetes-int-or-string") {
        if map.get("anyOf").is_some_and(says_int_or_string) {
            map.remove("anyOf");
        }
        let types = ["integer", "string"].map(|name| text(name, span));
        map.set("type", Value::new(Kind::Array(types.into()), span));
    }
    if is_set(map, "nullable") {
        add_null(map);
    }
    map.remove("nullable");
    for (exclusive, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        match map.get(exclusive).and_then(Value::as_bool) {
            Some(true) => {
                map.remove(exclusive);
                if let Some(entry) = map.remove(bound) {
                    map.insert(exclusive, entry);
                }
            }
            Some(false) => {
                map.remove(exclusive);
            }
            None => {}
        }
    }
    if let Some(rules) = map.remove("x-kubernetes-validations") {
        map.insert("x-validations", rules);
    }
    list_type(map);
    let is_object = map.get("type").and_then(Value::as_str) == Some("object");
    let embedded = is_set(map, "x-kubernetes-embedded-resource");
    if is_object && !map.contains_key(PRESERVE) {
        map.set(PRESERVE, Value::new(Kind::Bool(false), span));
    }
    if embedded {
        require(map, &["apiVersion", "kind"], span);
        add_object_fields(schema);
    }
}

/// Says what `x-kubernetes-list-type` says: a set has no item twice, a map is merged by its keys.
fn list_type(map: &mut Map) {
    let Some(kind) = map.get("x-kubernetes-list-type") else {
        return;
    };
    let span = kind.span;
    match kind.as_str() {
        Some("set") => map.set("uniqueItems", Value::new(Kind::Bool(true), span)),
        Some("map") if !map.contains_key("x-merge") => {
            let keys = map
                .get("x-kubernetes-list-map-keys")
                .and_then(Value::as_array);
            if let Some([key]) = keys
                && let Some(key) = key.as_str()
            {
                let strategy = format!("by-key({key})");
                map.set("x-merge", text(&strategy, span));
            }
        }
        _ => {}
    }
}

/// Lets `null` in beside the types named; where none is named, `nullable` says nothing.
fn add_null(map: &mut Map) {
    let Some(types) = map.get_mut("type") else {
        return;
    };
    let span = types.span;
    let mut list = match &types.kind {
        Kind::Array(list) => list.clone(),
        _ => vec![types.clone()],
    };
    if list.iter().all(|name| name.as_str() != Some("null")) {
        list.push(text("null", span));
    }
    types.kind = Kind::Array(list);
}

/// Adds names to `required`.
fn require(map: &mut Map, names: &[&str], span: Span) {
    let mut list = match map.get("required").and_then(Value::as_array) {
        Some(list) => list.to_vec(),
        None => Vec::new(),
    };
    for name in names {
        if list.iter().all(|known| known.as_str() != Some(name)) {
            list.push(text(name, span));
        }
    }
    map.set("required", Value::new(Kind::Array(list), span));
}

/// Says whether an `anyOf` is the one that `x-kubernetes-int-or-string` stands for.
fn says_int_or_string(any_of: &Value) -> bool {
    let only = |branch: &Value, name: &str| {
        branch.as_object().is_some_and(|map| map.len() == 1)
            && branch.get("type").and_then(Value::as_str) == Some(name)
    };
    matches!(any_of.as_array(), Some([a, b]) if only(a, "integer") && only(b, "string"))
}

fn text(text: &str, span: Span) -> Value {
    Value::new(Kind::String(text.into()), span)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{Format, parse};
    use crate::text::Source;

    fn translated(yaml: &str) -> String {
        let parsed = parse(&Arc::new(Source::new("s.yaml", yaml)), Format::Yaml);
        to_json_schema(&parsed.documents[0].root)
            .to_json()
            .to_string()
    }

    #[test]
    fn nullable_admits_null_where_a_type_is_named() {
        assert_eq!(
            translated("{type: string, nullable: true}"),
            r#"{"type":["string","null"]}"#
        );
        assert_eq!(
            translated("{type: [string, 'null'], nullable: true}"),
            r#"{"type":["string","null"]}"#
        );
        assert_eq!(translated("{nullable: true}"), "{}");
        assert_eq!(
            translated("{type: string, nullable: false}"),
            r#"{"type":"string"}"#
        );
    }

    #[test]
    fn bounds_are_exclusive_by_a_flag() {
        assert_eq!(
            translated("{minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false}"),
            r#"{"maximum":9,"exclusiveMinimum":1}"#
        );
        assert_eq!(
            translated("{exclusiveMaximum: 3}"),
            r#"{"exclusiveMaximum":3}"#
        );
    }

    #[test]
    fn int_or_string_is_two_types() {
        assert_eq!(
            translated(
                "{items: {x-kubernetes-int-or-string: true, nullable: true, \
                 anyOf: [{type: integer}, {type: string}]}}"
            ),
            r#"{"items":{"x-kubernetes-int-or-string":true,"type":["integer","string","null"]}}"#
        );
        let kept = translated("{x-kubernetes-int-or-string: true, anyOf: [{pattern: a}]}");
        assert!(kept.contains("anyOf"), "{kept}");
    }

    #[test]
    fn kubernetes_words_have_their_meaning() {
        assert_eq!(
            translated("{x-kubernetes-validations: [{rule: self.a > 1}]}"),
            r#"{"x-validations":[{"rule":"self.a > 1"}]}"#
        );
        let list = translated("{type: array, x-kubernetes-list-type: set}");
        assert!(list.contains(r#""uniqueItems":true"#), "{list}");
        let list = translated(
            "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name]}",
        );
        assert!(list.contains(r#""x-merge":"by-key(name)""#), "{list}");
        let embedded = translated(
            "{type: object, x-kubernetes-embedded-resource: true, required: [kind, spec]}",
        );
        assert!(
            embedded.contains(r#""required":["kind","spec","apiVersion"]"#)
                && embedded.contains(r#""metadata":{"type":"object"}"#),
            "{embedded}"
        );
    }
}
