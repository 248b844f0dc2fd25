use super::receive::{ReceiveOptions, RefUpdate, judge};
use super::told::ReceiveBody;
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::report::Report;

/// The branches that other sides usually show first.
const USUAL: [&str; 2] = ["main", "master"];

/// Reads what Git hands to `pre-push` on its standard input: a line
/// `<local ref> <local id> <remote ref> <remote id>` for each ref ([githooks]).
///
/// # Errors
///
/// Where a line is not of that form.
///
/// [githooks]: https://git-scm.com/docs/githooks#_pre_push
pub fn pushed(repo: &Repo, input: &str) -> Result<Vec<RefUpdate>> {
    let lines = input.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            // A revision such as `HEAD@{2 days ago}` may stand for the local ref.
            let mut words = line.rsplitn(4, ' ');
            match (words.next(), words.next(), words.next(), words.next()) {
                (Some(theirs), Some(name), Some(ours), Some(_)) => {
                    RefUpdate::of(repo, name, theirs, ours)
                }
                _ => Err(
                    Error::usage(format!("`{line}` is no line that Git hands to pre-push"))
                        .with_help("let Git run this hook: `git strata hook install`"),
                ),
            }
        })
        .collect()
}

/// Judges what is about to be pushed: each ref is compared with what the other side has there, a new
/// one with the best commit that it has in common with what is known of the other side.
///
/// # Errors
///
/// Where the repository cannot be read.
pub fn push(
    repo: &Repo,
    remote: Option<&str>,
    updates: &[RefUpdate],
    options: &ReceiveOptions<'_>,
) -> Result<Report<ReceiveBody>> {
    let mut known = match remote {
        Some(remote) => repo.tips_under(&format!("refs/remotes/{remote}/"))?,
        None => Vec::new(),
    };
    if known.is_empty() {
        // A push to an address: what any other side has is the best guess.
        known = repo.tips_under("refs/remotes/")?;
    }
    let theirs = updates.iter().filter_map(|update| update.old);
    known.extend(theirs.filter_map(|old| repo.commit_of(old).ok().flatten()));
    let first = remote.and_then(|remote| repo.first_of(remote));
    // Who never asked the other side has to guess.
    let first = first.map_or_else(|| USUAL.map(str::to_owned).to_vec(), |it| vec![it]);
    judge(repo, repo, (&known, first), updates, options)
}
