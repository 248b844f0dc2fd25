//! How environments differ: every difference of their resolved values, by service and place.
//!
//! What Git knows to be equal is never read: a target whose layers have the same object ids in
//! two environments is passed over before anything is parsed.

mod body;
mod files;
mod lineage;
mod rules;
mod sides;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::BString;

pub use body::{Difference, DriftBody, EnvironmentBody, SCHEMA};
pub use rules::RULES;
pub use sides::{Side, sides};

use crate::config::{Configuration, Resolved, Schemas, Target};
use crate::document::{Change, Value, diff};
use crate::error::Result;
use crate::git::Oid;
use crate::report::{Finding, Location, Report};
use crate::text::Pointer;

use lineage::Wanted;
use rules::{Class, classify};

/// What part of the differences is asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Show people those that are meant, too; other formats have them anyway.
    pub all: bool,
    /// Only this service.
    pub service: Option<String>,
    /// Only what stands at or below this place.
    pub path: Pointer,
}

/// Compares environments, each with the next, and gives every difference of resolved values.
///
/// # Errors
///
/// Where a tree cannot be read, a layer is broken, or the service asked for is in none.
pub fn drift(
    configuration: &Configuration,
    sides: &[Side],
    filter: &Filter,
) -> Result<Report<DriftBody>> {
    let mut services = BTreeSet::new();
    for side in sides {
        services.extend(configuration.services(&side.tree)?);
    }
    if let Some(wanted) = &filter.service {
        if !services.contains(wanted) {
            let message = format!("there is no service `{wanted}` in any of these environments");
            let names = services.iter().map(String::as_str);
            return Err(crate::Error::not_found(message).with_names(wanted, names));
        }
        services.retain(|service| service == wanted);
    }
    let mut targets: Vec<Option<&str>> = services.iter().map(|name| Some(name.as_str())).collect();
    if targets.is_empty() {
        targets.push(None);
    }
    let mut differing = Vec::new();
    let mut needed = vec![BTreeSet::new(); sides.len()];
    for service in targets {
        let closures = Closures::of(configuration, sides, service)?;
        if closures.differ(configuration, sides)? {
            for (needed, layers) in needed.iter_mut().zip(&closures.layers) {
                needed.extend(layers.iter().map(|(path, _)| path.clone()));
            }
            differing.push((service, closures));
        }
    }
    // Parsing is nearly all of the work.
    for (side, needed) in sides.iter().zip(needed) {
        side.tree.prefetch(&needed.into_iter().collect::<Vec<_>>());
    }
    let mut rows = Rows::default();
    for (service, closures) in &differing {
        compare_target(configuration, sides, *service, closures, filter, &mut rows)?;
    }
    rows.settle(configuration, sides)?;
    Ok(rows.report(sides, filter))
}

/// Compares revisions or folders that have no manifest: every configuration file by its path.
///
/// # Errors
///
/// Where a tree cannot be read.
pub fn drift_files(sides: &[Side], filter: &Filter) -> Result<Report<DriftBody>> {
    let mut rows = Rows::default();
    files::compare(sides, filter, &mut rows)?;
    Ok(rows.report(sides, filter))
}

/// The differences found so far, with what is wrong about them.
#[derive(Default)]
struct Rows {
    differences: BTreeMap<(Option<String>, Pointer), Difference>,
    findings: Vec<Finding>,
    /// Values that differ, whose histories say what that is.
    open: Vec<Open>,
}

/// A value that differs between two sides that have a history.
struct Open {
    /// The number of the later side.
    index: usize,
    service: Option<String>,
    change: Change,
    upstream: Wanted,
    downstream: Wanted,
    locations: (Option<Location>, Option<Location>),
}

