//! What each machine format promises to its readers, checked on the parsed output.

use serde_json::{Value, json};

use super::super::envelope_schema;
use super::*;

fn parsed(format: Format) -> Value {
    serde_json::from_str(&drawn(format, &hard_sample())).unwrap()
}

/// Shuts every place where fields may be added, so that a field without a schema is noticed.
fn shut(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => {
            if let Some(more) = keywords.get_mut("additionalProperties") {
                *more = json!(false);
            }
            keywords.values_mut().for_each(shut);
        }
        Value::Array(items) => items.iter_mut().for_each(shut),
        _ => {}
    }
}

#[test]
fn json_keeps_its_published_schema() {
    let body = json!({
        "$defs": { "answer": { "type": "string", "minLength": 3 } },
        "type": "object",
        "required": ["answer"],
        "properties": { "answer": { "$ref": "#/$defs/answer" } },
    });
    let mut schema = envelope_schema("check", body);
    assert!(jsonschema::meta::is_valid(&schema));
    shut(&mut schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let output = parsed(Format::Json);
    let errors: Vec<_> = validator
        .iter_errors(&output)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");

    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut output = output.clone();
        change(&mut output);
        !validator.is_valid(&output)
    };
    assert!(wrong(&|output| output["schema"] = json!("strata.get/1")));
    assert!(wrong(&|output| output["body"]["answer"] = json!("ä")));
    assert!(wrong(
        &|output| output["findings"][0]["location"]["line"] = json!(0)
    ));
    assert!(wrong(
        &|output| output["findings"][0]["severity"] = json!("fatal")
    ));
    assert!(wrong(&|output| output["summary"]["error"] = json!(null)));
}

#[test]
fn json_offsets_mark_the_text() {
    let report = hard_sample();
    let output = parsed(Format::Json);
    for (finding, said) in report
        .findings
        .iter()
        .zip(output["findings"].as_array().unwrap())
    {
        let text = finding.location.source.text();
        let offset = |key: &str| usize::try_from(said["location"][key].as_u64().unwrap()).unwrap();
        let marked = text.get(offset("start")..offset("end")).unwrap_or_default();
        assert_eq!(marked, finding.location.source.slice(finding.location.span));
    }
}

/// Checks what the text of SARIF 2.1.0 asks for and its JSON schema cannot say.
#[test]
fn sarif_holds_together() {
    let log = parsed(Format::Sarif);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<_> = rules
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    assert!(ids.is_sorted());
    assert_eq!(ids.len(), 3);
    let mut prints = Vec::new();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], ids[index]);
        let level = result["level"].as_str().unwrap();
        assert!(["error", "warning", "note"].contains(&level));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let nothing = Vec::new();
        let related = result["relatedLocations"].as_array().unwrap_or(&nothing);
        for (at, location) in related.iter().enumerate() {
            assert_eq!(location["id"], json!(at + 1));
        }
        for location in result["locations"]
            .as_array()
            .unwrap()
            .iter()
            .chain(related)
        {
            let physical = &location["physicalLocation"];
            let artifact = &physical["artifactLocation"];
            let uri = artifact["uri"].as_str().unwrap();
            assert!(
                uri.bytes().all(|b| b.is_ascii_graphic() && b != b':'),
                "{uri}"
            );
            let base = artifact["uriBaseId"].as_str().unwrap();
            assert!(run["originalUriBaseIds"].get(base).is_some());
            if let Some(region) = physical.get("region") {
                let place = |line: &str, column: &str| {
                    let number = |key: &str| region[key].as_u64().unwrap();
                    (number(line), number(column))
                };
                assert!(place("startLine", "startColumn") >= (1, 1));
                assert!(place("startLine", "startColumn") <= place("endLine", "endColumn"));
            }
        }
        prints.push(result["partialFingerprints"].clone());
    }
    prints.dedup();
    assert_eq!(prints.len(), 4);
}

#[test]
fn sarif_names_files_by_uri() {
    let source = |name| Arc::new(Source::new(name, "a: 1\n"));
    let finding = |name| Finding::new(&REMOVED, "x", Location::file(&source(name)));
    let names = ["./a b.yaml", "/tmp/x.yaml", "c:d.yaml"];
    let findings = names.map(finding).to_vec();
    let log = drawn(Format::Sarif, &Report::new(None, findings, Body::default()));
    for uri in ["\"a%20b.yaml\"", "\"file:///tmp/x.yaml\"", "\"c%3Ad.yaml\""] {
        assert!(log.contains(uri), "{uri} in {log}");
    }
}

#[test]
fn sarif_leaves_out_fixes_that_change_nothing() {
    let source = Arc::new(Source::new("a.yaml", "a: 1\n"));
    let fix = |replacements| Fix {
        description: "mend it".to_owned(),
        source: Arc::clone(&source),
        replacements,
    };
    let with = |fix| {
        let finding = Finding::new(&REMOVED, "x", Location::file(&source)).with_fix(fix);
        drawn(
            Format::Sarif,
            &Report::new(None, vec![finding], Body::default()),
        )
    };
    assert!(!with(fix(Vec::new())).contains("fixes"));
    let span = Span::new(0, 5);
    let text = String::new();
    let log = with(fix(vec![Replacement { span, text }]));
    assert!(
        log.contains("deletedRegion") && !log.contains("insertedContent"),
        "{log}"
    );
}

#[test]
fn junit_tells_cases_of_one_name_apart() {
    let source = Arc::new(Source::new("a.yaml", "a: 1\n"));
    let finding = |said: &str| {
        let at = Location::new(&source, Span::new(0, 1)).with_label("this");
        Finding::new(&REMOVED, said, at)
    };
    let findings = vec![finding("x"), finding("y")];
    let xml = drawn(Format::Junit, &Report::new(None, findings, Body::default()));
    assert!(xml.contains("name=\"removed-option line 1\""), "{xml}");
    assert!(xml.contains("name=\"removed-option line 1 (2)\""), "{xml}");
    assert!(xml.contains("tests=\"2\" failures=\"2\""), "{xml}");
}

#[test]
fn junit_without_rules_passes_in_one_line() {
    let report = Report::new(None, Vec::new(), Body::default());
    let answer = Answer {
        command: "get",
        report: &report,
        rules: &[],
        tool_version: "0.1.0",
    };
    let mut out = Vec::new();
    render(Format::Junit, &answer, &Style::default(), &mut out).unwrap();
    let xml = String::from_utf8(out).unwrap();
    let case = "<testcase classname=\"strata.get\" name=\"no findings\"/>";
    assert!(xml.contains(case), "{xml}");
}

#[test]
fn github_leaves_out_columns_of_several_lines() {
    let source = Arc::new(Source::new("./a.yaml", "a:\n  b: 1\n").at_revision("v1"));
    let at = Location::new(&source, Span::new(0, 10));
    let finding = Finding::new(&NOTICE, "x", at);
    let revision = Some("v2".to_owned());
    let text = drawn(
        Format::Github,
        &Report::new(revision, vec![finding], Body::default()),
    );
    assert_eq!(
        text,
        "::notice file=a.yaml,line=1,endLine=2,title=unused-layer::x (at v1)\n"
    );
}

#[test]
fn gitlab_names_each_issue_once() {
    let issues = parsed(Format::Gitlab);
    let issues = issues.as_array().unwrap();
    let mut prints: Vec<_> = issues
        .iter()
        .map(|issue| issue["fingerprint"].as_str())
        .collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), issues.len());
    for issue in issues {
        assert!(issue["location"]["lines"]["begin"].as_u64() >= Some(1));
    }
}
