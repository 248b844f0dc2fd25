//! What is written wrong allows nothing.

use insta::assert_snapshot;

use super::history::{History, POLICY};
use crate::config::ParsedFile;
use crate::ops::policy::{About, Policy, show};
use crate::report::View;

fn read(text: &str) -> Policy {
    Policy::of(&ParsedFile::of_bytes("policy.yaml", text.as_bytes()))
}

/// What is wrong with a policy, with the lines.
fn wrong(text: &str) -> String {
    let policy = read(text);
    assert_eq!(policy.is_sound(), policy.findings.is_empty());
    let line = |it: &crate::report::Finding| {
        assert_eq!(it.rule.id, "policy-invalid");
        let line = it.location.start().line;
        format!(
            "{line}: {} ({})",
            it.message,
            it.help.as_deref().unwrap_or_default()
        )
    };
    policy
        .findings
        .iter()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn policy_invalid() {
    assert_eq!(wrong(POLICY), "");
    assert_snapshot!(wrong("policy: 2\n"), @"1: `policy` names a version that this program does not know (write `policy: 1`, or use a newer `git strata`)");
    assert_snapshot!(wrong(""), @"1: the file must be a map of keys to values; it is a null ()");
    assert_snapshot!(wrong("- a\n"), @"1: the file must be a map of keys to values; it is a list ()");
    assert_snapshot!(wrong("policy: 1\n---\npolicy: 1\n"), @"1: the policy holds 2 documents, where one is meant ()");
    assert_snapshot!(wrong("policy: 1\npolicy: 1\n"), @"2: the key `policy` stands twice in the same map (remove one of the two; until then the last one counts)");
    assert_snapshot!(wrong("policy: 1\nroles: { dev: [config.wirte], ops: land }\n"), @"
    2: `config.wirte` is nothing that a role can hold (did you mean `config.write`?)
    2: a role is a list of what it may do (such as `[config.write]`)
    ");
    assert_snapshot!(wrong("policy: 1\nbinding: []\n"), @"2: nothing reads the key `binding` (did you mean `bindings`?)");
    assert_snapshot!(
        wrong("policy: 1\nroles: {dev: [land]}\nbindings:\n- {who: [a], role: deb}\n- {who: a, role: dev, denied: true}\n- {who: [], role: dev, deny: }\n- {role: dev, environments: [], files: ['{']}\n"),
        @"
    4: there is no role `deb` (did you mean `dev`?)
    5: `who` must be a list, one `- name` a line; it is a text ()
    5: nothing reads the key `denied` (known here are `who`, `role`, `environments`, `sections`, `files`, `deny`)
    6: `deny` is empty: nobody can tell what is meant (say it, or leave the key out)
    6: the key `who` is missing (add `who: [ann@shop.example]`)
    7: the key `who` is missing (add `who: [ann@shop.example]`)
    7: `environments` is empty: nobody can tell whether all or none is meant (leave it out where all is meant)
    7: `{` is no pattern of files (write one as in `config/**`)
    "
    );
    assert_snapshot!(
        wrong("policy: 1\nroles: {dev: [land]}\nprotect: []\napprovals:\n- {from: dev, needed: 0}\n- {from: dev, needed: 1.5}\n"),
        @"
    3: `protect` is empty: nobody can tell whether all or nothing is meant (leave it out to protect all configuration, or say what is protected)
    5: `needed` must be a number from 1 to 100 (such as `needed: 2`)
    5: `from` names a role that does not hold `approve` (add `approve` to the verbs of the role)
    6: `needed` must be a number from 1 to 100 (such as `needed: 2`)
    6: `from` names a role that does not hold `approve` (add `approve` to the verbs of the role)
    "
    );
    assert_snapshot!(wrong("policy: 1\nrepository: two words\n"), @"2: `repository` must be one word (such as `shop-config`)");
}

#[test]
fn a_policy_that_cannot_be_followed_stops_everybody() {
    let shop = History::with(&POLICY.replace("secret.write, land", "secret.wirte, land"));
    shop.write("config/environments/dev.yaml", "http: { host: a }\n");
    shop.by("kim", "host");
    assert_snapshot!(shop.found(), @"
    permission-missing: kim may not change `http.host` in dev: nothing gives them `config.write` there [policy.yaml:1]
    policy-invalid: `secret.wirte` is nothing that a role can hold
    ");
}

#[test]
fn a_policy_that_becomes_wrong_is_told_before_it_counts() {
    let shop = History::new();
    shop.write(
        "policy.yaml",
        POLICY.replace("environments: [prod]", "environments: [pord]"),
    );
    shop.by("kim", "a slip");
    assert_snapshot!(shop.found(), @"unknown-environment: there is no environment `pord`");
    shop.write("policy.yaml", POLICY.replace("from: lead", "from: leads"));
    shop.by("kim", "another");
    assert_snapshot!(shop.found(), @"policy-invalid: there is no role `leads`");
}

#[test]
fn policy_missing() {
    let shop = History::new();
    shop.git(&["rm", "-q", "policy.yaml"]);
    shop.by("kim", "no policy");
    shop.git(&["tag", "-f", "base"]);
    shop.write("config/base.yaml", "a: 1\n");
    shop.unsigned("anything");
    assert_snapshot!(shop.found(), @"policy-missing: there is no `policy.yaml` in force, so nothing is protected");
}

fn shown(about: &About) -> String {
    let shop = History::new();
    let repo = shop.scratch.repo();
    let tree = crate::config::Snapshot::of_work_tree(&repo).unwrap();
    let report = show(&tree, None, about).unwrap();
    format!("{:#?}", report.body.view())
}

#[test]
fn the_policy_tells_who_may_do_what() {
    let who = About {
        who: Some("eve".to_owned()),
        ..About::default()
    };
    assert_snapshot!(shown(&who), @r#"
    [
        Table {
            columns: [
                "who",
                "",
                "what",
                "of",
                "as",
            ],
            rows: [
                [
                    "e*",
                    "may not",
                    "config.write, template.write",
                    "payments",
                    "developer (line 14)",
                ],
                [
                    "e*",
                    "may",
                    "config.write, template.write",
                    "everything",
                    "developer (line 13)",
                ],
            ],
        },
        Table {
            columns: [
                "who must agree",
                "to",
                "of",
                "says",
            ],
            rows: [
                [
                    "2 with the role lead",
                    "config.write",
                    "payments in prod",
                    "line 16",
                ],
            ],
        },
    ]
    "#);
    let place = About {
        path: Some("payments.fee".parse().unwrap()),
        environment: Some("prod".to_owned()),
        ..About::default()
    };
    assert_snapshot!(shown(&place), @r#"
    [
        Table {
            columns: [
                "who",
                "",
                "what",
                "of",
                "as",
            ],
            rows: [
                [
                    "e*",
                    "may not",
                    "config.write, template.write",
                    "payments",
                    "developer (line 14)",
                ],
                [
                    "oli",
                    "may",
                    "config.write, secret.write, land",
                    "everything",
                    "operator (line 10)",
                ],
                [
                    "lea, max, oli",
                    "may",
                    "approve",
                    "everything",
                    "lead (line 11)",
                ],
                [
                    "kim",
                    "may",
                    "policy.admin, schema.write, config.write, secret.write, template.write, telemetry.write, land",
                    "everything",
                    "admin (line 12)",
                ],
                [
                    "e*",
                    "may",
                    "config.write, template.write",
                    "everything",
                    "developer (line 13)",
                ],
            ],
        },
        Table {
            columns: [
                "who must agree",
                "to",
                "of",
                "says",
            ],
            rows: [
                [
                    "2 with the role lead",
                    "config.write",
                    "payments in prod",
                    "line 16",
                ],
            ],
        },
    ]
    "#);
}

#[test]
fn somebody_whom_nobody_knows_is_told_from_somebody_who_may_nothing() {
    let shop = History::new();
    let signers = std::fs::read_to_string(shop.scratch.path().join("allowed_signers")).unwrap();
    let key = signers.lines().next().unwrap().split_once(' ').unwrap().1;
    let guest = format!("{signers}guest,*@guests.example {key}\n");
    shop.write("allowed_signers", &guest);
    shop.write("pgp_signers/pia.asc", "");
    shop.write("pgp_signers/README.md", "");
    let repo = shop.scratch.repo();
    let tree = crate::config::Snapshot::of_work_tree(&repo).unwrap();
    let said = |who: &str| {
        let about = About {
            who: Some(who.to_owned()),
            ..About::default()
        };
        match show(&tree, None, &about) {
            Ok(report) => match &report.body.view()[..] {
                [crate::report::Block::Text(text), ..] => text.clone(),
                _ => "a table".to_owned(),
            },
            Err(error) => format!("{error:?}"),
        }
    };
    assert_snapshot!(said("kim"), @"a table");
    assert_snapshot!(said("guest"), @"guest may do nothing that is protected here");
    assert_snapshot!(said("ann@guests.example"), @"ann@guests.example may do nothing that is protected here");
    assert_snapshot!(said("pia"), @"pia may do nothing that is protected here");
    assert_snapshot!(said("kimm"), @"NotFound: nobody here is called `kimm` (help: did you mean `kim`?)");
    assert_snapshot!(said("group:nobody"), @"NotFound: nobody here is called `group:nobody` (help: there are `ann`, `dan`, `eve`, `guest`, `kim`, `lea`, `max`, `oli`, `pia`)");
    shop.write("allowed_signers", "no list\n");
    assert_snapshot!(said("guest"), @"NotFound: nobody here is called `guest` (help: there are `ann`, `kim`, `lea`, `max`, `oli`, `pia`)");
}
