//! `compat` on the custom resources of Kubernetes, and on charts.

use super::harness::{Place, Ran};

/// A resource of two versions; `v1` has a maximum and one more line in its object `extra`.
fn crd(beta_served: bool, maximum: u32, extra: &str) -> String {
    format!(
        "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
spec:
  group: example.com
  names: {{kind: Widget, plural: widgets}}
  scope: Namespaced
  versions:
    - name: v1beta1
      served: {beta_served}
      storage: false
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {{type: object, properties: {{size: {{type: integer}}}}}}
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                size: {{type: integer, maximum: {maximum}}}
                extra:
                  type: object
                  {extra}
"
    )
}

fn place(versions: &[String]) -> Place {
    let place = Place::new();
    assert_eq!(place.git(&["init", "-q", "-b", "main"]).status, 0);
    for (index, text) in versions.iter().enumerate() {
        place.write("deploy/crds.yaml", text);
        place.commit("crd");
        assert_eq!(
            place.git(&["tag", &format!("v{}.0.0", index + 1)]).status,
            0
        );
    }
    place
}

fn compat(place: &Place, words: &[&str]) -> Ran {
    let all: Vec<&str> = ["compat"].iter().chain(words).copied().collect();
    place.run_in(place.path(), &all, &[])
}

/// Gives a line for each change, with the place it is shown at.
fn said(place: &Place, words: &[&str]) -> Vec<String> {
    let ran = compat(place, &[&["--format", "json"], words].concat());
    assert_ne!(ran.status, 2, "{}", ran.err);
    let body = ran.json()["body"].clone();
    let mut lines = Vec::new();
    for schema in body["schemas"].as_array().unwrap() {
        let path = schema["path"].as_str().unwrap();
        for change in schema["changes"].as_array().unwrap() {
            let side = match &change["new_location"] {
                serde_json::Value::Null => &change["old_location"],
                new => new,
            };
            lines.push(format!(
                "{path}: {} {} at {}:{}",
                change["verdict"].as_str().unwrap(),
                change["rule"].as_str().unwrap(),
                side["file"].as_str().unwrap(),
                side["line"]
            ));
        }
    }
    lines
}

const KEEP: &str = "x-kubernetes-preserve-unknown-fields: true";
const V1: &str = "deploy/crds.yaml#widgets.example.com/v1";

#[test]
fn changes_stand_at_their_lines_in_the_file() {
    let place = place(&[crd(true, 9, KEEP), crd(false, 8, KEEP)]);
    let all = [
        format!("{V1}: breaking maximum-lowered at deploy/crds.yaml:28"),
        format!("{V1}beta1: breaking schema-removed at deploy/crds.yaml:15"),
    ];
    let range = "v1.0.0..v2.0.0";
    assert_eq!(said(&place, &[range]), all);
    assert_eq!(
        said(&place, &["v1.0.0:deploy/crds.yaml", "deploy/crds.yaml"]),
        all
    );
    assert_eq!(said(&place, &[range, "--", "deploy"]), all);
    assert_eq!(
        said(&place, &[range, "--", "deploy/crds.yaml#v1"]),
        all[..1]
    );
    assert_eq!(
        said(&place, &[range, "--", &format!("{V1}beta1")]),
        all[1..]
    );
    let sarif = compat(&place, &["--format", "sarif", range]).json();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let shown: Vec<String> = results
        .iter()
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            let at = &place["region"];
            let rule = result["ruleId"].as_str().unwrap();
            format!("{rule} {uri}:{}:{}", at["startLine"], at["startColumn"])
        })
        .collect();
    assert_eq!(
        shown,
        [
            "schema-removed deploy/crds.yaml:15:11",
            "maximum-lowered deploy/crds.yaml:28:39"
        ]
    );
    let commits = compat(&place, &["--each", "--format", "json", range]).json();
    assert_eq!(commits["body"]["commits"][0]["changes"][0]["schema"], V1);
}

