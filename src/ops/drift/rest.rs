//! The differences that are counted and not given: of very many, people are shown the first ones.

use std::collections::BTreeMap;

use foldhash::HashMap;
use indexmap::IndexMap;

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
    /// The classes of the rows that are counted, and their numbers, where one may be met again.
    classes: Vec<Class>,
    numbers: HashMap<Key, usize>,
    counted: Counted,
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
            classes: Vec::new(),
            numbers: HashMap::default(),
            counted: Counted::default(),
        }
    }

    /// Begins to count the rows of other services, none of which will be given.
    pub(super) fn apart(&self) -> Self {
        Self {
            most: self.most,
            all: self.all,
            is_early: self.is_early,
            looked: self.looked,
            shown: self.shown,
            classes: Vec::new(),
            numbers: HashMap::default(),
            counted: Counted::default(),
        }
    }

    /// Forgets what the rows are known by: what comes is of other services.
    pub(super) fn sum_up(&mut self) {
        self.numbers.clear();
        for class in self.classes.drain(..) {
            *self.counted.counts.entry(class.name()).or_default() += 1;
            match self.all || !class.is_meant() {
                true => self.counted.shown += 1,
                false => self.counted.hidden += 1,
            }
        }
    }

    /// Adds what was counted of other services.
    pub(super) fn join(&mut self, mut other: Self) {
        other.sum_up();
        for (class, count) in other.counted.counts {
            *self.counted.counts.entry(class).or_default() += count;
        }
        self.counted.shown += other.counted.shown;
        self.counted.hidden += other.counted.hidden;
        self.counted.findings = self.counted.findings.and(other.counted.findings);
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

    /// Counts a row, and gives its number; one without a key is met once.
    pub(super) fn add(&mut self, key: Option<Key>, class: Class) -> usize {
        let new = self.classes.len();
        let number = key.map_or(new, |key| *self.numbers.entry(key).or_insert(new));
        match self.classes.get_mut(number) {
            Some(known) => *known = class.max(*known),
            None => self.classes.push(class),
        }
        number
    }

    /// Keeps the graver of two classes of a row that was counted.
    pub(super) fn worsen(&mut self, number: usize, class: Class) {
        if let Some(known) = self.classes.get_mut(number) {
            *known = class.max(*known);
        }
    }

    /// Counts what would be found about a difference.
    pub(super) fn find(&mut self, class: Class) {
        if let Some(rule) = class.rule() {
            self.counted.findings.add(rule.severity);
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
    pub(super) fn cut(mut self, rows: Vec<Difference>) -> (Vec<Difference>, Counted) {
        self.sum_up();
        let mut counted = std::mem::take(&mut self.counted);
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
