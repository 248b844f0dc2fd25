use std::sync::Arc;

use cel::objects::OptionalValue;
use cel::{ExecutionError, Value as Cel};
use smol_str::ToSmolStr;

use super::expression::Budget;
use super::value::to_cel;
use super::{Constraint, Constraints};
use crate::config::schema::annotations::is_secret_at;
use crate::config::schema::rule::{CONSTRAINT_INVALID, CONSTRAINT_VIOLATED};
use crate::config::schema::{PathMap, Place, sealed, words};
use crate::document::{Kind, Value};
use crate::report::{Finding, Location};
use crate::text::Pointer;

/// The most steps that all rules about one value may take together: about a second.
const MAX_STEPS: u64 = if cfg!(test) { 20_000 } else { 500_000 };

/// A walk over a value.
struct Check<'a> {
    constraints: &'a Constraints,
    secrets: &'a PathMap<()>,
    locate: &'a dyn Fn(&Pointer) -> Location,
    budget: Budget,
    findings: Vec<Finding>,
}

impl Constraints {
    /// Evaluates the rules about a value, and about every value in it.
    ///
    /// What an item of a list was before is not known, so rules about `oldSelf` are left out
    /// there.
    pub(in crate::config::schema) fn check(
        &self,
        value: &Value,
        old: Option<&Value>,
        secrets: &PathMap<()>,
        locate: &dyn Fn(&Pointer) -> Location,
    ) -> Vec<Finding> {
        let mut check = Check {
            constraints: self,
            secrets,
            locate,
            budget: Budget::new(MAX_STEPS),
            findings: Vec::new(),
        };
        check.walk(self.places.root(), value, old, &mut Pointer::root());
        check.findings
    }
}

impl Check<'_> {
    fn walk(
        &mut self,
        place: Place<'_, Vec<usize>>,
        value: &Value,
        old: Option<&Value>,
        pointer: &mut Pointer,
    ) {
        if place.is_empty() || self.budget.is_spent() {
            return;
        }
        for index in place.get().into_iter().flatten() {
            if !value.is_null() {
                self.evaluate(&self.constraints.rules[*index], value, old, pointer);
            }
        }
        match &value.kind {
            Kind::Object(map) => {
                for (key, value) in map.iter() {
                    pointer.push(key.clone());
                    let old = old.and_then(|old| old.get(key));
                    self.walk(place.key(key), value, old, pointer);
                    pointer.pop();
                }
            }
            Kind::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    pointer.push(index.to_smolstr());
                    self.walk(place.item(index), value, None, pointer);
                    pointer.pop();
                }
            }
            _ => {}
        }
    }

    fn evaluate(
        &mut self,
        constraint: &Constraint,
        value: &Value,
        old: Option<&Value>,
        pointer: &Pointer,
    ) {
        if self.budget.is_spent() {
            return;
        }
        let old = old.map(to_cel);
        let old = if constraint.optional_old {
            let old = old.map_or_else(OptionalValue::none, OptionalValue::of);
            Some(Cel::Opaque(Arc::new(old)))
        } else if constraint.rule.uses_old && old.is_none() {
            return;
        } else {
            old
        };
        let given = to_cel(value);
        let env = &self.constraints.env;
        let result = constraint
            .rule
            .evaluate(env, given.clone(), old.clone(), &self.budget);
        let text = words::clip(&constraint.text);
        let finding = match result {
            Ok(Cel::Bool(true)) => return,
            _ if sealed::is_looked_at(&constraint.text, value) => return,
            Ok(Cel::Bool(false)) => {
                let message = self.message(constraint, given, old, pointer);
                self.finding(constraint, value, pointer, message)
            }
            Ok(_) => Finding::new(
                &CONSTRAINT_INVALID,
                format!("the rule `{text}` gives something else than true or false"),
                constraint.location.clone(),
            ),
            Err(_) if self.budget.is_spent() => self.finding(
                constraint,
                value,
                pointer,
                format!("the rule `{text}` cannot be checked: it takes too many steps"),
            ),
            Err(error) => {
                let (why, help) = explain(&error);
                let message = format!("the rule `{text}` cannot be checked: {why}");
                let finding = self.finding(constraint, value, pointer, message);
                match help {
                    Some(help) => finding.with_help(help),
                    None => finding,
                }
            }
        };
        self.findings.push(finding);
    }

    /// Gives what to say: as the expression says, else as the rule says, else the rule itself.
    fn message(
        &self,
        constraint: &Constraint,
        given: Cel,
        old: Option<Cel>,
        pointer: &Pointer,
    ) -> String {
        let secret = is_secret_at(self.secrets, pointer) || !self.secrets.at(pointer).is_empty();
        let expression = constraint.message_expression.as_ref().filter(|_| !secret);
        let told = expression.and_then(|expression| {
            let env = &self.constraints.env;
            match expression.evaluate(env, given, old, &self.budget) {
                Ok(Cel::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
                _ => None,
            }
        });
        told.or_else(|| constraint.message.clone())
            .unwrap_or_else(|| format!("must hold: `{}`", words::clip(&constraint.text)))
    }

    fn finding(
        &self,
        constraint: &Constraint,
        value: &Value,
        pointer: &Pointer,
        message: String,
    ) -> Finding {
        let mut at = pointer.clone();
        if value.at(&constraint.field).is_some() {
            for token in constraint.field.tokens() {
                at.push(token.clone());
            }
        }
        Finding::new(&CONSTRAINT_VIOLATED, message, (self.locate)(&at))
            .with_related(constraint.location.clone())
    }
}

/// Says why a rule cannot be evaluated, and what to do. Never says a value: it may be secret.
pub(super) fn explain(error: &ExecutionError) -> (String, Option<String>) {
    match error {
        ExecutionError::NoSuchKey(name) => (
            format!("there is no `{}`", words::clip(name)),
            Some(format!(
                "set `{name}`, or let the rule begin with `!has(…{name}) ||`",
                name = words::clip(name)
            )),
        ),
        ExecutionError::NoSuchOverload(overload) => {
            let types = overload.argument_types().join(" and ");
            let function = overload.function().replace('_', " ");
            let function = function.trim();
            (
                format!("`{function}` does not go with {types}"),
                Some("convert one with `int(…)`, `double(…)` or `string(…)`".into()),
            )
        }
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            ("it divides by zero".into(), None)
        }
        ExecutionError::Overflow(..) => ("a number in it becomes too large".into(), None),
        ExecutionError::IndexOutOfBounds(_) => (
            "it asks for an item that the list does not have".into(),
            None,
        ),
        ExecutionError::FunctionError { function, .. } => (
            format!("`{}` fails on this value", words::clip(function)),
            None,
        ),
        _ => ("it does not go with a value of this kind".into(), None),
    }
}
