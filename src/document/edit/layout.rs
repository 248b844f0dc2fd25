//! How a document is written: where its entries stand, apart from what they say.

use granit_parser::{Event, Parser, ScalarStyle, Span as Range, StructureStyle, options};
use smol_str::SmolStr;

use super::scan::Scan;
use crate::text::Span;

/// A value as it is written.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it starts, with its anchor and tag.
    pub(super) outer: usize,
    /// Where it starts, without them.
    pub(super) start: usize,
    /// Where it ends; a block ends with the comments that are indented in it.
    pub(super) end: usize,
    pub(super) shape: Shape,
    /// The number of its anchor; 0 is none.
    pub(super) anchor: usize,
    pub(super) tagged: bool,
}

#[derive(Debug)]
pub(super) enum Shape {
    /// A scalar, and what it is quoted with.
    Scalar(Quotes),
    /// The number of the anchor that is repeated.
    Alias(usize),
    Map(Group),
    List(Group),
    /// Something that is only written anew as a whole.
    Odd,
}

/// What a scalar is marked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    None,
    Single,
    Double,
    /// `|` or `>`.
    Block,
}

/// The entries of a map, or the items of a list.
#[derive(Debug)]
pub(super) struct Group {
    /// Whether it stands in brackets.
    pub(super) flow: bool,
    pub(super) slots: Vec<Slot>,
}

/// An entry of a map, or an item of a list.
#[derive(Debug)]
pub(super) struct Slot {
    /// Where it starts: at its key, its dash, or its value in brackets.
    pub(super) start: usize,
    pub(super) key: Option<Key>,
    /// Behind the colon or the dash.
    pub(super) colon: usize,
    pub(super) value: Node,
    /// Where it ends: in a block before a line end, with the comment beside it and those
    /// indented below it.
    pub(super) tail: usize,
}

#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: SmolStr,
    pub(super) span: Span,
    pub(super) quotes: Quotes,
    /// Whether it is `<<`.
    pub(super) merge: bool,
}

impl Node {
    pub(super) fn group(&self) -> Option<&Group> {
        match &self.shape {
            Shape::Map(group) | Shape::List(group) => Some(group),
            _ => None,
        }
    }

    pub(super) fn is_block(&self) -> bool {
        self.group().is_some_and(|group| !group.flow)
    }

    /// Says whether something is written at all.
    pub(super) fn is_written(&self) -> bool {
        self.end > self.outer
    }
}

impl Slot {
    /// Says whether it is the one that a span of a key, or of an item, is of.
    pub(super) fn is_at(&self, key: Span) -> bool {
        self.key.as_ref().is_some_and(|it| it.span == key)
    }
}

/// Reads how the documents of a YAML text are written; each with its number, from 0. Those that
/// are broken are left out.
pub(super) fn of_yaml(scan: Scan<'_>, depth: usize) -> Vec<(usize, Option<Node>)> {
    let options = options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        flow_nesting_limit: depth.saturating_add(1),
        block_nesting_limit: depth.saturating_add(1),
    };
    let mut reader = Reader {
        scan,
        parser: Parser::new_from_str_with_options(scan.text, options),
    };
    let mut documents = Vec::new();
    let mut begun = 0;
    while let Some(Ok((event, range))) = reader.parser.next_event() {
        if let Event::DocumentStart(..) = event {
            let from = bytes(&range).1;
            let root = reader.next().and_then(|next| reader.node(next, from));
            documents.push((begun, root));
            begun += 1;
        }
    }
    documents
}

struct Reader<'t> {
    scan: Scan<'t>,
    parser: Parser<'t, granit_parser::StrInput<'t>>,
}

type Next<'t> = (Event<'t>, Range);

