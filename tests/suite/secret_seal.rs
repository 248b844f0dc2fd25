//! Sealing and changing secrets: nothing new is lost, and nothing is replaced that nobody named.

use super::secret::Shop;

const REVEAL: &str = "show --env prod --reveal -i ../ann.txt --format json";

#[test]
fn new_values_are_sealed_though_one_command_fails() {
    let shop = Shop::new();
    shop.seal("hunter2hunter2");
    let ran = shop.shell("printf first | git-strata secret seal db.first --env prod");
    assert_eq!(ran.status, 0, "{}", ran.all());
    let with = "echo told on the way >&2; test $STRATA_KEY = db.first && echo second-value";
    let words = ["secret", "rotate", "--all", "--env", "prod", "--with", with];
    let ran = shop.place.run_in(shop.place.path(), &words, &[]);
    let told = ran.err.clone();
    insta::assert_snapshot!(told, @"
    told on the way
    told on the way
    error: the command for `db.password` failed (exit status: 1); it stays as it was
    help: run it by itself to see why
    ");
    assert_eq!(ran.status, 1, "{}", ran.all());
    let get = |key: &str| {
        let command = format!("get {key} --env prod --reveal -i ../ann.txt");
        shop.run(&command).out
    };
    assert_eq!(get("db.first"), "second-value\n");
    assert_eq!(get("db.password"), "hunter2hunter2\n");
    let subject = shop.place.git(&["log", "-1", "--format=%s"]).out;
    assert_eq!(subject, "secrets: rotate db.first\n");
}

#[test]
fn what_would_be_refused_is_so_before_a_command_runs() {
    let shop = Shop::new();
    shop.seal("hunter2hunter2");
    let with = "touch ../ran; echo x";
    for keys in [&["db.password", "db.host"][..], &["db.password", "-m", " "]] {
        let mut words = vec!["secret", "rotate", "--env", "prod", "--with", with];
        words.extend(keys);
        let ran = shop.place.run_in(shop.place.path(), &words, &[]);
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert!(
            !shop.place.folder.path().join("ran").exists(),
            "{}",
            ran.all()
        );
    }
}

#[test]
fn new_values_that_cannot_be_committed_are_not_lost() {
    let shop = Shop::new();
    shop.seal("hunter2hunter2");
    let with = "touch .git/refs/heads/main.lock; echo correct-horse";
    let words = [
        "secret",
        "rotate",
        "db.password",
        "--env",
        "prod",
        "--with",
        with,
    ];
    let ran = shop.place.run_in(shop.place.path(), &words, &[]);
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(!ran.all().contains("correct-horse"));
    let (_, patch) = ran.err.split_once("for `git apply`:\n").unwrap();
    let patch = &patch[..patch.find("error:").unwrap()];
    shop.place.write("../patch", patch);
    let applied = shop.place.git(&["apply", "../patch"]);
    assert_eq!(applied.status, 0, "{}", applied.all());
    let get = shop.run("get db.password --env prod --reveal -i ../ann.txt");
    assert_eq!(get.out, "correct-horse\n");
}

#[test]
fn what_is_not_committed_is_sealed_in_the_files() {
    let shop = Shop::new();
    let plain = "db:\n  host: db.example.com\n  password: hunter2hunter2\n";
    shop.place.write("config/prod.yaml", plain);
    shop.place.commit("plain");
    shop.place
        .write("config/prod.yaml", format!("{plain}# more\n"));
    shop.place
        .write("config/dev.yaml", "db:\n  password: correct-horse\n");
    shop.place.git(&["add", "config/dev.yaml"]);
    let ran = shop.shell("git-strata secret keyring new dev --env dev --member ann=$(sed -n 's/.*: //p' ../ann.txt | head -1)");
    assert_eq!(ran.status, 0, "{}", ran.all());
    let tried = shop.run("secret seal --all --dry-run");
    assert!(
        tried
            .err
            .contains("config/dev.yaml holds changes that would be sealed, too"),
        "{}",
        tried.all()
    );
    assert!(shop.text().contains("hunter2hunter2"));
    let ran = shop.run("secret seal --all");
    assert_eq!(ran.status, 0, "{}", ran.all());
    insta::assert_snapshot!(ran.err, @"
    config/dev.yaml: sealed in the file, too, with its changes that are not committed
    config/dev.yaml is staged as it was: stage it anew, with `git add`
    config/prod.yaml: sealed in the file, too, with its changes that are not committed
    ");
    let dev = std::fs::read_to_string(shop.place.path().join("config/dev.yaml")).unwrap();
    assert!(
        dev.contains("ENC[age1,dev.1,") && !dev.contains("correct-horse"),
        "{dev}"
    );
    let prod = shop.text();
    assert!(
        prod.ends_with("# more\n") && !prod.contains("hunter2"),
        "{prod}"
    );
    // It is the value that was committed, sealed once.
    let committed = shop.place.git(&["show", "HEAD:config/prod.yaml"]).out;
    assert_eq!(format!("{committed}# more\n"), prod);
    let ran = shop.run("check");
    assert!(!ran.out.contains("plain-secret"), "{}", ran.all());
}

#[test]
fn maps_and_lists_are_not_replaced_by_one_value() {
    let shop = Shop::new();
    shop.place.write(
        "config/prod.yaml",
        "db:\n  host: x\nkeys: [first, second]\n",
    );
    shop.place.commit("lists");
    let seal = |words: &str| {
        shop.shell(&format!(
            "printf hunter2 | git-strata secret seal {words} --env prod"
        ))
    };
    insta::assert_snapshot!(seal("db").all(), @"
    error: `db` is a map, which one value would replace as a whole
    help: name the key that holds the secret, such as `db.host`; to seal all of the map as one, give it as YAML: `--yaml`
    [2]
    ");
    insta::assert_snapshot!(seal("keys").all(), @"
    error: `keys` is a list, which one value would replace as a whole
    help: name the item that holds the secret, such as `keys.0`; to seal all of the list as one, give it as YAML: `--yaml`
    [2]
    ");
    insta::assert_snapshot!(seal("keys.2").all(), @"
    error: the list `keys` in `config/prod.yaml` has no item `2`, but 2 items, from 0 on
    help: name one by its number; `keys.-` adds one at the end
    [2]
    ");
    let ran = seal("keys.1");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(shop.text().contains("keys: [first, "), "{}", shop.text());
    let ran = seal("keys.-");
    assert_eq!(ran.status, 0, "{}", ran.all());
    let json = shop.run(REVEAL).all();
    assert!(json.contains("hunter2"), "{json}");
    let file = shop.text();
    assert_eq!(file.matches("ENC[age1,").count(), 2, "{file}");
    let whole = shop.shell("echo '[a, b]' | git-strata secret seal keys --env prod --yaml");
    assert_eq!(whole.status, 0, "{}", whole.all());
}

#[test]
fn an_item_is_sealed_where_its_own_layer_has_it() {
    let shop = Shop::new();
    let manifest = std::fs::read_to_string(shop.place.path().join("strata.yaml")).unwrap();
    shop.place.write(
        "strata.yaml",
        format!("{manifest}merge: {{/users: by-key(name)}}\n"),
    );
    shop.place
        .write("config/base.yaml", "users: [{name: ann}]\n");
    shop.place.write(
        "config/prod.yaml",
        "users:\n  - {name: bob, key: old}\n  - {name: eve, key: old}\n",
    );
    shop.place.commit("users");
    let ran = shop.shell("printf hunter2 | git-strata secret seal users.1.key --env prod");
    assert_eq!(ran.status, 0, "{}", ran.all());
    let text = shop.text();
    assert!(text.contains("name: bob, key: \"ENC[age1,"), "{text}");
    assert!(text.contains("name: eve, key: old"), "{text}");
    let ran = shop.run("get users.1.key --env prod --reveal -i ../ann.txt");
    assert_eq!(ran.out, "hunter2\n", "{}", ran.all());
}

#[test]
fn what_is_no_text_is_refused_with_what_to_do() {
    let shop = Shop::new();
    let ran = shop.shell("printf '\\377\\376' | git-strata secret seal db.password --env prod");
    insta::assert_snapshot!(ran.all(), @"
    error: what came for `db.password` is no text, as a key in binary form is none
    help: seal it as text, for the program to decode: `base64 -w0 FILE | git strata secret seal db.password`; or as a file: `git strata secret seal --file FILE --keyring NAME`
    [2]
    ");
}

#[test]
fn a_trial_writes_no_file() {
    let shop = Shop::new();
    shop.place.write("tls/server.key", "the key\n");
    let ran = shop.run("secret seal --file tls/server.key --keyring prod --dry-run");
    insta::assert_snapshot!(ran.all(), @"
    would be sealed and written: tls/server.key.age
    [0]
    ");
    assert!(!shop.place.path().join("tls/server.key.age").exists());
}

#[test]
fn differences_cover_what_the_schema_calls_a_secret() {
    let shop = Shop::new();
    shop.place.write(
        "config/prod.yaml",
        "db:\n  host: x\n  password: hunter2hunter2\n",
    );
    shop.place.commit("plain");
    // The mark goes together with the change: the older side still has it.
    shop.place.write(
        "config/prod.yaml",
        "db:\n  host: y\n  password: correct-horse\n",
    );
    shop.place.write("schema/app.yaml", "type: object\n");
    for command in [
        "diff HEAD",
        "diff HEAD~1 HEAD --format json",
        "diff HEAD~1 --format markdown",
        "diff HEAD -- config",
    ] {
        let ran = shop.run(command);
        assert!(ran.out.contains("host"), "{}", ran.all());
        assert!(!ran.all().contains("hunter2"), "{command}: {}", ran.all());
        assert!(
            !ran.all().contains("correct-horse"),
            "{command}: {}",
            ran.all()
        );
    }
    insta::assert_snapshot!(shop.run("diff HEAD").out, @r#"
    config/prod.yaml
    ├─ ~ db.host: x → y
    └─ ~ db.password: *** → ***
    schema/app.yaml
    └─ - properties: {"db":{"type":"object","properties":{"host":{"type":"string"},"password":{"type":"string","writeOnl…
    "#);
    shop.place.git(&["checkout", "-q", "schema/app.yaml"]);
    let files = shop.run("diff HEAD:config/prod.yaml config/prod.yaml");
    assert!(
        files.out.contains("host") && !files.all().contains("hunter2"),
        "{}",
        files.all()
    );
    let ran = shop.run("hook install --diff-driver --write");
    assert_eq!(ran.status, 0, "{}", ran.all());
    let git = shop.place.git(&["diff", "--ext-diff", "--", "config"]);
    assert!(
        git.out.contains("host") && !git.all().contains("correct-horse"),
        "{}",
        git.all()
    );
}
