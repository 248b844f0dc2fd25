//! Secrets between this program and others: `age`, and the merge of `git`.

use std::process::Command;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use strata::seal::{Armor, Ask, Recipient, Silent, seal_file};

use super::harness::{Place, hermetic};

const MANIFEST: &str = "strata: 1\nschemas: [schema.yaml]\nlayers: [secrets.yaml]\n";
const SCHEMA: &str = "properties:\n  db:\n    properties:\n      password: {writeOnly: true}\n      pin: {writeOnly: true}\n  none: {writeOnly: true}\n";
const SECRETS: &str = "db:\n  password: hunter2\n  user: shop\n  pin: 4711\nnone: ''\n";

/// A repository with a keyring, of which the key in `key.txt` is the member, and all sealed.
fn sealed() -> (Place, Recipient) {
    let place = Place::new();
    assert_eq!(place.git(&["init", "-q", "-b", "main"]).status, 0);
    place
        .write("strata.yaml", MANIFEST)
        .write("schema.yaml", SCHEMA)
        .write("secrets.yaml", SECRETS)
        .write(".gitignore", "key.txt\n");
    place.commit("start");
    let recipient = done(&place, "secret identity --to key.txt");
    let recipient: Recipient = recipient.parse().unwrap();
    let member = format!("secret keyring new prod --member ann={recipient}");
    done(&place, &member);
    done(&place, "secret seal --all");
    (place, recipient)
}

fn done(place: &Place, words: &str) -> String {
    let ran = place.run(words);
    assert_eq!(ran.status, 0, "{words}: {}", ran.all());
    ran.out
}

/// Runs `age` on a file of these bytes; none where it is not installed.
fn age(place: &Place, arguments: &[&str], bytes: &[u8]) -> Option<Vec<u8>> {
    let file = place.folder.path().join("input");
    std::fs::write(&file, bytes).unwrap();
    let mut command = hermetic("age", place.path());
    let output = command.args(arguments).arg(file).output().ok()?;
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {told}");
    Some(output.stdout)
}

fn read(place: &Place, path: &str) -> String {
    std::fs::read_to_string(place.path().join(path)).unwrap()
}

#[test]
fn age_opens_a_keyring_and_with_its_key_each_token() {
    let (place, _) = sealed();
    let keyring = read(&place, "keyrings/prod.age");
    let Some(keys) = age(&place, &["-d", "-i", "key.txt"], keyring.as_bytes()) else {
        println!("skipped: there is no age");
        return;
    };
    std::fs::write(place.folder.path().join("inner.txt"), keys).unwrap();
    let text = read(&place, "secrets.yaml");
    let tokens = text.split("ENC[age1,prod.1,").skip(1);
    let tokens: Vec<&str> = tokens.filter_map(|rest| rest.split(']').next()).collect();
    assert_eq!(tokens.len(), 3, "{text}");
    let values = [
        ("/db/password", "hunter2"),
        ("/db/pin", "4711"),
        ("/none", ""),
    ];
    for (token, (pointer, value)) in tokens.into_iter().zip(values) {
        let bytes = BASE64_STANDARD.decode(token).unwrap();
        let plain = age(&place, &["-d", "-i", "../inner.txt"], &bytes).unwrap();
        let plain = String::from_utf8(plain).unwrap();
        assert!(plain.starts_with("strata\0\u{1}") && plain.contains(pointer));
        assert!(plain.trim_end_matches('\0').ends_with(value), "{plain:?}");
    }
}

#[test]
fn what_age_seals_opens_here_and_what_is_sealed_here_opens_there() {
    let (place, recipient) = sealed();
    let plain: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
    let to = recipient.to_string();
    for (armor, arguments) in [
        (Armor::Binary, &["-r", &to][..]),
        (Armor::Text, &["-a", "-r", &to]),
    ] {
        let Some(theirs) = age(&place, arguments, &plain) else {
            println!("skipped: there is no age");
            return;
        };
        assert_eq!(Armor::of(&theirs), Some(armor));
        place.write("tls/server.key.age", theirs);
        done(&place, "secret open tls/server.key.age -i key.txt -o out");
        assert_eq!(std::fs::read(place.path().join("out")).unwrap(), plain);

        let ask: Ask = Arc::new(Silent);
        let ours = seal_file(&plain, std::slice::from_ref(&recipient), armor, &ask).unwrap();
        let opened = age(&place, &["-d", "-i", "key.txt"], &ours);
        assert_eq!(opened.unwrap(), plain);
    }
    let without = place.run("secret open tls/server.key.age");
    insta::assert_snapshot!(without.all(), @"
    error: `tls/server.key.age` stays sealed: it is not sealed for this identity
    help: name the file of your private key: `--identity FILE`
    [2]
    ");
}

#[test]
fn a_key_of_age_keygen_opens_secrets() {
    let (place, _) = sealed();
    let made = Command::new("age-keygen").output();
    let Ok(made) = made else {
        println!("skipped: there is no age-keygen");
        return;
    };
    let key = String::from_utf8(made.stdout).unwrap();
    let public = key
        .lines()
        .find_map(|line| line.split("public key: ").nth(1));
    place.write("bob.txt", &key);
    let add = format!(
        "secret keyring add prod bob={} -i key.txt",
        public.unwrap().trim()
    );
    done(&place, &add);
    let told = done(&place, "get db.password --reveal -i bob.txt");
    assert_eq!(told, "hunter2\n");
}

#[test]
fn changes_of_two_secrets_of_a_file_merge_with_git_alone() {
    let (place, _) = sealed();
    for (branch, key, value) in [("ann", "db.password", "one"), ("bob", "db.pin", "two")] {
        assert_eq!(
            place.git(&["checkout", "-q", "-b", branch, "main"]).status,
            0
        );
        let with = format!("echo {value}");
        let words = ["secret", "rotate", key, "--with", &with];
        let ran = place.run_in(place.path(), &words, &[]);
        assert_eq!(ran.status, 0, "{}", ran.all());
    }
    let merge = place.git(&["merge", "-q", "--no-edit", "ann"]);
    assert_eq!(merge.status, 0, "{}", merge.all());
    for (key, value) in [
        ("db.password", "one\n"),
        ("db.pin", "two\n"),
        ("none", "\n"),
    ] {
        let words = format!("get {key} --reveal -i key.txt");
        assert_eq!(done(&place, &words), value);
    }
    done(&place, "check -i key.txt");
}
