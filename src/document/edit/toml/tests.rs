use std::sync::Arc;

use proptest::prelude::*;
use smol_str::SmolStr;

use super::super::super::{Entry, Format, Kind, Map, Number, parse};
use super::*;
use crate::text::{Pointer, Source, Span};

fn read(text: &str) -> Value {
    let parsed = parse(&Arc::new(Source::new("a.toml", text)), Format::Toml);
    assert!(parsed.findings.is_empty(), "{text}\n{:?}", parsed.findings);
    Arc::unwrap_or_clone(parsed.documents.into_iter().next().unwrap().root)
}

fn at(text: &str) -> Pointer {
    text.parse().unwrap()
}

fn object<'v>(root: &'v mut Value, pointer: &Pointer) -> &'v mut Map {
    match &mut root.at_mut(pointer).unwrap().kind {
        Kind::Object(map) => map,
        other => panic!("{pointer} is {other:?}"),
    }
}

fn items<'v>(root: &'v mut Value, pointer: &str) -> &'v mut Vec<Value> {
    match &mut root.at_mut(&at(pointer)).unwrap().kind {
        Kind::Array(items) => items,
        other => panic!("{pointer} is {other:?}"),
    }
}

/// Takes an entry out.
fn take(root: &mut Value, pointer: &str) -> Entry {
    let pointer = at(pointer);
    let map = object(root, &pointer.parent().unwrap());
    map.remove(pointer.last().unwrap()).unwrap()
}

/// Puts an entry at the end of a map.
fn put(root: &mut Value, pointer: &str, entry: Entry) {
    let pointer = at(pointer);
    object(root, &pointer.parent().unwrap()).insert(pointer.last().unwrap(), entry);
}

fn rename(root: &mut Value, pointer: &str, to: &str) {
    let pointer = at(pointer);
    let map = object(root, &pointer.parent().unwrap());
    let renamed =
        std::mem::take(map)
            .into_iter()
            .map(|(key, entry)| match key == pointer.last().unwrap() {
                true => (SmolStr::from(to), entry),
                false => (key, entry),
            });
    *map = renamed.collect();
}

fn set(root: &mut Value, pointer: &str, value: Value) {
    let pointer = at(pointer);
    object(root, &pointer.parent().unwrap()).set(pointer.last().unwrap(), value);
}

/// Changes a value where it stands.
fn change(root: &mut Value, pointer: &str, kind: Kind) {
    root.at_mut(&at(pointer)).unwrap().kind = kind;
}

fn number(text: &str) -> Value {
    Value::detached(Kind::Number(Number::new(text).unwrap()))
}

fn string(text: &str) -> Value {
    Value::detached(Kind::String(text.into()))
}

/// A value as of a literal, which stands nowhere.
fn literal(toml: &str) -> Value {
    let value = read(&format!("v = {toml}")).detach();
    let Kind::Object(map) = value.kind else {
        panic!()
    };
    map.into_iter().next().unwrap().1.value
}

#[track_caller]
fn edited(text: &str, edit: impl FnOnce(&mut Value)) -> String {
    edited_with(text, &[], edit)
}

#[track_caller]
fn edited_with(text: &str, removed: &[(&str, &str)], edit: impl FnOnce(&mut Value)) -> String {
    let old = read(text);
    let removed = removed
        .iter()
        .map(|(pointer, note)| (old.place(&at(pointer)).start, (*note).to_owned()));
    let mut intended = old.clone();
    edit(&mut intended);
    let out = rewrite(text, &old, &intended, &removed.collect()).unwrap();
    assert_eq!(read(&out), intended, "{out}");
    out
}

const TEXT: &str = "\
# The shop.

title = \"shop\"   # shown at the top
port  = 8080

# How we keep data.
[database]
host = 'db.example.org'
# Connections kept open.
pool_size = 20 # a pool
tags = [
  \"a\", # first
  \"b\",
  # the last
  \"c\"
]
since = 1979-05-27

[database.retry] # behind
count = 3

