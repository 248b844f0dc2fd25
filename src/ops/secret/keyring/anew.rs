use bstr::{BString, ByteSlice};

use super::Work;
use crate::config::{Keyring, Locked, find_place};
use crate::document::Value;
use crate::error::Result;
use crate::git::FileKind;
use crate::ops::change::Edit;
use crate::ops::secret::places::{Place, What, places, usage};
use crate::ops::secret::seal::{living_with, rewritten, token};
use crate::seal::{Armor, Context, Keys, Secret, Token, is_sealed_file, seal_file, sealed_for};
use crate::text::Pointer;

/// What becomes of the files.
#[derive(Default)]
pub(super) struct Anew {
    pub(super) edits: Vec<Edit>,
    /// The generation that is in force then.
    pub(super) generation: u32,
    /// What is sealed anew.
    pub(super) sealed: Vec<(BString, Pointer)>,
    pub(super) by_hand: Vec<BString>,
}

impl Work<'_> {
    /// Seals with the key in force what was sealed with another.
    pub(super) fn sealed_anew(&self, old: &Keys, renewed: &Keyring) -> Result<Anew> {
        let mut anew = Anew::default();
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
                if known.keyring() != self.name || known.generation() == renewed.generation {
                    continue;
                }
                let secret = self.opened(known, old, &document.root, &place)?;
                let to = (self.name, renewed);
                let sealed_for = usage.place(&document.root, &place.pointer);
                let token = token(&secret, to, path.as_ref(), sealed_for)?;
                if let Some(value) = root.at_mut(&place.pointer) {
                    value.kind = token.kind;
                    any = true;
                    anew.sealed.push((path.clone(), place.pointer));
                }
            }
            if any {
                anew.edits.push(rewritten(&path, document, root)?);
            }
        }
        self.whole_files(old, renewed, &mut anew)?;
        Ok(anew)
    }

    /// Seals anew the files that are sealed as a whole for the keyring. They are written as text,
    /// which age reads as it reads bytes.
    fn whole_files(&self, old: &Keys, renewed: &Keyring, anew: &mut Anew) -> Result<()> {
        let own = BString::from(Keyring::path(""));
        let own = own.trim_end_with(|c| c != '/').as_bstr();
        for (path, entry) in self.tree.files().walk(b"".as_bstr())? {
            if !path.ends_with(b".age") || path.starts_with(own) || !is_file(entry.kind) {
                continue;
            }
            let Some(blob) = self.tree.files().read(path.as_ref())? else {
                continue;
            };
            if !is_sealed_file(&blob.bytes) {
                continue;
            }
            let Ok(plain) = old.open_older_file(&blob.bytes, renewed.generation) else {
                continue;
            };
            anew.sealed.push((path.clone(), Pointer::root()));
            if sealed_for(&blob.bytes) != Some(1) {
                anew.by_hand.push(path);
                continue;
            }
            let to = std::slice::from_ref(&renewed.recipient);
            let sealed = seal_file(&plain, to, Armor::Text, self.hand.ask)?;
            anew.edits.push(Edit {
                path,
                text: String::from_utf8_lossy(&sealed).into_owned(),
                anew: Vec::new(),
            });
        }
        Ok(())
    }

    /// Opens a token of any generation, where it stands.
    fn opened(&self, token: &Token, keys: &Keys, root: &Value, place: &Place) -> Result<Secret> {
        let is_here = |found: &Context| {
            found.document == place.document.to_str_lossy()
                && find_place(root, &found.pointer).as_ref() == Some(&place.pointer)
        };
        token
            .open_where(&is_here, token.generation(), keys)
            .map_err(|why| Locked::Value(why).into_error(&place.pointer.dotted()))
    }
}

fn is_file(kind: FileKind) -> bool {
    matches!(kind, FileKind::File | FileKind::Executable)
}
