//! What a change means for the configurations that a repository holds.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use smol_str::ToSmolStr;

use super::checker::Checker;
use super::compare::{Change, Comparison};
use super::instances::{Instance, Instances};
use super::policy::Policy;
use super::sources::SchemaPair;
use super::verdict::Verdict;
use super::witness::{Witness, WitnessKind, smaller};
use crate::config::schema::Schema;
use crate::document::{Kind, Value};
use crate::report::{Finding, Location};
use crate::text::{Pointer, Source};

/// How many places are listed.
const MOST: usize = 1_000;

/// What a change means for the configurations that are there.
#[derive(Clone, Debug, Default)]
pub struct Impact {
    /// How many there are of each kind.
    pub instances: InstanceCount,
    /// The places that are concerned, in the order found; the first thousand.
    pub affected: Vec<Affected>,
}

/// How many configurations are concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InstanceCount {
    /// How many were looked at.
    pub checked: usize,
    /// How many are as good as before.
    pub safe: usize,
    /// How many are concerned in any way.
    pub affected: usize,
    /// How many of these are refused from now on.
    pub refused: usize,
    /// How many the old schema refused already; nothing is said about these.
    pub invalid: usize,
    /// The environments that could not be read.
    pub unread: Vec<String>,
}

/// A place in a configuration that a change concerns.
#[derive(Clone, Debug)]
pub struct Affected {
    /// Where it stands.
    pub location: Location,
    /// The place in the configuration.
    pub pointer: Pointer,
    /// The environment that it belongs to.
    pub environment: Option<String>,
    /// The service that it belongs to.
    pub service: Option<String>,
    /// What becomes of it.
    pub effect: Effect,
    /// The rule of the change that concerns it, where one could be told.
    pub rule: Option<&'static str>,
}

impl Affected {
    fn is_same(&self, other: &Self) -> bool {
        let place = |it: &Self| (it.location.span, it.effect, it.rule);
        place(self) == place(other)
            && self.pointer == other.pointer
            && self.environment == other.environment
            && self.service == other.service
            && self.location.source.name() == other.location.source.name()
            && self.location.source.revision() == other.location.source.revision()
    }
}

/// What becomes of a place in a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It is refused.
    Refused,
    /// It is accepted, and nothing looks at it any more.
    Ignored,
    /// It is accepted, and may mean something else.
    Changed,
    /// It is not set, and gets another default.
    Default,
}

impl Serialize for Affected {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let start = self.location.start();
        let mut out = serializer.serialize_struct("Affected", 9)?;
        out.serialize_field("file", self.location.source.name())?;
        out.serialize_field("revision", &self.location.source.revision())?;
        out.serialize_field("line", &start.line)?;
        out.serialize_field("column", &start.column)?;
        out.serialize_field("environment", &self.environment)?;
        out.serialize_field("service", &self.service)?;
        out.serialize_field("pointer", &self.pointer)?;
        out.serialize_field("effect", &self.effect)?;
        out.serialize_field("rule", &self.rule)?;
        out.end()
    }
}

impl Affected {
    /// Says whether it is this change that concerns it.
    pub(super) fn is_of(&self, change: &Change) -> bool {
        let mut places = std::iter::once(&change.pointer).chain(&change.also_at);
        self.rule == Some(change.rule.id()) && places.any(|place| covers(place, &self.pointer))
    }
}

impl InstanceCount {
    /// Says in a line how many are concerned.
    pub(super) fn words(&self) -> String {
        let noun = if self.checked == 1 {
            "configuration"
        } else {
            "configurations"
        };
        if self.invalid == self.checked {
            return format!(
                "none of {} {noun} here can be judged: the old schema refuses them already",
                self.checked
            );
        }
        let mut text = match self.affected {
            0 => format!("none of {} {noun} here is concerned", self.checked),
            count => {
                let verb = if count == 1 { "is" } else { "are" };
                format!("{count} of {} {noun} here {verb} concerned", self.checked)
            }
        };
        if self.refused > 0 {
            text.push_str(&format!(", {} refused", self.refused));
        }
        if self.invalid > 0 {
            text.push_str(&format!("; {} not valid before", self.invalid));
        }
        if !self.unread.is_empty() {
            text.push_str(&format!("; {} not to be read", self.unread.join(", ")));
        }
        text
    }
}

