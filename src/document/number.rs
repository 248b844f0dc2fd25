use std::cmp::Ordering;
use std::fmt;

use smol_str::SmolStr;

/// A number exactly as it was written: `1.10` stays `1.10`, and integers of any size survive.
///
/// Two numbers are equal when they are the same number, whatever their spelling: `1`, `1.0` and
/// `10e-1` are one (as JSON Schema counts them). Infinities and NaN, which YAML can write, equal
/// themselves only.
#[derive(Clone)]
pub struct Number(SmolStr);

/// An exact decimal: `± 0.d₁d₂d₃… × 10^exponent`, in its one canonical form, so that equal
/// numbers have equal parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// Whether it is below zero.
    negative: bool,
    /// The digits without zeros at either end; empty for zero.
    digits: SmolStr,
    /// Ten to this power times `0.digits`; 0 for zero.
    exponent: i64,
}

impl Number {
    /// Takes a number as written in YAML 1.2's core schema, JSON or TOML (`0x1f`, `0o17`, `0b1`,
    /// `1_000`, `+1`, `.5`, `1e3`, `.inf`, `nan` …); `None` if the text is no number.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let number = Self(text.into());
        (number.special().is_some() || parse_decimal(text).is_some()).then_some(number)
    }

    /// Takes a number that a parser has checked already.
    #[must_use]
    pub(crate) fn trusted(text: impl Into<SmolStr>) -> Self {
        Self(text.into())
    }

    /// Gives the number as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the exact value; `None` for infinities and NaN.
    #[must_use]
    pub fn decimal(&self) -> Option<Decimal> {
        parse_decimal(&self.0)
    }

    /// Gives the nearest float.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        match (self.special(), self.decimal()) {
            (Some(special), _) => special,
            (None, Some(decimal)) => decimal.to_f64(),
            (None, None) => f64::NAN,
        }
    }

    /// Gives the value as a 64-bit integer, if it is one.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        if let Ok(plain) = self.0.parse() {
            return Some(plain);
        }
        self.decimal()?.to_integer_text()?.parse().ok()
    }

    /// Says whether the value is a whole number (`1.0` is).
    #[must_use]
    pub fn is_integer(&self) -> bool {
        self.decimal().is_some_and(|decimal| decimal.is_integer())
    }

    /// Writes the number as JSON can say it, keeping the spelling where JSON allows it; `None`
    /// for infinities and NaN.
    #[must_use]
    pub fn to_json_text(&self) -> Option<SmolStr> {
        let decimal = self.decimal()?;
        if is_json_number(&self.0) {
            return Some(self.0.clone());
        }
        Some(decimal.to_string().into())
    }

    fn special(&self) -> Option<f64> {
        let (sign, rest) = match self.0.as_bytes().first()? {
            b'-' => (-1.0, &self.0[1..]),
            b'+' => (1.0, &self.0[1..]),
            _ => (1.0, self.0.as_str()),
        };
        match rest {
            ".inf" | ".Inf" | ".INF" | "inf" => Some(sign * f64::INFINITY),
            ".nan" | ".NaN" | ".NAN" | "nan" => Some(f64::NAN),
            _ => None,
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        if self.0 == other.0 {
            return true;
        }
        // Most numbers are written in the one shortest way, and need no exact arithmetic.
        if is_shortest(&self.0) && is_shortest(&other.0) {
            return false;
        }
        match (self.decimal(), other.decimal()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.to_f64().total_cmp(&other.to_f64()).is_eq(),
            _ => false,
        }
    }
}

impl Eq for Number {}

