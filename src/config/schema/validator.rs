use std::sync::Arc;

use jsonschema::{Draft, Registry, ValidationError};

use super::bundle::File;
use super::constraint::Constraints;
use super::deep::deep;
use super::explain::Explainer;
use super::json::{self, Naming, Places};
use super::rule::SCHEMA_INVALID;
use super::{Dialect, PathMap, Schema, annotations, requires, sealed};
use crate::document::{Kind, Value};
use crate::report::{Finding, Location};
use crate::text::Pointer;

/// The most faults of one value that are told.
const MAX_FINDINGS: usize = 500;

/// The most schemas that may lead on from one to the next about the same value.
const MAX_CHAIN: usize = 5_000;

/// The most references that a schema may have.
const MAX_REFERENCES: usize = 50_000;

/// The most steps of recursion for which any stack is large enough.
const MAX_STEPS: usize = 120;

/// The deepest rule for which any stack is large enough.
const MAX_DEPTH: usize = 24;

/// A schema, ready to hold values against it.
#[derive(Clone, Debug)]
pub struct Validator {
    schema: Schema,
    compiled: Arc<jsonschema::Validator>,
    places: Arc<Places>,
    secrets: Arc<PathMap<()>>,
    constraints: Arc<Constraints>,
    findings: Arc<Vec<Finding>>,
}

/// Says whether a `format` is checked or only tells the reader something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Formats {
    /// Nothing is checked.
    #[default]
    Annotate,
    /// Formats that are known are checked.
    Assert,
}

impl Validator {
    /// Makes a schema ready; formats are not checked.
    ///
    /// # Errors
    ///
    /// The findings about a schema that is itself invalid, each at its own line in it.
    pub fn compile(schema: &Schema) -> Result<Self, Vec<Finding>> {
        Self::compile_with(schema, Formats::Annotate)
    }

    /// Makes a schema ready, and says whether formats are checked.
    ///
    /// # Errors
    ///
    /// The findings about a schema that is itself invalid, each at its own line in it.
    pub fn compile_with(schema: &Schema, formats: Formats) -> Result<Self, Vec<Finding>> {
        Self::compile_as(schema, formats, Naming::Full)
    }

    /// Makes a schema ready only to say which values are valid: that takes less time and memory,
    /// and of two keywords that say one thing together a fault may name the other.
    ///
    /// # Errors
    ///
    /// The findings about a schema that is itself invalid, each at its own line in it.
    pub(crate) fn compile_to_judge(
        schema: &Schema,
        formats: Formats,
    ) -> Result<Self, Vec<Finding>> {
        Self::compile_as(schema, formats, Naming::Bare)
    }

    fn compile_as(schema: &Schema, formats: Formats, naming: Naming) -> Result<Self, Vec<Finding>> {
        deep(|| {
            let compiled = compile(schema, formats, naming)?;
            let (constraints, mut findings) = Constraints::compile(schema);
            findings.extend(annotations::check(schema));
            findings.extend(requires::check(schema));
            Ok(Self {
                schema: schema.clone(),
                compiled: Arc::new(compiled),
                places: Arc::new(json::places(schema)),
                secrets: Arc::new(schema.secrets()),
                constraints: Arc::new(constraints),
                findings: Arc::new(findings),
            })
        })
    }

    /// Gives the faults of the schema that do not keep it from being used: rules that cannot be
    /// read, annotations that nobody knows.
    #[must_use]
    pub fn schema_findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Gives the schema.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Says whether a value holds to the schema, rules in `x-validations` left out.
    #[must_use]
    pub fn is_valid(&self, value: &Value) -> bool {
        self.with_room(value, || self.compiled.is_valid(&value.to_json()))
    }

