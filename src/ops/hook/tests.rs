use super::*;
use crate::git::testing::Scratch;
use crate::report::{Block, View};

fn states(scratch: &Scratch) -> Vec<(State, bool)> {
    let report = status(&scratch.repo(), "git-strata").unwrap();
    report
        .body
        .hooks
        .iter()
        .map(|hook| (hook.state, hook.chained.is_some()))
        .collect()
}

#[test]
fn comes_beside_a_hook_that_is_there_and_leaves_it_as_it_was() {
    let scratch = Scratch::started();
    let mine = scratch.path().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(mine.parent().unwrap()).unwrap();
    std::fs::write(&mine, "#!/bin/sh\nexit 0\n").unwrap();
    assert_eq!(
        states(&scratch),
        [(State::Foreign, false), (State::Absent, false)]
    );
    let report = install(&scratch.repo(), "git-strata").unwrap();
    let [Block::Table { rows, .. }] = &report.body.view()[..] else {
        panic!("a table")
    };
    assert!(
        rows[0][2].contains("pre-commit.before-strata first"),
        "{rows:?}"
    );
    assert_eq!(
        states(&scratch),
        [(State::Installed, true), (State::Installed, false)]
    );
    // Another time changes nothing; another version of the program is noticed.
    install(&scratch.repo(), "git-strata").unwrap();
    let other = status(&scratch.repo(), "/opt/it's/git-strata").unwrap();
    assert_eq!(other.body.hooks[0].state, State::Outdated);
    uninstall(&scratch.repo(), "git-strata").unwrap();
    assert_eq!(
        states(&scratch),
        [(State::Foreign, false), (State::Absent, false)]
    );
    assert_eq!(
        std::fs::read_to_string(&mine).unwrap(),
        "#!/bin/sh\nexit 0\n"
    );
}

#[test]
fn never_overwrites_a_hook_that_was_kept_before() {
    let scratch = Scratch::started();
    let hooks = scratch.path().join(".git/hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    std::fs::write(hooks.join("pre-commit"), "new").unwrap();
    std::fs::write(hooks.join("pre-commit.before-strata"), "old").unwrap();
    let error = install(&scratch.repo(), "git-strata").unwrap_err();
    assert!(error.to_string().contains("are there already"), "{error}");
    assert_eq!(
        std::fs::read_to_string(hooks.join("pre-commit")).unwrap(),
        "new"
    );
}

#[test]
fn a_program_with_a_quotation_mark_in_its_path_stays_one_word() {
    let script = Hook::PreCommit.script("/it's/git-strata");
    assert!(script.contains(r"strata='/it'\''s/git-strata'"), "{script}");
    assert_eq!("pre-push".parse(), Ok(Hook::PrePush));
    assert!(
        "post-merge"
            .parse::<Hook>()
            .unwrap_err()
            .contains("is no hook")
    );
}

#[test]
fn what_is_pushed_is_compared_with_what_the_other_side_has() {
    let scratch = Scratch::diverged();
    let repo = scratch.repo();
    let zero = "0".repeat(40);
    let (feature, main, fork) = (
        scratch.id("feature"),
        scratch.id("main"),
        scratch.id("fork"),
    );
    let asked = |remote: Option<&str>, input: &str| -> Vec<String> {
        let asked = pushed(&repo, remote, input).unwrap();
        let line = |pushed: &Pushed| match pushed {
            Pushed::Range(range) => format!("{}..{}", range.base.id.short(), range.tip.id.short()),
            Pushed::Tree(revision) => revision.clone(),
        };
        asked.iter().map(line).collect()
    };
    let line = |local: &str, theirs: &str| format!("refs/heads/x {local} refs/heads/x {theirs}\n");
    let update = line(&feature.to_string(), &fork.to_string());
    let range = format!("{}..{}", fork.short(), feature.short());
    assert_eq!(asked(None, &update), [range.as_str()]);
    // A branch that moved elsewhere is compared with where the two parted.
    assert_eq!(
        asked(None, &line(&feature.to_string(), &main.to_string())),
        [range.as_str()]
    );
    // A new branch, with nothing known of the other side, and then with something.
    assert_eq!(
        asked(None, &line(&feature.to_string(), &zero)),
        [feature.to_string()]
    );
    scratch.git(&["update-ref", "refs/remotes/hub/main", &main.to_string()]);
    assert_eq!(
        asked(Some("hub"), &line(&feature.to_string(), &zero)),
        [range.as_str()]
    );
    assert_eq!(asked(None, &line(&zero, &feature.to_string())), [""; 0]);
    assert_eq!(
        asked(None, &line(&feature.to_string(), &feature.to_string())),
        [""; 0]
    );
    assert!(pushed(&repo, None, "nonsense\n").is_err());
}
