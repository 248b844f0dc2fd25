use strata::Result;
use strata::ops::promote::{self, Promotion};
use strata::text::Pointer;

use super::context::Context;
use super::set::{Way, change_branches, only};

/// Carry values from one environment over to the next
///
/// What was changed upstream and not yet downstream is set downstream, in the layer that sets it,
/// in one commit on the environment's branch; comments stay. Values are carried over, and not
/// commits, so that it does not matter whether environments are branches or folders. Differences
/// that are meant stay, and so do those that were made downstream. All services are validated; if
/// one becomes invalid, nothing is changed.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata promote staging prod --dry-run
  git strata promote staging prod --service catalog -m 'the new page size'
  git strata promote staging prod --path cache.ttl_s --all -m 'as decided'")]
pub(crate) struct Args {
    /// The environment whose values are taken
    from: String,
    /// The environment that is changed
    to: String,
    /// Only this service
    #[arg(long, short, value_name = "SERVICE")]
    service: Option<String>,
    /// Only what stands at or below this key
    #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true, value_parser = super::drift::parse_key)]
    path: Pointer,
    /// Take values, too, that were changed downstream, or on both sides
    #[arg(long)]
    all: bool,
    /// What the commit says [default: promote FROM to TO]
    #[arg(long, short, value_name = "MESSAGE")]
    message: Option<String>,
    /// Show what would change, and commit nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the change as a patch for `git apply`, and commit nothing
    #[arg(long, conflicts_with = "dry_run")]
    patch: bool,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    context.progress("comparing environments");
    let title = format!("promote {} to {}", args.from, args.to);
    let message = args.message.filter(|message| !message.trim().is_empty());
    let promotion = Promotion {
        from: args.from,
        to: args.to,
        service: args.service,
        path: args.path,
        all: args.all,
        today: Some(context.today()),
    };
    let way = Way {
        dry_run: args.dry_run,
        patch: args.patch,
        message: message.unwrap_or(title),
    };
    let plans = change_branches(context, &way, &|repo, configuration| {
        Ok(vec![promote::promote(repo, configuration, &promotion)?])
    })?;
    way.answer(context, "promote", plans, only)
}
