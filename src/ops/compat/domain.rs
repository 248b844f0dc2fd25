//! Types, `enum` and `const`: which kinds of values are admitted at all.

use super::draft::{Draft, Focus, Outcome};
use super::flat::{Flat, Node};
use super::gains::{gains, hazards};
use super::judge::Judge;
use super::known::Known;
use super::rules;
use super::types::Types;
use crate::document::Value;
use crate::text::{edit_distance, similarity};

/// The place that a change of the admitted values is shown at.
pub(super) fn place<'s>(flat: &Flat<'s>, keywords: &[&str]) -> Option<Node<'s>> {
    keywords
        .iter()
        .find_map(|keyword| flat.places.get(keyword).cloned())
}

pub(super) const TYPE: &[&str] = &["type", "not", "const", "enum"];
pub(super) const VALUES: &[&str] = &["enum", "const", "type", "not"];

/// Writes a value for a sentence.
pub(super) fn word(value: &Value) -> String {
    let text = value.to_json().to_string();
    let text = value.as_str().map_or(text, str::to_owned);
    if text.chars().count() > 60 {
        let short: String = text.chars().take(57).collect();
        return format!("`{short}…`");
    }
    format!("`{text}`")
}

fn lists(flat: &Flat<'_>, known: &Known<'_>, value: &Value) -> bool {
    flat.free.has(Types::of(value)) || known.holds(value)
}

impl<'s> Judge<'s> {
    /// Compares types and listed values.
    pub(super) fn domain(&self, old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
        let (before, after) = (old.types().whole(), new.types().whole());
        let lost = before.minus(after);
        let mut gained = after.minus(before);
        // Branches may admit less than what stands beside them.
        if !new.residue.is_empty() {
            for (group, _) in Types::GROUPS {
                if gained.meets(group) && self.is_apart(new, group) {
                    gained = gained.minus(group);
                }
            }
        }
        if !lost.is_empty() {
            self.lost(old, new, lost, out);
        }
        if !gained.is_empty() && before.meets(after) {
            gains(old, new, gained, out);
        }
        hazards(old, new, gained, out);
        self.values(old, new, before.and(after), out);
    }

