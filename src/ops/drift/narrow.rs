//! Of large files that differ in little, the little: what is the same on all sides is not parsed.
//!
//! Layers merge place by place, so what is below one outermost key depends on what the layers say
//! below that key, and on nothing else.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use bstr::BString;
use foldhash::HashSet;
use smol_str::SmolStr;

use super::closures::Closures;
use super::{Differing, Side, counting};
use crate::config::{Configuration, OutlinedFile, ParsedFile, Part, layer_faults, lock};
use crate::cores;
use crate::error::Result;

/// What is to be read of one service.
pub(super) enum Narrowed {
    /// All of its files.
    Whole,
    /// Nothing: its files differ in comments, or the order of entries, only.
    Nothing,
    /// What may differ, as the sides with parts of their files.
    Part(Vec<Side>),
}

/// The outermost keys below which something may differ.
type Keys = BTreeSet<SmolStr>;

/// Files with what they hold: the layers of one side, or one layer of all sides.
type Layers<'a> = Vec<(&'a BString, &'a Part)>;

/// Looks over the files of services, and says what of each is to be read. Where that is in vain for
/// the first ones, nearly everything differs, and the others are read as a whole.
pub(super) fn narrow(
    configuration: &Configuration,
    sides: &[Side],
    differing: &[Differing<'_>],
) -> Result<Vec<Narrowed>> {
    const FIRST: usize = 8;
    let look = Look {
        sides,
        own: counting::own_files(differing),
        shared: Mutex::default(),
    };
    let (first, rest) = differing.split_at(differing.len().min(FIRST));
    let mut all = look.over(configuration, first)?;
    let gained = all.iter().filter(|it| !matches!(it, Narrowed::Whole));
    if gained.count() * 4 > first.len() {
        all.extend(look.over(configuration, rest)?);
    } else {
        all.extend(rest.iter().map(|_| Narrowed::Whole));
    }
    Ok(all)
}

struct Look<'a> {
    sides: &'a [Side],
    /// The files that one service alone has.
    own: HashSet<&'a BString>,
    /// What differs in files that services share, by their contents on each side.
    shared: Mutex<HashMap<Vec<Part>, Option<Arc<Keys>>>>,
}

impl Look<'_> {
    /// Looks over the files of services, on all cores.
    fn over(
        &self,
        configuration: &Configuration,
        differing: &[Differing<'_>],
    ) -> Result<Vec<Narrowed>> {
        let mut can = Vec::with_capacity(differing.len());
        for (_, closures) in differing {
            can.push(closures.merge_alike(configuration, self.sides)?);
        }
        let narrow = |number: usize| match can[number] {
            true => self.narrow(&differing[number].1),
            false => Ok(None),
        };
        let all = cores::each(differing.len(), narrow).into_iter();
        all.map(|narrowed| Ok(narrowed?.unwrap_or(Narrowed::Whole)))
            .collect()
    }

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
            } else if layer.iter().any(|(_, part)| *part != layer[0].1) {
                let Some(known) = self.shared(&layer)? else {
                    return Ok(None);
                };
                keys.extend(known.iter().cloned());
            }
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
    fn shared(&self, layer: &[(&BString, &Part)]) -> Result<Option<Arc<Keys>>> {
        let parts: Vec<Part> = layer.iter().map(|(_, part)| (*part).clone()).collect();
        if let Some(known) = lock(&self.shared).get(&parts) {
            return Ok(known.clone());
        }
        let mut found = self.outlined(layer)?.map(|it| Arc::new(differing(&it)));
        // They are read as a whole: one that cannot be is no layer there.
        for (side, (path, _)) in self.sides.iter().zip(layer) {
            let file = side.tree.file(path.as_ref())?;
            found = found.filter(|_| file.is_some_and(|it| layer_faults(&it).is_empty()));
        }
        lock(&self.shared).insert(parts, found.clone());
        Ok(found)
    }

    /// Looks over the files of one layer on all sides; none where they do not tell, or only some of
    /// them hold anything: a layer that is empty lets more of the others stand.
    fn outlined(&self, layer: &[(&BString, &Part)]) -> Result<Option<Vec<OutlinedFile>>> {
        let mut files: Vec<OutlinedFile> = Vec::with_capacity(layer.len());
        for (number, (side, (path, part))) in self.sides.iter().zip(layer).enumerate() {
            let same = layer[..number].iter().position(|(_, other)| other == part);
            let file = match same {
                Some(same) => Some(files[same].beside(&side.tree, path.as_ref())),
                None => side.tree.outlined(path.as_ref())?,
            };
            let Some(file) = file else { return Ok(None) };
            files.push(file);
        }
        let is_empty = |file: &OutlinedFile| file.outline().is_empty();
        let alike = files.iter().all(|it| is_empty(it) == is_empty(&files[0]));
        Ok(alike.then_some(files))
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
