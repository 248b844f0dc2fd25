//! The access log: which secrets were shown to whom, and what was decided, as this clone saw it.
//!
//! A file of lines in the repository's own folder, to which lines are only added. Each names the
//! SHA-256 of the one before it, so that none can be changed, taken out or put in between without
//! all that follow being written anew. That the end is cut off, or all is written anew, shows only
//! beside a hash that was noted elsewhere.

mod body;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use body::{AccessBody, SCHEMA};
pub use rules::RULES;

use crate::error::{Error, Result};
use crate::git::{Journal, Repo};
use crate::report::{Finding, Location, Report};
use crate::sign::digest;
use crate::text::{Source, Span};
use rules::ACCESS_LOG_BROKEN;

/// The file, in Git's folder.
const FILE: &str = "access.jsonl";

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Secrets were shown.
    Revealed {
        /// Where each stands: `config/prod.yaml:database.password`, or a file that is one.
        secrets: Vec<String>,
        /// The environment that was asked about.
        environment: Option<String>,
        /// The service.
        service: Option<String>,
        /// The revision; none for the work tree.
        revision: Option<String>,
    },
    /// It was decided whether something may be done.
    Decided {
        /// The branch that it is for.
        #[serde(rename = "ref")]
        reference: Option<String>,
        /// The commit behind which it begins.
        base: Option<String>,
        /// Its last commit; none where a branch goes.
        tip: Option<String>,
        /// Whether it may.
        allowed: bool,
        /// The rules that speak against it.
        rules: Vec<String>,
    },
}

/// Who did something, when and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doing {
    /// When, as RFC 3339 has it.
    pub time: String,
    /// Who, as Git is told: `Ann <ann@shop.example>`.
    pub who: Option<String>,
    /// Who, as the system knows them.
    pub user: Option<String>,
    /// The command.
    pub command: String,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1.
    pub number: u64,
    /// Who did it.
    #[serde(flatten)]
    pub doing: Doing,
    /// What they did.
    #[serde(flatten)]
    pub event: Event,
    /// The SHA-256 of the line before it, in hexadecimal digits; none for the first.
    pub previous: Option<String>,
}

/// Adds entries of one doing to the log of a repository, all of them at once.
///
/// # Errors
///
/// When they cannot be written.
pub fn record(repo: &Repo, doing: &Doing, events: Vec<Event>) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let journal = repo.journal(FILE);
    let lines = |before: Option<&[u8]>| {
        let last = before.map_or(0, |line| number_of(line).unwrap_or_default());
        let mut previous = before.map(digest);
        let mut lines = Vec::with_capacity(events.len());
        for (number, event) in (last + 1..).zip(events) {
            let entry = Entry {
                number,
                doing: doing.clone(),
                event,
                previous,
            };
            let line = serde_json::to_vec(&entry).unwrap_or_default();
            previous = Some(digest(&line));
            lines.push(line);
        }
        lines
    };
    journal
        .add(lines)
        .map_err(|cause| cannot(&journal, "written", cause))
}

/// Reads the log of a repository, and says where its chain is broken; also where an entry that was
/// noted, by its hash, is not in it.
///
/// # Errors
///
/// When it cannot be read.
pub fn log(repo: &Repo, noted: Option<&str>) -> Result<Report<AccessBody>> {
    let journal = repo.journal(FILE);
    let bytes = journal
        .read()
        .map_err(|cause| cannot(&journal, "read", cause))?;
    Ok(read(&journal.path().display().to_string(), &bytes, noted))
}

fn cannot(journal: &Journal, what: &str, cause: std::io::Error) -> Error {
    let name = journal.path().display();
    Error::io(format!("the access log `{name}` cannot be {what}"), cause)
        .with_help("see who may write there; to do without it: `git config strata.accessLog false`")
}

fn number_of(line: &[u8]) -> Option<u64> {
    let entry: Entry = serde_json::from_slice(line).ok()?;
    Some(entry.number)
}

/// Reads a log.
pub(super) fn read(name: &str, bytes: &[u8], noted: Option<&str>) -> Report<AccessBody> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let source = Arc::new(Source::new(name, text.clone()));
    let mut findings = Vec::new();
    let mut broken = |at: usize, message: String| {
        let place = Location::new(&source, Span::at(u32::try_from(at).unwrap_or(u32::MAX)));
        let help = "what stands from here on may not be what happened; compare it with a copy";
        findings.push(Finding::new(&ACCESS_LOG_BROKEN, message, place).with_help(help));
    };
    let mut entries = Vec::new();
    let mut last: Option<String> = None;
    let mut is_noted = noted.is_none();
    let (mut at, mut lines, mut next) = (0, 0_u64, Some(1));
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        lines += 1;
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        match serde_json::from_slice::<Entry>(content) {
            Err(_) => {
                next = None;
                broken(at, format!("line {lines} is no entry"));
            }
            Ok(entry) => {
                if entry.previous != last || next.is_some_and(|next| next != entry.number) {
                    let message = format!("line {lines} does not follow from the one before it");
                    broken(at, message);
                }
                next = Some(entry.number.saturating_add(1));
                entries.push(entry);
            }
        }
        let hash = digest(content);
        is_noted |= noted.is_some_and(|noted| hash.starts_with(noted));
        last = Some(hash);
        at += String::from_utf8_lossy(line).len();
    }
    if !is_noted {
        let noted = noted.unwrap_or_default();
        let message = format!("the entry whose hash was noted, {noted}, is not in the log");
        broken(text.len(), message);
    }
    let body = AccessBody {
        file: name.to_owned(),
        entries,
        last,
        is_short: false,
    };
    Report::new(None, findings, body)
}
