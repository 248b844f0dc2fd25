//! Who must agree, and what keeps a statement from counting.

use insta::assert_snapshot;

use super::history::{BASE, History, NAMESPACE, POLICY, said, sign};
use crate::ops::policy::Says;

/// The fee of prod changes, by an operator who may.
fn fee() -> History {
    let shop = History::new();
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: prod.shop }\npayments: { fee: 2 }\n",
    );
    shop.by("oli", "fee");
    shop
}

/// What is said once these agreed, each in their own way.
fn after(agree: impl FnOnce(&History)) -> String {
    let shop = fee();
    agree(&shop);
    shop.by("dan", "statements");
    shop.found()
}

#[test]
fn a_change_waits_until_enough_agreed() {
    let shop = fee();
    assert_snapshot!(shop.found(), @"approval-missing: `payments.fee` in prod changes, and 0 of 2 who must agree did [policy.yaml:16]");
    shop.agree("lea", |_| {});
    shop.by("lea", "agree");
    assert_snapshot!(shop.found(), @"approval-missing: `payments.fee` in prod changes, and 1 of 2 who must agree did [policy.yaml:16]");
    shop.agree("max", |_| {});
    shop.by("max", "agree, too");
    assert_eq!(shop.found(), "");
}

#[test]
fn statements_survive_that_a_change_is_squashed_and_put_upon_another_commit() {
    let shop = fee();
    shop.agree("lea", |_| {});
    shop.agree("max", |_| {});
    shop.by("oli", "statements");
    let statements = shop.git(&["rev-parse", "HEAD:approvals"]);
    shop.git(&["reset", "-q", "--hard", "base"]);
    // Something else lands first.
    shop.write("config/environments/dev.yaml", "http: { host: dev2 }\n");
    shop.by("ann", "meanwhile");
    shop.git(&["tag", "meanwhile"]);
    shop.git(&["read-tree", "--prefix=approvals/", "-u", &statements]);
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: prod.shop }\npayments: { fee: 2 }\n",
    );
    shop.by("oli", "squashed");
    assert_eq!(said(&shop.report(&shop.asked("meanwhile")).findings), "");
}

#[test]
fn a_statement_serves_nowhere_else() {
    let reason = |alter: fn(&mut crate::ops::policy::Statement)| {
        let shop = fee();
        shop.agree("lea", |_| {});
        shop.agree("max", alter);
        shop.by("dan", "statements");
        let report = shop.report(&shop.asked("base"));
        let step = report.body.steps.first().unwrap();
        let agreement = step.agreements.first().unwrap();
        assert!(!agreement.is_met);
        let reasons = agreement.heard.iter().filter_map(|it| it.reason.clone());
        reasons.collect::<Vec<_>>().join("; ")
    };
    assert_snapshot!(reason(|it| it.repository = "other".to_owned()), @"it is about the repository `other`");
    assert_snapshot!(reason(|it| it.reference = "refs/heads/dev".to_owned()), @"it is about `refs/heads/dev`");
    assert_snapshot!(reason(|it| it.policy = "0".repeat(40)), @"the policy is another one than it was given under");
    assert_snapshot!(reason(|it| it.base = "0".repeat(40)), @"the commit 000000000000 that it was given upon is not on the branch");
    assert_snapshot!(reason(|it| it.expires = Some("2026-05-31".to_owned())), @"it counted until 2026-05-31");
    assert_snapshot!(reason(|it| it.expires = Some("soon".to_owned())), @"its last day is no day");
    // Its folder is that of the other change, where nobody looks.
    assert_snapshot!(reason(|it| it.change = "0".repeat(64)), @"");
}

#[test]
fn who_made_the_change_does_not_agree_to_it() {
    let found = after(|shop| {
        shop.agree("lea", |_| {});
        shop.agree("oli", |_| {});
    });
    assert_snapshot!(found, @"approval-missing: `payments.fee` in prod changes, and 1 of 2 who must agree did [policy.yaml:16]");
}

#[test]
fn who_may_not_approve_is_not_counted() {
    let found = after(|shop| {
        shop.agree("lea", |_| {});
        shop.agree("kim", |_| {});
    });
    assert_snapshot!(found, @"approval-missing: `payments.fee` in prod changes, and 1 of 2 who must agree did [policy.yaml:16]");
}

