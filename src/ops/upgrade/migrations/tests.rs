use insta::assert_snapshot;

use super::Migrations;
use crate::config::Snapshot;
use crate::git::testing::Scratch;
use crate::ops::compat;
use crate::ops::upgrade::tests::repository;
use crate::report::{Report, View};

fn migrations(scratch: &Scratch) -> Migrations {
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let manifest = compat::manifest_of(&here).unwrap();
    Migrations::read(Some(&repo), &here, manifest.as_ref(), None).unwrap()
}

fn told<T>(report: &Report<T>) -> String {
    let lines = report.findings.iter().map(|finding| {
        let at = finding.location.start();
        let place = format!("{}:{}", finding.location.source.name(), at.line);
        let help = finding.help.as_ref().map(|help| format!("; {help}"));
        format!(
            "[{}] {place} {}{}\n",
            finding.rule.id,
            finding.message,
            help.unwrap_or_default()
        )
    });
    lines.collect()
}

#[test]
fn a_draft_has_what_is_sure_as_steps_and_the_rest_as_comments() {
    let scratch = repository();
    let found = migrations(&scratch);
    let stop = |name: &str| found.versions().find(name).unwrap().clone();
    let report = found.draft(&stop("v1.0.0"), &stop("v2.0.0")).unwrap();
    assert!(report.findings.is_empty(), "{}", told(&report));
    assert_snapshot!(report.body.draft.unwrap().text, @r#"
    # What carries a document from 1.0.0 to 2.0.0, drafted from their schemas.
    # Read every step, write the rest, and test it: `git strata migration test`.
    strata-migration: 1
    from: ">=1.0.0"
    steps:
      # the option `legacy` is gone; configurations that set it are refused
      - remove: legacy
        why: the option `legacy` is gone; configurations that set it are refused
      # the value `verbose` of `level` is gone; configurations that use it are refused
      - manual: the value `verbose` of `level` is gone; configurations that use it are refused
        when: { path: level, exists: true }
      # the option `pool` is gone; configurations that set it are refused
      # or it may be `max_connections` (57 %)
      # - move: pool
      #   to: max_connections
      #   why: the option `pool` is gone; configurations that set it are refused
      - manual: the option `pool` is gone; configurations that set it are refused
        when: { path: pool, exists: true }
      # the option `timeout_s` is now called `timeout_ms`; configurations that set it are refused
      - convert: timeout_s
        factor: 1000
      - rename: timeout_s
        to: timeout_ms
        why: the option `timeout_s` is now called `timeout_ms`; configurations that set it are refused
      # the default of `cache.ttl` was `60` and is `30` now; who never set it gets the new one
      # to keep what the program did where the option is unset:
      # - pin_default: cache.ttl
      #   value: 60
    "#);
    let report = found.draft(&stop("v2.0.0"), &stop("v3.0.0")).unwrap();
    assert!(report.findings.is_empty(), "{}", told(&report));
    assert_snapshot!(report.body.draft.unwrap().text, @r#"
    # What carries a document from 2.0.0 to 3.0.0, drafted from their schemas.
    # Read every step, write the rest, and test it: `git strata migration test`.
    strata-migration: 1
    from: ">=2.0.0"
    steps:
      # the option `host` is gone; configurations that set it are refused
      # a guess (83 %): the same name, a type that fits
      # - move: host
      #   to: database.host
      #   why: the option `host` is gone; configurations that set it are refused
      - manual: the option `host` is gone; configurations that set it are refused
        when: { path: host, exists: true }
      # the option `max_connections` stands at `database.max_connections` now; configurations that set it here are refused
      - move: max_connections
        to: database.max_connections
        why: the option `max_connections` stands at `database.max_connections` now; configurations that set it here are refused
      # the option `password` stands at `secrets.password` now; configurations that set it here are refused
      # a guess (83 %): the same name, a type that fits
      # - move: password
      #   to: secrets.password
      #   why: the option `password` stands at `secrets.password` now; configurations that set it here are refused
      - manual: the option `password` stands at `secrets.password` now; configurations that set it here are refused
        when: { path: password, exists: true }
      # `region` must be set now; configurations without it are refused
      - manual: set `region`; there is no default
        when: { path: region, absent: true }
      # `timeout_ms` must be at most 60000 now
      - manual: keep `timeout_ms` at most `60000`
        when: { path: timeout_ms, type: number, cel: double(self) > 60000.0 }
      # the option `old_mode`, which was deprecated, is gone; configurations that set it are refused
      - remove: old_mode
        why: "the option `old_mode`, which was deprecated, is gone; configurations that set it are refused"
    "#);
    let error = found.draft(&stop("v2.0.0"), &stop("v1.0.0")).unwrap_err();
    assert_snapshot!(format!("{error:?}"), @"Usage: 1.0.0 is not newer than 2.0.0 (help: a migration carries to a newer version; it is undone by itself)");
}

#[test]
fn migration_incomplete_and_migration_missing_name_what_breaks() {
    let scratch = repository();
    assert_snapshot!(told(&migrations(&scratch).check(None).unwrap()), @"[migration-incomplete] schema.yaml:11 the migration to 3.0.0 says nothing of this: `timeout_ms` must be at most 60000 now; as a step: keep `timeout_ms` at most `60000`");
    scratch.write(
        "migrations/2.0.0.yaml",
        "strata-migration: 1\nsteps:\n  - rename: pool\n    to: max_connections\n  - manual: the levels\n    at: level\n",
    );
    std::fs::remove_file(scratch.path().join("migrations/3.0.0.yaml")).unwrap();
    assert_snapshot!(told(&migrations(&scratch).check(None).unwrap()), @"
    [migration-edited] migrations/2.0.0.yaml:1 the migration to 2.0.0 was released in `v2.0.0`, and is another one here; put it back: `git checkout v2.0.0 -- migrations/2.0.0.yaml`
    [migration-incomplete] schema.yaml:2 the migration to 2.0.0 says nothing of this: the option `legacy` is gone; configurations that set it are refused; as a step: take `legacy` out
    [migration-incomplete] schema.yaml:2 the migration to 2.0.0 says nothing of this: the option `timeout_s` is now called `timeout_ms`; configurations that set it are refused; as a step: probably write `timeout_ms` instead of `timeout_s`, multiplied by 1000
    [migration-missing] schema.yaml:2 3.0.0 has no migration: the option `host` is gone; configurations that set it are refused, and 4 more breaks; draft one: `git strata migration new --from v2.0.0 --to v3.0.0 --write`
    ");
    let since = "2.0.0".parse().unwrap();
    let report = migrations(&scratch).check(Some(&since)).unwrap();
    assert_eq!(report.body.migrations.len(), 0);
}

#[test]
fn migration_edited_is_found_against_the_release_that_first_had_it() {
    let scratch = repository();
    scratch.write("migrations/1.5.0.yaml", "strata-migration: 1\nsteps: []\n");
    scratch.commit("late");
    scratch.git(&["tag", "v3.1.0"]);
    assert!(!told(&migrations(&scratch).check(None).unwrap()).contains("edited"));
    scratch.write(
        "migrations/1.5.0.yaml",
        "strata-migration: 1\nsteps: []\n# more\n",
    );
    let told = told(&migrations(&scratch).check(None).unwrap());
    let edited: Vec<&str> = told.lines().filter(|it| it.contains("edited")).collect();
    assert_snapshot!(edited.join("\n"), @"[migration-edited] migrations/1.5.0.yaml:1 the migration to 1.5.0 was released in `v3.1.0`, and is another one here; put it back: `git checkout v3.1.0 -- migrations/1.5.0.yaml`");
}

#[test]
fn migration_test_failed_shows_the_difference() {
    let scratch = repository();
    let case = |name: &str, input: &str, output: &str| {
        scratch.write(&format!("migrations/tests/2.0.0/{name}/in.yaml"), input);
        scratch.write(&format!("migrations/tests/2.0.0/{name}/out.yaml"), output);
    };
    case("good", "pool: 5 # five\n", "max_connections: 5\n");
    case("bad", "pool: 5\nhost: x\n", "max_connections: 6\nhost: x\n");
    case("invalid", "pool: x\n", "max_connections: x\n");
    scratch.write("migrations/tests/2.0.0/half/in.yaml", "pool: 5\n");
    let report = migrations(&scratch).test(Some("2.0.0")).unwrap();
    assert_snapshot!(told(&report), @"
    [migration-test-failed] migrations/tests/2.0.0/bad/out.yaml:1 the case `bad` of 2.0.0: something else comes out at `max_connections`; `git strata migration test` shows how they differ
    [migration-test-failed] migrations/tests/2.0.0/half/in.yaml:1 the case `half` of 2.0.0: there is no `out.yaml`; a case is a folder with `in.yaml` and `out.yaml`
    [migration-test-failed] migrations/tests/2.0.0/invalid/out.yaml:1 the case `invalid` of 2.0.0: what comes out does not hold to 2.0.0: `max_connections` must be a whole number; it is the text `x`
    ");
    assert_snapshot!(format!("{:#?}", report.body.view()), @r#"
    [
        Table {
            columns: [
                "version",
                "steps",
                "released",
                "can be undone",
            ],
            rows: [
                [
                    "2.0.0",
                    "5",
                    "v2.0.0",
                    "step 5 (`remove`) at line 14 cannot be undone: `was` does not say what it took out",
                ],
            ],
        },
        Text(
            "3 of 4 cases failed",
        ),
        Heading(
            "2.0.0 bad",
        ),
        Diff(
            "--- migrations/tests/2.0.0/bad/out.yaml\n+++ migrations/tests/2.0.0/bad/out.yaml\n@@ -1,2 +1,2 @@\n-max_connections: 6\n+max_connections: 5\n host: x",
        ),
    ]
    "#);
    let error = migrations(&scratch).test(Some("2.0.1")).unwrap_err();
    assert_snapshot!(format!("{error:?}"), @"NotFound: there is no migration to `2.0.1` (help: did you mean `2.0.0`?)");
}

#[test]
fn undoing_a_test_case_gives_what_it_began_with() {
    let scratch = repository();
    scratch.write(
        "migrations/4.0.0.yaml",
        "strata-migration: 1\nsteps:\n  - unwrap: hosts\n",
    );
    scratch.write(
        "migrations/tests/4.0.0/one/in.yaml",
        "hosts: x\nregion: eu\n",
    );
    scratch.write(
        "migrations/tests/4.0.0/one/out.yaml",
        "hosts: x\nregion: eu\n",
    );
    let report = migrations(&scratch).test(Some("4.0.0")).unwrap();
    assert_snapshot!(told(&report), @"
    [migration-test-failed] migrations/tests/4.0.0/one/out.yaml:1 the case `one` of 4.0.0: undoing it gives something else than it began with; give the step that loses something an `inverse: […]`
    [migration-test-failed] migrations/tests/4.0.0/one/out.yaml:1 the case `one` of 4.0.0: what comes out does not hold to 4.0.0: there is no option `hosts`
    ");
}

#[test]
fn migrations_are_shown_with_their_steps() {
    let scratch = repository();
    let report = migrations(&scratch).show(Some("v2.0.0")).unwrap();
    assert_snapshot!(format!("{:#?}", report.body.view()), @r#"
    [
        Heading(
            "2.0.0 (migrations/2.0.0.yaml)",
        ),
        Text(
            "plain names",
        ),
        Tree(
            [
                TreeNode {
                    text: "rename pool → max_connections (connections are counted, not pools)",
                    children: [],
                },
                TreeNode {
                    text: "convert timeout_s",
                    children: [],
                },
                TreeNode {
                    text: "rename timeout_s → timeout_ms",
                    children: [],
                },
                TreeNode {
                    text: "map_values level",
                    children: [],
                },
                TreeNode {
                    text: "remove legacy (nobody used it)",
                    children: [],
                },
            ],
        ),
        Text(
            "step 5 (`remove`) at line 14 cannot be undone: `was` does not say what it took out",
        ),
    ]
    "#);
    assert!(!migrations(&scratch).is_empty());
}
