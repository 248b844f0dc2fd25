//! What a change of a schema means for the configurations that a repository holds.

use serde_json::{Value, json};

use crate::harness::{Place, Ran};

fn repository(files: &[(&str, &str)]) -> Place {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    for (path, text) in files {
        place.write(path, text);
    }
    place.commit("old");
    place.git(&["tag", "v1.0.0"]);
    place
}

/// Gives each place that is concerned, a line each, and the counts.
fn affected(ran: &Ran) -> String {
    let json = ran.json();
    let schema = &json["body"]["schemas"][0];
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut lines: Vec<String> = (schema["affected"].as_array().unwrap().iter())
        .map(|it| {
            let place = format!("{}:{}", text(&it["file"]), it["line"]);
            let target = format!("{}/{}", text(&it["environment"]), text(&it["service"]));
            format!(
                "{place} {} {} {target} {}",
                text(&it["pointer"]),
                text(&it["effect"]),
                text(&it["rule"])
            )
        })
        .collect();
    let counts = &schema["instances"];
    lines.push(format!(
        "checked {} safe {} affected {} refused {} invalid {}",
        counts["checked"], counts["safe"], counts["affected"], counts["refused"], counts["invalid"]
    ));
    lines.join("\n")
}

#[test]
fn every_environment_and_service_is_looked_at() {
    let shop = Place::shop();
    let json = shop.run("compat v1.2.0..v2.0.0 --format json").json();
    let schema = &json["body"]["schemas"][0];
    assert_eq!(
        schema["instances"],
        json!({"checked": 18, "safe": 0, "affected": 12, "refused": 12, "invalid": 6, "unread": []})
    );
    let places = schema["affected"].as_array().unwrap();
    let at = |file: &str, pointer: &str| {
        let here = |it: &&Value| it["file"] == file && it["pointer"] == pointer;
        let found = places.iter().find(here).unwrap();
        (
            found["effect"].clone(),
            found["rule"].clone(),
            found["line"].clone(),
        )
    };
    assert_eq!(
        at("config/services/payments/base.yaml", "/features/gift_cards"),
        (json!("ignored"), json!("option-removed-ignored"), json!(24))
    );
    assert_eq!(
        at("config/services/catalog/base.yaml", "/http/max_body_kb"),
        (json!("refused"), json!("maximum-lowered"), json!(6))
    );
    assert_eq!(
        at("config/base.yaml", "/cache/ttl_s"),
        (json!("default"), json!("default-changed"), json!(20))
    );
    let sarif = shop.run("compat v1.2.0..v2.0.0 --format sarif").json();
    let related = sarif["runs"][0]["results"].as_array().unwrap().iter();
    assert!(
        related
            .flat_map(|it| it["relatedLocations"].as_array())
            .flatten()
            .any(|it| {
                it["physicalLocation"]["artifactLocation"]["uri"]
                    == "config/services/payments/base.yaml"
            })
    );
    // An environment that lives at a branch that is not here is told.
    shop.git(&["branch", "-q", "-D", "env/prod"]);
    let json = shop.run("compat v1.2.0..v2.0.0 --format json").json();
    assert_eq!(
        json["body"]["schemas"][0]["instances"]["unread"],
        json!(["prod"])
    );
}

