use std::path::Path;

use super::*;
use crate::config::schema::{Schema, Validator};
use crate::config::{Configuration, Snapshot};
use crate::document::{Format, parse};

fn read(text: &str) -> (Option<Manifest>, Vec<String>) {
    let source = Arc::new(Source::new("strata.yaml", text));
    let parsed = parse(&source, Format::Yaml);
    assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
    let (manifest, findings) = Manifest::read(&parsed.documents[0]);
    let said = findings.iter().map(|finding| {
        let line = finding.location.start().line;
        let help = finding.help.as_deref().unwrap_or_default();
        format!("{}:{line} {} ({help})", finding.rule.id, finding.message)
    });
    (manifest, said.collect())
}

const WHOLE: &str = "strata: 1
schemas: [schema/app.yaml]
versions: 'app-*'
migrations: migrations/
layers:
  - config/base.yaml
  - config/{provider}/{service}/{environment}.yaml
services: config/services/*
environments:
  dev:
  prod: { ref: env/prod, provider: gcp, follows: dev, protected: true, x-owner: us }
merge:
  /hosts: append
  /a/*/b: by-key(id)
x-note: mine
";

#[test]
fn reads_all_that_can_be_said() {
    let (manifest, said) = read(WHOLE);
    assert_eq!(said, [""; 0]);
    let manifest = manifest.unwrap();
    assert_eq!(manifest.versions, "app-*");
    assert_eq!(manifest.migrations.as_deref(), Some("migrations/"));
    assert_eq!(
        manifest.services.as_ref().unwrap().value,
        "config/services/*"
    );
    assert_eq!(
        manifest.environment_names().collect::<Vec<_>>(),
        ["dev", "prod"]
    );
    let prod = &manifest.environments["prod"];
    assert_eq!(prod.reference.as_deref(), Some("env/prod"));
    assert!(prod.protected && !manifest.environments["dev"].protected);
    let target = manifest.target(Some("prod"), Some("cart"));
    assert_eq!(
        target,
        Target::default()
            .environment("prod")
            .provider("gcp")
            .service("cart")
    );
    assert!(manifest.uses(Name::Service));
    assert_eq!(manifest.merge[1].1, MergeStrategy::ByKey("id".into()));
}

#[test]
fn unknown_key_offers_the_nearest() {
    let (_, said) = read("strata: 1\nlayer: []\nenvironments:\n  dev: { reff: a }\n");
    assert_eq!(
        said,
        [
            "unknown-key:4 nothing reads the key `reff` (did you mean `ref`?)",
            "unknown-key:2 nothing reads the key `layer` (did you mean `layers`?)",
        ]
    );
}

#[test]
fn invalid_value_says_what_the_key_takes() {
    let (manifest, said) = read(
        "strata: 2\nschemas: schema.yaml\nlayers: [1, '{env}.yaml', ../up.yaml]\nservices: a//b\n\
         environments:\n  dev: { protected: perhaps }\nmerge: { /a: sideways, 'a..b': deep }\n",
    );
    assert!(manifest.is_some());
    insta::assert_snapshot!(said.join("\n"), @r#"
    invalid-value:1 `strata` names a version of the manifest that this program does not know (write `strata: 1`, or use a newer `git strata`)
    invalid-value:2 `schemas` must be a list, one `- name` a line; it is a text ()
    invalid-value:3 each of `layers` must be a text that is not empty; it is a number ()
    invalid-value:3 `{env}.yaml`: `{env}` is no placeholder (write a path from the root of the repository, with {environment}, {provider} and {service} where a name is to be filled in)
    invalid-value:3 `../up.yaml`: a path must lead from the root of the repository to a place inside it (write a path from the root of the repository, with {environment}, {provider} and {service} where a name is to be filled in)
    invalid-value:4 `services` must be a path inside the repository (write it from the root, such as `config/services/*`)
    invalid-value:6 `protected` must be true or false; it is a text ()
    invalid-value:7 this is no way to merge (write `/path/to/list: append`; the ways are replace, deep, append, unique and by-key(name))
    invalid-value:7 `a..b` names no place: an empty part in the key `a..b`; write an empty key as "" (write `/path/to/list: append`; the ways are replace, deep, append, unique and by-key(name))
    "#);
}

#[test]
fn invalid_value_for_a_file_that_is_no_map_or_names_no_version() {
    assert!(read("- a\n").0.is_none());
    let (_, said) = read("layers: []\n");
    assert_eq!(
        said,
        ["invalid-value:1 the key `strata` is missing (add `strata: 1`)"]
    );
}

#[test]
fn environment_cycle_is_told_with_the_way_round() {
    let (_, said) = read(
        "strata: 1\nenvironments:\n  a: { follows: b }\n  b: { follows: a }\n  c: { follows: a }\n",
    );
    assert_eq!(
        said,
        [
            "environment-cycle:3 `a` follows itself: a → b → a (take one `follows` away, so that the chain has a start)",
            "environment-cycle:4 `b` follows itself: b → a → b (take one `follows` away, so that the chain has a start)",
        ]
    );
}

#[test]
fn unknown_environment_offers_the_nearest() {
    let (_, said) = read("strata: 1\nenvironments:\n  staging: {}\n  prod: { follows: stagin }\n");
    assert_eq!(
        said,
        [
            "unknown-environment:4 `prod` follows `stagin`, which is no environment (did you mean `staging`?)"
        ]
    );
}

/// The published schema and the reader must agree about what a manifest is.
#[test]
fn published_schema_agrees_with_the_reader() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("schema.json"), MANIFEST_SCHEMA).unwrap();
    let snapshot = Snapshot::of_folder(folder.path());
    let schema = Schema::load(&snapshot, "schema.json").unwrap().0.unwrap();
    let validator = Validator::compile(&schema).unwrap();
    for (text, good) in [
        (WHOLE, true),
        ("strata: 1\n", true),
        (
            "strata: 1\nlayers:\nenvironments: { a: , b: { ref: } }\n",
            true,
        ),
        ("strata: 2\n", false),
        ("layers: []\n", false),
        ("strata: 1\nlayer: []\n", false),
        ("strata: 1\nlayers: a\n", false),
        ("strata: 1\nlayers: ['{env}']\n", false),
        ("strata: 1\nlayers: [/a]\n", false),
        ("strata: 1\nservices: 5\n", false),
        (
            "strata: 1\nenvironments: { a: { protected: maybe } }\n",
            false,
        ),
        ("strata: 1\nenvironments: { a: { branch: b } }\n", false),
        ("strata: 1\nmerge: { /a: sideways }\n", false),
        ("strata: 1\nversions: ''\n", false),
    ] {
        let (_, said) = read(text);
        assert_eq!(said.is_empty(), good, "{text}: {said:?}");
        let source = Arc::new(Source::new("strata.yaml", text));
        let root = &parse(&source, Format::Yaml).documents[0].root;
        assert_eq!(validator.is_valid(root), good, "{text}");
    }
}

