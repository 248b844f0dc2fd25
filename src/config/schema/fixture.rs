//! Schemas and values in memory, and findings as text, for tests.

use std::fmt::Write;
use std::sync::Arc;

use super::{Loaded, Loader, Schema, Validator};
use crate::Result;
use crate::document::{Document, Format, parse};
use crate::report::{Finding, Location, sort_findings};
use crate::text::{Pointer, Source};

/// Files by path.
pub(super) struct Memory(pub Vec<(&'static str, String)>);

impl Memory {
    pub(super) fn new(files: &[(&'static str, &str)]) -> Self {
        Self(
            files
                .iter()
                .map(|(path, text)| (*path, (*text).to_owned()))
                .collect(),
        )
    }

    /// Loads the schema that starts at the first file.
    pub(super) fn load(&self) -> (Option<Schema>, Vec<Finding>) {
        Schema::load(self, self.0[0].0).expect("the first file is there")
    }
}

impl Loader for Memory {
    fn load(&self, path: &str) -> Result<Option<Loaded>> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        Ok(found.map(|(name, text)| {
            let source = Arc::new(Source::new(*name, text.as_str()));
            let format = Format::of_path(name).expect("a document");
            let parsed = parse(&source, format);
            Loaded {
                document: parsed.documents.into_iter().next().map(Arc::new),
                findings: parsed.findings,
            }
        }))
    }

    fn names(&self, directory: &str) -> Result<Vec<String>> {
        let inside = |path: &str| {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            (parent == directory).then(|| name.to_owned())
        };
        Ok(self.0.iter().filter_map(|(path, _)| inside(path)).collect())
    }
}

/// Reads a document named `app.yaml`.
pub(super) fn document(text: &str) -> Document {
    let source = Arc::new(Source::new("app.yaml", text));
    let mut documents = parse(&source, Format::Yaml).documents;
    documents.pop().expect("a document")
}

/// Loads a schema of one file.
pub(super) fn schema(text: &str) -> Schema {
    let (schema, findings) = Memory::new(&[("schema.yaml", text)]).load();
    assert!(findings.is_empty(), "{}", tell(findings));
    schema.expect("a schema")
}

/// Holds one document against a schema, given what it was before.
pub(super) fn check_after(schema: &str, old: Option<&str>, text: &str) -> String {
    let validator = match Validator::compile(&self::schema(schema)) {
        Ok(validator) => validator,
        Err(findings) => return tell(findings),
    };
    let old = old.map(document);
    let document = document(text);
    let locate = |pointer: &Pointer| {
        Location::new(&document.source, document.root.place(pointer)).with_pointer(pointer.clone())
    };
    let mut findings = validator.schema_findings().to_vec();
    findings.extend(validator.validate(
        &document.root,
        old.as_ref().map(|old| &*old.root),
        &locate,
    ));
    tell(findings)
}

/// Holds one document against a schema.
pub(super) fn check(schema: &str, text: &str) -> String {
    check_after(schema, None, text)
}

/// Writes findings down.
pub(super) fn tell(mut findings: Vec<Finding>) -> String {
    sort_findings(&mut findings);
    let place = |at: &Location| {
        let start = at.start();
        format!("{}:{}:{}", at.source.name(), start.line, start.column)
    };
    let mut out = String::new();
    for finding in &findings {
        let Finding {
            rule,
            severity,
            message,
            location,
            ..
        } = finding;
        let _ = writeln!(
            out,
            "{severity}[{}] {}: {message}",
            rule.id,
            place(location)
        );
        for related in &finding.related {
            let _ = writeln!(out, "  {}: {}", place(related), related.label);
        }
        if let Some(help) = &finding.help {
            let _ = writeln!(out, "  help: {help}");
        }
    }
    out
}
