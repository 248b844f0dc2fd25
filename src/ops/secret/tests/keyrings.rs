use super::*;

fn told(done: Result<Vec<String>>) -> String {
    let error = done.unwrap_err();
    let text = format!("{error}\nhelp: {}", error.help().unwrap_or_default());
    let mut parts = text.split("age1");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_of_key = |c: char| c == '…' || c.is_ascii_lowercase() || c.is_ascii_digit();
        let rest = part.trim_start_matches(is_of_key);
        out.push_str(&format!("age1…{rest}"));
    }
    out
}

impl Shop {
    /// Puts a member into the manifest by hand.
    fn smuggle(&self, name: &str, who: &Somebody) {
        let manifest = self.text("strata.yaml");
        let ann = manifest
            .lines()
            .find(|line| line.trim_start().starts_with("ann:"));
        let ann = ann.unwrap();
        let line = format!("{ann}\n      {name}: {}", who.recipient);
        self.replace("strata.yaml", ann, &line);
        self.scratch.commit("one line");
    }

    pub(super) fn since(&self, revision: &str) -> Scope {
        let repo = self.scratch.repo();
        Scope::Changes {
            since: Some(Snapshot::of_revision(
                &repo,
                &repo.revision(revision).unwrap(),
            )),
        }
    }

    fn remove(&self, name: &str) -> Result<Vec<String>> {
        self.keyring("prod", &KeyringChange::Remove(vec![name.to_owned()]))
    }

    /// Writes the keyring's file as earlier versions did.
    fn unlist(&self) {
        let path = self.scratch.path().join("keyrings/prod.age");
        let keys = crate::seal::Keys::open(&std::fs::read(&path).unwrap(), &self.ann.identities);
        let members = [self.ann.recipient.clone()];
        let file = keys.unwrap().seal_unlisted(&members, &ask()).unwrap();
        self.scratch.write("keyrings/prod.age", file);
        self.scratch.commit("as it was once");
    }
}

