//! Makes values that a schema admits, as small as they come, and values near its bounds.

use std::cell::Cell;

use smol_str::{SmolStr, ToSmolStr};

use super::flat::{Arrays, Bound, Conj, Count, Flat, ResidueKind};
use super::flatten::{children, flatten};
use super::judge::Judge;
use super::scalar::is_multiple;
use super::types::Types;
use crate::document::{Decimal, Kind, Map, Number, Value};

/// How many nodes one value may take.
const NODES: usize = 400;

/// How deep a value may go.
const DEPTH: usize = 16;

/// Texts that hold well-known formats.
const FORMATS: &[(&str, &str)] = &[
    ("date", "2024-01-31"),
    ("date-time", "2024-01-31T12:00:00Z"),
    ("duration", "PT1H"),
    ("email", "a@example.org"),
    ("hostname", "example.org"),
    ("ipv4", "192.0.2.1"),
    ("ipv6", "2001:db8::1"),
    ("time", "12:00:00Z"),
    ("uri", "https://example.org/"),
    ("uuid", "00000000-0000-4000-8000-000000000000"),
];

pub(super) fn null() -> Value {
    Value::detached(Kind::Null)
}

pub(super) fn truth(truth: bool) -> Value {
    Value::detached(Kind::Bool(truth))
}

pub(super) fn text(text: impl Into<SmolStr>) -> Value {
    Value::detached(Kind::String(text.into()))
}

pub(super) fn number(text: &str) -> Option<Value> {
    Some(Value::detached(Kind::Number(Number::new(text)?)))
}

pub(super) fn list(items: Vec<Value>) -> Value {
    Value::detached(Kind::Array(items))
}

pub(super) fn map(entries: impl IntoIterator<Item = (SmolStr, Value)>) -> Value {
    let mut map = Map::new();
    for (name, value) in entries {
        map.set(name, value);
    }
    Value::detached(Kind::Object(map))
}

/// Copies a value without its places in a text.
pub(super) fn detached(value: &Value) -> Value {
    match &value.kind {
        Kind::Array(items) => list(items.iter().map(detached).collect()),
        Kind::Object(entries) => map(entries.iter().map(|(k, v)| (k.clone(), detached(v)))),
        kind => Value::detached(kind.clone()),
    }
}

/// Makes values.
pub(super) struct Sampler<'j, 's> {
    pub(super) judge: &'j Judge<'s>,
    left: Cell<usize>,
}

impl<'j, 's> Sampler<'j, 's> {
    pub(super) fn new(judge: &'j Judge<'s>) -> Self {
        Self {
            judge,
            left: Cell::new(NODES),
        }
    }

    fn spend(&self) -> Option<()> {
        self.left.set(self.left.get().checked_sub(1)?);
        Some(())
    }

    /// Makes a value that all the schemas admit, as far as one can see.
    pub(super) fn conj(&self, conj: &Conj<'s>, depth: usize) -> Option<Value> {
        self.value(&flatten(conj), depth)
    }

    /// Makes a value; where the schema says nothing, `true`.
    pub(super) fn value(&self, flat: &Flat<'s>, depth: usize) -> Option<Value> {
        self.of_types(flat, Types::ALL, depth)
    }

    /// Makes a value of one of some types.
    pub(super) fn of_types(&self, flat: &Flat<'s>, types: Types, depth: usize) -> Option<Value> {
        self.spend()?;
        if depth > DEPTH {
            return None;
        }
        if let Some(flats) = self.alternatives(flat) {
            return flats
                .iter()
                .find_map(|flat| self.of_types(flat, types, depth + 1));
        }
        let fits = |value: &&Value| {
            types.has(Types::of(value)) && self.judge.admits(flat, value) != Some(false)
        };
        if let Some(listed) = flat.listed.iter().copied().find(fits) {
            return Some(detached(listed));
        }
        let free = flat.free.and(types);
        let default = flat.notes.get("default").map(|node| node.value);
        if let Some(default) = default.filter(|value| {
            !matches!(value.kind, Kind::Null | Kind::Object(_) | Kind::Array(_)) && fits(value)
        }) {
            return Some(detached(default));
        }
        let mut order = vec![
            Types::OBJECT,
            Types::ARRAY,
            Types::STRING,
            Types::INTEGER,
            Types::FRACTION,
            Types::TRUE,
            Types::FALSE,
            Types::NULL,
        ];
        if free == Types::ALL {
            let spoken = |t: &Types| match *t {
                Types::OBJECT => !flat.object.parts.is_empty() || !flat.object.required.is_empty(),
                Types::ARRAY => !flat.array.parts.is_empty() || flat.array.min.is_some(),
                Types::STRING => !flat.string.is_empty(),
                _ => false,
            };
            order.sort_by_key(|t| usize::from(!spoken(t)));
            if !spoken(&order[0]) {
                order.insert(0, Types::TRUE);
            }
        }
        order
            .into_iter()
            .filter(|t| free.has(*t))
            .find_map(|t| self.of_type(flat, t, depth))
    }

