//! Migrations as teams write them: each folder of `fixtures/migrations` holds one, a file, and the
//! file as it should be afterwards, to the byte.

use std::fs;
use std::path::Path;

use super::{Options, run};
use crate::git::testing::Scratch;

/// Two released versions of nothing in particular.
fn releases() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("strata.yaml", "strata: 1\n");
    scratch.commit("one");
    scratch.git(&["tag", "v1.0.0"]);
    scratch.write("migrations/2.0.0.yaml", "strata-migration: 1\nsteps: []\n");
    scratch.commit("two");
    scratch.git(&["tag", "v2.0.0"]);
    scratch
}

/// Finds the file of a folder that has this stem.
fn file(folder: &Path, stem: &str) -> (String, String) {
    let mut paths = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let path = paths
        .find(|it| it.file_stem().unwrap() == stem)
        .unwrap_or_else(|| panic!("{} has no `{stem}`", folder.display()));
    let extension = path.extension().unwrap().to_str().unwrap();
    (
        format!("app.{extension}"),
        fs::read_to_string(&path).unwrap(),
    )
}

#[test]
fn migrations_change_files_as_people_would() {
    let scratch = releases();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/migrations");
    let mut folders: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    folders.sort_unstable();
    assert!(folders.len() >= 20);
    let mut wrong = String::new();
    for folder in folders {
        scratch.write("migrations/2.0.0.yaml", &file(&folder, "migration").1);
        let (name, old) = file(&folder, "in");
        let wanted = file(&folder, "out").1;
        let case = folder.file_name().unwrap().to_str().unwrap();
        match run(
            &scratch,
            "1.0.0",
            "2.0.0",
            (&name, &old),
            Options::default(),
        ) {
            Err(why) => wrong.push_str(&format!("## {case}\n{why}\n")),
            Ok(report) if report.body.files[0].text != wanted => {
                let text = &report.body.files[0].text;
                wrong.push_str(&format!("## {case}\n{text}\n"));
                wrong.extend(report.findings.iter().map(|it| format!("{}\n", it.message)));
            }
            Ok(report) => assert!(report.findings.is_empty(), "{case}: {:?}", report.findings),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
