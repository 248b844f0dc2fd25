//! Members of a map that no declared name speaks of: by patterns of names, and all others.

use smol_str::SmolStr;

use super::draft::{Child, Claim, Draft, Focus, Outcome, Via};
use super::flat::{Conj, Objects};
use super::flatten::flatten;
use super::judge::Judge;
use super::objects::names_of;
use super::rules;
use super::verdict::Verdict;

impl<'s> Judge<'s> {
    /// Compares members whose names hold patterns, class by class.
    pub(super) fn pattern_classes(&self, a: &Objects<'s>, b: &Objects<'s>, out: &mut Outcome<'s>) {
        let (had, has) = (a.patterns(), b.patterns());
        let all: Vec<&str> = had.union(&has).copied().collect();
        if had != has || names_of(a) != names_of(b) {
            let unread = all.iter().find(|p| self.patterns.matches(p, "").is_none());
            if let Some(pattern) = unread {
                let message =
                    format!("the pattern `{pattern}` of names in {{at}} cannot be analysed");
                out.say(Draft::new(&rules::UNMODELLED_KEYWORD_CHANGED, message));
            }
        }
        for pattern in all.iter().copied() {
            let (x, y) = (a.patterned(&[pattern]), b.patterned(&[pattern]));
            let via = self
                .class_name(&[pattern])
                .unwrap_or_else(|| pattern.into());
            self.class(
                pattern,
                had.contains(pattern),
                has.contains(pattern),
                x,
                y,
                via,
                out,
            );
        }
        if had == has {
            return;
        }
        for (index, p) in all.iter().copied().enumerate() {
            for q in all.iter().copied().skip(index + 1) {
                let whole = |name| had.contains(name) && has.contains(name);
                if whole(p) && whole(q) {
                    continue;
                }
                let (x, y) = (a.patterned(&[p, q]), b.patterned(&[p, q]));
                let Some(via) = self.class_name(&[p, q]) else {
                    continue;
                };
                out.children.push(Child {
                    via: Via::Member(via),
                    token: Some("*".into()),
                    old: x,
                    new: y,
                    same_option: false,
                });
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn class(
        &self,
        pattern: &str,
        had: bool,
        has: bool,
        x: Conj<'s>,
        y: Conj<'s>,
        name: SmolStr,
        out: &mut Outcome<'s>,
    ) {
        let (before, after) = (flatten(&x), flatten(&y));
        let (at_old, at_new) = (x.first(), y.first());
        let child = |out: &mut Outcome<'s>, same_option| {
            out.children.push(Child {
                via: Via::Member(name.clone()),
                token: Some("*".into()),
                old: x.clone(),
                new: y.clone(),
                same_option,
            });
        };
        match (had, has) {
            (true, true) if before.is_never() => {}
            (true, true) if after.is_never() => {
                let message = format!("names in {{at}} like `{pattern}` are forbidden now");
                out.say(
                    Draft::new(&rules::PATTERN_PROPERTY_REMOVED, message)
                        .focus(Focus::Member(name))
                        .between(at_old, at_new),
                );
            }
            (true, true) => child(out, true),
            (true, false) if !before.is_never() => {
                let message = if self.patterns.is_universal(pattern) {
                    "further names in {at} have no schema of their own any more".to_owned()
                } else {
                    format!("names in {{at}} like `{pattern}` have no meaning any more")
                };
                let claim = if after.is_never() {
                    Claim::Refuses
                } else {
                    Claim::Plain(Verdict::Risk)
                };
                out.say(
                    Draft::new(&rules::PATTERN_PROPERTY_REMOVED, message)
                        .claim(claim)
                        .focus(Focus::Member(name.clone()))
                        .between(at_old, at_new),
                );
                if !after.is_never() && !after.is_anything() {
                    child(out, false);
                }
            }
            (false, true) if !after.is_anything() || before.is_never() => {
                let open = x.is_empty() || before.is_anything();
                let message = format!("names in {{at}} like `{pattern}` have a schema now");
                let draft = Draft::new(&rules::PATTERN_PROPERTY_ADDED, message)
                    .focus(Focus::Clash(name.clone()))
                    .between(at_old, at_new);
                if before.is_never() {
                    out.say(draft.claim(Claim::Plain(Verdict::Compatible)));
                } else if open && self.declared_only() {
                    out.say(draft.claim(Claim::Plain(Verdict::Risk)));
                } else if open || after.is_never() {
                    out.say(draft);
                } else {
                    out.say(draft.claim(Claim::Plain(Verdict::Compatible)));
                    child(out, false);
                }
            }
            _ => {}
        }
    }

    /// Makes a name that holds patterns.
    fn class_name(&self, patterns: &[&str]) -> Option<SmolStr> {
        let wanted: Vec<(&str, bool)> = patterns.iter().map(|pattern| (*pattern, true)).collect();
        Some(self.text(&wanted, &[])?.into())
    }

    /// Makes a name that neither side speaks of.
    pub(super) fn other_name(&self, maps: &[&Objects<'s>]) -> Option<SmolStr> {
        let declared: Vec<&str> = maps.iter().flat_map(|map| map.declared()).collect();
        let patterns: Vec<(&str, bool)> = (maps.iter())
            .flat_map(|map| map.patterns())
            .map(|pattern| (pattern, false))
            .collect();
        let matches = |name: &str| {
            let known = |pattern: &str| self.patterns.matches(pattern, name) != Some(false);
            declared.contains(&name) || patterns.iter().any(|(pattern, _)| known(pattern))
        };
        // One that is good to read, where it will do.
        let other = (!matches("other")).then(|| "other".to_owned());
        Some(other.or_else(|| self.text(&patterns, &declared))?.into())
    }

    /// Compares members that neither a name nor a pattern speaks of.
    pub(super) fn others(&self, a: &Objects<'s>, b: &Objects<'s>, out: &mut Outcome<'s>) {
        let all = |map: &Objects<'s>| map.patterns().iter().any(|p| self.patterns.is_universal(p));
        if all(a) || all(b) {
            return;
        }
        let (x, y) = (a.others(), b.others());
        let (before, after) = (flatten(&x), flatten(&y));
        let (at_old, at_new) = (x.first(), y.first());
        let name = self.other_name(&[a, b]).unwrap_or_else(|| "other".into());
        let policy = |open: bool| {
            if open && self.declared_only() {
                Claim::Plain(Verdict::Risk)
            } else {
                Claim::Refuses
            }
        };
        match (before.is_never(), after.is_never()) {
            (true, true) => {}
            (true, false) => out.say(
                Draft::new(
                    &rules::OBJECT_OPENED,
                    "{at} takes names that it does not know; a mistyped name passes unseen now",
                )
                .between(at_old, at_new),
            ),
            (false, true) => {
                let open = before.is_anything();
                let (rule, message) = if open {
                    (
                        &rules::OBJECT_CLOSED,
                        "{at} refuses names that it does not know; they were ignored before",
                    )
                } else {
                    (
                        &rules::ADDITIONAL_VALUES_NARROWED,
                        "{at} refuses names that it does not list; their values had a schema before",
                    )
                };
                out.say(
                    Draft::new(rule, message)
                        .claim(policy(open))
                        .focus(Focus::Member(name))
                        .between(at_old, at_new),
                );
            }
            (false, false) => match (before.is_anything(), after.is_anything()) {
                (true, true) => {}
                (true, false) => out.say(
                    Draft::new(
                        &rules::ADDITIONAL_VALUES_NARROWED,
                        "what stands under further names in {at} was free, and has a schema now",
                    )
                    .claim(policy(true))
                    .focus(Focus::Clash(name))
                    .between(at_old, at_new),
                ),
                (false, true) => out.say(
                    Draft::new(
                        &rules::ADDITIONAL_VALUES_WIDENED,
                        "anything may stand under further names in {at} now",
                    )
                    .between(at_old, at_new),
                ),
                (false, false) => out.children.push(Child {
                    via: Via::Member(name),
                    token: Some("*".into()),
                    old: x,
                    new: y,
                    same_option: true,
                }),
            },
        }
    }
}
