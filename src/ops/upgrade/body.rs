use crate::ops::own::MASK;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::document::write_flow;
use crate::ops::migration::{Manual, Note, Record};
use crate::report::{Block, TreeNode, View};
use crate::text::Pointer;

/// The published JSON Schema of the body of `upgrade`.
pub const SCHEMA: &str = include_str!("body.schema.json");

/// What an upgrade does to files.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UpgradeBody {
    /// The version that it begins at.
    pub from: String,
    /// The version that it ends at.
    pub to: String,
    /// The versions that migrations on the way carry to, in order.
    pub migrations: Vec<String>,
    /// The files, in the order given.
    pub files: Vec<FileUpgrade>,
    /// The options that are new, the same for every file.
    pub new_options: Vec<NewOption>,
}

/// What an upgrade does to one file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FileUpgrade {
    /// Its path, as it was named.
    pub path: String,
    /// The version that it begins at.
    pub from: String,
    /// The version that it ends at.
    pub to: String,
    /// What migrations do, in order.
    pub steps: Vec<StepDone>,
    /// How many more things they do.
    pub steps_left_out: usize,
    /// What a person has to do.
    pub manual: Vec<ToDo>,
    /// What is worth knowing.
    pub notes: Vec<ToDo>,
    /// Where the file means something else without being changed.
    pub behaviour: Vec<Behaviour>,
    /// The options that are new in this version.
    pub new_options: Vec<NewOption>,
    /// The options set that a later version takes out.
    pub deprecated: Vec<Deprecated>,
    /// Whether the file holds to the version that it begins at; null where no schema says.
    pub valid_before: Option<bool>,
    /// Whether it then holds to the version that it ends at; null where no schema says.
    pub valid_after: Option<bool>,
    /// Whether it holds to the versions on the way.
    pub between: Vec<Between>,
    /// The versions that it holds to as it is, where that is not the one it begins at.
    pub holds_to: Vec<String>,
    /// The places whose text was written anew, so that comments there may be lost.
    pub rewritten: Vec<Pointer>,
    /// Whether anything changes.
    pub changed: bool,
    /// Whether the new text was written to the file.
    pub written: bool,
    /// What changes in the text; secrets are masked.
    pub diff: String,
    /// The new text.
    #[serde(skip)]
    pub text: String,
}

/// One thing that a migration does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepDone {
    /// The version that its migration carries to.
    pub version: String,
    /// What is done.
    pub operation: &'static str,
    /// Where.
    pub pointer: Pointer,
    /// Where it goes, where it goes somewhere.
    pub to: Option<Pointer>,
    /// What stood there, where that is what changes; masked where it is secret.
    pub old: Option<serde_json::Value>,
    /// What stands there then, where that is what changes; masked where it is secret.
    pub new: Option<serde_json::Value>,
    /// Why.
    pub why: Option<String>,
    /// Whether nobody has to do anything for it: always true here, and false in `manual`.
    pub automatic: bool,
}

/// Something that a person has to do, or to know.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ToDo {
    /// The version that its migration carries to.
    pub version: String,
    /// What the step does.
    pub operation: &'static str,
    /// Where; null where it is about the file as a whole.
    pub pointer: Option<Pointer>,
    /// What, in a phrase.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Why the step is there.
    pub why: Option<String>,
    /// The migration's file, and the line of the step in it.
    pub file: String,
    /// The line.
    pub line: u32,
    /// Whether nobody has to do anything for it: true of notes.
    pub automatic: bool,
}

/// An option that the file leaves unset, and that gets another default.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Behaviour {
    /// The option.
    pub pointer: Pointer,
    /// The old default; null where there was none.
    pub old: Option<serde_json::Value>,
    /// The new default; null where there is none.
    pub new: Option<serde_json::Value>,
    /// Whether the old one is written down.
    pub pinned: bool,
}

/// An option that is new.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewOption {
    /// The option; `*` stands for every item or name.
    pub pointer: Pointer,
    /// What it is for, as the schema says.
    pub description: Option<String>,
    /// Its default.
    pub default: Option<serde_json::Value>,
}

/// A deprecated option that is set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Deprecated {
    /// The option.
    pub pointer: Pointer,
    /// What the schema says about it.
    pub description: Option<String>,
    /// The last version that has it, where a later one is known that does not.
    pub last_version: Option<String>,
}

/// A version on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Between {
    /// The version.
    pub version: String,
    /// Whether the file holds to it then.
    pub valid: bool,
}

impl StepDone {
    pub(super) fn of(record: &Record, secret: bool) -> Self {
        let json = |value: &Option<crate::document::Value>| {
            value.as_ref().map(|value| match secret || record.secret {
                true => serde_json::Value::from(MASK),
                false => value.to_json(),
            })
        };
        Self {
            version: record.step.version.to_string(),
            operation: record.step.operation,
            pointer: record.pointer.clone(),
            to: record.to.clone(),
            old: json(&record.old),
            new: json(&record.new),
            why: record.step.why.as_deref().map(str::to_owned),
            automatic: true,
        }
    }

