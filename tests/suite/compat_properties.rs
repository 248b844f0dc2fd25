//! What must hold of every verdict, tried on random schemas and random documents.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use strata::config::schema::{Formats, Loaded, Loader, Schema, Validator};
use strata::document::{Format, Value as Document, parse};
use strata::ops::compat::{Comparison, Options, Policy, Profile, Verdict, WitnessKind, compare};
use strata::text::Source;

use super::random_schemas::{Random, change, document, schema};

struct Text(String);

impl Loader for Text {
    fn load(&self, path: &str) -> strata::Result<Option<Loaded>> {
        let source = Arc::new(Source::new(path, self.0.clone()));
        let parsed = parse(&source, Format::Json);
        Ok(Some(Loaded {
            document: parsed.documents.into_iter().next().map(Arc::new),
            findings: parsed.findings,
        }))
    }
}

pub(crate) fn read(schema: &Value) -> Schema {
    let (schema, _) = Schema::load(&Text(schema.to_string()), "a.json").unwrap();
    schema.unwrap()
}

/// Two schemas of which the second is a change of the first, or another altogether.
fn pair(random: &mut Random) -> (Value, Value) {
    let old = schema(random);
    let new = if random.below(12) == 0 {
        schema(random)
    } else {
        let mut new = old.clone();
        for _ in 0..=random.below(3) {
            change(random, &mut new);
        }
        new
    };
    (old, new)
}

#[derive(Default)]
struct Tally {
    verdicts: BTreeMap<String, usize>,
    /// Pairs of which a random document shows that something is lost.
    lossy: usize,
    slowest: Duration,
}

/// Tries one pair; says what is wrong.
fn judge(seed: u64, tally: &mut Tally) -> Result<(), String> {
    let mut random = Random(seed);
    let (old, new) = pair(&mut random);
    let (before, after) = (read(&old), read(&new));
    let compile = |schema: &Schema| Validator::compile_with(schema, Formats::Annotate);
    let (Ok(holds_old), Ok(holds_new)) = (compile(&before), compile(&after)) else {
        return Ok(());
    };
    let options = |profile| Options {
        policy: Policy::of(profile),
    };
    let started = Instant::now();
    let strict = compare(&before, &after, &options(Profile::Strict));
    tally.slowest = tally.slowest.max(started.elapsed());
    *tally
        .verdicts
        .entry(format!("{:?}", strict.verdict))
        .or_default() += 1;
    let fault = |what: &str, comparison: &Comparison, shown: &dyn std::fmt::Display| {
        let rules: Vec<_> = comparison
            .changes
            .iter()
            .map(|change| change.rule.id())
            .collect();
        Err(format!(
            "seed {seed}: {what}\nold {old}\nnew {new}\ndocument {shown}\n{rules:?}"
        ))
    };
    for profile in [Profile::Strict, Profile::Default] {
        let comparison = match profile {
            Profile::Strict => strict.clone(),
            Profile::Default => compare(&before, &after, &options(profile)),
        };
        for change in &comparison.changes {
            match &change.witness {
                Some(witness) => {
                    let (a, b) = (
                        holds_old.is_valid(&witness.document),
                        holds_new.is_valid(&witness.document),
                    );
                    let wanted = witness.kind == WitnessKind::Ignored;
                    if (a, b) != (true, wanted) {
                        return fault("a wrong witness", &comparison, &witness.document.to_json());
                    }
                }
                None if change.verdict == Verdict::Breaking => {
                    return fault("a break without witness", &comparison, &change.message);
                }
                None => {}
            }
        }
    }
    for _ in 0..30 {
        let near = if random.below(4) == 0 { &new } else { &old };
        let document = document(&mut random, near, near, 0);
        let value = Document::from_json(&document);
        if holds_old.is_valid(&value) && !holds_new.is_valid(&value) {
            tally.lossy += 1;
            if !matches!(strict.verdict, Verdict::Breaking | Verdict::Unknown) {
                return fault("a missed break", &strict, &document);
            }
            break;
        }
    }
    Ok(())
}

fn run(seeds: std::ops::Range<u64>) -> Tally {
    let mut tally = Tally::default();
    let faults: Vec<String> = seeds
        .filter_map(|seed| judge(seed, &mut tally).err())
        .collect();
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults[..faults.len().min(5)].join("\n\n")
    );
    tally
}

#[test]
fn no_break_is_missed_and_every_witness_checks() {
    let tally = run(0..300);
    assert!(tally.lossy > 30, "too few pairs lose anything");
    assert!(tally.verdicts.len() > 2, "{:?}", tally.verdicts);
}

/// `STRATA_PAIRS=100000 cargo test --release --test suite many_random -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes; for a release build"]
fn many_random_pairs_are_judged_rightly() {
    let count = std::env::var("STRATA_PAIRS").map_or(100_000, |count| count.parse().unwrap());
    let started = Instant::now();
    let tally = run(1_000..1_000 + count);
    let each = started.elapsed() / u32::try_from(count).unwrap();
    println!(
        "{count} pairs: {:?}, {} lose what a random document shows, {each:?} a pair, the slowest {:?}",
        tally.verdicts, tally.lossy, tally.slowest
    );
}
