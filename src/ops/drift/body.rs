use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use super::rules::Class;
use crate::config::Provenance;
use crate::document::Value;
use crate::ops::diff::short;
use crate::ops::read::Origin;
use crate::report::{Block, View};
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
    #[serde(skip)]
    rank: Class,
}

impl Difference {
    pub(super) fn new(service: Option<&str>, pointer: Pointer, class: Class) -> Self {
        Self {
            service: service.map(str::to_owned),
            pointer,
            values: IndexMap::new(),
            absent: Vec::new(),
            provenance: IndexMap::new(),
            class: class.name(),
            rank: class,
        }
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
