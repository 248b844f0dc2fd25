//! The rows of the answer: found one by one, then settled by the histories of their values.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use indexmap::map::Entry;

use super::body::MustDiffer;
use super::expected::{Expectation, Expectations, Judged, Looked, Offending};
use super::lineage::{self, Asked, Step};
use super::open::{Open, Row, Told};
use super::read::{Read, hides};
use super::rest::{Given, Rest};
use super::rules::{self, Class, classify};
use super::sealed::Sealed;
use super::walks::Walks;
use super::{Difference, DriftBody, EnvironmentBody, Filter, Side, Since};
use crate::config::Configuration;
use crate::document::{Change, Value};
use crate::error::Result;
use crate::git::Repo;
use crate::ops::cover::Cover;
use crate::ops::diff::kind_name;
use crate::report::{Finding, Report};
use crate::text::{Date, Pointer};

/// The differences found so far, with what is wrong about them.
pub(super) struct Rows<'e> {
    pub(super) expected: &'e Expectations,
    /// Which rules any difference or value was about.
    pub(super) used: Vec<bool>,
    /// Which rules are to tell that their day is over.
    pub(super) over: Vec<bool>,
    pub(super) differences: Given,
    /// Those beyond what is given.
    pub(super) rest: Rest,
    /// The service that the last row was of.
    pub(super) service: Option<Arc<str>>,
    pub(super) must_differ: Vec<MustDiffer>,
    /// What was found beside what is wrong about a difference.
    pub(super) findings: Vec<Finding>,
    /// Differences whose histories are still to be read, by the numbers of the sides.
    pub(super) open: BTreeMap<[usize; 2], Vec<Open>>,
    /// What the findings may not show.
    pub(super) cover: Cover,
    /// What compares sealed values.
    pub(super) sealed: Sealed,
}

