//! Schemas into formulas.

use std::collections::HashMap;

use super::Node;
use super::formula::{Arena, Formula, Lit};
use super::json::Json;
use super::keywords::{
    children, count, counted, declared_beside, has_member, listed, members, numeric, opaque,
    opaque_here, pattern, types,
};
use super::samples::FORMAT;
use super::types::Types;
use crate::config::schema::{Dialect, Identity, RefError};
use crate::document::{Kind, Map, Value};
use foldhash::fast::RandomState;

/// What is known of a schema while it is being read.
#[derive(Clone, Copy)]
enum Read {
    /// It is being read; what refers to it in the meantime is recursive.
    Doing(Option<usize>),
    Done(Lit),
}

/// Reads schemas, each once.
pub(super) struct Compiler {
    formats: bool,
    read: HashMap<Identity, Read, RandomState>,
    /// Whether a dynamic reference may lead to several places.
    pub(super) dynamic: bool,
}

impl Compiler {
    pub(super) fn new(formats: bool) -> Self {
        Self {
            formats,
            read: HashMap::default(),
            dynamic: false,
        }
    }

    /// Puts every formula that was read through a function.
    #[allow(clippy::iter_over_hash_type)] // Each by itself.
    pub(super) fn rename(&mut self, f: impl Fn(Lit) -> Lit) {
        for read in self.read.values_mut() {
            if let Read::Done(lit) = read {
                *lit = f(*lit);
            }
        }
    }

    /// Reads a schema.
    pub(super) fn node(&mut self, arena: &mut Arena, node: &Node<'_>) -> Lit {
        let place = node.identity();
        match self.read.get(&place) {
            Some(Read::Done(lit)) => return *lit,
            Some(Read::Doing(known)) => {
                let variable = known.unwrap_or_else(|| arena.variable());
                self.read.insert(place, Read::Doing(Some(variable)));
                return arena.add(Formula::Var(variable));
            }
            None => {}
        }
        self.read.insert(place, Read::Doing(None));
        let lit = match &node.value.kind {
            Kind::Bool(true) => Lit::TRUE,
            Kind::Bool(false) => Lit::FALSE,
            Kind::Object(map) => self.keywords(arena, node, map),
            _ => opaque(arena, Types::ALL, "something that is no schema", node.value),
        };
        if let Some(Read::Doing(Some(variable))) = self.read.insert(place, Read::Done(lit)) {
            arena.define(variable, lit);
        }
        lit
    }

    fn keywords(&mut self, arena: &mut Arena, node: &Node<'_>, map: &Map) -> Lit {
        let mut all: Vec<Lit> = Vec::new();
        match node.reference() {
            Some(Ok(target)) => all.push(self.node(arena, &target)),
            Some(Err(RefError::Broken | RefError::Cycle | RefError::Metaschema(_))) => {
                let what = node.get("$ref").map_or(node.value, |node| node.value);
                all.push(opaque(arena, Types::ALL, "a reference", what));
            }
            None => {}
        }
        if node.is_only_ref() {
            return arena.all(all);
        }
        for key in map.keys() {
            if let Some(value) = node.get(key) {
                let lit = self.keyword(arena, key, node, &value);
                all.push(lit);
            }
        }
        arena.all(all)
    }

