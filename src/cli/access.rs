//! What goes to the access log, and when that keeps a command from going on.

use strata::config::Vault;
use strata::git::Repo;
use strata::ops::access::{self, Doing, Event};
use strata::report::{Finding, Severity};
use strata::{Error, ErrorKind, Result};

use super::context::{Context, say};
use super::identity;

/// The setting of Git's configuration.
const SETTING: &str = "strata.accessLog";

/// Whether the log is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Off,
    /// Where it can be; a person hears where it cannot.
    On,
    /// Or else nothing is shown or decided.
    Required,
}

/// What secrets are shown for.
#[derive(Default)]
pub(super) struct Shown<'a> {
    /// The environment.
    pub(super) environment: Option<&'a str>,
    /// The service.
    pub(super) service: Option<&'a str>,
}

/// Notes that a command shows what a vault opened. To be called before anything is shown.
pub(super) fn revealed(
    context: &Context,
    command: &str,
    vault: &Vault,
    shown: &Shown<'_>,
) -> Result<()> {
    secrets(context, command, vault.seen(), shown)
}

/// Notes that a command shows secrets, by their names.
pub(super) fn secrets(
    context: &Context,
    command: &str,
    secrets: Vec<String>,
    shown: &Shown<'_>,
) -> Result<()> {
    if secrets.is_empty() {
        return Ok(());
    }
    let settings = match context.repo_with_user_config() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        settings => settings?,
    };
    let event = Event::Revealed {
        secrets,
        environment: shown.environment.map(str::to_owned),
        service: shown.service.map(str::to_owned),
        revision: context.global.rev.clone(),
    };
    note(&settings, context.global.quiet, command, vec![event])
}

/// Says what was decided about moving a branch from one commit to another.
pub(super) fn decision(
    reference: Option<&str>,
    [base, tip]: [Option<String>; 2],
    findings: &[Finding],
) -> Event {
    let against = findings.iter().filter(|it| it.severity == Severity::Error);
    let mut rules: Vec<String> = against.map(|it| it.rule.id.to_owned()).collect();
    rules.sort();
    rules.dedup();
    Event::Decided {
        reference: reference.map(str::to_owned),
        base,
        tip,
        allowed: rules.is_empty(),
        rules,
    }
}

/// Notes what happened, as far as Git's configuration, the user's own too, asks for it.
pub(super) fn note(repo: &Repo, is_quiet: bool, command: &str, events: Vec<Event>) -> Result<()> {
    let mode = mode(repo)?;
    if mode == Mode::Off {
        return Ok(());
    }
    let doing = Doing {
        time: identity::now(),
        who: identity::name(repo),
        user: identity::user(),
        command: command.to_owned(),
    };
    match (access::record(repo, &doing, events), mode) {
        (Ok(()), _) => Ok(()),
        (Err(error), Mode::Required) => Err(error),
        (Err(error), _) => {
            if !is_quiet {
                say(&format!("warning: {error}\n"));
            }
            Ok(())
        }
    }
}

fn mode(repo: &Repo) -> Result<Mode> {
    let Some(text) = repo.config(SETTING) else {
        return Ok(Mode::On);
    };
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "" => Ok(Mode::On),
        "false" | "no" | "off" | "0" => Ok(Mode::Off),
        "required" => Ok(Mode::Required),
        _ => Err(Error::usage(format!(
            "`{SETTING}` is none of true, false and required: `{text}`"
        ))
        .with_help(format!("say one: `git config {SETTING} required`"))),
    }
}
