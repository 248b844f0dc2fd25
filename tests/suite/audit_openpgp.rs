//! OpenPGP signatures beside what Git and GnuPG say of them. Skipped where there is no `gpg`.
//!
//! `STRATA_SIGNATURES=1000` judges as many random cases.

use std::io::Write as _;
use std::process::{Output, Stdio};

use tempfile::TempDir;

use super::harness::{Place, hermetic};

/// Keys, by name: how `gpg` makes them, what for, and until when.
const KEYS: [(&str, &str, &str, &str); 10] = [
    ("ed25519", "ed25519", "sign", "never"),
    ("rsa", "rsa2048", "sign", "20y"),
    ("weak", "rsa1024", "sign", "never"),
    ("p256", "nistp256", "sign", "never"),
    ("over", "ed25519", "sign", "1y"),
    ("gone", "ed25519", "sign", "never"),
    // These sign by a subkey.
    ("sub", "ed25519", "cert", "never"),
    ("subover", "ed25519", "cert", "never"),
    ("mainover", "ed25519", "cert", "1y"),
    // Somebody whom the repository does not list.
    ("eve", "ed25519", "sign", "never"),
];

/// More words for `gpg` when it signs.
const WAYS: [(&str, &[&str]); 10] = [
    ("plain", &[]),
    ("sha512", &["--digest-algo", "SHA512"]),
    ("sha1", &["--digest-algo", "SHA1"]),
    ("text", &["--textmode"]),
    ("note", &["--sig-notation", "a@shop.example=b"]),
    ("critical", &["--sig-notation", "!a@shop.example=b"]),
    ("ended", &["--default-sig-expire", "1d"]),
    ("lasts", &["--default-sig-expire", "20y"]),
    ("comment", &["--comment", "a comment", "--emit-version"]),
    ("twice", &["--local-user", "rsa@shop.example"]),
];

/// When the keys are made, and sign.
const THEN: [&str; 2] = ["--faked-system-time", "20240601T120000!"];

/// The keyring of GnuPG; its folder has a short name, since sockets stand in it.
struct Gpg(TempDir);

impl Gpg {
    fn run(&self, words: &[&str], input: &[u8]) -> Option<Output> {
        let mut command = hermetic("gpg", self.0.path());
        command
            .env("GNUPGHOME", self.0.path())
            .args([
                "--batch",
                "--yes",
                "--quiet",
                "--no-tty",
                "--pinentry-mode",
                "loopback",
            ])
            .args(["--passphrase", "", "--allow-weak-digest-algos"])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().ok()?;
        let mut stdin = child.stdin.take().unwrap();
        // It may end before it reads all.
        let _ = stdin.write_all(input);
        drop(stdin);
        Some(child.wait_with_output().unwrap())
    }

    fn must(&self, words: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.run(words, input).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "gpg {words:?}: {said}");
        output.stdout
    }

    /// Makes the keys; none where there is no `gpg`.
    fn new() -> Option<Self> {
        let gpg = Self(
            tempfile::Builder::new()
                .prefix("g")
                .tempdir_in("/tmp")
                .ok()?,
        );
        gpg.run(&["--version"], b"")
            .filter(|it| it.status.success())?;
        for (name, kind, what, ends) in KEYS {
            let who = format!("{name}@shop.example");
            let words = [&THEN[..], &["--quick-gen-key", &who, kind, what, ends]];
            gpg.must(&words.concat(), b"");
        }
        let gone = gpg.fingerprint("gone");
        let file = gpg.0.path().join(format!("openpgp-revocs.d/{gone}.rev"));
        let text = std::fs::read_to_string(file).unwrap();
        let text = text.replace(":-----BEGIN", "-----BEGIN");
        gpg.must(&["--import"], text.as_bytes());
        for (name, ends) in [("sub", "never"), ("subover", "1y"), ("mainover", "never")] {
            let print = gpg.fingerprint(name);
            let words = [
                &THEN[..],
                &["--quick-add-key", &print, "ed25519", "sign", ends],
            ];
            gpg.must(&words.concat(), b"");
        }
        Some(gpg)
    }

    fn fingerprint(&self, name: &str) -> String {
        let who = format!("{name}@shop.example");
        let listed = self.must(&["--with-colons", "--list-keys", &who], b"");
        let listed = String::from_utf8(listed).unwrap();
        let line = listed.lines().find(|it| it.starts_with("fpr:")).unwrap();
        line.split(':').nth(9).unwrap().to_owned()
    }

    fn export(&self, name: &str) -> Vec<u8> {
        let who = format!("{name}@shop.example");
        self.must(&["--armor", "--export", &who], b"")
    }
}

/// Puts a signature into a commit.
fn signed(object: &str, signature: &str) -> String {
    let (head, message) = object.split_once("\n\n").unwrap();
    let armored = signature.trim_end().replace('\n', "\n ");
    format!("{head}\ngpgsig {armored}\n\n{message}")
}

