use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use crate::config::{
    Configuration, ParsedFile, SealedAt, Snapshot, find_place, is_named, is_sops, is_template,
    walk_sealed,
};
use crate::document::{Format, Kind, Value};
use crate::error::Result;
use crate::git::FileChange;
use crate::ops::secret::places::{Usage, is_reference, usage};
use crate::report::Location;
use crate::seal::{is_sealed, is_token};
use crate::text::Pointer;

/// What stood sealed in a tree before, in the files that changed since.
pub(super) struct Before<'a> {
    pub(super) tree: &'a Snapshot,
    /// As the tree itself says it; none where it cannot be used.
    pub(super) configuration: Option<Configuration>,
    changes: Vec<FileChange>,
    sealed: Vec<Stood>,
    /// The tokens, with where they stood.
    tokens: BTreeMap<String, usize>,
}

/// A sealed value that stood there.
pub(super) struct Stood {
    pub(super) document: BString,
    pub(super) pointer: Pointer,
    pub(super) text: String,
    pub(super) location: Location,
}

/// What stands now where a sealed value stood.
pub(super) struct Now<'b> {
    pub(super) stood: &'b Stood,
    /// The file: the same, or a new one where that one is gone.
    pub(super) document: BString,
    pub(super) what: Standing,
}

/// What stands at a place.
pub(super) enum Standing {
    /// A value for all to read, with its place.
    Plain(Pointer, Location),
    /// Something sealed, as it is written.
    Sealed(String, Location),
}

impl<'a> Before<'a> {
    /// Reads what stood in the files of a tree that another one has otherwise.
    pub(super) fn of(since: &'a Snapshot, tree: &Snapshot) -> Result<Self> {
        let (configuration, _) = Configuration::read(None, since.clone())?;
        let mut before = Self {
            tree: since,
            changes: since.files().changes_to(tree.files())?,
            configuration,
            sealed: Vec::new(),
            tokens: BTreeMap::new(),
        };
        let mut layers = None;
        for change in before.changes.iter().filter(|it| it.old.is_some()) {
            let path = &change.path;
            let blob = since.files().read(path.as_ref())?;
            if blob.is_none_or(|blob| !blob.bytes.contains_str("ENC[")) {
                continue;
            }
            let files = match (is_template(path.as_ref()), &before.configuration) {
                (true, Some(own)) => {
                    let layers = match &layers {
                        Some(known) => known,
                        None => layers.insert(usage(own, since, &everywhere(own))?),
                    };
                    read(own, since, layers, path)?
                }
                (true, None) => Vec::new(),
                (false, _) => since.file(path.as_ref())?.into_iter().collect(),
            };
            for file in &files {
                for document in file.documents() {
                    let is_sops = is_sops(&document.root);
                    let mut see = |at: &Pointer, value: &Value| {
                        let text = value.as_str().unwrap_or_default();
                        if is_sops || is_token(text) {
                            before.sealed.push(Stood {
                                document: path.clone(),
                                pointer: at.clone(),
                                text: text.to_owned(),
                                location: file.place(value).with_pointer(at.clone()),
                            });
                        }
                    };
                    walk_sealed(&document.root, &mut Pointer::root(), &mut see);
                }
            }
        }
        let tokens = before.sealed.iter().enumerate();
        before.tokens = tokens
            .filter(|(_, it)| is_token(&it.text))
            .map(|(at, it)| (it.text.clone(), at))
            .collect();
        Ok(before)
    }

    /// Gives the files that are other than they were.
    pub(super) fn changes(&self) -> &[FileChange] {
        &self.changes
    }

    /// Says where a token stood.
    pub(super) fn of_token(&self, text: &str) -> Option<(&BString, &Pointer)> {
        let it = &self.sealed[*self.tokens.get(text)?];
        Some((&it.document, &it.pointer))
    }

    /// Says whether a token stands where it stood in the same file: at the same number of a list, or
    /// in the item of the same name where items go by one.
    pub(super) fn is_same_place(
        &self,
        tree: &Snapshot,
        sealed: &SealedAt<'_>,
        stood: &Pointer,
        usage: &Usage,
    ) -> Result<bool> {
        let then = place_in(self.tree, usage, &sealed.document, stood)?;
        let now = place_in(tree, usage, &sealed.document, &sealed.pointer)?;
        Ok(match is_named(&then) && is_named(&now) {
            true => then == now,
            false => *stood == sealed.pointer,
        })
    }

