use super::*;
use crate::git::testing::Scratch;
use crate::report::View;

/// A repository with a manifest, a schema, and two environments on branches of their own.
fn shop() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1
schemas: [schema/app.schema.yaml]
layers:
  - config/base.yaml
  - config/environments/{environment}.yaml
  - config/services/{service}.yaml
services: config/services/*
environments:
  staging: { ref: env/staging }
  prod: { ref: env/prod, follows: staging }
",
    );
    scratch.write(
        "schema/app.schema.yaml",
        "type: object
required: [host]
properties:
  host: { type: string }
  pool:
    type: integer
    maximum: 50
    x-validations:
      - rule: self >= oldSelf
        message: the pool never shrinks
  log: { enum: [info, warn] }
additionalProperties: false
",
    );
    scratch.write("config/base.yaml", "log: info\n");
    scratch.write("config/environments/staging.yaml", "{}\n");
    scratch.write("config/environments/prod.yaml", "{}\n");
    scratch.write("config/services/cart.yaml", "pool: 10\nhost: a\n");
    scratch.write("config/services/search.yaml", "pool: 20\nhost: b\n");
    scratch.commit("start");
    scratch.git(&["branch", "env/staging"]);
    scratch.git(&["branch", "env/prod"]);
    scratch
}

fn everything(scratch: &Scratch) -> Report<CheckBody> {
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    check(Some(repo), &here, &Scope::Everything, &Options::default()).unwrap()
}

fn staged(scratch: &Scratch) -> Report<CheckBody> {
    scratch.git(&["add", "-A"]);
    let repo = scratch.repo();
    let here = Snapshot::of_index(&repo).unwrap();
    let head = here.beside(repo.files(&repo.revision("HEAD").unwrap()));
    let since = Some(head);
    check(
        Some(repo),
        &here,
        &Scope::Changes { since },
        &Options::default(),
    )
    .unwrap()
}

fn said(report: &Report<CheckBody>) -> Vec<String> {
    let lines = report.findings.iter().map(|finding| {
        let (source, start) = (&finding.location.source, finding.location.start());
        format!(
            "{} {}:{} {}",
            finding.rule.id,
            source.name(),
            start.line,
            finding.message
        )
    });
    lines.collect()
}

#[test]
fn a_sound_repository_has_no_finding() {
    let report = everything(&shop());
    assert_eq!(said(&report), [""; 0]);
    assert_eq!(report.body.targets, 4);
    let places: Vec<_> = report
        .body
        .environments
        .iter()
        .map(|e| e.revision.clone().unwrap())
        .collect();
    assert_eq!(places, ["env/staging", "env/prod"]);
    assert_eq!(report.body.view().len(), 1);
}

#[test]
fn values_are_judged_at_the_line_that_set_them() {
    let scratch = shop();
    scratch.write(
        "config/services/cart.yaml",
        "pool: 80\nhots: a\nlog: loud\n",
    );
    insta::assert_snapshot!(said(&everything(&scratch)).join("\n"), @"
    out-of-range config/services/cart.yaml:1 `pool` must be a whole number of at most 50; it is `80`
    unknown-option config/services/cart.yaml:2 there is no option `hots`
    value-not-allowed config/services/cart.yaml:3 `log` must be one of `info` or `warn`; it is the text `loud`
    ");
}

#[test]
fn an_environment_is_read_at_its_own_ref() {
    let scratch = shop();
    scratch.git(&["checkout", "-q", "env/prod"]);
    scratch.write("config/environments/prod.yaml", "log: loud\n");
    scratch.commit("break production");
    scratch.git(&["checkout", "-q", "main"]);
    let report = everything(&scratch);
    assert_eq!(report.findings.len(), 1);
    assert_eq!(
        report.findings[0].location.source.revision(),
        Some("env/prod")
    );
    // On its own branch the work tree is the environment.
    scratch.git(&["checkout", "-q", "env/prod"]);
    scratch.write("config/environments/prod.yaml", "log: warn\n");
    assert_eq!(said(&everything(&scratch)), [""; 0]);
}

#[test]
fn a_tree_by_itself_leaves_environments_elsewhere_alone() {
    let scratch = shop();
    scratch.git(&["branch", "-D", "env/prod"]);
    let repo = scratch.repo();
    let here = Snapshot::of_revision(&repo, &repo.revision("HEAD").unwrap());
    let report = check(Some(repo), &here, &Scope::Tree, &Options::default()).unwrap();
    assert_eq!(said(&report), [""; 0]);
    assert!(report.body.environments.is_empty());
    assert!(report.body.files.len() > 4);
}

#[test]
fn what_is_missing_counts_only_in_the_environments_own_tree() {
    let scratch = shop();
    scratch.write("config/services/cart.yaml", "pool: 10\n");
    assert_eq!(said(&everything(&scratch)), [""; 0]);
    scratch.commit("no host here");
    scratch.git(&["branch", "-f", "env/prod"]);
    insta::assert_snapshot!(said(&everything(&scratch)).join("\n"), @"missing-option config/services/cart.yaml:1 the option `host` is missing (service cart in prod)");
}

#[test]
fn the_index_is_judged_by_what_it_changes() {
    let scratch = shop();
    assert_eq!(staged(&scratch).body.targets, 0);
    scratch.write("config/services/cart.yaml", "pool: 5\nhost: a\n");
    let report = staged(&scratch);
    insta::assert_snapshot!(said(&report).join("\n"), @"constraint-violated config/services/cart.yaml:1 the pool never shrinks");
    let files: Vec<_> = report.body.files.iter().map(String::as_str).collect();
    assert!(files.contains(&"config/services/cart.yaml"));
    assert!(!files.contains(&"config/services/search.yaml"));
}

#[test]
fn a_changed_schema_is_judged_for_compatibility() {
    let scratch = shop();
    scratch.write("schema/app.schema.yaml", "type: object\nrequired: [host]\nproperties:\n  host: { type: string }\n  pool: { type: integer, maximum: 30 }\n  log: { enum: [info, warn] }\nadditionalProperties: false\n");
    let report = staged(&scratch);
    let rules: Vec<_> = report
        .findings
        .iter()
        .map(|finding| finding.rule.id)
        .collect();
    assert!(rules.contains(&"maximum-lowered"), "{rules:?}");
    let compat = report.body.compat.as_ref().unwrap();
    assert_eq!(compat.schemas[0].path, "schema/app.schema.yaml");
    assert!(report.body.view().len() > 1);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let scratch = shop();
    scratch.git(&["checkout", "-q", "--orphan", "fresh"]);
    let repo = scratch.repo();
    let here = Snapshot::of_index(&repo).unwrap();
    let report = check(
        Some(repo),
        &here,
        &Scope::Changes { since: None },
        &Options::default(),
    )
    .unwrap();
    assert_eq!(said(&report), [""; 0]);
    assert!(report.body.files.len() > 4);
}

#[test]
fn without_a_manifest_every_file_is_read() {
    let scratch = Scratch::started();
    scratch.write("broken.json", "{ \"a\": ");
    scratch.write("notes.txt", "{");
    let report = everything(&scratch);
    assert_eq!(report.body.files.len(), 4);
    assert_eq!(report.findings[0].rule.id, "syntax-error");
}

#[test]
fn layer_matches_nothing_and_schema_matches_nothing() {
    let scratch = shop();
    scratch.write(
        "strata.yaml",
        "strata: 1\nschemas: [schema/app.yaml]\nlayers: [confg/base.yaml, 'config/services/{service}.yaml']\nservices: config/services/*\n",
    );
    insta::assert_snapshot!(said(&everything(&scratch)).join("\n"), @"
    schema-matches-nothing strata.yaml:2 `schema/app.yaml` is there for no target
    layer-matches-nothing strata.yaml:3 `confg/base.yaml` is there for no target
    ");
}

#[test]
fn services_match_nothing() {
    let scratch = shop();
    scratch.write(
        "strata.yaml",
        "strata: 1\nlayers: [config/base.yaml]\nservices: config/service/*\n",
    );
    insta::assert_snapshot!(said(&everything(&scratch)).join("\n"), @"services-match-nothing strata.yaml:3 `config/service/*` finds no service");
}

#[test]
fn stray_layer_names_what_is_not_there() {
    let scratch = shop();
    scratch.write("config/environments/prd.yaml", "log: warn\n");
    scratch.write("config/environments/README.md", "for people\n");
    insta::assert_snapshot!(said(&everything(&scratch)).join("\n"), @"stray-layer config/environments/prd.yaml:1 no target reads this file: there is no environment `prd`");
    let report = staged(&scratch);
    assert_eq!(
        report.findings[0].help.as_deref(),
        Some("is it `prod` that is meant?")
    );
}

#[test]
fn environment_unreadable_says_how_to_get_it() {
    let scratch = shop();
    scratch.git(&["branch", "-D", "env/prod"]);
    let report = everything(&scratch);
    insta::assert_snapshot!(said(&report).join("\n"), @"environment-unreadable strata.yaml:10 the environment `prod` lives at `env/prod` (strata.yaml:10), which is no revision here");
    assert!(
        report.findings[0]
            .help
            .as_deref()
            .unwrap()
            .contains("git fetch origin env/prod")
    );
}

#[test]
fn several_documents_and_layer_not_a_map_cannot_serve() {
    let scratch = shop();
    scratch.write("config/base.yaml", "log: info\n---\nlog: warn\n");
    scratch.write("config/services/cart.yaml", "- a\n");
    insta::assert_snapshot!(said(&everything(&scratch)).join("\n"), @"
    several-documents config/base.yaml:3 this file holds 2 documents, where one is meant
    layer-not-a-map config/services/cart.yaml:1 a layer must be a map of keys to values; this is a list
    ");
}

#[test]
fn a_broken_manifest_is_all_that_is_told() {
    let scratch = shop();
    scratch.write("strata.yaml", "strata: 1\n  layers: [");
    let report = everything(&scratch);
    assert_eq!(report.findings[0].location.source.name(), "strata.yaml");
    assert_eq!(report.body.files.len(), 1);
}

#[test]
fn migrations_are_checked_with_the_rest() {
    let scratch = shop();
    scratch.git(&["tag", "v1.0.0"]);
    scratch.write(
        "migrations/2.0.0.yaml",
        "strata-migration: 1\nsteps: [{renam: a}]\n",
    );
    let report = everything(&scratch);
    let rules: Vec<&str> = report.findings.iter().map(|it| it.rule.id).collect();
    assert_eq!(rules, ["unknown-key"]);
    let schema = "type: object\nproperties: { host: { type: string } }\n";
    scratch.write(
        "schema/app.schema.yaml",
        format!("{schema}additionalProperties: false\n"),
    );
    scratch.write("migrations/2.0.0.yaml", "strata-migration: 1\nsteps: []\n");
    let report = staged(&scratch);
    let found = report
        .findings
        .iter()
        .filter(|it| it.rule.id == "migration-incomplete");
    assert_eq!(found.count(), 2, "{:?}", report.findings);
}

/// A template in the place of a layer, which includes a file.
fn templated() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1\nschemas: ['schema/{provider}.yaml']\nlayers: [base.yaml, '{environment}.yaml.j2']\nenvironments:\n  dev: { provider: aws }\n  prod: { provider: gcp }\n",
    );
    scratch.write("schema/aws.yaml", "properties: { pool: { maximum: 50 } }\n");
    scratch.write("schema/gcp.yaml", "properties: { pool: { maximum: 9 } }\n");
    scratch.write("base.yaml", "log: info\n");
    for name in ["dev", "prod"] {
        scratch.write(
            &format!("{name}.yaml.j2"),
            "on: {{ provider }}\n{% include 'pool.yaml' %}\n",
        );
    }
    scratch.write("pool.yaml", "pool: 5\n");
    scratch.commit("start");
    scratch
}

#[test]
fn what_comes_out_of_a_template_is_held_to_the_schema_of_its_provider() {
    let scratch = templated();
    assert_eq!(said(&everything(&scratch)), [""; 0]);
    scratch.write("pool.yaml", "pool: {{ 20 + 1 }}\n");
    let report = staged(&scratch);
    assert_eq!(report.body.targets, 2);
    insta::assert_snapshot!(said(&report).join("\n"), @"out-of-range pool.yaml:1 `pool` must be a number of at most 9; it is `21`");
    let files: Vec<_> = report.body.files.iter().map(String::as_str).collect();
    assert!(files.contains(&"pool.yaml"), "{files:?}");
}

#[test]
fn a_template_whose_file_is_gone_is_told() {
    let scratch = templated();
    scratch.git(&["rm", "-q", "pool.yaml"]);
    insta::assert_snapshot!(said(&staged(&scratch)).join("\n"), @"
    template-error dev.yaml.j2:2 there is no file `pool.yaml` here to be included
    template-error prod.yaml.j2:2 there is no file `pool.yaml` here to be included
    ");
}

/// Two services in two environments; an option that only newer versions know.
fn applications() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1\nschemas: [schema.yaml]\nlayers: [base.yaml, 'services/{service}/{environment}.yaml']\nservices: services/*\nenvironments: { dev: {}, prod: {} }\n",
    );
    scratch.write(
        "schema.yaml",
        "x-requires: { shop: '>=1' }
properties:
  replicas: { type: integer, x-requires: { api: '>=2.3' } }
  hosts:
    items: { properties: { zone: { x-requires: { api: '<3', lb: '^1.2' } } } }
",
    );
    scratch.write("base.yaml", "log: info\n");
    scratch.write("services/cart/dev.yaml", "replicas: 2\n");
    scratch.write("services/cart/prod.yaml", "log: warn\n");
    scratch.write("services/mail/dev.yaml", "hosts: [{ zone: a }]\n");
    scratch.write("services/mail/prod.yaml", "{}\n");
    scratch.commit("start");
    scratch
}

fn with_apps(scratch: &Scratch, apps: &[&str], since: bool) -> Result<Report<CheckBody>> {
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let scope = match since {
        false => Scope::Everything,
        true => {
            let head = here.beside(repo.files(&repo.revision("HEAD").unwrap()));
            Scope::Changes { since: Some(head) }
        }
    };
    let given: Vec<String> = apps.iter().map(|&it| it.to_owned()).collect();
    let options = Options {
        apps: Apps::parse(&given)?,
        gate: Some(Severity::Error),
        ..Options::default()
    };
    check(Some(repo), &here, &scope, &options)
}

fn gate(report: &Report<CheckBody>) -> String {
    let body = report.body.gate.as_ref().unwrap();
    serde_json::to_string_pretty(body).unwrap()
}

#[test]
fn unmet_app_version_names_the_option_and_what_it_needs() {
    let scratch = applications();
    // What no version is given of is not judged.
    assert_eq!(said(&with_apps(&scratch, &[], false).unwrap()), [""; 0]);
    assert_eq!(
        said(&with_apps(&scratch, &["api=2.3", "lb=1.2.9", "shop=1"], false).unwrap()),
        [""; 0]
    );
    let report = with_apps(&scratch, &["api=2.2.0"], false).unwrap();
    insta::assert_snapshot!(said(&report).join("\n"), @"unmet-app-version services/cart/dev.yaml:1 `replicas` needs `api` >=2.3, and 2.2.0 is to run");
    assert_eq!(report.findings[0].related[0].source.name(), "schema.yaml");
    let report = with_apps(&scratch, &["api=3.0.0", "lb=2.0.0"], false).unwrap();
    insta::assert_snapshot!(said(&report).join("\n"), @"
    unmet-app-version services/mail/dev.yaml:1 `hosts.0.zone` needs `api` <3, and 3.0.0 is to run
    unmet-app-version services/mail/dev.yaml:1 `hosts.0.zone` needs `lb` ^1.2, and 2.0.0 is to run
    ");
    let report = with_apps(&scratch, &["shop=0.9.0"], false).unwrap();
    insta::assert_snapshot!(said(&report).join("\n"), @"
    unmet-app-version services/cart/dev.yaml:1 this configuration needs `shop` >=1, and 0.9.0 is to run
    unmet-app-version services/cart/prod.yaml:1 this configuration needs `shop` >=1, and 0.9.0 is to run
    unmet-app-version services/mail/dev.yaml:1 this configuration needs `shop` >=1, and 0.9.0 is to run
    unmet-app-version services/mail/prod.yaml:1 this configuration needs `shop` >=1, and 0.9.0 is to run
    ");
    let error = with_apps(&scratch, &["shp=1"], false).unwrap_err();
    insta::assert_snapshot!(format!("{error:?}"), @"Usage: no schema asks for an application `shp` (help: did you mean `--app shop=…`?)");
}

#[test]
fn unknown_app_names_those_that_are_asked_for() {
    let scratch = applications();
    let report = with_apps(&scratch, &["database=1"], false).unwrap();
    insta::assert_snapshot!(said(&report).join("\n"), @"unknown-app strata.yaml:2 no schema asks for an application `database`");
    let help = report.findings[0].help.as_deref().unwrap_or_default();
    insta::assert_snapshot!(help, @"there are `api`, `lb`, `shop`");
    assert_eq!(report.findings[0].severity, Severity::Warning);
    // Of changes alone, not every schema is looked at.
    let report = with_apps(&scratch, &["database=1"], true).unwrap();
    assert_eq!(said(&report), [""; 0]);
}

#[test]
fn a_file_alone_is_held_to_the_applications_that_its_schema_knows() {
    let scratch = applications();
    let snapshot = Snapshot::of_folder(&scratch.path());
    let (schema, _) = crate::config::schema::Schema::load(&snapshot, "schema.yaml").unwrap();
    let schema = schema.unwrap();
    let file = std::sync::Arc::new(crate::config::ParsedFile::of_bytes(
        "a.yaml",
        b"replicas: 2\n",
    ));
    let told = |app: &str| {
        let apps = Apps::parse(&[app.to_owned()]).unwrap();
        check_files(
            std::slice::from_ref(&file),
            Some((&schema, Vec::new())),
            &apps,
        )
        .map_or_else(|error| vec![format!("{error:?}")], |report| said(&report))
        .join("\n")
    };
    insta::assert_snapshot!(told("api=2.2.0"), @"unmet-app-version a.yaml:1 `replicas` needs `api` >=2.3, and 2.2.0 is to run");
    insta::assert_snapshot!(told("apii=2.2.0"), @"Usage: no schema asks for an application `apii` (help: did you mean `--app api=…`?)");
    insta::assert_snapshot!(told("database=1"), @"unknown-app schema.yaml:1 no schema asks for an application `database`");
}

#[test]
fn the_gate_says_of_each_target_whether_it_may_go() {
    let scratch = applications();
    let report = with_apps(&scratch, &["api=2.2.0"], false).unwrap();
    insta::assert_snapshot!(gate(&report), @r#"
    {
      "verdict": "no-go",
      "reasons": [],
      "targets": [
        {
          "environment": "dev",
          "service": "cart",
          "verdict": "no-go",
          "reasons": [
            {
              "rule": "unmet-app-version",
              "message": "`replicas` needs `api` >=2.3, and 2.2.0 is to run",
              "file": "services/cart/dev.yaml",
              "revision": null,
              "line": 1
            }
          ]
        },
        {
          "environment": "dev",
          "service": "mail",
          "verdict": "go",
          "reasons": []
        },
        {
          "environment": "prod",
          "service": "cart",
          "verdict": "go",
          "reasons": []
        },
        {
          "environment": "prod",
          "service": "mail",
          "verdict": "go",
          "reasons": []
        }
      ]
    }
    "#);
    assert!(
        gate(&with_apps(&scratch, &["api=2.5.0"], false).unwrap()).contains("\"verdict\": \"go\"")
    );
    // A range is about what it concerns.
    scratch.write("services/cart/prod.yaml", "replicas: 1\n");
    let report = with_apps(&scratch, &["api=2.2.0"], true).unwrap();
    let targets = &report.body.gate.as_ref().unwrap().targets;
    assert_eq!(targets.len(), 1);
    assert_eq!(targets[0].environment.as_deref(), Some("prod"));
    assert_eq!(targets[0].verdict, Verdict::NoGo);
    // What is wrong for all holds up each.
    scratch.write(
        "strata.yaml",
        "strata: 1\nlayers: [base.yaml]\nenvironments: { dev: {} }\nlayer: []\n",
    );
    let report = with_apps(&scratch, &[], false).unwrap();
    insta::assert_snapshot!(format!("{:?}", report.body.view()), @r#"[Text("checked 2 files, 1 target in dev"), Heading("gate: no-go"), Table { columns: ["environment", "service", "verdict", "why"], rows: [["(all)", "(all)", "no-go", "nothing reads the key `layer` (strata.yaml:4)"], ["dev", "-", "no-go", "what speaks against all"]] }]"#);
}

#[test]
fn requirements_that_cannot_be_read_are_found_in_the_schema() {
    let scratch = applications();
    scratch.write(
        "schema.yaml",
        "properties:\n  replicas: { x-requires: { api: '2.3+', lb: 2 } }\n  log: { x-requires: api }\n",
    );
    insta::assert_snapshot!(said(&everything(&scratch)).join("\n"), @"
    schema-annotation-invalid schema.yaml:2 `x-requires` asks for the text `2.3+` of `api`, which is no requirement: expected comma after minor version number, found '+'
    schema-annotation-invalid schema.yaml:2 `x-requires` asks for `2` of `lb`, which is no requirement: it must be a text
    schema-annotation-invalid schema.yaml:3 `x-requires` is no map of applications to versions
    ");
}

/// Targets that come out alike are validated once, and each has its verdict.
#[test]
fn targets_that_are_alike_have_verdicts_of_their_own() {
    let scratch = applications();
    scratch.write("services/cart/prod.yaml", "replicas: 2\n");
    let report = with_apps(&scratch, &["api=1.0.0"], false).unwrap();
    let verdicts: Vec<_> = report
        .body
        .gate
        .as_ref()
        .unwrap()
        .targets
        .iter()
        .map(|it| it.verdict)
        .collect();
    assert_eq!(
        verdicts,
        [Verdict::NoGo, Verdict::Go, Verdict::NoGo, Verdict::Go]
    );
}
#[test]
fn a_line_that_changes_nothing_in_any_target_is_told() {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1
layers: [base.yaml, '{environment}.yaml', 'services/{service}.yaml']
services: services/*
environments: { dev: {}, prod: {} }
",
    );
    scratch.write("base.yaml", "level: info\npool: 1\nhosts: [a]\n");
    scratch.write("dev.yaml", "pool: 2\nlevel: info\n");
    scratch.write("prod.yaml", "pool: 1 # so it is\nhosts: [a]\n");
    scratch.write("services/cart.yaml", "pool: 2\n");
    scratch.write("services/mail.yaml", "level: debug\n");
    scratch.commit("start");
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let report = check(Some(repo), &here, &Scope::Everything, &Options::default()).unwrap();
    let said = report.findings.iter().map(|it| {
        let at = &it.location;
        format!(
            "{} {}:{} {}",
            it.rule.id,
            at.source.name(),
            at.start().line,
            it.message
        )
    });
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"), @"
    dead-override dev.yaml:2 `level` has this value without this line
    dead-override prod.yaml:1 `pool` has this value without this line
    dead-override prod.yaml:2 `hosts` has this value without this line
    ");
}
