//! What Git calls: merging and comparing file by file.

use super::harness::Place;

/// A repository with one file, our change of it on `main` and theirs on `side`.
fn parted(path: &str, base: &str, ours: &str, theirs: &str) -> Place {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.write(path, base).commit("base");
    let ran = place.run("hook install --merge-driver --write");
    assert_eq!(ran.status, 0, "{}", ran.all());
    place.commit("attributes");
    place.git(&["checkout", "-q", "-b", "side"]);
    place.write(path, theirs).commit("theirs");
    place.git(&["checkout", "-q", "main"]);
    place.write(path, ours).commit("ours");
    place
}

fn text(place: &Place, path: &str) -> String {
    std::fs::read_to_string(place.path().join(path)).unwrap()
}

const BASE: &str = "\
name: cart
database:
  host: db
  pool: 10
cache:
  ttl: 60
";

#[test]
fn git_merges_by_value_what_its_lines_do_not_allow() {
    let ours = "cache:\n  ttl: 60\n  size: 9\nname: cart\ndatabase:\n  pool: 10\n  host: db\n";
    let theirs =
        BASE.replace("pool: 10", "pool: 20 # for the sale") + "  # in seconds\n  wait: 5\n";
    let place = parted("app.yaml", BASE, ours, &theirs);
    let ran = place.git(&["merge", "side", "-m", "merged"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    insta::assert_snapshot!(text(&place, "app.yaml"), @"
    cache:
      ttl: 60
      size: 9
      # in seconds
      wait: 5
    name: cart
    database:
      pool: 20 # for the sale
      host: db
    ");
}

#[test]
fn a_conflict_is_marked_in_the_smallest_lines() {
    let ours = BASE.replace("10", "20").replace("ttl: 60", "ttl: 61");
    let theirs = BASE.replace("10", "30").replace("host: db", "host: other");
    let place = parted("conf/app.yaml", BASE, &ours, &theirs);
    place.git(&["config", "merge.conflictStyle", "diff3"]);
    let ran = place.git(&["merge", "side"]);
    insta::assert_snapshot!(ran.all(), @"
    Auto-merging conf/app.yaml
    CONFLICT (content): Merge conflict in conf/app.yaml
    Automatic merge failed; fix conflicts and then commit the result.
    conf/app.yaml: `database.pool` was changed on both sides
    [1]
    ");
    let text = text(&place, "conf/app.yaml");
    let text = text
        .lines()
        .map(|line| match line.strip_prefix("||||||| ") {
            Some(_) => "||||||| (the base)",
            None => line,
        });
    insta::assert_snapshot!(text.collect::<Vec<_>>().join("\n"), @"
    name: cart
    database:
      host: other
    <<<<<<< HEAD
      pool: 20
    ||||||| (the base)
      pool: 10
    =======
      pool: 30
    >>>>>>> side
    cache:
      ttl: 61
    ");
}

#[test]
fn a_merge_that_breaks_the_schema_says_so() {
    let schema = "properties: {hosts: {maxItems: 2}}\n";
    let place = parted(
        "base.yaml",
        "hosts:\n  - b\n",
        "hosts:\n  - a\n  - b\n",
        "hosts:\n  - b\n  - c\n",
    );
    place.write(
        "strata.yaml",
        "strata: 1\nschemas: [s.yaml]\nlayers: [base.yaml]\n",
    );
    place.write("s.yaml", schema).commit("a schema");
    let ran = place.git(&["merge", "side"]);
    insta::assert_snapshot!(ran.all(), @"
    Auto-merging base.yaml
    CONFLICT (content): Merge conflict in base.yaml
    Automatic merge failed; fix conflicts and then commit the result.
    base.yaml: merged, but it breaks the schema: `hosts` must be a list of at most 2 items; it is a list of 3 items
    help: no place is marked; mend the file, look again with `git strata check`, then `git add base.yaml`
    [1]
    ");
    assert_eq!(text(&place, "base.yaml"), "hosts:\n  - a\n  - b\n  - c\n");
}

#[test]
fn drivers_are_put_in_place_and_taken_away() {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.write(".gitattributes", "*.yaml text merge=strata");
    insta::assert_snapshot!(place.run("hook install --merge-driver").all(), @"
    hook          state
    pre-commit    not installed
    commit-msg    not installed
    pre-push      not installed
    merge driver  installed, but not for all files
    diff driver   not installed

    to have it used, add these lines to `.gitattributes`, or let `git strata hook install --merge-driver --write` add them:

      *.yml merge=strata
      *.json merge=strata
      *.jsonc merge=strata
      *.toml merge=strata
    [0]
    ");
    place.run("hook install --merge-driver --diff-driver --write");
    insta::assert_snapshot!(text(&place, ".gitattributes"), @"
    *.yaml text merge=strata
    *.yaml diff=strata
    *.yml merge=strata diff=strata
    *.json merge=strata diff=strata
    *.jsonc merge=strata diff=strata
    *.toml merge=strata diff=strata
    ");
    insta::assert_snapshot!(place.git(&["config", "--local", "--get-regexp", "strata"]).out, @"
    merge.strata.name configuration, by value
    merge.strata.driver git-strata merge-driver %O %A %B %L %P %S %X %Y
    diff.strata.command git-strata diff-driver
    diff.strata.textconv git-strata textconv
    ");
    insta::assert_snapshot!(place.run("hook status").all(), @"
    hook          state
    pre-commit    not installed
    commit-msg    not installed
    pre-push      not installed
    merge driver  installed
    diff driver   installed
    [0]
    ");
    place.run("hook install --merge-driver --write");
    assert_eq!(text(&place, ".gitattributes").lines().count(), 6);
    place.run("hook uninstall");
    assert_eq!(
        place
            .git(&["config", "--local", "--get-regexp", "strata"])
            .out,
        ""
    );
    insta::assert_snapshot!(place.run("hook install --write").all(), @"
    error: `--write` adds the lines that a driver needs
    help: name one: `git strata hook install --merge-driver --write`
    [2]
    ");
}

#[test]
fn what_git_did_not_call_is_told() {
    let place = Place::new();
    place.write("a.yaml", "a: 1\n");
    insta::assert_snapshot!(place.run("merge-driver none.yaml a.yaml a.yaml").all(), @"
    error: cannot read `none.yaml`
      because: No such file or directory (os error 2)
    help: let Git call this: `git strata hook install --merge-driver`
    [2]
    ");
}

#[test]
fn git_compares_by_value_what_it_shows() {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.run("hook install --diff-driver --write");
    place.write("app.yaml", BASE).write("broken.yaml", "a: [\n");
    place.commit("first");
    place.write(
        "app.yaml",
        "cache: {ttl: 90}\nname: cart # moved\ndatabase: {pool: 10, host: db}\n",
    );
    place
        .write("broken.yaml", "a: [1\n")
        .write("new.json", "{\"a\": 1}\n");
    place.git(&["add", "-A"]);
    insta::assert_snapshot!(place.git(&["diff", "--cached"]).all(), @r#"
    app.yaml
    └─ ~ cache.ttl: 60 → 90
    --- broken.yaml
    +++ broken.yaml
    @@ -1 +1 @@
    -a: [
    +a: [1
    new.json (added)
    └─ + (the whole file): {"a":1}
    [0]
    "#);
    place.commit("second");
    let patch = place.git(&["log", "-p", "-1", "--format=%s", "--", "app.yaml"]);
    let patch = patch.out.lines().filter(|line| !line.starts_with("index "));
    insta::assert_snapshot!(patch.collect::<Vec<_>>().join("\n"), @r#"
    second

    diff --git a/app.yaml b/app.yaml
    --- a/app.yaml
    +++ b/app.yaml
    @@ -1,4 +1,4 @@
    -cache.ttl: 60
    +cache.ttl: 90
     database.host: "db"
     database.pool: 10
     name: "cart"
    "#);
    place.git(&["mv", "app.yaml", "renamed.yaml"]);
    insta::assert_snapshot!(place.git(&["diff", "--cached", "-M"]).all(), @"
    renamed.yaml (was app.yaml)
    [0]
    ");
    place.git(&["commit", "-q", "-m", "third"]);
    place.git(&["update-index", "--chmod=+x", "renamed.yaml", "broken.yaml"]);
    insta::assert_snapshot!(place.git(&["diff", "--cached"]).all(), @"
    broken.yaml (mode 100644 → 100755)
    renamed.yaml (mode 100644 → 100755)
    [0]
    ");
    insta::assert_snapshot!(place.run("diff-driver app.yaml").all(), @"
    app.yaml is not merged yet
    [0]
    ");
    insta::assert_snapshot!(place.run("diff-driver app.yaml one two").all(), @"
    error: Git hands over 1, 7 or 9 words; these are others
    help: let Git call this: `git strata hook install --diff-driver`
    [2]
    ");
}
