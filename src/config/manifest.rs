use std::sync::Arc;

use indexmap::IndexMap;

use super::fields::{Fields, INVALID_VALUE};
use super::layers::is_name;
use super::{MergeStrategy, Name, Pattern, Target};
use crate::document::{Document, Value};
use crate::report::{Finding, Location, Rule, Severity};
use crate::text::{Pointer, Source};

mod compat;
mod keyrings;

pub use compat::CompatSettings;
pub use keyrings::Keyring;

/// The name of the manifest, at the root of the configuration repository.
pub const MANIFEST: &str = "strata.yaml";

/// The manifest's published JSON Schema.
pub const MANIFEST_SCHEMA: &str = include_str!("manifest.schema.json");

/// `follows` in the manifest goes round in a circle.
pub(super) static ENVIRONMENT_CYCLE: Rule = Rule {
    id: "environment-cycle",
    severity: Severity::Error,
    summary: "environments that follow each other in a circle",
    docs: "The manifest says of each environment which one it `follows`: where its changes come \
from. Followed from one to the next, these must end at an environment that follows none.

**What to do.** Take one `follows` away.

```yaml
environments:
  staging: { follows: prod }
  prod: { follows: staging }     # a circle
```",
};

/// The manifest names an environment that it does not declare.
pub(crate) static UNKNOWN_ENVIRONMENT: Rule = Rule {
    id: "unknown-environment",
    severity: Severity::Error,
    summary: "the name of an environment that the manifest does not declare",
    docs: "A `follows` in the manifest, or a rule in `drift.yaml`, names an environment that is \
not listed under `environments`.

**What to do.** Correct the name, or declare the environment.

```yaml
environments:
  dev: {}
  prod: { follows: stagin }      # there is no `stagin`
```",
};

/// The manifest of a configuration repository, `strata.yaml`, as it was read.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The file.
    pub source: Arc<Source>,
    /// The schemas that apply to a target, each where it exists.
    pub schemas: Vec<Placed<Pattern>>,
    /// The tags that release a version of the schema, such as `v*`.
    pub versions: String,
    /// The folder of migrations.
    pub migrations: Option<String>,
    /// The layers, lowest precedence first.
    pub layers: Vec<Placed<Pattern>>,
    /// Where services are found: a path whose parts may hold `*`.
    pub services: Option<Placed<String>>,
    /// The environments, in the order written.
    pub environments: IndexMap<String, Environment>,
    /// How lists and maps merge, by place, where no schema says so; `*` stands for any one part.
    pub merge: Vec<(Pointer, MergeStrategy)>,
    /// What templates know as `vars`: a map.
    pub vars: Option<Value>,
    /// The environment variables that templates may read.
    pub env: Vec<String>,
    /// What compatibility is judged by.
    pub compat: CompatSettings,
    /// Who can read which secrets, by name.
    pub keyrings: IndexMap<String, Keyring>,
}

/// Something written in the manifest, with its place there.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub location: Location,
}

/// One environment of the manifest.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The revision it lives at; none where it lives in the tree one stands on.
    pub reference: Option<String>,
    /// The provider it runs on.
    pub provider: Option<String>,
    /// The environment that its changes come from.
    pub follows: Option<String>,
    /// Whether changes to it want care.
    pub protected: bool,
    /// What is laid over the manifest's `vars` in this environment: a map.
    pub vars: Option<Value>,
    /// Where it is declared.
    pub location: Location,
}

