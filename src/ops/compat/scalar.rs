//! Bounds of numbers and strings.

use super::draft::{Claim, Draft, Outcome};
use super::flat::{Bound, Count, Flat, Node};
use super::judge::Judge;
use super::rules::{self, CompatRule};
use super::types::Types;
use super::verdict::Verdict;
use crate::config::schema::Dialect;
use crate::document::{Decimal, Number};

/// The rules for a bound: what narrows when it is added or moved, what widens.
pub(super) struct Moves {
    pub(super) added: &'static CompatRule,
    pub(super) tightened: &'static CompatRule,
    pub(super) loosened: &'static CompatRule,
    pub(super) removed: &'static CompatRule,
}

const MINIMUM: Moves = Moves {
    added: &rules::MINIMUM_ADDED,
    tightened: &rules::MINIMUM_RAISED,
    loosened: &rules::MINIMUM_LOWERED,
    removed: &rules::MINIMUM_REMOVED,
};
const MAXIMUM: Moves = Moves {
    added: &rules::MAXIMUM_ADDED,
    tightened: &rules::MAXIMUM_LOWERED,
    loosened: &rules::MAXIMUM_RAISED,
    removed: &rules::MAXIMUM_REMOVED,
};
pub(super) const MIN_LENGTH: Moves = Moves {
    added: &rules::MIN_LENGTH_RAISED,
    tightened: &rules::MIN_LENGTH_RAISED,
    loosened: &rules::MIN_LENGTH_LOWERED,
    removed: &rules::MIN_LENGTH_LOWERED,
};
pub(super) const MAX_LENGTH: Moves = Moves {
    added: &rules::MAX_LENGTH_LOWERED,
    tightened: &rules::MAX_LENGTH_LOWERED,
    loosened: &rules::MAX_LENGTH_RAISED,
    removed: &rules::MAX_LENGTH_RAISED,
};

/// Says whether a number is a multiple of another; `None` where they are too far apart to tell.
pub(super) fn is_multiple(value: &Decimal, step: &Decimal) -> Option<bool> {
    let (a, a_scale) = parts(value)?;
    let (b, b_scale) = parts(step)?;
    if b == 0 {
        return None;
    }
    let scale = a_scale.min(b_scale);
    let lift = |n: i128, from: i32| -> Option<i128> {
        let by = 10_i128.checked_pow(u32::try_from(from - scale).ok()?)?;
        n.checked_mul(by)
    };
    Some(lift(a, a_scale)? % lift(b, b_scale)? == 0)
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
    Some((digits.parse().ok()?, exponent - scale))
}

/// Gives a decimal from a whole number.
pub(super) fn decimal(value: i64) -> Option<Decimal> {
    Number::new(&value.to_string())?.decimal()
}

/// Gives the whole number at a bound of whole numbers, moved inwards where the bound itself is
/// not admitted.
#[allow(clippy::cast_possible_truncation)]
fn inwards(bound: &Bound<'_>, up: bool) -> Option<Decimal> {
    let step = if up { 1 } else { -1 };
    if bound.value.is_integer() {
        let whole: i64 = bound.value.to_string().parse().ok()?;
        return decimal(if bound.exclusive {
            whole.checked_add(step)?
        } else {
            whole
        });
    }
    let float = bound.value.to_f64();
    let float = if up { float.ceil() } else { float.floor() };
    (float.abs() < 9e15)
        .then(|| decimal(float as i64))
        .flatten()
}