#[test]
fn files_that_name_their_schema_and_those_that_are_named() {
    let old = "type: object\nadditionalProperties: false\nproperties:\n  $schema: {}\n  size: {type: integer}\n  list: {type: array, items: {type: object, properties: {a: {type: integer, x-unit: s}}}}\n";
    let place = repository(&[
        ("schema/app.schema.yaml", old),
        (
            "a.yaml",
            "# yaml-language-server: $schema=./schema/app.schema.yaml\nsize: 7\n",
        ),
        (
            "b/c.json",
            "{\"$schema\": \"../schema/app.schema.yaml\", \"size\": 3}\n",
        ),
        (
            "b/d.yaml",
            "# yaml-language-server: $schema=../../outside/app.schema.yaml\nsize: 7\n",
        ),
        (
            "examples/e.yaml",
            "list:\n- {a: 1}\n- {b: 1}\n- {a: 2}\n---\nsize: 9\n",
        ),
        ("examples/broken.yaml", "list: [\n"),
        ("other.yaml", "size: 9\n"),
    ]);
    let new = old
        .replace("integer}", "integer, maximum: 5}")
        .replace("x-unit: s", "x-unit: ms");
    place.write("schema/app.schema.yaml", new);
    place.commit("new");
    let ran = place.run("compat v1.0.0..HEAD --format json --instances examples/*.yaml");
    insta::assert_snapshot!(affected(&ran), @"
    a.yaml:2 /size refused -/- maximum-added
    examples/e.yaml:2 /list/0/a changed -/- unit-changed
    examples/e.yaml:4 /list/2/a changed -/- unit-changed
    examples/e.yaml:6 /size refused -/- maximum-added
    checked 4 safe 1 affected 3 refused 2 invalid 0
    ");
    // Two files by themselves look at nothing but what is named.
    let ran =
        place.run("compat v1.0.0:schema/app.schema.yaml schema/app.schema.yaml --format json");
    assert!(affected(&ran).ends_with("checked 0 safe 0 affected 0 refused 0 invalid 0"));
    let ran = place.run("compat v1.0.0..HEAD --instances examples/[");
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.contains("`examples/[` is no pattern of files"),
        "{}",
        ran.err
    );
    // The manifest may name them, too.
    let manifest =
        "strata: 1\nschemas: [schema/app.schema.yaml]\ncompat: {instances: ['examples/**']}\n";
    place.write("strata.yaml", manifest);
    place.commit("manifest");
    let ran = place.run("check v1.0.0..HEAD --format json");
    let compat = &ran.json()["body"]["compat"]["schemas"][0];
    assert_eq!(compat["instances"]["affected"], 2, "{compat}");
    // A removed schema leaves all of them behind.
    place.git(&["rm", "-q", "schema/app.schema.yaml"]);
    place.commit("gone");
    let ran = place.run("compat HEAD~1..HEAD --format json");
    insta::assert_snapshot!(affected(&ran), @"
    b/c.json:1  ignored -/- schema-removed
    examples/e.yaml:1  ignored -/- schema-removed
    checked 4 safe 0 affected 2 refused 0 invalid 2
    ");
}

#[test]
fn values_of_a_chart_are_laid_over_one_another() {
    let schema = |kind: &str| {
        format!(
            "{{\"type\": \"object\", \"properties\": {{\"image\": {{\"type\": \"object\", \"required\": [\"tag\"], \"properties\": {{\"tag\": {{\"type\": \"string\"}}, \"pull\": {{\"enum\": [{kind}]}}}}}}}}}}\n"
        )
    };
    let place = repository(&[
        (
            "charts/app/values.schema.json",
            &schema("\"Always\", \"Never\""),
        ),
        (
            "charts/app/values.yaml",
            "image:\n  tag: '1'\n  pull: Always\n",
        ),
        ("charts/app/values-prod.yaml", "image:\n  pull: Never\n"),
        ("charts/app/ci/small-values.yaml", "image:\n  pull: null\n"),
        ("charts/app/ci/notes.yaml", "image: {}\n"),
        ("charts/app/templates/x.yaml", "{{ .Values.image.tag }}\n"),
    ]);
    place.write("charts/app/values.schema.json", schema("\"Always\""));
    place.commit("new");
    let ran = place.run("compat v1.0.0..HEAD --format json");
    insta::assert_snapshot!(affected(&ran), @"
    charts/app/values-prod.yaml:2 /image/pull refused -/- enum-value-removed
    checked 3 safe 2 affected 1 refused 1 invalid 0
    ");
    place.git(&["rm", "-q", "charts/app/values.yaml"]);
    let ran = place.run("compat v1.0.0 --format json");
    assert!(
        affected(&ran).starts_with("checked 0 "),
        "{}",
        affected(&ran)
    );
}

#[test]
fn custom_resources_are_looked_for_by_kind() {
    let crd = |max: u32| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: caches.example.com}}\nspec:\n  group: example.com\n  names: {{kind: Cache, plural: caches}}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec: {{type: object, properties: {{size: {{type: integer, maximum: {max}}}}}}}\n"
        )
    };
    let place = repository(&[
        ("crds.yaml", &crd(9)),
        (
            "apps/cache.yaml",
            "apiVersion: example.com/v1\nkind: Cache\nmetadata: {name: a}\nspec: {size: 7}\n---\napiVersion: example.com/v1\nkind: Cache\nmetadata: {name: b}\nspec: {size: 1}\n",
        ),
        (
            "apps/other.yaml",
            "apiVersion: example.com/v2\nkind: Cache\nspec: {size: 7}\n",
        ),
    ]);
    place.write("crds.yaml", crd(5));
    place.commit("new");
    let ran = place.run("compat v1.0.0..HEAD --format json");
    insta::assert_snapshot!(affected(&ran), @"
    apps/cache.yaml:4 /spec/size refused -/- maximum-lowered
    checked 2 safe 1 affected 1 refused 1 invalid 0
    ");
    // Once the definition is gone, nothing says what its resources are called.
    place.git(&["rm", "-q", "crds.yaml"]);
    let ran = place.run("compat v1.0.0 --format json");
    insta::assert_snapshot!(affected(&ran), @"checked 0 safe 0 affected 0 refused 0 invalid 0");
}