#[test]
fn one_version_is_named_behind_a_hash() {
    let place = place(&[crd(true, 9, KEEP), crd(true, 8, KEEP)]);
    let lowered = [format!(
        "{V1}: breaking maximum-lowered at deploy/crds.yaml:28"
    )];
    for (old, new) in [
        ("v1.0.0:deploy/crds.yaml#v1", "v2.0.0:deploy/crds.yaml#v1"),
        (
            "v1.0.0:deploy/crds.yaml#widgets.example.com/v1",
            "deploy/crds.yaml",
        ),
        ("v1.0.0:deploy/crds.yaml", "deploy/crds.yaml#v1"),
    ] {
        assert_eq!(said(&place, &[old, new]), lowered, "{old} {new}");
    }
    // Two versions of one file: may a client of the one go over to the other?
    let across = said(&place, &["deploy/crds.yaml#v1beta1", "deploy/crds.yaml#v1"]);
    let maximum = format!("{V1}: breaking maximum-added at deploy/crds.yaml:28");
    assert!(across.contains(&maximum), "{across:?}");
    for words in [
        &["v1.0.0:deploy/crds.yaml#v2", "deploy/crds.yaml#v1"][..],
        &["v1.0.0..v2.0.0", "--", "deploy/crds.yaml#v2"],
    ] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(compat(&place, words).all(), @r"
            error: there is no one version `v2` in `deploy/crds.yaml`
            help: there are `widgets.example.com/v1beta1`, `widgets.example.com/v1`
            [2]
            ");
        }
    }
}

#[test]
fn files_without_a_repository_keep_the_names_they_were_given() {
    let place = Place::new();
    place
        .write("old/crd.yaml", crd(true, 9, KEEP))
        .write("new/crd.yaml", crd(true, 8, KEEP));
    let lowered =
        ["new/crd.yaml#widgets.example.com/v1: breaking maximum-lowered at new/crd.yaml:28"];
    assert_eq!(said(&place, &["old/crd.yaml", "new/crd.yaml"]), lowered);
    let ran = compat(&place, &["old/crd.yaml", "new/crd.yaml"]);
    assert!(ran.out.contains("--> new/crd.yaml:28:39"), "{}", ran.out);
    assert!(ran.out.contains("::: old/crd.yaml:28:39"), "{}", ran.out);
}

#[test]
fn fields_that_are_dropped_from_now_on_are_a_risk() {
    let risk = |old: &str, new: &str| {
        let place = place(&[crd(true, 9, old), crd(true, 9, new)]);
        let ran = said(&place, &["v1.0.0..v2.0.0"]);
        ran.iter()
            .any(|line| line.contains(": risk unknown-fields-pruned at"))
    };
    let off = "x-kubernetes-preserve-unknown-fields: false";
    let map = "additionalProperties: {type: string}";
    let named = "properties: {a: {type: string}}";
    for (old, new) in [
        (KEEP, off),
        (KEEP, "nullable: true"),
        (KEEP, named),
        (map, named),
    ] {
        assert!(risk(old, new), "{old} -> {new}");
        assert!(!risk(new, old), "{new} -> {old}");
    }
    assert!(!risk(off, named) && !risk(KEEP, "additionalProperties: true"));
}

fn older(first: &str, second: &str) -> String {
    format!(
        "\
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {{name: widgets.example.com}}
spec:
  {first}
  {second}
  validation:
    openAPIV3Schema:
      type: object
      properties:
        spec: {{type: object, properties: {{extra: {{type: object, {KEEP}}}}}}}
"
    )
}