fn bytes(range: &Range) -> (usize, usize) {
    let range = range.byte_range().unwrap_or_default();
    (range.start, range.end)
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<Next<'t>> {
        self.parser.next_event()?.ok()
    }

    /// Reads a value that stands somewhere behind `from`; `None` where the text ends too early.
    fn node(&mut self, (event, range): Next<'t>, from: usize) -> Option<Node> {
        let (start, end) = bytes(&range);
        let node = |outer, start, end, shape, anchor, tagged| Node {
            outer,
            start,
            end,
            shape,
            anchor,
            tagged,
        };
        Some(match event {
            Event::Scalar(_, style, anchor, tag) => {
                let marked = anchor != 0 || tag.is_some();
                if style == ScalarStyle::Plain && start == end {
                    let (outer, end) = match marked {
                        true => (self.scan.skip(from), self.properties(self.scan.skip(from))),
                        false => (from, from),
                    };
                    let shape = Shape::Scalar(Quotes::None);
                    return Some(node(outer, end, end, shape, anchor, tag.is_some()));
                }
                let outer = if marked { self.scan.skip(from) } else { start };
                let quotes = match style {
                    ScalarStyle::Plain => Quotes::None,
                    ScalarStyle::SingleQuoted => Quotes::Single,
                    ScalarStyle::DoubleQuoted => Quotes::Double,
                    _ => {
                        let outer = self.scan.skip(from);
                        let header = self.scan.skip(self.properties(outer));
                        let end = self.block_end(header, end);
                        let shape = Shape::Scalar(Quotes::Block);
                        return Some(node(outer, header, end, shape, anchor, tag.is_some()));
                    }
                };
                node(
                    outer,
                    start,
                    end,
                    Shape::Scalar(quotes),
                    anchor,
                    tag.is_some(),
                )
            }
            Event::Alias(id) => node(start, start, end, Shape::Alias(id), 0, false),
            Event::MappingStart(style, anchor, tag) => {
                let marked = anchor != 0 || tag.is_some();
                let outer = if marked { self.scan.skip(from) } else { start };
                let flow = style == StructureStyle::Flow;
                let (shape, end) = self.map(start, end, flow)?;
                node(outer, start, end, shape, anchor, tag.is_some())
            }
            Event::SequenceStart(style, anchor, tag) => {
                let marked = anchor != 0 || tag.is_some();
                let flow = style == StructureStyle::Flow;
                // The event of a list under a key in the same column stands behind its dash.
                let first = match (flow, marked) {
                    (true, _) => start,
                    (_, true) => self.scan.skip(self.properties(self.scan.skip(from))),
                    _ => self.scan.skip(from),
                };
                let outer = if marked { self.scan.skip(from) } else { first };
                let (shape, end) = self.list(first, end, flow)?;
                node(outer, first, end, shape, anchor, tag.is_some())
            }
            _ => return None,
        })
    }

    /// Passes over an anchor and a tag.
    fn properties(&self, mut at: usize) -> usize {
        let mut end = at;
        while matches!(self.scan.byte(at), Some(b'&' | b'!')) {
            let verbatim = self.scan.text[at..].starts_with("!<");
            while let Some(byte) = self.scan.byte(at) {
                let stops = match verbatim {
                    true => byte == b'>',
                    false => matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' | b'}'),
                };
                if stops {
                    at += usize::from(verbatim);
                    break;
                }
                at += 1;
            }
            end = at;
            at = self.scan.skip(at);
        }
        end
    }

    /// Finds where a block scalar ends, before its last line end: blank lines behind it are its
    /// own only where it keeps them.
    fn block_end(&self, header: usize, end: usize) -> usize {
        let first = self.scan.line_end(header);
        let keeps = self.scan.text[header..first]
            .split('#')
            .next()
            .is_some_and(|header| header.contains('+'));
        let end = end.max(first);
        let body = &self.scan.text[first..end];
        let body = match keeps {
            true => body
                .strip_suffix('\n')
                .map_or(body, |b| b.strip_suffix('\r').unwrap_or(b)),
            false => body.trim_end_matches([' ', '\t', '\r', '\n']),
        };
        first + body.len()
    }

    fn map(&mut self, start: usize, inside: usize, flow: bool) -> Option<(Shape, usize)> {
        let mut odd = flow && self.scan.byte(start) != Some(b'{');
        let mut at = if flow { inside.max(start + 1) } else { start };
        let mut slots = Vec::new();
        let end = loop {
            let (event, range) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                break bytes(&range).1;
            }
            let begin = self.scan.skip(at);
            let text = match &event {
                Event::Scalar(text, ScalarStyle::Plain, 0, None)
                    if bytes(&range).0 == bytes(&range).1 =>
                {
                    odd = true;
                    Some(text.to_string())
                }
                Event::Scalar(text, _, 0, None) => Some(text.to_string()),
                _ => None,
            };
            let key = self.node((event, range), at)?;
            let quotes = match key.shape {
                Shape::Scalar(quotes) => quotes,
                _ => Quotes::None,
            };
            odd |= text.is_none() || quotes == Quotes::Block;
            let colon = self.scan.skip(key.end);
            let has_colon = self.scan.byte(colon) == Some(b':');
            odd |= !has_colon;
            let colon = if has_colon { colon + 1 } else { key.end };
            let next = self.next()?;
            let value = self.node(next, colon)?;
            at = value.end;
            let tail = if flow {
                at
            } else {
                self.tail(at, self.scan.column(begin))
            };
            if flow {
                let comma = self.scan.skip(at);
                at = comma + usize::from(self.scan.byte(comma) == Some(b','));
            } else {
                at = tail;
            }
            let name = SmolStr::from(text.unwrap_or_default());
            let merge = quotes == Quotes::None && name == "<<";
            slots.push(Slot {
                start: begin,
                key: Some(Key {
                    name,
                    span: Span::new(small(key.start), small(key.end)),
                    quotes,
                    merge,
                }),
                colon,
                value,
                tail,
            });
        };
        Some(self.close(Shape::Map(Group { flow, slots }), odd, end))
    }

    fn list(&mut self, start: usize, inside: usize, flow: bool) -> Option<(Shape, usize)> {
        let mut odd = self.scan.byte(start) != Some(if flow { b'[' } else { b'-' });
        let mut at = if flow { inside.max(start + 1) } else { start };
        let mut slots = Vec::new();
        let end = loop {
            let (event, range) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                break bytes(&range).1;
            }
            let begin = self.scan.skip(at);
            odd |= !flow && self.scan.byte(begin) != Some(b'-');
            let colon = if flow { at } else { begin + 1 };
            let value = self.node((event, range), colon)?;
            at = value.end;
            let (start, tail) = if flow {
                let comma = self.scan.skip(at);
                let tail = at;
                at = comma + usize::from(self.scan.byte(comma) == Some(b','));
                (value.outer, tail)
            } else {
                at = self.tail(at, self.scan.column(begin));
                (begin, at)
            };
            slots.push(Slot {
                start,
                key: None,
                colon,
                value,
                tail,
            });
        };
        Some(self.close(Shape::List(Group { flow, slots }), odd, end))
    }

    fn close(&self, shape: Shape, odd: bool, end: usize) -> (Shape, usize) {
        let (group, flow) = match &shape {
            Shape::Map(group) | Shape::List(group) => (group, group.flow),
            _ => return (shape, end),
        };
        let last = group.slots.last().map_or(end, |slot| slot.tail);
        let end = if flow { end } else { last };
        if odd { (Shape::Odd, end) } else { (shape, end) }
    }

    /// Finds where an entry of a block ends: with the comment in its last line, and the comments
    /// in lines of their own that are indented deeper than it is.
    fn tail(&self, end: usize, column: usize) -> usize {
        let mut tail = self.scan.line_end(end);
        let mut line = self.scan.next_line(end);
        while line < self.scan.text.len() {
            match self.scan.comment_line(line) {
                Some(indent) if indent > column => tail = self.scan.line_end(line),
                None if self.scan.is_blank(line) => {}
                _ => break,
            }
            line = self.scan.next_line(line);
        }
        tail
    }
}

fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
