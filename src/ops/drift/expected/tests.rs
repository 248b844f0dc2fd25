use super::*;
use crate::config::{Configuration, Manifest, ParsedFile, Snapshot};
use crate::git::testing::Scratch;
use crate::ops::drift::{DriftBody, Filter, drift, sides};
use crate::report::Report;

fn of(text: &str) -> Expectations {
    Expectations::of(&ParsedFile::of_bytes("drift.yaml", text.as_bytes()), None)
}

const MANIFEST: &str = "strata: 1
schemas: [schema.yaml]
layers: ['{environment}.yaml', 'services/{service}/{environment}.yaml']
services: services/*
environments:
  dev: {}
  staging: { follows: dev }
  prod: { follows: staging }
";

const SCHEMA: &str =
    "properties: { host: { x-env-specific: true }, password: { x-secret: true } }\n";

/// Two services in three environments, as folders of one branch.
fn shop() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("strata.yaml", MANIFEST);
    scratch.write("schema.yaml", SCHEMA);
    for (name, ttl) in [("dev", 1), ("staging", 1), ("prod", 9)] {
        scratch.write(
            &format!("{name}.yaml"),
            format!("host: {name}\npassword: hunter2\nttl: {ttl}\n"),
        );
    }
    scratch.write("services/cart/prod.yaml", "size: 3\n");
    scratch.write("services/cart/staging.yaml", "size: 1\n");
    scratch.write("services/search/dev.yaml", "size: 1\n");
    scratch.write("services/search/staging.yaml", "size: 1\n");
    scratch.write("services/search/prod.yaml", "size: 1\n");
    scratch.commit("start");
    scratch
}

fn run(scratch: &Scratch, rules: &str, filter: Filter) -> Report<DriftBody> {
    scratch.write("drift.yaml", rules);
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let configuration = Configuration::open(Some(repo), here).unwrap();
    let today = filter.today.or("2026-06-01".parse().ok());
    let filter = Filter { today, ..filter };
    drift(
        &configuration,
        &sides(&configuration, &[]).unwrap(),
        &filter,
    )
    .unwrap()
}

/// The differences, and the findings that are about rules.
fn said(report: &Report<DriftBody>) -> String {
    let rows = report.body.differences.iter().map(|row| {
        let reason = row.reason.as_deref().unwrap_or("-");
        format!("{} {} ({reason})", row.id, row.class)
    });
    let rules = ["expired-exception", "stale-exception", "must-differ"];
    let findings = report
        .findings
        .iter()
        .filter(|finding| rules.contains(&finding.rule.id) || finding.message.contains("says"))
        .map(|finding| format!("{}: {}", finding.rule.id, finding.message));
    rows.chain(findings).collect::<Vec<_>>().join("\n")
}

fn told(rules: &str) -> String {
    said(&run(&shop(), rules, Filter::default()))
}

#[test]
fn differences_are_excused_by_rules_with_their_reason() {
    insta::assert_snapshot!(told("rules:
- { path: /ttl, environments: prod, reason: the shop is busy }
- { path: size, services: [c*], environments: [prod], expect: { one-of: [2, 3] }, reason: many carts }
- { path: size, services: cart, environments: [dev], expect: absent, reason: no carts there }
"), @"
    cart:host intentional (the schema says that environments differ here)
    cart:size intentional (many carts)
    cart:ttl intentional (the shop is busy)
    search:host intentional (the schema says that environments differ here)
    search:ttl intentional (the shop is busy)
    ");
}

#[test]
fn what_must_be_equal_is_compared_also_where_no_environment_follows_the_other() {
    let rule = |environments: &str| {
        told(&format!(
            "rules:\n- {{ path: host, environments: {environments}, services: cart, expect: equal, reason: one }}\n"
        ))
    };
    insta::assert_snapshot!(rule("[dev, prod]"), @"
    cart:host never-shared (-)
    cart:size never-shared (-)
    cart:ttl never-shared (-)
    search:host intentional (the schema says that environments differ here)
    search:ttl never-shared (-)
    never-shared: `host` of cart is dev in dev and prod in prod; drift.yaml:2 says that it must be equal: one
    ");
    assert!(rule("[dev]").contains("cart:host intentional"));
    // Where the neighbours tell it, it is told once.
    let whole = rule("[dev, staging, prod]");
    assert_eq!(
        whole.matches("says that it must be equal").count(),
        2,
        "{whole}"
    );
    // What is no rule's affair is not compared.
    let all = run(
        &shop(),
        "rules:\n- { path: ttl, environments: [dev, prod], expect: equal, reason: one }\n",
        Filter::default(),
    );
    let of_host = all
        .findings
        .iter()
        .filter(|it| it.message.contains("`host`"));
    assert_eq!(of_host.count(), 0);
    let of_ttl = all
        .findings
        .iter()
        .filter(|it| it.message.contains("in dev and"));
    assert_eq!(of_ttl.count(), 2);
}

#[test]
fn what_must_be_equal_must_be_so_whatever_other_rules_say() {
    let rules = "rules:
- { path: host, reason: they differ }
- { path: host, environments: [dev], expect: { one-of: [x] }, reason: x }
- { path: host, environments: [dev, prod], services: cart, expect: equal, reason: one }
";
    assert!(told(rules).contains("says that it must be equal"));
    // One environment at two times may differ.
    let scratch = shop();
    scratch.git(&["tag", "v1"]);
    scratch.write("prod.yaml", "host: other\npassword: hunter2\nttl: 9\n");
    scratch.write("drift.yaml", rules);
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let configuration = Configuration::open(Some(repo), here).unwrap();
    let names = ["prod@v1", "staging", "prod"].map(str::to_owned);
    let sides = sides(&configuration, &names).unwrap();
    let report = drift(&configuration, &sides, &Filter::default()).unwrap();
    assert!(
        !said(&report).contains("must be equal"),
        "{}",
        said(&report)
    );
}

#[test]
fn a_value_that_a_rule_does_not_allow_is_told_with_the_rule() {
    insta::assert_snapshot!(told("rules:
- { path: /ttl, environments: prod, expect: { matches: '^[0-5]$' }, reason: it must be short }
- { path: host, environments: [staging, prod], expect: equal, reason: one host }
- { path: size, services: cart, expect: absent, reason: cart brings its own }
"), @"
    cart:host never-shared (-)
    cart:size never-shared (-)
    cart:ttl never-shared (-)
    search:host never-shared (-)
    search:ttl never-shared (-)
    never-shared: `host` of cart is staging in staging and prod in prod; drift.yaml:3 says that it must be equal: one host
    never-shared: `host` of search is staging in staging and prod in prod; drift.yaml:3 says that it must be equal: one host
    never-shared: `ttl` of cart is 1 in staging and 9 in prod; drift.yaml:2 says that it is to match ^[0-5]$: it must be short
    never-shared: `ttl` of search is 1 in staging and 9 in prod; drift.yaml:2 says that it is to match ^[0-5]$: it must be short
    ");
}

#[test]
fn a_rule_whose_day_is_over_excuses_nothing() {
    insta::assert_snapshot!(told("rules:
- { path: /ttl, environments: prod, reason: for now, expires: 2026-05-31 }
- { path: size, services: cart, reason: for now, expires: 2026-06-01 }
"), @"
    cart:host intentional (the schema says that environments differ here)
    cart:size intentional (for now)
    cart:ttl never-shared (-)
    search:host intentional (the schema says that environments differ here)
    search:ttl never-shared (-)
    expired-exception: the rule about `/ttl` held until 2026-05-31
    ");
}

#[test]
fn what_must_differ_and_does_not_is_told_without_its_value() {
    let report = run(
        &shop(),
        "rules:
- { path: password, environments: prod, expect: differ, reason: one for each }
- { path: gone, reason: it was there once }
- { path: also.gone, expect: differ, reason: it was there once }
- { path: '/**', reason: all of it }
",
        Filter::default(),
    );
    insta::assert_snapshot!(said(&report), @"
    cart:host intentional (all of it)
    cart:size intentional (all of it)
    cart:ttl intentional (all of it)
    search:host intentional (all of it)
    search:ttl intentional (all of it)
    stale-exception: no difference at `/gone` needs this rule any more
    stale-exception: nothing is set at `/also/gone`, which this rule is about
    must-differ: `password` of cart is the same in dev, staging and prod
    must-differ: `password` of search is the same in dev, staging and prod
    ");
    let json = serde_json::to_string(&report.body.must_differ).unwrap();
    assert!(
        json.contains("\"environments\":[\"dev\",\"staging\",\"prod\"]"),
        "{json}"
    );
    assert!(!json.contains("hunter2"));
    let found = report
        .findings
        .iter()
        .find(|it| it.rule.id == "must-differ");
    let help = found.and_then(|it| it.help.clone());
    assert!(help.is_some_and(|help| help.contains("must differ: one for each")));
}

#[test]
fn stale_rules_are_told_only_when_all_was_compared() {
    let rules = "rules:\n- { path: gone, reason: it was there once }\n";
    let filter = Filter {
        service: Some("cart".to_owned()),
        ..Filter::default()
    };
    assert!(!said(&run(&shop(), rules, filter)).contains("stale"));
    assert!(told(rules).contains("stale-exception"));
}

#[test]
fn mistakes_in_the_file_are_told_with_what_to_do() {
    let manifest = ParsedFile::of_bytes("strata.yaml", MANIFEST.as_bytes());
    let (manifest, _) = Manifest::read(&manifest.documents()[0]);
    let text = "rules:
- { path: a }
- { path: a, reason: r, expect: equals }
- { path: a, reason: r, expect: { one-of: [] } }
- { path: a, reason: r, expect: { matches: '(' } }
- { path: a, reason: r, expect: 7, expires: soon }
- { path: a..b, reason: r, environments: [prd], owners: x }
- 7
rule: 1
";
    let file = ParsedFile::of_bytes("drift.yaml", text.as_bytes());
    let read = Expectations::of(&file, manifest.as_ref());
    assert!(read.entries.is_empty());
    let said = read.findings.iter().map(|finding| {
        let help = finding.help.as_deref().unwrap_or("-");
        format!(
            "{}: {} ({help})",
            finding.location.start().line,
            finding.message
        )
    });
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"), @r#"
    9: nothing reads the key `rule` (did you mean `rules`?)
    2: the key `reason` is missing (add `reason: each has its own`)
    3: `equals` is nothing that can be expected (did you mean `equal`?)
    4: `one-of` must be a list of values (write `{one-of: [1, 2]}`)
    5: `(` is no regular expression: error: unclosed group (write one as in `{matches: '^prod-'}`)
    6: `soon` is no day; write it as in 2026-03-01 (-)
    6: this is nothing that can be expected (write `any`, `differ`, `equal`, `absent`, `{one-of: [1, 2]}` or `{matches: …}`)
    7: nothing reads the key `owners` (did you mean `owner`?)
    7: an empty part in the key `a..b`; write an empty key as "" (-)
    7: there is no environment `prd` (did you mean `prod`?)
    8: each of `rules` must be a map of keys to values; it is a number (-)
    "#);
    assert_eq!(of("rules: 7\n").findings.len(), 1);
    assert_eq!(of("").findings.len(), 0);
    assert_eq!(of("# nothing yet\nrules:\n").findings.len(), 0);
    assert_eq!(of("rules: [\n").findings.len(), 1);
}

fn agreement(only: &[&str]) -> Agreement {
    Agreement {
        reason: "as\n  agreed".to_owned(),
        owner: Some("platform".to_owned()),
        expires: "2026-12-31".parse().ok(),
        any_value: false,
        only: only.iter().map(|&name| name.to_owned()).collect(),
    }
}

#[test]
fn accepted_differences_are_meant_until_they_change() {
    let scratch = shop();
    let report = run(&scratch, "", Filter::default());
    let text = "# ours\nrules:\n  # kept\n  - { path: x, reason: y }\n";
    let (text, ids) = accept(Some(text), &report.body, None, &agreement(&[])).unwrap();
    assert_eq!(ids.len(), 3);
    insta::assert_snapshot!(text, @r#"
    # ours
    rules:
      # kept
      - { path: x, reason: y }
      - path: /size
        environments:
          - staging
          - prod
        services:
          - cart
        expect:
          one-of:
            - 1
            - 3
        reason: as agreed
        owner: platform
        expires: "2026-12-31"
      - path: /ttl
        environments:
          - prod
        services:
          - cart
          - search
        expect:
          one-of:
            - 9
        reason: as agreed
        owner: platform
        expires: "2026-12-31"
    "#);
    let report = run(&scratch, &text, Filter::default());
    assert!(report.body.differences.iter().all(|row| !row.is_told()));
    scratch.write("services/cart/prod.yaml", "size: 4\n");
    let report = run(&scratch, &text, Filter::default());
    let told: Vec<_> = report
        .body
        .differences
        .iter()
        .filter(|row| row.is_told())
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].id, "cart:size");
}

#[test]
fn what_is_accepted_must_be_a_difference() {
    let report = run(&shop(), "", Filter::default());
    let fails = |only: &[&str]| {
        let error = accept(None, &report.body, None, &agreement(only)).unwrap_err();
        format!("{error:?}")
    };
    insta::assert_snapshot!([fails(&["cart:sise"]), fails(&["cart:host"])].join("\n"), @"
    NotFound: there is no difference `cart:sise` (help: did you mean `cart:size`?)
    Usage: `cart:host` is meant to differ already
    ");
    let (text, ids) = accept(None, &report.body, None, &agreement(&["ttl"])).unwrap();
    assert_eq!(ids.len(), 2);
    assert!(text.starts_with("# Differences of environments"), "{text}");
    assert!(
        text.contains("services: [cart, search]") || text.contains("- search"),
        "{text}"
    );
    let broken = accept(Some("rules: 7\n"), &report.body, None, &agreement(&[]));
    assert!(
        broken
            .unwrap_err()
            .to_string()
            .contains("`drift.yaml:1` cannot be added to")
    );
}

#[test]
fn secrets_are_compared_and_never_shown() {
    let scratch = shop();
    scratch.write(
        "prod.yaml",
        "host: prod\npassword: |\n  s3cret-one\n  s3cret-two\nttl: 9\n",
    );
    scratch.write("staging.yaml", "host: staging\nttl: 1\n");
    scratch.commit("secrets");
    for peers in [false, true] {
        let report = run(
            &scratch,
            "",
            Filter {
                peers,
                ..Filter::default()
            },
        );
        let row = report
            .body
            .differences
            .iter()
            .find(|row| row.id == "cart:password");
        assert!(row.is_some_and(|row| row.secret));
        let json = serde_json::to_string(&report.body).unwrap();
        let mut said = format!("{json}{:?}", crate::report::View::view(&report.body));
        for finding in &report.findings {
            said += &finding.message;
            said += finding.help.as_deref().unwrap_or_default();
            for at in finding.related.iter().chain([&finding.location]) {
                let shown = at.span.range().start..at.source.text().len();
                said += at.source.text().get(shown).unwrap_or_default();
            }
        }
        let about = |finding: &&Finding| finding.message.contains("password");
        assert!(report.findings.iter().any(|it| about(&it)), "{peers}");
        // What other rows are about may stand beside it; a row shows its own line alone.
        assert!(
            !json.contains("hunter2") && !json.contains("s3cret"),
            "{json}"
        );
        for finding in report.findings.iter().filter(about) {
            for at in finding.related.iter().chain([&finding.location]) {
                assert!(!at.source.text().contains("hunter2"), "{}", finding.message);
                assert!(!at.source.text().contains("s3cret"), "{}", finding.message);
            }
        }
        assert!(!said.contains("s3cret-one\\n"), "{said}");
    }
}

#[test]
fn an_expired_rule_is_over_and_not_stale_where_it_is_offended() {
    insta::assert_snapshot!(told("rules:
- { path: /ttl, environments: prod, expect: { one-of: [7] }, reason: for now, expires: 2026-05-31 }
- { path: password, expect: differ, reason: one for each, expires: 2026-05-31 }
"), @"
    cart:host intentional (the schema says that environments differ here)
    cart:size never-shared (-)
    cart:ttl never-shared (-)
    search:host intentional (the schema says that environments differ here)
    search:ttl never-shared (-)
    expired-exception: the rule about `/ttl` held until 2026-05-31
    expired-exception: the rule about `/password` held until 2026-05-31
    ");
}

#[test]
fn lists_of_named_items_are_the_same_in_any_order() {
    let scratch = shop();
    scratch.write("dev.yaml", "users: [{ name: a }, { name: b }]\n");
    scratch.write("staging.yaml", "users: [{ name: b }, { name: a }]\n");
    scratch.write("prod.yaml", "users: [{ name: b }, { name: c }]\n");
    let rules = "rules:
- { path: users, services: cart, expect: differ, reason: each its own }
";
    let said = said(&run(&scratch, rules, Filter::default()));
    let said = said.lines().filter(|line| line.contains(": "));
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"), @"must-differ: `users` of cart is the same in dev and staging");
}
