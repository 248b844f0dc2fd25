//! Ways to get around the rules, each of which is found.

use std::os::unix::fs::symlink;

use insta::assert_snapshot;

use super::history::{BASE, History, POLICY, line, said, sign};
use crate::ops::trust::Root;
use crate::sign::GIT;

#[test]
fn a_policy_is_judged_by_the_one_before() {
    let shop = History::new();
    shop.write(
        "policy.yaml",
        POLICY.replace(", environments: [dev, staging] }", " }"),
    );
    shop.write("config/environments/prod.yaml", "http: { host: evil }\n");
    shop.by("ann", "give me prod, and take it");
    assert_snapshot!(shop.found(), @"
    permission-missing: ann may not change `http.host` in prod: nothing gives them `config.write` there [policy.yaml:1]
    permission-missing: ann may not change `policy.yaml`: nothing gives them `policy.admin` there [policy.yaml:1]
    ");
}

#[test]
fn a_policy_that_goes_away_or_comes_back_is_judged_by_the_one_before() {
    let shop = History::new();
    shop.git(&["rm", "-q", "policy.yaml"]);
    shop.by("oli", "no rules");
    shop.write("config/environments/prod.yaml", "http: { host: evil }\n");
    shop.unsigned("free for all");
    shop.write("policy.yaml", POLICY);
    shop.unsigned("as if nothing had been");
    assert_snapshot!(shop.found(), @"permission-missing: oli may not change `policy.yaml`: nothing gives them `policy.admin` there [policy.yaml:1]");
}

#[test]
fn nobody_puts_themselves_on_the_list_of_signers() {
    let shop = History::new();
    shop.write(
        "allowed_signers",
        format!(
            "{}kim {}",
            line("kim"),
            line("ann").trim_start_matches("ann ")
        ),
    );
    shop.by("ann", "I am kim now");
    assert_snapshot!(shop.found(), @"permission-missing: ann may not change `allowed_signers`: nothing gives them `policy.admin` there [policy.yaml:1]");
}

#[test]
fn a_key_that_was_taken_from_the_list_signs_no_more_whatever_the_date() {
    let shop = History::new();
    let list = ["oli", "lea", "max", "kim"].map(line).concat();
    shop.write("allowed_signers", list);
    shop.by("kim", "ann has left");
    shop.git(&["tag", "-f", "base"]);
    shop.write("config/environments/dev.yaml", "http: { host: a }\n");
    shop.commit("back in time", |payload| {
        // The time is in what is signed, and is whatever its maker says.
        Some(sign("ann", GIT, payload))
    });
    assert_snapshot!(shop.found(), @"permission-missing: nobody (the signature does not count: nobody is listed with its key) may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]");
}

#[test]
fn a_key_that_was_revoked_counts_nowhere() {
    let shop = History::new();
    shop.write("config/environments/dev.yaml", "http: { host: a }\n");
    shop.by("ann", "before");
    shop.write("revoked_signers", line("ann").trim_start_matches("ann "));
    shop.by("kim", "ann lost her key");
    assert_snapshot!(shop.found(), @"permission-missing: nobody (the signature does not count: its key is revoked) may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]");
}

#[test]
fn a_signature_of_another_commit_purpose_or_person_is_nobodys() {
    let shop = History::new();
    let change = |to: &str| {
        shop.write(
            "config/environments/dev.yaml",
            format!("http: {{ host: {to} }}\n"),
        )
    };
    change("a");
    shop.unsigned("not signed");
    change("b");
    shop.commit("other purpose", |payload| {
        Some(sign("ann", "file", payload))
    });
    change("c");
    shop.commit("other commit", |_| Some(sign("ann", GIT, b"other")));
    change("d");
    shop.by("stranger", "not listed");
    change("e");
    shop.commit("doubled", |payload| {
        let one = sign("ann", GIT, payload);
        let two = one.trim_end().replace('\n', "\n ");
        Some(format!("{two}\ngpgsig {one}").replace("\n ", "\n"))
    });
    assert_snapshot!(shop.found(), @"
    permission-missing: nobody (the commit is not signed) may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]
    permission-missing: nobody (the signature does not count: it holds more than one signature) may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]
    permission-missing: nobody (the signature does not count: it is not of what is signed here) may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]
    permission-missing: nobody (the signature does not count: it was made for another purpose) may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]
    permission-missing: nobody (the signature does not count: nobody is listed with its key) may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]
    ");
}

