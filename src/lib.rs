//! Configuration management inside Git: schemas, layers, environments, and the history of all
//! three, read from a repository and answered with values, findings and reports.
//!
//! The modules stand on floors; each uses only those above it in this list.

// Places in texts.
pub mod text;

// What stops a command.
mod error;

// What is said.
pub mod report;

// The repository.
pub mod git;

// Text into spanned values.
pub mod document;
// A report, drawn.
pub mod render;

// The configuration and its schema.
pub mod config;

pub use error::{Error, ErrorKind, Result};
