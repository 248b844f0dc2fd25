//! Breaks that people agreed to, and how long an option has to be deprecated.

use crate::harness::{Place, Ran};

const OLD: &str = "type: object\nadditionalProperties: false\nproperties:\n  pool: {type: integer}\n  port: {type: integer, maximum: 10}\n";
const NEW: &str =
    "type: object\nadditionalProperties: false\nproperties:\n  port: {type: integer, maximum: 9}\n";

/// A repository with a schema that breaks, twice, between `v1.0.0` and HEAD.
fn broken() -> Place {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.write("app.schema.yaml", OLD);
    place.commit("old");
    place.git(&["tag", "v1.0.0"]);
    place.write("app.schema.yaml", NEW);
    place.commit("new");
    place
}

fn rules(ran: &Ran, severity: &str) -> Vec<String> {
    let json = ran.json();
    let found = json["findings"].as_array().unwrap().iter();
    found
        .filter(|finding| finding["severity"] == severity)
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

fn accept(place: &Place, range: &str, what: &str) -> Ran {
    let words = [
        "compat",
        range,
        what,
        "--reason",
        "nobody: sets it",
        "--owner",
        "Ann",
        "--expires",
        "2030-12-31",
        "--today",
        "2030-01-01",
    ];
    place.run_in(place.path(), &words, &[])
}

#[test]
fn a_break_is_accepted_until_its_day() {
    let place = broken();
    let ran = accept(
        &place,
        "v1.0.0..HEAD",
        "--accept=option-removed-rejected:/pool",
    );
    insta::assert_snapshot!(ran.all(), @"
    app.schema.yaml
    breaking; asks for a major version

    breaking (2)
    ├─ the option `pool` is gone; configurations that set it are refused [option-removed-rejected]
    │  ├─ accepted by Ann until 2030-12-31: nobody: sets it
    │  ├─ to do: take `pool` out
    │  └─ refused now: {pool: 0}
    └─ `port` must be at most 9 now, and was at most 10 [maximum-lowered]
       ├─ to do: keep `port` at most `9`
       └─ refused now: {port: 10}

    info[option-removed-rejected]: the option `pool` is gone; configurations that set it are refused; accepted until 2030-12-31
     --> app.schema.yaml:2:1 (at HEAD)

    error[maximum-lowered]: `port` must be at most 9 now, and was at most 10
     --> app.schema.yaml:4:25 (at HEAD)
      |
    4 |   port: {type: integer, maximum: 9}
      |                         ^^^^^^^
      |
     ::: app.schema.yaml:5:25 (at v1.0.0)
      |
    5 |   port: {type: integer, maximum: 10}
      |                         ------- it was here

    1 error, 1 info
    added 1 entry to `accepted-breaks.yaml`; commit it with the change
    [1]
    ");
    place.commit("agreed");
    let ran = place.run("compat v1.0.0..HEAD --format json --today 2030-12-31");
    assert_eq!(rules(&ran, "error"), ["maximum-lowered"]);
    let accepted = &ran.json()["body"]["schemas"][0]["changes"][0]["accepted"];
    assert_eq!(
        *accepted,
        serde_json::json!({"reason": "nobody: sets it", "owner": "Ann", "expires": "2030-12-31"})
    );

    // The rest is added below what is there, which stays as it is.
    let before = std::fs::read_to_string(place.path().join("accepted-breaks.yaml")).unwrap();
    let edited = before.replace("breaks:\n", "# By agreement.\nbreaks:\n") + "x-seen: yes  # all\n";
    place.write("accepted-breaks.yaml", &edited);
    place.commit("a remark");
    let ran = accept(&place, "v1.0.0..HEAD", "--accept");
    assert_eq!(ran.status, 0, "{}", ran.all());
    let after = std::fs::read_to_string(place.path().join("accepted-breaks.yaml")).unwrap();
    insta::assert_snapshot!(after, @r#"
    # Breaking changes of schemas that people agreed to. They are listed, and fail
    # nothing until their day. `git strata compat --accept` adds to them.
    # By agreement.
    breaks:
      - rule: option-removed-rejected
        schema: app.schema.yaml
        path: /pool
        reason: "nobody: sets it"
        owner: Ann
        expires: "2030-12-31"
      - rule: maximum-lowered
        schema: app.schema.yaml
        path: /port
        reason: "nobody: sets it"
        owner: Ann
        expires: "2030-12-31"
    x-seen: yes  # all
    "#);
    place.commit("agreed to all");
    let ran = place.run("compat v1.0.0..HEAD --format json --today 2030-12-31");
    assert_eq!((ran.status, rules(&ran, "error").len()), (0, 0));
    assert_eq!(ran.json()["body"]["verdict"], "breaking");
    assert_eq!(ran.json()["body"]["bump"], "major");
    let ran = place.run("check v1.0.0..HEAD --format json --today 2030-12-31");
    assert_eq!(ran.status, 0, "{}", ran.all());

    // A day later it is over, and says so where it is written.
    let ran = place.run("compat v1.0.0..HEAD --format json --today 2031-01-01");
    assert_eq!(rules(&ran, "error").len(), 2);
    assert_eq!(rules(&ran, "warning"), ["accepted-break-expired"; 2]);
    let ran = accept(&place, "v1.0.0..HEAD", "--accept");
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(
        ran.err.contains("there is nothing to accept"),
        "{}",
        ran.err
    );
}

#[test]
fn an_entry_is_stale_once_its_break_is_released() {
    let place = broken();
    assert_eq!(accept(&place, "v1.0.0..HEAD", "--accept").status, 0);
    place.commit("agreed");
    // The next change of the schema still stands before the release that brings the breaks.
    place.write(
        "app.schema.yaml",
        format!("{NEW}  host: {{type: string}}\n"),
    );
    place.commit("an option");
    let ran = place.run("compat HEAD~1..HEAD --format json --today 2030-01-01");
    assert_eq!(rules(&ran, "warning").len(), 0, "{}", ran.all());
    place.git(&["tag", "v2.0.0"]);
    place.write(
        "app.schema.yaml",
        format!("{NEW}  host: {{type: string, minLength: 0}}\n"),
    );
    place.commit("released");
    let ran = place.run("compat HEAD~1..HEAD --format json --today 2030-01-01");
    assert_eq!(
        rules(&ran, "warning"),
        ["accepted-break-stale"; 2],
        "{}",
        ran.all()
    );
}

#[test]
fn what_is_wrong_with_accepted_breaks_is_told() {
    let place = broken();
    let file = "breaks:\n- {rule: option-removed, schema: a.yaml, reason: x, expires: '2030-01-01'}\n- {rule: type-changed, schema: a.yaml, reason: x, expires: 2030-02-30}\n- {rule: type-changed, schema: a.yaml, expires: '2030-01-01', who: me}\n- {rule: type-changed, schema: a.yaml, reason: x, expires: '2030-01-01', path: 'a..b'}\n- 7\nmore: 1\n";
    place.write("accepted-breaks.yaml", file);
    place.commit("agreed");
    let ran = place.run("compat v1.0.0..HEAD --format json");
    let json = ran.json();
    let found = json["findings"].as_array().unwrap().iter();
    let messages: Vec<_> = found
        .filter(|found| found["location"]["file"] == "accepted-breaks.yaml")
        .map(|found| format!("{}: {}", found["location"]["line"], found["message"]))
        .collect();
    insta::assert_snapshot!(messages.join("\n"), @r#"
    2: "there is no rule `option-removed`"
    3: "`2030-02-30` is no day; write it as in 2026-03-01"
    4: "the key `reason` is missing"
    4: "nothing reads the key `who`"
    5: "an empty part in the key `a..b`; write an empty key as \"\""
    6: "each of `breaks` must be a map of keys to values; it is a number"
    7: "nothing reads the key `more`"
    "#);
    let ran = accept(&place, "v1.0.0..HEAD", "--accept");
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(ran.err.contains("cannot be added to"), "{}", ran.err);
    // `check` reads it without a range, too.
    assert_eq!(place.run("check --format json").status, 1);

    std::fs::remove_file(place.path().join("accepted-breaks.yaml")).unwrap();
    let ran = accept(&place, "v1.0.0..HEAD", "--accept=no-such-rule");
    assert!(
        ran.err.contains("there is no rule `no-such-rule`"),
        "{}",
        ran.err
    );
    let late = [
        "compat",
        "v1.0.0..HEAD",
        "--accept",
        "--reason",
        "x",
        "--expires",
        "2020-01-01",
    ];
    let ran = place.run_in(place.path(), &late, &[]);
    assert!(ran.err.contains("2020-01-01 is over"), "{}", ran.err);
}

#[test]
fn an_option_goes_once_it_was_deprecated_for_long_enough() {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    let schema = |pool: &str| {
        format!(
            "type: object\nadditionalProperties: false\nproperties:\n{pool}  port: {{type: integer}}\n"
        )
    };
    let release = |version: &str, pool: &str, day: &str| {
        place.write("app.schema.yaml", schema(pool));
        place.git(&["add", "-A"]);
        let date = format!("{day}T12:00:00Z");
        let env = [
            ("GIT_COMMITTER_DATE", date.as_str()),
            ("GIT_AUTHOR_DATE", &date),
        ];
        place.git_with(&["commit", "-qm", version, "--allow-empty"], &env);
        place.git(&["tag", version]);
    };
    let deprecated = "  pool: {type: integer, deprecated: true, x-replaced-by: port}\n";
    release("v1.0.0", "  pool: {type: integer}\n", "2030-01-01");
    release("v1.1.0", deprecated, "2030-02-01");
    release("v1.2.0-rc.1", deprecated, "2030-02-10");
    release("v1.2.0", deprecated, "2030-02-15");
    release("v2.0.0", "", "2030-03-01");
    let verdict = |old: &str, window: &str| {
        let range = format!("{old}..v2.0.0");
        let policy = format!("deprecation-window={window}");
        let words = ["compat", &range, "--policy", &policy, "--format", "json"];
        let ran = place.run_in(place.path(), &words, &[]);
        let json = ran.json();
        let change = &json["body"]["schemas"][0]["changes"][0];
        (
            change["rule"].as_str().unwrap().to_owned(),
            change["message"].to_string(),
        )
    };
    for window in ["2 releases", "28 days", "0 days", "0 releases"] {
        assert_eq!(
            verdict("v1.2.0", window).0,
            "option-removed-after-deprecation",
            "{window}"
        );
    }
    // A map that refuses other names knows the option no more than one that takes them.
    release("v2.0.1", "", "2030-03-02");
    assert_eq!(
        rules(&place.run("compat v1.2.0..v2.0.1 --format json"), "warning").len(),
        1
    );
    let (rule, message) = verdict("v1.2.0", "3 releases");
    assert_eq!(rule, "option-removed-rejected");
    assert!(
        message.contains("2 releases ago, and the policy asks for 3 releases"),
        "{message}"
    );
    let (rule, message) = verdict("v1.1.0", "29 days");
    assert_eq!(rule, "option-removed-rejected");
    assert!(message.contains("28 days ago"), "{message}");
    // The manifest may ask for it, too; it is read where the newer side is.
    place.write(
        "strata.yaml",
        "strata: 1\nschemas: [app.schema.yaml]\ncompat: {deprecation-window: 1 year}\n",
    );
    let ran = place.run("check --format json");
    assert_eq!(rules(&ran, "error"), ["invalid-value"]);
    place.write(
        "strata.yaml",
        "strata: 1\ncompat: {accepted: ../outside.yaml}\n",
    );
    let ran = place.run("check --format json");
    assert_eq!(rules(&ran, "error"), ["invalid-value"]);
    place.write(
        "strata.yaml",
        "strata: 1\nschemas: [app.schema.yaml]\ncompat: {deprecation-window: 3 releases}\n",
    );
    place.commit("three");
    let ran = place.run("compat v1.2.0..HEAD --format json");
    assert_eq!(rules(&ran, "error"), ["option-removed-rejected"]);
    assert_eq!(
        ran.json()["body"]["policy"]["deprecation-window"],
        "3 releases"
    );
}

#[test]
fn accepted_breaks_must_be_a_list_of_rules_there_are() {
    let place = broken();
    let said = |file: &str| {
        place.write("accepted-breaks.yaml", file);
        place.git(&["add", "-A"]);
        let json = place.run("compat v1.0.0 --staged --format json").json();
        let mut found = json["findings"].as_array().unwrap().iter();
        let found = found.find(|found| found["location"]["file"] == "accepted-breaks.yaml");
        found.map(|found| (found["message"].clone(), found["help"].clone()))
    };
    let (message, _) = said("breaks: 7\n").unwrap();
    assert_eq!(message, "`breaks` must be a list of accepted breaks");
    let far = "breaks:\n- {rule: zzzzzzzzzzzzzzzzzzzz, schema: a.yaml, reason: x, expires: '2030-01-01'}\n";
    let (message, help) = said(far).unwrap();
    assert_eq!(message, "there is no rule `zzzzzzzzzzzzzzzzzzzz`");
    assert!(help.is_null(), "{help}");
}

#[test]
fn an_entry_for_what_never_was_released_is_stale() {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    let entry = "breaks:\n- {rule: type-changed, schema: app.schema.yaml, reason: x, expires: '2030-01-01'}\n";
    place.write("accepted-breaks.yaml", entry);
    place.commit("start");
    place.write("app.schema.yaml", OLD);
    place.commit("add");
    let stale = |range: &str| {
        let ran = place.run(&format!("compat {range} --format json --today 2029-01-01"));
        assert_eq!(
            rules(&ran, "warning"),
            ["accepted-break-stale"],
            "{}",
            ran.all()
        );
    };
    // Nothing was released, or not this schema.
    stale("HEAD~1..HEAD");
    place.git(&["tag", "v1.0.0", "HEAD~1"]);
    stale("HEAD~1..HEAD");
}

#[test]
fn an_option_that_no_release_deprecated_was_not_deprecated_long_enough() {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    let write = |pool: &str, message: &str| {
        place.write(
            "app.schema.yaml",
            format!("type: object\nproperties:\n{pool}  port: {{}}\n"),
        );
        place.commit(message);
    };
    write("  pool: {type: integer}\n", "old");
    place.git(&["tag", "v1.0.0"]);
    write("  pool: {type: integer, deprecated: true}\n", "deprecated");
    write("", "gone");
    let policy = [
        "compat",
        "HEAD~1..HEAD",
        "--policy",
        "deprecation-window=1 releases",
        "--format",
        "json",
    ];
    let json = place.run_in(place.path(), &policy, &[]).json();
    let change = &json["body"]["schemas"][0]["changes"][0];
    assert_eq!(change["rule"], "option-removed-ignored");
    let message = change["message"].as_str().unwrap();
    assert!(
        message.contains("no release said so yet, and the policy asks for 1 release"),
        "{message}"
    );
}
