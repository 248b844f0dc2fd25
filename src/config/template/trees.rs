use std::sync::{Arc, Mutex};

use bstr::{BStr, BString, ByteSlice};
use minijinja::{Error as EngineError, ErrorKind};

use super::super::snapshot::{Snapshot, lock};
use crate::document;
use crate::error::{Error, Result};
use crate::git::Oid;
use crate::report::Finding;
use crate::text::Source;

/// How many files one template may be made of.
const MOST_FILES: usize = 200;

/// Gives a template and the files that it includes to the engine, out of one tree.
pub(super) struct Includes {
    tree: Snapshot,
    path: BString,
    name: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    asked: Vec<(BString, Option<Oid>)>,
    loaded: Vec<Loaded>,
    error: Option<Error>,
    unreadable: Option<Finding>,
    missing: Option<String>,
}

/// The object id of a template, with what is wrong where it is no text.
type Root = Result<Oid, (Oid, Finding)>;

/// A text that the engine was given.
#[derive(Clone)]
pub(super) struct Loaded {
    /// What the engine calls it: its path from the root.
    pub(super) name: String,
    pub(super) source: Arc<Source>,
    /// How many bytes at the start were left out: those of a byte-order mark.
    pub(super) shift: u32,
}

impl Includes {
    pub(super) fn new(tree: &Snapshot, path: &BStr) -> Self {
        Self {
            tree: tree.clone(),
            path: path.to_owned(),
            name: path.to_str_lossy().into_owned(),
            state: Mutex::default(),
        }
    }

    pub(super) fn root_name(&self) -> &str {
        &self.name
    }

    /// Reads the template itself: its object id, with a finding where it is no text.
    pub(super) fn root(&self) -> Result<Option<Root>> {
        let Some(blob) = self.tree.files().read(self.path.as_ref())? else {
            return Ok(None);
        };
        Ok(Some(
            match document::read(&self.name, self.tree.label(), &blob.bytes) {
                Err(finding) => Err((blob.id, *finding)),
                Ok(source) => {
                    lock(&self.state).loaded.push(Loaded {
                        name: self.name.clone(),
                        source,
                        shift: 0,
                    });
                    Ok(blob.id)
                }
            },
        ))
    }

    /// Gives a text to the engine; `None` where there is no such file.
    pub(super) fn load(&self, name: &str) -> Result<Option<String>, EngineError> {
        let text = self.text(name)?;
        if text.is_none() {
            lock(&self.state).missing = Some(name.to_owned());
        }
        Ok(text)
    }

    fn text(&self, name: &str) -> Result<Option<String>, EngineError> {
        if name == self.name {
            let text = lock(&self.state).loaded[0].source.text().to_owned();
            // The engine takes one line end away from the end of every text, as is right where
            // the text is included; what the template itself ends with is kept.
            let kept = if text.ends_with('\n') { "\n" } else { "" };
            return Ok(Some(text + kept));
        }
        let is_ours = |part: &str| part.eq_ignore_ascii_case(".git");
        if name.starts_with('/') || name.is_empty() || name.split('/').any(is_ours) {
            return Ok(None);
        }
        if lock(&self.state).asked.len() >= MOST_FILES {
            let message = format!("a template may be made of {MOST_FILES} files at the most");
            return Err(EngineError::new(ErrorKind::InvalidOperation, message));
        }
        let stop = || EngineError::new(ErrorKind::InvalidOperation, "a file cannot be read");
        let blob = match self.tree.files().read(name.as_bytes().as_bstr()) {
            Ok(blob) => blob,
            Err(error) => {
                lock(&self.state).error.get_or_insert(error);
                return Err(stop());
            }
        };
        let mut state = lock(&self.state);
        let asked = (BString::from(name), blob.as_ref().map(|blob| blob.id));
        if !state.asked.contains(&asked) {
            state.asked.push(asked);
        }
        let Some(blob) = blob else { return Ok(None) };
        match document::read(name, self.tree.label(), &blob.bytes) {
            Err(finding) => {
                state.unreadable = Some(*finding);
                Err(stop())
            }
            Ok(source) => {
                let text = source.text().trim_start_matches('\u{feff}').to_owned();
                let shift = source.text().len() - text.len();
                state.loaded.push(Loaded {
                    name: name.to_owned(),
                    source,
                    shift: u32::try_from(shift).unwrap_or(u32::MAX),
                });
                Ok(Some(text))
            }
        }
    }

    /// Gives the error that stopped the reading of a file, if one did.
    pub(super) fn check(&self) -> Result<()> {
        lock(&self.state).error.take().map_or(Ok(()), Err)
    }

    /// Gives the texts that were loaded, the template first.
    pub(super) fn loaded(&self) -> Vec<Loaded> {
        lock(&self.state).loaded.clone()
    }

    /// Gives the files that were asked for.
    pub(super) fn asked(&self) -> Vec<(BString, Option<Oid>)> {
        lock(&self.state).asked.clone()
    }

    /// Gives what is wrong with a file that is no text.
    pub(super) fn unreadable(&self) -> Option<Finding> {
        lock(&self.state).unreadable.clone()
    }

    /// Gives the name of the last file that was asked for and is not there.
    pub(super) fn missing(&self) -> Option<String> {
        lock(&self.state).missing.clone()
    }

    /// Lists the files that stand where one was looked for.
    pub(super) fn siblings(&self, name: &str) -> Vec<String> {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let listed = self.tree.files().list(folder.as_bytes().as_bstr());
        let whole = |name: &str| match folder {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        };
        let listed = listed.unwrap_or_default();
        listed
            .iter()
            .filter_map(|(name, _)| Some(whole(name.to_str().ok()?)))
            .collect()
    }
}
