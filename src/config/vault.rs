use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use bstr::{BStr, BString, ByteSlice};
use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use super::snapshot::lock;
use super::{Keyring, OpenSops, Resolved, SOPS, Snapshot, is_sops};
use crate::document::{Kind, Value};
use crate::error::{Error, Result};
use crate::git::FileKind;
use crate::seal::sops::is_sealed_value;
use crate::seal::{Context, Identities, Keys, Refused, Secret, Token, is_sealed};
use crate::text::Pointer;

mod in_force;
mod locked;
mod named;
mod place;
mod seen;

pub use locked::Locked;
pub use named::{find_place, is_named};
use place::place_of;
use seen::Seen;

/// What is shown in the place of a sealed value.
pub const SEALED: &str = "<sealed>";

/// Opens the sealed values of one tree, as far as the identities at hand are members of its
/// keyrings, or recipients of its SOPS files. A keyring or SOPS file is opened when the first of
/// its values is, and once.
pub struct Vault {
    keyrings: IndexMap<String, Keyring>,
    /// Those that the manifest of the tree itself declares; none where it is the one of here.
    declared: Option<HashSet<String>>,
    /// The tree, and that of here: the files of keyrings and of SOPS may lie in either.
    trees: [Snapshot; 2],
    identities: Arc<Identities>,
    opened: Mutex<HashMap<String, Result<Arc<Keys>, Locked>>>,
    files: Mutex<HashMap<BString, Result<Arc<OpenSops>, Locked>>>,
    /// The places whose values were opened, each by its file.
    seen: Seen,
}

/// A sealed value, with the place where it stands in its own file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedAt<'a> {
    /// The token as it is written.
    pub text: &'a str,
    /// The file.
    pub document: BString,
    /// The place in that file.
    pub pointer: Pointer,
}

impl Vault {
    /// Gives the keyrings.
    #[must_use]
    pub fn keyrings(&self) -> &IndexMap<String, Keyring> {
        &self.keyrings
    }

    /// Gives the private keys of a keyring.
    ///
    /// # Errors
    ///
    /// Where it is not there, or does not open for the identities at hand.
    pub fn keys(&self, name: &str) -> Result<Arc<Keys>, Locked> {
        if let Some(known) = lock(&self.opened).get(name) {
            return known.clone();
        }
        let opened = self.open_keyring(name);
        lock(&self.opened).insert(name.to_owned(), opened.clone());
        opened
    }

    fn open_keyring(&self, name: &str) -> Result<Arc<Keys>, Locked> {
        let unknown = || Locked::UnknownKeyring(name.to_owned());
        let declared = self.keyrings.get(name).ok_or_else(unknown)?;
        if self.identities.is_empty() {
            return Err(Locked::NoIdentity(name.to_owned()));
        }
        let path = BString::from(Keyring::path(name));
        let mut last = Locked::NoFile(name.to_owned());
        let [own, here] = &self.trees;
        // The file lies beside the manifest that declares the keyring.
        let trees = match &self.declared {
            None => vec![here],
            Some(declared) if declared.contains(name) => vec![own, here],
            Some(_) => vec![here, own],
        };
        for (number, tree) in trees.into_iter().enumerate() {
            let entry = tree.files().entry(path.as_ref()).ok().flatten();
            if entry.is_some_and(|entry| entry.kind == FileKind::Symlink) {
                let link = Refused::Failed("its file is a link".to_owned());
                return Err(Locked::Keyring(name.to_owned(), link));
            }
            let Ok(Some(blob)) = tree.files().read(path.as_ref()) else {
                continue;
            };
            match Keys::open(&blob.bytes, &self.identities) {
                // Who may write could name a key of their own, or bring an old one back into
                // force: what the manifest says must be what the file holds.
                Ok(keys) if !agree(declared, &keys, number == 0) => {
                    return Err(Locked::Mismatch(name.to_owned()));
                }
                Ok(keys) => return Ok(Arc::new(keys)),
                Err(why) => last = Locked::Keyring(name.to_owned(), why),
            }
        }
        Err(last)
    }

    /// Opens a SOPS file of the tree.
    ///
    /// # Errors
    ///
    /// Where it is not there, does not open for the identities at hand, or was changed after it
    /// was sealed.
    pub fn sops_file(&self, path: &BString) -> Result<Arc<OpenSops>, Locked> {
        if let Some(known) = lock(&self.files).get(path) {
            return known.clone();
        }
        let opened = self.open_sops_file(path).map(Arc::new);
        lock(&self.files).insert(path.clone(), opened.clone());
        opened
    }

