//! Texts changed so that they say something else, and keep all that was not changed: comments,
//! order, quotes, indentation, anchors, line ends.
//!
//! What changed is seen from the places that values know: a value that still knows where it was
//! read is the one that stands there, under whatever name or in whatever map it is now. All
//! changes are spliced into the text at once; the result is read again, and where it does not say
//! what it should, that part is written anew.

mod block;
mod carry;
mod flow;
mod group;
mod kept;
mod layout;
mod layout_json;
mod measure;
mod render;
mod rewriter;
mod scan;
mod toml;

use std::collections::HashMap;
use std::sync::Arc;

use self::layout::Node;
use self::rewriter::{Mode, Rewriter};
use self::scan::{Comments, Scan};
use super::write::toml::unwritable;
use super::{
    Document, Format, Kind, Limits, Parsed, Value, parse, write_json, write_toml, write_yaml,
};
use crate::text::{Pointer, Source};

/// How a text is to be changed.
#[derive(Clone, Debug, Default)]
pub struct RewriteOptions {
    /// What to write above the comments of an entry that goes, by where its key starts.
    pub removed: HashMap<u32, String>,
    /// Whether the comments of entries that go are to go with them.
    pub drop_comments: bool,
    /// Whether it is a fault to change a value that aliases repeat elsewhere, where those are to
    /// stay as they are. Else they are written out.
    pub refuse_shared: bool,
}

/// A text that was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// The text.
    pub text: String,
    /// What had to be written anew as a whole, by document and place: its comments and its style
    /// may be others now.
    pub anew: Vec<(usize, Pointer)>,
}

/// Why a text cannot be changed as it is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RewriteError {
    /// A value is repeated by aliases that are to stay as they are.
    #[error("the value is repeated at `{at}` by an alias, and would change there too")]
    Shared {
        /// Where the alias stands.
        at: Pointer,
    },
    /// The format cannot say a value.
    #[error("the value at `{at}` cannot be written in {format}")]
    Unwritable {
        /// Where the value stands.
        at: Pointer,
        /// The name of the format.
        format: &'static str,
    },
}

/// Changes the text that documents were read from, so that they say what is intended.
///
/// `documents` are all those of one file in order, and `intended` what each is to say. A value
/// that was there knows its place by its [`span`](Value::span), an entry by its
/// [`key`](super::Entry::key); a value from elsewhere must have no place at all. Nothing
/// that is not changed is written otherwise; a file that says what it should comes back byte for
/// byte.
///
/// ```
/// use std::sync::Arc;
/// use strata::document::{Format, RewriteOptions, Value, Kind, parse, rewrite};
/// use strata::text::Source;
///
/// let text = "pool: 5   # connections\nhost: 'db'\n";
/// let parsed = parse(&Arc::new(Source::new("a.yaml", text)), Format::Yaml);
/// let mut root = (*parsed.documents[0].root).clone();
/// root.child_mut("host").unwrap().kind = Kind::String("db2".into());
/// let done = rewrite(&parsed.documents, &[root], &RewriteOptions::default()).unwrap();
/// assert_eq!(done.text, "pool: 5   # connections\nhost: 'db2'\n");
/// ```
///
/// # Errors
///
/// A value that the format cannot say, and one that others repeat where that is refused.
///
/// # Panics
///
/// Where there are not as many intended values as documents.
pub fn rewrite(
    documents: &[Document],
    intended: &[Value],
    options: &RewriteOptions,
) -> Result<Rewritten, RewriteError> {
    assert_eq!(documents.len(), intended.len(), "a value for each document");
    let Some(first) = documents.first() else {
        return Ok(Rewritten::default());
    };
    let text = first.source.text();
    let pairs = || documents.iter().zip(intended);
    if pairs().all(|(document, value)| *document.root == *value) {
        return Ok(Rewritten {
            text: text.to_owned(),
            anew: Vec::new(),
        });
    }
    if let (Format::Toml, [intended]) = (first.format, intended) {
        return rewrite_toml(first, intended, options);
    }
    let comments = match first.format {
        Format::Json => Comments::Slash,
        Format::Yaml | Format::Toml => Comments::Hash,
    };
    let scan = Scan { text, comments };
    let nodes: Vec<Option<Node>> = match first.format {
        Format::Yaml => {
            let mut nodes = layout::of_yaml(scan, Limits::default().depth);
            let mut node = |index| {
                let at = nodes.iter().position(|(at, _)| *at == index)?;
                nodes.swap_remove(at).1
            };
            documents.iter().map(|it| node(it.index)).collect()
        }
        Format::Json => documents
            .iter()
            .map(|it| Some(layout_json::of_json(scan, &it.root)))
            .collect(),
        Format::Toml => Vec::new(),
    };
    for mode in [Mode::Keep, Mode::WriteOut, Mode::Coarse] {
        if mode == Mode::WriteOut && !text.contains('*') {
            continue;
        }
        let mut rewriter = Rewriter::new(
            scan,
            first.format,
            documents,
            &nodes,
            intended,
            options,
            mode,
        );
        let done = rewriter.run()?;
        if says(&done.text, first.format, intended) {
            return Ok(done);
        }
    }
    Ok(anew(documents, intended))
}

fn rewrite_toml(
    document: &Document,
    intended: &Value,
    options: &RewriteOptions,
) -> Result<Rewritten, RewriteError> {
    if let Some(at) = unwritable(intended) {
        let format = Format::Toml.as_str();
        return Err(RewriteError::Unwritable { at, format });
    }
    let none = HashMap::new();
    let notes = match options.drop_comments {
        true => &none,
        false => &options.removed,
    };
    let text = document.source.text();
    let changed = toml::rewrite(text, &document.root, intended, notes);
    let said = changed.filter(|text| says(text, Format::Toml, std::slice::from_ref(intended)));
    Ok(match said {
        Some(text) => Rewritten {
            text,
            anew: Vec::new(),
        },
        None => Rewritten {
            text: write_toml(intended).expect("it was looked through for what cannot be written"),
            anew: vec![(document.index, Pointer::root())],
        },
    })
}

/// Reads a text again, and says whether it says what is intended.
fn says(text: &str, format: Format, intended: &[Value]) -> bool {
    let Parsed {
        documents,
        findings: _,
    } = parse(&Arc::new(Source::new("", text)), format);
    documents.len() == intended.len()
        && documents
            .iter()
            .zip(intended)
            .all(|(document, value)| *document.root == *value)
}

/// Writes everything anew.
fn anew(documents: &[Document], intended: &[Value]) -> Rewritten {
    let texts = documents
        .iter()
        .zip(intended)
        .map(|(document, value)| match document.format {
            Format::Json => write_json(value),
            Format::Yaml | Format::Toml => write_yaml(value),
        });
    Rewritten {
        text: texts.collect::<Vec<_>>().join("---\n"),
        anew: documents
            .iter()
            .map(|document| (document.index, Pointer::root()))
            .collect(),
    }
}

/// Says whether a value is written in lines of its own: a list or a map with something in it.
fn has_lines(value: &Value) -> bool {
    match &value.kind {
        Kind::Array(items) => !items.is_empty(),
        Kind::Object(map) => !map.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;
