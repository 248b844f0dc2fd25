//! Writes down that something which looks like a secret is allowed.

use std::collections::BTreeSet;

use super::allowed::{Allowances, SECRETS_ALLOWED};
use super::body::ScanBody;
use crate::config::ParsedFile;
use crate::document::{Kind, Map, Value};
use crate::error::{Error, Result};
use crate::ops::own::{append, one_line};
use crate::text::Date;

/// What is said of what is allowed.
#[derive(Clone, Debug)]
pub struct Permission {
    /// What it is about, by the fingerprint that its finding shows.
    pub fingerprint: String,
    /// Why it is allowed.
    pub reason: String,
    /// The last day on which it is.
    pub until: Option<Date>,
}

const HEAD: &str = "# What looks like a secret and may stand in plain text, and why. `git strata secret scan` reads
# this file, and `git strata secret scan --allow` adds to it.
";

/// Adds an entry for every file that a secret was found in, and gives the new text of the file with
/// how many they are. What stands in the file stays as it is.
///
/// # Errors
///
/// When no such secret was found, or the file cannot be read or added to.
pub fn allow(
    text: Option<&str>,
    body: &ScanBody,
    permission: &Permission,
) -> Result<(String, usize)> {
    let text = text.unwrap_or_default();
    let file = ParsedFile::of_bytes(SECRETS_ALLOWED, text.as_bytes());
    let known = Allowances::of(&file);
    if let Some(first) = known.findings.first() {
        let line = first.location.start().line;
        let message = format!(
            "`{SECRETS_ALLOWED}:{line}` cannot be added to: {}",
            first.message
        );
        return Err(Error::invalid(message).with_help("mend the file first"));
    }
    let wanted = permission.fingerprint.to_ascii_lowercase();
    let found: Vec<_> = body
        .secrets
        .iter()
        .filter(|secret| secret.fingerprint == wanted)
        .collect();
    if found.is_empty() {
        let names = body
            .secrets
            .iter()
            .map(|secret| secret.fingerprint.as_str());
        return Err(Error::not_found(format!(
            "nothing was found that `{wanted}` is the fingerprint of"
        ))
        .with_names(&wanted, names));
    }
    let told = found.iter().filter(|secret| secret.allowed.is_none());
    let paths: BTreeSet<&str> = told.map(|secret| secret.file.as_str()).collect();
    if paths.is_empty() {
        return Err(Error::usage(format!("`{wanted}` is allowed already")));
    }
    let entries: Vec<Value> = paths
        .iter()
        .map(|path| entry(path, &wanted, permission))
        .collect();
    let new = append(&file, text, "allowed", HEAD, entries)?;
    // What was written is read again: nothing else may have come of it.
    let again = Allowances::of(&ParsedFile::of_bytes(SECRETS_ALLOWED, new.as_bytes()));
    let added = again.entries.len().checked_sub(known.entries.len());
    match again.findings.is_empty() && added == Some(paths.len()) {
        true => Ok((new, paths.len())),
        false => Err(
            Error::invalid(format!("`{SECRETS_ALLOWED}` cannot be added to"))
                .with_help("write its `allowed` as a list, one `- path: …` an entry"),
        ),
    }
}

fn entry(path: &str, fingerprint: &str, permission: &Permission) -> Value {
    let text = |text: &str| Value::detached(Kind::String(text.into()));
    let mut map = Map::new();
    map.set("path", text(&literally(path)));
    map.set("fingerprint", text(fingerprint));
    map.set("reason", text(&one_line(&permission.reason)));
    if let Some(until) = permission.until {
        map.set("until", text(&until.to_string()));
    }
    Value::detached(Kind::Object(map))
}

/// Writes a path as a pattern that names nothing else.
fn literally(path: &str) -> String {
    let mut pattern = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' => pattern.extend(['[', c, ']']),
            '\\' => pattern.push_str("\\\\"),
            _ => pattern.push(c),
        }
    }
    pattern
}