    fn open_sops_file(&self, path: &BString) -> Result<OpenSops, Locked> {
        let name = path.to_str_lossy().into_owned();
        let mut trees = self.trees.iter();
        let file = trees.find_map(|tree| tree.file(path.as_ref()).ok().flatten());
        let Some(document) = file.as_ref().and_then(|file| file.documents().first()) else {
            let gone = Refused::Failed("it is not there, or cannot be read".to_owned());
            return Err(Locked::File(name, gone));
        };
        if self.identities.is_empty() {
            return Err(Locked::NoIdentityForFile(name));
        }
        OpenSops::open(document, &self.identities).map_err(|why| Locked::File(name, why))
    }

    /// Opens a token of this program's own wherever it stands and whichever key it is sealed with:
    /// for who looks at it, and takes no place from it.
    ///
    /// # Errors
    ///
    /// Where its keyring does not open, or it is damaged.
    pub fn open_anywhere(&self, text: &str) -> Result<Secret, Locked> {
        let token = Token::parse(text).map_err(Locked::Value)?;
        let keys = self.keys(token.keyring())?;
        let (found, secret) = token.open_anywhere(&keys).map_err(Locked::Value)?;
        let pointer: Option<Pointer> = found.pointer.parse().ok();
        let key = pointer.map_or_else(|| found.pointer.clone(), |it| it.dotted());
        self.note(&found.document, key);
        Ok(secret)
    }

    /// Opens a value where it stands.
    ///
    /// # Errors
    ///
    /// Where its keyring or SOPS file does not open, or it was sealed for another place or with an older key,
    /// or is damaged.
    pub fn open(&self, sealed: &SealedAt<'_>) -> Result<Secret, Locked> {
        let secret = self.open_here(sealed)?;
        let key = sealed.pointer.dotted();
        self.note(&sealed.document.to_str_lossy(), key);
        Ok(secret)
    }

    fn open_here(&self, sealed: &SealedAt<'_>) -> Result<Secret, Locked> {
        if is_sealed_value(sealed.text) {
            let file = self.sops_file(&sealed.document)?;
            let gone = || Refused::Failed("the file says something else by now".to_owned());
            let secret = file.secret(&sealed.pointer, sealed.text).cloned();
            return secret.ok_or_else(|| Locked::Value(gone()));
        }
        let token = Token::parse(sealed.text).map_err(Locked::Value)?;
        let keys = self.keys(token.keyring())?;
        let keyring = self.keyrings.get(token.keyring());
        let in_force = keyring.map_or(1, |keyring| keyring.generation);
        let context = context(token.keyring(), sealed.document.as_ref(), &sealed.pointer);
        let is_here = |found: &Context| *found == context || self.is_named_so(sealed, found);
        token
            .open_where(&is_here, in_force, &keys)
            .map_err(Locked::Value)
    }

    /// Says whether a value that was sealed for an item by its name stands in that very item.
    fn is_named_so(&self, sealed: &SealedAt<'_>, found: &Context) -> bool {
        if !is_named(&found.pointer) || found.document != sealed.document.to_str_lossy() {
            return false;
        }
        self.trees.iter().any(|tree| {
            let file = tree.file(sealed.document.as_ref()).ok().flatten();
            let document = file.as_ref().and_then(|file| file.documents().first());
            document.is_some_and(|document| {
                let standing = document.root.at(&sealed.pointer);
                standing.and_then(Value::as_str) == Some(sealed.text)
                    && find_place(&document.root, &found.pointer).as_ref() == Some(&sealed.pointer)
            })
        })
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&String> = self.keyrings.keys().collect();
        f.debug_tuple("Vault").field(&names).finish()
    }
}

/// Says whether a keyring's file holds the key that the manifest names; in its own tree as the
/// newest one.
fn agree(declared: &Keyring, keys: &Keys, own: bool) -> bool {
    let newest = keys.generation();
    let is_in_force = match own {
        true => newest == declared.generation,
        false => newest >= declared.generation,
    };
    is_in_force && keys.recipient(declared.generation).as_ref() == Some(&declared.recipient)
}

/// Says what place a value is sealed for.
#[must_use]
pub fn context(keyring: &str, document: &BStr, pointer: &Pointer) -> Context {
    Context {
        keyring: keyring.to_owned(),
        document: document.to_str_lossy().into_owned(),
        pointer: pointer.to_string(),
    }
}

/// Gives the value that a secret holds.
#[must_use]
pub fn value_of(secret: &Secret) -> Value {
    if !secret.is_text() {
        let parsed = serde_json::from_str::<serde_json::Value>(secret.expose());
        if let Ok(json) = parsed {
            return Value::from_json(&json);
        }
    }
    Value::detached(Kind::String(secret.expose().into()))
}

/// Gives the secret that holds a value.
#[must_use]
pub fn secret_of(value: &Value) -> Secret {
    match value.as_str() {
        Some(text) => Secret::text(text),
        None => Secret::json(value.to_json().to_string()),
    }
}

