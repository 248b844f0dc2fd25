//! What schemas say, in an algebra that is closed under negation.
//!
//! Every part has one number, so that two schemas that say the same in the same way are one, and
//! negation is a bit. What speaks of one type only (a length, a bound) holds of all others.

use std::ops::Not;
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexSet;
use smol_str::SmolStr;

use super::json::Json;
use super::types::Types;
use crate::document::Decimal;

/// A formula, or its negation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Lit(u32);

impl Lit {
    pub(super) const TRUE: Self = Self(0);
    pub(super) const FALSE: Self = Self(1);

    fn new(index: usize) -> Self {
        let index = u32::try_from(index).expect("a schema has fewer parts than 2^31");
        Self(index << 1)
    }

    pub(super) fn index(self) -> usize {
        (self.0 >> 1) as usize
    }

    pub(super) fn is_positive(self) -> bool {
        self.0 & 1 == 0
    }

    pub(super) fn signed_as(self, other: Self) -> Self {
        Self(self.0 ^ (other.0 & 1))
    }
}

impl Not for Lit {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// One thing that can be said of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Formula {
    True,
    /// All hold.
    All(Box<[Lit]>),
    /// Exactly one holds.
    One(Box<[Lit]>),
    /// What a recursive reference leads to.
    Var(usize),
    /// The value is of one of these types.
    Types(Types),
    /// The value is one of these, in order.
    Enum(Arc<[Json]>),
    /// A number is at least this, or above it.
    Lower(Decimal, bool),
    /// A number is at most this, or below it.
    Upper(Decimal, bool),
    Multiple(Decimal),
    MinLength(u64),
    MaxLength(u64),
    /// The pattern is found in a string.
    Pattern(SmolStr),
    MinItems(u64),
    MaxItems(u64),
    /// The item at that index, where there is one, holds.
    Item(usize, Lit),
    /// Every item from that index on holds.
    Rest(usize, Lit),
    /// At least so many items hold.
    Count(u64, Lit),
    Unique,
    MinMembers(u64),
    MaxMembers(u64),
    Required(SmolStr),
    /// Every member whose name (a string) holds the first has a value that holds the second.
    Members(Lit, Lit),
    /// Nothing; but names that hold are declared here.
    Declares(Lit),
    /// Something that is not modelled, said of values of these types: what, and which.
    Opaque(Types, SmolStr, SmolStr),
}

/// All formulas, each once.
pub(super) struct Arena {
    formulas: IndexSet<Formula, RandomState>,
    /// The types of which a value may hold, and of which one may fail.
    masks: Vec<(Types, Types)>,
    /// What each variable stands for.
    definitions: Vec<Lit>,
}

impl Arena {
    pub(super) fn new() -> Self {
        let mut arena = Self {
            formulas: IndexSet::default(),
            masks: Vec::new(),
            definitions: Vec::new(),
        };
        arena.add(Formula::True);
        arena
    }

    pub(super) fn len(&self) -> usize {
        self.formulas.len()
    }

    pub(super) fn get(&self, lit: Lit) -> &Formula {
        &self.formulas[lit.index()]
    }

    pub(super) fn at(&self, index: usize) -> &Formula {
        &self.formulas[index]
    }

    pub(super) fn definition(&self, variable: usize) -> Lit {
        self.definitions[variable]
    }

    pub(super) fn variables(&self) -> usize {
        self.definitions.len()
    }

    /// Makes a variable; until it is defined it stands for anything.
    pub(super) fn variable(&mut self) -> usize {
        self.definitions.push(Lit::TRUE);
        self.definitions.len() - 1
    }

    pub(super) fn define(&mut self, variable: usize, lit: Lit) {
        self.definitions[variable] = lit;
    }

    pub(super) fn add(&mut self, formula: Formula) -> Lit {
        let (index, new) = self.formulas.insert_full(formula);
        if new {
            self.masks.push(self.masks_of(&self.formulas[index]));
        }
        Lit::new(index)
    }

    pub(super) fn all(&mut self, lits: impl IntoIterator<Item = Lit>) -> Lit {
        let mut kept: Vec<Lit> = Vec::new();
        for lit in lits {
            match self.get(lit) {
                Formula::All(inner) if lit.is_positive() => kept.extend(inner.iter()),
                _ => kept.push(lit),
            }
        }
        kept.sort_unstable();
        kept.dedup();
        kept.retain(|lit| *lit != Lit::TRUE);
        // A literal and its negation are neighbours.
        let clash = kept.windows(2).any(|pair| pair[0] == !pair[1]);
        if clash || kept.contains(&Lit::FALSE) {
            return Lit::FALSE;
        }
        match kept[..] {
            [] => Lit::TRUE,
            [one] => one,
            _ => self.add(Formula::All(kept.into())),
        }
    }

    pub(super) fn any(&mut self, lits: impl IntoIterator<Item = Lit>) -> Lit {
        !self.all(lits.into_iter().map(|lit| !lit))
    }

