//! `policy check` and `policy show`, as people see them.

use super::harness::Place;

const POLICY: &str = "policy: 1
repository: shop
roles:
  developer: [config.write]
  admin: [policy.admin, config.write]
bindings:
  - { who: [ann], role: developer, environments: [dev] }
  - { who: [kim], role: admin }
  - { who: ['*'], role: developer, sections: [payments], deny: true }
protect:
  - environments: [prod]
";

/// A place with a policy, in which nobody signs.
fn place() -> Place {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place
        .write("strata.yaml", "strata: 1\nlayers: [base.yaml, '{environment}.yaml']\nenvironments: {dev: {}, prod: {}}\n")
        .write("base.yaml", "pool: 1\npayments: { fee: 1 }\n")
        .write("policy.yaml", POLICY)
        .commit("start");
    place
}

#[test]
fn who_may_not_is_told_with_the_line_of_the_policy() {
    let place = place();
    place
        .write("base.yaml", "pool: 2\npayments: { fee: 1 }\n")
        .commit("pool");
    let shown = |words: &str| {
        let mut all = place.run(words).all();
        for revision in ["HEAD", "HEAD~1"] {
            let id = place.git(&["rev-parse", revision]).out;
            for length in [40, 12, 10] {
                all = all.replace(&id[..length], revision);
            }
        }
        all
    };
    insta::assert_snapshot!(shown("policy check HEAD~1..HEAD"), @"
    commit      by      right         environment  what  may they
    HEAD  nobody  config.write  dev          pool  unprotected
    HEAD  nobody  config.write  prod         pool  missing

    error[permission-missing]: nobody (the commit is not signed) may not change `pool` in prod: nothing gives them `config.write` there
      --> base.yaml:1:1 (at HEAD)
       |
     1 | pool: 2
       | ^^^^
       |
      ::: policy.yaml:11:5 (at HEAD~1)
       |
    11 |   - environments: [prod]
       |     -------------------- this protects it
       |
       = help: who could: kim

    1 error
    [1]
    ");
    insta::assert_snapshot!(shown("check HEAD~1..HEAD"), @"
    checked 2 files, 2 targets in dev (at HEAD), prod (at HEAD)

    error[permission-missing]: nobody (the commit is not signed) may not change `pool` in prod: nothing gives them `config.write` there
      --> base.yaml:1:1 (at HEAD)
       |
     1 | pool: 2
       | ^^^^
       |
      ::: policy.yaml:11:5 (at HEAD~1)
       |
    11 |   - environments: [prod]
       |     -------------------- this protects it
       |
       = help: who could: kim

    1 error
    [1]
    ");
    insta::assert_snapshot!(shown("policy check HEAD"), @"
    error: `HEAD` is no range of commits
    help: name where it begins: `git strata policy check HEAD~1..HEAD`
    [2]
    ");
    assert_eq!(place.run("policy check HEAD~1..HEAD --exit-zero").status, 0);
}

#[test]
fn what_the_policy_says_is_told() {
    let place = place();
    insta::assert_snapshot!(place.run("policy show").all(), @"
    who           what                        of          as
    *    may not  config.write                payments    developer (line 9)
    ann  may      config.write                in dev      developer (line 7)
    kim  may      policy.admin, config.write  everything  admin (line 8)

    no findings
    [0]
    ");
    insta::assert_snapshot!(place.run("policy show --path payments --env prod").all(), @"
    who           what                        of          as
    *    may not  config.write                payments    developer (line 9)
    kim  may      policy.admin, config.write  everything  admin (line 8)

    no findings
    [0]
    ");
    let answer = place.run("policy show --who ann --format json").json();
    let schema = place.run("util schema policy-show").json();
    assert!(jsonschema::is_valid(&schema, &answer));
    let own = place.run("util schema policy").json();
    let policy: serde_json::Value = serde_yaml::from_str(POLICY).unwrap();
    assert!(jsonschema::is_valid(&own, &policy));
    assert!(!jsonschema::is_valid(
        &own,
        &serde_json::json!({ "policy": 1, "binding": [] })
    ));
    place.git(&["rm", "-q", "policy.yaml"]);
    insta::assert_snapshot!(place.run("policy show").all(), @"
    error: there is no `policy.yaml` here
    help: write one; `git strata explain policy-missing` shows how it begins
    [2]
    ");
}
