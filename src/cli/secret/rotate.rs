//! New values for what is sealed.

use std::process::{Command, Stdio};
use std::sync::Mutex;

use strata::ops::secret::{self, Sealing};
use strata::seal::{Secret, Token};
use strata::text::Pointer;
use strata::{Error, Result};

use super::Place;
use super::seal::{How, without_line_end};
use crate::cli::context::{Context, say, say_error};
use crate::cli::drift::parse_key;
use crate::cli::set::{Way, change_branches, committable, only};

/// Change secrets, each to what a command says
///
/// For each key the command is run, with the key in STRATA_KEY and the environment and service in
/// STRATA_ENV and STRATA_SERVICE; what it prints is the new value (its last line break left out).
/// It is the place to change the secret where it is used. All new values are sealed in one commit,
/// with the keyrings that the old ones were sealed with. Where a command fails, that value stays as
/// it was, the others are sealed all the same, and the exit status is 1.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret rotate database.password --env prod --with './new-password'
  git strata secret rotate --all --env prod --with 'openssl rand -hex 24'
  git strata secret keyring rotate prod        (a new key for the same values)")]
pub(super) struct Args {
    /// The keys
    #[arg(required_unless_present = "all", value_parser = parse_key)]
    keys: Vec<Pointer>,
    /// Every sealed value of the environment and service
    #[arg(long, conflicts_with = "keys")]
    all: bool,
    #[command(flatten)]
    place: Place,
    /// The command that prints a new value, for the shell
    #[arg(long, value_name = "COMMAND")]
    with: String,
    #[command(flatten)]
    how: How,
}

pub(super) fn run(args: &Args, context: &mut Context) -> Result<u8> {
    let configuration = context.configuration()?;
    let (env, service) = (args.place.env.as_deref(), args.place.service.as_deref());
    let target = configuration.target(env, service)?;
    let resolved = configuration.resolve(&target)?;
    let keys = match args.all {
        true => resolved.all_sealed(),
        false => args.keys.clone(),
    };
    if keys.is_empty() {
        return Err(Error::not_found(format!("nothing is sealed for {target}"))
            .with_help("seal a value first: `git strata secret seal KEY`"));
    }
    let keyrings = configuration.keyrings(&configuration.tree(env)?)?;
    let mut wanted = Vec::with_capacity(keys.len());
    for key in keys {
        let dotted = key.dotted();
        let sealed = resolved.sealed(&key).ok_or_else(|| {
            Error::not_found(format!("nothing is sealed at `{dotted}` for {target}"))
                .with_help(format!("seal it: `git strata secret seal {dotted}`"))
        })?;
        // The members of its own keyring read it, and nobody else.
        let token = Token::parse(sealed.text).ok();
        let own = token.map(|token| token.keyring().to_owned());
        let sealing = Sealing {
            environment: args.place.env.clone(),
            service: args.place.service.clone(),
            layer: Some(sealed.document.to_string()),
            key: sealed.pointer,
            secret: Secret::text("(a new value)"),
            keyring: own.filter(|own| keyrings.contains_key(own)),
        };
        wanted.push((dotted, sealing));
    }
    // What would refuse the new values must do so before a command makes any.
    let all: Vec<Sealing> = wanted.iter().map(|(_, it)| it.clone()).collect();
    let way = args.how.way(title(&all));
    let tried = Way {
        dry_run: true,
        patch: false,
        message: way.message.clone(),
    };
    let plans = change_branches(context, &tried, &|repo, configuration| {
        Ok(vec![secret::seal(repo, configuration, &all)?])
    })?;
    if way.dry_run || plans.iter().any(|plan| !plan.findings.is_empty()) {
        return tried.answer(context, "set", plans, only);
    }
    committable(context, &way)?;
    let (mut sealings, mut failed) = (Vec::new(), Vec::new());
    for (dotted, mut sealing) in wanted {
        match printed(&args.with, &dotted, env, service) {
            Ok(secret) => {
                sealing.secret = secret;
                sealings.push(sealing);
            }
            Err(why) => failed.push(why),
        }
    }
    if sealings.is_empty()
        && let Some(first) = failed.pop()
    {
        failed.iter().for_each(|why| tell(why, context));
        return Err(first);
    }
    let way = args.how.way(title(&sealings));
    let patch = Mutex::new(String::new());
    let made = change_branches(context, &way, &|repo, configuration| {
        let plan = secret::seal(repo, configuration, &sealings)?;
        if let Ok(mut patch) = patch.lock() {
            plan.patch.clone_into(&mut patch);
        }
        Ok(vec![plan])
    });
    let lost = match &made {
        Ok(plans) => plans.iter().any(|plan| !plan.findings.is_empty()),
        Err(_) => true,
    };
    let patch = patch.into_inner().unwrap_or_default();
    if lost && !patch.is_empty() {
        // They may be in use already, and are sealed: nobody reads them here.
        say(&format!(
            "the new values are not committed; sealed, they are this, for `git apply`:\n{patch}"
        ));
    }
    let status = way.answer(context, "set", made?, only)?;
    failed.iter().for_each(|why| tell(why, context));
    Ok(status.max(u8::from(!failed.is_empty())))
}

fn title(sealings: &[Sealing]) -> String {
    let names: Vec<String> = sealings.iter().map(|it| it.key.dotted()).collect();
    format!("secrets: rotate {}", names.join(", "))
}

fn tell(why: &Error, context: &Context) {
    say_error(why, context.colour_errors(), context.global.verbose);
}

/// Runs the command that prints a new value.
fn printed(command: &str, key: &str, env: Option<&str>, service: Option<&str>) -> Result<Secret> {
    let mut shell = match cfg!(windows) {
        true => Command::new("cmd"),
        false => Command::new("sh"),
    };
    shell.args([if cfg!(windows) { "/C" } else { "-c" }, command]);
    shell.env("STRATA_KEY", key);
    shell.env("STRATA_ENV", env.unwrap_or_default());
    shell.env("STRATA_SERVICE", service.unwrap_or_default());
    shell.stdin(Stdio::null()).stderr(Stdio::inherit());
    let failed = |what: String| {
        Error::usage(format!(
            "the command for `{key}` {what}; it stays as it was"
        ))
        .with_help("run it by itself to see why")
    };
    let output = shell
        .output()
        .map_err(|cause| failed("cannot be run".to_owned()).because(cause))?;
    if !output.status.success() {
        return Err(failed(format!("failed ({})", output.status)));
    }
    let text = String::from_utf8(output.stdout)
        .map_err(|_| failed("printed what is no text".to_owned()))?;
    let text = without_line_end(text);
    match text.is_empty() {
        true => Err(failed("printed nothing".to_owned())),
        false => Ok(Secret::text(text)),
    }
}
