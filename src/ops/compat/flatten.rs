//! Brings schemas into their normal form.

use super::flat::{
    ArrayPart, Bound, Conj, Contains, Count, Flat, Node, ObjectPart, Residue, ResidueKind, lower,
    raise,
};
use super::types::Types;
use crate::config::schema::{Dialect, RefError};
use crate::document::Kind;

/// How deep `$ref` and `allOf` are followed within one place.
const DEPTH: usize = 64;

/// How deep alternatives within alternatives are looked into for a normal form.
const NESTING: usize = 6;

/// How many alternatives are looked into.
const BRANCHES: usize = 256;

/// Keywords that name, hold or describe other schemas and say nothing of a value themselves.
const SILENT: &[&str] = &[
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$id",
    "$recursiveAnchor",
    "$schema",
    "$vocabulary",
    "definitions",
    "id",
];

/// Gives the normal form of schemas that hold together.
pub(super) fn flatten<'s>(conj: &[Node<'s>]) -> Flat<'s> {
    flatten_at(conj, 0)
}

/// Gives what schemas say themselves, without what they refer to.
pub(super) fn surface<'s>(conj: &[Node<'s>]) -> Flat<'s> {
    let mut flat = Flat::top();
    for node in conj {
        let keys = node
            .value
            .as_object()
            .into_iter()
            .flat_map(crate::document::Map::keys);
        for key in keys {
            if let Some(value) = node.get(key) {
                flat.keyword(key, node, value);
            }
        }
    }
    flat
}

fn flatten_at<'s>(conj: &[Node<'s>], nesting: usize) -> Flat<'s> {
    let mut flat = Flat::top();
    let mut seen = Vec::new();
    for node in conj {
        absorb(&mut flat, node, 0, &mut seen);
    }
    flat.dissolve(nesting);
    flat.prune();
    flat.roots = conj.to_vec();
    flat
}

/// Takes one schema in, with all it refers to.
fn absorb<'s>(
    flat: &mut Flat<'s>,
    node: &Node<'s>,
    depth: usize,
    seen: &mut Vec<*const crate::document::Value>,
) {
    let address = std::ptr::from_ref(node.value);
    if seen.contains(&address) {
        return;
    }
    if depth > DEPTH {
        flat.residue.push(Residue {
            kind: ResidueKind::Opaque,
            node: node.clone(),
        });
        return;
    }
    seen.push(address);
    flat.held.push(node.clone());
    match &node.value.kind {
        Kind::Bool(true) => {}
        Kind::Bool(false) => flat.forbid(node),
        Kind::Object(map) => {
            let only_ref = node.is_only_ref();
            if !only_ref {
                for key in map.keys() {
                    if let Some(value) = node.get(key) {
                        flat.keyword(key, node, value);
                    }
                }
            }
            match node.reference() {
                Some(Ok(target)) => absorb(flat, &target, depth + 1, seen),
                Some(Err(RefError::Broken | RefError::Cycle)) => flat.broken.push(node.clone()),
                Some(Err(RefError::Metaschema(_))) => flat.opaque(node, "$ref"),
                None => {}
            }
            if !only_ref && let Some(branches) = node.get("allOf") {
                for branch in children(&branches) {
                    absorb(flat, &branch, depth + 1, seen);
                }
            }
        }
        _ => flat.residue.push(Residue {
            kind: ResidueKind::Opaque,
            node: node.clone(),
        }),
    }
}

/// Gives the nodes of a list.
pub(super) fn children<'s>(list: &Node<'s>) -> Conj<'s> {
    let count = list.value.as_array().map_or(0, <[_]>::len);
    (0..count)
        .filter_map(|index| list.get(&index.to_string()))
        .collect()
}

/// Gives the names and nodes of a map.
fn members<'s>(map: &Node<'s>) -> Vec<(&'s str, Node<'s>)> {
    let entries = map.value.as_object().into_iter();
    entries
        .flat_map(crate::document::Map::keys)
        .filter_map(|name| Some((name.as_str(), map.get(name)?)))
        .collect()
}