/// Says whether a text is the one shortest way to write a number in decimal digits: `12`, `-0.5`;
/// so not `+1`, `01`, `1.0`, `-0` or `1e3`, whose numbers can be written otherwise.
fn is_shortest(text: &str) -> bool {
    let bytes = text.as_bytes();
    let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let digits = |bytes: &[u8]| {
        bytes
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let (whole, rest) = unsigned.split_at(digits(unsigned));
    match (whole, rest) {
        ([], _) | ([b'0', _, ..], _) => false,
        (_, []) => whole != b"0" || unsigned.len() == bytes.len(),
        (_, [b'.', fraction @ .., last]) => {
            digits(fraction) == fraction.len() && matches!(last, b'1'..=b'9')
        }
        _ => false,
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({})", self.0)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Exponents beyond this are no number anyone writes; they are clamped there.
const EXPONENT_LIMIT: i64 = 1_000_000_000;

fn parse_decimal(text: &str) -> Option<Decimal> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if let Some((radix, digits)) = radix_of(rest) {
        return Some(Decimal::canonical(
            negative,
            &radix_digits(digits, radix)?,
            0,
        ));
    }
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], parse_exponent(&rest[at + 1..])?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut digits = String::with_capacity(whole.len() + fraction.len());
    for part in [whole, fraction] {
        if part.starts_with('_') || part.ends_with('_') || part.contains("__") {
            return None;
        }
        for byte in part.bytes() {
            match byte {
                b'0'..=b'9' => digits.push(byte as char),
                b'_' => {}
                _ => return None,
            }
        }
    }
    let scale = fraction.bytes().filter(u8::is_ascii_digit).count();
    let scale = i64::try_from(scale).unwrap_or(EXPONENT_LIMIT);
    Some(Decimal::canonical(negative, &digits, exponent - scale))
}

fn parse_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
        return None;
    }
    let digits = digits.replace('_', "");
    let size = digits.parse::<i64>().unwrap_or(EXPONENT_LIMIT);
    let size = size.min(EXPONENT_LIMIT);
    Some(if negative { -size } else { size })
}

fn radix_of(text: &str) -> Option<(u32, &str)> {
    let digits = text.get(2..).filter(|digits| !digits.is_empty())?;
    match &text[..2] {
        "0x" => Some((16, digits)),
        "0o" => Some((8, digits)),
        "0b" => Some((2, digits)),
        _ => None,
    }
}

