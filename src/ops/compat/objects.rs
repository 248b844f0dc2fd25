//! Maps: which options there are, which are asked for, and what else may stand beside them.

use std::collections::BTreeSet;

use super::domain::word;
use super::draft::{Child, Claim, Draft, Focus, Outcome, Via};
use super::flat::{Conj, Flat, Node, Objects};
use super::flatten::flatten;
use super::judge::Judge;
use super::policy::Defaults;
use super::rules;
use super::scalar::{Moves, count};
use super::verdict::Verdict;
use crate::document::Value;

pub(super) const MIN_PROPERTIES: Moves = Moves {
    added: &rules::MIN_PROPERTIES_RAISED,
    tightened: &rules::MIN_PROPERTIES_RAISED,
    loosened: &rules::MIN_PROPERTIES_LOWERED,
    removed: &rules::MIN_PROPERTIES_LOWERED,
};
const MAX_PROPERTIES: Moves = Moves {
    added: &rules::MAX_PROPERTIES_LOWERED,
    tightened: &rules::MAX_PROPERTIES_LOWERED,
    loosened: &rules::MAX_PROPERTIES_RAISED,
    removed: &rules::MAX_PROPERTIES_RAISED,
};

/// What a map says of the member of one name.
pub(super) struct Member<'s> {
    pub(super) conj: Conj<'s>,
    /// Whether a property of that name is declared.
    pub(super) declared: bool,
    /// Whether a pattern speaks of it.
    pub(super) patterned: bool,
}

impl Objects<'_> {
    /// Gives the names that are declared.
    pub(super) fn declared(&self) -> BTreeSet<&str> {
        let parts = self.parts.iter();
        parts
            .flat_map(|part| part.properties.keys().copied())
            .collect()
    }

    /// Gives the patterns of names.
    pub(super) fn patterns(&self) -> BTreeSet<&str> {
        let parts = self.parts.iter();
        parts
            .flat_map(|part| part.patterns.iter().map(|(pattern, _)| *pattern))
            .collect()
    }
}

impl<'s> Objects<'s> {
    /// Gives the schemas of members that neither a name nor a pattern speaks of.
    pub(super) fn others(&self) -> Conj<'s> {
        let parts = self.parts.iter();
        parts.filter_map(|part| part.additional.clone()).collect()
    }

    /// Gives the schemas of members whose name holds exactly some patterns.
    pub(super) fn patterned(&self, wanted: &[&str]) -> Conj<'s> {
        let mut conj = Vec::new();
        for part in &self.parts {
            let before = conj.len();
            let hits = part.patterns.iter().filter(|(p, _)| wanted.contains(p));
            conj.extend(hits.map(|(_, node)| node.clone()));
            if conj.len() == before {
                conj.extend(part.additional.clone());
            }
        }
        conj
    }
}

