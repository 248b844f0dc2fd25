//! Compares two places, and decides whether one holds everything the other does.

use std::cell::RefCell;
use std::marker::PhantomData;

use super::draft::{Claim, Draft, Outcome};
use super::flat::{Conj, Flat, Node};
use super::pattern::Patterns;
use super::policy::{Formats, Policy, UnknownProperties};
use super::rules;
use super::types::Types;
use super::verdict::Verdict;
use super::witness;
use crate::config::schema::Schema;
use crate::document::{Kind, Value};
use crate::inclusion::{Answer, Claim as Asked, Engine, Inclusion};

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

/// Says whether the same is written in both, and refers to nothing that may differ. Little changes
/// from one version to the next, and this is found out sooner than that nothing has changed.
pub(super) fn unchanged(old: &[Node<'_>], new: &[Node<'_>]) -> bool {
    old.len() == new.len()
        && old.iter().zip(new).all(|(old, new)| {
            old.dialect() == new.dialect() && !refers(old.value) && old.value == new.value
        })
}

/// Says whether anything in a schema refers to another, or may.
fn refers(value: &Value) -> bool {
    match &value.kind {
        Kind::Array(items) => items.iter().any(refers),
        Kind::Object(map) => map.iter().any(|(key, value)| {
            matches!(key.as_str(), "$ref" | "$dynamicRef" | "$recursiveRef") || refers(value)
        }),
        _ => false,
    }
}

/// What is said of a change that refuses only what policy takes for granted that nobody has.
const ASSUMED: &str =
    "; that concerns names which nothing declares, and policy takes them for unused";

/// Compares places of two schemas.
pub(super) struct Judge<'s> {
    pub(super) policy: Policy,
    pub(super) patterns: Patterns,
    engine: RefCell<Engine>,
    _schemas: PhantomData<&'s Schema>,
}

impl<'s> Judge<'s> {
    pub(super) fn new(policy: Policy, engine: Engine) -> Self {
        Self {
            policy,
            patterns: Patterns::default(),
            engine: RefCell::new(engine),
            _schemas: PhantomData,
        }
    }

    pub(super) fn declared_only(&self) -> bool {
        self.policy.unknown_properties == UnknownProperties::DeclaredOnly
    }

    pub(super) fn formats_assert(&self) -> bool {
        self.policy.formats == Formats::Assert
    }

    /// Says whether everything that the first holds, the second holds too, and if not, which
    /// value does not.
    pub(super) fn included(&self, old: &Conj<'s>, new: &Conj<'s>) -> Inclusion {
        self.engine
            .borrow_mut()
            .included(old, new, self.declared_only())
    }

    /// Says whether two schemas say the same, whatever they only describe.
    pub(super) fn same(&self, old: &Node<'s>, new: &Node<'s>) -> bool {
        self.engine.borrow_mut().same(old, new)
    }

    /// Says whether two lists of schemas say the same, in any order.
    pub(super) fn same_all(&self, old: &[Node<'s>], new: &[Node<'s>]) -> bool {
        self.engine.borrow_mut().same_all(old, new)
    }

    /// Says whether a keyword says the same in both.
    pub(super) fn same_keyword(&self, old: &Node<'s>, new: &Node<'s>) -> bool {
        let keyword = new.keyword().unwrap_or_default();
        let holders = old.parent().zip(new.parent());
        holders.is_some_and(|(a, b)| self.engine.borrow_mut().same_keyword(&a, &b, keyword))
    }

    /// Says whether that is proved.
    pub(super) fn covered(&self, old: &Conj<'s>, new: &Conj<'s>) -> bool {
        new.is_empty() || self.included(old, new) == Inclusion::Proved
    }

    /// Says whether that is proved even if names are used that nothing declares.
    fn covered_purely(&self, old: &Conj<'s>, new: &Conj<'s>) -> bool {
        self.engine.borrow_mut().included(old, new, false) == Inclusion::Proved
    }

