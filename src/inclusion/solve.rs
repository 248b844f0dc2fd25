//! Looks for a value of which some formulas hold.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::automaton::Automata;
use super::budget::Budget;
use super::formula::{Arena, Formula, Lit};
use super::json::Json;
use super::outcome::{Best, Outcome, Reason};
use super::state::{Choice, State};
use super::types::Types;

/// How deep a value may be nested.
const DEPTH: usize = 4_000;

/// How many choices are branched on at one place.
const CHOICES: usize = 200;

/// The types in the order in which they are tried: what is easy to read first.
const ORDER: [Types; 7] = [
    Types::TRUE,
    Types::FALSE,
    Types::NUMBER,
    Types::STRING,
    Types::NULL,
    Types::ARRAY,
    Types::OBJECT,
];

/// Formulas that are to hold of one value, in order.
pub(super) type Goal = Box<[Lit]>;

/// Pairs of alternatives that may hold at once, by their places.
type Overlaps = Arc<[(usize, usize)]>;

/// Looks for models, and remembers what it found.
pub(super) struct Solver {
    pub(super) arena: Arena,
    pub(super) automata: Automata,
    pub(super) budget: Budget,
    /// Whether names that nothing declares are taken to be unused.
    declared_only: bool,
    /// What was found, apart for either value of that.
    solved: [HashMap<Goal, Outcome, RandomState>; 2],
    /// The goals that are being solved, with their depth.
    open: HashMap<Goal, usize, RandomState>,
    /// Goals without a model as long as the goal at that depth has none.
    provisional: HashMap<Goal, usize, RandomState>,
    /// The provisional goals with the depth that each rests on, in the order found.
    trail: Vec<(Goal, usize)>,
    /// The least depth that what is found now depends on.
    rests_on: usize,
    pub(super) declared: HashMap<Lit, Lit, RandomState>,
    /// The alternatives that may hold at once, by the formula that says that exactly one does.
    overlaps: HashMap<(usize, bool), Overlaps, RandomState>,
}

impl Solver {
    pub(super) fn new() -> Self {
        Self {
            arena: Arena::new(),
            automata: Automata::default(),
            budget: Budget::new(0),
            declared_only: false,
            solved: Default::default(),
            open: HashMap::default(),
            provisional: HashMap::default(),
            trail: Vec::new(),
            rests_on: usize::MAX,
            declared: HashMap::default(),
            overlaps: HashMap::default(),
        }
    }

    /// Starts a question.
    pub(super) fn ask(&mut self, budget: Budget, declared_only: bool, goal: Vec<Lit>) -> Outcome {
        self.budget = budget;
        self.declared_only = declared_only;
        self.solve(goal)
    }

    /// Says whether no value holds two of some formulas.
    pub(super) fn disjoint(&mut self, budget: Budget, lits: Vec<Lit>) -> bool {
        self.budget = budget;
        self.declared_only = false;
        let several = lits.len() > 1;
        let one = self.arena.one(lits);
        match self.arena.get(one) {
            Formula::One(lits) if several => {
                let lits = lits.clone();
                self.overlaps(one, &lits).is_empty()
            }
            _ => true,
        }
    }

    fn solved(&mut self) -> &mut HashMap<Goal, Outcome, RandomState> {
        &mut self.solved[usize::from(self.declared_only)]
    }

