//! For a program: the envelope `strata.<command>/1`, to the published schema.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeSeq, Serializer};

use super::Said;
use crate::report::{Finding, Fix, Location, Severity, Summary};

/// Writes the envelope while it serialises, so that a large body is never held as text.
pub(super) fn write<T: Serialize>(
    said: &Said<'_>,
    body: &T,
    out: &mut dyn Write,
) -> io::Result<()> {
    let envelope = Envelope {
        schema: format!("strata.{}/1", said.command),
        revision: said.revision,
        findings: Findings(said.findings),
        body,
        summary: said.summary(),
    };
    serde_json::to_writer_pretty(&mut *out, &envelope)?;
    writeln!(out)
}

#[derive(serde::Serialize)]
struct Envelope<'a, T> {
    schema: String,
    revision: Option<&'a str>,
    findings: Findings<'a>,
    body: &'a T,
    summary: Summary,
}

struct Findings<'a>(&'a [Finding]);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.0.len()))?;
        for finding in self.0 {
            sequence.serialize_element(&FindingJson::of(finding))?;
        }
        sequence.end()
    }
}

#[derive(serde::Serialize)]
struct FindingJson<'a> {
    rule: &'static str,
    severity: Severity,
    message: &'a str,
    location: LocationJson<'a>,
    related: Vec<LocationJson<'a>>,
    help: Option<&'a str>,
    fix: Option<FixJson<'a>>,
}

#[derive(serde::Serialize)]
struct LocationJson<'a> {
    file: &'a str,
    revision: Option<&'a str>,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    start: u32,
    end: u32,
    pointer: Option<String>,
    label: &'a str,
}

#[derive(serde::Serialize)]
struct FixJson<'a> {
    description: &'a str,
    file: &'a str,
    revision: Option<&'a str>,
    replacements: Vec<ReplacementJson<'a>>,
}

#[derive(serde::Serialize)]
struct ReplacementJson<'a> {
    start: u32,
    end: u32,
    text: &'a str,
}

impl<'a> FindingJson<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            rule: finding.rule.id,
            severity: finding.severity,
            message: &finding.message,
            location: LocationJson::of(&finding.location),
            related: finding.related.iter().map(LocationJson::of).collect(),
            help: finding.help.as_deref(),
            fix: finding.fix.as_ref().map(FixJson::of),
        }
    }
}

impl<'a> LocationJson<'a> {
    fn of(location: &'a Location) -> Self {
        let (start, end) = (location.start(), location.end());
        Self {
            file: location.source.name(),
            revision: location.source.revision(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            start: location.span.start,
            end: location.span.end,
            pointer: location.pointer.as_ref().map(ToString::to_string),
            label: &location.label,
        }
    }
}

impl<'a> FixJson<'a> {
    fn of(fix: &'a Fix) -> Self {
        let replacements = fix.replacements.iter().map(|replacement| ReplacementJson {
            start: replacement.span.start,
            end: replacement.span.end,
            text: &replacement.text,
        });
        Self {
            description: &fix.description,
            file: fix.source.name(),
            revision: fix.source.revision(),
            replacements: replacements.collect(),
        }
    }
}
