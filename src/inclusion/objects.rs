//! Models of objects.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::formula::{Formula, Lit};
use super::json::Json;
use super::outcome::{Best, Outcome, Reason};
use super::solve::Solver;
use super::state::State;
use super::types::Types;

/// How many members are added to reach a number of them.
const MEMBERS: u64 = 2_000;

/// How many kinds of names are told apart.
const REGIONS: usize = 64;

/// Names that are good to read, for members that nobody names.
const NAMES: [&str; 6] = ["other", "another", "x-other", "name", "key", "a"];

/// What an object has to be.
#[derive(Default)]
struct Shape {
    /// What holds of the values of single names.
    explicit: BTreeMap<SmolStr, Vec<Lit>>,
    /// What holds of the values of names of which something holds.
    general: Vec<(Lit, Lit)>,
    required: BTreeSet<SmolStr>,
    /// Members that there have to be: what holds of the name, and of the value.
    wanted: Vec<(Lit, Lit)>,
    min: u64,
    max: Option<u64>,
    /// Names that may be used without being asked for.
    allowed: Option<Lit>,
}

/// The members of a model: their names, what is asked of them beside what their names bring,
/// and their values.
type Members = Vec<(SmolStr, Vec<Lit>)>;

impl Solver {
    /// Looks for an object.
    pub(super) fn object(&mut self, state: &State, allowed: Option<Lit>) -> Outcome {
        let mut shape = Shape {
            allowed,
            ..Shape::default()
        };
        let at_most = |max: &mut Option<u64>, count: u64| {
            *max = Some(max.map_or(count, |max: u64| max.min(count)));
        };
        for lit in &state.atoms {
            let holds = lit.is_positive();
            match self.arena.get(*lit) {
                Formula::MinMembers(count) if holds => shape.min = shape.min.max(*count),
                Formula::MinMembers(count) => at_most(&mut shape.max, count.saturating_sub(1)),
                Formula::MaxMembers(count) if holds => at_most(&mut shape.max, *count),
                Formula::MaxMembers(count) => shape.min = shape.min.max(count.saturating_add(1)),
                Formula::Required(name) if holds => {
                    shape.required.insert(name.clone());
                }
                Formula::Required(name) => {
                    shape
                        .explicit
                        .entry(name.clone())
                        .or_default()
                        .push(Lit::FALSE);
                }
                Formula::Members(names, value) if holds => match self.names(*names) {
                    Some(names) => {
                        for name in names {
                            shape.explicit.entry(name).or_default().push(*value);
                        }
                    }
                    None => shape.general.push((*names, *value)),
                },
                Formula::Members(names, value) => shape.wanted.push((*names, !*value)),
                _ => {}
            }
        }
        if shape.max.is_some_and(|max| max < shape.min) {
            return Outcome::Empty;
        }
        let mut members: Members = Vec::new();
        for name in &shape.required {
            if matches!(self.member(&shape, name, &[]), Outcome::Empty) {
                return Outcome::Empty;
            }
            members.push((name.clone(), Vec::new()));
        }
        // What can be met in few ways is met first.
        let count = |lit: Lit| self.names(lit).map_or(usize::MAX, |names| names.len());
        let mut wanted: Vec<(usize, (Lit, Lit))> = shape
            .wanted
            .iter()
            .map(|wanted| (count(wanted.0), *wanted))
            .collect();
        wanted.sort();
        shape.wanted = wanted.into_iter().map(|(_, wanted)| wanted).collect();
        self.meet(&shape, 0, &mut members)
    }

    /// Looks for the value of a member.
    fn member(&mut self, shape: &Shape, name: &SmolStr, further: &[Lit]) -> Outcome {
        let mut goal: Vec<Lit> = further.to_vec();
        let mut unsure = false;
        goal.extend(shape.explicit.get(name).into_iter().flatten());
        for (names, value) in &shape.general {
            if goal.contains(value) {
                continue;
            }
            match self.holds(*names, &Json::Text(name.clone())) {
                Some(true) => goal.push(*value),
                Some(false) => {}
                None => {
                    unsure = true;
                    goal.push(*value);
                }
            }
        }
        match self.solve(goal) {
            Outcome::Empty if unsure => Outcome::Perhaps(None, Reason::of("a pattern of names")),
            outcome => outcome,
        }
    }

    /// Finds members for what is wanted, one after the other, and builds the object.
    fn meet(&mut self, shape: &Shape, at: usize, members: &mut Members) -> Outcome {
        let Some(&(names, value)) = shape.wanted.get(at) else {
            return self.build(shape, members.clone());
        };
        if !self.budget.spend(2) {
            return Outcome::Perhaps(None, Reason::Budget);
        }
        let mut best = Best::new();
        // A member that is there already may be the one.
        for index in 0..members.len() {
            let name = members[index].0.clone();
            if self.holds(names, &Json::Text(name.clone())) == Some(false) {
                continue;
            }
            let mut further = members[index].1.clone();
            further.push(value);
            let outcome = self.member(shape, &name, &further);
            if matches!(outcome, Outcome::Empty) {
                continue;
            }
            if outcome.value().is_none() {
                best.note(outcome);
                continue;
            }
            let before = std::mem::replace(&mut members[index].1, further);
            let outcome = self.meet(shape, at + 1, members);
            members[index].1 = before;
            if let Some(model) = best.note(outcome) {
                return model;
            }
        }
        let asked = self.names(names);
        let candidates = match &asked {
            Some(names) => {
                let allowed =
                    |name: &&SmolStr| self.is_allowed(shape, &Json::Text((*name).clone()));
                names.iter().filter(allowed).cloned().collect()
            }
            None => {
                let open = &shape.wanted[at + 1..];
                self.candidates(shape, names, open, members, &mut best)
            }
        };
        for name in candidates {
            if members.iter().any(|(known, _)| *known == name)
                || (asked.is_none() && self.holds(names, &Json::Text(name.clone())) == Some(false))
            {
                continue;
            }
            let outcome = self.member(shape, &name, &[value]);
            if outcome.value().is_none() {
                best.note(outcome);
                continue;
            }
            members.push((name, vec![value]));
            let outcome = self.meet(shape, at + 1, members);
            members.pop();
            if let Some(model) = best.note(outcome) {
                return model;
            }
        }
        best.outcome()
    }

