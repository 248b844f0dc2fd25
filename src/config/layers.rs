use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BStr, BString};

use super::merge::{Everywhere, Merger};
use super::snapshot::Snapshot;
use super::template::{self, Reads, Variables};
use super::{Configuration, Name, ParsedFile, Target};
use crate::document::Format;
use crate::error::Result;
use crate::git::Oid;

/// All that the values of a target are made of: its layers, and for those that are templates also
/// the files that they include and the variables that they look at.
#[derive(Clone, Debug, Default)]
pub struct Closure {
    parts: Vec<(BString, Part)>,
}

/// One layer by its content: two that are equal say the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    id: Oid,
    format: Format,
    reads: Option<Arc<Reads>>,
}

impl Closure {
    /// Gives the paths of the layers that exist, lowest precedence first.
    pub fn layers(&self) -> impl Iterator<Item = &BString> {
        self.parts.iter().map(|(path, _)| path)
    }

    /// Gives the path and content of each layer; none for one that is a template.
    pub(crate) fn plain(&self) -> impl Iterator<Item = Option<(&BString, &Part)>> {
        let parts = self.parts.iter();
        parts.map(|(path, part)| part.reads.is_none().then_some((path, part)))
    }

    /// Gives the paths of all files: each layer, and behind it what it includes or would include.
    pub fn files(&self) -> impl Iterator<Item = &BString> {
        self.parts.iter().flat_map(|(path, part)| {
            let reads = part.reads.iter().flat_map(|reads| &reads.files);
            std::iter::once(path).chain(reads.map(|(path, _)| path))
        })
    }

    /// Gives what the layers hold, whatever they are called. Equal contents under equal ways of
    /// merging resolve to equal values.
    #[must_use]
    pub fn content(&self) -> Vec<Part> {
        self.parts.iter().map(|(_, part)| part.clone()).collect()
    }

    /// Says whether the layers hold the same.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let own = self.parts.iter().map(|(_, part)| part);
        own.eq(other.parts.iter().map(|(_, part)| part))
    }
}

impl Configuration {
    /// Gives the paths of a target's layers, lowest precedence first, whether they exist or not.
    #[must_use]
    pub fn layer_paths(&self, target: &Target) -> Vec<BString> {
        let layers = self.manifest().layers.iter();
        layers
            .filter_map(|layer| layer.value.expand(target))
            .collect()
    }

    /// Says whether any layer is a template.
    #[must_use]
    pub fn has_templates(&self) -> bool {
        let layers = &self.manifest().layers;
        layers
            .iter()
            .any(|layer| template::is_template(layer.value.as_str().into()))
    }

    /// Gives what the values of a target are made of: two targets whose closures are the same have
    /// the same layers. A template is rendered for it.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read.
    pub fn closure(&self, tree: &Snapshot, target: &Target) -> Result<Closure> {
        let mut closure = Closure::default();
        for path in self.layer_paths(target) {
            let (id, reads) = match template::is_template(path.as_ref()) {
                false => (tree.id(path.as_ref())?, None),
                true => {
                    let file = self.layer(tree, target, path.as_ref())?;
                    let reads = file.as_ref().and_then(|file| file.reads().cloned());
                    (file.and_then(|file| file.id), reads)
                }
            };
            if let Some(id) = id {
                let format = template::format_of(path.as_ref());
                closure.parts.push((path, Part { id, format, reads }));
            }
        }
        Ok(closure)
    }

    /// Reads one layer of a target: a template is rendered for it. `None` where it does not exist.
    ///
    /// # Errors
    ///
    /// Where the file is there and cannot be read.
    pub fn layer(
        &self,
        tree: &Snapshot,
        target: &Target,
        path: &BStr,
    ) -> Result<Option<Arc<ParsedFile>>> {
        match template::is_template(path) {
            true => tree.rendered(path, &self.variables(target)),
            false => tree.file(path),
        }
    }

    /// Says what a target's templates may ask for by name.
    fn variables(&self, target: &Target) -> Variables {
        let manifest = self.manifest();
        let name = |name: Name| (name.as_str(), target.name(name).map(str::to_owned));
        let environment = target.name(Name::Environment);
        let environment = environment.and_then(|name| manifest.environments.get(name));
        let own = environment.and_then(|environment| environment.vars.clone());
        let vars = match (manifest.vars.clone(), own) {
            (Some(mut base), Some(own)) => {
                Merger::new().lay(&mut base, own, &Everywhere);
                Some(base)
            }
            (base, own) => base.or(own),
        };
        let value = |name: &String| (name.clone(), self.here().environment(name));
        Variables {
            names: Name::ALL.into_iter().map(name).collect(),
            vars,
            env: manifest.env.iter().map(value).collect(),
        }
    }

    /// Gives this configuration with the variables of another tree's manifest, for what that tree
    /// was at its time; with its own where the manifest there cannot be read.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read.
    pub(crate) fn with_variables_of(&self, tree: &Snapshot) -> Result<Self> {
        let (there, _) = Self::read(None, tree.clone())?;
        let mut manifest = self.manifest().clone();
        if let Some(there) = there {
            let there = there.manifest();
            manifest.vars.clone_from(&there.vars);
            manifest.env.clone_from(&there.env);
            let own: BTreeMap<_, _> = there.environments.iter().collect();
            for (name, environment) in &mut manifest.environments {
                if let Some(there) = own.get(name) {
                    environment.vars.clone_from(&there.vars);
                }
            }
        }
        Ok(self.with_manifest(manifest))
    }
}

/// Says whether a text can be the name of an environment variable.
pub(super) fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_environment_variables() {
        for (name, fits) in [
            ("DB_HOST", true),
            ("_a1", true),
            ("1a", false),
            ("a-b", false),
            ("", false),
        ] {
            assert_eq!(is_name(name), fits, "{name}");
        }
    }
}
