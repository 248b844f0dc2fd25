//! Values to and from JSON's data model.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{Entry, Kind, Map, Number, Value};
use crate::text::Span;

impl Value {
    /// Converts to JSON, exactly: numbers keep their digits, and their spelling where JSON
    /// allows it (`1.10` does, `0x1F` becomes `31`).
    ///
    /// Infinities and NaN, which JSON cannot say, become strings as written; tags are lost.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Null => serde_json::Value::Null,
            Kind::Bool(truth) => serde_json::Value::Bool(*truth),
            Kind::Number(number) => match json_number(number) {
                Some(number) => serde_json::Value::Number(number),
                None => serde_json::Value::String(number.to_string()),
            },
            Kind::String(text) => serde_json::Value::String(text.to_string()),
            Kind::Array(items) => items.iter().map(Self::to_json).collect(),
            Kind::Object(map) => map
                .iter()
                .map(|(key, value)| (key.to_string(), value.to_json()))
                .collect(),
        }
    }

    /// Converts from JSON, exactly; the value stands nowhere in a text.
    #[must_use]
    pub fn from_json(json: &serde_json::Value) -> Self {
        Self::detached(match json {
            serde_json::Value::Null => Kind::Null,
            serde_json::Value::Bool(truth) => Kind::Bool(*truth),
            serde_json::Value::Number(number) => Kind::Number(Number::trusted(number.as_str())),
            serde_json::Value::String(text) => Kind::String(text.into()),
            serde_json::Value::Array(items) => {
                Kind::Array(items.iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(map) => Kind::Object(
                map.iter()
                    .map(|(key, value)| {
                        let value = Self::from_json(value);
                        let key_span = Span::default();
                        (
                            key.into(),
                            Entry {
                                key: key_span,
                                value,
                            },
                        )
                    })
                    .collect::<Map>(),
            ),
        })
    }
}

fn json_number(number: &Number) -> Option<serde_json::Number> {
    let text = number.to_json_text()?;
    Some(serde_json::Number::from_string_unchecked(text.into()))
}

impl Serialize for Value {
    /// Writes what [`Value::to_json`] gives; numbers are exact in `serde_json`'s serializers.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            Kind::Null => serializer.serialize_unit(),
            Kind::Bool(truth) => serializer.serialize_bool(*truth),
            Kind::Number(number) => match json_number(number) {
                Some(number) => number.serialize(serializer),
                None => serializer.serialize_str(number.as_str()),
            },
            Kind::String(text) => serializer.serialize_str(text),
            Kind::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Kind::Object(map) => {
                let mut entries = serializer.serialize_map(Some(map.len()))?;
                for (key, value) in map.iter() {
                    entries.serialize_entry(key.as_str(), value)?;
                }
                entries.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::arbitrary;
    use super::*;

    fn number(text: &str) -> Value {
        Value::detached(Kind::Number(Number::new(text).unwrap()))
    }

    #[test]
    fn numbers_keep_their_digits() {
        for (text, json) in [
            ("1.10", "1.10"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
            ("0x1F", "31"),
            ("0.10000000000000000000001", "0.10000000000000000000001"),
            (".inf", "\".inf\""),
            ("nan", "\"nan\""),
        ] {
            assert_eq!(number(text).to_json().to_string(), json);
            assert_eq!(serde_json::to_string(&number(text)).unwrap(), json);
        }
    }

    proptest! {
        #[test]
        fn json_values_come_back(value in arbitrary::plain_value()) {
            prop_assert_eq!(&Value::from_json(&value.to_json()), &value);
            let serialized = serde_json::to_value(&value).unwrap();
            prop_assert_eq!(&Value::from_json(&serialized), &value);
        }
    }
}
