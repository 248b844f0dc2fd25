use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::types::Types;
use crate::document::{Decimal, Kind, Map, Number, Value};

/// A value in its canonical form: equal values are equal here, however they were written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(SmolStr),
    List(Vec<Arc<Self>>),
    Map(BTreeMap<SmolStr, Arc<Self>>),
}

impl Json {
    /// Reads a value; `None` where it holds an infinity, or NaN, which no JSON document can.
    pub(super) fn of(value: &Value) -> Option<Self> {
        Some(match &value.kind {
            Kind::Null => Self::Null,
            Kind::Bool(value) => Self::Bool(*value),
            Kind::Number(number) => Self::Number(number.decimal()?),
            Kind::String(text) => Self::Text(text.as_str().into()),
            Kind::Array(items) => {
                let items = items.iter().map(|item| Self::of(item).map(Arc::new));
                Self::List(items.collect::<Option<_>>()?)
            }
            Kind::Object(map) => {
                let members = map
                    .iter()
                    .map(|(name, value)| Some((name.clone(), Arc::new(Self::of(value)?))));
                Self::Map(members.collect::<Option<_>>()?)
            }
        })
    }

    /// Gives the value as a document has it.
    pub(super) fn value(&self) -> Value {
        Value::detached(match self {
            Self::Null => Kind::Null,
            Self::Bool(value) => Kind::Bool(*value),
            Self::Number(decimal) => Kind::Number(Number::trusted(decimal.to_string())),
            Self::Text(text) => Kind::String(text.as_str().into()),
            Self::List(items) => Kind::Array(items.iter().map(|item| item.value()).collect()),
            Self::Map(members) => {
                let mut map = Map::new();
                for (name, value) in members {
                    map.set(name.clone(), value.value());
                }
                Kind::Object(map)
            }
        })
    }

    pub(super) fn types(&self) -> Types {
        match self {
            Self::Null => Types::NULL,
            Self::Bool(false) => Types::FALSE,
            Self::Bool(true) => Types::TRUE,
            Self::Number(decimal) if decimal.is_integer() => Types::INTEGER,
            Self::Number(_) => Types::FRACTION,
            Self::Text(_) => Types::STRING,
            Self::List(_) => Types::ARRAY,
            Self::Map(_) => Types::OBJECT,
        }
    }
}
