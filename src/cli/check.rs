use std::path::PathBuf;

use bstr::ByteSlice;
use strata::config::schema::Schema;
use strata::config::{ParsedFile, Snapshot};
use strata::git::{Repo, looks_like_range};
use strata::ops::check::{self, Apps, Options, Scope};
use strata::report::{Finding, Report};
use strata::{Error, Result};

use super::context::Context;
use super::environment;
use super::identities::IdentityArgs;
use super::schema_arg::SchemaArg;

/// Check everything: syntax, manifest, layers, schemas, cross-field rules
///
/// By itself it checks the work tree and every environment at its own `ref`. With --staged it
/// checks what the next commit changes, with a range what those commits change; there the
/// schema's compatibility with what it was is checked too; and where policy.yaml is in force,
/// whether whoever made each commit of the range may (`git strata policy check` asks that alone). With files and --schema, each document
/// in them is held to that schema: no manifest is needed. Secrets are judged without a key; with an
/// identity, those that it opens are held to the schema, too.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata check
  git strata check --staged
  git strata check main..HEAD --format sarif -o strata.sarif
  git strata check examples/*.yaml --schema schema/app.yaml
  git strata check app.yaml --schema v1.2.0:schema/app.yaml
  git strata check main..HEAD --app api=2.3.0 --gate --format markdown")]
pub(crate) struct Args {
    /// A range of commits, or files
    #[arg(value_name = "RANGE|FILE")]
    what: Vec<String>,
    /// Hold the files to this schema: a file, or REVISION:PATH
    #[arg(long, value_name = "SCHEMA", requires = "what")]
    schema: Option<String>,
    /// The version of an application that is to run: options whose `x-requires` it does not meet
    /// are found; may be given for several
    #[arg(long = "app", value_name = "NAME=VERSION")]
    apps: Vec<String>,
    /// Say for each environment and service whether it may be deployed: `go` or `no-go`
    #[arg(long, conflicts_with = "schema")]
    gate: bool,
    #[command(flatten)]
    identity: IdentityArgs,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    context.progress("checking");
    let options = Options {
        policy: None,
        today: Some(context.today()),
        apps: Apps::parse(&args.apps)?,
        gate: args.gate.then_some(context.global.fail_on),
        identities: match args.identity.is_given(context) {
            true => Some(args.identity.read(context)?),
            false => None,
        },
    };
    let report = match &args.what[..] {
        [range]
            if args.schema.is_none()
                && looks_like_range(range)
                && !context.path(range.as_ref()).exists() =>
        {
            check_range(context, range, &options)?
        }
        [] => check_tree(context, &options)?,
        _ if args.gate => {
            return Err(
                Error::usage("`--gate` is about environments, not about single files").with_help(
                    "leave the files out, or name a range: `git strata check main..HEAD --gate`",
                ),
            );
        }
        files => check_files(context, files, args.schema.as_deref(), &options.apps)?,
    };
    let rules = strata::ops::rules();
    context.answer("check", &report, &rules)
}

/// Checks what a range of commits changes.
pub(crate) fn check_range(
    context: &Context,
    range: &str,
    options: &Options,
) -> Result<Report<check::CheckBody>> {
    let repo = context.repo()?;
    let range = repo.range(range)?;
    let here = environment::known(Snapshot::of_revision(&repo, &range.tip));
    let since = here.beside(repo.files(&range.base));
    let scope = Scope::Changes { since: Some(since) };
    let options = Options {
        policy: Some(super::policy::asked(&repo, &range, context)?),
        ..options.clone()
    };
    check::check(Some(repo), &here, &scope, &options)
}

/// Checks the tree that the options name.
pub(crate) fn check_tree(context: &Context, options: &Options) -> Result<Report<check::CheckBody>> {
    let repo = context.repo_if_any()?;
    let here = context.snapshot(repo.as_ref())?;
    let scope = match &repo {
        Some(repo) if context.global.staged => Scope::Changes {
            since: head(repo, &here)?,
        },
        _ if context.global.rev.is_some() => Scope::Tree,
        _ => Scope::Everything,
    };
    check::check(repo, &here, &scope, options)
}

fn head(repo: &Repo, here: &Snapshot) -> Result<Option<Snapshot>> {
    match repo.head()?.commit {
        None => Ok(None),
        Some(_) => Ok(Some(here.beside(repo.files(&repo.revision("HEAD")?)))),
    }
}

fn check_files(
    context: &Context,
    names: &[String],
    schema: Option<&str>,
    apps: &Apps,
) -> Result<Report<check::CheckBody>> {
    let repo = context.repo_if_any()?;
    let mut files = Vec::new();
    for name in names {
        files.extend(read(context, repo.as_ref(), name)?);
    }
    let Some(schema) = schema else {
        return check::check_files(&files, None, apps);
    };
    let argument = SchemaArg::find(context, repo.as_ref(), schema)?;
    let (schema, findings): (Option<Schema>, Vec<Finding>) = argument.load()?;
    match schema {
        Some(schema) => check::check_files(&files, Some((&schema, findings)), apps),
        None => {
            let mut report = check::check_files(&files, None, apps)?;
            report = Report::new(None, [report.findings, findings].concat(), report.body);
            Ok(report)
        }
    }
}

/// Reads what one argument names: a file on disk, one at a revision, or those of a folder.
fn read(
    context: &Context,
    repo: Option<&Repo>,
    name: &str,
) -> Result<Vec<std::sync::Arc<ParsedFile>>> {
    let path: PathBuf = context.path(name.as_ref());
    if path.is_dir() {
        let folder = Snapshot::of_folder(&path);
        let mut files = Vec::new();
        for (path, _) in folder.files().walk(b"".as_bstr())? {
            if strata::document::Format::of_path(&path.to_str_lossy()).is_some() {
                let inner = format!("{}/{path}", name.trim_end_matches('/'));
                files.push(context.file(&inner)?);
            }
        }
        return Ok(files);
    }
    if path.exists() {
        return Ok(vec![context.file(name)?]);
    }
    match context.side(repo, name)? {
        strata::ops::diff::Side::File(_, file) => Ok(vec![file]),
        strata::ops::diff::Side::Tree(..) => Err(Error::usage(format!(
            "`{name}` is a revision, where a file or a range is wanted"
        ))
        .with_help(format!(
            "check its whole tree with `git strata check --rev {name}`"
        ))),
    }
}
