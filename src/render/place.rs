use super::visible;
use crate::report::Location;
use crate::text::{Source, Span};

/// Gives a file's path as forges compare it: without a leading `./`.
pub(super) fn path(source: &Source) -> &str {
    let name = source.name();
    name.strip_prefix("./").unwrap_or(name)
}

/// Says whether a place stands for its whole file.
pub(super) fn is_whole_file(location: &Location) -> bool {
    location.span.end == 0 && location.pointer.is_none()
}

/// Names the revision of a place in words, where it has one.
pub(super) fn at_revision(revision: Option<&str>) -> String {
    match revision {
        None => String::new(),
        Some("index") => " (in the index)".to_owned(),
        Some(revision) => format!(" (at {})", visible::line(revision)),
    }
}

/// Writes a place as `file:line:column`, or as the file alone where all of it is meant, with the
/// revision behind it; control characters are made visible.
pub(super) fn place(location: &Location) -> String {
    let name = visible::line(location.source.name());
    let revision = at_revision(location.source.revision());
    if is_whole_file(location) {
        return format!("{name}{revision}");
    }
    let start = location.start();
    format!("{name}:{}:{}{revision}", start.line, start.column)
}

/// Clips a span to its text, and takes line ends and blanks off its end: the span of a YAML
/// block often ends where the next key begins.
pub(super) fn drawn_span(location: &Location) -> Span {
    let (text, span) = (location.source.text(), location.span);
    let clip = |offset: u32| {
        let mut at = (offset as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (start, end) = (clip(span.start), clip(span.end));
    let marked = &text[start..end];
    let kept = if marked.contains(['\n', '\r']) {
        marked.trim_end()
    } else {
        marked
    };
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(start + kept.len()))
}
