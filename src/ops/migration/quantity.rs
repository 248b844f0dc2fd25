//! Exact arithmetic on the numbers of a configuration: units of time and of size, durations as
//! texts. No floats: `0.1 s` are exactly `100 ms`.

use crate::document::Number;

/// An exact decimal: `mantissa × 10^exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exact {
    mantissa: i128,
    exponent: i32,
}

/// A unit: what it measures, and how many of the least ones it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub name: &'static str,
    measure: char,
    pub size: u64,
}

/// Every unit, the larger last.
const UNITS: &[Unit] = &[
    unit("ns", 't', 1),
    unit("us", 't', 1_000),
    unit("ms", 't', 1_000_000),
    unit("s", 't', 1_000_000_000),
    unit("min", 't', 60_000_000_000),
    unit("h", 't', 3_600_000_000_000),
    unit("d", 't', 86_400_000_000_000),
    unit("B", 's', 1),
    unit("kB", 's', 1_000),
    unit("MB", 's', 1_000_000),
    unit("GB", 's', 1_000_000_000),
    unit("KiB", 's', 1 << 10),
    unit("MiB", 's', 1 << 20),
    unit("GiB", 's', 1 << 30),
];

const fn unit(name: &'static str, measure: char, size: u64) -> Unit {
    Unit {
        name,
        measure,
        size,
    }
}

impl Unit {
    pub(super) fn find(name: &str) -> Option<Self> {
        UNITS.iter().find(|unit| unit.name == name).copied()
    }

    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        UNITS.iter().map(|unit| unit.name)
    }

    pub(super) fn is_time(self) -> bool {
        self.measure == 't'
    }

    pub(super) fn goes_with(self, other: Self) -> bool {
        self.measure == other.measure
    }
}

impl Exact {
    pub(super) fn of(number: &Number) -> Option<Self> {
        Self::parse(&number.decimal()?.to_string())
    }

    /// Reads digits with a point and an exponent.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let places = i32::try_from(fraction.len()).ok()?;
        let exact = Self {
            mantissa: format!("{whole}{fraction}").parse().ok()?,
            exponent: exponent.checked_sub(places)?,
        };
        Some(exact.trimmed())
    }

    /// Multiplies by a fraction; none where the result has no end, or too many digits.
    pub(super) fn times(self, numerator: Self, denominator: Self) -> Option<Self> {
        if denominator.mantissa == 0 {
            return None;
        }
        let mut top = self.mantissa;
        let mut bottom = denominator.mantissa;
        let common = gcd(top, bottom)?;
        (top, bottom) = (top / common, bottom / common);
        let mut factor = numerator.mantissa;
        let common = gcd(factor, bottom)?;
        (factor, bottom) = (factor / common, bottom / common);
        top = top.checked_mul(factor)?;
        let mut exponent = self
            .exponent
            .checked_add(numerator.exponent)?
            .checked_sub(denominator.exponent)?;
        // Only twos and fives end: one of each is a ten.
        for (prime, other) in [(10, 1), (2, 5), (5, 2)] {
            while bottom % prime == 0 {
                bottom /= prime;
                top = top.checked_mul(other)?;
                exponent = exponent.checked_sub(1)?;
            }
        }
        let mantissa = match bottom {
            1 => top,
            -1 => top.checked_neg()?,
            _ => return None,
        };
        Some(Self { mantissa, exponent }.trimmed())
    }

    pub(super) fn whole(number: u64) -> Self {
        Self {
            mantissa: i128::from(number),
            exponent: 0,
        }
    }

    fn plus(self, other: Self) -> Option<Self> {
        let exponent = self.exponent.min(other.exponent);
        let scaled = |it: Self| {
            let power = 10_i128.checked_pow(u32::try_from(it.exponent - exponent).ok()?)?;
            it.mantissa.checked_mul(power)
        };
        Some(Self {
            mantissa: scaled(self)?.checked_add(scaled(other)?)?,
            exponent,
        })
    }

    fn trimmed(mut self) -> Self {
        if self.mantissa == 0 {
            return Self::whole(0);
        }
        while self.mantissa % 10 == 0 && self.exponent < i32::MAX {
            self.mantissa /= 10;
            self.exponent += 1;
        }
        self
    }

    /// Gives the number as one writes it.
    pub(super) fn to_number(self) -> Option<Number> {
        let number = Number::new(&format!("{}e{}", self.mantissa, self.exponent))?;
        Number::new(&number.decimal()?.to_string())
    }

    fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    fn negated(self) -> Option<Self> {
        Some(Self {
            mantissa: self.mantissa.checked_neg()?,
            exponent: self.exponent,
        })
    }
}