    /// Gives names to try where any name of which something holds will do: those that something
    /// is said of, and one of every kind beside.
    fn candidates(
        &mut self,
        shape: &Shape,
        names: Lit,
        open: &[(Lit, Lit)],
        members: &Members,
        best: &mut Best,
    ) -> Vec<SmolStr> {
        let explicit: Vec<SmolStr> = shape.explicit.keys().cloned().collect();
        let mut found: Vec<SmolStr> = Vec::new();
        for name in explicit {
            let text = Json::Text(name.clone());
            if self.is_allowed(shape, &text) && self.holds(names, &text) != Some(false) {
                found.push(name);
            }
        }
        found.extend(self.fresh(shape, names, open, members, best));
        found
    }

    fn is_allowed(&mut self, shape: &Shape, name: &Json) -> bool {
        shape
            .allowed
            .is_none_or(|allowed| self.holds(allowed, name) != Some(false))
    }

    /// Makes a name of every kind that the shape tells apart, and what is still wanted, beside
    /// those it names.
    fn fresh(
        &mut self,
        shape: &Shape,
        names: Lit,
        open: &[(Lit, Lit)],
        members: &Members,
        best: &mut Best,
    ) -> Vec<SmolStr> {
        let known = shape
            .explicit
            .keys()
            .chain(members.iter().map(|(name, _)| name));
        let known: Vec<Json> = known.cloned().map(Json::Text).collect();
        let string = self.arena.types(Types::STRING);
        let known = self.arena.listed(known);
        let mut goal = vec![string, names, !known];
        goal.extend(shape.allowed);
        // One member may be all that is wanted, so that the names of the rest are kinds, too.
        let mut kinds: Vec<(Lit, Lit)> = Vec::new();
        for (names, value) in shape.general.iter().chain(open) {
            if !kinds.iter().any(|(known, _)| known == names) {
                kinds.push((*names, *value));
            }
        }
        let mut found = Vec::new();
        self.regions(&kinds, goal, &mut found, best);
        found
    }

    fn regions(
        &mut self,
        kinds: &[(Lit, Lit)],
        goal: Vec<Lit>,
        found: &mut Vec<SmolStr>,
        best: &mut Best,
    ) {
        if found.len() >= REGIONS || !self.budget.spend(1 + goal.len() as u64 / 16) {
            best.unsure(Reason::Budget);
            return;
        }
        let name = self.name(goal.clone());
        match (&name, kinds) {
            (Outcome::Empty, _) => {}
            (outcome, []) => match outcome.value().map(|value| &**value) {
                Some(Json::Text(name)) => {
                    if !found.contains(name) {
                        found.push(name.clone());
                    }
                }
                _ => {
                    best.note(name);
                }
            },
            (_, [(names, value), rest @ ..]) => {
                let mut without = goal.clone();
                without.push(!*names);
                self.regions(rest, without, found, best);
                if *value != Lit::FALSE {
                    let mut with = goal;
                    with.push(*names);
                    self.regions(rest, with, found, best);
                }
            }
        }
    }

    /// Looks for a name, one that is good to read first.
    fn name(&mut self, goal: Vec<Lit>) -> Outcome {
        for name in NAMES {
            let name = Json::Text(name.into());
            if self.all_hold(&goal, &name) == Some(true) {
                return Outcome::model(name);
            }
        }
        self.solve(goal)
    }

    /// Builds the object, with further members where there have to be more.
    fn build(&mut self, shape: &Shape, mut members: Members) -> Outcome {
        let mut best = Best::new();
        if shape.max.is_some_and(|max| members.len() as u64 > max) {
            return Outcome::Empty;
        }
        if shape.min > MEMBERS {
            return Outcome::Perhaps(None, Reason::Budget);
        }
        while (members.len() as u64) < shape.min {
            let candidates = self.candidates(shape, Lit::TRUE, &[], &members, &mut best);
            let before = members.len();
            for name in candidates {
                let known = members.iter().any(|(known, _)| *known == name);
                if known || members.len() as u64 >= shape.min {
                    continue;
                }
                match self.member(shape, &name, &[]) {
                    Outcome::Model(_) => members.push((name, Vec::new())),
                    Outcome::Empty => {}
                    Outcome::Perhaps(Some(_), reason) => {
                        best.unsure(reason);
                        members.push((name, Vec::new()));
                    }
                    Outcome::Perhaps(None, reason) => best.unsure(reason),
                }
            }
            if members.len() == before {
                return best.outcome();
            }
            if !self.budget.spend(4) {
                return Outcome::Perhaps(None, Reason::Budget);
            }
        }
        let mut map: BTreeMap<SmolStr, Arc<Json>> = BTreeMap::new();
        let mut unsure = None;
        for (name, further) in members {
            let outcome = self.member(shape, &name, &further);
            let Some(value) = outcome.value() else {
                return outcome;
            };
            map.insert(name, value.clone());
            if let Outcome::Perhaps(_, why) = outcome {
                unsure = Some(why);
            }
        }
        Outcome::built(Json::Map(map), unsure)
    }
}
