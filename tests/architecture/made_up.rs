//! The checks, seen to fail on made-up files.

use strata::report::{Rule, Severity};

use super::lists::{self, Tests};
use super::source::Source;
use super::tree::{self, Tree};
use super::{crates, long_files};

const LIB: &str = "//! A house.\n\npub mod text;\n\nmod error;\n\npub mod report;\n\n\
    pub mod document;\n// Drawn.\npub mod render;\n\npub mod ops;\n\npub use error::{Error, Result};\n";

fn tree<const N: usize>(files: [(&str, &str); N]) -> Tree {
    Tree::new(files.into_iter().chain([("src/lib.rs", LIB)]))
}

fn upward(path: &str, text: &str) -> Vec<String> {
    tree::upward_imports(&tree([(path, text)]))
}

#[test]
fn finds_imports_of_a_floor_above() {
    let faults = upward("src/report/finding.rs", "use crate::render;");
    assert_eq!(faults, ["src/report/finding.rs imports render"]);
    let faults = upward(
        "src/report/mod.rs",
        "use crate::{text::Span, ops::{self, check}};",
    );
    assert_eq!(faults, ["src/report/mod.rs imports ops"]);
    let faults = upward(
        "src/report/mod.rs",
        "fn f() -> u8 { crate::ops::rules::<u8>().len() }",
    );
    assert_eq!(faults, ["src/report/mod.rs imports ops"]);
    let faults = upward(
        "src/report/finding.rs",
        "use super::super::render::Style as S;",
    );
    assert_eq!(faults, ["src/report/finding.rs imports render"]);
    let faults = upward(
        "src/text/a.rs",
        "mod inner { pub use super::super::super::ops; }",
    );
    assert_eq!(faults, ["src/text/a.rs imports ops"]);
}

#[test]
fn finds_imports_of_a_neighbour_on_the_same_floor() {
    let faults = upward("src/render/json.rs", "use crate::document::Value;");
    assert_eq!(faults, ["src/render/json.rs imports document"]);
}

#[test]
fn finds_imports_by_the_names_that_the_library_exports() {
    let faults = upward("src/text/mod.rs", "fn f() -> crate::Result<()> { Ok(()) }");
    assert_eq!(faults, ["src/text/mod.rs imports error"]);
    assert!(upward("src/ops/mod.rs", "use crate::{Error, Result};").is_empty());
}

#[test]
fn finds_a_room_on_no_floor_and_imports_of_the_command_line() {
    let faults = upward("src/cache/mod.rs", "");
    assert_eq!(
        faults,
        ["src/cache/mod.rs is on no floor: name its room in src/lib.rs"]
    );
    let faults = upward("src/ops/mod.rs", "use crate::cli::Args;");
    assert_eq!(faults, ["src/ops/mod.rs imports cli"]);
    assert!(upward("src/cli/mod.rs", "use crate::ops;").is_empty());
}

#[test]
fn leaves_alone_what_is_no_import() {
    for text in [
        "// use crate::ops;\n/* crate::ops /* nested */ crate::ops */",
        "/// [`crate::ops`]\nfn f() {}",
        "const A: &str = \"crate::ops \\\" crate::ops\";",
        "const A: &str = r##\"\"# crate::ops\"##;",
        "const A: (char, char) = ('\"', '\\''); use super::Finding; const B: char = '\"';",
        "fn f<'a>(a: &'a str) -> impl Sized + use<'a> { a }",
        "#[cfg(test)]\nmod tests { use crate::ops; fn f() { crate::ops::g(); } }",
        "#[cfg(test)]\nuse crate::{ops, render};",
        "#[cfg(test)]\n#[allow(unused)]\npub(crate) fn f() { crate::ops::g() }",
        "use crate::text::{Span, Source};",
        "mod ops; use self::ops::X;",
    ] {
        assert_eq!(upward("src/report/finding.rs", text), [""; 0], "{text}");
    }
}

#[test]
fn leaves_alone_files_that_are_there_for_tests() {
    let files = [
        ("src/report/mod.rs", "#[cfg(test)]\nmod random;"),
        ("src/report/random/mod.rs", "mod deeper; use crate::ops;"),
        ("src/report/random/deeper.rs", "use crate::ops;"),
    ];
    assert_eq!(tree::upward_imports(&tree(files)), [""; 0]);
    let files = [("src/report/mod.rs", "mod random;"), files[1]];
    assert_eq!(
        tree::upward_imports(&tree(files)),
        ["src/report/random/mod.rs imports ops"]
    );
}

