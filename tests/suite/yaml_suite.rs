//! The public YAML test suite: which values and refusals agree, and why the others do not.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use strata::document::{Format, Parsed, Value, parse};
use strata::text::Source;

/// Every case where we do not say what the suite says, with the reason.
const DISAGREEMENTS: &[(&str, &str)] = &[
    ("2JQS", EMPTY_KEYS),
    ("4FJ6", COMPLEX_KEY),
    ("6BFJ", COMPLEX_KEY),
    ("6PBE", COMPLEX_KEY),
    ("8G76", NO_DOCUMENT),
    ("98YD", NO_DOCUMENT),
    ("9C9N", CLOSING_BRACKET),
    ("9MMW", COMPLEX_KEY),
    ("AVM7", NO_DOCUMENT),
    ("HWV9", NO_DOCUMENT),
    ("KK5P", COMPLEX_KEY),
    ("LX3P", COMPLEX_KEY),
    ("M2N8/00", COMPLEX_KEY),
    ("M2N8/01", COMPLEX_KEY),
    ("M5DY", COMPLEX_KEY),
    ("Q9WF", COMPLEX_KEY),
    ("QT73", NO_DOCUMENT),
    ("RZP5", COMPLEX_KEY),
    ("SBG9", COMPLEX_KEY),
    ("V9D5", COMPLEX_KEY),
    ("X38W", COMPLEX_KEY),
    ("XW4D", COMPLEX_KEY),
];

const COMPLEX_KEY: &str = "a list or a map as key is a finding: no pointer can name the entry, \
    and JSON cannot say it (the suite gives no JSON for these either)";
const EMPTY_KEYS: &str = "two empty keys in one map are duplicates, which YAML forbids (1.2.2, \
    3.2.1.3); the suite judges the syntax alone";
const NO_DOCUMENT: &str = "a file without a document is read as one null document, so that an \
    empty layer is a layer";
const CLOSING_BRACKET: &str = "lines of a list in brackets that are not indented, above all its \
    closing bracket, are what people write and most readers take; refusing them helps nobody";

/// Finds the folder of corpora: `STRATA_CORPORA`, or beside the repository.
fn corpora() -> PathBuf {
    match std::env::var_os("STRATA_CORPORA") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"),
    }
}

/// Gives a case, or the numbered ones in its folder.
fn subcases(case: &Path) -> Vec<PathBuf> {
    if case.join("in.yaml").exists() {
        return vec![case.to_owned()];
    }
    let inner = std::fs::read_dir(case).into_iter().flatten();
    inner
        .map(|case| case.expect("the folder lists").path())
        .collect()
}

/// What a case says, and what we say.
enum Verdict {
    Agrees,
    Differs(String),
    /// The suite gives no value that JSON can say, and we read the file.
    Unjudged,
}

fn judge(case: &Path) -> Option<Verdict> {
    let text = std::fs::read_to_string(case.join("in.yaml")).ok()?;
    let source = Arc::new(Source::new("in.yaml", text));
    let parsed = parse(&source, Format::Yaml);
    if case.join("error").exists() {
        return Some(if parsed.is_broken() {
            Verdict::Agrees
        } else {
            Verdict::Differs("read, though it must be refused".to_owned())
        });
    }
    if parsed.is_broken() {
        return Some(Verdict::Differs(format!("refused: {}", said(&parsed))));
    }
    let Ok(expected) = std::fs::read_to_string(case.join("in.json")) else {
        return Some(Verdict::Unjudged);
    };
    let expected: Vec<Value> = serde_json::Deserializer::from_str(&expected)
        .into_iter::<serde_json::Value>()
        .map(|json| Value::from_json(&json.expect("the suite's JSON is JSON")))
        .collect();
    let found: Vec<Value> = parsed
        .documents
        .iter()
        .map(|document| Value::from_json(&document.root.to_json()))
        .collect();
    Some(if found == expected {
        Verdict::Agrees
    } else {
        let show = |values: &[Value]| serde_json::to_string(values).expect("values are JSON");
        Verdict::Differs(format!("{} instead of {}", show(&found), show(&expected)))
    })
}

fn said(parsed: &Parsed) -> String {
    let findings = parsed.findings.iter();
    let said: Vec<_> = findings
        .map(|f| format!("{}: {}", f.rule.id, f.message))
        .collect();
    said.join("; ")
}

#[test]
fn yaml_suite_disagrees_only_for_known_reasons() {
    let folder = corpora().join("yaml-test-suite");
    let Ok(cases) = std::fs::read_dir(&folder) else {
        println!(
            "skipped: the YAML test suite is not at {}",
            folder.display()
        );
        return;
    };
    let cases = cases.map(|case| case.expect("the folder lists").path());
    let mut cases: Vec<_> = cases.flat_map(|case| subcases(&case)).collect();
    cases.sort();
    let (mut agree, mut unjudged, mut differ) = (0, 0, Vec::new());
    for case in &cases {
        let name = case
            .strip_prefix(&folder)
            .expect("cases stand in the folder");
        let name = name.to_string_lossy().into_owned();
        match judge(case) {
            Some(Verdict::Agrees) => agree += 1,
            Some(Verdict::Unjudged) => unjudged += 1,
            Some(Verdict::Differs(how)) => differ.push((name, how)),
            None => {}
        }
    }
    println!(
        "{agree} agree, {unjudged} read without a value to compare, {} differ",
        differ.len()
    );
    for (name, how) in &differ {
        let reason = DISAGREEMENTS.iter().find(|(known, _)| known == name);
        println!(
            "{name}: {how} ({})",
            reason.map_or("no reason given", |(_, reason)| reason)
        );
    }
    let found: Vec<_> = differ.iter().map(|(name, _)| name.as_str()).collect();
    let known: Vec<_> = DISAGREEMENTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, known);
}
