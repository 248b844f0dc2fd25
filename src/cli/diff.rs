use std::path::PathBuf;

use strata::Result;
use strata::config::Snapshot;
use strata::git::{Repo, Revision, looks_like_range};
use strata::ops::diff::{self, Side};

use super::context::{Context, bytes_of};

/// Compare two endpoints by value, not by line
///
/// Key order, comments, quoting and the spelling of numbers make no difference. Items of a list
/// are matched by their name, id or key where they have one. Without B, A is compared with the
/// work tree (or what --rev and --staged name).
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata diff v1.0.0 v1.1.0
  git strata diff main...HEAD -- config/
  git strata diff HEAD:config/app.yaml config/app.yaml
  git strata diff old.yaml new.yaml --format json")]
pub(crate) struct Args {
    /// The older side: a revision, REVISION:PATH, a file, a folder, or a range for both sides
    a: String,
    /// The newer side
    b: Option<String>,
    /// Only files at or below these paths
    #[arg(last = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    context.progress("comparing");
    let repo = context.repo_if_any()?;
    let (old, new) = match (&args.b, &repo) {
        (None, Some(repo)) if looks_like_range(&args.a) => {
            let range = repo.range(&args.a)?;
            (tree(repo, &range.base), tree(repo, &range.tip))
        }
        (None, repo) => {
            let old = context.side(repo.as_ref(), &args.a)?;
            let here = context.snapshot(repo.as_ref())?;
            let name = here.label().unwrap_or("the work tree").to_owned();
            (old, Side::Tree(name, here))
        }
        (Some(b), repo) => (
            context.side(repo.as_ref(), &args.a)?,
            context.side(repo.as_ref(), b)?,
        ),
    };
    let paths: Vec<_> = args.paths.iter().map(|path| bytes_of(path)).collect();
    let report = diff::diff(&old, &new, &paths)?;
    context.answer("diff", &report, strata::ops::NO_RULES)
}

fn tree(repo: &Repo, revision: &Revision) -> Side {
    Side::Tree(revision.name.clone(), Snapshot::of_revision(repo, revision))
}