#[test]
fn older_definitions_share_a_schema_and_keep_unknown_fields() {
    let one = "version: v1";
    let two = "versions: [{name: v1, served: true}, {name: v2, served: true}]";
    let gone = "versions: [{name: v1, served: false}, {name: v2, served: true}]";
    let pruned = "preserveUnknownFields: false";
    let between = |old: String, new: String| {
        let place = place(&[old, new]);
        said(&place, &["v1.0.0..v2.0.0"])
    };
    let at = "deploy/crds.yaml#widgets.example.com";
    let with = |versions: &str| older(versions, "");
    assert_eq!(
        between(with(one), with(two)),
        [format!(
            "{at}/v2: compatible schema-added at deploy/crds.yaml:9"
        )]
    );
    assert_eq!(
        between(with(two), with(gone)),
        [format!(
            "{at}/v1: breaking schema-removed at deploy/crds.yaml:9"
        )]
    );
    // Said once, for the whole resource.
    assert_eq!(
        between(with(one), older(one, pruned)),
        [format!(
            "{at}/v1: risk unknown-fields-pruned at deploy/crds.yaml:9"
        )]
    );
    let marked = older(one, "").replace(KEEP, "nullable: true");
    assert!(
        between(with(one), marked.clone())
            .iter()
            .all(|line| !line.contains("pruned"))
    );
    assert!(
        between(older(one, pruned), marked)
            .iter()
            .any(|line| line.contains("kept"))
    );
}

#[test]
fn definition_that_cannot_be_read_is_not_taken_for_gone() {
    let whole = crd(true, 9, KEEP);
    let place = place(&[
        whole.clone(),
        whole.replace("spec:\n  group", "spec: [\n  group"),
    ]);
    let ran = compat(&place, &["v1.0.0..v2.0.0"]);
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("error[syntax-error]"), "{}", ran.out);
    assert!(!ran.out.contains("schema-removed"), "{}", ran.out);
}

#[test]
fn schema_that_cannot_be_read_on_either_side_stays_unknown() {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    for text in ["type: [\n", "type: {\n"] {
        place.write("app.schema.yaml", text);
        place.commit("broken");
    }
    let json = compat(&place, &["HEAD~1..", "--format", "json"]).json();
    let schema = &json["body"]["schemas"][0];
    assert_eq!(schema["verdict"], "unknown", "{json}");
    assert_eq!(schema["bump"], "major");
    assert_eq!(json["findings"][0]["rule"], "syntax-error");
    // One that its own language refuses is told, and judged as far as it goes.
    place.write("app.schema.yaml", "maximum: 9\n");
    place.commit("whole");
    place.write("app.schema.yaml", "maximum: nine\n");
    place.commit("invalid");
    let json = compat(&place, &["HEAD~1..", "--format", "json"]).json();
    let found = json["findings"].as_array().unwrap();
    assert!(
        found.iter().any(|found| found["rule"] == "schema-invalid"),
        "{json}"
    );
    // Nothing held to a schema that admits nothing: nothing is lost with it, as far as one can see.
    place.write("app.schema.yaml", "false\n");
    place.commit("nothing");
    assert_eq!(place.git(&["rm", "-q", "app.schema.yaml"]).status, 0);
    place.commit("gone");
    let json = compat(&place, &["HEAD~1..", "--format", "json"]).json();
    let change = &json["body"]["schemas"][0]["changes"][0];
    assert_eq!(change["rule"], "schema-removed");
    assert_eq!(change["verdict"], "unknown");
}

#[test]
fn values_schema_of_a_chart_needs_no_set_up() {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    let schema = |kind: &str| {
        format!("{{\n  \"properties\": {{\n    \"replicas\": {{\"type\": {kind}}}\n  }}\n}}\n")
    };
    let path = "charts/shop/values.schema.json";
    place.write(path, schema(r#"["integer", "null"]"#));
    place.write("charts/shop/values.yaml", "replicas: 3\n");
    place.commit("one");
    place.write(path, schema(r#""integer""#));
    place.write("charts/shop/values.yaml", "replicas: 4\n");
    place.commit("two");
    let narrowed = [format!("{path}: breaking null-removed at {path}:3")];
    assert_eq!(said(&place, &["HEAD~1.."]), narrowed);
    assert_eq!(said(&place, &["HEAD~1..", "--", "charts/shop"]), narrowed);
    assert_eq!(said(&place, &[&format!("HEAD~1:{path}"), path]), narrowed);
}
