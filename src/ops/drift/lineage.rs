//! Which of two values is the newer one: the one in whose past the other is.
//!
//! Where a change came from is told by the values themselves and not by the shape of the history,
//! which cherry-picked and squashed commits leave no trace in.

use std::collections::HashMap;

use bstr::BString;
use smol_str::SmolStr;

use super::rules::Class;
use crate::config::{Configuration, Snapshot, Target};
use crate::document::Value;
use crate::error::Result;
use crate::git::{Commit, Oid, Repo};
use crate::text::Pointer;

/// How many commits of a history are looked through.
const MOST: usize = 20_000;

/// A value whose past is sought.
pub(super) struct Wanted {
    /// The layers that it may stand in, lowest precedence first.
    pub(super) layers: Vec<BString>,
    pub(super) target: Target,
    pub(super) steps: Vec<Step>,
    /// What it is now; none where nothing is set.
    pub(super) now: Option<Value>,
    /// What it is on the other side.
    pub(super) other: Option<Value>,
}

/// A step towards a value.
pub(super) enum Step {
    /// An entry of a map.
    Key(SmolStr),
    /// An item of a list: by what it is called, or else by its number.
    Item(Option<(&'static str, Value)>, usize),
}

/// What the items of lists are called by.
const NAMES: [&str; 3] = ["name", "id", "key"];

/// Finds the steps that lead to a value.
pub(super) fn steps(root: &Value, pointer: &Pointer) -> Vec<Step> {
    let mut at = Some(root);
    let step = |token: &SmolStr| {
        let here = at;
        at = here.and_then(|value| value.child(token));
        match here.and_then(Value::as_array) {
            None => Step::Key(token.clone()),
            Some(_) => {
                let called = |name: &'static str| {
                    let value = at.and_then(|item| item.get(name))?;
                    Some((name, value.clone()))
                };
                Step::Item(
                    NAMES.into_iter().find_map(called),
                    token.parse().unwrap_or_default(),
                )
            }
        }
    };
    pointer.tokens().iter().map(step).collect()
}

fn follow<'v>(root: &'v Value, steps: &[Step]) -> Option<&'v Value> {
    steps.iter().try_fold(root, |value, step| match step {
        Step::Key(name) => value.get(name),
        Step::Item(Some((field, name)), _) => value
            .as_array()?
            .iter()
            .find(|item| item.get(field) == Some(name)),
        Step::Item(None, index) => value.as_array()?.get(*index),
    })
}

/// What a value was before.
#[derive(Default)]
pub(super) struct Past {
    values: Vec<Value>,
    /// Whether it was what it is on the other side.
    pub(super) had_other: bool,
    /// Whether the history is not here to its beginning.
    pub(super) is_cut: bool,
    /// The commit that made it what it is.
    pub(super) since: Option<Commit>,
}

/// Says what a difference is, by the pasts of its two sides: the one upstream first.
pub(super) fn class(upstream: &Past, downstream: &Past) -> Class {
    let time = |past: &Past| past.since.as_ref().map(|commit| commit.committer.time);
    match (upstream.had_other, downstream.had_other) {
        (true, false) => Class::PendingPromotion,
        (false, true) => Class::MissingBackport,
        // Each was what the other is: the later change counts.
        (true, true) if time(upstream) >= time(downstream) => Class::PendingPromotion,
        (true, true) => Class::MissingBackport,
        // What is not here cannot be ruled out.
        _ if upstream.is_cut || downstream.is_cut => Class::ValueDiffers,
        _ if upstream
            .values
            .iter()
            .any(|value| downstream.values.contains(value)) =>
        {
            Class::Diverged
        }
        _ => Class::NeverShared,
    }
}

/// Looks through the history up to a commit for what values were.
pub(super) fn pasts(
    repo: &Repo,
    configuration: &Configuration,
    tip: Oid,
    wanted: &[&Wanted],
) -> Result<Vec<Past>> {
    let mut pasts: Vec<Past> = wanted.iter().map(|_| Past::default()).collect();
    let mut by_path: HashMap<&BString, Vec<usize>, foldhash::fast::RandomState> =
        HashMap::default();
    for (index, wanted) in wanted.iter().enumerate() {
        for path in &wanted.layers {
            by_path.entry(path).or_default().push(index);
        }
    }
    let mut open = wanted.len();
    let mut seen = 0;
    for commit in repo.history(tip, &[]).take(MOST) {
        let commit = commit?;
        seen += 1;
        let after = configuration.here().of_commit(repo, &commit);
        for parent in &commit.parents {
            // In a shallow clone it may not be there.
            let Ok(parent) = repo.commit(*parent) else {
                continue;
            };
            if parent.tree == commit.tree {
                continue;
            }
            let before = configuration.here().of_commit(repo, &parent);
            let changes = repo.compare(before.files(), after.files())?;
            let mut touched: Vec<usize> = changes
                .iter()
                .filter_map(|change| by_path.get(&change.path))
                .flatten()
                .copied()
                .collect();
            touched.sort_unstable();
            touched.dedup();
            for index in touched {
                let (wanted, past) = (wanted[index], &mut pasts[index]);
                let was_open = past.is_open();
                if was_open {
                    past.learn(configuration, wanted, [&before, &after], &commit)?;
                    open -= usize::from(!past.is_open());
                }
            }
        }
        if open == 0 {
            break;
        }
    }
    let is_cut = open > 0 && (repo.is_shallow() || seen == MOST);
    for past in &mut pasts {
        past.is_cut = is_cut;
    }
    Ok(pasts)
}

impl Past {
    /// Says whether there never was a value.
    pub(super) fn is_blank(&self) -> bool {
        self.values.is_empty() && !self.is_cut
    }

    /// Says whether there is something left to be found out.
    fn is_open(&self) -> bool {
        !self.had_other || self.since.is_none()
    }

    fn learn(
        &mut self,
        configuration: &Configuration,
        wanted: &Wanted,
        [before, after]: [&Snapshot; 2],
        commit: &Commit,
    ) -> Result<()> {
        let was = wanted.value(configuration, before)?;
        if self.since.is_none()
            && was != wanted.now
            && wanted.value(configuration, after)? == wanted.now
        {
            self.since = Some(commit.clone());
        }
        self.had_other |= was == wanted.other;
        if let Some(was) = was
            && !self.values.contains(&was)
        {
            self.values.push(was);
        }
        Ok(())
    }
}

impl Wanted {
    /// Gives the value that the layers of a tree resolve to: what the highest that has it says;
    /// lists may be made of several.
    fn value(&self, configuration: &Configuration, tree: &Snapshot) -> Result<Option<Value>> {
        if self.steps.iter().any(|step| matches!(step, Step::Item(..))) {
            let (resolved, _) = configuration.resolve_in(tree, &self.target)?;
            return Ok(follow(resolved.value(), &self.steps).cloned());
        }
        for path in self.layers.iter().rev() {
            let Some(file) = tree.file(path.as_ref())? else {
                continue;
            };
            let value = file
                .documents()
                .first()
                .and_then(|it| follow(&it.root, &self.steps));
            if let Some(value) = value {
                return Ok((!value.is_null()).then(|| value.clone()));
            }
        }
        Ok(None)
    }
}
