//! Hooks, as Git calls them.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::harness::{Place, Ran, hermetic};

const MANIFEST: &str = "strata: 1
schemas: [schema.yaml]
layers: [base.yaml, '{environment}.yaml']
environments:
  dev: {}
  prod: { ref: env/prod, protected: true }
";
const SCHEMA: &str =
    "type: object\nproperties: {port: {type: integer, maximum: 65535}, name: {type: string}}\n";
const SECRET: &str = "postgres://shop:Kx81-horse@db.internal/shop";

fn script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// A repository with a manifest, a schema and a layer, on `main`.
fn started() -> Place {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place
        .write("strata.yaml", MANIFEST)
        .write("schema.yaml", SCHEMA)
        .write("base.yaml", "port: 80\n");
    place.commit("start");
    place
}

/// Such a repository, and a server that it pushes to.
fn served() -> (Place, PathBuf) {
    let place = started();
    let server = place.folder.path().join("server.git");
    let name = server.to_str().unwrap();
    place.git(&["init", "-q", "--bare", "-b", "main", name]);
    place.git(&["remote", "add", "origin", name]);
    let ran = place.run_in(&server, &["hook", "install", "--server"], &[]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let ran = place.git(&["push", "-q", "origin", "main", "main:refs/heads/env/prod"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    (place, server)
}

/// Lists what is below a folder, with modes, links and contents.
fn listed(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = std::fs::symlink_metadata(&path).unwrap();
            let what = if meta.is_dir() {
                folders.push(path.clone());
                String::new()
            } else if meta.is_symlink() {
                std::fs::read_link(&path).unwrap().display().to_string()
            } else {
                String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned()
            };
            let mode = meta.permissions().mode();
            found.push(format!("{} {mode:o} {what}", path.display()));
        }
    }
    found.sort();
    found
}

fn refs(place: &Place, server: &Path) -> String {
    let ran = place.git(&["-C", server.to_str().unwrap(), "show-ref"]);
    ran.out
}

/// Pushes what is to be refused; everything on the server stays as it was.
fn refused(place: &Place, server: &Path, words: &[&str]) -> Ran {
    let before = refs(place, server);
    let ran = place.git(&[&["push", "-q", "origin"], words].concat());
    assert_ne!(ran.status, 0, "{words:?} {}", ran.all());
    assert_eq!(refs(place, server), before, "{words:?} {}", ran.all());
    let objects = server.join("objects");
    let left = std::fs::read_dir(objects).unwrap().flatten();
    let left: Vec<_> = left
        .map(|it| it.file_name().into_string().unwrap())
        .filter(|name| name.len() > 2 && !["info", "pack"].contains(&&**name))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    ran
}

fn pushed(place: &Place, words: &[&str]) -> Ran {
    let ran = place.git(&[&["push", "-q", "origin"], words].concat());
    assert_eq!(ran.status, 0, "{words:?} {}", ran.all());
    ran
}

#[test]
fn uninstall_leaves_every_byte_as_it_was() {
    let none = |_: &Place| {};
    let hooks: &dyn Fn(&Place) = &|place| {
        let hooks = place.path().join(".git/hooks");
        script(&hooks.join("pre-commit"), "exit 0");
        script(&hooks.join("elsewhere"), "exit 0");
        std::os::unix::fs::symlink("elsewhere", hooks.join("pre-push")).unwrap();
        std::os::unix::fs::symlink("/nowhere", hooks.join("update")).unwrap();
        std::fs::write(hooks.join("commit-msg"), "not to be run").unwrap();
    };
    let configured: &dyn Fn(&Place) = &|place| {
        place.git(&["config", "core.hooksPath", "tools/git hooks"]);
    };
    for (make, how) in [
        (&["--template="][..], &none as &dyn Fn(&Place)),
        (&[], &none),
        (&[], hooks),
        (&[], configured),
    ] {
        let place = Place::new();
        place.git(&[&["init", "-q", "-b", "main"], make].concat());
        how(&place);
        let before = listed(place.path());
        for words in [
            &["hook install"][..],
            &["hook install --server"],
            &[
                "hook install",
                "hook install",
                "hook install --server",
                "hook install --merge-driver",
            ],
        ] {
            for words in words {
                let ran = place.run(words);
                assert_eq!(ran.status, 0, "{}", ran.all());
                assert_ne!(listed(place.path()), before);
            }
            let once = listed(place.path());
            place.run(words[0]);
            assert_eq!(listed(place.path()), once, "once more changes nothing");
            assert_eq!(place.run("hook uninstall").status, 0);
            assert_eq!(listed(place.path()), before, "{make:?} {words:?}");
        }
    }
}

#[test]
fn a_hook_that_is_there_runs_first_with_the_same_input_and_stops_ours() {
    let place = started();
    let server = place.folder.path().join("server.git");
    let name = server.to_str().unwrap();
    place.git(&["init", "-q", "--bare", name]);
    let told = |name: &str| place.folder.path().join(format!("told-{name}"));
    for (folder, names) in [
        (
            place.path().join(".git/hooks"),
            &["pre-commit", "commit-msg", "pre-push"][..],
        ),
        (server.join("hooks"), &["pre-receive", "update"]),
    ] {
        for name in names {
            let told = told(name);
            let told = told.display();
            script(
                &folder.join(name),
                &format!("{{ echo \"$@\"; cat; }} > '{told}'; test ! -e '{told}.no'"),
            );
        }
    }
    place.run("hook install");
    place.run_in(&server, &["hook", "install", "--server"], &[]);
    place.write("base.yaml", "port: 81\n");
    let commit = || place.git(&["commit", "-qam", "next"]);
    let push = || place.git(&["push", "-q", name, "main"]);
    assert_eq!(commit().status, 0);
    assert_eq!(push().status, 0);
    let read = |name: &str| std::fs::read_to_string(told(name)).unwrap();
    let id = place.git(&["rev-parse", "HEAD"]).out;
    let (id, zero) = (id.trim(), "0".repeat(40));
    assert_eq!(read("pre-commit"), "\n");
    assert_eq!(read("commit-msg"), ".git/COMMIT_EDITMSG\n");
    assert_eq!(
        read("pre-push"),
        format!("{name} {name}\nrefs/heads/main {id} refs/heads/main {zero}\n")
    );
    assert_eq!(
        read("pre-receive"),
        format!("\n{zero} {id} refs/heads/main\n")
    );
    assert_eq!(read("update"), format!("refs/heads/main {zero} {id}\n"));
    place.write("base.yaml", "port: 82\n");
    let no = |name: &str| PathBuf::from(format!("{}.no", told(name).display()));
    for (name, is_commit) in [
        ("pre-commit", true),
        ("commit-msg", true),
        ("pre-push", false),
        ("pre-receive", false),
        ("update", false),
    ] {
        std::fs::write(no(name), "").unwrap();
        let ran = if is_commit { commit() } else { push() };
        assert_ne!(ran.status, 0, "{name}");
        std::fs::remove_file(no(name)).unwrap();
        if name == "commit-msg" {
            assert_eq!(commit().status, 0);
        }
    }
    assert_eq!(push().status, 0);
}

#[test]
fn pre_commit_reads_what_is_to_be_committed() {
    let place = started();
    place.run("hook install");
    place
        .write("dev.yaml", "port: 81\n")
        .write("sub/x.yaml", "a: 1\n");
    place.commit("two files");
    // One bad file and one good one: who commits the good one is not held up.
    place
        .write("base.yaml", "port: 99999\n")
        .write("dev.yaml", "port: 82\n");
    assert_eq!(
        place
            .git(&["commit", "-q", "dev.yaml", "-m", "good"])
            .status,
        0
    );
    place.git(&["add", "base.yaml"]);
    place.write("dev.yaml", "port: 83\n");
    assert_eq!(
        place
            .git(&["commit", "-q", "dev.yaml", "-m", "good"])
            .status,
        0
    );
    let bad = |words: &[&str]| {
        let ran = place.git(words);
        assert_ne!(ran.status, 0, "{words:?}");
        assert!(
            ran.err.contains("[out-of-range]"),
            "{words:?} {}",
            ran.all()
        );
    };
    bad(&["commit", "-q", "-m", "staged"]);
    bad(&["commit", "-q", "base.yaml", "-m", "partial"]);
    place.git(&["reset", "-q"]);
    place.write("sub/x.yaml", "a: 2\n");
    bad(&["commit", "-qam", "all"]);
    bad(&["-C", "sub", "commit", "-qam", "from a folder"]);
    assert_eq!(
        place
            .git(&["-C", "sub", "commit", "-q", "x.yaml", "-m", "good"])
            .status,
        0
    );
    // What lies in the work tree and is not staged is nobody's business.
    place.write("dev.yaml", "port: 84\n");
    place.git(&["add", "dev.yaml"]);
    assert_eq!(place.git(&["commit", "-qm", "staged"]).status, 0);
    // A linked work tree has an index of its own.
    place.git(&["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = place.folder.path().join("side");
    std::fs::write(side.join("base.yaml"), "port: 77777\n").unwrap();
    bad(&["-C", "../side", "commit", "-qam", "bad"]);
    std::fs::write(side.join("base.yaml"), "port: 7777\n").unwrap();
    assert_eq!(
        place
            .git(&["-C", "../side", "commit", "-qam", "good"])
            .status,
        0
    );
    assert_eq!(
        place.git(&["commit", "-q", "--amend", "--no-edit"]).status,
        0
    );
}

#[test]
fn a_message_with_a_secret_is_refused_without_showing_it() {
    let place = started();
    place.run("hook install");
    let commit = |text: &str| place.git(&["commit", "-q", "--allow-empty", "-m", text]);
    assert_eq!(commit("plain\n\n# and more").status, 0);
    let ran = commit(&format!("connect to {SECRET}"));
    assert_ne!(ran.status, 0);
    assert!(!ran.all().contains("Kx81-horse"));
    insta::assert_snapshot!(ran.all(), @"
    error[key-material]: a password in a URL stands here in plain text
     --> .git/COMMIT_EDITMSG:1:28
      |
    1 | connect to postgres://shop:***       @db.internal/shop
      |                            ^^^
      |
      = help: take it out and commit again, and withdraw it where it was issued if anybody saw it; the message is kept: `git commit --edit --file .git/COMMIT_EDITMSG`

    1 error
    [1]
    ");
    // The patch below a message is no part of it.
    place.write("note.txt", format!("{SECRET}\n"));
    place.commit("a secret, past the hook");
    place.git(&["rm", "-q", "note.txt"]);
    let env = [("GIT_EDITOR", "sed -i '1s/^/away/'")];
    place.git_with(&["commit", "-q", "-v"], &env);
}

#[test]
fn a_push_is_judged_before_it_leaves() {
    let place = started();
    let server = place.folder.path().join("server.git");
    let name = server.to_str().unwrap();
    place.git(&["init", "-q", "--bare", "-b", "main", name]);
    place.git(&["remote", "add", "origin", name]);
    place.run("hook install");
    pushed(&place, &["main", "main:refs/heads/env/prod"]);
    place.git(&["branch", "good"]);
    place.write("base.yaml", "port: 99999\n");
    place.commit("bad");
    for words in [
        &["main"][..],
        &["main:refs/heads/new"],
        &["good", "main"],
        &[":refs/heads/env/prod"],
        &["main", "--force"],
    ] {
        refused(&place, &server, words);
    }
    place.git(&["tag", "-am", "bad", "v1.0.0"]);
    refused(&place, &server, &["v1.0.0"]);
    let ran = refused(&place, &server, &["main"]);
    insta::assert_snapshot!(ran.err.replace(name, "SERVER"), @"
    reference        change  verdict
    refs/heads/main  moved   refused: 1 finding

    the push is refused, and nothing has changed

    error[out-of-range]: `port` must be a whole number of at most 65535; it is `99999`
     --> base.yaml:1:1 (at d14b53ecfaec)
      |
    1 | port: 99999
      | ^^^^
      |
     ::: schema.yaml:2:36 (at d14b53ecfaec)
      |
    2 | properties: {port: {type: integer, maximum: 65535}, name: {type: string}}
      |                                    ------- the schema says so here

    1 error
    error: failed to push some refs to 'SERVER'
    ");
    place.git(&["tag", "blob", "HEAD:schema.yaml"]);
    pushed(&place, &["good", "blob"]);
    pushed(&place, &[":good"]);
    pushed(&place, &["--no-verify", "main"]);
}

#[test]
fn a_server_takes_what_is_good_and_refuses_the_rest_as_a_whole() {
    let (place, server) = served();
    place.write("base.yaml", "port: 81\n");
    place.commit("good");
    let said = pushed(&place, &["main"]);
    assert_eq!(said.all(), "[0]");
    let at = place.git(&["rev-parse", "HEAD"]).out;
    assert!(refs(&place, &server).starts_with("") && refs(&place, &server).contains(at.trim()));
    // Few objects come loose, many as a pack.
    for count in [1, 150] {
        for number in 0..count {
            place.write(
                &format!("more/{count}/{number}.yaml"),
                format!("n: {number}\n"),
            );
        }
        place.commit("good");
        pushed(&place, &["main"]);
        place.write("base.yaml", "port: 99999\n");
        for number in 0..count {
            place.write(
                &format!("bad/{count}/{number}.yaml"),
                format!("b: {number}\n"),
            );
        }
        place.commit("bad");
        let ran = refused(&place, &server, &["main"]);
        assert!(
            ran.err.contains("remote: error[out-of-range]"),
            "{}",
            ran.err
        );
        place.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
    place.git(&["checkout", "-q", "-b", "side"]);
    place.write("base.yaml", "port: 82\n");
    place.commit("good");
    place.git(&["checkout", "-q", "-b", "bad"]);
    place.write("base.yaml", "port: 99999\n");
    place.commit("bad");
    let ran = refused(&place, &server, &["side", "bad", "main:refs/heads/other"]);
    insta::assert_snapshot!(ran.err.replace(server.to_str().unwrap(), "SERVER"), @"
    remote: reference         change   verdict        
    remote: refs/heads/side   created  good        
    remote: refs/heads/bad    created  refused: 1 finding        
    remote: refs/heads/other  created  good        
    remote: 
    remote: the push is refused as a whole, and nothing has changed        
    remote: 
    remote: error[out-of-range]: `port` must be a whole number of at most 65535; it is `99999`        
    remote:  --> base.yaml:1:1 (at 3f24065144a7)        
    remote:   |        
    remote: 1 | port: 99999        
    remote:   | ^^^^        
    remote:   |        
    remote:  ::: schema.yaml:2:36 (at 3f24065144a7)        
    remote:   |        
    remote: 2 | properties: {port: {type: integer, maximum: 65535}, name: {type: string}}        
    remote:   |                                    ------- the schema says so here        
    remote: 
    remote: 1 error        
    To SERVER
     ! [remote rejected] side -> side (pre-receive hook declined)
     ! [remote rejected] bad -> bad (pre-receive hook declined)
     ! [remote rejected] main -> other (pre-receive hook declined)
    error: failed to push some refs to 'SERVER'
    ");
    refused(&place, &server, &["bad:refs/tags/v9"]);
    refused(&place, &server, &["bad:refs/odd/place"]);
    refused(&place, &server, &["bad:refs/heads/env/prod"]);
    pushed(&place, &["side", "side:refs/heads/env/prod"]);
    pushed(&place, &[":side"]);
}

#[test]
fn a_server_protects_branches_and_releases() {
    let (place, server) = served();
    place.git(&["tag", "v1.0.0"]);
    place.git(&["tag", "-am", "note", "note"]);
    pushed(&place, &["v1.0.0", "note"]);
    place.write("base.yaml", "port: 81\n");
    place.commit("good");
    pushed(
        &place,
        &["main", "main:refs/heads/env/prod", "main:refs/heads/free"],
    );
    let says = |words: &[&str], rule: &str| {
        let ran = refused(&place, &server, words);
        assert!(ran.err.contains(rule), "{}", ran.err);
    };
    says(&[":refs/heads/env/prod"], "[protected-branch-deleted]");
    says(
        &["+main~1:refs/heads/env/prod"],
        "[protected-branch-rewound]",
    );
    says(&[":refs/tags/v1.0.0"], "[release-tag-moved]");
    says(&["+main:refs/tags/v1.0.0"], "[release-tag-moved]");
    // The manifest in the push does not speak for the push.
    place.git(&["checkout", "-q", "--orphan", "lone"]);
    place.write("strata.yaml", MANIFEST.replace(", protected: true", ""));
    place.commit("not protected any more");
    says(
        &["+lone:refs/heads/env/prod", "+lone:refs/heads/main"],
        "[protected-branch-rewound]",
    );
    pushed(&place, &["+main~1:refs/heads/free", "+main:refs/tags/note"]);
    pushed(
        &place,
        &[":free", ":refs/tags/note", "main:refs/tags/v1.0.1"],
    );
}

#[test]
fn a_server_finds_a_secret_that_a_later_commit_takes_away() {
    let (place, server) = served();
    place.write("base.yaml", format!("port: 80\nname: {SECRET}\n"));
    place.commit("in");
    place.write("base.yaml", "port: 82\n");
    place.commit("out");
    for words in [
        &["main"][..],
        &["main:refs/heads/new"],
        &["main:refs/notes/x"],
    ] {
        let ran = refused(&place, &server, words);
        assert!(ran.err.contains("[key-material]"), "{}", ran.err);
        assert!(!ran.err.contains("Kx81-horse"), "{}", ran.err);
    }
    // One that stands there now is told once.
    place.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let ran = refused(&place, &server, &["main"]);
    assert_eq!(
        ran.err.matches("error[key-material]").count(),
        1,
        "{}",
        ran.err
    );
}

#[test]
fn a_push_that_takes_too_long_or_is_no_push_is_refused() {
    let (place, server) = served();
    place.write("base.yaml", "port: 81\n");
    place.commit("good");
    let git = |words: &[&str]| {
        let all = [&["-C", server.to_str().unwrap()], words].concat();
        assert_eq!(place.git(&all).status, 0);
    };
    git(&["config", "strata.timeout", "0"]);
    let ran = refused(&place, &server, &["main"]);
    assert!(
        ran.err.contains("not judged within 0 seconds"),
        "{}",
        ran.err
    );
    git(&["config", "strata.timeout", "long"]);
    let ran = refused(&place, &server, &["main"]);
    assert!(ran.err.contains("no number of seconds"), "{}", ran.err);
    git(&["config", "--unset", "strata.timeout"]);
    let pre_receive = server.join("hooks/pre-receive");
    let text = std::fs::read_to_string(&pre_receive).unwrap();
    let gone = text.replace("strata='", "strata='/nowhere");
    std::fs::write(&pre_receive, gone).unwrap();
    let ran = refused(&place, &server, &["main"]);
    assert!(ran.err.contains("is not to be found"), "{}", ran.err);
    std::fs::write(&pre_receive, text).unwrap();
    let run = |words: &[&str]| place.run_in(&server, &[&["hook", "run"], words].concat(), &[]);
    for words in [
        &["update"][..],
        &["update", "x", "y", "z"],
        &["commit-msg"],
        &["pre-x"],
    ] {
        assert_eq!(run(words).status, 2, "{words:?}");
    }
    pushed(&place, &["main"]);
}

#[test]
fn twenty_pushes_at_once_all_land_or_change_nothing() {
    let (place, server) = served();
    let folder = place.folder.path();
    let name = server.to_str().unwrap();
    let clones: Vec<PathBuf> = (0..20)
        .map(|number| {
            let clone = folder.join(format!("clone-{number}"));
            let git = |words: &[&str]| {
                let done = hermetic("git", folder).args(words).output().unwrap();
                assert!(done.status.success(), "{done:?}");
            };
            let at = clone.to_str().unwrap();
            git(&["clone", "-q", name, at]);
            let is_bad = number % 5 == 4;
            let port = if is_bad { 99_999 } else { 8_000 + number };
            std::fs::write(clone.join("base.yaml"), format!("port: {port}\n")).unwrap();
            git(&["-C", at, "commit", "-qam", &format!("{number}")]);
            clone
        })
        .collect();
    let ran: Vec<bool> = std::thread::scope(|scope| {
        let pushes: Vec<_> = clones
            .iter()
            .enumerate()
            .map(|(number, clone)| {
                scope.spawn(move || {
                    let to = format!("HEAD:refs/heads/line-{number}");
                    let done = hermetic("git", clone)
                        .args(["push", "-q", "origin", &to])
                        .output();
                    done.unwrap().status.success()
                })
            })
            .collect();
        pushes
            .into_iter()
            .map(|push| push.join().unwrap())
            .collect()
    });
    let there = refs(&place, &server);
    for (number, (clone, landed)) in clones.iter().zip(&ran).enumerate() {
        let is_good = number % 5 != 4;
        assert_eq!(*landed, is_good, "{number}");
        let head = hermetic("git", clone)
            .args(["rev-parse", "HEAD"])
            .output()
            .unwrap();
        let id = String::from_utf8(head.stdout).unwrap();
        let line = format!("{} refs/heads/line-{number}\n", id.trim());
        assert_eq!(there.contains(&line), is_good, "{there}");
    }
    // The same branch, by all at once: one lands, whole.
    let landed: usize = std::thread::scope(|scope| {
        let pushes: Vec<_> = clones
            .iter()
            .map(|clone| {
                scope.spawn(move || {
                    let done = hermetic("git", clone)
                        .args(["push", "-q", "origin", "HEAD:refs/heads/main"])
                        .output();
                    usize::from(done.unwrap().status.success())
                })
            })
            .collect();
        pushes.into_iter().map(|push| push.join().unwrap()).sum()
    });
    assert_eq!(landed, 1);
    let fsck = place.git(&["-C", name, "fsck", "--full", "--strict"]);
    assert_eq!(fsck.status, 0, "{}", fsck.all());
}

#[test]
fn a_newer_git_is_told_by_its_configuration() {
    let place = started();
    // A Git that says it is newer, and runs what its configuration names as that one does.
    let newer = place.folder.path().join("newer");
    script(
        &newer.join("git"),
        "test \"$1\" != --version || { echo git version 2.54.0; exit; }\nexec /usr/bin/env git \"$@\"",
    );
    let path = std::env::var("PATH").unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_git-strata"))
        .parent()
        .unwrap();
    let path = format!("{}:{}:{path}", newer.display(), program.display());
    let env = [("PATH", path.as_str())];
    let run = |words: &[&str]| place.run_in(place.path(), words, &env);
    let before = listed(place.path());
    insta::assert_snapshot!(run(&["hook", "install"]).all(), @"
    hook          state
    pre-commit    installed, by configuration
    commit-msg    installed, by configuration
    pre-push      installed, by configuration
    merge driver  not installed
    diff driver   not installed
    [0]
    ");
    let config = |key: &str| place.git(&["config", key]).out.trim_end().to_owned();
    assert_eq!(config("hook.strata-commit-msg.event"), "commit-msg");
    let command = config("hook.strata-commit-msg.command");
    place.write("message", format!("{SECRET}\n"));
    let called = |command: &str, arguments: &[&str]| {
        let line = format!("{command} \"$@\"");
        let all = [&["-c", &*line, command], arguments].concat();
        hermetic("sh", place.path())
            .args(all)
            .output()
            .unwrap()
            .status
    };
    assert_eq!(called(&command, &["message"]).code(), Some(1));
    std::fs::remove_file(place.path().join("message")).unwrap();
    assert_eq!(
        called(&config("hook.strata-pre-commit.command"), &[]).code(),
        Some(0)
    );
    // Where the hook is asked to be a script, it is one, and not both.
    assert_eq!(run(&["hook", "install", "--scripts"]).status, 0);
    assert_eq!(config("hook.strata-pre-commit.command"), "");
    assert_eq!(run(&["hook", "uninstall"]).status, 0);
    let after: Vec<_> = listed(place.path());
    let other = |it: &&String| !it.contains("/.git/strata") && !it.contains("/.git/index");
    let (before, after): (Vec<_>, Vec<_>) = (
        before.iter().filter(other).collect(),
        after.iter().filter(other).collect(),
    );
    assert_eq!(before, after);
}

/// Gathers the texts of a document.
fn texts(value: &serde_yaml::Value, found: &mut Vec<String>) {
    match value {
        serde_yaml::Value::String(text) => found.push(text.clone()),
        serde_yaml::Value::Sequence(items) => items.iter().for_each(|it| texts(it, found)),
        serde_yaml::Value::Mapping(map) => map.values().for_each(|it| texts(it, found)),
        _ => {}
    }
}

#[test]
fn what_others_copy_is_read_and_runs() {
    let mut count = 0;
    for text in [
        include_str!("../../.pre-commit-hooks.yaml"),
        include_str!("../../examples/ci/github.yml"),
        include_str!("../../examples/ci/gitlab.yml"),
    ] {
        let document: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        let mut found = Vec::new();
        texts(&document, &mut found);
        let lines = found.iter().flat_map(|text| text.lines());
        let ours =
            lines.filter(|line| line.starts_with("git strata ") || line.starts_with("git-strata "));
        for line in ours {
            let place = Place::shop();
            place.write("message", "subject\n");
            // The pre-commit framework hands over the file with the message.
            let argument = if line.ends_with("commit-msg") {
                " message"
            } else {
                ""
            };
            let ran = hermetic("sh", place.path())
                .args(["-ec", &format!("{line}{argument}")])
                .env("RANGE", "HEAD~1..HEAD")
                .env("GITHUB_STEP_SUMMARY", place.path().join("summary.md"))
                .output()
                .unwrap();
            assert!(matches!(ran.status.code(), Some(0 | 1)), "{line}: {ran:?}");
            assert_eq!(ran.stderr, b"", "{line}: {ran:?}");
            count += 1;
        }
    }
    assert_eq!(count, 12);
}

#[test]
fn a_server_holds_its_branches_to_the_policy() {
    let (place, server) = served();
    let key = place.folder.path().join("ann");
    let mut command = hermetic("ssh-keygen", place.folder.path());
    command
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key);
    if command.output().is_err() {
        println!("skipped: there is no ssh-keygen");
        return;
    }
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    place
        .write("allowed_signers", format!("ann@shop.example {public}"))
        .write(
            "policy.yaml",
            "policy: 1\nrepository: shop\nroles:\n  keeper: [config.write, policy.admin]\n\
             bindings:\n  - who: [ann@shop.example]\n    role: keeper\n",
        );
    place.commit("who may do what");
    pushed(&place, &["main"]);
    // Nobody signed this one.
    place.write("base.yaml", "port: 81\n").commit("by anybody");
    let ran = refused(&place, &server, &["main"]);
    assert!(ran.err.contains("permission-missing"), "{}", ran.err);
    // A proposal is held to the policy when it lands.
    pushed(&place, &["main:refs/heads/proposal"]);
    // Who writes themselves in is held to what was in force.
    place.write("policy.yaml", "policy: 1\nroles: {}\nbindings: []\n");
    place.commit("nothing is asked for");
    refused(&place, &server, &["main"]);
    place.git(&["reset", "-q", "--hard", "origin/main"]);
    place.write("base.yaml", "port: 82\n");
    place.git(&["config", "gpg.format", "ssh"]);
    place.git(&["config", "user.signingKey", &key.display().to_string()]);
    place.git(&["config", "commit.gpgSign", "true"]);
    place.commit("by ann");
    pushed(&place, &["main"]);
    refused(&place, &server, &["--force", "main~1:main"]);
}
