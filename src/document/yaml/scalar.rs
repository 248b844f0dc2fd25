//! What a plain scalar is under the core schema (YAML 1.2.2, section 10.3.2).

use super::super::{Kind, Number};

/// Tells what a plain scalar is; what is nothing else is a string.
pub(in crate::document) fn plain(text: &str) -> Kind {
    let Some(&first) = text.as_bytes().first() else {
        return Kind::Null;
    };
    match first {
        b'~' if text.len() == 1 => Kind::Null,
        b'n' | b'N' if matches!(text, "null" | "Null" | "NULL") => Kind::Null,
        b't' | b'T' if matches!(text, "true" | "True" | "TRUE") => Kind::Bool(true),
        b'f' | b'F' if matches!(text, "false" | "False" | "FALSE") => Kind::Bool(false),
        b'0'..=b'9' | b'+' | b'-' | b'.' if is_number(text.as_bytes()) => {
            Kind::Number(Number::trusted(text))
        }
        _ => Kind::String(text.into()),
    }
}

/// Says whether a scalar is written as an integer: decimal, `0o17` or `0x1F`.
pub(super) fn is_integer(text: &[u8]) -> bool {
    let digits =
        |text: &[u8], admitted: fn(&u8) -> bool| !text.is_empty() && text.iter().all(admitted);
    match text {
        [b'0', b'o', rest @ ..] => digits(rest, |byte| matches!(byte, b'0'..=b'7')),
        [b'0', b'x', rest @ ..] => digits(rest, u8::is_ascii_hexdigit),
        [b'+' | b'-', rest @ ..] | rest => digits(rest, u8::is_ascii_digit),
    }
}

/// Says whether a scalar is written as an integer or a float.
pub(in crate::document) fn is_number(text: &[u8]) -> bool {
    is_integer(text) || is_float(text)
}

fn is_float(text: &[u8]) -> bool {
    if matches!(text, b".nan" | b".NaN" | b".NAN") {
        return true;
    }
    let text = match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    };
    if matches!(text, b".inf" | b".Inf" | b".INF") {
        return true;
    }
    let whole = count_digits(text);
    let mut rest = &text[whole..];
    let mut fraction = 0;
    if let [b'.', behind @ ..] = rest {
        fraction = count_digits(behind);
        rest = &behind[fraction..];
    }
    if whole + fraction == 0 {
        return false;
    }
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', power @ ..] | [b'e' | b'E', power @ ..] => {
            !power.is_empty() && count_digits(power) == power.len()
        }
        _ => false,
    }
}

fn count_digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_schema_tells_the_types() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text), Kind::Null, "{text}");
        }
        for text in ["true", "True", "TRUE"] {
            assert_eq!(plain(text), Kind::Bool(true), "{text}");
        }
        for text in ["false", "False", "FALSE"] {
            assert_eq!(plain(text), Kind::Bool(false), "{text}");
        }
        for text in [
            "0",
            "-19",
            "+12",
            "0o7",
            "0x3A",
            "0.",
            "-0.0",
            ".5",
            "+12e03",
            "-2E+05",
            "1.10",
            "007",
            ".inf",
            "-.Inf",
            "+.INF",
            ".NAN",
            "99999999999999999999999",
        ] {
            assert!(
                matches!(plain(text), Kind::Number(number) if number.as_str() == text),
                "{text}"
            );
            assert!(Number::new(text).is_some(), "{text}");
        }
        for text in [
            "on",
            "no",
            "yes",
            "y",
            "nULL",
            "tRue",
            "1_000",
            "0b1",
            "-0x1",
            "0o8",
            "0x",
            "1e",
            "e1",
            ".",
            "+",
            "-",
            "+.nan",
            "1.2.3",
            "1:30",
            "2001-01-01",
            "inf",
            "0X1F",
            "1e+",
            "..5",
        ] {
            assert_eq!(plain(text), Kind::String(text.into()), "{text}");
        }
    }
}