fn gcd(a: i128, b: i128) -> Option<i128> {
    let (mut a, mut b) = (a.checked_abs()?, b.checked_abs()?);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    Some(a.max(1))
}

/// Takes a number from one unit to another.
pub(super) fn scale(number: &Number, from: Unit, to: Unit) -> Option<Number> {
    let exact = Exact::of(number)?;
    let scaled = exact.times(Exact::whole(from.size), Exact::whole(to.size))?;
    scaled.to_number()
}

/// Reads a duration in nanoseconds: `1h30m`, `1.5s`, `250ms`, `2d`.
pub(super) fn read_text(text: &str) -> Option<Exact> {
    let (negative, mut rest) = match text.trim().strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.trim()),
    };
    if rest.is_empty() {
        return None;
    }
    let mut sum = Exact::whole(0);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (digits, after) = rest.split_at(end);
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_alphabetic());
        let (name, after) = after.split_at(end.unwrap_or(after.len()));
        let name = match name {
            "m" => "min",
            "µs" | "μs" => "us",
            name => name,
        };
        let unit = Unit::find(name).filter(|unit| unit.is_time())?;
        if !digits.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let part = Exact::parse(digits)?;
        sum = sum.plus(part.times(Exact::whole(unit.size), Exact::whole(1))?)?;
        rest = after.trim_start();
    }
    if negative { sum.negated() } else { Some(sum) }
}

/// Reads a duration of ISO 8601 in nanoseconds: `PT1H30M`, `P1DT0.5S`. Years and months have no
/// fixed length and are none.
pub(super) fn read_iso(text: &str) -> Option<Exact> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let rest = rest.strip_prefix('P')?;
    let (days, time) = match rest.split_once('T') {
        Some((days, time)) if !time.is_empty() => (days, time),
        Some(_) => return None,
        None if rest.is_empty() => return None,
        None => (rest, ""),
    };
    let mut sum = Exact::whole(0);
    for (mut part, letters) in [(days, "WD"), (time, "HMS")] {
        let mut letters = letters.chars();
        while !part.is_empty() {
            let end = part.find(|c: char| c.is_ascii_uppercase())?;
            let letter = part[end..].chars().next()?;
            letters.by_ref().find(|known| *known == letter)?;
            let size = match letter {
                'W' => 604_800,
                'D' => 86_400,
                'H' => 3_600,
                'M' => 60,
                _ => 1,
            };
            let digits = part[..end].replace(',', ".");
            if !digits.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            let number = Exact::parse(&digits)?;
            sum = sum.plus(number.times(Exact::whole(size * 1_000_000_000), Exact::whole(1))?)?;
            part = &part[end + 1..];
        }
    }
    if negative { sum.negated() } else { Some(sum) }
}

/// The parts of a duration: its sign, whole hours, whole minutes, and the rest in nanoseconds.
fn parts(nanoseconds: Exact) -> Option<(bool, i128, i128, Exact)> {
    const HOUR: i128 = 3_600_000_000_000;
    const MINUTE: i128 = 60_000_000_000;
    let power = |by: u32| 10_i128.checked_pow(by);
    let mut rest = nanoseconds.mantissa.checked_abs()?;
    let mut exponent = nanoseconds.exponent;
    if let Ok(up @ 1..) = u32::try_from(exponent) {
        rest = rest.checked_mul(power(up)?)?;
        exponent = 0;
    }
    let scale = power(exponent.unsigned_abs())?;
    let (hour, minute) = (HOUR.checked_mul(scale)?, MINUTE.checked_mul(scale)?);
    let (hours, minutes) = (rest / hour, rest % hour / minute);
    let rest = Exact {
        mantissa: rest % minute,
        exponent,
    };
    Some((nanoseconds.is_negative(), hours, minutes, rest))
}

