//! One hook's script on disk, and the one that was there before.

use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::state::State;
use crate::error::{Error, Result};

/// What the scripts begin with, by which they are known again.
const MARK: &str = "# Written by `git strata hook install`";

/// How a hook that was there before is kept.
const KEPT: &str = "before-strata";

/// The file that says how many folders were made for the hooks.
const MADE: &str = ".made-by-strata";

/// Makes the folder of hooks; one that is new is remembered to be so.
pub(super) fn make_folder(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let missing = folder.ancestors().take_while(|it| !it.exists()).count();
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(folder.join(MADE), format!("{missing}\n")))
        .map_err(|cause| {
            Error::io(
                format!("cannot make the folder `{}`", folder.display()),
                cause,
            )
            .with_help("look whether the folder above is yours to write to")
        })
}

/// Takes the folders away that were made for the hooks, if nothing else is in them.
pub(super) fn leave_folder(folder: &Path) {
    let made = folder.join(MADE);
    let Ok(count) = std::fs::read_to_string(&made) else {
        return;
    };
    let others = std::fs::read_dir(folder).map(|all| all.flatten().count());
    if matches!(others, Ok(count) if count > 1) {
        return;
    }
    // What cannot go stays, and does no harm.
    let _ = std::fs::remove_file(made);
    for folder in folder
        .ancestors()
        .take(count.trim().parse().unwrap_or_default())
    {
        let _ = std::fs::remove_dir(folder);
    }
}

/// Puts a script in place; what is there already, and is not ours, is kept beside it.
pub(super) fn put(folder: &Path, path: &Path, script: &str) -> Result<()> {
    if state(path, script)? == State::Foreign {
        let kept = kept(path);
        if exists(&kept) {
            return Err(Error::usage(format!(
                "both `{}` and `{}` are there already",
                path.display(),
                kept.display()
            ))
            .with_help("make one of the two, then run `git strata hook install` again"));
        }
        std::fs::rename(path, &kept).map_err(|cause| cannot("keep", path, cause))?;
    }
    if state(path, script)? == State::Installed && is_runnable(path) {
        return Ok(());
    }
    let written = write(folder, path, script);
    if written.is_err() && !exists(path) {
        // The hook that was there goes on.
        let _ = std::fs::rename(kept(path), path);
    }
    written
}

/// Takes our script away, and puts back what was there before.
pub(super) fn take(path: &Path, script: &str) -> Result<()> {
    let kept = kept(path);
    let done = match (state(path, script)?, exists(&kept)) {
        // One step: the old hook takes the place of ours.
        (State::Installed | State::Outdated | State::Absent, true) => std::fs::rename(&kept, path),
        (State::Installed | State::Outdated, false) => std::fs::remove_file(path),
        _ => Ok(()),
    };
    done.map_err(|cause| cannot("take away", path, cause))
}

/// Says what is at a hook's place.
pub(super) fn state(path: &Path, script: &str) -> Result<State> {
    match std::fs::symlink_metadata(path) {
        // Ours is a file; a link is somebody's, wherever it leads.
        Ok(found) if !found.is_file() => return Ok(State::Foreign),
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(State::Absent),
        _ => {}
    }
    match std::fs::read(path) {
        Ok(bytes) if bytes == script.as_bytes() => Ok(State::Installed),
        Ok(bytes) if String::from_utf8_lossy(&bytes).contains(MARK) => Ok(State::Outdated),
        Ok(_) => Ok(State::Foreign),
        Err(cause) => Err(cannot("read", path, cause)),
    }
}

/// Gives the hook that was there before ours, if one was.
pub(super) fn chained(path: &Path) -> Option<PathBuf> {
    Some(kept(path)).filter(|kept| exists(kept))
}

/// Says whether Git runs what is there.
pub(super) fn is_runnable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        let mode = std::fs::metadata(path)
            .map(|found| std::os::unix::fs::PermissionsExt::mode(&found.permissions()));
        matches!(mode, Ok(mode) if mode & 0o111 != 0)
    }
    #[cfg(not(unix))]
    path.exists()
}

fn kept(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(KEPT);
    PathBuf::from(name)
}

fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

fn write(folder: &Path, path: &Path, script: &str) -> Result<()> {
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

fn cannot(what: &str, path: &Path, cause: io::Error) -> Error {
    Error::io(
        format!("cannot {what} the hook `{}`", path.display()),
        cause,
    )
    .with_help("look whether the folder is yours to write to")
}