    /// Looks for a value of which some things are true.
    pub(super) fn find(&self, claims: &[Asked<'s>]) -> Answer {
        self.engine.borrow_mut().find(claims, self.declared_only())
    }

    /// Says whether some things are true of a value.
    pub(super) fn check(&self, claims: &[Asked<'s>], value: &Value) -> Option<bool> {
        self.engine.borrow_mut().check(claims, value)
    }

    /// Makes a text in which some patterns are found, and others not, and which is none of some.
    pub(super) fn text(&self, patterns: &[(&str, bool)], not: &[&str]) -> Option<String> {
        self.engine.borrow_mut().text(patterns, not)
    }

    /// Says whether no value holds all of some schemas.
    pub(super) fn is_void(&self, conj: &Conj<'s>) -> bool {
        let claims: Vec<Asked<'s>> = conj.iter().cloned().map(Asked::Holds).collect();
        self.find(&claims) == Answer::Impossible
    }

    /// Says whether no value holds two of some schemas.
    pub(super) fn disjoint(&self, branches: &[Node<'s>]) -> bool {
        self.engine.borrow_mut().disjoint(branches)
    }

    /// Says whether no value holds both.
    pub(super) fn apart(&self, a: &Conj<'s>, b: &Conj<'s>) -> bool {
        self.is_void(&a.iter().chain(b).cloned().collect())
    }

    /// Says whether no value of some types holds.
    pub(super) fn is_apart(&self, flat: &Flat<'s>, types: Types) -> bool {
        let roots = flat.roots.iter().cloned().map(Asked::Holds);
        let claims: Vec<Asked<'s>> = roots.chain([Asked::OfTypes(types)]).collect();
        self.find(&claims) == Answer::Impossible
    }

    /// Says whether a value holds; `None` where that cannot be told.
    pub(super) fn admits(&self, conj: &Conj<'s>, value: &Value) -> Option<bool> {
        let claims: Vec<Asked<'s>> = conj.iter().cloned().map(Asked::Holds).collect();
        self.check(&claims, value)
    }

    /// Names every change between two places, and the pairs of places further down.
    pub(super) fn compare(&self, old: &Flat<'s>, new: &Flat<'s>) -> Outcome<'s> {
        let mut out = Outcome::default();
        if new.is_never() {
            if !old.is_never() && !self.is_void(&old.roots) {
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
            self.arrays(old, new, &mut out);
        }
        if case.has(Types::OBJECT) || listed(Types::OBJECT) {
            self.objects(old, new, &mut out);
        }
        self.composition(old, new, &mut out);
        if out.may_lose() && self.covered(&old.roots, &new.roots) {
            // What policy makes milder is news as long as anything is lost at all.
            let nothing = self.covered_purely(&old.roots, &new.roots);
            out.drafts.retain_mut(|draft| {
                let refuses = draft.claim == Claim::Refuses;
                if refuses && !nothing && self.loses_purely(old, new, draft) {
                    draft.claim = Claim::Plain(Verdict::Risk);
                    draft.narrows = true;
                    draft.message.push_str(ASSUMED);
                    return true;
                }
                !(refuses || nothing && draft.may_lose())
            });
        }
        out
    }

    /// Says whether a change may refuse names that nothing declares, which policy takes for unused.
    fn loses_purely(&self, old: &Flat<'s>, new: &Flat<'s>, draft: &Draft<'s>) -> bool {
        let mut claims: Vec<Asked<'s>> = old.roots.iter().cloned().map(Asked::Holds).collect();
        claims.extend(witness::looks_like(&draft.focus));
        let breaks = witness::breaks(&new.roots, draft);
        claims.push(breaks.unwrap_or_else(|| Asked::Fails(new.roots.clone())));
        let found = self.engine.borrow_mut().find(&claims, false);
        found != Answer::Impossible
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
}

#[cfg(test)]
mod tests {
    use super::super::tests::schema;
    use super::*;

    #[test]
    fn what_is_written_alike_and_refers_to_nothing_is_unchanged() {
        let is = |old: &str, new: &str| {
            let (old, new) = (schema(old), schema(new));
            unchanged(&[old.root()], &[new.root()])
        };
        let list = "properties: { a: { enum: [1, { b: c }] } }";
        assert!(is(list, "{ properties: { a: { enum: [1.0, { b: c }] } } }"));
        assert!(!is(list, "properties: { a: { enum: [1] } }"));
        let refers = "{ allOf: [{ $ref: '#/$defs/a' }], $defs: { a: {} } }";
        assert!(!is(refers, refers));
        let old = schema("{ items: {}, $schema: 'http://json-schema.org/draft-07/schema#' }");
        let new = schema("items: {}");
        let items = |schema: &Schema| unchanged(&[schema.root()], &[]);
        assert!(!items(&old) && unchanged(&[], &[]));
        let (old, new) = (old.root().get("items"), new.root().get("items"));
        assert!(!unchanged(&[old.unwrap()], &[new.unwrap()]));
    }
}
