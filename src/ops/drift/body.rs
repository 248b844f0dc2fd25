use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use super::expected::Expectation;
use super::lineage::Past;
use super::mend::{Mend, remedy};
use super::rules::Class;
use crate::config::Provenance;
use crate::document::{Change, Kind, Value, write_flow};
use crate::ops::own::MASK;
use crate::ops::read::Origin;
use crate::report::Finding;
use crate::text::{Date, Pointer, shell_word};

/// The published JSON Schema of the body of `drift`.
pub const SCHEMA: &str = include_str!("body.schema.json");

/// How environments differ.
#[derive(Debug, Serialize)]
pub struct DriftBody {
    /// What was compared, in order; each with the next.
    pub environments: Vec<EnvironmentBody>,
    /// Every difference, by service and place.
    pub differences: Vec<Difference>,
    /// How many there are of each class.
    pub counts: BTreeMap<&'static str, usize>,
    /// Values that must differ, and are the same. The values themselves are not told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub must_differ: Vec<MustDiffer>,
    /// Whether a person sees those that are meant, too.
    #[serde(skip)]
    pub(super) all: bool,
}

/// One environment that was compared.
#[derive(Debug, Serialize)]
pub struct EnvironmentBody {
    /// Its name.
    pub name: String,
    /// The revision it was read at; none for the work tree.
    pub revision: Option<String>,
}

/// One place whose values differ.
#[derive(Debug, Serialize)]
pub struct Difference {
    /// What it is called: `SERVICE:KEY`, or the key alone.
    pub id: String,
    /// The service; without a manifest, the file.
    pub service: Option<String>,
    /// The place.
    pub pointer: Pointer,
    /// The value in each environment; null where there is none.
    pub values: IndexMap<String, Option<Value>>,
    /// The environments in which nothing is set.
    pub absent: Vec<String>,
    /// Where each value comes from.
    pub provenance: IndexMap<String, Origin>,
    /// What the difference is.
    pub class: &'static str,
    /// Why it is meant, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The rule of `drift.yaml` that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleBody>,
    /// The commit that made the newer value, where the history says which that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// What would mend it, where the history says which value is the newer one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    /// Between peers: the value that most of them hold, and which hold another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual: Option<Usual>,
    /// Whether the schema says that it is a secret.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// The remedies of all pairs of environments that differ here.
    #[serde(skip)]
    pub remedies: Vec<Remedy>,
    /// The list that it is an item of, or within one.
    #[serde(skip)]
    pub list: Option<Pointer>,
    /// What was found about it.
    #[serde(skip)]
    pub findings: Vec<Finding>,
    #[serde(skip)]
    pub(super) told_pairs: usize,
    /// Whether it came about since the moment that was asked for.
    #[serde(skip)]
    pub(super) is_young: bool,
    #[serde(skip)]
    pub(super) rank: Class,
    /// The environments that differ from the one before them.
    #[serde(skip)]
    pub(super) differs_in: Vec<String>,
}

/// The value that most of several environments hold.
#[derive(Clone, Debug, Serialize)]
pub struct Usual {
    /// The value; null where nothing is set, or none is the usual one.
    pub value: Option<Value>,
    /// How many environments hold it, of all; 0 where two values are as usual as each other. The
    /// nearer to 1, the odder are the others.
    pub share: f64,
    /// The environments that hold another one.
    pub odd: Vec<String>,
}

/// A rule of `drift.yaml`.
#[derive(Clone, Debug, Serialize)]
pub struct RuleBody {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// Why it is there.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its last day.
    pub expires: Option<Date>,
}

impl From<&Expectation> for RuleBody {
    fn from(entry: &Expectation) -> Self {
        Self {
            file: entry.location.source.name().to_owned(),
            line: entry.location.start().line,
            reason: entry.reason.clone(),
            owner: entry.owner.clone(),
            expires: entry.expires,
        }
    }
}

/// A value that must differ between environments, and is the same.
#[derive(Clone, Debug, Serialize)]
pub struct MustDiffer {
    /// The service.
    pub service: Option<String>,
    /// The place.
    pub pointer: Pointer,
    /// The environments that share it.
    pub environments: Vec<String>,
    /// The rule that says so.
    pub rule: RuleBody,
}

