//! What values were in the versions of a file: read by all cores, and parsed only where they may
//! be other ones.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use bstr::{BString, ByteSlice};
use foldhash::HashMap;
use indexmap::IndexSet;
use smol_str::SmolStr;

use super::alike::Said;
use super::lineage::Step;
use super::readings::{Groups, Readings};
use crate::config::{ParsedFile, Snapshot, outline_after};
use crate::cores;
use crate::document::{self, Document, Format, Outline};
use crate::git::{Oid, Repo};
use crate::text::{Source, Span};

/// How many versions are read one after the other, so that each is compared with its neighbour.
const SHARE: usize = 128;

/// How many versions are taken to be as long as the one in their middle.
const NEIGHBOURS: usize = 16;

/// Below this many versions a thread costs more than it saves.
const WORTH_A_THREAD: usize = 24;

/// How many bytes of old versions are read at the most.
pub(super) const MOST_BYTES: usize = 400 << 20;

/// The outermost keys of the values that matter.
type Keys = BTreeSet<SmolStr>;

/// A file, whose versions are to be read.
pub(super) struct Versions<'a> {
    pub(super) path: &'a BString,
    /// The steps to the values that matter.
    pub(super) wanted: Vec<&'a [Step]>,
    /// The versions, the latest one first.
    pub(super) ids: IndexSet<Oid, foldhash::fast::RandomState>,
}

impl<'a> Versions<'a> {
    /// Begins with a file of which nothing is to be read yet.
    pub(super) fn of(path: &'a BString) -> Self {
        Self {
            path,
            wanted: Vec::new(),
            ids: IndexSet::default(),
        }
    }
}

/// What versions say of values: by file and object. What could not be read, or would have been too
/// much, is not there.
pub(super) type All = HashMap<(usize, Oid), Arc<Readings>>;

