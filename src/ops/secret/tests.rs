use std::sync::Arc;

use indexmap::IndexMap;

use super::*;
use crate::config::{Configuration, Snapshot};
use crate::error::Result;
use crate::git::Person;
use crate::git::testing::Scratch;
use crate::ops::change::{Author, Outcome, Plan, commit};
use crate::ops::check::{Options, Scope, check};
use crate::seal::{Ask, Identities, Recipient, Secret, Silent, new_identity};
use crate::text::Pointer;

mod keyrings;
mod lists;
mod since;

const MANIFEST: &str = "strata: 1\nschemas: [schema/app.yaml]\nlayers:\n  - base.yaml\n  - '{environment}.yaml'\nenvironments:\n  dev: {}\n  prod: {}\n  live: {ref: live}\n";
const SCHEMA: &str = "properties:\n  db:\n    properties:\n      password: {type: string, writeOnly: true, minLength: 8}\n      port: {type: integer}\n  keys: {items: {type: string, x-secret: true}}\n";

struct Somebody {
    recipient: Recipient,
    identities: Arc<Identities>,
}

fn somebody() -> Somebody {
    let (recipient, text) = new_identity();
    let read = Identities::read("key.txt", text.expose().as_bytes(), &ask());
    Somebody {
        recipient,
        identities: Arc::new(read.unwrap()),
    }
}

fn ask() -> Ask {
    Arc::new(Silent)
}

struct Shop {
    scratch: Scratch,
    ann: Somebody,
    bob: Somebody,
}

impl Shop {
    /// A repository with one plain secret, and no keyring.
    fn plain() -> Self {
        let scratch = Scratch::new();
        scratch.write("strata.yaml", MANIFEST);
        scratch.write("schema/app.yaml", SCHEMA);
        scratch.write("base.yaml", "# all\ndb:\n  port: 5432\n");
        scratch.write(
            "prod.yaml",
            "db:\n  password: hunter2hunter2  # old\nkeys: ['', first-of-keys]\n",
        );
        scratch.commit("start");
        scratch.git(&["branch", "live"]);
        Self {
            scratch,
            ann: somebody(),
            bob: somebody(),
        }
    }

    /// The same with the keyring `prod`, of which Ann is the member, and all sealed.
    fn sealed() -> Self {
        let shop = Self::plain();
        shop.keyring("prod", &shop.new_keyring(&["prod"], &[]))
            .unwrap();
        shop.commit(&|repo, configuration| seal_all(repo, configuration, None, None))
            .unwrap();
        shop
    }

    fn new_keyring(&self, environments: &[&str], keys: &[&str]) -> KeyringChange {
        let owned = |names: &[&str]| names.iter().map(|&it| it.to_owned()).collect();
        KeyringChange::New {
            members: IndexMap::from([("ann".to_owned(), self.ann.recipient.clone())]),
            environments: owned(environments),
            keys: owned(keys),
        }
    }

    fn configuration(&self) -> Configuration {
        let repo = self.scratch.repo();
        let snapshot = Snapshot::of_work_tree(&repo).unwrap();
        Configuration::open(Some(repo), snapshot).unwrap()
    }

    fn commit(
        &self,
        planned: &dyn Fn(&crate::git::Repo, &Configuration) -> Result<Plan>,
    ) -> Result<Plan> {
        let repo = self.scratch.repo();
        let plan = planned(&repo, &self.configuration())?;
        assert_eq!(plan.findings.len(), 0, "{:?}", plan.findings);
        let person = Person {
            name: "Ada".into(),
            email: "a@example.org".into(),
            time: 1_700_000_000,
            offset: 0,
        };
        let author = Author {
            author: person.clone(),
            committer: person,
            message: "secrets".into(),
            signing: None,
            judging: None,
        };
        assert!(matches!(
            commit(&repo, &plan, &author)?,
            Outcome::Committed(..)
        ));
        Ok(plan)
    }

    fn keyring(&self, name: &str, change: &KeyringChange) -> Result<Vec<String>> {
        self.keyring_by(name, change, &self.ann, None, false)
    }

