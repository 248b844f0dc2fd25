//! Whether a value looks as if nobody could guess it.

use super::proof::{entropy, is_placeholder};

/// Says whether a value looks like one that nobody could guess, and not like a name, a path, a
/// hash, a UUID, a public key or a blank to be filled in.
pub(super) fn is_unguessable(value: &str) -> bool {
    let plain = value.trim_end_matches('=');
    let bytes = plain.as_bytes();
    if bytes.len() < 20 || is_placeholder(plain) || is_uuid(bytes) || is_public(plain) {
        return false;
    }
    let digits = bytes.iter().filter(|it| it.is_ascii_digit()).count();
    if digits == bytes.len() {
        return false;
    }
    let is_hex = |lower: bool| {
        let wrong = move |it: &u8| {
            if lower {
                it.is_ascii_uppercase()
            } else {
                it.is_ascii_lowercase()
            }
        };
        bytes.iter().all(|it| it.is_ascii_hexdigit() && !wrong(it))
    };
    if is_hex(true) || is_hex(false) {
        return digits > 0 && entropy(bytes) >= 3.0;
    }
    let humps = bytes.windows(2).filter(|pair| {
        let both = pair.iter().all(u8::is_ascii_alphabetic);
        both && pair[0].is_ascii_lowercase() != pair[1].is_ascii_lowercase()
    });
    // Without digits, only one that changes its case all the time is no name.
    if digits == 0 && humps.count() * 10 < bytes.len() * 4 {
        return false;
    }
    entropy(bytes) >= 3.5 && !is_readable(bytes)
}

fn is_uuid(bytes: &[u8]) -> bool {
    let dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let mut all = bytes.iter().enumerate();
    bytes.len() == 36
        && all.all(|(at, byte)| match dash(at) {
            true => *byte == b'-',
            false => byte.is_ascii_hexdigit(),
        })
}

/// What hashes and public keys begin with.
fn is_public(value: &str) -> bool {
    let heads = [
        "sha1-", "sha256-", "sha384-", "sha512-", "age1", "AAAAB3Nz", "AAAAC3Nz", "AAAAE2Vj",
        "MIIBIj", "MFkwEw", "MCowBQ",
    ];
    heads.iter().any(|head| value.starts_with(head))
}

/// Says whether most of a text is words of four letters and more, as names and paths are.
fn is_readable(bytes: &[u8]) -> bool {
    let (mut in_words, mut word, mut turns) = (0, 0, 0);
    let mut before = b' ';
    let mut flush = |word: &mut usize| {
        if *word >= 4 {
            in_words += *word;
        }
        *word = 0;
    };
    for &byte in bytes {
        let goes_on = byte.is_ascii_lowercase() && before.is_ascii_alphabetic()
            || byte.is_ascii_uppercase() && before.is_ascii_uppercase();
        if !goes_on {
            flush(&mut word);
        }
        if byte.is_ascii_alphabetic() {
            word += 1;
        }
        let both = byte.is_ascii_alphanumeric() && before.is_ascii_alphanumeric();
        turns += usize::from(both && byte.is_ascii_digit() != before.is_ascii_digit());
        before = byte;
    }
    flush(&mut word);
    in_words * 10 >= bytes.len() * 6 && turns * 6 < bytes.len()
}
