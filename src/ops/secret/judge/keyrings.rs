use bstr::{BString, ByteSlice};
use indexmap::IndexMap;

use crate::config::{Configuration, Keyring, Locked, MANIFEST, Snapshot, Vault};
use crate::error::Result;
use crate::git::{FileEntry, FileKind};
use crate::ops::secret::keyring::difference;
use crate::ops::secret::rules::{KEYRING_MISMATCH, TAMPERED_KEYRING, WIDENED_KEYRING};
use crate::report::{Finding, Location};
use crate::seal::sealed_for;

/// Says whether one is to be told of keyrings: the manifest is concerned, or one of their files.
pub(super) fn are_concerned(
    keyrings: &IndexMap<String, Keyring>,
    concerned: &dyn Fn(&BString) -> bool,
) -> bool {
    let mut names = keyrings.keys();
    concerned(&MANIFEST.into()) || names.any(|name| concerned(&Keyring::path(name).into()))
}

/// Judges the keyrings that the manifest of a tree declares: that its file goes with each, and that
/// nothing became of one since another tree that only somebody with a key may do.
pub(super) fn judge(
    configuration: &Configuration,
    tree: &Snapshot,
    since: Option<&Snapshot>,
    vault: Option<&Vault>,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let keyrings = configuration.keyrings(tree)?;
    let before = match since {
        Some(since) => Configuration::read(None, since.clone())?.0.zip(Some(since)),
        None => None,
    };
    for (name, keyring) in &keyrings {
        if !configuration.declares(tree, name)? {
            continue;
        }
        let one = One {
            name,
            keyring,
            tree,
            vault,
        };
        let changed = before.as_ref().and_then(|(before, since)| {
            let old = before.manifest().keyrings.get(name);
            one.changed(old, since).transpose()
        });
        match changed.transpose()? {
            Some(found) => findings.push(found),
            None => findings.extend(one.itself()?),
        }
        if let Some((before, _)) = &before
            && let Some(old) = before.manifest().keyrings.get(name)
        {
            findings.extend(one.widened(old));
        }
    }
    Ok(findings)
}

struct One<'a> {
    name: &'a str,
    keyring: &'a Keyring,
    tree: &'a Snapshot,
    vault: Option<&'a Vault>,
}

