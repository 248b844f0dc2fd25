//! Sets of JSON types, finer than JSON's own: `true` apart from `false`, whole numbers apart
//! from fractions, so that `integer` is a part of `number` and a boolean `enum` is a set of types.

use crate::document::{Kind, Value};

/// A set of JSON types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Types(u8);

impl Types {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const FALSE: Self = Self(2);
    pub(crate) const TRUE: Self = Self(4);
    pub(crate) const BOOLEAN: Self = Self(6);
    pub(crate) const INTEGER: Self = Self(8);
    pub(crate) const FRACTION: Self = Self(16);
    pub(crate) const NUMBER: Self = Self(24);
    pub(crate) const STRING: Self = Self(32);
    pub(crate) const ARRAY: Self = Self(64);
    pub(crate) const OBJECT: Self = Self(128);
    pub(crate) const ALL: Self = Self(255);

    /// The types that people speak of, each with its name.
    pub(crate) const GROUPS: [(Self, &'static str); 7] = [
        (Self::NULL, "null"),
        (Self::BOOLEAN, "boolean"),
        (Self::INTEGER, "integer"),
        (Self::FRACTION, "number"),
        (Self::STRING, "string"),
        (Self::ARRAY, "array"),
        (Self::OBJECT, "object"),
    ];

    /// Reads a name of `type`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => return None,
        })
    }

    /// Gives the type of a value.
    pub(crate) fn of(value: &Value) -> Self {
        match &value.kind {
            Kind::Null => Self::NULL,
            Kind::Bool(true) => Self::TRUE,
            Kind::Bool(false) => Self::FALSE,
            Kind::Number(number) if number.is_integer() => Self::INTEGER,
            Kind::Number(_) => Self::FRACTION,
            Kind::String(_) => Self::STRING,
            Kind::Array(_) => Self::ARRAY,
            Kind::Object(_) => Self::OBJECT,
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Widens every type that is there in part to the whole, as people speak of it: `true` to
    /// boolean.
    pub(crate) fn whole(self) -> Self {
        if self.meets(Self::BOOLEAN) {
            self.or(Self::BOOLEAN)
        } else {
            self
        }
    }

    /// Names the types, `number` covering `integer` where both are there.
    pub(crate) fn names(self) -> Vec<&'static str> {
        Self::GROUPS
            .iter()
            .filter(|(group, _)| self.meets(*group))
            .filter(|(group, _)| *group != Self::INTEGER || !self.meets(Self::FRACTION))
            .map(|(_, name)| *name)
            .collect()
    }

    /// Writes the names for a sentence.
    pub(crate) fn words(self) -> String {
        if self == Self::ALL {
            return "any type".to_owned();
        }
        self.names().join(" or ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_covers_integer() {
        let number = Types::named("number").unwrap();
        assert!(number.has(Types::INTEGER));
        assert_eq!(number.names(), ["number"]);
        assert_eq!(Types::INTEGER.or(Types::NULL).words(), "null or integer");
        assert_eq!(Types::TRUE.whole(), Types::BOOLEAN);
        assert_eq!(Types::named("text"), None);
        assert_eq!(Types::ALL.words(), "any type");
    }
}
