//! Values as TOML.

use std::fmt::Write as _;

use super::super::{Kind, Map, Number, Value};
use crate::text::Pointer;

/// Writes a value as TOML: settings first, then tables, lists of maps as `[[name]]`.
///
/// Numbers keep their digits, and their spelling where TOML allows it. A text that reads like a
/// date is written as a text.
///
/// # Errors
///
/// The place of the first thing that TOML cannot say: a null, or a root that is no map.
pub fn write_toml(value: &Value) -> Result<String, Pointer> {
    if let Some(place) = unwritable(value) {
        return Err(place);
    }
    let Kind::Object(map) = &value.kind else {
        return Err(Pointer::root());
    };
    let mut out = String::new();
    table(&mut out, map, &mut Vec::new());
    Ok(out)
}

/// Finds the first thing that TOML cannot say: a null, or a root that is no map.
pub(in crate::document) fn unwritable(value: &Value) -> Option<Pointer> {
    match &value.kind {
        Kind::Object(_) => null(value, &mut Pointer::root()),
        _ => Some(Pointer::root()),
    }
}

/// Finds the first null at or below a place.
fn null(value: &Value, at: &mut Pointer) -> Option<Pointer> {
    match &value.kind {
        Kind::Null => Some(at.clone()),
        Kind::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            at.push(index.to_string());
            let found = null(item, at);
            at.pop();
            found
        }),
        Kind::Object(map) => map.iter().find_map(|(key, value)| {
            at.push(key.as_str());
            let found = null(value, at);
            at.pop();
            found
        }),
        _ => None,
    }
}

/// What an entry of a table is written as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::document) enum Form {
    /// `key = value`.
    Pair,
    /// `[key]`.
    Table,
    /// `[[key]]` for each item.
    Tables,
}

/// Tells how to write a value that stands in a table.
pub(in crate::document) fn form(value: &Value) -> Form {
    let is_table = |value: &Value| matches!(&value.kind, Kind::Object(map) if !map.is_empty());
    match &value.kind {
        Kind::Object(map) if !map.is_empty() => Form::Table,
        Kind::Array(items) if !items.is_empty() && items.iter().all(is_table) => Form::Tables,
        _ => Form::Pair,
    }
}

/// Writes the entries of a table, and the tables below it.
fn table<'v>(out: &mut String, map: &'v Map, path: &mut Vec<&'v str>) {
    for (key, value) in map.iter().filter(|(_, value)| form(value) == Form::Pair) {
        let _ = write!(out, "{} = ", key_text(key));
        pair_value(out, value);
        out.push('\n');
    }
    for (key, value) in map.iter() {
        match (form(value), &value.kind) {
            (Form::Table, Kind::Object(inner)) => {
                path.push(key);
                // A table that holds tables only needs no line of its own.
                if inner.values().any(|value| form(value) == Form::Pair) {
                    header(out, path, false);
                }
                table(out, inner, path);
                path.pop();
            }
            (Form::Tables, Kind::Array(items)) => {
                path.push(key);
                for item in items {
                    header(out, path, true);
                    if let Kind::Object(inner) = &item.kind {
                        table(out, inner, path);
                    }
                }
                path.pop();
            }
            _ => {}
        }
    }
}

fn header(out: &mut String, path: &[&str], is_item: bool) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&header_text(path.iter().copied(), is_item));
    out.push('\n');
}

/// Writes `[a.b]` or `[[a.b]]`.
pub(in crate::document) fn header_text<'k>(
    path: impl Iterator<Item = &'k str>,
    is_item: bool,
) -> String {
    let path: Vec<_> = path.map(key_text).collect();
    let path = path.join(".");
    match is_item {
        true => format!("[[{path}]]"),
        false => format!("[{path}]"),
    }
}

/// Writes what stands behind `key =`: lists that are long, one item a line; texts of several
/// lines as such.
pub(in crate::document) fn pair_value(out: &mut String, value: &Value) {
    const LINE: usize = 80;
    match &value.kind {
        Kind::String(text) if is_lines(text) => out.push_str(&lines_text(text)),
        Kind::Array(items) if items.len() > 1 => {
            let start = out.len();
            inline(out, value);
            let long = out[start..].chars().count() > LINE;
            if long {
                out.truncate(start);
                out.push_str("[\n");
                for item in items {
                    out.push_str("  ");
                    inline(out, item);
                    out.push_str(",\n");
                }
                out.push(']');
            }
        }
        _ => inline(out, value),
    }
}

