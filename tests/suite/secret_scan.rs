//! `git strata secret scan`, as a person runs it.

use super::harness::Place;

/// A token without meaning, put together here so that no other program takes it for one.
fn token() -> String {
    ["gl", "pat-", "x7Qk2mVb9", "TzR4wLp8Yh3"].concat()
}

#[test]
fn secret_scan_finds_a_token_in_the_history_and_lets_it_be_allowed() {
    let shop = Place::shop();
    let clean = shop.run("secret scan --history");
    assert_eq!(clean.status, 0, "{}", clean.all());
    let token = token();
    shop.write("config/ci.yaml", format!("ci:\n  access: {token}\n"));
    let ran = shop.run("secret scan");
    insta::assert_snapshot!(ran.all(), @"
    43 files searched

    error[key-material]: a GitLab token stands here in plain text
     --> config/ci.yaml:2:11
      |
    2 |   access: ***
      |           ^^^
      |
      = help: withdraw it where it was issued and seal the new one: `git strata secret seal ci.access`; if it is no secret: `git strata secret scan --allow 855af562eded5809 --reason '…'`

    1 error
    [1]
    ");
    shop.commit("ci");
    shop.write("config/ci.yaml", "ci: {}\n");
    shop.commit("taken away");
    assert_eq!(shop.run("secret scan").status, 0);
    assert_eq!(shop.run("secret scan HEAD~1..HEAD").status, 0);
    assert_eq!(shop.run("secret scan HEAD~1").status, 1);
    assert_eq!(shop.run("secret scan HEAD~2..HEAD").status, 1);
    let past = shop.run("secret scan --history --format json");
    assert_eq!(past.status, 1);
    assert!(!past.all().contains(&token));
    let secret = past.json()["body"]["secrets"][0].clone();
    assert_eq!(secret["commit"]["author"], "Ada");
    let fingerprint = secret["fingerprint"].as_str().unwrap().to_owned();
    let words = [
        "secret",
        "scan",
        "--history",
        "--allow",
        &fingerprint,
        "--reason",
        "made for a test",
    ];
    let allowed = shop.run_in(shop.path(), &words, &[]);
    assert_eq!(allowed.status, 0, "{}", allowed.all());
    let file = std::fs::read_to_string(shop.path().join("secrets-allowed.yaml")).unwrap();
    insta::assert_snapshot!(file, @r#"
    # What looks like a secret and may stand in plain text, and why. `git strata secret scan` reads
    # this file, and `git strata secret scan --allow` adds to it.
    allowed:
      - path: config/ci.yaml
        fingerprint: "855af562eded5809"
        reason: made for a test
    "#);
    let schema = shop.run("util schema secrets-allowed").json();
    let entries = serde_yaml::from_str::<serde_json::Value>(&file).unwrap();
    assert!(jsonschema::is_valid(&schema, &entries));
    let again = shop.run_in(shop.path(), &words, &[]);
    assert_eq!(again.status, 2);
    assert_eq!(
        again.err,
        format!("error: `{fingerprint}` is allowed already\n")
    );
}