    /// Looks for a value of which all formulas hold.
    pub(super) fn solve(&mut self, mut lits: Vec<Lit>) -> Outcome {
        // What is remembered is not free: there may be a great many questions.
        if !self.budget.spend(1 + lits.len() as u64 / 16) {
            return Outcome::Perhaps(None, Reason::Budget);
        }
        for lit in &mut lits {
            *lit = self.arena.unfold(*lit);
        }
        lits.sort_unstable();
        lits.dedup();
        lits.retain(|lit| *lit != Lit::TRUE);
        let clash = lits.windows(2).any(|pair| pair[0] == !pair[1]);
        if clash || lits.contains(&Lit::FALSE) {
            return Outcome::Empty;
        }
        let goal: Goal = lits.into();
        if let Some(known) = self.solved().get(&goal) {
            return known.clone();
        }
        let rests_on = (self.provisional.get(&goal)).or_else(|| self.open.get(&goal));
        if let Some(&depth) = rests_on {
            self.rests_on = self.rests_on.min(depth);
            return Outcome::Empty;
        }
        let depth = self.open.len();
        if depth >= DEPTH {
            return Outcome::Perhaps(None, Reason::Budget);
        }
        self.open.insert(goal.clone(), depth);
        let outside = std::mem::replace(&mut self.rests_on, usize::MAX);
        let before = self.trail.len();
        let outcome = self.at_one_place(&goal);
        self.open.remove(&goal);
        let inside = std::mem::replace(&mut self.rests_on, outside);
        let below = inside < depth;
        if below {
            self.rests_on = self.rests_on.min(inside);
        }
        match &outcome {
            Outcome::Empty if below => {
                // What rested on this one rests on what this one rests on: another goal will
                // take its depth.
                for (resting, on) in &mut self.trail[before..] {
                    if *on == depth {
                        *on = inside;
                        self.provisional.insert(resting.clone(), inside);
                    }
                }
                self.provisional.insert(goal.clone(), inside);
                self.trail.push((goal, inside));
            }
            Outcome::Empty => {
                // What rested on this being empty is empty.
                for (resting, _) in self.trail.split_off(before) {
                    self.provisional.remove(&resting);
                    self.solved().insert(resting, Outcome::Empty);
                }
                self.solved().insert(goal, Outcome::Empty);
            }
            _ => {
                for (resting, _) in self.trail.split_off(before) {
                    self.provisional.remove(&resting);
                }
                if !matches!(outcome, Outcome::Perhaps(_, Reason::Budget)) {
                    self.solved().insert(goal, outcome.clone());
                }
            }
        }
        outcome
    }

    fn at_one_place(&mut self, goal: &[Lit]) -> Outcome {
        let allowed = self.declared_only.then(|| {
            let declared: Vec<Lit> = goal.iter().map(|lit| self.declared_by(*lit)).collect();
            self.arena.any(declared)
        });
        let mut state = State::new();
        if !self.assume(&mut state, goal) {
            return Outcome::Empty;
        }
        self.search(state, allowed, 0)
    }

    /// Looks for a model; choices that the models of everything else do not violate are left
    /// alone.
    fn search(&mut self, mut state: State, allowed: Option<Lit>, made: usize) -> Outcome {
        if made > CHOICES || !self.budget.spend(4 + state.atoms.len() as u64 / 16) {
            return Outcome::Perhaps(None, Reason::Budget);
        }
        if let Some(values) = state.listed.take() {
            return self.listed(&state, values);
        }
        let mut best = Best::new();
        let mut violated: Option<usize> = None;
        for types in ORDER {
            if !state.types.meets(types) {
                continue;
            }
            let outcome = self.of_type(&state, types, allowed);
            match outcome.value() {
                None if matches!(outcome, Outcome::Empty) => {
                    state.types = state.types.minus(types);
                }
                None => {
                    best.note(outcome);
                }
                Some(value) => {
                    let value = value.clone();
                    match self.violated(&state.choices, &value) {
                        Ok(None) => {
                            // A model is made sure of.
                            let known = match outcome {
                                Outcome::Perhaps(_, reason) => Some(reason),
                                _ => None,
                            };
                            let holds = self.all_hold(&state.roots, &value);
                            let outcome = self.settle(&state, value, holds, known);
                            if let Some(model) = best.note(outcome) {
                                return model;
                            }
                            if state.choices.is_empty() {
                                state.types = state.types.minus(types);
                            }
                        }
                        Ok(Some(choice)) => {
                            let smaller = violated.is_none_or(|known| {
                                state.choices[choice].len() < state.choices[known].len()
                            });
                            if smaller {
                                violated = Some(choice);
                            }
                        }
                        Err(reason) => best.unsure(reason),
                    }
                }
            }
        }
        if state.types.is_empty() {
            return best.outcome();
        }
        let choice = violated.or_else(|| {
            let order = 0..state.choices.len();
            order.min_by_key(|at| state.choices[*at].len())
        });
        let Some(choice) = choice else {
            return best.outcome();
        };
        let choice = state.choices.swap_remove(choice);
        self.branch(&state, &choice, allowed, made, best)
    }

