//! Regular expressions of schemas.

use std::cell::RefCell;
use std::collections::BTreeMap;

use regex::Regex;

/// Reads patterns once.
#[derive(Default)]
pub(super) struct Patterns(RefCell<BTreeMap<String, Option<Regex>>>);

impl Patterns {
    /// Says whether a pattern is found in a text; `None` if the pattern cannot be read.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        let mut read = self.0.borrow_mut();
        if !read.contains_key(pattern) {
            let translated = jsonschema_regex::to_rust_regex(pattern).ok();
            let compiled = translated.and_then(|text| Regex::new(&text).ok());
            read.insert(pattern.to_owned(), compiled);
        }
        Some(read.get(pattern)?.as_ref()?.is_match(text))
    }

    /// Makes a text that a pattern is found in.
    pub(super) fn example(&self, pattern: &str) -> Option<String> {
        let text = jsonschema_regex::pattern_witness(pattern)?;
        if self.matches(pattern, &text) == Some(true) {
            return Some(text);
        }
        None
    }

    /// Says whether a pattern is found in every text.
    pub(super) fn is_universal(&self, pattern: &str) -> bool {
        matches!(pattern, "" | "^" | "$" | ".*" | "^.*" | ".*$" | "^.*$")
    }

    /// Says whether it is plain to see that no text holds both.
    pub(super) fn apart(&self, a: &str, b: &str) -> bool {
        let prefix = |pattern| jsonschema_regex::pattern_as_prefix(pattern);
        match (prefix(a), prefix(b)) {
            (Some(a), Some(b)) => !a.starts_with(&*b) && !b.starts_with(&*a),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_a_search() {
        let patterns = Patterns::default();
        assert_eq!(patterns.matches("b", "abc"), Some(true));
        assert_eq!(patterns.matches("^b", "abc"), Some(false));
        assert_eq!(patterns.matches("(?=a)", "abc"), None);
        assert_eq!(patterns.example("^a{2}-").as_deref(), Some("aa-"));
        assert!(patterns.apart("^S_", "^I_"));
        assert!(!patterns.apart("^S_", "^S"));
        assert!(patterns.is_universal(".*"));
    }
}
