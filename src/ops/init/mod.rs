//! How a configuration repository begins: a starter template's files, put into the work tree.

mod template;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

pub use template::{DEFAULT_TEMPLATE, Hint, Template, TemplatesBody};

use crate::git::{ObjectFormat, OpenOptions, Repo};
use crate::report::{Block, Report, TreeNode, View};
use crate::{Error, Result};

/// The published JSON Schema of the bodies of `init` and `init --list`.
pub const SCHEMA: &str = include_str!("body.schema.json");

/// What `init` did.
#[derive(Clone, Debug, Serialize)]
pub struct InitBody {
    /// The template's name.
    pub template: &'static str,
    /// Where its files were put: the root of the work tree.
    pub folder: String,
    /// Whether a Git repository was made there.
    pub repository_created: bool,
    /// The files written, below the folder.
    pub files: Vec<&'static str>,
    /// What to try next.
    pub next: Vec<Hint>,
}

/// The branch that a repository made here begins with.
const FIRST_BRANCH: &str = "main";

/// Puts a template's files at the root of the work tree; makes the repository where there is none.
///
/// Nothing is committed, and no file is ever overwritten.
///
/// # Errors
///
/// An unknown template; a file that is there already, and then nothing is written; a repository
/// without a work tree; a folder that cannot be written.
pub fn init(open: &OpenOptions, template: &str) -> Result<Report<InitBody>> {
    let template = Template::named(template)?;
    let found = match Repo::open_with(open) {
        Ok(repo) => Some(repo),
        Err(error) if open.git_dir.is_some() || within_repository(&open.dir) => return Err(error),
        Err(_) => None,
    };
    let root = match &found {
        Some(repo) => repo.work_dir().map(Path::to_path_buf).ok_or_else(|| {
            Error::usage("this repository is bare: it has no work tree to put files into")
                .with_help("clone it first, and run `git strata init` in the clone")
        })?,
        None => open.dir.clone(),
    };
    refuse_existing(&root, &template)?;
    if found.is_none() {
        make_folder(&root)?;
        Repo::init(&root, FIRST_BRANCH, false, ObjectFormat::Sha1)?;
    }
    write_all(&root, &template)?;
    let body = InitBody {
        template: template.name,
        folder: root.display().to_string(),
        repository_created: found.is_none(),
        files: template.files.iter().map(|(path, _)| *path).collect(),
        next: template.next,
    };
    Ok(Report::new(None, Vec::new(), body))
}

/// Says whether the folder stands in a repository, even one that cannot be opened.
fn within_repository(dir: &Path) -> bool {
    let full = std::path::absolute(dir).unwrap_or_else(|_| dir.to_path_buf());
    full.ancestors().any(|above| above.join(".git").exists())
}

fn refuse_existing(root: &Path, template: &Template) -> Result<()> {
    let there = |path: &&str| fs::symlink_metadata(root.join(path)).is_ok();
    let mut existing = template.files.iter().map(|(path, _)| *path).filter(there);
    let Some(first) = existing.next() else {
        return Ok(());
    };
    let others = match existing.count() {
        0 => String::new(),
        1 => " and one more file".to_owned(),
        more => format!(" and {more} more files"),
    };
    let help = if first == "strata.yaml" || root.join("strata.yaml").exists() {
        "this is a configuration repository already: `git strata check`"
    } else {
        "move it away, or choose another template: `git strata init --list`"
    };
    Err(Error::usage(format!(
        "`{first}`{others} would be overwritten; nothing was written"
    ))
    .with_help(help))
}

/// Writes the files; where one cannot be written, those before it are taken away again.
fn write_all(root: &Path, template: &Template) -> Result<()> {
    let mut written: Vec<PathBuf> = Vec::new();
    for (path, bytes) in &template.files {
        let target = root.join(path);
        if let Err(cause) = write_new(&target, bytes) {
            for file in &written {
                // A file that cannot be taken away again is told by the error that follows.
                let _ = fs::remove_file(file);
            }
            return Err(Error::io(format!("cannot write `{path}`"), cause));
        }
        written.push(target);
    }
    Ok(())
}

fn write_new(target: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = fs::File::create_new(target)?;
    file.write_all(bytes)
}

fn make_folder(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir)
        .map_err(|cause| Error::io(format!("cannot make the folder `{}`", dir.display()), cause))
}

impl View for InitBody {
    fn view(&self) -> Vec<Block> {
        let what = if self.repository_created {
            "A new Git repository"
        } else {
            "The repository"
        };
        let files = self.files.iter().map(|path| TreeNode {
            text: (*path).to_owned(),
            children: Vec::new(),
        });
        let widest = self.next.iter().map(|hint| hint.run.len()).max();
        let width = widest.unwrap_or_default();
        let next = self
            .next
            .iter()
            .map(|hint| format!("{:width$}   # {}", hint.run, hint.why));
        vec![
            Block::Text(format!(
                "{what} in `{}` has the files of the template `{}`:",
                self.folder, self.template
            )),
            Block::Tree(files.collect()),
            Block::Text("Now try:".to_owned()),
            Block::Code {
                language: "sh",
                text: next.collect::<Vec<_>>().join("\n"),
            },
        ]
    }
}

#[cfg(test)]
mod tests;
