//! What looks like a secret and may stand where it stands: `secrets-allowed.yaml`.

use super::rules::{EXPIRED_ALLOWANCE, KEY_MATERIAL, LIKELY_SECRET, UNUSED_ALLOWANCE};
use crate::Result;
use crate::config::fields::{Fields, INVALID_VALUE};
use crate::config::{Globs, ParsedFile, Snapshot};
use crate::document::Value;
use crate::report::{Finding, Location};
use crate::text::{Date, KeyPattern, Pointer};

/// The file that says what is allowed.
pub const SECRETS_ALLOWED: &str = "secrets-allowed.yaml";

/// The published JSON Schema of that file.
pub const SECRETS_ALLOWED_SCHEMA: &str = include_str!("allowed.schema.json");

/// What looks like a secret and is allowed, with the reasons.
#[derive(Clone, Debug, Default)]
pub struct Allowances {
    pub(super) entries: Vec<Allowance>,
    /// What is wrong with the file.
    pub(super) findings: Vec<Finding>,
    today: Option<Date>,
}

/// One entry. It is about what all of its parts are about.
#[derive(Clone, Debug)]
pub(super) struct Allowance {
    /// The files, as written.
    pub(super) path: Option<String>,
    files: Globs,
    pub(super) key: Option<KeyPattern>,
    pub(super) rule: Option<String>,
    pub(super) fingerprint: Option<String>,
    pub(super) reason: String,
    pub(super) until: Option<Date>,
    location: Location,
}

/// Something that looks like a secret, as far as an entry asks.
pub(super) struct Asked<'a> {
    pub(super) path: &'a str,
    pub(super) pointer: Option<&'a Pointer>,
    pub(super) rule: &'a str,
    pub(super) fingerprint: &'a str,
}

impl Allowances {
    /// Says what is wrong with the file, and which of its entries are over.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Reads what a tree allows; nothing, where it has no such file.
    ///
    /// Without a day, no entry is over.
    ///
    /// # Errors
    ///
    /// When the tree cannot be read.
    pub fn read(tree: &Snapshot, today: Option<Date>) -> Result<Self> {
        let mut read = match tree.file(SECRETS_ALLOWED.into())? {
            Some(file) => Self::of(&file),
            None => Self::default(),
        };
        read.today = today;
        Ok(read)
    }

    /// Reads a file.
    #[must_use]
    pub fn of(file: &ParsedFile) -> Self {
        let mut read = Self {
            findings: file.findings().cloned().collect(),
            ..Self::default()
        };
        let Some(document) = file.documents().first().filter(|_| file.is_sound()) else {
            return read;
        };
        if document.root.is_null() {
            return read;
        }
        let findings = &mut read.findings;
        let mut fields = Fields::new(&file.source, Pointer::root(), &document.root, findings);
        let allowed = fields.value("allowed");
        fields.finish(findings);
        let Some(allowed) = allowed else { return read };
        let list = Pointer::root().join("allowed");
        let Some(items) = allowed.as_array() else {
            let location = Location::new(&file.source, allowed.span).with_pointer(list);
            let message = "`allowed` must be a list, one `- path: …` an entry";
            findings.push(Finding::new(&INVALID_VALUE, message, location));
            return read;
        };
        for (index, item) in items.iter().enumerate() {
            let entry = entry(file, list.join(index.to_string()), item, findings);
            read.entries.extend(entry);
        }
        read
    }

    /// Finds the entry that allows something.
    pub(super) fn entry_for(&self, asked: &Asked<'_>) -> Option<usize> {
        let is_about = |entry: &Allowance| !self.is_over(entry) && entry.is_about(asked);
        self.entries.iter().position(is_about)
    }

    fn is_over(&self, entry: &Allowance) -> bool {
        let days = entry.until.zip(self.today);
        days.is_some_and(|(until, today)| until < today)
    }

