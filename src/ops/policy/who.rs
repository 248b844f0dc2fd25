//! Whoever makes a change: by their names on the lists of signers, and by groups that an outside
//! system knows.

use super::model::Binding;
use crate::text::name_matches;

/// What begins the name of a group. Nobody's own name does.
pub const GROUP: &str = "group:";

/// Somebody, or nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Who<'a> {
    /// Their names; nobody has none.
    pub names: &'a [&'a str],
    /// The groups that they are in, each as `group:NAME`; none where nobody could say.
    pub groups: Option<&'a [&'a str]>,
}

impl<'a> Who<'a> {
    /// Somebody with these names, who is in no group.
    #[must_use]
    pub const fn named(names: &'a [&'a str]) -> Self {
        Self {
            names,
            groups: Some(&[]),
        }
    }

    /// Whoever one name or group of a policy means.
    #[must_use]
    pub fn meant(name: &'a [&'a str; 1]) -> Self {
        let is_group = name[0].starts_with(GROUP);
        Self {
            names: if is_group { &[] } else { name },
            groups: Some(if is_group { name } else { &[] }),
        }
    }
}

impl Binding {
    /// Says whether it is about somebody, as far as is known.
    #[must_use]
    pub fn is_about(&self, who: Who<'_>) -> bool {
        let mut patterns = self.who.iter();
        patterns.any(|pattern| {
            let all = match pattern.starts_with(GROUP) {
                true => who.groups.unwrap_or_default(),
                false => who.names,
            };
            all.iter().any(|name| name_matches(pattern, name))
        })
    }

    /// Says whether it may be about somebody: where nobody knows their groups, any group may be
    /// theirs.
    #[must_use]
    pub fn may_be_about(&self, who: Who<'_>) -> bool {
        let is_open = who.groups.is_none() && self.who.iter().any(|it| it.starts_with(GROUP));
        is_open || self.is_about(who)
    }
}
