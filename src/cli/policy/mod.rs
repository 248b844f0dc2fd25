//! `policy`: who may change what, who must agree, and agreeing.

mod approve;

use clap::Subcommand;
use strata::config::Configuration;
use strata::git::{Range, Repo, looks_like_range};
use strata::ops;
use strata::ops::policy::{self, About, Asked};
use strata::text::Pointer;
use strata::{Error, Result};

use crate::cli::access::{decision, note};
use crate::cli::audit::TrustArgs;
use crate::cli::authority::authority;
use crate::cli::context::Context;
use crate::cli::drift::parse_key;

/// Who may change what, and who must agree
///
/// policy.yaml at the root of the repository says which role holds which rights, who has which role
/// and where, what is protected, and what others must agree to. Who made a commit is told by its
/// signature, as `git strata audit` does. `git strata util schema policy` prints its schema.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Check(CheckArgs),
    Show(ShowArgs),
    Pending(PendingArgs),
    Approve(approve::ApproveArgs),
    Withdraw(approve::WithdrawArgs),
}

/// Hold the commits of a range to the policy
///
/// Each step of the branch is held to the policy of the step before it, so nobody grants what they
/// do not hold. A change is what it does: every service is resolved in every environment before and
/// after, and what became another value there needs the right there. So an edit of a shared layer
/// needs the right in each environment that it reaches. What a merge brought is judged commit by
/// commit; whoever merged needs `land`, and answers for all that comes from none of those commits.
/// A check that people can skip is a help to them; the one in CI, or on the server, decides.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata policy check main..HEAD --ref main
  git strata policy check v1.0.0..main --anchor v1.0.0
  git strata policy check main..HEAD --format sarif -o policy.sarif")]
struct CheckArgs {
    #[command(flatten)]
    part: Part,
}

/// Which commits, for which branch.
#[derive(clap::Args)]
struct Part {
    /// The commits
    range: String,
    /// The branch that they are for: approvals are for one branch, and environments with a `ref`
    /// live on one [default: the branch that the range begins at, as in main..HEAD, or else the one
    /// that is checked out, where the range ends there]
    #[arg(long = "ref", value_name = "BRANCH")]
    reference: Option<String>,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Tell what still needs whose agreement
///
/// For each step that the policy asks others to agree to, and too few did: what changes, how many
/// agreed, and who could. Whether its authors may do what they did is told by `policy check`.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata policy pending main..HEAD
  git strata policy pending main..feature --format markdown")]
struct PendingArgs {
    #[command(flatten)]
    part: Part,
}

/// Tell what somebody may do, or who may change a key
///
/// Without a question the whole policy is told. Each line names the line of policy.yaml that says
/// so. What is denied stands first, as it counts first.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata policy show
  git strata policy show --who ann@shop.example
  git strata policy show --path payments.fee --env prod")]
struct ShowArgs {
    /// What this person may do, by their name in allowed_signers
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// Who may change this key
    #[arg(long, value_name = "KEY", value_parser = parse_key)]
    path: Option<Pointer>,
    /// Only what is said of this environment
    #[arg(long, short, value_name = "ENVIRONMENT")]
    env: Option<String>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    match args.verb {
        Verb::Check(args) => check(args, context),
        Verb::Show(args) => show(args, context),
        Verb::Pending(args) => pending(args, context),
        Verb::Approve(args) => approve::approve(args, context),
        Verb::Withdraw(args) => approve::withdraw(args, context),
    }
}

fn check(args: CheckArgs, context: &mut Context) -> Result<u8> {
    context.progress("checking permissions");
    let repo = context.repo()?;
    let (_, asked) = args.part.asked(&repo, context)?;
    let here = context.snapshot(Some(&repo))?;
    let report = policy::check(&repo, &here, &asked)?;
    let ends = [&report.body.base, &Some(report.body.tip.clone())].map(Clone::clone);
    let event = decision(asked.reference.as_deref(), ends, &report.findings);
    let settings = context.repo_with_user_config()?;
    note(&settings, context.global.quiet, "policy check", vec![event])?;
    context.answer("policy-check", &report, &ops::rules())
}

fn show(args: ShowArgs, context: &mut Context) -> Result<u8> {
    let repo = context.repo_if_any()?;
    let tree = context.snapshot(repo.as_ref())?;
    let about = About {
        who: args.who,
        path: args.path,
        environment: args.env,
    };
    let (configuration, _) = Configuration::read(None, tree.clone())?;
    let manifest = configuration.as_ref().map(Configuration::manifest);
    let report = policy::show(&tree, manifest, &about)?;
    context.answer("policy-show", &report, policy::RULES)
}

fn pending(args: PendingArgs, context: &mut Context) -> Result<u8> {
    context.progress("looking for agreement");
    let repo = context.repo()?;
    let (_, asked) = args.part.asked(&repo, context)?;
    let here = context.snapshot(Some(&repo))?;
    let report = policy::pending(&repo, &here, &asked)?;
    context.answer("policy-pending", &report, &ops::rules())
}

impl Part {
    /// Finds the commits, and asks what `check` needs to know of them.
    fn asked(&self, repo: &Repo, context: &Context) -> Result<(Range, Asked)> {
        if !looks_like_range(&self.range) {
            let message = format!("`{}` is no range of commits", self.range);
            return Err(Error::usage(message).with_help(format!(
                "name where it begins: `git strata policy check {}~1..{}`",
                self.range, self.range
            )));
        }
        let range = repo.range(&self.range)?;
        let mut asked = asked(repo, &range, context)?;
        if self.reference.is_some() {
            asked.reference.clone_from(&self.reference);
        }
        asked.root = self.trust.root(repo, &range.base, context)?;
        Ok((range, asked))
    }
}

/// Asks what `check` needs to know for a range.
pub(super) fn asked(repo: &Repo, range: &Range, context: &Context) -> Result<Asked> {
    let checked_out = || {
        let head = repo.head().ok()?;
        head.branch.filter(|_| head.commit == Some(range.tip.id))
    };
    let reference = range.branch.clone().or_else(checked_out);
    Ok(Asked {
        today: Some(context.today()),
        authority: authority(context, &context.repo_with_user_config()?)?,
        is_proposal: range.branch.is_some(),
        ..Asked::of(Some(range.base.id), range.tip.id, reference)
    })
}
