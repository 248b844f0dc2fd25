//! Models of arrays of which the items depend on one another.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::arrays::Shape;
use super::formula::Lit;
use super::json::Json;
use super::outcome::{Outcome, Reason};
use super::solve::Solver;

/// How many different values are looked for where items must differ.
const DISTINCT: usize = 64;

/// An index, and values for the item there, each with which of the rules about how many there
/// may be count it.
type Pool = (usize, Vec<(Arc<Json>, Vec<bool>)>);

impl Solver {
    /// Builds an array of which all items differ, or of which only so many may be of some kind. What has as many values as there are items is no trouble; of
    /// what has fewer, all are known, and are gone through.
    pub(super) fn choice(&mut self, shape: &Shape, goals: &[Vec<Lit>]) -> Outcome {
        let enough = if shape.unique { goals.len() } else { 1 };
        let mut unsure = (enough > DISTINCT).then_some(Reason::Budget);
        let mut pools: Vec<Pool> = Vec::with_capacity(goals.len());
        for (index, goal) in goals.iter().enumerate() {
            let twin = goals[..index].iter().position(|other| other == goal);
            let values = match twin {
                Some(twin) => pools[twin].1.clone(),
                None => {
                    let mut values = Vec::new();
                    let counted = Vec::with_capacity(shape.most.len());
                    self.pool(
                        shape,
                        goal,
                        enough.min(DISTINCT),
                        counted,
                        &mut values,
                        &mut unsure,
                    );
                    values
                }
            };
            pools.push((index, values));
        }
        pools.sort_by_key(|(_, values)| values.len());
        let mut taken: BTreeSet<Arc<Json>> = BTreeSet::new();
        let mut chosen: Vec<(usize, Arc<Json>)> = Vec::new();
        let mut left: Vec<u64> = shape.most.iter().map(|(most, _)| *most).collect();
        let taken = shape.unique.then_some(&mut taken);
        if self.choose(&pools, taken, &mut chosen, &mut left) {
            chosen.sort();
            let values = chosen.into_iter().map(|(_, value)| value).collect();
            return Outcome::built(Json::List(values), unsure);
        }
        match unsure {
            Some(reason) => Outcome::Perhaps(None, reason),
            None if self.budget.is_spent() => Outcome::Perhaps(None, Reason::Budget),
            None => Outcome::Empty,
        }
    }

    /// Finds values for an item: enough of those that are counted by some rules about how many
    /// there may be and not by the others, for all such rules that there are.
    fn pool(
        &mut self,
        shape: &Shape,
        goal: &[Lit],
        enough: usize,
        counted: Vec<bool>,
        values: &mut Vec<(Arc<Json>, Vec<bool>)>,
        unsure: &mut Option<Reason>,
    ) {
        if self.budget.is_spent() {
            *unsure = Some(Reason::Budget);
            return;
        }
        if let Some((_, lit)) = shape.most.get(counted.len()) {
            for is in [false, true] {
                let lit = if is { *lit } else { !*lit };
                let goal = [goal, &[lit]].concat();
                if !matches!(self.solve(goal.clone()), Outcome::Empty) {
                    let counted = [&counted[..], &[is]].concat();
                    self.pool(shape, &goal, enough, counted, values, unsure);
                }
            }
            return;
        }
        let mut known: Vec<Json> = Vec::new();
        while known.len() < enough {
            let goal = [goal, &[!self.arena.listed(known.clone())]].concat();
            let outcome = self.solve(goal);
            if let Outcome::Perhaps(_, reason) = &outcome {
                *unsure = Some(reason.clone());
            }
            match outcome.value() {
                Some(value) if !known.contains(value) => {
                    known.push((**value).clone());
                    values.push((value.clone(), counted.clone()));
                }
                _ => break,
            }
        }
    }

    fn choose(
        &mut self,
        pools: &[Pool],
        mut taken: Option<&mut BTreeSet<Arc<Json>>>,
        chosen: &mut Vec<(usize, Arc<Json>)>,
        left: &mut [u64],
    ) -> bool {
        let Some(((index, values), rest)) = pools.split_first() else {
            return true;
        };
        for (value, counted) in values {
            if !self.budget.spend(1) {
                return false;
            }
            let fits = left.iter().zip(counted).all(|(left, is)| !is || *left > 0);
            if !fits
                || taken
                    .as_mut()
                    .is_some_and(|taken| !taken.insert(value.clone()))
            {
                continue;
            }
            let count = |left: &mut [u64], by: fn(u64) -> u64| {
                let counts = left.iter_mut().zip(counted).filter(|(_, is)| **is);
                counts.for_each(|(left, _)| *left = by(*left));
            };
            count(left, |left| left - 1);
            chosen.push((*index, value.clone()));
            if self.choose(rest, taken.as_deref_mut(), chosen, left) {
                return true;
            }
            count(left, |left| left + 1);
            chosen.pop();
            if let Some(taken) = &mut taken {
                taken.remove(value);
            }
        }
        false
    }
}
