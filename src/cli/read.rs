use strata::config::Vault;
use strata::ops::{self, read, trace};
use strata::{Error, Result};

use super::access::{Shown, revealed};
use super::context::Context;
use super::identities::RevealArgs;

/// Read one resolved value
///
/// Prints the value and nothing else; a map or list is printed as YAML. The key is dotted
/// (database.pool) or a JSON Pointer (/database/pool); quote a key that holds a dot
/// ('labels."app.kubernetes.io/name"').
/// A secret is shown as `<sealed>` (or *** where it is not sealed) unless --reveal asks for it.
#[derive(clap::Args)]
pub(crate) struct GetArgs {
    /// The key
    key: String,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    reveal: RevealArgs,
}

/// Show the whole resolved configuration, and where each value comes from
///
/// Every value stands with the file and line that set it, and with those that it overrides; with
/// --blame, also with the commit that put it there. Secrets are shown as `<sealed>` (or *** where
/// they are not sealed) unless --reveal asks for them.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata show --env prod --service cart
  git strata show database --env prod
  git strata show database --env prod --blame
  git strata show database.pool --explain --env prod --service cart")]
pub(crate) struct ShowArgs {
    /// Only what stands at or below this key
    #[arg(default_value = "")]
    key: String,
    /// Tell of one key what each layer has to say about it, in order
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    target: TargetArgs,
    /// Tell of each value which commit put it into its file, when, and who wrote it
    #[arg(long, conflicts_with = "explain")]
    blame: bool,
    #[command(flatten)]
    reveal: RevealArgs,
}

#[derive(clap::Args)]
pub(super) struct TargetArgs {
    /// The environment
    #[arg(
        long,
        short,
        value_name = "ENVIRONMENT",
        env = "STRATA_ENV",
        hide_env = true
    )]
    pub(super) env: Option<String>,
    /// The service
    #[arg(
        long,
        short,
        value_name = "SERVICE",
        env = "STRATA_SERVICE",
        hide_env = true
    )]
    pub(super) service: Option<String>,
}

impl TargetArgs {
    /// Notes that a command shows what a vault opened for this target.
    fn revealed(&self, context: &Context, command: &str, vault: Option<&Vault>) -> Result<()> {
        let shown = Shown {
            environment: self.env.as_deref(),
            service: self.service.as_deref(),
        };
        vault.map_or(Ok(()), |vault| revealed(context, command, vault, &shown))
    }
}

pub(crate) fn get(args: GetArgs, context: &mut Context) -> Result<u8> {
    let configuration = context.configuration()?;
    let target =
        configuration.target(args.target.env.as_deref(), args.target.service.as_deref())?;
    let vault = args.reveal.vault(context, &configuration, &target)?;
    let report = read::get(&configuration, &target, &args.key, vault.as_ref())?;
    args.target.revealed(context, "get", vault.as_ref())?;
    context.answer("get", &report, ops::NO_RULES)
}

pub(crate) fn show(args: ShowArgs, context: &mut Context) -> Result<u8> {
    let configuration = context.configuration()?;
    let target =
        configuration.target(args.target.env.as_deref(), args.target.service.as_deref())?;
    if args.explain {
        if args.key.is_empty() {
            return Err(Error::usage("`--explain` is about one key")
                .with_help("name it: `git strata show database.pool --explain`"));
        }
        let report = trace::trace(&configuration, &target, &args.key)?;
        return context.answer("trace", &report, ops::NO_RULES);
    }
    let vault = args.reveal.vault(context, &configuration, &target)?;
    let mut report = read::show(&configuration, &target, &args.key, vault.as_ref())?;
    args.target.revealed(context, "show", vault.as_ref())?;
    if args.blame {
        super::blame::resolved(&configuration, &args.target, &mut report, context)?;
    }
    context.answer("show", &report, ops::NO_RULES)
}
