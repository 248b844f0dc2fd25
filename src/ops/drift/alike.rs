//! Versions that say the same of the values that matter, told without parsing both.

use std::cell::OnceCell;
use std::ops::RangeInclusive;
use std::sync::Arc;

use bstr::ByteSlice;

use crate::document::{Document, Format};
use crate::text::{Source, Span, same_end, same_start};

/// A version, with the places that say what the values that matter are.
pub(super) struct Said {
    text: Vec<u8>,
    source: Arc<Source>,
    format: Format,
    places: Vec<Span>,
    /// Their lines, once they are asked for: a single version is compared with no other.
    lines: OnceCell<Vec<RangeInclusive<usize>>>,
}

impl Said {
    /// Takes a version; none where the values may be said elsewhere, too: an alias repeats what
    /// stands somewhere else, and a table of TOML goes on behind its header.
    pub(super) fn of(document: &Document, places: Vec<Span>) -> Option<Self> {
        let text = document.source.text();
        let is_elsewhere = document.format == Format::Toml || text.contains('*');
        (!is_elsewhere).then(|| Self {
            text: text.into(),
            source: Arc::clone(&document.source),
            format: document.format,
            places,
            lines: OnceCell::new(),
        })
    }

    /// Takes another text that says the same, line by line.
    pub(super) fn with(self, text: Vec<u8>) -> Self {
        Self { text, ..self }
    }

    fn lines(&self) -> &[RangeInclusive<usize>] {
        self.lines.get_or_init(|| {
            let line = |at: u32| self.source.position(at).line as usize;
            let places = self.places.iter();
            places
                .map(|place| line(place.start)..=line(place.end))
                .collect()
        })
    }

    /// Says whether another text is this one but for single words in places that do not matter,
    /// so that it says the same of every value that does.
    pub(super) fn is_alike(&self, other: &[u8]) -> bool {
        let this = self.text.as_slice();
        let start = same_start(this, other);
        let end = same_end(&this[start..], &other[start..]);
        // To the ends of the lines.
        let start = this[..start].rfind_byte(b'\n').map_or(0, |at| at + 1);
        let rest = &this[this.len() - end..];
        let end = rest.find_byte(b'\n').map_or(0, |at| rest.len() - at);
        let first = 1 + this[..start].find_iter(b"\n").count();
        let (mut these, mut others) = (
            this[start..this.len() - end].split(|byte| *byte == b'\n'),
            other[start..other.len() - end].split(|byte| *byte == b'\n'),
        );
        let mut number = first;
        loop {
            match (these.next(), others.next()) {
                (None, None) => return true,
                (Some(this), Some(other)) => {
                    let matters = || self.lines().iter().any(|lines| lines.contains(&number));
                    if this != other && (matters() || !is_same_line(this, other, self.format)) {
                        return false;
                    }
                }
                _ => return false,
            }
            number += 1;
        }
    }
}

/// Says whether two lines differ in one value only, a single word without anything that means
/// something to a parser. Whatever the line is part of, a map, a list or a longer text, it is so
/// in both.
fn is_same_line(this: &[u8], other: &[u8], format: Format) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(byte);
    let mut start = same_start(this, other);
    while start > 0 && is_word(&this[start - 1]) {
        start -= 1;
    }
    let mut end = same_end(&this[start..], &other[start..]);
    while end > 0 && is_word(&this[this.len() - end]) {
        end -= 1;
    }
    let words = [
        &this[start..this.len() - end],
        &other[start..other.len() - end],
    ];
    let (before, after) = (&this[..start], &this[this.len() - end..]);
    let quoted = before.strip_suffix(b"\"");
    let bare = quoted.or_else(|| before.strip_suffix(b"'"));
    let is_value = bare.unwrap_or(before).ends_with(b": ");
    // What is before a colon is a key, whatever it looks like.
    let mut rest = after.iter().filter(|byte| !b"\"' \t".contains(byte));
    is_value
        && rest.next() != Some(&b':')
        // In JSON not every word is a value.
        && (quoted.is_some() || format != Format::Json)
        && words.iter().all(|word| {
            word.first().is_some_and(u8::is_ascii_alphanumeric) && word.iter().all(is_word)
        })
}

#[cfg(test)]
mod tests;
