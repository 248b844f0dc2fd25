//! One tree as the policy looks at it: which file is what, and the values of every target.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use bstr::{BStr, BString, ByteSlice};

use super::file::POLICY;
use super::model::Verb;
use super::paths::folded;
use super::statement::APPROVALS;
use crate::config::{
    Closure, Configuration, Keyring, MANIFEST, Name, Resolved, Schemas, Snapshot, Target,
    is_template,
};
use crate::document::Format;
use crate::error::Result;
use crate::git::{FileKind, branch_name};
use crate::ops::compat::ACCEPTED_BREAKS;
use crate::ops::drift::EXPECTATIONS;
use crate::ops::scan::SECRETS_ALLOWED;
use crate::ops::trust::{CERTIFICATES, REVOKED, SIGNERS};

/// A tree, with its own manifest.
pub(super) struct State {
    pub(super) tree: Snapshot,
    /// None where there is no manifest, or one that cannot be read.
    pub(super) configuration: Option<Configuration>,
    /// Every service in every environment that lives here.
    pub(super) seen: BTreeMap<Aim, Seen>,
    /// The files of the schemas.
    schemas: BTreeSet<String>,
    /// The files that layers are made of, with the environments that they reach.
    pub(super) reached: BTreeMap<BString, BTreeSet<Option<String>>>,
    folded: OnceLock<BTreeSet<String>>,
    /// Whether a folder on the way to a layer is a link, so that closures do not tell all.
    pub(super) is_linked: bool,
}

/// An environment and a service.
pub(super) type Aim = (Option<String>, Option<String>);

/// What a target's values are made of.
pub(super) struct Seen {
    target: Target,
    pub(super) closure: Closure,
    pub(super) schemas: Arc<Schemas>,
    resolved: OnceLock<Resolved>,
}

/// What a file is to the policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// A layer, a template or a file that one includes: its keys are looked at.
    Layer,
    /// A document of a repository without a manifest.
    Document,
    /// A statement of agreement.
    Approval,
    /// Something that only matters as a whole, in an environment or in all.
    Whole(Verb, Option<String>),
    /// Something whose keys do not matter.
    Keyless(Verb, Option<String>),
}

impl State {
    /// Looks at a tree; where a reference is given, only at environments that live there.
    pub(super) fn of(tree: Snapshot, reference: Option<&str>) -> Result<Self> {
        let (configuration, _) = Configuration::read(None, tree.clone())?;
        let mut state = Self {
            tree,
            configuration: configuration.map(Configuration::pinned),
            seen: BTreeMap::new(),
            schemas: BTreeSet::new(),
            reached: BTreeMap::new(),
            folded: OnceLock::new(),
            is_linked: false,
        };
        state.look(reference)?;
        Ok(state)
    }

    fn look(&mut self, reference: Option<&str>) -> Result<()> {
        let Some(configuration) = &self.configuration else {
            return Ok(());
        };
        let manifest = configuration.manifest();
        let lives_here = |name: &&str| {
            let own = manifest.environments.get(*name);
            let own = own.and_then(|it| it.reference.as_deref());
            match (own, reference) {
                (Some(own), Some(reference)) => branch_name(own) == branch_name(reference),
                _ => true,
            }
        };
        let mut environments: Vec<Option<&str>> = Vec::new();
        environments.extend(manifest.environment_names().filter(lives_here).map(Some));
        if manifest.environments.is_empty() {
            environments.push(None);
        }
        let services = configuration.services(&self.tree)?;
        let services = services.iter().map(|it| Some(it.as_str()));
        let services: Vec<Option<&str>> = std::iter::once(None).chain(services).collect();
        let mut folders: BTreeSet<BString> = BTreeSet::new();
        for environment in environments {
            for service in &services {
                let target = manifest.target(environment, *service);
                for path in configuration.layer_paths(&target) {
                    let ends = path.find_iter("/").map(|end| path[..end].into());
                    folders.extend(ends);
                }
                let seen = Seen {
                    closure: configuration.closure(&self.tree, &target)?,
                    schemas: configuration.schemas(&self.tree, &target)?,
                    target,
                    resolved: OnceLock::new(),
                };
                for schema in seen.schemas.all() {
                    self.schemas
                        .extend(schema.files().map(|(path, _)| path.to_owned()));
                }
                for path in seen.closure.files() {
                    let reached = self.reached.entry(path.clone()).or_default();
                    reached.insert(environment.map(str::to_owned));
                }
                let aim = (environment.map(str::to_owned), service.map(str::to_owned));
                self.seen.insert(aim, seen);
            }
        }
        for folder in &folders {
            let entry = self.tree.files().entry(folder.as_ref())?;
            self.is_linked |= entry.is_some_and(|it| it.kind == FileKind::Symlink);
        }
        Ok(())
    }

