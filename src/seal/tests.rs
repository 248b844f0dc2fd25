use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use indexmap::IndexMap;
use proptest::prelude::*;
use secrecy::SecretString;

use super::*;

const KEY: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

fn ask() -> Ask {
    Arc::new(Silent)
}

fn place(pointer: &str) -> Context {
    Context {
        keyring: "prod".to_owned(),
        document: "config/prod.yaml".to_owned(),
        pointer: pointer.to_owned(),
    }
}

fn sealed(keys: &Keys, secret: &Secret, pointer: &str) -> Token {
    let generation = keys.generation();
    let recipient = keys.recipient(generation).unwrap();
    Token::seal(secret, &place(pointer), generation, &recipient).unwrap()
}

#[test]
fn token_opens_where_it_was_sealed_for_and_nowhere_else() {
    let keys = Keys::new();
    let secret = Secret::text("hunter2");
    let text = sealed(&keys, &secret, "/db/password").to_string();
    assert!(text.starts_with("ENC[age1,prod.1,") && text.ends_with(']') && is_token(&text));
    let token = Token::parse(&text).unwrap();
    assert_eq!(token.to_string(), text);
    assert_eq!((token.keyring(), token.generation()), ("prod", 1));
    assert_eq!(token.open(&place("/db/password"), 1, &keys), Ok(secret));
    let elsewhere = token.open(&place("/banner"), 1, &keys);
    assert_eq!(elsewhere, Err(Refused::Elsewhere(place("/db/password"))));
    let other = Context {
        document: "config/dev.yaml".to_owned(),
        ..place("/db/password")
    };
    assert_eq!(
        token.open(&other, 1, &keys).unwrap_err().to_string(),
        "it was sealed for `/db/password` in `config/prod.yaml`"
    );
}

#[test]
fn values_of_any_type_come_back() {
    let keys = Keys::new();
    for secret in [
        Secret::text(""),
        Secret::text("süß\n\0"),
        Secret::json("null"),
        Secret::json("[1.10, {\"a\": true}]"),
        Secret::text("x".repeat(200_000)),
    ] {
        let token = sealed(&keys, &secret, "/a");
        let token = Token::parse(&token.to_string()).unwrap();
        let found = token.open(&place("/a"), 1, &keys).unwrap();
        assert_eq!(
            (found.expose(), found.is_text()),
            (secret.expose(), secret.is_text())
        );
    }
    assert_ne!(Secret::text("1"), Secret::json("1"));
}

#[test]
fn each_fault_has_its_own_message() {
    let mut keys = Keys::new();
    let old = sealed(&keys, &Secret::text("hunter2"), "/a");
    assert_eq!(keys.renew(), 2);
    let text = sealed(&keys, &Secret::text("hunter2"), "/a").to_string();
    let body = &text["ENC[age1,prod.2,".len()..text.len() - 1];
    let with = |bytes: Vec<u8>| format!("ENC[age1,prod.2,{}]", BASE64_STANDARD.encode(bytes));
    let mut changed = BASE64_STANDARD.decode(body).unwrap();
    *changed.last_mut().unwrap() ^= 1;
    let cut = &changed[..changed.len() - 7];
    let header = changed.iter().position(|byte| *byte == b'>').unwrap() + 12;
    let mut other_header = BASE64_STANDARD.decode(body).unwrap();
    other_header[header] ^= 2;
    let tell = |text: &str| match Token::parse(text) {
        Ok(token) => token.open(&place("/a"), 2, &keys).unwrap_err().to_string(),
        Err(refused) => refused.to_string(),
    };
    let told: Vec<String> = [
        text.replace("prod.2", "test.2"),
        old.to_string(),
        text.replace("prod.2", "prod.3"),
        old.to_string().replace("prod.1", "prod.2"),
        text[..text.len() - 9].to_owned(),
        with(cut.to_vec()),
        with(changed),
        with(b"hello".to_vec()),
        text.replace("prod.2", "prod"),
        text.replace("prod.2", "prod.x"),
        text.replace("prod.2", "pr od.2"),
        text.replace("prod.2", ".2"),
        text.replace("prod.2,", "prod.2,!"),
        "ENC[age2,prod.1,aaaa]".to_owned(),
    ]
    .iter()
    .map(|text| tell(text))
    .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    it was sealed with the keyring `prod`
    it is sealed with generation 1 of the key, and 2 is in force
    the keyring has no generation 3
    it is sealed with another key than the one it names
    its end is missing
    its end is missing
    it was changed after it was sealed
    it is not well-formed: what is sealed is none of age
    it is not well-formed: it names no generation of a keyring
    it is not well-formed: its generation is no number
    it is not well-formed: it names no keyring
    it is not well-formed: it names no keyring
    it is not well-formed: what is sealed is no base64
    it is not well-formed: a token begins with `ENC[age1,`
    ");
    assert!(tell(&with(other_header)).starts_with("it "));
    let distinct: BTreeSet<_> = told[..7].iter().collect();
    assert!(distinct.len() >= 6, "{told:?}");
}

