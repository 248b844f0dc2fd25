//! The text of a plan, out of the statements that stood there.

use std::collections::BTreeMap;

use foldhash::HashMap;

use super::super::super::write::toml as write;
use super::line::Lines;
use super::outline::Form;
use super::plan::{Mode, Plan};
use super::scan::What;

/// Where a piece stands: after how many statements of the old text; before, at, or behind the
/// statement there; and which of those.
pub(super) type Order = (usize, u8, usize);

const BEFORE: u8 = 0;
pub(super) const AT: u8 = 1;
const BEHIND: u8 = 2;

pub(super) struct Emitter<'a> {
    pub(super) lines: Lines<'a>,
    pub(super) plan: &'a Plan<'a>,
    /// What to say of removed entries, by where their key starts.
    pub(super) removed: &'a std::collections::HashMap<u32, String>,
    /// Whether each statement stands where it stood.
    pub(super) kept: Vec<bool>,
    /// Whether each statement stands anywhere.
    pub(super) used: Vec<bool>,
    pub(super) blocks: BTreeMap<Order, Block>,
    /// The order of each section's block.
    pub(super) block_of: HashMap<usize, Order>,
    /// Behind which pair of a section the next one is written.
    last_pair: HashMap<usize, Order>,
    sequence: usize,
}

/// A header and the pairs below it; or comments that lost their statement.
#[derive(Default)]
pub(super) struct Block {
    pub(super) header: Header,
    pub(super) pairs: BTreeMap<Order, String>,
}

#[derive(Default)]
pub(super) enum Header {
    #[default]
    None,
    /// As it stood, blank lines above included.
    Kept(String),
    /// Moved or new: without the blank lines above it.
    New(String),
    /// Comments that lost their statement.
    Left(String),
}

impl<'a> Emitter<'a> {
    pub(super) fn new(
        lines: Lines<'a>,
        plan: &'a Plan<'a>,
        removed: &'a std::collections::HashMap<u32, String>,
    ) -> Self {
        let count = lines.scan.statements.len();
        Self {
            lines,
            plan,
            removed,
            kept: vec![false; count],
            used: vec![false; count],
            blocks: BTreeMap::new(),
            block_of: HashMap::default(),
            last_pair: HashMap::default(),
            sequence: 0,
        }
    }

    pub(super) fn text(mut self) -> String {
        self.place(0, (0, AT, 0), false);
        for place in 0..self.plan.places.len() {
            if self.plan.places[place].mode == Mode::Pair {
                self.pair(place);
            }
        }
        self.leave_comments();
        self.join()
    }

    fn next(&mut self, behind: Order) -> Order {
        self.sequence += 1;
        (behind.0, BEHIND, self.sequence)
    }

    /// Finds the statement that a section's own header is, where it can stay where it is.
    fn header_statement(&self, place: usize) -> Option<usize> {
        let thing = self.plan.places[place].thing?;
        match self.lines.outline.things[thing].form {
            Form::Header(statement) => Some(statement),
            _ => None,
        }
    }

    /// Orders the blocks of a section and of those below it, the first behind `anchor`, and gives
    /// the last. In what moves, none can stay where it is.
    fn place(&mut self, place: usize, anchor: Order, moves: bool) -> Order {
        let here = &self.plan.places[place];
        let moves = moves || !(here.parent.is_none() || self.may_stay(place));
        let mut last = anchor;
        if here.mode == Mode::Root {
            self.blocks.insert(anchor, Block::default());
            self.block_of.insert(place, anchor);
        } else if here.mode.is_section() && self.needs_header(place) {
            let order = match self.header_statement(place) {
                Some(statement) if !moves => (statement + 1, AT, 0),
                _ => match self.first_below(place).filter(|_| !moves) {
                    Some(first) => (first + 1, BEFORE, place),
                    None => self.next(anchor),
                },
            };
            let header = self.header(place, order);
            let block = Block {
                header,
                pairs: BTreeMap::new(),
            };
            self.blocks.insert(order, block);
            self.block_of.insert(place, order);
            last = order;
        }
        let children = &self.plan.places[place].children;
        let scattered = here.mode == Mode::Tables && self.is_scattered(place);
        for &child in children {
            let mode = self.plan.places[child].mode;
            if !matches!(mode, Mode::Pair | Mode::Line) {
                let moves = moves || scattered;
                let end = self.place(child, last, moves);
                last = last.max(end);
            }
        }
        last
    }

    /// Says whether a table may stay where its header or the headers below it are.
    fn may_stay(&self, place: usize) -> bool {
        let known = self.plan.places[place].thing.is_some();
        let is_item = self.plan.places[place].mode == Mode::Item;
        match known {
            true => self.plan.stays(self.lines.outline, place),
            // A new table around old ones leaves them where they are, if it is not one of many.
            false => {
                let siblings = self.plan.places[place].parent;
                let siblings = siblings.map_or(0, |at| self.plan.places[at].children.len());
                !is_item || siblings == 1
            }
        }
    }

    /// Says whether the items of a list are no longer in the order of their headers.
    fn is_scattered(&self, list: usize) -> bool {
        let children = &self.plan.places[list].children;
        let known = |&child: &usize| self.header_statement(child);
        let headers: Vec<_> = children.iter().filter_map(known).collect();
        let is_new = self.plan.places[list].thing.is_none();
        !headers.is_sorted() || (is_new && children.len() > 1)
    }

