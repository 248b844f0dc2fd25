use serde::Serialize;

use super::allowed::SECRETS_ALLOWED;
use crate::report::{Block, View};
use crate::text::Date;

/// The published JSON Schema of the body of `secret scan`.
pub const SCHEMA: &str = include_str!("scan.schema.json");

/// What was searched, and what was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ScanBody {
    /// How many files were read, each once for all commits that have it.
    pub files: usize,
    /// How many commits were looked at.
    pub commits: usize,
    /// How many files were passed over because they are no text.
    pub binary: usize,
    /// How many files were passed over because they are too large.
    pub large: usize,
    /// Whether there is more history than this clone has.
    pub history_is_cut: bool,
    /// What looks like a secret; what is allowed is here, too.
    pub secrets: Vec<SecretBody>,
}

/// Something that looks like a secret. What it says is nowhere in here.
#[derive(Clone, Debug, Serialize)]
pub struct SecretBody {
    /// The rule that it breaks.
    pub rule: &'static str,
    /// What it is, as in "a GitHub token".
    pub shape: &'static str,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The place in the document, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What it is known by: the same secret has the same, wherever it stands.
    pub fingerprint: String,
    /// The first commit that brought it, where the history was searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitBody>,
    /// Why it is allowed, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<AllowedBody>,
}

/// A commit.
#[derive(Clone, Debug, Serialize)]
pub struct CommitBody {
    /// Its name.
    pub id: String,
    /// Who wrote it.
    pub author: String,
    /// When, as RFC 3339 has it.
    pub date: String,
}

/// Why something is allowed.
#[derive(Clone, Debug, Serialize)]
pub struct AllowedBody {
    /// The reason.
    pub reason: String,
    /// The last day on which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl View for ScanBody {
    fn view(&self) -> Vec<Block> {
        let counted = |count: usize, one: &str, more: &str| match count {
            1 => format!("1 {one}"),
            _ => format!("{count} {more}"),
        };
        let mut said = format!("{} searched", counted(self.files, "file", "files"));
        if self.commits > 0 {
            let commits = counted(self.commits, "commit", "commits");
            said = format!("{said} in {commits}");
        }
        let mut passed = Vec::new();
        if self.binary > 0 {
            let what = counted(self.binary, "that is no text", "that are no text");
            passed.push(what);
        }
        if self.large > 0 {
            passed.push(format!("{} larger than 10 MB", self.large));
        }
        if !passed.is_empty() {
            said = format!("{said}; passed over: {}", passed.join(", "));
        }
        let allowed = self
            .secrets
            .iter()
            .filter(|it| it.allowed.is_some())
            .count();
        if allowed > 0 {
            said = format!("{said}; {allowed} allowed by `{SECRETS_ALLOWED}`");
        }
        let mut blocks = vec![Block::Text(said)];
        if self.history_is_cut {
            blocks.push(Block::Text(
                "this clone is shallow, and what lies further back was not searched; `git fetch \
                 --unshallow` brings it"
                    .to_owned(),
            ));
        }
        blocks
    }
}
