//! Carries values from one environment over to the next: by value, not by merging branches, so
//! that branches and folders serve alike.

mod carry;
mod fix;
#[cfg(test)]
mod tests;

pub use fix::{FIX_SCHEMA, FixBody, fix};

use super::change::Plan;
use super::drift::{Difference, Filter, drift, sides};
use crate::config::Configuration;
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::text::{Date, Pointer};

use carry::{Carry, Lists};

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
    let sides = sides(configuration, &names)?;
    let report = drift(configuration, &sides, &filter)?;
    let rows = &report.body.differences;
    let goes = |row: &Difference| {
        let is_newer = row.remedies.iter().any(|it| it.environment == promotion.to);
        (is_newer || promotion.all).then_some(())
    };
    let lists = Lists::torn(rows, goes);
    let mut stays = Vec::new();
    let mut carries = Vec::new();
    for row in rows.iter().filter(|row| row.is_told()) {
        match (goes(row), lists.keep(row)) {
            (Some(()), None) => carries.push(Carry::of(row, &promotion.from, &promotion.to)),
            (Some(()), reason) => stays.push(carry::stays(row, reason)),
            (None, _) => stays.push(carry::stays(row, None)),
        }
    }
    let mut plan = carry::plan(repo, configuration, &carries, &promotion.to)?;
    plan.body.stays.extend(stays);
    let mut reasons = plan.body.stays.iter().map(|it| it.reason.is_some());
    plan.body.hint = match (reasons.clone().all(|it| it), reasons.any(|it| it)) {
        (true, _) => "",
        (false, false) => "; `--all` does, and `--path` chooses",
        (false, true) => "; `--all` does where nothing else is in the way, and `--path` chooses",
    };
    Ok(plan)
}
