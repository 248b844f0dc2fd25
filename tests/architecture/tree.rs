//! The floors of the house, and who imports whom.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::source::{Kind, Source};

/// The source tree, with the floors that `src/lib.rs` lists.
pub(super) struct Tree {
    pub(super) sources: Vec<Source>,
    /// The rooms of each floor, lowest first.
    floors: Vec<Vec<String>>,
    /// What `src/lib.rs` exports by another name than its room's: `Error` is `error`'s.
    exports: BTreeMap<String, String>,
}

impl Tree {
    /// Makes a tree of paths and texts; `src/lib.rs` must be among them.
    pub(super) fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let files: Vec<_> = files.into_iter().collect();
        let text = files.iter().find(|(path, _)| *path == "src/lib.rs");
        let floors = text.map_or(Vec::new(), |(_, text)| floors(text));
        let mut sources: Vec<_> = files
            .iter()
            .map(|(path, text)| Source::new(path, text))
            .collect();
        mark_test_files(&mut sources);
        let lib = sources.iter().find(|source| source.path == "src/lib.rs");
        let exports = lib.map_or(BTreeMap::new(), |lib| {
            let exported = lib.paths.iter().filter(|path| path.segments.len() == 2);
            exported
                .map(|path| (path.segments[1].clone(), path.segments[0].clone()))
                .collect()
        });
        Self {
            sources,
            floors,
            exports,
        }
    }

    /// Reads every Rust file below `src/`.
    pub(super) fn read(root: &Path) -> Self {
        let mut files = Vec::new();
        super::walk(&root.join("src"), &mut |path| {
            if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                files.push((name.to_owned(), std::fs::read_to_string(path).unwrap()));
            }
        });
        Self::new(
            files
                .iter()
                .map(|(path, text)| (path.as_str(), text.as_str())),
        )
    }

    /// The file that a module stands in.
    pub(super) fn file(&self, module: &[&str]) -> Option<&Source> {
        self.sources.iter().find(|source| source.module() == module)
    }

    fn floor(&self, room: &str) -> Option<usize> {
        let holds = |floor: &Vec<String>| floor.iter().any(|name| name == room);
        self.floors.iter().position(holds)
    }

    /// Which room of the library, and what in it, each path of a file leads to.
    fn imports<'a>(&'a self, source: &'a Source) -> impl Iterator<Item = (Vec<String>, usize)> {
        source.code_paths().filter_map(|path| {
            let mut target = source.resolve(path)?;
            if let Some(room) = self.exports.get(target.first()?) {
                target.insert(0, room.clone());
            }
            Some((target, path.line))
        })
    }
}

/// The modules of each paragraph of `lib.rs`.
fn floors(lib: &str) -> Vec<Vec<String>> {
    let mut floors = vec![Vec::new()];
    for line in lib.lines() {
        let declaration = line.trim().trim_start_matches("pub ");
        let declaration = declaration.trim_start_matches("pub(crate) ");
        if let Some(name) = declaration.strip_prefix("mod ") {
            let name = name.trim_end_matches(';').to_owned();
            floors.last_mut().unwrap().push(name);
        } else if line.trim().is_empty() {
            floors.push(Vec::new());
        }
    }
    floors.retain(|floor| !floor.is_empty());
    floors
}

/// A file declared under `#[cfg(test)]` is there for tests, and so is all below it.
fn mark_test_files(sources: &mut [Source]) {
    let mut tests = BTreeSet::new();
    for source in sources.iter() {
        for (name, _) in source.declared().filter(|(_, test)| *test) {
            let mut module = source.module();
            module.push(name.to_owned());
            tests.insert(module);
        }
    }
    for source in sources {
        let module = source.module();
        source.test = (1..=module.len()).any(|end| tests.contains(&module[..end]));
    }
}

/// Who imports a room of its own floor, or of one above.
pub(super) fn upward_imports(tree: &Tree) -> Vec<String> {
    let mut faults = BTreeSet::new();
    for source in &tree.sources {
        let module = source.module();
        let Some(own) = module.first() else { continue };
        // The command line belongs to the binary and stands above every room.
        if own == "cli" {
            continue;
        }
        let Some(floor) = tree.floor(own) else {
            let path = &source.path;
            faults.insert(format!(
                "{path} is on no floor: name its room in src/lib.rs"
            ));
            continue;
        };
        for (target, _) in tree.imports(source) {
            let room = &target[0];
            let above = match tree.floor(room) {
                Some(other) => room != own && other >= floor,
                None => room == "cli",
            };
            if above {
                faults.insert(format!("{} imports {room}", source.path));
            }
        }
    }
    faults.into_iter().collect()
}