#[test]
fn a_configuration_shows_that_a_risk_breaks() {
    let old = "type: object\nproperties:\n  map: {type: object, properties: {a: {type: integer}, key: {type: string, x-secret: true}}}\n";
    let new = old.replace(
        "map: {type: object, ",
        "map: {type: object, additionalProperties: false, ",
    );
    let manifest = "strata: 1\nschemas: [app.schema.yaml]\nlayers: [config.yaml]\n";
    let judged = |config: &str, settings: &str| {
        let place = repository(&[("app.schema.yaml", old), ("config.yaml", config)]);
        place.write("strata.yaml", format!("{manifest}{settings}"));
        place.write("app.schema.yaml", &new);
        place.commit("new");
        let json = place.run("compat v1.0.0..HEAD --format json").json();
        let change = json["body"]["schemas"][0]["changes"][0].clone();
        assert_eq!(change["rule"], "object-closed");
        (
            change["verdict"].clone(),
            change["bump"].clone(),
            change["witness"]["document"].clone(),
        )
    };
    // Nobody uses a name that is not declared, as far as one can see.
    assert_eq!(
        judged("map: {a: 1}\n", ""),
        (json!("risk"), json!("minor"), Value::Null)
    );
    // Somebody does.
    assert_eq!(
        judged("top: 1\nmap: {a: 1, typo: 2}\n", ""),
        (
            json!("breaking"),
            json!("major"),
            json!({"map": {"typo": 2}})
        )
    );
    // What carries no promise stays a risk, and secrets are not shown.
    let unstable = "compat: {unstable: [map]}\n";
    assert_eq!(judged("map: {a: 1, typo: 2}\n", unstable).0, "risk");
    assert_eq!(judged("map: {key: hidden, typo: 2}\n", "").0, "risk");
}

