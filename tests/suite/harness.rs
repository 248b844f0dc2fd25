//! Runs the program in folders of its own, with nothing of this machine's configuration.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use assert_fs::TempDir;

/// A folder to run in, gone when the test ends.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    work: PathBuf,
}

/// What a run gave.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    /// Makes an empty folder.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let work = folder.path().join("work");
        std::fs::create_dir(&work).unwrap();
        Self { folder, work }
    }

    /// Makes a copy of the shop of `git strata demo`.
    pub(crate) fn shop() -> Self {
        static SHOP: OnceLock<TempDir> = OnceLock::new();
        let shop = SHOP.get_or_init(|| {
            let folder = TempDir::new().unwrap();
            let mut command = hermetic(env!("CARGO_BIN_EXE_git-strata"), folder.path());
            let ran = command
                .args(["demo", "shop", "--format", "json"])
                .output()
                .unwrap();
            assert!(ran.status.success(), "{ran:?}");
            folder
        });
        let place = Self::new();
        std::fs::remove_dir(&place.work).unwrap();
        let from = shop.path().join("shop");
        let copied = Command::new("cp")
            .arg("-a")
            .arg(from)
            .arg(&place.work)
            .status();
        assert!(copied.unwrap().success());
        place
    }

    pub(crate) fn path(&self) -> &Path {
        &self.work
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.work.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Runs `git strata` with words divided by blanks.
    pub(crate) fn run(&self, words: &str) -> Ran {
        self.run_in(
            &self.work,
            &words.split_whitespace().collect::<Vec<_>>(),
            &[],
        )
    }

    pub(crate) fn run_in(&self, dir: &Path, words: &[&str], env: &[(&str, &str)]) -> Ran {
        let mut command = hermetic(env!("CARGO_BIN_EXE_git-strata"), dir);
        Ran::of(
            command
                .args(words)
                .envs(env.iter().copied())
                .output()
                .unwrap(),
        )
    }

    /// Runs `git` itself, which finds the program as `git strata`.
    pub(crate) fn git(&self, words: &[&str]) -> Ran {
        Ran::of(hermetic("git", &self.work).args(words).output().unwrap())
    }

    /// Runs `git` with further variables.
    pub(crate) fn git_with(&self, words: &[&str], env: &[(&str, &str)]) {
        let mut command = hermetic("git", &self.work);
        let output = command.args(words).envs(env.iter().copied()).output();
        let ran = Ran::of(output.unwrap());
        assert_eq!(ran.status, 0, "{}", ran.err);
    }

    /// Commits all that is in the work tree.
    pub(crate) fn commit(&self, message: &str) {
        assert_eq!(self.git(&["add", "-A"]).status, 0);
        let ran = self.git(&["commit", "-q", "--no-verify", "-m", message]);
        assert_eq!(ran.status, 0, "{}", ran.err);
    }
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Gives status and both streams, for a snapshot.
    pub(crate) fn all(&self) -> String {
        format!("{}{}[{}]", self.out, self.err, self.status)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|cause| panic!("{cause}: {}", self.all()))
    }
}

/// Makes a command that sees nothing of this machine but the path to its programs.
pub(crate) fn hermetic(program: &str, dir: &Path) -> Command {
    let built = Path::new(env!("CARGO_BIN_EXE_git-strata"))
        .parent()
        .unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    command
        .current_dir(dir)
        .env_clear()
        .env("PATH", format!("{}:{path}", built.display()))
        .env("HOME", dir)
        .env("LC_ALL", "C.UTF-8")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    // Where a run that measures coverage asks for it.
    if let Some(file) = std::env::var_os("LLVM_PROFILE_FILE") {
        command.env("LLVM_PROFILE_FILE", file);
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{who}_NAME"), "Ada")
            .env(format!("GIT_{who}_EMAIL"), "ada@example.org")
            .env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
    }
    command
}
