//! What a rule means, why it matters, and what to do.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::report::{Block, Report, Rule, View};

/// The published JSON Schema of the body of `explain`.
pub const SCHEMA: &str = include_str!("explain.schema.json");

/// What rules say.
#[derive(Debug, Serialize)]
pub struct ExplainBody {
    /// The rules, by id.
    pub rules: Vec<RuleBody>,
}

/// One rule.
#[derive(Debug, Serialize)]
pub struct RuleBody {
    /// Its name.
    pub id: &'static str,
    /// How much it matters where nothing says otherwise.
    pub severity: crate::report::Severity,
    /// One line: what is wrong.
    pub summary: &'static str,
    /// What it means and what to do, in Markdown.
    pub docs: &'static str,
}

/// Gives the documentation of one rule, or a list of all.
///
/// # Errors
///
/// Where there is no such rule; near names are offered.
pub fn explain(rule: Option<&str>) -> Result<Report<ExplainBody>> {
    let mut rules = super::rules();
    if let Some(wanted) = rule {
        let found = rules.iter().copied().find(|rule| rule.id == wanted);
        let Some(found) = found else {
            let names = rules.iter().map(|rule| rule.id);
            return Err(
                Error::not_found(format!("there is no rule `{wanted}`")).with_names(wanted, names)
            );
        };
        rules = vec![found];
    }
    let rules = rules.into_iter().map(|rule: &'static Rule| RuleBody {
        id: rule.id,
        severity: rule.severity,
        summary: rule.summary,
        docs: rule.docs,
    });
    let rules = rules.collect();
    Ok(Report::new(None, Vec::new(), ExplainBody { rules }))
}

impl View for ExplainBody {
    fn view(&self) -> Vec<Block> {
        if let [rule] = &self.rules[..] {
            return vec![
                Block::Heading(rule.id.to_owned()),
                Block::Text(format!("{}: {}", rule.severity, rule.summary)),
                Block::Markdown(without_heading(rule.docs).to_owned()),
            ];
        }
        let rows = self.rules.iter().map(|rule| {
            vec![
                rule.id.to_owned(),
                rule.severity.to_string(),
                rule.summary.to_owned(),
            ]
        });
        vec![Block::Table {
            columns: ["rule", "severity", "what is wrong"]
                .map(str::to_owned)
                .to_vec(),
            rows: rows.collect(),
        }]
    }
}

/// Leaves out a first heading, which would only say the rule's name again.
fn without_heading(docs: &str) -> &str {
    match docs
        .strip_prefix("# ")
        .and_then(|rest| rest.split_once('\n'))
    {
        Some((_, rest)) => rest.trim_start(),
        None => docs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rule_is_told_in_full_and_all_are_listed() {
        let one = explain(Some("option-removed-ignored")).unwrap();
        let [Block::Heading(name), Block::Text(_), Block::Markdown(docs)] = &one.body.view()[..]
        else {
            panic!("a heading, a line and the documentation");
        };
        assert_eq!(name, "option-removed-ignored");
        assert!(!docs.starts_with('#'), "{docs}");
        let all = explain(None).unwrap();
        assert!(matches!(&all.body.view()[..], [Block::Table { rows, .. }] if rows.len() > 100));
        let error = explain(Some("option-removed-ignore")).err().unwrap();
        assert!(error.help().unwrap().contains("option-removed-ignored"));
    }
}
