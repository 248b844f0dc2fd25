//! Compatibility of schemas: is every configuration that was valid still valid, and does it
//! still mean the same?
//!
//! [`compare`] walks two schemas together and names every change by a rule of the [catalogue]
//! (`CATALOGUE`). A change that may refuse a configuration is `breaking` only where a document
//! shows it, and `unknown` where none is found.
//!
//! [catalogue]: CATALOGUE

mod accept;
mod accepted;
mod arrays;
mod body;
mod changelog;
mod checker;
mod compare;
mod composition;
mod declared;
mod domain;
mod draft;
mod each;
mod flat;
mod flatten;
mod gains;
mod impact;
mod instances;
mod judge;
mod known;
mod kubernetes;
mod listing;
mod members;
mod migration;
mod notes;
mod objects;
mod options;
mod pattern;
mod policy;
mod releases;
mod rules;
mod run;
mod scalar;
mod similar;
mod sources;
mod terms;
mod verdict;
mod version;
mod walk;
mod witness;

#[cfg(test)]
mod tests;

use crate::inclusion::types;

/// The published JSON Schema of the body of `compat`.
pub const SCHEMA: &str = include_str!("body.schema.json");

pub use accept::{Agreement, accept};
pub use accepted::{ACCEPTED_BREAKS, ACCEPTED_BREAKS_SCHEMA, AcceptedBreak, AcceptedBreaks};
pub use body::{CompatBody, SchemaReport, SideReport};
pub use changelog::changelog;
pub use compare::{Change, Comparison, Options, compare};
pub use each::{CommitChange, CommitReport, each};
pub use impact::{Affected, Effect, Impact, InstanceCount};
pub use instances::Instances;
pub use migration::{Alternative, Migration, MigrationKind};
pub use policy::{Defaults, Formats, IgnoredOptions, Policy, Profile, UnknownProperties};
pub use releases::{Release, releases};
pub use rules::{CATALOGUE, CompatRule, RULES, find};
pub use run::{Side, run, schemas_between, version_of};
pub use sources::{SchemaPair, manifest_of, same_schema, version_in};
pub use terms::Terms;
pub use verdict::{Bump, Verdict};
pub use witness::{Witness, WitnessKind};
