use regex::Regex;

use super::{EXPECTATIONS, Expect, Expectation, Expectations};
use crate::Result;
use crate::config::fields::{Fields, INVALID_VALUE};
use crate::config::{Manifest, ParsedFile, Snapshot, UNKNOWN_ENVIRONMENT};
use crate::document::Value;
use crate::report::{Finding, Location};
use crate::text::{Date, KeyPattern, Pointer, nearest};

/// The published JSON Schema of the file of rules about differences.
pub const EXPECTATIONS_SCHEMA: &str = include_str!("expectations.schema.json");

const WORDS: [&str; 4] = ["any", "differ", "equal", "absent"];

impl Expectations {
    /// Reads the rules of a tree; there are none where it has no such file.
    ///
    /// # Errors
    ///
    /// When the tree cannot be read.
    pub fn read(tree: &Snapshot, manifest: Option<&Manifest>, today: Option<Date>) -> Result<Self> {
        let mut read = match tree.file(EXPECTATIONS.into())? {
            Some(file) => Self::of(&file, manifest),
            None => Self::default(),
        };
        read.today = today;
        Ok(read)
    }

    /// Reads a file; with a manifest, names of environments must be in it.
    #[must_use]
    pub fn of(file: &ParsedFile, manifest: Option<&Manifest>) -> Self {
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
        let rules = fields.value("rules");
        fields.finish(findings);
        let list = Pointer::root().join("rules");
        let Some(items) = rules.map(|rules| (rules, rules.as_array())) else {
            return read;
        };
        let (_, Some(items)) = items else {
            let location = Location::new(&file.source, items.0.span).with_pointer(list);
            let message = "`rules` must be a list, one `- path: …` a rule";
            findings.push(Finding::new(&INVALID_VALUE, message, location));
            return read;
        };
        for (index, item) in items.iter().enumerate() {
            let pointer = list.join(index.to_string());
            let entry = entry(file, pointer, item, manifest, findings);
            read.entries.extend(entry);
        }
        read
    }
}

/// Reads one rule; one that is wrong in any way has no effect, and findings say so.
fn entry(
    file: &ParsedFile,
    pointer: Pointer,
    item: &Value,
    manifest: Option<&Manifest>,
    findings: &mut Vec<Finding>,
) -> Option<Expectation> {
    let before = findings.len();
    let location = Location::new(&file.source, item.span).with_pointer(pointer.clone());
    let mut fields = Fields::new(&file.source, pointer.clone(), item, findings);
    item.as_object()?;
    let at = |key: &str| {
        let span = item.get(key).map_or(item.span, |value| value.span);
        Location::new(&file.source, span).with_pointer(pointer.join(key))
    };
    let wrong = |key: &str, message: String| Finding::new(&INVALID_VALUE, message, at(key));
    let mut said = |key: &'static str, example: &str, findings: &mut Vec<Finding>| {
        let text = fields.text(key, findings);
        if text.is_none() && fields.value(key).is_none() {
            findings.push(fields.missing(key, example));
        }
        text.unwrap_or_default().to_string()
    };
    let path = said("path", "path: /database/host", findings);
    let reason = said("reason", "reason: each has its own", findings);
    let environments = names(&mut fields, "environments", findings);
    let services = names(&mut fields, "services", findings);
    let expect = fields.value("expect");
    let owner = fields.text("owner", findings).map(String::from);
    let expires = fields.text("expires", findings);
    fields.finish(findings);
    let path = path.parse::<KeyPattern>().map_err(|error| {
        findings.push(wrong("path", error.to_string()));
    });
    let expires = expires.map(|text| text.parse::<Date>()).transpose();
    let expires = expires.map_err(|error| findings.push(wrong("expires", error.to_string())));
    let expect = match expect {
        None => Some(Expect::Any),
        Some(value) => match expectation(value) {
            Ok(expect) => Some(expect),
            Err((message, help)) => {
                findings.push(wrong("expect", message).with_help(help));
                None
            }
        },
    };
    for name in &environments {
        let Some(manifest) = manifest.filter(|it| !it.environments.contains_key(name)) else {
            continue;
        };
        let message = format!("there is no environment `{name}`");
        let finding = Finding::new(&UNKNOWN_ENVIRONMENT, message, at("environments"));
        let near = nearest(name, manifest.environment_names());
        findings.push(match near.first() {
            Some(near) => finding.with_help(format!("did you mean `{near}`?")),
            None => finding.with_help("declare it in `strata.yaml`, or take it out here"),
        });
    }
    if findings.len() > before {
        return None;
    }
    Some(Expectation {
        path: path.ok()?,
        environments,
        services,
        expect: expect?,
        reason,
        owner,
        expires: expires.ok()?,
        location,
    })
}

/// Reads one name or a list of them; `*` is everything.
fn names(fields: &mut Fields<'_>, key: &'static str, findings: &mut Vec<Finding>) -> Vec<String> {
    let names = match fields.value(key).and_then(Value::as_str) {
        Some(one) => vec![one.to_owned()],
        None => {
            let texts = fields.texts(key, findings).into_iter();
            texts.map(|(text, _)| text.to_string()).collect()
        }
    };
    if names.iter().any(|name| name == "*") {
        return Vec::new();
    }
    names
}

fn expectation(value: &Value) -> Result<Expect, (String, String)> {
    let help = || "write `any`, `differ`, `equal`, `absent`, `{one-of: [1, 2]}` or `{matches: …}`";
    if let Some(word) = value.as_str() {
        return match word {
            "any" => Ok(Expect::Any),
            "differ" => Ok(Expect::Differ),
            "equal" => Ok(Expect::Equal),
            "absent" => Ok(Expect::Absent),
            word => {
                let near = nearest(word, WORDS);
                let meant = near.first().map(|near| format!("did you mean `{near}`?"));
                let message = format!("`{word}` is nothing that can be expected");
                Err((message, meant.unwrap_or_else(|| help().to_owned())))
            }
        };
    }
    let entry = value
        .as_object()
        .filter(|map| map.len() == 1)
        .and_then(|map| map.iter().next());
    match entry {
        Some((key, values)) if key == "one-of" => match values.as_array() {
            Some(items) if !items.is_empty() => Ok(Expect::OneOf(items.to_vec())),
            _ => {
                let message = "`one-of` must be a list of values".to_owned();
                Err((message, "write `{one-of: [1, 2]}`".to_owned()))
            }
        },
        Some((key, pattern)) if key == "matches" => {
            let pattern = pattern.as_str().ok_or_else(|| {
                let message = "`matches` must be a text".to_owned();
                (message, "write `{matches: '^prod-'}`".to_owned())
            })?;
            Regex::new(pattern).map(Expect::Matches).map_err(|error| {
                let last = error.to_string();
                let last = last.lines().last().unwrap_or_default().trim();
                let message = format!("`{pattern}` is no regular expression: {last}");
                (message, "write one as in `{matches: '^prod-'}`".to_owned())
            })
        }
        _ => {
            let message = "this is nothing that can be expected".to_owned();
            Err((message, help().to_owned()))
        }
    }
}
