//! Which schemas two trees of files hold, and which on one side is which on the other.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, ByteSlice};

use self::links::linked;
pub(super) use self::paths::at_paths;
pub use self::paths::{same_schema, version_in};
use self::search::mentioning;
use super::similar::renames;
use crate::config::schema::{CrdVersion, Schema, crd_versions};
use crate::config::{MANIFEST, Manifest, Name, Pattern, Snapshot};
use crate::document::{Format, Value};
use crate::git::{FileChange, FileKind};
use crate::report::Finding;
use crate::{Error, Result};

mod links;
mod paths;
mod search;
#[cfg(test)]
mod tests;

/// A schema as it is called on both sides.
///
/// A version of a Kubernetes custom resource is called `FILE#NAME/VERSION`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaPair {
    /// Its path on the old side; none where it is new.
    pub old: Option<String>,
    /// Its path on the new side; none where it is gone.
    pub new: Option<String>,
}

impl SchemaPair {
    /// Gives the path it is shown under: the new one, or the old one where it is gone.
    #[must_use]
    pub fn path(&self) -> Option<&String> {
        self.new.as_ref().or(self.old.as_ref())
    }
}

pub(super) fn may_be_schema(path: &str) -> bool {
    matches!(Format::of_path(path), Some(Format::Yaml | Format::Json))
}

fn is_named_schema(path: &str) -> bool {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    stem.ends_with(".schema")
}

/// The most files that are searched for references to a changed one.
const MOST_SEARCHED: usize = 10_000;

/// Says whether a file is a schema, by its name or by what stands in it.
pub(super) fn is_schema(side: &Snapshot, path: &str) -> Result<bool> {
    is_schema_at(side, path.into())
}

fn is_schema_at(side: &Snapshot, path: &BStr) -> Result<bool> {
    let name = path.to_str_lossy();
    if !may_be_schema(&name) {
        return Ok(false);
    }
    let Some(file) = side.file(path)? else {
        return Ok(false);
    };
    let mut documents = file.documents().iter();
    let first = documents.next();
    Ok(
        first.is_some_and(|first| is_named_schema(&name) || looks_like(&first.root))
            // What is called a schema is told of where it cannot be read.
            || (first.is_none() && is_named_schema(&name) && !file.is_sound())
            || !crd_versions(file.documents()).is_empty(),
    )
}

fn no_name(path: &BStr) -> Error {
    Error::usage(format!(
        "cannot judge the schema {path:?}: its path is not UTF-8"
    ))
    .with_help("rename it, or name the schemas to judge behind `--`")
}

/// Says whether a document looks like a schema: it names its language, or speaks it.
fn looks_like(root: &Value) -> bool {
    let map = |key: &str| root.get(key).and_then(Value::as_object);
    let names_language = root
        .get("$schema")
        .and_then(Value::as_str)
        .is_some_and(|uri| uri.contains("json-schema.org"));
    let speaks = |key: &str| {
        map(key).is_some_and(|map| {
            map.values()
                .any(|value| value.as_object().is_some() || value.as_bool().is_some())
        })
    };
    names_language
        || speaks("$defs")
        || (root.get("type").and_then(Value::as_str) == Some("object") && speaks("properties"))
}

/// Gives the versions of custom resources in a file.
fn versions(side: &Snapshot, path: Option<&str>) -> Result<Vec<CrdVersion>> {
    let file = path.map(|path| side.file(path.into())).transpose()?;
    Ok(file
        .flatten()
        .map_or_else(Vec::new, |file| crd_versions(file.documents())))
}

fn is_sound(side: &Snapshot, path: Option<&str>) -> Result<bool> {
    let file = path.map(|path| side.file(path.into())).transpose()?;
    Ok(file.flatten().is_none_or(|file| file.is_sound()))
}

