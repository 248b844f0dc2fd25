use smol_str::SmolStr;

use super::draft::{Claim, Draft};
use super::flat::Node;
use super::flatten::flatten;
use super::judge::Judge;
use super::policy::Policy;
use super::rules::{self, CompatRule};
use super::same::Sameness;
use super::sample::{Sampler, detached};
use super::verdict::{Bump, Verdict};
use super::walk::{Found, Walk, walk};
use super::witness::{self, Checker, Witness};
use crate::config::schema::Schema;
use crate::document::{Kind, Value};
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
}

/// What is said of a change that no document shows.
const UNSHOWN: &str = "; whether a valid configuration is lost could not be shown";

/// How many changes are shown by documents; what is beyond stays unknown.
const SHOWN: usize = 2_000;

/// Compares two schemas: what changed, and what that means for configurations.
#[must_use]
pub fn compare(old: &Schema, new: &Schema, options: &Options) -> Comparison {
    let (before, after) = (old.root(), new.root());
    let judge = Judge::new(options.policy.clone(), Sameness::new(same_files(old, new)));
    let mut walked = walk(&judge, &before, &after);
    moved(&judge, &mut walked);
    dialect(&before, &after, &mut walked);
    let needs = walked
        .found
        .iter()
        .any(|found| !matches!(found.draft.claim, Claim::Plain(_)));
    let checker = needs.then(|| Checker::new(old, new, options.policy.formats));
    let listing = Listing {
        judge: &judge,
        walk: &walked,
        checker: checker.as_ref(),
        finite: needs && listed_all(&judge, &before, checker.as_ref()),
    };
    let mut changes: Vec<Change> = Vec::new();
    for (index, found) in walked.found.iter().enumerate() {
        changes.extend(listing.settle(found, index < SHOWN));
    }
    listing.show_whole(&before, &after, &mut changes);
    changes.sort_by(|a, b| {
        let key = |change: &Change| (std::cmp::Reverse(change.verdict), change.pointer.clone());
        key(a)
            .cmp(&key(b))
            .then_with(|| a.rule.id().cmp(b.rule.id()))
            .then_with(|| a.message.cmp(&b.message))
    });
    changes.dedup_by(|a, b| {
        a.rule.id() == b.rule.id() && a.pointer == b.pointer && a.message == b.message
    });
    let verdict = changes
        .iter()
        .map(|change| change.verdict)
        .max()
        .unwrap_or_default();
    let bump = changes
        .iter()
        .map(|change| change.bump)
        .max()
        .unwrap_or_default();
    let root = Location::file(&location(&after).source);
    let findings = changes.iter().map(|change| change.finding(&root)).collect();
    Comparison {
        verdict,
        bump,
        changes,
        findings,
    }
}

fn location(node: &Node<'_>) -> Location {
    node.location()
}

/// Says whether both sides are made of the same files, so that nothing at all can differ.
fn same_files(old: &Schema, new: &Schema) -> bool {
    let files = |schema: &Schema| -> Vec<Value> {
        schema
            .files()
            .map(|(_, document)| document.root.clone())
            .collect()
    };
    files(old) == files(new)
}

/// Says whether all that old admits can be listed, and new admits each of them.
fn listed_all<'s>(judge: &Judge<'s>, root: &Node<'s>, checker: Option<&Checker>) -> bool {
    let flat = flatten(std::slice::from_ref(root));
    let Some(checker) = checker.filter(|checker| checker.can_check() && flat.is_finite()) else {
        return false;
    };
    let mut values: Vec<Value> = flat.listed.iter().map(|value| detached(value)).collect();
    values.extend(Sampler::new(judge).singles(&flat));
    values.iter().all(|value| !checker.refuses(value))
}

