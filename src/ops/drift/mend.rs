//! What would make two environments alike.

use super::lineage::Past;
use super::rules::Class;
use crate::document::{Change, Value};

/// Which side is to be changed, and to what; to nothing where it is to be unset.
pub(super) enum Mend {
    Upstream(Option<Value>),
    Downstream(Option<Value>),
}

/// Says what would carry the newer state over, where the histories say which that is.
pub(super) fn remedy(class: Class, [up, down]: [&Past; 2], change: &Change) -> Option<Mend> {
    let (old, new) = (change.old.clone(), change.new.clone());
    // Which of two types is right is not told by which of them is newer.
    match class {
        Class::PendingPromotion => Some(Mend::Downstream(old)),
        Class::MissingBackport => Some(Mend::Upstream(new)),
        // It is new upstream, or was taken away downstream since.
        Class::MissingKey if old.is_some() && down.is_blank() => Some(Mend::Downstream(old)),
        Class::MissingKey if old.is_some() && down.had_other => Some(Mend::Upstream(None)),
        Class::MissingKey if new.is_some() && up.is_blank() => Some(Mend::Upstream(new)),
        Class::MissingKey if new.is_some() && up.had_other => Some(Mend::Downstream(None)),
        _ => None,
    }
}

/// Quotes a word for a shell, where that is needed.
pub(super) fn quoted(word: &str) -> String {
    let odd = [
        ' ', '"', '[', '{', '$', '\'', '*', '&', '|', ';', '<', '>', '(',
    ];
    match word.contains(odd) {
        true => format!("'{}'", word.replace('\'', "'\\''")),
        false => word.to_owned(),
    }
}
