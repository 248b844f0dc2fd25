use smol_str::SmolStr;

use super::Node;
use super::automaton::{Found, TextShape};
use super::budget::Budget;
use super::compile::Compiler;
use super::formula::{Formula, Lit};
use super::json::Json;
use super::outcome::{Outcome, Reason};
use super::solve::Solver;
use super::types::Types;
use super::unify::unify;
use crate::config::schema::{Schema, deep};
use crate::document::{Kind, Map, Value};

/// How many steps one question may take.
const QUESTION: u64 = 6_000_000;

/// How many steps all questions together may take.
const TOTAL: u64 = 30_000_000;

/// What is assumed beside what the schemas say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assume {
    /// Names that what has to hold does not declare are not used, wherever further names are
    /// free.
    pub declared_only: bool,
    /// `format` refuses values. Formats are not modelled: what depends on one is unknown.
    pub formats: bool,
}

/// The answer to: does one schema admit everything that another does?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// It does.
    Proved,
    /// It does not: this value is refused.
    Refuted(Value),
    /// It could not be decided, and why, in a phrase.
    Unknown(String),
}

/// One thing that is asked of a value.
#[derive(Clone, Debug)]
pub enum Claim<'s> {
    /// It holds under a schema.
    Holds(Node<'s>),
    /// It fails under one of some schemas.
    Fails(Vec<Node<'s>>),
    /// It is one of some values.
    Is(Vec<Value>),
    /// It is of one of some types.
    OfTypes(Types),
    /// It fails a keyword of a schema, whatever else the schema says.
    Breaks(Node<'s>, &'s str),
    /// It is an object that has a member, of which something is asked.
    Member(SmolStr, Vec<Self>),
    /// It is an object without a member.
    Without(SmolStr),
    /// It is an array that has an item at an index, of which something is asked.
    Item(usize, Vec<Self>),
    /// Not all of some claims are true of it.
    Not(Vec<Self>),
}

/// What looking for a value gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One was found.
    Value(Value),
    /// There is none.
    Impossible,
    /// It could not be decided; a value that may be one, and why, in a phrase.
    Unknown(Option<Value>, String),
}

/// Answers questions about schemas; what it found for one helps with the next.
pub struct Engine {
    compiler: Compiler,
    solver: Solver,
    pub(super) left: u64,
}

/// Says whether a schema admits everything that another does.
#[must_use]
pub fn included(old: &Schema, new: &Schema, assume: Assume) -> Inclusion {
    deep(|| {
        let mut engine = Engine::new(&[old, new], assume.formats);
        engine.included(&[old.root()], &[new.root()], assume.declared_only)
    })
}

/// Says whether a dynamic reference may lead to several places: two anchors share a name.
fn has_rivals(schema: &Schema) -> bool {
    fn collect<'v>(value: &'v Value, anchors: &mut Vec<&'v str>) {
        match &value.kind {
            Kind::Object(map) => {
                for (key, value) in map.iter() {
                    match (key.as_str(), &value.kind) {
                        ("$dynamicAnchor", Kind::String(name)) => anchors.push(name),
                        ("$recursiveAnchor", Kind::Bool(true)) => anchors.push("#"),
                        _ => collect(value, anchors),
                    }
                }
            }
            Kind::Array(items) => items.iter().for_each(|item| collect(item, anchors)),
            _ => {}
        }
    }
    let mut anchors = Vec::new();
    for (_, document) in schema.files() {
        let text = document.source.text();
        if text.contains("$dynamicAnchor") || text.contains("$recursiveAnchor") {
            collect(&document.root, &mut anchors);
        }
    }
    let count = anchors.len();
    anchors.sort_unstable();
    anchors.dedup();
    anchors.len() < count
}

/// Makes a value that a schema admits: an object that is not empty where it admits one, else any.
#[must_use]
pub fn example(schema: &Schema) -> Option<Value> {
    deep(|| {
        let mut engine = Engine::new(&[schema], false);
        let holds = || Claim::Holds(schema.root());
        let object = Claim::OfTypes(Types::OBJECT);
        let empty = Claim::Is(vec![Value::detached(Kind::Object(Map::new()))]);
        let tries = [
            vec![holds(), object, Claim::Not(vec![empty])],
            vec![holds()],
        ];
        tries
            .iter()
            .find_map(|claims| match engine.find(claims, true) {
                Answer::Value(value) | Answer::Unknown(Some(value), _) => Some(value),
                _ => None,
            })
    })
}

impl Engine {
    /// Reads schemas. Questions recurse as deep as schemas do: the stack has to have room.
    #[must_use]
    pub fn new(schemas: &[&Schema], formats: bool) -> Self {
        let mut engine = Self {
            compiler: Compiler::new(formats),
            solver: Solver::new(),
            left: TOTAL,
        };
        engine.compiler.dynamic = schemas.iter().any(|schema| has_rivals(schema));
        for schema in schemas {
            engine
                .compiler
                .node(&mut engine.solver.arena, &schema.root());
        }
        if let Some(names) = unify(&mut engine.solver.arena) {
            engine
                .compiler
                .rename(|lit| names[lit.index()].signed_as(lit));
        }
        engine
    }

