use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::document::{Document, parse};
use crate::seal::{Ask, Silent};
use crate::text::Source;

const KEY: &str = include_str!("../../../fixtures/sops/key.txt");
const ALL: &str = include_str!("../../../fixtures/sops/all.yaml");
const SOME: &str = include_str!("../../../fixtures/sops/some.json");

fn identities(text: &str) -> Identities {
    let ask: Ask = Arc::new(Silent);
    Identities::read("key.txt", text.as_bytes(), &ask).unwrap()
}

fn document(text: &str, format: Format) -> Option<Document> {
    let parsed = parse(&Arc::new(Source::new("secrets", text)), format);
    parsed.documents.into_iter().next()
}

fn open(text: &str, format: Format) -> Result<OpenSops, Refused> {
    let document = document(text, format).unwrap();
    OpenSops::open(&document, &identities(KEY))
}

/// Tells what all values are, or why they do not open.
fn told(text: &str, format: Format) -> String {
    let open = match open(text, format) {
        Ok(open) => open,
        Err(why) => return why.to_string(),
    };
    let mut values: Vec<String> = open
        .values
        .iter()
        .map(|(at, (_, secret))| {
            let kind = if secret.is_text() { "text" } else { "json" };
            format!("{} = {:?} ({kind})", at.dotted(), secret.expose())
        })
        .collect();
    values.sort();
    values.join("\n")
}

