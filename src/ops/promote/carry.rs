//! Carries values from one environment to another: into the layer that stands where the value
//! stands in the other one, and no further than was asked for.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice;

use crate::config::{Configuration, Resolved};
use crate::document::{Kind, Value};
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::ops::change::{Assignment, Given, Plan, Stays, Wanted, plan_all};
use crate::ops::drift::Difference;
use crate::report::{Finding, Severity};
use crate::seal::is_sealed;
use crate::text::Pointer;

/// A value that is to be carried over.
#[derive(Clone, Debug)]
pub(super) struct Carry<'r> {
    pub(super) from: &'r str,
    pub(super) to: &'r str,
    pub(super) row: &'r Difference,
    /// Where it stands: of an item of a list, the list.
    pointer: Pointer,
}

impl<'r> Carry<'r> {
    pub(super) fn of(row: &'r Difference, from: &'r str, to: &'r str) -> Self {
        let pointer = row.pointer.clone();
        Self {
            from,
            to,
            row,
            pointer,
        }
    }

    fn service(&self) -> Option<&'r str> {
        self.row.service.as_deref()
    }

    fn is_as(&self, other: &Self) -> bool {
        let of = |it: &Self| (it.from, it.to, it.service());
        of(self) == of(other) && self.pointer == other.pointer
    }

    /// Finds fault that it cannot be carried over.
    fn failed(&self, error: &Error) -> Option<Finding> {
        let mut finding = self.row.findings.first()?.clone();
        let message = &mut finding.message;
        message.push_str(&format!(
            "; it cannot be carried over to {}: {error}",
            self.to
        ));
        finding.severity = Severity::Error;
        finding.help = error.help().map(str::to_owned).or(finding.help);
        Some(finding)
    }
}

/// Says that a difference is not carried over, and why.
pub(super) fn stays(row: &Difference, reason: Option<String>) -> Stays {
    Stays {
        service: row.service.clone(),
        pointer: row.pointer.clone(),
        class: row.class,
        reason,
    }
}

/// The lists of a report whose items do not all go the same way: a list is carried over as a
/// whole, so that these stay.
pub(super) struct Lists<'r>(BTreeSet<(Option<&'r str>, &'r Pointer)>);

