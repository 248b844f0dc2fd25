use insta::assert_snapshot;

use super::{repository, run, told};
use crate::ops::upgrade::Options;
use crate::report::View;

const APP: &str = "# the shop
host: db   # the main one
pool: 5    # per copy

timeout_s: 30
level: 'verbose'
# remove some day
legacy: true
password: hunter2
region: eu
cache: {}
";

fn options() -> Options {
    Options::default()
}

#[test]
fn a_file_goes_over_two_versions_and_keeps_its_comments() {
    let scratch = repository();
    let report = run(&scratch, "v1.0.0", "v3.0.0", ("app.yaml", APP), options()).unwrap();
    let file = &report.body.files[0];
    assert_snapshot!(file.text, @"
    # the shop

    timeout_ms: 30000
    level: 'debug'
    # removed in 2.0.0: nobody used it
    # remove some day
    region: eu
    cache: {}
    database:
      host: db   # the main one
      max_connections: 5    # per copy
    secrets:
      password: hunter2
    ");
    assert_snapshot!(format!("{:?} {:?} {:?}", file.valid_before, file.between, file.valid_after), @r#"Some(true) [Between { version: "2.0.0", valid: true }] Some(true)"#);
}

#[test]
fn what_is_done_is_told_without_secrets() {
    let scratch = repository();
    let app = APP.replace("region: eu\n", "");
    let report = run(&scratch, "1.0.0", "3.0.0", ("app.yaml", &app), options()).unwrap();
    let file = &report.body.files[0];
    assert!(!file.diff.contains("hunter2"));
    assert!(
        !serde_json::to_string(&report.body)
            .unwrap()
            .contains("hunter2")
    );
    assert_snapshot!(file.diff, @"
    --- app.yaml
    +++ app.yaml
    @@ -1,10 +1,12 @@
     # the shop
    -host: db   # the main one
    -pool: 5    # per copy
     
    -timeout_s: 30
    -level: 'verbose'
    +timeout_ms: 30000
    +level: 'debug'
    +# removed in 2.0.0: nobody used it
     # remove some day
    -legacy: true
    -password: ***
     cache: {}
    +database:
    +  host: db   # the main one
    +  max_connections: 5    # per copy
    +secrets:
    +  password: ***
    ");
    assert_snapshot!(format!("{:#?}", &report.body.view()[..3]), @r#"
    [
        Heading(
            "app.yaml: 1.0.0 → 3.0.0",
        ),
        Text(
            "something is left to do by hand",
        ),
        Tree(
            [
                TreeNode {
                    text: "to 2.0.0",
                    children: [
                        TreeNode {
                            text: "rename pool → max_connections (connections are counted, not pools)",
                            children: [],
                        },
                        TreeNode {
                            text: "convert timeout_s: 30 becomes 30000",
                            children: [],
                        },
                        TreeNode {
                            text: "rename timeout_s → timeout_ms",
                            children: [],
                        },
                        TreeNode {
                            text: "map_values level: verbose becomes debug",
                            children: [],
                        },
                        TreeNode {
                            text: "remove legacy: was true (nobody used it)",
                            children: [],
                        },
                    ],
                },
                TreeNode {
                    text: "to 3.0.0",
                    children: [
                        TreeNode {
                            text: "move host → database.host",
                            children: [],
                        },
                        TreeNode {
                            text: "move max_connections → database.max_connections",
                            children: [],
                        },
                        TreeNode {
                            text: "move password → secrets.password",
                            children: [],
                        },
                    ],
                },
                TreeNode {
                    text: "to do by hand",
                    children: [
                        TreeNode {
                            text: "choose a region",
                            children: [],
                        },
                    ],
                },
                TreeNode {
                    text: "to know",
                    children: [
                        TreeNode {
                            text: "cache: read the release notes about caching",
                            children: [],
                        },
                    ],
                },
            ],
        ),
    ]
    "#);
    assert_snapshot!(told(&report), @"
    warning[upgrade-manual] app.yaml:1 choose a region
    error[missing-option] app.yaml:2 the option `region` is missing; it must be a text
    warning[upgraded-default] app.yaml:10 `cache.ttl` is not set, and its default goes from `60` to `30` in 3.0.0; `--pin-defaults` writes the old one down
    ");
}

#[test]
fn json_and_toml_are_upgraded_too() {
    let scratch = repository();
    let json = "{\n  // the main one\n  \"host\": \"db\",\n  \"pool\": 5\n}\n";
    let report = run(&scratch, "1.0.0", "2.0.0", ("app.json", json), options()).unwrap();
    assert_snapshot!(report.body.files[0].text, @r#"
    {
      // the main one
      "host": "db",
      "max_connections": 5
    }
    "#);
    let toml = "# the main one\nhost = \"db\"\npool = 5\n";
    let report = run(&scratch, "1.0.0", "2.0.0", ("app.toml", toml), options()).unwrap();
    assert_snapshot!(report.body.files[0].text, @r#"
    # the main one
    host = "db"
    max_connections = 5
    "#);
}

#[test]
fn comments_of_what_goes_go_where_asked() {
    let scratch = repository();
    let options = Options {
        drop_comments: true,
        ..options()
    };
    let report = run(&scratch, "1.0.0", "2.0.0", ("app.yaml", APP), options).unwrap();
    assert!(!report.body.files[0].text.contains("remove some day"));
}

#[test]
fn what_is_there_already_stays_byte_for_byte() {
    let scratch = repository();
    let text = "region:   eu # odd\r\n\"timeout_ms\": 0x10\r\n";
    for (from, to) in [("3.0.0", "3.0.0"), ("1.0.0", "3.0.0"), ("2.0.0", "3.0.0")] {
        let report = run(&scratch, from, to, ("app.yaml", text), options()).unwrap();
        let file = &report.body.files[0];
        assert_eq!(file.text, text);
        assert!(!file.changed && file.diff.is_empty() && file.steps.is_empty());
    }
}

#[test]
fn old_defaults_are_pinned_where_asked() {
    let scratch = repository();
    let options = Options {
        pin_defaults: true,
        ..options()
    };
    let report = run(
        &scratch,
        "1.0.0",
        "2.0.0",
        ("app.yaml", "cache: {}\n"),
        options,
    )
    .unwrap();
    assert_snapshot!(report.body.files[0].text, @"
    cache:
      ttl: 60
    ");
    assert!(report.findings.is_empty(), "{}", told(&report));
    assert!(report.body.files[0].behaviour[0].pinned);
}

#[test]
fn an_older_version_is_reached_where_each_step_can_be_undone() {
    let scratch = repository();
    let new = "region: eu\ndatabase:\n  host: db # main\n";
    let report = run(&scratch, "3.0.0", "2.0.0", ("app.yaml", new), options()).unwrap();
    assert_snapshot!(report.body.files[0].text, @"
    region: eu
    host: db # main
    ");
    let error = run(&scratch, "3.0.0", "1.0.0", ("app.yaml", new), options())
        .err()
        .unwrap();
    assert_snapshot!(format!("{error:?}"), @"Usage: `migrations/2.0.0.yaml`: step 5 (`remove`) at line 14 cannot be undone: `was` does not say what it took out (help: give the step an `inverse: […]`, or change the file by hand)");
}

#[test]
fn several_documents_go_together() {
    let scratch = repository();
    let text = "pool: 1 # a\n---\npool: 2 # b\n";
    let report = run(&scratch, "1.0.0", "2.0.0", ("app.yaml", text), options()).unwrap();
    assert_snapshot!(report.body.files[0].text, @"
    max_connections: 1 # a
    ---
    max_connections: 2 # b
    ");
}

#[test]
fn a_broken_file_is_told_and_left() {
    let scratch = repository();
    let report = run(
        &scratch,
        "1.0.0",
        "2.0.0",
        ("app.yaml", "pool: [\n"),
        options(),
    )
    .unwrap();
    assert_eq!(report.body.files[0].text, "pool: [\n");
    assert_eq!(report.findings[0].rule.id, "syntax-error");
}
