use strata::git::{Repo, Revision, branch_name};
use strata::ops;
use strata::ops::change::{self, Edit};
use strata::ops::policy::{self, Approval, Says};
use strata::text::Date;
use strata::{Error, Result};

use super::Part;
use crate::cli::acceptance::to_come;
use crate::cli::context::Context;
use crate::cli::set::{Way, change_branches};
use crate::cli::signing::Signer;

/// Agree to a change, by a signed statement
///
/// The statement is about one repository, branch, change and policy, and is signed by your SSH key,
/// as Git signs commits. It is committed to the branch that the change stands on, as
/// approvals/CHANGE/KEY.json; push it, so that others see it. It survives that the change is
/// squashed or rebased. Nothing is written where it would not count: where you made the change,
/// nobody asked for your agreement, or your key is not in allowed_signers.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata policy approve main..HEAD
  git strata policy approve main..feature --expires 2031-01-31
  git strata policy approve origin/main..feature --key ~/.ssh/id_ed25519")]
pub(super) struct ApproveArgs {
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    how: How,
    /// The last day on which it counts, such as 2031-01-31; without it, always
    #[arg(long, value_name = "DATE")]
    expires: Option<Date>,
}

/// Take an agreement back
///
/// By a second statement, which stays beside the first. It counts where it stands in the branch: push
/// it at once. Whoever took back their agreement cannot agree to the same change again.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata policy withdraw main..HEAD -m 'the fee is wrong'")]
pub(super) struct WithdrawArgs {
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    how: How,
}

/// How a statement is signed and committed.
#[derive(clap::Args)]
struct How {
    /// The SSH key that signs it, as a file or as Git's user.signingKey has it [default: the key
    /// that Git signs commits with]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// What the commit says [default: what is said to which change]
    #[arg(long, short, value_name = "MESSAGE")]
    message: Option<String>,
}

pub(super) fn approve(args: ApproveArgs, context: &mut Context) -> Result<u8> {
    if let Some(expires) = args.expires {
        to_come(context, expires)?;
    }
    let stated = (Says::Approve, args.expires);
    say(stated, &args.part, args.how, context)
}

pub(super) fn withdraw(args: WithdrawArgs, context: &mut Context) -> Result<u8> {
    say((Says::Withdraw, None), &args.part, args.how, context)
}

fn say(
    (decision, expires): (Says, Option<Date>),
    part: &Part,
    how: How,
    context: &mut Context,
) -> Result<u8> {
    let repo = context.repo_with_user_config()?;
    let (range, mut asked) = part.asked(&repo, context)?;
    // A statement for another branch than was meant would be worse than none.
    asked.reference = part.reference.clone().or(range.branch.clone());
    if let Some(name) = &part.reference {
        known(&repo, name)?;
    }
    let here = context.snapshot(Some(&repo))?;
    let statement = policy::state(&repo, &here, &asked, decision, expires)?;
    // Before anything is signed: a key may have to be touched for it.
    let branch = branch(&repo, &range.tip)?;
    let signer = Signer::of_statements(&repo, how.key)?;
    let signature = signer.sign(policy::NAMESPACE, &statement.payload())?;
    let approval = Approval {
        statement,
        signature,
    };
    context.progress("looking for agreement");
    let mut report = policy::stated(&repo, &here, &asked, &approval)?;
    let verb = match decision {
        Says::Approve => "agree to",
        Says::Withdraw => "no longer agree to",
    };
    let short: String = approval.statement.change.chars().take(12).collect();
    let message = how.message.filter(|it| !it.trim().is_empty());
    let way = Way {
        dry_run: false,
        patch: false,
        message: message.unwrap_or_else(|| format!("{verb} change {short}")),
    };
    let plans = change_branches(context, &way, &|repo, configuration| {
        let plan = change::plan_on(repo, configuration, branch.clone(), |tree| {
            let file = policy::place(tree, &approval)?;
            Ok(vec![Edit {
                path: file.into(),
                text: approval.text(),
                anew: Vec::new(),
            }])
        })?;
        match plan.base.id == range.tip.id {
            true => Ok(vec![plan]),
            false => Err(moved(&plan.branch)),
        }
    })?;
    for plan in plans {
        report.findings.extend(plan.findings);
        report.findings.extend(plan.left);
        report.body.branch = plan.body.branch;
        report.body.commit = plan.body.commit;
        if let Some(file) = plan.body.files.first() {
            report.body.file.clone_from(&file.path);
        }
    }
    let name = match decision {
        Says::Approve => "policy-approve",
        Says::Withdraw => "policy-withdraw",
    };
    context.answer(name, &report, &ops::rules())
}

/// Finds the branch that a statement goes to: the one that the change ends at; none is the one that
/// one stands on.
fn branch(repo: &Repo, tip: &Revision) -> Result<Option<String>> {
    let (head, name) = (repo.head()?.branch, branch_name(&tip.name));
    if matches!(tip.name.as_str(), "HEAD" | "@") || head.as_deref() == Some(name) {
        return Ok(None);
    }
    match repo.branches()?.iter().any(|it| it == name) {
        true => Ok(Some(name.to_owned())),
        false => Err(Error::usage(format!(
            "`{}` is no branch here, so a statement cannot be committed to it",
            tip.name
        ))
        .with_help(
            "end the range at the branch of the change, such as `main..feature`; to bring it \
             here: `git switch feature`",
        )),
    }
}

/// Refuses a branch that is neither here nor at a remote.
fn known(repo: &Repo, name: &str) -> Result<()> {
    let name = branch_name(name);
    let names = repo.all_branches()?;
    match names.iter().any(|it| it == name) {
        true => Ok(()),
        false => Err(Error::not_found(format!("there is no branch `{name}`"))
            .with_names(name, names.iter().map(String::as_str))),
    }
}

fn moved(branch: &str) -> Error {
    Error::repository(format!("`{branch}` moved in the meantime"))
        .with_help("look at what came to it, and say it again")
}
