//! What a file was called before.

use bstr::{BString, ByteSlice};

use super::past::Version;
use crate::config::ParsedFile;
use crate::document::{Format, parts};
use crate::error::Result;
use crate::git::{FileKind, Files, Oid};

/// How many files that went are compared at the most with the one that came.
const MOST_FILES: usize = 1_000;

/// Finds the file that went when this one came: the same object, or else the one that has most of
/// its values at the same keys, if that is at least half of them.
pub(super) fn find(
    before: &Files,
    after: &Files,
    held: Oid,
    version: &Version,
    path: &BString,
) -> Result<Option<(BString, Oid)>> {
    let is_file = |kind| matches!(kind, FileKind::File | FileKind::Executable);
    let changes = before.changes_to(after)?;
    let gone = changes.into_iter().filter_map(|change| {
        let old = change.old.filter(|old| is_file(old.kind))?;
        let known = Format::of_path(&change.path.to_str_lossy()).is_some();
        let is_gone = change.new.is_none() && (known || extension(&change.path) == extension(path));
        is_gone.then_some((change.path, old.id?))
    });
    let gone: Vec<(BString, Oid)> = gone.collect();
    if let Some(same) = gone.iter().find(|(_, id)| *id == held) {
        return Ok(Some(same.clone()));
    }
    if gone.len() > MOST_FILES {
        return Ok(None);
    }
    let mut best: Option<(usize, (BString, Oid))> = None;
    for (was, id) in gone {
        let Some(blob) = before.read(was.as_ref())? else {
            continue;
        };
        let file = ParsedFile::of_bytes(&was.to_str_lossy(), &blob.bytes);
        if !file.is_sound() {
            continue;
        }
        let older = Version::of(&file);
        let found = version.parts_in(&older);
        let same = found.iter().flatten().count();
        let most = found.len().max(parts(&older.documents).len());
        let likeness = same * 1000 / most.max(1);
        if likeness >= 500 && best.as_ref().is_none_or(|(known, _)| likeness > *known) {
            best = Some((likeness, (was, id)));
        }
    }
    Ok(best.map(|(_, was)| was))
}

fn extension(path: &BString) -> Option<&[u8]> {
    path.rsplit_once_str(".").map(|(_, extension)| extension)
}
