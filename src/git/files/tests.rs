use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use super::*;
use crate::git::testing::{Scratch, path, shown};

/// The same files four ways: at a commit, in the index, in the work tree, and without Git.
fn four_ways(scratch: &Scratch) -> [(&'static str, Files); 4] {
    let repo = scratch.repo();
    [
        ("commit", repo.files(&repo.revision("HEAD").unwrap())),
        ("index", repo.index_files().unwrap()),
        ("work tree", repo.work_files().unwrap()),
        ("folder", Files::folder(scratch.path())),
    ]
}

fn text(files: &Files, name: &str) -> Option<String> {
    let blob = files.read(path(name)).unwrap()?;
    Some(String::from_utf8(blob.bytes).unwrap())
}

fn walk(files: &Files, below: &str) -> Vec<String> {
    let found = files.walk(path(below)).unwrap();
    found
        .into_iter()
        .map(|(path, _)| path.to_string())
        .collect()
}

fn list(files: &Files, dir: &str) -> Vec<(String, FileKind)> {
    let found = files.list(path(dir)).unwrap();
    let named = |(name, entry): (BString, FileEntry)| (name.to_string(), entry.kind);
    found.into_iter().map(named).collect()
}

#[test]
fn files_read_the_same_four_ways() {
    let scratch = Scratch::started();
    scratch.write("dir.yaml", "d: 1\n");
    scratch.write("dir-x", "");
    scratch.commit("more");
    for (way, files) in four_ways(&scratch) {
        assert_eq!(text(&files, "dir/sub/c.yaml").unwrap(), "c: 1\n", "{way}");
        let id = scratch.id("HEAD:a.yaml");
        assert_eq!(files.read(path("a.yaml")).unwrap().unwrap().id, id, "{way}");
        let all = [
            "a.yaml",
            "dir-x",
            "dir.yaml",
            "dir/b.yaml",
            "dir/sub/c.yaml",
        ];
        assert_eq!(walk(&files, ""), all, "{way}");
        assert_eq!(walk(&files, "dir"), all[3..], "{way}");
        assert_eq!(walk(&files, "dir/b.yaml"), ["dir/b.yaml"], "{way}");
        assert!(walk(&files, "missing").is_empty(), "{way}");
        use FileKind::{Directory, File};
        let expected = [
            ("a.yaml".to_owned(), File),
            ("dir".to_owned(), Directory),
            ("dir-x".to_owned(), File),
            ("dir.yaml".to_owned(), File),
        ];
        assert_eq!(list(&files, ""), expected, "{way}");
        let expected = [("b.yaml".to_owned(), File), ("sub".to_owned(), Directory)];
        assert_eq!(list(&files, "dir"), expected, "{way}");
        assert!(list(&files, "a.yaml").is_empty(), "{way}");
        assert!(list(&files, "missing").is_empty(), "{way}");
        for nothing in [
            "dir",
            "missing",
            "a.yaml/x",
            "dir/missing/x",
            "../repo/a.yaml",
            ".git/HEAD",
            "/a.yaml",
            "",
        ] {
            assert_eq!(text(&files, nothing), None, "{way} {nothing}");
        }
        let kind = |name| files.entry(path(name)).unwrap().map(|entry| entry.kind);
        assert_eq!(kind("dir"), Some(Directory), "{way}");
        assert_eq!(kind(""), Some(Directory), "{way}");
        for nothing in ["a.yaml/x", "dir/", "dir//b.yaml", "./a.yaml", ".git", "di"] {
            assert_eq!(kind(nothing), None, "{way} {nothing}");
        }
    }
    let labels = four_ways(&scratch).map(|(_, files)| files.label().map(str::to_owned));
    assert_eq!(
        labels,
        [
            Some("HEAD".to_owned()),
            Some("index".to_owned()),
            None,
            None
        ]
    );
}

#[test]
fn links_are_followed_inside_the_tree_only() {
    let scratch = Scratch::started();
    fs::write(scratch.beside("secret"), "no").unwrap();
    for (target, link) in [
        ("dir/b.yaml", "plain"),
        ("plain", "twice"),
        ("../a.yaml", "dir/up"),
        ("./sub/../../dir/b.yaml", "dir/winding"),
        ("dir", "folder"),
        ("../secret", "out"),
        ("..", "parent"),
        ("/etc/passwd", "absolute"),
        ("round", "round"),
        ("b-loop", "a-loop"),
        ("a-loop", "b-loop"),
        ("nowhere", "broken"),
        (".git/HEAD", "git"),
    ] {
        symlink(target, scratch.path().join(link)).unwrap();
    }
    scratch.commit("links");
    for (way, files) in four_ways(&scratch) {
        for name in ["plain", "twice", "dir/winding", "folder/b.yaml"] {
            assert_eq!(
                text(&files, name).as_deref(),
                Some("b: 1\n"),
                "{way} {name}"
            );
        }
        assert_eq!(text(&files, "dir/up").as_deref(), Some("a: 1\n"), "{way}");
        assert_eq!(
            text(&files, "folder/sub/c.yaml").as_deref(),
            Some("c: 1\n"),
            "{way}"
        );
        for name in [
            "out",
            "parent/secret",
            "absolute",
            "round",
            "a-loop",
            "broken",
            "folder",
            "git",
        ] {
            assert_eq!(text(&files, name), None, "{way} {name}");
        }
        assert!(
            list(&files, "folder")
                .iter()
                .any(|(name, _)| name == "b.yaml"),
            "{way}"
        );
        assert!(list(&files, "parent").is_empty(), "{way}");
        assert!(walk(&files, "folder").iter().eq(["folder"]), "{way}");
        assert_eq!(files.entry(path("folder/b.yaml")).unwrap(), None, "{way}");
        let kind = files.entry(path("round")).unwrap().unwrap().kind;
        assert_eq!(kind, FileKind::Symlink, "{way}");
    }
}

#[test]
fn paths_are_bytes() {
    let scratch = Scratch::new();
    let name = b"caf\xe9.yaml";
    fs::write(
        scratch.path().join(std::ffi::OsStr::from_bytes(name)),
        "x: 1\n",
    )
    .unwrap();
    scratch.commit("latin 1");
    for (way, files) in four_ways(&scratch) {
        assert_eq!(files.walk(path("")).unwrap()[0].0, &name[..], "{way}");
        let blob = files.read(BStr::new(name)).unwrap().unwrap();
        assert_eq!(blob.bytes, b"x: 1\n", "{way}");
    }
}

#[test]
fn submodule_is_listed_and_not_looked_into() {
    let scratch = Scratch::started();
    let other = Scratch::started();
    let url = other.path();
    scratch.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        url.to_str().unwrap(),
        "sub",
    ]);
    let commit = other.id("HEAD");
    scratch.commit("submodule");
    let [commit_way, index_way, work_way, _] = four_ways(&scratch);
    for (way, files) in [commit_way, index_way, work_way] {
        let listed = list(&files, "");
        assert!(
            listed.contains(&("sub".to_owned(), FileKind::Submodule)),
            "{way}"
        );
        assert!(walk(&files, "").contains(&"sub".to_owned()), "{way}");
        let entry = files.entry(path("sub")).unwrap().unwrap();
        assert_eq!(entry.kind, FileKind::Submodule, "{way}");
        assert_eq!(text(&files, "sub/a.yaml"), None, "{way}");
        assert_eq!(text(&files, "sub"), None, "{way}");
        assert!(list(&files, "sub").is_empty(), "{way}");
        let found = files.walk(path("")).unwrap();
        let sub = found.iter().find(|(path, _)| path == "sub").unwrap();
        assert_eq!(sub.1.id, Some(commit), "{way}");
    }
    let repo = scratch.repo();
    let index = repo.index_files().unwrap();
    assert!(
        repo.compare(&index, &repo.work_files().unwrap())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn work_tree_leaves_out_what_git_ignores() {
    let scratch = Scratch::started();
    scratch.write(".gitignore", "*.log\n/build/\n!keep.log\n");
    scratch.write("dir/.gitignore", "b.yaml\nlocal\n");
    scratch.write(".git/info/exclude", "private\n");
    for name in [
        "x.log",
        "keep.log",
        "build/out.yaml",
        "dir/local",
        "dir/sub/local/x",
        "private/x",
        "untracked.yaml",
        "build/tracked.yaml",
    ] {
        scratch.write(name, "x: 1\n");
    }
    scratch.git(&["add", "-f", "build/tracked.yaml"]);
    let nested = scratch.path().join("nested");
    fs::create_dir(&nested).unwrap();
    scratch.git_in(&nested, &["init", "-q"]);
    fs::write(nested.join("inner.yaml"), "x: 1\n").unwrap();
    fs::remove_file(scratch.path().join("a.yaml")).unwrap();
    let files = scratch.repo().work_files().unwrap();
    let expected = [
        ".gitignore",
        "build/tracked.yaml",
        "dir/.gitignore",
        "dir/b.yaml",
        "dir/sub/c.yaml",
        "keep.log",
        "untracked.yaml",
    ];
    assert_eq!(walk(&files, ""), expected);
    assert_eq!(walk(&files, "build"), ["build/tracked.yaml"]);
    assert!(walk(&files, "dir/sub/local").is_empty());
    let names: Vec<_> = list(&files, "").into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [".gitignore", "build", "dir", "keep.log", "untracked.yaml"]
    );
    assert_eq!(text(&files, "x.log").as_deref(), Some("x: 1\n"));
}