#[test]
fn a_statement_that_is_taken_back_counts_no_longer() {
    let shop = fee();
    shop.agree("lea", |_| {});
    shop.agree("max", |_| {});
    shop.by("dan", "statements");
    shop.agree("max", |it| it.decision = Says::Withdraw);
    shop.by("max", "not any more");
    let report = shop.report(&shop.asked("base"));
    assert_snapshot!(report.findings[0].help.clone().unwrap(), @"nobody else has the role `lead` there; that of max does not count: they took it back");
}

#[test]
fn a_signature_of_another_kind_or_place_does_not_count() {
    let shop = fee();
    let statement = shop.statement(|_| {});
    shop.put("lea", &statement, &sign("lea", "git", &statement.payload()));
    // The signature of one, under the name of another.
    shop.put(
        "max",
        &statement,
        &sign("lea", NAMESPACE, &statement.payload()),
    );
    shop.put("oli", &statement, "no signature");
    shop.by("dan", "statements");
    let report = shop.report(&shop.asked("base"));
    assert_snapshot!(report.findings[0].help.clone().unwrap(), @"who has the role `lead` can agree: lea, max; that of nobody known does not count: its signature does not count: it is no SSH signature, and no other kind counts; that of lea does not count: it stands under another name than its own; that of nobody known does not count: its signature does not count: it was made for another purpose");
}

#[test]
fn one_person_with_two_keys_agrees_once() {
    let shop = History::new();
    let list = format!(
        "{}lea {}",
        super::history::line("max").replace("max ", "lea "),
        super::history::line("lea").trim_start_matches("lea ")
    );
    let list = ["ann", "oli", "kim", "dan"]
        .map(super::history::line)
        .concat()
        + &list;
    shop.write("allowed_signers", list);
    shop.by("kim", "lea has two keys");
    shop.git(&["tag", "-f", "base"]);
    shop.write(
        "config/environments/prod.yaml",
        "payments: { fee: 2 }\nhttp: { host: prod.shop }\n",
    );
    shop.by("oli", "fee");
    shop.agree("lea", |_| {});
    shop.agree("max", |_| {});
    shop.by("dan", "statements");
    assert_snapshot!(shop.found(), @"approval-missing: `payments.fee` in prod changes, and 1 of 2 who must agree did [policy.yaml:16]");
}

#[test]
fn a_statement_does_not_serve_again_after_its_change_was_taken_back() {
    let shop = fee();
    shop.agree("lea", |_| {});
    shop.agree("max", |_| {});
    shop.by("dan", "statements");
    assert_eq!(shop.found(), "");
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: prod.shop }\n",
    );
    shop.by("oli", "back");
    shop.git(&["tag", "back"]);
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: prod.shop }\npayments: { fee: 2 }\n",
    );
    shop.by("oli", "fee again");
    let report = shop.report(&shop.asked("back"));
    assert_snapshot!(said(&report.findings), @"approval-missing: `payments.fee` in prod changes, and 0 of 2 who must agree did [policy.yaml:16]");
    assert_snapshot!(report.findings[0].help.clone().unwrap(), @"who has the role `lead` can agree: lea, max; that of max does not count: `config/environments/prod.yaml` changed since; that of lea does not count: `config/environments/prod.yaml` changed since");
}

#[test]
fn a_statement_does_not_outlive_the_policy() {
    let shop = History::new();
    shop.write("policy.yaml", POLICY.replace("needed: 2", "needed: 1"));
    shop.by("kim", "fewer");
    shop.git(&["tag", "fewer"]);
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: prod.shop }\npayments: { fee: 2 }\n",
    );
    shop.by("oli", "fee");
    let change = shop.report(&shop.asked("fewer")).body.change.unwrap();
    // Given under the policy of before.
    shop.agree("lea", |it| it.change = change);
    shop.by("dan", "statement");
    let report = shop.report(&shop.asked("fewer"));
    assert_snapshot!(report.findings[0].help.clone().unwrap(), @"who has the role `lead` can agree: lea, max; that of lea does not count: the policy is another one than it was given under");
}

