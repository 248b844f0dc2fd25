use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use super::lineage::Past;
use super::rules::Class;
use crate::config::Provenance;
use crate::document::{Change, Value, write_flow};
use crate::ops::diff::short;
use crate::ops::read::Origin;
use crate::report::{Block, Finding, View};
use crate::text::Pointer;

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
    /// Whether a person sees those that are meant, too.
    #[serde(skip)]
    all: bool,
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
    /// The commit that made the newer value, where the history says which that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// What would mend it, where the history says which value is the newer one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    #[serde(skip)]
    rank: Class,
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
    /// The environment to change.
    pub environment: String,
    /// The file that sets the value there.
    pub file: Option<String>,
    /// The place in it.
    pub pointer: Pointer,
    /// What to do there: `set` or `unset`.
    pub action: &'static str,
    /// The value to set; null where it is to be unset.
    pub value: Option<Value>,
}

/// Which side is to be changed, and to what; to nothing where it is to be unset.
enum Mend {
    Upstream(Option<Value>),
    Downstream(Option<Value>),
}

/// Says what would carry the newer state over, where the histories say which that is.
fn remedy(class: Class, [up, down]: [&Past; 2], change: &Change) -> Option<Mend> {
    let (old, new) = (change.old.clone(), change.new.clone());
    // Which of two types is right is not told by which of them is newer.
    match class {
        Class::PendingPromotion => Some(Mend::Downstream(old)),
        Class::MissingBackport => Some(Mend::Upstream(new)),
        // It is new upstream, or was taken away downstream since.
        Class::MissingKey if old.is_some() && down.is_blank() => Some(Mend::Downstream(old)),
        Class::MissingKey if old.is_some() && down.had_other => Some(Mend::Upstream(None)),
        Class::MissingKey if new.is_some() && up.is_blank() => Some(Mend::Upstream(new)),
        Class::MissingKey if new.is_some() && up.had_other => Some(Mend::Downstream(None)),
        _ => None,
    }
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
        let time = |past: &Past| past.since.as_ref().map(|commit| commit.committer.time);
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
        self.since = past.since.as_ref().map(|commit| Since {
            environment: name.to_owned(),
            commit: commit.id.to_string(),
            author: commit.author.name.clone(),
            date: commit.author.date(),
        });
        let (to, value) = match remedy(class, [up, down], change) {
            Some(Mend::Downstream(value)) => (right, value),
            Some(Mend::Upstream(value)) => (left, value),
            None => return,
        };
        self.remedy = Some(Remedy {
            environment: to.to_owned(),
            file: self.provenance.get(to).map(|origin| origin.file.clone()),
            pointer: self.pointer.clone(),
            action: if value.is_some() { "set" } else { "unset" },
            value,
        });
    }

    pub(super) fn new(service: Option<&str>, pointer: Pointer, class: Class) -> Self {
        Self {
            service: service.map(str::to_owned),
            pointer,
            values: IndexMap::new(),
            absent: Vec::new(),
            provenance: IndexMap::new(),
            class: class.name(),
            since: None,
            remedy: None,
            rank: class,
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
        let change = match &remedy.value {
            Some(value) => quoted(&format!("{key}={}", write_flow(value))),
            None => format!("--unset {}", quoted(&key)),
        };
        finding.with_help(format!(
            "carry it over: `git strata set {change} --env {}{service} -m MESSAGE`",
            remedy.environment
        ))
    }

    /// Sets what one environment holds here.
    pub(super) fn put(&mut self, name: &str, value: Option<&Value>, from: Option<&Provenance>) {
        self.values.insert(name.to_owned(), value.cloned());
        self.absent.retain(|absent| absent != name);
        self.provenance.shift_remove(name);
        match (value, from) {
            (None, _) => self.absent.push(name.to_owned()),
            (Some(_), Some(from)) => {
                self.provenance.insert(name.to_owned(), Origin::of(from));
            }
            (Some(_), None) => {}
        }
    }

    /// Keeps the graver of two classes, where several pairs of environments differ here.
    pub(super) fn worsen(&mut self, class: Class) {
        if class > self.rank {
            self.rank = class;
            self.class = class.name();
        }
    }
}

/// Quotes a word for a shell, where that is needed.
fn quoted(word: &str) -> String {
    let odd = [
        ' ', '"', '[', '{', '$', '\'', '*', '&', '|', ';', '<', '>', '(',
    ];
    match word.contains(odd) {
        true => format!("'{}'", word.replace('\'', "'\\''")),
        false => word.to_owned(),
    }
}

impl DriftBody {
    pub(super) fn new(
        environments: Vec<EnvironmentBody>,
        differences: Vec<Difference>,
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
            all,
        }
    }
}

impl View for DriftBody {
    fn view(&self) -> Vec<Block> {
        let names: Vec<_> = self
            .environments
            .iter()
            .map(|side| side.name.as_str())
            .collect();
        if self.differences.is_empty() {
            return vec![Block::Text(format!(
                "no value differs between {}",
                names.join(", ")
            ))];
        }
        let shown: Vec<&Difference> = self
            .differences
            .iter()
            .filter(|row| self.all || !row.rank.is_meant())
            .collect();
        let meant = self.differences.len() - shown.len();
        let hidden = (meant > 0).then(|| {
            Block::Text(format!(
                "{meant} more differences are meant; `--all` shows them"
            ))
        });
        if shown.is_empty() {
            let text = format!(
                "nothing differs between {} that is not meant to",
                names.join(", ")
            );
            return [Block::Text(text)].into_iter().chain(hidden).collect();
        }
        let with_service = shown.iter().any(|row| row.service.is_some());
        let mut columns: Vec<String> = Vec::new();
        if with_service {
            columns.push("service".to_owned());
        }
        columns.push("key".to_owned());
        columns.extend(names.iter().map(|&name| name.to_owned()));
        columns.push("class".to_owned());
        let rows = shown.iter().map(|difference| {
            let mut row = Vec::with_capacity(columns.len());
            if with_service {
                row.push(difference.service.clone().unwrap_or_default());
            }
            row.push(difference.pointer.dotted());
            for name in &names {
                let value = difference.values.get(*name).and_then(Option::as_ref);
                row.push(value.map_or_else(|| "(not set)".to_owned(), short));
            }
            row.push(difference.class.to_owned());
            row
        });
        let rows = rows.collect();
        [Block::Table { columns, rows }]
            .into_iter()
            .chain(hidden)
            .collect()
    }
}
