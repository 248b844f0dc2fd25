//! The tags, with their signatures.

use std::sync::Arc;

use serde::Serialize;

use super::rules::{TAG_MOVED, TAG_OFF_HISTORY};
use super::{finding, missing};
use crate::error::Result;
use crate::git::{Oid, Repo, TagObject};
use crate::ops::trust::{Root, Trust};
use crate::report::{Block, Finding, Location, Report, View};
use crate::sign::Standing;
use crate::text::Source;

/// The published JSON Schema of the body of `audit tags`.
pub const TAGS_SCHEMA: &str = include_str!("tags.schema.json");

/// The tags, with their signatures.
#[derive(Debug, Serialize)]
pub struct TagsBody {
    /// The tags, by name.
    pub tags: Vec<TagBody>,
}

/// A tag, with its signature.
#[derive(Debug, Serialize)]
pub struct TagBody {
    /// The name.
    pub name: String,
    /// The commit; none where it is a tag of something else.
    pub commit: Option<String>,
    /// Whether it is only a name, which nobody can sign.
    pub is_light: bool,
    /// Whether the commit is in the history that is audited.
    pub is_landed: bool,
    /// What the signature is worth.
    pub signature: Standing,
    /// Who signed: the names on the line that lists the key.
    pub signer: Option<String>,
    /// The key: `SHA256:…`, or `openpgp:…`.
    pub key: Option<String>,
    /// Why the signature is not good.
    pub reason: Option<String>,
}

/// Audits the tags, beside the history up to `tip`. A tag's signature is judged by the lists of
/// signers in force when the tagged commit had landed, or by those of today.
///
/// # Errors
///
/// Where the repository cannot be read, or is shallow.
pub fn audit_tags(repo: &Repo, tip: Oid, root: &Root) -> Result<Report<TagsBody>> {
    let base = match root {
        Root::Anchor(anchor) => Some(*anchor),
        _ => None,
    };
    let landings = repo.landings(base, tip)?;
    let trust = Trust::along(repo, &landings, base, root)?;
    let mut body = TagsBody { tags: Vec::new() };
    let mut findings = trust.findings.clone();
    if trust.is_empty()
        && let Some(newest) = landings.steps.last()
    {
        findings.push(missing(&newest.commit));
    }
    for tag in repo.tag_objects()? {
        let is_landed = match tag.commit {
            Some(commit) => repo.is_ancestor(commit, tip)?,
            None => false,
        };
        let verdict = trust.verdict_on_tag(repo, &tag)?;
        if !trust.is_empty() || verdict.standing == Standing::Bad {
            findings.extend(finding(&verdict, told(&tag), "tag"));
        }
        if let Some(own) = tag.own_name.as_ref().filter(|own| **own != tag.name) {
            let message = format!("`{}` is a tag that was made as `{own}`", tag.name);
            findings.push(
                Finding::new(&TAG_MOVED, message, told(&tag)).with_help(format!(
                    "see what it says: `git cat-file tag refs/tags/{}`",
                    tag.name
                )),
            );
        }
        if tag.commit.is_some() && !is_landed {
            let message = format!("`{}` is a tag of a commit that was never landed", tag.name);
            findings.push(
                Finding::new(&TAG_OFF_HISTORY, message, told(&tag)).with_help(format!(
                    "see where the commit is: `git branch --all --contains {}`",
                    tag.name
                )),
            );
        }
        body.tags.push(TagBody {
            is_light: tag.object.is_none(),
            is_landed,
            commit: tag.commit.map(|id| id.to_string()),
            signature: verdict.standing,
            signer: verdict.signer,
            key: verdict.key,
            reason: verdict.reason,
            name: tag.name,
        });
    }
    Ok(Report::new(None, findings, body))
}

fn told(tag: &TagObject) -> Location {
    let source = Source::new(format!("tag {}", tag.name), format!("{}\n", tag.title));
    Location::file(&Arc::new(source))
}

impl View for TagsBody {
    fn view(&self) -> Vec<Block> {
        if self.tags.is_empty() {
            return vec![Block::Text("there are no tags".to_owned())];
        }
        let row = |tag: &TagBody| {
            vec![
                tag.name.clone(),
                tag.commit
                    .iter()
                    .flat_map(|id| id.chars().take(10))
                    .collect(),
                tag.signature.name().to_owned(),
                tag.signer.clone().unwrap_or_default(),
                if tag.is_landed { "yes" } else { "no" }.to_owned(),
            ]
        };
        let columns = ["tag", "commit", "signature", "signer", "landed"];
        vec![Block::Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: self.tags.iter().map(row).collect(),
        }]
    }
}
