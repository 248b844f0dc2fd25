//! Which room may name which crate, and which part of the standard library.

use std::collections::BTreeSet;

use super::source::Kind;
use super::tree::{Tree, within};

/// Every dependency, with the rooms that may name it; an empty list means every room.
pub(super) const CRATES: &[(&str, &[&str])] = &[
    ("aes_gcm", &["seal"]),
    ("age", &["seal"]),
    ("anstream", &["cli"]),
    ("anstyle", &["render", "cli"]),
    ("base64", &["seal", "sign"]),
    ("bstr", &[]),
    ("cel", &["config/schema"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("foldhash", &[]),
    ("gix", &["git"]),
    ("globset", &["config"]),
    ("granit_parser", &["document"]),
    ("indexmap", &[]),
    ("jsonc_parser", &["document"]),
    ("jsonschema", &["config/schema"]),
    (
        "jsonschema_regex",
        &["config/schema", "inclusion", "ops/compat"],
    ),
    ("minijinja", &["config/template"]),
    (
        "regex",
        &[
            "config/schema",
            "ops/compat",
            "ops/drift/expected",
            "ops/migration",
            "seal",
        ],
    ),
    ("pgp", &["sign"]),
    ("regex_automata", &["inclusion"]),
    ("regex_syntax", &["inclusion"]),
    ("rpassword", &["cli"]),
    ("secrecy", &["seal"]),
    ("semver", &["config/schema", "git", "ops"]),
    ("serde", &[]),
    ("serde_json", &[]),
    ("sha2", &["seal", "sign"]),
    ("similar", &["text"]),
    ("smol_str", &[]),
    ("ssh_key", &["sign"]),
    ("strsim", &["text"]),
    ("tempfile", &["git", "ops", "cli"]),
    ("terminal_size", &["cli"]),
    ("thiserror", &[]),
    ("toml", &["document"]),
    ("toml_parser", &["document"]),
    ("unicode_width", &["render"]),
    ("walkdir", &["git", "ops/history"]),
];

/// Parts of the standard library that only some rooms may name, tests left out.
pub(super) const STANDARD: &[(&str, &[&str])] = &[
    ("std::env", &["cli", "main"]),
    ("std::net", &[]),
    ("std::process", &["cli", "main"]),
    ("std::time::Instant", &["cli"]),
    ("std::time::SystemTime", &["cli"]),
    ("std::fs", &["git", "config", "ops", "cli"]),
];

/// The functions of `std::fs` that change the disk.
const WRITES: &[&str] = &[
    "File::create",
    "File::create_new",
    "File::options",
    "OpenOptions",
    "copy",
    "create_dir",
    "create_dir_all",
    "hard_link",
    "remove_dir",
    "remove_dir_all",
    "remove_file",
    "rename",
    "set_permissions",
    "write",
];

/// The rooms that may change the disk.
pub(super) const WRITERS: &[&str] = &[
    "cli",
    "git",
    "ops/init",
    "ops/hook",
    "ops/demo",
    "ops/history",
];

fn room(module: &str) -> &str {
    if module.is_empty() { "main" } else { module }
}

fn allowed(module: &str, rooms: &[&str]) -> bool {
    rooms.iter().any(|open| within(room(module), open))
}

/// The dependencies of `Cargo.toml`, as code names them.
pub(super) fn dependencies(cargo: &str) -> Vec<String> {
    let section = cargo
        .lines()
        .skip_while(|line| line.trim() != "[dependencies]");
    let section = section
        .skip(1)
        .take_while(|line| !line.trim_start().starts_with('['));
    section
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim().split('.').next().unwrap().replace('-', "_"))
        .collect()
}

/// Who names a crate that belongs to another room, and which dependency nobody names.
pub(super) fn crates(tree: &Tree, cargo: &str, table: &[(&str, &[&str])]) -> Vec<String> {
    let dependencies = dependencies(cargo);
    let mut faults = BTreeSet::new();
    let mut named = BTreeSet::new();
    for source in &tree.sources {
        let module = source.module().join("/");
        for path in source.code_paths() {
            let Some(name) = source.external(path) else {
                continue;
            };
            if !dependencies.iter().any(|known| known == name) {
                continue;
            }
            named.insert(name.to_owned());
            let rooms = table.iter().find(|(known, _)| *known == name);
            if rooms.is_some_and(|(_, rooms)| !rooms.is_empty() && !allowed(&module, rooms)) {
                faults.insert(format!("{} names the crate {name}", source.path));
            }
        }
    }
    for name in &dependencies {
        if !named.contains(name) {
            faults.insert(format!(
                "Cargo.toml: nothing outside tests names the dependency {name}: remove it, or move \
                 it to [dev-dependencies]"
            ));
        }
        if !table.iter().any(|(known, _)| known == name) {
            faults.insert(format!(
                "Cargo.toml: say in CRATES of tests/architecture/crates.rs which room may name \
                 {name}"
            ));
        }
    }
    for (name, _) in table {
        if !dependencies.iter().any(|known| known == name) {
            faults.insert(format!(
                "tests/architecture/crates.rs: {name} is no dependency, take it out of CRATES"
            ));
        }
    }
    faults.into_iter().collect()
}

/// Who reads the environment or the clock, starts processes, prints, or writes files, and should
/// not.
pub(super) fn standard(tree: &Tree) -> Vec<String> {
    let mut faults = BTreeSet::new();
    for source in &tree.sources {
        let module = source.module().join("/");
        for path in source.code_paths() {
            // What is imported by a shorter name is found where it is imported.
            let named = path.segments.join("::");
            for (part, rooms) in STANDARD {
                let hit = within(&named.replace("::", "/"), &part.replace("::", "/"));
                if hit && !allowed(&module, rooms) {
                    faults.insert(format!("{} names {part}", source.path));
                }
            }
            if let Some(write) = writes(&named)
                && !allowed(&module, WRITERS)
            {
                faults.insert(format!("{} writes files: {write}", source.path));
            }
        }
        let tokens: Vec<_> = source.code_tokens().collect();
        for pair in tokens.windows(2) {
            let print = matches!(
                pair[0].text.as_str(),
                "print" | "println" | "eprint" | "eprintln"
            );
            let is_macro = pair[0].kind == Kind::Word && pair[1].text == "!";
            if print && is_macro && !allowed(&module, &["cli"]) {
                faults.insert(format!("{} prints: {}!", source.path, pair[0].text));
            }
        }
    }
    faults.into_iter().collect()
}

fn writes(path: &str) -> Option<&str> {
    let item = path
        .strip_prefix("std::fs::")
        .or_else(|| path.strip_prefix("fs::"))
        .or_else(|| path.starts_with("File::").then_some(path))?;
    WRITES
        .iter()
        .any(|write| within(&item.replace("::", "/"), &write.replace("::", "/")))
        .then_some(path)
}
