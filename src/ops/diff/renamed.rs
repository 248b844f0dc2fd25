//! Files that have another name now.

use std::collections::{BTreeSet, HashMap};

use crate::config::{ParsedFile, Snapshot};
use crate::document::{Format, Kind, Value};
use crate::error::Result;
use crate::git::FileChange;
use crate::text::Pointer;
use bstr::{BString, ByteSlice};

/// How many pairs of files are compared at the most to find those that are alike.
const MOST_PAIRS: usize = 10_000;

/// Finds which file that came was which one that went: the same object, or at least half of its
/// values at the same keys. Gives the old path by the new one.
pub(super) fn renamed(
    old: &Snapshot,
    new: &Snapshot,
    changes: &[FileChange],
) -> Result<HashMap<BString, BString>> {
    let gone: Vec<_> = changes.iter().filter(|it| it.new.is_none()).collect();
    let come: Vec<_> = changes.iter().filter(|it| it.old.is_none()).collect();
    let mut found = HashMap::new();
    let mut taken: BTreeSet<&BString> = BTreeSet::new();
    let format = |path: &BString| Format::of_path(&path.to_str_lossy());
    let mut alike = Vec::new();
    for (at, change) in come.iter().enumerate() {
        let id = change.new.and_then(|entry| entry.id);
        let same = gone.iter().position(|it| {
            id.is_some() && it.old.and_then(|entry| entry.id) == id && !taken.contains(&it.path)
        });
        if let Some(was) = same {
            taken.insert(&gone[was].path);
            found.insert(change.path.clone(), gone[was].path.clone());
        } else {
            alike.push(at);
        }
    }
    if alike.len().saturating_mul(gone.len()) > MOST_PAIRS {
        return Ok(found);
    }
    let read = |tree: &Snapshot, path: &BString| -> Result<Leaves> {
        let file = tree.file(path.as_ref())?;
        Ok(file
            .filter(|it| it.is_sound())
            .map(|it| leaves(&it))
            .unwrap_or_default())
    };
    let mut before = Vec::new();
    for change in &gone {
        before.push(read(old, &change.path)?);
    }
    let mut pairs = Vec::new();
    for at in alike {
        let after = read(new, &come[at].path)?;
        for (was, before) in before.iter().enumerate() {
            let same = after.iter().filter(|leaf| before.contains(*leaf)).count();
            let most = after.len().max(before.len());
            if same > 0 && same * 2 >= most && format(&gone[was].path) == format(&come[at].path) {
                pairs.push((same * 1000 / most, at, was));
            }
        }
    }
    pairs.sort_by_key(|(likeness, at, was)| (std::cmp::Reverse(*likeness), *at, *was));
    for (_, at, was) in pairs {
        if !found.contains_key(&come[at].path) && taken.insert(&gone[was].path) {
            found.insert(come[at].path.clone(), gone[was].path.clone());
        }
    }
    Ok(found)
}

type Leaves = BTreeSet<String>;

/// Lists what a file says, a line a value.
fn leaves(file: &ParsedFile) -> Leaves {
    let mut all = Leaves::new();
    for document in file.documents() {
        gather(&document.root, &mut Pointer::root(), &mut all);
    }
    all
}

fn gather(value: &Value, at: &mut Pointer, all: &mut Leaves) {
    let mut below = |token: &str, value: &Value| {
        at.push(token);
        gather(value, at, all);
        at.pop();
    };
    match &value.kind {
        Kind::Object(map) if !map.is_empty() => {
            map.iter().for_each(|(key, value)| below(key, value));
        }
        Kind::Array(items) if !items.is_empty() => {
            let items = items.iter().enumerate();
            items.for_each(|(at, item)| below(&at.to_string(), item));
        }
        _ => {
            all.insert(format!("{at} {}", value.to_json()));
        }
    }
}
