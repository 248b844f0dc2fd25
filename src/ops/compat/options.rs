//! The options that a map declares: kept, gone, new, renamed.

use std::collections::{BTreeMap, BTreeSet};

use super::declared::conditions;
use super::domain::{alike, plain, word};
use super::draft::{Child, Claim, Draft, Focus, Outcome, Via};
use super::flat::{Flat, Node, Objects, ResidueKind};
use super::flatten::flatten;
use super::judge::{Judge, unchanged};
use super::objects::{Member, names_of, truth};
use super::policy::{Defaults, IgnoredOptions};
use super::rules;
use super::verdict::Verdict;
use crate::document::Value;
use crate::text::edit_distance;

/// How many pairs of names are compared; of more, those alone that differ in their case only.
const MOST_PAIRS: usize = 400_000;

/// The options of a map that are new.
#[derive(Default)]
struct Fresh<'s> {
    names: Vec<&'s str>,
    /// By what is left of a name without its case and its dashes.
    plain: BTreeMap<String, &'s str>,
    /// By what they say they were called.
    called: BTreeMap<&'s str, &'s str>,
}

impl<'s> Judge<'s> {
    /// Compares the declared options.
    pub(super) fn options(
        &self,
        old: &Flat<'s>,
        new: &Flat<'s>,
        asked: &mut BTreeSet<&'s str>,
        out: &mut Outcome<'s>,
    ) {
        let (a, b) = (&old.object, &new.object);
        let (names_a, names_b) = (names_of(a), names_of(b));
        let mut successors: BTreeSet<&str> = BTreeSet::new();
        let fresh = self.fresh(b, &names_a, &names_b);
        let pairs = fresh.names.len() * names_a.difference(&names_b).count();
        let closed = old.residue.iter().any(|residue| {
            let refuses = residue.node.value.as_bool() == Some(false);
            residue.kind == ResidueKind::UnevaluatedProperties && refuses
        });
        for name in names_a.iter().copied() {
            let (x, y) = (self.member(a, name), self.member(b, name));
            if names_b.contains(name) {
                self.kept(name, x, y, out);
            } else {
                let successor = self.successor(a, b, name, &fresh, pairs);
                if let Some(successor) = successor {
                    successors.insert(successor);
                }
                let partly = conditions(self, &new.roots, name).is_none_or(|all| !all.is_empty());
                self.removed(name, &x, y, successor, partly, old, out);
            }
        }
        for name in names_b
            .iter()
            .copied()
            .filter(|name| !names_a.contains(name))
        {
            let (x, y) = (self.member(a, name), self.member(b, name));
            out.fresh.push((name.into(), y.conj.clone()));
            let asks = b.required.contains_key(name) && !a.required.contains_key(name);
            if asks {
                asked.insert(name);
            }
            self.added(name, x, y, asks, successors.contains(name), closed, b, out);
        }
    }

