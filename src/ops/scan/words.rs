//! Values that a key calls a secret, and that look as if nobody could guess them.

use std::ops::Range;

use super::shapes::Hit;
use super::values::is_unguessable;

/// What these values are called.
pub(super) const LIKELY: &str = "a value that looks like a secret";

/// Words that a key has of a secret.
const WORDS: &[&str] = &[
    "auth",
    "authorization",
    "bearer",
    "cred",
    "creds",
    "key",
    "keys",
    "pass",
    "pat",
    "pwd",
];

/// Parts of such words.
const PARTS: &[&str] = &[
    "accesskey",
    "apikey",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "token",
];

/// Words that a key has of no secret, whatever else it says.
const NEVER: &[&str] = &[
    "cache",
    "checksum",
    "commit",
    "digest",
    "etag",
    "fingerprint",
    "foreign",
    "guid",
    "hash",
    "idempotency",
    "index",
    "integrity",
    "md5",
    "oid",
    "partition",
    "primary",
    "pub",
    "pubkey",
    "public",
    "recipient",
    "recipients",
    "revision",
    "schema",
    "sha",
    "sha1",
    "sha256",
    "sha512",
    "sort",
    "tokenizer",
    "uuid",
];

/// Words that end a key which speaks of a secret, and holds none.
const NEVER_LAST: &[&str] = &[
    "alg",
    "algorithm",
    "arn",
    "audience",
    "column",
    "comment",
    "count",
    "description",
    "enabled",
    "endpoint",
    "env",
    "expires",
    "expiry",
    "field",
    "file",
    "filename",
    "format",
    "header",
    "host",
    "id",
    "ids",
    "issuer",
    "kind",
    "label",
    "length",
    "limit",
    "message",
    "mode",
    "name",
    "names",
    "namespace",
    "path",
    "pattern",
    "policy",
    "prefix",
    "provider",
    "ref",
    "reference",
    "regex",
    "scope",
    "scopes",
    "size",
    "store",
    "suffix",
    "title",
    "ttl",
    "type",
    "uri",
    "url",
    "version",
];

/// Finds the values.
pub(super) fn hits(text: &str, found: &mut Vec<Hit>) {
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        if !matches!(byte, b':' | b'=' | b'>') {
            continue;
        }
        let key = || key_before(text, at).filter(|key| says_secret(name_of(text, key)));
        match value_after(text, at + 1) {
            After::Value(value) if is_unguessable(&text[value.clone()]) => {
                if let Some(key) = key() {
                    found.push(hit(value, key));
                }
            }
            After::Below(line) => {
                let Some(key) = key() else { continue };
                let values = below(text, line).filter(|it| is_unguessable(&text[it.clone()]));
                found.extend(values.map(|value| hit(value, key.clone())));
            }
            After::Value(_) | After::Nothing => {}
        }
    }
}

fn hit(value: Range<usize>, key: Range<usize>) -> Hit {
    Hit {
        is_sure: false,
        key: Some(key),
        ..Hit::sure(LIKELY, value)
    }
}

enum After {
    Value(Range<usize>),
    /// The value stands in the lines from here on.
    Below(usize),
    Nothing,
}

/// How far quotes, blanks and signs may stand between a key and its value.
const NEAR: usize = 12;

fn value_after(text: &str, at: usize) -> After {
    let bytes = text.as_bytes();
    let is_between = |byte: u8| {
        matches!(
            byte,
            b' ' | b'\t' | b'"' | b'\'' | b'`' | b'=' | b'>' | b'\\'
        )
    };
    let between = bytes[at..].iter().take(NEAR);
    let mut start = at + between.take_while(|byte| is_between(**byte)).count();
    for scheme in ["Bearer ", "Basic ", "bearer ", "token "] {
        if bytes[start..].starts_with(scheme.as_bytes()) {
            start += scheme.len();
        }
    }
    if let Some(value) = value_at(text, start) {
        return After::Value(value);
    }
    // A text in lines of its own, or a list.
    let mut end = start;
    while end < bytes.len() && end < start + 3 && matches!(bytes[end], b'|' | b'>' | b'-' | b'+') {
        end += 1;
    }
    let is_plain = !bytes[at..start]
        .iter()
        .any(|byte| matches!(byte, b'"' | b'\''));
    match bytes.get(end) {
        Some(b'\n') if is_plain && bytes[at - 1] == b':' => After::Below(end + 1),
        Some(b'\r') if is_plain && bytes.get(end + 1) == Some(&b'\n') => After::Below(end + 2),
        _ => After::Nothing,
    }
}

