use serde::Serialize;

use super::carry::{Carry, plan};
use crate::config::Configuration;
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::ops::change::{ChangeBody, Plan, Stays, reference};
use crate::ops::drift::{Filter, drift, sides};
use crate::report::{Block, View};

/// The published JSON Schema of the body of `drift --fix`.
pub const FIX_SCHEMA: &str = include_str!("fix.schema.json");

/// What mends the differences of environments.
#[derive(Clone, Debug, Serialize)]
pub struct FixBody {
    /// The change of each branch.
    pub changes: Vec<ChangeBody>,
}

/// Plans what `drift` names as the remedy of each difference: the newer value goes where it is
/// not yet. What has no remedy (both sides moved, or never agreed) stays; so does what is to be
/// changed in two ways at once. Each environment takes what its neighbours hold now.
///
/// There is a plan for each branch; the first one also says what stays.
///
/// # Errors
///
/// Where a name is none, a file cannot be changed, or a change would reach further than what is
/// mended.
pub fn fix(
    repo: &Repo,
    configuration: &Configuration,
    names: &[String],
    filter: &Filter,
) -> Result<Vec<Plan>> {
    let sides = sides(configuration, names)?;
    let environments = &configuration.manifest().environments;
    if let Some(side) = sides
        .iter()
        .find(|side| !environments.contains_key(&side.name))
    {
        let message = format!("`{}` is no environment, so it cannot be changed", side.name);
        return Err(Error::usage(message)
            .with_help("leave `--fix` out, or name environments of `strata.yaml`"));
    }
    let report = drift(configuration, &sides, filter)?;
    let mut stays = Vec::new();
    let mut by_branch: Vec<(Option<String>, Vec<Carry>)> = Vec::new();
    for row in report.body.differences.iter().filter(|row| row.is_told()) {
        let mut carries: Vec<Carry> = Vec::new();
        for remedy in &row.remedies {
            carries.push(Carry {
                from: remedy.from.clone(),
                to: remedy.environment.clone(),
                service: row.service.clone(),
                pointer: row.pointer.clone(),
                class: row.class,
            });
        }
        let twice = |carry: &Carry| carries.iter().filter(|it| it.to == carry.to).count() > 1;
        let is_torn = carries.iter().any(twice);
        if row.needs_a_person() || is_torn {
            stays.push(Stays {
                service: row.service.clone(),
                pointer: row.pointer.clone(),
                class: row.class,
                reason: None,
            });
        }
        if is_torn {
            continue;
        }
        for carry in carries {
            let branch = reference(configuration, Some(&carry.to));
            match by_branch.iter_mut().find(|(known, _)| *known == branch) {
                Some((_, carries)) => carries.push(carry),
                None => by_branch.push((branch, vec![carry])),
            }
        }
    }
    let last = sides
        .last()
        .map(|side| side.name.clone())
        .unwrap_or_default();
    if by_branch.is_empty() {
        by_branch.push((reference(configuration, Some(&last)), Vec::new()));
    }
    let mut plans = Vec::with_capacity(by_branch.len());
    for (_, carries) in &by_branch {
        let to = carries.first().map_or(&last, |carry| &carry.to);
        plans.push(plan(repo, configuration, carries, to)?);
    }
    if let Some(first) = plans.first_mut() {
        first.body.stays.extend(stays);
        first.body.hint = ", since nothing says which value is right";
    }
    Ok(plans)
}

impl View for FixBody {
    fn view(&self) -> Vec<Block> {
        self.changes.iter().flat_map(View::view).collect()
    }
}
