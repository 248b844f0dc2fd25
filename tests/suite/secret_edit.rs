//! Secrets in an editor: nothing of them is left behind, and nothing of what was typed is lost.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::harness::hermetic;
use super::secret::Shop;

const EDIT: &str = "git-strata secret edit config/prod.yaml -i ../ann.txt";

/// Writes an editor, and gives what to name it by.
fn editor(shop: &Shop, lines: &str) -> String {
    let path = shop.place.folder.path().join("editor");
    std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    format!("sh {}", path.display())
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Starts to edit, ends that by a signal while the editor runs, and waits for the file to be gone.
fn is_gone_after(signal: &str) {
    let shop = Shop::new();
    shop.seal("hunter2hunter2");
    let note = shop.place.folder.path().join("note");
    let editor = editor(
        &shop,
        "grep -q hunter2hunter2 \"$1\" && echo \"$1\" > ../note.new && mv ../note.new ../note; exec sleep 60",
    );
    let mut edit = hermetic("git-strata", shop.place.path())
        .args(["secret", "edit", "config/prod.yaml", "-i", "../ann.txt"])
        .env("EDITOR", editor)
        .spawn()
        .unwrap();
    wait_for("the editor starts", || note.is_file());
    let file = std::fs::read_to_string(&note).unwrap();
    let file = PathBuf::from(file.trim());
    assert!(file.is_file());
    let pid = edit.id().to_string();
    let killed = Command::new("kill").args([signal, &pid]).status().unwrap();
    assert!(killed.success());
    assert!(!edit.wait().unwrap().success());
    let folder = file.parent().unwrap_or(Path::new("/"));
    wait_for(&format!("{signal}: the file goes"), || !folder.exists());
    assert!(shop.text().contains("ENC["));
}

#[test]
fn nothing_is_left_where_a_signal_ends_it() {
    // Not those that whoever started the tests may have had them ignore.
    for signal in ["-TERM", "-KILL"] {
        is_gone_after(signal);
    }
}

#[test]
fn what_cannot_be_sealed_is_not_kept_where_nobody_can_be_asked() {
    let shop = Shop::new();
    shop.seal("hunter2hunter2");
    let before = shop.text();
    let editor = editor(
        &shop,
        "echo \"$1\" > ../note; echo 'x: [correct-horse' >> \"$1\"",
    );
    let ran = shop.shell(&format!("EDITOR='{editor}' {EDIT}"));
    insta::assert_snapshot!(ran.all(), @"
    error: what was edited cannot be read (line 5)
    help: edit it again; the file is as it was
    what was typed is not kept, since it holds secrets; the file is as it was
    [1]
    ");
    assert_eq!(shop.text(), before);
    let note = std::fs::read_to_string(shop.place.folder.path().join("note")).unwrap();
    assert!(!Path::new(note.trim()).parent().unwrap().exists());
}

#[test]
fn what_cannot_be_sealed_is_edited_again_by_who_is_asked() {
    let shop = Shop::new();
    shop.seal("hunter2hunter2");
    // The first time it is broken; the second time what was typed is there, and mended.
    let editor = editor(
        &shop,
        "if grep -q correct-horse \"$1\"; then sed -i 's/\\[correct-horse/correct-horse/' \"$1\"; \
         else sed -i 's/hunter2hunter2/[correct-horse/' \"$1\"; fi",
    );
    let typed = format!(
        "(sleep 1; echo y; sleep 2) | EDITOR=\"{editor}\" script -qec \"{EDIT}\" /dev/null"
    );
    let ran = shop.shell(&typed);
    assert!(ran.out.contains("edit it again? [Y/n]"), "{}", ran.all());
    let reveal = "get db.password --env prod --reveal -i ../ann.txt";
    assert_eq!(shop.run(reveal).out, "correct-horse\n", "{}", ran.all());
}

#[test]
fn secrets_for_others_stay_as_they_are_and_are_no_hindrance() {
    let shop = Shop::new();
    let bob = shop.run("secret identity --to ../bob.txt").out;
    let ran = shop.run(&format!(
        "secret keyring new other --env prod --key db.other --member bob={}",
        bob.trim()
    ));
    assert_eq!(ran.status, 0, "{}", ran.all());
    shop.seal("hunter2hunter2");
    let ran = shop.shell("printf others | git-strata secret seal db.other --env prod");
    assert_eq!(ran.status, 0, "{}", ran.all());
    let line = |text: &str| {
        let mut lines = text.lines().filter(|line| line.contains("other:"));
        lines.next().unwrap().to_owned()
    };
    let before = line(&shop.text());
    assert!(before.contains("ENC[age1,other.1,"), "{before}");
    let ran = shop.shell(&format!(
        "EDITOR='sed -i s/hunter2hunter2/correct-horse/' {EDIT}"
    ));
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(line(&shop.text()), before);
    let reveal = "get db.password --env prod --reveal -i ../ann.txt";
    assert_eq!(shop.run(reveal).out, "correct-horse\n");
    // A new value is sealed for those who could read the old one.
    let ran = shop.shell(&format!("EDITOR='sed -i s/ENC.*/changed/' {EDIT}"));
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(
        line(&shop.text()).contains("ENC[age1,other.1,"),
        "{}",
        shop.text()
    );
    let reveal = "get db.other --env prod --reveal -i ../bob.txt";
    assert_eq!(shop.run(reveal).out, "changed\n");
    assert_eq!(shop.run("check").status, 0);
}

#[test]
fn opened_secrets_are_written_for_their_owner_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let shop = Shop::new();
    shop.seal("hunter2hunter2");
    let sealed = shop.text();
    let mode = |name: &str| {
        let file = std::fs::metadata(shop.place.path().join(name)).unwrap();
        file.permissions().mode() & 0o777
    };
    shop.place.write("open.txt", "a file that others can read");
    for command in [
        "secret open config/prod.yaml",
        "get db.password --env prod --reveal",
        "show --env prod --reveal",
        "show --env prod --reveal --format json",
    ] {
        for target in ["open.txt", "new.txt"] {
            let ran = shop.run(&format!("{command} -i ../ann.txt -o {target}"));
            assert_eq!(ran.status, 0, "{}", ran.all());
            let text = std::fs::read_to_string(shop.place.path().join(target)).unwrap();
            assert!(text.contains("hunter2hunter2"), "{text}");
            assert_eq!(mode(target), 0o600, "{command}");
        }
        std::fs::remove_file(shop.place.path().join("new.txt")).unwrap();
    }
    symlink("config/prod.yaml", shop.place.path().join("link.txt")).unwrap();
    insta::assert_snapshot!(shop.run("secret open config/prod.yaml -i ../ann.txt -o link.txt").all(), @"
    error: `./link.txt` is a link, and what was to be written there holds opened secrets
    help: name a file outside of the repository, or one that Git ignores
    [2]
    ");
    insta::assert_snapshot!(shop.run("secret open config/prod.yaml -i ../ann.txt -o config/prod.yaml").all(), @"
    error: `./config/prod.yaml` is kept in Git, and what was to be written there holds opened secrets
    help: name a file outside of the repository, or one that Git ignores
    [2]
    ");
    let ran = shop
        .run("get db.password --env prod --reveal -i ../ann.txt -o ./config/../config/base.yaml");
    assert_eq!(ran.status, 2, "{}", ran.all());
    shop.place.write("staged.txt", "");
    shop.place.git(&["add", "staged.txt"]);
    let ran = shop.run("secret open config/prod.yaml -i ../ann.txt -o staged.txt");
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert_eq!(shop.text(), sealed);
    // What is no file, as the standard output of a pipe, is written to.
    let ran =
        shop.shell("git-strata secret open config/prod.yaml -i ../ann.txt -o /dev/stdout | cat");
    assert!(ran.out.contains("hunter2hunter2"), "{}", ran.all());
}
