//! Whether a formula holds of a value.

use std::sync::Arc;

use super::formula::{Formula, Lit};
use super::json::Json;
use super::numbers::is_multiple;
use super::outcome::Reason;
use super::solve::Solver;
use super::state::Choice;

/// How deep formulas are followed.
const DEPTH: usize = 2_000;

impl Solver {
    /// Says whether a formula holds of a value; `None` where that cannot be told.
    pub(super) fn holds(&mut self, lit: Lit, value: &Json) -> Option<bool> {
        self.holds_at(lit, value, 0)
    }

    /// Finds a choice that a value violates, the one with the fewest alternatives.
    pub(super) fn violated(
        &mut self,
        choices: &[Choice],
        value: &Json,
    ) -> Result<Option<usize>, Reason> {
        let mut found: Option<usize> = None;
        let mut unsure = None;
        for (at, choice) in choices.iter().enumerate() {
            if found.is_some_and(|known| choices[known].len() <= choice.len()) {
                continue;
            }
            let mut holds = Some(false);
            for lits in choice.iter() {
                match self.all_hold(lits, value) {
                    Some(true) => {
                        holds = Some(true);
                        break;
                    }
                    Some(false) => {}
                    None => holds = None,
                }
            }
            match holds {
                Some(true) => {}
                Some(false) => found = Some(at),
                None => {
                    // It has to be branched on to be told.
                    unsure = Some(at);
                }
            }
        }
        if self.budget.is_spent() {
            return Err(Reason::Budget);
        }
        Ok(found.or(unsure))
    }

    pub(super) fn all_hold(&mut self, lits: &[Lit], value: &Json) -> Option<bool> {
        let mut all = Some(true);
        for lit in lits {
            match self.holds(*lit, value) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => all = None,
            }
        }
        all
    }

    fn holds_at(&mut self, lit: Lit, value: &Json, depth: usize) -> Option<bool> {
        if depth > DEPTH || !self.budget.spend(1) {
            return None;
        }
        if !self.arena.mask(lit).has(value.types()) {
            return Some(false);
        }
        if !self.arena.mask(!lit).has(value.types()) {
            return Some(true);
        }
        let found = self.formula(lit, value, depth + 1)?;
        Some(found == lit.is_positive())
    }

    fn formula(&mut self, lit: Lit, value: &Json, depth: usize) -> Option<bool> {
        let formula = self.arena.get(lit).clone();
        match (&formula, value) {
            (Formula::All(lits), _) => {
                let each = lits.iter().map(|lit| self.holds_at(*lit, value, depth));
                every(each)
            }
            (Formula::One(lits), _) => {
                let mut sure = 0;
                let mut unsure = false;
                for lit in lits {
                    match self.holds_at(*lit, value, depth) {
                        Some(true) => sure += 1,
                        Some(false) => {}
                        None => unsure = true,
                    }
                    if sure > 1 {
                        return Some(false);
                    }
                }
                (!unsure).then_some(sure == 1)
            }
            (Formula::Var(variable), _) => {
                let definition = self.arena.definition(*variable);
                self.holds_at(definition, value, depth)
            }
            (Formula::Enum(values), _) => Some(values.binary_search(value).is_ok()),
            (Formula::Lower(bound, open), Json::Number(number)) => {
                Some(number > bound || (!open && number == bound))
            }
            (Formula::Upper(bound, open), Json::Number(number)) => {
                Some(number < bound || (!open && number == bound))
            }
            (Formula::Multiple(step), Json::Number(number)) => is_multiple(number, step),
            (Formula::MinLength(min), Json::Text(text)) => {
                Some(text.chars().count() as u64 >= *min)
            }
            (Formula::MaxLength(max), Json::Text(text)) => {
                Some(text.chars().count() as u64 <= *max)
            }
            (Formula::Pattern(pattern), Json::Text(text)) => self.automata.matches(pattern, text),
            (_, Json::List(items)) => self.of_list(&formula, items, depth),
            (Formula::MinMembers(min), Json::Map(map)) => Some(map.len() as u64 >= *min),
            (Formula::MaxMembers(max), Json::Map(map)) => Some(map.len() as u64 <= *max),
            (Formula::Required(name), Json::Map(map)) => Some(map.contains_key(name)),
            (Formula::Members(names, wanted), Json::Map(map)) => {
                let each = map.iter().map(|(name, member)| {
                    match self.holds_at(*names, &Json::Text(name.clone()), depth) {
                        Some(false) => Some(true),
                        concerned => match (concerned, self.holds_at(*wanted, member, depth)) {
                            (_, Some(true)) => Some(true),
                            (Some(true), holds) => holds,
                            _ => None,
                        },
                    }
                });
                every(each)
            }
            // What is not modelled: everything else was told by the type of the value.
            _ => None,
        }
    }

    fn of_list(&mut self, formula: &Formula, items: &[Arc<Json>], depth: usize) -> Option<bool> {
        match formula {
            Formula::MinItems(min) => Some(items.len() as u64 >= *min),
            Formula::MaxItems(max) => Some(items.len() as u64 <= *max),
            Formula::Item(at, wanted) => items
                .get(*at)
                .map_or(Some(true), |item| self.holds_at(*wanted, item, depth)),
            Formula::Rest(from, wanted) => {
                let items = items.iter().skip(*from);
                every(items.map(|item| self.holds_at(*wanted, item, depth)))
            }
            Formula::Count(least, wanted) => {
                let mut sure = 0;
                let mut unsure = 0;
                for item in items {
                    match self.holds_at(*wanted, item, depth) {
                        Some(true) => sure += 1,
                        Some(false) => {}
                        None => unsure += 1,
                    }
                }
                match sure >= *least {
                    true => Some(true),
                    false => (sure + unsure < *least).then_some(false),
                }
            }
            Formula::Unique => {
                let mut seen: Vec<&Arc<Json>> = items.iter().collect();
                seen.sort();
                Some(seen.windows(2).all(|pair| pair[0] != pair[1]))
            }
            _ => None,
        }
    }
}

/// Says whether all hold: one that fails decides, one that cannot be told leaves it open.
fn every(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unsure = false;
    for holds in each {
        match holds {
            Some(true) => {}
            Some(false) => return Some(false),
            None => unsure = true,
        }
    }
    (!unsure).then_some(true)
}
