//! Holds the code to its plan: floors and who may import whom, which room may name which crate,
//! how long a file may be, and the checklists of CONTRIBUTING.md.
//!
//! Each check reads the files and gives a list of faults, each of which says what to do; the
//! checks themselves are tested on made-up files, so that they are seen to fail.

#[path = "architecture/crates.rs"]
mod crates;
#[path = "architecture/lists.rs"]
mod lists;
#[path = "architecture/made_up.rs"]
mod made_up;
#[path = "architecture/source.rs"]
mod source;
#[path = "architecture/tree.rs"]
mod tree;

use std::path::Path;

use source::Source;
use tree::Tree;

/// How long a file may be, tests left out.
const LONGEST: usize = 400;

/// Files that are longer, and why.
const LONG: &[(&str, &str)] = &[
    (
        "src/config/schema/resolve.rs",
        "one walk that follows references, kept in one piece",
    ),
    (
        "src/document/yaml/build.rs",
        "one state machine over the parser's events",
    ),
    (
        "src/ops/compat/flatten.rs",
        "one case a keyword of the schema language",
    ),
    ("src/ops/compat/rules/arrays.rs", "a table of rules"),
    ("src/ops/compat/rules/composition.rs", "a table of rules"),
    ("src/ops/compat/rules/meaning.rs", "a table of rules"),
    ("src/ops/compat/rules/mod.rs", "the lists of rules"),
    ("src/ops/compat/rules/options.rs", "a table of rules"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|cause| panic!("{path}: {cause}"))
}

fn walk(dir: &Path, visit: &mut dyn FnMut(&Path)) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(&path, visit);
        } else {
            visit(&path);
        }
    }
}

fn refuse(faults: &[String]) {
    assert!(faults.is_empty(), "\n  {}\n", faults.join("\n  "));
}

fn long_files(tree: &Tree, reasons: &[(&str, &str)]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in &tree.sources {
        let lines = source.code_lines();
        let reason = reasons.iter().any(|(path, _)| *path == source.path);
        if source.test {
            continue;
        }
        if lines > LONGEST && !reason {
            faults.push(format!(
                "{} has {lines} lines without its tests: split it, or give the reason in LONG of \
                 tests/architecture.rs",
                source.path
            ));
        }
        if lines <= LONGEST && reason {
            faults.push(format!(
                "{} has become short: take it out of LONG",
                source.path
            ));
        }
    }
    faults
}

#[test]
fn imports_lead_downwards() {
    refuse(&tree::upward_imports(&Tree::read(root())));
}

#[test]
fn closed_rooms_import_what_they_may() {
    refuse(&tree::closed_rooms(&Tree::read(root()), tree::CLOSED_ROOMS));
}

#[test]
fn slices_of_ops_stand_on_their_shelves() {
    refuse(&tree::slices(&Tree::read(root()), tree::SHELVES));
}

#[test]
fn crates_stay_in_their_rooms() {
    let tree = Tree::read(root());
    refuse(&crates::crates(&tree, &read("Cargo.toml"), crates::CRATES));
}

#[test]
fn only_the_command_line_touches_the_process() {
    refuse(&crates::standard(&Tree::read(root())));
}

#[test]
fn names_say_something() {
    refuse(&tree::empty_names(&Tree::read(root())));
}

#[test]
fn files_are_short() {
    refuse(&long_files(&Tree::read(root()), LONG));
    let main = read("src/main.rs").lines().count();
    assert!(main <= 40, "src/main.rs has {main} lines, at most 40");
}

#[test]
fn rooms_introduce_themselves() {
    let mut faults = Vec::new();
    walk(&root().join("src"), &mut |path| {
        if path.ends_with("mod.rs") && !path.components().any(|part| part.as_os_str() == "tests") {
            let path = path.strip_prefix(root()).unwrap().to_str().unwrap();
            if !read(path).starts_with("//! ") {
                faults.push(format!("{path} does not say what the room is: `//! …`"));
            }
        }
    });
    refuse(&faults);
}

#[test]
fn commands_follow_the_checklist() {
    let source = |path: &str| Source::new(path, &read(path));
    let commands = lists::commands(&source("src/cli/mod.rs"));
    refuse(&lists::command_faults(
        &commands,
        &read("README.md"),
        &read("CHANGELOG.md"),
        &source("src/cli/util.rs"),
    ));
}

#[test]
fn rules_follow_the_checklist() {
    let tree = Tree::read(root());
    let mut tests = lists::Tests::default();
    for source in &tree.sources {
        tests.add(source);
    }
    for folder in ["tests", "fixtures"] {
        walk(&root().join(folder), &mut |path| {
            if path
                .components()
                .any(|part| part.as_os_str() == "architecture")
            {
                return;
            }
            tests.add_text(&path.strip_prefix(root()).unwrap().to_string_lossy());
            if let Ok(text) = std::fs::read_to_string(path) {
                tests.add_text(&text);
            }
        });
    }
    let known = strata::ops::rules();
    let mut faults = lists::rule_faults(&known);
    faults.extend(lists::declared_faults(
        &lists::declared(&tree),
        &known,
        &tests,
    ));
    refuse(&faults);
}
