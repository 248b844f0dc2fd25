//! Models of arrays.

use super::formula::{Formula, Lit};
use super::json::Json;
use super::outcome::{Best, Outcome, Reason};
use super::solve::Solver;
use super::state::State;

/// How long an array may get.
const LENGTH: u64 = 2_000;

/// What an array has to be.
#[derive(Default)]
pub(super) struct Shape {
    /// What holds of the item at an index.
    at: Vec<(usize, Lit)>,
    /// What holds of all items from an index on.
    rest: Vec<(usize, Lit)>,
    /// Items that there have to be: the index, or the least one, and what holds of it.
    wanted: Vec<Wanted>,
    /// Of how many items something may hold at the most.
    pub(super) most: Vec<(u64, Lit)>,
    min: u64,
    max: Option<u64>,
    pub(super) unique: bool,
    /// Whether two items have to be the same.
    twice: bool,
    /// The number of items that are told apart by their index.
    prefix: usize,
}

#[derive(Clone, Copy)]
struct Wanted {
    from: usize,
    exactly: bool,
    lit: Lit,
    /// Items of one group are different ones.
    group: usize,
}

/// What is asked of the items beside what their index brings; none for items that are only
/// there because later ones are.
type Slots = Vec<(usize, Vec<Lit>, Vec<usize>)>;

impl Solver {
    /// Looks for an array.
    pub(super) fn array(&mut self, state: &State) -> Outcome {
        let mut shape = Shape::default();
        let at_most = |max: &mut Option<u64>, count: u64| {
            *max = Some(max.map_or(count, |max: u64| max.min(count)));
        };
        for (group, lit) in state.atoms.iter().enumerate() {
            let holds = lit.is_positive();
            let wanted = |from, exactly, lit| Wanted {
                from,
                exactly,
                lit,
                group,
            };
            match *self.arena.get(*lit) {
                Formula::MinItems(count) if holds => shape.min = shape.min.max(count),
                Formula::MinItems(count) => at_most(&mut shape.max, count.saturating_sub(1)),
                Formula::MaxItems(count) if holds => at_most(&mut shape.max, count),
                Formula::MaxItems(count) => shape.min = shape.min.max(count.saturating_add(1)),
                Formula::Item(at, item) if holds => shape.at.push((at, item)),
                Formula::Item(at, item) => shape.wanted.push(wanted(at, true, !item)),
                Formula::Rest(from, item) if holds => shape.rest.push((from, item)),
                Formula::Rest(from, item) => shape.wanted.push(wanted(from, false, !item)),
                Formula::Count(least, item) if holds => {
                    shape.min = shape.min.max(least);
                    for _ in 0..least.min(LENGTH) {
                        shape.wanted.push(wanted(0, false, item));
                    }
                }
                Formula::Count(1, item) => shape.rest.push((0, !item)),
                Formula::Count(least, item) => shape.most.push((least - 1, item)),
                Formula::Unique if holds => shape.unique = true,
                Formula::Unique => shape.twice = true,
                _ => {}
            }
        }
        if shape.max.is_some_and(|max| max < shape.min) {
            return Outcome::Empty;
        }
        if shape.min > LENGTH {
            return Outcome::Perhaps(None, Reason::Budget);
        }
        let ends = shape.at.iter().map(|(at, _)| at + 1);
        shape.prefix = ends
            .chain(shape.rest.iter().map(|(from, _)| *from))
            .max()
            .unwrap_or(0);
        shape
            .wanted
            .sort_by_key(|wanted| (!wanted.exactly, std::cmp::Reverse(wanted.from)));
        self.place(&shape, 0, &mut Vec::new())
    }

    fn base(shape: &Shape, index: usize) -> Vec<Lit> {
        let here = shape.at.iter().filter(|(at, _)| *at == index);
        let rest = shape.rest.iter().filter(|(from, _)| *from <= index);
        here.chain(rest).map(|(_, lit)| *lit).collect()
    }

    fn item(&mut self, shape: &Shape, index: usize, further: &[Lit]) -> Outcome {
        let mut goal = Self::base(shape, index);
        goal.extend(further);
        self.solve(goal)
    }