    fn kept(&self, name: &str, x: Member<'s>, y: Member<'s>, out: &mut Outcome<'s>) {
        if unchanged(&x.conj, &y.conj) {
            return;
        }
        let never = |member: &Member<'s>| {
            let plain = |node: &Node<'s>| node.value.as_bool() == Some(false);
            member.conj.iter().any(plain) || flatten(&member.conj).is_never()
        };
        match (never(&x), never(&y)) {
            (true, true) => {}
            (true, false) => out.say(
                Draft::new(&rules::OPTION_UNFORBIDDEN, "the option {at} may be set now")
                    .at(name)
                    .between(x.conj.first(), y.conj.first()),
            ),
            (false, true) => out.say(
                Draft::new(
                    &rules::OPTION_FORBIDDEN,
                    "the option {at} is forbidden; configurations that set it are refused",
                )
                .at(name)
                .focus(Focus::Member(name.into()))
                .between(x.conj.first(), y.conj.first()),
            ),
            (false, false) => out.children.push(Child {
                via: Via::Member(name.into()),
                token: Some(name.into()),
                old: x.conj,
                new: y.conj,
                same_option: true,
            }),
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn removed(
        &self,
        name: &'s str,
        x: &Member<'s>,
        y: Member<'s>,
        successor: Option<&str>,
        partly: bool,
        old: &Flat<'s>,
        out: &mut Outcome<'s>,
    ) {
        let before = flatten(&x.conj);
        let after = flatten(&y.conj);
        let (at_old, at_new) = (x.conj.first(), y.conj.first());
        if before.is_never() {
            if !after.is_never() {
                let message = "the option {at} is no longer forbidden";
                let draft = Draft::new(&rules::OPTION_UNFORBIDDEN, message).at(name);
                out.say(draft.between(at_old, at_new));
            }
            return;
        }
        let deprecated = truth(&before, "deprecated");
        let refused = after.is_never();
        let mut claim = if refused {
            Claim::Refuses
        } else {
            self.ignored()
        };
        let fate = if refused {
            "configurations that set it are refused"
        } else {
            "configurations that set it are accepted, and the setting is silently ignored"
        };
        let (rule, message) = if let Some(successor) = successor {
            let message = format!("the option {{at}} is now called `{successor}`; {fate}");
            (&rules::OPTION_RENAMED, message)
        } else if y.patterned && !refused {
            claim = Claim::Plain(Verdict::Risk);
            let message =
                "the option {at} is gone, and what it sets is taken by a pattern of names now";
            (&rules::OPTION_REMOVED_REMAPPED, message.to_owned())
        } else if deprecated && self.policy.ignored_options == IgnoredOptions::Breaking {
            claim = Claim::Plain(Verdict::Risk);
            let message = format!("the option {{at}}, which was deprecated, is gone; {fate}");
            (&rules::OPTION_REMOVED_AFTER_DEPRECATION, message)
        } else if refused {
            let message = format!("the option {{at}} is gone; {fate}");
            (&rules::OPTION_REMOVED_REJECTED, message)
        } else if partly {
            let message = "the option {at} is only known in some cases now; in the others \
                           configurations that set it are accepted, and the setting is silently \
                           ignored";
            (&rules::OPTION_REMOVED_IGNORED, message.to_owned())
        } else {
            let message = format!("the option {{at}} is gone; {fate}");
            (&rules::OPTION_REMOVED_IGNORED, message)
        };
        let help = match successor {
            Some(successor) => format!("write `{successor}` instead of `{name}`"),
            None => format!(
                "keep `{name}` as a deprecated option, or take it out of every configuration first"
            ),
        };
        let mut draft = Draft::new(rule, message)
            .at(name)
            .claim(claim)
            .focus(Focus::Member(name.into()))
            .help(help)
            .between(at_old, at_new.filter(|_| refused));
        draft.narrows &= refused;
        out.say(draft);
        if !deprecated && siblings_deprecate(old) {
            let message = "the option {at} is gone without having been deprecated first";
            out.say(
                Draft::new(&rules::REMOVAL_WITHOUT_DEPRECATION, message)
                    .at(name)
                    .between(at_old, None),
            );
        }
        if !refused && !after.is_anything() {
            out.children.push(Child {
                via: Via::Member(name.into()),
                token: Some(name.into()),
                old: x.conj.clone(),
                new: y.conj,
                same_option: false,
            });
        }
    }

    fn ignored(&self) -> Claim {
        match self.policy.ignored_options {
            IgnoredOptions::Breaking => Claim::Ignores,
            IgnoredOptions::Risk => Claim::Plain(Verdict::Risk),
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn added(
        &self,
        name: &str,
        x: Member<'s>,
        y: Member<'s>,
        asks: bool,
        is_successor: bool,
        closed: bool,
        b: &Objects<'s>,
        out: &mut Outcome<'s>,
    ) {
        let (before, after) = (flatten(&x.conj), flatten(&y.conj));
        let (at_old, at_new) = (x.conj.first(), y.conj.first());
        let default = after.notes.get("default").cloned();
        let draft = |rule, message: &str| Draft::new(rule, message).at(name);
        if after.is_never() {
            if !before.is_never() {
                let claim = if x.conj.is_empty() && self.declared_only() {
                    Claim::Plain(Verdict::Risk)
                } else {
                    Claim::Refuses
                };
                out.say(
                    draft(&rules::OPTION_FORBIDDEN, "the option {at} is forbidden now")
                        .claim(claim)
                        .focus(Focus::Member(name.into()))
                        .between(at_old, at_new),
                );
            }
            return;
        }
        if asks {
            let at = b.required.get(name).or(at_new);
            let filled = self.policy.defaults == Defaults::FilledBeforeValidation;
            match &default {
                Some(default) => out.say_filled(
                    filled,
                    draft(
                        &rules::OPTION_ADDED_REQUIRED_WITH_DEFAULT,
                        "the new option {at} must be set, although it has a default",
                    )
                    .claim(if filled {
                        Claim::Plain(Verdict::Compatible)
                    } else {
                        Claim::Refuses
                    })
                    .narrowing()
                    .focus(Focus::Without(name.into()))
                    .help(format!(
                        "take it out of `required`; it has the default {}",
                        word(default.value)
                    ))
                    .between(None, at),
                ),
                None => out.say(
                    draft(
                        &rules::OPTION_ADDED_REQUIRED,
                        "the new option {at} must be set; configurations without it are refused",
                    )
                    .focus(Focus::Without(name.into()))
                    .help("give it a default and leave it out of `required`")
                    .between(None, at),
                ),
            }
        }
        // What no keyword speaks of was refused.
        let unknown = closed && x.conj.is_empty();
        if before.is_never() || unknown {
            if !asks && !is_successor {
                match default {
                    Some(default) => out.say(
                        draft(
                            &rules::OPTION_ADDED_WITH_DEFAULT,
                            "the option {at} is new, and holds by default",
                        )
                        .help(format!(
                            "see that {} is what everyone has today",
                            word(default.value)
                        ))
                        .between(None, at_new),
                    ),
                    None => out.say(
                        draft(&rules::OPTION_ADDED_OPTIONAL, "the option {at} is new")
                            .between(None, at_new),
                    ),
                }
            }
            return;
        }
        let declared_content = x.patterned || !before.is_anything();
        if declared_content {
            if !asks && !is_successor {
                out.say(
                    draft(&rules::OPTION_ADDED_OPTIONAL, "the option {at} is new")
                        .between(None, at_new),
                );
            }
            out.children.push(Child {
                via: Via::Member(name.into()),
                token: Some(name.into()),
                old: x.conj,
                new: y.conj,
                same_option: false,
            });
            return;
        }
        let open = draft(
            &rules::OPTION_ADDED_TO_OPEN,
            "the option {at} is new; until now any value under that name was accepted and ignored",
        )
        .between(None, at_new);
        if self.declared_only() {
            if !asks && !is_successor {
                out.say(open);
            }
        } else if after.is_anything() {
            if !asks {
                out.say(open);
            }
        } else {
            out.say(open.claim(Claim::Refuses).focus(Focus::Clash(name.into())));
        }
    }

    /// Finds the new name of an option that is gone.
    fn successor(
        &self,
        a: &Objects<'s>,
        b: &Objects<'s>,
        name: &str,
        fresh: &Fresh<'s>,
        pairs: usize,
    ) -> Option<&'s str> {
        if let Some(said) = fresh.called.get(name) {
            return Some(said);
        }
        let old = self.member(a, name).conj;
        let same = |new: &str| self.same_all(&old, &self.member(b, new).conj);
        if pairs > MOST_PAIRS {
            let alike = fresh.plain.get(&plain(name));
            return alike.copied().filter(|new| same(new));
        }
        let names = fresh.names.iter().copied();
        let near = names.filter(|new| alike(name, new) && same(new));
        near.min_by_key(|new| edit_distance(name, new))
    }

    /// Gathers the options that are new.
    fn fresh(
        &self,
        b: &Objects<'s>,
        names_a: &BTreeSet<&'s str>,
        names_b: &BTreeSet<&'s str>,
    ) -> Fresh<'s> {
        let mut fresh = Fresh::default();
        if names_a.is_subset(names_b) {
            return fresh;
        }
        for new in names_b.difference(names_a).copied() {
            fresh.names.push(new);
            fresh.plain.entry(plain(new)).or_insert(new);
            let flat = flatten(&self.member(b, new).conj);
            let Some(note) = flat.notes.get("x-renamed-from") else {
                continue;
            };
            let list = note.value.as_array().unwrap_or_default();
            for text in list.iter().chain(std::iter::once(note.value)) {
                let name = text
                    .as_str()
                    .and_then(|text| text.rsplit(['/', '.']).next());
                if let (Some(text), Some(name)) = (text.as_str(), name) {
                    fresh.called.entry(text).or_insert(new);
                    fresh.called.entry(name).or_insert(new);
                }
            }
        }
        fresh
    }
}

/// Says whether this map's options are deprecated before they go, as far as one can see.
fn siblings_deprecate(old: &Flat<'_>) -> bool {
    let parts = old.object.parts.iter();
    parts
        .flat_map(|part| part.properties.values())
        .any(|node| node.value.get("deprecated").and_then(Value::as_bool) == Some(true))
}
