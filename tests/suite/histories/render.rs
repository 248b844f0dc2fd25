//! Writes the values of a layer as YAML, in one of many spellings that all mean the same.

use std::collections::{BTreeMap, HashMap};

use super::world::{Layer, Scalar};
use crate::random_schemas::Random;

/// What a place holds: a value, a map, or a list of maps that are known by their `name`.
enum Node {
    Leaf(Scalar),
    Map(BTreeMap<String, Self>),
    List(BTreeMap<String, Self>),
}

/// Gives the number of an item in its list as this spelling writes it.
pub(super) fn item_number(style: u64, names: &[&String], wanted: &str) -> usize {
    let order = in_order(style, "endpoints", names.iter().map(|name| name.as_str()));
    order.iter().position(|name| *name == wanted).unwrap()
}

/// Writes a layer: the spelling depends on the style and on the place alone, so that an edit of
/// one value leaves the others as they are written.
pub(super) fn layer(layer: &Layer, style: u64) -> String {
    let mut root = BTreeMap::new();
    for (path, entry) in layer {
        put(&mut root, path, &entry.value);
    }
    let mut writer = Writer {
        style,
        out: String::new(),
        anchors: HashMap::new(),
    };
    if writer.chance("", "heading", 30) {
        writer.out.push_str("# Written by many hands.\n---\n");
    }
    if root.is_empty() {
        writer.out.push_str("{}\n");
    }
    writer.map(&root, "", 0);
    writer.out
}

fn put(map: &mut BTreeMap<String, Node>, path: &[String], value: &Scalar) {
    let (first, rest) = path.split_first().unwrap();
    if rest.is_empty() {
        map.insert(first.clone(), Node::Leaf(value.clone()));
        return;
    }
    let is_list = rest[0].starts_with('@');
    let below = map.entry(first.clone()).or_insert_with(|| match is_list {
        true => Node::List(BTreeMap::new()),
        false => Node::Map(match first.strip_prefix('@') {
            Some(name) => {
                BTreeMap::from([("name".to_owned(), Node::Leaf(Scalar::Text(name.to_owned())))])
            }
            None => BTreeMap::new(),
        }),
    });
    match below {
        Node::Map(map) | Node::List(map) => put(map, rest, value),
        Node::Leaf(_) => panic!("{path:?} leads through a value"),
    }
}

fn hash(style: u64, place: &str, what: &str) -> u64 {
    let mut random = Random(style);
    for byte in place.bytes().chain([0]).chain(what.bytes()) {
        random.0 = random.0.wrapping_mul(31).wrapping_add(u64::from(byte));
    }
    random.next()
}

/// Gives names in the order in which a map or list is written.
fn in_order<'n>(style: u64, place: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut names: Vec<_> = names.collect();
    if hash(style, place, "order").is_multiple_of(2) {
        names.sort_unstable();
    } else {
        names.sort_by_key(|name| hash(style, place, name));
    }
    names
}

struct Writer {
    style: u64,
    out: String,
    /// The scalars that have been given a name.
    anchors: HashMap<Scalar, String>,
}

impl Writer {
    fn chance(&self, place: &str, what: &str, percent: u64) -> bool {
        hash(self.style, place, what) % 100 < percent
    }

    fn map(&mut self, map: &BTreeMap<String, Node>, place: &str, indent: usize) {
        let names = in_order(self.style, place, map.keys().map(String::as_str));
        let leaves = map.values().filter(|node| matches!(node, Node::Leaf(_)));
        let merges = leaves.count() > 1 && self.chance(place, "merge", 10);
        let last_leaf = names
            .iter()
            .rposition(|name| matches!(map[*name], Node::Leaf(_)));
        for (index, &name) in names.iter().enumerate() {
            let below = format!("{place}/{name}");
            if self.chance(&below, "comment", 10) {
                self.line(indent, &format!("# About {name}: 1 or 2, who knows"));
            }
            let key = match hash(self.style, &below, "key") % 12 {
                0 => format!("'{name}'"),
                1 => format!("\"{name}\""),
                _ => name.to_owned(),
            };
            match &map[name] {
                Node::Leaf(value) if merges && Some(index) == last_leaf => {
                    let value = self.scalar(value, &below, true);
                    self.line(indent, &format!("<<: {{ {key}: {value} }}"));
                }
                Node::Leaf(Scalar::Text(text)) if self.chance(&below, "block", 6) => {
                    self.line(indent, &format!("{key}: |-"));
                    self.line(indent + 2, text);
                }
                Node::Leaf(value) => {
                    let value = self.scalar(value, &below, false);
                    let after = match self.chance(&below, "after", 10) {
                        true => "   # as agreed",
                        false => "",
                    };
                    self.line(indent, &format!("{key}: {value}{after}"));
                }
                Node::Map(map) if self.chance(&below, "flow", 20) => {
                    let map = self.flow(map, &below);
                    self.line(indent, &format!("{key}: {map}"));
                }
                Node::Map(map) => {
                    self.line(indent, &format!("{key}:"));
                    self.map(map, &below, indent + 2 + self.wide());
                }
                Node::List(items) => {
                    self.line(indent, &format!("{key}:"));
                    self.list(items, &below, indent);
                }
            }
        }
    }

