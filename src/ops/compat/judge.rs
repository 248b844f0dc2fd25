//! Compares two places, and decides whether one holds everything the other does.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, VecDeque};

use super::draft::{Draft, Outcome};
use super::flat::{Conj, Flat, Node, ResidueKind};
use super::flatten::{children, flatten};
use super::pattern::Patterns;
use super::policy::{Formats, Policy, UnknownProperties};
use super::rules;
use super::same::Sameness;
use super::types::Types;
use crate::document::Value;

/// How many comparisons one question may ask for.
const BUDGET: usize = 60_000;

/// How deep questions may ask further questions.
const DEPTH: usize = 5;

/// How many alternatives are gone through one by one.
const SPLIT: usize = 24;

/// Names a conjunction: the addresses of its schemas.
pub(super) type Key = Vec<usize>;

/// Gives the name of a conjunction.
pub(super) fn key(conj: &[Node<'_>]) -> Key {
    let mut key: Key = conj
        .iter()
        .map(|node| std::ptr::from_ref(node.value).addr())
        .collect();
    key.sort_unstable();
    key.dedup();
    key
}

/// Compares places of two schemas.
pub(super) struct Judge<'s> {
    pub(super) policy: Policy,
    pub(super) patterns: Patterns,
    pub(super) sameness: Sameness<'s>,
    budget: Cell<usize>,
    decided: RefCell<HashMap<(Key, Key), bool>>,
}

impl<'s> Judge<'s> {
    pub(super) fn new(policy: Policy, sameness: Sameness<'s>) -> Self {
        Self {
            policy,
            patterns: Patterns::default(),
            sameness,
            budget: Cell::new(BUDGET),
            decided: RefCell::default(),
        }
    }

    /// Says whether a question was cut short.
    pub(super) fn is_exhausted(&self) -> bool {
        self.budget.get() == 0
    }

    pub(super) fn declared_only(&self) -> bool {
        self.policy.unknown_properties == UnknownProperties::DeclaredOnly
    }

    pub(super) fn formats_assert(&self) -> bool {
        self.policy.formats == Formats::Assert
    }

