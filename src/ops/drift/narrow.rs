//! Of large files that differ in little, the little: what is the same on all sides is not parsed.
//!
//! Layers merge place by place, so what is below one outermost key depends on what the layers say
//! below that key, and on nothing else.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use bstr::{BString, ByteSlice};
use foldhash::HashSet;
use smol_str::SmolStr;

use super::closures::Closures;
use super::{Differing, Filter, Side, counting};
use crate::config::{Configuration, OutlinedFile, ParsedFile, lock};
use crate::error::Result;
use crate::git::Oid;

/// What is to be read of one service.
pub(super) enum Narrowed {
    /// All of its files.
    Whole,
    /// Nothing: its files differ in comments only, or beside what is asked for.
    Nothing,
    /// What may differ, as the sides with parts of their files.
    Part(Vec<Side>),
}

/// The outermost keys below which something may differ.
type Keys = BTreeSet<SmolStr>;

/// Files with their objects: the layers of one side, or one layer of all sides.
type Layers<'a> = Vec<(&'a BString, Oid)>;

/// Looks over the files of services, on all cores, and says what of each is to be read.
pub(super) fn narrow(
    configuration: &Configuration,
    sides: &[Side],
    differing: &[Differing<'_>],
    filter: &Filter,
) -> Result<Vec<Narrowed>> {
    let mut can = Vec::with_capacity(differing.len());
    for (_, closures) in differing {
        can.push(closures.merge_alike(configuration, sides)?);
    }
    let look = Look {
        sides,
        own: counting::own_files(differing),
        first: filter.path.tokens().first(),
        shared: Mutex::default(),
    };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Relaxed);
            let Some((_, closures)) = differing.get(number) else {
                return done;
            };
            let narrowed = can[number].then(|| look.narrow(closures));
            done.push((number, narrowed.transpose()));
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all: Vec<_> = std::thread::scope(|scope| {
        let others = 1..cores.min(differing.len());
        let others: Vec<_> = others.map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            let done = other.join();
            all.extend(done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    });
    all.sort_unstable_by_key(|(number, _)| *number);
    let all = all.into_iter();
    all.map(|(_, narrowed)| Ok(narrowed?.flatten().unwrap_or(Narrowed::Whole)))
        .collect()
}

struct Look<'a> {
    sides: &'a [Side],
    /// The files that one service alone has.
    own: HashSet<&'a BString>,
    /// The outermost key that is asked for.
    first: Option<&'a SmolStr>,
    /// What differs in files that services share, by their contents on each side.
    shared: Mutex<HashMap<Vec<Oid>, Option<Arc<Keys>>>>,
}

impl Look<'_> {
    /// Says what of a service is to be read; none where its files do not tell.
    fn narrow(&self, closures: &Closures) -> Result<Option<Narrowed>> {
        let layers = closures.layers.iter().map(|it| it.plain().collect());
        let Some(layers) = layers.collect::<Option<Vec<Layers<'_>>>>() else {
            return Ok(None);
        };
        let count = layers.first().map_or(0, Vec::len);
        if layers.iter().any(|it| it.len() != count) {
            return Ok(None);
        }
        let mut keys = Keys::new();
        let mut files: Vec<Vec<OutlinedFile>> = Vec::new();
        for number in 0..count {
            let layer: Layers<'_> = layers.iter().map(|it| it[number]).collect();
            if layer.iter().all(|(path, _)| self.own.contains(path)) {
                let Some(outlined) = self.outlined(&layer)? else {
                    return Ok(None);
                };
                keys.extend(differing(&outlined));
                files.push(outlined);
            } else if layer.iter().any(|(_, id)| *id != layer[0].1) {
                let Some(known) = self.shared(&layer)? else {
                    return Ok(None);
                };
                keys.extend(known.iter().cloned());
            }
        }
        if let Some(first) = self.first {
            keys.retain(|key| key == first);
        }
        if keys.is_empty() {
            return Ok(Some(Narrowed::Nothing));
        }
        let lengths = files.iter().flatten().map(|file| {
            let outline = file.outline();
            (outline.length(&keys), outline.source().text().len())
        });
        let (part, whole) = lengths.fold((0, 0), |(a, b), (part, whole)| (a + part, b + whole));
        // Then the whole files are read as fast, and kept for who else needs them.
        if part > whole / 2 {
            return Ok(None);
        }
        Ok(self.parts(&files, &keys).map(Narrowed::Part))
    }

    /// Gives the keys that differ in files that services share.
    fn shared(&self, layer: &[(&BString, Oid)]) -> Result<Option<Arc<Keys>>> {
        let ids: Vec<Oid> = layer.iter().map(|(_, id)| *id).collect();
        if let Some(known) = lock(&self.shared).get(&ids) {
            return Ok(known.clone());
        }
        let outlined = self.outlined(layer)?;
        let found = outlined.map(|it| Arc::new(differing(&it)));
        lock(&self.shared).insert(ids, found.clone());
        Ok(found)
    }

    /// Looks over the files of one layer on all sides.
    fn outlined(&self, layer: &[(&BString, Oid)]) -> Result<Option<Vec<OutlinedFile>>> {
        let mut files: Vec<OutlinedFile> = Vec::with_capacity(layer.len());
        for (number, (side, (path, id))) in self.sides.iter().zip(layer).enumerate() {
            let is_same =
                |(other, its): &(&BString, Oid)| its == id && ending(other) == ending(path);
            let same = layer[..number].iter().position(is_same);
            let file = match same {
                Some(same) => Some(files[same].beside(&side.tree, path.as_ref())),
                None => side.tree.outlined(path.as_ref())?,
            };
            let Some(file) = file else { return Ok(None) };
            files.push(file);
        }
        Ok(Some(files))
    }

    /// Parses the entries of these names in the files of all sides.
    fn parts(&self, files: &[Vec<OutlinedFile>], keys: &Keys) -> Option<Vec<Side>> {
        let mut parts: Vec<HashMap<_, _>> = vec![HashMap::new(); self.sides.len()];
        for layer in files {
            let mut parsed: Vec<Arc<ParsedFile>> = Vec::with_capacity(layer.len());
            for (number, file) in layer.iter().enumerate() {
                let same = layer[..number].iter().position(|it| it.id == file.id);
                let part = match same {
                    Some(same) => file.like(&parsed[same]),
                    None => file.only(keys)?,
                };
                let part = Arc::new(part);
                parts[number].insert(file.path.clone(), Arc::clone(&part));
                parsed.push(part);
            }
        }
        let side = |(side, parts): (&Side, _)| Side {
            tree: side.tree.with_parts(parts),
            ..side.clone()
        };
        Some(self.sides.iter().zip(parts).map(side).collect())
    }
}

/// Gives what tells the format of a file.
fn ending(path: &BString) -> Option<&[u8]> {
    path.rsplit_str(".").next()
}

/// Gives the keys whose entries are not the same in all of these files.
fn differing(files: &[OutlinedFile]) -> Keys {
    let Some((first, others)) = files.split_first() else {
        return Keys::new();
    };
    let first = first.outline();
    let others = others.iter();
    others
        .flat_map(|other| first.differing(other.outline()))
        .collect()
}

#[cfg(test)]
mod tests;