impl<'r> Lists<'r> {
    /// Looks at differences; `way` says where each goes, and nothing of one that stays.
    pub(super) fn torn<W: PartialEq>(
        rows: &'r [Difference],
        way: impl Fn(&'r Difference) -> Option<W>,
    ) -> Self {
        let mut ways: BTreeMap<(Option<&str>, &Pointer), Option<W>> = BTreeMap::new();
        let mut torn = BTreeSet::new();
        for row in rows
            .iter()
            .filter(|row| row.is_told() || row.is_intentional())
        {
            let Some(list) = &row.list else { continue };
            let key = (row.service.as_deref(), list);
            let way = way(row).filter(|_| row.is_told());
            let is_same = ways.get(&key).is_none_or(|known| *known == way);
            if way.is_none() || !is_same {
                torn.insert(key);
            }
            ways.entry(key).or_insert(way);
        }
        Self(torn)
    }

    /// Says why an item of a list stays, where it is in one that does.
    pub(super) fn keep(&self, row: &Difference) -> Option<String> {
        let list = row.list.as_ref()?;
        let is_torn = self.0.contains(&(row.service.as_deref(), list));
        is_torn.then(|| {
            format!(
                "`{}` is carried over as a whole, and not all of it is to be",
                list.dotted()
            )
        })
    }
}

/// Plans to carry values over to environments that live on one branch. What cannot be carried
/// stays, and the plan says why; where that is all there is, so is the error.
pub(super) fn plan(
    repo: &Repo,
    configuration: &Configuration,
    carries: &[Carry<'_>],
    to: &str,
) -> Result<Plan> {
    let first = match plan_of(repo, configuration, carries, to) {
        Err(error) if carries.len() > 1 => error,
        done => return done,
    };
    let (mut good, mut kept, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for carry in carries {
        match plan_of(repo, configuration, std::slice::from_ref(carry), to) {
            Ok(_) => good.push(carry.clone()),
            Err(error) => {
                kept.push(stays(carry.row, Some(error.to_string())));
                left.extend(carry.failed(&error));
            }
        }
    }
    if good.is_empty() || kept.is_empty() {
        return Err(first);
    }
    let mut plan = plan_of(repo, configuration, &good, to)?;
    plan.body.stays = kept;
    plan.left = left;
    Ok(plan)
}

fn plan_of(
    repo: &Repo,
    configuration: &Configuration,
    carries: &[Carry<'_>],
    to: &str,
) -> Result<Plan> {
    let mut known = Known {
        configuration,
        resolved: BTreeMap::new(),
    };
    let mut wanted: BTreeMap<(String, Option<String>, String), Wanted> = BTreeMap::new();
    let mut carried: Vec<(Carry<'_>, Option<Value>)> = Vec::new();
    for carry in carries {
        let place = known.place(carry)?;
        let carry = Carry {
            pointer: place.pointer,
            ..carry.clone()
        };
        if carried.iter().any(|(known, _)| known.is_as(&carry)) {
            continue;
        }
        let (to, service) = (carry.to.to_owned(), carry.row.service.clone());
        let key = (to.clone(), service.clone(), place.file.clone());
        let entry = wanted.entry(key).or_insert_with(|| Wanted {
            environment: Some(to),
            service,
            layer: Some(place.file),
            ..Wanted::default()
        });
        entry.assignments.push(Assignment {
            key: carry.pointer.clone(),
            value: place.given,
        });
        carried.push((carry, place.value));
    }
    let wanted: Vec<Wanted> = match wanted.is_empty() {
        // Nothing is to be done; the plan says so.
        true => vec![Wanted {
            environment: Some(to.to_owned()),
            ..Wanted::default()
        }],
        false => wanted.into_values().collect(),
    };
    let plan = plan_all(repo, configuration, &wanted)?;
    reaches_no_further(&plan, &carried)?;
    arrives(repo, configuration, &plan, &carried)?;
    Ok(plan)
}

struct Known<'a> {
    configuration: &'a Configuration,
    resolved: BTreeMap<(String, Option<String>), Resolved>,
}

/// Where a value is to be set.
struct Place {
    file: String,
    pointer: Pointer,
    /// What it is to be; none where nothing is to be set.
    value: Option<Value>,
    /// What is written there.
    given: Option<Given>,
}

impl Known<'_> {
    fn resolved(&mut self, environment: &str, service: Option<&str>) -> Result<&Resolved> {
        let key = (environment.to_owned(), service.map(str::to_owned));
        match self.resolved.entry(key) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(empty) => {
                let target = self
                    .configuration
                    .manifest()
                    .target(Some(environment), service);
                Ok(empty.insert(self.configuration.resolve(&target)?))
            }
        }
    }

    /// Finds the layer of the environment to change that stands where the value stands in the
    /// other one, or the higher one that sets it there. A list is carried over as a whole.
    fn place(&mut self, carry: &Carry<'_>) -> Result<Place> {
        let configuration = self.configuration;
        let service = carry.service();
        let source = self.resolved(carry.from, service)?;
        let mut pointer = whole(source, &carry.pointer);
        let value = source.value().at(&pointer).cloned();
        if let Some(value) = &value
            && value.holds_text(is_sealed)
        {
            let (key, to) = (pointer.dotted(), &carry.to);
            return Err(Error::usage(format!(
                "`{key}` is sealed for {}, and opens nowhere else",
                carry.from
            ))
            .with_help(format!(
                "seal its value there, too: `git strata secret seal {key} --env {to}`"
            )));
        }
        let at = |resolved: &Resolved, pointer: &Pointer| {
            let set = resolved.layer_of(pointer).map(|layer| layer.path.clone());
            let removed = || resolved.removed(pointer).map(|it| it.location);
            let set = set.or_else(|| Some(removed()?.source.name().into()))?;
            let layers = configuration.manifest().layers.iter();
            layers
                .map(|layer| layer.value.expand(resolved.target()))
                .position(|path| path.is_some_and(|path| path == set))
        };
        let here = at(source, &pointer);
        let destination = self.resolved(carry.to, service)?;
        if value.is_none() {
            pointer = whole(destination, &pointer);
        }
        let number = here.max(at(destination, &pointer));
        let layer = number.and_then(|number| configuration.manifest().layers.get(number));
        let file = layer
            .and_then(|layer| layer.value.expand(destination.target()))
            .ok_or_else(|| {
                let message = format!(
                    "no layer of {} is right for `{}`",
                    carry.to,
                    pointer.dotted()
                );
                Error::usage(message).with_help(format!(
                    "set it by hand: `git strata set KEY=VALUE --env {}`",
                    carry.to
                ))
            })?;
        let is_set_below = destination
            .provenance(&pointer)
            .is_some_and(|found| !found.overrides.is_empty());
        let given = match &value {
            Some(value) => Some(Given::of(value)),
            // What a lower layer sets is taken out by null.
            None => is_set_below.then(|| Given::of(&Value::detached(Kind::Null))),
        };
        Ok(Place {
            file: file.to_str_lossy().into_owned(),
            pointer,
            value,
            given,
        })
    }
}

/// Gives the list that a place is in, or the place itself.
fn whole(resolved: &Resolved, pointer: &Pointer) -> Pointer {
    let list = resolved.value().list_around(pointer);
    list.unwrap_or_else(|| pointer.clone())
}

/// Refuses a plan that changes what was not to be carried over.
fn reaches_no_further(plan: &Plan, carried: &[(Carry<'_>, Option<Value>)]) -> Result<()> {
    let beyond = plan.body.changes.iter().find(|effect| {
        !carried.iter().any(|(carry, _)| {
            let same = carry.row.service == effect.service || effect.service.is_none();
            let there = effect.environment.as_ref().is_none_or(|it| *it == carry.to);
            let (a, b) = (&carry.pointer, &effect.pointer);
            same && there && (a.contains(b) || b.contains(a))
        })
    });
    match beyond {
        None => Ok(()),
        Some(effect) => {
            let of = effect.service.as_ref().or(effect.environment.as_ref());
            let of = of.map_or_else(String::new, |name| format!(" of {name}"));
            Err(Error::usage(format!(
                "this would change `{}`{of}, too, which is not carried over",
                effect.pointer.dotted()
            ))
            .with_help("carry it over with the others (leave `--service` and `--path` out), or set values one by one: `git strata set`"))
        }
    }
}

/// Refuses a plan under which a value would still be another one than where it comes from.
fn arrives(
    repo: &Repo,
    configuration: &Configuration,
    plan: &Plan,
    carried: &[(Carry<'_>, Option<Value>)],
) -> Result<()> {
    let after = plan.after(repo, configuration);
    let mut resolved: BTreeMap<(&str, Option<&str>), Resolved> = BTreeMap::new();
    for (carry, value) in carried {
        let (to, service) = (carry.to, carry.service());
        let there = match resolved.entry((to, service)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(empty) => {
                let target = configuration.manifest().target(Some(to), service);
                empty.insert(configuration.resolve_in(&after, &target)?.0)
            }
        };
        if there.value().at(&carry.pointer) != value.as_ref() {
            let key = carry.pointer.dotted();
            let location = there.location(&carry.pointer);
            let (file, line) = (location.source.name(), location.start().line);
            return Err(Error::usage(format!(
                "`{key}` would still be another one in {to}: {file}:{line} has a say in it"
            ))
            .with_help(format!(
                "change that by hand: `git strata set --env {to} …`"
            )));
        }
    }
    Ok(())
}
