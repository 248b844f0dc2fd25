use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};

use crate::config::{Configuration, MANIFEST, Name, Pattern, Placed, Snapshot, Target};
use crate::error::Result;
use crate::git::FileKind;
use crate::ops::compat::ACCEPTED_BREAKS;
use crate::ops::drift::EXPECTATIONS;
use crate::report::{Finding, Location, Rule, Severity};
use crate::text::{Source, Span, nearest};

/// A layer of the manifest is nowhere.
pub(super) static LAYER_MATCHES_NOTHING: Rule = Rule {
    id: "layer-matches-nothing",
    severity: Severity::Warning,
    summary: "a layer of the manifest that exists for no target",
    docs: "A layer that does not exist for one target is skipped. This one exists for none at \
all, in no environment, so it is most often a slip of the pen or left over.

**What to do.** Correct the path, add the file, or take the line away.

```yaml
layers:
  - confg/base.yaml       # the folder is `config`
```",
};

/// A schema of the manifest is nowhere.
pub(super) static SCHEMA_MATCHES_NOTHING: Rule = Rule {
    id: "schema-matches-nothing",
    severity: Severity::Warning,
    summary: "a schema of the manifest that exists for no target",
    docs: "A schema that does not exist for one target is skipped. This one exists for none at \
all, so nothing is held to it, and nobody would notice.

**What to do.** Correct the path, add the file, or take the line away.

```yaml
schemas:
  - schema/app.shema.yaml       # it is `app.schema.yaml`
```",
};

/// `services` finds nothing.
pub(super) static SERVICES_MATCH_NOTHING: Rule = Rule {
    id: "services-match-nothing",
    severity: Severity::Warning,
    summary: "a `services` of the manifest that finds no service",
    docs: "The manifest says where services are found, and nothing is there: no target has a \
service, and layers with `{service}` are never read.

**What to do.** Correct the path, or take `services` away.

```yaml
services: config/service/*      # the folder is `config/services`
```",
};

/// A file stands where layers stand, and is one of none.
pub(super) static STRAY_LAYER: Rule = Rule {
    id: "stray-layer",
    severity: Severity::Warning,
    summary: "a file that looks like a layer and is read for no target",
    docs: "The path fits a layer of the manifest, but the name that stands in place of \
`{environment}` or `{service}` is none that exists, so the file has no effect.

**What to do.** Correct the file's name, or declare what it names.

```yaml
layers:
  - config/environments/{environment}.yaml
environments: { prod: {} }
# and a file config/environments/prd.yaml
```",
};

/// Holds the manifest's patterns against the files that there are.
pub(super) fn check(
    configuration: &Configuration,
    changed: Option<&BTreeSet<BString>>,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    // A check of changes looks at what changed; the manifest's patterns are then in question only
    // where the manifest is.
    let manifest_asked =
        changed.is_none_or(|changed| changed.contains(MANIFEST.as_bytes().as_bstr()));
    let places = places(configuration)?;
    if manifest_asked {
        let manifest = configuration.manifest();
        unmatched(
            &manifest.layers,
            &places,
            &LAYER_MATCHES_NOTHING,
            &mut findings,
        )?;
        unmatched(
            &manifest.schemas,
            &places,
            &SCHEMA_MATCHES_NOTHING,
            &mut findings,
        )?;
        let none = places.iter().all(|place| place.services.is_empty());
        if let Some(services) = manifest.services.as_ref().filter(|_| none) {
            let message = format!("`{}` finds no service", services.value);
            findings.push(
                Finding::new(&SERVICES_MATCH_NOTHING, message, services.location.clone())
                    .with_help("correct the path, or take `services` away"),
            );
        }
    }
    strays(configuration, &places, changed, &mut findings)?;
    Ok(findings)
}

/// One environment in one tree.
struct Place {
    tree: Snapshot,
    environment: Option<String>,
    services: Vec<String>,
}

fn places(configuration: &Configuration) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    let here = configuration.here();
    let manifest = configuration.manifest();
    let mut add = |tree: &Snapshot, environment: Option<&str>| -> Result<()> {
        places.push(Place {
            tree: tree.clone(),
            environment: environment.map(str::to_owned),
            services: configuration.services(tree)?,
        });
        Ok(())
    };
    add(here, None)?;
    for name in manifest.environment_names() {
        add(here, Some(name))?;
        // One that cannot be read has a finding of its own.
        if let Ok(tree) = configuration.tree(Some(name)) {
            add(&tree, Some(name))?;
        }
    }
    Ok(places)
}

