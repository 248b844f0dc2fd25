//! `unevaluatedProperties` and `unevaluatedItems`: what no other keyword has looked at.
//!
//! Which members and items were looked at depends on which alternatives hold. Each keyword that
//! looks at some is noted with the conditions under which it does; then every kind of name, and
//! every run of items, is one that something looked at, or holds what the keyword asks for. The
//! semantics are those of Attouche, Baazizi, Colazzo, Ghelli, Sartiani, Scherzinger, *Validation
//! of Modern JSON Schema* (POPL 2024).

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::Node;
use super::compile::Compiler;
use super::formula::{Arena, Formula, Lit};
use super::json::Json;
use super::keywords::{children, has_member, members, opaque_here, pattern};
use super::types::Types;
use crate::config::schema::Dialect;

/// How many schemas are looked into.
const LOOKS: usize = 10_000;

/// How deep references are followed.
const DEPTH: usize = 24;

/// How many patterns of names, or kinds of contained items, that are looked at under conditions
/// are told apart: their combinations are written out.
const COMBINED: usize = 6;

/// What one schema looks at, and the conditions under which it does.
struct Look {
    when: Vec<Lit>,
    names: Vec<SmolStr>,
    /// Further names, by a pattern or all of them.
    others: Vec<Lit>,
    /// How many items from the first on; all of them are `usize::MAX`.
    prefix: usize,
    /// The items that hold this are looked at, too.
    contains: Option<Lit>,
}

/// Goes through what a schema that holds looks at.
struct Search<'c> {
    compiler: &'c mut Compiler,
    looks: Vec<Look>,
    left: usize,
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
        let mut search = Search {
            compiler: self,
            looks: Vec::new(),
            left: LOOKS,
        };
        let found = search.schema(arena, holder, Some(key), &[], 0);
        let looks = search.looks;
        let value = self.node(arena, node);
        let written = found.and_then(|()| match of_members {
            true => in_members(arena, &looks, value),
            false => in_items(arena, &looks, value),
        });
        written.unwrap_or_else(|| {
            let types = match of_members {
                true => Types::OBJECT,
                false => Types::ARRAY,
            };
            opaque_here(arena, types, &format!("`{key}`"), holder)
        })
    }
}

impl Search<'_> {
    /// Notes what a schema looks at under some conditions; `None` where that cannot be told.
    fn schema(
        &mut self,
        arena: &mut Arena,
        node: &Node<'_>,
        without: Option<&str>,
        when: &[Lit],
        depth: usize,
    ) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        if depth > DEPTH {
            return None;
        }
        if node.value.as_object().is_none() {
            return Some(());
        }
        let only_ref = node.is_only_ref();
        if !only_ref {
            self.own(arena, node, without, when);
        }
        if node.dynamic_reference().is_some() && self.compiler.dynamic {
            return None;
        }
        let targets = [node.reference(), node.dynamic_reference()];
        for target in targets.into_iter().flatten() {
            self.schema(arena, &target.ok()?, None, when, depth + 1)?;
        }
        if only_ref {
            return Some(());
        }
        for branch in node.get("allOf").iter().flat_map(children) {
            self.schema(arena, &branch, None, when, depth + 1)?;
        }
        for key in ["anyOf", "oneOf"] {
            for branch in node.get(key).iter().flat_map(children) {
                self.branch(arena, &branch, None, when, depth)?;
            }
        }
        for (name, branch) in node.get("dependentSchemas").iter().flat_map(members) {
            let has = has_member(arena, &name);
            self.schema(arena, &branch, None, &[when, &[has]].concat(), depth + 1)?;
        }
        if let Some(test) = node.get("if") {
            let holds = self.compiler.node(arena, &test);
            self.branch(arena, &test, None, when, depth)?;
            for (key, lit) in [("then", holds), ("else", !holds)] {
                if let Some(branch) = node.get(key) {
                    self.schema(arena, &branch, None, &[when, &[lit]].concat(), depth + 1)?;
                }
            }
        }
        Some(())
    }

    /// Notes what a schema looks at where it holds itself.
    fn branch(
        &mut self,
        arena: &mut Arena,
        branch: &Node<'_>,
        without: Option<&str>,
        when: &[Lit],
        depth: usize,
    ) -> Option<()> {
        let before = self.looks.len();
        self.schema(arena, branch, without, when, depth + 1)?;
        if self.looks.len() > before {
            let holds = self.compiler.node(arena, branch);
            for look in &mut self.looks[before..] {
                look.when.push(holds);
            }
        }
        Some(())
    }

    /// Notes what the keywords of a schema itself look at.
    fn own(&mut self, arena: &mut Arena, node: &Node<'_>, without: Option<&str>, when: &[Lit]) {
        let has = |key: &str| without != Some(key) && node.get(key).is_some();
        let under = |key| node.get(key).map_or_else(Vec::new, |map| members(&map));
        let mut look = Look {
            when: when.to_vec(),
            names: under("properties")
                .into_iter()
                .map(|(name, _)| name)
                .collect(),
            others: Vec::new(),
            prefix: 0,
            contains: None,
        };
        if has("additionalProperties") || has("unevaluatedProperties") {
            look.others.push(Lit::TRUE);
        } else {
            for (text, _) in under("patternProperties") {
                look.others.push(pattern(arena, &text));
            }
        }
        let len = |key| {
            let list = node.get(key);
            list.map_or(0, |list| list.value.as_array().map_or(0, <[_]>::len))
        };
        let latest = node.dialect() >= Dialect::Draft202012;
        let tuple = node
            .get("items")
            .is_some_and(|items| items.value.as_array().is_some());
        let all = has("unevaluatedItems")
            || (has("items") && (latest || !tuple))
            || (has("additionalItems") && !latest && tuple);
        look.prefix = match (all, latest) {
            (true, _) => usize::MAX,
            (false, true) => len("prefixItems"),
            (false, false) => len("items"),
        };
        if latest && let Some(contains) = node.get("contains") {
            look.contains = Some(self.compiler.node(arena, &contains));
        }
        let nothing = look.names.is_empty() && look.others.is_empty() && look.prefix == 0;
        if !nothing || look.contains.is_some() {
            self.looks.push(look);
        }
    }
}

