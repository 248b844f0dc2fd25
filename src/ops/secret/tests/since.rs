//! What is told of a change: what was sealed at the base, and what it was.

use super::*;

/// The schema without its marks.
const UNMARKED: &str = "properties:\n  db:\n    properties:\n      password: {type: string, minLength: 8}\n      port: {type: integer}\n  keys: {items: {type: string}}\n";

impl Shop {
    fn restore(&self) {
        self.scratch.git(&["checkout", "-q", "."]);
        self.scratch.git(&["clean", "-q", "-d", "-f"]);
    }

    /// Leaves out what differs from run to run.
    fn told(&self, revision: &str) -> String {
        let told = self.check(&self.since(revision), None);
        let mut parts = told.split("(in ");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            out.push_str("(in …");
            out.push_str(part.find(" of ").map_or(part, |at| &part[at..]));
        }
        out
    }
}

#[test]
fn what_stood_sealed_is_told_when_it_is_plain_whatever_the_schema_says_by_now() {
    let shop = Shop::sealed();
    let sealed = shop.text("prod.yaml");
    let first = shop.token();
    shop.scratch.write("schema/app.yaml", UNMARKED);
    shop.replace("prod.yaml", &first, "hunter2hunter2");
    assert_eq!(shop.check(&Scope::Tree, None), "");
    insta::assert_snapshot!(shop.told("HEAD"), @"
    error[unsealed-secret] prod.yaml:2: `db.password` stood sealed here, and stands here for all to read
    error[secret-flag-removed] schema/app.yaml:6: `keys.*` is no longer marked as a secret, and may be shown in plain text
    ");
    // In another file, for which that one was given up; a template, too.
    std::fs::remove_file(shop.scratch.path().join("prod.yaml")).unwrap();
    shop.replace(
        "strata.yaml",
        "'{environment}.yaml'",
        "'all/{environment}.yaml'",
    );
    shop.scratch
        .write("all/prod.yaml", sealed.replace(&first, "hunter2hunter2"));
    insta::assert_snapshot!(shop.told("HEAD"), @"
    error[unsealed-secret] all/prod.yaml:2: `db.password` stood sealed in `prod.yaml`, and stands here for all to read
    error[copied-token] all/prod.yaml:3: this sealed value was moved here from `keys.0` in `prod.yaml`
    error[copied-token] all/prod.yaml:3: this sealed value was moved here from `keys.1` in `prod.yaml`
    error[secret-flag-removed] schema/app.yaml:6: `keys.*` is no longer marked as a secret, and may be shown in plain text
    ");
    shop.replace(
        "strata.yaml",
        "'all/{environment}.yaml'",
        "'all/{environment}.yaml.j2'",
    );
    std::fs::remove_file(shop.scratch.path().join("all/prod.yaml")).unwrap();
    shop.scratch.write(
        "all/prod.yaml.j2",
        "db:\n  password: {{ environment }}-hunter2hunter2\n",
    );
    insta::assert_snapshot!(shop.told("HEAD"), @"
    error[unsealed-secret] all/prod.yaml.j2:2: `db.password` stood sealed in `prod.yaml`, and stands here for all to read
    error[secret-flag-removed] schema/app.yaml:6: `keys.*` is no longer marked as a secret, and may be shown in plain text
    ");
    shop.restore();
    // A map in its place; once more where the schema tells it anyway.
    shop.scratch.write("schema/app.yaml", "{}\n");
    shop.replace("prod.yaml", &first, "{old: null, new: [hunter2]}");
    insta::assert_snapshot!(shop.told("HEAD"), @"
    error[unsealed-secret] prod.yaml:2: `db.password.new.0` stood sealed here, and stands here for all to read
    error[option-removed-ignored] schema/app.yaml:1: the option `db` is gone; configurations that set it are accepted, and the setting is silently ignored
    error[option-removed-ignored] schema/app.yaml:1: the option `keys` is gone; configurations that set it are accepted, and the setting is silently ignored
    ");
    shop.restore();
    shop.replace("prod.yaml", &first, "hunter2hunter2");
    insta::assert_snapshot!(shop.told("HEAD"), @"error[plain-secret] prod.yaml:2: `db.password` is a secret, and stands here for all to read");
    shop.restore();
    // What is gone, kept elsewhere, sealed anew, or has another number in its list, is not plain.
    for other in ["null", "vault:shop/db", "${DB_PASSWORD}"] {
        shop.replace("prod.yaml", &first, other);
        assert_eq!(shop.told("HEAD"), "", "{other}");
        shop.restore();
    }
    shop.scratch.write("schema/app.yaml", UNMARKED);
    shop.replace("prod.yaml", "keys: [", "keys: [shown, ");
    insta::assert_snapshot!(shop.told("HEAD"), @"
    error[copied-token] prod.yaml:3: this sealed value was moved here from `keys.0`
    error[copied-token] prod.yaml:3: this sealed value was moved here from `keys.1`
    error[secret-flag-removed] schema/app.yaml:6: `keys.*` is no longer marked as a secret, and may be shown in plain text
    ");
    shop.restore();
    shop.seal("prod", "db.password", Secret::text("a new password"))
        .unwrap();
    assert_eq!(shop.told("HEAD~1"), "");
}

#[test]
fn no_finding_shows_what_was_unsealed() {
    let shop = Shop::sealed();
    shop.scratch.write("schema/app.yaml", UNMARKED);
    shop.replace("prod.yaml", &shop.token(), "hunter2hunter2");
    let repo = shop.scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let report = check(Some(repo), &here, &shop.since("HEAD"), &Options::default()).unwrap();
    let mut findings = report.findings.iter();
    let finding = findings.find(|it| it.rule.id == "unsealed-secret").unwrap();
    for finding in &report.findings {
        let shown = finding.related.iter().chain([&finding.location]);
        let mut shown = shown.map(|it| it.source.text().to_owned());
        let of_layer = finding.location.source.name() == "prod.yaml";
        assert!(!of_layer || !shown.any(|it| it.contains("hunter2")));
    }
    assert_eq!(finding.location.start().line, 2);
    assert_eq!(finding.related[0].source.revision(), Some("HEAD"));
}

#[test]
fn file_that_was_sealed_as_a_whole_is_told_when_it_is_plain() {
    use crate::seal::{Armor, seal_file};
    let shop = Shop::sealed();
    let to = [shop.ann.recipient.clone()];
    let sealed = seal_file(b"key", &to, Armor::Binary, &ask()).unwrap();
    shop.scratch.write("tls/server.key.age", &sealed);
    shop.scratch.write("tls/other.key.age", &sealed);
    shop.scratch.commit("whole files");
    let path = |name: &str| shop.scratch.path().join(name);
    shop.scratch.write("tls/server.key", "key");
    insta::assert_snapshot!(shop.told("HEAD"), @"error[unsealed-secret] tls/server.key:1: `tls/server.key` is for all to read, and was sealed as a whole, in `tls/server.key.age`");
    shop.restore();
    shop.scratch.write("tls/server.key.age", "key");
    insta::assert_snapshot!(shop.told("HEAD"), @"error[unsealed-secret] tls/server.key.age:1: `tls/server.key.age` was sealed as a whole, and is for all to read");
    shop.restore();
    std::fs::rename(path("tls/server.key.age"), path("server.key")).unwrap();
    shop.scratch.write("server.key", "key");
    insta::assert_snapshot!(shop.told("HEAD"), @"error[unsealed-secret] server.key:1: `server.key` is for all to read, and was sealed as a whole, in `tls/server.key.age`");
    shop.restore();
    std::fs::remove_file(path("tls/server.key.age")).unwrap();
    std::fs::rename(path("tls/other.key.age"), path("tls/third.key.age")).unwrap();
    shop.scratch.write("notes.txt", "key");
    assert_eq!(shop.told("HEAD"), "");
}

#[test]
fn keyring_that_is_dropped_is_told_with_what_became_of_its_values() {
    let shop = Shop::sealed();
    let manifest = shop.text("strata.yaml");
    let (kept, _) = manifest.split_once("keyrings:").unwrap();
    // Who cannot read the values seals others, with a keyring of their own.
    shop.scratch.write("strata.yaml", kept);
    std::fs::remove_file(shop.scratch.path().join("keyrings/prod.age")).unwrap();
    insta::assert_snapshot!(shop.told("HEAD"), @"
    error[unknown-keyring] prod.yaml:2: there is no keyring `prod`
    error[unknown-keyring] prod.yaml:3: there is no keyring `prod`
    error[unknown-keyring] prod.yaml:3: there is no keyring `prod`
    ");
    shop.scratch
        .write("prod.yaml", "db:\n  password: hunter2hunter2\nkeys: []\n");
    insta::assert_snapshot!(shop.told("HEAD"), @"
    warning[plain-secret] prod.yaml:2: `db.password` is a secret, and stands here for all to read
    error[unsealed-secret] prod.yaml:2: `db.password` stood sealed here, and stands here for all to read
    error[tampered-keyring] strata.yaml:1: the keyring `prod` is gone, and `db.password` in `prod.yaml`, which was sealed with it, is plain
    ");
    shop.scratch.commit("no keyring");
    let change = KeyringChange::New {
        members: Shop::member("bob", &shop.bob),
        environments: vec![],
        keys: vec![],
    };
    shop.keyring_by("own", &change, &shop.bob, None, false)
        .unwrap();
    shop.commit(&|repo, configuration| seal_all(repo, configuration, None, None))
        .unwrap();
    let base = "HEAD~3";
    insta::assert_snapshot!(shop.told(base), @"error[tampered-keyring] strata.yaml:10: the keyring `prod` is gone, and `db.password` in `prod.yaml`, which was sealed with it, is sealed with another one");
    // With its values, a keyring may go.
    shop.scratch.write("prod.yaml", "db: {}\n");
    shop.scratch.write("strata.yaml", kept);
    assert_eq!(shop.told(base), "");
}

#[test]
fn token_that_comes_back_is_told() {
    let shop = Shop::sealed();
    let first = shop.token();
    shop.seal("prod", "db.password", Secret::text("a new password"))
        .unwrap();
    let second = shop.token();
    assert_eq!(shop.told("HEAD~1"), "");
    shop.scratch
        .write("base.yaml", "# another\ndb:\n  port: 1\n");
    shop.scratch.commit("something else");
    shop.replace("prod.yaml", &second, &first);
    insta::assert_snapshot!(shop.told("HEAD"), @"warning[replayed-token] prod.yaml:2: `db.password` is the sealed value again that stood here before (in … of 2023-11-14: secrets)");
    assert_eq!(shop.check(&Scope::Tree, Some(&shop.ann)), "", "it opens");
    shop.scratch.git(&["add", "-A"]);
    let repo = shop.scratch.repo();
    let index = Snapshot::of_index(&repo).unwrap();
    let report = check(Some(repo), &index, &shop.since("HEAD"), &Options::default()).unwrap();
    assert_eq!(report.findings.len(), 1);
    shop.scratch.commit("back");
    insta::assert_snapshot!(shop.told("HEAD~1"), @"warning[replayed-token] prod.yaml:2: `db.password` is the sealed value again that stood here before (in … of 2023-11-14: secrets)");
    // One that was not replaced since the base, or is of a key that is not in force, is not told so.
    assert_eq!(shop.told("HEAD~3"), "");
    shop.keyring("prod", &KeyringChange::Rotate).unwrap();
    assert_eq!(shop.told("HEAD~1"), "");
    let third = shop.token();
    shop.replace("prod.yaml", &third, &first);
    insta::assert_snapshot!(shop.told("HEAD"), @"error[replaced-key] prod.yaml:2: this is sealed with generation 1 of the keyring `prod`, and 2 is in force");
}

#[test]
fn templates_are_judged_for_all_that_render_them() {
    let shop = Shop::sealed();
    shop.replace(
        "strata.yaml",
        "'{environment}.yaml'",
        "all.yaml.j2\n  - '{environment}.yaml'",
    );
    shop.scratch.write(
        "all.yaml.j2",
        "db:\n{% if environment == 'prod' %}\n  password: hunter2hunter2\n{% else %}\n  port: 1\n{% endif %}\n",
    );
    let told = shop.check(&Scope::Tree, None);
    insta::assert_snapshot!(told, @"error[plain-secret] all.yaml.j2:3: `db.password` is a secret, and stands here for all to read");
}

#[test]
fn keyring_that_does_not_open_is_told_once() {
    let shop = Shop::sealed();
    shop.scratch
        .write("keyrings/prod.age", "age-encryption.org/v1\n-> X25519 a\n");
    insta::assert_snapshot!(shop.check(&Scope::Tree, Some(&shop.ann)), @"error[refused-token] prod.yaml:2: the keyring `prod` does not open: its end is missing");
}

#[test]
fn file_that_moved_to_another_environment_is_adopted_for_the_keyring_that_is_named() {
    let shop = Shop::sealed();
    shop.keyring("dev", &shop.new_keyring(&["dev"], &[]))
        .unwrap();
    shop.scratch.git(&["mv", "prod.yaml", "dev.yaml"]);
    shop.scratch.commit("for who develops");
    let moved = |keyring: Option<&str>| {
        let told = std::cell::RefCell::new(Vec::new());
        let done = shop.commit(&|repo, configuration| {
            let adopting = Adopting {
                keyring,
                ..Adopting::default()
            };
            let (plan, found) = adopt(repo, configuration, adopting, &shop.ann.identities)?;
            let found = found.iter();
            *told.borrow_mut() = found
                .map(|it| format!("{} {} {}", it.pointer, it.from.keyring, it.keyring))
                .collect();
            Ok(plan)
        });
        match done {
            Ok(_) => told.into_inner().join("\n"),
            Err(error) => format!("{error}\nhelp: {}", error.help().unwrap_or_default()),
        }
    };
    insta::assert_snapshot!(moved(None), @"
    `db.password` in `dev.yaml` is sealed with the keyring `prod`, which is not for this place
    help: others could read it here: seal another value (`git strata secret seal`); or, where those may read this one, name their keyring: `--keyring NAME`
    ");
    insta::assert_snapshot!(moved(Some("prod")), @"
    the keyring `prod` is not for `db.password`
    help: leave `--keyring` out, or name another one
    ");
    insta::assert_snapshot!(moved(Some("dev")), @"
    /db/password prod dev
    /keys/0 prod dev
    /keys/1 prod dev
    ");
    assert_eq!(shop.check(&Scope::Tree, Some(&shop.ann)), "");
    assert_eq!(
        shop.read("dev", "db.password", &shop.ann).unwrap(),
        "hunter2hunter2"
    );
}

#[test]
fn plain_secrets_of_a_file_are_hidden_together() {
    let shop = Shop::plain();
    let repo = shop.scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let report = check(Some(repo), &here, &Scope::Tree, &Options::default()).unwrap();
    let first = &report.findings[0].location.source;
    assert_eq!(report.findings.len(), 3);
    for finding in &report.findings {
        // One text for all of them, which costs as much as one.
        assert!(Arc::ptr_eq(&finding.location.source, first));
        assert!(!finding.location.source.text().contains("hunter2"));
    }
}
