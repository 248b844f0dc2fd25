//! What is found on the way of a file, as findings at its lines.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::body::{Behaviour, Deprecated, FileUpgrade, StepDone, ToDo};
use super::file::is_of_whole;
use super::plan::Plan;
use super::rules;
use super::secret::Hidden;
use super::{Input, Notices};
use crate::Result;
use crate::config::ParsedFile;
use crate::document::Value;
use crate::ops::migration::Journal;
use crate::report::{Finding, Location, Severity};
use crate::text::{Pointer, Span};

/// Tells what was done, and what was left.
pub(super) fn told(
    journal: &Journal,
    root: &Value,
    file: &Arc<ParsedFile>,
    hidden: &Hidden,
    report: &mut FileUpgrade,
    findings: &mut Vec<Finding>,
) {
    for record in &journal.records {
        let secret =
            hidden.is_at(&record.pointer) || record.to.as_ref().is_some_and(|to| hidden.is_at(to));
        report.steps.push(StepDone::of(record, secret));
    }
    report.steps_left_out += journal.left_out;
    report.notes.extend(journal.notes.iter().map(ToDo::of_note));
    for manual in &journal.manual {
        report.manual.push(ToDo::of_manual(manual));
        let rule = match manual.step.operation {
            "manual" => &rules::UPGRADE_MANUAL,
            _ => &rules::UPGRADE_BLOCKED,
        };
        let location = match &manual.pointer {
            Some(at) => place(root, at, file),
            None => Location::file(&file.source),
        };
        let mut step = manual.step.location.clone();
        step.pointer = None;
        let label = match &manual.step.why {
            Some(why) => format!("the step: {why}"),
            None => "the step".to_owned(),
        };
        let mut finding = Finding::new(rule, manual.message.clone(), location)
            .with_related(step.with_label(label));
        finding.help = manual.help.clone();
        findings.push(finding);
    }
}

pub(super) fn default_changed(
    behaviour: &Behaviour,
    plan: &Plan,
    root: &Value,
    file: &Arc<ParsedFile>,
) -> Finding {
    let at = &behaviour.pointer;
    let shown = |value: &Option<serde_json::Value>| match value {
        Some(value) => format!(
            "`{}`",
            crate::document::write_flow(&Value::from_json(value))
        ),
        None => "nothing".to_owned(),
    };
    let message = format!(
        "`{}` is not set, and its default goes from {} to {} in {}",
        at.dotted(),
        shown(&behaviour.old),
        shown(&behaviour.new),
        plan.to.label()
    );
    let help = match &behaviour.old {
        Some(_) => "`--pin-defaults` writes the old one down".to_owned(),
        None => format!("set `{}` where the new default is not wanted", at.dotted()),
    };
    Finding::new(&rules::UPGRADED_DEFAULT, message, place(root, at, file)).with_help(help)
}

pub(super) fn is_deprecated(
    it: &Deprecated,
    plan: &Plan,
    roots: &[Value],
    file: &Arc<ParsedFile>,
) -> Finding {
    let root = roots.iter().find(|root| root.at(&it.pointer).is_some());
    let location = root.map(|root| place(root, &it.pointer, file));
    let until = match &it.last_version {
        Some(last) => format!(", and {last} is the last version that has it"),
        None => String::new(),
    };
    let message = format!(
        "`{}` is deprecated in {}{until}",
        it.pointer.dotted(),
        plan.to.label()
    );
    let location = location.unwrap_or_else(|| Location::file(&file.source));
    let mut finding = Finding::new(&rules::DEPRECATED_OPTION_SET, message, location);
    finding.help.clone_from(&it.description);
    finding
}

/// Finds what the new version still refuses or ignores.
pub(super) fn remaining(
    plan: &Plan,
    notices: &Notices,
    root: &Value,
    input: &Input,
) -> Result<Vec<Finding>> {
    let file = &input.file;
    let locate = |at: &Pointer| place(root, at, file);
    let mut findings: Vec<Finding> = Vec::new();
    for validator in plan
        .to
        .schemas()?
        .iter()
        .filter_map(|it| it.validator.as_ref())
    {
        let found = validator.validate(root, None, &locate);
        findings.extend(
            found
                .into_iter()
                .filter(|it| !input.partial || !is_of_whole(root, it)),
        );
    }
    let mut refused = BTreeSet::new();
    for finding in &mut findings {
        let Some(at) = finding.location.pointer.clone() else {
            continue;
        };
        if let Some(change) = notices.change_at(root, &at)
            && let Some(migration) = &change.migration
        {
            finding.help = Some(migration.words());
            let was = change.old_location.clone();
            finding
                .related
                .extend(was.map(|it| it.with_label("what it was")));
        }
        refused.insert(at);
    }
    for (at, change) in notices.removed(root) {
        if refused.contains(&at) || (refused.iter().any(|it| it.contains(&at))) {
            continue;
        }
        let message = format!(
            "`{}` is gone in {}, and nothing reads it",
            at.dotted(),
            plan.to.label()
        );
        let mut finding = Finding::new(&rules::REMOVED_OPTION_SET, message, place(root, &at, file));
        if change.severity() < Severity::Error {
            finding.severity = Severity::Warning;
        }
        finding.help = change.migration.as_ref().map(|it| it.words());
        let was = change.old_location.clone();
        finding
            .related
            .extend(was.map(|it| it.with_label("what it was")));
        findings.push(finding);
    }
    Ok(findings)
}

/// Gives the place of the file's text for a place in the document as it is now: that of its key or
/// value where it still has one, else of what it stands in.
pub(super) fn place(root: &Value, at: &Pointer, file: &Arc<ParsedFile>) -> Location {
    let known = |span: Span| Some(span).filter(|span| *span != Span::default());
    let mut span = known(root.span).unwrap_or_default();
    let mut value = root;
    for token in at.tokens() {
        let key = value.as_object().and_then(|map| map.entry(token));
        let Some(child) = value.child(token) else {
            break;
        };
        let own = key.and_then(|entry| known(entry.key)).or(known(child.span));
        span = own.unwrap_or(span);
        value = child;
    }
    Location::new(&file.source, span).with_pointer(at.clone())
}
