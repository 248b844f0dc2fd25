use super::super::{CompatBody, Side, Terms, run, schemas_between};
use super::*;
use crate::git::testing::Scratch;
use crate::report::Report;
use bstr::BString;

/// Compares two revisions, and gives each schema with its rules.
fn compared(scratch: &Scratch, old: &str, new: &str, paths: &[&str]) -> Report<CompatBody> {
    let repo = scratch.repo();
    let tree = |name| Snapshot::of_revision(&repo, &repo.revision(name).unwrap());
    let (old, new) = (tree(old), tree(new));
    let changes = old.files().changes_to(new.files()).unwrap();
    let paths: Vec<BString> = paths.iter().map(|path| BString::from(*path)).collect();
    let pairs = schemas_between(&old, &new, &changes, &paths).unwrap();
    let side = |loader| Side {
        loader,
        revision: None,
        version: None,
        date: None,
    };
    run(&side(&old), &side(&new), &pairs, &Terms::default()).unwrap()
}

fn said(report: &Report<CompatBody>) -> Vec<String> {
    let schemas = report.body.schemas.iter();
    schemas
        .map(|schema| {
            let rules: Vec<&str> = schema.changes.iter().map(|c| c.rule.id()).collect();
            format!("{}: {}", schema.path, rules.join(" "))
        })
        .collect()
}

const DEFS: &str = "$defs:\n  port: {type: integer, maximum: 65535}\n";

#[test]
fn schema_is_found_by_the_part_that_changed_in_another_folder() {
    let scratch = Scratch::new();
    let app = "type: object\nproperties:\n  port: {$ref: 'common/defs.yaml#/$defs/port'}\n";
    let up =
        "type: object\nproperties:\n  p: {$ref: '../../schema/common/defs.yaml#/$defs/port'}\n";
    scratch.write("schema/app.yaml", app);
    scratch.write("other/deep/up.yaml", up);
    scratch.write("schema/common/defs.yaml", DEFS);
    scratch.write("config/defs.yaml", "a: 1\n");
    scratch.commit("one");
    scratch.write("schema/common/defs.yaml", DEFS.replace("65535", "1024"));
    scratch.commit("two");
    let report = compared(&scratch, "HEAD~", "HEAD", &[]);
    assert_eq!(
        said(&report),
        [
            "other/deep/up.yaml: maximum-lowered",
            "schema/app.yaml: maximum-lowered"
        ]
    );
    let report = compared(&scratch, "HEAD~", "HEAD", &["schema"]);
    assert_eq!(said(&report), ["schema/app.yaml: maximum-lowered"]);
}

#[test]
fn manifest_names_schemas_that_others_refer_to() {
    let scratch = Scratch::new();
    scratch.write(
        "strata.yaml",
        "strata: 1\nschemas: [app.yaml, 'env/{environment}.yaml']\n",
    );
    scratch.write("app.yaml", "type: object\nproperties: {a: {maximum: 5}}\n");
    scratch.write("env/prod.yaml", "allOf: [{$ref: ../app.yaml}]\n");
    scratch.commit("one");
    scratch.write("app.yaml", "type: object\nproperties: {a: {maximum: 4}}\n");
    scratch.commit("two");
    let report = compared(&scratch, "HEAD~", "HEAD", &[]);
    assert_eq!(
        said(&report),
        [
            "app.yaml: maximum-lowered",
            "env/prod.yaml: maximum-lowered"
        ]
    );
}

#[test]
fn renamed_schema_is_recognised_by_what_stands_in_it() {
    let scratch = Scratch::new();
    let text = "type: object\nproperties:\n  a: {type: string}\n  b: {type: string}\n";
    scratch.write("old/app.yaml", text);
    scratch.write(
        "other.yaml",
        "type: object\nproperties:\n  zoo: {type: array}\n",
    );
    scratch.commit("one");
    scratch.git(&["mv", "old/app.yaml", "service.yaml"]);
    scratch.git(&["rm", "-q", "other.yaml"]);
    scratch.write(
        "service.yaml",
        text.replace("b: {type: string}", "b: {type: [string, integer]}"),
    );
    scratch.commit("two");
    let report = compared(&scratch, "HEAD~", "HEAD", &[]);
    assert_eq!(
        said(&report),
        [
            "other.yaml: schema-removed",
            "service.yaml: yaml-type-hazard schema-renamed type-added"
        ]
    );
    let report = compared(&scratch, "HEAD~", "HEAD", &["service.yaml"]);
    assert_eq!(
        report.body.schemas[0].old.path.as_deref(),
        Some("old/app.yaml")
    );
}

fn crd(name: &str, versions: &[(&str, bool, &str)]) -> String {
    let mut text = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
         metadata: {{name: {name}}}\nspec:\n  versions:\n"
    );
    for (version, served, spec) in versions {
        text.push_str(&format!(
            "  - name: {version}\n    served: {served}\n    schema:\n      openAPIV3Schema:\n        \
             type: object\n        properties:\n          spec: {spec}\n"
        ));
    }
    text
}

