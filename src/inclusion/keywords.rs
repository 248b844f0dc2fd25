//! Keywords that say one thing by themselves.

use smol_str::SmolStr;

use super::Node;
use super::formula::{Arena, Formula, Lit};
use super::json::Json;
use super::types::Types;
use crate::config::schema::Dialect;
use crate::document::{Map, Value};

/// Says something that is not modelled.
pub(super) fn opaque(arena: &mut Arena, types: Types, what: &str, value: &Value) -> Lit {
    let text = value.to_json().to_string();
    let what = match value.as_str() {
        Some(text) => format!("{what} `{text}`"),
        None => what.to_owned(),
    };
    arena.add(Formula::Opaque(types, what.into(), text.into()))
}

/// Says something that is not modelled, and that depends on more than what is written there: it
/// is the same as nothing else.
pub(super) fn opaque_here(arena: &mut Arena, types: Types, what: &str, node: &Node<'_>) -> Lit {
    let (file, value) = node.identity();
    let place = format!("{file} {value}");
    arena.add(Formula::Opaque(types, what.into(), place.into()))
}

/// Says that a value is an object that has a member.
pub(super) fn has_member(arena: &mut Arena, name: &str) -> Lit {
    let (object, required) = (arena.types(Types::OBJECT), Formula::Required(name.into()));
    let required = arena.add(required);
    arena.all([object, required])
}

pub(super) fn pattern(arena: &mut Arena, text: &str) -> Lit {
    if matches!(text, "" | "^" | "$" | ".*" | "^.*" | ".*$") {
        return Lit::TRUE;
    }
    arena.add(Formula::Pattern(text.into()))
}

/// Gives the names that `properties` and `patternProperties` beside a keyword speak of.
pub(super) fn declared_beside(arena: &mut Arena, holder: &Node<'_>) -> Lit {
    let under = |key| holder.get(key).map_or_else(Vec::new, |map| members(&map));
    let names = under("properties").into_iter();
    let names = arena.listed(names.map(|(name, _)| Json::Text(name)));
    let mut any = vec![names];
    for (text, _) in under("patternProperties") {
        any.push(pattern(arena, &text));
    }
    arena.any(any)
}

pub(super) fn types(arena: &mut Arena, value: &Value) -> Lit {
    let names = value.as_array().unwrap_or_default().iter();
    let names = names.chain(std::iter::once(value));
    let types = names.filter_map(|name| Types::named(name.as_str()?));
    let types = types.fold(Types::NONE, Types::or);
    if types.is_empty() {
        return opaque(arena, Types::ALL, "the type", value);
    }
    arena.types(types)
}

pub(super) fn listed(arena: &mut Arena, values: &[Value], whole: &Value) -> Lit {
    match values.iter().map(Json::of).collect::<Option<Vec<Json>>>() {
        Some(values) => arena.listed(values),
        None => opaque(arena, Types::ALL, "a value that is no JSON", whole),
    }
}

pub(super) fn numeric(arena: &mut Arena, key: &str, holder: &Node<'_>, value: &Value) -> Lit {
    let draft4 = holder.dialect() == Dialect::Draft4;
    let flag = |key: &str| {
        let flag = holder.get(key).filter(|_| draft4);
        flag.is_some_and(|flag| flag.value.as_bool() == Some(true))
    };
    if draft4 && value.as_bool().is_some() {
        return Lit::TRUE;
    }
    let Some(number) = value.as_number().and_then(|number| number.decimal()) else {
        return opaque(arena, Types::NUMBER, "a bound", value);
    };
    arena.add(match key {
        "minimum" => Formula::Lower(number, flag("exclusiveMinimum")),
        "maximum" => Formula::Upper(number, flag("exclusiveMaximum")),
        "exclusiveMinimum" => Formula::Lower(number, true),
        "exclusiveMaximum" => Formula::Upper(number, true),
        _ => Formula::Multiple(number),
    })
}

pub(super) fn counted(arena: &mut Arena, value: &Value, make: fn(u64) -> Formula) -> Lit {
    let Some(count) = count(value) else {
        let (_, types) = arena.masks_of(&make(0));
        return opaque(arena, types, "a count", value);
    };
    let formula = make(count);
    match formula {
        Formula::MinLength(0) | Formula::MinItems(0) | Formula::MinMembers(0) => Lit::TRUE,
        Formula::MaxLength(u64::MAX) | Formula::MaxItems(u64::MAX) => Lit::TRUE,
        Formula::MaxMembers(u64::MAX) => Lit::TRUE,
        _ => arena.add(formula),
    }
}

/// Reads how many there are to be. Nothing has as many as `u64` can count, so that more than
/// that is as good as that.
pub(super) fn count(value: &Value) -> Option<u64> {
    let count = value.as_number()?.decimal()?;
    if !count.is_integer() {
        return None;
    }
    let text = count.to_string();
    match text.starts_with('-') {
        true => None,
        false => Some(text.parse().unwrap_or(u64::MAX)),
    }
}

pub(super) fn children<'s>(list: &Node<'s>) -> Vec<Node<'s>> {
    let count = list.value.as_array().map_or(0, <[_]>::len);
    (0..count)
        .filter_map(|index| list.get(&index.to_string()))
        .collect()
}

pub(super) fn members<'s>(map: &Node<'s>) -> Vec<(SmolStr, Node<'s>)> {
    let names = map.value.as_object().into_iter().flat_map(Map::keys);
    names
        .filter_map(|name| Some((name.clone(), map.get(name)?)))
        .collect()
}
