//! Layers that are templates.

use super::harness::Place;

fn place(template: &str) -> Place {
    let place = Place::new();
    place.write(
        "strata.yaml",
        "strata: 1\nschemas: [schema.yaml]\nlayers: [base.yaml, '{environment}.yaml.j2']\nenvironments: { prod: {} }\nenv: [DB_HOST]\n",
    );
    place.write("schema.yaml", "properties: { port: { maximum: 9000 } }\n");
    place.write("base.yaml", "port: 80\n");
    place.write("prod.yaml.j2", template);
    place
}

#[test]
fn declared_environment_variables_reach_a_template() {
    let place = place("host: {{ env.DB_HOST | default('localhost') }}\n");
    let words = ["get", "host", "--env", "prod"];
    assert_eq!(place.run("get host --env prod").out, "localhost\n");
    let set = [("DB_HOST", "db.example.org")];
    assert_eq!(
        place.run_in(place.path(), &words, &set).out,
        "db.example.org\n"
    );
}

#[test]
fn a_fault_is_shown_at_the_line_of_the_template() {
    let place = place("# ours\nport: {{ 9000 + 1 }}\nhost: {{ env.DB_HOST }}\n");
    insta::assert_snapshot!(place.run("check").all(), @"
    checked 3 files, 1 schema, 1 target in prod

    error[template-error]: `env.DB_HOST` is undefined
     --> prod.yaml.j2:3:10
      |
    3 | host: {{ env.DB_HOST }}
      |          ^^^^^^^^^^^
      |
      = help: set it where the command runs, or say what stands in for it: `| default('…')`

    1 error
    [1]
    ");
    place.write("prod.yaml.j2", "# ours\nport: {{ 9000 + 1 }}\n");
    insta::assert_snapshot!(place.run("check").all(), @"
    checked 3 files, 1 schema, 1 target in prod

    error[out-of-range]: `port` must be a number of at most 9000; it is `9001`
     --> prod.yaml.j2:2:1
      |
    2 | port: {{ 9000 + 1 }}
      | ^^^^
      |
     ::: schema.yaml:1:23
      |
    1 | properties: { port: { maximum: 9000 } }
      |                       ------- the schema says so here

    1 error
    [1]
    ");
    insta::assert_snapshot!(place.run("get host --env prod").all(), @"
    error: nothing sets `host` for prod
    help: there are `port`
    [2]
    ");
    place.write("prod.yaml.j2", "port: {{ '80: 80' }}\n");
    insta::assert_snapshot!(place.run("check").all(), @"
    checked 3 files, 1 schema, 1 target in prod

    error[syntax-error]: a second `: ` stands on one line
     --> prod.yaml.j2:1:7
      |
    1 | port: {{ '80: 80' }}
      |       ^^^^^^^^^^^^^^ comes out as `port: 80: 80`
      |
      = help: where a value may hold any text, write `{{ value | tojson }}`, which quotes it

    1 error
    [1]
    ");
    insta::assert_snapshot!(place.run("get port --env prod").all(), @"
    error: prod.yaml.j2:1: a second `: ` stands on one line
    help: `git strata check` tells all that is wrong
    [2]
    ");
}
