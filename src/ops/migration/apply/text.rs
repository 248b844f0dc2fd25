//! Steps about texts: replace by pattern, split.

use regex::Regex;
use smol_str::SmolStr;

use super::tree::{self, Landing, landing, map_at, put};
use super::{Run, name};
use crate::document::{Entry, Kind, Map, Value};
use crate::ops::migration::convert::piece;
use crate::ops::migration::path::{Found, Path, Scope};
use crate::ops::migration::step::{Divide, Division, Scalar, Step};
use crate::text::{Pointer, Span};

impl Run<'_> {
    pub(super) fn replace_texts(
        &mut self,
        step: &Step,
        path: &Path,
        (pattern, with): (&Regex, &str),
        scope: &Scope,
    ) {
        for found in self.matches(step, path, scope) {
            let places = match self.root.at(&found.at).map(|value| &value.kind) {
                Some(Kind::Array(items)) => {
                    let places = 0..items.len();
                    places
                        .map(|index| found.at.join(index.to_string()))
                        .collect()
                }
                Some(Kind::String(_)) => vec![found.at],
                _ => continue,
            };
            for at in places {
                let Some(text) = self.root.at(&at).and_then(Value::as_str) else {
                    continue;
                };
                if let std::borrow::Cow::Owned(new) = pattern.replace_all(text, with) {
                    let new = Kind::String(new.into());
                    self.replace(step, &at, Value::detached(new));
                }
            }
        }
    }

    pub(super) fn replace_keys(
        &mut self,
        step: &Step,
        path: &Path,
        (pattern, with): (&Regex, &str),
        scope: &Scope,
    ) {
        let about = &step.about;
        for found in self.matches(step, path, scope) {
            let Some(map) = map_at(&mut self.root, &found.at) else {
                continue;
            };
            let renames: Vec<(SmolStr, SmolStr)> = map
                .keys()
                .filter_map(|key| match pattern.replace_all(key, with) {
                    std::borrow::Cow::Owned(new) if new != key.as_str() => {
                        Some((key.clone(), new.into()))
                    }
                    _ => None,
                })
                .collect();
            let mut told = Vec::new();
            for (old, new) in renames {
                let done = map.rename(&old, new.clone());
                told.push((found.at.join(old), found.at.join(new), done));
            }
            for (at, to, done) in told {
                if done {
                    self.journal.record(about, at, Some(to), None, None);
                } else {
                    let message = format!("{} is set already", name(&to));
                    let help = format!("take {} or {} out", name(&to), name(&at));
                    self.manual(about, &at, message, Some(help));
                }
            }
        }
    }

    pub(super) fn split(&mut self, step: &Step, path: &Path, division: &Division, scope: &Scope) {
        let about = &step.about;
        let Division {
            by,
            into,
            types,
            trim,
        } = division;
        for found in self.matches(step, path, scope) {
            let at = &found.at;
            let Some(value) = self.root.at(at) else {
                continue;
            };
            let Some(text) = value.as_str() else {
                // A list is divided already.
                if value.as_array().is_none() && !value.is_null() {
                    let message = format!("{} is a {}, not a text", name(at), value.type_name());
                    self.manual(about, at, message, None);
                }
                continue;
            };
            let Some(into) = into else {
                let Divide::By(by) = by else { continue };
                let pieces: Option<Vec<Value>> = match text {
                    "" => Some(Vec::new()),
                    text => text
                        .split(by.as_str())
                        .map(|part| read(part, types.first(), *trim))
                        .collect(),
                };
                match pieces {
                    Some(pieces) => {
                        let list = Value::detached(Kind::Array(pieces));
                        self.replace(step, at, list);
                    }
                    None => {
                        let is = self.shown(at, value);
                        let message = format!("a part of {} ({is}) cannot be read", name(at));
                        self.manual(about, at, message, None);
                    }
                }
                continue;
            };
            match pieces(text, by, into, types, *trim) {
                Ok(pieces) => self.spread(step, &found, into, pieces, scope),
                Err(why) => {
                    let is = self.shown(at, value);
                    let message = format!("{} ({is}) {why}", name(at));
                    let help = "divide it by hand".to_owned();
                    self.manual(about, at, message, Some(help));
                }
            }
        }
    }

    /// Puts the pieces of a text to their places, and takes the text away.
    fn spread(
        &mut self,
        step: &Step,
        found: &Found,
        into: &[(SmolStr, Path)],
        pieces: Vec<Value>,
        scope: &Scope,
    ) {
        let about = &step.about;
        let at = &found.at;
        let targets: Option<Vec<Pointer>> = into
            .iter()
            .map(|(_, path)| path.fill(&self.root, scope, found))
            .collect();
        let Some(targets) = targets else {
            return self.manual(about, at, "the new places cannot be named here", None);
        };
        if let Some((one, other)) = crossing(&targets) {
            let why = format!("{} and {} cannot both be set", name(one), name(other));
            return self.manual(about, at, why, Some("divide it by hand".to_owned()));
        }
        // A piece in the text's own place makes a map of it.
        let inside = !at.is_root() && targets.iter().any(|it| it != at && at.contains(it));
        for (target, new) in targets.iter().zip(&pieces) {
            let why = match landing(&self.root, target) {
                Landing::Free => continue,
                Landing::Taken if target == at => continue,
                Landing::Taken if self.root.at(target) == Some(new) => continue,
                Landing::Taken if target.contains(at) => {
                    format!("{} holds {}", name(target), name(at))
                }
                Landing::Taken => format!("{} is set already", name(target)),
                Landing::Blocked(_) if inside && at.contains(target) => continue,
                Landing::Blocked(why) => why,
            };
            return self.manual(about, at, why, Some("divide it by hand".to_owned()));
        }
        let position = self.position(at);
        let secret = self.journal.is_secret(at, self.root.at(at));
        let mut heir = Span::default();
        let old = if inside {
            let empty = Value::detached(Kind::Object(Map::new()));
            let place = self.root.at_mut(at);
            place.map(|place| std::mem::replace(place, empty))
        } else {
            let names: Vec<String> = targets.iter().map(Pointer::dotted).collect();
            let reason = self.reason(about, &format!("split into {}", names.join(", ")));
            let taken = tree::take(&mut self.root, at);
            taken.map(|taken| {
                // The first piece beside it has its place in the text, and its comments.
                match position.as_ref() {
                    Some((above, _))
                        if targets.iter().any(|it| it.parent().as_ref() == Some(above)) =>
                    {
                        heir = taken.key;
                    }
                    _ => self.journal.gone(taken.value.layer, taken.key, &reason),
                }
                taken.value
            })
        };
        let Some(old) = old else { return };
        let mut next = position
            .as_ref()
            .map(|(_, index)| *index + usize::from(inside));
        for (target, new) in targets.into_iter().zip(pieces) {
            let beside = position.as_ref().map(|(above, _)| above) == target.parent().as_ref();
            let index = next.filter(|_| beside);
            if secret {
                self.journal.hide(target.clone());
            }
            let entry = Entry {
                key: match beside {
                    true => std::mem::take(&mut heir),
                    false => Span::default(),
                },
                value: new.clone(),
            };
            if put(&mut self.root, &target, entry, index).is_ok() {
                next = next.map(|next| next + usize::from(beside));
                let old = Some(old.clone());
                self.journal
                    .record(about, at.clone(), Some(target), old, Some(new));
            }
        }
    }
}

