//! Runs fuzz targets without libFuzzer: mutates the files of a folder, by a fixed seed, for so many
//! seconds.
//!
//! Half of the inputs come of the samples of the target itself, in `fuzz/samples/TARGET`, if there are
//! any. `drive TARGET SECONDS [SEED] [FOLDER…]`, or `drive TARGET FILE` to run one input again. The input
//! being tried is always in `fuzz/artifacts/TARGET`, so that one which ends the process is there
//! afterwards; one that panics or takes long is kept beside it under a number.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use strata_fuzz::TARGETS;

/// Longer than this for one small input is a fault.
const SLOW: Duration = Duration::from_secs(2);

/// How many faults are kept before a run ends.
const ENOUGH: usize = 20;

const WORDS: &[&str] = &[
    "---\n",
    "...\n",
    ": ",
    "- ",
    "? ",
    "&a ",
    "*a",
    "<<: *a\n",
    "!!str ",
    "!x ",
    "|\n",
    ">-\n",
    "\"",
    "'",
    "# ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\n",
    "\n  ",
    "\t",
    "\r\n",
    "\u{feff}",
    "é",
    "\u{1F600}",
    "\0",
    "~",
    "null",
    "true",
    "1e999",
    "-0",
    "0x1F",
    ".inf",
    ".nan",
    "1_000",
    "12345678901234567890123",
    "\\u0041",
    "\\ud83d\\ude00",
    "name: ",
    "id: ",
    "key: ",
    "$ref: '#'\n",
    "$ref: '#/$defs/a'\n",
    "$defs: {a: {",
    "allOf: [",
    "properties: {",
    "pattern: '(a|b)*'\n",
    "x-validations: [{rule: 'self.a > 1', message: b}]\n",
    "type: object\n",
    "enum: [1, a]\n",
    "oneOf: [{}, {",
    "not: {",
    "if: {required: [a]}\n",
    "additionalProperties: false\n",
    "unevaluatedProperties: false\n",
    "minimum: 3\n",
    "required: [a]\n",
    "contains: {",
    "..",
    "...",
    "HEAD",
    "main",
    "@{u}",
    "^{tree}",
    "~2",
    ":/",
    "v1.0.0",
    "/",
    "~1",
    "~0",
    "\"a.b\"",
    "{service}",
    "{environment}",
    "strata: 1\n",
    "layers: [",
    "environments: {a: {follows: a}}\n",
    "[[a]]\n",
    "[a]\n",
    "[a.b]\n",
    "a.b = 1\n",
    "b = { c = 1, \"d\".e = 'f' }\n",
    "x = [ # opens\n  1,\n  2 # ends\n]\n",
    "ENC[AES256_GCM,data:",
    ",iv:",
    ",tag:",
    ",type:int]",
    "ENC[age1,prod.1,",
    "encrypted_regex: a\n",
    "mac_only_encrypted: true\n",
    "'''",
];

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(name), Some(second)) = (args.next(), args.next()) else {
        let names: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!("drive TARGET SECONDS [SEED] [FOLDER…], TARGET one of {names:?}");
        std::process::exit(2);
    };
    let Some((name, target)) = TARGETS.iter().find(|(known, _)| *known == name) else {
        eprintln!("no target `{name}`");
        std::process::exit(2);
    };
    let Ok(seconds) = second.parse() else {
        target(&std::fs::read(&second).expect("the file can be read"));
        println!("{name}: {second} is fine");
        return;
    };
    let seed = args.next().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["examples", "templates", "fixtures"]
        .map(|folder| root.join("..").join(folder))
        .to_vec();
    folders.extend(args.map(PathBuf::from));
    // A stack as small as that of a thread, so that recursion shows.
    let run = move || drive(name, *target, Duration::from_secs(seconds), seed, &folders);
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
    let faults = thread
        .expect("a thread can be started")
        .join()
        .expect("faults are caught");
    std::process::exit(i32::from(faults > 0));
}

fn drive(name: &str, target: fn(&[u8]), time: Duration, seed: u64, folders: &[PathBuf]) -> usize {
    let artifacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts");
    std::fs::create_dir_all(&artifacts).expect("the folder of artifacts can be made");
    let current = artifacts.join(name);
    let mut corpus = vec![
        Vec::new(),
        b"a: 1\n\0a: 2\n".to_vec(),
        b"# c\na.x = 1 # d\nb = [1, { c = 2 }]\n\n[t] # e\nd = 2026-01-02\n\0\x01\x02\x03".to_vec(),
    ];
    corpus.extend(WORDS.iter().map(|word| word.as_bytes().to_vec()));
    for folder in folders {
        read(folder, &mut corpus);
    }
    let mut samples = Vec::new();
    read(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("samples")
            .join(name),
        &mut samples,
    );
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let begun = Instant::now();
    let (mut runs, mut faults) = (0_u64, 0);
    while begun.elapsed() < time && faults < ENOUGH {
        let is_own = !samples.is_empty() && random.below(2) == 0;
        let seeds = if is_own { &samples } else { &corpus };
        let input = mutate(seeds, &corpus, &mut random);
        std::fs::write(&current, &input).expect("the input can be kept");
        let started = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| target(&input)));
        runs += 1;
        if outcome.is_err() || started.elapsed() > SLOW {
            faults += 1;
            let kept = artifacts.join(format!("{name}-{seed}-{runs}"));
            std::fs::write(&kept, &input).expect("the input can be kept");
            println!("{name}: {} after {:?}", kept.display(), started.elapsed());
        } else if runs.is_multiple_of(50) && input.len() < 4096 {
            corpus.push(input);
        }
    }
    println!("{name}: {runs} runs, {faults} faults");
    faults
}

fn read(folder: &Path, corpus: &mut Vec<Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read(&path, corpus);
        } else if let Ok(bytes) = std::fs::read(&path)
            && bytes.len() < 20_000
        {
            corpus.push(bytes);
        }
    }
}

fn mutate(seeds: &[Vec<u8>], corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = random.of(seeds).clone();
    for _ in 0..1 + random.below(6) {
        let at = random.below(input.len() + 1);
        let end = (at + random.below(40)).min(input.len());
        match random.below(9) {
            0 | 1 => insert(&mut input, at, random.of(WORDS).as_bytes()),
            2 => {
                input.drain(at..end);
            }
            3 => {
                let part = input[at..end].to_vec();
                let to = random.below(input.len() + 1);
                insert(&mut input, to, &part);
            }
            4 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            5 => insert(&mut input, at, &[random.below(256) as u8]),
            6 => {
                // Two inputs in one, for the targets that compare.
                input.push(0);
                input.extend(random.of(corpus));
            }
            7 => {
                let other = random.of(corpus);
                let from = random.below(other.len() + 1);
                let to = (from + random.below(200)).min(other.len());
                insert(&mut input, at, &other[from..to]);
            }
            _ => {
                let word = random.of(WORDS).repeat(1 + random.below(600));
                insert(&mut input, at, word.as_bytes());
            }
        }
    }
    input.truncate(60_000);
    input
}

fn insert(input: &mut Vec<u8>, at: usize, part: &[u8]) {
    input.splice(at..at, part.iter().copied());
}

/// Marsaglia's xorshift, 64 bits.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}
