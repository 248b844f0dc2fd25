//! Bounds on the filters that make much of little: the engine counts steps, and one step may ask
//! for any amount of memory.

use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, Value, filters};

/// The largest number that a width, an indent or a count may be.
const WIDEST: i64 = 10_000;

/// Puts bounded filters in the place of the engine's own.
pub(super) fn bound(environment: &mut Environment<'_>) {
    for (name, filter) in [
        ("batch", Value::from_function(filters::batch)),
        ("format", Value::from_function(filters::format)),
        ("indent", Value::from_function(filters::indent)),
        ("slice", Value::from_function(filters::slice)),
        ("tojson", Value::from_function(filters::tojson)),
    ] {
        environment.add_filter(name, move |state: &mut State, args: Rest<Value>| {
            let texts = name == "format";
            if args.0.iter().skip(1).any(is_wide)
                || (texts && args.0.first().is_some_and(asks_wide))
            {
                let message = format!("`{name}` takes no number above {WIDEST}");
                return Err(Error::new(ErrorKind::InvalidOperation, message));
            }
            filter.call(state, &args.0)
        });
    }
}

/// Says whether a value is, or names, too large a number.
fn is_wide(value: &Value) -> bool {
    match value.kind() {
        ValueKind::Number => value.as_i64().is_none_or(|number| number > WIDEST),
        ValueKind::Map => value.try_iter().is_ok_and(|mut keys| {
            keys.any(|key| value.get_item(&key).is_ok_and(|it| is_wide(&it)))
        }),
        _ => false,
    }
}

/// Says whether a text of `format` asks for too wide a field: by five digits or more in a row.
fn asks_wide(text: &Value) -> bool {
    let text = text.as_str().unwrap_or_default();
    let runs = text.split(|letter: char| !letter.is_ascii_digit());
    runs.map(str::len).max().unwrap_or(0) > 4
}