    /// Changes a keyring; tells the secrets that somebody could read, and what is left to do.
    fn keyring_by(
        &self,
        name: &str,
        change: &KeyringChange,
        who: &Somebody,
        on: Option<&str>,
        confirmed: bool,
    ) -> Result<Vec<String>> {
        let told = std::cell::RefCell::new(Vec::new());
        self.commit(&|repo, configuration| {
            let hand = Hand {
                identities: &who.identities,
                ask: &ask(),
                confirmed,
            };
            let done = change_keyring(repo, configuration, on, name, change, &hand)?;
            let exposed = done.exposed.iter();
            let mut all: Vec<_> = exposed
                .map(|(path, at)| format!("{path} {at}").trim_end().to_owned())
                .collect();
            all.extend(done.by_hand.iter().map(|path| format!("by hand: {path}")));
            all.extend(done.elsewhere.iter().map(|it| it.told(name, change)));
            *told.borrow_mut() = all;
            Ok(done.plan)
        })?;
        Ok(told.into_inner())
    }

    fn member(name: &str, who: &Somebody) -> IndexMap<String, Recipient> {
        IndexMap::from([(name.to_owned(), who.recipient.clone())])
    }

    fn seal(&self, environment: &str, key: &str, secret: Secret) -> Result<Plan> {
        let sealing = Sealing {
            environment: (!environment.is_empty()).then(|| environment.to_owned()),
            service: None,
            layer: None,
            key: key.parse().unwrap(),
            secret,
            keyring: None,
        };
        self.commit(&|repo, configuration| {
            seal(repo, configuration, std::slice::from_ref(&sealing))
        })
    }

    fn read(&self, environment: &str, key: &str, who: &Somebody) -> Result<String> {
        let configuration = self.configuration();
        let target = configuration.target(Some(environment), None)?;
        let tree = configuration.tree(Some(environment))?;
        let vault = configuration.vault(&tree, Arc::clone(&who.identities))?;
        let resolved = configuration.resolve(&target)?;
        resolved
            .open(&key.parse::<Pointer>().unwrap(), &vault)
            .map(|it| it.expose().to_owned())
    }

    /// What `check` finds: rule, place, message.
    fn check(&self, scope: &Scope, who: Option<&Somebody>) -> String {
        let repo = self.scratch.repo();
        let here = Snapshot::of_work_tree(&repo).unwrap();
        let options = Options {
            identities: who.map(|it| Arc::clone(&it.identities)),
            ..Options::default()
        };
        let report = check(Some(repo), &here, scope, &options).unwrap();
        let told = report.findings.iter().map(|it| {
            let (file, line) = (it.location.source.name(), it.location.start().line);
            format!(
                "{}[{}] {file}:{line}: {}",
                it.severity, it.rule.id, it.message
            )
        });
        told.collect::<Vec<_>>().join("\n")
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.scratch.path().join(path)).unwrap()
    }

    /// Replaces in a file of the work tree.
    fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert!(text.contains(from), "{from} is not in {text}");
        self.scratch.write(path, text.replace(from, to));
    }

    /// The token at a key of `prod.yaml`, as it is written.
    fn token(&self) -> String {
        let text = self.text("prod.yaml");
        let start = text.find("ENC[").unwrap();
        text[start..=start + text[start..].find(']').unwrap()].to_owned()
    }
}