#[test]
fn versions_of_custom_resources_are_compared_by_name() {
    let scratch = Scratch::new();
    let spec = "{type: object, properties: {size: {type: integer}, old: {type: string}}}";
    let small = "{type: object, properties: {size: {type: integer, nullable: true}}}";
    let gadgets = crd("gadgets.x.io", &[("v1", true, spec)]);
    let widgets = crd(
        "widgets.x.io",
        &[("v1alpha1", true, spec), ("v1", true, spec)],
    );
    scratch.write("crds.yaml", format!("{widgets}---\n{gadgets}"));
    scratch.commit("one");
    // One version is no longer served, one is new, one drops an option; the other moves.
    let widgets = crd(
        "widgets.x.io",
        &[
            ("v1alpha1", false, spec),
            ("v1", true, small),
            ("v2", true, small),
        ],
    );
    scratch.write("crds.yaml", widgets);
    scratch.write("gadgets.yaml", gadgets);
    scratch.commit("two");
    let report = compared(&scratch, "HEAD~", "HEAD", &[]);
    assert_eq!(
        said(&report),
        [
            "crds.yaml#widgets.x.io/v1: option-removed-ignored null-added",
            "crds.yaml#widgets.x.io/v1alpha1: schema-removed",
            "crds.yaml#widgets.x.io/v2: schema-added"
        ]
    );
    let gone = &report.body.schemas[1];
    assert!(gone.changes[0].message.ends_with("is no longer served"));
    let finding = report
        .findings
        .iter()
        .find(|f| f.rule.id == "option-removed-ignored");
    assert_eq!(finding.unwrap().location.source.name(), "crds.yaml");
    let report = compared(&scratch, "HEAD~", "HEAD", &["crds.yaml#v1"]);
    assert_eq!(report.body.schemas.len(), 1);
}

#[test]
fn values_schema_of_a_chart_is_found_without_set_up() {
    let scratch = Scratch::new();
    let schema = |kind: &str| {
        format!(
            r#"{{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {{"replicas": {{"type": {kind}}}}}}}"#
        )
    };
    scratch.write(
        "charts/shop/values.schema.json",
        schema(r#"["integer", "null"]"#),
    );
    scratch.commit("one");
    scratch.write("charts/shop/values.schema.json", schema(r#""integer""#));
    scratch.commit("two");
    let report = compared(&scratch, "HEAD~", "HEAD", &[]);
    assert_eq!(
        said(&report),
        ["charts/shop/values.schema.json: null-removed"]
    );
}

#[test]
fn of_too_many_files_the_nearest_are_searched() {
    let scratch = Scratch::new();
    let refers = "type: object\nproperties: {p: {$ref: '/a/defs.yaml#/$defs/port'}}\n";
    scratch.write("a/defs.yaml", DEFS);
    scratch.write(
        "a/near.yaml",
        "type: object\nproperties: {p: {$ref: 'defs.yaml#/$defs/port'}}\n",
    );
    scratch.write("z/far.yaml", refers);
    scratch.commit("one");
    let repo = scratch.repo();
    let tree = Snapshot::of_revision(&repo, &repo.revision("HEAD").unwrap());
    let files = tree.files().walk(bstr::BStr::new(b"")).unwrap();
    let parts = BTreeSet::from(["a/defs.yaml".to_owned()]);
    let found = |most| search::mentioning(&tree, &files, &parts, most).unwrap();
    assert_eq!(found(2), BTreeSet::from(["a/near.yaml".to_owned()]));
    assert_eq!(found(9).len(), 2);
}

#[test]
fn files_that_came_and_went_are_paired_by_likeness() {
    let scratch = Scratch::new();
    let text = "type: object\nproperties:\n  a: {type: string}\n  b: {type: string}\n";
    scratch.write("was.yaml", text);
    scratch.write("plain.yaml", "size: 1\n");
    scratch.write("kept.yaml", text.replace("b:", "kept:"));
    scratch.commit("one");
    scratch.git(&["rm", "-q", "plain.yaml"]);
    scratch.git(&["mv", "was.yaml", "is.yaml"]);
    scratch.write("other.yaml", "size: 2\n");
    scratch.commit("two");
    let renamed = ["is.yaml: schema-renamed"];
    assert_eq!(said(&compared(&scratch, "HEAD~", "HEAD", &[])), renamed);
    // Among too many, none is looked for.
    for at in 0..201 {
        scratch.write(&format!("more/{at}.yaml"), "size: 1\n");
    }
    scratch.git(&["mv", "is.yaml", "again.yaml"]);
    scratch.commit("three");
    assert_eq!(
        said(&compared(&scratch, "HEAD~", "HEAD", &[])),
        ["again.yaml: schema-added", "is.yaml: schema-removed"]
    );
}

#[test]
fn part_that_nothing_refers_to_is_judged_itself() {
    let scratch = Scratch::new();
    scratch.write("defs.yaml", DEFS);
    scratch.commit("one");
    scratch.write("defs.yaml", DEFS.replace("65535", "1024"));
    scratch.commit("two");
    let report = compared(&scratch, "HEAD~", "HEAD", &["defs.yaml"]);
    assert_eq!(said(&report), ["defs.yaml: "]);
}
