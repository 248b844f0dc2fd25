use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Hook;
use super::driver::{self, Driver, DriverState};
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::report::{Block, Report, View};

/// What the scripts begin with, by which they are known again.
const MARK: &str = "# Written by `git strata hook install`";

/// How a hook that was there before is kept.
const KEPT: &str = "before-strata";

/// How the hooks of a repository stand.
#[derive(Debug, Serialize)]
pub struct HookBody {
    /// Each hook, in Git's order of use.
    pub hooks: Vec<HookState>,
    /// What Git calls to merge and to compare files.
    pub drivers: Vec<DriverState>,
    /// What is just put in place, and of which `attributes` are to be told.
    #[serde(skip)]
    asked: Vec<Driver>,
}

/// How one hook stands.
#[derive(Debug, Serialize)]
pub struct HookState {
    /// Git's name for it.
    pub name: &'static str,
    /// Whether it is in place.
    pub state: State,
    /// The script.
    pub path: String,
    /// A hook that was there before, and that ours calls first.
    pub chained: Option<String>,
}

/// Whether a hook is in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is.
    Installed,
    /// One of another version of this tool is.
    Outdated,
    /// There is a hook, and it is not ours.
    Foreign,
    /// There is none.
    Absent,
}

/// Puts the hooks in place. A hook that is there already is kept and called first.
///
/// # Errors
///
/// Where the hooks' folder cannot be written.
pub fn install(repo: &Repo, program: &str) -> Result<Report<HookBody>> {
    let folder = repo.hooks_dir()?;
    std::fs::create_dir_all(&folder).map_err(|cause| {
        Error::io(
            format!("cannot make the folder `{}`", folder.display()),
            cause,
        )
    })?;
    for hook in Hook::ALL {
        let path = folder.join(hook.name());
        if state_of(&path, hook, program)? == State::Foreign {
            let kept = kept(&path);
            if kept.exists() {
                return Err(Error::usage(format!(
                    "both `{}` and `{}` are there already",
                    path.display(),
                    kept.display()
                ))
                .with_help("make one of the two, then run `git strata hook install` again"));
            }
            std::fs::rename(&path, &kept).map_err(|cause| cannot("keep", &path, cause))?;
        }
        write_script(&folder, &path, &hook.script(program))?;
    }
    status(repo, program)
}

/// Names drivers in the repository's configuration; with `write`, adds the lines to
/// `.gitattributes` that say which files they are for.
///
/// # Errors
///
/// Where a file cannot be read or written.
pub fn install_drivers(
    repo: &Repo,
    drivers: &[Driver],
    program: &str,
    write: bool,
) -> Result<Report<HookBody>> {
    driver::install(repo, drivers, program, write)?;
    let mut report = status(repo, program)?;
    report.body.asked = drivers.to_vec();
    Ok(report)
}

/// Takes the hooks away, and puts back those that were there before; and the drivers.
///
/// # Errors
///
/// Where the hooks' folder cannot be written.
pub fn uninstall(repo: &Repo, program: &str) -> Result<Report<HookBody>> {
    let folder = repo.hooks_dir()?;
    for hook in Hook::ALL {
        let path = folder.join(hook.name());
        if !matches!(
            state_of(&path, hook, program)?,
            State::Installed | State::Outdated
        ) {
            continue;
        }
        let kept = kept(&path);
        let done = if kept.exists() {
            // One step: the old hook takes the place of ours.
            std::fs::rename(&kept, &path)
        } else {
            std::fs::remove_file(&path)
        };
        done.map_err(|cause| cannot("take away", &path, cause))?;
    }
    driver::uninstall(repo, program)?;
    status(repo, program)
}

/// Says how the hooks and the drivers stand.
///
/// # Errors
///
/// Where the hooks' folder cannot be read.
pub fn status(repo: &Repo, program: &str) -> Result<Report<HookBody>> {
    let folder = repo.hooks_dir()?;
    let mut hooks = Vec::new();
    for hook in Hook::ALL {
        let path = folder.join(hook.name());
        let kept = kept(&path);
        hooks.push(HookState {
            name: hook.name(),
            state: state_of(&path, hook, program)?,
            path: path.display().to_string(),
            chained: kept.exists().then(|| kept.display().to_string()),
        });
    }
    let body = HookBody {
        hooks,
        drivers: driver::states(repo, program)?,
        asked: Vec::new(),
    };
    Ok(Report::new(None, Vec::new(), body))
}

fn kept(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(KEPT);
    PathBuf::from(name)
}

fn state_of(path: &Path, hook: Hook, program: &str) -> Result<State> {
    match std::fs::read(path) {
        Ok(bytes) if bytes == hook.script(program).as_bytes() => Ok(State::Installed),
        Ok(bytes) if String::from_utf8_lossy(&bytes).contains(MARK) => Ok(State::Outdated),
        Ok(_) => Ok(State::Foreign),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(State::Absent),
        Err(cause) => Err(cannot("read", path, cause)),
    }
}

fn write_script(folder: &Path, path: &Path, script: &str) -> Result<()> {
    let fail = |cause| cannot("write", path, cause);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    file.write_all(script.as_bytes()).map_err(fail)?;
    #[cfg(unix)]
    {
        let runnable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        file.as_file().set_permissions(runnable).map_err(fail)?;
    }
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}

fn cannot(what: &str, path: &Path, cause: std::io::Error) -> Error {
    Error::io(
        format!("cannot {what} the hook `{}`", path.display()),
        cause,
    )
    .with_help("look whether the folder is yours to write to")
}

impl View for HookBody {
    fn view(&self) -> Vec<Block> {
        let rows = self.hooks.iter().map(|hook| {
            let state = match hook.state {
                State::Installed => "installed",
                State::Outdated => "outdated: run `git strata hook install`",
                State::Foreign => {
                    "another hook is there; `git strata hook install` keeps and calls it"
                }
                State::Absent => "not installed",
            };
            let chained = hook
                .chained
                .as_ref()
                .map(|path| format!("calls {path} first"));
            vec![
                hook.name.to_owned(),
                state.to_owned(),
                chained.unwrap_or_default(),
            ]
        });
        let drivers = self.drivers.iter().map(|driver| {
            let name = driver.name;
            let state = match driver.state {
                State::Installed if driver.attributes.is_empty() => "installed".to_owned(),
                State::Installed => "installed, but not for all files".to_owned(),
                State::Absent => "not installed".to_owned(),
                _ => format!("another one is named: run `git strata hook install --{name}-driver`"),
            };
            vec![format!("{name} driver"), state, String::new()]
        });
        let mut blocks = vec![Block::Table {
            columns: ["hook", "state", ""].map(str::to_owned).to_vec(),
            rows: rows.chain(drivers).collect(),
        }];
        let asked = |driver: &&DriverState| self.asked.iter().any(|it| it.name() == driver.name);
        for driver in self.drivers.iter().filter(asked) {
            if driver.attributes.is_empty() {
                continue;
            }
            let lines = driver.attributes.iter().map(|line| format!("  {line}\n"));
            blocks.push(Block::Text(format!(
                "to have it used, add these lines to `.gitattributes`, or let `git strata hook \
                 install --{}-driver --write` add them:\n\n{}",
                driver.name,
                lines.collect::<String>().trim_end()
            )));
        }
        blocks
    }
}
