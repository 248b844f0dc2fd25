//! Finds the recursive schemas that say the same.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::formula::{Arena, Formula, Lit};

/// How often classes are split before they are left as they are.
const ROUNDS: usize = 48;

/// Gives, for every formula, the one to use in its place: recursive schemas that cannot be told
/// apart, however far they are unrolled, become one. `None` where there are none such.
///
/// All variables start in one class, and classes are split by what their definitions say until
/// nothing is split any more: the coarsest stable partition.
pub(super) fn unify(arena: &mut Arena) -> Option<Vec<Lit>> {
    let count = arena.variables();
    if count < 2 {
        return None;
    }
    let mut classes = vec![0; count];
    let mut known = 1;
    for _ in 0..ROUNDS {
        let next = split(arena, &classes);
        let now = next.iter().max().map_or(0, |max| max + 1);
        classes = next;
        if now == known {
            let mut first: Vec<Option<usize>> = vec![None; known];
            let leaders: Vec<usize> = classes
                .iter()
                .enumerate()
                .map(|(variable, class)| *first[*class].get_or_insert(variable))
                .collect();
            return (known < count).then(|| rename(arena, &leaders));
        }
        known = now;
    }
    None
}

/// Splits classes by what the definitions say when variables are known by their class only.
fn split(arena: &Arena, classes: &[usize]) -> Vec<usize> {
    let mut shadow = Arena::new();
    for _ in classes {
        shadow.variable();
    }
    let image = copy(arena, &mut shadow, |variable| classes[variable]);
    let mut names: HashMap<(usize, Lit), usize, RandomState> = HashMap::default();
    let mut next = Vec::with_capacity(classes.len());
    for (variable, class) in classes.iter().enumerate() {
        let definition = arena.definition(variable);
        let key = (*class, image[definition.index()].signed_as(definition));
        let fresh = names.len();
        next.push(*names.entry(key).or_insert(fresh));
    }
    next
}

fn rename(arena: &mut Arena, leaders: &[usize]) -> Vec<Lit> {
    let mut target = Arena::new();
    for _ in leaders {
        target.variable();
    }
    let image = copy(arena, &mut target, |variable| leaders[variable]);
    for variable in 0..leaders.len() {
        let definition = arena.definition(variable);
        target.define(variable, image[definition.index()].signed_as(definition));
    }
    *arena = target;
    image
}

/// Writes every formula anew; parts come before what they are part of.
fn copy(from: &Arena, to: &mut Arena, name: impl Fn(usize) -> usize) -> Vec<Lit> {
    let mut image: Vec<Lit> = Vec::with_capacity(from.len());
    for index in 0..from.len() {
        let mut part = |lit: Lit| image[lit.index()].signed_as(lit);
        let lit = match from.at(index).map(&mut part) {
            Formula::Var(variable) => to.add(Formula::Var(name(variable))),
            Formula::All(lits) => to.all(lits),
            Formula::One(lits) => to.one(lits.into_vec()),
            other => to.add(other),
        };
        image.push(lit);
    }
    image
}