/// The commit that made a value.
#[derive(Clone, Debug, Serialize)]
pub struct Since {
    /// The environment in which it was made.
    pub environment: String,
    /// The commit.
    pub commit: String,
    /// Who wrote it.
    pub author: String,
    /// When, as RFC 3339 has it.
    pub date: String,
}

/// A change that would make two environments alike.
#[derive(Clone, Debug, Serialize)]
pub struct Remedy {
    /// The environment whose value is the newer one.
    pub from: String,
    /// The environment to change.
    pub environment: String,
    /// The file that sets the value there.
    pub file: Option<String>,
    /// The place in it.
    pub pointer: Pointer,
    /// What to do there: `set` or `unset`.
    pub action: &'static str,
    /// The value to set; null where it is to be unset, or a secret.
    pub value: Option<Value>,
}

impl Difference {
    /// Says since when it is there and what would mend it, by the pasts of both sides.
    pub(super) fn explain(
        &mut self,
        class: Class,
        (left, right): (&str, &str),
        [up, down]: [&Past; 2],
        change: &Change,
    ) {
        self.told_pairs += 1;
        let time = |past: &Past| past.since.as_ref().map(|made| made.time);
        let upstream_is_newer = match class {
            Class::PendingPromotion => true,
            Class::MissingBackport => false,
            _ => time(up) >= time(down),
        };
        let (name, past) = if upstream_is_newer {
            (left, up)
        } else {
            (right, down)
        };
        self.since = past.since.as_ref().map(|made| Since {
            environment: name.to_owned(),
            commit: made.commit.clone(),
            author: made.author.clone(),
            date: made.date.clone(),
        });
        let (from, to, value) = match remedy(class, [up, down], change) {
            Some(Mend::Downstream(value)) => (left, right, value),
            Some(Mend::Upstream(value)) => (right, left, value),
            None => return,
        };
        let remedy = Remedy {
            from: from.to_owned(),
            environment: to.to_owned(),
            file: self.provenance.get(to).map(|origin| origin.file.clone()),
            pointer: self.pointer.clone(),
            action: if value.is_some() { "set" } else { "unset" },
            value: value.filter(|_| !self.secret),
        };
        self.remedies.push(remedy.clone());
        self.remedy = Some(remedy);
    }

    pub(super) fn new(service: Option<&str>, pointer: Pointer, class: Class) -> Self {
        let key = pointer.dotted();
        Self {
            id: service.map_or_else(|| key.clone(), |name| format!("{name}:{key}")),
            service: service.map(str::to_owned),
            pointer,
            values: IndexMap::new(),
            absent: Vec::new(),
            provenance: IndexMap::new(),
            class: class.name(),
            reason: None,
            rule: None,
            since: None,
            remedy: None,
            usual: None,
            secret: false,
            remedies: Vec::new(),
            list: None,
            findings: Vec::new(),
            told_pairs: 0,
            is_young: false,
            rank: class,
            differs_in: Vec::new(),
        }
    }

    /// Says whether the difference is told to people: it is not meant.
    #[must_use]
    pub fn is_told(&self) -> bool {
        !self.rank.is_meant()
    }

    /// Adds to a finding who made the newer value, and the command that mends it.
    pub(super) fn told(&self, mut finding: Finding) -> Finding {
        if let Some(since) = &self.since {
            let day = since.date.get(..10).unwrap_or(&since.date);
            let commit = since.commit.get(..10).unwrap_or(&since.commit);
            finding.message.push_str(&format!(
                "; {} was changed by {} on {day} ({commit})",
                since.environment, since.author
            ));
        }
        let Some(remedy) = &self.remedy else {
            return finding;
        };
        let service = self.service.as_ref();
        let service = service.map_or_else(String::new, |name| format!(" --service {name}"));
        let key = remedy.pointer.dotted();
        if self.list.is_some() || (self.secret && remedy.action == "set") {
            let (from, to) = (&remedy.from, &remedy.environment);
            let path = shell_word(&self.list.as_ref().map_or(key, Pointer::dotted));
            return finding.with_help(format!(
                "carry it over: `git strata promote {from} {to} --path {path}{service}`"
            ));
        }
        let change = match &remedy.value {
            Some(value) => shell_word(&format!("{key}={}", write_flow(value))),
            None => format!("--unset {}", shell_word(&key)),
        };
        finding.with_help(format!(
            "carry it over: `git strata set {change} --env {}{service} -m MESSAGE`",
            remedy.environment
        ))
    }

