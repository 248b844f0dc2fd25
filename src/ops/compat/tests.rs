//! Fixtures of every rule, and the labelled pairs where they are at hand.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod edges;

use super::*;
use crate::config::Snapshot;
use crate::config::schema::{Loaded, Loader, Schema};
use crate::document::{Format, Value, parse};
use crate::text::Source;

/// Files in memory.
pub(super) struct Texts(pub(super) BTreeMap<String, String>);

impl Loader for Texts {
    fn load(&self, path: &str) -> crate::Result<Option<Loaded>> {
        let Some(text) = self.0.get(path) else {
            return Ok(None);
        };
        let source = Arc::new(Source::new(path, text.as_str()));
        let format = Format::of_path(path).unwrap_or(Format::Yaml);
        let parsed = parse(&source, format);
        Ok(Some(Loaded {
            document: parsed.documents.into_iter().next().map(Arc::new),
            findings: parsed.findings,
        }))
    }
}

pub(super) fn schema(text: &str) -> Schema {
    let texts = Texts(BTreeMap::from([(
        "schema.yaml".to_owned(),
        text.to_owned(),
    )]));
    Schema::load(&texts, "schema.yaml").unwrap().0.unwrap()
}

pub(super) fn of(old: &str, new: &str, profile: Profile) -> Comparison {
    let options = Options {
        policy: Policy::of(profile),
    };
    compare(&schema(old), &schema(new), &options)
}

/// Writes what a comparison gave, a line a change.
fn lines(comparison: &Comparison) -> String {
    let mut out = String::new();
    for change in &comparison.changes {
        let witness = change.witness.as_ref().map_or_else(String::new, |witness| {
            format!(" {}", witness.document.to_json())
        });
        let place = change.pointer.dotted();
        let place = if place.is_empty() { "." } else { &place };
        writeln!(
            out,
            "{} {} {place}{witness}",
            change.verdict,
            change.rule.id()
        )
        .unwrap();
    }
    out
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/compat")
}

/// Rules that are about files or about the analysis, and have no pair of schemas of their own.
const WITHOUT_PAIR: &[&str] = &[
    "accepted-break-expired",
    "accepted-break-stale",
    "analysis-budget-exceeded",
    "schema-added",
    "schema-removed",
    "schema-renamed",
    "version-bump-too-small",
];

#[test]
fn every_rule_has_its_fixture_and_its_heading() {
    let mut ids: Vec<&str> = CATALOGUE.iter().map(|rule| rule.id()).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "a rule's name is used twice");
    assert_eq!(RULES.len(), count);
    let mut folders: Vec<String> = std::fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .chain(WITHOUT_PAIR.iter().map(|id| (*id).to_owned()))
        .collect();
    folders.sort_unstable();
    assert_eq!(folders, ids);
    for rule in CATALOGUE {
        assert!(rule.rule.docs.starts_with(&format!("# {}\n\n", rule.id())));
        assert_eq!(find(rule.id()), Some(*rule));
    }
    assert_eq!(find("no-such-rule"), None);
}

#[test]
fn a_deprecated_option_goes_from_an_open_map() {
    let old = "type: object\nproperties: {a: {type: integer, deprecated: true}, b: {}}\n";
    let new = "type: object\nproperties: {b: {}}\n";
    insta::assert_snapshot!(lines(&of(old, new, Profile::Default)), @"risk option-removed-after-deprecation a");
}

