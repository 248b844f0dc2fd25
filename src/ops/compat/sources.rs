//! The schema files of one side, and which of them are schemas of their own.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use crate::Result;
use crate::config::schema::{Loaded, Loader, Schema};
use crate::document::{Format, Value, decode, parse};
use crate::git::{FileChange, FileKind, Files};
use crate::text::Source;

/// Reads schema files out of one tree of files, each once.
pub struct FilesLoader<'f> {
    files: &'f Files,
    /// What is put before a path when it is shown.
    shown_below: String,
    read: RefCell<BTreeMap<String, Option<Loaded>>>,
}

/// A schema as it is called on both sides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaPair {
    /// Its path on the old side; none where it is new.
    pub old: Option<String>,
    /// Its path on the new side; none where it is gone.
    pub new: Option<String>,
}

impl<'f> FilesLoader<'f> {
    /// Makes a loader.
    #[must_use]
    pub fn new(files: &'f Files) -> Self {
        Self {
            files,
            shown_below: String::new(),
            read: RefCell::default(),
        }
    }

    /// Shows paths below a folder, as the user named it.
    #[must_use]
    pub fn shown_below(mut self, folder: impl Into<String>) -> Self {
        self.shown_below = folder.into();
        if !self.shown_below.is_empty() && !self.shown_below.ends_with('/') {
            self.shown_below.push('/');
        }
        self
    }

    fn read(&self, path: &str) -> Result<Option<Loaded>> {
        let Some(blob) = self.files.read(BStr::new(path))? else {
            return Ok(None);
        };
        let text = match decode(&blob.bytes) {
            Ok(text) => text,
            Err(_) => String::from_utf8_lossy(&blob.bytes).into_owned(),
        };
        let mut source = Source::new(format!("{}{path}", self.shown_below), text);
        if let Some(label) = self.files.label() {
            source = source.at_revision(label);
        }
        let format = Format::of_path(path).unwrap_or(Format::Yaml);
        let parsed = parse(&Arc::new(source), format);
        Ok(Some(Loaded {
            document: parsed.documents.into_iter().next().map(Arc::new),
            findings: parsed.findings,
        }))
    }

    /// Says whether a file is a schema, by its name or by what stands in it.
    fn is_schema(&self, path: &str) -> Result<bool> {
        if !may_be_schema(path) {
            return Ok(false);
        }
        let document = self.load(path)?.and_then(|loaded| loaded.document);
        Ok(document.is_some_and(|document| is_named_schema(path) || looks_like(&document.root)))
    }
}

impl Loader for FilesLoader<'_> {
    fn load(&self, path: &str) -> Result<Option<Loaded>> {
        if let Some(known) = self.read.borrow().get(path) {
            return Ok(known.clone());
        }
        let loaded = self.read(path)?;
        self.read
            .borrow_mut()
            .insert(path.to_owned(), loaded.clone());
        Ok(loaded)
    }

    fn names(&self, directory: &str) -> Result<Vec<String>> {
        let listed = self.files.list(BStr::new(directory))?;
        Ok(listed
            .into_iter()
            .map(|(name, _)| name.to_str_lossy().into_owned())
            .collect())
    }
}

fn may_be_schema(path: &str) -> bool {
    matches!(Format::of_path(path), Some(Format::Yaml | Format::Json))
}

fn is_named_schema(path: &str) -> bool {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    stem.ends_with(".schema")
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

/// Finds the schemas at or below some paths, on either side.
pub(super) fn at_paths(
    old: &FilesLoader<'_>,
    new: &FilesLoader<'_>,
    changes: &[FileChange],
    paths: &[BString],
) -> Result<Vec<SchemaPair>> {
    let mut pairs = BTreeSet::new();
    for path in paths {
        let path = path.to_str_lossy();
        let path = path.trim_end_matches('/').trim_start_matches("./");
        let kind = |side: &FilesLoader<'_>| -> Result<Option<FileKind>> {
            let entry = side.files.entry(BStr::new(path))?;
            Ok(entry.map(|entry| entry.kind))
        };
        let (before, after) = (kind(old)?, kind(new)?);
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
            let inside = changes
                .iter()
                .filter(|change| path == "." || change.path.starts_with(below.as_bytes()));
            let inside: Vec<FileChange> = inside.cloned().collect();
            pairs.extend(changed(old, new, &inside)?);
        } else {
            let there = |kind: Option<FileKind>| kind.map(|_| path.to_owned());
            let pair = SchemaPair {
                old: there(before),
                new: there(after),
            };
            pairs.insert(renamed(pair, old, new)?);
        }
    }
    Ok(pairs.into_iter().collect())
}

