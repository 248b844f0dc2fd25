//! TOML through the `toml` crate's spanned tables.

use std::ops::Range;
use std::sync::Arc;

use smol_str::SmolStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{DUPLICATE_KEY, FINDINGS_KEPT, SYNTAX_ERROR, bom_length, span, too_deep};
use super::{Document, Entry, Format, Kind, Limits, Map, Number, Parsed, Value};
use crate::report::{Finding, Location};
use crate::text::{Source, Span};

pub(super) fn read(source: &Arc<Source>, limits: &Limits) -> Parsed {
    let shift = bom_length(source.text());
    let reader = Reader {
        source,
        shift,
        text: &source.text()[shift..],
    };
    let (table, errors) = DeTable::parse_recoverable(reader.text);
    let mut findings: Vec<_> = errors
        .iter()
        .take(FINDINGS_KEPT)
        .map(|error| reader.explain(error))
        .collect();
    findings.sort_by_key(|finding| finding.location.span);
    let mut documents = Vec::new();
    if errors.is_empty() {
        let whole = reader.span(&table.span());
        match reader.table(table.into_inner(), whole, limits.depth) {
            Ok(mut root) => {
                root.span = span(shift, source.text().len());
                documents.push(Document {
                    source: Arc::clone(source),
                    format: Format::Toml,
                    index: 0,
                    root: Arc::new(root),
                });
            }
            Err(finding) => findings.push(*finding),
        }
    }
    Parsed {
        documents,
        findings,
    }
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    /// The length of the byte-order mark.
    shift: usize,
    /// The text behind it.
    text: &'a str,
}

impl Reader<'_> {
    fn span(&self, range: &Range<usize>) -> Span {
        span(range.start + self.shift, range.end + self.shift)
    }

    fn table(&self, table: DeTable<'_>, at: Span, depth: usize) -> Result<Value, Box<Finding>> {
        if depth == 0 {
            return Err(Box::new(too_deep(self.source, at)));
        }
        // The parser sorts by name; the spans tell the order written.
        let mut entries: Vec<_> = table.into_iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut map = Map::new();
        for (key, value) in entries {
            let at = self.span(&key.span());
            let name = SmolStr::from(key.into_inner());
            let value = self.value(value, depth - 1)?;
            map.insert(name, Entry { key: at, value });
        }
        Ok(Value::new(Kind::Object(map), at))
    }

    fn value(&self, value: Spanned<DeValue<'_>>, depth: usize) -> Result<Value, Box<Finding>> {
        let range = value.span();
        let at = self.span(&range);
        let written = self.text.get(range).unwrap_or_default();
        let kind = match value.into_inner() {
            DeValue::String(text) => Kind::String(SmolStr::from(text)),
            DeValue::Integer(_) | DeValue::Float(_) => Kind::Number(Number::trusted(written)),
            DeValue::Boolean(truth) => Kind::Bool(truth),
            DeValue::Datetime(_) => Kind::String(written.into()),
            DeValue::Table(table) => return self.table(table, at, depth),
            DeValue::Array(_) if depth == 0 => {
                return Err(Box::new(too_deep(self.source, at)));
            }
            DeValue::Array(list) => Kind::Array(
                list.into_iter()
                    .map(|item| self.value(item, depth - 1))
                    .collect::<Result<_, _>>()?,
            ),
        };
        Ok(Value::new(kind, at))
    }

    fn explain(&self, error: &toml::de::Error) -> Finding {
        let at = error.span().map_or(Span::at(0), |range| self.span(&range));
        let message = error.message();
        let location = Location::new(self.source, at);
        if message.contains("duplicate key") {
            let key = self.source.slice(at);
            let message = format!("the key `{key}` stands twice in the same table");
            return Finding::new(&DUPLICATE_KEY, message, location)
                .with_help("remove one of the two");
        }
        if message.contains("recurs") {
            return too_deep(self.source, at);
        }
        let message = message.trim_end_matches('.').replace('\n', "; ");
        Finding::new(
            &SYNTAX_ERROR,
            format!("this is no TOML: {message}"),
            location,
        )
        .with_help("write `key = value`, texts in double quotes, tables as `[name]`")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{parse, parse_with};
    use super::*;

    fn read(text: &str) -> Parsed {
        parse(&Arc::new(Source::new("a.toml", text)), Format::Toml)
    }

    #[test]
    fn keeps_order_numbers_dates_and_byte_spans() {
        let text = "\u{feff}# ä\nz = 0x1F\na.b = 1_000.50 # ü\n\"é\" = [1979-05-27, inf]\n\
            [t]\nx = \"q\"\n[[l]]\nn = 1\n[[l]]\nn = 2\n";
        let parsed = read(text);
        assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
        let root = &parsed.documents[0].root;
        let keys: Vec<_> = root.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["z", "a", "é", "t", "l"]);
        let at = |pointer: &str| root.at(&pointer.parse().unwrap()).unwrap();
        for (pointer, written) in [("/z", "0x1F"), ("/a/b", "1_000.50"), ("/é/1", "inf")] {
            assert_eq!(at(pointer).as_number().unwrap().as_str(), written);
            assert_eq!(&text[at(pointer).span.range()], written);
        }
        assert_eq!(at("/é/0").as_str(), Some("1979-05-27"));
        assert_eq!(at("/l/1/n").as_number().unwrap().as_str(), "2");
        let key = root.as_object().unwrap().entry("é").unwrap().key;
        assert_eq!(&text[key.range()], "\"é\"");
        assert_eq!(
            root.place(&"/t/x".parse().unwrap()),
            at("/t").as_object().unwrap().entry("x").unwrap().key
        );
    }

    #[test]
    fn empty_file_is_an_empty_map() {
        assert_eq!(
            *read("").documents[0].root,
            Value::detached(Kind::Object(Map::new()))
        );
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, rule, line) in [
            ("a = 1\nb = \n", "syntax-error", 2),
            ("a = 1\na = 2\n", "duplicate-key", 2),
            ("a = 1\nb = \"x\n", "syntax-error", 2),
            ("[t\nx = 1\n", "syntax-error", 1),
        ] {
            let parsed = read(text);
            assert!(parsed.documents.is_empty(), "{text}");
            let finding = &parsed.findings[0];
            assert_eq!(finding.rule.id, rule, "{text}: {}", finding.message);
            assert_eq!(finding.location.start().line, line, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let shallow = Limits {
            depth: 2,
            ..Limits::default()
        };
        for text in ["a = [[1]]", "a = {b = {c = 1}}", "[a.b.c]"] {
            let parsed = parse_with(
                &Arc::new(Source::new("a.toml", text)),
                Format::Toml,
                &shallow,
            );
            assert_eq!(parsed.findings[0].rule.id, "document-limit", "{text}");
        }
        for text in [
            format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000)),
            format!("a = {}1{}", "{a=".repeat(20_000), "}".repeat(20_000)),
            format!("a{} = 1", ".a".repeat(20_000)),
            format!("[a{}]", ".a".repeat(20_000)),
        ] {
            let parsed = read(&text);
            assert!(parsed.documents.is_empty());
            assert_eq!(
                parsed.findings[0].rule.id, "document-limit",
                "{}",
                parsed.findings[0].message
            );
        }
    }
}
