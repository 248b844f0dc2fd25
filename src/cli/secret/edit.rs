use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use strata::config::{ParsedFile, Snapshot};
use strata::ops::secret::{Editing, open_text};
use strata::seal::{Identities, Refused, Secret, Zeroizing, is_sealed_file, open_file_asking};
use strata::{Error, Result};

use crate::cli::context::Context;
use crate::cli::files::replace_file;
use crate::cli::identities::{IdentityArgs, ask};

/// Print a file with its secrets opened
///
/// Comments and order stay. Nothing is written but the answer; -o writes it to a file. A file that
/// age sealed as a whole (NAME.age) is opened as a whole.
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
        return context.text(&plain);
    }
    let configuration = context.configuration()?;
    let vault = configuration.vault(configuration.here(), identities)?;
    let file = read(&tree, &args.file)?;
    let text = open_text(&file, &vault)?;
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
/// it was sealed. New values that the schema calls secrets are sealed, too.
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
    let editing = Editing::begin(&configuration, tree, &args.file, &vault)?;
    let before = std::fs::read(root.join(&args.file)).ok();
    let edited = edited(&args.file, editing.text())?;
    if edited == *editing.text() {
        return context.text(b"nothing was changed\n");
    }
    let text = editing.finish(&edited, &vault)?;
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

/// Lets a person edit a text, in a file that only they can read.
fn edited(name: &str, text: &Secret) -> Result<Secret> {
    let editor = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|it| !it.trim().is_empty()))
        .ok_or_else(|| {
            Error::usage("there is no editor").with_help("name one: `export EDITOR=vi`")
        })?;
    let fail = |cause| Error::io("cannot write the file to edit", cause);
    // A folder that only its owner may enter; in memory, where there is such a place.
    let memory = Path::new("/dev/shm");
    let folder = match memory.is_dir() {
        true => tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()),
        false => tempfile::tempdir(),
    };
    let folder = folder.map_err(fail)?;
    let base = Path::new(name).file_name().unwrap_or_default();
    let file = folder.path().join(base);
    let write = |bytes: &[u8]| -> std::io::Result<()> {
        let mut out = std::fs::File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&file)?;
        out.write_all(bytes)
    };
    write(text.expose().as_bytes()).map_err(fail)?;
    // As Git does, so that `code --wait` is an editor.
    let status = Command::new("sh")
        .args(["-c", &format!("{editor} \"$@\""), &editor])
        .arg(&file)
        .status();
    let read = std::fs::read_to_string(&file);
    // What was written is overwritten before it is taken away.
    let size = std::fs::metadata(&file).map_or(0, |it| it.len());
    let zeros = vec![0; usize::try_from(size).unwrap_or(0)];
    let _ = std::fs::File::options()
        .write(true)
        .open(&file)
        .and_then(|mut out| out.write_all(&zeros));
    let status = status.map_err(|cause| Error::io(format!("`{editor}` cannot be run"), cause))?;
    if !status.success() {
        return Err(
            Error::usage(format!("`{editor}` failed; the file is as it was"))
                .with_help("try again"),
        );
    }
    read.map(Secret::text)
        .map_err(|cause| Error::io("what was edited cannot be read", cause))
}

pub(super) fn read(tree: &Snapshot, name: &str) -> Result<Arc<ParsedFile>> {
    let path = bstr::BString::from(name);
    tree.file(path.as_ref())?.ok_or_else(|| no_file(name))
}

pub(super) fn no_file(name: &str) -> Error {
    Error::not_found(format!("there is no file `{name}`"))
        .with_help("name it as seen from the root of the repository")
}
