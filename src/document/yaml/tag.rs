//! Tags: those of the core schema are obeyed, others kept.

use granit_parser::Tag;

use super::super::Kind;
use super::scalar::{is_integer, is_number, plain};
use crate::report::{Rule, Severity};

/// A value that its own tag contradicts.
pub static TAG_MISMATCH: Rule = Rule {
    id: "tag-mismatch",
    severity: Severity::Error,
    summary: "a value is not what its tag says",
    docs: "A tag such as `!!int` states the type of the value behind it, and the two must agree.\n\
        \n\
        ```yaml\n\
        port: !!int eighty\n\
        ```\n\
        \n\
        Correct the value, or leave the tag out.",
};

/// A scalar, read as its tag says.
pub(super) struct Tagged {
    pub(super) kind: Kind,
    /// The tag, where it is not of the core schema.
    pub(super) kept: Option<Box<str>>,
    /// What is wrong, where tag and text contradict each other.
    pub(super) mismatch: Option<String>,
}

/// Reads a scalar with a tag.
pub(super) fn read(tag: &Tag, text: &str, is_plain: bool) -> Tagged {
    let untagged = || match plain(text) {
        kind if is_plain => kind,
        _ => Kind::String(text.into()),
    };
    let mut kept = None;
    let (kind, fits) = match tag.core_suffix() {
        Some("str") => (Kind::String(text.into()), true),
        Some("int") => (plain(text), is_integer(text.as_bytes())),
        Some("float") => (plain(text), is_number(text.as_bytes())),
        Some("bool") => (plain(text), matches!(plain(text), Kind::Bool(_))),
        Some("null") => (plain(text), plain(text) == Kind::Null),
        Some(_) => (untagged(), false),
        None if is_non_specific(tag) => (Kind::String(text.into()), true),
        None => {
            kept = Some(name(tag));
            (untagged(), true)
        }
    };
    let mismatch = (!fits).then(|| {
        let name = tag.core_suffix().unwrap_or_default();
        format!("the value is tagged `!!{name}`, but is none")
    });
    Tagged {
        kind,
        kept,
        mismatch,
    }
}

/// Gives the tag of a list or map where it is not of the core schema, and what is wrong where the
/// tag contradicts the value.
pub(super) fn of_collection(
    tag: Option<&Tag>,
    is_list: bool,
) -> (Option<Box<str>>, Option<String>) {
    let Some(tag) = tag else {
        return (None, None);
    };
    let (fitting, what) = if is_list {
        ("seq", "list")
    } else {
        ("map", "map")
    };
    match tag.core_suffix() {
        Some(name) if name == fitting => (None, None),
        Some(name) => {
            let message = format!("the value is tagged `!!{name}`, but it is a {what}");
            (None, Some(message))
        }
        None if is_non_specific(tag) => (None, None),
        None => (Some(name(tag)), None),
    }
}

/// Says whether the tag is `!!merge`.
pub(super) fn is_merge_tag(tag: &Tag) -> bool {
    tag.parts() == (YAML_PREFIX, "merge")
}

/// Says whether the tag is the bare `!`, which makes a scalar a string.
fn is_non_specific(tag: &Tag) -> bool {
    matches!(tag.parts(), ("", "!") | ("!", ""))
}

const YAML_PREFIX: &str = "tag:yaml.org,2002:";

/// Writes a tag in its one shortest form: `!Ref`, `!!binary`, or `!<tag:example.org,2000:x>`.
fn name(tag: &Tag) -> Box<str> {
    let (handle, suffix) = tag.parts();
    let full = format!("{handle}{suffix}");
    if let Some(name) = full.strip_prefix(YAML_PREFIX) {
        format!("!!{name}").into()
    } else if full.starts_with('!') {
        full.into()
    } else {
        format!("!<{full}>").into()
    }
}
