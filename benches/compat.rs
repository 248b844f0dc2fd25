//! `git strata compat OLD NEW` as a whole process, cold.
//!
//! `cargo bench --bench compat` compares an ordinary pair of schemas, a pair of 1 MB each (5,000
//! definitions, recursion, alternatives of twelve kinds), and pairs made to be hard. The table
//! gives the median time, the peak of memory where GNU time is installed, and the verdict. What
//! takes longer than it may, or holds more, ends the run with an error: 10 ms for the ordinary
//! pair is the aim on a quiet machine, 1 s and 200 MB for the large one, 10 s for any.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod generate;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use generate::schemas::{Pair, hard, large, ordinary};

/// What any comparison may take.
const LONGEST: Duration = Duration::from_secs(10);

/// What one case may take and hold.
struct Bounds {
    runs: usize,
    time: Duration,
    megabytes: u64,
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = |runs, time, megabytes| Bounds {
        runs,
        time,
        megabytes,
    };
    let mut cases = vec![
        (ordinary(), bounds(20, Duration::from_millis(100), 100)),
        (large(), bounds(5, Duration::from_secs(1), 200)),
    ];
    cases.extend(
        hard()
            .into_iter()
            .map(|pair| (pair, bounds(1, LONGEST, 1_000))),
    );
    println!("pair                      KB  median ms   peak MB  verdict");
    let mut over = Vec::new();
    for (pair, bounds) in cases {
        over.extend(measure(folder.path(), &pair, &bounds));
    }
    assert!(over.is_empty(), "over the bounds: {}", over.join(", "));
}

/// Measures one pair, prints its row, and gives its name where it is over its bounds.
fn measure(folder: &Path, pair: &Pair, bounds: &Bounds) -> Option<String> {
    let size = pair.old.to_string().len() / 1000;
    for (side, schema) in [("old.json", &pair.old), ("new.json", &pair.new)] {
        std::fs::write(folder.join(side), schema.to_string()).unwrap();
    }
    let mut times = Vec::new();
    let mut verdict = String::new();
    for _ in 0..bounds.runs {
        let begun = Instant::now();
        let output = command(folder).output().unwrap();
        times.push(begun.elapsed());
        verdict = said(&output.stdout);
    }
    times.sort_unstable();
    let median = times[times.len() / 2];
    let peak = peak(folder);
    let held = peak.map_or_else(String::new, |megabytes| megabytes.to_string());
    println!(
        "{:<22} {size:>5} {:>10.1} {held:>9}  {verdict}",
        pair.name,
        median.as_secs_f64() * 1e3
    );
    let over = median > bounds.time || peak.is_some_and(|peak| peak > bounds.megabytes);
    over.then(|| pair.name.to_owned())
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_git-strata"));
    command
        .args([
            "compat",
            "old.json",
            "new.json",
            "--format",
            "json",
            "--exit-zero",
        ])
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .stderr(Stdio::inherit());
    command
}

/// The verdict of an answer.
fn said(answer: &[u8]) -> String {
    let json: serde_json::Value = serde_json::from_slice(answer).unwrap();
    json["body"]["verdict"].as_str().unwrap().to_owned()
}

/// The most memory that a run holds, in MB, as GNU time tells.
fn peak(folder: &Path) -> Option<u64> {
    let plain = command(folder);
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M"]).arg(plain.get_program());
    timed.args(plain.get_args()).current_dir(folder);
    let output = timed.stdout(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let kilobytes: u64 = said.lines().last()?.trim().parse().ok()?;
    Some(kilobytes / 1000)
}
