//! The lock files by which Git's processes keep out of each other's way, and which one that was
//! killed leaves behind.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Repo;
use crate::{Error, Result};

/// How long one waits for another process that writes the index.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How often, and after which pause, one looks whether a lock is gone before anything is changed.
const LOOKS: u32 = 250;
const PAUSE: Duration = Duration::from_millis(20);

impl Repo {
    /// Finds the lock that keeps a reference from being moved.
    pub(super) fn lock_of_ref(&self, name: &str) -> Option<PathBuf> {
        let branch = self.head().ok().and_then(|head| head.branch);
        let branch = branch.filter(|_| name == "HEAD");
        let name = branch.map_or_else(|| name.to_owned(), |name| format!("refs/heads/{name}"));
        let common = self.common_dir();
        let locks = [
            common.join(format!("{name}.lock")),
            self.git_dir().join("HEAD.lock"),
            common.join("packed-refs.lock"),
        ];
        locks.into_iter().find(|lock| lock.exists())
    }

    /// Waits until no other process holds the index.
    ///
    /// # Errors
    ///
    /// When one holds it for too long.
    pub(super) fn await_index(&self) -> Result<()> {
        let lock = self.lock_of_index();
        for _ in 0..LOOKS {
            if !lock.exists() {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
        let file = self.index_file.display();
        let error = Error::repository(format!("cannot write the index `{file}`"));
        Err(held(error, &lock))
    }

    pub(super) fn lock_of_index(&self) -> PathBuf {
        let mut lock = self.index_file.clone().into_os_string();
        lock.push(".lock");
        lock.into()
    }
}

/// Adds to an error what to do about a lock that is there.
pub(super) fn held(error: Error, lock: &Path) -> Error {
    let lock = lock.display();
    error.with_help(format!(
        "`{lock}` says that another Git process is at work here; where there is none, one was \
         killed and left it: `rm '{lock}'`"
    ))
}
