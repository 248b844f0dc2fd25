//! CEL expressions that cannot run away.
//!
//! The interpreter has no bounds of its own, so every loop and every joining of lists or texts is
//! made to spend from a [`Budget`] before it is kept: the parsed expression is rewritten with calls
//! of functions that no author can name.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr};
use cel::objects::Key;
use cel::{Context, Env, ExecutionError, Value};

use super::escape::unescape;
use crate::config::schema::words;
use crate::text::nearest;

/// The most characters of an expression.
const MAX_LENGTH: usize = 4096;

/// How deep the parts of an expression may stand in each other.
const MAX_DEPTH: usize = 250;

/// How many steps a search with a regular expression counts as.
const SEARCH_COST: u64 = 20;

/// How many characters of a text count as one step.
const TEXT_PER_STEP: usize = 16;

/// Spends for the items that a loop is about to go over.
const LOOP: &str = "@loop";

/// Spends for a list or text that was joined from two.
const JOIN: &str = "@join";

/// Spends for a search.
const SEARCH: &str = "@search";

/// What an expression may call: the functions, and the macros that were not expanded because
/// they were written wrongly.
const FUNCTIONS: &[&str] = &[
    "all",
    "bool",
    "bytes",
    "contains",
    "double",
    "dyn",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "has",
    "hasValue",
    "int",
    "map",
    "matches",
    "none",
    "of",
    "ofNonZeroValue",
    "optFlatMap",
    "optMap",
    "or",
    "orValue",
    "size",
    "startsWith",
    "string",
    "type",
    "uint",
    "value",
];

/// What an expression may name without binding it: the value, what it was, and types.
const NAMES: &[&str] = &[
    "self",
    "oldSelf",
    "bool",
    "bytes",
    "double",
    "dyn",
    "int",
    "list",
    "map",
    "null_type",
    "optional_type",
    "string",
    "type",
    "uint",
];

/// An expression, ready to be evaluated.
#[derive(Debug)]
pub(super) struct Expression {
    root: IdedExpr,
    /// Whether it speaks of what the value was.
    pub uses_old: bool,
    /// The names in it, repetitions too.
    pub named: Vec<String>,
    /// How deep its parts stand in each other.
    pub depth: usize,
}

/// The steps that are left.
#[derive(Clone, Debug)]
pub(super) struct Budget(Arc<AtomicU64>);

impl Budget {
    pub(super) fn new(steps: u64) -> Self {
        Self(Arc::new(AtomicU64::new(steps)))
    }

    /// Says whether nothing is left.
    pub(super) fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    pub(super) fn spend(&self, steps: u64) -> Result<(), ExecutionError> {
        let left = self.0.load(Ordering::Relaxed).saturating_sub(steps);
        self.0.store(left, Ordering::Relaxed);
        if left == 0 {
            return Err(ExecutionError::function_error(LOOP, "no steps are left"));
        }
        Ok(())
    }
}

impl Expression {
    /// Reads an expression; says what is wrong with it if it is none.
    pub(super) fn compile(source: &str, env: &Env) -> Result<Self, String> {
        Self::compile_with(source, env, &[])
    }

    /// Reads an expression that may name more than the value; says what is wrong with it if it is
    /// none.
    pub(super) fn compile_with(source: &str, env: &Env, names: &[&str]) -> Result<Self, String> {
        if source.len() > MAX_LENGTH {
            return Err(format!("it is longer than {MAX_LENGTH} characters"));
        }
        let mut root = env.parser().parse(source).map_err(|errors| {
            let first = errors.errors.first();
            first.map_or_else(String::new, |error| {
                let (line, column) = error.pos;
                let line = if line > 1 {
                    format!("line {line}, ")
                } else {
                    String::new()
                };
                format!("at {line}column {column}: {}", plainly(&error.msg))
            })
        })?;
        let mut rewriter = Rewriter {
            bound: names.iter().map(|name| (*name).to_owned()).collect(),
            named: Vec::new(),
            uses_old: false,
            deepest: 0,
        };
        rewriter.rewrite(&mut root, 0)?;
        Ok(Self {
            root,
            uses_old: rewriter.uses_old,
            named: rewriter.named,
            depth: rewriter.deepest,
        })
    }

