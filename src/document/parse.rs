use std::sync::Arc;

use super::fault::DOCUMENT_LIMIT;
use super::{Format, Limits, Parsed, json, toml, yaml};
use crate::report::{Finding, Location};
use crate::text::Source;

/// Reads a text into its documents and the findings about it.
///
/// A fault never stops the reading of what can still be read: a document with a syntax error is
/// left out, the others of the file are kept. An empty YAML or TOML file is one document, null or
/// an empty map; an empty JSON file is a finding.
///
/// ```
/// use std::sync::Arc;
/// use strata::document::{Format, parse};
/// use strata::text::Source;
///
/// let source = Arc::new(Source::new("app.yaml", "port: 8080\nhost: [a, b"));
/// let parsed = parse(&source, Format::Yaml);
/// assert!(parsed.documents.is_empty());
/// assert_eq!(parsed.findings[0].rule.id, "syntax-error");
/// ```
#[must_use]
pub fn parse(source: &Arc<Source>, format: Format) -> Parsed {
    parse_with(source, format, &Limits::default())
}

/// Reads a text like [`parse`], within other limits.
#[must_use]
pub fn parse_with(source: &Arc<Source>, format: Format, limits: &Limits) -> Parsed {
    if u32::try_from(source.text().len()).is_err() {
        let message = "the file is larger than 4 GiB";
        return Parsed {
            documents: Vec::new(),
            findings: vec![Finding::new(
                &DOCUMENT_LIMIT,
                message,
                Location::file(source),
            )],
        };
    }
    match format {
        Format::Yaml => yaml::read(source, limits),
        Format::Json => json::read(source, limits),
        Format::Toml => toml::read(source, limits),
    }
}
