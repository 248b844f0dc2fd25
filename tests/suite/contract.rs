//! What every command promises: published schemas, formats, exit statuses, streams.

use std::process::Stdio;

use super::harness::{Place, hermetic};

const FORMATS: [&str; 7] = [
    "human", "json", "sarif", "junit", "markdown", "github", "gitlab",
];

/// One run of every command that answers with a report, in the shop.
const RUNS: &[&str] = &[
    "audit",
    "audit v1.0.0..v2.0.0",
    "audit tags",
    "audit log",
    "policy check v1.0.0..v1.2.0",
    "policy pending v1.0.0..v1.2.0",
    "check",
    "check --staged",
    "check --gate --app shop=1.0.0",
    "check v1.2.0..v2.0.0",
    "get database.pool --env prod --service payments",
    "show --env prod --service payments",
    "show database.pool --explain --env prod --service payments",
    "show --env prod --service payments --blame",
    "blame config/base.yaml",
    "diff v1.0.0 v2.0.0",
    "drift",
    "drift staging prod --all",
    "drift --fix --dry-run",
    "compat v1.0.0..v2.0.0",
    "compat --each v1.0.0..v2.0.0",
    "compat v1.2.0:schema/app.schema.yaml schema/app.schema.yaml --profile strict",
    "convert config/base.yaml --to toml",
    "convert config/services/cart/base.yaml --to json",
    "explain",
    "hook status",
    "migration new --from v1.2.0 --to v2.0.0 --schema schema/app.schema.yaml",
    "migration check",
    "migration test",
    "migration show",
    "upgrade --from v1.0.0 --to v2.0.0 --schema schema/app.schema.yaml config/services/cart/base.yaml",
    "upgrade --from 1.2.0 --to 2.0.0 --pin-defaults config/base.yaml",
    "secret recipients",
    "init --list",
    "secret scan --history",
    "secret scan v1.0.0..v2.0.0",
];

#[test]
fn every_answer_holds_to_its_published_schema() {
    let shop = Place::shop();
    for run in RUNS {
        let command = match run.split(' ').next().unwrap() {
            "audit" if run.ends_with(" tags") => "audit-tags",
            "audit" if run.ends_with(" log") => "audit-log",
            "policy" if run.contains(" pending") => "policy-pending",
            "policy" => "policy-check",
            "migration" => "migration-report",
            "drift" if run.contains("--fix") => "fix",
            "show" if run.contains("--explain") => "trace",
            "secret" if run.contains(" scan") => "scan",
            command => command,
        };
        let schema = shop.run(&format!("util schema {command}"));
        let validator = jsonschema::validator_for(&schema.json()).unwrap();
        let ran = shop.run(&format!("{run} --format json"));
        let answer = ran.json();
        let faults: Vec<_> = validator
            .iter_errors(&answer)
            .map(|fault| format!("{fault} at {}", fault.instance_path()))
            .collect();
        assert_eq!(faults, [""; 0], "{run}");
        assert_eq!(answer["schema"], format!("strata.{command}/1"));
        // A schema that holds nothing back would hold with anything.
        assert!(!validator.is_valid(&serde_json::json!({ "schema": "strata.other/1" })));
    }
    let started = Place::new().run("init --format json");
    let schema = shop.run("util schema init").json();
    assert!(jsonschema::is_valid(&schema, &started.json()));
    let demo = Place::new().run("demo here --format json");
    assert!(jsonschema::is_valid(
        &shop.run("util schema demo").json(),
        &demo.json()
    ));
    for name in shop.run("util schema").out.lines() {
        let schema = shop.run(&format!("util schema {name}")).json();
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
    }
}

#[test]
fn the_format_never_changes_the_status_and_input_gives_the_same_bytes() {
    let shop = Place::shop();
    shop.write(
        "config/services/cart/base.yaml",
        "service: { name: cart, tire: x }\n",
    );
    for run in [
        "check",
        "drift staging prod",
        "compat v1.2.0..v2.0.0",
        "explain",
    ] {
        let status = shop.run(run).status;
        for format in FORMATS {
            let first = shop.run(&format!("{run} --format {format}"));
            assert_eq!(first.status, status, "{run} {format}");
            let again = shop.run(&format!("{run} --format {format}"));
            assert_eq!(first.out, again.out, "{run} {format}");
            let zero = shop.run(&format!("{run} --format {format} --exit-zero"));
            assert_eq!((zero.status, &zero.out), (0, &first.out));
        }
    }
    assert_eq!(shop.run("check").status, 1);
}

#[test]
fn the_threshold_decides_and_the_answer_goes_where_it_is_sent() {
    let shop = Place::shop();
    let only_warnings = "drift staging prod --service payments --path http";
    assert_eq!(shop.run(only_warnings).status, 0);
    assert_eq!(
        shop.run(&format!("{only_warnings} --fail-on warning"))
            .status,
        1
    );
    let words: Vec<_> = only_warnings.split(' ').collect();
    let ran = shop.run_in(shop.path(), &words, &[("STRATA_FAIL_ON", "warning")]);
    assert_eq!(ran.status, 1);
    let sent = shop.run(&format!("{only_warnings} --format json -o report.json"));
    assert_eq!((sent.out.as_str(), sent.err.as_str()), ("", ""));
    let written = std::fs::read_to_string(shop.path().join("report.json")).unwrap();
    assert_eq!(
        written,
        shop.run(&format!("{only_warnings} --format json")).out
    );
    let nowhere = shop.run("check -o nowhere/report.json");
    assert_eq!(nowhere.status, 2);
    assert!(nowhere.err.contains("cannot write `"), "{}", nowhere.err);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let shop = Place::shop();
    let mut command = hermetic(env!("CARGO_BIN_EXE_git-strata"), shop.path());
    command
        .args(["diff", "v1.0.0", "v2.0.0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let ran = child.wait_with_output().unwrap();
    assert!(ran.status.success());
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "");
}

#[test]
fn colours_are_used_when_asked_for() {
    let shop = Place::shop();
    let run = |words: &[&str], env: &[(&str, &str)]| {
        shop.run_in(shop.path(), words, env).out.contains('\u{1b}')
    };
    let drift = ["drift", "staging", "prod"];
    assert!(!run(&drift, &[]));
    assert!(run(&["drift", "staging", "prod", "--color", "always"], &[]));
    assert!(run(&drift, &[("CLICOLOR_FORCE", "1")]));
    assert!(!run(&drift, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn help_and_usage_have_their_own_status() {
    let place = Place::new();
    assert_eq!(place.run("--help").status, 0);
    assert!(
        place
            .run("drift --help")
            .out
            .contains("git strata drift staging prod")
    );
    let wrong = place.run("chekc");
    assert_eq!(wrong.status, 2);
    assert!(wrong.err.contains("check"), "{}", wrong.err);
    assert_eq!(place.run("-C nowhere check").status, 2);
    assert!(
        place
            .git(&["strata", "--version"])
            .out
            .starts_with("git-strata ")
    );
}
