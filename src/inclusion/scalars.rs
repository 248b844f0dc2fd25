//! Models of null, booleans, numbers and strings.

use smol_str::SmolStr;

use super::automaton::{Found as FoundText, TextShape};
use super::formula::{Formula, Lit};
use super::json::Json;
use super::numbers::{Found as FoundNumber, NumberShape, find};
use super::outcome::{Outcome, Reason};
use super::solve::Solver;
use super::state::State;
use super::types::Types;
use crate::document::{Decimal, Number};

impl Solver {
    /// Looks for a number, whole or not as the types say.
    pub(super) fn number(&self, state: &State) -> Outcome {
        let mut shape = NumberShape::default();
        let one = || Number::new("1").and_then(|one| one.decimal());
        match state.types.and(Types::NUMBER) {
            Types::INTEGER => shape.multiples.extend(one()),
            Types::FRACTION => shape.not_multiples.extend(one()),
            _ => {}
        }
        for lit in &state.atoms {
            let holds = lit.is_positive();
            match self.arena.get(*lit) {
                // What is not at least a bound is below it.
                Formula::Lower(bound, open) if holds => raise(&mut shape.lower, bound, *open),
                Formula::Lower(bound, open) => lower(&mut shape.upper, bound, !open),
                Formula::Upper(bound, open) if holds => lower(&mut shape.upper, bound, *open),
                Formula::Upper(bound, open) => raise(&mut shape.lower, bound, !open),
                Formula::Multiple(step) if holds => shape.multiples.push(step.clone()),
                Formula::Multiple(step) => shape.not_multiples.push(step.clone()),
                _ => {}
            }
        }
        for value in &state.not {
            if let Json::Number(number) = value {
                shape.not.insert(number.clone());
            }
        }
        match find(&shape) {
            FoundNumber::Number(number) => Outcome::model(Json::Number(number)),
            FoundNumber::Nothing => Outcome::Empty,
            FoundNumber::TooMuch => {
                Outcome::Perhaps(None, Reason::of("numbers that are too far apart"))
            }
        }
    }

    /// Looks for a string.
    pub(super) fn text(&mut self, state: &State) -> Outcome {
        if let Some(sample) = self.sample(state) {
            return Outcome::model(sample);
        }
        let mut shape = TextShape::default();
        let at_most = |max: &mut Option<u64>, count: u64| {
            *max = Some(max.map_or(count, |max: u64| max.min(count)));
        };
        for lit in &state.atoms {
            let holds = lit.is_positive();
            match self.arena.get(*lit) {
                Formula::MinLength(count) if holds => shape.min = shape.min.max(*count),
                Formula::MinLength(count) => at_most(&mut shape.max, count.saturating_sub(1)),
                Formula::MaxLength(count) if holds => at_most(&mut shape.max, *count),
                Formula::MaxLength(count) => shape.min = shape.min.max(count.saturating_add(1)),
                Formula::Pattern(text) => shape.patterns.push((text.clone(), holds)),
                _ => {}
            }
        }
        for value in &state.not {
            if let Json::Text(text) = value {
                shape.not.insert(text.clone());
            }
        }
        let before = self.automata.steps;
        let found = self.automata.find(&shape);
        self.budget.spend(self.automata.steps - before);
        match found {
            FoundText::Text(text) => Outcome::model(Json::Text(SmolStr::from(text))),
            FoundText::Nothing => Outcome::Empty,
            FoundText::TooMuch => {
                Outcome::Perhaps(None, Reason::of("patterns that are too large together"))
            }
        }
    }

    /// Says whether a formula about strings names some of them one by one.
    pub(super) fn names(&self, lit: Lit) -> Option<Vec<SmolStr>> {
        match self.arena.get(lit) {
            Formula::Enum(values) if lit.is_positive() => {
                let names = values.iter().filter_map(|value| match value {
                    Json::Text(text) => Some(text.clone()),
                    // A name is never anything else.
                    _ => None,
                });
                Some(names.collect())
            }
            _ => None,
        }
    }
}

fn raise(bound: &mut Option<(Decimal, bool)>, to: &Decimal, open: bool) {
    let tighter = bound
        .as_ref()
        .is_none_or(|(at, was)| to > at || (to == at && open && !was));
    if tighter {
        *bound = Some((to.clone(), open));
    }
}

fn lower(bound: &mut Option<(Decimal, bool)>, to: &Decimal, open: bool) {
    let tighter = bound
        .as_ref()
        .is_none_or(|(at, was)| to < at || (to == at && open && !was));
    if tighter {
        *bound = Some((to.clone(), open));
    }
}
