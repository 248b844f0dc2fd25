use std::path::{Path, PathBuf};

use clap::Subcommand;
use strata::git::{Repo, Revision, looks_like_range};
use strata::ops::audit::{self, Span};
use strata::ops::trust::{CERTIFICATES, Root, SIGNERS};
use strata::ops::{self, access};
use strata::sign::{AllowedSigners, Certificates, Revoked, Signers, is_certificates};
use strata::{Error, Result};

use super::context::Context;
use super::files::in_home;

/// Tell whose signature is on each commit, and what it changed
///
/// Each commit of the range (or up to a revision; HEAD, where nothing is named) is verified here,
/// without calling another program: SSH signatures, as Git makes them with gpg.format=ssh, and
/// OpenPGP signatures, as it makes them with gpg. Who may sign with SSH stands in allowed_signers at
/// the root of the repository, in the form of Git's gpg.ssh.allowedSignersFile; keys that were lost
/// stand in revoked_signers. Who may sign with OpenPGP has a file in pgp_signers there, NAME.asc, as
/// gpg --armor --export writes it; keys that were lost stand in NAME.revoked.asc. A commit is judged
/// by the lists of the step before it, and they only change by a commit that somebody on them signed.
/// Where the history begins, the lists there are believed; --anchor names a commit that you trust.
/// An OpenPGP key counts as gpg has it: until it is over or its owner revokes it, by the newest
/// certificate of it that was in force.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  git strata audit
  git strata audit main..HEAD --format sarif
  git strata audit --anchor v1.0.0
  git strata audit --signers ~/.config/git/allowed_signers
  git strata audit tags"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// The commits: a range, or the last one
    range: Option<String>,
    #[command(flatten)]
    trust: TrustArgs,
}

#[derive(Subcommand)]
enum Verb {
    Tags(TagsArgs),
    Log(LogArgs),
}

/// Tell which secrets were shown to whom, and what was decided, as this clone saw it
///
/// `get` and `show --reveal`, `secret open`, `edit`, `exec` and `export`, and `textconv` note which
/// secrets they show, never what these hold; `policy check`, `set` and its like, and the hooks
/// pre-push, pre-receive and update note what they decide. The log is a file of this clone alone, in
/// Git's folder, to which lines are only added; each names the hash of the one before it. With git
/// config strata.accessLog=false nothing is noted, with =required nothing is shown that cannot be.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata audit log
  git strata audit log --verify
  git strata audit log --verify 3f8a2b91   # the hash that was noted elsewhere")]
struct LogArgs {
    /// Only say whether the chain of hashes is whole, and holds the entry whose hash was noted
    #[arg(long, value_name = "HASH")]
    verify: Option<Option<String>>,
}

/// Tell whose signature is on each tag, and whether what it tags was landed
///
/// A tag is judged by the lists of signers that were in force when its commit had landed, or by
/// those of today. What is only a name (a light tag) nobody can sign.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata audit tags
  git strata audit tags --rev env/prod --format json")]
struct TagsArgs {
    #[command(flatten)]
    trust: TrustArgs,
}

