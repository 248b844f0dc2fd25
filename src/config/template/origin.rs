//! Which byte of a rendered text comes from which byte of which template.
//!
//! The engine writes the parts of a text that are no tags straight from where it keeps that text,
//! so the address of what is written says which part it is; nothing is put into the text, and
//! nothing that a template does to texts can disturb it. What a tag writes stands between two such
//! parts.

use std::io;
use std::sync::Arc;

use super::trees::Loaded;
use crate::document::{Entry, Kind, Value};
use crate::report::Location;
use crate::text::{Source, Span};

/// How long a text may become.
const LONGEST: usize = 4 << 20;

/// How many parts a text may be written in.
const MOST_PARTS: usize = 1 << 20;

/// Takes what the engine writes, with the address that each part was written from.
#[derive(Default)]
pub(super) struct Recorder {
    text: Vec<u8>,
    parts: Vec<(usize, u32)>,
    pub(super) is_full: bool,
}

impl Recorder {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }
}

impl io::Write for Recorder {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if part.len() > LONGEST - self.text.len() || self.parts.len() == MOST_PARTS {
            self.is_full = true;
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        if !part.is_empty() {
            self.parts
                .push((part.as_ptr().addr(), narrow(self.text.len())));
            self.text.extend_from_slice(part);
        }
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where the engine keeps the text of a template.
#[derive(Clone, Default)]
pub(super) struct Kept {
    address: usize,
    text: String,
    /// Where the text begins in its file.
    shift: u32,
}

impl Kept {
    pub(super) fn of(text: &str, loaded: &Loaded) -> Self {
        Self {
            address: text.as_ptr().addr(),
            text: text.to_owned(),
            shift: loaded.shift,
        }
    }
}

/// For every part of a rendered text, where it was written.
pub(super) struct Origins {
    pieces: Vec<Piece>,
}

struct Piece {
    start: u32,
    source: u16,
    at: Span,
    /// Whether the text stands in the template as it is here.
    as_is: bool,
}

/// A part of a text: which one, from where to where.
type Raw = (usize, usize, usize);

impl Origins {
    pub(super) fn of(recorder: &Recorder, kept: &[Kept]) -> Self {
        let ends = recorder.parts.iter().skip(1).map(|(_, start)| *start);
        let ends = ends.chain([narrow(recorder.text.len())]);
        let raw: Vec<Option<Raw>> = recorder
            .parts
            .iter()
            .zip(ends)
            .map(|(&(address, start), end)| {
                let length = (end - start) as usize;
                kept.iter().enumerate().find_map(|(number, kept)| {
                    let from = address.checked_sub(kept.address)?;
                    let to = from + length;
                    (to <= kept.text.len()).then_some((number, from, to))
                })
            })
            .collect();
        let mut origins = Self { pieces: Vec::new() };
        let mut before: Option<Raw> = None;
        let mut at = 0;
        while let Some((_, start)) = recorder.parts.get(at) {
            if let Some(raw) = raw[at] {
                origins.push(kept, *start, raw, true);
                before = Some(raw);
                at += 1;
                continue;
            }
            let many = raw[at..].iter().take_while(|raw| raw.is_none()).count();
            let after = raw.get(at + many).copied().flatten();
            origins.push(kept, *start, tag(kept, before, after), false);
            at += many;
        }
        origins
    }

    fn push(&mut self, kept: &[Kept], start: u32, (number, from, to): Raw, as_is: bool) {
        let shift = kept.get(number).map_or(0, |kept| kept.shift);
        self.pieces.push(Piece {
            start,
            source: u16::try_from(number).unwrap_or(u16::MAX),
            at: Span::new(narrow(from) + shift, narrow(to) + shift),
            as_is,
        });
    }

    fn piece(&self, offset: u32) -> Option<(usize, &Piece)> {
        let behind = self.pieces.partition_point(|piece| piece.start <= offset);
        let number = behind.checked_sub(1)?;
        Some((number, &self.pieces[number]))
    }

    /// Leads a span of the rendered text back: which text, and where.
    fn span(&self, span: Span) -> (u16, Span) {
        let Some((_, first)) = self.piece(span.start) else {
            return (0, Span::at(0));
        };
        let place = |piece: &Piece, offset: u32, at_end: bool| match (piece.as_is, at_end) {
            (true, _) => (piece.at.start + (offset - piece.start)).min(piece.at.end),
            (false, false) => piece.at.start,
            (false, true) => piece.at.end,
        };
        let from = place(first, span.start, false);
        if span.end <= span.start {
            return (first.source, Span::at(from));
        }
        let last = self.piece(span.end - 1).map(|(_, last)| last);
        let to = last
            .filter(|last| last.source == first.source)
            .map(|last| place(last, span.end, true))
            .filter(|to| *to >= from);
        (first.source, Span::new(from, to.unwrap_or(first.at.end)))
    }

