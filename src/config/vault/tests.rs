use std::sync::Arc;

use bstr::ByteSlice;

use super::*;
use crate::config::Configuration;
use crate::git::testing::Scratch;
use crate::seal::{Ask, Recipient, Silent};

/// A repository with one sealed value, and who can open it.
struct Sealed {
    scratch: Scratch,
    token: String,
    ann: Arc<Identities>,
    bob: Arc<Identities>,
}

fn ask() -> Ask {
    Arc::new(Silent)
}

fn identity() -> (Recipient, Arc<Identities>) {
    let (recipient, text) = crate::seal::new_identity();
    let identities = Identities::read("key.txt", text.expose().as_bytes(), &ask()).unwrap();
    (recipient, Arc::new(identities))
}

impl Sealed {
    fn new(layer: &str) -> Self {
        let scratch = Scratch::new();
        let ((ann, mine), (_, other)) = (identity(), identity());
        let keys = Keys::new();
        let recipient = keys.recipient(1).unwrap();
        let place = context(
            "prod",
            b"base.yaml".as_bstr(),
            &"/db/password".parse().unwrap(),
        );
        let token = Token::seal(&Secret::text("hunter2"), &place, 1, &recipient).unwrap();
        let file = String::from_utf8(keys.seal_unlisted(&[ann], &ask()).unwrap()).unwrap();
        scratch.write("keyrings/prod.age", &file);
        let manifest = format!(
            "strata: 1\nlayers: [base.yaml, over.yaml]\nkeyrings:\n  prod: {{recipient: {recipient}, generation: 1}}\n"
        );
        scratch.write("strata.yaml", &manifest);
        scratch.write("base.yaml", layer.replace("TOKEN", &token.to_string()));
        Self {
            scratch,
            token: token.to_string(),
            ann: mine,
            bob: other,
        }
    }

    fn open(&self, key: &str, identities: &Arc<Identities>) -> Result<Secret> {
        let snapshot = Snapshot::of_folder(&self.scratch.path());
        let configuration = Configuration::open(None, snapshot)?;
        let resolved = configuration.resolve(&configuration.target(None, None)?)?;
        let vault = configuration.vault(configuration.here(), Arc::clone(identities))?;
        resolved.open(&key.parse().unwrap(), &vault)
    }
}

