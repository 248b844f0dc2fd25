//! Whole processes, cold: what a person, a hook or a pipeline waits for.
//!
//! `cargo bench --bench process` builds two repositories with [`generate`], one of 100 services and
//! one of 1,000, each with 100 parameters a service and three environment branches, and runs each
//! command in them as a process of its own. `git diff --stat` between the same two branches runs in
//! the same sitting, and starting the program for nothing (`--version`) too.
//!
//! The table at the end is what to read: the median time, the median over that of `git diff
//! --stat`, which is what to compare between machines, and the peak of memory where GNU time is
//! installed. Every answer is checked once before it is timed.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod generate;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::Criterion;
use generate::{DIFFERENCES, Shape};

const STAT: &str = "git diff --stat";

/// What is run, each by its name.
struct Case {
    name: &'static str,
    args: &'static [&'static str],
    /// A repository in which one change of a service is staged.
    staged: bool,
}

const CASES: &[Case] = &[
    case("version", &["--version"]),
    case(
        "get",
        &[
            "get",
            "resources.cpu.limit",
            "--env",
            "prod",
            "--service",
            "service-0042",
        ],
    ),
    case(
        "show",
        &["show", "--env", "prod", "--service", "service-0042"],
    ),
    Case {
        name: "check --staged",
        args: &["check", "--staged"],
        staged: true,
    },
    case("check", &["check"]),
    case(
        "drift staging prod",
        &["drift", "staging", "prod", "--exit-zero"],
    ),
    case("diff", &["diff", "env/staging", "env/prod"]),
];

const fn case(name: &'static str, args: &'static [&'static str]) -> Case {
    Case {
        name,
        args,
        staged: false,
    }
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let home = target();
    let mut criterion = Criterion::default()
        .output_directory(&home)
        .warm_up_time(Duration::from_secs(1))
        .configure_from_args();
    let mut rows = Vec::new();
    for (title, services) in [("10,000", 100), ("100,000", 1000)] {
        let shape = Shape {
            services,
            parameters: 100,
        };
        let dir = folder.path().join(title);
        generate::repository(&dir, shape).unwrap();
        let staged = folder.path().join(format!("{title}-staged"));
        generate::repository(&staged, shape).unwrap();
        std::fs::write(
            staged.join(generate::path(42)),
            generate::service(42, shape, Some(1)),
        )
        .unwrap();
        generate::git(&staged, &["add", "-A"]);

        let mut group = criterion.benchmark_group(title);
        let seconds = if services > 100 { 8 } else { 4 };
        group.sample_size(if services > 100 { 10 } else { 30 });
        group.measurement_time(Duration::from_secs(seconds));
        let stat = || {
            let mut command = generate::git_command(&dir);
            command.args(["diff", "--stat", "env/staging", "env/prod"]);
            command
        };
        group.bench_function(STAT, |bencher| bencher.iter(|| run(&mut stat())));
        rows.push((title, STAT, peak(&stat())));
        for case in CASES {
            let dir = if case.staged { &staged } else { &dir };
            verify(case, dir);
            group.bench_function(case.name, |bencher| {
                bencher.iter(|| run(&mut strata(dir, case.args)));
            });
            rows.push((title, case.name, peak(&strata(dir, case.args))));
        }
        group.finish();
    }
    summary(&home, &rows);
}

fn strata(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_git-strata"));
    command
        .args(args)
        .current_dir(dir)
        .env_clear()
        .env("HOME", dir)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null");
    command
}

fn run(command: &mut Command) {
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{command:?} ends with {status}");
}

/// Looks once whether the answer is right, so that nothing wrong is timed.
fn verify(case: &Case, dir: &Path) {
    let output = strata(dir, case.args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let answer = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}: {said}{answer}", case.name);
    if case.name == "drift staging prod" {
        let output = strata(dir, case.args)
            .args(["--format", "json"])
            .output()
            .unwrap();
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let differences = json["body"]["differences"].as_array().unwrap();
        assert_eq!(differences.len(), DIFFERENCES);
    }
}

/// The most memory that a command holds, in KiB, as GNU time tells.
fn peak(command: &Command) -> Option<u64> {
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M"]).arg(command.get_program());
    timed.args(command.get_args());
    if let Some(dir) = command.get_current_dir() {
        timed.current_dir(dir);
    }
    let output = timed.stdout(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines().last()?.trim().parse().ok()
}

fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))
        .join("criterion")
}

/// Prints the medians that Criterion has just stored.
fn summary(home: &Path, rows: &[(&str, &str, Option<u64>)]) {
    let median = |group: &str, name: &str| -> Option<f64> {
        let file = home.join(group).join(name).join("new/estimates.json");
        let text = std::fs::read_to_string(file).ok()?;
        let json: serde_json::Value = serde_json::from_str(&text).ok()?;
        json["median"]["point_estimate"].as_f64()
    };
    println!("parameters  command               median ms   × git diff --stat   peak MB");
    for (group, name, peak) in rows {
        let Some(time) = median(group, name) else {
            continue;
        };
        let ratio = median(group, STAT).map_or(f64::NAN, |stat| time / stat);
        let peak = peak.map_or_else(String::new, |kib| format!("{}", kib / 1024));
        let time = time / 1e6;
        println!("{group:>10}  {name:<20} {time:>10.1} {ratio:>19.2} {peak:>9}");
    }
}
