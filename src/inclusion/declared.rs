//! The names that formulas declare.

use super::formula::{Formula, Lit};
use super::json::Json;
use super::solve::Solver;

impl Solver {
    /// Gives the names of members that a formula declares, whichever of its alternatives holds.
    pub(super) fn declared_by(&mut self, lit: Lit) -> Lit {
        if let Some(known) = self.declared.get(&lit) {
            return *known;
        }
        // Within itself a recursive formula declares nothing further.
        self.declared.insert(lit, Lit::FALSE);
        let formula = self.arena.get(lit).clone();
        let names = match formula {
            Formula::All(lits) => {
                let sign = |part: Lit| part.signed_as(lit);
                let parts: Vec<Lit> = lits
                    .iter()
                    .map(|part| self.declared_by(sign(*part)))
                    .collect();
                self.arena.any(parts)
            }
            Formula::One(lits) => {
                let parts: Vec<Lit> = lits.iter().map(|part| self.declared_by(*part)).collect();
                self.arena.any(parts)
            }
            Formula::Var(variable) => {
                let definition = self.arena.definition(variable).signed_as(lit);
                self.declared_by(definition)
            }
            Formula::Declares(names) if lit.is_positive() => names,
            Formula::Required(name) if lit.is_positive() => self.arena.listed([Json::Text(name)]),
            _ => Lit::FALSE,
        };
        self.declared.insert(lit, names);
        names
    }
}