    /// Evaluates the expression.
    pub(super) fn evaluate(
        &self,
        env: &Arc<Env>,
        value: Value,
        old: Option<Value>,
        budget: &Budget,
    ) -> Result<Value, ExecutionError> {
        let old = old.map(|old| ("oldSelf", old));
        self.evaluate_with(env, std::iter::once(("self", value)).chain(old), budget)
    }

    /// Evaluates the expression with values for its names.
    pub(super) fn evaluate_with<'n>(
        &self,
        env: &Arc<Env>,
        values: impl IntoIterator<Item = (&'n str, Value)>,
        budget: &Budget,
    ) -> Result<Value, ExecutionError> {
        budget.spend(1)?;
        let mut context = Context::with_env(Arc::clone(env));
        for (name, value) in values {
            context.add_variable_from_value(name, value);
        }
        for name in [LOOP, JOIN] {
            let budget = budget.clone();
            let spend = move |value: Value| -> Result<Value, ExecutionError> {
                budget.spend(steps(&value))?;
                Ok(if name == LOOP { ordered(value) } else { value })
            };
            let added = context.add_function(name, spend);
            added.map_err(|error| ExecutionError::function_error(name, error))?;
        }
        let budget = budget.clone();
        let spend = move |found: bool| -> Result<bool, ExecutionError> {
            budget.spend(SEARCH_COST)?;
            Ok(found)
        };
        let added = context.add_function(SEARCH, spend);
        added.map_err(|error| ExecutionError::function_error(SEARCH, error))?;
        Value::resolve(&self.root, &context)
    }
}

/// Gives the keys of a map in order; the interpreter would go over them in any.
fn ordered(value: Value) -> Value {
    let Value::Map(map) = value else {
        return value;
    };
    let mut keys: Vec<&Key> = map.map.keys().collect();
    keys.sort_unstable();
    let keys = keys.into_iter().map(|key| match key {
        Key::Int(int) => Value::Int(*int),
        Key::Uint(int) => Value::UInt(*int),
        Key::Bool(truth) => Value::Bool(*truth),
        Key::String(text) => Value::String(Arc::clone(text)),
    });
    Value::List(Arc::new(keys.collect()))
}

fn steps(value: &Value) -> u64 {
    let size = match value {
        Value::List(items) => items.len(),
        Value::Map(map) => map.map.len(),
        Value::String(text) => text.len() / TEXT_PER_STEP,
        Value::Bytes(bytes) => bytes.len() / TEXT_PER_STEP,
        _ => 0,
    };
    u64::try_from(size).unwrap_or(u64::MAX)
}

/// Checks an expression's names, and makes it spend.
struct Rewriter {
    /// The names that loops bind.
    bound: Vec<String>,
    named: Vec<String>,
    uses_old: bool,
    deepest: usize,
}

