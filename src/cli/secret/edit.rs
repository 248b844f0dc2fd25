use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use strata::config::{ParsedFile, Snapshot};
use strata::ops::secret::{Editing, open_text, trusted};
use strata::seal::{Identities, Refused, Zeroizing, is_sealed_file, open_file_asking};
use strata::{Error, Result};

use super::private::PrivateFile;
use crate::cli::access::{Shown, revealed, secrets};
use crate::cli::context::{Context, say, say_error};
use crate::cli::files::replace_file;
use crate::cli::identities::{IdentityArgs, ask};

/// Print a file with its secrets opened
///
/// Comments and order stay. Nothing is written but the answer; -o writes it to a file that only you
/// can read, and that Git does not keep. A file that age sealed as a whole (NAME.age) is opened as a
/// whole.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret open config/environments/prod.yaml
  git strata secret open tls/server.key.age -o /run/server.key")]
pub(super) struct OpenArgs {
    /// The file, from the root of the repository
    file: String,
    #[command(flatten)]
    identity: IdentityArgs,
}

pub(super) fn open(args: &OpenArgs, context: &mut Context) -> Result<u8> {
    context.keep_private()?;
    let identities = args.identity.read(context)?;
    let repo = context.repo_if_any()?;
    let tree = context.snapshot(repo.as_ref())?;
    let path = bstr::BString::from(args.file.as_str());
    let blob = tree.files().read(path.as_ref())?;
    let blob = blob.ok_or_else(|| no_file(&args.file))?;
    if is_sealed_file(&blob.bytes) {
        let opened = whole(&args.file, &blob.bytes, &identities, context);
        let plain = opened.map_err(|why| {
            let help = match why {
                Refused::NotForYou => "name the file of your private key: `--identity FILE`",
                Refused::NeedsPassphrase => "run this on a terminal, without `--no-input`",
                Refused::OtherPassphrase => "try again",
                _ => "take the file from an older commit",
            };
            Error::invalid(format!("`{}` stays sealed: {why}", args.file)).with_help(help)
        })?;
        let seen = vec![args.file.clone()];
        secrets(context, "secret open", seen, &Shown::default())?;
        return context.text(&plain);
    }
    let configuration = context.configuration()?;
    let vault = configuration.vault(configuration.here(), identities)?;
    let file = read(&tree, &args.file)?;
    let text = open_text(&file, &vault)?;
    revealed(context, "secret open", &vault, &Shown::default())?;
    context.text(text.expose().as_bytes())
}

/// Opens a file that is sealed as a whole: for somebody, or for a keyring.
fn whole(
    name: &str,
    bytes: &[u8],
    identities: &Arc<Identities>,
    context: &Context,
) -> std::result::Result<Zeroizing<Vec<u8>>, Refused> {
    let refused = match open_file_asking(name, bytes, identities, &ask(context)) {
        Err(Refused::NotForYou) => Refused::NotForYou,
        done => return done,
    };
    let Ok(configuration) = context.configuration() else {
        return Err(refused);
    };
    let Ok(vault) = configuration.vault(configuration.here(), Arc::clone(identities)) else {
        return Err(refused);
    };
    let keyrings = vault.keyrings().keys();
    let mut opened = keyrings.filter_map(|name| vault.keys(name).ok()?.open_file(bytes).ok());
    opened.next().ok_or(refused)
}

/// Edit a file with its secrets opened
///
/// The file is opened in $VISUAL or $EDITOR, in a folder that only you can read; then what was
/// changed is sealed again, and the file of the work tree replaced. What was not changed stays as
/// it was sealed, and so do the secrets of keyrings that you cannot open. New values that the schema
/// calls secrets are sealed, too. What cannot be sealed, such as text that is no YAML, can be edited
/// again.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret edit config/environments/prod.yaml")]
pub(super) struct Args {
    /// The file, from the root of the repository
    file: String,
    #[command(flatten)]
    identity: IdentityArgs,
}

pub(super) fn run(args: &Args, context: &mut Context) -> Result<u8> {
    if context.global.rev.is_some() || context.global.staged {
        return Err(Error::usage("the file of the work tree is edited")
            .with_help("leave `--rev` and `--staged` out"));
    }
    let identities = args.identity.read(context)?;
    let root = root(context)?;
    let configuration = context.configuration()?;
    let tree = configuration.here();
    let vault = configuration.vault(tree, Arc::clone(&identities))?;
    let repo = context.repo()?;
    for (name, keyring) in vault.keyrings() {
        trusted(&repo, &configuration, tree, (name, keyring))?;
    }
    let editing = Editing::begin(&configuration, tree, &args.file, &vault)?;
    revealed(context, "secret edit", &vault, &Shown::default())?;
    let before = std::fs::read(root.join(&args.file)).ok();
    let private = PrivateFile::new(&args.file)?;
    let mut edited = private.edit(editing.text())?;
    let text = loop {
        if edited == *editing.text() {
            return context.text(b"nothing was changed\n");
        }
        match editing.finish(&edited, &vault) {
            Ok(text) => break text,
            Err(why) if again(context, &why) => edited = private.edit(&edited)?,
            Err(why) => {
                say_error(&why, context.colour_errors(), context.global.verbose);
                say("what was typed is not kept, since it holds secrets; the file is as it was\n");
                return Ok(1);
            }
        }
    };
    drop(private);
    let path = root.join(&args.file);
    if std::fs::read(&path).ok() != before {
        return Err(Error::usage(format!(
            "`{}` was changed by another in the meantime",
            args.file
        ))
        .with_help("edit it again; the file is as they left it"));
    }
    replace_file(&path, text.as_bytes())?;
    context.text(format!("sealed and written: {}\n", args.file).as_bytes())
}

/// Gives the folder that the files of the work tree stand in.
pub(super) fn root(context: &Context) -> Result<std::path::PathBuf> {
    context
        .repo()?
        .work_dir()
        .map(Path::to_path_buf)
        .ok_or_else(|| {
            Error::usage("a bare repository has no files to change")
                .with_help("seal the value: `git strata secret seal KEY --env ENVIRONMENT`")
        })
}

/// Asks whether to edit again what cannot be sealed; nobody is asked where nobody is there.
fn again(context: &Context, why: &Error) -> bool {
    let (input, output) = (std::io::stdin(), std::io::stderr());
    if context.global.no_input || !input.is_terminal() || !output.is_terminal() {
        return false;
    }
    say_error(why, context.colour_errors(), context.global.verbose);
    say("edit it again? [Y/n] ");
    let mut line = String::new();
    match input.read_line(&mut line) {
        Ok(1..) => !line.trim().to_ascii_lowercase().starts_with('n'),
        _ => false,
    }
}

pub(super) fn read(tree: &Snapshot, name: &str) -> Result<Arc<ParsedFile>> {
    let path = bstr::BString::from(name);
    tree.file(path.as_ref())?.ok_or_else(|| no_file(name))
}

pub(super) fn no_file(name: &str) -> Error {
    Error::not_found(format!("there is no file `{name}`"))
        .with_help("name it as seen from the root of the repository")
}
