//! Two large files of which every difference is known.

#[path = "../../benches/generate/pair.rs"]
mod pair;

use std::collections::BTreeSet;

use crate::harness::Place;
use pair::{DIFFERENCES, NEUTRAL, PARAMETERS, SECTIONS, pair};

fn pointers(rows: &serde_json::Value) -> Vec<String> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["pointer"].as_str().unwrap().to_owned())
        .collect()
}

/// What of the truth was said; anything else said is a failure. An added item is told value by
/// value where environments are compared.
fn hits(said: &[String], truth: &[String]) -> usize {
    let hits: BTreeSet<&String> = said
        .iter()
        .map(|said| {
            let is_at = |known: &&String| said == *known || said.starts_with(&format!("{known}/"));
            truth
                .iter()
                .find(is_at)
                .unwrap_or_else(|| panic!("{said} does not differ"))
        })
        .collect();
    hits.len()
}

#[test]
fn fifty_differences_are_found_among_ten_thousand_parameters_and_no_other() {
    assert_eq!(SECTIONS * PARAMETERS, 10_120);
    assert_eq!(NEUTRAL + DIFFERENCES, 85);
    for seed in 0..3 {
        let pair = pair(seed);
        assert_eq!(pair.truth.len(), DIFFERENCES);
        let place = Place::new();
        place
            .write("old.yaml", &pair.old)
            .write("new.yaml", &pair.new);
        let json = place.run("diff old.yaml new.yaml --format json").json();
        let said = pointers(&json["body"]["files"][0]["changes"]);
        assert_eq!(said.len(), DIFFERENCES);
        assert_eq!(hits(&said, &pair.truth), DIFFERENCES);
        // As two revisions, with no manifest.
        place.git(&["init", "-q", "-b", "main"]);
        place.write("app.yaml", &pair.old).commit("old");
        place.git(&["branch", "old"]);
        place.write("app.yaml", &pair.new).commit("new");
        let json = place.run("diff old main --format json -- app.yaml");
        let json = match json.status {
            0 => json.json(),
            _ => place
                .run("diff old:app.yaml main:app.yaml --format json")
                .json(),
        };
        let said = pointers(&json["body"]["files"][0]["changes"]);
        assert_eq!(said.len(), DIFFERENCES);
        let json = place.run("drift old main --format json").json();
        let said = pointers(&json["body"]["differences"]);
        assert_eq!(hits(&said, &pair.truth), DIFFERENCES);
        // As folders of two environments.
        place
            .write("dev/app.yaml", &pair.old)
            .write("prod/app.yaml", &pair.new);
        place.write(
            "strata.yaml",
            "strata: 1\nlayers: ['{environment}/app.yaml']\n\
             environments: { dev: {}, prod: { follows: dev } }\n",
        );
        place.commit("environments");
        let json = place.run("drift --format json").json();
        let said = pointers(&json["body"]["differences"]);
        assert_eq!(hits(&said, &pair.truth), DIFFERENCES);
    }
}
