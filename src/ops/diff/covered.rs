//! Secrets that stand in plain text, covered in what differs.

use std::sync::Arc;

use super::{DiffBody, Side};
use crate::config::{Configuration, Schemas, Snapshot};
use crate::error::Result;
use crate::ops::cover::Cover;
use crate::ops::own;
use crate::report::Report;

/// Covers, in a comparison, what a schema of either side calls a secret, or one of `here`, where a
/// side is a file by itself. What is sealed is shown as it is.
///
/// # Errors
///
/// Where a tree cannot be read.
pub fn covered(
    report: &mut Report<DiffBody>,
    sides: &[&Side],
    here: Option<&Snapshot>,
) -> Result<()> {
    let has_changes = report.body.files.iter().any(|it| !it.changes.is_empty());
    if !has_changes && report.findings.is_empty() {
        return Ok(());
    }
    let mut all: Vec<Arc<Schemas>> = Vec::new();
    let trees = sides.iter().filter_map(|side| match side {
        Side::Tree(_, tree) => Some(tree),
        Side::File(..) => None,
    });
    for tree in trees.chain(here) {
        marking(tree, &mut all)?;
    }
    let mut cover = Cover::default();
    for schemas in &all {
        cover.add_all(schemas);
    }
    cover.over(&mut report.findings);
    for change in report.body.files.iter_mut().flat_map(|it| &mut it.changes) {
        let places = [
            change.from.as_ref().unwrap_or(&change.pointer),
            &change.pointer,
        ];
        for (value, at) in [&mut change.old, &mut change.new].into_iter().zip(places) {
            let Some(value) = value else {
                continue;
            };
            for schemas in &all {
                for place in [at, &change.pointer] {
                    *value = own::marked(value, place, schemas);
                }
            }
        }
    }
    Ok(())
}

/// Finds the schemas of a tree that call anything a secret.
fn marking(tree: &Snapshot, all: &mut Vec<Arc<Schemas>>) -> Result<()> {
    let (Some(configuration), _) = Configuration::read(None, tree.clone())? else {
        return Ok(());
    };
    let services = configuration.services(tree)?;
    let manifest = configuration.manifest();
    for environment in manifest.environment_names().map(Some).chain([None]) {
        let names = services.iter().map(|name| Some(name.as_str()));
        for service in std::iter::once(None).chain(names) {
            let target = manifest.target(environment, service);
            // What cannot be read as a schema marks nothing.
            let Ok(schemas) = configuration.schemas(tree, &target) else {
                continue;
            };
            let is_known = |known: &Arc<Schemas>| {
                Arc::ptr_eq(known, &schemas)
                    || (!known.ids().is_empty() && known.ids() == schemas.ids())
            };
            if !all.iter().any(is_known) && schemas.has_secrets() {
                all.push(schemas);
            }
        }
    }
    Ok(())
}
