use std::borrow::Cow;
use std::sync::Arc;

use granit_parser::{Event, ScalarStyle, Span as Range, Tag};
use smol_str::SmolStr;

use super::super::fault::{DOCUMENT_LIMIT, FINDINGS_KEPT, duplicate_key, span, too_deep};
use super::super::{Entry, Kind, Limits, Map, Value};
use super::anchor::{Alias, Anchors, Copy, RECURSIVE_ALIAS, UNKNOWN_ALIAS};
use super::frame::{Body, Frame, Key, Node};
use super::merge::{MERGE_VALUE, merge};
use super::scalar;
use super::tag::{self, TAG_MISMATCH, is_merge_tag};
use crate::report::{Finding, Location, Rule, Severity};
use crate::text::{Pointer, Source, Span};

/// A list or a map used as a key.
pub static COMPLEX_KEY: Rule = Rule {
    id: "complex-key",
    severity: Severity::Error,
    summary: "a list or a map is used as a key",
    docs: "YAML allows any value as a key, JSON and nearly every program only text. Such an \
        entry has no name to look it up by, and is left out.\n\
        \n\
        ```yaml\n\
        ? [eu, west]        # a list as key\n\
        : replicas: 3\n\
        image: {{ tag }}    # a template left unquoted reads as a map within a map\n\
        ```\n\
        \n\
        Use a text as key, or a list of maps; quote a template: `image: \"{{ tag }}\"`.",
};

/// Says that the rest of the document is not worth reading; the finding has been made.
pub(super) struct Stop;

