//! Text into values whose every node knows where it stands, and back.
//!
//! The only room that names a YAML, JSON or TOML parser. A fault in a text is a
//! [`Finding`](crate::report::Finding); nothing here stops, hangs or overflows on any input.

#[cfg(test)]
pub(crate) mod arbitrary;
mod comment;
mod de;
mod decode;
mod diff;
mod edit;
mod fault;
mod format;
mod json;
mod merge3;
mod number;
mod pack;
mod parse;
mod parsed;
mod reshape;
mod ser;
mod toml;
mod value;
mod walk;
mod write;
mod yaml;

pub use comment::Comments;
pub use de::{DecodeError, from_value};
pub use decode::{NOT_UTF8, decode, read};
pub use diff::{Change, ChangeKind, Identity, apply, diff};
pub(crate) use diff::{parts, same};
pub use edit::{RewriteError, RewriteOptions, Rewritten, rewrite};
pub use fault::{DOCUMENT_LIMIT, DUPLICATE_KEY, SYNTAX_ERROR};
pub use format::Format;
pub use merge3::{Conflict, MergedText, MergedValue, Three, merge, merge_texts};
pub use number::{Decimal, Number};
pub(crate) use pack::{pack, unpack};
pub use parse::{parse, parse_with};
pub use parsed::{Document, Limits, Parsed};
pub use value::{Entry, Kind, Map, Value};
pub(crate) use write::is_string_everywhere;
pub(crate) use write::toml::number_text as toml_number;
pub use write::{write_flow, write_json, write_toml, write_yaml};
pub(crate) use yaml::Outline;
pub use yaml::{
    BAD_INDENTATION, COMPLEX_KEY, MERGE_VALUE, RECURSIVE_ALIAS, TAB_INDENTATION, TAG_MISMATCH,
    UNKNOWN_ALIAS,
};

use crate::report::Rule;

/// Every rule that reading a document can find broken.
pub static RULES: &[&Rule] = &[
    &BAD_INDENTATION,
    &COMPLEX_KEY,
    &DOCUMENT_LIMIT,
    &DUPLICATE_KEY,
    &MERGE_VALUE,
    &NOT_UTF8,
    &RECURSIVE_ALIAS,
    &SYNTAX_ERROR,
    &TAB_INDENTATION,
    &TAG_MISMATCH,
    &UNKNOWN_ALIAS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_in_order_and_explained() {
        assert!(RULES.is_sorted_by_key(|rule| rule.id));
        for rule in RULES {
            assert!(rule.docs.contains("```"), "{} has no example", rule.id);
        }
    }
}
