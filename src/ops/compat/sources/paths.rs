//! Schemas that somebody names.

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};

use super::{SchemaPair, by_version, changed, changed_files, may_be_schema, versions};
use crate::config::Snapshot;
use crate::git::{FileChange, FileKind};
use crate::ops::compat::similar::renames;
use crate::{Error, Result};

/// Finds the schemas at or below some paths, on either side.
pub(in crate::ops::compat) fn at_paths(
    old: &Snapshot,
    new: &Snapshot,
    changes: &[FileChange],
    paths: &[BString],
) -> Result<Vec<SchemaPair>> {
    let mut found = Vec::new();
    for path in paths {
        let path = path.to_str_lossy();
        let path = path.trim_end_matches('/').trim_start_matches("./");
        let (mut path, mut address) = (path, None);
        let (mut before, mut after) = (kind(old, path)?, kind(new, path)?);
        if let (None, None, Some((file, version))) = (before, after, path.split_once('#')) {
            (path, address) = (file, Some(version));
            (before, after) = (kind(old, path)?, kind(new, path)?);
        }
        if before.is_none() && after.is_none() {
            if let Some(error) = in_submodule(old, new, path)? {
                return Err(error);
            }
            let names = changes
                .iter()
                .map(|change| change.path.to_str_lossy().into_owned());
            let names: Vec<String> = names.filter(|name| may_be_schema(name)).collect();
            let error = Error::not_found(format!("there is no `{path}` on either side"));
            return Err(match path.starts_with("../") {
                true => error.with_help("paths count from the root of the repository"),
                false => error.with_names(path, names.iter().map(String::as_str)),
            });
        }
        if [before, after].contains(&Some(FileKind::Submodule))
            && let Some(error) = in_submodule(old, new, path)?
        {
            return Err(error);
        }
        if [before, after].contains(&Some(FileKind::Symlink))
            && old.file(path.into())?.is_none()
            && new.file(path.into())?.is_none()
        {
            return Err(Error::usage(format!(
                "`{path}` is a symbolic link that leads to no file of the repository"
            ))
            .with_help("name what it leads to"));
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
        if address.is_none() && (is_part(old, path)? || is_part(new, path)?) {
            let own: Vec<FileChange> = changes
                .iter()
                .filter(|change| change.path == path)
                .cloned()
                .collect();
            let through = changed(old, new, &own)?;
            if !through.is_empty() {
                found.extend(through);
                continue;
            }
        }
        let mut files = vec![pair.clone()];
        let before = versions(old, pair.old.as_deref())?;
        if !before.is_empty() || !versions(new, pair.new.as_deref())?.is_empty() {
            // A custom resource may have moved to another file, or come from one.
            files.extend(changed_files(changes));
        }
        if let Some(address) = address
            && version_in(new, path, address).is_err()
        {
            version_in(old, path, address)?;
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

/// Says whether a file only defines what others refer to, and admits anything by itself. Its
/// changes show in those others.
fn is_part(side: &Snapshot, path: &str) -> Result<bool> {
    const SILENT: [&str; 8] = [
        "$anchor",
        "$comment",
        "$defs",
        "$id",
        "$schema",
        "definitions",
        "description",
        "title",
    ];
    let file = side.file(path.into())?;
    let document = file.as_ref().and_then(|file| file.documents().first());
    let root = document.and_then(|document| document.root.as_object());
    Ok(root
        .is_some_and(|map| !map.is_empty() && map.keys().all(|key| SILENT.contains(&key.as_str()))))
}

/// Takes two files for the same schema; where they hold Kubernetes custom resources, each version
/// for the one of the same name, unless one is named: `FILE#NAME/VERSION`.
///
/// # Errors
///
/// When the files cannot be read.
pub fn same_schema(old: &Snapshot, new: &Snapshot, was: &str, is: &str) -> Result<Vec<SchemaPair>> {
    let named = |side: &Snapshot, path: &str| -> Result<Option<String>> {
        let is_file = kind(side, path)?.is_some();
        let version = path.split_once('#').filter(|_| !is_file);
        Ok(version.map(|(_, version)| version.to_owned()))
    };
    let (before, after) = (named(old, was)?, named(new, is)?);
    let (was, is) = match (&before, &after) {
        (Some(version), None) => (was.to_owned(), format!("{is}#{version}")),
        (None, Some(version)) => (format!("{was}#{version}"), is.to_owned()),
        _ => (was.to_owned(), is.to_owned()),
    };
    let pair = SchemaPair {
        old: Some(was),
        new: Some(is),
    };
    if before.is_some() || after.is_some() {
        return Ok(vec![pair]);
    }
    by_version(old, new, vec![pair])
}

/// Gives the path of a version of a custom resource in a file, which may be named without the
/// resource where no other has a version so called: `crds.yaml#v1`.
///
/// # Errors
///
/// When the file holds no such version, or cannot be read.
pub fn version_in(tree: &Snapshot, path: &str, wanted: &str) -> Result<String> {
    let versions = versions(tree, Some(path))?;
    let whole = versions.iter().find(|version| version.address == wanted);
    let short = || {
        let ends = format!("/{wanted}");
        let mut short = versions
            .iter()
            .filter(|version| version.address.ends_with(&ends));
        short.next().filter(|_| short.next().is_none())
    };
    match whole.or_else(short) {
        Some(version) => Ok(format!("{path}#{}", version.address)),
        None => Err(
            Error::not_found(format!("there is no one version `{wanted}` in `{path}`")).with_names(
                wanted,
                versions.iter().map(|version| version.address.as_str()),
            ),
        ),
    }
}

/// Says what stands at a path; at the end of a link to a folder, too.
fn kind(side: &Snapshot, path: &str) -> Result<Option<FileKind>> {
    let entry = side.files().entry(BStr::new(path))?;
    if entry.is_none() && side.file(path.into())?.is_some() {
        return Ok(Some(FileKind::File));
    }
    Ok(entry.map(|entry| entry.kind))
}

/// Says that a path leads into a submodule, where one does.
fn in_submodule(old: &Snapshot, new: &Snapshot, path: &str) -> Result<Option<Error>> {
    let path = BStr::new(path);
    let (before, after) = (
        old.files().submodule_of(path)?,
        new.files().submodule_of(path)?,
    );
    let Some((folder, _)) = after.as_ref().or(before.as_ref()) else {
        return Ok(None);
    };
    let commit = |side: &Option<(BString, Option<crate::git::Oid>)>| {
        let id = side.as_ref().and_then(|(_, id)| id.as_ref());
        id.map(|id| id.short())
    };
    let error = Error::usage(format!(
        "`{folder}` is a submodule, a repository of its own"
    ));
    Ok(Some(match (commit(&before), commit(&after)) {
        (Some(was), Some(is)) if was != is => error.with_help(format!(
            "compare what it was and is: `git strata -C {folder} compat {was}..{is}`"
        )),
        _ => error.with_help(format!("look there: `git strata -C {folder} compat`")),
    }))
}