    /// Names every change between two places, and the pairs of places further down.
    pub(super) fn compare(&self, old: &Flat<'s>, new: &Flat<'s>, depth: usize) -> Outcome<'s> {
        let mut out = Outcome::default();
        if new.is_never() {
            if !old.is_never() && !self.is_void(old, depth) {
                let place = |flat: &Flat<'s>| {
                    ["false", "type", "enum", "const", "not"]
                        .iter()
                        .find_map(|key| flat.places.get(key).cloned())
                };
                out.say(
                    Draft::new(
                        &rules::SCHEMA_BECAME_UNSATISFIABLE,
                        "no value is valid for {at} any more",
                    )
                    .between(place(old).as_ref(), place(new).as_ref()),
                );
            }
            return out;
        }
        if old.is_never() {
            return out;
        }
        self.broken(old, new, &mut out);
        if !old.is_anything() && new.is_anything() && old.types().whole() != Types::ALL {
            let place = old.places.values().next().cloned();
            out.say(
                Draft::new(
                    &rules::SCHEMA_BECAME_PERMISSIVE,
                    "{at} takes any value at all now; mistakes in it pass unseen",
                )
                .between(place.as_ref(), None),
            );
            if old.object.parts.is_empty() {
                return out;
            }
        } else {
            self.domain(old, new, &mut out);
        }
        let case = old.free.and(new.free);
        let listed = |types: Types| old.listed.iter().any(|value| types.meets(Types::of(value)));
        if case.meets(Types::NUMBER) {
            self.numbers(old, new, &mut out);
        }
        if case.has(Types::STRING) {
            self.strings(old, new, &mut out);
        }
        if case.has(Types::ARRAY) || listed(Types::ARRAY) {
            self.arrays(old, new, depth, &mut out);
        }
        if case.has(Types::OBJECT) || listed(Types::OBJECT) {
            self.objects(old, new, depth, &mut out);
        }
        self.composition(old, new, depth, &mut out);
        if out.may_lose() && (self.is_void(old, depth) || self.splits(old, new, depth)) {
            out.drafts.retain(|draft| !draft.may_lose());
        }
        out
    }

    /// Says whether everything that the first holds, the second holds too; `false` also where
    /// that cannot be told.
    pub(super) fn covered(&self, old: &Conj<'s>, new: &Conj<'s>, depth: usize) -> bool {
        if new.is_empty() {
            return true;
        }
        let pair = (key(old), key(new));
        if pair.0.len() == 1 && pair.0 == pair.1 {
            return true;
        }
        if let Some(known) = self.decided.borrow().get(&pair) {
            return *known;
        }
        let covered = depth < DEPTH && self.covered_flat(&flatten(old), &flatten(new), depth);
        // An answer found deep down may be `false` for want of depth only.
        if covered || depth <= 1 {
            self.decided.borrow_mut().insert(pair, covered);
        }
        covered
    }

    /// Says the same of two normal forms.
    pub(super) fn covered_flat(&self, old: &Flat<'s>, new: &Flat<'s>, depth: usize) -> bool {
        if depth > DEPTH {
            return false;
        }
        let mut seen: BTreeSet<(Key, Key)> = BTreeSet::new();
        let mut queue: VecDeque<(Conj<'s>, Conj<'s>)> = VecDeque::new();
        let mut out = self.compare(old, new, depth + 1);
        loop {
            if self.budget.get() == 0 || out.may_lose() {
                return false;
            }
            self.budget.set(self.budget.get() - 1);
            for child in out.children.drain(..) {
                let pair = (key(&child.old), key(&child.new));
                if !(pair.0.len() == 1 && pair.0 == pair.1) && seen.insert(pair) {
                    queue.push_back((child.old, child.new));
                }
            }
            let Some((old, new)) = queue.pop_front() else {
                return true;
            };
            out = self.compare(&flatten(&old), &flatten(&new), depth + 1);
        }
    }

    /// Says whether old is covered when its alternatives are taken one by one.
    fn splits(&self, old: &Flat<'s>, new: &Flat<'s>, depth: usize) -> bool {
        if depth >= DEPTH {
            return false;
        }
        let choice = old.residue.iter().position(|residue| {
            matches!(residue.kind, ResidueKind::AnyOf | ResidueKind::OneOf)
                && residue
                    .node
                    .value
                    .as_array()
                    .is_some_and(|b| b.len() <= SPLIT)
        });
        let Some(choice) = choice else {
            return false;
        };
        children(&old.residue[choice].node)
            .iter()
            .all(|branch| self.covered_flat(&old.choose(choice, branch), new, depth + 1))
    }

    /// Says whether it is plain to see that old admits nothing: it refuses what it asks for.
    fn is_void(&self, old: &Flat<'s>, depth: usize) -> bool {
        if depth >= DEPTH {
            return false;
        }
        (0..old.residue.len()).any(|at| {
            old.residue[at].kind == ResidueKind::Not && {
                let refused = &old.residue[at].node;
                if old
                    .held
                    .iter()
                    .any(|held| self.sameness.same(held, refused))
                {
                    return true;
                }
                let mut rest = old.clone();
                let refused = rest.residue.remove(at);
                self.covered_flat(&rest, &flatten(&[refused.node]), depth + 1)
            }
        })
    }

    fn broken(&self, old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
        if let Some(node) = new.broken.first() {
            let draft = if old.broken.is_empty() {
                Draft::new(
                    &rules::REF_BROKEN,
                    "the schema of {at} refers to something that is not there",
                )
                .help("mend the reference, or add what it refers to")
            } else {
                Draft::new(
                    &rules::UNMODELLED_KEYWORD_CHANGED,
                    "the schema of {at} refers to something that is not there, on both sides",
                )
            };
            out.say(draft.between(None, Some(node)));
        }
    }

    /// Says whether a value holds, where types, bounds and patterns tell.
    pub(super) fn admits(&self, flat: &Flat<'s>, value: &Value) -> Option<bool> {
        if !flat.lists(value) {
            return Some(false);
        }
        let of = Types::of(value);
        let mut sure = flat.residue.is_empty() && flat.broken.is_empty();
        if of.meets(Types::NUMBER) {
            let number = value.as_number()?.decimal()?;
            let low = flat.number.lower.as_ref().is_none_or(|bound| {
                number > bound.value || (!bound.exclusive && number == bound.value)
            });
            let high = flat.number.upper.as_ref().is_none_or(|bound| {
                number < bound.value || (!bound.exclusive && number == bound.value)
            });
            if !low || !high {
                return Some(false);
            }
            for multiple in &flat.number.multiples {
                let step = multiple.value.as_number()?.decimal()?;
                match super::scalar::is_multiple(&number, &step) {
                    Some(true) => {}
                    Some(false) => return Some(false),
                    None => sure = false,
                }
            }
        }
        if let Some(text) = value.as_str() {
            let length = text.chars().count() as u64;
            if flat
                .string
                .min
                .as_ref()
                .is_some_and(|min| length < min.value)
                || flat
                    .string
                    .max
                    .as_ref()
                    .is_some_and(|max| length > max.value)
            {
                return Some(false);
            }
            for pattern in &flat.string.patterns {
                match self.patterns.matches(pattern.value.as_str()?, text) {
                    Some(true) => {}
                    Some(false) => return Some(false),
                    None => sure = false,
                }
            }
            sure &= flat.string.contents.is_empty();
            sure &= flat.string.formats.is_empty() || !self.formats_assert();
        }
        let bare = match of {
            Types::ARRAY => {
                flat.array.parts.is_empty()
                    && flat.array.contains.is_empty()
                    && flat.array.min.is_none()
                    && flat.array.max.is_none()
                    && flat.array.unique.is_none()
            }
            Types::OBJECT => {
                flat.object.parts.is_empty()
                    && flat.object.required.is_empty()
                    && flat.object.min.is_none()
                    && flat.object.max.is_none()
                    && flat.object.names.is_empty()
                    && flat.object.dependent.is_empty()
                    && flat.object.dependent_schemas.is_empty()
            }
            _ => true,
        };
        (sure && bare).then_some(true)
    }
}
