use super::*;
use crate::config::Snapshot;
use crate::git::testing::Scratch;
use crate::ops::check;
use crate::report::{Block, Severity, View};

fn setup(program: &str) -> Setup {
    Setup {
        program: program.to_owned(),
        server_program: program.to_owned(),
        how: How::File,
    }
}

fn plain() -> Setup {
    setup("git-strata")
}

fn states(scratch: &Scratch, setup: &Setup) -> Vec<(State, bool)> {
    let report = status(&scratch.repo(), setup).unwrap();
    let hooks = report.body.hooks.iter();
    hooks
        .map(|hook| (hook.state, hook.chained.is_some()))
        .collect()
}

const NONE: (State, bool) = (State::Absent, false);
const OURS: (State, bool) = (State::Installed, false);

#[test]
fn comes_beside_a_hook_that_is_there_and_leaves_it_as_it_was() {
    let scratch = Scratch::started();
    let mine = scratch.path().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(mine.parent().unwrap()).unwrap();
    std::fs::write(&mine, "#!/bin/sh\nexit 0\n").unwrap();
    let before = [(State::Foreign, false), NONE, NONE];
    assert_eq!(states(&scratch, &plain()), before);
    let report = install(&scratch.repo(), &Hook::CLIENT, &plain()).unwrap();
    let [Block::Table { rows, .. }] = &report.body.view()[..] else {
        panic!("a table")
    };
    assert!(
        rows[0][2].contains("pre-commit.before-strata first"),
        "{rows:?}"
    );
    let after = [(State::Installed, true), OURS, OURS];
    assert_eq!(states(&scratch, &plain()), after);
    // Another time changes nothing; another version of the program is noticed.
    install(&scratch.repo(), &Hook::CLIENT, &plain()).unwrap();
    assert_eq!(states(&scratch, &plain()), after);
    let other = setup("/opt/it's/git-strata");
    assert_eq!(states(&scratch, &other)[0], (State::Outdated, true));
    uninstall(&scratch.repo(), &other).unwrap();
    assert_eq!(states(&scratch, &plain()), before);
    let text = std::fs::read_to_string(&mine).unwrap();
    assert_eq!(text, "#!/bin/sh\nexit 0\n");
}

#[test]
fn never_overwrites_a_hook_that_was_kept_before() {
    let scratch = Scratch::started();
    let hooks = scratch.path().join(".git/hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    std::fs::write(hooks.join("pre-commit"), "new").unwrap();
    std::fs::write(hooks.join("pre-commit.before-strata"), "old").unwrap();
    let error = install(&scratch.repo(), &Hook::CLIENT, &plain()).unwrap_err();
    assert!(error.to_string().contains("are there already"), "{error}");
    let text = std::fs::read_to_string(hooks.join("pre-commit")).unwrap();
    assert_eq!(text, "new");
}

#[test]
fn a_newer_git_is_told_by_its_configuration_and_goes_back_to_what_it_was() {
    let scratch = Scratch::started();
    let config = scratch.path().join(".git/config");
    for end in [
        "\n",
        "\n# mine\n",
        "\n[hook \"mine\"]\n\tevent = pre-push\n",
    ] {
        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, text.trim_end().to_owned() + end).unwrap();
        let before = std::fs::read(&config).unwrap();
        let newer = Setup {
            how: How::Configuration,
            ..setup("/it's here/git-strata")
        };
        // A script of ours gives way, a hook of another stays where it is.
        install(&scratch.repo(), &Hook::CLIENT, &plain()).unwrap();
        let hooks = scratch.path().join(".git/hooks");
        std::fs::write(hooks.join("commit-msg"), "mine").unwrap();
        install(&scratch.repo(), &Hook::CLIENT, &newer).unwrap();
        install(&scratch.repo(), &Hook::CLIENT, &newer).unwrap();
        assert_eq!(
            states(&scratch, &newer),
            [OURS, (State::Installed, true), OURS]
        );
        assert!(!hooks.join("pre-push").exists());
        let told = scratch.git(&["config", "--get-all", "hook.strata-pre-push.command"]);
        assert_eq!(told, r"'/it'\''s here/git-strata' hook run pre-push");
        // An older Git passes it over, and gets scripts again.
        let older = setup("/it's here/git-strata");
        assert_eq!(states(&scratch, &older)[0], (State::Outdated, false));
        install(&scratch.repo(), &[Hook::PreCommit], &older).unwrap();
        assert_eq!(states(&scratch, &older)[0], OURS);
        uninstall(&scratch.repo(), &newer).unwrap();
        assert_eq!(std::fs::read(&config).unwrap(), before, "{end:?}");
        std::fs::remove_file(hooks.join("commit-msg")).unwrap();
    }
}

