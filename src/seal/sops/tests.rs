use std::sync::Arc;

use proptest::prelude::*;

use super::super::{Silent, new_identity};
use super::*;

#[test]
fn only_the_wrapped_key_opens_a_value_and_only_about_the_same() {
    let key = DataKey::new().unwrap();
    let ask: Ask = Arc::new(Silent);
    let (recipient, private) = new_identity();
    let identities = |text: &str| Identities::read("key.txt", text.as_bytes(), &ask).unwrap();
    let mine = identities(private.expose());
    let other = identities(new_identity().1.expose());
    let wrapped = key.wrap(&recipient, &ask).unwrap();
    let same = DataKey::unwrap(["hello", wrapped.as_str()], &mine).unwrap();
    let not_for = |texts: &[&str], who| DataKey::unwrap(texts.iter().copied(), who).unwrap_err();
    assert_eq!(not_for(&[&wrapped], &other), Refused::NotForYou);
    assert_eq!(not_for(&[], &other), Refused::NotForYou);
    let short = seal_file(b"short", &[recipient], Armor::Text, &ask).unwrap();
    let short = String::from_utf8(short).unwrap();
    assert_eq!(
        not_for(&[&short], &mine).to_string(),
        "it is not well-formed: its data key has not 32 bytes"
    );
    let sealed = SealedValue::seal(&Plain::text("hunter2"), &key, "db:password:").unwrap();
    assert_eq!(
        sealed.open(&same, "db:password:").unwrap().expose(),
        "hunter2"
    );
    let refused = |key: &DataKey, about: &str| sealed.open(key, about).unwrap_err();
    assert_eq!(refused(&key, "db:user:"), Refused::Damaged);
    assert_eq!(
        refused(&DataKey::new().unwrap(), "db:password:"),
        Refused::Damaged
    );
    assert_eq!(
        format!("{key:?} {:?}", Plain::text("hunter2")),
        "DataKey(***) Plain(str)"
    );
}

#[test]
fn values_come_back_with_their_type() {
    let key = DataKey::new().unwrap();
    let back = |plain: &Plain| {
        let text = SealedValue::seal(plain, &key, ":").unwrap().to_string();
        let sealed = SealedValue::parse(&text).unwrap();
        assert_eq!(sealed.to_string(), text);
        let secret = sealed.open(&key, ":").unwrap().secret();
        (secret.expose().to_owned(), secret.is_text())
    };
    assert_eq!(back(&Plain::text("süß\n")), ("süß\n".to_owned(), true));
    assert_eq!(back(&Plain::bool(true)), ("true".to_owned(), false));
    assert_eq!(back(&Plain::number("5432")), ("5432".to_owned(), false));
    assert_eq!(back(&Plain::number("1.5")), ("1.5".to_owned(), false));
}

#[test]
fn names_choose_what_is_sealed() {
    let seals = |choice: &Choice, keys: &str| choice.seals(keys.split('.'));
    let named = Choice::of_names(["pass.word", "key"]).unwrap();
    let any = |suffix: &str| Some(suffix.to_owned());
    let but = Choice {
        unencrypted_suffix: any("_plain"),
        ..Choice::default()
    };
    let only = Choice {
        encrypted_suffix: any("_sealed"),
        unencrypted_regex: Some(Choice::pattern("^no").unwrap()),
        ..Choice::default()
    };
    let told = [
        "a.key",
        "key.a",
        "keys",
        "passXword",
        "a_plain.b",
        "x_sealed.n",
        "x_sealed.no",
    ]
    .map(|keys| {
        let all = [&named, &but, &only].map(|choice| u8::from(seals(choice, keys)));
        format!("{keys} {all:?}")
    });
    insta::assert_snapshot!(told.join("\n"), @"
    a.key [1, 1, 0]
    key.a [1, 1, 0]
    keys [0, 1, 0]
    passXword [0, 1, 0]
    a_plain.b [0, 0, 0]
    x_sealed.n [0, 1, 1]
    x_sealed.no [0, 1, 0]
    ");
    assert!(named.seals(["pass.word"]));
    assert_eq!(
        Choice::pattern("(").unwrap_err().to_string(),
        "it is not well-formed: `(` is no regular expression"
    );
}

#[test]
fn the_mac_is_over_values_in_their_order() {
    let key = DataKey::new().unwrap();
    let of = |texts: &[&str], only: bool| {
        let mut mac = Mac::new(only);
        texts.iter().for_each(|text| mac.add(text));
        mac
    };
    let sealed = of(&["a", "b"], false)
        .seal(&key, "2026-01-01T00:00:00Z")
        .unwrap();
    let verify = |mac: Mac, time: &str| mac.verify(&sealed, &key, time);
    assert_eq!(
        verify(of(&["a", "b"], false), "2026-01-01T00:00:00Z"),
        Ok(())
    );
    for (mac, time) in [
        (of(&["b", "a"], false), "2026-01-01T00:00:00Z"),
        (of(&["a", "b"], true), "2026-01-01T00:00:00Z"),
        (of(&["a", "b"], false), "2026-01-01T00:00:01Z"),
    ] {
        assert_eq!(verify(mac, time), Err(Refused::OtherMac));
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(
        text in "(ENC\\[AES256_GCM,)?(data:[a-zA-Z0-9+/=]{0,8},?)?(iv:)?[a-z.,:0-9A-Z+/=\\]]{0,60}",
    ) {
        if let Ok(sealed) = SealedValue::parse(&text) {
            prop_assert_eq!(sealed.to_string(), text);
        }
    }
}