/// Writes a duration as a text: `1h30m`, `1.5s`, `250ms`.
pub(super) fn write_text(nanoseconds: Exact) -> Option<String> {
    let (negative, hours, minutes, rest) = parts(nanoseconds)?;
    let mut out = String::new();
    if hours > 0 {
        out.push_str(&format!("{hours}h"));
    }
    if minutes > 0 {
        out.push_str(&format!("{minutes}m"));
    }
    if rest.mantissa != 0 || out.is_empty() {
        let number = |size: u64| rest.times(Exact::whole(1), Exact::whole(size))?.to_number();
        let below = |size: u64| number(size).is_some_and(|it| it.to_f64() < 1.0);
        let units = [
            ("s", 1_000_000_000),
            ("ms", 1_000_000),
            ("us", 1_000),
            ("ns", 1),
        ];
        let fits = units.iter().find(|(_, size)| !below(*size));
        let (name, size) = match (rest.mantissa, out.is_empty(), fits) {
            (0, ..) | (_, false, _) => ("s", 1_000_000_000),
            (_, _, fits) => *fits.unwrap_or(&("ns", 1)),
        };
        out.push_str(&format!("{}{name}", number(size)?));
    }
    if negative {
        out.insert(0, '-');
    }
    Some(out)
}

/// Writes a duration as ISO 8601 has it: `PT1H30M`.
pub(super) fn write_iso(nanoseconds: Exact) -> Option<String> {
    let (negative, hours, minutes, rest) = parts(nanoseconds)?;
    let mut out = String::from(if negative { "-PT" } else { "PT" });
    let empty = out.len();
    if hours > 0 {
        out.push_str(&format!("{hours}H"));
    }
    if minutes > 0 {
        out.push_str(&format!("{minutes}M"));
    }
    if rest.mantissa != 0 || out.len() == empty {
        let seconds = rest.times(Exact::whole(1), Exact::whole(1_000_000_000))?;
        out.push_str(&format!("{}S", seconds.to_number()?));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(number: &str, from: &str, to: &str) -> Option<String> {
        let (from, to) = (Unit::find(from)?, Unit::find(to)?);
        Some(scale(&Number::new(number)?, from, to)?.to_string())
    }

    #[test]
    fn units_are_exact() {
        for (number, from, to, wanted) in [
            ("30", "s", "ms", Some("30000")),
            ("0.1", "s", "ms", Some("100")),
            ("45", "s", "min", Some("0.75")),
            ("10", "s", "min", None),
            ("1", "GiB", "MiB", Some("1024")),
            ("1", "B", "GiB", Some("0.000000000931322574615478515625")),
            ("1e30", "d", "ns", Some("864e41")),
            (".inf", "s", "ms", None),
            ("-1.50", "h", "min", Some("-90")),
        ] {
            let got = scaled(number, from, to);
            let same = match (&got, wanted) {
                (Some(got), Some(wanted)) => Number::new(got) == Number::new(wanted),
                (got, wanted) => got.is_none() && wanted.is_none(),
            };
            assert!(same, "{number} {from} → {to}: {got:?}");
        }
        assert!(
            !Unit::find("s")
                .unwrap()
                .goes_with(Unit::find("kB").unwrap())
        );
    }

    #[test]
    fn durations_are_read_and_written() {
        for (text, short, iso) in [
            ("90m", "1h30m", "PT1H30M"),
            ("1h30m", "1h30m", "PT1H30M"),
            ("0.5s", "500ms", "PT0.5S"),
            ("61.5s", "1m1.5s", "PT1M1.5S"),
            ("0s", "0s", "PT0S"),
            ("-2d", "-48h", "-PT48H"),
            ("1500us", "1.5ms", "PT0.0015S"),
        ] {
            let exact = read_text(text).unwrap();
            assert_eq!(write_text(exact).as_deref(), Some(short), "{text}");
            assert_eq!(write_iso(exact).as_deref(), Some(iso), "{text}");
            let again = read_iso(iso).unwrap();
            assert_eq!(write_text(again).as_deref(), Some(short), "{iso}");
        }
        for wrong in ["", "-", "5", "h", "1x", "1kB", ".5s", "1..5s"] {
            assert_eq!(read_text(wrong), None, "{wrong}");
        }
        for wrong in ["", "P", "PT", "P1Y", "PT1M1H", "PTS", "5S"] {
            assert_eq!(read_iso(wrong), None, "{wrong}");
        }
        assert_eq!(read_iso("P1W"), read_text("7d"));
    }
}
