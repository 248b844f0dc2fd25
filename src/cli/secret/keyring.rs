use std::path::PathBuf;
use std::sync::Mutex;

use clap::Subcommand;
use indexmap::IndexMap;
use strata::ops::secret::{KeyringChange, change_keyring};
use strata::seal::{Recipient, new_identity};
use strata::{Error, Result};

use crate::cli::context::{Context, say};
use crate::cli::files::new_private_file;
use crate::cli::identities::{IdentityArgs as Identities, ask};
use crate::cli::set::{Way, change_branches, only};

/// Make a private key of your own
///
/// Prints the public key, which others may know. Whoever has the private one can read what is
/// sealed for it: it is written to a new file that only you can read.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret identity --to ~/.config/strata/key.txt
  git config --global strata.identityFile ~/.config/strata/key.txt")]
pub(super) struct IdentityArgs {
    /// The file to write the private key to; it must not be there yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

pub(super) fn identity(args: &IdentityArgs, context: &mut Context) -> Result<u8> {
    let (recipient, secret) = new_identity();
    let file = context.path(&args.to);
    new_private_file(&file, secret.expose().as_bytes())?;
    context.text(format!("{recipient}\n").as_bytes())
}

/// Make a keyring, and change who can read its secrets
///
/// All of it is one commit, on the branch one stands on or, with --on, on the one that an
/// environment lives on.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret keyring new prod --member ann=age1… --env prod
  git strata secret keyring add prod bob=age1…
  git strata secret keyring remove prod bob")]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a keyring
    New {
        /// Its name
        name: String,
        /// Somebody who can read its secrets, with their public key (age1… or ssh-ed25519 …)
        #[arg(long, short, value_name = "NAME=KEY", required = true)]
        member: Vec<String>,
        /// An environment that its secrets are for [default: any]
        #[arg(long, short, value_name = "ENVIRONMENT")]
        env: Vec<String>,
        /// A key that its secrets may stand at, with `*` for any one part [default: any]
        #[arg(long, short, value_name = "KEY")]
        key: Vec<String>,
        #[command(flatten)]
        how: How,
    },
    /// Let others read its secrets, too
    Add {
        /// The keyring
        name: String,
        /// Who, with their public key
        #[arg(value_name = "NAME=KEY", required = true)]
        members: Vec<String>,
        #[command(flatten)]
        how: How,
    },
    /// Let somebody no longer read its secrets
    ///
    /// A new key is made, and what stands in the files is sealed with it. What stands in the
    /// history stays readable to them: the secrets that are to be changed where they are used are
    /// listed.
    Remove {
        /// The keyring
        name: String,
        /// Who
        #[arg(value_name = "NAME", required = true)]
        members: Vec<String>,
        #[command(flatten)]
        how: How,
    },
    /// Make a new key, and seal with it what stands in the files
    Rotate {
        /// The keyring
        name: String,
        #[command(flatten)]
        how: How,
    },
}

#[derive(clap::Args)]
struct How {
    /// On the branch that this environment lives on
    #[arg(long, value_name = "ENVIRONMENT")]
    on: Option<String>,
    /// What the commit says [default: what is done]
    #[arg(long, short = 'M', value_name = "MESSAGE")]
    message: Option<String>,
    /// Show what would change, and commit nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    identity: Identities,
}

pub(super) fn run(args: Args, context: &mut Context) -> Result<u8> {
    let (name, change, how, title) = match args.verb {
        Verb::New {
            name,
            member,
            env,
            key,
            how,
        } => {
            let title = format!("secrets: make the keyring {name}");
            let change = KeyringChange::New {
                members: members(&member)?,
                environments: env,
                keys: key,
            };
            (name, change, how, title)
        }
        Verb::Add {
            name,
            members: who,
            how,
        } => {
            let members = members(&who)?;
            let names: Vec<_> = members.keys().cloned().collect();
            let title = format!("secrets: let {} read those of {name}", names.join(", "));
            (name, KeyringChange::Add(members), how, title)
        }
        Verb::Remove { name, members, how } => {
            let who = members.join(", ");
            let title = format!("secrets: let {who} no longer read those of {name}");
            (name, KeyringChange::Remove(members), how, title)
        }
        Verb::Rotate { name, how } => {
            let title = format!("secrets: renew the key of {name}");
            (name, KeyringChange::Rotate, how, title)
        }
    };
    let way = Way {
        dry_run: how.dry_run,
        patch: false,
        message: how.message.clone().unwrap_or(title),
    };
    let identities = how.identity.read(context)?;
    let ask = ask(context);
    let exposed = Mutex::new(Vec::new());
    let plans = change_branches(context, &way, &|repo, configuration| {
        let on = how.on.as_deref();
        let (plan, places) =
            change_keyring(repo, configuration, on, &name, &change, &identities, &ask)?;
        if let Ok(mut exposed) = exposed.lock() {
            *exposed = places;
        }
        Ok(vec![plan])
    })?;
    let status = way.answer(context, "set", plans, only)?;
    let exposed = exposed.into_inner().unwrap_or_default();
    if !exposed.is_empty() && !context.global.quiet {
        say("change these where they are used, since who is out could read them:\n");
        for (path, pointer) in exposed {
            say(&format!("  {} in {path}\n", pointer.dotted()));
        }
    }
    Ok(status)
}

fn members(texts: &[String]) -> Result<IndexMap<String, Recipient>> {
    let mut members = IndexMap::new();
    for text in texts {
        let (name, key) = text.split_once('=').ok_or_else(|| {
            Error::usage("a member has a name and a public key")
                .with_help("write both: `--member ann=age1…`")
        })?;
        let name = name.trim();
        if name.is_empty() {
            return Err(
                Error::usage("a member needs a name").with_help("write one: `--member ann=age1…`")
            );
        }
        members.insert(name.to_owned(), key.parse()?);
    }
    Ok(members)
}
