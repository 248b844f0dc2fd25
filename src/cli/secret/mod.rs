//! Secrets: keyrings, what is sealed with them, and what is done with it.

mod edit;
mod exec;
mod history;
mod keyring;
mod private;
mod rotate;
mod scan;
mod seal;
mod sops;

use clap::Subcommand;
use strata::config::{Configuration, Name, Target};
use strata::ops::secret;
use strata::{Result, ops};

use super::context::Context;
use super::identities::IdentityArgs;

/// Secrets, sealed where they stand
///
/// A secret is sealed with age, the value by itself: the key beside it stays readable, two people's
/// changes of two secrets merge, and whoever may write need not be able to read. A keyring says who
/// can read: its members' public keys stand in strata.yaml, its own private key in
/// keyrings/NAME.age, sealed for each of them. A sealed value opens only where it was sealed for.
///
/// What seals commits, as `set` does. Only the reading of secrets is enforced by cryptography.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret identity --to ~/.config/strata/key.txt
  git strata secret keyring new prod --member ann=age1… --env prod
  git strata secret seal database.password --env prod -m 'seal the password'
  git strata get database.password --env prod --reveal
  git strata secret exec --env prod -- ./migrate")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Identity(keyring::IdentityArgs),
    Keyring(keyring::Args),
    Recipients(RecipientsArgs),
    Seal(seal::Args),
    Open(edit::OpenArgs),
    Edit(edit::Args),
    Rotate(rotate::Args),
    Adopt(seal::AdoptArgs),
    Exec(exec::Args),
    Scan(scan::Args),
    Age(history::AgeArgs),
    History(history::Args),
    Import(sops::ImportArgs),
    Export(sops::ExportArgs),
}

/// Who can read which secrets
///
/// Lists the keyrings with their members, what they are for, and how many values are sealed with
/// each.
#[derive(clap::Args)]
struct RecipientsArgs {
    /// As the branch of this environment has it
    #[arg(long, short, value_name = "ENVIRONMENT")]
    env: Option<String>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    match args.verb {
        Verb::Identity(args) => keyring::identity(&args, context),
        Verb::Keyring(args) => keyring::run(args, context),
        Verb::Recipients(args) => {
            let configuration = context.configuration()?;
            let tree = configuration.tree(args.env.as_deref())?;
            let report = secret::recipients(&configuration, &tree)?;
            context.answer("secret", &report, ops::NO_RULES)
        }
        Verb::Seal(args) => seal::run(args, context),
        Verb::Open(args) => edit::open(&args, context),
        Verb::Edit(args) => edit::run(&args, context),
        Verb::Rotate(args) => rotate::run(&args, context),
        Verb::Adopt(args) => seal::adopt(&args, context),
        Verb::Exec(args) => exec::run(&args, context),
        Verb::Scan(args) => scan::run(args, context),
        Verb::Age(args) => history::age(&args, context),
        Verb::History(args) => history::run(&args, context),
        Verb::Import(args) => sops::import(&args, context),
        Verb::Export(args) => sops::export(&args, context),
    }
}

/// Where a value is looked for.
#[derive(clap::Args)]
struct Place {
    /// For this environment alone
    #[arg(
        long,
        short,
        value_name = "ENVIRONMENT",
        env = "STRATA_ENV",
        hide_env = true
    )]
    env: Option<String>,
    /// For this service alone
    #[arg(
        long,
        short,
        value_name = "SERVICE",
        env = "STRATA_SERVICE",
        hide_env = true
    )]
    service: Option<String>,
}

/// Makes what opens secrets, for a target.
fn vault(
    context: &Context,
    configuration: &Configuration,
    target: &Target,
    identity: &IdentityArgs,
) -> Result<strata::config::Vault> {
    let tree = configuration.tree(target.name(Name::Environment))?;
    configuration.vault(&tree, identity.read(context)?)
}
