//! Values written another way: units, durations, types, the opposite.

use smol_str::SmolStr;

use super::quantity::{Exact, Unit, read_iso, read_text, scale, write_iso, write_text};
use super::step::Scalar;
use crate::document::{Kind, Number, Value};

/// What a value becomes.
#[derive(Clone, Debug)]
pub(super) enum Conversion {
    /// A number in another unit.
    Unit { from: Unit, to: Unit },
    /// A number times a fraction.
    Factor {
        numerator: Number,
        denominator: Number,
    },
    /// A duration in another form.
    Duration { from: Form, to: Form },
    /// Another type; `words` are the texts for true and false.
    Type {
        from: Option<Scalar>,
        to: Scalar,
        words: Option<(SmolStr, SmolStr)>,
    },
    /// `true` for `false`.
    Negate,
}

/// A form that a duration is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A number of units.
    Number(Unit),
    /// `1h30m`.
    Text,
    /// `PT1H30M`.
    Iso,
}

/// What came of a value: another, itself, or why not.
pub(super) type Converted = Result<Option<Kind>, String>;

impl Conversion {
    /// Converts a value; what has the new form already stays.
    pub(super) fn apply(&self, value: &Value) -> Converted {
        if value.is_null() {
            return Ok(None);
        }
        match self {
            Self::Unit { from, to } => {
                let number = number(value)?;
                let scaled = scale(number, *from, *to);
                scaled.map(|it| Some(Kind::Number(it))).ok_or_else(|| {
                    format!(
                        "{} in {} cannot be written exactly in {}",
                        number, from.name, to.name
                    )
                })
            }
            Self::Factor {
                numerator,
                denominator,
            } => {
                let number = number(value)?;
                let scaled = (|| {
                    let (top, bottom) = (Exact::of(numerator)?, Exact::of(denominator)?);
                    Exact::of(number)?.times(top, bottom)?.to_number()
                })();
                scaled
                    .map(|it| Some(Kind::Number(it)))
                    .ok_or_else(|| format!("the result for {number} cannot be written exactly"))
            }
            Self::Duration { from, to } => duration(value, *from, *to),
            Self::Type { from, to, words } => to_type(value, *from, *to, words.as_ref()),
            Self::Negate => match value.as_bool() {
                Some(truth) => Ok(Some(Kind::Bool(!truth))),
                None => Err(format!("is a {}, not true or false", value.type_name())),
            },
        }
    }

    /// Gives what undoes the conversion exactly, if anything does.
    pub(super) fn inverse(&self) -> Option<Self> {
        Some(match self {
            Self::Unit { from, to } => Self::Unit {
                from: *to,
                to: *from,
            },
            Self::Factor {
                numerator,
                denominator,
            } => Self::Factor {
                numerator: denominator.clone(),
                denominator: numerator.clone(),
            },
            Self::Duration {
                from: from @ Form::Number(_),
                to,
            } => Self::Duration {
                from: *to,
                to: *from,
            },
            Self::Duration { .. } => return None,
            Self::Negate => Self::Negate,
            Self::Type {
                from,
                to: Scalar::String,
                words,
            } => {
                let from = from.or(words.as_ref().map(|_| Scalar::Boolean))?;
                Self::Type {
                    from: Some(Scalar::String),
                    to: from,
                    words: words.clone(),
                }
            }
            Self::Type {
                from: Some(Scalar::String),
                to,
                words,
            } if words.is_some() || *to != Scalar::Boolean => Self::Type {
                from: Some(*to),
                to: Scalar::String,
                words: words.clone(),
            },
            Self::Type { .. } => return None,
        })
    }
}

fn number(value: &Value) -> Result<&Number, String> {
    let number = value.as_number();
    number.ok_or_else(|| format!("is a {}, not a number", value.type_name()))
}

fn duration(value: &Value, from: Form, to: Form) -> Converted {
    let read = |form: Form| match (form, &value.kind) {
        (Form::Number(unit), Kind::Number(number)) => {
            Exact::of(number)?.times(Exact::whole(unit.size), Exact::whole(1))
        }
        (Form::Text, Kind::String(text)) => read_text(text),
        (Form::Iso, Kind::String(text)) => read_iso(text),
        _ => None,
    };
    let Some(nanoseconds) = read(from) else {
        // What is written the new way already has nothing to gain.
        if !matches!((from, to), (Form::Number(_), Form::Number(_))) && read(to).is_some() {
            return Ok(None);
        }
        return Err(match (from, &value.kind) {
            (Form::Number(unit), _) => {
                format!("is a {}, not a number of {}", value.type_name(), unit.name)
            }
            (Form::Text, Kind::String(_)) => "is no duration such as `1h30m`".to_owned(),
            (Form::Iso, Kind::String(_)) => "is no duration such as `PT1H30M`".to_owned(),
            _ => format!("is a {}, not a text with a duration", value.type_name()),
        });
    };
    let written = match to {
        Form::Number(unit) => nanoseconds
            .times(Exact::whole(1), Exact::whole(unit.size))
            .and_then(Exact::to_number)
            .map(Kind::Number),
        Form::Text => write_text(nanoseconds).map(|text| Kind::String(text.into())),
        Form::Iso => write_iso(nanoseconds).map(|text| Kind::String(text.into())),
    };
    let written = written.ok_or_else(|| "cannot be written exactly in the new form".to_owned())?;
    Ok((written != value.kind).then_some(written))
}

