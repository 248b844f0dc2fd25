//! What a merge brought, and what whoever merged did beside.

use insta::assert_snapshot;

use super::history::{BASE, History, MANIFEST, said};
use crate::ops::policy::Asked;

/// A branch on which somebody changed the port of prod.
fn branched(who: &str) -> History {
    let shop = History::new();
    shop.switch("side", "base");
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: prod.shop, port: 8080 }\n",
    );
    shop.by(who, "port of prod");
    shop.switch("main", "base");
    shop.write(
        "config/environments/dev.yaml",
        "http: { host: dev2.shop }\n",
    );
    shop.by("ann", "host of dev");
    shop
}

#[test]
fn a_merge_answers_for_itself_and_what_it_brings_for_itself() {
    let shop = branched("oli");
    shop.merge(Some("oli"), &["side"], || {});
    assert_snapshot!(shop.found(), @"");
}

#[test]
fn what_was_not_permitted_is_not_by_a_merge() {
    let shop = branched("ann");
    shop.merge(Some("oli"), &["side"], || {});
    assert_snapshot!(shop.found(), @"permission-missing: ann may not change `http.port` in prod: nothing gives them `config.write` there [policy.yaml:1]");
}

#[test]
fn whoever_merges_needs_to_be_allowed_to() {
    let shop = branched("oli");
    shop.merge(Some("ann"), &["side"], || {});
    assert_snapshot!(shop.found(), @"permission-missing: ann may not merge what it brings in prod: nothing gives them `land` there [policy.yaml:1]");
}

#[test]
fn an_unsigned_merge_is_nobodys() {
    let shop = branched("oli");
    shop.merge(None, &["side"], || {});
    assert_snapshot!(shop.found(), @"permission-missing: nobody (the commit is not signed) may not merge what it brings in prod: nothing gives them `land` there [policy.yaml:1]");
}

#[test]
fn an_evil_merge_puts_in_what_neither_parent_has() {
    let shop = branched("oli");
    shop.merge(Some("oli"), &["side"], || {
        shop.write("policy.yaml", "policy: 1\n");
        shop.write("config/services/cart/base.yaml", "cart: { size: 6 }\n");
    });
    assert_snapshot!(shop.found(), @"permission-missing: oli may not change `policy.yaml`: nothing gives them `policy.admin` there [policy.yaml:1]");
}

#[test]
fn a_merge_that_takes_back_what_the_branch_had_is_told() {
    let shop = History::new();
    shop.switch("side", "base");
    shop.write("README.md", "# Side\n");
    shop.by("ann", "nothing much");
    shop.switch("main", "base");
    shop.write(
        "policy.yaml",
        format!("# stricter\n{}", super::history::POLICY),
    );
    shop.write("config/base.yaml", BASE.replace("80", "81"));
    shop.by("kim", "stricter");
    // All files as the other side has them: the policy of before, and the port.
    shop.merge(Some("oli"), &["side"], || {
        drop(shop.git(&["checkout", "side", "--", "policy.yaml", "config/base.yaml"]));
    });
    assert_snapshot!(shop.found(), @"permission-missing: oli may not change `policy.yaml`: nothing gives them `policy.admin` there [policy.yaml:1]");
}

#[test]
fn a_change_that_was_taken_back_on_the_side_carries_no_rollback() {
    let shop = History::new();
    shop.switch("side", "base");
    shop.write("config/environments/dev.yaml", "http: { host: a }\n");
    shop.by("ann", "there");
    shop.write("config/environments/dev.yaml", "http: { host: dev.shop }\n");
    shop.by("ann", "and back");
    shop.switch("main", "base");
    shop.write("config/environments/dev.yaml", "http: { host: new }\n");
    shop.by("ann", "new");
    shop.write(
        "policy.yaml",
        super::history::POLICY.replace("land", "approve"),
    );
    shop.by("kim", "oli may not merge");
    shop.merge(Some("dan"), &["side"], || {
        drop(shop.git(&["checkout", "side", "--", "config/environments/dev.yaml"]));
    });
    assert_snapshot!(shop.found(), @"
    permission-missing: dan may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]
    permission-missing: dan may not merge what it brings in dev: nothing gives them `land` there [policy.yaml:1]
    ");
}

#[test]
fn the_ours_merge_on_the_side_is_found_where_it_lands() {
    let shop = History::new();
    shop.switch("side", "base");
    shop.write("README.md", "# Side\n");
    shop.by("ann", "nothing much");
    shop.switch("main", "base");
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: new.shop }\n",
    );
    shop.by("oli", "host of prod");
    shop.switch("side", "side");
    shop.merge(Some("ann"), &["main"], || {
        drop(shop.git(&["checkout", "base", "--", "config/environments/prod.yaml"]));
    });
    shop.switch("main", "main");
    shop.merge(Some("ann"), &["side"], || {
        drop(shop.git(&["checkout", "side", "--", "config/environments/prod.yaml"]));
    });
    assert_snapshot!(shop.found(), @"
    permission-missing: ann may not change `http.host` in prod: nothing gives them `config.write` there [policy.yaml:1]
    permission-missing: ann may not merge what it brings in prod: nothing gives them `land` there [policy.yaml:1]
    ");
}

