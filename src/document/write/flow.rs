use super::super::{Kind, Value};
use super::{Writer, is_plain, is_string_everywhere, quote};

/// Writes a value as YAML in one line, as for a sentence: `{port: 80, hosts: [a, b]}`. Reading it
/// gives an equal value; tags are left out.
#[must_use]
pub fn write_flow(value: &Value) -> String {
    let mut writer = Writer { out: String::new() };
    writer.flow(value);
    writer.out
}

impl Writer {
    fn flow(&mut self, value: &Value) {
        match &value.kind {
            Kind::Null => self.out.push_str("null"),
            Kind::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Kind::Number(number) => self.number(number),
            Kind::String(text) => self.flow_text(text),
            Kind::Array(items) => {
                self.out.push('[');
                for (position, item) in items.iter().enumerate() {
                    self.separate(position);
                    self.flow(item);
                }
                self.out.push(']');
            }
            Kind::Object(map) => {
                self.out.push('{');
                for (position, (key, value)) in map.iter().enumerate() {
                    self.separate(position);
                    self.flow_text(key);
                    self.out.push_str(": ");
                    self.flow(value);
                }
                self.out.push('}');
            }
        }
    }

    fn separate(&mut self, position: usize) {
        if position > 0 {
            self.out.push_str(", ");
        }
    }

    fn flow_text(&mut self, text: &str) {
        let divides = |c| matches!(c, ',' | '[' | ']' | '{' | '}' | ':' | '#' | '\n');
        // A key may be too long to stand without quotes.
        if is_plain(text)
            && is_string_everywhere(text)
            && !text.contains(divides)
            && text.len() < 1_000
        {
            self.out.push_str(text);
        } else {
            quote(&mut self.out, text);
        }
    }
}