/// What a row is known by: service and place; where that is an item of a list, whose number may be
/// another one's elsewhere, also what happened to it and where it stood.
pub(super) type Key = (Option<Arc<str>>, Pointer, Option<(&'static str, Pointer)>);

impl<'e> Rows<'e> {
    pub(super) fn new(expected: &'e Expectations, filter: &Filter) -> Self {
        Self::beside(expected, Rest::new(filter))
    }

    /// Begins rows of which those that are not given are counted in `rest`.
    pub(super) fn beside(expected: &'e Expectations, rest: Rest) -> Self {
        Self {
            expected,
            used: vec![false; expected.entries.len()],
            over: vec![false; expected.entries.len()],
            differences: IndexMap::default(),
            rest,
            service: None,
            must_differ: Vec::new(),
            findings: Vec::new(),
            open: BTreeMap::new(),
            cover: Cover::default(),
            sealed: Sealed::default(),
        }
    }

    /// Asks the rules about a difference of two sides; of one environment at two times they say
    /// nothing.
    pub(super) fn judge(
        &mut self,
        service: Option<&str>,
        change: &Change,
        sides: [&Side; 2],
    ) -> Judged {
        let looked = looked(service, change, sides);
        if looked.environments[0] == looked.environments[1] {
            return Judged::default();
        }
        let judged = self.expected.judge(&looked);
        for number in [judged.excused, judged.over, judged.offended]
            .into_iter()
            .flatten()
        {
            self.used[number] = true;
        }
        if let Some(number) = judged.over.filter(|_| judged.excused.is_none()) {
            self.over[number] = true;
        }
        judged
    }

    /// Says whether two sides must not differ so.
    pub(super) fn demand_equal(
        &self,
        service: Option<&str>,
        change: &Change,
        sides: [&Read<'_>; 2],
    ) -> bool {
        let sides = sides.map(|read| read.side);
        let demanded = self.expected.demanded(&looked(service, change, sides));
        demanded.is_some()
    }

    /// Gives the name of a service, shared by its rows.
    fn named(&mut self, service: Option<&str>) -> Option<Arc<str>> {
        if self.service.as_deref() != service {
            self.service = service.map(Arc::from);
        }
        self.service.clone()
    }

    fn entry(&self, number: Option<usize>) -> Option<&'e Expectation> {
        number.map(|number| &self.expected.entries[number])
    }

    /// Finds out by their histories what the open differences are; of some pairs of sides these
    /// may have been walked before.
    pub(super) fn settle(
        &mut self,
        configuration: &Configuration,
        sides: &[Side],
        asked: Asked<'_>,
        walks: &Walks,
    ) -> Result<()> {
        let mut open = std::mem::take(&mut self.open);
        let Some(repo) = configuration.repo().filter(|_| !open.is_empty()) else {
            return Ok(());
        };
        let since = match asked {
            Asked::All(since) => since,
            Asked::Class { .. } => None,
        };
        let left_out = self.rest.left_out(&self.differences);
        for pair in self.expected.all_pairs(configuration.manifest(), sides) {
            let [left, right] = pair.map(|index| &sides[index]);
            let (Some(up), Some(down)) = (left.tip, right.tip) else {
                continue;
            };
            let these = open.remove(&pair).unwrap_or_default();
            let wanted: Vec<_> = these.iter().map(Open::wanted).collect();
            let (tips, walk) = ([up, down], walks.get(&pair));
            let lineages = lineage::lineages(repo, configuration, tips, &wanted, asked, walk)?;
            drop(wanted);
            for (it, lineage) in these.into_iter().zip(lineages) {
                let class = match it.class {
                    Class::ValueDiffers => lineage.class,
                    class => class,
                };
                let (number, told) = match (it.row, it.told) {
                    (Row::Given(number), Some(told)) => (number, told),
                    (Row::Given(number) | Row::Counted(number), _) => {
                        self.rest.worsen(number, class);
                        self.rest.find(class);
                        continue;
                    }
                };
                if left_out.get(number) == Some(&true) {
                    self.rest.find(class);
                    if let Some((_, row)) = self.differences.get_index_mut(number) {
                        row.worsen(class);
                    }
                    continue;
                }
                let [up, down] = &lineage.pasts;
                let names = (left.name.as_str(), right.name.as_str());
                let (service, secret) = (told.service.as_deref(), told.secret);
                let found =
                    rules::finding(class, service, &it.change, names, told.locations, secret);
                let found = found.map(|found| found.offending(self.entry(told.offended)));
                let Some((_, row)) = self.differences.get_index_mut(number) else {
                    continue;
                };
                row.worsen(class);
                row.explain(class, names, [up, down], &it.change);
                let newest = row.since.as_ref().map(|made| made.commit.as_str());
                if is_younger(repo, newest, since)? {
                    row.is_young = true;
                    let found = found.map(|found| row.told(found));
                    row.findings.extend(found);
                }
            }
        }
        if since.is_some() {
            self.differences.retain(|_, row| row.is_young);
        }
        Ok(())
    }

    pub(super) fn report(mut self, sides: &[Side], all: bool) -> Report<DriftBody> {
        self.differences.sort_keys();
        let differences = self.differences.into_values().map(|row| *row).collect();
        let (mut differences, rest) = self.rest.cut(differences);
        let more = rest.findings;
        let rows = differences.iter_mut();
        let of_rows = rows.flat_map(|row| &mut row.findings);
        let over = self.expected.entries.iter().zip(&self.over);
        let over = over.filter(|(_, is_over)| **is_over);
        self.findings.extend(self.expected.findings.iter().cloned());
        self.findings.extend(over.map(|(entry, _)| entry.ended()));
        self.cover.over(of_rows.chain(&mut self.findings));
        let found = differences.iter().flat_map(|row| &row.findings);
        self.findings.extend(found.cloned());
        let environments = sides.iter().map(|side| EnvironmentBody {
            name: side.name.clone(),
            revision: side.tree.label().map(str::to_owned),
        });
        let body = DriftBody::new(
            environments.collect(),
            differences,
            self.must_differ,
            all,
            rest,
        );
        Report::new(None, self.findings, body).with_more(more)
    }

    /// Takes a difference of two neighbouring sides up.
    pub(super) fn add(
        &mut self,
        service: Option<&str>,
        resolved: &[Read<'_>],
        pair: [usize; 2],
        change: Change,
    ) {
        let [left, right] = pair.map(|index| &resolved[index]);
        let from = change.from.as_ref().unwrap_or(&change.pointer);
        let (old, new) = (change.old.as_ref(), change.new.as_ref());
        let places = [(pair[0], old, from), (pair[1], new, &change.pointer)];
        if self.sealed.pass(resolved, places[0], places[1]) {
            return;
        }
        let judged = self.judge(service, &change, [left.side, right.side]);
        let mut class = classify(&change, &left.schemas, &right.schemas, from);
        // Of one environment at two times, nothing is meant to differ.
        if class == Class::Intentional && left.side.environment() == right.side.environment() {
            class = rules::class_of(change.kind);
        }
        let class = judged.class(class, change.kind);
        let has_past = !class.is_meant() && class != Class::SecretDiffers;
        let is_open = has_past && left.side.tip.is_some() && right.side.tip.is_some();
        let known = match class {
            // What it is will be known when the histories have been read.
            Class::ValueDiffers if is_open => Class::SameByDefault,
            class => class,
        };
        // Items are called by their numbers.
        let has_number = |pointer: &Pointer| {
            let mut tokens = pointer.tokens().iter();
            tokens.any(|token| token.starts_with(|c: char| c.is_ascii_digit()))
        };
        let list = (has_number(from) || has_number(&change.pointer)).then(|| {
            (left.values.value().list_around(from))
                .or_else(|| right.values.value().list_around(&change.pointer))
        });
        let list = list.flatten();
        let of_item = list
            .is_some()
            .then(|| (kind_name(change.kind), from.clone()));
        let is_item = of_item.is_some();
        let named = self.named(service);
        let mut told = None;
        let row = if self.rest.is_full() {
            // What it is, is known, but for a value that its history explains.
            let is_open = is_open && class == Class::ValueDiffers;
            let class_so_far = if is_open { known } else { class };
            // Between two sides, a place is met once.
            let key = (resolved.len() > 2).then(|| (named, change.pointer.clone(), of_item));
            let number = self.rest.add(key, class_so_far);
            if !is_open {
                self.rest.find(class);
                return;
            }
            Row::Counted(number)
        } else {
            // A row shows the values of all.
            let secret = hides(resolved, &change.pointer) || hides(resolved, from);
            let locations = (
                (change.old.as_ref()).map(|_| left.location(from, secret)),
                (change.new.as_ref()).map(|_| right.location(&change.pointer, secret)),
            );
            let excuse = self.entry(judged.excused);
            let offended = self.entry(judged.offended);
            let key: Key = (named.clone(), change.pointer.clone(), of_item);
            let entry = self.differences.entry(key);
            let number = entry.index();
            let is_new = matches!(entry, Entry::Vacant(_));
            let row = entry.or_insert_with(|| {
                let row = Difference::new(service, change.pointer.clone(), known);
                Box::new(row.hiding(secret).in_list(list))
            });
            fill(row, resolved, pair, &change, is_new);
            let names = (left.side.name.as_str(), right.side.name.as_str());
            row.worsen(known);
            row.excuse(class, excuse);
            row.differs_in(names.1);
            row.is_young |= !class.is_meant() && !is_open;
            row.is_open |= is_open;
            if !is_open {
                let found = rules::finding(class, service, &change, names, locations, secret);
                row.findings
                    .extend(found.map(|found| found.offending(offended)));
                return;
            }
            told = Some(Box::new(Told {
                service: named,
                offended: judged.offended,
                locations,
                secret,
            }));
            Row::Given(number)
        };
        // What is not there is called as on the side where it is; within maps a place is the same
        // one on both.
        let old = || lineage::steps(left.values.value(), from);
        let new = || lineage::steps(right.values.value(), &change.pointer);
        let is_same = !is_item && *from == change.pointer;
        let [upstream, downstream] = match (change.old.is_some(), change.new.is_some()) {
            (true, true) if !is_same => [old(), new()],
            (true, _) => twice(old()),
            (false, _) => twice(new()),
        };
        self.open.entry(pair).or_default().push(Open {
            row,
            sources: [left, right].map(|read| Arc::clone(&read.source)),
            steps: [upstream, downstream],
            change,
            class,
            told,
        });
    }
}

/// Looks at a difference of two sides as rules do.
fn looked<'a>(service: Option<&'a str>, change: &'a Change, sides: [&'a Side; 2]) -> Looked<'a> {
    Looked {
        service,
        pointer: &change.pointer,
        environments: sides.map(Side::environment),
        values: [change.old.as_ref(), change.new.as_ref()],
    }
}