    fn lost(&self, old: &Flat<'s>, new: &Flat<'s>, lost: Types, out: &mut Outcome<'s>) {
        let (before, after) = (old.types().whole(), new.types().whole());
        let (at_old, at_new) = (place(old, TYPE), place(new, TYPE));
        let say = |out: &mut Outcome<'s>, rule, message: String, types, help: &str| {
            out.say(
                Draft::new(rule, message)
                    .between(at_old.as_ref(), at_new.as_ref())
                    .focus(Focus::OfTypes(types))
                    .help(help),
            );
        };
        if !before.meets(after) {
            let message = format!(
                "{{at}} must be {} now, and was {}",
                after.words(),
                before.words()
            );
            let help = "accept both types for one release, and convert the old form";
            say(out, &rules::TYPE_CHANGED, message, lost, help);
            return;
        }
        let mut rest = lost;
        if lost.has(Types::NULL) {
            rest = rest.minus(Types::NULL);
            let message = "{at} may no longer be null".to_owned();
            let help = "keep `null` in the types, or say in the notes to leave the option out";
            say(out, &rules::NULL_REMOVED, message, Types::NULL, help);
        }
        if rest.has(Types::FRACTION) && after.has(Types::INTEGER) && before.has(Types::INTEGER) {
            rest = rest.minus(Types::FRACTION);
            let message = "{at} must be a whole number now".to_owned();
            let help = "keep `number`, and round what comes in";
            say(
                out,
                &rules::NUMBER_TO_INTEGER,
                message,
                Types::FRACTION,
                help,
            );
        }
        if !rest.is_empty() {
            let message = format!("{{at}} may no longer be {}", rest.words());
            let help = "keep the type for one release, and convert the old form";
            say(out, &rules::TYPE_REMOVED, message, rest, help);
        }
    }

    /// Compares listed values of types that both sides admit.
    fn values(&self, old: &Flat<'s>, new: &Flat<'s>, both: Types, out: &mut Outcome<'s>) {
        let (at_old, at_new) = (place(old, VALUES), place(new, VALUES));
        let is_const = |flat: &Flat<'s>| flat.places.contains_key("const");
        let (const_old, const_new) = (is_const(old), is_const(new));
        let single = Types::BOOLEAN;
        let mut introduced = Types::NONE;
        let mut dropped = Types::NONE;
        for (group, _) in Types::GROUPS {
            if !both.meets(group) || group == Types::NULL {
                continue;
            }
            let whole = |flat: &Flat<'s>| flat.free.has(group);
            match (whole(old), whole(new)) {
                (true, false) => introduced = introduced.or(group),
                (false, true) => dropped = dropped.or(group),
                _ => {}
            }
        }
        if !introduced.is_empty() {
            let values: Vec<String> = new.listed.iter().map(|value| word(value)).collect();
            let truth = introduced.meets(single).then(|| new.free.has(Types::TRUE));
            let list = match truth {
                Some(truth) => format!("`{truth}`"),
                None => values.join(", "),
            };
            let (rule, what) = if const_new {
                (&rules::CONST_ADDED, "must be")
            } else {
                (&rules::ENUM_INTRODUCED, "must be one of")
            };
            out.say(
                Draft::new(rule, format!("{{at}} {what} {list} now, and was free"))
                    .between(at_old.as_ref(), at_new.as_ref())
                    .focus(truth.map_or(Focus::OfTypes(introduced), |t| Focus::Truth(!t)))
                    .help("list every value that was in use, or accept others for one release"),
            );
        }
        if !dropped.is_empty() {
            let rule = if const_old {
                &rules::CONST_REMOVED
            } else {
                &rules::ENUM_DROPPED
            };
            out.say(
                Draft::new(rule, "{at} is no longer limited to a list of values")
                    .between(at_old.as_ref(), at_new.as_ref()),
            );
        }
        // true against false
        let (a, b) = (old.free.and(single), new.free.and(single));
        if !a.is_empty() && !b.is_empty() && !a.meets(b) {
            let truth = a.has(Types::TRUE);
            out.say(
                Draft::new(
                    &rules::CONST_CHANGED,
                    format!("{{at}} must be `{}` now, and was `{truth}`", !truth),
                )
                .between(at_old.as_ref(), at_new.as_ref())
                .focus(Focus::Truth(truth)),
            );
        }
        self.listed(old, new, const_old && const_new, both, out);
    }

    fn listed(
        &self,
        old: &Flat<'s>,
        new: &Flat<'s>,
        by_const: bool,
        both: Types,
        out: &mut Outcome<'s>,
    ) {
        let (at_old, at_new) = (place(old, VALUES), place(new, VALUES));
        let (old_known, new_known) = (old.known(), new.known());
        let added: Vec<&'s Value> = (new.listed.iter().copied())
            .filter(|value| !lists(old, &old_known, value) && both.meets(Types::of(value)))
            .collect();
        let gone: Vec<&'s Value> = (old.listed.iter().copied())
            .filter(|value| !lists(new, &new_known, value))
            .collect();
        let renames = renames(&gone, &added);
        for value in old.listed.iter().copied() {
            let of = Types::of(value);
            if !both.meets(of) && !lists(new, &new_known, value) {
                continue; // said of the type already
            }
            let (rule, message, help) = if !lists(new, &new_known, value) {
                let successor = renames.iter().find(|(from, _)| *from == value);
                match successor {
                    _ if by_const => (
                        &rules::CONST_CHANGED,
                        format!(
                            "{{at}} must be {} now, and was {}",
                            list(&added),
                            word(value)
                        ),
                        "accept the old value too for one release".to_owned(),
                    ),
                    Some((_, successor)) => (
                        &rules::ENUM_VALUE_RENAMED,
                        format!(
                            "the value {} of {{at}} is now called {}",
                            word(value),
                            word(successor)
                        ),
                        format!(
                            "write {} instead, or keep the old name too",
                            word(successor)
                        ),
                    ),
                    None => (
                        &rules::ENUM_VALUE_REMOVED,
                        format!(
                            "the value {} of {{at}} is gone; configurations that use it are refused",
                            word(value)
                        ),
                        "keep the value for one release and mark it in the description".to_owned(),
                    ),
                }
            } else if self.admits(&old.roots, value) != Some(false)
                && self.admits(&new.roots, value) == Some(false)
            {
                (
                    &rules::ENUM_VALUE_REMOVED,
                    format!(
                        "the value {} of {{at}} no longer fits its bounds",
                        word(value)
                    ),
                    "widen the bounds so that the listed value fits".to_owned(),
                )
            } else if of.meets(Types::NUMBER.or(Types::STRING))
                && self.admits(&new.roots, value).is_none()
                && new.residue.is_empty()
                && !self.unchanged_scalar(old, new)
            {
                (
                    &rules::UNMODELLED_KEYWORD_CHANGED,
                    format!(
                        "whether the value {} of {{at}} still fits cannot be told",
                        word(value)
                    ),
                    "look at the pattern by hand".to_owned(),
                )
            } else {
                continue;
            };
            out.say(
                Draft::new(rule, message)
                    .between(at_old.as_ref(), at_new.as_ref())
                    .focus(Focus::Listed(value))
                    .help(help),
            );
        }
        let added: Vec<&'s Value> = added
            .into_iter()
            .filter(|value| renames.iter().all(|(_, to)| to != value))
            .collect();
        if !added.is_empty() && !by_const {
            let noun = if added.len() == 1 { "value" } else { "values" };
            out.say(
                Draft::new(
                    &rules::ENUM_VALUE_ADDED,
                    format!("{{at}} takes the {noun} {} too", list(&added)),
                )
                .between(at_old.as_ref(), at_new.as_ref()),
            );
        }
    }

    fn unchanged_scalar(&self, old: &Flat<'s>, new: &Flat<'s>) -> bool {
        let texts = |nodes: &[Node<'s>]| nodes.iter().map(|n| n.value.clone()).collect::<Vec<_>>();
        texts(&old.string.patterns) == texts(&new.string.patterns)
            && texts(&old.string.formats) == texts(&new.string.formats)
            && texts(&old.string.contents) == texts(&new.string.contents)
            && texts(&old.number.multiples) == texts(&new.number.multiples)
    }
}