    fn needs_header(&self, place: usize) -> bool {
        let here = &self.plan.places[place];
        here.mode == Mode::Item
            || self.header_statement(place).is_some()
            || here.children.is_empty()
            || self.has_pairs(place)
    }

    fn has_pairs(&self, place: usize) -> bool {
        self.plan.places[place]
            .children
            .iter()
            .any(|&child| match self.plan.places[child].mode {
                Mode::Pair => true,
                Mode::Dotted => self.has_pairs(child),
                _ => false,
            })
    }

    /// Finds the first header at or below a place that stays where it is.
    fn first_below(&self, place: usize) -> Option<usize> {
        let children = self.plan.places[place].children.iter();
        let tables = children.filter(|&&child| self.plan.places[child].mode != Mode::Pair);
        let firsts = tables
            .filter(|&&child| self.may_stay(child))
            .filter_map(|&child| {
                self.header_statement(child)
                    .or_else(|| self.first_below(child))
            });
        firsts.min()
    }

    fn header(&mut self, place: usize, order: Order) -> Header {
        let is_item = self.plan.places[place].mode == Mode::Item;
        let names = self.plan.names(0, place);
        let Some(index) = self.header_statement(place) else {
            let text = write::header_text(names.into_iter(), is_item);
            return Header::New(format!("{text}{}", self.lines.eol));
        };
        let text = self.lines.scan.text;
        let statement = &self.lines.scan.statements[index];
        let same_kind = is_item == matches!(statement.what, What::Item);
        let body = match (&statement.keys[..], same_kind) {
            ([first, .., last], true) | ([first @ last], true) => {
                let open = &text[statement.body.start..first.at.start];
                let close = &text[last.at.end..statement.body.end];
                format!("{open}{}{close}", self.lines.keys(&statement.keys, &names))
            }
            _ => write::header_text(names.into_iter(), is_item),
        };
        let behind = &text[statement.body.end..statement.end];
        self.used[index] = true;
        self.kept[index] = order == (index + 1, AT, 0);
        let from = if self.kept[index] {
            statement.start
        } else {
            statement.own
        };
        let header = format!("{}{body}{behind}", &text[from..statement.body.start]);
        match self.kept[index] {
            true => Header::Kept(header),
            false => Header::New(header),
        }
    }

    fn pair(&mut self, place: usize) {
        let section = self.plan.section(place);
        let Some(&block) = self.block_of.get(&section) else {
            return;
        };
        let here = &self.plan.places[place];
        let names = self.plan.names(section, place);
        let text = self.lines.scan.text;
        let form = here
            .thing
            .map(|thing| self.lines.outline.things[thing].form);
        let anchor = self.last_pair.get(&section).copied().unwrap_or((0, AT, 0));
        let (order, written) = match form {
            Some(Form::Pair(index)) => {
                let statement = &self.lines.scan.statements[index];
                let thing = self.plan.places[section].thing;
                let stays = thing == Some(self.lines.outline.section[index]);
                let What::Pair(node) = &statement.what else {
                    return;
                };
                let old = here
                    .thing
                    .and_then(|thing| self.lines.outline.things[thing].value);
                let value = self.lines.pair(here.value, old.map(|old| (node, old)));
                let from = if stays {
                    statement.start
                } else {
                    statement.own
                };
                let last = statement
                    .keys
                    .last()
                    .map_or(statement.body.start, |key| key.at.end);
                let written = format!(
                    "{}{}{}{value}{}",
                    &text[from..statement.body.start],
                    self.lines.keys(&statement.keys, &names),
                    &text[last..node.at.start],
                    &text[statement.body.end..statement.end]
                );
                self.used[index] = true;
                self.kept[index] = stays;
                let order = if stays {
                    (index + 1, AT, 0)
                } else {
                    self.next(anchor)
                };
                (order, written)
            }
            _ => {
                let value = self.lines.pair(here.value, None);
                let names: Vec<_> = names.iter().map(|name| write::key_text(name)).collect();
                let pair = format!("{} = {value}", names.join("."));
                let written = match form {
                    // What was a table keeps the comments of its header.
                    Some(Form::Header(index)) => {
                        let statement = &self.lines.scan.statements[index];
                        self.used[index] = true;
                        let above = &text[statement.own..statement.body.start];
                        format!("{above}{pair}{}", &text[statement.body.end..statement.end])
                    }
                    _ => format!("{}{pair}{}", self.indent(section), self.lines.eol),
                };
                (self.next(anchor), written)
            }
        };
        let last = self.last_pair.entry(section).or_insert(order);
        *last = order.max(*last);
        if let Some(block) = self.blocks.get_mut(&block) {
            block.pairs.insert(order, written);
        }
    }

    /// Gives what stands before the first pair of a section on its line.
    fn indent(&self, section: usize) -> &'a str {
        let statements = &self.lines.scan.statements;
        let first = match self.header_statement(section) {
            Some(header) => header + 1,
            None if section == 0 => 0,
            None => return "",
        };
        let Some(first) = statements
            .get(first)
            .filter(|first| matches!(first.what, What::Pair(_)))
        else {
            return "";
        };
        let text: &'a str = self.lines.scan.text;
        let above = &text[first.start..first.body.start];
        above.rsplit(['\n', '\u{feff}']).next().unwrap_or_default()
    }
}
