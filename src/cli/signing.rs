//! Signatures of what this program commits, made as Git itself would: by `commit.gpgSign`,
//! `gpg.format`, `user.signingKey`, and the programs that are configured for them.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use strata::git::Repo;
use strata::ops::change::Signing;
use strata::sign::GIT;
use strata::{Error, Result};

use super::files::in_home;

/// What Git's configuration says about signing.
#[derive(Clone)]
pub(super) struct Signer {
    format: String,
    key: Option<String>,
    program: Option<String>,
    default_key: Option<String>,
    committer: String,
    /// What to do where it fails.
    help: &'static str,
}

const COMMITS: &str = "try it with Git: `git commit --allow-empty -S -m try`; to sign nothing: `git -c \
                       commit.gpgSign=false strata …`";

const STATEMENTS: &str = "try it by hand: `ssh-keygen -Y sign -n try -f KEY FILE`, or name another \
                          key: `--key ~/.ssh/id_ed25519`";

/// Gives what signs commits, if Git is told to sign them.
pub(super) fn signing(repo: &Repo) -> Result<Option<Signing>> {
    if !repo.is_configured("commit.gpgSign") {
        return Ok(None);
    }
    let signer = Signer::of(repo)?;
    Ok(Some(Signing(Arc::new(move |payload| {
        signer.sign(GIT, payload)
    }))))
}

impl Signer {
    /// Reads the configuration.
    pub(super) fn of(repo: &Repo) -> Result<Self> {
        let format = repo.config("gpg.format");
        let format = format.unwrap_or_else(|| "openpgp".to_owned());
        let program = match repo.command(&format!("gpg.{format}.program"))? {
            None if format == "openpgp" => repo.command("gpg.program")?,
            program => program,
        };
        let part = |key: &str| repo.config(key).unwrap_or_default();
        Ok(Self {
            key: repo.config("user.signingKey").filter(|key| !key.is_empty()),
            program,
            default_key: repo.command("gpg.ssh.defaultKeyCommand")?,
            committer: format!("{} <{}>", part("user.name"), part("user.email")),
            format,
            help: COMMITS,
        })
    }

    /// Signs by SSH whatever Git is told to do: with this key, or else the one that Git signs
    /// commits with, if it is one of SSH.
    pub(super) fn of_statements(repo: &Repo, key: Option<String>) -> Result<Self> {
        let own = Self::of(repo)?;
        let key = match (key, own.format.as_str()) {
            (Some(key), _) => Some(key),
            (None, "ssh") => own.key,
            (None, _) => {
                return Err(
                    Error::usage("statements are signed by SSH keys, and none is named").with_help(
                        "name yours: `--key ~/.ssh/id_ed25519`, or for all that Git signs: `git \
                         config --global gpg.format ssh` and `git config --global user.signingKey \
                         ~/.ssh/id_ed25519.pub`",
                    ),
                );
            }
        };
        Ok(Self {
            key,
            program: repo.command("gpg.ssh.program")?,
            format: "ssh".to_owned(),
            help: STATEMENTS,
            ..own
        })
    }

    /// Signs some bytes for a purpose, which only SSH signatures name.
    pub(super) fn sign(&self, namespace: &str, payload: &[u8]) -> Result<String> {
        match self.format.as_str() {
            "ssh" => self.by_ssh(namespace, payload),
            "openpgp" => self.by_gpg("gpg", payload),
            "x509" => self.by_gpg("gpgsm", payload),
            other => Err(Error::usage(format!(
                "`gpg.format` is `{other}`, which is no way to sign"
            ))
            .with_help("say how: `git config gpg.format ssh`")),
        }
    }

    fn by_gpg(&self, program: &str, payload: &[u8]) -> Result<String> {
        let program = self.program.as_deref().unwrap_or(program);
        let key = self.key.as_deref().unwrap_or(&self.committer);
        let mut command = Command::new(program);
        command.args(["-bsau", key]);
        run(command, payload, program, self.help)
    }

    fn by_ssh(&self, namespace: &str, payload: &[u8]) -> Result<String> {
        let program = self.program.as_deref().unwrap_or("ssh-keygen");
        let key = self.ssh_key()?;
        let failed = |cause| Error::io("cannot write what is to be signed", cause);
        let folder = tempfile::tempdir().map_err(failed)?;
        let mut command = Command::new(program);
        command.args(["-q", "-Y", "sign", "-n", namespace, "-f"]);
        match literal(&key) {
            // The private key is held by an agent.
            Some(text) => {
                let file = folder.path().join("key");
                std::fs::write(&file, format!("{text}\n")).map_err(failed)?;
                command.arg(file).arg("-U");
            }
            None => {
                command.arg(in_home(&key));
            }
        }
        run(command, payload, program, self.help)
    }

    /// Gives the key as Git finds it: the one that is configured, or the first that a command names.
    fn ssh_key(&self) -> Result<String> {
        let nothing = || {
            Error::usage("commits are to be signed, and no key is named").with_help(
                "name yours: `git config --global user.signingKey ~/.ssh/id_ed25519.pub`",
            )
        };
        if let Some(key) = &self.key {
            return Ok(key.clone());
        }
        let command = self.default_key.as_deref().ok_or_else(nothing)?;
        let mut shell = Command::new("sh");
        shell.args(["-c", command]);
        let printed = run(shell, b"", command, self.help)?;
        let line = printed.lines().next().unwrap_or_default();
        match literal(line) {
            Some(_) => Ok(line.to_owned()),
            None => Err(nothing()),
        }
    }
}

/// Gives the public key that stands in the configuration itself, rather than in a file.
fn literal(key: &str) -> Option<&str> {
    key.strip_prefix("key::")
        .or_else(|| key.starts_with("ssh-").then_some(key))
}

/// Runs a program on some bytes; what it prints is the answer, and what it says goes to the person.
fn run(mut command: Command, input: &[u8], name: &str, help: &str) -> Result<String> {
    let failed = |what: String| {
        Error::usage(format!("`{name}` {what}, so nothing was signed or changed")).with_help(help)
    };
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|cause| failed("cannot be run".to_owned()).because(cause))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that reads nothing says why by its status.
        let _ = stdin.write_all(input);
    }
    let output = child
        .wait_with_output()
        .map_err(|cause| failed("cannot be heard".to_owned()).because(cause))?;
    let text = String::from_utf8(output.stdout).unwrap_or_default();
    match output.status.success() && !text.trim().is_empty() {
        true => Ok(text),
        false => Err(failed(format!("failed ({})", output.status))),
    }
}