#[test]
fn index_is_what_was_staged() {
    let scratch = Scratch::started();
    scratch.write("a.yaml", "a: staged\n");
    scratch.git(&["add", "a.yaml"]);
    scratch.write("a.yaml", "a: later\n");
    scratch.write("new.yaml", "n: 1\n");
    scratch.write("meant.yaml", "m: 1\n");
    scratch.git(&["add", "-N", "meant.yaml"]);
    let repo = scratch.repo();
    let (index, work) = (repo.index_files().unwrap(), repo.work_files().unwrap());
    assert_eq!(text(&index, "a.yaml").as_deref(), Some("a: staged\n"));
    assert_eq!(text(&work, "a.yaml").as_deref(), Some("a: later\n"));
    assert_eq!(text(&index, "new.yaml"), None);
    assert_eq!(text(&index, "meant.yaml").as_deref(), Some(""));
}

#[test]
fn conflict_shows_our_side() {
    let scratch = Scratch::diverged();
    scratch.git(&["checkout", "-q", "-b", "theirs", "main"]);
    scratch.write("a.yaml", "a: theirs\n");
    scratch.git(&["rm", "-q", "dir/sub/c.yaml"]);
    scratch.commit("theirs");
    scratch.git(&["checkout", "-q", "feature"]);
    scratch.write("dir/sub/c.yaml", "c: ours\n");
    scratch.commit("ours");
    let merge = scratch.try_git(&scratch.path(), &["merge", "-q", "theirs"]);
    assert!(!merge.status.success());
    let index = scratch.repo().index_files().unwrap();
    assert_eq!(text(&index, "a.yaml").as_deref(), Some("a: 2\n"));
    assert_eq!(text(&index, "dir/sub/c.yaml").as_deref(), Some("c: ours\n"));
}

