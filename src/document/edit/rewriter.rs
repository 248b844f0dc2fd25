//! Finds the changes of a text that make it say what is intended.

use std::collections::HashMap;

use super::super::{Document, Format, Kind, Value};
use super::carry::Origins;
use super::layout::{Node, Shape, Slot};
use super::measure::{has_list_in_line, measure};
use super::render::{Place, Rendered};
use super::scan::Scan;
use super::{RewriteError, RewriteOptions, Rewritten, has_lines};
use crate::text::{Pointer, Span};

/// How much of a text is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// All that was not changed.
    Keep,
    /// The same, with every alias written out.
    WriteOut,
    /// Entries of the root that were not changed.
    Coarse,
}

/// A stretch of the text, and what to write in its place.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) text: String,
}

pub(super) type Edits = Vec<Edit>;

pub(super) struct Rewriter<'a> {
    pub(super) scan: Scan<'a>,
    pub(super) format: Format,
    pub(super) documents: &'a [Document],
    pub(super) nodes: &'a [Option<Node>],
    pub(super) intended: &'a [Value],
    pub(super) options: &'a RewriteOptions,
    pub(super) mode: Mode,
    /// How far things are indented.
    pub(super) step: usize,
    /// What they are indented with: JSON may have tabs.
    pub(super) blank: char,
    /// Whether short lists of plain values stand in one line in JSON.
    pub(super) lists_in_line: bool,
    /// How far the dashes of a list are indented below its key.
    pub(super) dash: usize,
    /// Where values and entries stood, once that is asked.
    pub(super) origins: Option<Origins<'a>>,
    /// What anchored values say now.
    pub(super) anchors: HashMap<usize, &'a Value, foldhash::fast::RandomState>,
    /// Whether what is written stands in brackets.
    pub(super) in_flow: bool,
    pub(super) refused: Option<Pointer>,
    pub(super) anew: Vec<(usize, Pointer)>,
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(
        scan: Scan<'a>,
        format: Format,
        documents: &'a [Document],
        nodes: &'a [Option<Node>],
        intended: &'a [Value],
        options: &'a RewriteOptions,
        mode: Mode,
    ) -> Self {
        let mut measured = (None, None);
        for node in nodes.iter().flatten() {
            let above = (format == Format::Json).then_some(0);
            measure(scan, node, above, &mut measured);
        }
        Self {
            scan,
            format,
            documents,
            nodes,
            intended,
            options,
            mode,
            step: measured.0.unwrap_or(2),
            blank: match format {
                Format::Json if scan.text.contains("\n\t") => '\t',
                _ => ' ',
            },
            lists_in_line: format == Format::Json
                && nodes.iter().flatten().any(|it| has_list_in_line(scan, it)),
            dash: measured.1.unwrap_or(2),
            origins: None,
            anchors: HashMap::default(),
            in_flow: false,
            refused: None,
            anew: Vec::new(),
        }
    }

    /// Gives what stands before what is indented so far.
    pub(super) fn indent(&self, column: usize) -> String {
        std::iter::repeat_n(self.blank, column).collect()
    }

    pub(super) fn run(&mut self) -> Result<Rewritten, RewriteError> {
        let mut edits = Edits::new();
        let (documents, nodes, intended) = (self.documents, self.nodes, self.intended);
        for ((document, node), new) in documents.iter().zip(nodes).zip(intended) {
            let old = &*document.root;
            if old == new {
                continue;
            }
            match node {
                Some(node) if self.mode == Mode::Coarse => {
                    self.coarse(document, node, new, &mut edits);
                }
                Some(node) => self.root(node, old, new, &mut edits),
                None => self.beginning(new, &mut edits),
            }
        }
        if let Some(at) = self.refused.take() {
            return Err(RewriteError::Shared { at });
        }
        Ok(Rewritten {
            text: self.finish(edits),
            anew: std::mem::take(&mut self.anew),
        })
    }

    /// Splices all changes in, with the line ends of the text.
    fn finish(&self, edits: Edits) -> String {
        let text = self.scan.text;
        let crlf = text.find('\n').is_some_and(|at| text[..at].ends_with('\r'));
        let mut out = String::with_capacity(text.len() + 256);
        let mut at = 0;
        for edit in ordered(edits) {
            if edit.from < at {
                continue; // it stands in something that is gone
            }
            out.push_str(&text[at..edit.from]);
            if crlf {
                out.push_str(&edit.text.replace("\r\n", "\n").replace('\n', "\r\n"));
            } else {
                out.push_str(&edit.text);
            }
            at = edit.to;
        }
        out.push_str(&text[at..]);
        let ended = text.is_empty() || text.ends_with('\n');
        if !ended && out.ends_with('\n') {
            out.truncate(out.trim_end_matches(['\r', '\n']).len());
        } else if ended && !out.is_empty() && !out.ends_with('\n') {
            out.push_str(if crlf { "\r\n" } else { "\n" });
        }
        out
    }

    fn root(&mut self, node: &'a Node, old: &'a Value, new: &'a Value, edits: &mut Edits) {
        if self.same(node, old, new, edits) {
            return;
        }
        self.say_odd(node, new);
        let rendered = self.render_root(new);
        if node.is_written() {
            edits.push(Edit {
                from: node.outer,
                to: node.end,
                text: rendered,
            });
        } else {
            self.begin_at(node.end, rendered, edits);
        }
    }

    /// Writes a text that said nothing.
    fn beginning(&mut self, new: &'a Value, edits: &mut Edits) {
        let rendered = self.render_root(new);
        self.begin_at(self.scan.text.len(), rendered, edits);
    }

    fn begin_at(&self, at: usize, rendered: String, edits: &mut Edits) {
        // Behind the comments that stand alone in a document.
        let at = self.scan.skip(at);
        let before = &self.scan.text[..at];
        let own_line = before.is_empty() || before.ends_with('\n') || at == self.scan.mark();
        let mut text = String::new();
        if !own_line {
            text.push('\n');
        }
        text.push_str(&rendered);
        if at < self.scan.text.len() {
            text.push('\n');
        }
        edits.push(Edit {
            from: at,
            to: at,
            text,
        });
    }

    fn render_root(&mut self, new: &'a Value) -> String {
        if self.format == Format::Json {
            return self.json(new, 0);
        }
        match self.render(new, Place::Root) {
            Rendered::Inline(text) | Rendered::Block(text) => text,
        }
    }

    /// Changes each entry of the root as a whole.
    fn coarse(
        &mut self,
        document: &'a Document,
        node: &'a Node,
        new: &'a Value,
        edits: &mut Edits,
    ) {
        let old = &*document.root;
        let before = edits.len();
        let (Some(from), Some(to), Some(group)) = (old.as_object(), new.as_object(), node.group())
        else {
            return self.root_anew(document, node, new, edits);
        };
        let known = |name: &str| {
            group.slots.iter().find(|slot| {
                slot.key
                    .as_ref()
                    .is_some_and(|key| key.name == name && !key.merge)
            })
        };
        let same_names = from.len() == to.len()
            && from.keys().zip(to.keys()).all(|(a, b)| a == b)
            && from.keys().all(|name| known(name).is_some());
        if !same_names || group.flow && self.format == Format::Yaml {
            return self.root_anew(document, node, new, edits);
        }
        for (name, value) in to.iter() {
            if from.get(name).is_some_and(|old| old == value) {
                continue;
            }
            if let Some(slot) = known(name) {
                self.replace(slot, value, group.flow, edits);
                self.anew
                    .push((document.index, Pointer::root().join(name.clone())));
            }
        }
        debug_assert!(edits.len() >= before);
    }

    fn root_anew(
        &mut self,
        document: &'a Document,
        node: &'a Node,
        new: &'a Value,
        edits: &mut Edits,
    ) {
        self.anew.push((document.index, Pointer::root()));
        let text = self.render_root(new);
        edits.push(Edit {
            from: node.outer,
            to: node.end,
            text,
        });
    }

    /// Changes a value in its place. Gives false where it must be written anew.
    pub(super) fn same(
        &mut self,
        node: &'a Node,
        old: &'a Value,
        new: &'a Value,
        edits: &mut Edits,
    ) -> bool {
        if let Shape::Alias(id) = node.shape {
            return self.alias(id, old, new);
        }
        if node.anchor != 0 {
            self.anchors.insert(node.anchor, new);
        }
        if old.tag != new.tag {
            return false;
        }
        match (&node.shape, &old.kind, &new.kind) {
            (Shape::Odd, ..) => old == new,
            (Shape::Map(_), Kind::Object(_), Kind::Object(_))
            | (Shape::List(_), Kind::Array(_), Kind::Array(_)) => {
                let stays = new.span == old.span || new.span == Span::default();
                if !stays && old == new {
                    return true;
                }
                stays && has_lines(new) == has_lines(old) && self.group(node, old, new, edits)
            }
            (Shape::Scalar(quotes), ..) => {
                if old == new {
                    return true;
                }
                if has_lines(new) || !node.is_written() || node.start == node.end {
                    return false;
                }
                let Some(text) = self.scalar_like(new, *quotes) else {
                    return false;
                };
                edits.push(Edit {
                    from: node.start,
                    to: node.end,
                    text,
                });
                true
            }
            _ => false,
        }
    }

    /// Says whether an alias may stay: where what it repeats says what it should.
    fn alias(&mut self, id: usize, old: &'a Value, new: &'a Value) -> bool {
        if self.mode != Mode::Keep {
            return false;
        }
        let repeated = self.anchors.get(&id).copied().unwrap_or(old);
        let stays = repeated == new;
        if !stays && old == new && self.options.refuse_shared && self.refused.is_none() {
            self.refused = Some(self.place_of(new).1);
        }
        stays
    }

    /// Finds where a value stands in what is intended.
    fn place_of(&self, value: &Value) -> (usize, Pointer) {
        fn find(at: &Value, value: &Value, path: &Pointer) -> Option<Pointer> {
            if std::ptr::eq(at, value) {
                return Some(path.clone());
            }
            match &at.kind {
                Kind::Array(items) => items
                    .iter()
                    .enumerate()
                    .find_map(|(index, item)| find(item, value, &path.join(index.to_string()))),
                Kind::Object(map) => map
                    .iter()
                    .find_map(|(name, item)| find(item, value, &path.join(name.clone()))),
                _ => None,
            }
        }
        let mut roots = self.intended.iter().zip(self.documents);
        let found = roots.find_map(|(root, document)| {
            Some((document.index, find(root, value, &Pointer::root())?))
        });
        found.unwrap_or_default()
    }

    /// Changes the value of an entry or item, in its place or by writing it anew.
    pub(super) fn value(
        &mut self,
        slot: &'a Slot,
        old: &'a Value,
        new: &'a Value,
        flow: bool,
        edits: &mut Edits,
    ) {
        let before = edits.len();
        let outside = std::mem::replace(&mut self.in_flow, flow);
        let same = self.same(&slot.value, old, new, edits);
        self.in_flow = outside;
        if !same {
            edits.truncate(before);
            self.say_odd(&slot.value, new);
            self.replace(slot, new, flow, edits);
        }
    }

    /// Notes that something is written anew whose style is not understood.
    fn say_odd(&mut self, node: &Node, new: &Value) {
        if matches!(node.shape, Shape::Odd) {
            let place = self.place_of(new);
            self.anew.push(place);
        }
    }
}

/// Puts changes in the order of the text; those at one place stay in the order they were made.
pub(super) fn ordered(mut edits: Edits) -> Edits {
    edits.sort_by_key(|edit| (edit.from, edit.to));
    edits
}
