//! `policy check` and `policy show`, as people see them.

use super::harness::{Place, hermetic};

const POLICY: &str = "policy: 1
repository: shop
roles:
  developer: [config.write]
  admin: [policy.admin, config.write]
bindings:
  - { who: [ann], role: developer, environments: [dev] }
  - { who: [kim], role: admin }
  - { who: ['*'], role: developer, sections: [payments], deny: true }
protect:
  - environments: [prod]
";

/// A place with a policy, in which nobody signs.
fn place() -> Place {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place
        .write("strata.yaml", "strata: 1\nlayers: [base.yaml, '{environment}.yaml']\nenvironments: {dev: {}, prod: {}}\n")
        .write("base.yaml", "pool: 1\npayments: { fee: 1 }\n")
        .write("policy.yaml", POLICY)
        .commit("start");
    place
}

#[test]
fn who_may_not_is_told_with_the_line_of_the_policy() {
    let place = place();
    place
        .write("base.yaml", "pool: 2\npayments: { fee: 1 }\n")
        .commit("pool");
    let shown = |words: &str| {
        let mut all = place.run(words).all();
        for revision in ["HEAD", "HEAD~1"] {
            let id = place.git(&["rev-parse", revision]).out;
            for length in [40, 12, 10] {
                all = all.replace(&id[..length], revision);
            }
        }
        all
    };
    insta::assert_snapshot!(shown("policy check HEAD~1..HEAD"), @"
    commit      by      right         environment  what  may they
    HEAD  nobody  config.write  dev          pool  unprotected
    HEAD  nobody  config.write  prod         pool  missing

    error[permission-missing]: nobody (the commit is not signed) may not change `pool` in prod: nothing gives them `config.write` there
      --> base.yaml:1:1 (at HEAD)
       |
     1 | pool: 2
       | ^^^^
       |
      ::: policy.yaml:11:5 (at HEAD~1)
       |
    11 |   - environments: [prod]
       |     -------------------- this protects it
       |
       = help: who could: kim; to sign what you commit: `git config commit.gpgSign true`

    1 error
    [1]
    ");
    insta::assert_snapshot!(shown("check HEAD~1..HEAD"), @"
    checked 2 files, 2 targets in dev (at HEAD), prod (at HEAD)

    error[permission-missing]: nobody (the commit is not signed) may not change `pool` in prod: nothing gives them `config.write` there
      --> base.yaml:1:1 (at HEAD)
       |
     1 | pool: 2
       | ^^^^
       |
      ::: policy.yaml:11:5 (at HEAD~1)
       |
    11 |   - environments: [prod]
       |     -------------------- this protects it
       |
       = help: who could: kim; to sign what you commit: `git config commit.gpgSign true`

    1 error
    [1]
    ");
    insta::assert_snapshot!(shown("policy check HEAD"), @"
    error: `HEAD` is no range of commits
    help: name where it begins: `git strata policy check HEAD~1..HEAD`
    [2]
    ");
    assert_eq!(place.run("policy check HEAD~1..HEAD --exit-zero").status, 0);
}

#[test]
fn what_the_policy_says_is_told() {
    let place = place();
    insta::assert_snapshot!(place.run("policy show").all(), @"
    who           what                        of          as
    *    may not  config.write                payments    developer (line 9)
    ann  may      config.write                in dev      developer (line 7)
    kim  may      policy.admin, config.write  everything  admin (line 8)

    no findings
    [0]
    ");
    insta::assert_snapshot!(place.run("policy show --path payments --env prod").all(), @"
    who           what                        of          as
    *    may not  config.write                payments    developer (line 9)
    kim  may      policy.admin, config.write  everything  admin (line 8)

    no findings
    [0]
    ");
    let answer = place.run("policy show --who ann --format json").json();
    let schema = place.run("util schema policy-show").json();
    assert!(jsonschema::is_valid(&schema, &answer));
    let own = place.run("util schema policy").json();
    let policy: serde_json::Value = serde_yaml::from_str(POLICY).unwrap();
    assert!(jsonschema::is_valid(&own, &policy));
    assert!(!jsonschema::is_valid(
        &own,
        &serde_json::json!({ "policy": 1, "binding": [] })
    ));
    place.git(&["rm", "-q", "policy.yaml"]);
    insta::assert_snapshot!(place.run("policy show").all(), @"
    error: there is no `policy.yaml` here
    help: write one; `git strata explain policy-missing` shows how it begins
    [2]
    ");
}

/// The same place, with people who sign, and a change that waits for two of them; none where there is
/// no `ssh-keygen`.
fn waiting() -> Option<Place> {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    let mut signers = String::new();
    for name in ["ann", "oli", "lea", "max"] {
        let file = place.folder.path().join(name);
        let mut command = hermetic("ssh-keygen", place.folder.path());
        let made = command.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]);
        match made.arg(&file).output() {
            Ok(output) => assert!(output.status.success(), "{output:?}"),
            Err(_) => return None,
        }
        let public = std::fs::read_to_string(file.with_extension("pub")).unwrap();
        signers.push_str(&format!("{name} {public}"));
    }
    let key = place.folder.path().join("oli").display().to_string();
    for (name, value) in [
        ("gpg.format", "ssh"),
        ("user.signingKey", &key),
        ("commit.gpgSign", "true"),
    ] {
        place.git(&["config", name, value]);
    }
    place
        .write("strata.yaml", "strata: 1\nlayers: [base.yaml, '{environment}.yaml']\nenvironments: {dev: {}, prod: {}}\n")
        .write("base.yaml", "fee: 1\n")
        .write("policy.yaml", APPROVED)
        .write("allowed_signers", signers)
        .commit("start");
    place.git(&["switch", "-q", "-c", "feature"]);
    place.write("base.yaml", "fee: 2\n").commit("fee");
    Some(place)
}

const APPROVED: &str = "policy: 1
repository: shop
roles:
  operator: [config.write, land]
  lead: [approve]
bindings:
  - { who: [oli], role: operator }
  - { who: [lea, max, oli], role: lead }
approvals:
  - { environments: [prod], needed: 2, from: lead }
";

#[test]
fn people_agree_and_take_it_back() {
    let Some(place) = waiting() else { return };
    let say = |words: &str, key: &str| {
        let key = place.folder.path().join(key).display().to_string();
        let ran = place.run(&format!("policy {words} --key {key}"));
        let mut all = ran.all();
        for revision in ["feature", "feature~1", "feature~2", "feature~3", "main"] {
            let id = place.git(&["rev-parse", "-q", "--verify", revision]).out;
            for length in [40, 12, 10] {
                if id.len() > length {
                    all = all.replace(&id[..length], "COMMIT");
                }
            }
        }
        // Files are named by their key, which is another one each time.
        let lines = all.lines().map(|line| match line.split_once("approvals/") {
            Some((before, after)) => {
                let end = after.split_once('.').map_or("", |it| it.1);
                format!("{before}approvals/CHANGE/KEY.{end}\n")
            }
            None => format!("{line}\n"),
        });
        lines.collect::<String>()
    };
    insta::assert_snapshot!(say("approve main..HEAD", "oli"), @"
    error: the statement of oli would not count: they made the change themselves
    help: nothing was written; `git strata policy pending` tells who can agree
    [2]
    ");
    insta::assert_snapshot!(say("approve main..HEAD", "ann"), @"
    error: the agreement of ann is not asked for: that of lead is
    help: `git strata policy pending` tells who can agree
    [2]
    ");
    insta::assert_snapshot!(say("approve main..HEAD", "lea"), @"
    lea agrees to the change efb290753a87 for main
    new file: approvals/CHANGE/KEY.json
    committed COMMIT on feature; push it, so that others see it

    commit      what  environment  agreed            by   who could
    COMMIT  fee   prod         1 of 2 (line 10)  lea  max

    no findings
    [0]
    ");
    insta::assert_snapshot!(say("approve main..HEAD", "lea"), @"
    error: you agreed to it already
    help: nothing was written; `git strata policy pending` tells what waits
    [2]
    ");
    insta::assert_snapshot!(place.run("policy pending main..HEAD --format json").json()["body"]["waiting"][0]["could"], @r#"["max"]"#);
    // The branch need not be the one that is checked out.
    place.git(&["switch", "-q", "main"]);
    insta::assert_snapshot!(say("approve main..feature --expires 2100-01-01", "max.pub"), @"
    max agrees to the change efb290753a87 for main, until 2100-01-01
    new file: approvals/CHANGE/KEY.json
    committed COMMIT on feature; push it, so that others see it

    nothing waits for anybody's agreement

    no findings
    [0]
    ");
    assert_eq!(place.git(&["status", "--short"]).out, "");
    assert_eq!(place.run("policy check main..feature").status, 0);
    let json = place
        .run("policy pending main..feature --format json")
        .json();
    assert_eq!(json["body"]["met"], 1);
    insta::assert_snapshot!(say("withdraw main..feature -m wrong", "max"), @"
    max no longer agrees to the change efb290753a87 for main
    new file: approvals/CHANGE/KEY.withdrawn.json
    committed COMMIT on feature; push it, so that others see it

    commit      what  environment  agreed            by   who could
    COMMIT  fee   prod         1 of 2 (line 10)  lea  nobody else

    the statement of max does not count: they took it back

    no findings
    [0]
    ");
    insta::assert_snapshot!(say("approve main..feature", "max"), @"
    error: the statement of max would not count: they took it back
    help: what was taken back stays so for this very change: once it is another one, they can agree to that
    [2]
    ");
    assert_eq!(place.run("policy check main..feature").status, 1);
    let answers =
        ["approve", "withdraw"].map(|verb| place.run(&format!("util schema policy-{verb}")).json());
    assert_eq!(
        answers[0]["properties"]["body"]["properties"],
        answers[1]["properties"]["body"]["properties"]
    );
}

#[test]
fn agreement_lands_with_the_change() {
    let Some(place) = waiting() else { return };
    for name in ["lea", "max"] {
        let key = place.folder.path().join(name).display().to_string();
        let ran = place.run(&format!(
            "policy approve main..HEAD --key {key} --format json"
        ));
        assert_eq!(ran.status, 0, "{}", ran.all());
        let schema = place.run("util schema policy-approve").json();
        assert!(jsonschema::is_valid(&schema, &ran.json()));
        // Others read the file, so it ends as texts do.
        let file = ran.json()["body"]["file"].as_str().unwrap().to_owned();
        let text = std::fs::read_to_string(place.path().join(file)).unwrap();
        assert!(text.ends_with("}\n"));
    }
    place.git(&["switch", "-q", "main"]);
    place.git(&["merge", "-q", "--no-ff", "-m", "land", "feature"]);
    let ran = place.run("policy check main~1..main");
    assert_eq!(ran.status, 0, "{}", ran.all());
    // Put upon the branch in one commit, it is the same change.
    place.git(&["reset", "-q", "--hard", "main~1"]);
    place.git(&["merge", "-q", "--squash", "feature"]);
    place.git(&["commit", "-q", "-m", "land"]);
    let ran = place.run("policy check main~1..main");
    assert_eq!(ran.status, 0, "{}", ran.all());
}

#[test]
fn a_statement_that_cannot_be_made_says_what_to_do() {
    let Some(place) = waiting() else { return };
    let key = place.folder.path().join("lea").display().to_string();
    let said = |words: &str| place.run(words).all();
    insta::assert_snapshot!(said(&format!("policy approve main~0..HEAD --key {key}")), @"
    error: nothing says which branch the change is for
    help: add `--ref main`
    [2]
    ");
    insta::assert_snapshot!(said("policy approve main..HEAD --expires 2001-01-01"), @"
    error: 2001-01-01 is over
    help: name a day to come with `--expires`
    [2]
    ");
    let nowhere = said("policy approve main..HEAD --key nowhere");
    // What `ssh-keygen` says itself is not ours.
    assert!(nowhere.contains("`ssh-keygen` failed"), "{nowhere}");
    assert!(
        nowhere.contains("so nothing was signed or changed"),
        "{nowhere}"
    );
    let tip = place.git(&["rev-parse", "HEAD"]).out;
    let ran = place.run(&format!("policy approve main..{} --key {key}", tip.trim()));
    assert_eq!(ran.status, 2);
    insta::assert_snapshot!(ran.err.replace(tip.trim(), "COMMIT"), @"
    error: `COMMIT` is no branch here, so a statement cannot be committed to it
    help: end the range at the branch of the change, such as `main..feature`; to bring it here: `git switch feature`
    ");
    place.git(&["config", "--unset", "gpg.format"]);
    insta::assert_snapshot!(said("policy approve main..HEAD"), @"
    error: statements are signed by SSH keys, and none is named
    help: name yours: `--key ~/.ssh/id_ed25519`, or for all that Git signs: `git config --global gpg.format ssh` and `git config --global user.signingKey ~/.ssh/id_ed25519.pub`
    [2]
    ");
    place.git(&["config", "gpg.format", "ssh"]);
    place.git(&["switch", "-q", "main"]);
    place
        .write("policy.yaml", APPROVED.replace("repository: shop\n", ""))
        .commit("no name");
    place.git(&["switch", "-q", "-c", "other"]);
    place.write("base.yaml", "fee: 3\n").commit("fee");
    insta::assert_snapshot!(said(&format!("policy approve main..HEAD --key {key}")).replace(&place.git(&["rev-parse", "main"]).out[..12], "COMMIT"), @"
    error: the `policy.yaml` at COMMIT is not valid, so nobody can agree to anything
    help: mend it first: `git strata policy show`
    [2]
    ");
    assert_eq!(
        place
            .git(&["ls-tree", "-r", "--name-only", "HEAD", "approvals"])
            .out,
        ""
    );
}

#[test]
fn what_may_not_be_done_is_not_written() {
    let Some(place) = waiting() else { return };
    let tip = |branch: &str| place.git(&["rev-parse", branch]).out;
    let shown = |words: &str| {
        let mut all = place.run(words).all();
        for revision in ["HEAD", "HEAD~1"] {
            let id = place.git(&["rev-parse", revision]).out;
            for length in [12, 10] {
                all = all.replace(&id[..length], revision);
            }
        }
        // What was written and belongs to nothing has another name each time.
        let lines = all.lines().map(|line| match line.split_once(" (at ") {
            Some((before, rest)) if !rest.starts_with("HEAD") => format!("{before} (at COMMIT)\n"),
            _ => format!("{line}\n"),
        });
        lines.collect::<String>()
    };
    let before = tip("HEAD");
    place.git(&["config", "commit.gpgSign", "false"]);
    insta::assert_snapshot!(shown("set fee=3 --env dev -m cheaper"), @"
    key  was  is  for
    fee  2    3   dev

    new file: dev.yaml
    nothing was committed; it would go to feature

    error[permission-missing]: nobody (the commit is not signed) may not change `fee` in dev: nothing gives them `config.write` there
     --> dev.yaml:1:1 (at COMMIT)
      |
    1 | fee: 3
      | ^^^
      |
     ::: policy.yaml (at HEAD): all is protected here
      = help: who could: oli; to sign what you commit: `git config commit.gpgSign true`

    1 error
    [1]
    ");
    assert_eq!(tip("HEAD"), before);
    assert_eq!(place.git(&["status", "--short"]).out, "");
    place.git(&["config", "commit.gpgSign", "true"]);
    let ann = place.folder.path().join("ann").display().to_string();
    place.git(&["config", "user.signingKey", &ann]);
    assert_eq!(
        place.run("promote dev prod --all -m more").status,
        0,
        "nothing to do"
    );
    let refused = place.run("set fee=3 --env prod -m cheaper --format json");
    assert_eq!(refused.status, 1);
    assert_eq!(refused.json()["findings"][0]["rule"], "permission-missing");
    assert_eq!(refused.json()["body"]["commit"], serde_json::Value::Null);
    assert_eq!(tip("HEAD"), before);
    let oli = place.folder.path().join("oli").display().to_string();
    place.git(&["config", "user.signingKey", &oli]);
    insta::assert_snapshot!(shown("set fee=3 --env prod -m cheaper"), @"
    key  was  is  for
    fee  2    3   prod

    new file: prod.yaml
    committed HEAD on feature

    warning[approval-missing]: `fee` in prod changes, and 0 of 2 who must agree did
      --> prod.yaml:1:1 (at HEAD)
       |
     1 | fee: 3
       | ^^^
       |
      ::: policy.yaml:10:5 (at HEAD~1)
       |
    10 |   - { environments: [prod], needed: 2, from: lead }
       |     ----------------------------------------------- this asks for it
       |
       = help: who has the role `lead` can agree: lea, max; before it is pushed to a branch that asks for it: `git strata policy approve`

    1 warning
    [0]
    ");
    assert_ne!(tip("HEAD"), before);
}

#[test]
fn an_outside_authority_answers_for_people() {
    let Some(place) = waiting() else { return };
    // Where `group:ops` may change what only a name could.
    place.git(&["switch", "-q", "main"]);
    let policy = APPROVED.replace(
        "{ who: [oli], role: operator }",
        "{ who: ['group:ops'], role: operator }",
    );
    place.write("policy.yaml", policy).commit("groups");
    place.write("base.yaml", "fee: 2\n").commit("fee");
    let program = place.folder.path().join("who");
    let answer = |script: &str| {
        std::fs::write(&program, script).unwrap();
        let command = format!("sh {}", program.display());
        place.git(&["config", "strata.authority", &command]);
        let json = place.run("policy check main~1..main --format json").json();
        let of = |it: &serde_json::Value| it["message"].as_str().unwrap().to_owned();
        let findings = json["findings"].as_array().unwrap();
        let told = findings
            .iter()
            .filter(|it| it["rule"] != "approval-missing");
        told.map(of).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(answer("grep -q '\"names\":\\[\"oli\"\\]' && echo '{\"strata-authority\": 1, \"groups\": [\"ops\"]}'"), @"");
    insta::assert_snapshot!(answer("echo '{\"strata-authority\": 1, \"groups\": []}'"), @"oli may not change `fee` in dev, prod: nothing gives them `config.write` there");
    insta::assert_snapshot!(answer("exit 3"), @"
    oli may not change `fee` in dev, prod: nothing gives them `config.write` there
    the authority that is configured did not answer: it failed (exit status: 3)
    ");
    insta::assert_snapshot!(answer("printf '\\377'"), @"
    oli may not change `fee` in dev, prod: nothing gives them `config.write` there
    the authority that is configured did not answer: it printed what is no text
    ");
    insta::assert_snapshot!(answer("yes"), @"
    oli may not change `fee` in dev, prod: nothing gives them `config.write` there
    the authority that is configured did not answer: it printed more than 1048576 bytes
    ");
    place.git(&["config", "strata.authorityTimeout", "1"]);
    // What goes on below it holds nobody up.
    insta::assert_snapshot!(answer("sleep 60"), @"
    oli may not change `fee` in dev, prod: nothing gives them `config.write` there
    the authority that is configured did not answer: it took longer than 1 seconds
    ");
    insta::assert_snapshot!(answer("exec >&-; sleep 60"), @"
    oli may not change `fee` in dev, prod: nothing gives them `config.write` there
    the authority that is configured did not answer: it took longer than 1 seconds
    ");
    place.git(&["config", "strata.authorityTimeout", "soon"]);
    insta::assert_snapshot!(place.run("policy check main~1..main").all(), @"
    error: `strata.authorityTimeout` is no number of seconds up to 3600: `soon`
    help: name one: `git config strata.authorityTimeout 10`
    [2]
    ");
}

#[test]
fn a_policy_with_a_fault_is_told_before_anybody_is_kept_out() {
    let place = place();
    place.write("policy.yaml", POLICY.replace("role: admin", "role: amdin"));
    for words in ["check", "policy show"] {
        let ran = place.run(words);
        assert_eq!(ran.status, 1, "{words}");
        assert!(ran.all().contains("error[policy-invalid]"), "{}", ran.all());
    }
    place.git(&["add", "-A"]);
    assert_eq!(place.run("check --staged").status, 1);
    place.write(
        "policy.yaml",
        POLICY.replace("environments: [dev]", "environments: [dve]"),
    );
    assert!(place.run("check").all().contains("did you mean `dev`?"));
    insta::assert_snapshot!(place.run("policy show --env prdo").all(), @"
    error: there is no environment `prdo`
    help: did you mean `prod`?
    [2]
    ");
    let nowhere = Place::new();
    assert_eq!(nowhere.run("check").status, 2);
    // What no layer is would be read by nobody.
    place.write("policy.yaml", POLICY);
    insta::assert_snapshot!(place.run("set pool=3 --layer prdo.yaml --dry-run").all(), @"
    error: `prdo.yaml` is no layer here, so nothing would read it
    help: did you mean `prod.yaml`?
    [2]
    ");
}
