//! Signatures beside what Git and OpenSSH say of them. Skipped where there is no `ssh-keygen`.
//!
//! `STRATA_SIGNATURES=1000` judges as many random cases.

use std::path::Path;

use super::harness::{Place, hermetic};

/// What `ssh-keygen` makes keys of.
const KEYS: [(&str, &[&str]); 6] = [
    ("ed25519", &["-t", "ed25519"]),
    ("p256", &["-t", "ecdsa", "-b", "256"]),
    ("p384", &["-t", "ecdsa", "-b", "384"]),
    ("p521", &["-t", "ecdsa", "-b", "521"]),
    ("rsa", &["-t", "rsa", "-b", "2048"]),
    // Too weak here, and good to Git.
    ("weak", &["-t", "rsa", "-b", "1024"]),
];

/// Makes a repository with the keys beside it; none where there is no `ssh-keygen`.
fn place() -> Option<Place> {
    let place = Place::new();
    assert_eq!(place.git(&["init", "-q", "-b", "main"]).status, 0);
    for (name, kind) in KEYS {
        let file = place.folder.path().join(name);
        let mut command = hermetic("ssh-keygen", place.folder.path());
        let made = command
            .args(["-q", "-N", "", "-C", name, "-f"])
            .arg(file)
            .args(kind);
        match made.output() {
            Ok(output) => assert!(output.status.success(), "{output:?}"),
            Err(_) => return None,
        }
    }
    Some(place)
}

fn public(place: &Place, name: &str) -> String {
    let file = place.folder.path().join(format!("{name}.pub"));
    std::fs::read_to_string(file).unwrap().trim_end().to_owned()
}

/// Commits, signed with a key, at a moment.
fn commit(place: &Place, key: &str, date: &str) {
    let file = place.folder.path().join(key).display().to_string();
    place.git(&["config", "gpg.format", "ssh"]);
    place.git(&["config", "user.signingKey", &file]);
    let words = ["commit", "-q", "-S", "--allow-empty", "-m", key];
    place.git_with(
        &words,
        &[("GIT_COMMITTER_DATE", date), ("GIT_AUTHOR_DATE", date)],
    );
}

