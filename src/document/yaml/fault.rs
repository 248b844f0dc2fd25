//! Syntax errors in plain words: what is wrong, where, and what to do.

use std::sync::Arc;

use granit_parser::{ErrorKind, ScanError};

use super::super::fault::{SYNTAX_ERROR, span, too_deep};
use crate::report::{Finding, Location, Rule, Severity};
use crate::text::Source;

/// A tab where YAML wants spaces.
pub static TAB_INDENTATION: Rule = Rule {
    id: "tab-indentation",
    severity: Severity::Error,
    summary: "a line is indented with a tab",
    docs: "YAML tells what belongs to what by the number of spaces before a line, and admits no \
        tab there, since editors disagree about a tab's width.\n\
        \n\
        ```yaml\n\
        server:\n\
        \tport: 8080     # a tab before `port`\n\
        ```\n\
        \n\
        Replace the tab by two spaces, and let the editor insert spaces in YAML files.",
};

/// A line that stands too far left or right.
pub static BAD_INDENTATION: Rule = Rule {
    id: "bad-indentation",
    severity: Severity::Error,
    summary: "a line's indentation matches nothing above it",
    docs: "YAML tells what belongs to what by the number of spaces before a line. Keys of one \
        map, and items of one list, start in the same column.\n\
        \n\
        ```yaml\n\
        server:\n\
        \x20   port: 8080\n\
        \x20 host: example.org   # neither below `server` nor beside it\n\
        ```\n\
        \n\
        Align the line with those that it belongs with.",
};

/// What is said about a fault: its rule, place, message and help.
struct Said {
    rule: &'static Rule,
    at: usize,
    message: String,
    help: &'static str,
}

/// Turns the parser's error into a finding.
pub(super) fn explain(source: &Arc<Source>, error: &ScanError) -> Finding {
    let text = source.text();
    let mut at = error.marker().byte_offset().unwrap_or_default();
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        return too_deep(source, span(at, at));
    }
    let said = tab(text, error.kind(), at)
        .or_else(|| layout(text, error.kind(), at))
        .or_else(|| quoting(text, error.kind(), at))
        .or_else(|| brackets(error.kind(), at))
        .unwrap_or_else(|| other(error, at));
    let end = text[said.at..].chars().next();
    let end = match end {
        Some('\n' | '\r') | None => said.at,
        Some(c) => said.at + c.len_utf8(),
    };
    Finding::new(
        said.rule,
        said.message,
        Location::new(source, span(said.at, end)),
    )
    .with_help(said.help)
}

fn tab(text: &str, kind: &ErrorKind, at: usize) -> Option<Said> {
    use ErrorKind as K;
    let about_tabs = matches!(
        kind,
        K::TabNotAllowed
            | K::TabInBlockIndentation
            | K::TabInIndentation
            | K::TabInPlainScalar
            | K::TabAtBlockScalarStart
    );
    let start = line_start(text, at);
    let next = start + line(text, start).len();
    let next_start = next
        + text[next..]
            .find(|c| !matches!(c, '\r' | '\n'))
            .unwrap_or(0);
    let found = indent_tab(text, start)
        .or_else(|| about_tabs.then(|| indent_tab(text, next_start)).flatten());
    if let Some(at) = found {
        return Some(Said {
            rule: &TAB_INDENTATION,
            at,
            message: "this line is indented with a tab".to_owned(),
            help: "replace the tab by spaces",
        });
    }
    about_tabs.then(|| Said {
        rule: &SYNTAX_ERROR,
        at,
        message: "a tab cannot stand here".to_owned(),
        help: "replace the tab by spaces",
    })
}

