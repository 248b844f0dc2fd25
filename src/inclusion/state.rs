//! What is known of one value while a model is looked for.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use smol_str::SmolStr;

use super::formula::{Formula, Lit};
use super::json::Json;
use super::samples::format_of;
use super::solve::Solver;
use super::types::Types;

/// Alternatives, of which one has to hold; each is a list of which all have to.
pub(super) type Choice = Arc<[Box<[Lit]>]>;

/// What is known of one value.
#[derive(Clone)]
pub(super) struct State {
    /// What was asked for, before it was taken apart.
    pub(super) roots: Vec<Lit>,
    /// Everything that holds.
    known: HashSet<Lit, RandomState>,
    pub(super) types: Types,
    /// The only values there are, where they are listed.
    pub(super) listed: Option<Vec<Json>>,
    /// Scalars that it may not be.
    pub(super) not: Vec<Json>,
    /// What is said of single types.
    pub(super) atoms: Vec<Lit>,
    pub(super) choices: Vec<Choice>,
    /// What could not be taken into account.
    pub(super) opaque: Option<SmolStr>,
    /// The formats that a text is to have, by name.
    pub(super) formats: Vec<SmolStr>,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            roots: Vec::new(),
            known: HashSet::default(),
            types: Types::ALL,
            listed: None,
            not: Vec::new(),
            atoms: Vec::new(),
            choices: Vec::new(),
            opaque: None,
            formats: Vec::new(),
        }
    }

    pub(super) fn knows(&self, lit: Lit) -> bool {
        lit == Lit::TRUE || self.known.contains(&lit)
    }
}

impl Solver {
    /// Takes further formulas in; `false` where they contradict what is known.
    pub(super) fn assume(&mut self, state: &mut State, lits: &[Lit]) -> bool {
        state.roots.extend(lits);
        self.take(state, lits.to_vec()) && self.propagate(state)
    }

    fn take(&mut self, state: &mut State, mut open: Vec<Lit>) -> bool {
        while let Some(lit) = open.pop() {
            if lit == Lit::TRUE || !state.known.insert(lit) {
                continue;
            }
            state.types = state.types.and(self.arena.mask(lit));
            if lit == Lit::FALSE || state.known.contains(&!lit) || state.types.is_empty() {
                return false;
            }
            if !self.budget.spend(1) {
                return true;
            }
            self.open(state, lit, &mut open);
        }
        true
    }

    /// Takes one formula apart.
    fn open(&mut self, state: &mut State, lit: Lit, open: &mut Vec<Lit>) {
        let positive = lit.is_positive();
        match self.arena.get(lit) {
            Formula::True | Formula::Types(_) | Formula::Declares(_) => {}
            Formula::All(lits) if positive => open.extend(lits.iter().rev()),
            Formula::All(lits) => {
                let choice = lits.iter().map(|lit| Box::from([!*lit])).collect();
                state.choices.push(choice);
            }
            Formula::One(lits) => {
                let lits = lits.clone();
                let overlaps = self.overlaps(lit, &lits);
                if !positive && overlaps.is_empty() {
                    open.extend(lits.iter().map(|lit| !*lit));
                } else if positive {
                    state.choices.push(exactly_one(&lits, &overlaps));
                } else {
                    state.choices.push(not_one(&lits, &overlaps));
                }
            }
            Formula::Var(variable) => {
                open.push(self.arena.definition(*variable).signed_as(lit));
            }
            Formula::Enum(values) if positive => {
                state.listed = Some(match state.listed.take() {
                    None => values.to_vec(),
                    Some(listed) => listed
                        .into_iter()
                        .filter(|value| values.binary_search(value).is_ok())
                        .collect(),
                });
            }
            Formula::Enum(values) => {
                for value in values.clone().iter() {
                    let other = match value {
                        Json::List(items) => self.other_list(items),
                        Json::Map(members) => self.other_map(members),
                        _ => {
                            state.not.push(value.clone());
                            continue;
                        }
                    };
                    let choice = other.into_iter().map(|lit| Box::from([lit])).collect();
                    state.choices.push(choice);
                }
            }
            Formula::Opaque(types, what, _) => {
                if state.types.meets(*types) {
                    state.opaque.get_or_insert_with(|| what.clone());
                    state
                        .formats
                        .extend(format_of(what).filter(|_| lit.is_positive()));
                }
            }
            Formula::Pattern(text) => {
                let text = text.clone();
                if self.automata.can_read(&text) {
                    state.atoms.push(lit);
                } else {
                    let what = format!("the pattern `{text}`");
                    state.opaque.get_or_insert_with(|| what.into());
                }
            }
            _ => state.atoms.push(lit),
        }
    }

