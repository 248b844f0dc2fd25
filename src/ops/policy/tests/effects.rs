//! A change is what it does.

use insta::assert_snapshot;

use super::history::{BASE, History, MANIFEST};

const SECRET: &str = "ENC[age1,prod.1,YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo]";

#[test]
fn a_base_layer_is_changed_in_every_environment_that_it_reaches() {
    let shop = History::new();
    shop.write("config/base.yaml", BASE.replace("80", "81"));
    shop.by("ann", "port");
    assert_snapshot!(shop.found(), @"permission-missing: ann may not change `http.port` in prod: nothing gives them `config.write` there [policy.yaml:1]");
}

#[test]
fn what_every_other_layer_overrides_is_not_changed_there() {
    let shop = History::new();
    // `http.host` is another one in dev and prod, so this is staging's alone.
    shop.write("config/base.yaml", BASE.replace("shop", "store"));
    shop.by("ann", "host");
    assert_snapshot!(shop.found(), @"");
}

#[test]
fn a_value_that_is_felt_nowhere_needs_the_right_where_its_file_reaches() {
    let shop = History::new();
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: prod.shop, port: 80 }\n",
    );
    shop.by("ann", "pin the port");
    assert_snapshot!(shop.found(), @"permission-missing: ann may not change `http.port` in prod: nothing gives them `config.write` there [policy.yaml:1]");
}

#[test]
fn a_comment_needs_some_right_to_the_file() {
    let shop = History::new();
    shop.write(
        "config/environments/dev.yaml",
        "# ours\nhttp: { host: dev.shop }\n",
    );
    shop.by("ann", "say whose");
    assert_snapshot!(shop.found(), @"");
    shop.write(
        "config/environments/prod.yaml",
        "# ours\nhttp: { host: prod.shop }\n",
    );
    shop.by("ann", "say whose");
    assert_snapshot!(shop.found(), @"permission-missing: ann may not change `config/environments/prod.yaml` in prod: nothing gives them `config.write` there [policy.yaml:1]");
}