/// Turns an option that went here and came there into one that moved.
fn moved<'s>(judge: &Judge<'s>, walk: &mut Walk<'s>) {
    let removed = ["option-removed-rejected", "option-removed-ignored"];
    let gone: Vec<usize> = (0..walk.found.len())
        .filter(|at| removed.contains(&walk.found[*at].draft.rule.id()))
        .collect();
    for at in gone {
        let Some(name) = walk.found[at].draft.token.clone() else {
            continue;
        };
        let Some(old) = walk.found[at].draft.old.clone() else {
            continue;
        };
        let here = walk.found[at].pair;
        let plain = old.value.as_object().is_none_or(|map| map.len() < 2)
            && old.value.get("$ref").is_none();
        let target =
            walk.found.iter().find(|other| {
                other.pair != here
                    && other.draft.rule.id().starts_with("option-added")
                    && other.draft.token.as_ref() == Some(&name)
                    && other.draft.new.as_ref().is_some_and(|new| {
                        judge.sameness.same(&old, new) && (!plain || name.len() > 4)
                    })
            });
        let Some(target) = target else { continue };
        let mut pointer = walk.pairs[target.pair].pointer.clone();
        pointer.push(name);
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

/// Turns what the walk found into changes.
struct Listing<'a, 's> {
    judge: &'a Judge<'s>,
    walk: &'a Walk<'s>,
    checker: Option<&'a Checker>,
    finite: bool,
}

impl<'s> Listing<'_, 's> {
    /// Where nothing was shown yet but something may be lost, looks at the document as a whole.
    fn show_whole(&self, old: &Node<'s>, new: &Node<'s>, changes: &mut [Change]) {
        let checker = self.checker.filter(|checker| checker.can_check());
        let (Some(checker), None) = (
            checker,
            changes
                .iter()
                .find(|change| change.verdict == Verdict::Breaking),
        ) else {
            return;
        };
        let Some(open) = changes
            .iter_mut()
            .find(|change| change.verdict == Verdict::Unknown)
        else {
            return;
        };
        let flats = [old, new].map(|node| flatten(std::slice::from_ref(node)));
        let near = Sampler::new(self.judge).near(&flats[0], &flats[1], 0);
        if let Some(document) = near.into_iter().find(|document| checker.refuses(document)) {
            open.verdict = Verdict::Breaking;
            if let Some(at) = open.message.find(UNSHOWN) {
                open.message.truncate(at);
            }
            open.witness = Some(Witness {
                kind: witness::WitnessKind::Rejected,
                document,
                pointer: Pointer::root(),
            });
        }
    }

    fn settle(&self, found: &Found<'s>, shown: bool) -> Option<Change> {
        let Found { pair, draft } = found;
        let mut witness = None;
        let mut rule = draft.rule;
        let verdict = match draft.claim {
            Claim::Plain(verdict) => verdict,
            // All documents that there are were tried, and none is refused.
            Claim::Refuses if self.finite => return None,
            Claim::Refuses | Claim::Ignores => {
                let rivals = self
                    .walk
                    .found
                    .iter()
                    .filter(|other| other.pair == *pair && other.draft.claim == Claim::Refuses);
                let alone = rivals.count() == 1;
                witness = self.checker.filter(|_| shown).and_then(|checker| {
                    witness::find(self.judge, self.walk, *pair, draft, checker, alone)
                });
                match &witness {
                    Some(_) => Verdict::Breaking,
                    None => Verdict::Unknown,
                }
            }
        };
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
        let refused = witness
            .as_ref()
            .is_some_and(|w| w.kind == witness::WitnessKind::Rejected);
        if rule == &rules::OPTION_REMOVED_IGNORED && refused {
            rule = &rules::OPTION_REMOVED_REJECTED;
        }
        let base = self.walk.pairs[*pair].pointer.clone();
        let mut pointer = draft.at.clone().unwrap_or(base);
        pointer.extend(draft.token.as_ref());
        let mut also_at = if draft.at.is_some() {
            Vec::new()
        } else {
            self.walk.also_at(*pair)
        };
        for further in &mut also_at {
            further.extend(draft.token.as_ref());
        }
        let place = if pointer.is_root() {
            "the configuration".to_owned()
        } else {
            format!("`{}`", pointer.dotted())
        };
        let mut message = draft.message.replace("{at}", &place);
        if verdict == Verdict::Unknown
            && witness.is_none()
            && draft.rule.verdict == Verdict::Breaking
        {
            message.push_str(UNSHOWN);
        }
        Some(Change {
            rule,
            verdict,
            bump,
            pointer,
            also_at,
            old: draft.old.as_ref().and_then(|node| short(node.value)),
            new: draft.new.as_ref().and_then(|node| short(node.value)),
            message,
            help: draft.help.clone(),
            old_location: draft.old.as_ref().map(location),
            new_location: draft.new.as_ref().map(location),
            witness,
        })
    }
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

/// Keeps a value that is worth showing as it is: no schema.
fn short(value: &Value) -> Option<Value> {
    match &value.kind {
        Kind::Object(_) => None,
        Kind::Array(items) if items.iter().any(|item| item.as_object().is_some()) => None,
        _ => Some(detached(value)),
    }
}

impl Change {
    /// Gives the change as a finding: at its line in the new schema where there is one.
    #[must_use]
    pub fn finding(&self, root: &Location) -> Finding {
        let severity = match self.verdict {
            Verdict::Breaking | Verdict::Unknown => Severity::Error,
            Verdict::Risk => self.rule.rule.severity.max(Severity::Warning).min(
                if self.rule.verdict == Verdict::Risk {
                    Severity::Error
                } else {
                    Severity::Warning
                },
            ),
            Verdict::Compatible => Severity::Info,
        };
        let (at, other, word) = match (&self.new_location, &self.old_location) {
            (Some(new), Some(old)) => (new.clone(), Some(old), "it was here"),
            (Some(new), None) => (new.clone(), None, ""),
            (None, Some(old)) => (old.clone(), None, ""),
            (None, None) => (root.clone(), None, ""),
        };
        let at = at.with_pointer(self.pointer.clone());
        let mut finding =
            Finding::new(&self.rule.rule, self.message.clone(), at).with_severity(severity);
        if let Some(other) = other {
            finding = finding.with_related(other.clone().with_label(word));
        }
        finding.help.clone_from(&self.help);
        finding
    }
}