# The first server.
[[servers]]
name = \"one\"
limits = { cpu = 2, memory = \"1G\" }

[[servers]]
name = \"two\"

# The end.
";

#[test]
fn the_same_value_is_the_same_text() {
    for text in [
        TEXT,
        "",
        "\n\n# nothing\n",
        "\u{feff}a = 1",
        "a.b = 1\r\nc = 2\r\na.d = 3",
        "[ a . 'b' ]\r\n\r\nx = 0x1F\r\n",
        "  a = 1_000\n\t[b]\n   c = [ 1,2 , 3 ]# x",
    ] {
        assert_eq!(edited(text, |_| {}), text);
    }
}

#[test]
fn renamed_keys_keep_their_place_and_comments() {
    let out = edited(TEXT, |root| {
        rename(root, "/port", "listen port");
        rename(root, "/database/pool_size", "max");
        rename(root, "/servers/0/limits/cpu", "cores");
        rename(root, "/servers", "hosts");
        rename(root, "/database", "db");
    });
    insta::assert_snapshot!(diff(TEXT, &out), @r#"
    - port  = 8080
    + "listen port"  = 8080
    - [database]
    + [db]
    - pool_size = 20 # a pool
    + max = 20 # a pool
    - [database.retry] # behind
    + [db.retry] # behind
    - [[servers]]
    + [[hosts]]
    - limits = { cpu = 2, memory = "1G" }
    + limits = { cores = 2, memory = "1G" }
    - [[servers]]
    + [[hosts]]
    "#);
}

#[test]
fn dotted_keys_are_renamed_where_they_stand() {
    let text = "a.x = 1 # x\nb = 2\na . 'y' = 3\n[t]\nu.v = 1\n[t.w]\nz = 1\n";
    let out = edited(text, |root| {
        rename(root, "/a", "other");
        rename(root, "/t/u", "k");
        rename(root, "/t", "table");
    });
    insta::assert_snapshot!(out, @"
    other.x = 1 # x
    b = 2
    other . 'y' = 3
    [table]
    k.v = 1
    [table.w]
    z = 1
    ");
}

#[test]
fn values_change_in_their_own_manner() {
    let out = edited(TEXT, |root| {
        change(root, "/title", Kind::String("Shop \"2\"".into()));
        change(root, "/database/host", Kind::String("C:\\data".into()));
        change(root, "/database/since", Kind::String("2026-01-02".into()));
        change(root, "/database/tags/1", Kind::String("B".into()));
        change(root, "/servers/0/limits/memory", Kind::String("2G".into()));
        set(root, "/port", number("0o17"));
        set(root, "/database/retry/count", string("three"));
    });
    insta::assert_snapshot!(diff(TEXT, &out), @r#"
    - title = "shop"   # shown at the top
    + title = "Shop \"2\""   # shown at the top
    - port  = 8080
    + port  = 0o17
    - host = 'db.example.org'
    + host = 'C:\data'
    -   "b",
    +   "B",
    - since = 1979-05-27
    + since = 2026-01-02
    - count = 3
    + count = "three"
    - limits = { cpu = 2, memory = "1G" }
    + limits = { cpu = 2, memory = "2G" }
    "#);
}

#[test]
fn removed_entries_go_and_leave_their_comments_where_a_note_says_why() {
    let out = edited_with(
        TEXT,
        &[
            ("/database/pool_size", "removed in 3.0.0: use max instead"),
            ("/title", "removed in 3.0.0"),
            ("/port", "removed in 3.0.0"),
        ],
        |root| {
            take(root, "/title");
            take(root, "/port");
            take(root, "/database/pool_size");
            take(root, "/database/tags");
        },
    );
    insta::assert_snapshot!(out, @r#"
    # The shop.

    # removed in 3.0.0
    # shown at the top

    # How we keep data.
    [database]
    host = 'db.example.org'
    # removed in 3.0.0: use max instead
    # Connections kept open.
    # a pool
    since = 1979-05-27

    [database.retry] # behind
    count = 3

    # The first server.
    [[servers]]
    name = "one"
    limits = { cpu = 2, memory = "1G" }

    [[servers]]
    name = "two"

    # The end.
    "#);
    let out = edited_with(TEXT, &[("/database", "removed in 3.0.0")], |root| {
        take(root, "/database");
        items(root, "/servers").remove(0);
    });
    insta::assert_snapshot!(out, @r#"
    # The shop.

    title = "shop"   # shown at the top
    port  = 8080

    # removed in 3.0.0
    # How we keep data.
    # Connections kept open.
    # a pool
    # first
    # the last
    # behind

    [[servers]]
    name = "two"

    # The end.
    "#);
}

#[test]
fn what_moves_carries_its_comments() {
    let out = edited(TEXT, |root| {
        let pool = take(root, "/database/pool_size");
        put(root, "/database/retry/pool", pool);
        let title = take(root, "/title");
        put(root, "/servers/1/title", title);
        let limits = take(root, "/servers/0/limits");
        put(root, "/limits", limits);
        let retry = take(root, "/database/retry");
        put(root, "/retry", retry);
    });
    insta::assert_snapshot!(out, @r#"
    # The shop.

    port  = 8080
    limits = { cpu = 2, memory = "1G" }

    # How we keep data.
    [database]
    host = 'db.example.org'
    tags = [
      "a", # first
      "b",
      # the last
      "c"
    ]
    since = 1979-05-27

    # The first server.
    [[servers]]
    name = "one"

    [[servers]]
    name = "two"
    title = "shop"   # shown at the top

    [retry] # behind
    count = 3
    # Connections kept open.
    pool = 20 # a pool

    # The end.
    "#);
}

#[test]
fn what_is_new_stands_where_a_person_would_put_it() {
    let out = edited(TEXT, |root| {
        set(root, "/debug", Value::detached(Kind::Bool(false)));
        set(root, "/database/text", string("one\ntwo\n"));
        set(
            root,
            "/cache",
            literal("{ ttl = 60, where = { host = \"x\" }, odd = [1, { a = 1 }] }"),
        );
        set(
            root,
            "/users",
            literal("[{ name = \"a b\" }, { name = \"c\" }]"),
        );
        set(root, "/database/empty", literal("{}"));
        items(root, "/database/tags").insert(1, string("new"));
        items(root, "/servers").push(literal("{ name = \"three\", at = { x = 1 } }"));
        set(root, "/servers/0/limits/disk", number("5"));
    });
    insta::assert_snapshot!(out, @r#"
    # The shop.

    title = "shop"   # shown at the top
    port  = 8080
    debug = false

    # How we keep data.
    [database]
    host = 'db.example.org'
    # Connections kept open.
    pool_size = 20 # a pool
    tags = [
      "a", # first
      "new",
      "b",
      # the last
      "c"
    ]
    since = 1979-05-27
    text = """
    one
    two
    """
    empty = {}

    [database.retry] # behind
    count = 3

    # The first server.
    [[servers]]
    name = "one"
    limits = { cpu = 2, memory = "1G", disk = 5 }

    [[servers]]
    name = "two"

    [[servers]]
    name = "three"

    [servers.at]
    x = 1

    [cache]
    ttl = 60
    odd = [1, { a = 1 }]

    [cache.where]
    host = "x"

    [[users]]
    name = "a b"

    [[users]]
    name = "c"

    # The end.
    "#);
}

#[test]
fn tables_are_wrapped_and_unwrapped() {
    let out = edited(TEXT, |root| {
        let database = take(root, "/database");
        let list = Value::detached(Kind::Array(vec![database.value]));
        put(
            root,
            "/databases",
            Entry {
                key: database.key,
                value: list,
            },
        );
        let mut port = Map::new();
        port.insert("http", take(root, "/port"));
        set(root, "/ports", Value::detached(Kind::Object(port)));
        let second = items(root, "/servers").remove(1);
        let servers = take(root, "/servers");
        put(
            root,
            "/server",
            Entry {
                key: servers.key,
                value: second,
            },
        );
    });
    insta::assert_snapshot!(out, @r#"
    # The shop.

    title = "shop"   # shown at the top

    [[databases]]
    host = 'db.example.org'
    # Connections kept open.
    pool_size = 20 # a pool
    tags = [
      "a", # first
      "b",
      # the last
      "c"
    ]
    since = 1979-05-27

    [databases.retry] # behind
    count = 3

    [ports]
    http  = 8080

    [server]
    name = "two"

    # The end.
    "#);
}

#[test]
fn lists_of_tables_are_put_in_another_order() {
    let text = "[[l]]\nn = 1 # one\n[l.sub]\nx = 1\n\n# two\n[[l]]\nn = 2\n\n[other]\nz = 1\n";
    let out = edited(text, |root| items(root, "/l").reverse());
    insta::assert_snapshot!(out, @"
    # two
    [[l]]
    n = 2

    [[l]]
    n = 1 # one

    [l.sub]
    x = 1

    [other]
    z = 1
    ");
    let out = edited(text, |root| items(root, "/l").truncate(0));
    insta::assert_snapshot!(out, @"
    l = []

    [other]
    z = 1
    ");
    let out = edited(text, |root| items(root, "/l")[1] = number("5"));
    insta::assert_snapshot!(out, @"
    l = [{ n = 1, sub = { x = 1 } }, 5]

    [other]
    z = 1
    ");
}

#[test]
fn a_copy_leaves_the_first_where_it_is() {
    let out = edited("# a\na = 'x' # b\n[t]\n", |root| {
        let copy = root.as_object().unwrap().entry("a").unwrap().clone();
        put(root, "/t/b", copy.clone());
        put(root, "/c", copy);
    });
    insta::assert_snapshot!(out, @"
    # a
    a = 'x' # b
    c = 'x'
    [t]
    b = 'x'
    ");
}

#[test]
fn line_ends_marks_and_missing_line_ends_stay() {
    let text = "\u{feff}a = 1\r\n[t]\r\n  b = [\r\n    1,\r\n  ]";
    let out = edited(text, |root| {
        set(root, "/t/new", number("2"));
        set(root, "/u", literal("{ x = 1 }"));
        items(root, "/t/b").push(number("2"));
        rename(root, "/a", "z");
    });
    assert_eq!(
        out,
        "\u{feff}z = 1\r\n[t]\r\n  b = [\r\n    1,\r\n    2,\r\n  ]\r\n  new = 2\r\n\r\n[u]\r\nx = 1"
    );
}

#[test]
fn what_toml_cannot_say_is_refused() {
    let old = read("a = 1\n");
    let none = HashMap::new();
    let mut intended = old.clone();
    set(&mut intended, "/b", literal("[1]"));
    items(&mut intended, "/b")[0].kind = Kind::Null;
    assert!(rewrite("a = 1\n", &old, &intended, &none).is_none());
    assert!(rewrite("a = 1\n", &old, &number("1"), &none).is_none());
}

/// The lines that differ.
fn diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    assert_eq!(old.len(), new.len(), "{}", new.join("\n"));
    let pairs = old.iter().zip(&new).filter(|(old, new)| old != new);
    pairs
        .map(|(old, new)| format!("- {old}\n+ {new}\n"))
        .collect()
}

/// A TOML text with every kind of statement, and comments all about.
fn document() -> BoxedStrategy<String> {
    let key =
        prop_oneof![4 => "[a-d]", 1 => Just("\"e f\"".to_owned()), 1 => Just("'g.h'".to_owned())];
    let scalar = prop_oneof![
        "[0-9]{1,3}".prop_map(|n| format!("1{n}")),
        Just("0x1F".to_owned()),
        Just("1979-05-27T07:32:00Z".to_owned()),
        Just("true".to_owned()),
        Just("\"te\\\"xt\"".to_owned()),
        Just("'lit # eral'".to_owned()),
        Just("\"\"\"\nlines\n  # no comment\n\"\"\"".to_owned()),
        Just("-inf".to_owned()),
        Just("1_0.5e-3".to_owned()),
    ];
    let entry_key = key.clone();
    let value = scalar.prop_recursive(2, 8, 4, move |inner| {
        let entries = prop::collection::btree_map(entry_key.clone(), inner.clone(), 0..3);
        let map = entries.prop_map(|entries| {
            let entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| format!("{key} = {value}"))
                .collect();
            format!("{{ {} }}", entries.join(" ,"))
        });
        let items = (prop::collection::vec(inner, 0..4), 0..4_u8);
        let list = items.prop_map(|(items, style)| match style {
            0 => format!("[{}]", items.join(", ")),
            1 => format!("[ {} , ]", items.join(",")).replace("[  , ]", "[ ]"),
            2 => format!(
                "[ # opens\n  {}\n]",
                items
                    .iter()
                    .map(|item| format!("{item}, # item\n"))
                    .collect::<String>()
            ),
            _ => format!("[\n{}\n  # ends\n]", items.join(",\n  # about\n  ")),
        });
        prop_oneof![map, list]
    });
    let path = prop::collection::vec(key, 1..3).prop_map(|keys| keys.join("."));
    let above = prop_oneof![
        3 => Just(""), 1 => Just("\n"), 2 => Just("# own\n"), 1 => Just("\n# far\n\n# own\n  ")
    ];
    let behind = prop_oneof![3 => Just(""), 1 => Just(" # behind"), 1 => Just("  ")];
    let what = prop_oneof![
        5 => (path.clone(), value).prop_map(|(key, value)| format!("{key} = {value}")),
        2 => path.clone().prop_map(|path| format!("[{path}]")),
        1 => path.prop_map(|path| format!("[[{path}]]")),
    ];
    let statement = (above, what, behind);
    let text = prop::collection::vec(statement, 0..14).prop_map(|statements| {
        // What would not be TOML is left out.
        let mut text = String::new();
        for (above, what, behind) in statements {
            let longer = format!("{text}{above}{what}{behind}\n");
            let parsed = parse(&Arc::new(Source::new("a", longer.as_str())), Format::Toml);
            if parsed.findings.is_empty() {
                text = longer;
            }
        }
        text
    });
    (text, 0..6_u8)
        .prop_map(|(mut text, style)| {
            if style == 0 {
                text = text.replace('\n', "\r\n");
            }
            if style == 1 {
                text.insert(0, '\u{feff}');
            }
            if style == 2 {
                text.truncate(text.trim_end().len());
            }
            text
        })
        .boxed()
}

/// One edit: which, where, and where to.
type Edit = (u8, prop::sample::Index, prop::sample::Index);

fn places(value: &Value, at: &mut Pointer, out: &mut Vec<Pointer>) {
    out.push(at.clone());
    match &value.kind {
        Kind::Object(map) => {
            for (key, value) in map.iter() {
                at.push(key.clone());
                places(value, at, out);
                at.pop();
            }
        }
        Kind::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                at.push(index.to_string());
                places(item, at, out);
                at.pop();
            }
        }
        _ => {}
    }
}

fn apply(root: &mut Value, (what, from, to): &Edit) {
    let mut all = Vec::new();
    places(root, &mut Pointer::root(), &mut all);
    let at = from.get(&all).clone();
    let target = to.get(&all).clone();
    let in_map = at
        .parent()
        .is_some_and(|parent| root.at(&parent).unwrap().as_object().is_some());
    let fresh = ["moved", "x y", "a", "b", "é"][to.index(5)];
    match what {
        0 if in_map => {
            let map = object(root, &at.parent().unwrap());
            if !map.contains_key(fresh) {
                rename(root, &at.to_string(), fresh);
            }
        }
        1 if in_map => {
            take(root, &at.to_string());
        }
        2 if in_map && !at.contains(&target) => {
            if root
                .at(&target)
                .unwrap()
                .as_object()
                .is_some_and(|map| !map.contains_key(fresh))
            {
                let entry = root
                    .at(&at.parent().unwrap())
                    .unwrap()
                    .as_object()
                    .unwrap()
                    .entry(at.last().unwrap())
                    .unwrap()
                    .clone();
                object(root, &target).insert(fresh, entry);
                if !target.contains(&at) || target == at.parent().unwrap() {
                    take(root, &at.to_string());
                }
            }
        }
        3 => {
            if let Some(value) = root.at_mut(&at)
                && !matches!(value.kind, Kind::Object(_) | Kind::Array(_))
            {
                value.kind = Kind::String("changed".into());
            }
        }
        4 => {
            let new = [
                literal("{ n = 1, m = { o = [1, 2] } }"),
                literal("[{ p = 1 }, { q = {} }]"),
                literal("5"),
                literal("{}"),
                literal("[]"),
            ][to.index(5)]
            .clone();
            match &mut root.at_mut(&at).unwrap().kind {
                Kind::Object(map) => {
                    map.insert(
                        fresh,
                        Entry {
                            key: Span::default(),
                            value: new,
                        },
                    );
                }
                Kind::Array(items) => items.insert(to.index(items.len() + 1), new),
                other if !at.is_root() => *other = new.kind,
                _ => {}
            }
        }
        5 if in_map => {
            let list = to.index(2) == 0;
            let entry = root.at_mut(&at.parent().unwrap()).unwrap();
            let Kind::Object(map) = &mut entry.kind else {
                panic!()
            };
            let entry = map.entry_mut(at.last().unwrap()).unwrap();
            let (key, value) = (entry.key, std::mem::replace(&mut entry.value, string("")));
            entry.value = match list {
                true => Value::detached(Kind::Array(vec![value])),
                false => {
                    let mut map = Map::new();
                    map.insert("inner", Entry { key, value });
                    entry.key = Span::default();
                    Value::detached(Kind::Object(map))
                }
            };
        }
        6 => {
            if let Kind::Array(items) = &mut root.at_mut(&at).unwrap().kind {
                match to.index(3) {
                    0 => items.reverse(),
                    1 => items.truncate(1),
                    _ => {
                        items.pop();
                    }
                }
            }
        }
        0..=6 => {}
        _ => {
            // Out of a list again.
            let value = root.at_mut(&at).unwrap();
            if let Kind::Array(items) = &mut value.kind
                && !items.is_empty()
            {
                *value = items.swap_remove(0);
            }
        }
    }
}

fn comments(text: &str) -> usize {
    text.matches("# own").count() + text.matches("# behind").count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    /// Whatever changes, the text reads as the intended value.
    #[test]
    fn the_text_says_what_is_intended(
        text in document(),
        edits in prop::collection::vec((0..8_u8, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..4),
    ) {
        let old = read(&text);
        let mut intended = old.clone();
        for edit in &edits {
            apply(&mut intended, edit);
        }
        let out = rewrite(&text, &old, &intended, &HashMap::new()).unwrap();
        let parsed = parse(&Arc::new(Source::new("a.toml", out.as_str())), Format::Toml);
        prop_assert!(parsed.findings.is_empty(), "{}\n-->\n{}\n{:?}", text, out, parsed.findings);
        prop_assert_eq!(&*parsed.documents[0].root, &intended, "{}\n-->\n{}", text, out);
        if intended == old && edits.is_empty() {
            prop_assert_eq!(&out, &text);
        }
    }

    /// One scalar that changes, or one name, changes its own lines; all other lines stay, and so
    /// does every comment.
    #[test]
    fn what_is_not_changed_keeps_every_byte(
        text in document(),
        what in prop_oneof![Just(0_u8), Just(3_u8)],
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
    ) {
        let old = read(&text);
        let mut intended = old.clone();
        apply(&mut intended, &(what, from, to));
        let out = rewrite(&text, &old, &intended, &HashMap::new()).unwrap();
        prop_assert_eq!(comments(&text), comments(&out), "{}\n-->\n{}", text, out);
        if !text.contains("# no comment") {
            let (before, after): (Vec<_>, Vec<_>) = (text.split('\n').collect(), out.split('\n').collect());
            prop_assert_eq!(before.len(), after.len(), "{}\n-->\n{}", text, out);
            let changed = before.iter().zip(&after).filter(|(old, new)| old != new).count();
            prop_assert!(what == 0 || changed <= 1, "{}\n-->\n{}", text, out);
        }
    }
}
