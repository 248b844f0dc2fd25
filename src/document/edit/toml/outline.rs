//! What stands where in a TOML text: every table and entry, with the statements that make it.

use foldhash::HashMap;
use smol_str::SmolStr;

use super::super::super::{Kind, Value};
use super::scan::{Node, Scan, Shape, What};
use crate::text::Span;

/// The tables and entries of a text, the root first.
pub(super) struct Outline<'v> {
    pub(super) things: Vec<Thing<'v>>,
    /// What each statement makes.
    pub(super) made: Vec<usize>,
    /// The table whose section each statement stands in.
    pub(super) section: Vec<usize>,
    /// What has a key that starts here.
    pub(super) by_key: HashMap<u32, usize>,
    /// The tables whose header stands here.
    pub(super) by_header: HashMap<Span, usize>,
    /// The values inside lines, by place.
    pub(super) lines: HashMap<Span, (&'v Node, &'v Value)>,
}

/// A table or an entry.
pub(super) struct Thing<'v> {
    pub(super) parent: Option<usize>,
    /// Its name in the parent; empty for an item of a list.
    pub(super) name: SmolStr,
    pub(super) form: Form,
    pub(super) value: Option<&'v Value>,
    /// Where its key starts.
    pub(super) key: Option<u32>,
    pub(super) children: HashMap<SmolStr, usize>,
    items: Vec<usize>,
}

/// How a thing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Root,
    /// By a header: `[x]`, or `[[x]]` for an item.
    Header(usize),
    /// By the headers of what stands below it.
    Implied,
    /// By keys with dots.
    Dotted,
    /// As a list of `[[x]]`.
    Tables,
    /// As `x = …`.
    Pair(usize),
}

impl<'v> Outline<'v> {
    pub(super) fn new(scan: &'v Scan<'_>, root: &'v Value) -> Option<Self> {
        let mut outline = Self {
            things: Vec::new(),
            made: Vec::new(),
            section: Vec::new(),
            by_key: HashMap::default(),
            by_header: HashMap::default(),
            lines: HashMap::default(),
        };
        outline.add(None, SmolStr::default(), Form::Root);
        let mut section = 0;
        for (index, statement) in scan.statements.iter().enumerate() {
            let (last, above) = statement.keys.split_last()?;
            let is_pair = matches!(statement.what, What::Pair(_));
            let mut at = if is_pair { section } else { 0 };
            for key in above {
                let form = if is_pair { Form::Dotted } else { Form::Implied };
                at = outline.below(at, &key.name, form);
                // Behind `[[x]]`, the name `x` means its last item.
                at = outline.things[at].items.last().copied().unwrap_or(at);
            }
            let made = match statement.what {
                What::Pair(_) => outline.add(Some(at), last.name.clone(), Form::Pair(index)),
                What::Table => {
                    let table = outline.below(at, &last.name, Form::Header(index));
                    outline.things[table].form = Form::Header(index);
                    table
                }
                What::Item => {
                    let list = outline.below(at, &last.name, Form::Tables);
                    let item = outline.add(Some(list), SmolStr::default(), Form::Header(index));
                    outline.things[list].items.push(item);
                    item
                }
            };
            if !is_pair {
                section = made;
            }
            outline.made.push(made);
            outline.section.push(section);
        }
        outline.attach(scan, 0, root)?;
        Some(outline)
    }

    fn add(&mut self, parent: Option<usize>, name: SmolStr, form: Form) -> usize {
        let thing = self.things.len();
        if let Some(parent) = parent {
            self.things[parent].children.insert(name.clone(), thing);
        }
        self.things.push(Thing {
            parent,
            name,
            form,
            value: None,
            key: None,
            children: HashMap::default(),
            items: Vec::new(),
        });
        thing
    }

    fn below(&mut self, at: usize, name: &SmolStr, form: Form) -> usize {
        match self.things[at].children.get(name) {
            Some(&known) => known,
            None => self.add(Some(at), name.clone(), form),
        }
    }

    /// Joins the things with the values read from them; `None` where they do not fit.
    fn attach(&mut self, scan: &'v Scan<'_>, thing: usize, value: &'v Value) -> Option<()> {
        self.things[thing].value = Some(value);
        match (self.things[thing].form, &value.kind) {
            (Form::Pair(statement), _) => {
                let What::Pair(node) = &scan.statements[statement].what else {
                    return None;
                };
                self.line(node, value);
            }
            (Form::Tables, Kind::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let thing = *self.things[thing].items.get(index)?;
                    self.attach(scan, thing, item)?;
                }
            }
            (_, Kind::Object(map)) => {
                if let Form::Header(statement) = self.things[thing].form
                    && value.span.start as usize == scan.statements[statement].body.start
                {
                    self.by_header.insert(value.span, thing);
                }
                for (name, entry) in map.entries() {
                    let child = *self.things[thing].children.get(name)?;
                    self.things[child].key = Some(entry.key.start);
                    self.by_key.insert(entry.key.start, child);
                    self.attach(scan, child, &entry.value)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn line(&mut self, node: &'v Node, value: &'v Value) {
        self.lines.insert(value.span, (node, value));
        match (&node.shape, &value.kind) {
            (Shape::List(parts), Kind::Array(items)) => {
                for (part, item) in parts.iter().zip(items) {
                    self.line(&part.node, item);
                }
            }
            (Shape::Map(parts), _) => {
                for part in parts {
                    let inner = part
                        .keys
                        .iter()
                        .try_fold(value, |at, key| at.get(&key.name));
                    if let Some(inner) = inner {
                        self.line(&part.node, inner);
                    }
                }
            }
            _ => {}
        }
    }
}
