use std::sync::{Arc, Mutex};

use indexmap::IndexMap;

use super::Vault;
use super::seen::Seen;
use crate::config::{Configuration, Keyring, Snapshot};
use crate::error::Result;
use crate::seal::Identities;

impl Configuration {
    /// Makes what opens the sealed values of a tree, with the [`keyrings`](Self::keyrings) in force
    /// there.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read.
    pub fn vault(&self, tree: &Snapshot, identities: Arc<Identities>) -> Result<Vault> {
        let own = self.own_keyrings(tree)?;
        Ok(Vault {
            keyrings: self.merged(own.as_ref()),
            declared: own.map(|own| own.into_keys().collect()),
            trees: [tree.clone(), self.here().clone()],
            identities,
            opened: Mutex::default(),
            files: Mutex::default(),
            seen: Seen::default(),
        })
    }

    /// Gives the keyrings that are in force in a tree: those that its own manifest declares, and
    /// beside them those of this one that have other names.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read.
    pub fn keyrings(&self, tree: &Snapshot) -> Result<IndexMap<String, Keyring>> {
        Ok(self.merged(self.own_keyrings(tree)?.as_ref()))
    }

    /// Says whether the manifest of a tree declares a keyring, and not only the one of this tree.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read.
    pub fn declares(&self, tree: &Snapshot, keyring: &str) -> Result<bool> {
        Ok(match self.own_keyrings(tree)? {
            Some(own) => own.contains_key(keyring),
            None => self.manifest().keyrings.contains_key(keyring),
        })
    }

    /// Gives the keyrings of the manifest of another tree; none where it is this one.
    fn own_keyrings(&self, tree: &Snapshot) -> Result<Option<IndexMap<String, Keyring>>> {
        if tree.label() == self.here().label() {
            return Ok(None);
        }
        let (there, _) = Self::read(None, tree.clone())?;
        let there = there.map(|there| there.manifest().keyrings.clone());
        Ok(Some(there.unwrap_or_default()))
    }

    fn merged(&self, own: Option<&IndexMap<String, Keyring>>) -> IndexMap<String, Keyring> {
        let mut all = own.cloned().unwrap_or_default();
        for (name, keyring) in &self.manifest().keyrings {
            if !all.contains_key(name) {
                all.insert(name.clone(), keyring.clone());
            }
        }
        all
    }
}
