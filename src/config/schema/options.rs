//! Tells what is wrong with the options of a map.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;

use super::SchemaNode;
use super::explain::{Explainer, Fault, values};
use super::rule::{
    FORBIDDEN_VALUE, INVALID_OPTION_NAME, ITEM_COUNT, MISSING_OPTION, UNKNOWN_OPTION,
};
use super::words::{self, clip};
use crate::document::{Map, Value};
use crate::report::Finding;
use crate::text::{Pointer, nearest};

/// The most names that are offered where none is near.
const MAX_OFFERED: usize = 12;

impl Explainer<'_> {
    /// Tells that nothing may stand here.
    pub(super) fn nothing(&self, fault: &Fault<'_>) -> Vec<Finding> {
        let at = &fault.pointer;
        let keyword = fault.keyword.as_ref().and_then(SchemaNode::keyword);
        let closed = ["additionalProperties", "unevaluatedProperties"];
        let map = self.value.at(at).and_then(Value::as_object);
        if let Some(map) = map
            && keyword.is_some_and(|keyword| closed.contains(&keyword))
        {
            return map.keys().map(|name| self.unknown(name, fault)).collect();
        }
        let holder = at.parent().and_then(|holder| self.value.at(&holder));
        let index = at.last().and_then(|last| last.parse::<usize>().ok());
        if let Some(index) = index
            && holder.is_some_and(|holder| holder.as_array().is_some())
        {
            let message = format!("the list can have no item {}", index + 1);
            return vec![self.finding(&ITEM_COUNT, message, fault)];
        }
        vec![self.finding(&FORBIDDEN_VALUE, not_here(at), fault)]
    }

    pub(super) fn unknown(&self, name: &str, fault: &Fault<'_>) -> Finding {
        let at = fault.pointer.join(name);
        let place = inside(&fault.pointer);
        let finding = self.finding_at(
            &UNKNOWN_OPTION,
            format!("there is no option `{}`{place}", clip(name)),
            &at,
            fault,
        );
        let known = self.declared_names(&fault.pointer);
        let set = self.value.at(&fault.pointer);
        let unset = known.iter().map(String::as_str);
        let unset = unset.filter(|name| set.is_none_or(|map| map.get(name).is_none()));
        let near = nearest(name, unset);
        let quote = |names: &[&str], last| {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            words::join(&names, last)
        };
        if !near.is_empty() {
            return finding.with_help(format!("did you mean {}?", quote(&near, "or")));
        }
        let mut names: Vec<&str> = known.iter().map(String::as_str).collect();
        match names.len() {
            0 => finding,
            n if n <= MAX_OFFERED => {
                finding.with_help(format!("there are {}", quote(&names, "and")))
            }
            n => {
                names.truncate(MAX_OFFERED);
                let more = n - MAX_OFFERED;
                let names = names.iter().map(|name| format!("`{name}`"));
                let names = names.collect::<Vec<_>>().join(", ");
                finding.with_help(format!("there are {names} and {more} more"))
            }
        }
    }

    /// Gives the names of the options that the schema knows in a map.
    fn declared_names(&self, pointer: &Pointer) -> Vec<String> {
        let nodes = self.schema.map(|schema| schema.annotations_at(pointer));
        let mut names = Vec::new();
        for node in nodes.unwrap_or_default() {
            let map = node.value.get("properties").and_then(Value::as_object);
            for name in map.into_iter().flat_map(Map::keys) {
                if !names.iter().any(|known| known == name.as_str()) {
                    names.push(name.to_string());
                }
            }
        }
        names
    }

    pub(super) fn missing(&self, name: &str, fault: &Fault<'_>) -> Finding {
        let place = inside(&fault.pointer);
        let because = self.needing(name, fault);
        let because = because.map(|option| format!(", which `{}` needs", clip(&option)));
        let because = because.unwrap_or_default();
        let finding = self.finding(
            &MISSING_OPTION,
            format!("the option `{}` is missing{place}{because}", clip(name)),
            fault,
        );
        let at = fault.pointer.join(name);
        let nodes = self.schema.map(|schema| schema.annotations_at(&at));
        let expected = nodes
            .iter()
            .flatten()
            .find_map(|node| words::expectation(node.value, node.dialect()));
        match expected {
            Some(expected) => finding.with_help(format!("it must be {expected}")),
            None => finding,
        }
    }

    /// Finds the option that needs another one.
    fn needing(&self, name: &str, fault: &Fault<'_>) -> Option<String> {
        let node = fault.keyword.clone()?;
        let keywords = ["dependentRequired", "dependencies"];
        let is_map = |node: &SchemaNode<'_>| {
            let keyword = node.keyword();
            keyword.is_some_and(|keyword| keywords.contains(&keyword))
        };
        let map = [Some(node.clone()), node.parent()]
            .into_iter()
            .flatten()
            .find(is_map)?;
        let set = self.value.at(&fault.pointer)?;
        let mut needs = map.value.as_object()?.iter().filter(|(option, needed)| {
            let mut needed = needed.as_array().unwrap_or_default().iter();
            set.get(option).is_some() && needed.any(|needed| needed.as_str() == Some(name))
        });
        needs.next().map(|(option, _)| option.to_string())
    }

    pub(super) fn option_name(&self, error: &ValidationError<'_>, fault: &Fault<'_>) -> Finding {
        let inner = self.fault(error);
        let name = error.instance().as_str().unwrap_or_default().to_owned();
        let wanted = match error.kind() {
            Kind::Pattern { pattern } => Some(format!("a text that matches `{}`", clip(pattern))),
            Kind::Enum { options } => Some(format!("one of {}", words::list(&values(options)))),
            _ => inner.expected,
        };
        let at = fault.pointer.join(name.as_str());
        let message = format!(
            "no option can be named `{}`{}",
            clip(&name),
            inside(&fault.pointer)
        );
        let finding = self.finding_at(&INVALID_OPTION_NAME, message, &at, fault);
        match wanted {
            Some(wanted) => finding.with_help(format!("a name must be {wanted}")),
            None => finding,
        }
    }

    pub(super) fn forbidden(&self, schema: &serde_json::Value, at: &Pointer) -> String {
        let names = schema.get("required").and_then(|names| names.as_array());
        let names: Vec<String> = names
            .into_iter()
            .flatten()
            .filter_map(|name| Some(format!("`{}`", name.as_str()?)))
            .collect();
        let place = inside(at);
        let only_names = schema.as_object().is_some_and(|map| map.len() == 1);
        match names.as_slice() {
            [one] if only_names => format!("{one} must not be set{place}"),
            [_, _, ..] if only_names => {
                let names = words::join(&names, "and");
                format!("{names} must not be set together{place}")
            }
            _ => format!("is forbidden here; {}", self.is(at)),
        }
    }
}

fn inside(pointer: &Pointer) -> String {
    if pointer.is_root() {
        return String::new();
    }
    format!(" in `{}`", pointer.dotted())
}

fn not_here(pointer: &Pointer) -> String {
    match pointer.last() {
        Some(name) => format!("`{}` must not be set here", clip(name)),
        None => "nothing is allowed here".into(),
    }
}

pub(super) fn option_count(kind: &Kind, fault: &Fault<'_>) -> String {
    let (mut min, mut max) = match kind {
        Kind::MinProperties { limit } => (Some(limit.to_string()), None),
        Kind::MaxProperties { limit } => (None, Some(limit.to_string())),
        _ => (None, None),
    };
    let holder = fault.keyword.as_ref().and_then(SchemaNode::parent);
    if let Some(holder) = holder {
        let text = |keyword: &str| Some(holder.value.get(keyword)?.as_number()?.to_string());
        min = min.or_else(|| text("minProperties"));
        max = max.or_else(|| text("maxProperties"));
    }
    format!("a map{}", words::size(min, max, "option"))
}
