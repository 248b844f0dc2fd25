//! What an outside authority says of people.

use std::sync::{Arc, Mutex};

use insta::assert_snapshot;

use super::history::{BASE, History, POLICY, said};
use crate::ops::policy::{Asked, Authority};
use crate::report::Finding;
use crate::{Error, Result};

type Questions = Arc<Mutex<Vec<serde_json::Value>>>;

/// A policy that binds groups: kim, who starts the history, by name.
fn grouped() -> String {
    let policy = POLICY.replace(
        "{ who: [oli], role: operator }",
        "{ who: ['group:ops'], role: operator }",
    );
    let policy = policy.replace("[lea, max, oli]", "['group:leads']");
    policy.replace(
        "{ who: ['e*'], role: developer, sections: [payments], deny: true }",
        "{ who: ['group:guests'], role: operator, deny: true }",
    )
}

/// A shop with that policy, in which oli changed the fee of prod.
fn fee() -> History {
    let shop = History::with(&grouped());
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: prod.shop }\npayments: { fee: 2 }\n",
    );
    shop.by("oli", "fee");
    shop
}

fn asked(
    shop: &History,
    answer: impl Fn(&serde_json::Value) -> Result<String> + Send + Sync + 'static,
) -> (Asked, Questions) {
    let questions = Questions::default();
    let seen = Arc::clone(&questions);
    let authority = Authority(Arc::new(move |text| {
        let question = serde_json::from_str(text).unwrap();
        let answer = answer(&question);
        seen.lock().unwrap().push(question);
        answer
    }));
    let asked = Asked {
        authority: Some(authority),
        ..shop.asked("base")
    };
    (asked, questions)
}

/// Answers with the groups of each person.
fn groups(question: &serde_json::Value) -> Result<String> {
    let groups = match question["names"][0].as_str().unwrap() {
        "oli" => "\"ops\"",
        "lea" | "max" => "\"group:leads\"",
        _ => "",
    };
    Ok(format!(
        "{{\"strata-authority\": 1, \"groups\": [{groups}]}}"
    ))
}

fn found(
    shop: &History,
    answer: impl Fn(&serde_json::Value) -> Result<String> + Send + Sync + 'static,
) -> Vec<Finding> {
    shop.report(&asked(shop, answer).0).findings
}

#[test]
fn groups_count_where_the_policy_binds_them() {
    let shop = fee();
    assert_snapshot!(said(&found(&shop, groups)), @"approval-missing: `payments.fee` in prod changes, and 0 of 2 who must agree did [policy.yaml:16]");
    shop.agree("lea", |_| {});
    shop.agree("max", |_| {});
    shop.by("dan", "statements");
    let (asked, questions) = asked(&shop, groups);
    assert_eq!(said(&shop.report(&asked).findings), "");
    let questions = questions.lock().unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&questions[0]).unwrap(), @r#"
    {
      "strata-authority": 1,
      "repository": "shop-config",
      "ref": "refs/heads/main",
      "names": [
        "oli"
      ],
      "touches": [
        {
          "verb": "config.write",
          "environment": "prod",
          "key": "payments.fee",
          "file": "config/environments/prod.yaml"
        }
      ]
    }
    "#);
    let mut verbs: Vec<_> = questions
        .iter()
        .map(|it| {
            (
                it["names"][0].as_str().unwrap(),
                it["touches"][0]["verb"].as_str().unwrap(),
            )
        })
        .collect();
    verbs.sort_unstable();
    assert_eq!(
        verbs,
        [
            ("lea", "approve"),
            ("max", "approve"),
            ("oli", "config.write")
        ]
    );
}