#[test]
fn only_members_open_and_only_where_it_was_sealed_for() {
    let it = Sealed::new("db: {password: 'TOKEN'}\nbanner: TOKEN\nplain: x\n");
    assert_eq!(it.open("db.password", &it.ann).unwrap().expose(), "hunter2");
    let nobody = Arc::default();
    let tell = |key: &str, who: &Arc<Identities>| {
        let error = it.open(key, who).unwrap_err();
        format!("{error}\nhelp: {}", error.help().unwrap_or_default())
    };
    insta::assert_snapshot!(tell("banner", &it.ann), @"
    `banner` stays sealed: the secret does not open: it was sealed for `/db/password` in `base.yaml`
    help: if it was moved here on purpose: `git strata secret adopt`
    ");
    insta::assert_snapshot!(tell("db.password", &it.bob), @"
    `db.password` stays sealed: this identity is no member of the keyring `prod`
    help: ask a member to add you: `git strata secret keyring add prod YOU=age1…`
    ");
    insta::assert_snapshot!(tell("db.password", &nobody), @"
    `db.password` stays sealed: the keyring `prod` needs an identity of one of its members
    help: name the file of your private key: `--identity FILE`, or `STRATA_IDENTITY_FILE`
    ");
    insta::assert_snapshot!(tell("plain", &it.ann), @"
    nothing is sealed at `plain` for the configuration
    help:
    ");
    let gone = it.scratch.path().join("keyrings/prod.age");
    std::fs::remove_file(gone).unwrap();
    insta::assert_snapshot!(tell("db.password", &it.ann), @"
    `db.password` stays sealed: there is no file `keyrings/prod.age`
    help: bring back `keyrings/prod.age`, from an older commit
    ");
}

#[test]
fn lists_that_are_laid_over_each_other_open_at_their_own_place() {
    let it = Sealed::new("users: [{name: ann}, {name: bob}]\n");
    let place = context(
        "prod",
        b"over.yaml".as_bstr(),
        &"/users/0/key".parse().unwrap(),
    );
    let keys = Keys::open(
        &std::fs::read(it.scratch.path().join("keyrings/prod.age")).unwrap(),
        &it.ann,
    );
    let recipient = keys.unwrap().recipient(1).unwrap();
    let token = Token::seal(&Secret::json("[1.10]"), &place, 1, &recipient).unwrap();
    it.scratch.write(
        "over.yaml",
        format!("users: [{{name: bob, key: '{token}'}}]\n"),
    );
    let manifest = std::fs::read_to_string(it.scratch.path().join("strata.yaml")).unwrap();
    it.scratch.write(
        "strata.yaml",
        format!("{manifest}merge: {{/users: by-key(name)}}\n"),
    );
    let secret = it.open("users.1.key", &it.ann).unwrap();
    assert_eq!((secret.expose(), secret.is_text()), ("[1.10]", false));
}

#[test]
fn reading_a_sealed_value_is_an_error_that_says_so() {
    let it = Sealed::new("db: {password: 'TOKEN', host: x}\n");
    let snapshot = Snapshot::of_folder(&it.scratch.path());
    let configuration = Configuration::open(None, snapshot).unwrap();
    let resolved = configuration
        .resolve(&configuration.target(None, None).unwrap())
        .unwrap();
    let error = resolved.get::<String>("db.password").unwrap_err();
    assert_eq!(error.to_string(), "`db.password` is sealed");
    let error = resolved.get::<serde_json::Value>("").unwrap_err();
    assert_eq!(error.to_string(), "`db.password` is sealed");
    assert_eq!(resolved.get::<String>("db.host").unwrap(), "x");
    let vault = configuration
        .vault(configuration.here(), Arc::clone(&it.ann))
        .unwrap();
    assert_eq!(
        resolved.get_with::<String>("db.password", &vault).unwrap(),
        "hunter2"
    );
    let all: serde_json::Value = resolved.get_with("db", &vault).unwrap();
    assert_eq!(all, serde_json::json!({"password": "hunter2", "host": "x"}));
    assert!(resolved.get_with::<u32>("db.password", &vault).is_err());
    let locked = configuration
        .vault(configuration.here(), Arc::clone(&it.bob))
        .unwrap();
    assert!(resolved.get_with::<String>("db.password", &locked).is_err());
    assert!(!format!("{vault:?}{resolved:?}").contains("hunter2"));
    assert!(it.token.starts_with("ENC["));
}

const SOPS_KEY: &str = include_str!("../../../fixtures/sops/key.txt");
const SOPS_ALL: &str = include_str!("../../../fixtures/sops/all.yaml");
const SOPS_SOME: &str = include_str!("../../../fixtures/sops/some.json");

/// A configuration whose layers are files of SOPS.
fn sops_layers(all: &str) -> (Scratch, Configuration) {
    let scratch = Scratch::new();
    scratch.write("strata.yaml", "strata: 1\nlayers: [some.json, all.yaml]\n");
    scratch.write("all.yaml", all);
    scratch.write("some.json", SOPS_SOME);
    let snapshot = Snapshot::of_folder(&scratch.path());
    let configuration = Configuration::open(None, snapshot).unwrap();
    (scratch, configuration)
}

#[test]
fn sops_files_are_layers_and_open_for_their_recipients() {
    let (_scratch, configuration) = sops_layers(SOPS_ALL);
    let resolved = configuration
        .resolve(&configuration.target(None, None).unwrap())
        .unwrap();
    assert!(resolved.find("sops").is_err());
    assert_eq!(resolved.get::<String>("p").unwrap(), "q");
    let places: Vec<String> = resolved.all_sealed().iter().map(Pointer::dotted).collect();
    insta::assert_snapshot!(places.join(" "), @"a.password db.password db.port db.ratio db.tls db.empty users.0 users.1 list.0.name list.0.key open_unencrypted");
    let refused = resolved.get::<String>("db.password").unwrap_err();
    assert_eq!(refused.to_string(), "`db.password` is sealed");
    let read = Identities::read("key.txt", SOPS_KEY.as_bytes(), &ask());
    let vault = |who| configuration.vault(configuration.here(), who).unwrap();
    let open = vault(Arc::new(read.unwrap()));
    assert_eq!(
        resolved.get_with::<String>("db.password", &open).unwrap(),
        "hunter2"
    );
    assert_eq!(
        resolved.get_with::<String>("a.password", &open).unwrap(),
        "x"
    );
    let whole = resolved.opened(&Pointer::root(), &open).unwrap();
    insta::assert_snapshot!(crate::document::write_flow(&whole), @r#"{a: {password: x, "n": 5, f: 1.5, b: [true, s]}, p: q, db: {password: hunter2, port: 5432, ratio: 1.5, tls: true, empty: ""}, users: [ann, bob], list: [{name: a, key: x}], open_unencrypted: plain}"#);
    let tell = |who| {
        let key = "db.password".parse().unwrap();
        let error = resolved.open(&key, &vault(who)).unwrap_err();
        format!("{error}\nhelp: {}", error.help().unwrap_or_default())
    };
    insta::assert_snapshot!(tell(Arc::default()), @"
    `db.password` stays sealed: the SOPS file `all.yaml` needs an identity of one of its recipients
    help: name the file of your private key: `--identity FILE`, or `STRATA_IDENTITY_FILE`
    ");
    insta::assert_snapshot!(tell(identity().1), @"
    `db.password` stays sealed: the SOPS file `all.yaml` is not sealed for this identity
    help: ask one who can open it to add you: `sops rotate -i --add-age age1… all.yaml`
    ");
}

#[test]
fn sops_files_that_were_changed_by_hand_stay_sealed() {
    let read = Identities::read("key.txt", SOPS_KEY.as_bytes(), &ask());
    let ann = Arc::new(read.unwrap());
    let tell = |all: &str, key: &str| {
        let (_scratch, configuration) = sops_layers(all);
        let target = configuration.target(None, None).unwrap();
        let resolved = configuration.resolve(&target).unwrap();
        let vault = configuration.vault(configuration.here(), Arc::clone(&ann));
        let error = resolved
            .open(&key.parse().unwrap(), &vault.unwrap())
            .unwrap_err();
        format!("{error}\nhelp: {}", error.help().unwrap_or_default())
    };
    let other = SOPS_ALL.replace("db:", "database:");
    insta::assert_snapshot!(tell(&other, "users.0"), @"
    `users.0` stays sealed: the SOPS file `all.yaml` does not open: `database.password` was changed, or was sealed for another key
    help: undo what was changed by hand, and change it with `sops edit all.yaml`
    ");
    let more = SOPS_ALL.replace("  nothing: null", "  nothing: 1");
    insta::assert_snapshot!(tell(&more, "db.password"), @"
    `db.password` stays sealed: the SOPS file `all.yaml` does not open: `db.nothing` is plain, where the file says it is sealed
    help: undo what was changed by hand, and change it with `sops edit all.yaml`
    ");
    let fewer = SOPS_ALL.replace("- name: ENC", "- other_unencrypted: 1\n  name: ENC");
    insta::assert_snapshot!(tell(&fewer, "db.password"), @"
    `db.password` stays sealed: the SOPS file `all.yaml` does not open: a value was changed, added or taken away after SOPS sealed it (its MAC is another)
    help: undo what was changed by hand, and change it with `sops edit all.yaml`
    ");
    let none = &SOPS_ALL[..SOPS_ALL.find("sops:").unwrap()];
    insta::assert_snapshot!(tell(none, "db.password"), @"
    `db.password` stays sealed: the SOPS file `all.yaml` does not open: it is not well-formed: it has no part `sops` with a MAC and a date
    help: see what `sops decrypt all.yaml` says, or take the file from an older commit
    ");
}