impl Effect {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Refused => "is refused from now on",
            Self::Ignored => "is ignored from now on",
            Self::Changed => "may mean something else",
            Self::Default => "gets another default",
        }
    }
}

/// What has to stand in a configuration for a change to concern it, beside that it is refused.
fn evidence(rule: &str) -> Option<Effect> {
    Some(match rule {
        "option-removed-ignored"
        | "option-removed-rejected"
        | "option-removed-after-deprecation"
        | "option-moved"
        | "option-renamed"
        | "schema-removed" => Effect::Ignored,
        "default-changed" | "default-added" | "default-removed" => Effect::Default,
        "option-removed-remapped"
        | "unit-changed"
        | "secret-flag-added"
        | "secret-flag-removed"
        | "reload-changed"
        | "env-binding-changed"
        | "merge-strategy-changed"
        | "immutable-added"
        | "read-only-added"
        | "yaml-type-hazard" => Effect::Changed,
        _ => return None,
    })
}

/// Looks at every configuration that a schema is for. A change that policy took for a risk breaks
/// after all where a configuration shows it.
pub(super) fn judge(
    instances: &Instances,
    pair: &SchemaPair,
    old: &Schema,
    new: Option<&Schema>,
    policy: &Policy,
    comparison: &mut Comparison,
) -> crate::Result<()> {
    let mut checker: Option<Checker> = None;
    let mut impact = Impact::default();
    let mut shown: Vec<(usize, Witness)> = Vec::new();
    let changes = &comparison.changes;
    let unread = instances.each(pair, &mut |instance| {
        let checker = checker.get_or_insert_with(|| Checker::of(old, new, policy.formats));
        look(instance, checker, changes, policy, &mut impact, &mut shown);
    })?;
    impact.instances.unread = unread;
    for (index, witness) in shown {
        let change = &mut comparison.changes[index];
        if change.witness.is_none() {
            change.verdict = Verdict::Breaking;
            change.bump = change.rule.bump;
            change.witness = Some(witness);
        }
    }
    comparison.settle();
    comparison.impact = Some(impact);
    Ok(())
}

fn look(
    instance: &Instance<'_>,
    checker: &Checker,
    changes: &[Change],
    policy: &Policy,
    impact: &mut Impact,
    shown: &mut Vec<(usize, Witness)>,
) {
    let counts = &mut impact.instances;
    counts.checked += 1;
    if !checker.holds_old(instance.value, instance.locate) {
        counts.invalid += 1;
        return;
    }
    let mut places: BTreeSet<(Effect, Pointer, Option<usize>)> = BTreeSet::new();
    let faults = checker.faults(instance.value, instance.locate);
    for fault in &faults {
        let at = fault.location.pointer.clone().unwrap_or_default();
        let by = cause(changes, fault, &at);
        if let Some(index) = by.filter(|index| narrowed(&changes[*index], policy))
            && !shown.iter().any(|(known, _)| *known == index)
            && !checker.holds_secrets(instance.value)
        {
            shown.push((index, witness(instance.value, checker, &at)));
        }
        places.insert((Effect::Refused, at, by));
    }
    for (index, change) in changes.iter().enumerate() {
        let Some(effect) = evidence(change.rule.id()).filter(|_| change.verdict >= Verdict::Risk)
        else {
            continue;
        };
        for pattern in std::iter::once(&change.pointer).chain(&change.also_at) {
            for at in found(instance.value, pattern, effect == Effect::Default) {
                let refused = |fault: &Finding| fault.location.pointer.as_ref() == Some(&at);
                if !faults.iter().any(refused) {
                    places.insert((effect, at, Some(index)));
                }
            }
        }
    }
    if places.is_empty() {
        counts.safe += 1;
        return;
    }
    counts.affected += 1;
    counts.refused += usize::from(!faults.is_empty());
    for (effect, pointer, by) in places {
        if impact.affected.len() >= MOST {
            break;
        }
        let affected = Affected {
            location: (instance.locate)(&pointer),
            pointer,
            environment: instance.environment.clone(),
            service: instance.service.clone(),
            effect,
            rule: by.map(|index| changes[index].rule.id()),
        };
        // A chart's own values are in what each of its other files gives.
        if !impact.affected.iter().any(|known| known.is_same(&affected)) {
            impact.affected.push(affected);
        }
    }
}

