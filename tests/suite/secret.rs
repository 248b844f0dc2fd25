//! Secrets, as a person seals and uses them.

use super::harness::{Place, Ran, hermetic};

const MANIFEST: &str = "strata: 1\nschemas: [schema/app.yaml]\nlayers:\n  - config/base.yaml\n  - config/{environment}.yaml\nenvironments:\n  dev: {}\n  prod: { follows: dev }\n";
const SCHEMA: &str = "type: object\nproperties:\n  db:\n    type: object\n    properties:\n      host: { type: string }\n      password: { type: string, writeOnly: true, x-rotate-after: 90 days }\n";

/// A repository with the keyring `prod`, whose member is Ann.
pub(crate) struct Shop {
    pub(crate) place: Place,
}

impl Shop {
    pub(crate) fn new() -> Self {
        let place = Place::new();
        place.git(&["init", "-q", "-b", "main"]);
        place.write("strata.yaml", MANIFEST);
        place.write("schema/app.yaml", SCHEMA);
        place.write("config/base.yaml", "db:\n  host: db.local  # here\n");
        place.write(
            "config/prod.yaml",
            "# of prod\ndb:\n  host: db.example.com\n",
        );
        place.commit("start");
        let shop = Self { place };
        let ann = shop.run("secret identity --to ../ann.txt").out;
        let ran = shop.run(&format!(
            "secret keyring new prod --env prod --member ann={}",
            ann.trim()
        ));
        assert_eq!(ran.status, 0, "{}", ran.all());
        shop
    }

    pub(crate) fn run(&self, words: &str) -> Ran {
        self.place.run(words)
    }

