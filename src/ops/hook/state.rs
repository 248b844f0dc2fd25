use serde::Serialize;

use super::driver::{Driver, DriverState};
use crate::report::{Block, View};

/// How the hooks of a repository stand.
#[derive(Debug, Serialize)]
pub struct HookBody {
    /// Each hook, in Git's order of use; those of a server where it is one, or has them.
    pub hooks: Vec<HookState>,
    /// What Git calls to merge and to compare files.
    pub drivers: Vec<DriverState>,
    /// What is just put in place, and of which `attributes` are to be told.
    #[serde(skip)]
    pub(super) asked: Vec<Driver>,
}

/// How one hook stands.
#[derive(Debug, Serialize)]
pub struct HookState {
    /// Git's name for it.
    pub name: &'static str,
    /// Whether it is in place.
    pub state: State,
    /// The way it is in place; none where it is not.
    pub by: Option<How>,
    /// The script.
    pub path: String,
    /// A hook that was there before, and that runs, too: before ours where that is a script, after
    /// it where Git's configuration names ours.
    pub chained: Option<String>,
}

/// Whether a hook is in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is.
    Installed,
    /// One of another version of this tool is, or this version of Git passes it over.
    Outdated,
    /// There is a hook, and it is not ours.
    Foreign,
    /// There is none.
    Absent,
}

/// The way a hook is put in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// As a script in the folder of hooks.
    File,
    /// Named in Git's configuration (`hook.<name>.command`), which Git can from 2.54 on
    /// ([git-hook]).
    ///
    /// [git-hook]: https://git-scm.com/docs/git-hook
    Configuration,
}

impl How {
    /// Gives what a version of Git can, by what `git --version` says.
    ///
    /// ```
    /// use strata::ops::hook::How;
    ///
    /// assert_eq!(How::of_git("git version 2.47.3"), How::File);
    /// assert_eq!(How::of_git("git version 2.54.0.windows.1"), How::Configuration);
    /// ```
    #[must_use]
    pub fn of_git(version: &str) -> Self {
        let version = version.trim_start_matches("git version ");
        let mut numbers = version.split('.').map(|number| number.parse::<u32>().ok());
        match (numbers.next().flatten(), numbers.next().flatten()) {
            (Some(major), Some(minor)) if (major, minor) >= (2, 54) => Self::Configuration,
            _ => Self::File,
        }
    }
}

impl View for HookBody {
    fn view(&self) -> Vec<Block> {
        let rows = self.hooks.iter().map(|hook| {
            let state = match (hook.state, hook.by) {
                (State::Installed, Some(How::Configuration)) => "installed, by configuration",
                (State::Installed, _) => "installed",
                (State::Outdated, _) => "outdated: run `git strata hook install`",
                (State::Foreign, _) => {
                    "another hook is there; `git strata hook install` keeps and calls it"
                }
                (State::Absent, _) => "not installed",
            };
            let chained = hook
                .chained
                .as_ref()
                .map(|path| match (hook.state, hook.by) {
                    (_, Some(How::Configuration)) => format!("{path} runs after it"),
                    (State::Absent | State::Foreign, _) => format!("{path} is kept beside it"),
                    _ => format!("calls {path} first"),
                });
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