/// Puts in the place of each file with custom resources the versions that are served in it, each
/// beside the one of its name on the other side, in whatever file. Those that are the same on
/// both sides are left out.
pub(super) fn by_version(
    old: &Snapshot,
    new: &Snapshot,
    pairs: Vec<SchemaPair>,
) -> Result<Vec<SchemaPair>> {
    let mut kept: BTreeSet<SchemaPair> = BTreeSet::new();
    let mut found: BTreeMap<String, [Option<(String, Value)>; 2]> = BTreeMap::new();
    for pair in pairs {
        let sides = [(old, &pair.old), (new, &pair.new)];
        let mut plain = true;
        // Of a broken text nobody knows which versions it holds.
        if !is_sound(old, pair.old.as_deref())? || !is_sound(new, pair.new.as_deref())? {
            kept.insert(pair);
            continue;
        }
        for (index, (side, path)) in sides.into_iter().enumerate() {
            for version in versions(side, path.as_deref())? {
                plain = false;
                let name = format!(
                    "{}#{}",
                    path.as_deref().unwrap_or_default(),
                    version.address
                );
                if version.served {
                    let sides = found.entry(version.address.into()).or_default();
                    sides[index] = Some((name, version.schema));
                }
            }
        }
        if plain {
            kept.insert(pair);
        }
    }
    for [before, after] in found.into_values() {
        let same = matches!((&before, &after), (Some((_, a)), Some((_, b))) if a == b);
        if !same {
            kept.insert(SchemaPair {
                old: before.map(|(name, _)| name),
                new: after.map(|(name, _)| name),
            });
        }
    }
    Ok(kept.into_iter().collect())
}

/// Gives each changed file as a pair of what stood and what stands at its path.
fn changed_files(changes: &[FileChange]) -> impl Iterator<Item = SchemaPair> {
    changes.iter().filter_map(|change| {
        let path = change.path.to_str_lossy().into_owned();
        may_be_schema(&path).then(|| SchemaPair {
            old: change.old.map(|_| path.clone()),
            new: change.new.map(|_| path.clone()),
        })
    })
}

/// Finds the schemas that some changed files belong to. A file that others refer to is judged
/// through those, not by itself, unless the manifest names it.
pub(super) fn changed(
    old: &Snapshot,
    new: &Snapshot,
    changes: &[FileChange],
) -> Result<Vec<SchemaPair>> {
    let is_link = |change: &FileChange| {
        let entries = [change.old, change.new].into_iter().flatten();
        let mut kinds = entries.map(|entry| entry.kind);
        kinds.any(|kind| kind == FileKind::Symlink)
    };
    let may_matter =
        |change: &FileChange| may_be_schema(&change.path.to_str_lossy()) || is_link(change);
    if !changes.iter().any(may_matter) {
        return Ok(Vec::new());
    }
    let files = new.files().walk(BStr::new(b""))?;
    let mut changed: BTreeSet<String> = BTreeSet::new();
    let mut touched: BTreeSet<String> = BTreeSet::new();
    for change in changes {
        let path = change.path.to_str_lossy();
        if !may_be_schema(&path) {
            continue;
        }
        if is_schema_at(old, change.path.as_ref())? || is_schema_at(new, change.path.as_ref())? {
            if change.path.to_str().is_err() {
                return Err(no_name(change.path.as_ref()));
            }
            touched.insert(path.clone().into_owned());
        }
        changed.insert(path.into_owned());
    }
    for (link, target) in linked(old, new, &files, changes)? {
        // What the link leads to is judged under its own name where it has one.
        if !touched.contains(&target) && (is_schema(old, &link)? || is_schema(new, &link)?) {
            touched.insert(link.clone());
        }
        changed.insert(link);
    }
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let named = [named(old)?, named(new)?];
    let has_manifest = named.iter().any(Option::is_some);
    let named: BTreeSet<String> = named.into_iter().flatten().flatten().collect();
    // With a manifest, a changed file that is no schema can only be a part of one it names.
    let sought = if has_manifest { &touched } else { &changed };
    let mut candidates: BTreeSet<String> = touched.union(&named).cloned().collect();
    candidates.extend(mentioning(new, &files, sought, MOST_SEARCHED)?);
    let after = roots(new, &candidates, &changed, &named)?;
    let before = roots(old, &candidates, &changed, &named)?;
    let concerned =
        [&after, &before].map(|roots| roots.iter().filter(|(_, concerned)| **concerned));
    let concerned: BTreeSet<&String> = concerned
        .into_iter()
        .flatten()
        .map(|(path, _)| path)
        .collect();
    let mut pairs: BTreeSet<SchemaPair> = BTreeSet::new();
    for path in concerned {
        let there = |side: &Snapshot| -> Result<Option<String>> {
            let entry = side.files().entry(BStr::new(path))?;
            Ok(entry.map(|_| path.clone()))
        };
        let pair = SchemaPair {
            old: there(old)?,
            new: there(new)?,
        };
        // What others refer to on the side where it still is, is no schema of its own.
        let own = match (&pair.old, &pair.new) {
            (Some(_), Some(_)) => after.contains_key(path),
            _ => true,
        };
        if own {
            pairs.insert(pair);
        }
    }
    for (was, is) in renames(old, new, changes)? {
        let (was, is) = (Some(was), Some(is));
        let (all, half) = (pairs.len(), |pair: &SchemaPair| {
            pair.old == was && pair.new.is_none() || pair.new == is && pair.old.is_none()
        });
        pairs.retain(|pair| !half(pair));
        let whole = (pairs.len() < all).then_some(SchemaPair { old: was, new: is });
        pairs.extend(whole);
    }
    by_version(old, new, pairs.into_iter().collect())
}

