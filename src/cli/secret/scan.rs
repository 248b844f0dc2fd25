use strata::config::Snapshot;
use strata::git::{Repo, looks_like_range};
use strata::ops::scan::{self, Allowances, Permission, SECRETS_ALLOWED, What};
use strata::text::Date;
use strata::{Error, Result};

use crate::cli::acceptance::{OwnFile, to_come};
use crate::cli::context::{Context, say};
use crate::cli::files::replace_file;

/// Find secrets that stand in plain text: keys, tokens, passwords
///
/// Looks for private keys, tokens of known services, passwords in addresses, and values that
/// nobody could guess under keys that speak of secrets. Without a range, the files of the work
/// tree are searched, those that Git does not know yet, too; with `--staged`, the index; with a
/// revision, its files; with a range, what its commits brought. What a secret says is never shown:
/// each has a fingerprint, by which secrets-allowed.yaml can allow it. Commit that file to make it
/// so for everybody.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret scan
  git strata secret scan --staged
  git strata secret scan main..HEAD
  git strata secret scan --history --format sarif -o secrets.sarif
  git strata secret scan --allow 0a1b2c3d4e5f6071 --reason 'made for a test' --until 2031-01-31")]
pub(super) struct Args {
    /// A revision, or a range of commits such as main..HEAD
    #[arg(value_name = "RANGE")]
    range: Option<String>,
    /// Search everything: the work tree, and all commits that any reference leads to
    #[arg(long, conflicts_with = "range")]
    history: bool,
    /// Write down in secrets-allowed.yaml that this is no secret, or one that may stand there
    #[arg(long, value_name = "FINGERPRINT", requires = "reason")]
    allow: Option<String>,
    /// Why it is allowed
    #[arg(long, value_name = "TEXT", requires = "allow")]
    reason: Option<String>,
    /// The last day on which it is allowed, such as 2031-01-31; without it, always
    #[arg(long, value_name = "DATE", requires = "allow")]
    until: Option<Date>,
}

pub(super) fn run(args: Args, context: &mut Context) -> Result<u8> {
    context.progress("looking for secrets");
    let repo = context.repo()?;
    if args.history && (context.global.rev.is_some() || context.global.staged) {
        return Err(Error::usage("`--history` searches everything")
            .with_help("leave `--rev` and `--staged` out"));
    }
    if args.range.is_some() && context.global.staged {
        return Err(Error::usage("the index is in no range of commits")
            .with_help("leave `--staged` or the range out"));
    }
    let mut tree = context.snapshot(Some(&repo))?;
    let what = match &args.range {
        None if args.history => What::Everything,
        None => What::Tree,
        Some(range) if looks_like_range(range) => {
            let range = repo.range(range)?;
            What::Commits {
                tips: vec![range.tip.id],
                without: vec![range.base.id],
            }
        }
        Some(revision) => {
            tree = Snapshot::of_revision(&repo, &repo.revision(revision)?);
            What::Tree
        }
    };
    let today = Some(context.today());
    let allowed = Allowances::read(&tree, today)?;
    let mut report = scan::scan(&repo, &tree, &what, &allowed)?;
    if let (Some(fingerprint), Some(reason)) = (args.allow, args.reason) {
        let permission = Permission {
            fingerprint,
            reason,
            until: args.until,
        };
        write(context, &repo, &report.body, &permission)?;
        // What was found is judged again by what is written there now.
        let allowed = Allowances::read(&Snapshot::of_work_tree(&repo)?, today)?;
        report = scan::scan(&repo, &tree, &what, &allowed)?;
    }
    context.answer("scan", &report, scan::RULES)
}

/// Adds to the file of what is allowed.
fn write(
    context: &Context,
    repo: &Repo,
    body: &scan::ScanBody,
    permission: &Permission,
) -> Result<()> {
    if permission.reason.trim().is_empty() {
        return Err(Error::usage("the reason is empty").with_help("say why: `--reason '…'`"));
    }
    if let Some(until) = permission.until {
        to_come(context, until)?;
    }
    let own = OwnFile::open(repo, SECRETS_ALLOWED)?;
    let (text, added) = scan::allow(own.text.as_deref(), body, permission)?;
    replace_file(&own.path, text.as_bytes())?;
    if !context.global.quiet {
        let noun = if added == 1 { "entry" } else { "entries" };
        say(&format!(
            "added {added} {noun} to `{SECRETS_ALLOWED}`; commit it\n"
        ));
    }
    Ok(())
}
