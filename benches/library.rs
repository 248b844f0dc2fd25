//! The library in one process: reading texts, comparing values, resolving a service.
//!
//! `cargo bench --bench library`. Texts are about 10 MB (1 MB where values are compared), so that
//! the rates (MiB/s) are those of honest large files; `resolve` and `get` work on the repository of
//! 100 services with 100 parameters each. `resolve/cold` opens the repository anew each time,
//! `resolve/warm` asks a configuration that has read the service before.
//!
//! The last line is the time within which 19 of 20 reads of a resolved value are answered: to one
//! thread, and to 16 while another one puts new snapshots in place. The limit for one is 1 µs.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod generate;

use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use generate::Shape;
use strata::config::{Configuration, Resolved, Snapshot};
use strata::document::{Format, Identity, Value, diff, parse, write_json};
use strata::git::Repo;
use strata::text::Source;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(5))
        .configure_from_args();
    read_texts(&mut criterion);
    compare_values(&mut criterion);
    resolve_services(&mut criterion);
    criterion.final_summary();
    read_while_it_changes();
}

fn value(text: &str, format: Format) -> Value {
    let source = Arc::new(Source::new("text", text));
    let parsed = parse(&source, format);
    assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
    (*parsed.documents[0].root).clone()
}

fn read_texts(criterion: &mut Criterion) {
    const SIZE: usize = 10_000_000;
    let yaml = generate::yaml(SIZE);
    let json = write_json(&value(&yaml, Format::Yaml));
    let texts = [
        ("yaml", Format::Yaml, yaml),
        ("json", Format::Json, json),
        ("toml", Format::Toml, generate::toml(SIZE)),
    ];
    let mut group = criterion.benchmark_group("parse");
    for (name, format, text) in texts {
        let source = Arc::new(Source::new(name, text));
        group.throughput(Throughput::Bytes(source.text().len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| parse(black_box(&source), format));
        });
    }
    group.finish();
}

fn compare_values(criterion: &mut Criterion) {
    let text = generate::yaml(1_000_000);
    let old = value(&text, Format::Yaml);
    let changed = value(
        &text
            .replace("max: 42 ", "max: 43 ")
            .replace("name: metrics", "name: stats"),
        Format::Yaml,
    );
    let mut group = criterion.benchmark_group("diff");
    group.throughput(Throughput::Bytes(text.len() as u64));
    for (name, new) in [("equal", old.clone()), ("changed", changed)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| diff(black_box(&old), black_box(&new), &Identity::default()));
        });
    }
    group.finish();
}

fn open(dir: &Path) -> Configuration {
    let repo = Repo::discover(dir).unwrap();
    let revision = repo.revision("main").unwrap();
    let here = Snapshot::of_revision(&repo, &revision);
    Configuration::open(Some(repo), here).unwrap()
}

fn resolve(configuration: &Configuration) -> Resolved {
    let target = configuration
        .target(Some("prod"), Some("service-0042"))
        .unwrap();
    configuration.resolve(&target).unwrap()
}

fn resolve_services(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let shape = Shape {
        services: 100,
        parameters: 100,
    };
    generate::repository(folder.path(), shape).unwrap();
    let configuration = open(folder.path());
    let resolved = resolve(&configuration);
    let mut group = criterion.benchmark_group("resolve");
    group.bench_function("cold", |bencher| {
        bencher.iter(|| resolve(&open(folder.path())));
    });
    group.bench_function("warm", |bencher| bencher.iter(|| resolve(&configuration)));
    group.bench_function("get", |bencher| {
        bencher.iter(|| {
            resolved
                .get::<u64>(black_box("resources.cpu.limit"))
                .unwrap()
        });
    });
    group.finish();
}

/// Reads one value again and again, and gives the time within which 19 of 20 reads are answered.
/// What the clock takes is counted in.
fn slowest_of_most(current: &RwLock<Arc<Resolved>>) -> Duration {
    let mut times: Vec<Duration> = (0..200_000)
        .map(|_| {
            let start = Instant::now();
            let mine = Arc::clone(&current.read().unwrap());
            let limit: u64 = mine.get(black_box("resources.cpu.limit")).unwrap();
            black_box(limit);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 20 * 19]
}

fn read_while_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let shape = Shape {
        services: 100,
        parameters: 100,
    };
    generate::repository(folder.path(), shape).unwrap();
    let current = RwLock::new(Arc::new(resolve(&open(folder.path()))));
    let alone = slowest_of_most(&current);
    let ended = AtomicBool::new(false);
    let together = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                let next = Arc::new(resolve(&open(folder.path())));
                *current.write().unwrap() = next;
            }
        });
        let readers: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| slowest_of_most(&current)))
            .collect();
        let times = readers.into_iter().map(|reader| reader.join().unwrap());
        let slowest = times.max();
        ended.store(true, Ordering::Relaxed);
        slowest.unwrap_or_default()
    });
    println!("read/p95  alone {alone:?}, 16 readers while snapshots change {together:?}");
}