/// What Git says of a commit, where the clocks are those of a zone.
fn git_takes(place: &Place, commit: &str, signers: &Path, revoked: &Path, zone: &str) -> bool {
    let mut command = hermetic("git", place.path());
    command.env("TZ", zone);
    command
        .arg("-c")
        .arg(format!("gpg.ssh.allowedSignersFile={}", signers.display()));
    command
        .arg("-c")
        .arg(format!("gpg.ssh.revocationFile={}", revoked.display()));
    command
        .args(["verify-commit", commit])
        .output()
        .unwrap()
        .status
        .success()
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

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

#[test]
fn no_verdict_is_laxer_than_that_of_git() {
    let Some(place) = place() else {
        println!("skipped: there is no ssh-keygen");
        return;
    };
    let dates = [
        "2024-01-01T00:30:00Z",
        "2024-06-01T12:00:00Z",
        "2024-12-31T23:30:00Z",
    ];
    for (key, _) in KEYS {
        for date in dates {
            commit(&place, key, date);
        }
    }
    // A signature of something else, by a key that may sign.
    let object = place.git(&["cat-file", "commit", "HEAD~17"]).out;
    let file = place.folder.path().join("object");
    std::fs::write(&file, object.replace("ed25519\n", "another message\n")).unwrap();
    let id = place
        .git(&[
            "hash-object",
            "-w",
            "-t",
            "commit",
            &file.display().to_string(),
        ])
        .out;
    place.git(&["update-ref", "refs/heads/forged", id.trim()]);
    let rounds = std::env::var("STRATA_SIGNATURES")
        .ok()
        .and_then(|it| it.parse().ok());
    let mut random = Random(7);
    let (mut alike, mut good, mut all) = (0, 0, 0);
    let [signers, revoked] = ["signers", "revoked"].map(|name| place.folder.path().join(name));
    for round in 0..rounds.unwrap_or(12) {
        let mut list = String::new();
        for _ in 0..1 + random.below(4) {
            let (name, _) = KEYS[random.below(KEYS.len())];
            let who = random.of(&["ann@a.example", "*@a.example", "\"e f,g\""]);
            let options = random.of(&[
                "",
                "",
                "",
                "namespaces=\"git\" ",
                "namespaces=\"file,g*\" ",
                "namespaces=\"*,!git\" ",
                "namespaces=\"file\" ",
                "cert-authority ",
                "valid-after=\"20240101\" ",
                "valid-after=\"20240101Z\" ",
                "valid-before=\"20241231\" ",
                "valid-before=\"20241231235959Z\" ",
                "VALID-AFTER=\"202406011200Z\",namespaces=\"git\" ",
                "valid-after=\"20240601\",valid-before=\"20240602\" ",
            ]);
            list.push_str(&format!("{who} {options}{}\n", public(&place, name)));
        }
        let gone = match random.below(3) {
            0 => public(&place, KEYS[random.below(KEYS.len())].0) + "\n",
            _ => String::new(),
        };
        std::fs::write(&signers, list.as_bytes()).unwrap();
        std::fs::write(&revoked, gone.as_bytes()).unwrap();
        let zone = random.of(&["UTC", "<-12>12", "<+14>-14"]);
        let lists = format!(
            "--signers {} --revoked {}",
            signers.display(),
            revoked.display()
        );
        for tip in ["main", "forged"] {
            let ran = place.run(&format!("audit {tip} {lists} --format json --exit-zero"));
            assert_eq!(ran.status, 0, "{list}: {}", ran.err);
            let answer = ran.json();
            let commits = answer["body"]["commits"].as_array().unwrap();
            let newest = if tip == "main" { commits.len() } else { 1 };
            for commit in &commits[..newest] {
                let id = commit["id"].as_str().unwrap();
                let ours = commit["signature"] == "good";
                // Not all of them each time: Git starts two programs for each.
                if !ours && random.below(4) > 0 {
                    continue;
                }
                let git = git_takes(&place, id, &signers, &revoked, zone);
                assert!(
                    git || !ours,
                    "round {round}, {zone}: {commit:#}\n{list}\nrevoked: {gone}"
                );
                all += 1;
                good += usize::from(ours);
                alike += usize::from(git == ours);
            }
        }
    }
    println!("{all} judged, {good} good, {alike} as Git does");
    // Being strict is no art: most of what Git takes is taken.
    assert!(
        good > 20 && alike * 10 > all * 8,
        "{all} judged, {good} good, {alike} alike"
    );
}

#[test]
fn who_signed_what_is_told() {
    let Some(place) = place() else {
        println!("skipped: there is no ssh-keygen");
        return;
    };
    let line = format!(
        "ann@shop.example namespaces=\"git\" {}\n",
        public(&place, "ed25519")
    );
    place
        .write("allowed_signers", line)
        .write("app.yaml", "pool: 1\nhost: a\n");
    place.git(&["add", "-A"]);
    commit(&place, "ed25519", "2026-01-01T12:00:00Z");
    place.write("app.yaml", "pool: 2\nhost: a\n");
    place.git(&["add", "-A"]);
    commit(&place, "p256", "2026-01-02T12:00:00Z");
    let shown = |words: &str| {
        let mut all = place.run(words).all();
        for revision in ["HEAD", "HEAD~1"] {
            let id = place.git(&["rev-parse", revision]).out;
            for length in [40, 12, 10] {
                all = all.replace(&id[..length], revision);
            }
        }
        let key = all
            .split_once("SHA256:")
            .map(|(_, rest)| rest[..43].to_owned());
        all.replace(&key.unwrap_or_else(|| "-".to_owned()), "…")
    };
    insta::assert_snapshot!(shown("audit"), @"
    commit      date        author  signature  signer            changes                    title
    HEAD  2026-01-02  Ada     unknown                      pool                       p256
    HEAD~1  2026-01-01  Ada     good       ann@shop.example  allowed_signers, app.yaml  ed25519

    error[signature-unknown]: the signature of this commit does not count: nobody is listed with its key
     --> commit HEAD (at HEAD)
      = help: its key is SHA256:…

    1 error
    [1]
    ");
    insta::assert_snapshot!(shown("audit HEAD~1"), @"
    commit      date        author  signature  signer            changes                    title
    HEAD~1  2026…01…01  Ada     good       ann@shop.example  allowed_signers, app.yaml  ed25519

    no findings
    [0]
    ");
    place.git(&["tag", "-m", "one", "-s", "v1.0.0"]);
    insta::assert_snapshot!(shown("audit tags"), @"
    tag     commit      signature  signer  landed
    v1.0.0  HEAD  unknown            yes

    error[signature-unknown]: the signature of this tag does not count: nobody is listed with its key
     --> tag v1.0.0
      = help: its key is SHA256:…

    1 error
    [1]
    ");
    insta::assert_snapshot!(place.run("audit --signers nowhere").all(), @"
    error: cannot read `./nowhere`
      because: No such file or directory (os error 2)
    [2]
    ");
    insta::assert_snapshot!(place.run("audit --staged").all(), @"
    error: nobody has signed what is in the index
    help: leave `--staged` out; `--rev` names the last commit
    [2]
    ");
    let own = place.folder.path().join("own");
    std::fs::write(&own, format!("bob {}\n", public(&place, "p256"))).unwrap();
    // Where the repository has no list, that of Git's own configuration serves.
    place.git(&["rm", "-q", "allowed_signers"]);
    commit(&place, "p256", "2026-01-03T12:00:00Z");
    place.git(&[
        "config",
        "gpg.ssh.allowedSignersFile",
        &own.display().to_string(),
    ]);
    let ran = place.run("audit HEAD~1..HEAD --format json").json();
    assert_eq!(ran["body"]["commits"][0]["signature"], "unknown");
    let ran = place.run("audit HEAD --format json").json();
    assert_eq!(ran["body"]["commits"][0]["signer"], "bob");
}

#[test]
fn what_is_set_is_signed_as_git_is_told_to() {
    let Some(place) = place() else {
        println!("skipped: there is no ssh-keygen");
        return;
    };
    let line = format!("ann@shop.example {}\n", public(&place, "ed25519"));
    place
        .write("allowed_signers", line)
        .write("strata.yaml", "strata: 1\nlayers: [app.yaml]\n")
        .write("app.yaml", "pool: 1\n");
    place.git(&["add", "-A"]);
    commit(&place, "ed25519", "2026-01-01T12:00:00Z");
    place.git(&["config", "user.name", "Ann"]);
    place.git(&["config", "user.email", "ann@shop.example"]);
    let set = |value: u8| place.run(&format!("set pool={value} -m more"));
    assert_eq!(set(2).status, 0);
    let unsigned = place.run("audit HEAD~1..HEAD --format json").json();
    assert_eq!(unsigned["body"]["commits"][0]["signature"], "none");
    place.git(&["config", "commit.gpgSign", "true"]);
    let ran = set(3);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.all());
    let signed = place.run("audit HEAD~1..HEAD --format json").json();
    assert_eq!(signed["body"]["commits"][0]["signer"], "ann@shop.example");
    let shown = |words: &str| {
        let head = place.git(&["rev-parse", "HEAD"]).out;
        let before = place.git(&["rev-parse", "HEAD~1"]).out;
        let ran = place.run(words);
        let all = ran.out.replace(&head[..10], "HEAD      ");
        all.replace(&before[..10], "HEAD~1    ")
    };
    let log = shown("log pool");
    let authors: Vec<_> = log.lines().filter_map(|line| line.get(24..)).collect();
    insta::assert_snapshot!(authors.join("\n"), @"
    author            was        became  title
    Ada (signed)      2          3       more
    Ada (not signed)  1          2       more
    Ada (signed)      (not set)  1       ed25519
    ");
    assert!(place.run("blame app.yaml").out.contains("Ada (signed)"));
    let shown = place.run("show --blame --format json").json();
    assert_eq!(
        shown["body"]["provenance"]["/pool"]["signer"],
        "ann@shop.example"
    );
    let signers = place.path().join("allowed_signers");
    assert!(git_takes(
        &place,
        "HEAD",
        &signers,
        &place.path().join("none"),
        "UTC"
    ));
    assert!(place.git(&["fsck", "--strict"]).all().ends_with("[0]"));
    // A key in the configuration itself is one of an agent, and here there is none.
    let before = place.git(&["rev-parse", "HEAD"]).out;
    let key = public(&place, "ed25519");
    for (name, value) in [
        ("user.signingKey", key.as_str()),
        ("user.signingKey", "nowhere"),
        ("user.signingKey", ""),
        ("gpg.format", "pigeon"),
        ("gpg.format", "openpgp"),
    ] {
        place.git(&["config", name, value]);
        place.git(&["config", "gpg.program", "/nowhere/gpg"]);
        let ran = set(4);
        assert_eq!(ran.status, 2, "{value}: {}", ran.all());
        assert!(ran.err.contains("help: "), "{}", ran.err);
        assert_eq!(place.git(&["rev-parse", "HEAD"]).out, before);
    }
    place.git(&["config", "gpg.format", "ssh"]);
    let file = place.folder.path().join("ed25519.pub");
    let command = format!("echo \"key::$(cat {})\"", file.display());
    place.git(&["config", "gpg.ssh.defaultKeyCommand", &command]);
    let ran = set(5);
    assert!(
        ran.err.contains("failed"),
        "without an agent: {}",
        ran.all()
    );
}
