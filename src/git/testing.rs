//! Scratch repositories for tests, made with the `git` program itself.

use std::cell::Cell;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use bstr::BStr;
use tempfile::TempDir;

use super::{FileChange, Oid, Repo};

/// A folder with a repository in it, gone when the test ends.
pub(crate) struct Scratch {
    folder: TempDir,
    clock: Cell<u64>,
}

impl Scratch {
    /// Makes a repository whose `HEAD` is on `main`, with no commit.
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// Makes a repository with more arguments for `git init`.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        let scratch = Self {
            folder: TempDir::new().unwrap(),
            clock: Cell::new(1_700_000_000),
        };
        fs::create_dir(scratch.path()).unwrap();
        let mut all = vec!["init", "-q", "-b", "main"];
        all.extend(arguments);
        scratch.git(&all);
        scratch
    }

    /// Makes a repository with one commit: `a.yaml`, `dir/b.yaml`, `dir/sub/c.yaml`.
    pub(crate) fn started() -> Self {
        let scratch = Self::new();
        scratch.write("a.yaml", "a: 1\n");
        scratch.write("dir/b.yaml", "b: 1\n");
        scratch.write("dir/sub/c.yaml", "c: 1\n");
        scratch.commit("start");
        scratch
    }

    /// Gives the work tree's folder.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    /// Gives the folder that the repository stands in, for its neighbours.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn repo(&self) -> Repo {
        Repo::discover(self.path()).unwrap()
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.path(), arguments)
    }

    /// Runs `git`, each time a minute later than the time before.
    pub(crate) fn git_in(&self, dir: &Path, arguments: &[&str]) -> String {
        let output = self.try_git(dir, arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {stderr}");
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    pub(crate) fn try_git(&self, dir: &Path, arguments: &[&str]) -> Output {
        self.clock.set(self.clock.get() + 60);
        let date = format!("{} +0200", self.clock.get());
        let mut command = Command::new("git");
        command.current_dir(dir).args(arguments).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.folder.path());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("GIT_ALLOW_PROTOCOL", "file");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Ada");
            command.env(format!("GIT_{role}_EMAIL"), "ada@example.org");
            command.env(format!("GIT_{role}_DATE"), &date);
        }
        command.output().unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Commits all that is in the work tree.
    pub(crate) fn commit(&self, message: &str) -> Oid {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    /// Brings in what `git fast-import` reads, as one pack.
    pub(crate) fn import(&self, commands: &str) {
        let mut git = Command::new("git")
            .current_dir(self.path())
            .args(["-c", "fastimport.unpackLimit=0", "fast-import", "--quiet"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = git.stdin.take().unwrap();
        input.write_all(commands.as_bytes()).unwrap();
        drop(input);
        assert!(git.wait().unwrap().success());
    }

    /// Puts a signature into the last commit: `sign` makes it from what is signed.
    pub(crate) fn sign_head(&self, sign: impl Fn(&[u8]) -> String) -> Oid {
        let payload = self.git(&["cat-file", "commit", "HEAD"]) + "\n";
        let armored = sign(payload.as_bytes()).trim_end().replace('\n', "\n ");
        let (head, message) = payload.split_once("\n\n").unwrap();
        self.put_head("commit", &format!("{head}\ngpgsig {armored}\n\n{message}"))
    }

    /// Makes `HEAD` stand at an object of these bytes.
    pub(crate) fn put_head(&self, kind: &str, object: &str) -> Oid {
        let file = self.beside("object");
        fs::write(&file, object).unwrap();
        let file = file.display().to_string();
        let id = self.git(&["hash-object", "-w", "--literally", "-t", kind, &file]);
        self.git(&["update-ref", "HEAD", &id]);
        oid(&id)
    }

    /// Makes a commit of a tree, with what signs it, and moves no branch.
    pub(crate) fn commit_tree(
        &self,
        tree: &str,
        parents: &[Oid],
        message: &str,
        sign: impl FnOnce(&[u8]) -> Option<String>,
    ) -> Oid {
        self.clock.set(self.clock.get() + 60);
        let time = self.clock.get();
        let mut head = format!("tree {}\n", self.id(tree));
        for parent in parents {
            head.push_str(&format!("parent {parent}\n"));
        }
        for role in ["author", "committer"] {
            head.push_str(&format!("{role} Ada <ada@example.org> {time} +0200\n"));
        }
        let unsigned = format!("{head}\n{message}\n");
        let object = match sign(unsigned.as_bytes()) {
            None => unsigned,
            Some(signature) => {
                let signature = signature.trim_end().replace('\n', "\n ");
                format!("{head}gpgsig {signature}\n\n{message}\n")
            }
        };
        let file = self.beside("object");
        fs::write(&file, object).unwrap();
        let file = file.display().to_string();
        oid(&self.git(&["hash-object", "-t", "commit", "-w", "--literally", &file]))
    }

    pub(crate) fn id(&self, revision: &str) -> Oid {
        oid(&self.git(&["rev-parse", revision]))
    }

    /// Makes `feature` and `main` part after the first commit; `feature` is checked out.
    pub(crate) fn diverged() -> Self {
        let scratch = Self::started();
        scratch.git(&["tag", "fork"]);
        scratch.git(&["checkout", "-q", "-b", "feature"]);
        scratch.write("a.yaml", "a: 2\n");
        scratch.commit("feature");
        scratch.git(&["checkout", "-q", "main"]);
        scratch.write("dir/b.yaml", "b: 2\n");
        scratch.commit("main moves on");
        scratch.git(&["checkout", "-q", "feature"]);
        scratch
    }
}

pub(crate) fn oid(hex: &str) -> Oid {
    Oid(gix::ObjectId::from_hex(hex.as_bytes()).unwrap())
}

pub(crate) fn path(text: &str) -> &BStr {
    text.into()
}

/// Writes changes as `A path`, `D path`, `M path`.
pub(crate) fn shown(changes: &[FileChange]) -> Vec<String> {
    let letter = |change: &FileChange| match (change.old, change.new) {
        (None, _) => 'A',
        (_, None) => 'D',
        _ => 'M',
    };
    let shown = |change: &FileChange| format!("{} {}", letter(change), change.path);
    changes.iter().map(shown).collect()
}
