use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};

use super::{Before, Judge};
use crate::config::{Configuration, SealedAt};
use crate::error::Result;
use crate::git::Commit;
use crate::ops::secret::rules::REPLAYED_TOKEN;
use crate::report::{Finding, Location};
use crate::seal::Token;
use crate::text::Pointer;

/// A sealed value that the tree before did not have where it stands.
pub(super) struct Fresh {
    document: BString,
    pointer: Pointer,
    text: String,
    location: Location,
}

impl Judge<'_> {
    /// Keeps a token in mind that is new at its place, and may be one that stood there long ago: not
    /// one of a key that is new as well.
    pub(super) fn fresh(&mut self, token: &Token, sealed: &SealedAt<'_>, location: &Location) {
        let Some(before) = self.before else {
            return;
        };
        let known = before.configuration.as_ref();
        let keyring = known.and_then(|it| it.manifest().keyrings.get(token.keyring()));
        let is_of_known_key = keyring.is_some_and(|it| token.generation() <= it.generation);
        let mut changes = before.changes().iter();
        if !is_of_known_key
            || before.of_token(sealed.text).is_some()
            || !changes.any(|change| change.path == sealed.document)
        {
            return;
        }
        self.fresh.push(Fresh {
            document: sealed.document.clone(),
            pointer: sealed.pointer.clone(),
            text: sealed.text.to_owned(),
            location: location.clone(),
        });
    }

    /// Tells of tokens that come back: they stood there once, and were replaced since.
    pub(super) fn replayed(
        &mut self,
        before: &Before<'_>,
        configuration: &Configuration,
    ) -> Result<()> {
        let (Some(repo), Some(label)) = (configuration.repo(), before.tree.label()) else {
            return Ok(());
        };
        let mut files: BTreeMap<BString, Vec<Fresh>> = BTreeMap::new();
        for fresh in std::mem::take(&mut self.fresh) {
            let of_file = files.entry(fresh.document.clone()).or_default();
            of_file.push(fresh);
        }
        if files.is_empty() {
            return Ok(());
        }
        let tip = repo.revision(label)?.id;
        for (path, mut wanted) in files {
            for commit in repo.history(tip, std::slice::from_ref(&path)) {
                let commit = commit?;
                let tree = configuration.here().of_commit(repo, &commit);
                let Some(blob) = tree.files().read(path.as_ref())? else {
                    continue;
                };
                let known = tokens(&blob.bytes);
                let came_back = |it: &Fresh| known.contains(it.text.as_bytes());
                if !wanted.iter().any(came_back) {
                    continue;
                }
                let file = tree.file(path.as_ref())?;
                let documents = || file.iter().flat_map(|file| file.documents());
                wanted.retain(|it| {
                    let stands = |value: Option<&crate::document::Value>| {
                        value.and_then(|value| value.as_str()) == Some(&it.text)
                    };
                    let is_back = came_back(it)
                        && documents().any(|document| stands(document.root.at(&it.pointer)));
                    if is_back {
                        self.findings.push(told(it, &commit));
                    }
                    !is_back
                });
                if wanted.is_empty() {
                    break;
                }
            }
        }
        Ok(())
    }
}

fn told(it: &Fresh, commit: &Commit) -> Finding {
    let message = format!(
        "`{}` is the sealed value again that stood here before (in {} of {}: {})",
        it.pointer.dotted(),
        commit.id.short(),
        commit.author.date().chars().take(10).collect::<String>(),
        commit.title()
    );
    Finding::new(&REPLAYED_TOKEN, message, it.location.clone()).with_help(
        "a `git revert` does that, too: where the old secret is still the right one, let it be; \
         else take the newer one back, or seal it anew: `git strata secret seal KEY`",
    )
}

/// Finds all that looks like a token in the bytes of a file.
fn tokens(bytes: &[u8]) -> BTreeSet<&[u8]> {
    let found = bytes.find_iter("ENC[age1,");
    let whole = found.filter_map(|start| {
        let end = bytes[start..].find_byte(b']')?;
        Some(&bytes[start..=start + end])
    });
    whole.collect()
}
