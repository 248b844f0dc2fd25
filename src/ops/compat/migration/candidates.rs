//! Ranks options by what speaks for one having become another.

use std::cell::Cell;
use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::super::flat::{Conj, Node};
use super::super::flatten::flatten;
use super::super::types::Types;
use super::{rounded, units};
use crate::document::Value;
use crate::text::{Pointer, similarity};

/// How many options are taken into account.
const MOST: usize = 2_000;

/// How many pairs of options are compared in full; of what comes later, names only.
const MOST_PAIRS: usize = 400_000;

/// How deep one looks into options that are new as a whole.
const DEPTH: usize = 3;

/// Words by which an option says that something is not.
const DENIALS: [&str; 12] = [
    "disable", "disabled", "without", "no", "not", "skip", "exclude", "omit", "hide", "ignore",
    "off", "deny",
];

/// Words by which an option says that something is.
const AFFIRMATIONS: [&str; 10] = [
    "enable", "enabled", "with", "use", "include", "show", "allow", "on", "is", "keep",
];

/// An option, as far as it tells of another.
pub(in super::super) struct Subject<'s> {
    pub(in super::super) place: Pointer,
    pub(in super::super) conj: Conj<'s>,
    /// The parts of its name.
    parts: Vec<String>,
    types: Types,
    words: BTreeSet<String>,
    default: Option<&'s Value>,
    listed: Vec<&'s Value>,
    options: BTreeSet<&'s str>,
    unit: Option<&'s str>,
    /// What it says it was called.
    called: Vec<&'s str>,
    /// What it says to use instead.
    instead: Vec<&'s str>,
}

/// The options that are new.
#[derive(Default)]
pub(in super::super) struct Candidates<'s> {
    pub(in super::super) new: Vec<Subject<'s>>,
    /// How many pairs were compared.
    compared: Cell<usize>,
}

impl<'s> Subject<'s> {
    pub(in super::super) fn of(place: Pointer, conj: &Conj<'s>) -> Self {
        let flat = flatten(conj);
        let note = |keyword: &str| flat.notes.get(keyword).map(|node| node.value);
        let texts = |keyword: &str| -> Vec<&'s str> {
            let Some(value) = note(keyword) else {
                return Vec::new();
            };
            let list = value.as_array().unwrap_or_default();
            let all = list.iter().chain(std::iter::once(value));
            all.filter_map(Value::as_str).collect()
        };
        let text = note("description").and_then(Value::as_str).unwrap_or("");
        let words = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() > 3)
            .map(str::to_lowercase)
            .collect();
        let parts = flat.object.parts.iter();
        Self {
            parts: plain(place.last().unwrap_or_default()),
            place,
            conj: conj.clone(),
            types: flat.types().whole(),
            words,
            default: note("default"),
            options: parts
                .flat_map(|part| part.properties.keys().copied())
                .collect(),
            unit: note("x-unit").and_then(Value::as_str),
            called: texts("x-renamed-from"),
            instead: texts("x-replaced-by"),
            listed: flat.listed,
        }
    }

    fn name(&self) -> &str {
        self.place.last().unwrap_or_default()
    }

    /// Gives its unit, by what it says or by its name.
    pub(super) fn unit(&self) -> Option<&str> {
        self.unit.or_else(|| units::of_name(self.name()))
    }

    /// Says whether the other's name says the opposite: `disabled` and `enabled`.
    pub(super) fn is_opposite(&self, new: &Self) -> bool {
        let truth = |it: &Self| it.types.meets(Types::BOOLEAN);
        let denies = |it: &Self| it.parts.iter().any(|part| DENIALS.contains(&&**part));
        truth(self) && truth(new) && denies(self) != denies(new)
    }

    /// Says how likely this became another option, and what speaks for it.
    fn likeness(&self, new: &Self) -> (f64, Vec<String>) {
        let named = |texts: &[&str], place: &Pointer| {
            texts.iter().any(|text| {
                let parsed: Option<Pointer> = text.parse().ok();
                parsed.is_some_and(|it| {
                    it == *place || (it.tokens().len() == 1 && it.last() == place.last())
                })
            })
        };
        if named(&new.called, &self.place) {
            return (1.0, vec!["`x-renamed-from` says so".to_owned()]);
        }
        if named(&self.instead, &new.place) {
            return (1.0, vec!["`x-replaced-by` says so".to_owned()]);
        }
        let mut why = Vec::new();
        let (mut sum, mut weights) = (0.0, 0.0);
        let mut weigh = |weight: f64, score: f64, what: &str| {
            sum += weight * score;
            weights += weight;
            if score > 0.8 {
                why.push(what.to_owned());
            }
        };
        let (a, b) = (&self.parts, &new.parts);
        if a == b {
            weigh(0.5, 1.0, "the same name");
        } else if self.is_opposite(new) && core(a) == core(b) {
            weigh(0.5, 0.9, "the opposite name");
        } else {
            weigh(0.5, alike(a, b), "a name like it");
        }
        if !self.words.is_empty() && !new.words.is_empty() {
            weigh(
                0.3,
                shared(&self.words, &new.words),
                "a description like it",
            );
        }
        if let (Some(a), Some(b)) = (self.default, new.default) {
            weigh(0.15, f64::from(u8::from(a == b)), "the same default");
        }
        if !self.listed.is_empty() && !new.listed.is_empty() {
            let texts = |list: &[&Value]| list.iter().map(|it| it.to_json().to_string()).collect();
            let (a, b): (BTreeSet<String>, BTreeSet<String>) =
                (texts(&self.listed), texts(&new.listed));
            weigh(0.25, shared(&a, &b), "the same values");
        }
        if !self.options.is_empty() && !new.options.is_empty() {
            weigh(0.4, shared(&self.options, &new.options), "the same options");
        }
        let near = self.place.parent() == new.place.parent();
        weigh(0.1, f64::from(u8::from(near)), "the same map");
        let fit = self.types.meets(new.types);
        let score = sum / weights * if fit { 1.0 } else { 0.4 };
        if fit {
            why.push("a type that fits".to_owned());
        }
        // Only a schema's own word is certain.
        (rounded(score).min(0.99), why)
    }
}

