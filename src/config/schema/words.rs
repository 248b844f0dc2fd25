//! Schemas and values in plain words.

use super::Dialect;
use crate::document::{Kind, Value};

/// The most values that a list of allowed ones shows.
const MAX_LISTED: usize = 10;

/// The most characters of a text that are shown.
const MAX_SHOWN: usize = 60;

/// Says what a value is, for the end of "it is …".
pub(super) fn show(value: &Value) -> String {
    match &value.kind {
        Kind::Null => "empty (`null`)".into(),
        Kind::Bool(truth) => format!("`{truth}`"),
        Kind::Number(number) => format!("`{}`", clip(number.as_str())),
        Kind::String(text) if text.is_empty() => "an empty text".into(),
        Kind::String(text) => format!("the text `{}`", clip(text)),
        Kind::Array(items) => format!("a list of {}", count(items.len(), "item")),
        Kind::Object(map) => format!("a map of {}", count(map.len(), "option")),
    }
}

/// Writes a value as it stands in a list of allowed ones.
pub(super) fn literal(value: &Value) -> String {
    match &value.kind {
        Kind::Null => "`null`".into(),
        Kind::String(text) if text.is_empty() => "`\"\"`".into(),
        Kind::String(text) => format!("`{}`", clip(text)),
        _ => show(value),
    }
}

/// Cuts a long text, and shows characters that cannot be seen.
pub(super) fn clip(text: &str) -> String {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == MAX_SHOWN {
            out.push('…');
            break;
        }
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Writes a number of things.
pub(super) fn count(n: usize, thing: &str) -> String {
    match n {
        1 => format!("1 {thing}"),
        n => format!("{n} {thing}s"),
    }
}

/// Joins words: `a`, `a or b`, `a, b or c`.
pub(super) fn join(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// Lists values, the first few if there are many.
pub(super) fn list(values: &[Value]) -> String {
    let mut shown: Vec<String> = values.iter().take(MAX_LISTED).map(literal).collect();
    if values.len() > MAX_LISTED {
        shown.push(format!("{} more", values.len() - MAX_LISTED));
        return join(&shown, "and");
    }
    join(&shown, "or")
}

/// Says what a schema asks of a value itself, for the end of "must be …"; `None` if it says
/// nothing that fits there.
pub(super) fn expectation(schema: &Value, dialect: Dialect) -> Option<String> {
    if let Some(value) = schema.get("const") {
        return Some(literal(value));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let one_of = if values.len() > 1 { "one of " } else { "" };
        return Some(format!("{one_of}{}", list(values)));
    }
    let has = |keywords: &[&str]| keywords.iter().any(|keyword| schema.get(keyword).is_some());
    let guess = || {
        if has(&[
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
        ]) {
            vec!["number"]
        } else if has(&["minLength", "maxLength", "pattern"]) {
            vec!["string"]
        } else if has(&["minItems", "maxItems"]) {
            vec!["array"]
        } else {
            Vec::new()
        }
    };
    let mut types = match schema.get("type").map(|value| &value.kind) {
        Some(Kind::String(name)) => vec![name.as_str()],
        Some(Kind::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => guess(),
    };
    if types.contains(&"number") {
        types.retain(|name| *name != "integer");
    }
    let mut words: Vec<String> = Vec::new();
    for name in types {
        match name {
            "boolean" => words.extend(["`true`".to_owned(), "`false`".to_owned()]),
            _ => words.push(of_type(name, schema, dialect)),
        }
    }
    (!words.is_empty()).then(|| join(&words, "or"))
}

fn of_type(name: &str, schema: &Value, dialect: Dialect) -> String {
    let text = |keyword: &str| {
        let number = schema.get(keyword).and_then(Value::as_number);
        number.map(|number| number.as_str().to_owned())
    };
    match name {
        "integer" => format!("a whole number{}", range(schema, dialect)),
        "number" => format!("a number{}", range(schema, dialect)),
        "string" => {
            let size = size(text("minLength"), text("maxLength"), "character");
            match schema.get("pattern").and_then(Value::as_str) {
                Some(pattern) => format!("a text{size} that matches `{}`", clip(pattern)),
                None => format!("a text{size}"),
            }
        }
        "array" => format!("a list{}", size(text("minItems"), text("maxItems"), "item")),
        other => type_word(other).to_owned(),
    }
}

/// Names a type.
pub(super) fn type_word(name: &str) -> &'static str {
    match name {
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a text",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a map",
        _ => "`null`",
    }
}

fn range(schema: &Value, dialect: Dialect) -> String {
    let text = |keyword: &str| Some(schema.get(keyword)?.as_number()?.as_str());
    let is_true = |keyword: &str| schema.get(keyword).and_then(Value::as_bool) == Some(true);
    let old = dialect == Dialect::Draft4;
    let (low, above) = match text("minimum") {
        Some(limit) if old && is_true("exclusiveMinimum") => (None, Some(limit)),
        limit => (limit, text("exclusiveMinimum")),
    };
    let (high, below) = match text("maximum") {
        Some(limit) if old && is_true("exclusiveMaximum") => (None, Some(limit)),
        limit => (limit, text("exclusiveMaximum")),
    };
    let mut parts = Vec::new();
    match (low, high) {
        (Some(low), Some(high)) => parts.push(format!("from {low} to {high}")),
        (Some(low), None) => parts.push(format!("of at least {low}")),
        (None, Some(high)) => parts.push(format!("of at most {high}")),
        (None, None) => {}
    }
    parts.extend(above.map(|limit| format!("above {limit}")));
    parts.extend(below.map(|limit| format!("below {limit}")));
    let mut out = if parts.is_empty() {
        String::new()
    } else {
        format!(" {}", join(&parts, "and"))
    };
    if let Some(step) = text("multipleOf") {
        out.push_str(&format!(" that is a multiple of {step}"));
    }
    out
}

/// Says how many of a thing there may be, with a space before.
pub(super) fn size(min: Option<String>, max: Option<String>, thing: &str) -> String {
    let things = |n: &str| {
        if n == "1" {
            thing.to_owned()
        } else {
            format!("{thing}s")
        }
    };
    match (min.filter(|min| min != "0"), max) {
        (Some(min), Some(max)) if min == max => format!(" of exactly {min} {}", things(&min)),
        (Some(min), Some(max)) => format!(" of {min} to {max} {}", things(&max)),
        (Some(min), None) => format!(" of at least {min} {}", things(&min)),
        (None, Some(max)) => format!(" of at most {max} {}", things(&max)),
        (None, None) => String::new(),
    }
}

/// Says what a format asks for.
pub(super) fn format_words(name: &str) -> String {
    match name {
        "date-time" => "a date and time such as `2024-05-31T09:30:00Z`".into(),
        "date" => "a date such as `2024-05-31`".into(),
        "time" => "a time such as `09:30:00Z`".into(),
        "duration" => "a duration such as `P1DT12H`".into(),
        "email" | "idn-email" => "an email address".into(),
        "hostname" | "idn-hostname" => "a host name such as `api.example.com`".into(),
        "ipv4" => "an IPv4 address such as `192.0.2.1`".into(),
        "ipv6" => "an IPv6 address such as `2001:db8::1`".into(),
        "uri" | "iri" => "an address such as `https://example.com/path`".into(),
        "uri-reference" | "iri-reference" => "an address, or a path".into(),
        "uuid" => "a UUID such as `123e4567-e89b-12d3-a456-426614174000`".into(),
        "regex" => "a regular expression".into(),
        "json-pointer" => "a JSON Pointer such as `/database/pool`".into(),
        other => format!("of the format `{other}`"),
    }
}
