use std::fs;

use super::super::history::tests::git;
use super::*;

fn at(dir: &Path) -> OpenOptions {
    OpenOptions {
        dir: dir.to_path_buf(),
        ..OpenOptions::default()
    }
}

#[test]
fn makes_a_repository_in_a_fresh_folder() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("new");
    let report = init(&at(&root), "environments").unwrap();
    assert!(report.body.repository_created);
    assert_eq!(git(&root, &["branch", "--show-current"]), "main");
    git(&root, &["fsck", "--strict"]);
    let untracked = git(&root, &["ls-files", "--others"]);
    let mut files = report.body.files.clone();
    files.sort_unstable();
    assert_eq!(untracked.lines().collect::<Vec<_>>(), files);
    let Some(Block::Code { text, .. }) = report.body.view().pop() else {
        panic!("the view ends with commands");
    };
    assert_eq!(
        text,
        "git strata check                # is every value allowed, in every environment?\n\
         git strata show --env prod      # what runs in production, and which file says so?\n\
         git strata drift staging prod   # how do the two differ?"
    );
}

#[test]
fn goes_to_the_root_of_the_repository_there_is() {
    let dir = tempfile::tempdir().unwrap();
    Repo::init(dir.path(), "trunk", false, ObjectFormat::Sha1).unwrap();
    fs::create_dir(dir.path().join("below")).unwrap();
    let report = init(&at(&dir.path().join("below")), DEFAULT_TEMPLATE).unwrap();
    assert!(!report.body.repository_created);
    assert!(dir.path().join("strata.yaml").is_file());
    assert_eq!(git(dir.path(), &["branch", "--show-current"]), "trunk");
}

#[test]
fn overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("config")).unwrap();
    fs::write(dir.path().join("config/app.yaml"), "mine: 1\n").unwrap();
    let error = init(&at(dir.path()), "minimal").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`config/app.yaml` would be overwritten; nothing was written"
    );
    assert!(error.help().unwrap().contains("git strata init --list"));
    assert!(!dir.path().join(".git").exists());
    assert!(!dir.path().join("strata.yaml").exists());

    init(&at(dir.path()), "services").unwrap();
    let error = init(&at(dir.path()), "minimal").unwrap_err();
    assert!(error.to_string().contains("and 2 more files"), "{error}");
    assert!(error.help().unwrap().contains("git strata check"));
    let mine = fs::read_to_string(dir.path().join("config/app.yaml")).unwrap();
    assert_eq!(mine, "mine: 1\n");
}

#[test]
fn takes_its_files_away_again_where_one_cannot_be_written() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("schema"), "a file, where a folder must be").unwrap();
    let error = init(&at(dir.path()), "minimal").unwrap_err();
    assert_eq!(error.to_string(), "cannot write `schema/app.schema.yaml`");
    assert!(!dir.path().join("config/app.yaml").exists());
}

#[test]
fn refuses_a_bare_repository_and_a_broken_one() {
    let dir = tempfile::tempdir().unwrap();
    Repo::init(dir.path(), "main", true, ObjectFormat::Sha1).unwrap();
    let error = init(&at(dir.path()), "minimal").unwrap_err();
    assert!(error.to_string().contains("is bare"), "{error}");

    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(".git"), "gitdir: /nowhere/at/all\n").unwrap();
    assert!(init(&at(dir.path()), "minimal").is_err());
    assert!(!dir.path().join("strata.yaml").exists());
}

#[test]
fn answers_by_the_published_schema() {
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let started = init(&at(dir.path()), DEFAULT_TEMPLATE).unwrap().body;
    for body in [
        serde_json::to_value(started).unwrap(),
        serde_json::to_value(TemplatesBody::all().unwrap()).unwrap(),
    ] {
        assert!(jsonschema::is_valid(&schema, &body), "{body}");
    }
}
