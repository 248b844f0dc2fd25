//! What is said about an option beside what is valid: defaults, deprecation, secrets, meaning.

use super::domain::word;
use super::draft::{Claim, Draft, Outcome};
use super::flat::{Flat, Node};
use super::judge::Judge;
use super::kubernetes::{PRESERVE, pruning};
use super::objects::truth;
use super::rules::{self, CompatRule};
use crate::document::Value;

/// Annotations whose change is one of meaning: keyword, rule, and what it is called.
const MEANINGS: &[(&str, &CompatRule, &str)] = &[
    ("x-unit", &rules::UNIT_CHANGED, "unit"),
    ("x-reload", &rules::RELOAD_CHANGED, "way of taking effect"),
    ("x-env", &rules::ENV_BINDING_CHANGED, "environment variable"),
    ("x-merge", &rules::MERGE_STRATEGY_CHANGED, "way of merging"),
];

/// Annotations that have rules of their own.
const OWN: &[&str] = &[
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "x-deprecated",
    "x-env",
    "x-immutable",
    PRESERVE,
    "x-merge",
    "x-reload",
    "x-renamed-from",
    "x-replaced-by",
    "x-secret",
    "x-unit",
    "x-validations",
];

impl<'s> Judge<'s> {
    /// Compares annotations.
    pub(super) fn notes(&self, old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
        self.default(old, new, out);
        deprecation(old, new, out);
        flags(old, new, out);
        for (keyword, rule, what) in MEANINGS {
            let (a, b) = (old.notes.get(keyword), new.notes.get(keyword));
            if value(a) == value(b) {
                continue;
            }
            let message = match (a, b) {
                (Some(a), Some(b)) => format!(
                    "the {what} of {{at}} was {} and is {} now",
                    word(a.value),
                    word(b.value)
                ),
                (None, Some(b)) => format!("the {what} of {{at}} is {} now", word(b.value)),
                _ => format!("the {what} of {{at}} is no longer stated"),
            };
            out.say(Draft::new(rule, message).between(a, b));
        }
        let texts: [(&str, &'static CompatRule); 3] = [
            ("title", &rules::TITLE_CHANGED),
            ("description", &rules::DESCRIPTION_CHANGED),
            ("examples", &rules::EXAMPLES_CHANGED),
        ];
        for (keyword, rule) in texts {
            let (a, b) = (old.notes.get(keyword), new.notes.get(keyword));
            if a.is_some() && b.is_some() && value(a) != value(b) {
                let message = format!("the {keyword} of {{at}} changed");
                out.say(Draft::new(rule, message).between(a, b));
            }
        }
        for (keyword, b) in &new.notes {
            if OWN.binary_search(keyword).is_ok() {
                continue;
            }
            if let Some(a) = old.notes.get(keyword)
                && a.value != b.value
            {
                let message = format!("`{keyword}` of {{at}} changed");
                let draft = Draft::new(&rules::CUSTOM_KEYWORD_CHANGED, message);
                out.say(draft.between(Some(a), Some(b)));
            }
        }
        pruning(old, new, out);
        validations(old, new, out);
    }

    fn default(&self, old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
        let (a, b) = (old.notes.get("default"), new.notes.get("default"));
        if value(a) == value(b) {
            return;
        }
        let draft = match (a, b) {
            (Some(a), Some(b)) => Draft::new(
                &rules::DEFAULT_CHANGED,
                format!(
                    "the default of {{at}} was {} and is {} now; who never set it gets the new one",
                    word(a.value),
                    word(b.value)
                ),
            )
            .help(format!(
                "set {} where the old behaviour is wanted",
                word(a.value)
            )),
            (None, Some(b)) => Draft::new(
                &rules::DEFAULT_ADDED,
                format!("{{at}} has the default {} now", word(b.value)),
            ),
            (a, None) => {
                let was = a.map_or_else(String::new, |a| word(a.value));
                Draft::new(
                    &rules::DEFAULT_REMOVED,
                    format!("{{at}} no longer has a default; it was {was}"),
                )
                .help(format!("set {was} where it was relied on"))
            }
        };
        out.say(draft.between(a, b));
        if let Some(b) = b
            && self.admits(&new.roots, b.value) == Some(false)
        {
            let message = format!(
                "the default {} of {{at}} is not valid itself",
                word(b.value)
            );
            let draft = Draft::new(&rules::DEFAULT_INVALID, message);
            out.say(
                draft
                    .between(a, Some(b))
                    .help("make the default one of the valid values"),
            );
        }
    }
}

fn value<'s>(node: Option<&Node<'s>>) -> Option<&'s Value> {
    node.map(|node| node.value)
}

