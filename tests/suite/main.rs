//! End-to-end tests, tests against public corpora, and the plan that the code is held to.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../architecture.rs"]
mod architecture;
mod audit;
mod audit_openpgp;
mod bad_input;
mod blame;
mod changes;
mod commands;
mod compat_accepted;
mod compat_crds;
mod compat_git;
mod compat_impact;
mod compat_mutations;
mod compat_properties;
mod contract;
mod convert;
mod faults;
mod gate;
mod harness;
mod histories;
#[cfg(unix)]
mod hooks;
mod leaks;
mod merge;
mod pairs;
mod policy;
mod random_schemas;
mod readers;
mod readme;
mod seal_kit;
mod seal_others;
mod secret;
mod secret_edit;
mod secret_scan;
mod secret_seal;
mod sops;
mod templates;
mod upgrade;
mod yaml_suite;
