use super::*;
use crate::document::{Entry, Map};

pub(super) fn read(text: &str, format: Format) -> Vec<Document> {
    let parsed = parse(&Arc::new(Source::new("a", text)), format);
    assert!(!parsed.is_broken(), "{text}: {:?}", parsed.findings);
    parsed.documents
}

/// A change of a value, as one would write it down.
fn change(root: &mut Value, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let pointer = |text: &str| text.parse::<Pointer>().unwrap();
    let split = |text: &str| {
        let pointer = pointer(text);
        (
            pointer.parent().unwrap(),
            pointer.last().unwrap().to_owned(),
        )
    };
    let value = |text: &str| {
        let documents = read(text, Format::Yaml);
        (*documents[0].root).clone().detach()
    };
    let map_at = |root: &mut Value, at: &Pointer| -> Map {
        match std::mem::take(&mut root.at_mut(at).unwrap().kind) {
            Kind::Object(map) => map,
            _ => panic!("no map"),
        }
    };
    match words[0] {
        "set" => {
            let (parent, name) = split(words[1]);
            let new = value(line.splitn(3, ' ').nth(2).unwrap());
            match &mut root.at_mut(&parent).unwrap().kind {
                Kind::Object(map) => match map.get_mut(&name) {
                    Some(old) => *old = new,
                    None => map.set(name, new),
                },
                Kind::Array(items) if name == "-" => items.push(new),
                Kind::Array(items) => items[name.parse::<usize>().unwrap()] = new,
                _ => panic!("{line}"),
            }
        }
        "insert" => {
            let (parent, name) = split(words[1]);
            let new = value(line.splitn(3, ' ').nth(2).unwrap());
            let Kind::Array(items) = &mut root.at_mut(&parent).unwrap().kind else {
                panic!()
            };
            items.insert(name.parse().unwrap(), new);
        }
        "change" => {
            let new = value(line.splitn(3, ' ').nth(2).unwrap());
            root.at_mut(&pointer(words[1])).unwrap().kind = new.kind;
        }
        "remove" => {
            take(root, words[1]);
        }
        "rename" => {
            let (parent, name) = split(words[1]);
            let map = map_at(root, &parent);
            let renamed = map
                .into_iter()
                .map(|(key, entry)| (if key == name { words[2].into() } else { key }, entry));
            root.at_mut(&parent).unwrap().kind = Kind::Object(renamed.collect());
        }
        "move" | "copy" => {
            let entry = match words[0] {
                "move" => take(root, words[1]),
                _ => {
                    let (parent, name) = split(words[1]);
                    let Kind::Object(map) = &root.at(&parent).unwrap().kind else {
                        panic!()
                    };
                    map.entry(&name).unwrap().clone()
                }
            };
            let (parent, name) = split(words[2]);
            make(root, &parent);
            let Kind::Object(map) = &mut root.at_mut(&parent).unwrap().kind else {
                panic!()
            };
            map.insert(name, entry);
        }
        "wrap" => {
            let at = root.at_mut(&pointer(words[1])).unwrap();
            let old = at.clone();
            *at = Value::detached(match words.get(2) {
                Some(name) => {
                    let mut map = Map::new();
                    let key = crate::text::Span::default();
                    map.insert(*name, Entry { key, value: old });
                    Kind::Object(map)
                }
                None => Kind::Array(vec![old]),
            });
        }
        _ => panic!("{line}"),
    }
}

fn take(root: &mut Value, at: &str) -> Entry {
    let pointer: Pointer = at.parse().unwrap();
    let name = pointer.last().unwrap().to_owned();
    match &mut root.at_mut(&pointer.parent().unwrap()).unwrap().kind {
        Kind::Object(map) => map.remove(&name).unwrap(),
        Kind::Array(items) => Entry {
            key: crate::text::Span::default(),
            value: items.remove(name.parse().unwrap()),
        },
        _ => panic!("{at}"),
    }
}

fn make(root: &mut Value, at: &Pointer) {
    let mut value = root;
    for token in at.tokens() {
        if value.child(token).is_none() {
            let Kind::Object(map) = &mut value.kind else {
                panic!()
            };
            map.set(token.clone(), Value::detached(Kind::Object(Map::new())));
        }
        value = value.child_mut(token).unwrap();
    }
}

fn edited_with(text: &str, format: Format, changes: &str, options: &RewriteOptions) -> String {
    let documents = read(text, format);
    let mut intended: Vec<Value> = documents.iter().map(|it| (*it.root).clone()).collect();
    for line in changes
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        match line.split_once("> ") {
            Some((index, line)) if index.parse::<usize>().is_ok() => {
                change(&mut intended[index.parse::<usize>().unwrap()], line);
            }
            _ => change(&mut intended[0], line),
        }
    }
    match rewrite(&documents, &intended, options) {
        Ok(done) => {
            assert!(says(&done.text, format, &intended), "{}", done.text);
            let anew: Vec<String> = done
                .anew
                .iter()
                .map(|(index, at)| format!("anew: {index} {at}\n"))
                .collect();
            format!("{}{}", done.text, anew.concat())
        }
        Err(error) => format!("{error}\n"),
    }
}

