use super::accepted::AcceptedBreak;
use super::checker::Checker;
use super::draft::{Claim, Draft};
use super::flat::Node;
use super::flatten::flatten;
use super::impact::Impact;
use super::judge::Judge;
use super::listing::Listing;
use super::migration::{Candidates, Migration};
use super::policy::{Formats, Policy};
use super::releases::Deprecations;
use super::rules::{self, CompatRule};
use super::verdict::{Bump, Verdict};
use super::walk::{Found, Walk, walk};
use super::witness::Witness;
use crate::config::schema::{Formats as Checked, Schema, Validator, deep};
use crate::document::Value;
use crate::inclusion::{Engine, Inclusion};
use crate::report::{Finding, Location, Severity};
use crate::text::Pointer;

/// What a comparison depends on beside the two schemas.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The policies in force.
    pub policy: Policy,
}

/// What comparing two schemas gave.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// The worst verdict of all changes.
    pub verdict: Verdict,
    /// The largest bump that a change asks for.
    pub bump: Bump,
    /// The changes, the worst first, then by place.
    pub changes: Vec<Change>,
    /// The same as findings.
    pub findings: Vec<Finding>,
    /// What that means for the configurations of a repository, where these were looked at.
    pub impact: Option<Impact>,
}

/// One change between two schemas.
#[derive(Clone, Debug)]
pub struct Change {
    /// The rule that names it.
    pub rule: &'static CompatRule,
    /// What it means here.
    pub verdict: Verdict,
    /// The version bump that it asks for.
    pub bump: Bump,
    /// The place in a configuration; `*` stands for every item or name.
    pub pointer: Pointer,
    /// Further places at which the same definition is used.
    pub also_at: Vec<Pointer>,
    /// What the old schema says there, where that is short.
    pub old: Option<Value>,
    /// What the new schema says there, where that is short.
    pub new: Option<Value>,
    /// What happened, in a phrase.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The line in the old schema.
    pub old_location: Option<Location>,
    /// The line in the new schema.
    pub new_location: Option<Location>,
    /// The document that shows it.
    pub witness: Option<Witness>,
    /// What may be done about it, where something can be said.
    pub migration: Option<Migration>,
    /// Whether it refuses something that policy takes for granted that nobody has.
    pub assumed: bool,
    /// Who agreed to it, and until when.
    pub accepted: Option<AcceptedBreak>,
}

/// How many changes are shown by documents; what is beyond stays unknown.
const SHOWN: usize = 2_000;

/// Compares two schemas: what changed, and what that means for configurations.
#[must_use]
pub fn compare(old: &Schema, new: &Schema, options: &Options) -> Comparison {
    compare_since(
        old,
        new,
        || Validator::compile_to_judge(new, Checked::Annotate).ok(),
        &options.policy,
        None,
    )
}

/// Compares two schemas, where it is known how long options have been deprecated. `compiled`
/// gives the new schema for validation, none where it is invalid itself.
pub(super) fn compare_since(
    old: &Schema,
    new: &Schema,
    compiled: impl FnOnce() -> Option<Validator> + Send,
    policy: &Policy,
    deprecations: Option<&Deprecations>,
) -> Comparison {
    if same_files(old, new) {
        return Comparison::default();
    }
    // As deep as schemas are nested.
    deep(|| compare_here(old, new, compiled, policy, deprecations))
}

fn compare_here(
    old: &Schema,
    new: &Schema,
    compiled: impl FnOnce() -> Option<Validator> + Send,
    policy: &Policy,
    deprecations: Option<&Deprecations>,
) -> Comparison {
    let (before, after) = (old.root(), new.root());
    let engine = Engine::new(&[old, new], policy.formats == Formats::Assert);
    let judge = Judge::new(policy.clone(), engine);
    let mut walked = walk(&judge, &before, &after);
    let mut candidates = Candidates::default();
    for (place, conj) in &walked.fresh {
        candidates.add(place.clone(), conj);
    }
    moved(&judge, &mut walked, &candidates);
    dialect(&before, &after, &mut walked);
    let whole = judge.included(&vec![before.clone()], &vec![after.clone()]);
    let needs = whole != Inclusion::Proved
        || walked
            .found
            .iter()
            .any(|found| found.draft.claim == Claim::Ignores)
        || deprecations.is_some();
    let checker = needs.then(|| Checker::new(old, new, compiled(), policy.formats));
    let listing = Listing {
        judge: &judge,
        walk: &walked,
        checker: checker.as_ref(),
        whole: &whole,
        deprecations,
        candidates: &candidates,
    };
    let mut changes: Vec<Change> = Vec::new();
    for (index, found) in walked.found.iter().enumerate() {
        changes.extend(listing.settle(found, index < SHOWN));
    }
    changes.extend(listing.unnamed(&changes, &before, &after));
    sort(&mut changes);
    changes.dedup_by(|a, b| {
        a.rule.id() == b.rule.id() && a.pointer == b.pointer && a.message == b.message
    });
    let mut comparison = Comparison {
        changes,
        ..Comparison::default()
    };
    comparison.settle();
    let root = Location::file(&after.location().source);
    let findings = comparison
        .changes
        .iter()
        .map(|change| change.finding(&root));
    comparison.findings = findings.collect();
    comparison
}

