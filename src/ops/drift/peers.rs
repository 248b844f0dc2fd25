//! Environments that are each other's equals, such as regions: each value beside the usual one.

use std::collections::BTreeSet;

use super::body::Difference;
use super::closures::Closures;
use super::expected::{Judged, Offending};
use super::read::{Read, hides};
use super::rows::Rows;
use super::rules::{self, Class};
use super::sealed::are_sealed;
use super::{Filter, Side};
use crate::config::Configuration;
use crate::document::{Change, ChangeKind, Value, diff};
use crate::error::Result;
use crate::ops::diff::short;
use crate::report::Finding;
use crate::text::Pointer;

/// Compares the values of one service in all environments with the usual ones.
pub(super) fn compare_target(
    configuration: &Configuration,
    sides: &[Side],
    service: Option<&str>,
    closures: &Closures,
    filter: &Filter,
    rows: &mut Rows<'_>,
) -> Result<()> {
    let resolved = closures.read(configuration, sides, rows)?;
    let sealed = std::mem::take(&mut rows.sealed);
    for pointer in places(&resolved, filter) {
        let same = |a: Option<&Value>, b: Option<&Value>| match (a, b) {
            (Some(_), Some(_)) if are_sealed(a, b) => {
                let side = |value: Option<&Value>| {
                    let is_it = |read: &Read<'_>| {
                        let own = read.at(&pointer);
                        own.zip(value)
                            .is_some_and(|(own, value)| std::ptr::eq(own, value))
                    };
                    resolved.iter().position(is_it).unwrap_or(0)
                };
                let (a, b) = ((side(a), a, &pointer), (side(b), b, &pointer));
                sealed.pass(&resolved, a, b)
            }
            (Some(a), Some(b)) => {
                let whole = resolved[0]
                    .schemas
                    .identity(&configuration.manifest().merge);
                a == b || (a.as_array().is_some() && diff(a, b, &whole.below(&pointer)).is_empty())
            }
            (a, b) => a.is_none() && b.is_none(),
        };
        let values: Vec<Option<&Value>> = resolved.iter().map(|read| read.at(&pointer)).collect();
        let usual = usual(&values, &same);
        if usual.is_some_and(|(_, count)| count == values.len()) {
            continue;
        }
        add(&resolved, service, &pointer, &values, usual, &same, rows);
    }
    rows.sealed = sealed;
    Ok(())
}

