//! What the new schema offers instead of what a change took away: data that a migration can be
//! drafted from, and never applied by itself.

use serde::Serialize;
use serde::ser::Serializer;

use super::draft::{Draft, Focus, Via};
use super::flat::Flat;
use super::flatten::flatten;
use super::judge::Judge;
use super::known::Known;
use super::types::Types;
use super::walk::Walk;
use crate::document::{Kind, Value};
use crate::text::Pointer;

mod candidates;
#[cfg(test)]
mod tests;
mod units;

pub(super) use candidates::Candidates;
use candidates::Subject;

/// What may be done about a change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Migration {
    /// What is done.
    pub kind: MigrationKind,
    /// The option that it is done to.
    pub from: Pointer,
    /// Where it goes; none where it stays.
    pub to: Option<Pointer>,
    /// The value that it is about, where it is about one.
    #[serde(serialize_with = "value")]
    pub old: Option<Value>,
    /// The value to write, where one is known.
    #[serde(serialize_with = "value")]
    pub value: Option<Value>,
    /// What a number is multiplied by, where it goes by another unit.
    pub factor: Option<f64>,
    /// Whether the name now says the opposite, so that a truth value is turned round.
    pub negated: bool,
    /// How sure that is, from 0 to 1; 1 where a schema says so itself.
    pub score: f64,
    /// What speaks for it, in phrases.
    pub why: Vec<String>,
    /// What else it could be, the likelier first.
    pub alternatives: Vec<Alternative>,
}

/// Another way to go.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alternative {
    /// Where it goes; none where it stays.
    pub to: Option<Pointer>,
    /// The value to write, where that is what differs.
    #[serde(serialize_with = "value")]
    pub value: Option<Value>,
    /// How sure that is, from 0 to 1.
    pub score: f64,
}

/// What is done to an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MigrationKind {
    /// It gets another name in the same map.
    Rename,
    /// It goes to another place.
    Move,
    /// It is taken out: nothing stands for it.
    Remove,
    /// One value stands for another.
    Replace,
    /// It is added.
    Add,
    /// Its old default is written down.
    Pin,
    /// Its value is kept within a new bound.
    Limit,
    /// Its value becomes the only item of a list.
    Wrap,
    /// Its value is written as another type.
    Convert,
    /// Its value is multiplied.
    Scale,
}

/// How sure one has to be to offer an option for another.
const LIKELY: f64 = 0.6;

/// How sure one has to be to mention it.
const POSSIBLE: f64 = 0.4;

/// What speaks for a value that looks like another.
const NEAREST: &str = "it is the nearest value";

/// How many other ways are mentioned.
const ALTERNATIVES: usize = 3;

fn value<S: Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(Value::to_json).serialize(serializer)
}

impl Migration {
    fn new(kind: MigrationKind, from: Pointer) -> Self {
        Self {
            kind,
            from,
            to: None,
            old: None,
            value: None,
            factor: None,
            negated: false,
            score: 1.0,
            why: Vec::new(),
            alternatives: Vec::new(),
        }
    }

    fn value(mut self, value: &Value) -> Self {
        self.value = Some(value.clone());
        self
    }

    fn why(mut self, why: &str) -> Self {
        self.why.push(why.to_owned());
        self
    }