fn to_type(
    value: &Value,
    from: Option<Scalar>,
    to: Scalar,
    words: Option<&(SmolStr, SmolStr)>,
) -> Converted {
    if to.is_type_of(&value.kind) {
        // 1.0 is an integer, and is written as one.
        if let (Scalar::Integer, Kind::Number(number)) = (to, &value.kind)
            && number.to_json_text().as_deref() != Some(number.as_str())
        {
            return Ok(integer(number).map(Kind::Number));
        }
        return Ok(None);
    }
    if let Some(from) = from
        && !from.is_type_of(&value.kind)
    {
        return Err(format!("is a {}, not a {}", value.type_name(), from.name()));
    }
    let no = || Err(format!("cannot be read as a {}", to.name()));
    match (&value.kind, to) {
        (Kind::Bool(truth), Scalar::String) => {
            let text = match (words, truth) {
                (Some((yes, _)), true) => yes.clone(),
                (Some((_, no)), false) => no.clone(),
                (None, true) => "true".into(),
                (None, false) => "false".into(),
            };
            Ok(Some(Kind::String(text)))
        }
        (Kind::Number(number), Scalar::String) => match number.to_json_text() {
            Some(_) => Ok(Some(Kind::String(number.as_str().into()))),
            None => no(),
        },
        (Kind::String(text), Scalar::Boolean) => match truth(text, words) {
            Some(truth) => Ok(Some(Kind::Bool(truth))),
            None => no(),
        },
        (Kind::Number(number), Scalar::Boolean) => match number.to_i64() {
            Some(1) => Ok(Some(Kind::Bool(true))),
            Some(0) => Ok(Some(Kind::Bool(false))),
            _ => no(),
        },
        (Kind::String(text), Scalar::Number | Scalar::Integer) => match piece(text, to) {
            Some(kind) => Ok(Some(kind)),
            None => no(),
        },
        (Kind::Number(number), Scalar::Integer) => match integer(number) {
            Some(number) => Ok(Some(Kind::Number(number))),
            None => no(),
        },
        _ => no(),
    }
}

fn integer(number: &Number) -> Option<Number> {
    if !number.is_integer() {
        return None;
    }
    Number::new(&number.decimal()?.to_string())
}

fn truth(text: &str, words: Option<&(SmolStr, SmolStr)>) -> Option<bool> {
    match words {
        Some((yes, _)) if text == yes => Some(true),
        Some((_, no)) if text == no => Some(false),
        Some(_) => None,
        None => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        },
    }
}

/// Reads a piece of a text as a type; only what is written back the same way.
pub(super) fn piece(text: &str, as_type: Scalar) -> Option<Kind> {
    match as_type {
        Scalar::String => Some(Kind::String(text.into())),
        Scalar::Boolean => match text {
            "true" => Some(Kind::Bool(true)),
            "false" => Some(Kind::Bool(false)),
            _ => None,
        },
        Scalar::Number | Scalar::Integer => {
            let number = Number::new(text)?;
            let plain = number.to_json_text().as_deref() == Some(text);
            let fits = as_type == Scalar::Number || number.is_integer();
            (plain && fits).then_some(Kind::Number(number))
        }
    }
}

impl Scalar {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::String => "text",
            Self::Number => "number",
            Self::Integer => "whole number",
        }
    }

    fn is_type_of(self, kind: &Kind) -> bool {
        match (self, kind) {
            (Self::Boolean, Kind::Bool(_))
            | (Self::String, Kind::String(_))
            | (Self::Number, Kind::Number(_)) => true,
            (Self::Integer, Kind::Number(number)) => number.is_integer(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::detached(Kind::String(text.into()))
    }

    fn plain(to: Scalar) -> Conversion {
        Conversion::Type {
            from: None,
            to,
            words: None,
        }
    }

    #[test]
    fn types_are_read_from_texts() {
        for yes in ["true", "Yes", "on", "1"] {
            let read = plain(Scalar::Boolean).apply(&text(yes));
            assert_eq!(read, Ok(Some(Kind::Bool(true))));
        }
        assert!(plain(Scalar::Boolean).apply(&text("perhaps")).is_err());
        assert!(plain(Scalar::Number).apply(&text("030")).is_err());
        assert!(plain(Scalar::Integer).apply(&text("1.5")).is_err());
        assert_eq!(plain(Scalar::String).apply(&text("x")), Ok(None));
        let number = Value::detached(Kind::Number(Number::new("1.0").unwrap()));
        assert_eq!(
            plain(Scalar::String).apply(&number),
            Ok(Some(Kind::String("1.0".into())))
        );
    }

    #[test]
    fn what_has_the_new_form_stays() {
        let conversion = Conversion::Duration {
            from: Form::Number(Unit::find("s").unwrap()),
            to: Form::Text,
        };
        let seconds = Value::detached(Kind::Number(Number::new("90").unwrap()));
        assert_eq!(
            conversion.apply(&seconds),
            Ok(Some(Kind::String("1m30s".into())))
        );
        assert_eq!(conversion.apply(&text("5s")), Ok(None));
        assert!(conversion.apply(&text("soon")).is_err());
    }
}
