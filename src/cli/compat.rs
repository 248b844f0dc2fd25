use std::path::PathBuf;

use strata::config::Snapshot;
use strata::config::schema::Schema;
use strata::git::{Endpoint, Files, Repo, Revision, looks_like_range};
use strata::ops::compat::{self, CompatBody, Options, Policy, Profile, Side, schemas_between};
use strata::report::{Finding, Report};
use strata::{Error, Result};

use super::context::{Context, bytes_of};

/// Judge a schema change: is every configuration that was valid still valid, and does it still
/// mean the same?
///
/// Compares the schemas that a range of commits changes, or two versions by name. Each change has
/// a rule, the lines in both versions, and the version bump that it asks for; what breaks is
/// shown by a document that was accepted and no longer is. With --staged, the index is compared
/// with HEAD.
///
/// Schemas are found without any set-up: files that name a JSON Schema in `$schema` or look like
/// one, Helm's values.schema.json, and each served version of a Kubernetes
/// CustomResourceDefinition, addressed as FILE#NAME/VERSION. One that only refers to a changed
/// file counts as changed too.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata compat main..HEAD
  git strata compat v1.0.0..v2.0.0 -- schema/app.yaml
  git strata compat v1.0.0:schema/app.yaml schema/app.yaml
  git strata compat old.json new.json --profile strict
  git strata compat --each v1.0.0..HEAD
  git strata compat --changelog v1.2.0..v2.0.0 -o notes.md
  git strata compat v1..v2 -- crds.yaml#widgets.example.com/v1")]
pub(crate) struct Args {
    /// A range, or the older side: a revision, REVISION:PATH, or a file
    #[arg(value_name = "RANGE|OLD")]
    old: Option<String>,
    /// The newer side
    #[arg(value_name = "NEW")]
    new: Option<String>,
    /// What counts as a break: default takes options nobody declared as unused, and an option
    /// that is silently ignored as broken; strict is validity alone
    #[arg(long, value_name = "PROFILE", env = "STRATA_PROFILE", value_parser = parse_profile)]
    profile: Option<Profile>,
    /// One policy, over the profile's: unknown-properties=declared-only|strict,
    /// ignored-options=breaking|risk, formats=annotate|assert,
    /// defaults=annotate|filled-before-validation, unstable=PLACE (what changes there is a risk at
    /// most; **.experimental_* stands for every option so called). The manifest's `compat` says
    /// what holds where nothing is given
    #[arg(long, value_name = "KEY=VALUE")]
    policy: Vec<String>,
    /// Go through the range commit by commit too, by first parents, and name the commits that
    /// changed something. What fails is what the range as a whole breaks
    #[arg(long)]
    each: bool,
    /// Write a change log in Markdown, ready for a release page, instead of a report
    #[arg(long)]
    changelog: bool,
    /// Only these schemas, or those below these folders
    #[arg(last = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    context.progress("comparing schemas");
    if args.each && !(args.new.is_none() && args.old.as_deref().is_some_and(looks_like_range)) {
        return Err(Error::usage("`--each` goes through a range of commits")
            .with_help("name one: `git strata compat --each main..HEAD`"));
    }
    let repo = context.repo_if_any()?;
    let report = match (&args.old, &args.new) {
        (Some(old), Some(new)) => {
            let old = End::find(context, repo.as_ref(), old)?;
            let new = End::find(context, repo.as_ref(), new)?;
            between(repo.as_ref(), &old, &new, &args)?
        }
        (Some(range), None) if looks_like_range(range) => {
            let repo = context.repo()?;
            let range = repo.range(range)?;
            let end = |revision: &Revision| End::Tree(repo.files(revision), Some(revision.clone()));
            let (old, new) = (end(&range.base), end(&range.tip));
            let mut report = between(Some(&repo), &old, &new, &args)?;
            if args.each {
                let options = options(&Snapshot::of(repo.files(&range.tip)), &args)?;
                let paths: Vec<_> = args.paths.iter().map(|path| bytes_of(path)).collect();
                report.body.commits = Some(compat::each(&repo, &range, &paths, &options)?);
            }
            report
        }
        (old, None) => {
            let repo = context.repo()?;
            let old = End::find(context, Some(&repo), old.as_deref().unwrap_or("HEAD"))?;
            let here = context.snapshot(Some(&repo))?;
            let new = End::Tree(here.files().clone(), None);
            between(Some(&repo), &old, &new, &args)?
        }
        (None, Some(_)) => return Err(Error::usage("the older side is missing")),
    };
    if args.changelog {
        let date = release_date(repo.as_ref(), &args)?;
        return context.text(compat::changelog(&report.body, date.as_deref()).as_bytes());
    }
    context.answer("compat", &report, compat::RULES)
}

/// Gives the policies that the newer side's manifest asks for, or the usual ones, and those of
/// the command line over them.
fn options(tree: &Snapshot, args: &Args) -> Result<Options> {
    let mut policy = match compat::manifest_of(tree)? {
        Some(manifest) => Policy::of_manifest(&manifest, args.profile).map_err(Error::usage)?,
        None => Policy::of(args.profile.unwrap_or_default()),
    };
    for setting in &args.policy {
        policy.set(setting).map_err(Error::usage)?;
    }
    Ok(Options { policy })
}

