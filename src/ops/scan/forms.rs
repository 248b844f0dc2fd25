//! Secrets whose form is more than a name and some letters.

use std::ops::Range;

use super::proof::{base64_url, entropy, is_bech32, is_placeholder};
use super::shapes::Hit;

/// Says whether something can begin here: no letter or digit stands before it, unless that is an
/// escape's, as in `\n` and `%3D`.
pub(super) fn has_start(text: &str, at: usize) -> bool {
    match &text.as_bytes()[..at] {
        [] | [.., b'\\', b'n' | b't' | b'r'] => true,
        [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => true,
        [.., before] => !before.is_ascii_alphanumeric(),
    }
}

fn count(text: &str, at: usize, most: usize, is_of: impl Fn(u8) -> bool) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    rest.iter()
        .take(most)
        .take_while(|byte| is_of(**byte))
        .count()
}

/// A private key of age: Bech32, and so with a checksum.
pub(super) fn age(text: &str, at: usize) -> Option<Hit> {
    // Those that withstand quantum computers are no longer than this.
    let is_of = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let end = at + count(text, at, 256, is_of);
    let whole = has_start(text, at) && is_bech32(&text[at..end]);
    whole.then(|| Hit::sure("", at..end))
}

/// A private key in the armour of PEM or PGP, with at least a line of it; in a string of JSON, too.
pub(super) fn pem(text: &str, at: usize) -> Option<Hit> {
    let before = &text.as_bytes()[..at];
    let words = before.iter().rev().take(32);
    let words = words.take_while(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b' '));
    let head = at - words.count();
    let begin = head.checked_sub(5)?;
    if text.get(begin..head)? != "-----" || !text[head..at].starts_with("BEGIN ") {
        return None;
    }
    let name = at + "PRIVATE KEY".len();
    let rest = &text[name..];
    let rest = rest.strip_prefix(" BLOCK").unwrap_or(rest);
    let body = text.len() - rest.strip_prefix("-----")?.len();
    let end = body + pem_body(&text[body..]);
    // A key of an elliptic curve takes two lines; three dots in a text take none.
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let letters: Vec<u8> = text.as_bytes()[body..end]
        .iter()
        .copied()
        .filter(is_letter)
        .collect();
    if letters.len() < 40 || entropy(&letters) < 3.0 {
        return None;
    }
    let hit = Hit::sure("", body..end);
    Some(Hit {
        shown: begin..body,
        ..hit
    })
}

/// Measures what stands between the first line of armour and the last.
fn pem_body(text: &str) -> usize {
    const MOST: usize = 64 << 10;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len().min(MOST) {
        let is_of = match bytes[at] {
            b'-' => !bytes[at..].starts_with(b"-----"),
            b'+' | b'/' | b'=' | b'\\' | b':' | b',' | b'.' | b'"' | b'\'' | b'>' | b'#' | b'|'
            | b'*' | b'(' | b')' => true,
            byte => byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace(),
        };
        if !is_of {
            break;
        }
        at += 1;
    }
    at
}

/// A private key of PuTTY: the lines behind `Private-Lines`.
pub(super) fn putty(text: &str, at: usize) -> Option<Hit> {
    const HEAD: &str = "Private-Lines: ";
    const MOST: usize = 64 << 10;
    let mut end = text.len().min(at + MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let lines = at + text[at..end].find(HEAD)? + HEAD.len();
    let number = count(text, lines, 4, |byte| byte.is_ascii_digit());
    let start = lines + number;
    let is_of = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || byte.is_ascii_whitespace()
            || matches!(byte, b'+' | b'/' | b'=' | b'\\')
    };
    let body = count(text, start, MOST, is_of);
    let enough = number > 0 && body >= 40;
    enough.then(|| Hit {
        shown: at..at + "PuTTY-User-Key-File-".len(),
        ..Hit::sure("", start..start + body)
    })
}