    /// Holds a value against the schema.
    ///
    /// `old` is what the value was before, for rules that compare; `locate` says where a place of
    /// the value stands in the user's files.
    #[must_use]
    pub fn validate(
        &self,
        value: &Value,
        old: Option<&Value>,
        locate: &(dyn Fn(&Pointer) -> Location + Sync),
    ) -> Vec<Finding> {
        self.with_room(value, || {
            let json = value.to_json();
            let explainer = Explainer {
                schema: Some(&self.schema),
                places: &self.places,
                secrets: &self.secrets,
                value,
                locate,
            };
            let mut findings = Vec::new();
            let mut sealed = None;
            for error in self.compiled.iter_errors(&json) {
                let sealed = sealed.get_or_insert_with(|| sealed::places(value));
                let told = explainer.explain(&error).into_iter();
                findings.extend(told.filter(|finding| !sealed::may_excuse(sealed, finding)));
                if findings.len() >= MAX_FINDINGS {
                    break;
                }
            }
            // A value of the wrong shape makes rules about it fail for reasons already told.
            if findings.is_empty() {
                let told = self.constraints.check(value, old, &self.secrets, locate);
                findings.extend(told);
            }
            crate::report::sort_findings(&mut findings);
            findings.truncate(MAX_FINDINGS);
            findings
        })
    }

    /// Runs what recurses over a value and the schema together, on a stack that is large enough.
    fn with_room<T: Send>(&self, value: &Value, work: impl FnOnce() -> T + Send) -> T {
        let steps = self.schema.chain.saturating_mul(depth(value) + 2);
        if steps <= MAX_STEPS && self.constraints.depth() <= MAX_DEPTH {
            return work();
        }
        deep(work)
    }
}

/// Counts how deep lists and maps stand in each other.
fn depth(value: &Value) -> usize {
    let deepest = match &value.kind {
        Kind::Array(items) => items.iter().map(depth).max(),
        Kind::Object(map) => map.values().map(depth).max(),
        _ => None,
    };
    deepest.map_or(0, |depth| depth + 1)
}

fn draft(dialect: Dialect) -> Draft {
    match dialect {
        Dialect::Draft4 => Draft::Draft4,
        Dialect::Draft6 => Draft::Draft6,
        Dialect::Draft7 => Draft::Draft7,
        Dialect::Draft201909 => Draft::Draft201909,
        Dialect::Draft202012 => Draft::Draft202012,
    }
}

fn compile(
    schema: &Schema,
    formats: Formats,
    naming: Naming,
) -> Result<jsonschema::Validator, Vec<Finding>> {
    let mut findings: Vec<Finding> = too_large(schema).into_iter().collect();
    if !findings.is_empty() {
        return Err(findings);
    }
    let mut files = Vec::new();
    for (path, file) in schema.files.iter() {
        let json = json::of_file(schema, path, file, naming);
        findings.extend(check_language(file, &json));
        files.push((path, file, json));
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    build(schema, &files, formats, naming).map_err(|error| {
        let patterns = check_patterns(schema);
        if patterns.is_empty() {
            return vec![uncompilable(schema, &error)];
        }
        patterns
    })
}

/// Says whether a schema refers more often, or further, than can be followed in good time.
fn too_large(schema: &Schema) -> Option<Finding> {
    let references: usize = schema.files.values().map(|file| file.links.len()).sum();
    if schema.chain <= MAX_CHAIN && references <= MAX_REFERENCES {
        return None;
    }
    let message = if schema.chain > MAX_CHAIN {
        format!("more than {MAX_CHAIN} schemas in a row lead from one to the next")
    } else {
        format!("the schema has more than {MAX_REFERENCES} references")
    };
    let location = schema.root().location();
    Some(Finding::new(&SCHEMA_INVALID, message, location))
}

fn build(
    schema: &Schema,
    files: &[(&String, &File, serde_json::Value)],
    formats: Formats,
    naming: Naming,
) -> Result<jsonschema::Validator, Box<ValidationError<'static>>> {
    let dialect = schema.dialect();
    let mut registry = Registry::new().draft(draft(dialect));
    let mut root = &serde_json::Value::Null;
    for (path, file, json) in files {
        if **path == schema.root {
            root = json;
            continue;
        }
        let resource = draft(file.dialect).create_resource(json.clone());
        let added = registry.add(naming.of_file(path), resource);
        registry = added.map_err(|error| Box::new(error.into()))?;
    }
    let registry = registry.prepare().map_err(|error| Box::new(error.into()))?;
    jsonschema::options()
        .with_draft(draft(dialect))
        .with_registry(&registry)
        .with_base_uri(naming.of_file(&schema.root))
        .should_validate_formats(formats == Formats::Assert)
        .offline()
        .build(root)
        .map_err(Box::new)
}

