//! The plain part of YAML, in which nearly all configuration is written: block maps and lists,
//! and texts, numbers, words and brackets that stand on one line.
//!
//! It is read line by line, ten times as fast as the parser reads it, and to the same values at
//! the same places. A text that holds anything else is left to the parser as a whole.

mod flow;

use bstr::ByteSlice;
use smol_str::SmolStr;

use super::super::fault::span;
use super::super::{Entry, Kind, Limits, Map, Value};
use super::scalar;
use crate::text::Span;

/// The parser takes a text as a key up to some length; this is well below.
const LONGEST_KEY: usize = 512;

/// Reads the only document of a text; none where the text is not plain, or has a fault.
pub(super) fn read(text: &str, limits: &Limits) -> Option<Value> {
    if !text.is_ascii() && !text.chars().all(is_usual) {
        return None;
    }
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        frames: Vec::new(),
        depth: limits.depth,
        entries: 0,
    };
    let mut start = 0;
    while start < text.len() {
        let rest = &reader.bytes[start..];
        let end = start + rest.find_byte(b'\n').unwrap_or(rest.len());
        reader.line(start, end)?;
        start = end + 1;
    }
    while reader.frames.len() > 1 {
        reader.close()?;
    }
    reader.frames.pop()?.value(None)
}

/// Says whether a character means nothing to any reader of YAML.
pub(super) fn is_usual(char: char) -> bool {
    char.is_ascii()
        || matches!(char, '\u{a1}'..='\u{1fff}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{d7ff}' | '\u{1f300}'..='\u{1faff}')
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    frames: Vec<Frame>,
    depth: usize,
    /// How many entries the last map had: the next one has about as many.
    entries: usize,
}

/// A list or a map that is not at its end yet.
struct Frame {
    indent: usize,
    /// Whether it is a list whose items stand in the column of the key above.
    is_flush: bool,
    start: u32,
    end: u32,
    /// Where the next value is missing, as long as nothing stands there.
    missing: Option<Span>,
    body: Body,
}

enum Body {
    List(Vec<Value>),
    Map(Map, Option<(SmolStr, Span)>),
}

impl Frame {
    fn is_list(&self) -> bool {
        matches!(self.body, Body::List(_))
    }

    /// Puts the value that was awaited; none where a key is there twice.
    fn put(&mut self, value: Value, end: u32) -> Option<()> {
        self.missing = None;
        self.end = self.end.max(end);
        match &mut self.body {
            Body::List(items) => {
                // To the parser such a list begins behind its first dash.
                if self.is_flush && items.is_empty() {
                    self.start = value.span.start;
                }
                items.push(value);
            }
            Body::Map(map, key) => {
                let (name, at) = key.take()?;
                if map.insert(name, Entry { key: at, value }).is_some() {
                    return None;
                }
            }
        }
        Some(())
    }

    /// Takes what is awaited and did not come for null; an item without a value is not plain.
    fn settle(&mut self) -> Option<()> {
        match self.missing {
            None => Some(()),
            Some(_) if self.is_list() => None,
            // The key is behind the end already.
            Some(at) => self.put(Value::new(Kind::Null, at), 0),
        }
    }

    fn value(mut self, end: Option<&mut u32>) -> Option<Value> {
        self.settle()?;
        if let Some(end) = end {
            *end = self.end;
        }
        let kind = match self.body {
            Body::List(items) => Kind::Array(items),
            Body::Map(map, _) => Kind::Object(map),
        };
        Some(Value::new(kind, Span::new(self.start, self.end)))
    }
}

/// A text on a line, and where it and its quotes end.
struct Token<'a> {
    text: &'a str,
    is_quoted: bool,
    end: usize,
    /// Whether the colon of a key follows.
    is_key: bool,
}

