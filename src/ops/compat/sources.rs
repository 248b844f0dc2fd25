//! Which schemas two trees of files hold, and which on one side is which on the other.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use self::search::mentioning;
use super::similar::renames;
use crate::Result;
use crate::config::schema::{CrdVersion, Schema, crd_versions};
use crate::config::{MANIFEST, Manifest, Name, Pattern, Snapshot};
use crate::document::{Format, Value};
use crate::git::{FileChange, FileKind};

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

/// Says whether a file is a schema, by its name or by what stands in it.
pub(super) fn is_schema(side: &Snapshot, path: &str) -> Result<bool> {
    if !may_be_schema(path) {
        return Ok(false);
    }
    let Some(file) = side.file(path.into())? else {
        return Ok(false);
    };
    let mut documents = file.documents().iter();
    let first = documents.next();
    Ok(
        first.is_some_and(|first| is_named_schema(path) || looks_like(&first.root))
            || !crd_versions(file.documents()).is_empty(),
    )
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

/// Puts in the place of each file with custom resources the versions that are served in it, each
/// beside the one of its name on the other side, in whatever file. Those that are the same on
/// both sides are left out.
pub(super) fn by_version(
    old: &Snapshot,
    new: &Snapshot,
    pairs: Vec<SchemaPair>,
) -> Result<Vec<SchemaPair>> {
    let mut kept = BTreeSet::new();
    let mut found: BTreeMap<String, [Option<(String, Value)>; 2]> = BTreeMap::new();
    for pair in pairs {
        let sides = [(old, &pair.old), (new, &pair.new)];
        let mut plain = true;
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

/// Finds the schemas at or below some paths, on either side.
pub(super) fn at_paths(
    old: &Snapshot,
    new: &Snapshot,
    changes: &[FileChange],
    paths: &[BString],
) -> Result<Vec<SchemaPair>> {
    let mut found = Vec::new();
    for path in paths {
        let path = path.to_str_lossy();
        let path = path.trim_end_matches('/').trim_start_matches("./");
        let kind = |side: &Snapshot, path: &str| -> Result<Option<FileKind>> {
            let entry = side.files().entry(BStr::new(path))?;
            Ok(entry.map(|entry| entry.kind))
        };
        let (mut path, mut address) = (path, None);
        let (mut before, mut after) = (kind(old, path)?, kind(new, path)?);
        if let (None, None, Some((file, version))) = (before, after, path.split_once('#')) {
            (path, address) = (file, Some(version));
            (before, after) = (kind(old, path)?, kind(new, path)?);
        }
        if before.is_none() && after.is_none() {
            let names = changes
                .iter()
                .map(|change| change.path.to_str_lossy().into_owned());
            let names: Vec<String> = names.filter(|name| may_be_schema(name)).collect();
            return Err(
                crate::Error::not_found(format!("there is no `{path}` on either side"))
                    .with_names(path, names.iter().map(String::as_str)),
            );
        }
        let folder = before == Some(FileKind::Directory) || after == Some(FileKind::Directory);
        if folder || path.is_empty() || path == "." {
            let below = format!("{path}/");
            let pairs = changed(old, new, changes)?.into_iter();
            found.extend(pairs.filter(|pair| {
                let names = [&pair.old, &pair.new].into_iter().flatten();
                let mut names = names.map(|name| name.starts_with(&below));
                path.is_empty() || path == "." || names.any(|inside| inside)
            }));
            continue;
        }
        let there = |kind: Option<FileKind>| kind.map(|_| path.to_owned());
        let mut pair = SchemaPair {
            old: there(before),
            new: there(after),
        };
        if pair.old.is_none() || pair.new.is_none() {
            let moved = renames(old, new, changes)?;
            let other = moved.into_iter().find(|(a, b)| a == path || b == path);
            if let Some((was, is)) = other {
                pair = SchemaPair {
                    old: Some(was),
                    new: Some(is),
                };
            }
        }
        let mut files = vec![pair.clone()];
        let before = versions(old, pair.old.as_deref())?;
        if !before.is_empty() || !versions(new, pair.new.as_deref())?.is_empty() {
            // A custom resource may have moved to another file, or come from one.
            files.extend(changed_files(changes));
        }
        let pairs = by_version(old, new, files)?.into_iter();
        let wanted = |name: &String| {
            let (file, here) = name.split_once('#').unwrap_or((name, ""));
            (file == path || name == path)
                && address
                    .is_none_or(|address| here == address || here.ends_with(&format!("/{address}")))
        };
        found.extend(pairs.filter(|pair| {
            let mut names = [&pair.old, &pair.new].into_iter().flatten();
            names.any(wanted)
        }));
    }
    let found: BTreeSet<SchemaPair> = found.into_iter().collect();
    Ok(found.into_iter().collect())
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
    let text = |change: &FileChange| change.path.to_str_lossy().into_owned();
    let changed: BTreeSet<String> = changes
        .iter()
        .map(text)
        .filter(|path| may_be_schema(path))
        .collect();
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let mut touched: BTreeSet<String> = BTreeSet::new();
    for path in &changed {
        if is_schema(old, path)? || is_schema(new, path)? {
            touched.insert(path.clone());
        }
    }
    let named = [named(old)?, named(new)?];
    let has_manifest = named.iter().any(Option::is_some);
    let named: BTreeSet<String> = named.into_iter().flatten().flatten().collect();
    // With a manifest, a changed file that is no schema can only be a part of one it names.
    let sought = if has_manifest { &touched } else { &changed };
    let mut candidates: BTreeSet<String> = touched.union(&named).cloned().collect();
    candidates.extend(mentioning(new, sought)?);
    let after = roots(new, &candidates, &changed, &named)?;
    let before = roots(old, &candidates, &changed, &named)?;
    let mut pairs: BTreeSet<SchemaPair> = BTreeSet::new();
    for path in after.union(&before) {
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
            (Some(_), Some(_)) => after.contains(path),
            _ => true,
        };
        if own {
            pairs.insert(pair);
        }
    }
    for (was, is) in renames(old, new, changes)? {
        let (was, is) = (Some(was), Some(is));
        let gone = pairs
            .iter()
            .position(|pair| pair.old == was && pair.new.is_none());
        let come = pairs
            .iter()
            .position(|pair| pair.new == is && pair.old.is_none());
        if gone.is_some() || come.is_some() {
            pairs.retain(|pair| {
                !(pair.old == was && pair.new.is_none() || pair.new == is && pair.old.is_none())
            });
            pairs.insert(SchemaPair { old: was, new: is });
        }
    }
    by_version(old, new, pairs.into_iter().collect())
}

/// Reads the manifest of a tree, where there is one that can be read.
///
/// # Errors
///
/// When the file cannot be read.
pub fn manifest_of(side: &Snapshot) -> Result<Option<Manifest>> {
    let Some(file) = side.file(MANIFEST.into())? else {
        return Ok(None);
    };
    let document = file.documents().first().filter(|_| file.is_sound());
    Ok(document.and_then(|document| Manifest::read(document).0))
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

/// Finds the schemas of one side that changed files are part of.
fn roots(
    side: &Snapshot,
    candidates: &BTreeSet<String>,
    changed: &BTreeSet<String>,
    named: &BTreeSet<String>,
) -> Result<BTreeSet<String>> {
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
    let roots = parts.iter().filter(|(root, files)| {
        let concerned = files.iter().any(|file| changed.contains(file));
        let circle = || {
            // Files that refer to one another: the changed ones stand for themselves.
            files.iter().any(|file| {
                file != *root && parts.get(file.as_str()).is_some_and(|f| f.contains(**root))
            })
        };
        let own = !referred.contains(*root)
            || named.contains(**root)
            || (changed.contains(**root) && circle());
        concerned && own
    });
    Ok(roots.map(|(root, _)| (*root).to_owned()).collect())
}
