use super::*;
use crate::git::testing::Scratch;

/// Tells each value of a file of the work tree, or of a revision, with the title of its commit.
fn told_at(scratch: &Scratch, repo: &Repo, revision: Option<&str>, path: &str) -> String {
    let tree = match revision {
        None => Snapshot::of_work_tree(repo).unwrap(),
        Some(name) => Snapshot::of_revision(repo, &scratch.repo().revision(name).unwrap()),
    };
    let configuration = Configuration::read(Some(repo.clone()), tree.clone())
        .unwrap()
        .0;
    let start = Start::new(repo, tree, revision).unwrap();
    let root = Pointer::root();
    match blame(repo, configuration.as_ref(), &start, path.into(), &root) {
        Err(error) => error.to_string(),
        Ok(report) => {
            let line = |it: &Blamed| {
                let title = it.set_by.title.as_deref().unwrap_or("(not committed yet)");
                let mark = if it.set_by.boundary { "^" } else { "" };
                let document = it.document.map_or(String::new(), |at| format!("[{at}] "));
                let value = it
                    .value
                    .as_ref()
                    .map_or("<secret>".to_owned(), |it| it.to_json().to_string());
                format!(
                    "{document}{} = {value}: {mark}{title}\n",
                    it.pointer.dotted()
                )
            };
            report.body.values.iter().map(line).collect()
        }
    }
}

fn told(scratch: &Scratch, path: &str) -> String {
    told_at(scratch, &scratch.repo(), None, path)
}

/// Commits a file again and again, and tells who set its values in the end.
fn after(path: &str, versions: &[(&str, &str)]) -> String {
    let scratch = Scratch::new();
    for (title, text) in versions {
        scratch.write(path, text);
        scratch.commit(title);
    }
    told(&scratch, path)
}

