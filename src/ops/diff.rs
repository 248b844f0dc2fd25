//! What changed between two endpoints, by value.

mod covered;
mod driver;
mod moved;
mod renamed;

pub use covered::covered;
pub use driver::{FileAnswer, file, normal_form};

use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use serde::Serialize;

use super::read::one_line;
use crate::config::{ParsedFile, Snapshot};
use crate::document::{Change, ChangeKind, Document, Format, Identity, Value, diff as diff_values};
use crate::error::{Error, Result};
use crate::git::FileChange;
use crate::report::{Block, Finding, Report, TreeNode, View};
use crate::text::Pointer;

/// The published JSON Schema of the body of `diff`.
pub const SCHEMA: &str = include_str!("diff.schema.json");

/// What changed between two endpoints, by value.
#[derive(Debug, Serialize)]
pub struct DiffBody {
    /// The older side, as it was named.
    pub old: String,
    /// The newer side, as it was named.
    pub new: String,
    /// The files that differ, by path.
    pub files: Vec<FileDiff>,
}

/// What changed in one file.
#[derive(Debug, Serialize)]
pub struct FileDiff {
    /// The path; for two files on disk, the newer one.
    pub path: String,
    /// The older path, where the file has another name now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What happened to the file.
    pub status: Status,
    /// Its modes as Git writes them, the older and the newer, where they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<[String; 2]>,
    /// What changed in it.
    pub changes: Vec<ValueChange>,
    /// Whether both sides are the same, byte by byte.
    #[serde(skip)]
    pub(crate) is_same: bool,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It was not there.
    Added,
    /// It is no longer there.
    Removed,
    /// It differs.
    Changed,
    /// It has another name now, and may differ too.
    Renamed,
    /// One side cannot be read; a finding says why.
    Unreadable,
}

/// One changed value.
#[derive(Debug, Serialize)]
pub struct ValueChange {
    /// The place on the newer side; on the older for what was removed.
    pub pointer: Pointer,
    /// The place on the older side, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Pointer>,
    /// The number of the document, from 0, in a file of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<usize>,
    /// What happened.
    pub kind: &'static str,
    /// The older value; null where there was none.
    pub old: Option<Value>,
    /// The newer value; null where there is none.
    pub new: Option<Value>,
}

/// One side of a comparison.
pub enum Side {
    /// A whole tree, with the name it was given.
    Tree(String, Snapshot),
    /// One file, with the name it was given.
    File(String, Arc<ParsedFile>),
}

impl Side {
    fn name(&self) -> &str {
        match self {
            Self::Tree(name, _) | Self::File(name, _) => name,
        }
    }
}

/// Compares two sides by value: two files, or all configuration files of two trees. `paths`
/// restricts trees to files at or below them.
///
/// # Errors
///
/// Where a side cannot be read, or a file is compared with a tree.
pub fn diff(old: &Side, new: &Side, paths: &[BString]) -> Result<Report<DiffBody>> {
    let mut findings = Vec::new();
    let files = match (old, new) {
        (Side::File(_, old), Side::File(_, new)) => {
            let changed = compare(new.path.as_ref(), Some(old), Some(new), &mut findings);
            changed.into_iter().collect()
        }
        (Side::Tree(_, old), Side::Tree(_, new)) => trees(old, new, paths, &mut findings)?,
        _ => {
            return Err(Error::usage("a file can only be compared with a file")
                .with_help("name a file on both sides: `git strata diff v1:app.yaml app.yaml`"));
        }
    };
    let revision = match new {
        Side::Tree(_, snapshot) => snapshot.label().map(str::to_owned),
        Side::File(_, file) => file.source.revision().map(str::to_owned),
    };
    let body = DiffBody {
        old: old.name().to_owned(),
        new: new.name().to_owned(),
        files,
    };
    Ok(Report::new(revision, findings, body))
}