    /// Tells what stands now at the places of sealed values: in the same file, or, where that is
    /// gone, in those that are new.
    pub(super) fn now(
        &self,
        configuration: &Configuration,
        tree: &Snapshot,
        layers: &BTreeMap<BString, Usage>,
    ) -> Result<Vec<Now<'_>>> {
        let mut known: BTreeMap<&BString, Vec<Arc<ParsedFile>>> = BTreeMap::new();
        let mut found = Vec::new();
        for stood in &self.sealed {
            let files = match known.get(&stood.document) {
                Some(files) => files,
                None => {
                    let paths = self.successors(&stood.document);
                    let mut files = Vec::new();
                    for path in paths {
                        files.extend(read(configuration, tree, layers, path)?);
                    }
                    known.entry(&stood.document).or_insert(files)
                }
            };
            let place = match layers.get(&stood.document) {
                Some(usage) => place_in(self.tree, usage, &stood.document, &stood.pointer)?,
                None => String::new(),
            };
            for file in files {
                let documents = file.documents().iter();
                let standing = documents.filter_map(|document| {
                    let is_sops = is_sops(&document.root);
                    let named = match is_named(&place) {
                        true => find_place(&document.root, &place),
                        false => None,
                    };
                    let at = named.unwrap_or_else(|| stood.pointer.clone());
                    let what = standing(file, document.root.at(&at)?, &at, is_sops)?;
                    let is_kept = matches!(what, Standing::Plain(..))
                        && file.path == stood.document
                        && has_shifted(&document.root, stood);
                    (!is_kept).then_some(what)
                });
                found.extend(standing.map(|what| Now {
                    stood,
                    document: file.path.clone(),
                    what,
                }));
            }
        }
        Ok(found)
    }

    /// Gives the file itself; where it is gone, those that are new.
    fn successors<'b>(&'b self, path: &'b BString) -> Vec<&'b BString> {
        let is_gone = |it: &&FileChange| it.path == *path && it.new.is_none();
        if !self.changes.iter().any(|it| is_gone(&it)) {
            return vec![path];
        }
        let added = self.changes.iter().filter(|it| it.old.is_none());
        added.map(|it| &it.path).collect()
    }
}

/// Gives the place in a file of a tree that a value is sealed for; of a template none is known.
fn place_in(tree: &Snapshot, usage: &Usage, path: &BString, at: &Pointer) -> Result<String> {
    if is_template(path.as_ref()) {
        return Ok(at.to_string());
    }
    let file = tree.file(path.as_ref())?;
    let document = file.as_ref().and_then(|file| file.documents().first());
    Ok(document.map_or_else(|| at.to_string(), |it| usage.place(&it.root, at)))
}

/// Gives all environments of a configuration, and none.
fn everywhere(configuration: &Configuration) -> Vec<Option<&str>> {
    let names = configuration.manifest().environment_names();
    names.map(Some).chain([None]).collect()
}

/// Reads a file as a layer; others where their name says what they are.
fn read(
    configuration: &Configuration,
    tree: &Snapshot,
    layers: &BTreeMap<BString, Usage>,
    path: &BString,
) -> Result<Vec<Arc<ParsedFile>>> {
    if let Some(usage) = layers.get(path) {
        return usage.files(configuration, tree, path);
    }
    let is_read = Format::of_path(&path.to_str_lossy()).is_some();
    match is_read {
        true => Ok(tree.file(path.as_ref())?.into_iter().collect()),
        false => Ok(Vec::new()),
    }
}

/// Says whether a sealed value stands at another number of the same list.
fn has_shifted(root: &Value, stood: &Stood) -> bool {
    let mut found = false;
    walk_sealed(root, &mut Pointer::root(), &mut |at, value| {
        let pairs = || at.tokens().iter().zip(stood.pointer.tokens());
        let is_number = |token: &str| token.bytes().all(|c| c.is_ascii_digit());
        found |= value.as_str() == Some(&stood.text)
            && at.tokens().len() == stood.pointer.tokens().len()
            && pairs().all(|(a, b)| a == b || (is_number(a) && is_number(b)));
    });
    found
}

/// Tells what stands at a place: of a map or list, the first value that all can read.
fn standing(file: &ParsedFile, value: &Value, at: &Pointer, is_sops: bool) -> Option<Standing> {
    match &value.kind {
        Kind::Null => None,
        Kind::String(text) if is_token(text) || (is_sops && is_sealed(text)) => {
            let location = file.place(value).with_pointer(at.clone());
            Some(Standing::Sealed(text.to_string(), location))
        }
        Kind::String(text) if is_reference(text) => None,
        Kind::Object(map) => map
            .iter()
            .filter_map(|(key, value)| standing(file, value, &at.join(key.clone()), is_sops))
            .find(|it| matches!(it, Standing::Plain(..))),
        Kind::Array(items) => {
            let items = items.iter().enumerate();
            items
                .filter_map(|(at_item, value)| {
                    standing(file, value, &at.join(at_item.to_string()), is_sops)
                })
                .find(|it| matches!(it, Standing::Plain(..)))
        }
        _ => {
            let location = file.place(value).with_pointer(at.clone());
            Some(Standing::Plain(at.clone(), location))
        }
    }
}
