use crate::config::{Configuration, Manifest, Snapshot};
use crate::error::{Error, Result};
use crate::git::Oid;
use crate::text::shell_word;

/// One side of a comparison: an environment, a revision, or an environment at a revision.
#[derive(Clone)]
pub struct Side {
    /// What a person calls it.
    pub name: String,
    /// The environment whose layers are read; none for a bare revision.
    pub environment: Option<String>,
    /// The tree they are read in.
    pub tree: Snapshot,
    /// The commit up to which its history is known; none for a folder.
    pub tip: Option<Oid>,
}

impl Side {
    /// Gives the environment's name; of a revision or folder, its own.
    #[must_use]
    pub fn environment(&self) -> &str {
        self.environment.as_deref().unwrap_or(&self.name)
    }
}

/// Finds what to compare. With no name: every environment beside the one it follows, in the order
/// of the chain. With one: that environment and the one it follows. A name is an environment, a
/// revision (`v1.2.0`), or an environment at a revision (`prod@v1.2.0`).
///
/// # Errors
///
/// Where a name is neither, or there is nothing to compare with.
pub fn sides(configuration: &Configuration, names: &[String]) -> Result<Vec<Side>> {
    let manifest = configuration.manifest();
    let names = match names {
        [] => chain(configuration),
        [one] if manifest.environments.contains_key(one) => {
            match &manifest.environments[one].follows {
                Some(follows) => vec![follows.clone(), one.clone()],
                None => {
                    let message = format!(
                        "`{one}` follows no environment, so there is nothing to compare it with"
                    );
                    let other = manifest.environment_names().find(|name| name != one);
                    let other = other.unwrap_or("OTHER");
                    return Err(Error::usage(message)
                        .with_help(format!("name both: `git strata drift {one} {other}`")));
                }
            }
        }
        [one] => {
            side(configuration, one)?;
            let message = format!("there is nothing to compare `{one}` with");
            return Err(Error::usage(message).with_help(format!(
                "name both: `git strata drift {} HEAD`",
                shell_word(one)
            )));
        }
        names => names.to_vec(),
    };
    if names.len() < 2 {
        return Err(
            Error::usage("there are no two environments to compare").with_help(
                "declare them in `strata.yaml` under `environments`, or name two revisions",
            ),
        );
    }
    names.iter().map(|name| side(configuration, name)).collect()
}

/// Says which side is compared with which earlier one, by their numbers: an environment with the
/// one it follows, where that is among them; one that follows none, where others do, with the
/// first; anything else with the one before.
pub(super) fn pairs(manifest: &Manifest, sides: &[Side]) -> Vec<[usize; 2]> {
    let declared = |side: &Side| manifest.environments.get(side.environment.as_deref()?);
    let follows = |side: &Side| declared(side)?.follows.clone();
    let is_chain = sides.iter().any(|side| follows(side).is_some());
    let pair = |index: usize| {
        let upstream = match follows(&sides[index]) {
            Some(name) => (0..index)
                .rev()
                .find(|&it| sides[it].environment.as_ref() == Some(&name)),
            None if is_chain && declared(&sides[index]).is_some() => Some(0),
            None => None,
        };
        [upstream.unwrap_or(index - 1), index]
    };
    (1..sides.len()).map(pair).collect()
}

/// Takes every environment, in the order of the manifest.
///
/// # Errors
///
/// Where there are no two, or one of them cannot be read.
pub fn all_sides(configuration: &Configuration) -> Result<Vec<Side>> {
    let names: Vec<String> = configuration
        .manifest()
        .environment_names()
        .map(str::to_owned)
        .collect();
    match names.as_slice() {
        [_, _, ..] => sides(configuration, &names),
        _ => sides(configuration, &[]),
    }
}

/// Puts the environments in the order of promotion: each behind the one it follows.
fn chain(configuration: &Configuration) -> Vec<String> {
    let environments = &configuration.manifest().environments;
    let mut order: Vec<String> = Vec::new();
    while order.len() < environments.len() {
        let ready = environments.iter().find(|(name, environment)| {
            let waits = environment.follows.as_ref().is_some_and(|follows| {
                environments.contains_key(follows) && !order.contains(follows)
            });
            !waits && !order.contains(name)
        });
        // A circle is a finding of the manifest's; whatever is left keeps its order.
        let next = ready.or_else(|| environments.iter().find(|(name, _)| !order.contains(name)));
        let Some((name, _)) = next else { break };
        order.push(name.clone());
    }
    order
}

fn side(configuration: &Configuration, name: &str) -> Result<Side> {
    let manifest = configuration.manifest();
    if manifest.environments.contains_key(name) {
        return Ok(Side {
            name: name.to_owned(),
            environment: Some(name.to_owned()),
            tree: configuration.tree(Some(name))?,
            tip: tip(configuration, name),
        });
    }
    let (environment, revision) = match name.split_once('@') {
        Some((environment, revision))
            if manifest.environments.contains_key(environment) && !revision.starts_with('{') =>
        {
            (Some(environment.to_owned()), revision)
        }
        _ => (None, name),
    };
    let repo = configuration
        .repo()
        .ok_or_else(|| unknown(configuration, name))?;
    let found = repo.revision(revision).map_err(|cause| match environment {
        Some(_) => cause,
        None => unknown(configuration, name).because(cause),
    })?;
    // A branch that an environment lives at is that environment.
    let environment = environment.or_else(|| {
        let lives = |(_, declared): &(&String, &crate::config::Environment)| {
            declared.reference.as_deref() == Some(revision)
        };
        manifest
            .environments
            .iter()
            .find(lives)
            .map(|(name, _)| name.clone())
    });
    Ok(Side {
        name: name.to_owned(),
        environment,
        tree: configuration.here().beside(repo.files(&found)),
        tip: Some(found.id),
    })
}

/// Finds the commit that an environment lives at; for the tree one stands on, that of `HEAD`.
fn tip(configuration: &Configuration, name: &str) -> Option<Oid> {
    let repo = configuration.repo()?;
    let label = configuration.tree(Some(name)).ok()?;
    let revision = label
        .label()
        .filter(|label| *label != "index")
        .unwrap_or("HEAD");
    repo.revision(revision).ok().map(|found| found.id)
}

fn unknown(configuration: &Configuration, name: &str) -> Error {
    Error::not_found(format!("`{name}` is neither an environment nor a revision"))
        .with_names(name, configuration.manifest().environment_names())
}