#[test]
fn an_environment_that_disappears_loses_all_its_values() {
    let shop = History::new();
    shop.write(
        "strata.yaml",
        MANIFEST.replace("  prod: { follows: staging }\n", ""),
    );
    shop.by("ann", "drop prod");
    assert_snapshot!(shop.found(), @"
    approval-missing: `payments.fee` in prod changes, and 0 of 2 who must agree did [policy.yaml:16]
    permission-missing: ann may not change `cart.size`, `http.host`, `http.port` and 1 more in prod: nothing gives them `config.write` there [policy.yaml:1]
    permission-missing: ann may not change `strata.yaml`: nothing gives them `schema.write` there [policy.yaml:1]
    unknown-environment: there is no environment `prod`
    ");
}

#[test]
fn a_schema_a_migration_and_a_list_of_exceptions_need_their_own_rights() {
    let shop = History::new();
    shop.write("schema/app.schema.yaml", "type: object\nminProperties: 1\n");
    shop.write("schema/environments/prod.schema.yaml", "type: object\n");
    shop.write("migrations/2.0.0.yaml", "operations: []\n");
    shop.write("telemetry/registry.yaml", "{}\n");
    shop.write("secrets-allowed.yaml", "[]\n");
    shop.write("keyrings/prod.age", "x\n");
    shop.write("README.md", "# Our shop\n");
    shop.by("oli", "all of it");
    assert_snapshot!(shop.found(), @"
    permission-missing: oli may not change `migrations/2.0.0.yaml`, `schema/app.schema.yaml`: nothing gives them `schema.write` there [policy.yaml:1]
    permission-missing: oli may not change `schema/environments/prod.schema.yaml` in prod: nothing gives them `schema.write` there [policy.yaml:1]
    permission-missing: oli may not change `telemetry/registry.yaml`: nothing gives them `telemetry.write` there [policy.yaml:1]
    ");
}

#[test]
fn a_document_that_cannot_be_read_may_hold_anything() {
    let shop = History::new();
    shop.write("config/environments/dev.yaml", "http: {\n");
    shop.by("ann", "oops");
    assert_snapshot!(shop.found(), @"
    approval-missing: `config/environments/dev.yaml` changes, and 0 of 2 who must agree did [policy.yaml:16]
    permission-missing: ann may not change `config/environments/dev.yaml`: nothing gives them `config.write` there [policy.yaml:1]
    permission-missing: ann may not change `config/environments/dev.yaml`: nothing gives them `secret.write` there [policy.yaml:1]
    ");
}

#[test]
fn a_token_that_is_opened_needs_both_rights() {
    let shop = History::new();
    shop.write(
        "config/environments/dev.yaml",
        format!("http: {{ host: '{SECRET}' }}\n"),
    );
    shop.by("oli", "seal");
    shop.git(&["tag", "-f", "base"]);
    shop.write("config/environments/dev.yaml", "http: { host: open }\n");
    shop.by("ann", "open");
    assert_snapshot!(shop.found(), @"permission-missing: ann may not change `http.host` in dev: nothing gives them `secret.write` there [policy.yaml:1]");
    // Moved to another key: the one is taken away, the other put there.
    shop.git(&["reset", "-q", "--hard", "base"]);
    shop.write(
        "config/environments/dev.yaml",
        format!("http: {{ name: '{SECRET}' }}\n"),
    );
    shop.by("ann", "move");
    assert_snapshot!(shop.found(), @"permission-missing: ann may not change `http.host`, `http.name` in dev: nothing gives them `secret.write` there [policy.yaml:1]");
}

#[test]
fn a_key_that_is_renamed_changes_both_sections() {
    let shop = History::new();
    shop.write("config/base.yaml", BASE.replace("payments", "billing"));
    shop.by("eve", "rename");
    assert_snapshot!(shop.found(), @"
    approval-missing: `payments.fee` in prod changes, and 0 of 2 who must agree did [policy.yaml:16]
    permission-denied: eve may not change `payments.fee` in dev, prod, staging: `config.write` is denied [policy.yaml:14]
    ");
}

#[test]
fn a_file_that_is_renamed_changes_what_both_names_mean() {
    let shop = History::new();
    shop.git(&[
        "mv",
        "config/environments/dev.yaml",
        "config/environments/staging.yaml",
    ]);
    shop.by("ann", "dev to staging");
    assert_snapshot!(shop.found(), @"");
    shop.git(&[
        "mv",
        "config/environments/staging.yaml",
        "config/environments/prod.yaml",
        "-f",
    ]);
    shop.by("ann", "staging to prod");
    assert_snapshot!(shop.found(), @"permission-missing: ann may not change `http.host` in prod: nothing gives them `config.write` there [policy.yaml:1]");
}

#[test]
fn a_template_needs_its_right_and_those_of_its_values() {
    let shop = History::new();
    let layers = "  - config/services/{service}/base.yaml\n";
    let with = format!("{layers}  - config/all.yaml.j2\n");
    shop.write("strata.yaml", MANIFEST.replace(layers, &with));
    shop.write("config/all.yaml.j2", "name: {{ environment }}\n");
    shop.by("kim", "template");
    shop.git(&["tag", "-f", "base"]);
    shop.write(
        "config/all.yaml.j2",
        "name: {{ environment }}{% if environment == 'dev' %}1{% endif %}\n",
    );
    shop.by("oli", "number");
    assert_snapshot!(shop.found(), @"permission-missing: oli may not change `config/all.yaml.j2` in dev, prod, staging: nothing gives them `template.write` there [policy.yaml:1]");
}

#[test]
fn a_branch_of_an_environment_changes_that_one_alone() {
    let shop = History::new();
    let refs = MANIFEST.replace("dev: {}", "dev: { ref: env/dev }");
    let refs = refs.replace("prod: { ", "prod: { ref: env/prod, ");
    let refs = refs.replace("staging: { ", "staging: { ref: env/staging, ");
    shop.write("strata.yaml", refs);
    shop.by("kim", "branches");
    shop.git(&["tag", "-f", "base"]);
    shop.write("config/base.yaml", BASE.replace("80", "81"));
    shop.by("ann", "port");
    let mut asked = shop.asked("base");
    let mut of = |name: &str| {
        asked.reference = Some(name.to_owned());
        super::history::said(&shop.report(&asked).findings)
    };
    assert_eq!(of("env/dev"), "");
    assert_snapshot!(of("refs/heads/env/prod"), @"permission-missing: ann may not change `http.port` in prod: nothing gives them `config.write` there [policy.yaml:1]");
    // Nothing lives there yet, but the file reaches whatever will.
    assert_snapshot!(of("main"), @"permission-missing: ann may not change `http.port`: nothing gives them `config.write` there [policy.yaml:1]");
}

#[test]
fn without_a_manifest_every_document_is_governed() {
    let shop = History::new();
    shop.git(&["rm", "-q", "strata.yaml"]);
    shop.by("kim", "no manifest");
    shop.git(&["tag", "-f", "base"]);
    shop.write("config/base.yaml", BASE.replace("80", "81"));
    shop.write("README.md", "# Our shop\n");
    shop.by("ann", "port");
    assert_snapshot!(shop.found(), @"permission-missing: ann may not change `http.port`: nothing gives them `config.write` there [policy.yaml:1]");
}