#[test]
fn sparse_checkout_and_sparse_index_are_whole_in_the_index() {
    let scratch = Scratch::started();
    scratch.write("other/d.yaml", "d: 1\n");
    scratch.write("other/deep/e.yaml", "e: 1\n");
    scratch.commit("more");
    scratch.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "dir"]);
    let raw = scratch.git(&["ls-files", "--sparse"]);
    assert!(raw.contains("other/\n") || raw.ends_with("other/"), "{raw}");
    let repo = scratch.repo();
    let (index, work) = (repo.index_files().unwrap(), repo.work_files().unwrap());
    let all = [
        "a.yaml",
        "dir/b.yaml",
        "dir/sub/c.yaml",
        "other/d.yaml",
        "other/deep/e.yaml",
    ];
    assert_eq!(walk(&index, ""), all);
    assert_eq!(text(&index, "other/d.yaml").as_deref(), Some("d: 1\n"));
    // What the work tree leaves out is not gone, as Git sees it.
    assert!(!scratch.path().join("other").exists());
    assert_eq!(walk(&work, ""), all);
    assert_eq!(text(&work, "other/deep/e.yaml").as_deref(), Some("e: 1\n"));
    assert_eq!(work.list(path("other")).unwrap().len(), 2);
    assert!(index.changes_to(&work).unwrap().is_empty());
    fs::remove_file(scratch.path().join("dir/b.yaml")).unwrap();
    assert_eq!(shown(&index.changes_to(&work).unwrap()), ["D dir/b.yaml"]);
}