    /// Says which entries are over, and of those that are not, which ones were not used, if that is
    /// known.
    pub(super) fn judge(&self, used: Option<&[usize]>) -> Vec<Finding> {
        let mut findings = self.findings.clone();
        for (index, entry) in self.entries.iter().enumerate() {
            let location = entry.location.clone();
            if let Some(until) = entry.until.filter(|_| self.is_over(entry)) {
                let message = format!("this was allowed until {until}, which is over");
                let finding = Finding::new(&EXPIRED_ALLOWANCE, message, location);
                findings.push(finding.with_help(
                    "take the secret away and delete the entry, or agree on another day",
                ));
            } else if used.is_some_and(|used| !used.contains(&index)) {
                let message = "this allows nothing that was found";
                let finding = Finding::new(&UNUSED_ALLOWANCE, message, location);
                findings.push(finding.with_help("delete the entry"));
            }
        }
        findings
    }
}

impl Allowance {
    fn is_about(&self, asked: &Asked<'_>) -> bool {
        let key = |key: &KeyPattern| asked.pointer.is_some_and(|pointer| key.covers(pointer));
        (self.path.is_none() || self.files.has(asked.path))
            && self.key.as_ref().is_none_or(key)
            && self.rule.as_ref().is_none_or(|rule| rule == asked.rule)
            && self
                .fingerprint
                .as_ref()
                .is_none_or(|it| it.eq_ignore_ascii_case(asked.fingerprint))
    }
}

/// Reads one entry; one that is wrong in any way has no effect, and findings say so.
fn entry(
    file: &ParsedFile,
    pointer: Pointer,
    item: &Value,
    findings: &mut Vec<Finding>,
) -> Option<Allowance> {
    let before = findings.len();
    let location = Location::new(&file.source, item.span).with_pointer(pointer.clone());
    let mut fields = Fields::new(&file.source, pointer.clone(), item, findings);
    item.as_object()?;
    let wrong = |key: &str, message: String| {
        let span = item.get(key).map_or(item.span, |value| value.span);
        let at = Location::new(&file.source, span).with_pointer(pointer.join(key));
        Finding::new(&INVALID_VALUE, message, at)
    };
    let path = fields.text("path", findings).map(String::from);
    let fingerprint = fields.text("fingerprint", findings).map(String::from);
    let key = fields.text("key", findings);
    let rule = fields.text("rule", findings).map(String::from);
    let reason = fields.text("reason", findings).map(String::from);
    let until = fields.text("until", findings);
    if fields.value("reason").is_none() {
        findings.push(fields.missing("reason", "reason: a key made for tests"));
    }
    if fields.value("path").is_none() && fields.value("fingerprint").is_none() {
        findings.push(fields.missing("path", "path: tests/keys/**"));
    }
    fields.finish(findings);
    let files = match Globs::parse(path.as_deref()) {
        Ok(files) => files,
        Err(error) => {
            findings.push(wrong("path", error.to_string()));
            Globs::default()
        }
    };
    let key = key.and_then(|text| match text.parse::<KeyPattern>() {
        Ok(key) => Some(key),
        Err(error) => {
            findings.push(wrong("key", error.to_string()));
            None
        }
    });
    let until = until.and_then(|text| match text.parse::<Date>() {
        Ok(until) => Some(until),
        Err(error) => {
            findings.push(wrong("until", error));
            None
        }
    });
    if let Some(id) = &rule
        && id != KEY_MATERIAL.id
        && id != LIKELY_SECRET.id
    {
        let message = format!("`{id}` is no rule that can be allowed");
        let help = format!("write `{}` or `{}`", KEY_MATERIAL.id, LIKELY_SECRET.id);
        findings.push(wrong("rule", message).with_help(help));
    }
    let is_hex = |text: &String| text.len() == 16 && text.bytes().all(|it| it.is_ascii_hexdigit());
    if fingerprint.as_ref().is_some_and(|text| !is_hex(text)) {
        let message = "a fingerprint has sixteen hexadecimal digits".to_owned();
        let help = "take it from the finding; in quotes, if all of them are digits";
        findings.push(wrong("fingerprint", message).with_help(help));
    }
    if findings.len() > before {
        return None;
    }
    Some(Allowance {
        path,
        files,
        key,
        rule,
        fingerprint,
        reason: reason?,
        until,
        location,
    })
}
