use std::collections::BTreeSet;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::config::{ParsedFile, SEALED, Schemas};
use crate::document::{
    Document, Format, Kind, Map, RewriteOptions, Value, from_value, parse, read, rewrite,
    write_yaml,
};
use crate::report::{Finding, Location};
use crate::seal::is_sealed;
use crate::text::{Pointer, Source, Span};
use crate::{Error, Result};

/// Reads a small YAML file of the tool's own: a history, a template's card.
pub(super) fn parse_own<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T> {
    let source = read(name, None, bytes).map_err(|finding| refused(name, &finding))?;
    let parsed = parse(&source, Format::Yaml);
    if let Some(finding) = parsed.findings.first() {
        return Err(refused(name, finding));
    }
    let Some(Document { root, .. }) = parsed.documents.first() else {
        return Err(Error::invalid(format!("`{name}` is empty")));
    };
    from_value(root).map_err(|error| {
        let span = root.at(&error.pointer).unwrap_or(root).span;
        let line = source.position(span.start).line;
        Error::invalid(format!(
            "`{name}:{line}` is not of its form: {}",
            error.message
        ))
    })
}

/// Adds entries to the list at a key of one of the tool's own files, and gives its new text; what
/// stands there stays as it is. A new file begins with `head`. Without a text there is no file yet.
pub(super) fn append(
    file: &ParsedFile,
    text: &str,
    key: &str,
    head: &str,
    entries: Vec<Value>,
) -> Result<String> {
    let path = file.source.name();
    let shown = write_yaml(&Value::detached(Kind::Array(entries.clone())));
    let written_by_hand = || {
        let message = format!("`{path}` is written in a way that cannot be added to");
        Error::invalid(message).with_help(format!("add to its `{key}`:\n{shown}"))
    };
    let [document] = file.documents() else {
        return Err(written_by_hand());
    };
    let mut root = (*document.root).clone();
    if root.is_null() {
        root.kind = Kind::Object(Map::new());
    }
    let Kind::Object(map) = &mut root.kind else {
        return Err(written_by_hand());
    };
    match map.get_mut(key).map(|list| &mut list.kind) {
        Some(Kind::Array(list)) => list.extend(entries),
        _ => {
            map.set(key, Value::detached(Kind::Array(entries)));
        }
    }
    if text.is_empty() {
        return Ok(format!("{head}{}", write_yaml(&root)));
    }
    let done = rewrite(
        std::slice::from_ref(document),
        &[root],
        &RewriteOptions::default(),
    );
    Ok(done.map_err(|cause| written_by_hand().because(cause))?.text)
}

/// What is shown in the place of a secret.
pub(super) const MASK: &str = "***";

/// Hides stretches of a text; all else stays where it stands.
pub(super) fn masked(source: &Source, spans: &[Span]) -> Arc<Source> {
    let mut bytes = source.text().as_bytes().to_vec();
    for span in spans {
        let stretch = bytes.get_mut(span.range()).into_iter().flatten();
        for (at, byte) in stretch.enumerate() {
            match *byte {
                b'\n' | b'\r' => {}
                _ if at < MASK.len() => *byte = b'*',
                _ => *byte = b' ',
            }
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let masked = Source::new(source.name(), text);
    Arc::new(match source.revision() {
        Some(revision) => masked.at_revision(revision),
        None => masked,
    })
}

/// Hides a stretch of the text that a place is shown with.
pub(super) fn hidden(location: Location, span: Span) -> Location {
    let source = masked(&location.source, &[span]);
    Location { source, ..location }
}

/// Tells of opened secrets nothing but that they do not hold to the schema, once for each: what is
/// wrong with one says something of what it is.
pub(super) fn without(findings: Vec<Finding>, opened: &[Pointer]) -> Vec<Finding> {
    let mut told = BTreeSet::new();
    let mut kept = Vec::with_capacity(findings.len());
    for finding in findings {
        let at = finding.location.pointer.as_ref();
        let touched = at.and_then(|at| {
            let mut opened = opened.iter();
            opened.find(|it| it.contains(at) || at.contains(it))
        });
        let Some(touched) = touched else {
            kept.push(finding);
            continue;
        };
        // Above a secret, what is missing or unknown beside it says nothing of it; a rule may.
        let is_above = at.is_some_and(|at| at != touched && at.contains(touched));
        match finding.rule.id {
            "missing-option" | "unknown-option" | "option-count" if is_above => {
                kept.push(finding);
                continue;
            }
            "constraint-violated" if is_above => {
                let message = "a rule of the schema does not hold here, where secrets are sealed";
                kept.push(Finding {
                    message: message.to_owned(),
                    help: None,
                    ..finding
                });
                continue;
            }
            _ => {}
        }
        if told.insert(touched) {
            let message = format!(
                "`{}` is sealed, and does not hold to the schema",
                touched.dotted()
            );
            kept.push(Finding::new(finding.rule, message, finding.location));
        }
    }
    kept
}

/// Gives a value as it may be shown: sealed values and those that the schema calls secrets hidden.
pub(super) fn shown(value: &Value, at: &Pointer, schemas: &Schemas) -> Value {
    covered(value, at, schemas, true)
}

/// Gives a value with what the schema calls a secret hidden; what is sealed stays as it is written.
pub(super) fn marked(value: &Value, at: &Pointer, schemas: &Schemas) -> Value {
    covered(value, at, schemas, false)
}

fn covered(value: &Value, at: &Pointer, schemas: &Schemas, hides_sealed: bool) -> Value {
    fn step(value: &mut Value, at: &mut Pointer, schemas: Option<&Schemas>, hides: bool) {
        match &mut value.kind {
            Kind::String(text) if is_sealed(text) && !hides => {}
            Kind::String(text) if is_sealed(text) => *text = SEALED.into(),
            Kind::Null => {}
            _ if schemas.is_some_and(|it| it.is_secret(at)) => {
                value.kind = Kind::String(MASK.into());
            }
            Kind::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    at.push(index.to_string());
                    step(item, at, schemas, hides);
                    at.pop();
                }
            }
            Kind::Object(map) => {
                for (key, entry) in map.entries_mut() {
                    at.push(key.clone());
                    step(&mut entry.value, at, schemas, hides);
                    at.pop();
                }
            }
            _ => {}
        }
    }
    let mut shown = value.clone();
    let schemas = schemas.has_secrets().then_some(schemas);
    step(&mut shown, &mut at.clone(), schemas, hides_sealed);
    shown
}

/// Makes one line of a text.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn refused(name: &str, finding: &Finding) -> Error {
    let line = finding.location.start().line;
    Error::invalid(format!(
        "`{name}:{line}` cannot be read: {}",
        finding.message
    ))
}
