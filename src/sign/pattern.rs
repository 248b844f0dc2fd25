//! Lists of patterns as OpenSSH has them: `ann@example.org,*@shop.example,!bob@*`.

/// Says whether a text is in a list of patterns: one of them matches, and none that begins with `!`
/// does. `*` stands for any text, `?` for one character.
pub(super) fn in_list(text: &str, list: &str) -> bool {
    let mut found = false;
    for pattern in list.split(',') {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches(text.as_bytes(), pattern.as_bytes()) => return false,
            Some(_) => {}
            None => found |= matches(text.as_bytes(), pattern.as_bytes()),
        }
    }
    found
}

/// Matches in time proportional to the product of the lengths: a `*` is only tried again where the
/// latest one was.
fn matches(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut of) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(of) {
            Some(b'*') => {
                again = Some((at, of));
                of += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[at] => {
                at += 1;
                of += 1;
            }
            _ => match again {
                Some((from, star)) => {
                    at = from + 1;
                    of = star + 1;
                    again = Some((at, star));
                }
                None => return false,
            },
        }
    }
    pattern[of..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::in_list;

    #[test]
    fn a_list_takes_what_one_pattern_takes_and_none_refuses() {
        for (text, list, is_in) in [
            ("git", "git", true),
            ("git", "file,git", true),
            ("git", "*", true),
            ("git", "g?t", true),
            ("git", "g*", true),
            ("git", "*t", true),
            ("git", "*i*", true),
            ("git", "g*x", false),
            ("git", "gi", false),
            ("git", "gitx", false),
            ("git", "", false),
            ("", "", true),
            ("", "*", true),
            ("git", "*,!git", false),
            ("git", "!file,git", true),
            ("git", "!file", false),
            ("aXbXc", "a*X?", true),
            ("abab", "*ab", true),
            ("Git", "git", false),
        ] {
            assert_eq!(in_list(text, list), is_in, "{text} in {list}");
        }
    }
}
