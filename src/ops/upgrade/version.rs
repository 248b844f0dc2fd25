//! Versions of a schema: where each is, and what stands there.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bstr::ByteSlice;
use semver::Version;

use crate::config::schema::{Schema, Validator};
use crate::config::{Manifest, Name, Snapshot};
use crate::document::Value;
use crate::git::{Repo, Revision};
use crate::ops::compat;
use crate::report::Finding;
use crate::text::Pointer;
use crate::{Error, Result};

/// The folder of migrations, where the manifest names no other.
pub const MIGRATIONS: &str = "migrations/";

/// One end of an upgrade, or a version on its way.
#[derive(Clone)]
pub struct Stop {
    /// What it is called.
    pub name: String,
    /// The version it has, where it has one.
    pub version: Option<Version>,
    /// Its files.
    pub tree: Snapshot,
    /// The path of the one schema that is meant; none for those of the manifest.
    pub path: Option<String>,
    schemas: Arc<OnceLock<Vec<Loaded>>>,
    findings: Arc<OnceLock<Vec<Finding>>>,
}

/// A schema, ready to hold values against.
pub(super) struct Loaded {
    pub schema: Schema,
    /// None where the schema is itself invalid.
    pub validator: Option<Validator>,
}

impl Stop {
    /// Makes a stop of a tree.
    #[must_use]
    pub fn new(name: &str, version: Option<Version>, tree: Snapshot) -> Self {
        Self {
            name: name.to_owned(),
            version,
            tree,
            path: None,
            schemas: Arc::default(),
            findings: Arc::default(),
        }
    }

    /// Names the one schema that is meant.
    #[must_use]
    pub fn with_schema(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Gives the version if there is one, else the name.
    pub(super) fn label(&self) -> String {
        match &self.version {
            Some(version) => version.to_string(),
            None => self.name.clone(),
        }
    }

    /// Reads the schemas of the stop: the one that is meant, else those that the manifest names
    /// for every target.
    ///
    /// # Errors
    ///
    /// When a file cannot be read.
    pub(super) fn schemas(&self) -> Result<&[Loaded]> {
        if let Some(known) = self.schemas.get() {
            return Ok(known);
        }
        let mut loaded = Vec::new();
        let mut findings = Vec::new();
        for path in self.paths()? {
            let (schema, wrong) = Schema::load(&self.tree, &path)?;
            findings.extend(wrong);
            let Some(schema) = schema else { continue };
            let validator = match Validator::compile(&schema) {
                Ok(validator) => Some(validator),
                Err(wrong) => {
                    findings.extend(wrong);
                    None
                }
            };
            loaded.push(Loaded { schema, validator });
        }
        let _ = self.findings.set(findings);
        Ok(self.schemas.get_or_init(|| loaded))
    }

    /// Says what is wrong with the schemas themselves.
    pub(super) fn faults(&self) -> &[Finding] {
        self.findings.get().map_or(&[], Vec::as_slice)
    }

    fn paths(&self) -> Result<Vec<String>> {
        if let Some(path) = &self.path {
            let file = path.split('#').next().unwrap_or_default();
            let there = self.tree.id(file.as_bytes().as_bstr())?.is_some();
            return Ok(there.then(|| path.clone()).into_iter().collect());
        }
        let Some(manifest) = compat::manifest_of(&self.tree)? else {
            return Ok(Vec::new());
        };
        let mut paths = Vec::new();
        for pattern in manifest.schemas {
            let pattern = pattern.value;
            let whole = !Name::ALL.into_iter().any(|name| pattern.names(name));
            if whole
                && self
                    .tree
                    .id(pattern.as_str().as_bytes().as_bstr())?
                    .is_some()
            {
                paths.push(pattern.as_str().to_owned());
            }
        }
        Ok(paths)
    }

    /// Says whether a document holds to the stop; none where no schema says anything.
    ///
    /// # Errors
    ///
    /// When a schema cannot be read.
    pub(super) fn admits(&self, value: &Value) -> Result<Option<bool>> {
        let schemas = self.schemas()?;
        let validators: Vec<&Validator> = schemas
            .iter()
            .filter_map(|it| it.validator.as_ref())
            .collect();
        if validators.is_empty() {
            return Ok(None);
        }
        Ok(Some(validators.iter().all(|it| it.is_valid(value))))
    }

    /// Gives the default of an option there.
    pub(super) fn default_at(&self, at: &Pointer) -> Option<Value> {
        let schemas = self.schemas().ok()?;
        let mut defaults = schemas.iter().map(|it| it.schema.default_at(at));
        defaults.find_map(|default| default).cloned()
    }
}

/// Every version that is known: those that tags release, and those that a migration carries to.
pub struct Versions {
    /// The stops, by version.
    pub stops: BTreeMap<Version, Stop>,
}

impl Versions {
    /// Finds the versions of a repository: its tags, as the manifest names them, and the files of
    /// migrations in a tree. `schema` is the path of the one schema that is meant.
    ///
    /// # Errors
    ///
    /// When the tags or the tree cannot be read.
    pub fn of(
        repo: Option<&Repo>,
        here: &Snapshot,
        manifest: Option<&Manifest>,
        schema: Option<&str>,
    ) -> Result<Self> {
        let mut stops = BTreeMap::new();
        let meant = |stop: Stop| match schema {
            Some(path) => stop.with_schema(path),
            None => stop,
        };
        for version in migration_files(here, manifest)?.into_keys() {
            let stop = Stop::new(&version.to_string(), Some(version.clone()), here.clone());
            stops.insert(version, meant(stop));
        }
        let pattern = manifest.map_or("v*", |manifest| &manifest.versions);
        for tag in repo
            .map(|repo| repo.versions(pattern))
            .transpose()?
            .into_iter()
            .flatten()
        {
            let Some(repo) = repo else { break };
            let tree = here.beside(repo.files(&tag.revision));
            let stop = Stop::new(&tag.name, Some(tag.version.clone()), tree);
            stops.insert(tag.version, meant(stop));
        }
        Ok(Self { stops })
    }