#[test]
fn executable_bit_and_packed_objects_are_read() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::started();
    scratch.write("run", "#!/bin/sh\n");
    let run = scratch.path().join("run");
    fs::set_permissions(&run, fs::Permissions::from_mode(0o755)).unwrap();
    scratch.commit("run");
    scratch.git(&["gc", "-q"]);
    for (way, files) in four_ways(&scratch) {
        let entry = files.entry(path("run")).unwrap().unwrap();
        assert_eq!(entry.kind, FileKind::Executable, "{way}");
        assert_eq!(text(&files, "a.yaml").as_deref(), Some("a: 1\n"), "{way}");
    }
    scratch.git(&["config", "core.fileMode", "false"]);
    fs::set_permissions(&run, fs::Permissions::from_mode(0o644)).unwrap();
    let files = scratch.repo().work_files().unwrap();
    let found = files.walk(path("")).unwrap();
    assert_eq!(found.last().unwrap().1.kind, FileKind::Executable);
}

#[test]
fn sockets_and_the_like_are_no_files() {
    let scratch = Scratch::started();
    let _socket = std::os::unix::net::UnixListener::bind(scratch.path().join("socket")).unwrap();
    let files = scratch.repo().work_files().unwrap();
    assert_eq!(files.entry(path("socket")).unwrap(), None);
    assert_eq!(walk(&files, "").len(), 3);
}

#[test]
fn damaged_object_is_an_error_that_names_it() {
    let scratch = Scratch::started();
    let blob = scratch.id("HEAD:a.yaml").to_string();
    let tree = scratch.id("HEAD:dir").to_string();
    for id in [&blob, &tree] {
        let object = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
        fs::remove_file(scratch.path().join(object)).unwrap();
    }
    let repo = scratch.repo();
    let files = repo.files(&repo.revision("HEAD").unwrap());
    let error = files.read(path("a.yaml")).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot read the file {blob}"));
    assert_eq!(
        files.walk(path("")).unwrap_err().to_string(),
        format!("cannot read the tree {tree}")
    );
}

#[test]
fn one_folder_is_decoded_once_for_many_files() {
    let scratch = Scratch::started();
    for i in 0..50 {
        scratch.write(&format!("dir/sub/{i}.yaml"), format!("i: {i}\n"));
    }
    scratch.commit("many");
    let repo = scratch.repo();
    let files = repo.files(&repo.revision("HEAD").unwrap());
    for i in 0..50 {
        assert!(text(&files, &format!("dir/sub/{i}.yaml")).is_some());
    }
    assert_eq!(repo.decoded_trees(), 3);
    let again = repo.files(&repo.revision("main").unwrap());
    assert_eq!(walk(&again, "").len(), 53);
    assert_eq!(repo.decoded_trees(), 3);
}
