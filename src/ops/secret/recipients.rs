use std::collections::BTreeMap;

use serde::Serialize;

use super::places::{What, usage};
use crate::config::{Configuration, Snapshot};
use crate::error::Result;
use crate::report::{Block, Report, View};

/// The published JSON Schema of the body of `secret recipients`.
pub const RECIPIENTS_SCHEMA: &str = include_str!("recipients.schema.json");

/// Who can read what.
#[derive(Debug, Serialize)]
pub struct RecipientsBody {
    /// The keyrings.
    pub keyrings: Vec<KeyringBody>,
}

/// A keyring.
#[derive(Debug, Serialize)]
pub struct KeyringBody {
    /// Its name.
    pub name: String,
    /// The generation of its key.
    pub generation: u32,
    /// Its public key.
    pub recipient: String,
    /// The public keys of its members.
    pub members: BTreeMap<String, String>,
    /// The environments that its secrets are for; empty for any.
    pub environments: Vec<String>,
    /// The keys that they may stand at; empty for any.
    pub keys: Vec<String>,
    /// How many values are sealed with it in the files of the tree.
    pub sealed: usize,
}

/// Tells the keyrings of a tree, with their members.
///
/// # Errors
///
/// Where the tree cannot be read.
pub fn recipients(
    configuration: &Configuration,
    tree: &Snapshot,
) -> Result<Report<RecipientsBody>> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let environments: Vec<Option<&str>> = configuration
        .manifest()
        .environment_names()
        .map(Some)
        .chain([None])
        .collect();
    for (path, usage) in usage(configuration, tree, &environments)? {
        for place in usage.places(configuration, tree, &path)? {
            if let What::Sealed(_, Ok(token)) = place.what {
                *counts.entry(token.keyring().to_owned()).or_default() += 1;
            }
        }
    }
    let keyrings = configuration.keyrings(tree)?;
    let body = keyrings.iter().map(|(name, keyring)| KeyringBody {
        name: name.clone(),
        generation: keyring.generation,
        recipient: keyring.recipient.to_string(),
        members: keyring
            .members
            .iter()
            .map(|(name, key)| (name.clone(), key.to_string()))
            .collect(),
        environments: keyring.environments.clone(),
        keys: keyring.keys.iter().map(ToString::to_string).collect(),
        sealed: counts.get(name).copied().unwrap_or(0),
    });
    let body = RecipientsBody {
        keyrings: body.collect(),
    };
    Ok(Report::new(
        tree.label().map(str::to_owned),
        Vec::new(),
        body,
    ))
}

impl View for RecipientsBody {
    fn view(&self) -> Vec<Block> {
        if self.keyrings.is_empty() {
            return vec![Block::Text(
                "there is no keyring; make one: `git strata secret keyring new NAME --member YOU=age1…`"
                    .to_owned(),
            )];
        }
        let any = |names: &[String]| match names {
            [] => "any".to_owned(),
            names => names.join(", "),
        };
        let rows = self.keyrings.iter().map(|it| {
            let members: Vec<_> = it.members.keys().map(String::as_str).collect();
            vec![
                it.name.clone(),
                it.generation.to_string(),
                members.join(", "),
                any(&it.environments),
                any(&it.keys),
                it.sealed.to_string(),
            ]
        });
        let columns = [
            "keyring",
            "generation",
            "members",
            "environments",
            "keys",
            "sealed",
        ];
        vec![Block::Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: rows.collect(),
        }]
    }
}