#[test]
fn formats_that_refuse_are_shown_by_texts_that_have_the_old_one() {
    let mut policy = Policy::default();
    policy.set("formats=assert").unwrap();
    let judged = |old: &str, new: &str| {
        let (old, new) = (schema(&format!("{old}\n")), schema(&format!("{new}\n")));
        let options = Options {
            policy: policy.clone(),
        };
        lines(&compare(&old, &new, &options))
    };
    insta::assert_snapshot!(judged("{type: string, format: date}", "{type: string, format: date-time}"), @r#"breaking format-changed . "2030-01-31""#);
    insta::assert_snapshot!(judged("{type: string, format: uri, minLength: 5}", "{type: string, format: email}"), @r#"
    breaking format-changed . "https://example.com/"
    compatible min-length-lowered .
    "#);
    insta::assert_snapshot!(judged("{type: string, format: hostname}", "{type: string, format: hostname, maxLength: 5}"), @r#"breaking max-length-lowered . "a.example.com""#);
    insta::assert_snapshot!(judged("{type: string, format: our-own}", "{type: string, format: uuid}"), @r#"breaking format-changed . "a""#);
}

/// What only names that nothing declares can show is a risk by policy, and breaks in `strict`.
#[test]
fn what_policy_takes_for_granted_is_told() {
    for (old, new, rule) in [
        (
            "properties: {a: {}}",
            "properties: {a: {}}\nunevaluatedProperties: false",
            "object-closed",
        ),
        (
            "type: object",
            "type: object\npropertyNames: {maxLength: 2}",
            "property-names-narrowed",
        ),
        (
            "propertyNames: {pattern: ^.+$}",
            "propertyNames: {pattern: '^[a-c]+$'}",
            "property-names-narrowed",
        ),
        (
            "type: object",
            "type: object\nmaxProperties: 2",
            "max-properties-lowered",
        ),
        (
            "allOf: [{}]",
            "allOf: [{unevaluatedProperties: {type: string}}]",
            "additional-values-narrowed",
        ),
    ] {
        let judged = |profile| lines(&of(&format!("{old}\n"), &format!("{new}\n"), profile));
        let told = judged(Profile::Default);
        assert!(told.starts_with(&format!("risk {rule} ")), "{new}: {told}");
        let told = judged(Profile::Strict);
        assert!(
            told.starts_with(&format!("breaking {rule} ")),
            "{new}: {told}"
        );
    }
    // Where unknown names have a schema, they are there to be used.
    let (old, new) = (
        "unevaluatedProperties: {type: string}\n",
        "unevaluatedProperties: false\n",
    );
    assert!(lines(&of(old, new, Profile::Default)).starts_with("breaking object-closed"));
    // What is new beside what refused all else was refused.
    let old = "properties: {a: {}}\nunevaluatedProperties: false\n";
    let new = "properties: {a: {}, b: {type: string}}\nunevaluatedProperties: false\n";
    assert_eq!(
        lines(&of(old, new, Profile::Default)),
        "compatible option-added-optional b\n"
    );
}

#[test]
fn what_is_filled_in_need_not_be_set() {
    let mut policy = Policy::default();
    policy.set("defaults=filled-before-validation").unwrap();
    let options = Options { policy };
    let old = "additionalProperties: false\nproperties: {a: {default: 1}}\n";
    let new = "additionalProperties: false\nproperties: {a: {default: 1}, b: {default: 2}}\nrequired: [a, b]\n";
    let comparison = compare(&schema(old), &schema(new), &options);
    assert_eq!(
        lines(&comparison),
        "compatible required-added-with-default a\ncompatible option-added-required-with-default b\n"
    );
}

#[test]
fn options_that_branches_declare_are_not_gone() {
    let whole = "{type: object, required: [kind], properties: {kind: {enum: [x, y]}, a: {type: integer}}}\n";
    for same in [
        format!("anyOf: [{whole}, {whole}]"),
        format!("oneOf: [{whole}]"),
        format!("if: {{required: [a]}}\nthen: {whole}else: {whole}"),
        "type: object\nrequired: [kind]\nproperties: {kind: {enum: [x, y]}}\nanyOf: [{properties: {a: {type: integer}}, required: [a]}, {not: {required: [a]}}]".to_owned(),
    ] {
        let lines = lines(&of(whole, &same, Profile::Default));
        assert_eq!(lines, "", "{same}");
    }
    // Under some conditions only, nothing looks at the option under the others.
    for (partly, shown) in [
        (
            "oneOf: [{properties: {kind: {const: x}, a: {type: integer}}}, {properties: {kind: {const: y}}}]",
            r#"{"a":0,"kind":"y"}"#,
        ),
        (
            "if: {properties: {kind: {const: x}}}\nelse: {properties: {a: {type: integer}}}",
            r#"{"a":0,"kind":"x"}"#,
        ),
        (
            "anyOf: [{allOf: [{if: {properties: {kind: {const: x}}}, then: {patternProperties: {^a: {type: integer}}}}]}]",
            r#"{"a":0,"kind":"y"}"#,
        ),
        (
            "dependentSchemas: {b: {properties: {a: {type: integer}}}}",
            r#"{"a":0,"kind":"x"}"#,
        ),
    ] {
        let new = format!(
            "type: object\nrequired: [kind]\nproperties: {{kind: {{enum: [x, y]}}}}\n{partly}\n"
        );
        let comparison = of(whole, &new, Profile::Default);
        let change = &comparison.changes[0];
        assert_eq!(change.rule.id(), "option-removed-ignored", "{partly}");
        assert!(
            change.message.contains("only known in some cases"),
            "{}",
            change.message
        );
        let witness = change.witness.as_ref().unwrap();
        assert_eq!(witness.document.to_json().to_string(), shown, "{partly}");
    }
}

#[test]
fn every_fixture_gives_what_is_expected() {
    let update = std::env::var_os("STRATA_UPDATE_FIXTURES").is_some();
    let mut wrong = String::new();
    for rule in CATALOGUE
        .iter()
        .filter(|rule| !WITHOUT_PAIR.contains(&rule.id()))
    {
        let folder = fixtures().join(rule.id());
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let (old, new) = (read("old.yaml"), read("new.yaml"));
        let comparison = of(&old, &new, Profile::Default);
        let got = lines(&comparison);
        if update {
            std::fs::write(folder.join("expected.txt"), &got).unwrap();
        }
        if !comparison.changes.iter().any(|change| change.rule == *rule) {
            writeln!(wrong, "{}: not found, but\n{got}", rule.id()).unwrap();
        } else if got != read("expected.txt") {
            writeln!(wrong, "{}:\n{got}", rule.id()).unwrap();
        }
        for change in &comparison.changes {
            assert!(!change.message.contains("{at}"), "{}", change.message);
            let shown = change.verdict != Verdict::Breaking || change.witness.is_some();
            assert!(shown, "{}", rule.id());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_schema_is_compatible_with_itself() {
    for rule in CATALOGUE
        .iter()
        .filter(|rule| !WITHOUT_PAIR.contains(&rule.id()))
    {
        for name in ["old.yaml", "new.yaml"] {
            let text = std::fs::read_to_string(fixtures().join(rule.id()).join(name)).unwrap();
            for profile in [Profile::Default, Profile::Strict] {
                let comparison = of(&text, &text, profile);
                let quiet = comparison.changes.is_empty() || rule.id() == "ref-broken";
                assert!(quiet, "{} {name}: {}", rule.id(), lines(&comparison));
            }
        }
    }
}

/// Where a schema was negated in place, what refers to it means the negation. A labelled set has
/// such a pair as one that nothing satisfies; a plan with a plan in it satisfies it.
#[test]
fn references_to_a_negated_schema_mean_the_negation() {
    let old = r#"
allOf:
- $id: https://example.com/plan
  type: object
  required: [name, steps]
  properties: {name: {type: string}, steps: {type: array, items: {$ref: step}}}
  $defs:
    step:
      $id: https://example.com/step
      required: [cost]
      properties: {cost: {type: number}, inner: {$ref: plan}}
- $id: https://example.com/no-plan
  type: object
  required: [name, steps]
  not: {properties: {name: {type: string}, steps: {type: array, items: {$ref: no-step}}}}
  $defs:
    step:
      $id: https://example.com/no-step
      required: [cost]
      properties: {cost: {type: number}, inner: {$ref: no-plan}}
"#;
    let inner = serde_json::json!({"name": "paint", "steps": []});
    let plan = serde_json::json!({"name": "house", "steps": [{"cost": 3, "inner": inner}]});
    let validator = crate::config::schema::Validator::compile(&schema(old)).unwrap();
    assert!(validator.is_valid(&Value::from_json(&plan)));
    assert!(!validator.is_valid(&Value::from_json(&inner)));
    let comparison = of(old, "false\n", Profile::Strict);
    assert_eq!(comparison.verdict, Verdict::Breaking);
    let witness = comparison.changes[0].witness.as_ref().unwrap();
    assert!(validator.is_valid(&witness.document));
}

/// Runs the labelled pairs in the folder that `STRATA_CORPORA` names.
#[test]
fn labelled_pairs_miss_no_break() {
    let Some(root) = std::env::var_os("STRATA_CORPORA").map(PathBuf::from) else {
        return;
    };
    let show = std::env::var("STRATA_SHOW").unwrap_or_default();
    let mut missed = 0;
    for file in ["containment-2020-12.jsonl", "registry.jsonl"] {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut slowest = (std::time::Duration::ZERO, String::new());
        let text = std::fs::read_to_string(root.join("compat").join(file)).unwrap();
        for line in text.lines() {
            let pair: serde_json::Value = serde_json::from_str(line).unwrap();
            let start = std::time::Instant::now();
            let comparison = of(
                &pair["old"].to_string(),
                &pair["new"].to_string(),
                Profile::Strict,
            );
            let took = start.elapsed();
            if took > slowest.0 {
                slowest = (took, pair["name"].to_string());
            }
            let label = pair["compatible"].as_bool().unwrap();
            let kind = match (comparison.verdict, label) {
                (Verdict::Unknown, true) => "unknown-compatible",
                (Verdict::Unknown, false) => "unknown-breaking",
                (Verdict::Breaking, false) => "right-breaking",
                (Verdict::Breaking, true) => "false-alarm",
                (_, true) => "right-compatible",
                (_, false) => "missed",
            };
            missed += usize::from(kind == "missed");
            *counts.entry(kind.to_owned()).or_default() += 1;
            if !show.is_empty() && kind.starts_with(&show) {
                println!("{kind} {line}\n{}", lines(&comparison));
            }
        }
        println!("{file}: {counts:?}, slowest {slowest:?}");
    }
    assert_eq!(missed, 0);
}

/// Reads the files below a folder.
fn folder(root: &Path) -> Texts {
    let mut texts = BTreeMap::new();
    for entry in std::fs::read_dir(root.join("schema")).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("schema/{}", path.file_name().unwrap().to_str().unwrap());
        texts.insert(name, std::fs::read_to_string(path).unwrap());
    }
    Texts(texts)
}

/// Follows a real schema's history in the folder that `STRATA_CORPORA` names.
#[test]
fn announced_breaks_are_found() {
    let Some(root) = std::env::var_os("STRATA_CORPORA").map(PathBuf::from) else {
        return;
    };
    let root = root.join("otel-configuration");
    let load = |tag: &str| {
        let texts = folder(&root.join(tag));
        let name = if tag.ends_with("rc.2") {
            "json"
        } else {
            "yaml"
        };
        let path = format!("schema/opentelemetry_configuration.{name}");
        Schema::load(&texts, &path).unwrap().0.unwrap()
    };
    for (old, new) in [
        ("v1.0.0-rc.2", "v1.0.0-rc.3"),
        ("v1.0.0-rc.3", "v1.0.0"),
        ("v1.0.0", "v1.1.0"),
    ] {
        let (before, after) = (load(old), load(new));
        let start = std::time::Instant::now();
        let comparison = compare(&before, &after, &Options::default());
        println!(
            "{old}..{new}: {} {} in {:?}",
            comparison.verdict,
            comparison.bump,
            start.elapsed()
        );
        for change in &comparison.changes {
            if change.verdict > Verdict::Compatible {
                let shown = change
                    .witness
                    .as_ref()
                    .map(|w| w.document.to_json().to_string());
                println!(
                    "{} {} {} (+{}) {}",
                    change.verdict,
                    change.rule.id(),
                    change.message,
                    change.also_at.len(),
                    shown.unwrap_or_default()
                );
            }
        }
        let mut quiet: BTreeMap<&str, usize> = BTreeMap::new();
        for change in &comparison.changes {
            if change.verdict == Verdict::Compatible {
                *quiet.entry(change.rule.id()).or_default() += 1;
            }
        }
        println!("{quiet:?}\n");
    }
}

/// Compares and gives what may be lost or mean something else, as `verdict rule place`.
fn told(old: &str, new: &str) -> Vec<String> {
    let comparison = of(old, new, Profile::Default);
    let told = comparison
        .changes
        .iter()
        .filter(|c| c.verdict > Verdict::Compatible);
    told.map(|c| format!("{} {} {}", c.verdict, c.rule.id(), c.pointer))
        .collect()
}

#[test]
fn refactors_are_silent() {
    let plain = "type: object\nproperties:\n  a: {type: [string, 'null'], minLength: 1}\n  b: {enum: [x, y]}\n  n: {type: integer, minimum: 1}\nrequired: [a]\n";
    for other in [
        // extracted into $defs, and referred to
        "type: object\nproperties:\n  a: {$ref: '#/$defs/a'}\n  b: {enum: [y, x]}\n  n: {type: integer, exclusiveMinimum: 0}\nrequired: [a]\n$defs:\n  a: {type: ['null', string], minLength: 1}\n",
        // spread over allOf
        "allOf:\n  - {type: object, required: [a]}\n  - properties:\n      a: {allOf: [{type: [string, 'null']}, {minLength: 1}]}\n      b: {enum: [x, y], type: string}\n  - properties: {n: {type: [integer], minimum: 1, maximum: 1e400}}\n",
        // null wrapped
        "type: [object]\nproperties:\n  a: {anyOf: [{type: string, minLength: 1}, {type: 'null'}]}\n  b: {oneOf: [{const: x}, {const: y, description: the other}]}\n  n: {type: integer, minimum: 0.5}\nrequired: [a]\n",
        // said twice
        "type: object\nminProperties: 1\nproperties:\n  a: {type: [string, 'null'], minLength: 1, pattern: '', maximum: 3}\n  b: {enum: [x, y]}\n  n: {type: number, multipleOf: 1, minimum: 1}\nrequired: [a]\nadditionalProperties: true\n",
    ] {
        for (old, new) in [(plain, other), (other, plain)] {
            let bound = new.contains("1e400") || old.contains("1e400");
            let mut told = told(old, new);
            told.retain(|line| !bound || !line.contains("maximum"));
            assert!(told.is_empty(), "{old}\n{new}\n{told:?}");
        }
    }
}

#[test]
fn a_definition_is_named_once_wherever_it_is_used() {
    let text = |minimum: u8| {
        format!(
            "type: object\nproperties:\n  a: {{$ref: '#/$defs/p', description: one}}\n  b: {{type: array, items: {{$ref: '#/$defs/p'}}}}\n$defs:\n  p: {{type: object, properties: {{port: {{type: integer, minimum: {minimum}}}}}}}\n"
        )
    };
    let comparison = of(&text(1), &text(9), Profile::Default);
    let [change] = comparison.changes.as_slice() else {
        panic!("{}", lines(&comparison));
    };
    assert_eq!(change.pointer.to_string(), "/a/port");
    assert_eq!(change.also_at[0].to_string(), "/b/*/port");
    assert_eq!(
        change.message,
        "`a.port` must be at least 9 now, and was at least 1"
    );
    assert_eq!(
        (comparison.verdict, comparison.bump),
        (Verdict::Breaking, Bump::Major)
    );
    let finding = &comparison.findings[0];
    assert_eq!(finding.location.start().line, 6);
    assert_eq!(finding.related[0].label, "it was here");
    let json = serde_json::to_value(change).unwrap();
    assert_eq!(json["witness"]["kind"], "rejected");
    assert_eq!(json["witness"]["pointer"], "/a/port");
    assert_eq!((&json["old"], &json["new"]), (&1.into(), &9.into()));
    assert_eq!(json["new_location"]["line"], 6);
}

#[test]
fn recursion_ends() {
    let tree = |bound: &str| {
        format!(
            "type: object\nproperties:\n  left: {{$ref: '#'}}\n  right: {{$ref: '#'}}\n  depth: {{type: integer{bound}}}\n"
        )
    };
    assert_eq!(
        told(&tree(""), &tree(", maximum: 3")),
        ["breaking maximum-added /depth"]
    );
    assert!(told(&tree(""), &tree("")).is_empty());
    let circle = "$ref: '#/$defs/a'\n$defs: {a: {$ref: '#/$defs/b'}, b: {$ref: '#/$defs/a'}}\n";
    assert!(told(circle, circle).len() <= 1);
}

#[test]
fn policies_change_verdicts() {
    let open = "type: object\nproperties: {a: {type: string}}\n";
    let closed = "type: object\nproperties: {a: {type: string}}\nadditionalProperties: false\n";
    assert_eq!(of(open, closed, Profile::Default).verdict, Verdict::Risk);
    assert_eq!(of(open, closed, Profile::Strict).verdict, Verdict::Breaking);
    let gone = "type: object\n";
    assert_eq!(of(open, gone, Profile::Default).verdict, Verdict::Breaking);
    assert_eq!(of(open, gone, Profile::Strict).verdict, Verdict::Risk);
    let mut policy = Policy::default();
    policy.set("formats=assert").unwrap();
    let comparison = compare(
        &schema("type: string\n"),
        &schema("type: string\nformat: ipv4\n"),
        &Options { policy },
    );
    assert_eq!(comparison.verdict, Verdict::Breaking);
    for wrong in [
        "formats",
        "formats=x",
        "defaults=x",
        "colour=red",
        "ignored-options=x",
        "unknown-properties=x",
    ] {
        assert!(Policy::default().set(wrong).is_err(), "{wrong}");
    }
    for right in [
        "unknown-properties=strict",
        "unknown-properties=declared-only",
        "ignored-options=risk",
        "ignored-options=breaking",
        "formats=annotate",
        "defaults=annotate",
        "defaults=filled-before-validation",
    ] {
        assert!(Policy::default().set(right).is_ok(), "{right}");
    }
    assert_eq!("strict".parse(), Ok(Profile::Strict));
    assert_eq!("default".parse(), Ok(Profile::Default));
    assert!("loose".parse::<Profile>().is_err());
}

#[test]
fn people_see_verdict_bump_and_changes() {
    use crate::report::{Block, View};
    let comparison = of(
        "type: object\nproperties: {a: {type: string}}\n",
        "type: object\n",
        Profile::Default,
    );
    let report = SchemaReport::of(
        "app.schema.yaml".to_owned(),
        SideReport::default(),
        SideReport::default(),
        comparison,
    );
    let body = CompatBody::new(vec![report], Policy::default());
    let blocks = body.view();
    assert_eq!(blocks[0], Block::Heading("app.schema.yaml".to_owned()));
    assert_eq!(
        blocks[1],
        Block::Text("breaking; asks for a major version".to_owned())
    );
    let Block::Tree(tree) = &blocks[2] else {
        panic!()
    };
    assert_eq!(tree[0].text, "breaking (1)");
    assert_eq!(
        tree[0].children[0].text,
        "the option `a` is gone; configurations that set it are accepted, and the setting is silently ignored [option-removed-ignored]"
    );
    let inner = &tree[0].children[0].children;
    assert_eq!(inner[0].text, "to do: take `a` out");
    assert_eq!(inner[1].text, "accepted, and partly ignored: {a: a}");
    assert_eq!(
        CompatBody::default().view(),
        [Block::Text("no schema changed".to_owned())]
    );
    let json = serde_json::to_value(&body).unwrap();
    assert_eq!(json["policy"]["unknown-properties"], "declared-only");
    assert_eq!(
        json["schemas"][0]["changes"][0]["rule"],
        "option-removed-ignored"
    );
}

#[test]
fn finds_the_schemas_that_changed() {
    use crate::git::{FileChange, Files};
    use bstr::{BString, ByteSlice};
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let write = |dir: &tempfile::TempDir, name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let root = "type: object\nproperties: {a: {$ref: 'part.yaml#/$defs/a'}}\n";
    write(&old, "schema/app.yaml", root);
    write(&new, "schema/app.yaml", root);
    write(&old, "schema/part.yaml", "$defs: {a: {type: string}}\n");
    write(&new, "schema/part.yaml", "$defs: {a: {type: integer}}\n");
    write(&old, "config.yaml", "a: 1\n");
    write(&new, "config.yaml", "a: 2\n");
    write(&new, "values.schema.json", "{}");
    write(
        &old,
        "gone.json",
        r#"{"$schema": "https://json-schema.org/draft/2020-12/schema"}"#,
    );
    let (before, after) = (Files::folder(old.path()), Files::folder(new.path()));
    let paths = [
        "config.yaml",
        "gone.json",
        "schema/part.yaml",
        "values.schema.json",
    ];
    let changes: Vec<FileChange> = paths
        .iter()
        .map(|path| FileChange {
            path: (*path).into(),
            old: before.entry(path.as_bytes().as_bstr()).unwrap(),
            new: after.entry(path.as_bytes().as_bstr()).unwrap(),
        })
        .collect();
    let (x, y) = (Snapshot::of(before), Snapshot::of(after));
    let pairs = schemas_between(&x, &y, &changes, &[]).unwrap();
    let side = |loader| Side {
        loader,
        revision: None,
        version: None,
        date: None,
    };
    let report = run(&side(&x), &side(&y), &pairs, &Terms::default()).unwrap();
    let said: Vec<String> = report
        .body
        .schemas
        .iter()
        .map(|s| format!("{} {} {}", s.path, s.verdict, s.changes[0].rule.id()))
        .collect();
    assert_eq!(
        said,
        [
            "gone.json breaking schema-removed",
            "schema/app.yaml breaking type-changed",
            "values.schema.json compatible schema-added"
        ]
    );
    assert_eq!(report.summary().error, 2);
    assert_eq!(
        report.findings[1].location.source.name(),
        "schema/part.yaml"
    );
    let only = |path: &str| schemas_between(&x, &y, &changes, &[BString::from(path)]);
    assert_eq!(only("schema").unwrap().len(), 1);
    assert_eq!(
        only("./schema/app.yaml").unwrap()[0].new.as_deref(),
        Some("schema/app.yaml")
    );
    let missing = only("schema/prt.yaml").unwrap_err();
    assert_eq!(missing.help(), Some("did you mean `schema/part.yaml`?"));
    // The same name with another extension is the same schema.
    write(&new, "gone.yaml", "type: object\n");
    let (x, y) = [&old, &new]
        .map(|folder| Snapshot::of(Files::folder(folder.path())))
        .into();
    let changes = x.files().changes_to(y.files()).unwrap();
    let moved = schemas_between(&x, &y, &changes, &["gone.yaml".into()]).unwrap();
    let report = run(&side(&x), &side(&y), &moved, &Terms::default()).unwrap();
    assert!(
        report.body.schemas[0]
            .changes
            .iter()
            .any(|c| c.rule.id() == "schema-renamed")
    );
    assert_eq!(
        report.body.schemas[0].old.path.as_deref(),
        Some("gone.json")
    );
}

/// Draws numbers, the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (sides as u64)).unwrap()
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.roll(items.len())]
    }

    fn schema(&mut self, depth: usize) -> serde_json::Value {
        use serde_json::json;
        if depth == 0 || self.roll(12) == 0 {
            let leaves = [
                json!(true),
                json!(false),
                json!({}),
                json!({"type": "string"}),
                json!({"type": "integer"}),
                json!({"const": 1}),
                json!({"enum": ["a", 2, null]}),
                json!({"type": ["boolean", "null"]}),
            ];
            return self.pick(&leaves).clone();
        }
        let mut schema = serde_json::Map::new();
        for _ in 0..=self.roll(3) {
            let below = depth - 1;
            let (key, value) = match self.roll(30) {
                0..=2 => (
                    "type",
                    json!(*self.pick(&["object", "array", "string", "integer", "number", "null"])),
                ),
                3 => ("type", json!(["object", "string", "null"])),
                4 => ("enum", json!([1, "a", [], {}, null])),
                5 => ("minimum", json!(self.roll(3))),
                6 => ("exclusiveMaximum", json!(self.roll(4))),
                7 => ("multipleOf", json!(*self.pick(&[1.0, 2.0, 0.5, 3.0]))),
                8 => ("minLength", json!(self.roll(3))),
                9 => ("maxLength", json!(self.roll(3))),
                10 => ("pattern", json!(*self.pick(&["a", "^a", "b$", ""]))),
                11 => ("minItems", json!(self.roll(3))),
                12 => ("maxItems", json!(self.roll(3))),
                13 => ("uniqueItems", json!(self.roll(2) == 0)),
                14 => ("items", self.schema(below)),
                15 => (
                    "prefixItems",
                    json!([self.schema(below), self.schema(below)]),
                ),
                16 => ("contains", self.schema(below)),
                17 => ("minContains", json!(self.roll(3))),
                18 | 19 => (
                    "properties",
                    json!({"a": self.schema(below), "b": self.schema(below)}),
                ),
                20 => (
                    "patternProperties",
                    json!({*self.pick(&["^a", "b", ".*"]): self.schema(below)}),
                ),
                21 => ("additionalProperties", self.schema(below)),
                22 => ("required", json!([*self.pick(&["a", "b", "c"])])),
                23 => ("minProperties", json!(self.roll(3))),
                24 => ("propertyNames", self.schema(below)),
                25 => ("dependentRequired", json!({"a": ["b"]})),
                26 => (
                    *self.pick(&["anyOf", "oneOf", "allOf"]),
                    json!([self.schema(below), self.schema(below)]),
                ),
                27 => ("not", self.schema(below)),
                28 => (
                    *self.pick(&["unevaluatedProperties", "unevaluatedItems"]),
                    self.schema(0),
                ),
                _ => {
                    schema.insert("if".into(), self.schema(below));
                    ("then", self.schema(below))
                }
            };
            schema.insert(key.to_owned(), value);
        }
        schema.into()
    }

    /// Changes one place of a schema.
    fn mutate(&mut self, schema: &serde_json::Value, depth: usize) -> serde_json::Value {
        use serde_json::Value as Json;
        match schema {
            Json::Object(map) if !map.is_empty() && self.roll(4) > 0 => {
                let mut map = map.clone();
                let keys: Vec<String> = map.keys().cloned().collect();
                let key = self.pick(&keys).clone();
                let nested = matches!(map[&key], Json::Object(_) | Json::Array(_) | Json::Bool(_))
                    && ![
                        "type",
                        "enum",
                        "required",
                        "uniqueItems",
                        "const",
                        "dependentRequired",
                    ]
                    .contains(&key.as_str());
                if nested && self.roll(3) > 0 {
                    let value = self.mutate(&map[&key].clone(), depth);
                    map.insert(key, value);
                } else if self.roll(2) == 0 {
                    map.shift_remove(&key);
                } else if let Json::Object(more) = self.schema(1) {
                    map.extend(more);
                }
                map.into()
            }
            Json::Array(items) if !items.is_empty() => {
                let at = self.roll(items.len());
                let mut items = items.clone();
                items[at] = self.mutate(&items[at].clone(), depth);
                items.into()
            }
            _ => self.schema(depth.min(1)),
        }
    }

    fn value(&mut self, depth: usize) -> serde_json::Value {
        use serde_json::json;
        let leaves = [
            json!(null),
            json!(true),
            json!(false),
            json!(0),
            json!(1),
            json!(2),
            json!(3),
            json!(0.5),
            json!(-1),
            json!(""),
            json!("a"),
            json!("ab"),
            json!("b"),
            json!("abc"),
        ];
        if depth == 0 || self.roll(3) == 0 {
            return self.pick(&leaves).clone();
        }
        if self.roll(2) == 0 {
            let count = self.roll(4);
            return (0..count).map(|_| self.value(depth - 1)).collect();
        }
        let mut map = serde_json::Map::new();
        for name in ["a", "b", "c", "ab"] {
            if self.roll(2) == 0 {
                map.insert(name.to_owned(), self.value(depth - 1));
            }
        }
        map.into()
    }
}

/// Whatever a document shows to be lost is never called compatible, and what is called breaking
/// is shown. `STRATA_PAIRS` says how many pairs are tried.
#[test]
fn nothing_lost_is_called_compatible() {
    use crate::config::schema::Validator;
    let pairs = std::env::var("STRATA_PAIRS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(150);
    let seed = std::env::var("STRATA_SEED")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(7);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (seed << 20));
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for _ in 0..pairs {
        let old = dice.schema(3);
        let new = dice.mutate(&old, 2);
        let (before, after) = (schema(&old.to_string()), schema(&new.to_string()));
        let (Ok(accepts), Ok(still)) = (Validator::compile(&before), Validator::compile(&after))
        else {
            continue;
        };
        let options = Options {
            policy: Policy::of(Profile::Strict),
        };
        let comparison = compare(&before, &after, &options);
        *counts.entry(comparison.verdict).or_default() += 1;
        let holds = comparison.verdict < Verdict::Unknown;
        for change in comparison
            .changes
            .iter()
            .filter(|c| c.verdict == Verdict::Breaking)
        {
            let document = &change.witness.as_ref().unwrap().document;
            assert!(
                accepts.is_valid(document) && !still.is_valid(document),
                "{old}\n{new}"
            );
        }
        if !holds {
            continue;
        }
        for _ in 0..60 {
            let document = crate::document::Value::from_json(&dice.value(3));
            let lost = accepts.is_valid(&document) && !still.is_valid(&document);
            assert!(
                !lost,
                "{old}\n{new}\n{}\n{}",
                document.to_json(),
                lines(&comparison)
            );
        }
    }
    println!("{counts:?}");
}

#[test]
fn of_very_many_options_those_are_called_renamed_that_read_the_same() {
    let head = "type: object\nadditionalProperties: false\nproperties:\n";
    let (mut old, mut new) = (head.to_owned(), head.to_owned());
    for number in 0..700 {
        old.push_str(&format!(
            "  poolSize{number}: {{ type: integer, minimum: {number} }}\n"
        ));
        let minimum = number + usize::from(number == 1);
        new.push_str(&format!(
            "  pool_size{number}: {{ type: integer, minimum: {minimum} }}\n"
        ));
    }
    let comparison = of(&old, &new, Profile::Default);
    let told = |rule: &str, name: &str| {
        let mut changes = comparison.changes.iter();
        changes.any(|it| it.rule.id() == rule && it.pointer.dotted() == name)
    };
    assert!(
        told("option-renamed", "poolSize0"),
        "{}",
        lines(&comparison)
    );
    assert!(told("option-removed-rejected", "poolSize1"));
    assert_eq!(Bump::Patch.as_str(), "patch");
}
