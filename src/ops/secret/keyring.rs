use std::sync::Arc;

use bstr::BString;
use indexmap::IndexMap;

use super::places::{What, places, usage};
use super::seal::{living_with, rewritten, token};
use crate::config::{Configuration, Keyring, Locked, MANIFEST, Snapshot, Vault};
use crate::document::{Kind, Map, Value};
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::ops::change::{self, Edit, Plan};
use crate::seal::{Ask, Identities, Keys, Recipient, Token, is_keyring_name};
use crate::text::{KeyPattern, Pointer};

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

/// Plans to change a keyring, on the branch that an environment lives on (none is the one that one
/// stands on), and gives beside the plan the secrets that must be changed where they are used:
/// those that somebody could read who no longer can.
///
/// # Errors
///
/// Where the keyring is there already, or is not; where it does not open for the identities, or a
/// secret of it does not.
pub fn change_keyring(
    repo: &Repo,
    configuration: &Configuration,
    environment: Option<&str>,
    name: &str,
    change: &KeyringChange,
    identities: &Arc<Identities>,
    ask: &Ask,
) -> Result<(Plan, Vec<(BString, Pointer)>)> {
    let mut exposed = Vec::new();
    let plan = change::plan_files(repo, configuration, environment, |tree| {
        let mut work = Work {
            configuration,
            tree,
            environment,
            name,
            keyrings: configuration.keyrings(tree)?,
            identities,
            ask,
        };
        match change {
            KeyringChange::New {
                members,
                environments,
                keys,
            } => work.new_keyring(members, environments, keys),
            KeyringChange::Add(members) => work.add(members),
            KeyringChange::Remove(names) => {
                let (edits, places) = work.renew(names)?;
                exposed = places;
                Ok(edits)
            }
            KeyringChange::Rotate => Ok(work.renew(&[])?.0),
        }
    })?;
    Ok((plan, exposed))
}

/// Files as they are to be, and the secrets in them that are sealed anew.
type Anew = (Vec<Edit>, Vec<(BString, Pointer)>);

struct Work<'a> {
    configuration: &'a Configuration,
    tree: &'a Snapshot,
    environment: Option<&'a str>,
    name: &'a str,
    keyrings: IndexMap<String, Keyring>,
    identities: &'a Arc<Identities>,
    ask: &'a Ask,
}

