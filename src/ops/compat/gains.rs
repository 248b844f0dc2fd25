//! Types that are admitted from now on, and texts that YAML reads as another type.

use super::domain::{TYPE, VALUES, place, word};
use super::draft::{Draft, Outcome};
use super::flat::Flat;
use super::flatten::flatten;
use super::rules;
use super::types::Types;
use crate::document::is_string_everywhere;

/// Names the types that are admitted from now on.
pub(super) fn gains<'s>(old: &Flat<'s>, new: &Flat<'s>, gained: Types, out: &mut Outcome<'s>) {
    let (at_old, at_new) = (place(old, TYPE), place(new, TYPE));
    let mut rest = gained;
    let mut say = |rule, message: String| {
        out.say(Draft::new(rule, message).between(at_old.as_ref(), at_new.as_ref()));
    };
    if rest.has(Types::NULL) {
        rest = rest.minus(Types::NULL);
        say(&rules::NULL_ADDED, "{at} may be null too".to_owned());
    }
    if rest.has(Types::FRACTION) && old.types().has(Types::INTEGER) {
        rest = rest.minus(Types::FRACTION);
        say(
            &rules::INTEGER_TO_NUMBER,
            "{at} may be any number, not only a whole one".to_owned(),
        );
    }
    let scalars = Types::STRING.or(Types::NUMBER).or(Types::BOOLEAN);
    if rest.has(Types::ARRAY) && old.types().meets(scalars) {
        let item = flatten(&new.array.rest());
        if item.types().has(old.types().and(scalars)) && !item.is_anything() {
            rest = rest.minus(Types::ARRAY);
            say(
                &rules::SCALAR_TO_LIST_ACCEPTED,
                "{at} may be a list too".to_owned(),
            );
        }
    }
    if !rest.is_empty() {
        say(
            &rules::TYPE_ADDED,
            format!("{{at}} may be {} too", rest.words()),
        );
    }
}

/// Names what is read as another type where nobody quotes it.
pub(super) fn hazards<'s>(old: &Flat<'s>, new: &Flat<'s>, gained: Types, out: &mut Outcome<'s>) {
    let scalars = Types::NUMBER.or(Types::BOOLEAN);
    let before = old.types().whole();
    if before.has(Types::STRING) && !before.meets(scalars) && new.types().has(Types::STRING) {
        let example = match gained {
            gained if gained.meets(Types::NUMBER) => Some(("1.10", "the number 1.1")),
            gained if gained.meets(Types::BOOLEAN) => Some(("true", "a truth value")),
            _ => None,
        };
        if let Some((text, read)) = example.filter(|_| new.free.has(Types::STRING)) {
            let message = format!(
                "`{text}` without quotes is accepted at {{at}} now, and read as {read}, not as a text"
            );
            out.say(
                Draft::new(&rules::YAML_TYPE_HAZARD, message)
                    .between(place(old, TYPE).as_ref(), place(new, TYPE).as_ref())
                    .help("quote such texts, or take the text alone"),
            );
        }
    }
    let known = old.known();
    let fresh = new.listed.iter().find(|value| {
        let text = value.as_str();
        text.is_some_and(|text| !is_string_everywhere(text)) && !known.holds(value)
    });
    if let Some(value) = fresh.filter(|_| !old.free.has(Types::STRING)) {
        let message = format!(
            "the value {} of {{at}} is no text to every reader of YAML where it is not quoted",
            word(value)
        );
        out.say(
            Draft::new(&rules::YAML_TYPE_HAZARD, message)
                .between(place(old, VALUES).as_ref(), place(new, VALUES).as_ref())
                .help("choose another word, or take the other type too"),
        );
    }
}
