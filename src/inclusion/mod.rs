//! Schema inclusion: is every value that one schema admits admitted by another, and if not,
//! which value is not?
//!
//! The question is whether "holds under old and fails under new" can be satisfied. A value that
//! satisfies it is the witness; proof that none does is proof of inclusion.
//!
//! ```
//! use strata::config::schema::{Schema, Loaded, Loader};
//! use strata::inclusion::{Assume, Inclusion, included};
//! # use std::sync::Arc;
//! # struct Text(&'static str);
//! # impl Loader for Text {
//! #     fn load(&self, path: &str) -> strata::Result<Option<Loaded>> {
//! #         let source = Arc::new(strata::text::Source::new(path, self.0));
//! #         let parsed = strata::document::parse(&source, strata::document::Format::Yaml);
//! #         let document = parsed.documents.into_iter().next().map(Arc::new);
//! #         Ok(Some(Loaded { document, findings: parsed.findings }))
//! #     }
//! # }
//! # let read = |text| Schema::load(&Text(text), "a.yaml").map(|(schema, _)| schema.unwrap());
//! let old = read("{type: string, maxLength: 5}")?;
//! let new = read("{type: string, maxLength: 4}")?;
//! assert_eq!(included(&new, &old, Assume::default()), Inclusion::Proved);
//! let Inclusion::Refuted(witness) = included(&old, &new, Assume::default()) else { panic!() };
//! assert_eq!(witness.as_str(), Some("aaaaa"));
//! # Ok::<(), strata::Error>(())
//! ```
//!
//! Schemas become formulas of an algebra that is closed under negation, one for each JSON type
//! where that matters. A goal, formulas that are to hold of one value, is searched for a model:
//! choices are put off, a model of the rest is built, and only a choice that it violates is
//! branched on. Goals are solved once. A goal within itself is taken to have no model: the
//! smallest model of a goal contains no model of the same goal, so that recursion is the least
//! fixpoint of satisfiability, and the greatest of inclusion. Every search has a budget; what it
//! does not settle is unknown, with the reason.
//!
//! After Habib, Shinnar, Hirzel, Pradel, *Finding Data Compatibility Bugs with JSON Subschema
//! Checks* (ISSTA 2021), and Attouche, Baazizi, Colazzo, Ghelli, Sartiani, Scherzinger, *Witness
//! Generation for JSON Schema* (VLDB 2022).

mod arrays;
mod automaton;
mod budget;
mod compile;
mod declared;
mod engine;
mod formula;
mod holds;
mod items;
mod json;
mod keywords;
mod numbers;
mod objects;
mod outcome;
mod samples;
mod scalars;
mod solve;
mod state;
#[cfg(test)]
mod tests;
pub(crate) mod types;
mod unevaluated;
mod unify;

pub use engine::{Answer, Assume, Claim, Engine, Inclusion, example, included};
pub use types::Types;

/// A place in a schema.
pub(crate) type Node<'s> = crate::config::schema::SchemaNode<'s>;