    /// Runs a line of the shell.
    pub(crate) fn shell(&self, line: &str) -> Ran {
        let output = hermetic("sh", self.place.path())
            .args(["-c", line])
            .output()
            .unwrap();
        Ran {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn seal(&self, value: &str) {
        let ran = self.shell(&format!(
            "printf '%s' '{value}' | git-strata secret seal db.password --env prod"
        ));
        assert_eq!(ran.status, 0, "{}", ran.all());
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(self.place.path().join("config/prod.yaml")).unwrap()
    }
}

#[test]
fn a_secret_is_sealed_read_changed_and_used() {
    let shop = Shop::new();
    shop.seal("hunter2hunter2");
    assert!(
        shop.text()
            .starts_with("# of prod\ndb:\n  host: db.example.com\n  password: ENC[age1,prod.1,")
    );
    insta::assert_snapshot!(shop.run("get db.password --env prod").all(), @"
    <sealed>
    [0]
    ");
    let reveal = "get db.password --env prod --reveal -i ../ann.txt";
    insta::assert_snapshot!(shop.run(reveal).all(), @"
    hunter2hunter2
    [0]
    ");
    insta::assert_snapshot!(shop.run("get db.password --env prod --reveal").all(), @"
    error: `db.password` stays sealed: the keyring `prod` needs an identity of one of its members
    help: name the file of your private key: `--identity FILE`, or `STRATA_IDENTITY_FILE`
    [2]
    ");
    insta::assert_snapshot!(shop.run("secret exec --env prod -i ../ann.txt -- printenv DB_PASSWORD").all(), @"
    hunter2hunter2
    [0]
    ");
    let words = [
        "secret",
        "exec",
        "--env",
        "prod",
        "-i",
        "../ann.txt",
        "--",
        "sh",
        "-c",
        "exit 7",
    ];
    assert_eq!(shop.place.run_in(shop.place.path(), &words, &[]).status, 7);
    let open = shop.run("secret open config/prod.yaml -i ../ann.txt");
    insta::assert_snapshot!(open.all(), @"
    # of prod
    db:
      host: db.example.com
      password: hunter2hunter2
    [0]
    ");
    // Changed in an editor: only that is sealed anew.
    let edited = shop.shell("EDITOR='sed -i s/hunter2hunter2/correct-horse/' git-strata secret edit config/prod.yaml -i ../ann.txt");
    insta::assert_snapshot!(edited.all(), @"
    sealed and written: config/prod.yaml
    [0]
    ");
    assert_eq!(shop.run(reveal).out, "correct-horse\n");
    let failed = shop.shell("EDITOR=false git-strata secret edit config/prod.yaml -i ../ann.txt");
    insta::assert_snapshot!(failed.all(), @"
    error: `false` failed; the file is as it was
    help: try again
    [2]
    ");
    shop.place.commit("edited");
    // Changed by a command.
    let rotated = shop.run("secret rotate db.password --env prod --with false");
    insta::assert_snapshot!(rotated.all(), @"
    error: the command for `db.password` failed (exit status: 1); it stays as it was
    help: run it by itself to see why
    [2]
    ");
    let words = [
        "secret",
        "rotate",
        "--all",
        "--env",
        "prod",
        "--with",
        "echo new-$STRATA_KEY-$STRATA_ENV",
    ];
    let rotated = shop.place.run_in(shop.place.path(), &words, &[]);
    assert_eq!(rotated.status, 0, "{}", rotated.all());
    assert_eq!(shop.run(reveal).out, "new-db.password-prod\n");
    assert_eq!(shop.run("check -i ../ann.txt").status, 0);
    let nothing = shop.run("secret seal db.password --env prod");
    insta::assert_snapshot!(nothing.all(), @r#"
    error: nothing came for `db.password` on the standard input
    help: an empty text is given as YAML: `echo "''" | git strata secret seal KEY --yaml`
    [2]
    "#);
}

#[test]
fn versions_and_ages_are_told_without_opening() {
    let shop = Shop::new();
    shop.seal("the first one");
    shop.place.git(&["tag", "v1"]);
    shop.seal("the second one");
    let rotated = shop.run("secret keyring rotate prod -i ../ann.txt");
    assert_eq!(rotated.status, 0, "{}", rotated.all());
    let history = shop
        .run("secret history db.password --env prod --at v1 --format json")
        .json();
    assert_eq!(
        history["body"]["versions"].as_array().unwrap().len(),
        2,
        "{history}"
    );
    assert_eq!(history["body"]["at"]["version"], 1);
    let schema = shop.run("util schema secret-history").json();
    assert!(jsonschema::is_valid(&schema, &history), "{history}");
    let told = shop
        .run("secret history db.password --env prod --at v1")
        .out;
    assert!(told.ends_with("version 1 was in force at v1\n"), "{told}");
    let old = shop.run("secret age --today 2046-01-01 --fail-on warning");
    assert_eq!(old.status, 1, "{}", old.all());
    assert!(old.out.contains("warning[overdue-secret]"), "{}", old.out);
    let ages = shop.run("secret age --env prod --format json").json();
    let schema = shop.run("util schema secret-age").json();
    assert!(jsonschema::is_valid(&schema, &ages), "{ages}");
    assert_eq!(ages["body"]["secrets"][0]["rotate_after"], 90);
    assert_eq!(ages["body"]["secrets"][0]["version"]["version"], 2);
}

#[test]
fn git_shows_what_changed_to_who_can_open_it() {
    let shop = Shop::new();
    shop.seal("hunter2hunter2");
    let file = shop.place.path().join("config/prod.yaml");
    let show = |env: &[(&str, &str)]| {
        let words = ["textconv", file.to_str().unwrap()];
        shop.place.run_in(shop.place.path(), &words, env)
    };
    let open = show(&[("STRATA_IDENTITY_FILE", "../ann.txt")]);
    assert!(open.out.contains("hunter2hunter2"), "{}", open.all());
    for file in ["", "../nobody.txt", "strata.yaml"] {
        let shut = show(&[("STRATA_IDENTITY_FILE", file)]);
        assert_eq!(shut.status, 0, "{}", shut.all());
        assert!(shut.out.contains("ENC[age1,prod.1,") && !shut.out.contains("hunter2"));
    }
}

#[test]
fn files_go_over_to_sops_and_come_back() {
    let shop = Shop::new();
    shop.seal("hunter2hunter2");
    let key = std::fs::read_to_string(shop.place.folder.path().join("ann.txt")).unwrap();
    let ann = key
        .lines()
        .next()
        .unwrap()
        .strip_prefix("# public key: ")
        .unwrap()
        .to_owned();
    let out = shop.run(&format!(
        "secret export config/prod.yaml --sops --to {ann} -i ../ann.txt"
    ));
    assert_eq!(out.status, 0, "{}", out.all());
    assert!(
        out.out.contains("ENC[AES256_GCM,") && !out.out.contains("hunter2"),
        "{}",
        out.out
    );
    shop.place.write("config/prod.yaml", &out.out);
    let reveal = "get db.password --env prod --reveal -i ../ann.txt";
    assert_eq!(shop.run(reveal).out, "hunter2hunter2\n");
    assert_eq!(shop.run("get db.password --env prod").out, "<sealed>\n");
    let back = shop.run("secret import config/prod.yaml --keyring prod -i ../ann.txt --write");
    insta::assert_snapshot!(back.all(), @"
    written: config/prod.yaml, sealed values: 1
    [0]
    ");
    assert!(shop.text().contains("ENC[age1,prod.1,"), "{}", shop.text());
    assert_eq!(shop.run(reveal).out, "hunter2hunter2\n");
    assert_eq!(shop.run("check -i ../ann.txt").status, 0);
}

#[test]
fn whole_files_are_sealed_for_a_keyring() {
    let shop = Shop::new();
    shop.place.write("tls/server.key", "the key\n");
    let ran = shop.run("secret seal --file tls/server.key --keyring prod");
    insta::assert_snapshot!(ran.all(), @"
    sealed and written: tls/server.key.age
    keep `tls/server.key` out of Git: `echo '/tls/server.key' >> .gitignore`
    [0]
    ");
    let sealed = std::fs::read_to_string(shop.place.path().join("tls/server.key.age")).unwrap();
    assert!(sealed.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
    assert_eq!(
        shop.run("secret open tls/server.key.age -i ../ann.txt").out,
        "the key\n"
    );
    shop.run("secret identity --to ../bob.txt");
    let other = shop.run("secret open tls/server.key.age -i ../bob.txt");
    insta::assert_snapshot!(other.all(), @"
    error: `tls/server.key.age` stays sealed: it is not sealed for this identity
    help: name the file of your private key: `--identity FILE`
    [2]
    ");
    // A new key of the keyring opens what an old one sealed.
    let ran = shop.run("secret keyring rotate prod -i ../ann.txt");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(
        shop.run("secret open tls/server.key.age -i ../ann.txt").out,
        "the key\n"
    );
}

#[test]
fn members_are_let_in_by_members_alone() {
    let shop = Shop::new();
    shop.seal("hunter2");
    let bob = shop.run("secret identity --to ../bob.txt").out;
    let bob = bob.trim();
    let manifest = shop.place.path().join("strata.yaml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let at = text.find("      ann:").unwrap();
    let smuggled = format!("{}      bob: {bob}\n{}", &text[..at], &text[at..]);
    std::fs::write(&manifest, smuggled).unwrap();
    shop.place.commit("a line");
    let shown = |ran: Ran| {
        let text = ran.all().replace(bob, "age1…");
        let lines = text.lines().filter(|line| !line.starts_with("committed "));
        lines.collect::<Vec<_>>().join("\n")
    };
    let rotated = shop.run("secret keyring rotate prod -i ../ann.txt");
    insta::assert_snapshot!(shown(rotated), @"
    error: `strata.yaml` lists `bob` as a member of the keyring `prod`, and no member let them in
    help: see who wrote it (`git log strata.yaml`), and take the line out; or, where it is right, a member lets them in: `git strata secret keyring add prod bob=age1…`
    [2]
    ");
    insta::assert_snapshot!(shown(shop.run("check HEAD~1..HEAD")), @"
    checked 3 files, 1 schema, 2 targets in dev (at HEAD), prod (at HEAD)

    error[tampered-keyring]: the members of the keyring `prod` changed, and `keyrings/prod.age` did not
      --> strata.yaml:10:3 (at HEAD)
       |
    10 |   prod:
       |   ^^^^
       |
       = help: see who changed it (`git log strata.yaml keyrings/prod.age`), take it back, and use `git strata secret keyring`

    1 error
    [1]
    ");
    let added = shop.run(&format!("secret keyring add prod bob={bob} -i ../ann.txt"));
    insta::assert_snapshot!(shown(added), @"
    changed: keyrings/prod.age

    no findings
    [0]
    ");
    assert_eq!(
        shop.run("get db.password --env prod --reveal -i ../bob.txt")
            .out,
        "hunter2\n"
    );
    insta::assert_snapshot!(shown(shop.run("secret keyring remove prod bob -i ../ann.txt")), @"
    key          was       is        for
    db.password  <secret>  <secret>  prod

    changed: keyrings/prod.age
    changed: config/prod.yaml
    changed: strata.yaml

    no findings
    change these where they are used, since who is out could read them:
      db.password in config/prod.yaml
    [0]
    ");
}

#[test]
fn what_is_unsealed_by_a_commit_is_refused_though_the_schema_calls_it_no_secret() {
    let shop = Shop::new();
    shop.seal("hunter2hunter2");
    shop.place
        .write("schema/app.yaml", SCHEMA.replace(", writeOnly: true", ""));
    shop.place.write(
        "config/prod.yaml",
        "# of prod\ndb:\n  host: db.example.com\n  password: hunter2hunter2\n",
    );
    shop.place.git(&["add", "-A"]);
    let ran = shop.run("check --staged");
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.out.contains("[unsealed-secret]"), "{}", ran.all());
    assert!(!ran.all().contains("hunter2"), "{}", ran.all());
}

#[test]
fn message_of_a_change_to_a_keyring_is_given_as_everywhere() {
    let shop = Shop::new();
    let ran = shop.run("secret keyring rotate prod -i ../ann.txt -m renewed");
    assert_eq!(ran.status, 0, "{}", ran.all());
    let title = shop.place.git(&["log", "-1", "--format=%s"]);
    assert_eq!(title.out.trim(), "renewed");
}

#[test]
fn what_is_shown_is_noted_in_the_access_log() {
    let shop = Shop::new();
    shop.seal("swordfish");
    let log = || {
        let json = shop.run("audit log --format json").json();
        let entries = json["body"]["entries"].as_array().unwrap().clone();
        let told = entries.iter().map(|it| {
            let secrets = it["secrets"].as_array().unwrap();
            let secrets: Vec<_> = secrets.iter().filter_map(|it| it.as_str()).collect();
            let of = [&it["environment"], &it["service"]];
            let of: Vec<_> = of.iter().filter_map(|it| it.as_str()).collect();
            let command = it["command"].as_str().unwrap();
            format!(
                "{} {command}: {} {}\n",
                it["who"].as_str().unwrap(),
                secrets.join(" "),
                of.join(" ")
            )
        });
        told.collect::<String>()
    };
    // What is not shown is not noted: not what stays sealed, does not open, or was only judged.
    shop.run("get db.password --env prod");
    shop.run("get db.password --env prod --reveal");
    shop.run("get db.host --env prod --reveal -i ../ann.txt");
    shop.run("check -i ../ann.txt");
    assert_eq!(log(), "");
    let shown = shop.run("get db.password --env prod --reveal -i ../ann.txt");
    assert_eq!(shown.out, "swordfish\n");
    shop.run("show --env prod --reveal -i ../ann.txt");
    shop.run("secret open config/prod.yaml -i ../ann.txt");
    shop.run("secret exec --env prod -i ../ann.txt -- true");
    shop.shell("EDITOR=true git-strata secret edit config/prod.yaml -i ../ann.txt");
    shop.shell("STRATA_IDENTITY_FILE=../ann.txt git-strata textconv config/prod.yaml");
    insta::assert_snapshot!(log(), @"
    Ada <ada@example.org> get: config/prod.yaml:db.password prod
    Ada <ada@example.org> show: config/prod.yaml:db.password prod
    Ada <ada@example.org> secret open: config/prod.yaml:db.password 
    Ada <ada@example.org> secret exec: config/prod.yaml:db.password prod
    Ada <ada@example.org> secret edit: config/prod.yaml:db.password 
    Ada <ada@example.org> textconv: config/prod.yaml:db.password
    ");
    let file = shop.place.path().join(".git/strata/access.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("swordfish"));
    // It holds, and no longer once somebody changed it.
    let last = shop.run("audit log --format json").json()["body"]["last"]
        .as_str()
        .unwrap()
        .to_owned();
    let verified = shop.run(&format!("audit log --verify {last}"));
    insta::assert_snapshot!(verified.all().replace(&last, "HASH"), @"
    6 entries
    the hash of the last entry: HASH

    no findings
    [0]
    ");
    std::fs::write(&file, text.replace("\"get\"", "\"put\"")).unwrap();
    let verified = shop.run("audit log --verify");
    assert_eq!(verified.status, 1, "{}", verified.all());
    assert!(
        verified
            .all()
            .contains("error[access-log-broken]: line 2 does not follow")
    );
    std::fs::remove_file(&file).unwrap();
    // Without it, or not at all.
    shop.place.git(&["config", "strata.accessLog", "false"]);
    shop.run("get db.password --env prod --reveal -i ../ann.txt");
    assert!(!file.exists());
    std::fs::create_dir(&file).unwrap();
    shop.place.git(&["config", "strata.accessLog", "true"]);
    let shown = shop.run("get db.password --env prod --reveal -i ../ann.txt");
    assert_eq!((shown.status, shown.out.as_str()), (0, "swordfish\n"));
    assert!(
        shown.err.starts_with("warning: the access log `"),
        "{}",
        shown.err
    );
    shop.place.git(&["config", "strata.accessLog", "required"]);
    for words in [
        "get db.password --env prod --reveal -i ../ann.txt",
        "secret open config/prod.yaml -i ../ann.txt",
        "secret exec --env prod -i ../ann.txt -- env",
    ] {
        let ran = shop.run(words);
        assert_ne!(ran.status, 0);
        assert!(
            !ran.out.contains("swordfish") && ran.err.contains("cannot be written"),
            "{}",
            ran.all()
        );
    }
    let textconv =
        shop.shell("STRATA_IDENTITY_FILE=../ann.txt git-strata textconv config/prod.yaml");
    assert!(
        textconv.status == 0 && !textconv.out.contains("swordfish"),
        "{}",
        textconv.all()
    );
    shop.place.git(&["config", "strata.accessLog", "often"]);
    insta::assert_snapshot!(shop.run("get db.password --env prod --reveal -i ../ann.txt").all(), @"
    error: `strata.accessLog` is none of true, false and required: `often`
    help: say one: `git config strata.accessLog required`
    [2]
    ");
}
