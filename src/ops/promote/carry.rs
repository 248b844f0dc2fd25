//! Carries values from one environment to another: into the layer that stands where the value
//! stands in the other one, and no further than was asked for.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bstr::ByteSlice;

use crate::config::{Configuration, Resolved};
use crate::document::{Kind, Value};
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::ops::change::{Assignment, Given, Plan, Stays, Wanted, plan_all};
use crate::text::Pointer;

/// A value that is to be carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Carry {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) service: Option<String>,
    pub(super) pointer: Pointer,
    /// What the difference is.
    pub(super) class: &'static str,
}

impl Carry {
    /// Says that it is not carried over, and why.
    fn stays(&self, error: &Error) -> Stays {
        Stays {
            service: self.service.clone(),
            pointer: self.pointer.clone(),
            class: self.class,
            reason: Some(error.to_string()),
        }
    }
}

/// Plans to carry values over to environments that live on one branch. What cannot be carried
/// stays, and the plan says why; where that is all there is, so is the error.
pub(super) fn plan(
    repo: &Repo,
    configuration: &Configuration,
    carries: &[Carry],
    to: &str,
) -> Result<Plan> {
    let first = match plan_of(repo, configuration, carries, to) {
        Err(error) if carries.len() > 1 => error,
        done => return done,
    };
    let (mut good, mut stays) = (Vec::new(), Vec::new());
    for carry in carries {
        match plan_of(repo, configuration, std::slice::from_ref(carry), to) {
            Ok(_) => good.push(carry.clone()),
            Err(error) => stays.push(carry.stays(&error)),
        }
    }
    if good.is_empty() || stays.is_empty() {
        return Err(first);
    }
    let mut plan = plan_of(repo, configuration, &good, to)?;
    plan.body.stays = stays;
    Ok(plan)
}

fn plan_of(
    repo: &Repo,
    configuration: &Configuration,
    carries: &[Carry],
    to: &str,
) -> Result<Plan> {
    let mut known = Known {
        configuration,
        resolved: BTreeMap::new(),
    };
    let mut wanted: BTreeMap<(String, Option<String>, String), Wanted> = BTreeMap::new();
    let mut carried: Vec<(Carry, Option<Value>)> = Vec::new();
    for carry in carries {
        let place = known.place(carry)?;
        let carry = Carry {
            pointer: place.pointer,
            ..carry.clone()
        };
        if carried.iter().any(|(known, _)| *known == carry) {
            continue;
        }
        let key = (carry.to.clone(), carry.service.clone(), place.file.clone());
        let entry = wanted.entry(key).or_insert_with(|| Wanted {
            environment: Some(carry.to.clone()),
            service: carry.service.clone(),
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
    fn place(&mut self, carry: &Carry) -> Result<Place> {
        let configuration = self.configuration;
        let service = carry.service.as_deref();
        let source = self.resolved(&carry.from, service)?;
        let mut pointer = whole(source, &carry.pointer);
        let value = source.value().at(&pointer).cloned();
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
        let destination = self.resolved(&carry.to, service)?;
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
fn reaches_no_further(plan: &Plan, carried: &[(Carry, Option<Value>)]) -> Result<()> {
    let beyond = plan.body.changes.iter().find(|effect| {
        !carried.iter().any(|(carry, _)| {
            let same = carry.service == effect.service || effect.service.is_none();
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
    carried: &[(Carry, Option<Value>)],
) -> Result<()> {
    let after = plan.after(repo, configuration);
    let mut resolved: BTreeMap<(&str, Option<&str>), Resolved> = BTreeMap::new();
    for (carry, value) in carried {
        let (to, service) = (carry.to.as_str(), carry.service.as_deref());
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
