use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::config::ParsedFile;
use crate::document::{
    Document, Format, Kind, Map, RewriteOptions, Value, from_value, parse, read, rewrite,
    write_yaml,
};
use crate::report::{Finding, Location};
use crate::text::{Source, Span};
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

/// Hides a stretch of the text that a place is shown with; all else stays where it stands.
pub(super) fn hidden(location: Location, span: Span) -> Location {
    let source = &location.source;
    let mut bytes = source.text().as_bytes().to_vec();
    let range = span.range();
    for (at, byte) in bytes.get_mut(range).into_iter().flatten().enumerate() {
        match *byte {
            b'\n' | b'\r' => {}
            _ if at < MASK.len() => *byte = b'*',
            _ => *byte = b' ',
        }
    }
    let text = String::from_utf8(bytes).unwrap_or_default();
    let mut masked = Source::new(source.name(), text);
    if let Some(revision) = source.revision() {
        masked = masked.at_revision(revision);
    }
    Location {
        source: Arc::new(masked),
        ..location
    }
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