/// A JSON web token: three parts, of which the first names an algorithm.
pub(super) fn jwt(text: &str, at: usize) -> Option<Hit> {
    let is_of = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let goes_on = |byte: &u8| is_of(*byte) || *byte == b'.';
    if !has_start(text, at) || text.as_bytes()[..at].last().is_some_and(goes_on) {
        return None;
    }
    let mut end = at;
    for (part, least, most) in [(0, 10, 4096), (1, 10, 16 << 10), (2, 20, 4096)] {
        if part > 0 {
            if text.as_bytes().get(end) != Some(&b'.') {
                return None;
            }
            end += 1;
        }
        let length = count(text, end, most, is_of);
        if length < least {
            return None;
        }
        if part == 0 {
            let head = base64_url(&text[end..end + length])?;
            if !bstr::ByteSlice::contains_str(&head[..], "\"alg\"") {
                return None;
            }
        }
        end += length;
    }
    (!is_placeholder(&text[at..end])).then(|| Hit::sure("", at..end))
}

/// The secret that belongs to an access key of AWS, near the name of that key, which is none.
pub(super) fn aws(text: &str, at: usize) -> Option<Hit> {
    const NEAR: usize = 300;
    let is_name = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7');
    if !has_start(text, at) || count(text, at, 21, is_name) != 20 {
        return None;
    }
    if is_placeholder(&text[at..at + 20]) {
        return None;
    }
    let bytes = text.as_bytes();
    let (from, to) = (at.saturating_sub(NEAR), bytes.len().min(at + 20 + NEAR));
    let is_of = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let mut secrets: Vec<Range<usize>> = Vec::new();
    let mut start = from;
    while start < to {
        let length = count(text, start, to - start, is_of);
        if length == 40 && is_aws_secret(&text[start..start + 40]) {
            secrets.push(start..start + 40);
        }
        start += length + 1;
    }
    let away = |range: &Range<usize>| range.start.abs_diff(at);
    let nearest = secrets.into_iter().min_by_key(away)?;
    Some(Hit::sure("", nearest))
}

fn is_aws_secret(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && entropy(text.as_bytes()) > 4.0
        && !is_placeholder(text)
}

/// Passwords and hosts that no secret goes with.
const NO_PASSWORDS: &[&str] = &[
    "password", "passwd", "pass", "pwd", "secret", "user", "username", "token", "admin", "root",
    "postgres", "guest", "test", "foo", "bar", "x", "pw", "p", "key", "hunter2", "none", "null",
];

/// A password in the address of something, where it is no blank to be filled in.
pub(super) fn url_password(text: &str, at: usize) -> Option<Hit> {
    let rest = &text[at + 3..];
    let ends = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '/' | '"' | '\'' | '`' | '?' | '#')
    };
    let user = rest.char_indices().take(128);
    let (colon, _) = user
        .take_while(|(_, c)| !ends(*c) && *c != '@')
        .find(|(_, c)| *c == ':')?;
    let password = &rest[colon + 1..];
    let within = password.char_indices().take(256);
    let (end, _) = within
        .take_while(|(_, c)| !ends(*c))
        .find(|(_, c)| *c == '@')?;
    let host = &password[end + 1..];
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let host = &host[..count(host, 0, 255, is_host)];
    let password = &password[..end];
    let lower = password.to_ascii_lowercase();
    let is_blank = |c: char| {
        matches!(
            c,
            '$' | '{' | '}' | '<' | '>' | '*' | '%' | '[' | ']' | '(' | ')' | '…' | '\\'
        )
    };
    // A `%` begins an escape, or what a program fills in.
    let escapes = lower
        .replace("%40", "")
        .replace("%2f", "")
        .replace("%3a", "");
    if lower.len() < 4
        || host.is_empty()
        || host.to_ascii_lowercase().contains("example.")
        || escapes.contains(is_blank)
        || NO_PASSWORDS.contains(&lower.as_str())
        || is_placeholder(password)
        || password.bytes().all(|byte| byte == password.as_bytes()[0])
    {
        return None;
    }
    let start = at + 3 + colon + 1;
    let scheme = text.as_bytes()[..at].iter().rev().take(16);
    let scheme = at - scheme.take_while(|it| it.is_ascii_alphanumeric()).count();
    if scheme == at {
        return None;
    }
    let hit = Hit::sure("", start..start + end);
    // A password can be guessed from what is made of it, so that nothing is.
    let known_by = format!("{}@{host}", &text[scheme..start - 1]);
    Some(Hit {
        known_by: Some(known_by),
        ..hit
    })
}
