//! What people expect of differences, written down in `drift.yaml`: which are meant and why, which
//! values must differ, and which must not.

mod accept;
mod inverse;
mod offence;
mod read;
mod rules;
#[cfg(test)]
mod tests;

use regex::Regex;

pub use accept::{Agreement, accept, accepted};
pub(super) use inverse::inverse;
pub(super) use offence::Offending;
pub use read::EXPECTATIONS_SCHEMA;
pub(super) use rules::{EXPIRED_EXCEPTION, MUST_DIFFER, STALE_EXCEPTION};

use super::Side;
use super::rules::{Class, class_of};
use super::sides::pairs;
use crate::config::Manifest;
use crate::document::{ChangeKind, Value};
use crate::ops::read::one_line;
use crate::report::{Finding, Location};
use crate::text::{Date, KeyPattern, Pointer, name_matches};

/// The file of rules about differences, at the root of the configuration repository.
pub const EXPECTATIONS: &str = "drift.yaml";

/// One rule about differences.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The places it is about.
    pub path: KeyPattern,
    /// The environments it is about; none for all.
    pub environments: Vec<String>,
    /// The services it is about, as patterns; none for all.
    pub services: Vec<String>,
    /// What is expected.
    pub expect: Expect,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it holds; none for always.
    pub expires: Option<Date>,
    /// Where that is written.
    pub location: Location,
}

/// What is expected of values.
#[derive(Clone, Debug)]
pub enum Expect {
    /// They may differ.
    Any,
    /// They must differ.
    Differ,
    /// They must be equal, whatever the schema says.
    Equal,
    /// They may be absent.
    Absent,
    /// They are one of these, and may differ so.
    OneOf(Vec<Value>),
    /// Their text matches, and may differ so.
    Matches(Regex),
}

/// The rules about differences, as a file of the repository has them.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    /// The rules, in the order written.
    pub entries: Vec<Expectation>,
    /// What is wrong with the file.
    pub findings: Vec<Finding>,
    /// The day that counts as today; without one nothing expires.
    pub today: Option<Date>,
}

/// A difference of two environments, as rules look at it.
#[derive(Clone, Copy)]
pub(super) struct Looked<'a> {
    pub(super) service: Option<&'a str>,
    pub(super) pointer: &'a Pointer,
    pub(super) environments: [&'a str; 2],
    pub(super) values: [Option<&'a Value>; 2],
}

/// What the rules say of a difference, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// The one that excuses it.
    pub(super) excused: Option<usize>,
    /// One that would, if its day were not over.
    pub(super) over: Option<usize>,
    /// One that it offends against.
    pub(super) offended: Option<usize>,
}

impl Expectations {
    /// Says what the rules have to say of a difference.
    pub(super) fn judge(&self, looked: &Looked<'_>) -> Judged {
        let mut judged = Judged::default();
        for (number, entry) in self.entries.iter().enumerate() {
            if !entry.concerns(looked.service, looked.pointer, looked.environments) {
                continue;
            }
            let place = match (entry.admits(looked), entry.is_over(self.today)) {
                (true, false) => &mut judged.excused,
                (true, true) => &mut judged.over,
                // That nothing need be set says nothing of values that are.
                (false, false) if matches!(entry.expect, Expect::Absent) => continue,
                (false, false) => &mut judged.offended,
                (false, true) => &mut judged.over,
            };
            place.get_or_insert(number);
        }
        // That they must be equal, no other rule takes back.
        if let Some(number) = self.demanded(looked) {
            judged.offended = Some(number);
            judged.excused = None;
        }
        judged
    }

    /// Finds the rule by which values that are not the same must be.
    pub(super) fn demanded(&self, looked: &Looked<'_>) -> Option<usize> {
        let demands = |entry: &Expectation| {
            matches!(entry.expect, Expect::Equal)
                && !entry.is_over(self.today)
                && entry.concerns(looked.service, looked.pointer, looked.environments)
        };
        self.entries.iter().position(demands)
    }

    /// Names all pairs of sides that are compared, those that must be equal somewhere last.
    pub(super) fn all_pairs(&self, manifest: &Manifest, sides: &[Side]) -> Vec<[usize; 2]> {
        let mut pairs = pairs(manifest, sides);
        pairs.extend(self.pairs_beside(&pairs, sides));
        pairs
    }

