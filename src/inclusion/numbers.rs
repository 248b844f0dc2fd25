//! Numbers between bounds, on and off the multiples of others, all exact.

use std::collections::BTreeSet;

use crate::document::{Decimal, Number};

/// How many numbers are looked at one by one.
const TRIES: i128 = 20_000;

/// What a number has to be.
#[derive(Default)]
pub(super) struct NumberShape {
    /// The bounds, and whether the bound itself is left out.
    pub(super) lower: Option<(Decimal, bool)>,
    pub(super) upper: Option<(Decimal, bool)>,
    pub(super) multiples: Vec<Decimal>,
    pub(super) not_multiples: Vec<Decimal>,
    /// Numbers that it may not be.
    pub(super) not: BTreeSet<Decimal>,
}

/// What looking for a number gave.
pub(super) enum Found {
    Number(Decimal),
    Nothing,
    /// The numbers are too large, or too many.
    TooMuch,
}

/// Gives a whole number and a power of ten whose product is the decimal.
fn parts(value: &Decimal) -> Option<(i128, i32)> {
    let text = value.to_string();
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let scale = i32::try_from(fraction.len()).ok()?;
    Some((digits.parse().ok()?, exponent.checked_sub(scale)?))
}

/// Gives a number as a whole number of a unit that is a power of ten.
fn scaled(value: &Decimal, scale: i32) -> Option<i128> {
    let (digits, exponent) = parts(value)?;
    let by = u32::try_from(exponent.checked_sub(scale)?).ok()?;
    digits.checked_mul(10_i128.checked_pow(by)?)
}

/// Gives a step as a whole number of units; `None` for zero, of which nothing is a multiple.
fn units(step: &Decimal, scale: i32) -> Option<i128> {
    scaled(step, scale)?
        .checked_abs()
        .filter(|units| *units != 0)
}

fn decimal(units: i128, scale: i32) -> Option<Decimal> {
    Number::new(&format!("{units}e{scale}"))?.decimal()
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}

fn lcm(a: i128, b: i128) -> Option<i128> {
    (a / gcd(a, b)).checked_mul(b).map(i128::abs)
}

/// Says whether a number is a multiple of another; `None` where they are too far apart to tell.
pub(super) fn is_multiple(value: &Decimal, step: &Decimal) -> Option<bool> {
    let scale = parts(value)?.1.min(parts(step)?.1);
    let rest = scaled(value, scale)?.checked_rem(scaled(step, scale)?)?;
    Some(rest == 0)
}

/// Looks for the simplest number of a shape.
pub(super) fn find(shape: &NumberShape) -> Found {
    simple(shape).unwrap_or(Found::TooMuch)
}

fn simple(shape: &NumberShape) -> Option<Found> {
    let all = (shape.multiples.iter())
        .chain(&shape.not_multiples)
        .chain(shape.lower.iter().map(|(bound, _)| bound))
        .chain(shape.upper.iter().map(|(bound, _)| bound))
        .chain(&shape.not);
    let mut scale = 0;
    for number in all {
        scale = scale.min(parts(number)?.1);
    }
    if shape.multiples.is_empty() {
        // Between any two numbers there is one with more digits, which is no multiple of any of
        // the others.
        for further in [0, 1, 2] {
            match on_grid(shape, scale.checked_sub(further)?, 1) {
                Some(Found::Nothing) => {}
                found => return found,
            }
        }
        return Some(Found::Nothing);
    }
    let mut step = 1;
    for (index, multiple) in shape.multiples.iter().enumerate() {
        let units = units(multiple, scale)?;
        step = if index == 0 { units } else { lcm(step, units)? };
    }
    on_grid(shape, scale, step)
}

