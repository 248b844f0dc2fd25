//! Values that are sealed: whether they hold to a schema is known to who can open them, and to
//! nobody else. They are given the benefit of the doubt.

use std::collections::BTreeSet;

use crate::document::Value;
use crate::report::Finding;
use crate::seal::is_sealed;
use crate::text::Pointer;

use super::rule::{
    DUPLICATE_ITEMS, FORBIDDEN_VALUE, INVALID_OPTION_NAME, NO_ALTERNATIVE_MATCHES,
    SEVERAL_ALTERNATIVES_MATCH, UNKNOWN_OPTION, VALUE_NOT_ALLOWED,
};

/// Gives the places of sealed values.
pub(super) fn places(value: &Value) -> BTreeSet<Pointer> {
    let mut found = BTreeSet::new();
    value.each_text(&mut |pointer, text, _| {
        if is_sealed(text) {
            found.insert(pointer.clone());
        }
    });
    found
}

/// Says whether a fault may be one only because a value is sealed: it is about that value, or
/// about a choice that the value may decide.
pub(super) fn may_excuse(places: &BTreeSet<Pointer>, finding: &Finding) -> bool {
    let Some(at) = &finding.location.pointer else {
        return false;
    };
    let decides = [
        &NO_ALTERNATIVE_MATCHES,
        &SEVERAL_ALTERNATIVES_MATCH,
        &FORBIDDEN_VALUE,
        &VALUE_NOT_ALLOWED,
        &DUPLICATE_ITEMS,
    ]
    .iter()
    .any(|rule| rule.id == finding.rule.id);
    // A name is there for all to read.
    let is_of_name = [&UNKNOWN_OPTION, &INVALID_OPTION_NAME]
        .iter()
        .any(|rule| rule.id == finding.rule.id);
    (places.contains(at) && !is_of_name)
        || (decides && places.iter().any(|sealed| at.contains(sealed)))
}

/// Says whether a rule about a value looks at a sealed value in it: it names the key.
pub(super) fn is_looked_at(rule: &str, value: &Value) -> bool {
    let named = |place: &Pointer| match place.last() {
        None => true,
        Some(_) => {
            let mut names = place.tokens().iter().rev();
            let name = names.find(|token| token.parse::<usize>().is_err());
            name.is_none_or(|name| rule.contains(name.as_str()))
        }
    };
    places(value).iter().any(named)
}
