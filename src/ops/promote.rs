//! Carries values from one environment over to the next: by value, not by merging branches, so
//! that branches and folders serve alike.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bstr::ByteSlice;

use super::change::{Assignment, Given, Plan, Stays, Wanted, plan_all};
use super::drift::{Difference, DriftBody, Filter, drift, sides};
use crate::config::{Configuration, Resolved};
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::text::{Date, Pointer};

/// What is carried over.
#[derive(Clone, Debug, Default)]
pub struct Promotion {
    /// The environment whose values are taken.
    pub from: String,
    /// The environment that is changed.
    pub to: String,
    /// Only this service.
    pub service: Option<String>,
    /// Only what stands at or below this place.
    pub path: Pointer,
    /// Whether values are taken, too, that were changed downstream, or on both sides.
    pub all: bool,
    /// The day that counts as today, for rules of `drift.yaml` that end on one.
    pub today: Option<Date>,
}

/// Plans to make an environment like another one: in every value that was changed upstream and
/// not yet downstream, and in options that only upstream sets. Differences that are meant stay;
/// those that were made downstream stay, too, unless all are asked for.
///
/// # Errors
///
/// Where a name is none of an environment, a file cannot be changed, or a change would reach
/// further than what is carried over.
pub fn promote(repo: &Repo, configuration: &Configuration, promotion: &Promotion) -> Result<Plan> {
    let names = [promotion.from.clone(), promotion.to.clone()];
    for name in &names {
        configuration.tree(Some(name))?;
    }
    if names[0] == names[1] {
        return Err(
            Error::usage(format!("`{}` cannot be promoted to itself", names[0]))
                .with_help("name two environments: `git strata promote staging prod`"),
        );
    }
    let filter = Filter {
        all: true,
        service: promotion.service.clone(),
        path: promotion.path.clone(),
        today: promotion.today,
    };
    let report = drift(configuration, &sides(configuration, &names)?, &filter)?;
    let mut stays = Vec::new();
    let mut wanted: BTreeMap<(Option<String>, String), Wanted> = BTreeMap::new();
    let mut resolved: BTreeMap<Option<String>, [Resolved; 2]> = BTreeMap::new();
    let mut carried: Vec<(Option<String>, Pointer)> = Vec::new();
    let DriftBody { differences, .. } = &report.body;
    for row in differences {
        if !row.is_told() {
            continue;
        }
        let remedy = row.remedy.as_ref();
        let is_newer = remedy.is_some_and(|remedy| remedy.environment == promotion.to);
        if !is_newer && !promotion.all {
            stays.push(Stays {
                service: row.service.clone(),
                pointer: row.pointer.clone(),
                class: row.class,
            });
            continue;
        }
        let both = match resolved.entry(row.service.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(empty) => {
                let read = |name: &String| {
                    let target = configuration.target(Some(name), row.service.as_deref())?;
                    configuration.resolve(&target)
                };
                empty.insert([read(&names[0])?, read(&names[1])?])
            }
        };
        let place = Place::of(configuration, promotion, both, row)?;
        if carried
            .iter()
            .any(|known| *known == (row.service.clone(), place.pointer.clone()))
        {
            continue;
        }
        carried.push((row.service.clone(), place.pointer.clone()));
        let assignment = Assignment {
            key: place.pointer,
            value: place.value,
        };
        let entry = wanted.entry((row.service.clone(), place.file.clone()));
        let entry = entry.or_insert_with(|| Wanted {
            environment: Some(promotion.to.clone()),
            service: row.service.clone(),
            layer: Some(place.file),
            ..Wanted::default()
        });
        entry.assignments.push(assignment);
    }
    let wanted: Vec<Wanted> = match wanted.is_empty() {
        // Nothing is to be done; the plan says so.
        true => vec![Wanted {
            environment: Some(promotion.to.clone()),
            ..Wanted::default()
        }],
        false => wanted.into_values().collect(),
    };
    let mut plan = plan_all(repo, configuration, &wanted)?;
    reaches_no_further(&plan, &carried)?;
    plan.body.stays = stays;
    Ok(plan)
}

/// Where a value is to be set.
struct Place {
    file: String,
    pointer: Pointer,
    value: Option<Given>,
}

impl Place {
    /// Finds the layer of the environment to change that stands where the value stands in the
    /// other one, or the higher one that sets it there. A list is carried over as a whole.
    fn of(
        configuration: &Configuration,
        promotion: &Promotion,
        [source, destination]: &[Resolved; 2],
        row: &Difference,
    ) -> Result<Self> {
        let pointer = whole(source, &row.pointer);
        let at = |resolved: &Resolved| {
            let provenance = resolved.provenance(&pointer)?;
            let name = provenance.location.source.name();
            let layers = configuration.manifest().layers.iter();
            layers
                .map(|layer| layer.value.expand(resolved.target()))
                .position(|path| path.is_some_and(|path| path.as_bytes() == name.as_bytes()))
        };
        let number = at(source).max(at(destination));
        let layer = number.and_then(|number| configuration.manifest().layers.get(number));
        let file = layer
            .and_then(|layer| layer.value.expand(destination.target()))
            .ok_or_else(|| {
                Error::usage(format!(
                    "no layer of {} is right for `{}`",
                    promotion.to,
                    pointer.dotted()
                ))
                .with_help(format!(
                    "set it by hand: `git strata set KEY=VALUE --env {}`",
                    promotion.to
                ))
            })?;
        Ok(Self {
            file: file.to_str_lossy().into_owned(),
            value: source.value().at(&pointer).map(Given::of),
            pointer,
        })
    }
}

/// Gives the list that a place is in, or the place itself.
fn whole(resolved: &Resolved, pointer: &Pointer) -> Pointer {
    let mut at = Pointer::root();
    for token in pointer.tokens() {
        let here = resolved.value().at(&at);
        if here.is_some_and(|value| value.as_array().is_some()) {
            return at;
        }
        at.push(token.clone());
    }
    at
}

/// Refuses a plan that changes what was not to be carried over.
fn reaches_no_further(plan: &Plan, carried: &[(Option<String>, Pointer)]) -> Result<()> {
    let beyond = plan.body.changes.iter().find(|effect| {
        !carried.iter().any(|(service, pointer)| {
            let same = *service == effect.service || effect.service.is_none();
            same && (pointer.contains(&effect.pointer) || effect.pointer.contains(pointer))
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
