//! What values were in the versions of a file: read by all cores, and parsed only where they may
//! be other ones.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bstr::{BString, ByteSlice};

use super::lineage::Step;
use crate::config::{ParsedFile, Snapshot, lock};
use crate::document::{Document, Value};
use crate::git::{Oid, Repo};

/// How many versions are read one after the other, so that each is compared with its neighbour.
const SHARE: usize = 128;

/// Below this many versions a thread costs more than it saves.
const WORTH_A_THREAD: usize = 128;

/// How many bytes of old versions are read at the most.
const MOST_BYTES: usize = 400 << 20;

/// A file, whose versions are to be read.
pub(super) struct Versions<'a> {
    pub(super) path: &'a BString,
    /// The steps to the values that matter.
    pub(super) wanted: Vec<&'a [Step]>,
    /// The versions, the latest one first.
    pub(super) ids: Vec<Oid>,
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

/// What versions say of values: by file and object, one reading a value wanted. What could not be
/// read, or would have been too much, is not there.
pub(super) type Readings = HashMap<(usize, Oid), std::sync::Arc<Vec<Reading>>>;

/// Reads the versions of files.
pub(super) fn read(repo: &Repo, here: &Snapshot, files: &[Versions<'_>]) -> Readings {
    let mut shares: Vec<(usize, usize)> = Vec::new();
    for (number, file) in files.iter().enumerate() {
        shares.extend((0..file.ids.len()).step_by(SHARE).map(|at| (at, number)));
    }
    // The latest ones first: should it be too much, the oldest are left out.
    shares.sort_unstable();
    let (next, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let readings = Mutex::new(Readings::new());
    let work = |repo: &Repo| {
        while let Some(&(start, number)) = shares.get(next.fetch_add(1, Relaxed)) {
            let file = &files[number];
            let end = (start + SHARE).min(file.ids.len());
            let mut found = Vec::with_capacity(end - start);
            let mut before: Option<Version> = None;
            for &id in &file.ids[start..end] {
                if bytes.load(Relaxed) > MOST_BYTES {
                    break;
                }
                let known = here.known(file.path.as_ref(), id);
                let version =
                    if let Some(document) = known.as_ref().and_then(|it| it.documents.first()) {
                        Version::of(file, document.source.text().into(), Some(document), true)
                    } else {
                        let Ok(text) = repo.bytes(id) else { continue };
                        bytes.fetch_add(text.len(), Relaxed);
                        match before.take() {
                            Some(before) if before.is_alike(&text) => Version { text, ..before },
                            _ => Version::parse(file, text),
                        }
                    };
                found.push(((number, id), std::sync::Arc::clone(&version.readings)));
                before = Some(version);
            }
            lock(&readings).extend(found);
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let count: usize = files.iter().map(|file| file.ids.len()).sum();
    std::thread::scope(|scope| {
        for _ in 1..cores.min(shares.len()).min(count / WORTH_A_THREAD) {
            let repo = repo.with_memory();
            let work = &work;
            scope.spawn(move || work(&repo));
        }
        work(&repo.with_memory());
    });
    readings
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A version that was read.
struct Version {
    text: Vec<u8>,
    readings: std::sync::Arc<Vec<Reading>>,
    /// The lines that say what the readings are; none where lines elsewhere may say it, too.
    lines: Option<Vec<RangeInclusive<usize>>>,
}

impl Version {
    fn parse(file: &Versions<'_>, text: Vec<u8>) -> Self {
        let parsed = ParsedFile::of_bytes(&file.path.to_str_lossy(), &text);
        Self::of(file, text, parsed.documents().first(), parsed.is_sound())
    }

    fn of(file: &Versions<'_>, text: Vec<u8>, document: Option<&Document>, is_sound: bool) -> Self {
        let root = document.map(|document| &*document.root);
        let (mut readings, mut places) = (Vec::new(), Vec::new());
        for steps in &file.wanted {
            let (reading, place) = root.map_or_else(Default::default, |root| look(root, steps));
            readings.push(reading);
            places.extend(place);
        }
        // An alias repeats what stands elsewhere.
        let document = document.filter(|_| is_sound && !text.contains(&b'*'));
        let lines = document.map(|document| {
            let line = |at: u32| document.source.position(at).line as usize;
            let lines = places
                .iter()
                .map(|place| line(place.start)..=line(place.end));
            lines.collect()
        });
        Self {
            text,
            readings: readings.into(),
            lines,
        }
    }

    /// Says whether another text is this one but for single words in places that do not matter,
    /// so that it says the same of every value that does.
    fn is_alike(&self, other: &[u8]) -> bool {
        let Some(lines) = &self.lines else {
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
                    let matters = || lines.iter().any(|lines| lines.contains(&number));
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

type Place = crate::text::Span;

/// Looks for a value, and says where it or the list that it is in stands.
fn look(root: &Value, steps: &[Step]) -> (Reading, Option<Place>) {
    let mut value = root;
    let mut reading = Reading::default();
    let mut list = None;
    for step in steps {
        if value.as_array().is_some() && list.is_none() {
            list = Some(value.span);
            reading.has_list = true;
        }
        let holds = match step {
            Step::Key(_) => value.as_object().is_some(),
            Step::Item(..) => value.as_array().is_some(),
        };
        let Some(next) = step.take(value) else {
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