/// Reads the manifest of a tree, where there is one that can be read.
///
/// # Errors
///
/// When the file cannot be read.
pub fn manifest_of(side: &Snapshot) -> Result<Option<Manifest>> {
    Ok(manifest_with_faults(side)?.0)
}

/// Reads the manifest of a tree, and says what is wrong with it.
pub(super) fn manifest_with_faults(side: &Snapshot) -> Result<(Option<Manifest>, Vec<Finding>)> {
    let Some(file) = side.file(MANIFEST.into())? else {
        return Ok((None, Vec::new()));
    };
    let document = file.documents().first().filter(|_| file.is_sound());
    Ok(document.map_or((None, Vec::new()), Manifest::read))
}

/// Finds the files that the manifest names as schemas, for whatever target; none without one.
fn named(side: &Snapshot) -> Result<Option<BTreeSet<String>>> {
    let Some(manifest) = manifest_of(side)? else {
        return Ok(None);
    };
    let mut found = BTreeSet::new();
    for pattern in manifest.schemas {
        let pattern: Pattern = pattern.value;
        if !Name::ALL.into_iter().any(|name| pattern.names(name)) {
            let whole = pattern.as_str();
            if side.files().entry(whole.into())?.is_some() {
                found.insert(whole.to_owned());
            }
            continue;
        }
        for (path, _) in side.files().walk(pattern.fixed_folder().into())? {
            if pattern.read(path.as_ref()).is_some() {
                found.insert(path.to_str_lossy().into_owned());
            }
        }
    }
    Ok(Some(found))
}

/// Finds the schemas of one side that no other is made of, and whether changed files are part of
/// them.
fn roots(
    side: &Snapshot,
    candidates: &BTreeSet<String>,
    changed: &BTreeSet<String>,
    named: &BTreeSet<String>,
) -> Result<BTreeMap<String, bool>> {
    let mut parts: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for path in candidates {
        if side.files().entry(BStr::new(path))?.is_none() {
            continue;
        }
        let files = match Schema::load(side, path)?.0 {
            Some(schema) => schema.files().map(|(file, _)| file.to_owned()).collect(),
            // Its text is broken, which is to be told.
            None => BTreeSet::from([path.clone()]),
        };
        parts.insert(path, files);
    }
    let referred: BTreeSet<&str> = parts
        .iter()
        .flat_map(|(root, files)| {
            files
                .iter()
                .map(String::as_str)
                .filter(move |file| file != root)
        })
        .collect();
    let mut roots = BTreeMap::new();
    for (root, files) in &parts {
        let circle = || {
            // Files that refer to one another: the changed ones stand for themselves.
            files.iter().any(|file| {
                file != root && parts.get(file.as_str()).is_some_and(|f| f.contains(*root))
            })
        };
        let own = !referred.contains(*root)
            || named.contains(*root)
            || (changed.contains(*root) && circle());
        if own {
            let concerned = files.iter().any(|file| changed.contains(file));
            roots.insert((*root).to_owned(), concerned);
        }
    }
    Ok(roots)
}
