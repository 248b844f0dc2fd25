//! What the README shows is what the program says.

use std::path::Path;

use super::harness::Place;

/// One command of a transcript, and the lines below it.
struct Shown {
    command: String,
    output: Vec<String>,
}

/// Reads the `console` blocks; each is a list of commands with what they print.
fn blocks(readme: &str) -> Vec<Vec<Shown>> {
    let mut blocks: Vec<Vec<Shown>> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        match line {
            "```console" => {
                inside = true;
                blocks.push(Vec::new());
            }
            "```" => inside = false,
            line if inside => {
                let block = blocks.last_mut().unwrap();
                match line.strip_prefix("$ ") {
                    Some(command) => block.push(Shown {
                        command: command.to_owned(),
                        output: Vec::new(),
                    }),
                    None => block.last_mut().unwrap().output.push(line.to_owned()),
                }
            }
            _ => {}
        }
    }
    blocks
}

/// Says whether lines are as shown, where a line `…` stands for any number of lines.
fn is_as_shown(said: &[&str], shown: &[String]) -> bool {
    match shown.split_first() {
        None => said.is_empty(),
        Some((first, rest)) if first == "…" => {
            (0..=said.len()).any(|skipped| is_as_shown(&said[skipped..], rest))
        }
        Some((first, rest)) => said.split_first().is_some_and(|(line, said)| {
            line.trim_end() == first.trim_end() && is_as_shown(said, rest)
        }),
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn transcripts_are_true() {
    let readme = include_str!("../../README.md");
    let blocks = blocks(readme);
    assert!(blocks.len() > 10, "the README has lost its examples");
    let mut wrong = Vec::new();
    for block in blocks {
        let starts = block
            .iter()
            .any(|shown| shown.command.contains(" init") || shown.command.starts_with("cd "));
        let place = if starts { Place::new() } else { Place::shop() };
        if block
            .iter()
            .any(|shown| shown.command.contains("examples/crds"))
        {
            for name in ["before.yaml", "after.yaml"] {
                let path = format!("examples/crds/{name}");
                let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(&path);
                place.write(&path, std::fs::read(file).unwrap());
            }
        }
        if let Some(folder) = block
            .iter()
            .find_map(|shown| shown.command.strip_prefix("cd "))
        {
            copy(
                &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
                place.path(),
            );
        }
        for shown in block {
            let Some(words) = shown.command.strip_prefix("git strata ") else {
                let known = ["cargo ", "cd "]
                    .iter()
                    .any(|it| shown.command.starts_with(it));
                assert!(known, "{}", shown.command);
                continue;
            };
            let ran = place.run(words);
            assert_ne!(ran.status, 2, "{}: {}", shown.command, ran.err);
            let said: Vec<_> = ran.out.lines().collect();
            if !is_as_shown(&said, &shown.output) {
                wrong.push(format!("$ {}\n{}", shown.command, ran.out));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "README.md shows something else than:\n\n{}",
        wrong.join("\n")
    );
}

#[test]
fn a_transcript_may_leave_lines_out() {
    let shown = ["a", "…", "c"].map(str::to_owned);
    assert!(is_as_shown(&["a", "b", "b", "c"], &shown));
    assert!(is_as_shown(&["a", "c"], &shown));
    assert!(!is_as_shown(&["a", "b"], &shown));
    assert!(!is_as_shown(&["a"], &[]));
}