#[test]
fn form_and_order_change_no_value() {
    let versions = [
        ("first", "a: 1\nb: {x: one, y: 0.5}\n"),
        ("another value", "a: 2\nb: {x: one, y: 0.5}\n"),
        ("reformat", "# why\nb:\n  y: 5e-1\n  x: 'one'\na: 2 # so\n"),
        ("add", "b:\n  y: 5e-1\n  x: 'one'\na: 2 # so\nc: []\n"),
        (
            "another type",
            "b:\n  y: '0.5'\n  x: 'one'\na: 2 # so\nc: []\n",
        ),
    ];
    insta::assert_snapshot!(after("a.yaml", &versions), @r#"
    b.y = "0.5": another type
    b.x = "one": first
    a = 2: another value
    c = []: add
    "#);
    let toml = [
        ("first", "a = 1\n[b]\nx = 'one'\n"),
        (
            "reformat",
            "b.x = \"one\" # dotted\na = 0x1\nn = 1979-05-27\n",
        ),
    ];
    insta::assert_snapshot!(after("a.toml", &toml), @r#"
    b.x = "one": first
    a = 1: first
    n = "1979-05-27": reformat
    "#);
    insta::assert_snapshot!(after("a.json", &[("first", "{\"a\": 1}"), ("more", "{\n\"b\": null, \"a\": 1.0}")]), @"
    b = null: more
    a = 1.0: first
    ");
}

#[test]
fn items_are_followed_by_name_and_by_content() {
    let versions = [
        (
            "first",
            "hosts:\n- {name: a, port: 1}\n- {name: b, port: 2}\nzones: [x, y]\n",
        ),
        (
            "in front",
            "hosts:\n- {name: c, port: 3}\n- {name: b, port: 2}\n- {name: a, port: 1}\nzones: [w, x, y]\n",
        ),
        (
            "one port",
            "hosts:\n- {name: c, port: 3}\n- {name: b, port: 9}\n- {name: a, port: 1}\nzones: [w, x, y]\n",
        ),
        (
            "sorted",
            "hosts:\n- {name: a, port: 1}\n- {name: b, port: 9}\n- {name: c, port: 3}\nzones: [y, x, w]\n",
        ),
    ];
    insta::assert_snapshot!(after("a.yaml", &versions), @r#"
    hosts.0.name = "a": first
    hosts.0.port = 1: first
    hosts.1.name = "b": first
    hosts.1.port = 9: one port
    hosts.2.name = "c": in front
    hosts.2.port = 3: in front
    zones.0 = "y": first
    zones.1 = "x": first
    zones.2 = "w": in front
    "#);
}

#[test]
fn documents_are_told_apart() {
    let versions = [
        ("first", "kind: A\nv: 1\n---\nkind: B\nv: 1\n"),
        (
            "in front",
            "kind: C\nv: 1\n---\nkind: A\nv: 1\n---\nkind: B\nv: 1\n",
        ),
        (
            "one",
            "kind: C\nv: 1\n---\nkind: A\nv: 2\n---\nkind: B\nv: 1\n",
        ),
    ];
    insta::assert_snapshot!(after("a.yaml", &versions), @r#"
    [0] kind = "C": in front
    [0] v = 1: in front
    [1] kind = "A": first
    [1] v = 2: one
    [2] kind = "B": first
    [2] v = 1: first
    "#);
}

#[test]
fn a_value_that_comes_back_is_set_anew() {
    let versions = [
        ("first", "a: 1\nb: 1\n"),
        ("another", "a: 2\nb: 1\n"),
        ("revert", "a: 1\nb: 1\n"),
    ];
    insta::assert_snapshot!(after("a.yaml", &versions), @"
    a = 1: revert
    b = 1: first
    ");
}

#[test]
fn another_name_of_the_file_changes_no_value() {
    let scratch = Scratch::new();
    scratch.write("other.yaml", "z: 1\ny: 2\n");
    scratch.write("old.yaml", "a: 1\nb: 1\nc: 1\n");
    scratch.commit("first");
    scratch.write("old.yaml", "a: 1\nb: 2\nc: 1\n");
    scratch.commit("second");
    scratch.git(&["mv", "old.yaml", "dir.yaml"]);
    scratch.commit("only renamed");
    scratch.git(&["rm", "-q", "dir.yaml", "other.yaml"]);
    scratch.write("conf/new.json", "{\"a\": 3, \"b\": 2, \"c\": 1}");
    scratch.commit("renamed and changed");
    insta::assert_snapshot!(told(&scratch, "conf/new.json"), @"
    a = 3: renamed and changed
    b = 2: second
    c = 1: first
    ");
    // What is not committed may have moved, too.
    scratch.git(&["mv", "conf/new.json", "b.json"]);
    scratch.write("b.json", "{\"a\": 3, \"b\": 2, \"c\": 4}");
    insta::assert_snapshot!(told(&scratch, "b.json"), @"
    a = 3: renamed and changed
    b = 2: second
    c = 4: (not committed yet)
    ");
    insta::assert_snapshot!(told_at(&scratch, &scratch.repo(), Some("HEAD~1"), "dir.yaml"), @"
    a = 1: first
    b = 2: second
    c = 1: first
    ");
}

#[test]
fn merges_own_only_what_no_parent_has() {
    let scratch = Scratch::new();
    scratch.write("a.yaml", "a: 1\nb: 1\nc: 1\nd: 1\n");
    scratch.commit("first");
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.write("a.yaml", "a: 1\nb: 2\nc: 2\nd: 1\n");
    scratch.commit("side");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.write("a.yaml", "a: 3\nb: 1\nc: 3\nd: 1\n");
    scratch.commit("main");
    scratch.try_git(&scratch.path(), &["merge", "-q", "--no-commit", "side"]);
    scratch.write("a.yaml", "a: 3\nb: 2\nc: 4\nd: 1\n");
    // Before it is committed, both sides are known.
    insta::assert_snapshot!(told(&scratch, "a.yaml"), @"
    a = 3: main
    b = 2: side
    c = 4: (not committed yet)
    d = 1: first
    ");
    scratch.commit("merge");
    insta::assert_snapshot!(told(&scratch, "a.yaml"), @"
    a = 3: main
    b = 2: side
    c = 4: merge
    d = 1: first
    ");
}

#[test]
fn versions_that_cannot_be_read_are_looked_through() {
    let versions = [
        ("first", "a: 1\nb: 1\n"),
        ("broken", "a: 1\nb: [\n"),
        ("still broken", "a: 2\nb: [\n"),
        ("mended", "a: 2\nb: 1\n"),
    ];
    insta::assert_snapshot!(after("a.yaml", &versions), @"
    a = 2: mended
    b = 1: first
    ");
    insta::assert_snapshot!(after("a.yaml", &versions[..2]), @"a.yaml:2: the bracket `[` is never closed");
}

#[test]
fn shallow_history_says_where_it_ends() {
    let scratch = Scratch::new();
    for (title, text) in [
        ("first", "a: 1\nb: 1\n"),
        ("second", "a: 1\nb: 2\n"),
        ("third", "a: 1\nb: 2\nc: 3\n"),
    ] {
        scratch.write("a.yaml", text);
        scratch.commit(title);
    }
    let clone = scratch.beside("clone");
    let url = format!("file://{}", scratch.path().display());
    scratch.git(&[
        "clone",
        "-q",
        "--depth",
        "2",
        &url,
        &clone.to_string_lossy(),
    ]);
    let repo = Repo::discover(clone).unwrap();
    insta::assert_snapshot!(told_at(&scratch, &repo, None, "a.yaml"), @"
    a = 1: ^second
    b = 2: ^second
    c = 3: third
    ");
}

#[test]
fn what_is_not_committed_is_said_to_be_so() {
    let scratch = Scratch::new();
    scratch.write("a.yaml", "a: 1\n");
    insta::assert_snapshot!(told(&scratch, "a.yaml"), @"a = 1: (not committed yet)");
    scratch.commit("first");
    scratch.write("a.yaml", "b: 2\na: 1\n");
    insta::assert_snapshot!(told(&scratch, "a.yaml"), @"
    b = 2: (not committed yet)
    a = 1: first
    ");
    assert_eq!(told(&scratch, "b.yaml"), "there is no file `b.yaml`");
    assert_eq!(
        told(&scratch, "b.yaml.j2"),
        "`b.yaml.j2` is a template: what it says depends on who asks"
    );
}

#[test]
fn secrets_of_layers_are_not_shown() {
    let scratch = Scratch::new();
    scratch.write("strata.yaml", "strata: 1\nschemas: ['{environment}.schema.yaml']\nlayers: [base.yaml]\nenvironments: {dev: {}, prod: {}}\n");
    scratch.write("prod.schema.yaml", "properties: {keys: {x-secret: true}}\n");
    scratch.write("base.yaml", "keys: {a: 1}\nopen: 1\n");
    scratch.write("no-layer.yaml", "keys: {a: 1}\n");
    scratch.commit("first");
    insta::assert_snapshot!(told(&scratch, "base.yaml"), @"
    keys.a = <secret>: first
    open = 1: first
    ");
    insta::assert_snapshot!(told(&scratch, "no-layer.yaml"), @"keys.a = 1: first");
}

#[test]
fn resolved_values_know_who_put_them_there() {
    let scratch = Scratch::new();
    scratch.write("strata.yaml", "strata: 1\nlayers: [base.yaml, '{environment}.yaml', t.yaml.j2]\nenvironments: {prod: {}}\n");
    scratch.write("base.yaml", "pool: 1\nhosts: [a, b]\nname: x\n");
    scratch.write("prod.yaml", "pool: 2\n");
    scratch.write("t.yaml.j2", "rendered: {{ 1 + 1 }}\n");
    scratch.commit("first");
    scratch.write("base.yaml", "name: x\npool: 9\nhosts: [a]\n");
    scratch.commit("fewer hosts");
    scratch.write("prod.yaml", "pool: 3\n");
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    let configuration = Configuration::open(Some(repo.clone()), here.clone()).unwrap();
    let target = configuration.target(Some("prod"), None).unwrap();
    let mut report = crate::ops::read::show(&configuration, &target, "", None).unwrap();
    blame_resolved(&repo, &Start::new(&repo, here, None).unwrap(), &mut report).unwrap();
    let line = |(pointer, origin): (&String, &crate::ops::read::Origin)| {
        let title = origin
            .set_by
            .as_ref()
            .map(|it| it.title.as_deref().unwrap_or("(not committed yet)"));
        format!("{pointer}: {}\n", title.unwrap_or("(a template's)"))
    };
    let lines: String = report.body.provenance.iter().map(line).collect();
    insta::assert_snapshot!(lines, @"
    /name: first
    /pool: (not committed yet)
    /hosts: fewer hosts
    /rendered: (a template's)
    ");
}
