//! Makes values near the bounds of two schemas: the ones that tell them apart.

use smol_str::SmolStr;

use super::flat::{Conj, Count, Flat, ResidueKind};
use super::flatten::{children, flatten};
use super::sample::{Sampler, detached, list, map, null, number, numbers, text, truth};
use super::types::Types;
use crate::document::{Kind, Value};

/// How many values near the bounds are made.
const NEAR: usize = 240;

impl<'s> Sampler<'_, 's> {
    /// Makes values that the first may admit and the second may not.
    pub(super) fn near(&self, old: &Flat<'s>, new: &Flat<'s>, depth: usize) -> Vec<Value> {
        let mut out: Vec<Value> = Vec::new();
        for flat in [old, new] {
            out.extend(flat.listed.iter().map(|value| detached(value)));
        }
        out.extend(self.value(old, depth));
        let free = old.types();
        if free.meets(Types::NUMBER) {
            out.extend(numbers(old, new));
        }
        if free.has(Types::STRING) {
            out.extend(self.texts(old, new));
        }
        for (of, value) in [
            (Types::NULL, null()),
            (Types::TRUE, truth(true)),
            (Types::FALSE, truth(false)),
            (Types::OBJECT, map([])),
            (Types::ARRAY, list(Vec::new())),
        ] {
            if free.has(of) {
                out.push(value);
            }
        }
        if depth <= 3 {
            self.near_residue(old, new, depth, &mut out);
            if free.has(Types::OBJECT) {
                self.near_objects(old, new, depth, &mut out);
            }
            if free.has(Types::ARRAY) {
                self.near_arrays(old, new, depth, &mut out);
            }
        }
        let mut unique: Vec<Value> = Vec::new();
        for value in out {
            if unique.len() < NEAR && !unique.contains(&value) {
                unique.push(value);
            }
        }
        unique
    }

    fn near_residue(&self, old: &Flat<'s>, new: &Flat<'s>, depth: usize, out: &mut Vec<Value>) {
        let plain = |flat: &Flat<'s>| {
            let mut flat = flat.clone();
            flat.residue.clear();
            flat
        };
        let bare = plain(old);
        for residue in old.residue.iter().chain(&new.residue).take(8) {
            let inner: Conj<'s> = match residue.kind {
                ResidueKind::AnyOf | ResidueKind::OneOf => children(&residue.node),
                ResidueKind::Not => vec![residue.node.clone()],
                ResidueKind::If => ["if", "then", "else"]
                    .iter()
                    .filter_map(|key| residue.node.get(key))
                    .collect(),
                _ => continue,
            };
            for node in inner.into_iter().take(8) {
                let flat = flatten(std::slice::from_ref(&node));
                out.extend(self.value(&bare.with(flat.clone()), depth + 1));
                out.extend(self.near(&bare, &flat, depth + 2).into_iter().take(30));
            }
        }
    }

    fn near_objects(&self, old: &Flat<'s>, new: &Flat<'s>, depth: usize, out: &mut Vec<Value>) {
        let mut names: Vec<SmolStr> = Vec::new();
        for map in [&old.object, &new.object] {
            names.extend(map.declared().into_iter().map(SmolStr::from));
            names.extend(map.required.keys().map(|name| SmolStr::from(*name)));
            names.extend(
                map.patterns()
                    .into_iter()
                    .filter_map(|p| self.judge.patterns.example(p))
                    .map(SmolStr::from),
            );
            for (a, b) in map.dependent.keys() {
                names.extend([SmolStr::from(*a), SmolStr::from(*b)]);
            }
            names.extend(
                map.dependent_schemas
                    .iter()
                    .map(|(name, _)| SmolStr::from(*name)),
            );
            for node in &map.names {
                let flat = flatten(std::slice::from_ref(node));
                let texts = self.texts(&flat, &flat);
                names.extend(
                    texts
                        .iter()
                        .take(6)
                        .filter_map(|v| v.as_str().map(SmolStr::from)),
                );
            }
        }
        names.extend(self.judge.other_name(&[&old.object, &new.object]));
        names.sort();
        names.dedup();
        names.truncate(16);
        let all: Vec<(SmolStr, Value)> = names
            .iter()
            .filter_map(|name| {
                Some((
                    name.clone(),
                    self.conj(&self.judge.member(&old.object, name).conj, depth + 1)?,
                ))
            })
            .collect();
        out.extend(self.object(old, &all, &[], depth));
        let short: Vec<Value> = vec![truth(true), text("a"), null(), list(Vec::new()), map([])];
        for (name, value) in &all {
            out.extend(self.object(old, &[(name.clone(), value.clone())], &[], depth));
            out.push(map([(name.clone(), value.clone())]));
            let flats =
                [&old.object, &new.object].map(|map| flatten(&self.judge.member(map, name).conj));
            let near = self.near(&flats[0], &flats[1], depth + 2);
            for value in near.into_iter().take(24).chain(short.clone()) {
                out.extend(self.object(old, &[(name.clone(), value.clone())], &[], depth));
            }
            let mut without = all.clone();
            without.retain(|(n, _)| n != name);
            out.push(map(without));
        }
        for bound in [
            &old.object.min,
            &old.object.max,
            &new.object.min,
            &new.object.max,
        ] {
            let Some(bound) = bound else { continue };
            for count in [bound.value.saturating_sub(1), bound.value, bound.value + 1] {
                if count <= 40 {
                    let names = (0..count).map(|i| SmolStr::from(format!("other{i}")));
                    out.push(map(all
                        .iter()
                        .cloned()
                        .chain(names.map(|n| (n, truth(true))))
                        .take(usize::try_from(count).unwrap_or(0))));
                }
            }
        }
    }

    fn near_arrays(&self, old: &Flat<'s>, new: &Flat<'s>, depth: usize, out: &mut Vec<Value>) {
        let (a, b) = (&old.array, &new.array);
        let mut lengths: Vec<u64> = vec![1, 2];
        for count in [&a.min, &a.max, &b.min, &b.max] {
            let Some(Count { value, .. }) = count else {
                continue;
            };
            lengths.extend([value.saturating_sub(1), *value, value.saturating_add(1)]);
        }
        for array in [a, b] {
            let prefix = array.prefix_len() as u64;
            lengths.extend([prefix, prefix + 1]);
            for contains in &array.contains {
                lengths.extend([contains.min, contains.min.saturating_sub(1)]);
                lengths.extend(contains.max.iter().flat_map(|max| [*max, max + 1]));
            }
        }
        lengths.sort_unstable();
        lengths.dedup();
        lengths.retain(|length| *length <= 40);
        let mut kinds: Vec<Flat<'s>> = vec![Flat::top()];
        for contains in a.contains.iter().chain(&b.contains) {
            kinds.push(flatten(std::slice::from_ref(&contains.node)));
        }
        kinds.push(flatten(&b.rest()));
        for length in lengths {
            let length = usize::try_from(length).unwrap_or(0);
            for kind in &kinds {
                let items: Option<Vec<Value>> = (0..length)
                    .map(|index| {
                        let flat = flatten(&a.item(index)).with(kind.clone());
                        self.value(&flat, depth + 1)
                    })
                    .collect();
                let Some(items) = items else { continue };
                out.push(list(items.clone()));
                // The same with items that differ.
                let differ = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| match &item.kind {
                        Kind::Bool(_) => number(&index.to_string()).unwrap_or_else(null),
                        Kind::String(t) => text(format!("{t}{index}")),
                        Kind::Number(_) => number(&index.to_string()).unwrap_or_else(null),
                        _ => item.clone(),
                    });
                out.push(list(differ.collect()));
            }
        }
        for index in 0..(a.prefix_len().max(b.prefix_len()) + 1).min(6) {
            let flats = [a, b].map(|array| flatten(&array.item(index)));
            for value in self
                .near(&flats[0], &flats[1], depth + 2)
                .into_iter()
                .take(24)
            {
                out.extend(self.array(a, &[(index, value.clone())], depth));
                out.push(list(vec![value; index + 1]));
            }
        }
    }
}