fn trees(
    old: &Snapshot,
    new: &Snapshot,
    paths: &[BString],
    findings: &mut Vec<Finding>,
) -> Result<Vec<FileDiff>> {
    let mut files = Vec::new();
    let mut changes = old.files().changes_to(new.files())?;
    changes.retain(|change| Format::of_path(&change.path.to_str_lossy()).is_some());
    let from = renamed::renamed(old, new, &changes)?;
    // A file that left the paths named is gone there.
    let from = |path: &BString| from.get(path).filter(|from| within(from, paths));
    let new_names = changes.iter().filter(|change| within(&change.path, paths));
    let left: Vec<&BString> = new_names.filter_map(|change| from(&change.path)).collect();
    for change in &changes {
        if !within(&change.path, paths) || left.contains(&&change.path) && change.new.is_none() {
            continue;
        }
        let was = from(&change.path);
        let before = match (was, change.old) {
            (Some(was), _) => old.file(was.as_ref())?,
            (None, Some(_)) => old.file(change.path.as_ref())?,
            (None, None) => None,
        };
        let after = match change.new {
            Some(_) => new.file(change.path.as_ref())?,
            None => None,
        };
        let (before, after) = (before.as_deref(), after.as_deref());
        let mode = modes(change);
        let found = compare(change.path.as_ref(), before, after, findings);
        if found.is_none() && was.is_none() && mode.is_none() {
            continue;
        }
        let found = found.unwrap_or_else(|| FileDiff {
            path: change.path.to_str_lossy().into_owned(),
            from: None,
            status: Status::Changed,
            mode: None,
            changes: Vec::new(),
            is_same: change.old.map(|it| it.id) == change.new.map(|it| it.id),
        });
        files.push(FileDiff {
            from: was.map(|was| was.to_str_lossy().into_owned()),
            status: match found.status {
                Status::Changed if was.is_some() => Status::Renamed,
                other => other,
            },
            mode,
            ..found
        });
    }
    Ok(files)
}

/// Gives the modes of a file, where it has another one now.
fn modes(change: &FileChange) -> Option<[String; 2]> {
    let (old, new) = (change.old?.kind, change.new?.kind);
    (old != new).then(|| [old, new].map(|kind| kind.mode().to_owned()))
}

/// Says whether a path is one of those named, or below one; with none named, every path is.
pub(crate) fn within(path: &BString, paths: &[BString]) -> bool {
    paths.is_empty()
        || paths.iter().any(|above| {
            above.is_empty()
                || path
                    .strip_prefix(above.trim_end_with(|c| c == '/'))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        })
}

fn compare(
    path: &BStr,
    old: Option<&ParsedFile>,
    new: Option<&ParsedFile>,
    findings: &mut Vec<Finding>,
) -> Option<FileDiff> {
    let path = path.to_str_lossy().into_owned();
    let mut unreadable = false;
    for file in [old, new]
        .into_iter()
        .flatten()
        .filter(|file| !file.is_sound())
    {
        findings.extend(file.findings().cloned());
        unreadable = true;
    }
    let status = match (unreadable, old, new) {
        (true, ..) => Status::Unreadable,
        (_, None, _) => Status::Added,
        (_, _, None) => Status::Removed,
        _ => Status::Changed,
    };
    let mut changes = Vec::new();
    if !unreadable {
        let (old, new) = (roots(old), roots(new));
        for index in 0..old.len().max(new.len()) {
            let document = (old.len().max(new.len()) > 1).then_some(index);
            let found = document_changes(old.get(index), new.get(index), document);
            changes.extend(moved::moved(found));
        }
    }
    let silent = changes.is_empty() && status == Status::Changed;
    (!silent).then_some(FileDiff {
        path,
        from: None,
        status,
        mode: None,
        changes,
        is_same: false,
    })
}

fn roots(file: Option<&ParsedFile>) -> Vec<&Value> {
    let documents = file.into_iter().flat_map(ParsedFile::documents);
    documents
        .map(|document: &Document| &*document.root)
        .collect()
}