    /// Finds a place for what is wanted, one after the other, and builds the array.
    fn place(&mut self, shape: &Shape, at: usize, slots: &mut Slots) -> Outcome {
        let Some(&wanted) = shape.wanted.get(at) else {
            return self.lengths(shape, slots);
        };
        if !self.budget.spend(2) {
            return Outcome::Perhaps(None, Reason::Budget);
        }
        let mut best = Best::new();
        for slot in 0..slots.len() {
            let (index, lits, groups) = &slots[slot];
            let index = *index;
            let fits = if wanted.exactly {
                index == wanted.from
            } else {
                index >= wanted.from
            };
            if !fits || groups.contains(&wanted.group) {
                continue;
            }
            let mut further = lits.clone();
            further.push(wanted.lit);
            let outcome = self.item(shape, index, &further);
            if outcome.value().is_none() {
                best.note(outcome);
                continue;
            }
            let before = slots[slot].clone();
            slots[slot].1 = further;
            slots[slot].2.push(wanted.group);
            let outcome = self.place(shape, at + 1, slots);
            slots[slot] = before;
            if let Some(model) = best.note(outcome) {
                return model;
            }
        }
        let last = if wanted.exactly {
            wanted.from
        } else {
            let used = slots.iter().map(|(index, ..)| index + 1).max().unwrap_or(0);
            wanted.from.max(shape.prefix).max(used)
        };
        for index in wanted.from..=last {
            if slots.iter().any(|(used, ..)| *used == index) {
                continue;
            }
            if shape.max.is_some_and(|max| index as u64 >= max) {
                break;
            }
            let outcome = self.item(shape, index, &[wanted.lit]);
            if outcome.value().is_none() {
                best.note(outcome);
                continue;
            }
            slots.push((index, vec![wanted.lit], vec![wanted.group]));
            let outcome = self.place(shape, at + 1, slots);
            slots.pop();
            if let Some(model) = best.note(outcome) {
                return model;
            }
        }
        best.outcome()
    }

    /// Chooses a length, and which two items are the same where some have to be.
    fn lengths(&mut self, shape: &Shape, slots: &Slots) -> Outcome {
        let used = slots.iter().map(|(index, ..)| index + 1).max().unwrap_or(0);
        let least = used.max(usize::try_from(shape.min).unwrap_or(usize::MAX));
        if !shape.twice {
            return self.fill(shape, slots, least, None);
        }
        let mut best = Best::new();
        let most = least.max(shape.prefix) + 2;
        // Two items at the end first: they make the smallest array.
        for j in 1..most {
            for i in (0..j).rev() {
                if !self.budget.spend(1) {
                    best.unsure(Reason::Budget);
                    return best.outcome();
                }
                let length = least.max(j + 1);
                let outcome = self.fill(shape, slots, length, Some((i, j)));
                if let Some(model) = best.note(outcome) {
                    return model;
                }
            }
        }
        best.outcome()
    }

    /// Builds the array.
    fn fill(
        &mut self,
        shape: &Shape,
        slots: &Slots,
        length: usize,
        twins: Option<(usize, usize)>,
    ) -> Outcome {
        if shape.max.is_some_and(|max| length as u64 > max) {
            return Outcome::Empty;
        }
        if !self.budget.spend(length as u64) {
            return Outcome::Perhaps(None, Reason::Budget);
        }
        let mut goals: Vec<Vec<Lit>> = Vec::with_capacity(length);
        for index in 0..length {
            let mut goal = Self::base(shape, index);
            let slot = slots.iter().find(|(at, ..)| *at == index);
            goal.extend(slot.iter().flat_map(|(_, lits, _)| lits));
            goal.sort_unstable();
            goal.dedup();
            goals.push(goal);
        }
        if let Some((i, j)) = twins {
            let other = goals[j].clone();
            goals[i].extend(other);
            goals[j] = goals[i].clone();
        }
        // Twins are one choice for two items, which is not gone into.
        if shape.unique || (shape.most.len() > 1 && twins.is_none()) {
            return self.choice(shape, &goals);
        }
        for (most, lit) in &shape.most {
            let mut left = *most;
            for goal in &mut goals {
                let mut without = goal.clone();
                without.push(!*lit);
                if !matches!(self.solve(without.clone()), Outcome::Empty) {
                    *goal = without;
                } else if left > 0 {
                    left -= 1;
                } else if shape.most.len() == 1 {
                    return Outcome::Empty;
                } else {
                    // Several such rules get in one another's way.
                    return Outcome::Perhaps(None, Reason::of("several `contains`"));
                }
            }
        }
        let mut values = Vec::with_capacity(length);
        let mut unsure = None;
        for goal in goals {
            let outcome = self.solve(goal);
            let Some(value) = outcome.value() else {
                return outcome;
            };
            values.push(value.clone());
            if let Outcome::Perhaps(_, why) = outcome {
                unsure = Some(why);
            }
        }
        if let Some((i, j)) = twins {
            values[j] = values[i].clone();
        }
        Outcome::built(Json::List(values), unsure)
    }
}
