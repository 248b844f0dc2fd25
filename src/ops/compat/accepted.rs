//! Breaks that people agreed to: a file says which, why, who, and until when.

use serde::Serialize;

use super::compare::Change;
use super::rules;
use crate::Result;
use crate::config::fields::{Fields, INVALID_VALUE};
use crate::config::{ParsedFile, Snapshot};
use crate::report::{Finding, Location, Severity};
use crate::text::{Date, Pointer, nearest};

/// The file of accepted breaks, where the manifest names no other.
pub const ACCEPTED_BREAKS: &str = "accepted-breaks.yaml";

/// The published JSON Schema of the file of accepted breaks.
pub const ACCEPTED_BREAKS_SCHEMA: &str = include_str!("accepted.schema.json");

/// One break that people agreed to.
#[derive(Clone, Debug, Serialize)]
pub struct AcceptedBreak {
    /// The rule that names it.
    #[serde(skip)]
    pub rule: String,
    /// The schema that it stands in.
    #[serde(skip)]
    pub schema: String,
    /// The place in a configuration, as the change gives it.
    #[serde(skip)]
    pub path: Pointer,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it is accepted.
    pub expires: Date,
    /// Where that is written.
    #[serde(skip)]
    pub location: Location,
}

/// The breaks that people agreed to, as a file of the repository has them.
#[derive(Clone, Debug, Default)]
pub struct AcceptedBreaks {
    /// The entries, in the order written.
    pub entries: Vec<AcceptedBreak>,
    /// What is wrong with the file.
    pub findings: Vec<Finding>,
}

impl AcceptedBreaks {
    /// Reads the file of a tree; nothing is accepted where there is none.
    ///
    /// # Errors
    ///
    /// When the tree cannot be read.
    pub fn read(tree: &Snapshot, path: &str) -> Result<Self> {
        Ok(match tree.file(path.into())? {
            Some(file) => Self::of(&file),
            None => Self::default(),
        })
    }

    /// Reads a file.
    #[must_use]
    pub fn of(file: &ParsedFile) -> Self {
        let mut accepted = Self {
            entries: Vec::new(),
            findings: file.findings().cloned().collect(),
        };
        let Some(document) = file.documents().first().filter(|_| file.is_sound()) else {
            return accepted;
        };
        let findings = &mut accepted.findings;
        if document.root.is_null() {
            return accepted;
        }
        let mut fields = Fields::new(&file.source, Pointer::root(), &document.root, findings);
        let breaks = fields.value("breaks");
        fields.finish(findings);
        let list = Pointer::root().join("breaks");
        let Some(breaks) = breaks else {
            return accepted;
        };
        let Some(items) = breaks.as_array() else {
            let message = "`breaks` must be a list of accepted breaks";
            let location = Location::new(&file.source, breaks.span).with_pointer(list);
            findings.push(Finding::new(&INVALID_VALUE, message, location));
            return accepted;
        };
        for (index, item) in items.iter().enumerate() {
            let pointer = list.join(index.to_string());
            let location = Location::new(&file.source, item.span).with_pointer(pointer.clone());
            let mut fields = Fields::new(&file.source, pointer, item, findings);
            if item.as_object().is_none() {
                continue;
            }
            let before = findings.len();
            let mut said = |key: &'static str, example: &str| {
                let text = fields.text(key, findings);
                if text.is_none() && fields.value(key).is_none() {
                    findings.push(fields.missing(key, example));
                }
                text.unwrap_or_default().to_string()
            };
            let rule = said("rule", "rule: option-removed-rejected");
            let schema = said("schema", "schema: schema/app.yaml");
            let reason = said("reason", "reason: nobody sets it");
            let expires = said("expires", "expires: 2030-12-31").parse::<Date>();
            let path = fields.text("path", findings).unwrap_or_default();
            let owner = fields.text("owner", findings).map(String::from);
            let whole = findings.len() == before;
            fields.finish(findings);
            let wrong = |message: String| Finding::new(&INVALID_VALUE, message, location.clone());
            let path = path.parse::<Pointer>().map_err(|error| error.to_string());
            match (path, expires) {
                (Ok(path), Ok(expires)) if whole => {
                    if rules::find(&rule).is_none() {
                        let ids = rules::CATALOGUE.iter().map(|rule| rule.id());
                        let near = nearest(&rule, ids);
                        let finding = wrong(format!("there is no rule `{rule}`"));
                        findings.push(match near.first() {
                            Some(near) => finding.with_help(format!("did you mean `{near}`?")),
                            None => finding,
                        });
                        continue;
                    }
                    accepted.entries.push(AcceptedBreak {
                        rule,
                        schema,
                        path,
                        reason,
                        owner,
                        expires,
                        location,
                    });
                }
                (Err(message), _) | (_, Err(message)) if whole => findings.push(wrong(message)),
                _ => {}
            }
        }
        accepted
    }

    /// Marks the changes of a schema that are accepted, and gives the entries that were over.
    /// `used` takes the entries that any change matched.
    pub(super) fn mark(
        &self,
        schema: &str,
        changes: &mut [Change],
        today: Option<Date>,
        used: &mut [bool],
    ) -> Vec<Finding> {
        let mut over = Vec::new();
        for change in changes {
            if change.severity() < Severity::Error {
                continue;
            }
            for (index, entry) in self.entries.iter().enumerate() {
                if !entry.is_about(schema, change) {
                    continue;
                }
                used[index] = true;
                if today.is_some_and(|today| today > entry.expires) {
                    let message = format!(
                        "`{}` at `{}` was accepted until {}",
                        entry.rule,
                        entry.path.dotted(),
                        entry.expires
                    );
                    let rule = &rules::ACCEPTED_BREAK_EXPIRED.rule;
                    over.push(
                        Finding::new(rule, message, entry.location.clone())
                            .with_help("take the break back, or agree on another day"),
                    );
                } else {
                    change.accepted = Some(entry.clone());
                }
            }
        }
        over
    }
}

impl AcceptedBreak {
    pub(super) fn is_about(&self, schema: &str, change: &Change) -> bool {
        self.schema == schema
            && self.rule == change.rule.id()
            && (self.path == change.pointer || change.also_at.contains(&self.path))
    }

    pub(super) fn stale(&self) -> Finding {
        let message = format!(
            "no change of `{}` is `{}` at `{}` any more",
            self.schema,
            self.rule,
            self.path.dotted()
        );
        Finding::new(
            &rules::ACCEPTED_BREAK_STALE.rule,
            message,
            self.location.clone(),
        )
        .with_help("delete the entry")
    }
}