    /// Says in a sentence what to do.
    #[must_use]
    pub fn words(&self) -> String {
        let from = self.from.dotted();
        let from = match from.as_str() {
            "" => "the configuration".to_owned(),
            from => format!("`{from}`"),
        };
        let shown = |value: &Option<Value>| {
            let value = value.as_ref();
            value.map_or_else(String::new, super::domain::word)
        };
        let scaled = match (self.factor, self.negated) {
            (Some(factor), _) => format!(", multiplied by {factor}"),
            (None, true) => ", with `true` and `false` turned round".to_owned(),
            (None, false) => String::new(),
        };
        match (self.kind, &self.to) {
            (MigrationKind::Rename | MigrationKind::Move, Some(to)) => {
                let maybe = if self.score < 1.0 { "probably " } else { "" };
                format!("{maybe}write `{}` instead of {from}{scaled}", to.dotted())
            }
            (MigrationKind::Replace, _) => {
                let old = shown(&self.old);
                match (&self.value, &self.alternatives[..]) {
                    (Some(_), _) => format!(
                        "{}write {} instead of {old} for {from}",
                        if self.score < LIKELY { "perhaps " } else { "" },
                        shown(&self.value)
                    ),
                    (None, others) => {
                        let others = others.iter().map(|it| shown(&it.value));
                        let others: Vec<String> = others.collect();
                        let one_of = others.join(" or ");
                        format!("write another value than {old} for {from}, such as {one_of}")
                    }
                }
            }
            (MigrationKind::Add, _) if self.value.is_some() => {
                format!("set {from} to {}", shown(&self.value))
            }
            (MigrationKind::Add, _) => format!("set {from}; there is no default"),
            (MigrationKind::Pin, _) => format!(
                "set {from} to {} where the old default is wanted",
                shown(&self.value)
            ),
            (MigrationKind::Limit, _) => {
                format!(
                    "keep {from} at {} {}",
                    self.why.join(" "),
                    shown(&self.value)
                )
            }
            (MigrationKind::Wrap, _) => format!("write {from} as a list of one"),
            (MigrationKind::Convert, _) => format!("write {from} as {}", self.why.join(" or ")),
            (MigrationKind::Scale, _) => format!("write {from}{scaled}"),
            (MigrationKind::Remove | MigrationKind::Rename | MigrationKind::Move, _) => {
                format!("take {from} out")
            }
        }
    }
}

/// Finds out what may be done about a change at a place.
pub(super) fn find<'s>(
    judge: &Judge<'s>,
    walk: &Walk<'s>,
    candidates: &Candidates<'s>,
    pair: usize,
    draft: &Draft<'s>,
    place: &Pointer,
) -> Option<Migration> {
    let id = draft.rule.id();
    let sides = || {
        let pair = &walk.pairs[pair];
        (flatten(&pair.old), flatten(&pair.new))
    };
    let new = |kind| Migration::new(kind, place.clone());
    Some(match id {
        "option-removed-rejected"
        | "option-removed-ignored"
        | "option-removed-after-deprecation"
        | "option-renamed"
        | "option-moved" => {
            let name = draft.token.as_ref()?;
            let old = judge.member(&sides().0.object, name).conj;
            gone(&Subject::of(place.clone(), &old), candidates)
        }
        "option-forbidden" => new(MigrationKind::Remove),
        "enum-value-removed" | "enum-value-renamed" | "const-changed" => {
            let Focus::Listed(from) = &draft.focus else {
                return None;
            };
            if !candidates.charge(0) {
                return None;
            }
            let (old, flat) = sides();
            let in_full = candidates.charge(flat.listed.len() + old.listed.len());
            nearest(from, &old, &flat, in_full, new(MigrationKind::Replace))?
        }
        "required-added"
        | "required-added-with-default"
        | "option-added-required"
        | "option-added-required-with-default"
        | "dependent-required-added" => {
            let member = judge.member(&sides().1.object, draft.token.as_ref()?);
            let flat = flatten(&member.conj);
            let add = new(MigrationKind::Add);
            match (flat.notes.get("default"), &flat.listed[..]) {
                (Some(default), _) => add.value(default.value).why("it is the default"),
                (None, [only]) if flat.free.is_empty() => {
                    add.value(only).why("it is the only value")
                }
                _ => add,
            }
        }
        "default-changed" | "default-removed" => {
            new(MigrationKind::Pin).value(draft.old.as_ref()?.value)
        }
        "minimum-raised" | "minimum-added" | "maximum-lowered" | "maximum-added" => {
            let bound = draft.new.as_ref()?.value;
            bound.as_number()?;
            let side = if id.starts_with("minimum") {
                "least"
            } else {
                "most"
            };
            new(MigrationKind::Limit).value(bound).why(side)
        }
        "null-removed" if place.is_root() => return None,
        "null-removed" => {
            if let Some((above, Via::Member(name))) = &walk.pairs[pair].above {
                let above = flatten(&walk.pairs[*above].new);
                if above.object.required.contains_key(name.as_str()) {
                    return None;
                }
            }
            new(MigrationKind::Remove).why("leaving it out says the same")
        }
        "type-changed" | "type-removed" | "number-to-integer" => {
            let (old, flat) = sides();
            converted(&old, &flat, new(MigrationKind::Convert))?
        }
        "unit-changed" => {
            let unit = |node: &Option<super::flat::Node<'s>>| node.as_ref()?.value.as_str();
            let (was, is) = (unit(&draft.old)?, unit(&draft.new)?);
            let mut migration = new(MigrationKind::Scale);
            migration.factor = Some(units::factor(was, is)?);
            migration.why(&format!("the unit was {was} and is {is}"))
        }
        _ => return None,
    })
}

