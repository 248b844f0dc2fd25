//! Writes down that differences are meant.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{EXPECTATIONS, Expect, Expectation, Expectations};
use crate::config::{Manifest, ParsedFile};
use crate::document::{Kind, Map, Value};
use crate::error::{Error, Result};
use crate::ops::drift::rest::Counted;
use crate::ops::drift::{Difference, DriftBody};
use crate::ops::own::{append, one_line};
use crate::report::{Location, Report};
use crate::text::{Date, KeyPattern, Source};

/// What is said of every difference that is accepted in one go.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    /// Whether other values than those of today are accepted, too.
    pub any_value: bool,
    /// What the differences are called, as `SERVICE:KEY` or as a key in every service; none for
    /// all there are.
    pub only: Vec<String>,
}

const HEAD: &str =
    "# Differences of environments that are meant, and why. `git strata drift` applies these rules,
# and `git strata drift accept` adds to them.
";

/// Adds a rule for every difference that is meant from now on, and gives the new text of the file
/// with what the differences are called. What stands in the file stays as it is.
///
/// A rule holds for the values of today, unless any value is accepted, or the schema calls the
/// value a secret.
///
/// # Errors
///
/// When a name is none of a difference, or the file cannot be read or added to.
pub fn accept(
    text: Option<&str>,
    body: &DriftBody,
    manifest: Option<&Manifest>,
    agreement: &Agreement,
) -> Result<(String, Vec<String>)> {
    let text = text.unwrap_or_default();
    let file = ParsedFile::of_bytes(EXPECTATIONS, text.as_bytes());
    let known = Expectations::of(&file, manifest);
    if let Some(first) = known.findings.first() {
        let line = first.location.start().line;
        let message = format!(
            "`{EXPECTATIONS}:{line}` cannot be added to: {}",
            first.message
        );
        return Err(Error::invalid(message).with_help("mend the file first"));
    }
    let rows = chosen(body, &agreement.only)?;
    let mut added: Vec<Expectation> = Vec::new();
    for row in &rows {
        add(row, agreement, &mut added);
    }
    if added.is_empty() {
        return Ok((text.to_owned(), Vec::new()));
    }
    let new = append(
        &file,
        text,
        "rules",
        HEAD,
        added.iter().map(entry).collect(),
    )?;
    // What was written is read again: nothing else may have come of it.
    let again = Expectations::of(
        &ParsedFile::of_bytes(EXPECTATIONS, new.as_bytes()),
        manifest,
    );
    let wanted = known.entries.iter().chain(&added).map(entry);
    match again.findings.is_empty() && wanted.eq(again.entries.iter().map(entry)) {
        true => Ok((new, rows.iter().map(|row| row.id.clone()).collect())),
        false => Err(
            Error::invalid(format!("`{EXPECTATIONS}` cannot be added to"))
                .with_help("write its `rules` as a list, one `- path: …` a rule"),
        ),
    }
}

/// Keeps of a report what is about some differences, by what they are called; those that are meant
/// are shown, too.
#[must_use]
pub fn accepted(report: Report<DriftBody>, ids: &[String]) -> Report<DriftBody> {
    let mut body = report.body;
    body.differences.retain(|row| ids.contains(&row.id));
    let found = body.differences.iter().flat_map(|row| &row.findings);
    let findings = found.cloned().collect();
    let rest = Counted::default();
    let body = DriftBody::new(body.environments, body.differences, Vec::new(), true, rest);
    Report::new(report.revision, findings, body)
}

/// Finds the differences that are named, of those that are not meant.
fn chosen<'b>(body: &'b DriftBody, only: &[String]) -> Result<Vec<&'b Difference>> {
    let told: Vec<&Difference> = body
        .differences
        .iter()
        .filter(|row| row.is_told())
        .collect();
    if only.is_empty() {
        return Ok(told);
    }
    let mut chosen = BTreeSet::new();
    for name in only {
        let is_named = |row: &Difference| row.id == *name || row.pointer.dotted() == *name;
        let before = chosen.len();
        chosen.extend((0..told.len()).filter(|&index| is_named(told[index])));
        if chosen.len() == before && !told.iter().any(|row| is_named(row)) {
            let meant = body.differences.iter().any(is_named);
            let error = match meant {
                true => Error::usage(format!("`{name}` is meant to differ already")),
                false => Error::not_found(format!("there is no difference `{name}`"))
                    .with_names(name, told.iter().map(|row| row.id.as_str())),
            };
            return Err(error);
        }
    }
    Ok(chosen.into_iter().map(|index| told[index]).collect())
}

/// Adds a rule for a difference, or its service to a rule that says the same.
fn add(row: &Difference, agreement: &Agreement, added: &mut Vec<Expectation>) {
    let mut values: Vec<Value> = Vec::new();
    let mut absent = 0;
    for name in &row.differs_in {
        match row.values.get(name).and_then(Option::as_ref) {
            Some(value) if values.contains(value) => {}
            Some(value) => values.push(value.clone()),
            None => absent += 1,
        }
    }
    let expect = match (values.is_empty(), absent) {
        _ if agreement.any_value || row.secret || row.list.is_some() => Expect::Any,
        (true, _) => Expect::Absent,
        (false, 0) => Expect::OneOf(values),
        (false, _) => Expect::Any,
    };
    let expectation = Expectation {
        // Items have no numbers of their own, so that of a list all is meant.
        path: KeyPattern::exactly(row.list.as_ref().unwrap_or(&row.pointer)),
        environments: row.differs_in.clone(),
        services: row.service.iter().map(|name| escaped(name)).collect(),
        expect,
        reason: one_line(&agreement.reason),
        owner: agreement.owner.as_deref().map(one_line),
        expires: agreement.expires,
        location: Location::file(&Arc::new(Source::new("", ""))),
    };
    let but_services = |of: &Expectation| {
        entry(&Expectation {
            services: Vec::new(),
            ..of.clone()
        })
    };
    let same = added
        .iter_mut()
        .filter(|known| !known.services.is_empty())
        .find(|known| but_services(known) == but_services(&expectation));
    match same {
        Some(known) if known.services == expectation.services => {}
        Some(known) => known.services.extend(expectation.services),
        None => added.push(expectation),
    }
}

fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('*', "\\*")
}

/// Writes a rule as a value.
fn entry(of: &Expectation) -> Value {
    let text = |text: &str| Value::detached(Kind::String(text.into()));
    let list = |names: &[String]| {
        Value::detached(Kind::Array(names.iter().map(|name| text(name)).collect()))
    };
    let mut map = Map::new();
    map.set("path", text(&of.path.to_string()));
    if !of.environments.is_empty() {
        map.set("environments", list(&of.environments));
    }
    if !of.services.is_empty() {
        map.set("services", list(&of.services));
    }
    let expect = match &of.expect {
        Expect::Any => text("any"),
        Expect::Differ => text("differ"),
        Expect::Equal => text("equal"),
        Expect::Absent => text("absent"),
        Expect::OneOf(values) => {
            let values = values.iter().cloned().map(Value::detach).collect();
            single("one-of", Value::detached(Kind::Array(values)))
        }
        Expect::Matches(pattern) => single("matches", text(pattern.as_str())),
    };
    map.set("expect", expect);
    map.set("reason", text(&of.reason));
    if let Some(owner) = &of.owner {
        map.set("owner", text(owner));
    }
    if let Some(expires) = of.expires {
        map.set("expires", text(&expires.to_string()));
    }
    Value::detached(Kind::Object(map))
}

fn single(key: &str, value: Value) -> Value {
    let mut map = Map::new();
    map.set(key, value);
    Value::detached(Kind::Object(map))
}
