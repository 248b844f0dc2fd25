//! Decides whether two schemas say the same, whatever their annotations, and however their
//! references are laid out.

use std::cell::RefCell;
use std::collections::HashMap;

use super::flat::Node;
use crate::config::schema::Schema;
use crate::document::{Kind, Value};

/// How deep two schemas are compared.
const DEPTH: usize = 80;

/// Keywords that decide what is valid; every other one only describes.
const DECIDING: &[&str] = &[
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveAnchor",
    "$recursiveRef",
    "$ref",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "if",
    "items",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "required",
    "then",
    "type",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
    "x-validations",
];

/// Keywords that mean something else, or nothing, from one dialect to the next.
const DIALECTAL: &[&str] = &[
    "additionalItems",
    "const",
    "contains",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "if",
    "items",
    "maxContains",
    "minContains",
    "prefixItems",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Knows which pairs of schemas were found to say the same.
pub(super) struct Sameness<'s> {
    /// Whether the files of both sides are the same, so that even a dynamic reference is.
    files: bool,
    known: RefCell<HashMap<(usize, usize), bool>>,
    _schemas: std::marker::PhantomData<&'s Schema>,
}

impl<'s> Sameness<'s> {
    pub(super) fn new(files: bool) -> Self {
        Self {
            files,
            known: RefCell::default(),
            _schemas: std::marker::PhantomData,
        }
    }

    /// Says whether two schemas say the same.
    pub(super) fn same(&self, old: &Node<'s>, new: &Node<'s>) -> bool {
        self.same_at(old, new, 0)
    }

    /// Says whether two lists of schemas say the same, in any order.
    pub(super) fn same_all(&self, old: &[Node<'s>], new: &[Node<'s>]) -> bool {
        old.len() == new.len() && self.permuted(old, new, 0)
    }

    /// Says whether the files of both sides are the same.
    pub(super) fn files_same(&self) -> bool {
        self.files
    }

    fn same_at(&self, old: &Node<'s>, new: &Node<'s>, depth: usize) -> bool {
        if depth > DEPTH {
            return false;
        }
        let (Some(old), Some(new)) = (settle(old), settle(new)) else {
            return false;
        };
        let address = |node: &Node<'_>| std::ptr::from_ref(node.value).addr();
        let pair = (address(&old), address(&new));
        if let Some(known) = self.known.borrow().get(&pair) {
            return *known;
        }
        // Within itself a pair is taken to be the same: the greatest fixpoint.
        self.known.borrow_mut().insert(pair, true);
        let same = self.compare(&old, &new, depth);
        if !same {
            // What was taken for granted in the meantime may rest on this.
            let mut known = self.known.borrow_mut();
            known.retain(|_, same| !*same);
            known.insert(pair, false);
        }
        same
    }

    fn compare(&self, old: &Node<'s>, new: &Node<'s>, depth: usize) -> bool {
        let (Kind::Object(a), Kind::Object(b)) = (&old.value.kind, &new.value.kind) else {
            return match (&old.value.kind, &new.value.kind) {
                (Kind::Bool(a), Kind::Bool(b)) => a == b,
                (Kind::Object(map), Kind::Bool(true)) | (Kind::Bool(true), Kind::Object(map)) => {
                    map.keys().all(|key| is_note(key))
                }
                _ => false,
            };
        };
        let counts = |key: &str| !is_note(key);
        let keys = || a.keys().filter(|key| counts(key));
        if keys().count() != b.keys().filter(|key| counts(key)).count() {
            return false;
        }
        let dialects = old.dialect() == new.dialect();
        keys().all(|key| {
            let (Some(x), Some(y)) = (old.get(key), new.get(key)) else {
                return false;
            };
            (dialects || DIALECTAL.binary_search(&key.as_str()).is_err())
                && self.keyword(key, old, &x, new, &y, depth + 1)
        })
    }

