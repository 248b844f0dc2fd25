use std::path::PathBuf;

use strata::config::Snapshot;
use strata::git::{Endpoint, Files, Repo, Revision, looks_like_range};
use strata::ops::compat::{
    self, AcceptedBreaks, CompatBody, Profile, Side, Terms, schemas_between,
};
use strata::report::Report;
use strata::text::Date;
use strata::{Error, Result};

use super::acceptance::Acceptance;
use super::context::{Context, bytes_of};
use super::environment;
use super::schema_arg::SchemaArg;

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
  git strata compat v1.0.0:crds.yaml#v1 crds.yaml#v1
  git strata compat old.json new.json --profile strict
  git strata compat --each v1.0.0..HEAD
  git strata compat --changelog v1.2.0..v2.0.0 -o notes.md
  git strata compat main..HEAD --accept --reason 'nobody sets it' --expires 2030-12-31
  git strata compat v1:app.json app.json --instances 'examples/**/*.yaml'
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
    /// Take these files for configurations, too, beside what the manifest's layers come to, files
    /// that name the schema, a Helm chart's values and custom resources: a pattern from the root
    /// of the tree, such as 'examples/**/*.yaml'
    #[arg(long, value_name = "PATTERN")]
    instances: Vec<String>,
    #[command(flatten)]
    accept: Acceptance,
    /// Only these schemas, or those below these folders, counted from the root of the repository;
    /// a file that only defines parts stands for the schemas that refer to it
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
    let mut report = judge(context, repo.as_ref(), &args, None)?;
    if args.accept.is_asked_for() {
        let repo = context.repo()?;
        let accepted = args.accept.write(context, &repo, &report.body)?;
        report = judge(context, Some(&repo), &args, Some(&accepted))?;
    }
    if args.changelog {
        let date = release_date(repo.as_ref(), &args)?;
        return context.text(compat::changelog(&report.body, date.as_deref()).as_bytes());
    }
    context.answer("compat", &report, compat::RULES)
}

/// Compares what the arguments name; `accepted` stands for the breaks that the newer side accepts.
fn judge(
    context: &Context,
    repo: Option<&Repo>,
    args: &Args,
    accepted: Option<&AcceptedBreaks>,
) -> Result<Report<CompatBody>> {
    let between = |old: &End, new: &End| between(context, repo, old, new, args, accepted);
    match (&args.old, &args.new) {
        (Some(old), Some(new)) => {
            let old = End::find(context, repo, old)?;
            let new = End::find(context, repo, new)?;
            between(&old, &new)
        }
        (Some(range), None) if looks_like_range(range) => {
            let repo = context.repo()?;
            if let Some(tip) = since_nothing(range) {
                if args.each {
                    return Err(Error::usage(format!("`{range}` begins at no commit"))
                        .with_help("name the first commit to be left out: `FIRST..HEAD`"));
                }
                let tip = End::find(context, Some(&repo), tip)?;
                return between(&End::Tree(repo.no_files(), None), &tip);
            }
            let range = repo.range(range)?;
            let end = |revision: &Revision| End::Tree(repo.files(revision), Some(revision.clone()));
            let mut report = between(&end(&range.base), &end(&range.tip))?;
            if args.each {
                let tree = Snapshot::of_revision(&repo, &range.tip);
                let mut terms = terms(context, None, &tree, None, args)?;
                terms.instances = None;
                let mut paths: Vec<_> = args.paths.iter().map(|path| bytes_of(path)).collect();
                if !paths.is_empty() {
                    // What only defines parts was judged through the schemas made of them.
                    let judged = report.body.schemas.iter();
                    paths.extend(judged.map(|schema| schema.path.as_str().into()));
                }
                report.body.commits = Some(compat::each(&repo, &range, &paths, &terms)?);
            }
            Ok(report)
        }
        (old, None) => {
            let repo = context.repo()?;
            let global = &context.global;
            if repo.is_bare() && old.is_none() && !global.staged && global.rev.is_none() {
                return Err(Error::usage(
                    "a bare repository has no work tree to compare with `HEAD`",
                )
                .with_help("name a range: `git strata compat HEAD~1..HEAD`"));
            }
            let old = End::find(context, Some(&repo), old.as_deref().unwrap_or("HEAD"))?;
            let here = context.snapshot(Some(&repo))?;
            between(&old, &End::Tree(here.files().clone(), None))
        }
        (None, Some(_)) => Err(Error::usage("the older side is missing")),
    }
}

/// Gives what the newer side is judged by, and what the command line says over it.
fn terms(
    context: &Context,
    repo: Option<&Repo>,
    tree: &Snapshot,
    revision: Option<&Revision>,
    args: &Args,
) -> Result<Terms> {
    let tip = match (repo, revision) {
        (_, Some(revision)) => Some(revision.id),
        (Some(repo), None) => repo.head()?.commit,
        (None, None) => None,
    };
    let today = Some(context.today());
    Terms::of(tree, repo.zip(tip), args.profile, &args.policy, today)
}

