use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use smol_str::SmolStr;

use super::{ParsedFile, SOPS, Snapshot};
use crate::document::Outline;
use crate::git::Oid;
use crate::text::Source;

/// Looks a text over; none also where all of it is under one seal.
pub(super) fn outline(source: &Arc<Source>) -> Option<Outline> {
    Outline::of(source).filter(|outline| !outline.has(SOPS))
}

/// Looks a text over that may be much like one that was.
pub(crate) fn outline_after(before: Option<&Outline>, source: &Arc<Source>) -> Option<Outline> {
    match before {
        Some(before) => before.next(source).filter(|outline| !outline.has(SOPS)),
        None => outline(source),
    }
}

/// A file of a snapshot that was looked over, and not parsed.
pub(crate) struct OutlinedFile {
    pub(crate) path: BString,
    pub(crate) id: Oid,
    pub(super) outline: Outline,
}

impl OutlinedFile {
    /// Gives a file of another tree that holds the same bytes.
    pub(crate) fn beside(&self, tree: &Snapshot, path: &BStr) -> Self {
        let name = path.to_str_lossy();
        let source = self.outline.source().beside(name, tree.label());
        Self {
            path: path.to_owned(),
            id: self.id,
            outline: self.outline.beside(Arc::new(source)),
        }
    }

    /// Gives what was parsed of another file that holds the same bytes.
    pub(crate) fn like(&self, other: &ParsedFile) -> ParsedFile {
        let source = Arc::clone(self.outline.source());
        other.like(self.path.as_ref(), source, self.id)
    }

    /// Gives its outermost entries.
    pub(crate) fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Parses the entries of these names; none where something is wrong with them.
    pub(crate) fn only(&self, keys: &BTreeSet<SmolStr>) -> Option<ParsedFile> {
        let parsed = Arc::new(self.outline.only(keys)?);
        let source = Arc::clone(self.outline.source());
        let path = self.path.as_ref();
        Some(ParsedFile::of_tree(path, source, self.id, parsed))
    }
}