/// Holds a file, and the places in it that only references make schemas, against the schema of
/// its own language.
fn check_language(file: &File, json: &serde_json::Value) -> Vec<Finding> {
    let meta = match file.dialect {
        Dialect::Draft4 => jsonschema::draft4::meta::validator(),
        Dialect::Draft6 => jsonschema::draft6::meta::validator(),
        Dialect::Draft7 => jsonschema::draft7::meta::validator(),
        Dialect::Draft201909 => jsonschema::draft201909::meta::validator(),
        Dialect::Draft202012 => jsonschema::draft202012::meta::validator(),
    };
    let document = &file.document;
    let mut findings = Vec::new();
    for place in std::iter::once(&Pointer::root()).chain(&file.extra) {
        let (Some(part), Some(value)) = (json.pointer(&place.to_string()), document.root.at(place))
        else {
            continue;
        };
        // Finding no fault is quicker than telling the faults.
        if meta.is_valid(part) {
            continue;
        }
        let locate = |pointer: &Pointer| {
            let tokens = place.tokens().iter().chain(pointer.tokens()).cloned();
            let pointer = Pointer::from_tokens(tokens);
            Location::new(&document.source, document.root.place(&pointer)).with_pointer(pointer)
        };
        let explainer = Explainer {
            schema: None,
            places: &Places::new(),
            secrets: &PathMap::empty(),
            value,
            locate: &locate,
        };
        for error in meta.iter_errors(part).take(MAX_FINDINGS) {
            findings.extend(explainer.explain(&error).into_iter().map(|mut finding| {
                let at = finding.location.pointer.as_ref().map(Pointer::tokens);
                if finding.message.starts_with("must ") {
                    match at {
                        Some([.., list, item]) if item.parse::<usize>().is_ok() => {
                            let message = format!("each of `{list}` {}", finding.message);
                            finding.message = message;
                        }
                        Some([.., keyword]) => {
                            finding.message = format!("`{keyword}` {}", finding.message);
                        }
                        _ => {}
                    }
                }
                finding.rule = &SCHEMA_INVALID;
                finding
            }));
        }
    }
    findings
}

/// Finds regular expressions that are none.
fn check_patterns(schema: &Schema) -> Vec<Finding> {
    let mut findings = Vec::new();
    schema.each_node(&mut |node| {
        let mut check = |pattern: &str, location: Location| {
            if is_pattern(pattern) {
                return;
            }
            let message = format!(
                "`{}` is no regular expression that can be used",
                super::words::clip(pattern)
            );
            findings.push(Finding::new(&SCHEMA_INVALID, message, location));
        };
        if let Some(pattern) = node.get("pattern")
            && let Some(text) = pattern.value.as_str()
        {
            check(text, pattern.value_location());
        }
        if let Some(patterns) = node.get("patternProperties")
            && let Some(map) = patterns.value.as_object()
        {
            for name in map.keys() {
                if let Some(node) = patterns.get(name) {
                    check(name, node.location());
                }
            }
        }
    });
    findings
}

fn is_pattern(pattern: &str) -> bool {
    let schema = serde_json::json!({ "pattern": pattern });
    jsonschema::options().offline().build(&schema).is_ok()
}

/// Says why a schema that its language admits cannot be used all the same.
fn uncompilable(schema: &Schema, error: &ValidationError<'_>) -> Finding {
    let pointer = error.schema_path().as_str().parse().unwrap_or_default();
    let node = schema
        .node(&schema.root, &pointer)
        .unwrap_or_else(|| schema.root());
    Finding::new(
        &SCHEMA_INVALID,
        format!("the schema cannot be used: {error}"),
        node.location(),
    )
}