/// Says whether both sides are made of the same files, so that nothing at all can differ.
fn same_files(old: &Schema, new: &Schema) -> bool {
    let files = |schema| Schema::files(schema).map(|(_, document)| &document.root);
    old.files().count() == new.files().count() && files(old).zip(files(new)).all(|(a, b)| a == b)
}

/// Turns an option that went here and came there into one that moved.
fn moved<'s>(judge: &Judge<'s>, walk: &mut Walk<'s>, candidates: &Candidates<'s>) {
    let removed = ["option-removed-rejected", "option-removed-ignored"];
    let found = walk.found.iter().enumerate();
    let gone: Vec<(usize, _)> = found
        .filter(|(_, found)| removed.contains(&found.draft.rule.id()))
        .filter_map(|(at, found)| Some((at, found.draft.token.clone()?)))
        .collect();
    for (at, name) in gone {
        let pair = &walk.pairs[walk.found[at].pair];
        let place = pair.pointer.join(name.clone());
        let old = judge.member(&flatten(&pair.old).object, &name).conj;
        // What says little is alike by chance.
        let says = |node: &Node<'s>| {
            node.value.get("$ref").is_some() || node.value.as_object().is_some_and(|m| m.len() > 1)
        };
        let plain = !old.iter().any(says);
        let target = candidates.new.iter().find(|new| {
            new.place.last() == Some(&name)
                && new.place != place
                && (!plain || name.len() > 4)
                && judge.same_all(&old, &new.conj)
        });
        let Some(target) = target else { continue };
        let pointer = target.place.clone();
        let draft = &mut walk.found[at].draft;
        let fate = if draft.claim == Claim::Refuses {
            "configurations that set it here are refused"
        } else {
            "what is set here is silently ignored"
        };
        draft.rule = &rules::OPTION_MOVED;
        draft.message = format!(
            "the option {{at}} stands at `{}` now; {fate}",
            pointer.dotted()
        );
        draft.help = Some(format!("move it to `{}`", pointer.dotted()));
    }
}

fn dialect<'s>(old: &Node<'s>, new: &Node<'s>, walk: &mut Walk<'s>) {
    let (before, after) = (old.dialect(), new.dialect());
    if before != after {
        let message = format!(
            "the schema of {{at}} is written in {} now, and was in {}",
            after.name(),
            before.name()
        );
        let draft = Draft::new(&rules::DIALECT_CHANGED, message).between(
            Some(&old.get("$schema").unwrap_or_else(|| old.clone())),
            Some(&new.get("$schema").unwrap_or_else(|| new.clone())),
        );
        walk.found.push(Found { pair: 0, draft });
    }
}

/// Puts the worst first, then by place.
fn sort(changes: &mut [Change]) {
    changes.sort_by(|a, b| {
        let key = |change: &Change| (std::cmp::Reverse(change.verdict), change.pointer.clone());
        key(a)
            .cmp(&key(b))
            .then_with(|| a.rule.id().cmp(b.rule.id()))
            .then_with(|| a.message.cmp(&b.message))
    });
}

impl Comparison {
    /// Sorts the changes, and says what they come to.
    pub(super) fn settle(&mut self) {
        sort(&mut self.changes);
        let changes = &self.changes;
        let verdict = changes.iter().map(|change| change.verdict).max();
        let bump = changes.iter().map(|change| change.bump).max();
        self.verdict = verdict.unwrap_or_default();
        self.bump = bump.unwrap_or_default();
    }
}

impl Change {
    /// Gives the file that it stands in: now, or where it was.
    pub(super) fn file(&self) -> Option<Location> {
        let at = self.new_location.as_ref().or(self.old_location.as_ref())?;
        Some(Location::file(&at.source))
    }

    /// Says how loud it is, whoever agreed to it.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self.verdict {
            Verdict::Breaking | Verdict::Unknown => Severity::Error,
            Verdict::Risk => self.rule.rule.severity.max(Severity::Warning).min(
                if self.rule.verdict == Verdict::Risk {
                    Severity::Error
                } else {
                    Severity::Warning
                },
            ),
            Verdict::Compatible => Severity::Info,
        }
    }

    /// Gives the change as a finding: at its line in the new schema where there is one.
    #[must_use]
    pub fn finding(&self, root: &Location) -> Finding {
        let (at, other, word) = match (&self.new_location, &self.old_location) {
            (Some(new), Some(old)) => (new.clone(), Some(old), "it was here"),
            (Some(new), None) => (new.clone(), None, ""),
            (None, Some(old)) => (old.clone(), None, ""),
            (None, None) => (root.clone(), None, ""),
        };
        let at = at.with_pointer(self.pointer.clone());
        let (severity, message) = match &self.accepted {
            None => (self.severity(), self.message.clone()),
            Some(accepted) => {
                let until = format!("; accepted until {}", accepted.expires);
                (Severity::Info, self.message.clone() + &until)
            }
        };
        let mut finding = Finding::new(&self.rule.rule, message, at).with_severity(severity);
        if let Some(other) = other {
            finding = finding.with_related(other.clone().with_label(word));
        }
        finding.help.clone_from(&self.help);
        finding
    }
}
