use super::*;
use crate::git::testing::{Scratch, oid, path};

fn ada(time: i64) -> Person {
    Person {
        name: "Ada Lovelace".into(),
        email: "ada@example.org".into(),
        time,
        offset: -3600,
    }
}

fn commit(repo: &Repo, tree: Oid, parents: &[Oid]) -> Oid {
    let commit = NewCommit {
        tree,
        parents: parents.to_vec(),
        author: ada(1_700_000_000),
        committer: ada(1_700_000_060),
        message: "config: set it\n\nBecause.\n".into(),
    };
    repo.write_commit(&commit).unwrap()
}

fn file(repo: &Repo, name: &str, text: &str) -> (BString, Option<(Oid, FileKind)>) {
    let id = repo.write_blob(text.as_bytes()).unwrap();
    (name.into(), Some((id, FileKind::File)))
}

#[test]
fn repository_written_from_nothing_pleases_git() {
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let scratch = Scratch::new();
        let dir = scratch.beside("new/one");
        let repo = Repo::init(&dir, "trunk", false, format).unwrap();
        assert_eq!(repo.head().unwrap().branch.as_deref(), Some("trunk"));
        let edits = [
            file(&repo, "a.yaml", "a: 1\n"),
            file(&repo, "dir/deep/b.yaml", "b: 1\n"),
            file(&repo, "dir.yaml", "c: 1\n"),
        ];
        let tree = repo.write_tree(None, &edits).unwrap();
        let first = commit(&repo, tree, &[]);
        repo.update_ref("HEAD", None, first, "commit (initial): start")
            .unwrap();
        let edits = [
            file(&repo, "a.yaml", "a: 2\n"),
            ("dir/deep/b.yaml".into(), None),
            ("x".into(), None),
        ];
        let tree = repo.write_tree(Some(tree), &edits).unwrap();
        let second = commit(&repo, tree, &[first]);
        repo.update_ref("refs/heads/trunk", Some(first), second, "commit: second")
            .unwrap();
        repo.tag("light", first, None).unwrap();
        repo.tag("v1.0.0", second, Some((&ada(1_700_000_120), "One")))
            .unwrap();
        let git = |arguments: &[&str]| scratch.git_in(&dir, arguments);
        git(&["fsck", "--strict", "--no-dangling"]);
        assert_eq!(
            git(&["ls-tree", "-r", "--name-only", "HEAD"]),
            "a.yaml\ndir.yaml"
        );
        assert_eq!(oid(&git(&["rev-parse", "trunk"])), second);
        assert_eq!(oid(&git(&["rev-parse", "v1.0.0^{commit}"])), second);
        assert_eq!(git(&["cat-file", "-t", "v1.0.0"]), "tag");
        assert_eq!(git(&["cat-file", "-t", "light"]), "commit");
        let shown = git(&[
            "log",
            "-1",
            "--format=%an <%ae> %ad %cd|%s|%b",
            "--date=raw",
        ]);
        assert_eq!(
            shown,
            "Ada Lovelace <ada@example.org> 1700000000 -0100 1700000060 -0100|config: set it|Because."
        );
        let log = git(&["reflog", "trunk", "--format=%gn %gs"]);
        assert_eq!(
            log,
            "Ada Lovelace commit: second\nAda Lovelace commit (initial): start"
        );
        assert_eq!(repo.commit(second).unwrap().author, ada(1_700_000_000));
    }
}

#[test]
fn bare_repository_is_made_and_never_twice() {
    let scratch = Scratch::new();
    let dir = scratch.beside("bare.git");
    let repo = Repo::init(&dir, "main", true, ObjectFormat::Sha1).unwrap();
    assert!(repo.is_bare());
    assert_eq!(
        scratch.git_in(&dir, &["rev-parse", "--is-bare-repository"]),
        "true"
    );
    assert!(Repo::init(&dir, "main", true, ObjectFormat::Sha1).is_err());
    let error = Repo::init(&scratch.path(), "main", false, ObjectFormat::Sha1)
        .err()
        .unwrap();
    assert!(error.to_string().starts_with("cannot make a repository in"));
    let error = Repo::init(&dir, "no good", true, ObjectFormat::Sha1)
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        "`refs/heads/no good` is no name that Git takes"
    );
    let file = scratch.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(Repo::init(&file, "main", false, ObjectFormat::Sha1).is_err());
}