#[test]
fn a_program_with_a_quotation_mark_in_its_path_stays_one_word() {
    let script = Hook::PreCommit.script(&setup("/it's/git-strata"));
    assert!(script.contains(r"strata='/it'\''s/git-strata'"), "{script}");
    assert_eq!("pre-push".parse(), Ok(Hook::PrePush));
    assert_eq!(
        "post-merge".parse::<Hook>().unwrap_err(),
        "`post-merge` is no hook; there are pre-commit, commit-msg, pre-push, pre-receive and update"
    );
}

#[test]
fn versions_of_git_are_told_apart() {
    for (text, how) in [
        ("git version 2.53.1", How::File),
        ("git version 2.54.0\n", How::Configuration),
        ("git version 2.54.0.rc1.windows.2", How::Configuration),
        ("git version 3.0", How::Configuration),
        ("git version 2.39.5 (Apple Git-154)", How::File),
        ("", How::File),
    ] {
        assert_eq!(How::of_git(text), how, "{text}");
    }
}

fn asked(scratch: &Scratch, remote: Option<&str>, input: &str) -> Vec<(Change, Option<String>)> {
    let repo = scratch.repo();
    let options = ReceiveOptions {
        check: check::Options::default(),
        least: Severity::Error,
        limits: Limits::default(),
        known: &|tree: Snapshot| tree,
        authority: None,
    };
    let report = push(&repo, remote, &pushed(&repo, input).unwrap(), &options).unwrap();
    let refs = report.body.refs.into_iter();
    refs.map(|it| (it.change, it.base)).collect()
}

#[test]
fn what_is_pushed_is_compared_with_what_the_other_side_has() {
    let scratch = Scratch::diverged();
    let zero = "0".repeat(40);
    let [feature, main, fork] = ["feature", "main", "fork"].map(|it| scratch.id(it).to_string());
    let line = |local: &str, theirs: &str| format!("refs/heads/x {local} refs/heads/x {theirs}\n");
    let asked = |remote: Option<&str>, input: &str| asked(&scratch, remote, input);
    let one = |change, base: Option<&String>| vec![(change, base.cloned())];
    assert_eq!(
        asked(None, &line(&feature, &fork)),
        one(Change::Moved, Some(&fork))
    );
    // A forced push is compared with what it is put in the place of.
    assert_eq!(
        asked(None, &line(&feature, &main)),
        one(Change::Rewound, Some(&main))
    );
    // A new branch, with nothing known of the other side, and then with something.
    assert_eq!(
        asked(None, &line(&feature, &zero)),
        one(Change::Created, None)
    );
    scratch.git(&["update-ref", "refs/remotes/hub/other", &main]);
    assert_eq!(
        asked(Some("hub"), &line(&feature, &zero)),
        one(Change::Created, Some(&fork))
    );
    assert_eq!(
        asked(Some("https://elsewhere"), &line(&feature, &zero)),
        one(Change::Created, Some(&fork))
    );
    // What the other side has may be unknown here.
    assert_eq!(
        asked(Some("hub"), &line(&feature, &"1".repeat(40))),
        one(Change::Moved, Some(&fork))
    );
    assert_eq!(
        asked(None, &line(&zero, &feature)),
        one(Change::Deleted, None)
    );
    let odd = format!("HEAD@{{2 days ago}} {feature} refs/heads/x {fork}\n");
    assert_eq!(asked(None, &odd), one(Change::Moved, Some(&fork)));
    // What is no commit is not read.
    scratch.git(&["tag", "blob", "HEAD:a.yaml"]);
    let blob = scratch.git(&["rev-parse", "blob"]);
    assert_eq!(asked(None, &line(&blob, &zero)), one(Change::Created, None));
    let repo = scratch.repo();
    for input in ["nonsense\n", "a b c d\n"] {
        assert!(pushed(&repo, input).is_err());
        assert!(RefUpdate::read(&repo, input).is_err());
    }
}

