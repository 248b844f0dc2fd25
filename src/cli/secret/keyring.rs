use std::path::PathBuf;
use std::sync::Mutex;

use bstr::BString;
use clap::Subcommand;
use indexmap::IndexMap;
use strata::ops::secret::{Hand, KeyringChange, KeyringPlan, change_keyring};
use strata::seal::{Recipient, new_identity};
use strata::text::Pointer;
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
        #[arg(long, value_name = "NAME=KEY", required = true)]
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
    /// The members that strata.yaml lists are right: for a keyring of an earlier version, whose file
    /// does not say who they are
    #[arg(long)]
    confirm_members: bool,
    /// What the commit says [default: what is done]
    #[arg(long, short, value_name = "MESSAGE")]
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
    let hand = Hand {
        identities: &identities,
        ask: &ask,
        confirmed: how.confirm_members,
    };
    let left = Mutex::new(None);
    let plans = change_branches(context, &way, &|repo, configuration| {
        let on = how.on.as_deref();
        let done = change_keyring(repo, configuration, on, &name, &change, &hand)?;
        let KeyringPlan {
            plan,
            exposed,
            by_hand,
            elsewhere,
        } = done;
        if let Ok(mut left) = left.lock() {
            let is_to_be_made = plan.findings.is_empty();
            *left = is_to_be_made.then_some((exposed, by_hand, elsewhere));
        }
        Ok(vec![plan])
    })?;
    let status = way.answer(context, "set", plans, only)?;
    let left = left.into_inner().unwrap_or_default();
    if let Some((exposed, by_hand, elsewhere)) = left.filter(|_| !context.global.quiet) {
        tell_exposed(&exposed);
        if !by_hand.is_empty() {
            say("these are sealed for others, too, and are to be sealed anew by hand:\n");
            by_hand.iter().for_each(|path| say(&format!("  {path}\n")));
        }
        for it in elsewhere {
            say(&format!("{}\n", it.told(&name, &change)));
        }
    }
    Ok(status)
}

/// Tells what must be changed where it is used.
fn tell_exposed(exposed: &[(BString, Pointer)]) {
    if exposed.is_empty() {
        return;
    }
    say("change these where they are used, since who is out could read them:\n");
    for (path, pointer) in exposed {
        match pointer.is_root() {
            true => say(&format!("  {path}\n")),
            false => say(&format!("  {} in {path}\n", pointer.dotted())),
        }
    }
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
        if members.insert(name.to_owned(), key.parse()?).is_some() {
            return Err(Error::usage(format!("`{name}` is named twice"))
                .with_help("give each member one key"));
        }
    }
    Ok(members)
}
