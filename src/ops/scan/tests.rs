//! No secret is written out here: each is put together when a test runs.

use std::sync::Arc;

use proptest::prelude::*;

use super::proof::crc32;
use super::shapes::{Hit, hits};
use super::values::is_unguessable;
use super::words::{LIKELY, says_secret};
use super::*;
use crate::config::{ParsedFile, Snapshot};
use crate::git::testing::Scratch;
use crate::render::{Answer, Format, Style, render};
use crate::report::Report;
use crate::text::Source;

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";

/// Makes letters without order, always the same for a seed.
fn noise(alphabet: &str, length: usize, seed: u64) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        letters[usize::try_from(state >> 20).unwrap() % letters.len()]
    };
    (0..length).map(next).collect()
}

fn summed(head: &str, seed: u64) -> String {
    let body = noise(LETTERS, 30, seed);
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = crc32(body.as_bytes());
    let mut sum = String::new();
    for _ in 0..6 {
        sum.insert(0, char::from(digits[rest as usize % 62]));
        rest /= 62;
    }
    format!("{head}{body}{sum}")
}

fn pem(kind: &str, seed: u64) -> String {
    let lines = [noise(LETTERS, 64, seed), noise(LETTERS, 64, seed + 1)];
    let dashes = "-".repeat(5);
    format!(
        "{dashes}BEGIN {kind}{dashes}\n{}\n{}==\n{dashes}END {kind}{dashes}\n",
        lines[0], lines[1]
    )
}

fn base64_url(text: &str) -> String {
    let letters: Vec<char> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        .chars()
        .collect();
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..=chunk.len() {
            out.push(letters[(bits >> (18 - 6 * at)) as usize & 63]);
        }
    }
    out
}

