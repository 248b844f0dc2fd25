use serde::de::DeserializeOwned;

use crate::document::{Document, Format, from_value, parse, read};
use crate::report::Finding;
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

fn refused(name: &str, finding: &Finding) -> Error {
    let line = finding.location.start().line;
    Error::invalid(format!(
        "`{name}:{line}` cannot be read: {}",
        finding.message
    ))
}
