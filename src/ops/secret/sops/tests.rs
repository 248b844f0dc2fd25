use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::config::{Configuration, Keyring, SealedAt, Snapshot, Vault, context, secret_of};
use crate::document::arbitrary::plain_value;
use crate::document::{Map, write_json, write_yaml};
use crate::git::testing::Scratch;
use crate::seal::sops::{DataKey, Plain, SealedValue};
use crate::seal::{Ask, Identities, Keys, Recipient, Silent, Token, new_identity};

const KEY: &str = include_str!("../../../../fixtures/sops/key.txt");
const ALL: &str = include_str!("../../../../fixtures/sops/all.yaml");
const SOME: &str = include_str!("../../../../fixtures/sops/some.json");

/// 1 January 2026.
const NOW: i64 = 1_767_225_600;

fn ask() -> Ask {
    Arc::new(Silent)
}

fn identities(text: &str) -> Arc<Identities> {
    Arc::new(Identities::read("key.txt", text.as_bytes(), &ask()).unwrap())
}

/// A repository with a keyring, and one who may open it.
struct Place {
    scratch: Scratch,
    configuration: Configuration,
    ann: Recipient,
    mine: Arc<Identities>,
}

impl Place {
    fn new() -> Self {
        let scratch = Scratch::new();
        let (ann, private) = new_identity();
        let keys = Keys::new();
        let members = [("ann".to_owned(), ann.clone())].into();
        let file = keys.seal(&members, &ask()).unwrap();
        scratch.write("keyrings/prod.age", file);
        let recipient = keys.recipient(1).unwrap();
        let manifest = format!(
            "strata: 1\nlayers: [s.yaml]\nkeyrings:\n  prod: {{recipient: {recipient}, generation: 1}}\n"
        );
        scratch.write("strata.yaml", manifest);
        let snapshot = Snapshot::of_folder(&scratch.path());
        Self {
            configuration: Configuration::open(None, snapshot).unwrap(),
            scratch,
            ann,
            mine: identities(private.expose()),
        }
    }

    fn keyring(&self) -> (&str, &Keyring) {
        ("prod", &self.configuration.manifest().keyrings["prod"])
    }

    fn vault(&self) -> Vault {
        let here = Snapshot::of_folder(&self.scratch.path());
        self.configuration.vault(&here, self.mine.clone()).unwrap()
    }

    fn import(&self, name: &str, text: &str, key: &Identities) -> Result<Imported> {
        let file = ParsedFile::of_bytes(name, text.as_bytes());
        let comments = SealedComments::Drop;
        import(&file, name.as_bytes().into(), key, self.keyring(), comments)
    }

    fn export(&self, name: &str, text: &str) -> Result<Exported> {
        let file = ParsedFile::of_bytes(name, text.as_bytes());
        let to = std::slice::from_ref(&self.ann);
        export(&file, &self.vault(), to, NOW, &ask())
    }

    fn sealed(&self, name: &str, at: &str, value: &Value) -> String {
        let (keyring, Keyring { recipient, .. }) = self.keyring();
        let place = context(keyring, name.as_bytes().into(), &at.parse().unwrap());
        let token = Token::seal(&secret_of(value), &place, 1, recipient).unwrap();
        token.to_string()
    }

    /// Gives what a text says, its secrets opened.
    fn opened(&self, name: &str, text: &str) -> Value {
        self.scratch.write(name, text);
        let file = ParsedFile::of_bytes(name, text.as_bytes());
        let mut root = (*file.documents()[0].root).clone();
        let mut found = Vec::new();
        crate::config::walk_sealed(&root, &mut Pointer::root(), &mut |at, value| {
            found.push((at.clone(), value.as_str().unwrap().to_owned()));
        });
        let vault = self.vault();
        for (pointer, text) in found {
            let place = SealedAt {
                text: &text,
                document: name.into(),
                pointer,
            };
            let secret = vault.open(&place).unwrap();
            *root.at_mut(&place.pointer).unwrap() = crate::config::value_of(&secret);
        }
        if let Kind::Object(map) = &mut root.kind {
            map.remove("sops");
        }
        root
    }
}