#[test]
fn a_configuration_without_a_usable_manifest_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let open = |folder: &Path| match Configuration::open(None, Snapshot::of_folder(folder)) {
        Ok(_) => panic!("there is nothing to open"),
        Err(error) => format!("{error:?}"),
    };
    insta::assert_snapshot!(open(folder.path()), @"NotFound: there is no `strata.yaml` here (help: start one with `git strata init`, or go to the repository that has it)");
    std::fs::write(
        folder.path().join("strata.yaml"),
        "strata: 1\nlayer: []\nschema: []\n",
    )
    .unwrap();
    insta::assert_snapshot!(open(folder.path()), @"Invalid: strata.yaml:2: nothing reads the key `layer` (and 1 more) (help: `git strata check` tells all that is wrong)");
    std::fs::write(folder.path().join("strata.yaml"), "a: 1\n---\nb: 1\n").unwrap();
    insta::assert_snapshot!(open(folder.path()), @"Invalid: strata.yaml:3: this file holds 2 documents, where one is meant (and 2 more) (help: `git strata check` tells all that is wrong)");
}

#[test]
fn what_is_wrong_with_a_keyring_is_told() {
    let key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kud6tx5zqx8j0aa";
    let (manifest, said) = read(&format!(
        "strata: 1
environments: {{ prod: {{}} }}
keyrings:
  a b: {{ recipient: {key}, generation: 1 }}
  none: {{ generation: 1 }}
  wrong: {{ recipient: age1x, generation: 0, environments: [prodd], keys: ['a..b'] }}
  young: {{ recipient: {key}, members: {{ ann: 7 }} }}
"
    ));
    assert!(manifest.unwrap().keyrings.is_empty());
    insta::assert_snapshot!(said.join("\n"), @r#"
    invalid-value:4 `a b` cannot name a keyring (take letters, digits, `-` and `_`)
    invalid-value:5 the key `recipient` is missing (add `recipient: age1…`)
    invalid-value:6 `age1x` is no recipient (give a public key that begins with `age1` (`age-keygen` makes one), or with `ssh-ed25519`)
    invalid-value:6 a generation is a whole number from 1 (`git strata secret keyring rotate` counts it)
    unknown-environment:6 `prodd` is no environment (did you mean `prod`?)
    invalid-value:6 `a..b`: an empty part in the key `a..b`; write an empty key as "" (write a key, in which `*` stands for any one part: `db.*`)
    invalid-value:7 `age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kud6tx5zqx8j0aa` is no recipient (give a public key that begins with `age1` (`age-keygen` makes one), or with `ssh-ed25519`)
    invalid-value:7 the key `generation` is missing (add `generation: 1`)
    invalid-value:7 `` is no recipient (give a public key that begins with `age1` (`age-keygen` makes one), or with `ssh-ed25519`)
    "#);
}