fn layout(text: &str, kind: &ErrorKind, at: usize) -> Option<Said> {
    use ErrorKind as K;
    let start = line_start(text, at);
    let this = line(text, start);
    let said = |rule, at, message: &str, help| {
        Some(Said {
            rule,
            at,
            message: message.to_owned(),
            help,
        })
    };
    let first = start + indent(this);
    match kind {
        K::MappingValueNotAllowed | K::InvalidSimpleKey if has_key(&text[start..at]) => said(
            &SYNTAX_ERROR,
            at,
            "a second `: ` stands on one line",
            "quote the value if the colon is part of it, or put the second key on a line of its own",
        ),
        K::MappingValueNotAllowed | K::InvalidSimpleKey => match line_above(text, start) {
            Some(above) if has_key(line(text, above)) || line(text, above).contains("- ") => said(
                &BAD_INDENTATION,
                first,
                "this line is indented below a key that has its value already",
                "align it with the lines that it belongs with",
            ),
            Some(above) => said(
                &SYNTAX_ERROR,
                above + indent(line(text, above)),
                "this line is neither `key: value` nor a list item",
                "write a colon and a space behind the key: `key: value`",
            ),
            None => said(
                &SYNTAX_ERROR,
                at,
                "a colon cannot stand here",
                "write the key before the colon: `key: value`",
            ),
        },
        K::SimpleKeyExpected => said(
            &SYNTAX_ERROR,
            first,
            "this line is neither `key: value` nor a list item",
            "write a colon and a space behind the key: `key: value`",
        ),
        K::ExpectedBlockMappingKey if this.trim_start().starts_with("- ") => said(
            &BAD_INDENTATION,
            first,
            "a list item stands where a key is expected",
            "indent the list below its key, or align it with the list it belongs to",
        ),
        K::ExpectedBlockSequenceEntry => said(
            &BAD_INDENTATION,
            first,
            "a list item is expected here, but the line does not start with `- `",
            "start the line with `- `, or align it with the lines that it belongs with",
        ),
        K::ExpectedBlockMappingKey
        | K::InvalidIndentation
        | K::InvalidFlowScalarIndent
        | K::InvalidBlockScalarIndent => said(
            &BAD_INDENTATION,
            first,
            "this line's indentation matches nothing above it",
            "align it with the lines that it belongs with",
        ),
        K::BlockSequenceEntryNotAllowed | K::BlockEntryInFlowCollection => said(
            &SYNTAX_ERROR,
            at,
            "a list item cannot start here",
            "start the list on a line of its own, or write it in brackets: `[a, b]`",
        ),
        _ => None,
    }
}

fn quoting(text: &str, kind: &ErrorKind, at: usize) -> Option<Said> {
    use ErrorKind as K;
    let (at, message, help) = match kind {
        K::UnclosedQuotedScalar
        | K::InvalidQuotedScalarIndent
        | K::DocumentIndicatorInQuotedScalar => (
            text[..at].rfind(['"', '\'']).unwrap_or(at),
            "a quotation mark is not closed on its line".to_owned(),
            "add the closing quotation mark; a quoted text of several lines must be indented",
        ),
        K::InvalidTrailingSingleQuotedScalar => (
            at,
            "text stands right behind the closing quotation mark".to_owned(),
            "inside single quotes, write an apostrophe twice: 'it''s'",
        ),
        K::InvalidTrailingDoubleQuotedScalar => (
            at,
            "text stands right behind the closing quotation mark".to_owned(),
            "inside double quotes, write a quotation mark as \\\"; or quote the whole value",
        ),
        K::UnknownQuotedScalarEscape
        | K::InvalidQuotedScalarHexEscape
        | K::InvalidLowSurrogateHexEscape
        | K::InvalidLowSurrogate
        | K::MissingLowSurrogate
        | K::UnpairedLowSurrogate
        | K::InvalidUnicodeEscape => (
            at,
            "the backslash starts no escape that YAML knows".to_owned(),
            "write the backslash twice (`\\\\`), or use single quotes",
        ),
        K::UnexpectedCharacter { character } => (
            at,
            format!("a value cannot start with `{}`", character.escape_default()),
            "put the value in quotation marks",
        ),
        K::PlainScalarStartsWithDashFlowIndicator | K::UnexpectedEndOfPlainScalar => (
            at,
            "a value cannot start like this".to_owned(),
            "put the value in quotation marks",
        ),
        K::CommentInterceptedScalar => (
            at,
            "a comment stands in the middle of a text of several lines".to_owned(),
            "move the comment above the key, or align the next line with the key",
        ),
        K::CommentNotSeparated => (
            at,
            "a comment needs a space before its `#`".to_owned(),
            "write a space before the `#`, or put the value in quotation marks",
        ),
        K::ZeroBlockScalarIndent | K::InvalidBlockScalarHeader => (
            at,
            "only `+`, `-`, a digit or a comment may follow `|` or `>`".to_owned(),
            "start the text on the next line, indented",
        ),
        K::UnknownAnchor | K::MissingAnchorOrAliasName => (
            at,
            "`&` and `*` need a name right behind them".to_owned(),
            "put the value in quotation marks if it is a text",
        ),
        _ => return None,
    };
    Some(Said {
        rule: &SYNTAX_ERROR,
        at,
        message,
        help,
    })
}

