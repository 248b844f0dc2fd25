use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bstr::{BString, ByteSlice};

use super::manifest::MANIFEST;
use super::resolved::{Layer, Resolved};
use super::schemas::Schemas;
use super::snapshot::{Snapshot, lock};
use super::sops::without_metadata;
use super::{Manifest, Name, ParsedFile, Target, services};
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::report::{Finding, Rule, Severity};

/// A layer holds more than one document.
pub(super) static SEVERAL_DOCUMENTS: Rule = Rule {
    id: "several-documents",
    severity: Severity::Error,
    summary: "a layer or schema that holds several YAML documents",
    docs: "A layer, a schema or the manifest is one document. A file in which a line `---` starts \
a second one cannot serve, since nothing says which of them is meant.

**What to do.** Keep one, or make each a layer of its own.

```yaml
a: 1
---
b: 2      # a second document
```",
};

/// A layer is no map.
pub(super) static LAYER_NOT_A_MAP: Rule = Rule {
    id: "layer-not-a-map",
    severity: Severity::Error,
    summary: "a layer whose content is not a map of keys to values",
    docs: "Layers are laid over each other key by key, so each must be a map at its outermost. \
An empty file is fine, and adds nothing.

```yaml
- a         # a list at the outermost: nothing can be laid over it
```",
};

/// The schemas of a tree: its revision, and their paths.
type SchemaKey = (Option<String>, Vec<BString>);

/// A configuration repository as seen from one tree: its manifest, and the trees its
/// environments live in.
///
/// ```
/// use strata::config::{Configuration, Snapshot};
/// # let folder = tempfile::tempdir().unwrap();
/// # std::fs::write(folder.path().join("strata.yaml"), "strata: 1\nlayers: [base.yaml]\n").unwrap();
/// # std::fs::write(folder.path().join("base.yaml"), "database:\n  pool: 20\n").unwrap();
/// # let folder = folder.path();
///
/// let configuration = Configuration::open(None, Snapshot::of_folder(folder))?;
/// let target = configuration.target(None, None)?;
/// let resolved = configuration.resolve(&target)?;
/// assert_eq!(resolved.get::<u32>("database.pool")?, 20);
/// # Ok::<(), strata::Error>(())
/// ```
pub struct Configuration {
    repo: Option<Repo>,
    here: Snapshot,
    manifest: Manifest,
    /// Whether every environment is read from this tree, whatever `ref` says.
    pinned: bool,
    trees: Mutex<HashMap<String, Snapshot>>,
    schemas: Mutex<HashMap<SchemaKey, Arc<Schemas>>>,
}

impl Configuration {
    /// Opens the configuration of a tree.
    ///
    /// # Errors
    ///
    /// Where the tree has no manifest, or one that cannot be used.
    pub fn open(repo: Option<Repo>, here: Snapshot) -> Result<Self> {
        let (configuration, findings) = Self::read(repo, here)?;
        let faults: Vec<_> = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .collect();
        match (configuration, faults.first()) {
            (Some(configuration), None) => Ok(configuration),
            (None, None) => Err(Error::not_found(format!("there is no `{MANIFEST}` here"))
                .with_help(
                    "start one with `git strata init`, or go to the repository that has it",
                )),
            (_, Some(first)) => Err(unusable(first, faults.len())),
        }
    }

    /// Reads the configuration of a tree, and says what is wrong with its manifest. Without a
    /// manifest there is neither.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read.
    pub fn read(repo: Option<Repo>, here: Snapshot) -> Result<(Option<Self>, Vec<Finding>)> {
        let Some(file) = here.file(MANIFEST.as_bytes().as_bstr())? else {
            return Ok((None, Vec::new()));
        };
        let mut findings: Vec<Finding> = file.findings().cloned().collect();
        findings.extend(several_documents(&file));
        let Some(document) = file.documents().first().filter(|_| file.is_sound()) else {
            return Ok((None, findings));
        };
        let (manifest, wrong) = Manifest::read(document);
        findings.extend(wrong);
        let configuration = manifest.map(|manifest| Self {
            repo,
            here,
            manifest,
            pinned: false,
            trees: Mutex::default(),
            schemas: Mutex::default(),
        });
        Ok((configuration, findings))
    }