fn count<'s>(node: &Node<'s>) -> Option<Count<'s>> {
    let value = node.value.as_number()?.to_i64()?;
    Some(Count {
        value: u64::try_from(value).ok()?,
        node: node.clone(),
    })
}

impl<'s> Flat<'s> {
    fn opaque(&mut self, node: &Node<'s>, keyword: &str) {
        if let Some(node) = node.get(keyword) {
            self.residue.push(Residue {
                kind: ResidueKind::Opaque,
                node,
            });
        }
    }

    /// Takes one keyword in.
    fn keyword(&mut self, key: &'s str, holder: &Node<'s>, node: Node<'s>) {
        let dialect = holder.dialect();
        let residue = |kind| Residue {
            kind,
            node: node.clone(),
        };
        match key {
            "$ref" | "allOf" | "then" | "else" | "minContains" | "maxContains" => {}
            "type" | "enum" => self.domain(key, node),
            "const" if dialect >= Dialect::Draft6 => self.domain(key, node),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
                self.numeric(key, holder, node);
            }
            "minLength" => raise(&mut self.string.min, count(&node)),
            "maxLength" => lower(&mut self.string.max, count(&node)),
            "pattern" => self.string.patterns.push(node),
            "format" => self.string.formats.push(node),
            "contentEncoding" | "contentMediaType" if dialect >= Dialect::Draft7 => {
                self.string.contents.push(node);
            }
            "minItems" => raise(&mut self.array.min, count(&node)),
            "maxItems" => lower(&mut self.array.max, count(&node)),
            "uniqueItems" => {
                if node.value.as_bool() == Some(true) {
                    self.array.unique = Some(node);
                }
            }
            "items" | "prefixItems" => self.items(key, holder),
            "additionalItems" if dialect <= Dialect::Draft201909 => {}
            "contains" if dialect >= Dialect::Draft6 => {
                let bound = |key: &str| {
                    let node = holder
                        .get(key)
                        .filter(|_| dialect >= Dialect::Draft201909)?;
                    Some(count(&node)?.value)
                };
                self.array.contains.push(Contains {
                    node,
                    min: bound("minContains").unwrap_or(1),
                    max: bound("maxContains"),
                });
            }
            "minProperties" => raise(&mut self.object.min, count(&node)),
            "maxProperties" => lower(&mut self.object.max, count(&node)),
            "required" => {
                for name in children(&node) {
                    if let Some(text) = name.value.as_str() {
                        self.object.required.entry(text).or_insert(name);
                    }
                }
            }
            "properties" | "patternProperties" | "additionalProperties" => {
                self.members(key, holder);
            }
            "propertyNames" if dialect >= Dialect::Draft6 => self.object.names.push(node),
            "dependentRequired" | "dependentSchemas" if dialect >= Dialect::Draft201909 => {
                self.dependencies(&node);
            }
            "dependencies" if dialect <= Dialect::Draft7 => self.dependencies(&node),
            "dependencies" => self.residue.push(residue(ResidueKind::Opaque)),
            "anyOf" => self.residue.push(residue(ResidueKind::AnyOf)),
            "oneOf" => self.residue.push(residue(ResidueKind::OneOf)),
            "not" => self.residue.push(residue(ResidueKind::Not)),
            "if" if dialect >= Dialect::Draft7 => {
                if holder.get("then").is_some() || holder.get("else").is_some() {
                    self.residue.push(Residue {
                        kind: ResidueKind::If,
                        node: holder.clone(),
                    });
                }
            }
            "unevaluatedProperties" if dialect >= Dialect::Draft201909 => {
                self.residue
                    .push(residue(ResidueKind::UnevaluatedProperties));
            }
            "unevaluatedItems" if dialect >= Dialect::Draft201909 => {
                self.residue.push(residue(ResidueKind::UnevaluatedItems));
            }
            "$dynamicRef" if dialect == Dialect::Draft202012 => {
                self.residue.push(residue(ResidueKind::Opaque));
            }
            "$recursiveRef" if dialect == Dialect::Draft201909 => {
                self.residue.push(residue(ResidueKind::Opaque));
            }
            _ if SILENT.contains(&key) => {}
            _ => {
                self.notes.entry(key).or_insert(node);
            }
        }
    }

    fn domain(&mut self, key: &'s str, node: Node<'s>) {
        let mut other = Flat::top();
        match (key, &node.value.kind) {
            ("type", _) => {
                let names = node.value.as_array().unwrap_or_default();
                let names = names.iter().chain(std::iter::once(node.value));
                let types = names.filter_map(|name| Types::named(name.as_str()?));
                other.free = types.fold(Types::NONE, Types::or);
            }
            ("enum", Kind::Array(values)) => {
                other.free = Types::NONE;
                other.listed = values.iter().collect();
            }
            ("const", _) => {
                other.free = Types::NONE;
                other.listed = vec![node.value];
            }
            _ => return,
        }
        // Null, true and false are types of one value each: listing them admits the type.
        other.listed.retain(|value| {
            let of = Types::of(value);
            let single = Types::NULL.or(Types::BOOLEAN).has(of);
            if single {
                other.free = other.free.or(of);
            }
            !single
        });
        let keyword = match key {
            "type" => "type",
            "const" => "const",
            _ => "enum",
        };
        self.meet(other);
        self.places.entry(keyword).or_insert(node);
    }

    fn numeric(&mut self, key: &str, holder: &Node<'s>, node: Node<'s>) {
        let Some(value) = node.value.as_number().and_then(|number| number.decimal()) else {
            return;
        };
        let draft4 = holder.dialect() == Dialect::Draft4;
        let flag = |key: &str| {
            let flag = holder.get(key).filter(|_| draft4);
            flag.is_some_and(|flag| flag.value.as_bool() == Some(true))
        };
        let bound = |exclusive| Bound {
            value,
            exclusive,
            node: node.clone(),
        };
        match key {
            "minimum" => self.number.at_least(bound(flag("exclusiveMinimum"))),
            "maximum" => self.number.at_most(bound(flag("exclusiveMaximum"))),
            "exclusiveMinimum" => self.number.at_least(bound(true)),
            "exclusiveMaximum" => self.number.at_most(bound(true)),
            _ => self.number.multiples.push(node),
        }
    }

    /// Takes `items` and its like in, once for the schema that holds them.
    fn items(&mut self, key: &str, holder: &Node<'s>) {
        let new = holder.dialect() >= Dialect::Draft202012;
        if !new && key == "prefixItems" {
            return;
        }
        if new && key == "items" && holder.get("prefixItems").is_some() {
            return;
        }
        let items = holder.get("items");
        let part = if new {
            ArrayPart {
                prefix: holder
                    .get("prefixItems")
                    .map_or_else(Vec::new, |p| children(&p)),
                rest: items,
            }
        } else if let Some(tuple) = items.as_ref().filter(|i| i.value.as_array().is_some()) {
            ArrayPart {
                prefix: children(tuple),
                rest: holder.get("additionalItems"),
            }
        } else {
            ArrayPart {
                prefix: Vec::new(),
                rest: items,
            }
        };
        self.array.parts.push(part);
    }

    /// Takes `properties` and its like in, once for the schema that holds them.
    fn members(&mut self, key: &str, holder: &Node<'s>) {
        let first = ["properties", "patternProperties", "additionalProperties"]
            .into_iter()
            .find(|key| holder.get(key).is_some());
        if first != Some(key) {
            return;
        }
        let under = |key: &str| holder.get(key).map_or_else(Vec::new, |map| members(&map));
        self.object.parts.push(ObjectPart {
            properties: under("properties").into_iter().collect(),
            patterns: under("patternProperties"),
            additional: holder.get("additionalProperties"),
        });
    }

    fn dependencies(&mut self, node: &Node<'s>) {
        for (name, needs) in members(node) {
            if needs.value.as_array().is_some() {
                for need in children(&needs) {
                    if let Some(text) = need.value.as_str() {
                        self.object.dependent.insert((name, text), need);
                    }
                }
            } else {
                self.object.dependent_schemas.push((name, needs));
            }
        }
    }

    /// Turns residues into normal form where that is possible.
    fn dissolve(&mut self, nesting: usize) {
        if self.has_unevaluated() {
            return;
        }
        let mut budget = BRANCHES;
        let mut at = 0;
        while at < self.residue.len() && budget > 0 {
            let branches = children(&self.residue[at].node);
            budget = budget.saturating_sub(branches.len().max(1));
            let dissolved = match self.residue[at].kind {
                _ if nesting >= NESTING => None,
                ResidueKind::AnyOf => union(&branches, false, nesting),
                ResidueKind::OneOf => union(&branches, true, nesting),
                ResidueKind::Not => complement(&self.residue[at].node, nesting),
                _ => None,
            };
            match dissolved {
                Some(other) => {
                    self.residue.remove(at);
                    self.meet(other);
                    // What came in may have brought residues of its own, already dissolved.
                }
                None => at += 1,
            }
        }
    }

    /// Says whether a keyword depends on which other keywords looked at a value.
    pub(super) fn has_unevaluated(&self) -> bool {
        self.residue.iter().any(|residue| {
            matches!(
                residue.kind,
                ResidueKind::UnevaluatedProperties | ResidueKind::UnevaluatedItems
            )
        })
    }
}

