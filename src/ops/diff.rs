//! What changed between two endpoints, by value.

use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use serde::Serialize;

use super::read::one_line;
use crate::config::{ParsedFile, Snapshot};
use crate::document::{Change, ChangeKind, Document, Format, Identity, Value, diff as diff_values};
use crate::error::{Error, Result};
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
    /// What happened to the file.
    pub status: Status,
    /// What changed in it.
    pub changes: Vec<ValueChange>,
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
    for change in old.files().changes_to(new.files())? {
        if Format::of_path(&change.path.to_str_lossy()).is_none() || !within(&change.path, paths) {
            continue;
        }
        let read = |side: &Snapshot, there: bool| match there {
            true => side.file(change.path.as_ref()),
            false => Ok(None),
        };
        let before = read(old, change.old.is_some())?;
        let after = read(new, change.new.is_some())?;
        let (before, after) = (before.as_deref(), after.as_deref());
        files.extend(compare(change.path.as_ref(), before, after, findings));
    }
    Ok(files)
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
            changes.extend(document_changes(old.get(index), new.get(index), document));
        }
    }
    let silent = changes.is_empty() && status == Status::Changed;
    (!silent).then_some(FileDiff {
        path,
        status,
        changes,
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

impl View for DiffBody {
    fn view(&self) -> Vec<Block> {
        if self.files.is_empty() {
            let text = format!("no value differs between {} and {}", self.old, self.new);
            return vec![Block::Text(text)];
        }
        let nodes = self.files.iter().map(|file| TreeNode {
            text: match file.status {
                Status::Added => format!("{} (added)", file.path),
                Status::Removed => format!("{} (removed)", file.path),
                Status::Changed => file.path.clone(),
                Status::Unreadable => format!("{} (cannot be read)", file.path),
            },
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
mod tests {
    use super::*;
    use crate::git::testing::Scratch;

    fn file(name: &str, text: &str) -> Side {
        let file = ParsedFile::of_bytes(name, text.as_bytes());
        Side::File(name.to_owned(), Arc::new(file))
    }

    fn lines(report: &Report<DiffBody>) -> String {
        let [Block::Tree(nodes)] = &report.body.view()[..] else {
            panic!("a tree");
        };
        let lines = nodes.iter().flat_map(|node| {
            let below = node
                .children
                .iter()
                .map(|child| format!("  {}", child.text));
            std::iter::once(node.text.clone()).chain(below)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_kind_of_change_has_a_line_of_its_own() {
        let old = "a: 1\nb: x\ngone: [1]\nlist: [one, two, three]\n---\nsecond: 1\n";
        let new =
            "a: '1'\nb: y\nnew: \"\"\nlist: [three, one, two]\n---\nsecond: 2\n---\nthird: 1\n";
        let report = diff(&file("a.yaml", old), &file("b.yaml", new), &[]).unwrap();
        insta::assert_snapshot!(lines(&report), @r#"
        b.yaml
          ! [1] a: 1 (number) → "1" (text)
          ~ [1] b: x → y
          - [1] gone: [1]
          > [1] list.2 is now list.0: three
          + [1] new: ""
          ~ [2] second: 1 → 2
          + [3] (the whole file): {"third":1}
        "#);
        let kinds: Vec<_> = report.body.files[0]
            .changes
            .iter()
            .map(|change| change.kind)
            .collect();
        assert!(
            kinds.contains(&"moved") && kinds.contains(&"type-changed"),
            "{kinds:?}"
        );
    }

    #[test]
    fn trees_are_compared_file_by_file_and_only_below_the_paths_named() {
        let scratch = Scratch::started();
        scratch.git(&["tag", "old"]);
        scratch.write("a.yaml", "a:   1 # the same\n");
        scratch.write("dir/b.yaml", "b: [\n");
        scratch.write("dir/sub/new.json", "{\"x\": 1}");
        scratch.write("notes.txt", "no configuration\n");
        scratch.git(&["rm", "-q", "-f", "dir/sub/c.yaml"]);
        scratch.commit("change");
        let repo = scratch.repo();
        let side = |name: &str| {
            let revision = repo.revision(name).unwrap();
            Side::Tree(name.to_owned(), Snapshot::of_revision(&repo, &revision))
        };
        let (old, new) = (side("old"), side("main"));
        let report = diff(&old, &new, &[]).unwrap();
        insta::assert_snapshot!(lines(&report), @r#"
        dir/b.yaml (cannot be read)
        dir/sub/c.yaml (removed)
          - (the whole file): {"c":1}
        dir/sub/new.json (added)
          + (the whole file): {"x":1}
        "#);
        assert_eq!(report.findings[0].rule.id, "syntax-error");
        let below = diff(&old, &new, &["dir/sub/".into()]).unwrap();
        assert_eq!(below.body.files.len(), 2);
        let same = diff(&old, &old, &[]).unwrap();
        let said = Block::Text("no value differs between old and old".to_owned());
        assert_eq!(same.body.view(), [said]);
        let mixed = diff(&old, &file("a.yaml", ""), &[]).unwrap_err();
        assert!(mixed.to_string().contains("only be compared with a file"));
    }

    #[test]
    fn long_values_are_cut_and_plain_text_stays_plain() {
        let value = |text: &str| Value::detached(crate::document::Kind::String(text.into()));
        assert_eq!(short(&value(&"x".repeat(300))).chars().count(), 100);
        assert_eq!(short(&value("plain words")), "plain words");
        assert_eq!(short(&value("5432")), "\"5432\"");
        assert_eq!(short(&value(" odd ")), "\" odd \"");
    }

    #[test]
    fn a_path_is_below_folders_and_not_below_like_names() {
        let within = |path: &str, paths: &[&str]| {
            let paths: Vec<BString> = paths.iter().map(|&path| path.into()).collect();
            super::within(&path.into(), &paths)
        };
        assert!(within("a/b", &[]) && within("a/b", &["a"]) && within("a/b", &["a/"]));
        assert!(within("a/b", &["a/b"]) && within("a/b", &[""]));
        assert!(!within("ab", &["a"]));
    }
}