impl<'s> Judge<'s> {
    /// Compares the bounds of numbers.
    pub(super) fn numbers(&self, old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
        let whole = !old.free.has(Types::FRACTION) || !new.free.has(Types::FRACTION);
        let settle = |bound: &Option<Bound<'s>>, up| {
            let mut bound = bound.clone()?;
            if whole && let Some(value) = inwards(&bound, up) {
                bound.value = value;
                bound.exclusive = false;
            }
            Some(bound)
        };
        bound(
            settle(&old.number.lower, true),
            settle(&new.number.lower, true),
            true,
            out,
        );
        bound(
            settle(&old.number.upper, false),
            settle(&new.number.upper, false),
            false,
            out,
        );
        self.multiples(old, new, whole, out);
    }

    fn multiples(&self, old: &Flat<'s>, new: &Flat<'s>, whole: bool, out: &mut Outcome<'s>) {
        let step = |node: &Node<'s>| node.value.as_number().and_then(|number| number.decimal());
        let mut had: Vec<Decimal> = old.number.multiples.iter().filter_map(step).collect();
        if whole {
            had.extend(decimal(1));
        }
        let mut said = false;
        for node in &new.number.multiples {
            let Some(wanted) = step(node) else { continue };
            if had
                .iter()
                .any(|had| is_multiple(had, &wanted) == Some(true))
            {
                continue;
            }
            said = true;
            let before = old.number.multiples.first();
            let (rule, message) = if before.is_some() {
                (
                    &rules::MULTIPLE_OF_CHANGED,
                    "{at} must be a multiple of another number now: ",
                )
            } else {
                (&rules::MULTIPLE_OF_ADDED, "{at} must be a multiple of ")
            };
            out.say(Draft::new(rule, format!("{message}{wanted}")).between(before, Some(node)));
        }
        let first = |flat: &Flat<'s>| flat.number.multiples.first().cloned();
        if !said {
            match (first(old), first(new)) {
                (Some(before), None) => out.say(
                    Draft::new(
                        &rules::MULTIPLE_OF_REMOVED,
                        "{at} need no longer be a multiple",
                    )
                    .between(Some(&before), None),
                ),
                (Some(before), Some(after)) if step(&before) != step(&after) => out.say(
                    Draft::new(
                        &rules::MULTIPLE_OF_REMOVED,
                        "{at} may be a multiple of a smaller number",
                    )
                    .between(Some(&before), Some(&after)),
                ),
                _ => {}
            }
        }
    }

    /// Compares what is asked of strings.
    pub(super) fn strings(&self, old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
        let (a, b) = (&old.string, &new.string);
        count(
            a.min.as_ref(),
            b.min.as_ref(),
            0,
            true,
            &MIN_LENGTH,
            "{at} must have at least {n} characters",
            out,
        );
        count(
            a.max.as_ref(),
            b.max.as_ref(),
            u64::MAX,
            false,
            &MAX_LENGTH,
            "{at} must have at most {n} characters",
            out,
        );
        self.patterns(old, new, out);
        self.formats(old, new, out);
        let texts = |nodes: &[Node<'s>]| {
            let mut texts: Vec<(String, Option<String>)> = (nodes.iter())
                .map(|n| {
                    let keyword = n.pointer().last().unwrap_or_default().to_owned();
                    (keyword, n.value.as_str().map(str::to_owned))
                })
                .collect();
            texts.sort();
            texts.dedup();
            texts
        };
        let (before, after) = (texts(&a.contents), texts(&b.contents));
        if after.iter().any(|text| !before.contains(text)) {
            // From 2019-09 on it describes only, and some programs check it all the same.
            let describes = (b.contents.iter()).all(|n| n.dialect() >= Dialect::Draft201909);
            let draft = Draft::new(
                &rules::UNMODELLED_KEYWORD_CHANGED,
                "how the text of {at} is encoded changed, and programs differ in what they check",
            );
            let draft = draft.between(a.contents.first(), b.contents.first());
            out.say(match describes {
                true => draft.claim(Claim::Plain(Verdict::Risk)),
                false => draft,
            });
        }
    }

    fn patterns(&self, old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
        let text = |node: &Node<'s>| node.value.as_str().unwrap_or_default().to_owned();
        let has = |nodes: &[Node<'s>], wanted: &str| nodes.iter().any(|n| text(n) == wanted);
        let (before, after) = (&old.string.patterns, &new.string.patterns);
        let mut said = false;
        for node in after {
            let pattern = text(node);
            if has(before, &pattern) || self.patterns.is_universal(&pattern) {
                continue;
            }
            said = true;
            let (rule, message) = if before.is_empty() {
                (
                    &rules::PATTERN_ADDED,
                    format!("{{at}} must match `{pattern}` now"),
                )
            } else {
                (
                    &rules::PATTERN_CHANGED,
                    format!("{{at}} must match another pattern now: `{pattern}`"),
                )
            };
            let gone = before.iter().find(|node| !has(after, &text(node)));
            out.say(Draft::new(rule, message).between(gone, Some(node)));
        }
        if !said && let Some(gone) = before.iter().find(|node| !has(after, &text(node))) {
            let message = "{at} need no longer match a pattern";
            out.say(Draft::new(&rules::PATTERN_REMOVED, message).between(Some(gone), None));
        }
    }

    fn formats(&self, old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
        let text = |node: &Node<'s>| node.value.as_str().unwrap_or_default().to_owned();
        let has = |nodes: &[Node<'s>], wanted: &str| nodes.iter().any(|n| text(n) == wanted);
        let (before, after) = (&old.string.formats, &new.string.formats);
        let claim = if self.formats_assert() {
            Claim::Refuses
        } else {
            Claim::Plain(Verdict::Risk)
        };
        let gone = before.iter().find(|node| !has(after, &text(node)));
        let mut said = false;
        for node in after.iter().filter(|node| !has(before, &text(node))) {
            said = true;
            let rule = if gone.is_some() {
                &rules::FORMAT_CHANGED
            } else {
                &rules::FORMAT_ADDED
            };
            let message = format!("{{at}} is meant to be of the format `{}` now", text(node));
            out.say(
                Draft::new(rule, message)
                    .between(gone, Some(node))
                    .claim(claim),
            );
        }
        if let Some(gone) = gone.filter(|_| !said) {
            let message = format!(
                "{{at}} is no longer meant to be of the format `{}`",
                text(gone)
            );
            out.say(Draft::new(&rules::FORMAT_REMOVED, message).between(Some(gone), None));
        }
    }
}

fn bound<'s>(old: Option<Bound<'s>>, new: Option<Bound<'s>>, lower: bool, out: &mut Outcome<'s>) {
    let moves = if lower { &MINIMUM } else { &MAXIMUM };
    let word = |bound: &Bound<'s>| {
        let what = match (lower, bound.exclusive) {
            (true, false) => "at least",
            (true, true) => "more than",
            (false, false) => "at most",
            (false, true) => "less than",
        };
        format!("{what} {}", bound.value)
    };
    let tighter = |a: &Bound<'s>, b: &Bound<'s>| {
        let (x, y) = if lower { (a, b) } else { (b, a) };
        x.value > y.value || (x.value == y.value && a.exclusive && !b.exclusive)
    };
    let (rule, message) = match (&old, &new) {
        (None, None) => return,
        (None, Some(new)) => (moves.added, format!("{{at}} must be {} now", word(new))),
        (Some(old), None) => (
            moves.removed,
            format!("{{at}} need no longer be {}", word(old)),
        ),
        (Some(a), Some(b)) if tighter(b, a) => (
            moves.tightened,
            format!("{{at}} must be {} now, and was {}", word(b), word(a)),
        ),
        (Some(a), Some(b)) if tighter(a, b) => (
            moves.loosened,
            format!("{{at}} need only be {} now, and was {}", word(b), word(a)),
        ),
        _ => return,
    };
    let node = |bound: &Option<Bound<'s>>| bound.as_ref().map(|bound| bound.node.clone());
    out.say(Draft::new(rule, message).between(node(&old).as_ref(), node(&new).as_ref()));
}

