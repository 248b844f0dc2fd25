use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::before::{Now, Standing};
use super::{Before, Judge};
use crate::config::{Keyring, MANIFEST, Snapshot};
use crate::error::Result;
use crate::ops::own;
use crate::ops::secret::rules::{TAMPERED_KEYRING, UNSEALED_SECRET};
use crate::report::{Finding, Location};
use crate::seal::{Token, is_sealed_file, is_token};
use crate::text::{Source, Span};

const HELP: &str = "seal it again (`git strata secret seal KEY`), and change it where it is used; \
     where it is for all to read from now on, who answers for the secrets should say so";

impl Judge<'_> {
    /// Tells of values that stood sealed and are for all to read now, whatever the schema says by
    /// now: where it calls one a secret, that is told already.
    pub(super) fn unsealed(&mut self, now: &[Now<'_>]) {
        let mut told = BTreeSet::new();
        for it in now {
            let Standing::Plain(pointer, location) = &it.what else {
                continue;
            };
            let place = (it.document.clone(), pointer.clone());
            // Without any keyring, that is a warning.
            let is_told = self.plain.contains(&place) && !self.keyrings.is_empty();
            if is_told || !told.insert(place) {
                continue;
            }
            let key = pointer.dotted();
            let stood = match it.document == it.stood.document {
                true => "here".to_owned(),
                false => format!("in `{}`", it.stood.document),
            };
            let message = format!("`{key}` stood sealed {stood}, and stands here for all to read");
            self.open.push(
                Finding::new(&UNSEALED_SECRET, message, location.clone())
                    .with_related(it.stood.location.clone().with_label("sealed"))
                    .with_help(HELP),
            );
        }
    }

    /// Tells of files that were sealed as a whole and are for all to read now: under the name that
    /// they had, the one without `.age`, or in another folder.
    pub(super) fn unsealed_files(&mut self, before: &Before<'_>) -> Result<()> {
        let own = Keyring::path("");
        let own = own.trim_end_matches(".age").as_bytes();
        let is_whole = |path: &BStr| path.ends_with(b".age") && !path.starts_with(own);
        let mut gone: BTreeMap<&[u8], &BString> = BTreeMap::new();
        for change in before.changes() {
            if change.new.is_none()
                && is_whole(change.path.as_ref())
                && is_sealed(before.tree, &change.path)? == Some(true)
            {
                gone.insert(name(without_end(&change.path)), &change.path);
            }
        }
        for change in before.changes() {
            if change.new.is_none() {
                continue;
            }
            let beside = BString::from([change.path.as_slice(), b".age"].concat());
            let was = match change.old.is_some() {
                true if is_whole(change.path.as_ref()) => Some(&change.path),
                true => None,
                false => gone.get(name(&change.path)).copied().or(Some(&beside)),
            };
            let Some(was) = was else { continue };
            let is_open = is_sealed(before.tree, was)? == Some(true)
                && is_sealed(self.tree, &change.path)? == Some(false);
            if !is_open {
                continue;
            }
            let mut source = Source::new(change.path.to_str_lossy(), "");
            if let Some(label) = self.tree.label() {
                source = source.at_revision(label);
            }
            let place = Location::new(&Arc::new(source), Span::new(0, 0));
            let message = match *was == change.path {
                true => format!("`{was}` was sealed as a whole, and is for all to read"),
                false => format!(
                    "`{}` is for all to read, and was sealed as a whole, in `{was}`",
                    change.path
                ),
            };
            self.findings
                .push(Finding::new(&UNSEALED_SECRET, message, place).with_help(
                    "take it out, seal it (`git strata secret seal --file FILE --keyring NAME`), \
                     and change what it holds where it is used",
                ));
        }
        Ok(())
    }

    /// Tells of keyrings that are no longer declared, and whose values are plain or sealed with
    /// another one: for that, nobody need have opened them.
    pub(super) fn dropped(&mut self, before: &Before<'_>, now: &[Now<'_>]) -> Result<()> {
        let Some(old) = &before.configuration else {
            return Ok(());
        };
        let gone = old.manifest().keyrings.iter();
        for (name, keyring) in gone.filter(|(name, _)| !self.keyrings.contains_key(*name)) {
            let is_of = |text: &str| {
                let token = Token::parse(text).ok();
                is_token(text) && token.is_some_and(|token| token.keyring() == name)
            };
            let mut left = now.iter().filter(|it| is_of(&it.stood.text));
            let mut left = left.by_ref().filter_map(|it| match &it.what {
                Standing::Plain(_, location) => {
                    Some((it, own::hidden(location.clone(), location.span), "plain"))
                }
                Standing::Sealed(text, location) if !is_of(text) => {
                    Some((it, location.clone(), "sealed with another one"))
                }
                Standing::Sealed(..) => None,
            });
            let Some((first, location, what)) = left.next() else {
                continue;
            };
            let more = match left.count() {
                0 => String::new(),
                1 => ", and so is another value".to_owned(),
                count => format!(", and so are {count} others or the like"),
            };
            let message = format!(
                "the keyring `{name}` is gone, and `{}` in `{}`, which was sealed with it, is \
                 {what}{more}",
                first.stood.pointer.dotted(),
                first.document
            );
            let place = self.manifest()?.unwrap_or_else(|| location.clone());
            self.findings.push(
                Finding::new(&TAMPERED_KEYRING, message, place)
                    .with_related(keyring.location.clone().with_label("the keyring, before"))
                    .with_related(location.with_label(what))
                    .with_help(format!(
                        "see who took it out (`git log {MANIFEST}`), and bring it back; where its \
                         values were sealed with another one on purpose, one who could read them \
                         should say so"
                    )),
            );
        }
        Ok(())
    }

    /// Gives the place of the keyrings in the manifest, or its beginning.
    fn manifest(&self) -> Result<Option<Location>> {
        let Some(file) = self.tree.file(MANIFEST.into())? else {
            return Ok(None);
        };
        let mut documents = file.documents().iter();
        let key = documents.find_map(|it| it.root.as_object()?.entry("keyrings"));
        Ok(Some(match key {
            Some(entry) => Location::new(&file.source, entry.key),
            None => Location::file(&file.source),
        }))
    }
}

