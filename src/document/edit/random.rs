//! Random texts in every style, and random changes of what they say.

use proptest::prelude::*;
use proptest::sample::Index;

use super::tests::read;
use super::*;
use crate::document::{Entry, Map};
use crate::text::Span;

/// A shape to write a text from.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(&'static str),
    Map(Vec<Self>, Style),
    List(Vec<Self>, Style),
}

#[derive(Clone, Copy, Debug)]
struct Style {
    flow: bool,
    lines: bool,
    above: bool,
    beside: bool,
    blank: bool,
    quoted: u8,
}

const LEAVES: &[&str] = &[
    "1",
    "text",
    "'it''s'",
    "\"a # b\"",
    "true",
    "~",
    "1.50",
    "|\nfirst\n  second\n",
    ">-\nfolded\n",
    "",
    "two words",
    "\"x\\ty\"",
    "[]",
    "{}",
    "http://x/#y",
];

fn style() -> impl Strategy<Value = Style> {
    (
        prop::bool::weighted(0.2),
        any::<bool>(),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.2),
        0..4_u8,
    )
        .prop_map(|(flow, lines, above, beside, blank, quoted)| Style {
            flow,
            lines,
            above,
            beside,
            blank,
            quoted,
        })
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop::sample::select(LEAVES).prop_map(Tree::Leaf);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let inner = prop::collection::vec(inner, 1..4);
        prop_oneof![
            2 => (inner.clone(), style()).prop_map(|(items, style)| Tree::Map(items, style)),
            1 => (inner, style()).prop_map(|(items, style)| Tree::List(items, style)),
        ]
    })
}

/// Writes a tree; every comment has a number of its own.
struct Writer {
    out: String,
    comments: usize,
    names: usize,
    json: bool,
    step: usize,
    dash: usize,
}

impl Writer {
    fn comment(&mut self) -> String {
        self.comments += 1;
        let mark = if self.json { "//" } else { "#" };
        format!("{mark} c{}c", self.comments)
    }

    fn name(&mut self, quoted: u8, flow: bool) -> String {
        self.names += 1;
        let name = format!("k{}", self.names % 7 * 10 + self.names / 7);
        match quoted {
            _ if self.json => format!("\"{name}\""),
            0 => format!("\"{name}\""),
            1 => format!("'{name}'"),
            2 if !flow => format!("{name} x"),
            _ => name,
        }
    }

    fn leaf(&mut self, text: &str, column: usize, flow: bool) {
        let text = match text {
            _ if self.json => match text {
                "1" | "true" | "1.50" | "[]" | "{}" => text,
                "~" | "" => "null",
                _ => "\"a // b\"",
            },
            "" | "~" if flow => "null",
            _ if flow && (text.contains('\n') || text.contains('/')) => "flow",
            _ => text,
        };
        let mut lines = text.split('\n');
        self.out.push_str(lines.next().unwrap_or_default());
        for line in lines.filter(|line| !line.is_empty()) {
            self.out.push('\n');
            self.indent(column + self.step);
            self.out.push_str(line);
        }
    }

    fn indent(&mut self, column: usize) {
        self.out.push_str(&" ".repeat(column));
    }

    fn flow(&mut self, tree: &Tree, column: usize) {
        let (items, style, open, close) = match tree {
            Tree::Leaf(text) => return self.leaf(text, column, true),
            Tree::Map(items, style) => (items, style, '{', '}'),
            Tree::List(items, style) => (items, style, '[', ']'),
        };
        self.out.push(open);
        let inner = column + self.step;
        for (at, item) in items.iter().enumerate() {
            if style.lines {
                self.out.push('\n');
                if style.above {
                    self.indent(inner);
                    let comment = self.comment();
                    self.out.push_str(&comment);
                    self.out.push('\n');
                }
                self.indent(inner);
            } else if at > 0 && !style.blank {
                self.out.push(' ');
            }
            if open == '{' {
                let name = self.name(style.quoted, true);
                self.out.push_str(&name);
                self.out.push_str(": ");
            }
            self.flow(item, inner);
            if at + 1 < items.len() || (style.blank && style.lines && !self.json) {
                self.out.push(',');
            }
            if style.lines && style.beside {
                let comment = self.comment();
                self.out.push(' ');
                self.out.push_str(&comment);
            }
        }
        if style.lines {
            self.out.push('\n');
            self.indent(column);
        }
        self.out.push(close);
    }

    /// Writes the entries of a block; the first stands where the text ends if it is inline.
    fn block(&mut self, tree: &Tree, column: usize, inline: bool) {
        let (items, style, is_map) = match tree {
            Tree::Map(items, style) => (items, style, true),
            Tree::List(items, style) => (items, style, false),
            Tree::Leaf(_) => return,
        };
        for (at, item) in items.iter().enumerate() {
            if at > 0 || !inline {
                if style.blank && at > 0 {
                    self.out.push('\n');
                }
                if style.above {
                    self.indent(column);
                    let comment = self.comment();
                    self.out.push_str(&comment);
                    self.out.push('\n');
                }
                self.indent(column);
            }
            if is_map {
                let name = self.name(style.quoted, false);
                self.out.push_str(&name);
                self.out.push(':');
            } else {
                self.out.push('-');
            }
            self.behind(item, column, is_map, style.beside);
        }
    }

