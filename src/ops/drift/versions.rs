//! What values were in the versions of a file: read by all cores, and parsed only where they may
//! be other ones.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bstr::{BString, ByteSlice};
use foldhash::HashMap;
use indexmap::IndexSet;
use smol_str::SmolStr;

use super::lineage::Step;
use crate::config::{ParsedFile, Snapshot};
use crate::cores;
use crate::document::{Document, Value};
use crate::git::{Oid, Repo};
use crate::text::{Source, Span};

/// How many versions are read one after the other, so that each is compared with its neighbour.
const SHARE: usize = 128;

/// For more values than these, a file is parsed as a whole: they stand in most of it.
const MOST_WANTED: usize = 64;

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

    /// Gives the outermost keys of all that matters; none where it does not stand below keys, or is
    /// much.
    fn keys(&self) -> Option<Keys> {
        if self.wanted.len() > MOST_WANTED {
            return None;
        }
        let key = |steps: &&[Step]| match steps.first() {
            Some(Step::Key(name)) => Some(name.clone()),
            _ => None,
        };
        self.wanted.iter().map(key).collect()
    }
}

/// What one version says of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reading {
    /// Whether it says anything.
    pub(super) speaks: bool,
    /// The value; none where what stands above is none that could hold it.
    pub(super) value: Option<Value>,
    /// Whether the list is there that the value would be in.
    pub(super) has_list: bool,
}

/// What one version says of all values wanted. Most say something of few: a file that all services
/// share says nothing of nearly all of theirs.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Readings {
    /// By the number of the value: the number of its reading, from 1; 0 where nothing is said.
    numbers: Vec<u32>,
    readings: Vec<Reading>,
}

impl Readings {
    /// Gives what is said of a value, if anything is.
    pub(super) fn get(&self, number: usize) -> Option<&Reading> {
        let place = (*self.numbers.get(number)?).checked_sub(1)?;
        self.readings.get(place as usize)
    }

    /// Makes room for what is said of so many values.
    fn of(values: usize) -> Self {
        Self {
            numbers: Vec::with_capacity(values),
            readings: Vec::new(),
        }
    }

