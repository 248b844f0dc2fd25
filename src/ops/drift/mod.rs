//! How environments differ: every difference of their resolved values, by service and place.
//!
//! What Git knows to be equal is never read: a target whose layers have the same object ids in
//! two environments is passed over before anything is parsed.

mod alike;
mod body;
mod closures;
mod counting;
mod difference;
mod expected;
mod files;
mod leaves;
mod lineage;
mod mend;
mod narrow;
mod open;
mod peers;
mod place;
mod read;
mod readings;
mod rendered;
mod rest;
mod rows;
mod rules;
mod sealed;
mod sides;
mod states;
#[cfg(test)]
mod tests;
mod values;
mod versions;
mod view;
mod walks;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

pub use body::{
    Difference, DriftBody, EnvironmentBody, MustDiffer, Remedy, RuleBody, SCHEMA, Usual,
};
pub use expected::{
    Agreement, EXPECTATIONS, EXPECTATIONS_SCHEMA, Expect, Expectation, Expectations, accept,
    accepted,
};
pub use rules::RULES;
pub use sides::{Side, all_sides, sides};

use crate::config::{Closure, Configuration, Snapshot};
use crate::document::{Change, diff};
use crate::error::Result;
use crate::git::Oid;
use crate::report::Report;
use crate::seal::Identities;
use crate::text::{Date, Pointer};

use closures::Closures;
use expected::inverse;
use leaves::leaves;
use lineage::Asked;
use narrow::{Narrowed, narrow};
use rows::Rows;
use sealed::Sealed;
use walks::{Walks, walks};

/// What part of the differences is asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Show people those that are meant, too; other formats have them anyway.
    pub all: bool,
    /// Only this service.
    pub service: Option<String>,
    /// Only what stands at or below this place.
    pub path: Pointer,
    /// Compare each environment with what is usual among them, and not with the next.
    pub peers: bool,
    /// Only what came to differ since then, as far as the history says.
    pub since: Option<Since>,
    /// Give at most so many of the differences that people are shown, the first ones, and count
    /// the others.
    pub most: Option<usize>,
    /// The day that counts as today; without one no rule of `drift.yaml` is over.
    pub today: Option<Date>,
    /// What opens sealed values, to compare them, too.
    pub identities: Option<Arc<Identities>>,
}

/// A moment that differences are younger than.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// A day.
    Day(Date),
    /// A commit.
    Commit(Oid),
}

/// Compares environments, each with the one it follows or with what is usual among them, and gives every difference of resolved values.
///
/// # Errors
///
/// Where a tree cannot be read, a layer is broken, or the service asked for is in none, or nothing
/// is set at the place asked for.
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
    let mut differing: Vec<Differing<'_>> = Vec::new();
    for service in targets.iter().copied() {
        let closures = Closures::of(configuration, sides, service)?;
        if closures.differ(configuration, sides)? {
            differing.push((service, closures));
        }
    }
    let manifest = Some(configuration.manifest());
    let expected = Expectations::read(configuration.here(), manifest, filter.today)?;
    let mut rows = Rows::new(&expected, filter);
    rows.sealed = Sealed::new(configuration, sides, filter.identities.as_ref())?;
    let (mut done, mut parsed) = (0, 0);
    let mut narrowed = Vec::new().into_iter();
    while let Some((service, closures)) = differing.get(done)
        && !counting::may_count(configuration, filter, &mut rows)
    {
        if done == parsed {
            parsed = counting::up_to(filter, done, differing.len());
            let these = &differing[done..parsed];
            narrowed = narrow(configuration, sides, these)?.into_iter();
            prefetch(sides, these, narrowed.as_slice());
        }
        let sides = match narrowed.next() {
            Some(Narrowed::Nothing) => {
                done += 1;
                continue;
            }
            Some(Narrowed::Part(sides)) => Cow::Owned(sides),
            Some(Narrowed::Whole) | None => Cow::Borrowed(sides),
        };
        let compare = match filter.peers {
            true => peers::compare_target,
            false => compare_target,
        };
        compare(configuration, &sides, *service, closures, filter, &mut rows)?;
        done += 1;
    }
    let rest = &differing[done..];
    let walked = match rest.is_empty() {
        true => Walks::new(),
        false => walks(configuration, sides, &differing, &expected)?,
    };
    counting::count(configuration, sides, rest, filter, &walked, &mut rows)?;
    let asked = Asked::All(filter.since.as_ref());
    rows.settle(configuration, sides, asked, &walked)?;
    inverse(configuration, sides, &targets, filter, &mut rows)?;
    let report = rows.report(sides, filter.all);
    if report.body.differences.is_empty() {
        place::is_known(configuration, sides, filter)?;
    }
    Ok(report)
}

/// A service whose layers differ, with these.
type Differing<'a> = (Option<&'a str>, Closures);

/// Parses the layers of those that are read as a whole beforehand: that is nearly all of the work.
fn prefetch(sides: &[Side], differing: &[Differing<'_>], narrowed: &[Narrowed]) {
    for (number, side) in sides.iter().enumerate() {
        let whole = differing.iter().zip(narrowed);
        let whole = whole.filter(|(_, narrowed)| matches!(narrowed, Narrowed::Whole));
        let layers = whole.map(|((_, closures), _)| &closures.layers[number]);
        let needed: BTreeSet<_> = layers.flat_map(Closure::layers).cloned().collect();
        side.tree.prefetch(&needed.into_iter().collect::<Vec<_>>());
    }
}

/// Compares revisions or folders that have no manifest: every configuration file by its path.
/// `here` is the tree whose `drift.yaml` counts.
///
/// # Errors
///
/// Where a tree cannot be read.
pub fn drift_files(here: &Snapshot, sides: &[Side], filter: &Filter) -> Result<Report<DriftBody>> {
    let expected = Expectations::read(here, None, filter.today)?;
    let mut rows = Rows::new(&expected, filter);
    files::compare(sides, filter, &mut rows)?;
    Ok(rows.report(sides, filter.all))
}

fn compare_target(
    configuration: &Configuration,
    sides: &[Side],
    service: Option<&str>,
    closures: &Closures,
    filter: &Filter,
    rows: &mut Rows<'_>,
) -> Result<()> {
    let manifest = configuration.manifest();
    let resolved = closures.read(configuration, sides, rows)?;
    rows.rest.look(&rows.differences);
    let pairs = sides::pairs(manifest, sides);
    let beside = rows.expected.pairs_beside(&pairs, sides);
    for (number, &pair) in pairs.iter().chain(&beside).enumerate() {
        let is_beside = number >= pairs.len();
        let [left, right] = pair.map(|index| &resolved[index]);
        if closures.same_layers(pair[0], pair[1]) && left.schemas.merges_as(&right.schemas) {
            continue;
        }
        let identity = right.schemas.identity(&manifest.merge);
        for change in diff(left.values.value(), right.values.value(), &identity) {
            if !touches(filter, &change) {
                continue;
            }
            for change in leaves(change) {
                let is_wanted = !is_beside || rows.demand_equal(service, &change, [left, right]);
                if is_wanted && filter.path.contains(&change.pointer) {
                    rows.add(service, &resolved, pair, change);
                }
            }
        }
    }
    Ok(())
}

fn touches(filter: &Filter, change: &Change) -> bool {
    filter.path.contains(&change.pointer) || change.pointer.contains(&filter.path)
}
