//! `git strata upgrade` as a whole process, cold.
//!
//! `cargo bench --bench upgrade` carries a YAML file of 10 MB (14,500 sections, 435,000 lines with
//! comments) over five majors by twenty steps, with the diff, and the same file once more to where
//! it is already. The table gives the time, the peak of memory where GNU time is installed, and
//! how many comments were kept. More than 5 s or 1 GB, or a lost comment, ends the run with an
//! error.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod generate;

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use generate::services::{MIGRATIONS, SECTIONS, schema, text};

const LONGEST: Duration = Duration::from_secs(5);
const MEGABYTES: u64 = 1_000;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let write = |path: &str, text: &str| {
        let path = place.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    git(place, &["init", "-q", "-b", "main"]);
    write(
        "strata.yaml",
        "strata: 1\nschemas: [schema.yaml]\nversions: \"v*\"\nmigrations: migrations/\n",
    );
    for (version, migration) in std::iter::once(("1.0.0", "")).chain(MIGRATIONS) {
        write("schema.yaml", &schema(version));
        if !migration.is_empty() {
            write(&format!("migrations/{version}.yaml"), migration);
        }
        git(place, &["add", "-A"]);
        git(place, &["commit", "-q", "-m", version]);
        git(place, &["tag", &format!("v{version}")]);
    }
    let before = text(SECTIONS);
    write("big.yaml", &before);
    println!("job                    MB  seconds  peak MB  comments");
    let to = MIGRATIONS[4].0;
    run(
        place,
        "5 majors, with diff",
        &["--from", "1.0.0", "--to", to, "big.yaml"],
    );
    run(
        place,
        "5 majors, written",
        &[
            "--from",
            "1.0.0",
            "--to",
            to,
            "--write",
            "--allow-dirty",
            "--format",
            "json",
            "-o",
            "report.json",
            "big.yaml",
        ],
    );
    let after = std::fs::read_to_string(place.join("big.yaml")).unwrap();
    let comments = |text: &str| text.matches("# ").count();
    assert!(comments(&after) >= comments(&before), "comments were lost");
    assert_ne!(after, before);
    run(
        place,
        "there already",
        &[
            "--from",
            to,
            "--to",
            to,
            "--write",
            "--allow-dirty",
            "big.yaml",
        ],
    );
    assert_eq!(
        std::fs::read_to_string(place.join("big.yaml")).unwrap(),
        after
    );
}

/// Runs one job, and prints its row.
fn run(place: &Path, what: &str, arguments: &[&str]) {
    let program = env!("CARGO_BIN_EXE_git-strata");
    let timed = Path::new("/usr/bin/time").exists();
    let mut command = match timed {
        true => {
            let mut command = Command::new("/usr/bin/time");
            command.args(["-f", "%M", program]);
            command
        }
        false => Command::new(program),
    };
    let begun = Instant::now();
    let ran = command
        .arg("upgrade")
        .args(arguments)
        .current_dir(place)
        .output()
        .unwrap();
    let time = begun.elapsed();
    assert!(matches!(ran.status.code(), Some(0 | 1)), "{ran:?}");
    let peak = peak(&ran).filter(|_| timed);
    let size = std::fs::metadata(place.join("big.yaml")).unwrap().len() / 1_000_000;
    let text = std::fs::read_to_string(place.join("big.yaml")).unwrap();
    println!(
        "{what:<22} {size:>2}  {:>7.2}  {:>7}  {}",
        time.as_secs_f64(),
        peak.map_or_else(|| "-".to_owned(), |peak| peak.to_string()),
        text.matches("# ").count()
    );
    assert!(time < LONGEST, "{what} took {time:?}");
    assert!(
        peak.is_none_or(|peak| peak < MEGABYTES),
        "{what} held {peak:?} MB"
    );
}

fn peak(ran: &Output) -> Option<u64> {
    let text = String::from_utf8_lossy(&ran.stderr);
    Some(text.lines().last()?.trim().parse::<u64>().ok()? / 1_000)
}

fn git(place: &Path, arguments: &[&str]) {
    let ran = Command::new("git")
        .args([
            "-c",
            "user.name=bench",
            "-c",
            "user.email=bench@example.com",
        ])
        .args(arguments)
        .current_dir(place)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
}