/// Gives the day of the commit that the newer side names.
fn release_date(repo: Option<&Repo>, args: &Args) -> Result<Option<String>> {
    let (Some(repo), Some(old)) = (repo, &args.old) else {
        return Ok(None);
    };
    let tip = match &args.new {
        None if looks_like_range(old) => Some(repo.range(old)?.tip),
        Some(new) => match repo.endpoint(new).or_else(|error| {
            let file = new.rsplit_once('#').map(|(file, _)| file);
            file.map_or(Err(error), |file| repo.endpoint(file))
        })? {
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
        let Some(repo) = repo else {
            return Ok(Self::One(SchemaArg::find(context, None, name)?));
        };
        // Before the first commit there was nothing, and everything is new.
        let unborn = matches!(name, "HEAD" | "@") && repo.head()?.commit.is_none();
        if unborn || is_nothing(name) {
            return Ok(Self::Tree(repo.no_files(), None));
        }
        match repo.endpoint(name) {
            Ok(Endpoint::Revision(revision)) => {
                Ok(Self::Tree(repo.files(&revision), Some(revision)))
            }
            Err(error) if !name.contains('#') => Err(error),
            // Only the part before `#` may be what the repository knows.
            _ => Ok(Self::One(SchemaArg::find(context, Some(repo), name)?)),
        }
    }
}

/// Says whether a name is the one of no object: what a hook or a pipeline is given for the older
/// side of a branch that is new.
fn is_nothing(name: &str) -> bool {
    matches!(name.len(), 40 | 64) && name.bytes().all(|byte| byte == b'0')
}

/// Gives the newer side of a range that begins at nothing.
fn since_nothing(range: &str) -> Option<&str> {
    let (old, new) = range.split_once("..")?;
    let new = new.strip_prefix('.').unwrap_or(new);
    is_nothing(old).then_some(if new.is_empty() { "HEAD" } else { new })
}

fn between(
    context: &Context,
    repo: Option<&Repo>,
    old: &End,
    new: &End,
    args: &Args,
    accepted: Option<&AcceptedBreaks>,
) -> Result<Report<CompatBody>> {
    let whole = matches!(new, End::Tree(..));
    let (old, new, pairs) = match (old, new) {
        (End::Tree(before, old), End::Tree(after, new)) => {
            let changes = before.changes_to(after)?;
            let paths: Vec<_> = args.paths.iter().map(|path| bytes_of(path)).collect();
            let new_tree = environment::known(Snapshot::of(after.clone()));
            let old_tree = new_tree.beside(before.clone());
            let pairs = schemas_between(&old_tree, &new_tree, &changes, &paths)?;
            ((old_tree, old), (new_tree, new), pairs)
        }
        (End::One(before), End::One(after)) => {
            let pairs = compat::same_schema(&before.tree, &after.tree, &before.path, &after.path)?;
            let one = |side: &SchemaArg| side.tree.clone();
            (
                (one(before), &before.revision),
                (one(after), &after.revision),
                pairs,
            )
        }
        _ => {
            return Err(Error::usage("a schema can only be compared with a schema")
                .with_help("name a file on both sides: `git strata compat v1:app.yaml app.yaml`"));
        }
    };
    let mut terms = terms(context, repo, &new.0, new.1.as_ref(), args)?;
    terms.named = !whole;
    if let Some(instances) = terms.instances.take() {
        let instances = instances.with(&args.instances)?;
        terms.instances = Some(if whole {
            instances.searched()
        } else {
            instances
        });
    }
    if let Some(accepted) = accepted {
        terms.accepted = accepted.clone();
    }
    let from = side(repo, &terms.tags, &old.0, old.1.as_ref())?;
    let to = side(repo, &terms.tags, &new.0, new.1.as_ref())?;
    compat::run(&from, &to, &pairs, &terms)
}

fn side<'a>(
    repo: Option<&Repo>,
    tags: &str,
    tree: &'a Snapshot,
    revision: Option<&Revision>,
) -> Result<Side<'a>> {
    let (version, date) = match (repo, revision) {
        (Some(repo), Some(revision)) => {
            let time = repo.commit(revision.id)?.committer.time;
            (
                compat::version_of(repo, tags, revision)?,
                Some(Date::of_unix(time)),
            )
        }
        _ => (None, None),
    };
    Ok(Side {
        loader: tree,
        revision: tree.label().map(str::to_owned),
        version,
        date,
    })
}

fn parse_profile(text: &str) -> std::result::Result<Profile, String> {
    text.parse()
}
