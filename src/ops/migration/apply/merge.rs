//! Makes one value of several.

use indexmap::IndexMap;

use super::tree::{self, Landing, landing, put};
use super::{Run, name};
use crate::document::{Entry, Kind, Value};
use crate::ops::migration::path::{Found, Path, Scope};
use crate::ops::migration::step::{Join, Scalar, Step};
use crate::text::{Pointer, Span};

/// Places that a step takes together: one for each of its paths.
pub(super) struct Family {
    pub found: Found,
    /// Those that are there.
    pub places: Vec<Pointer>,
    /// Those that are not.
    pub missing: Vec<Pointer>,
}

impl Run<'_> {
    /// Finds, for each match of the first path that is there, the places of the others.
    pub(super) fn families(&mut self, step: &Step, paths: &[Path], scope: &Scope) -> Vec<Family> {
        let mut families: IndexMap<Vec<Pointer>, Family> = IndexMap::new();
        for path in paths {
            // Any of them may be the one that is there.
            for found in self.matches_in_order(step, path, scope) {
                let all = paths
                    .iter()
                    .map(|path| path.fill(&self.root, scope, &found));
                let Some(all) = all.collect::<Option<Vec<Pointer>>>() else {
                    continue;
                };
                if families.contains_key(&all) {
                    continue;
                }
                let there = |at: &Pointer| self.root.at(at).is_some();
                let (places, missing) = all.iter().cloned().partition(there);
                let family = Family {
                    found,
                    places,
                    missing,
                };
                families.insert(all, family);
            }
        }
        families.into_values().collect()
    }

    pub(super) fn merge(
        &mut self,
        step: &Step,
        paths: &[Path],
        into: &Path,
        (join, types): (&Join, &[Scalar]),
        scope: &Scope,
    ) {
        let about = &step.about;
        let _ = types; // They say what undoing gives.
        for family in self.families(step, paths, scope) {
            let at = family.found.at.clone();
            let Some(target) = into.fill(&self.root, scope, &family.found) else {
                self.manual(about, &at, format!("`{into}` names no place here"), None);
                continue;
            };
            let values = family
                .places
                .iter()
                .filter_map(|at| self.root.at(at).cloned());
            let merged = match join {
                Join::Text(with) => match family.missing.first() {
                    Some(missing) => Err(format!("{} is not set", name(missing))),
                    None => joined(values, with),
                },
                Join::Container { unique } => gathered(values, *unique),
            };
            let merged = match merged {
                Ok(merged) => merged,
                Err(why) => {
                    let places: Vec<String> = family.places.iter().map(name).collect();
                    let message = format!("{} cannot become one: {why}", places.join(", "));
                    self.manual(about, &at, message, None);
                    continue;
                }
            };
            let is_source = family.places.contains(&target);
            let inside = family.places.iter().any(|place| {
                place != &target && (place.contains(&target) || target.contains(place))
            });
            let why = match landing(&self.root, &target) {
                _ if inside => Some(format!(
                    "{} and what goes there stand in each other",
                    name(&target)
                )),
                Landing::Blocked(why) => Some(why),
                Landing::Taken if !is_source && self.root.at(&target) != Some(&merged) => {
                    Some(format!("{} is set already", name(&target)))
                }
                _ => None,
            };
            if let Some(why) = why {
                self.manual(about, &at, why, None);
                continue;
            }
            self.put_merged(step, &family, &target, merged);
        }
    }

    fn put_merged(&mut self, step: &Step, family: &Family, target: &Pointer, merged: Value) {
        let about = &step.about;
        let secret = family
            .places
            .iter()
            .any(|at| self.journal.is_secret(at, self.root.at(at)));
        let first = family.places.first().and_then(|first| self.position(first));
        let index = first.filter(|(above, _)| target.parent().as_ref() == Some(above));
        let index = index.map(|(_, index)| index);
        let reason = self.reason(about, &format!("merged into {}", target.dotted()));
        let taken = tree::take_all(&mut self.root, &family.places);
        // What is made of them has the place in the text of the one of its name, or of the first
        // beside it.
        let own = family.places.iter().position(|at| at == target);
        let heir = own.or(index.map(|_| 0));
        let mut key = Span::default();
        let mut old = Vec::new();
        for (number, (at, entry)) in family.places.iter().zip(taken).enumerate() {
            let Some(entry) = entry else { continue };
            match heir == Some(number) {
                true => key = entry.key,
                false => self.journal.gone(entry.value.layer, entry.key, &reason),
            }
            old.push((at.clone(), entry.value));
        }
        let entry = Entry {
            key,
            value: merged.clone(),
        };
        let _ = put(&mut self.root, target, entry, index);
        if secret {
            self.journal.hide(target.clone());
        }
        for (at, old) in old {
            let new = Some(merged.clone()).filter(|new| new.as_str().is_some());
            let old = Some(old).filter(|_| new.is_some());
            self.journal
                .record(about, at, Some(target.clone()), old, new);
        }
    }
}

/// Joins values into one text.
fn joined(values: impl Iterator<Item = Value>, with: &str) -> Result<Value, String> {
    let texts: Result<Vec<String>, String> = values
        .map(|value| match &value.kind {
            Kind::String(text) => Ok(text.to_string()),
            Kind::Number(number) => Ok(number.to_string()),
            Kind::Bool(truth) => Ok(truth.to_string()),
            _ => Err(format!("one is a {}, which is no text", value.type_name())),
        })
        .collect();
    Ok(Value::detached(Kind::String(texts?.join(with).into())))
}

/// Makes one list of lists, or one map of maps.
fn gathered(values: impl Iterator<Item = Value>, unique: bool) -> Result<Value, String> {
    let mut values = values;
    let Some(mut all) = values.next() else {
        return Err("there is none".to_owned());
    };
    for value in values {
        match (&mut all.kind, value.kind) {
            (Kind::Array(items), Kind::Array(more)) => items.extend(more),
            (Kind::Object(map), Kind::Object(mut more)) => {
                tree::merge_maps(map, &mut more);
                if let Some(key) = more.keys().next() {
                    return Err(format!("both set `{key}`, and differ"));
                }
            }
            (first, second) => {
                let second = Value::detached(second);
                let first = Value::detached(std::mem::take(first));
                return Err(format!(
                    "one is a {}, another a {}",
                    first.type_name(),
                    second.type_name()
                ));
            }
        }
    }
    match &mut all.kind {
        Kind::Array(items) if unique => {
            let mut seen = std::collections::HashSet::new();
            items.retain(|item| seen.insert(crate::document::write_json(item)));
        }
        Kind::Array(_) | Kind::Object(_) => {}
        _ => return Err("`with` says what stands between texts, and is not given".to_owned()),
    }
    Ok(all)
}
