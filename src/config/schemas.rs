use std::sync::{Arc, OnceLock};

use bstr::{BString, ByteSlice};
use smol_str::SmolStr;

use super::merge::Strategies;
use super::schema;
use super::schema::{
    Loaded, Loader, MergeRules, MergeStrategy, PathMap, Place, Requirement, Schema, Validator,
    crd_schema,
};
use super::snapshot::Snapshot;
use crate::document::{Document, Identity, Value};
use crate::error::Result;
use crate::git::Oid;
use crate::report::{Finding, Location};
use crate::text::Pointer;

/// The schemas of a target: what they say about merging, and whether values hold to them.
#[derive(Debug)]
pub struct Schemas {
    schemas: Vec<Schema>,
    findings: Vec<Finding>,
    ids: Vec<Oid>,
    merge: Vec<MergeRules>,
    env_specific: OnceLock<Vec<PathMap<()>>>,
    secrets: OnceLock<Vec<PathMap<()>>>,
    requirements: OnceLock<Vec<PathMap<Vec<Requirement>>>>,
    validators: OnceLock<(Vec<Validator>, Vec<Finding>)>,
}

impl Schemas {
    pub(crate) fn load(tree: &Snapshot, paths: &[BString]) -> Result<Self> {
        let mut schemas = Vec::new();
        let mut findings = Vec::new();
        let mut ids = Vec::new();
        for path in paths {
            let (schema, wrong) = Schema::load(tree, &path.to_str_lossy())?;
            findings.extend(wrong);
            let Some(schema) = schema else { continue };
            for (file, _) in schema.files() {
                ids.extend(tree.id(file.as_bytes().as_bstr())?);
            }
            schemas.push(schema);
        }
        let merge = schemas.iter().map(Schema::merge_rules);
        let merge = merge.filter(|rules| !rules.is_empty()).collect();
        Ok(Self {
            schemas,
            findings,
            ids,
            merge,
            env_specific: OnceLock::new(),
            secrets: OnceLock::new(),
            requirements: OnceLock::new(),
            validators: OnceLock::new(),
        })
    }

    /// Gives the schemas, in the manifest's order.
    #[must_use]
    pub fn all(&self) -> &[Schema] {
        &self.schemas
    }

    /// Gives the object ids of all their files: equal lists mean equal schemas.
    #[must_use]
    pub fn ids(&self) -> &[Oid] {
        &self.ids
    }

    /// Says what is wrong with the schemas themselves.
    pub fn faults(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(&self.compiled().1)
    }

    /// Says whether both merge layers in the same way.
    #[must_use]
    pub fn merges_as(&self, other: &Self) -> bool {
        (self.merge.is_empty() && other.merge.is_empty()) || self.ids == other.ids
    }

    /// Says what of a value does not hold to the schemas. `old` is what stood there before, for
    /// rules about change; `locate` gives the place to show for a pointer.
    pub fn validate(
        &self,
        value: &Value,
        old: Option<&Value>,
        locate: &(dyn Fn(&Pointer) -> Location + Sync),
    ) -> Vec<Finding> {
        let validators = self.compiled().0.iter();
        validators
            .flat_map(|validator| validator.validate(value, old, locate))
            .collect()
    }

    /// Says whether the value at a place is meant to differ between environments.
    #[must_use]
    pub fn is_env_specific(&self, pointer: &Pointer) -> bool {
        let maps = self
            .env_specific
            .get_or_init(|| self.schemas.iter().map(Schema::env_specific).collect());
        // What is meant to differ as a whole is meant to differ in all its parts.
        maps.iter().any(|map| {
            let mut place = map.root();
            place.get().is_some()
                || pointer.tokens().iter().any(|token| {
                    place = place.descend(token);
                    place.get().is_some()
                })
        })
    }

    /// Says whether the value at a place is a secret.
    #[must_use]
    pub fn is_secret(&self, pointer: &Pointer) -> bool {
        let mut schemas = self.secrets().iter();
        schemas.any(|map| schema::is_secret_at(map, pointer))
    }

    /// Says after how many days a schema wants another value at a place.
    #[must_use]
    pub fn rotate_after(&self, pointer: &Pointer) -> Option<u32> {
        let all = self.schemas.iter();
        all.filter_map(|schema| schema.rotate_after(pointer)).min()
    }

    /// Says whether any value may be a secret.
    #[must_use]
    pub fn has_secrets(&self) -> bool {
        !self.secrets().is_empty()
    }

    fn secrets(&self) -> &[PathMap<()>] {
        self.secrets.get_or_init(|| {
            let maps = self.schemas.iter().map(Schema::secrets);
            maps.filter(|map| !map.root().is_empty()).collect()
        })
    }

    /// Gives, for each schema, which options ask for versions of applications.
    #[must_use]
    pub fn requirements(&self) -> &[PathMap<Vec<Requirement>>] {
        self.requirements
            .get_or_init(|| self.schemas.iter().map(Schema::requirements).collect())
    }

