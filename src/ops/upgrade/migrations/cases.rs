//! The tests of migrations: documents before and after.

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::ByteSlice;
use semver::Version;

use super::body::CaseResult;
use super::rules::MIGRATION_TEST_FAILED;
use crate::Result;
use crate::config::{ParsedFile, Snapshot};
use crate::document::{Value, write_yaml};
use crate::ops::migration::{Migration, Run, Secrets};
use crate::ops::upgrade::version::Stop;
use crate::report::{Finding, Location};
use crate::text::{Pointer, unified};

/// One case: the documents before and after.
struct Case {
    before: Option<Arc<ParsedFile>>,
    after: Option<Arc<ParsedFile>>,
}

/// Runs the cases of a version. `before` and `after` are the versions it leads from and to.
pub(super) fn run(
    tree: &Snapshot,
    folder: &str,
    migration: &Migration,
    before: Option<&Stop>,
    after: Option<&Stop>,
) -> Result<(Vec<CaseResult>, Vec<Finding>)> {
    let mut results = Vec::new();
    let mut findings = Vec::new();
    for (name, case) in cases(tree, folder, &migration.version)? {
        let (faults, diff) = judge(migration, &name, &case, before, after)?;
        results.push(CaseResult {
            version: migration.version.to_string(),
            case: name,
            passed: faults.is_empty(),
            diff,
        });
        findings.extend(faults);
    }
    Ok((results, findings))
}

/// Finds the cases of a version: `tests/2.0.0/<case>/in.yaml` and `out.yaml`.
fn cases(tree: &Snapshot, folder: &str, version: &Version) -> Result<BTreeMap<String, Case>> {
    let root = format!("{folder}/tests/{version}");
    let mut found = BTreeMap::new();
    for (name, entry) in tree.files().list(root.as_bytes().as_bstr())? {
        if entry.kind != crate::git::FileKind::Directory {
            continue;
        }
        let name = name.to_str_lossy().into_owned();
        let mut case = Case {
            before: None,
            after: None,
        };
        let inside = format!("{root}/{name}");
        for (file, _) in tree.files().list(inside.as_bytes().as_bstr())? {
            let file = file.to_str_lossy().into_owned();
            let path = format!("{inside}/{file}");
            let known = crate::document::Format::of_path(&file).is_some();
            let side = match file.split('.').next() {
                Some("in") if known => &mut case.before,
                Some("out") if known => &mut case.after,
                _ => continue,
            };
            *side = tree.file(path.as_bytes().as_bstr())?;
        }
        found.insert(name, case);
    }
    Ok(found)
}

fn judge(
    migration: &Migration,
    name: &str,
    case: &Case,
    before: Option<&Stop>,
    after: Option<&Stop>,
) -> Result<(Vec<Finding>, String)> {
    let version = &migration.version;
    let failed = |place: Location, what: String| {
        Finding::new(
            &MIGRATION_TEST_FAILED,
            format!("the case `{name}` of {version}: {what}"),
            place,
        )
    };
    let (Some(input), Some(output)) = (&case.before, &case.after) else {
        let missing = if case.before.is_none() {
            "in.yaml"
        } else {
            "out.yaml"
        };
        let there = case.before.as_ref().or(case.after.as_ref());
        let place = there.map_or(migration.location.clone(), |it| Location::file(&it.source));
        let finding = failed(place, format!("there is no `{missing}`"));
        return Ok((
            vec![finding.with_help("a case is a folder with `in.yaml` and `out.yaml`")],
            String::new(),
        ));
    };
    let mut findings: Vec<Finding> = input.findings().chain(output.findings()).cloned().collect();
    let (Some(start), Some(end)) = (input.documents().first(), output.documents().first()) else {
        return Ok((findings, String::new()));
    };
    let place = Location::file(&output.source);
    let carried = carry(migration, &start.root, before);
    let mut diff = String::new();
    if carried != *end.root {
        let name = output.source.name();
        diff = unified(name, &write_yaml(&end.root), &write_yaml(&carried));
        let changes =
            crate::document::diff(&end.root, &carried, &crate::document::Identity::default());
        let first = changes
            .first()
            .map(|it| it.pointer.clone())
            .unwrap_or_default();
        let location =
            Location::new(&output.source, end.root.place(&first)).with_pointer(first.clone());
        let what = match first.is_root() {
            true => "something else comes out".to_owned(),
            false => format!("something else comes out at `{}`", first.dotted()),
        };
        findings.push(
            failed(location, what).with_help("`git strata migration test` shows how they differ"),
        );
        return Ok((findings, diff));
    }
    if let Some(after) = after {
        for validator in after
            .schemas()?
            .iter()
            .filter_map(|it| it.validator.as_ref())
        {
            let locate = |at: &Pointer| {
                Location::new(&output.source, end.root.place(at)).with_pointer(at.clone())
            };
            for fault in validator.validate(&end.root, None, &locate) {
                let what = format!(
                    "what comes out does not hold to {version}: {}",
                    fault.message
                );
                findings.push(failed(fault.location, what));
            }
        }
    }
    if let Ok(inverse) = migration.inverse() {
        let back = carry(&inverse, &carried, after);
        if back != *start.root {
            let name = input.source.name();
            diff = unified(name, &write_yaml(&start.root), &write_yaml(&back));
            let what = "undoing it gives something else than it began with".to_owned();
            let finding = failed(place, what);
            findings
                .push(finding.with_help("give the step that loses something an `inverse: […]`"));
        }
    }
    Ok((findings, diff))
}

fn carry(migration: &Migration, root: &Value, before: Option<&Stop>) -> Value {
    let defaults = |at: &Pointer| before.and_then(|stop| stop.default_at(at));
    let mut run = Run::new(root.clone(), Secrets::default(), &defaults);
    run.apply(migration);
    run.finish().0
}
