//! `compat` in every kind of repository and over every kind of history.

use std::path::PathBuf;

use super::harness::{Place, Ran};

impl Place {
    /// Makes an empty repository, with more arguments for `git init`.
    fn repository(arguments: &[&str]) -> Self {
        let place = Self::new();
        let mut words = vec!["init", "-q", "-b", "main"];
        words.extend(arguments);
        place.done(&words);
        place
    }

    /// Makes a repository with `app.yaml` in four commits, its maximum from 9 down to 6.
    fn lowered(arguments: &[&str]) -> Self {
        let place = Self::repository(arguments);
        for maximum in [9, 8, 7, 6] {
            place.write("app.yaml", schema(maximum));
            place.commit(&format!("Take at most {maximum}"));
        }
        place
    }

    /// Runs `git`, which must succeed, and gives what it says.
    fn done(&self, words: &[&str]) -> String {
        let ran = self.git(words);
        assert_eq!(ran.status, 0, "git {words:?}: {}", ran.err);
        ran.out.trim().to_owned()
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn compat_in(&self, folder: &str, words: &[&str]) -> Ran {
        let all: Vec<&str> = ["compat"].iter().chain(words).copied().collect();
        self.run_in(&self.beside(folder), &all, &[])
    }

    fn compat(&self, words: &[&str]) -> Ran {
        self.compat_in("work", words)
    }

    /// Gives a line for each schema: what it is called, and the rules of its changes.
    fn said(&self, words: &[&str]) -> Vec<String> {
        schemas(&self.compat(&[&["--format", "json"], words].concat()))
    }

    /// Gives a line for each commit that changed a schema.
    fn commits(&self, words: &[&str]) -> Vec<String> {
        let ran = self.compat(&[&["--each", "--format", "json"], words].concat());
        assert_ne!(ran.status, 2, "{}", ran.err);
        let commits = ran.json()["body"]["commits"].as_array().unwrap().clone();
        let line = |commit: &serde_json::Value| {
            let changes = commit["changes"].as_array().unwrap();
            let changes = changes.iter().map(|change| {
                let schema = change["schema"].as_str().unwrap();
                format!("{schema} {}", change["rule"].as_str().unwrap())
            });
            let changes: Vec<String> = changes.collect();
            let title = commit["summary"].as_str().unwrap();
            format!("{title}: {}", changes.join(", "))
        };
        commits.iter().map(line).collect()
    }
}

fn schemas(ran: &Ran) -> Vec<String> {
    assert_ne!(ran.status, 2, "{}", ran.err);
    let body = ran.json()["body"].clone();
    let line = |schema: &serde_json::Value| {
        let changes = schema["changes"].as_array().unwrap();
        let rules = changes
            .iter()
            .map(|change| change["rule"].as_str().unwrap());
        let rules: Vec<&str> = rules.collect();
        let path = schema["path"].as_str().unwrap();
        format!("{path}: {}", rules.join(" "))
    };
    body["schemas"]
        .as_array()
        .unwrap()
        .iter()
        .map(line)
        .collect()
}

fn schema(maximum: u32) -> String {
    format!("type: object\nproperties:\n  a: {{type: integer, maximum: {maximum}}}\n")
}

const LOWERED: [&str; 1] = ["app.yaml: maximum-lowered"];

fn nothing() -> Vec<String> {
    Vec::new()
}

#[test]
fn shallow_clone_is_judged_as_far_as_it_goes() {
    let place = Place::lowered(&[]);
    place.done(&["tag", "v1", "HEAD~3"]);
    let first = place.done(&["rev-parse", "HEAD~3"]);
    let url = format!("file://{}", place.path().display());
    let clone = place.beside("clone");
    let clone = clone.to_str().unwrap();
    place.done(&["clone", "-q", "--depth", "2", "--no-tags", &url, clone]);
    let ran = place.compat_in("clone", &["--format", "json", "HEAD~1..HEAD"]);
    assert_eq!(schemas(&ran), LOWERED);
    for missing in ["HEAD~2..HEAD", "v1.0..HEAD", &format!("{first}..HEAD")] {
        let ran = place.compat_in("clone", &[missing]);
        let name = missing.strip_suffix("..HEAD").unwrap();
        assert_eq!(
            ran.all(),
            format!(
                "error: no revision `{name}` in what this clone holds\nhelp: this clone is \
                 shallow; `git fetch --unshallow --tags` brings the rest\n[2]"
            )
        );
    }
    // The base was fetched alone: its tree can be compared, the way from there is not known.
    place.done(&[
        "-C", clone, "fetch", "-q", "--depth", "1", "origin", "tag", "v1",
    ]);
    let ran = place.compat_in("clone", &["--format", "json", "v1..HEAD"]);
    assert_eq!(schemas(&ran), LOWERED);
    let cut = place.done(&["rev-parse", "--short=12", "HEAD~1"]);
    let ran = place.compat_in("clone", &["--each", "v1..HEAD"]);
    assert_eq!(
        ran.all(),
        format!(
            "error: cannot go through `v1..HEAD` commit by commit: this clone is shallow, and its \
             history ends at {cut}\nhelp: `git fetch --unshallow --tags` brings the rest; without \
             `--each` the ends alone are compared\n[2]"
        )
    );
    let ran = place.compat_in("clone", &["v1...HEAD"]);
    assert!(ran.err.contains("--unshallow"), "{}", ran.all());
}

#[test]
fn bare_repository_is_judged_by_its_commits() {
    let place = Place::lowered(&[]);
    let bare = place.beside("bare.git");
    place.done(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    for words in [
        &["HEAD~1..HEAD"][..],
        &["HEAD~1"],
        &["HEAD~1:app.yaml", "main:app.yaml"],
        &["--each", "HEAD~2..HEAD", "--", "app.yaml"],
    ] {
        let ran = place.compat_in("bare.git", &[&["--format", "json"], words].concat());
        assert_eq!(schemas(&ran), LOWERED, "{words:?}");
    }
    // Neither an index nor a work tree: an empty one would mean that everything is gone.
    let ran = place.compat_in("bare.git", &["--staged"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("has no index"), "{}", ran.err);
    insta::assert_snapshot!(place.compat_in("bare.git", &[]).all(), @r"
    error: a bare repository has no work tree to compare with `HEAD`
    help: name a range: `git strata compat HEAD~1..HEAD`
    [2]
    ");
}

#[test]
fn sha256_repository_is_judged_as_any_other() {
    let place = Place::lowered(&["--object-format=sha256"]);
    let id = place.done(&["rev-parse", "HEAD~1"]);
    assert_eq!(id.len(), 64);
    for words in [
        &["HEAD~1..HEAD"][..],
        &[&format!("{id}..HEAD")],
        &[&format!("{}...HEAD", &id[..9])],
        &[&format!("{id}:app.yaml"), "app.yaml"],
    ] {
        assert_eq!(place.said(words), LOWERED, "{words:?}");
    }
    place.write("app.yaml", schema(5));
    assert_eq!(place.said(&[]), LOWERED);
    assert_eq!(place.said(&["--staged"]), nothing());
    place.done(&["add", "app.yaml"]);
    assert_eq!(place.said(&["--staged"]), LOWERED);
    assert_eq!(place.commits(&["HEAD~3.."]).len(), 3);
}

#[test]
fn linked_work_tree_has_its_own_head_and_index() {
    let place = Place::lowered(&[]);
    let linked = place.beside("linked");
    let linked = linked.to_str().unwrap();
    place.done(&["worktree", "add", "-q", "-b", "side", linked, "HEAD~1"]);
    let said = |words: &[&str]| {
        schemas(&place.compat_in("linked", &[&["--format", "json"], words].concat()))
    };
    assert_eq!(said(&[]), nothing());
    std::fs::write(place.beside("linked/app.yaml"), schema(5)).unwrap();
    place.done(&["-C", linked, "add", "app.yaml"]);
    assert_eq!(said(&["--staged"]), LOWERED);
    assert_eq!(said(&["HEAD:app.yaml", "app.yaml"]), LOWERED);
    assert_eq!(place.said(&["--staged"]), nothing());
    place.done(&["-C", linked, "commit", "-q", "-m", "side"]);
    // Where the two parted, not where main is now.
    let ran = place.compat_in("linked", &["--format", "json", "main..side"]);
    assert_eq!(ran.json()["body"]["schemas"][0]["changes"][0]["old"], 7);
}

#[test]
fn detached_head_is_compared_as_any_commit() {
    let place = Place::lowered(&[]);
    place.done(&["checkout", "-q", "--detach", "HEAD~1"]);
    place.write("app.yaml", schema(3));
    place.commit("aside");
    for range in ["main..HEAD", "main...", "main...HEAD"] {
        let ran = place.compat(&["--format", "json", range]);
        let change = &ran.json()["body"]["schemas"][0]["changes"][0];
        assert_eq!((&change["old"], &change["new"]), (&7.into(), &3.into()));
    }
    assert_eq!(place.said(&["HEAD~1"]), LOWERED);
    assert_eq!(place.said(&[]), nothing());
}

#[test]
fn merge_base_and_tips_are_told_apart() {
    let place = Place::lowered(&[]);
    place.done(&["checkout", "-q", "-b", "feature", "HEAD~2"]);
    place.write("new.yaml", schema(1));
    place.commit("feature");
    // `main` lowered the maximum since; that is not the feature's doing.
    for range in ["main..feature", "main...feature"] {
        assert_eq!(place.said(&[range]), ["new.yaml: schema-added"], "{range}");
    }
    assert_eq!(place.said(&["feature...main"]), LOWERED);
    assert_eq!(
        place.said(&["main", "feature"]),
        ["app.yaml: maximum-raised", "new.yaml: schema-added"]
    );
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let place = Place::repository(&[]);
    assert_eq!(place.said(&["--staged"]), nothing());
    place
        .write("app.yaml", schema(9))
        .write("charts/shop/values.schema.json", r#"{"type": "object"}"#);
    let all = [
        "app.yaml: schema-added",
        "charts/shop/values.schema.json: schema-added",
    ];
    assert_eq!(place.said(&[]), all);
    assert_eq!(place.said(&["--staged"]), nothing());
    place.done(&["add", "-A"]);
    for words in [&["--staged"][..], &["HEAD", "--staged"], &["@"]] {
        assert_eq!(place.said(words), all, "{words:?}");
    }
    assert_eq!(place.said(&["--staged", "--", "charts"]), all[1..]);
    assert_eq!(place.compat(&["--staged"]).status, 0);
    // What a pipeline is given where a branch is new.
    let zeros = "0".repeat(40);
    place.commit("first");
    for words in [
        &[&*format!("{zeros}..HEAD")][..],
        &[&zeros, "main"],
        &[&format!("{zeros}...")],
    ] {
        assert_eq!(place.said(words), all, "{words:?}");
    }
    let ran = place.compat(&["--each", &format!("{zeros}..HEAD")]);
    assert!(ran.err.contains("begins at no commit"), "{}", ran.err);
}

#[test]
fn range_before_the_first_commit_is_refused() {
    let place = Place::repository(&[]);
    let ran = place.compat(&["HEAD~1..HEAD"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("there are no commits yet"), "{}", ran.err);
}

#[test]
fn index_is_compared_and_not_the_work_tree() {
    let place = Place::lowered(&[]);
    place
        .write("app.yaml", schema(5))
        .write("more.yaml", schema(1));
    assert_eq!(place.said(&["--staged"]), nothing());
    place.done(&["add", "app.yaml"]);
    place.write("app.yaml", schema(50));
    assert_eq!(place.said(&["--staged"]), LOWERED);
    assert_eq!(
        place.said(&[]),
        ["app.yaml: maximum-raised", "more.yaml: schema-added"]
    );
    place.done(&["rm", "-q", "-f", "app.yaml"]);
    assert_eq!(place.said(&["--staged"]), ["app.yaml: schema-removed"]);
    assert_eq!(place.compat(&["--staged"]).status, 1);
}

const DEFS: &str = "$defs:\n  p: {type: integer, maximum: 9}\n";
const REFERRING: &str = "type: object\nproperties:\n  p: {$ref: '../b/defs.yaml#/$defs/p'}\n";

#[test]
fn what_a_sparse_checkout_leaves_out_is_not_gone() {
    let place = Place::repository(&[]);
    place
        .write("a/app.yaml", schema(9))
        .write("a/ref.yaml", REFERRING)
        .write("b/defs.yaml", DEFS)
        .write("b/other.yaml", schema(9));
    place.commit("one");
    place.write("b/defs.yaml", DEFS.replace('9', "8"));
    place.commit("two");
    for sparse in [
        &["--cone", "a"][..],
        &["--cone", "--sparse-index", "a"],
        &["--no-cone", "/a/ref.yaml"],
    ] {
        place.done(&[&["sparse-checkout", "set"], sparse].concat());
        assert!(!place.path().join("b").exists());
        assert_eq!(place.said(&[]), nothing(), "{sparse:?}");
        assert_eq!(place.said(&["--staged"]), nothing(), "{sparse:?}");
        let changed = ["a/ref.yaml: maximum-lowered"];
        assert_eq!(place.said(&["HEAD~1"]), changed, "{sparse:?}");
        assert_eq!(place.said(&["HEAD~1.."]), changed, "{sparse:?}");
        assert_eq!(place.said(&["HEAD~1:a/ref.yaml", "a/ref.yaml"]), changed);
    }
    std::fs::remove_file(place.path().join("a/ref.yaml")).unwrap();
    assert_eq!(place.said(&[]), ["a/ref.yaml: schema-removed"]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_what_they_lead_to() {
    use std::os::unix::fs::symlink;
    let place = Place::repository(&[]);
    let link = |target: &str, name: &str| {
        let path = place.path().join(name);
        let _ = std::fs::remove_file(&path);
        symlink(target, path).unwrap();
    };
    let by_folder = "type: object\nproperties: {q: {$ref: now/one.yaml}}\n";
    place
        .write("v1/one.yaml", schema(9))
        .write("v2/one.yaml", schema(8))
        .write("all.yaml", by_folder)
        .write(
            "by-file.yaml",
            "type: object\nproperties: {r: {$ref: part.yaml}}\n",
        );
    link("v1/one.yaml", "app.yaml");
    link("v1", "now");
    link("parts/numbers.yaml", "part.yaml");
    place.write("parts/numbers.yaml", "maximum: 9\n");
    link("loop.yaml", "loop.yaml");
    place.commit("one");
    link("v2/one.yaml", "app.yaml");
    link("v2", "now");
    place.commit("two");
    assert_eq!(
        place.said(&["HEAD~1.."]),
        ["all.yaml: maximum-lowered", "app.yaml: maximum-lowered"]
    );
    assert_eq!(place.said(&["HEAD~1..", "--", "app.yaml"]), LOWERED);
    for (old, new) in [
        ("HEAD~1:app.yaml", "HEAD:app.yaml"),
        ("HEAD~1:app.yaml", "app.yaml"),
    ] {
        assert_eq!(place.said(&[old, new]), LOWERED, "{new}");
    }
    let below = place.said(&["HEAD~1:now/one.yaml", "now/one.yaml"]);
    assert!(below[0].ends_with("maximum-lowered"), "{below:?}");
    // Links that lead nowhere, or are new beside what they lead to, change no schema.
    link("nowhere", "dangling");
    place.commit("a dangling link");
    assert_eq!(place.said(&["HEAD~1.."]), nothing());
    link("v2", "fresh");
    link("parts/numbers.yaml", "numbers");
    place.commit("new links");
    let fresh = place.said(&["HEAD~1.."]);
    assert!(
        fresh.iter().all(|line| line.ends_with(": schema-added")),
        "{fresh:?}"
    );
    for name in ["dangling", "fresh", "numbers"] {
        std::fs::remove_file(place.path().join(name)).unwrap();
    }
    place.commit("no links");
    // What stands behind a link changes: whoever reaches it through the link is concerned.
    place
        .write("v2/one.yaml", schema(7))
        .write("parts/numbers.yaml", "maximum: 8\n");
    place.commit("three");
    assert_eq!(
        place.said(&["HEAD~1.."]),
        [
            "all.yaml: maximum-lowered",
            "by-file.yaml: maximum-lowered",
            "v2/one.yaml: maximum-lowered"
        ]
    );
    for words in [
        &["HEAD~1..", "--", "loop.yaml"][..],
        &["HEAD~1:loop.yaml", "HEAD:loop.yaml"],
        &["HEAD~1..", "--", "now"],
    ] {
        let ran = place.compat(words);
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains("is a symbolic link"), "{}", ran.err);
        assert!(ran.err.contains("help: name"), "{}", ran.err);
    }
}

#[test]
fn submodule_is_said_to_be_another_repository() {
    let place = Place::repository(&[]);
    let inner = place.beside("inner");
    let inner = inner.to_str().unwrap();
    place.done(&["init", "-q", "-b", "main", inner]);
    for maximum in [9, 8] {
        place.write("../inner/app.yaml", schema(maximum));
        place.done(&["-C", inner, "add", "-A"]);
        place.done(&["-C", inner, "commit", "-q", "-m", "inner"]);
    }
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        inner,
        "lib",
    ];
    place.done(&add);
    place.write(
        "own.yaml",
        "type: object\nproperties: {p: {$ref: lib/app.yaml}}\n",
    );
    place.done(&["-C", "lib", "checkout", "-q", "HEAD~1"]);
    place.commit("one");
    place.done(&["-C", "lib", "checkout", "-q", "main"]);
    place.commit("two");
    let id = |rev| place.done(&["-C", inner, "rev-parse", "--short=12", rev]);
    let (was, is) = (id("main~1"), id("main"));
    for path in ["lib", "lib/app.yaml"] {
        let ran = place.compat(&["HEAD~1..", "--", path]);
        assert_eq!(
            ran.all(),
            format!(
                "error: `lib` is a submodule, a repository of its own\nhelp: compare what it was \
                 and is: `git strata -C lib compat {was}..{is}`\n[2]"
            )
        );
    }
    assert_eq!(place.said(&["HEAD~1.."]), nothing());
    let ran = place.compat(&["HEAD..", "--", "lib"]);
    assert!(
        ran.err
            .contains("help: look there: `git strata -C lib compat`"),
        "{}",
        ran.err
    );
    let ran = place.compat(&["HEAD~1..", "--", "../own.yaml"]);
    assert_eq!(ran.status, 2);
    let inside = [
        "-C",
        "lib",
        "compat",
        "--format",
        "json",
        &format!("{was}..{is}"),
    ];
    assert_eq!(schemas(&place.run_in(place.path(), &inside, &[])), LOWERED);
    let ran = place.compat(&["HEAD~1:lib/app.yaml", "HEAD:lib/app.yaml"]);
    assert!(
        ran.err
            .contains(&format!("`git -C lib show {was}:app.yaml`")),
        "{}",
        ran.err
    );
    // What is checked out there is no part of the commit, nor of the work tree beside it.
    assert_eq!(place.said(&["HEAD:own.yaml", "own.yaml"]), ["own.yaml: "]);
    assert_eq!(
        place.said(&["lib/app.yaml", "lib/app.yaml"]),
        ["lib/app.yaml: "]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn path_that_is_no_text_hides_nothing() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let place = Place::repository(&[]);
    let odd = place.path().join(OsStr::from_bytes(b"odd\xff.yaml"));
    std::fs::write(&odd, "words: 1\n").unwrap();
    place.write("app.yaml", schema(9));
    place.commit("one");
    std::fs::write(&odd, "words: 2\n").unwrap();
    place.write("app.yaml", schema(8));
    place.commit("two");
    assert_eq!(place.said(&["HEAD~1.."]), LOWERED);
    // As long as it is no schema itself: that cannot be judged, and not be passed over.
    std::fs::write(&odd, schema(8)).unwrap();
    place.write("app.yaml", schema(7));
    place.commit("three");
    insta::assert_snapshot!(place.compat(&["HEAD~1.."]).all(), @r#"
    error: cannot judge the schema "odd\xff.yaml": its path is not UTF-8
    help: rename it, or name the schemas to judge behind `--`
    [2]
    "#);
    assert_eq!(place.said(&["HEAD~1..", "--", "app.yaml"]), LOWERED);
}

#[test]
fn schemas_come_and_go_and_change_their_names() {
    let place = Place::repository(&[]);
    let long = "type: object\nproperties:\n  a: {type: string}\n  b: {type: string}\n";
    place
        .write("old/service.schema.yaml", long)
        .write(
            "gone.schema.json",
            r#"{"properties": {"zoo": {"type": "array"}}}"#,
        )
        .write("stays.yaml", schema(9));
    place.commit("one");
    place.done(&["mv", "old/service.schema.yaml", "service.schema.yaml"]);
    place.done(&["rm", "-q", "gone.schema.json"]);
    place.write("stays.yaml", schema(8)).write(
        "come.yaml",
        "type: object\nproperties: {q: {type: boolean}}\n",
    );
    place.commit("two");
    let all = [
        "come.yaml: schema-added",
        "gone.schema.json: schema-removed",
        "service.schema.yaml: schema-renamed",
        "stays.yaml: maximum-lowered",
    ];
    assert_eq!(place.said(&["HEAD~1.."]), all);
    // Several by name, each by its old name or its new one.
    let named = ["HEAD~1..", "--", "old/service.schema.yaml", "stays.yaml"];
    assert_eq!(place.said(&named), all[2..]);
    place.write("service.schema.yaml", long.replace("b: {type: string}", ""));
    place.commit("three");
    assert_eq!(
        place.commits(&["HEAD~2..", "--", "service.schema.yaml"]),
        [
            "two: service.schema.yaml schema-renamed",
            "three: service.schema.yaml option-removed-ignored"
        ]
    );
}

#[test]
fn schema_is_judged_when_only_what_it_refers_to_changed() {
    let place = Place::repository(&[]);
    place
        .write("a/one.yaml", REFERRING)
        .write("a/two.yaml", REFERRING)
        .write("b/defs.yaml", DEFS);
    place.commit("one");
    place.write("b/defs.yaml", DEFS.replace('9', "8"));
    place.commit("two");
    let both = ["a/one.yaml: maximum-lowered", "a/two.yaml: maximum-lowered"];
    assert_eq!(place.said(&["HEAD~1.."]), both);
    assert_eq!(place.said(&["HEAD~1..", "--", "a/two.yaml"]), both[1..]);
    assert_eq!(
        place.said(&["HEAD~1:a/one.yaml", "HEAD:a/one.yaml"]),
        both[..1]
    );
    assert_eq!(
        place.commits(&["HEAD~1.."]),
        ["two: a/one.yaml maximum-lowered, a/two.yaml maximum-lowered"]
    );
    // A file that only defines parts stands for those that refer to it.
    let part = ["HEAD~1..", "--", "b/defs.yaml"];
    assert_eq!(place.said(&part), both);
    assert_eq!(place.commits(&part).len(), 1);
    // Each side reads the file of its own commit, and one that is gone is a broken reference.
    place.done(&["rm", "-q", "b/defs.yaml"]);
    for words in [&["--staged"][..], &[]] {
        let said = place.said(words);
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].starts_with("a/one.yaml: ref-broken"), "{said:?}");
    }
    assert_eq!(place.compat(&["--staged"]).status, 1);
}

#[test]
fn each_names_the_commits_that_broke_something_over_merges() {
    let place = Place::repository(&[]);
    let change = |name: &str, maximum: u32, title: &str| {
        place.write(name, schema(maximum));
        place.commit(title);
    };
    let merge = |branch: &str| {
        place.done(&["checkout", "-q", "main"]);
        place.done(&[
            "merge",
            "-q",
            "--no-ff",
            "-m",
            &format!("Merge {branch}"),
            branch,
        ]);
    };
    let branch = |name: &str| place.done(&["checkout", "-q", "-b", name, "start"]);
    change("app.yaml", 90, "start");
    place.done(&["tag", "start"]);
    branch("mended");
    change("app.yaml", 80, "breaks");
    change("app.yaml", 90, "mends");
    branch("side");
    change("other.yaml", 70, "adds");
    place.done(&["tag", "side-1"]);
    change("other.yaml", 60, "lowers");
    place.done(&["checkout", "-q", "main"]);
    change("new.yaml", 5, "on main");
    merge("mended");
    merge("side");
    change("app.yaml", 50, "direct");
    // What a branch broke and mended again broke nothing; the rest came in with its merge.
    assert_eq!(
        place.commits(&["start..main"]),
        [
            "on main: new.yaml schema-added",
            "Merge side: other.yaml schema-added",
            "direct: app.yaml maximum-lowered"
        ]
    );
    assert_eq!(
        place.commits(&["start..mended"]),
        [
            "breaks: app.yaml maximum-lowered",
            "mends: app.yaml maximum-raised"
        ]
    );
    assert_eq!(place.commits(&["start..main", "--", "other.yaml"]).len(), 1);
    // The base stands on the side: its merge brings only what came after the base, and no commit
    // answers for what was on main already.
    assert_eq!(
        place.commits(&["side-1..main"]),
        [
            "on main: new.yaml schema-added",
            "Merge side: other.yaml maximum-lowered",
            "direct: app.yaml maximum-lowered"
        ]
    );
    assert_eq!(
        place.commits(&["side..main"]),
        [
            "on main: new.yaml schema-added",
            "direct: app.yaml maximum-lowered"
        ]
    );
    // Backwards, there is nothing to go through.
    let ran = place.compat(&["--each", "main..start"]);
    assert_eq!(ran.status, 2, "{}", ran.out);
    let ran = place.compat(&["--each", "start..main"]);
    assert!(
        ran.out.contains("on main") && ran.out.contains("schema-added"),
        "{}",
        ran.out
    );
    // A history of its own, into which the base came.
    place.done(&["checkout", "-q", "--orphan", "other"]);
    change("other.yaml", 3, "its own start");
    place.done(&[
        "merge",
        "-q",
        "--allow-unrelated-histories",
        "-s",
        "ours",
        "-m",
        "both",
        "start",
    ]);
    let own = place.commits(&["start..other"]);
    assert!(own[0].starts_with("its own start: "), "{own:?}");
    let ran = place.compat(&["--each", "HEAD"]);
    assert!(
        ran.err.contains("`--each` goes through a range"),
        "{}",
        ran.err
    );
}

#[cfg(unix)]
#[test]
fn server_judges_a_push_in_its_update_hook() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::lowered(&[]);
    let server = place.beside("server.git");
    let server_name = server.to_str().unwrap();
    place.done(&["init", "-q", "--bare", "-b", "main", server_name]);
    let push =
        |tip: &str| place.git(&["push", "-q", server_name, &format!("{tip}:refs/heads/main")]);
    let hook = |name: &str, text: &str| {
        let path = server.join("hooks").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    };
    hook("update", "exec git strata compat --quiet \"$2..$3\"");
    // The branch is new, and then it breaks.
    assert_eq!(push("HEAD~2").status, 0);
    let refused = push("HEAD");
    assert_ne!(refused.status, 0);
    assert!(refused.err.contains("[maximum-lowered]"), "{}", refused.err);
    hook(
        "pre-receive",
        "while read old new name; do git strata compat $old..$new; done",
    );
    place.write("app.yaml", schema(5));
    place.commit("unknown there");
    // What is being pushed is read where Git keeps it apart.
    let refused = push("HEAD");
    assert!(refused.err.contains("[maximum-lowered]"), "{}", refused.err);
}
