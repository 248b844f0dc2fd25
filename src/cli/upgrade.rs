use std::path::Path;
use std::sync::Arc;

use bstr::ByteSlice;
use strata::config::{Configuration, Manifest, ParsedFile, Snapshot};
use strata::git::Repo;
use strata::ops::compat;
use strata::ops::diff::Side;
use strata::ops::upgrade::{self, Input, Options, Plan, Stop, UpgradeBody, Versions};
use strata::report::Report;
use strata::{Error, Result};

use super::context::{Context, bytes_of, say};
use super::files::replace_file;
use super::schema_arg::SchemaArg;

/// Carry configuration files from one version of their schema to another
///
/// Says what a new version changes in each file, step by step, and what a person has to do; with
/// --write it is done, and comments, order and quotes stay. Versions are tags (v1.2.0, or 1.2.0),
/// revisions, or schema files. The steps are those of the migrations between them; without any,
/// it tells what the two schemas mean for the file: options that are gone or new, values refused,
/// defaults that change.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata upgrade --from 1.2.0 --to 2.0.0 app.yaml
  git strata upgrade --from v1.2.0 --to v2.0.0 --write deploy/*.yaml
  git strata upgrade --from v1.0.0 --to v3.0.0 --pin-defaults --write app.yaml
  git strata upgrade --from 2.0.0 --to 1.2.0 app.yaml
  git strata upgrade --from v1.2.0 --to v2.0.0 --all
  git strata upgrade --schema schema/app.yaml --from v1.2.0 --to HEAD app.yaml
  git strata upgrade --from old.schema.json --to new.schema.json app.json")]
pub(crate) struct Args {
    /// The version that the files are of: a tag, a version, a revision, or a schema file
    #[arg(long, value_name = "VERSION")]
    from: String,
    /// The version that they are to be of
    #[arg(long, value_name = "VERSION")]
    to: String,
    /// The path of the schema from the root of the repository, where the manifest names none or
    /// several
    #[arg(long, value_name = "PATH")]
    schema: Option<String>,
    /// The files
    #[arg(value_name = "FILE", required_unless_present_any = ["env", "all"], conflicts_with_all = ["env", "all"])]
    files: Vec<String>,
    /// Every layer of this environment
    #[arg(long, value_name = "ENVIRONMENT")]
    env: Vec<String>,
    /// Every layer of every environment
    #[arg(long, conflicts_with = "env")]
    all: bool,
    /// Write down the old default where it changes and the file leaves the option unset
    #[arg(long)]
    pin_defaults: bool,
    /// Let the comments of options that go, go with them
    #[arg(long)]
    drop_comments: bool,
    /// Write the files
    #[arg(long)]
    write: bool,
    /// Write files, too, that have changes which are not committed
    #[arg(long, requires = "write")]
    allow_dirty: bool,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    context.progress("upgrading");
    let repo = context.repo_if_any()?;
    let here = context.snapshot(repo.as_ref())?;
    let manifest = compat::manifest_of(&here)?;
    let plan = plan(context, repo.as_ref(), &here, manifest.as_ref(), &args)?;
    let options = Options {
        pin_defaults: args.pin_defaults,
        drop_comments: args.drop_comments,
    };
    if args.all || !args.env.is_empty() {
        let configuration = Configuration::open(repo.clone(), here)?;
        let mut environments: Vec<Option<String>> = args.env.iter().cloned().map(Some).collect();
        if args.all {
            let names = configuration.manifest().environment_names();
            environments = names.map(|name| Some(name.to_owned())).collect();
        }
        if environments.is_empty() {
            environments.push(None);
        }
        let mut report =
            upgrade::upgrade_environments(&plan, &configuration, &environments, options)?;
        if args.write {
            for name in environments.iter().flatten() {
                if let Some(label) = configuration.tree(Some(name))?.label() {
                    let message = format!(
                        "the environment `{name}` lives at `{label}`, which is not checked out here"
                    );
                    return Err(Error::usage(message).with_help(format!(
                        "`git switch {label}`, then upgrade its files: `git strata upgrade … --write FILE…`"
                    )));
                }
            }
            let root = repo.as_ref().and_then(Repo::work_dir).map(Path::to_owned);
            let root = root.unwrap_or_else(|| context.path(Path::new("")));
            write(context, repo.as_ref(), &args, &root, &mut report)?;
        }
        return context.answer("upgrade", &report, &strata::ops::rules());
    }
    let elsewhere = match (&context.global.rev, context.global.staged) {
        (Some(revision), _) => Some(revision.as_str()),
        (None, true) => Some(""),
        (None, false) => None,
    };
    if let (Some(revision), Some(first)) = (elsewhere, args.files.first()) {
        return Err(
            Error::usage("files are read where they stand, whatever tree is asked for").with_help(
                format!("name them in it: `git strata upgrade … {revision}:{first}`"),
            ),
        );
    }
    let mut inputs = Vec::new();
    for name in &args.files {
        let file = read(context, repo.as_ref(), name, args.write)?;
        let inside = repo
            .as_ref()
            .and_then(|repo| inside(repo, &context.path(name.as_ref())));
        let partial = match (&manifest, &inside) {
            (Some(manifest), Some(path)) => {
                let mut layers = manifest.layers.iter();
                let several = manifest.layers.len() > 1;
                several && layers.any(|layer| layer.value.read(path.as_bstr()).is_some())
            }
            _ => false,
        };
        inputs.push(Input { file, partial });
    }
    let mut report = upgrade::upgrade(&plan, &inputs, options)?;
    if args.write {
        let folder = context.path(Path::new(""));
        write(context, repo.as_ref(), &args, &folder, &mut report)?;
    }
    context.answer("upgrade", &report, &strata::ops::rules())
}

/// Reads a file on disk, or one at a revision, which cannot be written.
fn read(
    context: &Context,
    repo: Option<&Repo>,
    name: &str,
    write: bool,
) -> Result<Arc<ParsedFile>> {
    if context.path(name.as_ref()).exists() || !name.contains(':') {
        return context.file(name);
    }
    match context.side(repo, name)? {
        Side::File(_, file) if !write => Ok(file),
        Side::File(..) => Err(Error::usage(format!(
            "`{name}` is no file on disk, so it cannot be written"
        ))
        .with_help("leave `--write` out, or name the file in the work tree")),
        Side::Tree(..) => {
            Err(Error::usage(format!("`{name}` is no file"))
                .with_help("name a file, or REVISION:PATH"))
        }
    }
}

/// Finds the way between the versions that the arguments name.
fn plan(
    context: &Context,
    repo: Option<&Repo>,
    here: &Snapshot,
    manifest: Option<&Manifest>,
    args: &Args,
) -> Result<Plan> {
    let schema = args.schema.as_deref();
    let versions = Versions::of(repo, here, manifest, schema)?;
    let find = |name: &str| stop(context, (repo, here, manifest), &versions, name, schema);
    let (from, to) = (find(&args.from)?, find(&args.to)?);
    let plan = Plan::between(from, to, versions, here, manifest)?;
    if let Some(schema) = schema {
        plan.needs_schema(schema)?;
    } else if !plan.says_something()? {
        return Err(Error::usage(format!(
            "nothing says what {} and {} are: there is no schema and no migration",
            args.from, args.to
        ))
        .with_help("name the schema: `git strata upgrade --schema schema.yaml …`"));
    }
    Ok(plan)
}

/// Finds one end: a version, a revision, or a schema file.
pub(super) fn stop(
    context: &Context,
    (repo, here, manifest): (Option<&Repo>, &Snapshot, Option<&Manifest>),
    versions: &Versions,
    name: &str,
    schema: Option<&str>,
) -> Result<Stop> {
    if let Some(known) = versions.find(name) {
        return Ok(known.clone());
    }
    let is_file = context.path(Path::new(name)).is_file();
    if is_file || name.contains([':', '#']) {
        let found = SchemaArg::find(context, repo, name)?;
        let version = match (repo, &found.revision) {
            (Some(repo), Some(revision)) => versions.of_revision(repo, revision)?,
            _ => None,
        };
        return Ok(Stop::new(name, version, found.tree.clone()).with_schema(&found.path));
    }
    let revision = repo.and_then(|repo| Some((repo, repo.revision(name).ok()?)));
    let Some((repo, revision)) = revision else {
        return Err(versions.unknown(name));
    };
    let tree = here.beside(repo.files(&revision));
    let released = versions.of_revision(repo, &revision)?;
    let drafted = upgrade::migration_files(&tree, manifest)?
        .into_keys()
        .next_back();
    let stop = Stop::new(name, released.max(drafted), tree);
    Ok(match schema {
        Some(path) => stop.with_schema(path),
        None => stop,
    })
}

/// Writes the files that change, all of them or none.
fn write(
    context: &Context,
    repo: Option<&Repo>,
    args: &Args,
    folder: &Path,
    report: &mut Report<UpgradeBody>,
) -> Result<()> {
    let changed = report.body.files.iter().filter(|file| file.changed);
    if let (Some(repo), false) = (repo, args.allow_dirty) {
        for file in changed {
            let path = folder.join(&file.path);
            if is_dirty(repo, &path)? {
                let message = format!("`{}` has changes that are not committed", file.path);
                return Err(Error::usage(message)
                    .with_help("commit it first, or write over it with `--write --allow-dirty`"));
            }
        }
    }
    let mut count = 0;
    for file in report.body.files.iter_mut().filter(|file| file.changed) {
        replace_file(&folder.join(&file.path), file.text.as_bytes())?;
        file.written = true;
        count += 1;
    }
    if !context.global.quiet && count > 0 {
        let noun = if count == 1 { "file" } else { "files" };
        say(&format!("wrote {count} {noun}\n"));
    }
    Ok(())
}

/// Gives the path of a file from the root of the work tree it stands in.
fn inside(repo: &Repo, path: &Path) -> Option<bstr::BString> {
    let root = repo.work_dir()?.canonicalize().ok()?;
    let path = path.canonicalize().ok()?;
    Some(bytes_of(path.strip_prefix(root).ok()?))
}

/// Says whether a file in a work tree is other than in the last commit.
fn is_dirty(repo: &Repo, path: &Path) -> Result<bool> {
    let Some(inside) = inside(repo, path) else {
        return Ok(false);
    };
    if repo.head()?.commit.is_none() {
        return Ok(true);
    }
    let committed = repo.files(&repo.revision("HEAD")?).read(inside.as_bstr())?;
    let disk = std::fs::read(path).map_err(|cause| Error::io("cannot read a file", cause))?;
    // Git may have written its line ends in another way.
    let plain = |bytes: &[u8]| bytes.replace("\r\n", "\n");
    Ok(committed.is_none_or(|blob| plain(&blob.bytes) != plain(&disk)))
}
