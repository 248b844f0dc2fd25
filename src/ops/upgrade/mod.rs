//! Upgrades, tried before they are made: what a new version changes in a file, and what it then
//! says.
//!
//! A [`Plan`] is the way between two versions; [`upgrade`] goes it with files.

mod body;
mod file;
mod layers;
pub mod migrations;
mod notice;
mod plan;
mod rules;
mod secret;
mod tell;
#[cfg(test)]
mod tests;
mod version;

use std::sync::Arc;

pub use body::{
    Behaviour, Between, Deprecated, FileUpgrade, NewOption, SCHEMA, StepDone, ToDo, UpgradeBody,
};
pub use layers::upgrade_environments;
pub use plan::Plan;
pub use version::{MIGRATIONS, Stop, Versions, migration_files, version_of};

use crate::Result;
use crate::config::ParsedFile;
use crate::ops::compat::Change;
use crate::ops::migration::Gate;
use crate::report::{Report, Rule};

/// The rules that only upgrades look for.
pub const RULES: &[&Rule] = &[
    &migrations::rules::MIGRATION_EDITED,
    &migrations::rules::MIGRATION_INCOMPLETE,
    &migrations::rules::MIGRATION_MISSING,
    &migrations::rules::MIGRATION_TEST_FAILED,
    &rules::DEPRECATED_OPTION_SET,
    &rules::MIGRATION_GAP,
    &rules::OTHER_VERSION,
    &rules::REMOVED_OPTION_SET,
    &rules::UPGRADE_BLOCKED,
    &rules::UPGRADE_MANUAL,
    &rules::UPGRADED_DEFAULT,
];

/// How files are upgraded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether old defaults are written down where they change.
    pub pin_defaults: bool,
    /// Whether the comments of options that go are to go with them.
    pub drop_comments: bool,
}

/// A file that is to be upgraded.
#[derive(Clone, Debug)]
pub struct Input {
    /// The file.
    pub file: Arc<ParsedFile>,
    /// Whether it is one layer of several, which need not be whole by itself.
    pub partial: bool,
}

/// What the schemas of both ends say by themselves.
#[derive(Default)]
pub(crate) struct Notices {
    changes: Vec<Change>,
    new_options: Vec<NewOption>,
}

/// Goes a way with files, and says what changes in each; nothing is written.
///
/// # Errors
///
/// When a schema cannot be read.
pub fn upgrade(plan: &Plan, inputs: &[Input], options: Options) -> Result<Report<UpgradeBody>> {
    through(plan, inputs, options, None)
}

fn through(
    plan: &Plan,
    inputs: &[Input],
    options: Options,
    gate: Option<&Gate>,
) -> Result<Report<UpgradeBody>> {
    let notices = Notices::of(plan)?;
    let mut findings = plan.findings.clone();
    let mut body = UpgradeBody {
        from: plan.from.label(),
        to: plan.to.label(),
        migrations: plan
            .legs
            .iter()
            .map(|leg| leg.migration.version.to_string())
            .collect(),
        files: Vec::new(),
        new_options: notices.new_options.clone(),
    };
    for stop in [&plan.from, &plan.to] {
        stop.schemas()?;
        findings.extend(stop.faults().iter().cloned());
    }
    for input in inputs {
        let (file, told) = file::upgrade(plan, &notices, input, options, gate)?;
        findings.extend(told);
        let lists = |option: &NewOption| file.new_options.contains(option);
        body.new_options.retain(lists);
        body.files.push(file);
    }
    Ok(Report::new(None, findings, body))
}
