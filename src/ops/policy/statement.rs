//! Agreement, as a signed statement that stands in the tree.

use bstr::ByteSlice;
use serde::{Deserialize, Serialize};

use super::read::is_word;
use crate::config::{ParsedFile, Snapshot};
use crate::document::from_value;
use crate::error::Result;
use crate::git::{FileChange, FileKind};
use crate::sign::{digest, key_of};
use crate::text::Date;

/// The folder of statements: `approvals/<change>/<key>.json`.
pub const APPROVALS: &str = "approvals";

/// The namespace in which statements are signed.
pub const NAMESPACE: &str = "strata-approval@strata";

/// What somebody says to a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// They agree.
    Approve,
    /// They agree no longer.
    Withdraw,
}

/// A statement about a change: that its signer agrees, or no longer does.
///
/// It is about one repository, one branch, one change and one policy, and serves nowhere else. It
/// survives that commits are squashed or rebased: the change is known by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The repository's own name, as the policy has it.
    pub repository: String,
    /// The branch that the change is for: `refs/heads/main`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The commit that the change was seen upon.
    pub base: String,
    /// The change, by [`change_digest`].
    pub change: String,
    /// The policy in force, by its object.
    pub policy: String,
    /// What is said.
    pub decision: Says,
    /// The last day on which it counts; always where none is given.
    #[serde(default)]
    pub expires: Option<String>,
}

/// A statement with its signature, as its file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// What is said.
    #[serde(flatten)]
    pub statement: Statement,
    /// The SSH signature of [`Statement::payload`], in its armor.
    pub signature: String,
}

impl Statement {
    /// Gives the bytes that are signed: a line for each part.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        let says = match self.decision {
            Says::Approve => "approve",
            Says::Withdraw => "withdraw",
        };
        let lines = [
            ("repository", self.repository.as_str()),
            ("ref", &self.reference),
            ("base", &self.base),
            ("change", &self.change),
            ("policy", &self.policy),
            ("decision", says),
            ("expires", self.expires.as_deref().unwrap_or("never")),
        ];
        let mut text = "strata approval 1\n".to_owned();
        for (name, value) in lines {
            text.push_str(name);
            text.push(' ');
            text.push_str(value);
            text.push('\n');
        }
        text.into_bytes()
    }

    /// Says where the statement of a key belongs, which is named as in `SHA256:…`.
    #[must_use]
    pub fn path(&self, key: &str) -> String {
        let key = key.strip_prefix("SHA256:").unwrap_or(key);
        let key = key.replace('/', "_").replace('+', "-");
        let end = match self.decision {
            Says::Approve => "",
            Says::Withdraw => ".withdrawn",
        };
        format!("{APPROVALS}/{}/{key}{end}.json", self.change)
    }

    /// Says whether it may stand in a file: that of the key that signed it, or one with a number
    /// after the key, where an earlier statement stands there.
    #[must_use]
    pub fn is_at(&self, key: &str, file: &str) -> bool {
        let own = self.path(key);
        let rest = file.strip_prefix(own.strip_suffix(".json").unwrap_or(&own));
        rest.and_then(|rest| rest.strip_suffix(".json"))
            .is_some_and(|rest| match rest.strip_prefix('.') {
                Some(number) => number.parse::<u16>().is_ok_and(|it| it > 1),
                None => rest.is_empty(),
            })
    }

    /// Says whether its day is over.
    ///
    /// # Errors
    ///
    /// Where the day is none.
    pub fn is_over(&self, today: Option<Date>) -> std::result::Result<bool, &'static str> {
        let Some(text) = &self.expires else {
            return Ok(false);
        };
        let last: Date = text.parse().map_err(|_| "its last day is no day")?;
        Ok(today.is_some_and(|today| today > last))
    }
}

impl Approval {
    /// Gives the file that it belongs in; none where the signature is not even written as one.
    #[must_use]
    pub fn file(&self) -> Option<String> {
        let key = key_of(self.signature.as_bytes())?;
        Some(self.statement.path(&key))
    }

    /// Writes it as its file has it.
    #[must_use]
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.map_or_else(|_| String::new(), |text| text + "\n")
    }

    /// Reads a statement.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read(file: &ParsedFile) -> std::result::Result<Self, &'static str> {
        let [document] = file.documents() else {
            return Err("it cannot be read");
        };
        if !file.is_sound() {
            return Err("it cannot be read");
        }
        let mut root = (*document.root).clone();
        let map = match &mut root.kind {
            crate::document::Kind::Object(map) => map,
            _ => return Err("it is no statement"),
        };
        let signature = map.remove("signature");
        let signature = signature.and_then(|it| it.value.as_str().map(str::to_owned));
        let signature = signature.ok_or("it is not signed")?;
        let statement: Statement = from_value(&root).map_err(|_| "it is no statement")?;
        let texts = [
            &statement.repository,
            &statement.reference,
            &statement.base,
            &statement.change,
            &statement.policy,
        ];
        let is_hex = |it: &str| it.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_plain = texts.iter().all(|it| is_word(it))
            && texts[2..].iter().all(|it| is_hex(it))
            && statement
                .expires
                .as_ref()
                .is_none_or(|it| is_word(it) && it != "never");
        match is_plain {
            true => Ok(Self {
                statement,
                signature,
            }),
            false => Err("it is no statement"),
        }
    }
}

/// Names a change by its content: all files that it changes, in their order, each with what it was
/// and what it becomes. Statements about it are no part of it.
#[must_use]
pub fn change_digest(changes: &[FileChange]) -> String {
    let mut bytes = b"strata change 1\n".to_vec();
    for change in changes {
        if is_statement(&change.path) {
            continue;
        }
        bytes.extend_from_slice(&change.path);
        for side in [change.old, change.new] {
            bytes.push(0);
            let Some(entry) = side else { continue };
            let id = entry.id.map(|id| id.to_string()).unwrap_or_default();
            bytes.extend_from_slice(format!("{} {id}", entry.kind.mode()).as_bytes());
        }
        bytes.push(b'\n');
    }
    digest(&bytes)
}

/// Says whether a path is where a statement stands: anything else below the folder is part of a
/// change like any other file.
pub(super) fn is_statement(path: &[u8]) -> bool {
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    let [folder, change, file] = parts[..] else {
        return false;
    };
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    folder == APPROVALS.as_bytes()
        && change.len() == 64
        && change.iter().all(is_hex)
        && file.ends_with(b".json")
}

/// Lists the statements about a change that a tree holds, by path, in their order.
pub(super) fn statements(
    tree: &Snapshot,
    change: &str,
) -> Result<Vec<(String, Option<crate::git::Oid>)>> {
    let folder = format!("{APPROVALS}/{change}");
    /// So many are looked at: nobody needs more, and each takes time.
    const MOST: usize = 500;
    let mut found = Vec::new();
    for (name, entry) in tree.files().list(folder.as_bytes().as_bstr())? {
        if found.len() >= MOST {
            break;
        }
        if matches!(entry.kind, FileKind::File) && name.ends_with(b".json") {
            found.push((format!("{folder}/{}", name.to_str_lossy()), entry.id));
        }
    }
    Ok(found)
}