    /// Gives the values of the types that have few: null, true and false.
    pub(super) fn singles(&self, flat: &Flat<'s>) -> Vec<Value> {
        let all = [
            (Types::NULL, null()),
            (Types::TRUE, truth(true)),
            (Types::FALSE, truth(false)),
        ];
        let admitted = all.into_iter().filter(|(of, _)| flat.free.has(*of));
        admitted.map(|(_, value)| value).collect()
    }

    fn of_type(&self, flat: &Flat<'s>, of: Types, depth: usize) -> Option<Value> {
        match of {
            Types::NULL => Some(null()),
            Types::TRUE => Some(truth(true)),
            Types::FALSE => Some(truth(false)),
            Types::INTEGER | Types::FRACTION => numbers(flat, flat)
                .into_iter()
                .find(|v| Types::of(v) == of && self.judge.admits(flat, v) != Some(false)),
            Types::STRING => self
                .texts(flat, flat)
                .into_iter()
                .find(|v| self.judge.admits(flat, v) != Some(false)),
            Types::ARRAY => self.array(&flat.array, &[], depth),
            _ => self.object(flat, &[], &[], depth),
        }
    }

    /// Makes a list whose first items are given.
    pub(super) fn array(
        &self,
        array: &Arrays<'s>,
        given: &[(usize, Value)],
        depth: usize,
    ) -> Option<Value> {
        let reach = given.iter().map(|(at, _)| at + 1).max().unwrap_or_default();
        let min = array.min.as_ref().map_or(0, |min| min.value);
        let wanted = array.contains.iter().map(|c| c.min).sum::<u64>();
        let length = usize::try_from(min.max(wanted)).ok()?.max(reach);
        if length > 60 {
            return None;
        }
        let mut contained = array
            .contains
            .iter()
            .flat_map(|c| std::iter::repeat_n(&c.node, usize::try_from(c.min).unwrap_or(0)));
        let mut items: Vec<Value> = Vec::new();
        for index in 0..length {
            if let Some((_, value)) = given.iter().find(|(at, _)| *at == index) {
                items.push(value.clone());
                continue;
            }
            let mut flat = flatten(&array.item(index));
            if let Some(node) = contained.next() {
                flat = flat.with(flatten(std::slice::from_ref(node)));
            }
            let mut item = self.value(&flat, depth + 1)?;
            if array.unique.is_some() && items.contains(&item) {
                let near = self.near(&flat, &flat, depth + 1);
                item = near.into_iter().find(|value| {
                    !items.contains(value) && self.judge.admits(&flat, value) != Some(false)
                })?;
            }
            items.push(item);
        }
        Some(list(items))
    }

    /// Makes a map in which some members are given and some are left out.
    pub(super) fn object(
        &self,
        flat: &Flat<'s>,
        given: &[(SmolStr, Value)],
        without: &[SmolStr],
        depth: usize,
    ) -> Option<Value> {
        let object = &flat.object;
        let mut members: Vec<(SmolStr, Value)> = Vec::new();
        let mut wanted: Vec<SmolStr> = object.required.keys().map(|name| (*name).into()).collect();
        let mut at = 0;
        wanted.extend(given.iter().map(|(name, _)| name.clone()));
        while let Some(name) = wanted.get(at).cloned() {
            at += 1;
            let needs = object
                .dependent
                .keys()
                .filter(|(on, _)| *on == name.as_str());
            wanted.extend(needs.map(|(_, need)| SmolStr::from(*need)));
            if members.iter().any(|(n, _)| *n == name) || without.contains(&name) {
                continue;
            }
            let value = match given.iter().find(|(n, _)| *n == name) {
                Some((_, value)) => value.clone(),
                None => self.conj(&self.judge.member(object, &name).conj, depth + 1)?,
            };
            members.push((name, value));
        }
        let min = object.min.as_ref().map_or(0, |min| min.value);
        let min = usize::try_from(min).ok()?;
        if members.len() < min {
            let mut names: Vec<SmolStr> = object.declared().into_iter().map(Into::into).collect();
            names.extend(self.judge.other_name(&[object]));
            names.extend((0..min.min(60)).map(|index| SmolStr::from(format!("other{index}"))));
            for name in names {
                let taken = members.iter().any(|(n, _)| *n == name) || without.contains(&name);
                if members.len() >= min || taken {
                    continue;
                }
                if let Some(value) = self.conj(&self.judge.member(object, &name).conj, depth + 1) {
                    members.push((name, value));
                }
            }
        }
        Some(map(members))
    }

