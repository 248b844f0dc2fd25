use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::git::testing::Scratch;

fn checkout(scratch: &Scratch, revision: &str) -> Result<()> {
    let repo = scratch.repo();
    repo.checkout(&repo.revision(revision)?)
}

/// What `git status` would say if `HEAD` were at the revision.
fn status(scratch: &Scratch, revision: &str) -> String {
    scratch.git(&["symbolic-ref", "HEAD", &format!("refs/heads/{revision}")]);
    scratch.git(&["status", "--porcelain", "--untracked-files=all"])
}

fn varied() -> Scratch {
    let scratch = Scratch::started();
    scratch.write("run", "#!/bin/sh\n");
    let run = scratch.path().join("run");
    fs::set_permissions(&run, fs::Permissions::from_mode(0o755)).unwrap();
    symlink("dir/b.yaml", scratch.path().join("link")).unwrap();
    scratch.commit("varied");
    scratch.git(&["branch", "varied"]);
    scratch.git(&["rm", "-q", "-r", "dir", "link"]);
    scratch.write("dir", "now a file\n");
    scratch.write("link/now/a/folder", "x\n");
    scratch.write("a.yaml", "a: 2\n");
    scratch.commit("other");
    scratch.git(&["branch", "other"]);
    scratch
}

#[test]
fn empty_work_tree_is_filled_and_clean() {
    let scratch = varied();
    let clone = scratch.beside("clone");
    scratch.git(&[
        "clone",
        "-q",
        "-n",
        "-b",
        "varied",
        ".",
        clone.to_str().unwrap(),
    ]);
    let repo = Repo::discover(&clone).unwrap();
    repo.checkout(&repo.revision("varied").unwrap()).unwrap();
    assert_eq!(scratch.git_in(&clone, &["status", "--porcelain"]), "");
    // The index holds the files' times, so that nothing is read again.
    assert_eq!(scratch.git_in(&clone, &["diff-files", "--name-only"]), "");
    let read = fs::read_to_string(clone.join("link")).unwrap();
    assert_eq!(read, "b: 1\n");
    let mode = clone.join("run").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0o111);
}

#[test]
fn clean_work_tree_changes_over_and_back() {
    let scratch = varied();
    scratch.write("untracked.yaml", "u: 1\n");
    checkout(&scratch, "varied").unwrap();
    assert_eq!(status(&scratch, "varied"), "?? untracked.yaml");
    assert!(!scratch.path().join("link/now").exists());
    checkout(&scratch, "other").unwrap();
    assert_eq!(status(&scratch, "other"), "?? untracked.yaml");
    checkout(&scratch, "other").unwrap();
    assert_eq!(status(&scratch, "other"), "?? untracked.yaml");
}

#[test]
fn changes_are_not_overwritten() {
    let scratch = varied();
    scratch.write("a.yaml", "a: mine\n");
    let error = checkout(&scratch, "varied").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`a.yaml` holds changes that would be lost"
    );
    assert!(error.help().unwrap().contains("git stash"));
    assert_eq!(status(&scratch, "other"), " M a.yaml");
    // What the revision has already is no change lost.
    scratch.git(&["checkout", "-q", "a.yaml"]);
    scratch.git(&["rm", "-q", "--cached", "a.yaml"]);
    assert!(checkout(&scratch, "varied").is_err());
    scratch.write("a.yaml", "a: 1\n");
    checkout(&scratch, "varied").unwrap();
    assert_eq!(status(&scratch, "varied"), "");
}

#[test]
fn change_in_a_file_that_stays_the_same_is_kept_and_seen() {
    let scratch = varied();
    scratch.write("run", "#!/bin/ss\n");
    checkout(&scratch, "varied").unwrap();
    assert_eq!(status(&scratch, "varied"), " M run");
}

#[test]
fn untracked_files_and_links_in_the_way_are_refused() {
    let scratch = varied();
    checkout(&scratch, "other").unwrap();
    fs::remove_file(scratch.path().join("dir")).unwrap();
    scratch.git(&["update-index", "--force-remove", "dir"]);
    let outside = scratch.beside("outside");
    fs::create_dir(&outside).unwrap();
    symlink(&outside, scratch.path().join("dir")).unwrap();
    let error = checkout(&scratch, "varied").unwrap_err();
    assert_eq!(error.to_string(), "`dir` holds changes that would be lost");
    assert!(fs::read_dir(&outside).unwrap().next().is_none());
    fs::remove_file(scratch.path().join("dir")).unwrap();
    scratch.write("dir/b.yaml", "b: mine\n");
    let error = checkout(&scratch, "varied").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`dir/b.yaml` holds changes that would be lost"
    );
}

#[test]
fn link_in_place_of_an_unchanged_folder_is_not_written_through() {
    let scratch = Scratch::started();
    let outside = scratch.beside("outside");
    fs::create_dir(&outside).unwrap();
    fs::remove_dir_all(scratch.path().join("dir")).unwrap();
    symlink(&outside, scratch.path().join("dir")).unwrap();
    let error = checkout(&scratch, "main").unwrap_err();
    assert_eq!(error.to_string(), "cannot write `dir/b.yaml`");
    assert!(fs::read_dir(&outside).unwrap().next().is_none());
}

#[test]
fn folder_with_a_file_of_ones_own_does_not_give_way() {
    let scratch = varied();
    scratch.write(".git/info/exclude", "mine\n");
    scratch.write("link/now/mine", "m: 1\n");
    let error = checkout(&scratch, "varied").unwrap_err();
    assert_eq!(error.to_string(), "`link` holds changes that would be lost");
    fs::remove_file(scratch.path().join("link/now/mine")).unwrap();
    fs::create_dir_all(scratch.path().join("link/now/empty/folder")).unwrap();
    checkout(&scratch, "varied").unwrap();
    assert_eq!(status(&scratch, "varied"), "");
}

#[test]
fn submodule_leaves_an_empty_folder() {
    let scratch = Scratch::started();
    let other = Scratch::started();
    let id = other.id("HEAD").to_string();
    scratch.git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{id},sub"),
    ]);
    scratch.git(&["commit", "-q", "-m", "submodule"]);
    let clone = scratch.beside("clone");
    scratch.git(&["clone", "-q", "-n", ".", clone.to_str().unwrap()]);
    let repo = Repo::discover(&clone).unwrap();
    repo.checkout(&repo.revision("main").unwrap()).unwrap();
    assert!(clone.join("sub").is_dir());
    assert_eq!(scratch.git_in(&clone, &["status", "--porcelain"]), "");
}

#[test]
fn tree_that_git_would_refuse_is_not_checked_out() {
    let scratch = Scratch::started();
    let blob = scratch.id("HEAD:a.yaml").to_string();
    let mut raw = b"100644 .git\0".to_vec();
    raw.extend((0..20).map(|i| u8::from_str_radix(&blob[i * 2..i * 2 + 2], 16).unwrap()));
    let file = scratch.beside("tree");
    fs::write(&file, raw).unwrap();
    let tree = scratch.git(&[
        "hash-object",
        "-w",
        "-t",
        "tree",
        "--literally",
        file.to_str().unwrap(),
    ]);
    let commit = scratch.git(&["commit-tree", "-m", "bad", &tree]);
    let error = checkout(&scratch, &commit).unwrap_err();
    assert!(
        error.to_string().starts_with("cannot check out"),
        "{error:?}"
    );
    assert_eq!(status(&scratch, "main"), "");
}
