//! Whom a change concerns, and what becomes of their values.

use std::sync::Arc;

use bstr::BString;

use super::body::Effect;
use crate::config::{Configuration, Name, Snapshot, Target};
use crate::document::{Identity, Value, diff};
use crate::error::Result;
use crate::ops::cover::Cover;
use crate::ops::own;
use crate::report::{Finding, Severity};
use crate::seal::is_sealed;

/// Lists the targets that these files concern, of all that live in the tree.
pub(super) fn touched(
    configuration: &Configuration,
    tree: &Snapshot,
    reference: Option<&str>,
    paths: &[&BString],
) -> Result<Vec<Target>> {
    let manifest = configuration.manifest();
    let here = manifest
        .environments
        .iter()
        .filter(|(_, declared)| declared.reference.as_deref() == reference)
        .map(|(name, _)| Some(name.as_str()));
    let mut environments: Vec<Option<&str>> = here.collect();
    if environments.is_empty() {
        environments.push(None);
    }
    let services = configuration.services(tree)?;
    let mut targets = Vec::new();
    for environment in environments {
        let names = services.iter().map(|name| Some(name.as_str()));
        for service in std::iter::once(None).chain(names) {
            let target = manifest.target(environment, service);
            let mut files = configuration.layer_paths(&target);
            if configuration.has_templates() {
                // What a template includes concerns its target, too.
                files.extend(configuration.closure(tree, &target)?.files().cloned());
            }
            if paths.iter().any(|path| files.contains(path)) {
                targets.push(target);
            }
        }
    }
    Ok(targets)
}

/// Tells what becomes of the values of a target, and what of it is no longer valid.
pub(super) fn effects(
    configuration: &Configuration,
    sides: [&Snapshot; 2],
    target: &Target,
    effects: &mut Vec<Effect>,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let mut valid = Vec::new();
    let mut resolved = Vec::new();
    let mut cover = Cover::default();
    let before = configuration.schemas(sides[0], target)?;
    let mut schemas = Arc::clone(&before);
    for side in sides {
        schemas = configuration.schemas(side, target)?;
        cover.add_all(&schemas);
        let (values, mut found) = configuration.resolve_in(side, target)?;
        found.extend(schemas.validate(values.value(), None, &|pointer| values.location(pointer)));
        valid.push(found);
        resolved.push(values);
    }
    for change in diff(
        resolved[0].value(),
        resolved[1].value(),
        &Identity::default(),
    ) {
        let pointer = change.pointer.clone();
        let at = |side: usize| resolved[side].value().at(&pointer);
        let (old, new) = (at(0), at(1));
        let is_sealed = [&old, &new]
            .into_iter()
            .flatten()
            .any(|value| value.holds_text(is_sealed));
        let shown = |value: &Value| {
            let value = own::shown(value, &pointer, &before);
            own::shown(&value, &pointer, &schemas)
        };
        let effect = Effect {
            environment: target.name(Name::Environment).map(str::to_owned),
            service: target.name(Name::Service).map(str::to_owned),
            old: old.map(shown),
            new: new.map(shown),
            secret: is_sealed || schemas.is_secret(&pointer) || before.is_secret(&pointer),
            pointer: pointer.clone(),
        };
        effects.push(match effect.secret {
            true => Effect {
                old: None,
                new: None,
                ..effect
            },
            false => effect,
        });
    }
    let mut new = valid.pop().unwrap_or_default();
    let old = valid.pop().unwrap_or_default();
    let same = |a: &Finding, b: &Finding| {
        (a.rule.id, &a.message, &a.location.pointer) == (b.rule.id, &b.message, &b.location.pointer)
    };
    cover.over(&mut new);
    for finding in new {
        let known = old
            .iter()
            .chain(&*findings)
            .any(|known| same(known, &finding));
        if !known && finding.severity == Severity::Error {
            findings.push(finding);
        }
    }
    Ok(())
}