/// Gives the day of the commit that the newer side names.
fn release_date(repo: Option<&Repo>, args: &Args) -> Result<Option<String>> {
    let (Some(repo), Some(old)) = (repo, &args.old) else {
        return Ok(None);
    };
    let tip = match &args.new {
        None if looks_like_range(old) => Some(repo.range(old)?.tip),
        Some(new) => match repo.endpoint(new)? {
            Endpoint::Revision(revision) | Endpoint::Blob { revision, .. } => Some(revision),
            _ => None,
        },
        None => None,
    };
    let Some(tip) = tip else { return Ok(None) };
    let date = repo.commit(tip.id)?.committer.date();
    Ok(date.get(..10).map(str::to_owned))
}

/// One end of a comparison.
enum End {
    /// All files of a tree; at a revision, or the work tree or index.
    Tree(Files, Option<Revision>),
    /// One schema.
    One(SchemaArg),
}

impl End {
    fn find(context: &Context, repo: Option<&Repo>, name: &str) -> Result<Self> {
        if let Some(repo) = repo
            && let Endpoint::Revision(revision) = repo.endpoint(name)?
        {
            return Ok(Self::Tree(repo.files(&revision), Some(revision)));
        }
        Ok(Self::One(SchemaArg::find(context, repo, name)?))
    }
}

fn between(repo: Option<&Repo>, old: &End, new: &End, args: &Args) -> Result<Report<CompatBody>> {
    match (old, new) {
        (End::Tree(before, old_revision), End::Tree(after, new_revision)) => {
            let changes = before.changes_to(after)?;
            let paths: Vec<_> = args.paths.iter().map(|path| bytes_of(path)).collect();
            let new_tree = Snapshot::of(after.clone());
            let old_tree = new_tree.beside(before.clone());
            let pairs = schemas_between(&old_tree, &new_tree, &changes, &paths)?;
            let old = side(repo, &old_tree, old_revision.as_ref())?;
            let new = side(repo, &new_tree, new_revision.as_ref())?;
            compat::run(&old, &new, &pairs, &options(&new_tree, args)?)
        }
        (End::One(before), End::One(after)) => {
            let pairs = compat::same_schema(&before.tree, &after.tree, &before.path, &after.path)?;
            let old = side(repo, &before.tree, before.revision.as_ref())?;
            let new = side(repo, &after.tree, after.revision.as_ref())?;
            compat::run(&old, &new, &pairs, &options(&after.tree, args)?)
        }
        _ => Err(Error::usage("a schema can only be compared with a schema")
            .with_help("name a file on both sides: `git strata compat v1:app.yaml app.yaml`")),
    }
}

fn side<'a>(
    repo: Option<&Repo>,
    tree: &'a Snapshot,
    revision: Option<&Revision>,
) -> Result<Side<'a>> {
    Ok(Side {
        loader: tree,
        revision: tree.label().map(str::to_owned),
        version: match (repo, revision) {
            (Some(repo), Some(revision)) => strata::ops::compat::version_of(repo, revision)?,
            _ => None,
        },
    })
}

fn parse_profile(text: &str) -> std::result::Result<Profile, String> {
    text.parse()
}

/// A schema that an argument names: where it stands, and its path there.
pub(crate) struct SchemaArg {
    tree: Snapshot,
    path: String,
    revision: Option<Revision>,
}

impl SchemaArg {
    /// Finds the schema: a file on disk or at a revision. Files that it refers to are looked for
    /// in the same tree: the repository where it stands in one, else its folder.
    pub(crate) fn find(context: &Context, repo: Option<&Repo>, name: &str) -> Result<Self> {
        if let Some(repo) = repo
            && let Endpoint::Blob { revision, path } = repo.endpoint(name)?
        {
            return Ok(Self {
                tree: Snapshot::of_revision(repo, &revision),
                path: path.to_string(),
                revision: Some(revision),
            });
        }
        let on_disk = context.path(name.as_ref());
        if !on_disk.is_file() {
            return Err(Error::not_found(format!("there is no schema `{name}`"))
                .with_help("name a file, or REVISION:PATH"));
        }
        let cannot = |cause| Error::io(format!("cannot read `{name}`"), cause);
        let real = on_disk.canonicalize().map_err(cannot)?;
        let root = repo
            .and_then(Repo::work_dir)
            .and_then(|root| root.canonicalize().ok());
        let (folder, inside) = match root {
            Some(root) if real.starts_with(&root) => {
                let inside = real.strip_prefix(&root).unwrap_or(&real).to_owned();
                (root, inside)
            }
            _ => (
                real.parent().unwrap_or(&real).to_owned(),
                real.file_name().map(PathBuf::from).unwrap_or_default(),
            ),
        };
        Ok(Self {
            tree: Snapshot::of_folder(&folder),
            path: bytes_of(&inside).to_string(),
            revision: None,
        })
    }

    /// Reads the schema with all that it refers to.
    pub(crate) fn load(&self) -> Result<(Option<Schema>, Vec<Finding>)> {
        Schema::load(&self.tree, &self.path)
    }
}
