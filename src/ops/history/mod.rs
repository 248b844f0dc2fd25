//! Histories kept as folders: each folder is laid over the last state and becomes a commit.
//!
//! `history.yaml` beside the folders names the steps; `examples/shop/history.yaml` explains its
//! form. The example that `git strata demo` builds is such a history, and so are the tests'.

mod build;
mod date;
mod plan;
mod steps;

pub use build::Built;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use steps::Steps;

use crate::{Error, Result};

/// The files of each folder: folder, path below it, content.
type Folders = BTreeMap<String, BTreeMap<String, Cow<'static, [u8]>>>;

/// A history that can be built as a Git repository.
#[derive(Debug)]
pub struct History {
    steps: Steps,
    folders: Folders,
}

/// The file that names the steps.
const STEPS: &str = "history.yaml";

impl History {
    /// Reads a history from a folder on disk.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, a missing `history.yaml`, or one that is not of its form.
    pub fn read(dir: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for entry in walkdir::WalkDir::new(dir).sort_by_file_name() {
            let failed = |cause: std::io::Error| {
                Error::io(format!("cannot read `{}`", dir.display()), cause)
            };
            let entry = entry.map_err(|cause| failed(cause.into()))?;
            if !entry.file_type().is_file() {
                continue;
            }
            let path = entry.path().strip_prefix(dir).unwrap_or(entry.path());
            let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
            let name = parts.map(|parts| parts.join("/")).ok_or_else(|| {
                Error::invalid(format!("the name of `{}` is not UTF-8", path.display()))
            })?;
            files.push((
                name,
                Cow::Owned(std::fs::read(entry.path()).map_err(failed)?),
            ));
        }
        Self::new(files)
    }

    /// Takes a history from files in memory, by their paths.
    pub(crate) fn from_embedded(files: &[(&str, &'static [u8])]) -> Result<Self> {
        let borrowed = |&(path, bytes): &(&str, &'static [u8])| (path.to_owned(), bytes.into());
        Self::new(files.iter().map(borrowed))
    }

    fn new(files: impl IntoIterator<Item = (String, Cow<'static, [u8]>)>) -> Result<Self> {
        let mut folders = Folders::new();
        let mut steps = None;
        for (path, bytes) in files {
            if path == STEPS {
                steps = Some(super::own::parse_own(STEPS, &bytes)?);
            } else if let Some((folder, below)) = path.split_once('/') {
                let files = folders.entry(folder.to_owned()).or_default();
                files.insert(below.to_owned(), bytes);
            }
        }
        let steps = steps.ok_or_else(|| {
            Error::not_found(format!("there is no `{STEPS}` that names the steps"))
        })?;
        Ok(Self { steps, folders })
    }
}

#[cfg(test)]
pub(super) mod tests;
