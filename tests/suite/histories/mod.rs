//! Made-up histories of environments, of which every difference and its class is known, and what
//! `drift` says of them.
//!
//! `STRATA_HISTORIES=1000 cargo test --release --test suite -- histories` tries more of them.

mod render;
mod steps;
mod world;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use assert_fs::TempDir;
use strata::config::{Configuration, Snapshot};
use strata::git::{ObjectFormat, Repo};
use strata::ops::drift::{Filter, drift, sides};

use crate::harness::hermetic;
use world::{Role, Scalar, World};

/// How many are tried when nothing else is asked for.
const USUAL: u64 = 40;

impl World {
    fn manifest(&self) -> String {
        let layers = match self.branches {
            true => {
                "[config/base.yaml, 'config/environments/{environment}.yaml', \
                 'config/services/{service}.yaml', 'config/overrides/{service}/{environment}.yaml']"
            }
            false => {
                "[config/base.yaml, 'config/services/{service}.yaml', \
                 'environments/{environment}/base.yaml', \
                 'environments/{environment}/{service}.yaml']"
            }
        };
        let mut text = format!(
            "strata: 1\nschemas: [schema.yaml]\nlayers: {layers}\n\
             services: config/services/*\nenvironments:\n"
        );
        for (index, name) in self.environments.iter().enumerate() {
            let mut says = Vec::new();
            if self.branches {
                says.push(format!("ref: env/{name}"));
            }
            if index > 0 {
                says.push(format!("follows: {}", self.environments[index - 1]));
            }
            let _ = writeln!(text, "  {name}: {{ {} }}", says.join(", "));
        }
        text
    }

    /// Says which values are one's own in each environment, and which have a default.
    fn schema(&self) -> String {
        let mut root = serde_json::json!({ "type": "object" });
        for key in &self.keys {
            let mut at = &mut root;
            for token in &key.path {
                at = match token.starts_with('@') {
                    true => &mut at["items"],
                    false => &mut at["properties"][token],
                };
            }
            match (key.role, &key.start) {
                (Role::Own, _) => at["x-env-specific"] = true.into(),
                (Role::Default, Scalar::Whole(number)) => at["default"] = (*number).into(),
                (Role::Default, Scalar::Tenths(tenths)) => {
                    at["default"] = (f64::from(*tenths) / 10.0).into();
                }
                _ => at["title"] = "a value".into(),
            }
        }
        root.to_string()
    }

    /// Writes the history as a repository.
    fn write(&self, dir: &Path) {
        Repo::init(dir, "main", false, ObjectFormat::Sha1).unwrap();
        let mut stream = Vec::new();
        for (number, commit) in self.commits.iter().enumerate() {
            let before = commit
                .parents
                .first()
                .map(|&parent| &self.commits[parent].tree);
            let time = commit.time;
            let _ = write!(
                stream,
                "commit refs/heads/main\nmark :{}\n\
                 committer Ada <ada@example.org> {time} +0000\ndata {}\n{}\n",
                number + 1,
                commit.what.len(),
                commit.what,
            );
            for (index, parent) in commit.parents.iter().enumerate() {
                let word = if index == 0 { "from" } else { "merge" };
                let _ = writeln!(stream, "{word} :{}", parent + 1);
            }
            let mut put = |path: &str, text: &str| {
                let _ = write!(
                    stream,
                    "M 100644 inline {path}\ndata {}\n{text}\n",
                    text.len()
                );
            };
            if before.is_none() {
                put("strata.yaml", &self.manifest());
                put("schema.yaml", &self.schema());
            }
            for (path, file) in commit.tree.iter() {
                if before.is_none_or(|before| before.get(path) != Some(file)) {
                    put(path, &render::layer(&file.layer, file.style));
                }
            }
        }
        for (name, tip) in self.environments.iter().zip(&self.tips) {
            let _ = write!(stream, "reset refs/heads/env/{name}\nfrom :{}\n\n", tip + 1);
        }
        let main = if self.branches { 0 } else { self.tips[0] };
        let _ = write!(stream, "reset refs/heads/main\nfrom :{}\n\n", main + 1);
        let mut child = hermetic("git", dir)
            .args(["fast-import", "--quiet", "--force"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&stream).unwrap();
        assert!(child.wait().unwrap().success());
    }
}

/// What `drift` says of two environments: every difference, and its class.
fn said(
    configuration: &Configuration,
    names: [&String; 2],
) -> BTreeMap<(String, String), &'static str> {
    let names = names.map(String::clone);
    let sides = sides(configuration, &names).unwrap();
    let filter = Filter {
        all: true,
        ..Filter::default()
    };
    let report = drift(configuration, &sides, &filter).unwrap();
    let rows = report.body.differences.into_iter();
    rows.map(|row| {
        let service = row.service.unwrap_or_default();
        ((service, row.pointer.to_string()), row.class)
    })
    .collect()
}

/// What came of trying.
#[derive(Default)]
struct Tally {
    differences: usize,
    by_class: BTreeMap<&'static str, usize>,
    /// What was missed, or said and not so.
    wrong: Vec<String>,
    /// What was called by another name.
    misjudged: Vec<String>,
}

impl Tally {
    fn try_history(&mut self, seed: u64) {
        let mut world = World::new(seed);
        let steps = 25 + world.random.below(60);
        world.live(steps);
        let folder = TempDir::new().unwrap();
        world.write(folder.path());
        // To look at one that goes wrong.
        if let Some(keep) = std::env::var_os("STRATA_KEEP_HISTORY") {
            world.write(Path::new(&keep));
        }
        let repo = Repo::discover(folder.path()).unwrap();
        let here = Snapshot::of_revision(&repo, &repo.revision("main").unwrap());
        let configuration = Configuration::open(Some(repo), here).unwrap();
        for down in 1..world.environments.len() {
            let names = [&world.environments[down - 1], &world.environments[down]];
            let truth = world.truth(down - 1, down);
            let said = said(&configuration, names);
            self.differences += truth.len();
            for (place, class) in &truth {
                *self.by_class.entry(class).or_default() += 1;
                match said.get(place) {
                    Some(name) if name == class => {}
                    Some(name) => self.misjudged.push(format!(
                        "seed {seed}, {names:?}, {place:?}: {name}, and it is {class}"
                    )),
                    None => self
                        .wrong
                        .push(format!("seed {seed}, {names:?}: {place:?} was missed")),
                }
            }
            for place in said.keys().filter(|place| !truth.contains_key(place)) {
                self.wrong
                    .push(format!("seed {seed}, {names:?}: {place:?} does not differ"));
            }
        }
    }
}

#[test]
fn every_difference_is_found_and_called_by_its_name() {
    let asked = std::env::var("STRATA_HISTORIES").ok();
    let count = asked.and_then(|text| text.parse().ok()).unwrap_or(USUAL);
    let first = std::env::var("STRATA_FIRST_HISTORY").ok();
    let first = first.and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut tally = Tally::default();
    for seed in first..first + count {
        tally.try_history(seed);
    }
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    let right = tally.differences - tally.misjudged.len();
    assert!(
        100 * right >= 99 * tally.differences,
        "{right} of {}:\n{}",
        tally.differences,
        tally.misjudged.join("\n")
    );
    // A history in which nothing happens says nothing.
    assert!(tally.by_class.len() >= 8, "{:?}", tally.by_class);
}
