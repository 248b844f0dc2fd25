use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::dead::Dead;
use super::gate::{Gate, Reason};
use super::{CheckBody, EnvironmentChecked, Options, Scope};
use crate::config::schema::PathMap;
use crate::config::{
    Closure, Configuration, Environment, MANIFEST, Name, Part, Resolved, Schemas, Snapshot, Target,
};
use crate::document::Value;
use crate::error::Result;
use crate::git::{Oid, branch_name};
use crate::ops::cover::Cover;
use crate::ops::own;
use crate::report::{Finding, Location, Rule, Severity};
use crate::text::Pointer;

/// The revision that an environment lives at cannot be read.
pub(super) static ENVIRONMENT_UNREADABLE: Rule = Rule {
    id: "environment-unreadable",
    severity: Severity::Error,
    summary: "an environment whose `ref` names no revision here",
    docs: "The manifest says that an environment lives at a revision, most often a branch, and \
this repository has none of that name, neither its own nor one fetched from `origin`.

**What to do.** Fetch the branch, or correct `ref`.

```yaml
environments:
  prod: { ref: env/prod }       # needs a branch `env/prod` or `origin/env/prod`
```",
};

/// Goes through the targets of a configuration, each once.
pub(super) struct Run<'a> {
    configuration: &'a Configuration,
    changed: Option<&'a BTreeSet<BString>>,
    since: Option<Configuration>,
    everything: bool,
    /// The branch one stands on: an environment that lives there is the tree at hand.
    branch: Option<String>,
    /// What was validated, with what speaks against it: the same layers under the same schemas
    /// need it once.
    done: HashMap<(Vec<Part>, Vec<Oid>, bool), Vec<Reason>>,
    findings: Vec<Finding>,
    options: &'a Options,
    gate: Gate,
    /// The applications that schemas ask for versions of.
    known_apps: BTreeSet<String>,
    dead: Dead,
    /// What the findings may not show.
    cover: Cover,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        configuration: &'a Configuration,
        changed: Option<&'a BTreeSet<BString>>,
        scope: &Scope,
        options: &'a Options,
    ) -> Self {
        let since = match scope {
            Scope::Changes { since: Some(since) } => Configuration::read(None, since.clone())
                .ok()
                .and_then(|(found, _)| found),
            _ => None,
        };
        let head = configuration.repo().and_then(|repo| repo.head().ok());
        Self {
            configuration,
            changed,
            since,
            everything: matches!(scope, Scope::Everything),
            branch: head.and_then(|head| head.branch),
            done: HashMap::new(),
            findings: Vec::new(),
            options,
            gate: Gate::default(),
            known_apps: BTreeSet::new(),
            dead: Dead::default(),
            cover: Cover::default(),
        }
    }

    /// Names the environments that live in the tree at hand.
    pub(super) fn environments_here(&self) -> Vec<&'a str> {
        let all = self.configuration.manifest().environments.iter();
        let here = all.filter(|(_, environment)| self.is_here(environment));
        here.map(|(name, _)| name.as_str()).collect()
    }

    /// Gives what was found, what speaks against each target, and what may not be shown.
    pub(super) fn finish(mut self) -> Result<(Vec<Finding>, Gate, Cover)> {
        self.options.apps.refuse_slips(&self.known_apps)?;
        // Of what did not change, not all was looked at.
        if self.changed.is_none() {
            let manifest = self.configuration.manifest();
            let schemas = manifest.schemas.first().map(|it| it.location.clone());
            let place = schemas.unwrap_or_else(|| Location::file(&manifest.source));
            let apps = &self.options.apps;
            self.findings.extend(apps.unknown(&self.known_apps, &place));
        }
        // Whether a line is needed nowhere is known once every target was looked at.
        if self.everything {
            self.findings.extend(self.dead.into_findings());
        }
        Ok((self.findings, self.gate, self.cover))
    }

    /// Tells what was found about a target; only the environment's own tree speaks for or against
    /// it.
    fn tell(&mut self, target: &Target, findings: &[Finding], own: bool) -> Vec<Reason> {
        let least = self.options.gate.unwrap_or(Severity::Error);
        let reasons = Reason::of(findings, least);
        if own {
            self.gate.add(target, &reasons);
        }
        reasons
    }

    pub(super) fn everything(&mut self, body: &mut CheckBody) -> Result<()> {
        let configuration = self.configuration;
        let environments = &configuration.manifest().environments;
        let here = configuration.here().clone();
        if environments.is_empty() {
            self.tree(&here, None, true, body)?;
        }
        for (name, environment) in environments {
            let own = self.is_here(environment);
            let targets = self.tree(&here, Some(name), own, body)?;
            if own && (self.everything || targets > 0) {
                body.environments.push(EnvironmentChecked {
                    name: name.clone(),
                    revision: here.label().map(str::to_owned),
                    targets,
                });
            }
        }
        if !self.everything {
            return Ok(());
        }
        for (name, environment) in environments {
            if !self.is_here(environment) {
                self.elsewhere(name, environment, body)?;
            }
        }
        Ok(())
    }

    /// Says whether an environment lives in the tree at hand.
    fn is_here(&self, environment: &Environment) -> bool {
        let Some(reference) = &environment.reference else {
            return true;
        };
        let label = self.configuration.here().label();
        let short = branch_name(reference);
        self.configuration.repo().is_none()
            || label == Some(reference)
            || (matches!(label, None | Some("index")) && self.branch.as_deref() == Some(short))
    }

    fn elsewhere(
        &mut self,
        name: &str,
        environment: &Environment,
        body: &mut CheckBody,
    ) -> Result<()> {
        let tree = match self.configuration.tree(Some(name)) {
            Ok(tree) => tree,
            Err(error) => {
                let location = environment.location.clone();
                let finding = Finding::new(&ENVIRONMENT_UNREADABLE, error.to_string(), location);
                let finding = match error.help() {
                    Some(help) => finding.with_help(help),
                    None => finding,
                };
                self.tell(
                    &Target::default().environment(name),
                    std::slice::from_ref(&finding),
                    true,
                );
                self.findings.push(finding);
                return Ok(());
            }
        };
        let targets = self.tree(&tree, Some(name), true, body)?;
        body.environments.push(EnvironmentChecked {
            name: name.to_owned(),
            revision: tree.label().map(str::to_owned),
            targets,
        });
        Ok(())
    }

    /// Checks the targets of one environment in one tree, and counts them. Where the tree is not
    /// the environment's own, what is absent may stand in the environment's own tree, so only
    /// what is there is judged.
    fn tree(
        &mut self,
        tree: &Snapshot,
        environment: Option<&str>,
        own: bool,
        body: &mut CheckBody,
    ) -> Result<usize> {
        let services = self.configuration.services(tree)?;
        let mut services: Vec<_> = services.iter().map(|name| Some(name.as_str())).collect();
        if services.is_empty() {
            services.push(None);
        }
        let mut count = 0;
        for service in services {
            let target = self.configuration.manifest().target(environment, service);
            if self.target(tree, &target, own, body)? {
                count += 1;
            }
        }
        Ok(count)
    }

    fn target(
        &mut self,
        tree: &Snapshot,
        target: &Target,
        own: bool,
        body: &mut CheckBody,
    ) -> Result<bool> {
        let closure = self.configuration.closure(tree, target)?;
        let schemas = self.configuration.schemas(tree, target)?;
        self.cover.add_all(&schemas);
        if !self.is_asked_for(&closure, &schemas, target) {
            return Ok(false);
        }
        let files = closure.files().filter(|path| tree.is_file(path.as_ref()));
        body.files
            .extend(files.map(|path| path.to_str_lossy().into_owned()));
        for schema in schemas.all() {
            body.schemas
                .extend(schema.files().map(|(path, _)| path.to_owned()));
        }
        body.targets += usize::from(own);
        let content = closure.content();
        let key = (content, schemas.ids().to_vec(), own);
        if let Some(known) = self.done.get(&key) {
            if own {
                self.gate.add(target, known);
            }
            return Ok(true);
        }
        let (resolved, mut findings) = self.configuration.resolve_in(tree, target)?;
        let broken = !findings.is_empty();
        findings.extend(schemas.faults().cloned());
        if !resolved.layers().is_empty() {
            if own && self.everything {
                self.dead.look(&resolved);
            }
            let vault = match &self.options.identities {
                Some(it) => Some(self.configuration.vault(tree, Arc::clone(it))?),
                None => None,
            };
            let open = vault.map(|vault| resolved.opened_for(&vault));
            let whole = own && !broken;
            let found = self.judge(target, &resolved, open.as_ref(), &schemas, whole)?;
            findings.extend(found);
        }
        let reasons = self.tell(target, &findings, own);
        self.done.insert(key, reasons);
        let place = match own {
            true => target.to_string(),
            false => target_without_environment(target),
        };
        let findings = findings.into_iter().map(|finding| named(finding, &place));
        self.findings.extend(findings);
        Ok(true)
    }

    /// Judges the values of a target. Where a layer is broken or the tree is not the environment's
    /// own, it is not the whole: what is missing may be said elsewhere.
    fn judge(
        &mut self,
        target: &Target,
        resolved: &Resolved,
        open: Option<&(Value, Vec<Pointer>)>,
        schemas: &Schemas,
        whole: bool,
    ) -> Result<Vec<Finding>> {
        let old = self.before(target)?;
        let old = old.as_ref().map(Resolved::value);
        let (value, secrets) = match open {
            Some((value, secrets)) => (value, secrets.as_slice()),
            None => (resolved.value(), [].as_slice()),
        };
        let found = schemas.validate(value, old, &|pointer| resolved.location(pointer));
        let mut found: Vec<Finding> = own::without(found, secrets)
            .into_iter()
            .filter(|finding| whole || !is_about_absence(finding))
            .collect();
        if !self.options.apps.is_empty() {
            let requirements = schemas.requirements();
            let asked = requirements.iter().flat_map(PathMap::values).flatten();
            self.known_apps.extend(asked.map(|it| it.app.to_string()));
            let locate = |pointer: &Pointer| resolved.location(pointer);
            let apps = &self.options.apps;
            found.extend(apps.judge(resolved.value(), requirements, &locate));
        }
        Ok(found)
    }

    fn is_asked_for(&self, closure: &Closure, schemas: &Schemas, target: &Target) -> bool {
        let Some(changed) = self.changed else {
            return true;
        };
        let touched = |path: &BString| changed.contains(path);
        let schema_files = || schemas.all().iter().flat_map(|schema| schema.files());
        changed.contains(MANIFEST.as_bytes().as_bstr())
            || closure.files().any(touched)
            || schema_files().any(|(path, _)| touched(&BString::from(path)))
            // A layer that was taken away changes what is resolved, too.
            || self.configuration.layer_paths(target).iter().any(touched)
    }

    fn before(&self, target: &Target) -> Result<Option<Resolved>> {
        let Some(since) = &self.since else {
            return Ok(None);
        };
        let (resolved, findings) = since.resolve_in(since.here(), target)?;
        Ok((findings.is_empty() && !resolved.layers().is_empty()).then_some(resolved))
    }
}

/// Says of a finding whom it is about, where its place alone does not: what is missing is missing
/// for a target.
fn named(mut finding: Finding, place: &str) -> Finding {
    if is_about_absence(&finding) {
        finding.message = format!("{} ({place})", finding.message);
    }
    finding
}

fn target_without_environment(target: &Target) -> String {
    match target.name(Name::Service) {
        Some(service) => format!("service {service}"),
        None => "the configuration".to_owned(),
    }
}

fn is_about_absence(finding: &Finding) -> bool {
    finding.rule.id == "missing-option"
}
