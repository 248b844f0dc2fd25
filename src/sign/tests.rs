use ssh_key::HashAlg;

use super::testing::{key, public, sign};
use super::*;
use crate::error::Result;

/// 2024-01-01, in UTC.
const NEW_YEAR: i64 = 1_704_067_200;

fn read(allowed: &str) -> Result<AllowedSigners> {
    AllowedSigners::read("allowed_signers", allowed.as_bytes())
}

fn signers(allowed: &str) -> Signers {
    Signers {
        allowed: read(allowed).unwrap(),
        ..Signers::default()
    }
}

/// The verdict on a sound signature of key 1 at the new year.
fn verdict(allowed: &str) -> String {
    said(&signers(allowed).verify(
        GIT,
        b"payload",
        sign(1, GIT, b"payload").as_bytes(),
        NEW_YEAR,
    ))
}

fn said(verdict: &Verdict) -> String {
    let mut said = verdict.standing.name().to_owned();
    for (before, part) in [(" by ", &verdict.signer), (": ", &verdict.reason)] {
        if let Some(part) = part {
            said.push_str(before);
            said.push_str(part);
        }
    }
    said
}

fn refused(allowed: &str) -> String {
    let error = read(allowed).unwrap_err().to_string();
    error.replace(&public(1), "KEY")
}

#[test]
fn a_signature_is_good_where_its_key_is_listed() {
    let ann = format!("# who signs\n\n ann@shop.example {}\r\n", public(1));
    assert_eq!(verdict(&ann), "good by ann@shop.example");
    let other = format!("bob@shop.example {}\n", public(2));
    assert_eq!(verdict(&other), "unknown: nobody is listed with its key");
    assert_eq!(verdict(""), "unknown: nobody is listed with its key");
    assert_eq!(verdict(&(other + &ann)), "good by ann@shop.example");
    let quoted = format!("\"ann@shop.example,Ann Li\"  {} a comment", public(1));
    assert_eq!(verdict(&quoted), "good by ann@shop.example,Ann Li");
}

#[test]
fn a_line_says_for_what_and_when_its_key_counts() {
    let with = |options: &str| verdict(&format!("ann {options} {}", public(1)));
    for (options, wanted) in [
        ("namespaces=\"git\"", "good by ann"),
        ("NAMESPACES=\"file,git\"", "good by ann"),
        (
            "namespaces=\"file\"",
            "unknown by ann: its key is not listed for the purpose `git` (`namespaces=`)",
        ),
        (
            "namespaces=\"*,!git\"",
            "unknown by ann: its key is not listed for the purpose `git` (`namespaces=`)",
        ),
        ("cert-authority", "unknown: nobody is listed with its key"),
        ("valid-after=\"20240101Z\"", "good by ann"),
        ("valid-before=\"20240101Z\"", "good by ann"),
        (
            "valid-after=\"20231231\",valid-before=\"20240102\"",
            "good by ann",
        ),
        (
            "valid-after=\"20240101000001Z\"",
            "expired by ann: its key did not count at that moment",
        ),
        (
            "valid-before=\"20231231Z\"",
            "expired by ann: its key did not count at that moment",
        ),
        // In some place on earth the year is a few hours old, in another it has not begun.
        (
            "valid-after=\"20240101\"",
            "expired by ann: its key did not count at that moment",
        ),
        (
            "valid-before=\"20240101\"",
            "expired by ann: its key did not count at that moment",
        ),
    ] {
        assert_eq!(with(options), wanted, "{options}");
    }
    let two = format!("ann valid-before=\"20200101Z\" {0}\nann2 {0}", public(1));
    assert_eq!(verdict(&two), "good by ann2");
}

#[test]
fn the_first_line_that_counts_says_who_it_is() {
    let with =
        |lines: [&str; 2]| verdict(&lines.map(|line| format!("{line} {}\n", public(1))).concat());
    let other = "unknown by *@a.example: the first line with its key is not for this, and whom it names no other line lets sign";
    // As OpenSSH does, whose names `find-principals` are those of one line.
    assert_eq!(with(["*@a.example namespaces=\"file\"", "bob"]), other);
    assert_eq!(
        with(["bob", "*@a.example namespaces=\"file\""]),
        "good by bob"
    );
    assert_eq!(with(["ann,bob namespaces=\"file\"", "bob"]), "good by bob");
    assert_eq!(
        with([
            "*@a.example namespaces=\"file\",valid-before=\"20200101Z\"",
            "bob"
        ]),
        "good by bob"
    );
    // It may count, where it is that day already.
    let day = "valid-after=\"20240101\"";
    assert_eq!(
        with([&format!("*@a.example namespaces=\"file\",{day}"), "bob"]),
        other
    );
    assert_eq!(with([&format!("ann {day}"), "bob"]), "good by bob");
}

