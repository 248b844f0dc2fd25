//! One sample, hard to draw, walked through every format; and rules that any answer must keep.

mod human;
mod random;
mod shapes;
mod snapshots;

use std::sync::Arc;

use super::{Answer, Format, Style, render};
use crate::report::{
    Block, Finding, Fix, Location, Replacement, Report, Rule, Severity, TreeNode, View,
};
use crate::text::{Pointer, Source, Span};

static REMOVED: Rule = Rule {
    id: "removed-option",
    severity: Severity::Error,
    summary: "an option is gone",
    docs: "An option that a file sets is gone from the schema.\n",
};

static RISKY: Rule = Rule {
    id: "risky-value",
    severity: Severity::Warning,
    summary: "a value is risky",
    docs: "",
};

static NOTICE: Rule = Rule {
    id: "unused-layer",
    severity: Severity::Info,
    summary: "a layer sets nothing",
    docs: "",
};

/// A body of blocks as they are given.
#[derive(Clone, Debug, Default, serde::Serialize)]
struct Body {
    answer: String,
    #[serde(skip)]
    blocks: Vec<Block>,
}

impl View for Body {
    fn view(&self) -> Vec<Block> {
        self.blocks.clone()
    }
}

fn drawn_with<T: View>(format: Format, report: &Report<T>, style: Style) -> String {
    let answer = Answer {
        command: "check",
        report,
        rules: &[&REMOVED, &RISKY],
        tool_version: "0.1.0",
    };
    let mut out = Vec::new();
    render(format, &answer, &style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn drawn<T: View>(format: Format, report: &Report<T>) -> String {
    drawn_with(format, report, Style::default())
}

fn texts(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|&cell| cell.to_owned()).collect()
}

fn span_of(source: &Source, text: &str) -> Span {
    let start = u32::try_from(source.text().find(text).unwrap()).unwrap();
    Span::new(start, start + u32::try_from(text.len()).unwrap())
}

/// Non-ASCII, CRLF, tabs, `%`, `|`, backticks, `]]>`, escape sequences, an empty file, a place
/// past the end, and texts that pretend to be markup and commands.
fn hard_sample() -> Report<Body> {
    let config = Arc::new(Source::new(
        "config/ä b%,.yaml",
        "name: \"漢字 %|`\"\r\n\tkey: \u{1b}[31m]]>\u{202e}\r\npool: 1\r\n",
    ));
    let schema = Source::new(
        "schema.yaml",
        "properties:\n  name:\n    type: string\n    enum:\n      - a\n  pool: {}\n",
    );
    let schema = Arc::new(schema.at_revision("v1.0.0"));
    let empty = Arc::new(Source::new("empty.yaml", "").at_revision("index"));

    let name = span_of(&config, "\"漢字 %|`\"");
    let mut findings = vec![
        Finding::new(
            &REMOVED,
            "the value `漢字` is none of the 100% known ones",
            Location::new(&config, name)
                .with_pointer(Pointer::from_tokens(["name"]))
                .with_label("not | one of them"),
        )
        .with_related(
            Location::new(&schema, span_of(&schema, "enum:\n      - a\n  "))
                .with_pointer(Pointer::from_tokens(["properties", "name", "enum"]))
                .with_label("said here"),
        )
        .with_related(Location::file(&empty).with_label("empty <b>"))
        .with_help("run `git strata set name=a`\nor ask @someone about #1")
        .with_fix(Fix {
            description: "write `a`".to_owned(),
            source: Arc::clone(&config),
            replacements: vec![Replacement {
                span: name,
                text: "\"a\"".to_owned(),
            }],
        }),
    ];
    findings.push(Finding::new(
        &RISKY,
        "]]> \u{1b}[2J<img src=x> [a](https://example.com/)\n::error::not a command",
        Location::new(&config, span_of(&config, "key: \u{1b}[31m]]>\u{202e}")),
    ));
    findings.push(Finding::new(
        &NOTICE,
        "nothing | here",
        Location::new(&config, Span::new(9000, 9001)).with_label("past the end"),
    ));
    findings.push(Finding::new(
        &REMOVED,
        "the file is empty",
        Location::file(&empty),
    ));
    let body = Body {
        answer: "ä|`".to_owned(),
        blocks: hard_blocks(),
    };
    Report::new(Some("main".to_owned()), findings, body)
}

fn hard_blocks() -> Vec<Block> {
    let leaf = |text: &str| TreeNode {
        text: text.to_owned(),
        children: Vec::new(),
    };
    vec![
        Block::Heading("Values of *all*".to_owned()),
        Block::Table {
            columns: texts(&["key", "value"]),
            rows: vec![
                texts(&["a|b", "漢字 \u{1b}[31m"]),
                texts(&["pool", "`x`\ny"]),
            ],
        },
        Block::Text("- no list\n12. no list either\nfine".to_owned()),
        Block::Tree(vec![TreeNode {
            text: "root".to_owned(),
            children: vec![
                TreeNode {
                    text: "branch".to_owned(),
                    children: vec![leaf("leaf")],
                },
                leaf("<last>"),
            ],
        }]),
        Block::Code {
            language: "yaml",
            text: "a: |\n  ```\n\tb\u{1b}[2J".to_owned(),
        },
        Block::Diff("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n c\n".to_owned()),
    ]
}