    fn list(&mut self, items: &BTreeMap<String, Node>, place: &str, indent: usize) {
        for name in in_order(self.style, &place[1..], items.keys().map(String::as_str)) {
            let Node::Map(item) = &items[name] else {
                panic!("an item is a map");
            };
            let below = format!("{place}/{name}");
            if self.chance(&below, "flow", 30) {
                let map = self.flow(item, &below);
                self.line(indent, &format!("- {map}"));
                continue;
            }
            let start = self.out.len();
            self.map(item, &below, indent + 2);
            let dash = self.out[start..].find(|c| c != ' ').unwrap() + start - 2;
            if self.out[start..].trim_start().starts_with('#') {
                // A comment comes first: the dash stands alone.
                self.out
                    .insert_str(start, &format!("{}-\n", " ".repeat(indent)));
            } else {
                self.out.replace_range(dash..=dash, "-");
            }
        }
    }

    fn flow(&mut self, map: &BTreeMap<String, Node>, place: &str) -> String {
        let mut parts = Vec::new();
        for name in in_order(self.style, place, map.keys().map(String::as_str)) {
            let below = format!("{place}/{name}");
            let value = match &map[name] {
                Node::Leaf(value) => self.scalar(value, &below, true),
                Node::Map(map) => self.flow(map, &below),
                Node::List(_) => panic!("no list stands so deep"),
            };
            parts.push(format!("{name}: {value}"));
        }
        format!("{{ {} }}", parts.join(", "))
    }

    /// Spells a scalar, or names one that stands above.
    fn scalar(&mut self, value: &Scalar, place: &str, flow: bool) -> String {
        if let Some(name) = self.anchors.get(value)
            && self.chance(place, "alias", 30)
        {
            return format!("*{name}");
        }
        let text = spelled(value, hash(self.style, place, "spelling"));
        if !flow && !matches!(value, Scalar::Null) && self.chance(place, "anchor", 8) {
            let name = format!("a{}", self.anchors.len());
            // A later one of the same value would take its name over.
            if !self.anchors.contains_key(value) {
                self.anchors.insert(value.clone(), name.clone());
                return format!("&{name} {text}");
            }
        }
        text
    }

    fn wide(&self) -> usize {
        2 * usize::from(self.chance("", "wide", 20))
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(text);
        self.out.push('\n');
    }
}

fn spelled(value: &Scalar, pick: u64) -> String {
    match value {
        Scalar::Null => ["null", "~"][usize::from(pick.is_multiple_of(2))].to_owned(),
        Scalar::Bool(truth) => match pick % 4 {
            0 => ["False", "True"][usize::from(*truth)].to_owned(),
            _ => truth.to_string(),
        },
        Scalar::Whole(number) => match pick % 6 {
            0 if number % 10 == 0 => format!("{}e1", number / 10),
            1 => format!("{number}.0"),
            2 => format!("{number:#x}"),
            _ => number.to_string(),
        },
        Scalar::Tenths(tenths) => match pick % 4 {
            0 => format!("{}.{}0", tenths / 10, tenths % 10),
            1 => format!("{tenths}e-1"),
            _ => format!("{}.{}", tenths / 10, tenths % 10),
        },
        Scalar::Text(text) => {
            let is_plain = text.starts_with(|c: char| c.is_ascii_lowercase());
            match pick % 4 {
                0 => format!("'{text}'"),
                1 => format!("\"{text}\""),
                _ if is_plain => text.clone(),
                _ => format!("\"{text}\""),
            }
        }
    }
}
