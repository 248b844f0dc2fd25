use super::*;
use crate::config::Snapshot;
use crate::git::testing::Scratch;
use crate::ops::drift::{DriftBody, drift, sides};
use crate::report::{Report, Severity};

const MANIFEST: &str = "strata: 1
schemas: [schema.yaml]
layers: [base.yaml, '{environment}.yaml', 'services/{service}.yaml']
services: services/*.yaml
environments:
  dev: { ref: env/dev }
  staging: { ref: env/staging, follows: dev }
  prod: { ref: env/prod, follows: staging }
";

const RULES: &str = "drift: 1
rules:
  - { path: size, expect: any, services: [s01, s02], reason: meant }
  - { path: size, expect: equal, services: [s03], reason: one size }
  - { path: ttl, expect: any, reason: over, expires: 2026-01-31 }
  - { path: gone, expect: any, reason: stale }
  - { path: key, expect: differ, reason: own keys }
";

const SERVICES: usize = 12;

/// Services that differ in many ways, in three environments with a history.
fn shop(manifest: &str) -> Scratch {
    let scratch = Scratch::new();
    scratch.write("strata.yaml", manifest);
    scratch.write("drift.yaml", RULES);
    scratch.write(
        "schema.yaml",
        "properties: { host: { x-env-specific: true }, limit: { default: 5 } }\n",
    );
    scratch.write("base.yaml", "a: { b: 1, c: 2 }\n");
    scratch.write("more.yaml.j2", "two: {{ 1 + 1 }}\n");
    let write = |environment: &str, text: &dyn Fn(usize) -> String| {
        scratch.write(
            &format!("{environment}.yaml"),
            format!("host: {environment}\n"),
        );
        for number in 1..=SERVICES {
            scratch.write(&format!("services/s{number:02}.yaml"), text(number));
        }
        scratch.commit(environment);
    };
    write("dev", &|number| {
        format!("size: {number}\nttl: 1\nkey: k\nlist: [1, {number}]\n")
    });
    for name in ["dev", "staging", "prod"] {
        scratch.git(&["branch", &format!("env/{name}")]);
    }
    scratch.git(&["checkout", "-q", "env/dev"]);
    write("dev", &|number| {
        format!("size: 1{number}\nttl: 1\nkey: k\nlist: [{number}, 1]\n")
    });
    scratch.git(&["checkout", "-q", "env/staging"]);
    write("staging", &|number| {
        format!("size: {number}\nttl: '1'\nkey: k\na: {{ b: {number} }}\n")
    });
    scratch.git(&["checkout", "-q", "env/prod"]);
    write("prod", &|number| match number {
        // A layer that cannot be read is told of, whoever reads it.
        7 => "size: [\n".to_owned(),
        _ => format!("size: 9{number}\nttl: 1\nkey: k\na: {{ b: 2 }}\nlimit: 5\n"),
    });
    scratch.git(&["checkout", "-q", "main"]);
    scratch
}

fn run(scratch: &Scratch, most: Option<usize>) -> Report<DriftBody> {
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let configuration = Configuration::open(Some(repo), here).unwrap();
    let filter = Filter {
        most,
        today: "2026-06-01".parse().ok(),
        ..Filter::default()
    };
    let sides = sides(&configuration, &[]).unwrap();
    drift(&configuration, &sides, &filter).unwrap()
}

/// What is found beside the differences: of rules, layers and values that must differ.
fn beside(report: &Report<DriftBody>) -> Vec<String> {
    let rows = report.body.differences.iter();
    let of_rows: Vec<_> = rows
        .flat_map(|row| &row.findings)
        .map(|finding| &finding.message)
        .collect();
    let others = report.findings.iter();
    let others = others.filter(|finding| !of_rows.contains(&&finding.message));
    others
        .map(|finding| {
            let at = &finding.location;
            format!(
                "{} {}:{} {}",
                finding.rule.id,
                at.source.name(),
                at.start().line,
                finding.message
            )
        })
        .collect()
}

#[test]
fn who_counts_finds_what_who_shows_all_finds() {
    let rendered = MANIFEST.replace("base.yaml", "base.yaml, more.yaml.j2");
    for manifest in [MANIFEST, &rendered] {
        let scratch = shop(manifest);
        let whole = run(&scratch, None);
        assert!(
            whole.body.differences.len() > 5 * SERVICES,
            "{}",
            whole.body.differences.len()
        );
        assert!(whole.body.counts.len() > 4, "{:?}", whole.body.counts);
        let rules: Vec<_> = beside(&whole);
        for rule in [
            "expired-exception drift.yaml:5",
            "stale-exception drift.yaml:6",
            "must-differ services/s01.yaml:3",
        ] {
            assert!(rules.iter().any(|it| it.starts_with(rule)), "{rules:?}");
        }
        assert!(rules.iter().any(|it| it.contains("services/s07.yaml:")));
        for most in [0, 1, 7, 30] {
            // Threads share the services anew each time.
            for _ in 0..4 {
                let part = run(&scratch, Some(most));
                assert_eq!(part.body.counts, whole.body.counts, "{most}");
                assert_eq!(part.summary(), whole.summary(), "{most}");
                assert_eq!(beside(&part), rules, "{most}");
                assert_eq!(
                    part.body.must_differ.len(),
                    whole.body.must_differ.len(),
                    "{most}"
                );
                let told = part.body.differences.iter().filter(|row| row.is_told());
                assert_eq!(told.count(), most);
                assert!(part.fails_at(Severity::Error));
            }
        }
    }
}

#[test]
fn files_of_one_service_are_told_from_those_of_several() {
    let scratch = shop(MANIFEST);
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let configuration = Configuration::open(Some(repo), here).unwrap();
    let sides = sides(&configuration, &[]).unwrap();
    let names = ["s01", "s02"];
    let differing = names.map(|name| {
        let closures = super::super::Closures::of(&configuration, &sides, Some(name)).unwrap();
        (Some(name), closures)
    });
    let mut own: Vec<_> = own_files(&differing)
        .iter()
        .map(ToString::to_string)
        .collect();
    own.sort();
    assert_eq!(own, ["services/s01.yaml", "services/s02.yaml"]);
}

#[test]
fn what_was_forgotten_is_parsed_again() {
    let scratch = shop(MANIFEST);
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let path = "services/s01.yaml".into();
    let first = here.file(path).unwrap().unwrap();
    assert!(here.known(path, first.id.unwrap()).is_some());
    here.forget(path);
    assert!(here.known(path, first.id.unwrap()).is_none());
    let again = here.file(path).unwrap().unwrap();
    assert_eq!(again.documents()[0].root, first.documents()[0].root);
}
