use std::path::Path;
use std::process::Command;

use super::*;

/// Runs Git itself, shut off from the machine's configuration, and gives what it prints.
pub(in crate::ops) fn git(dir: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {text}");
    text.trim_end().to_owned()
}

fn history(steps: &str, files: &[(&str, &'static str)]) -> Result<History> {
    let steps = [(STEPS.to_owned(), Cow::Owned(steps.as_bytes().to_vec()))];
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), Cow::Borrowed(text.as_bytes())));
    History::new(steps.into_iter().chain(files))
}

const BY: &str = "message: m\n    author: A <a@example.org>\n    date: 2025-01-02T03:04:05+01:00";

/// Writes steps from lines, each a step's own keys; `BY` stands for message, author and date.
fn steps(lines: &[&str]) -> String {
    let each = lines
        .iter()
        .map(|line| format!("  - {}\n", line.replace("BY", BY)));
    format!("steps:\n{}", each.collect::<String>())
}

fn refusal(lines: &[&str], files: &[(&str, &'static str)]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let built = history(&steps(lines), files).unwrap().build(dir.path());
    let error = built.map(|_| ()).unwrap_err();
    let nothing = dir.path().read_dir().unwrap().next().is_none();
    assert!(nothing, "something was written");
    format!("{error} ({})", error.help().unwrap_or_default())
}

#[test]
fn lays_folders_over_each_other_and_merges() {
    let text = steps(&[
        "branch: main\n    folder: f1\n    BY\n    tag: light",
        "branch: side\n    from: light",
        "branch: side\n    folder: f2\n    BY",
        "branch: main\n    remove: [gone]\n    BY\n    tag: { name: full, message: why }",
        "branch: main\n    merge: side\n    BY",
    ]);
    let files = [
        ("f1/a/b", "one"),
        ("f1/gone", "x"),
        ("f2/a/b", "two"),
        ("f2/c", "c"),
    ];
    let dir = tempfile::tempdir().unwrap();
    let built = history(&text, &files).unwrap().build(dir.path()).unwrap();
    assert_eq!(built.commits, 4);
    assert_eq!(built.branches, ["main", "side"]);
    assert_eq!(built.tags, ["light", "full"]);
    assert_eq!(git(dir.path(), &["fsck", "--strict", "--no-progress"]), "");
    assert_eq!(git(dir.path(), &["status", "--porcelain"]), "");
    assert_eq!(git(dir.path(), &["ls-files"]), "a/b\nc");
    assert_eq!(git(dir.path(), &["show", "side:gone"]), "x");
    assert_eq!(git(dir.path(), &["cat-file", "-t", "full"]), "tag");
    assert_eq!(git(dir.path(), &["cat-file", "-t", "light"]), "commit");
    let log = git(
        dir.path(),
        &["log", "-1", "--format=%an %ae %ad %s %P", "--date=iso"],
    );
    let parents = git(dir.path(), &["rev-parse", "HEAD^1", "side"]).replace('\n', " ");
    let expected = format!("A a@example.org 2025-01-02 03:04:05 +0100 m {parents}");
    assert_eq!(log, expected);
    let text = std::fs::read_to_string(dir.path().join("a/b")).unwrap();
    assert_eq!(text, "two");
}

#[test]
fn names_what_is_not_there() {
    let file = [("f1/a", "x"), ("f2/a", "y"), ("f3/a", "z")];
    let first = "branch: main\n    folder: f1\n    BY\n    tag: v1.0.0";
    assert_eq!(
        refusal(&[first, "branch: side\n    from: v1.0.1"], &file),
        "step 2 of the history, on `side`: no earlier step makes `v1.0.1` (did you mean `v1.0.0`?)"
    );
    assert_eq!(
        refusal(&["branch: main\n    folder: fourth\n    BY"], &file),
        "step 1 of the history, on `main`: there is no folder `fourth` with files (there are `f1`, `f2`, `f3`)"
    );
    assert_eq!(
        refusal(&[first, "branch: main\n    remove: [b]\n    BY"], &file),
        "step 2 of the history, on `main`: there is no file `b` to remove (did you mean `a`?)"
    );
    assert_eq!(
        refusal(
            &[
                first,
                "branch: side\n    from: main\n    folder: f2\n    BY",
                "branch: main\n    folder: f3\n    BY",
                "branch: main\n    merge: side\n    BY",
            ],
            &file
        ),
        "step 4 of the history, on `main`: `a` was changed on both sides of the merge with `side` \
         (put the merged file into the step's folder)"
    );
}

#[test]
fn refuses_steps_that_make_no_sense() {
    let file = [("f1/a", "x")];
    let first = "branch: main\n    folder: f1\n    BY\n    tag: t";
    for (lines, part) in [
        (vec!["branch: main"], "the first step must make a commit"),
        (vec!["branch: main\n    folder: f1"], "no `author`"),
        (vec![first, "branch: side"], "has no `from`"),
        (
            vec![first, "branch: main\n    from: t"],
            "the branch exists",
        ),
        (
            vec![first, "branch: main\n    message: m"],
            "nothing to commit",
        ),
        (
            vec![first, "branch: main\n    tag: t"],
            "the tag `t` exists",
        ),
        (
            vec!["branch: main\n    merge: main\n    BY"],
            "no earlier step makes `main`",
        ),
    ] {
        let said = refusal(&lines, &file);
        assert!(said.contains(part), "{said}");
    }
    let author = first.replace("BY", &BY.replace("<a@", "a@"));
    assert!(refusal(&[&author], &file).contains("is not `Name <address>`"));
    let date = first.replace("BY", &BY.replace("-01-02T", "-13-02T"));
    assert!(refusal(&[&date], &file).contains("is not like `2025-09-01T"));
    let message = first.replace("BY", &BY.replace("message: m", "message: ''"));
    assert!(refusal(&[&message], &file).contains("no `message`"));
}

#[test]
fn refuses_a_file_of_another_form() {
    let error = history("steps:\n  - branch: main\n    fodler: 1\n", &[]).unwrap_err();
    assert!(
        error.to_string().contains("unknown field `fodler`"),
        "{error}"
    );
    assert!(
        error.to_string().starts_with("`history.yaml:3` is not"),
        "{error}"
    );
    let error = history("steps: [", &[]).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("`history.yaml:1` cannot be read"),
        "{error}"
    );
    let error = History::new([]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no `history.yaml` that names the steps"
    );
    let dir = tempfile::tempdir().unwrap();
    assert!(History::read(&dir.path().join("missing")).is_err());
}

#[test]
fn disk_and_binary_give_the_same_objects() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop");
    let heads = [
        History::read(&root).unwrap(),
        History::from_embedded(crate::ops::embedded::SHOP).unwrap(),
    ]
    .map(|history| {
        let dir = tempfile::tempdir().unwrap();
        history.build(dir.path()).unwrap();
        git(dir.path(), &["show-ref"])
    });
    assert_eq!(heads[0], heads[1]);
}