#[test]
fn plain_secrets_are_sealed_where_they_stand() {
    let shop = Shop::plain();
    insta::assert_snapshot!(shop.check(&Scope::Everything, None), @"
    warning[plain-secret] prod.yaml:2: `db.password` is a secret, and stands here for all to read
    warning[plain-secret] prod.yaml:3: `keys.0` is a secret, and stands here for all to read
    warning[plain-secret] prod.yaml:3: `keys.1` is a secret, and stands here for all to read
    ");
    let none = shop.commit(&|repo, configuration| seal_all(repo, configuration, None, None));
    insta::assert_snapshot!(none.unwrap_err(), @"no keyring is for `db.password` in prod");
    shop.keyring("prod", &shop.new_keyring(&["prod"], &[]))
        .unwrap();
    shop.commit(&|repo, configuration| seal_all(repo, configuration, None, None))
        .unwrap();
    let text = shop.text("prod.yaml");
    assert!(text.starts_with("db:\n  password: ENC[age1,prod.1,") && text.contains("]  # old\n"));
    assert!(
        !text.contains("hunter2") && !text.contains("first-of-keys"),
        "{text}"
    );
    assert_eq!(shop.check(&Scope::Tree, None), "");
    assert_eq!(
        shop.read("prod", "db.password", &shop.ann).unwrap(),
        "hunter2hunter2"
    );
    assert_eq!(shop.read("prod", "keys.0", &shop.ann).unwrap(), "");
    assert_eq!(
        shop.read("prod", "keys.1", &shop.ann).unwrap(),
        "first-of-keys"
    );
    assert!(shop.read("prod", "db.password", &shop.bob).is_err());
}

#[test]
fn one_value_is_sealed_and_others_stay_as_they_were() {
    let shop = Shop::sealed();
    let keys_before = shop.text("prod.yaml").lines().last().unwrap().to_owned();
    shop.seal("prod", "db.password", Secret::text("a new password"))
        .unwrap();
    assert_eq!(shop.text("prod.yaml").lines().last().unwrap(), keys_before);
    assert_eq!(
        shop.read("prod", "db.password", &shop.ann).unwrap(),
        "a new password"
    );
    shop.seal("prod", "db.port", Secret::json("6432")).unwrap();
    assert_eq!(shop.check(&Scope::Tree, Some(&shop.ann)), "");
    shop.seal("prod", "db.password", Secret::text("short"))
        .unwrap();
    insta::assert_snapshot!(shop.check(&Scope::Tree, Some(&shop.ann)), @"error[wrong-length] prod.yaml:2: `db.password` is sealed, and does not hold to the schema");
    let error = |done: Result<Plan>| {
        let error = done.unwrap_err();
        format!("{error}\nhelp: {}", error.help().unwrap_or_default())
    };
    insta::assert_snapshot!(error(shop.seal("dev", "db.password", Secret::text("x"))), @"
    no keyring is for `db.password` in dev
    help: make one: `git strata secret keyring new NAME --member YOU=age1…`; what is not committed yet does not count
    ");
    insta::assert_snapshot!(error(shop.seal("prod", "keys.7", Secret::text("x"))), @"
    the list `keys` in `prod.yaml` has no item `7`, but 2 items, from 0 on
    help: name one by its number; `keys.-` adds one at the end
    ");
}

#[test]
fn set_does_not_write_a_secret_for_all_to_read() {
    use crate::ops::change::{Assignment, Wanted, plan};
    let shop = Shop::sealed();
    let wanted = Wanted {
        environment: Some("prod".to_owned()),
        assignments: vec![Assignment::parse("db.password=hunter2hunter2").unwrap()],
        ..Wanted::default()
    };
    let error = plan(&shop.scratch.repo(), &shop.configuration(), &wanted).unwrap_err();
    insta::assert_snapshot!(format!("{error}\nhelp: {}", error.help().unwrap()), @"
    `db.password` is a secret, and would stand there for all to read
    help: seal it: `git strata secret seal db.password --env prod`
    ");
}

#[test]
fn members_come_and_go() {
    let shop = Shop::sealed();
    let bob = IndexMap::from([("bob".to_owned(), shop.bob.recipient.clone())]);
    shop.keyring("prod", &KeyringChange::Add(bob)).unwrap();
    let with_bob = shop.token();
    assert_eq!(
        shop.read("prod", "db.password", &shop.bob).unwrap(),
        "hunter2hunter2"
    );
    let exposed = shop
        .keyring("prod", &KeyringChange::Remove(vec!["bob".to_owned()]))
        .unwrap();
    assert_eq!(
        exposed,
        [
            "prod.yaml /db/password",
            "prod.yaml /keys/0",
            "prod.yaml /keys/1"
        ]
    );
    assert!(shop.read("prod", "db.password", &shop.bob).is_err());
    assert_eq!(
        shop.read("prod", "db.password", &shop.ann).unwrap(),
        "hunter2hunter2"
    );
    assert!(shop.text("strata.yaml").contains("generation: 2"));
    // What was sealed before does not come back unnoticed.
    let now = shop.token();
    shop.replace("prod.yaml", &now, &with_bob);
    insta::assert_snapshot!(shop.check(&Scope::Tree, None), @"error[replaced-key] prod.yaml:2: this is sealed with generation 1 of the keyring `prod`, and 2 is in force");
    let refused = shop.read("prod", "db.password", &shop.ann).unwrap_err();
    insta::assert_snapshot!(refused, @"`db.password` stays sealed: the secret does not open: it is sealed with generation 1 of the key, and 2 is in force");
    shop.scratch.commit("an old one");
    let adopted = std::cell::RefCell::new(String::new());
    shop.commit(&|repo, configuration| {
        let (plan, found) = adopt(
            repo,
            configuration,
            Adopting::default(),
            &shop.ann.identities,
        )?;
        *adopted.borrow_mut() = format!("{} {}", found[0].pointer, found[0].generation);
        Ok(plan)
    })
    .unwrap();
    assert_eq!(adopted.into_inner(), "/db/password 1");
    assert_eq!(shop.check(&Scope::Tree, Some(&shop.ann)), "");
}

#[test]
fn keyrings_are_refused_where_they_would_open_for_nobody() {
    let shop = Shop::sealed();
    let tell = |name: &str, change: KeyringChange| {
        let error = shop.keyring(name, &change).unwrap_err();
        format!("{error}\n  help: {}", error.help().unwrap_or_default())
    };
    let nobody = KeyringChange::New {
        members: IndexMap::new(),
        environments: vec![],
        keys: vec![],
    };
    let told = [
        tell("prod", shop.new_keyring(&[], &[])),
        tell("a b", shop.new_keyring(&[], &[])),
        tell("x", nobody),
        tell("x", shop.new_keyring(&["prdo"], &[])),
        tell("x", shop.new_keyring(&[], &["a..b"])),
        tell("prdo", KeyringChange::Rotate),
        tell("prod", KeyringChange::Remove(vec!["anna".to_owned()])),
        tell("prod", KeyringChange::Remove(vec!["ann".to_owned()])),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    there is a keyring `prod` already
      help: add somebody to it: `git strata secret keyring add prod NAME=age1…`
    `a b` cannot name a keyring
      help: take letters, digits, `-` and `_`
    a keyring without members opens for nobody
      help: name one: `--member YOU=age1…`
    there is no environment `prdo`
      help: did you mean `prod`?
    `a..b` is no key: an empty part in the key `a..b`; write an empty key as ""
      help: write it dotted, with `*` for any one part: `--key 'database.*'`
    there is no keyring `prdo`
      help: did you mean `prod`?
    `anna` is no member of the keyring `prod`
      help: did you mean `ann`?
    a keyring without members opens for nobody
      help: add another one first: `git strata secret keyring add prod NAME=age1…`
    "#);
}

#[test]
fn what_is_wrong_is_told_without_any_key() {
    let shop = Shop::sealed();
    let head = shop.scratch.repo();
    let since = || Scope::Changes {
        since: Some(Snapshot::of_revision(
            &head,
            &head.revision("HEAD").unwrap(),
        )),
    };
    let token = shop.token();
    let restore = || shop.scratch.git(&["checkout", "-q", "."]);
    // Copied to another key; moved there; moved to another file.
    shop.replace("prod.yaml", "keys:", &format!("banner: {token}\nkeys:"));
    insta::assert_snapshot!(shop.check(&since(), None), @"error[copied-token] prod.yaml:3: the same sealed value stands at `db.password`, too");
    restore();
    shop.replace("prod.yaml", "password:", "passphrase:");
    insta::assert_snapshot!(shop.check(&since(), None), @"error[copied-token] prod.yaml:2: this sealed value was moved here from `db.password`");
    insta::assert_snapshot!(shop.check(&Scope::Tree, Some(&shop.ann)), @"error[refused-token] prod.yaml:2: the secret does not open: it was sealed for `/db/password` in `prod.yaml`");
    restore();
    shop.replace("prod.yaml", &token, "''");
    shop.scratch
        .write("dev.yaml", format!("db: {{password: '{token}'}}\n"));
    insta::assert_snapshot!(shop.check(&since(), None), @"
    error[copied-token] dev.yaml:1: this sealed value was moved here from `db.password` in `prod.yaml`
    error[wrong-keyring] dev.yaml:1: the keyring `prod` is not for this: only for prod
    error[wrong-length] prod.yaml:2: `db.password` must be a text of at least 8 characters; it is a text, which is secret
    error[plain-secret] prod.yaml:2: `db.password` is a secret, and stands here for all to read
    ");
    restore();
    std::fs::remove_file(shop.scratch.path().join("dev.yaml")).unwrap();
    // Cut off; another keyring; changed.
    shop.replace("prod.yaml", &token, &token[..token.len() - 9]);
    insta::assert_snapshot!(shop.check(&Scope::Tree, None), @"error[malformed-token] prod.yaml:2: this sealed value is not whole: its end is missing");
    restore();
    shop.replace("prod.yaml", &token, &token.replace("prod.1", "prdo.1"));
    insta::assert_snapshot!(shop.check(&Scope::Tree, None), @"error[unknown-keyring] prod.yaml:2: there is no keyring `prdo`");
    restore();
    let at = token.len() - 20;
    let letter = if token[at..].starts_with('A') {
        'B'
    } else {
        'A'
    };
    let changed = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
    shop.replace("prod.yaml", &token, &changed);
    assert_eq!(
        shop.check(&Scope::Tree, None),
        "",
        "nobody can know without a key"
    );
    insta::assert_snapshot!(shop.check(&Scope::Tree, Some(&shop.ann)), @"error[refused-token] prod.yaml:2: the secret does not open: it was changed after it was sealed");
    assert_eq!(
        shop.check(&Scope::Tree, Some(&shop.bob)),
        "",
        "it is not for him to know"
    );
    restore();
    // In plain again; without its file.
    shop.replace("prod.yaml", &token, "hunter2hunter2");
    insta::assert_snapshot!(shop.check(&Scope::Tree, None), @"error[plain-secret] prod.yaml:2: `db.password` is a secret, and stands here for all to read");
    restore();
    std::fs::remove_file(shop.scratch.path().join("keyrings/prod.age")).unwrap();
    insta::assert_snapshot!(shop.check(&Scope::Tree, None), @"
    error[unknown-keyring] prod.yaml:2: the keyring `prod` has no file `keyrings/prod.age`: nobody can open this
    error[unknown-keyring] prod.yaml:3: the keyring `prod` has no file `keyrings/prod.age`: nobody can open this
    error[unknown-keyring] prod.yaml:3: the keyring `prod` has no file `keyrings/prod.age`: nobody can open this
    ");
}

#[test]
fn what_is_edited_is_sealed_and_what_is_not_stays() {
    let shop = Shop::sealed();
    let before = shop.text("prod.yaml");
    let configuration = shop.configuration();
    let tree = configuration.here();
    let vault = configuration
        .vault(tree, Arc::clone(&shop.ann.identities))
        .unwrap();
    let editing = Editing::begin(&configuration, tree, "prod.yaml", &vault).unwrap();
    let open = editing.text().expose().to_owned();
    assert_eq!(
        open,
        "db:\n  password: hunter2hunter2  # old\nkeys: ['', \"first-of-keys\"]\n"
    );
    let finish = |text: &str| editing.finish(&Secret::text(text), &vault).unwrap();
    assert_eq!(
        finish(&open),
        before,
        "what was not changed stays letter by letter"
    );
    let edited = finish(
        &open
            .replace("first-of-keys", "second")
            .replace("# old", "# new"),
    );
    let (first, rest) = edited.split_once("  # new\n").unwrap();
    assert!(
        before.starts_with(first) && !edited.contains("second"),
        "{rest}"
    );
    // A secret that is moved to another key is sealed there.
    let moved = finish(&open.replace("keys:", "banner: hunter2hunter2\nkeys:"));
    assert!(
        !moved.contains("hunter2") && moved.contains("banner: ENC["),
        "{moved}"
    );
    let broken = editing
        .finish(&Secret::text("db: [hunter2hunter2"), &vault)
        .unwrap_err();
    insta::assert_snapshot!(broken, @"what was edited cannot be read (line 1)");
    assert!(!format!("{broken:?}{editing:?}").contains("hunter2"));
    let other = configuration
        .vault(tree, Arc::clone(&shop.bob.identities))
        .unwrap();
    assert!(Editing::begin(&configuration, tree, "prod.yaml", &other).is_err());
    assert!(Editing::begin(&configuration, tree, "nope.yaml", &vault).is_err());
}

#[test]
fn secrets_become_variables_of_an_environment() {
    let shop = Shop::sealed();
    let configuration = shop.configuration();
    let target = configuration.target(Some("prod"), None).unwrap();
    let resolved = configuration.resolve(&target).unwrap();
    let schemas = configuration
        .schemas(configuration.here(), &target)
        .unwrap();
    let vault = configuration
        .vault(configuration.here(), Arc::clone(&shop.ann.identities))
        .unwrap();
    let tell = |only: &[&str], prefix: &str| {
        let only: Vec<_> = only.iter().map(|key| key.parse().unwrap()).collect();
        match variables(&resolved, &schemas, &vault, &only, prefix) {
            Ok(found) => found
                .iter()
                .map(|(name, it)| format!("{name}={}", it.expose()))
                .collect::<Vec<_>>()
                .join(" "),
            Err(error) => error.to_string(),
        }
    };
    assert_eq!(
        tell(&[], ""),
        "DB_PASSWORD=hunter2hunter2 KEYS_0= KEYS_1=first-of-keys"
    );
    assert_eq!(
        tell(&["db"], "APP_"),
        "APP_DB_PASSWORD=hunter2hunter2 APP_DB_PORT=5432"
    );
    assert_eq!(tell(&["nope"], ""), "there is no secret to give");
}

#[test]
fn an_environment_on_a_branch_of_its_own_has_its_secrets_there() {
    let shop = Shop::sealed();
    let members = IndexMap::from([("bob".to_owned(), shop.bob.recipient.clone())]);
    let change = KeyringChange::New {
        members,
        environments: vec!["live".to_owned()],
        keys: vec![],
    };
    shop.keyring_by("live", &change, &shop.bob, Some("live"), false)
        .unwrap();
    shop.seal("live", "db.password", Secret::text("the live one"))
        .unwrap();
    assert_eq!(
        shop.read("live", "db.password", &shop.bob).unwrap(),
        "the live one"
    );
    assert!(shop.read("live", "db.password", &shop.ann).is_err());
    let everything = shop.check(&Scope::Everything, Some(&shop.bob));
    insta::assert_snapshot!(everything, @"");
    let report = recipients(
        &shop.configuration(),
        &shop.configuration().tree(Some("live")).unwrap(),
    )
    .unwrap();
    let told = report
        .body
        .keyrings
        .iter()
        .map(|it| format!("{} {:?} {}", it.name, it.members.keys(), it.sealed));
    assert_eq!(
        told.collect::<Vec<_>>(),
        ["live [\"bob\"] 1", "prod [\"ann\"] 0"]
    );
}

#[test]
fn sealed_values_are_compared_by_who_can_open_both() {
    use crate::ops::drift::{Filter, drift, sides};
    let shop = Shop::sealed();
    shop.keyring("dev", &shop.new_keyring(&["dev"], &[]))
        .unwrap();
    shop.seal("dev", "db.password", Secret::text("hunter2hunter2"))
        .unwrap();
    let tell = |who: Option<&Somebody>, peers: bool| {
        let configuration = shop.configuration();
        let filter = Filter {
            identities: who.map(|it| Arc::clone(&it.identities)),
            peers,
            path: "db".parse().unwrap(),
            ..Filter::default()
        };
        let names = ["dev".to_owned(), "prod".to_owned()];
        let sides = sides(&configuration, &names).unwrap();
        let report = drift(&configuration, &sides, &filter).unwrap();
        let rows = report.body.differences.iter();
        rows.map(|row| format!("{} {}", row.pointer, row.class))
            .collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(tell(None, false), none, "both are there");
    assert_eq!(tell(Some(&shop.bob), false), none, "he cannot know");
    assert_eq!(tell(Some(&shop.ann), false), none, "they are the same");
    shop.seal("dev", "db.password", Secret::text("another one"))
        .unwrap();
    assert_eq!(tell(None, false), none);
    assert_eq!(
        tell(Some(&shop.ann), false),
        ["/db/password secret-differs"]
    );
    assert_eq!(tell(Some(&shop.ann), true), ["/db/password secret-differs"]);
    assert_eq!(tell(None, true), none);
}

#[test]
fn keyrings_that_were_changed_by_hand_are_told_and_do_not_open() {
    let shop = Shop::sealed();
    let bob = shop.bob.recipient.to_string();
    let manifest = shop.text("strata.yaml");
    let line = |key: &str| {
        let found = manifest
            .lines()
            .find(|line| line.trim_start().starts_with(key));
        found.unwrap().to_owned()
    };
    // Another public key, with which new secrets would be sealed for somebody else.
    shop.replace(
        "strata.yaml",
        &line("recipient:"),
        &format!("    recipient: {bob}"),
    );
    assert_eq!(
        shop.check(&Scope::Tree, None),
        "",
        "nobody can know without a key"
    );
    insta::assert_snapshot!(shop.check(&Scope::Tree, Some(&shop.ann)), @"error[keyring-mismatch] strata.yaml:11: the key of the keyring `prod` in the manifest is not the newest in `keyrings/prod.age`");
    assert!(shop.read("prod", "db.password", &shop.ann).is_err());
    shop.scratch.write("strata.yaml", &manifest);
    // A member who was never let in.
    let ann = line("ann:");
    shop.replace("strata.yaml", &ann, &format!("{ann}\n      bob: {bob}"));
    insta::assert_snapshot!(shop.check(&Scope::Tree, None), @"error[keyring-mismatch] strata.yaml:11: the keyring `prod` lists 2 members, and `keyrings/prod.age` is sealed for 1");
    shop.scratch.write("strata.yaml", &manifest);
    shop.scratch.write("keyrings/prod.age", "hello");
    insta::assert_snapshot!(shop.check(&Scope::Tree, None), @"error[keyring-mismatch] strata.yaml:11: `keyrings/prod.age` is no sealed file: the keyring `prod` opens for nobody");
}

#[test]
fn who_may_write_brings_no_secret_to_light() {
    let shop = Shop::sealed();
    let repo = shop.scratch.repo();
    let since = || Scope::Changes {
        since: Some(Snapshot::of_revision(
            &repo,
            &repo.revision("HEAD").unwrap(),
        )),
    };
    // A schema that asks about a secret letter by letter.
    let asks = "password: {type: string, writeOnly: true, allOf: [{pattern: '^x'}, {pattern: '^.x'}, {maxLength: 3}]}";
    shop.replace(
        "schema/app.yaml",
        "password: {type: string, writeOnly: true, minLength: 8}",
        asks,
    );
    insta::assert_snapshot!(shop.check(&Scope::Tree, Some(&shop.ann)), @"error[pattern-mismatch] prod.yaml:2: `db.password` is sealed, and does not hold to the schema");
    shop.scratch.git(&["checkout", "-q", "."]);
    // A copy is not adopted, and nothing is for another keyring.
    let token = shop.token();
    shop.replace("prod.yaml", "keys:", &format!("banner: {token}\nkeys:"));
    shop.scratch.commit("a copy");
    let adopt = || {
        let done = shop.commit(&|repo, configuration| {
            Ok(adopt(
                repo,
                configuration,
                Adopting::default(),
                &shop.ann.identities,
            )?
            .0)
        });
        done.unwrap_err().to_string()
    };
    insta::assert_snapshot!(adopt(), @"`banner` in `prod.yaml` is a copy of `/db/password` in `prod.yaml`, where it stands still");
    shop.scratch.git(&["reset", "-q", "--hard", "HEAD~1"]);
    shop.scratch.write("dev.yaml", format!("banner: {token}\n"));
    shop.scratch.commit("for who develops");
    insta::assert_snapshot!(adopt(), @"`banner` in `dev.yaml` is sealed with the keyring `prod`, which is not for this place");
    shop.scratch.git(&["reset", "-q", "--hard", "HEAD~1"]);
    // What only looks sealed is not.
    shop.replace("prod.yaml", &token, "ENC[AES256_GCM,hunter2hunter2");
    insta::assert_snapshot!(shop.check(&Scope::Tree, None), @"error[plain-secret] prod.yaml:2: `db.password` is a secret, and stands here for all to read");
    shop.scratch.git(&["checkout", "-q", "."]);
    // An old key does not come back into force.
    shop.keyring("prod", &KeyringChange::Rotate).unwrap();
    shop.replace("strata.yaml", "generation: 2", "generation: 1");
    let told = shop.check(&since(), None);
    assert!(
        told.contains(
            "[tampered-keyring] strata.yaml:11: the keyring `prod` goes back from generation 2 to 1"
        ),
        "{told}"
    );
}

#[test]
fn no_secret_rules_which_programs_run() {
    let shop = Shop::sealed();
    shop.seal("prod", "path", Secret::text("/tmp/evil"))
        .unwrap();
    let configuration = shop.configuration();
    let target = configuration.target(Some("prod"), None).unwrap();
    let resolved = configuration.resolve(&target).unwrap();
    let schemas = configuration
        .schemas(configuration.here(), &target)
        .unwrap();
    let vault = configuration
        .vault(configuration.here(), Arc::clone(&shop.ann.identities))
        .unwrap();
    let refused = variables(&resolved, &schemas, &vault, &[], "").unwrap_err();
    insta::assert_snapshot!(refused, @"`path` would be `PATH`, by which programs are ruled");
    assert!(variables(&resolved, &schemas, &vault, &[], "APP_").is_ok());
}
