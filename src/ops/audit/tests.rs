use super::*;
use crate::git::testing::Scratch;
use crate::sign::testing::{public, sign};
use crate::sign::{AllowedSigners, GIT, Revoked, Signers};

/// A line for `allowed_signers`: the name of a key by its number.
fn line(who: &str, seed: u8) -> String {
    format!("{who}@shop.example namespaces=\"git\" {}\n", public(seed))
}

fn by(scratch: &Scratch, seed: u8, message: &str) -> Oid {
    scratch.commit(message);
    scratch.sign_head(|payload| sign(seed, GIT, payload))
}

/// A repository of Ann (1) and Bob (2), who may sign.
fn team() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("allowed_signers", line("ann", 1) + &line("bob", 2));
    scratch.write("app.yaml", "pool: 1\nhost: a\n");
    by(&scratch, 1, "start");
    scratch
}

fn told(scratch: &Scratch, base: Option<&str>, root: &Root) -> String {
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let span = Span {
        base: base.map(|base| scratch.id(base)),
        tip: scratch.id("HEAD"),
    };
    match audit(&repo, &here, span, root) {
        Ok(report) => shown(&report),
        Err(error) => format!("{error}\n{}", error.help().unwrap_or_default()),
    }
}

fn shown(report: &Report<AuditBody>) -> String {
    let mut told = String::new();
    for commit in &report.body.commits {
        let signer = commit.signer.as_deref().unwrap_or("-");
        let changes: Vec<_> = (commit.changes.iter())
            .map(|it| format!("{} {}:{}", it.kind, it.file, it.pointer.dotted()))
            .collect();
        let standing = commit.signature.name();
        told.push_str(&format!(
            "{}: {standing} {signer} [{}]\n",
            commit.title,
            changes.join(", ")
        ));
    }
    for finding in &report.findings {
        let at = finding.location.source.text().trim_end();
        told.push_str(&format!(
            "{}: {} ({at})\n",
            finding.rule.id, finding.message
        ));
    }
    told
}