#[test]
fn an_octopus_is_judged_leg_by_leg() {
    let shop = History::new();
    for (who, env) in [("ann", "dev"), ("oli", "prod"), ("ann", "staging")] {
        shop.switch(env, "base");
        shop.write(
            &format!("config/environments/{env}.yaml"),
            format!("http: {{ host: {env}2 }}\n"),
        );
        shop.by(who, env);
    }
    shop.switch("main", "base");
    shop.merge(Some("oli"), &["dev", "prod", "staging"], || {});
    assert_snapshot!(shop.found(), @"");
}

#[test]
fn an_unrelated_history_is_judged_from_its_beginning() {
    let shop = History::new();
    shop.git(&["switch", "-q", "--orphan", "other"]);
    shop.git(&["rm", "-rfq", "--ignore-unmatch", "."]);
    shop.write(
        "config/environments/staging.yaml",
        "http: { host: theirs }\n",
    );
    shop.write("strata.yaml", MANIFEST);
    let tree = {
        shop.git(&["add", "-A"]);
        shop.git(&["write-tree"])
    };
    let root = shop
        .scratch
        .commit_tree(&tree, &[], "another root", |_| None);
    shop.git(&["update-ref", "refs/heads/other", &root.to_string()]);
    shop.git(&["switch", "-q", "-f", "main"]);
    shop.merge(Some("kim"), &["other"], || {});
    assert_snapshot!(shop.found(), @"
    permission-missing: nobody (the commit is not signed) may not change `http.host` in staging: nothing gives them `config.write` there [policy.yaml:1]
    permission-missing: nobody (the commit is not signed) may not change `strata.yaml`: nothing gives them `schema.write` there [policy.yaml:1]
    ");
}

#[test]
fn a_branch_that_was_taken_back_is_refused() {
    let shop = History::new();
    shop.write("config/environments/dev.yaml", "http: { host: a }\n");
    shop.by("ann", "one");
    shop.git(&["tag", "was"]);
    shop.git(&["reset", "-q", "--hard", "base"]);
    shop.write("config/environments/dev.yaml", "http: { host: b }\n");
    shop.by("ann", "another");
    assert_snapshot!(super::history::said(&shop.report(&shop.asked("was")).findings), @"history-rewritten: the branch does not go on from 84de578665a4: commits were taken back, or it was put upon another history");
}

/// A branch on which somebody changes a host of dev, and which takes up what was done meanwhile.
fn took_up(who: &str, meddle: impl FnOnce(&History)) -> History {
    let shop = History::new();
    shop.switch("feature", "base");
    shop.write(
        "config/environments/dev.yaml",
        "http: { host: feature.shop }\n",
    );
    shop.by("ann", "host");
    shop.switch("main", "base");
    shop.write("config/services/cart/base.yaml", "cart: { size: 6 }\n");
    shop.by("oli", "size");
    shop.git(&["tag", "-f", "base"]);
    shop.git(&["switch", "-q", "feature"]);
    shop.merge(Some(who), &["main"], || meddle(&shop));
    shop
}

#[test]
fn a_branch_that_took_up_the_other_is_judged_as_the_merge_that_it_may_become() {
    let proposed = |shop: &History| {
        let asked = Asked {
            is_proposal: true,
            ..shop.asked("base")
        };
        shop.report(&asked)
    };
    let shop = took_up("ann", |_| {});
    let report = proposed(&shop);
    assert_eq!(said(&report.findings), "");
    let parts: Vec<_> = report.body.steps[0]
        .parts
        .iter()
        .map(|it| it.title.as_str())
        .collect();
    assert_eq!(parts, ["host", "merge"]);
    // It cannot become the branch itself, whose steps were others.
    assert_snapshot!(shop.found(), @"history-rewritten: the branch does not go on from 03bd9eac643b: commits were taken back, or it was put upon another history");
    // What a merge on the side puts in is its maker's.
    let evil = took_up("ann", |shop| {
        shop.write(
            "config/environments/prod.yaml",
            "http: { host: evil.shop }\n",
        );
    });
    assert_snapshot!(said(&proposed(&evil).findings), @"permission-missing: ann may not change `http.host` in prod: nothing gives them `config.write` there [policy.yaml:1]");
    let rolled = took_up("ann", |shop| {
        shop.write("config/services/cart/base.yaml", "cart: { size: 5 }\n");
    });
    assert_snapshot!(said(&proposed(&rolled).findings), @"permission-missing: ann may not change `cart.size` in prod: nothing gives them `config.write` there [policy.yaml:1]");
    // Statements name it by its content, however it came to be.
    let change = proposed(&shop).body.change;
    shop.git(&["reset", "-q", "--hard", "base"]);
    shop.write(
        "config/environments/dev.yaml",
        "http: { host: feature.shop }\n",
    );
    shop.by("ann", "squashed");
    assert_eq!(shop.report(&shop.asked("base")).body.change, change);
}