    fn branch(
        &mut self,
        state: &State,
        choice: &Choice,
        allowed: Option<Lit>,
        made: usize,
        mut best: Best,
    ) -> Outcome {
        for lits in choice.iter() {
            let mut branch = state.clone();
            if !self.assume(&mut branch, lits) {
                continue;
            }
            let outcome = self.search(branch, allowed, made + 1);
            if let Some(model) = best.note(outcome) {
                return model;
            }
            if self.budget.is_spent() {
                best.unsure(Reason::Budget);
                break;
            }
        }
        best.outcome()
    }

    /// Gives the pairs of alternatives that may hold at once, by their places.
    pub(super) fn overlaps(&mut self, one: Lit, lits: &[Lit]) -> Overlaps {
        if let Some(known) = self.overlaps.get(&(one.index(), self.declared_only)) {
            return known.clone();
        }
        // Not as part of the present goals: what rests on them is no proof here.
        let outside = std::mem::replace(&mut self.rests_on, usize::MAX);
        let mut found = Vec::new();
        let mut lasting = true;
        for (a, x) in lits.iter().enumerate() {
            for (b, y) in lits.iter().enumerate().skip(a + 1) {
                self.rests_on = usize::MAX;
                let outcome = self.solve(vec![*x, *y]);
                let alone = self.rests_on == usize::MAX;
                if !(alone && matches!(outcome, Outcome::Empty)) {
                    found.push((a, b));
                    lasting &= alone && !matches!(outcome, Outcome::Perhaps(_, Reason::Budget));
                }
            }
        }
        self.rests_on = outside;
        let found: Overlaps = found.into();
        if lasting {
            self.overlaps
                .insert((one.index(), self.declared_only), found.clone());
        }
        found
    }

    fn of_type(&mut self, state: &State, types: Types, allowed: Option<Lit>) -> Outcome {
        match types {
            // Of these, no value is ever left out by itself: it is a type.
            Types::NULL => Outcome::model(Json::Null),
            Types::FALSE => Outcome::model(Json::Bool(false)),
            Types::TRUE => Outcome::model(Json::Bool(true)),
            Types::STRING => self.text(state),
            Types::ARRAY => self.array(state),
            Types::OBJECT => self.object(state, allowed),
            _ => self.number(state),
        }
    }

    /// Says what a value is of which everything that was asked for holds, or may hold.
    fn settle(
        &mut self,
        state: &State,
        value: Arc<Json>,
        holds: Option<bool>,
        known: Option<Reason>,
    ) -> Outcome {
        if holds == Some(true) {
            return Outcome::Model(value);
        }
        let reason = known.unwrap_or_else(|| match &state.opaque {
            _ if self.budget.is_spent() => Reason::Budget,
            Some(what) => Reason::Opaque(what.clone()),
            None => Reason::of("something further down"),
        });
        Outcome::Perhaps(holds.is_none().then_some(value), reason)
    }

    /// Goes through the only values that there are.
    fn listed(&mut self, state: &State, values: Vec<Json>) -> Outcome {
        let mut best = Best::new();
        for value in values {
            if !state.types.has(value.types()) {
                continue;
            }
            let holds = self.all_hold(&state.roots, &value);
            if holds == Some(false) {
                continue;
            }
            let outcome = self.settle(state, Arc::new(value), holds, None);
            if let Some(model) = best.note(outcome) {
                return model;
            }
        }
        best.outcome()
    }
}
