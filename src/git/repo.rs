use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::sec::Permission;

use super::received::{Moved, read_apart};
use super::store::{Store, TreeCache};
use super::{Files, Oid};
use crate::{Error, ErrorKind, Result};

/// Says where a repository is looked for, and what may be read on the way.
///
/// An empty path means "not given"; what a command takes from `GIT_DIR`, `GIT_WORK_TREE` and
/// `GIT_INDEX_FILE` it hands over here.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// The folder one stands in; relative paths are taken from here.
    pub dir: PathBuf,
    /// The repository itself, where it is not to be discovered upwards from `dir`.
    pub git_dir: Option<PathBuf>,
    /// The work tree, where the repository does not say it.
    pub work_tree: Option<PathBuf>,
    /// Another index than the repository's own.
    pub index_file: Option<PathBuf>,
    /// Where objects are that are being pushed and not agreed to yet, as `GIT_OBJECT_DIRECTORY`
    /// says; they are read, and nothing is written.
    pub object_dir: Option<PathBuf>,
    /// Further folders of objects.
    pub more_objects: Vec<PathBuf>,
    /// Whether the user's and the system's Git configuration are read too.
    pub user_config: bool,
    /// Settings that stand above all those of files, each as `key=value`.
    pub overrides: Vec<String>,
    /// What counts as now, in seconds since 1970: keys may be over by then.
    pub now: Option<i64>,
}

/// An open Git repository.
///
/// A clone is cheap and shares the decoded trees; each thread takes its own.
#[derive(Clone)]
pub struct Repo {
    pub(super) git: gix::Repository,
    pub(super) dir: PathBuf,
    pub(super) index_file: PathBuf,
    pub(super) trees: Arc<TreeCache>,
    /// What all trees are read by that it hands out; where there is none, each is read by its own.
    pub(super) memory: Option<Store>,
    now: Option<i64>,
    /// The references that are taken to have moved.
    pub(super) moved: Arc<Moved>,
    /// What says where objects lie apart.
    pub(super) apart: Option<Arc<tempfile::TempDir>>,
}

/// Says where `HEAD` stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The branch, without `refs/heads/`; none when `HEAD` is detached.
    pub branch: Option<String>,
    /// The commit; none when the branch has no commit yet.
    pub commit: Option<Oid>,
}

impl Repo {
    /// Finds the repository that a folder stands in, looking upwards.
    ///
    /// # Errors
    ///
    /// When there is no repository, or it cannot be read.
    pub fn discover(dir: impl Into<PathBuf>) -> Result<Self> {
        Self::open_with(&OpenOptions {
            dir: dir.into(),
            ..OpenOptions::default()
        })
    }

