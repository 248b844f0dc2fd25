//! Schemas as the validator takes them.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use super::bundle::{File, Link, Target};
use super::index::REFERENCES;
use super::paths::address;
use super::{Schema, uri};
use crate::document::{Kind, Map, Value};
use crate::text::Pointer;

/// Where each resource of a schema stands, by the URI that the validator knows it under.
pub(super) type Places = BTreeMap<String, Target>;

/// How the validator knows files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// Each under its URI, so that every fault tells its place.
    Full,
    /// As what has no URI, by the scheme that the validator has for that. It keeps no URI of each
    /// keyword then, which are a third of what it holds.
    Bare,
}

impl Naming {
    /// Gives the URI that the validator knows a file under.
    pub(super) fn of_file(self, path: &str) -> String {
        let uri = uri::of_file(path);
        match self {
            Self::Full => uri,
            Self::Bare => uri.replacen("strata:", "json-schema:", 1),
        }
    }
}

/// Gives the URI that the validator knows a resource under.
fn resource_uri(file: String, pointer: &Pointer) -> String {
    if pointer.is_root() {
        return file;
    }
    format!("{file}?{}", uri::encode(&pointer.to_string()))
}

/// Names every resource of a schema.
pub(super) fn places(schema: &Schema) -> Places {
    let mut places = Places::new();
    for (path, file) in schema.files.iter() {
        for resource in &file.resources {
            let target = Target {
                file: path.as_str().into(),
                pointer: resource.pointer.clone(),
            };
            places.insert(
                resource_uri(Naming::Full.of_file(path), &resource.pointer),
                target,
            );
        }
    }
    places
}

/// Gives a file of a schema as JSON in which every name is absolute: what refers to what has been
/// found out before, and the validator shall not find out otherwise. Every place keeps its
/// pointer.
pub(super) fn of_file(
    schema: &Schema,
    path: &str,
    file: &File,
    naming: Naming,
) -> serde_json::Value {
    let root = &file.document.root;
    let ids = file.resources.iter().filter_map(|resource| {
        let id = resource_uri(naming.of_file(path), &resource.pointer);
        Some((address(root.at(&resource.pointer)?), id))
    });
    let ids = ids.collect();
    let writer = Writer {
        schema,
        file,
        ids,
        naming,
    };
    writer.write(root)
}

/// Writes the values of a file.
struct Writer<'a> {
    schema: &'a Schema,
    file: &'a File,
    /// The names of resources, by their addresses.
    ids: HashMap<usize, String, RandomState>,
    naming: Naming,
}

impl Writer<'_> {
    fn write(&self, value: &Value) -> serde_json::Value {
        match &value.kind {
            Kind::Array(items) => items.iter().map(|item| self.write(item)).collect(),
            Kind::Object(map) => self.map(value, map),
            _ => value.to_json(),
        }
    }

    fn map(&self, value: &Value, map: &Map) -> serde_json::Value {
        let mut written = serde_json::Map::with_capacity(map.len() + 1);
        let mut emptied = false;
        for (key, value) in map.iter() {
            let link = REFERENCES.contains(&key.as_str()).then(|| {
                let reference = self.file.links.get(&address(value));
                reference.map(|reference| &reference.link)
            });
            let value = match link.flatten() {
                None => self.write(value),
                Some(Link::To(_)) if key == "$recursiveRef" => self.write(value),
                Some(Link::To(target)) => self.name(key, value, target).into(),
                Some(Link::Metaschema(to)) => to.as_str().into(),
                Some(Link::Broken | Link::Cycle) => {
                    emptied |= !self.file.dialect.ref_siblings_apply();
                    continue;
                }
            };
            written.insert(key.to_string(), value);
        }
        if std::ptr::eq(value, &raw const *self.file.document.root) {
            written.insert("$schema".to_owned(), self.file.dialect.uri().into());
        }
        if let Some(id) = self.ids.get(&address(value)) {
            let keyword = self.file.dialect.id_keyword();
            written.insert(keyword.to_owned(), id.as_str().into());
        }
        if emptied {
            // What stood beside such a reference was never meant to count.
            written.retain(|key, _| key.starts_with('$') || key == "definitions" || key == "id");
        }
        serde_json::Value::Object(written)
    }

    /// Gives the absolute name of what a reference leads to.
    fn name(&self, keyword: &str, written: &Value, target: &Target) -> String {
        let anchor = uri::split_fragment(written.as_str().unwrap_or_default()).1;
        let anchor = anchor.filter(|name| !name.is_empty() && !name.starts_with('/'));
        match anchor.filter(|_| keyword == "$dynamicRef") {
            Some(anchor) => format!("{}#{anchor}", self.home(target)),
            None => format!(
                "{}#{}",
                self.naming.of_file(&target.file),
                uri::encode(&target.pointer.to_string())
            ),
        }
    }

    /// Gives the URI of the innermost resource that holds a place.
    fn home(&self, target: &Target) -> String {
        let file = self.schema.files.get(&*target.file);
        let resources = file.into_iter().flat_map(|file| &file.resources);
        let innermost = resources
            .filter(|resource| resource.pointer.contains(&target.pointer))
            .max_by_key(|resource| resource.pointer.tokens().len());
        let root = Pointer::root();
        resource_uri(
            self.naming.of_file(&target.file),
            innermost.map_or(&root, |resource| &resource.pointer),
        )
    }
}