/// Says that every member was looked at, or holds; `None` where there are too many cases.
fn in_members(arena: &mut Arena, looks: &[Look], value: Lit) -> Option<Lit> {
    // Names that are looked at in any case.
    let mut always = Vec::new();
    // Under which conditions single names are looked at, and those of a pattern.
    let mut single: BTreeMap<&SmolStr, Vec<Lit>> = BTreeMap::new();
    let mut patterns: BTreeMap<Lit, Vec<Lit>> = BTreeMap::new();
    for look in looks {
        if look.when.is_empty() {
            let names: Vec<Json> = look.names.iter().cloned().map(Json::Text).collect();
            always.push(arena.listed(names));
            always.extend(&look.others);
            continue;
        }
        let when = arena.all(look.when.clone());
        for name in &look.names {
            single.entry(name).or_default().push(when);
        }
        for other in &look.others {
            patterns.entry(*other).or_default().push(when);
        }
    }
    if patterns.len() > COMBINED {
        return None;
    }
    // Names that are looked at under the same conditions are of one kind.
    let mut kinds: BTreeMap<Vec<Lit>, Vec<Json>> = BTreeMap::new();
    let listed: Vec<Json> = single
        .keys()
        .map(|name| Json::Text((*name).clone()))
        .collect();
    for (name, mut when) in single {
        when.sort_unstable();
        when.dedup();
        kinds
            .entry(when)
            .or_default()
            .push(Json::Text(name.clone()));
    }
    let named = arena.listed(listed);
    let always = arena.any(always);
    let mut groups: Vec<(Lit, Vec<Lit>)> = vec![(!named, Vec::new())];
    for (when, names) in kinds {
        groups.push((arena.listed(names), when));
    }
    let mut all = Vec::new();
    if value != Lit::TRUE && value != Lit::FALSE {
        // Their values have a schema, so they are there to be used.
        let known = patterns.keys().copied().chain([named, always]);
        let known = arena.any(known);
        all.push(arena.add(Formula::Declares(!known)));
    }
    for (names, when) in groups {
        for chosen in 0..1_usize << patterns.len() {
            let mut kind = vec![names, !always];
            let mut unless = when.clone();
            for (index, (pattern, when)) in patterns.iter().enumerate() {
                if chosen >> index & 1 == 1 {
                    kind.push(*pattern);
                    unless.extend(when);
                } else {
                    kind.push(!*pattern);
                }
            }
            let kind = arena.all(kind);
            let holds = arena.members(kind, value);
            all.push(arena.any(unless.into_iter().chain([holds])));
        }
    }
    Some(arena.all(all))
}

/// Says that every item was looked at, or holds; `None` where there are too many cases.
fn in_items(arena: &mut Arena, looks: &[Look], value: Lit) -> Option<Lit> {
    let mut always = 0;
    let mut item = vec![value];
    let mut prefixes: Vec<(usize, Lit)> = Vec::new();
    let mut contained: Vec<(Lit, Lit)> = Vec::new();
    for look in looks {
        if look.when.is_empty() {
            always = always.max(look.prefix);
            item.extend(look.contains);
            continue;
        }
        let when = arena.all(look.when.clone());
        if look.prefix > 0 {
            prefixes.push((look.prefix, when));
        }
        contained.extend(look.contains.map(|contains| (contains, when)));
    }
    if always == usize::MAX {
        return Some(Lit::TRUE);
    }
    if contained.len() > COMBINED {
        return None;
    }
    let mut starts: Vec<usize> = prefixes.iter().map(|(prefix, _)| *prefix).collect();
    starts.retain(|start| *start > always && *start < usize::MAX);
    starts.push(always);
    starts.sort_unstable();
    starts.dedup();
    let mut all = Vec::new();
    for start in starts {
        // What looks at the item at a place looks at those before it.
        let beyond = prefixes.iter().filter(|(prefix, _)| *prefix > start);
        let unless: Vec<Lit> = beyond.map(|(_, when)| *when).collect();
        for chosen in 0..1_usize << contained.len() {
            let (mut unless, mut item) = (unless.clone(), item.clone());
            for (index, (contains, when)) in contained.iter().enumerate() {
                if chosen >> index & 1 == 1 {
                    unless.push(*when);
                } else {
                    item.push(*contains);
                }
            }
            let item = arena.any(item);
            let holds = arena.rest(start, item);
            all.push(arena.any(unless.into_iter().chain([holds])));
        }
    }
    Some(arena.all(all))
}