/// Writes a value in one line; nulls, which TOML has not, must have been refused.
pub(in crate::document) fn inline(out: &mut String, value: &Value) {
    match &value.kind {
        Kind::Null => out.push_str("\"\""),
        Kind::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Kind::Number(number) => out.push_str(&number_text(number)),
        Kind::String(text) => out.push_str(&string_text(text)),
        Kind::Array(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push_str(", ");
                }
                inline(out, item);
            }
            out.push(']');
        }
        Kind::Object(map) if map.is_empty() => out.push_str("{}"),
        Kind::Object(map) => {
            out.push_str("{ ");
            for (position, (key, value)) in map.iter().enumerate() {
                if position > 0 {
                    out.push_str(", ");
                }
                let _ = write!(out, "{} = ", key_text(key));
                inline(out, value);
            }
            out.push_str(" }");
        }
    }
}

/// Writes a key, in quotes where it needs them.
pub(in crate::document) fn key_text(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match !key.is_empty() && key.chars().all(is_bare) {
        true => key.to_owned(),
        false => string_text(key),
    }
}

/// Writes a text in quotes, in one line.
pub(in crate::document) fn string_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    escape(&mut out, text, false);
    out.push('"');
    out
}

/// Says whether a text is best written as lines.
pub(in crate::document) fn is_lines(text: &str) -> bool {
    text.contains('\n')
        && text
            .chars()
            .all(|c| !c.is_control() || matches!(c, '\n' | '\t'))
}

/// Writes a text of several lines as such.
pub(in crate::document) fn lines_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str("\"\"\"\n");
    escape(&mut out, text, true);
    out.push_str("\"\"\"");
    out
}

fn escape(out: &mut String, text: &str, lines: bool) {
    let mut quotes = 0;
    for c in text.chars() {
        quotes = if c == '"' { quotes + 1 } else { 0 };
        match c {
            // Three in a row would end the text.
            '"' if lines && quotes % 3 != 0 => out.push('"'),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' if lines => out.push('\n'),
            '\n' => out.push_str("\\n"),
            '\t' if lines => out.push('\t'),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    // A quotation mark at the end would run into those that end the text.
    if lines && quotes % 3 != 0 {
        out.truncate(out.len() - 1);
        out.push_str("\\\"");
    }
}

/// Writes a number as TOML can say it, keeping the spelling where TOML allows it.
pub(crate) fn number_text(number: &Number) -> String {
    let text = number.as_str();
    if is_number(text) {
        return text.to_owned();
    }
    match number.to_json_text() {
        Some(text) => text.into(),
        None if number.to_f64().is_nan() => "nan".to_owned(),
        None if number.to_f64() < 0.0 => "-inf".to_owned(),
        None => "inf".to_owned(),
    }
}

/// Says whether a text is a number by TOML's grammar.
fn is_number(text: &str) -> bool {
    fn digits(text: &str, admitted: fn(&u8) -> bool) -> bool {
        let bytes = text.as_bytes();
        bytes.first().is_some_and(admitted)
            && bytes.last().is_some_and(admitted)
            && bytes.iter().all(|byte| *byte == b'_' || admitted(byte))
            && !text.contains("__")
    }
    let decimal = |text: &str| digits(text, u8::is_ascii_digit);
    if let Some(rest) = text.strip_prefix("0x") {
        return digits(rest, u8::is_ascii_hexdigit);
    }
    if let Some(rest) = text.strip_prefix("0o") {
        return digits(rest, |byte| matches!(byte, b'0'..=b'7'));
    }
    if let Some(rest) = text.strip_prefix("0b") {
        return digits(rest, |byte| matches!(byte, b'0' | b'1'));
    }
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(rest, "inf" | "nan") {
        return true;
    }
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    decimal(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(decimal)
        && exponent
            .is_none_or(|exponent| decimal(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}
