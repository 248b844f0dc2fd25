//! Schemas as the validator takes them.

use std::collections::BTreeMap;

use super::bundle::{File, Link, Target};
use super::{Schema, uri};
use crate::document::Value;
use crate::text::Pointer;

/// Where each resource of a schema stands, by the URI that the validator knows it under.
pub(super) type Places = BTreeMap<String, Target>;

/// Gives the URI that the validator knows a resource under.
fn resource_uri(path: &str, pointer: &Pointer) -> String {
    let file = uri::of_file(path);
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
            places.insert(resource_uri(path, &resource.pointer), target);
        }
    }
    places
}

/// Gives a file of a schema as JSON in which every name is absolute: what refers to what has been
/// found out before, and the validator shall not find out otherwise. Every place keeps its
/// pointer.
pub(super) fn of_file(schema: &Schema, path: &str, file: &File) -> serde_json::Value {
    let mut json = file.document.root.to_json();
    let mut set = |pointer: &Pointer, keyword: &str, value: Option<String>| {
        let parent = json.pointer_mut(&pointer.to_string());
        if let Some(serde_json::Value::Object(map)) = parent {
            match value {
                Some(value) => map.insert(keyword.to_owned(), value.into()),
                None => map.shift_remove(keyword),
            };
        }
    };
    let root = Pointer::root();
    set(&root, "$schema", Some(file.dialect.uri().to_owned()));
    for resource in &file.resources {
        let id = resource_uri(path, &resource.pointer);
        set(&resource.pointer, file.dialect.id_keyword(), Some(id));
    }
    let mut emptied = Vec::new();
    for (pointer, link) in &file.links {
        let (Some(holder), Some(keyword)) = (pointer.parent(), pointer.last()) else {
            continue;
        };
        match link {
            Link::To(_) if keyword == "$recursiveRef" => {}
            Link::To(target) => {
                let written = file.document.root.at(pointer).and_then(Value::as_str);
                let anchor = uri::split_fragment(written.unwrap_or_default()).1;
                let anchor = anchor.filter(|name| !name.is_empty() && !name.starts_with('/'));
                let to = match anchor.filter(|_| keyword == "$dynamicRef") {
                    Some(anchor) => format!("{}#{anchor}", home(schema, target)),
                    None => format!(
                        "{}#{}",
                        uri::of_file(&target.file),
                        uri::encode(&target.pointer.to_string())
                    ),
                };
                set(&holder, keyword, Some(to));
            }
            Link::Metaschema(to) => set(&holder, keyword, Some(to.clone())),
            Link::Broken | Link::Cycle => {
                set(&holder, keyword, None);
                if !file.dialect.ref_siblings_apply() {
                    emptied.push(holder);
                }
            }
        }
    }
    // What stood beside such a reference was never meant to count.
    for holder in emptied {
        if let Some(serde_json::Value::Object(map)) = json.pointer_mut(&holder.to_string()) {
            map.retain(|key, _| key.starts_with('$') || key == "definitions" || key == "id");
        }
    }
    json
}

/// Gives the URI of the innermost resource that holds a place.
fn home(schema: &Schema, target: &Target) -> String {
    let resources = schema.files.get(&*target.file).map(|file| &file.resources);
    let holding = resources.into_iter().flatten();
    let innermost = holding
        .filter(|resource| resource.pointer.contains(&target.pointer))
        .max_by_key(|resource| resource.pointer.tokens().len());
    resource_uri(
        &target.file,
        &innermost.map_or_else(Pointer::root, |resource| resource.pointer.clone()),
    )
}
