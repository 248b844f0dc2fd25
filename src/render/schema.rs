use serde_json::{Value, json};

const ENVELOPE: &str = include_str!("schemas/envelope.json");

/// Gives the published JSON Schema (2020-12) of one command's JSON output.
///
/// The body's schema is put in as a resource of its own, so that its `$defs` and the references
/// to them work as they stand.
///
/// ```
/// let schema = strata::render::envelope_schema("get", serde_json::json!({ "type": "object" }));
/// assert_eq!(schema["$id"], "urn:strata:get/1");
/// assert_eq!(schema["properties"]["schema"]["const"], "strata.get/1");
/// ```
#[must_use]
pub fn envelope_schema(command: &str, body_schema: Value) -> Value {
    let mut envelope: Value =
        serde_json::from_str(ENVELOPE).expect("the file is JSON, which a test holds");
    let mut body = body_schema;
    if let Value::Object(keywords) = &mut body {
        keywords
            .entry("$id")
            .or_insert_with(|| json!(format!("urn:strata:{command}/1:body")));
    }
    envelope["$id"] = json!(format!("urn:strata:{command}/1"));
    envelope["title"] = json!(format!("What git strata {command} answers"));
    envelope["properties"]["schema"] = json!({ "const": format!("strata.{command}/1") });
    envelope["properties"]["body"] = body;
    envelope
}