    /// Reads every environment from this tree, whatever its `ref` says: how things would be if
    /// they stood as they stand here.
    #[must_use]
    pub fn pinned(mut self) -> Self {
        self.pinned = true;
        self
    }

    /// Gives the same for another thread to read, with all that is known so far.
    pub(crate) fn for_thread(&self) -> Self {
        self.with_manifest(self.manifest.clone())
    }

    /// Gives the same trees under another manifest.
    pub(super) fn with_manifest(&self, manifest: Manifest) -> Self {
        Self {
            repo: self.repo.clone(),
            here: self.here.clone(),
            manifest,
            pinned: self.pinned,
            trees: Mutex::new(lock(&self.trees).clone()),
            schemas: Mutex::new(lock(&self.schemas).clone()),
        }
    }

    /// Gives the manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Gives the repository, if there is one.
    #[must_use]
    pub fn repo(&self) -> Option<&Repo> {
        self.repo.as_ref()
    }

    /// Gives the tree that the manifest was read from.
    #[must_use]
    pub fn here(&self) -> &Snapshot {
        &self.here
    }

    /// Gives the tree that an environment lives in.
    ///
    /// # Errors
    ///
    /// Where there is no such environment, or its `ref` names no revision.
    pub fn tree(&self, environment: Option<&str>) -> Result<Snapshot> {
        let Some(name) = environment else {
            return Ok(self.here.clone());
        };
        let declared = self.manifest.environments.get(name).ok_or_else(|| {
            Error::not_found(format!("there is no environment `{name}`"))
                .with_names(name, self.manifest.environment_names())
        })?;
        let (Some(reference), Some(repo), false) = (&declared.reference, &self.repo, self.pinned)
        else {
            return Ok(self.here.clone());
        };
        if let Some(tree) = lock(&self.trees).get(name) {
            return Ok(tree.clone());
        }
        let revision = repo.revision(reference).map_err(|cause| {
            let line = declared.location.start().line;
            let message = format!("the environment `{name}` lives at `{reference}` ({MANIFEST}:{line}), which is no revision here");
            let help = format!("fetch it (`git fetch origin {reference}`), or correct `ref`");
            Error::not_found(message).with_help(help).because(cause)
        })?;
        let tree = self.here.beside(repo.files(&revision));
        lock(&self.trees).insert(name.to_owned(), tree.clone());
        Ok(tree)
    }

    /// Names the services of a tree, sorted; none where the manifest has no `services`.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read.
    pub fn services(&self, tree: &Snapshot) -> Result<Vec<String>> {
        match &self.manifest.services {
            Some(pattern) => services::services(tree.files(), &pattern.value),
            None => Ok(Vec::new()),
        }
    }

    /// Makes a target of names, which must exist.
    ///
    /// # Errors
    ///
    /// Where the environment or service does not exist; near names are offered.
    pub fn target(&self, environment: Option<&str>, service: Option<&str>) -> Result<Target> {
        let tree = self.tree(environment)?;
        if let Some(name) = service {
            let names = self.services(&tree)?;
            if !names.iter().any(|known| known == name) {
                let place = environment
                    .map(|name| format!(" in {name}"))
                    .unwrap_or_default();
                return Err(
                    Error::not_found(format!("there is no service `{name}`{place}"))
                        .with_names(name, names.iter().map(String::as_str)),
                );
            }
        }
        Ok(self.manifest.target(environment, service))
    }

