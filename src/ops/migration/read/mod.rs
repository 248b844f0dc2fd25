//! Files into migrations, and what is wrong with them, each at its line.

mod condition;
mod form;
mod operation;
mod value;

use std::sync::Arc;

use semver::{Version, VersionReq};
use smol_str::{SmolStr, ToSmolStr};

use super::step::{About, Migration, OPERATIONS, Operation, Step};
use crate::config::ParsedFile;
use crate::config::fields::{Fields, INVALID_VALUE, UNKNOWN_KEY};
use crate::document::{Map, Value};
use crate::report::{Finding, Location};
use crate::text::{Pointer, Source, Span, nearest};

/// The most steps of one file; a document is walked once for each.
const MAX_STEPS: usize = 10_000;

/// Reads the files of migrations.
pub(super) struct Reader<'a> {
    source: &'a Arc<Source>,
    version: SmolStr,
    steps: usize,
    pub findings: Vec<Finding>,
}

/// One map of a file: its keys, and where it stands.
pub(super) struct Item<'a> {
    pub map: &'a Map,
    pub pointer: Pointer,
    pub value: &'a Value,
}

impl Migration {
    /// Reads the version that a file's name says: `migrations/2.0.0.yaml` carries to 2.0.0.
    #[must_use]
    pub fn version_of(path: &str) -> Option<Version> {
        let name = path.rsplit('/').next()?;
        let (stem, extension) = name.rsplit_once('.')?;
        if !["yaml", "yml", "json", "jsonc", "toml"].contains(&extension) {
            return None;
        }
        Version::parse(stem.strip_prefix('v').unwrap_or(stem)).ok()
    }

    /// Reads a file. What is wrong with it comes as findings; none is left out where there is any
    /// of the severity error.
    #[must_use]
    pub fn read(file: &ParsedFile) -> (Option<Self>, Vec<Finding>) {
        let mut findings: Vec<Finding> = file.findings().cloned().collect();
        let Some(document) = file.documents().first().filter(|_| file.is_sound()) else {
            return (None, findings);
        };
        let location = Location::file(&file.source);
        let path = file.path.to_string();
        let Some(version) = Self::version_of(&path) else {
            let message = format!("`{path}` is not named after the version that it carries to");
            let finding = Finding::new(&INVALID_VALUE, message, location);
            findings.push(finding.with_help("name it like `migrations/2.0.0.yaml`"));
            return (None, findings);
        };
        if let Some(second) = file.documents().get(1) {
            let place = Location::new(&file.source, second.root.span);
            let message = "a migration is one document, and this is a second";
            findings.push(Finding::new(&INVALID_VALUE, message, place));
        }
        let mut reader = Reader {
            source: &file.source,
            version: version.to_smolstr(),
            steps: 0,
            findings: Vec::new(),
        };
        let migration = reader.migration(version, &document.root, location);
        findings.append(&mut reader.findings);
        let broken = findings
            .iter()
            .any(|finding| finding.severity == crate::report::Severity::Error);
        (migration.filter(|_| !broken), findings)
    }
}

impl<'a> Reader<'a> {
    fn migration(
        &mut self,
        version: Version,
        root: &'a Value,
        location: Location,
    ) -> Option<Migration> {
        let mut fields = Fields::new(self.source, Pointer::root(), root, &mut self.findings);
        root.as_object()?;
        match fields.value("strata-migration") {
            None => self
                .findings
                .push(fields.missing("strata-migration", "strata-migration: 1")),
            Some(one) if one.as_number().and_then(|n| n.to_i64()) == Some(1) => {}
            Some(other) => self.findings.push(
                Finding::new(
                    &INVALID_VALUE,
                    "`strata-migration` names a version that this program does not know",
                    Location::new(self.source, other.span)
                        .with_pointer(Pointer::root().join("strata-migration")),
                )
                .with_help("write `strata-migration: 1`, or use a newer `git strata`"),
            ),
        }
        let description = fields.text("description", &mut self.findings);
        let from = fields.text("from", &mut self.findings);
        let from = from.and_then(|from| match VersionReq::parse(&from) {
            Ok(wanted) => Some(wanted),
            Err(error) => {
                let at = root.get("from").map_or(root.span, |value| value.span);
                let message = format!("`from` is no range of versions: {error}");
                let place = Location::new(self.source, at);
                let finding = Finding::new(&INVALID_VALUE, message, place);
                self.findings
                    .push(finding.with_help("write it like `\">=1.0.0\"`"));
                None
            }
        });
        let schema = fields.text("schema", &mut self.findings);
        let steps = fields.value("steps");
        if steps.is_none() {
            let missing = fields.missing("steps", "steps: []");
            self.findings.push(missing);
        }
        fields.finish(&mut self.findings);
        let steps = self.steps(steps?, &Pointer::root().join("steps"))?;
        Some(Migration {
            version,
            description: description.map(String::from),
            from,
            schema: schema.map(String::from),
            steps,
            location,
        })
    }

