use super::*;
use crate::config::{Configuration, Snapshot};
use crate::git::testing::Scratch;
use crate::git::{Followed, Person};

const MANIFEST: &str = "strata: 1\nschemas: [app.schema.yaml]\nlayers:\n  - base.yaml\n  - env/{environment}.yaml\n  - services/{service}/base.yaml\n  - services/{service}/{environment}.yaml\nservices: services/*\nenvironments:\n  dev: {}\n  prod: {}\n  live: {ref: live}\n";

const APP: &str = "type: object\nproperties:\n  pool: {type: integer, maximum: 9}\n  version: {type: string}\n  key: {type: string, x-secret: true}\n";

fn shop() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("strata.yaml", MANIFEST);
    scratch.write("app.schema.yaml", APP);
    scratch.write(
        "base.yaml",
        "# ours\npool: 1  # small\nbase: &b 1\nsame: *b\n",
    );
    scratch.write("services/cart/base.yaml", "pool: 2\n");
    scratch.write("services/mail/prod.yaml", "pool: 3\n");
    scratch.commit("start");
    scratch.git(&["branch", "live"]);
    scratch
}

fn wanted(environment: &str, service: &str, assignments: &[&str]) -> Wanted {
    let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    let read = |text: &&str| match text.strip_prefix('-') {
        Some(key) => Assignment::unset(key).unwrap(),
        None => Assignment::parse(text).unwrap(),
    };
    Wanted {
        environment: name(environment),
        service: name(service),
        assignments: assignments.iter().map(read).collect(),
        ..Wanted::default()
    }
}

fn planned(scratch: &Scratch, wanted: &Wanted) -> crate::Result<Plan> {
    let repo = scratch.repo();
    let snapshot = Snapshot::of_work_tree(&repo)?;
    let configuration = Configuration::open(Some(scratch.repo()), snapshot)?;
    plan(&repo, &configuration, wanted)
}

/// Where a change goes, whom it concerns, and what is wrong with it.
fn told(scratch: &Scratch, wanted: &Wanted) -> String {
    let plan = match planned(scratch, wanted) {
        Ok(plan) => plan,
        Err(error) => return error.to_string(),
    };
    let mut out = String::new();
    for file in &plan.body.files {
        out += &format!("{}{}\n", file.path, if file.new { " (new)" } else { "" });
    }
    for effect in &plan.body.changes {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".to_owned());
        let value = |value: &Option<crate::document::Value>| {
            value
                .as_ref()
                .map_or("-".to_owned(), crate::document::write_flow)
        };
        out += &format!(
            "{}/{} {} {} -> {}\n",
            name(&effect.environment),
            name(&effect.service),
            effect.pointer,
            value(&effect.old),
            value(&effect.new)
        );
    }
    for finding in &plan.findings {
        out += &format!("{}: {}\n", finding.rule.id, finding.message);
    }
    out
}

fn ann() -> Author {
    let person = Person {
        name: "Ann".to_owned(),
        email: "ann@example.com".to_owned(),
        time: 1_700_000_000,
        offset: 0,
    };
    Author {
        author: person.clone(),
        committer: person,
        message: "as wanted".to_owned(),
        signing: None,
        judging: None,
    }
}