    /// Says whether the value at a place is a secret, or part of one, or may hold one.
    #[must_use]
    pub fn hides(&self, pointer: &Pointer) -> bool {
        self.secrets().iter().any(|map| {
            let mut place = map.root();
            let on_the_way = place.get().is_some()
                || pointer.tokens().iter().any(|token| {
                    place = place.descend(token);
                    place.get().is_some()
                });
            on_the_way || !place.is_empty()
        })
    }

    /// Gives the default of the value at a place.
    #[must_use]
    pub fn default_at(&self, pointer: &Pointer) -> Option<Value> {
        self.schemas
            .iter()
            .find_map(|schema| schema.default_at(pointer))
            .cloned()
    }

    /// Says how the items of lists are matched when two configurations are compared.
    pub(crate) fn identity<'a>(&'a self, manifest: &'a [(Pointer, MergeStrategy)]) -> Identity<'a> {
        if self.strategies(manifest).is_silent() {
            return Identity::default();
        }
        Identity::default().with_paths(move |pointer| {
            let whole = self.strategies(manifest);
            let place = pointer
                .tokens()
                .iter()
                .fold(whole, |place, token| place.below(token));
            match place.here() {
                Some(MergeStrategy::ByKey(key)) => Some(key.to_string()),
                _ => None,
            }
        })
    }

    /// Says how layers merge, beginning at the whole.
    pub(crate) fn strategies<'a>(&'a self, manifest: &'a [(Pointer, MergeStrategy)]) -> Cursor<'a> {
        Cursor {
            schema: self.merge.iter().map(PathMap::root).collect(),
            manifest: manifest
                .iter()
                .map(|(place, way)| (place.tokens(), way))
                .collect(),
        }
    }

    fn compiled(&self) -> &(Vec<Validator>, Vec<Finding>) {
        self.validators.get_or_init(|| {
            let mut validators = Vec::new();
            let mut findings = Vec::new();
            for schema in &self.schemas {
                match Validator::compile(schema) {
                    Ok(validator) => {
                        findings.extend(validator.schema_findings().iter().cloned());
                        validators.push(validator);
                    }
                    Err(wrong) => findings.extend(wrong),
                }
            }
            (validators, findings)
        })
    }
}

/// A place, with what the schemas and the manifest say about it and below.
pub(crate) struct Cursor<'a> {
    schema: Vec<Place<'a, MergeStrategy>>,
    manifest: Vec<(&'a [SmolStr], &'a MergeStrategy)>,
}

impl Strategies for Cursor<'_> {
    fn here(&self) -> Option<MergeStrategy> {
        let mut schema = self.schema.iter().filter_map(Place::get);
        let mut manifest = self.manifest.iter().filter(|(rest, _)| rest.is_empty());
        let declared = schema
            .next()
            .or_else(|| manifest.next().map(|(_, way)| *way));
        declared.cloned()
    }

    fn below(&self, token: &str) -> Self {
        let schema = self.schema.iter().map(|place| place.descend(token));
        let manifest = self.manifest.iter().filter_map(|(rest, way)| {
            let (first, rest) = rest.split_first()?;
            (first == "*" || first == token).then_some((rest, *way))
        });
        Self {
            schema: schema.filter(|place| !place.is_empty()).collect(),
            manifest: manifest.collect(),
        }
    }

    fn is_silent(&self) -> bool {
        self.schema.is_empty() && self.manifest.is_empty()
    }
}

impl Snapshot {
    /// Reads a schema that is a part of a file: `crds.yaml#widgets.example.com/v1`.
    fn load_part(&self, path: &str) -> Result<Option<Loaded>> {
        let Some((path, address)) = path.split_once('#') else {
            return Ok(None);
        };
        let Some(file) = self.file(path.as_bytes().as_bstr())? else {
            return Ok(None);
        };
        let document = crd_schema(file.documents(), address).map(|mut document| {
            Arc::make_mut(&mut document).source = Arc::clone(&file.source);
            document
        });
        Ok(document.map(|document| Loaded {
            document: Some(document),
            findings: Vec::new(),
        }))
    }
}

impl Loader for Snapshot {
    fn load(&self, path: &str) -> Result<Option<Loaded>> {
        let Some(file) = self.file(path.as_bytes().as_bstr())? else {
            return self.load_part(path);
        };
        let document = file.documents().first().map(|document| {
            // A value stands in one file of a schema only. What is read once for the same bytes
            // of several files is kept by the first and copied for the others.
            let root = match Arc::ptr_eq(&document.source, &file.source) {
                true => Arc::clone(&document.root),
                false => Arc::new((*document.root).clone()),
            };
            Arc::new(Document {
                source: Arc::clone(&file.source),
                root,
                ..document.clone()
            })
        });
        Ok(Some(Loaded {
            document: document.filter(|_| file.is_sound()),
            findings: file.findings().cloned().collect(),
        }))
    }

    fn names(&self, directory: &str) -> Result<Vec<String>> {
        let listed = self.files().list(directory.as_bytes().as_bstr())?;
        let names = listed
            .iter()
            .map(|(name, _)| name.to_str_lossy().into_owned());
        Ok(names.collect())
    }
}
