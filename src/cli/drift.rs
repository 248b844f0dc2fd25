use strata::config::{Configuration, Snapshot};
use strata::git::Repo;
use strata::ops::drift::{self, DriftBody, Filter, Side, Since};
use strata::ops::promote::{self, FixBody};
use strata::render::Format;
use strata::report::Report;
use strata::text::{Date, Pointer};
use strata::{Error, Result};

use super::context::Context;
use super::drift_accept;
use super::identities::IdentityArgs;
use super::set::{Way, change_branches};

/// Compare environments: every difference of their resolved values
///
/// Without names, every environment is compared with the one it follows. Each name is an environment, a revision, or an environment at a revision
/// (prod@v1.2.0). In a repository without a manifest, revisions or folders are compared file by
/// file. Differences that are meant are not told: the schema says so of an option
/// (x-env-specific), or a rule in drift.yaml does, which says why. Secrets that are sealed on both
/// sides are compared with an identity that opens both, and else pass.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  git strata drift
  git strata drift staging prod --service cart
  git strata drift prod@v1.0.0 prod --path database
  git strata drift v1.0.0 HEAD
  git strata drift --since v1.2.0 --format html -o drift.html
  git strata drift --peers us eu asia
  git strata drift staging prod --fix --dry-run
  git strata drift accept payments:http.request_timeout_ms --reason 'a slow bank' --expires 2031-01-31"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    asked: Asked,
    /// Show the differences that are meant, too
    #[arg(long)]
    all: bool,
    /// Compare each environment with what is usual among them, as regions that should be alike
    #[arg(long, conflicts_with_all = ["fix", "since"])]
    peers: bool,
    /// Only what came to differ since a day (2026-03-01) or after a revision
    #[arg(long, value_name = "WHEN", conflicts_with = "fix")]
    since: Option<String>,
    #[command(flatten)]
    identity: IdentityArgs,
    /// Mend what has a remedy: the newer value goes where it is not yet, with one commit on each
    /// branch concerned
    #[arg(long)]
    fix: bool,
    /// What the commits of --fix say [default: mend drift between ENVIRONMENTS]
    #[arg(long, short, value_name = "MESSAGE", requires = "fix")]
    message: Option<String>,
    /// Show what --fix would change, and commit nothing
    #[arg(long, requires = "fix")]
    dry_run: bool,
    /// Write what --fix would change as a patch for `git apply`, and commit nothing
    #[arg(long, requires = "fix", conflicts_with = "dry_run")]
    patch: bool,
}

#[derive(clap::Subcommand)]
enum Verb {
    Accept(drift_accept::Args),
}

/// What is to be compared.
#[derive(clap::Args)]
pub(super) struct Asked {
    /// What to compare, each with the one it follows, or else with the one before
    #[arg(value_name = "ENVIRONMENT")]
    pub(super) names: Vec<String>,
    #[command(flatten)]
    pub(super) part: Part,
}

/// What part of it is to be compared.
#[derive(clap::Args)]
pub(super) struct Part {
    /// Only this service
    #[arg(long, short, value_name = "SERVICE")]
    pub(super) service: Option<String>,
    /// Only what stands at or below this key
    #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true, value_parser = parse_key)]
    pub(super) path: Pointer,
}

/// How many differences people are shown, if they do not ask for all.
const MOST: usize = 1000;

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    if let Some(Verb::Accept(args)) = args.verb {
        return drift_accept::run(args, context);
    }
    let Asked { names, part } = args.asked;
    if args.fix {
        context.progress("comparing environments");
        let of = match names.as_slice() {
            [] => "environments".to_owned(),
            names => names.join(", "),
        };
        let message = args.message.filter(|message| !message.trim().is_empty());
        let way = Way {
            dry_run: args.dry_run,
            patch: args.patch,
            message: message.unwrap_or_else(|| format!("mend drift between {of}")),
        };
        let filter = filter(context, part);
        let plans = change_branches(context, &way, &|repo, configuration| {
            promote::fix(repo, configuration, &names, &filter)
        })?;
        return way.answer(context, "fix", plans, |changes| FixBody { changes });
    }
    let mut filter = filter(context, part);
    filter.all = args.all;
    filter.peers = args.peers;
    if args.identity.is_given(context) {
        filter.identities = Some(args.identity.read(context)?);
    }
    let is_read = matches!(context.global.format, Format::Human | Format::Markdown);
    filter.most = (is_read && !context.global.verbose).then_some(MOST);
    if let Some(since) = &args.since {
        filter.since = Some(match since.parse::<Date>() {
            Ok(day) => Since::Day(day),
            Err(_) => Since::Commit(context.repo()?.revision(since)?.id),
        });
    }
    let report = compare(context, &names, &filter)?;
    let status = context.answer("drift", &report, drift::RULES);
    // The process ends; to give back a million differences one by one takes long.
    std::mem::forget(report);
    status
}

pub(super) fn filter(context: &Context, part: Part) -> Filter {
    Filter {
        service: part.service,
        path: part.path,
        today: Some(context.today()),
        ..Filter::default()
    }
}

/// Compares what is asked for.
pub(super) fn compare(
    context: &mut Context,
    names: &[String],
    filter: &Filter,
) -> Result<Report<DriftBody>> {
    context.progress("comparing environments");
    let repo = context.repo_if_any()?;
    let here = context.snapshot(repo.as_ref())?;
    let has_manifest = here.id(strata::config::MANIFEST.into())?.is_some();
    if has_manifest {
        let configuration = Configuration::open(repo, here)?;
        let configuration = match context.global.rev {
            Some(_) => configuration.pinned(),
            None => configuration,
        };
        let sides = match (filter.peers, names) {
            (true, []) => drift::all_sides(&configuration)?,
            (_, names) => drift::sides(&configuration, names)?,
        };
        let report = drift::drift(&configuration, &sides, filter);
        // To give back a million values one by one takes long, and the process ends soon.
        std::mem::forget((configuration, sides));
        report
    } else {
        let sides = plain_sides(context, repo.as_ref(), &here, names)?;
        if filter.peers || filter.since.is_some() {
            return Err(Error::usage("`--peers` and `--since` need a `strata.yaml`")
                .with_help("start with `git strata init`"));
        }
        drift::drift_files(&here, &sides, filter)
    }
}

fn plain_sides(
    context: &Context,
    repo: Option<&Repo>,
    here: &Snapshot,
    names: &[String],
) -> Result<Vec<Side>> {
    if names.len() < 2 {
        return Err(Error::usage(
            "without a `strata.yaml`, drift compares two revisions or folders",
        )
        .with_help("name both: `git strata drift v1.0.0 HEAD`; or start with `git strata init`"));
    }
    let side = |name: &String| match context.side(repo, name)? {
        strata::ops::diff::Side::Tree(_, tree) => Ok(Side {
            name: name.clone(),
            environment: None,
            tree: here.beside(tree.files().clone()),
            tip: None,
        }),
        strata::ops::diff::Side::File(..) => Err(Error::usage(format!(
            "`{name}` is a file, where a revision or folder is wanted"
        ))
        .with_help("files are compared by `git strata diff A B`")),
    };
    names.iter().map(side).collect()
}

pub(super) fn parse_key(text: &str) -> std::result::Result<Pointer, String> {
    text.parse().map_err(|error| format!("{error}"))
}