#[test]
fn a_push_of_very_many_references_or_very_large_files_is_refused_unread() {
    let scratch = Scratch::diverged();
    let repo = scratch.repo();
    let update = |name: &str| RefUpdate {
        name: format!("refs/heads/{name}"),
        old: None,
        new: Some(scratch.id("feature")),
    };
    let mut options = ReceiveOptions {
        check: check::Options::default(),
        least: Severity::Error,
        limits: Limits {
            refs: 1,
            ..Limits::default()
        },
        known: &|tree: Snapshot| tree,
        authority: None,
    };
    let error = receive(&repo, &[update("a"), update("b")], &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the push moves 2 references, and 1 are judged at once"
    );
    scratch.write("large.yaml", "a: '".to_owned() + &"x".repeat(2_000) + "'\n");
    scratch.write("b.yaml", "a: '".to_owned() + &"x".repeat(900) + "'\n");
    let large = RefUpdate {
        new: Some(scratch.commit("large")),
        ..update("c")
    };
    scratch.git(&["reset", "-q", "--hard", "HEAD~1"]);
    options.limits = Limits {
        file: 1_000,
        files: 1_000,
        refs: 9,
        commits: 9,
    };
    let found = |options: &ReceiveOptions<'_>| -> Vec<String> {
        let report = receive(&repo, std::slice::from_ref(&large), options).unwrap();
        let all = report.findings.into_iter();
        all.filter(|it| it.rule.id == "pushed-file-too-large")
            .map(|it| format!("{}: {}", it.location.source.name(), it.message))
            .collect()
    };
    assert_eq!(
        found(&options),
        ["large.yaml: a configuration file of 2006 bytes, where 1000 are read"]
    );
    options.limits.file = 5_000;
    assert_eq!(
        found(&options),
        ["large.yaml: with this file 2912 bytes of configuration change, and 1000 are read"]
    );
}

#[test]
fn a_push_of_very_many_commits_or_of_a_large_file_that_is_gone_again_is_refused_unread() {
    let scratch = Scratch::started();
    scratch.write(
        "strata.yaml",
        "strata: 1\nlayers: [a.yaml]\nenvironments: {prod: {ref: main}}\n",
    );
    scratch.write("policy.yaml", "policy: 1\nroles: {all: [config.write]}\n");
    let old = scratch.commit("manifest");
    let repo = scratch.repo();
    scratch.write("a.yaml", "a: '".to_owned() + &"x".repeat(2_000) + "'\n");
    scratch.commit("large");
    scratch.write("a.yaml", "a: 2\n");
    let update = RefUpdate {
        name: "refs/heads/main".to_owned(),
        old: Some(old),
        new: Some(scratch.commit("small")),
    };
    let options = |limits: Limits| ReceiveOptions {
        check: check::Options::default(),
        least: Severity::Error,
        limits,
        known: &|tree: Snapshot| tree,
        authority: None,
    };
    let judged = |limits: Limits| receive(&repo, std::slice::from_ref(&update), &options(limits));
    let few = Limits {
        commits: 1,
        ..Limits::default()
    };
    assert_eq!(
        judged(few).unwrap_err().to_string(),
        "the push brings 2 commits to `main`, and 1 are judged at once"
    );
    let small = Limits {
        file: 1_000,
        ..Limits::default()
    };
    let told = |limits: Limits| -> Vec<String> {
        let found = judged(limits).unwrap().findings.into_iter();
        found
            .map(|it| format!("{}: {}", it.rule.id, it.message))
            .collect()
    };
    assert_eq!(
        told(small),
        ["pushed-file-too-large: a configuration file of 2006 bytes, where 1000 are read"]
    );
    let large = "pushed-file-too-large";
    assert!(
        told(Limits::default())
            .iter()
            .all(|it| !it.starts_with(large))
    );
}

