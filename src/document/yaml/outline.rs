//! What stands at the outermost of a text, found by a look at how its lines begin: so that of two
//! versions of a file only what differs need be parsed.
//!
//! Where an entry may reach further than its lines tell, or mean something elsewhere, as texts over
//! several lines, anchors and further documents do, there is no outline.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use bstr::ByteSlice;
use smol_str::SmolStr;

use super::super::{Document, Format, Kind, Map, Parsed, Value};
use super::{Limits, plain, read};
use crate::text::{Source, Span};

/// The entries of the map that a text holds, by their keys.
#[derive(Debug)]
pub(crate) struct Outline {
    source: Arc<Source>,
    /// In the order of the keys.
    entries: Arc<[Entry]>,
}

/// The bytes of an entry: those of its key, and all up to where the next one begins.
#[derive(Debug)]
struct Entry {
    key: Range<usize>,
    all: Range<usize>,
}

impl Outline {
    /// Looks through a YAML text; none where that does not tell its entries for certain.
    pub(crate) fn of(source: &Arc<Source>) -> Option<Self> {
        let text = source.text();
        if !text.is_ascii() && !text.chars().all(plain::is_usual) {
            return None;
        }
        let mut entries: Vec<Entry> = Vec::new();
        let mut start = 0;
        for line in text.as_bytes().split_inclusive(|byte| *byte == b'\n') {
            let end = start + line.len();
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            match line {
                [] | [b'#', ..] => {}
                [first, ..] if first.is_ascii_alphabetic() || *first == b'_' => {
                    let key = start..start + key_length(line)?;
                    entries.push(Entry {
                        key,
                        all: start..end,
                    });
                }
                [b' ', ..] | [b'-'] | [b'-', b' ', ..] if !entries.is_empty() => {}
                line if line.iter().all(|byte| *byte == b' ') => {}
                _ => return None,
            }
            if !ends_by_itself(line) {
                return None;
            }
            if let Some(entry) = entries.last_mut() {
                entry.all.end = end;
            }
            start = end;
        }
        let bytes = text.as_bytes();
        entries.sort_unstable_by(|a, b| bytes[a.key.clone()].cmp(&bytes[b.key.clone()]));
        let is_twice = |pair: &[Entry]| bytes[pair[0].key.clone()] == bytes[pair[1].key.clone()];
        if entries.windows(2).any(is_twice) {
            return None;
        }
        Some(Self {
            source: Arc::clone(source),
            entries: entries.into(),
        })
    }

    /// Gives the outline of the same text in another file.
    pub(crate) fn beside(&self, source: Arc<Source>) -> Self {
        Self {
            source,
            entries: Arc::clone(&self.entries),
        }
    }