#[test]
fn statements_are_added_by_anybody_and_changed_by_nobody_else() {
    let shop = fee();
    shop.agree("lea", |_| {});
    shop.unsigned("statement");
    shop.git(&["tag", "-f", "base"]);
    let file = shop.git(&["ls-files", "approvals"]);
    shop.write(&file, "{}");
    shop.by("oli", "spoil");
    shop.git(&["rm", "-q", &file]);
    shop.by("oli", "remove");
    assert_snapshot!(shop.found(), @"
    permission-missing: oli may not change `approvals/f8616709d7253c28cd1ee8e27bafa235d5cf217658781e7038a50188d2a3d98d/zbv_nU7iZdO0fB0DalMI70dP6_yFD8sctXvvW4-OokY.json`: nothing gives them `policy.admin` there [policy.yaml:1]
    permission-missing: oli may not change `approvals/f8616709d7253c28cd1ee8e27bafa235d5cf217658781e7038a50188d2a3d98d/zbv_nU7iZdO0fB0DalMI70dP6_yFD8sctXvvW4-OokY.json`: nothing gives them `policy.admin` there [policy.yaml:1]
    ");
}

#[test]
fn other_sections_and_environments_ask_nobody() {
    let shop = History::new();
    shop.write(
        "config/environments/dev.yaml",
        "http: { host: dev.shop }\npayments: { fee: 9 }\n",
    );
    shop.by("oli", "fee of dev");
    assert_eq!(shop.found(), "");
    shop.write("config/base.yaml", BASE.replace("fee: 1", "fee: 3"));
    shop.by("oli", "fee of all");
    assert_snapshot!(shop.found(), @"approval-missing: `payments.fee` in prod changes, and 0 of 2 who must agree did [policy.yaml:16]");
}

/// The statement as somebody would make it, signed.
fn spoken(shop: &History, who: &str, says: Says) -> crate::ops::policy::Approval {
    let repo = shop.scratch.repo();
    let here = crate::config::Snapshot::of_work_tree(&repo).unwrap();
    let statement = crate::ops::policy::state(&repo, &here, &shop.asked("base"), says, None);
    let statement = statement.unwrap();
    crate::ops::policy::Approval {
        signature: sign(who, NAMESPACE, &statement.payload()),
        statement,
    }
}

#[test]
fn what_is_stated_is_what_the_check_hears() {
    let shop = fee();
    let approval = spoken(&shop, "lea", Says::Approve);
    assert_eq!(approval.statement, shop.statement(|_| {}));
    let repo = shop.scratch.repo();
    let here = crate::config::Snapshot::of_work_tree(&repo).unwrap();
    let stated = |approval: &crate::ops::policy::Approval| {
        crate::ops::policy::stated(&repo, &here, &shop.asked("base"), approval)
    };
    let report = stated(&approval).unwrap();
    assert_eq!(report.body.by.as_deref(), Some("lea"));
    assert_eq!(report.body.waiting[0].agreement.given, ["lea"]);
    assert_eq!(report.body.waiting[0].agreement.could, ["max"]);
    let why = |who: &str| {
        let error = stated(&spoken(&shop, who, Says::Approve)).unwrap_err();
        error.to_string()
    };
    assert_snapshot!(why("oli"), @"the statement of oli would not count: they made the change themselves");
    assert_snapshot!(why("ann"), @"the agreement of ann is not asked for: that of lead is");
    assert_snapshot!(why("zoe"), @"the statement of nobody known would not count: its signature does not count: nobody is listed with its key");
    let back = stated(&spoken(&shop, "lea", Says::Withdraw)).unwrap();
    assert_eq!(back.body.waiting[0].agreement.could, ["max"]);
}

#[test]
fn a_later_statement_stands_beside_an_earlier_one_that_no_longer_counts() {
    let shop = fee();
    shop.agree("lea", |it| it.expires = Some("2026-05-31".to_owned()));
    shop.agree("max", |_| {});
    shop.by("dan", "statements");
    let approval = spoken(&shop, "lea", Says::Approve);
    let here = crate::config::Snapshot::of_work_tree(&shop.scratch.repo()).unwrap();
    let first = approval.file().unwrap();
    let file = crate::ops::policy::place(&here, &approval).unwrap();
    assert_eq!(file, first.replace(".json", ".2.json"));
    shop.write(&file, approval.text());
    shop.by("lea", "again");
    assert_eq!(shop.found(), "");
    // Under any other name it is not heard.
    let key = super::history::fingerprint("lea");
    let is_at = |file: &str| approval.statement.is_at(&key, file);
    assert!(is_at(&first) && is_at(&file));
    for end in [
        ".1.json",
        ".x.json",
        ".withdrawn.json",
        "2.json",
        ".2.3.json",
        "",
    ] {
        assert!(!is_at(&first.replace(".json", end)), "{end}");
    }
}

#[test]
fn nobody_agrees_to_what_nobody_known_made() {
    let policy = format!("{POLICY}protect:\n  - environments: [dev]\n");
    let shop = History::with(&policy);
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: prod.shop }\npayments: { fee: 2 }\n",
    );
    // Nothing protects it, so that anybody may; but who did may agree to it.
    shop.unsigned("fee");
    shop.agree("lea", |_| {});
    shop.agree("max", |_| {});
    shop.by("dan", "statements");
    let report = shop.report(&shop.asked("base"));
    assert_snapshot!(report.findings[0].help.clone().unwrap(), @"who has the role `lead` can agree: lea, max, oli; that of max does not count: nobody knows who made the change; that of lea does not count: nobody knows who made the change");
}