/// Finds a word that stands by itself: what follows it cannot be more of it.
fn value_at(text: &str, start: usize) -> Option<Range<usize>> {
    /// Longer ones are data, not a secret.
    const MOST: usize = 512;
    let bytes = &text.as_bytes()[start..];
    let is_of = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/_-".contains(byte);
    let length = bytes.iter().take(MOST).take_while(|it| is_of(it)).count();
    if length < 20 || length == MOST {
        return None;
    }
    let padding = bytes[length..].iter().take(2);
    let length = length + padding.take_while(|byte| **byte == b'=').count();
    let ends = match bytes.get(length) {
        None => true,
        Some(byte) => byte.is_ascii_whitespace() || b"\"'`,;}])<&\\#|".contains(byte),
    };
    ends.then(|| start..start + length)
}

/// Finds the value in the next line, or those of a list in the next lines.
fn below(text: &str, at: usize) -> impl Iterator<Item = Range<usize>> {
    const MOST_ITEMS: usize = 64;
    let mut is_list = true;
    let mut start = at;
    text[at..]
        .split_inclusive('\n')
        .take(MOST_ITEMS)
        .enumerate()
        .map_while(move |(number, line)| {
            let here = start;
            start += line.len();
            let plain = line.trim_start_matches([' ', '\t']);
            let item = plain.strip_prefix("- ");
            if number > 0 && (!is_list || item.is_none()) {
                return None;
            }
            is_list &= item.is_some();
            let value = item.unwrap_or(plain).trim_start_matches([' ', '"', '\'']);
            let begin = here + (line.len() - value.len());
            // The value must be all that stands in the line.
            Some(value_at(text, begin).filter(|it| {
                let rest = &text[it.end..here + line.len()];
                rest.trim_matches(['"', '\'', ' ', ',', '\r', '\n'])
                    .is_empty()
            }))
        })
        .flatten()
}

/// Finds the key before a sign.
fn key_before(text: &str, at: usize) -> Option<Range<usize>> {
    const MOST: usize = 64;
    let bytes = &text.as_bytes()[..at];
    let is_between = |byte: u8| {
        matches!(
            byte,
            b' ' | b'\t' | b'"' | b'\'' | b'\\' | b':' | b'=' | b']'
        )
    };
    let between = bytes.iter().rev().take(NEAR);
    let end = at - between.take_while(|byte| is_between(**byte)).count();
    let is_of = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let name = bytes[..end].iter().rev().take(MOST);
    let start = end - name.take_while(|byte| is_of(**byte)).count();
    let key = start..end;
    match &text[key.clone()] {
        "" => None,
        // `- name: API_TOKEN` with `value: …` below it.
        "value" | "Value" => named_above(text, start),
        _ => Some(key),
    }
}

/// Finds the name in the line above.
fn named_above(text: &str, at: usize) -> Option<Range<usize>> {
    let line = text[..at].rfind('\n')?;
    let above = text[..line].rfind('\n').map_or(0, |end| end + 1);
    // A long line has no name for the next one.
    let whole = text[above..line].trim_end_matches([' ', ',', '\r', '"', '\'']);
    if whole.len() > 200 {
        return None;
    }
    let (key, name) = whole.split_once(':')?;
    let key = key.trim_matches(['-', ' ', '\t', '"', '\'', '{']);
    let name = name.trim_start_matches([' ', '"', '\'']);
    let end = above + whole.len();
    let is_name = matches!(key, "name" | "Name" | "key" | "Key");
    (is_name && !name.is_empty()).then(|| end - name.len()..end)
}

/// Takes the last part of a dotted key.
fn name_of<'t>(text: &'t str, key: &Range<usize>) -> &'t str {
    let key = text[key.clone()].trim_matches('.');
    key.rsplit('.').next().unwrap_or(key)
}

/// Says whether a key names a secret.
pub(super) fn says_secret(key: &str) -> bool {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in key.chars() {
        let is_hump = c.is_ascii_uppercase() && !before.is_ascii_uppercase();
        if words.is_empty() || is_hump || !before.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    let speaks = |word: &String| {
        WORDS.contains(&word.as_str()) || PARTS.iter().any(|part| word.contains(part))
    };
    words.iter().any(speaks)
        && !words.iter().any(|word| NEVER.contains(&word.as_str()))
        && !words
            .last()
            .is_some_and(|word| NEVER_LAST.contains(&word.as_str()))
}
