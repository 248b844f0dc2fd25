use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::BString;

use crate::config::{
    Configuration, MergeStrategy, ParsedFile, Schemas, Snapshot, Target, is_named, is_sops,
    is_template,
};
use crate::document::{Kind, Value};
use crate::error::Result;
use crate::report::Location;
use crate::seal::{Refused, Token, is_sealed, is_token};
use crate::text::Pointer;

/// Whom a layer is for.
#[derive(Debug, Default)]
pub struct Usage {
    /// The environments that it is a layer of; empty where there are none.
    pub environments: BTreeSet<String>,
    /// What says which of its values are secrets.
    schemas: Vec<Arc<Schemas>>,
    /// Its targets: of a template all that render it, else one.
    targets: Vec<Target>,
    /// How the manifest says that lists merge.
    merge: Arc<Vec<(Pointer, MergeStrategy)>>,
}

/// A place that holds a secret.
#[derive(Debug)]
pub struct Place {
    /// The file.
    pub document: BString,
    /// The place in it.
    pub pointer: Pointer,
    /// Where that is.
    pub location: Location,
    /// What stands there.
    pub what: What,
}

/// What stands at a place that holds a secret.
#[derive(Debug)]
pub enum What {
    /// A sealed value, as it is written, and what it says.
    Sealed(String, std::result::Result<Token, Refused>),
    /// A secret for all to read.
    Plain,
}

/// Finds the layers of a tree, and whom they are for: of these environments, or of none where the
/// manifest has none.
///
/// # Errors
///
/// Where the tree cannot be read.
pub fn usage(
    configuration: &Configuration,
    tree: &Snapshot,
    environments: &[Option<&str>],
) -> Result<BTreeMap<BString, Usage>> {
    let services = configuration.services(tree)?;
    let merge = Arc::new(configuration.manifest().merge.clone());
    let mut found: BTreeMap<BString, Usage> = BTreeMap::new();
    for environment in environments {
        let names = services.iter().map(|name| Some(name.as_str()));
        for service in std::iter::once(None).chain(names) {
            let target = configuration.manifest().target(*environment, service);
            let mut schemas = None;
            for path in configuration.layer_paths(&target) {
                if !found.contains_key(&path) && tree.id(path.as_ref())?.is_none() {
                    continue;
                }
                let schemas = match &schemas {
                    Some(known) => Arc::clone(known),
                    None => {
                        let loaded = configuration.schemas(tree, &target)?;
                        Arc::clone(schemas.insert(loaded))
                    }
                };
                let is_rendered = is_template(path.as_ref());
                let usage = found.entry(path).or_default();
                usage.merge = Arc::clone(&merge);
                usage.environments.extend(environment.map(str::to_owned));
                if is_rendered || usage.targets.is_empty() {
                    usage.targets.push(target.clone());
                }
                if !usage
                    .schemas
                    .iter()
                    .any(|known| Arc::ptr_eq(known, &schemas))
                {
                    usage.schemas.push(schemas);
                }
            }
        }
    }
    Ok(found)
}

impl Usage {
    /// Says whether the value at a place is a secret.
    #[must_use]
    pub fn is_secret(&self, pointer: &Pointer) -> bool {
        self.schemas
            .iter()
            .any(|schemas| schemas.is_secret(pointer))
    }

    /// Gives the place that a value of the layer is sealed for: an item of a list that is merged by
    /// a key goes by its name.
    #[must_use]
    pub fn place(&self, root: &Value, pointer: &Pointer) -> String {
        let mut all = self.schemas.iter();
        let named = all.find_map(|schemas| {
            let place = schemas.sealing_place(&self.merge, root, pointer);
            is_named(&place).then_some(place)
        });
        named.unwrap_or_else(|| pointer.to_string())
    }

    /// Says after how many days the schema wants another value at a place.
    pub(super) fn rotate_after(&self, pointer: &Pointer) -> Option<u32> {
        let all = self.schemas.iter();
        all.filter_map(|schemas| schemas.rotate_after(pointer))
            .min()
    }

    /// Reads a layer; of a template, all that comes out of it for the targets that render it.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read.
    pub fn files(
        &self,
        configuration: &Configuration,
        tree: &Snapshot,
        path: &BString,
    ) -> Result<Vec<Arc<ParsedFile>>> {
        if !is_template(path.as_ref()) {
            return Ok(tree.file(path.as_ref())?.into_iter().collect());
        }
        let mut found: Vec<Arc<ParsedFile>> = Vec::new();
        for target in &self.targets {
            let Some(file) = configuration.layer(tree, target, path.as_ref())? else {
                continue;
            };
            // Most targets have the same of it.
            if !found.iter().any(|known| Arc::ptr_eq(known, &file)) {
                found.push(file);
            }
        }
        Ok(found)
    }

