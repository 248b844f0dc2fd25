use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cel::Env;

use super::{Constraint, Constraints, Expression};
use crate::config::schema::rule::CONSTRAINT_INVALID;
use crate::config::schema::{Identity, PathMap, Schema, SchemaNode, words};
use crate::document::Value;
use crate::report::{Finding, Severity};
use crate::text::Pointer;

/// The keyword that holds rules.
const KEYWORD: &str = "x-validations";

impl Constraints {
    /// Reads the rules of a schema, and says which cannot be read.
    pub(in crate::config::schema) fn compile(schema: &Schema) -> (Self, Vec<Finding>) {
        let mut constraints = Self {
            rules: Vec::new(),
            places: PathMap::empty(),
            env: Arc::new(Env::stdlib()),
        };
        let mut findings = Vec::new();
        if !schema.mentions(KEYWORD) {
            return (constraints, findings);
        }
        // The rules by the schema that they are attached to.
        let mut attached: BTreeMap<Identity, Vec<usize>> = BTreeMap::new();
        schema.each_node(&mut |node| {
            let Some(list) = node.get(KEYWORD) else {
                return;
            };
            let entries = list.value.as_array().unwrap_or_default();
            if list.value.as_array().is_none() {
                let message = format!("`{KEYWORD}` must be a list of rules");
                findings.push(Finding::new(&CONSTRAINT_INVALID, message, list.location()));
            }
            for index in 0..entries.len() {
                let Some(entry) = list.get(&index.to_string()) else {
                    continue;
                };
                match constraints.read(&entry) {
                    Ok(rule) => {
                        let rules = attached.entry(node.identity()).or_default();
                        rules.push(constraints.rules.len());
                        constraints.rules.push(rule);
                    }
                    Err(finding) => findings.push(*finding),
                }
            }
        });
        let places = |maybe, reached: &RefCell<BTreeSet<usize>>| {
            PathMap::build(schema, maybe, |nodes| {
                let rules = nodes
                    .iter()
                    .filter_map(|node| attached.get(&node.identity()));
                let mut rules: Vec<usize> = rules.flatten().copied().collect();
                reached.borrow_mut().extend(rules.iter().copied());
                rules.sort_unstable();
                (!rules.is_empty()).then_some(rules)
            })
        };
        let (some, all) = (RefCell::default(), RefCell::default());
        constraints.places = places(false, &some);
        let _ = places(true, &all);
        for index in all.borrow().difference(&some.borrow()) {
            let rule = &constraints.rules[*index];
            let message = format!(
                "the rule `{}` is not evaluated here",
                words::clip(&rule.text)
            );
            findings.push(
                Finding::new(&CONSTRAINT_INVALID, message, rule.location.clone())
                    .with_severity(Severity::Warning)
                    .with_help(
                        "move it out of `anyOf`, `oneOf`, `then`, `else` and dependent schemas, \
                         and write the condition into it",
                    ),
            );
        }
        (constraints, findings)
    }

    fn read(&self, entry: &SchemaNode<'_>) -> Result<Constraint, Box<Finding>> {
        let invalid = |node: &SchemaNode<'_>, message: String| {
            Box::new(Finding::new(
                &CONSTRAINT_INVALID,
                message,
                node.value_location(),
            ))
        };
        let expression = |keyword: &str| -> Result<Option<(String, Expression)>, Box<Finding>> {
            let Some(node) = entry.get(keyword) else {
                return Ok(None);
            };
            let Some(text) = node.value.as_str() else {
                return Err(invalid(&node, format!("`{keyword}` must be a text")));
            };
            match Expression::compile(text, &self.env) {
                Ok(expression) => Ok(Some((text.to_owned(), expression))),
                Err(why) => Err(invalid(
                    &node,
                    format!("`{}` cannot be read: {why}", words::clip(text)),
                )),
            }
        };
        let Some((text, rule)) = expression("rule")? else {
            return Err(invalid(
                entry,
                "a rule must have a text under `rule`".into(),
            ));
        };
        let string = |keyword: &str| entry.value.get(keyword).and_then(Value::as_str);
        let field = match string("fieldPath") {
            Some(path) => field(path).ok_or_else(|| {
                let node = entry.get("fieldPath").unwrap_or_else(|| entry.clone());
                invalid(
                    &node,
                    format!("`{}` is no path to an option", words::clip(path)),
                )
            })?,
            None => Pointer::root(),
        };
        let optional_old = entry.value.get("optionalOldSelf").and_then(Value::as_bool);
        let place = entry.get("rule").unwrap_or_else(|| entry.clone());
        Ok(Constraint {
            text: text.trim().to_owned(),
            rule,
            message: string("message").map(|text| text.trim().to_owned()),
            message_expression: expression("messageExpression")?.map(|(_, found)| found),
            field,
            optional_old: optional_old.unwrap_or(false),
            location: place.value_location().with_label("the rule"),
        })
    }
}

/// Reads a path as Kubernetes writes it: `.a.b`, `.labels['x.y']`.
fn field(path: &str) -> Option<Pointer> {
    let mut pointer = Pointer::root();
    let mut rest = path.trim();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("['") {
            let (name, after) = quoted.split_once("']")?;
            pointer.push(name);
            rest = after;
        } else {
            let name = rest.strip_prefix('.')?;
            let end = name.find(['.', '[']).unwrap_or(name.len());
            if end == 0 {
                return None;
            }
            pointer.push(&name[..end]);
            rest = &name[end..];
        }
    }
    Some(pointer)
}
