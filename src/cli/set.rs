use strata::config::{Configuration, Snapshot};
use strata::git::{Followed, Repo};
use strata::ops::change::{self, Assignment, Author, ChangeBody, Effect, Outcome, Plan, Wanted};
use strata::report::Report;
use strata::{Error, Result};

use super::context::Context;
use super::identity;

/// How often one tries again when somebody else moves the branch at the same moment.
const TRIES: u32 = 100;

/// Change values where they are set, in one commit
///
/// Each value is changed in the layer that sets it now, or, where that layer concerns more than
/// what was asked for, in the lowest layer above it that does not; --layer names one. Comments,
/// order and quotes stay. All environments and services that the change concerns are validated;
/// if it makes one invalid, nothing is changed. The commit goes to the branch that the environment
/// lives on, in one step; the work tree follows if it stands there and holds no changes in those
/// files. Values are YAML: 20, true, [a, b], text. Where the schema asks for a text, 1.10 is one.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata set http.request_timeout_ms=9000 --env prod --service payments -m 'wait longer'
  git strata set database.pool=20 log.level=debug --env dev --dry-run
  git strata set --unset cache.ttl -m 'use the default'
  git strata set --text app.version=1.10 --layer config/base.yaml -m 'name the version'")]
pub(crate) struct Args {
    /// The keys and their values
    #[arg(value_name = "KEY=VALUE", required_unless_present_any = ["unset", "text"])]
    assignments: Vec<String>,
    /// Set a key to a text, whatever it looks like
    #[arg(long, value_name = "KEY=TEXT")]
    text: Vec<String>,
    /// Take what is set at a key out
    #[arg(long, value_name = "KEY")]
    unset: Vec<String>,
    /// For this environment alone
    #[arg(
        long,
        short,
        value_name = "ENVIRONMENT",
        env = "STRATA_ENV",
        hide_env = true
    )]
    env: Option<String>,
    /// For this service alone
    #[arg(
        long,
        short,
        value_name = "SERVICE",
        env = "STRATA_SERVICE",
        hide_env = true
    )]
    service: Option<String>,
    /// In this layer, whomever it concerns
    #[arg(long, value_name = "FILE")]
    layer: Option<String>,
    /// What the commit says; its first line is the title
    #[arg(
        long,
        short,
        value_name = "MESSAGE",
        required_unless_present = "dry_run"
    )]
    message: Option<String>,
    /// Show what would change, and commit nothing
    #[arg(long)]
    dry_run: bool,
    /// Write aliases out where they repeat a value that changes
    #[arg(long)]
    write_out_aliases: bool,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    let mut assignments = Vec::new();
    for text in &args.assignments {
        assignments.push(Assignment::parse(text)?);
    }
    for text in &args.text {
        assignments.push(Assignment::text(text)?);
    }
    for key in &args.unset {
        assignments.push(Assignment::unset(key)?);
    }
    let wanted = Wanted {
        environment: args.env,
        service: args.service,
        layer: args.layer,
        assignments,
        write_out: args.write_out_aliases,
    };
    let message = args.message.unwrap_or_default();
    let done = change_branch(context, args.dry_run, message, &|repo, configuration| {
        change::plan(repo, configuration, &wanted)
    })?;
    context.answer("set", &done, strata::config::schema::RULES)
}

/// Plans a change and, unless it is tried only or makes something invalid, commits it.
pub(super) fn change_branch(
    context: &Context,
    dry_run: bool,
    message: String,
    planned: &dyn Fn(&Repo, &Configuration) -> Result<Plan>,
) -> Result<Report<ChangeBody>> {
    if context.global.rev.is_some() || context.global.staged {
        return Err(
            Error::usage("a change is made to a branch, not to a revision or the index")
                .with_help("leave `--rev` and `--staged` out; `--env` says which branch"),
        );
    }
    let repo = context.repo_with_user_config()?;
    let plan = || -> Result<Plan> {
        let snapshot = match repo.is_bare() {
            true => Snapshot::of_revision(&repo, &repo.revision("HEAD")?),
            false => context.snapshot(Some(&repo))?,
        };
        let configuration = Configuration::open(Some(context.repo()?), snapshot)?;
        planned(&repo, &configuration)
    };
    let mut made = plan()?;
    if !dry_run && made.findings.is_empty() && !made.is_empty() {
        if message.trim().is_empty() {
            return Err(
                Error::usage("the message is empty").with_help("say why: `-m 'wait longer'`")
            );
        }
        let (author, committer) = identity::people(&repo)?;
        let author = Author {
            author,
            committer,
            message,
        };
        made = committed(&repo, made, &author, &plan)?;
    }
    Ok(Report::new(None, made.findings, made.body))
}

/// Commits a plan; when somebody else was faster, makes it anew on what is there now.
fn committed(
    repo: &Repo,
    mut plan: Plan,
    author: &Author,
    again: &dyn Fn() -> Result<Plan>,
) -> Result<Plan> {
    let before = plan.body.changes.clone();
    for attempt in 0..TRIES {
        match change::commit(repo, &plan, author) {
            Ok(Outcome::Committed(id, followed)) => {
                plan.body.commit = Some(id.to_string());
                if let Followed::InTheWay(paths) = followed {
                    plan.body.left = paths.iter().map(ToString::to_string).collect();
                }
                return Ok(plan);
            }
            Ok(Outcome::Overtaken) => {}
            // Another process may hold the reference for a moment.
            Err(error) if attempt + 1 == TRIES => return Err(error),
            Err(_) => {}
        }
        std::thread::sleep(std::time::Duration::from_millis(
            u64::from(attempt % 10) * 3,
        ));
        plan = again()?;
        if let Some(lost) = lost(&before, &plan.body.changes) {
            let tip = repo.revision(&plan.branch)?.id;
            let commit = repo.commit(tip)?;
            return Err(Error::repository(format!(
                "`{}` was changed in the meantime, by {} in {} ({})",
                lost.pointer.dotted(),
                commit.author.name,
                tip.short(),
                commit.title()
            ))
            .with_help("look at it, and try again"));
        }
        if plan.is_empty() || !plan.findings.is_empty() {
            return Ok(plan);
        }
    }
    Err(
        Error::repository(format!("`{}` is moved by others all the time", plan.branch))
            .with_help("try again"),
    )
}

/// Finds a value that is not what it was when the change was planned.
fn lost<'e>(before: &'e [Effect], now: &[Effect]) -> Option<&'e Effect> {
    before.iter().find(|effect| {
        let same = now.iter().find(|other| {
            (&other.environment, &other.service, &other.pointer)
                == (&effect.environment, &effect.service, &effect.pointer)
        });
        same.is_none_or(|other| other.old != effect.old)
    })
}
