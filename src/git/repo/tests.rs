use super::*;
use crate::git::testing::{Scratch, path};

fn open(options: OpenOptions) -> Repo {
    Repo::open_with(&options).unwrap()
}

#[test]
fn discovers_from_a_folder_inside() {
    let scratch = Scratch::started();
    let repo = Repo::discover(scratch.path().join("dir/sub")).unwrap();
    assert_eq!(repo.work_dir(), Some(scratch.path().as_path()));
    assert_eq!(repo.git_dir(), scratch.path().join(".git"));
    assert_eq!(repo.common_dir(), repo.git_dir());
    assert!(!repo.is_bare() && !repo.is_shallow());
    let head = repo.head().unwrap();
    assert_eq!(head.branch.as_deref(), Some("main"));
    assert_eq!(head.commit, Some(scratch.id("HEAD")));
}

#[test]
fn folder_without_repository_is_told_how_to_make_one() {
    let folder = tempfile::TempDir::new().unwrap();
    let error = Repo::discover(folder.path()).err().unwrap();
    assert!(
        error
            .to_string()
            .ends_with("is not inside a Git repository")
    );
    assert!(error.help().unwrap().contains("`git init`"));
    let error = Repo::discover(folder.path().join("x")).err().unwrap();
    assert!(error.to_string().starts_with("there is no folder"));
    let options = OpenOptions {
        dir: folder.path().into(),
        git_dir: Some("repo.git".into()),
        ..OpenOptions::default()
    };
    let error = Repo::open_with(&options).err().unwrap();
    assert_eq!(error.to_string(), "`repo.git` is not a Git repository");
}

#[test]
fn broken_configuration_is_an_error() {
    let scratch = Scratch::new();
    scratch.write(".git/config", "[core\n");
    let error = Repo::discover(scratch.path()).err().unwrap();
    assert!(error.to_string().starts_with("cannot open"), "{error:?}");
}

#[test]
fn empty_repository_has_a_branch_and_no_commit() {
    let scratch = Scratch::new();
    let repo = scratch.repo();
    let head = repo.head().unwrap();
    assert_eq!(head.branch.as_deref(), Some("main"));
    assert_eq!(head.commit, None);
    let error = repo.revision("HEAD").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no revision `HEAD`: there are no commits yet"
    );
    assert!(error.help().unwrap().contains("git commit"));
    assert!(
        repo.index_files()
            .unwrap()
            .walk(path(""))
            .unwrap()
            .is_empty()
    );
    assert!(
        repo.work_files()
            .unwrap()
            .walk(path(""))
            .unwrap()
            .is_empty()
    );
    assert!(repo.branches().unwrap().is_empty());
}

#[test]
fn detached_head_is_on_no_branch() {
    let scratch = Scratch::started();
    scratch.git(&["checkout", "-q", "--detach"]);
    let head = scratch.repo().head().unwrap();
    assert_eq!(head.branch, None);
    assert_eq!(head.commit, Some(scratch.id("HEAD")));
}

#[test]
fn bare_repository_is_read_and_has_no_work_tree() {
    let scratch = Scratch::started();
    let bare = scratch.beside("bare.git");
    scratch.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let repo = Repo::discover(&bare).unwrap();
    assert!(repo.is_bare());
    assert_eq!(repo.work_dir(), None);
    let files = repo.files(&repo.revision("main").unwrap());
    assert_eq!(
        files.read(path("a.yaml")).unwrap().unwrap().bytes,
        b"a: 1\n"
    );
    let error = repo.work_files().err().unwrap();
    assert!(error.to_string().contains("bare repository"));
    assert_eq!(repo.hooks_dir().unwrap(), bare.join("hooks"));
}

#[test]
fn linked_work_tree_shares_refs_and_hooks_but_not_head() {
    let scratch = Scratch::started();
    let linked = scratch.beside("linked");
    scratch.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "other",
        linked.to_str().unwrap(),
    ]);
    let repo = Repo::discover(linked.join("dir")).unwrap();
    assert_eq!(repo.work_dir(), Some(linked.as_path()));
    assert_eq!(repo.head().unwrap().branch.as_deref(), Some("other"));
    assert_eq!(
        repo.common_dir().canonicalize().unwrap(),
        scratch.path().join(".git")
    );
    assert!(repo.git_dir().ends_with("worktrees/linked"));
    assert_eq!(repo.branches().unwrap(), ["main", "other"]);
    assert!(repo.hooks_dir().unwrap().starts_with(repo.common_dir()));
    let walked = repo.work_files().unwrap().walk(path("")).unwrap();
    assert_eq!(walked.len(), 3);
    let by_git_dir = open(OpenOptions {
        dir: linked.clone(),
        git_dir: Some(repo.git_dir().into()),
        ..OpenOptions::default()
    });
    assert_eq!(by_git_dir.work_dir(), Some(linked.as_path()));
}