/// Hides what is another text every time.
fn hidden(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = match line.find("ENC[") {
            Some(at) => {
                let end = line[at..].find(']').map_or(line.len(), |end| at + end);
                let kind = line[at..end].rsplit(":").next().filter(|it| it.len() < 8);
                let head: String = line[at..].chars().take_while(|c| *c != ',').collect();
                format!(
                    "{}{head},…{}{}",
                    &line[..at],
                    kind.unwrap_or(""),
                    &line[end..]
                )
            }
            None => line.to_owned(),
        };
        match line.find("age1") {
            Some(at) if !line.contains("ENC") => format!("{}age1…", &line[..at]),
            _ => line,
        }
    });
    let lines: Vec<String> = lines.collect();
    let text = lines.join("\n");
    match (text.find("-----BEGIN"), text.find("-----END")) {
        (Some(from), Some(to)) => format!("{}…{}", &text[..from], &text[to..]),
        _ => text,
    }
}

#[test]
fn an_imported_file_keeps_comments_and_order_and_opens_where_it_stands() {
    let it = Place::new();
    let text = ALL.replace("  port:", "  # where it listens\n  port:");
    let text = format!("# who pays\n\n{text}");
    let done = it.import("s.yaml", &text, &identities(KEY)).unwrap();
    insta::assert_snapshot!(hidden(&done.text), @"
    # who pays

    db:
      password: ENC[age1,…]
      # where it listens
      port: ENC[age1,…]
      ratio: ENC[age1,…]
      tls: ENC[age1,…]
      nothing: null
      empty: ENC[age1,…]
    users:
    - ENC[age1,…]
    - ENC[age1,…]
    list:
    - name: ENC[age1,…]
      key: ENC[age1,…]
    open_unencrypted: ENC[age1,…]
    ");
    assert!(!done.is_anew);
    let value = it.opened("s.yaml", &done.text);
    insta::assert_snapshot!(write_yaml(&value), @r#"
    db:
      password: hunter2
      port: 5432
      ratio: 1.5
      tls: true
      nothing: null
      empty: ""
    users:
      - ann
      - bob
    list:
      - name: a
        key: x
    open_unencrypted: plain
    "#);
    let done = it.import("s.json", SOME, &identities(KEY)).unwrap();
    insta::assert_snapshot!(hidden(&done.text), @r#"
    {
      "a": {
        "password": "ENC[age1,…]",
        "n": 5,
        "f": 1.5,
        "b": [
          true,
          "s"
        ]
      },
      "p": "q"
    }
    "#);
}

#[test]
fn comments_that_were_sealed_are_left_out_or_opened_as_asked() {
    let it = Place::new();
    let wrapped: String = ALL
        .lines()
        .skip_while(|line| !line.contains("BEGIN AGE"))
        .take_while(|line| !line.contains("lastmodified"))
        .map(|line| format!("{}\n", line.trim()))
        .collect();
    let key = DataKey::unwrap([wrapped.as_str()], &identities(KEY)).unwrap();
    let comment = |text: &str, about: &str| {
        let sealed = SealedValue::seal(&Plain::text(text), &key, about).unwrap();
        sealed.to_string().replace("type:str", "type:comment")
    };
    let above = comment(" of the year\n of 2020", "db:");
    let head = comment(" head", ":");
    let text = ALL.replace("  port:", &format!("  #{above}\n  port:"));
    let text =
        format!("#{head}\n{text}").replace("nothing: null", &format!("nothing: null #{head}"));
    let file = ParsedFile::of_bytes("s.yaml", text.as_bytes());
    let start = |comments| {
        let path = b"s.yaml".as_bstr();
        let done = import(&file, path, &identities(KEY), it.keyring(), comments).unwrap();
        let lines: Vec<&str> = done.text.lines().take(9).collect();
        format!("{} comments\n{}", done.comments, hidden(&lines.join("\n")))
    };
    insta::assert_snapshot!(start(SealedComments::Drop), @"
    3 comments
    db:
      password: ENC[age1,…]
      port: ENC[age1,…]
      ratio: ENC[age1,…]
      tls: ENC[age1,…]
      nothing: null
      empty: ENC[age1,…]
    users:
    - ENC[age1,…]
    ");
    insta::assert_snapshot!(start(SealedComments::Open), @"
    3 comments
    # head
    db:
      password: ENC[age1,…]
      # of the year
      # of 2020
      port: ENC[age1,…]
      ratio: ENC[age1,…]
      tls: ENC[age1,…]
      nothing: null # head
    ");
}

#[test]
fn an_exported_file_keeps_comments_and_seals_what_was_sealed() {
    let it = Place::new();
    let sealed = |at, value: serde_json::Value| it.sealed("s.yaml", at, &Value::from_json(&value));
    let text = format!(
        "# who pays\ndb:\n  password: {}   # not yours\n  host: db.example\n  day: 2026-01-02\nkeys:\n  - {}\n  - plain\nall: {}\nport: 5432\n",
        sealed("/db/password", "hunter2".into()),
        sealed("/keys/0", true.into()),
        sealed("/all", serde_json::json!({"a": [1, ""], "b": null})),
    );
    let done = it.export("s.yaml", &text).unwrap();
    insta::assert_snapshot!(hidden(&done.text), @r#"
    # who pays
    db:
      password: ENC[AES256_GCM,…str]   # not yours
      host: db.example
      day: 2026-01-02
    keys:
      - ENC[AES256_GCM,…bool]
      - ENC[AES256_GCM,…str]
    all:
      a:
        - ENC[AES256_GCM,…int]
        - ""
      b: null
    port: 5432
    sops:
      age:
        - recipient: age1…
          enc: |
            …-----END AGE ENCRYPTED FILE-----
      lastmodified: "2026-01-01T00:00:00Z"
      mac: ENC[AES256_GCM,…str]
      encrypted_regex: ^(all|keys|password)$
      version: "3.9.0"
    "#);
    let places: Vec<String> = done.sealed.iter().map(Pointer::dotted).collect();
    assert_eq!(places, ["db.password", "keys.0", "keys.1", "all.a.0"]);
    let before = it.opened("s.yaml", &text);
    assert_eq!(it.opened("other.yaml", &done.text), before);
    let back = it.import("s.yaml", &done.text, &it.mine).unwrap();
    assert_eq!(it.opened("s.yaml", &back.text), before);
}

#[test]
fn what_cannot_be_carried_over_is_told() {
    let it = Place::new();
    let mine = identities(KEY);
    let tell = |error: Error| format!("{error}\nhelp: {}", error.help().unwrap_or_default());
    let token = |value: &str| it.sealed("s.yaml", "/a", &Value::from_json(&value.parse().unwrap()));
    let other = it.sealed("other.yaml", "/a", &Value::from_json(&"x".into()));
    let long = token("1.2345678901234567890123");
    let imports = [
        ("a: 1\n", &mine),
        ("a: 1\n---\nb: 1\n", &mine),
        ("a: [\n", &mine),
        (ALL, &it.mine),
        (&ALL.replace("password:", "other:"), &mine),
        (ALL, &Arc::default()),
    ]
    .map(|(text, who)| tell(it.import("s.yaml", text, who).unwrap_err()));
    insta::assert_snapshot!(imports.join("\n"), @"
    `s.yaml` is no SOPS file
    help: give a file that `sops` wrote: it has a part `sops`, with a `mac`
    `s.yaml` holds 2 documents, where one is meant
    help: a line `---` starts another document: split the file
    s.yaml:1: the bracket `[` is never closed
    help: mend it, or take the file from an older commit
    the SOPS file `s.yaml` is not sealed for this identity
    help: ask one who can open it to add you: `sops rotate -i --add-age age1… s.yaml`
    the SOPS file `s.yaml` does not open: `db.other` was changed, or was sealed for another key
    help: undo what was changed by hand, and change it with `sops edit s.yaml`
    the SOPS file `s.yaml` needs an identity of one of its recipients
    help: name the file of your private key: `--identity FILE`, or `STRATA_IDENTITY_FILE`
    ");
    let exports = [
        "a: 1\n".to_owned(),
        "- a\n".to_owned(),
        SOME.to_owned(),
        format!("b: &b {{c: 1}}\nd:\n  <<: *b\na: {other}\n"),
        format!("a: {other}\n"),
        format!("a: {long}\n"),
    ]
    .map(|text| tell(it.export("s.yaml", &text).unwrap_err()));
    insta::assert_snapshot!(exports.join("\n"), @"
    nothing is sealed in `s.yaml`
    help: seal all of it: `sops encrypt s.yaml`
    `s.yaml` cannot be a SOPS file: it is no map of keys to values
    help: put it below a key
    `s.yaml` cannot be a SOPS file: it has a key `sops` already, which is that of SOPS itself
    help: give the key another name, or leave the file as it is where it is a SOPS file
    `s.yaml` cannot be a SOPS file: it merges maps with `<<`, which SOPS reads as a key of that name
    help: write the merged values out, then export it
    `a` stays sealed: the secret does not open: it was sealed for `/a` in `other.yaml`
    help: if it was moved here on purpose: `git strata secret adopt`
    the number at `a` has more digits than SOPS can hold
    help: seal it as a text: write it in quotes
    ");
    let file = ParsedFile::of_bytes("s.yaml", format!("a: {other}\n").as_bytes());
    let nobody = export(&file, &it.vault(), &[], NOW, &ask()).unwrap_err();
    assert_eq!(nobody.to_string(), "there is nobody to seal it for");
}

/// Seals some values of a document, by a pattern of bits.
fn seal_some(it: &Place, name: &str, root: &mut Value, mut bits: u64) {
    let mut places = Vec::new();
    fn step(value: &Value, at: &mut Pointer, places: &mut Vec<Pointer>) {
        let keys: Vec<String> = match &value.kind {
            Kind::Object(map) => map.keys().map(ToString::to_string).collect(),
            Kind::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
            _ => return places.push(at.clone()),
        };
        for key in keys {
            at.push(key.clone());
            if let Some(value) = value.child(&key) {
                step(value, at, places);
            }
            at.pop();
        }
    }
    step(root, &mut Pointer::root(), &mut places);
    for at in places {
        if bits & 1 == 1 || bits == 0 {
            let value = root.at_mut(&at).unwrap();
            let token = it.sealed(name, &at.to_string(), value);
            *value = Value::detached(Kind::String(token.into()));
        }
        bits = bits.rotate_right(1);
    }
}

thread_local! {
    static PLACE: Place = Place::new();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_exported_imports_to_the_same_values(
        value in plain_value(), bits in any::<u64>(), is_json in any::<bool>(),
    ) {
        PLACE.with(|it| -> Result<(), TestCaseError> {
        let name = if is_json { "s.json" } else { "s.yaml" };
        let mut map = Map::new();
        map.set("a", value);
        map.set("b", Value::detached(Kind::String("x".into())));
        let mut root = Value::detached(Kind::Object(map));
        seal_some(it, name, &mut root, bits);
        let text = if is_json { write_json(&root) } else { write_yaml(&root) };
        let before = it.opened(name, &text);
        if let Ok(done) = it.export(name, &text) {
            let other = if is_json { "other.json" } else { "other.yaml" };
            prop_assert_eq!(it.opened(other, &done.text), before.clone(), "{}", done.text);
            let back = it.import(name, &done.text, &it.mine).unwrap();
            prop_assert_eq!(it.opened(name, &back.text), before, "{}", back.text);
        }
        Ok(())
        })?;
    }
}
