use bstr::BString;

use crate::config::{Keyring, MANIFEST, Snapshot};
use crate::document::{Kind, Map, Value};
use crate::error::{Error, Result};
use crate::ops::change::Edit;
use crate::ops::secret::seal::rewritten;
use crate::seal::{Ask, Keys};

/// Writes the file of a keyring, sealed for its members.
pub(super) fn file(name: &str, keyring: &Keyring, keys: &Keys, ask: &Ask) -> Result<Edit> {
    let sealed = keys.seal(&keyring.members, ask)?;
    Ok(Edit {
        path: Keyring::path(name).into(),
        text: String::from_utf8_lossy(&sealed).into_owned(),
        anew: Vec::new(),
    })
}

/// Gives a keyring as the manifest declares it.
fn entry(keyring: &Keyring) -> Value {
    let members = keyring.members.iter();
    let mut entry = vec![
        ("recipient", text(keyring.recipient.as_str())),
        ("generation", number(keyring.generation)),
        (
            "members",
            map(members.map(|(name, key)| (name.as_str(), text(key.as_str())))),
        ),
    ];
    let list = |items: Vec<Value>| Value::detached(Kind::Array(items));
    if !keyring.environments.is_empty() {
        let names = keyring.environments.iter().map(|it| text(it));
        entry.push(("environments", list(names.collect())));
    }
    if !keyring.keys.is_empty() {
        let keys = keyring.keys.iter().map(|key| text(&key.dotted()));
        entry.push(("keys", list(keys.collect())));
    }
    map(entry)
}

/// Writes the manifest of a tree with a keyring's entry.
pub(super) fn manifest(tree: &Snapshot, name: &str, keyring: &Keyring) -> Result<Edit> {
    let path = BString::from(MANIFEST);
    let file = tree.file(path.as_ref())?;
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
        keyrings.set(name, entry(keyring));
    }
    rewritten(&path, document, root)
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
