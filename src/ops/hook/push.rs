use crate::error::{Error, Result};
use crate::git::{Range, Repo};

/// What one line of a push asks to be checked.
#[derive(Debug)]
pub enum Pushed {
    /// The commits that the other side does not have.
    Range(Range),
    /// A branch that the other side does not have, with no commit in common: its whole tree.
    Tree(String),
}

/// Reads what Git hands to `pre-push` on its standard input: a line
/// `<local ref> <local id> <remote ref> <remote id>` for each ref ([githooks]).
///
/// A ref that is deleted asks for nothing. A new one is compared with where it left what the
/// other side is known to have.
///
/// # Errors
///
/// Where a line is not of that form, or the commits cannot be read.
///
/// [githooks]: https://git-scm.com/docs/githooks#_pre_push
pub fn pushed(repo: &Repo, remote: Option<&str>, input: &str) -> Result<Vec<Pushed>> {
    let mut asked = Vec::new();
    for line in input.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<_> = line.split_whitespace().collect();
        let [_, local, _, theirs] = words[..] else {
            return Err(
                Error::usage(format!("`{line}` is no line that Git hands to pre-push"))
                    .with_help("let Git run this hook: `git strata hook install`"),
            );
        };
        if is_zero(local) {
            continue;
        }
        let base = if is_zero(theirs) || repo.revision(theirs).is_err() {
            known_base(repo, remote.unwrap_or("origin"), local)?
        } else {
            Some(theirs.to_owned())
        };
        asked.push(match base {
            Some(base) if base == local => continue,
            Some(base) => match repo.range(&format!("{base}...{local}")) {
                Ok(range) => Pushed::Range(range),
                Err(_) => Pushed::Tree(local.to_owned()),
            },
            None => Pushed::Tree(local.to_owned()),
        });
    }
    Ok(asked)
}

fn is_zero(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte == b'0')
}

/// Finds the newest commit of a line that the other side is known to have.
fn known_base(repo: &Repo, remote: &str, local: &str) -> Result<Option<String>> {
    let tip = repo.revision(local)?.id;
    for name in ["HEAD", "main", "master"] {
        let Ok(known) = repo.revision(&format!("refs/remotes/{remote}/{name}")) else {
            continue;
        };
        if let Some(base) = repo.merge_base(known.id, tip)? {
            return Ok(Some(base.to_string()));
        }
    }
    Ok(None)
}
