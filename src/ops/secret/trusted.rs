use bstr::{BString, ByteSlice};

use super::places::usage;
use crate::config::{Configuration, Keyring, MANIFEST, Snapshot};
use crate::error::{Error, Result};
use crate::git::{Commit, Repo};
use crate::text::Pointer;

/// Refuses to seal for a keyring whose public key somebody may have put there by hand: it is not
/// committed, or it came into force by a commit that left the keyring's file as it was, or without a
/// new generation. What is sealed for another's key is given away.
///
/// # Errors
///
/// Where it is so, or the history cannot be read.
pub fn trusted(
    repo: &Repo,
    configuration: &Configuration,
    tree: &Snapshot,
    (name, keyring): (&str, &Keyring),
) -> Result<()> {
    // The manifest that declares it: of that tree, or of the one that is at hand.
    let declaring = match configuration.declares(tree, name)? {
        true => tree,
        false => configuration.here(),
    };
    let label = declaring.label().filter(|label| *label != "index");
    if label.is_none() && repo.head()?.commit.is_none() {
        return Ok(());
    }
    let tip = repo.revision(label.unwrap_or("HEAD"))?.id;
    let committed = of_commit(configuration, repo, &repo.commit(tip)?, name)?;
    if !committed.is_some_and(|it| is_same(&it, keyring)) {
        return Err(Error::usage(format!(
            "the public key of the keyring `{name}` in `{MANIFEST}` is not the one that is committed"
        ))
        .with_help(format!(
            "see what was changed: `git diff HEAD {MANIFEST}`; who holds that key could read what is \
             sealed now"
        )));
    }
    for commit in repo.history(tip, &[MANIFEST.into()]) {
        let commit = commit?;
        let Some(now) = of_commit(configuration, repo, &commit, name)? else {
            continue;
        };
        if !is_same(&now, keyring) {
            continue;
        }
        let mut before = Vec::new();
        for parent in &commit.parents {
            // The history of a shallow clone ends somewhere.
            let Ok(parent) = repo.commit(*parent) else {
                return Ok(());
            };
            before.push((of_commit(configuration, repo, &parent, name)?, parent));
        }
        let is_kept = |(was, _): &(Option<Keyring>, Commit)| {
            was.as_ref().is_some_and(|was| is_same(was, keyring))
        };
        if before.iter().any(is_kept) {
            continue;
        }
        let path = BString::from(Keyring::path(name));
        let file = repo.file_at(commit.tree, &path)?;
        for (was, parent) in &before {
            let Some(was) = was else { continue };
            let is_later = keyring.generation > was.generation;
            if !is_later
                || keyring.recipient == was.recipient
                || repo.file_at(parent.tree, &path)? == file
            {
                return Err(by_hand(name, &commit));
            }
        }
        return Ok(());
    }
    Ok(())
}

/// Refuses to seal values of a file with a keyring that is for other environments or keys than these
/// are.
///
/// # Errors
///
/// Where it is so, or the tree cannot be read.
pub fn sealed_for(
    configuration: &Configuration,
    tree: &Snapshot,
    path: &BString,
    (name, keyring): (&str, &Keyring),
    places: &[Pointer],
) -> Result<()> {
    let names = configuration.manifest().environment_names();
    let environments: Vec<_> = names.map(Some).chain([None]).collect();
    let all = usage(configuration, tree, &environments)?;
    let own = all.get(path).map(|usage| &usage.environments);
    for place in places {
        let environments = own.into_iter().flatten().map(String::as_str);
        if !keyring.is_for(environments, place) {
            let key = place.dotted();
            return Err(Error::usage(format!(
                "the keyring `{name}` is not for `{key}` in `{path}`"
            ))
            .with_help(
                "name one that is: `--keyring NAME`; `git strata secret recipients` lists them",
            ));
        }
    }
    Ok(())
}

fn by_hand(name: &str, commit: &Commit) -> Error {
    let id = commit.id.short();
    Error::invalid(format!(
        "the public key of the keyring `{name}` was changed by hand in {id} by {} ({})",
        commit.author.name,
        commit.title()
    ))
    .with_help(format!(
        "look at it, and take it back: `git show {id} -- {MANIFEST}`; who holds that key could read \
         what is sealed now"
    ))
}

fn is_same(one: &Keyring, other: &Keyring) -> bool {
    one.generation == other.generation && one.recipient == other.recipient
}

/// Gives a keyring as a commit declares it.
fn of_commit(
    configuration: &Configuration,
    repo: &Repo,
    commit: &Commit,
    name: &str,
) -> Result<Option<Keyring>> {
    let tree = configuration.here().of_commit(repo, commit);
    if tree.id(MANIFEST.as_bytes().as_bstr())?.is_none() {
        return Ok(None);
    }
    let (there, _) = Configuration::read(None, tree)?;
    Ok(there.and_then(|there| there.manifest().keyrings.get(name).cloned()))
}
