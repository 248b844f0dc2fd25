//! Rules about several values at once: `x-validations`, in the form that Kubernetes gives them.
//!
//! A rule is attached to a schema and written in the [Common Expression Language]. `self` is the
//! value that the schema speaks about, `oldSelf` what it was before. The only room that names a
//! CEL interpreter.
//!
//! [Common Expression Language]: https://cel.dev

mod check;
mod compile;
mod escape;
mod expression;
mod formula;
mod value;

use std::fmt;
use std::sync::Arc;

use self::expression::Expression;
pub use self::formula::{Formula, Given};
use super::PathMap;
use crate::report::Location;
use crate::text::Pointer;

/// The rules of a schema, and the places of a value that they are about.
pub(super) struct Constraints {
    rules: Vec<Constraint>,
    places: PathMap<Vec<usize>>,
    env: Arc<cel::Env>,
}

/// One rule.
#[derive(Debug)]
struct Constraint {
    /// The rule as written.
    text: String,
    rule: Expression,
    /// What to say where it does not hold.
    message: Option<String>,
    /// What gives the text to say.
    message_expression: Option<Expression>,
    /// The option below that the rule is about.
    field: Pointer,
    /// Whether the rule also holds for a value that is new.
    optional_old: bool,
    /// Where the rule stands.
    location: Location,
}

impl Constraints {
    /// Says how deep the parts of the deepest rule stand in each other.
    pub(super) fn depth(&self) -> usize {
        let rules = self.rules.iter().flat_map(|rule| {
            let message = rule.message_expression.as_ref();
            std::iter::once(&rule.rule).chain(message)
        });
        rules.map(|expression| expression.depth).max().unwrap_or(0)
    }
}

impl fmt::Debug for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.rules).finish()
    }
}
