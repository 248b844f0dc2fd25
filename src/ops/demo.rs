//! The example repository that ships in the binary, and a walk through it.

use std::path::Path;

use serde::Serialize;

use super::embedded;
use super::history::History;
use crate::report::{Block, View};
use crate::{Error, Result};

/// The published JSON Schema of the body of `demo`.
pub const SCHEMA: &str = include_str!("demo.schema.json");

/// The folder that the example is built in where none is named.
pub const DEFAULT_FOLDER: &str = "strata-demo";

/// The example as it was built.
#[derive(Clone, Debug, Serialize)]
pub struct DemoBody {
    /// Where it was built.
    pub folder: String,
    /// How many commits it has.
    pub commits: usize,
    /// Its branches, in the order of their making; the first is checked out.
    pub branches: Vec<String>,
    /// Its tags, in the order of their making.
    pub tags: Vec<String>,
    /// What to look at, one after the other.
    pub scenes: Vec<Scene>,
}

/// One command to run in the example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Scene {
    /// What it is about.
    pub title: &'static str,
    /// What comes after `git strata`, argument by argument; none holds a blank.
    pub arguments: &'static [&'static str],
    /// What to look for in the answer.
    pub text: &'static str,
}

/// What the example is good for showing, in order.
pub const SCENES: &[Scene] = &[
    Scene {
        title: "Is everything in order?",
        arguments: &["check"],
        text: "Every service in every environment, put together from its layers, against the schemas of its own branch.",
    },
    Scene {
        title: "What runs in production, and which file says so?",
        arguments: &["show", "--env", "prod", "--service", "payments"],
        text: "Each value with the file and line that set it, and what it overrides there.",
    },
    Scene {
        title: "How do staging and production differ?",
        arguments: &["drift", "staging", "prod"],
        text: "Hosts and sizes are meant to differ. A cache time changed on both sides, a port that became text, and a hot fix that never came back are not.",
    },
    Scene {
        title: "What would version 2 break?",
        arguments: &["compat", "v1.2.0..v2.0.0"],
        text: "An option renamed, one that is silently ignored from now on, a value that is gone, a bound that is tighter.",
    },
    Scene {
        title: "And what would the upgrade do to staging's files?",
        arguments: &[
            "upgrade", "--from", "v1.2.0", "--to", "v2.0.0", "--env", "staging",
        ],
        text: "The steps of migrations/2.0.0.yaml, tried on every layer; comments stay, and what a person has to decide is named.",
    },
];

/// Builds the example repository in a folder that is empty or not there yet.
///
/// # Errors
///
/// The folder holds something, or cannot be written.
pub fn build(dir: &Path) -> Result<DemoBody> {
    refuse_occupied(dir)?;
    let built = History::from_embedded(embedded::SHOP)?.build(dir)?;
    Ok(DemoBody {
        folder: dir.display().to_string(),
        commits: built.commits,
        branches: built.branches,
        tags: built.tags,
        scenes: SCENES.to_vec(),
    })
}

fn refuse_occupied(dir: &Path) -> Result<()> {
    let occupied = match std::fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => false,
        Err(cause) => {
            return Err(Error::io(
                format!("cannot build the example in `{}`", dir.display()),
                cause,
            ));
        }
    };
    if occupied {
        return Err(Error::usage(format!(
            "the folder `{}` is not empty, and nothing in it is overwritten",
            dir.display()
        ))
        .with_help("name another folder: `git strata demo DIR`"));
    }
    Ok(())
}

impl Scene {
    /// Gives the command line as one would type it.
    #[must_use]
    pub fn command(&self) -> String {
        format!("git strata {}", self.arguments.join(" "))
    }
}

impl View for DemoBody {
    fn view(&self) -> Vec<Block> {
        let mut lines = vec![format!("cd {}", self.folder)];
        lines.extend(self.scenes.iter().map(Scene::command));
        vec![
            Block::Text(format!(
                "The configuration of an online shop stands in `{}`: {} commits, the branches {}, the releases {}.",
                self.folder,
                self.commits,
                self.branches.join(", "),
                self.tags.join(", "),
            )),
            Block::Text("Look around in it:".to_owned()),
            Block::Code {
                language: "sh",
                text: lines.join("\n"),
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::tests::git;
    use super::*;

    #[test]
    fn builds_a_sound_and_clean_repository() {
        let dir = tempfile::tempdir().unwrap();
        let demo = build(&dir.path().join("shop")).unwrap();
        let root = dir.path().join("shop");
        assert_eq!(git(&root, &["fsck", "--strict", "--no-progress"]), "");
        assert_eq!(git(&root, &["status", "--porcelain"]), "");
        assert_eq!(git(&root, &["branch", "--show-current"]), "main");
        assert_eq!(
            git(&root, &["branch", "--format=%(refname:short)"]),
            "env/dev\nenv/prod\nenv/staging\nmain"
        );
        assert_eq!(git(&root, &["tag"]), "v1.0.0\nv1.1.0\nv1.2.0\nv2.0.0");
        assert_eq!(demo.tags, ["v1.0.0", "v1.1.0", "v1.2.0", "v2.0.0"]);
        assert_eq!(
            git(&root, &["rev-list", "--all", "--count"]),
            demo.commits.to_string()
        );
        let log = [
            "log",
            "--all",
            "--no-merges",
            "--format=%an %ad",
            "--date=short",
        ];
        assert!(git(&root, &log).ends_with("Mara Lindqvist 2025-09-01"));
        let schema = serde_json::from_str(SCHEMA).unwrap();
        let body = serde_json::to_value(&demo).unwrap();
        assert!(jsonschema::is_valid(&schema, &body), "{body}");
        assert_eq!(demo.scenes[3].command(), "git strata compat v1.2.0..v2.0.0");
    }

    #[test]
    fn refuses_a_folder_that_holds_something() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("mine"), "x").unwrap();
        let error = build(dir.path()).unwrap_err();
        assert!(error.to_string().contains("is not empty"), "{error}");
        assert!(!dir.path().join(".git").exists());
        let error = build(&dir.path().join("mine")).unwrap_err();
        assert!(
            error.to_string().contains("cannot build the example"),
            "{error}"
        );
    }
}
