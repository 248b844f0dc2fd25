//! A TOML text as the statements it is made of, each with every byte it stands in.

use std::ops::Range;

use smol_str::SmolStr;
use toml_parser::parser::{Event, EventKind, parse_document};
use toml_parser::{Raw, Source};

/// A text as statements, and what stands behind the last one.
pub(super) struct Scan<'t> {
    pub(super) text: &'t str,
    pub(super) statements: Vec<Statement>,
    /// Where the blank lines and comments behind the last statement start.
    pub(super) rest: usize,
}

/// A header or a pair, with the lines above it and the comment behind it.
pub(super) struct Statement {
    /// Where the blank lines and comments above it start.
    pub(super) start: usize,
    /// Where those start that belong to it: the comments right above.
    pub(super) own: usize,
    /// From the bracket or first key to the closing bracket or the value's end.
    pub(super) body: Range<usize>,
    /// Behind its line.
    pub(super) end: usize,
    /// The keys that its path is made of.
    pub(super) keys: Vec<Key>,
    pub(super) what: What,
    /// The comments at or behind `own`.
    pub(super) comments: Vec<Range<usize>>,
}

pub(super) enum What {
    /// `[a.b]`.
    Table,
    /// `[[a.b]]`.
    Item,
    /// `a.b = value`.
    Pair(Node),
}

/// One key of a path.
pub(super) struct Key {
    pub(super) name: SmolStr,
    pub(super) at: Range<usize>,
}

/// A value in a line.
pub(super) struct Node {
    pub(super) at: Range<usize>,
    pub(super) shape: Shape,
}

pub(super) enum Shape {
    Scalar,
    List(Vec<Part>),
    Map(Vec<Part>),
}

/// One item of a list, or one entry of a map, in a line.
pub(super) struct Part {
    /// Empty for the item of a list.
    pub(super) keys: Vec<Key>,
    /// From the first key, or the value's start, to the value's end.
    pub(super) at: Range<usize>,
    pub(super) node: Node,
    /// Where the comma behind it stands.
    pub(super) comma: Option<usize>,
}

impl<'t> Scan<'t> {
    /// Takes a text apart; `None` where it is no TOML.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let source = Source::new(text);
        let tokens = source.lex().into_vec();
        let mut events: Vec<Event> = Vec::with_capacity(tokens.len());
        let mut error = None;
        parse_document(&tokens, &mut |event: Event| events.push(event), &mut error);
        if error.is_some() {
            return None;
        }
        let mut reader = Reader {
            text,
            events: &events,
            next: 0,
        };
        let mut start = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let mut statements = Vec::new();
        let mut above = Vec::new();
        while let Some(event) = reader.peek() {
            match event.kind() {
                EventKind::Comment => {
                    above.push(range(&event));
                    reader.next += 1;
                }
                EventKind::Newline | EventKind::Whitespace => reader.next += 1,
                _ => {
                    let own = own(text, start, &above, event.span().start());
                    let first = reader.next;
                    let (keys, body, what) = reader.statement()?;
                    let end = reader.line_end(body.end);
                    let inside = events[first..reader.next].iter();
                    let inside = inside.filter(|event| event.kind() == EventKind::Comment);
                    above.retain(|comment: &Range<usize>| comment.start >= own);
                    above.extend(inside.map(range));
                    let comments = std::mem::take(&mut above);
                    statements.push(Statement {
                        start,
                        own,
                        body,
                        end,
                        keys,
                        what,
                        comments,
                    });
                    start = end;
                }
            }
        }
        Some(Self {
            text,
            statements,
            rest: start,
        })
    }
}

fn range(event: &Event) -> Range<usize> {
    event.span().start()..event.span().end()
}

/// Finds where the comments right above a statement start, no blank line between; at least the
/// start of its own line.
fn own(text: &str, start: usize, above: &[Range<usize>], body: usize) -> usize {
    let line = |at: usize| {
        text[start..at]
            .rfind('\n')
            .map_or(start, |end| start + end + 1)
    };
    let mut own = line(body);
    for comment in above.iter().rev() {
        let above_own = &text[comment.end..own];
        if above_own.matches('\n').count() != 1 {
            break;
        }
        own = line(comment.start);
    }
    own
}

