//! Whole processes, cold: what a person, a hook or a pipeline waits for.
//!
//! `cargo bench --bench process` builds repositories with [`generate`], one of 100 services and one
//! of 1,000, each with 100 parameters a service and three environment branches, and runs each
//! command in them as a process of its own. `git diff --stat` between the same two branches runs in
//! the same sitting, and starting the program for nothing (`--version`) too. A third has 2,000
//! commits on each of two branches, whose histories `drift` reads; a fourth has 1,000 sealed values.
//!
//! With `STRATA_BENCH_LARGE=1` in the environment there are two more, of a million parameters: one
//! with a few differences, and one in which nearly everything differs.
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
    case(
        "show --explain",
        &[
            "show",
            "--explain",
            "resources.cpu.limit",
            "--env",
            "prod",
            "--service",
            "service-0042",
        ],
    ),
    Case {
        name: "check --staged",
        args: &["check", "--staged"],
        staged: true,
    },
    case("check", &["check"]),
    case(DRIFT, &["drift", "staging", "prod", "--exit-zero"]),
    case("drift", &["drift", "--exit-zero"]),
    case("diff", &["diff", "env/staging", "env/prod"]),
    case(
        "blame",
        &[
            "blame",
            "config/services/service-0042.yaml",
            "--rev",
            "env/prod",
        ],
    ),
    case(
        "merge-driver",
        &["merge-driver", "base.yaml", "ours.yaml", "theirs.yaml"],
    ),
];

const fn case(name: &'static str, args: &'static [&'static str]) -> Case {
    Case {
        name,
        args,
        staged: false,
    }
}

const DRIFT: &str = "drift staging prod";

/// What is run in the larger repositories, and in the one with a long history.
const DRIFTS: &[Case] = &[case(DRIFT, &["drift", "staging", "prod", "--exit-zero"])];

/// What is run where 1,000 values are sealed.
const SECRETS: &[Case] = &[
    case("check", &["check"]),
    case("check -i", &["check", "-i", generate::secrets::KEY]),
    case(
        "show --reveal",
        &["show", "--reveal", "-i", generate::secrets::KEY],
    ),
];

fn shape(services: usize, parameters: usize) -> Shape {
    Shape {
        services,
        parameters,
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
        let shape = shape(services, 100);
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
        for (name, changed) in [("base", None), ("ours", Some(1)), ("theirs", Some(2))] {
            let text = generate::service(42, shape, changed);
            std::fs::write(dir.join(name).with_extension("yaml"), text).unwrap();
        }
        let seconds = if services > 100 { 8 } else { 4 };
        let samples = if services > 100 { 10 } else { 30 };
        let place = Place {
            title,
            dir: &dir,
            staged: &staged,
        };
        measure(&mut criterion, &place, CASES, (samples, seconds), &mut rows);
    }
    let long = folder.path().join("4,000 commits");
    generate::histories::repository(&long, shape(100, 100), 2_000).unwrap();
    let place = Place::of("4,000 commits", &long);
    measure(&mut criterion, &place, DRIFTS, (10, 5), &mut rows);
    let sealed = folder.path().join("1,000 secrets");
    generate::secrets::repository(&sealed, 1000).unwrap();
    let place = Place::of("1,000 secrets", &sealed);
    measure(&mut criterion, &place, SECRETS, (10, 5), &mut rows);
    if std::env::var_os("STRATA_BENCH_LARGE").is_some() {
        let few = folder.path().join("1,000,000");
        generate::repository(&few, shape(1000, 1000)).unwrap();
        let place = Place::of("1,000,000", &few);
        measure(&mut criterion, &place, DRIFTS, (10, 5), &mut rows);
        let all = folder.path().join("all differ");
        generate::histories::all_different(&all, shape(1000, 1000)).unwrap();
        let place = Place::of("all differ", &all);
        measure(&mut criterion, &place, DRIFTS, (10, 30), &mut rows);
    }
    summary(&home, &rows);
}

/// Repositories that commands run in.
struct Place<'a> {
    title: &'static str,
    dir: &'a Path,
    /// The one in which a change is staged.
    staged: &'a Path,
}

impl<'a> Place<'a> {
    fn of(title: &'static str, dir: &'a Path) -> Self {
        Self {
            title,
            dir,
            staged: dir,
        }
    }
}

type Row = (&'static str, &'static str, Option<u64>);

fn measure(
    criterion: &mut Criterion,
    place: &Place<'_>,
    cases: &[Case],
    (samples, seconds): (usize, u64),
    rows: &mut Vec<Row>,
) {
    let mut group = criterion.benchmark_group(place.title);
    group.sample_size(samples);
    group.measurement_time(Duration::from_secs(seconds));
    let stat = || {
        let mut command = generate::git_command(place.dir);
        command.args(["diff", "--stat", "env/staging", "env/prod"]);
        command
    };
    group.bench_function(STAT, |bencher| bencher.iter(|| run(&mut stat())));
    rows.push((place.title, STAT, peak(&stat())));
    for case in cases {
        let dir = if case.staged { place.staged } else { place.dir };
        verify(case, place, dir);
        group.bench_function(case.name, |bencher| {
            bencher.iter(|| run(&mut strata(dir, case.args)));
        });
        rows.push((place.title, case.name, peak(&strata(dir, case.args))));
    }
    group.finish();
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
fn verify(case: &Case, place: &Place<'_>, dir: &Path) {
    let output = strata(dir, case.args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let answer = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}: {said}{answer}", case.name);
    let is_known = !matches!(place.title, "4,000 commits" | "all differ");
    if case.name == DRIFT && is_known {
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
    println!("   parameters  command               median ms   × git diff --stat   peak MB");
    for (group, name, peak) in rows {
        let Some(time) = median(group, name) else {
            continue;
        };
        let ratio = median(group, STAT).map_or(f64::NAN, |stat| time / stat);
        let peak = peak.map_or_else(String::new, |kib| format!("{}", kib / 1024));
        let time = time / 1e6;
        println!("{group:>13}  {name:<20} {time:>10.1} {ratio:>19.2} {peak:>9}");
    }
}
