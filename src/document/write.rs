//! Values written anew as YAML or JSON, without the comments of a text they were read from.

use std::fmt::Write as _;

use super::yaml::scalar::{is_number, plain};
use super::{Kind, Map, Number, Value};

/// Writes a value as JSON, indented by two spaces, with a line end.
///
/// See [`Value::to_json`] for what JSON cannot say.
#[must_use]
pub fn write_json(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value)
        .expect("a value has text keys, and writing to memory does not fail");
    text.push('\n');
    text
}

/// Writes a value as a YAML document in block style, so that reading it gives an equal value.
///
/// Numbers keep their spelling; strings that would read as another type, by the rules of YAML
/// 1.2 or of the older 1.1 (`no`, `1:30`), are quoted; tags are kept.
#[must_use]
pub fn write_yaml(value: &Value) -> String {
    let mut writer = Writer { out: String::new() };
    match &value.kind {
        Kind::Array(items) if !items.is_empty() => {
            writer.tag_line(value, 0);
            writer.list(items, 0);
        }
        Kind::Object(map) if !map.is_empty() => {
            writer.tag_line(value, 0);
            writer.map(map, 0);
        }
        _ => {
            writer.scalar(value, 0);
        }
    }
    writer.out
}

mod flow;
pub(in crate::document) mod toml;

pub use flow::write_flow;
pub use toml::write_toml;

struct Writer {
    out: String,
}

impl Writer {
    /// Writes the tag of a collection that starts on the next line.
    fn tag_line(&mut self, value: &Value, indent: usize) {
        if let Some(tag) = &value.tag {
            self.out.push_str(tag);
            self.out.push('\n');
            self.indent(indent);
        }
    }

    /// Writes a map whose first key stands where the text ends now.
    fn map(&mut self, map: &Map, indent: usize) {
        for (position, (key, value)) in map.iter().enumerate() {
            if position > 0 {
                self.indent(indent);
            }
            let mut written = String::new();
            if is_plain(key) && key != "<<" {
                written.push_str(key);
            } else {
                quote(&mut written, key);
            }
            // A key longer than this must be marked as one.
            if written.chars().count() > 1000 {
                let _ = writeln!(self.out, "? {written}");
                self.indent(indent);
            } else {
                self.out.push_str(&written);
            }
            self.out.push(':');
            self.below_key(value, indent + 2);
        }
    }

    /// Writes what stands behind `key:`.
    fn below_key(&mut self, value: &Value, indent: usize) {
        let is_block = match &value.kind {
            Kind::Array(items) => !items.is_empty(),
            Kind::Object(map) => !map.is_empty(),
            _ => false,
        };
        if !is_block {
            self.out.push(' ');
            return self.scalar(value, indent);
        }
        if let Some(tag) = &value.tag {
            let _ = write!(self.out, " {tag}");
        }
        self.out.push('\n');
        self.indent(indent);
        match &value.kind {
            Kind::Array(items) => self.list(items, indent),
            Kind::Object(map) => self.map(map, indent),
            _ => {}
        }
    }

    /// Writes a list whose first dash stands where the text ends now.
    fn list(&mut self, items: &[Value], indent: usize) {
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                self.indent(indent);
            }
            self.out.push_str("- ");
            let inner = indent + 2;
            match &item.kind {
                Kind::Array(items) if !items.is_empty() => {
                    self.tag_line(item, inner);
                    self.list(items, inner);
                }
                Kind::Object(map) if !map.is_empty() => {
                    self.tag_line(item, inner);
                    self.map(map, inner);
                }
                _ => self.scalar(item, inner),
            }
        }
    }

    /// Writes a scalar or an empty collection, and the line end.
    fn scalar(&mut self, value: &Value, indent: usize) {
        if let Some(tag) = &value.tag {
            let _ = write!(self.out, "{tag} ");
        }
        match &value.kind {
            Kind::Null => self.out.push_str("null"),
            Kind::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Kind::Number(number) => self.number(number),
            Kind::String(text) if is_block_text(text) => return self.block_text(text, indent),
            Kind::String(text) if is_plain(text) && is_string_everywhere(text) => {
                self.out.push_str(text);
            }
            Kind::String(text) => quote(&mut self.out, text),
            Kind::Array(_) => self.out.push_str("[]"),
            Kind::Object(_) => self.out.push_str("{}"),
        }
        self.out.push('\n');
    }

    fn number(&mut self, number: &Number) {
        let float = number.to_f64();
        let text = match number.to_json_text() {
            _ if is_number(number.as_str().as_bytes()) => number.as_str().into(),
            Some(text) => text,
            None if float.is_nan() => ".nan".into(),
            None if float < 0.0 => "-.inf".into(),
            None => ".inf".into(),
        };
        self.out.push_str(&text);
    }

    fn block_text(&mut self, text: &str, indent: usize) {
        let body = text.strip_suffix('\n');
        self.out
            .push_str(if body.is_some() { "|\n" } else { "|-\n" });
        for line in body.unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.indent(indent.max(2));
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

/// Writes a scalar or an empty collection as YAML in one line, without its tag.
pub(super) fn scalar(value: &Value) -> String {
    let mut writer = Writer { out: String::new() };
    match &value.kind {
        Kind::String(text) if is_block_text(text) => quote(&mut writer.out, text),
        kind => {
            writer.scalar(&Value::detached(kind.clone()), 0);
            writer.out.pop();
        }
    }
    writer.out
}

/// Writes a text as a block, without the last line end; its lines stand in a column.
pub(super) fn block_text(text: &str, column: usize) -> String {
    let mut writer = Writer { out: String::new() };
    writer.block_text(text, column);
    writer.out.pop();
    writer.out
}

/// Writes a key of a block.
pub(super) fn key(name: &str) -> String {
    if is_plain(name) && name != "<<" {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// Writes a text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::new();
    quote(&mut out, text);
    out
}

/// Says whether a text can stand in single quotes.
pub(super) fn may_be_single(text: &str) -> bool {
    text.chars().all(is_printable)
}

/// Says whether a text may stand without quotes, apart from the type it would read as.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    (first.is_alphanumeric()
        || matches!(first, '_' | '.' | '/' | '$' | '+' | '(' | '^' | '<' | '='))
        && !text.starts_with("...")
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(is_printable)
}

/// Says whether a text without quotes is a string to every reader, those of YAML 1.1 too.
pub(crate) fn is_string_everywhere(text: &str) -> bool {
    const WORDS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '.'))
        && text.chars().all(|c| {
            c.is_ascii_hexdigit()
                || matches!(
                    c,
                    '_' | ':' | '.' | '-' | '+' | 'x' | 'o' | 'T' | 't' | 'Z' | 'z' | ' '
                )
        });
    matches!(plain(text), Kind::String(_))
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
        && !matches!(text, "<<" | "=")
        && !numeric
}

/// Says whether a text of several lines can be written as a block, every byte kept.
pub(super) fn is_block_text(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with(['\n', ' ', '\t'])
        && !text.ends_with("\n\n")
        && text
            .lines()
            .all(|line| !line.trim().is_empty() || line.is_empty())
        && text
            .chars()
            .all(|c| c == '\n' || c == '\t' || is_printable(c))
}

fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\u{a0}'..='\u{d7ff}' => !matches!(c, '\u{2028}' | '\u{2029}'),
        '\u{e000}'..='\u{fffd}' => c != '\u{feff}',
        '\u{10000}'..='\u{10ffff}' => true,
        _ => false,
    }
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) < 0x100 => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests;