/// Says whether a change is a risk only because policy assumes that nothing is refused by it.
fn narrowed(change: &Change, policy: &Policy) -> bool {
    change.assumed && change.verdict < Verdict::Breaking && !policy.is_unstable(&change.pointer)
}

/// Finds the change that a fault comes from: the one at the nearest place above it.
fn cause(changes: &[Change], fault: &Finding, at: &Pointer) -> Option<usize> {
    let missing = fault.rule.id == "missing-option";
    let unknown = fault.rule.id == "unknown-option";
    let near = |change: &Change| {
        let id = change.rule.id();
        let places = std::iter::once(&change.pointer).chain(&change.also_at);
        if missing && id.contains("required") {
            // It is told of the map in which the option is missing.
            let mut above = places.filter_map(Pointer::parent);
            return above
                .any(|above| covers(&above, at) || covers(at, &above))
                .then_some(usize::MAX);
        }
        if (id == "object-closed" && !unknown) || (missing && change.assumed) {
            return None;
        }
        let above = places.filter(|place| covers(place, at));
        above.map(|place| place.tokens().len()).max()
    };
    let narrows = |change: &Change| change.verdict >= Verdict::Unknown || change.assumed;
    let mut best: Option<(usize, usize)> = None;
    for (index, change) in changes.iter().enumerate() {
        if narrows(change)
            && let Some(depth) = near(change)
            && best.is_none_or(|(known, _)| depth > known)
        {
            best = Some((depth, index));
        }
    }
    best.map(|(_, index)| index)
}

/// Says whether a place with `*` in it is a place, or one above it.
fn covers(pattern: &Pointer, at: &Pointer) -> bool {
    let (pattern, at) = (pattern.tokens(), at.tokens());
    pattern.len() <= at.len()
        && pattern
            .iter()
            .zip(at)
            .all(|(part, token)| part == "*" || part == token)
}

/// Finds the places of a value that a place with `*` in it stands for; or those where its last part
/// is not set, although what it would stand in is.
fn found(value: &Value, pattern: &Pointer, unset: bool) -> Vec<Pointer> {
    let mut open = vec![(value, Pointer::root())];
    let tokens = pattern.tokens();
    for (depth, token) in tokens.iter().enumerate() {
        let mut next = Vec::new();
        for (value, at) in open {
            if unset && depth + 1 == tokens.len() {
                if value
                    .as_object()
                    .is_some_and(|map| !map.contains_key(token))
                    && token != "*"
                {
                    next.push((value, at.join(token.clone())));
                }
                continue;
            }
            match &value.kind {
                Kind::Object(map) if token == "*" => {
                    next.extend(map.iter().map(|(key, value)| (value, at.join(key.clone()))));
                }
                Kind::Array(items) if token == "*" => {
                    let places = items.iter().enumerate();
                    next.extend(places.map(|(index, value)| (value, at.join(index.to_smolstr()))));
                }
                _ => next.extend(
                    value
                        .child(token)
                        .map(|value| (value, at.join(token.clone()))),
                ),
            }
        }
        open = next;
    }
    open.into_iter().map(|(_, at)| at).collect()
}

/// Makes a configuration that is refused at a place as small as it gets.
fn witness(value: &Value, checker: &Checker, at: &Pointer) -> Witness {
    let source = Arc::new(Source::new("", ""));
    let whole = |pointer: &Pointer| Location::file(&source).with_pointer(pointer.clone());
    let document = smaller(value.clone(), &mut |value| {
        checker.refuses(value)
            && (checker.faults(value, &whole).iter())
                .any(|fault| fault.location.pointer.as_ref() == Some(at))
    });
    Witness {
        kind: WitnessKind::Rejected,
        document,
        pointer: at.clone(),
    }
}