#[test]
fn names_that_file_systems_take_for_others_need_the_widest_right() {
    for path in [
        "Policy.yaml",
        "policy.yaml.",
        "policy.yaml ",
        "POLICY.YAML::$DATA",
        "ALLOWED_SIGNERS",
        "Config/environments/prod.yaml",
        "config/environments/PROD.yaml",
        "config\\base.yaml",
        "pol\u{200c}icy.yaml",
    ] {
        let shop = History::new();
        shop.write(path, "http: { host: evil }\n");
        shop.by("oli", "a twin");
        let found = shop.found();
        assert!(found.contains("`policy.admin`"), "{path}: {found}");
    }
    let shop = History::new();
    shop.write("notes/Policy.yaml", "a: 1\n");
    shop.by("oli", "elsewhere it is only a name");
    assert_eq!(shop.found(), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_needs_the_widest_right() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let shop = History::new();
    let name = OsStr::from_bytes(b"config/environments/\xff.yaml");
    std::fs::write(shop.scratch.path().join(name), "a: 1\n").unwrap();
    shop.by("oli", "odd");
    assert_snapshot!(shop.found(), @"permission-missing: oli may not change `config/environments/�.yaml` (its name is no text): nothing gives them `policy.admin` there [policy.yaml:1]");
}

#[test]
fn a_link_a_submodule_and_another_mode_need_the_widest_right() {
    let shop = History::new();
    std::fs::remove_file(shop.scratch.path().join("config/environments/prod.yaml")).unwrap();
    symlink(
        "dev.yaml",
        shop.scratch.path().join("config/environments/prod.yaml"),
    )
    .unwrap();
    shop.by("oli", "prod is dev");
    assert_snapshot!(shop.found(), @"permission-missing: oli may not change `config/environments/prod.yaml` (it is, or was, no plain file): nothing gives them `policy.admin` there [policy.yaml:1]");
    shop.git(&["reset", "-q", "--hard", "base"]);
    shop.git(&["rm", "-rq", "config"]);
    symlink("elsewhere", shop.scratch.path().join("config")).unwrap();
    shop.by("kim", "all of it is elsewhere");
    shop.git(&["tag", "-f", "link"]);
    shop.write("elsewhere/base.yaml", BASE);
    shop.write("elsewhere/base.yaml", BASE.replace("80", "81"));
    shop.by("ann", "and another value there");
    assert_snapshot!(said(&shop.report(&shop.asked("link")).findings), @"
    approval-missing: `payments.fee` in prod changes, and 0 of 2 who must agree did [policy.yaml:16]
    permission-missing: ann may not change `http.host`, `http.port`, `payments.fee` in prod: nothing gives them `config.write` there [policy.yaml:1]
    ");
    shop.git(&["reset", "-q", "--hard", "base"]);
    shop.git(&["update-index", "--chmod=+x", "config/base.yaml"]);
    shop.commit_index("run it", |payload| Some(sign("oli", GIT, payload)));
    assert_snapshot!(shop.found(), @"permission-missing: oli may not change `config/base.yaml` (it is, or was, no plain file): nothing gives them `policy.admin` there [policy.yaml:1]");
    shop.git(&["reset", "-q", "--hard", "base"]);
    let module = format!("160000,{},config/services/evil", shop.scratch.id("base"));
    shop.git(&["update-index", "--add", "--cacheinfo", &module]);
    shop.commit_index("a service from elsewhere", |payload| {
        Some(sign("oli", GIT, payload))
    });
    assert_snapshot!(shop.found(), @"permission-missing: oli may not change `config/services/evil` (it is, or was, no plain file): nothing gives them `policy.admin` there [policy.yaml:1]");
}

#[test]
fn attributes_of_git_need_the_widest_right() {
    let shop = History::new();
    shop.write(".gitattributes", "*.yaml filter=evil\n");
    shop.write("config/.gitattributes", "* -diff\n");
    shop.by("oli", "attributes");
    assert_snapshot!(shop.found(), @"permission-missing: oli may not change `.gitattributes`, `config/.gitattributes`: nothing gives them `policy.admin` there [policy.yaml:1]");
}

#[test]
fn replacement_objects_are_not_looked_at() {
    let shop = History::new();
    shop.write("config/environments/prod.yaml", "http: { host: evil }\n");
    let evil = shop.by("ann", "evil").to_string();
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: prod.shop }\n",
    );
    shop.git(&["add", "-A"]);
    let tree = shop.git(&["write-tree"]);
    let good = shop
        .scratch
        .commit_tree(&tree, &[shop.scratch.id("base")], "good", |_| None);
    shop.git(&["reset", "-q", "--hard", &evil]);
    shop.git(&["replace", &evil, &good.to_string()]);
    let found = said(
        &shop
            .report(&crate::ops::policy::Asked {
                tip: crate::git::testing::oid(&evil),
                ..shop.asked("base")
            })
            .findings,
    );
    assert!(
        found.contains("ann may not change `http.host` in prod"),
        "{found}"
    );
}

#[test]
fn a_policy_that_is_a_link_or_a_bomb_allows_nothing() {
    let shop = History::new();
    std::fs::rename(
        shop.scratch.path().join("policy.yaml"),
        shop.scratch.path().join("other.yaml"),
    )
    .unwrap();
    symlink("other.yaml", shop.scratch.path().join("policy.yaml")).unwrap();
    shop.by("kim", "a link");
    shop.git(&["tag", "-f", "base"]);
    shop.write("config/environments/dev.yaml", "http: { host: a }\n");
    shop.by("kim", "host");
    assert_snapshot!(shop.found(), @"
    permission-missing: kim may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]
    policy-invalid: `policy.yaml` is no file, so nothing is allowed
    ");
    let mut bomb = "policy: 1\nx-a: &a [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
    for (letter, before) in ('b'..='i').zip('a'..='h') {
        let list = vec![format!("*{before}"); 10].join(",");
        bomb.push_str(&format!("x-{letter}: &{letter} [{list}]\n"));
    }
    let shop = History::with(&bomb);
    shop.write("config/environments/dev.yaml", "http: { host: a }\n");
    shop.by("kim", "host");
    let found = shop.found();
    assert!(found.contains("policy-invalid"), "{found}");
    assert!(found.contains("permission-missing"), "{found}");
}