    fn words(&self) -> String {
        let flow = |value: &serde_json::Value| short(&crate::document::Value::from_json(value));
        let mut text = format!("{} {}", self.operation, place(&self.pointer));
        if let Some(to) = &self.to {
            text.push_str(&format!(" → {}", place(to)));
        }
        match (&self.old, &self.new, &self.to) {
            (Some(old), Some(new), _) => {
                text.push_str(&format!(": {} becomes {}", flow(old), flow(new)));
            }
            (None, Some(new), _) => text.push_str(&format!(": {}", flow(new))),
            (Some(old), None, _) => text.push_str(&format!(": was {}", flow(old))),
            (None, None, _) => {}
        }
        if let Some(why) = &self.why {
            text.push_str(&format!(" ({why})"));
        }
        text
    }
}

fn short(value: &crate::document::Value) -> String {
    const MOST: usize = 60;
    let text = write_flow(value);
    let mut chars = text.chars();
    let cut: String = chars.by_ref().take(MOST).collect();
    match chars.next() {
        Some(_) => format!("{cut}…"),
        None => cut,
    }
}

fn place(at: &Pointer) -> String {
    match at.is_root() {
        true => "the whole".to_owned(),
        false => at.dotted(),
    }
}

impl ToDo {
    pub(super) fn of_manual(manual: &Manual) -> Self {
        Self {
            help: manual.help.clone(),
            ..Self::of(&manual.step, manual.pointer.clone(), &manual.message, false)
        }
    }

    pub(super) fn of_note(note: &Note) -> Self {
        Self::of(&note.step, note.pointer.clone(), &note.message, true)
    }

    fn of(
        step: &crate::ops::migration::About,
        pointer: Option<Pointer>,
        message: &str,
        automatic: bool,
    ) -> Self {
        Self {
            version: step.version.to_string(),
            operation: step.operation,
            pointer,
            message: message.to_owned(),
            help: None,
            why: step.why.as_deref().map(str::to_owned),
            file: step.location.source.name().to_owned(),
            line: step.location.start().line,
            automatic,
        }
    }
}

/// How many steps of a file a person is shown.
const SHOWN: usize = 40;

impl View for UpgradeBody {
    fn view(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for file in &self.files {
            blocks.extend(file.view());
        }
        if !self.new_options.is_empty() {
            blocks.push(Block::Heading(format!("New in {}", self.to)));
            let leaf = |option: &NewOption| {
                let mut text = option.pointer.dotted();
                if let Some(default) = &option.default {
                    let default = crate::document::Value::from_json(default);
                    text.push_str(&format!(" (default {})", short(&default)));
                }
                if let Some(description) = &option.description {
                    text.push_str(&format!(": {}", first_sentence(description)));
                }
                leaf(text)
            };
            blocks.push(Block::Tree(self.new_options.iter().map(leaf).collect()));
        }
        blocks
    }
}

fn leaf(text: String) -> TreeNode {
    TreeNode {
        text,
        children: Vec::new(),
    }
}

fn first_sentence(text: &str) -> &str {
    let text = text.trim();
    text.split_once(". ").map_or(text, |(first, _)| first)
}

impl FileUpgrade {
    fn view(&self) -> Vec<Block> {
        let mut blocks = vec![Block::Heading(format!(
            "{}: {} → {}",
            self.path, self.from, self.to
        ))];
        let state = match (self.changed, self.written, self.valid_after) {
            (false, _, Some(true)) => "nothing changes; it holds to the new version",
            (false, _, None) => "nothing changes",
            (false, _, Some(false)) => {
                "nothing is changed, and it does not hold to the new version"
            }
            (true, true, Some(false)) => "written; something is left to do",
            (true, true, _) => "written",
            (true, false, Some(false)) => "something is left to do by hand",
            (true, false, _) => "all of it can be done; `--write` does it",
        };
        blocks.push(Block::Text(state.to_owned()));
        let mut groups: Vec<TreeNode> = Vec::new();
        let versions: BTreeSet<&str> = BTreeSet::new();
        let mut seen = versions;
        for step in self.steps.iter().take(SHOWN) {
            if seen.insert(&step.version) {
                groups.push(leaf(format!("to {}", step.version)));
            }
            if let Some(group) = groups.last_mut() {
                group.children.push(leaf(step.words()));
            }
        }
        let more = self.steps.len().saturating_sub(SHOWN) + self.steps_left_out;
        if more > 0 {
            groups.push(leaf(format!("and {more} more")));
        }
        let mut add = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                groups.push(TreeNode {
                    text: title.to_owned(),
                    children: lines.into_iter().map(leaf).collect(),
                });
            }
        };
        let told = |todo: &ToDo| match &todo.pointer {
            Some(at) if !todo.message.contains(&at.dotted()) => {
                format!("{}: {}", at.dotted(), todo.message)
            }
            _ => todo.message.clone(),
        };
        let left = |list: &[ToDo]| list.iter().take(SHOWN).map(told).collect::<Vec<_>>();
        add("to do by hand", left(&self.manual));
        add("to know", left(&self.notes));
        if !groups.is_empty() {
            blocks.push(Block::Tree(groups));
        }
        if !self.diff.is_empty() {
            blocks.push(Block::Diff(self.diff.trim_end().to_owned()));
        }
        blocks
    }
}
