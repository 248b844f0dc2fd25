use std::collections::HashMap;
use std::fmt;

use super::super::{Decimal, Kind, Value};
use crate::text::Pointer;

/// Answers, for the list at a place, which key its items are matched by.
type KeyOf<'a> = Box<dyn Fn(&Pointer) -> Option<String> + 'a>;

/// Tells how the items of lists are matched: by which key.
///
/// A list is matched by a key when every item on both sides is a map that holds it, with a
/// string, number or boolean that no other item of the list has. By default `name`, `id` and
/// `key` are tried in this order.
pub struct Identity<'a> {
    candidates: Vec<String>,
    of_path: Option<KeyOf<'a>>,
}

/// The value that identifies an item, comparable by meaning.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Name<'v> {
    Text(&'v str),
    Number(Decimal),
    Bool(bool),
}

impl Default for Identity<'_> {
    fn default() -> Self {
        Self {
            candidates: ["name", "id", "key"].map(str::to_owned).to_vec(),
            of_path: None,
        }
    }
}

impl<'a> Identity<'a> {
    /// Takes other candidates than `name`, `id`, `key`; with none, no list is matched by key
    /// unless [`with_paths`](Self::with_paths) says so.
    #[must_use]
    pub fn of_keys<T: Into<String>>(keys: impl IntoIterator<Item = T>) -> Self {
        Self {
            candidates: keys.into_iter().map(Into::into).collect(),
            of_path: None,
        }
    }

    /// Asks first for the key of the list at a place in the new value; where the answer is
    /// `None`, the candidates are tried.
    #[must_use]
    pub fn with_paths(mut self, key_of: impl Fn(&Pointer) -> Option<String> + 'a) -> Self {
        self.of_path = Some(Box::new(key_of));
        self
    }

    /// Answers for values that stand at a place of those it was made for.
    #[must_use]
    pub fn below(self, above: &Pointer) -> Self {
        let above = above.clone();
        let Self {
            candidates,
            of_path,
        } = self;
        let of_path = of_path.map(|key_of| -> KeyOf<'a> {
            Box::new(move |at: &Pointer| {
                let tokens = above.tokens().iter().chain(at.tokens());
                key_of(&Pointer::from_tokens(tokens.cloned()))
            })
        });
        Self {
            candidates,
            of_path,
        }
    }

    /// Names every item of both lists by one key, if there is such a key.
    pub(super) fn name<'v>(
        &self,
        at: &Pointer,
        old: &'v [Value],
        new: &'v [Value],
    ) -> Option<(Vec<Name<'v>>, HashMap<Name<'v>, usize>)> {
        let declared = self.of_path.as_ref().and_then(|key_of| key_of(at));
        let candidates = match &declared {
            Some(key) => std::slice::from_ref(key),
            None => self.candidates.as_slice(),
        };
        candidates.iter().find_map(|key| {
            let old_names = names(old, key)?;
            let new_names = names(new, key)?;
            unique(&old_names)?;
            let found: HashMap<_, _> = new_names.into_iter().zip(0..).collect();
            (found.len() == new.len()).then_some((old_names, found))
        })
    }
}

impl fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("candidates", &self.candidates)
            .field("of_path", &self.of_path.is_some())
            .finish()
    }
}

fn names<'v>(items: &'v [Value], key: &str) -> Option<Vec<Name<'v>>> {
    items
        .iter()
        .map(|item| match &item.get(key)?.kind {
            Kind::String(text) => Some(Name::Text(text)),
            Kind::Number(number) => number.decimal().map(Name::Number),
            Kind::Bool(truth) => Some(Name::Bool(*truth)),
            _ => None,
        })
        .collect()
}

fn unique(names: &[Name<'_>]) -> Option<()> {
    let distinct: std::collections::HashSet<_> = names.iter().collect();
    (distinct.len() == names.len()).then_some(())
}