impl One<'_> {
    /// Judges what became of the keyring without any key: what a command of this program changes, it
    /// changes in the manifest and in the file together.
    fn changed(&self, old: Option<&Keyring>, since: &Snapshot) -> Result<Option<Finding>> {
        let (name, new) = (self.name, self.keyring);
        let path = Keyring::path(name);
        let entry = |tree: &Snapshot| -> Result<Option<FileEntry>> {
            tree.files().entry(path.as_bytes().as_bstr())
        };
        let bytes = |tree: &Snapshot| -> Result<Option<Vec<u8>>> {
            let blob = tree.files().read(path.as_bytes().as_bstr())?;
            Ok(blob.map(|blob| blob.bytes.clone()))
        };
        let (was, is) = (bytes(since)?, bytes(self.tree)?);
        if entry(self.tree)?.is_some_and(|it| it.kind == FileKind::Symlink) {
            return Ok(None);
        }
        let Some(old) = old else {
            let message = match (was, is) {
                (Some(was), Some(is)) if was == is => {
                    format!("the keyring `{name}` is declared anew, for a file that was there")
                }
                (_, None) => format!("the keyring `{name}` is declared, and there is no `{path}`"),
                _ => return Ok(None),
            };
            return Ok(Some(self.tampered(message)));
        };
        let message = if new.generation < old.generation {
            format!(
                "the keyring `{name}` goes back from generation {} to {}",
                old.generation, new.generation
            )
        } else if new.generation == old.generation && new.recipient != old.recipient {
            format!("the keyring `{name}` has another public key, of the same generation")
        } else if new.generation != old.generation && new.recipient == old.recipient {
            format!("the keyring `{name}` has another generation, with the same public key")
        } else if is.is_none() && was.is_some() {
            format!("`{path}` is gone, and `{MANIFEST}` still declares the keyring `{name}`")
        } else if was == is && was.is_some() && new.recipient != old.recipient {
            format!("the keyring `{name}` has another public key, and `{path}` did not change")
        } else if was == is && was.is_some() && new.members != old.members {
            format!("the members of the keyring `{name}` changed, and `{path}` did not")
        } else if was != is && new.recipient == old.recipient && new.members == old.members {
            format!("`{path}` changed, and the keyring `{name}` in `{MANIFEST}` did not")
        } else if new.generation == old.generation
            && let Some(who) = left(old, new)
        {
            format!("`{who}` is out of the keyring `{name}`, whose key is the one they know")
        } else if let Some(message) = self.cut_off(old) {
            message
        } else {
            return Ok(None);
        };
        Ok(Some(self.tampered(message)))
    }

    /// With a key, says whether the file still holds the key that was in force before: whoever could
    /// not open it can make another file, and not that.
    fn cut_off(&self, old: &Keyring) -> Option<String> {
        let keys = self.vault?.keys(self.name).ok()?;
        let is_there = keys.recipient(old.generation).as_ref() == Some(&old.recipient);
        (!is_there).then(|| {
            format!(
                "`{}` no longer holds generation {} of its key: somebody made it anew who could not \
                 open it",
                Keyring::path(self.name),
                old.generation
            )
        })
    }

    fn tampered(&self, message: String) -> Finding {
        let path = Keyring::path(self.name);
        Finding::new(&TAMPERED_KEYRING, message, self.location()).with_help(format!(
            "see who changed it (`git log {MANIFEST} {path}`), take it back, and use `git strata \
             secret keyring`"
        ))
    }

    /// Tells of a limit that is gone.
    fn widened(&self, old: &Keyring) -> Option<Finding> {
        let new = self.keyring;
        let more = |old: &[String], new: &[String]| {
            !old.is_empty() && (new.is_empty() || new.iter().any(|it| !old.contains(it)))
        };
        let texts = |keyring: &Keyring| -> Vec<String> {
            keyring.keys.iter().map(ToString::to_string).collect()
        };
        let is_wider = more(&old.environments, &new.environments) || more(&texts(old), &texts(new));
        let limits = |keyring: &Keyring| match super::limits(keyring) {
            text if text.is_empty() => "for all".to_owned(),
            text => text,
        };
        is_wider.then(|| {
            let message = format!(
                "the keyring `{}` was {}, and is {}",
                self.name,
                limits(old),
                limits(new)
            );
            Finding::new(&WIDENED_KEYRING, message, self.location()).with_help(
                "its members can read what is sealed with it at more places from now on; take it \
                 back where that is not meant",
            )
        })
    }

    /// Judges the keyring as it stands: that its file is sealed for as many as the manifest lists,
    /// and, where it opens, that it holds the key and tells the members that the manifest names.
    fn itself(&self) -> Result<Option<Finding>> {
        let name = self.name;
        let path = Keyring::path(name);
        let at = path.as_bytes().as_bstr();
        let found = |message: String, help: String| {
            let finding = Finding::new(&KEYRING_MISMATCH, message, self.location());
            Ok(Some(finding.with_help(help)))
        };
        let help = format!("see who changed them: `git log {MANIFEST} {path}`");
        let entry = self.tree.files().entry(at)?;
        if entry.is_some_and(|it| it.kind == FileKind::Symlink) {
            let message = format!("`{path}` is a link: the file of a keyring stands where it is");
            return found(message, format!("put the file itself there; {help}"));
        }
        let Some(blob) = self.tree.files().read(at)? else {
            return Ok(None);
        };
        let members = self.keyring.members.len();
        match sealed_for(&blob.bytes) {
            None => {
                let message =
                    format!("`{path}` is no sealed file: the keyring `{name}` opens for nobody");
                return found(message, help);
            }
            Some(count) if count != members => {
                let message = format!(
                    "the keyring `{name}` lists {members} members, and `{path}` is sealed for {count}"
                );
                return found(message, help);
            }
            Some(_) => {}
        }
        match self.vault.map(|vault| vault.keys(name)) {
            Some(Err(why @ Locked::Mismatch(_))) => found(why.to_string(), help),
            Some(Ok(keys)) => match keys.members() {
                Some(known) => match difference(name, &self.keyring.members, known) {
                    Some((message, help)) => found(message, help),
                    None => Ok(None),
                },
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn location(&self) -> Location {
        self.keyring.location.clone()
    }
}

/// Gives one who was a member, or one whose key was replaced.
fn left<'a>(old: &'a Keyring, new: &Keyring) -> Option<&'a str> {
    let mut all = old.members.iter();
    let gone = all.find(|(_, key)| !new.members.values().any(|it| it == *key));
    gone.map(|(who, _)| who.as_str())
}
