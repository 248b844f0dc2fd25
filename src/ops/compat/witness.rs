//! Shows a change by a document: one that old accepts and new refuses, or silently ignores.
//!
//! The document is constructed: it holds under old, and along the path to the change it has what
//! the change is about. What an independent validator does not confirm is not shown.

use smol_str::{SmolStr, ToSmolStr};

use super::checker::Checker;
use super::declared::conditions;
use super::draft::{Claim, Draft, Focus, Via};
use super::flat::Conj;
use super::flatten::flatten;
use super::judge::Judge;
use super::walk::Walk;
use crate::document::{Kind, Value};
use crate::inclusion::{Answer, Claim as Asked};
use crate::text::Pointer;

/// How often a document is made smaller, at the most.
const SMALLER: usize = 200;

/// How often other changes are kept out of a document.
const ALONE: usize = 3;

/// How many other changes are kept out of a document.
const OTHERS: usize = 200;

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

/// What looking for a document gave.
pub(super) enum Shown {
    By(Witness),
    /// There is none: nothing is lost by this change.
    Never,
    /// It could not be decided, and why, in a phrase.
    Unknown(String),
}

/// Looks for the document that shows a change.
pub(super) fn find<'s>(
    judge: &Judge<'s>,
    walk: &Walk<'s>,
    pair: usize,
    draft: &Draft<'s>,
    checker: &Checker,
) -> Shown {
    let declared = match &draft.focus {
        Focus::Member(name) if draft.claim == Claim::Ignores => {
            conditions(judge, &walk.pairs[pair].new, name)
        }
        _ => Some(Vec::new()),
    };
    if let Some(declared) = declared.as_ref().filter(|_| draft.claim == Claim::Ignores) {
        let claims = claims(judge, walk, pair, draft, Some(declared));
        if let Shown::By(witness) = ask(judge, walk, pair, draft, checker, &claims) {
            return Shown::By(witness);
        }
        // What cannot be ignored may be refused.
    }
    let claims = claims(judge, walk, pair, draft, None);
    match ask(judge, walk, pair, draft, checker, &claims) {
        Shown::Never if declared.is_none() => {
            Shown::Unknown("too many branches may speak of the option".to_owned())
        }
        shown => shown,
    }
}

fn ask<'s>(
    judge: &Judge<'s>,
    walk: &Walk<'s>,
    pair: usize,
    draft: &Draft<'s>,
    checker: &Checker,
    claims: &[Asked<'s>],
) -> Shown {
    let (document, why) = match judge.find(claims) {
        Answer::Value(value) => (value, None),
        Answer::Impossible => return Shown::Never,
        Answer::Unknown(Some(value), why) => (value, Some(why)),
        Answer::Unknown(None, why) => return Shown::Unknown(why),
    };
    let kind = match (checker.check(&document), draft.claim) {
        (Some((true, false)), _) => WitnessKind::Rejected,
        (Some((true, true)), Claim::Ignores) => WitnessKind::Ignored,
        _ => {
            let why = why.unwrap_or_else(|| "the validator disagrees".to_owned());
            return Shown::Unknown(why);
        }
    };
    let shows = |value: &Value, claims: &[Asked<'s>]| {
        let agreed = match kind {
            WitnessKind::Rejected => checker.refuses(value),
            WitnessKind::Ignored => checker.check(value) == Some((true, true)),
        };
        agreed && judge.check(claims, value) != Some(false)
    };
    let mut document = document;
    let mut claims = claims.to_vec();
    // It is better to have nothing in it that another change is about.
    for _ in 0..ALONE {
        let others = others(judge, walk, draft, &document);
        if others.is_empty() {
            break;
        }
        let mut further = claims.clone();
        further.extend(others);
        match judge.find(&further) {
            Answer::Value(value) | Answer::Unknown(Some(value), _) if shows(&value, &further) => {
                document = value;
                claims = further;
            }
            _ => break,
        }
    }
    let pointer = pointer(walk, pair, draft);
    let document = smaller(document, &mut |value| shows(value, &claims));
    Shown::By(Witness {
        kind,
        pointer: existing(&document, pointer),
        document,
    })
}

/// Asks for documents apart from the other changes that a document has to do with.
fn others<'s>(
    judge: &Judge<'s>,
    walk: &Walk<'s>,
    draft: &Draft<'s>,
    document: &Value,
) -> Vec<Asked<'s>> {
    let others = walk.found.iter().filter(|other| {
        !std::ptr::eq(&raw const other.draft, draft) && other.draft.claim == Claim::Refuses
    });
    others
        .take(OTHERS)
        .map(|other| beside(walk, other.pair, &other.draft))
        .filter(|beside| judge.check(std::slice::from_ref(beside), document) == Some(false))
        .collect()
}

/// Says what the document has to be: refused, or else accepted where the option is not declared.
fn claims<'s>(
    judge: &Judge<'s>,
    walk: &Walk<'s>,
    pair: usize,
    draft: &Draft<'s>,
    ignored: Option<&Vec<Vec<Asked<'s>>>>,
) -> Vec<Asked<'s>> {
    let refused = ignored.is_none();
    let here = &walk.pairs[pair];
    let mut claims = holds(&here.old);
    let mut fails = refused.then(|| Asked::Fails(here.new.clone()));
    match &draft.focus {
        Focus::Member(name) | Focus::Clash(name) => {
            let member = |conj| judge.member(&flatten(conj).object, name).conj;
            let mut inner = holds(&member(&here.old));
            let new = member(&here.new);
            if refused && !new.is_empty() && draft.claim == Claim::Refuses {
                inner.push(Asked::Fails(new));
                fails = None;
            }
            claims.push(Asked::Member(name.clone(), inner));
            claims.extend(ignored.into_iter().flatten().cloned().map(Asked::Not));
        }
        Focus::Near => {
            if let Some(breaks) = breaks(&here.new, draft).filter(|_| refused) {
                fails = Some(breaks);
            }
        }
        focus => claims.extend(looks_like(focus)),
    }
    claims.extend(fails);
    let mut claims = within(walk, pair, claims);
    let root = &walk.pairs[0];
    claims.extend(holds(&root.old));
    if refused {
        claims.push(Asked::Fails(root.new.clone()));
    } else {
        claims.extend(holds(&root.new));
    }
    claims
}