    fn behind(&mut self, item: &Tree, column: usize, is_map: bool, beside: bool) {
        let comment = |writer: &mut Self| {
            if beside {
                let comment = writer.comment();
                writer.out.push_str("  ");
                writer.out.push_str(&comment);
            }
        };
        match item {
            Tree::Leaf(text) => {
                if !text.is_empty() {
                    self.out.push(' ');
                }
                match text.split_once('\n') {
                    Some((header, body)) => {
                        self.out.push_str(header);
                        comment(self);
                        for line in body.split('\n').filter(|line| !line.is_empty()) {
                            self.out.push('\n');
                            self.indent(column + self.step);
                            self.out.push_str(line);
                        }
                    }
                    None => {
                        self.leaf(text, column, false);
                        comment(self);
                    }
                }
                self.out.push('\n');
            }
            Tree::Map(_, style) | Tree::List(_, style) if style.flow => {
                self.out.push(' ');
                self.flow(item, column);
                comment(self);
                self.out.push('\n');
            }
            Tree::Map(..) | Tree::List(..) if !is_map => {
                self.out.push(' ');
                self.block(item, column + 2, true);
            }
            Tree::Map(..) => {
                comment(self);
                self.out.push('\n');
                self.block(item, column + self.step, false);
            }
            Tree::List(..) => {
                comment(self);
                self.out.push('\n');
                self.block(item, column + self.dash, false);
            }
        }
    }
}

fn text_of(tree: &Tree, json: bool, step: usize, dash: bool, crlf: bool) -> String {
    let mut writer = Writer {
        out: String::new(),
        comments: 0,
        names: 0,
        json,
        step,
        dash: if dash { step } else { 0 },
    };
    match tree {
        Tree::Map(_, style) | Tree::List(_, style) if !style.flow && !json => {
            writer.block(tree, 0, false)
        }
        _ => {
            writer.flow(tree, 0);
            writer.out.push('\n');
        }
    }
    if crlf {
        writer.out = writer.out.replace('\n', "\r\n");
    }
    writer.out
}

