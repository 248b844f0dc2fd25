//! Values in a form that is read much faster than text, for a cache: every span and spelling is
//! kept. The form is private and may change with any version.

use smol_str::SmolStr;

use super::{Entry, Kind, Map, Number, Value};
use crate::text::Span;

/// How deep values may stand in each other; what the parsers let through is less deep.
const DEPTH: usize = 600;

/// Writes values; `None` where one of them is composed of several texts.
pub(crate) fn pack<'v>(values: impl IntoIterator<Item = &'v Value>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for value in values {
        write(value, &mut out)?;
    }
    Some(out)
}

/// Reads what was packed; `None` where the bytes are no whole values.
pub(crate) fn unpack(bytes: &[u8]) -> Option<Vec<Value>> {
    let mut reader = Reader { bytes };
    let mut values = Vec::new();
    while !reader.bytes.is_empty() {
        values.push(reader.value(0)?);
    }
    Some(values)
}

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NUMBER: u8 = 3;
const STRING: u8 = 4;
const ARRAY: u8 = 5;
const OBJECT: u8 = 6;
/// Added where a tag follows.
const TAGGED: u8 = 8;

fn write(value: &Value, out: &mut Vec<u8>) -> Option<()> {
    if value.layer != 0 {
        return None;
    }
    let kind = match &value.kind {
        Kind::Null => NULL,
        Kind::Bool(false) => FALSE,
        Kind::Bool(true) => TRUE,
        Kind::Number(_) => NUMBER,
        Kind::String(_) => STRING,
        Kind::Array(_) => ARRAY,
        Kind::Object(_) => OBJECT,
    };
    out.push(kind | if value.tag.is_some() { TAGGED } else { 0 });
    write_span(value.span, out);
    if let Some(tag) = &value.tag {
        write_text(tag, out);
    }
    match &value.kind {
        Kind::Null | Kind::Bool(_) => {}
        Kind::Number(number) => write_text(number.as_str(), out),
        Kind::String(text) => write_text(text, out),
        Kind::Array(items) => {
            write_count(items.len(), out);
            for item in items {
                write(item, out)?;
            }
        }
        Kind::Object(map) => {
            write_count(map.len(), out);
            for (key, entry) in map.entries() {
                write_text(key, out);
                write_span(entry.key, out);
                write(&entry.value, out)?;
            }
        }
    }
    Some(())
}

fn write_span(span: Span, out: &mut Vec<u8>) {
    write_count(span.start as usize, out);
    write_count((span.end - span.start) as usize, out);
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    write_count(text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

/// Writes a number seven bits at a time, the lowest first (LEB128).
fn write_count(mut count: usize, out: &mut Vec<u8>) {
    while count >= 0x80 {
        out.push((count & 0x7f) as u8 | 0x80);
        count >>= 7;
    }
    out.push(count as u8);
}

struct Reader<'b> {
    bytes: &'b [u8],
}

impl<'b> Reader<'b> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        let head = self.byte()?;
        let span = self.span()?;
        let tag = match head & TAGGED {
            0 => None,
            _ => Some(self.text()?.into()),
        };
        let kind = match head & !TAGGED {
            NULL => Kind::Null,
            FALSE => Kind::Bool(false),
            TRUE => Kind::Bool(true),
            NUMBER => Kind::Number(Number::trusted(self.text()?)),
            STRING => Kind::String(SmolStr::new(self.text()?)),
            ARRAY => {
                let count = self.count()?;
                // An item takes three bytes at least.
                let mut items = Vec::with_capacity(count.min(self.bytes.len() / 3));
                for _ in 0..count {
                    items.push(self.value(depth + 1)?);
                }
                Kind::Array(items)
            }
            OBJECT => {
                let count = self.count()?;
                let mut map = Map::with_capacity(count.min(self.bytes.len() / 6));
                for _ in 0..count {
                    let name = SmolStr::new(self.text()?);
                    let key = self.span()?;
                    let value = self.value(depth + 1)?;
                    map.insert(name, Entry { key, value });
                }
                Kind::Object(map)
            }
            _ => return None,
        };
        Some(Value {
            kind,
            span,
            layer: 0,
            tag,
        })
    }

    fn span(&mut self) -> Option<Span> {
        let start = u32::try_from(self.count()?).ok()?;
        let length = u32::try_from(self.count()?).ok()?;
        Some(Span::new(start, start.checked_add(length)?))
    }

    fn text(&mut self) -> Option<&'b str> {
        let length = self.count()?;
        let (text, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        std::str::from_utf8(text).ok()
    }

    fn count(&mut self) -> Option<usize> {
        let mut count = 0usize;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            count |= usize::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(count);
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, arbitrary, parse};
    use super::*;
    use crate::text::Source;
    use proptest::prelude::*;

    /// Says whether two values are alike to the last span and letter.
    fn alike(a: &Value, b: &Value) -> bool {
        format!("{a:?}") == format!("{b:?}")
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_out_as_it_was(values in proptest::collection::vec(arbitrary::value(), 0..4)) {
            let bytes = pack(&values).unwrap();
            let again = unpack(&bytes).unwrap();
            prop_assert_eq!(again.len(), values.len());
            prop_assert!(values.iter().zip(&again).all(|(a, b)| alike(a, b)));
            // Half of it is nothing, or less; never a panic.
            for cut in 0..bytes.len() {
                if let Some(some) = unpack(&bytes[..cut]) {
                    prop_assert!(some.len() <= values.len());
                }
            }
        }

        #[test]
        fn any_bytes_are_refused_or_read(bytes: Vec<u8>) {
            let _ = unpack(&bytes);
        }
    }

    #[test]
    fn places_in_the_text_are_kept() {
        let source = std::sync::Arc::new(Source::new(
            "a.yaml",
            "a: &x [1.10, no]\nb: *x\nc: !T {d: }\n",
        ));
        let parsed = parse(&source, Format::Yaml);
        let root = &*parsed.documents[0].root;
        let again = unpack(&pack([root]).unwrap()).unwrap();
        assert!(alike(root, &again[0]));
        let mut composed = root.clone();
        composed.layer = 1;
        assert_eq!(pack([&composed]), None);
    }
}