#[test]
fn values_are_changed_in_the_layer_that_concerns_what_was_asked_for() {
    let scratch = shop();
    insta::assert_snapshot!(told(&scratch, &wanted("", "", &["pool=4"])), @"
    base.yaml
    dev/- /pool 1 -> 4
    dev/mail /pool 1 -> 4
    prod/- /pool 1 -> 4
    ");
    insta::assert_snapshot!(told(&scratch, &wanted("prod", "", &["pool=4"])), @"
    env/prod.yaml (new)
    prod/- /pool 1 -> 4
    ");
    insta::assert_snapshot!(told(&scratch, &wanted("", "cart", &["pool=4", "more.a=1"])), @"
    services/cart/base.yaml
    dev/cart /pool 2 -> 4
    dev/cart /more - -> {a: 1}
    prod/cart /pool 2 -> 4
    prod/cart /more - -> {a: 1}
    ");
    insta::assert_snapshot!(told(&scratch, &wanted("prod", "mail", &["pool=4"])), @"
    services/mail/prod.yaml
    prod/mail /pool 3 -> 4
    ");
    insta::assert_snapshot!(told(&scratch, &wanted("live", "", &["pool=4"])), @"
    base.yaml
    live/- /pool 1 -> 4
    live/mail /pool 1 -> 4
    ");
    // What a lower layer sets is taken out by null.
    insta::assert_snapshot!(told(&scratch, &wanted("prod", "", &["-pool"])), @"
    env/prod.yaml (new)
    prod/- /pool 1 -> -
    ");
    let layer = Wanted {
        layer: Some("other.txt".to_owned()),
        ..wanted("", "", &["pool=4"])
    };
    insta::assert_snapshot!(told(&scratch, &layer), @"`other.txt` is no file of configuration");
}

#[test]
fn the_schema_says_whether_words_are_meant_and_what_is_valid() {
    let scratch = shop();
    insta::assert_snapshot!(told(&scratch, &wanted("", "", &["version=1.10", "pool=12"])), @r#"
    base.yaml
    dev/- /pool 1 -> 12
    dev/- /version - -> "1.10"
    dev/cart /version - -> "1.10"
    dev/mail /pool 1 -> 12
    dev/mail /version - -> "1.10"
    prod/- /pool 1 -> 12
    prod/- /version - -> "1.10"
    prod/cart /version - -> "1.10"
    prod/mail /version - -> "1.10"
    out-of-range: `pool` must be a whole number of at most 9; it is `12`
    "#);
    insta::assert_snapshot!(told(&scratch, &wanted("", "", &["key=hidden"])), @"
    base.yaml
    dev/- /key - -> -
    dev/cart /key - -> -
    dev/mail /key - -> -
    prod/- /key - -> -
    prod/cart /key - -> -
    prod/mail /key - -> -
    ");
    insta::assert_snapshot!(told(&scratch, &wanted("", "", &["base=2"])), @"cannot change `base.yaml`: the value is repeated at `/same` by an alias, and would change there too");
    insta::assert_snapshot!(told(&scratch, &wanted("nowhere", "", &["base=2"])), @"there is no environment `nowhere`");
    let write_out = Wanted {
        write_out: true,
        ..wanted("", "", &["base=2"])
    };
    insta::assert_snapshot!(told(&scratch, &write_out), @"
    base.yaml
    dev/- /base 1 -> 2
    dev/cart /base 1 -> 2
    dev/mail /base 1 -> 2
    prod/- /base 1 -> 2
    prod/cart /base 1 -> 2
    prod/mail /base 1 -> 2
    ");
    assert!(
        planned(&scratch, &wanted("", "", &["pool=1"]))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn changes_are_committed_and_the_work_tree_follows() {
    let scratch = shop();
    let repo = scratch.repo();
    let first = planned(&scratch, &wanted("", "", &["pool=4"])).unwrap();
    let late = planned(&scratch, &wanted("", "", &["pool=5"])).unwrap();
    let Outcome::Committed(done, _) = commit(&repo, &first, &ann()).unwrap() else {
        panic!("it was alone");
    };
    assert_eq!(done[0].1, Followed::Yes);
    assert_eq!(scratch.git(&["status", "--porcelain"]), "");
    let text = scratch.git(&["show", "HEAD:base.yaml"]);
    assert_eq!(text, "# ours\npool: 4  # small\nbase: &b 1\nsame: *b");
    assert_eq!(
        scratch.git(&["log", "-1", "--format=%an %ae %at %s"]),
        "Ann ann@example.com 1700000000 as wanted"
    );
    assert!(matches!(
        commit(&repo, &late, &ann()).unwrap(),
        Outcome::Overtaken
    ));
    // A branch that one does not stand on.
    let live = planned(&scratch, &wanted("live", "cart", &["pool=7"])).unwrap();
    assert!(matches!(
        commit(&repo, &live, &ann()).unwrap(),
        Outcome::Committed(done, _) if done[0].1 == Followed::Elsewhere
    ));
    assert_eq!(
        scratch.git(&["show", "live:services/cart/base.yaml"]),
        "pool: 7"
    );
    assert_eq!(
        scratch.git(&["show", "HEAD:services/cart/base.yaml"]),
        "pool: 2"
    );
}

#[test]
fn layers_are_made_and_broken_ones_left_alone() {
    let scratch = shop();
    let layer = |path: &str, assignments: &[&str]| {
        let wanted = Wanted {
            layer: Some(path.to_owned()),
            ..wanted("", "", assignments)
        };
        told(&scratch, &wanted)
    };
    // What no layer is, nothing would read.
    assert!(layer("env/prod.toml", &["pool=4"]).starts_with("`env/prod.toml` is no layer here"));
    let layers = MANIFEST.replace("  - base.yaml\n", "  - base.yaml\n  - env/prod.toml\n");
    scratch.write("strata.yaml", &layers);
    scratch.commit("layer");
    assert!(layer("env/prod.toml", &["pool=4"]).starts_with("env/prod.toml (new)\n"));
    assert!(
        layer("services/new/base.yaml", &["pool=4"]).starts_with("services/new/base.yaml (new)\n")
    );
    scratch.write("strata.yaml", MANIFEST);
    scratch.commit("no layer");
    assert!(layer("env/prod.toml", &["pool=~"]).contains("cannot write `env/prod.toml`"));
    scratch.write("two.yaml", "a: 1\n---\nb: 2\n");
    scratch.write("broken.yaml", "a: [\n");
    scratch.commit("broken");
    assert_eq!(
        layer("two.yaml", &["pool=4"]),
        "`two.yaml` holds several documents, and a layer is one"
    );
    assert!(layer("broken.yaml", &["pool=4"]).starts_with("`broken.yaml` cannot be read: "));
    // A branch without a commit has nothing yet.
    let empty = Scratch::new();
    empty.write("strata.yaml", "strata: 1\nlayers: [base.yaml]\n");
    let error = planned(&empty, &wanted("", "", &["a=1"])).unwrap_err();
    insta::assert_snapshot!(format!("{error:?}"), @"Usage: `main` has no commit yet, so there is nothing to change (help: commit the files first: `git add --all && git commit -m start`)");
    // A name that is no branch.
    scratch.write("strata.yaml", MANIFEST.replace("ref: live", "ref: gone"));
    assert!(told(&scratch, &wanted("live", "", &["a=1"])).contains("`gone`"));
    scratch.git(&["tag", "v1"]);
    scratch.write("strata.yaml", MANIFEST.replace("ref: live", "ref: v1"));
    assert!(told(&scratch, &wanted("live", "", &["a=1"])).contains("is no branch"));
}

#[test]
fn sops_files_are_left_to_sops() {
    let scratch = shop();
    let all = include_str!("../../../fixtures/sops/all.yaml");
    scratch.write("env/dev.yaml", all);
    scratch.commit("sops");
    let mut dev = wanted("dev", "", &["db.port=1"]);
    dev.layer = Some("env/dev.yaml".to_owned());
    insta::assert_snapshot!(told(&scratch, &dev), @"`env/dev.yaml` is a SOPS file, which only SOPS can change: it has a MAC over all values");
}

#[test]
fn templates_are_left_to_hand() {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1\nlayers: [common.yaml, '{environment}.yaml.j2']\nenvironments: { prod: {} }\n",
    );
    scratch.write("common.yaml", "pool: 1\n");
    scratch.write("part.yaml", "size: 1\n");
    scratch.write(
        "prod.yaml.j2",
        "host: {{ environment }}\n{% include 'part.yaml' %}\n",
    );
    scratch.commit("start");
    let error = planned(&scratch, &wanted("prod", "", &["size=2"])).unwrap_err();
    insta::assert_snapshot!(format!("{error:?}"), @"Usage: `size` comes out of the template `prod.yaml.j2` (part.yaml:1), which is edited by hand (help: edit that file, and see what comes out: `git strata get size`; or set it in another layer: `--layer FILE`)");
    let error = planned(&scratch, &wanted("prod", "", &["other=2"])).unwrap_err();
    insta::assert_snapshot!(format!("{error:?}"), @"Usage: `prod.yaml.j2` is a template, which is edited by hand (help: edit that file, and see what comes out: `git strata get other`; or set it in another layer: `--layer FILE`)");
    let layer = |name: &str| Wanted {
        layer: Some(name.to_owned()),
        ..wanted("prod", "", &["size=2"])
    };
    // What a template includes can be changed, and its effect is told.
    insta::assert_snapshot!(told(&scratch, &layer("part.yaml")), @"
    part.yaml
    prod/- /size 1 -> 2
    ");
}

#[test]
fn links_and_branches_that_stand_elsewhere_are_left_alone() {
    let scratch = shop();
    std::fs::remove_file(scratch.path().join("base.yaml")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("services/cart/base.yaml", scratch.path().join("base.yaml"))
        .unwrap();
    scratch.commit("link");
    let error = planned(&scratch, &wanted("", "", &["pool=4"])).unwrap_err();
    assert!(
        error.to_string().contains("`base.yaml` is a link"),
        "{error}"
    );
    let elsewhere = scratch.path().join("elsewhere");
    scratch.git(&["worktree", "add", "-q", elsewhere.to_str().unwrap(), "live"]);
    let error = planned(&scratch, &wanted("live", "cart", &["pool=7"])).unwrap_err();
    assert!(
        error.to_string().contains("`live` is checked out in"),
        "{error}"
    );
}
