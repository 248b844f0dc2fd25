//! Whole environments on their way: every layer that they are made of.

use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::BString;
use indexmap::IndexMap;

use super::file::{carried, is_of_whole};
use super::rules::UPGRADE_MANUAL;
use super::{Input, Options, Plan, UpgradeBody, through};
use crate::Result;
use crate::config::{Configuration, ParsedFile, Target, is_template};
use crate::document::{ChangeKind, Identity, diff};
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
    let mut templates = Vec::new();
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
            for path in configuration.closure(&tree, &target)?.layers() {
                let Some(file) = configuration.layer(&tree, &target, path.as_ref())? else {
                    continue;
                };
                first.get_or_insert_with(|| Arc::clone(&file));
                if is_template(path.as_ref()) {
                    templates.push(file);
                    continue;
                }
                layers.insert((tree.label().map(str::to_owned), path.clone()), file);
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
    for file in &templates {
        for finding in by_hand(plan, file, &gate)? {
            let at = (finding.location.source.name(), finding.location.span);
            if told.insert(format!("{at:?} {}", finding.message)) {
                findings.push(finding);
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

/// Says what of a template an upgrade would change: that is done by hand, since what comes out of a
/// line is not what stands there.
fn by_hand(plan: &Plan, file: &ParsedFile, gate: &Gate) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for document in file.documents() {
        let (root, ..) = carried(plan, &document.root, Secrets::default(), Some(gate))?;
        for change in diff(&document.root, &root, &Identity::default()) {
            let from = change.from.as_ref().unwrap_or(&change.pointer);
            let at = document.root.at(from).unwrap_or(&document.root);
            let (old, new) = (from.dotted(), change.pointer.dotted());
            let what = match change.kind {
                ChangeKind::Added => format!("`{new}` is to be added"),
                ChangeKind::Removed => format!("`{old}` is to go"),
                ChangeKind::Moved => format!("`{old}` is to become `{new}`"),
                ChangeKind::Changed | ChangeKind::TypeChanged => format!("`{new}` is to change"),
            };
            let message = format!("{what}; this layer is a template, which is edited by hand");
            findings.push(
                Finding::new(
                    &UPGRADE_MANUAL,
                    message,
                    file.place(at).with_pointer(from.clone()),
                )
                .with_help("edit this line of the template, then check: `git strata check`"),
            );
        }
    }
    Ok(findings)
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