/// Hides the secrets in the lines that findings are shown with: those of a file at once, since
/// there may be many.
pub(super) fn hidden(mut findings: Vec<Finding>) -> Vec<Finding> {
    // By address: each is held until the end.
    let mut files: BTreeMap<*const Source, (Arc<Source>, Vec<Span>)> = BTreeMap::new();
    for Finding { location, .. } in &findings {
        let source = &location.source;
        let (_, spans) = files
            .entry(Arc::as_ptr(source))
            .or_insert_with(|| (Arc::clone(source), Vec::new()));
        spans.push(location.span);
    }
    let masked: BTreeMap<_, _> = files
        .iter_mut()
        .map(|(address, (source, spans))| {
            spans.sort_unstable();
            spans.dedup();
            (*address, own::masked(source, spans))
        })
        .collect();
    for Finding { location, .. } in &mut findings {
        if let Some(source) = masked.get(&Arc::as_ptr(&location.source)) {
            location.source = Arc::clone(source);
        }
    }
    findings
}

/// Says whether a file is sealed as a whole; none where it is not there, or empty.
fn is_sealed(tree: &Snapshot, path: &BString) -> Result<Option<bool>> {
    let blob = tree.files().read(path.as_ref())?;
    let bytes = blob.map(|blob| blob.bytes);
    Ok(bytes
        .filter(|bytes| !bytes.is_empty())
        .map(|bytes| is_sealed_file(&bytes)))
}

fn without_end(path: &[u8]) -> &[u8] {
    path.strip_suffix(b".age").unwrap_or(path)
}

/// Gives the last part of a path.
fn name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}
