//! Shows a change by a document: one that old accepts and new refuses, or silently ignores.
//!
//! What is built here is a guess; only what an independent validator confirms is shown.

use smol_str::SmolStr;

use super::draft::{Claim, Draft, Focus, Via};
use super::flat::{Conj, Count, Flat};
use super::flatten::flatten;
use super::judge::Judge;
use super::policy::Formats;
use super::sample::{Sampler, detached, map, truth};
use super::types::Types;
use super::walk::Walk;
use crate::config::schema::{Formats as Checked, Schema, Validator};
use crate::document::{Kind, Value};
use crate::text::Pointer;

/// How many documents are tried for one change.
const TRIES: usize = 400;

/// How deep a document may go.
const DEPTH: usize = 64;

/// A document that shows a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// What it shows.
    pub kind: WitnessKind,
    /// The document.
    pub document: Value,
    /// The place in the document.
    pub pointer: Pointer,
}

/// Says what a witness shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WitnessKind {
    /// Old accepts the document and new refuses it.
    Rejected,
    /// Both accept the document, and new knows nothing of an option that it sets.
    Ignored,
}

impl serde::Serialize for Witness {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Witness", 3)?;
        out.serialize_field("kind", &self.kind)?;
        out.serialize_field("document", &self.document.to_json())?;
        out.serialize_field("pointer", &self.pointer)?;
        out.end()
    }
}

/// Holds documents against both schemas.
pub(super) struct Checker {
    old: Option<Validator>,
    new: Option<Validator>,
}

impl Checker {
    pub(super) fn new(old: &Schema, new: &Schema, formats: Formats) -> Self {
        let checked = match formats {
            Formats::Annotate => Checked::Annotate,
            Formats::Assert => Checked::Assert,
        };
        Self {
            old: Validator::compile_with(old, checked).ok(),
            new: Validator::compile_with(new, checked).ok(),
        }
    }

    /// Says what a document shows, if anything: whether each side accepts it.
    fn check(&self, document: &Value) -> Option<(bool, bool)> {
        let (old, new) = (self.old.as_ref()?, self.new.as_ref()?);
        Some((old.is_valid(document), new.is_valid(document)))
    }

    pub(super) fn can_check(&self) -> bool {
        self.old.is_some() && self.new.is_some()
    }

    pub(super) fn refuses(&self, document: &Value) -> bool {
        self.check(document) == Some((true, false))
    }
}

/// Looks for the document that shows a change.
pub(super) fn find<'s>(
    judge: &Judge<'s>,
    walk: &Walk<'s>,
    pair: usize,
    draft: &Draft<'s>,
    checker: &Checker,
    alone: bool,
) -> Option<Witness> {
    if !checker.can_check() {
        return None;
    }
    let mut tries = 0;
    let focused = values(judge, walk, pair, draft);
    let near = matches!(draft.focus, Focus::Near) || alone;
    for both in [true, false] {
        for value in &focused {
            tries += 1;
            if let Some(witness) = show(judge, walk, pair, draft, value, both, checker) {
                return Some(witness);
            }
        }
    }
    if !near || draft.claim == Claim::Ignores {
        return None;
    }
    let (old, new) = (
        flatten(&walk.pairs[pair].old),
        flatten(&walk.pairs[pair].new),
    );
    let mut around = Sampler::new(judge).near(&old, &new, 0);
    around.retain(|value| fails(judge, draft, &new, value) != Some(false));
    for both in [true, false] {
        for value in &around {
            tries += 1;
            if tries > TRIES {
                return None;
            }
            if let Some(witness) = show(judge, walk, pair, draft, value, both, checker) {
                return Some(witness);
            }
        }
    }
    None
}

fn show<'s>(
    judge: &Judge<'s>,
    walk: &Walk<'s>,
    pair: usize,
    draft: &Draft<'s>,
    value: &Value,
    both: bool,
    checker: &Checker,
) -> Option<Witness> {
    let (document, mut pointer) = embed(judge, walk, pair, value.clone(), both)?;
    if let Some(token) = &draft.token
        && value.child(token).is_some()
    {
        pointer.push(token.clone());
    }
    let kind = match (checker.check(&document)?, draft.claim) {
        ((true, false), _) => WitnessKind::Rejected,
        ((true, true), Claim::Ignores) => WitnessKind::Ignored,
        _ => return None,
    };
    Some(Witness {
        kind,
        document,
        pointer,
    })
}

/// Says whether a value fails the very condition that a change is about; `None` where that is
/// not one condition alone.
fn fails<'s>(judge: &Judge<'s>, draft: &Draft<'s>, new: &Flat<'s>, value: &Value) -> Option<bool> {
    let number = || value.as_number()?.decimal();
    let length = || Some(value.as_str()?.chars().count() as u64);
    let items = || Some(value.as_array()?.len() as u64);
    let members = || Some(value.as_object()?.len() as u64);
    let below = |size: Option<u64>, count: &Option<Count<'s>>| Some(size? < count.as_ref()?.value);
    let above = |size: Option<u64>, count: &Option<Count<'s>>| Some(size? > count.as_ref()?.value);
    let failed = match draft.rule.id() {
        "minimum-added" | "minimum-raised" => {
            let bound = new.number.lower.as_ref()?;
            number().map(|n| n < bound.value || (bound.exclusive && n == bound.value))
        }
        "maximum-added" | "maximum-lowered" => {
            let bound = new.number.upper.as_ref()?;
            number().map(|n| n > bound.value || (bound.exclusive && n == bound.value))
        }
        "min-length-raised" => below(length(), &new.string.min),
        "max-length-lowered" => above(length(), &new.string.max),
        "min-items-raised" => below(items(), &new.array.min),
        "max-items-lowered" => above(items(), &new.array.max),
        "min-properties-raised" => below(members(), &new.object.min),
        "max-properties-lowered" => above(members(), &new.object.max),
        "pattern-added" | "pattern-changed" => {
            let pattern = draft.new.as_ref()?.value.as_str()?;
            let text = value.as_str();
            text.and_then(|text| judge.patterns.matches(pattern, text))
                .map(|holds| !holds)
        }
        _ => return None,
    };
    Some(failed.unwrap_or(false))
}

