use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use minijinja::value::{Enumerator, Object};
use minijinja::{Error, ErrorKind, Value as Item};

use super::super::snapshot::lock;
use crate::document::{Kind, Number, Value};

/// What a template may ask for by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    /// `environment`, `provider` and `service`, where the target has one.
    pub(crate) names: BTreeMap<&'static str, Option<String>>,
    /// What the manifest holds under `vars`, with the environment's own laid over it.
    pub(crate) vars: Option<Value>,
    /// The environment variables that the manifest names, where they are set.
    pub(crate) env: BTreeMap<String, Option<String>>,
}

/// What a template looked at.
#[derive(Debug, Default)]
pub(super) struct Seen {
    variables: Mutex<BTreeMap<String, Option<String>>>,
    undeclared: Mutex<Option<String>>,
}

impl Variables {
    /// Gives the names that a template can start with.
    pub(super) fn all() -> [&'static str; 5] {
        ["environment", "provider", "service", "vars", "env"]
    }

    /// Writes everything down; two that are written alike are alike.
    pub(crate) fn key(&self) -> String {
        let vars = self.vars.as_ref().map(|vars| vars.to_json().to_string());
        format!("{:?} {vars:?} {:?}", self.names, self.env)
    }
}

impl Seen {
    pub(super) fn variables(&self) -> Vec<(String, Option<String>)> {
        let variables = lock(&self.variables);
        let pair = |(name, value): (&String, &Option<String>)| (name.clone(), value.clone());
        variables.iter().map(pair).collect()
    }

    /// Gives the environment variable that was asked for without being declared.
    pub(super) fn undeclared(&self) -> Option<String> {
        lock(&self.undeclared).clone()
    }

    fn note(&self, name: &str, value: impl FnOnce() -> Option<String>) {
        let mut variables = lock(&self.variables);
        if !variables.contains_key(name) {
            variables.insert(name.to_owned(), value());
        }
    }
}

/// Makes the scope that a template starts with, which takes note of what is looked at.
pub(super) fn scope(variables: &Variables, seen: &Arc<Seen>) -> Item {
    Item::from_object(Scope {
        names: variables.names.clone(),
        vars: variables.vars.as_ref().map(|vars| {
            let text = vars.to_json().to_string();
            (item(vars), text)
        }),
        env: Item::from_object(Env {
            values: variables.env.clone(),
            seen: Arc::clone(seen),
        }),
        seen: Arc::clone(seen),
    })
}

#[derive(Debug)]
struct Scope {
    names: BTreeMap<&'static str, Option<String>>,
    vars: Option<(Item, String)>,
    env: Item,
    seen: Arc<Seen>,
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Item) -> Option<Item> {
        match key.as_str()? {
            "env" => Some(self.env.clone()),
            "vars" => {
                let vars = self.vars.as_ref();
                self.seen
                    .note("vars", || vars.map(|(_, text)| text.clone()));
                vars.map(|(item, _)| item.clone())
            }
            name => {
                let value = self.names.get(name)?;
                self.seen.note(name, || value.clone());
                value.as_deref().map(Item::from)
            }
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

/// The environment variables: those that are not declared cannot be asked for.
#[derive(Debug)]
struct Env {
    values: BTreeMap<String, Option<String>>,
    seen: Arc<Seen>,
}

impl Object for Env {
    fn get_value(self: &Arc<Self>, key: &Item) -> Option<Item> {
        let name = key.as_str()?;
        let Some(value) = self.values.get(name) else {
            lock(&self.seen.undeclared).get_or_insert_with(|| name.to_owned());
            let message = format!("`env.{name}` is not declared");
            return Some(Item::from(Error::new(ErrorKind::UndefinedError, message)));
        };
        self.seen.note(&format!("env.{name}"), || value.clone());
        value.as_deref().map(Item::from)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

/// Makes a value of the manifest one of the engine's.
fn item(value: &Value) -> Item {
    match &value.kind {
        Kind::Null => Item::from(()),
        Kind::Bool(truth) => Item::from(*truth),
        Kind::Number(number) => item_of_number(number),
        Kind::String(text) => Item::from(text.as_str()),
        Kind::Array(items) => items.iter().map(item).collect(),
        Kind::Object(map) => {
            let pairs = map.iter();
            Item::from_pairs(pairs.map(|(key, value)| (key.as_str(), item(value))))
        }
    }
}

/// A number that the engine cannot hold as it is goes through as a text.
fn item_of_number(number: &Number) -> Item {
    let text = number.as_str();
    if let Ok(whole) = text.parse::<i64>() {
        return Item::from(whole);
    }
    let float = number.to_f64();
    match Number::new(&float.to_string()) {
        Some(same) if same == *number && !number.is_integer() => Item::from(float),
        _ => Item::from(text),
    }
}