    /// Opens a repository as the options say.
    ///
    /// # Errors
    ///
    /// When there is no repository, or it cannot be read.
    pub fn open_with(options: &OpenOptions) -> Result<Self> {
        let dir = absolute(if options.dir.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &options.dir
        })?;
        let open = open_options(options);
        let opened = match &options.git_dir {
            Some(git_dir) => open.open_path_as_is(true).open(dir.join(git_dir)),
            None => gix::ThreadSafeRepository::discover_opts(
                &dir,
                gix::discover::upwards::Options::default(),
                gix::sec::trust::Mapping {
                    full: open.clone(),
                    reduced: open,
                },
            ),
        };
        let mut git = opened
            .map_err(|cause| cannot_open(&dir, options.git_dir.as_deref(), cause))?
            .to_thread_local();
        if let Some(storage) = git.config_snapshot().string("extensions.refStorage")
            && storage != "files"
        {
            return Err(Error::repository(format!(
                "the repository keeps its branches and tags as `{storage}`, which cannot be read"
            ))
            .with_help("keep them as files: `git refs migrate --ref-format=files`"));
        }
        let standing_in = options.git_dir.is_some() && git.workdir().is_none() && !git.is_bare();
        let work_tree = match &options.work_tree {
            Some(work_tree) => Some(dir.join(work_tree)),
            None => standing_in.then(|| dir.clone()),
        };
        if let Some(work_tree) = work_tree {
            git.set_workdir(work_tree.clone()).map_err(|cause| {
                Error::repository(format!("no work tree at `{}`", work_tree.display()))
                    .because(cause)
            })?;
        }
        let index_file = match &options.index_file {
            Some(file) => dir.join(file),
            None => git.index_path(),
        };
        let mut apart = None;
        if let Some(objects) = options.object_dir.as_ref().map(|it| dir.join(it))
            && !is_same(&objects, git.objects.store_ref().path())
        {
            let (reading, folder) = read_apart(git, &objects, &options.more_objects)?;
            (git, apart) = (reading, Some(folder));
        }
        Ok(Self {
            git,
            dir,
            index_file,
            trees: Arc::default(),
            memory: None,
            now: options.now,
            moved: Arc::default(),
            apart,
        })
    }

    /// Gives the repository's own folder: `.git`, or the linked work tree's part of it.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        self.git.git_dir()
    }

    /// Gives the folder that all linked work trees share.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        self.git.common_dir()
    }

    /// Gives the root of the work tree, if there is one.
    #[must_use]
    pub fn work_dir(&self) -> Option<&Path> {
        self.git.workdir()
    }

    /// Gives what counts as now, in seconds since 1970, as it was opened.
    #[must_use]
    pub fn now(&self) -> Option<i64> {
        self.now
    }

    /// Says whether the repository has no work tree by its own account.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.work_dir().is_none()
    }

    /// Finds another work tree of this repository that stands on a branch, by its full name.
    ///
    /// # Errors
    ///
    /// When the work trees cannot be listed.
    pub fn checked_out_elsewhere(&self, branch: &str) -> Result<Option<PathBuf>> {
        let cannot = |cause: gix::Error| {
            Error::repository("cannot see which work trees there are").because(cause)
        };
        let trees = self.git.worktrees();
        let trees = trees.map_err(|cause| cannot(gix::Error::from_error(cause)))?;
        let mut others: Vec<gix::Repository> = trees
            .into_iter()
            .filter_map(|tree| tree.into_repo_with_possibly_inaccessible_worktree().ok())
            .collect();
        if self.git_dir() != self.common_dir() {
            others.extend(self.git.main_repo().ok());
        }
        let stands_there = |other: &gix::Repository| {
            let head = other.head_name().ok().flatten();
            other.git_dir() != self.git_dir() && head.is_some_and(|it| it.as_bstr() == branch)
        };
        let found = others.iter().find(|other| stands_there(other));
        Ok(found.and_then(|other| other.workdir().map(Path::to_owned)))
    }

    /// Says whether the history was cut off when the repository was cloned.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.git.is_shallow().unwrap_or(false)
    }

    /// Gives the folder that Git runs hooks from: `core.hooksPath`, or `hooks`.
    ///
    /// # Errors
    ///
    /// When `core.hooksPath` cannot be made a path.
    pub fn hooks_dir(&self) -> Result<PathBuf> {
        let configured = self.git.config_snapshot().trusted_path("core.hooksPath");
        let configured = configured.map_err(|cause| {
            Error::repository("`core.hooksPath` is not a path")
                .with_help("see `git config --show-origin core.hooksPath`")
                .because(cause)
        })?;
        Ok(match configured {
            Some(path) => self.work_dir().unwrap_or(self.git_dir()).join(path),
            None => self.common_dir().join("hooks"),
        })
    }

    /// Gives one value of the Git configuration, such as `user.name`.
    #[must_use]
    pub fn config(&self, key: &str) -> Option<String> {
        let value = self.git.config_snapshot().string(key)?;
        Some(value.to_string())
    }

    /// Gives a command that the Git configuration names: not from a repository that belongs to
    /// somebody else, who could have anything run that way.
    ///
    /// # Errors
    ///
    /// Where it stands in such a repository.
    pub fn command(&self, key: &str) -> Result<Option<String>> {
        let Some(value) = self.config(key) else {
            return Ok(None);
        };
        let is_ours = |meta: &gix::config::file::Metadata| meta.trust == gix::sec::Trust::Full;
        let snapshot = self.git.config_snapshot();
        match snapshot.plumbing().string_filter(key, is_ours) {
            Some(own) if own == value.as_str() => Ok(Some(value)),
            _ => Err(Error::repository(format!(
                "`{key}` is set in a repository that belongs to somebody else, and is not run"
            ))
            .with_help(format!(
                "set it for yourself: `git config --global {key} COMMAND`"
            ))),
        }
    }

    /// Says whether a switch of the Git configuration is on, such as `commit.gpgSign`.
    #[must_use]
    pub fn is_configured(&self, key: &str) -> bool {
        self.git.config_snapshot().boolean(key).unwrap_or_default()
    }

    /// Says where `HEAD` stands.
    ///
    /// # Errors
    ///
    /// When `HEAD` is broken.
    pub fn head(&self) -> Result<Head> {
        let broken = |cause| Error::repository("cannot read `HEAD`").because(cause);
        let mut head = self.git.head().map_err(broken)?;
        let branch = head.referent_name().map(|name| name.shorten().to_string());
        let commit = head.try_peel_to_id().map_err(broken)?;
        Ok(Head {
            branch,
            commit: commit.map(|id| Oid(id.detach())),
        })
    }

    /// Gives the files of the work tree.
    ///
    /// # Errors
    ///
    /// When the repository is bare.
    pub fn work_files(&self) -> Result<Files> {
        let root = self.work_dir().ok_or_else(|| {
            Error::repository(format!(
                "`{}` is a bare repository and has no work tree",
                self.git_dir().display()
            ))
            .with_help("name a revision: `--rev HEAD`")
        })?;
        Ok(Files::work(root.to_owned(), self.clone()))
    }

    pub(super) fn store(&self) -> Store {
        let own = || Store::new(self.git.clone(), Arc::clone(&self.trees));
        self.memory.clone().unwrap_or_else(own)
    }

    /// Reads the index; one that does not exist is empty.
    pub(super) fn read_index(&self) -> Result<gix::index::File> {
        let options = gix::index::decode::Options::default();
        gix::index::File::at_or_default(&self.index_file, self.git.object_hash(), false, options)
            .map_err(|cause| {
                Error::repository(format!(
                    "cannot read the index `{}`",
                    self.index_file.display()
                ))
                .with_help("`git status` says what is wrong with it")
                .because(cause)
            })
    }
}