#[test]
fn messages_are_searched_down_to_where_git_cuts_them_off() {
    let scratch = Scratch::started();
    let index = Snapshot::of_index(&scratch.repo()).unwrap();
    let secret = "see postgres://shop:Kx81-horse@db.internal/shop\n";
    let rules = |text: &str| -> Vec<&str> {
        let report = message("COMMIT_EDITMSG", text.as_bytes(), &index, None).unwrap();
        let all = report.findings.iter();
        all.map(|it| it.rule.id).collect()
    };
    assert_eq!(rules(&format!("subject\n\n{secret}")), ["key-material"]);
    assert_eq!(rules(secret), ["key-material"]);
    let cut = "# ------------------------ >8 ------------------------\n";
    assert_eq!(rules(&format!("subject\n{cut}-{secret}")), [""; 0]);
    assert_eq!(rules("subject\n\nbody\n# a comment\n"), [""; 0]);
    assert_eq!(rules(""), [""; 0]);
}

#[test]
fn a_branch_of_an_environment_is_held_to_the_policy_however_it_comes_to_be() {
    let scratch = Scratch::started();
    scratch.write(
        "strata.yaml",
        "strata: 1\nlayers: [a.yaml]\nenvironments: {prod: {ref: env/prod}}\n",
    );
    scratch.write(
        "policy.yaml",
        "policy: 1\nroles: {all: [config.write]}\nbindings: [{who: [ann], role: all}]\n",
    );
    let main = scratch.commit("manifest");
    let repo = scratch.repo();
    scratch.git(&["switch", "-q", "-c", "more"]);
    scratch.write("a.yaml", "a: 9\n");
    let more = scratch.commit("unsigned");
    scratch.git(&["switch", "-q", "--orphan", "alone"]);
    scratch.write("a.yaml", "a: 9\n");
    let alone = scratch.commit("alone");
    scratch.git(&["switch", "-q", "main"]);
    let rules = |old: Option<crate::git::Oid>, new: Option<crate::git::Oid>| -> Vec<&str> {
        let update = RefUpdate {
            name: "refs/heads/env/prod".to_owned(),
            old,
            new,
        };
        let options = ReceiveOptions {
            check: check::Options::default(),
            least: Severity::Error,
            limits: Limits::default(),
            known: &|tree: Snapshot| tree,
            authority: None,
        };
        let found = receive(&repo, &[update], &options).unwrap().findings;
        let errors = found.iter().filter(|it| it.severity == Severity::Error);
        errors.map(|it| it.rule.id).collect()
    };
    // The other branches are here already, as far as the push is concerned.
    for branch in ["more", "alone"] {
        scratch.git(&["branch", "-q", "-D", branch]);
    }
    assert_eq!(rules(None, Some(main)), [""; 0]);
    assert_eq!(rules(None, Some(more)), ["permission-missing"]);
    assert_eq!(rules(Some(main), Some(more)), ["permission-missing"]);
    assert!(rules(None, Some(alone)).contains(&"history-rewritten"));
    assert!(rules(Some(main), Some(alone)).contains(&"history-rewritten"));
    assert!(rules(Some(main), None).contains(&"protected-branch-deleted"));
}
