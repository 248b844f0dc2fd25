//! What Git calls to compare one file.

use std::sync::Arc;

use super::{DiffBody, FileDiff, Status, compare};
use crate::config::ParsedFile;
use crate::document::{Document, Format, Kind, Value, decode, parse};
use crate::report::Report;
use crate::text::{Pointer, Source, unified};

/// What differs between two versions of a file, for a person.
#[derive(Debug)]
pub enum FileAnswer {
    /// The values that differ.
    Values(Box<Report<DiffBody>>),
    /// The lines that differ, where values cannot be told.
    Lines(String),
}

/// Compares two versions of one file by value; `None` where there is none. What cannot be read is
/// compared by line. `from` is the older path, where that is another.
#[must_use]
pub fn file(path: &str, from: Option<&str>, old: Option<&[u8]>, new: Option<&[u8]>) -> FileAnswer {
    let lines = || {
        let text = |side: Option<&[u8]>| decode(side.unwrap_or_default()).ok();
        FileAnswer::Lines(match (text(old), text(new)) {
            (Some(old), Some(new)) => unified(path, &old, &new),
            _ => format!("{path} is no text, and differs\n"),
        })
    };
    if Format::of_path(path).is_none() {
        return lines();
    }
    let read = |side: Option<&[u8]>| side.map(|bytes| ParsedFile::of_bytes(path, bytes));
    let (before, after) = (read(old), read(new));
    if [&before, &after]
        .into_iter()
        .flatten()
        .any(|it| !it.is_sound())
    {
        return lines();
    }
    let mut findings = Vec::new();
    let found = compare(path.into(), before.as_ref(), after.as_ref(), &mut findings);
    let mut found = found.unwrap_or_else(|| FileDiff {
        path: path.to_owned(),
        from: None,
        status: Status::Changed,
        mode: None,
        changes: Vec::new(),
        is_same: false,
    });
    found.is_same = old == new;
    if let Some(from) = from.filter(|from| *from != path) {
        found.status = Status::Renamed;
        found.from = Some(from.to_owned());
    }
    let body = DiffBody {
        old: from.unwrap_or(path).to_owned(),
        new: path.to_owned(),
        files: vec![found],
    };
    FileAnswer::Values(Box::new(Report::new(None, findings, body)))
}

impl FileAnswer {
    /// Says, too, that the file's mode is another one, as Git writes modes.
    #[must_use]
    pub fn with_mode(self, path: &str, old: &str, new: &str) -> Self {
        let is_mode = |mode: &str| !mode.is_empty() && mode.bytes().all(|it| it.is_ascii_digit());
        if old == new || !is_mode(old) || !is_mode(new) {
            return self;
        }
        match self {
            Self::Values(mut report) => {
                for file in &mut report.body.files {
                    file.mode = Some([old.to_owned(), new.to_owned()]);
                }
                Self::Values(report)
            }
            Self::Lines(text) => Self::Lines(format!("{path} (mode {old} → {new})\n{text}")),
        }
    }
}

/// Writes the values of a file a line each, sorted by key, so that a comparison of lines is one of
/// values; `None` where the file cannot be read.
#[must_use]
pub fn normal_form(path: &str, bytes: &[u8]) -> Option<String> {
    let format = Format::of_path(path)?;
    let source = Arc::new(Source::new(path, decode(bytes).ok()?));
    let parsed = parse(&source, format);
    if parsed.is_broken() {
        return None;
    }
    let mut out = String::new();
    let several = parsed.documents.len() > 1;
    for Document { root, index, .. } in &parsed.documents {
        if several {
            out.push_str(&format!("--- document {}\n", index + 1));
        }
        lines(root, &mut Pointer::root(), &mut out);
    }
    Some(out)
}

fn lines(value: &Value, at: &mut Pointer, out: &mut String) {
    match &value.kind {
        Kind::Object(map) if !map.is_empty() => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            for (key, value) in entries {
                at.push(key.clone());
                lines(value, at, out);
                at.pop();
            }
        }
        Kind::Array(items) if !items.is_empty() => {
            for (token, item) in names(items) {
                at.push(token);
                lines(item, at, out);
                at.pop();
            }
        }
        _ => {
            let key = at.dotted();
            let colon = if key.is_empty() { "" } else { ": " };
            let tag = value
                .tag
                .as_deref()
                .map_or(String::new(), |tag| format!("{tag} "));
            out.push_str(&format!("{key}{colon}{tag}{}\n", value.to_json()));
        }
    }
}

/// Names the items of a list: by their name, id or key in order of that, else by number.
fn names(items: &[Value]) -> Vec<(String, &Value)> {
    for key in ["name", "id", "key"] {
        let name = |item: &Value| Some(format!("[{}]", item.get(key)?.as_str()?));
        let Some(mut named) = items
            .iter()
            .map(|item| Some((name(item)?, item)))
            .collect::<Option<Vec<_>>>()
        else {
            continue;
        };
        named.sort_by(|a, b| a.0.cmp(&b.0));
        if named.windows(2).all(|pair| pair[0].0 != pair[1].0) {
            return named;
        }
    }
    let numbered = items.iter().enumerate();
    numbered.map(|(at, item)| (at.to_string(), item)).collect()
}
