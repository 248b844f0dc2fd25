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

    /// Says whether a pattern is found in every text.
    pub(super) fn is_universal(&self, pattern: &str) -> bool {
        matches!(pattern, "" | "^" | "$" | ".*" | "^.*" | ".*$" | "^.*$")
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
        assert!(patterns.is_universal(".*"));
    }
}