    /// Loads the schemas of a target, each that exists.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read.
    pub fn schemas(&self, tree: &Snapshot, target: &Target) -> Result<Arc<Schemas>> {
        let mut paths = Vec::new();
        for pattern in &self.manifest.schemas {
            if let Some(path) = pattern.value.expand(target)
                && !paths.contains(&path)
                && tree.id(path.as_ref())?.is_some()
            {
                paths.push(path);
            }
        }
        let key = (tree.label().map(str::to_owned), paths);
        if let Some(known) = lock(&self.schemas).get(&key) {
            return Ok(Arc::clone(known));
        }
        let schemas = Arc::new(Schemas::load(tree, &key.1)?);
        lock(&self.schemas).insert(key, Arc::clone(&schemas));
        Ok(schemas)
    }

    /// Resolves a target in the tree that its environment lives in.
    ///
    /// # Errors
    ///
    /// Where a layer cannot be read, or is no map; `git strata check` tells all that is wrong.
    pub fn resolve(&self, target: &Target) -> Result<Resolved> {
        let tree = self.tree(target.name(Name::Environment))?;
        let (resolved, findings) = self.resolve_in(&tree, target)?;
        let error = |finding: &&Finding| finding.severity == Severity::Error;
        let faults: Vec<_> = findings.iter().filter(error).collect();
        match faults.first() {
            Some(first) => Err(unusable(first, faults.len())),
            None => Ok(resolved),
        }
    }

    /// Resolves a target in a tree, leaving out the layers that cannot be read, and says what is
    /// wrong with them.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read.
    pub fn resolve_in(&self, tree: &Snapshot, target: &Target) -> Result<(Resolved, Vec<Finding>)> {
        let schemas = self.schemas(tree, target)?;
        let mut findings = Vec::new();
        let mut files = Vec::new();
        for path in self.layer_paths(target) {
            if let Some(file) = self.layer(tree, target, path.as_ref())? {
                let wrong = layer_faults(&file);
                if wrong.is_empty() {
                    files.push(file);
                }
                findings.extend(wrong);
            }
        }
        let strategies = schemas.strategies(&self.manifest.merge);
        Ok((
            Resolved::build(target.clone(), laid(&files), &strategies),
            findings,
        ))
    }
}

/// Gives files as layers.
pub(super) fn laid(files: &[Arc<ParsedFile>]) -> Vec<Layer> {
    let layer = |file: &Arc<ParsedFile>| {
        Some(Layer {
            path: file.path.clone(),
            source: Arc::clone(&file.source),
            root: without_metadata(&file.documents().first()?.root),
            beside: file.beside().to_vec(),
        })
    };
    files.iter().filter_map(layer).collect()
}

/// Says what keeps a file from serving as a layer.
pub(crate) fn layer_faults(file: &ParsedFile) -> Vec<Finding> {
    let mut findings: Vec<Finding> = file.findings().cloned().collect();
    findings.extend(several_documents(file));
    if let [document] = file.documents()
        && findings.is_empty()
        && !document.root.is_null()
        && document.root.as_object().is_none()
    {
        let what = document.root.type_name();
        let location = file.place(&document.root);
        findings.push(
            Finding::new(
                &LAYER_NOT_A_MAP,
                format!("a layer must be a map of keys to values; this is a {what}"),
                location,
            )
            .with_help("write `key: value` at the start of the line"),
        );
    }
    findings
}

pub(crate) fn several_documents(file: &ParsedFile) -> Option<Finding> {
    let [_, second, ..] = file.documents() else {
        return None;
    };
    let count = file.documents().len();
    let message = format!("this file holds {count} documents, where one is meant");
    let location = file.place(&second.root);
    Some(
        Finding::new(&SEVERAL_DOCUMENTS, message, location)
            .with_help("a line `---` starts another document: take it away, or split the file"),
    )
}

fn unusable(first: &Finding, count: usize) -> Error {
    let at = &first.location;
    let place = format!("{}:{}", at.source.name(), at.start().line);
    let more = match count {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    Error::invalid(format!("{place}: {}{more}", first.message))
        .with_help("`git strata check` tells all that is wrong")
}