    /// Says whether the values are secrets, so that they are not shown; to be said first.
    pub(super) fn hiding(self, secret: bool) -> Self {
        Self { secret, ..self }
    }

    /// Says which list the place is in: the number of an item may be another one's elsewhere.
    pub(super) fn in_list(self, list: Option<Pointer>) -> Self {
        Self { list, ..self }
    }

    /// Gives the value of an environment its place among the others.
    pub(super) fn keep_place(&mut self, name: &str) {
        self.values.insert(name.to_owned(), None);
    }

    /// Sets what one environment holds here.
    pub(super) fn put(&mut self, name: &str, value: Option<&Value>, from: Option<&Provenance>) {
        let shown = match self.secret {
            true => value.map(|_| Value::detached(Kind::String(MASK.into()))),
            false => value.cloned(),
        };
        match self.values.get_mut(name) {
            Some(value) => *value = shown,
            None => {
                self.values.insert(name.to_owned(), shown);
            }
        }
        self.absent.retain(|absent| absent != name);
        self.provenance.shift_remove(name);
        match (value, from) {
            (None, _) => self.absent.push(name.to_owned()),
            (Some(_), Some(from)) => {
                let mut origin = Origin::of(from);
                for other in origin.overrides.iter_mut().filter(|_| self.secret) {
                    other.value = Value::detached(Kind::String(MASK.into()));
                }
                self.provenance.insert(name.to_owned(), origin);
            }
            (Some(_), None) => {}
        }
    }

    /// Says why the difference is meant, where it is.
    pub(super) fn excuse(&mut self, class: Class, entry: Option<&Expectation>) {
        let reason = match (class, entry) {
            _ if !self.rank.is_meant() => return,
            (Class::Intentional, Some(entry)) => {
                self.rule = Some(entry.into());
                entry.reason.as_str()
            }
            (Class::Intentional, None) => "the schema says that environments differ here",
            (Class::SameByDefault, _) => "what is not set has this value by default",
            _ => return,
        };
        self.reason = Some(reason.to_owned());
    }

    /// Says which value is the usual one, and how many of all hold it.
    pub(super) fn beside_the_usual(&mut self, usual: Option<(Option<&Value>, usize)>, all: usize) {
        let share = |count: usize| count as f64 / all.max(1) as f64;
        self.usual = Some(Usual {
            value: usual
                .and_then(|(value, _)| value.cloned())
                .filter(|_| !self.secret),
            share: usual.map_or(0.0, |(_, count)| share(count)),
            odd: self.differs_in.clone(),
        });
    }

    /// Takes note of an environment that differs from the one before it.
    pub(super) fn differs_in(&mut self, environment: &str) {
        if !self.differs_in.iter().any(|name| name == environment) {
            self.differs_in.push(environment.to_owned());
        }
    }

    /// Keeps the graver of two classes, where several pairs of environments differ here.
    pub(super) fn worsen(&mut self, class: Class) {
        if class > self.rank {
            self.rank = class;
            self.class = class.name();
            if !class.is_meant() {
                (self.reason, self.rule) = (None, None);
            }
        }
    }
}

impl DriftBody {
    pub(super) fn new(
        environments: Vec<EnvironmentBody>,
        differences: Vec<Difference>,
        must_differ: Vec<MustDiffer>,
        all: bool,
    ) -> Self {
        let mut counts = BTreeMap::new();
        for difference in &differences {
            *counts.entry(difference.class).or_default() += 1;
        }
        Self {
            environments,
            differences,
            counts,
            must_differ,
            all,
        }
    }
}