    /// Reads a list of steps; none where any is wrong.
    pub(super) fn steps(&mut self, value: &'a Value, pointer: &Pointer) -> Option<Vec<Step>> {
        let Some(items) = value.as_array() else {
            self.wrong(value, pointer, "must be a list of steps");
            return None;
        };
        let mut steps = Vec::with_capacity(items.len());
        let mut whole = true;
        for (index, item) in items.iter().enumerate() {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                self.wrong(value, pointer, &format!("has more than {MAX_STEPS} steps"));
                return None;
            }
            match self.step(index, item, pointer.join(index.to_smolstr())) {
                Some(step) => steps.push(step),
                None => whole = false,
            }
        }
        whole.then_some(steps)
    }

    fn step(&mut self, index: usize, value: &'a Value, pointer: Pointer) -> Option<Step> {
        let Some(map) = value.as_object() else {
            self.wrong(
                value,
                &pointer,
                "must be a step, such as `rename: a` with `to: b`",
            );
            return None;
        };
        let item = Item {
            map,
            pointer,
            value,
        };
        let name = self.operation_name(&item)?;
        let why = self.text(&item, "why");
        let location = Location::new(self.source, item.map.entry(name)?.key)
            .with_pointer(item.pointer.clone());
        let about = About {
            version: self.version.clone(),
            number: index + 1,
            operation: name,
            why: why.map(|why| Arc::from(why.as_str())),
            location,
        };
        let before = self.findings.len();
        let mut known = vec![name, "why", "inverse"];
        let operation = self.operation(name, &item, &mut known);
        let when = match (name, item.map.get("when")) {
            ("when", _) | (_, None) => None,
            (_, Some(when)) => {
                known.push("when");
                self.condition(when, &item.pointer.join("when"))
            }
        };
        let inverse = item
            .map
            .get("inverse")
            .map(|steps| self.steps(steps, &item.pointer.join("inverse")));
        self.unknown(&item, &known);
        // A fault in a step is told; the step is then none.
        let is_whole = self.findings.len() == before;
        Some(Step {
            about: Arc::new(about),
            operation: operation.filter(|_| is_whole)?,
            when,
            inverse: inverse.flatten(),
        })
    }

    /// Finds out what a step does.
    fn operation_name(&mut self, item: &Item<'a>) -> Option<&'static str> {
        let named: Vec<&'static str> = OPERATIONS
            .into_iter()
            .filter(|name| item.map.contains_key(name))
            .collect();
        let others: Vec<&'static str> = named.iter().copied().filter(|n| *n != "when").collect();
        match (&others[..], &named[..]) {
            ([one], _) | ([], [one]) => Some(one),
            ([], _) => {
                let near = item.map.keys().find_map(|key| {
                    let near = nearest(key, OPERATIONS);
                    near.first().map(|near| (key.clone(), *near))
                });
                let (key, near) = match near {
                    Some((key, near)) => (Some(key), Some(near)),
                    None => (item.map.keys().next().cloned(), None),
                };
                let place = key.as_ref().and_then(|key| item.map.entry(key));
                let span = place.map_or(item.value.span, |entry| entry.key);
                let message = match &key {
                    Some(key) => format!("no step does `{key}`"),
                    None => "a step must do something".to_owned(),
                };
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("a step is one of {}", quoted(&OPERATIONS)),
                };
                self.push(&UNKNOWN_KEY, span, &item.pointer, message, Some(help));
                None
            }
            (several, _) => {
                let message = format!("a step does one thing, and this does {}", quoted(several));
                let help = "make a step of each, in the order wanted".to_owned();
                self.push(
                    &INVALID_VALUE,
                    item.value.span,
                    &item.pointer,
                    message,
                    Some(help),
                );
                None
            }
        }
    }

    /// Says of every key that nothing reads it.
    pub(super) fn unknown(&mut self, item: &Item<'a>, known: &[&'static str]) {
        for (key, entry) in item.map.entries() {
            if known.contains(&key.as_str()) || key.starts_with("x-") {
                continue;
            }
            let near = nearest(key, known.iter().copied());
            let help = match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here are {}", quoted(known)),
            };
            let message = format!("nothing reads the key `{key}`");
            let pointer = item.pointer.join(key.clone());
            self.push(&UNKNOWN_KEY, entry.key, &pointer, message, Some(help));
        }
    }

    pub(super) fn wrong(&mut self, value: &Value, pointer: &Pointer, what: &str) {
        let name = match pointer.last() {
            Some(name) if name.parse::<usize>().is_err() => format!("`{name}`"),
            _ => "this".to_owned(),
        };
        let message = format!("{name} {what}");
        self.push(&INVALID_VALUE, value.span, pointer, message, None);
    }

    pub(super) fn push(
        &mut self,
        rule: &'static crate::report::Rule,
        span: Span,
        pointer: &Pointer,
        message: String,
        help: Option<String>,
    ) {
        let location = Location::new(self.source, span).with_pointer(pointer.clone());
        let mut finding = Finding::new(rule, message, location);
        finding.help = help;
        self.findings.push(finding);
    }
}

pub(super) fn quoted(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

impl Step {
    /// Makes a step that does what another undoes.
    pub(super) fn undoing(&self, operation: Operation) -> Self {
        Self {
            about: Arc::clone(&self.about),
            operation,
            when: self.when.clone(),
            inverse: None,
        }
    }
}
