//! Which files refer to a file.

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};

use super::{is_schema, may_be_schema};
use crate::Result;
use crate::config::Snapshot;
use crate::document::Value;
use crate::git::{FileEntry, FileKind};

/// Finds the files of a tree whose text refers to one of these files by name, and those that
/// refer to them in turn. `files` are all of the tree. No file is parsed; of more than `most`, those
/// in the nearest folders are searched.
pub(super) fn mentioning(
    side: &Snapshot,
    files: &[(BString, FileEntry)],
    parts: &BTreeSet<String>,
    most: usize,
) -> Result<BTreeSet<String>> {
    if parts.is_empty() {
        return Ok(BTreeSet::new());
    }
    let near = |path: &str| {
        let common = |part: &String| {
            let same = part.bytes().zip(path.bytes());
            same.take_while(|(a, b)| a == b).count()
        };
        std::cmp::Reverse(parts.iter().map(common).max())
    };
    let mut files: Vec<String> = files
        .iter()
        .filter(|(_, entry)| matches!(entry.kind, FileKind::File | FileKind::Executable))
        .map(|(path, _)| path.to_str_lossy().into_owned())
        .filter(|path| may_be_schema(path))
        .collect();
    if files.len() > most {
        files.sort_by_cached_key(|path| near(path));
        files.truncate(most);
    }
    let mut referring: Vec<(String, Vec<u8>)> = Vec::new();
    for path in files {
        if let Some(blob) = side.files().read(BStr::new(&path))?
            && blob.bytes.contains_str("$ref")
        {
            referring.push((path, blob.bytes));
        }
    }
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut sought: Vec<String> = parts.iter().flat_map(|path| words(side, path)).collect();
    while !sought.is_empty() {
        let (hits, rest): (Vec<_>, Vec<_>) = referring
            .into_iter()
            .partition(|(_, text)| sought.iter().any(|word| text.contains_str(word)));
        referring = rest;
        sought = hits
            .iter()
            .flat_map(|(path, _)| words(side, path))
            .collect();
        found.extend(hits.into_iter().map(|(path, _)| path));
    }
    let mut schemas = BTreeSet::new();
    for path in found {
        if is_schema(side, &path)? {
            schemas.insert(path);
        }
    }
    Ok(schemas)
}

/// Gives the words by which a reference may name a file: its own name, and the end of its `$id`.
fn words(side: &Snapshot, path: &str) -> Vec<String> {
    let last = |path: &str| path.rsplit('/').next().map(str::to_owned);
    let file = side.file(path.into()).ok().flatten();
    let document = file.as_ref().and_then(|file| file.documents().first());
    let id = document.and_then(|document| document.root.get("$id").and_then(Value::as_str));
    let id = id.and_then(|id| last(id.trim_end_matches('#')));
    let words = last(path).into_iter().chain(id);
    words.filter(|word| !word.is_empty()).collect()
}
