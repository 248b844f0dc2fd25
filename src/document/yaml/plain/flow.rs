//! Lists and maps in brackets that end on their line.

use smol_str::SmolStr;

use super::super::super::fault::span;
use super::super::super::{Entry, Kind, Map, Value};
use super::{Reader, scalar};

impl Reader<'_> {
    /// Reads a list or a map in brackets, and says where it ends.
    pub(super) fn flow(&self, start: usize, end: usize, depth: usize) -> Option<(Value, usize)> {
        if depth >= self.depth {
            return None;
        }
        let (mut items, mut map) = (Vec::new(), Map::new());
        let is_map = self.bytes[start] == b'{';
        let close = if is_map { b'}' } else { b']' };
        let mut at = self.behind_spaces(start + 1, end);
        let mut is_first = true;
        while at < end && !(is_first && self.bytes[at] == close) {
            is_first = false;
            let mut key = None;
            if is_map {
                let token = self.token(at, end, true).filter(|token| token.is_key)?;
                if token.text == "<<" {
                    return None;
                }
                key = Some((SmolStr::from(token.text), span(at, token.end)));
                at = self.behind_spaces(token.end + 1, end);
            }
            let value = match self.bytes[at..end].first()? {
                b'{' | b'[' => {
                    let (value, behind) = self.flow(at, end, depth + 1)?;
                    at = behind;
                    value
                }
                _ => {
                    let token = self.token(at, end, true).filter(|token| !token.is_key)?;
                    let kind = match token.is_quoted {
                        true => Kind::String(token.text.into()),
                        false => scalar::plain(token.text),
                    };
                    let value = Value::new(kind, span(at, token.end));
                    at = token.end;
                    value
                }
            };
            match key {
                None => items.push(value),
                Some((name, key)) => {
                    if map.insert(name, Entry { key, value }).is_some() {
                        return None;
                    }
                }
            }
            at = self.behind_spaces(at, end);
            match self.bytes[at..end].first()? {
                b',' => at = self.behind_spaces(at + 1, end),
                byte if *byte == close => break,
                _ => return None,
            }
        }
        if at >= end {
            return None;
        }
        let kind = match is_map {
            true => Kind::Object(map),
            false => Kind::Array(items),
        };
        Some((Value::new(kind, span(start, at + 1)), at + 1))
    }
}