    /// Says whether everything that holds under all of some schemas holds under all of others.
    #[must_use]
    pub fn included(
        &mut self,
        old: &[Node<'_>],
        new: &[Node<'_>],
        declared_only: bool,
    ) -> Inclusion {
        let mut claims: Vec<Claim<'_>> = old.iter().cloned().map(Claim::Holds).collect();
        claims.push(Claim::Fails(new.to_vec()));
        match self.find(&claims, declared_only) {
            Answer::Value(value) => Inclusion::Refuted(value),
            Answer::Impossible => Inclusion::Proved,
            Answer::Unknown(_, why) => Inclusion::Unknown(why),
        }
    }

    /// Looks for a value of which all claims are true.
    #[must_use]
    pub fn find(&mut self, claims: &[Claim<'_>], declared_only: bool) -> Answer {
        let goal: Vec<Lit> = claims.iter().map(|claim| self.claim(claim)).collect();
        let steps = QUESTION.min(self.left);
        let outcome = self.solver.ask(Budget::new(steps), declared_only, goal);
        self.left = self.left.saturating_sub(self.solver.budget.spent(steps));
        match outcome {
            Outcome::Model(value) => Answer::Value(value.value()),
            Outcome::Empty => Answer::Impossible,
            Outcome::Perhaps(value, reason) => {
                let why = match reason {
                    Reason::Budget => {
                        "the schemas are too entangled to be compared to the end".to_owned()
                    }
                    Reason::Opaque(what) => format!("{what} is not modelled"),
                };
                Answer::Unknown(value.map(|value| value.value()), why)
            }
        }
    }

    /// Says whether two schemas say the same in the same way, whatever they only describe and
    /// however their references are laid out. Schemas that say the same in other ways are not
    /// found.
    #[must_use]
    pub fn same(&mut self, a: &Node<'_>, b: &Node<'_>) -> bool {
        self.read(a) == self.read(b)
    }

    /// Says whether two lists of schemas say the same, in any order.
    #[must_use]
    pub fn same_all(&mut self, a: &[Node<'_>], b: &[Node<'_>]) -> bool {
        let mut read = |nodes: &[Node<'_>]| {
            let mut lits: Vec<Lit> = nodes.iter().map(|node| self.read(node)).collect();
            lits.sort_unstable();
            lits
        };
        a.len() == b.len() && read(a) == read(b)
    }

    /// Says whether it is proved that no value holds two of some schemas.
    #[must_use]
    pub fn disjoint(&mut self, nodes: &[Node<'_>]) -> bool {
        let lits: Vec<Lit> = nodes.iter().map(|node| self.read(node)).collect();
        let steps = QUESTION.min(self.left);
        let none = self.solver.disjoint(Budget::new(steps), lits);
        self.left = self.left.saturating_sub(self.solver.budget.spent(steps));
        none
    }

    /// Says whether a keyword says the same in two schemas, each of which has it.
    #[must_use]
    pub fn same_keyword(&mut self, a: &Node<'_>, b: &Node<'_>, keyword: &str) -> bool {
        let mut read = |holder: &Node<'_>| {
            let node = holder.get(keyword)?;
            let arena = &mut self.solver.arena;
            Some(self.compiler.keyword(arena, keyword, holder, &node))
        };
        read(a).is_some_and(|a| Some(a) == read(b))
    }

    fn read(&mut self, node: &Node<'_>) -> Lit {
        let lit = self.compiler.node(&mut self.solver.arena, node);
        self.solver.arena.unfold(lit)
    }

    /// Says whether all claims are true of a value; `None` where that cannot be told.
    #[must_use]
    pub fn check(&mut self, claims: &[Claim<'_>], value: &Value) -> Option<bool> {
        let value = Json::of(value)?;
        let goal: Vec<Lit> = claims.iter().map(|claim| self.claim(claim)).collect();
        self.solver.budget = Budget::new(QUESTION);
        self.solver.all_hold(&goal, &value)
    }

    /// Makes a text that some patterns are found in, and that is none of some; `None` where there
    /// is none, or where the patterns cannot be read.
    #[must_use]
    pub fn text(&mut self, patterns: &[(&str, bool)], not: &[&str]) -> Option<String> {
        let shape = TextShape {
            patterns: patterns
                .iter()
                .map(|(text, is)| (SmolStr::from(*text), *is))
                .collect(),
            min: 1,
            max: None,
            not: not.iter().copied().map(SmolStr::from).collect(),
        };
        match self.solver.automata.find(&shape) {
            Found::Text(text) => Some(text),
            Found::Nothing | Found::TooMuch => None,
        }
    }

    fn claim(&mut self, claim: &Claim<'_>) -> Lit {
        match claim {
            Claim::Holds(node) => self.read(node),
            Claim::Fails(nodes) => {
                let lits: Vec<Lit> = nodes.iter().map(|node| self.read(node)).collect();
                !self.solver.arena.all(lits)
            }
            Claim::Is(values) => {
                let values: Vec<Json> = values.iter().filter_map(Json::of).collect();
                self.solver.arena.listed(values)
            }
            Claim::OfTypes(types) => self.solver.arena.types(*types),
            Claim::Breaks(holder, keyword) => match holder.get(keyword) {
                Some(node) => {
                    let arena = &mut self.solver.arena;
                    !self.compiler.keyword(arena, keyword, holder, &node)
                }
                None => Lit::FALSE,
            },
            Claim::Member(name, claims) => {
                let inner = self.all(claims);
                let arena = &mut self.solver.arena;
                let name = arena.listed([Json::Text(name.clone())]);
                let has = !arena.add(Formula::Members(name, !inner));
                // What is asked for is used, whether a schema declares it or not.
                let declares = arena.add(Formula::Declares(name));
                arena.all([has, declares])
            }
            Claim::Without(name) => {
                let required = Formula::Required(name.clone());
                !self.solver.arena.add(required)
            }
            Claim::Not(claims) => !self.all(claims),
            Claim::Item(at, claims) => {
                let inner = self.all(claims);
                !self.solver.arena.add(Formula::Item(*at, !inner))
            }
        }
    }

    fn all(&mut self, claims: &[Claim<'_>]) -> Lit {
        let lits: Vec<Lit> = claims.iter().map(|claim| self.claim(claim)).collect();
        self.solver.arena.all(lits)
    }
}