struct Reader<'e> {
    text: &'e str,
    events: &'e [Event],
    next: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<Event> {
        self.events.get(self.next).copied()
    }

    /// Takes the next event that is no blank and no comment.
    fn take(&mut self) -> Option<Event> {
        loop {
            let event = self.peek()?;
            self.next += 1;
            let kind = event.kind();
            if !matches!(
                kind,
                EventKind::Whitespace | EventKind::Newline | EventKind::Comment
            ) {
                return Some(event);
            }
        }
    }

    fn statement(&mut self) -> Option<(Vec<Key>, Range<usize>, What)> {
        let first = self.take()?;
        let start = first.span().start();
        let what = match first.kind() {
            EventKind::StdTableOpen => What::Table,
            EventKind::ArrayTableOpen => What::Item,
            EventKind::SimpleKey => {
                let (keys, node) = self.pair(first)?;
                let body = start..node.at.end;
                return Some((keys, body, What::Pair(node)));
            }
            _ => return None,
        };
        let mut keys = Vec::new();
        loop {
            let event = self.take()?;
            match event.kind() {
                EventKind::SimpleKey => keys.push(self.key(event)),
                EventKind::KeySep => {}
                EventKind::StdTableClose | EventKind::ArrayTableClose => {
                    return Some((keys, start..event.span().end(), what));
                }
                _ => return None,
            }
        }
    }

    /// Reads a pair whose first key was taken.
    fn pair(&mut self, first: Event) -> Option<(Vec<Key>, Node)> {
        let mut keys = vec![self.key(first)];
        loop {
            let event = self.take()?;
            match event.kind() {
                EventKind::SimpleKey => keys.push(self.key(event)),
                EventKind::KeySep => {}
                EventKind::KeyValSep => break,
                _ => return None,
            }
        }
        let value = self.take()?;
        Some((keys, self.node(value)?))
    }

    fn key(&self, event: Event) -> Key {
        let at = range(&event);
        let raw = Raw::new_unchecked(&self.text[at.clone()], event.encoding(), event.span());
        let mut name = std::borrow::Cow::Borrowed("");
        raw.decode_key(&mut name, &mut ());
        Key {
            name: name.into(),
            at,
        }
    }

    fn node(&mut self, first: Event) -> Option<Node> {
        let (is_map, close) = match first.kind() {
            EventKind::Scalar => {
                return Some(Node {
                    at: range(&first),
                    shape: Shape::Scalar,
                });
            }
            EventKind::ArrayOpen => (false, EventKind::ArrayClose),
            EventKind::InlineTableOpen => (true, EventKind::InlineTableClose),
            _ => return None,
        };
        let mut parts: Vec<Part> = Vec::new();
        loop {
            let event = self.take()?;
            let start = event.span().start();
            if event.kind() == close {
                let at = first.span().start()..event.span().end();
                let shape = if is_map {
                    Shape::Map(parts)
                } else {
                    Shape::List(parts)
                };
                return Some(Node { at, shape });
            }
            if event.kind() == EventKind::ValueSep {
                parts.last_mut()?.comma = Some(start);
                continue;
            }
            let (keys, node) = match is_map {
                true => self.pair(event)?,
                false => (Vec::new(), self.node(event)?),
            };
            parts.push(Part {
                keys,
                at: start..node.at.end,
                node,
                comma: None,
            });
        }
    }

    /// Takes the rest of a statement's line, and gives where the next line starts.
    fn line_end(&mut self, body: usize) -> usize {
        let mut end = body;
        while let Some(event) = self.peek() {
            match event.kind() {
                EventKind::Whitespace | EventKind::Comment | EventKind::Newline => {}
                _ => break,
            }
            self.next += 1;
            end = event.span().end();
            if event.kind() == EventKind::Newline {
                break;
            }
        }
        end
    }
}