fn brackets(kind: &ErrorKind, at: usize) -> Option<Said> {
    use ErrorKind as K;
    let (message, help) = match kind {
        K::UnclosedFlowCollection { open } => (
            format!("the bracket `{open}` is never closed"),
            "add the closing bracket",
        ),
        K::MismatchedFlowCollectionEnd { open, close } => (
            format!("the bracket `{open}` is closed by `{close}`"),
            "close each bracket by its own kind: `[…]`, `{…}`",
        ),
        K::MisplacedFlowCollectionEnd => (
            "a closing bracket stands without its opening one".to_owned(),
            "remove it, or put the value in quotation marks",
        ),
        K::InvalidColonPlacement
        | K::ExpectedFlowMappingSeparator
        | K::ExpectedFlowSequenceSeparator
        | K::FlowMappingValueAdjacentCollection
        | K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping => (
            "a comma or a closing bracket is missing before this".to_owned(),
            "separate items by commas, and close what `[` or `{` opened above",
        ),
        _ => return None,
    };
    Some(Said {
        rule: &SYNTAX_ERROR,
        at,
        message,
        help,
    })
}

fn other(error: &ScanError, at: usize) -> Said {
    use ErrorKind as K;
    let (message, help) = match error.kind() {
        K::UndeclaredTagHandle => (
            "the prefix of this tag is declared nowhere".to_owned(),
            "declare it with a %TAG line, or use a tag with one `!`",
        ),
        K::UnsupportedYamlMajorVersion => (
            "the %YAML line names a version that does not exist".to_owned(),
            "write `%YAML 1.2`, or remove the line",
        ),
        K::InvalidDocumentEnd => (
            "nothing may follow `...` on its line".to_owned(),
            "put it on the next line",
        ),
        K::BomInsideDocument => (
            "a byte-order mark stands in the middle of the file".to_owned(),
            "remove it; it often comes from joining two files",
        ),
        _ => (
            format!("this is no YAML: {}", error.info()),
            "put the value in quotation marks if it is a text",
        ),
    };
    Said {
        rule: &SYNTAX_ERROR,
        at,
        message,
        help,
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

fn line(text: &str, start: usize) -> &str {
    let rest = &text[start..];
    &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())]
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t', '\u{feff}']).len()
}

/// Finds the tab that a line is indented with.
fn indent_tab(text: &str, start: usize) -> Option<usize> {
    let line = line(text, start);
    line[..indent(line)].find('\t').map(|tab| start + tab)
}

/// Finds the start of the nearest line above that says something.
fn line_above(text: &str, start: usize) -> Option<usize> {
    let mut start = start;
    while start > 0 {
        start = line_start(text, start - 1);
        let said = line(text, start).trim();
        if !said.is_empty() && !said.starts_with('#') {
            return Some(start);
        }
    }
    None
}

/// Says whether a line holds `key:`, as far as a look can tell.
fn has_key(line: &str) -> bool {
    line.contains(": ") || line.trim_end().ends_with(':')
}
