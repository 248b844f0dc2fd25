//! Tells which alternative a value comes nearest to.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;

use super::SchemaNode;
use super::explain::{Explainer, Fault, type_names, values};
use super::rule::{MISSING_OPTION, NO_ALTERNATIVE_MATCHES, SEVERAL_ALTERNATIVES_MATCH, WRONG_TYPE};
use super::words;
use crate::document::Value;
use crate::report::Finding;
use crate::text::Pointer;

/// The most faults of the nearest alternative that are told.
const MAX_TOLD: usize = 3;

/// One alternative, and what keeps the value from it.
struct Branch<'e, 'i> {
    index: usize,
    errors: &'e [ValidationError<'i>],
}

impl Branch<'_, '_> {
    /// Says whether the value is of another type altogether.
    fn wrong_type(&self, depth: usize, given: Option<&Value>) -> bool {
        let given = given.map(Value::type_name);
        self.errors.iter().any(|error| match error.kind() {
            Kind::Type { .. } => depth_of(error) == depth,
            Kind::Enum { .. } | Kind::Constant { .. } if depth_of(error) == depth => {
                let allowed = allowed(error);
                allowed.iter().all(|value| Some(value.type_name()) != given)
            }
            _ => false,
        })
    }

    /// Says whether the only fault is that the value itself is none of those allowed.
    fn wrong_value(&self, depth: usize) -> bool {
        let is_value = |error: &ValidationError<'_>| {
            let about = matches!(error.kind(), Kind::Enum { .. } | Kind::Constant { .. });
            depth_of(error) == depth && about
        };
        self.errors.len() == 1 && self.errors.iter().all(is_value)
    }

    /// Gives the options that are missing, if that is the only fault.
    fn missing(&self, depth: usize) -> Option<Vec<String>> {
        let name = |error: &ValidationError<'_>| match error.kind() {
            Kind::Required { property } if depth_of(error) == depth => {
                Some(format!("`{}`", property.as_str()?))
            }
            _ => None,
        };
        self.errors.iter().map(name).collect()
    }

    /// Gives the options right below whose value is none of those allowed, with those allowed.
    fn told_apart(&self, depth: usize) -> Vec<(Pointer, Vec<Value>)> {
        let below = self
            .errors
            .iter()
            .filter(|error| depth_of(error) == depth + 1);
        below
            .map(|error| (place_of(error), allowed(error)))
            .filter(|(_, allowed)| !allowed.is_empty())
            .collect()
    }

    /// Counts what speaks against the alternative being meant: first options right below whose
    /// value tells alternatives apart, then options it does not know, then all faults.
    fn distance(&self, depth: usize) -> (usize, usize, usize) {
        let mut unknown = 0;
        for error in self.errors {
            if let Kind::AdditionalProperties { unexpected }
            | Kind::UnevaluatedProperties { unexpected } = error.kind()
            {
                unknown += unexpected.len();
            }
        }
        (self.told_apart(depth).len(), unknown, self.errors.len())
    }
}