#[test]
fn finds_what_a_room_is_closed_to() {
    let tree = tree([
        (
            "src/document/mod.rs",
            "use crate::report::Rule; use crate::text;",
        ),
        ("src/report/mod.rs", ""),
        ("src/text/mod.rs", ""),
    ]);
    assert_eq!(
        tree::closed_rooms(&tree, &[("document", &["text"])]),
        ["src/document/mod.rs imports report, which document is closed to"]
    );
    assert!(tree::closed_rooms(&tree, &[("document", &["text", "report"])]).is_empty());
}

#[test]
fn finds_slices_that_reach_up_or_sideways() {
    let tree = tree([
        (
            "src/ops/mod.rs",
            "mod check; mod diff; mod compat; pub fn rules() {}",
        ),
        (
            "src/ops/diff.rs",
            "use super::compat::Verdict; use super::rules;",
        ),
        ("src/ops/compat/mod.rs", "use crate::ops::check;"),
        (
            "src/ops/check/body.rs",
            "use crate::ops::diff::short; use super::Scope;",
        ),
        ("src/ops/check/mod.rs", ""),
        ("src/ops/novel.rs", ""),
    ]);
    assert_eq!(
        tree::slices(&tree, tree::SHELVES),
        [
            "src/ops/compat/mod.rs imports ops::check",
            "src/ops/diff.rs imports ops::compat",
            "src/ops/diff.rs imports ops::mod",
            "src/ops/novel is on no shelf: give it its place in SHELVES of \
             tests/architecture/tree.rs",
        ]
    );
}

const CARGO: &str = "[package]\nname = \"x\"\n[dependencies]\ngix = \"1\"\njson-parser = { version = \"1\" }\n\
    toml = \"1\"\n\n[dev-dependencies]\ninsta = \"1\"\n";

#[test]
fn finds_crates_out_of_their_rooms() {
    let table: &[(&str, &[&str])] = &[
        ("gix", &["git"]),
        ("json_parser", &["document"]),
        ("toml", &["document"]),
    ];
    let tree = tree([
        (
            "src/git/mod.rs",
            "use gix::hash; #[cfg(test)] mod tests { use toml::Value; }",
        ),
        (
            "src/document/mod.rs",
            "mod toml; use toml::read; fn f() { json_parser::parse() }",
        ),
        ("src/document/toml.rs", "use ::toml::Value;"),
        (
            "src/ops/mod.rs",
            "use json_parser as json; use crate::document::toml; type A = toml::A;",
        ),
        ("src/report/mod.rs", "#[derive(gix::Thing)] struct A;"),
    ]);
    assert_eq!(
        crates::crates(&tree, CARGO, table),
        [
            "src/ops/mod.rs names the crate json_parser",
            "src/report/mod.rs names the crate gix",
        ]
    );
}

#[test]
fn finds_dependencies_that_nobody_names() {
    let tree = tree([(
        "src/git/mod.rs",
        "use gix::hash; #[cfg(test)] use toml::Value;",
    )]);
    let table: &[(&str, &[&str])] = &[("gix", &["git"]), ("toml", &[]), ("gone", &[])];
    assert_eq!(
        crates::crates(&tree, CARGO, table),
        [
            "Cargo.toml: nothing outside tests names the dependency json_parser: remove it, or \
             move it to [dev-dependencies]",
            "Cargo.toml: nothing outside tests names the dependency toml: remove it, or move it \
             to [dev-dependencies]",
            "Cargo.toml: say in CRATES of tests/architecture/crates.rs which room may name \
             json_parser",
            "tests/architecture/crates.rs: gone is no dependency, take it out of CRATES",
        ]
    );
}

#[test]
fn finds_who_touches_the_process() {
    let standard = |path, text| crates::standard(&tree([(path, text)]));
    assert_eq!(
        standard(
            "src/config/mod.rs",
            "fn f() { std::env::var(\"A\"); println!(\"b\") }"
        ),
        [
            "src/config/mod.rs names std::env",
            "src/config/mod.rs prints: println!"
        ]
    );
    assert_eq!(
        standard(
            "src/config/mod.rs",
            "use std::{fs, time::SystemTime}; fn f() { fs::write(a, b) }"
        ),
        [
            "src/config/mod.rs names std::time::SystemTime",
            "src/config/mod.rs writes files: fs::write",
        ]
    );
    assert_eq!(
        standard(
            "src/render/mod.rs",
            "use std::fs::File; fn f() { File::create(a) }"
        ),
        [
            "src/render/mod.rs names std::fs",
            "src/render/mod.rs writes files: File::create",
        ]
    );
    assert_eq!(
        standard("src/ops/init/mod.rs", "use std::fs::{self, write};"),
        [""; 0]
    );
    assert_eq!(
        standard("src/config/mod.rs", "use std::fs::{read, read_dir};"),
        [""; 0]
    );
    assert_eq!(
        standard("src/main.rs", "use std::{env, process::ExitCode};"),
        [""; 0]
    );
}

