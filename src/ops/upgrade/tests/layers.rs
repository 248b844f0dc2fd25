use insta::assert_snapshot;

use super::told;
use crate::config::{Configuration, Snapshot};
use crate::git::testing::Scratch;
use crate::ops::upgrade::{Options, Plan, UpgradeBody, Versions, upgrade_environments};
use crate::report::Report;

/// Two environments over one base, and a version that renames, adds and asks for more.
fn environments() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1
schemas: [schema.yaml]
layers: [base.yaml, '{environment}.yaml']
environments: { dev: {}, prod: {} }
",
    );
    scratch.write("base.yaml", "http: { port: 80 } # base\n");
    scratch.write("dev.yaml", "pool: 1 # dev\n");
    scratch.write(
        "prod.yaml",
        "pool: 9 # prod\nregion: eu\nhttp: { keep: 5 }\n",
    );
    let schema = |names: &str, required: &str| {
        let properties = "http: {type: object}, region: {type: string}";
        format!(
            "type: object\nrequired: [{required}]\nadditionalProperties: false\nproperties: {{{properties}, {names}}}\n"
        )
    };
    scratch.write("schema.yaml", schema("pool: {type: integer}", ""));
    scratch.commit("one");
    scratch.git(&["tag", "v1.0.0"]);
    scratch.write("schema.yaml", schema("max: {type: integer}", "region"));
    scratch.write(
        "migrations/2.0.0.yaml",
        "strata-migration: 1
steps:
  - {rename: pool, to: max}
  - {add: http.timeout, value: 30}
  - {add: http.keep, value: 7}
",
    );
    scratch.commit("two");
    scratch.git(&["tag", "v2.0.0"]);
    scratch
}

fn upgraded(scratch: &Scratch) -> Report<UpgradeBody> {
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let configuration = Configuration::open(Some(repo), here.clone()).unwrap();
    let manifest = Some(configuration.manifest());
    let versions = Versions::of(configuration.repo(), &here, manifest, None).unwrap();
    let stop = |name: &str| versions.find(name).unwrap().clone();
    let (from, to) = (stop("1.0.0"), stop("2.0.0"));
    let plan = Plan::between(from, to, versions, &here, manifest).unwrap();
    let names = ["dev", "prod"].map(|name| Some(name.to_owned()));
    upgrade_environments(&plan, &configuration, &names, Options::default()).unwrap()
}

#[test]
fn each_layer_changes_by_itself_and_the_whole_is_looked_at() {
    let scratch = environments();
    let report = upgraded(&scratch);
    let texts = report
        .body
        .files
        .iter()
        .map(|file| format!("# {}\n{}", file.path, file.text));
    assert_snapshot!(texts.collect::<String>(), @"
    # base.yaml
    http: { port: 80, timeout: 30, keep: 7 } # base
    # dev.yaml
    max: 1 # dev
    # prod.yaml
    max: 9 # prod
    region: eu
    http: { keep: 5 }
    ");
    assert_snapshot!(told(&report), @"error[missing-option] base.yaml:1 the option `region` is missing (in dev); it must be a text");
}

#[test]
fn a_template_is_left_to_hand() {
    let scratch = environments();
    scratch.write(
        "strata.yaml",
        "strata: 1\nschemas: [schema.yaml]\nlayers: [base.yaml, '{environment}.yaml.j2']\nenvironments: { dev: {}, prod: {} }\n",
    );
    scratch.write("prod.yaml.j2", "region: eu\npool: {{ 4 + 5 }}\n");
    scratch.commit("templates");
    let report = upgraded(&scratch);
    let paths: Vec<_> = report
        .body
        .files
        .iter()
        .map(|it| it.path.as_str())
        .collect();
    assert_eq!(paths, ["base.yaml"]);
    assert_snapshot!(told(&report), @"
    error[missing-option] base.yaml:1 the option `region` is missing (in dev); it must be a text
    warning[upgrade-manual] prod.yaml.j2:1 `max` is to be added; this layer is a template, which is edited by hand; edit this line of the template, then check: `git strata check`
    warning[upgrade-manual] prod.yaml.j2:2 `pool` is to go; this layer is a template, which is edited by hand; edit this line of the template, then check: `git strata check`
    ");
}