impl<'s> Judge<'s> {
    /// Gives what a map says of the member of one name.
    pub(super) fn member(&self, objects: &Objects<'s>, name: &str) -> Member<'s> {
        let mut member = Member {
            conj: Vec::new(),
            declared: false,
            patterned: false,
        };
        for part in &objects.parts {
            let before = member.conj.len();
            if let Some(node) = part.properties.get(name) {
                member.declared = true;
                member.conj.push(node.clone());
            }
            for (pattern, node) in &part.patterns {
                if self.patterns.matches(pattern, name) == Some(true) {
                    member.patterned = true;
                    member.conj.push(node.clone());
                }
            }
            if member.conj.len() == before {
                member.conj.extend(part.additional.clone());
            }
        }
        member
    }

    /// Compares maps.
    pub(super) fn objects(&self, old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
        let (a, b) = (&old.object, &new.object);
        let mut asked: BTreeSet<&str> = BTreeSet::new();
        self.options(old, new, &mut asked, out);
        self.required(a, b, &asked, out);
        self.sizes(a, b, out);
        self.pattern_classes(a, b, out);
        self.others(a, b, out);
        self.names(a, b, out);
        self.dependent(a, b, out);
    }

    fn required(
        &self,
        a: &Objects<'s>,
        b: &Objects<'s>,
        asked: &BTreeSet<&str>,
        out: &mut Outcome<'s>,
    ) {
        for (name, node) in &b.required {
            if a.required.contains_key(name) || asked.contains(name) {
                continue;
            }
            let default = flatten(&self.member(b, name).conj)
                .notes
                .get("default")
                .cloned();
            let draft = match default {
                Some(default) => {
                    let filled = self.policy.defaults == Defaults::FilledBeforeValidation;
                    Draft::new(
                        &rules::REQUIRED_ADDED_WITH_DEFAULT,
                        "{at} must be set now, although it has a default",
                    )
                    .claim(if filled {
                        Claim::Plain(Verdict::Compatible)
                    } else {
                        Claim::Refuses
                    })
                    .narrowing()
                    .help(format!(
                        "take it out of `required`; it has the default {}",
                        word(default.value)
                    ))
                }
                None => Draft::new(
                    &rules::REQUIRED_ADDED,
                    "{at} must be set now; configurations without it are refused",
                )
                .help("give it a default and leave it out of `required`"),
            };
            let filled = matches!(draft.claim, Claim::Plain(_));
            out.say_filled(
                filled,
                draft
                    .at(name)
                    .focus(Focus::Without((*name).into()))
                    .between(None, Some(node)),
            );
        }
        for (name, node) in &a.required {
            let gone = self.member(a, name).declared && !self.member(b, name).declared;
            if !b.required.contains_key(name) && !gone {
                out.say(
                    Draft::new(&rules::REQUIRED_REMOVED, "{at} need no longer be set")
                        .at(name)
                        .between(Some(node), None),
                );
            }
        }
    }

    fn sizes(&self, a: &Objects<'s>, b: &Objects<'s>, out: &mut Outcome<'s>) {
        let needs = a.required.len() as u64;
        if b.min.as_ref().is_none_or(|min| min.value > needs) || a.min.is_some() {
            let sentence = "{at} must set at least {n} options";
            let new = b.min.as_ref().filter(|min| min.value > needs);
            let old = a.min.as_ref().filter(|min| min.value > needs);
            count(old, new, 0, true, &MIN_PROPERTIES, sentence, out);
        }
        let closed = a.patterns().is_empty() && flatten(&a.others()).is_never();
        let reach = if closed {
            a.declared().len() as u64
        } else {
            u64::MAX
        };
        let useful =
            |max: Option<&super::flat::Count<'s>>| max.filter(|max| max.value < reach).cloned();
        let (old, new) = (useful(a.max.as_ref()), useful(b.max.as_ref()));
        let sentence = "{at} must set at most {n} options";
        let none = u64::MAX;
        count(
            old.as_ref(),
            new.as_ref(),
            none,
            false,
            &MAX_PROPERTIES,
            sentence,
            out,
        );
    }

    fn names(&self, a: &Objects<'s>, b: &Objects<'s>, out: &mut Outcome<'s>) {
        let closed = a.patterns().is_empty() && flatten(&a.others()).is_never();
        for node in &b.names {
            let wanted = flatten(std::slice::from_ref(node));
            let known = closed
                && a.declared().iter().all(|name| {
                    let name = Value::detached(crate::document::Kind::String((*name).into()));
                    self.admits(&wanted.roots, &name) == Some(true)
                });
            let one = vec![node.clone()];
            let held = a.names.iter().any(|had| self.same(had, node));
            if known || held || (!a.names.is_empty() && self.covered(&a.names, &one)) {
                continue;
            }
            let strings = wanted.free.has(super::types::Types::STRING);
            if strings && wanted.residue.is_empty() && wanted.string.is_empty() {
                continue;
            }
            let message = "the names in {at} must be of a certain form now";
            out.say(
                Draft::new(&rules::PROPERTY_NAMES_NARROWED, message)
                    .between(a.names.first(), Some(node)),
            );
        }
        if b.names.is_empty()
            && let Some(node) = a.names.first()
        {
            let message = "the names in {at} may be of any form";
            out.say(Draft::new(&rules::PROPERTY_NAMES_WIDENED, message).between(Some(node), None));
        }
    }

    fn dependent(&self, a: &Objects<'s>, b: &Objects<'s>, out: &mut Outcome<'s>) {
        for ((name, need), node) in &b.dependent {
            let held = a.dependent.contains_key(&(*name, *need)) || a.required.contains_key(need);
            if !held && !flatten(&self.member(a, name).conj).is_never() {
                out.say(
                    Draft::new(
                        &rules::DEPENDENT_REQUIRED_ADDED,
                        format!("{{at}} must set `{need}` now where it sets `{name}`"),
                    )
                    .focus(Focus::WithWithout((*name).into(), (*need).into()))
                    .between(None, Some(node)),
                );
            }
        }
        for ((name, need), node) in &a.dependent {
            if !b.dependent.contains_key(&(*name, *need)) && !b.required.contains_key(need) {
                let message = format!("{{at}} need no longer set `{need}` where it sets `{name}`");
                out.say(
                    Draft::new(&rules::DEPENDENT_REQUIRED_REMOVED, message)
                        .between(Some(node), None),
                );
            }
        }
        let mut unused: Vec<&(&str, Node<'s>)> = a.dependent_schemas.iter().collect();
        for (name, node) in &b.dependent_schemas {
            if flatten(&self.member(a, name).conj).is_never() {
                continue;
            }
            let twin = unused.iter().position(|(had, _)| had == name);
            match twin.map(|twin| unused.remove(twin)) {
                Some((_, had)) if self.same(had, node) => {}
                Some((_, had)) => out.children.push(Child {
                    via: Via::Same,
                    token: None,
                    old: vec![had.clone()],
                    new: vec![node.clone()],
                    same_option: true,
                }),
                None => out.say(
                    Draft::new(
                        &rules::DEPENDENT_SCHEMA_ADDED,
                        format!("{{at}} must hold to a further schema now where it sets `{name}`"),
                    )
                    .focus(Focus::With((*name).into()))
                    .between(None, Some(node)),
                ),
            }
        }
        for (name, node) in unused {
            let message = format!("{{at}} need no longer hold to a schema where it sets `{name}`");
            out.say(
                Draft::new(&rules::DEPENDENT_SCHEMA_REMOVED, message).between(Some(node), None),
            );
        }
    }
}

pub(super) fn names_of<'s>(map: &Objects<'s>) -> BTreeSet<&'s str> {
    let parts = map.parts.iter();
    parts
        .flat_map(|part| part.properties.keys().copied())
        .collect()
}

/// Reads an annotation that is true or false.
pub(super) fn truth(flat: &Flat<'_>, keyword: &str) -> bool {
    let note = flat.notes.get(keyword);
    note.is_some_and(|node| node.value.as_bool() == Some(true))
}
