use std::process::Command;

use strata::ops::secret::variables;
use strata::text::KeyPattern;
use strata::{Error, Result};

use super::{Place, vault};
use crate::cli::access::{Shown, revealed};
use crate::cli::context::Context;
use crate::cli::identities::IdentityArgs;

/// Run a command with the secrets in its environment
///
/// database.password becomes DATABASE_PASSWORD. Nothing is written to disk. The exit status is the
/// command's.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret exec --env prod --service payments -- ./migrate
  git strata secret exec --env prod --only 'database.*' --prefix APP_ -- env")]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// All values at or below this key, secrets or not, and nothing else
    #[arg(long, value_name = "KEY")]
    only: Vec<String>,
    /// What every name begins with
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    prefix: String,
    #[command(flatten)]
    identity: IdentityArgs,
    /// The command
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

pub(super) fn run(args: &Args, context: &mut Context) -> Result<u8> {
    let configuration = context.configuration()?;
    let target = configuration.target(args.place.env.as_deref(), args.place.service.as_deref())?;
    let resolved = configuration.resolve(&target)?;
    let tree = configuration.tree(args.place.env.as_deref())?;
    let schemas = configuration.schemas(&tree, &target)?;
    let vault = vault(context, &configuration, &target, &args.identity)?;
    let mut only = Vec::new();
    for key in &args.only {
        only.push(key.parse::<KeyPattern>().map_err(|error| {
            Error::usage(format!("`{key}` is no key: {error}"))
                .with_help("write it dotted, with `*` for any one part: `database.*`")
        })?);
    }
    let variables = variables(&resolved, &schemas, &vault, &only, &args.prefix)?;
    let Some((program, rest)) = args.command.split_first() else {
        return Err(Error::usage("there is no command").with_help("name it behind `--`"));
    };
    let shown = Shown {
        environment: args.place.env.as_deref(),
        service: args.place.service.as_deref(),
    };
    revealed(context, "secret exec", &vault, &shown)?;
    let mut command = Command::new(program);
    command.args(rest);
    // Who runs need not know who can open.
    command.env_remove("STRATA_IDENTITY_FILE");
    for (name, secret) in &variables {
        command.env(name, secret.expose());
    }
    let status = command.status().map_err(|cause| {
        Error::io(format!("`{program}` cannot be run"), cause)
            .with_help("name a program that is there, behind `--`")
    })?;
    Ok(status_of(status))
}

/// Gives the exit status as a shell has it: 128 and the signal, where one ended the command.
fn status_of(status: std::process::ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1)
}
