//! What a migration says: its steps, as data.

use std::sync::Arc;

use regex::Regex;
use semver::{Version, VersionReq};
use smol_str::SmolStr;

use super::condition::Condition;
use super::convert::Conversion;
use super::path::Path;
use crate::config::schema::Formula;
use crate::document::Value;
use crate::report::Location;

/// A migration: what carries a document to a version.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The version it carries to, as the file's name says.
    pub version: Version,
    /// What it is about.
    pub description: Option<String>,
    /// The versions that it can start from.
    pub from: Option<VersionReq>,
    /// The schema whose documents it is for; none for all.
    pub schema: Option<String>,
    pub(super) steps: Vec<Step>,
    /// Where the file begins.
    pub location: Location,
}

/// One step.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub about: Arc<About>,
    pub operation: Operation,
    pub when: Option<Condition>,
    /// What undoes it, where the file says so.
    pub inverse: Option<Vec<Self>>,
}

/// What is said of a step wherever it is told.
#[derive(Debug)]
pub struct About {
    /// The version that its migration carries to.
    pub version: SmolStr,
    /// Its number in the file, from 1; a step in another has its number there.
    pub number: usize,
    /// What it does, in the word of the file.
    pub operation: &'static str,
    /// Why.
    pub why: Option<Arc<str>>,
    /// Where it stands.
    pub location: Location,
}

/// What stands where something else should go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum IfExists {
    /// It stays, and what should have gone there is dropped.
    Keep,
    /// It gives way.
    Replace,
    /// Both become one.
    Merge,
    /// Nothing is done, and a person is told.
    #[default]
    Stop,
}

/// What becomes of a value that is not listed.
#[derive(Clone, Debug)]
pub(super) enum Otherwise {
    Keep,
    Stop,
    Value(Value),
}

/// What joins several values into one.
#[derive(Clone, Debug)]
pub(super) enum Join {
    /// Texts, with this between them.
    Text(SmolStr),
    /// Lists or maps; of lists, whether repetitions are left out.
    Container { unique: bool },
}

/// How a text is divided.
#[derive(Clone, Debug)]
pub(super) enum Divide {
    By(SmolStr),
    Pattern(Regex),
}

/// How a text becomes several values.
#[derive(Clone, Debug)]
pub(super) struct Division {
    pub by: Divide,
    /// Where the parts go, by the names of groups; none where they become a list.
    pub into: Option<Vec<(SmolStr, Path)>>,
    pub types: Vec<Scalar>,
    /// Whether blanks around the parts are left out.
    pub trim: bool,
}

/// A type that a piece of a text is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Boolean,
    String,
    Number,
    Integer,
}

/// What a step does.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Rename {
        path: Path,
        to: SmolStr,
        if_exists: IfExists,
    },
    Move {
        path: Path,
        to: Path,
        if_exists: IfExists,
        keep_empty: bool,
    },
    Copy {
        path: Path,
        to: Path,
        if_exists: IfExists,
    },
    /// Takes a copy away that is still one.
    RemoveCopy {
        path: Path,
        of: Path,
    },
    Remove {
        path: Path,
        was: Option<Value>,
        /// Whether another value than `was` stays without a word, and maps emptied go.
        undo: Option<Prune>,
    },
    Add {
        path: Path,
        value: Value,
        create: bool,
    },
    Set {
        path: Path,
        value: Value,
    },
    PinDefault {
        path: Path,
        value: Option<Value>,
    },
    MapValues {
        path: Path,
        values: Vec<(Value, Value)>,
        /// Whether a text stands for the number or truth value so written, too.
        loose: bool,
        otherwise: Otherwise,
    },
    Convert {
        path: Path,
        conversion: Conversion,
    },
    Wrap {
        path: Path,
        key: Option<SmolStr>,
    },
    Unwrap {
        path: Path,
        key: Option<SmolStr>,
    },
    Split {
        path: Path,
        division: Division,
    },
    Merge {
        paths: Vec<Path>,
        into: Path,
        join: Join,
        types: Vec<Scalar>,
    },
    Hoist {
        path: Path,
        prefix: SmolStr,
        only: Option<Vec<SmolStr>>,
    },
    Plunge {
        paths: Vec<Path>,
        into: Path,
        strip: SmolStr,
    },
    ToMap {
        path: Path,
        key: SmolStr,
        value: Option<SmolStr>,
    },
    ToList {
        path: Path,
        key: SmolStr,
        value: Option<SmolStr>,
    },
    Each {
        path: Path,
        steps: Vec<Step>,
    },
    When {
        condition: Condition,
        steps: Vec<Step>,
        otherwise: Vec<Step>,
    },
    RegexReplace {
        path: Path,
        pattern: Regex,
        with: String,
        keys: bool,
    },
    Cel {
        path: Path,
        formula: Arc<Formula>,
    },
    Note {
        text: Arc<str>,
        at: Option<Path>,
    },
    Manual {
        text: Arc<str>,
        at: Option<Path>,
    },
}

/// What becomes of maps that taking something out empties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prune {
    Keep,
    Remove,
}

/// Every operation, as files name them.
pub(super) const OPERATIONS: [&str; 23] = [
    "rename",
    "move",
    "copy",
    "remove",
    "add",
    "set",
    "pin_default",
    "map_values",
    "convert",
    "wrap",
    "unwrap",
    "split",
    "merge",
    "hoist",
    "plunge",
    "to_map",
    "to_list",
    "each",
    "when",
    "regex_replace",
    "cel",
    "note",
    "manual",
];

impl Operation {
    /// Gives the paths that the step looks at or changes.
    pub(super) fn paths(&self) -> Vec<&Path> {
        match self {
            Self::Rename { path, .. }
            | Self::Remove { path, .. }
            | Self::Add { path, .. }
            | Self::Set { path, .. }
            | Self::PinDefault { path, .. }
            | Self::MapValues { path, .. }
            | Self::Convert { path, .. }
            | Self::Wrap { path, .. }
            | Self::Unwrap { path, .. }
            | Self::Hoist { path, .. }
            | Self::ToMap { path, .. }
            | Self::ToList { path, .. }
            | Self::Each { path, .. }
            | Self::RegexReplace { path, .. }
            | Self::Cel { path, .. } => vec![path],
            Self::Move { path, to, .. } | Self::Copy { path, to, .. } => vec![path, to],
            Self::RemoveCopy { path, of } => vec![path, of],
            Self::Split { path, division } => {
                let into = division.into.iter().flatten().map(|(_, path)| path);
                std::iter::once(path).chain(into).collect()
            }
            Self::Merge { paths, into, .. } | Self::Plunge { paths, into, .. } => {
                paths.iter().chain([into]).collect()
            }
            Self::When { .. } => Vec::new(),
            Self::Note { at, .. } | Self::Manual { at, .. } => at.iter().collect(),
        }
    }
}