#[test]
fn reference_that_moved_meanwhile_is_left_alone() {
    let scratch = Scratch::started();
    let repo = scratch.repo();
    let first = scratch.id("HEAD");
    let mine = commit(&repo, repo.commit(first).unwrap().tree, &[first]);
    let theirs = scratch.commit("theirs");
    let error = repo
        .update_ref("refs/heads/main", Some(first), mine, "x")
        .unwrap_err();
    let expected = format!(
        "`refs/heads/main` has moved: it is at {}, and was expected at {}",
        theirs.short(),
        first.short()
    );
    assert_eq!(error.to_string(), expected);
    assert!(error.help().unwrap().contains("git log refs/heads/main"));
    assert_eq!(scratch.id("main"), theirs);
    let error = repo
        .update_ref("refs/heads/main", None, mine, "x")
        .unwrap_err();
    assert!(
        error.to_string().ends_with("and was expected nowhere"),
        "{error}"
    );
    let error = repo
        .update_ref("refs/heads/new", Some(first), mine, "x")
        .unwrap_err();
    assert!(error.to_string().contains("it is nowhere"), "{error}");
    repo.update_ref("refs/heads/new", None, mine, "x").unwrap();
    assert_eq!(scratch.id("new"), mine);
    assert!(
        repo.update_ref("refs/heads/new", None, repo.commit(mine).unwrap().tree, "x")
            .is_err()
    );
}

#[test]
fn locked_reference_is_an_error_of_its_own() {
    let scratch = Scratch::started();
    let repo = scratch.repo();
    let first = scratch.id("HEAD");
    let mine = commit(&repo, repo.commit(first).unwrap().tree, &[first]);
    scratch.write(".git/refs/heads/main.lock", "");
    let error = repo
        .update_ref("refs/heads/main", Some(first), mine, "x")
        .unwrap_err();
    assert_eq!(error.to_string(), "cannot write `refs/heads/main`");
}

#[test]
fn packed_reference_moves_too() {
    let scratch = Scratch::started();
    scratch.git(&["pack-refs", "--all"]);
    let repo = scratch.repo();
    let first = scratch.id("HEAD");
    let mine = commit(&repo, repo.commit(first).unwrap().tree, &[first]);
    repo.update_ref("HEAD", Some(first), mine, "x").unwrap();
    assert_eq!(scratch.id("main"), mine);
    assert_eq!(
        scratch.repo().head().unwrap().branch.as_deref(),
        Some("main")
    );
}

#[test]
fn existing_tag_and_bad_names_are_refused() {
    let scratch = Scratch::started();
    let repo = scratch.repo();
    let first = scratch.id("HEAD");
    repo.tag("v1", first, None).unwrap();
    let second = scratch.commit("second");
    let error = repo.tag("v1", second, None).unwrap_err();
    assert_eq!(error.to_string(), "cannot make the tag `v1`");
    assert!(repo.tag("v 1", second, None).is_err());
    let nothing = oid(&"1".repeat(40));
    assert!(repo.tag("v2", nothing, Some((&ada(0), "x"))).is_err());
    let mut nobody = ada(0);
    nobody.name = "a <b>".into();
    assert!(repo.tag("v3", second, Some((&nobody, "x"))).is_err());
    assert_eq!(repo.tags().unwrap(), ["v1"]);
}

#[test]
fn tree_refuses_what_git_does() {
    let repo = Scratch::started();
    let (scratch, repo) = (&repo, repo.repo());
    for name in [".git/config", "..", "a//b", ".GIT/x", "a/../b", ""] {
        let edit = file(&repo, name, "x");
        assert!(repo.write_tree(None, &[edit]).is_err(), "{name}");
    }
    let missing = oid(&"1".repeat(40));
    let edit = (BString::from("x"), Some((missing, FileKind::File)));
    assert!(repo.write_tree(None, &[edit]).is_err());
    assert!(repo.write_tree(Some(missing), &[]).is_err());
    let mut nobody = NewCommit {
        tree: scratch.id("HEAD^{tree}"),
        parents: Vec::new(),
        author: ada(0),
        committer: ada(0),
        message: "x".into(),
    };
    nobody.author.email = "a\nb".into();
    assert!(repo.write_commit(&nobody).is_err());
}

#[test]
fn written_objects_are_seen_by_files_handed_out_before() {
    let scratch = Scratch::started();
    let repo = scratch.repo();
    let before = repo.files(&repo.revision("HEAD").unwrap());
    assert!(before.read(path("a.yaml")).unwrap().is_some());
    let base = repo.revision("HEAD").unwrap();
    let tree = repo
        .write_tree(Some(base.tree), &[file(&repo, "n/x.yaml", "x: 1\n")])
        .unwrap();
    let id = commit(&repo, tree, &[base.id]);
    let after = repo.files(&repo.revision(&id.to_string()).unwrap());
    assert_eq!(
        after.read(path("n/x.yaml")).unwrap().unwrap().bytes,
        b"x: 1\n"
    );
    assert_eq!(repo.compare(&before, &after).unwrap().len(), 1);
}
