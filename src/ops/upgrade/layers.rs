//! Whole environments on their way: every layer that they are made of.

use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::BString;
use indexmap::IndexMap;

use super::file::{carried, is_of_whole};
use super::{Input, Options, Plan, UpgradeBody, through};
use crate::Result;
use crate::config::{Configuration, ParsedFile, Target};
use crate::ops::migration::{Gate, Secrets};
use crate::report::{Finding, Location, Report};
use crate::text::Pointer;

/// Goes a way with every layer of some environments, and says which of them change.
///
/// A layer is no whole: what a migration adds goes to the lowest layer that has a place for it,
/// and only where all layers of a target together lack it; what must be there is looked for in
/// the whole.
///
/// # Errors
///
/// When an environment is not known, or a file cannot be read.
pub fn upgrade_environments(
    plan: &Plan,
    configuration: &Configuration,
    environments: &[Option<String>],
    options: Options,
) -> Result<Report<UpgradeBody>> {
    let gate = Gate::default();
    let mut layers: IndexMap<(Option<String>, BString), Arc<ParsedFile>> = IndexMap::new();
    let mut findings = Vec::new();
    let mut told = BTreeSet::new();
    for environment in environments {
        let tree = configuration.tree(environment.as_deref())?;
        let services = configuration.services(&tree)?;
        let mut names: Vec<Option<String>> = services.into_iter().map(Some).collect();
        if names.is_empty() {
            names.push(None);
        }
        for service in names {
            let target = configuration.target(environment.as_deref(), service.as_deref())?;
            let mut first = None;
            for (path, _) in configuration.closure(&tree, &target)? {
                let Some(file) = tree.file(path.as_ref())? else {
                    continue;
                };
                first.get_or_insert_with(|| Arc::clone(&file));
                layers.insert((tree.label().map(str::to_owned), path), file);
            }
            let (resolved, _) = configuration.resolve_in(&tree, &target)?;
            let (root, journal, _) = carried(plan, resolved.value(), Secrets::default(), None)?;
            gate.open_for(&journal);
            let Some(first) = first else { continue };
            let locate = |at: &Pointer| Location::file(&first.source).with_pointer(at.clone());
            let schemas = plan.to.schemas()?.iter();
            for validator in schemas.filter_map(|it| it.validator.as_ref()) {
                let faults = validator.validate(&root, None, &locate);
                for mut fault in faults.into_iter().filter(|it| is_of_whole(&root, it)) {
                    fault.message = format!("{} (in {})", fault.message, name(&target));
                    if told.insert(fault.message.clone()) {
                        findings.push(fault);
                    }
                }
            }
        }
    }
    let inputs: Vec<Input> = layers
        .into_values()
        .map(|file| Input {
            file,
            partial: true,
        })
        .collect();
    let report = through(plan, &inputs, options, Some(&gate))?;
    let all: Vec<Finding> = [report.findings, findings].concat();
    Ok(Report::new(None, all, report.body))
}

fn name(target: &Target) -> String {
    use crate::config::Name;
    let parts = [Name::Environment, Name::Service].map(|it| target.name(it));
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    match &parts[..] {
        [] => "all layers together".to_owned(),
        parts => parts.join("/"),
    }
}