/// A change at a random place.
#[derive(Clone, Debug)]
enum Op {
    Set(Index, &'static str),
    Remove(Index),
    Rename(Index),
    Move(Index, Index),
    Wrap(Index, bool),
    Add(Index, &'static str),
}

fn op() -> impl Strategy<Value = Op> {
    let value = prop::sample::select(
        &[
            "7",
            "x y",
            "'no'",
            "[1, {a: b}]",
            "{q: [], r: null}",
            "\"l\\nm\\n\"",
            "a, b",
        ][..],
    );
    let at = any::<Index>;
    prop_oneof![
        (at(), value.clone()).prop_map(|(at, value)| Op::Set(at, value)),
        at().prop_map(Op::Remove),
        at().prop_map(Op::Rename),
        (at(), any::<Index>()).prop_map(|(from, to)| Op::Move(from, to)),
        (at(), any::<bool>()).prop_map(|(at, map)| Op::Wrap(at, map)),
        (at(), value).prop_map(|(at, value)| Op::Add(at, value)),
    ]
}

fn places(value: &Value, at: &Pointer, out: &mut Vec<Pointer>) {
    out.push(at.clone());
    match &value.kind {
        Kind::Object(map) => map
            .iter()
            .for_each(|(name, value)| places(value, &at.join(name.clone()), out)),
        Kind::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| places(item, &at.join(index.to_string()), out)),
        _ => {}
    }
}

fn fresh(text: &str) -> Value {
    (*read(text, Format::Yaml)[0].root).clone().detach()
}

fn take(root: &mut Value, at: &Pointer) -> Option<Entry> {
    let name = at.last()?.to_owned();
    match &mut root.at_mut(&at.parent()?)?.kind {
        Kind::Object(map) => map.remove(&name),
        Kind::Array(items) => Some(Entry {
            key: Span::default(),
            value: items.remove(name.parse().ok()?),
        }),
        _ => None,
    }
}

fn put(root: &mut Value, at: &Pointer, name: &str, entry: Entry) {
    match &mut root.at_mut(at).unwrap().kind {
        Kind::Object(map) => {
            map.insert(name, entry);
        }
        Kind::Array(items) => items.push(entry.value),
        _ => {}
    }
}

/// Makes a change; gives the places that are not what they were.
fn perform(root: &mut Value, op: &Op, serial: usize) {
    let mut all = Vec::new();
    places(root, &Pointer::root(), &mut all);
    let pick = |index: &Index| all[index.index(all.len())].clone();
    let group = |root: &Value, index: &Index| {
        let groups: Vec<&Pointer> = all
            .iter()
            .filter(|at| matches!(root.at(at).unwrap().kind, Kind::Array(_) | Kind::Object(_)))
            .collect();
        (!groups.is_empty()).then(|| groups[index.index(groups.len())].clone())
    };
    match op {
        Op::Set(at, text) => {
            let at = pick(at);
            *root.at_mut(&at).unwrap() = fresh(text);
        }
        Op::Remove(at) => {
            take(root, &pick(at));
        }
        Op::Rename(at) => {
            let at = pick(at);
            let Some(name) = at.last().map(ToOwned::to_owned) else {
                return;
            };
            let parent = root.at_mut(&at.parent().unwrap()).unwrap();
            if let Kind::Object(map) = &mut parent.kind {
                let renamed = std::mem::take(map).into_iter();
                *map = renamed
                    .map(|(key, entry)| {
                        (
                            if key == name {
                                format!("new{serial}").into()
                            } else {
                                key
                            },
                            entry,
                        )
                    })
                    .collect();
            }
        }
        Op::Move(from, to) => {
            let from = pick(from);
            let Some(to) = group(root, to) else { return };
            if to.tokens().starts_with(from.tokens()) {
                return;
            }
            // Taking an item out of a list may move the target.
            if root
                .at(&from.parent().unwrap())
                .unwrap()
                .as_array()
                .is_some()
            {
                return;
            }
            if let Some(entry) = take(root, &from) {
                put(root, &to, &format!("moved{serial}"), entry);
            }
        }
        Op::Wrap(at, as_map) => {
            let at = root.at_mut(&pick(at)).unwrap();
            let old = at.clone();
            let mut map = Map::new();
            *at = Value::detached(match as_map {
                true => {
                    map.insert(
                        "in",
                        Entry {
                            key: Span::default(),
                            value: old,
                        },
                    );
                    Kind::Object(map)
                }
                false => Kind::Array(vec![old]),
            });
        }
        Op::Add(at, text) => {
            if let Some(at) = group(root, at) {
                let value = fresh(text);
                put(
                    root,
                    &at,
                    &format!("added{serial}"),
                    Entry {
                        key: Span::default(),
                        value,
                    },
                );
            }
        }
    }
}

fn check(
    tree: &Tree,
    ops: &[Op],
    json: bool,
    step: usize,
    dash: bool,
    crlf: bool,
) -> Result<(), TestCaseError> {
    let text = text_of(tree, json, step, dash, crlf);
    let format = if json { Format::Json } else { Format::Yaml };
    let documents = read(&text, format);
    let mut root = (*documents[0].root).clone();
    // Nothing to do leaves every byte.
    let same = rewrite(&documents, &[root.clone()], &RewriteOptions::default()).unwrap();
    prop_assert_eq!(&same.text, &text);
    for (serial, op) in ops.iter().enumerate() {
        perform(&mut root, op, serial);
    }
    let options = RewriteOptions::default();
    let done = rewrite(&documents, &[root.clone()], &options).unwrap();
    prop_assert!(
        says(&done.text, format, &[root.clone()]),
        "{text}\n{ops:?}\n{}",
        done.text
    );
    prop_assert!(
        done.anew.is_empty(),
        "{text}\n--- {ops:?}\n{}\n{:?}",
        done.text,
        done.anew
    );
    if crlf {
        prop_assert_eq!(
            done.text.matches('\n').count(),
            done.text.matches("\r\n").count()
        );
    }
    // Comments of what still stands are all there.
    if ops
        .iter()
        .all(|op| matches!(op, Op::Rename(_) | Op::Add(..)))
    {
        let comments = |text: &str| {
            let mut found: Vec<String> = text
                .split('c')
                .map(str::to_owned)
                .filter(|it| it.parse::<usize>().is_ok())
                .collect();
            found.sort();
            found
        };
        prop_assert_eq!(
            comments(&text),
            comments(&done.text),
            "{}\n--- {:?}\n{}",
            text,
            ops,
            done.text
        );
        let lines = |text: &str| text.lines().count();
        prop_assert!(lines(&done.text) >= lines(&text));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, ..ProptestConfig::default() })]

    #[test]
    fn random_yaml_is_changed_as_meant(
        tree in tree(), ops in prop::collection::vec(op(), 1..4),
        step in 1..5_usize, dash in any::<bool>(), crlf in prop::bool::weighted(0.2),
    ) {
        check(&tree, &ops, false, step.max(2), dash, crlf)?;
    }

    #[test]
    fn random_json_is_changed_as_meant(
        tree in tree(), ops in prop::collection::vec(op(), 1..4), step in 1..5_usize, crlf in prop::bool::weighted(0.2),
    ) {
        check(&tree, &ops, true, step, false, crlf)?;
    }
}