/// Looks among the multiples of a step.
fn on_grid(shape: &NumberShape, scale: i32, step: i128) -> Option<Found> {
    let mut low = None;
    if let Some((bound, open)) = &shape.lower {
        let bound = scaled(bound, scale)?;
        let at = bound.div_euclid(step) + i128::from(bound.rem_euclid(step) != 0);
        low = Some(if *open && bound.rem_euclid(step) == 0 {
            at.checked_add(1)?
        } else {
            at
        });
    }
    let mut high = None;
    if let Some((bound, open)) = &shape.upper {
        let bound = scaled(bound, scale)?;
        let at = bound.div_euclid(step);
        high = Some(if *open && bound.rem_euclid(step) == 0 {
            at.checked_sub(1)?
        } else {
            at
        });
    }
    let mut avoid = Vec::new();
    let mut period: i128 = 1;
    for number in &shape.not_multiples {
        let every = lcm(units(number, scale)?, step)? / step;
        if every == 1 {
            return Some(Found::Nothing);
        }
        avoid.push(every);
        period = lcm(period, every)?;
    }
    let mut not = BTreeSet::new();
    for number in &shape.not {
        let units = scaled(number, scale)?;
        if units % step == 0 {
            not.insert(units / step);
        }
    }
    let fits = |at: i128| {
        low.is_none_or(|low| at >= low)
            && high.is_none_or(|high| at <= high)
            && !not.contains(&at)
            && avoid.iter().all(|every| at % every != 0)
    };
    // From the number nearest to zero outwards: a whole period past what is left out, there is
    // one if there is any.
    let start = match (low, high) {
        (Some(low), _) if low > 0 => low,
        (_, Some(high)) if high < 0 => high,
        _ => 0,
    };
    let wanted = period.checked_mul(not.len() as i128 + 1)?.checked_add(1)?;
    let reach = match (low, high) {
        (Some(low), Some(high)) if high < low => return Some(Found::Nothing),
        (Some(low), Some(high)) => (high.checked_sub(low)?).min(wanted),
        _ => wanted,
    };
    for away in 0..=reach.min(TRIES) {
        for at in [start.checked_add(away)?, start.checked_sub(away)?] {
            if fits(at) {
                return Some(Found::Number(decimal(at.checked_mul(step)?, scale)?));
            }
        }
    }
    (reach <= TRIES).then_some(Found::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Number::new(text).unwrap().decimal().unwrap()
    }

    fn look(
        lower: Option<(&str, bool)>,
        upper: Option<(&str, bool)>,
        multiples: &[&str],
        not_multiples: &[&str],
        not: &[&str],
    ) -> Option<String> {
        let bound = |bound: Option<(&str, bool)>| bound.map(|(text, open)| (number(text), open));
        let shape = NumberShape {
            lower: bound(lower),
            upper: bound(upper),
            multiples: multiples.iter().map(|text| number(text)).collect(),
            not_multiples: not_multiples.iter().map(|text| number(text)).collect(),
            not: not.iter().map(|text| number(text)).collect(),
        };
        match find(&shape) {
            Found::Number(found) => Some(found.to_string()),
            Found::Nothing => None,
            Found::TooMuch => Some("?".to_owned()),
        }
    }

    #[test]
    fn multiples_are_exact() {
        let multiple = |a, b| is_multiple(&number(a), &number(b));
        assert_eq!(multiple("0.3", "0.1"), Some(true));
        assert_eq!(multiple("1", "0.3"), Some(false));
        assert_eq!(multiple("10", "5"), Some(true));
        assert_eq!(multiple("1e300", "3"), None);
        assert_eq!(multiple("-4", "2"), Some(true));
    }

    #[test]
    fn numbers_between_bounds() {
        assert_eq!(look(None, None, &[], &[], &[]).as_deref(), Some("0"));
        assert_eq!(
            look(Some(("3", false)), None, &["1"], &[], &[]).as_deref(),
            Some("3")
        );
        assert_eq!(
            look(Some(("3", true)), Some(("4", true)), &["1"], &[], &[]),
            None
        );
        let between = look(Some(("3", true)), Some(("4", true)), &[], &[], &[]);
        assert!(between.unwrap().starts_with("3."));
        assert_eq!(
            look(Some(("3", true)), Some(("3", false)), &[], &[], &[]),
            None
        );
        assert_eq!(
            look(Some(("-5", false)), Some(("-5", false)), &[], &[], &[]).as_deref(),
            Some("-5")
        );
    }

    #[test]
    fn numbers_on_and_off_multiples() {
        assert_eq!(look(None, None, &["2"], &["2"], &[]), None);
        assert_eq!(look(None, None, &["2"], &["4"], &[]).as_deref(), Some("2"));
        assert_eq!(look(None, None, &["6"], &["3"], &[]), None);
        assert_eq!(
            look(None, None, &["0.1"], &["1"], &[]).as_deref(),
            Some("0.1")
        );
        assert_eq!(look(None, None, &[], &["1"], &[]).as_deref(), Some("0.1"));
        assert_eq!(
            look(
                Some(("0", false)),
                Some(("3", false)),
                &["1"],
                &[],
                &["0", "1", "2"]
            )
            .as_deref(),
            Some("3")
        );
        assert_eq!(
            look(
                Some(("0", false)),
                Some(("2", false)),
                &["1"],
                &[],
                &["0", "1", "2"]
            ),
            None
        );
        assert_eq!(
            look(
                Some(("1", false)),
                Some(("1.5", false)),
                &["1"],
                &[],
                &["1"]
            ),
            None
        );
    }
}
