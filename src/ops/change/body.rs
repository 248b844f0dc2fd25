use serde::Serialize;

use crate::document::Value;
use crate::report::{Block, View};
use crate::text::{Pointer, shell_word};

/// The published JSON Schema of the body of `set`.
pub const SCHEMA: &str = include_str!("change.schema.json");

/// What a change does.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChangeBody {
    /// The reference that is moved.
    pub branch: String,
    /// The new commit; none where nothing was committed.
    pub commit: Option<String>,
    /// The files that change.
    pub files: Vec<FileBody>,
    /// What becomes of resolved values, in every environment and service.
    pub changes: Vec<Effect>,
    /// Files of the work tree that hold changes of their own, and were left alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
    /// Those of them with staged changes: the next commit would take this change back there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_staged: Vec<String>,
    /// Why they were left alone, where it is for another reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_because: Option<String>,
    /// Of a promotion: the differences that are not carried over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<Stays>,
    /// What a person may do about them.
    #[serde(skip)]
    pub hint: &'static str,
}

/// A difference that is not carried over.
#[derive(Clone, Debug, Serialize)]
pub struct Stays {
    /// The service.
    pub service: Option<String>,
    /// The place.
    pub pointer: Pointer,
    /// What the difference is, as `drift` says.
    pub class: &'static str,
    /// What keeps it from being carried over, where it is newer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A file that changes.
#[derive(Clone, Debug, Serialize)]
pub struct FileBody {
    /// Its path.
    pub path: String,
    /// Whether it is new.
    pub new: bool,
    /// Places that were written anew as a whole: comments in them may be gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub anew: Vec<Pointer>,
}

/// What becomes of a resolved value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// The environment.
    pub environment: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The place.
    pub pointer: Pointer,
    /// What was there; null where nothing was.
    pub old: Option<Value>,
    /// What is there now; null where nothing is.
    pub new: Option<Value>,
    /// Whether the schema says that it is a secret: then neither is shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

impl View for ChangeBody {
    fn view(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        if !self.stays.is_empty() {
            let has_reasons = self.stays.iter().any(|it| it.reason.is_some());
            let row = |it: &Stays| {
                let service = it.service.clone().unwrap_or_default();
                let mut row = vec![service, it.pointer.dotted(), it.class.to_owned()];
                if has_reasons {
                    row.push(it.reason.clone().unwrap_or_default());
                }
                row
            };
            let mut columns = ["service", "key", "class"].map(str::to_owned).to_vec();
            if has_reasons {
                columns.push("why".to_owned());
            }
            blocks.push(Block::Text(format!("not carried over{}:", self.hint)));
            blocks.push(Block::Table {
                columns,
                rows: self.stays.iter().map(row).collect(),
            });
        }
        if self.files.is_empty() {
            blocks.push(Block::Text(
                "nothing to change: all of it is so already".to_owned(),
            ));
            return blocks;
        }
        let of = |effect: &Effect| match (&effect.service, &effect.environment) {
            (Some(service), Some(environment)) => format!("{service} in {environment}"),
            (Some(name), None) | (None, Some(name)) => name.clone(),
            (None, None) => "everywhere".to_owned(),
        };
        // The same change in many places is said once.
        let mut rows: Vec<(&Effect, Vec<String>)> = Vec::new();
        for effect in &self.changes {
            let same = rows.iter_mut().find(|(known, _)| {
                (&known.pointer, &known.old, &known.new)
                    == (&effect.pointer, &effect.old, &effect.new)
            });
            match same {
                Some((_, places)) => places.push(of(effect)),
                None => rows.push((effect, vec![of(effect)])),
            }
        }
        let mut table = Vec::new();
        for (effect, places) in rows {
            let word = |value: &Option<Value>| match value {
                _ if effect.secret => "<secret>".to_owned(),
                None => "(not set)".to_owned(),
                Some(value) => crate::document::write_flow(value),
            };
            let mut shown = places
                .iter()
                .take(4)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            if places.len() > 4 {
                shown.push_str(&format!(" and {} more", places.len() - 4));
            }
            table.push(vec![
                effect.pointer.dotted(),
                word(&effect.old),
                word(&effect.new),
                shown,
            ]);
        }
        if !table.is_empty() {
            blocks.push(Block::Table {
                columns: ["key", "was", "is", "for"].map(str::to_owned).to_vec(),
                rows: table,
            });
        }
        let mut lines = Vec::new();
        for file in &self.files {
            let verb = if file.new { "new file" } else { "changed" };
            lines.push(format!("{verb}: {}", file.path));
            lines.extend(file.anew.iter().map(|at| {
                format!(
                    "  `{}` was written anew: look whether its comments are right",
                    at.dotted()
                )
            }));
        }
        lines.push(match &self.commit {
            Some(commit) => format!(
                "committed {} on {}",
                &commit[..commit.len().min(10)],
                self.branch
            ),
            None => format!("nothing was committed; it would go to {}", self.branch),
        });
        lines.extend(self.behind());
        blocks.push(Block::Text(lines.join("\n")));
        blocks
    }
}

impl ChangeBody {
    /// Says of files that were left alone what has become of them, and what to do.
    fn behind(&self) -> Vec<String> {
        let words = |files: &[&String]| {
            let files: Vec<String> = files.iter().map(|file| shell_word(file)).collect();
            files.join(" ")
        };
        let named = |files: &[&String], what: &str| {
            let names: Vec<_> = files.iter().map(|file| format!("`{file}`")).collect();
            match names.len() {
                1 => format!("{} holds {what}, and stays as it is", names[0]),
                _ => format!("{} hold {what}, and stay as they are", names.join(", ")),
            }
        };
        if let Some(why) = &self.left_because {
            let files: Vec<_> = self.left.iter().collect();
            return vec![format!(
                "the work tree does not follow ({why}); `git checkout HEAD -- {}` brings it \
                 up to date",
                words(&files)
            )];
        }
        let is_staged = |file: &&String| self.left_staged.contains(file);
        let (staged, edited): (Vec<_>, Vec<_>) = self.left.iter().partition(is_staged);
        let mut lines = Vec::new();
        if !edited.is_empty() {
            lines.push(format!(
                "{}: `git diff -- {}` shows them against what is committed now; to stage yours \
                 alone: `git add -p`",
                named(&edited, "changes of your own that are not staged"),
                words(&edited)
            ));
        }
        if !staged.is_empty() {
            lines.push(format!(
                "{}: your next commit would take this change back; unstage them first, `git reset \
                 -- {}`, and stage yours alone: `git add -p`",
                named(&staged, "staged changes"),
                words(&staged)
            ));
        }
        lines
    }
}