/// Ranks what an option that is gone may have become.
fn gone(old: &Subject<'_>, candidates: &Candidates<'_>) -> Migration {
    let mut ranked = candidates.rank(old);
    ranked.retain(|(score, ..)| *score >= POSSIBLE);
    let likely = ranked.first().is_some_and(|(score, ..)| *score >= LIKELY);
    let mut migration = Migration::new(MigrationKind::Remove, old.place.clone());
    let mut rest = ranked.into_iter();
    if likely && let Some((score, new, why)) = rest.next() {
        migration.kind = match new.place.parent() == old.place.parent() {
            true => MigrationKind::Rename,
            false => MigrationKind::Move,
        };
        migration.factor = units::between(old.unit(), new.unit());
        migration.negated = old.is_opposite(new);
        migration.to = Some(new.place.clone());
        migration.score = score;
        migration.why = why;
    }
    migration.alternatives = rest
        .take(ALTERNATIVES)
        .map(|(score, new, _)| Alternative {
            to: Some(new.place.clone()),
            value: None,
            score,
        })
        .collect();
    if let (MigrationKind::Remove, Some(other)) = (migration.kind, migration.alternatives.first()) {
        migration.score = rounded(1.0 - other.score);
    }
    migration
}

/// Finds the listed value that is nearest to one that is gone.
fn nearest(
    from: &Value,
    old: &Flat<'_>,
    new: &Flat<'_>,
    in_full: bool,
    mut migration: Migration,
) -> Option<Migration> {
    let most = if in_full { usize::MAX } else { ALTERNATIVES };
    let before = if in_full { old.known() } else { Known::of([]) };
    let near = |to: &Value| match (&from.kind, &to.kind) {
        (Kind::String(from), Kind::String(to)) => candidates::close(from, to),
        (Kind::Number(from), Kind::Number(to)) => {
            let (from, to) = (from.to_f64(), to.to_f64());
            1.0 - (from - to).abs() / (1.0 + from.abs() + to.abs())
        }
        _ => 0.0,
    };
    let default = new.notes.get("default").map(|node| node.value);
    let only = new.listed.len() == 1 && new.free.is_empty();
    let reason = |to: &Value| match (only, default == Some(to), near(to)) {
        (true, ..) => (1.0, "it is the only value"),
        (_, true, score) if score < LIKELY => (LIKELY, "it is the default"),
        // What was there before most likely means something else.
        (_, _, score) if before.holds(to) => (rounded(score * 0.7), NEAREST),
        (_, _, score) => (rounded(score), NEAREST),
    };
    let listed = new.listed.iter().take(most);
    let mut ranked: Vec<(f64, &str, &Value)> = listed
        .map(|to| {
            let (score, why) = reason(to);
            (score, why, *to)
        })
        .collect();
    // Of values that are as near as one another, the one that is listed first.
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let likely = ranked.first().filter(|(score, ..)| *score >= POSSIBLE);
    migration.score = 0.0;
    if let Some((score, why, value)) = likely {
        migration.score = *score;
        migration = migration.value(value).why(why);
    }
    let rest = ranked.iter().skip(usize::from(likely.is_some()));
    migration.alternatives = rest
        .take(ALTERNATIVES)
        .map(|(score, _, value)| Alternative {
            to: None,
            value: Some((*value).clone()),
            score: *score,
        })
        .collect();
    migration.old = Some(from.clone());
    (!ranked.is_empty()).then_some(migration)
}

/// Says how a value of one type may become one of another.
fn converted(old: &Flat<'_>, new: &Flat<'_>, mut migration: Migration) -> Option<Migration> {
    let (before, after) = (old.types().whole(), new.types().whole());
    let lost = before.minus(after);
    let scalar = Types::NUMBER.or(Types::STRING).or(Types::BOOLEAN);
    if lost.meets(scalar) && after.minus(before) == Types::ARRAY {
        migration.kind = MigrationKind::Wrap;
        return Some(migration);
    }
    let into = after.and(scalar);
    if into.is_empty() || !lost.meets(scalar.or(Types::ARRAY)) {
        return None;
    }
    migration.why = into.names().into_iter().map(str::to_owned).collect();
    Some(migration)
}

/// Two digits say enough.
fn rounded(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}