    /// Gives the values of a target; what cannot be read is left out.
    pub(super) fn resolved<'a>(&self, seen: &'a Seen) -> Result<Option<&'a Resolved>> {
        let Some(configuration) = &self.configuration else {
            return Ok(None);
        };
        if let Some(known) = seen.resolved.get() {
            return Ok(Some(known));
        }
        let (resolved, _) = configuration.resolve_in(&self.tree, &seen.target)?;
        Ok(Some(seen.resolved.get_or_init(|| resolved)))
    }

    /// Gives the text of the manifest.
    pub(super) fn manifest(&self) -> Option<&str> {
        let configuration = self.configuration.as_ref()?;
        Some(configuration.manifest().source.text())
    }

    /// Says what the file at a path is, or would be; empty for what nothing is governed by.
    pub(super) fn what(&self, path: &BStr) -> BTreeSet<What> {
        let name = path.to_str_lossy();
        let mut all = BTreeSet::new();
        let last = name.rsplit('/').next().unwrap_or_default();
        let whole = |verb| What::Whole(verb, None);
        if matches!(&*name, POLICY | SIGNERS | REVOKED | CERTIFICATES)
            || below(&name, CERTIFICATES)
            || matches!(last, ".gitattributes" | ".gitmodules")
        {
            all.insert(whole(Verb::PolicyAdmin));
            return all;
        }
        if below(&name, APPROVALS) {
            all.insert(What::Approval);
            return all;
        }
        let manifest = self.configuration.as_ref().map(Configuration::manifest);
        let accepted = manifest.and_then(|it| it.compat.accepted.as_deref());
        match &*name {
            MANIFEST => drop(all.insert(whole(Verb::SchemaWrite))),
            EXPECTATIONS => drop(all.insert(What::Keyless(Verb::ConfigWrite, None))),
            SECRETS_ALLOWED => drop(all.insert(whole(Verb::SecretWrite))),
            it if it == accepted.unwrap_or(ACCEPTED_BREAKS) => {
                all.insert(whole(Verb::SchemaWrite));
            }
            _ => {}
        }
        if below(&name, "telemetry") {
            all.insert(What::Keyless(Verb::TelemetryWrite, None));
        }
        if last.ends_with(".age") {
            all.extend(self.sealed(&name));
        }
        let Some(manifest) = manifest else {
            if all.is_empty() && Format::of_path(&name).is_some() {
                all.insert(What::Document);
            }
            return all;
        };
        if manifest
            .migrations
            .as_deref()
            .is_some_and(|it| below(&name, it))
        {
            all.insert(whole(Verb::SchemaWrite));
        }
        let named = manifest.schemas.iter().find_map(|it| it.value.read(path));
        if let Some(target) = named {
            let environment = target.name(Name::Environment).map(str::to_owned);
            all.insert(What::Whole(Verb::SchemaWrite, environment));
        } else if self.schemas.contains(&*name) {
            all.insert(whole(Verb::SchemaWrite));
        }
        let is_layer = manifest
            .layers
            .iter()
            .any(|it| it.value.read(path).is_some());
        if is_layer {
            all.insert(What::Layer);
        }
        // What a template includes is a part of it.
        if is_template(path) || (!is_layer && self.reached.contains_key(path)) {
            for environment in self.environments_of(path) {
                all.insert(What::Keyless(Verb::TemplateWrite, environment));
            }
        }
        all
    }

    /// The files that layers are made of, as file systems may take their names.
    pub(super) fn folded(&self) -> &BTreeSet<String> {
        let names = || self.reached.keys().map(|path| folded(&path.to_str_lossy()));
        self.folded.get_or_init(|| names().collect())
    }

    /// Says what a file of keys, or a sealed one, is.
    fn sealed(&self, name: &str) -> Vec<What> {
        let keyrings = self
            .configuration
            .iter()
            .flat_map(|it| &it.manifest().keyrings);
        let mut own = keyrings.filter(|(ring, _)| Keyring::path(ring) == name);
        match own.next() {
            Some((_, ring)) if !ring.environments.is_empty() => {
                let names = ring.environments.iter();
                let whole = |name: &String| What::Whole(Verb::SecretWrite, Some(name.clone()));
                names.map(whole).collect()
            }
            _ => vec![What::Whole(Verb::SecretWrite, None)],
        }
    }

    /// Says which environments a layer reaches, or is named after; where none, it counts for all.
    pub(super) fn environments_of(&self, path: &BStr) -> BTreeSet<Option<String>> {
        if let Some(reached) = self.reached.get(path) {
            return reached.clone();
        }
        let layers = self
            .configuration
            .iter()
            .flat_map(|it| &it.manifest().layers);
        let named = layers.filter_map(|it| it.value.read(path));
        let named = named.filter_map(|it| it.name(Name::Environment).map(str::to_owned));
        let mut all: BTreeSet<_> = named.map(Some).collect();
        if all.is_empty() {
            all.insert(None);
        }
        all
    }

    /// Gives the folders that hold what is governed; the root is never told.
    pub(super) fn folders(&self) -> Vec<&str> {
        let manifest = self.configuration.as_ref().map(Configuration::manifest);
        let patterns = manifest
            .iter()
            .flat_map(|it| it.layers.iter().chain(&it.schemas));
        let mut all: Vec<&str> = patterns.map(|it| it.value.fixed_folder()).collect();
        all.extend(manifest.and_then(|it| it.migrations.as_deref()));
        all.extend(["keyrings", "telemetry", APPROVALS, CERTIFICATES]);
        let mut all: Vec<&str> = all.iter().map(|it| it.trim_end_matches('/')).collect();
        all.retain(|it| !it.is_empty());
        all
    }
}

/// Says whether a path stands below a folder.
pub(super) fn below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.starts_with('/'))
}
