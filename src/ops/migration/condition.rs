//! When a step is done.

use std::sync::Arc;

use regex::Regex;

use super::path::{Found, Path, Scope};
use crate::config::schema::{Formula, Given};
use crate::document::{Kind, Value};
use crate::text::Pointer;

/// What must hold for a step to be done; every test of it must.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition {
    /// The place it is about; where none is given, where the step is.
    pub path: Option<Path>,
    pub tests: Vec<Test>,
}

/// One thing that must hold.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Equals(Value),
    NotEquals(Value),
    In(Vec<Value>),
    Exists(bool),
    Matches(Regex),
    Type(Vec<TypeName>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Cel(Arc<Formula>),
}

/// A type, as files name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TypeName {
    Null,
    Boolean,
    Number,
    Integer,
    String,
    Array,
    Object,
}

/// The names of types, both those of JSON Schema and plain ones.
pub(super) const TYPE_NAMES: [(&str, TypeName); 10] = [
    ("null", TypeName::Null),
    ("boolean", TypeName::Boolean),
    ("number", TypeName::Number),
    ("integer", TypeName::Integer),
    ("string", TypeName::String),
    ("text", TypeName::String),
    ("array", TypeName::Array),
    ("list", TypeName::Array),
    ("object", TypeName::Object),
    ("map", TypeName::Object),
];

impl TypeName {
    fn fits(self, value: &Value) -> bool {
        match (self, &value.kind) {
            (Self::Null, Kind::Null)
            | (Self::Boolean, Kind::Bool(_))
            | (Self::Number, Kind::Number(_))
            | (Self::String, Kind::String(_))
            | (Self::Array, Kind::Array(_))
            | (Self::Object, Kind::Object(_)) => true,
            (Self::Integer, Kind::Number(number)) => number.is_integer(),
            _ => false,
        }
    }
}

/// What a condition is asked of.
pub(super) struct Asked<'a> {
    pub root: &'a Value,
    pub scope: &'a Scope,
    pub found: &'a Found,
    /// The whole document, for formulas.
    pub given_root: &'a dyn Fn() -> Given,
}

impl Condition {
    /// Says whether the condition holds where a step matched.
    ///
    /// # Errors
    ///
    /// Why a formula in it cannot be evaluated.
    pub(super) fn holds(&self, asked: &Asked<'_>) -> Result<bool, String> {
        self.holds_at(asked, &asked.found.at)
    }

    fn holds_at(&self, asked: &Asked<'_>, here: &Pointer) -> Result<bool, String> {
        let Some(path) = &self.path else {
            return self.tested(asked, here);
        };
        if let Some(at) = path.fill(asked.root, asked.scope, asked.found) {
            return self.tested(asked, &at);
        }
        let found = path.find(asked.root, asked.scope);
        if found.is_empty() {
            // Nowhere is absent too.
            return self.tested(asked, &nowhere());
        }
        for found in found {
            if self.tested(asked, &found.at)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn tested(&self, asked: &Asked<'_>, at: &Pointer) -> Result<bool, String> {
        let value = asked.root.at(at);
        for test in &self.tests {
            let holds = match test {
                Test::Equals(wanted) => value == Some(wanted),
                Test::NotEquals(other) => value != Some(other),
                Test::In(values) => value.is_some_and(|value| values.contains(value)),
                Test::Exists(wanted) => value.is_some() == *wanted,
                Test::Matches(pattern) => value
                    .and_then(Value::as_str)
                    .is_some_and(|text| pattern.is_match(text)),
                Test::Type(types) => {
                    value.is_some_and(|value| types.iter().any(|name| name.fits(value)))
                }
                Test::All(conditions) => {
                    let mut all = true;
                    for condition in conditions {
                        all = all && condition.holds_at(asked, at)?;
                    }
                    all
                }
                Test::Any(conditions) => {
                    let mut any = false;
                    for condition in conditions {
                        any = any || condition.holds_at(asked, at)?;
                    }
                    any
                }
                Test::Not(condition) => !condition.holds_at(asked, at)?,
                // Of what is not there, nothing holds but that it is absent.
                Test::Cel(_) if value.is_none() => false,
                Test::Cel(formula) => {
                    let result = evaluate(formula, value, at, asked.given_root)?;
                    let wrong = || "it gives something else than true or false".to_owned();
                    result.as_bool().ok_or_else(wrong)?
                }
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives every path that the condition looks at; none for the place where the step is.
    pub(super) fn paths(&self) -> Vec<Option<&Path>> {
        let mut paths = vec![self.path.as_ref()];
        for test in &self.tests {
            match test {
                Test::All(inner) | Test::Any(inner) => {
                    let with_path = inner.iter().flat_map(Self::paths).flatten();
                    paths.extend(with_path.map(Some));
                }
                Test::Not(inner) => paths.extend(inner.paths().into_iter().flatten().map(Some)),
                _ => {}
            }
        }
        paths
    }

    /// Says whether a formula in it may look at the whole document.
    pub(super) fn looks_everywhere(&self) -> bool {
        self.tests.iter().any(|test| match test {
            Test::Cel(formula) => formula.uses("root"),
            Test::All(inner) | Test::Any(inner) => inner.iter().any(Self::looks_everywhere),
            Test::Not(inner) => inner.looks_everywhere(),
            _ => false,
        })
    }
}

/// A place that no document has: deeper than any may be.
fn nowhere() -> Pointer {
    Pointer::from_tokens(std::iter::repeat_n("", 300))
}

/// The names that a formula may use.
pub(super) const NAMES: [&str; 3] = ["self", "root", "key"];

/// Evaluates a formula at a place.
pub(super) fn evaluate(
    formula: &Formula,
    value: Option<&Value>,
    at: &Pointer,
    given_root: &dyn Fn() -> Given,
) -> Result<Value, String> {
    let null = Value::default();
    let mut values = vec![("self", Given::of(value.unwrap_or(&null)))];
    if formula.uses("root") {
        values.push(("root", given_root()));
    }
    if formula.uses("key") {
        let key = Value::detached(Kind::String(at.last().unwrap_or_default().into()));
        values.push(("key", Given::of(&key)));
    }
    formula.evaluate(values)
}
