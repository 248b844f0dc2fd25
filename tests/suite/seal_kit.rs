//! The test kit of the age format (C2SP, `age` of CCTV): what it says that opens, opens here, and
//! nothing else does.
//!
//! The vectors are not part of this repository. `STRATA_AGE_KIT` names a folder with one file a
//! vector, such as the folder `testdata` of the kit.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use strata::seal::{Ask, Asked, Identities, Passphrase, Refused, open_file_asking};

/// How the identities begin that the age crate has no code for; a plugin may open what is sealed
/// for them.
const HYBRID: &str = "AGE-SECRET-KEY-PQ-1";

struct Vector {
    name: String,
    header: BTreeMap<String, Vec<String>>,
    file: Vec<u8>,
}

impl Vector {
    fn read(name: String, bytes: &[u8]) -> Self {
        let end = bytes.windows(2).position(|two| two == b"\n\n").unwrap();
        let mut header: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in std::str::from_utf8(&bytes[..end]).unwrap().lines() {
            let (key, value) = line.split_once(": ").unwrap();
            header
                .entry(key.to_owned())
                .or_default()
                .push(value.to_owned());
        }
        let mut file = bytes[end + 2..].to_vec();
        if header.contains_key("compressed") {
            file = inflate(&file);
        }
        Self { name, header, file }
    }

    fn one(&self, key: &str) -> Option<&str> {
        Some(self.header.get(key)?.first()?.as_str())
    }

    fn identities(&self) -> String {
        let all = self.header.get("identity").cloned().unwrap_or_default();
        all.iter().map(|line| format!("{line}\n")).collect()
    }
}

fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut room = vec![0; 64 << 20];
    let settings = zlib_rs::InflateConfig::default();
    let (plain, code) = zlib_rs::decompress_slice(&mut room, bytes, settings);
    assert_eq!(code, zlib_rs::ReturnCode::Ok);
    plain.to_vec()
}

/// One who knows the passphrase of the vector.
struct Knows(Option<String>);

impl Asked for Knows {
    fn passphrase(&self, _: &str) -> Option<Passphrase> {
        self.0.clone().map(Passphrase::from)
    }

    fn text(&self, _: &str) -> Option<String> {
        None
    }

    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }

    fn say(&self, _: &str) {}
}

/// Says what is wrong with what a vector does here.
fn judge(vector: &Vector) -> Result<(), String> {
    let ask: Ask = Arc::new(Knows(vector.one("passphrase").map(str::to_owned)));
    let lines = vector.identities();
    let identities = match lines.is_empty() {
        true => Identities::default(),
        false => Identities::read(&vector.name, lines.as_bytes(), &ask)
            .map_err(|error| format!("its identity is not read: {error}"))?,
    };
    let opened = open_file_asking(&vector.name, &vector.file, &identities, &ask);
    let expected = vector.one("expect").unwrap();
    let is_right = match (expected, &opened) {
        ("success", Ok(plain)) => {
            let digest = Sha256::digest(plain.as_slice());
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            vector.one("payload") == Some(&digest)
        }
        ("no match", Err(why)) => matches!(why, Refused::NotForYou | Refused::OtherPassphrase),
        ("HMAC failure", Err(why)) => *why == Refused::Damaged,
        ("payload failure", Err(why)) => matches!(why, Refused::Damaged | Refused::CutOff),
        ("header failure" | "armor failure", Err(why)) => matches!(
            why,
            Refused::Malformed(_) | Refused::Damaged | Refused::CutOff
        ),
        _ => false,
    };
    match is_right {
        true => Ok(()),
        false => Err(format!(
            "expected {expected}: {:?}",
            opened.map(|plain| plain.len())
        )),
    }
}

#[test]
fn what_the_kit_of_age_says_opens_opens_and_nothing_else() {
    let Some(folder) = std::env::var_os("STRATA_AGE_KIT") else {
        println!("skipped: STRATA_AGE_KIT names no folder of vectors");
        return;
    };
    let mut tally: BTreeMap<String, usize> = BTreeMap::new();
    let mut faults = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let vector = Vector::read(name, &std::fs::read(&path).unwrap());
        if vector.identities().contains(HYBRID) {
            let ask: Ask = Arc::new(Knows(None));
            let read = Identities::read("key.txt", vector.identities().as_bytes(), &ask);
            let error = read.unwrap_err().to_string();
            assert!(error.contains("post-quantum"), "{error}");
            *tally.entry("not supported".to_owned()).or_default() += 1;
            continue;
        }
        let expected = vector.one("expect").unwrap();
        match judge(&vector) {
            Ok(()) => *tally.entry(expected.to_owned()).or_default() += 1,
            Err(why) => faults.push(format!("{}: {why}", vector.name)),
        }
    }
    faults.sort();
    println!("{tally:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(tally.values().sum::<usize>() > 100, "there are few vectors");
}
