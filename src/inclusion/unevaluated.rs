//! `unevaluatedProperties` and `unevaluatedItems`: what no other keyword has looked at.
//!
//! Which members were looked at depends on which alternatives hold. All cases are written out:
//! in each, the conditions, and the members and items that are looked at then. After Attouche,
//! Baazizi, Colazzo, Ghelli, Sartiani, Scherzinger, *Validation of Modern JSON Schema*
//! (POPL 2024).

use super::Node;
use super::compile::Compiler;
use super::formula::{Arena, Lit};
use super::keywords::{children, declared_beside, has_member, members, opaque_here};
use super::types::Types;
use crate::config::schema::Dialect;

/// How many cases are written out.
const CASES: usize = 64;

/// How deep references are followed.
const DEPTH: usize = 24;

/// What is looked at under some condition.
#[derive(Clone)]
struct Case {
    when: Vec<Lit>,
    /// The names of members.
    names: Lit,
    /// How many items from the first on.
    prefix: usize,
    /// Whether all items are.
    items: bool,
    /// The items that hold one of these are.
    contains: Vec<Lit>,
}

impl Case {
    fn nothing(when: Vec<Lit>) -> Self {
        Self {
            when,
            names: Lit::FALSE,
            prefix: 0,
            items: false,
            contains: Vec::new(),
        }
    }

    fn is_nothing(&self) -> bool {
        self.names == Lit::FALSE && self.prefix == 0 && !self.items && self.contains.is_empty()
    }

    fn with(&self, arena: &mut Arena, other: &Self) -> Self {
        Self {
            when: [&self.when[..], &other.when[..]].concat(),
            names: arena.any([self.names, other.names]),
            prefix: self.prefix.max(other.prefix),
            items: self.items || other.items,
            contains: [&self.contains[..], &other.contains[..]].concat(),
        }
    }
}

impl Compiler {
    pub(super) fn unevaluated(
        &mut self,
        arena: &mut Arena,
        key: &str,
        holder: &Node<'_>,
        node: &Node<'_>,
    ) -> Lit {
        let of_members = key == "unevaluatedProperties";
        let Some(cases) = self.cases(arena, holder, Some(key), 0) else {
            let types = if of_members {
                Types::OBJECT
            } else {
                Types::ARRAY
            };
            return opaque_here(arena, types, &format!("`{key}`"), holder.value);
        };
        let value = self.node(arena, node);
        let mut all = Vec::new();
        for case in cases {
            let holds = if of_members {
                arena.members(!case.names, value)
            } else if case.items {
                Lit::TRUE
            } else {
                let contained = case.contains.iter().copied();
                let item = arena.any(contained.chain([value]));
                arena.rest(case.prefix, item)
            };
            let unless = case.when.into_iter().map(|lit| !lit);
            all.push(arena.any(unless.chain([holds])));
        }
        arena.all(all)
    }

    /// Writes out what a schema that holds looks at; `None` where there are too many cases.
    fn cases(
        &mut self,
        arena: &mut Arena,
        node: &Node<'_>,
        without: Option<&str>,
        depth: usize,
    ) -> Option<Vec<Case>> {
        if depth > DEPTH {
            return None;
        }
        let mut own = Case::nothing(Vec::new());
        if node.value.as_object().is_none() {
            return Some(vec![own]);
        }
        let mut cases = Vec::new();
        let only_ref = node.is_only_ref();
        if !only_ref {
            self.own(arena, node, without, &mut own);
        }
        cases.push(own);
        let dynamic = node.dynamic_reference().is_some();
        if dynamic && self.dynamic {
            return None;
        }
        for target in [node.reference(), node.dynamic_reference()]
            .into_iter()
            .flatten()
        {
            let inner = self.cases(arena, &target.ok()?, None, depth + 1)?;
            cases = product(arena, &cases, &inner)?;
        }
        if only_ref {
            return Some(cases);
        }
        for branch in node.get("allOf").iter().flat_map(children) {
            let inner = self.cases(arena, &branch, None, depth + 1)?;
            cases = product(arena, &cases, &inner)?;
        }
        for key in ["anyOf", "oneOf"] {
            for branch in node.get(key).iter().flat_map(children) {
                let holds = self.node(arena, &branch);
                cases = self.either(arena, cases, vec![holds], &branch, depth)?;
            }
        }
        for (name, branch) in node.get("dependentSchemas").iter().flat_map(members) {
            let has = has_member(arena, &name);
            cases = self.either(arena, cases, vec![has], &branch, depth)?;
        }
        if let Some(test) = node.get("if") {
            let holds = self.node(arena, &test);
            let mut inner = vec![Case::nothing(vec![holds])];
            for branch in [Some(test), node.get("then")].into_iter().flatten() {
                let more = self.cases(arena, &branch, None, depth + 1)?;
                inner = product(arena, &inner, &more)?;
            }
            let mut other = vec![Case::nothing(vec![!holds])];
            if let Some(branch) = node.get("else") {
                let more = self.cases(arena, &branch, None, depth + 1)?;
                other = product(arena, &other, &more)?;
            }
            inner.append(&mut other);
            if !inner.iter().all(Case::is_nothing) {
                cases = product(arena, &cases, &inner)?;
            }
        }
        Some(cases)
    }

    /// Adds what a branch looks at where some condition holds.
    fn either(
        &mut self,
        arena: &mut Arena,
        cases: Vec<Case>,
        when: Vec<Lit>,
        branch: &Node<'_>,
        depth: usize,
    ) -> Option<Vec<Case>> {
        let inner = self.cases(arena, branch, None, depth + 1)?;
        if inner.iter().all(Case::is_nothing) {
            return Some(cases);
        }
        let holds = arena.all(when);
        let given = [Case::nothing(vec![holds])];
        let mut inner = product(arena, &given, &inner)?;
        inner.push(Case::nothing(vec![!holds]));
        product(arena, &cases, &inner)
    }

    /// Adds what the keywords of a schema itself look at.
    fn own(&mut self, arena: &mut Arena, node: &Node<'_>, without: Option<&str>, case: &mut Case) {
        let has = |key: &str| without != Some(key) && node.get(key).is_some();
        case.names = if has("additionalProperties") || has("unevaluatedProperties") {
            Lit::TRUE
        } else {
            declared_beside(arena, node)
        };
        let len = |key| {
            let list = node.get(key);
            list.map_or(0, |list| list.value.as_array().map_or(0, <[_]>::len))
        };
        let latest = node.dialect() >= Dialect::Draft202012;
        let tuple = node
            .get("items")
            .is_some_and(|items| items.value.as_array().is_some());
        case.items = has("unevaluatedItems")
            || (has("items") && (latest || !tuple))
            || (has("additionalItems") && !latest && tuple);
        case.prefix = if latest {
            len("prefixItems")
        } else {
            len("items")
        };
        if latest && let Some(contains) = node.get("contains") {
            case.contains.push(self.node(arena, &contains));
        }
    }
}

fn product(arena: &mut Arena, left: &[Case], right: &[Case]) -> Option<Vec<Case>> {
    if left.len() * right.len() > CASES {
        return None;
    }
    let mut out = Vec::with_capacity(left.len() * right.len());
    for a in left {
        for b in right {
            out.push(a.with(arena, b));
        }
    }
    Some(out)
}
