//! A file that a person edits, and that is gone afterwards, whatever happens.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use strata::seal::Secret;
use strata::{Error, Result};

/// What stands beside this process until it ends, and takes the folder away then: on a signal, and
/// when it is killed, too. It hears of the end by its standard input, which closes.
const GUARD: &str = "trap '' HUP INT QUIT TERM; echo; cat >/dev/null; \
    rm -rf -- \"$1\" || { sleep 1; rm -rf -- \"$1\"; }";

/// A text in a file that only its owner may read, in a folder that only its owner may enter: in
/// memory, where there is such a place.
pub(super) struct PrivateFile {
    path: PathBuf,
    editor: String,
    // Goes before the guard, which looks after what is left.
    folder: Option<tempfile::TempDir>,
    guard: Child,
}

impl PrivateFile {
    /// Makes the place for a file, for the editor that the environment names.
    pub(super) fn new(name: &str) -> Result<Self> {
        let editor = ["VISUAL", "EDITOR"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|it| !it.trim().is_empty()))
            .ok_or_else(|| {
                Error::usage("there is no editor").with_help("name one: `export EDITOR=vi`")
            })?;
        let fail = |cause| Error::io("cannot make a folder for the file to edit", cause);
        let memory = Path::new("/dev/shm");
        let folder = match memory.is_dir() {
            true => tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()),
            false => tempfile::tempdir(),
        };
        let folder = folder.map_err(fail)?;
        let guard = guard(folder.path())
            .map_err(|cause| Error::io("cannot look after the file to edit", cause))?;
        let base = Path::new(name).file_name().unwrap_or_default();
        Ok(Self {
            path: folder.path().join(base),
            editor,
            folder: Some(folder),
            guard,
        })
    }

    /// Lets a person edit a text.
    pub(super) fn edit(&self, text: &Secret) -> Result<Secret> {
        let editor = &self.editor;
        let mut options = std::fs::File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&self.path)
            .and_then(|mut out| out.write_all(text.expose().as_bytes()))
            .map_err(|cause| Error::io("cannot write the file to edit", cause))?;
        // As Git does, so that `code --wait` is an editor.
        let status = Command::new("sh")
            .args(["-c", &format!("{editor} \"$@\""), editor])
            .arg(&self.path)
            .status();
        let read = std::fs::read_to_string(&self.path).map(Secret::text);
        let status =
            status.map_err(|cause| Error::io(format!("`{editor}` cannot be run"), cause))?;
        if !status.success() {
            return Err(
                Error::usage(format!("`{editor}` failed; the file is as it was"))
                    .with_help("try again"),
            );
        }
        read.map_err(|cause| Error::io("what was edited cannot be read", cause))
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        // What was written is overwritten before it is taken away.
        let size = std::fs::metadata(&self.path).map_or(0, |it| it.len());
        let zeros = vec![0; usize::try_from(size).unwrap_or(0)];
        let _ = std::fs::File::options()
            .write(true)
            .open(&self.path)
            .and_then(|mut out| out.write_all(&zeros));
        drop(self.folder.take());
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// Starts what takes a folder away when this process ends. It is in a group of its own, so that
/// nothing that a terminal sends reaches it, and it is there when this returns.
fn guard(folder: &Path) -> std::io::Result<Child> {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "sh"]).arg(folder);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut guard = command.spawn()?;
    let mut line = [0];
    let stdout = guard.stdout.take();
    let ready = stdout.map_or(Ok(()), |mut out| {
        std::io::Read::read_exact(&mut out, &mut line)
    });
    if let Err(cause) = ready {
        let _ = guard.kill();
        let _ = guard.wait();
        return Err(cause);
    }
    Ok(guard)
}
