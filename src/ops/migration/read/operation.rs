//! Reads what a step does.

use std::sync::Arc;

use super::{Item, Reader};
use crate::document::Value;
use crate::ops::migration::path::Path;
use crate::ops::migration::step::{IfExists, Join, Operation, Scalar};

const IF_EXISTS: [(&str, IfExists); 4] = [
    ("keep", IfExists::Keep),
    ("replace", IfExists::Replace),
    ("merge", IfExists::Merge),
    ("stop", IfExists::Stop),
];

pub(super) const SCALARS: [(&str, Scalar); 4] = [
    ("boolean", Scalar::Boolean),
    ("string", Scalar::String),
    ("number", Scalar::Number),
    ("integer", Scalar::Integer),
];

impl<'a> Reader<'a> {
    pub(super) fn operation(
        &mut self,
        name: &'static str,
        item: &Item<'a>,
        known: &mut Vec<&'static str>,
    ) -> Option<Operation> {
        Some(match name {
            "rename" => {
                known.extend(["to", "if-exists"]);
                let path = self.entry_path(item, name)?;
                Operation::Rename {
                    to: self.new_name(item, &path)?,
                    path,
                    if_exists: self.if_exists(item)?,
                }
            }
            "move" => {
                known.extend(["to", "if-exists", "keep-empty"]);
                let path = self.path(item, name)?;
                Operation::Move {
                    to: self.target(item, "to", &path, "to: new.place")?,
                    path,
                    if_exists: self.if_exists(item)?,
                    keep_empty: self.truth(item, "keep-empty"),
                }
            }
            "copy" => {
                known.extend(["to", "if-exists"]);
                let path = self.path(item, name)?;
                Operation::Copy {
                    to: self.target(item, "to", &path, "to: new.place")?,
                    path,
                    if_exists: self.if_exists(item)?,
                }
            }
            "remove" => {
                known.push("was");
                Operation::Remove {
                    path: self.path(item, name)?,
                    was: item.map.get("was").cloned().map(Value::detach),
                    undo: None,
                }
            }
            "add" => {
                known.extend(["value", "create"]);
                Operation::Add {
                    path: self.entry_path(item, name)?,
                    value: self.value(item)?,
                    create: self.truth(item, "create"),
                }
            }
            "set" => {
                known.push("value");
                Operation::Set {
                    path: self.entry_path(item, name)?,
                    value: self.value(item)?,
                }
            }
            "pin_default" => {
                known.push("value");
                Operation::PinDefault {
                    path: self.entry_path(item, name)?,
                    value: item.map.get("value").cloned().map(Value::detach),
                }
            }
            "map_values" => {
                known.extend(["values", "otherwise"]);
                self.map_values(item)?
            }
            "convert" => {
                known.extend([
                    "unit", "factor", "duration", "type", "from", "true", "false", "negate",
                ]);
                Operation::Convert {
                    path: self.path(item, name)?,
                    conversion: self.conversion(item)?,
                }
            }
            "wrap" | "unwrap" => {
                known.extend(["key", "as"]);
                let path = self.path(item, name)?;
                let key = self.text(item, "key");
                if let Some(form) = item.map.get("as") {
                    self.word(form, &item.pointer.join("as"), &[("list", ())])?;
                }
                match name {
                    "wrap" => Operation::Wrap { path, key },
                    _ => Operation::Unwrap { path, key },
                }
            }
            "split" => {
                known.extend(["by", "pattern", "into", "types", "trim"]);
                self.split(item)?
            }
            "merge" => {
                known.extend(["into", "with", "unique", "types"]);
                let paths = self.paths(item, name)?;
                let into = self.target(item, "into", &paths[0], "into: new_name")?;
                self.others_filled(item, &paths)?;
                let join = match self.text(item, "with") {
                    Some(with) => Join::Text(with),
                    None => Join::Container {
                        unique: self.truth(item, "unique"),
                    },
                };
                Operation::Merge {
                    types: self.types(item, paths.len())?,
                    paths,
                    into,
                    join,
                }
            }
            "hoist" => {
                known.extend(["prefix", "only"]);
                Operation::Hoist {
                    path: self.entry_path(item, name)?,
                    prefix: self.text(item, "prefix").unwrap_or_default(),
                    only: self.names(item, "only"),
                }
            }
            "plunge" => {
                known.extend(["into", "strip"]);
                let paths = self.paths(item, name)?;
                self.others_filled(item, &paths)?;
                let strip = self.text(item, "strip").unwrap_or_default();
                for path in &paths {
                    let name = path
                        .name()
                        .and_then(|name| name.strip_prefix(strip.as_str()));
                    if name.is_none_or(str::is_empty) {
                        let value = item.map.get("plunge")?;
                        let what = match path.name() {
                            None => format!("must end with a name; `{path}` does not"),
                            Some(name) => format!(
                                "names `{name}`, which keeps no name of its own without `{strip}`"
                            ),
                        };
                        self.wrong(value, &item.pointer.join("plunge"), &what);
                        return None;
                    }
                }
                Operation::Plunge {
                    into: self.target(item, "into", &paths[0], "into: new_map")?,
                    paths,
                    strip,
                }
            }
            "to_map" | "to_list" => {
                known.extend(["key", "value"]);
                let path = self.path(item, name)?;
                let key = self.needed_text(item, "key", "key: name")?;
                let value = self.text(item, "value");
                match name {
                    "to_map" => Operation::ToMap { path, key, value },
                    _ => Operation::ToList { path, key, value },
                }
            }
            "each" => {
                known.push("steps");
                let steps = self.needed(item, "steps", "steps: []")?;
                Operation::Each {
                    path: self.path(item, name)?,
                    steps: self.steps(steps, &item.pointer.join("steps"))?,
                }
            }
            "when" => {
                known.extend(["steps", "else"]);
                let steps = self.needed(item, "steps", "steps: []")?;
                let otherwise = item.map.get("else");
                let otherwise =
                    otherwise.map(|steps| self.steps(steps, &item.pointer.join("else")));
                Operation::When {
                    condition: self.condition(item.map.get(name)?, &item.pointer.join(name))?,
                    steps: self.steps(steps, &item.pointer.join("steps"))?,
                    otherwise: match otherwise {
                        Some(steps) => steps?,
                        None => Vec::new(),
                    },
                }
            }
            "regex_replace" => {
                known.extend(["pattern", "with", "keys"]);
                self.needed(item, "pattern", "pattern: '^old'")?;
                self.needed(item, "with", "with: new")?;
                let pattern = self.pattern(item, "pattern")?;
                Operation::RegexReplace {
                    path: self.path(item, name)?,
                    with: self.replacement(item, &pattern)?,
                    pattern,
                    keys: self.truth(item, "keys"),
                }
            }
            "cel" => {
                known.push("at");
                self.needed(item, "at", "at: cache.ttl")?;
                Operation::Cel {
                    path: self.path(item, "at")?,
                    formula: self.formula(item.map.get(name)?, &item.pointer.join(name))?,
                }
            }
            _ => {
                known.push("at");
                let text: Arc<str> = Arc::from(self.needed_text(item, name, "…")?.as_str());
                let at = match item.map.get("at") {
                    Some(_) => Some(self.path(item, "at")?),
                    None => None,
                };
                match name {
                    "note" => Operation::Note { text, at },
                    _ => Operation::Manual { text, at },
                }
            }
        })
    }