    /// Reads one keyword; what stands beside it is looked at where they belong together.
    pub(super) fn keyword(
        &mut self,
        arena: &mut Arena,
        key: &str,
        holder: &Node<'_>,
        node: &Node<'_>,
    ) -> Lit {
        let dialect = holder.dialect();
        let value = node.value;
        let since = |least| dialect >= least;
        let asserts_content = since(Dialect::Draft6) && !since(Dialect::Draft201909);
        match key {
            "type" => types(arena, value),
            "enum" => listed(arena, value.as_array().unwrap_or_default(), value),
            "const" if since(Dialect::Draft6) => listed(arena, std::slice::from_ref(value), value),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
                numeric(arena, key, holder, value)
            }
            "minLength" => counted(arena, value, Formula::MinLength),
            "maxLength" => counted(arena, value, Formula::MaxLength),
            "minItems" => counted(arena, value, Formula::MinItems),
            "maxItems" => counted(arena, value, Formula::MaxItems),
            "minProperties" => counted(arena, value, Formula::MinMembers),
            "maxProperties" => counted(arena, value, Formula::MaxMembers),
            "pattern" => value
                .as_str()
                .map_or(Lit::TRUE, |text| pattern(arena, text)),
            "format" if self.formats => opaque(arena, Types::STRING, FORMAT, value),
            "contentEncoding" | "contentMediaType" if asserts_content => {
                opaque(arena, Types::STRING, "how a text is encoded", value)
            }
            "uniqueItems" if value.as_bool() == Some(true) => arena.add(Formula::Unique),
            "prefixItems" if since(Dialect::Draft202012) => self.tuple(arena, node),
            "items" => self.items(arena, holder, node),
            "additionalItems" if !since(Dialect::Draft202012) => {
                self.other_items(arena, holder, node)
            }
            "contains" if since(Dialect::Draft6) => self.contains(arena, holder, node),
            "required" => {
                let names = value.as_array().unwrap_or_default();
                let names: Vec<Lit> = (names.iter().filter_map(Value::as_str))
                    .map(|name| arena.add(Formula::Required(name.into())))
                    .collect();
                arena.all(names)
            }
            "properties" => self.properties(arena, node),
            "patternProperties" => self.pattern_properties(arena, node),
            "additionalProperties" => {
                let names = declared_beside(arena, holder);
                let item = self.node(arena, node);
                self.others(arena, !names, item)
            }
            "propertyNames" if since(Dialect::Draft6) => {
                let names = self.node(arena, node);
                arena.members(!names, Lit::FALSE)
            }
            "dependentRequired" | "dependentSchemas" if since(Dialect::Draft201909) => {
                self.dependencies(arena, node)
            }
            "dependencies" if !since(Dialect::Draft201909) => self.dependencies(arena, node),
            "dependencies" => opaque_here(arena, Types::OBJECT, "`dependencies`", node),
            "allOf" => {
                let all = self.list(arena, node);
                arena.all(all)
            }
            "anyOf" => {
                let any = self.list(arena, node);
                arena.any(any)
            }
            "oneOf" => {
                let one = self.list(arena, node);
                arena.one(one)
            }
            "not" => !self.node(arena, node),
            "if" if since(Dialect::Draft7) => self.condition(arena, holder, node),
            "$dynamicRef" if since(Dialect::Draft202012) => self.dynamic(arena, holder, node),
            "$recursiveRef" if dialect == Dialect::Draft201909 => self.dynamic(arena, holder, node),
            "unevaluatedProperties" | "unevaluatedItems" if since(Dialect::Draft201909) => {
                self.unevaluated(arena, key, holder, node)
            }
            "x-validations" => opaque(arena, Types::ALL, "`x-validations`", value),
            _ => Lit::TRUE,
        }
    }

    pub(super) fn list(&mut self, arena: &mut Arena, node: &Node<'_>) -> Vec<Lit> {
        let nodes = children(node);
        nodes.iter().map(|node| self.node(arena, node)).collect()
    }

    fn tuple(&mut self, arena: &mut Arena, node: &Node<'_>) -> Lit {
        let items = self.list(arena, node);
        let items: Vec<Lit> = (items.into_iter().enumerate())
            .map(|(at, item)| arena.item(at, item))
            .collect();
        arena.all(items)
    }

    fn items(&mut self, arena: &mut Arena, holder: &Node<'_>, node: &Node<'_>) -> Lit {
        if holder.dialect() < Dialect::Draft202012 && node.value.as_array().is_some() {
            return self.tuple(arena, node);
        }
        let prefix = holder.get("prefixItems");
        let prefix = prefix.filter(|_| holder.dialect() >= Dialect::Draft202012);
        let from = prefix.map_or(0, |list| list.value.as_array().map_or(0, <[_]>::len));
        let item = self.node(arena, node);
        arena.rest(from, item)
    }

    fn other_items(&mut self, arena: &mut Arena, holder: &Node<'_>, node: &Node<'_>) -> Lit {
        match holder.get("items").map(|items| items.value.as_array()) {
            Some(Some(tuple)) => {
                let item = self.node(arena, node);
                arena.rest(tuple.len(), item)
            }
            // They count beside a list only.
            _ => Lit::TRUE,
        }
    }

    fn contains(&mut self, arena: &mut Arena, holder: &Node<'_>, node: &Node<'_>) -> Lit {
        let bound = |key, otherwise| {
            let counts = holder.dialect() >= Dialect::Draft201909;
            let given = holder.get(key).filter(|_| counts);
            given.map_or(Some(otherwise), |given| count(given.value))
        };
        let bounds = (bound("minContains", 1), bound("maxContains", u64::MAX));
        let (Some(least), Some(most)) = bounds else {
            return opaque_here(arena, Types::ARRAY, "a count", node);
        };
        let item = self.node(arena, node);
        let mut all = Vec::new();
        if least > 0 {
            all.push(arena.add(Formula::Count(least, item)));
        }
        if most < u64::MAX {
            // "At most" holds of everything that is no array, as every formula about arrays does.
            let array = arena.types(Types::ARRAY);
            let above = arena.add(Formula::Count(most + 1, item));
            all.push(!arena.all([array, above]));
        }
        arena.all(all)
    }

    fn properties(&mut self, arena: &mut Arena, node: &Node<'_>) -> Lit {
        let mut all = Vec::new();
        for (name, child) in members(node) {
            let value = self.node(arena, &child);
            let name = arena.listed([Json::Text(name)]);
            all.push(arena.members(name, value));
            all.push(arena.add(Formula::Declares(name)));
        }
        arena.all(all)
    }

    fn pattern_properties(&mut self, arena: &mut Arena, node: &Node<'_>) -> Lit {
        let mut all = Vec::new();
        for (text, child) in members(node) {
            let value = self.node(arena, &child);
            let names = pattern(arena, &text);
            all.push(arena.members(names, value));
            all.push(arena.add(Formula::Declares(names)));
        }
        arena.all(all)
    }

    /// Says what holds of all further members; a schema for them declares them, too.
    fn others(&mut self, arena: &mut Arena, names: Lit, value: Lit) -> Lit {
        let mut all = vec![arena.members(names, value)];
        if value != Lit::TRUE && value != Lit::FALSE {
            all.push(arena.add(Formula::Declares(names)));
        }
        arena.all(all)
    }

    fn dependencies(&mut self, arena: &mut Arena, node: &Node<'_>) -> Lit {
        let mut all = Vec::new();
        for (name, needs) in members(node) {
            let holds = if needs.value.as_array().is_some() {
                let names = needs.value.as_array().unwrap_or_default();
                let needed: Vec<Lit> = (names.iter().filter_map(Value::as_str))
                    .map(|name| arena.add(Formula::Required(name.into())))
                    .collect();
                arena.all(needed)
            } else {
                self.node(arena, &needs)
            };
            let has = has_member(arena, &name);
            all.push(arena.any([!has, holds]));
        }
        arena.all(all)
    }

    fn condition(&mut self, arena: &mut Arena, holder: &Node<'_>, node: &Node<'_>) -> Lit {
        let branch = |this: &mut Self, arena: &mut Arena, key| {
            let node = holder.get(key);
            node.map_or(Lit::TRUE, |node| this.node(arena, &node))
        };
        let (then, other) = (branch(self, arena, "then"), branch(self, arena, "else"));
        if then == Lit::TRUE && other == Lit::TRUE {
            return Lit::TRUE;
        }
        let test = self.node(arena, node);
        let (yes, no) = (arena.any([!test, then]), arena.any([test, other]));
        arena.all([yes, no])
    }

    fn dynamic(&mut self, arena: &mut Arena, holder: &Node<'_>, node: &Node<'_>) -> Lit {
        match holder.dynamic_reference() {
            Some(Ok(target)) if !self.dynamic => self.node(arena, &target),
            _ => opaque_here(arena, Types::ALL, "a dynamic reference", node),
        }
    }
}