#[test]
fn a_merge_as_such_can_need_agreement() {
    let policy = POLICY.replace(
        "approvals:\n",
        "approvals:\n  - { verbs: [land], needed: 1, from: lead }\n",
    );
    let shop = History::with(&policy);
    shop.switch("side", "base");
    shop.write(
        "config/environments/dev.yaml",
        "http: { host: side.shop }\n",
    );
    shop.by("ann", "host");
    shop.switch("main", "base");
    shop.merge(Some("kim"), &["side"], || {});
    assert_snapshot!(shop.found(), @"approval-missing: what it brings in dev changes, and 0 of 1 who must agree did [policy.yaml:16]");
    shop.agree("lea", |_| {});
    shop.by("lea", "agree");
    assert_eq!(shop.found(), "");
}

#[test]
fn what_stands_beside_statements_is_part_of_the_change() {
    let shop = fee();
    shop.agree("lea", |_| {});
    shop.agree("max", |_| {});
    shop.by("dan", "statements");
    assert_eq!(shop.found(), "");
    for path in [
        "approvals/extra.json",
        "approvals/x/y.json",
        "approvals/deep/er/z.json",
    ] {
        shop.write(path, "{\"fee\": 666}\n");
        shop.by("oli", "more");
        let whole = shop.report(&shop.asked("base")).body.change;
        assert_ne!(
            whole,
            shop.report(&shop.asked("base")).body.steps[0].change,
            "{path}"
        );
        shop.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
    // A layer may not stand where a statement does, where nobody would see it.
    let place = format!("approvals/{}/extra.json", "0".repeat(64));
    shop.write(
        "strata.yaml",
        super::history::MANIFEST.replace("layers:\n", &format!("layers:\n  - {place}\n")),
    );
    shop.write(&place, "{\"fee\": 666}\n");
    shop.by("kim", "layer");
    assert!(
        shop.found().contains("policy-invalid: `approvals/000"),
        "{}",
        shop.found()
    );
}

#[test]
fn a_key_that_is_over_does_not_agree_to_what_says_it_is_older() {
    let shop = History::new();
    let lea = super::history::line("lea").replacen("lea ", "lea valid-before=\"20230101Z\" ", 1);
    let others = ["oli", "max", "kim", "dan"]
        .map(super::history::line)
        .concat();
    shop.write("allowed_signers", lea + &others);
    shop.by("kim", "lea until 2023");
    shop.git(&["tag", "-f", "base"]);
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: prod.shop }\npayments: { fee: 2 }\n",
    );
    super::attacks::at_moment(&shop, "oli", 1_577_836_800);
    shop.agree("lea", |_| {});
    shop.agree("max", |_| {});
    shop.by("dan", "statements");
    let report = shop.report(&shop.asked("base"));
    assert_snapshot!(report.findings[0].help.clone().unwrap(), @"who has the role `lead` can agree: lea; that of lea does not count: its signature does not count: its key did not count at that moment");
}
