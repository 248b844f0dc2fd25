//! Schema files that are called otherwise than they were.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, ByteSlice};

use super::sources::{is_schema, may_be_schema};
use crate::Result;
use crate::config::Snapshot;
use crate::git::FileChange;

/// Of a hundred lines, how many must be the same: as many as Git asks for.
const ALIKE: usize = 50;

/// The most files that went, or came, for which every pair is looked at.
const MOST: usize = 200;

/// Finds which schema file that is gone is which that is new: one with the same name but for the
/// extension, else the one most alike, line by line. Each is used once; the old path comes first.
pub(super) fn renames(
    old: &Snapshot,
    new: &Snapshot,
    changes: &[FileChange],
) -> Result<Vec<(String, String)>> {
    let mut gone = Vec::new();
    let mut come = Vec::new();
    for change in changes {
        let path = change.path.to_str_lossy().into_owned();
        match (change.old.is_some(), change.new.is_some()) {
            (true, false) if may_be_schema(&path) => {
                gone.push((is_schema(old, &path)?, lines(old, &path)?, path));
            }
            (false, true) if may_be_schema(&path) => {
                come.push((is_schema(new, &path)?, lines(new, &path)?, path));
            }
            _ => {}
        }
    }
    if gone.len() > MOST || come.len() > MOST {
        return Ok(Vec::new());
    }
    let stem = |path: &str| path.rsplit_once('.').map(|(stem, _)| stem.to_owned());
    let mut found: Vec<(usize, &str, &str)> = Vec::new();
    for (was_schema, before, was) in &gone {
        for (is_schema, after, is) in &come {
            let score = match (was_schema, is_schema) {
                (false, false) => 0,
                _ if stem(was) == stem(is) => 101,
                (true, true) => alike(before, after),
                _ => 0,
            };
            if score >= ALIKE {
                found.push((score, was, is));
            }
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let mut pairs = Vec::new();
    for (_, was, is) in found {
        if !used.contains(was) && !used.contains(is) {
            used.extend([was, is]);
            pairs.push((was.to_owned(), is.to_owned()));
        }
    }
    pairs.sort();
    Ok(pairs)
}

/// How often each line stands in a file.
type Lines = BTreeMap<Vec<u8>, usize>;

fn lines(side: &Snapshot, path: &str) -> Result<Lines> {
    let mut lines = Lines::new();
    let blob = side.files().read(BStr::new(path))?;
    for line in blob.iter().flat_map(|blob| blob.bytes.lines()) {
        *lines.entry(line.trim().to_vec()).or_default() += 1;
    }
    Ok(lines)
}

/// Gives how many lines of a hundred are the same.
fn alike(a: &Lines, b: &Lines) -> usize {
    let same: usize = a
        .iter()
        .map(|(line, count)| (*count).min(b.get(line).copied().unwrap_or(0)))
        .sum();
    let whole = |lines: &Lines| lines.values().sum::<usize>();
    same * 100 / whole(a).max(whole(b)).max(1)
}
