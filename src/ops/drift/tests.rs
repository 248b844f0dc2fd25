use super::*;
use crate::config::Snapshot;
use crate::git::testing::Scratch;
use crate::report::{Block, Report, Severity, View};

fn shop() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1
schemas: [schema.yaml]
layers: [base.yaml, 'env/{environment}.yaml', 'services/{service}.yaml']
services: services/*
environments:
  prod: { ref: env/prod, follows: staging }
  dev: { ref: env/dev }
  staging: { ref: env/staging, follows: dev }
",
    );
    scratch.write(
        "schema.yaml",
        "properties:
  host: { type: string, x-env-specific: true }
  ttl: { type: integer, default: 60 }
  ports: { type: array, x-merge: by-key(name) }
",
    );
    scratch.write("base.yaml", "ttl: 60\nlimits: { cpu: 1, memory: 2 }\n");
    for name in ["dev", "staging", "prod"] {
        scratch.write(
            &format!("env/{name}.yaml"),
            format!("host: {name}.example\n"),
        );
    }
    scratch.write("services/cart.yaml", "ports: [{ name: http, port: 80 }]\n");
    scratch.write("services/search.yaml", "size: 1\n");
    scratch.commit("start");
    for name in ["dev", "staging", "prod"] {
        scratch.git(&["branch", &format!("env/{name}")]);
    }
    scratch
}

fn change(scratch: &Scratch, branch: &str, path: &str, text: &str) {
    scratch.git(&["checkout", "-q", branch]);
    scratch.write(path, text);
    scratch.commit(branch);
    scratch.git(&["checkout", "-q", "main"]);
}

fn open(scratch: &Scratch) -> Configuration {
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    Configuration::open(Some(repo), here).unwrap()
}

fn run(scratch: &Scratch, names: &[&str], filter: &Filter) -> Result<Report<DriftBody>> {
    let configuration = open(scratch);
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    drift(&configuration, &sides(&configuration, &names)?, filter)
}

fn rows(report: &Report<DriftBody>) -> String {
    let rows = report.body.differences.iter().map(|row| {
        let values: Vec<_> = row
            .values
            .iter()
            .map(|(name, value)| match value {
                Some(value) => format!("{name}={}", value.to_json()),
                None => format!("{name} has none"),
            })
            .collect();
        let service = row.service.as_deref().unwrap_or("-");
        format!(
            "{service} {} {} {}",
            row.pointer,
            row.class,
            values.join(" ")
        )
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn pair(scratch: &Scratch) -> Report<DriftBody> {
    run(scratch, &["staging", "prod"], &Filter::default()).unwrap()
}

#[test]
fn equal_environments_differ_only_where_they_are_meant_to() {
    let report = pair(&shop());
    insta::assert_snapshot!(rows(&report), @r#"
    cart /host intentional staging="staging.example" prod="prod.example"
    search /host intentional staging="staging.example" prod="prod.example"
    "#);
    assert!(report.findings.is_empty());
    let [Block::Text(said), Block::Text(hidden)] = &report.body.view()[..] else {
        panic!("two texts");
    };
    assert_eq!(
        said,
        "nothing differs between staging, prod that is not meant to"
    );
    assert_eq!(hidden, "2 more differences are meant; `--all` shows them");
}

#[test]
fn value_differs_missing_key_and_type_mismatch_are_told_apart() {
    let scratch = shop();
    let base = "ttl: 60\nlimits: { cpu: '1', memory: 3 }\nextra: { a: 1, b: { c: [] } }\n";
    change(&scratch, "env/prod", "base.yaml", base);
    let report = run(
        &scratch,
        &["staging", "prod"],
        &Filter {
            service: Some("cart".into()),
            ..Filter::default()
        },
    )
    .unwrap();
    insta::assert_snapshot!(rows(&report), @r#"
    cart /extra/a missing-key staging has none prod=1
    cart /extra/b/c missing-key staging has none prod=[]
    cart /host intentional staging="staging.example" prod="prod.example"
    cart /limits/cpu type-mismatch staging=1 prod="1"
    cart /limits/memory missing-backport staging=2 prod=3
    "#);
    let said: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            format!(
                "{} {} {}",
                finding.severity, finding.rule.id, finding.message
            )
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"), @"
    error type-mismatch `limits.cpu` of cart is a number in staging and a text in prod; prod was changed by Ada on 2023-11-15 (3570851f5e)
    warning missing-backport `limits.memory` of cart is 2 in staging and 3 in prod; prod was changed by Ada on 2023-11-15 (3570851f5e)
    error missing-key `extra.a` of cart is set in prod and not in staging; prod was changed by Ada on 2023-11-15 (3570851f5e)
    error missing-key `extra.b.c` of cart is set in prod and not in staging; prod was changed by Ada on 2023-11-15 (3570851f5e)
    ");
    assert_eq!(
        report.findings[0].location.source.revision(),
        Some("env/prod")
    );
    assert_eq!(report.body.counts["missing-key"], 2);
}

#[test]
fn a_place_that_is_nowhere_is_refused() {
    let scratch = shop();
    let of = |path: &str, service: Option<&str>| {
        let filter = Filter {
            path: path.parse().unwrap(),
            service: service.map(str::to_owned),
            ..Filter::default()
        };
        run(&scratch, &["staging", "prod"], &filter).map(|report| rows(&report))
    };
    assert_eq!(of("limits.cpu", None).unwrap(), "");
    assert_eq!(of("size", Some("search")).unwrap(), "");
    let refused = [of("limit.cpu", None), of("size", Some("cart"))].map(Result::unwrap_err);
    insta::assert_debug_snapshot!(refused, @"
    [
        NotFound: nothing is set at `limit.cpu` in staging or prod (help: did you mean `limits.cpu`?),
        NotFound: nothing is set at `size` in staging or prod (help: there are `host`, `limits`, `ports`, `ttl`),
    ]
    ");
}

#[test]
fn an_absent_key_equals_its_default() {
    let scratch = shop();
    change(
        &scratch,
        "env/prod",
        "base.yaml",
        "limits: { cpu: 1, memory: 2 }\n",
    );
    let report = pair(&scratch);
    assert_eq!(report.body.counts["same-by-default"], 2);
    assert!(report.findings.is_empty());
}

#[test]
fn items_of_lists_are_matched_as_the_schema_says() {
    let scratch = shop();
    let ports = "ports: [{ name: admin, port: 81 }, { name: http, port: 8080 }]\n";
    change(&scratch, "env/prod", "services/cart.yaml", ports);
    let filter = Filter {
        path: "ports".parse().unwrap(),
        ..Filter::default()
    };
    let report = run(&scratch, &["staging", "prod"], &filter).unwrap();
    insta::assert_snapshot!(rows(&report), @r#"
    cart /ports/0/name missing-key staging has none prod="admin"
    cart /ports/0/port missing-key staging has none prod=81
    cart /ports/1/port missing-backport staging=80 prod=8080
    "#);
}

#[test]
fn every_environment_is_compared_with_the_one_it_follows() {
    let scratch = shop();
    change(&scratch, "env/dev", "services/search.yaml", "size: 2\n");
    let filter = Filter {
        path: "size".parse().unwrap(),
        ..Filter::default()
    };
    let report = run(&scratch, &[], &filter).unwrap();
    let names: Vec<_> = report
        .body
        .environments
        .iter()
        .map(|side| side.name.as_str())
        .collect();
    assert_eq!(names, ["dev", "staging", "prod"]);
    assert_eq!(
        rows(&report),
        "search /size pending-promotion dev=2 staging=1 prod=1"
    );
    let report = run(&scratch, &["staging"], &filter).unwrap();
    assert_eq!(
        rows(&report),
        "search /size pending-promotion dev=2 staging=1"
    );
}

#[test]
fn revisions_and_environments_at_revisions_can_be_named() {
    let scratch = shop();
    scratch.git(&["tag", "v1", "env/prod"]);
    change(&scratch, "env/prod", "services/search.yaml", "size: 3\n");
    let filter = Filter {
        path: "size".parse().unwrap(),
        ..Filter::default()
    };
    let report = run(&scratch, &["prod@v1", "prod"], &filter).unwrap();
    assert_eq!(
        rows(&report),
        "search /size missing-backport prod@v1=1 prod=3"
    );
    let report = run(&scratch, &["v1", "env/prod"], &filter).unwrap();
    assert_eq!(
        rows(&report),
        "search /size missing-backport v1=1 env/prod=3"
    );
}

#[test]
fn what_is_not_there_is_named_with_what_is_near() {
    let scratch = shop();
    let said = |names: &[&str], filter: &Filter| {
        format!(
            "{:?}",
            run(&scratch, names, filter).map(|_| ()).unwrap_err()
        )
    };
    let none = Filter::default();
    let service = Filter {
        service: Some("crt".into()),
        ..Filter::default()
    };
    let said = [
        said(&["staging", "prd"], &none),
        said(&["prod@v9", "prod"], &none),
        said(&["dev"], &none),
        said(&["staging", "prod"], &service),
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    NotFound: `prd` is neither an environment nor a revision (help: did you mean `prod`?); because: no revision `prd`
    NotFound: no revision `v9` (help: there are `env/dev`, `env/prod`, `env/staging`, `main`)
    Usage: `dev` follows no environment, so there is nothing to compare it with (help: name both: `git strata drift dev prod`)
    NotFound: there is no service `crt` in any of these environments (help: did you mean `cart`?)
    ");
}

#[test]
fn without_a_manifest_files_are_compared_by_path() {
    let scratch = Scratch::started();
    scratch.git(&["tag", "old"]);
    scratch.write("a.yaml", "a: '1'\nz: 2\n");
    scratch.write("dir/b.yaml", "b: 1 # the same\n");
    scratch.write("dir/sub/c.yaml", "c: [\n");
    scratch.write("new.json", "{ \"x\": { \"y\": 1 } }");
    scratch.commit("change");
    let repo = scratch.repo();
    let side = |name: &str| Side {
        name: name.to_owned(),
        environment: None,
        tree: Snapshot::of_revision(&repo, &repo.revision(name).unwrap()),
        tip: None,
    };
    let sides = [side("old"), side("main")];
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let report = drift_files(
        &here,
        &sides,
        &Filter {
            all: true,
            ..Filter::default()
        },
    )
    .unwrap();
    insta::assert_snapshot!(rows(&report), @r#"
    a.yaml /a type-mismatch old=1 main="1"
    a.yaml /z missing-key old has none main=2
    new.json /x/y missing-key old has none main=1
    "#);
    assert!(
        report
            .findings
            .iter()
            .any(|finding| finding.rule.id == "syntax-error")
    );
    let [Block::Table { columns, .. }] = &report.body.view()[..] else {
        panic!("a table")
    };
    assert_eq!(columns.join(" "), "service key old main class");
    let same = drift_files(&here, &[side("old"), side("old")], &Filter::default()).unwrap();
    assert_eq!(
        same.body.view(),
        [Block::Text("no value differs between old, old".into())]
    );
}

/// The class of the only difference of a value, and what would mend it.
fn lineage(scratch: &Scratch) -> String {
    let report = run(scratch, &["staging", "prod"], &Filter::default()).unwrap();
    let rows = report
        .body
        .differences
        .iter()
        .filter(|row| row.pointer.to_string() == "/ttl");
    rows.map(|row| {
        let since = row
            .since
            .as_ref()
            .map(|since| format!(" since {}", since.environment));
        let remedy = row.remedy.as_ref().map(|it| {
            let value = it
                .value
                .as_ref()
                .map_or("nothing".to_owned(), crate::document::write_flow);
            format!(
                ", mended by {value} in {} {}",
                it.environment,
                it.file.as_deref().unwrap_or("-")
            )
        });
        format!(
            "{}{}{}",
            row.class,
            since.unwrap_or_default(),
            remedy.unwrap_or_default()
        )
    })
    .collect::<std::collections::BTreeSet<_>>()
    .into_iter()
    .collect::<Vec<_>>()
    .join("; ")
}

#[test]
fn histories_say_which_value_is_the_newer_one() {
    let base = |ttl: u32| format!("ttl: {ttl}\nlimits: {{ cpu: 1, memory: 2 }}\n");
    let scratch = shop();
    change(&scratch, "env/staging", "base.yaml", &base(900));
    assert_eq!(
        lineage(&scratch),
        "pending-promotion since staging, mended by 900 in prod base.yaml"
    );
    // Carried over by hand, then changed downstream.
    change(&scratch, "env/prod", "base.yaml", &base(900));
    change(&scratch, "env/prod", "base.yaml", &base(120));
    assert_eq!(
        lineage(&scratch),
        "missing-backport since prod, mended by 120 in staging base.yaml"
    );
    change(&scratch, "env/staging", "base.yaml", &base(300));
    assert_eq!(lineage(&scratch), "diverged since staging");
    // Going back is a change, too.
    let scratch = shop();
    change(&scratch, "env/staging", "base.yaml", &base(900));
    scratch.git(&["checkout", "-q", "env/prod"]);
    scratch.git(&["merge", "-q", "env/staging"]);
    scratch.git(&["checkout", "-q", "main"]);
    change(&scratch, "env/staging", "base.yaml", &base(60));
    assert_eq!(
        lineage(&scratch),
        "pending-promotion since staging, mended by 60 in prod base.yaml"
    );
    // A layer above, in which the values were never the same.
    let scratch = shop();
    for (name, ttl) in [("staging", 1), ("prod", 2)] {
        let text = format!("host: {name}.example\nttl: {ttl}\n");
        change(
            &scratch,
            &format!("env/{name}"),
            &format!("env/{name}.yaml"),
            &text,
        );
    }
    assert_eq!(lineage(&scratch), "diverged since prod");
    let scratch = shop();
    for (name, size) in [("staging", 1), ("prod", 2)] {
        let text = format!("host: {name}.example\nown: {size}\n");
        change(
            &scratch,
            &format!("env/{name}"),
            &format!("env/{name}.yaml"),
            &text,
        );
    }
    let report = run(&scratch, &["staging", "prod"], &Filter::default()).unwrap();
    let row = report
        .body
        .differences
        .iter()
        .find(|row| row.pointer.to_string() == "/own");
    assert_eq!(row.unwrap().class, "never-shared");
}

#[test]
fn two_that_follow_the_same_one_are_both_compared_with_it() {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1
layers: ['{environment}.yaml']
environments:
  eu: { follows: staging }
  us: { follows: staging }
  staging: {}
  lab: {}
",
    );
    for (name, ttl) in [("staging", 1), ("eu", 2), ("us", 2), ("lab", 1)] {
        scratch.write(&format!("{name}.yaml"), format!("ttl: {ttl}\n"));
    }
    scratch.commit("start");
    let report = run(&scratch, &[], &Filter::default()).unwrap();
    let said: Vec<_> = report
        .findings
        .iter()
        .map(|it| it.message.as_str())
        .collect();
    insta::assert_snapshot!(said.join("\n"), @"
    `ttl` is 1 in staging and 2 in eu
    `ttl` is 1 in staging and 2 in us
    ");
}

fn drawn(report: &Report<DriftBody>) -> String {
    let blocks = report.body.view();
    let table = blocks.iter().find_map(|block| match block {
        Block::Table { columns, rows } => Some((columns, rows)),
        _ => None,
    });
    let (columns, rows) = table.expect("a table");
    let lines = std::iter::once(columns).chain(rows);
    lines
        .map(|cells| cells.join(" | "))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn peers_are_compared_with_what_is_usual_among_them() {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1
schemas: [schema.yaml]
layers: ['{environment}.yaml']
environments: { us: {}, eu: {}, asia: {}, moon: {} }
",
    );
    scratch.write(
        "schema.yaml",
        "properties: { host: { x-env-specific: true }, ttl: { default: 60 } }\n",
    );
    let regions = [
        (
            "us",
            "pool: 5\nttl: 60\nports: [{ name: a, port: 1 }, { name: b, port: 2 }]\ntied: 1\n",
        ),
        (
            "eu",
            "pool: 5\nttl: 60\nports: [{ name: b, port: 2 }, { name: a, port: 1 }]\ntied: 1\n",
        ),
        (
            "asia",
            "pool: 9\nports: [{ name: a, port: 1 }, { name: b, port: 3 }]\ntied: 2\n",
        ),
        (
            "moon",
            "pool: 5\nttl: 61\nports: [{ name: a, port: 1 }, { name: b, port: 2 }]\ntied: 2\nair: { left: no }\n",
        ),
    ];
    for (name, text) in regions {
        scratch.write(&format!("{name}.yaml"), format!("host: {name}\n{text}"));
    }
    scratch.write(
        "drift.yaml",
        "rules: [{ path: ttl, environments: [moon], reason: far away }]\n",
    );
    scratch.commit("start");
    let configuration = open(&scratch);
    let filter = Filter {
        peers: true,
        ..Filter::default()
    };
    let report = drift(&configuration, &all_sides(&configuration).unwrap(), &filter).unwrap();
    insta::assert_snapshot!(drawn(&report), @r#"
    key | usual | us | eu | asia | moon | class
    air.left | (not set) | · | · | · | no | missing-key
    pool | 5 | · | · | 9 | · | value-differs
    ports | [{"name":"a","port":1},{"name":"b","port":2}] | · | · | [{"name":"a","port":1},{"name":"b","port":3}] | · | value-differs
    tied | (none) | 1 | 1 | 2 | 2 | value-differs
    "#);
    let said = report
        .findings
        .iter()
        .map(|it| format!("{}: {}", it.rule.id, it.message));
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"), @r#"
    value-differs: `pool` is 9 in asia, and 5 in the 3 others
    value-differs: `ports` is [{"name":"a","port":1},{"name":"b","port":3}] in asia, and [{"name":"a","port":1},{"name":"b","port":2}] in the 3 others
    value-differs: `tied` is 1 in us, 1 in eu, 2 in asia, 2 in moon
    missing-key: `air.left` is no in moon, and not set in the 3 others
    "#);
    let ttl = report
        .body
        .differences
        .iter()
        .find(|row| row.id == "ttl")
        .unwrap();
    assert_eq!(
        (ttl.class, ttl.reason.as_deref()),
        ("intentional", Some("far away"))
    );
    assert_eq!(ttl.usual.as_ref().map(|it| it.share), Some(0.5));
}

#[test]
fn only_what_came_to_differ_since_a_moment_is_told() {
    let scratch = shop();
    let base = |ttl: u32, cpu: u32| format!("ttl: {ttl}\nlimits: {{ cpu: {cpu}, memory: 2 }}\n");
    change(&scratch, "env/staging", "base.yaml", &base(900, 1));
    scratch.git(&["tag", "v1", "env/staging"]);
    change(&scratch, "env/staging", "base.yaml", &base(900, 4));
    let since = |since: Since| {
        let filter = Filter {
            since: Some(since),
            service: Some("cart".to_owned()),
            ..Filter::default()
        };
        let report = run(&scratch, &["staging", "prod"], &filter).unwrap();
        assert_eq!(report.findings.len(), report.body.differences.len());
        rows(&report)
    };
    assert_eq!(
        since(Since::Commit(scratch.id("v1"))),
        "cart /limits/cpu pending-promotion staging=4 prod=1"
    );
    assert_eq!(
        since(Since::Day("2001-01-01".parse().unwrap()))
            .lines()
            .count(),
        2
    );
    assert_eq!(since(Since::Day("2100-01-01".parse().unwrap())), "");
}

#[test]
fn values_of_templates_differ_by_what_they_read() {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1
layers: [t.yaml.j2]
environments:
  dev: { ref: env/dev, vars: { size: 1 } }
  prod: { ref: env/prod, follows: dev, vars: { size: 2 } }
",
    );
    scratch.write(
        "t.yaml.j2",
        "{% include 'pool.yaml' %}\nhost: {{ environment }}\nsize: {{ vars.size }}\n",
    );
    scratch.write("pool.yaml", "pool: 1\n");
    scratch.commit("start");
    scratch.git(&["branch", "env/dev"]);
    scratch.git(&["branch", "env/prod"]);
    change(&scratch, "env/dev", "pool.yaml", "pool: {{ 1 + 1 }}\n");
    let report = run(&scratch, &[], &Filter::default()).unwrap();
    let told: Vec<String> = report
        .body
        .differences
        .iter()
        .map(|row| {
            format!(
                "{} {} {:?}",
                row.pointer,
                row.class,
                row.values.keys().collect::<Vec<_>>()
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    /host never-shared ["dev", "prod"]
    /pool pending-promotion ["dev", "prod"]
    /size never-shared ["dev", "prod"]
    "#);
    let places: Vec<String> = report
        .findings
        .iter()
        .map(|it| {
            format!(
                "{} {}:{}",
                it.rule.id,
                it.location.source.name(),
                it.location.start().line
            )
        })
        .collect();
    insta::assert_snapshot!(places.join("\n"), @"
    pending-promotion pool.yaml:1
    never-shared t.yaml.j2:2
    never-shared t.yaml.j2:3
    ");
}

#[test]
fn templates_that_read_nothing_else_do_not_differ() {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1\nlayers: [t.yaml.j2]\nenvironments: { dev: {}, prod: { follows: dev } }\n",
    );
    scratch.write("t.yaml.j2", "pool: {{ 2 * 3 }}\n");
    scratch.commit("start");
    let report = run(&scratch, &[], &Filter::default()).unwrap();
    assert!(report.body.differences.is_empty());
}

#[test]
fn items_of_lists_are_never_named_by_a_number_that_is_anothers() {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1\nlayers: ['{environment}.yaml']\nenvironments: { dev: {}, prod: { follows: dev } }\n",
    );
    scratch.write("dev.yaml", "l: [{ name: a, v: 1 }, { name: b, v: 1 }]\n");
    scratch.write("prod.yaml", "l: [{ name: b, v: 1 }, { name: a, v: 1 }]\n");
    scratch.commit("alike");
    scratch.write("prod.yaml", "l: [{ name: b, v: 1 }, { name: a, v: 9 }]\n");
    scratch.commit("hot fix");
    let report = run(&scratch, &[], &Filter::default()).unwrap();
    let help = report.findings[0].help.clone().unwrap();
    assert_eq!(
        help,
        "carry it over: `git strata promote prod dev --path l`"
    );
    // One that is gone and one that differs at the same number are two rows.
    scratch.write("prod.yaml", "l: [{ name: b, v: 2 }]\n");
    scratch.commit("one is gone");
    let report = run(&scratch, &[], &Filter::default()).unwrap();
    insta::assert_snapshot!(rows(&report), @r#"
    - /l/0/name missing-key dev="a" prod has none
    - /l/0/v missing-backport dev=1 prod=2
    - /l/0/v missing-key dev=1 prod has none
    "#);
}

#[test]
fn the_order_of_peers_makes_no_difference_to_rules() {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1\nlayers: ['{environment}.yaml']\nenvironments: { us: {}, eu: {}, asia: {} }\n",
    );
    for (name, a) in [("us", 1), ("eu", 1), ("asia", 2)] {
        scratch.write(&format!("{name}.yaml"), format!("a: {a}\n"));
    }
    scratch.write(
        "drift.yaml",
        "rules: [{ path: /a, environments: [us], reason: ours }]\n",
    );
    scratch.commit("start");
    let filter = Filter {
        peers: true,
        ..Filter::default()
    };
    for names in [
        ["us", "eu", "asia"],
        ["eu", "us", "asia"],
        ["asia", "us", "eu"],
    ] {
        let report = run(&scratch, &names, &filter).unwrap();
        assert_eq!(
            report.body.differences[0].class, "value-differs",
            "{names:?}"
        );
    }
}

#[test]
fn the_first_differences_are_given_and_the_others_counted() {
    let scratch = shop();
    for (branch, size) in [("env/dev", 2), ("env/staging", 3), ("env/prod", 4)] {
        for service in ["cart", "disk", "search"] {
            let path = format!("services/{service}.yaml");
            let text = format!(
                "z: {size}\na: {{ x: {size}, y: '{size}' }}\nports: [{{ name: '{size}' }}]\n"
            );
            change(&scratch, branch, &path, &text);
        }
    }
    let cart = "z: 3\nttl: 61\na: { x: 4, y: 3 }\nhost: h\n";
    change(&scratch, "env/prod", "services/cart.yaml", cart);
    let ids = |report: &Report<DriftBody>, all: bool| -> Vec<String> {
        let shown = report.body.differences.iter();
        let shown = shown.filter(|row| all || row.is_told());
        shown.map(|row| row.id.clone()).collect()
    };
    let said = |report: &Report<DriftBody>| -> Vec<String> {
        let rows = report.body.differences.iter();
        let found = rows.flat_map(|row| &row.findings);
        found.map(|finding| finding.message.clone()).collect()
    };
    for names in [&["staging", "prod"][..], &["dev", "staging", "prod"]] {
        for (all, peers) in [(false, false), (true, false), (false, true), (true, true)] {
            let filter = |most| Filter {
                all,
                peers,
                most,
                ..Filter::default()
            };
            let whole = run(&scratch, names, &filter(None)).unwrap();
            let there = ids(&whole, all);
            assert!(there.len() > 9, "{there:?}");
            for most in 0..=there.len() {
                let part = run(&scratch, names, &filter(Some(most))).unwrap();
                let about = format!("{names:?} {all} {peers} {most}");
                let given = ids(&part, all);
                assert_eq!(given.len(), most, "{about}");
                if !peers {
                    assert_eq!(given, there[..most], "{about}");
                    assert!(said(&whole).starts_with(&said(&part)), "{about}");
                }
                assert_eq!(part.body.counts, whole.body.counts, "{about}");
                assert_eq!(part.summary(), whole.summary(), "{about}");
                assert_eq!(part.findings.len() < whole.findings.len(), {
                    said(&part).len() < said(&whole).len()
                });
                let hidden = whole.body.differences.len() - there.len();
                let known = part.body.differences.len() - most + part.body.hidden;
                assert_eq!((known, part.body.more), (hidden, there.len() - most));
                for severity in [Severity::Info, Severity::Warning, Severity::Error] {
                    assert_eq!(part.fails_at(severity), whole.fails_at(severity), "{about}");
                }
            }
        }
    }
    let filter = Filter {
        most: Some(2),
        ..Filter::default()
    };
    let report = run(&scratch, &["staging", "prod"], &filter).unwrap();
    insta::assert_snapshot!(drawn(&report), @r#"
    service | key | staging | prod | class
    cart | a.x | 3 | 4 | never-shared
    cart | a.y | "3" | 3 | type-mismatch
    "#);
}