    fn push(&mut self, reading: Reading) {
        let says = reading.speaks || reading.has_list;
        if says && self.readings.is_empty() {
            self.readings
                .reserve(self.numbers.capacity() - self.numbers.len());
        }
        self.readings.extend(says.then_some(reading));
        let place = u32::try_from(self.readings.len()).unwrap_or(u32::MAX);
        self.numbers.push(if says { place } else { 0 });
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
    let mut shares: Vec<(usize, usize)> = Vec::new();
    for (number, file) in files.iter().enumerate() {
        shares.extend((0..file.ids.len()).step_by(SHARE).map(|at| (at, number)));
    }
    // The latest ones first: should it be too much, the oldest are left out.
    shares.sort_unstable();
    let keys: Vec<Option<Keys>> = files.iter().map(Versions::keys).collect();
    let bytes = AtomicUsize::new(0);
    let read = |repo: &mut Repo, share: usize| {
        let (start, number) = shares[share];
        let file = &files[number];
        let end = (start + SHARE).min(file.ids.len());
        let mut ids: Vec<Oid> = (start..end).map(|at| file.ids[at]).collect();
        if repo.reads_earlier_first(ids.windows(2).map(|pair| [pair[0], pair[1]])) {
            ids.reverse();
        }
        let mut found = Vec::with_capacity(ids.len());
        let mut before: Option<Version> = None;
        for id in ids {
            if bytes.load(Relaxed) > most_bytes {
                break;
            }
            let known = here.known(file.path.as_ref(), id);
            let version = if let Some(document) = known.as_ref().and_then(|it| it.documents.first())
            {
                Version::of(file, document.source.text().into(), Some(document), true)
            } else {
                let Ok(text) = repo.bytes(id) else { continue };
                bytes.fetch_add(text.len(), Relaxed);
                match before.take() {
                    Some(before) if before.is_alike(&text) => before.with(text),
                    _ => Version::parse(file, keys[number].as_ref(), text),
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

/// A version that was read.
struct Version {
    text: Vec<u8>,
    readings: Arc<Readings>,
    /// What says what the readings are; none where it may be said elsewhere, too.
    said: Option<Said>,
}

/// The places that say what readings are.
struct Said {
    source: Arc<Source>,
    places: Vec<Span>,
    /// Their lines, once they are asked for: a single version is compared with no other.
    lines: OnceCell<Vec<RangeInclusive<usize>>>,
}

impl Said {
    fn lines(&self) -> &[RangeInclusive<usize>] {
        self.lines.get_or_init(|| {
            let line = |at: u32| self.source.position(at).line as usize;
            let places = self.places.iter();
            places
                .map(|place| line(place.start)..=line(place.end))
                .collect()
        })
    }
}

impl Version {
    fn parse(file: &Versions<'_>, keys: Option<&Keys>, text: Vec<u8>) -> Self {
        let name = file.path.to_str_lossy();
        let part = keys.and_then(|keys| ParsedFile::part_of_bytes(&name, &text, keys));
        let parsed = part.unwrap_or_else(|| ParsedFile::of_bytes(&name, &text));
        Self::of(file, text, parsed.documents().first(), parsed.is_sound())
    }

    fn of(file: &Versions<'_>, text: Vec<u8>, document: Option<&Document>, is_sound: bool) -> Self {
        let root = document.map(|document| &*document.root);
        let mut readings = Readings::of(file.wanted.len());
        let mut places = Vec::with_capacity(file.wanted.len());
        // Most values stand right behind the one before.
        let mut hints = Vec::new();
        for steps in &file.wanted {
            let look = |root| look(root, steps, &mut hints);
            let (reading, place) = root.map_or_else(Default::default, look);
            readings.push(reading);
            places.extend(place);
        }
        // An alias repeats what stands elsewhere.
        let document = document.filter(|_| is_sound && !text.contains(&b'*'));
        let said = document.map(|document| Said {
            source: Arc::clone(&document.source),
            places,
            lines: OnceCell::new(),
        });
        Self {
            text,
            readings: readings.into(),
            said,
        }
    }

    /// Takes another text that says the same, line by line.
    fn with(self, text: Vec<u8>) -> Self {
        Self { text, ..self }
    }

    /// Says whether another text is this one but for single words in places that do not matter,
    /// so that it says the same of every value that does.
    fn is_alike(&self, other: &[u8]) -> bool {
        let Some(said) = &self.said else {
            return false;
        };
        let this = self.text.as_slice();
        let start = same_bytes(this.iter().zip(other));
        let most = this.len().min(other.len()) - start;
        let end = same_bytes(this.iter().rev().zip(other.iter().rev()).take(most));
        // To the ends of the lines.
        let start = this[..start].rfind_byte(b'\n').map_or(0, |at| at + 1);
        let rest = &this[this.len() - end..];
        let end = rest.find_byte(b'\n').map_or(0, |at| rest.len() - at);
        let first = 1 + this[..start].find_iter(b"\n").count();
        let (mut these, mut others) = (
            this[start..this.len() - end].split(|byte| *byte == b'\n'),
            other[start..other.len() - end].split(|byte| *byte == b'\n'),
        );
        let mut number = first;
        loop {
            match (these.next(), others.next()) {
                (None, None) => return true,
                (Some(this), Some(other)) => {
                    let matters = || said.lines().iter().any(|lines| lines.contains(&number));
                    if this != other && (matters() || !is_same_line(this, other)) {
                        return false;
                    }
                }
                _ => return false,
            }
            number += 1;
        }
    }
}

fn same_bytes<'a>(pairs: impl Iterator<Item = (&'a u8, &'a u8)>) -> usize {
    pairs.take_while(|(a, b)| a == b).count()
}

/// Says whether two lines differ in one value only, a single word without anything that means
/// something to a parser. Whatever the line is part of, a map, a list or a longer text, it is so
/// in both.
fn is_same_line(this: &[u8], other: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(byte);
    let mut start = same_bytes(this.iter().zip(other));
    while start > 0 && is_word(&this[start - 1]) {
        start -= 1;
    }
    let most = this.len().min(other.len()).saturating_sub(start);
    let mut end = same_bytes(this.iter().rev().zip(other.iter().rev()).take(most));
    while end > 0 && is_word(&this[this.len() - end]) {
        end -= 1;
    }
    let words = [
        &this[start..this.len() - end],
        &other[start..other.len() - end],
    ];
    let (before, after) = (&this[..start], &this[this.len() - end..]);
    let before = before.strip_suffix(b"\"").unwrap_or(before);
    let before = before.strip_suffix(b"'").unwrap_or(before);
    let is_value = before.ends_with(b": ") || before.ends_with(b"= ");
    is_value
        && !after.starts_with(b":")
        && words.iter().all(|word| {
            word.first().is_some_and(u8::is_ascii_alphanumeric) && word.iter().all(is_word)
        })
}

/// Looks for a value, and says where it or the list that it is in stands. The hints are the
/// positions in their maps at which the last one was found.
fn look(root: &Value, steps: &[Step], hints: &mut Vec<usize>) -> (Reading, Option<Span>) {
    let mut value = root;
    let mut reading = Reading::default();
    let mut list = None;
    for (depth, step) in steps.iter().enumerate() {
        if value.as_array().is_some() && list.is_none() {
            list = Some(value.span);
            reading.has_list = true;
        }
        let holds = match step {
            Step::Key(_) => value.as_object().is_some(),
            Step::Item(..) => value.as_array().is_some(),
        };
        let next = match (step, value.as_object()) {
            (Step::Key(name), Some(map)) => {
                let hint = hints.get(depth).copied().unwrap_or(usize::MAX);
                map.find_near(hint, name).map(|(index, next)| {
                    if index != hint {
                        hints.resize(depth, usize::MAX);
                        hints.push(index);
                    }
                    next
                })
            }
            _ => step.take(value),
        };
        let Some(next) = next else {
            // An empty layer says nothing; a null, or another value, takes everything away.
            reading.speaks = !holds && !std::ptr::eq(value, root);
            return (reading, list);
        };
        value = next;
    }
    reading.speaks = true;
    reading.value = Some(value.clone());
    (reading, list.or(Some(value.span)))
}

#[cfg(test)]
mod tests;
