//! YAML 1.2 with the core schema: our own values over granit-parser's events.

mod anchor;
mod build;
mod fault;
mod frame;
mod merge;
mod outline;
mod plain;
pub(super) mod scalar;
mod tag;

pub use anchor::{RECURSIVE_ALIAS, UNKNOWN_ALIAS};
pub use build::COMPLEX_KEY;
pub use fault::{BAD_INDENTATION, TAB_INDENTATION};
pub use merge::MERGE_VALUE;
pub(crate) use outline::Outline;
pub use tag::TAG_MISMATCH;

use std::sync::Arc;

use granit_parser::{Event, Parser, options};

use self::build::{Builder, Stop};
use super::fault::{bom_length, span};
use super::parsed::{Document, Limits, Parsed};
use super::{Format, Kind, Value};
use crate::text::{Source, Span};

/// Reads every document of a text; one that is broken is left out, and reading goes on behind
/// the next `---`.
pub(super) fn read(source: &Arc<Source>, limits: &Limits) -> Parsed {
    match plain::read(source.text(), limits) {
        Some(root) => Parsed {
            documents: vec![Document {
                source: Arc::clone(source),
                format: Format::Yaml,
                index: 0,
                root: Arc::new(root),
            }],
            findings: Vec::new(),
        },
        None => read_any(source, limits),
    }
}

/// Reads whatever a text holds.
fn read_any(source: &Arc<Source>, limits: &Limits) -> Parsed {
    let options = options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        // Depth is our own affair; the parser's limit is a second line that is never reached.
        flow_nesting_limit: limits.depth.saturating_add(1),
        block_nesting_limit: limits.depth.saturating_add(1),
    };
    let mut parser = Parser::new_from_str_with_options(source.text(), options);
    let mut builder = Builder::new(source, limits);
    let mut documents = Vec::new();
    let mut begun = 0;
    let mut inside = false;
    while let Some(next) = parser.next_event() {
        let stopped = match next {
            Ok((Event::DocumentStart(..), _)) => {
                begun += 1;
                inside = true;
                false
            }
            Ok((Event::DocumentEnd, _)) => {
                inside = false;
                documents.extend(builder.finish().map(|root| Document {
                    source: Arc::clone(source),
                    format: Format::Yaml,
                    index: begun - 1,
                    root: Arc::new(root),
                }));
                false
            }
            Ok((event, span)) => matches!(builder.take(event, span), Err(Stop)),
            Err(error) => {
                builder.say(fault::explain(source, &error));
                true
            }
        };
        if stopped {
            builder.abandon();
            if !inside {
                begun += 1;
            }
            inside = false;
            if !matches!(parser.proceed_next_document(), Ok(true)) {
                break;
            }
        }
    }
    if begun == 0 {
        let start = span(bom_length(source.text()), 0).start;
        documents.push(Document {
            source: Arc::clone(source),
            format: Format::Yaml,
            index: 0,
            root: Arc::new(Value::new(Kind::Null, Span::at(start))),
        });
    }
    Parsed {
        documents,
        findings: builder.findings(),
    }
}

#[cfg(test)]
mod tests;
