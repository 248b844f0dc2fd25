use std::time::{SystemTime, UNIX_EPOCH};

use strata::ops::secret::sops::{self, SealedComments};
use strata::ops::secret::{sealed_for, trusted};
use strata::seal::Recipient;
use strata::{Error, Result};

use super::edit::{no_file, read, root};
use crate::cli::access::{Shown, revealed};
use crate::cli::context::{Context, say};
use crate::cli::files::replace_file;
use crate::cli::identities::{IdentityArgs, ask};

/// Take a SOPS file over
///
/// Prints the file with every value that SOPS sealed sealed for its place here, with a keyring;
/// with --write, replaces it. SOPS files can be read as layers as they are; taken over, two
/// people's changes of two secrets no longer meet in one MAC.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret import config/prod.yaml --keyring prod --write")]
pub(super) struct ImportArgs {
    /// The file, from the root of the repository
    file: String,
    /// The keyring to seal with
    #[arg(long, value_name = "NAME")]
    keyring: String,
    /// Write comments in plain that SOPS sealed; else they are left out
    #[arg(long)]
    open_comments: bool,
    /// Replace the file
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    identity: IdentityArgs,
}

pub(super) fn import(args: &ImportArgs, context: &mut Context) -> Result<u8> {
    let identities = args.identity.read(context)?;
    let configuration = context.configuration()?;
    let tree = configuration.here();
    let keyrings = configuration.keyrings(tree)?;
    let names = keyrings.keys().map(String::as_str);
    let (name, keyring) = keyrings.get_key_value(&args.keyring).ok_or_else(|| {
        Error::not_found(format!("there is no keyring `{}`", args.keyring))
            .with_names(&args.keyring, names)
    })?;
    let comments = match args.open_comments {
        true => SealedComments::Open,
        false => SealedComments::Drop,
    };
    if let Some(repo) = context.repo_if_any()? {
        trusted(&repo, &configuration, tree, (name, keyring))?;
    }
    let file = read(tree, &args.file)?;
    let path = bstr::BString::from(args.file.as_str());
    let to = (name.as_str(), keyring);
    let done = sops::import(&file, path.as_ref(), &identities, to, comments)?;
    sealed_for(&configuration, tree, &path, to, &done.sealed)?;
    if done.comments > 0 && !args.open_comments {
        say(&format!(
            "{} comments that were sealed are left out; `--open-comments` writes them in plain\n",
            done.comments
        ));
    }
    if !args.write {
        return context.text(done.text.as_bytes());
    }
    replace_file(&root(context)?.join(&args.file), done.text.as_bytes())?;
    let count = done.sealed.len();
    context.text(format!("written: {}, sealed values: {count}\n", args.file).as_bytes())
}

/// Write a file for SOPS
///
/// Prints the file as a SOPS file that these recipients can open. The secrets are sealed by the
/// names of their keys; SOPS leaves empty texts and nulls in plain.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret export config/prod.yaml --sops --to age1… -o prod.sops.yaml")]
pub(super) struct ExportArgs {
    /// The file, from the root of the repository
    file: String,
    /// In the form of SOPS
    #[arg(long, required = true)]
    sops: bool,
    /// Who can open it: a public key
    #[arg(long, value_name = "KEY", required = true)]
    // Read later than by clap, which would show a private key given by mistake.
    to: Vec<String>,
    #[command(flatten)]
    identity: IdentityArgs,
}

pub(super) fn export(args: &ExportArgs, context: &mut Context) -> Result<u8> {
    let to = args.to.iter().map(|key| key.parse());
    let to = to.collect::<Result<Vec<Recipient>>>()?;
    let identities = args.identity.read(context)?;
    let configuration = context.configuration()?;
    let tree = configuration.here();
    let vault = configuration.vault(tree, identities)?;
    let path = bstr::BString::from(args.file.as_str());
    let file = tree
        .file(path.as_ref())?
        .ok_or_else(|| no_file(&args.file))?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0));
    let done = sops::export(&file, &vault, &to, now, &ask(context))?;
    revealed(context, "secret export", &vault, &Shown::default())?;
    context.text(done.text.as_bytes())
}