    /// Takes the first choice or condition apart; `None` if there is none.
    fn alternatives(&self, flat: &Flat<'s>) -> Option<Vec<Flat<'s>>> {
        let at = flat.residue.iter().position(|residue| {
            matches!(
                residue.kind,
                ResidueKind::AnyOf | ResidueKind::OneOf | ResidueKind::If
            )
        })?;
        let residue = &flat.residue[at];
        if residue.kind == ResidueKind::If {
            let mut plain = flat.clone();
            plain.residue.remove(at);
            let part = |key: &str| {
                let node = residue.node.get(key);
                node.map_or_else(Flat::top, |node| flatten(std::slice::from_ref(&node)))
            };
            return Some(vec![
                plain.with(part("if")).with(part("then")),
                plain.with(part("else")),
                plain,
            ]);
        }
        let branches = children(&residue.node);
        let branches = branches.iter().take(24);
        Some(branches.map(|branch| flat.choose(at, branch)).collect())
    }

    /// Makes texts that hold to the first, and texts near the bounds of the second.
    pub(super) fn texts(&self, old: &Flat<'s>, new: &Flat<'s>) -> Vec<Value> {
        let mut texts: Vec<String> = Vec::new();
        for flat in [old, new] {
            for node in &flat.string.patterns {
                texts.extend(
                    node.value
                        .as_str()
                        .and_then(|p| self.judge.patterns.example(p)),
                );
            }
            for node in &flat.string.formats {
                let format = node.value.as_str().unwrap_or_default();
                let known = FORMATS.iter().find(|(name, _)| *name == format);
                texts.extend(known.map(|(_, text)| (*text).to_owned()));
            }
        }
        texts.extend(["a", "", "1", "true", "A-1", "a b", "/a", "é"].map(str::to_owned));
        let mut lengths: Vec<u64> = Vec::new();
        for count in [
            &old.string.min,
            &old.string.max,
            &new.string.min,
            &new.string.max,
        ] {
            let Some(Count { value, .. }) = count else {
                continue;
            };
            lengths.extend([value.saturating_sub(1), *value, value.saturating_add(1)]);
        }
        lengths.retain(|length| *length <= 5000);
        let stems: Vec<String> = texts.iter().take(4).cloned().collect();
        for length in lengths {
            for stem in &stems {
                let mut grown: String = stem
                    .chars()
                    .take(usize::try_from(length).unwrap_or(0))
                    .collect();
                let last = grown.chars().last().unwrap_or('a');
                while (grown.chars().count() as u64) < length {
                    grown.push(last);
                }
                texts.push(grown);
            }
        }
        texts.dedup();
        texts.into_iter().map(text).collect()
    }
}

/// Makes numbers that hold to the first, and numbers near the bounds of the second.
pub(super) fn numbers(old: &Flat<'_>, new: &Flat<'_>) -> Vec<Value> {
    let mut texts: Vec<String> = Vec::new();
    let bounds = [
        &old.number.lower,
        &old.number.upper,
        &new.number.lower,
        &new.number.upper,
    ];
    let steps: Vec<Decimal> = [old, new]
        .iter()
        .flat_map(|flat| flat.number.multiples.iter())
        .filter_map(|node| node.value.as_number()?.decimal())
        .collect();
    texts.extend(["1", "0"].map(str::to_owned));
    texts.extend(steps.iter().map(ToString::to_string));
    for bound in bounds.into_iter().flatten() {
        let Bound { value, .. } = bound;
        texts.push(value.to_string());
        let float = value.to_f64();
        if float.abs() < 1e15 {
            for by in [-1.0, 1.0, -0.5, 0.5, -0.01, 0.01] {
                texts.push(format!("{}", float + by));
            }
            for whole in [
                float.floor(),
                float.ceil(),
                float.floor() - 1.0,
                float.ceil() + 1.0,
            ] {
                texts.push(format!("{whole:.0}"));
            }
            for step in &steps {
                let size = step.to_f64();
                let near = (float / size).round();
                for by in [-1.0, 0.0, 1.0, 2.0, -2.0] {
                    texts.push(format!("{}", (near + by) * size));
                }
            }
        }
    }
    texts.extend(
        [
            "0.5", "-1", "2", "3", "4", "6", "10", "-0.5", "1.5", "100", "1000000", "-1000000",
            "1e30",
        ]
        .map(str::to_owned),
    );
    for a in &steps {
        for by in [2.0, 3.0, 5.0, 7.0] {
            texts.push(format!("{}", a.to_f64() * by));
        }
    }
    let mut values: Vec<Value> = Vec::new();
    for text in texts {
        if let Some(value) = number(&text).filter(|value| !values.contains(value)) {
            values.push(value);
        }
    }
    let fits = |value: &Value| {
        let number = value.as_number().and_then(|number| number.decimal());
        number.is_some_and(|number| {
            steps
                .iter()
                .any(|step| is_multiple(&number, step) == Some(true))
        })
    };
    if !steps.is_empty() {
        values.sort_by_key(|value| !fits(value));
    }
    values
}

/// Writes an index as part of a pointer.
pub(super) fn token(index: usize) -> SmolStr {
    index.to_smolstr()
}