/// Joins alternatives of which each value concerns one at the most by its type alone, or which
/// list values only.
fn union<'s>(branches: &[Node<'s>], exclusive: bool, nesting: usize) -> Option<Flat<'s>> {
    if let [only] = branches {
        return Some(flatten_at(std::slice::from_ref(only), nesting + 1));
    }
    let mut joined: Option<Flat<'s>> = None;
    for branch in branches {
        let flat = flatten_at(std::slice::from_ref(branch), nesting + 1);
        if !flat.residue.is_empty() || !flat.broken.is_empty() {
            return None;
        }
        let Some(all) = &mut joined else {
            joined = Some(flat);
            continue;
        };
        if flat.is_never() {
            continue;
        }
        all.join(flat, exclusive)?;
    }
    if let Some(all) = &mut joined {
        // A value holds to one of them only.
        all.held.clear();
    }
    joined
}

impl<'s> Flat<'s> {
    fn join(&mut self, other: Self, exclusive: bool) -> Option<()> {
        let whole = |types: Types| {
            if types.meets(Types::NUMBER) {
                types.or(Types::NUMBER)
            } else {
                types
            }
        };
        let both = whole(self.types()).and(whole(other.types()));
        if !both.is_empty() {
            // Types that are in both must be listed on both sides, without further conditions;
            // null, true and false are as good as listed.
            let single = Types::NULL.or(Types::BOOLEAN);
            if both.minus(single).meets(self.free.or(other.free)) {
                return None;
            }
            let overlap = both.and(single).and(self.free).and(other.free);
            let known = self.known();
            let twice = other.listed.iter().any(|value| known.holds(value));
            if exclusive && (twice || !overlap.is_empty()) {
                return None;
            }
            let bare = |flat: &Self| {
                let mut part = flat.clone();
                part.listed.clear();
                part.free = both.minus(single);
                part.prune_free();
                part.is_bare()
            };
            if !bare(self) || !bare(&other) {
                return None;
            }
        }
        let mut other = other;
        self.free = self.free.or(other.free);
        let mut known = self.known();
        for value in other.listed.drain(..) {
            known.insert(value);
        }
        self.listed = known.into_values();
        // Each case is bare on the side whose types do not include it, so meeting them joins them.
        other.free = Types::ALL;
        let (free, listed) = (self.free, std::mem::take(&mut self.listed));
        self.meet(other);
        (self.free, self.listed) = (free, listed);
        Some(())
    }

    fn prune_free(&mut self) {
        self.prune();
    }
}

/// Gives the opposite of a schema that speaks of types only.
fn complement<'s>(node: &Node<'s>, nesting: usize) -> Option<Flat<'s>> {
    let inner = flatten_at(std::slice::from_ref(node), nesting + 1);
    if !inner.residue.is_empty() || !inner.broken.is_empty() || !inner.listed.is_empty() {
        return None;
    }
    if !inner.is_bare() {
        return None;
    }
    let mut flat = Flat::top();
    flat.free = Types::ALL.minus(inner.free);
    if flat.free.is_empty() {
        flat.places.insert("false", node.clone());
    }
    flat.places.insert("not", node.clone());
    Some(flat)
}
