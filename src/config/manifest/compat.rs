use std::sync::Arc;

use super::super::fields::{Fields, INVALID_VALUE};
use crate::config::{Pattern, Window};
use crate::report::{Finding, Location};
use crate::text::{Pointer, Source};

/// What the manifest says compatibility is judged by.
#[derive(Clone, Debug, Default)]
pub struct CompatSettings {
    /// The named set of policies.
    pub profile: Option<String>,
    /// Single policies, each with its value, in the order written; `unstable` once for every
    /// place.
    pub policies: Vec<(&'static str, String)>,
    /// The file of accepted breaks, as a path from the root.
    pub accepted: Option<String>,
    /// Patterns of further files that are configurations: examples, what templates come to.
    pub instances: Vec<String>,
}

/// The policies that are one of some words.
const WORDS: [(&str, &[&str]); 5] = [
    ("profile", &["default", "strict"]),
    ("unknown-properties", &["declared-only", "strict"]),
    ("ignored-options", &["breaking", "risk"]),
    ("formats", &["annotate", "assert"]),
    ("defaults", &["annotate", "filled-before-validation"]),
];

pub(super) fn read(
    fields: &mut Fields<'_>,
    source: &Arc<Source>,
    findings: &mut Vec<Finding>,
) -> CompatSettings {
    let mut settings = CompatSettings::default();
    let Some(value) = fields.value("compat").filter(|value| !value.is_null()) else {
        return settings;
    };
    let pointer = Pointer::root().join("compat");
    let mut fields = Fields::new(source, pointer.clone(), value, findings);
    let wrong = |fields: &mut Fields<'_>, key: &'static str, message: String| {
        let span = fields.value(key).map_or(value.span, |value| value.span);
        let location = Location::new(source, span).with_pointer(pointer.join(key));
        Finding::new(&INVALID_VALUE, message, location)
    };
    for (key, words) in WORDS {
        let Some(text) = fields.text(key, findings) else {
            continue;
        };
        if !words.contains(&text.as_str()) {
            let message = format!("`{key}` is {}, not `{text}`", words.join(" or "));
            findings.push(wrong(&mut fields, key, message));
        } else if key == "profile" {
            settings.profile = Some(text.to_string());
        } else {
            settings.policies.push((key, text.to_string()));
        }
    }
    if let Some(text) = fields.text("deprecation-window", findings) {
        match text.parse::<Window>() {
            Ok(_) => settings
                .policies
                .push(("deprecation-window", text.to_string())),
            Err(message) => findings.push(wrong(&mut fields, "deprecation-window", message)),
        }
    }
    for (place, _) in fields.texts("unstable", findings) {
        settings.policies.push(("unstable", place.to_string()));
    }
    settings.accepted = fields.text("accepted", findings).map(String::from);
    let inside = |path: &String| Pattern::parse(path).is_ok();
    if let Some(path) = settings.accepted.take_if(|path| !inside(path)) {
        let message = format!("`{path}` is no path from the root to a file in the repository");
        findings.push(wrong(&mut fields, "accepted", message));
    }
    let instances = fields.texts("instances", findings);
    settings.instances = instances.into_iter().map(|(text, _)| text.into()).collect();
    fields.finish(findings);
    settings
}
