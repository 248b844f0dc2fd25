//! Carries values from one environment over to the next: by value, not by merging branches, so
//! that branches and folders serve alike.

mod carry;
mod fix;
#[cfg(test)]
mod tests;

pub use fix::{FIX_SCHEMA, FixBody, fix};

use super::change::{Plan, Stays};
use super::drift::{DriftBody, Filter, drift, sides};
use crate::config::Configuration;
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::text::{Date, Pointer};

use carry::Carry;

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
        ..Filter::default()
    };
    let report = drift(configuration, &sides(configuration, &names)?, &filter)?;
    let mut stays = Vec::new();
    let mut carries = Vec::new();
    let DriftBody { differences, .. } = &report.body;
    for row in differences.iter().filter(|row| row.is_told()) {
        let is_newer = (row.remedies.iter()).any(|remedy| remedy.environment == promotion.to);
        if is_newer || promotion.all {
            carries.push(Carry {
                from: promotion.from.clone(),
                to: promotion.to.clone(),
                service: row.service.clone(),
                pointer: row.pointer.clone(),
                class: row.class,
            });
        } else {
            stays.push(Stays {
                service: row.service.clone(),
                pointer: row.pointer.clone(),
                class: row.class,
                reason: None,
            });
        }
    }
    let mut plan = carry::plan(repo, configuration, &carries, &promotion.to)?;
    plan.body.stays.extend(stays);
    plan.body.hint = "; `--all` does, and `--path` chooses";
    Ok(plan)
}
