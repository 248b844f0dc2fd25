use std::sync::Arc;

use bstr::{BStr, BString};

use super::template::Reads;
use crate::document::{self, Document, Format, Parsed, Value};
use crate::git::Oid;
use crate::report::{Finding, Location, Severity};
use crate::text::Source;

/// A file of a snapshot, parsed.
#[derive(Debug)]
pub struct ParsedFile {
    /// Where it stands.
    pub path: BString,
    /// Its text; of a template the text as it is written.
    pub source: Arc<Source>,
    /// Its object id; none where it stands in no tree.
    pub id: Option<Oid>,
    /// What it holds. The sources of documents and findings may carry the name of another
    /// revision that holds the very same bytes.
    parsed: Arc<Parsed>,
    /// A file whose bytes are no text has this finding and no documents.
    unreadable: Option<Finding>,
    /// The files that a template includes; the layer of a value counts from the template itself.
    beside: Vec<Arc<Source>>,
    /// What a template read besides itself.
    reads: Option<Arc<Reads>>,
}

impl ParsedFile {
    /// Parses bytes that stand in no tree, such as a file on disk; the name tells the format.
    #[must_use]
    pub fn of_bytes(name: &str, bytes: &[u8]) -> Self {
        let format = Format::of_path(name).unwrap_or(Format::Yaml);
        let (source, parsed, unreadable) = match document::read(name, None, bytes) {
            Ok(source) => {
                let parsed = Arc::new(document::parse(&source, format));
                (source, parsed, None)
            }
            Err(finding) => {
                let source = Arc::clone(&finding.location.source);
                (source, Arc::default(), Some(*finding))
            }
        };
        Self {
            path: name.into(),
            source,
            id: None,
            parsed,
            unreadable,
            beside: Vec::new(),
            reads: None,
        }
    }

    /// Makes a file of a tree, parsed.
    pub(super) fn of_tree(path: &BStr, source: Arc<Source>, id: Oid, parsed: Arc<Parsed>) -> Self {
        Self {
            path: path.to_owned(),
            source,
            id: Some(id),
            parsed,
            unreadable: None,
            beside: Vec::new(),
            reads: None,
        }
    }

    /// Gives what was parsed, for another file of a tree that holds the same bytes.
    pub(super) fn like(&self, path: &BStr, source: Arc<Source>, id: Oid) -> Self {
        Self::of_tree(path, source, id, Arc::clone(&self.parsed))
    }

    /// Makes a file whose bytes are no text.
    pub(super) fn unreadable(path: &BStr, id: Oid, finding: Finding) -> Self {
        Self {
            path: path.to_owned(),
            source: Arc::clone(&finding.location.source),
            id: Some(id),
            parsed: Arc::default(),
            unreadable: Some(finding),
            beside: Vec::new(),
            reads: None,
        }
    }

    /// Makes a file of a template: of its text, the files it includes, and what came out.
    pub(super) fn rendered(
        path: &BStr,
        (source, beside): (Arc<Source>, Vec<Arc<Source>>),
        id: Oid,
        parsed: Parsed,
        reads: Reads,
    ) -> Self {
        Self {
            path: path.to_owned(),
            source,
            id: Some(id),
            parsed: Arc::new(parsed),
            unreadable: None,
            beside,
            reads: Some(Arc::new(reads)),
        }
    }

    /// Says what a template read besides itself; none where this is no template.
    pub(crate) fn reads(&self) -> Option<&Arc<Reads>> {
        self.reads.as_ref()
    }

    /// Gives the files that a template includes.
    pub(crate) fn beside(&self) -> &[Arc<Source>] {
        &self.beside
    }

    /// Gives the place of a value: in the file, or in one that a template includes.
    #[must_use]
    pub fn place(&self, value: &Value) -> Location {
        let beside = usize::from(value.layer).checked_sub(1);
        let source = beside.and_then(|number| self.beside.get(number));
        Location::new(source.unwrap_or(&self.source), value.span)
    }

    /// Gives the documents, in order.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.parsed.documents
    }

    /// Gives what is wrong with the text.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.unreadable.iter().chain(&self.parsed.findings)
    }

    /// Says whether the text could be read to its end.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let error = Severity::Error;
        self.findings().all(|finding| finding.severity < error)
    }
}