/// Tells that no alternative fits: about the one that is meant where that is plain, else about
/// all of them.
pub(super) fn none_matches(
    explainer: &Explainer<'_>,
    context: &[Vec<ValidationError<'static>>],
    fault: &Fault<'_>,
) -> Vec<Finding> {
    let depth = fault.pointer.tokens().len();
    let branches: Vec<Branch<'_, '_>> = context
        .iter()
        .enumerate()
        .map(|(index, errors)| Branch { index, errors })
        .collect();
    let given = explainer.value.at(&fault.pointer);
    let other_type = |branch: &Branch<'_, '_>| branch.wrong_type(depth, given);
    if branches
        .iter()
        .all(|branch| other_type(branch) || branch.wrong_value(depth))
    {
        return vec![of_no_kind(explainer, &branches, fault)];
    }
    let mut open: Vec<_> = branches
        .iter()
        .filter(|branch| !other_type(branch))
        .collect();
    let missing: Option<Vec<Vec<String>>> =
        open.iter().map(|branch| branch.missing(depth)).collect();
    if let Some(missing) = missing.filter(|missing| missing.len() > 1) {
        let sets: Vec<_> = missing
            .iter()
            .map(|names| words::join(names, "and"))
            .collect();
        let message = format!("{} must be set", words::join(&sets, "or"));
        return vec![explainer.finding(&MISSING_OPTION, message, fault)];
    }
    if let Some(finding) = none_told(explainer, &open, depth) {
        return vec![finding];
    }
    open.sort_by_key(|branch| branch.distance(depth));
    let apart = |branch: &Branch<'_, '_>| branch.told_apart(depth).len();
    match open.as_slice() {
        [meant] => explain_all(explainer, meant),
        [meant, other, ..] if apart(meant) == 0 && apart(other) > 0 => {
            explain_all(explainer, meant)
        }
        [nearest, ..] => vec![about_nearest(explainer, &branches, nearest, fault)],
        [] => vec![of_no_kind(explainer, &branches, fault)],
    }
}

fn explain_all(explainer: &Explainer<'_>, branch: &Branch<'_, '_>) -> Vec<Finding> {
    let errors = branch.errors.iter();
    errors.flat_map(|error| explainer.explain(error)).collect()
}

/// Tells that the value itself is of none of the kinds that the alternatives are of.
fn of_no_kind(
    explainer: &Explainer<'_>,
    branches: &[Branch<'_, '_>],
    fault: &Fault<'_>,
) -> Finding {
    let mut kinds: Vec<String> = Vec::new();
    let mut values = Vec::new();
    for error in branches.iter().flat_map(|branch| branch.errors) {
        if let Kind::Type { kind } = error.kind() {
            let names = type_names(kind).into_iter().map(words::type_word);
            let names: Vec<String> = names.map(str::to_owned).collect();
            let told = explainer.fault(error).expected;
            kinds.push(told.unwrap_or_else(|| words::join(&names, "or")));
        }
        values.extend(allowed(error));
    }
    kinds.dedup();
    if values.is_empty() {
        let wanted = words::join(&kinds, "or");
        let message = format!("must be {wanted}; {}", explainer.is(&fault.pointer));
        return explainer.finding(&WRONG_TYPE, message, fault);
    }
    let one_of = if values.len() > 1 { "one of " } else { "" };
    kinds.insert(0, format!("{one_of}{}", words::list(&values)));
    explainer.none_of(&kinds.join(", or "), &values, fault)
}

/// Tells that the option that tells the alternatives apart has the value of none of them.
fn none_told(explainer: &Explainer<'_>, open: &[&Branch<'_, '_>], depth: usize) -> Option<Finding> {
    let (first, others) = open.split_first()?;
    let (at, mut values) = first.told_apart(depth).into_iter().next()?;
    for branch in others {
        let told = branch.told_apart(depth);
        values.extend(told.into_iter().find(|(place, _)| *place == at)?.1);
    }
    let error = first.errors.iter().find(|error| place_of(error) == at)?;
    let one_of = if values.len() > 1 { "one of " } else { "" };
    let wanted = format!("{one_of}{}", words::list(&values));
    Some(explainer.none_of(&wanted, &values, &explainer.fault(error)))
}

fn about_nearest(
    explainer: &Explainer<'_>,
    branches: &[Branch<'_, '_>],
    nearest: &Branch<'_, '_>,
    fault: &Fault<'_>,
) -> Finding {
    let message = format!("fits none of the {} alternatives", branches.len());
    let mut finding = explainer.finding(&NO_ALTERNATIVE_MATCHES, message, fault);
    let told = explain_all(explainer, nearest);
    let name = name(fault, nearest.index);
    if let Some(first) = told.first() {
        let at = first.location.pointer.clone().unwrap_or_default();
        let named = first.message.starts_with('`');
        let at = if at.is_root() || named {
            String::new()
        } else {
            format!("`{}` ", at.dotted())
        };
        finding.help = Some(format!("the nearest is {name}: {at}{}", first.message));
    }
    for fault in told.into_iter().take(MAX_TOLD) {
        let label = format!("for {name}: {}", fault.message);
        finding.related.push(fault.location.with_label(label));
    }
    finding
}

/// Tells that more than one alternative fits.
pub(super) fn several_match(
    explainer: &Explainer<'_>,
    context: &[Vec<ValidationError<'static>>],
    fault: &Fault<'_>,
) -> Finding {
    let matching = context
        .iter()
        .enumerate()
        .filter(|(_, errors)| errors.is_empty());
    let names: Vec<String> = matching.map(|(index, _)| name(fault, index)).collect();
    let message = match names.as_slice() {
        [_, _, ..] => format!(
            "fits {} at the same time, and may fit only one",
            words::join(&names, "and")
        ),
        _ => "fits several alternatives, and may fit only one".into(),
    };
    explainer.finding(&SEVERAL_ALTERNATIVES_MATCH, message, fault)
}

/// Names an alternative: by its title, by what it refers to, or by its number.
fn name(fault: &Fault<'_>, index: usize) -> String {
    let number = || format!("alternative {}", index + 1);
    let Some(branch) = fault
        .keyword
        .as_ref()
        .and_then(|node| node.get(&index.to_string()))
    else {
        return number();
    };
    let title = |node: &SchemaNode<'_>| {
        let title = node.value.get("title")?.as_str()?;
        Some(format!("“{}”", words::clip(title)))
    };
    let resolved = branch.resolve().ok();
    title(&branch)
        .or_else(|| resolved.as_ref().and_then(title))
        .or_else(|| {
            let target = branch.reference()?.ok()?;
            Some(format!("`{}`", target.pointer().last()?))
        })
        .unwrap_or_else(number)
}

fn depth_of(error: &ValidationError<'_>) -> usize {
    error.instance_path().segments().count()
}

fn place_of(error: &ValidationError<'_>) -> Pointer {
    error.instance_path().as_str().parse().unwrap_or_default()
}

/// Gives the values that a fault says are allowed.
fn allowed(error: &ValidationError<'_>) -> Vec<Value> {
    match error.kind() {
        Kind::Enum { options } => values(options),
        Kind::Constant { expected_value } => vec![Value::from_json(expected_value)],
        _ => Vec::new(),
    }
}