impl Resolved {
    /// Gives the sealed value at a pointer, with its place in its own file; none where there is
    /// none.
    #[must_use]
    pub fn sealed(&self, pointer: &Pointer) -> Option<SealedAt<'_>> {
        let value = self.value().at(pointer)?;
        let text = value.as_str().filter(|text| is_sealed(text))?;
        let layer = self.layer_of(pointer)?;
        Some(SealedAt {
            text,
            document: layer.path.clone(),
            pointer: self
                .place_in_layer(pointer)
                .unwrap_or_else(|| pointer.clone()),
        })
    }

    /// Gives the place of a value in the layer that sets it: where lists are laid over each other,
    /// an item may have another number there.
    #[must_use]
    pub(crate) fn place_in_layer(&self, pointer: &Pointer) -> Option<Pointer> {
        let value = self.value().at(pointer)?;
        let root = &self.layer_of(pointer)?.root;
        let is_same = |other: &Value| other.span == value.span && other == value;
        match root.at(pointer).is_some_and(is_same) {
            true => Some(pointer.clone()),
            false => place_of(root, &is_same, pointer.tokens()),
        }
    }

    /// Reads one value like [`get`](Self::get), its secrets opened.
    ///
    /// # Errors
    ///
    /// The same; and where one of the secrets does not open.
    pub fn get_with<T: DeserializeOwned>(&self, key: &str, vault: &Vault) -> Result<T> {
        self.find(key)?;
        let pointer: Pointer = key.parse().unwrap_or_default();
        let opened = self.opened(&pointer, vault)?;
        self.read_as(key, &opened)
    }

    /// Gives the value at a pointer, its secrets opened; null where nothing is set. It is a plain
    /// value: who takes it keeps it to themselves.
    ///
    /// # Errors
    ///
    /// Where one of the secrets does not open.
    pub fn opened(&self, pointer: &Pointer, vault: &Vault) -> Result<Value> {
        let Some(mut value) = self.value().at(pointer).cloned() else {
            return Ok(Value::detached(Kind::Null));
        };
        for sealed in self.all_sealed() {
            if !pointer.contains(&sealed) {
                continue;
            }
            let secret = value_of(&self.open(&sealed, vault)?);
            let mut at = Some(&mut value);
            for token in &sealed.tokens()[pointer.tokens().len()..] {
                at = at.and_then(|value| value.child_mut(token));
            }
            if let Some(at) = at {
                at.kind = secret.kind;
            }
        }
        Ok(value)
    }

    /// Gives the whole configuration, those secrets opened that open, and their places.
    #[must_use]
    pub fn opened_for(&self, vault: &Vault) -> (Value, Vec<Pointer>) {
        let mut value = self.value().clone();
        let mut secrets = Vec::new();
        for pointer in self.all_sealed() {
            let opened = self.sealed(&pointer).map(|sealed| vault.open(&sealed));
            let Some(Ok(secret)) = opened else {
                continue;
            };
            if let Some(at) = value.at_mut(&pointer) {
                at.kind = value_of(&secret).kind;
            }
            secrets.push(pointer);
        }
        (value, secrets)
    }

    /// Opens the value at a pointer.
    ///
    /// # Errors
    ///
    /// Where nothing is sealed there, or it does not open.
    pub fn open(&self, pointer: &Pointer, vault: &Vault) -> Result<Secret> {
        let key = pointer.dotted();
        let sealed = self.sealed(pointer).ok_or_else(|| {
            Error::not_found(format!(
                "nothing is sealed at `{key}` for {}",
                self.target()
            ))
        })?;
        vault.open(&sealed).map_err(|why| why.into_error(&key))
    }

    /// Gives the places of all sealed values.
    #[must_use]
    pub fn all_sealed(&self) -> Vec<Pointer> {
        let mut found = Vec::new();
        self.value().each_text(&mut |pointer, text, _| {
            if is_sealed(text) {
                found.push(pointer.clone());
            }
        });
        found
    }
}

/// Visits every sealed value; the MAC of a SOPS file is none.
pub fn walk_sealed(value: &Value, at: &mut Pointer, visit: &mut dyn FnMut(&Pointer, &Value)) {
    match &value.kind {
        Kind::String(text) if is_sealed(text) => visit(at, value),
        Kind::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                at.push(index.to_string());
                walk_sealed(item, at, visit);
                at.pop();
            }
        }
        Kind::Object(map) => {
            let is_file = at.tokens().is_empty() && is_sops(value);
            for (key, item) in map.iter().filter(|(key, _)| !is_file || *key != SOPS) {
                at.push(key.clone());
                walk_sealed(item, at, visit);
                at.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