    /// Asks for a path that ends with a name.
    fn entry_path(&mut self, item: &Item<'a>, key: &str) -> Option<Path> {
        let path = self.path(item, key)?;
        if path.name().is_none() {
            let value = item.map.get(key)?;
            self.wrong(
                value,
                &item.pointer.join(key),
                "must be a path that ends with a name",
            );
            return None;
        }
        Some(path)
    }

    /// Sees to it that every `*` of the paths that follow stands for one of the first.
    fn others_filled(&mut self, item: &Item<'a>, paths: &[Path]) -> Option<()> {
        let (first, rest) = paths.split_first()?;
        let mut whole = true;
        for path in rest {
            whole &= self.filled(path, first, item.value, &item.pointer);
        }
        whole.then_some(())
    }

    fn if_exists(&mut self, item: &Item<'a>) -> Option<IfExists> {
        match item.map.get("if-exists") {
            None => Some(IfExists::Stop),
            Some(value) => self.word(value, &item.pointer.join("if-exists"), &IF_EXISTS),
        }
    }

    fn value(&mut self, item: &Item<'a>) -> Option<Value> {
        let value = self.needed(item, "value", "value: 30")?;
        Some(value.clone().detach())
    }

    pub(super) fn types(&mut self, item: &Item<'a>, wanted: usize) -> Option<Vec<Scalar>> {
        let Some(value) = item.map.get("types") else {
            return Some(Vec::new());
        };
        let pointer = item.pointer.join("types");
        let items = value.as_array().unwrap_or_default();
        if items.len() != wanted {
            let what = format!("must be a list of {wanted} types, one for each path");
            self.wrong(value, &pointer, &what);
            return None;
        }
        let types = items.iter().map(|it| self.word(it, &pointer, &SCALARS));
        types.collect()
    }
}
