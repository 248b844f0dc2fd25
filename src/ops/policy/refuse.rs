//! Words for what is refused, and its place.

use std::collections::BTreeSet;

use super::authority::Told;
use super::check::{Part, Run};
use super::file::POLICY;
use super::model::{Decision, Policy, Verb};
use super::rules::{AUTHORITY_FAILED, PERMISSION_DENIED, PERMISSION_MISSING};
use super::touch::{Keys, Touch};
use super::who::{GROUP, Who};
use crate::error::Result;
use crate::git::Commit;
use crate::ops::trust::told;
use crate::report::{Finding, Location};
use crate::text::Span;

impl Run<'_> {
    /// Says that whoever made a commit may not.
    pub(super) fn refusal(
        &mut self,
        policy: &Policy,
        part: &Part<'_>,
        (verb, decision): (Verb, Decision),
        touches: &[&Touch],
    ) -> Result<Finding> {
        let who = match (part.names.is_empty(), part.verdict.reason.as_deref()) {
            (false, _) => part.names.join(", "),
            (true, None) => "nobody (the commit is not signed)".to_owned(),
            (true, Some(reason)) => format!("nobody (the signature does not count: {reason})"),
        };
        let what = said(touches);
        let first = touches.first().copied();
        let of = within(touches);
        let odd = touches
            .iter()
            .find_map(|it| part.effect.odd.get(it.file.as_ref()?));
        let odd = odd.filter(|_| verb == Verb::PolicyAdmin);
        let odd = odd.map_or_else(String::new, |why| format!(" ({why})"));
        let name = verb.name();
        let location = self.place(part.commit, first)?;
        let mut finding = match decision {
            Decision::Denied(at) => {
                let message = format!("{who} may not change {what}{of}{odd}: `{name}` is denied");
                let binding = policy.bindings.get(at);
                let finding = Finding::new(&PERMISSION_DENIED, message, location);
                match binding {
                    Some(it) => {
                        finding.with_related(it.location.clone().with_label("this denies it"))
                    }
                    None => finding,
                }
            }
            Decision::Refused => {
                let message = format!(
                    "{who} may not change {what}{of}{odd}: the authority outside refuses it"
                );
                Finding::new(&PERMISSION_DENIED, message, location)
            }
            _ => {
                let message = format!(
                    "{who} may not change {what}{of}{odd}: nothing gives them `{name}` there"
                );
                let mut finding = Finding::new(&PERMISSION_MISSING, message, location);
                let rule = policy.protections.iter();
                let mut rule = rule.filter(|it| touches.iter().any(|one| it.scope.meets(one)));
                finding = match rule.next() {
                    Some(it) => {
                        finding.with_related(it.location.clone().with_label("this protects it"))
                    }
                    None => finding.with_related(
                        Location::file(&policy.source).with_label("all is protected here"),
                    ),
                };
                finding
            }
        };
        if verb == Verb::Land {
            finding.message = finding.message.replace("may not change", "may not merge");
        }
        let mut help = could(policy, touches);
        if part.names.is_empty() && part.verdict.reason.is_none() {
            help.push_str("; to sign what you commit: `git config commit.gpgSign true`");
        }
        Ok(finding.with_help(help))
    }

    /// Finds the place of what is changed: in the file, or else the commit.
    pub(super) fn place(&self, commit: &Commit, touch: Option<&Touch>) -> Result<Location> {
        let Some(file) = touch
            .and_then(|it| it.file.as_deref())
            .filter(|it| !it.is_empty())
        else {
            return Ok(told(commit));
        };
        let tree = self.walk.tree(Some(commit));
        let Some(file) = tree.file(file.into())? else {
            return Ok(told(commit));
        };
        let Some(Keys::One(pointer)) = touch.map(|it| &it.keys) else {
            return Ok(Location::file(&file.source));
        };
        let document = file.documents().first();
        let span = document.map(|it| it.root.place(pointer));
        let span = span.unwrap_or(Span::at(0));
        Ok(Location::new(&file.source, span).with_pointer(pointer.clone()))
    }
}

/// Says what is known from outside the repository of why something is refused.
pub(super) fn with_outside(
    mut finding: Finding,
    policy: &Policy,
    known: &Told,
    why: Option<&String>,
) -> Finding {
    if let Some(why) = why {
        finding.message.push_str(&format!(" ({why})"));
    }
    let mut bindings = policy.bindings.iter();
    let names_groups = bindings.any(|it| it.who.iter().any(|name| name.starts_with(GROUP)));
    if known.groups.is_none() && names_groups {
        let help = finding.help.take().unwrap_or_default();
        let why = match known.has_failed {
            true => "the authority did not answer",
            false => "nobody was asked: `git config strata.authority COMMAND` names who knows",
        };
        finding = finding.with_help(format!(
            "{help}; who is in which group is not known ({why})"
        ));
    }
    finding
}

/// Says that there was no answer from outside.
pub(super) fn unanswered(why: &str, tip: &Commit) -> Finding {
    let message = format!("the authority that is configured did not answer: {why}");
    Finding::new(&AUTHORITY_FAILED, message, told(tip)).with_help(
        "nothing that is protected is allowed without it; try it by hand: `git config --get \
         strata.authority` names the command",
    )
}

/// Says in which environments something is changed, where it is not in all.
pub(super) fn within(touches: &[&Touch]) -> String {
    let names: Option<BTreeSet<&str>> =
        touches.iter().map(|it| it.environment.as_deref()).collect();
    match names {
        Some(names) if !names.is_empty() => {
            let names: Vec<&str> = names.into_iter().collect();
            format!(" in {}", names.join(", "))
        }
        _ => String::new(),
    }
}

/// Says what is changed, the first few of it.
pub(super) fn said(touches: &[&Touch]) -> String {
    const SHOWN: usize = 3;
    let mut all: Vec<String> = touches.iter().map(|it| it.what()).collect();
    all.retain(|it| !it.is_empty());
    all.sort();
    all.dedup();
    let count = all.len();
    if count == 0 {
        return "what it brings".to_owned();
    }
    let shown = all.iter().take(SHOWN).map(|it| format!("`{it}`"));
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if count > SHOWN {
        text.push_str(&format!(" and {} more", count - SHOWN));
    }
    text
}

/// Says who could do it.
fn could(policy: &Policy, touches: &[&Touch]) -> String {
    if !policy.is_sound() {
        return format!("nobody can until `{POLICY}` is mended: see what is wrong with it");
    }
    let names: Vec<&String> = policy.bindings.iter().flat_map(|it| &it.who).collect();
    let mut all: Vec<&str> = names.into_iter().map(String::as_str).collect();
    all.sort_unstable();
    all.dedup();
    all.retain(|name| {
        touches
            .iter()
            .all(|it| policy.decide(Who::meant(&[name]), it).is_allowed())
    });
    match all.is_empty() {
        true => "nobody could: whoever has `policy.admin` can give the right".to_owned(),
        false => format!("who could: {}", all.join(", ")),
    }
}