#[test]
fn each_fault_is_laid_to_its_own_change() {
    let old = "properties:\n  image: {type: object, properties: {r: {type: string}}}\n";
    let new = "additionalProperties: false\nproperties:\n  image: {type: object, required: [p], properties: {r: {type: string}, p: {type: string}}}\n";
    let place = repository(&[("app.schema.yaml", old), ("ex/one.yaml", "image: {r: x}\n")]);
    place.write("app.schema.yaml", new);
    place.commit("new");
    let ran = place.run("compat v1.0.0..HEAD --instances ex/* --format json");
    assert!(affected(&ran).starts_with("ex/one.yaml:1 /image refused -/- option-added-required\n"));
    let changes = &ran.json()["body"]["schemas"][0]["changes"];
    let closed = changes
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["rule"] == "object-closed");
    assert_eq!(closed.unwrap()["verdict"], "risk");
    // What is gone is shown where it would stand in the new schema.
    let place = repository(&[("app.schema.yaml", new)]);
    place.write("app.schema.yaml", old);
    place.commit("back");
    let ran = place.run("compat v1.0.0..HEAD --format github");
    let lines: Vec<_> = ran
        .out
        .lines()
        .filter(|line| line.contains("option-removed"))
        .collect();
    assert!(
        lines[0].contains("file=app.schema.yaml,line=2,"),
        "{lines:?}"
    );
    // Branches of today are not judged by a schema that they never held to.
    let ran = Place::shop().run("compat v1.0.0..v2.0.0");
    assert!(
        ran.out
            .contains("none of 18 configurations here can be judged"),
        "{}",
        ran.out
    );
}

#[test]
fn a_schema_that_says_nothing_sure_is_unknown() {
    let place = repository(&[("app.schema.yaml", "properties: {a: {type: string}}\n")]);
    for (new, part) in [
        (
            "properties: {a: {type: string, required: true}}\n",
            "is not valid itself",
        ),
        (
            "$schema: http://json-schema.org/draft-03/schema#\nproperties: {a: {type: string}}\ndivisibleBy: 2\n",
            "a language that is not known here",
        ),
    ] {
        place.write("app.schema.yaml", new);
        let ran = place.run("compat v1.0.0:app.schema.yaml app.schema.yaml --format json");
        assert_eq!(
            (ran.status, &ran.json()["body"]["verdict"]),
            (1, &json!("unknown"))
        );
        assert!(ran.out.contains(part), "{}", ran.out);
    }
    // Two files that are named one by one may be called as they like.
    place.write("same.yaml", "properties: {a: {type: string}}\n");
    let ran = place.run("compat v1.0.0:app.schema.yaml same.yaml --format json");
    assert_eq!(ran.json()["body"]["bump"], "none");
}

