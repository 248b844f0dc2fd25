use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use super::GateBody;
use crate::ops::compat::CompatBody;
use crate::report::{Block, View};

/// The published JSON Schema of the body of `check`.
pub const SCHEMA: &str = include_str!("body.schema.json");

/// What was checked.
#[derive(Debug, Default, Serialize)]
pub struct CheckBody {
    /// The files that were read.
    #[serde(serialize_with = "count")]
    pub files: BTreeSet<String>,
    /// The schemas that were read.
    #[serde(serialize_with = "count")]
    pub schemas: BTreeSet<String>,
    /// How many targets (a service in an environment) were resolved and validated.
    pub targets: usize,
    /// The environments, with where each was read.
    pub environments: Vec<EnvironmentChecked>,
    /// How compatible the schemas are with those before, where a range or the index changes them.
    pub compat: Option<CompatBody>,
    /// What may be deployed, where that is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateBody>,
}

/// One environment that was checked.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct EnvironmentChecked {
    /// Its name.
    pub name: String,
    /// The revision that it was read at; none for the work tree.
    pub revision: Option<String>,
    /// How many targets it has that were asked for.
    pub targets: usize,
}

fn count<S: Serializer>(set: &BTreeSet<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(set.len() as u64)
}

impl View for CheckBody {
    fn view(&self) -> Vec<Block> {
        let counted = |count: usize, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {many}"),
        };
        let mut parts = vec![counted(self.files.len(), "file", "files")];
        if !self.schemas.is_empty() {
            parts.push(counted(self.schemas.len(), "schema", "schemas"));
        }
        if self.targets > 0 {
            parts.push(counted(self.targets, "target", "targets"));
        }
        let mut text = format!("checked {}", parts.join(", "));
        let places: Vec<_> = self
            .environments
            .iter()
            .map(|environment| match &environment.revision {
                Some(revision) if *revision != environment.name => {
                    format!("{} (at {revision})", environment.name)
                }
                _ => environment.name.clone(),
            })
            .collect();
        if !places.is_empty() {
            text.push_str(&format!(" in {}", places.join(", ")));
        }
        let mut blocks = vec![Block::Text(text)];
        blocks.extend(self.gate.iter().flat_map(GateBody::view));
        if let Some(compat) = self
            .compat
            .as_ref()
            .filter(|compat| !compat.schemas.is_empty())
        {
            blocks.extend(compat.view());
        }
        blocks
    }
}
