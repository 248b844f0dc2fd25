//! Reads what must hold for a step to be done.

use super::{Item, Reader};
use crate::document::Value;
use crate::ops::migration::condition::{Condition, TYPE_NAMES, Test};
use crate::text::Pointer;

/// The keys of a condition.
const KEYS: [&str; 12] = [
    "path",
    "equals",
    "not-equals",
    "in",
    "exists",
    "absent",
    "matches",
    "type",
    "all",
    "any",
    "not",
    "cel",
];

impl<'a> Reader<'a> {
    pub(super) fn condition(&mut self, value: &'a Value, pointer: &Pointer) -> Option<Condition> {
        let before = self.findings.len();
        let Some(map) = value.as_object() else {
            let what = "must be a condition, such as `{ path: db.kind, equals: mysql }`";
            self.wrong(value, pointer, what);
            return None;
        };
        let item = Item {
            map,
            pointer: pointer.clone(),
            value,
        };
        self.unknown(&item, &KEYS);
        let mut condition = Condition {
            path: self.path(&item, "path"),
            tests: Vec::new(),
        };
        for (key, value) in map.iter() {
            let at = pointer.join(key.clone());
            let test = match key.as_str() {
                "equals" => Some(Test::Equals(value.clone().detach())),
                "not-equals" => Some(Test::NotEquals(value.clone().detach())),
                "in" => match value.as_array() {
                    Some(items) => {
                        let items = items.iter().cloned().map(Value::detach);
                        Some(Test::In(items.collect()))
                    }
                    None => {
                        self.wrong(value, &at, "must be a list of values");
                        None
                    }
                },
                "exists" => Some(Test::Exists(self.truth(&item, "exists"))),
                "absent" => Some(Test::Exists(!self.truth(&item, "absent"))),
                "matches" => self.pattern_of(value, &at).map(Test::Matches),
                "type" => {
                    let names = value.as_array().unwrap_or(std::slice::from_ref(value));
                    let types = names.iter().map(|it| self.word(it, &at, &TYPE_NAMES));
                    types.collect::<Option<Vec<_>>>().map(Test::Type)
                }
                "all" => self.conditions(value, &at).map(Test::All),
                "any" => self.conditions(value, &at).map(Test::Any),
                "not" => self
                    .condition(value, &at)
                    .map(|inner| Test::Not(Box::new(inner))),
                "cel" => self.formula(value, &at).map(Test::Cel),
                _ => None,
            };
            condition.tests.extend(test);
        }
        if condition.tests.is_empty() && self.findings.len() == before {
            match condition.path {
                // A path by itself asks whether it is there.
                Some(_) => condition.tests.push(Test::Exists(true)),
                None => self.wrong(value, pointer, "says nothing that must hold"),
            }
        }
        (self.findings.len() == before).then_some(condition)
    }

    fn conditions(&mut self, value: &'a Value, pointer: &Pointer) -> Option<Vec<Condition>> {
        let Some(items) = value.as_array() else {
            self.wrong(value, pointer, "must be a list of conditions");
            return None;
        };
        let conditions = items.iter().map(|item| self.condition(item, pointer));
        conditions.collect()
    }
}
