//! A value told where it stands in a text that says nearly the same.

use super::super::diff::{Digests, matched};
use super::super::{Entry, Identity, Kind, Value};
use super::value::Classes;
use crate::text::{Pointer, Span, hunks};

/// Gives a value the places of what it is or becomes of in another value; what is not there has
/// none.
pub(super) fn stamp(new: &Value, old: &Value, identity: &Identity<'_>) -> Value {
    Stamp {
        identity,
        here: Pointer::root(),
    }
    .value(new, old)
}

struct Stamp<'a> {
    identity: &'a Identity<'a>,
    here: Pointer,
}

impl Stamp<'_> {
    fn value(&mut self, new: &Value, old: &Value) -> Value {
        if new == old {
            return old.clone();
        }
        let kind = match (&new.kind, &old.kind) {
            (Kind::Object(to), Kind::Object(from)) if new.tag == old.tag => {
                let entries = to.iter().map(|(name, value)| {
                    let entry = match from.entry(name) {
                        Some(known) => Entry {
                            key: known.key,
                            value: self.below(name, value, &known.value),
                        },
                        None => Entry {
                            key: Span::default(),
                            value: nowhere(value),
                        },
                    };
                    (name.clone(), entry)
                });
                Kind::Object(entries.collect())
            }
            (Kind::Array(to), Kind::Array(from)) if new.tag == old.tag => {
                Kind::Array(self.items(to, from))
            }
            (Kind::Object(_) | Kind::Array(_), _) => return nowhere(new),
            (scalar, _) => scalar.clone(),
        };
        Value {
            kind,
            tag: new.tag.clone(),
            ..*old
        }
    }

    fn below(&mut self, token: &str, new: &Value, old: &Value) -> Value {
        self.here.push(token);
        let stamped = self.value(new, old);
        self.here.pop();
        stamped
    }

    fn items(&mut self, new: &[Value], old: &[Value]) -> Vec<Value> {
        let mut place: Vec<Option<usize>> = vec![None; new.len()];
        if let Some(found) = matched(self.identity, &self.here, new, old) {
            place = found;
        } else {
            let (mut classes, mut digests) = (Classes::default(), Digests::default());
            let from = classes.of(old, &mut digests);
            let to = classes.of(new, &mut digests);
            let (mut i, mut j) = (0, 0);
            let end = ((old.len(), old.len()), (new.len(), new.len()));
            let gaps = hunks(&from, &to);
            let gaps = gaps.iter().map(|hunk| (hunk.old, hunk.new));
            for (gone, come) in gaps.chain([end]) {
                for (index, at) in (i..gone.0).zip(j..come.0) {
                    place[at] = Some(index);
                }
                if gone.1 - gone.0 == come.1 - come.0 {
                    for (index, at) in (gone.0..gone.1).zip(come.0..come.1) {
                        place[at] = Some(index);
                    }
                }
                (i, j) = (gone.1, come.1);
            }
        }
        let items = new.iter().zip(place).enumerate();
        items
            .map(|(at, (item, place))| match place {
                Some(index) => self.below(&at.to_string(), item, &old[index]),
                None => nowhere(item),
            })
            .collect()
    }
}

/// Takes all places away.
fn nowhere(value: &Value) -> Value {
    let kind = match &value.kind {
        Kind::Array(items) => Kind::Array(items.iter().map(nowhere).collect()),
        Kind::Object(map) => {
            let entries = map.iter().map(|(name, value)| {
                let entry = Entry {
                    key: Span::default(),
                    value: nowhere(value),
                };
                (name.clone(), entry)
            });
            Kind::Object(entries.collect())
        }
        scalar => scalar.clone(),
    };
    Value {
        tag: value.tag.clone(),
        ..Value::detached(kind)
    }
}
