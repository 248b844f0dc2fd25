use std::sync::Arc;

use super::{Rule, Severity};
use crate::text::{Pointer, Position, Source, Span};

/// One fault in the configuration, with the place it stands at.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that was broken.
    pub rule: &'static Rule,
    /// How much it matters here.
    pub severity: Severity,
    /// What is wrong, in a phrase that starts in lower case and ends without a full stop.
    pub message: String,
    /// Where the fault stands.
    pub location: Location,
    /// Other places that explain it: the schema's line, the layer overridden, the first key.
    pub related: Vec<Location>,
    /// What the reader can do.
    pub help: Option<String>,
    /// An edit that mends it.
    pub fix: Option<Fix>,
}

/// A place in a file, with a word about why it is shown.
#[derive(Clone, Debug)]
pub struct Location {
    /// The file at its revision.
    pub source: Arc<Source>,
    /// The bytes meant.
    pub span: Span,
    /// The place in the document, where there is one.
    pub pointer: Option<Pointer>,
    /// A word about the place, shown beside it; may be empty.
    pub label: String,
}

/// An edit of one file that mends a finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What the edit does, in a phrase.
    pub description: String,
    /// The file that it edits.
    pub source: Arc<Source>,
    /// What replaces what; spans do not overlap.
    pub replacements: Vec<Replacement>,
}

/// One stretch of text and what replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The bytes taken out.
    pub span: Span,
    /// The text put in.
    pub text: String,
}

impl Finding {
    /// Makes a finding of the rule's own severity.
    pub fn new(rule: &'static Rule, message: impl Into<String>, location: Location) -> Self {
        Self {
            rule,
            severity: rule.severity,
            message: message.into(),
            location,
            related: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// Sets another severity than the rule's.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Adds a place that explains the finding.
    #[must_use]
    pub fn with_related(mut self, location: Location) -> Self {
        self.related.push(location);
        self
    }

    /// Says what the reader can do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds an edit that mends the finding.
    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}

impl Location {
    /// Makes a place in a file.
    #[must_use]
    pub fn new(source: &Arc<Source>, span: Span) -> Self {
        Self {
            source: Arc::clone(source),
            span,
            pointer: None,
            label: String::new(),
        }
    }

    /// Makes a place that stands for a whole file, at its first byte.
    #[must_use]
    pub fn file(source: &Arc<Source>) -> Self {
        Self::new(source, Span::at(0))
    }

    /// Names the place in the document.
    #[must_use]
    pub fn with_pointer(mut self, pointer: Pointer) -> Self {
        self.pointer = Some(pointer);
        self
    }

    /// Says why the place is shown.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Gives line and column of the first byte.
    #[must_use]
    pub fn start(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// Gives line and column just behind the last byte.
    #[must_use]
    pub fn end(&self) -> Position {
        self.source.position(self.span.end)
    }
}

/// Puts findings in their fixed order (path, revision, position, rule, message) and drops exact
/// repetitions, so that the same input gives the same bytes.
pub fn sort_findings(findings: &mut Vec<Finding>) {
    fn key(finding: &Finding) -> (&str, Option<&str>, Span, &str, &str, Option<&Pointer>) {
        let at = &finding.location;
        (
            at.source.name(),
            at.source.revision(),
            at.span,
            finding.rule.id,
            &finding.message,
            at.pointer.as_ref(),
        )
    }
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
    findings.dedup_by(|a, b| key(a) == key(b));
}

#[cfg(test)]
mod tests {
    use super::*;

    static RULE: Rule = Rule {
        id: "some-fault",
        severity: Severity::Warning,
        summary: "some fault",
        docs: "",
    };

    #[test]
    fn order_is_fixed_and_repetitions_go() {
        let a = Arc::new(Source::new("a.yaml", "x: 1\ny: 2\n"));
        let b = Arc::new(Source::new("b.yaml", "x: 1\n"));
        let at = |source, start| Location::new(source, Span::at(start));
        let mut findings = vec![
            Finding::new(&RULE, "second", at(&b, 0)),
            Finding::new(&RULE, "first", at(&a, 5)).with_severity(Severity::Error),
            Finding::new(&RULE, "second", at(&b, 0)),
        ];
        sort_findings(&mut findings);
        let said: Vec<_> = findings.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(said, ["first", "second"]);
        assert_eq!(findings[0].location.start().line, 2);
    }
}
