//! The faults that any format can have.

use std::sync::Arc;

use crate::report::{Finding, Location, Rule, Severity};
use crate::text::{Source, Span};

/// More findings than this in one file help nobody.
pub(super) const FINDINGS_KEPT: usize = 1000;

/// A text that does not follow the grammar of its format.
pub static SYNTAX_ERROR: Rule = Rule {
    id: "syntax-error",
    severity: Severity::Error,
    summary: "the text does not follow the rules of its format",
    docs: "The file cannot be read at this place, so nothing behind it is known.\n\
        \n\
        ```yaml\n\
        server: host: example.org   # two `: ` on one line\n\
        title: \"unfinished         # the quotation mark is never closed\n\
        ```\n\
        \n\
        The help line says what is most likely meant. The documents of the file before the \
        fault, and those behind the next `---` line, are still read.",
};

/// Nesting, aliases or size beyond what is read.
pub static DOCUMENT_LIMIT: Rule = Rule {
    id: "document-limit",
    severity: Severity::Error,
    summary: "the document asks for more than is read",
    docs: "Lists and maps may stand at most 256 deep in each other, and the aliases of a YAML \
        file may bring in at most 250,000 values beyond four times those written. Honest \
        configuration stays far below both; a file beyond them would exhaust the memory of \
        whoever reads it.\n\
        \n\
        ```yaml\n\
        a: &a [x, x, x, x]\n\
        b: &b [*a, *a, *a, *a]\n\
        c: &c [*b, *b, *b, *b]     # four times larger with every line\n\
        ```\n\
        \n\
        Write the values out where they are needed, or split the file.",
};

/// A key that stands twice in one map.
pub static DUPLICATE_KEY: Rule = Rule {
    id: "duplicate-key",
    severity: Severity::Error,
    summary: "a key stands twice in the same map",
    docs: "Readers disagree about which of the two values counts, and most drop one in silence. \
        Here the last one counts until the file is mended.\n\
        \n\
        ```yaml\n\
        port: 8080\n\
        host: localhost\n\
        port: 9090      # which port?\n\
        ```\n\
        \n\
        Remove one of the two. `8080:` and `\"8080\":` are the same key.",
};

/// The byte-order mark's length, where the text starts with one.
pub(super) fn bom_length(text: &str) -> usize {
    if text.starts_with('\u{feff}') { 3 } else { 0 }
}

/// Makes a span from the offsets of a text known to be shorter than 4 GiB.
pub(super) fn span(start: usize, end: usize) -> Span {
    let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    Span::new(narrow(start), narrow(end))
}

pub(super) fn too_deep(source: &Arc<Source>, at: Span) -> Finding {
    Finding::new(
        &DOCUMENT_LIMIT,
        "lists and maps stand too deep in each other",
        Location::new(source, at),
    )
    .with_help("nest less deeply, or split the file")
}

pub(super) fn duplicate_key(source: &Arc<Source>, key: &str, first: Span, second: Span) -> Finding {
    Finding::new(
        &DUPLICATE_KEY,
        format!("the key `{key}` stands twice in the same map"),
        Location::new(source, second).with_label("here again"),
    )
    .with_related(Location::new(source, first).with_label("first here"))
    .with_help("remove one of the two; until then the last one counts")
}