#[test]
fn places_in_maps_of_any_name_and_in_long_lists_are_found() {
    let schema = |maximum: u32, more: &str| {
        format!(
            "type: object\nproperties:\n  map: {{type: object, additionalProperties: {{type: object, properties: {{{more}y: {{type: integer}}}}}}}}\n  list: {{type: array, items: {{type: integer, maximum: {maximum}}}}}\n"
        )
    };
    let many = vec!["9"; 1_200].join(", ");
    let config = format!("map: {{k: {{x: 1}}, l: {{y: 1}}}}\nlist: [{many}]\n");
    let place = repository(&[
        ("app.schema.yaml", &schema(9, "x: {type: integer}, ")),
        (
            "strata.yaml",
            "strata: 1\nschemas: [app.schema.yaml]\nlayers: [config.yaml]\n",
        ),
        ("config.yaml", &config),
    ]);
    place.write("app.schema.yaml", schema(8, ""));
    place.commit("new");
    let json = place.run("compat v1.0.0..HEAD --format json").json();
    let found = json["body"]["schemas"][0]["affected"].as_array().unwrap();
    assert_eq!(found.len(), 501, "there is an end to what is told");
    place.write("config.yaml", "map: {k: {x: 1}, l: {y: 1}}\nlist: [9]\n");
    place.commit("short");
    let ran = place.run("compat v1.0.0..HEAD --format json");
    insta::assert_snapshot!(affected(&ran), @"
    config.yaml:2 /list/0 refused -/- maximum-lowered
    config.yaml:1 /map/k/x ignored -/- option-removed-ignored
    checked 1 safe 0 affected 1 refused 1 invalid 0
    ");
    place.write("config.yaml", "map: {l: {y: 1}}\nlist: [1]\n");
    place.commit("safe");
    let ran = place.run("compat v1.0.0..HEAD");
    assert!(
        ran.out
            .contains("none of 1 configuration here is concerned"),
        "{}",
        ran.out
    );
}

#[test]
fn chart_at_the_root_is_looked_at_as_far_as_it_can_be_read() {
    let schema = |maximum: u32| {
        format!(
            "{{\"properties\": {{\"a\": {{\"maximum\": {maximum}}}, \"b\": {{\"maximum\": 9}}}}}}\n"
        )
    };
    let place = repository(&[
        ("values.schema.json", &schema(9)),
        ("values.yaml", "a: 9\n"),
        ("values-broken.yaml", "a: [\n"),
        ("values-more.yaml", "b: 1\n"),
    ]);
    place.write("values.schema.json", schema(8));
    place.commit("new");
    let ran = place.run("compat v1.0.0..HEAD --format json");
    insta::assert_snapshot!(affected(&ran), @"
    values.yaml:1 /a refused -/- maximum-lowered
    checked 2 safe 0 affected 2 refused 2 invalid 0
    ");
}

#[test]
fn what_is_concerned_as_a_whole_and_what_is_too_much_to_list() {
    let old = "type: object\nadditionalProperties: {type: integer}\n";
    let many: String = (0..1_200).map(|number| format!("k{number}: 9\n")).collect();
    let place = repository(&[
        ("schema/a.schema.yaml", old),
        ("schema/b.schema.yaml", old),
        (
            "strata.yaml",
            "strata: 1\nschemas: ['schema/{service}.schema.yaml']\nlayers: ['services/{service}.yaml']\n\
             services: services/*.yaml\nenvironments: {dev: {}, qa: {}, prod: {}}\n",
        ),
        ("services/a.yaml", &many),
        ("services/b.yaml", "x: 1\n"),
    ]);
    // The schema of one service says nothing of another.
    let less = old.replace("integer}", "integer, maximum: 5}");
    place.write("schema/a.schema.yaml", less);
    place.commit("less");
    let ran = place.run("compat v1.0.0..HEAD --format json");
    let schema = &ran.json()["body"]["schemas"][0];
    assert_eq!(schema["affected"].as_array().unwrap().len(), 1_000);
    assert_eq!(
        schema["instances"],
        json!({"checked": 3, "safe": 0, "affected": 3, "refused": 3, "invalid": 0, "unread": []})
    );
    place.write("schema/a.schema.yaml", "type: array\n");
    place.commit("a list");
    let ran = place.run("compat v1.0.0..HEAD");
    assert!(ran.out.contains("all of it"), "{}", ran.out);
    // Nothing between a commit and itself has broken anything.
    let ran = place.run("compat HEAD..HEAD --each");
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
}

#[test]
fn what_is_wrong_with_the_terms_in_the_manifest_is_told() {
    let place = repository(&[("app.schema.yaml", "type: object\nproperties: {a: {}}\n")]);
    place.write("app.schema.yaml", "type: object\n");
    place.write(
        "strata.yaml",
        "strata: 1\nschemas: [app.schema.yaml]\ncompat: {profile: loose}\n",
    );
    place.commit("new");
    let ran = place.run("compat v1.0.0..HEAD");
    insta::assert_snapshot!(format!("{}{}", ran.out, ran.err), @"
    app.schema.yaml
    breaking; asks for a major version

    breaking (1)
    └─ the option `a` is gone; configurations that set it are accepted, and the setting is silently ignored [option-removed-ignored]
       ├─ to do: take `a` out
       └─ accepted, and partly ignored: {a: true}

    error[option-removed-ignored]: the option `a` is gone; configurations that set it are accepted, and the setting is silently ignored
     --> app.schema.yaml:1:1 (at HEAD)
      |
    1 | type: object
      | ^^^^^^^^^^^^
      |
     ::: app.schema.yaml:2:14 (at v1.0.0)
      |
    2 | properties: {a: {}}
      |              - it was here
      |
      = help: keep `a` as a deprecated option, or take it out of every configuration first

    error[invalid-value]: `profile` is default or strict, not `loose`
     --> strata.yaml:3:19 (at HEAD)
      |
    3 | compat: {profile: loose}
      |                   ^^^^^

    2 errors
    ");
}