impl<'a> Reader<'a> {
    fn line(&mut self, start: usize, end: usize) -> Option<()> {
        let first = self.behind_spaces(start, end);
        if first == end || self.bytes[first] == b'#' {
            return self.comment(first, end);
        }
        let indent = first - start;
        let is_item = self.is_item(first, end);
        // What ends above this line.
        while let Some(frame) = self.frames.last_mut() {
            if indent > frame.indent {
                frame.missing?;
                break;
            }
            if indent == frame.indent {
                match (frame.is_list(), is_item) {
                    (true, true) | (false, false) => {
                        frame.settle()?;
                        break;
                    }
                    (false, true) => {
                        frame.missing?;
                        break;
                    }
                    (true, false) if !frame.is_flush => return None,
                    (true, false) => {}
                }
            }
            if self.frames.len() == 1 {
                return None;
            }
            self.close()?;
        }
        self.entries(start, first, end)
    }

    /// Reads the dashes of a line, and the key or the text behind them.
    fn entries(&mut self, start: usize, mut at: usize, end: usize) -> Option<()> {
        let mut is_behind_dash = false;
        while self.is_item(at, end) {
            self.open(at - start, at, |_| Body::List(Vec::new()))?;
            let frame = self.frames.last_mut()?;
            frame.missing = Some(span(at, at));
            at = self.behind_spaces(at + 1, end);
            if at == end || self.bytes[at] == b'#' {
                return self.comment(at, end);
            }
            if let b'{' | b'[' = self.bytes[at] {
                return self.brackets(at, end);
            }
            is_behind_dash = true;
        }
        let token = self.token(at, end, false)?;
        if !token.is_key {
            return match is_behind_dash {
                true => self.scalar(&token, at, end),
                false => None,
            };
        }
        if token.text == "<<" || token.end - at > LONGEST_KEY {
            return None;
        }
        self.open(at - start, at, |entries| {
            Body::Map(Map::with_capacity(entries), None)
        })?;
        let colon = token.end;
        let frame = self.frames.last_mut()?;
        let Body::Map(_, key) = &mut frame.body else {
            return None;
        };
        let place = span(at, colon);
        *key = Some((token.text.into(), place));
        frame.missing = Some(span(colon + 1, colon + 1));
        frame.end = frame.end.max(place.end);
        let at = self.behind_spaces(colon + 1, end);
        if at == end || self.bytes[at] == b'#' {
            return self.comment(at, end);
        }
        if let b'{' | b'[' = self.bytes[at] {
            return self.brackets(at, end);
        }
        let token = self.token(at, end, false)?;
        match token.is_key {
            true => None,
            false => self.scalar(&token, at, end),
        }
    }

    /// Begins a list or a map where a value is awaited, or else goes on with the one that is there.
    fn open(
        &mut self,
        indent: usize,
        start: usize,
        body: impl FnOnce(usize) -> Body,
    ) -> Option<()> {
        let above = self.frames.last();
        if above.is_some_and(|frame| frame.missing.is_none()) {
            return Some(());
        }
        if self.frames.len() >= self.depth {
            return None;
        }
        let start = span(start, start).start;
        self.frames.push(Frame {
            indent,
            is_flush: above.is_some_and(|frame| frame.indent == indent),
            start,
            end: start,
            missing: None,
            body: body(self.entries),
        });
        Some(())
    }

    /// Ends the innermost list or map.
    fn close(&mut self) -> Option<()> {
        let mut end = 0;
        let value = self.frames.pop()?.value(Some(&mut end))?;
        if let Kind::Object(map) = &value.kind {
            self.entries = map.len().min(64);
        }
        self.frames.last_mut()?.put(value, end)
    }

    fn brackets(&mut self, at: usize, end: usize) -> Option<()> {
        let (value, behind) = self.flow(at, end, self.frames.len())?;
        self.ends(behind, end)?;
        let end = value.span.end;
        self.frames.last_mut()?.put(value, end)
    }