fn is_same(a: &Path, b: &Path) -> bool {
    a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn absolute(dir: &Path) -> Result<PathBuf> {
    std::path::absolute(dir)
        .map_err(|cause| Error::io(format!("cannot reach `{}`", dir.display()), cause))
}

fn open_options(options: &OpenOptions) -> gix::open::Options {
    let mut permissions = gix::open::Permissions::isolated();
    if options.user_config {
        permissions.config = gix::open::permissions::Config {
            env: false,
            ..gix::open::permissions::Config::all()
        };
        permissions.env.home = Permission::Allow;
        permissions.env.xdg_config_home = Permission::Allow;
    }
    gix::open::Options::default()
        .permissions(permissions)
        .lossy_config(true)
        .config_overrides(
            (options.overrides.iter().map(String::as_str)).chain(["core.useReplaceRefs=false"]),
        )
}

fn cannot_open(dir: &Path, git_dir: Option<&Path>, cause: gix::Error) -> Error {
    let error = if let Some(git_dir) = git_dir {
        let git_dir = git_dir.display();
        Error::repository(format!("`{git_dir}` is not a Git repository"))
    } else if !dir.is_dir() {
        return Error::new(
            ErrorKind::NotFound,
            format!("there is no folder `{}`", dir.display()),
        );
    } else if cause.is_not_found() {
        let dir = dir.display();
        return Error::not_found(format!("`{dir}` is not inside a Git repository"))
            .with_help("stand in a repository (`-C DIR`), or make one: `git init`");
    } else {
        let dir = dir.display();
        return Error::repository(format!("cannot open the Git repository at `{dir}`"))
            .with_help("`git status` says what is wrong with it")
            .because(cause);
    };
    error
        .with_help("stand in a repository (`-C DIR`), or make one: `git init`")
        .because(cause)
}

#[cfg(test)]
mod tests;