    /// Says what a value may be that is not a certain list.
    fn other_list(&mut self, items: &[Arc<Json>]) -> Vec<Lit> {
        let len = items.len() as u64;
        let mut any = vec![!self.arena.types(Types::ARRAY)];
        if len > 0 {
            any.push(!self.arena.add(Formula::MinItems(len)));
        }
        any.push(!self.arena.add(Formula::MaxItems(len)));
        for (at, item) in items.iter().enumerate() {
            let item = self.arena.listed([(**item).clone()]);
            any.push(!self.arena.item(at, item));
        }
        any
    }

    /// Says what a value may be that is not a certain map.
    fn other_map(&mut self, members: &BTreeMap<SmolStr, Arc<Json>>) -> Vec<Lit> {
        let names = members.keys().cloned().map(Json::Text);
        let names = self.arena.listed(names);
        let mut any = vec![
            !self.arena.types(Types::OBJECT),
            !self.arena.members(!names, Lit::FALSE),
        ];
        for (name, member) in members {
            any.push(!self.arena.add(Formula::Required(name.clone())));
            let name = self.arena.listed([Json::Text(name.clone())]);
            let member = self.arena.listed([(**member).clone()]);
            any.push(!self.arena.members(name, member));
        }
        any
    }

    /// Drops alternatives that cannot hold and choices that are made; takes what is left of a
    /// choice when it is one. `false` where nothing is left.
    fn propagate(&mut self, state: &mut State) -> bool {
        loop {
            let mut forced: Vec<Lit> = Vec::new();
            let choices = std::mem::take(&mut state.choices);
            let mut left = Vec::with_capacity(choices.len());
            let mut possible = true;
            for choice in choices {
                if !self.budget.spend(1 + choice.len() as u64 / 8) {
                    return true;
                }
                let holds =
                    |lit: &Lit| state.knows(*lit) || !self.arena.mask(!*lit).meets(state.types);
                if choice.iter().any(|lits| lits.iter().all(holds)) {
                    continue;
                }
                let fails =
                    |lit: &Lit| state.knows(!*lit) || !self.arena.mask(*lit).meets(state.types);
                let dead = choice.iter().filter(|lits| lits.iter().any(fails)).count();
                let choice: Choice = if dead == 0 {
                    choice
                } else {
                    let alive = choice.iter().filter(|lits| !lits.iter().any(fails));
                    alive.cloned().collect()
                };
                match &choice[..] {
                    [] => possible = false,
                    [only] => forced.extend(only.iter()),
                    _ => left.push(choice),
                }
            }
            state.choices = left;
            if !possible {
                return false;
            }
            if forced.is_empty() {
                return true;
            }
            if !self.take(state, forced) {
                return false;
            }
        }
    }
}

/// One of them holds, and those that overlap with it fail; the others do so by themselves.
fn exactly_one(lits: &[Lit], overlaps: &[(usize, usize)]) -> Choice {
    (0..lits.len())
        .map(|at| {
            let others = overlaps.iter().filter_map(move |(a, b)| match at {
                at if at == *a => Some(!lits[*b]),
                at if at == *b => Some(!lits[*a]),
                _ => None,
            });
            std::iter::once(lits[at]).chain(others).collect()
        })
        .collect()
}

/// None holds, or some two that overlap.
fn not_one(lits: &[Lit], overlaps: &[(usize, usize)]) -> Choice {
    let none: Box<[Lit]> = lits.iter().map(|lit| !*lit).collect();
    let pairs = overlaps
        .iter()
        .map(|(a, b)| Box::from([lits[*a], lits[*b]]));
    std::iter::once(none).chain(pairs).collect()
}
