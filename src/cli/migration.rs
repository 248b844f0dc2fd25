use clap::Subcommand;
use strata::config::{Manifest, Snapshot};
use strata::git::Repo;
use strata::ops::compat;
use strata::ops::upgrade::Stop;
use strata::ops::upgrade::migrations::Migrations;
use strata::{Error, Result};

use super::context::Context;
use super::files::replace_file;
use super::upgrade::stop;

/// Write, check and test migrations: what carries files from one version to the next
///
/// A migration is a file of steps, migrations/2.0.0.yaml, that carries a document to that version;
/// `git strata upgrade` does them. Its tests are folders, migrations/tests/2.0.0/CASE, with a
/// document before, in.yaml, and after, out.yaml.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata migration new --from v1.2.0 --to 2.0.0 --write
  git strata migration check
  git strata migration check v1.2.0..HEAD
  git strata migration test 2.0.0
  git strata migration show")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
    /// The path of the schema from the root of the repository, where the manifest names none or
    /// several
    #[arg(long, value_name = "PATH", global = true)]
    schema: Option<String>,
}

#[derive(Subcommand)]
enum Verb {
    /// Draft the migration to a version from what changed in the schema
    ///
    /// What is sure is a step; what is a guess is a step in a comment, with something for a person
    /// to do. The draft is printed; with --write it becomes the file, which must not be there yet.
    New {
        /// The version before
        #[arg(long, value_name = "VERSION")]
        from: String,
        /// The version that it carries to: a tag, or one that is yet to be released
        #[arg(long, value_name = "VERSION")]
        to: String,
        /// Write the file
        #[arg(long)]
        write: bool,
    },
    /// Check that the files are sound and unedited, that they speak of every break, and that their
    /// tests pass
    Check {
        /// Only versions released in this range
        #[arg(value_name = "RANGE")]
        range: Option<String>,
    },
    /// Run the tests
    Test {
        /// Only those of the migration to this version
        #[arg(value_name = "VERSION")]
        to: Option<String>,
    },
    /// Show the migrations with their steps
    Show {
        /// Only the migration to this version
        #[arg(value_name = "VERSION")]
        to: Option<String>,
    },
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    context.progress("reading migrations");
    let repo = context.repo_if_any()?;
    let here = context.snapshot(repo.as_ref())?;
    let manifest = compat::manifest_of(&here)?;
    let schema = args.schema.as_deref();
    let migrations = Migrations::read(repo.as_ref(), &here, manifest.as_ref(), schema)?;
    let report = match args.verb {
        Verb::New { from, to, write } => {
            let tree = Tree {
                repo: repo.as_ref(),
                here: &here,
                manifest: manifest.as_ref(),
                schema,
            };
            let from = tree.stop(context, &migrations, &from)?;
            let to = match tree.stop(context, &migrations, &to) {
                Err(error) => tree.unreleased(&to).ok_or(error)?,
                Ok(known) => known,
            };
            let mut report = migrations.draft(&from, &to)?;
            if let (true, Some(draft)) = (write, &mut report.body.draft) {
                let root = repo.as_ref().and_then(Repo::work_dir);
                let path = match root {
                    Some(root) => root.join(&draft.path),
                    None => context.path(draft.path.as_ref()),
                };
                if path.exists() {
                    return Err(Error::usage(format!("`{}` is there already", draft.path))
                        .with_help("take it away first, or draft without `--write`"));
                }
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(|cause| {
                        Error::io(format!("cannot make `{}`", folder.display()), cause)
                    })?;
                }
                replace_file(&path, draft.text.as_bytes())?;
                draft.written = true;
            }
            report
        }
        Verb::Check { range } => {
            let since = match (range, &repo) {
                (Some(range), Some(repo)) => {
                    let base = repo.range(&range)?.base;
                    migrations.versions().of_revision(repo, &base)?
                }
                (Some(_), None) => return Err(context.repo().err().unwrap_or_else(no_repository)),
                (None, _) => None,
            };
            migrations.check(since.as_ref())?
        }
        Verb::Test { to } => migrations.test(to.as_deref())?,
        Verb::Show { to } => migrations.show(to.as_deref())?,
    };
    // `migration` is the schema of the files themselves.
    context.answer("migration-report", &report, &strata::ops::rules())
}

fn no_repository() -> Error {
    Error::usage("a range needs a repository")
}

/// Where versions are looked for.
struct Tree<'a> {
    repo: Option<&'a Repo>,
    here: &'a Snapshot,
    manifest: Option<&'a Manifest>,
    schema: Option<&'a str>,
}

impl Tree<'_> {
    fn stop(&self, context: &Context, migrations: &Migrations, name: &str) -> Result<Stop> {
        stop(
            context,
            (self.repo, self.here, self.manifest),
            migrations.versions(),
            name,
            self.schema,
        )
    }

    /// Takes what is here for a version that is yet to be released.
    fn unreleased(&self, name: &str) -> Option<Stop> {
        let version = strata::ops::upgrade::version_of(name)?;
        let stop = Stop::new(name, Some(version), self.here.clone());
        Some(match self.schema {
            Some(path) => stop.with_schema(path),
            None => stop,
        })
    }
}