/// Asks for a document that a change, as far as policy makes it milder, has nothing to do with.
pub(super) fn beside<'s>(walk: &Walk<'s>, pair: usize, draft: &Draft<'s>) -> Asked<'s> {
    let here = match &draft.focus {
        Focus::Near => vec![
            breaks(&walk.pairs[pair].new, draft)
                .unwrap_or_else(|| Asked::Fails(walk.pairs[pair].new.clone())),
        ],
        focus => looks_like(focus),
    };
    Asked::Not(within(walk, pair, here))
}

fn holds<'s>(conj: &Conj<'s>) -> Vec<Asked<'s>> {
    conj.iter().cloned().map(Asked::Holds).collect()
}

/// Says what a value looks like that a change is about.
pub(super) fn looks_like<'s>(focus: &Focus<'s>) -> Vec<Asked<'s>> {
    match focus {
        Focus::Member(name) | Focus::Clash(name) | Focus::With(name) => {
            vec![Asked::Member(name.clone(), Vec::new())]
        }
        Focus::Without(name) => vec![Asked::Without(name.clone())],
        Focus::WithWithout(name, without) => vec![
            Asked::Member(name.clone(), Vec::new()),
            Asked::Without(without.clone()),
        ],
        Focus::OfTypes(types) => vec![Asked::OfTypes(*types)],
        Focus::Listed(value) => vec![Asked::Is(vec![(*value).clone()])],
        Focus::Truth(value) => vec![Asked::Is(vec![Value::detached(Kind::Bool(*value))])],
        Focus::Of(node) => vec![Asked::Holds(node.clone())],
        Focus::Near => Vec::new(),
    }
}

/// Asks the same of the value at the end of the path to a pair.
fn within<'s>(walk: &Walk<'s>, pair: usize, mut claims: Vec<Asked<'s>>) -> Vec<Asked<'s>> {
    let mut at = pair;
    while let Some((above, via)) = &walk.pairs[at].above {
        claims = match via {
            Via::Member(name) => vec![Asked::Member(name.clone(), claims)],
            Via::Item(index) => vec![Asked::Item(*index, claims)],
            // Of several alternatives it is this one.
            Via::Same => [holds(&walk.pairs[at].old), claims].concat(),
        };
        at = *above;
    }
    claims
}

/// Asks for a value that fails the very keyword that a change is about, where every value has
/// to hold it.
pub(super) fn breaks<'s>(new: &Conj<'s>, draft: &Draft<'s>) -> Option<Asked<'s>> {
    let node = draft.new.as_ref()?;
    let (holder, keyword) = (node.parent()?, node.keyword()?);
    let held = flatten(new).held;
    let held = held
        .iter()
        .any(|held| std::ptr::eq(held.value, holder.value));
    (held && keyword == draft.rule.keyword).then_some(Asked::Breaks(holder, keyword))
}

/// Gives the place of a change in the document that shows it.
fn pointer(walk: &Walk<'_>, pair: usize, draft: &Draft<'_>) -> Pointer {
    let mut path: Vec<SmolStr> = draft.token.iter().cloned().collect();
    let mut at = pair;
    while let Some((above, via)) = &walk.pairs[at].above {
        match via {
            Via::Member(name) => path.push(name.clone()),
            Via::Item(index) => path.push(index.to_smolstr()),
            Via::Same => {}
        }
        at = *above;
    }
    path.reverse();
    Pointer::from_tokens(path)
}

/// Cuts a pointer off where the document ends.
fn existing(document: &Value, pointer: Pointer) -> Pointer {
    let mut at = document;
    let mut path = Vec::new();
    for token in pointer.tokens() {
        let Some(next) = at.child(token) else { break };
        path.push(token.clone());
        at = next;
    }
    Pointer::from_tokens(path)
}

/// Takes a member or an item out of a value; says whether there was one.
fn remove(value: &mut Value, token: &SmolStr) -> bool {
    match (&mut value.kind, token.parse::<usize>()) {
        (Kind::Object(map), _) => map.remove(token).is_some(),
        (Kind::Array(items), Ok(index)) if index < items.len() => {
            items.remove(index);
            true
        }
        _ => false,
    }
}

/// Takes out of a document what it need not have to show what it shows.
pub(super) fn smaller(document: Value, shows: &mut dyn FnMut(&Value) -> bool) -> Value {
    let mut best = document;
    let mut left = SMALLER;
    let mut open = vec![Pointer::root()];
    while let Some(at) = open.pop() {
        let tokens: Vec<SmolStr> = match best.at(&at).map(|value| &value.kind) {
            Some(Kind::Object(map)) => map.keys().cloned().collect(),
            // From the end, so that the places of the others stay.
            Some(Kind::Array(items)) => (0..items.len()).rev().map(|at| at.to_smolstr()).collect(),
            _ => continue,
        };
        for token in tokens {
            let mut next = best.clone();
            let removed = next.at_mut(&at).is_some_and(|value| remove(value, &token));
            if left == 0 {
                return best;
            }
            left -= 1;
            if removed && shows(&next) {
                best = next;
            } else {
                open.push(at.join(token));
            }
        }
    }
    best
}