#[test]
fn a_list_with_a_line_that_is_none_is_refused_whole() {
    let with = |options: &str| refused(&format!("ann {options} {}", public(1)));
    insta::assert_snapshot!(
        [
            with("secure"),
            with("cert-authority=\"yes\""),
            with("namespaces"),
            with("namespaces=git"),
            with("namespaces=\"git\",namespaces=\"file\""),
            with("valid-after=\"soon\""),
            with("valid-after=\"20240101Z\",valid-after=\"20240101Z\""),
            with("valid-before=\"20240101Z\",valid-before=\"20240101Z\""),
            with("valid-after=\"20240105\",valid-before=\"20240101\""),
            with("namespaces=\"git"),
            refused("\n\"ann ssh-ed25519"),
            refused(&format!("\"\" {}", public(1))),
            refused("ann"),
            refused("ann ssh-ed25519 AAAA"),
            AllowedSigners::read("allowed", b"\xff").unwrap_err().to_string(),
        ]
        .join("\n"),
        @"
    `allowed_signers`, line 1: `secure` is no option that is known
    `allowed_signers`, line 1: `cert-authority` is no option that is known
    `allowed_signers`, line 1: `namespaces` needs a value in quotes
    `allowed_signers`, line 1: `namespaces` needs a value in quotes
    `allowed_signers`, line 1: `namespaces` is there twice
    `allowed_signers`, line 1: `soon` is no moment such as `20260131` or `20260131120000Z`
    `allowed_signers`, line 1: `valid-after` is there twice
    `allowed_signers`, line 1: `valid-before` is there twice
    `allowed_signers`, line 1: it ends before it begins
    `allowed_signers`, line 1: a quote has no end
    `allowed_signers`, line 2: a quote has no end
    `allowed_signers`, line 1: it names nobody
    `allowed_signers`, line 1: there is no public key that can be read
    `allowed_signers`, line 1: `ssh-ed25519` is no option that is known
    `allowed` is no text
    "
    );
}

#[test]
fn a_signature_of_something_else_is_bad() {
    let ann = signers(&format!("ann {}", public(1)));
    let of = |namespace: &str, payload: &[u8]| {
        let signature = sign(1, namespace, payload);
        said(&ann.verify(GIT, b"payload", signature.as_bytes(), NEW_YEAR))
    };
    assert_eq!(of(GIT, b"payload"), "good by ann");
    assert_eq!(of(GIT, b"payloaD"), "bad: it is not of what is signed here");
    assert_eq!(
        of("file", b"payload"),
        "bad: it was made for another purpose"
    );
}

#[test]
fn a_malformed_signature_is_bad() {
    let ann = signers(&format!("ann {}", public(1)));
    let good = sign(1, GIT, b"payload");
    let judged = |text: &str| said(&ann.verify(GIT, b"payload", text.as_bytes(), NEW_YEAR));
    let body = good.lines().nth(1).unwrap();
    assert_eq!(judged(&good), "good by ann");
    assert_eq!(judged(good.trim_end()), "good by ann");
    for (text, wanted) in [
        (format!("{good}\n"), "bad: something stands after it"),
        (format!("{good}more\n"), "bad: something stands after it"),
        (
            format!("{good}{good}"),
            "bad: it holds more than one signature",
        ),
        (good.replace(body, ""), "bad: it cannot be read"),
        (
            good.replace(body, &body.replace('U', "!")),
            "bad: it cannot be read",
        ),
        (
            good.replace(body, &body.replacen("U1NI", "U1NJ", 1)),
            "bad: it cannot be read",
        ),
        (
            "-----BEGIN PGP SIGNATURE-----\n".to_owned(),
            "unknown: it is of OpenPGP, and only SSH counts for this",
        ),
    ] {
        assert_eq!(judged(&text), wanted, "{text}");
    }
    let raw = ann.verify(
        GIT,
        b"payload",
        b"-----BEGIN SSH SIGNATURE-----\xff",
        NEW_YEAR,
    );
    assert_eq!(said(&raw), "bad: it is no text");
}

#[test]
fn each_changed_byte_makes_a_signature_bad() {
    let ann = signers(&format!("ann {}", public(1)));
    let good = sign(1, GIT, b"payload");
    for at in 0..good.len() {
        let mut text = good.clone().into_bytes();
        text[at] = if text[at] == b'A' { b'B' } else { b'A' };
        let verdict = ann.verify(GIT, b"payload", &text, NEW_YEAR);
        assert!(!verdict.is_good(), "byte {at}");
    }
}

#[test]
fn a_revoked_key_counts_no_longer() {
    let mut ann = signers(&format!("ann {}", public(1)));
    let fingerprint = key(1).fingerprint(HashAlg::Sha256).to_string();
    let signature = sign(1, GIT, b"payload");
    for list in [
        format!("# lost\n\n{}\n", public(1)),
        format!("{fingerprint} lost on a train"),
    ] {
        ann.revoked = Revoked::read("revoked", list.as_bytes()).unwrap();
        let verdict = ann.verify(GIT, b"payload", signature.as_bytes(), NEW_YEAR);
        assert_eq!(said(&verdict), "bad by ann: its key is revoked");
    }
    ann.revoked = Revoked::read("revoked", public(2).as_bytes()).unwrap();
    let judged =
        |signers: &Signers| signers.verify(GIT, b"payload", signature.as_bytes(), NEW_YEAR);
    assert!(judged(&ann).is_good());
    ann.revoked
        .and(&Revoked::read("revoked", public(1).as_bytes()).unwrap());
    assert!(!judged(&ann).is_good());
    assert!(ann.revoked.has(&fingerprint));
}

#[test]
fn a_list_of_revoked_keys_that_cannot_be_read_is_an_error() {
    for (bytes, wanted) in [
        (
            &b"SSHKRL\n\0..."[..],
            "`revoked` is a binary revocation list, which cannot be read",
        ),
        (b"\xff", "`revoked` is no text"),
        (b"\nno key", "`revoked`, line 2: this is no public key"),
    ] {
        let error = Revoked::read("revoked", bytes).unwrap_err();
        assert_eq!(error.to_string(), wanted);
        assert!(error.help().is_some());
    }
}

#[test]
fn lines_tell_whom_they_are_about() {
    let list = read(&format!("ann@a.example,*@b.example,!bob@* {}", public(1))).unwrap();
    let line = &list.entries()[0];
    assert_eq!(line.line, 1);
    assert!(line.is_about("ann@a.example"));
    assert!(line.is_about("cid@b.example"));
    assert!(!line.is_about("bob@b.example"));
    assert_eq!(Verdict::none().standing.name(), "none");
}