/// Builds values from the parser's events, on a stack of its own.
pub(super) struct Builder<'a> {
    source: &'a Arc<Source>,
    limits: &'a Limits,
    frames: Vec<Frame>,
    root: Option<Value>,
    anchors: Anchors,
    /// Nodes of this file that stand in the text.
    written: usize,
    findings: Vec<Finding>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(source: &'a Arc<Source>, limits: &'a Limits) -> Self {
        Self {
            source,
            limits,
            frames: Vec::new(),
            root: None,
            anchors: Anchors::default(),
            written: 0,
            findings: Vec::new(),
        }
    }

    /// Ends a document, and gives its value.
    pub(super) fn finish(&mut self) -> Option<Value> {
        let root = self.root.take();
        self.abandon();
        root
    }

    /// Forgets the document begun.
    pub(super) fn abandon(&mut self) {
        self.frames.clear();
        self.root = None;
        self.anchors.forget();
    }

    pub(super) fn findings(self) -> Vec<Finding> {
        self.findings
    }

    pub(super) fn say(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_KEPT {
            self.findings.push(finding);
        }
    }

    /// Takes one event inside a document.
    pub(super) fn take(&mut self, event: Event<'_>, range: Range) -> Result<(), Stop> {
        let at = span_of(&range);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), at);
                Ok(())
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(Body::List(Vec::new()), anchor, tag, at)
            }
            Event::MappingStart(_, anchor, tag) => self.open(
                Body::Map {
                    map: Map::new(),
                    key: None,
                    merges: Vec::new(),
                },
                anchor,
                tag,
                at,
            ),
            Event::SequenceEnd | Event::MappingEnd => {
                self.close(at);
                Ok(())
            }
            Event::Alias(id) => self.alias(id, at),
            Event::UnresolvedAlias(_) => {
                // Its name may be a password that begins with `*`.
                let message = "no anchor of this name stands above this alias";
                let finding = self.finding(&UNKNOWN_ALIAS, message.to_owned(), at);
                self.say(finding.with_help(
                    "mark the value meant with `&` and the name, or put the text in quotation marks",
                ));
                self.stand_in(at);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: Span,
    ) {
        self.written += 1;
        let is_plain = style == ScalarStyle::Plain;
        // The parser writes `~` for a value left out.
        let text = if is_plain && at.is_empty() { "" } else { text };
        let expected = self.expected_key();
        let as_key = expected.is_some();
        let is_merge = as_key && is_plain && text == "<<" && tag.is_none_or(is_merge_tag);
        if let Some((end, key)) = expected
            && anchor == 0
            && !is_merge
        {
            // Nearly every key; the general way below gives the same.
            *end = at.end.max(*end);
            *key = Some(Key::Name(text.into(), at));
            return;
        }
        let mut node = Node {
            value: Value::new(Kind::Null, at),
            end: at.end,
            key: None,
            is_merge,
            height: 0,
            written: at,
        };
        if as_key || anchor != 0 {
            node.key = Some(text.into());
        }
        if !as_key || anchor != 0 {
            node.value.span = self.value_span(at);
            match tag {
                None if is_plain => node.value.kind = scalar::plain(text),
                None => node.value.kind = Kind::String(text.into()),
                Some(tag) => {
                    let read = tag::read(tag, text, is_plain);
                    self.mismatch(read.mismatch, node.value.span);
                    node.value.kind = read.kind;
                    node.value.tag = read.kept;
                }
            }
        }
        self.keep(anchor, &node, 1);
        self.put(node);
    }

    fn mismatch(&mut self, message: Option<String>, at: Span) {
        if let Some(message) = message {
            let finding = self.finding(&TAG_MISMATCH, message, at);
            self.say(finding.with_help("correct the value, or remove the tag"));
        }
    }

    /// An empty value stands right behind its key's colon, not before it.
    fn value_span(&self, at: Span) -> Span {
        let text = self.source.text().as_bytes();
        if at.is_empty() && text.get(at.start as usize) == Some(&b':') {
            Span::at(at.start + 1)
        } else {
            at
        }
    }

    fn open(
        &mut self,
        body: Body,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        at: Span,
    ) -> Result<(), Stop> {
        if self.frames.len() >= self.limits.depth {
            self.say(too_deep(self.source, at));
            return Err(Stop);
        }
        let is_list = matches!(body, Body::List(_));
        let (kept, mismatch) = tag::of_collection(tag.as_deref(), is_list);
        self.mismatch(mismatch, at);
        self.anchors.open(anchor);
        self.frames.push(Frame {
            body,
            start: at,
            end: at.end,
            anchor,
            tag: kept,
            nodes_before: self.nodes(),
            height: 0,
        });
        self.written += 1;
        Ok(())
    }

    fn close(&mut self, at: Span) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        // A block's end event stands at the next token; its last child says where it ends.
        let end = if at.is_empty() { frame.end } else { at.end };
        let kind = match frame.body {
            Body::List(items) => Kind::Array(items),
            Body::Map {
                mut map, merges, ..
            } => {
                for (key, from) in merges {
                    for (at, name) in merge(&mut map, from) {
                        self.wrong_merge(key, at, name);
                    }
                }
                Kind::Object(map)
            }
        };
        let written = Span::new(frame.start.start, end);
        let mut value = Value::new(kind, written);
        value.tag = frame.tag;
        let node = Node {
            value,
            end,
            key: None,
            is_merge: false,
            height: frame.height + 1,
            written,
        };
        let nodes = self.nodes() - frame.nodes_before;
        self.keep(frame.anchor, &node, nodes);
        self.put(node);
    }

    fn wrong_merge(&mut self, key: Span, at: Span, name: &str) {
        let finding = self
            .finding(
                &MERGE_VALUE,
                format!("`<<` needs a map to merge, or a list of maps, but this is a {name}"),
                key,
            )
            .with_related(Location::new(self.source, at).with_label("this value"));
        self.say(finding.with_help("name a map with an alias: `<<: *defaults`"));
    }

    /// Counts the nodes of this file's values so far.
    fn nodes(&self) -> usize {
        self.written + self.anchors.brought()
    }

    fn allowed(&self) -> usize {
        self.limits.copies.saturating_add(4 * self.written)
    }

    /// Keeps a copy of a node for the aliases of its anchor, if it has one.
    fn keep(&mut self, anchor: usize, node: &Node, nodes: usize) {
        if anchor != 0 {
            let allowed = self.allowed();
            let copy = || Copy {
                value: node.value.clone(),
                key: node.key.clone(),
                nodes,
                height: node.height,
            };
            self.anchors.keep(anchor, nodes, allowed, copy);
        }
    }

    fn alias(&mut self, id: usize, at: Span) -> Result<(), Stop> {
        self.written += 1;
        match self.anchors.bring(id, self.allowed()) {
            Alias::Node(copy) if self.frames.len() + copy.height > self.limits.depth => {
                self.say(too_deep(self.source, at));
                Err(Stop)
            }
            Alias::Node(copy) => {
                self.put(Node {
                    value: copy.value,
                    end: at.end,
                    key: copy.key,
                    is_merge: false,
                    height: copy.height,
                    written: at,
                });
                Ok(())
            }
            Alias::TooLarge => {
                let message = "the aliases of this document bring in too many values";
                let finding = self.finding(&DOCUMENT_LIMIT, message.to_owned(), at);
                self.say(finding.with_help("write the values out where they are needed"));
                Err(Stop)
            }
            Alias::Recursive => {
                let message = "this alias stands inside the value that it repeats";
                let finding = self.finding(&RECURSIVE_ALIAS, message.to_owned(), at);
                self.say(finding.with_help("refer to the value by a name instead"));
                self.stand_in(at);
                Ok(())
            }
        }
    }

    /// Puts null where a value is missing.
    fn stand_in(&mut self, at: Span) {
        self.put(Node {
            value: Value::new(Kind::Null, at),
            end: at.end,
            key: Some(SmolStr::default()),
            is_merge: false,
            height: 0,
            written: at,
        });
    }

    /// Gives the map that waits for its next key: where it ends so far, and the key's place.
    fn expected_key(&mut self) -> Option<(&mut u32, &mut Option<Key>)> {
        self.frames.last_mut().and_then(Frame::expected_key)
    }

    /// Puts a node where it belongs: the root, a list's next item, a map's next key or value.
    fn put(&mut self, node: Node) {
        if self.expected_key().is_some() {
            return self.put_key(node);
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node.value);
            return;
        };
        frame.end = frame.end.max(node.end);
        frame.height = frame.height.max(node.height);
        let (map, key, merges) = match &mut frame.body {
            Body::List(items) => return items.push(node.value),
            Body::Map { map, key, merges } => (map, key, merges),
        };
        match key.take() {
            Some(Key::Name(name, at)) => {
                let value = node.value;
                let entry = Entry { key: at, value };
                // The name is cloned (24 bytes, or a count) so that a repetition can be told.
                if let Some(first) = map.insert(name.clone(), entry)
                    && self.findings.len() < FINDINGS_KEPT
                {
                    let finding = duplicate_key(self.source, &name, first.key, at);
                    let pointer = self.pointer().join(name);
                    self.say(located(finding, pointer));
                }
            }
            Some(Key::Merge(at)) => {
                let first = merges.first().map(|(first, _)| *first);
                merges.push((at, node.value));
                if let Some(first) = first {
                    let finding = duplicate_key(self.source, "<<", first, at);
                    self.say(finding.with_help("merge a list: `<<: [*first, *second]`"));
                }
            }
            Some(Key::Unusable) | None => {}
        }
    }

    fn put_key(&mut self, node: Node) {
        let next = match node.key {
            Some(_) if node.is_merge => Key::Merge(node.written),
            Some(name) => Key::Name(name, node.written),
            None => {
                let what = node.value.type_name();
                let finding = self.finding(
                    &COMPLEX_KEY,
                    format!("a {what} is used as a key"),
                    node.written,
                );
                let text = self.source.slice(node.written);
                self.say(finding.with_help(if text.starts_with('{') {
                    "use a text as key; if this is a template, quote it: \"{{ … }}\""
                } else {
                    "use a text as key"
                }));
                Key::Unusable
            }
        };
        if let Some((end, key)) = self.expected_key() {
            *end = node.end.max(*end);
            *key = Some(next);
        }
    }

    /// Gives the place that the next value will stand at.
    fn pointer(&self) -> Pointer {
        Pointer::from_tokens(self.frames.iter().filter_map(Frame::next_token))
    }

    fn finding(&self, rule: &'static Rule, message: String, at: Span) -> Finding {
        let location = Location::new(self.source, at);
        located(Finding::new(rule, message, location), self.pointer())
    }
}

fn located(mut finding: Finding, pointer: Pointer) -> Finding {
    finding.location.pointer = Some(pointer);
    finding
}

fn span_of(range: &Range) -> Span {
    // A parser over a `str` always knows its bytes.
    let bytes = range.byte_range().unwrap_or_default();
    span(bytes.start, bytes.end)
}
