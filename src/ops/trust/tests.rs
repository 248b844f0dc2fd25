use super::*;
use crate::git::testing::Scratch;
use crate::git::{OpenOptions, Repo};
use crate::sign::testing::public;

/// What is known of each commit, the newest first, and what is wrong with the lists.
fn told_at(scratch: &Scratch, now: Option<i64>) -> String {
    let repo = Repo::open_with(&OpenOptions {
        dir: scratch.path(),
        now,
        ..OpenOptions::default()
    });
    let repo = repo.unwrap();
    let landings = repo.landings(None, scratch.id("HEAD")).unwrap();
    let trust = Trust::along(&repo, &landings, None, &Root::History).unwrap();
    let mut told = String::new();
    for step in landings.steps.iter().rev() {
        let verdict = trust.verdict(&repo, &step.commit).unwrap();
        let signer = verdict.signer.unwrap_or_default();
        let reason = verdict.reason.unwrap_or_default();
        let title = step.commit.title();
        let line = format!("{title}: {} {signer} {reason}", verdict.standing.name());
        told.push_str(line.trim_end());
        told.push('\n');
    }
    for finding in &trust.findings {
        let at = finding.location.source.text().trim_end();
        told.push_str(&format!(
            "{}: {} ({at})\n",
            finding.rule.id, finding.message
        ));
    }
    told
}

