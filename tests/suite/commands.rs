//! Each command, as its user runs it.

use super::harness::Place;

#[test]
fn every_template_starts_a_repository_that_checks() {
    let templates = Place::new().run("init --list --format json").json();
    let templates = templates["body"]["templates"].as_array().unwrap().clone();
    assert_eq!(templates.len(), 3);
    for template in templates {
        let place = Place::new();
        let name = template["name"].as_str().unwrap();
        assert_eq!(place.run(&format!("init --template {name}")).status, 0);
        let checked = place.run("check");
        assert!(
            checked.out.ends_with("no findings\n"),
            "{name}: {}",
            checked.all()
        );
        assert_eq!(checked.status, 0, "{name}");
        place.commit("start");
        let staged = place.run("check --staged");
        assert_eq!(staged.status, 0, "{}", staged.all());
        let again = place.run(&format!("init --template {name}"));
        assert_eq!(again.status, 2);
        assert!(again.err.contains("would be overwritten"), "{}", again.err);
    }
    insta::assert_snapshot!(Place::new().run("init --template minimla").all(), @"
    error: there is no template `minimla`
    help: did you mean `minimal`?
    [2]
    ");
}

#[test]
fn demo_shows_each_job_and_leaves_a_clean_repository() {
    let place = Place::new();
    let ran = place.run("demo here");
    assert_eq!(ran.status, 0, "{}", ran.err);
    for command in [
        "check",
        "show --env prod",
        "drift staging prod",
        "compat v1.2.0..v2.0.0",
    ] {
        assert!(
            ran.out.contains(&format!("$ git strata {command}")),
            "{command}"
        );
    }
    assert_eq!(place.git(&["-C", "here", "status", "--porcelain"]).out, "");
    assert_eq!(
        place
            .git(&["-C", "here", "fsck", "--strict", "--no-progress"])
            .status,
        0
    );
    let again = place.run("demo here");
    assert_eq!(again.status, 2);
    assert!(again.err.contains("is not empty"), "{}", again.err);
}

#[test]
fn a_file_is_held_to_a_schema_without_any_manifest() {
    let place = Place::new();
    place.write(
        "schema.json",
        r#"{"properties": {"port": {"type": "integer", "maximum": 100}}}"#,
    );
    place.write("app.yaml", "port: 250\n");
    insta::assert_snapshot!(place.run("check app.yaml --schema schema.json").all(), @r#"
    checked 1 file, 1 schema, 1 target

    error[out-of-range]: `port` must be a whole number of at most 100; it is `250`
     --> app.yaml:1:1
      |
    1 | port: 250
      | ^^^^
      |
     ::: schema.json:1:45
      |
    1 | {"properties": {"port": {"type": "integer", "maximum": 100}}}
      |                                             --------- the schema says so here

    1 error
    [1]
    "#);
    place
        .write("good/one.toml", "port = 5\n")
        .write("good/two.json", "{\"port\": 6}");
    assert_eq!(place.run("check good --schema schema.json").status, 0);
    assert_eq!(place.run("check app.yaml --schema none.json").status, 2);
}

#[test]
fn the_index_and_ranges_are_checked_for_what_they_change() {
    let shop = Place::shop();
    shop.write("config/services/cart/base.yaml", "http: { port: 70000 }\n");
    assert_eq!(shop.run("check --staged").status, 0);
    shop.git(&["add", "-A"]);
    let staged = shop.run("check --staged");
    assert_eq!(staged.status, 1);
    assert!(
        staged
            .out
            .contains("error[out-of-range]: `http.port` must be"),
        "{}",
        staged.out
    );
    shop.commit("bad port");
    assert_eq!(shop.run("check HEAD~1..HEAD").status, 1);
    assert_eq!(shop.run("check --rev HEAD~1").status, 0);
    let breaking = shop.run("check v1.2.0..v2.0.0");
    assert!(
        breaking.out.contains("[option-removed-ignored]"),
        "{}",
        breaking.out
    );
}

#[test]
fn one_value_is_printed_bare() {
    let shop = Place::shop();
    let get = |words: &str| shop.run(&format!("get {words}")).all();
    insta::assert_snapshot!(get("http.request_timeout_ms --env prod --service payments"), @"
    8000
    [0]
    ");
    insta::assert_snapshot!(get("/database/pool --env prod --service payments"), @"
    min: 5
    max: 30
    [0]
    ");
    insta::assert_snapshot!(get("database.pol --env prod --service payments"), @"
    error: nothing sets `database.pol` for service payments in prod
    help: did you mean `database.pool` or `database.port` or `database.host`?
    [2]
    ");
    insta::assert_snapshot!(get("service.name --env prd"), @"
    error: there is no environment `prd`
    help: did you mean `prod`?
    [2]
    ");
    insta::assert_snapshot!(get("service.name --env prod --service payment"), @"
    error: there is no service `payment` in prod
    help: did you mean `payments`?
    [2]
    ");
    let json = shop
        .run("get http.port --env prod --service payments --format json")
        .json();
    assert_eq!(json["body"]["value"], 8080);
    assert_eq!(json["revision"], "env/prod");
    let part = shop.run("show http --env prod --service payments").out;
    assert!(part.lines().all(|line| line.starts_with("http.")), "{part}");
    // With a revision named, the environment is read there.
    let old = shop.run("get http.request_timeout_ms --env prod --service payments --rev v1.0.0");
    assert_eq!(old.out, "2000\n", "{}", old.err);
}

#[test]
fn values_are_compared_not_lines() {
    let place = Place::new();
    place.write(
        "a.yaml",
        "# old\nb: 0.10\na: 1\nports: [{name: x, port: 1}, {name: y, port: 2}]\n",
    );
    place.write("b.json", r#"{"a": "1", "b": 1e-1, "ports": [{"name": "y", "port": 3}, {"name": "x", "port": 1}], "c": null}"#);
    insta::assert_snapshot!(place.run("diff a.yaml b.json").all(), @r#"
    b.json
    ├─ ! a: 1 (number) → "1" (text)
    ├─ ~ ports.0.port: 2 → 3
    └─ + c: null
    [0]
    "#);
    let shop = Place::shop();
    let range = shop.run("diff v1.1.0..v1.2.0 -- config/base.yaml");
    assert_eq!(range.status, 0, "{}", range.err);
    assert_eq!(
        shop.run("diff HEAD").out,
        "no value differs between HEAD and the work tree\n"
    );
    let one = shop
        .run("diff v1.0.0:config/base.yaml config/base.yaml --format json")
        .json();
    assert_eq!(one["body"]["files"][0]["status"], "changed");
    let mixed = shop.run("diff HEAD config/base.yaml");
    assert_eq!(mixed.status, 2);
}

#[test]
fn environments_and_plain_revisions_are_compared() {
    let shop = Place::shop();
    let json = shop.run("drift staging prod --format json").json();
    assert_eq!(json["body"]["counts"]["type-mismatch"], 1);
    let row = json["body"]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["class"] == "type-mismatch")
        .unwrap();
    assert_eq!(
        row["values"],
        serde_json::json!({ "staging": "5432", "prod": 5432 })
    );
    assert_eq!(row["provenance"]["prod"]["revision"], "env/prod");
    shop.git(&["rm", "-q", "strata.yaml"]);
    let plain = shop.run("drift v1.0.0 v1.1.0 --format json").json();
    let files: Vec<_> = plain["body"]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["service"].as_str().unwrap().to_owned())
        .collect();
    assert!(files.contains(&"config/base.yaml".to_owned()), "{files:?}");
}

#[test]
fn a_version_that_moved_too_little_and_a_change_log() {
    let shop = Place::shop();
    shop.git(&["tag", "-f", "v1.2.1", "v2.0.0^{commit}"]);
    shop.git(&["tag", "-d", "v2.0.0"]);
    let ran = shop.run("compat v1.2.0..v1.2.1 --format json");
    assert_eq!(ran.status, 1);
    let json = ran.json();
    let found = json["findings"].as_array().unwrap().iter();
    let found: Vec<_> = found
        .filter(|f| f["rule"] == "version-bump-too-small")
        .collect();
    assert_eq!(
        found[0]["message"],
        "`schema/app.schema.yaml` went from 1.2.0 to 1.2.1, and 5 changes ask for 2.0.0"
    );
    let log = shop.run("compat v1.2.0..v1.2.1 --changelog");
    assert_eq!(log.status, 0, "a change log is no check");
    assert!(log.out.starts_with("## 1.2.1 - 20"), "{}", log.out);
    for part in [
        "### Breaking\n",
        "### New\n",
        "(`required-added`)",
        "  ```yaml\n",
    ] {
        assert!(log.out.contains(part), "{part}: {}", log.out);
    }
}

#[test]
fn the_manifest_says_what_compatibility_is_judged_by() {
    let shop = Place::shop();
    let manifest = std::fs::read_to_string(shop.path().join("strata.yaml")).unwrap();
    let with =
        |settings: &str| shop.write("strata.yaml", format!("{manifest}\ncompat:\n{settings}"));
    with("  profile: strict\n  unstable: [database.**, http, service, '**.exporter']\n");
    shop.git(&["commit", "-qam", "judge"]);
    let json = shop.run("compat v1.2.0..HEAD --format json").json();
    assert_eq!(json["body"]["policy"]["profile"], "strict");
    assert_eq!(
        json["body"]["verdict"], "risk",
        "{}",
        json["body"]["schemas"]
    );
    let json = shop
        .run("compat v1.2.0..HEAD --profile default --format json")
        .json();
    assert_eq!(json["body"]["policy"]["profile"], "default");
    assert_eq!(json["body"]["verdict"], "breaking");
    with("  profile: lax\n  colour: blue\n");
    let found = shop.run("check --format json").json();
    let found: Vec<_> = found["findings"].as_array().unwrap().iter().collect();
    let said = |rule: &str| found.iter().any(|finding| finding["rule"] == rule);
    assert!(said("invalid-value") && said("unknown-key"), "{found:?}");
}

#[test]
fn what_a_removed_schema_leaves_behind_is_shown() {
    let shop = Place::shop();
    shop.git(&["rm", "-q", "schema/app.schema.yaml"]);
    shop.git(&["commit", "-qm", "no schema"]);
    let json = shop.run("compat HEAD~1..HEAD --format json").json();
    let change = &json["body"]["schemas"][0]["changes"][0];
    assert_eq!(change["rule"], "schema-removed");
    assert_eq!(change["witness"]["kind"], "ignored");
    assert!(
        change["witness"]["document"]["service"].is_object(),
        "{change}"
    );
}

#[test]
fn a_schema_change_is_judged_with_a_witness_and_a_bump() {
    let shop = Place::shop();
    let json = shop.run("compat v1.2.0..v2.0.0 --format json").json();
    assert_eq!(json["body"]["verdict"], "breaking");
    assert_eq!(json["body"]["bump"], "major");
    assert_eq!(json["body"]["schemas"][0]["new"]["version"], "2.0.0");
    for change in json["body"]["schemas"][0]["changes"].as_array().unwrap() {
        let breaks = change["verdict"] == "breaking";
        assert_eq!(breaks, change["witness"].is_object(), "{change}");
    }
    assert_eq!(shop.run("compat v1.0.0..v1.1.0").status, 0);
    let each = shop
        .run("compat --each v1.2.0..v2.0.0 --format json")
        .json();
    assert_eq!(each["body"]["schemas"], json["body"]["schemas"]);
    assert_eq!(each["body"]["commits"][0]["verdict"], "breaking");
    let no_range = shop.run("compat --each v1.2.0 v2.0.0");
    assert!(no_range.status == 2 && no_range.err.contains("git strata compat --each"));
    assert_eq!(
        shop.run("compat --staged").out,
        "no schema changed\n\nno findings\n"
    );
    let nothing = shop.run("compat v1.2.0..v2.0.0 -- schema/none.yaml");
    assert_eq!(nothing.status, 2);
    assert!(nothing.err.contains("on either side"), "{}", nothing.err);
    let policy = shop.run("compat v1.2.0..v2.0.0 --policy ignored-option=risk");
    assert_eq!(policy.status, 2, "{}", policy.all());
}

#[test]
fn rules_explain_themselves() {
    let place = Place::new();
    let listed = place.run("explain --format json").json();
    assert!(listed["body"]["rules"].as_array().unwrap().len() > 100);
    assert!(
        place
            .run("explain duplicate-key")
            .out
            .starts_with("duplicate-key\n")
    );
    insta::assert_snapshot!(place.run("explain duplicate-keys").all(), @"
    error: there is no rule `duplicate-keys`
    help: did you mean `duplicate-key` or `duplicate-items`?
    [2]
    ");
}

#[test]
fn hooks_stop_a_bad_commit_and_a_bad_push() {
    let shop = Place::shop();
    shop.git(&["init", "-q", "--bare", "../hub.git"]);
    shop.git(&["remote", "add", "origin", "../hub.git"]);
    assert_eq!(shop.git(&["push", "-q", "origin", "main"]).status, 0);
    assert_eq!(shop.run("hook install").status, 0);
    shop.write("config/services/cart/base.yaml", "http: { port: 70000 }\n");
    shop.git(&["add", "-A"]);
    let refused = shop.git(&["commit", "-m", "bad"]);
    assert_ne!(refused.status, 0);
    assert!(
        refused.err.contains("out-of-range") || refused.out.contains("out-of-range"),
        "{}",
        refused.all()
    );
    shop.commit("bad, past the hook");
    let refused = shop.git(&["push", "-q", "origin", "main"]);
    assert_ne!(refused.status, 0, "{}", refused.all());
    shop.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(shop.git(&["push", "-q", "origin", "main"]).status, 0);
    assert_eq!(shop.run("hook uninstall").status, 0);
    shop.write("config/services/cart/base.yaml", "http: { port: 70000 }\n");
    assert_eq!(
        shop.git(&["commit", "-qam", "bad, without hooks"]).status,
        0
    );
}

#[test]
fn shells_and_manual_are_served() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            place
                .run(&format!("util completion {shell}"))
                .out
                .contains("drift"),
            "{shell}"
        );
    }
    assert!(place.run("util man").out.contains(".TH"));
    assert_eq!(place.run("util man --dir pages").status, 0);
    assert!(place.path().join("pages/git-strata-drift.1").exists());
    insta::assert_snapshot!(place.run("util schema chekc").all(), @"
    error: there is no published schema `chekc`
    help: did you mean `check`?
    [2]
    ");
}
