use std::sync::Arc;

use strata::config::{Configuration, Snapshot};
use strata::git::{Followed, Repo};
use strata::ops::change::{
    self, Assignment, Author, ChangeBody, Effect, Judging, Outcome, Plan, Wanted,
};
use strata::ops::policy::{self, Asked};
use strata::report::{Finding, Report, View};
use strata::{Error, ErrorKind, Result};

use super::access::{decision, note};
use super::authority::authority;
use super::context::Context;
use super::environment;
use super::identity;
use super::signing;

/// How often one tries again when somebody else moves the branch at the same moment.
const TRIES: u32 = 100;

/// After how long no more is tried, where something is in the way.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// Change values where they are set, in one commit
///
/// Each value is changed in the layer that sets it now, or, where that layer concerns more than
/// what was asked for, in the lowest layer above it that does not; --layer names one. Comments,
/// order and quotes stay. All environments and services that the change concerns are validated;
/// if it makes one invalid, or policy.yaml does not let whoever signs do it, nothing is changed. The
/// commit goes to the branch that the environment
/// lives on, in one step; the work tree follows if it stands there, but for files that hold changes of their
/// own. Values are YAML: 20, true, [a, b], text. Where the schema asks for a text, 1.10 is one.
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
        required_unless_present_any = ["dry_run", "patch"]
    )]
    message: Option<String>,
    /// Show what would change, and commit nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the change as a patch for `git apply`, and commit nothing
    #[arg(long, conflicts_with = "dry_run")]
    patch: bool,
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
    let way = Way {
        dry_run: args.dry_run,
        patch: args.patch,
        message: args.message.unwrap_or_default(),
    };
    let plans = change_branches(context, &way, &|repo, configuration| {
        Ok(vec![change::plan(repo, configuration, &wanted)?])
    })?;
    way.answer(context, "set", plans, only)
}

/// How a change is made.
pub(super) struct Way {
    /// Commit nothing.
    pub(super) dry_run: bool,
    /// Commit nothing, and write what would change as a patch.
    pub(super) patch: bool,
    /// What the commit says.
    pub(super) message: String,
}

/// Gives the body of the only plan there is.
pub(super) fn only(mut bodies: Vec<ChangeBody>) -> ChangeBody {
    bodies.pop().unwrap_or_default()
}

impl Way {
    /// Answers with what plans do, or with the patch.
    pub(super) fn answer<T: View>(
        &self,
        context: &mut Context,
        command: &str,
        plans: Vec<Plan>,
        body: impl FnOnce(Vec<ChangeBody>) -> T,
    ) -> Result<u8> {
        let mut patch = String::new();
        let (mut findings, mut left) = (Vec::new(), Vec::new());
        let mut bodies = Vec::with_capacity(plans.len());
        let several = plans.iter().filter(|plan| !plan.is_empty()).count() > 1;
        for plan in plans {
            if several && !plan.is_empty() {
                // `git apply` passes over it.
                patch.push_str(&format!("On branch {}:\n", plan.body.branch));
            }
            patch.push_str(&plan.patch);
            findings.extend(plan.findings);
            left.extend(plan.left);
            bodies.push(plan.body);
        }
        let patch = (self.patch && findings.is_empty()).then_some(patch);
        findings.extend(left);
        let report = Report::new(None, findings, body(bodies));
        let rules = strata::ops::rules();
        match patch {
            Some(patch) => context.text_beside(command, report, Some(&patch), &rules),
            None => context.answer(command, &report, &rules),
        }
    }
}

/// Plans changes of branches and, unless they are tried only or make something invalid, commits
/// them all.
pub(super) fn change_branches(
    context: &Context,
    way: &Way,
    planned: &dyn Fn(&Repo, &Configuration) -> Result<Vec<Plan>>,
) -> Result<Vec<Plan>> {
    if context.global.rev.is_some() || context.global.staged {
        return Err(
            Error::usage("a change is made to a branch, not to a revision or the index")
                .with_help("leave `--rev` and `--staged` out; `--env` says which branch"),
        );
    }
    let repo = context.repo_with_user_config()?;
    let plan = || -> Result<Vec<Plan>> {
        // What is committed counts: nothing else is to get into a commit.
        let snapshot = match repo.head()?.commit.is_some() {
            true => environment::known(Snapshot::of_revision(&repo, &repo.revision("HEAD")?)),
            false => context.snapshot(Some(&repo))?,
        };
        let configuration = Configuration::open(Some(context.repo()?), snapshot)?;
        planned(&repo, &configuration)
    };
    let mut made = plan()?;
    if !is_to_be_made(&made) {
        return Ok(made);
    }
    if way.dry_run || way.patch {
        let findings = foreseen(context, &repo, &made)?;
        if let Some(plan) = made.first_mut() {
            plan.left.extend(findings);
        }
        return Ok(made);
    }
    let author = author(context, &repo, &way.message)?;
    committed(&repo, made, &author, &plan)
}

/// Says what the policy would say to plans that are only tried; nobody is asked to sign where none
/// is in force.
fn foreseen(context: &Context, repo: &Repo, plans: &[Plan]) -> Result<Vec<Finding>> {
    let mut is_governed = false;
    for plan in plans {
        let entry = repo.files(&plan.base).entry(policy::POLICY.into())?;
        is_governed |= entry.is_some() && !plan.is_empty();
    }
    if !is_governed {
        return Ok(Vec::new());
    }
    change::foresee(repo, plans, &author(context, repo, "try")?)
}

/// Says who would commit, and why; or what keeps anybody from it.
fn author(context: &Context, repo: &Repo, message: &str) -> Result<Author> {
    if message.trim().is_empty() {
        return Err(Error::usage("the message is empty").with_help("say why: `-m 'wait longer'`"));
    }
    let (author, committer) = identity::people(repo)?;
    Ok(Author {
        author,
        committer,
        message: message.to_owned(),
        signing: signing::signing(repo)?,
        judging: Some(judging(context, repo)?),
    })
}

