//! `git strata upgrade` and `git strata migration`, end to end.

use insta::assert_snapshot;

use super::harness::Place;

/// A repository with two versions of a schema, a migration between them, and a file.
fn place() -> Place {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.write("strata.yaml", "strata: 1\nschemas: [schema.yaml]\n");
    place.write(
        "schema.yaml",
        "type: object\nadditionalProperties: false\nproperties:\n  pool: {type: integer}\n  level: {type: string}\n",
    );
    place.commit("one");
    place.git(&["tag", "v1.0.0"]);
    place.write(
        "schema.yaml",
        "type: object\nadditionalProperties: false\nproperties:\n  max_connections: {type: integer}\n  level: {type: string}\n",
    );
    place.write(
        "migrations/2.0.0.yaml",
        "strata-migration: 1\nsteps:\n  - rename: pool\n    to: max_connections\n    why: connections are counted\n",
    );
    place.write("app.yaml", "pool: 5   # per copy\nlevel: 'info'\n");
    place.commit("two");
    place.git(&["tag", "v2.0.0"]);
    place
}

fn read(place: &Place, path: &str) -> String {
    std::fs::read_to_string(place.path().join(path)).unwrap()
}

#[test]
fn an_upgrade_is_shown_and_then_made() {
    let place = place();
    let ran = place.run("upgrade --from 1.0.0 --to 2.0.0 app.yaml");
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_snapshot!(ran.out, @"
    app.yaml: 1.0.0 → 2.0.0
    all of it can be done; `--write` does it

    to 2.0.0
    └─ rename pool → max_connections (connections are counted)

    --- app.yaml
    +++ app.yaml
    @@ -1,2 +1,2 @@
    -pool: 5   # per copy
    +max_connections: 5   # per copy
     level: 'info'

    no findings
    ");
    assert_eq!(
        read(&place, "app.yaml"),
        "pool: 5   # per copy\nlevel: 'info'\n"
    );
    let ran = place.run("upgrade --from v1.0.0 --to v2.0.0 --write app.yaml");
    assert_eq!((ran.status, ran.err.as_str()), (0, "wrote 1 file\n"));
    assert_eq!(
        read(&place, "app.yaml"),
        "max_connections: 5   # per copy\nlevel: 'info'\n"
    );
    let again = place.run("upgrade --from v1.0.0 --to v2.0.0 --write app.yaml");
    assert_eq!((again.status, again.err.as_str()), (0, ""));
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_its_file_is_written() {
    let place = place();
    let link = place.path().join("link.yaml");
    std::os::unix::fs::symlink("app.yaml", &link).unwrap();
    let ran = place.run("upgrade --from v1.0.0 --to v2.0.0 --write link.yaml");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(link.is_symlink());
    assert!(read(&place, "app.yaml").starts_with("max_connections: 5"));
}

#[test]
fn what_is_not_committed_is_not_written_over() {
    let place = place();
    place.write("app.yaml", "pool: 6\n");
    place.write("new.yaml", "pool: 6\n");
    for file in ["app.yaml", "new.yaml"] {
        let ran = place.run(&format!("upgrade --from v1.0.0 --to v2.0.0 --write {file}"));
        assert_eq!(ran.status, 2);
        assert!(
            ran.err.contains("has changes that are not committed"),
            "{}",
            ran.err
        );
        assert_eq!(read(&place, file), "pool: 6\n");
        let ran = place.run(&format!(
            "upgrade --from v1.0.0 --to v2.0.0 --write --allow-dirty {file}"
        ));
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert_eq!(read(&place, file), "max_connections: 6\n");
    }
}

#[test]
fn versions_are_revisions_and_files_too() {
    let place = place();
    for (from, to, steps) in [
        ("v1.0.0", "HEAD", 1),
        ("HEAD~1", "main", 1),
        ("v1.0.0:schema.yaml", "v2.0.0:schema.yaml", 1),
        ("v1.0.0:schema.yaml", "schema.yaml", 0),
    ] {
        let ran = place.run(&format!(
            "upgrade --from {from} --to {to} app.yaml --format json"
        ));
        let body = &ran.json()["body"];
        assert_eq!(
            body["files"][0]["steps"].as_array().unwrap().len(),
            steps,
            "{from} {to}"
        );
        // Where no migration is known, the new schema still says what is wrong.
        assert_eq!(ran.status, i32::from(steps == 0), "{from} {to}");
    }
    let ran = place.run("upgrade --from 1.5.0 --to v2.0.0 app.yaml");
    assert_eq!(ran.status, 2);
    assert_snapshot!(ran.err, @"
    error: there is no version `1.5.0`
    help: known are `v1.0.0`, `v2.0.0`
    ");
    let ran = place.run("upgrade --schema no.yaml --from v1.0.0 --to v2.0.0 app.yaml");
    assert_eq!(ran.status, 2);
    assert_snapshot!(ran.err, @"
    error: there is no schema `no.yaml` at v1.0.0
    help: name its path from the root of the repository
    ");
}

#[test]
fn migrations_are_drafted_checked_and_tested() {
    let place = place();
    let ran = place.run("migration new --from v1.0.0 --to 2.0.0 --write");
    assert_eq!(ran.status, 2);
    assert_snapshot!(ran.err, @"
    error: `migrations/2.0.0.yaml` is there already
    help: take it away first, or draft without `--write`
    ");
    let ran = place.run("migration new --from v1.0.0 --to 2.1.0 --write");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(read(&place, "migrations/2.1.0.yaml").contains("strata-migration: 1"));
    place.write("migrations/tests/2.0.0/one/in.yaml", "pool: 5\n");
    place.write(
        "migrations/tests/2.0.0/one/out.yaml",
        "max_connections: 5\n",
    );
    let ran = place.run("migration test");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_snapshot!(ran.out, @"
    version  steps  released  can be undone
    2.0.0    1      v2.0.0    yes
    2.1.0    1      no        step 1 (`remove`) at line 7 cannot be undone: `was` does not say what it took out

    1 case passed

    no findings
    ");
    assert_eq!(place.run("migration check").status, 0);
    place.write("migrations/2.0.0.yaml", "strata-migration: 1\nsteps: []\n");
    let ran = place.run("migration check v1.0.0..HEAD");
    assert_eq!(ran.status, 1);
    for rule in [
        "migration-edited",
        "migration-incomplete",
        "migration-test-failed",
    ] {
        assert!(ran.out.contains(rule), "{rule} in {}", ran.out);
    }
}

#[test]
fn every_layer_of_the_environments_is_upgraded() {
    let place = place();
    place.write(
        "strata.yaml",
        "strata: 1\nschemas: [schema.yaml]\nlayers: [app.yaml, '{environment}.yaml']\nenvironments: { dev: {} }\n",
    );
    place.write("dev.yaml", "pool: 2 # dev\n");
    place.commit("layers");
    std::fs::create_dir(place.path().join("sub")).unwrap();
    for all in ["--all", "--env dev"] {
        let ran = place.run(&format!(
            "-C sub upgrade --from 1.0.0 --to 2.0.0 {all} --format json"
        ));
        assert_eq!(ran.json()["body"]["files"].as_array().unwrap().len(), 2);
    }
    let ran = place.run("-C sub upgrade --from 1.0.0 --to 2.0.0 --all --write");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(read(&place, "dev.yaml"), "max_connections: 2 # dev\n");
    assert!(read(&place, "app.yaml").starts_with("max_connections: 5"));
}

#[test]
fn layers_that_take_values_away_are_not_taken_for_faulty() {
    let shop = crate::harness::Place::shop();
    let ran = shop.run("upgrade --from v1.2.0 --to v2.0.0 --env staging --format json");
    let json = ran.json();
    let rules: Vec<&str> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["rule"].as_str().unwrap())
        .collect();
    assert_eq!(
        rules,
        [
            "missing-option",
            "upgrade-manual",
            "out-of-range",
            "upgrade-manual"
        ]
    );
    let ran = shop.run("migration check");
    assert!(
        ran.status == 0 && ran.out.contains("1 case passed"),
        "{}",
        ran.out
    );
}

#[test]
fn files_of_a_revision_are_read_there_and_not_written() {
    let shop = crate::harness::Place::shop();
    let way = "upgrade --from v1.2.0 --to v2.0.0";
    let ran = shop.run(&format!("{way} v1.2.0:config/base.yaml --format json"));
    let json = ran.json();
    assert_eq!(
        json["body"]["files"][0]["steps"][0]["operation"], "rename",
        "{json}"
    );
    for wrong in [
        "v1.2.0:config/base.yaml --write",
        "v1.2.0 --write",
        "config/base.yaml --rev v1.2.0",
        "config/base.yaml --staged",
    ] {
        assert_eq!(shop.run(&format!("{way} {wrong}")).status, 2, "{wrong}");
    }
}
