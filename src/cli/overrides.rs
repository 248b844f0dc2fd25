//! Settings that the environment gives for one command: those of `git -c`, and `GIT_CONFIG_COUNT`.

/// Reads both, each as `key=value`; what is not as Git writes it is passed over.
pub(super) fn overrides() -> Vec<String> {
    let variable = |name: &str| std::env::var(name).ok();
    let given = variable("GIT_CONFIG_PARAMETERS");
    let mut found = parameters(given.as_deref().unwrap_or_default());
    let count = variable("GIT_CONFIG_COUNT").and_then(|it| it.parse().ok());
    // Nobody sets more by hand, and a wrong number should not keep this busy.
    for number in 0..count.unwrap_or(0_u32).min(1_000) {
        let part = |what: &str| variable(&format!("GIT_CONFIG_{what}_{number}"));
        if let (Some(key), Some(value)) = (part("KEY"), part("VALUE")) {
            found.push(format!("{key}={value}"));
        }
    }
    found
}

/// Reads what Git hands on of `-c`: words in quotes of the shell, `'key=value'` or `'key'='value'`;
/// a key alone is true.
fn parameters(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some((first, after)) = quoted(rest) {
        let (setting, after) = match after.strip_prefix('=').and_then(quoted) {
            Some((value, after)) => (format!("{first}={value}"), after),
            None if first.contains('=') => (first, after),
            None => (
                format!("{first}=true"),
                after.strip_prefix('=').unwrap_or(after),
            ),
        };
        found.push(setting);
        rest = after.trim_start();
    }
    found
}

/// Reads a word in quotes, and gives what stands after it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut word = String::new();
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let end = rest.find('\'')?;
        word.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        // Outside the quotes only a quote or `!` stands, behind a backslash.
        let Some(letter) = rest.strip_prefix('\\').and_then(|it| it.chars().next()) else {
            return Some((word, rest));
        };
        word.push(letter);
        rest = rest.get(1 + letter.len_utf8()..)?.strip_prefix('\'')?;
    }
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn settings_are_read_as_git_hands_them_on() {
        for (text, wanted) in [
            ("", &[][..]),
            ("'a.b=c'", &["a.b=c"]),
            ("'a.b'='c d' 'e.f=g'", &["a.b=c d", "e.f=g"]),
            ("'a.b'", &["a.b=true"]),
            ("'a.b'='' 'c.d'=", &["a.b=", "c.d=true"]),
            ("'a.b'='it'\\''s' 'c.d'='no'\\!''", &["a.b=it's", "c.d=no!"]),
            ("'a.b'='x=y'", &["a.b=x=y"]),
            ("'a.b", &[]),
            ("a.b=c", &[]),
            ("'a.b=c'\\", &["a.b=c"]),
        ] {
            assert_eq!(parameters(text), wanted, "{text}");
        }
    }
}
