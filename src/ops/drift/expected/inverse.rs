use std::collections::{BTreeMap, BTreeSet};

use super::super::Filter;
use super::super::body::MustDiffer;
use super::super::read::{Read, hides};
use super::super::rows::Rows;
use super::super::sides::Side;
use super::{Expect, Expectations, MUST_DIFFER, STALE_EXCEPTION};
use crate::config::Configuration;
use crate::document::{Value, diff};
use crate::error::Result;
use crate::report::Finding;
use crate::text::Pointer;

/// Finds values that must differ and are equal, and rules that nothing is about any more.
pub(in crate::ops::drift) fn inverse(
    configuration: &Configuration,
    sides: &[Side],
    services: &[Option<&str>],
    filter: &Filter,
    rows: &mut Rows<'_>,
) -> Result<()> {
    let expected = rows.expected;
    let looks_at_values = |number: &usize| {
        matches!(
            expected.entries[*number].expect,
            Expect::Differ | Expect::Equal
        )
    };
    let rules: Vec<usize> = (0..expected.entries.len())
        .filter(looks_at_values)
        .collect();
    for service in services.iter().filter(|_| !rules.is_empty()) {
        let of_service = |number: &&usize| expected.entries[**number].is_of_service(*service);
        let rules: Vec<usize> = rules.iter().filter(of_service).copied().collect();
        if !rules.is_empty() {
            equal(configuration, sides, *service, &rules, filter, rows)?;
        }
    }
    if is_complete(configuration, sides, filter) {
        rows.findings.extend(stale(expected, &rows.used));
    }
    // What no longer demands anything is told, too.
    for number in rules {
        let entry = &expected.entries[number];
        if entry.is_over(expected.today) && rows.used[number] {
            rows.over[number] = true;
        }
    }
    Ok(())
}

/// Looks at the values of one service in all environments that have it.
fn equal(
    configuration: &Configuration,
    sides: &[Side],
    service: Option<&str>,
    rules: &[usize],
    filter: &Filter,
    rows: &mut Rows<'_>,
) -> Result<()> {
    let expected = rows.expected;
    let mut resolved: Vec<Read<'_>> = Vec::new();
    for side in sides {
        if let Some(name) = service
            && !configuration
                .services(&side.tree)?
                .iter()
                .any(|it| it == name)
        {
            continue;
        }
        let target = configuration
            .manifest()
            .target(side.environment.as_deref(), service);
        let (read, _) = Read::of(configuration, side, &target)?;
        // These values may not have been compared.
        rows.cover.add_all(&read.schemas);
        resolved.push(read);
    }
    let mut shared: BTreeMap<(usize, Pointer), BTreeSet<usize>> = BTreeMap::new();
    for (index, read) in resolved.iter().enumerate() {
        let environment = read.side.environment();
        read.values.walk(|pointer, value| {
            if !filter.path.contains(pointer) {
                return;
            }
            for &number in rules {
                let entry = &expected.entries[number];
                if !entry.path.covers(pointer) || !entry.names(environment) {
                    continue;
                }
                rows.used[number] = true;
                if !matches!(entry.expect, Expect::Differ) || entry.is_over(expected.today) {
                    continue;
                }
                for (other, beside) in resolved.iter().enumerate() {
                    let is_other = environment != beside.side.environment();
                    // Items that have a name may stand in any order.
                    let is_same = |other: &Value| {
                        let merge = &configuration.manifest().merge;
                        let identity = beside.schemas.identity(merge);
                        value == other
                            || (value.as_array().is_some()
                                && diff(value, other, &identity.below(pointer)).is_empty())
                    };
                    if is_other && beside.at(pointer).is_some_and(is_same) {
                        let known = shared.entry((number, pointer.clone())).or_default();
                        known.extend([index, other]);
                    }
                }
            }
        });
    }
    for ((number, pointer), places) in shared {
        let entry = &expected.entries[number];
        let names: Vec<&str> = places
            .iter()
            .map(|&it| resolved[it].side.name.as_str())
            .collect();
        let of = service.map_or_else(String::new, |name| format!(" of {name}"));
        let (last, others) = names.split_last().unwrap_or((&"", &[]));
        let message = format!(
            "`{}`{of} is the same in {} and {last}",
            pointer.dotted(),
            others.join(", ")
        );
        let secret = hides(&resolved, &pointer);
        let mut locations = places.iter().rev().map(|&it| {
            let read = &resolved[it];
            let location = read.location(&pointer, secret);
            location.with_label(format!("in {}", read.side.name))
        });
        let Some(location) = locations.next() else {
            continue;
        };
        let finding = Finding::new(&MUST_DIFFER, message, location).with_help(entry.said());
        rows.findings
            .push(locations.fold(finding, Finding::with_related));
        rows.must_differ.push(MustDiffer {
            service: service.map(str::to_owned),
            pointer,
            environments: names.into_iter().map(str::to_owned).collect(),
            rule: entry.into(),
        });
    }
    Ok(())
}

/// Says whether all there is was compared, so that what no rule met is there no more.
fn is_complete(configuration: &Configuration, sides: &[Side], filter: &Filter) -> bool {
    let mut names = configuration.manifest().environment_names();
    filter.service.is_none()
        && filter.path.is_root()
        && names.all(|name| {
            let mut sides = sides.iter();
            sides.any(|side| side.name == name)
        })
}

fn stale(expected: &Expectations, used: &[bool]) -> Vec<Finding> {
    let unused = expected
        .entries
        .iter()
        .zip(used)
        .filter(|(_, used)| !**used);
    unused
        .map(|(entry, _)| {
            let message = match entry.expect {
                Expect::Differ | Expect::Equal => {
                    format!(
                        "nothing is set at `{}`, which this rule is about",
                        entry.path
                    )
                }
                _ => format!("no difference at `{}` needs this rule any more", entry.path),
            };
            Finding::new(&STALE_EXCEPTION, message, entry.location.clone())
                .with_help("delete the rule")
        })
        .collect()
}
