use std::sync::Arc;

use bstr::{BString, ByteSlice};
use indexmap::IndexMap;

use crate::config::{Configuration, Keyring, Snapshot, Vault};
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::ops::change::{self, Plan};
use crate::report::Location;
use crate::seal::{Ask, Identities, Keys, Recipient, is_keyring_name};
use crate::text::{KeyPattern, Pointer, Span};

mod anew;
mod elsewhere;
mod members;
mod written;

use anew::Anew;
pub use elsewhere::Elsewhere;
pub(super) use members::difference;
use members::{added, members};
use written::{file, manifest};

/// What is to become of a keyring.
#[derive(Clone, Debug)]
pub enum KeyringChange {
    /// It is made.
    New {
        /// Who can read its secrets.
        members: IndexMap<String, Recipient>,
        /// The environments that its secrets are for.
        environments: Vec<String>,
        /// The keys that they may stand at.
        keys: Vec<String>,
    },
    /// These can read its secrets, too.
    Add(IndexMap<String, Recipient>),
    /// These can no longer: a new key is made, and what stands in the files is sealed with it.
    Remove(Vec<String>),
    /// A new key is made, and what stands in the files is sealed with it.
    Rotate,
}

/// Who changes a keyring, and what they have said.
pub struct Hand<'a> {
    /// What opens the keyring.
    pub identities: &'a Arc<Identities>,
    /// Who is asked for passphrases.
    pub ask: &'a Ask,
    /// They have looked at the members in the manifest, and these are right: for a keyring's file
    /// that does not tell them.
    pub confirmed: bool,
}

/// A change of a keyring, and what is left to do beside it.
#[derive(Debug)]
pub struct KeyringPlan {
    /// The change.
    pub plan: Plan,
    /// The secrets that must be changed where they are used, since somebody could read them who no
    /// longer can: a place of a file, or, with an empty pointer, a whole file.
    pub exposed: Vec<(BString, Pointer)>,
    /// Whole files that are sealed for others, too, so that only a person can say for whom to seal
    /// them anew.
    pub by_hand: Vec<BString>,
    /// Other branches, which hold values that are sealed with an older key.
    pub elsewhere: Vec<Elsewhere>,
}

/// Plans to change a keyring, on the branch that an environment lives on (none is the one that one
/// stands on).
///
/// # Errors
///
/// Where the keyring is there already, or is not; where it does not open for the identities, its
/// members are not those that the manifest lists, or a secret of it does not open; where a file that
/// is to be changed holds changes that are not committed.
pub fn change_keyring(
    repo: &Repo,
    configuration: &Configuration,
    environment: Option<&str>,
    name: &str,
    change: &KeyringChange,
    hand: &Hand<'_>,
) -> Result<KeyringPlan> {
    let (mut anew, mut generation) = (Anew::default(), 1);
    let plan = change::plan_files(repo, configuration, environment, |tree| {
        let work = Work {
            configuration,
            tree,
            environment,
            name,
            keyrings: configuration.keyrings(tree)?,
            hand,
        };
        anew = match change {
            KeyringChange::New {
                members,
                environments,
                keys,
            } => work.new_keyring(members, environments, keys)?,
            KeyringChange::Add(members) => work.add(members)?,
            KeyringChange::Remove(names) => work.renew(names)?,
            KeyringChange::Rotate => work.renew(&[])?,
        };
        generation = anew.generation;
        Ok(std::mem::take(&mut anew.edits))
    })?;
    let mut elsewhere = Vec::new();
    if matches!(change, KeyringChange::Remove(_) | KeyringChange::Rotate) {
        unsaved(repo, &plan)?;
        elsewhere = elsewhere::elsewhere(configuration, environment, (name, generation))?;
    }
    Ok(KeyringPlan {
        plan,
        exposed: match change {
            KeyringChange::Remove(_) => anew.sealed,
            _ => Vec::new(),
        },
        by_hand: anew.by_hand,
        elsewhere,
    })
}