/// Gives the places at which a value is set in any environment: those of no map with keys, and of
/// a whole list.
fn places(resolved: &[Read<'_>], filter: &Filter) -> Vec<Pointer> {
    let mut places = BTreeSet::new();
    for read in resolved {
        read.values.walk(|pointer, _| {
            // Where nothing is set at all, nothing is at the root either.
            if filter.path.contains(pointer) && !pointer.is_root() {
                places.insert(pointer.clone());
            }
        });
    }
    // Where one environment has a value and another a map, they differ there, and not further in.
    let mut kept: Vec<Pointer> = Vec::with_capacity(places.len());
    for place in places {
        if !kept.last().is_some_and(|above| above.contains(&place)) {
            kept.push(place);
        }
    }
    kept
}

type Same<'s> = dyn Fn(Option<&Value>, Option<&Value>) -> bool + 's;

/// Finds the value that most environments hold, by the number of the first of them, and how many
/// there are; none where two values are as usual as each other.
fn usual(values: &[Option<&Value>], same: &Same<'_>) -> Option<(usize, usize)> {
    let mut groups: Vec<(usize, usize)> = Vec::new();
    for (index, value) in values.iter().enumerate() {
        match groups
            .iter_mut()
            .find(|(first, _)| same(values[*first], *value))
        {
            Some((_, count)) => *count += 1,
            None => groups.push((index, 1)),
        }
    }
    let most = groups.iter().map(|(_, count)| *count).max()?;
    let mut usual = groups.iter().filter(|(_, count)| *count == most);
    let first = usual.next().copied();
    first.filter(|_| usual.next().is_none())
}

fn add(
    resolved: &[Read<'_>],
    service: Option<&str>,
    pointer: &Pointer,
    values: &[Option<&Value>],
    usual: Option<(usize, usize)>,
    same: &Same<'_>,
    rows: &mut Rows<'_>,
) {
    let (first, count) = usual.unwrap_or((0, 1));
    let odd: Vec<usize> = (0..values.len())
        .filter(|&index| !same(values[index], values[first]))
        .collect();
    let mut class = Class::SameByDefault;
    let mut excuses = Vec::new();
    let mut offended = None;
    for &index in &odd {
        let change = Change {
            kind: match (values[first], values[index]) {
                (None, _) => ChangeKind::Added,
                (_, None) => ChangeKind::Removed,
                (Some(a), Some(b)) if a.type_name() != b.type_name() => ChangeKind::TypeChanged,
                _ => ChangeKind::Changed,
            },
            pointer: pointer.clone(),
            from: None,
            old: values[first].cloned(),
            new: values[index].cloned(),
        };
        let right = &resolved[index];
        // Beside whom it is looked at must not matter: all that hold the usual value are asked.
        let holders = (0..values.len()).filter(|&it| same(values[it], values[first]));
        let holders: Vec<usize> = holders.collect();
        let mut judged = Judged::default();
        let mut excused = Vec::new();
        for &holder in &holders {
            let with = rows.judge(service, &change, [resolved[holder].side, right.side]);
            excused.extend(with.excused);
            judged.offended = judged.offended.or(with.offended);
        }
        let excused = excused
            .first()
            .copied()
            .filter(|_| excused.len() == holders.len());
        judged.excused = excused.filter(|_| judged.offended.is_none());
        let specific = holders
            .iter()
            .any(|&it| resolved[it].schemas.is_env_specific(pointer));
        let mut here = rules::classify(&change, &resolved[first].schemas, &right.schemas, pointer);
        if specific && here != Class::SameByDefault {
            here = Class::Intentional;
        }
        excuses.extend(judged.excused.filter(|_| !here.is_meant()));
        here = judged.class(here, change.kind);
        offended = offended.or(judged.offended);
        if here.is_meant() {
            class = class.min(here);
        } else {
            class = class.max(here);
        }
    }
    let key = (service.map(std::sync::Arc::from), pointer.clone(), None);
    let secret = hides(resolved, pointer);
    let mut row = Difference::new(service, pointer.clone(), class).hiding(secret);
    for (read, value) in resolved.iter().zip(values) {
        row.put(
            &read.side.name,
            *value,
            read.values.provenance(pointer).as_ref(),
        );
    }
    let excuse = excuses
        .first()
        .map(|number| &rows.expected.entries[*number]);
    row.excuse(class, excuse);
    let odd: Vec<&Read<'_>> = match usual {
        Some(_) => odd.into_iter().map(|index| &resolved[index]).collect(),
        None => resolved.iter().collect(),
    };
    for read in &odd {
        row.differs_in(&read.side.name);
    }
    row.beside_the_usual(
        usual.map(|(first, count)| (values[first], count)),
        values.len(),
    );
    if let (Some(rule), Some(last)) = (class.rule(), odd.last().copied()) {
        let message = match secret {
            true => secret_message(service, pointer, &odd),
            false => message(
                service,
                pointer,
                &odd,
                usual.map(|_| (values[first], count)),
            ),
        };
        let place = |read: &Read<'_>| {
            let location = read.location(pointer, secret);
            location.with_label(format!("in {}", read.side.name))
        };
        let mut finding = Finding::new(rule, message, place(last));
        if usual.is_some() {
            finding = finding.with_related(place(&resolved[first]));
        }
        let entry = offended.map(|number| &rows.expected.entries[number]);
        let finding = finding.offending(entry);
        row.findings.push(finding);
    }
    rows.differences.insert(key, Box::new(row));
}

/// Says in which environments a secret is another one.
fn secret_message(service: Option<&str>, pointer: &Pointer, odd: &[&Read<'_>]) -> String {
    let of = service.map_or_else(String::new, |name| format!(" of {name}"));
    let names: Vec<_> = odd.iter().map(|read| read.side.name.as_str()).collect();
    let key = pointer.dotted();
    format!(
        "`{key}`{of}, a secret, is another one in {}",
        names.join(", ")
    )
}

/// Says which environments are the odd ones out.
fn message(
    service: Option<&str>,
    pointer: &Pointer,
    odd: &[&Read<'_>],
    usual: Option<(Option<&Value>, usize)>,
) -> String {
    let said = |value: Option<&Value>| value.map_or_else(|| "not set".to_owned(), short);
    let of = service.map_or_else(String::new, |name| format!(" of {name}"));
    let each: Vec<_> = odd
        .iter()
        .map(|read| format!("{} in {}", said(read.at(pointer)), read.side.name))
        .collect();
    let each = each.join(", ");
    let key = pointer.dotted();
    match usual {
        Some((value, count)) => {
            let others = match count {
                1 => "the other one".to_owned(),
                count => format!("the {count} others"),
            };
            format!("`{key}`{of} is {each}, and {} in {others}", said(value))
        }
        None => format!("`{key}`{of} is {each}"),
    }
}
