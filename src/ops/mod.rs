//! What the tool can do: one module a capability, each a function from arguments to a report.

pub mod access;
pub mod audit;
pub mod blame;
pub mod change;
pub mod check;
pub mod compat;
pub mod convert;
mod cover;
pub mod demo;
pub mod diff;
pub mod drift;
mod embedded;
pub mod explain;
pub mod history;
pub mod hook;
pub mod init;
pub mod log;
pub mod merge;
pub mod migration;
mod own;
pub mod policy;
pub mod promote;
pub mod read;
pub mod scan;
pub mod secret;
pub mod trace;
pub mod trust;
pub mod upgrade;

use crate::report::Rule;

/// What a command names that looks for no fault.
pub const NO_RULES: &[&Rule] = &[];

/// Gives every rule there is, by id.
#[must_use]
pub fn rules() -> Vec<&'static Rule> {
    let mut rules: Vec<&'static Rule> = [
        crate::document::RULES,
        crate::config::RULES,
        crate::config::schema::RULES,
        access::RULES,
        audit::RULES,
        check::RULES,
        drift::RULES,
        policy::RULES,
        scan::RULES,
        secret::RULES,
        compat::RULES,
        convert::RULES,
        hook::RULES,
        trust::RULES,
        upgrade::RULES,
    ]
    .concat();
    rules.sort_by_key(|rule| rule.id);
    rules
}
