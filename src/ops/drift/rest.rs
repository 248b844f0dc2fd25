//! The differences that are counted and not given: of very many, people are shown the first ones.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use indexmap::map::Entry;

use super::rows::Key;
use super::rules::Class;
use super::{Difference, Filter};
use crate::report::Summary;

/// The rows that are given, by what they are known by.
pub(super) type Given = IndexMap<Key, Box<Difference>, foldhash::fast::RandomState>;

/// Differences beyond those that are given.
pub(super) struct Rest {
    /// How many are given; none for all.
    most: Option<usize>,
    /// Whether those that are meant are shown, too.
    all: bool,
    /// Whether it is known before all is done which rows will be there.
    is_early: bool,
    /// How many of the rows given were looked at, and how many of these are shown.
    looked: usize,
    shown: usize,
    rows: IndexMap<Key, Class, foldhash::fast::RandomState>,
    findings: Summary,
}

/// What is said of those that are not given.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// How many there are of each class.
    pub(super) counts: BTreeMap<&'static str, usize>,
    /// How many people would have been shown.
    pub(super) shown: usize,
    /// How many are meant, and shown to nobody.
    pub(super) hidden: usize,
    /// What would have been found about them.
    pub(super) findings: Summary,
}

impl Rest {
    pub(super) fn new(filter: &Filter) -> Self {
        Self {
            most: filter.most,
            all: filter.all,
            is_early: filter.since.is_none() && !filter.peers,
            looked: 0,
            shown: 0,
            rows: IndexMap::default(),
            findings: Summary::default(),
        }
    }

    fn shows(&self, row: &Difference) -> bool {
        self.all || row.is_open || row.is_told()
    }

    /// Looks at the rows given so far; what comes now is of a later service than all of these.
    pub(super) fn look(&mut self, given: &Given) {
        if self.most.is_none() || self.is_full() {
            return;
        }
        let new = given.values().skip(self.looked);
        self.shown += new.filter(|row| self.shows(row)).count();
        self.looked = given.len();
    }

    /// Says whether so many rows stand before the ones to come that none of those will be given.
    pub(super) fn is_full(&self) -> bool {
        self.is_early && self.most.is_some_and(|most| self.shown >= most)
    }

    /// Counts a row, and gives its number.
    pub(super) fn add(&mut self, key: Key, class: Class) -> usize {
        let entry = self.rows.entry(key);
        let number = entry.index();
        match entry {
            Entry::Occupied(mut known) => *known.get_mut() = class.max(*known.get()),
            Entry::Vacant(entry) => {
                entry.insert(class);
            }
        }
        number
    }

    /// Keeps the graver of two classes of a row that was counted.
    pub(super) fn worsen(&mut self, number: usize, class: Class) {
        if let Some((_, known)) = self.rows.get_index_mut(number) {
            *known = class.max(*known);
        }
    }

    /// Counts what would be found about a difference.
    pub(super) fn find(&mut self, class: Class) {
        if let Some(rule) = class.rule() {
            self.findings.add(rule.severity);
        }
    }

    /// Says of each of the rows given whether it will be left out; nothing where none will.
    pub(super) fn left_out(&self, given: &Given) -> Vec<bool> {
        let Some(most) = self.most.filter(|_| self.is_early) else {
            return Vec::new();
        };
        let rows = given.iter().enumerate();
        let mut shown: Vec<(&Key, usize)> = rows
            .filter(|(_, (_, row))| self.shows(row))
            .map(|(number, (key, _))| (key, number))
            .collect();
        if shown.len() <= most {
            return Vec::new();
        }
        shown.select_nth_unstable(most);
        let mut is_out = vec![false; given.len()];
        for (_, number) in shown.drain(most..) {
            is_out[number] = true;
        }
        is_out
    }

    /// Leaves out what is more than people are shown, and counts all that is left out. The rows
    /// are in their order.
    pub(super) fn cut(self, rows: Vec<Difference>) -> (Vec<Difference>, Counted) {
        let mut counted = Counted {
            findings: self.findings,
            ..Counted::default()
        };
        for class in self.rows.values() {
            *counted.counts.entry(class.name()).or_default() += 1;
            match self.all || !class.is_meant() {
                true => counted.shown += 1,
                false => counted.hidden += 1,
            }
        }
        let shown = rows.iter().enumerate().filter(|(_, row)| self.shows(row));
        let mut shown: Vec<(usize, f64)> =
            shown.map(|(number, row)| (number, row.oddness())).collect();
        let Some(most) = self.most.filter(|most| *most < shown.len()) else {
            return (rows, counted);
        };
        // The oddest stand first.
        shown.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let mut is_out = vec![false; rows.len()];
        for (number, _) in shown.drain(most..) {
            is_out[number] = true;
        }
        let mut given = Vec::with_capacity(most);
        for (row, is_out) in rows.into_iter().zip(is_out) {
            if !is_out {
                given.push(row);
                continue;
            }
            *counted.counts.entry(row.class).or_default() += 1;
            counted.shown += 1;
            for finding in &row.findings {
                counted.findings.add(finding.severity);
            }
        }
        (given, counted)
    }
}
