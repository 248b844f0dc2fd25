use strata::ops::secret;
use strata::text::Pointer;
use strata::{Result, ops};

use super::Place;
use crate::cli::context::Context;
use crate::cli::drift::parse_key;

/// How old secrets are
///
/// Lists the sealed values with the day on which each was sealed, the oldest first. Where the
/// schema says x-rotate-after (90 days, 12 weeks, 6 months), older ones are warned of. A new key of
/// the keyring makes no secret new.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret age
  git strata secret age --env prod --fail-on warning")]
pub(super) struct AgeArgs {
    /// Only what this environment is made of
    #[arg(
        long,
        short,
        value_name = "ENVIRONMENT",
        env = "STRATA_ENV",
        hide_env = true
    )]
    env: Option<String>,
}

pub(super) fn age(args: &AgeArgs, context: &mut Context) -> Result<u8> {
    context.progress("reading the history");
    let repo = context.repo()?;
    let configuration = context.configuration()?;
    let tree = configuration.tree(args.env.as_deref())?;
    let names = configuration.manifest().environment_names();
    let environments: Vec<Option<&str>> = match &args.env {
        Some(name) => vec![Some(name)],
        None => names.map(Some).chain([None]).collect(),
    };
    let today = context.today();
    let report = secret::ages(&repo, &configuration, &tree, &environments, today)?;
    context.answer("secret-age", &report, secret::RULES)
}

/// The versions of a secret
///
/// Lists the commits that sealed a new value at a key; nothing is opened. With --at, says which
/// version was in force at a revision.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret history database.password --env prod
  git strata secret history database.password --env prod --at v1.2.0")]
pub(super) struct Args {
    /// The key
    #[arg(value_parser = parse_key)]
    key: Pointer,
    #[command(flatten)]
    place: Place,
    /// A revision, such as the tag of a release
    #[arg(long, value_name = "REVISION")]
    at: Option<String>,
}

pub(super) fn run(args: &Args, context: &mut Context) -> Result<u8> {
    let repo = context.repo()?;
    let configuration = context.configuration()?;
    let place = &args.place;
    let target = configuration.target(place.env.as_deref(), place.service.as_deref())?;
    let report = secret::history(
        &repo,
        &configuration,
        &target,
        &args.key,
        args.at.as_deref(),
    )?;
    context.answer("secret-history", &report, ops::NO_RULES)
}
