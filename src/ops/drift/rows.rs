//! The rows of the answer: found one by one, then settled by the histories of their values.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lineage::{self, Wanted};
use super::rules::{self, Class, classify};
use super::{Difference, DriftBody, EnvironmentBody, Filter, Side};
use crate::config::{Configuration, Resolved, Schemas};
use crate::document::{Change, Value};
use crate::error::Result;
use crate::report::{Finding, Location, Report};
use crate::text::Pointer;

/// The differences found so far, with what is wrong about them.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) differences: BTreeMap<(Option<String>, Pointer), Difference>,
    pub(super) findings: Vec<Finding>,
    /// Values that differ, whose histories say what that is.
    open: Vec<Open>,
}

/// A difference between two sides that have a history.
struct Open {
    /// The number of the later side.
    index: usize,
    service: Option<String>,
    change: Change,
    class: Class,
    upstream: Wanted,
    downstream: Wanted,
    locations: (Option<Location>, Option<Location>),
}

impl Rows {
    /// Finds out by their histories what the open differences are.
    pub(super) fn settle(&mut self, configuration: &Configuration, sides: &[Side]) -> Result<()> {
        let open = std::mem::take(&mut self.open);
        let Some(repo) = configuration.repo().filter(|_| !open.is_empty()) else {
            return Ok(());
        };
        for index in 1..sides.len() {
            let (left, right) = (&sides[index - 1], &sides[index]);
            let (Some(up), Some(down)) = (left.tip, right.tip) else {
                continue;
            };
            let (mut rows, mut upstream, mut downstream) = (Vec::new(), Vec::new(), Vec::new());
            for it in open.iter().filter(|it| it.index == index) {
                rows.push(it);
                upstream.push(&it.upstream);
                downstream.push(&it.downstream);
            }
            let upstream = lineage::pasts(repo, configuration, up, &upstream)?;
            let downstream = lineage::pasts(repo, configuration, down, &downstream)?;
            for ((it, up), down) in rows.into_iter().zip(&upstream).zip(&downstream) {
                let class = match it.class {
                    Class::ValueDiffers => lineage::class(up, down),
                    class => class,
                };
                let names = (left.name.as_str(), right.name.as_str());
                let service = it.service.as_deref();
                let found = rules::finding(class, service, &it.change, names, it.locations.clone());
                let key = (it.service.clone(), it.change.pointer.clone());
                let Some(row) = self.differences.get_mut(&key) else {
                    continue;
                };
                row.worsen(class);
                row.explain(class, names, [up, down], &it.change);
                self.findings.extend(found.map(|found| row.told(found)));
            }
        }
        Ok(())
    }

    pub(super) fn report(self, sides: &[Side], filter: &Filter) -> Report<DriftBody> {
        let differences: Vec<_> = self.differences.into_values().collect();
        let environments = sides.iter().map(|side| EnvironmentBody {
            name: side.name.clone(),
            revision: side.tree.label().map(str::to_owned),
        });
        Report::new(
            None,
            self.findings,
            DriftBody::new(environments.collect(), differences, filter.all),
        )
    }
}

/// What one side holds.
pub(super) type Read<'a> = (&'a Side, Resolved, Arc<Schemas>);

/// Takes a difference of two neighbouring sides up.
pub(super) fn add_row(
    configuration: &Configuration,
    service: Option<&str>,
    resolved: &[Read<'_>],
    index: usize,
    change: &Change,
    rows: &mut Rows,
) {
    let (left, right) = (&resolved[index - 1], &resolved[index]);
    let from = change.from.as_ref().unwrap_or(&change.pointer);
    let class = classify(change, &left.2, &right.2, from);
    let is_open = !class.is_meant() && left.0.tip.is_some() && right.0.tip.is_some();
    let known = match class {
        // What it is will be known when the histories have been read.
        Class::ValueDiffers if is_open => Class::SameByDefault,
        class => class,
    };
    let key = (service.map(str::to_owned), change.pointer.clone());
    let row = rows.differences.entry(key).or_insert_with(|| {
        let mut row = Difference::new(service, change.pointer.clone(), known);
        for (side, value, _) in resolved {
            row.put(
                &side.name,
                value.value().at(&change.pointer),
                value.provenance(&change.pointer).as_ref(),
            );
        }
        row
    });
    row.put(
        &left.0.name,
        change.old.as_ref(),
        left.1.provenance(from).as_ref(),
    );
    row.put(
        &right.0.name,
        change.new.as_ref(),
        right.1.provenance(&change.pointer).as_ref(),
    );
    row.worsen(known);
    let locations = (
        change.old.is_some().then(|| left.1.location(from)),
        change
            .new
            .is_some()
            .then(|| right.1.location(&change.pointer)),
    );
    if is_open {
        // What is not there is called as on the side where it is.
        let steps = |read: &Read<'_>, pointer: &Pointer| lineage::steps(read.1.value(), pointer);
        let upstream = match change.old.is_some() {
            true => steps(left, from),
            false => steps(right, &change.pointer),
        };
        let downstream = match change.new.is_some() {
            true => steps(right, &change.pointer),
            false => steps(left, from),
        };
        let wanted = |read: &Read<'_>, steps, [now, other]: [&Option<Value>; 2]| Wanted {
            layers: configuration.layer_paths(read.1.target()),
            target: read.1.target().clone(),
            steps,
            now: now.clone(),
            other: other.clone(),
        };
        rows.open.push(Open {
            index,
            service: service.map(str::to_owned),
            upstream: wanted(left, upstream, [&change.old, &change.new]),
            downstream: wanted(right, downstream, [&change.new, &change.old]),
            change: change.clone(),
            class,
            locations,
        });
        return;
    }
    let names = (left.0.name.as_str(), right.0.name.as_str());
    rows.findings
        .extend(rules::finding(class, service, change, names, locations));
}
