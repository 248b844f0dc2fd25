use std::path::PathBuf;

use strata::config::{ParsedFile, Snapshot};
use strata::git::{Repo, Revision, looks_like_range};
use strata::ops::diff::{self, FileAnswer, Side};
use strata::ops::secret::shown_text;
use strata::seal::{is_sealed_file, open_file};
use strata::{Error, Result};

use super::access::{Shown, revealed, secrets};
use super::context::{Context, bytes_of};
use super::identities::IdentityArgs;

/// Compare two endpoints by value, not by line
///
/// Key order, comments, quoting and the spelling of numbers make no difference. Items of a list
/// are matched by their name, id or key where they have one. What the schema calls a secret and is not
/// sealed is covered. Without B, A is compared with the
/// work tree (or what --rev and --staged name).
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata diff v1.0.0 v1.1.0
  git strata diff main...HEAD -- config/
  git strata diff HEAD:config/app.yaml config/app.yaml
  git strata diff old.yaml new.yaml --format json")]
pub(crate) struct Args {
    /// The older side: a revision, REVISION:PATH, a file, a folder, or a range for both sides
    a: String,
    /// The newer side
    b: Option<String>,
    /// Only files at or below these paths
    #[arg(last = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    context.progress("comparing");
    let repo = context.repo_if_any()?;
    let (old, new) = match (&args.b, &repo) {
        (None, Some(repo)) if looks_like_range(&args.a) => {
            let range = repo.range(&args.a)?;
            (tree(repo, &range.base), tree(repo, &range.tip))
        }
        (None, repo) => {
            let old = context.side(repo.as_ref(), &args.a)?;
            let here = context.snapshot(repo.as_ref())?;
            let name = here.label().unwrap_or("the work tree").to_owned();
            (old, Side::Tree(name, here))
        }
        (Some(b), repo) => (
            context.side(repo.as_ref(), &args.a)?,
            context.side(repo.as_ref(), b)?,
        ),
    };
    let paths: Vec<_> = args.paths.iter().map(|path| bytes_of(path)).collect();
    let mut report = diff::diff(&old, &new, &paths)?;
    // A file by itself is one of the configuration that one stands in.
    let is_file = matches!(new, Side::File(..));
    let here = is_file
        .then(|| context.snapshot(repo.as_ref()))
        .transpose()?;
    diff::covered(&mut report, &[&old, &new], here.as_ref())?;
    context.answer("diff", &report, strata::ops::NO_RULES)
}

/// Compare two versions of one file by value, as Git asks a program for differences to
///
/// Git calls this; `git strata hook install --diff-driver` sees to it. What cannot be read as
/// YAML, JSON or TOML is compared line by line.
#[derive(clap::Args)]
#[command(after_help = "Examples, as Git's configuration has it:
  git config diff.strata.command 'git-strata diff-driver'
  echo '*.yaml diff=strata' >> .gitattributes
  git diff --no-ext-diff     # line by line, for once")]
pub(crate) struct DriverArgs {
    /// What Git hands over: path, old file, id and mode, new file, id and mode, the new path of a
    /// renamed file, and what is said of that; only the path where a merge is not over
    #[arg(num_args = 1.., required = true, allow_hyphen_values = true)]
    handed: Vec<PathBuf>,
}

pub(crate) fn driver(args: DriverArgs, context: &mut Context) -> Result<u8> {
    let shown = |path: &PathBuf| path.to_string_lossy().into_owned();
    let (path, old, new, modes, to) = match &args.handed[..] {
        [path] => {
            let text = format!("{} is not merged yet\n", shown(path));
            return context.text(text.as_bytes());
        }
        [path, old, _, from, new, _, into, rest @ ..] => {
            (path, old, new, [from, into].map(shown), rest.first())
        }
        _ => {
            return Err(
                Error::usage("Git hands over 1, 7 or 9 words; these are others")
                    .with_help("let Git call this: `git strata hook install --diff-driver`"),
            );
        }
    };
    let read = |file: &PathBuf| -> Result<Option<Vec<u8>>> {
        if file.as_os_str() == "/dev/null" || file.as_os_str() == "nul" {
            return Ok(None);
        }
        let bytes = std::fs::read(context.path(file));
        bytes.map(Some).map_err(|cause| {
            Error::io(format!("cannot read `{}`", file.display()), cause)
                .with_help("let Git call this: `git strata hook install --diff-driver`")
        })
    };
    let (old, new) = (read(old)?, read(new)?);
    let (from, path) = (shown(path), shown(to.unwrap_or(path)));
    let found = diff::file(&path, Some(&from), old.as_deref(), new.as_deref());
    match found.with_mode(&path, &modes[0], &modes[1]) {
        FileAnswer::Values(mut report) => {
            let here = context.snapshot(context.repo_if_any()?.as_ref())?;
            diff::covered(&mut report, &[], Some(&here))?;
            context.answer("diff", &report, strata::ops::NO_RULES)
        }
        FileAnswer::Lines(text) => context.text(text.as_bytes()),
    }
}

/// Write the values of a file a line each, sorted by key: what Git compares instead of lines
///
/// Git calls this where it shows patches (git log -p, git show);
/// `git strata hook install --diff-driver` sees to it. What cannot be read as YAML, JSON or TOML
/// is written as it is. Where STRATA_IDENTITY_FILE or strata.identityFile names a private key that opens
/// them, secrets are shown: do not set diff.NAME.cachetextconv, which would keep them in plain text.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata textconv config/app.yaml
  git config diff.strata.textconv 'git-strata textconv'")]
pub(crate) struct TextconvArgs {
    /// The file
    file: PathBuf,
}

pub(crate) fn textconv(args: &TextconvArgs, context: &mut Context) -> Result<u8> {
    let name = args.file.to_string_lossy();
    let bytes = std::fs::read(context.path(&args.file)).map_err(|cause| {
        Error::io(format!("cannot read `{name}`"), cause).with_help("name a file that exists")
    })?;
    let open = opened(&name, &bytes, context);
    if open.is_some() {
        context.keep_private()?;
    }
    let bytes = open
        .as_ref()
        .map_or(bytes.as_slice(), |open| open.as_slice());
    match diff::normal_form(&name, bytes) {
        Some(text) => context.text(text.as_bytes()),
        None => context.text(bytes),
    }
}

/// Opens what is sealed in a file, for who can: a diff that fails would stop Git, so that what
/// does not open stays as it is, and nobody is asked for a passphrase.
fn opened(name: &str, bytes: &[u8], context: &Context) -> Option<Vec<u8>> {
    let identities = IdentityArgs::named(context)?;
    if is_sealed_file(bytes) {
        let plain = open_file(bytes, &identities).ok()?;
        let seen = vec![name.to_owned()];
        secrets(context, "textconv", seen, &Shown::default()).ok()?;
        return Some(plain.to_vec());
    }
    let configuration = context.configuration().ok()?;
    let vault = configuration.vault(configuration.here(), identities).ok()?;
    let file = ParsedFile::of_bytes(name, bytes);
    let text = shown_text(&file, &vault)?;
    revealed(context, "textconv", &vault, &Shown::default()).ok()?;
    Some(text.expose().as_bytes().to_vec())
}

fn tree(repo: &Repo, revision: &Revision) -> Side {
    Side::Tree(revision.name.clone(), Snapshot::of_revision(repo, revision))
}
