//! What one file of a schema names, and what it refers to.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::keyword::is_schema_place;
use super::paths::address;
use super::{Dialect, subschemas, uri};
use crate::document::Value;
use crate::text::{Pointer, Span};

/// A schema with a URI of its own: a file's root, or what has an `$id` in it.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// Where it stands in the file.
    pub pointer: Pointer,
    /// Its URI.
    pub base: String,
}

/// A reference as it stands in a file.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// Where the keyword stands.
    pub pointer: Pointer,
    /// The address of what is written there.
    pub address: usize,
    /// What is written there.
    pub text: SmolStr,
    /// The bytes of what is written there.
    pub span: Span,
    /// The number of the resource that it stands in.
    pub resource: usize,
}

/// The keywords that refer to another schema.
pub(super) const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// The names that a file gives to its parts.
#[derive(Debug)]
pub(super) struct Index {
    /// The language that the file is written in.
    pub dialect: Dialect,
    /// The resources in it, its root first.
    pub resources: Vec<Resource>,
    /// What stands under an anchor, by resource and name.
    pub anchors: BTreeMap<(usize, SmolStr), Pointer>,
    /// Places that are schemas only because a reference leads there.
    pub extra: BTreeSet<Pointer>,
}

impl Index {
    /// Reads a file, and adds the references in it to a list.
    pub(super) fn new(path: &str, root: &Value, dialect: Dialect, sites: &mut Vec<Site>) -> Self {
        let mut index = Self {
            dialect,
            resources: vec![Resource {
                pointer: Pointer::root(),
                base: uri::of_file(path),
            }],
            anchors: BTreeMap::new(),
            extra: BTreeSet::new(),
        };
        index.walk(root, &mut Pointer::root(), 0, sites);
        index
    }

    /// Reads what a reference leads to, if that was not known to be a schema.
    pub(super) fn add(&mut self, root: &Value, target: &Pointer, sites: &mut Vec<Site>) {
        let known = is_schema_place(root, target.tokens())
            || self.extra.iter().any(|place| {
                let below = target.tokens().get(place.tokens().len()..);
                place.contains(target)
                    && root
                        .at(place)
                        .zip(below)
                        .is_some_and(|(value, below)| is_schema_place(value, below))
            });
        if known {
            return;
        }
        if let Some(value) = root.at(target) {
            let resource = self.resource_of(target);
            self.extra.insert(target.clone());
            self.walk(value, &mut target.clone(), resource, sites);
        }
    }

    /// Finds the innermost resource that holds a place.
    pub(super) fn resource_of(&self, pointer: &Pointer) -> usize {
        let holds = |resource: &Resource| resource.pointer.contains(pointer);
        let depth = |resource: &Resource| resource.pointer.tokens().len();
        let held = self.resources.iter().enumerate().filter(|(_, r)| holds(r));
        held.max_by_key(|(_, r)| depth(r)).map_or(0, |(at, _)| at)
    }

    fn walk(
        &mut self,
        value: &Value,
        pointer: &mut Pointer,
        mut resource: usize,
        sites: &mut Vec<Site>,
    ) {
        let text = |keyword: &str| value.get(keyword).and_then(Value::as_str);
        let ignored =
            !self.dialect.ref_siblings_apply() && !pointer.is_root() && text("$ref").is_some();
        if let Some(id) = text(self.dialect.id_keyword()).filter(|_| !ignored) {
            let (id, fragment) = uri::split_fragment(id);
            if !id.is_empty() {
                let base = uri::resolve(&self.resources[resource].base, id);
                if pointer.is_root() {
                    self.resources[0].base = base;
                } else {
                    resource = self.resources.len();
                    self.resources.push(Resource {
                        pointer: pointer.clone(),
                        base,
                    });
                }
            }
            if let Some(anchor) = fragment.filter(|name| !name.is_empty()) {
                self.anchors
                    .insert((resource, anchor.into()), pointer.clone());
            }
        }
        for keyword in ["$anchor", "$dynamicAnchor"] {
            if let Some(anchor) = text(keyword) {
                self.anchors
                    .insert((resource, anchor.into()), pointer.clone());
            }
        }
        for keyword in REFERENCES {
            if let Some(found) = value.get(keyword)
                && let Some(text) = found.as_str()
            {
                sites.push(Site {
                    pointer: pointer.join(keyword),
                    address: address(found),
                    text: text.into(),
                    span: found.span,
                    resource,
                });
            }
        }
        for child in subschemas(value) {
            pointer.push(child.keyword);
            let named = child.token.is_some();
            if let Some(token) = child.token {
                pointer.push(token);
            }
            self.walk(child.value, pointer, resource, sites);
            if named {
                pointer.pop();
            }
            pointer.pop();
        }
    }
}