/// Finds two places of which one holds the other, or is it.
fn crossing(places: &[Pointer]) -> Option<(&Pointer, &Pointer)> {
    places.iter().enumerate().find_map(|(index, one)| {
        let mut before = places[..index].iter();
        let other = before.find(|it| it.contains(one) || one.contains(it))?;
        Some((other, one))
    })
}

/// Reads the pieces of a text, in the order of their places.
fn pieces(
    text: &str,
    by: &Divide,
    into: &[(SmolStr, Path)],
    types: &[Scalar],
    trim: bool,
) -> Result<Vec<Value>, String> {
    let parts: Vec<&str> = match by {
        Divide::By(by) => {
            let parts: Vec<&str> = text.split(by.as_str()).collect();
            if parts.len() != into.len() {
                return Err(format!(
                    "has {} parts divided by `{by}`, and {} are needed",
                    parts.len(),
                    into.len()
                ));
            }
            parts
        }
        Divide::Pattern(pattern) => {
            let captures = pattern.captures(text);
            let captures = captures.ok_or_else(|| format!("does not match `{pattern}`"))?;
            let group = |(name, _): &(SmolStr, Path)| captures.name(name).map(|it| it.as_str());
            let groups: Option<Vec<&str>> = into.iter().map(group).collect();
            groups.ok_or_else(|| format!("matches `{pattern}` only in part"))?
        }
    };
    let typed = parts.iter().enumerate().map(|(index, part)| {
        let wanted = types.get(index);
        read(part, wanted, trim).ok_or_else(|| {
            let wanted = wanted.map_or("text", |it| it.name());
            format!("has a part that is no {wanted}")
        })
    });
    typed.collect()
}

fn read(part: &str, wanted: Option<&Scalar>, trim: bool) -> Option<Value> {
    let part = if trim { part.trim() } else { part };
    let kind = piece(part, wanted.copied().unwrap_or(Scalar::String))?;
    Some(Value::detached(kind))
}
