//! How a row of drift is filled.

use indexmap::IndexMap;

use super::body::{Difference, Remedy, Since, Usual};
use super::expected::Expectation;
use super::lineage::Past;
use super::mend::{Mend, remedy};
use super::rules::Class;
use crate::config::Provenance;
use crate::document::{Change, Kind, Value, write_flow};
use crate::ops::own::MASK;
use crate::ops::read::Origin;
use crate::report::Finding;
use crate::text::{Pointer, shell_word};
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
            is_open: false,
            rank: class,
            differs_in: Vec::new(),
        }
    }

    /// Says whether the difference is told to people: it is not meant.
    #[must_use]
    pub fn is_told(&self) -> bool {
        !self.rank.is_meant()
    }

    /// Says how odd the values are that are not the usual one, where there is one: up to 1.
    pub(super) fn oddness(&self) -> f64 {
        self.usual.as_ref().map_or(0.0, |usual| usual.share)
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
