use std::collections::BTreeMap;

use crate::config::{Configuration, Snapshot};
use crate::error::Result;
use crate::ops::change;
use crate::ops::secret::places::{What, places, usage};
use crate::ops::secret::seal::living_with;
use crate::text::shell_word;

use super::KeyringChange;

/// A branch that holds values which are sealed with an older key of a keyring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The branch or revision; none is the one that one stands on.
    pub branch: Option<String>,
    /// One of the environments that live there.
    pub environment: Option<String>,
    /// How many values; none where the branch cannot be read.
    pub sealed: Option<usize>,
}

impl Elsewhere {
    /// Tells of it, and how its values are sealed anew after this change of the keyring.
    #[must_use]
    pub fn told(&self, name: &str, change: &KeyringChange) -> String {
        let branch = match &self.branch {
            Some(branch) => format!("the branch `{branch}`"),
            None => "the branch one stands on".to_owned(),
        };
        let Some(sealed) = self.sealed else {
            return format!(
                "{branch} cannot be read, and may hold values that are sealed with an older key"
            );
        };
        let mut command = match change {
            KeyringChange::Remove(members) => {
                let words: Vec<_> = members.iter().map(|it| shell_word(it)).collect();
                format!(
                    "git strata secret keyring remove {name} {}",
                    words.join(" ")
                )
            }
            _ => format!("git strata secret keyring rotate {name}"),
        };
        if let Some(environment) = &self.environment {
            command.push_str(&format!(" --on {}", shell_word(environment)));
        }
        let values = if sealed == 1 { "value" } else { "values" };
        format!("{branch} holds {sealed} {values} sealed with an older key: `{command}`")
    }
}

/// Finds the branches beside that of an environment which hold values of a keyring sealed with a
/// key before this generation.
pub(super) fn elsewhere(
    configuration: &Configuration,
    environment: Option<&str>,
    keyring: (&str, u32),
) -> Result<Vec<Elsewhere>> {
    let own = change::reference(configuration, environment);
    let mut branches = BTreeMap::from([(None, None)]);
    for (name, it) in &configuration.manifest().environments {
        branches
            .entry(it.reference.clone())
            .or_insert_with(|| Some(name.clone()));
    }
    branches.remove(&own);
    let mut found = Vec::new();
    for (branch, environment) in branches {
        let sealed = match configuration.tree(environment.as_deref()) {
            Ok(tree) => Some(older(
                configuration,
                &tree,
                environment.as_deref(),
                keyring,
            )?),
            Err(_) => None,
        };
        if sealed != Some(0) {
            found.push(Elsewhere {
                branch,
                environment,
                sealed,
            });
        }
    }
    Ok(found)
}

fn older(
    configuration: &Configuration,
    tree: &Snapshot,
    environment: Option<&str>,
    (name, generation): (&str, u32),
) -> Result<usize> {
    let mut count = 0;
    for (path, usage) in usage(
        configuration,
        tree,
        &living_with(configuration, environment),
    )? {
        let Some(file) = tree.file(path.as_ref())? else {
            continue;
        };
        let places = places(&file, &usage).into_iter();
        count += places
            .filter(|place| match &place.what {
                What::Sealed(_, Ok(token)) => {
                    token.keyring() == name && token.generation() < generation
                }
                _ => false,
            })
            .count();
    }
    Ok(count)
}
