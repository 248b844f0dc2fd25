//! Schemas: the files of one, what they say about a place, and whether a value holds to them.
//!
//! A [`Schema`] is a file and every file it refers to, in one snapshot. A [`SchemaNode`] walks
//! it.

mod alternatives;
mod annotations;
mod bundle;
mod constraint;
mod crd;
mod cycle;
mod deep;
mod dialect;
mod explain;
#[cfg(test)]
mod fixture;
mod index;
mod json;
mod keyword;
mod node;
mod openapi;
mod options;
mod path_map;
mod paths;
mod requires;
mod resolve;
mod rule;
mod sealed;
#[cfg(test)]
mod tests;
mod uri;
mod validator;
mod words;

pub(crate) use deep::deep;

pub(super) use annotations::is_secret_at;
pub use annotations::{MergeRules, MergeStrategy};
pub use bundle::{Loaded, Loader, Schema};
pub use constraint::{Formula, Given};
pub(crate) use crd::crd_schema;
pub use crd::{CrdVersion, crd_versions};
pub use dialect::Dialect;
pub use keyword::{Child, subschemas};
pub(crate) use node::Identity;
pub use node::{RefError, SchemaNode};
pub use path_map::{PathMap, Place};
pub use requires::Requirement;
pub use validator::{Formats, Validator};

use crate::report::Rule;

/// Every rule about schemas and about values under them.
pub static RULES: &[&Rule] = &[
    &rule::CONSTRAINT_INVALID,
    &rule::CONSTRAINT_VIOLATED,
    &rule::DUPLICATE_ITEMS,
    &rule::FORBIDDEN_VALUE,
    &rule::FORMAT_MISMATCH,
    &rule::INVALID_OPTION_NAME,
    &rule::ITEM_COUNT,
    &rule::MISSING_OPTION,
    &rule::NO_ALTERNATIVE_MATCHES,
    &rule::OPTION_COUNT,
    &rule::OUT_OF_RANGE,
    &rule::PATTERN_MISMATCH,
    &annotations::SCHEMA_ANNOTATION_INVALID,
    &bundle::SCHEMA_DIALECT_UNKNOWN,
    &rule::SCHEMA_INVALID,
    &bundle::SCHEMA_REF_BROKEN,
    &bundle::SCHEMA_REF_CYCLE,
    &bundle::SCHEMA_REF_REMOTE,
    &rule::SEVERAL_ALTERNATIVES_MATCH,
    &rule::UNKNOWN_OPTION,
    &rule::VALUE_NOT_ALLOWED,
    &rule::WRONG_LENGTH,
    &rule::WRONG_TYPE,
];