    /// Finds the places of a layer that hold secrets; of a template, those of all that comes out of
    /// it, each once.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read.
    pub fn places(
        &self,
        configuration: &Configuration,
        tree: &Snapshot,
        path: &BString,
    ) -> Result<Vec<Place>> {
        let files = self.files(configuration, tree, path)?;
        let mut found: Vec<Place> = Vec::new();
        let mut seen = BTreeSet::new();
        for file in &files {
            for place in places(file, self) {
                let text = match &place.what {
                    What::Sealed(text, _) => Some(text.clone()),
                    What::Plain => None,
                };
                let at = (place.pointer.clone(), place.location.span.start, text);
                if files.len() == 1 || seen.insert(at) {
                    found.push(place);
                }
            }
        }
        Ok(found)
    }
}

/// Finds the places of a layer that hold secrets: sealed values, wherever they stand, and plain
/// values that the schema calls secrets.
#[must_use]
pub fn places(file: &ParsedFile, usage: &Usage) -> Vec<Place> {
    let mut found = Vec::new();
    let marks = usage.schemas.iter().any(|schemas| schemas.has_secrets());
    if !marks && !file.source.text().contains("ENC[") {
        return found;
    }
    for document in file.documents() {
        let mut walk = Walk {
            file,
            usage: marks.then_some(usage),
            is_sops: is_sops(&document.root),
            found: &mut found,
        };
        walk.step(&document.root, &mut Pointer::root());
    }
    found
}

/// What the names of secrets that are kept elsewhere begin with.
const STORES: [&str; 7] = [
    "vault:",
    "op://",
    "ref+",
    "akv:",
    "gcpsm:",
    "awssm:",
    "arn:aws:secretsmanager:",
];

/// Says whether a text names a secret that is kept elsewhere, and is none itself.
pub(super) fn is_reference(text: &str) -> bool {
    let is_filled_in = |open: &str, close: &str| {
        let inner = text
            .strip_prefix(open)
            .and_then(|text| text.strip_suffix(close));
        inner.is_some_and(|inner| !inner.contains(['{', '}']))
    };
    let is_name = |rest: &str| !rest.is_empty() && !rest.contains(char::is_whitespace);
    let mut stores = STORES.iter();
    is_filled_in("${", "}")
        || is_filled_in("{{", "}}")
        || stores.any(|store| text.strip_prefix(store).is_some_and(is_name))
}

struct Walk<'a> {
    file: &'a ParsedFile,
    /// What tells secrets; none where no schema does.
    usage: Option<&'a Usage>,
    is_sops: bool,
    found: &'a mut Vec<Place>,
}

impl Walk<'_> {
    fn step(&mut self, value: &Value, at: &mut Pointer) {
        let what = match &value.kind {
            Kind::Object(map) => {
                for (key, value) in map.iter() {
                    at.push(key.clone());
                    self.step(value, at);
                    at.pop();
                }
                return;
            }
            Kind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    at.push(index.to_string());
                    self.step(item, at);
                    at.pop();
                }
                return;
            }
            Kind::String(text) if is_token(text) => {
                What::Sealed(text.to_string(), Token::parse(text))
            }
            // What SOPS sealed is for SOPS to judge.
            Kind::String(text) if self.is_sops && is_sealed(text) => return,
            Kind::String(text) if is_reference(text) => return,
            Kind::Null => return,
            _ if self.usage.is_some_and(|usage| usage.is_secret(at)) => What::Plain,
            _ => return,
        };
        self.found.push(Place {
            document: self.file.path.clone(),
            pointer: at.clone(),
            location: self.file.place(value).with_pointer(at.clone()),
            what,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_that_are_kept_elsewhere_are_no_secrets() {
        for text in [
            "vault:cart/dev/database",
            "op://shop/db/password",
            "${DB_PASSWORD}",
            "{{ db.password }}",
            "arn:aws:secretsmanager:eu-central-1:1:secret:x",
        ] {
            assert!(is_reference(text), "{text}");
        }
        for text in [
            "hunter2",
            "vault:",
            "vault: hunter 2",
            "${A}hunter2${B}",
            "",
            "$x",
            "{{}",
        ] {
            assert!(!is_reference(text), "{text}");
        }
    }
}