    fn keyword(
        &self,
        key: &str,
        old_holder: &Node<'s>,
        old: &Node<'s>,
        new_holder: &Node<'s>,
        new: &Node<'s>,
        depth: usize,
    ) -> bool {
        match key {
            "$ref" => match (old_holder.reference(), new_holder.reference()) {
                (Some(Ok(a)), Some(Ok(b))) => self.same_at(&a, &b, depth),
                (Some(Err(_)), Some(Err(_))) => old.value == new.value,
                _ => false,
            },
            "$dynamicRef" | "$recursiveRef" | "$recursiveAnchor" | "$dynamicAnchor" => {
                old.value == new.value && self.files
            }
            "allOf" | "anyOf" | "oneOf" => {
                let list = super::flatten::children;
                let (a, b) = (list(old), list(new));
                a.len() == b.len() && self.permuted(&a, &b, depth)
            }
            "prefixItems" => self.in_order(old, new, depth),
            "items" if old.value.as_array().is_some() => self.in_order(old, new, depth),
            "properties" | "patternProperties" | "dependentSchemas" => self.map(old, new, depth),
            "dependencies" => old.value == new.value || self.map(old, new, depth),
            "additionalItems"
            | "additionalProperties"
            | "contains"
            | "else"
            | "if"
            | "items"
            | "not"
            | "propertyNames"
            | "then"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "contentSchema" => self.same_at(old, new, depth),
            "required" | "enum" | "type" => as_set(old.value, new.value),
            _ => old.value == new.value,
        }
    }

    fn in_order(&self, old: &Node<'s>, new: &Node<'s>, depth: usize) -> bool {
        let (a, b) = (super::flatten::children(old), super::flatten::children(new));
        a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| self.same_at(a, b, depth))
    }

    fn permuted(&self, old: &[Node<'s>], new: &[Node<'s>], depth: usize) -> bool {
        let mut left: Vec<&Node<'s>> = new.iter().collect();
        old.iter().enumerate().all(|(index, a)| {
            // The same place first: that is where it mostly is.
            let straight = new.get(index).filter(|b| self.same_at(a, b, depth));
            let at = match straight {
                Some(b) => left.iter().position(|c| std::ptr::eq(c.value, b.value)),
                None => left.iter().position(|b| self.same_at(a, b, depth)),
            };
            at.map(|at| left.remove(at)).is_some()
        })
    }

    fn map(&self, old: &Node<'s>, new: &Node<'s>, depth: usize) -> bool {
        let (Some(a), Some(b)) = (old.value.as_object(), new.value.as_object()) else {
            return false;
        };
        a.len() == b.len()
            && a.keys().all(|key| match (old.get(key), new.get(key)) {
                (Some(x), Some(y)) if x.value.as_array().is_some() => as_set(x.value, y.value),
                (Some(x), Some(y)) => self.same_at(&x, &y, depth),
                _ => false,
            })
    }
}

/// Says whether a keyword decides what is valid.
pub(super) fn decides(key: &str) -> bool {
    DECIDING.binary_search(&key).is_ok()
}

fn is_note(key: &str) -> bool {
    !decides(key)
}

/// Goes through references and single-branch `allOf` that add nothing of their own.
fn settle<'s>(node: &Node<'s>) -> Option<Node<'s>> {
    let mut node = node.clone();
    for _ in 0..DEPTH {
        let Some(map) = node.value.as_object() else {
            return Some(node);
        };
        let mut own = map.keys().filter(|key| !is_note(key));
        let first = own.next().map(smol_str::SmolStr::as_str);
        let alone = own.next().is_none() || node.is_only_ref();
        let next = match (first, alone) {
            (Some("$ref"), true) => node.reference()?.ok(),
            (_, true) if node.is_only_ref() => node.reference()?.ok(),
            (Some("allOf"), true) => {
                let branches = super::flatten::children(&node.get("allOf")?);
                match <[Node<'s>; 1]>::try_from(branches) {
                    Ok([only]) => Some(only),
                    Err(_) => return Some(node),
                }
            }
            _ => return Some(node),
        };
        match next {
            Some(next) => node = next,
            None => return Some(node),
        }
    }
    None
}

/// Compares two lists as sets; `type: [a]` and `type: a` are one.
fn as_set(old: &Value, new: &Value) -> bool {
    let list = |value: &Value| -> Vec<Value> {
        match &value.kind {
            Kind::Array(items) => items.clone(),
            _ => vec![value.clone()],
        }
    };
    let (old, new) = (list(old), list(new));
    old.iter().all(|value| new.contains(value)) && new.iter().all(|value| old.contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(DECIDING.is_sorted());
        assert!(DIALECTAL.is_sorted());
    }
}