#[test]
fn git_dir_work_tree_and_index_are_those_given() {
    let scratch = Scratch::started();
    let (elsewhere, index) = (scratch.beside("elsewhere"), scratch.beside("index"));
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("x.yaml"), "x: 1\n").unwrap();
    std::fs::copy(scratch.path().join(".git/index"), &index).unwrap();
    scratch.git(&["rm", "-q", "--cached", "a.yaml"]);
    let repo = open(OpenOptions {
        dir: scratch.path(),
        git_dir: Some(".git".into()),
        work_tree: Some(elsewhere.clone()),
        index_file: Some("../index".into()),
        ..OpenOptions::default()
    });
    assert_eq!(repo.work_dir(), Some(elsewhere.as_path()));
    let work = repo.work_files().unwrap().walk(path("")).unwrap();
    assert_eq!(work[0].0, "x.yaml");
    let entry = |repo: &Repo| repo.index_files().unwrap().entry(path("a.yaml")).unwrap();
    assert!(entry(&repo).is_some());
    assert!(entry(&scratch.repo()).is_none());
    let missing = OpenOptions {
        dir: scratch.path(),
        work_tree: Some("missing".into()),
        ..OpenOptions::default()
    };
    assert!(Repo::open_with(&missing).is_err());
}

#[test]
fn git_dir_elsewhere_takes_the_folder_as_work_tree() {
    let scratch = Scratch::started();
    let (moved, dir) = (scratch.beside("store"), scratch.beside("tree"));
    std::fs::rename(scratch.path().join(".git"), &moved).unwrap();
    std::fs::create_dir(&dir).unwrap();
    let repo = open(OpenOptions {
        dir: dir.clone(),
        git_dir: Some(moved),
        ..OpenOptions::default()
    });
    assert_eq!(repo.work_dir(), Some(dir.as_path()));
}

#[test]
fn sha_256_repository_works() {
    let scratch = Scratch::with(&["--object-format=sha256"]);
    scratch.write("a.yaml", "a: 1\n");
    let id = scratch.commit("start");
    let repo = scratch.repo();
    assert_eq!(id.to_string().len(), 64);
    let revision = repo.revision(&id.short()).unwrap();
    assert_eq!(revision.id, id);
    let blob = scratch.id("HEAD:a.yaml");
    for files in [
        repo.files(&revision),
        repo.index_files().unwrap(),
        repo.work_files().unwrap(),
    ] {
        assert_eq!(files.read(path("a.yaml")).unwrap().unwrap().id, blob);
    }
    assert_eq!(repo.history(id, &[]).count(), 1);
}

#[test]
fn hooks_folder_and_values_come_from_the_configuration() {
    let scratch = Scratch::new();
    let hooks = scratch.path().join(".git/hooks");
    assert_eq!(scratch.repo().hooks_dir().unwrap(), hooks);
    scratch.git(&["config", "core.hooksPath", ".hooks"]);
    scratch.git(&["config", "user.name", "Grace"]);
    let repo = scratch.repo();
    assert_eq!(repo.hooks_dir().unwrap(), scratch.path().join(".hooks"));
    assert_eq!(repo.config("user.name").as_deref(), Some("Grace"));
    assert_eq!(repo.config("user.nickname"), None);
    let options = OpenOptions {
        dir: scratch.path(),
        user_config: true,
        ..OpenOptions::default()
    };
    assert_eq!(open(options).config("user.name").as_deref(), Some("Grace"));
}

#[test]
fn broken_index_is_an_error() {
    let scratch = Scratch::started();
    scratch.write(".git/index", "none");
    let error = scratch.repo().index_files().err().unwrap();
    assert!(error.to_string().starts_with("cannot read the index"));
    assert!(scratch.repo().work_files().unwrap().walk(path("")).is_err());
}

#[test]
fn repository_moves_between_threads_and_files_are_shared() {
    fn is_send<T: Send + Clone>() {}
    fn is_shared<T: Send + Sync + Clone>() {}
    is_send::<Repo>();
    is_shared::<Files>();
}

#[test]
fn partial_clone_says_how_to_get_what_it_lacks() {
    let scratch = Scratch::started();
    scratch.write("a.yaml", "a: 2\n");
    scratch.commit("two");
    scratch.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", scratch.path().display());
    for filter in ["blob:none", "tree:0"] {
        let clone = scratch.beside(&filter.replace(':', "-"));
        let filter = format!("--filter={filter}");
        let name = clone.to_str().unwrap();
        scratch.git(&["clone", "-q", "--no-checkout", &filter, &url, name]);
        let read = || {
            let repo = Repo::discover(&clone).unwrap();
            let files = repo.files(&repo.revision("HEAD~1").unwrap());
            files.read("a.yaml".into())
        };
        let error = read().unwrap_err();
        assert!(
            error.help().unwrap().starts_with("this clone is partial"),
            "{error:?}"
        );
        scratch.git_in(&clone, &["fetch", "-q", "--refetch", "--no-filter"]);
        assert_eq!(read().unwrap().unwrap().bytes, b"a: 1\n");
    }
}

#[test]
fn references_kept_in_another_way_are_refused() {
    let scratch = Scratch::started();
    scratch.git(&["config", "core.repositoryFormatVersion", "1"]);
    scratch.git(&["config", "extensions.refStorage", "reftable"]);
    let error = Repo::discover(scratch.path()).err().unwrap();
    assert!(error.to_string().contains("`reftable`"), "{error:?}");
    assert!(
        error.help().unwrap().contains("git refs migrate"),
        "{error:?}"
    );
}