#[test]
fn what_nobody_can_say_allows_nobody_and_denies_all() {
    let shop = fee();
    let report = shop.report(&shop.asked("base"));
    assert_snapshot!(said(&report.findings), @"
    approval-missing: `payments.fee` in prod changes, and 0 of 2 who must agree did [policy.yaml:16]
    permission-denied: oli may not change `payments.fee` in prod: `config.write` is denied [policy.yaml:14]
    ");
    let denied = report
        .findings
        .iter()
        .find(|it| it.rule.id == "permission-denied");
    assert_snapshot!(denied.unwrap().help.as_deref().unwrap(), @"who could: e*, group:ops, kim; who is in which group is not known (nobody was asked: `git config strata.authority COMMAND` names who knows)");
}

#[test]
fn a_group_that_is_denied_is_denied() {
    let shop = fee();
    let answer = |_: &serde_json::Value| {
        Ok("{\"strata-authority\": 1, \"groups\": [\"ops\", \"guests\"]}".to_owned())
    };
    assert_snapshot!(said(&found(&shop, answer)), @"
    approval-missing: `payments.fee` in prod changes, and 0 of 2 who must agree did [policy.yaml:16]
    permission-denied: oli may not change `payments.fee` in prod: `config.write` is denied [policy.yaml:14]
    ");
}

#[test]
fn what_is_allowed_here_may_be_refused_outside() {
    let shop = fee();
    let answer = |_: &serde_json::Value| {
        Ok("{\"strata-authority\": 1, \"groups\": [\"ops\"], \"refused\": [{\"touch\": 0, \"reason\": \"on leave\"}]}".to_owned())
    };
    assert_snapshot!(said(&found(&shop, answer)), @"
    approval-missing: `payments.fee` in prod changes, and 0 of 2 who must agree did [policy.yaml:16]
    permission-denied: oli may not change `payments.fee` in prod: the authority outside refuses it (on leave)
    ");
    // Whoever is refused does not agree either.
    shop.agree("lea", |_| {});
    shop.agree("max", |_| {});
    shop.by("dan", "statements");
    let answer = |question: &serde_json::Value| {
        match question["names"][0] == "lea" {
        true => Ok("{\"strata-authority\": 1, \"groups\": [\"leads\"], \"refused\": [{\"touch\": 0, \"reason\": \"on leave\"}]}".to_owned()),
        false => groups(question),
    }
    };
    assert_snapshot!(said(&found(&shop, answer)), @"approval-missing: `payments.fee` in prod changes, and 1 of 2 who must agree did [policy.yaml:16]");
}

#[test]
fn without_an_answer_nothing_that_is_protected_is_allowed() {
    for (answer, why) in [
        ("", "EOF"),
        ("[]", "invalid length"),
        ("{\"strata-authority\": 2}", "of version 2"),
        ("{\"strata-authority\": 1, \"grups\": []}", "unknown field"),
        (
            "{\"strata-authority\": 1, \"refused\": [{\"touch\": 7, \"reason\": \"\"}]}",
            "number 7",
        ),
        (
            "{\"strata-authority\": 1, \"groups\": \"ops\"}",
            "invalid type",
        ),
    ] {
        let shop = fee();
        let findings = found(&shop, move |_| Ok(answer.to_owned()));
        let rules: Vec<_> = findings.iter().map(|it| it.rule.id).collect();
        assert!(rules.contains(&"permission-missing"), "{rules:?}");
        let fault = findings
            .iter()
            .find(|it| it.rule.id == "authority-failed")
            .unwrap();
        assert!(fault.message.contains(why), "{}", fault.message);
    }
    let shop = fee();
    let findings = found(&shop, |_| {
        Err(Error::usage("it took longer than 1 seconds"))
    });
    assert_snapshot!(said(&findings), @"
    approval-missing: `payments.fee` in prod changes, and 0 of 2 who must agree did [policy.yaml:16]
    authority-failed: the authority that is configured did not answer: it took longer than 1 seconds
    permission-missing: oli may not change `payments.fee` in prod: nothing gives them `config.write` there [policy.yaml:1]
    ");
    // Who may by their own name may not either.
    shop.write("config/base.yaml", BASE.replace("80", "81"));
    shop.by("kim", "port");
    let findings = found(&shop, |_| Err(Error::usage("it is away")));
    let of_kim = findings.iter().filter(|it| it.message.starts_with("kim"));
    assert_eq!(of_kim.count(), 1);
}

#[test]
fn nobody_is_called_like_a_group() {
    let shop = History::with(&grouped());
    shop.write(
        "allowed_signers",
        super::history::line("eve").replacen("eve", "group:ops", 1) + &super::history::line("kim"),
    );
    shop.by("kim", "list");
    shop.git(&["tag", "-f", "base"]);
    shop.write(
        "config/environments/prod.yaml",
        "http: { host: eve.shop }\n",
    );
    shop.by("eve", "host");
    let report = shop.report(&asked(&shop, groups).0);
    assert_snapshot!(said(&report.findings), @"permission-missing: nobody (the commit is not signed) may not change `http.host` in prod: nothing gives them `config.write` there [policy.yaml:1]");
}