#[test]
fn line_in_the_manifest_lets_nobody_in() {
    let shop = Shop::sealed();
    let carol = somebody();
    shop.smuggle("bob", &shop.bob);
    let add = || shop.keyring("prod", &KeyringChange::Add(Shop::member("carol", &carol)));
    insta::assert_snapshot!(told(add()), @"
    `strata.yaml` lists `bob` as a member of the keyring `prod`, and no member let them in
    help: see who wrote it (`git log strata.yaml`), and take the line out; or, where it is right, a member lets them in: `git strata secret keyring add prod bob=age1…`
    ");
    insta::assert_snapshot!(told(shop.keyring("prod", &KeyringChange::Rotate)), @"
    `strata.yaml` lists `bob` as a member of the keyring `prod`, and no member let them in
    help: see who wrote it (`git log strata.yaml`), and take the line out; or, where it is right, a member lets them in: `git strata secret keyring add prod bob=age1…`
    ");
    assert!(shop.read("prod", "db.password", &shop.bob).is_err());
    // Whoever is named by a member is meant.
    shop.keyring("prod", &KeyringChange::Add(Shop::member("bob", &shop.bob)))
        .unwrap();
    assert!(shop.read("prod", "db.password", &shop.bob).is_ok());
    add().unwrap();
    assert_eq!(shop.check(&Scope::Tree, Some(&shop.ann)), "");
    // A member who is not listed goes no sooner than somebody says so.
    let manifest = shop.text("strata.yaml");
    let line = manifest
        .lines()
        .find(|line| line.trim_start().starts_with("carol:"));
    shop.replace("strata.yaml", &format!("{}\n", line.unwrap()), "");
    shop.scratch.commit("carol is not there");
    insta::assert_snapshot!(told(shop.keyring("prod", &KeyringChange::Rotate)), @"
    `carol` can read the secrets of the keyring `prod`, and `strata.yaml` does not list them
    help: put the line `carol: age1…` back; or let them no longer read: `git strata secret keyring remove prod carol`
    ");
    shop.remove("carol").unwrap();
    assert_eq!(shop.check(&Scope::Tree, Some(&shop.ann)), "");
    shop.smuggle("carol", &carol);
    shop.remove("carol").unwrap();
    assert!(!shop.text("strata.yaml").contains("carol"));
}

#[test]
fn another_key_is_another_member() {
    let shop = Shop::sealed();
    shop.keyring("prod", &KeyringChange::Add(Shop::member("bob", &shop.bob)))
        .unwrap();
    let carol = somebody();
    let bob = shop.bob.recipient.to_string();
    shop.replace("strata.yaml", &bob, carol.recipient.as_str());
    shop.scratch.commit("another key");
    insta::assert_snapshot!(shop.check(&Scope::Tree, None), @"");
    insta::assert_snapshot!(shop.check(&Scope::Tree, Some(&shop.ann)), @"error[keyring-mismatch] strata.yaml:11: `strata.yaml` gives `bob` another key than `keyrings/prod.age`, which a member wrote");
    insta::assert_snapshot!(told(shop.keyring("prod", &KeyringChange::Rotate)), @"
    `strata.yaml` gives `bob` another key than `keyrings/prod.age`, which a member wrote
    help: see who wrote it (`git log strata.yaml`), and put `bob: age1…` back; another key is another member: remove, then add
    ");
    let add = KeyringChange::Add(Shop::member("bob", &carol));
    insta::assert_snapshot!(told(shop.keyring("prod", &add)), @"
    `bob` is a member of the keyring `prod` with another key
    help: take the old key out first, since it could read all there is: `git strata secret keyring remove prod bob`; then add the new one
    ");
    shop.remove("bob").unwrap();
    shop.keyring("prod", &add).unwrap();
    assert!(shop.read("prod", "db.password", &carol).is_ok());
    let twice = KeyringChange::Add(Shop::member("dave", &carol));
    insta::assert_snapshot!(told(shop.keyring("prod", &twice)), @"
    the key of `dave` is that of `bob`, who is a member of the keyring `prod`
    help: give each member a key of their own
    ");
}

#[test]
fn keyring_of_an_earlier_version_takes_its_members_up_when_they_are_confirmed() {
    let shop = Shop::sealed();
    shop.unlist();
    let change = KeyringChange::Add(Shop::member("bob", &shop.bob));
    insta::assert_snapshot!(told(shop.keyring("prod", &change)), @"
    `keyrings/prod.age` was written by an earlier version and does not say who its members are; `strata.yaml` lists ann (age1…)
    help: look whether they are, each with that key; if so, add `--confirm-members`
    ");
    assert!(shop.read("prod", "db.password", &shop.ann).is_ok());
    shop.keyring_by("prod", &change, &shop.ann, None, true)
        .unwrap();
    shop.keyring("prod", &KeyringChange::Rotate).unwrap();
    assert!(shop.read("prod", "db.password", &shop.bob).is_ok());
}

#[test]
fn nothing_is_taken_out_beside_an_edit_that_would_bring_it_back() {
    let shop = Shop::sealed();
    shop.keyring("prod", &KeyringChange::Add(Shop::member("bob", &shop.bob)))
        .unwrap();
    let manifest = shop.text("strata.yaml");
    shop.scratch
        .write("strata.yaml", format!("{manifest}# a note\n"));
    insta::assert_snapshot!(told(shop.remove("bob")), @"
    `strata.yaml` holds changes that are not committed, which would bring back what is taken out here
    help: commit them, or put them away: `git stash`
    ");
    shop.scratch.write("strata.yaml", &manifest);
    let layer = shop.text("prod.yaml");
    shop.scratch
        .write("prod.yaml", format!("{layer}# a note\n"));
    shop.scratch.git(&["add", "prod.yaml"]);
    shop.scratch.write("prod.yaml", &layer);
    insta::assert_snapshot!(told(shop.remove("bob")), @"
    `prod.yaml` holds changes that are not committed, which would bring back what is taken out here
    help: commit them, or put them away: `git stash`
    ");
    shop.scratch.git(&["reset", "-q"]);
    shop.remove("bob").unwrap();
}

#[test]
fn whole_files_are_sealed_with_the_new_key() {
    use crate::seal::{Armor, is_sealed_file, open_file, seal_file};
    let shop = Shop::sealed();
    shop.keyring("prod", &KeyringChange::Add(Shop::member("bob", &shop.bob)))
        .unwrap();
    let keyring = || {
        shop.configuration().manifest().keyrings["prod"]
            .recipient
            .clone()
    };
    let seal = |to: &[Recipient], armor| seal_file(b"-----\xff", to, armor, &ask()).unwrap();
    let carol = somebody().recipient;
    shop.scratch
        .write("tls/server.key.age", seal(&[keyring()], Armor::Binary));
    shop.scratch.write(
        "tls/both.age",
        seal(&[keyring(), carol.clone()], Armor::Text),
    );
    shop.scratch
        .write("tls/other.age", seal(&[carol], Armor::Text));
    shop.scratch.write("tls/none.age", "hello");
    shop.scratch.commit("whole files");
    let old = shop.configuration();
    let old = old.vault(old.here(), Arc::clone(&shop.bob.identities));
    let old = old.unwrap().keys("prod").unwrap();
    let exposed = shop.remove("bob").unwrap();
    insta::assert_snapshot!(exposed.join("\n"), @"
    prod.yaml /db/password
    prod.yaml /keys/0
    prod.yaml /keys/1
    tls/both.age
    tls/server.key.age
    by hand: tls/both.age
    ");
    let sealed = std::fs::read(shop.scratch.path().join("tls/server.key.age")).unwrap();
    assert!(is_sealed_file(&sealed) && old.open_file(&sealed).is_err());
    assert!(open_file(&sealed, &shop.bob.identities).is_err());
    let new = shop.configuration();
    let new = new.vault(new.here(), Arc::clone(&shop.ann.identities));
    let new = new.unwrap().keys("prod").unwrap();
    assert_eq!(new.open_file(&sealed).unwrap().as_slice(), b"-----\xff");
}

#[test]
fn other_branches_that_hold_an_older_key_are_told_and_catch_up() {
    let shop = Shop::plain();
    shop.keyring("prod", &shop.new_keyring(&[], &[])).unwrap();
    shop.keyring("prod", &KeyringChange::Add(Shop::member("bob", &shop.bob)))
        .unwrap();
    // One branch has a keyring of its own beside it, another the same one.
    shop.keyring_by(
        "live",
        &shop.new_keyring(&["live"], &[]),
        &shop.ann,
        Some("live"),
        false,
    )
    .unwrap();
    let seal_there = || {
        let sealing = Sealing {
            environment: Some("live".to_owned()),
            service: None,
            layer: None,
            key: "db.password".parse().unwrap(),
            secret: Secret::text("the live one"),
            keyring: Some("prod".to_owned()),
        };
        shop.commit(&|repo, configuration| {
            seal(repo, configuration, std::slice::from_ref(&sealing))
        })
        .unwrap();
    };
    seal_there();
    assert_eq!(
        shop.read("live", "db.password", &shop.bob).unwrap(),
        "the live one"
    );
    insta::assert_snapshot!(shop.remove("bob").unwrap().join("\n"), @"the branch `live` holds 1 value sealed with an older key: `git strata secret keyring remove prod bob --on live`");
    let there =
        |change: &KeyringChange| shop.keyring_by("prod", change, &shop.ann, Some("live"), false);
    let remove = KeyringChange::Remove(vec!["bob".to_owned()]);
    insta::assert_snapshot!(there(&remove).unwrap().join("\n"), @"base.yaml /db/password");
    assert_eq!(
        shop.read("live", "db.password", &shop.ann).unwrap(),
        "the live one"
    );
    insta::assert_snapshot!(told(there(&KeyringChange::Add(Shop::member("bob", &shop.bob)))), @"
    the keyring `prod` is not declared on that branch: it has the one of the branch you stand on
    help: add them here: leave `--on` out
    ");
    assert_eq!(
        shop.check(&Scope::Everything, Some(&shop.ann))
            .matches("live")
            .count(),
        0
    );
    // From one state of it, two branches come to the same key.
    shop.scratch.git(&["branch", "-f", "live", "main"]);
    seal_there();
    shop.keyring("prod", &KeyringChange::Rotate).unwrap();
    let ann = KeyringChange::Remove(vec!["ann".to_owned()]);
    insta::assert_snapshot!(told(there(&ann)), @"
    `ann` is still a member of the keyring `prod` on the branch you stand on
    help: take them out there first: the same command without `--on`
    ");
    there(&KeyringChange::Rotate).unwrap();
    assert_eq!(
        shop.read("live", "db.password", &shop.ann).unwrap(),
        "the live one"
    );
    let configuration = shop.configuration();
    let live = configuration.tree(Some("live")).unwrap();
    let live = configuration.keyrings(&live).unwrap();
    assert_eq!(
        live["prod"].recipient,
        configuration.manifest().keyrings["prod"].recipient
    );
}

#[test]
fn keyring_that_was_changed_by_hand_is_told_without_a_key() {
    let shop = Shop::sealed();
    shop.keyring("prod", &KeyringChange::Add(Shop::member("bob", &shop.bob)))
        .unwrap();
    shop.keyring("dev", &shop.new_keyring(&["dev"], &["db.*"]))
        .unwrap();
    shop.scratch.git(&["tag", "base"]);
    let file = shop.scratch.path().join("keyrings/prod.age");
    let told = |who: Option<&Somebody>| {
        let told = shop.check(&shop.since("base"), who);
        shop.scratch.git(&["reset", "-q", "--hard", "base"]);
        told.lines()
            .filter(|line| line.contains("keyring]"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let mut all = Vec::new();
    let manifest = shop.text("strata.yaml");
    let line = |start: &str| {
        let mut lines = manifest.lines();
        let found = lines.find(|line| line.trim_start().starts_with(start));
        format!("{}\n", found.unwrap())
    };
    let carol = somebody();
    // A member more, one less, another's key.
    shop.replace(
        "strata.yaml",
        &line("bob:"),
        &format!("{}      carol: {}\n", line("bob:"), carol.recipient),
    );
    all.push(told(None));
    shop.replace("strata.yaml", &line("bob:"), "");
    all.push(told(None));
    let bob = shop.bob.recipient.to_string();
    shop.replace("strata.yaml", &bob, carol.recipient.as_str());
    all.push(told(None));
    // Another file; none; one for fewer, with the same key.
    let keys = crate::seal::Keys::open(&std::fs::read(&file).unwrap(), &shop.ann.identities);
    let keys = keys.unwrap();
    let ann = Shop::member("ann", &shop.ann);
    let sealed = |keys: &crate::seal::Keys, members: &IndexMap<String, Recipient>| {
        shop.scratch
            .write("keyrings/prod.age", keys.seal(members, &ask()).unwrap());
    };
    sealed(&keys, keys.members().unwrap());
    all.push(told(None));
    std::fs::remove_file(&file).unwrap();
    all.push(told(None));
    shop.replace("strata.yaml", &line("bob:"), "");
    sealed(&keys, &ann);
    all.push(told(None));
    // Another key: of the same generation; of a new one, of which the file knows nothing; of one
    // that somebody made who could not open the file.
    let mut other = crate::seal::Keys::new();
    other.renew();
    let swapped = other.recipient(2).unwrap().to_string();
    let own = keys.recipient(1).unwrap().to_string();
    let next = || {
        let key = |generation| format!("{swapped}\n    generation: {generation}");
        let first = key(1).replace(&swapped, &own);
        match shop.text("strata.yaml").contains(&own) {
            true => shop.replace("strata.yaml", &first, &first.replace(": 1", ": 2")),
            false => shop.replace("strata.yaml", &key(1), &key(2)),
        }
    };
    shop.replace("strata.yaml", &own, &swapped);
    all.push(told(None));
    next();
    all.push(told(None));
    shop.replace("strata.yaml", &own, &swapped);
    next();
    all.push(told(None));
    shop.replace("strata.yaml", &own, &swapped);
    next();
    sealed(&other, keys.members().unwrap());
    let both = shop.check(&shop.since("base"), None);
    assert!(
        both.contains("[replaced-key]") && !both.contains("tampered"),
        "{both}"
    );
    all.push(told(Some(&shop.ann)));
    // Limits that are gone.
    let (text, _) = manifest.split_once("\n    keys:").unwrap();
    let text = format!("{text}\n").replace("- dev\n", "- dev\n      - prod\n");
    shop.scratch.write("strata.yaml", text);
    all.push(told(None));
    insta::assert_snapshot!(all.join("\n"), @"
    error[tampered-keyring] strata.yaml:11: the members of the keyring `prod` changed, and `keyrings/prod.age` did not
    error[tampered-keyring] strata.yaml:11: the members of the keyring `prod` changed, and `keyrings/prod.age` did not
    error[tampered-keyring] strata.yaml:11: the members of the keyring `prod` changed, and `keyrings/prod.age` did not
    error[tampered-keyring] strata.yaml:11: `keyrings/prod.age` changed, and the keyring `prod` in `strata.yaml` did not
    error[tampered-keyring] strata.yaml:11: `keyrings/prod.age` is gone, and `strata.yaml` still declares the keyring `prod`
    error[tampered-keyring] strata.yaml:11: `bob` is out of the keyring `prod`, whose key is the one they know
    error[tampered-keyring] strata.yaml:11: the keyring `prod` has another public key, of the same generation
    error[tampered-keyring] strata.yaml:11: the keyring `prod` has another generation, with the same public key
    error[tampered-keyring] strata.yaml:11: the keyring `prod` has another public key, and `keyrings/prod.age` did not change
    error[tampered-keyring] strata.yaml:11: `keyrings/prod.age` no longer holds generation 1 of its key: somebody made it anew who could not open it
    warning[widened-keyring] strata.yaml:19: the keyring `dev` was only for dev, and only at `/db/*`, and is only for dev, prod
    ");
    // What the commands do is no fault.
    shop.remove("bob").unwrap();
    shop.keyring("prod", &KeyringChange::Add(Shop::member("carol", &carol)))
        .unwrap();
    shop.keyring("new", &shop.new_keyring(&[], &[])).unwrap();
    assert_eq!(shop.check(&shop.since("base"), Some(&shop.ann)), "");
}

#[test]
fn file_of_a_keyring_that_is_none_is_told() {
    let shop = Shop::sealed();
    let path = shop.scratch.path().join("keyrings/prod.age");
    let real = std::fs::read(&path).unwrap();
    let mut all = Vec::new();
    for odd in [
        b"".to_vec(),
        b"\0\xff\xfe".to_vec(),
        b"-----BEGIN AGE ENCRYPTED FILE-----\n\xff\n".to_vec(),
        b"age-encryption.org/v1\n-> X25519\n".to_vec(),
        real[..real.len() / 2].to_vec(),
    ] {
        shop.scratch.write("keyrings/prod.age", odd);
        assert!(shop.read("prod", "db.password", &shop.ann).is_err());
        shop.scratch.commit("odd");
        assert!(shop.keyring("prod", &KeyringChange::Rotate).is_err());
        let found = shop.check(&Scope::Tree, Some(&shop.ann));
        all.push(found.lines().next().unwrap_or("nothing").to_owned());
    }
    shop.scratch.write("real.age", &real);
    std::fs::remove_file(&path).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../real.age", &path).unwrap();
        all.push(shop.check(&Scope::Tree, Some(&shop.ann)));
        shop.scratch.commit("a link");
        all.push(
            shop.keyring("prod", &KeyringChange::Rotate)
                .unwrap_err()
                .to_string(),
        );
    }
    insta::assert_snapshot!(all.join("\n"), @"
    error[refused-token] prod.yaml:2: the keyring `prod` does not open: it is not well-formed: it is none of age
    error[refused-token] prod.yaml:2: the keyring `prod` does not open: it is not well-formed: it is none of age
    error[refused-token] prod.yaml:2: the keyring `prod` does not open: it was changed after it was sealed
    error[refused-token] prod.yaml:2: the keyring `prod` does not open: its end is missing
    error[refused-token] prod.yaml:2: the keyring `prod` does not open: it was changed after it was sealed
    error[refused-token] prod.yaml:2: the keyring `prod` does not open: its file is a link
    error[keyring-mismatch] strata.yaml:11: `keyrings/prod.age` is a link: the file of a keyring stands where it is
    the keyring `prod` does not open: its file is a link
    ");
    insta::assert_snapshot!(told(shop.keyring("PROD", &shop.new_keyring(&[], &[]))), @"
    there is a keyring `prod` already
    help: add somebody to it: `git strata secret keyring add prod NAME=age1…`
    ");
}

#[test]
fn nothing_is_sealed_for_a_key_that_was_put_there_by_hand() {
    let shop = Shop::sealed();
    shop.keyring("prod", &KeyringChange::Rotate).unwrap();
    shop.seal("prod", "db.password", Secret::text("a new password"))
        .unwrap();
    let seal = || {
        let done = shop.seal("prod", "db.password", Secret::text("another password"));
        told(done.map(|_| Vec::new()))
            .split(" in ")
            .take(1)
            .collect::<String>()
    };
    let configuration = shop.configuration();
    let own = configuration.manifest().keyrings["prod"]
        .recipient
        .to_string();
    let other = somebody().recipient.to_string();
    shop.replace("strata.yaml", &own, &other);
    insta::assert_snapshot!(seal(), @"the public key of the keyring `prod`");
    shop.scratch.commit("nothing to see");
    shop.scratch.write("other.txt", "a");
    shop.scratch.commit("another");
    insta::assert_snapshot!(seal(), @"the public key of the keyring `prod` was changed by hand");
    shop.replace("strata.yaml", "generation: 2", "generation: 3");
    shop.scratch.commit("another generation");
    insta::assert_snapshot!(seal(), @"the public key of the keyring `prod` was changed by hand");
    let all = shop.commit(&|repo, configuration| {
        let keyring = &configuration.manifest().keyrings["prod"];
        trusted(repo, configuration, configuration.here(), ("prod", keyring))?;
        seal_all(repo, configuration, None, None)
    });
    assert!(all.is_err());
}

#[test]
fn secret_of_a_layer_that_several_environments_share_is_for_all_of_them() {
    let shop = Shop::sealed();
    shop.keyring("all", &shop.new_keyring(&[], &[])).unwrap();
    let seal = |keyring: Option<&str>| {
        let sealing = Sealing {
            environment: Some("prod".to_owned()),
            service: None,
            layer: Some("base.yaml".to_owned()),
            key: "db.password".parse().unwrap(),
            secret: Secret::text("for all of them"),
            keyring: keyring.map(str::to_owned),
        };
        shop.commit(&|repo, configuration| {
            seal(repo, configuration, std::slice::from_ref(&sealing))
        })
    };
    insta::assert_snapshot!(seal(Some("prod")).unwrap_err(), @"the keyring `prod` is not for `db.password`");
    seal(None).unwrap();
    assert!(shop.text("base.yaml").contains("ENC[age1,all.1,"));
    assert_eq!(shop.check(&Scope::Tree, Some(&shop.ann)), "");
    let configuration = shop.configuration();
    let prod = &configuration.manifest().keyrings["prod"];
    let fits = |path: &str| {
        let places = ["/db/password".parse().unwrap()];
        let here = configuration.here();
        sealed_for(&configuration, here, &path.into(), ("prod", prod), &places)
    };
    assert!(fits("prod.yaml").is_ok());
    insta::assert_snapshot!(fits("base.yaml").unwrap_err(), @"the keyring `prod` is not for `db.password` in `base.yaml`");
}

#[test]
fn copy_is_told_where_it_is_and_not_where_it_was_taken() {
    let shop = Shop::sealed();
    let token = shop.token();
    let restore = || shop.scratch.git(&["checkout", "-q", "."]);
    shop.replace("prod.yaml", "db:", &format!("aaa: {token}\ndb:"));
    let mut all = vec![
        shop.check(&shop.since("HEAD"), None),
        shop.check(&Scope::Tree, None),
        shop.check(&Scope::Tree, Some(&shop.ann)),
    ];
    restore();
    // In a layer that is read before; in a file that is no layer.
    shop.replace("base.yaml", "db:", &format!("banner: {token}\ndb:"));
    let told = shop.check(&shop.since("HEAD"), None);
    all.extend(
        told.lines()
            .filter(|it| it.contains("copied"))
            .map(str::to_owned),
    );
    restore();
    shop.scratch.write("notes.md", format!("keep: {token}\n"));
    all.push(shop.check(&shop.since("HEAD"), None));
    insta::assert_snapshot!(all.join("\n"), @"
    error[copied-token] prod.yaml:1: the same sealed value stands at `db.password`, too
    error[copied-token] prod.yaml:1: this sealed value was moved here from `db.password`
    error[copied-token] prod.yaml:3: the same sealed value stands at `aaa`, too
    error[copied-token] prod.yaml:1: the same sealed value stands at `db.password`, too
    error[refused-token] prod.yaml:1: the secret does not open: it was sealed for `/db/password` in `prod.yaml`
    error[copied-token] base.yaml:2: the same sealed value stands at `db.password` in `prod.yaml`, too
    error[copied-token] notes.md:1: the sealed value of `db.password` in `prod.yaml` was copied into a file that is no layer
    ");
}

#[test]
fn keyrings_that_differ_by_capitals_alone_are_refused() {
    let shop = Shop::sealed();
    let manifest = shop.text("strata.yaml");
    let (_, entry) = manifest.split_once("  prod:\n    recipient").unwrap();
    shop.scratch.write(
        "strata.yaml",
        format!("{manifest}  Prod:\n    recipient{entry}"),
    );
    let found = shop.check(&Scope::Tree, None);
    assert!(
        found.contains("the keyrings `prod` and `Prod` differ by capitals alone"),
        "{found}"
    );
}
