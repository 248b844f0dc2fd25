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
use crate::text::{Source, Span, same_end, same_start};

/// The entries of the map that a text holds, by their keys.
#[derive(Debug)]
pub(crate) struct Outline {
    source: Arc<Source>,
    /// In the order of the keys.
    entries: Arc<[Entry]>,
}

/// The bytes of an entry: those of its key, and all up to where the next one begins.
#[derive(Clone, Debug)]
struct Entry {
    key: Range<usize>,
    all: Range<usize>,
}

impl Outline {
    /// Looks through a YAML text; none where that does not tell its entries for certain.
    pub(crate) fn of(source: &Arc<Source>) -> Option<Self> {
        Self::sorted(source, entries(source.text(), 0, false)?)
    }

    /// Looks through another text: of one that is much like this one no further than at the lines
    /// between those that both begin and end with.
    pub(crate) fn next(&self, source: &Arc<Source>) -> Option<Self> {
        let (old, new) = (self.source.text(), source.text());
        let (start, end) = same_lines(old.as_bytes(), new.as_bytes());
        let (old_end, new_end) = (old.len() - end, new.len() - end);
        let mut last = None;
        let mut next = new.len();
        let mut kept: Vec<Entry> = Vec::with_capacity(self.entries.len() + 1);
        for entry in &*self.entries {
            if entry.all.start < start {
                kept.push(entry.clone());
                last = last.max(Some((entry.all.start, kept.len() - 1)));
            } else if entry.all.start >= old_end {
                let shifted = |range: &Range<usize>| {
                    range.start - old_end + new_end..range.end - old_end + new_end
                };
                let [key, all] = [&entry.key, &entry.all].map(shifted);
                next = next.min(all.start);
                kept.push(Entry { key, all });
            }
        }
        let mut changed = entries(&new[start..new_end], start, last.is_some())?;
        if last.is_none() && changed.is_empty() {
            // What the lines at the end belong to may be gone.
            return Self::of(source);
        }
        if let Some((_, last)) = last {
            kept[last].all.end = changed.first().map_or(next, |entry| entry.all.start);
        }
        if let Some(last) = changed.last_mut() {
            last.all.end = next;
        }
        kept.extend(changed);
        Self::sorted(source, kept)
    }

    /// Sorts entries by their keys; none where two have the same.
    fn sorted(source: &Arc<Source>, mut entries: Vec<Entry>) -> Option<Self> {
        let text = source.text().as_bytes();
        let key = |entry: &Entry| &text[entry.key.clone()];
        // Mostly they are sorted but for a few at the end.
        entries.sort_by(|a, b| key(a).cmp(key(b)));
        if entries
            .windows(2)
            .any(|pair| key(&pair[0]) == key(&pair[1]))
        {
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

/// Says how many bytes of whole lines two texts begin with, and end with behind them.
fn same_lines(one: &[u8], other: &[u8]) -> (usize, usize) {
    let start = same_start(one, other);
    let start = one[..start].rfind_byte(b'\n').map_or(0, |at| at + 1);
    let [one, other] = [one, other].map(|text| &text[start..]);
    let end = same_end(one, other);
    let rest = &one[one.len() - end..];
    (
        start,
        rest.find_byte(b'\n').map_or(0, |at| rest.len() - at - 1),
    )
}

/// Finds the entries in some lines that begin at an offset, in their order; none where the lines do
/// not tell for certain. Before them there may be an entry, which they go on with.
fn entries(lines: &str, offset: usize, mut goes_on: bool) -> Option<Vec<Entry>> {
    if !lines.is_ascii() && !lines.chars().all(plain::is_usual) {
        return None;
    }
    let mut entries: Vec<Entry> = Vec::new();
    let mut start = offset;
    for line in lines.as_bytes().split_inclusive(|byte| *byte == b'\n') {
        let end = start + line.len();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        match line {
            [] | [b'#', ..] => {}
            [first, ..] if first.is_ascii_alphabetic() || *first == b'_' => {
                entries.push(Entry {
                    key: start..start + key_length(line)?,
                    all: start..end,
                });
                goes_on = true;
            }
            [b' ', ..] | [b'-'] | [b'-', b' ', ..] if goes_on => {}
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
    Some(entries)
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
