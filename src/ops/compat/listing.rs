//! Turns what the walk found into changes, each shown by a document where it breaks.

use smol_str::SmolStr;

use super::checker::Checker;
use super::compare::Change;
use super::draft::{Claim, Draft};
use super::flat::Node;
use super::judge::Judge;
use super::migration::{self, Candidates};
use super::releases::Deprecations;
use super::rules::{self, CompatRule};
use super::verdict::{Bump, Verdict};
use super::walk::{Found, Walk};
use super::witness::{self, Shown, Witness, WitnessKind};
use crate::document::{Kind, Value};
use crate::inclusion::{Answer, Claim as Asked, Inclusion};
use crate::text::Pointer;

/// Turns what the walk found into changes.
pub(super) struct Listing<'a, 's> {
    pub(super) judge: &'a Judge<'s>,
    pub(super) walk: &'a Walk<'s>,
    pub(super) checker: Option<&'a Checker>,
    pub(super) whole: &'a Inclusion,
    pub(super) deprecations: Option<&'a Deprecations>,
    pub(super) candidates: &'a Candidates<'s>,
}

impl<'s> Listing<'_, 's> {
    /// Names what is lost, or may be, where no change that was found does.
    pub(super) fn unnamed(
        &self,
        changes: &[Change],
        old: &Node<'s>,
        new: &Node<'s>,
    ) -> Option<Change> {
        let named = |change: &Change| {
            change.verdict == Verdict::Unknown
                || (change.verdict == Verdict::Breaking
                    && change
                        .witness
                        .as_ref()
                        .is_none_or(|w| w.kind == WitnessKind::Rejected))
        };
        if *self.whole == Inclusion::Proved || changes.iter().any(named) {
            return None;
        }
        let whole = self.beside_policy(old, new);
        let shown = match whole.as_ref().unwrap_or(self.whole) {
            Inclusion::Proved => return None,
            Inclusion::Refuted(value) if self.checker.is_some_and(|c| c.refuses(value)) => {
                Ok(value.clone())
            }
            Inclusion::Unknown(why) => Err(why.clone()),
            _ => Err("the validator disagrees".to_owned()),
        };
        let draft = |message: String| {
            Draft::new(&rules::UNMODELLED_KEYWORD_CHANGED, message).between(Some(old), Some(new))
        };
        let (draft, verdict, witness) = match shown {
            Ok(document) => {
                let message = "some of what {at} could be is refused now".to_owned();
                let witness = Witness {
                    kind: WitnessKind::Rejected,
                    document,
                    pointer: Pointer::root(),
                };
                (draft(message), Verdict::Breaking, Some(witness))
            }
            Err(why) => (draft(unshown(&why)), Verdict::Unknown, None),
        };
        Some(self.change(&draft, 0, draft.rule, verdict, witness))
    }

    /// Decides once more, apart from all that policy makes milder; `None` where it makes nothing
    /// milder.
    fn beside_policy(&self, old: &Node<'s>, new: &Node<'s>) -> Option<Inclusion> {
        let mild = |found: &&Found<'s>| {
            let plain = matches!(found.draft.claim, Claim::Plain(_));
            let place = || self.place(found.pair, &found.draft);
            found.draft.may_lose() && (plain || self.judge.policy.is_unstable(&place()))
        };
        let mut claims: Vec<Asked<'s>> = (self.walk.found.iter().filter(mild))
            .map(|found| witness::beside(self.walk, found.pair, &found.draft))
            .collect();
        if claims.is_empty() {
            return None;
        }
        claims.push(Asked::Holds(old.clone()));
        claims.push(Asked::Fails(vec![new.clone()]));
        Some(match self.judge.find(&claims) {
            Answer::Value(value) => Inclusion::Refuted(value),
            Answer::Impossible => Inclusion::Proved,
            Answer::Unknown(_, why) => Inclusion::Unknown(why),
        })
    }

    /// Gives the place that a change is about.
    fn place(&self, pair: usize, draft: &Draft<'s>) -> Pointer {
        let base = || self.walk.pairs[pair].pointer.clone();
        let mut place = draft.at.clone().unwrap_or_else(base);
        place.extend(draft.token.as_ref());
        place
    }

    pub(super) fn settle(&self, found: &Found<'s>, shown: bool) -> Option<Change> {
        let Found { pair, draft } = found;
        let early = self.too_early(*pair, draft);
        let draft = early.as_ref().unwrap_or(draft);
        let mut rule = draft.rule;
        let (verdict, witness, why) = match draft.claim {
            Claim::Plain(verdict) => (verdict, None, None),
            // All of old is admitted by new.
            Claim::Refuses if *self.whole == Inclusion::Proved => return None,
            Claim::Refuses | Claim::Ignores => {
                let checker = self.checker.filter(|checker| shown && checker.can_check());
                let shown = checker.map_or_else(
                    || Shown::Unknown("nothing can be shown".to_owned()),
                    |checker| witness::find(self.judge, self.walk, *pair, draft, checker),
                );
                match shown {
                    Shown::By(witness) => (Verdict::Breaking, Some(witness), None),
                    Shown::Never => return None,
                    Shown::Unknown(why) => (Verdict::Unknown, None, Some(why)),
                }
            }
        };
        let refused = (witness.as_ref()).is_some_and(|w| w.kind == WitnessKind::Rejected);
        if rule == &rules::OPTION_REMOVED_IGNORED && refused {
            rule = &rules::OPTION_REMOVED_REJECTED;
        }
        let mut change = self.change(draft, *pair, rule, verdict, witness);
        if let Some(why) = why {
            change.message = format!("{}; {}", change.message, unshown(&why));
        }
        Some(change)
    }

    /// Gives the removal of a deprecated option as what it is where it was not deprecated for
    /// long enough.
    fn too_early(&self, pair: usize, draft: &Draft<'s>) -> Option<Draft<'s>> {
        if draft.rule != &rules::OPTION_REMOVED_AFTER_DEPRECATION {
            return None;
        }
        let short = self.deprecations?.too_short(&self.place(pair, draft))?;
        Some(Draft {
            rule: &rules::OPTION_REMOVED_IGNORED,
            claim: Claim::Ignores,
            message: format!("{}; it was deprecated, but {short}", draft.message),
            help: Some("keep it until it has been deprecated for that long".to_owned()),
            ..draft.clone()
        })
    }

    fn change(
        &self,
        draft: &Draft<'s>,
        pair: usize,
        rule: &'static CompatRule,
        verdict: Verdict,
        witness: Option<Witness>,
    ) -> Change {
        let bump = match (draft.claim, verdict) {
            (_, Verdict::Breaking | Verdict::Unknown) => Bump::Major,
            (Claim::Plain(Verdict::Risk), _)
                if rule.bump == Bump::Major && rule.verdict == Verdict::Breaking =>
            {
                Bump::Minor
            }
            (Claim::Plain(Verdict::Compatible), _) if rule.verdict == Verdict::Breaking => {
                Bump::Minor
            }
            _ => rule.bump,
        };
        let pointer = self.place(pair, draft);
        let mut also_at = if draft.at.is_some() {
            Vec::new()
        } else {
            self.walk.also_at(pair)
        };
        for further in &mut also_at {
            further.extend(draft.token.as_ref());
        }
        let place = if pointer.is_root() {
            "the configuration".to_owned()
        } else {
            format!("`{}`", pointer.dotted())
        };
        let migration = (verdict >= Verdict::Risk)
            .then(|| {
                migration::find(
                    self.judge,
                    self.walk,
                    self.candidates,
                    pair,
                    draft,
                    &pointer,
                )
            })
            .flatten();
        // What carries no promise may go.
        let unstable = verdict > Verdict::Risk && self.judge.policy.is_unstable(&pointer);
        let mut message = draft.message.replace("{at}", &place);
        if unstable {
            message.push_str("; it is unstable by policy");
        }
        Change {
            rule,
            verdict: if unstable { Verdict::Risk } else { verdict },
            bump: if unstable { Bump::Minor } else { bump },
            pointer,
            also_at,
            old: draft.old.as_ref().and_then(|node| short(node.value)),
            new: draft.new.as_ref().and_then(|node| short(node.value)),
            message,
            help: match &migration {
                Some(it) if it.factor.is_some() || it.negated => Some(it.words()),
                _ => draft.help.clone(),
            },
            old_location: draft.old.as_ref().map(Node::location),
            // What is gone is shown where it would stand.
            new_location: match &draft.new {
                Some(node) => Some(node.location()),
                None if draft.old.is_some() => {
                    (self.walk.pairs[pair].new.first()).map(Node::location)
                }
                None => None,
            },
            witness,
            migration,
            assumed: draft.narrows && matches!(draft.claim, Claim::Plain(_)),
            accepted: None,
        }
    }
}

/// Says that something could not be shown.
fn unshown(why: &str) -> String {
    format!("whether a valid configuration is lost could not be shown: {why}")
}

trait Extend {
    fn extend(&mut self, token: Option<&SmolStr>);
}

impl Extend for Pointer {
    fn extend(&mut self, token: Option<&SmolStr>) {
        if let Some(token) = token {
            self.push(token.clone());
        }
    }
}

/// How long a list is shown with each change of it.
const LONGEST: usize = 200;

/// Keeps a value that is worth showing as it is: no schema, and no list that is too long.
fn short(value: &Value) -> Option<Value> {
    match &value.kind {
        Kind::Object(_) => None,
        Kind::Array(items) if items.len() > LONGEST => None,
        Kind::Array(items) if items.iter().any(|item| item.as_object().is_some()) => None,
        _ => Some(value.clone()),
    }
}
