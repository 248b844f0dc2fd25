use std::path::PathBuf;

use bstr::ByteSlice;
use strata::document::Three;
use strata::git::Repo;
use strata::ops::merge::{broken, merge};
use strata::text::Markers;
use strata::{Error, Result};

use super::context::{Context, bytes_of, say};
use super::files::replace_file;

/// Merge three versions of a file by value, as Git asks a merge driver to
///
/// Git calls this; `git strata hook install --merge-driver` sees to it. YAML, JSON and TOML are
/// merged key by key, and items of lists by their name, id or key; comments and order are kept.
/// What both sides changed is left with Git's markers around the smallest lines that hold it, and
/// all else is merged. What cannot be read is merged line by line.
///
/// The result is written over OURS. Exit status: 0 when all is merged; 1 when there is a
/// conflict, or when what is merged breaks the schema of a layer and neither side does alone; 2
/// when nothing could be written.
#[derive(clap::Args)]
#[command(after_help = "Example, as Git's configuration has it:
  git config merge.strata.driver 'git-strata merge-driver %O %A %B %L %P %S %X %Y'
  echo '*.yaml merge=strata' >> .gitattributes")]
pub(crate) struct Args {
    /// What both sides come from (%O)
    base: PathBuf,
    /// Our side; the result is written here (%A)
    ours: PathBuf,
    /// Their side (%B)
    theirs: PathBuf,
    /// How many signs a marker has (%L)
    #[arg(default_value = "7")]
    size: String,
    /// The path in the repository (%P)
    path: Option<PathBuf>,
    /// The names of the base, our side and theirs (%S %X %Y)
    labels: Vec<String>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    let read = |path: &PathBuf| {
        std::fs::read(context.path(path)).map_err(|cause| {
            Error::io(format!("cannot read `{}`", path.display()), cause)
                .with_help("let Git call this: `git strata hook install --merge-driver`")
        })
    };
    let (base, ours, theirs) = (read(&args.base)?, read(&args.ours)?, read(&args.theirs)?);
    let sides = Three {
        base: &base[..],
        ours: &ours[..],
        theirs: &theirs[..],
    };
    let repo = context.repo_with_user_config().ok();
    let path = bytes_of(args.path.as_ref().unwrap_or(&args.ours));
    let name = path.to_str_lossy().into_owned();
    let merged = merge(sides, &name, &markers(&args, repo.as_ref()));
    replace_file(&context.path(&args.ours), &merged.bytes)?;
    for told in &merged.told {
        say(&format!("{name}: {told}\n"));
    }
    if merged.conflicts {
        return Ok(1);
    }
    let head = repo.as_ref().and_then(|repo| repo.revision("HEAD").ok());
    let (Some(repo), Some(head)) = (&repo, head) else {
        return Ok(0);
    };
    // What cannot be judged here is judged by the checks of the merged whole.
    let found = broken(repo, &head, path.as_ref(), sides, &merged.bytes);
    let found = found.ok().flatten().unwrap_or_default();
    for finding in &found {
        say(&format!(
            "{name}: merged, but it breaks the schema: {}\n",
            finding.message
        ));
    }
    if found.is_empty() {
        return Ok(0);
    }
    say(&format!(
        "help: no place is marked; mend the file, look again with `git strata check`, then `git \
         add {name}`\n"
    ));
    Ok(1)
}

/// Reads how conflicts are marked; what Git of an older age leaves as it is, is no name.
fn markers(args: &Args, repo: Option<&Repo>) -> Markers {
    let label = |at: usize, otherwise: &str| {
        let given = args
            .labels
            .get(at)
            .filter(|it| !it.is_empty() && !it.starts_with('%'));
        given.cloned().unwrap_or_else(|| otherwise.to_owned())
    };
    let style = repo.and_then(|repo| repo.config("merge.conflictStyle"));
    let shows_base = matches!(style.as_deref(), Some("diff3" | "zdiff3"));
    Markers {
        size: args
            .size
            .parse()
            .ok()
            .filter(|size| (1..=200).contains(size))
            .unwrap_or(7),
        ours: label(1, "ours"),
        theirs: label(2, "theirs"),
        base: shows_base.then(|| label(0, "base")),
    }
}
