//! What each commit of a history does, and what a merge does beside what it brings.

use std::collections::BTreeSet;
use std::rc::Rc;

use foldhash::HashMap;

use super::effect::{Effect, Pair};
use super::model::Policy;
use super::state::State;
use super::touch::Touch;
use crate::config::Snapshot;
use crate::error::Result;
use crate::git::{Commit, Landing, Oid, Repo};
use crate::ops::cover::Cover;

/// Walks along a history, and keeps the trees it saw last.
pub(super) struct Walk<'a> {
    pub(super) repo: &'a Repo,
    here: &'a Snapshot,
    reference: Option<&'a str>,
    states: HashMap<Oid, Rc<State>>,
    /// What may not be shown.
    pub(super) cover: Cover,
}

/// What a step of a branch does.
pub(super) struct Done {
    /// To the branch: all that is other than before.
    pub(super) landed: Effect,
    /// By the commit of the step itself.
    pub(super) own: Effect,
    /// By each commit that it brought.
    pub(super) brought: Vec<Effect>,
}

/// How many trees are kept.
const MOST: usize = 8;

impl<'a> Walk<'a> {
    pub(super) fn new(repo: &'a Repo, here: &'a Snapshot, reference: Option<&'a str>) -> Self {
        Self {
            repo,
            here,
            reference,
            states: HashMap::default(),
            cover: Cover::default(),
        }
    }

    /// Takes the tree of a commit; none is that before the first.
    pub(super) fn tree(&self, commit: Option<&Commit>) -> Snapshot {
        match commit {
            Some(commit) => self.here.of_commit(self.repo, commit),
            None => self.here.beside(self.repo.no_files()),
        }
    }

    /// Looks at the tree of a commit.
    pub(super) fn state(&mut self, commit: Option<&Commit>) -> Result<Rc<State>> {
        if let Some(known) = commit.and_then(|it| self.states.get(&it.tree)) {
            return Ok(Rc::clone(known));
        }
        let state = Rc::new(State::of(self.tree(commit), self.reference)?);
        for seen in state.seen.values() {
            self.cover.add_all(&seen.schemas);
        }
        if let Some(commit) = commit {
            if self.states.len() >= MOST {
                self.states.clear();
            }
            self.states.insert(commit.tree, Rc::clone(&state));
        }
        Ok(state)
    }

    /// Says what stands between two commits.
    pub(super) fn between(
        &mut self,
        old: Option<&Commit>,
        new: &Commit,
        policy: Option<&Policy>,
    ) -> Result<Effect> {
        if old.is_some_and(|old| old.tree == new.tree) {
            return Ok(Effect::default());
        }
        let (old, new) = (self.state(old)?, self.state(Some(new))?);
        Pair::effect(&old, &new, policy)
    }

    fn parents(&self, commit: &Commit) -> Result<Vec<Commit>> {
        commit
            .parents
            .iter()
            .map(|id| self.repo.commit(*id))
            .collect()
    }

    /// Says what a commit does that none of its parents did.
    fn own(&mut self, commit: &Commit, policy: Option<&Policy>) -> Result<Effect> {
        let parents = self.parents(commit)?;
        let mut effect = self.between(parents.first(), commit, policy)?;
        for parent in parents.iter().skip(1) {
            if effect.touches.is_empty() {
                break;
            }
            let other = places(&self.between(Some(parent), commit, policy)?);
            effect.touches.retain(|it| other.contains(&it.place()));
        }
        Ok(effect)
    }

    /// Says what a step does. Whoever merges answers for all that comes from no commit that they
    /// brought: what none of the parents has, and what is taken back.
    pub(super) fn step(&mut self, step: &Landing, policy: Option<&Policy>) -> Result<Done> {
        let commit = &step.commit;
        let parents = self.parents(commit)?;
        let landed = self.between(parents.first(), commit, policy)?;
        let mut brought = Vec::with_capacity(step.brought.len());
        for commit in &step.brought {
            brought.push(self.own(commit, policy)?);
        }
        let mut own = Effect {
            touches: landed.touches.clone(),
            odd: landed.odd.clone(),
        };
        let Some((first, others)) = parents.split_first() else {
            return Ok(Done {
                landed,
                own,
                brought,
            });
        };
        let changed: BTreeSet<Touch> = brought.iter().flat_map(places).collect();
        for parent in others {
            if own.touches.is_empty() {
                break;
            }
            let base = self.repo.merge_base(first.id, parent.id)?;
            let base = base.map(|id| self.repo.commit(id)).transpose()?;
            let carried = places(&self.between(base.as_ref(), parent, policy)?);
            let other = places(&self.between(Some(parent), commit, policy)?);
            own.touches.retain(|it| {
                let place = it.place();
                let is_theirs = changed.contains(&place) && carried.contains(&place);
                other.contains(&place) || !is_theirs
            });
        }
        Ok(Done {
            landed,
            own,
            brought,
        })
    }
}

fn places(effect: &Effect) -> BTreeSet<Touch> {
    effect.touches.iter().map(Touch::place).collect()
}