    fn scalar(&mut self, token: &Token<'_>, at: usize, end: usize) -> Option<()> {
        self.ends(token.end, end)?;
        let kind = match token.is_quoted {
            true => Kind::String(token.text.into()),
            false => scalar::plain(token.text),
        };
        let place = span(at, token.end);
        let value = Value::new(kind, place);
        self.frames.last_mut()?.put(value, place.end)
    }

    /// Finds a text that begins here, in brackets or not.
    fn token(&self, at: usize, end: usize, in_flow: bool) -> Option<Token<'a>> {
        let rest = &self.bytes[at..end];
        if let [quote @ (b'"' | b'\''), rest @ ..] = rest {
            let length = rest.find_byte(*quote)?;
            let close = at + 1 + length;
            let behind = self.bytes.get(close + 1);
            let is_other = |byte: &u8| *byte < b' ' || *byte == 0x7f || *byte == b'\\';
            if behind == Some(quote) || rest[..length].iter().any(is_other) {
                return None;
            }
            return Some(Token {
                text: &self.text[at + 1..close],
                is_quoted: true,
                end: close + 1,
                is_key: behind == Some(&b':') && self.is_gap(close + 2, end),
            });
        }
        let begins = match rest {
            [b'-', next, ..] => next.is_ascii_alphanumeric() || *next == b'.',
            [b'.', b'.', ..] => false,
            [first, ..] => !matches!(
                first,
                b'-' | b'?'
                    | b':'
                    | b','
                    | b'['
                    | b']'
                    | b'{'
                    | b'}'
                    | b'#'
                    | b'&'
                    | b'*'
                    | b'!'
                    | b'|'
                    | b'>'
                    | b'\''
                    | b'"'
                    | b'%'
                    | b'@'
                    | b'`'
            ),
            [] => false,
        };
        if !begins {
            return None;
        }
        let (mut stop, mut is_key) = (end, false);
        for (number, byte) in rest.iter().enumerate() {
            let here = at + number;
            match byte {
                b':' if self.is_gap(here + 1, end) => (stop, is_key) = (here, true),
                b':' if in_flow && b",[]{}".contains(&self.bytes[here + 1]) => return None,
                b'#' if in_flow => return None,
                b',' | b']' | b'}' if in_flow => stop = here,
                b'[' | b'{' if in_flow => return None,
                b'#' if self.bytes[here - 1] == b' ' => stop = here,
                b'\0'..=b'\x1f' | b'\x7f' => return None,
                _ => continue,
            }
            break;
        }
        let text = self.text[at..stop].trim_end_matches(' ');
        if is_key && at + text.len() != stop {
            return None;
        }
        Some(Token {
            text,
            is_quoted: false,
            end: at + text.len(),
            is_key,
        })
    }

    /// Holds the rest of a line to be empty, or a comment.
    fn ends(&self, at: usize, end: usize) -> Option<()> {
        let next = self.behind_spaces(at, end);
        match next == end || (next > at && self.bytes[next] == b'#') {
            true => self.comment(next, end),
            false => None,
        }
    }

    /// Passes over a comment; none where something stands in it that stands in no text.
    fn comment(&self, at: usize, end: usize) -> Option<()> {
        let is_other = |byte: &u8| *byte < b' ' || *byte == 0x7f;
        match self.bytes[at..end].iter().any(is_other) {
            true => None,
            false => Some(()),
        }
    }

    fn is_item(&self, at: usize, end: usize) -> bool {
        self.bytes.get(at) == Some(&b'-') && self.is_gap(at + 1, end)
    }

    /// Says whether a space stands here, or the end of the line.
    fn is_gap(&self, at: usize, end: usize) -> bool {
        at >= end || self.bytes[at] == b' '
    }

    fn behind_spaces(&self, at: usize, end: usize) -> usize {
        let spaces = self.bytes[at..end].iter().take_while(|byte| **byte == b' ');
        at + spaces.count()
    }
}

#[cfg(test)]
mod tests;