fn deprecation<'s>(old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
    let (was, is) = (truth(old, "deprecated"), truth(new, "deprecated"));
    let (a, b) = (old.notes.get("deprecated"), new.notes.get("deprecated"));
    if is && !was {
        out.say(
            Draft::new(
                &rules::DEPRECATED_ADDED,
                "the option {at} is deprecated now",
            )
            .between(a, b),
        );
        let told = [
            "x-replaced-by",
            "deprecationMessage",
            "x-deprecated",
            "x-deprecation",
        ]
        .iter()
        .any(|keyword| new.notes.contains_key(keyword));
        let described = new
            .notes
            .get("description")
            .and_then(|node| node.value.as_str());
        let described = described.is_some_and(|text| {
            let text = text.to_lowercase();
            ["instead", "replaced", "use ", "deprecated"]
                .iter()
                .any(|word| text.contains(word))
        });
        if !told && !described {
            out.say(
                Draft::new(
                    &rules::DEPRECATED_WITHOUT_REPLACEMENT,
                    "{at} is deprecated, and nothing says what to use instead",
                )
                .between(a, b)
                .help(
                    "name the successor in `x-replaced-by`, or say in the description what to do",
                ),
            );
        }
    }
    if was && !is {
        let draft = Draft::new(&rules::DEPRECATED_REMOVED, "{at} is no longer deprecated");
        out.say(draft.between(a, b));
    }
}

fn flags<'s>(old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
    let flags: [(&str, bool, &'static CompatRule, &str); 4] = [
        (
            "x-secret",
            true,
            &rules::SECRET_FLAG_ADDED,
            "{at} is a secret now, and must not stand in plain text",
        ),
        (
            "x-secret",
            false,
            &rules::SECRET_FLAG_REMOVED,
            "{at} is no longer marked as a secret, and may be shown in plain text",
        ),
        (
            "x-immutable",
            true,
            &rules::IMMUTABLE_ADDED,
            "{at} can no longer be changed once it is set",
        ),
        (
            "readOnly",
            true,
            &rules::READ_ONLY_ADDED,
            "{at} is read-only now; what is set there may be ignored",
        ),
    ];
    for (keyword, now, rule, message) in flags {
        if truth(old, keyword) != now && truth(new, keyword) == now {
            let (a, b) = (old.notes.get(keyword), new.notes.get(keyword));
            out.say(Draft::new(rule, message).between(a, b));
        }
    }
}

/// Compares the cross-field rules, by their expressions.
fn validations<'s>(old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
    let list = |flat: &Flat<'s>| -> Vec<(&'s str, Node<'s>)> {
        let Some(node) = flat.notes.get("x-validations") else {
            return Vec::new();
        };
        let rules = super::flatten::children(node);
        let texts = rules.into_iter().filter_map(|rule| {
            let text = rule.value.get("rule")?.as_str()?;
            Some((text, rule))
        });
        texts.collect()
    };
    let (before, after) = (list(old), list(new));
    let mut gone: Vec<&(&str, Node<'s>)> = before
        .iter()
        .filter(|(text, _)| !after.iter().any(|(new, _)| new == text))
        .collect();
    let added = after
        .iter()
        .filter(|(text, _)| !before.iter().any(|(old, _)| old == text));
    for (text, node) in added {
        let twin = (!gone.is_empty()).then(|| gone.remove(0));
        let draft = match twin {
            Some((was, twin)) => Draft::new(
                &rules::CROSS_FIELD_CONSTRAINT_CHANGED,
                format!("{{at}} must hold `{text}` now, and had to hold `{was}`"),
            )
            .between(Some(twin), Some(node)),
            None => Draft::new(
                &rules::CROSS_FIELD_CONSTRAINT_ADDED,
                format!("{{at}} must hold `{text}` now"),
            )
            .between(None, Some(node)),
        };
        out.say(draft.help("check the configurations in use against the new expression"));
    }
    for (text, node) in gone {
        let message = format!("{{at}} need no longer hold `{text}`");
        out.say(
            Draft::new(&rules::CROSS_FIELD_CONSTRAINT_REMOVED, message)
                .claim(Claim::Plain(super::Verdict::Compatible))
                .between(Some(node), None),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_is_sorted() {
        assert!(OWN.is_sorted());
    }
}