#[test]
fn reads_what_another_program_wrote() {
    insta::assert_snapshot!(told(ALL, Format::Yaml), @r#"
    db.empty = "" (text)
    db.password = "hunter2" (text)
    db.port = "5432" (json)
    db.ratio = "1.5" (json)
    db.tls = "true" (json)
    list.0.key = "x" (text)
    list.0.name = "a" (text)
    open_unencrypted = "plain" (text)
    users.0 = "ann" (text)
    users.1 = "bob" (text)
    "#);
    insta::assert_snapshot!(told(SOME, Format::Json), @r#"a.password = "x" (text)"#);
}

/// Changes a line of the file with all values sealed.
fn with(key: &str, line: impl Fn(&str) -> String) -> String {
    let key = format!("  {key}: ");
    let lines = ALL.lines().map(|old| match old.strip_prefix(&key) {
        Some(value) => format!("{key}{}\n", line(value)),
        None => format!("{old}\n"),
    });
    lines.collect()
}

fn value_of(key: &str) -> &'static str {
    let key = format!("  {key}: ");
    ALL.lines().find_map(|it| it.strip_prefix(&key)).unwrap()
}

#[test]
fn each_change_by_hand_is_refused_with_its_own_message() {
    let told = [
        with("password", |_| value_of("port").to_owned()),
        with("password", |old| old.replace("data:", "data:AAAA")),
        with("password", |_| "hunter2".to_owned()),
        with("password", |_| "''".to_owned()),
        with("password", |old| old.replace("iv:", "iv:AAAA")),
        with("password", |old| old[..old.len() - 9].to_owned()),
        with("password", |old| old.replace("type:str", "type:int")),
        with("nothing", |_| "1".to_owned()),
        with("nothing", |_| "\n  other_unencrypted: 1".to_owned()),
        with("port", |old| format!("{old}\n  port2: {old}")),
        ALL.replace("users:", "people:"),
        ALL.replace("password:", "secret:"),
        with("lastmodified", |_| "2020-01-01T00:00:00Z".to_owned()),
        with("mac", |_| value_of("password").to_owned()),
        with("mac", |_| "ENC[AES256_GCM,hello]".to_owned()),
        with("mac", |_| "none".to_owned()),
        ALL.replace("sops:", "sopsy:"),
        ALL.replace("  age:", "  pgp:"),
        ALL.replace("    enc:", "    else:"),
        ALL.replace("YWdlLWVu", "YWdlLWVv"),
        with("mac", |old| format!("{old}\n  encrypted_regex: '('")),
        with("mac", |old| format!("{old}\n  encrypted_comment_regex: x")),
        with("mac", |old| format!("{old}\n  key_groups: [{{}}, {{}}]")),
        with("mac", |old| format!("{old}\n  mac_only_encrypted: true")),
    ]
    .map(|text| told(&text, Format::Yaml));
    insta::assert_snapshot!(told.join("\n"), @"
    what stands at `db.password` was sealed for `db.port`
    `db.password` was changed, or was sealed for another key
    `db.password` is plain, where the file says it is sealed
    a value was changed, added or taken away after SOPS sealed it (its MAC is another)
    it is not well-formed: at `db.password`, the `iv` of a sealed value has not 32 bytes
    it is not well-formed: at `db.password`, its end is missing
    it is not well-formed: at `db.password`, a value is no whole number
    `db.nothing` is plain, where the file says it is sealed
    a value was changed, added or taken away after SOPS sealed it (its MAC is another)
    what stands at `db.port2` was sealed for `db.port`
    `people.0` was changed, or was sealed for another key
    `db.secret` was changed, or was sealed for another key
    a value was changed, added or taken away after SOPS sealed it (its MAC is another)
    a value was changed, added or taken away after SOPS sealed it (its MAC is another)
    it is not well-formed: a sealed value has no `data`
    it is not well-formed: it has no part `sops` with a MAC and a date
    it is not well-formed: it has no part `sops` with a MAC and a date
    it is not sealed with age, the one means that is known here
    it is not sealed with age, the one means that is known here
    it is not well-formed: it is none of age
    it is not well-formed: `(` is no regular expression
    it says by comments what is sealed, which only `sops` itself can read
    its key is split among several groups, which only `sops` can join
    a value was changed, added or taken away after SOPS sealed it (its MAC is another)
    ");
    let bob = crate::seal::new_identity().1;
    let all = document(ALL, Format::Yaml).unwrap();
    let refused = OpenSops::open(&all, &identities(bob.expose()));
    assert_eq!(refused.unwrap_err(), Refused::NotForYou);
    let plain = SOME.replace("\"n\": 5", "\"n\": 6");
    assert_eq!(open(&plain, Format::Json).unwrap_err(), Refused::OtherMac);
}

#[test]
fn plain_values_are_in_the_mac_as_sops_writes_them() {
    let values = "[1.50, 1e3, -0.0, 9007199254740993, 1e-7, true, a, 2026-01-02, '2026-01-02']";
    let yaml = format!("[0x1f, .inf, {}", &values[1..]);
    let of = |text: &str, format| {
        let document = document(text, format).unwrap();
        let items = document.root.as_array().unwrap();
        let texts: Vec<String> = items.iter().map(|it| mac_text(it, &document)).collect();
        texts.join(" ")
    };
    insta::assert_snapshot!(of(&yaml, Format::Yaml), @"31 +Inf 1.5 1000 0 9007199254740993 0.0000001 True a 2026-01-02T00:00:00Z 2026-01-02");
    let json = &values[..values.find(", a").unwrap()];
    insta::assert_snapshot!(of(&format!("{json}]"), Format::Json), @"1.5 1000 0 9007199254740992 0.0000001 True");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_mangled_file_opens_as_another_or_panics(
        at in 0usize..3000, cut in 0usize..12, put in "[ -~\\n]{0,6}", json in any::<bool>(),
    ) {
        let (text, format) = if json { (SOME, Format::Json) } else { (ALL, Format::Yaml) };
        let before = told(text, format);
        let at = at % text.len();
        let end = (at + cut).min(text.len());
        let mangled = format!("{}{put}{}", &text[..at], &text[end..]);
        let Some(document) = document(&mangled, format) else { return Ok(()) };
        let opened = OpenSops::open(&document, &identities(KEY));
        // Keys may be renamed in what is plain, but no secret is another one.
        if let Ok(open) = opened {
            for (_, secret) in open.values.values() {
                let known = before.lines().any(|line| line.contains(&format!("{:?}", secret.expose())));
                prop_assert!(known, "{mangled}");
            }
        }
    }
}