/// Makes the values to try at a place.
fn values<'s>(judge: &Judge<'s>, walk: &Walk<'s>, pair: usize, draft: &Draft<'s>) -> Vec<Value> {
    let (old, new) = (
        flatten(&walk.pairs[pair].old),
        flatten(&walk.pairs[pair].new),
    );
    let sampler = || Sampler::new(judge);
    let with = |flat: &Flat<'s>, name: &SmolStr, value: Value| {
        sampler().object(flat, &[(name.clone(), value)], &[], 0)
    };
    // Both sides at once keep other changes out of the document; where they contradict each
    // other, the old side alone.
    let joint = old.with(new.clone());
    let mut out: Vec<Value> = Vec::new();
    match &draft.focus {
        Focus::Member(name) => {
            let conj = judge.member(&old.object, name).conj;
            let plain = flatten(&conj);
            let shared = plain.with(flatten(&judge.member(&new.object, name).conj));
            for member in [sampler().value(&shared, 1), sampler().value(&plain, 1)] {
                let Some(member) = member else { continue };
                for flat in [&joint, &old] {
                    out.extend(with(flat, name, member.clone()));
                }
                out.push(map([(name.clone(), member)]));
            }
        }
        Focus::Clash(name) => {
            let flats = [&old.object, &new.object].map(|m| flatten(&judge.member(m, name).conj));
            for value in sampler().near(&flats[0], &flats[1], 1) {
                out.extend(with(&joint, name, value.clone()));
                out.extend(with(&old, name, value));
            }
        }
        Focus::Without(name) => {
            for flat in [&joint, &old] {
                out.extend(sampler().object(flat, &[], std::slice::from_ref(name), 0));
            }
        }
        Focus::WithWithout(name, without) => {
            let member = sampler().conj(&judge.member(&old.object, name).conj, 1);
            for flat in [&joint, &old] {
                let given = member.clone().map(|value| (name.clone(), value));
                let given: Vec<_> = given.into_iter().collect();
                out.extend(sampler().object(flat, &given, std::slice::from_ref(without), 0));
            }
        }
        Focus::OfTypes(types) => {
            for (group, _) in Types::GROUPS {
                if types.meets(group) {
                    out.extend(sampler().of_types(&old, types.and(group), 0));
                }
            }
            let near = sampler().near(&old, &new, 1);
            out.extend(near.into_iter().filter(|value| types.has(Types::of(value))));
        }
        Focus::Listed(value) => out.push(detached(value)),
        Focus::Truth(value) => out.push(truth(*value)),
        Focus::Of(node) => {
            let inner = flatten(std::slice::from_ref(node));
            out.extend(sampler().value(&old.with(inner.clone()), 0));
            out.extend(sampler().value(&inner, 0));
            out.extend(sampler().near(&old.with(inner.clone()), &new, 1));
            out.extend(sampler().near(&inner, &new, 1));
        }
        Focus::Near => {}
    }
    out.truncate(TRIES / 2);
    out
}

/// Builds the document around a value: everything above it that has to be there.
fn embed<'s>(
    judge: &Judge<'s>,
    walk: &Walk<'s>,
    pair: usize,
    value: Value,
    both: bool,
) -> Option<(Value, Pointer)> {
    let mut value = value;
    let mut at = pair;
    let mut path: Vec<SmolStr> = Vec::new();
    for _ in 0..DEPTH {
        let Some((above, via)) = &walk.pairs[at].above else {
            path.reverse();
            return Some((value, Pointer::from_tokens(path)));
        };
        let above_pair = &walk.pairs[*above];
        let conj: Conj<'s> = if both {
            above_pair
                .old
                .iter()
                .chain(&above_pair.new)
                .cloned()
                .collect()
        } else {
            above_pair.old.clone()
        };
        let flat = flatten(&conj);
        let sampler = Sampler::new(judge);
        value = match via {
            Via::Member(name) => {
                path.push(name.clone());
                sampler.object(&flat, &[(name.clone(), value)], &[], 0)?
            }
            Via::Item(index) => {
                path.push(super::sample::token(*index));
                sampler.array(&flat.array, &[(*index, value)], 0)?
            }
            Via::Same => match &value.kind {
                Kind::Object(members) => {
                    let given: Vec<(SmolStr, Value)> = members
                        .iter()
                        .map(|(k, v)| (k.clone(), v.clone()))
                        .collect();
                    // What is asked for above is added, unless that spoils what is to be shown.
                    if both {
                        sampler.object(&flat, &given, &[], 0).unwrap_or(value)
                    } else {
                        value
                    }
                }
                _ => value,
            },
        };
        at = *above;
    }
    None
}
