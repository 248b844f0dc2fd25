//! Merge keys: `<<: *defaults` brings in the entries of another map
//! (<https://yaml.org/type/merge.html>).

use super::super::{Kind, Map, Value};
use crate::report::{Rule, Severity};
use crate::text::Span;

/// A merge key whose value is no map.
pub static MERGE_VALUE: Rule = Rule {
    id: "merge-value",
    severity: Severity::Error,
    summary: "a merge key `<<` needs a map, or a list of maps",
    docs: "`<<` brings the entries of another map into this one; nothing else can be merged.\n\
        \n\
        ```yaml\n\
        defaults: &defaults { timeout: 30, retries: 2 }\n\
        api:\n\
        \x20 <<: *defaults        # timeout 30 …\n\
        \x20 retries: 5           # … and 5 retries: what is written here wins\n\
        worker:\n\
        \x20 <<: defaults         # wrong: a text; the `*` is missing\n\
        ```\n\
        \n\
        Of a list of maps, an earlier one wins over a later one. For a key that is really \
        named `<<`, quote it.",
};

/// Puts the entries of what `<<` names behind those that are written; returns the spans of
/// values that cannot be merged, with the name of their type.
pub(super) fn merge(map: &mut Map, from: Value) -> Vec<(Span, &'static str)> {
    let mut wrong = Vec::new();
    let sources = match from.kind {
        Kind::Array(items) => items,
        _ => vec![from],
    };
    for source in sources {
        let (at, name) = (source.span, source.type_name());
        let Kind::Object(entries) = source.kind else {
            wrong.push((at, name));
            continue;
        };
        for (key, entry) in entries {
            if !map.contains_key(&key) {
                map.insert(key, entry);
            }
        }
    }
    wrong
}
