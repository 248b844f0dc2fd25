//! Programs that Git calls to merge and to compare files.

use std::io::Write as _;

use serde::Serialize;

use super::state::State;
use crate::error::{Error, Result};
use crate::git::Repo;

/// What Git can call this tool for, file by file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// To merge files.
    Merge,
    /// To compare files.
    Diff,
}

/// How a driver stands.
#[derive(Debug, Serialize)]
pub struct DriverState {
    /// `merge` or `diff`.
    pub name: &'static str,
    /// Whether Git's configuration names it.
    pub state: State,
    /// The lines that `.gitattributes` lacks, so that Git calls it for every file it is for.
    pub attributes: Vec<String>,
}

/// The files that drivers are for.
const PATTERNS: [&str; 5] = ["*.yaml", "*.yml", "*.json", "*.jsonc", "*.toml"];

/// Where a repository says which driver a file has.
const ATTRIBUTES: &str = ".gitattributes";

impl Driver {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Merge, Self::Diff];

    /// Gives Git's name for what it does.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Diff => "diff",
        }
    }

    fn section(self) -> (&'static str, &'static str) {
        (self.name(), "strata")
    }

    /// Gives what Git's configuration is to say.
    fn values(self, program: &str) -> Vec<(&'static str, String)> {
        let program = shell_word(program);
        match self {
            Self::Merge => vec![
                ("name", "configuration, by value".to_owned()),
                (
                    "driver",
                    format!("{program} merge-driver %O %A %B %L %P %S %X %Y"),
                ),
            ],
            Self::Diff => vec![
                ("command", format!("{program} diff-driver")),
                ("textconv", format!("{program} textconv")),
            ],
        }
    }

    fn state(self, repo: &Repo, program: &str) -> Result<State> {
        let mut state = State::Absent;
        for (name, value) in self.values(program) {
            match repo.own_config(self.section(), name)? {
                Some(found) if found == value && state != State::Outdated => {
                    state = State::Installed;
                }
                None if state == State::Absent => {}
                _ => state = State::Outdated,
            }
        }
        Ok(state)
    }
}

/// Writes a program's path as one word of a shell.
pub(super) fn shell_word(program: &str) -> String {
    match program
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
    {
        true => program.to_owned(),
        false => format!("'{}'", program.replace('\'', r"'\''")),
    }
}

/// Says how the drivers stand.
pub(super) fn states(repo: &Repo, program: &str) -> Result<Vec<DriverState>> {
    let attributes = attributes(repo)?;
    let mut states = Vec::new();
    for driver in Driver::ALL {
        let wanted = format!("{}=strata", driver.name());
        let missing = PATTERNS.iter().filter(|pattern| {
            !attributes.lines().any(|line| {
                let mut words = line.split_whitespace();
                words.next() == Some(pattern) && words.any(|word| word == wanted)
            })
        });
        states.push(DriverState {
            name: driver.name(),
            state: driver.state(repo, program)?,
            attributes: missing
                .map(|pattern| format!("{pattern} {wanted}"))
                .collect(),
        });
    }
    Ok(states)
}

/// Names drivers in the repository's configuration; with `write`, adds what `.gitattributes`
/// lacks.
///
/// # Errors
///
/// Where a file cannot be read or written.
pub(super) fn install(repo: &Repo, drivers: &[Driver], program: &str, write: bool) -> Result<()> {
    for driver in drivers {
        let values = driver.values(program);
        let values: Vec<_> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        repo.set_config(driver.section(), &values)?;
    }
    if !write {
        return Ok(());
    }
    let root = repo.work_dir().ok_or_else(|| {
        Error::usage("a bare repository has no `.gitattributes` to write to")
            .with_help("write it in a work tree, and push it")
    })?;
    let path = root.join(ATTRIBUTES);
    let mut text = read(&path)?;
    let states = states(repo, program)?;
    let names: Vec<_> = drivers.iter().map(|driver| driver.name()).collect();
    let mut lines: Vec<String> = Vec::new();
    for pattern in PATTERNS {
        let states = states.iter().filter(|state| names.contains(&state.name));
        let wanted: Vec<&str> = states
            .flat_map(|state| &state.attributes)
            .filter_map(|line| line.strip_prefix(pattern)?.strip_prefix(' '))
            .collect();
        if !wanted.is_empty() {
            lines.push(format!("{pattern} {}\n", wanted.join(" ")));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.extend(lines);
    let fail = |cause| cannot("write", cause);
    let mut file = tempfile::NamedTempFile::new_in(root).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    #[cfg(unix)]
    {
        let plain = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        file.as_file().set_permissions(plain).map_err(fail)?;
    }
    file.persist(&path).map_err(|error| fail(error.error))?;
    Ok(())
}

/// Takes the drivers out of the repository's configuration.
pub(super) fn uninstall(repo: &Repo, program: &str) -> Result<()> {
    for driver in Driver::ALL {
        if driver.state(repo, program)? != State::Absent {
            repo.unset_config(driver.section())?;
        }
    }
    Ok(())
}

/// Reads what says which driver a file has, in the work tree and for this clone alone.
fn attributes(repo: &Repo) -> Result<String> {
    let mut text = read(&repo.common_dir().join("info/attributes"))?;
    if let Some(root) = repo.work_dir() {
        text.push('\n');
        text.push_str(&read(&root.join(ATTRIBUTES))?);
    }
    Ok(text)
}

fn read(path: &std::path::Path) -> Result<String> {
    match std::fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| {
            Error::invalid(format!("`{}` is no text", path.display()))
                .with_help("save it as UTF-8, then try again")
        }),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(cause) => Err(cannot("read", cause)),
    }
}

fn cannot(what: &str, cause: std::io::Error) -> Error {
    Error::io(format!("cannot {what} `{ATTRIBUTES}`"), cause)
        .with_help("look whether the file and its folder are yours to write to")
}