/// Compares two counts; `none` is what stands for no bound.
pub(super) fn count<'s>(
    old: Option<&Count<'s>>,
    new: Option<&Count<'s>>,
    none: u64,
    lower: bool,
    moves: &Moves,
    sentence: &str,
    out: &mut Outcome<'s>,
) {
    let value = |count: Option<&Count<'s>>| count.map_or(none, |count| count.value);
    let (a, b) = (value(old), value(new));
    if a == b {
        return;
    }
    let tighter = (b > a) == lower;
    let mut message = sentence.replace("{n}", &b.to_string());
    if tighter {
        message.push_str(" now");
        if a != none {
            message.push_str(&format!(", and {a} before"));
        }
    } else if b == none {
        message = sentence
            .replace("{n}", &a.to_string())
            .replace("must have", "need no longer have");
    } else {
        message = message.replace("must have", "need only have");
    }
    let rule = match (tighter, old.is_some(), new.is_some()) {
        (true, false, _) => moves.added,
        (true, true, _) => moves.tightened,
        (false, _, true) => moves.loosened,
        (false, _, false) => moves.removed,
    };
    out.say(Draft::new(rule, message).between(old.map(|c| &c.node), new.map(|c| &c.node)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_are_exact() {
        let number = |text: &str| Number::new(text).unwrap().decimal().unwrap();
        let multiple = |a, b| is_multiple(&number(a), &number(b));
        assert_eq!(multiple("0.3", "0.1"), Some(true));
        assert_eq!(multiple("1", "0.3"), Some(false));
        assert_eq!(multiple("10", "5"), Some(true));
        assert_eq!(multiple("1e300", "3"), None);
        assert_eq!(multiple("-4", "2"), Some(true));
        assert_eq!(multiple("2e-20", "1e-20"), Some(true));
        assert_eq!(multiple("3e-20", "2e-20"), Some(false));
        assert_eq!(multiple("3", "0"), None);
    }
}
