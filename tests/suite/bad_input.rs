//! Bad input and unusual repositories: a clear word, or the right answer; never a panic.

use super::harness::Place;

/// A repository with one layer and one schema.
fn small() -> Place {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.write(
        "strata.yaml",
        "strata: 1\nschemas: [schema.yaml]\nlayers: [base.yaml]\n",
    );
    place.write(
        "schema.yaml",
        "type: object\nproperties:\n  port: { type: integer }\n",
    );
    place.write("base.yaml", "port: 1\n");
    place.commit("start");
    place
}

#[test]
fn the_manifest_says_what_is_wrong_with_it() {
    let place = small();
    place.write(
        "strata.yaml",
        "strata: 1\nlayer: []\nlayers: [base.yaml, bsae.yaml]\n",
    );
    insta::assert_snapshot!(place.run("check").all(), @"
    checked 2 files, 1 target

    error[unknown-key]: nothing reads the key `layer`
     --> strata.yaml:2:1
      |
    2 | layer: []
      | ^^^^^
      |
      = help: did you mean `layers`?

    warning[layer-matches-nothing]: `bsae.yaml` is there for no target
     --> strata.yaml:3:21
      |
    3 | layers: [base.yaml, bsae.yaml]
      |                     ^^^^^^^^^
      |
      = help: correct the path, add the file, or take the line away

    1 error, 1 warning
    [1]
    ");
}

#[test]
fn schemas_say_what_is_wrong_with_them() {
    let place = small();
    place.write(
        "schema.yaml",
        "$ref: '#/$defs/a'\n$defs:\n  a: { $ref: '#/$defs/b' }\n  b: { $ref: '#/$defs/a' }\n",
    );
    insta::assert_snapshot!(place.run("check").all(), @"
    checked 2 files, 1 schema, 1 target

    error[schema-ref-cycle]: this reference leads back to itself, with nothing between
     --> schema.yaml:4:14
      |
    4 |   b: { $ref: '#/$defs/a' }
      |              ^^^^^^^^^^^
      |
     ::: schema.yaml:3:14
      |
    3 |   a: { $ref: '#/$defs/b' }
      |              ----------- by way of this one

    1 error
    [1]
    ");
    place.write(
        "schema.yaml",
        "type: objcet\nproperties:\n  port: { $ref: missing.yaml }\n",
    );
    insta::assert_snapshot!(place.run("check").all(), @"
    checked 2 files, 1 schema, 1 target

    error[schema-invalid]: `type` must be one of `array`, `boolean`, `integer`, `null`, `number`, `object` or `string`, or a list; it is the text `objcet`
     --> schema.yaml:1:1
      |
    1 | type: objcet
      | ^^^^
      |
      = help: did you mean `object`?

    error[schema-ref-broken]: there is no file `missing.yaml`
     --> schema.yaml:3:17
      |
    3 |   port: { $ref: missing.yaml }
      |                 ^^^^^^^^^^^^

    2 errors
    [1]
    ");
}

#[test]
fn files_that_are_no_text_or_break_off_are_told() {
    let place = small();
    place.write("base.yaml", b"port: 1 # caf\xe9\n");
    insta::assert_snapshot!(place.run("check").all(), @"
    checked 2 files, 1 schema, 1 target

    error[not-utf8]: the byte 0xe9 at offset 13 is no UTF-8
     --> base.yaml:1:14
      |
    1 | port: 1 # caf
      |              ^
      |
      = help: save the file as UTF-8; if it holds no text, leave it out

    1 error
    [1]
    ");
    insta::assert_snapshot!(place.run("get port").all(), @"
    error: base.yaml:1: the byte 0xe9 at offset 13 is no UTF-8
    help: `git strata check` tells all that is wrong
    [2]
    ");
    place.write("base.yaml", "port: [1\nhost: \"x\n");
    assert_eq!(place.run("check").status, 1);
}

#[test]
fn names_that_nothing_answers_to_offer_what_is_near() {
    let place = small();
    place.git(&["tag", "v1.0.0"]);
    place.write("base.yaml", "port: 2\n");
    place.commit("more");
    let said = [
        place.run("diff v1.0 HEAD").err,
        place.run("compat v1.0.0..v2.0.0").err,
        place.run("check HEAD..v1.0.0").err,
        place.run("show --rev mian").err,
        place.run("drift a b").err,
        place.run("check nothing.yaml").err,
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    error: `v1.0` is neither a revision nor a file
    help: did you mean `v1.0.0`?

    error: no revision `v2.0.0`
    help: did you mean `v1.0.0`?

    error: the range `HEAD..v1.0.0` is in the wrong order: `v1.0.0` is an ancestor of `HEAD`
    help: swap the sides: `v1.0.0..HEAD`

    error: no revision `mian`
    help: did you mean `main`?

    error: `a` is neither an environment nor a revision
      because: no revision `a`

    error: `nothing.yaml` is neither a revision nor a file
    help: there are `main`, `v1.0.0`
    ");
}

#[test]
fn without_a_repository_files_can_be_compared_and_the_rest_is_said() {
    let place = Place::new();
    place
        .write("a.json", "{\"type\": \"object\"}")
        .write("b.json", "{\"type\": \"object\", \"required\": [\"x\"]}");
    assert_eq!(place.run("diff a.json b.json").status, 0);
    assert_eq!(place.run("compat a.json b.json").status, 1);
    assert_eq!(place.run("check a.json --schema a.json").status, 0);
    let said = place.run("hook status").err;
    assert!(said.contains("is not inside a Git repository"), "{said}");
    assert!(said.contains("help: "), "{said}");
    let said = place.run("get port").err;
    assert!(said.contains("there is no `strata.yaml` here"), "{said}");
}

#[test]
fn before_the_first_commit_there_is_still_an_answer() {
    let place = Place::new();
    place.git(&["init", "-q"]);
    place
        .write("strata.yaml", "strata: 1\nlayers: [base.yaml]\n")
        .write("base.yaml", "port: 1\n");
    assert_eq!(place.run("get port").out, "1\n");
    assert_eq!(place.run("check").status, 0);
    place.git(&["add", "-A"]);
    assert_eq!(place.run("check --staged").status, 0);
    let said = place.run("diff HEAD").err;
    assert!(said.contains("git commit --allow-empty"), "{said}");
}

#[test]
fn detached_bare_linked_and_shallow_repositories_answer() {
    let shop = Place::shop();
    let words = "drift staging prod --format json";
    let answer = shop.run(words).json()["body"]["counts"].clone();
    shop.git(&["checkout", "-q", "--detach"]);
    assert_eq!(shop.run(words).json()["body"]["counts"], answer);
    shop.git(&["clone", "-q", "--bare", ".", "../bare.git"]);
    let bare = shop.folder.path().join("bare.git");
    let words: Vec<_> = words.split(' ').collect();
    assert_eq!(
        shop.run_in(&bare, &words, &[]).json()["body"]["counts"],
        answer
    );
    let get = ["get", "http.port", "--env", "prod"];
    assert_eq!(shop.run_in(&bare, &get, &[]).out, "8080\n");
    shop.git(&["worktree", "add", "-q", "../linked", "main"]);
    let linked = shop.folder.path().join("linked");
    assert_eq!(
        shop.run_in(&linked, &words, &[]).json()["body"]["counts"],
        answer
    );
    // A clone has the environments as branches of its origin only.
    shop.git(&["clone", "-q", ".", "../clone"]);
    let clone = shop.folder.path().join("clone");
    assert_eq!(
        shop.run_in(&clone, &words, &[]).json()["body"]["counts"],
        answer
    );
    assert_eq!(shop.run_in(&clone, &["check"], &[]).status, 0);
    let url = format!("file://{}", shop.path().display());
    shop.git(&[
        "clone",
        "-q",
        "--depth",
        "1",
        "--no-single-branch",
        &url,
        "../shallow",
    ]);
    let shallow = shop.folder.path().join("shallow");
    // Without a past nobody knows which value is the newer one.
    let counts = &shop.run_in(&shallow, &words, &[]).json()["body"]["counts"];
    assert_eq!(
        (&counts["value-differs"], &counts["intentional"]),
        (&4.into(), &answer["intentional"])
    );
}

#[test]
fn a_corrupt_object_is_an_error_and_no_panic() {
    let place = small();
    let id = place.git(&["rev-parse", "HEAD:base.yaml"]).out;
    let (dir, file) = id.trim().split_at(2);
    let object = place.path().join(".git/objects").join(dir).join(file);
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, b"x\x9cnot zlib").unwrap();
    let ran = place.run("get port --rev HEAD");
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(ran.err.starts_with("error: "), "{}", ran.err);
}

#[test]
fn a_sha256_repository_answers() {
    let place = Place::new();
    place.git(&["init", "-q", "--object-format=sha256", "-b", "main"]);
    place
        .write("strata.yaml", "strata: 1\nlayers: [base.yaml]\n")
        .write("base.yaml", "port: 1\n");
    place.commit("one");
    place.write("base.yaml", "port: 2\n");
    place.commit("two");
    assert_eq!(place.run("get port --rev HEAD~1").out, "1\n");
    assert!(place.run("diff HEAD~1..HEAD").out.contains("port: 1 → 2"));
}
