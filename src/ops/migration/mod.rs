//! Migrations: what carries a document from one version of a schema to the next.
//!
//! A [`Migration`] is a file of steps. A [`Run`] does them on one document and keeps a
//! [`Journal`] of what was done, and of what it leaves to a person.

mod apply;
mod condition;
mod convert;
mod cover;
mod inverse;
mod log;
mod path;
mod quantity;
mod read;
mod step;

#[cfg(test)]
mod tests;

pub use apply::{Defaults, Gate, Run};
pub use cover::{Outline, path_of};
pub use inverse::Irreversible;
pub use log::{Journal, Manual, Note, Record, Secrets};
pub use step::{About, Migration};

/// The published JSON Schema of a migration.
pub const MIGRATION_SCHEMA: &str = include_str!("migration.schema.json");