impl Manifest {
    /// Reads the manifest. What is wrong with it comes as findings; a manifest comes back as long
    /// as the file is a map at all, with what could be understood.
    #[must_use]
    pub fn read(document: &Document) -> (Option<Self>, Vec<Finding>) {
        let mut findings = Vec::new();
        let source = &document.source;
        let root = Pointer::root();
        let mut fields = Fields::new(source, root.clone(), &document.root, &mut findings);
        if document.root.as_object().is_none() {
            return (None, findings);
        }
        match fields.value("strata") {
            None => findings.push(fields.missing("strata", "strata: 1")),
            Some(version) if version.as_number().and_then(|n| n.to_i64()) == Some(1) => {}
            Some(version) => findings.push(
                Finding::new(
                    &INVALID_VALUE,
                    "`strata` names a version of the manifest that this program does not know",
                    Location::new(source, version.span).with_pointer(root.join("strata")),
                )
                .with_help("write `strata: 1`, or use a newer `git strata`"),
            ),
        }
        let schemas = patterns(&mut fields, "schemas", &mut findings);
        let layers = patterns(&mut fields, "layers", &mut findings);
        let versions = fields.text("versions", &mut findings);
        let migrations = fields.text("migrations", &mut findings);
        let services = services(&mut fields, source, &mut findings);
        let environments = environments(&mut fields, source, &mut findings);
        let merge = merge_rules(&mut fields, source, &mut findings);
        let vars = fields.map("vars", &mut findings).cloned();
        let env = env(&mut fields, &mut findings);
        let compat = compat::read(&mut fields, source, &mut findings);
        let names: Vec<String> = environments.keys().cloned().collect();
        let keyrings = keyrings::read(&mut fields, source, &names, &mut findings);
        fields.finish(&mut findings);
        check_follows(&environments, &mut findings);
        let manifest = Self {
            source: Arc::clone(source),
            schemas,
            versions: versions.map_or_else(|| "v*".to_owned(), String::from),
            migrations: migrations.map(String::from),
            layers,
            services,
            environments,
            merge,
            vars,
            env,
            compat,
            keyrings,
        };
        (Some(manifest), findings)
    }

    /// Gives the names of the environments.
    pub fn environment_names(&self) -> impl Iterator<Item = &str> + Clone {
        self.environments.keys().map(String::as_str)
    }

    /// Gives the target of an environment (with its provider) and a service.
    #[must_use]
    pub fn target(&self, environment: Option<&str>, service: Option<&str>) -> Target {
        let mut target = Target::default();
        if let Some(name) = environment {
            target = target.environment(name);
            let declared = self.environments.get(name);
            if let Some(provider) = declared.and_then(|found| found.provider.as_deref()) {
                target = target.provider(provider);
            }
        }
        if let Some(name) = service {
            target = target.service(name);
        }
        target
    }

    /// Says whether any layer or schema asks for that name.
    #[must_use]
    pub fn uses(&self, name: Name) -> bool {
        let mut patterns = self.layers.iter().chain(&self.schemas);
        patterns.any(|pattern| pattern.value.names(name))
    }
}

fn patterns(
    fields: &mut Fields<'_>,
    key: &'static str,
    findings: &mut Vec<Finding>,
) -> Vec<Placed<Pattern>> {
    let mut patterns = Vec::new();
    for (text, location) in fields.texts(key, findings) {
        match Pattern::parse(&text) {
            Ok(value) => patterns.push(Placed { value, location }),
            Err(error) => findings.push(
                Finding::new(&INVALID_VALUE, format!("`{text}`: {error}"), location).with_help(
                    "write a path from the root of the repository, with {environment}, \
                     {provider} and {service} where a name is to be filled in",
                ),
            ),
        }
    }
    patterns
}

fn services(
    fields: &mut Fields<'_>,
    source: &Arc<Source>,
    findings: &mut Vec<Finding>,
) -> Option<Placed<String>> {
    let span = fields.value("services")?.span;
    let text = fields.text("services", findings)?;
    let location = Location::new(source, span).with_pointer(Pointer::root().join("services"));
    let inside = |part: &str| !matches!(part, "" | "." | "..");
    if !text.trim_end_matches('/').split('/').all(inside) {
        findings.push(
            Finding::new(
                &INVALID_VALUE,
                "`services` must be a path inside the repository",
                location,
            )
            .with_help("write it from the root, such as `config/services/*`"),
        );
        return None;
    }
    Some(Placed {
        value: text.trim_end_matches('/').to_owned(),
        location,
    })
}