#[test]
fn each_commit_has_a_signer_and_what_it_changed() {
    let scratch = team();
    scratch.write("app.yaml", "pool: 2\nhost: a\n");
    by(&scratch, 2, "by bob");
    scratch.write("app.yaml", "pool: 2\nhost: \"a\" # the same\n");
    scratch.write("notes.md", "notes");
    scratch.commit("by nobody");
    scratch.write("app.yaml", "pool: 2\n");
    by(&scratch, 3, "by a stranger");
    insta::assert_snapshot!(told(&scratch, None, &Root::History), @"
    by a stranger: unknown - [removed app.yaml:host]
    by nobody: none - [added notes.md:]
    by bob: good bob@shop.example [changed app.yaml:pool]
    start: good ann@shop.example [added allowed_signers:, added app.yaml:]
    signature-missing: nobody signed this commit (by nobody)
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (by a stranger)
    ");
    insta::assert_snapshot!(told(&scratch, Some("HEAD~1"), &Root::History), @"
    by a stranger: unknown - [removed app.yaml:host]
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (by a stranger)
    ");
    insta::assert_snapshot!(told(&scratch, Some("HEAD"), &Root::History), @"");
}

#[test]
fn a_commit_that_was_changed_after_it_was_signed_is_told() {
    let scratch = team();
    scratch.commit("sound");
    scratch.sign_head(|_| sign(1, GIT, b"something else"));
    scratch.commit("for another purpose");
    scratch.sign_head(|payload| sign(1, "file", payload));
    scratch.commit("twice");
    scratch.sign_head(|payload| {
        let one = sign(1, GIT, payload);
        format!("{one}{one}")
    });
    by(&scratch, 1, "two headers");
    let object = scratch.git(&["cat-file", "commit", "HEAD"]) + "\n";
    scratch.put_head(
        "commit",
        &object.replacen("\ngpgsig ", "\ngpgsig x\ngpgsig ", 1),
    );
    scratch.commit("garbage");
    scratch.sign_head(|_| "garbage".to_owned());
    insta::assert_snapshot!(told(&scratch, Some("HEAD~5"), &Root::History), @"
    garbage: unknown - []
    two headers: bad - []
    twice: bad - []
    for another purpose: bad - []
    sound: bad - []
    signature-unknown: the signature of this commit does not count: it is no SSH signature, and no other kind counts (garbage)
    signature-bad: the signature of this commit does not count: it is not of what is signed here (sound)
    signature-malformed: the signature of this commit does not count: it holds more than one signature (twice)
    signature-malformed: the signature of this commit does not count: it has more than one signature (two headers)
    signature-bad: the signature of this commit does not count: it was made for another purpose (for another purpose)
    ");
}

#[test]
fn who_may_sign_changes_only_by_who_may_sign() {
    let scratch = team();
    scratch.write("allowed_signers", line("ann", 1) + &line("cid", 3));
    by(&scratch, 1, "cid for bob");
    by(&scratch, 3, "by cid");
    by(&scratch, 2, "by bob, too late");
    scratch.write("allowed_signers", line("ann", 1) + &line("eve", 4));
    by(&scratch, 4, "eve lets herself in");
    by(&scratch, 4, "by eve");
    by(&scratch, 3, "by cid, still");
    scratch.write(
        "allowed_signers",
        line("ann", 1) + &line("eve", 4) + &line("dan", 5),
    );
    by(&scratch, 1, "ann lets all of them in");
    by(&scratch, 5, "by dan");
    insta::assert_snapshot!(told(&scratch, None, &Root::History), @"
    by dan: good dan@shop.example []
    ann lets all of them in: good ann@shop.example [changed allowed_signers:]
    by cid, still: good cid@shop.example []
    by eve: unknown - []
    eve lets herself in: unknown - [changed allowed_signers:]
    by bob, too late: unknown - []
    by cid: good cid@shop.example []
    cid for bob: good ann@shop.example [changed allowed_signers:]
    start: good ann@shop.example [added allowed_signers:, added app.yaml:]
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (by bob, too late)
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (eve lets herself in)
    signers-changed: this commit changes who may sign, and its signature does not count: nobody is listed with its key (eve lets herself in)
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (by eve)
    ");
}

#[test]
fn a_revoked_key_counts_never() {
    let scratch = team();
    by(&scratch, 2, "by bob, before");
    scratch.write("revoked_signers", format!("{} lost\n", public(2)));
    by(&scratch, 1, "bob's key is lost");
    scratch.write("revoked_signers", "");
    by(&scratch, 2, "bob takes it back");
    by(&scratch, 2, "by bob, after");
    std::fs::remove_file(scratch.path().join("revoked_signers")).unwrap();
    by(&scratch, 1, "what is revoked stays so");
    insta::assert_snapshot!(told(&scratch, None, &Root::History), @"
    what is revoked stays so: good ann@shop.example [removed revoked_signers:]
    by bob, after: bad bob@shop.example []
    bob takes it back: bad bob@shop.example [changed revoked_signers:]
    bob's key is lost: good ann@shop.example [added revoked_signers:]
    by bob, before: bad bob@shop.example []
    start: good ann@shop.example [added allowed_signers:, added app.yaml:]
    signature-bad: the signature of this commit does not count: its key is revoked (bob takes it back)
    signers-changed: this commit changes who may sign, and its signature does not count: its key is revoked (bob takes it back)
    signature-bad: the signature of this commit does not count: its key is revoked (by bob, after)
    signature-bad: the signature of this commit does not count: its key is revoked (by bob, before)
    ");
}

#[test]
fn a_list_that_cannot_be_read_lets_nobody_in() {
    let scratch = team();
    scratch.write("allowed_signers", "ann\n");
    by(&scratch, 1, "broken");
    by(&scratch, 1, "by ann");
    insta::assert_snapshot!(told(&scratch, None, &Root::History), @"
    by ann: unknown - []
    broken: good ann@shop.example [changed allowed_signers:]
    start: good ann@shop.example [added allowed_signers:, added app.yaml:]
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (by ann)
    signers-unreadable: `allowed_signers`, line 1: there is no public key that can be read (broken)
    ");
    let scratch = team();
    scratch.write("revoked_signers", "no key\n");
    by(&scratch, 1, "broken");
    by(&scratch, 1, "by ann");
    insta::assert_snapshot!(told(&scratch, Some("HEAD~1"), &Root::History), @"
    by ann: unknown - []
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (by ann)
    signers-unreadable: `revoked_signers`, line 1: this is no public key (broken)
    ");
}

#[test]
fn what_a_merge_brings_is_judged_by_the_branch_it_comes_to() {
    let scratch = team();
    scratch.git(&["switch", "-q", "-c", "side"]);
    scratch.write("allowed_signers", line("eve", 4));
    by(&scratch, 4, "eve lets herself in");
    scratch.write("side.yaml", "a: 1\n");
    by(&scratch, 4, "by eve");
    scratch.write("side.yaml", "a: 2\n");
    by(&scratch, 2, "by bob");
    scratch.git(&["switch", "-q", "main"]);
    scratch.write("app.yaml", "pool: 1\nhost: b\n");
    by(&scratch, 1, "meanwhile");
    scratch.git(&["merge", "-q", "--no-commit", "side"]);
    scratch.write("app.yaml", "pool: 66\nhost: b\n");
    by(&scratch, 2, "merged, with something beside");
    by(&scratch, 4, "by eve, after");
    insta::assert_snapshot!(told(&scratch, Some("HEAD~2"), &Root::History), @"
    by eve, after: good eve@shop.example []
    merged, with something beside: good bob@shop.example [changed app.yaml:pool]
    by bob: good bob@shop.example [changed side.yaml:a]
    by eve: unknown - [added side.yaml:]
    eve lets herself in: unknown - [changed allowed_signers:]
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (by eve)
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (eve lets herself in)
    ");
}

#[test]
fn an_anchor_says_who_is_trusted() {
    let scratch = Scratch::new();
    scratch.write("allowed_signers", line("eve", 4));
    by(&scratch, 4, "eve was first");
    scratch.write("allowed_signers", line("ann", 1));
    by(&scratch, 1, "ann takes over");
    let anchor = scratch.id("HEAD");
    by(&scratch, 1, "by ann");
    by(&scratch, 4, "by eve");
    insta::assert_snapshot!(told(&scratch, None, &Root::Anchor(anchor)), @"
    by eve: unknown - []
    by ann: good ann@shop.example []
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (by eve)
    ");
    insta::assert_snapshot!(told(&scratch, Some("HEAD~1"), &Root::Anchor(anchor)), @"
    by eve: unknown - []
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (by eve)
    ");
    scratch.git(&["switch", "-q", "--orphan", "other"]);
    scratch.commit("elsewhere");
    let told = told(&scratch, None, &Root::Anchor(anchor));
    assert!(told.contains("does not lead to the commits"), "{told}");
}

#[test]
fn lists_from_elsewhere_count_instead() {
    let scratch = team();
    scratch.write("allowed_signers", line("eve", 4));
    by(&scratch, 4, "eve lets herself in");
    let mut signers = Signers {
        allowed: AllowedSigners::read("mine", line("eve", 4).as_bytes()).unwrap(),
        ..Signers::default()
    };
    insta::assert_snapshot!(told(&scratch, None, &Root::Lists(signers.clone())), @"
    eve lets herself in: good eve@shop.example [changed allowed_signers:]
    start: unknown - [added allowed_signers:, added app.yaml:]
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (start)
    ");
    signers.revoked = Revoked::read("mine", public(4).as_bytes()).unwrap();
    insta::assert_snapshot!(told(&scratch, None, &Root::Lists(signers)), @"
    eve lets herself in: bad eve@shop.example [changed allowed_signers:]
    start: unknown - [added allowed_signers:, added app.yaml:]
    signature-bad: the signature of this commit does not count: its key is revoked (eve lets herself in)
    signature-unknown: the signature of this commit does not count: nobody is listed with its key (start)
    ");
}

#[test]
fn where_nobody_is_listed_one_thing_is_told() {
    let scratch = Scratch::started();
    by(&scratch, 1, "signed");
    scratch.commit("tampered with");
    scratch.sign_head(|_| sign(1, GIT, b"other"));
    insta::assert_snapshot!(told(&scratch, None, &Root::History), @"
    tampered with: bad - []
    signed: unknown - []
    start: none - [added a.yaml:, added dir/b.yaml:, added dir/sub/c.yaml:]
    signature-bad: the signature of this commit does not count: it is not of what is signed here (tampered with)
    signers-missing: there is no `allowed_signers` that says who may sign (tampered with)
    ");
}

#[test]
fn tags_are_audited_beside_the_history() {
    let scratch = team();
    let tag = |name: &str, own: &str, at: &str, signed: Option<u8>| {
        let object = scratch.id(at);
        let mut text = format!(
            "object {object}\ntype commit\ntag {own}\ntagger A <a@example.org> 1700000000 +0000\n\n{name}\n"
        );
        if let Some(seed) = signed {
            text += &sign(seed, GIT, text.as_bytes());
        }
        let file = scratch.beside("tag");
        std::fs::write(&file, text).unwrap();
        let id = scratch.git(&[
            "hash-object",
            "-w",
            "-t",
            "tag",
            &file.display().to_string(),
        ]);
        scratch.git(&["update-ref", &format!("refs/tags/{name}"), &id]);
    };
    tag("v1", "v1", "HEAD", Some(2));
    tag("v2", "v1", "HEAD", Some(1));
    tag("v3", "v3", "HEAD", Some(4));
    tag("v4", "v4", "HEAD", None);
    scratch.git(&["tag", "light"]);
    scratch.git(&["tag", "file", "HEAD:app.yaml"]);
    scratch.write("allowed_signers", line("ann", 1));
    by(&scratch, 1, "bob leaves");
    tag("v5", "v5", "HEAD", Some(2));
    scratch.git(&["switch", "-q", "-c", "side"]);
    scratch.commit("never landed");
    tag("v6", "v6", "HEAD", Some(1));
    scratch.git(&["switch", "-q", "main"]);
    let repo = scratch.repo();
    let report = audit_tags(&repo, scratch.id("main"), &Root::History).unwrap();
    let mut told = String::new();
    for it in &report.body.tags {
        let signer = it.signer.as_deref().unwrap_or("-");
        let landed = if it.is_landed { "" } else { " (not landed)" };
        told.push_str(&format!(
            "{}: {} {signer}{landed}\n",
            it.name,
            it.signature.name()
        ));
    }
    for finding in &report.findings {
        told.push_str(&format!("{}: {}\n", finding.rule.id, finding.message));
    }
    insta::assert_snapshot!(told, @"
    file: none - (not landed)
    light: none -
    v1: good bob@shop.example
    v2: good ann@shop.example
    v3: unknown -
    v4: none -
    v5: unknown -
    v6: good ann@shop.example (not landed)
    signature-missing: nobody signed this tag
    signature-missing: nobody signed this tag
    tag-moved: `v2` is a tag that was made as `v1`
    signature-unknown: the signature of this tag does not count: nobody is listed with its key
    signature-missing: nobody signed this tag
    signature-unknown: the signature of this tag does not count: nobody is listed with its key
    tag-off-history: `v6` is a tag of a commit that was never landed
    ");
    let anchor = Root::Anchor(scratch.id("main"));
    let report = audit_tags(&repo, scratch.id("main"), &anchor).unwrap();
    assert_eq!(report.body.tags.len(), 8);
}

#[test]
fn signature_expired_is_one_outside_the_days_of_its_key() {
    let scratch = team();
    let bob = line("bob", 2).replace("namespaces", "valid-after=\"20240101Z\",namespaces");
    scratch.write("allowed_signers", line("ann", 1) + &bob);
    by(&scratch, 1, "bob from 2024 on");
    by(&scratch, 2, "by bob, in 2023");
    insta::assert_snapshot!(told(&scratch, Some("HEAD~1"), &Root::History), @"
    by bob, in 2023: expired bob@shop.example []
    signature-expired: the signature of this commit does not count: its key did not count at that moment (by bob, in 2023)
    ");
}