/// Holds commits to the policy, each on its branch, as whoever signed them.
fn judging(context: &Context, repo: &Repo) -> Result<Judging> {
    let today = context.today();
    let (authority, is_quiet) = (authority(context, repo)?, context.global.quiet);
    Ok(Judging(Arc::new(move |repo, moves| {
        let mut findings = Vec::new();
        for it in moves {
            let here = environment::known(Snapshot::of_revision(
                repo,
                &repo.revision(&it.new.to_string())?,
            ));
            let reference = Some(it.name.clone()).filter(|name| name != "HEAD");
            let asked = Asked {
                today: Some(today),
                authority: authority.clone(),
                ..Asked::of(it.expected, it.new, reference)
            };
            let found = policy::foresee(repo, &here, &asked)?;
            if let Some(found) = &found {
                let ends = [it.expected, Some(it.new)].map(|id| id.map(|id| id.to_string()));
                let event = decision(asked.reference.as_deref(), ends, found);
                note(repo, is_quiet, "change", vec![event])?;
            }
            findings.extend(found.unwrap_or_default());
        }
        Ok(findings)
    })))
}

/// Refuses what could not be committed, before anything is done for it.
pub(super) fn committable(context: &Context, way: &Way) -> Result<()> {
    author(context, &context.repo_with_user_config()?, &way.message).map(|_| ())
}

/// Says whether plans change anything, and nothing to what is invalid.
fn is_to_be_made(plans: &[Plan]) -> bool {
    plans.iter().any(|plan| !plan.is_empty()) && plans.iter().all(|plan| plan.findings.is_empty())
}

/// Commits plans; when somebody else was faster, makes them anew on what is there now.
fn committed(
    repo: &Repo,
    mut plans: Vec<Plan>,
    author: &Author,
    again: &dyn Fn() -> Result<Vec<Plan>>,
) -> Result<Vec<Plan>> {
    let before: Vec<Vec<Effect>> = plans.iter().map(|plan| plan.body.changes.clone()).collect();
    let start = std::time::Instant::now();
    for attempt in 0..TRIES {
        plans.retain(|plan| !plan.is_empty());
        match change::commit_all(repo, &plans, author) {
            Ok(Outcome::Refused(findings)) => {
                if let Some(plan) = plans.first_mut() {
                    plan.findings.extend(findings);
                }
                return Ok(plans);
            }
            Ok(Outcome::Committed(done, findings)) => {
                if let Some(plan) = plans.first_mut() {
                    plan.left.extend(findings);
                }
                for (plan, (id, followed)) in plans.iter_mut().zip(done) {
                    plan.body.commit = Some(id.to_string());
                    match followed {
                        Followed::Partly(left) => {
                            let all = left.edited.iter().chain(&left.staged);
                            plan.body.left = all.map(ToString::to_string).collect();
                            let staged = left.staged.iter();
                            plan.body.left_staged = staged.map(ToString::to_string).collect();
                        }
                        Followed::Failed(why) => {
                            let files = plan.body.files.iter().map(|file| file.path.clone());
                            plan.body.left = files.collect();
                            plan.body.left_because = Some(why);
                        }
                        Followed::Yes | Followed::Elsewhere => {}
                    }
                }
                return Ok(plans);
            }
            Ok(Outcome::Overtaken) => {}
            // Another process may hold the reference for a moment.
            Err(error)
                if error.kind() != ErrorKind::Repository
                    || attempt + 1 == TRIES
                    || start.elapsed() > PATIENCE =>
            {
                return Err(error);
            }
            Err(_) => {}
        }
        std::thread::sleep(std::time::Duration::from_millis(
            u64::from(attempt % 10) * 3,
        ));
        plans = again()?;
        let now: Vec<&Effect> = plans.iter().flat_map(|plan| &plan.body.changes).collect();
        if let Some(lost) = before.iter().flatten().find(|effect| is_lost(effect, &now)) {
            return Err(overtaken(repo, &plans, lost)?);
        }
        if !is_to_be_made(&plans) {
            return Ok(plans);
        }
    }
    let names: Vec<_> = plans
        .iter()
        .map(|plan| format!("`{}`", plan.branch))
        .collect();
    Err(Error::repository(format!(
        "{} is moved by others all the time",
        names.join(", ")
    ))
    .with_help("try again"))
}

/// Says whether a value is not what it was when the change was planned.
fn is_lost(effect: &Effect, now: &[&Effect]) -> bool {
    let same = now.iter().find(|other| {
        (&other.environment, &other.service, &other.pointer)
            == (&effect.environment, &effect.service, &effect.pointer)
    });
    same.is_none_or(|other| other.old != effect.old)
}

/// Says who changed a value that was to be changed.
fn overtaken(repo: &Repo, plans: &[Plan], lost: &Effect) -> Result<Error> {
    let concerned = |plan: &&Plan| {
        let mut changes = plan.body.changes.iter();
        changes.any(|it| it.environment == lost.environment)
    };
    let plan = plans.iter().find(concerned).or(plans.first());
    let key = lost.pointer.dotted();
    let Some(plan) = plan else {
        return Ok(Error::repository(format!(
            "`{key}` was changed in the meantime"
        )));
    };
    let tip = repo.revision(&plan.branch)?.id;
    let commit = repo.commit(tip)?;
    Ok(Error::repository(format!(
        "`{key}` was changed in the meantime, by {} in {} ({})",
        commit.author.name,
        tip.short(),
        commit.title()
    ))
    .with_help("look at it, and try again"))
}
