use std::path::PathBuf;

use super::driver::{self, Driver};
use super::place;
use super::state::{HookBody, HookState, How, State};
use super::{Hook, Setup};
use crate::error::Result;
use crate::git::Repo;
use crate::report::Report;

/// Puts hooks in place. A hook that is there already is kept and called, too.
///
/// # Errors
///
/// Where the hooks' folder or the configuration cannot be written.
pub fn install(repo: &Repo, hooks: &[Hook], setup: &Setup) -> Result<Report<HookBody>> {
    let folder = repo.hooks_dir()?;
    for hook in hooks {
        let path = folder.join(hook.name());
        match setup.how_of(*hook) {
            How::Configuration => {
                let section = hook.section();
                let values = [("command", &*hook.command(setup)), ("event", hook.name())];
                repo.set_config(("hook", &section), &values)?;
                // A script of ours would do the same again.
                place::take(&path, &hook.script(setup))?;
            }
            How::File => {
                place::make_folder(&folder)?;
                place::put(&folder, &path, &hook.script(setup))?;
                forget(repo, *hook)?;
            }
        }
    }
    place::leave_folder(&folder);
    status(repo, setup)
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
    setup: &Setup,
    write: bool,
) -> Result<Report<HookBody>> {
    driver::install(repo, drivers, &setup.program, write)?;
    let mut report = status(repo, setup)?;
    report.body.asked = drivers.to_vec();
    Ok(report)
}

/// Takes the hooks away, and puts back those that were there before; and the drivers.
///
/// # Errors
///
/// Where the hooks' folder or the configuration cannot be written.
pub fn uninstall(repo: &Repo, setup: &Setup) -> Result<Report<HookBody>> {
    let folder = repo.hooks_dir()?;
    for hook in Hook::ALL {
        place::take(&folder.join(hook.name()), &hook.script(setup))?;
        forget(repo, hook)?;
    }
    place::leave_folder(&folder);
    driver::uninstall(repo, &setup.program)?;
    status(repo, setup)
}

/// Says how the hooks and the drivers stand.
///
/// # Errors
///
/// Where the hooks' folder or the configuration cannot be read.
pub fn status(repo: &Repo, setup: &Setup) -> Result<Report<HookBody>> {
    let mut hooks = Vec::new();
    for hook in Hook::ALL {
        let state = state(repo, hook, setup)?;
        if hook.is_of_server() == repo.is_bare() || state.by.is_some() {
            hooks.push(state);
        }
    }
    let body = HookBody {
        hooks,
        drivers: driver::states(repo, &setup.program)?,
        asked: Vec::new(),
    };
    Ok(Report::new(None, Vec::new(), body))
}

fn state(repo: &Repo, hook: Hook, setup: &Setup) -> Result<HookState> {
    let path = repo.hooks_dir()?.join(hook.name());
    let script = place::state(&path, &hook.script(setup))?;
    let shown = |path: PathBuf| path.display().to_string();
    let section = hook.section();
    let value = |name| repo.own_config(("hook", &section), name);
    let (state, by, chained) = match value("command")? {
        Some(command) => {
            let is_whole = command == hook.command(setup)
                && value("event")?.as_deref() == Some(hook.name())
                && setup.how_of(hook) == How::Configuration
                && !matches!(script, State::Installed | State::Outdated);
            let state = match is_whole {
                true => State::Installed,
                false => State::Outdated,
            };
            let other = script == State::Foreign && place::is_runnable(&path);
            let chained = other.then(|| path.clone());
            (state, Some(How::Configuration), chained)
        }
        None => {
            let is_ours = matches!(script, State::Installed | State::Outdated);
            let state = match script {
                State::Installed if !place::is_runnable(&path) => State::Outdated,
                script => script,
            };
            (state, is_ours.then_some(How::File), place::chained(&path))
        }
    };
    Ok(HookState {
        name: hook.name(),
        state,
        by,
        chained: chained.map(shown),
        path: shown(path),
    })
}

/// Takes a hook out of Git's configuration, if it is there.
fn forget(repo: &Repo, hook: Hook) -> Result<()> {
    let section = hook.section();
    match repo.own_config(("hook", &section), "command")? {
        Some(_) => repo.unset_config(("hook", &section)),
        None => Ok(()),
    }
}