/// Rewrites digits of another base as decimal digits, by schoolbook multiplication in limbs of
/// nine digits.
fn radix_digits(digits: &str, radix: u32) -> Option<String> {
    const LIMB: u64 = 1_000_000_000;
    let mut limbs: Vec<u64> = vec![0];
    for c in digits.chars().filter(|&c| c != '_') {
        let mut carry = u64::from(c.to_digit(radix)?);
        for limb in &mut limbs {
            let product = *limb * u64::from(radix) + carry;
            *limb = product % LIMB;
            carry = product / LIMB;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let mut text = String::new();
    for limb in limbs.iter().rev() {
        text.push_str(&format!("{limb:09}"));
    }
    Some(text)
}

fn is_json_number(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent
            .is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

impl Decimal {
    fn canonical(negative: bool, digits: &str, scale: i64) -> Self {
        let trimmed = digits.trim_start_matches('0');
        let whole = i64::try_from(trimmed.len()).unwrap_or(EXPONENT_LIMIT);
        let kept = trimmed.trim_end_matches('0');
        if kept.is_empty() {
            return Self {
                negative: false,
                digits: SmolStr::default(),
                exponent: 0,
            };
        }
        Self {
            negative,
            digits: kept.into(),
            exponent: whole + scale,
        }
    }

    /// Says whether the value is a whole number.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        i64::try_from(self.digits.len()).is_ok_and(|len| len <= self.exponent.max(0))
    }

    /// Gives the nearest float.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        let text = format!("{sign}0.{}e{}", self.digits, self.exponent);
        text.parse().unwrap_or(0.0)
    }

    /// Writes a whole number without exponent; `None` where it is none, or has over 400 digits.
    fn to_integer_text(&self) -> Option<String> {
        if !self.is_integer() || self.exponent > 400 {
            return None;
        }
        let sign = if self.negative { "-" } else { "" };
        let zeros = usize::try_from(self.exponent).ok()? - self.digits.len();
        let digits = if self.digits.is_empty() {
            "0"
        } else {
            &self.digits
        };
        Some(format!("{sign}{digits}{}", "0".repeat(zeros)))
    }
}

impl fmt::Display for Decimal {
    /// Writes the value as a JSON number: plainly where that is short, else with an exponent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.to_integer_text() {
            return f.write_str(&text);
        }
        let sign = if self.negative { "-" } else { "" };
        let len = i64::try_from(self.digits.len()).unwrap_or(EXPONENT_LIMIT);
        if (-5..=0).contains(&self.exponent) {
            let zeros = usize::try_from(-self.exponent).unwrap_or_default();
            write!(f, "{sign}0.{}{}", "0".repeat(zeros), self.digits)
        } else if (1..len).contains(&self.exponent) {
            let point = usize::try_from(self.exponent).unwrap_or_default();
            write!(
                f,
                "{sign}{}.{}",
                &self.digits[..point],
                &self.digits[point..]
            )
        } else {
            let (first, rest) = self.digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            write!(f, "{sign}{first}{point}{rest}e{}", self.exponent - 1)
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |decimal: &Self| match (decimal.digits.is_empty(), decimal.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let size = || {
            self.exponent
                .cmp(&other.exponent)
                .then_with(|| self.digits.cmp(&other.digits))
        };
        match sign(self).cmp(&sign(other)) {
            Ordering::Equal if sign(self) < 0 => size().reverse(),
            Ordering::Equal if sign(self) > 0 => size(),
            order => order,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Number {
        Number::new(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    #[test]
    fn one_number_in_many_spellings() {
        for (a, b) in [
            ("1", "1.0"),
            ("1", "10e-1"),
            ("0", "-0.000"),
            ("0.10", "0.1e0"),
            ("+12", "12"),
            (".5", "0.5"),
            ("5.", "5"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("0b101", "5"),
            ("1_000", "1000"),
            (
                "0xffffffffffffffffffffffff",
                "79228162514264337593543950335",
            ),
            (".inf", "+.Inf"),
        ] {
            assert_eq!(number(a), number(b), "{a} {b}");
        }
        assert_ne!(
            number("18446744073709551616"),
            number("18446744073709551617")
        );
        assert_ne!(number(".inf"), number("1"));
        assert_ne!(number(".inf"), number("-.inf"));
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in [
            "", "-", ".", "e3", "1e", "0x", "0xg", "1__0", "_1", "1.2.3", "abc",
        ] {
            assert!(Number::new(text).is_none(), "{text}");
        }
    }

    #[test]
    fn writes_json_and_keeps_what_json_can_say() {
        for (text, json) in [
            ("1.10", "1.10"),
            ("+1", "1"),
            (".5", "0.5"),
            ("0x1f", "31"),
            ("007", "7"),
            ("-.25", "-0.25"),
            ("12.5", "12.5"),
            ("+1e500", "1e500"),
            ("+1.5e500", "1.5e500"),
            ("+2.5", "2.5"),
            ("+0.00001", "0.00001"),
            ("1e5", "1e5"),
        ] {
            assert_eq!(number(text).to_json_text().as_deref(), Some(json), "{text}");
        }
        assert_eq!(number(".nan").to_json_text(), None);
    }

    #[test]
    fn reads_machine_numbers() {
        assert_eq!(number("1e3").to_i64(), Some(1000));
        assert_eq!(number("1.5").to_i64(), None);
        assert_eq!(number("99999999999999999999").to_i64(), None);
        assert!(number("1.0").is_integer());
        assert!(!number(".inf").is_integer());
        assert_eq!(number("-.inf").to_f64(), f64::NEG_INFINITY);
        assert!(number(".nan").to_f64().is_nan());
        assert!((number("0.1").to_f64() - 0.1).abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn decimals_order_as_integers_do(a in any::<i64>(), b in any::<i64>()) {
            let decimal = |n: i64| number(&n.to_string()).decimal().unwrap();
            prop_assert_eq!(decimal(a).cmp(&decimal(b)), a.cmp(&b));
            prop_assert_eq!(decimal(a).to_string(), a.to_string());
        }

        #[test]
        fn spelling_does_not_matter(a in "-?(0|[0-9]{1,3})(\\.[0-9]{0,3})?(e-?[0-2])?", zeros in "0{0,2}") {
            let (this, value) = (number(&a), number(&a).decimal().unwrap());
            let (mantissa, exponent) = a.split_once('e').unwrap_or((&a, "0"));
            let dot = if mantissa.contains('.') { "" } else { "." };
            prop_assert_eq!(&this, &number(&format!("{mantissa}{dot}{zeros}e{exponent}")));
            prop_assert_eq!(&this, &number(&value.to_string()));
            for other in ["0", "-0", "1", "-1", "0.5", "-0.5", "10", "12", "1.5"] {
                let other = number(other);
                let same = other.decimal().unwrap() == value;
                prop_assert_eq!(this == other, same, "{} {}", this, other);
            }
        }

        #[test]
        fn floats_come_back(a in any::<f64>().prop_filter("finite", |a| a.is_finite())) {
            prop_assert_eq!(number(&format!("{a:e}")).to_f64().to_bits() << 1, a.to_bits() << 1);
        }
    }
}
