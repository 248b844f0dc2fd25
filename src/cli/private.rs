//! Files that opened secrets are written to.

use std::io::Write;
use std::path::Path;

use strata::config::Snapshot;
use strata::git::Repo;
use strata::{Error, Result};

use super::context::bytes_of;

/// Refuses a file that opened secrets are not to be written to: one that Git keeps, where they
/// would be committed, and a link, which may lead to one.
pub(super) fn writable(path: &Path, repo: Option<&Repo>) -> Result<()> {
    // What is no plain file: a device, a pipe.
    if path.exists() && !path.is_file() {
        return Ok(());
    }
    let refused = |what: &str| {
        Err(Error::usage(format!(
            "`{}` is {what}, and what was to be written there holds opened secrets",
            path.display()
        ))
        .with_help("name a file outside of the repository, or one that Git ignores"))
    };
    if path.is_symlink() {
        return refused("a link");
    }
    match repo {
        Some(repo) if is_kept(path, repo)? => refused("kept in Git"),
        _ => Ok(()),
    }
}

/// Writes a file that only its owner may read, whole or not at all.
pub(super) fn replace(path: &Path, bytes: &[u8], repo: Option<&Repo>) -> Result<()> {
    writable(path, repo)?;
    let fail = |cause| {
        Error::io(format!("cannot write `{}`", path.display()), cause)
            .with_help("name a file in a folder that exists and that you may write to")
    };
    if path.exists() && !path.is_file() {
        return std::fs::write(path, bytes).map_err(fail);
    }
    // Such a file is for its owner alone from the start.
    let mut file = tempfile::NamedTempFile::new_in(folder_of(path)).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Says whether Git keeps a file: the commit that one stands on, or the index.
fn is_kept(path: &Path, repo: &Repo) -> Result<bool> {
    let root = repo.work_dir().and_then(|root| root.canonicalize().ok());
    let (Ok(folder), Some(root), Some(name)) =
        (folder_of(path).canonicalize(), root, path.file_name())
    else {
        return Ok(false);
    };
    let place = folder.join(name);
    let Ok(inside) = place.strip_prefix(&root) else {
        return Ok(false);
    };
    let key = bytes_of(inside);
    let head = repo.revision("HEAD").ok();
    let committed = head.map(|head| Snapshot::of_revision(repo, &head));
    for tree in committed.into_iter().chain([Snapshot::of_index(repo)?]) {
        if tree.id(key.as_ref())?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