    pub(super) fn one(&mut self, lits: Vec<Lit>) -> Lit {
        match lits[..] {
            [] => Lit::FALSE,
            [one] => one,
            _ => {
                let mut lits = lits;
                lits.sort_unstable();
                self.add(Formula::One(lits.into()))
            }
        }
    }

    pub(super) fn types(&mut self, types: Types) -> Lit {
        match types {
            Types::ALL => Lit::TRUE,
            Types::NONE => Lit::FALSE,
            _ => self.add(Formula::Types(types)),
        }
    }

    /// Says that the value is one of some; whole types among them are types.
    pub(super) fn listed(&mut self, values: impl IntoIterator<Item = Json>) -> Lit {
        let single = Types::NULL.or(Types::BOOLEAN);
        let mut types = Types::NONE;
        let mut rest: Vec<Json> = Vec::new();
        for value in values {
            if single.has(value.types()) {
                types = types.or(value.types());
            } else {
                rest.push(value);
            }
        }
        rest.sort();
        rest.dedup();
        let types = self.types(types);
        if rest.is_empty() {
            return types;
        }
        let listed = self.add(Formula::Enum(rest.into()));
        self.any([types, listed])
    }

    pub(super) fn members(&mut self, names: Lit, value: Lit) -> Lit {
        if names == Lit::FALSE || value == Lit::TRUE {
            return Lit::TRUE;
        }
        self.add(Formula::Members(names, value))
    }

    pub(super) fn rest(&mut self, from: usize, item: Lit) -> Lit {
        if item == Lit::TRUE {
            return item;
        }
        self.add(Formula::Rest(from, item))
    }

    pub(super) fn item(&mut self, at: usize, item: Lit) -> Lit {
        if item == Lit::TRUE {
            return item;
        }
        self.add(Formula::Item(at, item))
    }

    /// Gives what a reference leads to, so that it and the reference are one goal.
    pub(super) fn unfold(&self, mut lit: Lit) -> Lit {
        for _ in 0..self.definitions.len() {
            let Formula::Var(variable) = self.get(lit) else {
                break;
            };
            lit = self.definitions[*variable].signed_as(lit);
        }
        lit
    }

    /// Gives the types of which a value may hold.
    pub(super) fn mask(&self, lit: Lit) -> Types {
        let (holds, fails) = self.masks[lit.index()];
        if lit.is_positive() { holds } else { fails }
    }

    /// Gives the types of which a value may hold, and of which one may fail; what speaks of some
    /// types only holds of all others.
    pub(super) fn masks_of(&self, formula: &Formula) -> (Types, Types) {
        match formula {
            Formula::True | Formula::Declares(_) => (Types::ALL, Types::NONE),
            Formula::All(lits) => {
                let holds = lits
                    .iter()
                    .fold(Types::ALL, |m, lit| m.and(self.mask(*lit)));
                let fails = (lits.iter()).fold(Types::NONE, |m, lit| m.or(self.mask(!*lit)));
                (holds, fails)
            }
            Formula::One(lits) => {
                let holds = lits
                    .iter()
                    .fold(Types::NONE, |m, lit| m.or(self.mask(*lit)));
                (holds, Types::ALL)
            }
            Formula::Var(_) => (Types::ALL, Types::ALL),
            Formula::Types(types) => (*types, Types::ALL.minus(*types)),
            Formula::Enum(values) => {
                let types = values.iter().map(Json::types);
                (types.fold(Types::NONE, Types::or), Types::ALL)
            }
            Formula::Lower(..) | Formula::Upper(..) | Formula::Multiple(_) => {
                (Types::ALL, Types::NUMBER)
            }
            Formula::MinLength(_) | Formula::MaxLength(_) | Formula::Pattern(_) => {
                (Types::ALL, Types::STRING)
            }
            Formula::MinItems(_)
            | Formula::MaxItems(_)
            | Formula::Item(..)
            | Formula::Rest(..)
            | Formula::Count(..)
            | Formula::Unique => (Types::ALL, Types::ARRAY),
            Formula::MinMembers(_)
            | Formula::MaxMembers(_)
            | Formula::Required(_)
            | Formula::Members(..) => (Types::ALL, Types::OBJECT),
            Formula::Opaque(types, ..) => (Types::ALL, *types),
        }
    }
}

impl Formula {
    /// Writes the formula with its parts put through a function; the parts stay in their order.
    pub(super) fn map(&self, f: &mut dyn FnMut(Lit) -> Lit) -> Self {
        match self {
            Self::All(lits) => Self::All(lits.iter().map(|lit| f(*lit)).collect()),
            Self::One(lits) => Self::One(lits.iter().map(|lit| f(*lit)).collect()),
            Self::Item(at, lit) => Self::Item(*at, f(*lit)),
            Self::Rest(at, lit) => Self::Rest(*at, f(*lit)),
            Self::Count(count, lit) => Self::Count(*count, f(*lit)),
            Self::Members(names, value) => Self::Members(f(*names), f(*value)),
            Self::Declares(names) => Self::Declares(f(*names)),
            other => other.clone(),
        }
    }
}