    /// Gives the text.
    pub(crate) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Says whether there is no entry.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Says whether there is an entry of this name.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.pairs().any(|(name, _)| name == key)
    }

    /// Gives each key with the text of its entry, in the order of the keys.
    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = self.source.text();
        let entries = self.entries.iter();
        entries.map(|entry| (&text[entry.key.clone()], &text[entry.all.clone()]))
    }

    /// Gives the keys whose entries are not the same in another text.
    pub(crate) fn differing(&self, other: &Self) -> BTreeSet<SmolStr> {
        let mut others = other.pairs().peekable();
        let mut differing = BTreeSet::new();
        for (key, text) in self.pairs() {
            while let Some((before, _)) = others.next_if(|(other, _)| *other < key) {
                differing.insert(before.into());
            }
            match others.next_if(|(other, _)| *other == key) {
                Some((_, other)) if other == text => {}
                _ => {
                    differing.insert(key.into());
                }
            }
        }
        differing.extend(others.map(|(key, _)| key.into()));
        differing
    }

    /// Says how many bytes the entries of these names take.
    pub(crate) fn length(&self, keys: &BTreeSet<SmolStr>) -> usize {
        let kept = self.pairs().filter(|(key, _)| keys.contains(*key));
        kept.map(|(_, text)| text.len()).sum()
    }

    /// Parses the entries of these names, as if the others were not there; none where something is
    /// wrong with them. The places are those in the whole text.
    pub(crate) fn only(&self, keys: &BTreeSet<SmolStr>) -> Option<Parsed> {
        let text = self.source.text();
        let is_kept = |entry: &&Entry| keys.contains(&text[entry.key.clone()]);
        let mut kept = self.entries.iter().filter(is_kept).peekable();
        if kept.peek().is_none() && !self.entries.is_empty() {
            // A map of which nothing is asked for is a map still.
            let empty = Value::new(Kind::Object(Map::default()), Span::new(0, 0));
            return Some(self.parsed(Arc::new(empty)));
        }
        let mut masked = vec![b' '; text.len()];
        let breaks = text.as_bytes().find_iter(b"\n");
        breaks.for_each(|at| masked[at] = b'\n');
        // A text of several lines would go on in empty ones.
        self.entries
            .iter()
            .for_each(|it| masked[it.all.start] = b'#');
        for entry in kept {
            let all = entry.all.clone();
            masked[all.clone()].copy_from_slice(&text.as_bytes()[all]);
        }
        let masked = String::from_utf8(masked).ok()?;
        let masked = Arc::new(Source::new(self.source.name(), masked));
        let parsed = read(&masked, &Limits::default());
        match parsed.documents.as_slice() {
            [document] if parsed.findings.is_empty() => {
                Some(self.parsed(Arc::clone(&document.root)))
            }
            _ => None,
        }
    }

    fn parsed(&self, root: Arc<Value>) -> Parsed {
        Parsed {
            documents: vec![Document {
                source: Arc::clone(&self.source),
                format: Format::Yaml,
                index: 0,
                root,
            }],
            findings: Vec::new(),
        }
    }
}

/// Gives the length of the key that a line begins with; none where it is no plain one.
fn key_length(line: &[u8]) -> Option<usize> {
    let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./".contains(byte);
    let length = line.iter().take_while(|byte| is_key(byte)).count();
    match &line[length..] {
        [b':'] | [b':', b' ', ..] => Some(length),
        _ => None,
    }
}

/// Says whether all that begins in a line ends in it, and nothing in it is known by another name.
fn ends_by_itself(line: &[u8]) -> bool {
    let mut depth = 0_i32;
    let mut at = 0;
    loop {
        let rest = line[at..].iter();
        at += rest
            .take_while(|byte| IS_USUAL[usize::from(**byte)])
            .count();
        let Some(&byte) = line.get(at) else {
            return depth == 0;
        };
        // At the beginning, and behind these, something may begin.
        let is_start = at == 0 || b" [{,:".contains(&line[at - 1]);
        match byte {
            b'#' if at == 0 || line[at - 1] == b' ' => {
                return depth == 0 && line[at..].iter().all(|byte| *byte >= b' ');
            }
            b'"' | b'\'' if is_start => match close(&line[at + 1..], byte) {
                Some(length) => at += length,
                None => return false,
            },
            b'&' | b'*' if is_start => return false,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            b'\0'..=b'\x1f' | b'\x7f' => return false,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
        at += 1;
    }
}

/// The bytes that begin and end nothing.
static IS_USUAL: [bool; 256] = {
    let mut is_usual = [true; 256];
    let mut byte = 0;
    while byte < 256 {
        is_usual[byte] = byte >= 0x20 && byte != 0x7f;
        byte += 1;
    }
    let special = b"#\"'&*[]{}";
    let mut number = 0;
    while number < special.len() {
        is_usual[special[number] as usize] = false;
        number += 1;
    }
    is_usual
};

/// Finds the end of a text in quotes, and gives how many bytes it takes with the last quote.
fn close(rest: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        match (*rest.get(at)?, rest.get(at + 1)) {
            (b'\\', _) if quote == b'"' => at += 2,
            (byte, Some(&next)) if byte == quote && next == quote && quote == b'\'' => at += 2,
            (byte, _) if byte == quote => return Some(at + 1),
            (b'\0'..=b'\x1f' | b'\x7f', _) => return None,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests;