/// Whom to trust.
#[derive(clap::Args)]
pub(crate) struct TrustArgs {
    /// A commit that you trust: who may sign is what it says, and what follows from that
    #[arg(long, value_name = "COMMIT")]
    anchor: Option<String>,
    /// Who may sign, in a file of your own instead of the repository's: lines as in allowed_signers,
    /// or an OpenPGP certificate, NAME.asc
    #[arg(long, value_name = "FILE", conflicts_with = "anchor")]
    signers: Option<PathBuf>,
    /// Which keys count no longer, beside --signers: public keys, one a line, or OpenPGP certificates
    #[arg(long, value_name = "FILE", requires = "signers")]
    revoked: Option<PathBuf>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    context.progress("verifying signatures");
    if context.global.staged {
        return Err(Error::usage("nobody has signed what is in the index")
            .with_help("leave `--staged` out; `--rev` names the last commit"));
    }
    let repo = context.repo()?;
    if let Some(Verb::Log(args)) = &args.verb {
        let noted = args.verify.as_ref().and_then(Option::as_deref);
        let is_hash = |text: &str| {
            let is_digit = |it: u8| matches!(it, b'0'..=b'9' | b'a'..=b'f');
            (8..=64).contains(&text.len()) && text.bytes().all(is_digit)
        };
        if let Some(text) = noted.filter(|text| !is_hash(text)) {
            return Err(Error::usage(format!("`{text}` is no hash of an entry"))
                .with_help("give its digits, the first 8 or more: `git strata audit log` ends with those of the last"));
        }
        let mut report = access::log(&repo, noted)?;
        report.body.is_short = args.verify.is_some();
        return context.answer("audit-log", &report, access::RULES);
    }
    if let Some(Verb::Tags(args)) = args.verb {
        let tip = tip(&repo, context)?;
        let root = args.trust.root(&repo, &tip, context)?;
        let report = audit::audit_tags(&repo, tip.id, &root)?;
        return context.answer("audit-tags", &report, audit::RULES);
    }
    let (base, tip) = match &args.range {
        Some(range) if looks_like_range(range) => {
            let range = repo.range(range)?;
            (Some(range.base), range.tip)
        }
        Some(revision) => (None, repo.revision(revision)?),
        None => (None, tip(&repo, context)?),
    };
    let span = Span {
        base: base.as_ref().map(|base| base.id),
        tip: tip.id,
    };
    let root = args
        .trust
        .root(&repo, base.as_ref().unwrap_or(&tip), context)?;
    let here = context.snapshot(Some(&repo))?;
    let report = audit::audit(&repo, &here, span, &root)?;
    context.answer("audit", &report, &ops::rules())
}

fn tip(repo: &Repo, context: &Context) -> Result<Revision> {
    repo.revision(context.global.rev.as_deref().unwrap_or("HEAD"))
}

impl TrustArgs {
    /// Says where trust begins; where nothing is said, and the repository has no list, that is the
    /// list that Git itself is told to use.
    pub(crate) fn root(&self, repo: &Repo, first: &Revision, context: &Context) -> Result<Root> {
        if let Some(anchor) = &self.anchor {
            return Ok(Root::Anchor(repo.revision(anchor)?.id));
        }
        if let Some(file) = &self.signers {
            let revoked = self.revoked.as_ref().map(|file| context.path(file));
            return lists(&context.path(file), revoked.as_deref());
        }
        for list in [SIGNERS, CERTIFICATES] {
            if repo.files(first).entry(list.into())?.is_some() {
                return Ok(Root::History);
            }
        }
        let own = context.repo_with_user_config()?;
        let file = |key: &str| own.config(key).map(|file| in_home(&file));
        match file("gpg.ssh.allowedSignersFile") {
            Some(signers) => lists(&signers, file("gpg.ssh.revocationFile").as_deref()),
            None => Ok(Root::History),
        }
    }
}

fn lists(signers: &Path, revoked: Option<&Path>) -> Result<Root> {
    let read = |file: &Path| {
        let name = file.display().to_string();
        std::fs::read(file)
            .map(|bytes| (name.clone(), bytes))
            .map_err(|cause| Error::io(format!("cannot read `{name}`"), cause))
    };
    let mut lists = Signers::default();
    let (name, bytes) = read(signers)?;
    match is_certificates(&bytes) {
        true => {
            let who = signers.file_stem().unwrap_or_default().to_string_lossy();
            lists.certificates = Certificates::read(&name, &who, &bytes)?;
        }
        false => lists.allowed = AllowedSigners::read(&name, &bytes)?,
    }
    if let Some((name, bytes)) = revoked.map(read).transpose()? {
        lists.revoked = match is_certificates(&bytes) {
            true => Revoked::read_certificates(&name, &bytes)?,
            false => Revoked::read(&name, &bytes)?,
        };
    }
    Ok(Root::Lists(lists))
}