fn list(values: &[&Value]) -> String {
    let words: Vec<String> = values.iter().map(|value| word(value)).collect();
    words.join(", ")
}

/// Pairs values that are gone with new ones that look like their new names, the likest first.
fn renames<'s>(gone: &[&'s Value], added: &[&'s Value]) -> Vec<(&'s Value, &'s Value)> {
    let mut pairs: Vec<(usize, &'s Value, &'s Value)> = Vec::new();
    for old in gone.iter().take(200).copied() {
        for new in added.iter().take(200).copied() {
            if let (Some(from), Some(to)) = (old.as_str(), new.as_str())
                && alike(from, to)
            {
                let (from, to) = (plain(from), plain(to));
                pairs.push((edit_distance(&from, &to), old, new));
            }
        }
    }
    pairs.sort_by_key(|(distance, ..)| *distance);
    let mut chosen: Vec<(&'s Value, &'s Value)> = Vec::new();
    for (_, old, new) in pairs {
        if chosen.iter().all(|(from, to)| *from != old && *to != new) {
            chosen.push((old, new));
        }
    }
    chosen
}

/// Leaves letters and digits of a name, in lower case.
pub(super) fn plain(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// Says whether one name looks like another's new form: `a_b` and `aB`, `x` and `x/beta`.
pub(super) fn alike(old: &str, new: &str) -> bool {
    let parts = |name: &str| -> Vec<String> {
        name.split(|c: char| !c.is_alphanumeric())
            .filter(|part| !part.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (a, b) = (plain(old), plain(new));
    if a.is_empty() || b.is_empty() {
        return false;
    }
    let (p, q) = (parts(old), parts(new));
    let (short, long) = if p.len() <= q.len() {
        (&p, &q)
    } else {
        (&q, &p)
    };
    let inside = |short: &[String], long: &[String]| {
        !short.is_empty() && long.windows(short.len()).any(|window| window == short)
    };
    a == b
        || (inside(short, long) && short.len() * 2 >= long.len())
        || (a.len() > 5 && b.len() > 5 && similarity(&a, &b) > 0.93)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike() {
        assert!(alike(
            "without_target_info",
            "without_target_info/development"
        ));
        assert!(alike("maxConns", "max_conns"));
        assert!(alike(
            "with_resource_constant_labels",
            "resource_constant_labels"
        ));
        assert!(!alike("disabled", "enabled"));
        assert!(!alike("jaeger", "ottrace"));
        assert!(!alike("a", "b"));
    }
}