#[test]
fn age_file_of_another_program_is_no_token_of_ours() {
    let keys = Keys::new();
    let recipient = keys.recipient(1).unwrap();
    let foreign = seal_file(&[b'x'; 64], &[recipient], Armor::Binary, &ask()).unwrap();
    let text = format!("ENC[age1,prod.1,{}]", BASE64_STANDARD.encode(foreign));
    let refused = Token::parse(&text).unwrap().open(&place("/a"), 1, &keys);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "it is not well-formed: it was not sealed by this program"
    );
}

#[test]
fn keyring_tells_its_members_to_who_opens_it() {
    let (ann, text) = new_identity();
    let mine = Identities::read("key.txt", text.expose().as_bytes(), &ask()).unwrap();
    let mut keys = Keys::new();
    keys.renew();
    let members: IndexMap<_, _> = [("ann # \"of\"\ngeneration 9".to_owned(), ann.clone())].into();
    let file = keys.seal(&members, &ask()).unwrap();
    let opened = Keys::open(&file, &mine).unwrap();
    assert_eq!((opened.members(), opened.generation()), (Some(&members), 2));
    let unlisted = keys
        .seal_unlisted(std::slice::from_ref(&ann), &ask())
        .unwrap();
    assert_eq!(Keys::open(&unlisted, &mine).unwrap().members(), None);
    let key = text.expose().lines().last().unwrap();
    for odd in [
        format!("# generation 1\n{key}\n# generation 1\n{key}\n"),
        format!("# generation 1\n{key}\n# member ann\n"),
        format!("# generation 1\n{key}\n# member [\"ann\",\"{key}\"]\n"),
        format!("{key}\n"),
        "\0\u{feff}# generation 1".to_owned(),
    ] {
        let file = seal_file(
            odd.as_bytes(),
            std::slice::from_ref(&ann),
            Armor::Binary,
            &ask(),
        );
        assert!(Keys::open(&file.unwrap(), &mine).is_err(), "{odd}");
    }
}

#[test]
fn keyring_opens_for_its_members_only() {
    let mut keys = Keys::new();
    keys.renew();
    let (ann, bob) = (
        age::x25519::Identity::generate(),
        age::x25519::Identity::generate(),
    );
    let identities = |key: &age::x25519::Identity| {
        use secrecy::ExposeSecret;
        let text = format!("# mine\r\n\r\n{}\r\n", key.to_string().expose_secret());
        Identities::read("key.txt", text.as_bytes(), &ask()).unwrap()
    };
    let members = [ann.to_public().to_string().parse().unwrap()];
    let file = keys.seal_unlisted(&members, &ask()).unwrap();
    assert!(is_sealed_file(&file) && Armor::of(&file) == Some(Armor::Text));
    let opened = Keys::open(&file, &identities(&ann)).unwrap();
    assert_eq!(opened.generation(), 2);
    for generation in [1, 2, 3] {
        assert_eq!(opened.recipient(generation), keys.recipient(generation));
    }
    let refused = Keys::open(&file, &identities(&bob));
    assert_eq!(refused.unwrap_err(), Refused::NotForYou);
    assert!(keys.seal(&IndexMap::new(), &ask()).is_err());
    let other = seal_file(b"hello", &members, Armor::Binary, &ask()).unwrap();
    let refused = Keys::open(&other, &identities(&ann)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "it is not well-formed: it holds no keys of a keyring"
    );
    assert_eq!(
        Keys::open(b"hello", &identities(&ann))
            .unwrap_err()
            .to_string(),
        "it is not well-formed: it is none of age"
    );
}

/// Knows a passphrase.
struct Knows(&'static str);

impl Asked for Knows {
    fn passphrase(&self, _: &str) -> Option<SecretString> {
        Some(SecretString::from(self.0))
    }
    fn text(&self, _: &str) -> Option<String> {
        None
    }
    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }
    fn say(&self, _: &str) {}
}

#[test]
fn identities_may_be_protected_by_a_passphrase() {
    let mut recipient = age::scrypt::Recipient::new(SecretString::from("correct horse"));
    recipient.set_work_factor(2);
    for armored in [false, true] {
        let file = match armored {
            true => age::encrypt_and_armor(&recipient, KEY.as_bytes())
                .unwrap()
                .into_bytes(),
            false => age::encrypt(&recipient, KEY.as_bytes()).unwrap(),
        };
        let read = |ask: Ask| Identities::read("key.age", &file, &ask);
        let found = read(Arc::new(Knows("correct horse"))).unwrap();
        assert_eq!(format!("{found:?}"), "Identities(1)");
        let wrong = read(Arc::new(Knows("battery"))).unwrap_err();
        assert_eq!(wrong.to_string(), "the passphrase is not that of `key.age`");
        let silent = read(ask()).unwrap_err();
        assert_eq!(
            silent.to_string(),
            "`key.age` is protected by a passphrase, and there is nobody to ask for it"
        );
    }
}

