//! Reads the steps with forms of their own: map values, convert, split.

use smol_str::SmolStr;

use super::operation::SCALARS;
use super::{Item, Reader};
use crate::config::fields::INVALID_VALUE;
use crate::document::{Number, Value};
use crate::ops::migration::convert::{Conversion, Form};
use crate::ops::migration::path::Path;
use crate::ops::migration::quantity::Unit;
use crate::ops::migration::step::{Divide, Division, Operation, Otherwise};
use crate::text::Pointer;

impl<'a> Reader<'a> {
    pub(super) fn map_values(&mut self, item: &Item<'a>) -> Option<Operation> {
        let path = self.path(item, "map_values")?;
        let pointer = item.pointer.join("values");
        let listed = self.needed(item, "values", "values: { old: new }")?;
        let mut loose = true;
        let mut values = Vec::new();
        if let Some(map) = listed.as_object() {
            let text = |key: &SmolStr| Value::detached(crate::document::Kind::String(key.clone()));
            values = map
                .iter()
                .map(|(key, value)| (text(key), value.clone().detach()))
                .collect();
        } else if let Some(items) = listed.as_array() {
            // Pairs say which type is meant.
            loose = false;
            for pair in items {
                match (pair.get("from"), pair.get("to")) {
                    (Some(from), Some(to)) => {
                        values.push((from.clone().detach(), to.clone().detach()));
                    }
                    _ => {
                        self.wrong(
                            pair,
                            &pointer,
                            "must be pairs such as `{ from: 1, to: one }`",
                        );
                        return None;
                    }
                }
            }
        } else {
            self.wrong(
                listed,
                &pointer,
                "must be a map from old values to new ones",
            );
            return None;
        }
        let otherwise = match item.map.get("otherwise") {
            None => Otherwise::Keep,
            Some(value) => match (value.as_str(), value.get("value")) {
                (Some("keep"), _) => Otherwise::Keep,
                (Some("stop"), _) => Otherwise::Stop,
                (None, Some(value)) => Otherwise::Value(value.clone().detach()),
                _ => {
                    let what = "must be `keep`, `stop` or `{ value: … }`";
                    self.wrong(value, &item.pointer.join("otherwise"), what);
                    return None;
                }
            },
        };
        Some(Operation::MapValues {
            path,
            values,
            loose,
            otherwise,
        })
    }

    pub(super) fn conversion(&mut self, item: &Item<'a>) -> Option<Conversion> {
        let ways = ["unit", "factor", "duration", "type", "negate"];
        let found: Vec<&str> = ways
            .into_iter()
            .filter(|way| item.map.contains_key(way))
            .collect();
        let [way] = found[..] else {
            let message = "`convert` takes one of `unit`, `factor`, `duration`, `type`, `negate`";
            let span = item.value.span;
            self.push(
                &INVALID_VALUE,
                span,
                &item.pointer,
                message.to_owned(),
                None,
            );
            return None;
        };
        let value = item.map.get(way)?;
        let pointer = item.pointer.join(way);
        Some(match way {
            "negate" => {
                if value.as_bool() != Some(true) {
                    self.wrong(value, &pointer, "must be true");
                    return None;
                }
                Conversion::Negate
            }
            "factor" => {
                let number = self.number(value, &pointer)?;
                let zero = number.decimal()? == Number::new("0")?.decimal()?;
                if zero {
                    self.wrong(
                        value,
                        &pointer,
                        "must not be 0, which would lose every value",
                    );
                    return None;
                }
                Conversion::Factor {
                    numerator: number,
                    denominator: Number::new("1")?,
                }
            }
            "unit" => {
                let from = self.unit(value, "from", &pointer)?;
                let to = self.unit(value, "to", &pointer)?;
                if !from.goes_with(to) {
                    let what = format!(
                        "turns {} into {}, which measure different things",
                        from.name, to.name
                    );
                    self.wrong(value, &pointer, &what);
                    return None;
                }
                Conversion::Unit { from, to }
            }
            "duration" => Conversion::Duration {
                from: self.form(value, "from", &pointer)?,
                to: self.form(value, "to", &pointer)?,
            },
            _ => {
                let to = self.word(value, &pointer, &SCALARS)?;
                let from = match item.map.get("from") {
                    Some(from) => Some(self.word(from, &item.pointer.join("from"), &SCALARS)?),
                    None => None,
                };
                let words = match (self.text(item, "true"), self.text(item, "false")) {
                    (Some(yes), Some(no)) => Some((yes, no)),
                    (None, None) => None,
                    _ => {
                        let what = "needs both words, `true: \"on\"` and `false: \"off\"`";
                        self.wrong(value, &pointer, what);
                        return None;
                    }
                };
                Conversion::Type { from, to, words }
            }
        })
    }

