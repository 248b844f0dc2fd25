//! Faults that only what two sides give together has.

use bstr::{BStr, BString};

use crate::config::{Configuration, Snapshot};
use crate::document::Three;
use crate::error::Result;
use crate::git::{FileKind, Repo, Revision, branch_name};
use crate::report::{Finding, Severity};

/// Finds the errors that a merged file has under the schemas at a revision, and neither side has
/// there: two limits that no longer fit together, say. `None` where the file is no layer at that
/// revision, or is another there than on our side.
///
/// # Errors
///
/// Where the repository cannot be read.
pub fn broken(
    repo: &Repo,
    head: &Revision,
    path: &BStr,
    sides: Three<&[u8]>,
    merged: &[u8],
) -> Result<Option<Vec<Finding>>> {
    let here = Snapshot::of_revision(repo, head);
    let Some(at_head) = here.files().read(path)? else {
        return Ok(None);
    };
    let (Some(configuration), _) = Configuration::read(None, here.clone())? else {
        return Ok(None);
    };
    if at_head.bytes != sides.ours {
        return Ok(None);
    }
    let kind = here
        .files()
        .entry(path)?
        .map_or(FileKind::File, |it| it.kind);
    let with = |bytes: &[u8]| -> Result<Snapshot> {
        let edit = (BString::from(path), Some((repo.write_blob(bytes)?, kind)));
        let tree = repo.write_tree(Some(head.tree), &[edit])?;
        let revision = Revision {
            name: "the merge".to_owned(),
            tree,
            ..head.clone()
        };
        Ok(here.beside(repo.files(&revision)))
    };
    let branch = repo.head()?.branch;
    let lives_here = |reference: &Option<String>| match (reference, &branch) {
        (None, _) => true,
        (Some(name), Some(branch)) => branch_name(name) == branch,
        _ => false,
    };
    let manifest = configuration.manifest();
    let environments = manifest.environments.iter();
    let mut names: Vec<Option<&str>> = environments
        .filter(|(_, declared)| lives_here(&declared.reference))
        .map(|(name, _)| Some(name.as_str()))
        .collect();
    if names.is_empty() {
        names.push(None);
    }
    let services = configuration.services(&here)?;
    let (mut known, mut found, mut layer) = (Vec::new(), Vec::new(), false);
    let trees = [here.clone(), with(sides.theirs)?, with(merged)?];
    for environment in names {
        let services = services.iter().map(|name| Some(name.as_str()));
        for service in std::iter::once(None).chain(services) {
            let target = manifest.target(environment, service);
            if !configuration
                .layer_paths(&target)
                .iter()
                .any(|it| it == path)
            {
                continue;
            }
            layer = true;
            let schemas = configuration.schemas(&here, &target)?;
            for (side, tree) in trees.iter().enumerate() {
                let (values, mut findings) = configuration.resolve_in(tree, &target)?;
                let at = |pointer: &_| values.location(pointer);
                findings.extend(schemas.validate(values.value(), None, &at));
                findings.retain(|finding| finding.severity == Severity::Error);
                if side < 2 { &mut known } else { &mut found }.extend(findings);
            }
        }
    }
    let mut new: Vec<Finding> = Vec::new();
    for finding in found {
        if !known.iter().chain(&new).any(|it| is_same(it, &finding)) {
            new.push(finding);
        }
    }
    Ok(layer.then_some(new))
}

fn is_same(a: &Finding, b: &Finding) -> bool {
    let key = |it: &Finding| (it.rule.id, it.message.clone(), it.location.pointer.clone());
    key(a) == key(b)
}