/// Refuses to change files beside changes of them that are not committed: these would be committed
/// later as they are, with what was taken out still in them.
fn unsaved(repo: &Repo, plan: &Plan) -> Result<()> {
    let files = plan.body.files.iter();
    let paths: Vec<_> = files.map(|it| BString::from(it.path.as_str())).collect();
    let found = repo.uncommitted(&plan.branch, &plan.base, &paths)?;
    let Some(first) = found.first() else {
        return Ok(());
    };
    let others = match found.len() - 1 {
        0 => String::new(),
        count => format!(" (and {count} more)"),
    };
    Err(Error::usage(format!(
        "`{first}`{others} holds changes that are not committed, which would bring back what is \
         taken out here"
    ))
    .with_help("commit them, or put them away: `git stash`"))
}

struct Work<'a> {
    configuration: &'a Configuration,
    tree: &'a Snapshot,
    environment: Option<&'a str>,
    name: &'a str,
    keyrings: IndexMap<String, Keyring>,
    hand: &'a Hand<'a>,
}

impl Work<'_> {
    fn new_keyring(
        &self,
        members: &IndexMap<String, Recipient>,
        environments: &[String],
        keys: &[String],
    ) -> Result<Anew> {
        let name = self.name;
        if !is_keyring_name(name) {
            return Err(Error::usage(format!("`{name}` cannot name a keyring"))
                .with_help("take letters, digits, `-` and `_`"));
        }
        let mut names = self.keyrings.keys();
        if let Some(known) = names.find(|known| known.eq_ignore_ascii_case(name)) {
            return Err(
                Error::usage(format!("there is a keyring `{known}` already")).with_help(format!(
                    "add somebody to it: `git strata secret keyring add {known} NAME=age1…`"
                )),
            );
        }
        let path = BString::from(Keyring::path(name));
        if self.tree.files().entry(path.as_bstr())?.is_some() {
            return Err(Error::usage(format!("there is a file `{path}` already"))
                .with_help("declare its keyring in `strata.yaml` again, or take the file away"));
        }
        if members.is_empty() {
            return Err(Error::usage("a keyring without members opens for nobody")
                .with_help("name one: `--member YOU=age1…`"));
        }
        for (who, key) in members {
            added((name, members), who, key)?;
        }
        for environment in environments {
            self.configuration.tree(Some(environment))?;
        }
        let read = |key: &String| {
            key.parse::<KeyPattern>().map_err(|error| {
                Error::usage(format!("`{key}` is no key: {error}"))
                    .with_help("write it dotted, with `*` for any one part: `--key 'database.*'`")
            })
        };
        let keys: Vec<KeyPattern> = keys.iter().map(read).collect::<Result<_>>()?;
        let made = Keys::new();
        let keyring = Keyring {
            recipient: self.recipient(&made)?,
            generation: made.generation(),
            members: members.clone(),
            environments: environments.to_vec(),
            keys,
            location: Location::new(&self.configuration.manifest().source, Span::default()),
        };
        self.written(&keyring, &made, Anew::default())
    }

    fn add(&self, add: &IndexMap<String, Recipient>) -> Result<Anew> {
        let mut keyring = self.keyring()?;
        if !self.configuration.declares(self.tree, self.name)? {
            return Err(Error::usage(format!(
                "the keyring `{}` is not declared on that branch: it has the one of the branch you \
                 stand on",
                self.name
            ))
            .with_help("add them here: leave `--on` out"));
        }
        let keys = self.keys(self.tree)?;
        let confirmed = self.hand.confirmed;
        let members = members((self.name, &keyring), &keys, confirmed, (add, &[]))?;
        if keys.members() == Some(&members) && keyring.members == members {
            return Ok(Anew::default());
        }
        keyring.members = members;
        self.written(&keyring, &keys, Anew::default())
    }

    /// Makes a new key, leaves these members out, and seals all that stands in the files anew.
    fn renew(&self, without: &[String]) -> Result<Anew> {
        let keyring = self.keyring()?;
        let old = self.keys(self.tree)?;
        if let Some((ahead, keys)) = self.ahead(&keyring, &old)? {
            return self.catch_up(&ahead, &keys, without);
        }
        let none = IndexMap::new();
        let confirmed = self.hand.confirmed;
        let members = members((self.name, &keyring), &old, confirmed, (&none, without))?;
        if members.is_empty() {
            return Err(
                Error::usage("a keyring without members opens for nobody").with_help(format!(
                    "add another one first: `git strata secret keyring add {} NAME=age1…`",
                    self.name
                )),
            );
        }
        let mut new = (*old).clone();
        new.renew();
        let renewed = Keyring {
            recipient: self.recipient(&new)?,
            generation: new.generation(),
            members,
            ..keyring
        };
        let anew = self.sealed_anew(&old, &renewed)?;
        self.written(&renewed, &new, anew)
    }

    /// Gives the keyring of the branch one stands on where the one of another branch is an earlier
    /// state of it, or none of its own.
    fn ahead(&self, keyring: &Keyring, old: &Keys) -> Result<Option<(Keyring, Arc<Keys>)>> {
        let here = self.configuration.here();
        let home = self.configuration.manifest().keyrings.get(self.name);
        let is_elsewhere = change::reference(self.configuration, self.environment).is_some();
        let Some(home) = home.filter(|_| is_elsewhere) else {
            return Ok(None);
        };
        if !self.configuration.declares(self.tree, self.name)? {
            return Ok(Some((home.clone(), self.keys(here)?)));
        }
        let keys = match home.generation > keyring.generation {
            true => self.keys(here)?,
            false => return Ok(None),
        };
        let is_later = keys.recipient(keyring.generation) == old.recipient(keyring.generation);
        Ok(is_later.then(|| (home.clone(), keys)))
    }

    /// Takes the keyring over as it is on the branch one stands on: two new keys of one keyring
    /// could never be merged.
    fn catch_up(&self, ahead: &Keyring, keys: &Keys, without: &[String]) -> Result<Anew> {
        let known = keys.members().unwrap_or(&ahead.members);
        if let Some(who) = without.iter().find(|who| known.contains_key(*who)) {
            return Err(Error::usage(format!(
                "`{who}` is still a member of the keyring `{}` on the branch you stand on",
                self.name
            ))
            .with_help("take them out there first: the same command without `--on`"));
        }
        let mut anew = self.sealed_anew(keys, ahead)?;
        anew.generation = ahead.generation;
        if !self.configuration.declares(self.tree, self.name)? {
            return Ok(anew);
        }
        let none = IndexMap::new();
        let confirmed = self.hand.confirmed;
        let members = members((self.name, ahead), keys, confirmed, (&none, &[]))?;
        let taken = Keyring {
            members,
            ..ahead.clone()
        };
        self.written(&taken, keys, anew)
    }

    fn written(&self, keyring: &Keyring, keys: &Keys, mut anew: Anew) -> Result<Anew> {
        anew.generation = keyring.generation;
        let keyring_file = file(self.name, keyring, keys, self.hand.ask)?;
        anew.edits.insert(0, keyring_file);
        anew.edits.push(manifest(self.tree, self.name, keyring)?);
        Ok(anew)
    }

    fn keyring(&self) -> Result<Keyring> {
        let names = self.keyrings.keys().map(String::as_str);
        self.keyrings.get(self.name).cloned().ok_or_else(|| {
            Error::not_found(format!("there is no keyring `{}`", self.name))
                .with_names(self.name, names)
        })
    }

    fn keys(&self, tree: &Snapshot) -> Result<Arc<Keys>> {
        let identities = Arc::clone(self.hand.identities);
        let vault: Vault = self.configuration.vault(tree, identities)?;
        let keys = vault.keys(self.name);
        keys.map_err(|why| Error::invalid(why.to_string()).with_help(why.help()))
    }

    fn recipient(&self, keys: &Keys) -> Result<Recipient> {
        keys.recipient(keys.generation())
            .ok_or_else(|| Error::invalid(format!("the keyring `{}` has no key", self.name)))
    }
}