#[test]
fn finds_long_files_and_empty_names() {
    let long = "fn f() {}\n".repeat(401);
    let tests = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
    let tree = tree([
        ("src/text/mod.rs", &long),
        ("src/report/mod.rs", &tests),
        (
            "src/ops/mod.rs",
            "mod utils; pub(crate) struct LayerManager;",
        ),
    ]);
    let faults = long_files(&tree, &[("src/report/mod.rs", "a table")]);
    assert_eq!(
        faults,
        [
            "src/text/mod.rs has 401 lines without its tests: split it, or give the reason in \
             LONG of tests/architecture.rs",
            "src/report/mod.rs has become short: take it out of LONG",
        ]
    );
    assert_eq!(
        tree::empty_names(&tree),
        [
            "src/ops/mod.rs declares `LayerManager`: say what it is, not that it manages",
            "src/ops/mod.rs declares the module `utils`: a helper lives with its noun",
        ]
    );
}

#[test]
fn finds_commands_that_lack_something() {
    let cli = Source::new(
        "src/cli/mod.rs",
        "enum Command { Check(check::Args), #[command(hide = true)] PullCord(cord::Args), Util(util::Args) }",
    );
    let commands = lists::commands(&cli);
    assert_eq!(commands, ["check", "pull-cord", "util"]);
    let bodies = Source::new("src/cli/util.rs", "const BODIES: &[&str] = &[\"check\"];");
    let readme = "`git strata check`, `git strata utilities` and `git strata pull-cord`";
    let changes = "- `git strata check`, `git strata pull-cords`, `git strata util`";
    assert_eq!(
        lists::command_faults(&commands, readme, changes, &bodies),
        [
            "CHANGELOG.md says nothing of `git strata pull-cord`: add a line",
            "`git strata pull-cord` has no published schema: add its body to BODIES in \
             src/cli/util.rs",
            "README.md says nothing of `git strata util`: add a paragraph with an example that \
             works in the shop of `git strata demo`",
        ]
    );
}

static GOOD: Rule = Rule {
    id: "good-rule",
    severity: Severity::Error,
    summary: "a fault",
    docs: "```yaml\n```",
};

static BAD: Rule = Rule {
    id: "Bad_rule",
    severity: Severity::Error,
    summary: "A fault.",
    docs: "no example",
};

#[test]
fn finds_rules_that_lack_something() {
    let tree = tree([(
        "src/ops/rules.rs",
        "static GOOD: Rule = Rule { severity: Severity::Error, id: \"good-rule\" };\n\
         pub static RULES: &[&Rule] = &[&GOOD];\n\
         catalogue! { LOST = \"lost-rule\", Error, \"summary\"; }\n\
         #[cfg(test)] mod tests { static A: Rule = Rule { id: \"made-up\" }; fn good_rule_is_found() {} }",
    )]);
    let declared = lists::declared(&tree);
    let ids: Vec<_> = declared.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["good-rule", "lost-rule"]);
    let mut tests = Tests::default();
    tree.sources.iter().for_each(|source| tests.add(source));
    assert_eq!(
        lists::declared_faults(&declared, &[&GOOD, &BAD], &tests),
        [
            "src/ops/rules.rs declares the rule `lost-rule`, which `strata::ops::rules()` does \
             not list: add LOST to the RULES of its module",
            "src/ops/rules.rs declares the rule `lost-rule`, which no test and no fixture names: \
             add a test `…lost_rule…` that breaks it",
            "the rule `Bad_rule` is declared in a form that tests/architecture/lists.rs does not \
             read: `static NAME: Rule = Rule { id: \"…\", … }`",
        ]
    );
    assert_eq!(
        lists::rule_faults(&[&GOOD, &BAD, &GOOD]),
        [
            "the rule id `Bad_rule` is not in kebab-case",
            "the summary of `Bad_rule` is not one phrase, lower case first, without a full stop: \
             A fault.",
            "the docs of `Bad_rule` show no example: add a fenced block",
            "two rules are named `good-rule`",
        ]
    );
}