/// A source of numbers that are always the same.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

#[test]
fn no_verdict_is_laxer_than_that_of_gpg() {
    let Some(gpg) = Gpg::new() else {
        println!("skipped: there is no gpg");
        return;
    };
    let place = Place::new();
    assert_eq!(place.git(&["init", "-q", "-b", "main"]).status, 0);
    let names = KEYS.map(|(name, ..)| name);
    for name in names.iter().filter(|it| **it != "eve") {
        place.write(&format!("pgp_signers/{name}.asc"), gpg.export(name));
    }
    place.git(&["add", "-A"]);
    place.git(&["commit", "-q", "-m", "start"]);
    let root = place.git(&["rev-parse", "HEAD"]).out;
    let tree = place.git(&["rev-parse", "HEAD^{tree}"]).out;
    let object = format!(
        "tree {tree}parent {root}author Ada <a@shop.example> 1 +0000\n\
         committer Ada <a@shop.example> 1 +0000\n\na message\n"
    );
    let mut cases: Vec<(String, String)> = Vec::new();
    let mut good: Vec<String> = Vec::new();
    for name in names {
        let who = format!("{name}@shop.example");
        for (way, more) in WAYS {
            // What is refused anyway is so in any way.
            if !matches!(name, "ed25519" | "rsa" | "sub") && way != "plain" {
                continue;
            }
            let sign = ["--local-user", &who, "--armor", "--detach-sign"];
            let words = [&THEN[..], more, &sign].concat();
            let output = gpg.run(&words, object.as_bytes()).unwrap();
            if !output.status.success() {
                continue;
            }
            let text = String::from_utf8(output.stdout).unwrap();
            if ["plain", "sha512", "note"].contains(&way) && matches!(name, "rsa" | "sub" | "p256")
            {
                good.push(text.clone());
            }
            cases.push((format!("{name} {way}"), signed(&object, &text)));
        }
    }
    let rounds = std::env::var("STRATA_SIGNATURES")
        .ok()
        .and_then(|it| it.parse().ok());
    let mut random = Random(11);
    for round in 0..rounds.unwrap_or(24) {
        let text = &good[random.below(good.len())];
        let other = &good[random.below(good.len())];
        let mut object = signed(&object, text);
        let what = match random.below(5) {
            0 => {
                object = object.replace("a message", "another message");
                "another message"
            }
            1 => {
                object = signed(&object, other);
                "two headers"
            }
            2 => {
                object = signed(
                    &object.replace(&signed("\n\n", text)[1..], "\n\n"),
                    &format!("{text}{other}"),
                );
                "two blocks"
            }
            3 => {
                object = object.replace(
                    "gpgsig -----BEGIN PGP SIGNATURE-----\n \n",
                    "gpgsig -----BEGIN PGP SIGNATURE-----\n Comment: more\n \n",
                );
                "a header"
            }
            _ => {
                let mut bytes = object.into_bytes();
                let from = bytes.windows(6).position(|it| it == b"gpgsig").unwrap();
                let at = from + random.below(bytes.len() - from);
                let is_digit = bytes[at].is_ascii_alphanumeric();
                bytes[at] = match is_digit {
                    true => b"ABab019"[random.below(7)],
                    false => bytes[at],
                };
                object = String::from_utf8(bytes).unwrap();
                "another letter"
            }
        };
        cases.push((format!("{round} {what}"), object));
    }
    let file = place.folder.path().join("object");
    let (mut alike, mut ours_good) = (0, 0);
    let mut stricter = Vec::new();
    for (name, object) in &cases {
        std::fs::write(&file, object).unwrap();
        let file = file.display().to_string();
        let id = place
            .git(&["hash-object", "-w", "--literally", "-t", "commit", &file])
            .out;
        place.git(&["update-ref", "refs/heads/case", id.trim()]);
        let ran = place.run("audit main..case --format json --exit-zero");
        assert_eq!(ran.status, 0, "{name}: {}", ran.err);
        let answer = ran.json();
        let commit = &answer["body"]["commits"][0];
        let ours = commit["signature"] == "good";
        let mut command = hermetic("git", place.path());
        command.env("GNUPGHOME", gpg.0.path());
        let git = command.args(["verify-commit", id.trim()]).output().unwrap();
        let said = String::from_utf8_lossy(&git.stderr);
        let git = git.status.success();
        assert!(git || !ours, "{name}: {commit:#}\n{said}\n{object}");
        ours_good += usize::from(ours);
        alike += usize::from(ours == git);
        if ours != git {
            stricter.push(format!("{name}: {}", commit["reason"].as_str().unwrap()));
        }
    }
    let all = cases.len();
    println!("{all} judged, {ours_good} good, {alike} as Git does; stricter: {stricter:#?}");
    // Being strict is no art: most of what Git takes is taken.
    assert!(ours_good >= 15 && alike * 10 > all * 7, "{stricter:#?}");
}