fn unmatched(
    patterns: &[Placed<Pattern>],
    places: &[Place],
    rule: &'static Rule,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    for pattern in patterns {
        if !exists(&pattern.value, places)? {
            let message = format!("`{}` is there for no target", pattern.value);
            let help = "correct the path, add the file, or take the line away";
            findings.push(Finding::new(rule, message, pattern.location.clone()).with_help(help));
        }
    }
    Ok(())
}

fn exists(pattern: &Pattern, places: &[Place]) -> Result<bool> {
    for place in places {
        // Any provider will do here: a file for one that no environment runs on yet is no fault.
        let there = place
            .tree
            .files()
            .walk(pattern.fixed_folder().as_bytes().as_bstr())?;
        for (path, _) in there {
            let Some(read) = pattern.read(path.as_ref()) else {
                continue;
            };
            let same =
                |name, known: Option<&str>| read.name(name).is_none_or(|word| known == Some(word));
            let service = read.name(Name::Service);
            let service =
                service.is_none_or(|word| place.services.iter().any(|known| known == word));
            if same(Name::Environment, place.environment.as_deref()) && service {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn strays(
    configuration: &Configuration,
    places: &[Place],
    changed: Option<&BTreeSet<BString>>,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let manifest = configuration.manifest();
    let here = configuration.here();
    let mut services: BTreeSet<&str> = BTreeSet::new();
    for place in places {
        services.extend(place.services.iter().map(String::as_str));
    }
    let known = |target: &Target| {
        let environment = target.name(Name::Environment);
        let service = target.name(Name::Service);
        environment.is_none_or(|name| manifest.environments.contains_key(name))
            && service.is_none_or(|name| manifest.services.is_none() || services.contains(name))
    };
    let mut folders = BTreeSet::new();
    for layer in &manifest.layers {
        folders.insert(layer.value.fixed_folder());
    }
    let accepted = manifest.compat.accepted.as_deref();
    let accepted = accepted.unwrap_or(ACCEPTED_BREAKS);
    let mut seen = BTreeSet::new();
    for folder in folders {
        for (path, entry) in here.files().walk(folder.as_bytes().as_bstr())? {
            let asked = changed.is_none_or(|changed| changed.contains(&path));
            let is_own = path == MANIFEST || path == EXPECTATIONS || path == accepted;
            if !asked
                || is_own
                || !matches!(entry.kind, FileKind::File | FileKind::Executable)
                || !seen.insert(path.clone())
            {
                continue;
            }
            let read = manifest
                .layers
                .iter()
                .filter_map(|layer| layer.value.read(path.as_ref()));
            let targets: Vec<Target> = read.collect();
            if targets.is_empty() || targets.iter().any(known) {
                continue;
            }
            findings.push(stray(&path, &targets[0], configuration, &services));
        }
    }
    Ok(())
}

fn stray(
    path: &BString,
    target: &Target,
    configuration: &Configuration,
    services: &BTreeSet<&str>,
) -> Finding {
    let manifest = configuration.manifest();
    let environment = target.name(Name::Environment);
    let unknown = environment.filter(|name| !manifest.environments.contains_key(*name));
    let (what, name, near) = match unknown {
        Some(name) => (
            "environment",
            name,
            nearest(name, manifest.environment_names()),
        ),
        None => {
            let name = target.name(Name::Service).unwrap_or_default();
            ("service", name, nearest(name, services.iter().copied()))
        }
    };
    let mut source = Source::new(path.to_str_lossy(), "");
    if let Some(label) = configuration.here().label() {
        source = source.at_revision(label);
    }
    let message = format!("no target reads this file: there is no {what} `{name}`");
    let location = Location::new(&std::sync::Arc::new(source), Span::at(0));
    let finding = Finding::new(&STRAY_LAYER, message, location);
    match near.first() {
        Some(near) => finding.with_help(format!("is it `{near}` that is meant?")),
        None => finding.with_help(format!(
            "rename the file, or declare the {what} in `{MANIFEST}`"
        )),
    }
}
