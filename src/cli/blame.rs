use std::path::{Component, Path, PathBuf};

use bstr::{BString, ByteSlice};
use strata::config::{Configuration, Snapshot};
use strata::document::Format;
use strata::git::{FileKind, Repo};
use strata::ops::blame::{self, Start};
use strata::ops::read::ShowBody;

use strata::report::Report;
use strata::text::Pointer;
use strata::{Error, Result};

use super::context::{Context, bytes_of};
use super::read::TargetArgs;

/// Tell who set each value of a file
///
/// For every value: the commit that last changed it, when, and who wrote it. A value is changed
/// by what makes it another one: reformatting, comments, another order, items that come before it
/// in a list, and another name of the file leave it with whoever set it. Values that are not
/// committed yet are marked so; --rev asks about a revision.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata blame config/base.yaml
  git strata blame config/base.yaml --path database
  git strata blame config/base.yaml --rev v1.2.0 --format json")]
pub(crate) struct Args {
    /// The file: YAML, JSON or TOML
    file: PathBuf,
    /// Only what stands at or below this key
    #[arg(long, value_name = "KEY", value_parser = super::drift::parse_key)]
    path: Option<Pointer>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    context.progress("reading the history");
    let repo = context.repo()?;
    let tree = context.snapshot(Some(&repo))?;
    let path = inside(&args.file, &repo, &tree, context)?;
    // Without a manifest no value is known to be a secret.
    let (configuration, _) = Configuration::read(Some(repo.clone()), tree.clone())?;
    let start = Start::new(&repo, tree, context.global.rev.as_deref())?;
    let below = args.path.unwrap_or_else(Pointer::root);
    let report = blame::blame(
        &repo,
        configuration.as_ref(),
        &start,
        path.as_bstr(),
        &below,
    )?;
    context.answer("blame", &report, strata::ops::NO_RULES)
}

/// Adds to a resolved configuration who set its values.
pub(super) fn resolved(
    configuration: &Configuration,
    target: &TargetArgs,
    report: &mut Report<ShowBody>,
    context: &mut Context,
) -> Result<()> {
    context.progress("reading the history");
    let repo = context.repo()?;
    let tree = configuration.tree(target.env.as_deref())?;
    let environments = &configuration.manifest().environments;
    let environment = target.env.as_ref().and_then(|name| environments.get(name));
    let lives = environment.and_then(|environment| environment.reference.as_deref());
    let start = Start::new(&repo, tree, context.global.rev.as_deref().or(lives))?;
    blame::blame_resolved(&repo, &start, report)
}

/// Finds the file that is named in the tree: as seen from the folder, or else from the root.
fn inside(name: &Path, repo: &Repo, tree: &Snapshot, context: &Context) -> Result<BString> {
    let root = repo.work_dir().and_then(|root| root.canonicalize().ok());
    let here = context.path(Path::new("")).canonicalize().ok();
    let seen = here.zip(root).and_then(|(here, root)| {
        let full = plain(&here.join(name));
        let real = full.parent().and_then(|folder| folder.canonicalize().ok());
        let real = real
            .zip(full.file_name())
            .map(|(folder, name)| folder.join(name));
        let found = [Some(full), real].into_iter().flatten();
        let mut inside = found.filter_map(|path| Some(bytes_of(path.strip_prefix(&root).ok()?)));
        inside.next()
    });
    for path in seen.iter().chain([&bytes_of(&plain(name))]) {
        let Some(real) = tree.files().real_path(path.as_bstr())? else {
            continue;
        };
        let entry = tree.files().entry(real.as_bstr())?;
        match entry.map(|entry| entry.kind) {
            Some(FileKind::File | FileKind::Executable) => return Ok(real),
            Some(FileKind::Directory) => {
                let shown = name.display();
                return Err(Error::usage(format!("`{shown}` is a folder, not a file"))
                    .with_help(format!("name a file in it: `git ls-files {shown}`")));
            }
            _ => {}
        }
    }
    let at = tree.label().map(|label| format!(" at {label}"));
    let shown = name.to_string_lossy();
    let all = tree.files().walk("".into())?;
    let names = all.iter().map(|(path, _)| path.to_str_lossy());
    let names: Vec<_> = names
        .filter(|name| Format::of_path(name).is_some())
        .collect();
    Err(Error::not_found(format!(
        "there is no file `{shown}`{}",
        at.unwrap_or_default()
    ))
    .with_names(&shown, names.iter().map(AsRef::as_ref)))
}

/// Takes `.` and `..` out of a path.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}
