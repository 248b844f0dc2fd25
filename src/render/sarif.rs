//! [SARIF 2.1.0], for code scanning: one run, with the rules that occur.
//!
//! [SARIF 2.1.0]: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::fingerprint::Fingerprints;
use super::{Said, is_whole_file, path};
use crate::report::{Finding, Fix, Location, Rule, Severity};
use crate::text::{Source, Span};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const ROOT: &str = "%SRCROOT%";

/// Writes the log.
pub(super) fn write(said: &Said<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rules: BTreeMap<&str, &Rule> = said
        .findings
        .iter()
        .map(|finding| (finding.rule.id, finding.rule))
        .collect();
    let indices: BTreeMap<&str, usize> = rules
        .keys()
        .enumerate()
        .map(|(index, id)| (*id, index))
        .collect();
    let mut names = Fingerprints::default();
    let results: Vec<Value> = said
        .findings
        .iter()
        .map(|finding| result(finding, indices[finding.rule.id], &names.next(finding)))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "git-strata",
                "semanticVersion": said.tool_version,
                "rules": rules.values().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "automationDetails": { "id": format!("git-strata/{}/", said.command) },
            "invocations": [{ "executionSuccessful": true }],
            "originalUriBaseIds": {
                ROOT: { "description": { "text": "the root of the repository" } },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn descriptor(rule: &Rule) -> Value {
    let mut descriptor = json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "defaultConfiguration": { "level": level(rule.severity) },
    });
    if !rule.docs.is_empty() {
        descriptor["help"] = json!({ "text": rule.docs, "markdown": rule.docs });
    }
    descriptor
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(finding: &Finding, index: usize, fingerprint: &str) -> Value {
    let mut text = finding.message.clone();
    if let Some(help) = &finding.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    let mut result = json!({
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": message(&text),
        "locations": [location(&finding.location)],
        // the second name is the one that GitHub compares by
        "partialFingerprints": {
            "ruleAndPointer/v1": fingerprint,
            "primaryLocationLineHash": fingerprint,
        },
    });
    if !finding.related.is_empty() {
        let related = finding.related.iter().zip(1_usize..).map(|(at, id)| {
            let mut related = location(at);
            related["id"] = json!(id);
            if !at.label.is_empty() {
                related["message"] = message(&at.label);
            }
            related
        });
        result["relatedLocations"] = related.collect();
    }
    if let Some(made) = finding.fix.as_ref().and_then(fix) {
        result["fixes"] = json!([made]);
    }
    result
}

/// Makes a message, in which no text of ours is a link (`[text](target)`, section 3.11.6).
fn message(text: &str) -> Value {
    json!({ "text": text.replace("](", "] (") })
}

fn location(at: &Location) -> Value {
    let mut physical = json!({ "artifactLocation": artifact(&at.source) });
    if !is_whole_file(at) {
        physical["region"] = region(&at.source, at.span);
    }
    let mut location = json!({ "physicalLocation": physical });
    if let Some(pointer) = &at.pointer {
        let mut logical = json!({ "fullyQualifiedName": pointer.to_string() });
        if let Some(last) = pointer.last() {
            logical["name"] = json!(last);
        }
        location["logicalLocations"] = json!([logical]);
    }
    if let Some(revision) = at.source.revision() {
        location["properties"] = json!({ "revision": revision });
    }
    location
}

fn region(source: &Source, span: Span) -> Value {
    let (start, end) = (source.position(span.start), source.position(span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

fn fix(fix: &Fix) -> Option<Value> {
    if fix.replacements.is_empty() {
        return None;
    }
    let replacements = fix.replacements.iter().map(|replacement| {
        let mut made = Map::new();
        let deleted = region(&fix.source, replacement.span);
        made.insert("deletedRegion".to_owned(), deleted);
        if !replacement.text.is_empty() {
            let inserted = json!({ "text": replacement.text });
            made.insert("insertedContent".to_owned(), inserted);
        }
        Value::Object(made)
    });
    Some(json!({
        "description": message(&fix.description),
        "artifactChanges": [{
            "artifactLocation": artifact(&fix.source),
            "replacements": replacements.collect::<Vec<_>>(),
        }],
    }))
}

fn artifact(source: &Source) -> Value {
    let uri = percent_encoded(path(source));
    if uri.starts_with('/') {
        json!({ "uri": format!("file://{uri}") })
    } else {
        json!({ "uri": uri, "uriBaseId": ROOT })
    }
}

/// Writes a path as a URI reference ([RFC 3986](https://www.rfc-editor.org/rfc/rfc3986)).
fn percent_encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
