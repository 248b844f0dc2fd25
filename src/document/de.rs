//! Values into the types of a program, through serde.

use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use smol_str::SmolStr;

use super::{Kind, Map, Number, Value};
use crate::text::Pointer;

/// Says why a value is not what a program's type asks for, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", at(pointer))]
pub struct DecodeError {
    /// The place in the value.
    pub pointer: Pointer,
    /// What is wrong, as a phrase.
    pub message: String,
}

fn at(pointer: &Pointer) -> String {
    if pointer.is_root() {
        String::new()
    } else {
        format!(" at {pointer}")
    }
}

/// Reads a value into a type of the program.
///
/// Numbers are whole if their value is (`1.0` fits an integer), keys are text unless the type
/// asks for a number or a boolean, and tags are passed over.
///
/// # Errors
///
/// The first place whose value does not fit, and why.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, DecodeError> {
    T::deserialize(Node(value)).map_err(|fault| DecodeError {
        pointer: Pointer::from_tokens(fault.path.into_iter().rev()),
        message: fault.message,
    })
}

/// An error on its way up; it gathers the place from the innermost part outwards.
#[derive(Debug)]
struct Fault {
    path: Vec<SmolStr>,
    message: String,
}

impl Fault {
    fn below(mut self, token: impl Into<SmolStr>) -> Self {
        self.path.push(token.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            path: Vec::new(),
            message: message.to_string(),
        }
    }
}

#[derive(Clone, Copy)]
struct Node<'de>(&'de Value);

impl<'de> Node<'de> {
    fn number<V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Fault> {
        if let Some(whole) = number.to_i64() {
            return visitor.visit_i64(whole);
        }
        let integer = number.decimal().filter(|decimal| decimal.is_integer());
        if let Some(integer) = integer {
            let text = integer.to_string();
            if let Ok(whole) = text.parse::<u64>() {
                return visitor.visit_u64(whole);
            }
            if let Ok(whole) = text.parse::<i128>() {
                return visitor.visit_i128(whole);
            }
            if let Ok(whole) = text.parse::<u128>() {
                return visitor.visit_u128(whole);
            }
        }
        visitor.visit_f64(number.to_f64())
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(truth) => visitor.visit_bool(*truth),
            Kind::Number(number) => Self::number(number, visitor),
            Kind::String(text) => visitor.visit_borrowed_str(text),
            Kind::Array(items) => visitor.visit_seq(Items { items, next: 0 }),
            Kind::Object(map) => visitor.visit_map(Entries { map, next: 0 }),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.kind {
            Kind::Number(number) => visitor.visit_f64(number.to_f64()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.0.kind {
            Kind::String(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            Kind::Object(map) if map.len() == 1 => match map.at_index(0) {
                Some((name, value)) => visitor.visit_enum(Variant { name, value }),
                None => Err(Fault::custom("the map is empty")),
            },
            Kind::Object(_) => Err(Fault::invalid_value(
                Unexpected::Map,
                &"a map with a single key",
            )),
            _ => Err(Fault::invalid_type(
                Unexpected::Other(self.0.type_name()),
                &"a string, or a map with a single key",
            )),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier
    }
}

struct Items<'de> {
    items: &'de [Value],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(item) = self.items.get(self.next) else {
            return Ok(None);
        };
        let index = self.next;
        self.next += 1;
        seed.deserialize(Node(item))
            .map(Some)
            .map_err(|fault| fault.below(index.to_string()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

struct Entries<'de> {
    map: &'de Map,
    next: usize,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((key, _)) = self.map.at_index(self.next) else {
            return Ok(None);
        };
        self.next += 1;
        seed.deserialize(Key(key))
            .map(Some)
            .map_err(|fault| fault.below(key.clone()))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let entry = self
            .next
            .checked_sub(1)
            .and_then(|at| self.map.at_index(at));
        let (key, value) =
            entry.ok_or_else(|| Fault::custom("a value is asked for before its key"))?;
        seed.deserialize(Node(value))
            .map_err(|fault| fault.below(key.clone()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.map.len() - self.next)
    }
}

/// A key: text, or what its text says where a number or a boolean is asked for.
struct Key<'de>(&'de str);

macro_rules! keys_that_are_parsed {
    ($($method:ident $visit:ident $type:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.0.parse::<$type>() {
                Ok(parsed) => visitor.$visit(parsed),
                Err(_) => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(self.0)
    }

    keys_that_are_parsed! {
        deserialize_bool visit_bool bool,
        deserialize_i8 visit_i64 i64,
        deserialize_i16 visit_i64 i64,
        deserialize_i32 visit_i64 i64,
        deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u64 u64,
        deserialize_u16 visit_u64 u64,
        deserialize_u32 visit_u64 u64,
        deserialize_u64 visit_u64 u64,
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        BorrowedStrDeserializer::<Fault>::new(self.0).deserialize_enum(name, variants, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// An enum's variant, written as a map with one key.
struct Variant<'de> {
    name: &'de SmolStr,
    value: &'de Value,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let name: StrDeserializer<'_, Fault> = self.name.as_str().into_deserializer();
        let variant = seed.deserialize(name);
        Ok((
            variant.map_err(|fault| fault.below(self.name.clone()))?,
            self,
        ))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        if self.value.is_null() {
            return Ok(());
        }
        let unexpected = Unexpected::Other(self.value.type_name());
        Err(Fault::invalid_type(unexpected, &"nothing").below(self.name.clone()))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(Node(self.value))
            .map_err(|fault| fault.below(self.name.clone()))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        Node(self.value)
            .deserialize_tuple(len, visitor)
            .map_err(|fault| fault.below(self.name.clone()))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        Node(self.value)
            .deserialize_struct("", fields, visitor)
            .map_err(|fault| fault.below(self.name.clone()))
    }
}

#[cfg(test)]
mod tests;