    /// Says whether a tag wrote some of a span.
    fn has_written(&self, span: Span) -> bool {
        let Some((first, _)) = self.piece(span.start) else {
            return false;
        };
        let pieces = self.pieces[first..].iter();
        pieces
            .take_while(|piece| piece.start < span.end.max(span.start + 1))
            .any(|piece| !piece.as_is)
    }
}

/// Finds the tag that wrote what stands between two parts of texts.
fn tag(kept: &[Kept], before: Option<Raw>, after: Option<Raw>) -> Raw {
    let tag_at = |number: usize, from: usize| {
        let rest = kept[number].text.get(from..).unwrap_or_default();
        let length = rest.find("}}").map_or(0, |end| end + 2);
        (number, from, from + length)
    };
    let (number, from) = before.map_or((0, 0), |(number, _, to)| (number, to));
    let text = kept.get(number).map_or("", |kept| kept.text.as_str());
    let rest = text.get(from..).unwrap_or_default();
    let here = from + (rest.len() - rest.trim_start().len());
    if rest.trim_start().starts_with("{{") {
        return tag_at(number, here);
    }
    // What a filter or a called macro makes of a text is written by its own tag.
    let statement = rest.trim_start().strip_prefix("{%").unwrap_or_default();
    let word = statement.trim_start_matches(['-', '+', ' ', '\t']);
    let writes = ["filter", "call"].iter().any(|tag| word.starts_with(tag));
    if let Some((after, start, _)) = after.filter(|_| !writes) {
        let above = kept[after].text.get(..start).unwrap_or_default().trim_end();
        if above.ends_with("}}")
            && let Some(open) = above.rfind("{{")
        {
            return tag_at(after, open);
        }
        let between = (after == number).then(|| text.get(from..start)).flatten();
        if let Some(open) = between.and_then(|between| between.find("{{")) {
            return tag_at(number, from + open);
        }
    }
    if after.is_none()
        && !writes
        && let Some(open) = rest.find("{{")
    {
        return tag_at(number, from + open);
    }
    let end = rest
        .trim_start()
        .find("%}")
        .map_or(here, |end| here + end + 2);
    (number, here, end)
}

/// Leads what was read of a rendered text back to the templates.
pub(super) struct Back<'a> {
    pub(super) rendered: &'a Arc<Source>,
    pub(super) origins: &'a Origins,
    pub(super) sources: &'a [Loaded],
}

impl Back<'_> {
    /// Leads a place back. One of another text stays as it is.
    pub(super) fn location(&self, location: &Location) -> Location {
        if !Arc::ptr_eq(&location.source, self.rendered) {
            return location.clone();
        }
        let (number, span) = self.origins.span(location.span);
        let source = self.sources.get(usize::from(number));
        let source = source.map_or(&self.sources[0].source, |loaded| &loaded.source);
        Location {
            source: Arc::clone(source),
            span,
            ..location.clone()
        }
    }

    /// Gives the line that a place of the rendered text stands in, where a tag wrote some of it.
    pub(super) fn written_line(&self, location: &Location) -> Option<&str> {
        let line = location.start().line;
        let span = self.rendered.line_span(line);
        self.origins
            .has_written(span)
            .then(|| self.rendered.line(line))
    }

    /// Leads a value back, with all below it: each says by its layer which text its span is of.
    pub(super) fn value(&self, value: &Value) -> Value {
        let (layer, span) = self.origins.span(value.span);
        let kind = match &value.kind {
            Kind::Array(items) => Kind::Array(items.iter().map(|item| self.value(item)).collect()),
            Kind::Object(map) => {
                let entries = map.entries().map(|(key, entry)| {
                    let (layer, at) = self.origins.span(entry.key);
                    let mut value = self.value(&entry.value);
                    // A key and its value are shown in one text: the key's.
                    if value.layer != layer {
                        (value.layer, value.span) = (layer, at);
                    }
                    (key.clone(), Entry { key: at, value })
                });
                Kind::Object(entries.collect())
            }
            scalar => scalar.clone(),
        };
        Value {
            kind,
            span,
            layer,
            tag: value.tag.clone(),
        }
    }
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
