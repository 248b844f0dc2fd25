use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Texts of pieces that some format has to escape.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\t".to_owned()),
        Just("\u{1b}[31m".to_owned()),
        Just("\u{202e}漢e\u{301}".to_owned()),
        Just("```".to_owned()),
        Just("::error::%,|]]><&\"'".to_owned()),
        Just("a: b".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn location() -> impl Strategy<Value = Location> {
    let pointer = prop::option::of(prop::collection::vec(text(), 0..3));
    let revision = prop::option::of(text());
    (
        text(),
        revision,
        text(),
        0..80_u32,
        0..80_u32,
        pointer,
        text(),
    )
        .prop_map(|(name, revision, content, start, length, pointer, label)| {
            let mut source = Source::new(name, content);
            if let Some(revision) = revision {
                source = source.at_revision(revision);
            }
            let span = Span::new(start, start + length);
            let mut location = Location::new(&Arc::new(source), span).with_label(label);
            location.pointer = pointer.map(Pointer::from_tokens);
            location
        })
}

fn finding() -> impl Strategy<Value = Finding> {
    let rule = prop::sample::select(vec![&REMOVED, &RISKY, &NOTICE]);
    let related = prop::collection::vec(location(), 0..3);
    let fix = prop::option::of((text(), 0..80_u32, 0..80_u32, text()));
    (
        rule,
        text(),
        location(),
        related,
        prop::option::of(text()),
        fix,
    )
        .prop_map(|(rule, message, location, related, help, fix)| {
            let source = Arc::clone(&location.source);
            let mut finding = Finding::new(rule, message, location);
            finding.related = related;
            finding.help = help;
            finding.fix = fix.map(|(description, start, length, text)| Fix {
                description,
                source,
                replacements: vec![Replacement {
                    span: Span::new(start, start + length),
                    text,
                }],
            });
            finding
        })
}

fn blocks() -> impl Strategy<Value = Vec<Block>> {
    let rows = prop::collection::vec(prop::collection::vec(text(), 2), 0..3);
    let block = prop_oneof![
        text().prop_map(Block::Heading),
        text().prop_map(Block::Text),
        text().prop_map(Block::Diff),
        text().prop_map(|text| Block::Code {
            language: "yaml",
            text
        }),
        (text(), text(), rows).prop_map(|(a, b, rows)| Block::Table {
            columns: vec![a, b],
            rows
        }),
        (text(), text()).prop_map(|(root, leaf)| Block::Tree(vec![TreeNode {
            text: root,
            children: vec![TreeNode {
                text: leaf,
                children: Vec::new()
            }],
        }])),
    ];
    prop::collection::vec(block, 0..3)
}

proptest! {
    #[test]
    fn any_report_is_drawn_safely_in_every_format(
        findings in prop::collection::vec(finding(), 0..4),
        blocks in blocks(),
        width in 0..120_usize,
    ) {
        let body = Body { answer: String::new(), blocks };
        let report = Report::new(None, findings, body);
        let style = Style { width, verbose: true, ..Style::default() };
        for format in Format::ALL {
            let text = drawn_with(format, &report, style);
            prop_assert_eq!(&text, &drawn_with(format, &report, style));
            let unsafe_char = |c: char| {
                c.is_control() && !matches!(c, '\n' | '\t' | '\r') || c == '\u{202e}'
            };
            match format {
                Format::Json | Format::Sarif | Format::Gitlab => {
                    let parsed: Result<Value, _> = serde_json::from_str(&text);
                    prop_assert!(parsed.is_ok(), "{format}: {text}");
                }
                Format::Human | Format::Markdown => {
                    prop_assert!(!text.contains(unsafe_char), "{format}: {text:?}");
                }
                Format::Junit | Format::Html => {
                    prop_assert!(!text.contains(unsafe_char), "{format}: {text:?}");
                    let balance = xml_balance(text.trim_start_matches("<!DOCTYPE html>\n"));
                    prop_assert_eq!(balance, Ok(()), "{}", text);
                }
                Format::Github => {
                    prop_assert!(!text.contains(unsafe_char), "{format}: {text:?}");
                    prop_assert_eq!(text.lines().count(), report.findings.len());
                    prop_assert!(text.lines().all(|line| line.starts_with("::")));
                }
            }
        }
    }
}

/// Reads XML just well enough to see that every tag is closed and every `&` begins an entity.
fn xml_balance(text: &str) -> Result<(), String> {
    let mut open = Vec::new();
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        check_entities(before)?;
        let (tag, after) = tag.split_once('>').ok_or("a tag without an end")?;
        if tag.contains('<') {
            return Err(format!("a tag in a tag: {tag}"));
        }
        check_entities(tag)?;
        let name = tag.split(' ').next().unwrap_or_default();
        if let Some(name) = name.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("{name} is closed out of order"));
            }
        } else if !tag.ends_with(['/', '?']) {
            open.push(name);
        }
        rest = after;
    }
    if open.is_empty() {
        Ok(())
    } else {
        let mut said = String::new();
        let _ = write!(said, "{open:?} is open");
        Err(said)
    }
}

fn check_entities(text: &str) -> Result<(), String> {
    for part in text.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;", "#13;", "#10;", "#9;"];
        if !known.iter().any(|entity| part.starts_with(entity)) {
            return Err(format!("no entity: &{part}"));
        }
    }
    Ok(())
}
