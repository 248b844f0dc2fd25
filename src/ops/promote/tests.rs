use super::*;
use crate::config::Snapshot;
use crate::git::Person;
use crate::git::testing::Scratch;
use crate::ops::change::{Author, Outcome, commit_all};
use crate::report::Severity;

const MANIFEST: &str = "strata: 1
layers: [base.yaml, '{environment}.yaml', 'services/{service}/{environment}.yaml']
services: services/*
environments:
  dev: {}
  staging: { follows: dev }
  prod: { follows: staging }
";

fn open(scratch: &Scratch) -> Configuration {
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo).unwrap();
    Configuration::open(Some(repo), here).unwrap()
}

/// Environments as folders of one branch, alike at first.
fn folders() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("strata.yaml", MANIFEST);
    scratch.write("base.yaml", "kept: 1\n");
    for name in ["dev", "staging", "prod"] {
        scratch.write(
            &format!("{name}.yaml"),
            "# ours\na: 1 # one\nb: 1\nc: 1\nl: [1]\n",
        );
        scratch.write(&format!("services/cart/{name}.yaml"), "size: 1\n");
    }
    scratch.commit("start");
    scratch
}

/// The same on branches.
fn branches() -> Scratch {
    let scratch = Scratch::new();
    let manifest = MANIFEST
        .replace("dev: {}", "dev: { ref: env/dev }")
        .replace("staging: {", "staging: { ref: env/staging,")
        .replace("prod: {", "prod: { ref: env/prod,")
        .replace("'{environment}.yaml', ", "")
        .replace(
            "services/{service}/{environment}.yaml",
            "services/{service}.yaml",
        );
    scratch.write("strata.yaml", manifest);
    scratch.write("base.yaml", "# ours\na: 1 # one\nb: 1\nc: 1\nl: [1]\n");
    scratch.write("services/cart.yaml", "size: 1\n");
    scratch.commit("start");
    for name in ["dev", "staging", "prod"] {
        scratch.git(&["branch", &format!("env/{name}")]);
    }
    scratch
}

fn on(scratch: &Scratch, branch: &str, path: &str, text: &str) {
    scratch.git(&["checkout", "-q", branch]);
    scratch.write(path, text);
    scratch.commit(branch);
    scratch.git(&["checkout", "-q", "main"]);
}

fn fixed(scratch: &Scratch) -> crate::Result<Vec<Plan>> {
    fix(&scratch.repo(), &open(scratch), &[], &Filter::default())
}

fn make(scratch: &Scratch, plans: &[Plan]) {
    let person = Person {
        name: "Ada".into(),
        email: "ada@example.org".into(),
        time: 1_800_000_000,
        offset: 0,
    };
    let author = Author {
        author: person.clone(),
        committer: person,
        message: "mend".to_owned(),
        signing: None,
        judging: None,
    };
    let done = commit_all(&scratch.repo(), plans, &author).unwrap();
    assert!(matches!(done, Outcome::Committed(..)));
}

fn rows(scratch: &Scratch) -> Vec<String> {
    let configuration = open(scratch);
    let sides = sides(&configuration, &[]).unwrap();
    let report = drift(&configuration, &sides, &Filter::default()).unwrap();
    let told = report.body.differences.iter().filter(|row| row.is_told());
    told.map(|row| format!("{} {}", row.id, row.class))
        .collect()
}

#[test]
fn fix_mends_folders_of_one_branch_in_one_commit() {
    let scratch = folders();
    scratch.write(
        "dev.yaml",
        "# ours\na: 2 # one\nb: 1\nl: [1]\nnew: { x: 1 }\n",
    );
    scratch.write("prod.yaml", "# ours\na: 1 # one\nb: 9\nc: 1\nl: [1, 2]\n");
    scratch.commit("change");
    let plans = fixed(&scratch).unwrap();
    assert_eq!(plans.len(), 1);
    insta::assert_snapshot!(plans[0].patch, @"
    diff --git a/staging.yaml b/staging.yaml
    --- a/staging.yaml
    +++ b/staging.yaml
    @@ -1,5 +1,6 @@
     # ours
    -a: 1 # one
    -b: 1
    -c: 1
    -l: [1]
    +a: 2 # one
    +b: 9
    +l: [1, 2]
    +new:
    +  x: 1
    ");
    make(&scratch, &plans);
    // One step along the chain is taken at a time.
    insta::assert_snapshot!(rows(&scratch).join("\n"), @"
    cart:a pending-promotion
    cart:b missing-backport
    cart:c missing-key
    cart:l.1 missing-key
    cart:new.x missing-key
    ");
    while !rows(&scratch).is_empty() {
        make(&scratch, &fixed(&scratch).unwrap());
    }
    for name in ["dev", "staging", "prod"] {
        let text = std::fs::read_to_string(scratch.path().join(format!("{name}.yaml"))).unwrap();
        let new = if name == "dev" {
            "new: { x: 1 }"
        } else {
            "new:\n  x: 1"
        };
        assert_eq!(
            text,
            format!("# ours\na: 2 # one\nb: 9\nl: [1, 2]\n{new}\n"),
            "{name}"
        );
    }
}

#[test]
fn fix_mends_branches_together_and_leaves_what_has_no_remedy() {
    let scratch = branches();
    on(
        &scratch,
        "env/dev",
        "base.yaml",
        "# ours\na: 2 # one\nb: 1\nc: 1\nl: [1]\n",
    );
    on(
        &scratch,
        "env/prod",
        "base.yaml",
        "# ours\na: 1 # one\nb: 9\nc: 5\nl: [1]\n",
    );
    on(
        &scratch,
        "env/staging",
        "base.yaml",
        "# ours\na: 1 # one\nb: 1\nc: 4\nl: [1]\n",
    );
    let plans = fixed(&scratch).unwrap();
    let said: Vec<_> = plans.iter().map(|plan| plan.body.branch.as_str()).collect();
    assert_eq!(said, ["env/staging", "env/dev"]);
    let stays: Vec<_> = plans[0]
        .body
        .stays
        .iter()
        .map(|it| it.pointer.dotted())
        .collect();
    assert_eq!(stays, ["c"]);
    make(&scratch, &plans);
    assert_eq!(scratch.git(&["fsck", "--strict"]), "");
    // `a` has come to staging, and `b` back to it.
    assert_eq!(
        scratch.git(&["show", "env/staging:base.yaml"]).trim_end(),
        "# ours\na: 2 # one\nb: 9\nc: 4\nl: [1]"
    );
}

#[test]
fn what_is_not_there_upstream_any_more_goes_downstream() {
    let scratch = branches();
    on(
        &scratch,
        "env/dev",
        "base.yaml",
        "# ours\na: 1 # one\nc: 1\nl: [1]\n",
    );
    let promotion = Promotion {
        from: "dev".into(),
        to: "staging".into(),
        ..Promotion::default()
    };
    let plan = promote(&scratch.repo(), &open(&scratch), &promotion).unwrap();
    assert!(plan.patch.contains("-b: 1"), "{}", plan.patch);
    // Set below as well, it takes a null.
    let scratch = folders();
    scratch.write("base.yaml", "kept: 1\nb: 0\n");
    scratch.write("dev.yaml", "# ours\na: 1 # one\nb: null\nc: 1\nl: [1]\n");
    scratch.commit("change");
    let plan = promote(&scratch.repo(), &open(&scratch), &promotion).unwrap();
    assert!(plan.patch.contains("+b: null"), "{}", plan.patch);
}

#[test]
fn a_value_that_is_made_of_several_layers_is_left_to_a_person() {
    let scratch = folders();
    scratch.write(
        "strata.yaml",
        MANIFEST.replace("services: ", "merge: { l: append }\nservices: "),
    );
    scratch.write("base.yaml", "l: [0]\n");
    scratch.write("dev.yaml", "# ours\na: 1 # one\nb: 1\nc: 1\nl: [1, 2]\n");
    scratch.commit("append");
    let error = fixed(&scratch).unwrap_err();
    insta::assert_snapshot!(format!("{error:?}"), @"Usage: this would change `l.3` of dev, too, which is not carried over (help: carry it over with the others (leave `--service` and `--path` out), or set values one by one: `git strata set`)");
}

#[test]
fn one_value_that_cannot_be_carried_does_not_keep_the_others() {
    let scratch = folders();
    scratch.write(
        "staging.yaml",
        "# ours\na: &x 1 # one\nb: *x\nc: 1\nl: [1]\n",
    );
    scratch.commit("alias");
    scratch.write("dev.yaml", "# ours\na: 2 # one\nb: 1\nc: 3\nl: [1]\n");
    scratch.commit("change");
    let promotion = Promotion {
        from: "dev".into(),
        to: "staging".into(),
        ..Promotion::default()
    };
    let plan = promote(&scratch.repo(), &open(&scratch), &promotion).unwrap();
    assert!(
        plan.patch.contains("+c: 3") && !plan.patch.contains("+a: "),
        "{}",
        plan.patch
    );
    let stays = &plan.body.stays[0];
    assert_eq!(stays.pointer.dotted(), "a");
    assert!(stays.reason.is_some());
    assert_eq!(plan.left.len(), 1);
    assert_eq!(plan.left[0].severity, Severity::Error);
    insta::assert_snapshot!(plan.left[0].message, @"`a` of cart is 2 in dev and 1 in staging; dev was changed by Ada on 2023-11-15 (ff7ab068f3); it cannot be carried over to staging: cannot change `staging.yaml`: the value is repeated at `/b` by an alias, and would change there too");
}

#[test]
fn only_environments_are_mended() {
    let scratch = folders();
    scratch.git(&["tag", "v1"]);
    let names = ["v1".to_owned(), "prod".to_owned()];
    let error = fix(&scratch.repo(), &open(&scratch), &names, &Filter::default()).unwrap_err();
    assert!(
        error.to_string().contains("`v1` is no environment"),
        "{error}"
    );
}

#[test]
fn a_value_that_both_neighbours_agree_on_is_mended() {
    let scratch = folders();
    scratch.write("dev.yaml", "# ours\na: 2 # one\nb: 5\nc: 1\nl: [1]\n");
    scratch.write("prod.yaml", "# ours\na: 2 # one\nb: 6\nc: 1\nl: [1]\n");
    scratch.commit("change");
    let plans = fixed(&scratch).unwrap();
    assert_eq!(plans.len(), 1);
    let patch = &plans[0].patch;
    assert!(patch.contains("+a: 2") && !patch.contains("+b"), "{patch}");
    assert_eq!(
        stays(&plans[0]),
        ["b missing-backport: dev and prod are both newer than staging, and need not agree"]
    );
}

fn stays(plan: &Plan) -> Vec<String> {
    let said = plan.body.stays.iter().map(|it| {
        let reason = it.reason.as_deref().unwrap_or("-");
        format!("{} {}: {reason}", it.pointer.dotted(), it.class)
    });
    said.collect()
}

#[test]
fn what_stays_for_an_error_is_found_and_keeps_nothing_from_being_made() {
    let scratch = folders();
    scratch.write("staging.yaml", "# ours\na: 1 # one\nb: 1\nc: 8\nl: [1]\n");
    scratch.commit("change");
    scratch.write("prod.yaml", "# ours\na: 1 # one\nb: 1\nc: 9\nl: [1]\n");
    scratch.write("dev.yaml", "# ours\na: 2 # one\nb: 1\nc: 1\nl: [1]\n");
    scratch.commit("change");
    let plans = fixed(&scratch).unwrap();
    insta::assert_snapshot!(stays(&plans[0]).join("\n"), @"c diverged: both sides changed it; it is carried over to dev alone");
    let found: Vec<_> = plans.iter().flat_map(|plan| &plan.left).collect();
    insta::assert_snapshot!(found[0].message, @"`c` of cart is 8 in staging and 9 in prod; prod was changed by Ada on 2023-11-15 (2bfff0f679)");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::Error);
    assert!(plans.iter().all(|plan| plan.findings.is_empty()));
}

#[test]
fn a_list_with_an_item_that_stays_is_not_carried_over() {
    let scratch = folders();
    scratch.write("staging.yaml", "a: 1\nl: [1, 2, 3]\n");
    scratch.write("prod.yaml", "a: 1\nl: [1, 2, 3]\n");
    scratch.commit("lists");
    scratch.write("staging.yaml", "a: 2\nl: [1, 2, 4]\n");
    scratch.write("prod.yaml", "a: 1\nl: [0, 2, 3]\n");
    scratch.commit("both");
    let promotion = Promotion {
        from: "staging".into(),
        to: "prod".into(),
        ..Promotion::default()
    };
    let plan = promote(&scratch.repo(), &open(&scratch), &promotion).unwrap();
    assert!(
        plan.patch.contains("+a: 2") && !plan.patch.contains("+l"),
        "{}",
        plan.patch
    );
    insta::assert_snapshot!(stays(&plan).join("\n"), @"
    l.0 missing-backport: -
    l.2 pending-promotion: `l` is carried over as a whole, and not all of it is to be
    ");
    let set = plan.body.changes.iter().map(|it| &it.pointer);
    let stays: Vec<_> = plan.body.stays.iter().map(|it| &it.pointer).collect();
    assert!(set.into_iter().all(|it| !stays.contains(&it)));
    // Asked for, it is.
    let all = Promotion {
        all: true,
        ..promotion
    };
    let plan = promote(&scratch.repo(), &open(&scratch), &all).unwrap();
    assert!(plan.patch.contains("+l: [1, 2, 4]"), "{}", plan.patch);
    assert!(plan.body.stays.is_empty());
}

#[test]
fn a_place_at_which_nothing_is_set_is_told() {
    let scratch = folders();
    let said = |path: &str| {
        let promotion = Promotion {
            from: "staging".into(),
            to: "prod".into(),
            path: path.parse().unwrap(),
            ..Promotion::default()
        };
        match promote(&scratch.repo(), &open(&scratch), &promotion) {
            Ok(plan) => format!("{} files", plan.body.files.len()),
            Err(error) => format!("{error:?}"),
        }
    };
    insta::assert_snapshot!([said("siz"), said("nope.nope"), said("size"), said("l")].join("\n"), @"
    NotFound: nothing is set at `siz` in staging or prod (help: did you mean `size`?)
    NotFound: nothing is set at `nope.nope` in staging or prod (help: there are `a`, `b`, `c`, `kept`, `l`, `size`)
    0 files
    0 files
    ");
    let filter = Filter {
        path: "/siz".parse().unwrap(),
        ..Filter::default()
    };
    let error = fix(&scratch.repo(), &open(&scratch), &[], &filter).unwrap_err();
    insta::assert_snapshot!(format!("{error:?}"), @"NotFound: nothing is set at `siz` in dev or staging or prod (help: did you mean `size`?)");
}

#[test]
fn a_branch_without_a_commit_is_not_promoted_to() {
    let scratch = Scratch::new();
    scratch.write("strata.yaml", MANIFEST);
    scratch.write("dev.yaml", "a: 2\n");
    scratch.write("staging.yaml", "a: 1\n");
    let promotion = Promotion {
        from: "dev".into(),
        to: "staging".into(),
        all: true,
        ..Promotion::default()
    };
    let error = promote(&scratch.repo(), &open(&scratch), &promotion).unwrap_err();
    insta::assert_snapshot!(format!("{error:?}"), @"Usage: `main` has no commit yet, so there is nothing to change (help: commit the files first: `git add --all && git commit -m start`)");
}

mod random {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// What was promoted is no difference any more, and nothing else has changed.
        #[test]
        fn what_was_promoted_differs_no_more(
            dev in proptest::collection::vec(0u8..4, 5),
            prod in proptest::collection::vec(0u8..4, 5),
            by_branch: bool,
        ) {
            let scratch = if by_branch { branches() } else { folders() };
            let text = |values: &[u8]| {
                let mut text = String::from("# ours\n");
                for (name, value) in ["a", "b", "c", "d", "e"].iter().zip(values) {
                    match value {
                        0 => {}
                        value => text.push_str(&format!("{name}: {value} # {name}\n")),
                    }
                }
                text
            };
            for (name, values) in [("dev", &dev), ("prod", &prod)] {
                match by_branch {
                    true => on(&scratch, &format!("env/{name}"), "base.yaml", &text(values)),
                    false => {
                        scratch.write(&format!("{name}.yaml"), text(values));
                        scratch.commit(name);
                    }
                }
            }
            let configuration = open(&scratch);
            let names = ["dev".to_owned(), "prod".to_owned()];
            let before = drift(&configuration, &sides(&configuration, &names).unwrap(), &Filter::default()).unwrap();
            let promotion = Promotion { from: "dev".into(), to: "prod".into(), ..Promotion::default() };
            let plan = promote(&scratch.repo(), &configuration, &promotion).unwrap();
            let stays: Vec<_> = plan.body.stays.iter().map(|it| it.pointer.clone()).collect();
            if !plan.is_empty() {
                make(&scratch, std::slice::from_ref(&plan));
            }
            let configuration = open(&scratch);
            let after = drift(&configuration, &sides(&configuration, &names).unwrap(), &Filter::default()).unwrap();
            let left: Vec<_> = after.body.differences.iter().map(|row| row.pointer.clone()).collect();
            prop_assert_eq!(&left, &stays);
            for row in after.body.differences {
                let known = before.body.differences.iter().find(|it| it.id == row.id);
                prop_assert_eq!(known.map(|it| &it.values), Some(&row.values));
            }
        }
    }
}