/// Finds the other name of a schema that is on one side only: the same name with another
/// extension.
fn renamed(
    mut pair: SchemaPair,
    old: &FilesLoader<'_>,
    new: &FilesLoader<'_>,
) -> Result<SchemaPair> {
    let other = |side: &FilesLoader<'_>, path: &str| -> Result<Option<String>> {
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        for extension in ["yaml", "yml", "json"] {
            let name = format!("{stem}.{extension}");
            if name != path && side.files.entry(BStr::new(&name))?.is_some() {
                return Ok(Some(name));
            }
        }
        Ok(None)
    };
    match (&pair.old, &pair.new) {
        (None, Some(path)) => pair.old = other(old, path)?,
        (Some(path), None) => pair.new = other(new, path)?,
        _ => {}
    }
    Ok(pair)
}

/// Finds the schemas that some changed files belong to. A file that others refer to is judged
/// through those, not by itself.
pub(super) fn changed(
    old: &FilesLoader<'_>,
    new: &FilesLoader<'_>,
    changes: &[FileChange],
) -> Result<Vec<SchemaPair>> {
    let mut touched: BTreeSet<String> = BTreeSet::new();
    for change in changes {
        let path = change.path.to_str_lossy().into_owned();
        let before = change.old.is_some() && old.is_schema(&path)?;
        if before || (change.new.is_some() && new.is_schema(&path)?) {
            touched.insert(path);
        }
    }
    let mut pairs: BTreeSet<SchemaPair> = BTreeSet::new();
    let after = roots(new, &touched)?;
    let before = roots(old, &touched)?;
    for path in after.union(&before) {
        let there = |side: &FilesLoader<'_>| -> Result<Option<String>> {
            let entry = side.files.entry(BStr::new(path))?;
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
            pairs.insert(renamed(pair, old, new)?);
        }
    }
    Ok(pairs.into_iter().collect())
}

/// Finds the schemas of one side, in the folders of some files, that those files are part of.
fn roots(side: &FilesLoader<'_>, touched: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let folder = |path: &str| path.rsplit_once('/').map_or("", |(dir, _)| dir).to_owned();
    let folders: BTreeSet<String> = touched.iter().map(|path| folder(path)).collect();
    let mut candidates: BTreeSet<String> = touched.clone();
    for folder in &folders {
        for (name, entry) in side.files.list(BStr::new(folder))? {
            let name = name.to_str_lossy();
            let path = if folder.is_empty() {
                name.into_owned()
            } else {
                format!("{folder}/{name}")
            };
            let file = matches!(entry.kind, FileKind::File | FileKind::Executable);
            if file && side.is_schema(&path)? {
                candidates.insert(path);
            }
        }
    }
    let mut parts: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for path in &candidates {
        if side.files.entry(BStr::new(path))?.is_none() {
            continue;
        }
        if let (Some(schema), _) = Schema::load(side, path)? {
            let files = schema.files().map(|(file, _)| file.to_owned());
            parts.insert(path, files.collect());
        }
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
        let concerned = files.iter().any(|file| touched.contains(file));
        let circle = || {
            // Files that refer to one another: the changed ones stand for themselves.
            files.iter().any(|file| {
                file != *root && parts.get(file.as_str()).is_some_and(|f| f.contains(**root))
            })
        };
        concerned && (!referred.contains(*root) || (touched.contains(**root) && circle()))
    });
    Ok(roots.map(|(root, _)| (*root).to_owned()).collect())
}
