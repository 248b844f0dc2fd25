//! The configuration: files into layers, layers into values, and the schemas that hold them.
//!
//! A [`Snapshot`] is one tree of files. Its manifest, `strata.yaml`, makes it a
//! [`Configuration`], which resolves a [`Target`] (an environment, a provider, a service) into
//! [`Resolved`] values, each with its [`Provenance`].

mod configuration;
mod explain;
pub(crate) mod fields;
mod globs;
mod layers;
mod manifest;
mod merge;
mod outlined;
mod parsed_file;
mod pattern;
mod resolved;
pub mod schema;
mod schemas;
mod services;
mod snapshot;
mod sops;
mod target;
mod template;
mod vault;
mod window;

pub use configuration::Configuration;
pub(crate) use configuration::layer_faults;
pub use explain::{Effect, Explained, Step};
pub use globs::Globs;
pub use layers::{Closure, Part};
pub(crate) use manifest::UNKNOWN_ENVIRONMENT;
pub use manifest::{
    CompatSettings, Environment, Keyring, MANIFEST, MANIFEST_SCHEMA, Manifest, Placed,
};
pub(crate) use outlined::{OutlinedFile, outline_after};
pub use parsed_file::ParsedFile;
pub use pattern::{Name, Pattern, PatternError};
pub use resolved::{Layer, Provenance, Resolved};
pub use schema::MergeStrategy;
pub use schemas::Schemas;
pub use snapshot::Snapshot;
pub(crate) use snapshot::lock;
pub use sops::{OpenSops, SOPS, is_sops};
pub(crate) use sops::{mac_text, plain_of, walk_leaves};
pub use target::Target;
pub(crate) use template::is_template;
pub use vault::{
    Locked, SEALED, SealedAt, Vault, context, find_place, is_named, secret_of, value_of,
    walk_sealed,
};
pub use window::Window;

use crate::report::Rule;

/// Every rule about the manifest and the layers.
pub const RULES: &[&Rule] = &[
    &configuration::LAYER_NOT_A_MAP,
    &configuration::SEVERAL_DOCUMENTS,
    &fields::INVALID_VALUE,
    &fields::UNKNOWN_KEY,
    &manifest::ENVIRONMENT_CYCLE,
    &manifest::UNKNOWN_ENVIRONMENT,
    &template::TEMPLATE_ERROR,
];