fn environments(
    fields: &mut Fields<'_>,
    source: &Arc<Source>,
    findings: &mut Vec<Finding>,
) -> IndexMap<String, Environment> {
    let mut environments = IndexMap::new();
    for (name, entry, pointer) in fields.entries("environments", findings) {
        let location = Location::new(source, entry.key).with_pointer(pointer.clone());
        let mut environment = Environment {
            reference: None,
            provider: None,
            follows: None,
            protected: false,
            vars: None,
            location,
        };
        // `dev:` with nothing behind it is an environment without settings.
        if !entry.value.is_null() {
            let mut fields = Fields::new(source, pointer, &entry.value, findings);
            environment.reference = fields.text("ref", findings).map(String::from);
            environment.provider = fields.text("provider", findings).map(String::from);
            environment.follows = fields.text("follows", findings).map(String::from);
            environment.protected = fields.truth("protected", findings).unwrap_or(false);
            environment.vars = fields.map("vars", findings).cloned();
            fields.finish(findings);
        }
        environments.insert(name.to_string(), environment);
    }
    environments
}

/// Reads the names of the environment variables that templates may read.
fn env(fields: &mut Fields<'_>, findings: &mut Vec<Finding>) -> Vec<String> {
    let mut names = Vec::new();
    for (name, location) in fields.texts("env", findings) {
        if is_name(&name) {
            names.push(name.into());
            continue;
        }
        let message = format!("`{name}` is no name of an environment variable");
        findings.push(
            Finding::new(&INVALID_VALUE, message, location)
                .with_help("write names of letters, digits and `_`, such as `env: [DB_HOST]`"),
        );
    }
    names
}

fn merge_rules(
    fields: &mut Fields<'_>,
    source: &Arc<Source>,
    findings: &mut Vec<Finding>,
) -> Vec<(Pointer, MergeStrategy)> {
    let mut rules = Vec::new();
    for (place, entry, pointer) in fields.entries("merge", findings) {
        let strategy = entry.value.as_str().and_then(MergeStrategy::parse);
        match (place.parse::<Pointer>(), strategy) {
            (Ok(place), Some(strategy)) => rules.push((place, strategy)),
            (place, _) => {
                let message = match place {
                    Err(error) => format!(
                        "`{}` names no place: {error}",
                        pointer.last().unwrap_or_default()
                    ),
                    Ok(_) => "this is no way to merge".to_owned(),
                };
                let location = Location::new(source, entry.value.span).with_pointer(pointer);
                findings.push(Finding::new(&INVALID_VALUE, message, location).with_help(
                    "write `/path/to/list: append`; the ways are replace, deep, append, unique \
                     and by-key(name)",
                ));
            }
        }
    }
    rules
}

fn check_follows(environments: &IndexMap<String, Environment>, findings: &mut Vec<Finding>) {
    for (name, environment) in environments {
        let Some(follows) = &environment.follows else {
            continue;
        };
        if !environments.contains_key(follows) {
            let message = format!("`{name}` follows `{follows}`, which is no environment");
            let names = environments.keys().map(String::as_str);
            let near = crate::text::nearest(follows, names);
            let mut finding =
                Finding::new(&UNKNOWN_ENVIRONMENT, message, environment.location.clone());
            if let Some(near) = near.first() {
                finding = finding.with_help(format!("did you mean `{near}`?"));
            }
            findings.push(finding);
            continue;
        }
        let mut seen = vec![name];
        let mut next = Some(follows);
        while let Some(step) = next {
            if step == name {
                let message = format!("`{name}` follows itself: {}", chain(&seen, name));
                findings.push(
                    Finding::new(&ENVIRONMENT_CYCLE, message, environment.location.clone())
                        .with_help("take one `follows` away, so that the chain has a start"),
                );
                break;
            }
            if seen.contains(&step) {
                break;
            }
            seen.push(step);
            next = environments
                .get(step)
                .and_then(|found| found.follows.as_ref());
        }
    }
}

fn chain(seen: &[&String], last: &str) -> String {
    let names: Vec<_> = seen
        .iter()
        .map(|name| name.as_str())
        .chain([last])
        .collect();
    names.join(" → ")
}

#[cfg(test)]
mod tests;
