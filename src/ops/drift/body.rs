use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use super::expected::Expectation;
use super::rest::Counted;
use super::rules::Class;
use crate::document::Value;
use crate::ops::read::Origin;
use crate::report::Finding;
use crate::text::{Date, Pointer};

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
    /// How many more a person would see, and how many more are meant, that are not given.
    #[serde(skip)]
    pub(super) more: usize,
    #[serde(skip)]
    pub(super) hidden: usize,
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
    /// Whether what it is will be known when the histories have been read.
    #[serde(skip)]
    pub(super) is_open: bool,
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

impl DriftBody {
    pub(super) fn new(
        environments: Vec<EnvironmentBody>,
        differences: Vec<Difference>,
        must_differ: Vec<MustDiffer>,
        all: bool,
        rest: Counted,
    ) -> Self {
        let mut counts = rest.counts;
        for difference in &differences {
            *counts.entry(difference.class).or_default() += 1;
        }
        Self {
            environments,
            differences,
            counts,
            must_differ,
            all,
            more: rest.shown,
            hidden: rest.hidden,
        }
    }
}