/// Reads the versions of files, up to so many bytes, in so many threads at the most.
pub(super) fn read(
    repo: &Repo,
    here: &Snapshot,
    files: &[Versions<'_>],
    most_bytes: usize,
    threads: usize,
) -> All {
    let shares = shares(repo, files, most_bytes);
    let mut readers: Vec<Reader<'_>> = Vec::with_capacity(files.len());
    for (number, file) in files.iter().enumerate() {
        // All layers of a service are asked about the same values.
        let like = number
            .checked_sub(1)
            .filter(|&it| is_same(&files[it].wanted, &file.wanted));
        let groups = match like {
            Some(before) => Arc::clone(&readers[before].groups),
            None => Arc::new(Groups::of(&file.wanted)),
        };
        readers.push(Reader::of(file, groups));
    }
    let read = |repo: &mut Repo, share: usize| {
        let (number, ref range) = shares[share];
        let (file, reader) = (&files[number], &readers[number]);
        let mut ids: Vec<Oid> = range.clone().map(|at| file.ids[at]).collect();
        if repo.reads_earlier_first(ids.windows(2).map(|pair| [pair[0], pair[1]])) {
            ids.reverse();
        }
        let mut found = Vec::with_capacity(ids.len());
        let mut before: Option<Version> = None;
        for id in ids {
            let known = here.known(file.path.as_ref(), id);
            let version = match known.as_ref().and_then(|it| it.documents.first()) {
                Some(document) => reader.parsed(Some(document), true, before.as_ref()),
                None => {
                    let Ok(text) = repo.bytes(id) else { continue };
                    reader.read(text, before.take())
                }
            };
            found.push(((number, id), Arc::clone(&version.readings)));
            before = Some(version);
        }
        found
    };
    let count: usize = files.iter().map(|file| file.ids.len()).sum();
    let threads = threads.min(count / WORTH_A_THREAD);
    let (readings, _) = cores::each_with(shares.len(), threads, || repo.with_memory(), read);
    readings.into_iter().flatten().collect()
}

/// Says whether the same values are wanted, that is, the very same steps.
fn is_same(one: &[&[Step]], other: &[&[Step]]) -> bool {
    let same = |(one, other): (&&[Step], &&[Step])| std::ptr::eq(*one, *other);
    one.len() == other.len() && one.iter().zip(other).all(same)
}

/// Says which versions of which files are read one after the other, the latest ones first: should
/// they be too much, the oldest are left out, whoever reads them and in whatever order.
fn shares(repo: &Repo, files: &[Versions<'_>], most_bytes: usize) -> Vec<(usize, Range<usize>)> {
    let mut starts: Vec<(usize, usize)> = Vec::new();
    for (number, file) in files.iter().enumerate() {
        starts.extend((0..file.ids.len()).step_by(SHARE).map(|at| (at, number)));
    }
    starts.sort_unstable();
    let mut rest = most_bytes;
    let mut shares = Vec::with_capacity(starts.len());
    for (start, number) in starts {
        let ids = &files[number].ids;
        let end = ids.len().min(start + SHARE);
        let mut at = start;
        while at < end && rest > 0 {
            // Neighbours are about as long as each other.
            let few = NEIGHBOURS.min(end - at);
            let each = repo.length(ids[at + few / 2]).unwrap_or_default().max(1);
            let count = few.min(rest.div_ceil(each));
            rest = rest.saturating_sub(count * each);
            at += count;
        }
        shares.push((number, start..at));
    }
    shares
}

/// Reads the versions of one file.
struct Reader<'a> {
    name: Cow<'a, str>,
    groups: Arc<Groups<'a>>,
    is_yaml: bool,
    keys: OnceLock<Option<Keys>>,
}

/// A version that was read.
struct Version {
    readings: Arc<Readings>,
    base: Option<Base>,
}

/// What tells how much of another version is to be read.
enum Base {
    /// A document as a whole, and the places in it that matter.
    Document(Document, Vec<Span>),
    Outline(Outline),
    Said(Said),
}

impl<'a> Reader<'a> {
    fn of(file: &Versions<'a>, groups: Arc<Groups<'a>>) -> Self {
        let name = file.path.to_str_lossy();
        Self {
            is_yaml: Format::of_path(&name) == Some(Format::Yaml),
            keys: OnceLock::new(),
            groups,
            name,
        }
    }

    /// Gives the outermost keys of what matters, where looking a version over may tell where they
    /// stand.
    fn keys(&self) -> Option<&Keys> {
        let keys = || self.groups.keys().filter(|_| self.is_yaml);
        self.keys.get_or_init(keys).as_ref()
    }

    /// Reads a version, of which no more is parsed than the one before tells.
    fn read(&self, text: Vec<u8>, before: Option<Version>) -> Version {
        let before = before.map(|before| self.looked_over(before));
        let source = self.keys();
        let source = source.and_then(|_| document::read(&self.name, None, &text).ok());
        let outlined = source.and_then(|source| self.outlined(&source, before.as_ref()));
        if let Some(version) = outlined {
            return version;
        }
        match before {
            Some(Version {
                readings,
                base: Some(Base::Said(said)),
            }) if said.is_alike(&text) => Version {
                readings,
                base: Some(Base::Said(said.with(text))),
            },
            before => {
                let parsed = ParsedFile::of_bytes(&self.name, &text);
                let document = parsed.documents().first();
                self.parsed(document, parsed.is_sound(), before.as_ref())
            }
        }
    }

    /// Reads a version by a look over it; none where that does not tell where what matters stands,
    /// or where something is wrong with it.
    fn outlined(&self, source: &Arc<Source>, before: Option<&Version>) -> Option<Version> {
        let keys = self.keys()?;
        let known = before.and_then(|before| match &before.base {
            Some(Base::Outline(base)) => Some((&before.readings, base)),
            _ => None,
        });
        let outline = outline_after(known.map(|(_, base)| base), source)?;
        let differing: Keys = match &known {
            Some((_, base)) => base
                .differing(&outline)
                .intersection(keys)
                .cloned()
                .collect(),
            None => keys.clone(),
        };
        let readings = match known {
            Some((readings, _)) if differing.is_empty() => Arc::clone(readings),
            known => {
                let parsed = outline.only(&differing)?;
                let root = parsed.documents.first().map(|document| &*document.root);
                let before = known.map(|(readings, _)| (&**readings, Some(&differing)));
                self.groups.read(root, before).0.into()
            }
        };
        Some(Version {
            readings,
            base: Some(Base::Outline(outline)),
        })
    }

    /// Reads a version that was parsed.
    fn parsed(
        &self,
        document: Option<&Document>,
        is_sound: bool,
        before: Option<&Version>,
    ) -> Version {
        let root = document.map(|document| &*document.root);
        let before = before.map(|before| (&*before.readings, None));
        let (readings, places) = self.groups.read(root, before);
        let base = document.filter(|_| is_sound);
        Version {
            readings: readings.into(),
            base: base.map(|document| Base::Document(document.clone(), places)),
        }
    }

    /// Looks a version over that was parsed, where others will be read by it.
    fn looked_over(&self, version: Version) -> Version {
        let Some(Base::Document(document, places)) = version.base else {
            return version;
        };
        let outline = self.keys();
        let outline = outline.and_then(|_| outline_after(None, &document.source));
        let said = || Said::of(&document, places).map(Base::Said);
        Version {
            base: outline.map(Base::Outline).or_else(said),
            ..version
        }
    }
}

#[cfg(test)]
mod tests;