impl Rewriter {
    fn rewrite(&mut self, node: &mut IdedExpr, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err("its parts stand too deep in each other".into());
        }
        let depth = depth + 1;
        self.deepest = self.deepest.max(depth);
        match &mut node.expr {
            Expr::Literal(_) => Ok(()),
            Expr::Unspecified => Err("a part of it is missing".into()),
            Expr::Struct(message) => Err(format!(
                "there is no type `{}`",
                words::clip(&message.type_name)
            )),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => {
                select.field = unescape(&select.field);
                self.rewrite(&mut select.operand, depth)
            }
            Expr::List(list) => {
                let mut items = list.elements.iter_mut();
                items.try_for_each(|item| self.rewrite(item, depth))
            }
            Expr::Map(map) => map
                .entries
                .iter_mut()
                .try_for_each(|entry| match &mut entry.expr {
                    EntryExpr::MapEntry(entry) => {
                        self.rewrite(&mut entry.key, depth)?;
                        self.rewrite(&mut entry.value, depth)
                    }
                    EntryExpr::StructField(field) => self.rewrite(&mut field.value, depth),
                }),
            Expr::Comprehension(walk) => {
                self.rewrite(&mut walk.iter_range, depth)?;
                let both = walk.iter_var2.is_some();
                wrap(if both { JOIN } else { LOOP }, &mut walk.iter_range);
                self.rewrite(&mut walk.accu_init, depth)?;
                let before = self.bound.len();
                self.bound.extend(walk.iter_var2.clone());
                self.bound
                    .extend([walk.iter_var.clone(), walk.accu_var.clone()]);
                self.rewrite(&mut walk.loop_cond, depth)?;
                self.rewrite(&mut walk.loop_step, depth)?;
                self.rewrite(&mut walk.result, depth)?;
                self.bound.truncate(before);
                Ok(())
            }
            Expr::Call(call) => {
                self.call(call, depth)?;
                // What a loop gathers was spent for when it began.
                let gathers = call.args.first().is_some_and(
                    |first| matches!(&first.expr, Expr::Ident(name) if name.starts_with('@')),
                );
                match call.func_name.as_str() {
                    "_+_" if !gathers => wrap(JOIN, node),
                    "matches" => wrap(SEARCH, node),
                    _ => {}
                }
                Ok(())
            }
        }
    }

    fn call(&mut self, call: &mut CallExpr, depth: usize) -> Result<(), String> {
        let name = call.func_name.as_str();
        let is_operator = !name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !is_operator && !FUNCTIONS.contains(&name) {
            let near = nearest(name, FUNCTIONS.iter().copied());
            let near = near.first().map(|near| format!("; did you mean `{near}`?"));
            return Err(format!(
                "there is no function `{}`{}",
                words::clip(name),
                near.unwrap_or_default()
            ));
        }
        if let Some(target) = &mut call.target {
            let is_library = matches!(&target.expr, Expr::Ident(name) if name == "optional");
            if !is_library {
                self.rewrite(target, depth)?;
            }
        }
        let mut args = call.args.iter_mut();
        args.try_for_each(|arg| self.rewrite(arg, depth))
    }

    fn name(&mut self, name: &str) -> Result<(), String> {
        if self.bound.iter().any(|bound| bound == name) {
            self.named.push(name.to_owned());
            return Ok(());
        }
        self.uses_old |= name == "oldSelf";
        if NAMES.contains(&name) || name.starts_with('@') {
            return Ok(());
        }
        let known = NAMES[..2].iter().copied();
        let near = nearest(name, known.chain(self.bound.iter().map(String::as_str)));
        let near = near.first().unwrap_or(&"self");
        let name = words::clip(name);
        Err(format!(
            "there is nothing named `{name}`; did you mean `{near}`, or `self.{name}`?"
        ))
    }
}

/// Says in plain words what the parser says.
fn plainly(message: &str) -> String {
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    if message.contains("Recursion limit") || message.contains("OtherError") {
        return "its parts stand too deep in each other".into();
    }
    let starts = [
        "mismatched input ",
        "extraneous input ",
        "no viable alternative at input ",
        "token recognition error at: ",
    ];
    let input = starts.iter().find_map(|start| message.strip_prefix(start));
    let Some(input) = input else {
        return words::clip(message);
    };
    let input = input
        .split(" expecting ")
        .next()
        .unwrap_or_default()
        .trim_matches('\'');
    match input.strip_suffix("<EOF>") {
        Some(_) => "it ends too early".into(),
        None => format!("`{}` is out of place", words::clip(input)),
    }
}

fn wrap(function: &str, node: &mut IdedExpr) {
    let inner = std::mem::take(node);
    *node = IdedExpr {
        id: inner.id,
        expr: Expr::Call(CallExpr {
            func_name: function.to_owned(),
            target: None,
            args: vec![inner],
        }),
    };
}