#[test]
fn a_list_of_ssh_keys_beside_a_folder_that_cannot_be_read_counts_no_longer() {
    let scratch = Scratch::new();
    scratch.write("allowed_signers", format!("ann {}\n", public(1)));
    scratch.write("pgp_signers/README.md", "Who signs.\n");
    scratch.commit("start");
    assert_eq!(told_at(&scratch, None), "start: none\n");
    for name in [
        "ann",
        "ann.gpg",
        ".asc",
        "ann,bob.asc",
        "*.asc",
        ".revoked.asc",
        "a.REVOKED.asc",
    ] {
        let scratch = Scratch::new();
        scratch.write(format!("pgp_signers/{name}").as_str(), "");
        scratch.commit("start");
        let told = told_at(&scratch, None);
        assert!(
            told.contains("signers-unreadable: `pgp_signers/"),
            "{name}: {told}"
        );
    }
    let scratch = Scratch::new();
    scratch.write("pgp_signers/ann.asc/deeper", "");
    scratch.commit("start");
    insta::assert_snapshot!(told_at(&scratch, None), @"
    start: none
    signers-unreadable: `pgp_signers/ann.asc` is no plain file (start)
    ");
}

#[cfg(feature = "openpgp")]
mod openpgp {
    use super::*;
    use crate::sign::pgp_testing::{DAY, MADE, Owner, key_ends, keys_text, signs};

    fn at(day: u32) -> Option<i64> {
        Some(i64::from(MADE + day * DAY))
    }

    /// Commits on a day, signed by somebody with OpenPGP on another one.
    fn land_dated(scratch: &Scratch, who: &Owner, day: u32, signed: u32, message: &str) {
        scratch.commit(message);
        let payload = scratch.git(&["cat-file", "commit", "HEAD"]) + "\n";
        let payload: String = (payload.split_inclusive('\n'))
            .map(|line| match line.strip_prefix("committer ") {
                Some(_) => format!(
                    "committer Ada <ada@example.org> {} +0000\n",
                    MADE + day * DAY
                ),
                None => line.to_owned(),
            })
            .collect();
        let armored = who.signs(payload.as_bytes(), signed);
        let armored = armored.trim_end().replace('\n', "\n ");
        let (head, message) = payload.split_once("\n\n").unwrap();
        scratch.put_head("commit", &format!("{head}\ngpgsig {armored}\n\n{message}"));
    }

    fn land(scratch: &Scratch, who: &Owner, day: u32, message: &str) {
        land_dated(scratch, who, day, day, message);
    }

    fn list(scratch: &Scratch, name: &str, who: &Owner) {
        scratch.write(format!("pgp_signers/{name}.asc").as_str(), who.exported());
    }

    /// A repository of Ann, who may sign.
    fn team() -> (Scratch, Owner, Owner) {
        let (scratch, ann, bob) = (Scratch::new(), Owner::new(1), Owner::new(2));
        list(&scratch, "ann", &ann);
        land(&scratch, &ann, 1, "start");
        (scratch, ann, bob)
    }

    #[test]
    fn certificates_are_followed_along_the_history() {
        let (scratch, ann, bob) = team();
        let eve = Owner::new(3);
        list(&scratch, "eve", &eve);
        land(&scratch, &eve, 2, "eve lets herself in");
        scratch.git(&["rm", "-q", "pgp_signers/eve.asc"]);
        list(&scratch, "bob@shop.example", &bob);
        land(&scratch, &ann, 3, "bob comes");
        land(&scratch, &bob, 4, "by bob");
        scratch.git(&["rm", "-q", "pgp_signers/ann.asc"]);
        land(&scratch, &bob, 5, "ann goes");
        land(&scratch, &ann, 6, "by ann");
        insta::assert_snapshot!(told_at(&scratch, at(10)), @"
        by ann: unknown  nobody is listed with its key
        ann goes: good bob@shop.example
        by bob: good bob@shop.example
        bob comes: good ann
        eve lets herself in: unknown  nobody is listed with its key
        start: good ann
        signers-changed: this commit changes who may sign, and its signature does not count: nobody is listed with its key (eve lets herself in)
        ");
        scratch.write("pgp_signers/ann.revoked.asc", ann.exported());
        land(&scratch, &bob, 7, "ann lost her key");
        scratch.git(&["rm", "-q", "pgp_signers/ann.revoked.asc"]);
        list(&scratch, "ann", &ann);
        land(&scratch, &bob, 8, "and is let in again");
        insta::assert_snapshot!(told_at(&scratch, at(10)), @"
        and is let in again: good bob@shop.example
        ann lost her key: good bob@shop.example
        by ann: bad  its key is revoked
        ann goes: good bob@shop.example
        by bob: good bob@shop.example
        bob comes: bad ann its key is revoked
        eve lets herself in: unknown  nobody is listed with its key
        start: bad ann its key is revoked
        signers-changed: this commit changes who may sign, and its signature does not count: nobody is listed with its key (eve lets herself in)
        ");
    }

    #[test]
    fn ssh_and_openpgp_stand_side_by_side() {
        let (scratch, ann, _) = team();
        scratch.write("allowed_signers", format!("bob {}\n", public(2)));
        land(&scratch, &ann, 2, "bob comes");
        scratch.commit("by bob");
        scratch.sign_head(|payload| crate::sign::testing::sign(2, "git", payload));
        insta::assert_snapshot!(told_at(&scratch, at(10)), @"
        by bob: good bob
        bob comes: good ann
        start: good ann
        ");
        // One list that cannot be read takes both back.
        scratch.write("pgp_signers/cid.asc", "no key");
        land(&scratch, &ann, 3, "cid comes");
        land(&scratch, &ann, 4, "and goes");
        scratch.commit("by bob again");
        scratch.sign_head(|payload| crate::sign::testing::sign(2, "git", payload));
        insta::assert_snapshot!(told_at(&scratch, at(10)), @"
        by bob again: unknown  nobody is listed with its key
        and goes: unknown  nobody is listed with its key
        cid comes: good ann
        by bob: good bob
        bob comes: good ann
        start: good ann
        signers-unreadable: `pgp_signers/cid.asc`, line 1: this is no public key in the text form of OpenPGP (cid comes)
        ");
    }

    #[test]
    fn keys_end_and_live_longer() {
        let (scratch, ann, bob) = (Scratch::new(), Owner::new(1), Owner::new(2));
        let short = ann.certificate(vec![signs(true), key_ends(8)]);
        scratch.write("pgp_signers/ann.asc", keys_text(&short));
        land(&scratch, &ann, 1, "start");
        list(&scratch, "bob", &bob);
        land(&scratch, &ann, 2, "bob comes");
        land(&scratch, &bob, 3, "by bob");
        assert!(!told_at(&scratch, at(7)).contains("expired"));
        // What Ann signed is over; that she let Bob in is not.
        insta::assert_snapshot!(told_at(&scratch, at(9)), @"
        by bob: good bob
        bob comes: expired ann its key has expired
        start: expired ann its key has expired
        ");
        // Where nobody says what is now, the history does.
        assert!(!told_at(&scratch, None).contains("expired"));
        land(&scratch, &bob, 9, "later");
        assert!(told_at(&scratch, None).contains("start: expired"));
        // A key that is over lets nobody in, though it dates itself back.
        let eve = Owner::new(3);
        list(&scratch, "eve", &eve);
        land_dated(&scratch, &ann, 4, 4, "eve comes");
        insta::assert_snapshot!(told_at(&scratch, at(10)), @"
        eve comes: expired ann its key has expired
        later: good bob
        by bob: good bob
        bob comes: expired ann its key has expired
        start: expired ann its key has expired
        signers-changed: this commit changes who may sign, and its signature does not count: its key has expired (eve comes)
        ");
        scratch.git(&["reset", "-q", "--hard", "HEAD~1"]);
        let long = ann.named(5, vec![signs(true), key_ends(100)]);
        scratch.write(
            "pgp_signers/ann.asc",
            keys_text(&[ann.key_packet(), long].concat()),
        );
        land(&scratch, &bob, 10, "ann's key lives longer");
        land(&scratch, &ann, 11, "by ann");
        insta::assert_snapshot!(told_at(&scratch, at(20)), @"
        by ann: good ann
        ann's key lives longer: good bob
        later: good bob
        by bob: good bob
        bob comes: good ann
        start: good ann
        ");
        // A commit of the far future ends no key before its time.
        land_dated(&scratch, &bob, 4000, 12, "far away");
        list(&scratch, "eve", &eve);
        land(&scratch, &ann, 12, "eve comes");
        assert!(!told_at(&scratch, at(20)).contains("signers-changed"));
    }

    #[test]
    fn signatures_of_tags_are_judged() {
        let (scratch, ann, bob) = team();
        for (name, who) in [("v1.0.0", &ann), ("v1.1.0", &bob)] {
            scratch.git(&["tag", "-m", name, "-a", name]);
            let plain = scratch.git(&["cat-file", "tag", name]) + "\n";
            let armored = who.signs(plain.as_bytes(), 1);
            let file = scratch.beside("tag");
            std::fs::write(&file, plain + &armored).unwrap();
            let file = file.display().to_string();
            let id = scratch.git(&["hash-object", "-w", "-t", "tag", &file]);
            scratch.git(&["update-ref", &format!("refs/tags/{name}"), &id]);
        }
        let repo = scratch.repo();
        let landings = repo.landings(None, scratch.id("HEAD")).unwrap();
        let trust = Trust::along(&repo, &landings, None, &Root::History).unwrap();
        let tags = repo.tag_objects().unwrap();
        let judged = tags
            .iter()
            .map(|tag| trust.verdict_on_tag(&repo, tag).unwrap());
        let judged: Vec<_> = judged.map(|it| (it.standing.name(), it.signer)).collect();
        assert_eq!(
            judged,
            [("good", Some("ann".to_owned())), ("unknown", None)]
        );
    }
}
