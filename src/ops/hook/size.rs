//! How much of a push is read: what is larger is refused unread.

use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::rules::PUSHED_FILE_TOO_LARGE;
use crate::document::Format;
use crate::error::{Error, Result};
use crate::git::{Commit, Repo, Revision};
use crate::report::{Finding, Location};
use crate::text::Source;

/// How much of a push is read at the most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The bytes of one configuration file.
    pub file: u64,
    /// The bytes of all configuration files that one reference changes.
    pub files: u64,
    /// The references.
    pub refs: usize,
    /// The commits that are judged one by one.
    pub commits: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: 16 << 20,
            files: 256 << 20,
            refs: 1_000,
            commits: 10_000,
        }
    }
}

impl Limits {
    /// Finds the files that are too large to be read.
    pub(super) fn judge(
        self,
        repo: &Repo,
        base: Option<&Revision>,
        tip: &Revision,
    ) -> Result<Vec<Finding>> {
        let files = repo.files(tip);
        let changed: Vec<_> = match base {
            Some(base) => {
                let changes = repo.files(base).changes_to(&files)?;
                changes.into_iter().map(|it| (it.path, it.new)).collect()
            }
            None => {
                let all = files.walk(b"".as_bstr())?;
                all.into_iter().map(|(path, it)| (path, Some(it))).collect()
            }
        };
        let mut findings = Vec::new();
        let mut all = 0u64;
        for (path, entry) in &changed {
            let Some(id) = entry
                .as_ref()
                .and_then(|it| it.id)
                .filter(|_| is_read(path))
            else {
                continue;
            };
            let size = repo.size_of(id)?;
            all = all.saturating_add(size);
            let Self {
                file, files: most, ..
            } = self;
            if size > file {
                let message =
                    format!("a configuration file of {size} bytes, where {file} are read");
                findings.push(too_large(tip, path, message));
            } else if all > most {
                let message = format!(
                    "with this file {all} bytes of configuration change, and {most} are read"
                );
                findings.push(too_large(tip, path, message));
                break;
            }
        }
        Ok(findings)
    }
}

impl Limits {
    /// The same for every commit on the way, where a policy judges each: there must not be too many.
    ///
    /// # Errors
    ///
    /// Where there are, or one cannot be read.
    pub(super) fn judge_each(
        self,
        repo: &Repo,
        base: &Revision,
        tip: &Revision,
        branch: &str,
    ) -> Result<Vec<Finding>> {
        let landings = repo.landings(Some(base.id), tip.id)?;
        let steps = landings.steps.iter();
        let commits: Vec<_> = steps
            .flat_map(|it| it.brought.iter().chain([&it.commit]))
            .collect();
        let (count, most) = (commits.len(), self.commits);
        if count > most {
            return Err(Error::usage(format!(
                "the push brings {count} commits to `{branch}`, and {most} are judged at once"
            ))
            .with_help(format!(
                "push them in parts: `git push origin COMMIT:{branch}`, and then later ones"
            )));
        }
        let mut findings = Vec::new();
        for commit in commits {
            let of = |commit: &Commit| Revision {
                name: commit.id.short(),
                id: commit.id,
                tree: commit.tree,
            };
            let parent = commit.parents.first().map(|id| repo.commit(*id));
            let parent = parent.transpose()?.map(|it| of(&it));
            findings.extend(self.judge(repo, parent.as_ref(), &of(commit))?);
        }
        Ok(findings)
    }
}

/// Says whether `check` may read a file.
fn is_read(path: &BString) -> bool {
    let path = path.to_str_lossy();
    path.ends_with(".j2") || Format::of_path(&path).is_some()
}

fn too_large(tip: &Revision, path: &BString, message: String) -> Finding {
    let source = Source::new(path.to_str_lossy(), "").at_revision(tip.name.clone());
    Finding::new(
        &PUSHED_FILE_TOO_LARGE,
        message,
        Location::file(&Arc::new(source)),
    )
    .with_help("divide it, or keep data out of the configuration; then push again")
}