fn yaml(text: &str, changes: &str) -> String {
    edited_with(text, Format::Yaml, changes, &RewriteOptions::default())
}

fn json(text: &str, changes: &str) -> String {
    edited_with(text, Format::Json, changes, &RewriteOptions::default())
}

const SHOP: &str = "\
# The shop.

# The database.
database:
  # How many connections.
  pool: 5   # per process
  host: 'db'

  url: \"jdbc:x\"
cache: {ttl: 30, size: 5}
hosts:
- a  # first
- b
# behind hosts

log:
  # How much.
  level: info
  format: text
  # about nothing
";

#[test]
fn scalars_change_in_their_manner() {
    insta::assert_snapshot!(yaml(SHOP, "
        change /database/pool 10
        change /database/host it's
        change /database/url y
        change /cache/ttl a, b
        set /hosts/0 c
        change /log/level no
        change /log/format null
    "), @r#"
    # The shop.

    # The database.
    database:
      # How many connections.
      pool: 10   # per process
      host: 'it''s'

      url: "y"
    cache: {ttl: "a, b", size: 5}
    hosts:
    - c  # first
    - b
    # behind hosts

    log:
      # How much.
      level: "no"
      format: null
      # about nothing
    "#);
}

#[test]
fn entries_come_and_go_with_their_comments() {
    insta::assert_snapshot!(yaml(SHOP, "
        remove /database/pool
        set /database/port 80
        set /cache/more [1, {a: b}]
        remove /cache/ttl
        set /hosts/- d
        remove /hosts/0
        remove /log
        set /end {a: 1, b: [1, 2]}
    "), @r#"
    # The shop.

    # The database.
    database:
      host: 'db'

      url: "jdbc:x"
      port: 80
    cache: {size: 5, more: [1, {a: b}]}
    hosts:
    - b
    - d
    # behind hosts

    end:
      a: 1
      b:
      - 1
      - 2
    "#);
}

#[test]
fn entries_are_renamed_and_moved() {
    insta::assert_snapshot!(yaml(SHOP, "
        rename /database db
        rename /db/pool connections
        move /db/host /log/where
        move /cache/ttl /ttl
        move /log/level /new/deep/level
        wrap /log/format
        wrap /db/connections max
        wrap /hosts names
        copy /db/url /log/url
    "), @r#"
    # The shop.

    # The database.
    db:
      # How many connections.
      connections:   # per process
        max: 5

      url: "jdbc:x"
    cache: {size: 5}
    hosts:
      names:
      - a  # first
      - b
    # behind hosts

    log:
      format:
      - text
      where: 'db'
      url: "jdbc:x"
      # about nothing
    ttl: 30
    new:
      deep:
        # How much.
        level: info
    "#);
}

#[test]
fn json_keeps_its_tabs_and_comments() {
    let text = "{\n\t\"a\": [\n\t\t1 // one\n\t],\n\t\"b\": [1, 2]\n}\n";
    insta::assert_snapshot!(json(text, "
        change /a {x: {y: [3]}}
        set /c [1, 2, x]
    ").replace('\t', "→"), @r#"
    {
    →// one
    →"a": {
    →→"x": {
    →→→"y": [3]
    →→}
    →},
    →"b": [1, 2],
    →"c": [1, 2, "x"]
    }
    "#);
}

#[test]
fn json_keeps_its_form() {
    let text = "{\n    // about a\n    \"a\": 1, // beside a\n    \"b\": {\"c\": [1, 2], \"d\": null},\n    \"e\": [\n        \"x\",\n        \"y\"\n    ]\n}\n";
    insta::assert_snapshot!(json(text, "
        change /a 2
        rename /a aa
        set /b/f {x: 1}
        remove /b/c
        set /e/- z
        remove /e/0
        set /g {h: [1], i: {}}
    "), @r#"
    {
        // about a
        "aa": 2, // beside a
        "b": {"d": null, "f": {"x":1}},
        "e": [
            "y",
            "z"
        ],
        "g": {
            "h": [1],
            "i": {}
        }
    }
    "#);
    insta::assert_snapshot!(json(text, "
        remove /a
        move /e /b/e
        set /b/c/- 3
        insert /b/c/0 0
    "), @r#"
    {
        "b": {"c": [0, 1, 2, 3], "d": null, "e": ["x","y"]}
    }
    "#);
    insta::assert_snapshot!(json("{\"a\":1,\"b\":2}", "
        remove /b
        set /c [1]
    "), @r#"{"a":1,"c":[1]}"#);
}

#[test]
fn aliases_are_kept_where_they_still_say_the_same() {
    let text =
        "base: &base {a: 1, b: 2}\nx: &x 5\ny: *x\nmap:\n  <<: *base\n  c: 3\nother: *base\n";
    insta::assert_snapshot!(yaml(text, "change /x 6"), @"
    base: &base {a: 1, b: 2}
    x: &x 6
    y: 5
    map:
      <<: *base
      c: 3
    other: *base
    ");
    insta::assert_snapshot!(yaml(text, "
        change /x 6
        change /y 6
        change /map/a 7
    "), @"
    base: &base {a: 1, b: 2}
    x: &x 6
    y: *x
    map:
      <<: *base
      c: 3
      a: 7
    other: *base
    ");
    insta::assert_snapshot!(yaml(text, "remove /map/a"), @"
    base: &base {a: 1, b: 2}
    x: &x 5
    y: *x
    map:
      c: 3
      b: 2
    other: *base
    ");
    insta::assert_snapshot!(yaml(text, "remove /base"), @"
    x: &x 5
    y: 5
    map:
      c: 3
      a: 1
      b: 2
    other: {a: 1, b: 2}
    ");
    insta::assert_snapshot!(yaml(text, "
        remove /base/a
        remove /map/a
        remove /other/a
    "), @"
    base: &base {b: 2}
    x: &x 5
    y: *x
    map:
      <<: *base
      c: 3
    other: *base
    ");
    let refuse = RewriteOptions {
        refuse_shared: true,
        ..RewriteOptions::default()
    };
    insta::assert_snapshot!(edited_with(text, Format::Yaml, "change /x 6", &refuse), @"the value is repeated at `/y` by an alias, and would change there too");
}

#[test]
fn odd_styles_are_kept_or_written_anew() {
    let text = "? k\n: v\n\"quoted key\": |\n  block\n  text\nmulti: \"a\n  b\"\nlist:\n  - - 1\n    - 2\n  - x: 1\n    y: 2\nempty:\nlast: >-\n  folded\n";
    insta::assert_snapshot!(yaml(text, "
        change /multi c
        set /empty [1]
        change /last x
        set /list/0/0 5
    "), @r#"
    ? k
    : v
    "quoted key": |
      block
      text
    multi: "c"
    list:
      - - 5
        - 2
      - x: 1
        y: 2
    empty:
      - 1
    last: x
    "#);
    insta::assert_snapshot!(yaml(text, "set /k w"), @r#"
    ? k
    : w
    "quoted key": |
      block
      text
    multi: "a
      b"
    list:
      - - 1
        - 2
      - x: 1
        y: 2
    empty:
    last: >-
      folded
    "#);
}

#[test]
fn lists_of_maps_change_at_any_end() {
    let text = "list:\n  # first\n  - x: 1\n    # about y\n    y: 2\n    z: 3\n  - - 1\n    - 2\n  - {a: 1}\n";
    insta::assert_snapshot!(yaml(text, "
        remove /list/0/x
        set /list/0/new [1]
        remove /list/1/0
        set /list/2/b 2
    "), @"
    list:
      # first
      # about y
      - y: 2
        z: 3
        new:
          - 1
      - - 2
      - {a: 1, b: 2}
    ");
    insta::assert_snapshot!(yaml(text, "
        remove /list/0
        insert /list/0 {q: 1, r: 2}
    "), @"
    list:
      # first
      - q: 1
        r: 2
      - - 1
        - 2
      - {a: 1}
    ");
}

#[test]
fn documents_lines_and_ends_are_kept() {
    insta::assert_snapshot!(yaml("a: 1\n---\n# b\nb: 2\n...\n---\nc: 3", "
        0> set /x 1
        1> remove /b
        2> set /d 4
    "), @"
    a: 1
    x: 1
    ---
    # b
    {}
    ...
    ---
    c: 3
    d: 4
    ");
    assert_eq!(
        yaml("\u{feff}a: 1\r\nb: 2\r\n", "set /c {d: 1}"),
        "\u{feff}a: 1\r\nb: 2\r\nc:\r\n  d: 1\r\n"
    );
    assert_eq!(yaml("a: 1", "set /b 2"), "a: 1\nb: 2");
    assert_eq!(yaml("a: 1 # c", "set /a [1]"), "a: # c\n  - 1");
}

#[test]
fn toml_is_changed_in_place_and_refuses_nulls() {
    let text = "# about\na = 1 # behind\n[t]\nb = 'x'\n";
    let parsed = parse(&Arc::new(Source::new("a.toml", text)), Format::Toml);
    let mut root = (*parsed.documents[0].root).clone();
    root.child_mut("a").unwrap().kind = Kind::Bool(true);
    let options = RewriteOptions::default();
    let done = rewrite(&parsed.documents, &[root.clone()], &options).unwrap();
    assert_eq!(done.text, "# about\na = true # behind\n[t]\nb = 'x'\n");
    assert!(done.anew.is_empty());
    root.at_mut(&"/t/b".parse().unwrap()).unwrap().kind = Kind::Null;
    let refused = rewrite(&parsed.documents, &[root], &options).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the value at `/t/b` cannot be written in TOML"
    );
}
