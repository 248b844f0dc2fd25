use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::places::{What, places, usage};
use super::seal::{choose, living_with, rewritten, token};
use super::trusted::trusted;
use crate::config::{Configuration, Locked, Snapshot, find_place};
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::ops::change::{self, Plan};
use crate::seal::{Context, Identities};
use crate::text::Pointer;

/// A sealed value that is sealed anew for the place where it stands.
#[derive(Clone, Debug)]
pub struct Adopted {
    /// The file.
    pub document: BString,
    /// The place.
    pub pointer: Pointer,
    /// The place that it was sealed for.
    pub from: Context,
    /// The keyring that it is sealed with now.
    pub keyring: String,
    /// The generation that it was sealed with.
    pub generation: u32,
}

/// What is adopted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Adopting<'a> {
    /// On the branch that this environment lives on.
    pub environment: Option<&'a str>,
    /// Only in this file.
    pub only: Option<&'a str>,
    /// The keyring for values whose own is not for where they stand now: they were moved to another
    /// environment, and its members will read them.
    pub keyring: Option<&'a str>,
}

/// Plans to seal anew what stands elsewhere than where it was sealed for, or was sealed with a key
/// that was replaced. Gives what is adopted, for a person to look at.
///
/// # Errors
///
/// Where a keyring does not open for the identities, a value is damaged, or a file cannot be
/// changed.
pub fn adopt(
    repo: &Repo,
    configuration: &Configuration,
    adopting: Adopting<'_>,
    identities: &Arc<Identities>,
) -> Result<(Plan, Vec<Adopted>)> {
    let Adopting {
        environment, only, ..
    } = adopting;
    let mut adopted = Vec::new();
    let plan = change::plan_files(repo, configuration, environment, |tree| {
        let vault = configuration.vault(tree, Arc::clone(identities))?;
        let mut trusts = BTreeSet::new();
        let mut edits = Vec::new();
        for (path, usage) in usage(
            configuration,
            tree,
            &living_with(configuration, environment),
        )? {
            if only.is_some_and(|only| path != only) {
                continue;
            }
            let Some(file) = tree.file(path.as_ref())? else {
                continue;
            };
            let [document] = file.documents() else {
                continue;
            };
            let environments: Vec<&str> = usage.environments.iter().map(String::as_str).collect();
            let mut root = (*document.root).clone();
            let before = adopted.len();
            for place in places(&file, &usage) {
                let What::Sealed(text, Ok(known)) = &place.what else {
                    continue;
                };
                let key = place.pointer.dotted();
                let locked = |why: Locked| why.into_error(&key);
                let keys = match vault.keys(known.keyring()) {
                    Ok(keys) => keys,
                    // Nobody asked for the secrets of others.
                    Err(why) if why.is_for_others() => continue,
                    Err(why) => return Err(locked(why)),
                };
                let opened = known.open_anywhere(&keys);
                let (from, secret) = opened.map_err(|why| locked(Locked::Value(why)))?;
                let is_here = from.document == path.to_str_lossy()
                    && find_place(&document.root, &from.pointer).as_ref() == Some(&place.pointer);
                let keyring = vault.keyrings().get(known.keyring());
                let in_force = keyring.map(|it| it.generation);
                if is_here && in_force == Some(known.generation()) {
                    continue;
                }
                let fits = keyring
                    .is_some_and(|it| it.is_for(environments.iter().copied(), &place.pointer));
                let name = match (fits, adopting.keyring) {
                    (true, _) => known.keyring(),
                    (false, Some(other)) => other,
                    (false, None) => {
                        return Err(not_for(&key, &path, known.keyring()));
                    }
                };
                if !is_here && stands_still(tree, &from, text)? {
                    return Err(Error::usage(format!(
                        "`{key}` in `{path}` is a copy of {from}, where it stands still"
                    ))
                    .with_help(
                        "take the copy out, or seal the value there: `git strata secret seal`",
                    ));
                }
                let to = choose(vault.keyrings(), Some(name), &environments, &place.pointer)?;
                if trusts.insert(name.to_owned()) {
                    trusted(repo, configuration, tree, to)?;
                }
                let sealed_for = usage.place(&document.root, &place.pointer);
                let token = token(&secret, to, path.as_ref(), sealed_for)?;
                if let Some(value) = root.at_mut(&place.pointer) {
                    value.kind = token.kind;
                    adopted.push(Adopted {
                        document: path.clone(),
                        pointer: place.pointer,
                        from,
                        keyring: name.to_owned(),
                        generation: known.generation(),
                    });
                }
            }
            if adopted.len() > before {
                edits.push(rewritten(&path, document, root)?);
            }
        }
        Ok(edits)
    })?;
    Ok((plan, adopted))
}

fn not_for(key: &str, path: &BString, name: &str) -> Error {
    Error::usage(format!(
        "`{key}` in `{path}` is sealed with the keyring `{name}`, which is not for this place"
    ))
    .with_help(
        "others could read it here: seal another value (`git strata secret seal`); or, where those \
         may read this one, name their keyring: `--keyring NAME`",
    )
}

/// Says whether a token stands at the place that it was sealed for.
fn stands_still(tree: &Snapshot, from: &Context, text: &str) -> Result<bool> {
    let file = tree.file(from.document.as_str().into())?;
    let documents = file.iter().flat_map(|file| file.documents());
    let mut values = documents.filter_map(|document| {
        let pointer = find_place(&document.root, &from.pointer)?;
        document.root.at(&pointer)
    });
    Ok(values.any(|value| value.as_str() == Some(text)))
}
