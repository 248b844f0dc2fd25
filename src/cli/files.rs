//! Files on disk, written whole or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use strata::{Error, Result};

/// Reads a path as Git's configuration has it: `~/` stands for the home folder.
pub(crate) fn in_home(file: &str) -> PathBuf {
    match (file.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(file),
    }
}

/// Writes a file whole or not at all.
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |cause| {
        Error::io(format!("cannot write `{}`", path.display()), cause)
            .with_help("name a file in a folder that exists and that you may write to")
    };
    // What is no plain file (a device, a pipe) is written to, not replaced.
    if path.exists() && !path.is_file() {
        return std::fs::write(path, bytes).map_err(fail);
    }
    // What a link leads to is replaced, and the link stays.
    let target = path.canonicalize();
    let path = target.as_deref().unwrap_or(path);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    make_readable(&file, path).map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}

/// Gives a new file the permissions of the one it replaces, or those of any new file.
fn make_readable(file: &tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    let permissions = match std::fs::metadata(path) {
        Ok(known) => known.permissions(),
        #[cfg(unix)]
        Err(_) => std::os::unix::fs::PermissionsExt::from_mode(0o644),
        #[cfg(not(unix))]
        Err(_) => return Ok(()),
    };
    file.as_file().set_permissions(permissions)
}

/// Writes a new file that only its owner may read.
pub(crate) fn new_private_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |cause: io::Error| {
        let message = match cause.kind() {
            io::ErrorKind::AlreadyExists => format!("`{}` is there already", path.display()),
            _ => format!("cannot write `{}`", path.display()),
        };
        Error::io(message, cause).with_help("name a new file, in a folder that exists")
    };
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(fail)?;
    }
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(fail)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(fail)
}
