use std::collections::BTreeMap;

use crate::report::Finding;

/// Gives each finding of a report a name that stays when lines move.
///
/// It is made from rule, file and pointer, or from the text of the first line marked where there
/// is no pointer; findings alike in all of them are told apart by counting.
#[derive(Default)]
pub(super) struct Fingerprints {
    seen: BTreeMap<u128, usize>,
}

impl Fingerprints {
    /// Names the next finding: 32 hexadecimal digits, a colon, and which of its kind it is.
    pub(super) fn next(&mut self, finding: &Finding) -> String {
        let at = &finding.location;
        let mut hash = Fnv::new();
        hash.add(finding.rule.id);
        hash.add(at.source.name());
        if let Some(pointer) = &at.pointer {
            hash.add("pointer");
            hash.add(&pointer.to_string());
        } else {
            let marked = at.source.slice(at.span);
            hash.add("text");
            hash.add(marked.lines().next().unwrap_or_default().trim());
        }
        let count = self.seen.entry(hash.0).or_default();
        *count += 1;
        format!("{:032x}:{count}", hash.0)
    }
}

/// The 128-bit [FNV-1a](https://www.rfc-editor.org/rfc/rfc9923) hash: small, and the same for ever.
struct Fnv(u128);

impl Fnv {
    fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    /// Adds a part and a byte that no text holds, so that parts do not run together.
    fn add(&mut self, part: &str) {
        const PRIME: u128 = (1 << 88) + 0x13b;
        for byte in part.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(PRIME);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::report::{Location, Rule, Severity};
    use crate::text::{Pointer, Source, Span};

    static RULE: Rule = Rule {
        id: "some-fault",
        severity: Severity::Error,
        summary: "some fault",
        docs: "",
    };

    fn finding(text: &str, start: u32, pointer: Option<&str>) -> Finding {
        let source = Arc::new(Source::new("a.yaml", text));
        let mut at = Location::new(&source, Span::new(start, start + 4));
        at.pointer = pointer.map(|text| Pointer::from_tokens([text]));
        Finding::new(&RULE, "m", at)
    }

    #[test]
    fn fingerprint_stays_when_lines_move() {
        let name = |finding: &Finding| Fingerprints::default().next(finding);
        let before = finding("a: 1\n", 0, Some("a"));
        let after = finding("# new\na: 1\n", 6, Some("a"));
        assert_eq!(name(&before), name(&after));
        assert_ne!(name(&before), name(&finding("a: 1\n", 0, Some("b"))));
        let before = finding("a: 1\n", 0, None);
        let after = finding("# new\na: 1\n", 6, None);
        assert_eq!(name(&before), name(&after));
        assert_ne!(name(&before), name(&finding("b: 1\n", 0, None)));
    }

    #[test]
    fn repeats_are_counted() {
        let mut names = Fingerprints::default();
        let finding = finding("a: 1\n", 0, Some("a"));
        assert!(names.next(&finding).ends_with(":1"));
        assert!(names.next(&finding).ends_with(":2"));
    }
}
