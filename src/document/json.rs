//! JSON, with comments and trailing commas, through jsonc-parser.

use std::sync::Arc;

use jsonc_parser::ast::Value as Node;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, ParseStringErrorKind, parse_to_ast};
use smol_str::{SmolStr, format_smolstr};

use super::fault::{FINDINGS_KEPT, SYNTAX_ERROR, bom_length, duplicate_key, span, too_deep};
use super::{Document, Entry, Format, Kind, Limits, Map, Number, Parsed, Value};
use crate::report::{Finding, Location};
use crate::text::{Pointer, Source};

/// Comments and trailing commas, and nothing else that JSON does not know.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn read(source: &Arc<Source>, limits: &Limits) -> Parsed {
    let shift = bom_length(source.text());
    let text = &source.text()[shift..];
    let mut reader = Reader {
        source,
        shift,
        findings: Vec::new(),
        path: Pointer::root(),
    };
    let root = match parse_to_ast(text, &CollectOptions::default(), &OPTIONS) {
        Ok(parsed) => match parsed.value {
            Some(node) => reader.value(node, limits.depth),
            None => {
                let finding = reader.syntax("the file is empty", 0, 0);
                reader
                    .findings
                    .push(finding.with_help("write at least `{}`"));
                None
            }
        },
        Err(error) => {
            let finding = reader.explain(&error);
            reader.findings.push(finding);
            None
        }
    };
    let document = root.map(|root| Document {
        source: Arc::clone(source),
        format: Format::Json,
        index: 0,
        root: Arc::new(root),
    });
    Parsed {
        documents: document.into_iter().collect(),
        findings: reader.findings,
    }
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    /// The length of the byte-order mark.
    shift: usize,
    findings: Vec<Finding>,
    path: Pointer,
}

