//! `git strata check --app --gate`: what may be deployed.

use super::harness::Place;

#[test]
fn a_range_is_judged_for_the_versions_that_are_to_run() {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.write(
        "strata.yaml",
        "strata: 1\nschemas: [schema.yaml]\nlayers: [base.yaml, 'services/{service}/{environment}.yaml']\nservices: services/*\nenvironments: { dev: {}, prod: {} }\n",
    );
    place.write(
        "schema.yaml",
        "properties:\n  replicas: { type: integer, x-requires: { api: '>=2.3' } }\n",
    );
    place.write("base.yaml", "log: info\n");
    for service in ["cart", "mail"] {
        for environment in ["dev", "prod"] {
            place.write(
                &format!("services/{service}/{environment}.yaml"),
                "log: warn\n",
            );
        }
    }
    place.commit("start");
    place.write("services/cart/dev.yaml", "log: debug\n");
    place.write("services/cart/prod.yaml", "replicas: 3\n");
    place.commit("more of it");
    insta::assert_snapshot!(place.run("check HEAD~1..HEAD --app api=2.2.0 --gate").all(), @"
    checked 4 files, 1 schema, 2 targets in dev (at HEAD), prod (at HEAD)

    gate: no-go
    environment  service  verdict  why
    dev          cart     go
    prod         cart     no-go    `replicas` needs `api` >=2.3, and 2.2.0 is to run (services/cart/prod.yaml:1)

    error[unmet-app-version]: `replicas` needs `api` >=2.3, and 2.2.0 is to run
     --> services/cart/prod.yaml:1:1 (at HEAD)
      |
    1 | replicas: 3
      | ^^^^^^^^
      |
     ::: schema.yaml:2:49 (at HEAD)
      |
    2 |   replicas: { type: integer, x-requires: { api: '>=2.3' } }
      |                                                 ------- asked for here
      |
      = help: deploy `api` >=2.3, or leave the option out until then

    1 error
    [1]
    ");
    insta::assert_snapshot!(place.run("check HEAD~1..HEAD --app api=2.2.0 --gate --format markdown").all(), @r"
    ## git strata check

    **1 error** (at HEAD)

    checked 4 files, 1 schema, 2 targets in dev (at HEAD), prod (at HEAD)

    ### gate: no-go

    | environment | service | verdict | why |
    | --- | --- | --- | --- |
    | dev | cart | go |  |
    | prod | cart | no-go | \`replicas\` needs \`api\` &gt;=2.3, and 2.2.0 is to run (services/cart/prod.yaml:1) |

    ### Findings

    - **error** `unmet-app-version` at `services/cart/prod.yaml:1:1 (at HEAD)`: \`replicas\` needs \`api\` &gt;=2.3, and 2.2.0 is to run
      - see `schema.yaml:2:49 (at HEAD)` (asked for here)
      - help: deploy \`api\` &gt;=2.3, or leave the option out until then
    [1]
    ");
    let json = place
        .run("check HEAD~1..HEAD --app api=2.2.0 --gate --format json")
        .json();
    assert_eq!(json["body"]["gate"]["verdict"], "no-go");
    assert_eq!(json["body"]["gate"]["targets"][0]["verdict"], "go");
    let ran = place.run("check HEAD~1..HEAD --app api=2.3.0 --gate");
    insta::assert_snapshot!(ran.all(), @"
    checked 4 files, 1 schema, 2 targets in dev (at HEAD), prod (at HEAD)

    gate: go
    environment  service  verdict  why
    dev          cart     go
    prod         cart     go

    no findings
    [0]
    ");
    let sarif = place
        .run("check HEAD~1..HEAD --app api=2.2.0 --format sarif")
        .json();
    assert_eq!(
        sarif["runs"][0]["results"][0]["ruleId"],
        "unmet-app-version"
    );
    // The versions are judged for a file and its schema, too.
    let ran = place.run("check services/cart/prod.yaml --schema schema.yaml --app api=1.0.0");
    assert!(
        ran.status == 1 && ran.out.contains("unmet-app-version"),
        "{}",
        ran.all()
    );
    insta::assert_snapshot!(place.run("check --app apii=1").all(), @"
    error: no schema asks for an application `apii`
    help: did you mean `--app api=…`?
    [2]
    ");
    insta::assert_snapshot!(place.run("check --app api@1.0").all(), @"
    error: `--app api@1.0` is not of the form NAME=VERSION
    help: did you mean `--app api=1.0`?
    [2]
    ");
    insta::assert_snapshot!(place.run("check base.yaml --gate").all(), @"
    error: `--gate` is about environments, not about single files
    help: leave the files out, or name a range: `git strata check main..HEAD --gate`
    [2]
    ");
}
