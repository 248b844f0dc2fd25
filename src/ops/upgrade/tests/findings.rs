use insta::assert_snapshot;

use super::{repository, run, told};
use crate::git::testing::Scratch;
use crate::ops::upgrade::Options;

fn told_of(scratch: &Scratch, from: &str, to: &str, text: &str) -> String {
    match run(scratch, from, to, ("app.yaml", text), Options::default()) {
        Ok(report) => told(&report),
        Err(error) => format!("{error:?}"),
    }
}

#[test]
fn upgraded_default_and_deprecated_option_set_are_told() {
    let scratch = repository();
    let text = "cache: {}\nold_mode: true\n";
    assert_snapshot!(told_of(&scratch, "v1.0.0", "v2.0.0", "cache: {}\n"), @"warning[upgraded-default] app.yaml:1 `cache.ttl` is not set, and its default goes from `60` to `30` in 2.0.0; `--pin-defaults` writes the old one down");
    assert_snapshot!(told_of(&scratch, "v2.0.0", "v2.0.0", text), @"info[deprecated-option-set] app.yaml:2 `old_mode` is deprecated in 2.0.0, and 2.0.0 is the last version that has it; Use `mode` instead.");
}

#[test]
fn upgrade_blocked_and_upgrade_manual_point_at_both_ends() {
    let scratch = repository();
    let text = "pool: 5\ntimeout_s: 30\nhost: x\n";
    assert_snapshot!(told_of(&scratch, "1.0.0", "3.0.0", text), @"
    warning[upgrade-manual] app.yaml:1 choose a region
    error[missing-option] app.yaml:1 the option `region` is missing; it must be a text
    ");
    scratch.write(
        "migrations/2.0.0.yaml",
        "strata-migration: 1\nsteps:\n  - convert: level\n    type: integer\n    why: levels are numbers\n",
    );
    let report = run(
        &scratch,
        "1.0.0",
        "2.0.0",
        ("app.yaml", "level: info\n"),
        Options::default(),
    );
    let report = report.unwrap();
    assert_snapshot!(told(&report), @"error[upgrade-blocked] app.yaml:1 `level` (`info`) cannot be read as a whole number; write it the new way by hand");
    let related = &report.findings[0].related[0];
    assert_eq!(related.source.name(), "migrations/2.0.0.yaml");
    assert_eq!(
        (related.start().line, related.label.as_str()),
        (3, "the step: levels are numbers")
    );
}

#[test]
fn other_version_names_those_that_fit() {
    let scratch = repository();
    assert_snapshot!(told_of(&scratch, "1.0.0", "3.0.0", "max_connections: 5\nlevel: info\n"), @"
    warning[other-version] app.yaml:1 `app.yaml` does not hold to 1.0.0; it holds to 2.0.0; name that with `--from`
    warning[upgrade-manual] app.yaml:1 choose a region
    error[missing-option] app.yaml:1 the option `region` is missing; it must be a text
    ");
    assert_snapshot!(told_of(&scratch, "1.0.0", "3.0.0", "region: eu\n"), @"");
    assert_snapshot!(told_of(&scratch, "1.0.0", "2.0.0", "level: 5\n"), @"
    warning[other-version] app.yaml:1 `app.yaml` does not hold to 1.0.0; see what is wrong: `git strata check app.yaml --schema v1.0.0:schema.yaml`
    error[value-not-allowed] app.yaml:1 `level` must be one of `debug` or `info`; it is `5`
    ");
}

#[test]
fn unknown_versions_name_the_nearest_first() {
    let scratch = repository();
    assert_snapshot!(told_of(&scratch, "2.5.0", "3.0.0", "{}\n"), @"NotFound: there is no version `2.5.0` (help: known are `v2.0.0`, `v1.0.0`, `v3.0.0`)");
    assert_snapshot!(told_of(&scratch, "1.0.0", "v9", "{}\n"), @"NotFound: there is no version `v9` (help: known are `v3.0.0`, `v2.0.0`, `v1.0.0`)");
}

#[test]
fn migration_gap_is_named() {
    let scratch = repository();
    scratch.git(&["rm", "-q", "migrations/2.0.0.yaml"]);
    scratch.git(&["tag", "-d", "v2.0.0", "v3.0.0"]);
    scratch.commit("without");
    scratch.git(&["tag", "v3.0.0"]);
    assert_snapshot!(told_of(&scratch, "1.0.0", "3.0.0", "pool: 5\nregion: eu\n"), @"error[unknown-option] app.yaml:1 there is no option `pool`; take `pool` out");
    scratch.write(
        "migrations/3.0.0.yaml",
        "strata-migration: 1\nfrom: '>=2.0.0'\nsteps: []\n",
    );
    assert_snapshot!(told_of(&scratch, "1.0.0", "3.0.0", "region: eu\n"), @"error[migration-gap] migrations/3.0.0.yaml:1 the migration to 3.0.0 starts from >=2.0.0, and what comes before it is 1.0.0; name the version that the file is of with `--from`");
    scratch.write(
        "migrations/3.0.0.yaml",
        "strata-migration: 1\nsteps: [{remove: a, wsa: 1}]\n",
    );
    assert_snapshot!(told_of(&scratch, "1.0.0", "3.0.0", "region: eu\n"), @"Invalid: `migrations/3.0.0.yaml:2`: nothing reads the key `wsa` (help: did you mean `was`?)");
}

#[test]
fn removed_option_set_is_told_of_open_maps() {
    let scratch = Scratch::new();
    scratch.write("strata.yaml", "strata: 1\nschemas: [schema.yaml]\n");
    scratch.write(
        "schema.yaml",
        "type: object\nproperties:\n  retries: {type: integer, description: How often a call is tried again.}\n  legacy: {type: boolean}\n",
    );
    scratch.commit("one");
    scratch.git(&["tag", "v1.0.0"]);
    scratch.write(
        "schema.yaml",
        "type: object\nproperties:\n  max_retries: {type: integer, description: How often a call is tried again.}\n",
    );
    scratch.commit("two");
    scratch.git(&["tag", "v2.0.0"]);
    assert_snapshot!(told_of(&scratch, "1.0.0", "2.0.0", "retries: 3\nlegacy: true\n"), @"
    error[removed-option-set] app.yaml:1 `retries` is gone in 2.0.0, and nothing reads it; probably write `max_retries` instead of `retries`
    error[removed-option-set] app.yaml:2 `legacy` is gone in 2.0.0, and nothing reads it; take `legacy` out
    warning[migration-gap] schema.yaml:1 2.0.0 breaks what was valid in 1.0.0, and no migration carries over it; draft one: `git strata migration new --from v1.0.0 --to v2.0.0`
    ");
}

#[test]
fn what_findings_show_of_a_file_holds_no_secret() {
    let scratch = repository();
    scratch.write(
        "migrations/2.0.0.yaml",
        "strata-migration: 1\nsteps:\n  - {convert: password, type: integer}\n  - {cel: 'root.password + \"!\"', at: host}\n",
    );
    let text = "password: \"hunter2\" # old\nhost: h\n";
    let file = ("app.yaml", text);
    let report = run(&scratch, "1.0.0", "2.0.0", file, Options::default()).unwrap();
    let shown = format!("{}{}", report.body.files[0].diff, told(&report));
    assert!(!shown.contains("hunter2"), "{shown}");
    let records = serde_json::to_string(&report.body.files[0].steps).unwrap();
    assert!(!records.contains("hunter2"), "{records}");
    let blocked = report
        .findings
        .iter()
        .find(|it| it.rule.id == "upgrade-blocked");
    let source = &blocked.unwrap().location.source;
    assert_eq!(source.text(), "password: ***       # old\nhost: h\n");
}