fn document_changes(
    old: Option<&&Value>,
    new: Option<&&Value>,
    document: Option<usize>,
) -> Vec<ValueChange> {
    let whole = |kind, old: Option<&&Value>, new: Option<&&Value>| ValueChange {
        pointer: Pointer::root(),
        from: None,
        document,
        kind,
        old: old.map(|value| (*value).clone()),
        new: new.map(|value| (*value).clone()),
    };
    match (old, new) {
        (Some(old), Some(new)) => diff_values(old, new, &Identity::default())
            .into_iter()
            .map(|change| ValueChange::of(change, document))
            .collect(),
        (None, new) => vec![whole("added", None, new)],
        (old, None) => vec![whole("removed", old, None)],
    }
}

impl ValueChange {
    fn of(change: Change, document: Option<usize>) -> Self {
        Self {
            pointer: change.pointer,
            from: change.from,
            document,
            kind: kind_name(change.kind),
            old: change.old,
            new: change.new,
        }
    }

    fn line(&self) -> String {
        let key = match self.pointer.dotted() {
            key if key.is_empty() => "(the whole file)".to_owned(),
            key => key,
        };
        let document = self
            .document
            .map(|index| format!("[{}] ", index + 1))
            .unwrap_or_default();
        let text = |value: &Option<Value>| value.as_ref().map_or(String::new(), short);
        let typed = |value: &Option<Value>| {
            value.as_ref().map_or(String::new(), |value| {
                format!("{} ({})", value.to_json(), value.type_name())
            })
        };
        match self.kind {
            "added" => format!("+ {document}{key}: {}", text(&self.new)),
            "removed" => format!("- {document}{key}: {}", text(&self.old)),
            "moved" => {
                let from = self.from.as_ref().map(Pointer::dotted).unwrap_or_default();
                format!("> {document}{from} is now {key}: {}", text(&self.new))
            }
            "type-changed" => {
                format!(
                    "! {document}{key}: {} → {}",
                    typed(&self.old),
                    typed(&self.new)
                )
            }
            _ => format!(
                "~ {document}{key}: {} → {}",
                text(&self.old),
                text(&self.new)
            ),
        }
    }
}

/// Writes a value on one line, cut where it is long.
pub(crate) fn short(value: &Value) -> String {
    const LONGEST: usize = 100;
    let text = one_line(value);
    if text.chars().count() <= LONGEST {
        return text;
    }
    let cut: String = text.chars().take(LONGEST - 1).collect();
    format!("{cut}…")
}

/// Names a kind of change as the formats do.
pub(crate) fn kind_name(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
        ChangeKind::TypeChanged => "type-changed",
        ChangeKind::Moved => "moved",
    }
}

impl FileDiff {
    /// Says in a line what happened to the file.
    fn line(&self) -> String {
        let path = &self.path;
        let mut line = match self.status {
            Status::Added => format!("{path} (added)"),
            Status::Removed => format!("{path} (removed)"),
            Status::Changed if self.changes.is_empty() && !self.is_same => {
                format!("{path} (only comments, order or spelling)")
            }
            Status::Changed => path.clone(),
            Status::Renamed => {
                let from = self.from.as_deref().unwrap_or_default();
                format!("{path} (was {from})")
            }
            Status::Unreadable => format!("{path} (cannot be read)"),
        };
        if let Some([old, new]) = &self.mode {
            line.push_str(&format!(" (mode {old} → {new})"));
        }
        line
    }
}

impl View for DiffBody {
    fn view(&self) -> Vec<Block> {
        if self.files.is_empty() {
            let text = format!("no value differs between {} and {}", self.old, self.new);
            return vec![Block::Text(text)];
        }
        let nodes = self.files.iter().map(|file| TreeNode {
            text: file.line(),
            children: file
                .changes
                .iter()
                .map(|change| TreeNode {
                    text: change.line(),
                    children: Vec::new(),
                })
                .collect(),
        });
        vec![Block::Tree(nodes.collect())]
    }
}

#[cfg(test)]
mod tests;