    /// Finds a version by its tag's name, or by itself: `v1.2.0`, `1.2.0`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Stop> {
        let by_name = self.stops.values().find(|stop| stop.name == name);
        by_name.or_else(|| {
            let version = version_of(name)?;
            self.stops.get(&version)
        })
    }

    /// Gives the version that a commit is of: that of the newest tag on the way to it.
    ///
    /// # Errors
    ///
    /// When the history cannot be read.
    pub fn of_revision(&self, repo: &Repo, revision: &Revision) -> Result<Option<Version>> {
        for (version, stop) in self.stops.iter().rev() {
            let Some(label) = stop.tree.label() else {
                continue;
            };
            if let Ok(tag) = repo.revision(label)
                && repo.is_ancestor(tag.id, revision.id)?
            {
                return Ok(Some(version.clone()));
            }
        }
        Ok(None)
    }

    /// Says that a version is not known, and which are, the nearest first.
    #[must_use]
    pub fn unknown(&self, name: &str) -> Error {
        let error = Error::not_found(format!("there is no version `{name}`"));
        let mut known: Vec<(&Version, &Stop)> = self.stops.iter().collect();
        if known.is_empty() {
            return error.with_help(
                "no tag releases a version; name revisions or files, such as \
                 `--from HEAD~1:schema.yaml --to schema.yaml`",
            );
        }
        let wanted: Vec<u64> = name
            .trim_start_matches(|c: char| !c.is_ascii_digit())
            .split(['.', '-', '+'])
            .map_while(|part| part.parse().ok())
            .collect();
        let part = |index: usize| wanted.get(index).copied().unwrap_or(0);
        known.sort_by_key(|(version, _)| {
            (
                version.major.abs_diff(part(0)),
                version.minor.abs_diff(part(1)),
                version.patch.abs_diff(part(2)),
            )
        });
        let names = known
            .iter()
            .take(12)
            .map(|(_, stop)| format!("`{}`", stop.name));
        let names: Vec<String> = names.collect();
        let more = match known.len().saturating_sub(names.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        error.with_help(format!("known are {}{more}", names.join(", ")))
    }

    /// Names the versions that a document holds to, besides one that is known not to be.
    ///
    /// # Errors
    ///
    /// When a schema cannot be read.
    pub(super) fn that_admit(&self, value: &Value) -> Result<Vec<Version>> {
        /// More versions are not looked at: the newest are.
        const MOST: usize = 60;
        let mut found = Vec::new();
        for (version, stop) in self.stops.iter().rev().take(MOST) {
            if stop.admits(value)? == Some(true) {
                found.push(version.clone());
            }
        }
        found.reverse();
        Ok(found)
    }
}

/// Reads a version: `1.2.0`, `v1.2.0`.
#[must_use]
pub fn version_of(name: &str) -> Option<Version> {
    Version::parse(name.strip_prefix('v').unwrap_or(name)).ok()
}

/// Finds the files of migrations of a tree, by the version that each carries to.
///
/// # Errors
///
/// When the tree cannot be read.
pub fn migration_files(
    tree: &Snapshot,
    manifest: Option<&Manifest>,
) -> Result<BTreeMap<Version, String>> {
    let folder = manifest.and_then(|manifest| manifest.migrations.as_deref());
    let folder = folder.unwrap_or(MIGRATIONS).trim_end_matches('/');
    let mut found = BTreeMap::new();
    for (name, entry) in tree.files().list(folder.as_bytes().as_bstr())? {
        if entry.kind == crate::git::FileKind::Directory {
            continue;
        }
        let path = format!("{folder}/{}", name.to_str_lossy());
        if let Some(version) = crate::ops::migration::Migration::version_of(&path) {
            found.entry(version).or_insert(path);
        }
    }
    Ok(found)
}
