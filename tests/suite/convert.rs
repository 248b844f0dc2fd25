//! One format into another.

use std::io::Write as _;
use std::process::Stdio;

use super::harness::{Place, hermetic};

#[test]
fn the_answer_is_the_text_and_what_is_lost_stands_beside_it() {
    let place = Place::new();
    place.write("app.yaml", "# The app.\nport: 0x50 # http\n");
    insta::assert_snapshot!(place.run("convert app.yaml --to toml").all(), @"
    # The app.
    port = 0x50 # http
    [0]
    ");
    let ran = place.run("convert app.yaml -o app.json");
    assert_eq!((ran.out.as_str(), ran.status), ("", 0));
    insta::assert_snapshot!(ran.err, @"
    info[form-lost]: 2 comments are left out: JSON has none
     --> app.yaml:1:1

    info[form-lost]: a number is spelt in another way: `0x50` becomes `80`
     --> app.yaml:2:7

    2 info
    ");
    let written = std::fs::read_to_string(place.path().join("app.json")).unwrap();
    assert_eq!(written, "{\n  \"port\": 80\n}\n");
    let quiet = place.run("convert app.yaml --to json -q");
    assert_eq!((quiet.out, quiet.err), (written, String::new()));
}

#[test]
fn nothing_is_written_where_data_would_be_lost() {
    let place = Place::new();
    place.write("app.yaml", "a: 1\nb: null\n");
    insta::assert_snapshot!(place.run("convert app.yaml -o app.toml").all(), @"
    error[not-representable]: `b` is null, and TOML has no null
     --> app.yaml:2:1
      |
    2 | b: null
      | ^
      |
      = help: to leave it out, add `--lossy`

    1 error
    [1]
    ");
    assert!(!place.path().join("app.toml").exists());
    insta::assert_snapshot!(place.run("convert app.yaml --to toml --lossy").all(), @"
    a = 1
    warning[not-representable]: `b` is null, and TOML has no null: it is left out
     --> app.yaml:2:1
      |
    2 | b: null
      | ^

    1 warning
    [0]
    ");
    let json = place.run("convert app.yaml --to toml --format json");
    assert_eq!(
        (json.status, &json.json()["body"]["text"]),
        (1, &serde_json::Value::Null)
    );
}

#[test]
fn what_is_missing_is_named() {
    let place = Place::new();
    place.write("app.conf", "a: 1\n");
    insta::assert_snapshot!(place.run("convert app.conf").all(), @"
    error: which format is wanted is not said
    help: say it with `--to yaml`, `--to json` or `--to toml`, or name a file: `-o app.toml`
    [2]
    ");
    insta::assert_snapshot!(place.run("convert app.conf --to json").all(), @"
    error: which format `app.conf` has is not said
    help: say it with `--from yaml`, `--from json` or `--from toml`
    [2]
    ");
    insta::assert_snapshot!(place.run("convert none.yaml --to json").all(), @"
    error: cannot read `none.yaml`
      because: No such file or directory (os error 2)
    help: name a file, or REVISION:PATH
    [2]
    ");
    insta::assert_snapshot!(place.run("convert app.conf --from yaml --to json --document 2").all(), @"
    error: there is no document 2: `app.conf` has one document
    help: leave `--document` out
    [2]
    ");
    assert_eq!(
        place.run("convert app.conf --from yaml --to toml").out,
        "a = 1\n"
    );
}

#[test]
fn files_of_other_revisions_and_the_standard_input_are_read() {
    let shop = Place::shop();
    let old = shop.run("convert v1.0.0:config/base.yaml --to toml");
    assert!(old.out.contains("[service]\n"), "{}", old.all());
    assert_eq!(
        shop.run("convert config/base.yaml --rev v1.0.0 --to toml")
            .out,
        old.out
    );
    assert_eq!(
        shop.run("convert config/none.yaml --rev v1.0.0 --to toml")
            .status,
        2
    );
    assert!(
        shop.run("convert main --from yaml --to toml")
            .err
            .contains("is a revision, not a file")
    );
    let mut command = hermetic(env!("CARGO_BIN_EXE_git-strata"), shop.path());
    command
        .args(["convert", "-", "--from", "json", "--to", "yaml"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"{\"a\": [1]}")
        .unwrap();
    let ran = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "a:\n  - 1\n");
}