impl<'s> Candidates<'s> {
    /// Takes an option that is new, and those in it.
    pub(in super::super) fn add(&mut self, place: Pointer, conj: &Conj<'s>) {
        self.add_at(place, conj, 0);
    }

    fn add_at(&mut self, place: Pointer, conj: &Conj<'s>, depth: usize) {
        if self.new.len() >= MOST {
            return;
        }
        self.new.push(Subject::of(place.clone(), conj));
        if depth >= DEPTH {
            return;
        }
        let mut inner: Vec<(SmolStr, Vec<Node<'s>>)> = Vec::new();
        for part in flatten(conj).object.parts {
            for (name, node) in part.properties {
                match inner.iter_mut().find(|(known, _)| known == name) {
                    Some((_, nodes)) => nodes.push(node),
                    None => inner.push((name.into(), vec![node])),
                }
            }
        }
        for (name, nodes) in inner {
            self.add_at(place.join(name), &nodes, depth + 1);
        }
    }

    /// Says whether so many more pairs may be compared in full.
    pub(super) fn charge(&self, pairs: usize) -> bool {
        self.compared.set(self.compared.get() + pairs);
        self.compared.get() <= MOST_PAIRS
    }

    /// Gives the options that another may have become, the likeliest first.
    pub(super) fn rank(&self, old: &Subject<'s>) -> Vec<(f64, &Subject<'s>, Vec<String>)> {
        let in_full = self.charge(self.new.len());
        let worth = |new: &&Subject<'s>| {
            in_full || new.parts == old.parts || !new.called.is_empty() || !old.instead.is_empty()
        };
        let mut ranked: Vec<_> = self
            .new
            .iter()
            .filter(worth)
            .map(|new| {
                let (score, why) = old.likeness(new);
                (score, new, why)
            })
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.place.cmp(&b.1.place)));
        ranked
    }
}

/// Leaves letters and digits of a name, in lower case, and no unit at its end.
fn plain(name: &str) -> Vec<String> {
    let name = units::of_name(name).map_or(name, |unit| &name[..name.len() - unit.len()]);
    let mut parts: Vec<String> = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower) {
            parts.push(String::new());
        }
        lower = c.is_lowercase();
        if c.is_alphanumeric()
            && let Some(last) = parts.last_mut()
        {
            last.extend(c.to_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Leaves out what says that something is, or is not.
fn core(parts: &[String]) -> Vec<&String> {
    let says = |part: &&String| {
        let part = part.as_str();
        !DENIALS.contains(&part) && !AFFIRMATIONS.contains(&part)
    };
    parts.iter().filter(says).collect()
}

/// Says how alike two names are: by their parts, and by their letters.
fn alike(a: &[String], b: &[String]) -> f64 {
    let set = |parts: &[String]| parts.iter().cloned().collect::<BTreeSet<String>>();
    let parts = shared(&set(a), &set(b));
    let letters = similarity(&a.concat(), &b.concat());
    // Short words are alike by chance.
    let letters = if letters > 0.8 {
        letters
    } else {
        letters * 0.5
    };
    parts.max(letters)
}

/// Says how alike two values are that are texts.
pub(super) fn close(a: &str, b: &str) -> f64 {
    let (parts_a, parts_b) = (plain(a), plain(b));
    let set = |parts: &[String]| parts.iter().cloned().collect::<BTreeSet<String>>();
    let parts = shared(&set(&parts_a), &set(&parts_b));
    let letters = similarity(&a.to_lowercase(), &b.to_lowercase());
    if parts_a == parts_b && !parts_a.is_empty() {
        return 0.99;
    }
    let (a, b) = (parts_a.concat(), parts_b.concat());
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let abbreviates = short.len() > 2 && long.starts_with(&short);
    ((parts + letters) / 2.0).max(if abbreviates { 0.8 } else { 0.0 })
}

/// Says how much of two sets is in both, from 0 to 1.
fn shared<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> f64 {
    let both = a.intersection(b).count();
    let all = a.union(b).count();
    if all == 0 {
        return 0.0;
    }
    let ratio = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    ratio(both) / ratio(all)
}