    /// Names pairs of sides that must be equal somewhere, by their numbers, where no comparison of
    /// these pairs tells whether they are: so that all sides a rule names are compared.
    pub(super) fn pairs_beside(&self, pairs: &[[usize; 2]], sides: &[Side]) -> Vec<[usize; 2]> {
        let mut beside: Vec<[usize; 2]> = Vec::new();
        for entry in &self.entries {
            let is_over = entry.is_over(self.today);
            if !matches!(entry.expect, Expect::Equal) || entry.environments.is_empty() || is_over {
                continue;
            }
            let is_named = |side: &usize| entry.names(sides[*side].environment());
            let named: Vec<usize> = (0..sides.len()).filter(is_named).collect();
            // What a side is known to be equal to, as far as pairs of named ones tell.
            let mut groups: Vec<usize> = (0..sides.len()).collect();
            let join = |groups: &mut Vec<usize>, [a, b]: [usize; 2]| {
                let (from, to) = (groups[b], groups[a]);
                groups
                    .iter_mut()
                    .filter(|it| **it == from)
                    .for_each(|it| *it = to);
            };
            for pair in pairs.iter().chain(&beside) {
                if pair.iter().all(is_named) {
                    join(&mut groups, *pair);
                }
            }
            for (&a, &b) in named.iter().zip(named.iter().skip(1)) {
                // One environment at two times may differ.
                let is_one = sides[a].environment() == sides[b].environment();
                if groups[a] != groups[b] && !is_one {
                    beside.push([a, b]);
                    join(&mut groups, [a, b]);
                }
            }
        }
        beside
    }
}

impl Judged {
    /// Says what a difference is, where it is of a class without the rules.
    pub(super) fn class(&self, class: Class, kind: ChangeKind) -> Class {
        match (self.excused, self.offended) {
            (Some(_), _) if !class.is_meant() => Class::Intentional,
            // It must be equal, or as the rule says, whatever the schema says.
            (None, Some(_)) if class == Class::Intentional => class_of(kind),
            _ => class,
        }
    }
}

impl Expectation {
    fn is_over(&self, today: Option<Date>) -> bool {
        today
            .zip(self.expires)
            .is_some_and(|(now, last)| now > last)
    }

    fn names(&self, environment: &str) -> bool {
        self.environments.is_empty() || self.environments.iter().any(|name| name == environment)
    }

    fn is_of_service(&self, service: Option<&str>) -> bool {
        self.services.is_empty()
            || service.is_some_and(|service| {
                let mut patterns = self.services.iter();
                patterns.any(|pattern| name_matches(pattern, service))
            })
    }

    /// Says whether it is about a pair of environments: one of them is named; what must be equal
    /// is so between two that are named.
    fn is_of_pair(&self, environments: [&str; 2]) -> bool {
        let [left, right] = environments.map(|name| self.names(name));
        match self.expect {
            Expect::Equal => left && right,
            _ => left || right,
        }
    }

    fn concerns(&self, service: Option<&str>, pointer: &Pointer, pair: [&str; 2]) -> bool {
        self.is_of_service(service) && self.path.covers(pointer) && self.is_of_pair(pair)
    }

    /// Says whether the values that it is about may be what they are.
    fn admits(&self, looked: &Looked<'_>) -> bool {
        let mut named = looked
            .environments
            .iter()
            .zip(looked.values)
            .filter(|(name, _)| self.names(name))
            .map(|(_, value)| value);
        match &self.expect {
            Expect::Any | Expect::Differ => true,
            Expect::Equal => false,
            // Of two that are both meant, one is there.
            Expect::Absent => named.any(|value| value.is_none()),
            Expect::OneOf(values) => named.all(|value| value.is_some_and(|it| values.contains(it))),
            Expect::Matches(pattern) => named.all(|value| {
                value.is_some_and(|value| {
                    let is_scalar = value.as_array().is_none() && value.as_object().is_none();
                    is_scalar && pattern.is_match(&one_line(value))
                })
            }),
        }
    }

    /// Says in a few words what is expected, and where that is written.
    pub(super) fn said(&self) -> String {
        let what = match &self.expect {
            Expect::Any => "may differ".to_owned(),
            Expect::Differ => "must differ".to_owned(),
            Expect::Equal => "must be equal".to_owned(),
            Expect::Absent => "may be absent".to_owned(),
            Expect::OneOf(values) => {
                let values: Vec<_> = values.iter().take(5).map(one_line).collect();
                format!("is to be one of {}", values.join(", "))
            }
            Expect::Matches(pattern) => format!("is to match {pattern}"),
        };
        let at = &self.location;
        format!(
            "{}:{} says that it {what}: {}",
            at.source.name(),
            at.start().line,
            self.reason
        )
    }
}
