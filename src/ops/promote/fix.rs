use std::collections::BTreeSet;

use serde::Serialize;

use super::carry::{self, Carry, Lists};
use crate::config::Configuration;
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::ops::change::{ChangeBody, Plan, reference};
use crate::ops::drift::{Difference, Filter, drift, sides};
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
/// changed in two ways at once, and a list whose items go several ways. Each environment takes what its neighbours hold now.
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
    let rows = &report.body.differences;
    let lists = Lists::torn(rows, |row| match row.needs_a_person() {
        Some(_) => None,
        None => Some(ways(row)),
    });
    let mut stays = Vec::new();
    let mut left = Vec::new();
    let mut by_branch: Vec<(Option<String>, Vec<Carry<'_>>)> = Vec::new();
    for row in rows.iter().filter(|row| row.is_told()) {
        let carries = carries(row);
        let kept = lists.keep(row).or_else(|| torn(&carries));
        let is_kept = kept.is_some();
        if let Some(reason) = kept.or_else(|| row.needs_a_person()) {
            let graver = row.findings.iter().filter(|it| it.rule.id == row.class);
            left.extend(graver.cloned());
            stays.push(carry::stays(row, Some(reason)));
        }
        for carry in carries.into_iter().filter(|_| !is_kept) {
            let branch = reference(configuration, Some(carry.to));
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
        let to = carries.first().map_or(last.as_str(), |carry| carry.to);
        plans.push(carry::plan(repo, configuration, carries, to)?);
    }
    if let Some(first) = plans.first_mut() {
        first.body.stays.extend(stays);
        first.left.extend(left);
    }
    Ok(plans)
}

/// Says from where to where a value goes.
fn ways(row: &Difference) -> BTreeSet<(&str, &str)> {
    let remedies = row.remedies.iter();
    let ways = remedies.map(|it| (it.from.as_str(), it.environment.as_str()));
    ways.collect()
}

/// Says which values are carried over. Where two environments would make another one the same, one
/// of them does.
fn carries(row: &Difference) -> Vec<Carry<'_>> {
    let mut carries: Vec<Carry<'_>> = Vec::new();
    let is_shown = !row.secret && row.list.is_none();
    for (from, to) in ways(row) {
        let known = |it: &Carry<'_>| it.to == to && row.values.get(it.from) == row.values.get(from);
        if !(is_shown && carries.iter().any(known)) {
            carries.push(Carry::of(row, from, to));
        }
    }
    carries
}

/// Says why none is carried over where an environment is to be changed in two ways at once.
fn torn(carries: &[Carry<'_>]) -> Option<String> {
    let others = |carry: &Carry<'_>| {
        let mut others = carries.iter();
        others
            .find(|it| it.to == carry.to && it.from != carry.from)
            .map(|it| it.from)
    };
    let (carry, other) = carries.iter().find_map(|it| Some((it, others(it)?)))?;
    Some(format!(
        "{} and {other} are both newer than {}, and need not agree",
        carry.from, carry.to
    ))
}

impl View for FixBody {
    fn view(&self) -> Vec<Block> {
        self.changes.iter().flat_map(View::view).collect()
    }
}