#[test]
fn lists_from_elsewhere_and_an_anchor_can_be_trusted() {
    let shop = History::new();
    shop.write("config/environments/dev.yaml", "http: { host: a }\n");
    shop.by("ann", "host");
    let mut asked = shop.asked("base");
    asked.root = Root::Lists(crate::sign::Signers::default());
    assert_snapshot!(said(&shop.report(&asked).findings), @"permission-missing: nobody (the signature does not count: nobody is listed with its key) may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]");
    asked.root = Root::Anchor(shop.scratch.id("base"));
    assert_eq!(said(&shop.report(&asked).findings), "");
    // From the beginning: the first commit has no policy above it.
    asked.base = None;
    asked.root = Root::History;
    assert_eq!(said(&shop.report(&asked).findings), "");
}

/// Commits what is there as somebody, at a moment of their choice (seconds since 1970).
pub(super) fn at_moment(shop: &History, who: &str, moment: i64) {
    shop.unsigned("at another time");
    let object = shop.git(&["cat-file", "commit", "HEAD"]) + "\n";
    let lines = object
        .lines()
        .map(|line| match line.starts_with("committer ") {
            true => format!("committer Ada <ada@example.org> {moment} +0000\n"),
            false => format!("{line}\n"),
        });
    let object: String = lines.collect();
    shop.scratch.put_head("commit", &object);
    shop.scratch.sign_head(|payload| sign(who, GIT, payload));
}

#[test]
fn a_forged_date_brings_no_key_back() {
    let shop = History::new();
    let window = line("ann").replacen(
        "ann ",
        "ann valid-after=\"20200101Z\",valid-before=\"20210101Z\" ",
        1,
    );
    shop.write("allowed_signers", window + &line("kim"));
    shop.by("kim", "ann signed in 2020");
    shop.git(&["tag", "-f", "base"]);
    let host = |name: &str| {
        shop.write(
            "config/environments/dev.yaml",
            format!("http: {{ host: {name} }}\n"),
        )
    };
    // A window is held against what the commit itself says, as Git does.
    host("a");
    at_moment(&shop, "ann", 1_622_505_600);
    assert_snapshot!(shop.found(), @"permission-missing: nobody (the signature does not count: its key did not count at that moment) may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]");
    shop.git(&["reset", "-q", "--hard", "base"]);
    host("b");
    at_moment(&shop, "ann", 1_590_969_600);
    assert_eq!(shop.found(), "");
    // So a key is retired by taking it from the list: its position in the history counts, no date.
    shop.git(&["reset", "-q", "--hard", "base"]);
    shop.write("allowed_signers", line("kim"));
    shop.by("kim", "ann has left");
    shop.git(&["tag", "-f", "base"]);
    host("c");
    at_moment(&shop, "ann", 1_590_969_600);
    assert_snapshot!(shop.found(), @"permission-missing: nobody (the signature does not count: nobody is listed with its key) may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]");
    // And who is gone cannot sign for the day before they were taken from it, nor in the future.
    for moment in [0, 4_102_444_800] {
        shop.git(&["reset", "-q", "--hard", "base"]);
        host("d");
        at_moment(&shop, "ann", moment);
        assert!(
            shop.found().starts_with("permission-missing: nobody"),
            "{moment}"
        );
    }
}

#[test]
fn a_secret_that_is_copied_to_another_environment_needs_the_right_there() {
    const SECRET: &str = "ENC[age1,prod.1,YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==]";
    let shop = History::new();
    shop.write(
        "config/environments/prod.yaml",
        format!("http: {{ host: prod.shop, key: '{SECRET}' }}\n"),
    );
    shop.by("oli", "seal");
    shop.git(&["tag", "-f", "base"]);
    shop.write(
        "config/environments/dev.yaml",
        format!("http: {{ host: dev.shop, key: '{SECRET}' }}\n"),
    );
    shop.by("ann", "borrow");
    assert_snapshot!(shop.found(), @"permission-missing: ann may not change `http.key` in dev: nothing gives them `secret.write` there [policy.yaml:1]");
    // Replaced by plain text: both what was sealed and what is open.
    shop.git(&["reset", "-q", "--hard", "base"]);
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: prod.shop, key: open }\n",
    );
    shop.by("ann", "open");
    assert_snapshot!(shop.found(), @"
    permission-missing: ann may not change `http.key` in prod: nothing gives them `config.write` there [policy.yaml:1]
    permission-missing: ann may not change `http.key` in prod: nothing gives them `secret.write` there [policy.yaml:1]
    ");
}