impl Rows {
    /// Finds out by their histories what the open differences are.
    fn settle(&mut self, configuration: &Configuration, sides: &[Side]) -> Result<()> {
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
                let class = lineage::class(up, down);
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

    fn report(self, sides: &[Side], filter: &Filter) -> Report<DriftBody> {
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

/// The layers of one service on every side.
struct Closures {
    targets: Vec<Target>,
    layers: Vec<Vec<(BString, Oid)>>,
}

impl Closures {
    fn of(configuration: &Configuration, sides: &[Side], service: Option<&str>) -> Result<Self> {
        let manifest = configuration.manifest();
        let mut closures = Self {
            targets: Vec::with_capacity(sides.len()),
            layers: Vec::with_capacity(sides.len()),
        };
        for side in sides {
            let target = manifest.target(side.environment.as_deref(), service);
            closures
                .layers
                .push(configuration.closure(&side.tree, &target)?);
            closures.targets.push(target);
        }
        Ok(closures)
    }

    /// Says whether the values can differ: equal layers under equal ways of merging resolve to
    /// equal values.
    fn differ(&self, configuration: &Configuration, sides: &[Side]) -> Result<bool> {
        if (1..sides.len()).any(|index| !self.same_layers(0, index)) {
            return Ok(true);
        }
        let mut first = None;
        for (side, target) in sides.iter().zip(&self.targets) {
            let schemas = configuration.schemas(&side.tree, target)?;
            if !first
                .get_or_insert_with(|| Arc::clone(&schemas))
                .merges_as(&schemas)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn same_layers(&self, a: usize, b: usize) -> bool {
        let ids = |index: usize| self.layers[index].iter().map(|(_, id)| id);
        ids(a).eq(ids(b))
    }
}

fn compare_target(
    configuration: &Configuration,
    sides: &[Side],
    service: Option<&str>,
    closures: &Closures,
    filter: &Filter,
    rows: &mut Rows,
) -> Result<()> {
    let manifest = configuration.manifest();
    let mut resolved = Vec::with_capacity(sides.len());
    for (side, target) in sides.iter().zip(&closures.targets) {
        let (value, findings) = configuration.resolve_in(&side.tree, target)?;
        rows.findings.extend(findings);
        let schemas = configuration.schemas(&side.tree, target)?;
        resolved.push((side, value, schemas));
    }
    for index in 1..resolved.len() {
        let (left, right) = (&resolved[index - 1], &resolved[index]);
        if closures.same_layers(index - 1, index) && left.2.merges_as(&right.2) {
            continue;
        }
        let identity = right.2.identity(&manifest.merge);
        for change in diff(left.1.value(), right.1.value(), &identity) {
            if !touches(filter, &change) {
                continue;
            }
            for change in leaves(change) {
                if filter.path.contains(&change.pointer) {
                    add_row(configuration, service, &resolved, index, &change, rows);
                }
            }
        }
    }
    Ok(())
}

type Read<'a> = (&'a Side, Resolved, Arc<Schemas>);

fn touches(filter: &Filter, change: &Change) -> bool {
    filter.path.contains(&change.pointer) || change.pointer.contains(&filter.path)
}

/// Splits an added or removed map into the keys below it, so that each row is one value.
fn leaves(change: Change) -> Vec<Change> {
    fn step(
        change: &Change,
        pointer: &mut Pointer,
        value: &crate::document::Value,
        out: &mut Vec<Change>,
    ) {
        match value.as_object() {
            Some(map) if !map.is_empty() => {
                for (key, value) in map.iter() {
                    pointer.push(key.clone());
                    step(change, pointer, value, out);
                    pointer.pop();
                }
            }
            _ => {
                let side = |there: bool| there.then(|| value.clone());
                out.push(Change {
                    kind: change.kind,
                    pointer: pointer.clone(),
                    from: None,
                    old: side(change.old.is_some()),
                    new: side(change.new.is_some()),
                });
            }
        }
    }
    let value = match (&change.old, &change.new) {
        (None, Some(value)) | (Some(value), None) if value.as_object().is_some() => value.clone(),
        _ => return vec![change],
    };
    let mut out = Vec::new();
    step(&change, &mut change.pointer.clone(), &value, &mut out);
    out
}

fn add_row(
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
    let is_open = class == Class::ValueDiffers && left.0.tip.is_some() && right.0.tip.is_some();
    // What it is will be known when the histories have been read.
    let class = if is_open { Class::SameByDefault } else { class };
    let key = (service.map(str::to_owned), change.pointer.clone());
    let row = rows.differences.entry(key).or_insert_with(|| {
        let mut row = Difference::new(service, change.pointer.clone(), class);
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
    row.worsen(class);
    let locations = (
        change.old.is_some().then(|| left.1.location(from)),
        change
            .new
            .is_some()
            .then(|| right.1.location(&change.pointer)),
    );
    if let (true, Some(old), Some(new)) = (is_open, &change.old, &change.new) {
        let wanted = |read: &Read<'_>, pointer: &Pointer, now: &Value, other: &Value| Wanted {
            layers: configuration.layer_paths(read.1.target()),
            target: read.1.target().clone(),
            steps: lineage::steps(read.1.value(), pointer),
            now: now.clone(),
            other: other.clone(),
        };
        rows.open.push(Open {
            index,
            service: service.map(str::to_owned),
            upstream: wanted(left, from, old, new),
            downstream: wanted(right, &change.pointer, new, old),
            change: change.clone(),
            locations,
        });
        return;
    }
    let names = (left.0.name.as_str(), right.0.name.as_str());
    rows.findings
        .extend(rules::finding(class, service, change, names, locations));
}