/// Rooms that may import less than their floor lets them.
pub(super) const CLOSED_ROOMS: &[(&str, &[&str])] = &[
    ("text", &["error"]),
    ("report", &["text", "error"]),
    ("git", &["text", "error", "cores"]),
    ("document", &["text", "error", "report"]),
    ("render", &["text", "cores", "report"]),
    (
        "config/schema",
        &[
            "text",
            "error",
            "report",
            "document",
            "seal",
            "config/schema",
        ],
    ),
];

/// Who imports what its room is closed to.
pub(super) fn closed_rooms(tree: &Tree, rooms: &[(&str, &[&str])]) -> Vec<String> {
    let mut faults = BTreeSet::new();
    for source in &tree.sources {
        let module = source.module().join("/");
        let Some((room, open)) = rooms.iter().find(|(room, _)| within(&module, room)) else {
            continue;
        };
        for (target, _) in tree.imports(source) {
            // The last name of a path is an item, not a module; a module is known by its file.
            let known = (1..=target.len()).rev().find(|&end| {
                let names: Vec<_> = target[..end].iter().map(String::as_str).collect();
                tree.file(&names).is_some()
            });
            let Some(end) = known else { continue };
            let target = target[..end].join("/");
            if !within(&target, room) && !open.iter().any(|open| within(&target, open)) {
                faults.insert(format!(
                    "{} imports {target}, which {room} is closed to",
                    source.path
                ));
            }
        }
    }
    faults.into_iter().collect()
}

pub(super) fn within(module: &str, room: &str) -> bool {
    module
        .strip_prefix(room)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The shelves of `ops/`, lowest first: a slice imports only from shelves below its own. `mod`
/// stands for what `ops/mod.rs` itself defines: the list of all rules.
pub(super) const SHELVES: &[&[&str]] = &[
    &["own", "embedded", "trust"],
    &["cover", "read", "history"],
    &[
        "compat",
        "change",
        "convert",
        "diff",
        "migration",
        "scan",
        "template",
        "telemetry",
        "docs",
        "log",
        "access",
        "trace",
        "merge",
        "blame",
        "watch",
        "init",
        "demo",
    ],
    &["upgrade", "drift", "secret", "audit"],
    &["policy"],
    &["check", "promote"],
    &["health", "hook"],
    &["mod"],
    &["explain"],
];

/// Which slice of `ops/` imports one of its own shelf or above.
pub(super) fn slices(tree: &Tree, shelves: &[&[&str]]) -> Vec<String> {
    let shelf = |slice: &str| shelves.iter().position(|shelf| shelf.contains(&slice));
    let mut faults = BTreeSet::new();
    for source in &tree.sources {
        let module = source.module();
        let [room, slice, ..] = &module[..] else {
            continue;
        };
        if room != "ops" {
            continue;
        }
        let Some(own) = shelf(slice) else {
            faults.insert(format!(
                "src/ops/{slice} is on no shelf: give it its place in SHELVES of \
                 tests/architecture/tree.rs"
            ));
            continue;
        };
        for (target, _) in tree.imports(source) {
            let [room, other, ..] = &target[..] else {
                continue;
            };
            if room != "ops" || other == slice {
                continue;
            }
            let is_slice = tree.file(&["ops", other]).is_some();
            let other = if is_slice { other } else { "mod" };
            if shelf(other).is_some_and(|other| other >= own) {
                faults.insert(format!("{} imports ops::{other}", source.path));
            }
        }
    }
    faults.into_iter().collect()
}

/// Names of modules and types that say nothing.
pub(super) fn empty_names(tree: &Tree) -> Vec<String> {
    let empty = [
        "utils", "util", "helpers", "helper", "common", "misc", "shared",
    ];
    let mut faults = BTreeSet::new();
    for source in &tree.sources {
        for (name, _) in source.declared().filter(|(name, _)| empty.contains(name)) {
            // `git strata util` is a command.
            if !(name == "util" && source.path == "src/cli/mod.rs") {
                faults.insert(format!(
                    "{} declares the module `{name}`: a helper lives with its noun",
                    source.path
                ));
            }
        }
        for pair in source.tokens.windows(2) {
            let declares = pair[0].kind == Kind::Word
                && matches!(
                    pair[0].text.as_str(),
                    "struct" | "enum" | "trait" | "type" | "union"
                );
            if declares && pair[1].text.ends_with("Manager") {
                faults.insert(format!(
                    "{} declares `{}`: say what it is, not that it manages",
                    source.path, pair[1].text
                ));
            }
        }
    }
    faults.into_iter().collect()
}