fn jwt(seed: u64) -> String {
    let head = base64_url(r#"{"alg":"HS256","typ":"JWT"}"#);
    let body = base64_url(r#"{"sub":"1871","name":"Ada"}"#);
    format!("{head}.{body}.{}", noise(LETTERS, 43, seed))
}

/// One text of every shape, with the secret in it.
fn each_shape() -> Vec<(&'static str, String, String)> {
    let mut all = Vec::new();
    let mut add = |shape, before: &str, secret: String| {
        all.push((shape, format!("{before}{secret}\nnext: 1\n"), secret));
    };
    let tail = |head: &str, alphabet, length| format!("{head}{}", noise(alphabet, length, 7));
    add(
        "a GitHub token",
        "token: ",
        summed(&["gh", "p_"].concat(), 1),
    );
    add(
        "an npm token",
        "//r/:_authToken=",
        summed(&["np", "m_"].concat(), 2),
    );
    add(
        "a GitHub token",
        "x: ",
        tail(&["github", "_pat_"].concat(), LETTERS, 82),
    );
    add(
        "a GitLab token",
        "x: '",
        tail(&["gl", "pat-"].concat(), LETTERS, 20),
    );
    add(
        "a Slack token",
        "x=",
        tail(&["xo", "xb-"].concat(), LETTERS, 50),
    );
    add(
        "a Slack webhook",
        "https://",
        tail(&["hooks.slack", ".com/services/"].concat(), LETTERS, 44),
    );
    add(
        "a Stripe key",
        "x: ",
        tail(&["sk_", "live_"].concat(), LETTERS, 24),
    );
    add(
        "a Google API key",
        "x: \"",
        tail(&["AI", "za"].concat(), LETTERS, 35),
    );
    add(
        "a PyPI token",
        "x: ",
        tail(&["pypi-Ag", "EIcHlwaS5vcmc"].concat(), LETTERS, 120),
    );
    add(
        "a HashiCorp Vault token",
        "x: ",
        tail(&["hv", "s."].concat(), LETTERS, 90),
    );
    add(
        "a Shopify token",
        "x: ",
        tail(&["shp", "at_"].concat(), HEX, 32),
    );
    add(
        "a DigitalOcean token",
        "x: ",
        tail(&["dop", "_v1_"].concat(), HEX, 64),
    );
    add(
        "an Azure storage key",
        "AccountName=x;",
        format!(
            "{}{}==",
            ["Account", "Key="].concat(),
            noise(LETTERS, 86, 3)
        ),
    );
    add("a JSON web token", "Cookie: session=", jwt(5));
    add(
        "a password in a URL",
        "url: postgres://shop:",
        noise(LETTERS, 9, 4),
    );
    let (_, text, _) = all.last_mut().unwrap();
    *text = text.replace("\nnext", "@db.internal:5432/shop\nnext");
    let id = format!(
        "{}{}",
        ["AK", "IA"].concat(),
        noise("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, 9)
    );
    let key = noise(LETTERS, 40, 11);
    all.push((
        "a secret access key of AWS",
        format!("aws:\n  id: {id}\n  other: {key}\n"),
        key,
    ));
    for kind in ["RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", ""] {
        let text = pem(&format!("{kind}PRIVATE KEY"), 21);
        let body = text.lines().nth(1).unwrap().to_owned();
        all.push(("a private key", format!("# a key\n{text}"), body));
    }
    all
}

fn found(text: &str) -> Vec<Hit> {
    hits(text, true)
}

fn source(name: &str, text: &str) -> Source {
    Source::new(name, text)
}

fn told(name: &str, text: &str, allowed: &Allowances) -> (Vec<Finding>, ScanBody) {
    let source = source(name, text);
    let place = tell::Place {
        source: &source,
        commit: None,
    };
    let told = tell::tell(&place, &found(text), allowed);
    let mut body = ScanBody::default();
    let mut findings = Vec::new();
    for one in told {
        findings.extend(one.finding);
        body.secrets.push(one.body);
    }
    (findings, body)
}

/// Draws findings and body in every format.
fn drawn(findings: Vec<Finding>, body: ScanBody) -> String {
    let report = Report::new(None, findings, body);
    let answer = Answer {
        command: "scan",
        report: &report,
        rules: RULES,
        tool_version: "0.0.0",
    };
    let mut all = Vec::new();
    for format in [
        "human", "json", "sarif", "junit", "markdown", "github", "gitlab",
    ] {
        let format: Format = format.parse().unwrap();
        render(format, &answer, &Style::default(), &mut all).unwrap();
    }
    String::from_utf8(all).unwrap()
}

#[test]
fn key_material_is_found_in_every_shape_and_never_shown() {
    for (shape, text, secret) in each_shape() {
        let hits = found(&text);
        assert_eq!(hits.len(), 1, "{shape}");
        assert_eq!(hits[0].shape, shape);
        assert!(hits[0].is_sure, "{shape}");
        assert!(text[hits[0].secret.clone()].contains(&secret), "{shape}");
        let (findings, body) = told("config/a.yaml", &text, &Allowances::default());
        assert_eq!(findings[0].rule, &rules::KEY_MATERIAL);
        assert!(!drawn(findings, body).contains(&secret), "{shape}");
        assert_eq!(
            texts(&source("a.yaml", &text), &Allowances::default()).len(),
            1
        );
    }
}

#[test]
fn age_identity_is_known_by_its_checksum() {
    let (recipient, identity) = crate::seal::new_identity();
    let key = identity.expose().trim().to_owned();
    let hits = found(&format!("# {recipient}\n{key}\n"));
    assert_eq!((hits.len(), hits[0].shape), (1, "an age identity"));
    let (findings, body) = told("a.txt", &key, &Allowances::default());
    assert!(!drawn(findings, body).contains(&key));
    // Another last letter is another checksum.
    let last = if key.ends_with('Q') { "P" } else { "Q" };
    assert_eq!(found(&format!("{}{last}", &key[..key.len() - 1])), []);
}

#[test]
fn near_misses_are_none() {
    let dashes = "-".repeat(5);
    let hex = noise(HEX, 40, 1);
    for text in [
        format!("{}{}\n", ["gh", "p_"].concat(), "x".repeat(36)),
        format!("{}{}\n", ["gh", "p_"].concat(), noise(LETTERS, 35, 1)),
        format!("a{}\n", summed(&["gh", "p_"].concat(), 1)),
        format!("{}{}\n", ["gl", "pat-"].concat(), noise(LETTERS, 19, 1)),
        format!(
            "{}IOSFODNN7EXAMPLE {}\n",
            ["AK", "IA"].concat(),
            noise(LETTERS, 40, 2)
        ),
        format!("{dashes}BEGIN PRIVATE KEY{dashes}\n...\n{dashes}END PRIVATE KEY{dashes}\n"),
        pem("PUBLIC KEY", 3),
        pem("CERTIFICATE", 3),
        pem("AGE ENCRYPTED FILE", 3),
        "url: https://user:password@host.test/\n".to_owned(),
        "url: https://${USER}:${PASSWORD}@db/\n".to_owned(),
        "url: https://{{ user }}:{{ secret }}@db/\n".to_owned(),
        "url: https://host:8080/a@b\n".to_owned(),
        "git: ssh://git@host/a:b@c\n".to_owned(),
        format!("commit: {hex}\nkey_sha256: {hex}\n"),
        format!("password: ENC[age1,prod.1,{}]\n", noise(LETTERS, 400, 5)),
        format!(
            "password: ENC[AES256_GCM,data:{0},iv:{0},tag:{0},type:str]\n",
            noise(LETTERS, 44, 5)
        ),
        format!(
            "recipient: age1{}\n",
            noise("qpzry9x8gf2tvdw0s3jn54khce6mua7l", 58, 6)
        ),
        format!("key: ssh-ed25519 AAAAC3Nz{} ada\n", noise(LETTERS, 60, 6)),
        "token: 2b1f6b3e-7d5c-4f0a-9f43-6f9d1f2f3a4b\n".to_owned(),
        "secret: changeme-changeme-1234567890ab\n".to_owned(),
        "password: <your password goes in here 123>\n".to_owned(),
        "secretName: shop-payments-prod-credentials-2024\n".to_owned(),
        "token: getServiceAccountToken1(request)\n".to_owned(),
        "password_file: /run/secrets/database/password-1\n".to_owned(),
        "secret: vault/shop/payments/production/key-2\n".to_owned(),
    ] {
        assert_eq!(found(&text), [], "{text}");
    }
}

#[test]
fn likely_secret_is_a_value_without_order_under_a_key_that_says_so() {
    let value = noise(LETTERS, 32, 8);
    for text in [
        format!("db_password: {value}\n"),
        format!("apiKey: '{value}'\n"),
        format!("\"client-secret\": \"{value}\",\n"),
        format!("export AUTH_TOKEN={value}\n"),
        format!("secret = \"{value}==\"\n"),
        format!("<password>{value}</password>\n"),
        format!("authorization: Bearer {value}\n"),
        format!("tokens:\n  - {value}\n"),
        format!("password: |\n  {value}\n"),
        format!("- name: API_TOKEN\n  value: {value}\n"),
        format!("key: {}\n", noise(HEX, 40, 9)),
    ] {
        let hits = found(&text);
        assert_eq!(hits.len(), 1, "{text}");
        assert_eq!((hits[0].shape, hits[0].is_sure), (LIKELY, false));
        let (findings, body) = told("a.yaml", &text, &Allowances::default());
        assert_eq!(findings[0].rule, &rules::LIKELY_SECRET);
        assert!(!drawn(findings, body).contains(&value), "{text}");
    }
    assert!(says_secret("dbPassword") && says_secret("API_KEY") && says_secret("credentials"));
    assert!(!says_secret("public_key") && !says_secret("tokenUrl") && !says_secret("monkey"));
    assert!(!is_unguessable("someLongVariableNameOfNoUse12"));
}

#[test]
fn a_finding_names_place_key_and_fingerprint() {
    let secret = summed(&["gh", "p_"].concat(), 1);
    let text = format!("ci:\n  access: {secret} # and {secret}\n");
    let (findings, body) = told("config/ci.yaml", &text, &Allowances::default());
    let report = Report::new(None, findings, body);
    let answer = Answer {
        command: "scan",
        report: &report,
        rules: RULES,
        tool_version: "0.0.0",
    };
    let mut out = Vec::new();
    render(Format::Human, &answer, &Style::default(), &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @"
    0 files searched

    error[key-material]: a GitHub token stands here in plain text
     --> config/ci.yaml:2:11
      |
    2 |   access: ***                                      # and ***
      |           ^^^
      |
      = help: withdraw it where it was issued and seal the new one: `git strata secret seal ci.access`; if it is no secret: `git strata secret scan --allow e78c886272bc03e3 --reason '…'`

    error[key-material]: a GitHub token stands here in plain text
     --> config/ci.yaml:2:58
      |
    2 |   access: ***                                      # and ***
      |                                                          ^^^
      |
      = help: withdraw it where it was issued and seal the new one: `git strata secret seal KEY`; if it is no secret: `git strata secret scan --allow e78c886272bc03e3 --reason '…'`

    2 errors
    ");
}

fn allowances(text: &str, today: &str) -> Allowances {
    let scratch = Scratch::new();
    scratch.write(SECRETS_ALLOWED, text);
    let tree = Snapshot::of_work_tree(&scratch.repo()).unwrap();
    Allowances::read(&tree, Some(today.parse().unwrap())).unwrap()
}

#[test]
fn allowances_are_about_file_key_rule_and_secret() {
    let secret = summed(&["gh", "p_"].concat(), 1);
    let text = format!("ci:\n  access: {secret}\n");
    let (_, body) = told("config/ci.yaml", &text, &Allowances::default());
    let fingerprint = &body.secrets[0].fingerprint;
    let left = |entry: &str| {
        let allowed = allowances(&format!("allowed:\n  - {entry}\n"), "2026-01-01");
        assert!(allowed.findings.is_empty(), "{entry}");
        told("config/ci.yaml", &text, &allowed).0.len()
    };
    for entry in [
        "{path: 'config/*', reason: x}",
        "{path: '**', key: /ci/access, rule: key-material, reason: x, until: 2026-01-01}",
        &format!("{{fingerprint: '{fingerprint}', reason: x}}"),
    ] {
        assert_eq!(left(entry), 0, "{entry}");
    }
    for entry in [
        "{path: '*', reason: x}",
        "{path: '**', key: /ci/other, reason: x}",
        "{path: '**', rule: likely-secret, reason: x}",
        "{fingerprint: '0000000000000000', reason: x}",
        "{path: '**', reason: x, until: 2025-12-31}",
    ] {
        assert_eq!(left(entry), 1, "{entry}");
    }
}

#[test]
fn expired_allowance_and_unused_allowance_are_told() {
    let text = "allowed:\n  - {path: a, reason: x, until: 2025-12-31}\n  - {path: b, reason: y}\n";
    let allowed = allowances(text, "2026-01-01");
    let ids = |used: Option<&[usize]>| {
        let found = allowed.judge(used);
        found.iter().map(|it| it.rule.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None), ["expired-allowance"]);
    assert_eq!(ids(Some(&[])), ["expired-allowance", "unused-allowance"]);
    assert_eq!(ids(Some(&[1])), ["expired-allowance"]);
}

#[test]
fn wrong_entries_are_told_and_have_no_effect() {
    for (entry, said) in [
        ("{path: a}", "the key `reason` is missing"),
        ("{reason: a}", "the key `path` is missing"),
        ("{path: '[', reason: a}", "`[` is no pattern of files"),
        (
            "{path: a, reason: b, until: soon}",
            "`soon` is no day; write it as in 2026-03-01",
        ),
        (
            "{path: a, reason: b, rule: drift}",
            "`drift` is no rule that can be allowed",
        ),
        (
            "{fingerprint: abc, reason: b}",
            "a fingerprint has sixteen hexadecimal digits",
        ),
        (
            "{path: a, reason: b, until_: c}",
            "nothing reads the key `until_`",
        ),
    ] {
        let allowed = allowances(&format!("allowed:\n  - {entry}\n"), "2026-01-01");
        assert_eq!(allowed.findings[0].message, said, "{entry}");
        assert!(allowed.entries.is_empty(), "{entry}");
    }
    assert_eq!(allowances("allowed: x\n", "2026-01-01").findings.len(), 1);
    assert!(allowances("# none\n", "2026-01-01").findings.is_empty());
}

#[test]
fn an_entry_is_added_for_every_file_and_what_stands_there_stays() {
    let secret = summed(&["gh", "p_"].concat(), 1);
    let (_, mut body) = told(
        "a[1].yaml",
        &format!("x: {secret}\n"),
        &Allowances::default(),
    );
    let again = told("b.yaml", &format!("y: {secret}\n"), &Allowances::default());
    body.secrets.extend(again.1.secrets);
    let permission = Permission {
        fingerprint: body.secrets[0].fingerprint.clone(),
        reason: "made\nfor tests".to_owned(),
        until: Some("2031-01-31".parse().unwrap()),
    };
    let (text, added) = allow(None, &body, &permission).unwrap();
    assert_eq!(added, 2);
    insta::assert_snapshot!(text, @r#"
    # What looks like a secret and may stand in plain text, and why. `git strata secret scan` reads
    # this file, and `git strata secret scan --allow` adds to it.
    allowed:
      - path: a[[]1[]].yaml
        fingerprint: e78c886272bc03e3
        reason: made for tests
        until: "2031-01-31"
      - path: b.yaml
        fingerprint: e78c886272bc03e3
        reason: made for tests
        until: "2031-01-31"
    "#);
    let allowed = Allowances::of(&ParsedFile::of_bytes(SECRETS_ALLOWED, text.as_bytes()));
    assert!(
        told("a[1].yaml", &format!("x: {secret}\n"), &allowed)
            .0
            .is_empty()
    );
    let other = Permission {
        fingerprint: "0".repeat(16),
        ..permission
    };
    assert!(allow(Some(&text), &body, &other).is_err());
    assert!(allow(Some("allowed: x\n"), &body, &other).is_err());
}

#[test]
fn what_was_committed_and_taken_away_is_in_the_history_only() {
    let scratch = Scratch::started();
    let secret = summed(&["gh", "p_"].concat(), 1);
    scratch.write("dir/b.yaml", format!("b: {secret}\n"));
    let brought = scratch.commit("oops");
    scratch.write("dir/b.yaml", "b: 2\n");
    scratch.write("image.png", b"\x89PNG\0\0");
    scratch.commit("taken away");
    let repo = scratch.repo();
    let tree = Snapshot::of_work_tree(&repo).unwrap();
    let none = Allowances::default();
    let run = |what: &What| scan(&repo, &tree, what, &none).unwrap();
    let here = run(&What::Tree);
    assert!(here.findings.is_empty());
    assert_eq!((here.body.files, here.body.binary), (3, 1));
    let all = run(&What::Everything);
    assert_eq!(all.findings.len(), 1);
    let found = &all.body.secrets[0];
    let commit = found.commit.as_ref().unwrap();
    assert_eq!(commit.id, brought.to_string());
    assert_eq!(
        (found.file.as_str(), commit.author.as_str()),
        ("dir/b.yaml", "Ada")
    );
    assert_eq!(
        all.findings[0].location.source.revision(),
        Some(&*brought.short())
    );
    assert_eq!((all.body.files, all.body.commits), (5, 3));
    assert!(!drawn(all.findings, all.body).contains(&secret));
    let range = |tip: &str, without: &str| {
        let what = What::Commits {
            tips: vec![scratch.id(tip)],
            without: vec![scratch.id(without)],
        };
        run(&what).findings.len()
    };
    assert_eq!(range("HEAD", "HEAD~2"), 1);
    assert_eq!(range("HEAD", "HEAD~1"), 0);
    // What is not committed yet is searched, too.
    scratch.write("new.yaml", format!("n: {secret}\n"));
    let index = Snapshot::of_index(&repo).unwrap();
    assert_eq!(run(&What::Everything).findings.len(), 2);
    assert!(
        scan(&repo, &index, &What::Tree, &none)
            .unwrap()
            .findings
            .is_empty()
    );
    scratch.git(&["add", "new.yaml"]);
    let index = Snapshot::of_index(&repo).unwrap();
    assert_eq!(
        scan(&repo, &index, &What::Tree, &none)
            .unwrap()
            .findings
            .len(),
        1
    );
}

#[test]
fn large_files_are_passed_over_and_other_encodings_are_read() {
    let scratch = Scratch::new();
    let secret = summed(&["gh", "p_"].concat(), 1);
    let wide: Vec<u8> = format!("\u{feff}t: {secret}\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    scratch.write("wide.yaml", wide);
    scratch.write("latin.txt", [b"\xe9t\xe9 ", secret.as_bytes()].concat());
    scratch.write("large.txt", vec![b'a'; 10_000_001]);
    let repo = scratch.repo();
    let tree = Snapshot::of_work_tree(&repo).unwrap();
    let report = scan(&repo, &tree, &What::Tree, &Allowances::default()).unwrap();
    assert_eq!((report.findings.len(), report.body.large), (2, 1));
    scratch.commit("all");
    let report = scan(&repo, &tree, &What::Everything, &Allowances::default()).unwrap();
    assert_eq!((report.findings.len(), report.body.large), (2, 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_finding_shows_a_secret(
        picks in proptest::collection::vec((0_usize..21, "[ -~é\n]{0,12}"), 1..4),
        name in "[a-z]{1,3}\\.(yaml|json|txt)",
    ) {
        let shapes = each_shape();
        let mut text = String::new();
        for (pick, between) in &picks {
            text.push_str(between);
            text.push_str(&shapes[pick % shapes.len()].1);
        }
        let secrets: Vec<String> = found(&text).iter().map(|hit| text[hit.secret.clone()].to_owned()).collect();
        let (findings, body) = told(&name, &text, &Allowances::default());
        let shown = drawn(findings, body);
        for secret in secrets.iter().filter(|secret| secret.len() > 8) {
            prop_assert!(!shown.contains(secret.as_str()));
        }
    }

    #[test]
    fn any_text_can_be_searched(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in "([:=>'\" \n|-]|://|eyJ|PRIVATE KEY|-----BEGIN |-----|AKIA|ghp_|value|token|é|@|\\.){0,40}") {
        let text = format!("{}{cut}", String::from_utf8_lossy(&bytes));
        let (findings, body) = told("a.yaml", &text, &Allowances::default());
        let _ = drawn(findings, body);
        let source = Arc::new(Source::new("a", text));
        let _ = texts(&source, &Allowances::default());
    }
}