/// Says in a row what the sides of a pair hold; in a new one, what all hold.
fn fill(row: &mut Difference, resolved: &[Read<'_>], pair: [usize; 2], change: &Change, new: bool) {
    for (index, read) in resolved.iter().enumerate().filter(|_| new) {
        match pair.contains(&index) {
            // What these hold follows; the others are in their places then.
            true => row.keep_place(&read.side.name),
            false => put(row, read, read.at(&change.pointer), &change.pointer),
        }
    }
    let [left, right] = pair.map(|index| &resolved[index]);
    let from = change.from.as_ref().unwrap_or(&change.pointer);
    put(row, left, change.old.as_ref(), from);
    put(row, right, change.new.as_ref(), &change.pointer);
}

/// Says in a row what a side holds.
fn put(row: &mut Difference, read: &Read<'_>, value: Option<&Value>, place: &Pointer) {
    let provenance = value.and_then(|_| read.values.provenance(place));
    row.put(&read.side.name, value, provenance.as_ref());
}

fn twice(steps: Arc<[Step]>) -> [Arc<[Step]>; 2] {
    [Arc::clone(&steps), steps]
}

/// Says whether a difference came about after a moment; where its commit is not known, it may have.
fn is_younger(repo: &Repo, commit: Option<&str>, since: Option<&Since>) -> Result<bool> {
    let (Some(commit), Some(since)) = (commit, since) else {
        return Ok(true);
    };
    let commit = repo.revision(commit)?.id;
    Ok(match since {
        Since::Day(day) => Date::of_unix(repo.commit(commit)?.committer.time) >= *day,
        Since::Commit(id) => !repo.is_ancestor(commit, *id)?,
    })
}