impl Reader<'_> {
    /// Converts a node; `None` where it is too deep, and the finding has been made.
    fn value(&mut self, node: Node<'_>, depth: usize) -> Option<Value> {
        let range = node.range();
        let at = span(range.start + self.shift, range.end + self.shift);
        let kind = match node {
            Node::NullKeyword(_) => Kind::Null,
            Node::BooleanLit(literal) => Kind::Bool(literal.value),
            Node::NumberLit(literal) => Kind::Number(Number::trusted(literal.value)),
            Node::StringLit(literal) => Kind::String(SmolStr::from(literal.value)),
            Node::Array(_) | Node::Object(_) if depth == 0 => {
                self.findings.push(too_deep(self.source, at));
                return None;
            }
            Node::Array(list) => {
                let mut items = Vec::with_capacity(list.elements.len());
                for (index, element) in list.elements.into_iter().enumerate() {
                    self.path.push(format_smolstr!("{index}"));
                    items.push(self.value(element, depth - 1)?);
                    self.path.pop();
                }
                Kind::Array(items)
            }
            Node::Object(object) => {
                let mut map = Map::with_capacity(object.properties.len());
                for property in object.properties {
                    let range = property.name.range();
                    let key = span(range.start + self.shift, range.end + self.shift);
                    let name = SmolStr::from(property.name.into_string());
                    self.path.push(name.clone());
                    let value = self.value(property.value, depth - 1)?;
                    if let Some(first) = map.insert(name.clone(), Entry { key, value })
                        && self.findings.len() < FINDINGS_KEPT
                    {
                        let mut finding = duplicate_key(self.source, &name, first.key, key);
                        finding.location.pointer = Some(self.path.clone());
                        self.findings.push(finding);
                    }
                    self.path.pop();
                }
                Kind::Object(map)
            }
        };
        Some(Value::new(kind, at))
    }

    fn syntax(&self, message: &str, start: usize, end: usize) -> Finding {
        let at = span(start + self.shift, end + self.shift);
        Finding::new(&SYNTAX_ERROR, message, Location::new(self.source, at))
    }

    fn explain(&self, error: &ParseError) -> Finding {
        use ParseErrorKind as K;
        let range = error.range();
        let (message, help) = match error.kind() {
            K::NestingDepthExceeded => {
                let at = span(range.start + self.shift, range.start + self.shift);
                return too_deep(self.source, at);
            }
            K::ExpectedComma => (
                "a comma is missing here",
                "separate entries and items by commas",
            ),
            K::ExpectedColonAfterObjectKey => (
                "a colon is missing behind the key",
                "write `\"key\": value`",
            ),
            K::ExpectedObjectValue => (
                "the key has no value",
                "write a value behind the colon, `null` if there is none",
            ),
            K::ExpectedStringObjectProperty | K::UnexpectedTokenInObject => (
                "a key in double quotes is expected here",
                "write `\"key\": value`, or close the map with `}`",
            ),
            K::UnterminatedObject => ("the bracket `{` is never closed", "add the missing `}`"),
            K::UnterminatedArray => ("the bracket `[` is never closed", "add the missing `]`"),
            K::UnterminatedCommentBlock => {
                ("the comment `/*` is never closed", "add the missing `*/`")
            }
            K::String(ParseStringErrorKind::UnterminatedStringLiteral) => (
                "a quotation mark is never closed",
                "add the closing quotation mark",
            ),
            K::String(_) => (
                "the backslash starts no escape that JSON knows",
                "write the backslash twice: `\\\\`",
            ),
            K::SingleQuotedStringsNotAllowed => {
                ("JSON knows no single quotes", "use double quotes")
            }
            K::HexadecimalNumbersNotAllowed
            | K::UnaryPlusNumbersNotAllowed
            | K::BareDecimalPointNumbersNotAllowed
            | K::NonFiniteNumbersNotAllowed
            | K::ExpectedDigit
            | K::ExpectedDigitFollowingNegativeSign
            | K::ExpectedPlusMinusOrDigitInNumberLiteral => (
                "this is no number that JSON knows",
                "write it in decimal digits, such as -0.5 or 1e6, or as a text in quotes",
            ),
            K::MultipleRootJsonValues => (
                "the file goes on behind its value",
                "keep one value a file; put several into a list `[…]`",
            ),
            K::UnexpectedCloseBrace | K::UnexpectedCloseBracket => (
                "a closing bracket stands where a value is expected",
                "remove it, or write the value that is missing",
            ),
            _ => (
                "this is no value",
                "write a number, true, false, null, or a text in double quotes",
            ),
        };
        self.syntax(message, range.start, range.end).with_help(help)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::text::Span;

    fn read(text: &str) -> Parsed {
        parse(&Arc::new(Source::new("a.json", text)), Format::Json)
    }

    #[test]
    fn keeps_numbers_order_and_byte_spans() {
        let text = "\u{feff}{ // ä\n \"ü\": [1.10, 123456789012345678901234567890,], /* x */ \"a\": \"\\u00e9\",}";
        let parsed = read(text);
        assert!(parsed.findings.is_empty());
        let root = &parsed.documents[0].root;
        let keys: Vec<_> = root.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["ü", "a"]);
        let number = &root.get("ü").unwrap().as_array().unwrap()[0];
        assert_eq!(number.as_number().unwrap().as_str(), "1.10");
        assert_eq!(&text[number.span.range()], "1.10");
        let key = root.as_object().unwrap().entry("ü").unwrap().key;
        assert_eq!(&text[key.range()], "\"ü\"");
        assert_eq!(root.get("a").unwrap().as_str(), Some("é"));
        assert_eq!(root.span, Span::new(3, u32::try_from(text.len()).unwrap()));
    }

    #[test]
    fn duplicate_key_points_at_both() {
        let parsed = read("{\"a\": {\"b\": 1,\n\"b\": 2}}");
        let finding = &parsed.findings[0];
        assert_eq!(finding.rule.id, "duplicate-key");
        assert_eq!(finding.location.start().line, 2);
        assert_eq!(finding.related[0].start().line, 1);
        assert_eq!(
            finding.location.pointer.as_ref().unwrap().to_string(),
            "/a/b"
        );
        let root = &parsed.documents[0].root;
        assert_eq!(
            root.get("a")
                .unwrap()
                .get("b")
                .unwrap()
                .as_number()
                .unwrap()
                .as_str(),
            "2"
        );
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, message, line) in [
            ("", "the file is empty", 1),
            ("{\"a\": 1\n\"b\": 2}", "a comma is missing here", 1),
            ("{\"a\" 1}", "a colon is missing behind the key", 1),
            ("{\"a\":", "the key has no value", 1),
            ("{a: 1}", "a key in double quotes is expected here", 1),
            ("{\n\"a\": [1", "the bracket `[` is never closed", 2),
            ("{\"a\": 1", "the bracket `{` is never closed", 1),
            ("/* x", "the comment `/*` is never closed", 1),
            ("[\"x", "a quotation mark is never closed", 1),
            (
                "[\"\\q\"]",
                "the backslash starts no escape that JSON knows",
                1,
            ),
            ("['x']", "JSON knows no single quotes", 1),
            ("[+1]", "this is no number that JSON knows", 1),
            ("[1, .5]", "this is no number that JSON knows", 1),
            ("{}\n{}", "the file goes on behind its value", 2),
            ("]", "a closing bracket stands where a value is expected", 1),
            ("[yes]", "this is no value", 1),
        ] {
            let parsed = read(text);
            assert!(parsed.documents.is_empty(), "{text}");
            let finding = &parsed.findings[0];
            assert_eq!(finding.message, message, "{text}");
            assert_eq!(finding.location.start().line, line, "{text}");
            assert!(finding.help.is_some(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        for depth in [257, 600, 100_000] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
                let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                let parsed = read(&text);
                assert!(parsed.documents.is_empty());
                assert_eq!(
                    parsed.findings[0].rule.id, "document-limit",
                    "{depth}{open}"
                );
            }
        }
        let text = format!("{}1{}", "{\"a\":".repeat(256), "}".repeat(256));
        assert_eq!(read(&text).documents[0].root.count(), 257);
    }
}