    fn side(&mut self, value: &'a Value, side: &str, pointer: &Pointer) -> Option<&'a Value> {
        let found = value.get(side).filter(|it| it.as_str().is_some());
        if found.is_none() {
            self.wrong(
                value,
                pointer,
                "must be a map such as `{ from: s, to: ms }`",
            );
        }
        found
    }

    fn unit(&mut self, value: &'a Value, side: &str, pointer: &Pointer) -> Option<Unit> {
        let name = self.side(value, side, pointer)?;
        let units: Vec<(&str, Unit)> = Unit::names()
            .filter_map(|name| Some((name, Unit::find(name)?)))
            .collect();
        self.word(name, &pointer.join(side), &units)
    }

    fn form(&mut self, value: &'a Value, side: &str, pointer: &Pointer) -> Option<Form> {
        let name = self.side(value, side, pointer)?;
        let times = Unit::names()
            .filter_map(Unit::find)
            .filter(|unit| unit.is_time());
        let mut forms: Vec<(&str, Form)> =
            times.map(|unit| (unit.name, Form::Number(unit))).collect();
        forms.extend([("text", Form::Text), ("iso", Form::Iso)]);
        self.word(name, &pointer.join(side), &forms)
    }

    pub(super) fn split(&mut self, item: &Item<'a>) -> Option<Operation> {
        let path = self.path(item, "split")?;
        let by = match (self.text(item, "by"), self.pattern(item, "pattern")) {
            (Some(by), None) if !by.is_empty() => Divide::By(by),
            (None, Some(pattern)) => Divide::Pattern(pattern),
            _ => {
                let message = "`split` takes `by`, a text, or `pattern`, with named groups";
                let span = item.value.span;
                self.push(
                    &INVALID_VALUE,
                    span,
                    &item.pointer,
                    message.to_owned(),
                    None,
                );
                return None;
            }
        };
        let groups: Vec<SmolStr> = match &by {
            Divide::Pattern(pattern) => pattern.capture_names().flatten().map(Into::into).collect(),
            Divide::By(_) => Vec::new(),
        };
        let pointer = item.pointer.join("into");
        let mut into: Option<Vec<(SmolStr, Path)>> = None;
        if let Some(value) = item.map.get("into") {
            let mut targets = Vec::new();
            if let Some(map) = value.as_object() {
                for (group, target) in map.iter() {
                    targets.push((group.clone(), self.path_of(target, &pointer)?));
                }
            } else {
                for target in self.paths(item, "into")? {
                    targets.push((target.name().cloned().unwrap_or_default(), target));
                }
            }
            for (_, target) in &targets {
                if !self.filled(target, &path, value, &pointer) {
                    return None;
                }
            }
            into = Some(targets);
        } else if matches!(by, Divide::Pattern(_)) {
            let beside = path.parent().unwrap_or_default();
            into = Some(
                groups
                    .iter()
                    .map(|name| (name.clone(), beside.join(name)))
                    .collect(),
            );
        }
        if let (Divide::Pattern(_), Some(targets)) = (&by, &into) {
            let missing = targets.iter().find(|(group, _)| !groups.contains(group));
            if let Some((group, _)) = missing {
                let message = format!("`pattern` has no group named `{group}`");
                let help = format!("write it like `(?<{group}>…)`");
                self.push(
                    &INVALID_VALUE,
                    item.value.span,
                    &item.pointer,
                    message,
                    Some(help),
                );
                return None;
            }
            if targets.is_empty() {
                let message = "`pattern` has no named group".to_owned();
                let help = "write one like `(?<host>.*)`".to_owned();
                self.push(
                    &INVALID_VALUE,
                    item.value.span,
                    &item.pointer,
                    message,
                    Some(help),
                );
                return None;
            }
        }
        let types = self.types(item, into.as_ref().map_or(1, Vec::len))?;
        Some(Operation::Split {
            path,
            division: Division {
                by,
                into,
                types,
                trim: self.truth(item, "trim"),
            },
        })
    }
}
