use std::collections::BTreeSet;

use serde::Serialize;

use super::agreed::Heard;
use super::model::{Decision, Policy, Verb};
use super::touch::{Keys, Touch};
use crate::report::{Block, View};
use crate::sign::Standing;

/// The published JSON Schema of the body of `policy check`.
pub const CHECK_SCHEMA: &str = include_str!("check.schema.json");

/// A history, held to the policy.
#[derive(Debug, Serialize)]
pub struct PolicyCheckBody {
    /// The commit behind which it begins.
    pub base: Option<String>,
    /// Its last commit.
    pub tip: String,
    /// The branch that it is for.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// All of it as one change, as approvals name it.
    pub change: Option<String>,
    /// The steps, the oldest first.
    pub steps: Vec<StepBody>,
}

/// A step of the branch.
#[derive(Debug, Serialize)]
pub struct StepBody {
    /// The commit.
    pub commit: String,
    /// The first line of its message.
    pub title: String,
    /// The policy that it is held to, by its object; none where there was none.
    pub policy: Option<String>,
    /// What it does as one change, as approvals name it.
    pub change: Option<String>,
    /// What it brought, and then the commit itself.
    pub parts: Vec<PartBody>,
    /// Who must agree.
    pub agreements: Vec<AgreementBody>,
}

/// A commit, with what it did and whether it may.
#[derive(Debug, Serialize)]
pub struct PartBody {
    /// The commit.
    pub commit: String,
    /// The first line of its message.
    pub title: String,
    /// What its signature is worth.
    pub signature: Standing,
    /// Who signed: the names on the line that lists the key.
    pub signer: Option<String>,
    /// What it did.
    pub touches: Vec<TouchBody>,
}

/// What a commit did in one way to one environment.
#[derive(Debug, Serialize)]
pub struct TouchBody {
    /// What was done.
    pub verb: Verb,
    /// The environment; none for all.
    pub environment: Option<String>,
    /// The keys.
    pub keys: Vec<String>,
    /// The files.
    pub files: Vec<String>,
    /// Whether it may: `allowed`, `denied`, `refused` (from outside), `missing` or `unprotected`.
    pub decision: &'static str,
    /// The line of the policy that says so.
    pub line: Option<u32>,
}

/// What others must agree to.
#[derive(Clone, Debug, Serialize)]
pub struct AgreementBody {
    /// The keys, or files where there are no keys, that change.
    pub keys: BTreeSet<String>,
    /// The environments that they change in; empty for all.
    pub environments: Vec<String>,
    /// The line of the policy that asks for it.
    pub line: u32,
    /// How many must agree.
    pub needed: usize,
    /// The role that they have.
    pub from: String,
    /// Who agreed, as far as it counts.
    pub given: Vec<String>,
    /// Whether they are enough.
    pub is_met: bool,
    /// Who else could, by the names that the policy has.
    pub could: Vec<String>,
    /// All statements that were found.
    pub heard: Vec<Heard>,
}

impl TouchBody {
    pub(super) fn of(
        policy: &Policy,
        verb: Verb,
        environment: Option<String>,
        decision: Decision,
        touches: &[&Touch],
    ) -> Self {
        let mut keys = BTreeSet::new();
        let mut files = BTreeSet::new();
        for touch in touches {
            if let Keys::One(pointer) = &touch.keys {
                keys.insert(pointer.dotted());
            }
            files.extend(touch.file.clone().filter(|it| !it.is_empty()));
        }
        let line = decision.binding().and_then(|at| policy.bindings.get(at));
        Self {
            verb,
            environment,
            keys: keys.into_iter().collect(),
            files: files.into_iter().collect(),
            decision: decision.name(),
            line: line.map(|it| it.location.start().line),
        }
    }

    fn what(&self) -> String {
        match self.keys.is_empty() {
            true => some_of(self.files.iter()),
            false => some_of(self.keys.iter()),
        }
    }
}

/// Names the first few, and counts the others.
pub(super) fn some_of<'a>(all: impl ExactSizeIterator<Item = &'a String>) -> String {
    const SHOWN: usize = 2;
    let count = all.len();
    let shown: Vec<&str> = all.take(SHOWN).map(String::as_str).collect();
    let mut text = shown.join(", ");
    if count > SHOWN {
        text.push_str(&format!(" and {} more", count - SHOWN));
    }
    text
}

impl View for PolicyCheckBody {
    fn view(&self) -> Vec<Block> {
        if self.steps.is_empty() {
            return vec![Block::Text("there are no commits to check".to_owned())];
        }
        let mut rows = Vec::new();
        let mut agreed = Vec::new();
        for step in &self.steps {
            for part in &step.parts {
                let short: String = part.commit.chars().take(10).collect();
                for touch in &part.touches {
                    let said = match touch.line {
                        Some(line) => format!("{} (line {line})", touch.decision),
                        None => touch.decision.to_owned(),
                    };
                    rows.push(vec![
                        short.clone(),
                        part.signer.clone().unwrap_or_else(|| "nobody".to_owned()),
                        touch.verb.name().to_owned(),
                        touch
                            .environment
                            .clone()
                            .unwrap_or_else(|| "all".to_owned()),
                        touch.what(),
                        said,
                    ]);
                }
            }
            for it in &step.agreements {
                let short: String = step.commit.chars().take(10).collect();
                let by = match it.given.is_empty() {
                    true => String::new(),
                    false => format!(": {}", it.given.join(", ")),
                };
                agreed.push(vec![
                    short,
                    format!("line {}", it.line),
                    format!("{} of {} ({}){by}", it.given.len(), it.needed, it.from),
                ]);
            }
        }
        let mut blocks = Vec::new();
        if rows.is_empty() {
            let text = "nothing changes that the policy is about";
            blocks.push(Block::Text(text.to_owned()));
        } else {
            let columns = ["commit", "by", "right", "environment", "what", "may they"];
            blocks.push(Block::Table {
                columns: columns.map(str::to_owned).to_vec(),
                rows,
            });
        }
        if !agreed.is_empty() {
            let columns = ["commit", "asked for by", "agreed"];
            blocks.push(Block::Table {
                columns: columns.map(str::to_owned).to_vec(),
                rows: agreed,
            });
        }
        blocks
    }
}