impl Work<'_> {
    fn new_keyring(
        &mut self,
        members: &IndexMap<String, Recipient>,
        environments: &[String],
        keys: &[String],
    ) -> Result<Vec<Edit>> {
        let name = self.name;
        if !is_keyring_name(name) {
            return Err(Error::usage(format!("`{name}` cannot name a keyring"))
                .with_help("take letters, digits, `-` and `_`"));
        }
        if self.keyrings.contains_key(name) {
            return Err(
                Error::usage(format!("there is a keyring `{name}` already")).with_help(format!(
                    "add somebody to it: `git strata secret keyring add {name} NAME=age1…`"
                )),
            );
        }
        let path = BString::from(Keyring::path(name));
        if self.tree.id(path.as_ref())?.is_some() {
            return Err(Error::usage(format!("there is a file `{path}` already"))
                .with_help("declare its keyring in `strata.yaml` again, or take the file away"));
        }
        if members.is_empty() {
            return Err(Error::usage("a keyring without members opens for nobody")
                .with_help("name one: `--member YOU=age1…`"));
        }
        for environment in environments {
            self.configuration.tree(Some(environment))?;
        }
        for key in keys {
            key.parse::<KeyPattern>().map_err(|error| {
                Error::usage(format!("`{key}` is no key: {error}"))
                    .with_help("write it dotted, with `*` for any one part: `--key 'database.*'`")
            })?;
        }
        let keys_made = Keys::new();
        let mut entry = vec![
            ("recipient", text(&self.recipient(&keys_made)?.to_string())),
            ("generation", number(1)),
            (
                "members",
                map(members
                    .iter()
                    .map(|(name, key)| (name.as_str(), text(key.as_str())))),
            ),
        ];
        let list = |items: &[String]| {
            Value::detached(Kind::Array(items.iter().map(|item| text(item)).collect()))
        };
        if !environments.is_empty() {
            entry.push(("environments", list(environments)));
        }
        if !keys.is_empty() {
            entry.push(("keys", list(keys)));
        }
        let manifest = self.manifest(&map(entry))?;
        let members: Vec<Recipient> = members.values().cloned().collect();
        Ok(vec![self.file(&keys_made, &members)?, manifest])
    }

    fn add(&mut self, members: &IndexMap<String, Recipient>) -> Result<Vec<Edit>> {
        let keyring = self.keyring()?;
        let keys = self.keys()?;
        let mut all = keyring.members.clone();
        all.extend(
            members
                .iter()
                .map(|(name, key)| (name.clone(), key.clone())),
        );
        let entry = self.entry(&keyring, &keyring.recipient, keyring.generation, &all);
        let manifest = self.manifest(&entry)?;
        let members: Vec<Recipient> = all.values().cloned().collect();
        Ok(vec![self.file(&keys, &members)?, manifest])
    }

    /// Makes a new key, leaves these members out, and seals all that stands in the files anew.
    fn renew(&mut self, without: &[String]) -> Result<Anew> {
        let keyring = self.keyring()?;
        let mut members = keyring.members.clone();
        for name in without {
            if members.shift_remove(name).is_none() {
                let names = keyring.members.keys().map(String::as_str);
                let message = format!("`{name}` is no member of the keyring `{}`", self.name);
                return Err(Error::not_found(message).with_names(name, names));
            }
        }
        if members.is_empty() {
            return Err(
                Error::usage("a keyring without members opens for nobody").with_help(format!(
                    "add another one first: `git strata secret keyring add {} NAME=age1…`",
                    self.name
                )),
            );
        }
        let old = self.keys()?;
        let mut new = (*old).clone();
        new.renew();
        let renewed = Keyring {
            recipient: self.recipient(&new)?,
            generation: new.generation(),
            members,
            ..keyring.clone()
        };
        let (mut edits, sealed) = self.sealed_anew(&old, &renewed)?;
        let entry = self.entry(
            &keyring,
            &renewed.recipient,
            renewed.generation,
            &renewed.members,
        );
        edits.push(self.manifest(&entry)?);
        let members: Vec<Recipient> = renewed.members.values().cloned().collect();
        edits.insert(0, self.file(&new, &members)?);
        Ok((edits, sealed))
    }

    fn sealed_anew(&self, old: &Keys, renewed: &Keyring) -> Result<Anew> {
        let (mut edits, mut sealed) = (Vec::new(), Vec::new());
        let environments = living_with(self.configuration, self.environment);
        for (path, usage) in usage(self.configuration, self.tree, &environments)? {
            let Some(file) = self.tree.file(path.as_ref())? else {
                continue;
            };
            let [document] = file.documents() else {
                continue;
            };
            let mut root = (*document.root).clone();
            let mut any = false;
            for place in places(&file, &usage) {
                let What::Sealed(_, Ok(known)) = &place.what else {
                    continue;
                };
                if known.keyring() != self.name {
                    continue;
                }
                let secret = self.opened(known, old, &place.document, &place.pointer)?;
                let to = (self.name, renewed);
                let token = token(&secret, to, path.as_ref(), &place.pointer)?;
                if let Some(value) = root.at_mut(&place.pointer) {
                    value.kind = token.kind;
                    any = true;
                    sealed.push((path.clone(), place.pointer));
                }
            }
            if any {
                edits.push(rewritten(&path, document, root)?);
            }
        }
        Ok((edits, sealed))
    }

    /// Opens a token of any generation, where it stands.
    fn opened(
        &self,
        token: &Token,
        keys: &Keys,
        document: &BString,
        pointer: &Pointer,
    ) -> Result<crate::seal::Secret> {
        let place = crate::config::context(self.name, document.as_ref(), pointer);
        token
            .open(&place, token.generation(), keys)
            .map_err(|why| Locked::Value(why).into_error(&pointer.dotted()))
    }

    fn keyring(&self) -> Result<Keyring> {
        let names = self.keyrings.keys().map(String::as_str);
        self.keyrings.get(self.name).cloned().ok_or_else(|| {
            Error::not_found(format!("there is no keyring `{}`", self.name))
                .with_names(self.name, names)
        })
    }

    fn keys(&self) -> Result<Arc<Keys>> {
        let vault: Vault = self
            .configuration
            .vault(self.tree, Arc::clone(self.identities))?;
        vault
            .keys(self.name)
            .map_err(|why| why.into_error(self.name))
    }

    fn recipient(&self, keys: &Keys) -> Result<Recipient> {
        keys.recipient(keys.generation())
            .ok_or_else(|| Error::invalid(format!("the keyring `{}` has no key", self.name)))
    }

    fn file(&self, keys: &Keys, members: &[Recipient]) -> Result<Edit> {
        let sealed = keys.seal(members, self.ask)?;
        Ok(Edit {
            path: Keyring::path(self.name).into(),
            text: String::from_utf8_lossy(&sealed).into_owned(),
            anew: Vec::new(),
        })
    }

    fn entry(
        &self,
        keyring: &Keyring,
        recipient: &Recipient,
        generation: u32,
        members: &IndexMap<String, Recipient>,
    ) -> Value {
        let members = members.iter();
        let mut entry = vec![
            ("recipient", text(recipient.as_str())),
            ("generation", number(generation)),
            (
                "members",
                map(members.map(|(name, key)| (name.as_str(), text(key.as_str())))),
            ),
        ];
        let list = |items: Vec<Value>| Value::detached(Kind::Array(items));
        if !keyring.environments.is_empty() {
            entry.push((
                "environments",
                list(keyring.environments.iter().map(|it| text(it)).collect()),
            ));
        }
        if !keyring.keys.is_empty() {
            let keys = keyring.keys.iter().map(|key| text(&key.to_string()));
            entry.push(("keys", list(keys.collect())));
        }
        map(entry)
    }

    /// Writes the manifest with the keyring's entry.
    fn manifest(&self, entry: &Value) -> Result<Edit> {
        let path = BString::from(MANIFEST);
        let file = self.tree.file(path.as_ref())?;
        let own = file.as_ref().and_then(|file| match file.documents() {
            [document] => Some(document),
            _ => None,
        });
        let Some(document) = own else {
            return Err(Error::invalid(format!(
                "`{MANIFEST}` is not there, or holds several documents"
            ))
            .with_help("the keyring is declared there: `git strata init` starts one"));
        };
        let mut root = (*document.root).clone();
        let Kind::Object(manifest) = &mut root.kind else {
            return Err(Error::invalid(format!("`{MANIFEST}` is no map")));
        };
        if !matches!(
            manifest.get("keyrings").map(|it| &it.kind),
            Some(Kind::Object(_))
        ) {
            manifest.set("keyrings", Value::detached(Kind::Object(Map::new())));
        }
        if let Some(Kind::Object(keyrings)) = manifest.get_mut("keyrings").map(|it| &mut it.kind) {
            keyrings.set(self.name, entry.clone());
        }
        rewritten(&path, document, root)
    }
}

fn text(text: &str) -> Value {
    Value::detached(Kind::String(text.into()))
}

fn number(number: u32) -> Value {
    Value::from_json(&serde_json::Value::from(number))
}

fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let mut map = Map::new();
    for (key, value) in entries {
        map.set(key, value);
    }
    Value::detached(Kind::Object(map))
}
