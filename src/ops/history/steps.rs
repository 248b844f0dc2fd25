use serde::Deserialize;

use super::date::{self, Moment};
use crate::{Error, Result};

/// `history.yaml` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Steps {
    pub(super) steps: Vec<Step>,
}

/// One step of a history.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) branch: String,
    pub(super) from: Option<String>,
    pub(super) folder: Option<String>,
    #[serde(default)]
    pub(super) remove: Vec<String>,
    pub(super) merge: Option<String>,
    pub(super) message: Option<String>,
    pub(super) author: Option<String>,
    pub(super) date: Option<String>,
    pub(super) tag: Option<TagForm>,
}

/// A tag as it is written: a name, or a name with a message.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum TagForm {
    Light(String),
    Annotated { name: String, message: String },
}

/// Who made a commit, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Author {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) moment: Moment,
}

impl Step {
    /// Says whether the step makes a commit.
    pub(super) fn commits(&self) -> bool {
        self.folder.is_some() || self.merge.is_some() || !self.remove.is_empty()
    }

    /// Reads `author` and `date`, which every commit needs.
    pub(super) fn author(&self) -> Result<Author> {
        let text = self
            .author
            .as_deref()
            .ok_or_else(|| Error::invalid("the commit has no `author`"))?;
        let (name, address) = text
            .strip_suffix('>')
            .and_then(|text| text.split_once(" <"))
            .filter(|(name, address)| !name.is_empty() && !address.contains(['<', '>']))
            .ok_or_else(|| {
                Error::invalid(format!("the author `{text}` is not `Name <address>`"))
            })?;
        let text = self
            .date
            .as_deref()
            .ok_or_else(|| Error::invalid("the commit has no `date`"))?;
        let moment = date::parse(text).ok_or_else(|| {
            Error::invalid(format!(
                "the date `{text}` is not like `2025-09-01T09:12:00+02:00`"
            ))
        })?;
        Ok(Author {
            name: name.to_owned(),
            address: address.to_owned(),
            moment,
        })
    }

    /// Gives the commit's message with its line end.
    pub(super) fn message(&self) -> Result<String> {
        let message = self.message.as_deref().unwrap_or_default().trim_end();
        if message.is_empty() {
            return Err(Error::invalid("the commit has no `message`"));
        }
        Ok(format!("{message}\n"))
    }
}
