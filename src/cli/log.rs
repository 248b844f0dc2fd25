use strata::ops;
use strata::text::Pointer;
use strata::{Error, Result};

use super::context::Context;
use super::read::TargetArgs;

/// List the commits that changed a value: from what to what, by whom
///
/// The value is the resolved one, of an environment and a service, whatever layer sets it: a
/// commit that changes a layer and not the value is left out. Environments that live on a branch
/// are followed there.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata log cache.ttl_s --env prod --service catalog
  git strata log database.pool -n 1
  git strata log http --env staging --format json")]
pub(crate) struct Args {
    /// The key
    #[arg(value_parser = super::drift::parse_key)]
    key: Pointer,
    #[command(flatten)]
    target: TargetArgs,
    /// At most so many
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = usize::MAX, hide_default_value = true)]
    number: usize,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    context.progress("reading the history");
    if context.global.staged {
        return Err(Error::usage("the index has no history")
            .with_help("leave `--staged` out; `--rev` names where to begin"));
    }
    let repo = context.repo()?;
    let configuration = context.configuration()?;
    let target =
        configuration.target(args.target.env.as_deref(), args.target.service.as_deref())?;
    let lives = args
        .target
        .env
        .as_ref()
        .and_then(|name| configuration.manifest().environments.get(name))
        .and_then(|environment| environment.reference.clone());
    let begin = context.global.rev.clone().or(lives);
    let tip = repo.revision(begin.as_deref().unwrap_or("HEAD"))?.id;
    let report = ops::log::log(&repo, &configuration, &target, tip, &args.key, args.number)?;
    context.answer("log", &report, ops::NO_RULES)
}
