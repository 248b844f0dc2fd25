use super::*;
use crate::document::Format;
use crate::text::Markers;

fn merged_as(format: Format, base: &str, ours: &str, theirs: &str) -> String {
    let sides = Three { base, ours, theirs };
    let merged = merge_texts(sides, format, &Identity::default(), &Markers::default());
    let said: Vec<String> = merged
        .conflicts
        .iter()
        .map(|(_, conflict)| format!("! {}\n", conflict.pointer.dotted()))
        .collect();
    let way = if merged.by_line { "(by line)\n" } else { "" };
    format!("{}{}{way}", merged.text, said.concat())
}

fn merged(base: &str, ours: &str, theirs: &str) -> String {
    merged_as(Format::Yaml, base, ours, theirs)
}

const BASE: &str = "\
# The service.
name: cart
database:
  host: db
  pool: 10   # connections
cache:
  ttl: 60
";

#[test]
fn reordering_and_comments_go_with_changes_of_values() {
    let ours = "\
# The service.
name: cart
# Moved up, since it matters most.
cache:
  ttl: 60
  size: 100
database:
  pool: 10   # connections
  host: db
";
    let theirs = "\
# The service.
name: cart
database:
  host: db.internal
  pool: 20   # more of them
cache:
  ttl: 60
  # Off in tests.
  enabled: true
";
    insta::assert_snapshot!(merged(BASE, ours, theirs), @"
    # The service.
    name: cart
    # Moved up, since it matters most.
    cache:
      ttl: 60
      size: 100
      # Off in tests.
      enabled: true
    database:
      pool: 20   # more of them
      host: db.internal
    ");
}

#[test]
fn both_add_keys_at_the_same_place() {
    let ours = format!("{BASE}queue:\n  # ours\n  depth: 1\n");
    let theirs = format!("{BASE}# The mail.\nmail:\n  from: a@example.org # theirs\n");
    insta::assert_snapshot!(merged(BASE, &ours, &theirs), @"
    # The service.
    name: cart
    database:
      host: db
      pool: 10   # connections
    cache:
      ttl: 60
    queue:
      # ours
      depth: 1
    # The mail.
    mail:
      from: a@example.org # theirs
    ");
    // Alike, in another order and spelling.
    let ours = format!("{BASE}a: 1\nb: 'x'\n");
    let theirs = format!("{BASE}b: x\na: 1.0\nc: 3\n");
    insta::assert_snapshot!(merged(BASE, &ours, &theirs), @"
    # The service.
    name: cart
    database:
      host: db
      pool: 10   # connections
    cache:
      ttl: 60
    a: 1
    c: 3
    b: 'x'
    ");
}

#[test]
fn what_both_changed_is_marked_and_nothing_else() {
    let ours = BASE
        .replace("10   # connections", "20   # for us")
        .replace("host: db", "host: ours");
    let theirs = BASE
        .replace("10   # connections", "30   # for them")
        .replace("ttl: 60", "ttl: 90");
    insta::assert_snapshot!(merged(BASE, &ours, &theirs), @"
    # The service.
    name: cart
    database:
      host: ours
    <<<<<<< ours
      pool: 20   # for us
    =======
      pool: 30   # for them
    >>>>>>> theirs
    cache:
      ttl: 90
    ! database.pool
    ");
    let removed = BASE.replace("cache:\n  ttl: 60\n", "");
    insta::assert_snapshot!(merged(BASE, &removed, &theirs), @"
    # The service.
    name: cart
    database:
      host: db
      pool: 30   # for them
    <<<<<<< ours
    =======
    cache:
      ttl: 90
    >>>>>>> theirs
    ! cache
    ");
    let markers = Markers {
        base: Some("before".to_owned()),
        size: 8,
        ..Markers::default()
    };
    let sides = Three {
        base: BASE,
        ours: &ours,
        theirs: &theirs,
    };
    let merged = merge_texts(sides, Format::Yaml, &Identity::default(), &markers);
    insta::assert_snapshot!(merged.text, @"
    # The service.
    name: cart
    database:
      host: ours
    <<<<<<<< ours
      pool: 20   # for us
    |||||||| before
      pool: 10   # connections
    ========
      pool: 30   # for them
    >>>>>>>> theirs
    cache:
      ttl: 90
    ");
}

#[test]
fn lists_are_merged_by_name_or_by_their_order() {
    let base = "l:\n  - name: a\n    v: 1\n  - name: b\n    v: 2\nhosts: [x, y]\nargs:\n  - one\n  - two\n  - three\n";
    let ours = "l:\n  - name: b\n    v: 2\n  - name: a\n    v: 5\nhosts: [w, x, y]\nargs:\n  - zero\n  - one\n  - two\n  - three\n";
    let theirs = "l:\n  - name: a\n    v: 1\n    w: 7\n  - name: c\n    v: 3\nhosts: [x, y, z]\nargs:\n  - one\n  # the second\n  - TWO\n  - three\n";
    insta::assert_snapshot!(merged(base, ours, theirs), @"
    l:
      - name: a
        v: 5
        w: 7
      - name: c
        v: 3
    hosts: [w, x, y, z]
    args:
      - zero
      - one
      # the second
      - TWO
      - three
    ");
    let same_place = merged("l: [a]\n", "l: [a, b]\n", "l: [a, c]\n");
    insta::assert_snapshot!(same_place, @"
    <<<<<<< ours
    l: [a, b]
    =======
    l: [a, c]
    >>>>>>> theirs
    ! l.1
    ");
}

#[test]
fn json_and_toml_keep_their_comments_too() {
    let base = "{\n  // the port\n  \"port\": 80,\n  \"hosts\": [\"a\"]\n}\n";
    let ours = base.replace("[\"a\"]", "[\"a\"],\n  \"ours\": true");
    let theirs = base.replace("80", "8080").replace(
        "[\"a\"]",
        "[\"a\"],\n  // added\n  \"theirs\": {\n    \"x\": 1 // one\n  }",
    );
    insta::assert_snapshot!(merged_as(Format::Json, base, &ours, &theirs), @r#"
    {
      // the port
      "port": 8080,
      "hosts": ["a"],
      "ours": true,
      // added
      "theirs": {
        "x": 1 // one
      }
    }
    "#);
    let base = "# top\nport = 80 # http\n\n[db]\nhost = \"a\"\n";
    let ours = "# top\nport = 81 # http\n\n[db]\nhost = \"a\"\npool = 1\n";
    let theirs = "# top\nport = 82 # https\n\n[db]\nhost = \"a\"\n# in seconds\ntimeout = 3\n";
    insta::assert_snapshot!(merged_as(Format::Toml, base, ours, theirs), @r#"
    # top
    <<<<<<< ours
    port = 81 # http
    =======
    port = 82 # https
    >>>>>>> theirs

    [db]
    host = "a"
    pool = 1
    # in seconds
    timeout = 3
    ! port
    "#);
}

#[test]
fn files_added_on_both_sides_are_merged_key_by_key() {
    insta::assert_snapshot!(merged("", "a: 1\nb: 2\n", "a: 1\nc: 3\n"), @"
    a: 1
    b: 2
    c: 3
    ");
    insta::assert_snapshot!(merged("", "a: 1\n", "a: 2\n"), @"
    <<<<<<< ours
    a: 1
    =======
    a: 2
    >>>>>>> theirs
    ! a
    ");
    insta::assert_snapshot!(merged_as(Format::Json, "", "{\"a\": 1}\n", "{\"b\": 2}\n"), @r#"{"a": 1, "b": 2}"#);
    assert_eq!(merged("", "", ""), "");
    assert_eq!(merged("a: 1\n", "", "a: 1\n"), "");
}

#[test]
fn line_ends_and_marks_are_no_changes() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let (ours, theirs) = ("a: 2\nb: 1\n", "a: 1\nb: 3\n");
    assert_eq!(
        merged("a: 1\nb: 1\n", &crlf(ours), theirs),
        "a: 2\r\nb: 3\r\n"
    );
    assert_eq!(
        merged("a: 1\nb: 1\n", ours, &crlf(theirs)),
        "a: 2\r\nb: 3\r\n"
    );
    assert_eq!(
        merged(&crlf("a: 1\nb: 1\n"), &crlf(ours), &crlf(theirs)),
        "a: 2\r\nb: 3\r\n"
    );
    let marked = format!("\u{feff}{theirs}");
    assert_eq!(
        merged("a: 1\nb: 1\n", ours, &marked),
        "\u{feff}a: 2\nb: 3\n"
    );
    assert_eq!(
        merged("a: 1\nb: 1", "a: 2\nb: 1", "a: 1\nb: 3"),
        "a: 2\nb: 3"
    );
}

#[test]
fn what_cannot_be_read_is_merged_by_line() {
    insta::assert_snapshot!(merged("a: 1\n\n\nb: [\n", "a: 2\n\n\nb: [\n", "a: 1\n\n\nb: [1\n"), @"
    a: 2


    b: [1
    (by line)
    ");
    // Another number of documents, and one taken away.
    let three = "a: 1\n---\nb: 1\n---\nc: 1\n";
    let without = "a: 1\n---\nb: 1\n";
    insta::assert_snapshot!(merged(three, without, &three.replace("a: 1", "a: 2")), @"
    a: 2
    ---
    b: 1
    (by line)
    ");
    let changed = merged(
        three,
        &three.replace("a: 1", "a: 2"),
        &three.replace("b: 1", "b: 2\nx: 1"),
    );
    insta::assert_snapshot!(changed, @"
    a: 2
    ---
    b: 2
    x: 1
    ---
    c: 1
    ");
}

#[test]
fn what_aliases_repeat_is_changed_in_all_places() {
    let base = "x: &x\n  v: 1\n  w: 1\ny: *x\nz: 1\n";
    let theirs = base.replace("v: 1", "v: 2");
    insta::assert_snapshot!(merged(base, &base.replace("z: 1", "z: 3"), &theirs), @"
    x: &x
      v: 2
      w: 1
    y: *x
    z: 3
    ");
    insta::assert_snapshot!(merged(base, &base.replace("w: 1", "w: 2"), &theirs), @"
    x: &x
      v: 2
      w: 2
    y: *x
    z: 1
    ");
    insta::assert_snapshot!(merged(base, &base.replace("v: 1", "v: 3"), &theirs), @"
    x: &x
    <<<<<<< ours
      v: 3
    =======
      v: 2
    >>>>>>> theirs
      w: 1
    y: *x
    z: 1
    ! x.v
    ! y.v
    ");
    insta::assert_snapshot!(merged(base, &base.replace("y: *x", "y:\n  v: 1\n  w: 5"), &theirs), @"
    x: &x
      v: 2
      w: 1
    y:
      v: 2
      w: 5
    z: 1
    ");
}

#[test]
fn tags_are_part_of_a_value() {
    insta::assert_snapshot!(merged("a: 1\n", "a: !A {x: 1}\n", "a: !B {y: 1}\n"), @"
    <<<<<<< ours
    a: !A {x: 1}
    =======
    a: !B {y: 1}
    >>>>>>> theirs
    ! a
    ");
}
