//! `git strata set`: values changed where they are set.

use crate::harness::Place;

#[test]
fn a_value_is_changed_on_the_branch_of_its_environment() {
    let shop = Place::shop();
    let ran = shop.run("set http.request_timeout_ms=9000 --env prod --service payments -m longer");
    insta::assert_snapshot!(ran.out.replace(&shop.git(&["rev-parse", "--short=10", "env/prod"]).out.trim().to_owned(), "<commit>"), @"
    key                      was   is    for
    http.request_timeout_ms  8000  9000  payments in prod

    changed: config/services/payments/base.yaml
    committed <commit> on env/prod

    no findings
    ");
    assert_eq!(ran.status, 0);
    assert_eq!(
        shop.run("get http.request_timeout_ms --env prod --service payments")
            .out,
        "9000\n"
    );
    // What would be invalid is not made.
    let before = shop.git(&["rev-parse", "env/prod"]).out;
    let ran = shop
        .run("set http.request_timeout_ms=soon --env prod --service payments -m x --format json");
    assert_eq!(ran.status, 1);
    let json = ran.json();
    assert_eq!(json["findings"][0]["rule"], "wrong-type");
    assert!(json["body"]["commit"].is_null());
    assert_eq!(shop.git(&["rev-parse", "env/prod"]).out, before);
    // What is so already is no change.
    let ran = shop.run("set http.request_timeout_ms=9000 --env prod --service payments -m x");
    assert!(
        ran.status == 0 && ran.out.contains("nothing to change"),
        "{}",
        ran.out
    );
    for wrong in ["set a -m x", "set a=1", "set a=1 -m x --rev HEAD"] {
        assert_eq!(shop.run(wrong).status, 2, "{wrong}");
    }
}

#[test]
fn writers_at_the_same_moment_lose_nothing() {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.write(
        "strata.yaml",
        "strata: 1\nlayers: [base.yaml]\nenvironments:\n  live: {ref: live}\n",
    );
    place.write("base.yaml", "start: 1\n");
    place.commit("start");
    place.git(&["branch", "live"]);
    let writers = 12;
    std::thread::scope(|scope| {
        for writer in 0..writers {
            let place = &place;
            scope.spawn(move || {
                let env = if writer % 2 == 0 { "--env live" } else { "" };
                let ran = place.run(&format!("set w{writer}={writer} {env} -m w{writer}"));
                assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
            });
        }
    });
    for (at, branch) in ["live", "main"].into_iter().enumerate() {
        let count = place.git(&["rev-list", "--count", branch]).out;
        assert_eq!(count.trim(), (1 + writers / 2).to_string());
        let text = place.git(&["show", &format!("{branch}:base.yaml")]).out;
        for writer in (at..writers).step_by(2) {
            assert!(text.contains(&format!("w{writer}: {writer}\n")), "{text}");
        }
    }
    assert_eq!(place.git(&["status", "--porcelain"]).out, "");
    assert_eq!(place.git(&["fsck", "--strict"]).status, 0);
}

#[test]
fn values_are_promoted_as_far_as_they_are_newer_upstream() {
    let shop = Place::shop();
    // The schema of production does not know all that staging sets.
    let ran = shop.run("promote staging prod");
    assert!(
        ran.status == 1 && ran.out.contains("there is no option `vouchers`"),
        "{}",
        ran.out
    );
    let ran = shop.run("promote staging prod --service catalog");
    let commit = shop.git(&["rev-parse", "--short=10", "env/prod"]).out;
    insta::assert_snapshot!(ran.out.replace(commit.trim(), "<commit>"), @"
    not carried over; `--all` does, and `--path` chooses:

    service  key          class
    catalog  cache.ttl_s  diverged

    key                was  is  for
    catalog.page_size  24   36  catalog in prod

    changed: config/services/catalog/base.yaml
    committed <commit> on env/prod

    no findings
    ");
    let log = shop.git(&["log", "-1", "--format=%s", "env/prod"]).out;
    assert_eq!(log.trim(), "promote staging to prod");
    let json = shop
        .run("drift staging prod --service catalog --format json")
        .json();
    let rows = json["body"]["differences"].as_array().unwrap();
    assert!(
        rows.iter()
            .all(|row| row["pointer"] != "/catalog/page_size")
    );
    // What was decided is carried over, too.
    let ran =
        shop.run("promote staging prod --service catalog --path cache.ttl_s --all --format json");
    let json = ran.json();
    assert_eq!(json["body"]["changes"][0]["new"], 900, "{json}");
    let text = shop
        .git(&["show", "env/prod:config/services/catalog/base.yaml"])
        .out;
    assert!(
        text.contains("ttl_s: 900                # prices were seen"),
        "{text}"
    );
    let ran = shop.run("promote staging prod --service catalog");
    assert!(
        ran.status == 0 && ran.out.contains("nothing to change"),
        "{}",
        ran.out
    );
    for wrong in [
        "promote staging staging",
        "promote staging nowhere",
        "promote staging prod --service none",
        "promote staging prod --rev HEAD",
    ] {
        assert_eq!(shop.run(wrong).status, 2, "{wrong}");
    }
}

#[test]
fn what_drifted_is_mended_on_every_branch_or_given_as_a_patch() {
    let shop = Place::shop();
    // What is left to a person is an error still.
    let ran = shop.run("drift staging prod --fix --service catalog --patch");
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert!(ran.err.contains("error[diverged]"), "{}", ran.err);
    shop.git(&["checkout", "-q", "env/prod"]);
    shop.write("fix.patch", ran.out.as_bytes());
    let applied = shop.git(&["apply", "fix.patch"]);
    assert_eq!(applied.status, 0, "{}{}", ran.out, applied.err);
    let by_patch = shop.git(&["diff"]).out;
    shop.git(&["checkout", "-q", "--force", "main"]);
    let ran = shop.run("drift staging prod --fix --service catalog -m mend");
    assert_eq!(ran.status, 1, "{}{}", ran.out, ran.err);
    assert!(
        ran.out
            .contains("catalog  cache.ttl_s  diverged  both sides changed it"),
        "{}",
        ran.out
    );
    assert_eq!(
        shop.git(&["log", "-1", "--format=%s", "env/prod"]).out,
        "mend\n"
    );
    assert_eq!(shop.git(&["diff", "env/prod~", "env/prod"]).out, by_patch);
    // Where the older schema does not know an option yet, nothing moves anywhere.
    let before = shop.git(&["rev-parse", "env/staging", "env/prod"]).out;
    let ran = shop.run("drift staging prod --fix --service payments -m mend");
    assert!(
        ran.status == 1 && ran.out.contains("unknown-option"),
        "{}",
        ran.out
    );
    assert_eq!(
        shop.git(&["rev-parse", "env/staging", "env/prod"]).out,
        before
    );
    assert_eq!(shop.git(&["fsck", "--strict"]).status, 0);
    for wrong in [
        "drift v1.0.0 prod --fix",
        "drift --dry-run",
        "drift --fix --rev HEAD",
    ] {
        assert_eq!(shop.run(wrong).status, 2, "{wrong}");
    }
}

#[test]
fn an_accepted_difference_is_told_no_more_until_its_day() {
    let shop = Place::shop();
    let ran = shop.run(
        "drift accept payments:http.request_timeout_ms --reason slow --expires 2031-01-31 --owner ops",
    );
    // Others that are told still are not asked for.
    assert_eq!(ran.status, 0, "{}", ran.out);
    assert!(
        ran.out.contains("intentional") && ran.out.contains("slow"),
        "{}",
        ran.out
    );
    assert!(
        ran.err.contains("1 difference is meant"),
        "{}{}",
        ran.out,
        ran.err
    );
    let one = "drift staging prod --service payments --path http";
    assert_eq!(shop.run(&format!("{one} --fail-on info")).status, 0);
    let json = shop.run(&format!("{one} --format json")).json();
    let row = &json["body"]["differences"][0];
    assert_eq!(row["class"], "intentional");
    assert_eq!(
        (&row["reason"], &row["rule"]["owner"]),
        (&"slow".into(), &"ops".into())
    );
    let late = shop.run(&format!("{one} --today 2031-02-01 --fail-on warning"));
    assert!(
        late.status == 1 && late.out.contains("expired-exception"),
        "{}",
        late.out
    );
    // The file is checked with all the others.
    shop.write(
        "drift.yaml",
        "rules:\n- { path: a, reason: b, environments: [prd] }\n",
    );
    let ran = shop.run("check");
    assert!(
        ran.out.contains("there is no environment `prd`"),
        "{}",
        ran.out
    );
    for wrong in [
        "drift accept nothing --reason x",
        "drift accept --reason x",
        "drift accept cache.ttl_s --reason x --expires 2001-01-01",
        "drift accept cache.ttl_s --reason x --rev HEAD",
    ] {
        assert_eq!(shop.run(wrong).status, 2, "{wrong}");
    }
}

#[test]
fn files_with_changes_of_their_own_stay_and_the_rest_follows() {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.write("strata.yaml", "strata: 1\nlayers: [base.yaml, '{environment}.yaml']\nenvironments: { dev: {}, prod: {} }\n");
    place.write("base.yaml", "a: 1\n");
    place.write("dev.yaml", "b: 1\n");
    place.write("prod.yaml", "b: 1\n");
    let ran = place.run("set a=2 -m two");
    assert_eq!(ran.status, 2);
    insta::assert_snapshot!(ran.err, @"
    error: `main` has no commit yet, so there is nothing to change
    help: commit the files first: `git add --all && git commit -m start`
    ");
    place.commit("start");
    place.write("base.yaml", "a: 1\nmine: 1\n");
    place.write("dev.yaml", "b: 1\nmine: 1\n");
    place.git(&["add", "dev.yaml"]);
    let commit = |out: &str| {
        let head = place.git(&["rev-parse", "--short=10", "HEAD"]).out;
        out.replace(head.trim(), "<commit>")
    };
    let ran = place.run("set a=2 -m two");
    assert_eq!(ran.status, 0, "{}", ran.err);
    insta::assert_snapshot!(commit(&ran.out), @"
    key  was  is  for
    a    1    2   dev, prod

    changed: base.yaml
    committed <commit> on main
    `base.yaml` holds changes of your own that are not staged, and stays as it is: `git diff -- base.yaml` shows them against what is committed now; to stage yours alone: `git add -p`

    no findings
    ");
    let ran = place.run("set b=2 --env dev -m two");
    assert_eq!(ran.status, 0, "{}", ran.err);
    insta::assert_snapshot!(commit(&ran.out), @"
    key  was  is  for
    b    1    2   dev

    changed: dev.yaml
    committed <commit> on main
    `dev.yaml` holds staged changes, and stays as it is: your next commit would take this change back; unstage them first, `git reset -- dev.yaml`, and stage yours alone: `git add -p`

    no findings
    ");
    let ran = place.run("set b=2 --env prod -m two");
    assert_eq!(ran.status, 0, "{}", ran.err);
    insta::assert_snapshot!(place.git(&["status", "--short"]).out, @"
     M base.yaml
    M  dev.yaml
    ");
    // What is said mends it.
    place.git(&["reset", "-q", "--", "dev.yaml"]);
    place.git(&["commit", "-q", "--allow-empty", "-m", "next"]);
    for (path, text) in [
        ("base.yaml", "a: 2\n"),
        ("dev.yaml", "b: 2\n"),
        ("prod.yaml", "b: 2\n"),
    ] {
        assert_eq!(place.git(&["show", &format!("HEAD:{path}")]).out, text);
    }
}

#[test]
fn a_name_that_is_nothing_is_called_so() {
    let shop = Place::shop();
    for words in ["drift nope", "drift --fix nope -m x"] {
        let ran = shop.run(words);
        assert_eq!(ran.status, 2);
        assert!(
            ran.err
                .contains("`nope` is neither an environment nor a revision"),
            "{}",
            ran.err
        );
    }
    insta::assert_snapshot!(shop.run("drift v1.0.0").err, @"
    error: there is nothing to compare `v1.0.0` with
    help: name both: `git strata drift v1.0.0 HEAD`
    ");
    insta::assert_snapshot!(shop.run("promote staging prod --path cache.tll_s").err, @"
    error: nothing is set at `cache.tll_s` in staging or prod
    help: did you mean `cache.ttl_s`?
    ");
    insta::assert_snapshot!(shop.run("promote staging prod --path nope").err, @"
    error: nothing is set at `nope` in staging or prod
    help: there are `cache`, `cart`, `catalog`, `checkout`, `database`, `features`, `http`, `logging`, `metrics`, `notifications`, `payments`, `platform`, `replicas`, `resources`, `search`, `security`, `service`, `tracing`, `upstreams`
    ");
}

#[test]
fn people_are_shown_the_first_thousand_differences() {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.write(
        "strata.yaml",
        "strata: 1\nlayers: [base.yaml]\nenvironments:\n  next: {ref: next}\n  live: {ref: live, follows: next}\n",
    );
    let keys = |value: u8| -> String {
        let keys = (0..1002).map(|key| format!("key{key:04}: {value}\n"));
        keys.collect()
    };
    place.write("base.yaml", keys(1));
    place.commit("start");
    place.git(&["branch", "live"]);
    place.write("base.yaml", keys(2));
    place.commit("go on");
    place.git(&["branch", "next"]);
    let ran = place.run("drift");
    assert!(ran.out.contains("\nkey0999") && !ran.out.contains("key1000"));
    assert_eq!(ran.out.matches("info[pending-promotion]").count(), 1000);
    let line = ran.out.lines().find(|line| line.contains("not shown"));
    insta::assert_snapshot!(line.unwrap(), @"2 more differences are not shown; `-v` shows all, `--format json` has all, `--service` and `--path` ask for a part");
    assert!(ran.out.ends_with("\n\n1002 info\n"), "{}", ran.out);
    let ran = place.run("drift --format markdown");
    assert!(ran.out.contains("key0999") && !ran.out.contains("key1000"));
    assert!(ran.out.contains("**1002 info**"), "{}", ran.out);
    assert_eq!(place.run("drift --fail-on info").status, 1);
    for words in ["drift -v", "drift --format json", "drift --format html"] {
        let ran = place.run(words);
        assert!(ran.out.contains("key1001"), "{words}");
        assert!(!ran.out.contains("not shown"), "{words}");
    }
}
