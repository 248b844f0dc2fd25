use std::sync::Arc;

use super::{Format, Value};
use crate::report::{Finding, Location, Severity};
use crate::text::{Source, Span};

/// One document of a file: its value, and the text that the value's spans point into.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file it stands in.
    pub source: Arc<Source>,
    /// The format it is written in.
    pub format: Format,
    /// Which document of the file it is, from 0; broken ones are counted too.
    pub index: usize,
    /// What it says. Shared, so that a file that stands in several trees is kept once.
    pub root: Arc<Value>,
}

/// What reading a file gives: the documents that could be read, and what is wrong.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The documents in order, without those that a syntax error broke.
    pub documents: Vec<Document>,
    /// What is wrong, in the order found.
    pub findings: Vec<Finding>,
}

/// Bounds on what one file may ask for, so that no input exhausts memory or the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deep lists and maps may stand in each other. The default is 256: what people write
    /// stays below 20, and every recursion over a value at this depth fits a stack of 1 MiB.
    pub depth: usize,
    /// How many nodes of a file may be copied for aliases, beyond four times those written. The
    /// default is 250,000 (some 30 MB): honest files repeat a block of settings a few hundred
    /// times, a billion laughs stops early.
    pub copies: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 256,
            copies: 250_000,
        }
    }
}

impl Parsed {
    /// Says whether something is so wrong that the values may not be what was meant.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }
}

impl Document {
    /// Makes the place of a span in this document.
    #[must_use]
    pub fn location(&self, span: Span) -> Location {
        Location::new(&self.source, span)
    }
}