#[test]
fn what_is_no_identity_is_told_without_showing_it() {
    let tell = |text: &[u8]| {
        Identities::read("key.txt", text, &ask())
            .unwrap_err()
            .to_string()
    };
    let wrong = format!("# fine\n{KEY}\nhunter2-is-no-key\n");
    assert_eq!(tell(wrong.as_bytes()), "line 3 of `key.txt` is no identity");
    assert_eq!(tell(b""), "`key.txt` holds no identity");
    assert_eq!(tell(b"\xff\xfe"), "`key.txt` is no file of identities");
    let sealed = seal_file(
        KEY.as_bytes(),
        &[Keys::new().recipient(1).unwrap()],
        Armor::Text,
        &ask(),
    );
    assert_eq!(
        tell(&sealed.unwrap()),
        "`key.txt` is sealed for somebody, and not by a passphrase"
    );
    let plugin = age::plugin::Identity::default_for_plugin("nowhere")
        .unwrap()
        .to_string();
    assert_eq!(
        tell(plugin.as_bytes()),
        "the identities of `key.txt` cannot be used"
    );
}

#[test]
fn recipients_are_public_keys() {
    let tell = |text: &str| text.parse::<Recipient>().unwrap_err();
    assert_eq!(tell("ann").to_string(), "`ann` is no recipient");
    let private = tell(KEY);
    assert!(!format!("{private:?}").contains("GFPYYSJZ"), "{private:?}");
    let plugin: Recipient =
        "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t"
            .parse()
            .unwrap();
    let refused = seal_file(b"x", &[plugin], Armor::Binary, &ask()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the plugin `age-plugin-yubikey` cannot be run"
    );
}

#[cfg(feature = "ssh")]
#[test]
fn ssh_keys_are_recipients_and_identities() {
    let folder = tempfile::tempdir().unwrap();
    for (name, passphrase) in [("open", ""), ("locked", "correct horse")] {
        let file = folder.path().join(name);
        let made = std::process::Command::new("ssh-keygen")
            .args([
                "-q", "-t", "ed25519", "-a", "1", "-N", passphrase, "-C", "", "-f",
            ])
            .arg(&file)
            .status();
        if !made.is_ok_and(|status| status.success()) {
            eprintln!("skipped: there is no ssh-keygen");
            return;
        }
        let recipient = std::fs::read_to_string(file.with_extension("pub")).unwrap();
        let private = std::fs::read(&file).unwrap();
        let keys = Keys::new();
        let sealed = keys
            .seal_unlisted(&[recipient.parse().unwrap()], &ask())
            .unwrap();
        let identities =
            Identities::read(name, &private, &(Arc::new(Knows("correct horse")) as Ask));
        assert_eq!(
            Keys::open(&sealed, &identities.unwrap())
                .unwrap()
                .generation(),
            1
        );
        let silent = Identities::read(name, &private, &ask());
        assert_eq!(silent.is_ok(), passphrase.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_changed_token_opens_or_panics(at in 0usize..600, byte in 0u8..255, cut in 0usize..600) {
        let keys = Keys::new();
        let token = sealed(&keys, &Secret::text("hunter2"), "/a").to_string();
        let mut bytes = token.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(text) = std::str::from_utf8(&bytes)
            && text != token
            && let Ok(read) = Token::parse(text)
        {
            prop_assert!(read.open(&place("/a"), 1, &keys).is_err(), "{text}");
        }
        if let Some(start) = token.get(..cut % token.len()) {
            prop_assert!(Token::parse(start).is_err());
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text in "(ENC\\[age1,)?[a-z.,0-9A-Z+/=\\]]{0,80}") {
        if let Ok(token) = Token::parse(&text) {
            prop_assert_eq!(token.to_string(), text);
        }
    }
}

/// One who says the same passphrase to whoever asks.
struct Says(&'static str);

impl Asked for Says {
    fn passphrase(&self, what: &str) -> Option<Passphrase> {
        assert_eq!(what, "Passphrase of tls.age");
        Some(Passphrase::from(self.0))
    }

    fn text(&self, _: &str) -> Option<String> {
        None
    }

    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }

    fn say(&self, _: &str) {}
}

#[test]
fn file_sealed_by_a_passphrase_opens_for_who_knows_it() {
    let mut recipient = age::scrypt::Recipient::new(Passphrase::from("horse"));
    recipient.set_work_factor(4);
    let sealed = age::encrypt(&recipient, b"plain").unwrap();
    let open = |ask: Ask| {
        let opened = open_file_asking("tls.age", &sealed, &Identities::default(), &ask);
        opened.map(|plain| plain.to_vec())
    };
    assert_eq!(open(Arc::new(Says("horse"))), Ok(b"plain".to_vec()));
    assert_eq!(
        open(Arc::new(Says("staple"))),
        Err(Refused::OtherPassphrase)
    );
    assert_eq!(open(ask()), Err(Refused::NeedsPassphrase));
    let opened = open_file(&sealed, &Identities::default());
    assert_eq!(opened, Err(Refused::NeedsPassphrase));
}

#[test]
fn post_quantum_identity_is_named_as_what_it_is() {
    let text = format!("# mine\n{}1QQQQ\n", "AGE-SECRET-KEY-PQ-");
    let error = Identities::read("key.txt", text.as_bytes(), &ask()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2 of `key.txt` is a post-quantum identity, which only a plugin opens"
    );
}
