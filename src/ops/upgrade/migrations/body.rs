use serde::Serialize;

use crate::report::{Block, TreeNode, View};

/// The published JSON Schema of the body of `migration`.
pub const MIGRATIONS_SCHEMA: &str = include_str!("body.schema.json");

/// What is known of migrations.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MigrationsBody {
    /// The migrations, the oldest version first.
    pub migrations: Vec<MigrationReport>,
    /// The test cases that were run.
    pub cases: Vec<CaseResult>,
    /// The draft that was made, where one was asked for.
    pub draft: Option<Draft>,
    /// Whether the steps of each are shown to a person.
    #[serde(skip)]
    pub(super) in_full: bool,
}

/// One migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MigrationReport {
    /// The version that it carries to.
    pub version: String,
    /// Its file.
    pub path: String,
    /// What it is about.
    pub description: Option<String>,
    /// The tag that released it; null where none did.
    pub released: Option<String>,
    /// Whether every step can be undone.
    pub reversible: bool,
    /// Why not, where one cannot.
    pub irreversible: Option<String>,
    /// Its steps.
    pub steps: Vec<StepReport>,
}

/// One step of a migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// What it does.
    pub operation: &'static str,
    /// The places that it is about.
    pub places: Vec<String>,
    /// Why.
    pub why: Option<String>,
    /// The line it stands at.
    pub line: u32,
}

/// One test case that was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseResult {
    /// The version of its migration.
    pub version: String,
    /// Its name.
    pub case: String,
    /// Whether all is as it should be.
    pub passed: bool,
    /// How what came out differs from what should have; `-` is what should have.
    pub diff: String,
}

/// A draft of a migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// The file that it is for.
    pub path: String,
    /// What it says.
    pub text: String,
    /// Whether it was written.
    pub written: bool,
}

fn leaf(text: String) -> TreeNode {
    TreeNode {
        text,
        children: Vec::new(),
    }
}

impl View for MigrationsBody {
    fn view(&self) -> Vec<Block> {
        if let Some(draft) = &self.draft {
            return match draft.written {
                true => vec![Block::Text(format!("wrote `{}`", draft.path))],
                false => vec![Block::Raw(draft.text.trim_end().to_owned())],
            };
        }
        let mut blocks = Vec::new();
        if self.in_full {
            blocks.extend(self.migrations.iter().flat_map(MigrationReport::view));
        } else if !self.migrations.is_empty() {
            let columns = ["version", "steps", "released", "can be undone"];
            let rows = self.migrations.iter().map(|it| {
                let undone = it.irreversible.as_deref().unwrap_or("yes");
                vec![
                    it.version.clone(),
                    it.steps.len().to_string(),
                    it.released.clone().unwrap_or_else(|| "no".to_owned()),
                    undone.to_owned(),
                ]
            });
            blocks.push(Block::Table {
                columns: columns.map(str::to_owned).to_vec(),
                rows: rows.collect(),
            });
        }
        if self.migrations.is_empty() && self.cases.is_empty() {
            blocks.push(Block::Text("there are no migrations".to_owned()));
        }
        if !self.cases.is_empty() {
            let failed = self.cases.iter().filter(|it| !it.passed).count();
            let noun = if self.cases.len() == 1 {
                "case"
            } else {
                "cases"
            };
            let count = self.cases.len();
            blocks.push(Block::Text(match failed {
                0 => format!("{count} {noun} passed"),
                failed => format!("{failed} of {count} {noun} failed"),
            }));
        }
        for case in self.cases.iter().filter(|it| !it.diff.is_empty()) {
            blocks.push(Block::Heading(format!("{} {}", case.version, case.case)));
            blocks.push(Block::Diff(case.diff.trim_end().to_owned()));
        }
        blocks
    }
}

impl MigrationReport {
    fn view(&self) -> Vec<Block> {
        let mut blocks = vec![Block::Heading(format!("{} ({})", self.version, self.path))];
        blocks.extend(self.description.clone().map(Block::Text));
        let step = |step: &StepReport| {
            let mut text = format!("{} {}", step.operation, step.places.join(" → "));
            if let Some(why) = &step.why {
                text.push_str(&format!(" ({why})"));
            }
            leaf(text.trim_end().to_owned())
        };
        blocks.push(Block::Tree(self.steps.iter().map(step).collect()));
        if let Some(why) = &self.irreversible {
            blocks.push(Block::Text(why.clone()));
        }
        blocks
    }
}
