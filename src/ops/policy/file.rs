use std::sync::Arc;

use indexmap::IndexMap;

use super::model::Policy;
use super::read::Reader;
use super::rules::POLICY_INVALID;
use crate::config::{Manifest, ParsedFile, Snapshot, UNKNOWN_ENVIRONMENT};
use crate::error::Result;
use crate::git::FileKind;
use crate::report::{Finding, Location};
use crate::text::{Source, nearest};

/// The published JSON Schema of the policy.
pub const POLICY_SCHEMA: &str = include_str!("policy.schema.json");

/// The policy, at the root of the configuration repository.
pub const POLICY: &str = "policy.yaml";

impl Policy {
    /// Reads the policy of a tree; none where it has none.
    ///
    /// # Errors
    ///
    /// When the tree cannot be read.
    pub fn read(tree: &Snapshot) -> Result<Option<Self>> {
        let Some(entry) = tree.files().entry(POLICY.into())? else {
            return Ok(None);
        };
        // A link could be led to another file without a change of this one.
        let is_file = matches!(entry.kind, FileKind::File | FileKind::Executable);
        let file = match is_file {
            true => tree.file(POLICY.into())?,
            false => None,
        };
        Ok(Some(match file {
            Some(file) => Self::of(&file),
            None => {
                let mut source = Source::new(POLICY, String::new());
                if let Some(label) = tree.label() {
                    source = source.at_revision(label);
                }
                let mut policy = Self::empty(&Arc::new(source));
                let at = Location::file(&policy.source);
                let message = format!("`{POLICY}` is no file, so nothing is allowed");
                let finding = Finding::new(&POLICY_INVALID, message, at);
                policy.findings.push(finding);
                policy
            }
        }))
    }

    fn empty(source: &Arc<Source>) -> Self {
        Self {
            source: Arc::clone(source),
            repository: None,
            roles: IndexMap::new(),
            bindings: Vec::new(),
            protections: Vec::new(),
            agreements: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Reads a file. What is wrong with it comes as findings, and then nothing is allowed.
    #[must_use]
    pub fn of(file: &ParsedFile) -> Self {
        let mut policy = Self::empty(&file.source);
        let mut findings: Vec<Finding> = file.findings().cloned().collect();
        match file.documents() {
            [document] if file.is_sound() => {
                let mut reader = Reader {
                    source: &file.source,
                    findings: &mut findings,
                };
                reader.root(&document.root, &mut policy);
            }
            documents if file.is_sound() => {
                let message = match documents.len() {
                    0 => "the policy is empty, so nothing is allowed".to_owned(),
                    count => format!("the policy holds {count} documents, where one is meant"),
                };
                let at = Location::file(&file.source);
                findings.push(Finding::new(&POLICY_INVALID, message, at));
            }
            _ => {}
        }
        for finding in &mut findings {
            finding.rule = &POLICY_INVALID;
            finding.severity = POLICY_INVALID.severity;
        }
        policy.findings = findings;
        policy
    }

    /// Says what is wrong with it, also beside a manifest.
    #[must_use]
    pub fn faults(&self, manifest: Option<&Manifest>) -> Vec<Finding> {
        let mut findings = self.findings.clone();
        if let Some(manifest) = manifest {
            findings.extend(self.unknown_environments(manifest));
        }
        findings
    }

    /// Says where the policy names environments that the manifest does not have.
    #[must_use]
    pub fn unknown_environments(&self, manifest: &Manifest) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (scope, location) in self.scopes() {
            for name in scope.environments.iter().filter(|it| !it.contains('*')) {
                if manifest.environments.contains_key(name) {
                    continue;
                }
                let message = format!("there is no environment `{name}`");
                let finding = Finding::new(&UNKNOWN_ENVIRONMENT, message, location.clone());
                let near = nearest(name, manifest.environment_names());
                findings.push(match near.first() {
                    Some(near) => finding.with_help(format!("did you mean `{near}`?")),
                    None => finding.with_help("declare it in `strata.yaml`, or take it out here"),
                });
            }
        }
        findings
    }
}

/// Says what is wrong with the policy of a tree, if it has one.
///
/// # Errors
///
/// When the tree cannot be read.
pub fn faults(tree: &Snapshot, manifest: Option<&Manifest>) -> Result<Vec<Finding>> {
    let policy = Policy::read(tree)?;
    Ok(policy.map_or_else(Vec::new, |it| it.faults(manifest)))
}
