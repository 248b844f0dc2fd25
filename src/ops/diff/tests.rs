use super::*;
use crate::git::testing::Scratch;

fn file(name: &str, text: &str) -> Side {
    let file = ParsedFile::of_bytes(name, text.as_bytes());
    Side::File(name.to_owned(), Arc::new(file))
}

fn lines(report: &Report<DiffBody>) -> String {
    let [Block::Tree(nodes)] = &report.body.view()[..] else {
        panic!("a tree");
    };
    let lines = nodes.iter().flat_map(|node| {
        let below = node
            .children
            .iter()
            .map(|child| format!("  {}", child.text));
        std::iter::once(node.text.clone()).chain(below)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_kind_of_change_has_a_line_of_its_own() {
    let old = "a: 1\nb: x\ngone: [1]\nlist: [one, two, three]\n---\nsecond: 1\n";
    let new = "a: '1'\nb: y\nnew: \"\"\nlist: [three, one, two]\n---\nsecond: 2\n---\nthird: 1\n";
    let report = diff(&file("a.yaml", old), &file("b.yaml", new), &[]).unwrap();
    insta::assert_snapshot!(lines(&report), @r#"
    b.yaml
      ! [1] a: 1 (number) → "1" (text)
      ~ [1] b: x → y
      - [1] gone: [1]
      > [1] list.2 is now list.0: three
      + [1] new: ""
      ~ [2] second: 1 → 2
      + [3] (the whole file): {"third":1}
    "#);
    let kinds: Vec<_> = report.body.files[0]
        .changes
        .iter()
        .map(|change| change.kind)
        .collect();
    assert!(
        kinds.contains(&"moved") && kinds.contains(&"type-changed"),
        "{kinds:?}"
    );
}

#[test]
fn trees_are_compared_file_by_file_and_only_below_the_paths_named() {
    let scratch = Scratch::started();
    scratch.git(&["tag", "old"]);
    scratch.write("a.yaml", "a:   1 # the same\n");
    scratch.write("dir/b.yaml", "b: [\n");
    scratch.write("dir/sub/new.json", "{\"x\": 1}");
    scratch.write("notes.txt", "no configuration\n");
    scratch.git(&["rm", "-q", "-f", "dir/sub/c.yaml"]);
    scratch.commit("change");
    let repo = scratch.repo();
    let side = |name: &str| {
        let revision = repo.revision(name).unwrap();
        Side::Tree(name.to_owned(), Snapshot::of_revision(&repo, &revision))
    };
    let (old, new) = (side("old"), side("main"));
    let report = diff(&old, &new, &[]).unwrap();
    insta::assert_snapshot!(lines(&report), @r#"
    dir/b.yaml (cannot be read)
    dir/sub/c.yaml (removed)
      - (the whole file): {"c":1}
    dir/sub/new.json (added)
      + (the whole file): {"x":1}
    "#);
    assert_eq!(report.findings[0].rule.id, "syntax-error");
    let below = diff(&old, &new, &["dir/sub/".into()]).unwrap();
    assert_eq!(below.body.files.len(), 2);
    let same = diff(&old, &old, &[]).unwrap();
    let said = Block::Text("no value differs between old and old".to_owned());
    assert_eq!(same.body.view(), [said]);
    let mixed = diff(&old, &file("a.yaml", ""), &[]).unwrap_err();
    assert!(mixed.to_string().contains("only be compared with a file"));
}

#[test]
fn long_values_are_cut_and_plain_text_stays_plain() {
    let value = |text: &str| Value::detached(crate::document::Kind::String(text.into()));
    assert_eq!(short(&value(&"x".repeat(300))).chars().count(), 100);
    assert_eq!(short(&value("plain words")), "plain words");
    assert_eq!(short(&value("5432")), "\"5432\"");
    assert_eq!(short(&value(" odd ")), "\" odd \"");
}

#[test]
fn a_path_is_below_folders_and_not_below_like_names() {
    let within = |path: &str, paths: &[&str]| {
        let paths: Vec<BString> = paths.iter().map(|&path| path.into()).collect();
        super::within(&path.into(), &paths)
    };
    assert!(within("a/b", &[]) && within("a/b", &["a"]) && within("a/b", &["a/"]));
    assert!(within("a/b", &["a/b"]) && within("a/b", &[""]));
    assert!(!within("ab", &["a"]));
}

#[test]
fn what_left_one_place_and_came_to_another_is_moved() {
    let old = "db:\n  pool: {min: 1, max: 2}\n  host: a\n  on: true\ntitle: a text long enough to be known\ntwice: [1, 2, 3]\n";
    let new = "db:\n  host: a\nlimits:\n  pool: {max: 2, min: 1.0}\non: true\nname: a text long enough to be known\nx: [1, 2, 3]\ny: [1, 2, 3]\n";
    let report = diff(&file("a.yaml", old), &file("a.yaml", new), &[]).unwrap();
    insta::assert_snapshot!(lines(&report), @r#"
    a.yaml
      - db.pool: {"min":1,"max":2}
      - db.on: true
      - twice: [1,2,3]
      + limits: {"pool":{"max":2,"min":1.0}}
      + on: true
      > title is now name: a text long enough to be known
      + x: [1,2,3]
      + y: [1,2,3]
    "#);
    let back = diff(
        &file("a.yaml", "a: {x: 1, y: 2}\n"),
        &file("a.yaml", "b: {y: 2, x: 1}\n"),
        &[],
    );
    insta::assert_snapshot!(lines(&back.unwrap()), @r#"
    a.yaml
      > a is now b: {"y":2,"x":1}
    "#);
}

#[test]
fn files_with_another_name_are_known_again() {
    let scratch = Scratch::new();
    scratch.write("same.yaml", "a: 1\n");
    scratch.write("conf/old.yaml", "a: 1\nb: 2\nc: 3\n");
    scratch.write("other.yaml", "z: 1\ny: 2\nx: 3\n");
    scratch.commit("first");
    scratch.git(&["tag", "old"]);
    scratch.git(&["rm", "-q", "same.yaml", "conf/old.yaml", "other.yaml"]);
    scratch.write("moved/same.yaml", "a: 1\n");
    scratch.write("conf/new.yaml", "c: 3\nb: 5\na: 1\n");
    scratch.write("other.json", "{\"z\": 1, \"y\": 2, \"x\": 3}\n");
    scratch.write("more.yaml", "z: 5\ny: 6\nx: 3\n");
    scratch.commit("second");
    let repo = scratch.repo();
    let side = |name: &str| {
        let revision = repo.revision(name).unwrap();
        Side::Tree(name.to_owned(), Snapshot::of_revision(&repo, &revision))
    };
    let (old, new) = (side("old"), side("main"));
    insta::assert_snapshot!(lines(&diff(&old, &new, &[]).unwrap()), @r#"
    conf/new.yaml (was conf/old.yaml)
      ~ b: 2 → 5
    more.yaml (added)
      + (the whole file): {"z":5,"y":6,"x":3}
    moved/same.yaml (was same.yaml)
    other.json (added)
      + (the whole file): {"z":1,"y":2,"x":3}
    other.yaml (removed)
      - (the whole file): {"z":1,"y":2,"x":3}
    "#);
    let below = diff(&old, &new, &["moved".into()]).unwrap();
    insta::assert_snapshot!(lines(&below), @r#"
    moved/same.yaml (added)
      + (the whole file): {"a":1}
    "#);
}

#[test]
fn one_file_is_compared_by_value_or_else_by_line() {
    let told =
        |path: &str, from: Option<&str>, old: Option<&str>, new: Option<&str>| match super::file(
            path,
            from,
            old.map(str::as_bytes),
            new.map(str::as_bytes),
        ) {
            FileAnswer::Values(report) => lines(&report),
            FileAnswer::Lines(text) => text,
        };
    insta::assert_snapshot!(told("a.yaml", None, Some("a: 1\nb: 2\n"), Some("b: 2 # x\na: 3\n")), @"
    a.yaml
      ~ a: 1 → 3
    ");
    insta::assert_snapshot!(told("a.yaml", None, Some("a: 1\n"), Some("a: 1 # x\n")), @"a.yaml (only comments, order or spelling)");
    insta::assert_snapshot!(told("b.yaml", Some("a.yaml"), Some("a: 1\n"), Some("a: 1\n")), @"b.yaml (was a.yaml)");
    insta::assert_snapshot!(told("a.yaml", None, None, Some("a: 1\n")), @r#"
    a.yaml (added)
      + (the whole file): {"a":1}
    "#);
    insta::assert_snapshot!(told("a.yaml", None, Some("a: [\n"), Some("a: []\n")), @"
    --- a.yaml
    +++ a.yaml
    @@ -1 +1 @@
    -a: [
    +a: []
    ");
    insta::assert_snapshot!(told("a.txt", None, Some("x\n"), None), @"
    --- a.txt
    +++ a.txt
    @@ -1 +0,0 @@
    -x
    ");
}

#[test]
fn the_normal_form_is_a_line_a_value_sorted_by_key() {
    let text = "b: {y: 'x', x: 1}\na.b: [1, {z: []}]\nl: [{name: s, v: 2}, {name: r, v: !T 1}]\n";
    insta::assert_snapshot!(normal_form("a.yaml", text.as_bytes()).unwrap(), @r#"
    "a.b".0: 1
    "a.b".1.z: []
    b.x: 1
    b.y: "x"
    l.[r].name: "r"
    l.[r].v: !T 1
    l.[s].name: "s"
    l.[s].v: 2
    "#);
    insta::assert_snapshot!(normal_form("a.yaml", b"a: 1\n---\n- 1\n").unwrap(), @"
    --- document 1
    a: 1
    --- document 2
    0: 1
    ");
    assert!(normal_form("a.yaml", b"a: [").is_none());
    assert!(normal_form("a.txt", b"a: 1").is_none());
}

#[cfg(unix)]
#[test]
fn another_mode_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::started();
    scratch.write("b.yaml", "b: 1\n");
    scratch.write("c.yaml", "c: 1\n");
    scratch.commit("before");
    scratch.git(&["tag", "old"]);
    for (path, text) in [
        ("b.yaml", "b: 2\n"),
        ("c.yaml", "c:   1\n"),
        ("a.yaml", "a: 1\n"),
    ] {
        scratch.write(path, text);
        let path = scratch.path().join(path);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    scratch.git(&["checkout", "-q", "old", "--", "a.yaml"]);
    let path = scratch.path().join("a.yaml");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    scratch.commit("modes");
    let repo = scratch.repo();
    let side = |name: &str| {
        let revision = repo.revision(name).unwrap();
        Side::Tree(name.to_owned(), Snapshot::of_revision(&repo, &revision))
    };
    let report = diff(&side("old"), &side("HEAD"), &[]).unwrap();
    insta::assert_snapshot!(lines(&report), @"
    a.yaml (mode 100644 → 100755)
    b.yaml (mode 100644 → 100755)
      ~ b: 1 → 2
    c.yaml (only comments, order or spelling) (mode 100644 → 100755)
    ");
}
